//! `sitr eval`: how good a bundle is.

use std::{fs, io::Write as _, process::ExitCode};

use anyhow::Context as _;
use sitr_engine::Bundle;
use sitr_eval::{EvalOptions, Report, html, table};

use super::gold;
use crate::{
    cli::Eval,
    exit::{self, note},
};

/// Prints the table, writes the files, and fails where a gold row has no prediction: figures without it would flatter.
pub(super) fn run(args: &Eval) -> anyhow::Result<ExitCode> {
    let gold::Read { gold: rows, sources } = gold::read(&args.gold)?;
    let said = gold::predict(&args.gold, &rows)?;
    let report = Report::of(&rows, &said, &sources, EvalOptions { boot: args.boot, ..EvalOptions::default() });
    std::io::stdout().lock().write_all(table(&report).as_bytes())?;
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&report.to_json())?;
        fs::write(path, text + "\n").with_context(|| format!("{} cannot be written", path.display()))?;
    }
    if let Some(path) = &args.html {
        let model = Bundle::load(&args.gold.model)?.info().model.clone();
        let title = format!("{} {} on {} labelled posts", model.name, model.version, report.rows);
        fs::write(path, html(&report, &title)).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    if report.missing > 0 {
        note(format_args!("{} gold rows have no prediction", report.missing));
        return Ok(ExitCode::from(exit::FAILURE));
    }
    Ok(ExitCode::SUCCESS)
}
