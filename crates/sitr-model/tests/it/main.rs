//! Loads the tiny bundles beside these tests, breaks them, and scores with them.

// Helpers outside a #[test] unwrap as freely as tests do.
#![allow(clippy::unwrap_used)]

mod batches;
mod faults;
mod fixture;
mod scores;
