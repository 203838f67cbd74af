//! One letter of each kind and shape, in each language, as the workflows write
//! them: for tests, and for whoever wants to see what is sent. All invented.

use crate::{
    AccountErased, BrokenRule, DecidedBy, DecisionReminder, DigestEntry, ExportReady,
    FollowRequested, FoundBy, Ground, Language, LeftOutPhoto, Letter, NewSession, NoticeReceived,
    NoticeResolved, Outcome, Redress, Sender, SessionNews, StatementOfReasons, StillOn,
    SubmissionFailed, SubmissionPublished, SubmissionReceived, SubmissionRejected,
    SubmissionWaiting, Submitted, WeeklyDigest,
};

/// Whom every sample is to.
pub const TO: &str = "reader@example.ie";

const REFERENCE: &str = "01JQ8Z6W3N5T7V9X1B3D5F7H9K";

/// What the workflows say in each language.
fn said(language: Language, english: &str, irish: &str) -> String {
    match language {
        Language::En => english.into(),
        Language::Ga => irish.into(),
    }
}

/// Who writes every sample.
#[must_use]
pub fn sender() -> Sender {
    Sender {
        name: "Seisiún".into(),
        address: "hello@mail.seisiun.example".into(),
        reply_to: Some("people@seisiun.example".into()),
        footer: "Seisiún, 1 Example Street, Ennis, Co. Clare\npeople@seisiun.example".into(),
        site_url: "https://seisiun.example/".into(),
    }
}

/// To a follower, with everything there can be.
#[must_use]
pub fn new_session(language: Language) -> NewSession {
    NewSession {
        session_title: "Thursday night at Tigh Uí Shé".into(),
        venue_name: "Tigh Uí Shé".into(),
        town: "Miltown Malbay".into(),
        county: said(language, "County Clare", "An Clár"),
        when: said(language, "Thursdays at 21:30", "Gach Déardaoin ag 21:30"),
        next_dates: vec![
            said(language, "Thursday 7 January, 21:30", "Déardaoin 7 Eanáir, 21:30"),
            said(language, "Thursday 14 January, 21:30", "Déardaoin 14 Eanáir, 21:30"),
            said(language, "Thursday 21 January, 21:30", "Déardaoin 21 Eanáir, 21:30"),
        ],
        page_url: "https://seisiun.example/session/thursday-night-at-tigh-ui-she".into(),
        reasons: vec![
            said(language, "You follow County Clare", "Leanann tú an contae seo: An Clár"),
            said(language, "You follow Áine Example", "Leanann tú Áine Example"),
        ],
        submitted_by: Some("Áine Example".into()),
        unsubscribe_url: "https://seisiun.example/api/unsubscribe/4fJ0a2Qm8sT1xZ7bKc9d".into(),
        preferences_url: Some(
            "https://seisiun.example/api/preferences/4fJ0a2Qm8sT1xZ7bKc9d".into(),
        ),
    }
}

/// To a follower, of more sessions than a subject names.
#[must_use]
pub fn weekly_digest(language: Language) -> WeeklyDigest {
    let foot = new_session(language);
    let entry = |title: &str, venue: &str, town: &str, dates: Vec<String>, news: String| {
        let slug = title.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        DigestEntry {
            session_title: title.into(),
            venue_name: venue.into(),
            town: town.into(),
            dates,
            news,
            page_url: format!("https://seisiun.example/sessions/{slug}/"),
        }
    };
    let tuesday = said(language, "Tuesday 5 January, 21:30", "Dé Máirt 5 Eanáir, 21:30");
    let thursday = said(language, "Thursday 7 January, 21:30", "Déardaoin 7 Eanáir, 21:30");
    let sunday = said(language, "Sunday 10 January, 18:00", "Dé Domhnaigh 10 Eanáir, 18:00");
    let new = said(language, "New", "Nua");
    let off = said(language, "On Thursday 7 January it is off", "Tá sé ar ceal Déardaoin 7 Eanáir");
    WeeklyDigest {
        from: said(language, "Monday 4 January", "Dé Luain 4 Eanáir"),
        until: said(language, "Sunday 10 January", "Dé Domhnaigh 10 Eanáir"),
        entries: vec![
            entry(
                "Friel’s",
                "Friel’s",
                "Miltown Malbay",
                vec![tuesday, thursday.clone()],
                String::new(),
            ),
            entry("Seisiún na Máirte", "Tigh Uí Shé", "Ennis", vec![thursday], new),
            entry("The Cobblestone", "The Cobblestone", "", vec![], off),
            entry("Slow tunes & tea", "The Old Mill", "Ennistymon", vec![sunday], String::new()),
        ],
        more: 1,
        more_url: "https://seisiun.example/counties/ie/clare/".into(),
        reasons: foot.reasons,
        unsubscribe_url: foot.unsubscribe_url,
        preferences_url: foot.preferences_url,
    }
}

/// A decision a moderator took after an automated flag, on our own rules.
#[must_use]
pub fn statement(language: Language) -> StatementOfReasons {
    StatementOfReasons {
        measure: said(
            language,
            "We did not publish your photo.",
            "Níor fhoilsíomar do ghrianghraf.",
        ),
        scope: said(
            language,
            "It is shown nowhere on the site, and that holds for good.",
            "Ní thaispeántar in aon áit ar an suíomh é, agus fanfaidh sé amhlaidh.",
        ),
        facts: said(
            language,
            "The photo shows a person who seems to be asleep at a table, from close by.\n\
             Nothing in what came with it says that they agreed.",
            "Taispeánann an grianghraf duine ar cosúil go bhfuil sé ina chodladh ag bord, \
             ó ghar dó.\nNí deir aon rud a tháinig leis gur thoiligh sé.",
        ),
        found_by: FoundBy::AutomatedCheck,
        decided_by: DecidedBy::Moderator,
        ground: Ground::Rules {
            rule: said(language, "4, “People in photos”.", "4, “Daoine i ngrianghraif”."),
            because: said(
                language,
                "Somebody who can be recognised, and is not playing, has to agree first.",
                "Ní mór d’aon duine is féidir a aithint, agus nach bhfuil ag seinm, toiliú ar dtús.",
            ),
        },
        redress: Redress::Appeal {
            url: "https://seisiun.example/appeal/01JQ8Z6W3N5T7V9X1B3D5F7H9K".into(),
            until: said(language, "7 July 2027", "7 Iúil 2027"),
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
fn resolved(language: Language, about: &str) -> NoticeResolved {
    NoticeResolved {
        about: about.into(),
        page_url: "https://seisiun.example/sessions/thursday-night-at-tigh-ui-she/".into(),
        broken: Some(BrokenRule {
            rule: said(language, "Consent", "Toiliú"),
            because: said(
                language,
                "Our rules ask for the consent of people who are shown or named.",
                "Iarrann ár rialacha toiliú na ndaoine a thaispeántar nó a ainmnítear.",
            ),
        }),
        note: said(
            language,
            "The person in the photo has asked us, too.\nThank you for telling us.",
            "D’iarr an duine sa ghrianghraf orainn é freisin.\nGo raibh maith agat as insint dúinn.",
        ),
        appeal_until: said(language, "7 July 2027", "7 Iúil 2027"),
        reference: REFERENCE.into(),
    }
}

fn reminder(
    language: Language,
    title: &str,
    waiting_days: u32,
    otherwise: Option<&str>,
) -> DecisionReminder {
    DecisionReminder {
        case_kind: said(language, "A photo", "Grianghraf"),
        session_title: title.into(),
        waiting_days,
        otherwise: otherwise.map(Into::into),
        case_url: "https://seisiun.example/moderation/01JQ8Z6W3N5T7V9X1B3D5F7H9K".into(),
    }
}

/// Every sample under its snapshot's name.
#[must_use]
pub fn letters(language: Language) -> Vec<(&'static str, Box<dyn Letter>)> {
    letters_about(language, "Thursday night at Tigh Uí Shé")
}

/// The same, about a session with this title.
#[must_use]
pub fn letters_about(language: Language, about: &str) -> Vec<(&'static str, Box<dyn Letter>)> {
    let status_url = || String::from("https://seisiun.example/sent/01JQ8Z6W3N5T7V9X1B3D5F7H9K");
    let title = || String::from(about);
    vec![
        ("new_session", Box::new(NewSession { session_title: title(), ..new_session(language) })),
        (
            "new_session_least",
            Box::new(NewSession {
                session_title: title(),
                town: String::new(),
                county: String::new(),
                next_dates: vec![],
                reasons: vec![said(language, "You follow this place", "Leanann tú an áit seo")],
                submitted_by: None,
                ..new_session(language)
            }),
        ),
        (
            "session_news",
            Box::new(SessionNews {
                session_title: title(),
                venue_name: "Tigh Uí Shé".into(),
                town: "Miltown Malbay".into(),
                headline: said(
                    language,
                    "It is off on Thursday 7 January.",
                    "Tá sé ar ceal Déardaoin 7 Eanáir.",
                ),
                reason: said(language, "There is a wake in the house.", "Tá tórramh sa teach."),
                next_dates: vec![said(
                    language,
                    "Thursday 14 January, 21:30",
                    "Déardaoin 14 Eanáir, 21:30",
                )],
                page_url: new_session(language).page_url,
                reasons: vec![said(
                    language,
                    "You follow this session",
                    "Leanann tú an seisiún seo",
                )],
                unsubscribe_url: new_session(language).unsubscribe_url,
                preferences_url: new_session(language).preferences_url,
            }),
        ),
        (
            "session_news_ended",
            Box::new(SessionNews {
                session_title: title(),
                venue_name: "Tigh Uí Shé".into(),
                town: String::new(),
                headline: said(language, "It is over for good.", "Tá deireadh leis."),
                reason: String::new(),
                next_dates: vec![],
                page_url: new_session(language).page_url,
                reasons: vec![said(
                    language,
                    "You follow this session",
                    "Leanann tú an seisiún seo",
                )],
                unsubscribe_url: new_session(language).unsubscribe_url,
                preferences_url: None,
            }),
        ),
        (
            "weekly_digest",
            Box::new({
                let mut digest = weekly_digest(language);
                if let Some(first) = digest.entries.first_mut() {
                    first.session_title = title();
                }
                digest
            }),
        ),
        (
            "weekly_digest_least",
            Box::new(WeeklyDigest {
                entries: weekly_digest(language)
                    .entries
                    .into_iter()
                    .take(1)
                    .map(|entry| DigestEntry { session_title: title(), ..entry })
                    .collect(),
                more: 0,
                reasons: vec![said(
                    language,
                    "You follow sessions within 20 km of a place on the map",
                    "Leanann tú seisiúin laistigh de 20 km d’áit ar an léarscáil",
                )],
                preferences_url: None,
                ..weekly_digest(language)
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
                put_right: said(language, "its name, its description", "a ainm, an cur síos air"),
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
                        label: said(language, "The first photo", "An chéad ghrianghraf"),
                        reason: said(
                            language,
                            "The file ends too early to be read.",
                            "Críochnaíonn an comhad róluath lena léamh.",
                        ),
                        statement: None,
                    },
                    LeftOutPhoto {
                        label: said(language, "The third photo", "An tríú grianghraf"),
                        reason: said(
                            language,
                            "It may show somebody who did not agree.",
                            "B’fhéidir go dtaispeánann sé duine nár thoiligh.",
                        ),
                        statement: Some(statement(language)),
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
                    reason: said(
                        language,
                        "It is larger than 24 megapixels.",
                        "Tá breis is 24 meigiphicteilín ann.",
                    ),
                    statement: None,
                }],
            )),
        ),
        ("submission_rejected", Box::new(rejected(about, Submitted::Photos, statement(language)))),
        (
            "submission_rejected_by_law_automatically",
            Box::new(rejected(
                about,
                Submitted::Review,
                StatementOfReasons {
                    measure: said(
                        language,
                        "We did not publish your review.",
                        "Níor fhoilsíomar do léirmheas.",
                    ),
                    scope: said(
                        language,
                        "It is shown nowhere on the site, and that holds for good.",
                        "Ní thaispeántar in aon áit ar an suíomh é, agus fanfaidh sé amhlaidh.",
                    ),
                    facts: said(
                        language,
                        "The text names a private person and gives their address.",
                        "Ainmníonn an téacs duine príobháideach agus tugann sé a sheoladh.",
                    ),
                    found_by: FoundBy::Notice,
                    decided_by: DecidedBy::AutomatedCheck,
                    ground: Ground::Law {
                        provision: said(
                            language,
                            "Regulation (EU) 2016/679, Article 6.",
                            "Rialachán (AE) 2016/679, Airteagal 6.",
                        ),
                        because: said(
                            language,
                            "There is no basis for publishing somebody’s address.",
                            "Níl aon bhunús le seoladh duine a fhoilsiú.",
                        ),
                    },
                    redress: statement(language).redress,
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
                        redress: Redress::Answer {
                            url: status_url(),
                            until: said(language, "7 July 2027", "7 Iúil 2027"),
                        },
                        ..statement(language)
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
                        ..statement(language)
                    },
                )
            }),
        ),
        (
            "submission_waiting",
            Box::new(SubmissionWaiting {
                submitted: Submitted::Session,
                session_title: title(),
                looked_at: vec![
                    said(language, "One of the photos", "Ceann de na grianghraif"),
                    said(language, "A session much like it", "Seisiún atá an-chosúil leis"),
                ],
                usually_takes: said(language, "a day or two", "lá nó dhó"),
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
                language,
                about,
                3,
                Some(&said(
                    language,
                    "If nobody decides by 14 March, it will not be published.",
                    "Mura gcinnfidh aon duine faoin 14 Márta, ní fhoilseofar é.",
                )),
            )),
        ),
        ("decision_reminder_first_day", Box::new(reminder(language, about, 0, None))),
        (
            "notice_received",
            Box::new(NoticeReceived {
                about: title(),
                page_url: resolved(language, "").page_url,
                reason: said(
                    language,
                    "people shown or named who did not agree",
                    "daoine nár thoiligh á dtaispeáint nó á n-ainmniú",
                ),
                usually_takes: said(language, "a day or two", "lá nó dhó"),
                reference: REFERENCE.into(),
            }),
        ),
        ("notice_resolved_goes", Box::new(resolved(language, about))),
        (
            "notice_resolved_stays",
            Box::new(NoticeResolved {
                broken: None,
                note: String::new(),
                ..resolved(language, about)
            }),
        ),
        (
            "follow_requested",
            Box::new(FollowRequested {
                followed: title(),
                confirm_url: "https://seisiun.example/api/confirm/4fJ0a2Qm8sT1xZ7bKc9d".into(),
                until: said(language, "1 December 2026", "1 Nollaig 2026"),
            }),
        ),
        (
            "still_on",
            Box::new(StillOn {
                session_title: title(),
                venue_name: "Friel's".into(),
                town: "Miltown Malbay".into(),
                vouched_on: said(language, "2 September 2026", "2 Meán Fómhair 2026"),
                answer_url: "https://seisiun.example/api/still-on/4fJ0a2Qm8sT1xZ7bKc9d".into(),
                until: said(language, "31 December 2026", "31 Nollaig 2026"),
                page_url: resolved(language, "").page_url,
                reason: said(language, "You host it", "Is tusa an t-óstach"),
            }),
        ),
    ]
}
