//! The rules of the house, kept by a machine: who may see whom, what stays pure, and what a source file may look like.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

/// Arrows point to the stable side. What a crate may see of the workspace, besides `sitr-types`.
const ARROWS: &[(&str, &[&str])] = &[
    ("sitr", &["sitr-engine", "sitr-eval"]),
    ("sitr-engine", &["sitr-kafka", "sitr-delivery", "sitr-model", "sitr-policy", "sitr-text", "sitr-telemetry"]),
    ("sitr-eval", &[]),
    ("sitr-kafka", &[]),
    ("sitr-delivery", &[]),
    ("sitr-model", &[]),
    ("sitr-policy", &[]),
    ("sitr-text", &[]),
    ("sitr-telemetry", &[]),
    ("sitr-sim", &["sitr-delivery"]),
    ("sitr-types", &[]),
];
/// Crates that tests of other crates may see.
const FOR_TESTS: &[&str] = &["sitr-sim", "sitr-tests"];
/// They look at the house from outside, so the arrows do not bind them.
const SUITES: &[&str] = &["sitr-tests", "sitr-benches"];

/// Dependencies (by the start of their name) that belong to one place, so that another engine, log or runtime is one crate's work.
const OWNED: &[(&str, &[&str])] = &[
    ("rdkafka", &["sitr-kafka"]),
    ("tract", &["sitr-model"]),
    ("tokenizers", &["sitr-model"]),
    ("tokio", &["sitr-engine", "sitr"]),
    ("axum", &["sitr-engine"]),
    ("prometheus", &["sitr-telemetry"]),
    ("tracing-subscriber", &["sitr-telemetry"]),
    ("anyhow", &["sitr"]),
];

/// Crates that compute and do nothing else: the same input gives the same output, on any day and any machine.
const PURE: &[&str] = &["sitr-types", "sitr-text", "sitr-policy", "sitr-delivery", "sitr-eval"];
/// What a pure crate must not reach, not even through a dependency.
const IO_CRATES: &[&str] = &[
    "async-std",
    "axum",
    "crossterm",
    "hyper",
    "mio",
    "nix",
    "polling",
    "prometheus",
    "rdkafka",
    "rdkafka-sys",
    "reqwest",
    "rustix",
    "signal-hook",
    "smol",
    "socket2",
    "tempfile",
    "tokio",
    "tracing-subscriber",
];
/// What a pure crate must not call.
const IO_CALLS: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "Instant::now(",
    "SystemTime::now(",
    "now_utc(",
];

const LONGEST_FILE: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("invariant: the suites are a folder of the workspace")
        .to_owned()
}

fn workspace() -> Metadata {
    // Crates of other systems may never have been downloaded.
    let rustc = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let said = String::from_utf8(rustc.stdout).expect("rustc speaks UTF-8");
    let host = said.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host").to_owned();
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(["--locked".to_owned(), "--filter-platform".to_owned(), host])
        .exec()
        .expect("the workspace has metadata")
}

/// Members that the arrows bind.
fn bound(metadata: &Metadata) -> Vec<&Package> {
    metadata.workspace_packages().into_iter().filter(|p| !SUITES.contains(&p.name.as_str())).collect()
}

#[test]
fn every_arrow_points_to_the_stable_side() {
    let metadata = workspace();
    let members: BTreeSet<_> = metadata.workspace_packages().iter().map(|p| p.name.to_string()).collect();
    let arrows: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    for package in bound(&metadata) {
        let name = package.name.as_str();
        let allowed = arrows.get(name).unwrap_or_else(|| panic!("{name} is new: say in ARROWS what it may see"));
        for dependency in package.dependencies.iter().filter(|d| members.contains(&d.name)) {
            let seen = dependency.name.as_str();
            let for_tests = dependency.kind == DependencyKind::Development && FOR_TESTS.contains(&seen);
            let stable = seen == "sitr-types" && name != "sitr-types";
            assert!(stable || for_tests || allowed.contains(&seen), "{name} must not see {seen}");
        }
    }
}

#[test]
fn each_engine_log_and_runtime_is_named_by_its_owner_only() {
    let metadata = workspace();
    for package in bound(&metadata) {
        for dependency in &package.dependencies {
            for (owned, owners) in OWNED.iter().filter(|(owned, _)| dependency.name.starts_with(owned)) {
                assert!(
                    owners.contains(&package.name.as_str()),
                    "{} depends on {}, but {owned} belongs to {owners:?}",
                    package.name,
                    dependency.name
                );
            }
        }
    }
}

#[test]
fn pure_crates_reach_no_crate_that_does_io() {
    let metadata = workspace();
    let names: BTreeMap<_, _> = metadata.packages.iter().map(|p| (&p.id, p.name.as_str())).collect();
    for package in bound(&metadata).into_iter().filter(|p| PURE.contains(&p.name.as_str())) {
        for id in reach(&metadata, &package.id) {
            assert!(!IO_CRATES.contains(&names[id]), "{} reaches {}", package.name, names[id]);
        }
    }
}

/// Everything that ends up in a build of `from`: normal dependencies of normal dependencies, and so on.
fn reach<'a>(metadata: &'a Metadata, from: &'a PackageId) -> BTreeSet<&'a PackageId> {
    let resolve = metadata.resolve.as_ref().expect("invariant: metadata was asked for with dependencies");
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let mut seen = BTreeSet::new();
    let mut next = vec![from];
    while let Some(id) = next.pop() {
        if seen.insert(id) {
            let normal = nodes[id].deps.iter().filter(|d| d.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal));
            next.extend(normal.map(|dependency| &dependency.pkg));
        }
    }
    seen
}

#[test]
fn pure_crates_call_neither_clock_nor_system() {
    for name in PURE {
        for file in files(&root().join("crates").join(name).join("src"), &["rs"]) {
            let text = fs::read_to_string(&file).unwrap();
            // Unit tests at the end of a file may do as they like.
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for call in IO_CALLS {
                assert!(!code.contains(call), "{} uses {call}", file.display());
            }
        }
    }
}

#[test]
fn unsafe_code_is_forbidden_in_every_crate() {
    let metadata = workspace();
    let manifest = |path: &Path| fs::read_to_string(path).unwrap().parse::<toml::Table>().unwrap();
    let rules = &manifest(&root().join("Cargo.toml"))["workspace"]["lints"]["rust"];
    assert_eq!(rules["unsafe_code"].as_str(), Some("forbid"));
    for package in metadata.workspace_packages() {
        let own = manifest(package.manifest_path.as_std_path());
        let inherits = own.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(inherits, Some(true), "{} must have `[lints] workspace = true`", package.name);
    }
}

#[test]
fn no_source_file_is_longer_than_five_hundred_lines() {
    for file in files(&root(), &["rs"]) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines: split it by reason to change", file.display());
    }
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    // In two parts, so that this file does not name them itself.
    let places = [["/ro", "ot/"], ["/wo", "rk/"], ["/Use", "rs/"], ["/ho", "me/"], ["C:", "\\"]].map(|p| p.concat());
    let kinds =
        ["rs", "toml", "md", "yml", "yaml", "json", "sh", "py", "xml", "properties", "Makefile", "Dockerfile", "run"];
    for file in files(&root(), &kinds) {
        let text = fs::read_to_string(&file).unwrap();
        for place in &places {
            assert!(!text.contains(place.as_str()), "{} names {place}", file.display());
        }
    }
}

/// Files below `dir` whose extension, or whole name, is one of `kinds`; what `.gitignore` leaves out is left out.
fn files(dir: &Path, kinds: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
        if path.is_dir() {
            let ignored = matches!(name.as_str(), "target" | ".git" | ".venv" | "__pycache__" | "node_modules");
            if !ignored && !path.ends_with("models/training/work") {
                found.extend(files(&path, kinds));
            }
        } else if kinds.contains(&name.as_str())
            || path.extension().is_some_and(|e| kinds.contains(&&*e.to_string_lossy()))
        {
            found.push(path);
        }
    }
    found
}
