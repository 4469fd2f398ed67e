//! Contracts of Sitr: what enters the stream, what leaves it, and the words both sides use.
//!
//! Every message is a versioned serde type (`sitr.post.v1`, `sitr.decision.v1`, …) with a JSON Schema generated from it
//! ([`schema`]); the schemas under `docs/reference/` are checked for drift by a test. The crate knows serde and nothing else:
//! no Kafka, no model, no clock.
//!
//! Offsets in the text of a post ([`Span`]) are **Unicode scalar indices of the original text**, half open.

mod cue;
mod dead_letter;
mod decision;
mod feedback;
mod ids;
mod label;
mod lang;
mod post;
mod route;
pub mod schema;
mod secret;
mod signal;

pub use cue::{Cue, CueFamily, Span, SpanRole};
pub use dead_letter::{Poison, ReasonCode};
pub use decision::{
    AuditLink, Counts, Decision, DetectedLang, Explanation, LabelScore, LatencyMs, LegalHook, Mode, PolicyRef, Preview,
    Reason, ReasonKind, RecommendedAction, Referral, RoleScore, SCHEMA_DECISION, Verdict,
};
pub use feedback::{Outcome, OutcomeKind, Report};
pub use ids::{ModelRef, decision_id, event_digest};
pub use label::{ALL_LABELS, Label, Partial, Role, Severity, Subtype};
pub use lang::{Lang, LangGuess, Script};
pub use post::{
    Author, Complaint, MAX_TEXT_SCALARS, Media, MediaHashes, Origin, Post, SCHEMA_POST, Target, decode_post,
};
pub use route::{OutRecord, Route};
pub use secret::Secret;
pub use signal::{SCHEMA_SIGNAL, Scores, Signal};
