//! Every mail whole, and what each kind owes its reader.

use std::collections::BTreeSet;
use std::path::Path;

use crate::samples::{TO, letters, letters_about, new_session, sender, statement};
use mailparse::MailHeaderMap;
use seisiun_mail::{
    FoundBy, LeftOutPhoto, Letter, Mail, MailError, MailKind, NewSession, Outcome, Sender,
    StatementOfReasons, SubmissionPublished, SubmissionRejected, Submitted, limits,
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

#[test]
fn every_mail_is_as_reviewed() {
    for (name, letter) in letters() {
        let mail = letter.mail(TO, &sender()).unwrap();
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
        letters().iter().map(|(name, _)| format!("mail__letters__{name}.snap")).collect();
    assert_eq!(files, expected);
}

#[test]
fn every_kind_has_a_sample() {
    let kinds: BTreeSet<&str> =
        letters().iter().map(|(_, l)| l.mail(TO, &sender()).unwrap().kind.as_str()).collect();
    // One arm per kind: a new one does not compile until it is named here.
    let all = |kind: MailKind| match kind {
        MailKind::NewSession
        | MailKind::SubmissionReceived
        | MailKind::SubmissionPublished
        | MailKind::SubmissionRejected
        | MailKind::SubmissionWaiting
        | MailKind::SubmissionFailed
        | MailKind::SessionNews
        | MailKind::ExportReady
        | MailKind::AccountErased
        | MailKind::DecisionReminder
        | MailKind::NoticeReceived
        | MailKind::NoticeResolved
        | MailKind::FollowRequested
        | MailKind::StillOn => 14,
    };
    assert_eq!(kinds.len(), all(MailKind::NewSession), "{kinds:?}");
}

/// Whether it can be unsubscribed from.
fn to_followers(kind: MailKind) -> bool {
    matches!(kind, MailKind::NewSession | MailKind::SessionNews)
}

/// Whether it names no session, and so nothing that anybody typed.
fn is_about_an_account(kind: MailKind) -> bool {
    matches!(kind, MailKind::ExportReady | MailKind::AccountErased)
}

#[test]
fn headers_are_these_and_no_others() {
    for (name, letter) in letters() {
        let mail = letter.mail(TO, &sender()).unwrap();
        let mime = mail.to_mime(&sender()).unwrap();
        let message = mailparse::parse_mail(&mime).unwrap();
        let keys: Vec<String> = message.headers.iter().map(|h| h.get_key()).collect();
        let mut expected = vec!["From", "To", "Reply-To", "Subject", "Auto-Submitted"];
        if to_followers(mail.kind) {
            expected.extend(["List-Unsubscribe", "List-Unsubscribe-Post"]);
        }
        expected.extend(["MIME-Version", "Content-Type"]);
        assert_eq!(keys, expected, "{name}");

        let value = |key: &str| message.headers.get_first_value(key).unwrap_or_default();
        assert_eq!(value("From"), "Seisiún <hello@mail.seisiun.example>", "{name}");
        assert_eq!(value("To"), "<reader@example.ie>", "{name}");
        assert_eq!(value("Subject"), mail.subject, "{name}");
        assert_eq!(value("Auto-Submitted"), "auto-generated", "{name}");
    }
}

#[test]
fn one_click_unsubscribe_is_on_follower_mail_alone() {
    for (name, letter) in letters() {
        let mail = letter.mail(TO, &sender()).unwrap();
        let mime = mail.to_mime(&sender()).unwrap();
        let headers = mailparse::parse_mail(&mime).unwrap().headers;
        let value = |key: &str| headers.get_first_value(key);
        if to_followers(mail.kind) {
            let link = new_session().unsubscribe_url;
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
            assert!(!mail.html.contains("Stop mails"), "{name}");
        }
    }
}

#[test]
fn the_same_mail_gives_the_same_bytes() {
    for (name, letter) in letters() {
        let bytes = || letter.mail(TO, &sender()).unwrap().to_mime(&sender()).unwrap();
        assert_eq!(bytes(), bytes(), "{name}");
    }
}

#[test]
fn both_parts_say_the_same_links() {
    for (name, letter) in letters() {
        let mail = letter.mail(TO, &sender()).unwrap();
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
    for (name, letter) in letters() {
        let html = letter.mail(TO, &sender()).unwrap().html;
        for needed in [
            "<html lang=\"en-IE\">",
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
    for ((name, plain), (_, evil)) in letters().into_iter().zip(letters_about(EVIL)) {
        let plain = plain.mail(TO, &sender()).unwrap();
        let evil = evil.mail(TO, &sender()).unwrap();
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

#[test]
fn what_looks_encoded_stays_as_it_was_typed() {
    for title in ["=?utf-8?Q?=0D=0ABcc:_eve@example.ie?=", "x =?utf-8?B?DQpCY2M6IGU=?= y"] {
        for (name, letter) in letters_about(title) {
            let mail = letter.mail(TO, &sender()).unwrap();
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
        ..new_session()
    };
    let mail = letter.mail(TO, &sender()).unwrap();
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
                ..statement()
            }),
        }],
    };
    let sender = Sender { name: text(), footer: text(), ..sender() };
    let mail = letter.mail(TO, &sender).unwrap();
    assert!(!mail.html.contains("<script"));
    assert!(mail.text.contains(evil));
}

#[test]
fn names_in_any_script_arrive() {
    for title in ["Seisiún na Máirte", "アイルランド音楽の夜", "Ирландская сессия 🎻", "ßøæ"]
    {
        let letter = NewSession { session_title: title.repeat(4), ..new_session() };
        let sender = Sender { name: title.into(), ..sender() };
        let mail = letter.mail(TO, &sender).unwrap();
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
    let letter = new_session;
    let bad_address = "ann@example.ie\r\nBcc: eve@example.ie";
    check(letter().mail(bad_address, &sender()), "to is not a usable e-mail address");
    let bad = "http://evil.example/";
    check(
        NewSession { page_url: bad.into(), ..letter() }.mail(TO, &sender()),
        "page_url is not a usable https link",
    );
    check(
        NewSession { unsubscribe_url: bad.into(), ..letter() }.mail(TO, &sender()),
        "unsubscribe_url is not a usable https link",
    );
    check(
        NewSession { session_title: " \r\n ".into(), ..letter() }.mail(TO, &sender()),
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
        rejected(StatementOfReasons { facts: "\n".into(), ..statement() }).mail(TO, &sender()),
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
    check(published.mail(TO, &sender()), "left_out has more than 100 entries");

    let mail = letter().mail(TO, &sender()).unwrap();
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
    let letter = new_session();
    let mail = letter.mail(TO, &sender()).unwrap();
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
            statement: StatementOfReasons { found_by, ..statement() },
            reference: String::new(),
        };
        let mail = letter.mail(TO, &sender()).unwrap();
        assert!(mail.html.contains(words) && mail.text.contains(words), "{words}");
        assert!(mail.text.contains("A moderator, a person, took the decision."));
    }
}
