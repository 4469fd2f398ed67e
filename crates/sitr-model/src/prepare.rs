//! What a post becomes before it is scored.

use std::fmt;

use crate::{
    batch::{Batch, BatchInput, padded},
    ngrams::WordVector,
};

/// A post as `sitr-text` normalises it.
#[derive(Clone, Copy)]
pub struct TextInput<'a> {
    /// The normal form.
    pub text: &'a str,
    /// Its words, in order.
    pub words: &'a [&'a str],
}

/// A post that is ready to be scored. `Debug` shows sizes only.
#[derive(Clone)]
pub struct Prepared {
    pub(crate) windows: Vec<Window>,
    max_len: usize,
}

/// A stretch of at most `max_len` words or pieces.
#[derive(Clone)]
pub(crate) enum Window {
    Words(Vec<WordVector>),
    Pieces(Vec<i64>),
}

impl Window {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Words(words) => words.len(),
            Self::Pieces(pieces) => pieces.len(),
        }
    }
}

impl Prepared {
    pub(crate) fn new(windows: Vec<Window>, max_len: usize) -> Self {
        Self { windows, max_len }
    }

    /// Padded words or pieces over all windows: what scoring the post costs, in the model's own unit.
    #[must_use]
    pub fn cost(&self) -> usize {
        self.windows.iter().map(|window| self.padded(window)).sum()
    }

    /// Number of windows; 1 for all but long posts.
    #[must_use]
    pub fn windows(&self) -> usize {
        self.windows.len()
    }

    pub(crate) fn padded(&self, window: &Window) -> usize {
        padded(window.len(), self.max_len)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("windows", &self.windows()).field("cost", &self.cost()).finish_non_exhaustive()
    }
}

/// Cuts items into windows of `max_len` that overlap; the last one is full too where it can be, so that it sees as much as the others.
pub(crate) fn cut<T: Clone>(items: &[T], max_len: usize, overlap: usize) -> Vec<Vec<T>> {
    let step = max_len - overlap;
    let mut windows = Vec::new();
    let mut start = 0;
    while start + max_len < items.len() {
        windows.push(items[start..start + max_len].to_vec());
        start += step;
    }
    windows.push(items[start.min(items.len().saturating_sub(max_len))..].to_vec());
    windows
}

/// Pads windows of one kind to `len` and lays them out as a batch.
pub(crate) fn pack(windows: &[&Window], len: usize, shape: Padding) -> Batch {
    let rows = windows.len();
    let mut mask = vec![0.0; rows * len];
    for (row, window) in windows.iter().enumerate() {
        mask[row * len..row * len + window.len()].fill(1.0);
    }
    let input = match shape {
        Padding::Zero { dim } => {
            let mut values = vec![0.0; rows * len * dim];
            for (row, window) in windows.iter().enumerate() {
                if let Window::Words(words) = window {
                    let places = values[row * len * dim..].chunks_exact_mut(dim);
                    words.iter().zip(places).for_each(|(word, place)| place.copy_from_slice(word));
                }
            }
            BatchInput::Words { dim, values }
        }
        Padding::Piece(pad) => {
            let mut ids = vec![pad; rows * len];
            for (row, window) in windows.iter().enumerate() {
                if let Window::Pieces(pieces) = window {
                    ids[row * len..row * len + pieces.len()].copy_from_slice(pieces);
                }
            }
            BatchInput::Pieces(ids)
        }
    };
    Batch { rows, len, mask, input }
}

/// What stands where a row has no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Padding {
    /// Zero vectors of that length.
    Zero { dim: usize },
    /// That piece.
    Piece(i64),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_every_item_overlap_and_never_exceed_the_limit() {
        for len in 0..60usize {
            let items: Vec<usize> = (0..len).collect();
            let windows = cut(&items, 10, 3);
            assert!(windows.iter().all(|window| window.len() <= 10));
            assert_eq!(windows.len(), if len <= 10 { 1 } else { (len - 10).div_ceil(7) + 1 });
            let mut seen: Vec<usize> = windows.iter().flatten().copied().collect();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen, items);
            assert!(windows.windows(2).all(|pair| pair[0][7..].iter().any(|item| pair[1].contains(item))));
        }
    }

    #[test]
    fn padding_fills_the_end_of_each_row_and_the_mask_tells_it() {
        let windows = [Window::Pieces(vec![5, 6]), Window::Pieces(vec![7])];
        let batch = pack(&windows.iter().collect::<Vec<_>>(), 3, Padding::Piece(1));
        assert_eq!(batch.mask, [1.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
        assert!(batch.input == BatchInput::Pieces(vec![5, 6, 1, 7, 1, 1]));
    }
}
