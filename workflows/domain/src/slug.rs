//! Texts as they stand in addresses.
//!
//! The `slug` crate does the same; but compiled for a browser it exports a
//! function of its own, so that its tables, 400 kilobytes, can't be left out.

use deunicode::deunicode_char;

/// A text in the letters `a` to `z`, digits, and single hyphens between them;
/// what has no likeness in ASCII is a hyphen.
pub(crate) fn slugify(text: impl AsRef<str>) -> String {
    let mut slug = String::with_capacity(text.as_ref().len());
    let mut push = |c: char| {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    };
    for c in text.as_ref().chars() {
        if c.is_ascii() {
            push(c);
        } else {
            deunicode_char(c).unwrap_or("-").chars().for_each(&mut push);
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_that_were_given_out_stay_as_they_are() {
        for (text, slug) in [
            ("Dún Laoghaire–Rathdown", "dun-laoghaire-rathdown"),
            ("Seisiún Ó Riada", "seisiun-o-riada"),
            (" --The  Cobblestone-- ", "the-cobblestone"),
            ("北亰", "bei-jing"),
            ("…", ""),
        ] {
            assert_eq!(slugify(text), slug, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_slug_crate_says_the_same(text in "\\PC{0,40}|[\\x00-\\x7f]{0,40}") {
            prop_assert_eq!(slugify(&text), ::slug::slugify(&text));
        }
    }
}
