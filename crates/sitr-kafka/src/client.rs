//! librdkafka's configuration for each of our clients, and its log lines as ours.

use rdkafka::{ClientConfig, ClientContext, config::RDKafkaLogLevel, error::KafkaError as Native};

use crate::{Delivery, KafkaSettings};

/// What every client shares.
fn base(settings: &KafkaSettings) -> ClientConfig {
    let mut config = ClientConfig::new();
    for (key, value) in &settings.extra {
        config.set(key, value);
    }
    let security = &settings.security;
    let protocol = match (security.tls, security.sasl.is_some()) {
        (false, false) => "plaintext",
        (true, false) => "ssl",
        (false, true) => "sasl_plaintext",
        (true, true) => "sasl_ssl",
    };
    config
        .set("bootstrap.servers", &settings.bootstrap_servers)
        .set("client.id", format!("sitr-{}", settings.instance_id))
        .set("security.protocol", protocol)
        .set("socket.keepalive.enable", "true")
        .set("allow.auto.create.topics", "false")
        .set("log.connection.close", "false");
    let paths = [
        ("ssl.ca.location", &security.ca),
        ("ssl.certificate.location", &security.certificate),
        ("ssl.key.location", &security.key),
    ];
    for (key, path) in paths {
        if let Some(path) = path {
            config.set(key, path.to_string_lossy());
        }
    }
    if let Some(sasl) = &security.sasl {
        config
            .set("sasl.mechanism", sasl.mechanism.as_str())
            .set("sasl.username", &sasl.username)
            .set("sasl.password", sasl.password.expose());
    }
    config
}

/// The consumer of posts (or signals).
pub(crate) fn consumer(settings: &KafkaSettings) -> ClientConfig {
    let mut config = base(settings);
    config
        .set("group.id", &settings.group_id)
        .set("group.instance.id", &settings.instance_id)
        // Not cooperative: with static members an interrupted cooperative rebalance leaves partitions without an owner (ADR 0011).
        .set("partition.assignment.strategy", "range")
        .set("session.timeout.ms", millis(settings.session_timeout))
        .set("heartbeat.interval.ms", millis((settings.session_timeout / 6).min(std::time::Duration::from_secs(3))))
        .set("max.poll.interval.ms", millis(settings.max_poll_interval))
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("isolation.level", "read_committed")
        .set("auto.offset.reset", "earliest")
        .set("check.crcs", "true")
        // A full queue makes librdkafka wait this long before the next fetch; the default of a second only spaces fetches.
        .set("fetch.queue.backoff.ms", "20")
        .set("fetch.wait.max.ms", "100")
        // A pause throws away what was fetched ahead, so little is fetched at a time. A larger record comes all the same.
        .set("fetch.message.max.bytes", "262144")
        .set("queued.min.messages", "2000")
        .set("queued.max.messages.kbytes", settings.prefetch_kib.to_string())
        .set("statistics.interval.ms", "2000");
    config
}

/// The producer of decisions.
pub(crate) fn producer(settings: &KafkaSettings, delivery: Delivery) -> ClientConfig {
    let mut config = base(settings);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.codec", "lz4")
        .set("linger.ms", "0")
        // The same partition for the same key as Java clients choose.
        .set("partitioner", "murmur2_random")
        .set("message.max.bytes", "10485760");
    if delivery == Delivery::ExactlyOnce {
        config
            .set("transactional.id", format!("{}-{}", settings.group_id, settings.instance_id))
            .set("transaction.timeout.ms", millis(settings.transaction_timeout))
            .set("message.timeout.ms", millis(settings.transaction_timeout * 9 / 10));
    }
    config
}

/// Reads topics without a group.
pub(crate) fn reader(settings: &KafkaSettings) -> ClientConfig {
    let mut config = base(settings);
    config
        .set("group.id", format!("{}-reader", settings.group_id))
        .set("enable.auto.commit", "false")
        .set("isolation.level", "read_committed")
        .set("auto.offset.reset", "earliest")
        .set("fetch.queue.backoff.ms", "20")
        .set("fetch.wait.max.ms", "50");
    config
}

/// Administrator's requests and loading.
pub(crate) fn plain(settings: &KafkaSettings) -> ClientConfig {
    base(settings)
}

fn millis(duration: std::time::Duration) -> String {
    duration.as_millis().to_string()
}

/// librdkafka's log lines through `tracing`; they name brokers, topics and codes, never content.
pub(crate) fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    use RDKafkaLogLevel as L;
    match level {
        L::Emerg | L::Alert | L::Critical | L::Error => tracing::error!(target: "librdkafka", facility, message),
        L::Warning => tracing::warn!(target: "librdkafka", facility, message),
        L::Notice | L::Info => tracing::info!(target: "librdkafka", facility, message),
        L::Debug => tracing::debug!(target: "librdkafka", facility, message),
    }
}

/// A broker that cannot be reached is retried by librdkafka for ever; it is worth a line, not an alarm.
pub(crate) fn log_error(error: &Native, reason: &str) {
    tracing::warn!(target: "librdkafka", code = ?error.rdkafka_error_code(), reason, "client error");
}

/// Context of clients that need nothing but logs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: Native, reason: &str) {
        log_error(&error, reason);
    }
}

impl rdkafka::consumer::ConsumerContext for Quiet {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::settings;

    #[test]
    fn extra_keys_come_first_and_cannot_replace_ours() {
        let mut given = settings("b:1");
        given.extra.insert("fetch.wait.max.ms".to_owned(), "500".to_owned());
        given.extra.insert("client.rack".to_owned(), "r1".to_owned());
        let config = consumer(&given);
        assert_eq!(config.get("fetch.wait.max.ms"), Some("100"));
        assert_eq!(config.get("client.rack"), Some("r1"));
    }

    #[test]
    fn the_transactional_id_is_made_of_group_and_instance_and_only_when_wanted() {
        assert_eq!(producer(&settings("b:1"), Delivery::ExactlyOnce).get("transactional.id"), Some("sitr-test-i0"));
        assert_eq!(producer(&settings("b:1"), Delivery::AtLeastOnce).get("transactional.id"), None);
    }
}
