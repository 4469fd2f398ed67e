//! `sitr run` as its operator meets it, on real Kafka: what it costs idle, what its pages say, how it stops, and what its logs
//! keep to themselves.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sitr_kafka::{Feed, ReadFrom, ReadRecord, Reader};
use sitr_tests::kafka::Cluster;
use sitr_tests::posts::{self, Dice};
use sitr_tests::{
    Decided, Difference, Running, apply_topics, classify, client, model_dir, processor_time, read, root, said, send,
    sitr, skipped,
};

const FLAGS: [&str; 3] = ["sitr.takedown", "sitr.review", "sitr.care"];

fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "\n{line}");
}

/// Waits for the first flag, no longer: there must be work left.
fn await_first(bootstrap: &str, instance: &Running) {
    let reader = Reader::open(&client(bootstrap), &FLAGS, ReadFrom::Beginning).expect("the topics can be read");
    assert!(reader.next(Duration::from_secs(60)).is_some(), "it works: {}", instance.log_tail());
}

fn ids(records: &[ReadRecord]) -> Vec<String> {
    records.iter().map(|r| Decided::read(r.value.as_deref().expect("a decision has a value")).id).collect()
}

fn promtool() -> Option<PathBuf> {
    let own = root().join("target/tools/bin/promtool");
    let on_path = || Command::new("promtool").arg("--version").output().is_ok().then(|| PathBuf::from("promtool"));
    own.is_file().then_some(own).or_else(on_path)
}

#[test]
fn an_idle_instance_costs_under_two_percent_of_a_core_and_says_how_it_is() {
    let Ok(kafka) = Cluster::start(1) else { return };
    let (dir, bootstrap) = (tempfile::tempdir().unwrap(), kafka.bootstrap_servers());
    apply_topics(dir.path(), &bootstrap, 6);
    let mut instance = Running::start(dir.path(), &bootstrap, "sitr-0");
    instance.await_ready();
    for page in ["/livez", "/readyz", "/version"] {
        let (status, _) = instance.page(page).unwrap();
        assert!(status.contains("200"), "{page}: {status}");
    }
    assert!(instance.page("/version").unwrap().1.contains("sitr-ngrams"));

    // Joining the group is over; now nothing happens.
    std::thread::sleep(Duration::from_secs(2));
    let (before, begun) = (processor_time(instance.pid()).unwrap(), Instant::now());
    std::thread::sleep(Duration::from_secs(10));
    let used = processor_time(instance.pid()).unwrap() - before;
    let share = used.as_secs_f64() / begun.elapsed().as_secs_f64();
    say(&format!("idle: {:.2} % of a core", share * 100.0));
    assert!(share < 0.02, "{used:?} within {:?}", begun.elapsed());

    let (_, metrics) = instance.page("/metrics").unwrap();
    assert!(metrics.contains("sitr_ready 1"), "{metrics}");
    if let Some(promtool) = promtool() {
        let mut check = Command::new(promtool);
        check.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut check = check.spawn().unwrap();
        check.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
        let output = check.wait_with_output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && complaint.trim().is_empty(), "{complaint}");
    } else {
        skipped("no promtool here; `scripts/bootstrap.sh --monitoring` brings it");
    }
    let (status, _) = instance.terminate();
    assert!(status.success());
}

#[test]
fn sigterm_under_load_drains_within_ten_seconds_and_nothing_is_lost() {
    const POSTS: usize = 20_000;
    let Ok(kafka) = Cluster::start(1) else { return };
    let (dir, bootstrap) = (tempfile::tempdir().unwrap(), kafka.bootstrap_servers());
    apply_topics(dir.path(), &bootstrap, 6);
    let posts = posts::posts("x", POSTS, &mut Dice::new(3));
    let expected: Vec<_> = classify(&posts, &[]).into_iter().filter(Decided::is_flag).map(|d| d.id).collect();
    let mut instance = Running::start(dir.path(), &bootstrap, "sitr-0");
    instance.await_ready();
    send(&bootstrap, "sitr.posts", &posts);
    await_first(&bootstrap, &instance);

    let (status, took) = instance.terminate();
    let until_then = read(&bootstrap, &FLAGS, 1).len();
    say(&format!("SIGTERM under load: {status} after {took:.1?}, {until_then} of {} flags were out", expected.len()));
    assert!(status.success() && took < Duration::from_secs(10), "{status} after {took:?}: {}", instance.log_tail());
    assert!(until_then < expected.len(), "there was no load any more");

    // The same name again, as a restarted container has it: another name would wait until the group gives the old one up.
    instance.again();
    let seen = ids(&read(&bootstrap, &FLAGS, expected.len()));
    let difference = Difference::between(expected, seen);
    say(&format!("drain and restart: {}", difference.counts()));
    assert!(difference.is_none(), "{:?}", difference.examples());
    assert!(instance.terminate().0.success());
}

/// No text, no key of a person and no piece of a broken record may stand in what an operator sees.
#[test]
fn no_log_at_any_level_and_no_metric_holds_a_word_of_a_post() {
    const MARK: &str = "zqxcanary";
    let Ok(kafka) = Cluster::start(1) else { return };
    let (dir, bootstrap) = (tempfile::tempdir().unwrap(), kafka.bootstrap_servers());
    apply_topics(dir.path(), &bootstrap, 2);
    let post = |n: usize| {
        format!(
            r#"{{"post_id":"p{n}","text":"envoie {n}00 euros avant ce soir sinon je publie tes photos à {MARK}","author":{{"key":"{MARK}a"}},"target":{{"key":"{MARK}t"}},"url":"https://{MARK}.example/{n}"}}"#
        )
    };
    let good: Vec<_> = (1..40).map(post).collect();
    let flags = classify(&good, &[]).iter().filter(|decided| decided.is_flag()).count();
    assert!(flags > 0, "a canary that nothing is said about shows nothing");
    let poisons = posts::poisons(MARK);

    let mut instance = Running::start_as(
        dir.path(),
        &bootstrap,
        "sitr-0",
        &[],
        &[("SITR_LOG__LEVEL", "trace"), ("RUST_LOG", "trace")],
    );
    instance.await_ready();
    let feed = Feed::open(&client(&bootstrap)).unwrap();
    for poison in &poisons {
        feed.send("sitr.posts", Some(MARK.as_bytes()), poison.value.as_deref(), &[]).unwrap();
    }
    feed.finish(Duration::from_secs(30)).unwrap();
    send(&bootstrap, "sitr.posts", &good);
    assert_eq!(read(&bootstrap, &FLAGS, flags).len(), flags);
    assert_eq!(read(&bootstrap, &["sitr.dead-letter"], poisons.len()).len(), poisons.len());
    let (_, metrics) = instance.page("/metrics").unwrap();
    assert!(instance.terminate().0.success());

    let log = instance.log();
    assert!(log.contains("starting") && log.contains("draining"), "the log was written: {log}");
    say(&format!("canary: {} bytes of log, {} of metrics", log.len(), metrics.len()));
    assert!(!log.contains(MARK), "the log holds it");
    assert!(!metrics.contains(MARK), "the metrics hold it");

    let input = dir.path().join("mixed.jsonl");
    let broken = poisons.iter().filter_map(|poison| poison.value.clone()).map(|value| [value, b"\n".to_vec()].concat());
    let lines = good.iter().map(|post| format!("{post}\n").into_bytes()).chain(broken).collect::<Vec<_>>().concat();
    std::fs::write(&input, lines).unwrap();
    let said = said(sitr(&["classify", "--model"]).arg(model_dir()).arg(&input).env("RUST_LOG", "trace"));
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert!(!said.err.contains(MARK), "standard error holds it");
}
