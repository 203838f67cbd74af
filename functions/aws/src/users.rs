//! The user pool: whose verified address a token stands for, and everything
//! that people do with their accounts.

use aws_sdk_cognitoidentityprovider::{
    Client,
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    operation::{get_user::GetUserError, respond_to_auth_challenge::RespondToAuthChallengeOutput},
    types::{AttributeType, AuthFlowType, AuthenticationResultType, ChallengeNameType},
};
use jiff::Timestamp;
use seisiun_domain::{MemberId, member::Email};
use seisiun_workflows::ports::{
    ChangePassword, CheckPasskey, CheckPassword, CheckSignInCode, ConfirmAccount, CreateAccount,
    Creation, DeleteAccount, FinishPasskey, FinishReset, ListPasskeys, LookUpEmail, Passkey,
    PasskeyAddition, PasskeyChallenge, PortError, PortResult, RemovePasskey, RenewTokens,
    ResendCode, RevokeToken, SendPasskeyChallenge, SendSignInCode, SignIn, SignOutEverywhere,
    StartPasskey, StartReset, Tokens, WebAuthn,
};
use seisiun_workflows::sign_in::PASSKEYS_MAX;
use serde_json::Value;

use crate::{
    SdkConfig,
    classify::quiet_error,
    json_document::{from_document, to_document},
};

const GET_USER: &str = "cognito-idp:GetUser";
const DELETE_USER: &str = "cognito-idp:AdminDeleteUser";
const SIGN_UP: &str = "cognito-idp:SignUp";
const RESEND: &str = "cognito-idp:ResendConfirmationCode";
const CONFIRM: &str = "cognito-idp:ConfirmSignUp";
const INITIATE: &str = "cognito-idp:InitiateAuth";
const RESPOND: &str = "cognito-idp:RespondToAuthChallenge";
const RENEW: &str = "cognito-idp:GetTokensFromRefreshToken";
const REVOKE: &str = "cognito-idp:RevokeToken";
const SIGN_OUT: &str = "cognito-idp:GlobalSignOut";
const FORGOT: &str = "cognito-idp:ForgotPassword";
const RESET: &str = "cognito-idp:ConfirmForgotPassword";
const CHANGE: &str = "cognito-idp:ChangePassword";
const START_PASSKEY: &str = "cognito-idp:StartWebAuthnRegistration";
const FINISH_PASSKEY: &str = "cognito-idp:CompleteWebAuthnRegistration";
const LIST_PASSKEYS: &str = "cognito-idp:ListWebAuthnCredentials";
const REMOVE_PASSKEY: &str = "cognito-idp:DeleteWebAuthnCredential";

/// Refusals of a password, a code or a token. They say more than anybody may
/// learn (that an account waits for its code, that it has been tried too
/// often), so that all of them become one.
const REFUSALS: &[&str] = &[
    "AliasExistsException",
    "CodeMismatchException",
    "ExpiredCodeException",
    "LimitExceededException",
    "NotAuthorizedException",
    "PasswordResetRequiredException",
    "TooManyFailedAttemptsException",
    "UserNotConfirmedException",
    "UserNotFoundException",
];

/// Answers to a wish for a code that differ by account: there is none, it is
/// confirmed already, it has no verified address, it asks too often, its mail
/// was refused. None of them is told.
const UNTOLD: &[&str] = &[
    "CodeDeliveryFailureException",
    "InvalidParameterException",
    "LimitExceededException",
    "NotAuthorizedException",
    "PasswordResetRequiredException",
    "UserNotConfirmedException",
    "UserNotFoundException",
];

/// A refresh token that is no longer good.
const ENDED: &[&str] =
    &["NotAuthorizedException", "RefreshTokenReuseException", "UserNotFoundException"];

/// An access token that is no longer good.
const SIGNED_OUT: &[&str] =
    &["ForbiddenException", "NotAuthorizedException", "UserNotFoundException"];

/// A passkey that the pool did not ask for, or can't take.
const NO_PASSKEY: &[&str] = &[
    "InvalidParameterException",
    "LimitExceededException",
    "WebAuthnChallengeNotFoundException",
    "WebAuthnClientMismatchException",
    "WebAuthnCredentialNotSupportedException",
    "WebAuthnOriginNotAllowedException",
    "WebAuthnRelyingPartyMismatchException",
];

/// The user pool that issued the tokens.
#[derive(Debug, Clone)]
pub struct Users {
    client: Client,
}

impl Users {
    /// The user pools of the configured region; a token names its own.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}

impl LookUpEmail for Users {
    async fn look_up_email(&self, access_token: &str) -> PortResult<Option<Email>> {
        match self.client.get_user().access_token(access_token).send().await {
            Ok(user) => Ok(verified_email(user.user_attributes())),
            // The token was good a moment ago: signed out, or removed.
            Err(SdkError::ServiceError(context))
                if matches!(
                    context.err(),
                    GetUserError::NotAuthorizedException(_)
                        | GetUserError::UserNotFoundException(_)
                        | GetUserError::UserNotConfirmedException(_)
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(quiet_error(GET_USER, &error)),
        }
    }
}

/// One user pool, for who may administrate it.
#[derive(Debug, Clone)]
pub struct UserPool {
    client: Client,
    id: String,
}

impl UserPool {
    /// The user pool of this id.
    #[must_use]
    pub fn new(config: &SdkConfig, id: impl Into<String>) -> Self {
        Self { client: Client::new(config), id: id.into() }
    }
}

impl DeleteAccount for UserPool {
    async fn delete_account(&self, id: &MemberId) -> PortResult<()> {
        // In a pool that signs in by address, a user's name is their `sub`.
        let delete = self.client.admin_delete_user().user_pool_id(&self.id).username(id.as_str());
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("UserNotFoundException") => Ok(()),
            Err(error) => Err(quiet_error(DELETE_USER, &error)),
        }
    }
}

fn verified_email(attributes: &[AttributeType]) -> Option<Email> {
    let value = |name| attributes.iter().find(|a| a.name() == name)?.value();
    if value("email_verified") != Some("true") {
        return None;
    }
    Email::try_from(value("email")?.to_owned()).ok()
}

/// The accounts of one user pool, by the public client of its pages. None of its
/// calls is signed, so that its function needs no permission for any.
#[derive(Debug, Clone)]
pub struct Accounts {
    client: Client,
    client_id: String,
}

impl Accounts {
    /// The accounts that this app client may sign in to.
    #[must_use]
    pub fn new(config: &SdkConfig, client_id: impl Into<String>) -> Self {
        Self { client: Client::new(config), client_id: client_id.into() }
    }
}

impl CreateAccount for Accounts {
    async fn create_account(&self, email: &Email, password: &str) -> PortResult<Creation> {
        let attribute = AttributeType::builder().name("email").value(email.expose()).build();
        let attribute = attribute
            .map_err(|_| PortError::Broken { what: SIGN_UP, why: "no such attribute".into() })?;
        let call = self.client.sign_up().client_id(&self.client_id).username(email.expose());
        let answer = call.password(password).user_attributes(attribute).send().await;
        match answer {
            Ok(_) => Ok(Creation::Created),
            Err(error) => match code(&error) {
                Some("UsernameExistsException" | "AliasExistsException") => Ok(Creation::Exists),
                Some("InvalidParameterException") => Ok(Creation::BadAddress),
                // The account is there, and its code can be asked for again.
                Some("CodeDeliveryFailureException") => Ok(Creation::Created),
                _ => Err(quiet_error(SIGN_UP, &error)),
            },
        }
    }
}

impl ResendCode for Accounts {
    async fn resend_code(&self, email: &Email) -> PortResult<()> {
        let call = self.client.resend_confirmation_code().client_id(&self.client_id);
        let answer = call.username(email.expose()).send().await;
        unless(RESEND, answer, UNTOLD).map(drop)
    }
}

impl ConfirmAccount for Accounts {
    async fn confirm_account(&self, email: &Email, code: &str) -> PortResult<bool> {
        let call = self.client.confirm_sign_up().client_id(&self.client_id);
        let answer = call.username(email.expose()).confirmation_code(code).send().await;
        Ok(unless(CONFIRM, answer, REFUSALS)?.is_some())
    }
}

impl CheckPassword for Accounts {
    async fn check_password(&self, email: &Email, password: &str) -> PortResult<SignIn> {
        let call = self
            .client
            .initiate_auth()
            .client_id(&self.client_id)
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", email.expose())
            .auth_parameters("PASSWORD", password);
        let answer = unless(INITIATE, call.send().await, REFUSALS)?;
        answer.map_or(Ok(SignIn::Refused), |answer| {
            signed_in(INITIATE, answer.authentication_result(), answer.challenge_name())
        })
    }
}

impl SendSignInCode for Accounts {
    async fn send_sign_in_code(&self, email: &Email) -> PortResult<Option<String>> {
        let call = self
            .client
            .initiate_auth()
            .client_id(&self.client_id)
            .auth_flow(AuthFlowType::UserAuth)
            .auth_parameters("USERNAME", email.expose())
            .auth_parameters("PREFERRED_CHALLENGE", ChallengeNameType::EmailOtp.as_str());
        // For an address that it doesn't know, the pool names any challenge: its
        // session looks like a good one and opens nothing.
        let answer = unless(INITIATE, call.send().await, UNTOLD)?;
        Ok(answer.and_then(|answer| answer.session))
    }
}

impl CheckSignInCode for Accounts {
    async fn check_sign_in_code(
        &self,
        email: &Email,
        session: &str,
        code: &str,
    ) -> PortResult<SignIn> {
        let call = self
            .client
            .respond_to_auth_challenge()
            .client_id(&self.client_id)
            .challenge_name(ChallengeNameType::EmailOtp)
            .session(session)
            .challenge_responses("USERNAME", email.expose())
            .challenge_responses("EMAIL_OTP_CODE", code);
        answered(call.send().await)
    }
}

/// What came of answering a challenge.
fn answered<E>(
    answer: Result<RespondToAuthChallengeOutput, SdkError<E, HttpResponse>>,
) -> PortResult<SignIn>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Ok(answer) => signed_in(RESPOND, answer.authentication_result(), answer.challenge_name()),
        // A session that the pool never gave, such as a decoy.
        Err(error) if matches!(code(&error), Some("InvalidParameterException")) => {
            Ok(SignIn::Refused)
        }
        Err(error) => unless(RESPOND, Err::<(), _>(error), REFUSALS).map(|_| SignIn::Refused),
    }
}

impl SendPasskeyChallenge for Accounts {
    async fn send_passkey_challenge(&self, email: &Email) -> PortResult<Option<PasskeyChallenge>> {
        let call = self
            .client
            .initiate_auth()
            .client_id(&self.client_id)
            .auth_flow(AuthFlowType::UserAuth)
            .auth_parameters("USERNAME", email.expose())
            .auth_parameters("PREFERRED_CHALLENGE", ChallengeNameType::WebAuthn.as_str());
        let answer = unless(INITIATE, call.send().await, UNTOLD)?;
        // Of an account without a passkey it asks for something else.
        let asks = |name: &ChallengeNameType| *name == ChallengeNameType::WebAuthn;
        let Some(answer) = answer.filter(|answer| answer.challenge_name().is_some_and(asks)) else {
            return Ok(None);
        };
        let broken = |why: &str| PortError::Broken { what: INITIATE, why: why.into() };
        let options = answer.challenge_parameters().and_then(|all| all.get(REQUEST_OPTIONS));
        let options = options.ok_or_else(|| broken("the challenge has no options"))?;
        let options: Value = serde_json::from_str(options)
            .map_err(|_| broken("the options of the challenge are not JSON"))?;
        let challenge = options.get("challenge").and_then(Value::as_str);
        let challenge = challenge.ok_or_else(|| broken("the options have no challenge"))?;
        let session = answer.session().ok_or_else(|| broken("the challenge has no session"))?;
        Ok(Some(PasskeyChallenge { session: session.into(), challenge: challenge.into() }))
    }
}

/// The parameter of a challenge that holds what a browser is asked.
const REQUEST_OPTIONS: &str = "CREDENTIAL_REQUEST_OPTIONS";

impl CheckPasskey for Accounts {
    async fn check_passkey(
        &self,
        email: &Email,
        session: &str,
        credential: &WebAuthn,
    ) -> PortResult<SignIn> {
        let credential = Value::Object(credential.clone()).to_string();
        let call = self
            .client
            .respond_to_auth_challenge()
            .client_id(&self.client_id)
            .challenge_name(ChallengeNameType::WebAuthn)
            .session(session)
            .challenge_responses("USERNAME", email.expose())
            .challenge_responses("CREDENTIAL", credential);
        answered(call.send().await)
    }
}

impl StartPasskey for Accounts {
    async fn start_passkey(&self, access_token: &str) -> PortResult<Option<WebAuthn>> {
        let call = self.client.start_web_authn_registration().access_token(access_token);
        let Some(answer) = unless(START_PASSKEY, call.send().await, SIGNED_OUT)? else {
            return Ok(None);
        };
        match from_document(answer.credential_creation_options()) {
            Value::Object(options) => Ok(Some(options)),
            _ => Err(PortError::Broken {
                what: START_PASSKEY,
                why: "the options are no object".into(),
            }),
        }
    }
}

impl FinishPasskey for Accounts {
    async fn finish_passkey(
        &self,
        access_token: &str,
        credential: &WebAuthn,
    ) -> PortResult<PasskeyAddition> {
        let credential = to_document(&Value::Object(credential.clone()));
        let call = self.client.complete_web_authn_registration().access_token(access_token);
        match call.credential(credential).send().await {
            Ok(_) => Ok(PasskeyAddition::Added),
            Err(error) => match code(&error) {
                Some(code) if SIGNED_OUT.contains(&code) => Ok(PasskeyAddition::SignedOut),
                Some(code) if NO_PASSKEY.contains(&code) => Ok(PasskeyAddition::Refused),
                _ => Err(quiet_error(FINISH_PASSKEY, &error)),
            },
        }
    }
}

impl ListPasskeys for Accounts {
    async fn list_passkeys(&self, access_token: &str) -> PortResult<Option<Vec<Passkey>>> {
        let call = self.client.list_web_authn_credentials().access_token(access_token);
        let answer = call.max_results(PASSKEYS_MAX).send().await;
        let Some(answer) = unless(LIST_PASSKEYS, answer, SIGNED_OUT)? else { return Ok(None) };
        let passkeys = answer.credentials().iter().map(|one| Passkey {
            id: one.credential_id().to_owned(),
            name: one.friendly_credential_name().to_owned(),
            created_at: Timestamp::from_second(one.created_at().secs()).unwrap_or_default(),
        });
        Ok(Some(passkeys.collect()))
    }
}

impl RemovePasskey for Accounts {
    async fn remove_passkey(&self, access_token: &str, id: &str) -> PortResult<bool> {
        let call = self.client.delete_web_authn_credential().access_token(access_token);
        match call.credential_id(id).send().await {
            Ok(_) => Ok(true),
            Err(error) => match code(&error) {
                Some("ResourceNotFoundException") => Ok(true),
                Some(code) if SIGNED_OUT.contains(&code) => Ok(false),
                _ => Err(quiet_error(REMOVE_PASSKEY, &error)),
            },
        }
    }
}

impl RenewTokens for Accounts {
    async fn renew_tokens(&self, refresh_token: &str) -> PortResult<Option<Tokens>> {
        let call = self.client.get_tokens_from_refresh_token().client_id(&self.client_id);
        let answer = unless(RENEW, call.refresh_token(refresh_token).send().await, ENDED)?;
        answer.map(|answer| tokens(RENEW, answer.authentication_result())).transpose()
    }
}

impl RevokeToken for Accounts {
    async fn revoke_token(&self, refresh_token: &str) -> PortResult<()> {
        let call = self.client.revoke_token().client_id(&self.client_id).token(refresh_token);
        // The pool names what is no token of its own in two ways.
        let ended = &["InvalidParameterException", "NotAuthorizedException"];
        unless(REVOKE, call.send().await, ended).map(drop)
    }
}

impl SignOutEverywhere for Accounts {
    async fn sign_out_everywhere(&self, access_token: &str) -> PortResult<()> {
        let answer = self.client.global_sign_out().access_token(access_token).send().await;
        unless(SIGN_OUT, answer, ENDED).map(drop)
    }
}

impl StartReset for Accounts {
    async fn start_reset(&self, email: &Email) -> PortResult<()> {
        let call = self.client.forgot_password().client_id(&self.client_id);
        let answer = call.username(email.expose()).send().await;
        unless(FORGOT, answer, UNTOLD).map(drop)
    }
}

impl FinishReset for Accounts {
    async fn finish_reset(&self, email: &Email, code: &str, password: &str) -> PortResult<bool> {
        let call = self.client.confirm_forgot_password().client_id(&self.client_id);
        let call = call.username(email.expose()).confirmation_code(code).password(password);
        Ok(unless(RESET, call.send().await, REFUSALS)?.is_some())
    }
}

impl ChangePassword for Accounts {
    async fn change_password(
        &self,
        access_token: &str,
        current: &str,
        new: &str,
    ) -> PortResult<bool> {
        let call = self.client.change_password().access_token(access_token);
        let answer = call.previous_password(current).proposed_password(new).send().await;
        Ok(unless(CHANGE, answer, REFUSALS)?.is_some())
    }
}

/// The service's name for an error that it answered.
fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    match error {
        SdkError::ServiceError(context) => context.err().code(),
        _ => None,
    }
}

/// The answer; `None` if it is one of the errors that are an outcome.
fn unless<T, E>(
    what: &'static str,
    answer: Result<T, SdkError<E, HttpResponse>>,
    outcomes: &[&str],
) -> PortResult<Option<T>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if code(&error).is_some_and(|code| outcomes.contains(&code)) => Ok(None),
        Err(error) => Err(quiet_error(what, &error)),
    }
}

fn signed_in(
    what: &'static str,
    result: Option<&AuthenticationResultType>,
    challenge: Option<&ChallengeNameType>,
) -> PortResult<SignIn> {
    match challenge {
        Some(challenge) => Ok(SignIn::Challenged(challenge.as_str().to_owned())),
        None => tokens(what, result).map(SignIn::Done),
    }
}

fn tokens(what: &'static str, result: Option<&AuthenticationResultType>) -> PortResult<Tokens> {
    let lacks = |field: &str| PortError::Broken { what, why: format!("the answer has no {field}") };
    let result = result.ok_or_else(|| lacks("tokens"))?;
    let access = result.access_token().ok_or_else(|| lacks("access token"))?.to_owned();
    let expires_in_seconds =
        u32::try_from(result.expires_in()).map_err(|_| lacks("time that the token is good for"))?;
    Ok(Tokens { access, expires_in_seconds, refresh: result.refresh_token().map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(pairs: &[(&str, &str)]) -> Vec<AttributeType> {
        let attribute = |(name, value): &(&str, &str)| {
            AttributeType::builder().name(*name).value(*value).build()
        };
        pairs.iter().map(|pair| attribute(pair).unwrap()).collect()
    }

    #[test]
    fn only_a_verified_address_counts() {
        let email = ("email", "a@seisiun.example");
        for (pairs, found) in [
            (&[email, ("email_verified", "true")][..], true),
            (&[email, ("email_verified", "false")], false),
            (&[email], false),
            (&[("email_verified", "true")], false),
            (&[("email", "not an address"), ("email_verified", "true")], false),
        ] {
            assert_eq!(verified_email(&attributes(pairs)).is_some(), found, "{pairs:?}");
        }
    }
}
