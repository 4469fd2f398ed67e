//! A partition, and lists of them as rdkafka wants them.

use std::{fmt, sync::Arc};

use rdkafka::{Offset, TopicPartitionList};

/// A partition of a topic. Cloning costs one reference count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition {
    /// The topic's name.
    pub topic: Arc<str>,
    /// The partition's number.
    pub number: i32,
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.topic, self.number)
    }
}

/// The list without offsets.
pub(crate) fn list(partitions: &[Partition]) -> TopicPartitionList {
    let mut out = TopicPartitionList::with_capacity(partitions.len());
    for partition in partitions {
        out.add_partition(&partition.topic, partition.number);
    }
    out
}

/// The list with an offset each.
pub(crate) fn list_at<'a>(partitions: impl IntoIterator<Item = (&'a Partition, i64)>) -> TopicPartitionList {
    let mut out = TopicPartitionList::new();
    for (partition, offset) in partitions {
        out.add_partition(&partition.topic, partition.number)
            .set_offset(Offset::Offset(offset))
            .expect("invariant: an offset of the log is not negative");
    }
    out
}

/// Keeps one allocation of each topic's name, so that a record costs no string.
#[derive(Debug, Default)]
pub(crate) struct Names(Vec<Arc<str>>);

impl Names {
    /// The shared name equal to `topic`.
    pub(crate) fn shared(&mut self, topic: &str) -> Arc<str> {
        if let Some(known) = self.0.iter().find(|known| ***known == *topic) {
            return Arc::clone(known);
        }
        let name: Arc<str> = topic.into();
        self.0.push(Arc::clone(&name));
        name
    }

    /// The partitions of a list.
    pub(crate) fn partitions(&mut self, list: &TopicPartitionList) -> Vec<Partition> {
        list.elements()
            .iter()
            .map(|element| Partition { topic: self.shared(element.topic()), number: element.partition() })
            .collect()
    }
}
