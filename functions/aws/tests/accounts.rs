//! What the accounts' adapter makes of answers that the local engine never
//! gives: rotated refresh tokens, sign-in codes, limits. Over a real socket.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, which must fail loudly")]

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use seisiun_aws::{SdkConfig, users::Accounts};
use seisiun_domain::member::Email;
use seisiun_workflows::ports::{
    CheckPasskey as _, CheckPassword as _, CheckSignInCode as _, ConfirmAccount as _,
    CreateAccount as _, Creation, FinishPasskey as _, ListPasskeys as _, PasskeyAddition,
    PasskeyChallenge, PortError, PortResult, RemovePasskey as _, RenewTokens as _, ResendCode as _,
    RevokeToken as _, SendPasskeyChallenge as _, SendSignInCode as _, SignIn, StartPasskey as _,
    StartReset as _, Tokens, WebAuthn,
};
use serde_json::{Value, json};

/// A pool of one answer, and the heads and bodies of what it was asked.
struct Pool {
    accounts: Accounts,
    asked: Arc<Mutex<Vec<String>>>,
}

async fn pool(status: u16, answer: Value) -> Pool {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            log.lock().unwrap().push(read_request(&mut stream));
            let body = answer.to_string();
            let head = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: application/x-amz-json-1.1\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            let _ = stream.shutdown(Shutdown::Both);
        }
    });
    let config: SdkConfig = seisiun_aws::loader()
        .region(aws_config::Region::new("eu-west-1"))
        .endpoint_url(url)
        .load()
        .await;
    Pool { accounts: Accounts::new(&config, "a-client"), asked }
}

async fn refusing(code: &str) -> Accounts {
    pool(400, json!({ "__type": code, "message": "ann@seisiun.example said hunter2" }))
        .await
        .accounts
}

fn read_request(stream: &mut TcpStream) -> String {
    let (mut request, mut buffer) = (Vec::new(), [0; 4_096]);
    loop {
        let count = stream.read(&mut buffer).unwrap();
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.unwrap().parse().unwrap() {
                return text;
            }
        }
        assert_ne!(count, 0, "the request ended early");
    }
}

fn ann() -> Email {
    Email::try_from("ann@seisiun.example".to_owned()).unwrap()
}

#[tokio::test]
async fn a_rotated_token_is_handed_on() {
    let result = |refresh: Value| {
        json!({ "AuthenticationResult":
            { "AccessToken": "a", "ExpiresIn": 900, "RefreshToken": refresh } })
    };
    for (refresh, expected) in [(json!("second"), Some("second".to_owned())), (Value::Null, None)] {
        let pool = pool(200, result(refresh)).await;
        let renewed = pool.accounts.renew_tokens("first").await.unwrap();
        let tokens = Tokens { access: "a".into(), expires_in_seconds: 900, refresh: expected };
        assert_eq!(renewed, Some(tokens));
        let asked = pool.asked.lock().unwrap().concat();
        assert!(asked.contains("GetTokensFromRefreshToken") && asked.contains("first"), "{asked}");
        assert!(!asked.to_lowercase().contains("\r\nauthorization:"), "it is not signed: {asked}");
    }
    for code in ["NotAuthorizedException", "RefreshTokenReuseException", "UserNotFoundException"] {
        assert_eq!(refusing(code).await.renew_tokens("first").await.unwrap(), None, "{code}");
    }
}

#[tokio::test]
async fn a_sign_in_code_is_asked_for_and_answered() {
    let challenge = json!({ "ChallengeName": "EMAIL_OTP", "Session": "s" });
    let asking = pool(200, challenge).await;
    let session = asking.accounts.send_sign_in_code(&ann()).await.unwrap();
    assert_eq!(session.as_deref(), Some("s"));
    let asked = asking.asked.lock().unwrap().concat();
    assert!(asked.contains("USER_AUTH") && asked.contains("EMAIL_OTP"), "{asked}");
    let result = json!({ "AccessToken": "a", "ExpiresIn": 900, "RefreshToken": "r" });
    let answering = pool(200, json!({ "AuthenticationResult": result })).await;
    let signed_in = answering.accounts.check_sign_in_code(&ann(), "s", "12345678").await.unwrap();
    assert!(matches!(signed_in, SignIn::Done(_)), "{signed_in:?}");
    for code in ["CodeMismatchException", "InvalidParameterException", "NotAuthorizedException"] {
        let pool = refusing(code).await;
        let refused = pool.check_sign_in_code(&ann(), "s", "12345678").await.unwrap();
        assert_eq!(refused, SignIn::Refused, "{code}");
    }
}

fn credential() -> WebAuthn {
    WebAuthn::from_iter([("id".to_owned(), json!("Y3JlZGVudGlhbA"))])
}

#[tokio::test]
async fn a_passkey_is_asked_for_and_signs_in() {
    let options = json!({
        "challenge": "Y2hhbGxlbmdl",
        "rpId": "seisiun.example",
        "allowCredentials": [{ "type": "public-key", "id": "Y3JlZGVudGlhbA" }],
    });
    let challenge = json!({
        "ChallengeName": "WEB_AUTHN",
        "Session": "s",
        "ChallengeParameters": { "CREDENTIAL_REQUEST_OPTIONS": options.to_string() },
    });
    let asking = pool(200, challenge).await;
    let asked_for = asking.accounts.send_passkey_challenge(&ann()).await.unwrap();
    let expected = PasskeyChallenge { session: "s".into(), challenge: "Y2hhbGxlbmdl".into() };
    assert_eq!(asked_for, Some(expected));
    let asked = asking.asked.lock().unwrap().concat();
    assert!(asked.contains("USER_AUTH") && asked.contains("WEB_AUTHN"), "{asked}");
    // Of an account that has none.
    let other = json!({ "ChallengeName": "SELECT_CHALLENGE", "Session": "s" });
    let other = pool(200, other).await.accounts.send_passkey_challenge(&ann()).await.unwrap();
    assert_eq!(other, None);

    let result = json!({ "AccessToken": "a", "ExpiresIn": 900, "RefreshToken": "r" });
    let answering = pool(200, json!({ "AuthenticationResult": result })).await;
    let signed_in = answering.accounts.check_passkey(&ann(), "s", &credential()).await.unwrap();
    assert!(matches!(signed_in, SignIn::Done(_)), "{signed_in:?}");
    let asked = answering.asked.lock().unwrap().concat();
    assert!(asked.contains(r#""CREDENTIAL":"{\"id\":\"Y3JlZGVudGlhbA\"}""#), "{asked}");
    for code in ["CodeMismatchException", "InvalidParameterException", "NotAuthorizedException"] {
        let refused = refusing(code).await.check_passkey(&ann(), "s", &credential()).await;
        assert_eq!(refused.unwrap(), SignIn::Refused, "{code}");
    }
}

#[tokio::test]
async fn a_passkey_is_made_listed_and_removed() {
    let options = json!({ "challenge": "Y2hhbGxlbmdl", "timeout": 180_000 });
    let making = pool(200, json!({ "CredentialCreationOptions": options })).await;
    let made = making.accounts.start_passkey("token").await.unwrap().map(Value::Object);
    assert_eq!(made, Some(options));
    let adding = pool(200, json!({})).await;
    let added = adding.accounts.finish_passkey("token", &credential()).await.unwrap();
    assert_eq!(added, PasskeyAddition::Added);
    let asked = adding.asked.lock().unwrap().concat();
    assert!(asked.contains(r#""Credential":{"id":"Y3JlZGVudGlhbA"}"#), "{asked}");
    let listed = json!({ "Credentials": [{
        "CredentialId": "Y3JlZGVudGlhbA",
        "FriendlyCredentialName": "A phone",
        "RelyingPartyId": "seisiun.example",
        "AuthenticatorTransports": [],
        "CreatedAt": 1_764_000_000,
    }] });
    let listed = pool(200, listed).await.accounts.list_passkeys("token").await.unwrap().unwrap();
    assert_eq!((listed.len(), listed[0].name.as_str()), (1, "A phone"));
    assert!(pool(200, json!({})).await.accounts.remove_passkey("token", "x").await.unwrap());

    for (code, expected) in [
        ("NotAuthorizedException", PasskeyAddition::SignedOut),
        ("WebAuthnOriginNotAllowedException", PasskeyAddition::Refused),
        ("LimitExceededException", PasskeyAddition::Refused),
    ] {
        let came = refusing(code).await.finish_passkey("token", &credential()).await.unwrap();
        assert_eq!(came, expected, "{code}");
    }
    let ended = refusing("NotAuthorizedException").await;
    assert_eq!(ended.start_passkey("token").await.unwrap(), None);
    assert_eq!(ended.list_passkeys("token").await.unwrap(), None);
    assert!(!ended.remove_passkey("token", "x").await.unwrap());
    assert!(refusing("ResourceNotFoundException").await.remove_passkey("t", "x").await.unwrap());
    // The pool is not made for them: nobody's fault who asks.
    let error = refusing("WebAuthnNotEnabledException").await.start_passkey("t").await;
    assert!(matches!(error, Err(PortError::Broken { .. })), "{error:?}");
}

#[tokio::test]
async fn what_tells_of_an_account_becomes_one_answer() {
    for code in [
        "UserNotFoundException",
        "UserNotConfirmedException",
        "NotAuthorizedException",
        "PasswordResetRequiredException",
        "LimitExceededException",
    ] {
        let pool = refusing(code).await;
        assert_eq!(pool.check_password(&ann(), "x").await.unwrap(), SignIn::Refused, "{code}");
        assert!(!pool.confirm_account(&ann(), "123456").await.unwrap(), "{code}");
        pool.resend_code(&ann()).await.unwrap();
        pool.start_reset(&ann()).await.unwrap();
        assert_eq!(pool.send_sign_in_code(&ann()).await.unwrap(), None, "{code}");
        assert_eq!(pool.send_passkey_challenge(&ann()).await.unwrap(), None, "{code}");
    }
    for code in ["InvalidParameterException", "CodeDeliveryFailureException"] {
        let pool = refusing(code).await;
        pool.resend_code(&ann()).await.unwrap();
        pool.start_reset(&ann()).await.unwrap();
    }
    let created = refusing("UsernameExistsException").await.create_account(&ann(), "x").await;
    assert_eq!(created.unwrap(), Creation::Exists);
    refusing("InvalidParameterException").await.revoke_token("junk").await.unwrap();
}

#[tokio::test]
async fn a_right_password_may_be_challenged() {
    let challenge = json!({ "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s" });
    let answer = pool(200, challenge).await.accounts.check_password(&ann(), "x").await.unwrap();
    assert_eq!(answer, SignIn::Challenged("NEW_PASSWORD_REQUIRED".into()));
}

#[tokio::test]
async fn limits_and_failures_are_told_apart_and_quote_nothing() {
    fn check<T: std::fmt::Debug>(result: PortResult<T>, throttled: bool) {
        let error = result.unwrap_err();
        assert_eq!(matches!(error, PortError::Throttled { .. }), throttled, "{error:?}");
        let words = format!("{error:?} {error}");
        assert!(!words.contains("ann@") && !words.contains("hunter2"), "{words}");
    }
    for (code, throttled) in [
        ("TooManyRequestsException", true),
        ("ResourceNotFoundException", false),
        ("InternalErrorException", false),
    ] {
        let pool = refusing(code).await;
        check(pool.check_password(&ann(), "hunter2").await, throttled);
        check(pool.renew_tokens("hunter2").await, throttled);
        check(pool.start_reset(&ann()).await, throttled);
    }
    let empty = pool(200, json!({})).await.accounts.renew_tokens("first").await;
    assert!(matches!(empty, Err(PortError::Broken { .. })), "{empty:?}");
}
