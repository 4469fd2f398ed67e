//! Reads whole topics, without a group: for the demonstration, tests and benches.

use std::{collections::HashMap, time::Duration};

use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    message::Headers as _,
};

use crate::{KafkaError, KafkaSettings, client};

const WAIT: Duration = Duration::from_secs(15);

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadFrom {
    /// The first record there is.
    Beginning,
    /// What comes from now on.
    End,
}

/// A record as a `read_committed` reader sees it. `Debug` shows no content.
pub struct ReadRecord {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// Milliseconds since 1970.
    pub timestamp_ms: Option<i64>,
    /// Key.
    pub key: Option<Vec<u8>>,
    /// Value.
    pub value: Option<Vec<u8>>,
    /// Headers.
    pub headers: HashMap<String, Vec<u8>>,
}

impl std::fmt::Debug for ReadRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReadRecord({}[{}] {})", self.topic, self.partition, self.offset)
    }
}

/// A `read_committed` reader of all partitions of some topics.
pub struct Reader {
    consumer: BaseConsumer<client::Quiet>,
}

impl Reader {
    /// Opens the topics. Partitions that are added later are not seen.
    ///
    /// # Errors
    /// No broker answers, or a topic is missing.
    pub fn open(settings: &KafkaSettings, topics: &[&str], from: ReadFrom) -> Result<Self, KafkaError> {
        let consumer: BaseConsumer<client::Quiet> =
            client::reader(settings).create_with_context(client::Quiet).map_err(|e| KafkaError::client(&e))?;
        let unreachable = |why: String| KafkaError::Unreachable {
            bootstrap_servers: settings.bootstrap_servers.clone(),
            request: "metadata",
            why,
        };
        let mut list = TopicPartitionList::new();
        let offset = if from == ReadFrom::Beginning { Offset::Beginning } else { Offset::End };
        for topic in topics {
            let metadata = consumer.fetch_metadata(Some(topic), WAIT).map_err(|e| unreachable(e.to_string()))?;
            let found =
                metadata.topics().first().filter(|found| found.error().is_none() && !found.partitions().is_empty());
            let found = found.ok_or_else(|| unreachable(format!("topic {topic} is missing")))?;
            for partition in found.partitions() {
                list.add_partition_offset(topic, partition.id(), offset).map_err(|e| unreachable(e.to_string()))?;
            }
        }
        consumer.assign(&list).map_err(|e| unreachable(e.to_string()))?;
        Ok(Self { consumer })
    }

    /// The next record, or `None` when none came within `wait`.
    pub fn next(&self, wait: Duration) -> Option<ReadRecord> {
        match self.consumer.poll(wait)? {
            Ok(message) => Some(ReadRecord {
                topic: message.topic().to_owned(),
                partition: message.partition(),
                offset: message.offset(),
                timestamp_ms: message.timestamp().to_millis(),
                key: message.key().map(<[u8]>::to_vec),
                value: message.payload().map(<[u8]>::to_vec),
                headers: message.headers().map_or_else(HashMap::new, |headers| {
                    headers.iter().map(|h| (h.key.to_owned(), h.value.unwrap_or_default().to_vec())).collect()
                }),
            }),
            Err(error) => {
                tracing::debug!(%error, "reader error; librdkafka retries");
                None
            }
        }
    }
}
