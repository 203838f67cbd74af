//! Cleaning and checking the text that members type.

use unicode_normalization::UnicodeNormalization;

use crate::problem::Problems;

/// Text as it is kept: NFC, line ends as `\n`, without control characters and
/// without the invisible marks that reorder or hide what a reader sees.
#[must_use]
pub fn clean(text: &str) -> String {
    let hidden = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200B}' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    };
    text.replace("\r\n", "\n")
        .replace('\t', " ")
        .nfc()
        .filter(|c| !hidden(*c))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// One line of text: also without line breaks.
#[must_use]
pub fn clean_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A required line of at most `chars_max` characters.
pub fn line(text: &str, field: &str, chars_max: usize, problems: &mut Problems) -> String {
    let cleaned = clean_line(text);
    if cleaned.is_empty() {
        problems.add(field, "missing", "is required");
    }
    limit(text, &cleaned, field, chars_max, problems);
    cleaned
}

/// An optional text of at most `chars_max` characters.
pub fn paragraph(text: &str, field: &str, chars_max: usize, problems: &mut Problems) -> String {
    let cleaned = clean(text);
    limit(text, &cleaned, field, chars_max, problems);
    cleaned
}

/// Counts what was sent and what is kept: the former is what the API's document
/// promises to refuse, the latter can be longer by a character that NFC splits.
fn limit(sent: &str, kept: &str, field: &str, chars_max: usize, problems: &mut Problems) {
    if [sent, kept].iter().any(|text| text.chars().count() > chars_max) {
        problems.add(field, "too_long", format!("must be at most {chars_max} characters"));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hidden_marks_go_and_irish_stays() {
        assert_eq!(clean_line("  Tigh\u{202E} Choilí\u{200B}\r\n "), "Tigh Choilí");
        assert_eq!(clean("O\u{0301} Riada"), "Ó Riada");
        assert_eq!(clean("a\r\nb\u{0}"), "a\nb");
    }

    #[test]
    fn a_limit_counts_what_was_sent_and_what_is_kept() {
        for (text, long) in [("abc", false), ("abcd", true), ("abc ", true), ("\u{0958}b", false)] {
            let mut problems = Problems::default();
            line(text, "title", 3, &mut problems);
            assert_eq!(!problems.0.is_empty(), long, "{text:?}");
        }
        let mut problems = Problems::default();
        line("\u{0958}bc", "title", 3, &mut problems);
        assert_eq!(problems.0.len(), 1, "NFC makes two of the first");
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in "\\PC{0,80}|[\\x00-\\x7f]{0,80}") {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once.clone());
            let line = clean_line(&text);
            prop_assert_eq!(clean_line(&line), line.clone());
            prop_assert!(!line.chars().any(char::is_control));
        }
    }
}
