//! The letters, written from what the domain knows.

use jiff::{Timestamp, ToSpan};
use seisiun_domain::{
    SubmissionId,
    case::{Case, CaseKind, Decision, Measure, Statement},
    limits,
    notice::Notice,
    photo::{PhotoRecord, Preparation},
    session::{Listing, Session, Slug},
    submission::{Body, Submission},
};
use seisiun_mail::{
    BrokenRule, DecidedBy, DecisionReminder, FollowRequested, FoundBy, Ground, LeftOutPhoto,
    NewSession, NoticeReceived, NoticeResolved, Redress, Sender, StatementOfReasons,
    SubmissionFailed, SubmissionPublished, SubmissionReceived, SubmissionRejected,
    SubmissionWaiting, Submitted,
};

/// Next dates that a mail names.
const DATES_IN_MAIL: usize = 4;

/// Days in which a decision can be appealed: the six months of DSA Art. 20(1).
pub const APPEAL_DAYS: i64 = 183;

/// How long a moderator usually takes.
const DECISION_TAKES: &str = "a day or two";

/// The page of a session.
#[must_use]
pub fn page_url(sender: &Sender, slug: &Slug) -> String {
    format!("{}/sessions/{}/", sender.site_url.trim_end_matches('/'), slug.as_str())
}

fn status_url(sender: &Sender, submission: &Submission) -> String {
    format!("{}/my/submissions/{}/", sender.site_url.trim_end_matches('/'), submission.id)
}

fn what(submission: &Submission) -> Submitted {
    match submission.body {
        Body::Session(_) => Submitted::Session,
        Body::Review(_) => Submitted::Review,
        Body::Notice(_) => Submitted::Notice,
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
        next_dates: dates
            .iter()
            .map(|date| date.starts.strftime("%A %-d %B, %H:%M").to_string())
            .collect(),
        page_url: page_url(sender, &session.slug),
        reasons,
        submitted_by: None,
        unsubscribe_url: format!(
            "{}/api/unsubscribe/{unsubscribe_token}",
            sender.site_url.trim_end_matches('/')
        ),
    }
}

/// To the submitter, when it takes longer than usual.
#[must_use]
pub fn received(submission: &Submission, title: &str, sender: &Sender) -> SubmissionReceived {
    SubmissionReceived {
        submitted: what(submission),
        session_title: title.into(),
        status_url: status_url(sender, submission),
        reference: submission.id.to_string(),
    }
}

/// To the submitter, when it is public.
#[must_use]
pub fn published(
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
                Preparation::Prepared { .. } => None,
            }
        })
        .collect();
    SubmissionPublished {
        submitted: what(submission),
        session_title: title.into(),
        page_url: page_url(sender, slug),
        left_out,
    }
}

/// To the submitter, when it is not published.
#[must_use]
pub fn rejected(
    submission: &Submission,
    title: &str,
    statement: &Statement,
    sender: &Sender,
    now: Timestamp,
) -> SubmissionRejected {
    SubmissionRejected {
        submitted: what(submission),
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
            redress: Redress {
                appeal_url: status_url(sender, submission),
                appeal_until: in_days(now, APPEAL_DAYS),
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
pub fn waiting(submission: &Submission, title: &str, sender: &Sender) -> SubmissionWaiting {
    SubmissionWaiting {
        submitted: what(submission),
        session_title: title.into(),
        looked_at: Vec::new(),
        usually_takes: DECISION_TAKES.into(),
        status_url: status_url(sender, submission),
    }
}

/// To the submitter, when our side failed.
#[must_use]
pub fn failed(submission: &Submission, title: &str, sender: &Sender) -> SubmissionFailed {
    SubmissionFailed {
        submitted: what(submission),
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
        case_url: format!(
            "{}/moderation/cases/{}/",
            sender.site_url.trim_end_matches('/'),
            case.id
        ),
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
        appeal_until: in_days(decision.decided_at, APPEAL_DAYS),
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
        confirm_url: format!("{}/api/confirm/{sealed}", sender.site_url.trim_end_matches('/')),
        until: in_days(until, 0),
    }
}
