//! The letters, written from what the domain knows.

use jiff::{Timestamp, ToSpan, ZonedDateTime, civil::Date};
use seisiun_domain::{
    SubmissionId,
    calendar::ChangeDraft,
    case::{Case, CaseKind, Decision, Measure, Statement},
    change::{Facts, News, What},
    limits,
    member::Language,
    notice::Notice,
    photo::{PhotoRecord, Preparation},
    session::{Listing, Session, Slug, Status as Listed},
    submission::{Body, Submission},
};
use seisiun_mail::{
    AccountErased, BrokenRule, DecidedBy, DecisionReminder, ExportReady, FollowRequested, FoundBy,
    Ground, LeftOutPhoto, NewSession, NoticeReceived, NoticeResolved, Outcome, Redress, Sender,
    SessionNews, StatementOfReasons, StillOn, SubmissionFailed, SubmissionPublished,
    SubmissionReceived, SubmissionRejected, SubmissionWaiting, Submitted,
};

/// Next dates that a mail names.
const DATES_IN_MAIL: usize = 4;

/// How long a moderator usually takes.
const DECISION_TAKES: &str = "a day or two";

/// What a member can do about a photo that nothing says is free of malware.
const UNSCANNED: &str = "It could not be checked for malware, so nobody opened it. Save it as a \
                         new JPEG or PNG file and send it again.";

use crate::ask_keepers::{Keeper, vouched_on};

/// A language as the letters know it.
#[must_use]
pub const fn in_mail(language: Language) -> seisiun_mail::Language {
    match language {
        Language::En => seisiun_mail::Language::En,
        Language::Ga => seisiun_mail::Language::Ga,
    }
}

/// Where the site is, without a slash at its end.
fn site_url(sender: &Sender) -> &str {
    sender.site_url.trim_end_matches('/')
}

/// The page of a session.
#[must_use]
pub fn page_url(sender: &Sender, slug: &Slug) -> String {
    format!("{}/sessions/{}/", site_url(sender), slug.as_str())
}

fn status_url(sender: &Sender, submission: &Submission) -> String {
    format!("{}/mine/?sent={}", site_url(sender), submission.id)
}

/// What a submission is to its reader; none for what is no contribution, which
/// letters say nothing of.
#[must_use]
pub fn submitted(submission: &Submission) -> Option<Submitted> {
    match &submission.body {
        Body::Session(_) => Some(Submitted::Session),
        Body::Review(_) => Some(Submitted::Review),
        Body::Change(change) => Some(match &change.what {
            What::Edit { after, .. } if *after == Facts::default() => Submitted::Photos,
            _ => Submitted::Change,
        }),
        Body::Notice(_) => Some(Submitted::Notice),
        Body::Withdrawal(_) | Body::Export | Body::Erasure => None,
    }
}

/// News of a session, for one follower.
#[must_use]
pub fn new_session(
    session: &Session,
    listing: &Listing,
    reasons: Vec<String>,
    unsubscribe_token: &str,
    sender: &Sender,
    now: Timestamp,
) -> NewSession {
    let dates = session.calendar().next(now, DATES_IN_MAIL);
    let venue = &session.listing.venue;
    NewSession {
        session_title: session.listing.title.clone(),
        venue_name: venue.name.clone(),
        town: venue.town.clone(),
        county: venue.county.clone(),
        when: listing
            .schedules
            .iter()
            .map(|schedule| schedule.in_words())
            .collect::<Vec<_>>()
            .join(", "),
        next_dates: dates.iter().map(|date| in_words(&date.starts)).collect(),
        page_url: page_url(sender, &session.slug),
        reasons,
        submitted_by: None,
        unsubscribe_url: unsubscribe_url(sender, unsubscribe_token),
        preferences_url: None,
    }
}

/// News of a session that somebody follows.
#[must_use]
pub fn session_news(
    session: &Session,
    news: &News,
    reasons: Vec<String>,
    unsubscribe_token: &str,
    sender: &Sender,
    now: Timestamp,
) -> SessionNews {
    let dates = session.calendar().next(now, DATES_IN_MAIL);
    let venue = &session.listing.venue;
    let (headline, reason) = headline(session, news);
    SessionNews {
        session_title: session.listing.title.clone(),
        venue_name: venue.name.clone(),
        town: venue.town.clone(),
        headline,
        reason,
        next_dates: match session.status {
            Listed::Live => dates.iter().map(|date| in_words(&date.starts)).collect(),
            Listed::Paused | Listed::Ended | Listed::Withdrawn => Vec::new(),
        },
        page_url: page_url(sender, &session.slug),
        reasons,
        unsubscribe_url: unsubscribe_url(sender, unsubscribe_token),
        preferences_url: None,
    }
}

fn in_words(at: &ZonedDateTime) -> String {
    at.strftime("%A %-d %B, %H:%M").to_string()
}

fn unsubscribe_url(sender: &Sender, token: &str) -> String {
    format!("{}/api/unsubscribe/{token}", site_url(sender))
}

/// What happened, as a sentence, and why.
fn headline(session: &Session, news: &News) -> (String, String) {
    let day = |date: Date| date.strftime("%A %-d %B").to_string();
    let said = |text: &str| text.parse::<Date>().map_or_else(|_| text.to_owned(), day);
    let plain = |text: &str| (text.to_owned(), String::new());
    match news {
        News::DateChanged { exception } => {
            let date = said(&exception.date);
            let headline = match &exception.change {
                ChangeDraft::Cancelled => format!("It is off on {date}."),
                ChangeDraft::Moved { to, starts, place } => {
                    let mut text = match *to == exception.date {
                        true => format!("On {date} it is elsewhere"),
                        false => format!("Instead of {date} it is on {}", said(to)),
                    };
                    if let Some(starts) = starts {
                        text.push_str(&format!(", at {starts}"));
                    }
                    if let Some(place) = place {
                        text.push_str(&format!(", in {place}"));
                    }
                    text + "."
                }
                ChangeDraft::Retimed { starts, .. } => {
                    format!("On {date} it begins at {starts}.")
                }
                ChangeDraft::Extra { starts, .. } => {
                    format!("There is an extra one on {date}, at {starts}.")
                }
            };
            (headline, exception.reason.clone())
        }
        News::DateRestored { date, .. } => {
            (format!("On {} it is as usual after all.", said(date)), String::new())
        }
        News::Rescheduled => {
            let on = session.calendar();
            let on: Vec<_> = on.schedules().iter().map(|schedule| schedule.in_words()).collect();
            (
                format!("It is now on {}, in {}.", on.join(", "), session.listing.venue.name),
                String::new(),
            )
        }
        News::Paused => plain("It is not on for now."),
        News::Resumed => plain("It is on again."),
        News::Ended => plain("It is over for good."),
        News::NewSession => plain("It is new."),
    }
}

/// To a member, when what they asked to see is ready.
#[must_use]
pub fn export_ready(sender: &Sender) -> ExportReady {
    ExportReady {
        account_url: format!("{}/preferences/", site_url(sender)),
        kept_days: limits::EXPORT_DAYS_KEPT,
    }
}

/// To a member, when nothing of theirs is left: the last mail.
#[must_use]
pub fn account_erased(sender: &Sender) -> AccountErased {
    AccountErased { site_url: sender.site_url.clone() }
}

/// To the submitter, when it takes longer than usual.
#[must_use]
pub fn received(
    what: Submitted,
    submission: &Submission,
    title: &str,
    sender: &Sender,
) -> SubmissionReceived {
    SubmissionReceived {
        submitted: what,
        session_title: title.into(),
        status_url: status_url(sender, submission),
        reference: submission.id.to_string(),
    }
}

/// To the submitter, when it is public.
#[must_use]
pub fn published(
    what: Submitted,
    submission: &Submission,
    title: &str,
    slug: &Slug,
    records: &[PhotoRecord],
    sender: &Sender,
) -> SubmissionPublished {
    let left_out = submission
        .photos
        .iter()
        .enumerate()
        .filter_map(|(n, id)| {
            let record = records.iter().find(|record| record.photo_id == *id)?;
            match &record.preparation {
                Preparation::Refused { message, .. } => Some(LeftOutPhoto {
                    label: format!("Photo {}", n + 1),
                    reason: message.clone(),
                    statement: None,
                }),
                Preparation::Unscanned { .. } => Some(LeftOutPhoto {
                    label: format!("Photo {}", n + 1),
                    reason: UNSCANNED.into(),
                    statement: None,
                }),
                Preparation::Prepared { .. } => None,
            }
        })
        .collect();
    SubmissionPublished {
        submitted: what,
        session_title: title.into(),
        page_url: page_url(sender, slug),
        left_out,
        put_right: String::new(),
    }
}

/// What was decided against a submission, and why.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'a> {
    /// What it came to.
    pub outcome: Outcome,
    /// Why.
    pub statement: &'a Statement,
    /// The last part of the link by which it can be appealed without signing in.
    pub sealed: Option<&'a str>,
}

/// To the submitter, when it is not published.
#[must_use]
pub fn rejected(
    what: Submitted,
    submission: &Submission,
    title: &str,
    decided: Decided<'_>,
    sender: &Sender,
    now: Timestamp,
) -> SubmissionRejected {
    let Decided { outcome, statement, sealed } = decided;
    SubmissionRejected {
        outcome,
        submitted: what,
        session_title: title.into(),
        reference: submission.id.to_string(),
        statement: StatementOfReasons {
            measure: statement.measure.clone(),
            scope: statement.scope.clone(),
            facts: statement.facts.clone(),
            found_by: if statement.automated_detection {
                FoundBy::AutomatedCheck
            } else {
                FoundBy::Moderator
            },
            decided_by: if statement.automated_decision {
                DecidedBy::AutomatedCheck
            } else {
                DecidedBy::Moderator
            },
            ground: Ground::Rules {
                rule: statement.reason.rule().into(),
                because: statement.reason.in_words().into(),
            },
            redress: match outcome {
                Outcome::Upheld => Redress::Appealed { url: status_url(sender, submission) },
                Outcome::NotPublished
                    if !statement.automated_decision
                        || statement.reason.a_person_may_see_otherwise() =>
                {
                    Redress::Appeal {
                        url: sealed.map_or_else(
                            || status_url(sender, submission),
                            |sealed| format!("{}/api/appeals/{sealed}", site_url(sender)),
                        ),
                        until: in_days(now, limits::APPEAL_DAYS_MAX),
                    }
                }
                // There is no case that could be put before somebody else.
                Outcome::NotPublished | Outcome::TakenDown | Outcome::PhotoTakenDown => {
                    Redress::Answer {
                        url: status_url(sender, submission),
                        until: in_days(now, limits::APPEAL_DAYS_MAX),
                    }
                }
            },
        },
    }
}

/// The date so many days later, in words.
fn in_days(now: Timestamp, days: i64) -> String {
    let then = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).saturating_add(days.days());
    then.strftime("%-d %B %Y").to_string()
}

/// To the submitter, when a person will look at it.
#[must_use]
pub fn waiting(
    what: Submitted,
    submission: &Submission,
    title: &str,
    sender: &Sender,
) -> SubmissionWaiting {
    SubmissionWaiting {
        submitted: what,
        session_title: title.into(),
        looked_at: Vec::new(),
        usually_takes: DECISION_TAKES.into(),
        status_url: status_url(sender, submission),
    }
}

/// To the submitter, when our side failed.
#[must_use]
pub fn failed(
    what: Submitted,
    submission: &Submission,
    title: &str,
    sender: &Sender,
) -> SubmissionFailed {
    SubmissionFailed {
        submitted: what,
        session_title: title.into(),
        status_url: status_url(sender, submission),
        reference: submission.id.to_string(),
    }
}

/// To the moderators, when a case waits.
#[must_use]
pub fn reminder(case: &Case, reminder: u32, sender: &Sender, now: Timestamp) -> DecisionReminder {
    let waiting = now.duration_since(case.opened_at).as_hours().max(0) / 24;
    let left = limits::DECISION_WAITS_MAX.saturating_sub(reminder);
    DecisionReminder {
        case_kind: match case.kind {
            CaseKind::Submission => "A submission".into(),
            CaseKind::Notice => "A notice".into(),
        },
        session_title: case.title.clone(),
        waiting_days: u32::try_from(waiting).unwrap_or(u32::MAX),
        otherwise: Some(format!("After {left} more reminders it is handed to the people on call.")),
        case_url: format!("{}/console/?case={}", site_url(sender), case.id),
    }
}

/// To who sent a notice, when we have it.
#[must_use]
pub fn notice_received(id: SubmissionId, notice: &Notice, about: &str) -> NoticeReceived {
    NoticeReceived {
        about: about.into(),
        page_url: notice.url.clone(),
        reason: notice.reason.in_words().into(),
        usually_takes: DECISION_TAKES.into(),
        reference: id.to_string(),
    }
}

/// To who sent a notice, when it is decided.
#[must_use]
pub fn notice_resolved(
    id: SubmissionId,
    notice: &Notice,
    about: &str,
    decision: &Decision,
) -> NoticeResolved {
    NoticeResolved {
        about: about.into(),
        page_url: notice.url.clone(),
        broken: (decision.measure == Measure::Approve).then(|| BrokenRule {
            rule: decision.reason.rule().into(),
            because: decision.reason.in_words().into(),
        }),
        note: decision.note.clone(),
        appeal_until: in_days(decision.decided_at, limits::APPEAL_DAYS_MAX),
        reference: id.to_string(),
    }
}

/// To an address without an account, before it follows anything.
#[must_use]
pub fn follow_requested(
    followed: &str,
    sealed: &str,
    until: Timestamp,
    sender: &Sender,
) -> FollowRequested {
    FollowRequested {
        followed: followed.into(),
        confirm_url: format!("{}/api/confirm/{sealed}", site_url(sender)),
        until: in_days(until, 0),
    }
}

/// To who should know whether a session is still on.
#[must_use]
pub fn still_on(
    session: &Session,
    keeper: Keeper,
    sealed: &str,
    until: Timestamp,
    sender: &Sender,
) -> StillOn {
    let venue = &session.listing.venue;
    StillOn {
        session_title: session.listing.title.clone(),
        venue_name: venue.name.clone(),
        town: venue.town.clone(),
        vouched_on: vouched_on(session),
        answer_url: format!("{}/api/still-on/{sealed}", site_url(sender)),
        until: in_days(until, 0),
        page_url: page_url(sender, &session.slug),
        reason: match keeper {
            Keeper::Host => "You host it",
            Keeper::Confirmer => "You said that it was on",
            Keeper::Submitter => "You listed it",
        }
        .into(),
    }
}
