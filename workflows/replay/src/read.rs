//! Reading what to replay, and by what.

use std::io::BufRead;

use seisiun_domain::{Problems, moderation::Policy};

use crate::Line;

/// Submissions of one file: years of them. What one member sent is compared with
/// all that they sent before.
pub const LINES_MAX: usize = 100_000;
/// Bytes of one line: the longest submission, its description twice, each
/// character written as an escape.
pub const LINE_BYTES_MAX: u64 = 256 * 1024;

/// Why a file can't be used. Its name is for who opened it to tell.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It can't be read.
    #[error("it can't be read")]
    Unreadable(#[from] std::io::Error),
    /// A line is none.
    #[error("line {line}: {why}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// A submission stands there twice.
    #[error("line {line}: {id} stands above already: take one of them out")]
    Twice {
        /// From 1.
        line: usize,
        /// Which.
        id: String,
    },
    /// There are none, or too many.
    #[error("it must have 1 to {LINES_MAX} submissions, one a line, and has {0}")]
    Count(usize),
    /// It is no policy.
    #[error(
        "it is no policy ({0}): begin with what `cargo xtask policy --json` prints, and change \
         what is to be changed"
    )]
    NoPolicy(String),
    /// The policy can't be meant.
    #[error("the policy can't be meant: {0}")]
    Problems(Problems),
}

/// The submissions of a file, by time. Empty lines are left out.
///
/// # Errors
/// See [`ReadError`].
pub fn submissions(file: impl BufRead) -> Result<Vec<Line>, ReadError> {
    let mut found: Vec<Line> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut file = file;
    let mut bytes = Vec::new();
    for number in 1usize.. {
        bytes.clear();
        let wrong = |why: String| ReadError::Line { line: number, why };
        let mut some = std::io::Read::take(&mut file, LINE_BYTES_MAX + 1);
        let length = some.read_until(b'\n', &mut bytes)?;
        if length == 0 {
            break;
        }
        if u64::try_from(length).map_or(true, |length| length > LINE_BYTES_MAX) {
            return Err(wrong(format!(
                "it has more than {LINE_BYTES_MAX} bytes: each submission is a line of its own"
            )));
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_slice(&bytes)
            .map_err(|error| wrong(format!("it is not a submission as JSON: {error}")))?;
        let no_hash = line.photos.iter().find(|photo| {
            photo.sha256.len() != 64 || !photo.sha256.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        if let Some(photo) = no_hash {
            let hash = &photo.sha256;
            return Err(wrong(format!("photos: sha256 \"{hash}\" must be 64 hex digits")));
        }
        if !seen.insert(line.id) {
            return Err(ReadError::Twice { line: number, id: line.id.to_string() });
        }
        found.push(line);
        if found.len() > LINES_MAX {
            return Err(ReadError::Count(found.len()));
        }
    }
    if found.is_empty() {
        return Err(ReadError::Count(0));
    }
    found.sort_by_key(|line| (line.at, line.id));
    Ok(found)
}

/// A policy that is proposed.
///
/// # Errors
/// [`ReadError::NoPolicy`] and [`ReadError::Problems`].
pub fn policy(text: &str) -> Result<Policy, ReadError> {
    let policy: Policy =
        serde_json::from_str(text).map_err(|error| ReadError::NoPolicy(error.to_string()))?;
    policy.check().map_err(ReadError::Problems)?;
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"id":"01J9000000000000000000000A","at":"2026-11-24T12:00:00Z",
        "member":"ann","kind":"review","session":"01J9000000000000000000000B"}"#;

    fn said(text: &str) -> String {
        submissions(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_file_is_read_by_time() {
        let line = LINE.replace('\n', "");
        let earlier = line.replace("000A", "000C").replace("-24T", "-23T");
        let lines = submissions(format!("{line}\n\n{earlier}").as_bytes()).unwrap();
        let ids: Vec<String> = lines.iter().map(|line| line.id.to_string()).collect();
        assert_eq!(ids, ["01J9000000000000000000000C", "01J9000000000000000000000A"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let line = LINE.replace('\n', "");
        let photo = line.replace('}', r#","photos":[{"sha256":"ab"}]}"#);
        let other = line.replace("\"kind\"", "\"sort\"");
        let long = format!("{}\n", "x".repeat(300_000));
        for (text, expected) in [
            (String::new(), "1 to 100000 submissions, one a line, and has 0"),
            (format!("{line}\n{{"), "line 2: it is not a submission as JSON: EOF"),
            (format!("\n{other}"), "line 2: it is not a submission as JSON: unknown field `sort`"),
            (photo, "line 1: photos: sha256 \"ab\" must be 64 hex digits"),
            (format!("{line}\n{line}"), "line 2: 01J9000000000000000000000A stands above already"),
            (long, "line 1: it has more than 262144 bytes"),
        ] {
            let said = said(&text);
            assert!(said.contains(expected), "{said}");
        }
        assert!(submissions(&b"\xff\n"[..]).is_err());
    }

    #[test]
    fn a_policy_is_checked_as_it_is_read() {
        let current = serde_json::to_string(&Policy::CURRENT).unwrap();
        assert_eq!(policy(&current).unwrap(), Policy::CURRENT);
        let said = policy("{}").unwrap_err().to_string();
        assert!(said.contains("missing field `photos`") && said.contains("--json"), "{said}");
        let text = current.replace("\"per_day\":20,", "\"per_day\":0,");
        let said = policy(&text).unwrap_err().to_string();
        assert_eq!(said, "the policy can't be meant: trust[0].per_day: must not be below per_hour");
    }
}
