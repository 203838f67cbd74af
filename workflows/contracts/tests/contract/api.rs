//! The API's routes against the functions that answer them, and what the
//! template and the code both know of accounts.

use std::collections::{BTreeMap, BTreeSet};

use seisiun_contracts::api::{
    auth, openapi,
    operations::{Asker, operations},
};
use serde_json::{Value, json};

use crate::project::{self, Project, binary, read};

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
        if key == "$default" {
            assert_eq!(stem, "public-api", "it answers what no route takes");
            continue;
        }
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
    let source = read(&binary(stem));
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

#[test]
fn every_operation_is_a_route_and_every_route_an_operation() {
    let project = Project::load();
    let open: BTreeMap<String, bool> = resources(&project.template, "AWS::ApiGatewayV2::Route")
        .map(|route| {
            let key = route["RouteKey"].as_str().unwrap().to_owned();
            (key, route["AuthorizationType"] == "NONE")
        })
        .filter(|(key, _)| key != "$default")
        .collect();
    let documented: BTreeMap<String, bool> = operations()
        .iter()
        .map(|operation| {
            let open = matches!(operation.asker, Asker::Anybody | Asker::OurPage);
            (format!("{} {}", operation.method, operation.path), open)
        })
        .collect();
    assert_eq!(open, documented, "template.yaml and operations.rs; true: no access token");
}

#[test]
fn operations_are_well_formed() {
    let mut ids = BTreeSet::new();
    for operation in operations() {
        assert!(ids.insert(operation.id), "{} is there twice", operation.id);
        assert!(!operation.answers.is_empty(), "{} answers nothing", operation.id);
        let named: Vec<&str> = operation.path.split(['{', '}']).skip(1).step_by(2).collect();
        let known: Vec<&str> = operation.in_path.iter().map(|at| at.name).collect();
        assert_eq!(named, known, "{}", operation.id);
    }
}

/// `UPDATE_DOCS=1` writes the file.
#[test]
fn the_committed_document_is_that_of_the_code() {
    let path = project::root().join("docs/openapi.json");
    let text = openapi::text();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(committed == text, "docs/openapi.json is not current: run with UPDATE_DOCS=1");
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    match value {
                        Value::String(text) if key == "$ref" => found.push(text.clone()),
                        other => references(other, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = openapi::document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 20, "{found:?}");
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap_or("?");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}
