//! `statemachines/README.md` shows the machines as they are: its diagrams and
//! tables are generated, and this test fails when they are not current.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    asl::{Arguments, Definition, Graph, Retrier, State, Why},
    checks,
    journeys::{JOURNEYS, STATES_MAX},
    jsonata,
    project::{self, Machine, Project, View},
};

const README: &str = "statemachines/README.md";
const UPDATE: &str = "UPDATE_DOCS";
const COMMAND: &str = "UPDATE_DOCS=1 cargo test -p seisiun-contracts --test contract diagrams";

type Generate = fn(&View<'_>, &Machine<'_>) -> String;

/// What is generated for a machine, each between its own markers.
const PARTS: [(&str, Generate); 3] = [("diagram", diagram), ("states", states), ("paths", paths)];

const END: &str = "<!-- /generated -->";

fn begin(part: &str, machine: &str) -> String {
    format!("<!-- generated: {part} of {machine} -->")
}

/// The text with everything between markers generated anew.
fn regenerate(text: &str, view: &View<'_>) -> Result<String, String> {
    let mut text = text.to_owned();
    for machine in &view.machines {
        if !text.lines().any(|line| line == format!("## {}", machine.stem)) {
            return Err(format!("{README} has no section \"## {}\"", machine.stem));
        }
        for (part, generate) in PARTS {
            let begin = begin(part, machine.stem);
            let (before, rest) =
                text.split_once(&begin).ok_or_else(|| format!("{README} has no {begin}"))?;
            let (_, after) = rest.split_once(END).ok_or_else(|| format!("{begin} has no end"))?;
            text = format!("{before}{begin}\n{}{END}{after}", generate(view, machine));
        }
    }
    Ok(text)
}

fn row(out: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

/// The machine as a flow chart: the ways that are meant, with one arrow for
/// all failures.
fn diagram(_: &View<'_>, machine: &Machine<'_>) -> String {
    let mut out = "```mermaid\nflowchart TD\n".to_owned();
    let definition = &machine.definition;
    let _ = writeln!(out, "  start((start)) --> {}", definition.start_at);
    draw(&mut out, definition.graphs()[0], 1);
    for (name, _) in definition.states.iter().filter(|(_, state)| is_fail(state)) {
        let _ = writeln!(out, "  failure([a failure, a tag that nobody knows]) -.-> RecordFailure");
        let _ = writeln!(out, "  RecordFailure --> {name}((({name})))");
    }
    out.push_str("```\n");
    out
}

fn is_fail(state: &State) -> bool {
    matches!(state, State::Fail(_))
}

/// A graph and, in boxes, those inside its Maps.
fn draw(out: &mut String, graph: Graph<'_>, depth: usize) {
    let indent = "  ".repeat(depth);
    for name in meant(graph) {
        let Some(state) = graph.state(name).filter(|state| !is_fail(state)) else { continue };
        match state {
            State::Map(map) => {
                let inner = &map.item_processor;
                let times = map.max_concurrency.unwrap_or_default();
                let _ = writeln!(out, "{indent}subgraph {name}[\"{name}, {times} at a time\"]");
                let inside = machine_graph(graph.definition, name);
                if inner.states.len() == 1 {
                    let _ = writeln!(out, "{indent}  {}", inner.start_at);
                } else if let Some(inside) = inside {
                    draw(out, inside, depth + 1);
                }
                let _ = writeln!(out, "{indent}end");
            }
            State::Choice(choice) => {
                let field = choice.choices.first().and_then(|r| jsonata::comparison(&r.condition));
                let _ =
                    writeln!(out, "{indent}{name}{{{}?}}", field.map_or("", |(field, _)| field));
            }
            _ => {}
        }
        for (why, next) in state.successors() {
            if name == "RecordFailure" {
                continue;
            }
            let label = match (why, state) {
                _ if !state.is_meant(why) => continue,
                (Why::Rule(n), State::Choice(choice)) => {
                    let tag = jsonata::comparison(&choice.choices[n].condition);
                    format!("|{}|", tag.map_or("", |(_, tag)| tag))
                }
                (Why::Caught(n), _) => match state.catch()[n].error_equals.as_slice() {
                    [error] => format!("|{error}|"),
                    _ => "|no answer|".to_owned(),
                },
                _ => String::new(),
            };
            let arrow = if matches!(why, Why::Caught(_)) { "-.->" } else { "-->" };
            let _ = writeln!(out, "{indent}{name} {arrow}{label} {next}");
        }
        if state.ends_well() && graph.inside.is_none() {
            let _ = writeln!(out, "{indent}{name} --> done((done))");
        }
    }
}

fn machine_graph<'a>(definition: &'a Definition, map: &str) -> Option<Graph<'a>> {
    definition.graphs().into_iter().find(|graph| graph.inside.is_some_and(|(name, _)| name == map))
}

/// The states that are reached without a failure, in reading order.
fn meant(graph: Graph<'_>) -> Vec<&str> {
    let mut names = Vec::new();
    let mut open = vec![graph.definition.start_at.as_str()];
    while let Some(name) = open.pop() {
        let Some((name, state)) = graph.definition.states.get_key_value(name) else { continue };
        if names.contains(&name.as_str()) {
            continue;
        }
        names.push(name);
        let next = state.successors().into_iter().filter(|(why, _)| state.is_meant(*why));
        // A stack: the first one is to be taken first.
        let next: Vec<&str> = next.map(|(_, next)| next).collect();
        open.extend(next.into_iter().rev());
    }
    names
}

/// Every state of a machine, those inside Maps after their Map.
fn states(view: &View<'_>, machine: &Machine<'_>) -> String {
    let mut out = String::new();
    row(&mut out, &["state", "type", "function", "waits", "tried again", "what it does"]);
    row(&mut out, &["---"; 6]);
    let graphs = machine.definition.graphs();
    list_states(&mut out, view, &graphs, graphs[0]);
    out
}

fn list_states(out: &mut String, view: &View<'_>, graphs: &[Graph<'_>], graph: Graph<'_>) {
    for name in graph.in_order() {
        let Some(state) = graph.state(name) else { continue };
        let shown = match graph.inside {
            Some((map, _)) => format!("{map} / **{name}**"),
            None => format!("**{name}**"),
        };
        let mut cells = [String::new(), String::new(), String::new()];
        if let State::Task(task) = state {
            let calls = match &task.arguments {
                Arguments::Invoke(_) => {
                    let stem = checks::kebab(name);
                    let runs = view.template.function(&format!("{name}Function"));
                    let runs = runs.and_then(|function| function.timeout_seconds);
                    format!(
                        "[{stem}](../{}), {}",
                        project::binary(&stem),
                        duration(Some(runs.unwrap_or_default()))
                    )
                }
                Arguments::UpdateItem(_) => "none: DynamoDB UpdateItem".to_owned(),
            };
            cells = [
                calls,
                timeout(view, task.timeout_seconds.as_ref()),
                task.retry.iter().map(retries).collect::<Vec<_>>().join(", "),
            ];
        }
        let [function, waits, again] = cells;
        let what = what(state);
        row(out, &[&shown, state.kind(), &function, &waits, &again, &what]);
        let inside = graphs.iter().find(|g| g.inside.is_some_and(|(map, _)| map == name));
        if let Some(inside) = inside {
            list_states(out, view, graphs, *inside);
        }
    }
}

fn what(state: &State) -> String {
    let mut words: Vec<String> = state.comment().map(str::to_owned).into_iter().collect();
    match state {
        State::Choice(choice) => {
            let rules = choice.choices.iter().filter_map(|rule| {
                let (field, tag) = jsonata::comparison(&rule.condition)?;
                Some(format!("{field} `{tag}` → {}", rule.next))
            });
            words.extend(rules);
        }
        State::Fail(fail) => words.push(fail.cause.clone()),
        State::Task(_) | State::Map(_) | State::Pass(_) | State::Wait(_) => {}
    }
    let between = if matches!(state, State::Choice(_)) { "<br>" } else { " " };
    words.join(between)
}

/// `Throttled 8×`.
fn retries(retrier: &Retrier) -> String {
    let first = retrier.error_equals.first().map_or("", String::as_str);
    let error = first.split_once('.').map_or(first, |(_, error)| error);
    format!("{} {}×", error.trim_end_matches("Exception"), retrier.max_attempts)
}

/// `15 s`; of a parameter its default, too: `2 d (DecisionWaitSeconds)`.
fn timeout(view: &View<'_>, seconds: Option<&Value>) -> String {
    let Some(seconds) = seconds else { return "–".into() };
    let told = duration(checks::whole(view, seconds));
    let parameter = seconds.as_str().and_then(|text| text.split_once("${")?.1.split_once('}'));
    parameter.map_or_else(|| told.clone(), |(name, _)| format!("{told} (`{name}`)"))
}

fn duration(seconds: Option<u64>) -> String {
    const DAY: u64 = 24 * 60 * 60;
    match seconds {
        None => "?".into(),
        Some(seconds) if seconds >= DAY && seconds.is_multiple_of(DAY) => {
            format!("{} d", seconds / DAY)
        }
        Some(seconds) => format!("{seconds} s"),
    }
}

/// The stories, and how many states each enters.
fn paths(_: &View<'_>, machine: &Machine<'_>) -> String {
    let mut out = String::new();
    row(&mut out, &["path", "states entered", "which"]);
    row(&mut out, &["---", "---:", "---"]);
    for journey in JOURNEYS.iter().filter(|journey| journey.machine == machine.stem) {
        let count = journey.states.len();
        let count =
            if journey.clean { format!("**{count}** of {STATES_MAX}") } else { count.to_string() };
        let states = journey.states.iter().map(|state| state.rsplit('/').next().unwrap_or(state));
        row(&mut out, &[journey.name, &count, &states.collect::<Vec<_>>().join(" → ")]);
    }
    out
}

#[test]
fn the_readme_is_current() {
    let project = Project::load();
    let (view, violations) = project.view();
    assert!(violations.is_empty(), "{violations:?}");
    let text = project::read(README);
    let current = regenerate(&text, &view).unwrap_or_else(|error| panic!("{error}"));
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(project::root().join(README), &current).unwrap();
    } else {
        assert!(text == current, "{README} is not current. Run: {COMMAND}");
    }
    assert!(current.contains(COMMAND), "{README} says how it is generated");
}

#[test]
fn a_machine_without_a_section_is_missed() {
    let project = Project::load();
    let (view, _) = project.view();
    let text = project::read(README);
    for machine in &view.machines {
        let heading = format!("## {}\n", machine.stem);
        assert!(regenerate(&text.replace(&heading, ""), &view).is_err(), "{}", machine.stem);
        for (part, _) in PARTS {
            let marker = begin(part, machine.stem);
            assert!(regenerate(&text.replace(&marker, ""), &view).is_err(), "{marker}");
        }
    }
}

#[test]
fn every_state_is_shown() {
    let project = Project::load();
    let (view, _) = project.view();
    for machine in &view.machines {
        let (table, chart) = (states(&view, machine), diagram(&view, machine));
        for graph in machine.definition.graphs() {
            for name in graph.definition.states.keys() {
                assert!(table.contains(&format!("**{name}**")), "{}: {name}", machine.stem);
            }
            for name in meant(graph) {
                assert!(chart.contains(name), "{}: {name} is not drawn", machine.stem);
            }
        }
    }
}
