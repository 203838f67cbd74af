//! What a file is, as far as a scanner without signatures can tell.

use std::io::Cursor;

use zip::ZipArchive;

/// What the scan of one file came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// The threat of this name was found.
    Threat(&'static str),
    /// It can't be looked into, for GuardDuty's reason of this name.
    Unsupported(&'static str),
    /// The scanner may not read it.
    AccessDenied,
    /// The scanner failed.
    Failed,
}

/// The test file in two parts: whole, it would make this source one.
const EICAR: [&str; 2] =
    [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];

/// The longest file that is the test file: it may end in white space.
const EICAR_BYTES_MAX: usize = 128;

/// What GuardDuty calls it.
const EICAR_NAME: &str = "EICAR-Test-File (not a virus)";

/// GuardDuty's reason for an archive with a password.
const PASSWORD_PROTECTED: &str = "PASSWORD_PROTECTED";

/// The EICAR test file as <https://www.eicar.org/download-anti-malware-testfile/>
/// defines it.
#[must_use]
pub fn eicar() -> Vec<u8> {
    EICAR.concat().into_bytes()
}

/// Looks at a file.
#[must_use]
pub fn examine(bytes: &[u8]) -> Verdict {
    let rest = bytes.strip_prefix(EICAR.concat().as_bytes());
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x1a);
    if rest.is_some_and(|rest| bytes.len() <= EICAR_BYTES_MAX && rest.iter().all(is_space)) {
        return Verdict::Threat(EICAR_NAME);
    }
    if has_password(bytes) {
        return Verdict::Unsupported(PASSWORD_PROTECTED);
    }
    Verdict::Clean
}

fn has_password(bytes: &[u8]) -> bool {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return false };
    (0..archive.len()).any(|n| archive.by_index_raw(n).is_ok_and(|file| file.encrypted()))
}

impl Verdict {
    /// The scan's result, as tag and event spell it.
    #[must_use]
    pub const fn status(self) -> &'static str {
        match self {
            Self::Clean => "NO_THREATS_FOUND",
            Self::Threat(_) => "THREATS_FOUND",
            Self::Unsupported(_) => "UNSUPPORTED",
            Self::AccessDenied => "ACCESS_DENIED",
            Self::Failed => "FAILED",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::{ZipWriter, unstable::write::FileOptionsExt as _, write::SimpleFileOptions};

    use super::*;

    fn archive(options: SimpleFileOptions) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("a.txt", options).unwrap();
        writer.write_all(b"hello").unwrap();
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn the_test_file_is_a_threat_and_what_quotes_it_is_not() {
        assert_eq!(eicar().len(), 68);
        let with = |before: &[u8], after: &[u8]| [before, &eicar()[..], after].concat();
        for (bytes, expected) in [
            (eicar(), Verdict::Threat(EICAR_NAME)),
            (with(b"", b"\r\n"), Verdict::Threat(EICAR_NAME)),
            (with(b"", &[b' '; 60]), Verdict::Threat(EICAR_NAME)),
            (with(b"", &[b' '; 61]), Verdict::Clean),
            (with(b"", b"x"), Verdict::Clean),
            (with(b" ", b""), Verdict::Clean),
            (eicar()[..67].to_vec(), Verdict::Clean),
            (Vec::new(), Verdict::Clean),
        ] {
            assert_eq!(examine(&bytes), expected, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn an_archive_with_a_password_is_not_looked_into() {
        let open = SimpleFileOptions::default();
        assert_eq!(examine(&archive(open)), Verdict::Clean);
        let locked = open.with_deprecated_encryption(b"secret").unwrap();
        assert_eq!(examine(&archive(locked)), Verdict::Unsupported(PASSWORD_PROTECTED));
    }
}
