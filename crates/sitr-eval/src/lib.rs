//! How good a bundle is: gold rows against what it said of them.
//!
//! [`Gold`] is a row that people have labelled, [`Prediction`] what the stages said; [`Report::of`] joins them by id and gives
//! [`Figures`] for every label and slice (language, script, source), each with a bootstrap interval. A label that a source does
//! not annotate is unknown, never "no". [`thresholds`] finds thresholds for a wanted precision.
//!
//! The figures are those of the independent scorer of the data set (`precision`, `recall`, `f1`, `macro_f1`, `auc`, `ap`), and
//! besides the calibration error. The crate computes and does nothing else: same input, same output, on any machine.

mod dice;
mod figures;
mod gold;
mod html;
mod plot;
mod report;
mod table;
mod threshold;

pub use figures::{Bin, Call, Figures, reliability};
pub use gold::{Gold, GoldError, Prediction, Sources};
pub use html::html;
pub use report::{EvalOptions, Report, RoleVerdicts, Slice};
pub use table::table;
pub use threshold::{Threshold, thresholds};
