//! The shape of a machine.

use super::Here;
use crate::{
    asl::{Graph, Language, State},
    project::{Check, Machine, Violation},
};

/// Every state is reached, every next one exists.
pub(crate) fn check_graph(
    machine: &Machine<'_>,
    graph: &Graph<'_>,
    violations: &mut Vec<Violation>,
) {
    let reached = graph.in_order();
    let place = |name: &str| format!("{}/{name}", machine.stem);
    for (name, state) in &graph.definition.states {
        if !reached.contains(&name.as_str()) {
            let what = "no way leads here: remove it, or let something lead here";
            violations.push(Violation::new(Check::Graph, &place(name), what));
        }
        for (why, next) in state.successors() {
            if graph.state(next).is_none() {
                let what = format!("{why:?} leads to {next}, which is no state here");
                violations.push(Violation::new(Check::Graph, &place(name), what));
            }
        }
        if let Some((next, end)) = state.onward()
            && next.is_some() == end
        {
            let what = "has either Next or End";
            violations.push(Violation::new(Check::Graph, &place(name), what));
        }
    }
    let start = &graph.definition.start_at;
    if graph.state(start).is_none() {
        let what = format!("StartAt is {start}, which is no state here");
        violations.push(Violation::new(Check::Graph, &place(start), what));
    }
    if graph.inside.is_none() && machine.definition.comment.is_none() {
        let what = "a machine says what it is for in its Comment";
        violations.push(Violation::new(Check::Comment, machine.stem, what));
    }
}

/// The language and the words of a state.
pub(crate) fn check_state(here: &Here<'_>, violations: &mut Vec<Violation>) {
    let place = here.place();
    let reads = matches!(here.state, State::Map(map) if map.item_reader.is_some());
    // The engine we test on evaluates a reader in JSONPath alone.
    let expected = if reads { Language::JsonPath } else { Language::Jsonata };
    if here.graph.language_of(here.state) != expected {
        let what = format!("is not {expected:?}: only a distributed Map with a reader is JSONPath");
        violations.push(Violation::new(Check::Language, &place, what));
    }
    let works = matches!(here.state, State::Task(_) | State::Map(_) | State::Wait(_));
    if works && here.state.comment().is_none_or(str::is_empty) {
        let what = "says what it does in its Comment; README.md shows it";
        violations.push(Violation::new(Check::Comment, &place, what));
    }
}
