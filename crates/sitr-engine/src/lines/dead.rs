//! A line that could not be judged, as it is written down.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Serialize;
use sitr_types::{Poison, ReasonCode};

use super::reader::{KEPT_BYTES, Line, MAX_LINE_BYTES};

/// A dead letter of a file. `Debug` never shows the line.
#[derive(Clone, PartialEq, Eq)]
pub struct DeadLine {
    /// Its number in the input, from 1.
    pub line: u64,
    /// Why.
    pub poison: Poison,
    raw: Vec<u8>,
    truncated: bool,
}

/// The JSON of a dead line.
#[derive(Serialize)]
struct Written<'a> {
    file: &'a str,
    line: u64,
    reason: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_base64: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    raw_truncated: bool,
}

impl DeadLine {
    pub(super) fn new(line: u64, poison: Poison, mut raw: Vec<u8>) -> Self {
        let truncated = raw.len() > KEPT_BYTES;
        raw.truncate(KEPT_BYTES);
        raw.shrink_to_fit();
        Self { line, poison, raw, truncated }
    }

    pub(super) fn too_long(line: u64, start: Vec<u8>, length: u64) -> Self {
        let detail = format!("the line has {length} bytes, at most {MAX_LINE_BYTES} are read");
        Self { truncated: true, ..Self::new(line, Poison::new(ReasonCode::RecordTooLarge, detail), start) }
    }

    /// One line of JSON without its end: `file`, `line`, `reason`, `detail`, and the line itself as `raw`, or as `raw_base64`
    /// when it is not UTF-8. Of more than 64 KiB the beginning is kept and `raw_truncated` is true.
    #[must_use]
    pub fn to_json(&self, file: &str) -> String {
        let raw = self.raw_text();
        let written = Written {
            file,
            line: self.line,
            reason: self.poison.code.as_str(),
            detail: &self.poison.detail,
            raw,
            raw_base64: raw.is_none().then(|| BASE64_STANDARD.encode(&self.raw)),
            raw_truncated: self.truncated,
        };
        serde_json::to_string(&written).expect("invariant: strings and numbers always have a JSON form")
    }

    fn raw_text(&self) -> Option<&str> {
        match std::str::from_utf8(&self.raw) {
            Ok(text) => Some(text),
            // The cut may go through a character.
            Err(error) if self.truncated && error.error_len().is_none() => {
                std::str::from_utf8(&self.raw[..error.valid_up_to()]).ok()
            }
            Err(_) => None,
        }
    }
}

impl std::fmt::Debug for DeadLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeadLine").field("line", &self.line).field("poison", &self.poison).finish_non_exhaustive()
    }
}

/// A whole line's bytes, or the dead letter that it is for its length alone.
pub(super) fn whole(number: u64, line: Line) -> Result<Vec<u8>, DeadLine> {
    match line {
        Line::Whole(bytes) => Ok(bytes),
        Line::TooLong { start, length } => Err(DeadLine::too_long(number, start, length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(dead: &DeadLine) -> serde_json::Value {
        serde_json::from_str(&dead.to_json("in.jsonl")).unwrap()
    }

    #[test]
    fn a_dead_line_says_where_and_why_and_keeps_the_line() {
        let dead = DeadLine::new(7, Poison::new(ReasonCode::WrongShape, "field x"), b"{\"a\":1}".to_vec());
        let expected = serde_json::json!({
            "file": "in.jsonl", "line": 7, "reason": "wrong_shape", "detail": "field x", "raw": "{\"a\":1}"
        });
        assert_eq!(json(&dead), expected);
    }

    #[test]
    fn bytes_that_are_no_text_are_kept_as_base64() {
        let dead = DeadLine::new(1, Poison::new(ReasonCode::InvalidUtf8, ""), b"\xff\x00".to_vec());
        assert_eq!((&json(&dead)["raw_base64"], &json(&dead)["raw"]), (&"/wA=".into(), &serde_json::Value::Null));
    }

    #[test]
    fn a_long_line_keeps_its_beginning_and_says_so() {
        // Two bytes a character, one before them: the cut goes through a character.
        let text = format!("x{}", "ش".repeat(KEPT_BYTES));
        let dead = DeadLine::new(1, Poison::new(ReasonCode::InvalidJson, ""), text.into_bytes());
        let json = json(&dead);
        assert_eq!(json["raw_truncated"], true);
        assert_eq!(json["raw"].as_str().unwrap().len(), KEPT_BYTES - 1);
    }

    #[test]
    fn debug_does_not_show_the_line() {
        let dead = DeadLine::new(1, Poison::new(ReasonCode::InvalidJson, ""), b"canary".to_vec());
        assert!(!format!("{dead:?}").contains("canary"));
    }
}
