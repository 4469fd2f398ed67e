//! Scores prepared posts: groups their windows by length, runs batches, isolates the row that fails, pools windows.

use crate::{
    ModelError,
    batch::{Batch, Classifier, rows_of},
    judge::Logits,
    output::Columns,
    prepare::{Padding, Prepared, Window, pack},
};

/// An engine with what is needed to feed it and to read it.
pub(crate) struct Scorer {
    pub(crate) classifier: Box<dyn Classifier>,
    pub(crate) columns: Columns,
    pub(crate) padding: Padding,
    /// Rows may share a batch; false where the engine was seen to give a row other bits beside others.
    pub(crate) batched: bool,
}

/// A window on its way through the engine.
struct Row<'a> {
    post: usize,
    window: &'a Window,
    len: usize,
}

impl Scorer {
    /// Log-odds of every post, in order. A post fails alone.
    pub(crate) fn score(&self, posts: &[Prepared]) -> Vec<Result<Logits, ModelError>> {
        let mut pooled: Vec<Result<Logits, ModelError>> =
            posts.iter().map(|_| Ok(Logits(vec![f32::NEG_INFINITY; self.columns.outputs.len()]))).collect();
        let of_post = |(post, prepared)| -> Vec<Row<'_>> {
            let prepared: &Prepared = prepared;
            prepared.windows.iter().map(|window| Row { post, window, len: prepared.padded(window) }).collect()
        };
        let mut rows: Vec<Row<'_>> = posts.iter().enumerate().flat_map(of_post).collect();
        rows.sort_by_key(|row| row.len);
        for group in rows.chunk_by(|a, b| a.len == b.len) {
            for batch in group.chunks(self.rows_of(group[0].len)) {
                for (row, scored) in batch.iter().zip(self.run(batch)) {
                    pool(&mut pooled[row.post], scored);
                }
            }
        }
        pooled
    }

    /// Rows of that padded length that may share a batch.
    pub(crate) fn rows_of(&self, len: usize) -> usize {
        if self.batched { rows_of(len) } else { 1 }
    }

    fn run(&self, rows: &[Row<'_>]) -> Vec<Result<Vec<f32>, ModelError>> {
        let windows: Vec<&Window> = rows.iter().map(|row| row.window).collect();
        let batch = pack(&windows, rows[0].len, self.padding);
        match self.classifier.run(&batch) {
            Ok(matrix) => (0..rows.len()).map(|row| self.read(matrix.row(row))).collect(),
            Err(error) if rows.len() == 1 => vec![Err(error)],
            // Each by itself, so that only the guilty row fails.
            Err(_) => rows.chunks(1).flat_map(|row| self.run(row)).collect(),
        }
    }

    /// Log-odds of one row of the engine's answer.
    pub(crate) fn read(&self, row: &[f32]) -> Result<Vec<f32>, ModelError> {
        let log_odds = self.columns.log_odds(row);
        match log_odds.iter().position(|value| !value.is_finite()) {
            None => Ok(log_odds),
            Some(at) => Err(ModelError::NotANumber { output: self.columns.outputs[at].to_string() }),
        }
    }

    /// Runs windows as one batch, as they are.
    pub(crate) fn raw(&self, windows: &[&Window], len: usize) -> Result<crate::Matrix, ModelError> {
        let batch: Batch = pack(windows, len, self.padding);
        self.classifier.run(&batch)
    }
}

/// The largest logit over a post's windows; a window that failed fails the post.
fn pool(post: &mut Result<Logits, ModelError>, scored: Result<Vec<f32>, ModelError>) {
    match (post.as_mut(), scored) {
        (Ok(Logits(best)), Ok(row)) => best.iter_mut().zip(row).for_each(|(best, value)| *best = best.max(value)),
        (Ok(_), Err(error)) => *post = Err(error),
        (Err(_), _) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BatchInput, Matrix, Output};
    use sitr_types::Label;

    /// Sums the ids of a row; fails on a batch that holds 666, panics never, gives no number for 13.
    struct Fake;

    impl Classifier for Fake {
        fn run(&self, batch: &Batch) -> Result<Matrix, ModelError> {
            let BatchInput::Pieces(ids) = &batch.input else { return Err(ModelError::Tokenizer) };
            if ids.contains(&666) {
                return Err(ModelError::Engine("node n1".to_owned()));
            }
            let sum = |row: &[i64]| if row[0] == 13 { f32::NAN } else { row.iter().sum::<i64>() as f32 };
            Ok(Matrix { columns: 1, values: ids.chunks(batch.len).map(sum).collect() })
        }
    }

    fn score(posts: &[&[&[i64]]]) -> Vec<Result<Logits, ModelError>> {
        let columns = Columns::plain(vec![Output::Label(Label::Threat)]);
        let scorer = Scorer { classifier: Box::new(Fake), columns, padding: Padding::Piece(0), batched: true };
        let window = |ids: &&[i64]| Window::Pieces(ids.to_vec());
        let posts: Vec<Prepared> =
            posts.iter().map(|post| Prepared::new(post.iter().map(window).collect(), 64)).collect();
        scorer.score(&posts)
    }

    #[test]
    fn only_the_guilty_row_of_a_batch_fails_and_the_order_is_kept() {
        let scored = score(&[&[&[1]], &[&[666]], &[&[2, 3, 4, 5, 6]], &[&[13]], &[&[7]]]);
        assert_eq!(scored[0], Ok(Logits(vec![1.0])));
        assert_eq!(scored[1], Err(ModelError::Engine("node n1".to_owned())));
        assert_eq!(scored[2], Ok(Logits(vec![20.0])));
        assert_eq!(scored[3], Err(ModelError::NotANumber { output: "threat".to_owned() }));
        assert_eq!(scored[4], Ok(Logits(vec![7.0])));
    }

    #[test]
    fn a_post_is_as_bad_as_its_worst_window_and_fails_with_any_of_them() {
        assert_eq!(score(&[&[&[1], &[9, 9], &[-5]]]), [Ok(Logits(vec![18.0]))]);
        assert!(score(&[&[&[1], &[666], &[5]]])[0].is_err());
        assert_eq!(score(&[]), []);
    }
}
