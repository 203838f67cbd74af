//! Accounts, through our own function and on the engine's user pool: the whole
//! life of one, what its cookie is like, what gives nothing away, and tokens that
//! open nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::{Duration, Instant};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::RSA_PKCS1_SHA256,
};
use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, AuthFlowType, ExplicitAuthFlowsType, TimeUnitsType, TokenValidityUnitsType,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, Response, StatusCode, header};
use seisiun_contracts::api::auth::{
    AUTH_HEADER, AUTH_HEADER_VALUE, Access, REFRESH_COOKIE, REFRESH_SECONDS,
};
use seisiun_e2e::{
    Person, Stack,
    person::{PASSWORD, SIGN_UP_CODE, address, confirm, post_auth},
    stack::until,
};
use serde_json::{Value, json};
use ulid::Ulid;

/// The code that the local user pool sets every new password with.
const RESET_CODE: &str = "654321";
const NEW_PASSWORD: &str = "another fine horse";
/// Answers that could tell by their time come no sooner.
const NO_SOONER_THAN: Duration = Duration::from_millis(800);

/// Every path of the function, with a body that parses.
fn questions(email: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("sign-up", json!({ "email": email, "password": PASSWORD })),
        ("confirm", json!({ "email": email, "code": "000000" })),
        ("resend-code", json!({ "email": email })),
        ("sign-in", json!({ "email": email, "password": "not the password" })),
        ("sign-in/code", json!({ "email": email })),
        ("sign-in/code/answer", json!({ "email": email, "session": "x", "code": "00000000" })),
        ("refresh", json!({})),
        ("sign-out", json!({})),
        ("forgot-password", json!({ "email": email })),
        (
            "reset-password",
            json!({ "email": email, "code": "000000", "new_password": NEW_PASSWORD }),
        ),
        (
            "change-password",
            json!({ "current_password": "not the password", "new_password": NEW_PASSWORD }),
        ),
    ]
}

/// Asks with this refresh token in the cookie.
async fn post_with_cookie(stack: &Stack, what: &str, token: &str, body: &Value) -> Response {
    let url = stack.url(&format!("/api/auth/{what}")).unwrap();
    let request = stack.http.post(url).header(AUTH_HEADER, AUTH_HEADER_VALUE).json(body);
    request.header(header::COOKIE, format!("{REFRESH_COOKIE}={token}")).send().await.unwrap()
}

/// The refresh token of an answer, and the cookie's attributes.
fn cookie(answer: &Response) -> (String, Vec<String>) {
    let all: Vec<_> = answer.headers().get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(all.len(), 1, "one cookie: {all:?}");
    let mut parts = all[0].to_str().unwrap().split("; ");
    let (name, token) = parts.next().unwrap().split_once('=').unwrap();
    assert_eq!(name, REFRESH_COOKIE);
    let mut attributes: Vec<String> = parts.map(str::to_owned).collect();
    attributes.sort();
    (token.to_owned(), attributes)
}

async fn sign_in(stack: &Stack, email: &str, password: &str) -> Response {
    let body = json!({ "email": email, "password": password });
    post_with_cookie(stack, "sign-in", "", &body).await
}

fn fresh_name(who: &str) -> String {
    format!("{who}.{}", ulid::Ulid::generate()).to_lowercase()
}

#[tokio::test]
async fn the_life_of_an_account() {
    let stack = Stack::from_env().await.unwrap();
    let email = address(&fresh_name("una"));
    let post = async |what: &str, body: Value| post_auth(&stack, what, &body).await.unwrap();

    let short = post("sign-up", json!({ "email": email, "password": "short" })).await;
    assert_eq!(short.status, 422, "{}", short.body);
    assert_eq!(short.problem().unwrap().problems[0].field, "password");
    let new = json!({ "email": email, "password": PASSWORD });
    assert_eq!(post("sign-up", new.clone()).await.status, 202);
    assert_eq!(sign_in(&stack, &email, PASSWORD).await.status(), 401, "not confirmed");
    let codes = until("the mail with the code", || async {
        let mails = stack.account_mails(&email).await?;
        Ok((!mails.is_empty()).then_some(mails))
    });
    assert!(codes.await.unwrap()[0].text.contains(SIGN_UP_CODE));
    assert_eq!(post("resend-code", json!({ "email": email })).await.status, 202);
    assert_eq!(stack.account_mails(&email).await.unwrap().len(), 2, "the code came again");
    let wrong = json!({ "email": email, "code": "000000" });
    assert_eq!(post("confirm", wrong).await.status, 403);
    confirm(&stack, &email, &[]).await.unwrap();

    let signed_in = sign_in(&stack, &email, PASSWORD).await;
    assert_eq!(signed_in.status(), 200);
    assert_eq!(signed_in.headers()[header::CACHE_CONTROL], "no-store");
    let (refresh, attributes) = cookie(&signed_in);
    let max_age = format!("Max-Age={REFRESH_SECONDS}");
    assert_eq!(
        attributes,
        ["HttpOnly", max_age.as_str(), "Path=/api/auth", "SameSite=Strict", "Secure"]
    );
    let text = signed_in.text().await.unwrap();
    assert!(!text.contains(&refresh), "the page never sees the refresh token");
    let access: Access = serde_json::from_str(&text).unwrap();
    assert!((1..=15 * 60).contains(&access.expires_in_seconds), "{access:?}");

    let again = post_with_cookie(&stack, "refresh", &refresh, &json!({})).await;
    assert_eq!(again.status(), 200);
    let again: Access = again.json().await.unwrap();
    let me = stack.http.get(stack.url("/api/me").unwrap());
    let me = me.bearer_auth(again.access_token.expose()).send().await.unwrap();
    assert_eq!(me.status(), 200);

    let out = post_with_cookie(&stack, "sign-out", &refresh, &json!({})).await;
    assert_eq!((out.status(), cookie(&out).0.as_str()), (StatusCode::NO_CONTENT, ""));
    assert!(cookie(&out).1.contains(&"Max-Age=0".to_owned()));
    let ended = post_with_cookie(&stack, "refresh", &refresh, &json!({})).await;
    assert_eq!((ended.status(), cookie(&ended).0.as_str()), (StatusCode::UNAUTHORIZED, ""));

    // A new password, by mail: whoever was signed in is so no longer.
    let (other_device, _) = cookie(&sign_in(&stack, &email, PASSWORD).await);
    // The engine's sign-out everywhere counts whole seconds.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(post("forgot-password", json!({ "email": email })).await.status, 202);
    assert!(stack.account_mails(&email).await.unwrap()[0].text.contains(RESET_CODE));
    let reset = json!({ "email": email, "code": RESET_CODE, "new_password": NEW_PASSWORD });
    assert_eq!(post("reset-password", reset.clone()).await.status, 204);
    assert_eq!(post("reset-password", reset).await.status, 403, "a code is good once");
    assert_eq!(sign_in(&stack, &email, PASSWORD).await.status(), 401);
    let ended = post_with_cookie(&stack, "refresh", &other_device, &json!({})).await;
    assert_eq!(ended.status(), 401, "a new password signs out everywhere");

    // And by oneself.
    let signed_in = sign_in(&stack, &email, NEW_PASSWORD).await;
    let access: Access = signed_in.json().await.unwrap();
    let url = stack.url("/api/auth/change-password").unwrap();
    for (current, status) in [(PASSWORD, 403), (NEW_PASSWORD, 204)] {
        let body = json!({ "current_password": current, "new_password": PASSWORD });
        let request = stack.http.post(&url).header(AUTH_HEADER, AUTH_HEADER_VALUE).json(&body);
        let request = request.bearer_auth(access.access_token.expose());
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    assert_eq!(sign_in(&stack, &email, PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn what_no_page_of_ours_sent_is_refused() {
    let stack = Stack::from_env().await.unwrap();
    let ours = stack.value("front_door_url").unwrap().trim_end_matches('/').to_owned();
    let email = address(&fresh_name("nobody"));
    for (what, body) in questions(&email) {
        let url = stack.url(&format!("/api/auth/{what}")).unwrap();
        let ask = |value: Option<&str>, origin: Option<&str>| {
            let mut request = stack.http.post(&url).json(&body);
            if let Some(value) = value {
                request = request.header(AUTH_HEADER, value);
            }
            if let Some(origin) = origin {
                request = request.header(header::ORIGIN, origin);
            }
            async move { request.send().await.unwrap() }
        };
        for (value, origin, kind) in [
            (None, Some(ours.as_str()), "auth-header"),
            (Some("0"), None, "auth-header"),
            (Some(AUTH_HEADER_VALUE), Some("https://evil.example"), "foreign-origin"),
            (Some(AUTH_HEADER_VALUE), Some("null"), "foreign-origin"),
        ] {
            let answer = ask(value, origin).await;
            assert_eq!(answer.status(), 403, "{what} {value:?} {origin:?}");
            let text = answer.text().await.unwrap();
            assert!(text.contains(kind), "{what} {value:?} {origin:?}: {text}");
        }
        let text = ask(Some(AUTH_HEADER_VALUE), Some(&ours)).await.text().await.unwrap();
        assert!(!text.contains("foreign-origin"), "{what}: {text}");
    }
}

#[tokio::test]
async fn nothing_tells_whether_there_is_an_account() {
    let stack = Stack::from_env().await.unwrap();
    let confirmed = Person::sign_up(&stack, &fresh_name("ann"), &[]).await.unwrap().email;
    let waiting = address(&fresh_name("bo"));
    let body = json!({ "email": waiting, "password": PASSWORD });
    assert_eq!(post_auth(&stack, "sign-up", &body).await.unwrap().status, 202);
    let of_nobody = questions(&address(&fresh_name("nobody")));
    for (index, (what, body)) in of_nobody.into_iter().enumerate() {
        let mut answers = Vec::new();
        let bodies = [&confirmed, &waiting].map(|email| questions(email).swap_remove(index).1);
        // An address that has none comes last: signing up gives it one.
        for body in bodies.into_iter().chain([body]) {
            let began = Instant::now();
            let answer = post_with_cookie(&stack, what, "", &body).await;
            let took = began.elapsed();
            let (status, mut headers) = (answer.status(), answer.headers().clone());
            // They differ by request.
            for name in ["date", "apigw-requestid"] {
                headers.remove(name);
            }
            let mut headers: Vec<_> =
                headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
            headers.sort();
            // Those that no account has a part in answer at once.
            if body.get("email").is_some() && !what.starts_with("sign-in/") {
                assert!(took >= NO_SOONER_THAN, "{what} answered after {took:?}");
            }
            answers.push((status, headers, answer.text().await.unwrap()));
        }
        assert_eq!(answers[0], answers[2], "{what}: confirmed or none");
        assert_eq!(answers[1], answers[2], "{what}: waiting or none");
    }
}

/// Routes of the template that ask for a token, ids filled in.
fn authorised_routes() -> Vec<(Method, String)> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    let template: serde_yaml_ng::Value =
        serde_yaml_ng::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let resources = template["Resources"].as_mapping().unwrap();
    let routes = resources.values().filter(|resource| {
        resource["Type"].as_str() == Some("AWS::ApiGatewayV2::Route")
            && resource["Properties"]["AuthorizationType"].as_str() == Some("JWT")
    });
    let id = ulid::Ulid::generate().to_string();
    let routes = routes.map(|route| {
        let key = route["Properties"]["RouteKey"].as_str().unwrap();
        let (method, path) = key.split_once(' ').unwrap();
        (method.parse().unwrap(), path.replace("{id}", &id))
    });
    routes.collect()
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

fn parts(token: &str) -> (Value, Value, String) {
    let pieces: Vec<&str> = token.split('.').collect();
    let read = |piece: &str| {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(piece.trim_end_matches('=')).unwrap())
    };
    (read(pieces[0]).unwrap(), read(pieces[1]).unwrap(), pieces[2].to_owned())
}

/// Signed by a key that nobody publishes.
fn signed_by_a_stranger(header: &Value, claims: &Value) -> String {
    let signed = format!("{}.{}", part(header), part(claims));
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    let random = SystemRandom::new();
    key.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// An access token of a pool of one's own, good in every other way.
async fn token_of_another_pool(stack: &Stack) -> String {
    let cognito = stack.cognito();
    let name = fresh_name("pool");
    let pool = cognito.create_user_pool().pool_name(&name).send().await.unwrap();
    let pool = pool.user_pool().unwrap().id().unwrap().to_owned();
    let client = cognito
        .create_user_pool_client()
        .user_pool_id(&pool)
        .client_name(&name)
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth)
        .send()
        .await
        .unwrap();
    let client = client.user_pool_client().unwrap().client_id().unwrap().to_owned();
    cognito
        .sign_up()
        .client_id(&client)
        .username(&name)
        .password(PASSWORD)
        .user_attributes(
            AttributeType::builder().name("email").value(address(&name)).build().unwrap(),
        )
        .send()
        .await
        .unwrap();
    cognito.admin_confirm_sign_up().user_pool_id(&pool).username(&name).send().await.unwrap();
    let token = access_token(stack, &client, &name).await;
    cognito.delete_user_pool().user_pool_id(pool).send().await.unwrap();
    token
}

/// An access token, from the pool itself.
async fn access_token(stack: &Stack, client: &str, username: &str) -> String {
    let signed_in = stack
        .cognito()
        .initiate_auth()
        .client_id(client)
        .auth_flow(AuthFlowType::UserPasswordAuth)
        .auth_parameters("USERNAME", username)
        .auth_parameters("PASSWORD", PASSWORD)
        .send()
        .await
        .unwrap();
    signed_in.authentication_result().unwrap().access_token().unwrap().to_owned()
}

/// A token that was good, signed by our own pool for our own client, and is no
/// longer. The client's tokens are made short-lived for a moment: others that sign
/// in meanwhile get one that is good for as long as their next request takes.
async fn expired_token(stack: &Stack, email: &str) -> String {
    let cognito = stack.cognito();
    let (pool, id) = (stack.value("UserPoolId").unwrap(), stack.value("UserPoolClientId").unwrap());
    let describe = cognito.describe_user_pool_client().user_pool_id(pool).client_id(id);
    let client = describe.send().await.unwrap().user_pool_client.unwrap();
    let update = |validity: i32, unit: TimeUnitsType| {
        let units = client.token_validity_units().unwrap();
        let units = TokenValidityUnitsType::builder()
            .access_token(unit)
            .id_token(units.id_token().unwrap().clone())
            .refresh_token(units.refresh_token().unwrap().clone())
            .build();
        let update = cognito.update_user_pool_client().user_pool_id(pool).client_id(id);
        update
            .set_explicit_auth_flows(client.explicit_auth_flows.clone())
            .set_prevent_user_existence_errors(client.prevent_user_existence_errors.clone())
            .enable_token_revocation(true)
            .set_id_token_validity(client.id_token_validity)
            .refresh_token_validity(client.refresh_token_validity)
            .access_token_validity(validity)
            .token_validity_units(units)
    };
    update(5, TimeUnitsType::Seconds).send().await.unwrap();
    let token = access_token(stack, id, email).await;
    let before = client.access_token_validity.unwrap();
    let unit = client.token_validity_units().unwrap().access_token().unwrap().clone();
    update(before, unit).send().await.unwrap();
    let me = stack.http.get(stack.url("/api/me").unwrap()).bearer_auth(&token);
    assert_eq!(me.send().await.unwrap().status(), 200, "it was good");
    tokio::time::sleep(Duration::from_secs(6)).await;
    token
}

#[tokio::test]
async fn a_hostile_token_reaches_no_function() {
    let stack = Stack::from_env().await.unwrap();
    // A moderator, whose tokens would open every route if they were believed.
    let mo = Person::sign_up(&stack, &fresh_name("mo"), &["moderators"]).await.unwrap();
    let (head, claims, signature) = parts(mo.access_token());
    let mut other = claims.clone();
    other["sub"] = ulid::Ulid::generate().to_string().into();
    let unsigned = json!({ "alg": "none", "typ": "JWT" });
    let unsigned_with_key = json!({ "alg": "none", "kid": head["kid"] });
    let with_id_token = mo.with_id_token().await.unwrap();
    let expired = expired_token(&stack, &mo.email).await;
    let hostile = [
        ("none", String::new()),
        ("no token at all", "Bearer".to_owned()),
        ("unsigned", format!("{}.{}.", part(&unsigned), part(&claims))),
        ("unsigned, with our key's id", format!("{}.{}.", part(&unsigned_with_key), part(&claims))),
        ("changed", format!("{}.{}.{signature}", part(&head), part(&other))),
        ("forged", signed_by_a_stranger(&head, &claims)),
        ("expired", expired),
        ("an ID token", with_id_token.access_token().to_owned()),
        ("another pool's", token_of_another_pool(&stack).await),
    ];
    let routes = authorised_routes();
    assert!(routes.len() >= 8, "{routes:?}");
    for (what, token) in hostile {
        let person = mo.with_token(&token);
        for (method, path) in &routes {
            let answer = person.call(method.clone(), path, Some(&json!({})), None).await.unwrap();
            let place = format!("{what}: {method} {path}: {} {}", answer.status, answer.body);
            assert!([401, 403].contains(&answer.status.as_u16()), "{place}");
            // The gateway's own words; every function of ours answers a problem.
            assert!(answer.problem().is_err(), "a function was reached: {place}");
        }
    }
    // The same requests with a good token do reach functions.
    for (method, path) in routes {
        let answer = mo.call(method.clone(), &path, Some(&json!({})), None).await.unwrap();
        assert!(![401, 403].contains(&answer.status.as_u16()), "{method} {path}: {answer:?}");
    }
}

#[tokio::test]
async fn a_profile_is_the_members_own_to_write() {
    let stack = Stack::from_env().await.unwrap();
    let tag = Ulid::generate().to_string().to_lowercase();
    let ann = Person::sign_up(&stack, &format!("ann.{tag}"), &[]).await.unwrap();
    let bob = Person::sign_up(&stack, &format!("bob.{tag}"), &[]).await.unwrap();
    let read = async |person: &Person| -> Value {
        person.call(Method::GET, "/api/me", None::<&()>, None).await.unwrap().ok().unwrap()
    };
    let before = read(&bob).await;
    let profile = json!({
        "display_name": "  Áine Ní Anonymous ",
        "home": { "centre": { "lat": 52.84, "lon": -8.98 }, "radius_km": 25.0 },
        "language": "ga",
    });
    let written = ann.call(Method::PUT, "/api/me", Some(&profile), None).await.unwrap();
    let written: Value = written.ok().unwrap();
    assert_eq!(written["display_name"], "Áine Ní Anonymous");
    assert_eq!(written["home"], profile["home"]);
    assert_eq!((&written["language"], &written["email"]), (&json!("ga"), &json!(ann.email)));
    assert_eq!(read(&ann).await, written);
    assert_eq!(read(&bob).await, before);

    // Whose profile it is comes from the token alone.
    let mut of_bob = profile.clone();
    of_bob["member_id"] = json!(bob.member_id);
    let refused = ann.call(Method::PUT, "/api/me", Some(&of_bob), None).await.unwrap();
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.body);
    assert_eq!(read(&bob).await, before);
}
