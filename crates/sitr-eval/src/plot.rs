//! Small SVG plots: no script, no font, no library, so that a report is one file that opens anywhere for years.

use std::fmt::Write as _;

const SIDE: f64 = 220.0;
const MARGIN: f64 = 28.0;
const INK: &str = "#1f5f8b";
const PALE: &str = "#c9d6df";

/// A unit square with axes; `body` is drawn in it.
fn square(title: &str, axes: [&str; 2], body: &str) -> String {
    let whole = SIDE + 2.0 * MARGIN;
    format!(
        "<svg viewBox='0 0 {whole} {whole}' role='img' aria-label='{title}'>\
         <text x='{MARGIN}' y='16' class='t'>{title}</text>\
         <rect x='{MARGIN}' y='{MARGIN}' width='{SIDE}' height='{SIDE}' fill='none' stroke='{PALE}'/>{body}\
         <text x='{}' y='{}' class='a' text-anchor='middle'>{}</text>\
         <text x='10' y='{}' class='a' text-anchor='middle' transform='rotate(-90 10 {})'>{}</text></svg>",
        whole / 2.0,
        whole - 8.0,
        axes[0],
        whole / 2.0,
        whole / 2.0,
        axes[1],
    )
}

fn x(value: f64) -> f64 {
    MARGIN + value * SIDE
}

fn y(value: f64) -> f64 {
    MARGIN + (1.0 - value) * SIDE
}

/// What was said against what held: bubbles on the diagonal keep their word.
pub(crate) fn reliability(title: &str, bins: &[crate::Bin]) -> String {
    let most = bins.iter().map(|bin| bin.n).max().unwrap_or(1) as f64;
    let mut body = format!("<path d='M{} {}L{} {}' stroke='{PALE}'/>", x(0.0), y(0.0), x(1.0), y(1.0));
    for bin in bins {
        let radius = 3.0 + 7.0 * (bin.n as f64 / most).sqrt();
        // Writing to a string cannot fail.
        let _ = write!(
            body,
            "<circle cx='{:.1}' cy='{:.1}' r='{radius:.1}' fill='{INK}' fill-opacity='.7'><title>{} rows: said {:.2}, held {:.2}</title></circle>",
            x(bin.said),
            y(bin.held),
            bin.n,
            bin.said,
            bin.held
        );
    }
    square(title, ["probability said", "share that held"], &body)
}

/// Precision against recall, from the calls in order of score.
pub(crate) fn precision_recall(title: &str, calls: &[crate::Call]) -> String {
    let mut ranked: Vec<_> = calls.iter().collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    let yes = ranked.iter().filter(|call| call.gold).count().max(1) as f64;
    let mut path = String::new();
    let (mut hits, mut drawn) = (0.0, f64::NEG_INFINITY);
    for (rank, call) in ranked.iter().enumerate() {
        hits += f64::from(u8::from(call.gold));
        let recall = hits / yes;
        // A few hundred points are a smooth line; tens of thousands are megabytes.
        if call.gold && recall - drawn >= 0.004 {
            drawn = recall;
            let _ = write!(
                path,
                "{}{:.1} {:.1}",
                if path.is_empty() { 'M' } else { 'L' },
                x(recall),
                y(hits / (rank + 1) as f64)
            );
        }
    }
    let over = calls.iter().filter(|call| call.over).count().max(1) as f64;
    let right = calls.iter().filter(|call| call.over && call.gold).count() as f64;
    let point = format!("<circle cx='{:.1}' cy='{:.1}' r='4' fill='#c0392b'/>", x(right / yes), y(right / over));
    let body = format!("<path d='{path}' fill='none' stroke='{INK}' stroke-width='1.5'/>{point}");
    square(title, ["recall", "precision"], &body)
}

/// A bar from 0 to 1 with its interval.
pub(crate) fn bar(value: f64, interval: [f64; 2]) -> String {
    format!(
        "<svg viewBox='0 0 200 14' class='b'><rect width='200' height='14' fill='#eef2f5'/>\
         <rect width='{:.1}' height='14' fill='{INK}' fill-opacity='.75'/>\
         <path d='M{:.1} 7H{:.1}' stroke='#222' stroke-width='2'/></svg>",
        value * 200.0,
        interval[0] * 200.0,
        interval[1] * 200.0
    )
}
