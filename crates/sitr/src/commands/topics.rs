//! `sitr topics apply`.

use std::{io::Write as _, process::ExitCode};

use sitr_engine::{
    Topics,
    kafka::{Applied, TopicSpec, apply_topics},
};

use crate::{cli, config::Configuration, exit::note};

/// A dead letter is a record as it came, and more headers: Kafka's default of 1,048,588 bytes and 2 MiB of room.
const DEAD_LETTER_BYTES: &str = "3145740";

/// Creates what is missing and prints one line a topic.
pub(super) fn run(cli::Topics::Apply { file, partitions, replication }: cli::Topics) -> anyhow::Result<ExitCode> {
    let settings = Configuration::load(file.config.as_deref())?.settings;
    let specs = specs(&settings.topics, partitions, replication);
    let applied = apply_topics(&settings.kafka, &specs)?;
    let mut out = std::io::stdout().lock();
    for (spec, applied) in specs.iter().zip(applied) {
        match applied {
            Applied::Created => writeln!(out, "created  {} ({} partitions)", spec.name, spec.partitions)?,
            Applied::Exists { partitions: found } => {
                writeln!(out, "exists   {} ({found} partitions)", spec.name)?;
                if usize::try_from(partitions).is_ok_and(|asked| asked != found) {
                    note(format_args!("{} has {found} partitions, not {partitions}; it is left as it is", spec.name));
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn specs(topics: &Topics, partitions: i32, replication: Option<i32>) -> Vec<TopicSpec> {
    let configs = |key: &str| match key {
        "changelog" => vec![("cleanup.policy", "compact")],
        "dead_letter" => vec![("max.message.bytes", DEAD_LETTER_BYTES)],
        _ => Vec::new(),
    };
    let spec =
        |(key, name): (&str, &str)| TopicSpec { name: name.to_owned(), partitions, replication, configs: configs(key) };
    topics.all().into_iter().map(spec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_is_made_the_changelog_compacted_and_dead_letters_with_room() {
        let specs = specs(&Topics::default(), 6, Some(3));
        assert_eq!(specs.len(), 10);
        assert!(specs.iter().all(|spec| (spec.partitions, spec.replication) == (6, Some(3))));
        let configs = |name: &str| specs.iter().find(|spec| spec.name == name).unwrap().configs.clone();
        assert_eq!(configs("sitr.changelog"), [("cleanup.policy", "compact")]);
        assert_eq!(configs("sitr.dead-letter"), [("max.message.bytes", "3145740")]);
        assert!(configs("sitr.posts").is_empty());
    }
}
