//! Exit codes: stable, documented in `sitr --help`.

use std::{
    io::{ErrorKind, Write as _},
    process::ExitCode,
};

use sitr_engine::{
    BundleError, EngineError,
    kafka::{KafkaError, SettingError},
    lines::LinesError,
    logs::LogsError,
};

use crate::config::ConfigError;

/// Something failed.
pub(crate) const FAILURE: u8 = 1;
/// The command line, the configuration or the bundle is wrong.
pub(crate) const CONFIGURATION: u8 = 2;
/// Dead letters were written.
pub(crate) const DEAD_LETTERS: u8 = 3;
/// Another instance has the same name.
pub(crate) const FENCED: u8 = 4;
/// A second signal cut the drain short.
pub(crate) const ABORTED: u8 = 5;
/// A partition stood still.
pub(crate) const STALLED: u8 = 6;

/// What stands below `sitr --help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done
  1  failure
  2  the command line, the configuration or the model bundle is wrong
  3  classify: there were dead letters
  4  run: another instance has the same kafka.instance_id
  5  run: stopped by a second signal, or the drain took too long
  6  run: a partition stood still for twice delivery.stall_timeout; start it again";

/// Help and version are no errors; the rest is a wrong command line.
pub(crate) fn of_clap(error: &clap::Error) -> ExitCode {
    // It fails only when nobody reads it.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(CONFIGURATION) } else { ExitCode::SUCCESS }
}

/// Tells an error on standard error. A reader of the output that has had enough, as `head` has, is no error.
pub(crate) fn of_error(error: &anyhow::Error) -> ExitCode {
    if error.chain().any(is_broken_pipe) {
        return ExitCode::SUCCESS;
    }
    note(format_args!("sitr: {error:#}"));
    ExitCode::from(if error.chain().any(is_configuration) { CONFIGURATION } else { FAILURE })
}

/// A line on standard error. That nobody reads it is no reason to stop.
pub(crate) fn note(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Says where a panic happened and never what it said: the message of a failed slice holds the text it was to cut.
pub(crate) fn tell_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("without a name");
    match panic.location() {
        Some(place) => note(format_args!("sitr: panic in thread {name} at {place}; the message is withheld")),
        None => note(format_args!("sitr: panic in thread {name}; the message is withheld")),
    }
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    match (error.downcast_ref::<LinesError>(), error.downcast_ref::<std::io::Error>()) {
        (Some(LinesError::Write(error)), _) | (None, Some(error)) => error.kind() == ErrorKind::BrokenPipe,
        _ => false,
    }
}

fn is_configuration(error: &(dyn std::error::Error + 'static)) -> bool {
    let kafka = |error: &KafkaError| matches!(error, KafkaError::Setting(_) | KafkaError::Client { .. });
    error.is::<ConfigError>()
        || error.is::<BundleError>()
        || error.is::<LogsError>()
        || error.is::<SettingError>()
        || error.downcast_ref::<KafkaError>().is_some_and(kafka)
        || match error.downcast_ref::<EngineError>() {
            Some(EngineError::Kafka(error)) => kafka(error),
            Some(EngineError::Delivery(_) | EngineError::Admin { .. }) => true,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_output_is_no_error_and_a_closed_dead_letter_file_is_one() {
        let closed = || std::io::Error::from(ErrorKind::BrokenPipe);
        assert!(is_broken_pipe(&LinesError::Write(closed())));
        assert!(is_broken_pipe(&closed()));
        assert!(!is_broken_pipe(&LinesError::Read(closed())));
        assert!(!is_broken_pipe(&std::io::Error::from(ErrorKind::StorageFull)));
    }
}
