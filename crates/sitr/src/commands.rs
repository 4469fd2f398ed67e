//! One file a command.

mod calibrate;
mod classify;
mod config;
mod eval;
mod gold;
mod input;
mod model;
mod normalize;
mod progress;
mod run;
mod schema;
mod topics;

use std::process::ExitCode;

use crate::{cli::Command, demo};

/// Runs a command to its end.
pub(crate) fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Classify(args) => classify::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Calibrate(args) => calibrate::run(&args),
        Command::Normalize(args) => normalize::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Topics(args) => topics::run(args),
        Command::Config(args) => config::run(args),
        Command::Schema(args) => schema::run(&args),
        Command::Model(args) => model::run(&args),
        Command::Demo(args) => demo::run(args),
    }
}
