//! `sitr calibrate`: the same bundle with thresholds for a wanted precision.

use std::{fs, io::Write as _, path::Path, process::ExitCode};

use anyhow::{Context as _, ensure};
use sitr_engine::Bundle;
use sitr_eval::thresholds;

use super::gold;
use crate::cli::Calibrate;

/// The description of a bundle; the only file of it that changes.
const DESCRIPTION: &str = "bundle.toml";

/// Chooses thresholds, writes the new bundle, and loads it with all its checks.
pub(super) fn run(args: &Calibrate) -> anyhow::Result<ExitCode> {
    ensure!(!args.out.exists(), "--out {} is there already; name a new directory", args.out.display());
    let gold::Read { gold: rows, sources } = gold::read(&args.gold)?;
    let said = gold::predict(&args.gold, &rows)?;
    let found = thresholds(&rows, &said, &sources, args.precision);
    ensure!(!found.is_empty(), "no label reaches precision {} on these rows with 20 positives or more", args.precision);
    let path = args.gold.model.join(DESCRIPTION);
    let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut description: toml::Table = text.parse().with_context(|| path.display().to_string())?;
    if let Some(toml::Value::String(version)) = description.get_mut("version") {
        // Decisions carry it: which thresholds decided must be told apart.
        *version = format!("{version}+p{:.0}", args.precision * 100.0);
    }
    let table = description.entry("thresholds").or_insert_with(|| toml::Table::new().into());
    let table = table.as_table_mut().context("[thresholds] of the bundle is no table")?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:<12}{:<20}{:>10}{:>11}{:>8}{:>7}",
        "language", "label", "threshold", "precision", "recall", "pos"
    )?;
    for ((lang, label), t) in &found {
        // Three digits, rounded up: a lower threshold would not keep the precision.
        let at = (t.at * 1e3).ceil() / 1e3;
        writeln!(out, "{lang:<12}{:<20}{at:>10.3}{:>11.3}{:>8.3}{:>7}", label.as_str(), t.precision, t.recall, t.pos)?;
        let own = table.entry(lang.clone()).or_insert_with(|| toml::Table::new().into());
        own.as_table_mut()
            .context("a language of [thresholds] is no table")?
            .insert(label.as_str().to_owned(), at.into());
    }
    copy(&args.gold.model, &args.out)?;
    fs::write(args.out.join(DESCRIPTION), toml::to_string(&description)?)?;
    let version = Bundle::load(&args.out)?.info().model.version.clone();
    writeln!(
        out,
        "\n{} is written (version {version}); labels not named here keep their thresholds",
        args.out.display()
    )?;
    Ok(ExitCode::SUCCESS)
}

/// A bundle is flat.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
