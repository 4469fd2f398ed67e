//! An instance of `sitr run` as an operator would run it: its own configuration, its log in a file, its process.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use sitr_kafka::{KafkaSettings, Security};

use crate::binary::{model_dir, said, sitr};
use crate::process::Process;

/// Pause between two looks at something that another process does.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// An instance that can be killed and started again under the same name, which is what a restarted container does.
#[derive(Debug)]
pub struct Running {
    config: PathBuf,
    log: PathBuf,
    args: Vec<&'static str>,
    environment: Vec<(&'static str, &'static str)>,
    process: Option<Process>,
}

impl Running {
    /// Writes the configuration of instance `name` into `dir` and starts it.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn start(dir: &Path, bootstrap_servers: &str, name: &str) -> Self {
        Self::start_as(dir, bootstrap_servers, name, &[], &[])
    }

    /// The same with more arguments of `sitr run`, and with variables of the environment, which have precedence over its
    /// configuration.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn start_as(
        dir: &Path,
        bootstrap_servers: &str,
        name: &str,
        args: &[&'static str],
        environment: &[(&'static str, &'static str)],
    ) -> Self {
        let config = configuration(dir, bootstrap_servers, name);
        let log = dir.join(format!("{name}.log"));
        let (args, environment) = (args.to_vec(), environment.to_vec());
        let mut instance = Self { config, log, args, environment, process: None };
        instance.again();
        instance
    }

    /// Starts it again, after killing it if it runs; the log goes on.
    ///
    /// # Panics
    /// It cannot be started.
    pub fn again(&mut self) {
        self.kill();
        let log = File::options().create(true).append(true).open(&self.log).expect("the log can be opened");
        let mut command: Command = sitr(&["run", "--config"]);
        command.arg(&self.config).args(&self.args).envs(self.environment.iter().copied()).stderr(log);
        self.process = Some(Process::spawn(&mut command).expect("sitr run starts"));
    }

    /// Ends it as a power cut would: SIGKILL; gone when this returns.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// SIGTERM: how it ended, and after how long.
    ///
    /// # Panics
    /// It does not run, or is still there after a minute.
    pub fn terminate(&mut self) -> (ExitStatus, Duration) {
        let process = self.process.as_mut().expect("the instance runs");
        let asked = Instant::now();
        process.signal(Signal::TERM);
        loop {
            if let Some(status) = process.ended() {
                return (status, asked.elapsed());
            }
            assert!(asked.elapsed() < Duration::from_secs(60), "it does not end after SIGTERM: {}", self.log_tail());
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Its process id.
    ///
    /// # Panics
    /// It does not run.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("the instance runs").id()
    }

    /// Everything that it wrote to standard error.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Status line and body of one of its admin pages; `None` while nobody answers.
    #[must_use]
    pub fn page(&self, path: &str) -> Option<(String, String)> {
        let log = self.log();
        let started = log.lines().rev().find(|line| line.contains("metrics and probes"))?;
        let at = started.find("127.0.0.1:")?;
        let address = started[at..].split(|c: char| c != '.' && c != ':' && !c.is_ascii_digit()).next()?;
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.lines().next()?.to_owned(), body.to_owned()))
    }

    /// Waits until it is ready.
    ///
    /// # Panics
    /// It is not within a minute.
    pub fn await_ready(&self) {
        let begun = Instant::now();
        while !self.page("/readyz").is_some_and(|(status, _)| status.contains("200")) {
            assert!(begun.elapsed() < Duration::from_secs(60), "not ready: {}", self.log_tail());
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Whether it runs.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::is_running)
    }

    /// The last lines of its log.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let all = self.log();
        let lines: Vec<_> = all.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

/// Writes a configuration that differs from the defaults in what a test must choose.
fn configuration(dir: &Path, bootstrap_servers: &str, name: &str) -> PathBuf {
    let path = dir.join(format!("{name}.toml"));
    let model = model_dir();
    let text = format!(
        "[kafka]\nbootstrap_servers = \"{bootstrap_servers}\"\ninstance_id = \"{name}\"\n\
         [model]\ndir = \"{}\"\nworkers = 1\n[admin]\nlisten = \"127.0.0.1:0\"\n",
        model.display()
    );
    fs::write(&path, text).expect("the configuration can be written");
    path
}

/// `sitr topics apply` with that many partitions.
///
/// # Panics
/// It fails.
pub fn apply_topics(dir: &Path, bootstrap_servers: &str, partitions: usize) {
    let config = configuration(dir, bootstrap_servers, "topics");
    let said = said(sitr(&["topics", "apply", "--partitions", &partitions.to_string(), "--config"]).arg(config));
    assert_eq!(said.code, Some(0), "{}", said.err);
}

/// Settings of a client of the suites.
#[must_use]
pub fn client(bootstrap_servers: &str) -> KafkaSettings {
    KafkaSettings {
        bootstrap_servers: bootstrap_servers.to_owned(),
        group_id: "suites".to_owned(),
        instance_id: "suites".to_owned(),
        security: Security::default(),
        session_timeout: Duration::from_secs(30),
        max_poll_interval: Duration::from_secs(300),
        transaction_timeout: Duration::from_secs(15),
        prefetch_kib: 4096,
        extra: BTreeMap::new(),
    }
}
