//! One reader, some workers, one writer; order kept, memory bounded.

use std::{
    io::BufRead,
    sync::Arc,
    thread::{self, JoinHandle},
};

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

use super::{
    LinesError,
    reader::{Chunk, Chunks},
};

/// Chunks under way per worker: one in work, one that waits, two that are done while an earlier one is not.
const CHUNKS_PER_WORKER: usize = 4;

/// A chunk, and where its answer goes.
type Job<A> = (Chunk, Sender<A>);
/// Where the answer of the next chunk will come from, or why there is none.
type Promise<A> = Result<Receiver<A>, std::io::Error>;

/// What the writer does.
pub(super) trait Sink<A> {
    /// Takes the next answer, in the order of the input.
    fn take(&mut self, answer: A) -> Result<(), LinesError>;
    /// Nothing is ready just now: what was taken should be seen.
    fn idle(&mut self) -> Result<(), LinesError>;
}

/// Works through `input` with `workers` threads that call `work`; `sink` is called in the caller's thread.
///
/// The threads are not waited for: should the sink fail while the input is a pipe on which nothing comes, the caller goes on, and
/// the reader ends with the process or with its next line.
pub(super) fn run<A: Send + 'static>(
    input: impl BufRead + Send + 'static,
    workers: usize,
    work: impl Fn(Chunk) -> A + Send + Sync + 'static,
    sink: &mut impl Sink<A>,
) -> Result<(), LinesError> {
    let workers = workers.max(1);
    let (jobs, waiting) = bounded::<Job<A>>(workers);
    // The bound of this channel is the bound of everything: each chunk under way has its promise here.
    let (promises, promised) = bounded::<Promise<A>>(workers * CHUNKS_PER_WORKER);
    let work = Arc::new(work);
    for number in 0..workers {
        let (waiting, work) = (waiting.clone(), Arc::clone(&work));
        spawn(format!("sitr-lines-{number}"), move || {
            for (chunk, answer) in waiting {
                // An error means that the writer has given up.
                let _ = answer.send(work(chunk));
            }
        })?;
    }
    spawn("sitr-lines-reader".to_owned(), move || read(Chunks::new(input), &jobs, &promises))?;
    loop {
        let promise = match promised.try_recv() {
            Ok(promise) => promise,
            Err(TryRecvError::Disconnected) => return sink.idle(),
            Err(TryRecvError::Empty) => {
                sink.idle()?;
                match promised.recv() {
                    Ok(promise) => promise,
                    Err(_) => return Ok(()),
                }
            }
        };
        let answer = promise.map_err(LinesError::Read)?.recv();
        sink.take(answer.expect("invariant: work catches panics, so every chunk is answered"))?;
    }
}

fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, LinesError> {
    thread::Builder::new().name(name).spawn(body).map_err(LinesError::Thread)
}

fn read<A>(mut chunks: Chunks<impl BufRead>, jobs: &Sender<Job<A>>, promises: &Sender<Promise<A>>) {
    loop {
        match chunks.next() {
            Ok(None) => return,
            Ok(Some(chunk)) => {
                let (answer, promise) = bounded(1);
                if promises.send(Ok(promise)).is_err() || jobs.send((chunk, answer)).is_err() {
                    return;
                }
            }
            Err(error) => {
                // Refused only when the writer has gone, and then nobody wants to know.
                let _ = promises.send(Err(error));
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufReader, Cursor, Read},
        sync::atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    struct Collect(Vec<u64>, usize);

    impl Sink<u64> for Collect {
        fn take(&mut self, answer: u64) -> Result<(), LinesError> {
            self.0.push(answer);
            if self.0.len() == self.1 { Err(LinesError::Write(std::io::ErrorKind::BrokenPipe.into())) } else { Ok(()) }
        }

        fn idle(&mut self) -> Result<(), LinesError> {
            Ok(())
        }
    }

    #[test]
    fn answers_come_in_the_order_of_the_input_however_long_each_takes() {
        let text: String = (0..20_000).map(|i| format!("{i}\n")).collect();
        let mut sink = Collect(Vec::new(), usize::MAX);
        let slow_for_some = |chunk: Chunk| {
            for _ in 0..(chunk.first % 7) {
                thread::yield_now();
            }
            chunk.first
        };
        run(BufReader::with_capacity(512, Cursor::new(text.into_bytes())), 3, slow_for_some, &mut sink).unwrap();
        assert!(sink.0.len() >= 20_000 / 64);
        assert!(sink.0.is_sorted());
    }

    /// Counts what is read of an endless input.
    struct Endless(Arc<AtomicUsize>);

    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            into.fill(b'\n');
            self.0.fetch_add(into.len(), Ordering::SeqCst);
            Ok(into.len())
        }
    }

    #[test]
    fn a_writer_that_gives_up_ends_the_work_and_little_was_read_ahead() {
        let read = Arc::new(AtomicUsize::new(0));
        let input = BufReader::with_capacity(64, Endless(Arc::clone(&read)));
        let mut sink = Collect(Vec::new(), 3);
        assert!(matches!(run(input, 2, |chunk| chunk.first, &mut sink), Err(LinesError::Write(_))));
        assert!(read.load(Ordering::SeqCst) <= 64 * (3 + 2 * CHUNKS_PER_WORKER + 2 + 2));
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk"))
        }
    }

    #[test]
    fn an_input_that_breaks_is_an_error_after_all_that_was_read() {
        let input = BufReader::new(Cursor::new(b"a\nb\n".to_vec()).chain(Broken));
        let mut sink = Collect(Vec::new(), usize::MAX);
        assert!(matches!(run(input, 1, |chunk| chunk.first, &mut sink), Err(LinesError::Read(_))));
        assert_eq!(sink.0, [1]);
    }
}
