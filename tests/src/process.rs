//! A child that does not outlive us, and what the system says of it.

use std::fs;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal};

/// A child that dies with us. Drop can not promise that alone: a test process may be killed. So a second child waits for the
/// end of a pipe that only we hold, and then kills the first.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    guard: Child,
}

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> std::io::Result<Self> {
        // A process group of its own: Ctrl-C at a terminal is for us to handle, not for the child.
        let mut child = command.process_group(0).spawn()?;
        let guard = Command::new("sh")
            .args(["-c", "read -r _ || kill -KILL \"$1\"", "guard", &child.id().to_string()])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match guard {
            Ok(guard) => Ok(Self { child, guard }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error)
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended; `None` while it runs.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("invariant: a child can be waited for")
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.ended().is_none()
    }

    /// Sends a signal to a child that is not reaped yet, so that its process id can not belong to another process.
    pub(crate) fn signal(&mut self, signal: Signal) {
        if self.is_running() {
            // It may have ended since; then nobody is there to be told.
            let _ = rustix::process::kill_process(Pid::from_child(&self.child), signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // `kill` does nothing when the child was reaped by `is_running`. Errors: there is nothing left to do about one.
        let _ = self.child.kill();
        // The guard is told off before the child is reaped: from then on its process id may be another's.
        if let Some(stdin) = &mut self.guard.stdin {
            let _ = stdin.write_all(b"\n");
        }
        let _ = self.guard.wait();
        let _ = self.child.wait();
    }
}

/// A size of process `pid` in bytes, by its name in `/proc/PID/status`; `None` when it does not run.
#[must_use]
pub fn memory(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kib = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    kib.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Processor time that process `pid` has used, user and system; `None` when it does not run.
#[must_use]
pub fn processor_time(pid: u32) -> Option<std::time::Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program, in brackets, may hold blanks.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    // A tick is 10 ms in everything that Linux shows to programs.
    Some(std::time::Duration::from_millis(ticks * 10))
}
