//! Copies of the tiny bundles, to break at will.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use sitr_model::{Bundle, BundleError, Logits, TextInput};
use tempfile::TempDir;

pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

pub(crate) fn load(name: &str) -> Bundle {
    Bundle::load(&path(name)).unwrap()
}

/// The logits of each text, whose words are its parts between spaces.
pub(crate) fn logits(bundle: &Bundle, texts: &[&str]) -> Vec<Logits> {
    let prepared: Vec<_> = texts
        .iter()
        .map(|text| {
            let words: Vec<&str> = text.split(' ').collect();
            bundle.prepare(&TextInput { text, words: &words }).unwrap()
        })
        .collect();
    bundle.score(&prepared).into_iter().map(Result::unwrap).collect()
}

/// A copy of a bundle that a test may break.
pub(crate) struct Copy {
    dir: TempDir,
}

impl Copy {
    pub(crate) fn of(name: &str) -> Self {
        let dir = TempDir::new().unwrap();
        for entry in fs::read_dir(path(name)).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
        }
        Self { dir }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.file(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        fs::write(self.file(name), bytes).unwrap();
        self
    }

    /// Replaces text that must be there.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) -> &Self {
        let text = String::from_utf8(self.bytes(name)).unwrap();
        assert!(text.contains(from), "{name} holds no {from}");
        self.write(name, text.replacen(from, to, 1))
    }

    /// Writes the true checksums into `bundle.toml`, so that a fault behind them is reached.
    pub(crate) fn seal(&self) -> &Self {
        let toml = String::from_utf8(self.bytes("bundle.toml")).unwrap();
        let line = |line: &str| match line.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            Some((name, rest)) if rest.len() > 64 => {
                let sha256: String =
                    Sha256::digest(self.bytes(name)).iter().map(|byte| format!("{byte:02x}")).collect();
                format!("\"{name}\" = \"{sha256}\"")
            }
            _ => line.to_owned(),
        };
        self.write("bundle.toml", toml.lines().map(line).collect::<Vec<_>>().join("\n"))
    }

    pub(crate) fn load(&self) -> Result<Bundle, BundleError> {
        Bundle::load(self.dir.path())
    }

    /// The error of loading, which must hold every one of these words.
    pub(crate) fn refused(&self, words: &[&str]) -> BundleError {
        let error = self.load().unwrap_err();
        for word in words {
            assert!(error.to_string().contains(word), "{word:?} is not in: {error}");
        }
        error
    }
}
