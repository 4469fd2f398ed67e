//! The keys of `sitr.toml`: one table, from which the parser, the schema, the reference and the example file are made.

use std::{collections::BTreeMap, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::units::{Bytes, Wait};

/// A key as the reference tells of it: its name and its lines of documentation.
pub(super) type KeyDoc = (&'static str, &'static [&'static str]);

/// A section with its keys, their documentation and their defaults in one place.
macro_rules! section {
    ($(#[doc = $about:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $field:ident: $type:ty = $default:expr;)+ }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[doc = $doc])+ pub(crate) $field: $type,)+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $name {
            const ABOUT: &[&str] = &[$($about),+];
            const KEYS: &[KeyDoc] = &[$((stringify!($field), &[$($doc),+])),+];
        }
    };
}

section! {
    /// How to reach Kafka.
    Kafka {
        /// Brokers to begin with, `host:port`, separated by commas.
        bootstrap_servers: String = "127.0.0.1:9092".to_owned();
        /// The consumer group. Instances of one group share the partitions.
        group_id: String = "sitr".to_owned();
        /// Name of this instance, unique in the group: `group.instance.id` and the stem of `transactional.id`. The same after a
        /// restart, so that a restart neither rebalances the group nor waits for the old transaction.
        instance_id: String = "sitr-0".to_owned();
        /// After this silence the group gives the partitions of this instance away.
        session_timeout: Wait = "30s".parse().expect("invariant: a default parses");
        /// After this time without a poll the group throws this instance out.
        max_poll_interval: Wait = "5m".parse().expect("invariant: a default parses");
        /// After this time the broker aborts an unfinished transaction; until then it holds back every reader.
        transaction_timeout: Wait = "15s".parse().expect("invariant: a default parses");
        /// What the client may hold ready of the input.
        prefetch: Bytes = Bytes(16 << 20);
        /// Encrypts the connections.
        tls: bool = false;
        /// Certificates (PEM) of the authorities to trust; the system's when absent.
        ca_file: Option<PathBuf> = None;
        /// Certificate (PEM) of this client, for mutual TLS.
        cert_file: Option<PathBuf> = None;
        /// Key (PEM) of that certificate.
        key_file: Option<PathBuf> = None;
        /// How to log in with user and password. `PLAIN` only with `tls`.
        sasl_mechanism: Option<Mechanism> = None;
        /// The user.
        sasl_username: Option<String> = None;
        /// File that holds the password. Without a file: environment variable `SITR_KAFKA__SASL_PASSWORD`. Never in this file.
        sasl_password_file: Option<PathBuf> = None;
        /// Settings for librdkafka, passed on as they are. What would break the guarantee is refused. No environment variable.
        extra: BTreeMap<String, String> = BTreeMap::new();
    }
}

section! {
    /// Names of the topics, all different. `sitr topics apply` creates those that are missing.
    TopicNames {
        /// Posts in.
        posts: String = "sitr.posts".to_owned();
        /// Scored posts between the two stages.
        signals: String = "sitr.signals".to_owned();
        /// Reports of users in.
        reports: String = "sitr.reports".to_owned();
        /// What people decided later, in.
        outcomes: String = "sitr.outcomes".to_owned();
        /// Decisions: hold it now, until a person confirms.
        takedown: String = "sitr.takedown".to_owned();
        /// Decisions: a person decides.
        review: String = "sitr.review".to_owned();
        /// Decisions: a victim asks for help.
        care: String = "sitr.care".to_owned();
        /// Records that could not be judged, with the reason.
        dead_letter: String = "sitr.dead-letter".to_owned();
        /// Hash-chained manifest of the decisions.
        audit: String = "sitr.audit".to_owned();
        /// State of the windows, compacted.
        changelog: String = "sitr.changelog".to_owned();
    }
}

section! {
    /// What judges.
    Model {
        /// Directory of the bundle, relative to the working directory.
        dir: PathBuf = PathBuf::from("models/sitr");
        /// Threads that score; 0 takes the number of cores.
        workers: u16 = 0;
    }
}

section! {
    /// Guarantee and pace.
    DeliveryRules {
        /// `exactly-once`: decisions and positions in one transaction. `at-least-once`: a crash may repeat decisions.
        mode: Guarantee = Guarantee::ExactlyOnce;
        /// Decisions wait at most this long for their transaction.
        commit_interval: Wait = "100ms".parse().expect("invariant: a default parses");
        /// A transaction is closed early at this many records.
        max_records_per_commit: u32 = 1000;
        /// Memory for records under way. When it is full, partitions pause.
        max_in_flight: Bytes = Bytes(64 << 20);
        /// How long a rebalance waits for work that is running before the partition goes to its next owner.
        revoke_budget: Wait = "3s".parse().expect("invariant: a default parses");
        /// How long a shutdown waits for work that is running. What is not finished is read again by the next owner.
        drain_timeout: Wait = "8s".parse().expect("invariant: a default parses");
        /// A partition that lags and stands still for so long makes the instance unready. After twice as long it ends with code 6.
        stall_timeout: Wait = "2m".parse().expect("invariant: a default parses");
    }
}

section! {
    /// Metrics and probes over HTTP.
    Admin {
        /// Address of `/metrics`, `/livez`, `/readyz` and `/version`; `off` for none. They are not protected: keep them inside.
        listen: String = "127.0.0.1:9900".to_owned();
    }
}

section! {
    /// Log lines on standard error.
    Log {
        /// `json`, `human`, or `auto`: `human` on a terminal, `json` elsewhere.
        format: LogFormat = LogFormat::Auto;
        /// A level (`error`, `warn`, `info`, `debug`) or a filter such as `sitr_kafka=debug,info`. `RUST_LOG` has precedence.
        level: String = "info".to_owned();
    }
}

/// Configuration of `sitr`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    pub(crate) kafka: Kafka,
    pub(crate) topics: TopicNames,
    pub(crate) model: Model,
    pub(crate) delivery: DeliveryRules,
    pub(crate) admin: Admin,
    pub(crate) log: Log,
}

/// A section as the reference tells of it.
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) about: &'static [&'static str],
    pub(super) keys: &'static [KeyDoc],
}

/// All sections, in the order of the reference.
pub(super) const SECTIONS: [Section; 6] = [
    Section { name: "kafka", about: Kafka::ABOUT, keys: Kafka::KEYS },
    Section { name: "topics", about: TopicNames::ABOUT, keys: TopicNames::KEYS },
    Section { name: "model", about: Model::ABOUT, keys: Model::KEYS },
    Section { name: "delivery", about: DeliveryRules::ABOUT, keys: DeliveryRules::KEYS },
    Section { name: "admin", about: Admin::ABOUT, keys: Admin::KEYS },
    Section { name: "log", about: Log::ABOUT, keys: Log::KEYS },
];

/// A SASL mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum Mechanism {
    #[serde(rename = "PLAIN")]
    Plain,
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
}

/// What a commit means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub(crate) enum Guarantee {
    ExactlyOnce,
    AtLeastOnce,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum LogFormat {
    Auto,
    Json,
    Human,
}
