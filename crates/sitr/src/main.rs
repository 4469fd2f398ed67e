//! The `sitr` command: reads the command line and the configuration, and calls the engine.
//!
//! One file a command under [`commands`]; [`config`] turns `sitr.toml` and the environment into settings; [`exit`] holds the exit
//! codes, which scripts may rely on. Standard output carries data only, everything else goes to standard error.

mod cli;
mod commands;
mod config;
mod demo;
mod exit;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(exit::tell_panic));
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::of_clap(&error),
    };
    commands::run(cli.command).unwrap_or_else(|error| exit::of_error(&error))
}
