//! Identifiers. Each is a newtype, so that one can't stand in for another; a
//! submission's id doubles as execution name and idempotency key.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// An identifier that does not have its form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} \"{value}\" is not valid: expected {expected}")]
pub struct InvalidId {
    kind: &'static str,
    value: String,
    expected: &'static str,
}

/// A ULID in its canonical spelling, 26 characters: the first holds but 3 bits.
const ULID_PATTERN: &str = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$";
/// See [`MemberId`].
const MEMBER_PATTERN: &str = "^[A-Za-z0-9_-]{1,64}$";

macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug,
            Clone,
            Copy,
            PartialEq,
            Eq,
            Hash,
            PartialOrd,
            Ord,
            Serialize,
            Deserialize,
            JsonSchema,
        )]
        #[serde(try_from = "String", into = "String")]
        #[schemars(extend("pattern" = ULID_PATTERN))]
        pub struct $name(Ulid);

        impl $name {
            /// Wraps a ULID minted by the caller.
            #[must_use]
            pub fn new(ulid: Ulid) -> Self {
                Self(ulid)
            }

            /// The ULID inside.
            #[must_use]
            pub fn ulid(self) -> Ulid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(value: &str) -> Result<Self, InvalidId> {
                let invalid = || InvalidId {
                    kind: stringify!($name),
                    value: value.chars().take(40).collect(),
                    expected: "a ULID of 26 upper-case characters",
                };
                let ulid = Ulid::from_str(value).map_err(|_| invalid())?;
                // Only the canonical spelling: two spellings of one id would
                // be two keys in the table.
                if ulid.to_string() == value { Ok(Self(ulid)) } else { Err(invalid()) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(value: String) -> Result<Self, InvalidId> {
                value.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    };
}

ulid_id!(
    /// A submission; also its execution's name.
    SubmissionId
);
ulid_id!(
    /// A session. A session made by a submission carries that submission's
    /// ULID, so that publishing twice publishes once.
    SessionId
);
ulid_id!(
    /// A photo, from its upload ticket on.
    PhotoId
);
ulid_id!(
    /// A moderation case. A submission's case carries its ULID.
    CaseId
);

impl SubmissionId {
    /// The session that this submission creates when it is published.
    #[must_use]
    pub fn session(self) -> SessionId {
        SessionId(self.0)
    }

    /// The moderation case of this submission.
    #[must_use]
    pub fn case(self) -> CaseId {
        CaseId(self.0)
    }
}

impl CaseId {
    /// The submission that this case is about.
    #[must_use]
    pub fn submission(self) -> SubmissionId {
        SubmissionId(self.0)
    }
}

/// A member: the `sub` claim of a verified access token.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = MEMBER_PATTERN))]
pub struct MemberId(String);

impl MemberId {
    /// Who stands in the place of a member that was erased. No user pool issues
    /// it.
    #[must_use]
    pub fn erased() -> Self {
        Self("erased".into())
    }

    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An id for somebody without an account, from a hash in hex: the first 32
    /// digits of it. A user pool issues UUIDs, which no such id looks like.
    pub(crate) fn stand_in(kind: &str, hash: &str) -> Self {
        Self(format!("{kind}-{}", hash.get(..32).unwrap_or(hash)))
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MemberId {
    type Err = InvalidId;
    fn from_str(value: &str) -> Result<Self, InvalidId> {
        // It becomes part of table and object keys: nothing but the letters of
        // a UUID may get there.
        let fits = (1..=64).contains(&value.len())
            && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if fits {
            Ok(Self(value.to_owned()))
        } else {
            Err(InvalidId {
                kind: "MemberId",
                value: value.chars().take(40).collect(),
                expected: "1 to 64 letters, digits, '-' or '_'",
            })
        }
    }
}

impl TryFrom<String> for MemberId {
    type Error = InvalidId;
    fn try_from(value: String) -> Result<Self, InvalidId> {
        value.parse()
    }
}

impl From<MemberId> for String {
    fn from(id: MemberId) -> String {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id = "01J9ZZZZZZZZZZZZZZZZZZZZZZ";
        assert_eq!(id.parse::<SubmissionId>().unwrap().to_string(), id);
        for bad in
            ["", "01j9zzzzzzzzzzzzzzzzzzzzzz", "01J9ZZZZZZZZZZZZZZZZZZZZZ", "../../etc/passwd"]
        {
            assert!(bad.parse::<SubmissionId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_member_id_cannot_reach_into_other_keys() {
        for bad in ["", "a/b", "a#b", "a b", "é", &"x".repeat(65)] {
            assert!(bad.parse::<MemberId>().is_err(), "{bad:?}");
        }
        assert!("5f1c2d3e-0000-4000-8000-000000000000".parse::<MemberId>().is_ok());
    }
}
