//! The command as a user meets it: exit codes, what goes to which output, and a reader that leaves early.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

fn model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sitr-model/tests/fixtures/ngrams")
}

fn sitr(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sitr"));
    for (variable, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SITR_")) {
        command.env_remove(variable);
    }
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn classify(args: &[&str]) -> Command {
    let model = model();
    sitr(&[&["classify", "--model", model.to_str().expect("the command runs")], args].concat())
}

/// Feeds all of `input`; a process that stops reading is fine.
fn run(mut command: Command, input: &[u8]) -> Output {
    let mut child: Child = command.spawn().expect("the command runs");
    let mut stdin = child.stdin.take().expect("the command runs");
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("the command runs");
    let _ = feeder.join().expect("the command runs");
    output
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the command runs")
}

#[test]
fn good_posts_end_with_0_and_one_decision_each() {
    let output =
        run(classify(&[]), b"{\"post_id\":\"a\",\"text\":\"salam\"}\n{\"post_id\":\"b\",\"text\":\"labas\"}\n");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let ids: Vec<String> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["post_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["a", "b"]);
    assert!(text(&output.stderr).starts_with("2 posts in "), "{}", text(&output.stderr));
}

#[test]
fn dead_letters_end_with_3_and_are_kept_or_told() {
    let input = b"{\"post_id\":\"a\",\"text\":\"salam\"}\n\nno json\n";
    let output = run(classify(&[]), input);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("  -:3: invalid_json: "), "{}", text(&output.stderr));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dead.jsonl");
    let output = run(classify(&["--dead-letter", path.to_str().unwrap()]), input);
    assert_eq!(output.status.code(), Some(3));
    let dead = std::fs::read_to_string(&path).unwrap();
    let reasons: Vec<Value> =
        dead.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["reason"].clone()).collect();
    assert_eq!(reasons, ["empty_record", "invalid_json"]);
}

#[test]
fn an_input_is_not_overwritten_by_its_dead_letters() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("in.jsonl");
    std::fs::write(&path, "no json\n").unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(run(classify(&[path, "--dead-letter", path]), b"").status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "no json\n");
}

#[test]
fn a_reader_that_leaves_early_ends_the_work_quietly() {
    let post = b"{\"post_id\":\"a\",\"text\":\"salam\"}\n";
    let mut child = classify(&[]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(post).unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    // The answer comes while the input is still open.
    stdout.read_line(&mut line).unwrap();
    assert!(line.contains("\"post_id\":\"a\""));
    drop(stdout);
    // The next decision meets a closed pipe, and the command ends although its input does not.
    stdin.write_all(post).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    drop(stdin);
}

#[test]
fn a_wrong_command_line_configuration_or_bundle_ends_with_2() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("sitr.toml");
    std::fs::write(&config, "[delivery]\nmode = \"once\"\n").unwrap();
    let config = config.to_str().unwrap();
    for args in [
        &["classify", "--no-such-option"][..],
        &["classify", "--model", "/nonexistent"],
        &["run", "--config", config],
        &["run", "--config", "/nonexistent.toml"],
        &["topics", "apply", "--config", config, "--partitions", "1"],
        &["config", "check", "--config", config],
    ] {
        let output = run(sitr(args), b"");
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{args:?}");
    }
    assert_eq!(run(classify(&["/nonexistent.jsonl"]), b"").status.code(), Some(1));
    let mut command = sitr(&["config", "check"]);
    command.env("SITR_KAFKA__GROPU_ID", "x");
    let output = run(command, b"");
    assert!(text(&output.stderr).contains("did you mean `group_id`?"), "{}", text(&output.stderr));
}

#[test]
fn the_example_is_a_valid_configuration_and_the_help_names_the_exit_codes() {
    let example = run(sitr(&["config", "example"]), b"");
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("sitr.toml");
    std::fs::write(&config, &example.stdout).unwrap();
    let output = run(sitr(&["config", "check", "--config", config.to_str().unwrap()]), b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let help = run(sitr(&["--help"]), b"");
    assert_eq!(help.status.code(), Some(0));
    assert!(text(&help.stdout).contains("3  classify: there were dead letters"));
}

#[test]
fn normalize_gives_a_line_for_a_line() {
    let input = "{\"post_id\":\"a\",\"text\":\"SALAM\"}\nbad\n";
    let output = run(sitr(&["normalize", "--words", "--cues"]), input.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let lines: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["words"], serde_json::json!(["salam"]));
    assert!(lines[1]["post_id"].is_null() && lines[1]["error"].is_string());
}

#[test]
fn a_sound_bundle_is_described() {
    let output = run(sitr(&["model", "check", model().to_str().unwrap()]), b"");
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("the bundle is sound"));
}
