//! Plays a machine on golden payloads: what a state is handed, what it hands
//! on, and which states can follow.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map as Object, Value, json};

use crate::{
    asl::{ALL, Arguments, Catcher, Choice, Definition, Fail, Map, Mode, Pass, State, Task},
    goldens::{Golden, newest},
    jsonata::Scope,
    registry,
};

/// What a payload may weigh: far below the 256 KiB of Step Functions, so that
/// no list of ours grows towards it unseen.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 32 * 1024;

/// Length of the longest task token that AWS hands out.
const TOKEN_CHARS: usize = 1024;

/// The error that `States.ALL` catches when it is played.
const SOME_ERROR: &str = "Task.Invariant";

/// An execution that is about to enter a state.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) state: String,
    pub(crate) input: Value,
    pub(crate) variables: Object<String, Value>,
    /// The context object.
    context: Value,
}

/// What happened in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum How {
    /// A task answered the golden payload of this case.
    Answered(String),
    /// A rule matched, or none and the default was taken.
    Chosen,
    /// The default was taken although a rule matches.
    Forced,
    /// A catcher took one of these errors.
    Caught(Vec<String>),
    /// A Pass or Map is done.
    Done,
}

/// One way on from a state.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) how: How,
    /// What comes out of the state.
    output: Value,
    variables: Object<String, Value>,
    /// `None`: the execution ends well.
    next: Option<String>,
}

/// Why a scene could not be played.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Flaw {
    pub(crate) state: String,
    pub(crate) what: String,
}

impl Scene {
    /// The start of an execution with this input.
    fn start(definition: &Definition, input: Value) -> Self {
        let context = json!({
            "Execution": { "Input": &input, "Name": "execution" },
            "Task": { "Token": "t".repeat(TOKEN_CHARS) },
        });
        Self { state: definition.start_at.clone(), input, variables: Object::new(), context }
    }

    fn scope(&self) -> Scope<'_> {
        let states = json!({ "input": &self.input, "context": &self.context });
        Scope::new(states, &self.variables)
    }

    fn follow(&self, way: Way) -> Option<Self> {
        Some(Self {
            state: way.next?,
            input: way.output,
            variables: way.variables,
            context: self.context.clone(),
        })
    }

    /// What tells scenes apart: a counter makes no new one.
    fn shape(&self) -> String {
        format!("{} {} {}", self.state, shape(&self.input), shape(&json!(self.variables)))
    }
}

fn shape(value: &Value) -> Value {
    match value {
        Value::Number(_) => json!(0),
        Value::Array(items) => items.iter().take(1).map(shape).collect(),
        Value::Object(object) => {
            object.iter().map(|(key, value)| (key.clone(), shape(value))).collect()
        }
        plain => plain.clone(),
    }
}

/// What a player is asked while it plays.
trait Play {
    /// Plays the inside of a Map for one item; gives what comes out, or `None`
    /// if that fails.
    fn inside(&mut self, map: &str, definition: &Definition, scene: Scene) -> Option<Value>;
}

/// All ways on from a scene.
fn step(
    goldens: &[Golden],
    definition: &Definition,
    scene: &Scene,
    play: &mut dyn Play,
) -> Result<Vec<Way>, String> {
    let state = definition.states.get(&scene.state).ok_or("there is no such state")?;
    let mut ways = match state {
        State::Task(task) => answers(goldens, task, scene)?,
        State::Map(map) => over_items(goldens, map, scene, play)?.into_iter().collect(),
        State::Choice(choice) => choose(choice, scene)?,
        State::Pass(pass) => vec![done(pass, scene)?],
        State::Wait(wait) => {
            scene.scope().fill(&wait.seconds)?;
            let (output, variables) = (scene.input.clone(), scene.variables.clone());
            vec![Way { how: How::Done, output, variables, next: wait.next.clone() }]
        }
        State::Fail(fail) => {
            end(fail, scene)?;
            Vec::new()
        }
    };
    for catcher in state.catch() {
        ways.push(caught(catcher, scene)?);
    }
    Ok(ways)
}

/// A task answers each of its golden outputs.
fn answers(goldens: &[Golden], task: &Task, scene: &Scene) -> Result<Vec<Way>, String> {
    let scope = scene.scope();
    if let Some(timeout) = &task.timeout_seconds {
        scope.fill(timeout)?;
    }
    let payload = scope.fill(&task.arguments.values())?;
    if payload.to_string().len() >= PAYLOAD_BYTES_MAX {
        return Err(format!("its payload is {PAYLOAD_BYTES_MAX} bytes or more"));
    }
    if matches!(task.arguments, Arguments::Invoke(_)) {
        let wire = registry::wire(&scene.state).and_then(|wire| wire.input);
        let input = wire.ok_or("tests/contract/registry.rs has no such task")?;
        (input.rewrite)(&payload)
            .map_err(|error| format!("its function can't read the payload {payload}: {error}"))?;
    }
    newest(goldens, &scene.state, "output")
        .into_iter()
        .map(|golden| {
            // A token is answered with the output itself, an invocation wraps it.
            let result = if waits_for_token(task) {
                golden.json.clone()
            } else {
                json!({ "Payload": &golden.json, "StatusCode": 200 })
            };
            let scope = scope.with("result", result.clone());
            Ok(Way {
                how: How::Answered(golden.case.clone()),
                output: task.output.as_ref().map_or(Ok(result), |output| scope.fill(output))?,
                variables: scope.assign(&task.assign)?,
                next: task.next.clone(),
            })
        })
        .collect()
}

pub(crate) fn waits_for_token(task: &Task) -> bool {
    task.resource.ends_with(".waitForTaskToken")
}

/// A Map plays its inside once an item. No way on if an item fails for good.
fn over_items(
    goldens: &[Golden],
    map: &Map,
    scene: &Scene,
    play: &mut dyn Play,
) -> Result<Option<Way>, String> {
    let scope = scene.scope();
    let around = &scene.state;
    let inner = &map.item_processor;
    let mode = inner.processor_config.as_ref().map(|config| config.mode);
    let items = match (&map.items, &map.item_reader) {
        (Some(items), None) => match scope.fill(items)? {
            Value::Array(items) => items,
            other => return Err(format!("its Items are no list: {other}")),
        },
        (None, Some(reader)) => {
            for (key, value) in &reader.parameters {
                if key.ends_with(".$") {
                    select(&scene.input, value)?;
                }
            }
            // The manifest has as many lines as its plan says.
            let pages = scene.input["pages"].as_u64().ok_or("it is told no number of pages")?;
            let lines = newest(goldens, &inner.start_at, "input");
            lines.iter().map(|golden| golden.json.clone()).take(pages as usize).collect()
        }
        _ => return Err("it needs Items or an ItemReader, and not both".into()),
    };
    let mut results = Vec::new();
    for item in items {
        let mut context = scene.context.clone();
        context["Map"] = json!({ "Item": { "Index": results.len(), "Value": &item } });
        let states = json!({ "input": &scene.input, "context": &context });
        let here = Scope::new(states, &scene.variables);
        let input = map.item_selector.as_ref().map_or(Ok(item), |selector| here.fill(selector))?;
        let start = if mode == Some(Mode::Distributed) {
            // An execution of its own: neither variables nor the parent's input.
            Scene::start(inner, input)
        } else {
            Scene {
                state: inner.start_at.clone(),
                input,
                variables: scene.variables.clone(),
                context,
            }
        };
        match play.inside(around, inner, start) {
            Some(result) => results.push(result),
            // The Map's own catchers go on; enough pages may fail.
            None if map.tolerated_failure_percentage == Some(100.0) => {}
            None => return Ok(None),
        }
    }
    let scope = scope.with("result", json!(results));
    let output = match (&map.output, &map.result_path) {
        (Some(output), _) => scope.fill(output)?,
        (None, Some(None)) => scene.input.clone(),
        (None, _) => json!(results),
    };
    let variables = scope.assign(&map.assign)?;
    Ok(Some(Way { how: How::Done, output, variables, next: map.next.clone() }))
}

/// The rule that matches; the default too, as if an unknown tag had come.
fn choose(choice: &Choice, scene: &Scene) -> Result<Vec<Way>, String> {
    let scope = scene.scope();
    let way = |how, next: &str| Way {
        how,
        output: scene.input.clone(),
        variables: scene.variables.clone(),
        next: Some(next.to_owned()),
    };
    let mut ways = Vec::new();
    for rule in &choice.choices {
        match scope.fill(&json!(rule.condition))? {
            Value::Bool(true) => {
                ways.push(way(How::Chosen, &rule.next));
                break;
            }
            Value::Bool(false) => {}
            other => return Err(format!("\"{}\" gives {other}, no truth", rule.condition)),
        }
    }
    if ways.is_empty() {
        return Err(format!("no rule matches {}", scene.input));
    }
    ways.extend(choice.default.as_deref().map(|next| way(How::Forced, next)));
    Ok(ways)
}

fn done(pass: &Pass, scene: &Scene) -> Result<Way, String> {
    let scope = scene.scope();
    Ok(Way {
        how: How::Done,
        output: pass.output.as_ref().map_or(Ok(scene.input.clone()), |to| scope.fill(to))?,
        variables: scope.assign(&pass.assign)?,
        next: pass.next.clone(),
    })
}

fn end(fail: &Fail, scene: &Scene) -> Result<(), String> {
    let scope = scene.scope();
    for text in [&fail.error, &fail.cause] {
        let value = scope.fill(&json!(text))?;
        if !value.is_string() {
            return Err(format!("Error and Cause are texts, not {value}"));
        }
    }
    Ok(())
}

fn caught(catcher: &Catcher, scene: &Scene) -> Result<Way, String> {
    let name = catcher.error_equals.first().map_or(SOME_ERROR, String::as_str);
    let name = if name == ALL { SOME_ERROR } else { name };
    let error = json!({ "Error": name, "Cause": "{}" });
    let scope = scene.scope().with("errorOutput", error.clone());
    let output = match (&catcher.output, &catcher.result_path) {
        (Some(output), _) => scope.fill(output)?,
        (None, Some(path)) => {
            let field = path.strip_prefix("$.").ok_or("a ResultPath is $.<field>")?;
            let mut output = scene.input.clone();
            output[field] = error;
            output
        }
        (None, None) => error,
    };
    Ok(Way {
        how: How::Caught(catcher.error_equals.clone()),
        output,
        variables: scope.assign(&catcher.assign)?,
        next: Some(catcher.next.clone()),
    })
}

/// The value at a JSONPath of plain names, e.g. `$.manifest_key`.
fn select(input: &Value, path: &Value) -> Result<Value, String> {
    path.as_str()
        .and_then(|path| path.strip_prefix("$."))
        .and_then(|names| names.split('.').try_fold(input, |value, name| value.get(name)))
        .cloned()
        .ok_or_else(|| format!("{path} finds nothing in {input}"))
}

/// Takes every way, from every golden input of the workflow.
pub(crate) fn explore(goldens: &[Golden], definition: &Definition, input: &str) -> Vec<Flaw> {
    let mut explorer = Explorer { goldens, flaws: BTreeSet::new() };
    for golden in newest(goldens, input, "input") {
        explorer.run(definition, Scene::start(definition, golden.json.clone()));
    }
    explorer.flaws.into_iter().collect()
}

struct Explorer<'a> {
    goldens: &'a [Golden],
    flaws: BTreeSet<Flaw>,
}

impl Explorer<'_> {
    /// Gives one of the outputs that it ends well with.
    fn run(&mut self, definition: &Definition, scene: Scene) -> Option<Value> {
        let mut output = None;
        let mut seen = BTreeSet::new();
        let mut open = VecDeque::from([scene]);
        while let Some(scene) = open.pop_front() {
            if !seen.insert(scene.shape()) {
                continue;
            }
            match step(self.goldens, definition, &scene, self) {
                Err(what) => {
                    self.flaws.insert(Flaw { state: scene.state, what });
                }
                Ok(ways) => {
                    for way in ways {
                        if way.next.is_none() {
                            output.get_or_insert_with(|| way.output.clone());
                        }
                        open.extend(scene.follow(way));
                    }
                }
            }
        }
        output
    }
}

impl Play for Explorer<'_> {
    fn inside(&mut self, _: &str, definition: &Definition, scene: Scene) -> Option<Value> {
        let state = scene.state.clone();
        let output = self.run(definition, scene);
        if output.is_none() {
            self.flaws.insert(Flaw { state, what: "no way from here ends well".into() });
        }
        output
    }
}

/// The states that one story enters; those inside a Map carry its name:
/// `ModeratePhotos/PreparePhoto`. The story says which golden case a state
/// answers, or, after an exclamation mark, which error it raises; one after the
/// other if it is entered again, the last for ever. A state that the story
/// doesn't name answers its first golden output.
pub(crate) fn walk(
    goldens: &[Golden],
    definition: &Definition,
    input: &str,
    story: &[(&str, &str)],
) -> Result<Vec<String>, Flaw> {
    let mut answers: BTreeMap<&str, VecDeque<&str>> = BTreeMap::new();
    for (state, case) in story {
        answers.entry(state).or_default().push_back(case);
    }
    let mut walker =
        Walker { goldens, answers, entered: Vec::new(), around: String::new(), stuck: None };
    let first = newest(goldens, input, "input").first().map(|golden| golden.json.clone());
    let first = first.ok_or_else(|| Flaw {
        state: definition.start_at.clone(),
        what: format!("there is no golden {input}"),
    })?;
    walker.run(definition, Scene::start(definition, first));
    walker.stuck.map_or(Ok(walker.entered), Err)
}

/// States that one walk may enter: a story with more of them goes in circles.
const WALK_STATES_MAX: usize = 200;

struct Walker<'a> {
    goldens: &'a [Golden],
    answers: BTreeMap<&'a str, VecDeque<&'a str>>,
    entered: Vec<String>,
    /// The Map that it is inside of, with a slash.
    around: String,
    stuck: Option<Flaw>,
}

impl Walker<'_> {
    fn run(&mut self, definition: &Definition, scene: Scene) -> Option<Value> {
        let mut scene = scene;
        while self.stuck.is_none() {
            if self.entered.len() >= WALK_STATES_MAX {
                self.stuck = Some(Flaw { state: scene.state, what: "it goes in circles".into() });
                break;
            }
            self.entered.push(format!("{}{}", self.around, scene.state));
            let ways = step(self.goldens, definition, &scene, self);
            match ways.and_then(|ways| self.choose(&scene.state, ways)) {
                Err(what) => self.stuck = Some(Flaw { state: scene.state.clone(), what }),
                // A Fail.
                Ok(None) => return None,
                Ok(Some(way)) if way.next.is_none() => return Some(way.output),
                Ok(Some(way)) => scene = scene.follow(way)?,
            }
        }
        None
    }

    /// The way that the story takes.
    fn choose(&mut self, state: &str, ways: Vec<Way>) -> Result<Option<Way>, String> {
        if ways.is_empty() {
            return Ok(None);
        }
        let wanted = self.answers.get_mut(state).and_then(|cases| {
            if cases.len() > 1 { cases.pop_front() } else { cases.front().copied() }
        });
        let error = wanted.and_then(|wanted| wanted.strip_prefix('!'));
        let fits = |way: &Way| match (&way.how, wanted) {
            (How::Caught(names), Some(_)) => {
                names.iter().any(|name| error.is_some_and(|e| name == e || name == ALL))
            }
            (How::Answered(case), Some(wanted)) => case == wanted,
            (How::Answered(_) | How::Chosen | How::Done, None) => true,
            _ => false,
        };
        let way = ways.into_iter().find(fits);
        way.map(Some).ok_or_else(|| format!("it has no way on for {}", wanted.unwrap_or("this")))
    }
}

impl Play for Walker<'_> {
    fn inside(&mut self, map: &str, definition: &Definition, scene: Scene) -> Option<Value> {
        let around = self.around.clone();
        self.around = format!("{around}{map}/");
        let output = self.run(definition, scene);
        self.around = around;
        output
    }
}
