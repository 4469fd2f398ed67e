//! Can the brokers be reached, and are the topics there?

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _};

use crate::{KafkaError, KafkaSettings, client};

/// What the brokers said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reachability {
    /// Brokers known.
    pub brokers: usize,
    /// Each topic asked for, with its partitions; `None` when it is missing or hidden from us.
    pub topics: Vec<(String, Option<usize>)>,
}

/// Asks for metadata once.
///
/// # Errors
/// No broker answers within `wait`, or the settings must not be.
pub fn check(settings: &KafkaSettings, topics: &[&str], wait: Duration) -> Result<Reachability, KafkaError> {
    settings.validate()?;
    let consumer: BaseConsumer<client::Quiet> =
        client::reader(settings).create_with_context(client::Quiet).map_err(|e| KafkaError::client(&e))?;
    let metadata = consumer.fetch_metadata(None, wait).map_err(|e| KafkaError::Unreachable {
        bootstrap_servers: settings.bootstrap_servers.clone(),
        request: "metadata",
        why: e.to_string(),
    })?;
    let topics = topics
        .iter()
        .map(|name| {
            let found = metadata.topics().iter().find(|topic| topic.name() == *name && topic.error().is_none());
            ((*name).to_owned(), found.map(|topic| topic.partitions().len()))
        })
        .collect();
    Ok(Reachability { brokers: metadata.brokers().len(), topics })
}
