//! What happens when a machine is played.

use serde_json::Value;

use crate::{
    asl::Definition,
    journeys::{JOURNEYS, input_of},
    project::{Check, Machine, View, Violation},
    simulate,
};

/// Plays the machine on the golden payloads.
pub(crate) fn check(view: &View<'_>, machine: &Machine<'_>, violations: &mut Vec<Violation>) {
    let Some(definition) = filled(view, machine) else { return };
    let Some(input) = input_of(machine.stem) else {
        let what = "tests/contract/journeys.rs has no input for it";
        violations.push(Violation::new(Check::Journey, machine.stem, what));
        return;
    };
    let goldens = &view.project.goldens;
    for flaw in simulate::explore(goldens, &definition, input) {
        let place = format!("{}/{}", machine.stem, flaw.state);
        violations.push(Violation::new(Check::Flow, &place, flaw.what));
    }
    for journey in JOURNEYS.iter().filter(|journey| journey.machine == machine.stem) {
        let what = match simulate::walk(goldens, &definition, input, journey.story) {
            Ok(entered) if entered == journey.states => continue,
            Ok(entered) => format!("enters {entered:?}, not {:?}", journey.states),
            Err(flaw) => format!("stops at {}: {}", flaw.state, flaw.what),
        };
        let place = format!("{}: {}", machine.stem, journey.name);
        violations.push(Violation::new(Check::Journey, &place, what));
    }
}

/// The definition with the template's values filled in.
fn filled(view: &View<'_>, machine: &Machine<'_>) -> Option<Definition> {
    let mut text = machine.json.to_string();
    for placeholder in super::wiring::placeholders(machine.json) {
        let value = match view.template.parameters.get(&placeholder) {
            Some(Value::Number(number)) => number.to_string(),
            _ => format!("the-{placeholder}"),
        };
        text = text.replace(&format!("${{{placeholder}}}"), &value);
    }
    serde_json::from_str(&text).ok()
}
