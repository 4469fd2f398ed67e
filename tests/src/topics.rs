//! Putting posts into topics and reading what comes out, as the suites do it.

use std::time::{Duration, Instant};

use sitr_kafka::{Feed, ReadFrom, ReadRecord, Reader};

use crate::running::client;

/// Longest wait for the next record of a topic that should still get some.
const QUIET: Duration = Duration::from_secs(15);
/// How long to look on for records too many.
const LOOK_ON: Duration = Duration::from_secs(3);

/// Sends posts, keyed by their number, and waits until all are acknowledged.
///
/// # Panics
/// The broker does not take them.
pub fn send(bootstrap_servers: &str, topic: &str, posts: &[String]) {
    let feed = Feed::open(&client(bootstrap_servers)).expect("a producer");
    for (number, post) in posts.iter().enumerate() {
        let key = number.to_string();
        feed.send(topic, Some(key.as_bytes()), Some(post.as_bytes()), &[]).expect("a record is taken");
    }
    feed.finish(Duration::from_secs(60)).expect("all records are acknowledged");
}

/// Reads committed records from the beginning until `wanted` are there and a moment longer, or until nothing comes.
///
/// # Panics
/// The topics cannot be read.
#[must_use]
pub fn read(bootstrap_servers: &str, topics: &[&str], wanted: usize) -> Vec<ReadRecord> {
    let reader = Reader::open(&client(bootstrap_servers), topics, ReadFrom::Beginning).expect("the topics can be read");
    let (mut all, mut last) = (Vec::new(), Instant::now());
    while last.elapsed() < if all.len() < wanted { QUIET } else { LOOK_ON } {
        if let Some(record) = reader.next(Duration::from_millis(100)) {
            all.push(record);
            last = Instant::now();
        }
    }
    all
}
