//! The letters, written from what the domain knows, in the reader's language.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use seisiun_domain::{
    SubmissionId,
    calendar::{ExceptionDraft, Gathering},
    card::Card,
    case::{Case, CaseKind, Decision, Edits, Measure, Reason, Statement},
    change::{Facts, News, What},
    dates::{day, day_of_year},
    limits,
    member::Language,
    notice::Notice,
    photo::{PhotoRecord, Preparation},
    session::{Listing, Session, Slug, Status as Listed},
    submission::{Body, Submission},
};
use seisiun_mail::{
    AccountErased, BrokenRule, DecidedBy, DecisionReminder, DigestEntry, ExportReady,
    FollowRequested, FoundBy, Ground, LeftOutPhoto, NewSession, NoticeReceived, NoticeResolved,
    Outcome, Redress, Sender, SessionNews, StatementOfReasons, StillOn, SubmissionFailed,
    SubmissionPublished, SubmissionReceived, SubmissionRejected, SubmissionWaiting, Submitted,
    WeeklyDigest,
};

use crate::ask_keepers::Keeper;

pub mod dates;
mod follows;
mod news;

pub use follows::{FollowReason, followed, why};
pub use news::headline;

use dates::{day_and_time, in_days};
use news::of_date;

/// Next dates that a mail names.
const DATES_IN_MAIL: usize = 4;

/// What we say in the language.
const fn said<'a>(language: Language, english: &'a str, irish: &'a str) -> &'a str {
    match language {
        Language::En => english,
        Language::Ga => irish,
    }
}

/// How long a moderator usually takes.
const fn decision_takes(language: Language) -> &'static str {
    said(language, "a day or two", "lá nó dhó")
}

/// What a member can do about a photo that nothing says is free of malware.
const fn unscanned(language: Language) -> &'static str {
    said(
        language,
        "It could not be checked for malware, so nobody opened it. Save it as a new JPEG or PNG \
         file and send it again.",
        "Níorbh fhéidir é a sheiceáil le haghaidh bogearraí mailíseacha, agus mar sin níor oscail \
         aon duine é. Sábháil mar chomhad nua JPEG nó PNG é agus seol arís é.",
    )
}

/// Why a photo was refused: English as it is stored, Irish by its code.
fn refused<'a>(code: &str, message: &'a str, language: Language) -> &'a str {
    if language == Language::En {
        return message;
    }
    match code {
        "malware" => "Tá bogearraí mailíseacha sa chomhad. Níor osclaíodh é agus níl sé foilsithe.",
        "not_uploaded" => "Níor tháinig an uaslódáil, nó bhí sí rómhór.",
        "not_a_photo" => {
            "Ní grianghraf é an comhad seo is féidir linn a léamh. Seol JPEG nó PNG, le do thoil."
        }
        "truncated" => {
            "Tá an grianghraf seo neamhiomlán: tá cuid den chomhad ar iarraidh. Seol an bunchomhad \
             arís, le do thoil."
        }
        "too_many_bytes" => "Tá an comhad seo rómhór.",
        "too_many_pixels" => "Tá an iomarca picteilíní sa ghrianghraf seo.",
        "too_small" => "Tá an grianghraf seo róbheag.",
        "too_narrow" => "Tá an grianghraf seo róchúng.",
        "text_bomb" => {
            "Tá an iomarca téacs chomhbhrúite sa chomhad seo in aice leis an ngrianghraf. Sábháil \
             an grianghraf arís gan é, le do thoil."
        }
        "scan_bomb" => {
            "Tá an grianghraf seo stóráilte ar bhealach neamhghnách. Sábháil arís mar JPEG simplí \
             é, le do thoil."
        }
        "undecodable" => {
            "Tá dochar déanta don ghrianghraf seo, nó tá sé neamhghnách. Sábháil arís é, le do \
             thoil."
        }
        _ => message,
    }
}

/// A rule and what it says.
fn rule(reason: Reason, language: Language) -> (&'static str, &'static str) {
    match language {
        Language::En => (reason.rule(), reason.in_words()),
        Language::Ga => (reason.rule_in_irish(), reason.in_irish()),
    }
}

/// What was put right before something was published; empty if nothing was.
#[must_use]
pub fn put_right(edits: &Edits, language: Language) -> String {
    match language {
        Language::En => edits.in_words(),
        Language::Ga => edits.in_irish(),
    }
}

/// A session whose title is not known any more.
pub(crate) const fn some_session(language: Language) -> &'static str {
    said(language, "a session", "seisiún")
}

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
    language: Language,
) -> NewSession {
    let dates = session.calendar().next(now, DATES_IN_MAIL);
    let venue = &session.listing.venue;
    let when: Vec<_> =
        listing.schedules.iter().map(|schedule| news::schedule(schedule, language)).collect();
    NewSession {
        session_title: session.listing.title.clone(),
        venue_name: venue.name.clone(),
        town: venue.town.clone(),
        county: follows::county(&venue.county, language),
        when: capitalised(&when.join(", ")),
        next_dates: dates.iter().map(|date| day_and_time(&date.starts, language)).collect(),
        page_url: page_url(sender, &session.slug),
        reasons,
        submitted_by: None,
        unsubscribe_url: unsubscribe_url(sender, unsubscribe_token),
        // Its page shows everything that can be stopped.
        preferences_url: Some(unsubscribe_url(sender, unsubscribe_token)),
    }
}

/// What stands at the beginning of a line.
fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    first + chars.as_str()
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
    language: Language,
) -> SessionNews {
    let dates = session.calendar().next(now, DATES_IN_MAIL);
    let venue = &session.listing.venue;
    let (headline, reason) = headline(session, news, language);
    SessionNews {
        session_title: session.listing.title.clone(),
        venue_name: venue.name.clone(),
        town: venue.town.clone(),
        headline,
        reason,
        next_dates: match session.status {
            Listed::Live => dates.iter().map(|date| day_and_time(&date.starts, language)).collect(),
            Listed::Paused | Listed::Ended | Listed::Withdrawn => Vec::new(),
        },
        page_url: page_url(sender, &session.slug),
        reasons,
        unsubscribe_url: unsubscribe_url(sender, unsubscribe_token),
        // Its page shows everything that can be stopped.
        preferences_url: Some(unsubscribe_url(sender, unsubscribe_token)),
    }
}

fn unsubscribe_url(sender: &Sender, token: &str) -> String {
    format!("{}/api/unsubscribe/{token}", site_url(sender))
}

/// A session in a digest of the week: the dates that are on, whether it is new, and
/// what is different that week.
#[must_use]
pub fn digest_entry(
    card: &Card,
    on: &[Gathering],
    is_new: bool,
    differs: &[ExceptionDraft],
    sender: &Sender,
    language: Language,
) -> DigestEntry {
    let new = is_new.then(|| said(language, "New.", "Nua.").to_owned());
    let differs = differs.iter().map(|exception| of_date(exception, language));
    let news: Vec<_> = new.into_iter().chain(differs).collect();
    DigestEntry {
        session_title: card.title.clone(),
        venue_name: card.venue.clone(),
        town: card.town.clone(),
        dates: on.iter().map(|on| day_and_time(&on.starts, language)).collect(),
        news: news.join(" ").trim_end_matches('.').to_owned(),
        page_url: page_url(sender, &card.slug),
    }
}

/// What is in a digest of the week.
#[derive(Debug, Clone)]
pub struct Week {
    /// Its first day.
    pub from: Date,
    /// Its last.
    pub until: Date,
    /// The sessions, soonest first.
    pub entries: Vec<DigestEntry>,
    /// How many more there are.
    pub more: usize,
    /// Where all of them are listed.
    pub more_url: String,
}

/// To a follower, what is on in the coming week.
#[must_use]
pub fn weekly_digest(
    week: Week,
    reasons: Vec<String>,
    unsubscribe_token: &str,
    sender: &Sender,
    language: Language,
) -> WeeklyDigest {
    WeeklyDigest {
        from: day(week.from, language),
        until: day(week.until, language),
        entries: week.entries,
        more: week.more,
        more_url: week.more_url,
        reasons,
        unsubscribe_url: unsubscribe_url(sender, unsubscribe_token),
        // Its page shows everything that can be stopped.
        preferences_url: Some(unsubscribe_url(sender, unsubscribe_token)),
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
    language: Language,
) -> SubmissionPublished {
    let label = |n: usize| match language {
        Language::En => format!("Photo {}", n + 1),
        Language::Ga => format!("Grianghraf {}", n + 1),
    };
    let left_out = submission
        .photos
        .iter()
        .enumerate()
        .filter_map(|(n, id)| {
            let record = records.iter().find(|record| record.photo_id == *id)?;
            match &record.preparation {
                Preparation::Refused { code, message } => Some(LeftOutPhoto {
                    label: label(n),
                    reason: refused(code, message, language).to_owned(),
                    statement: None,
                }),
                Preparation::Unscanned { .. } => Some(LeftOutPhoto {
                    label: label(n),
                    reason: unscanned(language).to_owned(),
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
    language: Language,
) -> SubmissionRejected {
    let Decided { outcome, statement, sealed } = decided;
    let (rule, because) = rule(statement.reason, language);
    let (measure, scope) = measure(outcome, statement, language);
    SubmissionRejected {
        outcome,
        submitted: what,
        session_title: title.into(),
        reference: submission.id.to_string(),
        statement: StatementOfReasons {
            measure: measure.into(),
            scope: scope.into(),
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
            ground: Ground::Rules { rule: rule.into(), because: because.into() },
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
                        until: in_days(now, limits::APPEAL_DAYS_MAX, language),
                    }
                }
                // There is no case that could be put before somebody else.
                Outcome::NotPublished | Outcome::TakenDown | Outcome::PhotoTakenDown => {
                    Redress::Answer {
                        url: status_url(sender, submission),
                        until: in_days(now, limits::APPEAL_DAYS_MAX, language),
                    }
                }
            },
        },
    }
}

/// What was done and how far it reaches: English as it is stored, Irish by what it
/// came to, of which each has one wording.
fn measure(outcome: Outcome, statement: &Statement, language: Language) -> (&str, &str) {
    match (language, outcome) {
        (Language::En, _) => (&statement.measure, &statement.scope),
        (Language::Ga, Outcome::NotPublished | Outcome::Upheld) => (
            "Níor fhoilsíomar ar sheol tú.",
            "Ní bheidh sé in aon áit ar an suíomh Seisiún go dtí go seolfaidh tú arís é. Níl aon \
             tionchar aige seo ar do chuntas.",
        ),
        (Language::Ga, Outcome::TakenDown) => (
            "Bhaineamar anuas ar fhoilsigh tú.",
            "I ngach áit ar an suíomh Seisiún. Níl aon tionchar aige seo ar do chuntas.",
        ),
        (Language::Ga, Outcome::PhotoTakenDown) => (
            "Bhaineamar anuas grianghraf a d’fhoilsigh tú.",
            "I ngach áit ar an suíomh Seisiún. Fanann an chuid eile. Níl aon tionchar aige seo ar \
             do chuntas.",
        ),
    }
}

/// To the submitter, when a person will look at it.
#[must_use]
pub fn waiting(
    what: Submitted,
    submission: &Submission,
    title: &str,
    sender: &Sender,
    language: Language,
) -> SubmissionWaiting {
    SubmissionWaiting {
        submitted: what,
        session_title: title.into(),
        looked_at: Vec::new(),
        usually_takes: decision_takes(language).into(),
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

/// To the moderators, when a case waits. They share a mailbox, which is English.
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

/// To who sent a notice, when we have it. A notice tells no language.
#[must_use]
pub fn notice_received(id: SubmissionId, notice: &Notice, about: &str) -> NoticeReceived {
    NoticeReceived {
        about: about.into(),
        page_url: notice.url.clone(),
        reason: notice.reason.in_words().into(),
        usually_takes: decision_takes(Language::En).into(),
        reference: id.to_string(),
    }
}

/// To who sent a notice, when it is decided; in English as [`notice_received`].
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
        appeal_until: in_days(decision.decided_at, limits::APPEAL_DAYS_MAX, Language::En),
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
    language: Language,
) -> FollowRequested {
    FollowRequested {
        followed: followed.into(),
        confirm_url: format!("{}/api/confirm/{sealed}", site_url(sender)),
        until: in_days(until, 0, language),
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
    language: Language,
) -> StillOn {
    let vouched_at = session.last_verified_at.to_zoned_datetime(TimeZone::UTC);
    let venue = &session.listing.venue;
    StillOn {
        session_title: session.listing.title.clone(),
        venue_name: venue.name.clone(),
        town: venue.town.clone(),
        vouched_on: day_of_year(vouched_at.date(), language),
        answer_url: format!("{}/api/still-on/{sealed}", site_url(sender)),
        until: in_days(until, 0, language),
        page_url: page_url(sender, &session.slug),
        reason: match keeper {
            Keeper::Host => said(language, "You host it", "Is tusa an t-óstach"),
            Keeper::Confirmer => {
                said(language, "You said that it was on", "Dúirt tú go raibh sé ar siúl")
            }
            Keeper::Submitter => said(language, "You listed it", "Is tusa a liostaigh é"),
        }
        .into(),
    }
}

#[cfg(test)]
mod tests {
    use seisiun_domain::{
        calendar::{ChangeDraft, ExceptionDraft},
        samples,
    };
    use seisiun_mail::Letter as _;

    use super::*;

    fn sender() -> Sender {
        Sender {
            name: "Seisiún".into(),
            address: "hello@seisiun.example".into(),
            reply_to: None,
            footer: "Seisiún".into(),
            site_url: "https://seisiun.example".into(),
        }
    }

    #[test]
    fn a_digest_says_what_is_on_and_what_is_news_in_either_language() {
        let session = samples::listed();
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let (card, on) = (Card::of(&session), session.calendar().next(now, 1));
        let off = ExceptionDraft {
            schedule: 0,
            date: "2026-11-26".into(),
            change: ChangeDraft::Cancelled,
            reason: String::new(),
        };
        for (language, expected) in [
            (
                Language::En,
                [
                    "Sessions this week: Thursday tunes, Thursday tunes and one more",
                    "Monday 23 November to Sunday 29 November",
                    "Thursday 26 November, 21:30",
                    "New.",
                    "It is off on Thursday 26 November.",
                ],
            ),
            (
                Language::Ga,
                [
                    "Seisiúin na seachtaine seo: Thursday tunes, Thursday tunes agus ceann amháin \
                     eile",
                    "Dé Luain 23 Samhain – Dé Domhnaigh 29 Samhain",
                    "Déardaoin 26 Samhain, 21:30",
                    "Nua.",
                    "Tá sé ar ceal Déardaoin 26 Samhain.",
                ],
            ),
        ] {
            let entry = |on: &[Gathering], is_new, differs: &[ExceptionDraft]| {
                digest_entry(&card, on, is_new, differs, &sender(), language)
            };
            let week = Week {
                from: "2026-11-23".parse().unwrap(),
                until: "2026-11-29".parse().unwrap(),
                entries: vec![
                    entry(&on, false, &[]),
                    entry(&on, true, &[]),
                    entry(&[], false, std::slice::from_ref(&off)),
                ],
                more: 0,
                more_url: "https://seisiun.example/counties/ie/clare/".into(),
            };
            let reasons = why(&[FollowReason::Session], language);
            let letter = weekly_digest(week, reasons, "token", &sender(), language);
            let mail = letter.mail("ann@example.org", in_mail(language), &sender()).unwrap();
            let said = format!("{}\n{}", mail.subject, mail.text);
            for expected in expected {
                assert!(said.contains(expected), "{expected} in {said}");
            }
        }
    }

    #[test]
    fn every_refusal_of_a_photo_is_said_in_irish() {
        let english = "In English.";
        for code in [
            "malware",
            "not_uploaded",
            "not_a_photo",
            "truncated",
            "too_many_bytes",
            "too_many_pixels",
            "too_small",
            "too_narrow",
            "text_bomb",
            "scan_bomb",
            "undecodable",
        ] {
            assert_ne!(refused(code, english, Language::Ga), english, "{code}");
            assert_eq!(refused(code, english, Language::En), english);
        }
        // One of a release to come is better told in English than not at all.
        assert_eq!(refused("of_tomorrow", english, Language::Ga), english);
    }
}
