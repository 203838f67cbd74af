//! From what callers hand in to what may stand in a mail: text is made
//! harmless, addresses and links are checked and refused.

use url::{Host, Url};

use crate::{MailError, limits};

/// One line of at most `chars_max` characters: every run of white space and
/// control characters becomes one space, direction overrides disappear.
pub(crate) fn line(text: &str, chars_max: usize) -> String {
    let mut out = String::new();
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = true;
        } else if !is_invisible_trick(c) {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
    }
    cut(out, chars_max)
}

/// As [`line`], and an error if nothing is left.
pub(crate) fn required(
    field: &'static str,
    text: &str,
    chars_max: usize,
) -> Result<String, MailError> {
    let line = line(text, chars_max);
    if line.is_empty() { Err(MailError::Missing { field }) } else { Ok(line) }
}

/// Several lines, blank ones left out, at most `lines_max` and `chars_max` in
/// all; what is cut off ends in an ellipsis.
pub(crate) fn lines(text: &str, lines_max: usize, chars_max: usize) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut chars_left = chars_max;
    for text in text.split(['\n', '\r', '\u{2028}', '\u{2029}']) {
        let clean = line(text, chars_max);
        if clean.is_empty() {
            continue;
        }
        if kept.len() == lines_max || chars_left == 0 {
            if let Some(last) = kept.last_mut()
                && !last.ends_with(ELLIPSIS)
            {
                last.push(ELLIPSIS);
            }
            break;
        }
        let clean = cut(clean, chars_left);
        chars_left = chars_left.saturating_sub(clean.chars().count());
        kept.push(clean);
    }
    kept
}

/// The first `entries_max` entries that have something in them, each a line.
pub(crate) fn list(entries: &[String], entries_max: usize) -> Vec<String> {
    entries
        .iter()
        .map(|entry| line(entry, limits::PHRASE_CHARS_MAX))
        .filter(|entry| !entry.is_empty())
        .take(entries_max)
        .collect()
}

/// A line for a header's free text. What looks like an encoded word (RFC 2047)
/// would be decoded by the reader's client into something nobody typed.
pub(crate) fn header_text(text: &str, chars_max: usize) -> String {
    line(&line(text, chars_max).replace("=?", "= ?"), chars_max)
}

/// An address that SES takes: `dot-atom@domain`, the domain in ASCII form.
/// No display name, no quoted local part, no comment, no list.
pub(crate) fn address(field: &'static str, address: &str) -> Result<String, MailError> {
    parse_address(address).ok_or(MailError::Address { field })
}

fn parse_address(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    if local.len() > limits::LOCAL_PART_OCTETS_MAX || !local.split('.').all(is_atom) {
        return None;
    }
    // Host parsing decodes `%41` and forgives more than mail does.
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    if !domain.chars().all(plain) {
        return None;
    }
    let Host::Domain(domain) = Host::parse(domain).ok()? else { return None };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if !domain.split('.').all(is_label) {
        return None;
    }
    let address = format!("{local}@{domain}");
    (address.len() <= limits::ADDRESS_OCTETS_MAX).then_some(address)
}

/// An absolute https link in its ASCII form. http is taken where the host is
/// this machine, for the local run has no certificate.
pub(crate) fn link(field: &'static str, link: &str) -> Result<String, MailError> {
    parse_link(link).ok_or(MailError::Link { field })
}

fn parse_link(link: &str) -> Option<String> {
    // The parser drops tabs and line ends silently; nobody sends those in good faith.
    if link.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let url = Url::parse(link).ok()?;
    let host = url.host()?;
    let is_this_machine = match &host {
        Host::Domain(domain) => *domain == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    };
    let is_secure = url.scheme() == "https" || (url.scheme() == "http" && is_this_machine);
    let has_user = !url.username().is_empty() || url.password().is_some();
    let link = String::from(url);
    (is_secure && !has_user && link.len() <= limits::LINK_OCTETS_MAX).then_some(link)
}

/// Marks that turn text around, cut it into separators or hide in it. Joiners
/// stay: Unicode needs them in names and emoji.
fn is_invisible_trick(c: char) -> bool {
    matches!(
        c,
        '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
    )
}

const ELLIPSIS: char = '…';

fn cut(text: String, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => text,
        Some(_) => {
            let kept: String = text.chars().take(chars_max.saturating_sub(1)).collect();
            format!("{}{ELLIPSIS}", kept.trim_end())
        }
    }
}

/// Lays the text part out: wraps at [`limits::TEXT_COLUMNS`] with entries of a
/// list hanging under their first word, one blank line at most between blocks.
pub(crate) fn layout_text(text: &str) -> String {
    let mut out = String::new();
    let mut blank = false;
    for line in text.lines() {
        if line.trim().is_empty() {
            blank = true;
            continue;
        }
        if blank && !out.is_empty() {
            out.push('\n');
        }
        blank = false;
        wrap_line(line, &mut out);
    }
    out
}

fn wrap_line(line: &str, out: &mut String) {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let hang = indent + if line.trim_start().starts_with("- ") { 2 } else { 0 };
    let mut column = indent;
    out.extend(std::iter::repeat_n(' ', indent));
    let mut first = true;
    for word in line.split_whitespace().flat_map(pieces) {
        let width = word.chars().count();
        if !first {
            if column + 1 + width > limits::TEXT_COLUMNS && column > hang {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', hang));
                column = hang;
            } else {
                out.push(' ');
                column += 1;
            }
        }
        out.push_str(word);
        column += width;
        first = false;
    }
    out.push('\n');
}

/// A word in pieces no longer than the longest link: no line gets longer than
/// mail allows, whatever somebody leaned on the keyboard with.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(rest.floor_char_boundary(limits::LINK_OCTETS_MAX));
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line() {
        let check = |text: &str, expected: &str| assert_eq!(line(text, 12), expected, "{text:?}");
        check("The Local", "The Local");
        check("  a \r\n\t b\u{0} ", "a b");
        check("a\u{2028}b\u{85}c", "a b c");
        check("evil\u{202E}txt", "eviltxt");
        check("Tigh Mháirtín", "Tigh Mháirt…");
        check("Tigh Máirtín", "Tigh Máirtín");
        check("twelve chars and more", "twelve char…");
        check("\r\n\u{7f}", "");
    }

    #[test]
    fn lines_are_bounded_in_number_and_length() {
        assert_eq!(lines("a\n\n b \r\nc", 8, 100), ["a", "b", "c"]);
        assert_eq!(lines("a\nb\nc", 2, 100), ["a", "b…"]);
        assert_eq!(lines("abcd\nefgh\nij", 8, 6), ["abcd", "e…"]);
        assert_eq!(lines("abcd\nefgh", 8, 4), ["abcd…"]);
        assert!(lines(" \n\r", 8, 100).is_empty());
    }

    #[test]
    fn an_address_is_plainly_one() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(parse_address(text).as_deref(), expected, "{text:?}");
        };
        check("a.b+c@example.ie", Some("a.b+c@example.ie"));
        check("o'brien@EXAMPLE.ie", Some("o'brien@example.ie"));
        check("me@seisiún.example", Some("me@xn--seisin-tya.example"));
        for bad in [
            "",
            "a",
            "@",
            "a@",
            "@b.ie",
            "a@b@c.ie",
            "a b@c.ie",
            "a@b.ie\r\nBcc: c@d.ie",
            "a\n@b.ie",
            "a@b.ie, c@d.ie",
            "Ann <a@b.ie>",
            "\"a\"@b.ie",
            "a..b@c.ie",
            ".a@c.ie",
            "séan@c.ie",
            "a@b..ie",
            "a@-b.ie",
            "a@127.0.0.1",
            "a@[::1]",
            "a@b%2eie",
            "a@b.ie>",
        ] {
            check(bad, None);
        }
        check(&format!("{}@b.ie", "a".repeat(64)), Some(&format!("{}@b.ie", "a".repeat(64))));
        check(&format!("{}@b.ie", "a".repeat(65)), None);
        check(&format!("a@{}ie", "b.".repeat(130)), None);
    }

    #[test]
    fn a_link_is_https_and_ascii() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(parse_link(text).as_deref(), expected, "{text:?}");
        };
        check("https://seisiun.example/s/x?a=1&b=2", Some("https://seisiun.example/s/x?a=1&b=2"));
        check("https://seisiún.example/é", Some("https://xn--seisin-tya.example/%C3%A9"));
        check("https://a.example/\"><b>?<>\"", Some("https://a.example/%22%3E%3Cb%3E?%3C%3E%22"));
        check("http://127.0.0.1:8080/x", Some("http://127.0.0.1:8080/x"));
        check("http://localhost:8080/x", Some("http://localhost:8080/x"));
        for bad in [
            "",
            "/s/x",
            "http://a.example/",
            "http://localhost.evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "mailto:a@b.ie",
            "https://user@a.example/",
            "https://a.example/\r\nBcc: a@b.ie",
            "https://a.example/ b",
            " https://a.example/",
        ] {
            check(bad, None);
        }
        check(&format!("https://a.example/{}", "x".repeat(900)), None);
    }

    #[test]
    fn header_text_cannot_pass_for_an_encoded_word() {
        assert_eq!(header_text("=?utf-8?Q?Bcc?=", 80), "= ?utf-8?Q?Bcc?=");
        assert_eq!(header_text("==??", 80), "== ??");
    }

    #[test]
    fn text_is_wrapped_and_hangs() {
        let words = "one two three four five six seven eight nine ten eleven twelve thirteen";
        assert_eq!(
            layout_text(&format!("{words}\n\n\n\n  - {words}\n\n")),
            "one two three four five six seven eight nine ten eleven twelve thirteen\n\n  \
             - one two three four five six seven eight nine ten eleven twelve\n    thirteen\n"
        );
        let long = "é".repeat(3_000);
        let laid_out = layout_text(&format!("- {long} end"));
        assert!(laid_out.lines().all(|line| line.len() <= limits::LINK_OCTETS_MAX + 2));
        assert_eq!(laid_out.matches('é').count(), 3_000);
    }
}
