//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{demo, exit};

/// Reads posts, scores them for harassment and extortion in Darija, French and Arabic, and says what should happen and why.
#[derive(Debug, Parser)]
#[command(name = "sitr", version, after_help = exit::HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge posts from files or standard input: JSON Lines in, decisions out, in order
    Classify(Classify),
    /// Show what the models see of texts: JSON Lines {"post_id", "text"} in, normal forms out, one line each, in order
    Normalize(Normalize),
    /// Measure a bundle on posts that people have labelled: precision, recall, F1, AUC, calibration, by language, script and source
    Eval(Eval),
    /// Copy a bundle with thresholds for a wanted precision, chosen on posts that people have labelled
    Calibrate(Calibrate),
    /// Judge posts from Kafka until told to stop (first signal: finish and commit; second: stop at once)
    Run(Run),
    /// Create the topics that are missing
    #[command(subcommand)]
    Topics(Topics),
    /// Check, show or describe the configuration
    #[command(subcommand)]
    Config(Config),
    /// Write the JSON Schemas of all messages and the configuration reference
    Schema(Schema),
    /// Look at a model bundle
    #[command(subcommand)]
    Model(Model),
    /// Watch invented posts go through the real pipeline; needs no Kafka
    Demo(demo::Args),
}

#[derive(Debug, Args)]
pub(crate) struct Classify {
    /// Files to read, in this order; `-` or none: standard input
    pub(crate) files: Vec<PathBuf>,
    /// Directory of the model bundle
    #[arg(long, value_name = "DIR", default_value = "models/sitr")]
    pub(crate) model: PathBuf,
    /// Put the probability of every label into each decision
    #[arg(long)]
    pub(crate) all_scores: bool,
    /// Write lines that could not be judged here, with the reason
    #[arg(long, value_name = "FILE")]
    pub(crate) dead_letter: Option<PathBuf>,
    /// Threads that score; 0: the number of cores
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) workers: u16,
}

/// Posts with labels.
#[derive(Debug, Args)]
pub(crate) struct GoldFiles {
    /// JSON Lines {"id", "text", "lang", "labels": [], "offensive": true|false|null} and, if known, "source", "split", "role",
    /// "known": [labels that were asked about]; `-`: standard input
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub(crate) gold: Vec<PathBuf>,
    /// JSON {"source": {"annotates": [labels]}}: a label that a source does not annotate is unknown, not "no"
    #[arg(long, value_name = "FILE")]
    pub(crate) sources: Option<PathBuf>,
    /// Only rows of this split
    #[arg(long, value_name = "NAME")]
    pub(crate) split: Option<String>,
    /// Directory of the model bundle
    #[arg(long, value_name = "DIR", default_value = "models/sitr")]
    pub(crate) model: PathBuf,
    /// Threads that score; 0: the number of cores
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) workers: u16,
}

#[derive(Debug, Args)]
pub(crate) struct Eval {
    #[command(flatten)]
    pub(crate) gold: GoldFiles,
    /// Draws of the bootstrap behind each interval; 0: none
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(crate) boot: usize,
    /// Write the figures here as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write a page with plots here
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Calibrate {
    #[command(flatten)]
    pub(crate) gold: GoldFiles,
    /// Precision that each label must reach
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) precision: f64,
    /// Directory of the new bundle; it must not exist
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

fn share(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.5..1.0).contains(&number) { Ok(number) } else { Err("must be at least 0.5 and below 1".to_owned()) }
}

#[derive(Debug, Args)]
pub(crate) struct Normalize {
    /// Files to read, in this order; `-` or none: standard input
    pub(crate) files: Vec<PathBuf>,
    /// Add the words
    #[arg(long)]
    pub(crate) words: bool,
    /// Add the families of cues found
    #[arg(long)]
    pub(crate) cues: bool,
    /// Add where each word stands in the original, in Unicode scalar values
    #[arg(long)]
    pub(crate) offsets: bool,
    /// Threads; 0: the number of cores
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) workers: u16,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigFile {
    /// The configuration; without it, defaults and environment variables only
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// Run one stage only [default: both]
    #[arg(long)]
    pub(crate) stage: Option<StageName>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum StageName {
    /// Posts in, signals out
    Classify,
    /// Signals in, decisions out
    Score,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Topics {
    /// Create those topics of the configuration that are missing; what is there stays as it is
    Apply {
        #[command(flatten)]
        file: ConfigFile,
        /// Partitions of each topic
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=10_000))]
        partitions: i32,
        /// Replicas of each partition [default: one a broker, three at most]
        #[arg(long, value_name = "R", value_parser = clap::value_parser!(i32).range(1..=100))]
        replication: Option<i32>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Tell all mistakes at once
    Check {
        #[command(flatten)]
        file: ConfigFile,
        /// Also ask the brokers for the topics
        #[arg(long)]
        connect: bool,
    },
    /// Print what is in effect, secrets as ***
    Show {
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Print the JSON Schema of the configuration
    Schema,
    /// Print a configuration with every key and its default
    Example,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Where to write
    #[arg(long, value_name = "DIR", default_value = "docs/reference")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Model {
    /// Load a bundle with all its checks and print what it is
    Check {
        /// Directory of the bundle
        dir: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
