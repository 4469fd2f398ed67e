//! The settings of the brokers: those of a small machine, with the guarantees of a real one.

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;

/// A new cluster id: 22 characters of URL-safe base64, which Kafka reads as a UUID.
pub(super) fn new_cluster_id() -> String {
    format!("{:016x}AAAAAA", RandomState::new().build_hasher().finish())
}

/// `server.properties` of every broker, in order.
pub(super) fn all(dir: &Path, client_ports: &[u16], controller_ports: &[u16]) -> Vec<String> {
    let voters: Vec<_> =
        controller_ports.iter().enumerate().map(|(i, port)| format!("{}@127.0.0.1:{port}", i + 1)).collect();
    let voters = voters.join(",");
    client_ports
        .iter()
        .zip(controller_ports)
        .enumerate()
        .map(|(index, (client, controller))| {
            let node = index + 1;
            let data = dir.join(format!("data-{node}"));
            let mut text = String::new();
            for (key, value) in own(node, *client, *controller, &data).into_iter().chain(shared(client_ports.len())) {
                let _ = writeln!(text, "{key}={value}");
            }
            let _ = writeln!(text, "controller.quorum.voters={voters}");
            text
        })
        .collect()
}

fn own(node: usize, client: u16, controller: u16, data: &Path) -> Vec<(&'static str, String)> {
    vec![
        ("node.id", node.to_string()),
        ("listeners", format!("PLAINTEXT://127.0.0.1:{client},CONTROLLER://127.0.0.1:{controller}")),
        ("advertised.listeners", format!("PLAINTEXT://127.0.0.1:{client}")),
        ("log.dirs", data.display().to_string()),
    ]
}

fn shared(brokers: usize) -> Vec<(&'static str, String)> {
    let (replicas, in_sync) = if brokers == 1 { ("1", "1") } else { ("3", "2") };
    [
        ("process.roles", "broker,controller"),
        ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
        ("inter.broker.listener.name", "PLAINTEXT"),
        ("controller.listener.names", "CONTROLLER"),
        ("default.replication.factor", replicas),
        ("min.insync.replicas", in_sync),
        ("offsets.topic.replication.factor", replicas),
        ("transaction.state.log.replication.factor", replicas),
        ("transaction.state.log.min.isr", in_sync),
        // The defaults of 50 partitions cost seconds and memory.
        ("offsets.topic.num.partitions", "4"),
        ("transaction.state.log.num.partitions", "4"),
        ("share.coordinator.state.topic.num.partitions", "1"),
        ("share.coordinator.state.topic.replication.factor", replicas),
        ("share.coordinator.state.topic.min.isr", in_sync),
        // The default waits 3 s for more members of a group.
        ("group.initial.rebalance.delay.ms", "0"),
        // Lets a test have a dead member expelled soon; the client asks for its own time within these bounds.
        ("group.min.session.timeout.ms", "1000"),
        // A misspelt topic must be an error, not a new topic.
        ("auto.create.topics.enable", "false"),
        // Test posts carry time stamps of any year; the default of 7 days would delete them at once.
        ("log.retention.ms", "-1"),
        // A dead broker is given up after this; the default of 9 s makes every restart after a kill wait so long.
        ("broker.session.timeout.ms", "5000"),
        ("broker.heartbeat.interval.ms", "500"),
        ("num.network.threads", "1"),
        ("num.io.threads", "2"),
        ("log.cleaner.dedupe.buffer.size", "4194304"),
    ]
    .into_iter()
    .map(|(key, value)| (key, value.to_owned()))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_id_is_sixteen_bytes_of_url_safe_base64() {
        let id = new_cluster_id();
        assert_eq!(id.len(), 22);
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric()), "{id}");
    }

    #[test]
    fn three_brokers_replicate_three_times_and_survive_one_death() {
        let all = all(Path::new("d"), &[1, 2, 3], &[4, 5, 6]);
        for text in &all {
            assert!(text.contains("\ntransaction.state.log.replication.factor=3\n"), "{text}");
            assert!(text.contains("\nmin.insync.replicas=2\n"), "{text}");
            assert!(text.contains("controller.quorum.voters=1@127.0.0.1:4,2@127.0.0.1:5,3@127.0.0.1:6\n"), "{text}");
        }
    }

    #[test]
    fn no_key_is_set_twice() {
        let text = &all(Path::new("d"), &[1], &[2])[0];
        let mut keys: Vec<_> = text.lines().filter_map(|line| line.split_once('=')).map(|(key, _)| key).collect();
        let set = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), set);
    }
}
