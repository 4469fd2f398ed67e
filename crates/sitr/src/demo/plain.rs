//! Flags as plain lines, for an output that is no terminal: one a flag, text in logical order, evidence in ⟦ ⟧.

use std::{
    io::{ErrorKind, Write},
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use super::{
    board::Flag,
    card::{Tongue, label_words},
    session::{Session, settle},
};

const LOOK: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(30);

/// Writes flags until the posts are over, a signal comes, or nobody reads any more.
///
/// # Errors
/// The output fails, or the engine stopped early.
pub(super) fn run(session: Session, tongue: Tongue, interrupted: &AtomicBool) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let mut written = 0;
    let result = loop {
        if let Err(why) = write_new(&session, tongue, &mut written, &mut out) {
            break Err(why);
        }
        let (sent, done) = session.progress();
        let over = {
            let board = session.board();
            board.failure().is_some() || (board.is_finished() && done >= sent)
        };
        if over || interrupted.load(Ordering::Acquire) {
            break Ok(());
        }
        std::thread::sleep(LOOK);
    };
    session.stop_sending();
    settle(&session, PATIENCE, || result.is_err());
    let result = result.and_then(|()| write_new(&session, tongue, &mut written, &mut out));
    session.stop()?;
    match result {
        // A closed pipe (`sitr demo | head`) is a way to stop.
        Err(why) if why.kind() != ErrorKind::BrokenPipe => Err(why.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn write_new(session: &Session, tongue: Tongue, written: &mut u64, out: &mut impl Write) -> std::io::Result<()> {
    let new: Vec<_> = session.board().recent().iter().filter(|flag| flag.number > *written).cloned().collect();
    for flag in new {
        writeln!(out, "{}", line(&flag, &session.corpus().get(flag.place).text, tongue))?;
        *written = flag.number;
    }
    out.flush()
}

fn line(flag: &Flag, text: &str, tongue: Tongue) -> String {
    let decision = &flag.decision;
    let labels: Vec<String> = decision.labels.iter().map(label_words).collect();
    format!(
        "{}\t{}\t{}\t{}\t{} ms\t{}\t{}",
        decision.verdict.as_str(),
        labels.join(", "),
        decision.role.name.as_str(),
        decision.lang.detected.as_str(),
        flag.latency.as_millis(),
        marked(text, &decision.spans),
        tongue.of(&decision.explanation).replace(char::is_control, " "),
    )
}

/// The text on one line with its evidence in brackets. Spans that touch or overlap share a pair.
fn marked(text: &str, spans: &[sitr_types::Span]) -> String {
    let is_evidence = |place: usize| spans.iter().any(|s| (s.start as usize..s.end as usize).contains(&place));
    let mut out = String::with_capacity(text.len() + spans.len() * 6);
    let mut inside = false;
    for (place, c) in text.chars().enumerate() {
        if is_evidence(place) != inside {
            out.push(if inside { '⟧' } else { '⟦' });
            inside = !inside;
        }
        // A post must not end the line or steer the terminal.
        out.push(if c.is_control() { ' ' } else { c });
    }
    if inside {
        out.push('⟧');
    }
    out
}

#[cfg(test)]
mod tests {
    use sitr_types::{Label, Lang, Verdict};

    use super::*;
    use crate::demo::sample;

    #[test]
    fn a_flag_is_one_line_with_its_evidence_in_brackets() {
        let decision = sample::decision("p", Verdict::Review, &[Label::Extortion], Lang::AryLatn);
        let flag = Flag { number: 1, decision, place: 0, latency: Duration::from_millis(12) };
        let line = line(&flag, "sifet\n500\u{1b}[31m dh", Tongue::En);
        assert_eq!(
            line,
            "review\textortion/money 0.97\tperpetrator\tary-Latn\t12 ms\t⟦sifet⟧ 500 [31m dh\ta demand stands in the text"
        );
    }

    #[test]
    fn evidence_that_touches_or_ends_the_text_is_bracketed_once() {
        let span = |start, end| sitr_types::Span {
            start,
            end,
            role: sitr_types::SpanRole::Threat,
            label: Label::Threat,
            weight: 1.0,
        };
        assert_eq!(marked("نشر كلشي", &[span(0, 3), span(2, 4), span(4, 8)]), "⟦نشر كلشي⟧");
        assert_eq!(marked("abc", &[]), "abc");
    }
}
