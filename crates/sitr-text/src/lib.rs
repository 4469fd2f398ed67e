//! Normalisation with an offset map, script and language, cues, identifiers and masking.
//!
//! Everything starts with [`normalise`]: a text of any alphabet, spelling and disguise becomes a [`Normalised`], the one form
//! that the models were trained on, that [`guess_lang`] reads and in which [`cues()`] finds its patterns. A `Normalised` remembers
//! for each of its characters which Unicode scalars of the original it stands for, so that whatever is found in it can be
//! shown in the original ([`Normalised::original_span`]). [`mask`] works the other way round: it leaves the original as it is
//! and replaces only what points at a person or a purse.
//!
//! ```
//! use sitr_text::{guess_lang, mask, normalise};
//! use sitr_types::Lang;
//!
//! let original = "S.I.F.T liya 3000dh l 06 12 34 56 78, wla ghadi nnchr tsawrek!!!!";
//! let normalised = normalise(original);
//! assert_eq!(normalised.text(), "sift liya 3000dh l @phone, wla ghadi nnchr tsawrek!!");
//! assert_eq!(normalised.words().nth(2), Some("3000dh"));
//! assert_eq!(normalised.original_span(0..4), 0..7);
//! assert_eq!(guess_lang(&normalised).lang, Lang::AryLatn);
//! assert_eq!(mask("3ayet l 06 12 34 56 78").text, "3ayet l [PHONE]");
//! ```
//!
//! # The normal form
//!
//! In this order, repeated until nothing changes:
//!
//! 1. Characters (`fold`): NFKC; bidi controls, zero-width characters, tatweel and Arabic diacritics dropped; lower case with
//!    Latin accents kept; `أإآٱ` → `ا`, `ى` and `ئ` → `ي`, `ة` → `ه`, `ؤ` → `و`, Persian letters → Arabic ones, `ڭ` → `گ`;
//!    digits → ASCII; typographic quotes and dashes → ASCII; letters of other alphabets inside a Latin word → the letter they
//!    look like; white space → one space.
//! 2. Identifiers (`identifiers`): handles → `@user`, links → `@url`, `@email`, `@phone`, `@wallet`. Sums of money stay.
//! 3. Disguise (`disguise`): letters pulled apart are joined, runs of one character cut to two.
//!
//! # Invariants
//!
//! - T1 `normalise` is idempotent on every Unicode string, and so is `mask`.
//! - T2 Every span has `start <= end <=` the scalars of the original; those of words are not empty.
//! - T3 Nothing here fails or panics on any input, and no `Debug` shows a text.
//! - T4 `mask` leaves no phone number of a spelling that it knows, whatever stands around it.
//!
//! The crate is pure: no I/O, no clock, no state but tables built once.

mod chars;
mod cues;
mod disguise;
mod fold;
mod identifiers;
mod lang;
mod mask;
mod normalise;

pub use cues::cues;
pub use lang::guess_lang;
pub use mask::{Masked, mask};
pub use normalise::{Normalised, normalise};
