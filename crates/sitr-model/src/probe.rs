//! Tries an engine out before it is trusted: shapes, padding, and whether rows are independent.

use std::sync::Arc;

use crate::{
    BundleError, ModelError,
    batch::{MOST_ROWS, padded_lengths, rows_of},
    error::Fault,
    prepare::{Padding, Window},
    score::Scorer,
};

/// Most that padding may move a logit. Masked attention leaves about 1e-6; a graph that reads its padding moves by tenths.
const PADDING_TOLERANCE: f32 = 2e-2;

/// Runs every length once, and learns whether rows may share batches.
///
/// # Errors
/// [`BundleError::Graph`] when the graph fails or reads its padding, [`BundleError::Mismatch`] when it has another number of columns
/// than outputs are named.
pub(crate) fn probe(scorer: &mut Scorer, file: &str, max_len: usize, rows: Option<usize>) -> Result<(), BundleError> {
    let failed = |len: usize| {
        move |error: ModelError| {
            let expected = format!("logits for every window of up to {max_len}");
            let fix = "lower max_len to what the position table holds, or export again with symbolic axes";
            BundleError::Graph(Fault::new(file, format!("at length {len}: {error}"), expected, fix))
        }
    };
    let expected = scorer.columns.meaning.len();
    for len in padded_lengths(max_len) {
        let windows: Vec<Window> = (0..MOST_ROWS).map(|row| content(scorer.padding, len, row, rows)).collect();
        let windows: Vec<&Window> = windows.iter().take(rows_of(len)).collect();
        let together = scorer.raw(&windows, len).map_err(failed(len))?;
        if together.columns != expected {
            let fix = "name each column of the logits, in order; or put the right model beside the description";
            let found = format!("{} columns of logits", together.columns);
            return Err(BundleError::Mismatch(Fault::new(file, found, format!("{expected}, one for each name"), fix)));
        }
        for (row, window) in windows.iter().enumerate() {
            let alone = scorer.raw(&[*window], len).map_err(failed(len))?;
            // A number that is none is refused here, so that no bundle is served that cannot score harmless input.
            scorer.read(alone.row(0)).map_err(failed(len))?;
            scorer.batched &= alone.row(0).iter().zip(together.row(row)).all(|(a, b)| a.to_bits() == b.to_bits());
        }
    }
    check_padding(scorer, file, max_len, rows)
}

/// A graph whose answer moves with its padding would judge a post by its length bucket.
fn check_padding(scorer: &Scorer, file: &str, max_len: usize, rows: Option<usize>) -> Result<(), BundleError> {
    let failed = |error: ModelError| {
        BundleError::Graph(Fault::new(
            file,
            error.to_string(),
            "logits for a short window",
            "export again with symbolic axes",
        ))
    };
    let content = content(scorer.padding, 4.min(max_len), 0, rows);
    let exact = scorer.raw(&[&content], content.len()).map_err(failed)?;
    let padded = scorer.raw(&[&content], 16.min(max_len)).map_err(failed)?;
    let moved = exact.row(0).iter().zip(padded.row(0)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    if moved > PADDING_TOLERANCE {
        let found = format!("logits that move by {moved:.3} when padding is added");
        let fix = "use the mask in attention and in pooling; do not quantise activations";
        return Err(BundleError::Graph(Fault::new(file, found, "logits that do not depend on padding", fix)));
    }
    Ok(())
}

/// Made-up content that differs from row to row and place to place; the same at every load.
fn content(padding: Padding, len: usize, row: usize, rows: Option<usize>) -> Window {
    // Knuth's multiplicative hash, to spread neighbouring seeds.
    let draw = |seed: usize| (seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    match padding {
        Padding::Zero { dim } => {
            let value =
                |place: usize| move |at: usize| draw((row * 1000 + place) * dim + at) as f32 / 2f32.powi(31) - 1.0;
            Window::Words((0..len).map(|place| (0..dim).map(value(place)).collect::<Arc<[f32]>>()).collect())
        }
        Padding::Piece(_) => {
            let most = rows.unwrap_or(1).max(1) as u64;
            Window::Pieces((0..len).map(|place| (draw(row * 1000 + place) % most) as i64).collect())
        }
    }
}
