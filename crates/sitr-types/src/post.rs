//! `sitr.post.v1`: what a platform sends in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Poison, ReasonCode};

/// Name and version of the contract.
pub const SCHEMA_POST: &str = "sitr.post.v1";

/// Longest text that is read, in Unicode scalar values. A longer one is a dead letter, never cut in silence.
pub const MAX_TEXT_SCALARS: usize = 8_000;

/// A post of a platform. Keys are opaque (hashed upstream): no handle, name, phone or IP is a field. Unknown fields are ignored.
///
/// `Debug` never shows the text.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Post {
    /// The platform's id of the post; the key of every decision about it.
    pub post_id: String,
    /// The text, at most 8,000 Unicode scalar values.
    pub text: String,
    /// Id of this event (created, edited); the post id where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingested_at: Option<String>,
    /// Name of the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Where the post can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<String>,
    /// The post that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// Whom it is about or addressed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Opaque keys of those mentioned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// The platform's guess of the language; a hint only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang_hint: Option<String>,
    /// How the post came to be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The complaint that points at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complaint: Option<Complaint>,
    /// Where its data must stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residency: Option<String>,
    /// Attached media: kinds and hashes, never content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
}

impl Post {
    /// The id that makes a decision about this event repeatable.
    #[must_use]
    pub fn event(&self) -> &str {
        self.event_id.as_deref().unwrap_or(&self.post_id)
    }
}

impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Post")
            .field("post_id", &self.post_id)
            .field("text_bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

/// The author of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Author {
    /// Opaque key.
    pub key: String,
    /// Says of himself or herself to be under age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_minor: Option<bool>,
}

/// The person a post is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// Opaque key.
    pub key: String,
    /// As the platform knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// Says of himself or herself to be under age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_minor: Option<bool>,
}

/// How a post came to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The platform's own stream.
    Voluntary,
    /// A user reported it.
    UserReport,
    /// A legal notice.
    Notice,
    /// A trusted flagger.
    TrustedFlagger,
    /// A complaint of the person concerned.
    Complaint,
    /// An authority's order.
    AuthorityOrder,
}

/// A complaint that points at a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Complaint {
    /// Whom it was made to.
    pub authority: String,
    /// Its reference there.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<String>,
}

/// Attached media.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Media {
    /// image, video, audio.
    pub kind: String,
    /// Hashes of it.
    #[serde(default)]
    pub hashes: MediaHashes,
}

/// Hashes of a medium.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MediaHashes {
    /// Perceptual hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdq: Option<String>,
    /// Lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub md5: Option<String>,
}

/// Reads one post, or says why it cannot be one. No part of the input is echoed.
///
/// # Errors
/// [`Poison`] with the reason code that the dead letter carries: not UTF-8, not JSON, a wrong type, a missing field, an empty
/// or an over-long text.
pub fn decode_post(bytes: &[u8]) -> Result<Post, Poison> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Poison::new(ReasonCode::EmptyRecord, "the record has no bytes"));
    }
    let json = std::str::from_utf8(bytes)
        .map_err(|e| Poison::new(ReasonCode::InvalidUtf8, format!("not UTF-8 from byte {}", e.valid_up_to())))?;
    let post: Post = serde_json::from_str(json).map_err(|e| Poison::from_json(&e, json))?;
    if post.post_id.is_empty() {
        return Err(Poison::new(ReasonCode::WrongShape, "field post_id is empty"));
    }
    if !post.text.chars().any(is_visible) {
        return Err(Poison::new(ReasonCode::EmptyText, "field text holds no visible character"));
    }
    // Bytes bound the scalar count from above by four, so most posts are counted by one comparison.
    if post.text.len() > MAX_TEXT_SCALARS {
        let scalars = post.text.chars().count();
        if scalars > MAX_TEXT_SCALARS {
            return Err(Poison::new(
                ReasonCode::TextTooLong,
                format!("field text has {scalars} scalar values, at most {MAX_TEXT_SCALARS} are read"),
            ));
        }
    }
    Ok(post)
}

/// Neither white space nor a character that only steers layout (zero-width, bidi controls, soft hyphen, byte-order mark).
fn is_visible(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(bytes: &[u8]) -> ReasonCode {
        decode_post(bytes).unwrap_err().code
    }

    #[test]
    fn the_two_required_fields_are_enough_and_unknown_fields_are_ignored() {
        let post = decode_post(br#"{"post_id":"p1","text":"salam","colour":"red"}"#).unwrap();
        assert_eq!(post.event(), "p1");
        assert_eq!(post.text, "salam");
    }

    #[test]
    fn each_way_to_be_wrong_has_its_own_reason_code() {
        assert_eq!(code(b""), ReasonCode::EmptyRecord);
        assert_eq!(code(b"  \n"), ReasonCode::EmptyRecord);
        assert_eq!(code(b"not json"), ReasonCode::InvalidJson);
        assert_eq!(code(br#"{"post_id":"p1","text":"a"#), ReasonCode::InvalidJson);
        assert_eq!(code(b"{\"post_id\":\"p1\",\"text\":\"\xff\"}"), ReasonCode::InvalidUtf8);
        assert_eq!(code(br#"{"post_id":"p1","text":"\ud800"}"#), ReasonCode::LoneSurrogate);
        assert_eq!(code(br#"{"post_id":7,"text":"a"}"#), ReasonCode::WrongType);
        assert_eq!(code(br#"{"post_id":"p1"}"#), ReasonCode::WrongShape);
        assert_eq!(code(br#"[1,2]"#), ReasonCode::WrongType);
        assert_eq!(code(br#"{"post_id":"p1","text":" \u200b "}"#.as_slice()), ReasonCode::EmptyText);
        let long = format!(r#"{{"post_id":"p1","text":"{}"}}"#, "x".repeat(MAX_TEXT_SCALARS + 1));
        assert_eq!(code(long.as_bytes()), ReasonCode::TextTooLong);
    }

    #[test]
    fn eight_thousand_scalar_values_of_any_width_are_read() {
        let text = "ش".repeat(MAX_TEXT_SCALARS);
        assert!(decode_post(format!(r#"{{"post_id":"p","text":"{text}"}}"#).as_bytes()).is_ok());
    }

    #[test]
    fn neither_debug_nor_an_error_shows_the_text() {
        let post = decode_post(r#"{"post_id":"p1","text":"canary-text"}"#.as_bytes()).unwrap();
        assert!(!format!("{post:?}").contains("canary"));
        let poison = decode_post(br#"{"post_id":"p1","text":["canary-text"]}"#).unwrap_err();
        assert!(!format!("{poison:?} {poison}").contains("canary"), "{poison}");
        let poison = decode_post(br#"{"post_id":"p1","text":"x","origin":"canary-text"}"#).unwrap_err();
        assert!(!format!("{poison:?} {poison}").contains("canary"), "{poison}");
    }
}
