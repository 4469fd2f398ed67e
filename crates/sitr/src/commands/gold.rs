//! Posts that people have labelled, and what a bundle says of them.

use std::{io::Read as _, sync::Arc};

use anyhow::{Context as _, ensure};
use sitr_engine::{
    Judge,
    lines::{ClassifyOptions, Listeners, classify},
};
use sitr_eval::{Gold, Prediction, Sources};
use sitr_types::{Decision, SCHEMA_POST};

use super::input::Input;
use crate::{cli::GoldFiles, config::workers, exit::note};

/// Gold rows of the wanted split, and which labels their sources annotate.
pub(super) struct Read {
    pub(super) gold: Vec<Gold>,
    pub(super) sources: Sources,
}

/// Reads everything that the command line names.
///
/// # Errors
/// A file that is not there or holds something else; no row at all.
pub(super) fn read(args: &GoldFiles) -> anyhow::Result<Read> {
    let sources = match &args.sources {
        None => Sources::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
            Sources::read(&text).with_context(|| path.display().to_string())?
        }
    };
    let mut gold = Vec::new();
    for input in Input::all(&args.gold) {
        let mut text = String::new();
        let hint = || format!("{}: not UTF-8 text; unpack a .gz first: zcat FILE | sitr … --gold -", input.name());
        input.open()?.read_to_string(&mut text).with_context(hint)?;
        gold.extend(Gold::read(&text).with_context(|| input.name())?);
    }
    if let Some(split) = &args.split {
        gold.retain(|row| row.split.as_ref() == Some(split));
    }
    ensure!(!gold.is_empty(), "no gold row{}", args.split.as_ref().map_or(String::new(), |s| format!(" of split {s}")));
    Ok(Read { gold, sources })
}

/// Takes every gold row through both stages, as `sitr classify` does. Rows that are no posts are left out and told.
///
/// # Errors
/// The bundle cannot be loaded.
pub(super) fn predict(args: &GoldFiles, gold: &[Gold]) -> anyhow::Result<Vec<Prediction>> {
    let judge = Arc::new(Judge::load(&args.model)?);
    let mut posts = Vec::new();
    for row in gold {
        let post = serde_json::json!({ "schema": SCHEMA_POST, "post_id": row.id, "text": row.text });
        serde_json::to_writer(&mut posts, &post)?;
        posts.push(b'\n');
    }
    let (mut out, mut dead) = (Vec::new(), 0u64);
    let options = ClassifyOptions { workers: workers(args.workers), all_scores: true };
    let mut count = |_| {
        dead += 1;
        Ok(())
    };
    let listeners = Listeners { dead: &mut count, progress: &mut |_| {} };
    classify(&judge, std::io::Cursor::new(posts), &mut out, &options, listeners)?;
    if dead > 0 {
        note(format_args!("{dead} gold rows are no posts (empty or too long) and count as missing"));
    }
    let decisions = serde_json::Deserializer::from_slice(&out).into_iter::<Decision>();
    decisions.map(|decision| Ok(prediction(decision?))).collect()
}

fn prediction(decision: Decision) -> Prediction {
    let scores = decision.scores.unwrap_or_default();
    Prediction {
        id: decision.post_id,
        scores: scores.into_iter().map(|(label, score)| (label, f64::from(score))).collect(),
        over: decision.labels.into_iter().map(|label| label.name).collect(),
        verdict: decision.verdict,
        detected: decision.lang.detected.as_str().to_owned(),
    }
}
