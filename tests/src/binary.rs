//! The real binary and the bundle that it judges with.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The bundle of the suites, from the root of the repository.
const MODEL: &str = "models/sitr";

/// Root of the repository.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("invariant: the suites are a folder of the workspace")
}

/// Directory of the bundle that the suites judge with.
#[must_use]
pub fn model_dir() -> PathBuf {
    root().join(MODEL)
}

/// The binary `sitr` next to the running test, as `cargo test --workspace` has just built it; built first where it is missing.
/// `SITR_BIN` names another.
///
/// Not built each time: cargo's choice of features for one package differs from that for the workspace, and would compile the
/// inference engine again. A run of these suites alone takes the binary that is there.
///
/// # Panics
/// It cannot be built.
#[must_use]
pub fn sitr_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| env::var_os("SITR_BIN").map_or_else(found, PathBuf::from))
}

fn found() -> PathBuf {
    let test = env::current_exe().expect("invariant: a running test has a file");
    // target/<profile>/deps/<test>
    let profile_dir = test.parent().and_then(Path::parent).expect("invariant: cargo puts tests into deps/");
    let binary = profile_dir.join("sitr");
    if !binary.is_file() {
        build(profile_dir);
    }
    binary
}

fn build(profile_dir: &Path) {
    let target = profile_dir.parent().expect("invariant: a profile's directory is in the target directory");
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--quiet", "--workspace", "--target-dir"]).arg(target).current_dir(root());
    if profile_dir.ends_with("release") {
        command.arg("--release");
    }
    let output = command.output().unwrap_or_else(|e| panic!("cargo could not be started: {e}"));
    assert!(output.status.success(), "sitr could not be built:\n{}", String::from_utf8_lossy(&output.stderr));
}

/// A command of the binary, without what the environment would say of logs.
#[must_use]
pub fn sitr(args: &[&str]) -> Command {
    let mut command = Command::new(sitr_binary());
    command.args(args).env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

/// Exit code, standard output and standard error of a command that has ended.
#[derive(Debug, Clone)]
pub struct Said {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs a command to its end.
///
/// # Panics
/// It cannot be started.
#[must_use]
pub fn said(command: &mut Command) -> Said {
    let Output { status, stdout, stderr } = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Said { code: status.code(), out: text(stdout), err: text(stderr) }
}
