//! `cargo run --release -p sitr-tests --bin kafka -- --brokers 1`: a Kafka to try things on, until Ctrl-C.

use std::error::Error;
use std::io::Write as _;

use signal_hook::consts::{SIGINT, SIGTERM};
use sitr_tests::kafka::Cluster;

const USAGE: &str = "usage: kafka [--brokers 1|3]";

fn main() -> Result<(), Box<dyn Error>> {
    let brokers = brokers(std::env::args().skip(1))?;
    // Before the start, so that Ctrl-C during it ends the brokers too.
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let cluster = Cluster::start(brokers)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", cluster.bootstrap_servers())?;
    writeln!(
        std::io::stderr(),
        "Kafka runs ({brokers} broker(s), no topics, data in memory of this run); Ctrl-C ends it"
    )?;
    signals.forever().next();
    Ok(())
}

fn brokers(mut args: impl Iterator<Item = String>) -> Result<usize, &'static str> {
    match (args.next().as_deref(), args.next().as_deref(), args.next()) {
        (None, ..) | (Some("--brokers"), Some("1"), None) => Ok(1),
        (Some("--brokers"), Some("3"), None) => Ok(3),
        _ => Err(USAGE),
    }
}
