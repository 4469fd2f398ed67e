//! `sitr classify` as its user meets it: everything comes out, in order, in bounded memory, and a post's scores are its own.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use sitr_tests::posts::{self, Dice};
use sitr_tests::{Decided, Running, apply_topics, classify, kafka::Cluster, memory, model_dir, root, sitr};

/// Most resident memory that a run over any input may take.
const MOST_BYTES: u64 = 600 << 20;

fn demo_posts() -> Vec<String> {
    let file = fs::read_to_string(root().join("demo/posts.jsonl")).expect("the demonstration has posts");
    let plain = |line: &str| {
        let post: Value = serde_json::from_str(line).expect("a post is JSON");
        serde_json::json!({ "post_id": post["post_id"], "text": post["text"] }).to_string()
    };
    file.lines().map(plain).collect()
}

/// A line of a mixture: a post by its id, or a broken line by its reason.
enum Line {
    Good(String),
    Broken(&'static str),
}

fn mixture(path: &Path) -> Vec<Line> {
    let mut dice = Dice::new(11);
    // A record without a value, or with a line break in it, is no line of a file.
    let classes: Vec<(Vec<u8>, &str)> = posts::poisons("mark")
        .into_iter()
        .filter_map(|poison| Some((poison.value?, poison.reason)))
        .chain([(format!(r#"{{"post_id":"m","text":"{}"}}"#, "x".repeat(1 << 20)).into_bytes(), "text_too_long")])
        .collect();
    let (mut bytes, mut lines) = (Vec::new(), Vec::new());
    for (number, post) in posts::posts("p", 20_000, &mut dice).into_iter().enumerate() {
        if number % 100 == 0 {
            let (value, reason) = &classes[number / 100 % classes.len()];
            bytes.extend_from_slice(value);
            bytes.push(b'\n');
            lines.push(Line::Broken(reason));
        }
        bytes.extend_from_slice(post.as_bytes());
        bytes.push(b'\n');
        lines.push(Line::Good(format!("p-{number}")));
    }
    fs::write(path, bytes).expect("the input can be written");
    lines
}

#[test]
fn every_line_becomes_a_decision_in_order_or_a_dead_letter_with_its_number_and_memory_stays_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let (input, out, dead) = (dir.path().join("in.jsonl"), dir.path().join("out.jsonl"), dir.path().join("dead.jsonl"));
    let lines = mixture(&input);
    let mut child = sitr(&["classify", "--all-scores", "--model"])
        .arg(model_dir())
        .arg("--dead-letter")
        .args([&dead, &input])
        .stdout(fs::File::create(&out).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    let status = loop {
        peak = memory(child.id(), "VmHWM").unwrap_or(0).max(peak);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    };
    assert_eq!(status.code(), Some(3), "there were dead letters");
    assert!(peak > 0 && peak < MOST_BYTES, "{peak} bytes resident");

    let read = |path| fs::read_to_string(path).unwrap();
    let decisions: Vec<Value> = read(&out).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&str> = decisions.iter().map(|decision| decision["post_id"].as_str().unwrap()).collect();
    let good = |line: &Line| if let Line::Good(id) = line { Some(id.clone()) } else { None };
    assert_eq!(ids, lines.iter().filter_map(good).collect::<Vec<_>>());
    assert!(decisions.iter().all(|decision| decision["scores"].as_object().unwrap().len() == 10));

    let letters = read(&dead);
    let said: Vec<(usize, String)> = letters
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|letter| (letter["line"].as_u64().unwrap() as usize, letter["reason"].as_str().unwrap().to_owned()))
        .collect();
    let broken = |(number, line): (usize, &Line)| match line {
        Line::Broken(reason) => Some((number + 1, (*reason).to_owned())),
        Line::Good(_) => None,
    };
    assert_eq!(said, lines.iter().enumerate().filter_map(broken).collect::<Vec<_>>());
    let _ = writeln!(
        std::io::stderr(),
        "\nclassify: {} in, {} decisions, {} dead letters, {} MB resident at most",
        lines.len(),
        decisions.len(),
        said.len(),
        peak >> 20
    );
}

#[test]
fn a_post_has_the_same_decision_alone_among_others_and_in_another_order() {
    let posts = demo_posts();
    let all = classify(&posts, &["--all-scores"]);
    let mut order: Vec<usize> = (0..posts.len()).collect();
    let mut dice = Dice::new(5);
    for last in (1..order.len()).rev() {
        order.swap(last, dice.below(last + 1));
    }
    let shuffled: Vec<String> = order.iter().map(|&at| posts[at].clone()).collect();
    for (decided, &at) in classify(&shuffled, &["--all-scores", "--workers", "1"]).iter().zip(&order) {
        assert_eq!(*decided, all[at]);
    }
    for at in (0..posts.len()).step_by(posts.len() / 12) {
        assert_eq!(classify(&posts[at..=at], &["--all-scores"]), all[at..=at], "alone");
    }
}

#[test]
fn on_kafka_in_one_process_in_two_stages_and_after_a_replay_the_decisions_are_those_of_classify() {
    let Ok(kafka) = Cluster::start(1) else { return };
    let (dir, bootstrap) = (tempfile::tempdir().unwrap(), kafka.bootstrap_servers());
    apply_topics(dir.path(), &bootstrap, 3);
    // Again: nothing to do, and no error.
    apply_topics(dir.path(), &bootstrap, 3);
    let posts = demo_posts();
    let mut expected: Vec<Decided> = classify(&posts, &[]).into_iter().filter(Decided::is_flag).collect();
    expected.sort();
    sitr_tests::send(&bootstrap, "sitr.posts", &posts);

    let mut classifies = Running::start_as(dir.path(), &bootstrap, "a", &["--stage", "classify"], &[]);
    let mut scores = Running::start_as(dir.path(), &bootstrap, "b", &["--stage", "score"], &[]);
    let apart = flags(&bootstrap, expected.len());
    assert_eq!(apart, expected, "two stages: {}\n{}", classifies.log_tail(), scores.log_tail());
    assert!(classifies.terminate().0.success() && scores.terminate().0.success());

    // Another group reads the same records from the beginning and adds the same decisions once more.
    let mut again = Running::start_as(dir.path(), &bootstrap, "c", &[], &[("SITR_KAFKA__GROUP_ID", "replay")]);
    let twice: Vec<Decided> = expected.iter().flat_map(|decided| [decided.clone(), decided.clone()]).collect();
    assert_eq!(flags(&bootstrap, twice.len()), twice, "replay: {}", again.log_tail());
    assert!(again.terminate().0.success());
}

/// What stands in the topics of flags, sorted.
fn flags(bootstrap: &str, wanted: usize) -> Vec<Decided> {
    let records = sitr_tests::read(bootstrap, &["sitr.takedown", "sitr.review", "sitr.care"], wanted);
    let mut all: Vec<_> = records.iter().map(|r| Decided::read(r.value.as_deref().expect("a value"))).collect();
    all.sort();
    all
}
