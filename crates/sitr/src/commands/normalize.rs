//! `sitr normalize`: what the models see.

use std::{
    io::{BufWriter, Write as _},
    process::ExitCode,
};

use anyhow::Context as _;
use sitr_engine::lines::{NormaliseOptions, normalise};

use super::input::{Input, total_bytes};
use crate::{cli::Normalize, config::workers, exit::note};

/// One line out for each line in. Bad lines are told on standard error but are no failure: the output says which they are.
pub(super) fn run(args: &Normalize) -> anyhow::Result<ExitCode> {
    let inputs = Input::all(&args.files);
    total_bytes(&inputs)?;
    let options =
        NormaliseOptions { workers: workers(args.workers), words: args.words, cues: args.cues, offsets: args.offsets };
    let mut out = BufWriter::with_capacity(64 << 10, std::io::stdout());
    let mut bad = 0;
    for input in &inputs {
        bad += normalise(input.open()?, &mut out, options).with_context(|| input.name())?.dead;
    }
    out.flush()?;
    if bad > 0 {
        note(format_args!("{bad} lines hold no post_id and text; their output has \"error\""));
    }
    Ok(ExitCode::SUCCESS)
}
