//! What is drawn: title, counters, latest flags, notice. A pure function of a [`Screen`].

use std::{collections::VecDeque, sync::Arc, time::Duration};

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Modifier, Style},
    text::{Line, Span},
    widgets::{Block, Borders, Paragraph, Wrap},
};
use sitr_types::{Label, Lang, Verdict};

use super::{
    board::Flag,
    card::{Shown, Tongue, card, verdict_colour},
    layout::Order,
    posts::Corpus,
};

/// Below this width the labels have no panel of their own.
const WIDE: u16 = 100;
/// Width of the counters.
const COUNTERS: u16 = 60;
/// Title of the counters, heading, four verdicts, border.
const COUNTERS_HEIGHT: u16 = 7;

/// Everything that can be seen.
pub(super) struct Screen<'a> {
    pub(super) model: String,
    pub(super) notice: String,
    /// What is going on beside the stream: joining, finished, draining, a failure.
    pub(super) state: Option<String>,
    /// Decisions a second, of late.
    pub(super) rate: f64,
    /// Posts sent and not yet decided.
    pub(super) lag: u64,
    pub(super) sent: u64,
    pub(super) uptime: Duration,
    pub(super) p50_ms: Option<f64>,
    pub(super) p99_ms: Option<f64>,
    /// Committed decisions by verdict ([`Verdict::ALL`]) and language ([`Lang::ALL`]).
    pub(super) counts: [[u64; 6]; 4],
    pub(super) dead: u64,
    /// Labels of takedown and review decisions, most frequent first.
    pub(super) labels: Vec<(Label, u64)>,
    pub(super) held: &'a VecDeque<Arc<Flag>>,
    /// Flags shown, and flags there were.
    pub(super) shown_of: (u64, u64),
    pub(super) corpus: &'a Corpus,
    pub(super) tongue: Tongue,
    pub(super) order: Order,
}

/// Draws all of it.
pub(super) fn draw(frame: &mut Frame<'_>, screen: &Screen<'_>) {
    let area = frame.area();
    let footer = footer(screen);
    let rows = [
        Constraint::Length(1),
        Constraint::Length(COUNTERS_HEIGHT),
        Constraint::Min(0),
        Constraint::Length(height_of(&footer, area.width)),
    ];
    let [title_row, counter_row, flag_row, footer_row] = Layout::vertical(rows).areas(area);
    frame.render_widget(Paragraph::new(title(screen, area.width)), title_row);
    if area.width >= WIDE {
        let columns = [Constraint::Length(COUNTERS), Constraint::Min(0)];
        let [left, right] = Layout::horizontal(columns).areas(counter_row);
        frame.render_widget(counters(screen), left);
        frame.render_widget(labels(screen, right), right);
    } else {
        frame.render_widget(counters(screen), counter_row);
    }
    frame.render_widget(flags(screen, flag_row), flag_row);
    frame.render_widget(Paragraph::new(footer).wrap(Wrap { trim: true }), footer_row);
}

/// As much as fits, the most important first.
fn title(screen: &Screen<'_>, width: u16) -> Line<'static> {
    let ms = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.0}"));
    let uptime = screen.uptime.as_secs();
    let parts = [
        format!("{:.0} posts/s", screen.rate),
        format!("lag {}", screen.lag),
        format!("up {}:{:02}", uptime / 60, uptime % 60),
        screen.model.clone(),
        format!("p50 {} ms", ms(screen.p50_ms)),
        format!("p99 {} ms", ms(screen.p99_ms)),
        format!("{} sent", screen.sent),
        format!("{} dead letters", screen.dead),
    ];
    let name = Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED);
    let mut line = Line::from(Span::styled(" sitr demo ", name));
    for part in parts {
        let part = Span::raw(format!("  {part}"));
        if line.width() + part.width() > usize::from(width) {
            break;
        }
        line.push_span(part);
    }
    line
}

fn counters(screen: &Screen<'_>) -> Paragraph<'static> {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let mut heading = format!("{:<9}", "");
    for lang in Lang::ALL {
        heading.push_str(&format!("{:>w$}", lang.as_str(), w = column(lang)));
    }
    heading.push_str(&format!("{:>7}", "all"));
    let mut lines = vec![Line::styled(heading, Style::new().add_modifier(Modifier::DIM))];
    for (verdict, row) in Verdict::ALL.into_iter().zip(&screen.counts).rev() {
        let mut cells = String::new();
        for (lang, count) in Lang::ALL.into_iter().zip(row) {
            cells.push_str(&format!("{:>w$}", short(*count), w = column(lang)));
        }
        let all: u64 = row.iter().sum();
        lines.push(Line::from(vec![
            Span::styled(format!("{:<9}", verdict.as_str()), Style::new().fg(verdict_colour(verdict))),
            Span::raw(cells),
            Span::styled(format!("{:>7}", short(all)), bold),
        ]));
    }
    Paragraph::new(lines).block(Block::bordered().title(" decisions "))
}

/// Wide enough for the name and for four digits with their unit.
fn column(lang: Lang) -> usize {
    lang.as_str().len().max(5) + 1
}

/// At most five cells: `99999`, `123k`, `1.2M`.
fn short(count: u64) -> String {
    match count {
        0..100_000 => count.to_string(),
        100_000..1_000_000 => format!("{}k", count / 1_000),
        _ => format!("{:.1}M", count as f64 / 1e6),
    }
}

fn labels(screen: &Screen<'_>, area: Rect) -> Paragraph<'static> {
    let most = screen.labels.first().map_or(1, |(_, count)| (*count).max(1));
    let room = u64::from(area.width.saturating_sub(28));
    let lines = screen.labels.iter().take(usize::from(COUNTERS_HEIGHT) - 2).map(|(label, count)| {
        let bar = usize::try_from(count * room / most).unwrap_or(0);
        Line::from(vec![
            Span::raw(format!("{:<17} {:>6} ", label.as_str(), short(*count))),
            Span::styled("▇".repeat(bar), Style::new().add_modifier(Modifier::DIM)),
        ])
    });
    Paragraph::new(lines.collect::<Vec<_>>()).block(Block::bordered().title(" labels of takedown and review "))
}

fn flags(screen: &Screen<'_>, area: Rect) -> Paragraph<'static> {
    let (shown, all) = screen.shown_of;
    let title =
        if shown < all { format!(" latest flags ({shown} of {all} shown) ") } else { " latest flags ".to_owned() };
    let width = usize::from(area.width);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for flag in screen.held {
        if lines.len() >= usize::from(area.height) {
            break;
        }
        let text = &screen.corpus.get(flag.place).text;
        let shown = Shown { decision: &flag.decision, text, latency_ms: flag.latency.as_millis() };
        lines.extend(card(&shown, width, screen.tongue, screen.order));
        lines.push(Line::default());
    }
    Paragraph::new(lines).block(Block::new().borders(Borders::TOP).title(title))
}

fn footer(screen: &Screen<'_>) -> Vec<Line<'static>> {
    let dim = Style::new().add_modifier(Modifier::DIM);
    let keys = Line::styled("q quit · space hold · l language of reasons", dim);
    let state = screen.state.clone().map(|state| Line::styled(state, Style::new().add_modifier(Modifier::BOLD)));
    [Some(Line::styled(screen.notice.clone(), dim)), Some(state.unwrap_or(keys))].into_iter().flatten().collect()
}

/// Lines that the footer needs once wrapped: by words, so a little more than its length over the width.
fn height_of(lines: &[Line<'_>], width: u16) -> u16 {
    let rows = |line: &Line<'_>| {
        let wide = line.width();
        let room = usize::from(width.max(1));
        if wide <= room { 1 } else { wide.div_ceil(room.saturating_sub(12).max(1)) }
    };
    u16::try_from(lines.iter().map(rows).sum::<usize>()).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
