//! What a moderator puts right before something is published.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{change::Facts, limits, problem::Problems, session::SessionDraft};

/// What a moderator puts right in a session before it is published: words, never
/// where or when it is, which they cannot know. What is not there stays as it was
/// sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edits {
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::NAME_CHARS_MAX))]
    pub title: Option<String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::DESCRIPTION_CHARS_MAX))]
    pub description: Option<String>,
    /// `https` links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::LIST_ENTRIES_MAX))]
    pub links: Option<Vec<String>>,
}

impl Edits {
    /// The session with this put right.
    #[must_use]
    pub fn put_into(&self, draft: &SessionDraft) -> SessionDraft {
        let Self { title, description, links } = self.clone();
        Facts { title, description, links, ..Facts::default() }.put_into(draft)
    }

    /// Cleans and checks them as part of this session; what is as it was sent is left
    /// out.
    ///
    /// # Errors
    /// What is not in order.
    pub fn validate(&self, draft: &SessionDraft) -> Result<Self, Problems> {
        let clean = self.put_into(draft).validate()?.draft;
        let differs = |is: &String, was: &String| (is != was).then(|| is.clone());
        Ok(Self {
            title: self.title.as_ref().and_then(|_| differs(&clean.title, &draft.title)),
            description: self
                .description
                .as_ref()
                .and_then(|_| differs(&clean.description, &draft.description)),
            links: self
                .links
                .as_ref()
                .and_then(|_| (clean.links != draft.links).then(|| clean.links.clone())),
        })
    }

    /// What is put right, in words; empty if nothing is.
    #[must_use]
    pub fn in_words(&self) -> String {
        self.said("its name", "its description", "its links")
    }

    /// The same in Irish.
    #[must_use]
    pub fn in_irish(&self) -> String {
        self.said("a ainm", "an cur síos air", "a naisc")
    }

    fn said(&self, title: &str, description: &str, links: &str) -> String {
        let parts = [
            (self.title.is_some(), title),
            (self.description.is_some(), description),
            (self.links.is_some(), links),
        ];
        let parts: Vec<&str> =
            parts.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn words_are_put_right_and_nothing_else() {
        let draft = samples::session();
        let edits = Edits {
            title: Some(format!(" {}\t", draft.title)),
            description: Some("Tunes.  ".into()),
            links: Some(vec![]),
        };
        let clean = edits.validate(&draft).unwrap();
        let links = (!draft.links.is_empty()).then(Vec::new);
        let expected = Edits { title: None, description: Some("Tunes.".into()), links };
        assert_eq!(clean, expected, "what is as it was sent is left out");
        let put = clean.put_into(&draft);
        assert_eq!(put.description, "Tunes.");
        assert_eq!((put.title, put.schedules), (draft.title.clone(), draft.schedules.clone()));
        assert!(clean.in_words().starts_with("its description"), "{}", clean.in_words());
        assert!(clean.in_irish().starts_with("an cur síos air"), "{}", clean.in_irish());
        assert_eq!(Edits::default().in_words(), "");

        let bad = Edits { links: Some(vec!["http://x".into()]), ..Edits::default() };
        assert_eq!(bad.validate(&draft).unwrap_err().0[0].field, "links[0]");
        let nameless = Edits { title: Some(String::new()), ..Edits::default() };
        assert!(nameless.validate(&draft).is_err());
    }
}
