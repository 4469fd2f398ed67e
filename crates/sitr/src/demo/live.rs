//! The live view: ten looks a second at the board, keys, and a proper end.

use std::{
    collections::VecDeque,
    io::Write as _,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use sitr_types::{Lang, Verdict};

use super::{
    board::committed,
    card::Tongue,
    layout::Order,
    picker::Picker,
    session::{Session, settle},
    terminal::Held,
    view::{Screen, draw},
};

/// Between two looks.
const FRAME: Duration = Duration::from_millis(100);
/// The rate is that of the last three seconds.
const RATE_OVER: Duration = Duration::from_secs(3);
/// What was sent is given so long to be decided when the view is left.
const FAREWELL: Duration = Duration::from_secs(5);

/// How text is shown.
pub(super) struct Look {
    pub(super) tongue: Tongue,
    pub(super) order: Order,
}

/// What a key asks for.
enum Wish {
    Quit,
    Hold,
    Language,
}

/// Shows the run until it is left.
///
/// # Errors
/// The terminal cannot be used, or the engine stopped early.
pub(super) fn run(session: Session, look: Look, interrupted: &AtomicBool) -> anyhow::Result<ExitCode> {
    let mut held = match Held::take(look.order) {
        Ok(held) => held,
        Err(why) => {
            session.stop()?;
            return Err(anyhow::Error::new(why).context("the terminal cannot be used; try --headless"));
        }
    };
    let mut viewer = Viewer::new(look);
    let watched = viewer.watch(&session, &mut held, interrupted);
    let drained = viewer.leave(session, &mut held);
    drop(held);
    watched?;
    let (sent, done) = drained?;
    let mut err = std::io::stderr();
    // A closed stderr is no reason to fail.
    let _ = writeln!(err, "{sent} posts sent, {done} decided");
    Ok(ExitCode::SUCCESS)
}

struct Viewer {
    look: Look,
    picker: Picker,
    on_hold: bool,
    started: Instant,
    /// When so many were done.
    samples: VecDeque<(Instant, u64)>,
}

impl Viewer {
    fn new(look: Look) -> Self {
        Self { look, picker: Picker::default(), on_hold: false, started: Instant::now(), samples: VecDeque::new() }
    }

    fn watch(&mut self, session: &Session, held: &mut Held, interrupted: &AtomicBool) -> std::io::Result<()> {
        while !interrupted.load(Ordering::Acquire) {
            self.look(session, held, None)?;
            match wish(FRAME)? {
                Some(Wish::Quit) => return Ok(()),
                Some(Wish::Hold) => self.on_hold = !self.on_hold,
                Some(Wish::Language) => self.look.tongue = self.look.tongue.next(),
                None => {}
            }
        }
        Ok(())
    }

    /// Sends no more, waits for what is under way, drains.
    fn leave(&mut self, session: Session, held: &mut Held) -> anyhow::Result<(u64, u64)> {
        session.stop_sending();
        // Drawing is a courtesy here: the drain must go on even when the terminal is gone.
        let _ = self.look(&session, held, Some("draining…"));
        let until = Instant::now() + FAREWELL;
        settle(&session, FAREWELL, || Instant::now() > until);
        let progress = session.progress();
        session.stop()?;
        Ok(progress)
    }

    fn look(&mut self, session: &Session, held: &mut Held, state: Option<&str>) -> std::io::Result<()> {
        let now = Instant::now();
        let (sent, done) = session.progress();
        let rate = self.rate(now, done);
        let counts = Verdict::ALL.map(|verdict| Lang::ALL.map(|lang| committed(session.metrics(), verdict, lang)));
        let board = session.board();
        if !self.on_hold {
            self.picker.pick(board.recent(), now);
        }
        let mut labels: Vec<_> =
            board.flags().iter().map(|(label, langs)| (*label, langs.values().sum::<u64>())).collect();
        labels.sort_by_key(|(label, count)| (std::cmp::Reverse(*count), *label));
        let state = state.map(str::to_owned).or_else(|| {
            let failed = board.failure().map(|why| format!("stopped: {why} · q quit"));
            let over = board.is_finished() && done >= sent;
            let quiet = || match (board.first_sent(), over, self.on_hold) {
                (None, ..) => Some("joining the consumer group…".to_owned()),
                (_, true, _) => Some(format!("all {sent} posts are decided · q quit")),
                (_, _, true) => Some("the flags are held · space goes on".to_owned()),
                _ => None,
            };
            failed.or_else(quiet)
        });
        let model = session.model();
        let screen = Screen {
            model: format!("{} {}", model.name, model.version),
            notice: session.notice(),
            state,
            rate,
            lag: sent.saturating_sub(done),
            sent,
            uptime: now - self.started,
            p50_ms: board.quantile_ms(0.5),
            p99_ms: board.quantile_ms(0.99),
            counts,
            dead: board.dead(),
            labels,
            held: self.picker.held(),
            shown_of: (self.picker.picked(), board.read()),
            corpus: session.corpus(),
            tongue: self.look.tongue,
            order: self.look.order,
        };
        drop(board);
        held.terminal.draw(|frame| draw(frame, &screen))?;
        Ok(())
    }

    fn rate(&mut self, now: Instant, done: u64) -> f64 {
        self.samples.push_back((now, done));
        while self.samples.front().is_some_and(|(at, _)| now.saturating_duration_since(*at) > RATE_OVER) {
            self.samples.pop_front();
        }
        let Some((at, before)) = self.samples.front() else { return 0.0 };
        done.saturating_sub(*before) as f64 / now.saturating_duration_since(*at).as_secs_f64().max(0.1)
    }
}

/// What was asked for within `wait`. A change of size ends the wait, so that the next look fits.
fn wish(wait: Duration) -> std::io::Result<Option<Wish>> {
    if !event::poll(wait)? {
        return Ok(None);
    }
    let Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press, .. }) = event::read()? else {
        return Ok(None);
    };
    Ok(match code {
        KeyCode::Char('c') if modifiers.contains(KeyModifiers::CONTROL) => Some(Wish::Quit),
        KeyCode::Char('q') | KeyCode::Esc => Some(Wish::Quit),
        KeyCode::Char(' ') => Some(Wish::Hold),
        KeyCode::Char('l') => Some(Wish::Language),
        _ => None,
    })
}
