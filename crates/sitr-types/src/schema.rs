//! JSON Schemas of the contracts, generated from the types.

use schemars::{Schema, generate::SchemaSettings};

use crate::{Decision, Outcome, Post, Report, Signal};

/// File name and schema of every contract.
#[must_use]
pub fn all() -> Vec<(&'static str, Schema)> {
    let generate = || SchemaSettings::draft2020_12().into_generator();
    vec![
        ("sitr.post.v1.json", generate().into_root_schema_for::<Post>()),
        ("sitr.report.v1.json", generate().into_root_schema_for::<Report>()),
        ("sitr.outcome.v1.json", generate().into_root_schema_for::<Outcome>()),
        ("sitr.signal.v1.json", generate().into_root_schema_for::<Signal>()),
        ("sitr.decision.v1.json", generate().into_root_schema_for::<Decision>()),
    ]
}
