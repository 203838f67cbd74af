//! What another parser, which shares no code with ours, reads in every mail.

use std::io::Write as _;
use std::process::{Command, Stdio};

use seisiun_mail::{
    Language, Mail, Sender,
    samples::{TO, letters, letters_about, sender},
};
use serde_json::{Value, json};

/// Reads messages, each after a line with its length, with the parser of Python's
/// standard library.
const READ: &str = "
import email, email.policy, json, sys
answers = []
while length := sys.stdin.buffer.readline():
    raw = sys.stdin.buffer.read(int(length))
    m = email.message_from_bytes(raw, policy=email.policy.default)
    part = lambda kind: m.get_body((kind,)).get_content()
    addresses = lambda key: [[a.display_name, a.addr_spec] for a in m[key].addresses]
    answers.append({
        'names': m.keys(),
        'headers': {k: str(v) for k, v in m.items()},
        'addresses': {k: addresses(k) for k in ('From', 'To', 'Reply-To') if k in m},
        'kind': m.get_content_type(),
        'parts': [[p.get_content_type(), p.get_content_charset(), p.get_content_disposition()]
                  for p in m.iter_parts()],
        'text': part('plain'),
        'html': part('html'),
        'defects': [repr(d) for p in m.walk() for d in p.defects]
            + [repr(d) for p in m.walk() for v in p.values() for d in v.defects],
    })
print(json.dumps(answers))";

fn read_with_python(messages: &[Vec<u8>]) -> Vec<Value> {
    let mut python = Command::new("python3")
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3, which the local engine needs too");
    let mut input = python.stdin.take().unwrap();
    for message in messages {
        writeln!(input, "{}", message.len()).unwrap();
        input.write_all(message).unwrap();
    }
    drop(input);
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Holds Python's reading of every mail to what it says itself.
fn check(mails: &[(String, Mail)], sender: &Sender) {
    let messages: Vec<_> = mails.iter().map(|(_, mail)| mail.to_mime(sender).unwrap()).collect();
    let read = read_with_python(&messages);
    assert_eq!(read.len(), mails.len());
    for ((name, mail), read) in mails.iter().zip(read) {
        let mut names = vec!["From", "To"];
        names.extend(sender.reply_to.as_ref().map(|_| "Reply-To"));
        names.extend(["Subject", "Content-Language", "Auto-Submitted"]);
        if mail.list_unsubscribe.is_some() {
            names.extend(["List-Unsubscribe", "List-Unsubscribe-Post"]);
        }
        names.extend(["MIME-Version", "Content-Type"]);
        assert_eq!(read["names"], json!(names), "{name}");

        let mut addresses = json!({
            "From": [[sender.name, sender.address]],
            "To": [["", mail.to]],
        });
        if let Some(reply_to) = &sender.reply_to {
            addresses["Reply-To"] = json!([["", reply_to]]);
        }
        assert_eq!(read["addresses"], addresses, "{name}");

        let header = |key: &str| read["headers"][key].as_str();
        assert_eq!(header("Subject"), Some(mail.subject.as_str()), "{name}");
        assert_eq!(header("Content-Language"), Some(mail.language.tag()), "{name}");
        assert_eq!(header("Auto-Submitted"), Some("auto-generated"), "{name}");
        assert_eq!(header("MIME-Version"), Some("1.0"), "{name}");
        let link = mail.list_unsubscribe.as_ref().map(|link| format!("<{link}>"));
        assert_eq!(header("List-Unsubscribe"), link.as_deref(), "{name}");
        let post = link.map(|_| "List-Unsubscribe=One-Click");
        assert_eq!(header("List-Unsubscribe-Post"), post, "{name}");
        let parts = [("text/plain", "utf-8"), ("text/html", "utf-8")];
        assert_eq!(read["kind"], "multipart/alternative", "{name}");
        assert_eq!(read["parts"], json!(parts.map(|(kind, set)| json!([kind, set, null]))));

        // In a message lines end as RFC 5322 wants it, and the builder ends each part.
        let body =
            |key: &str| read[key].as_str().unwrap().replace("\r\n", "\n").trim_end().to_owned();
        assert_eq!(body("text"), mail.text.trim_end(), "{name}");
        assert_eq!(body("html"), mail.html.trim_end(), "{name}");
        assert_eq!(read["defects"], json!([]), "{name}");
    }
}

#[test]
fn another_parser_reads_every_mail_as_it_is_meant() {
    let mut mails = Vec::new();
    for language in Language::ALL {
        for (name, letter) in letters(language) {
            mails.push((name.to_owned(), letter.mail(TO, language, &sender()).unwrap()));
        }
    }
    assert!(mails.len() > 50);
    check(&mails, &sender());
}

#[test]
fn another_parser_reads_titles_of_every_kind() {
    let sender = Sender { reply_to: None, name: "Séamus, “Ó” Example".into(), ..sender() };
    let long = "Seisiún an tSathairn 🎻 ".repeat(9);
    let mut mails = Vec::new();
    for title in [
        "Ирландская сессия 🎻, アイルランド音楽の夜",
        "a\r\nBcc: eve@evil.example\r\n\r\n<b>",
        "=?utf-8?B?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?=",
        "\u{202e}evil \u{2068}é\u{2069}, \"x\" <a@b.ie>; (c)",
        long.as_str(),
    ] {
        for language in Language::ALL {
            for (name, letter) in letters_about(language, title) {
                mails
                    .push((format!("{name} {title}"), letter.mail(TO, language, &sender).unwrap()));
            }
        }
    }
    check(&mails, &sender);
}
