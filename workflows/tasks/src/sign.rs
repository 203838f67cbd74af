//! A mail to the mail service's own simulator, which nobody reads: an event tells
//! of it, and so that events arrive.

use seisiun_mail::{Language, Letter, Mail, MailError, MailKind, Sender};

/// SES's simulator of a mailbox that takes everything. Mails to it cost as much as
/// others, and count against no reputation.
pub(crate) const TO: &str = "success@simulator.amazonses.com";

/// The mail.
#[derive(Debug)]
pub(crate) struct Sign;

impl Letter for Sign {
    fn mail(&self, to: &str, language: Language, _sender: &Sender) -> Result<Mail, MailError> {
        Ok(Mail {
            to: to.into(),
            subject: "A sign that events arrive".into(),
            language,
            html: "<p>Nobody reads this.</p>".into(),
            text: "Nobody reads this.\n".into(),
            list_unsubscribe: None,
            kind: MailKind::Sign,
        })
    }
}
