//! The words of both languages: the same messages, with the same arguments, each
//! of them said somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use regex::Regex;
use seisiun_mail::{
    Language,
    samples::{TO, letters, sender},
};

const ENGLISH: &str = include_str!("../../words/en.ftl");
const IRISH: &str = include_str!("../../words/ga.ftl");

/// What a message needs, itself or by the messages in it.
#[derive(Debug, Default, Clone, PartialEq)]
struct Needs {
    arguments: BTreeSet<String>,
    messages: BTreeSet<String>,
}

impl Needs {
    fn pattern(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { .. } => {}
                PatternElement::Placeable { expression } => self.expression(expression),
            }
        }
    }

    fn expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                for variant in variants {
                    self.pattern(&variant.value);
                }
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.arguments.insert(id.name.to_owned());
            }
            InlineExpression::MessageReference { id, attribute: None } => {
                self.messages.insert(id.name.to_owned());
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            other => panic!("the words know no {other:?}"),
        }
    }
}

fn messages(file: &str) -> BTreeMap<String, Needs> {
    let resource = fluent_syntax::parser::parse(file).expect("a Fluent file");
    let mut messages = BTreeMap::new();
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                let mut needs = Needs::default();
                needs.pattern(message.value.as_ref().expect("a message that says something"));
                let twice = messages.insert(message.id.name.to_owned(), needs);
                assert!(twice.is_none(), "{} is there twice", message.id.name);
            }
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            other => panic!("neither message nor comment: {other:?}"),
        }
    }
    messages
}

/// A message's arguments with those of the messages in it.
fn arguments(messages: &BTreeMap<String, Needs>, name: &str) -> BTreeSet<String> {
    let needs = messages.get(name).unwrap_or_else(|| panic!("there is no {name}"));
    let mut all = needs.arguments.clone();
    for other in &needs.messages {
        all.extend(arguments(messages, other));
    }
    all
}

#[test]
fn both_languages_say_the_same_messages_with_the_same_arguments() {
    let (english, irish) = (messages(ENGLISH), messages(IRISH));
    assert!(english.len() > 80);
    let names =
        |messages: &BTreeMap<String, Needs>| -> Vec<String> { messages.keys().cloned().collect() };
    assert_eq!(names(&english), names(&irish));
    for name in english.keys() {
        assert_eq!(arguments(&english, name), arguments(&irish, name), "{name}");
    }
}

#[test]
fn every_message_is_said_and_every_one_that_is_said_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut said = BTreeSet::new();
    let call = Regex::new(r#"\.(?:say\(|linked\([^"]*)"([a-z0-9-]+)"\)"#).unwrap();
    for folder in ["templates", "src", "src/letters"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() || path.ends_with("words.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            said.extend(call.captures_iter(&text).map(|found| found[1].to_owned()));
        }
    }
    for file in [ENGLISH, IRISH] {
        let messages = messages(file);
        let within = messages.values().flat_map(|needs| needs.messages.iter().cloned());
        let used: BTreeSet<String> = said.iter().cloned().chain(within).collect();
        let there: BTreeSet<String> = messages.keys().cloned().collect();
        assert_eq!(used, there);
    }
}

#[test]
fn no_english_is_left_in_an_irish_mail() {
    let english =
        Regex::new(r"\b(the|you|You|your|Your|we|We|was|has|who|with|of|to|it|mails?|photos?)\b")
            .unwrap();
    for (name, letter) in letters(Language::Ga) {
        let mail = letter.mail(TO, Language::Ga, &sender()).unwrap();
        let (css, words) = mail.html.split_once("</style>").unwrap();
        assert!(css.contains(&mail.subject.replace('&', "&#38;")), "{name}");
        // Addresses and file names are not words.
        for text in [words, mail.text.as_str(), mail.subject.as_str()] {
            let text: Vec<_> =
                text.split_whitespace().filter(|word| !word.contains(['.', '='])).collect();
            let text = text.join(" ");
            assert!(!english.is_match(&text), "{name}: {text}");
        }
    }
}

#[test]
fn words_are_translated_and_plain() {
    let sentences = |file: &str| -> BTreeMap<String, String> {
        let messages = file.split("\n\n").flat_map(|part| part.split('\n'));
        let one = |line: &str| line.split_once(" = ").map(|(a, b)| (a.to_owned(), b.to_owned()));
        messages.filter_map(one).collect()
    };
    let (english, irish) = (sentences(ENGLISH), sentences(IRISH));
    for (name, said) in &english {
        let starts_select = said.ends_with("->");
        assert!(starts_select || said != &irish[name], "{name} is not translated");
    }
    for file in [ENGLISH, IRISH] {
        assert!(!file.contains(['<', '>', '\u{a0}', '\'', '\t']) || file.contains("->"));
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            assert!(!line.replace("->", "").contains(['<', '>', '\'', '\t', '&']), "{line}");
            assert!(!line.trim().contains("  "), "{line}");
        }
    }
}
