//! How to reach Kafka: few settings of our own, the rest passed through, and none that would break the guarantee.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use sitr_types::Secret;

/// Settings of the Kafka clients, already typed; the configuration file's units are gone here.
#[derive(Debug, Clone, PartialEq)]
pub struct KafkaSettings {
    /// `host:port,…`.
    pub bootstrap_servers: String,
    /// The consumer group.
    pub group_id: String,
    /// `group.instance.id`, and the stem of `transactional.id`; unique per instance.
    pub instance_id: String,
    /// Encryption and authentication.
    pub security: Security,
    /// After this silence the group gives our partitions away.
    pub session_timeout: Duration,
    /// After this time without a poll the group throws us out.
    pub max_poll_interval: Duration,
    /// After this time an unfinished transaction is aborted by the broker; until then it holds back every reader.
    pub transaction_timeout: Duration,
    /// Kibibytes that librdkafka may hold ready per consumer.
    pub prefetch_kib: u32,
    /// Passed to librdkafka as they are.
    pub extra: BTreeMap<String, String>,
}

/// Encryption and authentication.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Security {
    /// TLS to the brokers.
    pub tls: bool,
    /// Certificates of the authorities that are trusted; the system's when absent.
    pub ca: Option<PathBuf>,
    /// Our certificate, for mutual TLS.
    pub certificate: Option<PathBuf>,
    /// Its key.
    pub key: Option<PathBuf>,
    /// User and password.
    pub sasl: Option<Sasl>,
}

/// SASL authentication.
#[derive(Debug, Clone, PartialEq)]
pub struct Sasl {
    /// The mechanism.
    pub mechanism: SaslMechanism,
    /// The user.
    pub username: String,
    /// The password.
    pub password: Secret,
}

/// Mechanisms that need nothing but user and password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaslMechanism {
    /// Only over TLS.
    Plain,
    /// SCRAM-SHA-256.
    ScramSha256,
    /// SCRAM-SHA-512.
    ScramSha512,
}

impl SaslMechanism {
    /// librdkafka's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

/// A setting that must not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} = `{value}`: {rule}; {fix}")]
pub struct SettingError {
    /// The key in the configuration.
    pub key: String,
    /// What was given (never a secret).
    pub value: String,
    /// The rule that it breaks.
    pub rule: &'static str,
    /// What to do.
    pub fix: &'static str,
}

/// Keys of librdkafka that carry the guarantee or are ours to set, and why each is refused.
const DENIED: &[(&str, &str)] = &[
    ("enable.auto.commit", "positions move only with the decisions they cover"),
    ("enable.auto.offset.store", "positions move only with the decisions they cover"),
    ("isolation.level", "aborted posts must stay invisible"),
    ("enable.idempotence", "a retry must not double a decision"),
    ("acks", "an acknowledged decision must survive a broker"),
    ("transactional.id", "it is made of group_id and instance_id"),
    ("group.id", "it is kafka.group_id"),
    ("group.instance.id", "it is kafka.instance_id"),
    ("bootstrap.servers", "it is kafka.bootstrap_servers"),
    ("metadata.broker.list", "it is kafka.bootstrap_servers"),
    ("transaction.timeout.ms", "it is kafka.transaction_timeout"),
    ("session.timeout.ms", "it is kafka.session_timeout"),
    ("max.poll.interval.ms", "it is kafka.max_poll_interval"),
    ("message.timeout.ms", "it must stay below the transaction's time-out"),
    ("enable.ssl.certificate.verification", "an unverified broker may read every post"),
    ("ssl.endpoint.identification.algorithm", "an unverified broker may read every post"),
    ("sasl.password", "secrets come from the environment or a file only"),
    ("sasl.username", "it is kafka.sasl_username"),
    ("ssl.key.password", "secrets come from the environment or a file only"),
    ("ssl.key.pem", "secrets come from the environment or a file only"),
    ("debug", "librdkafka's debug lines are not checked for content"),
];

impl KafkaSettings {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// Key, value, rule and fix of the first setting that must not be.
    pub fn validate(&self) -> Result<(), SettingError> {
        let error = |key: &str, value: &str, rule, fix| {
            Err(SettingError { key: key.to_owned(), value: value.to_owned(), rule, fix })
        };
        for (key, value) in [
            ("kafka.bootstrap_servers", &self.bootstrap_servers),
            ("kafka.group_id", &self.group_id),
            ("kafka.instance_id", &self.instance_id),
        ] {
            if value.trim().is_empty() || value.contains(char::is_whitespace) || value.contains('\0') {
                return error(key, value, "it must not be empty and holds no white space", "set it to a plain name");
            }
        }
        for (key, why) in DENIED {
            if let Some(value) = self.extra.get(*key) {
                let shown = if key.contains("password") || key.contains("pem") { "***" } else { value };
                return error(&format!("kafka.extra.\"{key}\""), shown, why, "remove the key");
            }
        }
        if self.session_timeout > self.max_poll_interval {
            return error(
                "kafka.session_timeout",
                &format!("{:?}", self.session_timeout),
                "it must not be longer than kafka.max_poll_interval",
                "lower it or raise kafka.max_poll_interval",
            );
        }
        if self.transaction_timeout >= self.max_poll_interval {
            return error(
                "kafka.transaction_timeout",
                &format!("{:?}", self.transaction_timeout),
                "a transaction must end well inside kafka.max_poll_interval",
                "10s to 60s serve well",
            );
        }
        if let Some(Sasl { mechanism: SaslMechanism::Plain, .. }) = self.security.sasl
            && !self.security.tls
        {
            return error(
                "kafka.sasl_mechanism",
                "PLAIN",
                "a password must not cross the network in the clear",
                "set kafka.tls = true or use SCRAM-SHA-512",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn settings(bootstrap_servers: &str) -> KafkaSettings {
        KafkaSettings {
            bootstrap_servers: bootstrap_servers.to_owned(),
            group_id: "sitr-test".to_owned(),
            instance_id: "i0".to_owned(),
            security: Security::default(),
            session_timeout: Duration::from_secs(6),
            max_poll_interval: Duration::from_secs(60),
            transaction_timeout: Duration::from_secs(10),
            prefetch_kib: 1024,
            extra: BTreeMap::new(),
        }
    }

    #[test]
    fn each_key_that_carries_the_guarantee_is_refused_with_its_reason() {
        for (key, _) in DENIED {
            let mut given = settings("b:1");
            given.extra.insert((*key).to_owned(), "x".to_owned());
            let error = given.validate().unwrap_err();
            assert!(error.to_string().contains(key), "{error}");
        }
    }

    #[test]
    fn a_password_in_the_extra_keys_is_refused_and_not_shown() {
        let mut given = settings("b:1");
        given.extra.insert("sasl.password".to_owned(), "hunter2".to_owned());
        assert!(!given.validate().unwrap_err().to_string().contains("hunter2"));
    }

    #[test]
    fn a_plain_password_without_tls_is_refused() {
        let mut given = settings("b:1");
        given.security.sasl =
            Some(Sasl { mechanism: SaslMechanism::Plain, username: "u".to_owned(), password: Secret::new("hunter2") });
        assert!(given.validate().is_err());
        assert!(!format!("{given:?}").contains("hunter2"));
        given.security.tls = true;
        assert_eq!(given.validate(), Ok(()));
    }
}
