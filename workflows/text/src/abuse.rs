//! Words that insult or are obscene, as a signal.
//!
//! The words and the ways in which people disguise them are `rustrict`'s, which
//! is kept and knows many. It is made for chat, where a wrong alarm costs
//! little: it finds parts of words, and takes Fagan, Cooney, Kilkee and *cumann*
//! for insults. So a word counts here only where what it found is the whole of
//! it but for an ending, or is one of few roots that no name has; and `words/`
//! says what else is none. Whole texts are looked at only for threats, since
//! across the limits of Irish words it finds much that is not there.

use rustrict::{Censor, Type};
use seisiun_domain::moderation::Severity;

use crate::words::{ALLOWED, Entry, HELD, Word, fold, split};

/// Stands for a letter that the filter objects to: one that no text has, since
/// [`clean`](seisiun_domain::text::clean) takes control characters out.
const STRUCK: char = '\u{1}';

/// What may follow what the filter objects to in a word that counts as a whole.
const ENDINGS: [&str; 12] = ["", "s", "es", "d", "ed", "e", "er", "ers", "in", "ing", "y", "ty"];

/// Roots that mean one thing in whatever word they are part of, once the filter
/// has objected to it: it knows Scunthorpe.
const ROOTS: [&str; 8] = ["fuck", "shit", "cunt", "bitch", "wank", "nigg", "faggot", "whore"];

/// Single letters in a row that are read as one word; more are none.
const SPELT_LETTERS_MAX: usize = 24;

/// Characters that the filter is given at a time: what it takes grows with their
/// square for some texts.
const STRETCH_CHARS: usize = 400;
/// Characters of one stretch that are in the next, too, so that nothing hides
/// where they meet.
const OVERLAP_CHARS: usize = 60;

/// How bad the worst word of a text is; `None` if there is no bad one.
///
/// The time is linear in the text's length: some ten microseconds a character at
/// worst, half of one in prose.
#[must_use]
pub fn severity(text: &str) -> Option<Severity> {
    severity_but(text, &ALLOWED)
}

/// As [`severity`], with these excuses.
fn severity_but(text: &str, excuses: &[Entry]) -> Option<Severity> {
    let words: Vec<Word<'_>> = split(text).collect();
    let allowed = allowed(&words, excuses);
    let mut worst = held(&words).max(threat(text, &words, &allowed));
    let mut rest = words.iter().zip(&allowed).peekable();
    for token in tokens(text) {
        let inside: Vec<_> =
            std::iter::from_fn(|| rest.next_if(|(word, _)| token.holds(word))).collect();
        // What is written together with something allowed is looked at by parts,
        // the rest of it as written: "f-u-c-k" is one word.
        let found = if inside.iter().any(|(_, allowed)| **allowed) {
            let left = inside.iter().filter(|(_, allowed)| !**allowed);
            left.filter_map(|(word, _)| of_word(word.text, &ENDINGS)).max()
        } else {
            stretches(token.text).into_iter().filter_map(|part| of_word(part, &ENDINGS)).max()
        };
        worst = worst.max(found);
    }
    worst.max(spelt(text))
}

/// Which of the words an entry of the list excuses.
fn allowed(words: &[Word<'_>], excuses: &[Entry]) -> Vec<bool> {
    let mut allowed = vec![false; words.len()];
    for from in 0..words.len() {
        let rest = words.get(from..).unwrap_or_default();
        let length = excuses.iter().map(|entry| entry.matches(rest)).max().unwrap_or(0);
        allowed.iter_mut().skip(from).take(length).for_each(|word| *word = true);
    }
    allowed
}

fn held(words: &[Word<'_>]) -> Option<Severity> {
    let is_held =
        |from| words.get(from..).is_some_and(|rest| HELD.iter().any(|one| one.matches(rest) > 0));
    (0..words.len()).any(is_held).then_some(Severity::Moderate)
}

/// What is written without a space between.
struct Token<'t> {
    text: &'t str,
    from: usize,
}

impl Token<'_> {
    fn holds(&self, word: &Word<'_>) -> bool {
        (self.from..self.from + self.text.len()).contains(&word.at.start)
    }
}

fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut from = 0;
    text.split(char::is_whitespace).filter_map(move |part| {
        let token = Token { text: part, from };
        // The whitespace that ends it has some bytes; the next part says how many.
        from += part.len();
        from += text.get(from..)?.chars().next().map_or(0, char::len_utf8);
        (!part.is_empty()).then_some(token)
    })
}

/// A text in stretches that overlap, cut between words where there are any.
fn stretches(text: &str) -> Vec<&str> {
    let nth = |text: &str, n| text.char_indices().nth(n).map(|(at, _)| at);
    let cut = |text: &str, at: usize| {
        let space = text.get(..at).and_then(|head| head.rfind(char::is_whitespace));
        space.filter(|space| *space > at / 2).unwrap_or(at)
    };
    let (mut found, mut rest) = (Vec::new(), text);
    while let (Some(end), Some(next)) =
        (nth(rest, STRETCH_CHARS), nth(rest, STRETCH_CHARS - OVERLAP_CHARS))
    {
        found.extend(rest.get(..cut(rest, end)));
        rest = rest.get(cut(rest, next)..).unwrap_or_default();
    }
    found.push(rest);
    found
}

/// A text in which a reader is wished ill. What is allowed is left out, and what
/// stands around it is not read as if it were next to each other.
fn threat(text: &str, words: &[Word<'_>], allowed: &[bool]) -> Option<Severity> {
    let mut from = 0;
    let mut parts = Vec::new();
    for (word, _) in words.iter().zip(allowed).filter(|(_, allowed)| **allowed) {
        parts.push(text.get(from..word.at.start).unwrap_or_default());
        from = word.at.end;
    }
    parts.push(text.get(from..).unwrap_or_default());
    // "Kill yourself", say.
    let threat = Type::MEAN & Type::SEVERE;
    let threatens =
        |part: &str| Censor::from_str(part).with_ignore_self_censoring(true).analyze().is(threat);
    parts.into_iter().flat_map(stretches).any(threatens).then_some(Severity::Severe)
}

/// Single letters with spaces between them, read as a word.
fn spelt(text: &str) -> Option<Severity> {
    let mut worst = None;
    let mut letters = String::new();
    for token in text.split_whitespace().chain(["end"]) {
        let mut inside = token.chars().filter(|c| c.is_alphanumeric());
        match (inside.next(), inside.next()) {
            (Some(letter), None) => letters.push(letter),
            _ => {
                let count = letters.chars().count();
                if (3..=SPELT_LETTERS_MAX).contains(&count) {
                    worst = worst.max(of_word(&letters, &[""]));
                }
                letters.clear();
            }
        }
    }
    worst
}

/// How bad a word is, taken by itself.
fn of_word(word: &str, endings: &[&str]) -> Option<Severity> {
    // Figures are no words: the filter reads letters into prices and times.
    word.chars().filter(|c| c.is_alphabetic()).nth(1)?;
    let mut censor = Censor::from_str(word);
    censor
        .with_ignore_self_censoring(true)
        .with_censor_replacement(STRUCK)
        .with_censor_threshold(Type::INAPPROPRIATE)
        .with_censor_first_character_threshold(Type::ANY);
    let (struck, kind) = censor.censor_and_analyze();
    let severity = severity_of(kind)?;
    let is_whole = {
        let rest = struck.trim_matches(|c: char| !c.is_alphanumeric() && c != STRUCK);
        let ending: String =
            rest.trim_start_matches(STRUCK).chars().flat_map(char::to_lowercase).collect();
        let ending = ending.trim_start_matches(['\'', '\u{2019}']);
        rest.starts_with(STRUCK) && endings.contains(&ending)
    };
    let has_root = || {
        let folded = fold(word);
        ROOTS.iter().any(|root| folded.contains(root))
    };
    (is_whole || has_root()).then_some(severity)
}

/// The filter's judgement on our scale. What is merely rude to somebody ("ugly",
/// "loser") is left to people's own judgement of a review.
fn severity_of(kind: Type) -> Option<Severity> {
    let grave = Type::PROFANE | Type::OFFENSIVE | Type::SEXUAL;
    if kind.is((grave | Type::MEAN) & Type::SEVERE) {
        Some(Severity::Severe)
    } else if kind.is(grave & Type::MODERATE) {
        Some(Severity::Moderate)
    } else if kind.is(grave & Type::MILD) {
        Some(Severity::Mild)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is allowed for no reason only lets abuse through.
    #[test]
    fn every_excuse_is_needed_and_suffices() {
        let texts = || ALLOWED.iter().map(ToString::to_string);
        let held = |text: &str, excuses| severity_but(text, excuses) >= Some(Severity::Moderate);
        let needless: Vec<String> = texts().filter(|text| !held(text, &[])).collect();
        assert!(needless.is_empty(), "not needed: {needless:?}");
        let vain: Vec<String> = texts().filter(|text| held(text, &ALLOWED)).collect();
        assert!(vain.is_empty(), "do not suffice: {vain:?}");
    }

    #[test]
    fn what_is_held_besides_would_pass_otherwise() {
        let texts = || HELD.iter().map(ToString::to_string);
        let passes = |severity| severity < Some(Severity::Moderate);
        let needless: Vec<String> =
            texts().filter(|text| !passes(of_word(text, &ENDINGS))).collect();
        assert!(needless.is_empty(), "not needed: {needless:?}");
        let vain: Vec<String> = texts().filter(|text| passes(severity(text))).collect();
        assert!(vain.is_empty(), "do not suffice: {vain:?}");
    }

    proptest! {
        #[test]
        fn stretches_leave_nothing_out(text in "[a-zé]{0,900}|[a-z é]{0,2000}", n in 0usize..1_950) {
            let stretches = stretches(&text);
            prop_assert!(stretches.iter().all(|part| part.chars().count() <= STRETCH_CHARS));
            let looked_for: String = text.chars().skip(n).take(OVERLAP_CHARS / 2).collect();
            prop_assert!(stretches.iter().any(|part| part.contains(&looked_for)));
            prop_assert!(stretches.len() <= 1 + text.chars().count() / 100);
        }
    }
}
