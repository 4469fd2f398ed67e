//! `sitr config`.

use std::{io::Write as _, process::ExitCode, time::Duration};

use sitr_engine::kafka::check;

use super::schema::pretty;
use crate::{
    cli::Config,
    config::{Configuration, example, schema},
    exit::{self, note},
};

const WAIT: Duration = Duration::from_secs(10);

/// Checks, shows or describes.
pub(super) fn run(command: Config) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match command {
        Config::Check { file, connect } => {
            let configuration = Configuration::load(file.config.as_deref())?;
            if !configuration.model_dir.is_dir() {
                note(format_args!("note: model.dir = {:?} is no directory here", configuration.model_dir.display()));
            }
            if connect && !topics_are_there(&configuration)? {
                return Ok(ExitCode::from(exit::FAILURE));
            }
            writeln!(out, "the configuration is valid")?;
        }
        Config::Show { file } => out.write_all(Configuration::load(file.config.as_deref())?.show().as_bytes())?,
        Config::Schema => out.write_all(pretty(schema()).as_bytes())?,
        Config::Example => out.write_all(example().as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn topics_are_there(configuration: &Configuration) -> anyhow::Result<bool> {
    let settings = &configuration.settings;
    let names = settings.topics.all().map(|(_, name)| name);
    let found = check(&settings.kafka, &names, WAIT)?;
    note(format_args!("{} brokers answer at {}", found.brokers, settings.kafka.bootstrap_servers));
    let missing: Vec<_> =
        found.topics.iter().filter(|(_, there)| there.is_none()).map(|(name, _)| name.as_str()).collect();
    if !missing.is_empty() {
        note(format_args!("missing or not visible: {}; `sitr topics apply` creates them", missing.join(", ")));
    }
    Ok(missing.is_empty())
}
