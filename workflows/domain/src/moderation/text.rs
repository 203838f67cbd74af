//! What can be told of a text without a list of words.

use serde::{Deserialize, Serialize};

use super::{Judgement, Policy, Recent, Tier};

/// Something in a text that is a reason to look at it, and no proof of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// The address of a page.
    LinkInText,
    /// A link in the field that is for links.
    LinkListed,
    /// An e-mail address.
    EmailInText,
    /// What could be a telephone number.
    PhoneInText,
    /// Angle brackets, as of HTML.
    MarkupInText,
    /// A paragraph in capitals.
    Shouting,
    /// One character many times over.
    RepeatedCharacters,
    /// A word that insults, or that is obscene. Not found here: it takes a list
    /// of words, which `seisiun-text` has.
    AbuseInText,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::LinkInText,
        Self::LinkListed,
        Self::EmailInText,
        Self::PhoneInText,
        Self::MarkupInText,
        Self::Shouting,
        Self::RepeatedCharacters,
        Self::AbuseInText,
    ];

    /// The ground that it gives a case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LinkInText => "link_in_text",
            Self::LinkListed => "link_listed",
            Self::EmailInText => "email_in_text",
            Self::PhoneInText => "phone_in_text",
            Self::MarkupInText => "markup_in_text",
            Self::Shouting => "shouting",
            Self::RepeatedCharacters => "repeated_characters",
            Self::AbuseInText => "abuse_in_text",
        }
    }
}

/// How bad a word is. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Said in every pub.
    Mild,
    /// Not said to a stranger.
    Moderate,
    /// Said to hurt.
    Severe,
}

/// From where on something in a text is a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextRules {
    /// Letters that a text has before capitals mean anything: a short name is
    /// often in capitals, and a shouted paragraph is no name.
    pub shouting_letters_from: u32,
    /// More capitals than this among them, in percent, are shouting.
    pub shouting_percent_above: u32,
    /// The same character so often in a row.
    pub repeated_characters_from: u32,
    /// Digits with nothing but a telephone number's punctuation between them: a
    /// range of years, a time or the number of a house has fewer.
    pub phone_digits_from: u32,
    /// How bad a word must be.
    pub abuse_from: Severity,
    /// How much two texts must share to count as nearly the same, in percent.
    pub similar_percent_from: u32,
    /// Letters and digits that a text needs before it can be nearly the same as
    /// another: many say "Great session, friendly crowd", each for themselves.
    pub similar_characters_from: u32,
}

/// What applies.
pub(super) const TEXT_RULES: TextRules = TextRules {
    shouting_letters_from: 40,
    shouting_percent_above: 70,
    repeated_characters_from: 12,
    phone_digits_from: 9,
    abuse_from: Severity::Moderate,
    similar_percent_from: 70,
    similar_characters_from: 60,
};

/// What is found in texts without a list of words, each signal once, in the
/// order in which they were found.
#[must_use]
pub fn signals(texts: &[&str], rules: &TextRules) -> Vec<Signal> {
    let mut found = Vec::new();
    for text in texts {
        let lower = text.to_lowercase();
        let has_link = ["http://", "https://", "www."].iter().any(|start| lower.contains(start));
        for (holds, signal) in [
            (has_link, Signal::LinkInText),
            (text.split_whitespace().any(is_address), Signal::EmailInText),
            (has_phone_number(text, rules.phone_digits_from), Signal::PhoneInText),
            (text.contains('<') && text.contains('>'), Signal::MarkupInText),
            (is_shouted(text, rules), Signal::Shouting),
            (has_run(text, rules.repeated_characters_from), Signal::RepeatedCharacters),
        ] {
            if holds && !found.contains(&signal) {
                found.push(signal);
            }
        }
    }
    found
}

/// Judges what was typed as of somebody of whom nothing is known, without a list
/// of words. Signals, not proof: each sends the text to a person.
#[must_use]
pub fn judge_text(texts: &[&str]) -> Judgement {
    let policy = Policy::CURRENT;
    policy.judge_sent(&signals(texts, &policy.text), Tier::New, &Recent::default())
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
}

fn has_phone_number(text: &str, digits_from: u32) -> bool {
    let mut digits = 0u32;
    for c in text.chars() {
        match c {
            '0'..='9' => digits = digits.saturating_add(1),
            ' ' | '-' | '(' | ')' | '+' | '/' | '.' => {}
            _ => digits = 0,
        }
        if digits >= digits_from {
            return true;
        }
    }
    false
}

fn is_shouted(text: &str, rules: &TextRules) -> bool {
    let count = |is: fn(char) -> bool| {
        u64::try_from(text.chars().filter(|c| is(*c)).count()).unwrap_or(u64::MAX)
    };
    let (letters, capitals) = (count(char::is_alphabetic), count(char::is_uppercase));
    letters >= u64::from(rules.shouting_letters_from)
        && capitals.saturating_mul(100)
            > letters.saturating_mul(u64::from(rules.shouting_percent_above))
}

fn has_run(text: &str, length: u32) -> bool {
    let (mut last, mut run) = (None, 0u32);
    text.chars().any(|c| {
        run = if last == Some(c) { run.saturating_add(1) } else { 1 };
        last = Some(c);
        run >= length && !c.is_whitespace()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moderation::Verdict;

    #[test]
    fn texts_with_signals_go_to_a_person_and_names_do_not() {
        for (text, expected) in [
            ("Lovely night, tunes till two.", None),
            ("Tigh Choilí, Sráid an Mhainéir 12, 21:30–24:00 since 1998-2026", None),
            ("SLÓGADH", None),
            ("come to www.example.com", Some("link_in_text")),
            ("write to me@example.com", Some("email_in_text")),
            ("ring 087 555 01 234", Some("phone_in_text")),
            ("<b>hi</b>", Some("markup_in_text")),
            ("THIS IS THE VERY BEST SESSION IN THE WHOLE WIDE WORLD", Some("shouting")),
            ("yeeeeeeeeeeeeeeow", Some("repeated_characters")),
        ] {
            let judgement = judge_text(&[text]);
            assert_eq!(judgement.grounds.first().map(String::as_str), expected, "{text}");
            assert_eq!(judgement.verdict == Verdict::Publish, expected.is_none());
        }
    }
}
