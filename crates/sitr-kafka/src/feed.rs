//! Loads records into a topic: for the demonstration, tests, benches and `sitr` commands that write.

use std::time::{Duration, Instant};

use rdkafka::{
    error::{KafkaError as Native, RDKafkaErrorCode as Code},
    message::{Header, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, Producer as _},
};

use crate::{KafkaError, KafkaSettings, client};

/// An idempotent producer that is used from one thread.
pub struct Feed {
    producer: BaseProducer,
    bootstrap_servers: String,
}

impl Feed {
    /// Makes the producer.
    ///
    /// # Errors
    /// The client cannot be made.
    pub fn open(settings: &KafkaSettings) -> Result<Self, KafkaError> {
        let mut config = client::plain(settings);
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "5")
            .set("partitioner", "murmur2_random");
        let producer = config.create().map_err(|e| KafkaError::client(&e))?;
        Ok(Self { producer, bootstrap_servers: settings.bootstrap_servers.clone() })
    }

    /// Hands over one record, waiting while the queue is full.
    ///
    /// # Errors
    /// The record is refused (too large, unknown topic).
    pub fn send(
        &self,
        topic: &str,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&str, &[u8])],
    ) -> Result<(), KafkaError> {
        let mut owned = OwnedHeaders::new_with_capacity(headers.len());
        for (key, value) in headers {
            owned = owned.insert(Header { key, value: Some(*value) });
        }
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).headers(owned);
        record.key = key;
        record.payload = value;
        loop {
            match self.producer.send(record) {
                Ok(()) => {
                    self.producer.poll(Duration::ZERO);
                    return Ok(());
                }
                Err((Native::MessageProduction(Code::QueueFull), back)) => {
                    self.producer.poll(Duration::from_millis(1));
                    record = back;
                }
                Err((error, _)) => {
                    return Err(KafkaError::Refused {
                        request: "a record for",
                        subject: topic.to_owned(),
                        why: error.to_string(),
                    });
                }
            }
        }
    }

    /// Waits until everything is acknowledged.
    ///
    /// # Errors
    /// Something is still under way after `wait`.
    pub fn finish(&self, wait: Duration) -> Result<(), KafkaError> {
        let until = Instant::now() + wait;
        while self.producer.in_flight_count() > 0 {
            if Instant::now() >= until {
                return Err(KafkaError::Unreachable {
                    bootstrap_servers: self.bootstrap_servers.clone(),
                    request: "records",
                    why: format!("{} records are not acknowledged after {wait:?}", self.producer.in_flight_count()),
                });
            }
            self.producer.poll(Duration::from_millis(1));
        }
        Ok(())
    }
}
