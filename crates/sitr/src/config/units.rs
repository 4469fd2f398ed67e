//! Values with their unit: `"100ms"`, `"64MiB"`.

use std::{fmt, str::FromStr, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A duration, written with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wait(pub(crate) Duration);

/// A number of bytes, written with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bytes(pub(crate) u64);

const SIZES: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl FromStr for Wait {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        humantime::parse_duration(text).map(Self).map_err(|_| "it must be a duration with its unit (ms, s, m, h)")
    }
}

impl FromStr for Bytes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rule = "it must be a whole number of bytes with its unit (B, KiB, MiB, GiB)";
        SIZES
            .iter()
            .find_map(|(unit, size)| Some((text.strip_suffix(unit)?, size)))
            .and_then(|(number, size)| number.trim_end().parse::<u64>().ok()?.checked_mul(*size))
            .map(Self)
            .ok_or(rule)
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", humantime::format_duration(self.0))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, size) = SIZES.iter().find(|(_, size)| self.0.is_multiple_of(*size)).unwrap_or(&("B", 1));
        write!(f, "{}{unit}", self.0 / size)
    }
}

/// The same three impls for both: text in, text out, and a schema that shows the form.
macro_rules! as_text {
    ($type:ident, $pattern:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

as_text!(Wait, "^([0-9]+ *(ms|s|m|h) *)+$");
as_text!(Bytes, "^[0-9]+ *(B|KiB|MiB|GiB)$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_a_unit_come_back_as_they_were_written() {
        for text in ["100ms", "10s", "5m", "0s"] {
            assert_eq!(text.parse::<Wait>().unwrap().to_string(), text);
        }
        for text in ["64MiB", "16KiB", "1GiB", "1000B"] {
            assert_eq!(text.parse::<Bytes>().unwrap().to_string(), text);
        }
        assert_eq!("2 MiB".parse(), Ok(Bytes(2 << 20)));
    }

    #[test]
    fn a_number_without_its_unit_is_refused() {
        for text in ["100", "", "fast", "-1s", "1.5"] {
            assert!(text.parse::<Wait>().is_err(), "{text}");
        }
        for text in ["64", "", "64MB", "-1MiB", "1.5MiB", "MiB", "99999999999999999GiB"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }
}
