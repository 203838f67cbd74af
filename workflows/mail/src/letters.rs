//! The letters: what each needs to know, and how it becomes a [`Mail`].
//!
//! A context holds words that are ready to read (dates and times in the
//! venue's own zone, reasons as sentences) and absolute links. It is cleaned
//! before it is rendered; see [`crate::limits`] for what is cut.

use std::fmt;

use askama::Template;

use crate::{
    Language, Letter, Mail, MailError, MailKind, Sender, clean, limits,
    words::{Saying, Words},
};

/// A letter's two templates: the same names in scope, only the file differs.
macro_rules! templates {
    ($letter:ident, $html:ident = $html_path:tt, $text:ident = $text_path:tt $(, $more:ident)*) => {
        #[derive(Template)]
        #[template(path = $html_path)]
        struct $html<'a> {
            words: Words,
            frame: &'a Frame,
            letter: &'a $letter,
            $($more: &'a str,)*
        }

        #[derive(Template)]
        #[template(path = $text_path)]
        struct $text<'a> {
            words: Words,
            frame: &'a Frame,
            letter: &'a $letter,
            $($more: &'a str,)*
        }
    };
}

use templates;

mod digest;

pub use digest::{DigestEntry, WeeklyDigest};

/// To a follower: a new session was published.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The session's title.
    pub session_title: String,
    /// The venue's name.
    pub venue_name: String,
    /// The town; may be empty.
    pub town: String,
    /// The county as it is said, "County Clare"; may be empty.
    pub county: String,
    /// When it meets, in words: "Thursdays at 21:30".
    pub when: String,
    /// The next dates in words, soonest first; may be empty.
    pub next_dates: Vec<String>,
    /// The session's page.
    pub page_url: String,
    /// Why this reader gets it, as sentences without a full stop: "You follow
    /// County Clare".
    pub reasons: Vec<String>,
    /// Who added it, if they want to be named.
    pub submitted_by: Option<String>,
    /// The one-click link with its opaque token (RFC 8058): POST
    /// unsubscribes, GET shows a page.
    pub unsubscribe_url: String,
    /// Where they choose what they get, if there is such a page.
    pub preferences_url: Option<String>,
}

impl fmt::Debug for NewSession {
    /// Leaves out the unsubscribe token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSession")
            .field("session_title", &self.session_title)
            .field("page_url", &self.page_url)
            .finish_non_exhaustive()
    }
}

/// To a follower: something about a session is different.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionNews {
    /// The session's title.
    pub session_title: String,
    /// The venue's name.
    pub venue_name: String,
    /// The town; may be empty.
    pub town: String,
    /// What is different, as a sentence: "It is off on Thursday 7 January."
    pub headline: String,
    /// Why, in their own words; may be empty.
    pub reason: String,
    /// The next dates in words, soonest first; may be empty.
    pub next_dates: Vec<String>,
    /// The session's page.
    pub page_url: String,
    /// Why this reader gets it, as sentences without a full stop.
    pub reasons: Vec<String>,
    /// As of [`NewSession`].
    pub unsubscribe_url: String,
    /// As of [`NewSession`].
    pub preferences_url: Option<String>,
}

impl fmt::Debug for SessionNews {
    /// Leaves out the unsubscribe token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionNews")
            .field("headline", &self.headline)
            .field("page_url", &self.page_url)
            .finish_non_exhaustive()
    }
}

/// To a member: the export that they asked for can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportReady {
    /// The page of their account.
    pub account_url: String,
    /// Days for which it is kept.
    pub kept_days: u32,
}

/// To a member: their account is erased. The last mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountErased {
    /// Where they can begin again.
    pub site_url: String,
}

/// What somebody sent us to be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Submitted {
    /// A session.
    Session,
    /// A review of a session.
    Review,
    /// Photos of a session.
    Photos,
    /// A change to a session.
    Change,
    /// A notice of content that should not be there.
    Notice,
}

impl Submitted {
    /// As the words know it.
    const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Review => "review",
            Self::Photos => "photos",
            Self::Change => "change",
            Self::Notice => "notice",
        }
    }
}

/// To the submitter: we have what they sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionReceived {
    /// What it is.
    pub submitted: Submitted,
    /// The title of the session that it is, or is about.
    pub session_title: String,
    /// The page that shows how it is getting on.
    pub status_url: String,
    /// The submission's id, to be named when asking about it.
    pub reference: String,
}

/// To the submitter: it is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionPublished {
    /// What it is.
    pub submitted: Submitted,
    /// The title of the session that it is, or is about.
    pub session_title: String,
    /// Where it can be seen.
    pub page_url: String,
    /// The photos that were not published with it; may be empty.
    pub left_out: Vec<LeftOutPhoto>,
    /// What a moderator put right before, in words: "its description"; may be empty.
    pub put_right: String,
}

/// A photo that was not published with the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOutPhoto {
    /// How its sender knows it: "The second photo", or its file name.
    pub label: String,
    /// Why, as a sentence: "The file ends too early to be read."
    pub reason: String,
    /// The statement of reasons, if a moderation decision kept it out and not
    /// a technical fault.
    pub statement: Option<StatementOfReasons>,
}

/// What a moderation decision came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was not published.
    NotPublished,
    /// It was public and is so no longer.
    TakenDown,
    /// A photo of it was public and is so no longer; the rest stays.
    PhotoTakenDown,
    /// It was not published, and on appeal somebody else has decided the same.
    Upheld,
}

impl Outcome {
    /// As the words know it.
    const fn name(self) -> &'static str {
        match self {
            Self::NotPublished => "not-published",
            Self::TakenDown => "taken-down",
            Self::PhotoTakenDown => "photo-taken-down",
            Self::Upheld => "upheld",
        }
    }
}

/// To the submitter: it is not published, or no longer, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionRejected {
    /// What was decided.
    pub outcome: Outcome,
    /// What it is.
    pub submitted: Submitted,
    /// The title of the session that it is, or is about.
    pub session_title: String,
    /// Why, in the form the law asks for.
    pub statement: StatementOfReasons,
    /// The submission's id, to be named when asking about it.
    pub reference: String,
}

/// A statement of reasons as the Digital Services Act asks for it
/// (Regulation (EU) 2022/2065, Article 17(3)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementOfReasons {
    /// What was done, as a sentence: "We did not publish your photo." (a)
    pub measure: String,
    /// Where and for how long that holds: "Everywhere, for good." (a)
    pub scope: String,
    /// The facts and circumstances, in one or more paragraphs. (b)
    pub facts: String,
    /// How it came to be looked at. (b, c)
    pub found_by: FoundBy,
    /// Who decided. (c)
    pub decided_by: DecidedBy,
    /// The rule or law that it rests on. (d, e)
    pub ground: Ground,
    /// What the reader can do about it. (f)
    pub redress: Redress,
}

/// How something came to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FoundBy {
    /// An automated check flagged it.
    AutomatedCheck,
    /// A moderator came upon it; no automated check had a part in that.
    Moderator,
    /// Somebody sent a notice about it (Article 16); likewise.
    Notice,
}

impl FoundBy {
    /// As the words know it.
    const fn name(self) -> &'static str {
        match self {
            Self::AutomatedCheck => "automated-check",
            Self::Moderator => "moderator",
            Self::Notice => "notice",
        }
    }
}

/// Who took a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecidedBy {
    /// A program alone.
    AutomatedCheck,
    /// A moderator.
    Moderator,
}

impl DecidedBy {
    /// As the words know it.
    const fn name(self) -> &'static str {
        match self {
            Self::AutomatedCheck => "automated-check",
            Self::Moderator => "moderator",
        }
    }
}

/// What a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ground {
    /// Our own rules.
    Rules {
        /// The rule, by number or name.
        rule: String,
        /// Why the item is against it, as a sentence.
        because: String,
    },
    /// The law: the item is held to be illegal.
    Law {
        /// The provision.
        provision: String,
        /// Why the item is held to be illegal, as a sentence.
        because: String,
    },
}

/// What a reader can do about a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redress {
    /// With us first.
    Appeal {
        /// The page where they ask for another look (Article 20).
        url: String,
        /// Until when, in words; at least six months after the decision.
        until: String,
    },
    /// With us first, by mail: of what has no page to ask on.
    Answer {
        /// The page where it stays to be read.
        url: String,
        /// Until when, in words; at least six months after the decision.
        until: String,
    },
    /// They have asked for another look and this is what came of it.
    Appealed {
        /// The page where it stays to be read.
        url: String,
    },
}

/// To the submitter: a person will look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionWaiting {
    /// What it is.
    pub submitted: Submitted,
    /// The title of the session that it is, or is about.
    pub session_title: String,
    /// What will be looked at: "One of the photos"; may be empty.
    pub looked_at: Vec<String>,
    /// How long that takes, in words: "a day or two".
    pub usually_takes: String,
    /// The page that shows how it is getting on.
    pub status_url: String,
}

/// To the submitter: our side failed, what they sent is safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionFailed {
    /// What it is.
    pub submitted: Submitted,
    /// The title of the session that it is, or is about.
    pub session_title: String,
    /// The page that shows how it is getting on.
    pub status_url: String,
    /// The submission's id, to be named when asking about it.
    pub reference: String,
}

/// To a moderator: a case is waiting for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionReminder {
    /// What there is to decide: "A photo", "A possible duplicate".
    pub case_kind: String,
    /// The title of the session that it is about.
    pub session_title: String,
    /// Whole days since the case was opened.
    pub waiting_days: u32,
    /// What happens if nobody decides, as a sentence with its date, if
    /// anything does.
    pub otherwise: Option<String>,
    /// The case in the moderators' console.
    pub case_url: String,
}

/// To who sent a notice: we have it (Digital Services Act, Art. 16(4)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeReceived {
    /// What it is about: a session's title, or "a photo of" one.
    pub about: String,
    /// The address that the notice names.
    pub page_url: String,
    /// Why it should not be there, as the notifier chose.
    pub reason: String,
    /// How long a decision takes, in words: "a day or two".
    pub usually_takes: String,
    /// The notice's id, to be named when asking about it.
    pub reference: String,
}

/// To who sent a notice: what was decided, why, and what they can do about it
/// (Digital Services Act, Art. 16(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeResolved {
    /// What it is about: a session's title, or "a photo of" one.
    pub about: String,
    /// The address that the notice names.
    pub page_url: String,
    /// The rule that it breaks, if it goes; none if it stays.
    pub broken: Option<BrokenRule>,
    /// What the moderator wrote; may be empty.
    pub note: String,
    /// Until when they can ask for another look, in words; at least six months
    /// after the decision.
    pub appeal_until: String,
    /// The notice's id, to be named when asking about it.
    pub reference: String,
}

/// A rule that something breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRule {
    /// Its name.
    pub rule: String,
    /// What it says, as a sentence.
    pub because: String,
}

/// To an address without an account: does its owner want to follow this?
#[derive(Clone, PartialEq, Eq)]
pub struct FollowRequested {
    /// What is followed, in words: "new sessions in County Clare".
    pub followed: String,
    /// The link with its sealed request: POST confirms, GET shows a page.
    pub confirm_url: String,
    /// Until when the link is good, in words.
    pub until: String,
}

/// To who should know: is the session still on?
#[derive(Clone, PartialEq, Eq)]
pub struct StillOn {
    /// The session's title.
    pub session_title: String,
    /// The venue's name.
    pub venue_name: String,
    /// The town; may be empty.
    pub town: String,
    /// When somebody last vouched for it, in words: "2 September 2026".
    pub vouched_on: String,
    /// The link with its sealed inquiry: POST answers, GET shows a page.
    pub answer_url: String,
    /// Until when the link is good, in words.
    pub until: String,
    /// The session's page.
    pub page_url: String,
    /// Why this reader is asked, as a sentence without a full stop: "You host it".
    pub reason: String,
}

impl fmt::Debug for StillOn {
    /// Leaves out the link, which answers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StillOn").field("page_url", &self.page_url).finish_non_exhaustive()
    }
}

impl fmt::Debug for FollowRequested {
    /// Leaves out the link, which confirms.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FollowRequested").field("followed", &self.followed).finish_non_exhaustive()
    }
}

impl Letter for NewSession {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let letter = Self {
            session_title: title(&self.session_title)?,
            venue_name: clean::required("venue_name", &self.venue_name, limits::NAME_CHARS_MAX)?,
            town: name(&self.town),
            county: name(&self.county),
            when: clean::required("when", &self.when, limits::PHRASE_CHARS_MAX)?,
            next_dates: clean::list(&self.next_dates, limits::NEXT_DATES_MAX),
            page_url: clean::link("page_url", &self.page_url)?,
            reasons: clean::list(&self.reasons, limits::REASONS_MAX),
            submitted_by: self.submitted_by.as_deref().map(name).filter(|name| !name.is_empty()),
            unsubscribe_url: clean::link("unsubscribe_url", &self.unsubscribe_url)?,
            preferences_url: preferences(self.preferences_url.as_deref())?,
        };
        let place = in_order([&letter.venue_name, &letter.town, &letter.county]);
        let near = if letter.town.is_empty() { &letter.venue_name } else { &letter.town };
        let frame = Frame::new(
            words,
            sender,
            words
                .with("title", &letter.session_title)
                .with("near", near)
                .say("new-session-subject")?,
            words.with("when", &letter.when).with("place", &place).say("new-session-preheader")?,
            letter.reasons.clone(),
        )?;
        let frame = frame.that_ends(&letter.unsubscribe_url, letter.preferences_url.as_deref());
        frame.mail(
            to,
            MailKind::NewSession,
            &NewSessionHtml { words, frame: &frame, letter: &letter, place: &place },
            &NewSessionText { words, frame: &frame, letter: &letter, place: &place },
        )
    }
}

impl Letter for SessionNews {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let letter = Self {
            session_title: title(&self.session_title)?,
            venue_name: clean::required("venue_name", &self.venue_name, limits::NAME_CHARS_MAX)?,
            town: name(&self.town),
            headline: clean::required("headline", &self.headline, limits::PHRASE_CHARS_MAX)?,
            reason: clean::line(&self.reason, limits::PHRASE_CHARS_MAX),
            next_dates: clean::list(&self.next_dates, limits::NEXT_DATES_MAX),
            page_url: clean::link("page_url", &self.page_url)?,
            reasons: clean::list(&self.reasons, limits::REASONS_MAX),
            unsubscribe_url: clean::link("unsubscribe_url", &self.unsubscribe_url)?,
            preferences_url: preferences(self.preferences_url.as_deref())?,
        };
        let place = in_order([&letter.venue_name, &letter.town]);
        let frame = Frame::new(
            words,
            sender,
            format!("{}: {}", letter.session_title, letter.headline.trim_end_matches('.')),
            words.with("place", &place).say("news-preheader")?,
            letter.reasons.clone(),
        )?;
        let frame = frame.that_ends(&letter.unsubscribe_url, letter.preferences_url.as_deref());
        frame.mail(
            to,
            MailKind::SessionNews,
            &SessionNewsHtml { words, frame: &frame, letter: &letter, place: &place },
            &SessionNewsText { words, frame: &frame, letter: &letter, place: &place },
        )
    }
}

impl Letter for ExportReady {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let letter = Self {
            account_url: clean::link("account_url", &self.account_url)?,
            kept_days: self.kept_days,
        };
        let site = name(&sender.name);
        let frame = Frame::new(
            words,
            sender,
            words.with("site", &site).say("export-subject")?,
            words.say("export-preheader")?,
            vec![words.with("site", &site).say("export-why")?],
        )?;
        frame.mail(
            to,
            MailKind::ExportReady,
            &ExportReadyHtml { words, frame: &frame, letter: &letter },
            &ExportReadyText { words, frame: &frame, letter: &letter },
        )
    }
}

impl Letter for AccountErased {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let letter = Self { site_url: clean::link("site_url", &self.site_url)? };
        let site = name(&sender.name);
        let frame = Frame::new(
            words,
            sender,
            words.with("site", &site).say("erased-subject")?,
            words.say("erased-preheader")?,
            vec![words.with("site", &site).say("erased-why")?],
        )?;
        frame.mail(
            to,
            MailKind::AccountErased,
            &AccountErasedHtml { words, frame: &frame, letter: &letter },
            &AccountErasedText { words, frame: &frame, letter: &letter },
        )
    }
}

impl Letter for SubmissionReceived {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let letter = Self {
            submitted: self.submitted,
            session_title: title(&self.session_title)?,
            status_url: clean::link("status_url", &self.status_url)?,
            reference: name(&self.reference),
        };
        let frame = Frame::new(
            words,
            sender,
            sent(words, letter.submitted, &letter.session_title).say("received-subject")?,
            words.say("received-preheader")?,
            vec![words.with("site", name(&sender.name)).say("sent-by-you")?],
        )?;
        frame.mail(
            to,
            MailKind::SubmissionReceived,
            &SubmissionReceivedHtml { words, frame: &frame, letter: &letter },
            &SubmissionReceivedText { words, frame: &frame, letter: &letter },
        )
    }
}

impl Letter for SubmissionPublished {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        if self.left_out.len() > limits::LEFT_OUT_PHOTOS_MAX {
            return Err(MailError::TooMany { field: "left_out", max: limits::LEFT_OUT_PHOTOS_MAX });
        }
        let letter = Self {
            submitted: self.submitted,
            session_title: title(&self.session_title)?,
            page_url: clean::link("page_url", &self.page_url)?,
            left_out: self.left_out.iter().map(LeftOutPhoto::cleaned).collect::<Result<_, _>>()?,
            put_right: clean::line(&self.put_right, limits::PHRASE_CHARS_MAX),
        };
        let frame = Frame::new(
            words,
            sender,
            sent(words, letter.submitted, &letter.session_title).say("published-subject")?,
            words.with("photos", letter.left_out.len()).say("published-preheader")?,
            vec![words.with("site", name(&sender.name)).say("sent-by-you")?],
        )?;
        frame.mail(
            to,
            MailKind::SubmissionPublished,
            &SubmissionPublishedHtml { words, frame: &frame, letter: &letter },
            &SubmissionPublishedText { words, frame: &frame, letter: &letter },
        )
    }
}

impl Letter for SubmissionRejected {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let letter = Self {
            outcome: self.outcome,
            submitted: self.submitted,
            session_title: title(&self.session_title)?,
            statement: self.statement.cleaned()?,
            reference: name(&self.reference),
        };
        let frame = Frame::new(
            words,
            sender,
            sent(words, letter.submitted, &letter.session_title)
                .with("outcome", letter.outcome.name())
                .say("rejected-subject")?,
            words.say("why-and-what")?,
            vec![words.with("site", name(&sender.name)).say("sent-by-you")?],
        )?;
        frame.mail(
            to,
            MailKind::SubmissionRejected,
            &SubmissionRejectedHtml { words, frame: &frame, letter: &letter },
            &SubmissionRejectedText { words, frame: &frame, letter: &letter },
        )
    }
}

impl Letter for SubmissionWaiting {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let letter = Self {
            submitted: self.submitted,
            session_title: title(&self.session_title)?,
            looked_at: clean::list(&self.looked_at, limits::REASONS_MAX),
            usually_takes: clean::required(
                "usually_takes",
                &self.usually_takes,
                limits::PHRASE_CHARS_MAX,
            )?,
            status_url: clean::link("status_url", &self.status_url)?,
        };
        let frame = Frame::new(
            words,
            sender,
            sent(words, letter.submitted, &letter.session_title).say("waiting-subject")?,
            words.with("takes", &letter.usually_takes).say("waiting-preheader")?,
            vec![words.with("site", name(&sender.name)).say("sent-by-you")?],
        )?;
        frame.mail(
            to,
            MailKind::SubmissionWaiting,
            &SubmissionWaitingHtml { words, frame: &frame, letter: &letter },
            &SubmissionWaitingText { words, frame: &frame, letter: &letter },
        )
    }
}

impl Letter for SubmissionFailed {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let letter = Self {
            submitted: self.submitted,
            session_title: title(&self.session_title)?,
            status_url: clean::link("status_url", &self.status_url)?,
            reference: name(&self.reference),
        };
        let frame = Frame::new(
            words,
            sender,
            sent(words, letter.submitted, &letter.session_title).say("failed-subject")?,
            words.say("failed-preheader")?,
            vec![words.with("site", name(&sender.name)).say("sent-by-you")?],
        )?;
        frame.mail(
            to,
            MailKind::SubmissionFailed,
            &SubmissionFailedHtml { words, frame: &frame, letter: &letter },
            &SubmissionFailedText { words, frame: &frame, letter: &letter },
        )
    }
}

impl Letter for DecisionReminder {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let letter = Self {
            case_kind: clean::required("case_kind", &self.case_kind, limits::NAME_CHARS_MAX)?,
            session_title: title(&self.session_title)?,
            waiting_days: self.waiting_days,
            otherwise: self
                .otherwise
                .as_deref()
                .map(|text| clean::line(text, limits::PHRASE_CHARS_MAX))
                .filter(|text| !text.is_empty()),
            case_url: clean::link("case_url", &self.case_url)?,
        };
        let site = name(&sender.name);
        let frame = Frame::new(
            words,
            sender,
            words
                .with("days", letter.waiting_days)
                .with("title", &letter.session_title)
                .say("reminder-subject")?,
            words.with("case", &letter.case_kind).say("reminder-preheader")?,
            vec![words.with("site", &site).say("reminder-why")?],
        )?;
        frame.mail(
            to,
            MailKind::DecisionReminder,
            &DecisionReminderHtml { words, frame: &frame, letter: &letter },
            &DecisionReminderText { words, frame: &frame, letter: &letter },
        )
    }
}

impl Letter for NoticeReceived {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let phrase = |field, text: &str| clean::required(field, text, limits::PHRASE_CHARS_MAX);
        let letter = Self {
            about: clean::required("about", &self.about, limits::TITLE_CHARS_MAX)?,
            page_url: clean::link("page_url", &self.page_url)?,
            reason: phrase("reason", &self.reason)?,
            usually_takes: phrase("usually_takes", &self.usually_takes)?,
            reference: clean::required("reference", &self.reference, limits::NAME_CHARS_MAX)?,
        };
        let frame = Frame::new(
            words,
            sender,
            words.with("about", &letter.about).say("notice-subject")?,
            words.say("notice-preheader")?,
            vec![words.with("site", name(&sender.name)).say("notice-why")?],
        )?;
        frame.mail(
            to,
            MailKind::NoticeReceived,
            &NoticeReceivedHtml { words, frame: &frame, letter: &letter },
            &NoticeReceivedText { words, frame: &frame, letter: &letter },
        )
    }
}

impl Letter for NoticeResolved {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let phrase = |field, text: &str| clean::required(field, text, limits::PHRASE_CHARS_MAX);
        let broken = |broken: &BrokenRule| {
            Ok::<_, MailError>(BrokenRule {
                rule: phrase("broken.rule", &broken.rule)?,
                because: phrase("broken.because", &broken.because)?,
            })
        };
        let note = clean::lines(&self.note, limits::PARAGRAPHS_MAX, limits::PROSE_CHARS_MAX);
        let letter = Self {
            about: clean::required("about", &self.about, limits::TITLE_CHARS_MAX)?,
            page_url: clean::link("page_url", &self.page_url)?,
            broken: self.broken.as_ref().map(broken).transpose()?,
            note: note.join("\n"),
            appeal_until: phrase("appeal_until", &self.appeal_until)?,
            reference: clean::required("reference", &self.reference, limits::NAME_CHARS_MAX)?,
        };
        let about = words.with("about", &letter.about);
        let subject = match letter.broken {
            Some(_) => about.say("resolved-gone-subject"),
            None => about.say("resolved-stays-subject"),
        };
        let frame = Frame::new(
            words,
            sender,
            subject?,
            words.say("why-and-what")?,
            vec![words.with("site", name(&sender.name)).say("notice-why")?],
        )?;
        frame.mail(
            to,
            MailKind::NoticeResolved,
            &NoticeResolvedHtml { words, frame: &frame, letter: &letter },
            &NoticeResolvedText { words, frame: &frame, letter: &letter },
        )
    }
}

impl Letter for FollowRequested {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let letter = Self {
            followed: clean::required("followed", &self.followed, limits::TITLE_CHARS_MAX)?,
            confirm_url: clean::link("confirm_url", &self.confirm_url)?,
            until: clean::required("until", &self.until, limits::PHRASE_CHARS_MAX)?,
        };
        let site = name(&sender.name);
        let frame = Frame::new(
            words,
            sender,
            words.with("followed", &letter.followed).say("follow-subject")?,
            words.say("follow-preheader")?,
            vec![words.with("site", &site).say("follow-why")?],
        )?;
        frame.mail(
            to,
            MailKind::FollowRequested,
            &FollowRequestedHtml { words, frame: &frame, letter: &letter },
            &FollowRequestedText { words, frame: &frame, letter: &letter },
        )
    }
}

impl Letter for StillOn {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let letter = Self {
            session_title: title(&self.session_title)?,
            venue_name: clean::required("venue_name", &self.venue_name, limits::NAME_CHARS_MAX)?,
            town: name(&self.town),
            vouched_on: clean::required("vouched_on", &self.vouched_on, limits::PHRASE_CHARS_MAX)?,
            answer_url: clean::link("answer_url", &self.answer_url)?,
            until: clean::required("until", &self.until, limits::PHRASE_CHARS_MAX)?,
            page_url: clean::link("page_url", &self.page_url)?,
            reason: clean::required("reason", &self.reason, limits::PHRASE_CHARS_MAX)?,
        };
        let place = in_order([&letter.venue_name, &letter.town]);
        let frame = Frame::new(
            words,
            sender,
            words.with("title", &letter.session_title).say("still-on-subject")?,
            words.say("still-on-preheader")?,
            vec![letter.reason.clone()],
        )?;
        frame.mail(
            to,
            MailKind::StillOn,
            &StillOnHtml { words, frame: &frame, letter: &letter, place: &place },
            &StillOnText { words, frame: &frame, letter: &letter, place: &place },
        )
    }
}

impl LeftOutPhoto {
    fn cleaned(&self) -> Result<Self, MailError> {
        Ok(Self {
            label: clean::required("left_out.label", &self.label, limits::NAME_CHARS_MAX)?,
            reason: clean::required("left_out.reason", &self.reason, limits::PHRASE_CHARS_MAX)?,
            statement: self.statement.as_ref().map(StatementOfReasons::cleaned).transpose()?,
        })
    }
}

impl StatementOfReasons {
    /// Every part of it is owed, so none may be empty.
    fn cleaned(&self) -> Result<Self, MailError> {
        let phrase = |field, text: &str| clean::required(field, text, limits::PHRASE_CHARS_MAX);
        let prose = |field, text: &str| {
            let lines = clean::lines(text, limits::PARAGRAPHS_MAX, limits::PROSE_CHARS_MAX);
            if lines.is_empty() { Err(MailError::Missing { field }) } else { Ok(lines.join("\n")) }
        };
        Ok(Self {
            measure: phrase("statement.measure", &self.measure)?,
            scope: phrase("statement.scope", &self.scope)?,
            facts: prose("statement.facts", &self.facts)?,
            found_by: self.found_by,
            decided_by: self.decided_by,
            ground: match &self.ground {
                Ground::Rules { rule, because } => Ground::Rules {
                    rule: phrase("statement.ground.rule", rule)?,
                    because: prose("statement.ground.because", because)?,
                },
                Ground::Law { provision, because } => Ground::Law {
                    provision: phrase("statement.ground.provision", provision)?,
                    because: prose("statement.ground.because", because)?,
                },
            },
            redress: match &self.redress {
                Redress::Appeal { url, until } => Redress::Appeal {
                    url: clean::link("statement.redress.url", url)?,
                    until: phrase("statement.redress.until", until)?,
                },
                Redress::Answer { url, until } => Redress::Answer {
                    url: clean::link("statement.redress.url", url)?,
                    until: phrase("statement.redress.until", until)?,
                },
                Redress::Appealed { url } => {
                    Redress::Appealed { url: clean::link("statement.redress.url", url)? }
                }
            },
        })
    }
}

/// The parts of an address that there are: "Friel's, Miltown Malbay".
fn in_order<const N: usize>(parts: [&String; N]) -> String {
    let parts: Vec<&str> =
        parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

fn title(text: &str) -> Result<String, MailError> {
    clean::required("session_title", text, limits::TITLE_CHARS_MAX)
}

fn name(text: &str) -> String {
    clean::line(text, limits::NAME_CHARS_MAX)
}

/// What every message of a submission is said of.
fn sent<'a>(words: Words, submitted: Submitted, title: &'a str) -> Saying<'a> {
    words.with("what", submitted.name()).with("title", title)
}

fn preferences(url: Option<&str>) -> Result<Option<String>, MailError> {
    url.map(|url| clean::link("preferences_url", url)).transpose()
}

/// What surrounds every letter: the layout's part.
struct Frame {
    words: Words,
    subject: String,
    /// What a mailbox shows after the subject.
    preheader: String,
    site_name: String,
    site_url: String,
    footer: Vec<String>,
    reasons: Vec<String>,
    unsubscribe_url: Option<String>,
    preferences_url: Option<String>,
}

impl Frame {
    fn new(
        words: Words,
        sender: &Sender,
        subject: String,
        preheader: String,
        reasons: Vec<String>,
    ) -> Result<Self, MailError> {
        Ok(Self {
            words,
            subject: clean::header_text(&subject, limits::SUBJECT_CHARS_MAX),
            preheader,
            site_name: clean::required("sender.name", &sender.name, limits::NAME_CHARS_MAX)?,
            site_url: clean::link("sender.site_url", &sender.site_url)?,
            footer: clean::lines(&sender.footer, limits::FOOTER_LINES_MAX, limits::PROSE_CHARS_MAX),
            reasons,
            unsubscribe_url: None,
            preferences_url: None,
        })
    }

    /// With the ways out at its foot.
    fn that_ends(self, unsubscribe_url: &str, preferences_url: Option<&str>) -> Self {
        Self {
            unsubscribe_url: Some(unsubscribe_url.to_owned()),
            preferences_url: preferences_url.map(str::to_owned),
            ..self
        }
    }

    fn mail(
        &self,
        to: &str,
        kind: MailKind,
        html: &impl Template,
        text: &impl Template,
    ) -> Result<Mail, MailError> {
        Ok(Mail {
            to: clean::address("to", to)?,
            subject: self.subject.clone(),
            language: self.words.language(),
            html: html.render()?,
            text: clean::layout_text(&text.render()?),
            list_unsubscribe: self.unsubscribe_url.clone(),
            kind,
        })
    }
}

templates!(
    NewSession,
    NewSessionHtml = "new_session.html",
    NewSessionText = "new_session.txt",
    place
);
templates!(
    SessionNews,
    SessionNewsHtml = "session_news.html",
    SessionNewsText = "session_news.txt",
    place
);
templates!(
    ExportReady,
    ExportReadyHtml = "export_ready.html",
    ExportReadyText = "export_ready.txt"
);
templates!(
    AccountErased,
    AccountErasedHtml = "account_erased.html",
    AccountErasedText = "account_erased.txt"
);
templates!(
    SubmissionReceived,
    SubmissionReceivedHtml = "submission_received.html",
    SubmissionReceivedText = "submission_received.txt"
);
templates!(
    SubmissionPublished,
    SubmissionPublishedHtml = "submission_published.html",
    SubmissionPublishedText = "submission_published.txt"
);
templates!(
    SubmissionRejected,
    SubmissionRejectedHtml = "submission_rejected.html",
    SubmissionRejectedText = "submission_rejected.txt"
);
templates!(
    SubmissionWaiting,
    SubmissionWaitingHtml = "submission_waiting.html",
    SubmissionWaitingText = "submission_waiting.txt"
);
templates!(
    SubmissionFailed,
    SubmissionFailedHtml = "submission_failed.html",
    SubmissionFailedText = "submission_failed.txt"
);
templates!(
    DecisionReminder,
    DecisionReminderHtml = "decision_reminder.html",
    DecisionReminderText = "decision_reminder.txt"
);
templates!(
    NoticeReceived,
    NoticeReceivedHtml = "notice_received.html",
    NoticeReceivedText = "notice_received.txt"
);
templates!(
    NoticeResolved,
    NoticeResolvedHtml = "notice_resolved.html",
    NoticeResolvedText = "notice_resolved.txt"
);
templates!(StillOn, StillOnHtml = "still_on.html", StillOnText = "still_on.txt", place);
templates!(
    FollowRequested,
    FollowRequestedHtml = "follow_requested.html",
    FollowRequestedText = "follow_requested.txt"
);
