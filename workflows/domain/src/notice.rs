//! Notices: anybody may tell us of content that should not be there (Digital
//! Services Act, Art. 16).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    ids::{MemberId, PhotoId, SubmissionId},
    limits,
    member::Email,
    problem::Problems,
    text,
};

/// Why somebody thinks that it should not be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeReason {
    /// Against the law, in a way that no other reason names.
    IllegalContent,
    /// Sexual abuse of children. May be told without name and address.
    ChildSexualAbuse,
    /// People shown or named who did not agree.
    Privacy,
    /// Somebody else's work.
    IntellectualProperty,
    /// Abuse or hatred.
    AbuseOrHatred,
    /// Advertising that has nothing to do with a session.
    Spam,
    /// Wrong or misleading facts.
    Inaccurate,
    /// The session is gone.
    SessionGone,
    /// Something else, which the explanation names.
    Other,
}

impl NoticeReason {
    /// The reason, in words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::IllegalContent => "content against the law",
            Self::ChildSexualAbuse => "sexual abuse of children",
            Self::Privacy => "people shown or named who did not agree",
            Self::IntellectualProperty => "somebody else’s work",
            Self::AbuseOrHatred => "abuse or hatred",
            Self::Spam => "advertising",
            Self::Inaccurate => "facts that are wrong",
            Self::SessionGone => "a session that is gone",
            Self::Other => "another reason",
        }
    }

    /// Whether it may be told without saying who one is: Art. 16(2)(c).
    #[must_use]
    pub fn may_be_anonymous(self) -> bool {
        self == Self::ChildSexualAbuse
    }
}

/// What a notice is about, as the address of it tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// A session's page: `/sessions/<slug>/`.
    Session {
        /// Last part of the address of its page.
        slug: String,
    },
    /// A review, which stands on its session's page: `#review-<id>`.
    Review {
        /// Last part of the address of the session's page.
        slug: String,
        /// The submission that brought it.
        review: SubmissionId,
    },
    /// A photo: `/photos/<photo>/<sha256>.jpg`.
    Photo {
        /// The photo.
        photo: PhotoId,
    },
}

/// Before a review's id, in the fragment of its address.
const REVIEW_FRAGMENT: &str = "review-";

impl Subject {
    /// What an address of our site shows, and the one spelling of that address.
    /// `None` if it is none of ours or shows nothing that members sent.
    #[must_use]
    pub fn at(address: &str, site_url: &str) -> Option<(Self, String)> {
        let (address, site) = (Url::parse(address).ok()?, Url::parse(site_url).ok()?);
        let ours = address.origin() == site.origin()
            && address.username().is_empty()
            && address.password().is_none();
        if !ours {
            return None;
        }
        let at = |path: String| format!("{}{path}", site_url.trim_end_matches('/'));
        let path: Vec<&str> = address.path_segments()?.collect();
        match path.as_slice() {
            ["sessions", slug] | ["sessions", slug, ""] if is_slug(slug) => {
                let (slug, page) = ((*slug).to_owned(), format!("/sessions/{slug}/"));
                match address.fragment().and_then(|part| part.strip_prefix(REVIEW_FRAGMENT)) {
                    Some(id) => {
                        let review: SubmissionId = id.parse().ok()?;
                        let page = at(format!("{page}#{REVIEW_FRAGMENT}{review}"));
                        Some((Self::Review { slug, review }, page))
                    }
                    None => Some((Self::Session { slug }, at(page))),
                }
            }
            ["photos", photo, file] => {
                let photo: PhotoId = photo.parse().ok()?;
                let hash = file.strip_suffix(".jpg")?;
                let hashes = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
                let is_hash = hash.len() == 64 && hash.bytes().all(hashes);
                is_hash.then(|| (Self::Photo { photo }, at(format!("/photos/{photo}/{file}"))))
            }
            _ => None,
        }
    }
}

fn is_slug(text: &str) -> bool {
    (1..=limits::SLUG_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A notice as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeDraft {
    /// The exact address of the page or photo on this site; of a review, the
    /// session's page with `#review-<id>`.
    #[schemars(length(min = 1, max = limits::NOTICE_URL_CHARS_MAX))]
    pub url: String,
    /// Why it should not be there.
    pub reason: NoticeReason,
    /// Why you think so, in your own words.
    #[schemars(length(min = 1, max = limits::NOTICE_CHARS_MAX))]
    pub explanation: String,
    /// Who you are. Not needed for `child_sexual_abuse`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = limits::NAME_CHARS_MAX))]
    pub name: String,
    /// Where we tell you what came of it. Not needed for `child_sexual_abuse`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 254))]
    pub email: String,
    /// That you believe in good faith that what you say is right and complete:
    /// must be true.
    pub good_faith: bool,
}

/// A notice that is in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about.
    pub subject: Subject,
    /// The exact address, as it is spelled here.
    pub url: String,
    /// Why it should not be there.
    pub reason: NoticeReason,
    /// In the notifier's own words.
    pub explanation: String,
    /// Who sent it, if they said so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where they are told what came of it, if anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
}

impl NoticeDraft {
    /// Cleans and checks the draft. `site_url` is the origin of our site.
    pub fn validate(&self, site_url: &str) -> Result<Notice, Problems> {
        let mut problems = Problems::default();
        let p = &mut problems;
        let found = if self.url.chars().count() > limits::NOTICE_URL_CHARS_MAX {
            let most = limits::NOTICE_URL_CHARS_MAX;
            p.add("url", "too_long", format!("must be at most {most} characters"));
            None
        } else {
            let found = Subject::at(self.url.trim(), site_url);
            if found.is_none() {
                p.add("url", "not_ours", "must be the address of a session or photo on this site");
            }
            found
        };
        let most = limits::NOTICE_CHARS_MAX;
        let explanation = text::paragraph(&self.explanation, "explanation", most, p);
        if explanation.is_empty() {
            p.add("explanation", "missing", "say why it should not be there");
        }
        let name = if self.reason.may_be_anonymous() && text::clean_line(&self.name).is_empty() {
            String::new()
        } else {
            text::line(&self.name, "name", limits::NAME_CHARS_MAX, p)
        };
        let email = match self.email.trim() {
            "" if self.reason.may_be_anonymous() => None,
            "" => {
                p.add("email", "missing", "is required");
                None
            }
            address => {
                let email = Email::try_from(address.to_owned());
                if email.is_err() {
                    p.add("email", "invalid", "this can't be an e-mail address");
                }
                email.ok()
            }
        };
        if !self.good_faith {
            p.add("good_faith", "not_confirmed", "must be true");
        }
        let notice = found.map(|(subject, url)| Notice {
            subject,
            url,
            reason: self.reason,
            explanation,
            name,
            email,
        });
        problems.or(notice)
    }
}

/// Stands for who sends notices from this address where a member's id is asked
/// for. No user pool issues such an id.
#[must_use]
pub fn notifier(email: &Email) -> MemberId {
    MemberId::stand_in("notifier", &email.suppression_key())
}

/// The same for a notice without an address: each request, by its key, is
/// somebody of its own.
#[must_use]
pub fn nameless_notifier(key: &str) -> MemberId {
    MemberId::stand_in("notifier", &hex::encode(Sha256::digest(format!("key:{key}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "https://seisiun.example";
    const ID: &str = "01J9ZZZZZZZZZZZZZZZZZZZZZZ";

    fn draft() -> NoticeDraft {
        NoticeDraft {
            url: format!("{SITE}/sessions/thursday-tunes-ennis/"),
            reason: NoticeReason::Privacy,
            explanation: " It names my neighbour. ".into(),
            name: "Bríd Example".into(),
            email: "brid@example.org".into(),
            good_faith: true,
        }
    }

    #[test]
    fn an_address_is_ours_and_shows_something() {
        let hash = "a".repeat(64);
        let session = Subject::Session { slug: "tunes".into() };
        let review = Subject::Review { slug: "tunes".into(), review: ID.parse().unwrap() };
        let photo = Subject::Photo { photo: ID.parse().unwrap() };
        for (path, found, spelled) in [
            ("/sessions/tunes/".to_owned(), &session, "/sessions/tunes/".to_owned()),
            ("/sessions/tunes?from=mail#map".into(), &session, "/sessions/tunes/".into()),
            (
                format!("/sessions/tunes/#review-{ID}"),
                &review,
                format!("/sessions/tunes/#review-{ID}"),
            ),
            (format!("/photos/{ID}/{hash}.jpg"), &photo, format!("/photos/{ID}/{hash}.jpg")),
        ] {
            let at = Subject::at(&format!("{SITE}{path}"), SITE);
            assert_eq!(at, Some((found.clone(), format!("{SITE}{spelled}"))), "{path}");
        }
        for bad in [
            "",
            "/sessions/tunes/",
            "https://seisiun.example",
            "https://seisiun.example/sessions/",
            "https://seisiun.example/sessions/Tunes/",
            "https://seisiun.example/sessions/tunes/x",
            "https://seisiun.example/sessions/tunes/#review-x",
            "https://seisiun.example/sessions/..%2f/",
            "https://seisiun.example/photos/01J9ZZZZZZZZZZZZZZZZZZZZZZ/x.jpg",
            "https://seisiun.example:8443/sessions/tunes/",
            "http://seisiun.example/sessions/tunes/",
            "https://seisiun.example@evil.example/sessions/tunes/",
            "https://me:you@seisiun.example/sessions/tunes/",
            "https://evil.example/sessions/tunes/",
            "javascript:alert(1)",
        ] {
            assert_eq!(Subject::at(bad, SITE), None, "{bad}");
        }
    }

    #[test]
    fn a_notice_is_cleaned_and_every_problem_named() {
        let notice = draft().validate(SITE).unwrap();
        assert_eq!(notice.explanation, "It names my neighbour.");
        assert_eq!(notice.email.unwrap().expose(), "brid@example.org");
        let long = |chars| "x".repeat(chars);
        let bad = NoticeDraft {
            url: "https://evil.example/".into(),
            explanation: "\u{200B}".into(),
            name: String::new(),
            email: "nobody".into(),
            good_faith: false,
            ..draft()
        };
        let codes = |draft: &NoticeDraft| -> Vec<String> {
            let problems = draft.validate(SITE).err().unwrap_or_default().0;
            problems.into_iter().map(|p| format!("{}:{}", p.field, p.code)).collect()
        };
        assert_eq!(
            codes(&bad),
            [
                "url:not_ours",
                "explanation:missing",
                "name:missing",
                "email:invalid",
                "good_faith:not_confirmed"
            ]
        );
        let url = format!("{SITE}/sessions/{}", long(limits::NOTICE_URL_CHARS_MAX));
        let explanation = long(limits::NOTICE_CHARS_MAX + 1);
        let name = long(limits::NAME_CHARS_MAX + 1);
        let email = String::new();
        let longer = NoticeDraft { url, explanation, name, email, ..draft() };
        let expected = ["url:too_long", "explanation:too_long", "name:too_long", "email:missing"];
        assert_eq!(codes(&longer), expected);
    }

    #[test]
    fn only_abuse_of_children_may_be_told_without_a_name() {
        let nameless =
            |reason| NoticeDraft { reason, name: " ".into(), email: String::new(), ..draft() };
        let notice = nameless(NoticeReason::ChildSexualAbuse).validate(SITE).unwrap();
        assert_eq!((notice.name.as_str(), notice.email), ("", None));
        for reason in [NoticeReason::IllegalContent, NoticeReason::Other] {
            assert_eq!(nameless(reason).validate(SITE).unwrap_err().0.len(), 2);
        }
        // Who gives an address is told; it must be one.
        let named =
            NoticeDraft { email: "nobody".into(), ..nameless(NoticeReason::ChildSexualAbuse) };
        assert_eq!(named.validate(SITE).unwrap_err().0[0].field, "email");
    }

    #[test]
    fn an_address_is_one_notifier_however_it_is_written() {
        let of = |address: &str| notifier(&Email::try_from(address.to_owned()).unwrap());
        assert_eq!(of("Ann@example.org"), of("ann@EXAMPLE.org"));
        assert_ne!(of("ann@example.org"), of("bo@example.org"));
        let id = of("ann@example.org").to_string();
        assert_eq!(id.len(), "notifier-".len() + 32);
        assert_ne!(nameless_notifier("key-one-1"), nameless_notifier("key-two-2"));
        // A key of the table like others.
        assert_eq!(id.parse::<MemberId>().unwrap(), of("ann@example.org"));
    }
}
