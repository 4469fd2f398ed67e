//! From logical text with a style a scalar value to drawn lines: wrapped first, then each line in visual order.
//!
//! Terminals differ: most draw scalar values from left to right as they come. So the order is made here, by the Unicode
//! bidirectional algorithm, and letters are given their joined forms ([`shape`]). The style travels with its scalar value,
//! so that a highlighted span stays on its letters even where reordering tears it apart.

use ratatui::{
    layout::Alignment,
    style::Style,
    text::{Line, Span},
};
use unicode_bidi::{BidiInfo, Level};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::shape::shape;

/// Who puts right-to-left text in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Order {
    /// The demo; the terminal is asked to leave it alone.
    Visual,
    /// The terminal, with letters as they are stored.
    Logical,
}

/// What is drawn in one place: a base with the marks and joiners that belong to it.
struct Cluster {
    text: String,
    /// Index of its first scalar value in the text, where its embedding level is found.
    scalar: usize,
    width: usize,
    style: Style,
    space: bool,
}

/// Lays `text` out in lines of at most `width` cells. `styles` holds one style a scalar value; what is missing is plain.
/// A paragraph that runs from right to left is set flush right.
pub(super) fn layout(text: &str, styles: &[Style], width: usize, order: Order) -> Vec<Line<'static>> {
    let info = BidiInfo::new(text, None);
    let mut lines = Vec::new();
    let mut scalar = 0;
    for paragraph in &info.paragraphs {
        let content = &text[paragraph.range.clone()];
        let count = content.chars().count();
        let own = &styles[scalar.min(styles.len())..(scalar + count).min(styles.len())];
        let alignment = if paragraph.level.is_rtl() { Alignment::Right } else { Alignment::Left };
        let levels = info.reordered_levels_per_char(paragraph, paragraph.range.clone());
        for line in wrap(clusters(content, own, order), width.max(2)) {
            let drawn = match order {
                Order::Logical => line,
                Order::Visual => reorder(line, &levels[scalar..scalar + count], paragraph.level),
            };
            lines.push(spans(drawn).alignment(alignment));
        }
        scalar += count;
    }
    lines
}

/// Cuts a paragraph into what is drawn in one place each. Controls are dropped: a post must not steer the terminal.
fn clusters(paragraph: &str, styles: &[Style], order: Order) -> Vec<Cluster> {
    let logical: Vec<char> = paragraph.chars().collect();
    let drawn = match order {
        Order::Visual => shape(&logical),
        Order::Logical => logical.iter().copied().map(Some).collect(),
    };
    let mut clusters: Vec<Cluster> = Vec::with_capacity(logical.len());
    let mut joined = false;
    for (scalar, (c, form)) in logical.into_iter().zip(drawn).enumerate() {
        let style = styles.get(scalar).copied().unwrap_or_default();
        let Some(form) = form else {
            // The alef of a ligature: its highlight must not be lost with it.
            if let Some(lam) = clusters.last_mut() {
                lam.style = lam.style.patch(style);
            }
            continue;
        };
        if is_invisible(c) {
            continue;
        }
        let extends = c.width() == Some(0) || matches!(c, '\u{1f3fb}'..='\u{1f3ff}');
        match clusters.last_mut() {
            Some(last) if !last.space && (extends || is_glued(joined, c) || is_flag_half(&last.text, c)) => {
                last.text.push(form);
                last.width = last.text.width();
            }
            // A mark without a base has no cell to sit in.
            _ if extends => {}
            _ => {
                let form = if c.is_whitespace() { ' ' } else { form };
                let text = form.to_string();
                clusters.push(Cluster { width: text.width(), text, scalar, style, space: form == ' ' });
            }
        }
        joined = c == '\u{200d}';
    }
    clusters
}

/// Steers layout or the terminal and shows nothing. The zero-width joiner stays: it holds emoji together.
fn is_invisible(c: char) -> bool {
    let steers_layout =
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    steers_layout || (c.is_control() && c != '\t')
}

/// An emoji after a zero-width joiner; a joiner between letters only shapes them.
fn is_glued(after_joiner: bool, c: char) -> bool {
    after_joiner && (c.width() == Some(2) || matches!(c, '\u{2600}'..='\u{27bf}'))
}

/// Two regional indicators make one flag.
fn is_flag_half(last: &str, c: char) -> bool {
    let indicator = |c: char| matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
    let mut chars = last.chars();
    indicator(c) && chars.next().is_some_and(indicator) && chars.next().is_none()
}

/// Greedy, at spaces; a word longer than a line is cut. The spaces at a break are dropped.
fn wrap(clusters: Vec<Cluster>, width: usize) -> Vec<Vec<Cluster>> {
    let mut lines = Vec::new();
    let mut line: Vec<Cluster> = Vec::new();
    let mut used = 0;
    for cluster in clusters {
        if used + cluster.width > width && !line.is_empty() {
            if cluster.space {
                lines.push(std::mem::take(&mut line));
                used = 0;
                continue;
            }
            let rest = match line.iter().rposition(|c| c.space) {
                Some(space) => line.split_off(space + 1),
                None => Vec::new(),
            };
            lines.push(std::mem::replace(&mut line, rest));
            used = line.iter().map(|c| c.width).sum();
        }
        if cluster.space && line.is_empty() {
            continue;
        }
        used += cluster.width;
        line.push(cluster);
    }
    lines.push(line);
    for line in &mut lines {
        while line.last().is_some_and(|c| c.space) {
            line.pop();
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Puts one line in visual order. `levels` are those of the paragraph's scalar values.
fn reorder(line: Vec<Cluster>, levels: &[Level], base: Level) -> Vec<Cluster> {
    let level = |cluster: &Cluster| levels.get(cluster.scalar).copied().unwrap_or(base);
    let line_levels: Vec<Level> = line.iter().map(level).collect();
    let order = BidiInfo::reorder_visual(&line_levels);
    let mut line: Vec<Option<Cluster>> = line.into_iter().map(Some).collect();
    order
        .into_iter()
        .map(|place| {
            let mut cluster = line[place].take().expect("invariant: a visual order names each place once");
            if line_levels[place].is_rtl() {
                mirror(&mut cluster.text);
            }
            cluster
        })
        .collect()
}

/// A bracket that opens to the right opens to the left in right-to-left text.
fn mirror(text: &mut String) {
    const PAIRS: [(&str, &str); 7] =
        [("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"), ("«", "»"), ("‹", "›"), ("≤", "≥")];
    for (open, close) in PAIRS {
        if text == open {
            close.clone_into(text);
            return;
        }
        if text == close {
            open.clone_into(text);
            return;
        }
    }
}

/// Neighbours of one style share a span.
fn spans(line: Vec<Cluster>) -> Line<'static> {
    let mut runs: Vec<(String, Style)> = Vec::new();
    for cluster in line {
        match runs.last_mut() {
            Some((text, style)) if *style == cluster.style => text.push_str(&cluster.text),
            _ => runs.push((cluster.text, cluster.style)),
        }
    }
    Line::from(runs.into_iter().map(|(text, style)| Span::styled(text, style)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
