//! Configuration: a file, the environment over it, and checks that tell all mistakes at once.
//!
//! [`raw`] is the one table of keys; the parser, the JSON Schema, the reference and the example file come from it.

mod docs;
mod error;
mod raw;
mod settings;
mod source;
#[cfg(test)]
mod tests;
mod units;

use std::path::{Path, PathBuf};

use sitr_engine::EngineSettings;

pub(crate) use docs::{example, reference, schema};
pub(crate) use error::ConfigError;
use error::{Mistake, Place};
use raw::Raw;
pub(crate) use settings::workers;
use source::{Given, PASSWORD_VARIABLE};

/// A configuration in which nothing is wrong.
pub(crate) struct Configuration {
    /// For the engine; both stages.
    pub(crate) settings: EngineSettings,
    /// Directory of the bundle.
    pub(crate) model_dir: PathBuf,
    /// Log lines.
    pub(crate) log: LogSettings,
    /// A password came from the environment.
    password: bool,
    raw: Raw,
}

/// How log lines look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogSettings {
    /// JSON or for people; `None`: for people on a terminal.
    pub(crate) json: Option<bool>,
    /// Level or filter.
    pub(crate) level: String,
}

impl Configuration {
    /// Reads the file, if one is named, and the process's environment.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        // A variable whose name or value is not Unicode is none of ours.
        let variables = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        let text = file.map(|path| read(path).map(|text| (path, text))).transpose()?;
        Self::from_text(text.as_ref().map(|(path, text)| (*path, text.as_str())), variables)
    }

    fn from_text(
        file: Option<(&Path, &str)>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut given = Given::default();
        if let Some((path, text)) = file {
            given.read_file(path, text);
        }
        given.read_environment(variables);
        settings::check(given)
    }

    /// What is in effect, as TOML; secrets as stars.
    pub(crate) fn show(&self) -> String {
        let mut raw = self.raw.clone();
        for (key, value) in &mut raw.kafka.extra {
            if ["password", "secret", "pem", "token", "oauth", "config"].iter().any(|word| key.contains(word)) {
                "***".clone_into(value);
            }
        }
        let mut shown = toml::to_string(&raw).expect("invariant: the configuration has a TOML form");
        if self.password {
            shown.push_str(&format!("\n# kafka.sasl_password = *** (from {PASSWORD_VARIABLE})\n"));
        }
        shown
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|error| {
        ConfigError(vec![Mistake {
            key: "--config".to_owned(),
            value: Some(path.display().to_string()),
            place: Place::Default,
            rule: format!("the file cannot be read: {error}"),
            fix: "correct the path; `sitr config example` prints a file to begin with".to_owned(),
        }])
    })
}
