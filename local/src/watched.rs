//! A JSON file that may appear, and change, while we run.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use serde::de::DeserializeOwned;

/// What tells one version of a file from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    #[cfg(unix)]
    inode: u64,
}

impl Stamp {
    fn of(metadata: &std::fs::Metadata) -> Self {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        Self {
            modified: metadata.modified().ok(),
            bytes: metadata.len(),
            #[cfg(unix)]
            inode: metadata.ino(),
        }
    }
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be opened or read.
    #[error("{} cannot be read", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not the JSON that it should be.
    #[error("{} is not as it should be", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

#[derive(Debug)]
struct Seen<T> {
    stamp: Option<Stamp>,
    value: Option<Arc<T>>,
}

/// A JSON file, read again whenever it has changed.
///
/// A version that does not parse (half written, say) is reported once and the
/// last good one stays in force; a file that is removed has no value.
#[derive(Debug)]
pub struct JsonFile<T> {
    path: PathBuf,
    seen: Mutex<Seen<T>>,
}

impl<T: DeserializeOwned> JsonFile<T> {
    /// Watches `path`, which need not exist yet.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, seen: Mutex::new(Seen { stamp: None, value: None }) }
    }

    /// The file that is watched.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file now.
    ///
    /// # Errors
    /// When it cannot be read or does not parse.
    pub fn read(&self) -> Result<T, ReadError> {
        let bytes = std::fs::read(&self.path)
            .map_err(|source| ReadError::Io { path: self.path.clone(), source })?;
        serde_json::from_slice(&bytes)
            .map_err(|source| ReadError::Json { path: self.path.clone(), source })
    }

    /// The present value: one `stat` unless the file has changed.
    pub fn current(&self) -> Option<Arc<T>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(metadata) = std::fs::metadata(&self.path) else {
            *seen = Seen { stamp: None, value: None };
            return None;
        };
        let stamp = Stamp::of(&metadata);
        if seen.stamp != Some(stamp) {
            seen.stamp = Some(stamp);
            match self.read() {
                Ok(value) => {
                    tracing::info!(file = %self.path.display(), "read");
                    seen.value = Some(Arc::new(value));
                }
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(%error, cause, "kept the last good version");
                }
            }
        }
        seen.value.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("numbers.json");
        let file = JsonFile::<Vec<u32>>::new(path.clone());
        assert_eq!(file.current(), None);
        std::fs::write(&path, "[1]").unwrap();
        assert_eq!(file.current().as_deref(), Some(&vec![1]));
        std::fs::write(&path, "[1, 2").unwrap();
        assert_eq!(file.current().as_deref(), Some(&vec![1]), "a broken version is not taken");
        std::fs::write(&path, "[1, 2]").unwrap();
        assert_eq!(file.current().as_deref(), Some(&vec![1, 2]));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(file.current(), None);
    }
}
