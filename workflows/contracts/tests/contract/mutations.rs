//! Proof that the checks bite: every mechanical way to break a machine, the
//! template, the sources or the goldens is found, and by the check that is
//! there for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    thread,
};

use serde_json::{Value, json};

use crate::{
    checks,
    project::{Check, Project, Violation, binaries},
};

/// A broken copy of the project.
#[derive(Debug)]
struct Mutant {
    class: &'static str,
    place: String,
    /// Any of these has to find it.
    found_by: &'static [Check],
    project: Project,
    /// The machine that was broken, if that was all.
    machine: Option<String>,
}

/// Makes mutants of one project.
struct Nursery<'a> {
    project: &'a Project,
    mutants: Vec<Mutant>,
}

/// Steps from the root of a JSON value: names and indices.
type Path = Vec<Step>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// Every value and where it is.
fn places(value: &Value) -> Vec<(Path, &Value)> {
    let mut found = vec![(Vec::new(), value)];
    let mut next = 0;
    while let Some((path, value)) = found.get(next).cloned() {
        next += 1;
        let children: Vec<(Step, &Value)> = match value {
            Value::Object(object) => {
                object.iter().map(|(key, value)| (Step::Key(key.clone()), value)).collect()
            }
            Value::Array(items) => {
                items.iter().enumerate().map(|(n, value)| (Step::Index(n), value)).collect()
            }
            _ => Vec::new(),
        };
        found.extend(children.into_iter().map(|(step, value)| {
            let mut path = path.clone();
            path.push(step);
            (path, value)
        }));
    }
    found
}

fn at<'a>(value: &'a mut Value, path: &[Step]) -> &'a mut Value {
    path.iter().fold(value, |value, step| match step {
        Step::Key(key) => &mut value[key],
        Step::Index(n) => &mut value[n],
    })
}

fn remove(value: &mut Value, path: &[Step]) {
    let (last, parent) = path.split_last().unwrap();
    match (at(value, parent), last) {
        (Value::Object(object), Step::Key(key)) => {
            object.remove(key).unwrap();
        }
        (Value::Array(items), Step::Index(n)) => {
            items.remove(*n);
        }
        _ => panic!("no such place"),
    }
}

fn key(path: &[Step]) -> &str {
    match path.last() {
        Some(Step::Key(key)) => key,
        _ => "",
    }
}

fn show(path: &[Step]) -> String {
    let steps = path.iter().map(|step| match step {
        Step::Key(key) => key.clone(),
        Step::Index(n) => n.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

/// Whether a path is that of a state.
fn is_state(path: &[Step]) -> bool {
    matches!(path, [.., Step::Key(states), Step::Key(_)] if states == "States")
}

/// How deep in Maps a place is.
fn depth(path: &[Step]) -> usize {
    path.iter().filter(|step| **step == Step::Key("ItemProcessor".into())).count()
}

impl Nursery<'_> {
    fn add(
        &mut self,
        class: &'static str,
        place: String,
        found_by: &'static [Check],
        change: impl FnOnce(&mut Project),
    ) {
        let mut project = self.project.clone();
        change(&mut project);
        self.mutants.push(Mutant { class, place, found_by, project, machine: None });
    }

    /// One mutant for each place in a machine that `pick` takes.
    fn machines(
        &mut self,
        class: &'static str,
        found_by: &'static [Check],
        pick: impl Fn(&Path, &Value) -> bool,
        change: impl Fn(&mut Value, &Path),
    ) {
        for (stem, machine) in &self.project.machines {
            for (path, value) in places(machine) {
                if pick(&path, value) {
                    self.add(class, format!("{stem}.{}", show(&path)), found_by, |project| {
                        let machine = project.machines.get_mut(stem).unwrap();
                        change(Arc::make_mut(machine), &path);
                    });
                    if let Some(mutant) = self.mutants.last_mut() {
                        mutant.machine = Some(stem.clone());
                    }
                }
            }
        }
    }

    /// The same in the template.
    fn template(
        &mut self,
        class: &'static str,
        found_by: &'static [Check],
        pick: impl Fn(&Path, &Value) -> bool,
        change: impl Fn(&mut Value, &Path),
    ) {
        for (path, value) in places(&self.project.template) {
            if pick(&path, value) {
                self.add(class, show(&path), found_by, |project| {
                    change(Arc::make_mut(&mut project.template), &path);
                });
            }
        }
    }
}

fn text_at(value: &mut Value, path: &[Step], change: impl FnOnce(&str) -> String) {
    let place = at(value, path);
    let changed = change(place.as_str().unwrap());
    assert_ne!(place.as_str(), Some(changed.as_str()), "a mutant is not the original");
    *place = changed.into();
}

fn is_task(value: &Value) -> bool {
    value["Type"] == "Task"
}

fn is_expression(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with("{%"))
}

/// Broken state machines.
fn break_machines(nursery: &mut Nursery<'_>) {
    use Check::{
        Comment, Concurrency, ErrorNames, Failure, Flow, Graph, Journey, Language, Parse, Payload,
        Retry, Role, Selects, Tags, Timeout, Token, Wiring,
    };

    // ---- what may be misspelled
    nursery.machines(
        "unknown field of a state",
        &[Parse],
        |path, _| is_state(path),
        |machine, path| at(machine, path)["Retries"] = json!([]),
    );
    nursery.machines(
        "misspelled function",
        &[Wiring],
        |path, _| key(path) == "FunctionName",
        |machine, path| text_at(machine, path, |text| text.replace("Function", "Funktion")),
    );
    nursery.machines(
        "another state's function",
        &[Wiring],
        |path, value| key(path) == "FunctionName" && value != "${RecordFailureFunctionArn}",
        |machine, path| *at(machine, path) = json!("${RecordFailureFunctionArn}"),
    );
    nursery.machines(
        "misspelled integration",
        &[Wiring],
        |path, _| key(path) == "Resource",
        |machine, path| text_at(machine, path, |text| format!("{text}s")),
    );
    nursery.machines(
        "dangling next state",
        &[Graph],
        |path, _| ["Next", "Default", "StartAt"].contains(&key(path)),
        |machine, path| text_at(machine, path, |text| format!("{text}Again")),
    );
    nursery.machines(
        "misspelled error name",
        &[ErrorNames],
        |path, value| value.is_string() && key(&path[..path.len() - 1]) == "ErrorEquals",
        |machine, path| text_at(machine, path, |text| text.replacen('.', ".Un", 1)),
    );
    nursery.machines(
        "expression that does not parse",
        &[Selects, Flow],
        |path, value| is_expression(value) && key(path) != "TimeoutSeconds",
        |machine, path| text_at(machine, path, |text| text.replace(" %}", "( %}")),
    );
    nursery.machines(
        "selection of nothing",
        &[Flow, Selects],
        |_, value| is_expression(value) && value.as_str().is_some_and(|t| t.contains("$states.")),
        |machine, path| {
            text_at(machine, path, |text| text.replacen("$states.", "$states.absent.", 1));
        },
    );
    nursery.machines(
        "undefined variable",
        &[Flow],
        |_, value| {
            is_expression(value)
                && ["$submission_id", "$reminder", "$error"]
                    .iter()
                    .any(|name| value.as_str().is_some_and(|text| text.contains(name)))
        },
        |machine, path| {
            text_at(machine, path, |text| {
                text.replace("$submission_id", "$submision_id")
                    .replace("$reminder", "$remainder")
                    .replace("$error", "$eror")
            });
        },
    );

    // ---- what may be forgotten
    nursery.machines(
        "assignment dropped",
        &[Flow, Failure],
        |path, _| matches!(path.as_slice(), [.., Step::Key(assign), Step::Key(_)] if assign == "Assign"),
        remove_at,
    );
    nursery.machines(
        "payload field dropped",
        &[Payload],
        |path, _| matches!(path.as_slice(), [.., Step::Key(payload), Step::Key(_)] if payload == "Payload"),
        remove_at,
    );
    nursery.machines(
        "payload field too many",
        &[Payload],
        |path, value| key(path) == "Payload" && value.is_object(),
        |machine, path| at(machine, path)["photos"] = json!("{% $states.context.Execution.Name %}"),
    );
    nursery.machines(
        "payload replaced by the whole input",
        &[Payload, Flow],
        |path, value| {
            key(path) == "Payload"
                && value.as_object().is_some_and(|p| p.contains_key("error") || p.len() > 1)
        },
        |machine, path| *at(machine, path) = json!("{% $states.input %}"),
    );
    nursery.machines(
        "token dropped",
        &[Token],
        |_, value| *value == json!("{% $states.context.Task.Token %}"),
        |machine, path| *at(machine, path) = json!("{% $states.context.Execution.Name %}"),
    );
    nursery.machines(
        "token not waited for",
        &[Token],
        |_, value| value.as_str().is_some_and(|text| text.ends_with(".waitForTaskToken")),
        |machine, path| text_at(machine, path, |text| text.replace(".waitForTaskToken", "")),
    );
    nursery.machines(
        "token waited for and never handed out",
        &[Token],
        |path, value| key(path) == "Resource" && *value == json!("arn:aws:states:::lambda:invoke"),
        |machine, path| text_at(machine, path, |text| format!("{text}.waitForTaskToken")),
    );
    nursery.machines(
        "output dropped",
        &[Flow, Journey],
        |path, value| {
            key(path) == "Output"
                && (value == "{% $states.result.Payload %}" || value["failure"].is_object())
                && !matches!(path.as_slice(), [.., Step::Key(name), _] if UNREAD.contains(&name.as_str()))
        },
        remove_at,
    );
    nursery.machines(
        "comment dropped",
        &[Comment],
        |path, value| {
            key(path) == "Comment"
                && (path.len() == 1 || value.is_string())
                && !matches!(path.as_slice(), [.., Step::Key(name), _] if QUIET.contains(&name.as_str()))
        },
        remove_at,
    );

    // ---- routing
    nursery.machines(
        "misspelled tag",
        &[Tags],
        |path, _| key(path) == "Condition",
        |machine, path| text_at(machine, path, |text| text.replace("' %}", "ed' %}")),
    );
    nursery.machines(
        "wrong field",
        &[Tags],
        |path, _| key(path) == "Condition",
        |machine, path| text_at(machine, path, |text| text.replacen(" = ", "s = ", 1)),
    );
    nursery.machines(
        "condition that decides",
        &[Selects],
        |path, _| key(path) == "Condition",
        |machine, path| text_at(machine, path, |text| text.replace(" %}", " or true %}")),
    );
    nursery.machines(
        "tag without a rule",
        &[Tags],
        |path, _| matches!(path.as_slice(), [.., Step::Key(rules), Step::Index(_)] if rules == "Choices"),
        remove_at,
    );
    nursery.machines(
        "tag with two rules",
        &[Tags],
        |path, _| key(path) == "Choices",
        |machine, path| {
            let rules = at(machine, path).as_array_mut().unwrap();
            rules.push(rules[0].clone());
        },
    );
    nursery.machines(
        "two rules with their ways swapped",
        &[Journey],
        |path, rules| key(path) == "Choices" && rules[0]["Next"] != rules[1]["Next"],
        |machine, path| {
            let rules = at(machine, path);
            let (first, second) = (rules[0]["Next"].clone(), rules[1]["Next"].clone());
            rules[0]["Next"] = second;
            rules[1]["Next"] = first;
        },
    );
    nursery.machines("default dropped", &[Failure], |path, _| key(path) == "Default", remove_at);
    nursery.machines(
        "tag ignored",
        &[Tags],
        |path, value| {
            is_state(path)
                && is_task(value)
                && value["Next"].as_str().is_some_and(|next| next.starts_with("Route"))
        },
        |machine, path| {
            let next = match depth(path) {
                0 => "RecordFailure",
                _ => "LeaveOutPhoto",
            };
            at(machine, path)["Next"] = json!(next);
        },
    );

    // ---- failures
    nursery.machines(
        "catch dropped",
        &[Failure],
        |path, _| key(path) == "Catch" && depth(path) == 0,
        remove_at,
    );
    nursery.machines(
        "catch of everything dropped",
        &[Failure],
        |path, value| {
            value["ErrorEquals"] == json!(["States.ALL"])
                && value["Next"].is_string()
                && depth(path) == 0
        },
        remove_at,
    );
    nursery.machines(
        "failure ends as success",
        &[Failure],
        |path, value| value["ErrorEquals"] == json!(["States.ALL"]) && depth(path) == 0,
        |machine, path| {
            at(machine, path)["Next"] = json!(good_end(machine));
        },
    );
    nursery.machines(
        "unknown tag ends as success",
        &[Failure],
        |path, _| key(path) == "Default",
        |machine, path| {
            let end = if depth(path) == 0 { good_end(machine) } else { "LeaveOutPhoto" };
            *at(machine, path) = json!(end);
        },
    );
    nursery.machines(
        "failure past RecordFailure",
        &[Failure],
        |path, value| {
            value["Next"] == "RecordFailure" && value["ErrorEquals"].is_array() && depth(path) == 0
        },
        |machine, path| {
            let fail = if machine["States"]["FanOutFailed"].is_object() {
                "FanOutFailed"
            } else {
                "SubmissionFailed"
            };
            at(machine, path)["Next"] = json!(fail);
        },
    );
    nursery.machines(
        "fail replaced by an end",
        &[Failure],
        |path, value| is_state(path) && value["Type"] == "Fail",
        |machine, path| {
            *at(machine, path) = json!({ "Type": "Pass", "QueryLanguage": "JSONata", "End": true })
        },
    );
    nursery.machines(
        "another catcher that goes on",
        &[Failure],
        |path, value| key(path) == "Catch" && value.is_array() && depth(path) == 0,
        |machine, path| {
            let next = machine["StartAt"].clone();
            let catchers = at(machine, path).as_array_mut().unwrap();
            catchers.insert(0, json!({ "ErrorEquals": ["Task.Conflict"], "Next": next }));
        },
    );
    nursery.machines(
        "States.ALL not alone",
        &[ErrorNames],
        |_, value| *value == json!(["States.ALL"]),
        |machine, path| *at(machine, path) = json!(["States.ALL", "Task.Invariant"]),
    );
    nursery.machines(
        "States.ALL not last",
        &[ErrorNames],
        |path, value| key(path) == "Catch" && value.to_string().contains("States.ALL"),
        |machine, path| {
            let next = at(machine, path)[0]["Next"].clone();
            let catchers = at(machine, path).as_array_mut().unwrap();
            catchers.push(json!({ "ErrorEquals": ["Task.Invariant"], "Next": next }));
        },
    );
    nursery.machines(
        "state without a way to it",
        &[Graph],
        |path, _| key(path) == "States",
        |machine, path| {
            at(machine, path)["Forgotten"] =
                json!({ "Type": "Pass", "QueryLanguage": "JSONata", "End": true });
        },
    );
    nursery.machines(
        "end taken away",
        &[Graph],
        |path, value| key(path) == "End" && *value == json!(true),
        remove_at,
    );
    nursery.machines(
        "next and end",
        &[Graph],
        |path, value| is_state(path) && value["Next"].is_string(),
        |machine, path| at(machine, path)["End"] = json!(true),
    );

    // ---- retries and times
    nursery.machines(
        "transient error not retried",
        &[Retry],
        |path, _| {
            matches!(path.as_slice(), [.., Step::Key(retry), Step::Index(_), Step::Key(_), Step::Index(_)] if retry == "Retry")
        },
        remove_at,
    );
    nursery.machines("retry dropped", &[Retry], |path, _| key(path) == "Retry", remove_at);
    nursery.machines(
        "everything retried",
        &[Retry],
        |path, _| key(path) == "Retry",
        |machine, path| {
            let retriers = at(machine, path).as_array_mut().unwrap();
            let mut all = retriers[0].clone();
            all["ErrorEquals"] = json!(["States.ALL"]);
            retriers.push(all);
        },
    );
    nursery.machines(
        "bug retried",
        &[Retry],
        |path, _| matches!(path.as_slice(), [.., Step::Key(retry), Step::Index(0), Step::Key(names)] if retry == "Retry" && names == "ErrorEquals"),
        |machine, path| at(machine, path).as_array_mut().unwrap().push(json!("Task.Invariant")),
    );
    nursery.machines(
        "a wait that nobody reviewed",
        &[Retry],
        |path, _| matches!(path.as_slice(), [.., Step::Key(retry), Step::Index(0), Step::Key(names)] if retry == "Retry" && names == "ErrorEquals"),
        |machine, path| {
            let names = at(machine, path).as_array_mut().unwrap();
            if names.contains(&json!("Task.NotReady")) {
                names.clear();
            } else {
                names.push(json!("Task.NotReady"));
            }
        },
    );
    for field in ["JitterStrategy", "MaxDelaySeconds"] {
        nursery.machines("retry unbounded", &[Retry], move |path, _| key(path) == field, remove_at);
    }
    nursery.machines(
        "retry without a pause",
        &[Retry],
        |path, _| key(path) == "BackoffRate",
        |machine, path| *at(machine, path) = json!(1),
    );
    nursery.machines("no time-out", &[Timeout], |path, _| key(path) == "TimeoutSeconds", remove_at);
    nursery.machines(
        "time-out below the function's",
        &[Timeout],
        |path, value| key(path) == "TimeoutSeconds" && value.is_number(),
        |machine, path| *at(machine, path) = json!(5),
    );
    nursery.machines(
        "wait for a person shortened",
        &[Timeout],
        |path, value| {
            is_state(path) && value["Resource"].as_str().is_some_and(|r| r.ends_with("Token"))
        },
        |machine, path| at(machine, path)["TimeoutSeconds"] = json!(3600),
    );
    nursery.machines(
        "heartbeat above the time-out",
        &[Timeout],
        |path, value| is_state(path) && is_task(value),
        |machine, path| at(machine, path)["HeartbeatSeconds"] = json!(99_999_999),
    );
    nursery.machines(
        "no concurrency",
        &[Concurrency],
        |path, _| key(path) == "MaxConcurrency",
        remove_at,
    );
    nursery.machines(
        "all items at once",
        &[Concurrency],
        |path, _| key(path) == "MaxConcurrency",
        |machine, path| *at(machine, path) = json!(0),
    );
    nursery.machines(
        "children run at least once",
        &[Concurrency],
        |path, _| key(path) == "ExecutionType",
        |machine, path| *at(machine, path) = json!("EXPRESS"),
    );
    nursery.machines(
        "JSONPath",
        &[Language],
        |path, _| key(path) == "QueryLanguage",
        |machine, path| *at(machine, path) = json!("JSONPath"),
    );
    nursery.machines(
        "wrong key of the manifest",
        &[Flow],
        |path, _| key(path) == "Key.$",
        |machine, path| *at(machine, path) = json!("$.manifest"),
    );

    // ---- a task that the rest does not know
    nursery.machines(
        "unknown task",
        &[Wiring, Role],
        |path, value| is_state(path) && is_task(value),
        |machine, path| {
            let mut task = at(machine, path).clone();
            task["Arguments"]["FunctionName"] = json!("${PolishPhotoFunctionArn}");
            let (_, states) = path.split_last().unwrap();
            at(machine, states)["PolishPhoto"] = task;
        },
    );
}

/// The state in which a machine ends well.
fn good_end(machine: &Value) -> &'static str {
    let ends = ["FanOutDone", "MemberErased", "ResolveNotice", "TellSubmitter"];
    ends.into_iter().find(|end| machine["States"][end].is_object()).unwrap()
}

/// Tasks whose output no state reads.
const UNREAD: [&str; 15] = [
    "AcknowledgeNotice",
    "ExportPersonalData",
    "ModeratePhoto",
    "PersistChange",
    "PersistReview",
    "PersistSession",
    "PublishListing",
    "PublishPage",
    "RecordFailure",
    "RejectSubmission",
    "ResolveNotice",
    "SendBatch",
    "StartNotify",
    "TellSubmitter",
    "WithdrawContent",
];

/// Pass, Choice and Fail states may speak for themselves.
const QUIET: [&str; 6] = [
    "UnknownTag",
    "LeaveOutPhoto",
    "LeaveToModerator",
    "DecisionTimedOut",
    "FanOutDone",
    "MemberErased",
];

fn remove_at(value: &mut Value, path: &Path) {
    remove(value, path);
}

/// Names of resources of one type.
fn resources(project: &Project, kind: &str) -> Vec<String> {
    let resources = project.template["Resources"].as_object().unwrap();
    resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(id, _)| id.clone())
        .collect()
}

fn of_type(names: &BTreeSet<String>, path: &[Step], field: &str) -> bool {
    matches!(path, [Step::Key(r), Step::Key(id), Step::Key(p), Step::Key(f)]
        if r == "Resources" && names.contains(id) && p == "Properties" && f == field)
}

/// A broken template.
fn break_template(nursery: &mut Nursery<'_>) {
    use Check::{Role, Timeout, Unused, Wiring};
    let named =
        |kind: &str| -> BTreeSet<String> { resources(nursery.project, kind).into_iter().collect() };
    let functions = named("AWS::Serverless::Function");
    let machines = named("AWS::Serverless::StateMachine");
    let integrations = named("AWS::ApiGatewayV2::Integration");
    let permissions = named("AWS::Lambda::Permission");
    let machine_roles: BTreeSet<String> =
        machines.iter().map(|id| id.replace("StateMachine", "Role")).collect();

    nursery.template(
        "function dropped",
        &[Wiring],
        |path, _| matches!(path.as_slice(), [Step::Key(r), Step::Key(id)] if r == "Resources" && functions.contains(id)),
        remove_at,
    );
    nursery.template(
        "machine dropped",
        &[Wiring],
        |path, _| matches!(path.as_slice(), [Step::Key(r), Step::Key(id)] if r == "Resources" && machines.contains(id)),
        remove_at,
    );
    nursery.template(
        "role of a machine dropped",
        &[Role],
        |path, _| matches!(path.as_slice(), [Step::Key(r), Step::Key(id)] if r == "Resources" && machine_roles.contains(id)),
        remove_at,
    );
    for field in ["CodeUri", "FunctionName", "Role"] {
        nursery.template(
            "function's own name missing from its properties",
            &[Wiring],
            |path, _| of_type(&functions, path, field),
            |template, path| *at(template, path) = json!("another"),
        );
    }
    nursery.template(
        "function may run longer than its state waits",
        &[Timeout],
        |path, _| {
            of_type(&functions, path, "Timeout")
                && !matches!(path.get(1), Some(Step::Key(id)) if OUTSIDE.contains(&id.as_str()))
        },
        |template, path| *at(template, path) = json!(900_000),
    );
    for field in ["DefinitionUri", "Name", "Role", "Type"] {
        nursery.template(
            "machine's own name missing from its properties",
            &[Wiring],
            |path, _| of_type(&machines, path, field),
            |template, path| *at(template, path) = json!("another"),
        );
    }
    let substitution = |path: &Path| matches!(path.as_slice(), [_, _, _, Step::Key(s), Step::Key(_)] if s == "DefinitionSubstitutions");
    nursery.template("substitution dropped", &[Wiring], |path, _| substitution(path), remove_at);
    nursery.template(
        "substitution by another function",
        &[Wiring],
        |path, value| {
            substitution(path) && *value != json!({ "Ref": "TellSubmitterFunction.Alias" })
        },
        |template, path| *at(template, path) = json!({ "Ref": "TellSubmitterFunction.Alias" }),
    );
    nursery.template(
        "substitution without a use",
        &[Wiring],
        |path, _| of_type(&machines, path, "DefinitionSubstitutions"),
        |template, path| {
            at(template, path)["ReconcileFunctionArn"] =
                json!({ "Ref": "ReconcileFunction.Alias" });
        },
    );
    nursery.template(
        "permission to invoke dropped",
        &[Role],
        |path, value| {
            matches!(path.get(1), Some(Step::Key(id)) if machine_roles.contains(id))
                && value["Ref"].as_str().is_some_and(|name| name.ends_with("Function.Alias"))
        },
        remove_at,
    );
    nursery.template(
        "permission widened",
        &[Role],
        |path, value| {
            matches!(path.get(1), Some(Step::Key(id)) if machine_roles.contains(id))
                && key(path) == "Action"
                && *value != json!("sts:AssumeRole")
        },
        |template, path| {
            let (_, statement) = path.split_last().unwrap();
            let statement = at(template, statement);
            statement["Action"] = json!("lambda:*");
            statement["Resource"] = json!("*");
        },
    );
    nursery.template(
        "permission to invoke anything",
        &[Role],
        |path, value| {
            matches!(path.get(1), Some(Step::Key(id)) if machine_roles.contains(id))
                && *value == json!("lambda:InvokeFunction")
        },
        |template, path| {
            let (_, statement) = path.split_last().unwrap();
            at(template, statement)["Resource"] = json!("*");
        },
    );
    nursery.template(
        "schedule dropped",
        &[Unused],
        |path, _| of_type(&functions, path, "Events"),
        remove_at,
    );
    nursery.template(
        "integration dropped",
        &[Unused],
        |path, _| matches!(path.as_slice(), [Step::Key(r), Step::Key(id)] if r == "Resources" && integrations.contains(id)),
        remove_at,
    );
    nursery.template(
        "API may not call its function",
        &[Unused],
        |path, _| matches!(path.as_slice(), [Step::Key(r), Step::Key(id)] if r == "Resources" && permissions.contains(id)),
        remove_at,
    );
    nursery.template(
        "route to nowhere",
        &[Wiring],
        |path, _| key(path) == "Target",
        |template, path| *at(template, path) = json!("integrations/${NoIntegration}"),
    );
    nursery.template(
        "function without a use",
        &[Unused],
        |path, _| path.as_slice() == [Step::Key("Resources".into())],
        |template, path| {
            let mut function = template["Resources"]["TellSubmitterFunction"].clone();
            function["Properties"]["CodeUri"] = json!("target/lambda/polish-photo/");
            at(template, path)["PolishPhotoFunction"] = function;
        },
    );
}

/// Functions that no state waits for.
const OUTSIDE: [&str; 9] = [
    "AskKeepersFunction",
    "OpenDigestsFunction",
    "ReconcileFunction",
    "RefreshListingsFunction",
    "TakeFeedbackFunction",
    "AuthApiFunction",
    "MemberApiFunction",
    "ModeratorApiFunction",
    "PublicApiFunction",
];

/// Missing sources, and goldens that say otherwise.
fn break_the_rest(nursery: &mut Nursery<'_>) {
    use Check::{Flow, Journey, Wiring};
    for file in &nursery.project.files {
        let stem = file.trim_start_matches("workflows/tasks/src/").trim_end_matches(".rs");
        let binaries = binaries(&stem.replace('_', "-"));
        let module = binaries.iter().any(|binary| nursery.project.files.contains(binary))
            && !["ask_keepers", "open_digests", "reconcile", "refresh_listings", "take_feedback"]
                .contains(&stem);
        if file.starts_with("functions/") || module {
            nursery.add("source missing", file.clone(), &[Wiring], |project| {
                project.files.remove(file);
            });
        }
    }
    nursery.add("binary without a function", "polish-photo".into(), &[Wiring], |project| {
        project.files.insert("functions/handlers/src/bin/polish-photo.rs".into());
    });
    for (n, golden) in nursery.project.goldens.iter().enumerate() {
        let tagged = crate::registry::wire(&golden.wire).and_then(|wire| wire.tag);
        let Some(tag) = tagged.filter(|_| golden.side == "output") else { continue };
        let routed =
            !["ModeratePhoto", "PersistChange", "PersistReview"].contains(&golden.wire.as_str());
        // What was released before is read, and no machine is played on it.
        let newest = crate::goldens::newest(&nursery.project.goldens, &golden.wire, "output");
        if routed && newest.iter().any(|newest| newest.file == golden.file) {
            nursery.add("answer with a new tag", golden.file.clone(), &[Flow], |project| {
                Arc::make_mut(&mut project.goldens)[n].json[tag.field] = json!("perhaps");
            });
        }
    }
    nursery.add("payload too large", "PlanFanOut".into(), &[Flow, Journey], |project| {
        let goldens = Arc::make_mut(&mut project.goldens);
        for golden in goldens.iter_mut().filter(|golden| golden.wire == "SendBatch") {
            golden.json["through"] = json!("x".repeat(crate::simulate::PAYLOAD_BYTES_MAX));
        }
    });
}

/// A mutant, the checks that had to find it and did, and all that did.
type Found<'a> = (&'a Mutant, Vec<Check>, BTreeSet<Check>);

/// Checks every mutant, on every processor. Playing a machine is slow, so it is
/// left out where reading it was enough.
fn hunt(mutants: &[Mutant]) -> Vec<Found<'_>> {
    fn hunt_one(mutant: &Mutant) -> Found<'_> {
        let by = |found: &BTreeSet<Check>| -> Vec<Check> {
            mutant.found_by.iter().copied().filter(|check| found.contains(check)).collect()
        };
        let checks_of = |violations: Vec<Violation>| violations.into_iter().map(|v| v.check);
        let mut found: BTreeSet<Check> = checks_of(checks::read(&mutant.project)).collect();
        if by(&found).is_empty() {
            let mut project = mutant.project.clone();
            if let Some(machine) = &mutant.machine {
                project.machines.retain(|stem, _| stem == machine);
            }
            found.extend(checks_of(checks::play(&project)));
        }
        (mutant, by(&found), found)
    }
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let share = mutants.len().div_ceil(processors).max(1);
    thread::scope(|scope| {
        let hunters: Vec<_> = mutants
            .chunks(share)
            .map(|chunk| scope.spawn(|| chunk.iter().map(hunt_one).collect::<Vec<_>>()))
            .collect();
        hunters.into_iter().flat_map(|hunter| hunter.join().unwrap()).collect()
    })
}

#[test]
#[allow(clippy::print_stdout, reason = "the kill count is the result")]
fn every_mutant_is_found() {
    let project = Project::load();
    let healthy = checks::check(&project);
    assert!(healthy.is_empty(), "mend the project first: {healthy:?}");

    let mut nursery = Nursery { project: &project, mutants: Vec::new() };
    break_machines(&mut nursery);
    break_template(&mut nursery);
    break_the_rest(&mut nursery);

    let mut killed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut finders: BTreeSet<Check> = BTreeSet::new();
    let mut survivors = Vec::new();
    let all = nursery.mutants.len();
    for (mutant, by, found) in hunt(&nursery.mutants) {
        finders.extend(&by);
        if by.is_empty() {
            survivors.push(format!(
                "{}: {}: expected {:?}, found {found:?}",
                mutant.class, mutant.place, mutant.found_by
            ));
        } else {
            *killed.entry(mutant.class).or_default() += 1;
        }
    }
    let table: Vec<String> =
        killed.iter().map(|(class, count)| format!("{count:>5}  {class}")).collect();
    println!("{}\n{} of {all} mutants found", table.join("\n"), all - survivors.len());
    assert!(survivors.is_empty(), "{} survive:\n{}", survivors.len(), survivors.join("\n"));
    let idle: Vec<Check> =
        Check::ALL.into_iter().filter(|check| !finders.contains(check)).collect();
    assert!(idle.is_empty(), "no mutant is found by {idle:?}: the check does nothing");
}
