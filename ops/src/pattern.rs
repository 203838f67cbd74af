//! Whether an event matches a rule's pattern, as EventBridge decides it.
//!
//! Source: Amazon EventBridge User Guide, "Comparison operators for use in event
//! patterns". What it does not know it refuses, so that a rule is never taken for
//! one that matches.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json};

/// Whether an event matches.
///
/// # Errors
/// Names what is no pattern.
pub fn matches(pattern: &Json, event: &Json) -> Result<bool, String> {
    let pattern = pattern.as_object().ok_or_else(|| format!("{pattern} is no pattern"))?;
    if pattern.is_empty() {
        return Err("a pattern that names nothing matches everything".into());
    }
    object(pattern, event)
}

fn object(pattern: &Map<String, Json>, event: &Json) -> Result<bool, String> {
    for (key, wanted) in pattern {
        let well = if key == "$or" {
            let ways = wanted.as_array().ok_or("$or takes a list")?;
            let mut any = false;
            for way in ways {
                any |= object(way.as_object().ok_or("$or takes patterns")?, event)?;
            }
            any
        } else {
            match wanted {
                Json::Object(inner) => object(inner, event.get(key).unwrap_or(&Json::Null))?,
                Json::Array(ways) if !ways.is_empty() => field(ways, event.get(key))?,
                _ => return Err(format!("{key}: a field takes a list of what it may be")),
            }
        };
        if !well {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a field, or any of its items, is one of these.
fn field(ways: &[Json], found: Option<&Json>) -> Result<bool, String> {
    for way in ways {
        let well = match (way, found) {
            (Json::Object(operator), found) => operation(operator, found)?,
            (plain, Some(Json::Array(items))) => items.contains(plain),
            (plain, Some(value)) => plain == value,
            (_, None) => false,
        };
        if well {
            return Ok(true);
        }
    }
    Ok(false)
}

fn operation(operator: &Map<String, Json>, found: Option<&Json>) -> Result<bool, String> {
    let Some((name, argument)) = operator.iter().next().filter(|_| operator.len() == 1) else {
        return Err(format!("{operator:?} is not one operator"));
    };
    if name == "exists" {
        let wanted = argument.as_bool().ok_or("exists takes true or false")?;
        return Ok(wanted == found.is_some());
    }
    let Some(found) = found else { return Ok(false) };
    if let Json::Array(items) = found {
        for item in items {
            if operation(operator, Some(item))? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    let text = || argument.as_str().ok_or_else(|| format!("{name} takes a text"));
    Ok(match name.as_str() {
        "prefix" => {
            found.as_str().is_some_and(|is| argument.as_str().is_some_and(|a| is.starts_with(a)))
        }
        "suffix" => {
            let ending = text()?;
            found.as_str().is_some_and(|is| is.ends_with(ending))
        }
        "equals-ignore-case" => {
            let other = text()?;
            found.as_str().is_some_and(|is| is.eq_ignore_ascii_case(other))
        }
        "wildcard" => {
            let wanted = text()?;
            found.as_str().is_some_and(|is| wildcard(wanted, is))
        }
        "anything-but" => match argument {
            Json::Object(inner) => !operation(inner, Some(found))?,
            Json::Array(others) => !others.contains(found),
            other => other != found,
        },
        "numeric" => {
            let steps = argument.as_array().ok_or("numeric takes a list")?;
            let Some(value) = found.as_f64() else { return Ok(false) };
            let mut well = !steps.is_empty();
            for step in steps.chunks(2) {
                let [comparison, bound] = step else {
                    return Err("numeric takes pairs of a comparison and a number".into());
                };
                let bound = bound.as_f64().ok_or("numeric compares with a number")?;
                let order = value.partial_cmp(&bound);
                well &= match comparison.as_str() {
                    Some("=") => order == Some(Ordering::Equal),
                    Some(">") => order == Some(Ordering::Greater),
                    Some("<") => order == Some(Ordering::Less),
                    Some(">=") => order.is_some_and(Ordering::is_ge),
                    Some("<=") => order.is_some_and(Ordering::is_le),
                    _ => return Err(format!("{comparison} is no comparison")),
                };
            }
            well
        }
        other => return Err(format!("{other} is not known here: teach ops/src/pattern.rs")),
    })
}

/// Whether a text is like this, where each star stands for any text.
#[must_use]
pub fn wildcard(wanted: &str, text: &str) -> bool {
    match wanted.split_once('*') {
        None => wanted == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|n| rest.get(n..).is_some_and(|rest| wildcard(after, rest)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_matches_as_eventbridge_says() {
        let event = json!({
            "source": "aws.guardduty",
            "resources": ["arn:a", "arn:b"],
            "detail": { "severity": 5, "state": "FAILED", "name": "seisiun-prod-x", "gone": null },
        });
        for (pattern, expected) in [
            (json!({ "source": ["aws.guardduty"] }), true),
            (json!({ "source": ["aws.backup"] }), false),
            (json!({ "source": ["aws.backup", "aws.guardduty"] }), true),
            (json!({ "resources": ["arn:b"] }), true),
            (json!({ "detail": { "severity": [{ "numeric": [">=", 4] }] } }), true),
            (json!({ "detail": { "severity": [{ "numeric": [">", 5] }] } }), false),
            (json!({ "detail": { "severity": [{ "numeric": [">", 0, "<=", 5] }] } }), true),
            (json!({ "detail": { "state": [{ "anything-but": ["SUCCEEDED"] }] } }), true),
            (json!({ "detail": { "state": [{ "anything-but": "FAILED" }] } }), false),
            (json!({ "detail": { "state": [{ "anything-but": { "prefix": "FA" } }] } }), false),
            (json!({ "detail": { "name": [{ "prefix": "seisiun-prod-" }] } }), true),
            (json!({ "detail": { "name": [{ "suffix": "-y" }] } }), false),
            (json!({ "detail": { "name": [{ "wildcard": "seisiun-*-x" }] } }), true),
            (json!({ "detail": { "name": [{ "wildcard": "*-y" }] } }), false),
            (json!({ "detail": { "state": [{ "equals-ignore-case": "failed" }] } }), true),
            (json!({ "detail": { "gone": [null] } }), true),
            (json!({ "detail": { "more": [{ "exists": false }] } }), true),
            (json!({ "detail": { "state": [{ "exists": false }] } }), false),
            (json!({ "resources": [{ "suffix": "b" }] }), true),
            (json!({ "none": { "of": ["this"] } }), false),
            (
                json!({ "$or": [{ "source": ["aws.x"] }, { "detail": { "state": ["FAILED"] } }] }),
                true,
            ),
        ] {
            assert_eq!(matches(&pattern, &event), Ok(expected), "{pattern}");
        }
        for bad in [
            json!({}),
            json!({ "source": "aws.guardduty" }),
            json!({ "source": [] }),
            json!({ "source": [{ "like": "x" }] }),
            json!({ "detail": { "severity": [{ "numeric": [">="] }] } }),
        ] {
            assert!(matches(&bad, &event).is_err(), "{bad}");
        }
    }
}
