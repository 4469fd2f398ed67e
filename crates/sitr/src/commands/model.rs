//! `sitr model check`.

use std::{io::Write as _, process::ExitCode};

use sitr_engine::Bundle;
use sitr_types::Lang;

use crate::cli::Model;

/// Loads the bundle with all its checks and prints what it is.
pub(super) fn run(Model::Check { dir }: &Model) -> anyhow::Result<ExitCode> {
    let bundle = Bundle::load(dir)?;
    let info = bundle.info();
    let mut out = std::io::stdout().lock();
    writeln!(out, "name        {}", info.model.name)?;
    writeln!(out, "version     {}", info.model.version)?;
    writeln!(out, "sha256      {}", info.model.sha256)?;
    writeln!(out, "licence     {}", info.licence)?;
    writeln!(out, "input       {:?}, windows of {}, overlap {}", info.input, info.max_len, info.overlap)?;
    writeln!(out, "batches     {}", if info.batched { "shared by posts" } else { "one post each" })?;
    write!(out, "\n{:<20}", "threshold")?;
    for lang in Lang::ALL {
        write!(out, "{:>10}", lang.as_str())?;
    }
    for label in &info.labels {
        write!(out, "\n{:<20}", label.as_str())?;
        for lang in Lang::ALL {
            match bundle.thresholds(lang).get(label) {
                Some(threshold) => write!(out, "{threshold:>10.3}")?,
                None => write!(out, "{:>10}", "-")?,
            }
        }
    }
    writeln!(out, "\n\nthe bundle is sound: checksums, shapes and golden scores hold")?;
    Ok(ExitCode::SUCCESS)
}
