use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, style::Color};

use super::*;
use crate::demo::sample;

fn flag(corpus: &Corpus, start_of_text: &str, verdict: Verdict, lang: Lang) -> Arc<Flag> {
    let place = (0..corpus.len()).find(|place| corpus.get(*place).text.starts_with(start_of_text)).unwrap();
    let decision = sample::decision("p", verdict, &[Label::Extortion], lang);
    Arc::new(Flag { number: 1, decision, place, latency: Duration::from_millis(143) })
}

fn drawn(width: u16, height: u16, held: &VecDeque<Arc<Flag>>, corpus: &Corpus) -> Buffer {
    let screen = Screen {
        model: "sitr-test 1".to_owned(),
        notice: "mock broker inside this process, for show: delivery guarantees need Kafka (--bootstrap HOST:PORT)"
            .to_owned(),
        state: None,
        rate: 199.6,
        lag: 12,
        sent: 4321,
        uptime: Duration::from_secs(75),
        p50_ms: Some(120.4),
        p99_ms: None,
        counts: [[99_999, 2, 3, 4, 5, 6], [7, 0, 0, 0, 0, 0], [0, 8, 0, 0, 0, 0], [0, 0, 9, 0, 0, 123_456]],
        dead: 0,
        labels: vec![(Label::Extortion, 40), (Label::SexualHarassment, 10)],
        held,
        shown_of: (2, 9),
        corpus,
        tongue: Tongue::En,
        order: Order::Visual,
    };
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, &screen)).unwrap();
    terminal.backend().buffer().clone()
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    buffer.content.chunks(width).map(|row| row.iter().map(|cell| cell.symbol()).collect()).collect()
}

#[test]
fn a_narrow_screen_shows_model_rate_lag_uptime_all_counters_and_the_whole_notice() {
    let corpus = Corpus::embedded().unwrap();
    let held = VecDeque::from([flag(&corpus, "حسابك", Verdict::Takedown, Lang::Ar)]);
    let rows = rows(&drawn(60, 30, &held, &corpus));
    for part in ["sitr demo", "200 posts/s", "lag 12", "up 1:15", "sitr-test 1"] {
        assert!(rows[0].contains(part), "{}", rows[0]);
    }
    let all = rows.join("\n");
    for part in [
        "ary-Arab",
        "mixed",
        "99999",
        "123k",
        "takedown",
        "care",
        "2 of 9",
        "TAKEDOWN",
        "extortion/money 0.97",
        "143 ms",
    ] {
        assert!(all.contains(part), "{part}: {all}");
    }
    let tail: String = rows[26..].join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(tail.contains("delivery guarantees need Kafka (--bootstrap HOST:PORT) q quit"), "{tail}");
}

#[test]
fn a_wide_screen_has_a_panel_of_labels_and_the_times() {
    let corpus = Corpus::embedded().unwrap();
    let rows = rows(&drawn(140, 40, &VecDeque::new(), &corpus));
    assert!(
        rows[0].contains("p50 120 ms") && rows[0].contains("p99 – ms") && rows[0].contains("4321 sent"),
        "{}",
        rows[0]
    );
    assert!(rows.join("\n").contains("sexual_harassment     10"));
}

#[test]
fn arabic_is_drawn_in_visual_order_joined_flush_right_and_marked_where_its_span_is() {
    let corpus = Corpus::embedded().unwrap();
    let held = VecDeque::from([flag(&corpus, "حسابك تحت", Verdict::Takedown, Lang::Ar)]);
    let buffer = drawn(100, 30, &held, &corpus);
    let y = (0..30)
        .find(|y| buffer[(99, *y)].symbol() == "\u{fea3}")
        .expect("the first letter, initial hah, at the right edge");
    // The span of the sample covers the first five letters: the word حسابك.
    let word: String = (95..100).rev().map(|x| buffer[(x, y)].symbol().to_owned()).collect();
    assert_eq!(word, "\u{fea3}\u{feb4}\u{fe8e}\u{fe91}\u{feda}");
    assert!(
        (95..100)
            .all(|x| buffer[(x, y)].fg == Color::LightRed && buffer[(x, y)].modifier.contains(Modifier::UNDERLINED))
    );
    assert!(!buffer[(94, y)].modifier.contains(Modifier::UNDERLINED));
    assert_eq!(buffer[(0, y)].symbol(), "▌");
}

#[test]
fn no_size_of_a_terminal_is_too_small_to_draw() {
    let corpus = Corpus::embedded().unwrap();
    let held = VecDeque::from([flag(&corpus, "Stop chantage", Verdict::Review, Lang::Mixed)]);
    for (width, height) in [(1, 1), (2, 5), (10, 3), (59, 8), (60, 9), (250, 80)] {
        drawn(width, height, &held, &corpus);
    }
}

#[test]
fn counts_stay_inside_their_columns() {
    for count in [0, 99_999, 100_000, 999_999, 1_000_000, 999_900_000] {
        assert!(short(count).len() <= 6, "{}", short(count));
    }
}
