//! One broker: its files, its process, and the promise that it does not outlive us.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use super::jars::Runtime;
use crate::process::{self, Process};

/// Lines of a broker's log that an error shows.
const TAIL: usize = 25;

#[derive(Debug)]
pub(super) struct Broker {
    index: usize,
    port: u16,
    settings: PathBuf,
    log: PathBuf,
    process: Option<Process>,
}

/// What became of a broker's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Not started, or ended by us.
    Off,
    Running,
    /// Ended by itself.
    Ended,
}

impl Broker {
    /// Writes the broker's settings; nothing runs yet.
    pub(super) fn new(index: usize, port: u16, dir: &Path, settings: &str) -> Result<Self, String> {
        let file = dir.join(format!("broker-{index}.properties"));
        fs::write(&file, settings).map_err(|e| format!("settings of broker {index}: {e}"))?;
        Ok(Self { index, port, settings: file, log: dir.join(format!("broker-{index}.log")), process: None })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(super) fn node_id(&self) -> i32 {
        i32::try_from(self.index + 1).expect("invariant: three brokers at most")
    }

    /// Prepares the data directory.
    pub(super) fn format(&self, runtime: &Runtime, cluster_id: &str) -> Result<(), String> {
        let output = runtime
            .command("128m", "kafka.tools.StorageTool")
            .args(["format", "-t", cluster_id, "-c"])
            .arg(&self.settings)
            .output()
            .map_err(|e| format!("StorageTool: {e}"))?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("StorageTool: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Starts the process; `cluster` is the number of brokers that share the machine.
    pub(super) fn spawn(&mut self, runtime: &Runtime, cluster: usize) -> Result<(), String> {
        let heap = if cluster == 1 { "384m" } else { "256m" };
        let log = File::options().create(true).append(true).open(&self.log).map_err(|e| e.to_string())?;
        let err = log.try_clone().map_err(|e| e.to_string())?;
        let mut command = runtime.command(heap, "kafka.Kafka");
        command.arg(&self.settings).stdout(log).stderr(err);
        self.process = Some(Process::spawn(&mut command).map_err(|e| format!("broker {}: {e}", self.index))?);
        Ok(())
    }

    pub(super) fn state(&mut self) -> Start {
        match &mut self.process {
            None => Start::Off,
            Some(process) => {
                if process.is_running() {
                    Start::Running
                } else {
                    Start::Ended
                }
            }
        }
    }

    pub(super) fn is_running(&mut self) -> bool {
        self.state() == Start::Running
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(|process| process.id())
    }

    pub(super) fn signal(&mut self, signal: Signal) {
        if let Some(process) = &mut self.process {
            process.signal(signal);
        }
    }

    /// SIGKILL, and the process is gone when this returns.
    pub(super) fn kill(&mut self) {
        self.process = None;
    }

    pub(super) fn rss(&self) -> Option<u64> {
        process::memory(self.pid()?, "VmRSS")
    }

    pub(super) fn log_tail(&self) -> String {
        let all = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = all.lines().collect();
        lines[lines.len().saturating_sub(TAIL)..].join("\n")
    }
}
