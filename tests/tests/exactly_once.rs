//! Whatever dies, a `read_committed` reader sees each decision and each dead letter exactly once: real Kafka, real processes,
//! SIGKILL.

use std::io::Write as _;
use std::time::{Duration, Instant};

use sitr_kafka::{Feed, ReadFrom, ReadRecord, Reader};
use sitr_tests::kafka::Cluster;
use sitr_tests::posts::{self, Dice, Poison};
use sitr_tests::{Decided, Difference, Running, apply_topics, classify, client};

/// Good posts.
const POSTS: usize = 20_000;
/// Records that cannot be judged.
const POISONS: usize = 200;
/// SIGKILLs of instances; the broker is restarted in the middle.
const KILLS: usize = 5;
const PARTITIONS: usize = 6;
/// Nothing new for so long means that nothing will come: longer than a dead instance's transaction and session may last.
const QUIET: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(240);
const OUTPUTS: [&str; 4] = ["sitr.takedown", "sitr.review", "sitr.care", "sitr.dead-letter"];

/// A record with its key, which tells it from all others.
struct Input {
    key: String,
    value: Option<Vec<u8>>,
}

/// What a reader can see of one input: topic, key, and the decision's id or the reason of the dead letter.
type Output = (String, String, String);

fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "\n{line}");
}

/// Posts with poison in between.
fn inputs(good: &[String], dice: &mut Dice) -> (Vec<Input>, Vec<Output>) {
    let classes = posts::poisons("mark");
    let mut dead = Vec::new();
    let mut all: Vec<Input> = good
        .iter()
        .enumerate()
        .map(|(number, post)| Input { key: format!("x-{number}"), value: Some(post.clone().into_bytes()) })
        .collect();
    for number in 0..POISONS {
        let Poison { value, reason } = classes[number % classes.len()].clone();
        let key = format!("poison-{number}");
        dead.push(("sitr.dead-letter".to_owned(), key.clone(), reason.to_owned()));
        all.insert(dice.below(all.len()), Input { key, value });
    }
    (all, dead)
}

/// What `sitr classify` says must be published.
fn expected(good: &[String], dead: Vec<Output>) -> Vec<Output> {
    let decided = classify(good, &[]);
    let flags = decided.iter().enumerate().filter(|(_, decided)| decided.is_flag());
    flags.map(|(n, d)| (format!("sitr.{}", d.verdict), format!("x-{n}"), d.id.clone())).chain(dead).collect()
}

fn seen(record: &ReadRecord) -> Output {
    let key = String::from_utf8(record.key.clone().unwrap_or_default()).expect("keys are text");
    let what = if record.topic == "sitr.dead-letter" {
        String::from_utf8(record.headers["sitr-reason"].clone()).expect("a reason is text")
    } else {
        Decided::read(record.value.as_deref().expect("a decision has a value")).id
    };
    (record.topic.clone(), key, what)
}

/// Reads on until nothing new comes.
fn read_to_the_end(bootstrap: &str, wanted: usize) -> Vec<Output> {
    let reader = Reader::open(&client(bootstrap), &OUTPUTS, ReadFrom::Beginning).expect("the topics can be read");
    let (begun, mut last, mut all) = (Instant::now(), Instant::now(), Vec::new());
    while begun.elapsed() < PATIENCE {
        if let Some(record) = reader.next(Duration::from_millis(200)) {
            all.push(seen(&record));
            last = Instant::now();
        }
        // All there: a moment more, for what would be doubled.
        let enough = if all.len() >= wanted { QUIET / 4 } else { QUIET * 3 };
        if last.elapsed() > enough {
            break;
        }
    }
    all
}

#[test]
fn five_kills_and_a_broker_restart_lose_nothing_and_double_nothing() {
    let Ok(mut kafka) = Cluster::start(1) else { return };
    let (dir, bootstrap, mut dice) = (tempfile::tempdir().unwrap(), kafka.bootstrap_servers(), Dice::new(20_261_126));
    apply_topics(dir.path(), &bootstrap, PARTITIONS);
    let good = posts::posts("x", POSTS, &mut dice);
    let (inputs, dead) = inputs(&good, &mut dice);
    let expected = expected(&good, dead);

    let mut instances = ["sitr-0", "sitr-1"].map(|name| Running::start(dir.path(), &bootstrap, name));
    let feed = Feed::open(&client(&bootstrap)).unwrap();
    for (round, slice) in inputs.chunks(inputs.len().div_ceil(KILLS + 1)).enumerate() {
        for Input { key, value } in slice {
            feed.send("sitr.posts", Some(key.as_bytes()), value.as_deref(), &[]).unwrap();
        }
        feed.finish(Duration::from_secs(60)).unwrap();
        std::thread::sleep(Duration::from_millis(dice.below(1_500) as u64));
        if round < KILLS {
            let victim = dice.below(2);
            instances[victim].again();
            say(&format!("kill -9 of sitr-{victim} after {} records", slice.len() * (round + 1)));
        }
        if round == KILLS / 2 {
            kafka.kill(0);
            kafka.restart(0);
            say("kill -9 and restart of the broker");
        }
    }
    let healed = Instant::now();
    let all = read_to_the_end(&bootstrap, expected.len());
    say(&format!("{} records seen within {:.0?} of the last fault", all.len(), healed.elapsed()));
    let difference = Difference::between(expected.clone(), all);
    say(&format!("{POSTS} posts, {POISONS} poisons, {} outputs: {}", expected.len(), difference.counts()));
    for instance in &mut instances {
        if !difference.is_none() {
            say(&instance.log_tail());
            say(&instance.page("/metrics").map_or_else(String::new, |(_, metrics)| metrics));
        }
        assert!(instance.is_running(), "an instance ended by itself: {}", instance.log_tail());
        let (status, took) = instance.terminate();
        assert!(status.success() && took < Duration::from_secs(10), "{status} after {took:?}: {}", instance.log_tail());
    }
    assert!(difference.is_none(), "{}: {:?}", difference.counts(), difference.examples());
}
