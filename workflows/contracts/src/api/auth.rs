//! Bodies of `/api/auth/*`, and the header and cookie that go with them.

use schemars::JsonSchema;
use seisiun_domain::member::Email;
use serde::{Deserialize, Serialize};

/// Header that every request has. A form of another site can't set it, and a
/// script of another site would need a permission that nobody gives.
pub const AUTH_HEADER: &str = "x-seisiun-auth";
/// Its only value.
pub const AUTH_HEADER_VALUE: &str = "1";
/// Cookie that holds the refresh token, where no script can read it.
pub const REFRESH_COOKIE: &str = "__Secure-seisiun-refresh";
/// The only paths that the cookie is sent to.
pub const REFRESH_COOKIE_PATH: &str = "/api/auth";
/// Seconds for which a refresh token is good, as the template has it.
pub const REFRESH_SECONDS: u64 = 30 * 24 * 60 * 60;
/// Characters of a password at least, as the template has it.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Characters of a password at most: the pool's own limit.
pub const PASSWORD_CHARS_MAX: usize = 256;
/// Seconds after which a client that was told to slow down may ask again.
pub const RETRY_AFTER_SECONDS: u64 = 5;

/// A password, a code or a token. Its `Debug` hides it, so that no log shows one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(secret.to_owned())
    }
}

/// `POST /api/auth/sign-up`: 202, whether the address has an account or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// Where the code goes.
    pub email: Email,
    /// At least [`PASSWORD_CHARS_MIN`] characters.
    #[schemars(length(min = PASSWORD_CHARS_MIN, max = PASSWORD_CHARS_MAX))]
    pub password: Secret,
}

/// `POST /api/auth/confirm`: 204, or 403 for a code that is not the account's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmSignUp {
    /// Where the code went.
    pub email: Email,
    /// From the mail.
    pub code: Secret,
}

/// `POST /api/auth/resend-code`, `/forgot-password` and `/sign-in/code`: 202,
/// whether the address has an account or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestCode {
    /// Where the code goes.
    pub email: Email,
}

/// `POST /api/auth/sign-in`: 200 with [`Access`] and the cookie, or 401.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The account's address.
    pub email: Email,
    /// Its password.
    pub password: Secret,
}

/// Answer of `POST /api/auth/sign-in/code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignInCodeSent {
    /// To hand back with the code. Tells nothing of whether a mail was sent.
    pub session: Secret,
}

/// `POST /api/auth/sign-in/code/answer`: 200 with [`Access`] and the cookie, or 401.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerSignInCode {
    /// Where the code went.
    pub email: Email,
    /// From [`SignInCodeSent`].
    pub session: Secret,
    /// From the mail.
    pub code: Secret,
}

/// What the WebAuthn API of a browser takes or gives: what
/// `PublicKeyCredential.parse…FromJSON` reads and `toJSON` writes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct WebAuthnJson(pub serde_json::Map<String, serde_json::Value>);

impl std::fmt::Debug for WebAuthnJson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebAuthnJson(…)")
    }
}

/// Answer of `POST /api/auth/sign-in/passkey`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasskeyAsked {
    /// To hand back with what the passkey signed. Tells nothing of whether the
    /// address has an account.
    pub session: Secret,
    /// For `navigator.credentials.get`. It names no passkey: the browser offers
    /// those that it has for this site.
    pub options: WebAuthnJson,
}

/// `POST /api/auth/sign-in/passkey/answer`: 200 with [`Access`] and the cookie, or
/// 401.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerPasskey {
    /// The account's address.
    pub email: Email,
    /// From [`PasskeyAsked`].
    pub session: Secret,
    /// From `navigator.credentials.get`.
    pub credential: WebAuthnJson,
}

/// Answer of `POST /api/auth/passkeys/options`, with the access token as bearer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasskeyOptions {
    /// For `navigator.credentials.create`.
    pub options: WebAuthnJson,
}

/// `POST /api/auth/passkeys`, with the access token as bearer: 204, or 403.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPasskey {
    /// From `navigator.credentials.create`.
    pub credential: WebAuthnJson,
}

/// A passkey of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasskeyView {
    /// Its id.
    pub id: String,
    /// What its maker calls it.
    pub name: String,
    /// When it was added: RFC 3339.
    pub created_at: String,
}

/// Answer of `GET /api/auth/passkeys`, with the access token as bearer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Passkeys {
    /// All of them.
    pub passkeys: Vec<PasskeyView>,
}

/// `POST /api/auth/reset-password`: 204, or 403 for a code that is not the
/// account's. Signs out everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// Where the code went.
    pub email: Email,
    /// From the mail.
    pub code: Secret,
    /// At least [`PASSWORD_CHARS_MIN`] characters.
    #[schemars(length(min = PASSWORD_CHARS_MIN, max = PASSWORD_CHARS_MAX))]
    pub new_password: Secret,
}

/// `POST /api/auth/change-password`, with the access token as bearer: 204, or
/// 403 for a token or a password that is not good. Signs out everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password until now.
    pub current_password: Secret,
    /// At least [`PASSWORD_CHARS_MIN`] characters.
    #[schemars(length(min = PASSWORD_CHARS_MIN, max = PASSWORD_CHARS_MAX))]
    pub new_password: Secret,
}

/// Answer to a sign-in and to `POST /api/auth/refresh`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Access {
    /// For the API's `Authorization: Bearer`. Keep it in memory only.
    pub access_token: Secret,
    /// Seconds for which it is good.
    pub expires_in_seconds: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_body_shows_its_secrets() {
        let email = Email::try_from("ann@seisiun.example".to_owned()).unwrap();
        let bodies = [
            format!("{:?}", SignUp { email: email.clone(), password: "hunter2".into() }),
            format!("{:?}", Access { access_token: "hunter2".into(), expires_in_seconds: 1 }),
            format!("{:?}", ConfirmSignUp { email, code: "hunter2".into() }),
        ];
        for body in bodies {
            assert!(!body.contains("hunter2") && !body.contains("ann@"), "{body}");
        }
    }
}
