//! The words of every letter: Fluent files in `words/`, one for each language,
//! parsed once. Irish counts in five ways, and puts a link or a name elsewhere in
//! a sentence than English does: a table of fragments could say neither.

use std::{fmt, sync::LazyLock};

use askama::filters::{Escaper as _, Html, HtmlSafe};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::{Language, MailError};

type Bundle = FluentBundle<FluentResource>;

/// A broken file makes no bundle, and every letter an error: a test holds that
/// neither is.
static ENGLISH: LazyLock<Option<Bundle>> =
    LazyLock::new(|| parse("en", include_str!("../words/en.ftl")));
static IRISH: LazyLock<Option<Bundle>> =
    LazyLock::new(|| parse("ga", include_str!("../words/ga.ftl")));

fn parse(locale: &str, file: &str) -> Option<Bundle> {
    let resource = FluentResource::try_new(file.to_owned()).ok()?;
    let mut bundle = Bundle::new_concurrent(vec![locale.parse().ok()?]);
    // Its marks of isolation are direction controls, which mail keeps out.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).ok()?;
    Some(bundle)
}

/// Where a link begins and ends in a sentence, until it is markup. What people
/// typed holds no control character once it is clean, and so neither of these.
const LINK: &str = "\u{1}";
const END: &str = "\u{2}";

/// The words in one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    language: Language,
}

impl Words {
    pub(crate) const fn new(language: Language) -> Self {
        Self { language }
    }

    /// The language's tag, for `lang` and the header.
    pub(crate) const fn tag(self) -> &'static str {
        self.language.tag()
    }

    pub(crate) const fn language(self) -> Language {
        self.language
    }

    /// What a message says that needs no arguments.
    pub(crate) fn say(self, name: &'static str) -> Result<String, MailError> {
        self.arguments().say(name)
    }

    /// The first argument of a message: a text, which stands there as it is, or
    /// a number, which chooses a plural.
    pub(crate) fn with<'a>(
        self,
        argument: &'static str,
        value: impl Into<FluentValue<'a>>,
    ) -> Saying<'a> {
        self.arguments().with(argument, value)
    }

    /// As [`Saying::linked`].
    pub(crate) fn linked(self, url: &str, name: &'static str) -> Result<Markup, MailError> {
        self.arguments().linked(url, name)
    }

    fn arguments<'a>(self) -> Saying<'a> {
        Saying { words: self, arguments: FluentArgs::new() }
    }
}

/// A message about to be said.
#[derive(Debug)]
pub(crate) struct Saying<'a> {
    words: Words,
    arguments: FluentArgs<'a>,
}

impl<'a> Saying<'a> {
    /// One more argument.
    pub(crate) fn with(
        mut self,
        argument: &'static str,
        value: impl Into<FluentValue<'a>>,
    ) -> Self {
        self.arguments.set(argument, value);
        self
    }

    /// The message as plain text; a link in it is its words.
    pub(crate) fn say(self, name: &'static str) -> Result<String, MailError> {
        self.with("link", "").with("end", "").format(name)
    }

    /// The message as markup, with its link to `url`.
    pub(crate) fn linked(self, url: &str, name: &'static str) -> Result<Markup, MailError> {
        let text = self.with("link", LINK).with("end", END).format(name)?;
        let escaped = |text: &str| {
            let mut out = String::new();
            Html.write_escaped_str(&mut out, text).map_err(askama::Error::from)?;
            Ok::<_, MailError>(out)
        };
        let begin = format!("<a href=\"{}\">", escaped(url)?);
        Ok(Markup(escaped(&text)?.replace(LINK, &begin).replace(END, "</a>")))
    }

    fn format(&self, name: &'static str) -> Result<String, MailError> {
        let language = self.words.language;
        let missing = || MailError::Words { name, language };
        let bundle = match language {
            Language::En => &*ENGLISH,
            Language::Ga => &*IRISH,
        };
        let bundle = bundle.as_ref().ok_or_else(missing)?;
        let pattern = bundle.get_message(name).and_then(|message| message.value());
        let pattern = pattern.ok_or_else(missing)?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&self.arguments), &mut errors);
        if errors.is_empty() { Ok(text.into_owned()) } else { Err(missing()) }
    }
}

/// A sentence that is escaped already.
#[derive(Debug)]
pub(crate) struct Markup(String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_counted_as_irish_counts_them() {
        let words = Words::new(Language::Ga);
        for (photos, expected) in [
            (1, "grianghraf amháin"),
            (2, "dhá ghrianghraf"),
            (3, "3 ghrianghraf"),
            (6, "6 ghrianghraf"),
            (7, "7 ngrianghraf"),
            (10, "10 ngrianghraf"),
            (11, "11 grianghraf"),
            (100, "100 grianghraf"),
        ] {
            assert_eq!(words.with("photos", photos).say("photos").unwrap(), expected);
        }
        let more = |more: u32| words.with("more", more).say("digest-others").unwrap();
        assert_eq!([more(1), more(2)], ["ceann amháin eile", "dhá cheann eile"]);
        assert_eq!([more(3), more(7)], ["3 cinn eile", "7 gcinn eile"]);
        assert_eq!(more(11), "11 ceann eile");
    }

    #[test]
    fn a_link_is_markup_and_what_stands_in_it_is_text() {
        let words = Words::new(Language::En);
        let told = || words.with("about", "<b>&\"").with("reason", "spam");
        assert_eq!(
            told().linked("https://a.example/?b=\"&c", "notice-text").unwrap().to_string(),
            "You told us of <a href=\"https://a.example/?b=&#34;&#38;c\">&#60;b&#62;&#38;&#34;</a>, \
             for this reason: spam."
        );
        let plain = told().say("notice-text").unwrap();
        assert_eq!(plain, "You told us of <b>&\", for this reason: spam.");
    }

    #[test]
    fn what_is_missing_is_named() {
        for language in Language::ALL {
            let words = Words::new(language);
            let error = words.say("no-such-message").unwrap_err();
            let said = format!("\"no-such-message\" cannot be said in {}", language.tag());
            assert_eq!(error.to_string(), said);
            // A message whose argument is not given.
            assert!(words.say("reference").is_err());
        }
    }
}
