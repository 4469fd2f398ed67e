//! Cutting bytes into lines and lines into chunks.

use std::io::{BufRead, Result};

/// Longest line that is read. The longest text that the contract allows, each scalar escaped as a surrogate pair, is 96 kB.
pub const MAX_LINE_BYTES: usize = 2 << 20;
/// What a dead letter keeps of a longer line.
pub(super) const KEPT_BYTES: usize = 64 << 10;
/// Lines of a chunk: a few model batches, so that rows of like length can be put together.
const CHUNK_LINES: usize = 64;
/// A chunk with this many bytes is full: with long lines, lines alone would not bound the memory.
const CHUNK_BYTES: usize = 256 << 10;

/// Lines that follow each other.
pub(super) struct Chunk {
    /// Number of the first line, from 1.
    pub(super) first: u64,
    /// The lines.
    pub(super) lines: Vec<Line>,
    /// Bytes read for them, line ends included.
    pub(super) bytes: u64,
}

/// A line without its end.
pub(super) enum Line {
    /// All of it.
    Whole(Vec<u8>),
    /// The beginning of a line over [`MAX_LINE_BYTES`], and its length.
    TooLong {
        /// Its first [`KEPT_BYTES`].
        start: Vec<u8>,
        /// Bytes of the whole line.
        length: u64,
    },
}

/// Cuts an input. Each call of [`next`](Self::next) gives what can be had without waiting for more input, at most a chunk.
pub(super) struct Chunks<R> {
    input: R,
    next_line: u64,
    partial: Partial,
    ended: bool,
}

/// A line of which the end has not been seen.
#[derive(Default)]
struct Partial {
    bytes: Vec<u8>,
    length: u64,
}

impl<R: BufRead> Chunks<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, next_line: 1, partial: Partial::default(), ended: false }
    }

    /// The next chunk; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Chunk>> {
        let mut chunk = Chunk { first: self.next_line, lines: Vec::with_capacity(CHUNK_LINES), bytes: 0 };
        while !self.ended {
            let available = match self.input.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                self.ended = true;
                // Nothing after the last line end is no line.
                if self.partial.length > 0 {
                    chunk.lines.push(self.partial.take());
                }
                break;
            }
            let mut used = 0;
            let full = loop {
                let rest = &available[used..];
                let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                    self.partial.push(rest);
                    used = available.len();
                    break false;
                };
                self.partial.push(&rest[..end]);
                used += end + 1;
                chunk.lines.push(self.partial.take());
                if chunk.lines.len() == CHUNK_LINES || chunk.bytes + used as u64 >= CHUNK_BYTES as u64 {
                    break true;
                }
            };
            self.input.consume(used);
            chunk.bytes += used as u64;
            // What is left of the buffer is the beginning of a line. Asking for more may wait, so whole lines go first: a
            // pipe that trickles is answered line by line.
            if full || !chunk.lines.is_empty() {
                break;
            }
        }
        if chunk.first == 1
            && let Some(Line::Whole(line)) = chunk.lines.first_mut()
            && line.starts_with(b"\xef\xbb\xbf")
        {
            // A byte-order mark at the very beginning belongs to the file, not to the first record.
            line.drain(..3);
        }
        self.next_line += chunk.lines.len() as u64;
        Ok((!chunk.lines.is_empty()).then_some(chunk))
    }
}

impl Partial {
    fn push(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        if self.length <= MAX_LINE_BYTES as u64 {
            self.bytes.extend_from_slice(bytes);
        } else if self.bytes.len() > KEPT_BYTES {
            self.bytes.truncate(KEPT_BYTES);
            self.bytes.shrink_to_fit();
        } else {
            let missing = KEPT_BYTES - self.bytes.len();
            self.bytes.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        }
    }

    fn take(&mut self) -> Line {
        let Self { bytes, length } = std::mem::take(self);
        if length <= MAX_LINE_BYTES as u64 { Line::Whole(bytes) } else { Line::TooLong { start: bytes, length } }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    fn lines(input: impl BufRead) -> Vec<Line> {
        let mut chunks = Chunks::new(input);
        let mut all = Vec::new();
        while let Some(chunk) = chunks.next().unwrap() {
            assert_eq!(chunk.first, all.len() as u64 + 1);
            assert!(chunk.lines.len() <= CHUNK_LINES);
            all.extend(chunk.lines);
        }
        assert!(chunks.next().unwrap().is_none(), "the end stays the end");
        all
    }

    fn whole(text: &str, buffer: usize) -> Vec<String> {
        lines(BufReader::with_capacity(buffer, Cursor::new(text.as_bytes().to_vec())))
            .into_iter()
            .map(|line| match line {
                Line::Whole(bytes) => String::from_utf8(bytes).unwrap(),
                Line::TooLong { .. } => panic!("no line is too long here"),
            })
            .collect()
    }

    #[test]
    fn lines_are_those_between_line_ends_whatever_the_buffer() {
        for buffer in [1, 2, 3, 7, 64, 8192] {
            assert_eq!(whole("", buffer), Vec::<String>::new());
            assert_eq!(whole("a", buffer), ["a"]);
            assert_eq!(whole("a\n", buffer), ["a"]);
            assert_eq!(whole("\n", buffer), [""]);
            assert_eq!(whole("a\n\nb\r\n\nlast", buffer), ["a", "", "b\r", "", "last"]);
            let many: String = (0..500).map(|i| format!("line {i}\n")).collect();
            assert_eq!(whole(&many, buffer).len(), 500);
        }
    }

    #[test]
    fn a_byte_order_mark_is_dropped_at_the_very_beginning_only() {
        assert_eq!(whole("\u{feff}a\n\u{feff}b\n", 8192), ["a", "\u{feff}b"]);
    }

    #[test]
    fn a_line_of_two_mebibytes_is_read_and_one_byte_more_is_too_long() {
        for buffer in [1000, 65_536, 4 << 20] {
            let mut text = vec![b'x'; MAX_LINE_BYTES];
            text.push(b'\n');
            text.extend(vec![b'y'; MAX_LINE_BYTES + 1]);
            text.extend(b"\nz");
            let lines = lines(BufReader::with_capacity(buffer, Cursor::new(text)));
            assert!(matches!(&lines[0], Line::Whole(line) if line.len() == MAX_LINE_BYTES));
            let Line::TooLong { start, length } = &lines[1] else { panic!("the second line is too long") };
            assert_eq!((start.len(), *length), (KEPT_BYTES, MAX_LINE_BYTES as u64 + 1));
            assert!(start.iter().all(|byte| *byte == b'y'));
            assert!(matches!(&lines[2], Line::Whole(line) if line == b"z"));
        }
    }

    /// Gives one line a call, as a pipe does whose writer takes its time, and fails when asked for more than it was given.
    struct Trickle(Vec<&'static [u8]>);

    impl std::io::Read for Trickle {
        fn read(&mut self, into: &mut [u8]) -> Result<usize> {
            let Some(next) = (!self.0.is_empty()).then(|| self.0.remove(0)) else {
                return Err(std::io::Error::other("waited for more"));
            };
            into[..next.len()].copy_from_slice(next);
            Ok(next.len())
        }
    }

    #[test]
    fn whole_lines_go_on_before_more_input_is_waited_for() {
        let mut chunks = Chunks::new(BufReader::new(Trickle(vec![b"one\ntw", b"o\n"])));
        assert_eq!(chunks.next().unwrap().unwrap().lines.len(), 1);
        assert_eq!(chunks.next().unwrap().unwrap().lines.len(), 1);
        assert!(chunks.next().is_err());
    }
}
