//! Creating the topics that are missing.

use std::time::Duration;

use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    error::RDKafkaErrorCode as Code,
};

use crate::{KafkaError, KafkaSettings, client};

const WAIT: Duration = Duration::from_secs(15);

/// A topic as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSpec {
    /// Its name.
    pub name: String,
    /// Its partitions.
    pub partitions: i32,
    /// Its replicas; `None` = as many as there are brokers, three at most.
    pub replication: Option<i32>,
    /// Its settings.
    pub configs: Vec<(&'static str, &'static str)>,
}

/// What became of a [`TopicSpec`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It was missing and is there now.
    Created,
    /// It was there, with this many partitions. Nothing of it was changed.
    Exists {
        /// The partitions that it has.
        partitions: usize,
    },
}

/// Creates what is missing and leaves the rest as it is. The answers are in the order of `specs`.
///
/// # Errors
/// Brokers that do not answer or refuse; what was created before stays.
pub fn apply(settings: &KafkaSettings, specs: &[TopicSpec]) -> Result<Vec<Applied>, KafkaError> {
    settings.validate()?;
    let admin: AdminClient<client::Quiet> =
        client::plain(settings).create_with_context(client::Quiet).map_err(|e| KafkaError::client(&e))?;
    let metadata = admin.inner().fetch_metadata(None, WAIT).map_err(|e| KafkaError::Unreachable {
        bootstrap_servers: settings.bootstrap_servers.clone(),
        request: "metadata",
        why: e.to_string(),
    })?;
    let brokers = i32::try_from(metadata.brokers().len()).unwrap_or(1);
    let known = |name: &str| {
        metadata.topics().iter().find(|t| t.name() == name && t.error().is_none()).map(|t| t.partitions().len())
    };
    let mut applied = Vec::with_capacity(specs.len());
    for spec in specs {
        applied.push(match known(&spec.name) {
            Some(partitions) => Applied::Exists { partitions },
            None => create(&admin, spec, brokers)?,
        });
    }
    Ok(applied)
}

fn create(admin: &AdminClient<client::Quiet>, spec: &TopicSpec, brokers: i32) -> Result<Applied, KafkaError> {
    let replicas = TopicReplication::Fixed(spec.replication.unwrap_or_else(|| brokers.clamp(1, 3)));
    let mut topic = NewTopic::new(&spec.name, spec.partitions, replicas);
    for (key, value) in &spec.configs {
        topic = topic.set(key, value);
    }
    let refused = |why: String| KafkaError::Refused { request: "creating topic", subject: spec.name.clone(), why };
    let options = AdminOptions::new().operation_timeout(Some(WAIT)).request_timeout(Some(WAIT));
    let results = pollster::block_on(admin.create_topics([&topic], &options)).map_err(|e| refused(e.to_string()))?;
    match results.into_iter().next() {
        Some(Ok(_)) => Ok(Applied::Created),
        // Another instance was faster.
        Some(Err((_, Code::TopicAlreadyExists))) => {
            Ok(Applied::Exists { partitions: usize::try_from(spec.partitions).unwrap_or(0) })
        }
        Some(Err((_, code))) => Err(refused(code.to_string())),
        None => Err(refused("no answer about it".to_owned())),
    }
}
