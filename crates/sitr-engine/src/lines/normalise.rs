//! What the models see of a text: its normal form, its words, its cues, its language. Training reads this, so that training and
//! serving never differ.

use std::{
    collections::BTreeSet,
    io::{BufRead, Write},
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::{Deserialize, Serialize};
use sitr_types::{Lang, Poison, ReasonCode, Script};

use super::{
    DeadLine, LinesError, Progress, dead,
    pipeline::{self, Sink},
    reader::{Chunk, Line},
};

/// How [`normalise`] works, and what it tells beside the normal form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NormaliseOptions {
    /// Threads; 0 counts as 1.
    pub workers: usize,
    /// The words.
    pub words: bool,
    /// The families of cues found.
    pub cues: bool,
    /// Where each word stands in the original, in Unicode scalar indices.
    pub offsets: bool,
}

/// What became of an input.
pub type NormaliseSummary = Progress;

/// Writes one line for each line of `input`, in order: `{"post_id", "text", "lang", "script", "confidence"}` and what `options`
/// ask for, or `{"post_id": null, "error": …}` for a line that holds no `post_id` and `text`.
///
/// Unlike a post, a text may be empty or long here: every text has a normal form.
///
/// # Errors
/// Input or output that fails, see [`LinesError`].
pub fn normalise(
    input: impl BufRead + Send + 'static,
    out: impl Write,
    options: NormaliseOptions,
) -> Result<NormaliseSummary, LinesError> {
    let mut writer = Writer { out, summary: Progress::default() };
    pipeline::run(input, options.workers, move |chunk| answer(chunk, options), &mut writer)?;
    Ok(writer.summary)
}

#[derive(Deserialize)]
struct Given {
    post_id: String,
    text: String,
}

#[derive(Serialize)]
struct Normal<'a> {
    post_id: &'a str,
    text: &'a str,
    lang: Lang,
    script: Script,
    confidence: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cues: Option<BTreeSet<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offsets: Option<Vec<[u32; 2]>>,
}

#[derive(Serialize)]
struct Refused {
    post_id: Option<&'static str>,
    error: String,
}

struct Answer {
    progress: Progress,
    json: Vec<u8>,
}

fn answer(chunk: Chunk, options: NormaliseOptions) -> Answer {
    let lines = chunk.lines.len() as u64;
    let mut answer = Answer { progress: Progress { lines, bytes: chunk.bytes, dead: 0 }, json: Vec::new() };
    for (number, line) in (chunk.first..).zip(chunk.lines) {
        // A panic must not cost the line: one line in, one line out.
        let caught = catch_unwind(AssertUnwindSafe(|| one(number, line, options)));
        let written =
            caught.unwrap_or_else(|_| Err(Poison::new(ReasonCode::Model, "the engine panicked on this line")));
        let json = written.unwrap_or_else(|poison| {
            answer.progress.dead += 1;
            to_json(&Refused { post_id: None, error: poison.to_string() })
        });
        answer.json.extend_from_slice(&json);
        answer.json.push(b'\n');
    }
    answer
}

fn one(number: u64, line: Line, options: NormaliseOptions) -> Result<Vec<u8>, Poison> {
    let raw = dead::whole(number, line).map_err(|DeadLine { poison, .. }| poison)?;
    let given = decode(&raw)?;
    let normal = sitr_text::normalise(&given.text);
    let guess = sitr_text::guess_lang(&normal);
    let place = |bytes: &Range<usize>| {
        let span = normal.original_span(bytes.clone());
        [span.start, span.end]
    };
    Ok(to_json(&Normal {
        post_id: &given.post_id,
        text: normal.text(),
        lang: guess.lang,
        script: guess.script,
        confidence: guess.confidence,
        words: options.words.then(|| normal.words().collect()),
        cues: options.cues.then(|| sitr_text::cues(&normal).iter().map(|cue| cue.family.as_str()).collect()),
        offsets: options.offsets.then(|| normal.word_ranges().iter().map(place).collect()),
    }))
}

fn decode(raw: &[u8]) -> Result<Given, Poison> {
    if raw.iter().all(u8::is_ascii_whitespace) {
        return Err(Poison::new(ReasonCode::EmptyRecord, "the line is empty"));
    }
    let json = std::str::from_utf8(raw)
        .map_err(|e| Poison::new(ReasonCode::InvalidUtf8, format!("not UTF-8 from byte {}", e.valid_up_to())))?;
    serde_json::from_str(json).map_err(|e| Poison::from_json(&e, json))
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("invariant: strings and finite numbers always have a JSON form")
}

struct Writer<W> {
    out: W,
    summary: Progress,
}

impl<W: Write> Sink<Answer> for Writer<W> {
    fn take(&mut self, answer: Answer) -> Result<(), LinesError> {
        self.out.write_all(&answer.json).map_err(LinesError::Write)?;
        self.summary.lines += answer.progress.lines;
        self.summary.bytes += answer.progress.bytes;
        self.summary.dead += answer.progress.dead;
        Ok(())
    }

    fn idle(&mut self) -> Result<(), LinesError> {
        self.out.flush().map_err(LinesError::Write)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use serde_json::{Value, json};

    use super::*;

    const ALL: NormaliseOptions = NormaliseOptions { workers: 2, words: true, cues: true, offsets: true };

    fn run(input: &[u8], options: NormaliseOptions) -> (Vec<Value>, Progress) {
        let mut out = Vec::new();
        let summary = normalise(Cursor::new(input.to_vec()), &mut out, options).unwrap();
        let text = String::from_utf8(out).unwrap();
        (text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), summary)
    }

    #[test]
    fn a_text_gets_its_normal_form_words_and_places_in_the_original() {
        let (lines, _) = run("{\"post_id\":\"p\",\"text\":\"  Salâââm  KHOUYA\"}\n".as_bytes(), ALL);
        assert_eq!(lines[0]["post_id"], "p");
        assert_eq!(lines[0]["text"], "salââm khouya");
        assert_eq!(lines[0]["words"], json!(["salââm", "khouya"]));
        assert_eq!(lines[0]["offsets"], json!([[2, 9], [11, 17]]));
        assert!(lines[0]["cues"].is_array());
        assert!(lines[0]["confidence"].is_number());
    }

    #[test]
    fn what_is_not_asked_for_is_not_told() {
        let (lines, _) = run(b"{\"post_id\":\"p\",\"text\":\"salam\"}", NormaliseOptions::default());
        let keys: Vec<_> = lines[0].as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys.len(), 5, "{keys:?}");
    }

    #[test]
    fn every_line_in_gives_one_line_out_in_order() {
        let mut input = Vec::new();
        for i in 0..1000 {
            match i % 4 {
                0 => input.extend(b"\n"),
                1 => input.extend(b"{\"post_id\":\"x\",\"text\":\"\xff\"}\n"),
                2 => input.extend(b"{\"post_id\":\"x\"}\n"),
                _ => input.extend(format!("{{\"post_id\":\"{i}\",\"text\":\"\"}}\n").into_bytes()),
            }
        }
        let (lines, summary) = run(&input, ALL);
        assert_eq!((lines.len(), summary.lines, summary.dead), (1000, 1000, 750));
        assert_eq!(summary.bytes, input.len() as u64);
        for (i, line) in lines.iter().enumerate() {
            if i % 4 == 3 {
                assert_eq!(line["post_id"], i.to_string());
            } else {
                assert_eq!(line["post_id"], Value::Null);
                assert!(line["error"].is_string());
            }
        }
        assert_eq!(lines[2]["error"], "wrong_shape: required field text is missing");
    }
}
