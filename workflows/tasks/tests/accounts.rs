//! Accounts and sign-ins in memory, where the pool rotates, sends sign-in codes
//! and knows passkeys, which the local engine's does not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use seisiun_domain::member::Email;
use seisiun_workflows::{
    account::{self, Redeemed},
    memory::{Memory, RESET_CODE, SIGN_IN_CODE, SIGN_UP_CODE},
    port_suites::fresh_email,
    ports::{
        FinishPasskey as _, ListPasskeys as _, PasskeyAddition, PasskeyChallenge, SignIn,
        StartPasskey as _, StartReset as _, Tokens, WebAuthn,
    },
    sign_in,
};

const PASSWORD: &str = "correct horse battery";
const OTHER: &str = "another fine horse";

async fn tokens(users: &Memory, email: &Email, password: &str) -> Option<Tokens> {
    match sign_in::sign_in(users, email, password).await.unwrap() {
        SignIn::Done(tokens) => Some(tokens),
        SignIn::Refused | SignIn::Challenged(_) => None,
    }
}

#[tokio::test]
async fn a_refresh_token_is_good_once() {
    let users = Memory::default();
    let email = fresh_email();
    account::sign_up(&users, &email, PASSWORD).await.unwrap().unwrap();
    assert!(account::confirm(&users, &email, SIGN_UP_CODE).await.unwrap());
    let first = tokens(&users, &email, PASSWORD).await.unwrap().refresh.unwrap();
    let second = sign_in::refresh(&users, &first).await.unwrap().unwrap().refresh.unwrap();
    assert_eq!(sign_in::refresh(&users, &first).await.unwrap(), None, "it was used");
    sign_in::sign_out(&users, &second).await.unwrap();
    assert_eq!(sign_in::refresh(&users, &second).await.unwrap(), None, "it has ended");
    for junk in ["", " ", "a b", &"x".repeat(sign_in::TOKEN_CHARS_MAX + 1)] {
        assert_eq!(sign_in::refresh(&users, junk).await.unwrap(), None);
        sign_in::sign_out(&users, junk).await.unwrap();
    }
}

#[tokio::test]
async fn a_new_password_signs_out_everywhere() {
    let users = Memory::default();
    let email = fresh_email();
    account::sign_up(&users, &email, PASSWORD).await.unwrap().unwrap();
    account::confirm(&users, &email, SIGN_UP_CODE).await.unwrap();
    let before = tokens(&users, &email, PASSWORD).await.unwrap();
    users.start_reset(&email).await.unwrap();
    let reset = account::reset_password(&users, &email, RESET_CODE, OTHER).await.unwrap();
    assert_eq!(reset, Redeemed::Done);
    assert!(users.state().refresh_tokens.is_empty(), "its own as well");
    assert_eq!(sign_in::refresh(&users, &before.refresh.unwrap()).await.unwrap(), None);
    let now = tokens(&users, &email, OTHER).await.unwrap();
    let changed = account::change_password(&users, &now.access, OTHER, PASSWORD).await.unwrap();
    assert_eq!(changed, Redeemed::Done);
    assert!(users.state().refresh_tokens.is_empty());
}

#[tokio::test]
async fn signing_up_again_changes_nothing_and_answers_the_same() {
    let users = Memory::default();
    let email = fresh_email();
    let first = account::sign_up(&users, &email, PASSWORD).await.unwrap();
    let before = users.state().clone();
    assert_eq!(account::sign_up(&users, &email, OTHER).await.unwrap(), first);
    assert_eq!(*users.state(), before, "the password is still the first one's");
    // Refused before the pool is asked, so that the refusal is nobody's.
    for email in [&email, &fresh_email()] {
        let problems = account::sign_up(&users, email, "short").await.unwrap().unwrap_err();
        assert_eq!(problems.0[0].code, "too_short");
    }
}

#[tokio::test]
async fn a_code_is_asked_for_and_answered() {
    let users = Memory::default();
    let (email, nobody) = (fresh_email(), fresh_email());
    account::sign_up(&users, &email, PASSWORD).await.unwrap().unwrap();
    account::confirm(&users, &email, SIGN_UP_CODE).await.unwrap();
    let session = sign_in::send_code(&users, &email, "decoy".into()).await.unwrap();
    let decoy = sign_in::send_code(&users, &nobody, "decoy".into()).await.unwrap();
    assert_eq!(decoy, "decoy");
    for (email, session, code) in [
        (&email, session.as_str(), "00000000"),
        (&email, decoy.as_str(), SIGN_IN_CODE),
        (&nobody, decoy.as_str(), SIGN_IN_CODE),
        (&nobody, session.as_str(), SIGN_IN_CODE),
        (&email, session.as_str(), "not a code"),
    ] {
        let answer = sign_in::answer_code(&users, email, session, code).await.unwrap();
        assert_eq!(answer, SignIn::Refused);
    }
    let answer = sign_in::answer_code(&users, &email, &session, SIGN_IN_CODE).await.unwrap();
    assert!(matches!(answer, SignIn::Done(_)));
}

#[tokio::test]
async fn a_passkey_is_made_signs_in_and_is_removed() {
    let users = Memory::default();
    let (email, nobody) = (fresh_email(), fresh_email());
    account::sign_up(&users, &email, PASSWORD).await.unwrap().unwrap();
    account::confirm(&users, &email, SIGN_UP_CODE).await.unwrap();
    let decoy = || PasskeyChallenge { session: "decoy".into(), challenge: "ZGVjb3k".into() };
    for address in [&email, &nobody] {
        let asked = sign_in::send_passkey_challenge(&users, address, decoy()).await.unwrap();
        assert_eq!(asked, decoy(), "as long as there is no passkey");
    }
    let token = tokens(&users, &email, PASSWORD).await.unwrap().access;
    assert!(users.start_passkey(&token).await.unwrap().is_some());
    let passkey = WebAuthn::from_iter([("id".to_owned(), "cGFzc2tleQ".into())]);
    let added = users.finish_passkey(&token, &passkey).await.unwrap();
    assert_eq!(added, PasskeyAddition::Added);

    let asked = sign_in::send_passkey_challenge(&users, &email, decoy()).await.unwrap();
    assert_ne!(asked, decoy());
    let other = WebAuthn::from_iter([("id".to_owned(), "b3RoZXI".into())]);
    for (email, session, credential) in [
        (&email, "decoy", &passkey),
        (&email, "not a session", &passkey),
        (&email, asked.session.as_str(), &other),
        (&nobody, asked.session.as_str(), &passkey),
    ] {
        let answer = sign_in::answer_passkey(&users, email, session, credential).await.unwrap();
        assert_eq!(answer, SignIn::Refused);
    }
    let answer = sign_in::answer_passkey(&users, &email, &asked.session, &passkey).await.unwrap();
    assert!(matches!(answer, SignIn::Done(_)));

    for id in ["", "not an id", "cGFzc2tleQ"] {
        assert!(sign_in::remove_passkey(&users, &token, id).await.unwrap(), "{id}");
    }
    assert_eq!(users.list_passkeys(&token).await.unwrap(), Some(vec![]));
    assert!(!sign_in::remove_passkey(&users, "access:nobody", "cGFzc2tleQ").await.unwrap());
}
