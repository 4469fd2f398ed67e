//! From a scored post to a decision that a person can defend.
//!
//! [`Policy`] holds the rules; [`Policy::decide`] turns a [`Signal`](sitr_types::Signal) into a
//! [`Decision`](sitr_types::Decision) with reason codes, evidence and words in three languages. [`speaker`] weighs who speaks.
//! Everything here is pure: no clock, no log, no model.
//!
//! Invariants
//! - **P1** A victim, a reporter or a quoter never gets a takedown, whatever the scores.
//! - **P2** `offensive` by itself never leads to a verdict, `defamation` and `impersonation` never to more than a review.
//! - **P3** A decision of a machine is reversible.
//! - **P4** The same signal under the same policy gives the same decision, but for its time stamps.
//! - **P5** Explanations are made from codes only; no part of the post's text enters them.
//!
//! ```
//! use sitr_policy::Policy;
//! let policy = Policy::builtin();
//! assert_eq!(policy.reference().version, "builtin-1");
//! ```

mod decide;
mod evidence;
mod explain;
mod role;
mod rules;

pub use decide::DecideContext;
pub use role::speaker;
pub use rules::{Policy, Rule};
