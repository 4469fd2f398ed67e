//! Structured logs by `tracing`, for machines (JSON) or people.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For a terminal.
    Human,
}

/// Starts logging to stderr, once for the process. `filter` has the syntax of `RUST_LOG`, which overrides it.
///
/// # Errors
/// A filter that does not parse, or a second call.
pub fn init(format: Format, filter: &str) -> Result<(), LogsError> {
    let chosen = std::env::var("RUST_LOG").unwrap_or_else(|_| filter.to_owned());
    let filter = EnvFilter::try_new(&chosen).map_err(|e| LogsError::Filter { filter: chosen, why: e.to_string() })?;
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true).with_thread_names(true);
    let started = match format {
        Format::Json => builder.json().flatten_event(true).with_current_span(false).try_init(),
        Format::Human => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    started.map_err(|_| LogsError::Twice)
}

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// The filter does not parse.
    #[error("log filter `{filter}` is not valid: {why}; write a level such as `info` or `sitr_kafka=debug,info`")]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        why: String,
    },
    /// Logging had been started already.
    #[error("logging is started already")]
    Twice,
}
