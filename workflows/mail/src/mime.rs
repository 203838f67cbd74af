//! The message itself (RFC 5322, RFC 2045). Encoding is mail-builder's; which
//! headers there are, and that there are no others, is decided here.

use std::borrow::Cow;

use mail_builder::headers::{
    HeaderType, address::Address, content_type::ContentType, text::Text, url::URL,
};
use mail_builder::mime::{BodyPart, MimePart};

use crate::{Mail, MailError, Sender, clean, limits};

impl Mail {
    /// The whole message as SES `SendRawEmail` takes it, without `Message-ID`
    /// and `Date`, which SES adds. The same mail gives the same bytes.
    ///
    /// Everything that becomes a header is checked here once more, so that a
    /// `Mail` put together by hand is as safe as a rendered one.
    ///
    /// # Errors
    /// [`MailError::Address`] or [`MailError::Link`] if one is unusable,
    /// [`MailError::Missing`] if the subject is empty.
    pub fn to_mime(&self, sender: &Sender) -> Result<Vec<u8>, MailError> {
        let from_name = clean::header_text(&sender.name, limits::NAME_CHARS_MAX);
        let from = clean::address("sender.address", &sender.address)?;
        let to = clean::address("to", &self.to)?;
        let subject = clean::header_text(&self.subject, limits::SUBJECT_CHARS_MAX);
        if subject.is_empty() {
            return Err(MailError::Missing { field: "subject" });
        }

        let from_name = Some(from_name).filter(|name| !name.is_empty());
        let mut headers = Headers(Vec::new());
        headers.add("From", Address::new_address(from_name, from));
        headers.add("To", Address::new_address(None::<String>, to));
        if let Some(reply_to) = &sender.reply_to {
            let reply_to = clean::address("sender.reply_to", reply_to)?;
            headers.add("Reply-To", Address::new_address(None::<String>, reply_to));
        }
        headers.add("Subject", Text::new(subject));
        headers.add("Content-Language", Text::new(self.language.tag()));
        // No mail of ours was typed for its reader: out-of-office programs
        // answer none of them (RFC 3834, 5).
        headers.add("Auto-Submitted", Text::new("auto-generated"));
        if let Some(link) = &self.list_unsubscribe {
            let link = clean::link("list_unsubscribe", link)?;
            headers.add("List-Unsubscribe", URL::new(link));
            headers.add("List-Unsubscribe-Post", Text::new("List-Unsubscribe=One-Click"));
        }
        headers.add("MIME-Version", Text::new("1.0"));

        let text = body(&self.text);
        let html = body(&self.html);
        // A `MimePart` and not a `MessageBuilder`: that one adds a Message-ID,
        // with this machine's name, and a Date.
        let content_type =
            ContentType::new("multipart/alternative").attribute("boundary", boundary(&text, &html));
        headers.add("Content-Type", content_type);
        let message = MimePart {
            headers: headers.0,
            contents: BodyPart::Multipart(vec![
                MimePart::new("text/plain", text),
                MimePart::new("text/html", html),
            ]),
        };
        let mut out = Vec::new();
        message.write_part(&mut out);
        Ok(out)
    }
}

struct Headers(Vec<(Cow<'static, str>, HeaderType<'static>)>);

impl Headers {
    fn add(&mut self, name: &'static str, value: impl Into<HeaderType<'static>>) {
        self.0.push((name.into(), value.into()));
    }
}

/// A body with `\n` line ends and no other control character: the builder
/// turns `\n` into CRLF but would let a bare CR or a NUL through.
fn body(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|c| *c == '\n' || *c == '\t' || !c.is_control())
        .collect()
}

/// The first numbered boundary that neither part contains. Not random, so that
/// a mail always gives the same bytes, and yet not to be guessed into a part:
/// it is chosen after the parts are known. `=_` cannot arise from encoding
/// either (RFC 2045, 6.7).
fn boundary(text: &str, html: &str) -> String {
    let mut number = 0_usize;
    loop {
        let boundary = format!("=_seisiun_{number}_");
        if !text.contains(&boundary) && !html.contains(&boundary) {
            return boundary;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_never_occurs_in_a_part() {
        assert_eq!(boundary("", ""), "=_seisiun_0_");
        assert_eq!(boundary("--=_seisiun_0_", "=_seisiun_1_--"), "=_seisiun_2_");
    }

    #[test]
    fn a_body_has_line_feeds_and_no_other_controls() {
        assert_eq!(body("a\r\nb\rc\nd\0\u{1b}\u{7f}\te"), "a\nb\nc\nd\te");
    }
}
