//! What SES looks at in a raw message, and what it changes.

use mailparse::{MailAddr, MailHeader, MailHeaderMap as _};

/// RFC 5322's limit on a line, without its end.
const LINE_BYTES_MAX: usize = 998;

/// Headers that may stand in a message only once.
const SINGLE: &[&str] =
    &["From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "Date", "Subject"];

/// Headers that SES replaces (all but the last) or leaves out (the last).
const REPLACED: &[&str] = &["Message-ID", "Date", "Feedback-ID", "Bcc"];

/// What is known about a message that has been found sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    /// Addresses in `From`.
    pub(super) from: Vec<String>,
    /// Addresses in `To`, `Cc` and `Bcc`.
    pub(super) recipients: Vec<String>,
    /// The decoded subject.
    pub(super) subject: String,
}

/// Why a message is rejected, in words for the sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("Empty message.")]
    Empty,
    #[error("The message has no end of its headers.")]
    NoBody,
    #[error("Missing required header '{0}'.")]
    Missing(&'static str),
    #[error("Duplicate header '{0}'.")]
    Duplicate(&'static str),
    #[error("The header block has a line that is not a header field: line {0}.")]
    NotAField(usize),
    #[error("The header block has a byte outside ASCII in line {0}.")]
    NotAscii(usize),
    #[error("Line {0} is longer than 998 bytes.")]
    LongLine(usize),
    #[error("The message has a NUL byte or a carriage return without a line feed.")]
    BareControl,
    #[error("The address list in '{0}' cannot be read.")]
    Addresses(&'static str),
    #[error("The MIME structure cannot be read.")]
    Mime,
}

/// Checks a message as strictly as the strictest receiver would.
pub(super) fn check(raw: &[u8]) -> Result<Envelope, Malformed> {
    if raw.is_empty() {
        return Err(Malformed::Empty);
    }
    if raw.contains(&0) || has_bare_carriage_return(raw) {
        return Err(Malformed::BareControl);
    }
    check_lines(raw)?;
    let parsed = mailparse::parse_mail(raw).map_err(|_| Malformed::Mime)?;
    for part in parsed.parts() {
        part.get_body_raw().map_err(|_| Malformed::Mime)?;
    }
    for name in SINGLE {
        if parsed.headers.get_all_headers(name).len() > 1 {
            return Err(Malformed::Duplicate(name));
        }
    }
    let from = addresses(&parsed.headers, "From")?;
    if from.is_empty() {
        return Err(Malformed::Missing("From"));
    }
    let mut recipients = Vec::new();
    for name in ["To", "Cc", "Bcc"] {
        recipients.extend(addresses(&parsed.headers, name)?);
    }
    let subject = parsed.headers.get_first_value("Subject").unwrap_or_default();
    Ok(Envelope { from, recipients, subject })
}

fn has_bare_carriage_return(raw: &[u8]) -> bool {
    let inside = raw.windows(2).any(|pair| matches!(pair, [b'\r', next] if *next != b'\n'));
    inside || raw.last() == Some(&b'\r')
}

fn check_lines(raw: &[u8]) -> Result<(), Malformed> {
    let mut in_headers = true;
    for (index, line) in raw.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > LINE_BYTES_MAX {
            return Err(Malformed::LongLine(number));
        }
        if !in_headers {
            continue;
        }
        if line.is_empty() {
            in_headers = false;
            continue;
        }
        if !line.is_ascii() {
            return Err(Malformed::NotAscii(number));
        }
        let is_continuation = index > 0 && matches!(line.first(), Some(b' ' | b'\t'));
        if !is_continuation && field_name(line).is_none() {
            return Err(Malformed::NotAField(number));
        }
    }
    if in_headers { Err(Malformed::NoBody) } else { Ok(()) }
}

/// The name of the header field that starts on this line.
fn field_name(line: &[u8]) -> Option<&str> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = std::str::from_utf8(line.get(..colon)?).ok()?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    is_name.then_some(name)
}

fn addresses(headers: &[MailHeader<'_>], name: &'static str) -> Result<Vec<String>, Malformed> {
    let Some(header) = headers.get_first_header(name) else { return Ok(Vec::new()) };
    let list = mailparse::addrparse_header(header).map_err(|_| Malformed::Addresses(name))?;
    let found: Vec<_> = list
        .iter()
        .flat_map(|address| match address {
            MailAddr::Single(single) => vec![single.addr.clone()],
            MailAddr::Group(group) => group.addrs.iter().map(|one| one.addr.clone()).collect(),
        })
        .collect();
    if found.iter().all(|address| is_address(address)) {
        Ok(found)
    } else {
        Err(Malformed::Addresses(name))
    }
}

/// Whether this is `local@domain` as SES takes it: ASCII without spaces or
/// control characters.
pub(super) fn is_address(address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && local.len() <= 64
            && !domain.is_empty()
            && domain
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
            && local
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b','))
    })
}

/// The address in `Name <local@domain>`, or the whole text.
pub(super) fn bare_address(text: &str) -> Option<String> {
    let list = mailparse::addrparse(text).ok()?;
    match list.as_slice() {
        [MailAddr::Single(single)] if is_address(&single.addr) => Some(single.addr.clone()),
        _ => None,
    }
}

/// The headers that SES puts into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Added<'a> {
    pub(crate) message_id: &'a str,
    pub(crate) date: &'a str,
    pub(crate) feedback_id: &'a str,
}

/// The message as SES passes it on: with its own `Message-ID`, `Date` and
/// `Feedback-ID`, without `Bcc`, the rest byte for byte.
pub(crate) fn delivered(raw: &[u8], added: Added<'_>) -> Vec<u8> {
    let Added { message_id, date, feedback_id } = added;
    let first_line = raw.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
    let line_end = if first_line.ends_with(b"\r\n") { "\r\n" } else { "\n" };
    let mut delivered = format!(
        "Message-ID: {message_id}{line_end}Date: {date}{line_end}\
         Feedback-ID: {feedback_id}{line_end}"
    )
    .into_bytes();
    let mut rest = raw;
    let mut leaving_out = false;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
        rest = rest.get(line.len()..).unwrap_or_default();
        if !matches!(line.first(), Some(b' ' | b'\t')) {
            leaving_out = field_name(line)
                .is_some_and(|name| REPLACED.iter().any(|known| known.eq_ignore_ascii_case(name)));
        }
        if !leaving_out {
            delivered.extend_from_slice(line);
        }
    }
    delivered.extend_from_slice(rest);
    delivered
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "From: Seisi\u{fa}n <notices@seisiun.test>\r\n";

    fn checked(raw: &str) -> Result<Envelope, Malformed> {
        check(raw.as_bytes())
    }

    #[test]
    fn a_sound_message_is_understood() {
        let raw = "From: =?utf-8?q?Seisi=C3=BAn?= <notices@seisiun.test>\r\n\
                   To: Ann <ann@example.test>, ben@example.test\r\n\
                   Bcc: hidden@example.test\r\n\
                   Subject: =?utf-8?q?F=C3=A1ilte?=\r\n\t=?utf-8?q?_isteach?=\r\n\r\nbody\r\n";
        assert_eq!(
            checked(raw),
            Ok(Envelope {
                from: vec!["notices@seisiun.test".to_owned()],
                recipients: ["ann@example.test", "ben@example.test", "hidden@example.test"]
                    .map(str::to_owned)
                    .to_vec(),
                subject: "Fáilte isteach".to_owned(),
            })
        );
    }

    #[test]
    fn malformed_messages_are_rejected() {
        let long = format!("From: a@seisiun.test\n\n{}\n", "x".repeat(LINE_BYTES_MAX + 1));
        let unicode = format!("{SOUND}\r\nbody");
        let cases = [
            ("", Malformed::Empty),
            ("From: a@seisiun.test\r\n", Malformed::NoBody),
            ("To: a@seisiun.test\r\n\r\nbody", Malformed::Missing("From")),
            ("From: a@seisiun.test\r\nFrom: b@seisiun.test\r\n\r\n", Malformed::Duplicate("From")),
            ("From: a@seisiun.test\nSubject: a\nsubject: b\n\n", Malformed::Duplicate("Subject")),
            ("From: a@seisiun.test\nnot a field\n\n", Malformed::NotAField(2)),
            (" From: a@seisiun.test\n\n", Malformed::NotAField(1)),
            (&unicode, Malformed::NotAscii(1)),
            (&long, Malformed::LongLine(3)),
            ("From: a@seisiun.test\n\nbody\0", Malformed::BareControl),
            ("From: a@seisiun.test\n\nbo\rdy", Malformed::BareControl),
            ("From: nobody\n\nbody", Malformed::Addresses("From")),
        ];
        for (raw, expected) in cases {
            assert_eq!(checked(raw), Err(expected), "{raw:?}");
        }
    }

    #[test]
    fn delivery_replaces_three_headers_and_hides_blind_copies() {
        let raw = "Date: yesterday\r\nFrom: a@seisiun.test\r\nMESSAGE-ID:\r\n <mine@x>\r\n\
                   bcc: b@x.test,\r\n c@x.test\r\nfeedback-id: my:own:x:Sender\r\n\
                   Subject: s\r\n\r\nBcc: stays\r\n";
        let added = Added {
            message_id: "<id@ses>",
            date: "Mon, 1 Jan 2029 00:00:00 +0000",
            feedback_id: "news::1.ses:AmazonSES",
        };
        assert_eq!(
            String::from_utf8(delivered(raw.as_bytes(), added)).unwrap(),
            "Message-ID: <id@ses>\r\nDate: Mon, 1 Jan 2029 00:00:00 +0000\r\n\
             Feedback-ID: news::1.ses:AmazonSES\r\n\
             From: a@seisiun.test\r\nSubject: s\r\n\r\nBcc: stays\r\n"
        );
    }

    #[test]
    fn addresses_are_told_from_other_text() {
        for good in ["a@b", "ann.o'brien+x@example.test"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a b@c", "a@b c", "a@b\n", "á@b", "a@b@"] {
            assert!(!is_address(bad), "{bad}");
        }
        assert_eq!(bare_address("Ann <ann@x.test>").as_deref(), Some("ann@x.test"));
        assert_eq!(bare_address("a@x.test, b@x.test"), None);
    }
}
