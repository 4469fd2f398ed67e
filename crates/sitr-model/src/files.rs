//! Reads the files of a bundle and holds them to their checksums.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Component, Path, PathBuf},
};

use sha2::{Digest, Sha256};
use sitr_types::event_digest;

use crate::{BundleError, error::Fault};

/// Largest file that is read: the limit of the protobuf format that ONNX is stored in.
const MOST_BYTES: u64 = 2 << 30;

/// The directory of a bundle, and the checksums of what has been read from it.
pub(crate) struct Files {
    dir: PathBuf,
    seen: BTreeMap<String, String>,
}

impl Files {
    pub(crate) fn open(dir: &Path) -> Result<Self, BundleError> {
        if dir.is_dir() {
            return Ok(Self { dir: dir.to_owned(), seen: BTreeMap::new() });
        }
        let fix = "point [model] dir at a directory that holds bundle.toml, or a Hugging Face export with config.json";
        Err(BundleError::Missing(Fault::new(
            dir.display().to_string(),
            "no directory",
            "the directory of a bundle",
            fix,
        )))
    }

    /// Last part of the directory's path.
    pub(crate) fn dir_name(&self) -> String {
        self.dir.file_name().map_or("model".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.dir.join(name).is_file()
    }

    /// Reads a file; its checksum becomes part of the model's.
    pub(crate) fn read(&mut self, name: &str) -> Result<Vec<u8>, BundleError> {
        let missing = |found: String| {
            BundleError::Missing(Fault::new(name, found, "a readable file", "copy the whole bundle again"))
        };
        let path = self.dir.join(name);
        let size = fs::metadata(&path).map_err(|error| missing(cause(&error)))?.len();
        if size > MOST_BYTES {
            return Err(missing(format!("{size} bytes, more than {MOST_BYTES}")));
        }
        let bytes = fs::read(&path).map_err(|error| missing(cause(&error)))?;
        self.seen.insert(name.to_owned(), event_digest(&bytes));
        Ok(bytes)
    }

    pub(crate) fn read_text(&mut self, name: &str) -> Result<String, BundleError> {
        String::from_utf8(self.read(name)?).map_err(|error| {
            let found = format!("bytes that are no UTF-8 from {}", error.utf8_error().valid_up_to());
            BundleError::Damaged(Fault::new(name, found, "UTF-8 text", "copy the whole bundle again"))
        })
    }

    /// Reads a file that must have that sha256 (lower-case hex).
    pub(crate) fn read_sealed(&mut self, name: &str, sha256: &str) -> Result<Vec<u8>, BundleError> {
        let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if !plain || name.is_empty() {
            let fix = "list files of the bundle only, by relative names";
            return Err(BundleError::Description(Fault::new(
                "bundle.toml",
                format!("[files] {name:?}"),
                "a file name",
                fix,
            )));
        }
        let bytes = self.read(name)?;
        let found = &self.seen[name];
        if found != sha256 {
            return Err(BundleError::Damaged(Fault::new(
                name,
                format!("sha256 {found} ({} bytes)", bytes.len()),
                format!("sha256 {sha256} as [files] in bundle.toml says"),
                "copy the bundle again; seal it anew if the file was changed on purpose",
            )));
        }
        Ok(bytes)
    }

    /// sha256 over names and checksums of all that was read: stable, and another one when any byte of the bundle differs.
    pub(crate) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (name, sha256) in &self.seen {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
            hash.update(sha256.as_bytes());
        }
        hex(&hash.finalize())
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        kind => format!("a file that cannot be read ({kind})"),
    }
}
