//! What an answer looks like that is not what was asked for (RFC 9457).

use schemars::JsonSchema;
use seisiun_domain::problem::Problem;
use serde::{Deserialize, Serialize};

/// Media type of [`ProblemDetails`].
pub const PROBLEM_JSON: &str = "application/problem+json";
/// The page that explains every kind of problem, each under its own anchor.
pub const PROBLEMS_PAGE: &str = "/api/docs";

/// Problem details with what was wrong in which field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProblemDetails {
    /// Kind of problem: a path of the API's documentation.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every problem of this kind.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Fields that are not in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

impl ProblemDetails {
    /// Problem details of this kind.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("{PROBLEMS_PAGE}#{}", kind.name()),
            title: kind.title().into(),
            status: kind.status(),
            detail: detail.into(),
            problems: Vec::new(),
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $status:literal, $title:literal;)*) => {
        /// Every kind of problem that this API answers with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ProblemKind { $($(#[$doc])* $variant),* }

        impl ProblemKind {
            /// All of them, by status.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Last part of the problem's type.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// What it says, whatever the details.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }
        }
    };
}

kinds! {
    /// Something of the request does not fit; the detail says what.
    BadRequest = "bad-request", 400, "That does not work";
    /// The body is not the JSON that is asked for.
    BadJson = "bad-json", 400, "The body does not parse";
    /// The query is not what is asked for.
    BadQuery = "bad-query", 400, "The query does not parse";
    /// No key, or none of the form asked for.
    IdempotencyKey = "idempotency-key", 400, "An Idempotency-Key is needed";
    /// No access token, or one that is not good.
    Unauthorised = "unauthorised", 401, "Sign in";
    /// The sign-in has ended.
    SignedOut = "signed-out", 401, "Signed out";
    /// Address, password or code are not right.
    NotSignedIn = "not-signed-in", 401, "Not signed in";
    /// The member may not do this.
    Forbidden = "forbidden", 403, "Not for you";
    /// The account's address was never confirmed.
    Unverified = "unverified", 403, "Confirm your address";
    /// Sign-in calls carry a header of ours.
    AuthHeader = "auth-header", 403, "A header is missing";
    /// Sign-in calls come from our pages only.
    ForeignOrigin = "foreign-origin", 403, "Not from here";
    /// The account asks for more than this site offers.
    SignInStep = "sign-in-step", 403, "One step more is needed";
    /// A code that is not the account's.
    BadCode = "bad-code", 403, "The code is not right";
    /// A passkey that can't be added.
    BadPasskey = "bad-passkey", 403, "The passkey was not taken";
    /// The password stays as it is.
    NotChanged = "not-changed", 403, "Not changed";
    /// Nothing there, or nothing of yours.
    NotFound = "not-found", 404, "Not found";
    /// This stage does not offer it.
    NotOffered = "not-offered", 404, "Not offered here";
    /// The path is there, but not for this method.
    MethodNotAllowed = "method-not-allowed", 405, "Not this way";
    /// Somebody else was first, or it is past.
    Conflict = "conflict", 409, "Conflict";
    /// A case that was decided.
    Decided = "decided", 409, "Decided already";
    /// A case that somebody else looks at.
    Claimed = "claimed", 409, "Somebody else looks at it";
    /// A case to which something has happened that one has not seen.
    CaseMoved = "case-moved", 409, "Something has happened since";
    /// The key belongs to another request.
    IdempotencyKeyReused = "idempotency-key-reused", 409,
        "This Idempotency-Key was used for something else";
    /// It was here and is gone for good.
    Gone = "gone", 410, "Gone";
    /// The body is larger than we take.
    TooLarge = "too-large", 413, "Too large";
    /// The body is not JSON.
    UnsupportedMediaType = "unsupported-media-type", 415, "Send JSON";
    /// Fields that are not in order: `problems` names each.
    InvalidContent = "invalid-content", 422, "Something is not in order";
    /// A cursor that is not one of ours, or of another question.
    BadCursor = "bad-cursor", 422, "The cursor is not one of ours";
    /// Too many requests.
    SlowDown = "slow-down", 429, "Too many requests";
    /// Our mistake.
    OurMistake = "our-mistake", 500, "Our mistake";
    /// An operator has switched it off.
    SwitchedOff = "switched-off", 503, "Switched off for now";
    /// Something that we need does not answer.
    TryAgain = "try-again", 503, "Not now";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own_and_an_error_status() {
        let names: BTreeSet<_> = ProblemKind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), ProblemKind::ALL.len());
        assert!(ProblemKind::ALL.iter().all(|kind| (400..600).contains(&kind.status())));
        assert!(ProblemKind::ALL.is_sorted_by_key(|kind| kind.status()));
    }
}
