//! The loud line of a test that cannot run.

use std::io::Write as _;

/// Writes `SKIPPED: <test>: <why>` to stderr, past the capture of the test harness, where `.ci/run` counts it.
///
/// Call it once a test and return from the test.
pub fn skipped(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // The leading line break: a harness with one thread has already written `test <name> ... ` on this line.
    // A closed stderr leaves nobody to tell.
    let _ = writeln!(std::io::stderr(), "\nSKIPPED: {test}: {why}");
}
