//! One letter of each kind and shape, as the workflows write them. All invented.

use seisiun_mail::{
    AccountErased, BrokenRule, DecidedBy, DecisionReminder, ExportReady, FollowRequested, FoundBy,
    Ground, LeftOutPhoto, Letter, NewSession, NoticeReceived, NoticeResolved, Outcome, Redress,
    Sender, SessionNews, StatementOfReasons, StillOn, SubmissionFailed, SubmissionPublished,
    SubmissionReceived, SubmissionRejected, SubmissionWaiting, Submitted,
};

/// Whom every sample is to.
pub(crate) const TO: &str = "reader@example.ie";

const REFERENCE: &str = "01JQ8Z6W3N5T7V9X1B3D5F7H9K";

/// Who writes every sample.
pub(crate) fn sender() -> Sender {
    Sender {
        name: "Seisiún".into(),
        address: "hello@mail.seisiun.example".into(),
        reply_to: Some("people@seisiun.example".into()),
        footer: "Seisiún, 1 Example Street, Ennis, Co. Clare\npeople@seisiun.example".into(),
        site_url: "https://seisiun.example/".into(),
    }
}

/// To a follower, with everything there can be.
pub(crate) fn new_session() -> NewSession {
    NewSession {
        session_title: "Thursday night at Tigh Uí Shé".into(),
        venue_name: "Tigh Uí Shé".into(),
        town: "Miltown Malbay".into(),
        county: "County Clare".into(),
        when: "Thursdays at 21:30".into(),
        next_dates: vec![
            "Thursday 7 January, 21:30".into(),
            "Thursday 14 January, 21:30".into(),
            "Thursday 21 January, 21:30".into(),
        ],
        page_url: "https://seisiun.example/session/thursday-night-at-tigh-ui-she".into(),
        reasons: vec!["You follow County Clare".into(), "You follow Áine Example".into()],
        submitted_by: Some("Áine Example".into()),
        unsubscribe_url: "https://seisiun.example/api/unsubscribe/4fJ0a2Qm8sT1xZ7bKc9d".into(),
    }
}

/// A decision a moderator took after an automated flag, on our own rules.
pub(crate) fn statement() -> StatementOfReasons {
    StatementOfReasons {
        measure: "We did not publish your photo.".into(),
        scope: "It is shown nowhere on the site, and that holds for good.".into(),
        facts: "The photo shows a person who seems to be asleep at a table, from close by.\n\
                Nothing in what came with it says that they agreed."
            .into(),
        found_by: FoundBy::AutomatedCheck,
        decided_by: DecidedBy::Moderator,
        ground: Ground::Rules {
            rule: "4, “People in photos”.".into(),
            because: "Somebody who can be recognised, and is not playing, has to agree first."
                .into(),
        },
        redress: Redress::Appeal {
            url: "https://seisiun.example/appeal/01JQ8Z6W3N5T7V9X1B3D5F7H9K".into(),
            until: "7 July 2027".into(),
        },
    }
}

fn published(
    title: &str,
    submitted: Submitted,
    left_out: Vec<LeftOutPhoto>,
) -> SubmissionPublished {
    SubmissionPublished {
        submitted,
        session_title: title.into(),
        page_url: "https://seisiun.example/session/thursday-night-at-tigh-ui-she".into(),
        left_out,
        put_right: String::new(),
    }
}

fn rejected(
    title: &str,
    submitted: Submitted,
    statement: StatementOfReasons,
) -> SubmissionRejected {
    SubmissionRejected {
        outcome: Outcome::NotPublished,
        submitted,
        session_title: title.into(),
        statement,
        reference: REFERENCE.into(),
    }
}

/// What was decided on a notice: it goes.
pub(crate) fn resolved(about: &str) -> NoticeResolved {
    NoticeResolved {
        about: about.into(),
        page_url: "https://seisiun.example/sessions/thursday-night-at-tigh-ui-she/".into(),
        broken: Some(BrokenRule {
            rule: "Consent".into(),
            because: "Our rules ask for the consent of people who are shown or named.".into(),
        }),
        note: "The person in the photo has asked us, too.\nThank you for telling us.".into(),
        appeal_until: "7 July 2027".into(),
        reference: REFERENCE.into(),
    }
}

fn reminder(title: &str, waiting_days: u32, otherwise: Option<&str>) -> DecisionReminder {
    DecisionReminder {
        case_kind: "A photo".into(),
        session_title: title.into(),
        waiting_days,
        otherwise: otherwise.map(Into::into),
        case_url: "https://seisiun.example/moderation/01JQ8Z6W3N5T7V9X1B3D5F7H9K".into(),
    }
}

/// Every sample under its snapshot's name.
pub(crate) fn letters() -> Vec<(&'static str, Box<dyn Letter>)> {
    letters_about("Thursday night at Tigh Uí Shé")
}

/// The same, about a session with this title.
pub(crate) fn letters_about(about: &str) -> Vec<(&'static str, Box<dyn Letter>)> {
    let status_url = || String::from("https://seisiun.example/sent/01JQ8Z6W3N5T7V9X1B3D5F7H9K");
    let title = || String::from(about);
    vec![
        ("new_session", Box::new(NewSession { session_title: title(), ..new_session() })),
        (
            "new_session_least",
            Box::new(NewSession {
                session_title: title(),
                town: String::new(),
                county: String::new(),
                next_dates: vec![],
                reasons: vec!["You follow this place".into()],
                submitted_by: None,
                ..new_session()
            }),
        ),
        (
            "session_news",
            Box::new(SessionNews {
                session_title: title(),
                venue_name: "Tigh Uí Shé".into(),
                town: "Miltown Malbay".into(),
                headline: "It is off on Thursday 7 January.".into(),
                reason: "There is a wake in the house.".into(),
                next_dates: vec!["Thursday 14 January, 21:30".into()],
                page_url: new_session().page_url,
                reasons: vec!["You follow this session".into()],
                unsubscribe_url: new_session().unsubscribe_url,
            }),
        ),
        (
            "session_news_ended",
            Box::new(SessionNews {
                session_title: title(),
                venue_name: "Tigh Uí Shé".into(),
                town: String::new(),
                headline: "It is over for good.".into(),
                reason: String::new(),
                next_dates: vec![],
                page_url: new_session().page_url,
                reasons: vec!["You follow this session".into()],
                unsubscribe_url: new_session().unsubscribe_url,
            }),
        ),
        (
            "export_ready",
            Box::new(ExportReady {
                account_url: "https://seisiun.example/preferences/".into(),
                kept_days: 7,
            }),
        ),
        ("account_erased", Box::new(AccountErased { site_url: "https://seisiun.example/".into() })),
        (
            "submission_received",
            Box::new(SubmissionReceived {
                submitted: Submitted::Review,
                session_title: title(),
                status_url: status_url(),
                reference: REFERENCE.into(),
            }),
        ),
        ("submission_published", Box::new(published(about, Submitted::Session, vec![]))),
        (
            "submission_published_put_right",
            Box::new(SubmissionPublished {
                put_right: "its name, its description".into(),
                ..published(about, Submitted::Session, vec![])
            }),
        ),
        (
            "submission_published_photos_left_out",
            Box::new(published(
                about,
                Submitted::Photos,
                vec![
                    LeftOutPhoto {
                        label: "The first photo".into(),
                        reason: "The file ends too early to be read.".into(),
                        statement: None,
                    },
                    LeftOutPhoto {
                        label: "The third photo".into(),
                        reason: "It may show somebody who did not agree.".into(),
                        statement: Some(statement()),
                    },
                ],
            )),
        ),
        (
            "submission_published_one_photo_left_out",
            Box::new(published(
                about,
                Submitted::Session,
                vec![LeftOutPhoto {
                    label: "fiddle & flute.png".into(),
                    reason: "It is larger than 24 megapixels.".into(),
                    statement: None,
                }],
            )),
        ),
        ("submission_rejected", Box::new(rejected(about, Submitted::Photos, statement()))),
        (
            "submission_rejected_by_law_automatically",
            Box::new(rejected(
                about,
                Submitted::Review,
                StatementOfReasons {
                    measure: "We did not publish your review.".into(),
                    scope: "It is shown nowhere on the site, and that holds for good.".into(),
                    facts: "The text names a private person and gives their address.".into(),
                    found_by: FoundBy::Notice,
                    decided_by: DecidedBy::AutomatedCheck,
                    ground: Ground::Law {
                        provision: "Regulation (EU) 2016/679, Article 6.".into(),
                        because: "There is no basis for publishing somebody’s address.".into(),
                    },
                    redress: statement().redress,
                },
            )),
        ),
        (
            "submission_taken_down",
            Box::new(SubmissionRejected {
                outcome: Outcome::TakenDown,
                ..rejected(
                    about,
                    Submitted::Review,
                    StatementOfReasons {
                        redress: Redress::Answer { url: status_url(), until: "7 July 2027".into() },
                        ..statement()
                    },
                )
            }),
        ),
        (
            "submission_upheld",
            Box::new(SubmissionRejected {
                outcome: Outcome::Upheld,
                ..rejected(
                    about,
                    Submitted::Session,
                    StatementOfReasons {
                        redress: Redress::Appealed { url: status_url() },
                        ..statement()
                    },
                )
            }),
        ),
        (
            "submission_waiting",
            Box::new(SubmissionWaiting {
                submitted: Submitted::Session,
                session_title: title(),
                looked_at: vec!["One of the photos".into(), "A session much like it".into()],
                usually_takes: "a day or two".into(),
                status_url: status_url(),
            }),
        ),
        (
            "submission_failed",
            Box::new(SubmissionFailed {
                submitted: Submitted::Change,
                session_title: title(),
                status_url: status_url(),
                reference: REFERENCE.into(),
            }),
        ),
        (
            "decision_reminder",
            Box::new(reminder(
                about,
                3,
                Some("If nobody decides by 14 March, it will not be published."),
            )),
        ),
        ("decision_reminder_first_day", Box::new(reminder(about, 0, None))),
        (
            "notice_received",
            Box::new(NoticeReceived {
                about: title(),
                page_url: resolved("").page_url,
                reason: "people shown or named who did not agree".into(),
                usually_takes: "a day or two".into(),
                reference: REFERENCE.into(),
            }),
        ),
        ("notice_resolved_goes", Box::new(resolved(about))),
        (
            "notice_resolved_stays",
            Box::new(NoticeResolved { broken: None, note: String::new(), ..resolved(about) }),
        ),
        (
            "follow_requested",
            Box::new(FollowRequested {
                followed: title(),
                confirm_url: "https://seisiun.example/api/confirm/4fJ0a2Qm8sT1xZ7bKc9d".into(),
                until: "1 December 2026".into(),
            }),
        ),
        (
            "still_on",
            Box::new(StillOn {
                session_title: title(),
                venue_name: "Friel's".into(),
                town: "Miltown Malbay".into(),
                vouched_on: "2 September 2026".into(),
                answer_url: "https://seisiun.example/api/still-on/4fJ0a2Qm8sT1xZ7bKc9d".into(),
                until: "31 December 2026".into(),
                page_url: resolved("").page_url,
                reason: "You host it".into(),
            }),
        ),
    ]
}
