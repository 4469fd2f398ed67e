//! What can go wrong when a client is made or an administrator's request is sent.

use rdkafka::error::KafkaError as Native;

use crate::SettingError;

/// Variant = what the caller can do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KafkaError {
    /// Correct the configuration.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// librdkafka refused the configuration as a whole.
    #[error("the Kafka client could not be made: {why}")]
    Client {
        /// librdkafka's words.
        why: String,
    },
    /// The brokers do not answer: check `kafka.bootstrap_servers`, the network and the security settings.
    #[error("no broker of `{bootstrap_servers}` answered {request}: {why}")]
    Unreachable {
        /// Where we asked.
        bootstrap_servers: String,
        /// What we asked for.
        request: &'static str,
        /// librdkafka's words.
        why: String,
    },
    /// The brokers refused.
    #[error("the brokers refused {request} `{subject}`: {why}")]
    Refused {
        /// What we asked for.
        request: &'static str,
        /// About what.
        subject: String,
        /// Their words.
        why: String,
    },
    /// A thread could not be started.
    #[error("the thread {name} could not be started: {why}")]
    Thread {
        /// Its name.
        name: &'static str,
        /// The system's words.
        why: std::io::Error,
    },
}

impl KafkaError {
    /// librdkafka's answer to the making of a client. Its text names keys and may repeat a value, never a secret: secrets are
    /// set through keys whose values it does not print.
    pub(crate) fn client(error: &Native) -> Self {
        match error {
            Native::ClientConfig(_, why, key, _) => Self::Client { why: format!("{key}: {why}") },
            other => Self::Client { why: other.to_string() },
        }
    }
}
