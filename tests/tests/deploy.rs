//! What `deploy/` holds is checked like code: it parses, its rules do what they say, and it names only metrics that exist.
//!
//! Not shown here: that images build, or that Grafana draws the dashboard. Neither Docker nor Grafana is asked.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("invariant: the suites are a folder of the workspace")
        .to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn yaml(path: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(documents.len(), 1, "{path}");
    documents.remove(0)
}

fn dashboard() -> Value {
    serde_json::from_str(&read("deploy/grafana/dashboards/sitr.json"))
        .expect("the files of the repository have this shape")
}

/// Panels that show something, with their queries.
fn panels(dashboard: &Value) -> Vec<(&str, Vec<&str>)> {
    let panels = dashboard["panels"]
        .as_array()
        .expect("the files of the repository have this shape")
        .iter()
        .filter(|panel| panel["type"] != "row");
    panels
        .map(|panel| {
            let targets = panel["targets"].as_array().expect("the files of the repository have this shape");
            (
                panel["title"].as_str().expect("the files of the repository have this shape"),
                targets
                    .iter()
                    .map(|t| t["expr"].as_str().expect("the files of the repository have this shape"))
                    .collect(),
            )
        })
        .collect()
}

/// Words that begin with `sitr_`, in any text.
fn metric_names(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.starts_with("sitr_")).collect()
}

/// The metrics that the program has. Their names are literals of one file, by invariant T1.
fn catalogue(source: &str) -> BTreeSet<&str> {
    source.split('"').filter(|literal| literal.starts_with("sitr_") && !literal.contains('{')).collect()
}

fn alerts(rules: &Yaml) -> Vec<&Yaml> {
    let groups = rules["groups"].as_vec().expect("the files of the repository have this shape");
    groups
        .iter()
        .flat_map(|group| group["rules"].as_vec().expect("the files of the repository have this shape"))
        .collect()
}

/// The `promtool` that `scripts/bootstrap.sh` unpacks, or that of the path. Says `SKIPPED` where there is none.
fn promtool() -> Option<Command> {
    let unpacked = root().join("target/tools/bin/promtool");
    let program = if unpacked.exists() { unpacked } else { PathBuf::from("promtool") };
    if Command::new(&program).arg("--version").output().is_err() {
        sitr_tests::skipped("no promtool here; `scripts/bootstrap.sh --monitoring` brings it");
        return None;
    }
    let mut command = Command::new(program);
    command.current_dir(root().join("deploy/prometheus"));
    Some(command)
}

fn succeeds(command: &mut Command) {
    let output = command.output().expect("the files of the repository have this shape");
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{said}");
}

#[test]
fn prometheus_takes_its_configuration_and_rules() {
    let Some(mut promtool) = promtool() else { return };
    succeeds(promtool.args(["check", "config", "prometheus.yml"]));
}

#[test]
fn every_alert_fires_when_it_should_and_not_before() {
    let Some(mut promtool) = promtool() else { return };
    succeeds(promtool.args(["test", "rules", "rules_test.yml"]));
}

#[test]
fn every_query_of_the_dashboard_is_valid() {
    let Some(mut promtool) = promtool() else { return };
    let dashboard = dashboard();
    let mut rules = String::from("groups:\n  - name: dashboard\n    rules:\n");
    for (index, expr) in panels(&dashboard).iter().flat_map(|(_, exprs)| exprs).enumerate() {
        // What Grafana puts in before it asks.
        let expr = expr.replace("$__rate_interval", "1m").replace("$instance", ".*");
        rules += &format!("      - record: query:number_{index}\n        expr: {}\n", Value::from(expr));
    }
    let file = tempfile::Builder::new().suffix(".yml").tempfile().unwrap();
    fs::write(file.path(), rules).unwrap();
    succeeds(promtool.args(["check", "rules"]).arg(file.path()));
}

#[test]
fn rules_and_dashboard_name_only_metrics_that_exist() {
    let source = read("crates/sitr-telemetry/src/metrics.rs");
    let known = catalogue(&source);
    assert!(known.len() > 10, "the catalogue was not found: {known:?}");
    for path in
        ["deploy/prometheus/rules.yml", "deploy/prometheus/rules_test.yml", "deploy/grafana/dashboards/sitr.json"]
    {
        for name in metric_names(&read(path)) {
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|s| name.strip_suffix(s)).unwrap_or(name);
            assert!(known.contains(name) || known.contains(family), "{path}: {name} is not in the catalogue");
        }
    }
}

#[test]
fn every_metric_is_shown_on_the_dashboard() {
    let (source, shown) = (read("crates/sitr-telemetry/src/metrics.rs"), read("deploy/grafana/dashboards/sitr.json"));
    let shown = metric_names(&shown);
    for name in catalogue(&source) {
        let histogram = format!("{name}_bucket");
        assert!(shown.contains(name) || shown.contains(histogram.as_str()), "{name} is on no panel");
    }
}

#[test]
fn every_alert_has_severity_summary_runbook_section_and_test() {
    let (rules, runbook, tests) =
        (yaml("deploy/prometheus/rules.yml"), read("deploy/runbook.md"), read("deploy/prometheus/rules_test.yml"));
    for alert in alerts(&rules) {
        let name = alert["alert"].as_str().unwrap();
        assert!(matches!(alert["labels"]["severity"].as_str(), Some("page" | "ticket")), "{name}");
        assert!(alert["annotations"]["summary"].as_str().is_some(), "{name}");
        let place = format!("deploy/runbook.md#{}", name.to_lowercase());
        assert_eq!(alert["annotations"]["runbook"].as_str(), Some(place.as_str()), "{name}");
        assert!(runbook.contains(&format!("\n## {name}\n")), "{name} has no section in the runbook");
        assert!(tests.contains(&format!("alertname: {name}\n        exp_alerts:\n")), "{name} never fires in a test");
    }
}

#[test]
fn every_panel_says_what_it_shows_and_has_a_place_of_its_own() {
    let dashboard = dashboard();
    let all = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = all.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    let places: BTreeSet<_> = all.iter().map(|panel| panel["gridPos"].to_string()).collect();
    assert_eq!((ids.len(), places.len()), (all.len(), all.len()));
    for panel in all.iter().filter(|panel| panel["type"] != "row") {
        assert!(panel["description"].as_str().is_some_and(|text| text.ends_with('.')), "{}", panel["title"]);
    }
}

#[test]
fn grafana_finds_data_source_and_dashboards_where_compose_puts_them() {
    let source = &yaml("deploy/grafana/provisioning/datasources/prometheus.yml")["datasources"][0];
    let provider = &yaml("deploy/grafana/provisioning/dashboards/sitr.yml")["providers"][0];
    let dashboard = dashboard();
    let asked = dashboard["panels"].as_array().unwrap().iter().filter_map(|p| p["datasource"]["uid"].as_str());
    asked.for_each(|uid| assert_eq!(Some(uid), source["uid"].as_str()));
    let folder = provider["options"]["path"].as_str().unwrap();
    let compose = yaml("docker-compose.yml");
    let mounts = compose["services"]["grafana"]["volumes"].as_vec().unwrap();
    let mounted = |at: &str| mounts.iter().any(|m| m.as_str().is_some_and(|m| m.ends_with(&format!(":{at}:ro"))));
    assert!(mounted(folder) && mounted("/etc/grafana/provisioning"));
}

#[test]
fn compose_pins_images_binds_loopback_only_and_runs_the_kafka_of_the_tests() {
    let compose = yaml("docker-compose.yml");
    for (name, service) in compose["services"].as_hash().unwrap() {
        let image = service["image"].as_str().or_else(|| service["<<"]["image"].as_str());
        let (_, tag) = image.and_then(|image| image.split_once(':')).unwrap_or_else(|| panic!("{name:?} has no tag"));
        assert_ne!(tag, "latest", "{name:?}");
        for port in service["ports"].as_vec().into_iter().flatten() {
            assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{name:?} listens on every address");
        }
        for mount in service["volumes"].as_vec().into_iter().flatten().filter_map(Yaml::as_str) {
            let from = mount.split(':').next().unwrap();
            assert!(!from.starts_with('.') || root().join(from).exists(), "{name:?} mounts {from}, which is not there");
        }
    }
    let image = compose["services"]["kafka"]["image"].as_str().unwrap();
    let version = image.strip_prefix("apache/kafka:").unwrap();
    assert!(
        read("tests/kafka/pom.xml").contains(&format!("<version>{version}</version>")),
        "not {version} in the tests"
    );
}

#[test]
fn the_image_is_pinned_and_does_not_run_as_root() {
    let dockerfile = read("deploy/container/Dockerfile");
    for from in dockerfile.lines().filter_map(|line| line.strip_prefix("FROM ")) {
        assert!(from.contains(':') && !from.contains(":latest"), "{from}");
    }
    let user = dockerfile.lines().rev().find_map(|line| line.strip_prefix("USER ")).unwrap();
    assert!(user.split(':').all(|id| id.parse::<u32>().is_ok_and(|id| id > 0)), "{user}");
    let rust = read("rust-toolchain.toml");
    let pinned = dockerfile.lines().find_map(|line| line.strip_prefix("ENV RUSTUP_TOOLCHAIN=")).unwrap();
    assert!(rust.contains(&format!("channel = \"{pinned}\"")), "not the toolchain of rust-toolchain.toml");
}
