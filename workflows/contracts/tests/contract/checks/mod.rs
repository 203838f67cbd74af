//! The checks. Each one takes the project and gives what breaks the contract.

mod failures;
mod flow;
mod graph;
mod routes;
mod wiring;

pub(crate) use failures::whole;

use crate::{
    asl::{Graph, State},
    project::{Machine, Project, Violation},
};

/// `MemberApi` → `member-api`.
pub(crate) fn stem(pascal: &str) -> String {
    wiring::words(pascal, '-')
}

/// Everything that is wrong with a project.
pub(crate) fn check(project: &Project) -> Vec<Violation> {
    let mut violations = read(project);
    violations.extend(play(project));
    violations.sort();
    violations.dedup();
    violations
}

/// What is wrong as it stands there.
pub(crate) fn read(project: &Project) -> Vec<Violation> {
    let (view, mut violations) = project.view();
    wiring::check(&view, &mut violations);
    for machine in &view.machines {
        for graph in machine.definition.graphs() {
            graph::check_graph(machine, &graph, &mut violations);
            for (name, state) in &graph.definition.states {
                let here = Here { machine, graph, name, state };
                routes::check(&here, &mut violations);
                failures::check(&view, &here, &mut violations);
                graph::check_state(&here, &mut violations);
            }
        }
    }
    violations
}

/// What goes wrong when it is played.
pub(crate) fn play(project: &Project) -> Vec<Violation> {
    let (view, _) = project.view();
    let mut violations = Vec::new();
    for machine in &view.machines {
        flow::check(&view, machine, &mut violations);
    }
    violations
}

/// A state and what is around it.
#[derive(Debug, Clone, Copy)]
struct Here<'a> {
    machine: &'a Machine<'a>,
    graph: Graph<'a>,
    name: &'a str,
    state: &'a State,
}

impl Here<'_> {
    /// E.g. `session-submission/ModeratePhotos/PreparePhoto`.
    fn place(&self) -> String {
        match self.graph.inside {
            Some((map, _)) => format!("{}/{map}/{}", self.machine.stem, self.name),
            None => format!("{}/{}", self.machine.stem, self.name),
        }
    }
}

/// `OpenCase` → `open-case`.
pub(crate) fn kebab(pascal: &str) -> String {
    wiring::words(pascal, '-')
}

/// A list of names for a message.
fn names<'a>(names: impl IntoIterator<Item = &'a (impl AsRef<str> + ?Sized + 'a)>) -> String {
    names.into_iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}
