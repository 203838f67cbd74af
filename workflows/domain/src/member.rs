//! Members and the addresses that mail goes to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::MemberId;

/// What we hold on a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub id: MemberId,
    /// Verified by the user pool.
    pub email: Email,
    /// What others see.
    pub display_name: String,
}

/// An e-mail address. Its `Debug` hides it, so that no log shows one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("format" = "email", "maxLength" = 254))]
pub struct Email(String);

/// An address that can't be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// The address itself, for the envelope.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the lower-cased address, hex: the key of a suppression, which
    /// must outlive the address.
    #[must_use]
    pub fn suppression_key(&self) -> String {
        hex::encode(Sha256::digest(self.0.to_lowercase()))
    }
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Email(…)")
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;
    fn try_from(value: String) -> Result<Self, InvalidEmail> {
        // The user pool has verified that it receives mail; this only keeps
        // what could break a header or an envelope out.
        let fits = value.len() <= 254
            && value.is_ascii()
            && !value
                .bytes()
                .any(|b| b.is_ascii_control() || b == b' ' || b == b'<' || b == b'>' || b == b',')
            && value
                .rsplit_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
        if fits { Ok(Self(value)) } else { Err(InvalidEmail) }
    }
}

impl From<Email> for String {
    fn from(email: Email) -> String {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_neither_breaks_headers_nor_shows_in_logs() {
        let email = Email::try_from("Fiddler@example.org".to_owned()).unwrap();
        assert_eq!(format!("{email:?}"), "Email(…)");
        assert_eq!(
            email.suppression_key(),
            Email::try_from("fiddler@EXAMPLE.org".to_owned()).unwrap().suppression_key()
        );
        for bad in ["", "a", "@", "a@", "@b", "a@b\r\nBcc: c@d", "a b@c", "<a@b>", "a@b,c@d"] {
            assert!(Email::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
