//! Text to pieces, with a `tokenizer.json`: the input of `input = "pieces"`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokenizers::{Encoding, PostProcessor, Tokenizer, TruncationDirection};

use crate::{BundleError, ModelError, error::Fault, manifest::TOKENIZER};

/// A tokeniser that cuts text into windows, each with its own special pieces.
pub(crate) struct Pieces {
    tokenizer: Tokenizer,
    /// Pieces of text in a window.
    content: usize,
    /// Of neighbouring windows.
    overlap: usize,
    /// Id of padding.
    pub(crate) pad: i64,
    /// Rows of the model's embedding, when known.
    rows: Option<usize>,
    /// Pieces that only the tokeniser itself may set, and what stands for one that a post spells out.
    special: Vec<u32>,
    unknown: Option<u32>,
}

/// How windows are cut.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) max_len: usize,
    pub(crate) overlap: usize,
    pub(crate) pad: Option<i64>,
}

impl Pieces {
    /// Reads a `tokenizer.json` for a model whose embedding has that many rows.
    pub(crate) fn new(bytes: &[u8], cut: Cut, rows: Option<usize>) -> Result<Self, BundleError> {
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|error| {
            let found = format!("{} bytes that are no tokeniser ({error})", bytes.len());
            BundleError::Damaged(Fault::new(
                TOKENIZER,
                found,
                "a tokenizer.json of the tokenizers library",
                "copy or save the file again",
            ))
        })?;
        let pad = cut.pad.unwrap_or_else(|| own_padding(&tokenizer));
        tokenizer.set_encode_special_tokens(true);
        tokenizer.with_padding(None);
        // The library's own truncation stops tokenising early and loses the windows after the first.
        let whole = tokenizer.with_truncation(None).is_ok();
        let added = tokenizer.get_post_processor().map_or(0, |processor| processor.added_tokens(false));
        let content = cut.max_len.saturating_sub(added);
        if !whole || content <= cut.overlap {
            let found = format!("max_len = {}, overlap = {}, special pieces {added}", cut.max_len, cut.overlap);
            let fix = "raise max_len or lower overlap";
            return Err(BundleError::Mismatch(Fault::new(
                TOKENIZER,
                found,
                "windows with room for text beside the special pieces",
                fix,
            )));
        }
        let largest = tokenizer.get_vocab(true).into_values().max().map_or(0, i64::from).max(pad);
        if let Some(rows) = rows.filter(|rows| largest >= *rows as i64 || pad < 0) {
            let found = format!("ids up to {largest}, padding {pad}");
            let expected = format!("ids below {rows}, the rows of the model's embedding");
            let fix = "put the tokenizer.json beside the model that it was trained with";
            return Err(BundleError::Mismatch(Fault::new(TOKENIZER, found, expected, fix)));
        }
        let added = tokenizer.get_added_tokens_decoder();
        let special = added.iter().filter(|(_, token)| token.special).map(|(id, _)| *id).collect();
        let unknown = ["<unk>", "[UNK]"].into_iter().find_map(|piece| tokenizer.token_to_id(piece));
        Ok(Self { tokenizer, content, overlap: cut.overlap, pad, rows, special, unknown })
    }

    /// The text's windows, at least one.
    pub(crate) fn windows(&self, text: &str) -> Result<Vec<Vec<i64>>, ModelError> {
        // The library panics on some inputs of broken tokenisers; its messages may quote the text, so none is passed on.
        let mut windows = catch_unwind(AssertUnwindSafe(|| self.encode(text)))
            .map_err(|_| ModelError::Tokenizer)?
            .map_err(|_| ModelError::Tokenizer)?;
        if windows[0].is_empty() {
            windows[0].push(self.pad);
        }
        // Ids are checked before the call: the engine panics on one that is out of range.
        match self.rows.filter(|rows| windows.iter().flatten().any(|id| *id >= *rows as i64)) {
            Some(rows) => Err(ModelError::OutOfVocabulary { rows }),
            None => Ok(windows),
        }
    }
}

impl Pieces {
    /// Encodes the whole text, cuts it, and gives each window its special pieces.
    fn encode(&self, text: &str) -> tokenizers::Result<Vec<Vec<i64>>> {
        let mut encoding = self.tokenizer.encode_fast(text, false)?;
        encoding.truncate(self.content, self.overlap, TruncationDirection::Right);
        let rest = encoding.take_overflowing();
        let window = |encoding| Ok(self.ids(&self.tokenizer.post_process(encoding, None, true)?));
        std::iter::once(encoding).chain(rest).map(window).collect()
    }

    /// Ids of a window. A post that spells out a special piece must not become one: many vocabularies hold them as plain pieces too.
    fn ids(&self, window: &Encoding) -> Vec<i64> {
        let own = |id: u32, set_by_tokeniser: u32| match self.unknown {
            Some(unknown) if set_by_tokeniser == 0 && self.special.contains(&id) => unknown,
            _ => id,
        };
        window
            .get_ids()
            .iter()
            .zip(window.get_special_tokens_mask())
            .map(|(id, set)| i64::from(own(*id, *set)))
            .collect()
    }
}

/// The padding piece as the file names it, or by its usual spellings, or id 0.
fn own_padding(tokenizer: &Tokenizer) -> i64 {
    let declared = tokenizer.get_padding().map(|padding| padding.pad_id);
    let spelt = || ["<pad>", "[PAD]"].into_iter().find_map(|piece| tokenizer.token_to_id(piece));
    i64::from(declared.or_else(spelt).unwrap_or(0))
}
