//! JSON Lines without a log: posts in, decisions or normal forms out, in constant memory and in the order of the input.
//!
//! A reader cuts the input into chunks, workers answer them, the caller's thread writes the answers. What waits between them is
//! bounded by the number of chunks under way, whatever the length of the input; a line that is too long is never held whole.
//!
//! [`classify`] is the stream's own path (`decode_post`, [`Judge::score`], [`Judge::decide`]), so that a file and a stream give
//! the same decisions. [`normalise`] shows what the models see.

mod classify;
mod dead;
mod normalise;
mod pipeline;
mod reader;

pub use classify::{ClassifyOptions, ClassifySummary, Listeners, classify};
pub use dead::DeadLine;
pub use normalise::{NormaliseOptions, NormaliseSummary, normalise};
pub use reader::MAX_LINE_BYTES;

#[cfg(doc)]
use crate::Judge;

/// How far the work has come: all of it is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lines of the input.
    pub lines: u64,
    /// Bytes of the input, line ends included.
    pub bytes: u64,
    /// Lines that could not be read as what they should be.
    pub dead: u64,
}

/// Why lines could not be worked through. The variant says where to look; a bad line is none of these.
#[derive(Debug, thiserror::Error)]
pub enum LinesError {
    /// The input.
    #[error("the input could not be read: {0}")]
    Read(#[source] std::io::Error),
    /// The output. A kind of `BrokenPipe` means that its reader has had enough.
    #[error("the output could not be written: {0}")]
    Write(#[source] std::io::Error),
    /// Where dead letters go.
    #[error("a dead letter could not be written: {0}")]
    DeadLetter(#[source] std::io::Error),
    /// The system refused a thread.
    #[error("a thread could not be started: {0}")]
    Thread(#[source] std::io::Error),
}
