//! A broker inside the process, for the demonstration.

use rdkafka::{mocking::MockCluster, producer::DefaultProducerContext};

use crate::KafkaError;

/// librdkafka's mock cluster. It is for show: it hides no aborted record, stores no transactional position and fences nobody,
/// so nothing about delivery follows from it. It keeps 5 MB a partition and drops older records in silence.
pub struct MockBroker {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl MockBroker {
    /// Starts one broker on a free loopback port, with these topics and partitions.
    ///
    /// # Errors
    /// librdkafka cannot make it.
    pub fn start(topics: &[(&str, i32)]) -> Result<Self, KafkaError> {
        let cluster = MockCluster::new(1).map_err(|e| KafkaError::client(&e))?;
        for (topic, partitions) in topics {
            cluster.create_topic(topic, *partitions, 1).map_err(|e| KafkaError::client(&e))?;
        }
        Ok(Self { cluster })
    }

    /// `host:port` of it.
    #[must_use]
    pub fn bootstrap_servers(&self) -> String {
        self.cluster.bootstrap_servers()
    }
}
