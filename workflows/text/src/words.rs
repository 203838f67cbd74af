//! The lists in `words/`: one entry a line, the reason after `#`.

use std::sync::LazyLock;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// What the filter takes for abuse here and is none.
pub(crate) static ALLOWED: LazyLock<Vec<Entry>> =
    LazyLock::new(|| read(include_str!("../words/allowed.txt")));

/// What the filter lets pass and a person should see.
pub(crate) static HELD: LazyLock<Vec<Entry>> =
    LazyLock::new(|| read(include_str!("../words/held.txt")));

/// A word, or several in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The words, in lower case.
    words: Vec<String>,
    /// Whether it is one word that is allowed as a name alone: written with a
    /// capital, and the rest not.
    is_name: bool,
}

impl Entry {
    fn of(line: &str) -> Option<Self> {
        let entry = line.split('#').next().unwrap_or_default();
        let words: Vec<String> = split(entry).map(|word| word.text.to_lowercase()).collect();
        let is_name = words.len() == 1 && entry.chars().any(char::is_uppercase);
        (!words.is_empty()).then_some(Self { words, is_name })
    }

    /// How many of these words, from the first on, are the entry; 0 if they are
    /// not.
    pub(crate) fn matches(&self, words: &[Word<'_>]) -> usize {
        let fits = words.len() >= self.words.len()
            && self.words.iter().zip(words).all(|(entry, word)| *entry == word.lower)
            && (!self.is_name || words.first().is_some_and(Word::is_capitalised));
        if fits { self.words.len() } else { 0 }
    }
}

#[cfg(test)]
impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.words.join(" ");
        let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
        if self.is_name { write!(f, "{}{rest}", first.to_uppercase()) } else { f.write_str(&text) }
    }
}

fn read(list: &str) -> Vec<Entry> {
    list.lines().filter_map(Entry::of).collect()
}

/// A word of a text: letters and digits, with apostrophes between them.
#[derive(Debug, Clone)]
pub(crate) struct Word<'t> {
    /// As it is written, without a possessive `'s`.
    pub(crate) text: &'t str,
    /// In lower case.
    pub(crate) lower: String,
    /// Where it begins in the text, and where it ends with its possessive `'s`;
    /// bytes.
    pub(crate) at: std::ops::Range<usize>,
}

impl Word<'_> {
    fn is_capitalised(&self) -> bool {
        let mut letters = self.text.chars();
        letters.next().is_some_and(char::is_uppercase)
            && letters.all(|letter| !letter.is_uppercase())
    }
}

/// The words of a text, in order.
pub(crate) fn split(text: &str) -> impl Iterator<Item = Word<'_>> {
    let is_apostrophe = |c: char| matches!(c, '\'' | '\u{2019}');
    let mut rest = 0;
    std::iter::from_fn(move || {
        let tail = text.get(rest..)?;
        let from = rest + tail.find(char::is_alphanumeric)?;
        let tail = text.get(from..)?;
        let length = tail
            .find(|c: char| !c.is_alphanumeric() && !is_apostrophe(c) && !is_combining_mark(c))
            .unwrap_or(tail.len());
        rest = from + length;
        let whole = tail.get(..length)?.trim_end_matches(is_apostrophe);
        let word = whole
            .strip_suffix(['s', 'S'])
            .filter(|word| word.ends_with(is_apostrophe))
            .map_or(whole, |word| word.trim_end_matches(is_apostrophe));
        Some(Word { text: word, lower: word.to_lowercase(), at: from..from + whole.len() })
    })
}

/// A word without accents, in lower case.
pub(crate) fn fold(word: &str) -> String {
    word.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_split_with_their_apostrophes_and_without_a_possessive() {
        let text = "Dick’s Bar, Cock-o'-the-Walk; O'Dea's 'Fág'";
        let words: Vec<&str> = split(text).map(|word| word.text).collect();
        assert_eq!(words, ["Dick", "Bar", "Cock", "o", "the", "Walk", "O'Dea", "Fág"]);
        assert_eq!(split(text).next().unwrap().at, 0.."Dick’s".len());
        assert_eq!(fold("Fág"), "fag");
    }

    #[test]
    fn every_entry_says_why_and_stands_once() {
        for list in [include_str!("../words/allowed.txt"), include_str!("../words/held.txt")] {
            let entries: Vec<&str> =
                list.lines().filter(|line| Entry::of(line).is_some()).collect();
            let mut seen = Vec::new();
            for line in &entries {
                let (entry, why) = line.split_once('#').unwrap_or_else(|| panic!("{line}: why?"));
                assert!(!why.trim().is_empty(), "{line}: why?");
                let entry = Entry::of(entry).unwrap();
                assert!(!seen.contains(&entry), "{line}: twice");
                seen.push(entry);
            }
            assert!(!entries.is_empty());
        }
    }

    proptest! {
        #[test]
        fn words_are_where_they_say(text in "\\PC{0,60}|[a-z'’\u{301} ]{0,40}") {
            for word in split(&text) {
                let there = text.get(word.at.clone());
                prop_assert!(there.is_some_and(|there| there.starts_with(word.text)));
                prop_assert!(!word.text.is_empty());
            }
        }
    }
}
