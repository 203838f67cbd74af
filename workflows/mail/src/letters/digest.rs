//! The digest: what is on in the coming week, to who wants news once a week.

use std::fmt;

use askama::Template;

use super::{Frame, in_order, name, preferences, title};
use crate::{Language, Letter, Mail, MailError, MailKind, Sender, clean, limits, words::Words};

/// To a follower: the sessions that are on in the coming week.
#[derive(Clone, PartialEq, Eq)]
pub struct WeeklyDigest {
    /// The first day of the week, in words.
    pub from: String,
    /// The last one.
    pub until: String,
    /// The sessions, at least one, soonest first; those beyond
    /// [`limits::DIGEST_ENTRIES_MAX`] are counted with `more`.
    pub entries: Vec<DigestEntry>,
    /// How many are left out.
    pub more: usize,
    /// Where all of them are listed.
    pub more_url: String,
    /// Why this reader gets it, as sentences without a full stop.
    pub reasons: Vec<String>,
    /// As of [`super::NewSession`].
    pub unsubscribe_url: String,
    /// As of [`super::NewSession`].
    pub preferences_url: Option<String>,
}

/// A session of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestEntry {
    /// Its title.
    pub session_title: String,
    /// The venue's name.
    pub venue_name: String,
    /// The town; may be empty.
    pub town: String,
    /// When it is on that week, in words, soonest first; may be empty, where the
    /// news is that it is not.
    pub dates: Vec<String>,
    /// What is different, as a sentence without a full stop: "New", "On Thursday
    /// 7 January it is off"; may be empty.
    pub news: String,
    /// Its page.
    pub page_url: String,
}

impl fmt::Debug for WeeklyDigest {
    /// Leaves out the unsubscribe token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeeklyDigest")
            .field("from", &self.from)
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

impl DigestEntry {
    fn cleaned(&self) -> Result<Self, MailError> {
        Ok(Self {
            session_title: title(&self.session_title)?,
            venue_name: clean::required("venue_name", &self.venue_name, limits::NAME_CHARS_MAX)?,
            town: name(&self.town),
            dates: clean::list(&self.dates, limits::DIGEST_DATES_MAX),
            news: clean::line(&self.news, limits::PHRASE_CHARS_MAX),
            page_url: clean::link("page_url", &self.page_url)?,
        })
    }

    /// Where it is, in one line; empty if its title says it all.
    fn place(&self) -> String {
        if self.venue_name == self.session_title {
            return self.town.clone();
        }
        in_order([&self.venue_name, &self.town])
    }

    /// Its title and where it is, as the text part says them.
    fn in_text(&self) -> String {
        in_order([&self.session_title, &self.place()])
    }

    /// Its title, as short as a subject needs it.
    fn in_subject(&self) -> String {
        clean::line(&self.session_title, limits::DIGEST_TITLE_CHARS_MAX)
    }
}

impl Letter for WeeklyDigest {
    fn mail(&self, to: &str, language: Language, sender: &Sender) -> Result<Mail, MailError> {
        let words = Words::new(language);
        let named = self.entries.iter().take(limits::DIGEST_ENTRIES_MAX);
        let entries: Vec<_> = named.map(DigestEntry::cleaned).collect::<Result<_, _>>()?;
        let unnamed = self.entries.len().saturating_sub(entries.len());
        let letter = Self {
            from: clean::required("from", &self.from, limits::PHRASE_CHARS_MAX)?,
            until: clean::required("until", &self.until, limits::PHRASE_CHARS_MAX)?,
            entries,
            more: self.more.saturating_add(unnamed),
            more_url: clean::link("more_url", &self.more_url)?,
            reasons: clean::list(&self.reasons, limits::REASONS_MAX),
            unsubscribe_url: clean::link("unsubscribe_url", &self.unsubscribe_url)?,
            preferences_url: preferences(self.preferences_url.as_deref())?,
        };
        let first = letter.entries.first().ok_or(MailError::Missing { field: "entries" })?;
        let second = letter.entries.get(1).map(DigestEntry::in_subject);
        let count = match second {
            Some(_) => letter.entries.len().saturating_add(letter.more),
            // Nothing to count on from.
            None => 1,
        };
        let subject = words
            .with("count", count)
            .with("first", first.in_subject())
            .with("second", second.unwrap_or_default())
            .with("more", count.saturating_sub(2))
            .say("digest-subject")?;
        let span = || words.with("from", &letter.from).with("until", &letter.until);
        let preheader = span().say("digest-preheader")?;
        let frame = Frame::new(words, sender, subject, preheader, letter.reasons.clone())?
            .that_ends(&letter.unsubscribe_url, letter.preferences_url.as_deref());
        let span = span().say("digest-span")?;
        frame.mail(
            to,
            MailKind::WeeklyDigest,
            &WeeklyDigestHtml { words, frame: &frame, letter: &letter, span: &span },
            &WeeklyDigestText { words, frame: &frame, letter: &letter, span: &span },
        )
    }
}

super::templates!(
    WeeklyDigest,
    WeeklyDigestHtml = "weekly_digest.html",
    WeeklyDigestText = "weekly_digest.txt",
    span
);
