//! An account from sign-up to a new password. No answer tells whether an
//! address has an account: what is refused is refused before the pool is
//! asked, and what the pool answers is told in one way.

use seisiun_domain::{Problems, member::Email};

use crate::{
    error::{TaskError, TaskResult},
    ports::{
        ChangePassword, CheckPassword, ConfirmAccount, CreateAccount, Creation, FinishReset,
        ResendCode, SignIn, SignOutEverywhere,
    },
};

/// Characters of a password at least. The template tells the pool the same.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Characters of a password at most: the pool's own limit.
pub const PASSWORD_CHARS_MAX: usize = 256;
/// Digits of a code that the pool mails: six to confirm, eight to sign in.
pub const CODE_DIGITS: std::ops::RangeInclusive<usize> = 6..=8;

/// What came of handing in a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// Done.
    Done,
    /// Wrong, used, too old, or of no account.
    Refused,
    /// The new password can't be one.
    BadPassword(Problems),
}

/// Creates an account, or has the code of one that waits mailed again. Both
/// answer the same, as does an address that has an account already.
pub async fn sign_up<U>(
    users: &U,
    email: &Email,
    password: &str,
) -> TaskResult<Result<(), Problems>>
where
    U: CreateAccount + ResendCode,
{
    // The pool would look at the address first and at the password only then.
    if let Err(problems) = check_new_password("password", password) {
        return Ok(Err(problems));
    }
    match users.create_account(email, password).await? {
        Creation::Created => {}
        Creation::Exists => users.resend_code(email).await?,
        Creation::BadAddress => {
            return Ok(Err(Problems::one("email", "invalid", "this can't be an e-mail address")));
        }
    }
    Ok(Ok(()))
}

/// Confirms an account with the code from the mail; whether the code was good.
pub async fn confirm<U: ConfirmAccount>(users: &U, email: &Email, code: &str) -> TaskResult<bool> {
    Ok(is_code(code) && users.confirm_account(email, code).await?)
}

/// Sets a new password with the code from the mail, and signs out whoever was
/// signed in with the old one.
pub async fn reset_password<U>(
    users: &U,
    email: &Email,
    code: &str,
    password: &str,
) -> TaskResult<Redeemed>
where
    U: FinishReset + CheckPassword + SignOutEverywhere,
{
    if let Err(problems) = check_new_password("new_password", password) {
        return Ok(Redeemed::BadPassword(problems));
    }
    if !is_code(code) || !users.finish_reset(email, code, password).await? {
        return Ok(Redeemed::Refused);
    }
    // Only a token of the account can end its others. An account that is
    // challenged keeps them: its holder ends them after signing in.
    if let SignIn::Done(tokens) = users.check_password(email, password).await? {
        users.sign_out_everywhere(&tokens.access).await?;
    }
    Ok(Redeemed::Done)
}

/// Changes the password of who is signed in, and signs them out everywhere.
pub async fn change_password<U>(
    users: &U,
    access_token: &str,
    current: &str,
    new: &str,
) -> TaskResult<Redeemed>
where
    U: ChangePassword + SignOutEverywhere,
{
    if let Err(problems) = check_new_password("new_password", new) {
        return Ok(Redeemed::BadPassword(problems));
    }
    if access_token.is_empty() || !may_be_password(current) {
        return Ok(Redeemed::Refused);
    }
    if !users.change_password(access_token, current, new).await? {
        return Ok(Redeemed::Refused);
    }
    users.sign_out_everywhere(access_token).await.map_err(TaskError::from)?;
    Ok(Redeemed::Done)
}

/// Whether a new password is long enough and one that the pool takes.
fn check_new_password(field: &str, password: &str) -> Result<(), Problems> {
    let chars = password.chars().count();
    let refuse = |code: &str, why: &str| Err(Problems::one(field, code, why));
    if chars < PASSWORD_CHARS_MIN {
        return refuse("too_short", &format!("must have at least {PASSWORD_CHARS_MIN} characters"));
    }
    if chars > PASSWORD_CHARS_MAX {
        return refuse("too_long", &format!("must have at most {PASSWORD_CHARS_MAX} characters"));
    }
    if password.trim() != password || password.chars().any(char::is_control) {
        let why = "must neither begin nor end with a space, nor have control characters";
        return refuse("invalid", why);
    }
    Ok(())
}

/// Whether the pool can be asked about a password at all.
pub(crate) fn may_be_password(password: &str) -> bool {
    (1..=PASSWORD_CHARS_MAX).contains(&password.chars().count())
}

/// Whether the pool can be asked about a code at all.
pub(crate) fn is_code(code: &str) -> bool {
    CODE_DIGITS.contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_is_long_and_plain() {
        let long = "å".repeat(PASSWORD_CHARS_MAX);
        let longer = format!("{long}å");
        for (password, good) in [
            ("twelve chars", true),
            ("eleven char", false),
            ("åååååååååååå", true),
            (long.as_str(), true),
            (longer.as_str(), false),
            (" twelve chars", false),
            ("twelve chars ", false),
            ("twelve\nchars", false),
        ] {
            assert_eq!(check_new_password("password", password).is_ok(), good, "{password:?}");
        }
    }

    #[test]
    fn a_code_is_digits() {
        for (code, good) in [
            ("123456", true),
            ("12345678", true),
            ("12345", false),
            ("123456789", false),
            ("12345a", false),
            ("١٢٣", false),
            ("", false),
        ] {
            assert_eq!(is_code(code), good, "{code:?}");
        }
    }
}
