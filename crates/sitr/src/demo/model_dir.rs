//! Which model the demonstration uses.

use std::path::{Path, PathBuf};

const USUAL: &str = "models/sitr";

/// The directory given, or `models/sitr` here, or in the nearest directory above the binary that has one.
///
/// # Errors
/// There is none; the message says where it was looked for.
pub(super) fn find(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let exe = std::env::current_exe().ok();
    find_from(given, Path::new(USUAL), exe.as_deref())
}

fn find_from(given: Option<&Path>, here: &Path, exe: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(dir) = given {
        anyhow::ensure!(dir.is_dir(), "--model `{}` is no directory; give one that holds a bundle", dir.display());
        return Ok(dir.to_owned());
    }
    if here.is_dir() {
        return Ok(here.to_owned());
    }
    exe.into_iter()
        .flat_map(Path::ancestors)
        .skip(1)
        .map(|above| above.join(USUAL))
        .find(|dir| dir.is_dir())
        .ok_or_else(|| anyhow::anyhow!("no model: there is no {USUAL} here or above the binary; give --model DIR"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_given_directory_comes_first_then_here_then_above_the_binary() {
        let root = tempfile::tempdir().unwrap();
        let usual = root.path().join(USUAL);
        std::fs::create_dir_all(&usual).unwrap();
        let exe = root.path().join("target/release/sitr");
        let nowhere = root.path().join("nowhere");
        assert_eq!(find_from(Some(root.path()), &usual, Some(&exe)).unwrap(), root.path());
        assert_eq!(find_from(None, &usual, None).unwrap(), usual);
        assert_eq!(find_from(None, &nowhere, Some(&exe)).unwrap(), usual);
    }

    #[test]
    fn where_no_model_is_the_error_says_what_to_do() {
        let nowhere = Path::new("/nonexistent/models/sitr");
        assert!(find_from(None, nowhere, None).unwrap_err().to_string().contains("--model DIR"));
        assert!(find_from(Some(nowhere), nowhere, None).unwrap_err().to_string().contains("/nonexistent"));
    }
}
