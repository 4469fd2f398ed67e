//! Where a produced record goes.

/// Names of the streams that Sitr writes and reads; the configuration maps each to a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// Posts in.
    Posts,
    /// Scored posts between the stages.
    Signals,
    /// Flags: act now.
    Takedown,
    /// Flags: a person decides.
    Review,
    /// A victim asks for help.
    Care,
    /// Records that could not be judged.
    DeadLetter,
}

impl Route {
    /// The name in the configuration and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Signals => "signals",
            Self::Takedown => "takedown",
            Self::Review => "review",
            Self::Care => "care",
            Self::DeadLetter => "dead_letter",
        }
    }
}

/// A record to be written, complete but for the topic's name.
#[derive(Clone, PartialEq, Eq)]
pub struct OutRecord {
    /// Which stream.
    pub route: Route,
    /// The key, if any.
    pub key: Option<Vec<u8>>,
    /// The value; `None` is a tombstone and only a dead letter of a record without a value has it.
    pub value: Option<Vec<u8>>,
    /// Headers in order.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl OutRecord {
    /// Bytes that the record holds, for memory bounds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.key.as_ref().map_or(0, Vec::len)
            + self.value.as_ref().map_or(0, Vec::len)
            + self.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
    }
}

impl std::fmt::Debug for OutRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutRecord").field("route", &self.route).field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}
