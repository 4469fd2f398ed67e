//! D6 to D10: load, poison, endings, rebalances, when a transaction begins.

use std::time::Duration;

use sitr_delivery::{Command, DeliverySettings, Event, RebalanceId, StopReason};

use crate::{BUDGET, INTERVAL, Rig, at, commit, is_release, p};

#[test]
fn d6_partitions_pause_at_the_bound_and_resume_at_half() {
    let settings =
        DeliverySettings { max_in_flight_bytes: 4_000, max_bytes_per_commit: 1_000, ..DeliverySettings::default() };
    let mut rig = Rig::with(settings);
    rig.assign(&[0, 1]);
    for offset in 0..3 {
        assert!(rig.fetch_sized(0, offset, 936).is_empty());
    }
    assert!(matches!(&rig.fetch_sized(0, 3, 936)[..], [Command::Pause(paused)] if *paused == [p(0), p(1)]));
    assert!(matches!(&rig.assign(&[2])[..], [Command::Pause(paused)] if *paused == [p(2)]), "new ones pause too");
    assert!(rig.fetch_sized(1, 0, 936).is_empty(), "what slipped through is taken");
    assert!(rig.done(0, 3, None).is_empty());
    assert!(rig.done(0, 2, None).is_empty());
    assert!(rig.done(0, 1, None).is_empty(), "still over half");
    assert!(
        matches!(&rig.done(1, 0, None)[..], [Command::Resume(resumed)] if *resumed == [p(0), p(1), p(2)]),
        "{:?}",
        rig.machine.status(rig.now)
    );
}

#[test]
fn d6_a_partition_with_a_long_backlog_is_paused_alone_at_its_share_and_does_not_starve_the_others() {
    let mut rig = Rig::with(DeliverySettings { max_in_flight_cost: 100, ..DeliverySettings::default() });
    rig.assign(&[0, 1]);
    // A share is 50; each record costs 10.
    for offset in 0..4 {
        assert!(rig.fetch_sized(0, offset, 40).is_empty());
    }
    assert!(matches!(&rig.fetch_sized(0, 4, 40)[..], [Command::Pause(paused)] if *paused == [p(0)]));
    assert!(rig.fetch_sized(1, 0, 40).is_empty(), "its neighbour is read on");
    let status = rig.machine.status(rig.now);
    assert_eq!((status.paused, status.paused_partitions), (false, 1));
    assert!(rig.done(0, 0, None).is_empty());
    assert!(rig.done(0, 2, None).is_empty(), "still over half of its share");
    assert!(matches!(&rig.done(0, 1, None)[..], [Command::Resume(resumed)] if *resumed == [p(0)]));
}

#[test]
fn d6_work_of_a_lost_partition_counts_until_it_is_answered() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    rig.fetch_sized(0, 0, 5_000);
    rig.lose(1, &[0]);
    assert_eq!(rig.machine.status(rig.now).in_flight_bytes, 5_064);
    rig.done(0, 0, Some("late"));
    let status = rig.machine.status(rig.now);
    assert_eq!((status.in_flight_bytes, status.in_flight_cost, status.late_dropped), (0, 0, 1));
}

#[test]
fn d6_a_paused_input_with_idle_workers_does_not_wait_for_the_interval() {
    let settings =
        DeliverySettings { max_in_flight_bytes: 1_000, max_bytes_per_commit: 500, ..DeliverySettings::default() };
    let mut rig = Rig::with(settings);
    rig.assign(&[0]);
    assert_eq!(rig.fetch_sized(0, 0, 1_000).len(), 1);
    let work = rig.work[&(0, 0)];
    let out = rig.send(Event::Done { work, output: Some("x"), output_bytes: 600, records: 1 });
    assert_eq!(commit(out).outputs, ["x"]);
}

#[test]
fn d7_poison_is_written_like_any_output_and_does_not_hold_its_partition() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    for offset in 0..3 {
        rig.fetch(0, offset);
    }
    rig.done(0, 0, None);
    rig.done(0, 1, Some("dead letter"));
    rig.done(0, 2, Some("takedown"));
    let unit = commit(rig.wait());
    assert_eq!((unit.outputs, unit.offsets), (vec!["dead letter", "takedown"], vec![(p(0), at(3))]));
}

#[test]
fn d8_a_drain_finishes_commits_and_stops() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    rig.fetch(0, 0);
    assert!(matches!(rig.send(Event::Drain)[..], [Command::Pause(_)]));
    rig.fetch(0, 1);
    assert!(!rig.work.contains_key(&(0, 1)), "nothing new is begun");
    let unit = commit(rig.done(0, 0, Some("a")));
    assert!(matches!(rig.send(Event::Committed(unit.id))[..], [Command::Stop(StopReason::Drained)]));
    assert!(is_release(&rig.revoke(1, &[0]), 1), "closing the consumer revokes");
    assert!(rig.send(Event::Abort).is_empty(), "stop is said once");
}

#[test]
fn d8_a_drain_whose_transaction_is_aborted_does_not_say_drained() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    rig.fetch(0, 0);
    rig.send(Event::Drain);
    let unit = commit(rig.done(0, 0, Some("a")));
    assert!(matches!(rig.send(Event::Aborted(unit.id))[..], [Command::Stop(StopReason::Aborted)]));
}

#[test]
fn d8_abort_stops_at_once_and_a_rebalance_still_waits_for_the_transaction() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    rig.fetch(0, 0);
    rig.done(0, 0, Some("a"));
    let unit = commit(rig.wait());
    assert!(matches!(rig.send(Event::Abort)[..], [Command::Stop(StopReason::Aborted)]));
    assert!(rig.revoke(1, &[0]).is_empty());
    assert!(is_release(&rig.send(Event::Committed(unit.id)), 1));
}

#[test]
fn d9_a_revocation_waits_for_running_work_commits_it_and_releases() {
    let mut rig = Rig::new();
    rig.assign(&[0, 1]);
    rig.fetch(0, 0);
    rig.fetch(1, 0);
    assert!(rig.revoke(1, &[0]).is_empty());
    rig.fetch(0, 1);
    let unit = commit(rig.done(0, 0, Some("a")));
    assert_eq!(unit.offsets, [(p(0), at(1))], "and takes no new record");
    assert!(is_release(&rig.send(Event::Committed(unit.id)), 1));
    rig.done(1, 0, Some("b"));
    assert_eq!(commit(rig.wait()).outputs, ["b"], "the other partition goes on");
}

#[test]
fn d9_when_the_budget_is_spent_the_ready_prefix_is_committed_and_the_rest_left() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    rig.fetch(0, 0);
    rig.fetch(0, 1);
    rig.fetch(0, 2);
    rig.done(0, 2, Some("c"));
    let began = rig.now;
    rig.revoke(1, &[0]);
    rig.now += BUDGET - Duration::from_millis(1);
    rig.done(0, 0, Some("a"));
    let unit = commit(rig.wait());
    assert_eq!((rig.now, unit.offsets), (began + BUDGET, vec![(p(0), at(1))]));
    rig.done(0, 1, Some("late"));
    assert!(is_release(&rig.send(Event::Committed(unit.id)), 1));
}

#[test]
fn d9_a_lost_partition_is_dropped_at_once_but_waits_for_the_transaction_that_contains_it() {
    let mut rig = Rig::new();
    rig.assign(&[0, 1]);
    rig.fetch(0, 0);
    rig.done(0, 0, Some("a"));
    let unit = commit(rig.wait());
    assert!(is_release(&rig.lose(1, &[1]), 1), "not part of it");
    assert!(rig.lose(2, &[0]).is_empty());
    let out = rig.send(Event::Aborted(unit.id));
    assert!(is_release(&out, 2), "and no seek: {out:?}");
}

#[test]
fn d9_a_stuck_transaction_of_others_does_not_hold_a_revocation_for_ever() {
    let mut rig = Rig::new();
    rig.assign(&[0, 1]);
    rig.fetch(1, 0);
    rig.done(1, 0, Some("other"));
    commit(rig.wait());
    rig.fetch(0, 0);
    rig.done(0, 0, Some("mine"));
    let began = rig.now;
    assert!(rig.revoke(1, &[0]).is_empty());
    assert!(is_release(&rig.wait(), 1));
    assert_eq!(rig.now, began + BUDGET * 2);
}

#[test]
fn d10_a_transaction_begins_by_age_or_by_records_or_by_bytes_and_keeps_to_its_caps() {
    let settings =
        DeliverySettings { max_records_per_commit: 2, max_bytes_per_commit: 10, ..DeliverySettings::default() };
    let mut rig = Rig::with(settings);
    rig.assign(&[0, 1]);
    for offset in 0..6 {
        rig.fetch(offset as i32 % 2, offset);
    }
    rig.done(0, 0, Some("a"));
    assert_eq!(rig.machine.next_deadline(), Some(rig.now + INTERVAL));
    rig.done(0, 4, Some("e"));
    let unit = commit(rig.done(0, 2, Some("c")));
    assert_eq!(unit.outputs, ["a", "c"], "two records are a transaction");
    rig.done(1, 1, Some("a long output"));
    let unit = commit(rig.send(Event::Committed(unit.id)));
    assert_eq!(unit.outputs, ["a long output"], "enough bytes are one too, and the other partition is not starved");
    rig.now += INTERVAL / 2;
    assert!(rig.send(Event::Committed(unit.id)).is_empty());
    assert_eq!(rig.machine.next_deadline(), Some(rig.now + INTERVAL / 2), "what a cap left behind keeps its age");
    assert_eq!(commit(rig.wait()).outputs, ["e"]);
}

#[test]
fn d10_positions_without_outputs_are_committed_and_nothing_is_not() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    rig.fetch(0, 0);
    rig.done(0, 0, None);
    let unit = commit(rig.wait());
    assert!(unit.outputs.is_empty());
    assert_eq!(unit.offsets, [(p(0), at(1))]);
    rig.send(Event::Committed(unit.id));
    rig.now += INTERVAL * 5;
    assert!(rig.send(Event::Tick).is_empty());
    assert_eq!(rig.machine.positions().collect::<Vec<_>>(), [(&p(0), Some(at(1)))]);
    assert_eq!(rig.machine.status(rig.now).in_flight_bytes, 0, "a committed record holds nothing");
}

#[test]
fn a_fenced_instance_releases_what_waits_and_stops() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    rig.fetch(0, 0);
    rig.done(0, 0, Some("a"));
    commit(rig.wait());
    rig.revoke(1, &[0]);
    let out = rig.send(Event::Fenced);
    assert!(matches!(out[..], [Command::ReleaseRebalance(RebalanceId(1)), Command::Stop(StopReason::Fenced)]));
    assert!(rig.fetch(0, 1).is_empty());
}

#[test]
fn a_producer_that_breaks_after_an_abort_does_not_hold_the_closing_consumer() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    rig.fetch(0, 0);
    rig.done(0, 0, Some("a"));
    commit(rig.wait());
    rig.send(Event::Abort);
    assert!(rig.revoke(1, &[0]).is_empty());
    assert!(is_release(&rig.send(Event::Fatal("the producer is gone".into())), 1));
}

#[test]
fn an_answer_to_another_transaction_changes_nothing() {
    let mut rig = Rig::new();
    rig.assign(&[0]);
    rig.fetch(0, 0);
    rig.done(0, 0, Some("a"));
    let first = commit(rig.wait());
    rig.send(Event::Committed(first.id));
    rig.fetch(0, 1);
    rig.done(0, 1, Some("b"));
    let second = commit(rig.wait());
    assert!(rig.send(Event::Aborted(first.id)).is_empty());
    rig.send(Event::Committed(second.id));
    assert_eq!(rig.machine.status(rig.now).units_committed, 2);
}

#[test]
fn settings_that_contradict_each_other_are_refused_with_the_key() {
    let settings = DeliverySettings { max_bytes_per_commit: 900, max_in_flight_bytes: 1_000, ..Default::default() };
    assert!(settings.validate().unwrap_err().to_string().contains("max_bytes_per_commit"));
    let settings = DeliverySettings { max_in_flight_cost: 0, ..Default::default() };
    assert!(settings.validate().unwrap_err().to_string().contains("max_in_flight_cost"));
    let settings = DeliverySettings { revoke_budget: Duration::from_secs(61), ..Default::default() };
    assert!(settings.validate().unwrap_err().to_string().contains("revoke_budget"));
    assert_eq!(DeliverySettings::default().validate(), Ok(()));
}
