//! Wall-clock time, in the two forms that messages need.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wall(OffsetDateTime);

impl Wall {
    /// This moment.
    pub(crate) fn now() -> Self {
        Self(OffsetDateTime::now_utc())
    }

    /// Milliseconds since 1970.
    pub(crate) fn millis(self) -> i64 {
        i64::try_from(self.0.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
    }

    /// RFC 3339 with milliseconds, UTC.
    pub(crate) fn rfc3339(self) -> String {
        let cut = self.0.replace_millisecond(self.0.millisecond()).unwrap_or(self.0);
        cut.format(&Rfc3339).expect("invariant: a year of the system clock has four digits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_with_milliseconds_in_utc() {
        let moment = Wall(OffsetDateTime::from_unix_timestamp_nanos(1_700_000_000_123_456_789).unwrap());
        assert_eq!(moment.rfc3339(), "2023-11-14T22:13:20.123Z");
        assert_eq!(moment.millis(), 1_700_000_000_123);
    }
}
