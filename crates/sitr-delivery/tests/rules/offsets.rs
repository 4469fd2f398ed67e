//! D1 to D5: positions, transactions, late answers, aborts.

use std::time::Duration;

use sitr_delivery::{Command, DeliverySettings, Event, StopReason};

use crate::{INTERVAL, Rig, at, commit, is_release, p, seek};

#[test]
fn d1_positions_cover_the_contiguous_prefix_of_what_was_fetched() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    for offset in [0, 5, 6] {
        rig.fetch(0, offset);
    }
    rig.done(0, 6, Some("c"));
    assert_eq!(rig.machine.next_deadline(), None, "nothing is ready behind a running record");
    rig.done(0, 0, Some("a"));
    let unit = commit(rig.wait());
    assert_eq!((unit.outputs, unit.offsets), (vec!["a"], vec![(p(0), at(1))]));
    rig.send(Event::Committed(unit.id));
    rig.done(0, 5, Some("b"));
    let unit = commit(rig.wait());
    assert_eq!((unit.outputs, unit.offsets), (vec!["b", "c"], vec![(p(0), at(7))]));
}

#[test]
fn d1_a_log_that_goes_back_below_what_is_committed_is_fatal_and_a_repeat_is_not() {
    let mut rig = Rig::new();
    rig.send(Event::Assigned(vec![(p(0), Some(at(5)))]));
    rig.fetch(0, 5);
    rig.fetch(0, 6);
    assert!(rig.fetch(0, 6).is_empty());
    assert_eq!(rig.machine.status(rig.now).repeats_dropped, 1);
    assert!(matches!(rig.fetch(0, 4)[..], [Command::Stop(StopReason::Fatal(_))]));
}

#[test]
fn d3_one_transaction_at_a_time_and_the_next_takes_what_gathered() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    rig.fetch(0, 0);
    rig.fetch(0, 1);
    rig.done(0, 0, Some("a"));
    let first = commit(rig.wait());
    rig.done(0, 1, Some("b"));
    rig.now += INTERVAL * 10;
    assert!(rig.send(Event::Tick).is_empty());
    assert_eq!(rig.machine.next_deadline(), None);
    let second = commit(rig.send(Event::Committed(first.id)));
    assert_eq!(second.offsets, [(p(0), at(2))]);
}

#[test]
fn d4_an_answer_for_a_partition_that_went_and_came_back_is_not_taken_for_a_new_one() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    rig.fetch(0, 0);
    let old = rig.work[&(0, 0)];
    assert!(is_release(&rig.lose(1, &[0]), 1));
    rig.assign(&[0]);
    rig.fetch(0, 0);
    assert!(!rig.machine.is_live(old));
    rig.send(Event::Done { work: old, output: Some("stale"), output_bytes: 5, records: 1 });
    assert_eq!(rig.machine.next_deadline(), None, "the stale answer makes nothing ready");
    rig.done(0, 0, Some("fresh"));
    assert_eq!(commit(rig.wait()).outputs, ["fresh"]);
}

#[test]
fn d5_an_abort_rewinds_every_partition_with_uncommitted_records_and_outputs_are_made_again() {
    let mut rig = Rig::new();
    rig.send(Event::Assigned(vec![(p(0), Some(at(10))), (p(1), None), (p(2), Some(at(3)))]));
    rig.fetch(0, 10);
    rig.fetch(0, 11);
    rig.fetch(1, 40);
    rig.done(0, 10, Some("a"));
    let unit = commit(rig.wait());
    let seeks = seek(rig.send(Event::Aborted(unit.id)));
    let places: Vec<_> = seeks.iter().map(|seek| (seek.partition.partition, seek.to.get())).collect();
    assert_eq!(places, [(0, 10), (1, 40)], "1 has no committed position, 2 has nothing to go back for");

    rig.done(0, 11, Some("late"));
    assert!(rig.fetch(0, 12).is_empty(), "from before the seek");
    assert_eq!(rig.machine.status(rig.now).in_flight_records, 0);
    for seek in seeks {
        rig.send(Event::Rewound { partition: seek.partition, epoch: seek.epoch });
    }
    let stale = rig.work[&(0, 11)];
    rig.fetch(0, 10);
    rig.fetch(0, 11);
    rig.send(Event::Done { work: stale, output: Some("stale"), output_bytes: 5, records: 1 });
    rig.done(0, 10, Some("a"));
    let unit = commit(rig.wait());
    assert_eq!((unit.outputs, unit.offsets), (vec!["a"], vec![(p(0), at(11))]));
    rig.send(Event::Committed(unit.id));
    rig.done(0, 11, Some("b"));
    let unit = commit(rig.wait());
    assert_eq!(seek(rig.send(Event::Aborted(unit.id)))[0].to, at(11), "not further back than what is committed");
}

#[test]
fn d5_only_the_seek_that_was_asked_for_last_ends_the_wait() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    rig.fetch(0, 0);
    let old = rig.work[&(0, 0)].epoch();
    rig.done(0, 0, Some("a"));
    let unit = commit(rig.wait());
    let seeks = seek(rig.send(Event::Aborted(unit.id)));
    rig.send(Event::Rewound { partition: p(0), epoch: old });
    rig.fetch(0, 1);
    assert_eq!(rig.machine.status(rig.now).rewinding, 1);
    rig.send(Event::Rewound { partition: p(0), epoch: seeks[0].epoch });
    assert_eq!(rig.machine.status(rig.now).rewinding, 0);
}

#[test]
fn d5_a_consumer_that_did_not_go_back_far_enough_or_too_far_is_noticed() {
    let mut rig = Rig::new();
    rig.send(Event::Assigned(vec![(p(0), Some(at(10)))]));
    rig.fetch(0, 10);
    rig.done(0, 10, Some("a"));
    let unit = commit(rig.wait());
    let seeks = seek(rig.send(Event::Aborted(unit.id)));
    rig.send(Event::Rewound { partition: p(0), epoch: seeks[0].epoch });
    assert!(matches!(rig.fetch(0, 9)[..], [Command::Stop(StopReason::Fatal(_))]));
}

#[test]
fn d5_a_run_of_aborts_backs_off_and_a_commit_forgets_it() {
    let mut rig = Rig::with(DeliverySettings { commit_interval: Duration::ZERO, ..Default::default() });
    rig.assign(&[0]);
    let mut waits = Vec::new();
    for _ in 0..8 {
        rig.fetch(0, 0);
        let out = rig.done(0, 0, Some("a"));
        let began = rig.now;
        let unit = commit(if out.is_empty() { rig.wait() } else { out });
        waits.push((rig.now - began).as_millis());
        let seeks = seek(rig.send(Event::Aborted(unit.id)));
        rig.send(Event::Rewound { partition: p(0), epoch: seeks[0].epoch });
    }
    assert_eq!(waits, [0, 100, 200, 400, 800, 1600, 3200, 5000]);
    rig.fetch(0, 0);
    rig.done(0, 0, Some("a"));
    let unit = commit(rig.wait());
    rig.send(Event::Committed(unit.id));
    rig.fetch(0, 1);
    assert_eq!(commit(rig.done(0, 1, Some("b"))).outputs, ["b"]);
}
