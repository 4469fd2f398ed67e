//! Files and standard input as one list of inputs.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

/// Large enough that a chunk of lines is cut from one piece.
const BUFFER: usize = 256 << 10;

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// The inputs that the command line names: `-` or nothing is standard input.
    pub(super) fn all(files: &[PathBuf]) -> Vec<Self> {
        let of = |path: &PathBuf| if path == Path::new("-") { Self::Stdin } else { Self::File(path.clone()) };
        if files.is_empty() { vec![Self::Stdin] } else { files.iter().map(of).collect() }
    }

    /// Its name in dead letters.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Opens it.
    pub(super) fn open(&self) -> anyhow::Result<Box<dyn BufRead + Send>> {
        match self {
            Self::Stdin => Ok(Box::new(BufReader::with_capacity(BUFFER, std::io::stdin()))),
            Self::File(path) => {
                let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
                Ok(Box::new(BufReader::with_capacity(BUFFER, file)))
            }
        }
    }
}

/// Bytes of all inputs; `None` when one of them has no end that is known.
///
/// # Errors
/// A file that is not there or is a directory: better said before the first hour of work than after it.
pub(super) fn total_bytes(inputs: &[Input]) -> anyhow::Result<Option<u64>> {
    let mut total = Some(0);
    for input in inputs {
        let bytes = match input {
            Input::Stdin => None,
            Input::File(path) => {
                let about = path.metadata().with_context(|| format!("{} cannot be read", path.display()))?;
                anyhow::ensure!(!about.is_dir(), "{} is a directory", path.display());
                about.is_file().then_some(about.len())
            }
        };
        total = total.zip(bytes).map(|(total, bytes)| total + bytes);
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_a_dash_are_standard_input() {
        assert_eq!(Input::all(&[]), [Input::Stdin]);
        assert_eq!(Input::all(&["-".into(), "a".into()]), [Input::Stdin, Input::File("a".into())]);
    }

    #[test]
    fn the_size_is_known_when_every_input_is_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, "12345").unwrap();
        let file = Input::File(path);
        assert_eq!(total_bytes(&[file.clone(), file.clone()]).unwrap(), Some(10));
        assert_eq!(total_bytes(&[Input::Stdin, file]).unwrap(), None);
        assert!(total_bytes(&[Input::File(dir.path().to_owned())]).is_err());
        assert!(total_bytes(&[Input::File(dir.path().join("none"))]).is_err());
    }
}
