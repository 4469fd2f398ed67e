//! `sitr schema`: the generated part of `docs/reference`.

use std::{collections::BTreeMap, io::Write as _, process::ExitCode};

use anyhow::Context as _;
use serde_json::Value;

use crate::{cli::Schema, config};

/// Writes every generated file and prints its path.
pub(super) fn run(args: &Schema) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(&args.out).with_context(|| format!("{} cannot be made", args.out.display()))?;
    let mut out = std::io::stdout().lock();
    for (name, content) in files() {
        let path = args.out.join(name);
        std::fs::write(&path, content).with_context(|| format!("{} cannot be written", path.display()))?;
        writeln!(out, "{}", path.display())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Name and content of every generated file.
fn files() -> Vec<(&'static str, String)> {
    let messages = sitr_types::schema::all().into_iter().map(|(name, schema)| (name, pretty(schema.to_value())));
    let configuration = [("sitr.config.json", pretty(config::schema())), ("configuration.md", config::reference())];
    messages.chain(configuration).collect()
}

/// JSON for people, keys sorted: the same text whatever features of `serde_json` are on.
pub(super) fn pretty(value: Value) -> String {
    let mut text = serde_json::to_string_pretty(&sorted(value)).expect("invariant: a JSON value has a JSON form");
    text.push('\n');
    text
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let by_name: BTreeMap<_, _> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(by_name.into_iter().collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_committed_reference_is_what_the_types_say() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let example = ("../../deploy/sitr.example.toml", config::example());
        for (name, content) in files().into_iter().chain([example]) {
            let committed = std::fs::read_to_string(root.join("docs/reference").join(name)).unwrap_or_default();
            assert!(
                committed == content,
                "{name} is out of date: run `sitr schema` and `sitr config example > deploy/sitr.example.toml`"
            );
        }
    }
}
