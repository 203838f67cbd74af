//! What a state hands to its function, and how the answer is routed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Here, names};
use crate::{
    asl::{Arguments, Choice, Language, State, Task, Why},
    jsonata,
    project::{Check, Violation},
    registry,
    simulate::waits_for_token,
};

/// Integrations that we use, spelled as AWS spells them.
const INVOKE: &str = "arn:aws:states:::lambda:invoke";
const UPDATE: &str = "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken";

/// What a distributed Map reads with, and writes with.
const READ: &str = "arn:aws:states:::s3:getObject";
const WRITE: &str = "arn:aws:states:::s3:putObject";

/// Hands a state its token.
const TOKEN: &str = "{% $states.context.Task.Token %}";

/// States whose tag is routed by nobody, and why that is right.
const NOT_ROUTED: [(&str, &str); 3] = [
    ("ModeratePhoto", "the scan is stored; ModerateText adds it up"),
    ("PersistReview", "the status is stored; TellSubmitter tells either"),
    ("PersistChange", "the status is stored; TellSubmitter tells either"),
];

/// Expressions that do more than select, each looked at by a person.
const REVIEWED: [(&str, &str); 3] = [
    ("'CASE#' & $submission_id", "the key of the case; functions/aws holds it against keys.rs"),
    ("$count($states.result)", "a number for the eye instead of a list that grows"),
    ("$reminder + 1", "counts the waits; Rust decides when to give up"),
];

pub(crate) fn check(here: &Here<'_>, violations: &mut Vec<Violation>) {
    let place = here.place();
    let mut found: Vec<(Check, String)> = Vec::new();
    match here.state {
        State::Task(task) => {
            found.extend(payload(here, task).map(|what| (Check::Payload, what)));
            found.extend(token(task).map(|what| (Check::Token, what)));
            let expected = match &task.arguments {
                Arguments::Invoke(_) => INVOKE,
                // A function's failure behind a token would be the token's
                // holder's to report, and a killed one reports nothing.
                Arguments::UpdateItem(_) => UPDATE,
            };
            if task.resource != expected {
                let what = format!("{} is not {expected}, as its arguments are", task.resource);
                found.push((Check::Wiring, what));
            }
            found.extend(unrouted(here).map(|what| (Check::Tags, what)));
        }
        State::Choice(choice) => found.extend(tags(here, choice)),
        State::Map(map) => {
            let reads = map.item_reader.as_ref().is_none_or(|reader| reader.resource == READ);
            let writes = map.result_writer.as_ref().is_none_or(|writer| writer.resource == WRITE);
            if !reads || !writes {
                found.push((Check::Wiring, format!("reads with {READ}, writes with {WRITE}")));
            }
        }
        State::Pass(_) | State::Wait(_) | State::Fail(_) => {}
    }
    if here.graph.language_of(here.state) == Language::Jsonata {
        found.extend(selections(here.state));
    }
    violations.extend(found.into_iter().map(|(check, what)| Violation::new(check, &place, what)));
}

/// The payload names the fields of the wire input.
fn payload(here: &Here<'_>, task: &Task) -> Option<String> {
    let name = here.name;
    let Arguments::Invoke(call) = &task.arguments else { return None };
    let reads = here.graph.inside.is_some_and(|(_, map)| map.item_reader.is_some());
    let fields: BTreeSet<&str> = registry::wire(name)?.input?.fields.iter().copied().collect();
    match &call.payload {
        Value::Object(payload) => {
            let keys: BTreeSet<&str> = payload.keys().map(String::as_str).collect();
            (keys != fields).then(|| {
                format!("Payload has [{}], {name}Input has [{}]", names(keys), names(fields))
            })
        }
        // A line of the manifest is the input; the goldens hold its shape.
        Value::String(text) if reads && text == "{% $states.input %}" => None,
        other => Some(format!("Payload is {other}, not {name}Input's fields")),
    }
}

fn token(task: &Task) -> Option<String> {
    let handed = match &task.arguments {
        Arguments::Invoke(call) => call.payload.to_string().contains(TOKEN),
        Arguments::UpdateItem(call) => {
            call.expression_attribute_values.get(":token") == Some(&json!({ "S": TOKEN }))
                && call.update_expression.contains("= :token")
        }
    };
    match (waits_for_token(task), handed) {
        (true, false) => Some(format!("waits for a token: its arguments hand out {TOKEN}")),
        (false, true) => Some("hands out a token and does not wait for it".into()),
        _ => None,
    }
}

/// A tag that nobody looks at.
fn unrouted(here: &Here<'_>) -> Option<String> {
    let tag = registry::wire(here.name)?.tag?;
    let next = here.state.successors().into_iter().find(|(why, _)| *why == Why::Done);
    let routed =
        next.is_some_and(|(_, next)| matches!(here.graph.state(next), Some(State::Choice(_))));
    let reviewed = NOT_ROUTED.iter().any(|(name, _)| *name == here.name);
    (routed == reviewed).then(|| {
        if routed {
            "is routed: take it out of NOT_ROUTED".into()
        } else {
            format!("answers {}, and no Choice follows", tag.field)
        }
    })
}

/// The rules compare the tags that the state before answers: all, and no more.
fn tags(here: &Here<'_>, choice: &Choice) -> Vec<(Check, String)> {
    let mut found = Vec::new();
    let mut fields = BTreeSet::new();
    let mut compared = BTreeSet::new();
    for rule in &choice.choices {
        match jsonata::comparison(&rule.condition) {
            Some((field, tag)) => {
                fields.insert(field);
                if !compared.insert(tag) {
                    found.push((Check::Tags, format!("compares '{tag}' twice")));
                }
            }
            None => found.push((
                Check::Selects,
                format!(
                    "\"{}\" decides: a rule is {{% $states.input.<field> = '<tag>' %}}",
                    rule.condition
                ),
            )),
        }
    }
    let before = here.graph.predecessors(here.name);
    if before.is_empty() {
        found.push((Check::Tags, "no state answers what it compares".into()));
    }
    for (name, _, why) in before {
        let tag = registry::wire(name).and_then(|wire| wire.tag).filter(|_| why == Why::Done);
        let Some(tag) = tag else {
            found.push((Check::Tags, format!("{name} hands it no tag")));
            continue;
        };
        if fields != BTreeSet::from([tag.field]) {
            let what = format!("compares [{}], {name} answers {}", names(fields.iter()), tag.field);
            found.push((Check::Tags, what));
        }
        let known: BTreeSet<&str> = tag.tags.iter().copied().collect();
        if compared != known {
            let what = format!(
                "compares [{}], {name} answers [{}]",
                names(compared.iter()),
                names(known.iter())
            );
            found.push((Check::Tags, what));
        }
    }
    found
}

/// JSONata only selects, but for what was reviewed.
fn selections(state: &State) -> Vec<(Check, String)> {
    let mut values: Vec<Value> = Vec::new();
    let mut catchers = state.catch().to_vec();
    match state {
        State::Task(task) => {
            values.push(task.arguments.values());
            values.extend(task.output.clone());
            values.extend(task.assign.values().cloned());
        }
        State::Map(map) => {
            values.extend(
                [&map.items, &map.item_selector, &map.output].into_iter().flatten().cloned(),
            );
            values.extend(map.assign.values().cloned());
        }
        State::Pass(pass) => {
            values.extend(pass.output.clone());
            values.extend(pass.assign.values().cloned());
        }
        State::Fail(fail) => {
            values.extend([&fail.error, &fail.cause].map(|text| text.as_str().into()))
        }
        // Its conditions have a form of their own; a Wait has a parameter's number.
        State::Choice(_) | State::Wait(_) => {}
    }
    for catcher in &mut catchers {
        values.extend(catcher.output.take());
        values.extend(catcher.assign.values().cloned());
    }
    let mut found = Vec::new();
    for expression in values.iter().flat_map(jsonata::expressions) {
        if REVIEWED.iter().any(|(reviewed, _)| *reviewed == expression) {
            continue;
        }
        match jsonata::selects(expression) {
            Ok(true) => {}
            Ok(false) => found.push((
                Check::Selects,
                format!(
                    "`{expression}` decides: do it in Rust, or add it to REVIEWED with a reason"
                ),
            )),
            Err(error) => found.push((Check::Selects, error)),
        }
    }
    found
}
