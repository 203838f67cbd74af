//! Machine ↔ template ↔ function ↔ sources.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::names;
use crate::{
    asl::{Arguments, Mode, State},
    project::{Check, Machine, View, Violation, binaries},
    registry,
    template::StateMachine,
};

/// What calls a function from outside a workflow, beside the API's routes.
const TRIGGERS: [&str; 2] = ["SQS", "Schedule"];

const INVOKE: &str = "lambda:InvokeFunction";

/// The table, as a machine names it.
const TABLE: &str = "${Table}";

/// What a task does that changes a record by itself.
const UPDATE: &str = "dynamodb:UpdateItem";

/// What a distributed Map does beside invoking: it starts executions of its own
/// machine, reads its items and writes its results, in parts.
const DISTRIBUTED: [&str; 7] = [
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
    "states:DescribeExecution",
    "states:StartExecution",
    "states:StopExecution",
];

pub(crate) fn check(view: &View<'_>, violations: &mut Vec<Violation>) {
    let mut invoked = BTreeSet::new();
    for machine in &view.machines {
        let functions = tasks(machine, violations);
        resource(view, machine, &functions, violations);
        for function in &functions {
            task_sources(view, machine, function, violations);
        }
        invoked.extend(functions);
    }
    for machine in &view.template.machines {
        let known = view.machines.iter().any(|known| path(known.stem) == machine.definition);
        if !known {
            let what = format!("there is no {}", machine.definition);
            violations.push(Violation::new(Check::Wiring, &machine.id, what));
        }
    }
    functions(view, &invoked, violations);
}

/// The functions that a machine calls, e.g. `OpenCase`, each by the state of
/// the same name.
fn tasks(machine: &Machine<'_>, violations: &mut Vec<Violation>) -> BTreeSet<String> {
    let mut functions = BTreeSet::new();
    for graph in machine.definition.graphs() {
        for (name, state) in &graph.definition.states {
            let State::Task(task) = state else { continue };
            let (target, expected) = match &task.arguments {
                Arguments::Invoke(call) => {
                    functions.insert(name.clone());
                    (&call.function_name, format!("${{{name}FunctionArn}}"))
                }
                Arguments::UpdateItem(call) => (&call.table_name, TABLE.to_owned()),
            };
            if *target != expected {
                violations.push(Violation::new(
                    Check::Wiring,
                    &format!("{}/{name}", machine.stem),
                    format!("calls {target}; a state calls {expected}"),
                ));
            }
        }
    }
    functions
}

/// The machine's resource in the template, what it fills in, and its role.
fn resource(
    view: &View<'_>,
    machine: &Machine<'_>,
    functions: &BTreeSet<String>,
    violations: &mut Vec<Violation>,
) {
    let definition = path(machine.stem);
    let mut wrong = |check, what: String| {
        violations.push(Violation::new(check, machine.stem, what));
    };
    let Some(resource) =
        view.template.machines.iter().find(|resource| resource.definition == definition)
    else {
        return wrong(Check::Wiring, format!("template.yaml has no machine for {definition}"));
    };
    let id = pascal(machine.stem);
    let name = format!("${{AWS::StackName}}-{}", machine.stem);
    for (what, is, expected) in [
        ("the resource", &resource.id, format!("{id}StateMachine")),
        ("its Name", &resource.name, name),
        ("its Role", &resource.role, format!("{id}Role.Arn")),
        ("its Type", &resource.kind, "STANDARD".to_owned()),
    ] {
        if *is != expected {
            wrong(Check::Wiring, format!("{what} is {is}, not {expected}"));
        }
    }

    let used = placeholders(machine.json);
    let filled: BTreeSet<String> = resource.substitutions.keys().cloned().collect();
    if used != filled {
        let missing: Vec<_> = used.difference(&filled).collect();
        let unused: Vec<_> = filled.difference(&used).collect();
        wrong(
            Check::Wiring,
            format!(
                "DefinitionSubstitutions: missing [{}], without a use [{}]",
                names(missing),
                names(unused)
            ),
        );
    }
    for (placeholder, value) in &resource.substitutions {
        let expected = match placeholder.strip_suffix("Arn") {
            Some(function) if view.template.function(function).is_some() => {
                json!({ "Ref": format!("{function}.Alias") })
            }
            Some(function) => {
                wrong(Check::Wiring, format!("template.yaml has no {function}: add it"));
                continue;
            }
            None => json!({ "Ref": placeholder }),
        };
        let exists = placeholder.ends_with("Arn")
            || view.template.parameters.contains_key(placeholder)
            || view.template.resources.contains(placeholder);
        if *value != expected || !exists {
            wrong(Check::Wiring, format!("{placeholder} is {value}, not {expected}"));
        }
    }
    role(view, machine, resource, functions, violations);
}

fn role(
    view: &View<'_>,
    machine: &Machine<'_>,
    resource: &StateMachine,
    functions: &BTreeSet<String>,
    violations: &mut Vec<Violation>,
) {
    let id = resource.role.trim_end_matches(".Arn");
    let mut wrong = |what: String| violations.push(Violation::new(Check::Role, id, what));
    let Some(role) = view.template.roles.get(id) else {
        return wrong(format!("{} has no such role", machine.stem));
    };
    let expected: BTreeSet<String> = functions
        .iter()
        .map(|name| json!({ "Ref": format!("{name}Function.Alias") }).to_string())
        .collect();
    let invokes: BTreeSet<String> =
        role.allows.get(INVOKE).into_iter().flatten().map(ToString::to_string).collect();
    for missing in expected.difference(&invokes) {
        wrong(format!("may not invoke {missing}, which {} calls", machine.stem));
    }
    for extra in invokes.difference(&expected) {
        wrong(format!("may invoke {extra}, which {} never calls", machine.stem));
    }
    let distributed = machine.definition.graphs().iter().any(|graph| {
        let config = graph.definition.processor_config.as_ref();
        config.is_some_and(|config| config.mode == Mode::Distributed)
    });
    let updates = machine.definition.graphs().iter().any(|graph| {
        graph.definition.states.values().any(|state| {
            matches!(state, State::Task(task) if matches!(task.arguments, Arguments::UpdateItem(_)))
        })
    });
    let mut others: Vec<&str> = if distributed { DISTRIBUTED.to_vec() } else { Vec::new() };
    others.extend(updates.then_some(UPDATE));
    for missing in others.iter().filter(|action| !role.allows.contains_key(**action)) {
        wrong(format!("lacks {missing}, which {} needs", machine.stem));
    }
    for extra in role.allows.keys().filter(|a| *a != INVOKE && !others.contains(&a.as_str())) {
        wrong(format!("allows {extra}, which {} does not need", machine.stem));
    }
}

/// What a task needs in Rust.
fn task_sources(
    view: &View<'_>,
    machine: &Machine<'_>,
    name: &str,
    violations: &mut Vec<Violation>,
) {
    let place = format!("{}/{name}", machine.stem);
    let module = format!("workflows/tasks/src/{}.rs", words(name, '_'));
    if !view.project.files.contains(&module) {
        violations.push(Violation::new(Check::Wiring, &place, format!("there is no {module}")));
    }
    let pair = registry::wire(name).and_then(|wire| wire.input.zip(wire.output));
    if pair.is_none() {
        let what = format!("add {name}Input and {name}Output to tests/contract/registry.rs");
        violations.push(Violation::new(Check::Wiring, &place, what));
    }
}

/// Every function has a name, a folder, a role, a binary and a use.
fn functions(view: &View<'_>, invoked: &BTreeSet<String>, violations: &mut Vec<Violation>) {
    let mut known = BTreeSet::new();
    for function in &view.template.functions {
        let Some(name) = function.id.strip_suffix("Function") else {
            let what = "a function is called <VerbNoun>Function";
            violations.push(Violation::new(Check::Wiring, &function.id, what));
            continue;
        };
        let stem = words(name, '-');
        let may_lie = binaries(&stem);
        let lie = may_lie.iter().filter(|file| view.project.files.contains(*file));
        let lie: Vec<&String> = lie.collect();
        for (what, is, expected) in [
            ("CodeUri", &function.code, format!("target/lambda/{stem}/")),
            ("FunctionName", &function.name, format!("${{AWS::StackName}}-{stem}")),
            ("Role", &function.role, format!("{name}Role.Arn")),
        ] {
            if *is != expected {
                let what = format!("{what} is {is}, not {expected}");
                violations.push(Violation::new(Check::Wiring, &function.id, what));
            }
        }
        if lie.len() != 1 {
            let what = format!("of {may_lie:?} there are {lie:?}, not one");
            violations.push(Violation::new(Check::Wiring, &function.id, what));
        }
        let triggered = function.events.iter().any(|event| TRIGGERS.contains(&event.as_str()));
        if !invoked.contains(name) && !triggered && !routed(view, &function.id) {
            let what = "no state machine, API route, queue or schedule calls it: remove it";
            violations.push(Violation::new(Check::Unused, &function.id, what));
        }
        known.extend(may_lie);
    }
    for (route, target) in &view.template.routes {
        let integration = target.trim_start_matches("integrations/${").trim_end_matches('}');
        if !view.template.integrations.contains_key(integration) {
            let what = format!("leads to {target}, which is no integration");
            violations.push(Violation::new(Check::Wiring, route, what));
        }
    }
    for file in &view.project.files {
        if file.starts_with("functions/") && !known.contains(file) {
            let what = "template.yaml has no function for it";
            violations.push(Violation::new(Check::Wiring, file, what));
        }
    }
}

/// Whether a route of the API leads to a function, and may.
fn routed(view: &View<'_>, function: &str) -> bool {
    let arn = format!("{function}.Alias");
    view.template.api_calls.contains(&arn)
        && view.template.integrations.iter().any(|(id, calls)| {
            let target = format!("integrations/${{{id}}}");
            *calls == arn && view.template.routes.values().any(|route| *route == target)
        })
}

/// Names in `${…}`, anywhere in a definition.
pub(crate) fn placeholders(json: &Value) -> BTreeSet<String> {
    match json {
        Value::String(text) => text
            .split("${")
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name.to_owned())
            .collect(),
        Value::Array(items) => items.iter().flat_map(placeholders).collect(),
        Value::Object(object) => object.values().flat_map(placeholders).collect(),
        _ => BTreeSet::new(),
    }
}

fn path(stem: &str) -> String {
    format!("statemachines/{stem}.asl.json")
}

/// `session-submission` → `SessionSubmission`.
fn pascal(kebab: &str) -> String {
    kebab
        .split('-')
        .flat_map(|word| {
            let (first, rest) = word.split_at(1.min(word.len()));
            [first.to_uppercase(), rest.to_owned()]
        })
        .collect()
}

/// `OpenCase` → `open-case`.
pub(super) fn words(pascal: &str, between: char) -> String {
    let mut words = String::new();
    for c in pascal.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push(between);
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}
