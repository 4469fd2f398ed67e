//! Why a record could not be judged.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Reason code of a dead letter: closed, stable, and the value of the header `sitr-reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// No bytes, or white space only.
    EmptyRecord,
    /// Not UTF-8.
    InvalidUtf8,
    /// Not JSON, or cut short.
    InvalidJson,
    /// A `\u` escape of half a surrogate pair: no Unicode text.
    LoneSurrogate,
    /// A field has another type than the contract says.
    WrongType,
    /// A required field is missing, or a value is outside its set.
    WrongShape,
    /// The text holds no visible character.
    EmptyText,
    /// The text is longer than the contract allows.
    TextTooLong,
    /// The record is larger than the input accepts.
    RecordTooLarge,
    /// The tokeniser refused the text.
    Tokenizer,
    /// The model failed on the text, or gave a score that is no number.
    Model,
    /// The decision could not be encoded.
    Encode,
}

impl ReasonCode {
    /// All codes, for metrics and documentation.
    pub const ALL: [Self; 12] = [
        Self::EmptyRecord,
        Self::InvalidUtf8,
        Self::InvalidJson,
        Self::LoneSurrogate,
        Self::WrongType,
        Self::WrongShape,
        Self::EmptyText,
        Self::TextTooLong,
        Self::RecordTooLarge,
        Self::Tokenizer,
        Self::Model,
        Self::Encode,
    ];

    /// The code on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmptyRecord => "empty_record",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::InvalidJson => "invalid_json",
            Self::LoneSurrogate => "lone_surrogate",
            Self::WrongType => "wrong_type",
            Self::WrongShape => "wrong_shape",
            Self::EmptyText => "empty_text",
            Self::TextTooLong => "text_too_long",
            Self::RecordTooLarge => "record_too_large",
            Self::Tokenizer => "tokenizer",
            Self::Model => "model",
            Self::Encode => "encode",
        }
    }
}

/// A record that cannot be judged, with the reason. It never carries any part of the record's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct Poison {
    /// The class.
    pub code: ReasonCode,
    /// What exactly is wrong, and where; the header `sitr-detail`.
    pub detail: String,
}

impl Poison {
    /// A poison of that class. `detail` must hold no part of a post's text.
    #[must_use]
    pub fn new(code: ReasonCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// Classes a `serde_json` error. Its message may quote the input, so only its class and place are kept.
    #[must_use]
    pub fn from_json(error: &serde_json::Error, json: &str) -> Self {
        let place = format!("line {} column {}", error.line(), error.column());
        let said = error.to_string();
        if said.contains("surrogate") || said.contains("unexpected end of hex escape") || said.contains("lone leading")
        {
            return Self::new(ReasonCode::LoneSurrogate, format!("half of a surrogate pair at {place}"));
        }
        match error.classify() {
            serde_json::error::Category::Data if said.starts_with("missing field `") => {
                // Names of fields are ours, never the sender's.
                let field = said.split('`').nth(1).unwrap_or_default();
                Self::new(ReasonCode::WrongShape, format!("required field {field} is missing"))
            }
            serde_json::error::Category::Data if said.starts_with("unknown variant") => {
                Self::new(ReasonCode::WrongShape, format!("a value is outside its set at {place}"))
            }
            serde_json::error::Category::Data if json.trim_start().starts_with('{') => {
                Self::new(ReasonCode::WrongType, format!("a field has the wrong type at {place}"))
            }
            serde_json::error::Category::Data => Self::new(ReasonCode::WrongType, "the record is JSON but no object"),
            _ => Self::new(ReasonCode::InvalidJson, format!("not JSON at {place}")),
        }
    }
}
