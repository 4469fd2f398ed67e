//! The demo's own consumer of flags, cards of help and dead letters.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sitr_engine::kafka::{ReadRecord, Reader};
use sitr_types::Decision;

use super::{board::Board, session::lock};

const WAIT: Duration = Duration::from_millis(20);

/// Reads until told to stop, and then on until the topics are quiet.
pub(super) fn run(reader: &Reader, dead_letter: &str, board: &Mutex<Board>, stop: &AtomicBool) {
    loop {
        match reader.next(WAIT) {
            Some(record) => take(&record, dead_letter, board),
            None if stop.load(Ordering::Acquire) => return,
            None => {}
        }
    }
}

fn take(record: &ReadRecord, dead_letter: &str, board: &Mutex<Board>) {
    let at = Instant::now();
    if record.topic == dead_letter {
        // Keyed as the post was.
        let post_id = String::from_utf8_lossy(record.key.as_deref().unwrap_or_default()).into_owned();
        lock(board).dead_letter(&post_id);
        return;
    }
    match serde_json::from_slice::<Decision>(record.value.as_deref().unwrap_or_default()) {
        Ok(decision) => lock(board).flagged(decision, at),
        Err(_) => lock(board).fail(format!("{record:?} is not a decision that this version can read")),
    }
}
