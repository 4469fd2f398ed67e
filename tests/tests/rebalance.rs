//! Every partition has an owner, whatever dies in the middle of a rebalance: real Kafka, real processes, SIGKILL.

use std::time::{Duration, Instant};

use sitr_tests::kafka::Cluster;
use sitr_tests::posts::{self, Dice};
use sitr_tests::{Running, apply_topics, send};

const PARTITIONS: u64 = 6;
const PATIENCE: Duration = Duration::from_secs(40);

fn assigned(instance: &Running) -> Option<u64> {
    let (_, metrics) = instance.page("/metrics")?;
    let line = metrics.lines().find(|line| line.starts_with("sitr_assigned_partitions "))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Looks until `found` or the patience ends.
fn wait_for(mut found: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    while !found() {
        if begun.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// With cooperative rebalancing the first of its two rounds leaves the partitions that change hands without an owner. When
/// both members die between the rounds and come back under their names, the group hands out that half-done assignment again,
/// and nobody ever asks for the second round.
#[test]
fn partitions_have_owners_again_when_all_instances_die_in_the_middle_of_a_rebalance() {
    let Ok(kafka) = Cluster::start(1) else { return };
    let (dir, bootstrap) = (tempfile::tempdir().unwrap(), kafka.bootstrap_servers());
    apply_topics(dir.path(), &bootstrap, 6);
    let mut first = Running::start(dir.path(), &bootstrap, "sitr-0");
    assert!(wait_for(|| assigned(&first) == Some(PARTITIONS)), "{}", first.log_tail());
    // Work under way makes the first instance take its time before it gives partitions away.
    send(&bootstrap, "sitr.posts", &posts::posts("x", 6_000, &mut Dice::new(5)));
    let mut second = Running::start(dir.path(), &bootstrap, "sitr-1");
    assert!(wait_for(|| second.log().contains("partitions arrive")), "{}", second.log_tail());
    first.kill();
    second.kill();
    first.again();
    second.again();
    let owners = || [&first, &second].map(|instance| assigned(instance).unwrap_or(0));
    let all_owned = wait_for(|| owners().iter().sum::<u64>() == PARTITIONS);
    assert!(all_owned, "owned: {:?}; {}\n{}", owners(), first.log_tail(), second.log_tail());
}
