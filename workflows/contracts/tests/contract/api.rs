//! The API's routes against the functions that answer them, and what the
//! template and the code both know of accounts.

use std::collections::{BTreeMap, BTreeSet};

use seisiun_contracts::api::auth;
use serde_json::{Value, json};

use crate::project::{Project, read};

/// Cognito's access tokens carry this scope, its ID tokens do not.
const SCOPE: &str = "aws.cognito.signin.user.admin";

/// Routes of the template by the stem of the function that they lead to.
fn template_routes(template: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut routes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for resource in resources(template, "AWS::ApiGatewayV2::Route") {
        let target = resource["Target"]["Fn::Sub"].as_str().unwrap();
        let name =
            target.strip_prefix("integrations/${").and_then(|t| t.strip_suffix("Integration}"));
        let stem = crate::checks::stem(name.unwrap());
        let key = resource["RouteKey"].as_str().unwrap().to_owned();
        assert!(routes.entry(stem).or_default().insert(key), "a route is there once");
    }
    routes
}

fn resources<'a>(template: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let all = template["Resources"].as_object().unwrap().values();
    all.filter(move |resource| resource["Type"] == kind).map(|resource| &resource["Properties"])
}

/// Routes in a function's source: `.route("/path", get(a).post(b))`.
fn source_routes(stem: &str) -> BTreeSet<String> {
    let source = read(&format!("functions/handlers/src/bin/{stem}.rs"));
    let calls = source.split(".route(").skip(1).map(|rest| rest.split_inclusive(")\n").next());
    let mut routes = BTreeSet::new();
    for call in calls {
        let mut quoted = call.unwrap().splitn(3, '"');
        let (path, handlers) = (quoted.nth(1).unwrap(), quoted.next().unwrap());
        for method in ["get", "post", "put", "patch", "delete"] {
            let call = format!("{method}(");
            let mut named = handlers.match_indices(&call);
            let whole = |at: usize| {
                !handlers[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            };
            if named.any(|(at, _)| whole(at)) {
                routes.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    routes
}

#[test]
fn every_route_has_a_handler_and_every_handler_a_route() {
    let project = Project::load();
    let routes = template_routes(&project.template);
    assert!(routes.contains_key("auth-api"), "{routes:?}");
    for (stem, routes) in routes {
        assert_eq!(routes, source_routes(&stem), "template.yaml and {stem}.rs");
    }
}

#[test]
fn every_route_asks_for_an_access_token_or_says_that_it_does_not() {
    let project = Project::load();
    for route in resources(&project.template, "AWS::ApiGatewayV2::Route") {
        let key = route["RouteKey"].as_str().unwrap();
        if route["AuthorizationType"] == "JWT" {
            assert_eq!(route["AuthorizerId"], json!({ "Ref": "MemberAuthorizer" }), "{key}");
            assert_eq!(route["AuthorizationScopes"], json!([SCOPE]), "{key}");
        } else {
            assert_eq!(route["AuthorizationType"], "NONE", "{key}");
        }
        if key.contains(" /api/auth/") {
            assert_eq!(route["AuthorizationType"], "NONE", "{key}: it is where tokens come from");
        }
    }
}

#[test]
fn the_user_pool_and_the_code_know_the_same() {
    let project = Project::load();
    let pool = resources(&project.template, "AWS::Cognito::UserPool").next().unwrap();
    let policy = &pool["Policies"]["PasswordPolicy"];
    assert_eq!(policy["MinimumLength"], auth::PASSWORD_CHARS_MIN);
    assert_eq!(auth::PASSWORD_CHARS_MIN, seisiun_workflows::account::PASSWORD_CHARS_MIN);
    // What the code does not ask for, the pool must not either: a refusal that only
    // the pool makes would tell that an address is new.
    for demand in ["Lowercase", "Uppercase", "Numbers", "Symbols"] {
        assert_eq!(policy[format!("Require{demand}")], false, "{demand}");
    }
    let client = resources(&project.template, "AWS::Cognito::UserPoolClient").next().unwrap();
    assert_eq!(client["TokenValidityUnits"]["RefreshToken"], "days");
    let days = client["RefreshTokenValidity"].as_u64().unwrap();
    assert_eq!(days * 24 * 60 * 60, auth::REFRESH_SECONDS);
    assert_eq!(client["PreventUserExistenceErrors"], "ENABLED");
    assert_eq!(client["GenerateSecret"], false);
    assert!(auth::REFRESH_COOKIE.starts_with("__Secure-"), "browsers then insist on Secure");
    for route in source_routes("auth-api") {
        assert!(route.contains(auth::REFRESH_COOKIE_PATH), "{route} does not get the cookie");
    }
}
