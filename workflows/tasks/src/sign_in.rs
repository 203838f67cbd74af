//! Signing in, staying signed in, signing out.

use seisiun_domain::member::Email;

use crate::{
    account::{is_code, may_be_password},
    error::TaskResult,
    ports::{
        CheckPasskey, CheckPassword, CheckSignInCode, PasskeyChallenge, RemovePasskey, RenewTokens,
        RevokeToken, SendPasskeyChallenge, SendSignInCode, SignIn, Tokens, WebAuthn,
    },
};

/// Characters of a session or token that the pool is asked about: its sessions
/// have at most 2,048, and a browser keeps no cookie of more than 4,096.
pub const TOKEN_CHARS_MAX: usize = 4_096;
/// Passkeys of an account: the pool's own limit.
pub const PASSKEYS_MAX: i32 = 20;
/// Characters of a passkey's id at most: its 1,023 bytes in base64url.
pub const PASSKEY_ID_CHARS_MAX: usize = 1_364;

/// Signs in with a password.
pub async fn sign_in<U: CheckPassword>(
    users: &U,
    email: &Email,
    password: &str,
) -> TaskResult<SignIn> {
    if !may_be_password(password) {
        return Ok(SignIn::Refused);
    }
    Ok(users.check_password(email, password).await?)
}

/// Has a one-time code mailed. Whatever the pool says, there is a session to
/// hand back: `decoy` where it gave none.
pub async fn send_code<U: SendSignInCode>(
    users: &U,
    email: &Email,
    decoy: String,
) -> TaskResult<String> {
    Ok(users.send_sign_in_code(email).await?.unwrap_or(decoy))
}

/// Signs in with a one-time code.
pub async fn answer_code<U: CheckSignInCode>(
    users: &U,
    email: &Email,
    session: &str,
    code: &str,
) -> TaskResult<SignIn> {
    if !is_code(code) || !is_token(session) {
        return Ok(SignIn::Refused);
    }
    Ok(users.check_sign_in_code(email, session, code).await?)
}

/// Asks for a passkey. Whatever the pool says, there is a challenge to hand back:
/// `decoy` where it gave none.
pub async fn send_passkey_challenge<U: SendPasskeyChallenge>(
    users: &U,
    email: &Email,
    decoy: PasskeyChallenge,
) -> TaskResult<PasskeyChallenge> {
    Ok(users.send_passkey_challenge(email).await?.unwrap_or(decoy))
}

/// Signs in with what a passkey signed.
pub async fn answer_passkey<U: CheckPasskey>(
    users: &U,
    email: &Email,
    session: &str,
    credential: &WebAuthn,
) -> TaskResult<SignIn> {
    if !is_token(session) {
        return Ok(SignIn::Refused);
    }
    Ok(users.check_passkey(email, session, credential).await?)
}

/// Removes a passkey of the bearer; false if their sign-in has ended. What can't
/// be one is not there.
pub async fn remove_passkey<U: RemovePasskey>(
    users: &U,
    access_token: &str,
    id: &str,
) -> TaskResult<bool> {
    let plausible = (1..=PASSKEY_ID_CHARS_MAX).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'='));
    if !plausible {
        return Ok(true);
    }
    Ok(users.remove_passkey(access_token, id).await?)
}

/// New tokens for a refresh token, or `None` if it is no longer good.
pub async fn refresh<U: RenewTokens>(users: &U, token: &str) -> TaskResult<Option<Tokens>> {
    if !is_token(token) {
        return Ok(None);
    }
    Ok(users.renew_tokens(token).await?)
}

/// Ends a refresh token. What can't be one has ended.
pub async fn sign_out<U: RevokeToken>(users: &U, token: &str) -> TaskResult<()> {
    if is_token(token) {
        users.revoke_token(token).await?;
    }
    Ok(())
}

/// Whether the pool can be asked about a token or a session at all.
fn is_token(token: &str) -> bool {
    (1..=TOKEN_CHARS_MAX).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic())
}
