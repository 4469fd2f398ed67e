use std::time::Duration;

use super::*;
use error::Place;

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Configuration, ConfigError> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Configuration::from_text(Some((Path::new("sitr.toml"), text)), variables)
}

fn mistakes(text: &str, variables: &[(&str, &str)]) -> Vec<Mistake> {
    load(text, variables).err().map(|error| error.0).unwrap_or_default()
}

#[test]
fn an_empty_file_gives_the_defaults() {
    let configuration = load("", &[]).unwrap();
    let settings = configuration.settings;
    assert_eq!(settings.kafka.bootstrap_servers, "127.0.0.1:9092");
    assert_eq!((settings.kafka.group_id.as_str(), settings.kafka.instance_id.as_str()), ("sitr", "sitr-0"));
    assert_eq!(settings.topics, sitr_engine::Topics::default());
    assert_eq!(settings.limits, sitr_engine::DeliverySettings::default());
    assert_eq!(settings.admin, Some("127.0.0.1:9900".parse().unwrap()));
    assert_eq!(settings.drain_timeout, Duration::from_secs(8));
    assert!(settings.workers >= 1);
    assert_eq!(configuration.model_dir, Path::new("models/sitr"));
}

#[test]
fn the_keys_that_are_promised_work() {
    let text = r#"
        [kafka]
        bootstrap_servers = "127.0.0.1:9092"
        group_id = "g"
        instance_id = "i"
        [topics]
        posts = "a"
        signals = "b"
        reports = "c"
        outcomes = "d"
        takedown = "e"
        review = "f"
        care = "g"
        dead_letter = "h"
        audit = "i"
        changelog = "j"
        [model]
        dir = "m"
        [delivery]
        mode = "at-least-once"
        commit_interval = "50ms"
        [admin]
        listen = "0.0.0.0:0"
    "#;
    let settings = load(text, &[]).unwrap().settings;
    assert_eq!(settings.delivery, sitr_engine::kafka::Delivery::AtLeastOnce);
    assert_eq!(settings.limits.commit_interval, Duration::from_millis(50));
    assert_eq!(settings.topics.all().map(|(_, name)| name), ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]);
}

#[test]
fn each_mistake_names_key_value_rule_fix_and_line() {
    // Text, key, what stands in the message: value, rule, fix.
    for (text, key, said) in [
        ("[kafka]\nbootstrap_servers = \"\"", "kafka.bootstrap_servers", &["\"\"", "must not be empty"][..]),
        ("[kafka]\ninstance_id = \"a b\"", "kafka.instance_id", &["\"a b\"", "white space"]),
        ("[kafka]\ngroup_id = 7", "kafka.group_id", &["= 7", "expected a string", "group_id = \"sitr\""]),
        ("[kafka]\nsession_timeout = \"30\"", "kafka.session_timeout", &["\"30\"", "with its unit", "\"30s\""]),
        ("[kafka]\nsession_timeout = \"10m\"", "kafka.session_timeout", &["max_poll_interval", "lower it"]),
        ("[kafka]\ntransaction_timeout = \"16m\"", "kafka.transaction_timeout", &["\"16m\"", "between 1s and 15m"]),
        ("[kafka]\nprefetch = \"1KiB\"", "kafka.prefetch", &["\"1KiB\"", "at least 64KiB"]),
        ("[kafka]\ntls = \"yes\"", "kafka.tls", &["\"yes\"", "boolean", "tls = false"]),
        ("[kafka]\nca_file = \"/none.pem\"", "kafka.ca_file", &["/none.pem", "with TLS only", "tls = true"]),
        ("[kafka]\nca_file = \"/none.pem\"\ntls = true", "kafka.ca_file", &["cannot be read"]),
        ("[kafka]\nsasl_mechanism = \"MD5\"", "kafka.sasl_mechanism", &["\"MD5\"", "SCRAM-SHA-512"]),
        ("[kafka.extra]\nacks = \"1\"", "kafka.extra.\"acks\"", &["\"1\"", "survive", "remove the key"]),
        ("[kafka]\nextra = { acks = 1 }", "kafka.extra", &["must be text", "quotes"]),
        ("[topics]\nreview = \"sitr.posts\"", "topics.review", &["\"sitr.posts\"", "topics.posts", "of its own"]),
        ("[topics]\ncare = \"a/b\"", "topics.care", &["\"a/b\"", "characters", "sitr.care"]),
        ("[model]\nworkers = -1", "model.workers", &["-1", "workers = 0"]),
        ("[model]\ndir = \"\"", "model.dir", &["\"\"", "directory", "models/sitr"]),
        ("[delivery]\nmode = \"once\"", "delivery.mode", &["\"once\"", "at-least-once", "exactly-once"]),
        ("[delivery]\ncommit_interval = 100", "delivery.commit_interval", &["= 100", "string", "\"100ms\""]),
        ("[delivery]\ncommit_interval = \"20s\"", "delivery.commit_interval", &["\"20s\"", "transaction_timeout"]),
        ("[delivery]\nmax_in_flight = \"10B\"", "delivery.max_in_flight", &["\"10B\"", "at least 1MiB"]),
        ("[delivery]\nmax_records_per_commit = 0", "delivery.max_records_per_commit", &["= 0", "at least 1"]),
        ("[delivery]\nstall_timeout = \"1s\"", "delivery.stall_timeout", &["\"1s\"", "between 5s and 1day"]),
        ("[delivery]\ndrain_timeout = \"0s\"", "delivery.drain_timeout", &["\"0s\"", "between 100ms and 10m"]),
        ("[admin]\nlisten = \"localhost\"", "admin.listen", &["\"localhost\"", "IP address", "127.0.0.1:9900"]),
        ("[log]\nformat = \"xml\"", "log.format", &["\"xml\"", "human", "auto"]),
        ("[log]\nlevel = \"\"", "log.level", &["\"\"", "filter", "info"]),
    ] {
        let found = mistakes(text, &[]);
        let [mistake] = found.as_slice() else { panic!("one mistake is expected of {text:?}, found {found:?}") };
        let message = mistake.to_string();
        assert_eq!(mistake.key, key, "{message}");
        assert!(message.starts_with("sitr.toml:2: "), "{message}");
        assert!(message.contains(". Fix: "), "{message}");
        for said in said {
            assert!(message.contains(said), "`{said}` is not in: {message}");
        }
    }
}

#[test]
fn what_does_not_exist_is_refused_with_what_was_meant() {
    for (text, key, fix) in [
        ("[kafka]\ngroup = \"g\"", "kafka.group", "did you mean `group_id`?"),
        ("[delivery]\ncommit_intervall = \"1s\"", "delivery.commit_intervall", "did you mean `commit_interval`?"),
        ("[log]\nqqqqqqqqqqqq = 1", "log.qqqqqqqqqqqq", "use one of format, level"),
        ("\n[kafak]\n", "[kafak]", "did you mean `kafka`?"),
        ("\n[policy]\nfile = \"x\"", "[policy]", "the built-in policy applies"),
        ("\nmodel = \"m\"", "model", "write [model]"),
    ] {
        let found = mistakes(text, &[]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].key.as_str(), &found[0].place), (key, &Place::Line("sitr.toml".into(), 2)));
        assert!(found[0].fix.contains(fix), "{}", found[0]);
    }
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_lines() {
    let found = mistakes("[topics]\nnope = 1\n[delivery]\nmode = \"x\"\n[admin]\nlisten = \"y\"", &[]);
    let lines: Vec<_> = found.iter().map(|mistake| mistake.place.to_string()).collect();
    assert_eq!(lines, ["sitr.toml:2", "sitr.toml:4", "sitr.toml:6"]);
}

#[test]
fn text_that_is_not_toml_is_told_by_its_line_and_never_quoted() {
    let error = load("[kafka]\ngroup_id = \"hunter2\nx = 1", &[]).err().unwrap().to_string();
    assert!(error.contains("sitr.toml:2") && !error.contains("hunter2"), "{error}");
}

#[test]
fn the_environment_has_precedence_over_the_file() {
    let text = "[kafka]\ngroup_id = \"file\"\n[model]\nworkers = 1";
    let variables = [
        ("SITR_KAFKA__GROUP_ID", "environment"),
        ("SITR_KAFKA__TLS", "true"),
        ("SITR_MODEL__WORKERS", "3"),
        ("SITR_TOPICS__DEAD_LETTER", "dead"),
        ("SITR_DELIVERY__COMMIT_INTERVAL", "0s"),
        ("SITR_ADMIN__LISTEN", "off"),
        ("SITR_SEEDS", "not ours"),
        ("SITR_HOUSE__DOOR", "not ours"),
        ("PATH", "not ours"),
    ];
    let settings = load(text, &variables).unwrap().settings;
    assert_eq!((settings.kafka.group_id.as_str(), settings.kafka.security.tls), ("environment", true));
    assert_eq!((settings.workers, settings.admin), (3, None));
    assert_eq!(settings.topics.dead_letter, "dead");
    assert_eq!(settings.limits.commit_interval, Duration::ZERO);
}

#[test]
fn every_key_but_extra_has_its_variable() {
    for section in raw::SECTIONS {
        for (key, _) in section.keys {
            let variable = format!("SITR_{}__{}", section.name, key).to_uppercase();
            let found = mistakes("", &[(&variable, "\0")]);
            // Whatever is said of the value, the key itself is known.
            let unknown =
                found.iter().any(|mistake| mistake.rule.contains("no such") || mistake.rule.contains("no env"));
            assert_eq!(unknown, *key == "extra", "{variable}: {found:?}");
        }
    }
}

#[test]
fn a_mistake_in_the_environment_names_the_variable() {
    for (variable, value, said) in [
        ("SITR_KAFKA__GROUPID", "g", "did you mean `group_id`?"),
        ("SITR_KAFKA__EXTRA", "x", "[kafka.extra]"),
        ("SITR_POLICY__FILE", "x", "built-in policy"),
        ("SITR_MODEL__WORKERS", "many", "\"many\""),
        ("SITR_ADMIN__LISTEN", "", "IP address"),
    ] {
        let found = mistakes("", &[(variable, value)]);
        assert_eq!(found.len(), 1, "{found:?}");
        let message = found[0].to_string();
        assert!(message.starts_with(&format!("environment {variable}: ")) && message.contains(said), "{message}");
    }
}

#[test]
fn a_password_in_the_file_is_refused_and_not_shown() {
    for text in [
        "[kafka]\nsasl_password = \"hunter2\"",
        "[kafka]\npassword = \"hunter2\"",
        "[kafka]\nssl_key_password = \"hunter2\"",
        "[kafka.extra]\n\"sasl.password\" = \"hunter2\"",
        "[kafka.extra]\n\"ssl.key.pem\" = \"hunter2\"",
        "[kafka.extra]\n\"sasl.password\" = [\"hunter2\"]",
    ] {
        let error = load(text, &[]).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let error = load("[kafka]\nsasl_password = \"hunter2\"", &[]).err().unwrap().to_string();
    assert!(error.contains("SITR_KAFKA__SASL_PASSWORD") && error.contains("sasl_password_file"), "{error}");
}

#[test]
fn a_password_comes_from_a_file_or_a_variable_and_is_shown_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("password");
    std::fs::write(&path, "hunter2\n").unwrap();
    let user = "[kafka]\nsasl_mechanism = \"SCRAM-SHA-512\"\nsasl_username = \"u\"\n";
    let with_file = format!("{user}sasl_password_file = {:?}", path.display().to_string());
    let variable = [("SITR_KAFKA__SASL_PASSWORD", "hunter2")];
    for (text, variables) in [(with_file.as_str(), &[][..]), (user, &variable[..])] {
        let configuration = load(text, variables).unwrap();
        let sasl = configuration.settings.kafka.security.sasl.clone().unwrap();
        assert_eq!(sasl.password.expose(), "hunter2");
        let shown = format!("{} {:?}", configuration.show(), configuration.settings);
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    assert!(load(user, &variable).unwrap().show().contains("sasl_password = ***"));
    assert!(mistakes(&with_file, &variable)[0].rule.contains("also given"));
    assert!(mistakes(user, &[])[0].rule.contains("is missing"));
    std::fs::write(&path, "\n").unwrap();
    assert!(mistakes(&with_file, &[])[0].rule.contains("empty"));
}

#[test]
fn what_is_shown_can_be_read_again_and_hides_secrets_of_librdkafka() {
    let text = "[kafka.extra]\n\"ssl.keystore.password\" = \"hunter2\"\n\"socket.keepalive.enable\" = \"true\"";
    let shown = load(text, &[]).unwrap().show();
    assert!(
        !shown.contains("hunter2") && shown.contains("***") && shown.contains("socket.keepalive.enable"),
        "{shown}"
    );
    let shown = load("[admin]\nlisten = \"off\"", &[]).unwrap().show();
    assert_eq!(load(&shown, &[]).unwrap().show(), shown);
}

#[test]
fn the_example_holds_every_key_with_its_default() {
    let example = example();
    assert_eq!(load(&example, &[]).unwrap().raw, Raw::default());
    for section in raw::SECTIONS {
        for (key, _) in section.keys {
            assert!(example.contains(&format!("{key} = ")) || example.contains(&format!(".{key}]")), "{key}");
        }
    }
}
