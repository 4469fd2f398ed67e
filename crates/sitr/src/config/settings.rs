//! From keys to settings that cannot be wrong.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use sitr_engine::{
    DeliverySettings, EngineSettings, Stage, Topics,
    kafka::{Delivery, KafkaSettings, Sasl, SaslMechanism, Security},
};

use super::{
    Configuration, LogSettings,
    error::{ConfigError, Mistake, Place},
    raw::{Guarantee, Kafka, LogFormat, Mechanism, Raw, TopicNames},
    source::{Given, PASSWORD_VARIABLE, read_secret},
};

/// Checks the keys together. All mistakes are told at once.
pub(super) fn check(mut given: Given) -> Result<Configuration, ConfigError> {
    let raw = given.typed();
    let mut checks = Checks { given, raw: &raw };
    let security = checks.security();
    checks.durations();
    checks.memory();
    checks.topics();
    checks.not_empty();
    let admin = checks.admin();
    let kafka = kafka(&raw.kafka, security);
    // It tells its first mistake only, which may be known already.
    if let Err(error) = kafka.validate()
        && !checks.given.mistakes.iter().any(|mistake| mistake.key == error.key)
    {
        let value = Some(format!("{:?}", error.value));
        checks.mistake(&error.key, value, error.rule, error.fix);
    }
    let password = checks.given.password.is_some();
    let mut mistakes = checks.given.mistakes;
    if !mistakes.is_empty() {
        mistakes.sort_by_key(|mistake| match &mistake.place {
            Place::Line(_, line) => (0, *line),
            Place::Variable(_) => (1, 0),
            Place::Default => (2, 0),
        });
        mistakes.dedup();
        return Err(ConfigError(mistakes));
    }
    let settings = EngineSettings {
        kafka,
        topics: topics(&raw.topics),
        stage: Stage::Both,
        workers: workers(raw.model.workers),
        delivery: match raw.delivery.mode {
            Guarantee::ExactlyOnce => Delivery::ExactlyOnce,
            Guarantee::AtLeastOnce => Delivery::AtLeastOnce,
        },
        limits: limits(&raw),
        admin,
        drain_timeout: raw.delivery.drain_timeout.0,
        stall_timeout: raw.delivery.stall_timeout.0,
    };
    let log = LogSettings {
        json: match raw.log.format {
            LogFormat::Auto => None,
            LogFormat::Json => Some(true),
            LogFormat::Human => Some(false),
        },
        level: raw.log.level.clone(),
    };
    Ok(Configuration { model_dir: raw.model.dir.clone(), password, settings, log, raw })
}

struct Checks<'a> {
    given: Given,
    raw: &'a Raw,
}

impl Checks<'_> {
    fn mistake(&mut self, key: &str, value: Option<String>, rule: impl Into<String>, fix: impl Into<String>) {
        let place = self.given.place(key);
        let (rule, fix) = (rule.into(), fix.into());
        self.given.mistakes.push(Mistake { key: key.to_owned(), value, place, rule, fix });
    }

    fn durations(&mut self) {
        let (kafka, delivery) = (&self.raw.kafka, &self.raw.delivery);
        let (ms, s, m) = (Duration::from_millis, Duration::from_secs, Duration::from_mins);
        for (key, wait, least, most) in [
            ("kafka.session_timeout", kafka.session_timeout, s(1), m(30)),
            ("kafka.max_poll_interval", kafka.max_poll_interval, s(1), m(24 * 60)),
            ("kafka.transaction_timeout", kafka.transaction_timeout, s(1), m(15)),
            ("delivery.commit_interval", delivery.commit_interval, ms(0), DeliverySettings::LONGEST_WAIT),
            ("delivery.revoke_budget", delivery.revoke_budget, ms(0), DeliverySettings::LONGEST_WAIT),
            ("delivery.drain_timeout", delivery.drain_timeout, ms(100), m(10)),
            ("delivery.stall_timeout", delivery.stall_timeout, s(5), m(24 * 60)),
        ] {
            if wait.0 < least || wait.0 > most {
                let [least, most] = [least, most].map(|bound| humantime::format_duration(bound).to_string());
                let rule = format!("it must lie between {least} and {most}");
                self.mistake(key, Some(format!("\"{wait}\"")), rule, "write a duration between the two");
            }
        }
        if delivery.commit_interval >= kafka.transaction_timeout {
            let value = Some(format!("\"{}\"", delivery.commit_interval));
            let rule = "it must be shorter than kafka.transaction_timeout";
            self.mistake("delivery.commit_interval", value, rule, "50ms to 200ms serve well");
        }
    }

    fn memory(&mut self) {
        let raw = self.raw;
        for (key, bytes, least, most) in [
            ("kafka.prefetch", raw.kafka.prefetch, 64 << 10, 2 << 30),
            ("delivery.max_in_flight", raw.delivery.max_in_flight, 1 << 20, 64 << 30),
        ] {
            if bytes.0 < least || bytes.0 >= most {
                let (least, most) = (super::units::Bytes(least), super::units::Bytes(most));
                let rule = format!("it must be at least {least} and less than {most}");
                self.mistake(key, Some(format!("\"{bytes}\"")), rule, "write a size between the two");
            }
        }
        if raw.delivery.max_records_per_commit == 0 {
            let rule = "a transaction of no records would stop the stream";
            self.mistake("delivery.max_records_per_commit", Some("0".to_owned()), rule, "set it to at least 1");
        }
    }

    fn topics(&mut self) {
        let topics = topics(&self.raw.topics);
        let mut seen = HashMap::new();
        for (key, name) in topics.all() {
            let (key, value) = (format!("topics.{key}"), Some(format!("\"{name}\"")));
            let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            if name.is_empty() || name.len() > 249 || !name.chars().all(legal) || matches!(name, "." | "..") {
                let rule = "a topic's name has 1 to 249 of the characters a-z A-Z 0-9 . _ -";
                self.mistake(&key, value, rule, format!("write it as in \"{}\"", default_topic(&key)));
            } else if let Some(first) = seen.insert(name, key.clone()) {
                let rule = format!("it is also the name of {first}: what is written would be read again");
                self.mistake(&key, value, rule, "give each stream a topic of its own");
            }
        }
    }

    fn not_empty(&mut self) {
        if self.raw.model.dir.as_os_str().is_empty() {
            self.mistake("model.dir", Some("\"\"".to_owned()), "it must name a directory", "write \"models/sitr\"");
        }
        if self.raw.log.level.trim().is_empty() {
            self.mistake("log.level", Some("\"\"".to_owned()), "it must be a level or a filter", "write \"info\"");
        }
    }

    fn admin(&mut self) -> Option<SocketAddr> {
        let listen = &self.raw.admin.listen;
        if listen == "off" {
            return None;
        }
        let address = listen.parse().ok();
        if address.is_none() {
            let fix = "write an address as in \"127.0.0.1:9900\" or \"[::1]:9900\", or \"off\"";
            self.mistake("admin.listen", Some(format!("{listen:?}")), "it must be an IP address with a port", fix);
        }
        address
    }

    fn security(&mut self) -> Security {
        let kafka = &self.raw.kafka;
        let files = [("ca_file", &kafka.ca_file), ("cert_file", &kafka.cert_file), ("key_file", &kafka.key_file)];
        for (name, file) in files {
            let (key, Some(file)) = (format!("kafka.{name}"), file) else { continue };
            let value = Some(format!("{:?}", file.display().to_string()));
            if !kafka.tls {
                self.mistake(&key, value, "certificates have a meaning with TLS only", "set kafka.tls = true");
            } else if let Err(error) = std::fs::File::open(file) {
                self.mistake(
                    &key,
                    value,
                    format!("the file cannot be read: {error}"),
                    "correct the path or the rights",
                );
            }
        }
        if kafka.cert_file.is_some() != kafka.key_file.is_some() {
            let missing = if kafka.key_file.is_none() { "kafka.key_file" } else { "kafka.cert_file" };
            self.mistake(missing, None, "a certificate and its key belong together", "set both or neither");
        }
        Security {
            tls: kafka.tls,
            ca: kafka.ca_file.clone(),
            certificate: kafka.cert_file.clone(),
            key: kafka.key_file.clone(),
            sasl: self.sasl(),
        }
    }

    fn sasl(&mut self) -> Option<Sasl> {
        let kafka = &self.raw.kafka;
        let from_file = match &kafka.sasl_password_file {
            None => None,
            Some(path) => match read_secret(path) {
                Ok(secret) => Some(secret),
                Err(why) => {
                    let value = Some(format!("{:?}", path.display().to_string()));
                    self.mistake("kafka.sasl_password_file", value, why, "correct the path, the rights or the file");
                    return None;
                }
            },
        };
        let from_variable = self.given.password.clone();
        if from_file.is_some() && from_variable.is_some() {
            let rule = format!("the password is also given by {PASSWORD_VARIABLE}");
            self.mistake("kafka.sasl_password_file", None, rule, "give the password in one place only");
        }
        if from_variable.as_ref().is_some_and(|password| password.expose().is_empty()) {
            let rule = format!("{PASSWORD_VARIABLE} is empty");
            self.mistake("kafka.sasl_password", None, rule, "set it to the password or unset it");
        }
        let password = from_file.or(from_variable);
        let (mechanism, username) = (kafka.sasl_mechanism, kafka.sasl_username.clone());
        match (mechanism, username, password) {
            (Some(mechanism), Some(username), Some(password)) => {
                let mechanism = match mechanism {
                    Mechanism::Plain => SaslMechanism::Plain,
                    Mechanism::ScramSha256 => SaslMechanism::ScramSha256,
                    Mechanism::ScramSha512 => SaslMechanism::ScramSha512,
                };
                return Some(Sasl { mechanism, username, password });
            }
            (None, None, None) => {}
            (mechanism, username, _) => {
                let (key, fix) = if mechanism.is_none() {
                    ("kafka.sasl_mechanism", "set it to \"SCRAM-SHA-512\", or leave user and password out".to_owned())
                } else if username.is_none() {
                    ("kafka.sasl_username", "set it to the user".to_owned())
                } else {
                    ("kafka.sasl_password_file", format!("set it to a file, or set {PASSWORD_VARIABLE}"))
                };
                self.mistake(key, None, "mechanism, user and password belong together, and this one is missing", fix);
            }
        }
        None
    }
}

fn default_topic(key: &str) -> String {
    format!("sitr.{}", key.trim_start_matches("topics.").replace('_', "-"))
}

fn kafka(raw: &Kafka, security: Security) -> KafkaSettings {
    KafkaSettings {
        bootstrap_servers: raw.bootstrap_servers.clone(),
        group_id: raw.group_id.clone(),
        instance_id: raw.instance_id.clone(),
        security,
        session_timeout: raw.session_timeout.0,
        max_poll_interval: raw.max_poll_interval.0,
        transaction_timeout: raw.transaction_timeout.0,
        prefetch_kib: u32::try_from(raw.prefetch.0 >> 10).unwrap_or(u32::MAX),
        extra: raw.extra.clone(),
    }
}

fn topics(raw: &TopicNames) -> Topics {
    Topics {
        posts: raw.posts.clone(),
        signals: raw.signals.clone(),
        reports: raw.reports.clone(),
        outcomes: raw.outcomes.clone(),
        takedown: raw.takedown.clone(),
        review: raw.review.clone(),
        care: raw.care.clone(),
        dead_letter: raw.dead_letter.clone(),
        audit: raw.audit.clone(),
        changelog: raw.changelog.clone(),
    }
}

fn limits(raw: &Raw) -> DeliverySettings {
    let in_flight = usize::try_from(raw.delivery.max_in_flight.0).unwrap_or(usize::MAX);
    let default = DeliverySettings::default();
    DeliverySettings {
        commit_interval: raw.delivery.commit_interval.0,
        max_records_per_commit: usize::try_from(raw.delivery.max_records_per_commit).unwrap_or(usize::MAX),
        // The outputs of one transaction may fill half of the memory at most, or they would stall the input.
        max_bytes_per_commit: default.max_bytes_per_commit.min(in_flight / 2),
        max_in_flight_bytes: in_flight,
        revoke_budget: raw.delivery.revoke_budget.0,
        ..default
    }
}

/// 0 takes the number of cores.
pub(crate) fn workers(asked: u16) -> usize {
    if asked > 0 { usize::from(asked) } else { std::thread::available_parallelism().map_or(1, usize::from) }
}
