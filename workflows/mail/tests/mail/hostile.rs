//! Whatever stands in the fields, the message has our headers, our two parts
//! and nothing else.

use mailparse::MailHeaderMap;
use proptest::prelude::*;
use seisiun_mail::{
    BrokenRule, DecisionReminder, DigestEntry, FollowRequested, Ground, Language, LeftOutPhoto,
    Letter, Mail, MailError, MailKind, NewSession, NoticeReceived, NoticeResolved, Outcome,
    Redress, Sender, StatementOfReasons, StillOn, SubmissionFailed, SubmissionPublished,
    SubmissionReceived, SubmissionRejected, SubmissionWaiting, Submitted, WeeklyDigest,
    samples::{TO, letters, sender, statement, weekly_digest},
};

/// RFC 5322, 2.1.1.
const LINE_OCTETS_MAX: usize = 998;

/// Bits that have broken mailers before, between arbitrary characters.
fn text() -> impl Strategy<Value = String> {
    let bit = prop_oneof![
        4 => any::<String>(),
        4 => "[ -~]{0,40}",
        1 => "\\PC{0,200}",
        4 => prop::sample::select(vec![
            "\r\nBcc: eve@evil.example",
            "\nBcc: eve@evil.example\n\nnew body",
            "\r\r\n\n",
            "\r\n\r\n",
            "\r\n--=_seisiun_0_\r\nContent-Type: text/html\r\n\r\n<b>",
            "--=_seisiun_0_--",
            "=?utf-8?B?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?=",
            "=?utf-8?Q?=0D=0ABcc:_a?=",
            "\u{0}", "\u{1}", "\u{2}", "\u{7f}", "\u{85}", "\u{2028}", "\u{202e}", "\u{feff}",
            "</p><script>", "\" <a@b.ie>, ", "(", "\\", "\n.\n", "{{ frame }}", "{ $link }", "{ -x }", "\u{2068}", "\u{2069}", " ", "\t", "é",
        ]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["x".repeat(3_000), "é".repeat(3_000), "字 ".repeat(900)]),
    ];
    prop::collection::vec(bit, 0..6).prop_map(|bits| bits.concat())
}

/// Mostly text that is cleaned and not refused, so that mails get built.
fn filled() -> impl Strategy<Value = String> {
    text().prop_map(|text| format!("a{text}"))
}

fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just(TO.to_owned()),
        1 => text(),
        1 => text().prop_map(|text| format!("a{text}@example.ie")),
        1 => text().prop_map(|text| format!("a@example.ie{text}")),
    ]
}

fn link() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just("https://seisiun.example/x?y=1&z=2".to_owned()),
        1 => text(),
        2 => text().prop_map(|text| format!("https://seisiun.example/{text}")),
        1 => text().prop_map(|text| format!("https://{text}/")),
    ]
}

fn any_sender() -> impl Strategy<Value = Sender> {
    (filled(), address(), prop::option::of(address()), text(), link()).prop_map(
        |(name, address, reply_to, footer, site_url)| Sender {
            name,
            address,
            reply_to,
            footer,
            site_url,
        },
    )
}

fn any_statement() -> impl Strategy<Value = StatementOfReasons> {
    (filled(), filled(), filled(), filled(), filled(), link(), filled(), any::<bool>()).prop_map(
        |(measure, scope, facts, rule, because, appeal_url, appeal_until, law)| {
            StatementOfReasons {
                measure,
                scope,
                facts,
                ground: if law {
                    Ground::Law { provision: rule, because }
                } else {
                    Ground::Rules { rule, because }
                },
                redress: Redress::Appeal { url: appeal_url, until: appeal_until },
                ..statement(Language::En)
            }
        },
    )
}

fn any_letter() -> impl Strategy<Value = Box<dyn Letter>> {
    let new_session = (
        (filled(), filled(), text(), text(), filled()),
        (prop::collection::vec(text(), 0..9), link(), prop::collection::vec(text(), 0..7)),
        (prop::option::of(text()), link(), prop::option::of(link())),
    )
        .prop_map(
            |(
                words,
                (next_dates, page_url, reasons),
                (submitted_by, unsubscribe_url, preferences_url),
            )| {
                let (session_title, venue_name, town, county, when) = words;
                let letter: Box<dyn Letter> = Box::new(NewSession {
                    session_title,
                    venue_name,
                    town,
                    county,
                    when,
                    next_dates,
                    page_url,
                    reasons,
                    submitted_by,
                    unsubscribe_url,
                    preferences_url,
                });
                letter
            },
        );
    let left_out = (filled(), filled(), prop::option::of(any_statement()))
        .prop_map(|(label, reason, statement)| LeftOutPhoto { label, reason, statement });
    let others = (
        0..10_u8,
        (filled(), text(), link(), filled(), any::<u32>()),
        prop::collection::vec(text(), 0..7),
        any_statement(),
        prop::collection::vec(left_out, 0..3),
    )
        .prop_map(
            |(which, (session_title, reference, url, phrase, days), list, statement, left)| {
                let submitted = Submitted::Photos;
                let letter: Box<dyn Letter> = match which {
                    0 => Box::new(SubmissionReceived {
                        submitted,
                        session_title,
                        status_url: url,
                        reference,
                    }),
                    1 => Box::new(SubmissionPublished {
                        submitted,
                        session_title,
                        page_url: url,
                        left_out: left,
                        put_right: reference,
                    }),
                    2 => Box::new(SubmissionRejected {
                        outcome: Outcome::NotPublished,
                        submitted,
                        session_title,
                        statement,
                        reference,
                    }),
                    3 => Box::new(SubmissionWaiting {
                        submitted,
                        session_title,
                        looked_at: list,
                        usually_takes: phrase,
                        status_url: url,
                    }),
                    4 => Box::new(SubmissionFailed {
                        submitted,
                        session_title,
                        status_url: url,
                        reference,
                    }),
                    5 => Box::new(NoticeReceived {
                        about: session_title,
                        page_url: url,
                        reason: phrase.clone(),
                        usually_takes: phrase.clone(),
                        reference: phrase,
                    }),
                    6 => Box::new(NoticeResolved {
                        about: session_title,
                        page_url: url,
                        broken: (days % 2 == 0)
                            .then(|| BrokenRule { rule: phrase.clone(), because: phrase.clone() }),
                        note: reference,
                        appeal_until: phrase.clone(),
                        reference: phrase,
                    }),
                    8 => Box::new(StillOn {
                        session_title,
                        venue_name: phrase.clone(),
                        town: reference,
                        vouched_on: phrase.clone(),
                        answer_url: url.clone(),
                        until: phrase.clone(),
                        page_url: url,
                        reason: phrase,
                    }),
                    7 => Box::new(FollowRequested {
                        followed: session_title,
                        confirm_url: url,
                        until: phrase,
                    }),
                    _ => Box::new(DecisionReminder {
                        case_kind: phrase,
                        session_title,
                        waiting_days: days,
                        otherwise: Some(reference),
                        case_url: url,
                    }),
                };
                letter
            },
        );
    let entry = (filled(), filled(), text(), prop::collection::vec(text(), 0..9), text(), link())
        .prop_map(|(session_title, venue_name, town, dates, news, page_url)| DigestEntry {
            session_title,
            venue_name,
            town,
            dates,
            news,
            page_url,
        });
    let digest = (
        (filled(), filled(), any::<usize>(), link(), link()),
        prop::collection::vec(entry, 1..5),
        prop::collection::vec(text(), 0..7),
    )
        .prop_map(|((from, until, more, more_url, unsubscribe_url), entries, reasons)| {
            let letter: Box<dyn Letter> = Box::new(WeeklyDigest {
                from,
                until,
                entries,
                more,
                more_url,
                reasons,
                unsubscribe_url,
                ..weekly_digest(Language::En)
            });
            letter
        });
    prop_oneof![1 => new_session, 2 => others, 1 => digest]
}

fn language() -> impl Strategy<Value = Language> {
    prop::sample::select(Language::ALL.to_vec())
}

/// Holds the message to what the mail and the sender say, octet by octet.
fn check(mime: &[u8], mail: &Mail, sender: &Sender) {
    let raw = std::str::from_utf8(mime).unwrap();
    assert!(raw.is_ascii());
    assert!(!raw.contains('\0'));
    let without_crlf = raw.replace("\r\n", "");
    assert!(!without_crlf.contains(['\r', '\n']), "a bare CR or LF");
    assert!(raw.split("\r\n").all(|line| line.len() <= LINE_OCTETS_MAX), "a long line");

    let message = mailparse::parse_mail(mime).unwrap();
    let keys: Vec<String> = message.headers.iter().map(|header| header.get_key()).collect();
    let mut expected = vec!["From", "To"];
    if sender.reply_to.is_some() {
        expected.push("Reply-To");
    }
    expected.extend(["Subject", "Content-Language", "Auto-Submitted"]);
    if mail.list_unsubscribe.is_some() {
        expected.extend(["List-Unsubscribe", "List-Unsubscribe-Post"]);
    }
    expected.extend(["MIME-Version", "Content-Type"]);
    assert_eq!(keys, expected);

    let one = |key: &str| {
        let header = message.headers.get_first_header(key).unwrap();
        mailparse::addrparse_header(header).unwrap().extract_single_info().unwrap().addr
    };
    for (key, address) in [("To", &mail.to), ("From", &sender.address)] {
        let (local, domain) = address.rsplit_once('@').unwrap();
        let (found_local, found_domain) = one(key).rsplit_once('@').map(owned).unwrap();
        assert_eq!(found_local, local);
        // Domains come out in lower-case ASCII.
        assert!(!domain.is_ascii() || found_domain == domain.to_lowercase(), "{found_domain}");
    }

    let kinds: Vec<&str> =
        message.subparts.iter().map(|part| part.ctype.mimetype.as_str()).collect();
    assert_eq!(kinds, ["text/plain", "text/html"]);
    for part in &message.subparts {
        assert!(part.subparts.is_empty());
        let keys: Vec<String> = part.headers.iter().map(|header| header.get_key()).collect();
        assert_eq!(keys, ["Content-Type", "Content-Transfer-Encoding"]);
        assert_eq!(part.ctype.charset, "utf-8");
    }
}

fn owned((left, right): (&str, &str)) -> (String, String) {
    (left.to_owned(), right.to_owned())
}

fn part(mime: &[u8], number: usize) -> String {
    let message = mailparse::parse_mail(mime).unwrap();
    message.subparts[number].get_body().unwrap().replace("\r\n", "\n")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_letter_full_of_anything_is_refused_or_sound(
        letter in any_letter(), language in language(), to in address(), sender in any_sender()
    ) {
        let made = letter.mail(&to, language, &sender).and_then(|mail| Ok((mail.to_mime(&sender)?, mail)));
        match made {
            Ok((mime, mail)) => {
                check(&mime, &mail, &sender);
                let message = mailparse::parse_mail(&mime).unwrap();
                prop_assert_eq!(message.headers.get_first_value("Subject").unwrap(), &*mail.subject);
                prop_assert_eq!(part(&mime, 0), &*mail.text);
                prop_assert_eq!(part(&mime, 1), &*mail.html);
                prop_assert!(!mail.html.contains("<script"));
                let bidi = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
                let control = |c: char| c != '\n' && (c.is_control() || bidi(c));
                prop_assert!(!mail.html.contains(control) && !mail.text.contains(control));
                prop_assert!(!mail.subject.contains(control) && !mail.subject.contains('\n'));
                // Every link begins where ours do, and ends.
                prop_assert_eq!(mail.html.matches("<a ").count(), mail.html.matches("</a>").count());
                prop_assert!(mail.text.lines().all(|line| line.len() <= LINE_OCTETS_MAX));
            }
            // All that a letter's text needs is not to be empty, which it isn't here.
            Err(error) => prop_assert!(
                matches!(error, MailError::Address { .. } | MailError::Link { .. }), "{}", error
            ),
        }
    }

    #[test]
    fn a_mail_put_together_by_hand_is_refused_or_sound(
        to in address(), subject in filled(), html in text(), text in text(),
        list_unsubscribe in prop::option::of(link()), language in language(),
        sender in any_sender()
    ) {
        let kind = MailKind::NewSession;
        let mail = Mail { to, subject, language, html, text, list_unsubscribe, kind };
        if let Ok(mime) = mail.to_mime(&sender) {
            check(&mime, &mail, &sender);
        }
    }

    #[test]
    fn any_words_at_all_are_taken(title in filled(), name in filled()) {
        let sender = Sender { name, ..sender() };
        for language in Language::ALL {
            for (_, letter) in letters(language) {
                letter.mail(TO, language, &sender).unwrap().to_mime(&sender).unwrap();
            }
        }
        let letter = SubmissionReceived {
            submitted: Submitted::Session,
            session_title: title,
            status_url: "https://seisiun.example/".into(),
            reference: String::new(),
        };
        let mail = letter.mail(TO, Language::Ga, &sender).unwrap();
        check(&mail.to_mime(&sender).unwrap(), &mail, &sender);
    }
}
