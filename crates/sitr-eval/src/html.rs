//! The report as one HTML file. It holds figures and names of slices, never a post.

use std::fmt::Write as _;

use sitr_types::Label;

use crate::{Report, Slice, plot, reliability};

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:66rem;padding:0 1rem;color:#222}\
table{border-collapse:collapse;margin:.6rem 0 1.4rem}td,th{padding:.15rem .6rem;text-align:right;border-bottom:1px solid #e3e8ec}\
td:first-child,th:first-child{text-align:left}svg{width:17rem}svg.b{width:12rem;height:.85rem;vertical-align:middle}\
.t{font-size:12px;font-weight:600}.a{font-size:10px;fill:#667}.p{display:flex;flex-wrap:wrap;gap:.5rem}";

/// Labels whose probabilities people act on: they get plots for each language.
const PLOTTED: [Label; 2] = [Label::Offensive, Label::Extortion];

/// One self-contained page. `title` says what was evaluated.
#[must_use]
pub fn html(report: &Report, title: &str) -> String {
    let title = escape(title);
    let mut out = format!(
        "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>\
         <title>{title}</title><style>{STYLE}</style><h1>{title}</h1>\
         <p>{} gold rows, {} without a prediction. Bars are macro-F1 with a 95 % bootstrap interval; the red point of a \
         precision-recall curve is the threshold in use; a bubble on the diagonal keeps its word.</p>",
        report.rows, report.missing
    );
    let mut labels: Vec<Label> = report.figures.keys().map(|(label, _)| *label).collect();
    labels.dedup();
    for label in labels {
        section(report, label, &mut out);
    }
    if !report.roles.is_empty() {
        roles(report, &mut out);
    }
    out.push_str("</html>\n");
    out
}

fn section(report: &Report, label: Label, out: &mut String) {
    let name = label.as_str();
    // Writing to a string cannot fail, here and below.
    let _ = write!(
        out,
        "<h2>{name}</h2><table><tr><th>slice<th>n<th>yes<th>precision<th>recall<th>macro-F1<th><th>AUC<th>AP<th>ECE"
    );
    let maybe = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
    for ((_, slice), f) in report.figures.iter().filter(|((of, _), _)| *of == label) {
        let _ = write!(
            out,
            "<tr><td>{}<td>{}<td>{}<td>{:.3}<td>{:.3}<td>{:.3}<td>{}<td>{}<td>{}<td>{:.3}",
            escape(&slice.to_string()),
            f.n,
            f.pos,
            f.precision,
            f.recall,
            f.macro_f1,
            plot::bar(f.macro_f1, f.ci95),
            maybe(f.auc),
            maybe(f.ap),
            f.ece,
        );
    }
    out.push_str("</table><div class='p'>");
    for ((of, slice), calls) in &report.calls {
        let wanted = *slice == Slice::All || PLOTTED.contains(&label);
        if *of == label && wanted && calls.iter().any(|call| call.gold) {
            let about = escape(&format!("{name}, {slice}"));
            out.push_str(&plot::reliability(&about, &reliability(calls)));
            out.push_str(&plot::precision_recall(&about, calls));
        }
    }
    out.push_str("</div>");
}

fn roles(report: &Report, out: &mut String) {
    out.push_str("<h2>Verdicts by speaker</h2><table><tr><th>role<th>verdicts");
    for (role, verdicts) in &report.roles {
        let counts: Vec<_> = verdicts.0.iter().map(|(verdict, n)| format!("{} {n}", verdict.as_str())).collect();
        let _ = write!(out, "<tr><td>{}<td>{}", role.as_str(), counts.join(", "));
    }
    out.push_str("</table>");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EvalOptions, Gold, Prediction, Sources};

    #[test]
    fn a_page_is_whole_names_its_slices_and_holds_no_post() {
        let row = |n: usize| {
            let yes = n.is_multiple_of(2);
            format!(
                r#"{{"id":"{n}","text":"sekret kelma","lang":"a<b","labels":[],"offensive":{yes},"role":"victim"}}"#
            )
        };
        let gold = Gold::read(&(0..40).map(row).collect::<Vec<_>>().join("\n")).unwrap();
        let said = |n: usize| Prediction {
            id: n.to_string(),
            scores: [(Label::Offensive, n as f64 / 40.0)].into(),
            over: if n > 20 { [Label::Offensive].into() } else { [].into() },
            verdict: sitr_types::Verdict::None,
            detected: "fr".to_owned(),
        };
        let said: Vec<_> = (0..40).map(said).collect();
        let report = Report::of(&gold, &said, &Sources::default(), EvalOptions { boot: 20, least: 1 });
        let page = html(&report, "bundle <x>");
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
        assert!(page.contains("lang=a&lt;b") && page.contains("bundle &lt;x&gt;") && page.contains("victim"));
        assert!(page.contains("<svg") && !page.contains("sekret") && !page.contains("<script"));
    }
}
