//! What an engine runs: rows of one length, padded.

use crate::ModelError;

/// An engine. Implementations must give a row the same bits whatever stands in the other rows; [`crate::Bundle::load`] tests it
/// and runs rows one by one where it is not so.
pub trait Classifier: Send + Sync {
    /// Runs one batch and gives `[rows, columns]` logits.
    ///
    /// # Errors
    /// [`ModelError::Engine`] when the engine fails on the batch; it must stay usable afterwards.
    fn run(&self, batch: &Batch) -> Result<Matrix, ModelError>;
}

/// Rows for one run of an engine. All rows are padded to `len`; `mask` tells content (1) from padding (0).
///
/// `Debug` shows the shape only: piece ids are the text in another coding.
#[derive(Clone, PartialEq)]
pub struct Batch {
    /// Number of rows.
    pub rows: usize,
    /// Words or pieces of each row, padding included.
    pub len: usize,
    /// `[rows, len]`, 1.0 or 0.0.
    pub mask: Vec<f32>,
    /// The content.
    pub input: BatchInput,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("rows", &self.rows).field("len", &self.len).finish_non_exhaustive()
    }
}

/// Content of a [`Batch`].
#[derive(Clone, PartialEq)]
pub enum BatchInput {
    /// Word vectors, `[rows, len, dim]`.
    Words {
        /// Length of a vector.
        dim: usize,
        /// The vectors; zero where padded.
        values: Vec<f32>,
    },
    /// Piece ids, `[rows, len]`.
    Pieces(Vec<i64>),
}

/// Logits of a batch, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Columns of the graph.
    pub columns: usize,
    /// `[rows, columns]`.
    pub values: Vec<f32>,
}

impl Matrix {
    /// One row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }
}

/// Lengths that rows are padded to. A row's length depends on nothing but the row, so that its numbers do not depend on its
/// neighbours; the steps keep padding under half of a row's content above 16 units.
const LENGTHS: [usize; 15] = [4, 8, 16, 24, 32, 48, 64, 80, 96, 128, 192, 256, 320, 384, 512];

/// The longest window that a bundle may ask for.
pub(crate) const MOST_LEN: usize = 512;

/// The padded length of a row of `len` units in a model that reads at most `max_len`.
pub(crate) fn padded(len: usize, max_len: usize) -> usize {
    LENGTHS.into_iter().find(|bucket| *bucket >= len).unwrap_or(len).min(max_len)
}

/// Every padded length that can occur.
pub(crate) fn padded_lengths(max_len: usize) -> Vec<usize> {
    let mut lengths: Vec<usize> = LENGTHS.into_iter().filter(|len| *len < max_len).collect();
    lengths.push(max_len);
    lengths
}

/// Rows of a batch: larger ones were measured to bring nothing, since a layer's matrices are then long enough to fill the kernels.
pub(crate) const MOST_ROWS: usize = 8;
/// Padded units of a batch: rows of 64 and more were measured to gain nothing from company, so that larger batches only add latency.
const MOST_UNITS: usize = 512;

/// Rows of that padded length that go into one batch.
///
/// Only lengths whose rows all start on a vector boundary are batched, or are so short that they never fill a vector. At others (24,
/// say) the softmax of every second row begins in the middle of a vector, its sum is taken in another order, and a row's last bits
/// depend on its place in the batch (measured with AVX-512 over all lengths to 96). Such a row runs alone, which was measured to cost
/// less than padding 24 on to 32. `tests/it/batches.rs` and the example `throughput` hold the promise.
pub(crate) fn rows_of(len: usize) -> usize {
    const VECTOR: usize = 16;
    if len.is_multiple_of(VECTOR) || matches!(len, 1 | 2 | 4 | 8) { (MOST_UNITS / len).clamp(1, MOST_ROWS) } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_padded_length_is_never_shorter_than_the_row_nor_longer_than_the_model_reads() {
        for max_len in [1, 7, 8, 20, 96, 128, 500, MOST_LEN] {
            for len in 1..=max_len {
                let to = padded(len, max_len);
                assert!(to >= len && to <= max_len, "{len} of {max_len} padded to {to}");
                assert!(padded_lengths(max_len).contains(&to), "{to} of {max_len} is not a known length");
            }
        }
    }

    #[test]
    fn a_batch_is_bounded_by_rows_and_by_units_and_unaligned_rows_run_alone() {
        assert_eq!([4, 8, 16, 64].map(rows_of), [8, 8, 8, 8]);
        assert_eq!([96, 512].map(rows_of), [5, 1]);
        assert_eq!([3, 12, 24, 100].map(rows_of), [1, 1, 1, 1]);
    }

    #[test]
    fn debug_of_a_batch_shows_its_shape_and_no_content() {
        let batch = Batch { rows: 1, len: 2, mask: vec![1.0; 2], input: BatchInput::Pieces(vec![777, 778]) };
        assert!(!format!("{batch:?}").contains("777"));
    }
}
