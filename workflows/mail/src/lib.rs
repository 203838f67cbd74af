//! Every e-mail of Seisiún: its words, its HTML and text parts, and the MIME
//! message that is handed to the sender.
//!
//! This crate renders and nothing else. It does no I/O, knows no AWS and none
//! of our other crates: contexts hold plain strings, so the same mail renders
//! the same bytes anywhere, and again. Who gets a mail, whether they still
//! want it and whether they had it already is decided by the callers; delivery
//! is the SES adapter's.
//!
//! What it promises, and its tests hold:
//!
//! - Nothing that a person typed becomes a header, markup or a MIME part. Text
//!   is cleaned (control characters, direction overrides) and cut at the limits
//!   in [`limits`]; an address or a link that is not plainly one is refused.
//! - No `Message-ID` and no `Date`: SES writes both, and a clock or a host name
//!   would make two renderings of one mail differ.
//! - Errors and `Debug` output never contain an address or an unsubscribe token.
//!
//! # Languages
//! What a letter says stands in `words/`, a Fluent file for each [`Language`],
//! and nowhere else: templates and code name messages. A template is the same for
//! every language. Contexts come in the reader's language where they hold words
//! (dates, reasons), and as they were typed where people typed them.

pub mod letters;
pub mod limits;
#[cfg(feature = "samples")]
pub mod samples;

mod clean;
mod mime;
mod words;

pub use letters::{
    AccountErased, BrokenRule, DecidedBy, DecisionReminder, DigestEntry, ExportReady,
    FollowRequested, FoundBy, Ground, LeftOutPhoto, NewSession, NoticeReceived, NoticeResolved,
    Outcome, Redress, SessionNews, StatementOfReasons, StillOn, SubmissionFailed,
    SubmissionPublished, SubmissionReceived, SubmissionRejected, SubmissionWaiting, Submitted,
    WeeklyDigest,
};

use std::fmt;

/// Who writes: the same for every mail of one deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The name readers see, also the site's name in the words of each mail.
    pub name: String,
    /// The verified address that mail is sent from.
    pub address: String,
    /// Where answers go, if not to [`Sender::address`].
    pub reply_to: Option<String>,
    /// Who we are and how to reach us by post or mail: one line per line.
    pub footer: String,
    /// The site's front page.
    pub site_url: String,
}

/// A language that mails are written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Irish.
    Ga,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Ga];

    /// Its tag (BCP 47), as Ireland writes it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en-IE",
            Self::Ga => "ga-IE",
        }
    }
}

/// Which mail it is. Its name is fit for a log field, an SES tag or a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// To a follower: a session they may like was published.
    NewSession,
    /// To a follower: something about a session is different.
    SessionNews,
    /// To a follower: what is on in the coming week.
    WeeklyDigest,
    /// To a member: their export can be fetched.
    ExportReady,
    /// To a member: their account is erased.
    AccountErased,
    /// To the submitter: we have it.
    SubmissionReceived,
    /// To the submitter: it is public.
    SubmissionPublished,
    /// To the submitter: it is not published, with a statement of reasons.
    SubmissionRejected,
    /// To the submitter: a person will look at it.
    SubmissionWaiting,
    /// To the submitter: our side failed, what they sent is safe.
    SubmissionFailed,
    /// To a moderator: a case is waiting for a decision.
    DecisionReminder,
    /// To who sent a notice: we have it.
    NoticeReceived,
    /// To who sent a notice: what was decided.
    NoticeResolved,
    /// To an address without an account: does its owner want to follow?
    FollowRequested,
    /// To who should know: is the session still on?
    StillOn,
    /// To the mail service's own simulator: a sign that its events arrive.
    Sign,
}

impl MailKind {
    /// The stable name, in kebab case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewSession => "new-session",
            Self::SessionNews => "session-news",
            Self::WeeklyDigest => "weekly-digest",
            Self::ExportReady => "export-ready",
            Self::AccountErased => "account-erased",
            Self::SubmissionReceived => "submission-received",
            Self::SubmissionPublished => "submission-published",
            Self::SubmissionRejected => "submission-rejected",
            Self::SubmissionWaiting => "submission-waiting",
            Self::SubmissionFailed => "submission-failed",
            Self::DecisionReminder => "decision-reminder",
            Self::NoticeReceived => "notice-received",
            Self::NoticeResolved => "notice-resolved",
            Self::FollowRequested => "follow-requested",
            Self::StillOn => "still-on",
            Self::Sign => "sign",
        }
    }
}

impl fmt::Display for MailKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A mail, rendered and addressed; [`Mail::to_mime`] makes the message of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// One recipient, with an international domain in its ASCII form.
    pub to: String,
    /// One line, in Unicode.
    pub subject: String,
    /// What it is written in.
    pub language: Language,
    /// The HTML part, a whole document.
    pub html: String,
    /// The text part, with `\n` line ends.
    pub text: String,
    /// The one-click unsubscribe link (RFC 8058), on follower mail alone.
    pub list_unsubscribe: Option<String>,
    /// Which mail it is.
    pub kind: MailKind,
}

impl fmt::Debug for Mail {
    /// Leaves out the address, the token and the bodies, which hold both.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("kind", &self.kind)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// Whether mail can be sent to this address: `dot-atom@domain`, which is less
/// than RFC 5322 allows. For addresses that nobody has verified yet.
#[must_use]
pub fn is_usable_address(address: &str) -> bool {
    clean::address("to", address).is_ok()
}

/// Something that can be written to somebody.
pub trait Letter: fmt::Debug {
    /// Renders the mail to `to`, who reads `language`.
    ///
    /// # Errors
    /// [`MailError`] names the field that cannot be used, never its value.
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError>;
}

/// Why a mail could not be made. Values stay out of it: it goes to the log.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Not an address that SES can send to or from.
    #[error("{field} is not a usable e-mail address")]
    Address {
        /// The field's name.
        field: &'static str,
    },
    /// Not an absolute https link (http is taken on the loopback host alone).
    #[error("{field} is not a usable https link")]
    Link {
        /// The field's name.
        field: &'static str,
    },
    /// A field that the mail makes no sense without is empty.
    #[error("{field} is empty")]
    Missing {
        /// The field's name.
        field: &'static str,
    },
    /// More entries than may be left unsaid.
    #[error("{field} has more than {max} entries")]
    TooMany {
        /// The field's name.
        field: &'static str,
        /// The limit.
        max: usize,
    },
    /// There is no such message, or it lacks an argument.
    #[error("\"{name}\" cannot be said in {}", .language.tag())]
    Words {
        /// The message's name.
        name: &'static str,
        /// In which language.
        language: Language,
    },
    /// A template did not render.
    #[error("a mail template did not render")]
    Render(#[source] askama::Error),
}

impl From<askama::Error> for MailError {
    /// What a template lacked words for comes out as just that.
    fn from(error: askama::Error) -> Self {
        match error {
            askama::Error::Custom(inner) => match inner.downcast::<Self>() {
                Ok(error) => *error,
                Err(inner) => Self::Render(askama::Error::Custom(inner)),
            },
            error => Self::Render(error),
        }
    }
}
