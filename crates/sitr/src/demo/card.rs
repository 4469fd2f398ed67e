//! One flag as a person reads it: verdict, labels, speaker, text with its evidence marked, reason.

use ratatui::{
    layout::Alignment,
    style::{Color, Modifier, Style},
    text::{Line, Span},
};
use sitr_types::{Decision, Explanation, LabelScore, Span as Evidence, SpanRole, Verdict};

use super::layout::{Order, layout};

/// Lines of text of one post.
const TEXT_LINES: usize = 4;
/// Lines of its reason.
const REASON_LINES: usize = 3;

/// Language of the reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Tongue {
    /// French
    Fr,
    /// Arabic
    Ar,
    /// English
    En,
}

impl Tongue {
    /// The words of that language.
    pub(super) fn of(self, explanation: &Explanation) -> &str {
        match self {
            Self::Fr => &explanation.fr,
            Self::Ar => &explanation.ar,
            Self::En => &explanation.en,
        }
    }

    /// The next one, in turn.
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Fr => Self::Ar,
            Self::Ar => Self::En,
            Self::En => Self::Fr,
        }
    }
}

/// A flag with the text that it is about.
pub(super) struct Shown<'a> {
    pub(super) decision: &'a Decision,
    pub(super) text: &'a str,
    pub(super) latency_ms: u128,
}

/// The lines of a card, `width` cells wide.
pub(super) fn card(shown: &Shown<'_>, width: usize, tongue: Tongue, order: Order) -> Vec<Line<'static>> {
    let decision = shown.decision;
    let colour = verdict_colour(decision.verdict);
    let inner = width.saturating_sub(2).max(2);
    let mut lines = head(shown, inner);
    let styles = highlight(shown.text, &decision.spans);
    lines.extend(cut(layout(shown.text, &styles, inner, order), TEXT_LINES));
    if !decision.spans.is_empty() {
        lines.push(legend(&decision.spans));
    }
    let reason = tongue.of(&decision.explanation);
    let dim = vec![Style::new().add_modifier(Modifier::DIM); reason.chars().count()];
    lines.extend(cut(layout(reason, &dim, inner, order), REASON_LINES));
    lines.into_iter().map(|line| with_gutter(line, inner, colour)).collect()
}

/// Colour of a verdict, everywhere.
pub(super) const fn verdict_colour(verdict: Verdict) -> Color {
    match verdict {
        Verdict::Takedown => Color::Red,
        Verdict::Review => Color::Yellow,
        Verdict::Care => Color::Cyan,
        Verdict::None => Color::DarkGray,
    }
}

const fn role_colour(role: SpanRole) -> Color {
    match role {
        SpanRole::Demand => Color::LightRed,
        SpanRole::Threat | SpanRole::Slur => Color::Red,
        SpanRole::Leverage => Color::Magenta,
        SpanRole::Deadline => Color::Yellow,
        SpanRole::Amount => Color::LightYellow,
        SpanRole::Channel => Color::LightBlue,
        SpanRole::Target => Color::LightMagenta,
        SpanRole::Identifier => Color::LightCyan,
    }
}

const fn role_name(role: SpanRole) -> &'static str {
    match role {
        SpanRole::Demand => "demand",
        SpanRole::Threat => "threat",
        SpanRole::Leverage => "leverage",
        SpanRole::Deadline => "deadline",
        SpanRole::Amount => "amount",
        SpanRole::Channel => "channel",
        SpanRole::Target => "target",
        SpanRole::Slur => "slur",
        SpanRole::Identifier => "identifier",
    }
}

fn role_style(role: SpanRole) -> Style {
    Style::new().fg(role_colour(role)).add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
}

/// `extortion/money 0.97`.
pub(super) fn label_words(label: &LabelScore) -> String {
    let subtype = label.subtype.map_or_else(String::new, |subtype| format!("/{}", subtype.as_str()));
    format!("{}{subtype} {:.2}", label.name.as_str(), label.score)
}

/// Verdict, labels, speaker, language, time; on a second line where the first is full.
fn head(shown: &Shown<'_>, width: usize) -> Vec<Line<'static>> {
    let decision = shown.decision;
    let strong = Style::new().fg(verdict_colour(decision.verdict)).add_modifier(Modifier::BOLD | Modifier::REVERSED);
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let dim = Style::new().add_modifier(Modifier::DIM);
    let mut parts = vec![Span::styled(format!(" {} ", decision.verdict.as_str().to_uppercase()), strong)];
    parts.extend(decision.labels.iter().take(3).map(|label| Span::styled(label_words(label), bold)));
    if decision.verdict == Verdict::Care {
        parts.push(Span::styled(format!("distress {:.2}", decision.distress), bold));
    }
    parts.push(Span::raw(decision.role.name.as_str()));
    parts.push(Span::raw(decision.lang.detected.as_str()));
    parts.push(Span::styled(format!("{} ms", shown.latency_ms), dim));
    flow(parts, width)
}

/// Puts parts side by side with two spaces between, as many a line as fit.
fn flow(parts: Vec<Span<'static>>, width: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.width() + 2 + part.width() <= width => {
                line.push_span(Span::raw("  "));
                line.push_span(part);
            }
            _ => lines.push(Line::from(part)),
        }
    }
    lines
}

/// What the colours in the text mean, each once.
fn legend(spans: &[Evidence]) -> Line<'static> {
    let mut roles: Vec<SpanRole> = spans.iter().map(|span| span.role).collect();
    roles.sort_unstable();
    roles.dedup();
    let words = roles
        .into_iter()
        .flat_map(|role| [Span::styled(role_name(role), Style::new().fg(role_colour(role))), Span::raw(" ")]);
    Line::from(words.collect::<Vec<_>>())
}

/// One style a scalar value of the text. Where spans overlap, the one that weighs more shows.
fn highlight(text: &str, spans: &[Evidence]) -> Vec<Style> {
    let mut styles = vec![Style::new(); text.chars().count()];
    let mut by_weight: Vec<&Evidence> = spans.iter().collect();
    by_weight.sort_by(|a, b| a.weight.total_cmp(&b.weight));
    for span in by_weight {
        let end = (span.end as usize).min(styles.len());
        let start = (span.start as usize).min(end);
        styles[start..end].fill(role_style(span.role));
    }
    styles
}

fn cut(mut lines: Vec<Line<'static>>, most: usize) -> Vec<Line<'static>> {
    if lines.len() > most {
        let alignment = lines[0].alignment;
        lines.truncate(most - 1);
        let more = Line::styled("…", Style::new().add_modifier(Modifier::DIM));
        lines.push(Line { alignment, ..more });
    }
    lines
}

/// A bar in the verdict's colour at the left; what is set flush right stays so.
fn with_gutter(line: Line<'static>, inner: usize, colour: Color) -> Line<'static> {
    let indent = match line.alignment {
        Some(Alignment::Right) => inner.saturating_sub(line.width()),
        _ => 0,
    };
    let style = line.style;
    let mut spans = vec![Span::styled("▌ ", Style::new().fg(colour)), Span::raw(" ".repeat(indent))];
    spans.extend(line.spans.into_iter().map(|span| span.patch_style(style)));
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use sitr_types::{Label, Lang};

    use super::*;
    use crate::demo::sample;

    fn words(line: &Line<'_>) -> String {
        line.spans.iter().map(|span| span.content.as_ref()).collect()
    }

    #[test]
    fn spans_are_marked_by_scalar_offsets_and_the_heavier_one_wins() {
        let text = "😭 صيفط 500 dh";
        let span = |start, end, role, weight| Evidence { start, end, role, label: Label::Extortion, weight };
        let styles = highlight(text, &[span(2, 10, SpanRole::Demand, 0.4), span(7, 13, SpanRole::Amount, 0.6)]);
        let marked = |role| -> String {
            text.chars().zip(&styles).filter(|(_, style)| **style == role_style(role)).map(|(c, _)| c).collect()
        };
        assert_eq!(marked(SpanRole::Demand), "صيفط ");
        assert_eq!(marked(SpanRole::Amount), "500 dh");
        assert_eq!(styles[0], Style::new());
    }

    #[test]
    fn a_span_outside_the_text_marks_nothing_and_breaks_nothing() {
        let span = |start, end| Evidence { start, end, role: SpanRole::Threat, label: Label::Threat, weight: 1.0 };
        assert_eq!(highlight("abc", &[span(7, 9), span(9, 7)]), vec![Style::new(); 3]);
        assert_eq!(highlight("abc", &[span(2, 900)])[2], role_style(SpanRole::Threat));
    }

    #[test]
    fn a_card_says_verdict_label_score_speaker_language_time_and_reason_in_the_language_asked_for() {
        let decision = sample::decision("p", Verdict::Takedown, &[Label::Extortion], Lang::AryLatn);
        let shown = Shown { decision: &decision, text: "sifet lflous", latency_ms: 143 };
        let lines = card(&shown, 100, Tongue::Fr, Order::Visual);
        let head = words(&lines[0]);
        for part in ["TAKEDOWN", "extortion/money 0.97", "perpetrator", "ary-Latn", "143 ms"] {
            assert!(head.contains(part), "{head}");
        }
        assert!(words(lines.last().unwrap()).contains("une demande"), "{lines:?}");
        assert_eq!(Tongue::Fr.next().next().next(), Tongue::Fr);
    }

    #[test]
    fn no_line_of_a_card_is_wider_than_its_panel() {
        let decision = sample::decision("p", Verdict::Care, &[Label::SexualHarassment, Label::Threat], Lang::AryArab);
        let text = "عطيني 500 درهم ولا ننشر تصاورك ".repeat(20);
        let shown = Shown { decision: &decision, text: &text, latency_ms: 123_456 };
        for width in [30, 58, 118] {
            for tongue in [Tongue::Fr, Tongue::Ar, Tongue::En] {
                for line in card(&shown, width, tongue, Order::Visual) {
                    assert!(line.width() <= width, "{width}: {line:?}");
                }
            }
        }
    }
}
