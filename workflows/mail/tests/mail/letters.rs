//! Every mail whole, and what each kind owes its reader.

use std::collections::BTreeSet;
use std::path::Path;

use mailparse::MailHeaderMap;
use seisiun_mail::{
    DigestEntry, FoundBy, Language, LeftOutPhoto, Letter, Mail, MailError, MailKind, NewSession,
    Outcome, Sender, StatementOfReasons, SubmissionPublished, SubmissionRejected, Submitted,
    WeeklyDigest, limits,
    samples::{TO, letters, letters_about, new_session, sender, statement, weekly_digest},
};

/// The message as its reader gets it: raw headers, then both parts decoded.
fn whole(mime: &[u8]) -> String {
    let message = mailparse::parse_mail(mime).unwrap();
    let raw = std::str::from_utf8(mime).unwrap();
    let (headers, _) = raw.split_once("\r\n\r\n").unwrap();
    let mut out = headers.replace("\r\n", "\n");
    for part in &message.subparts {
        let body = part.get_body().unwrap().replace("\r\n", "\n");
        let kind = &part.ctype;
        out.push_str(&format!("\n\n----- {} {}\n{body}", kind.mimetype, kind.charset));
    }
    out
}

const EN: Language = Language::En;

/// Every sample in every language, under its snapshot's name.
fn every_mail() -> Vec<(String, Mail)> {
    let in_language = |language: Language| {
        let after = if language == EN { "" } else { "_ga" };
        letters(language).into_iter().map(move |(name, letter)| {
            (format!("{name}{after}"), letter.mail(TO, language, &sender()).unwrap())
        })
    };
    Language::ALL.into_iter().flat_map(in_language).collect()
}

#[test]
fn every_mail_is_as_reviewed() {
    for (name, mail) in every_mail() {
        insta::assert_snapshot!(name, whole(&mail.to_mime(&sender()).unwrap()));
    }
}

#[test]
fn no_snapshot_is_left_over() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/snapshots");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected: BTreeSet<String> =
        every_mail().iter().map(|(name, _)| format!("mail__letters__{name}.snap")).collect();
    assert_eq!(files, expected);
}

#[test]
fn every_kind_has_a_sample() {
    let kinds: BTreeSet<&str> =
        letters(EN).iter().map(|(_, l)| l.mail(TO, EN, &sender()).unwrap().kind.as_str()).collect();
    // One arm per kind: a new one does not compile until it is named here.
    let all = |kind: MailKind| match kind {
        MailKind::NewSession
        | MailKind::SubmissionReceived
        | MailKind::SubmissionPublished
        | MailKind::SubmissionRejected
        | MailKind::SubmissionWaiting
        | MailKind::SubmissionFailed
        | MailKind::SessionNews
        | MailKind::WeeklyDigest
        | MailKind::ExportReady
        | MailKind::AccountErased
        | MailKind::DecisionReminder
        | MailKind::NoticeReceived
        | MailKind::NoticeResolved
        | MailKind::FollowRequested
        | MailKind::StillOn => 15,
        // Not written here, since nobody reads it.
        MailKind::Sign => 0,
    };
    assert_eq!(kinds.len(), all(MailKind::NewSession), "{kinds:?}");
}

/// Whether it can be unsubscribed from.
fn to_followers(kind: MailKind) -> bool {
    matches!(kind, MailKind::NewSession | MailKind::SessionNews | MailKind::WeeklyDigest)
}

/// Whether it names no session, and so nothing that anybody typed.
fn is_about_an_account(kind: MailKind) -> bool {
    matches!(kind, MailKind::ExportReady | MailKind::AccountErased)
}

#[test]
fn headers_are_these_and_no_others() {
    for (name, mail) in every_mail() {
        let mime = mail.to_mime(&sender()).unwrap();
        let message = mailparse::parse_mail(&mime).unwrap();
        let keys: Vec<String> = message.headers.iter().map(|h| h.get_key()).collect();
        let mut expected = vec!["From", "To", "Reply-To", "Subject"];
        expected.extend(["Content-Language", "Auto-Submitted"]);
        if to_followers(mail.kind) {
            expected.extend(["List-Unsubscribe", "List-Unsubscribe-Post"]);
        }
        expected.extend(["MIME-Version", "Content-Type"]);
        assert_eq!(keys, expected, "{name}");

        let value = |key: &str| message.headers.get_first_value(key).unwrap_or_default();
        assert_eq!(value("From"), "Seisiún <hello@mail.seisiun.example>", "{name}");
        assert_eq!(value("To"), "<reader@example.ie>", "{name}");
        assert_eq!(value("Subject"), mail.subject, "{name}");
        assert_eq!(value("Content-Language"), mail.language.tag(), "{name}");
        assert_eq!(value("Auto-Submitted"), "auto-generated", "{name}");
    }
}

#[test]
fn one_click_unsubscribe_is_on_follower_mail_alone() {
    for (name, mail) in every_mail() {
        let mime = mail.to_mime(&sender()).unwrap();
        let headers = mailparse::parse_mail(&mime).unwrap().headers;
        let value = |key: &str| headers.get_first_value(key);
        if to_followers(mail.kind) {
            let link = new_session(EN).unsubscribe_url;
            assert_eq!(value("List-Unsubscribe"), Some(format!("<{link}>")), "{name}");
            assert_eq!(
                value("List-Unsubscribe-Post").as_deref(),
                Some("List-Unsubscribe=One-Click"),
                "{name}"
            );
            assert!(mail.html.contains(&link) && mail.text.contains(&link), "{name}");
        } else {
            assert_eq!(value("List-Unsubscribe"), None, "{name}");
            assert_eq!(value("List-Unsubscribe-Post"), None, "{name}");
            for way_out in ["Stop mails", "Cuir stop", "Choose what", "Roghnaigh"] {
                assert!(!mail.html.contains(way_out), "{name}");
            }
        }
    }
}

#[test]
fn the_same_mail_gives_the_same_bytes() {
    for ((name, one), (_, again)) in every_mail().into_iter().zip(every_mail()) {
        let bytes = |mail: Mail| mail.to_mime(&sender()).unwrap();
        assert_eq!(bytes(one), bytes(again), "{name}");
    }
}

#[test]
fn both_parts_say_the_same_links() {
    for (name, mail) in every_mail() {
        let in_html: BTreeSet<&str> = mail
            .html
            .split("href=\"")
            .skip(1)
            .map(|after| after.split_once('"').unwrap().0)
            .collect();
        let in_text: BTreeSet<&str> =
            mail.text.split_whitespace().filter(|word| word.starts_with("https://")).collect();
        assert_eq!(in_html, in_text, "{name}");
        // The site's address in the foot, and somewhere to go; but the last mail
        // only says where one could begin again.
        let links = if mail.kind == MailKind::AccountErased { 1 } else { 2 };
        assert!(in_html.len() >= links, "{name}");
    }
}

#[test]
fn every_page_is_readable_without_images_and_in_the_dark() {
    for (name, Mail { html, language, .. }) in every_mail() {
        let lang = format!("<html lang=\"{}\">", language.tag());
        for needed in [
            lang.as_str(),
            "name=\"color-scheme\" content=\"light dark\"",
            "@media (prefers-color-scheme: dark)",
            "max-width: 600px",
            "name=\"viewport\"",
        ] {
            assert!(html.contains(needed), "{name}: {needed}");
        }
        for absent in ["<img", "<script", "url(", "<link", "src="] {
            assert!(!html.contains(absent), "{name}: {absent}");
        }
        // Gmail cuts a mail at 102 KB, the way out at its foot first.
        assert!(html.len() < 20_000, "{name}: {}", html.len());
    }
}

const EVIL: &str = "</p><script>alert(1)</script>\"'&";

#[test]
fn a_title_is_text_in_every_mail() {
    for language in Language::ALL {
        for ((name, plain), (_, evil)) in
            letters(language).into_iter().zip(letters_about(language, EVIL))
        {
            let plain = plain.mail(TO, language, &sender()).unwrap();
            let evil = evil.mail(TO, language, &sender()).unwrap();
            if is_about_an_account(plain.kind) {
                continue;
            }
            let tags = |mail: &Mail| mail.html.matches(['<', '>']).count();
            assert_eq!(tags(&evil), tags(&plain), "{name}");
            assert!(evil.text.replace('\n', " ").contains(EVIL), "{name}");
            assert!(!evil.text.contains("&#"), "{name}");
            assert!(evil.subject.contains(EVIL), "{name}");
        }
    }
}

#[test]
fn what_looks_encoded_stays_as_it_was_typed() {
    for title in ["=?utf-8?Q?=0D=0ABcc:_eve@example.ie?=", "x =?utf-8?B?DQpCY2M6IGU=?= y"] {
        for language in Language::ALL {
            for (name, letter) in letters_about(language, title) {
                let mail = letter.mail(TO, language, &sender()).unwrap();
                if is_about_an_account(mail.kind) {
                    continue;
                }
                let mime = mail.to_mime(&sender()).unwrap();
                let headers = mailparse::parse_mail(&mime).unwrap().headers;
                let subject = headers.get_first_value("Subject").unwrap();
                assert_eq!(subject, mail.subject, "{name}");
                assert!(subject.contains(&title.replace("=?", "= ?")), "{name}: {subject}");
            }
        }
    }
}

#[test]
fn markup_is_shown_and_not_obeyed() {
    let evil = EVIL;
    let letter = NewSession {
        session_title: evil.into(),
        venue_name: evil.into(),
        town: evil.into(),
        county: evil.into(),
        when: evil.into(),
        next_dates: vec![evil.into()],
        reasons: vec![evil.into()],
        submitted_by: Some(evil.into()),
        ..new_session(EN)
    };
    let mail = letter.mail(TO, EN, &sender()).unwrap();
    assert!(!mail.html.contains("<script"));
    assert!(mail.html.contains("&#60;script&#62;"));
    assert!(mail.text.contains(evil));
    assert!(mail.subject.contains(evil));

    let text = || String::from(evil);
    let letter = SubmissionPublished {
        submitted: Submitted::Session,
        session_title: text(),
        page_url: "https://seisiun.example/?a=\"><script>".into(),
        put_right: text(),
        left_out: vec![LeftOutPhoto {
            label: text(),
            reason: text(),
            statement: Some(StatementOfReasons {
                measure: text(),
                scope: text(),
                facts: format!("{evil}\n{evil}"),
                ..statement(EN)
            }),
        }],
    };
    let sender = Sender { name: text(), footer: text(), ..sender() };
    let mail = letter.mail(TO, EN, &sender).unwrap();
    assert!(!mail.html.contains("<script"));
    assert!(mail.text.contains(evil));
}

#[test]
fn names_in_any_script_arrive() {
    for title in ["Seisiún na Máirte", "アイルランド音楽の夜", "Ирландская сессия 🎻", "ßøæ"]
    {
        let letter = NewSession { session_title: title.repeat(4), ..new_session(EN) };
        let sender = Sender { name: title.into(), ..sender() };
        let mail = letter.mail(TO, EN, &sender).unwrap();
        let mime = mail.to_mime(&sender).unwrap();
        let (headers, _) = std::str::from_utf8(&mime).unwrap().split_once("\r\n\r\n").unwrap();
        assert!(headers.is_ascii(), "{headers}");
        // A link cannot be folded; everything else is.
        let folded = |line: &str| line.len() <= 78 || line.starts_with("List-Unsubscribe: ");
        assert!(headers.lines().all(folded), "{headers}");

        let message = mailparse::parse_mail(&mime).unwrap();
        assert_eq!(message.headers.get_first_value("Subject").unwrap(), mail.subject);
        assert!(mail.subject.contains(&title.repeat(4)));
        let from = message.headers.get_first_value("From").unwrap();
        assert_eq!(from, format!("{title} <hello@mail.seisiun.example>"));
    }
}

#[test]
fn what_cannot_be_used_is_named_and_not_repeated() {
    let check = |result: Result<Mail, MailError>, expected: &str| {
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    let letter = || new_session(EN);
    let bad_address = "ann@example.ie\r\nBcc: eve@example.ie";
    check(letter().mail(bad_address, EN, &sender()), "to is not a usable e-mail address");
    let bad = "http://evil.example/";
    check(
        NewSession { page_url: bad.into(), ..letter() }.mail(TO, EN, &sender()),
        "page_url is not a usable https link",
    );
    check(
        NewSession { unsubscribe_url: bad.into(), ..letter() }.mail(TO, EN, &sender()),
        "unsubscribe_url is not a usable https link",
    );
    check(
        NewSession { session_title: " \r\n ".into(), ..letter() }.mail(TO, EN, &sender()),
        "session_title is empty",
    );
    let rejected = |statement| SubmissionRejected {
        outcome: Outcome::NotPublished,
        submitted: Submitted::Session,
        session_title: "The Corner House".into(),
        statement,
        reference: String::new(),
    };
    check(
        rejected(StatementOfReasons { facts: "\n".into(), ..statement(EN) }).mail(
            TO,
            EN,
            &sender(),
        ),
        "statement.facts is empty",
    );
    let photo =
        LeftOutPhoto { label: "One".into(), reason: "It is broken.".into(), statement: None };
    let published = SubmissionPublished {
        submitted: Submitted::Photos,
        session_title: "The Corner House".into(),
        page_url: "https://seisiun.example/".into(),
        left_out: vec![photo; limits::LEFT_OUT_PHOTOS_MAX + 1],
        put_right: String::new(),
    };
    check(published.mail(TO, EN, &sender()), "left_out has more than 100 entries");

    let mail = letter().mail(TO, EN, &sender()).unwrap();
    let in_mime = |sender: &Sender, mail: &Mail| mail.to_mime(sender).unwrap_err().to_string();
    let from = Sender { address: bad_address.into(), ..sender() };
    assert_eq!(in_mime(&from, &mail), "sender.address is not a usable e-mail address");
    let from = Sender { reply_to: Some(bad_address.into()), ..sender() };
    assert_eq!(in_mime(&from, &mail), "sender.reply_to is not a usable e-mail address");
    let by_hand = Mail { to: bad_address.into(), ..mail.clone() };
    assert_eq!(in_mime(&sender(), &by_hand), "to is not a usable e-mail address");
    let by_hand = Mail { subject: "\r\n".into(), ..mail };
    assert_eq!(in_mime(&sender(), &by_hand), "subject is empty");
}

#[test]
fn debug_output_holds_no_address_and_no_token() {
    let letter = new_session(EN);
    let mail = letter.mail(TO, EN, &sender()).unwrap();
    for output in [format!("{mail:?}"), format!("{letter:?}")] {
        assert!(!output.contains("reader@") && !output.contains("unsubscribe/"), "{output}");
        assert!(output.contains("Tigh Uí Shé"), "{output}");
    }
}

#[test]
fn a_statement_says_how_it_was_found_and_decided() {
    for (found_by, words) in [
        (FoundBy::AutomatedCheck, "An automated check flagged it."),
        (FoundBy::Moderator, "A moderator came upon it;"),
        (FoundBy::Notice, "Somebody sent us a notice about it;"),
    ] {
        let letter = SubmissionRejected {
            outcome: Outcome::NotPublished,
            submitted: Submitted::Session,
            session_title: "The Corner House".into(),
            statement: StatementOfReasons { found_by, ..statement(EN) },
            reference: String::new(),
        };
        let mail = letter.mail(TO, EN, &sender()).unwrap();
        assert!(mail.html.contains(words) && mail.text.contains(words), "{words}");
        assert!(mail.text.contains("A moderator, a person, took the decision."));
    }
}

#[test]
fn a_digest_says_how_many_it_leaves_out_and_names_two() {
    let entry = |n: usize| DigestEntry {
        session_title: format!("Session {n}"),
        ..weekly_digest(EN).entries.remove(0)
    };
    let digest = |entries: usize, more: usize| WeeklyDigest {
        entries: (1..=entries).map(entry).collect(),
        more,
        ..weekly_digest(EN)
    };
    let check = |entries, more, english: &str, irish: &str| {
        for (language, rest) in [(EN, english), (Language::Ga, irish)] {
            let mail = digest(entries, more).mail(TO, language, &sender()).unwrap();
            assert_eq!(mail.subject.split_once(": ").unwrap().1, rest);
        }
    };
    check(1, 0, "Session 1", "Session 1");
    check(2, 0, "Session 1 and Session 2", "Session 1 agus Session 2");
    check(3, 0, "Session 1, Session 2 and one more", "Session 1, Session 2 agus ceann amháin eile");
    check(4, 1, "Session 1, Session 2 and 3 more", "Session 1, Session 2 agus 3 cinn eile");
    check(9, 0, "Session 1, Session 2 and 7 more", "Session 1, Session 2 agus 7 gcinn eile");

    let empty = digest(0, 3).mail(TO, EN, &sender()).unwrap_err();
    assert_eq!(empty.to_string(), "entries is empty");
    let most = limits::DIGEST_ENTRIES_MAX;
    let mail = digest(most + 2, 3).mail(TO, EN, &sender()).unwrap();
    assert!(mail.text.contains(&format!("Session {most},")));
    assert!(!mail.text.contains(&format!("Session {},", most + 1)));
    assert!(mail.text.contains("See 5 more:"), "{}", mail.text);
}

#[test]
fn the_longest_digest_is_not_cut_by_a_mailbox() {
    let long = |c: &str| c.repeat(200);
    let entry = DigestEntry {
        session_title: long("&"),
        venue_name: long("é"),
        town: long("é"),
        dates: vec![weekly_digest(EN).from; 9],
        news: long("é"),
        page_url: format!("https://seisiun.example/{}", "x".repeat(100)),
    };
    let digest = WeeklyDigest { entries: vec![entry; 99], ..weekly_digest(EN) };
    for language in Language::ALL {
        let mail = digest.mail(TO, language, &sender()).unwrap();
        assert!(mail.html.len() < 102_000, "{}", mail.html.len());
    }
}

#[test]
fn a_full_title_is_whole_in_the_subject_in_every_language() {
    let title = "é".repeat(limits::TITLE_CHARS_MAX);
    for language in Language::ALL {
        for (name, letter) in letters_about(language, &title) {
            let mail = letter.mail(TO, language, &sender()).unwrap();
            // News bring words of their own; a digest names two sessions.
            let has_less = matches!(mail.kind, MailKind::SessionNews | MailKind::WeeklyDigest);
            if !is_about_an_account(mail.kind) && !has_less {
                assert!(mail.subject.contains(&title), "{name}: {}", mail.subject);
            }
        }
    }
}

#[test]
fn names_in_any_script_arrive_in_irish() {
    for (name, letter) in letters_about(Language::Ga, "アイルランド音楽の夜 🎻 Ирландия")
    {
        let mail = letter.mail(TO, Language::Ga, &sender()).unwrap();
        let mime = mail.to_mime(&sender()).unwrap();
        let message = mailparse::parse_mail(&mime).unwrap();
        assert_eq!(message.headers.get_first_value("Subject").unwrap(), mail.subject, "{name}");
    }
}
