//! How far a group has come: what is committed, and where the log ends.

use std::{collections::BTreeMap, time::Duration};

use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError as Native,
};

use crate::{KafkaError, KafkaSettings, Partition, client, partition::Names};

const WAIT: Duration = Duration::from_secs(15);

/// How far a group has come in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The first offset that is not covered; `None` when the group has committed nothing there.
    pub committed: Option<i64>,
    /// Where the log begins.
    pub begin: i64,
    /// Where the log ends for a `read_committed` reader.
    pub end: i64,
}

impl Position {
    /// Offsets of the log that no commit covers. Each control record of a transaction counts as one.
    #[must_use]
    pub fn lag(&self) -> i64 {
        (self.end - self.committed.unwrap_or(self.begin)).max(0)
    }
}

/// Asks for the positions of the group `settings.group_id` in every partition of `topics`. It does not join the group.
///
/// # Errors
/// No broker answers, or a topic is missing.
pub fn positions(settings: &KafkaSettings, topics: &[&str]) -> Result<BTreeMap<Partition, Position>, KafkaError> {
    settings.validate()?;
    let mut config = client::reader(settings);
    config.set("group.id", &settings.group_id);
    let consumer: BaseConsumer<client::Quiet> =
        config.create_with_context(client::Quiet).map_err(|e| KafkaError::client(&e))?;
    let unreachable = |request: &'static str, why: String| KafkaError::Unreachable {
        bootstrap_servers: settings.bootstrap_servers.clone(),
        request,
        why,
    };
    let mut list = TopicPartitionList::new();
    for topic in topics {
        let metadata =
            consumer.fetch_metadata(Some(topic), WAIT).map_err(|e| unreachable("metadata", e.to_string()))?;
        let found = metadata.topics().first().filter(|found| found.error().is_none() && !found.partitions().is_empty());
        let found = found.ok_or_else(|| unreachable("metadata", format!("topic {topic} is missing")))?;
        for partition in found.partitions() {
            list.add_partition(topic, partition.id());
        }
    }
    let offsets = |e: Native| unreachable("offsets", e.to_string());
    let committed = consumer.committed_offsets(list, WAIT).map_err(offsets)?;
    let mut names = Names::default();
    let mut positions = BTreeMap::new();
    for element in committed.elements() {
        element.error().map_err(offsets)?;
        let (begin, end) = consumer.fetch_watermarks(element.topic(), element.partition(), WAIT).map_err(offsets)?;
        let committed = if let Offset::Offset(next) = element.offset() { Some(next) } else { None };
        let partition = Partition { topic: names.shared(element.topic()), number: element.partition() };
        positions.insert(partition, Position { committed, begin, end });
    }
    Ok(positions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_committed_lags_by_the_whole_log() {
        let position = Position { committed: None, begin: 3, end: 10 };
        assert_eq!(position.lag(), 7);
        assert_eq!(Position { committed: Some(10), ..position }.lag(), 0);
    }
}
