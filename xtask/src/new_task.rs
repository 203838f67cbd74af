//! `cargo xtask new-task`: a task in all its places, made after the model of
//! one that is there. So what it writes has the form that its neighbours have
//! today. The new task does the least true thing: it makes sure that its
//! submission is there.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value as Json;

use crate::Session;
use crate::package::{self, SELECTION};
use crate::process::run_shown;
use crate::scaffold::{
    Edits, after_line, among_sorted, into_array, into_json_lists, json_items, replaced, resource,
    state,
};

/// The task that is copied: it has one submission, one table and no settings.
const MODEL: &str = "reject-submission";

/// The definition that has the model's state.
const MODEL_MACHINE: &str = "session-submission";

/// What stands for the new task in the files beside this one.
const PLACEHOLDER: &str = "verb-noun";
const MODULE: &str = include_str!("new_task/task.rs.in");
const ALARM: &str = include_str!("new_task/alarm.yaml");
const RUNBOOK: &str = include_str!("new_task/runbook.md");

/// The alarm behind which a new one is put, of functions by what they do.
const ALARM_BEFORE: &str = "data-rights-tasks-failing";

const TEMPLATE: &str = "template.yaml";
const WIRE: &str = "workflows/contracts/src/task.rs";
const CONTRACT: &str = "workflows/contracts/tests/contract";
const GOLDEN: &str = "workflows/contracts/tests/golden";
const TASKS: &str = "workflows/tasks/src";
const WORLD: &str = "workflows/tasks/tests/world/mod.rs";
const BINARIES: &str = "functions/handlers/src/bin";
const ALARMS: &str = "ops/alarms.yaml";
const RUNBOOKS: &str = "ops/runbooks";
const RESOURCES: &str = "ops/tests/estate/snapshots/estate__resources.snap";

/// Where its state goes.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    /// The definition, e.g. `withdraw`.
    pub(crate) machine: String,
    /// The state that it follows, e.g. `PublishListing`.
    pub(crate) after: String,
}

/// The one stem of a task, as each place spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name(String);

impl Name {
    /// Reads `verb-noun`.
    fn new(text: &str) -> Result<Self> {
        let is_word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        ensure!(
            text.contains('-') && text.split('-').all(is_word),
            "{text:?} is no name of a task: a verb and a noun, like moderate-photo"
        );
        Ok(Self(text.to_owned()))
    }

    fn kebab(&self) -> &str {
        &self.0
    }

    fn snake(&self) -> String {
        self.0.replace('-', "_")
    }

    fn pascal(&self) -> String {
        let capital = |word: &str| {
            let (first, rest) = word.split_at(1.min(word.len()));
            first.to_uppercase() + rest
        };
        self.0.split('-').map(capital).collect()
    }

    /// A text about a task as one about this.
    fn instead_of(&self, other: &Self, text: &str) -> String {
        text.replace(other.kebab(), self.kebab())
            .replace(&other.snake(), &self.snake())
            .replace(&other.pascal(), &self.pascal())
    }
}

/// `PublishListing` → `publish-listing`.
fn kebab(pascal: &str) -> String {
    let mut text = String::new();
    for c in pascal.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// What was written, and what nobody but its author can.
#[derive(Debug)]
struct Done {
    written: Vec<(String, String)>,
    left: Vec<String>,
}

/// Scaffolds a task; whether what was written could be formatted and drawn.
pub(crate) fn new_task(session: &Session, name: &str, way: Option<&Way>) -> Result<bool> {
    let root = session.layout.root();
    let done = scaffold(root, name, way)?;
    let mut format = Command::new(package::cargo());
    format.args(["fmt", "--all"]).current_dir(root);
    let mut well = run_shown(&mut format, &session.interrupt)?.success();
    let mut drawn = false;
    if way.is_some() {
        let mut draw = Command::new(package::cargo());
        draw.arg("test").args(SELECTION).args(["--quiet", "--test", "contract", "diagrams"]);
        draw.env("UPDATE_DOCS", "1").current_dir(root);
        drawn = run_shown(&mut draw, &session.interrupt)?.success();
        well &= drawn;
    }
    println!("\n{name} is in:");
    for (path, what) in &done.written {
        println!("  {path:<58} {what}");
    }
    if drawn {
        println!("  {:<58} drawn anew", "statemachines/README.md");
    }
    println!("\nIt makes sure that its submission is there. To be done by hand:");
    for (n, what) in done.left.iter().enumerate() {
        println!("  {}. {what}", n + 1);
    }
    Ok(well)
}

/// Writes everything that needs no compiler.
fn scaffold(root: &Path, name: &str, way: Option<&Way>) -> Result<Done> {
    let mut task = Task {
        edits: Edits::of(root),
        name: Name::new(name)?,
        model: Name::new(MODEL)?,
        left: Vec::new(),
    };
    task.is_new(root)?;
    let state = way.map(|way| task.way(root, way)).transpose()?;
    // What it is put behind: the task that it follows, or else the model.
    let neighbour = match &state {
        Some(at) => Name::new(&kebab(&at.after))?,
        None => task.model.clone(),
    };
    task.contract(&neighbour)?;
    task.module()?;
    task.function(&neighbour)?;
    task.alarm()?;
    match &state {
        Some(at) => task.state(at)?,
        None => task.left.push(format!(
            "statemachines/*.asl.json: its state. Until one calls {}Function, `cargo test -p \
             seisiun-contracts` says that nothing does",
            task.name.pascal()
        )),
    }
    task.say_what_is_left();
    Ok(Done { written: task.edits.write()?, left: task.left })
}

/// Where the state goes, with what was found there.
#[derive(Debug)]
struct At {
    machine: Name,
    after: String,
    /// The state that comes next; none if it is the last.
    next: Option<String>,
}

/// A task in the making.
#[derive(Debug)]
struct Task {
    edits: Edits,
    name: Name,
    model: Name,
    left: Vec<String>,
}

fn definition(machine: &str) -> String {
    format!("statemachines/{machine}.asl.json")
}

/// The stems of all definitions.
fn machines(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("statemachines");
    let mut stems = Vec::new();
    for entry in
        std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let name = entry?.file_name();
        stems.extend(name.to_str().and_then(|n| n.strip_suffix(".asl.json")).map(str::to_owned));
    }
    stems.sort();
    Ok(stems)
}

impl Task {
    /// A text about the model as one about this task.
    fn like(&self, model: &str) -> String {
        self.name.instead_of(&self.model, model)
    }

    /// A text with placeholders as one about this task.
    fn filled(&self, text: &str) -> String {
        self.name.instead_of(&Name(PLACEHOLDER.into()), text)
    }

    /// Nothing has this name yet.
    fn is_new(&self, root: &Path) -> Result<()> {
        let (snake, pascal) = (self.name.snake(), self.name.pascal());
        for path in [
            format!("{BINARIES}/{}.rs", self.name.kebab()),
            format!("{TASKS}/{snake}.rs"),
            format!("{RUNBOOKS}/{}-failing.md", self.name.kebab()),
        ] {
            ensure!(!self.edits.exists(&path), "{} is there already: {path}", self.name.kebab());
        }
        for suffix in ["Logs", "Role", "Function"] {
            let id = format!("{pascal}{suffix}");
            let taken = resource(&self.edits.read(TEMPLATE)?, &id).is_ok();
            ensure!(!taken, "{TEMPLATE} has a resource {id} already");
        }
        for machine in machines(root)? {
            let path = definition(&machine);
            let taken = self.edits.read(&path)?.contains(&format!("\"{pascal}\": {{"));
            ensure!(!taken, "{path} has a state {pascal} already");
        }
        Ok(())
    }

    /// Whether a state can follow another: between two tasks, or at the end.
    fn way(&self, root: &Path, way: &Way) -> Result<At> {
        let known = machines(root)?;
        ensure!(
            known.contains(&way.machine),
            "there is no definition {}: there are {}",
            way.machine,
            known.join(", ")
        );
        let path = definition(&way.machine);
        let json: Json = serde_json::from_str(&self.edits.read(&path)?)
            .with_context(|| format!("{path} is no JSON"))?;
        let states = json["States"].as_object().with_context(|| format!("{path} has no States"))?;
        let can: Vec<&str> = states
            .iter()
            .filter(|(name, _)| follows(&json, name).is_ok())
            .map(|(name, _)| name.as_str())
            .collect();
        let next = follows(&json, &way.after).map_err(|why| {
            let can = if can.is_empty() {
                format!("no state of {} can; write it by hand, without --after", way.machine)
            } else {
                format!("these can: {}", can.join(", "))
            };
            anyhow::anyhow!("nothing can be put after {}: {why}. Of all, {can}", way.after)
        })?;
        Ok(At { machine: Name(way.machine.clone()), after: way.after.clone(), next })
    }

    /// Its wire pair, registered and shown.
    fn contract(&mut self, neighbour: &Name) -> Result<()> {
        let (name, model) = (self.name.pascal(), self.model.pascal());
        let pair = pair(&self.edits.read(WIRE)?, &self.model).map(|(_, text)| self.like(&text));
        let pair = pair.with_context(|| format!("{WIRE} has no pair of {MODEL}"))?;
        self.edits.change(WIRE, format!("{name}Input, {name}Output"), |text| {
            let (end, _) = self::pair(text, neighbour)?;
            Ok(replaced(text, end..end, &pair))
        })?;
        let registered = |name: &str| format!("    {name}: {name}Input => {name}Output;");
        let path = format!("{CONTRACT}/registry.rs");
        self.edits.change(&path, "the pair, by its state", |text| {
            let head = format!("    {}: ", neighbour.pascal());
            after_line(text, &head, |line| line.starts_with(&head), &registered(&name))
        })?;
        for side in ["input", "output"] {
            let golden = self.edits.read(&format!("{GOLDEN}/{model}.{side}.v1.json"))?;
            let path = format!("{GOLDEN}/{name}.{side}.v1.json");
            self.edits.create(&path, "a golden payload", golden)?;
        }
        Ok(())
    }

    /// What it does, and that it is played with every answer lost.
    fn module(&mut self) -> Result<()> {
        fn module(line: &str) -> Option<&str> {
            line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?.strip_suffix(';')
        }
        let (snake, pascal) = (self.name.snake(), self.name.pascal());
        let model = self.model.snake();
        let text = self.filled(MODULE);
        self.edits.create(&format!("{TASKS}/{snake}.rs"), "the use case, on a port", text)?;
        let added = format!("pub mod {snake};");
        self.edits.change(&format!("{TASKS}/lib.rs"), "its module", |text| {
            among_sorted(text, &format!("pub mod {model};"), module, &added)
        })?;
        let scenario = format!(
            "        (\"{}\", published, vec![Step::{pascal}(session)]),\n",
            self.name.kebab().replace('-', " ")
        );
        self.edits.change(WORLD, "a scenario of repeats.rs", |text| {
            let mut text = text.to_owned();
            for (anchor, added) in [
                ("    reject_submission::reject_submission,", format!("    {snake}::{snake},")),
                ("    Reject(SubmissionId),", format!("    {pascal}(SubmissionId),")),
                (
                    "            Step::Reject(id) => reject_submission(memory, now, id).await,",
                    format!("            Step::{pascal}(id) => {snake}(memory, id).await,"),
                ),
            ] {
                text = after_line(&text, anchor, |line| line == anchor, &added)?;
            }
            let end = text.rfind("    ]\n}\n").context("the scenarios have no end")?;
            Ok(replaced(&text, end..end, &scenario))
        })
    }

    /// Its binary, and what the template has of it.
    fn function(&mut self, neighbour: &Name) -> Result<()> {
        let binary = self.edits.read(&format!("{BINARIES}/{MODEL}.rs"))?;
        let binary = self.like(&binary);
        // The model looks at the clock; a new task does not yet.
        let binary = binary.replace("use jiff::Timestamp;\n", "").replace("Timestamp::now(), ", "");
        let path = format!("{BINARIES}/{}.rs", self.name.kebab());
        self.edits.create(&path, "the function: wiring", binary)?;

        let name = self.name.pascal();
        let mut added = String::from("\n\n  # Makes sure that a submission is there.");
        for suffix in ["Logs", "Role", "Function"] {
            let template = self.edits.read(TEMPLATE)?;
            let found = resource(&template, &format!("{}{suffix}", self.model.pascal()))?;
            let text = self.like(&template[found]);
            let between = if suffix == "Logs" { "\n" } else { "\n\n" };
            added += between;
            added += &if suffix == "Role" { reading(&text)? } else { text };
        }
        let what = format!("{name}Logs, {name}Role, {name}Function");
        self.edits.change(TEMPLATE, what, |text| {
            let end = resource(text, &format!("{}Function", neighbour.pascal()))?.end;
            Ok(replaced(text, end..end, &added))
        })?;
        // With what SAM makes of them.
        let (of_model, model) = (self.model.pascal(), self.model.clone());
        let like = |item: &str| self.name.instead_of(&model, item);
        let snapshot = self.edits.read(RESOURCES)?;
        let all: BTreeSet<&str> =
            json_items(&snapshot).filter(|item| item.starts_with(&of_model)).collect();
        let changed = all
            .iter()
            .try_fold(snapshot.clone(), |text, item| into_json_lists(&text, item, &like(item)))?;
        self.edits.change(RESOURCES, "its resources, stage by stage", |_| Ok(changed))
    }

    /// Its alarm, and what to do when it rings.
    fn alarm(&mut self) -> Result<()> {
        let alarm = self.filled(ALARM);
        let (id, before) =
            (format!("{}Failing", self.name.pascal()), Name(ALARM_BEFORE.into()).pascal());
        self.edits.change(ALARMS, format!("the alarm {id}"), |text| {
            let end = resource(text, &before)?.end;
            Ok(replaced(text, end..end, &format!("\n\n{}", alarm.trim_end())))
        })?;
        self.edits.change(RESOURCES, "its alarm, stage by stage", |text| {
            into_json_lists(text, &before, &id)
        })?;
        let file = format!("{}-failing", self.name.kebab());
        let runbook = self.filled(RUNBOOK);
        self.edits.create(&format!("{RUNBOOKS}/{file}.md"), "what to do then", runbook)?;
        let row =
            format!("| `{file}` | on-call | day | [{} fails]({file}.md) |", self.name.pascal());
        self.edits.change(&format!("{RUNBOOKS}/README.md"), "its row", |text| {
            let head = format!("| `{ALARM_BEFORE}` |");
            after_line(text, &head, |line| line.starts_with(&head), &row)
        })
    }

    /// Its state, whom it is called by, and the ways that lead over it.
    fn state(&mut self, at: &At) -> Result<()> {
        let (name, machine) = (self.name.pascal(), at.machine.kebab());
        let path = definition(machine);
        let model = self.edits.read(&definition(MODEL_MACHINE))?;
        let model = self.like(&model[state(&model, &self.model.pascal())?]);
        let what = format!("the state {name}, after {}", at.after);
        self.edits.change(&path, what, |text| with_state(text, at, &name, &model))?;

        let pascal = at.machine.pascal();
        let arn = |name: &str| format!("!Ref {name}Function.Alias");
        self.edits.change(TEMPLATE, format!("{pascal}Role may call it"), |text| {
            let found = resource(text, &format!("{pascal}Role"))?;
            let before = format!("- {}", arn(&at.after));
            let added = format!("                  - {}", arn(&name));
            let role = &text[found.clone()];
            let role = after_line(role, &before, |line| line.trim() == before, &added)?;
            Ok(replaced(text, found, role.trim_end()))
        })?;
        self.edits.change(TEMPLATE, format!("{pascal}StateMachine names it"), |text| {
            let found = resource(text, &format!("{pascal}StateMachine"))?;
            let line = |name: &str| format!("        {name}FunctionArn: {}", arn(name));
            let (before, added) = (line(&at.after), line(&name));
            let machine = &text[found.clone()];
            let machine = after_line(machine, &before, |line| line == before, &added)?;
            Ok(replaced(text, found, machine.trim_end()))
        })?;
        self.edits.change(
            &format!("{CONTRACT}/mutations.rs"),
            "nothing reads its answer",
            |text| into_array(text, "const UNREAD: [&str; ", &format!("\"{name}\"")),
        )?;
        let mut too_long = None;
        self.edits.change(&format!("{CONTRACT}/journeys.rs"), "the stories over it", |text| {
            let (text, longest) = with_stories(text, at, &name)?;
            let states_max = number(&text, "STATES_MAX: usize = ")?;
            too_long = (longest > states_max).then_some((longest, states_max));
            Ok(text)
        })?;
        if let Some((longest, states_max)) = too_long {
            self.left.push(format!(
                "a clean path of {machine} enters {longest} states now, and STATES_MAX is \
                 {states_max}: do in a task what can be done there, or argue for the number anew in \
                 statemachines/README.md. Until then `a_clean_path_is_short` fails"
            ));
        }
        if machine == MODEL_MACHINE {
            self.left.push(
                "e2e/tests/kills.rs: add it to FUNCTIONS, and to `idle` while it changes nothing"
                    .into(),
            );
        }
        Ok(())
    }

    fn say_what_is_left(&mut self) {
        let (snake, pascal) = (self.name.snake(), self.name.pascal());
        self.left.splice(
            0..0,
            [
                format!("{TASKS}/{snake}.rs: what it does, with its ports and their part of the port suites"),
                format!("{TEMPLATE}: {pascal}Role allows exactly the calls of these ports, and the comment above {pascal}Logs says what it does"),
            ],
        );
        self.left.push(format!(
            "{WORLD}: its step in the scenarios that it belongs to, in place of one of its own"
        ));
        self.left.push(format!(
            "{ALARMS} and {RUNBOOKS}/{}-failing.md: what people notice. Where it fails together \
             with others, it belongs into their alarm, which has room for ten metrics",
            self.name.kebab()
        ));
        self.left.push("`cargo xtask test format lint unit estate`".into());
    }
}

/// What follows a state, if another can be put between: `None` after the last.
fn follows(machine: &Json, after: &str) -> Result<Option<String>> {
    let states = &machine["States"];
    let state = &states[after];
    match state["Type"].as_str() {
        None => bail!("it is no state there, or inside of a Map"),
        Some("Task") => {}
        Some(other) => bail!("it is a {other}, not a Task"),
    }
    let id = "{% $states.context.Execution.Input.submission_id %}";
    let start = machine["StartAt"].as_str().unwrap_or_default();
    if states[start]["Assign"]["submission_id"] != id {
        bail!("its workflow is not about a submission");
    }
    let Some(next) = state["Next"].as_str() else { return Ok(None) };
    let follower = &states[next];
    match follower["Type"].as_str() {
        Some("Choice") => bail!("{next} compares what it answers"),
        Some("Fail") => bail!("{next} ends the workflow"),
        _ if follower.to_string().contains("$states.input") => {
            bail!("{next} reads what it answers")
        }
        _ => Ok(Some(next.to_owned())),
    }
}

/// The wire pair of a task, and where it ends.
fn pair(text: &str, name: &Name) -> Result<(usize, String)> {
    let doc = format!("    /// See `{}`.", name.snake());
    let start = text.find(&doc).with_context(|| format!("there is no `{}`", doc.trim()))?;
    let output = format!("\n    {}Output {{", name.pascal());
    let output =
        start + text[start..].find(&output).with_context(|| format!("no `{}`", output.trim()))?;
    let length = text[output..].find("}\n").with_context(|| format!("{} has no end", name.0))?;
    let end = output + length + "}\n".len();
    Ok((end, text[start..end].to_owned()))
}

/// A role that may only read a record of the table.
fn reading(role: &str) -> Result<String> {
    let mut lines: Vec<String> = role.lines().map(str::to_owned).collect();
    let table = lines.iter().position(|line| line.trim() == "Resource: !GetAtt Table.Arn");
    let action = table.and_then(|at| lines.get_mut(at.checked_sub(1)?));
    let action = action.filter(|line| line.trim_start().starts_with("Action: "));
    let action = action.with_context(|| format!("{MODEL} has no actions on the table"))?;
    let indent = action.len() - action.trim_start().len();
    *action = format!("{}Action: dynamodb:GetItem", " ".repeat(indent));
    // The statement after it, the last, is what the model may write.
    let rest = table.map_or(lines.len(), |at| at + 1);
    if lines.iter().skip(rest).any(|line| line.contains("!GetAtt Table.Arn")) {
        lines.truncate(rest);
    }
    Ok(lines.join("\n"))
}

/// A definition with one more state.
fn with_state(text: &str, at: &At, name: &str, model: &str) -> Result<String> {
    let onward = |lines: &[String], of: &str| {
        let ways = ["      \"Next\": ", "      \"End\": true"];
        lines
            .iter()
            .position(|line| ways.iter().any(|way| line.starts_with(way)))
            .with_context(|| format!("{of} has neither Next nor End"))
    };
    let found = state(text, &at.after)?;
    let mut before: Vec<String> = text[found.clone()].lines().map(str::to_owned).collect();
    let way = onward(&before, &at.after)?;
    let comma = if before[way].ends_with(',') { "," } else { "" };
    let goes_on = std::mem::replace(&mut before[way], format!("      \"Next\": \"{name}\"{comma}"));

    let mut added: Vec<String> = model.lines().map(str::to_owned).collect();
    let comment = added.iter().position(|line| line.starts_with("      \"Comment\": "));
    let comment = comment.and_then(|at| added.get_mut(at)).context("the model has no Comment")?;
    *comment = "      \"Comment\": \"Makes sure that the submission is there.\",".into();
    let way = onward(&added, MODEL)?;
    let comma = if added[way].ends_with(',') { "," } else { "" };
    added[way] = format!("{}{comma}", goes_on.trim_end_matches(','));

    let both = format!("{},\n{}", before.join("\n"), added.join("\n"));
    let text = replaced(text, found, &both);
    let json: Json = serde_json::from_str(&text).context("it would be no JSON")?;
    ensure!(json["States"][&at.after]["Next"] == name, "{} would not lead to {name}", at.after);
    Ok(text)
}

/// The stories with the new state on every way over it, and how many states the
/// longest clean path enters.
fn with_stories(text: &str, at: &At, name: &str) -> Result<(String, usize)> {
    let machine = format!(": &str = \"{}\";", at.machine.kebab());
    let constant = text.lines().find_map(|line| line.strip_suffix(machine.as_str()));
    let constant = constant.and_then(|line| line.strip_prefix("const "));
    let constant = constant.with_context(|| format!("it has no {}", at.machine.kebab()))?;

    const CALL: &str = "journey(";
    let start = text.find("const JOURNEYS").context("it has no JOURNEYS")?;
    let mut changed = text[..start].to_owned();
    let (mut longest, mut stories) = (0, 0);
    let mut is_clean = false;
    for (n, story) in text[start..].split(CALL).enumerate() {
        if n > 0 {
            changed += CALL;
        }
        if n == 0 || !story.trim_start().starts_with(&format!("{constant},")) {
            changed += story;
        } else {
            let open = story.rfind("&[").context("a story has no states")? + 2;
            let close = open + story[open..].find(']').context("a story has no states")?;
            let mut states: Vec<&str> = story[open..close].split('"').skip(1).step_by(2).collect();
            let mut place = 0;
            while let Some(state) = states.get(place).copied() {
                let next = states.get(place + 1).copied();
                if state == at.after && next == at.next.as_deref() {
                    states.insert(place + 1, name);
                    stories += 1;
                    place += 1;
                }
                place += 1;
            }
            if is_clean && states.contains(&name) {
                longest = longest.max(states.len());
            }
            let list: Vec<String> = states.iter().map(|state| format!("\"{state}\"")).collect();
            changed += &replaced(story, open..close, &list.join(", "));
        }
        is_clean = story.trim_end().ends_with("clean(");
    }
    ensure!(stories > 0, "no story goes over {}: tell one first", at.after);
    Ok((changed, longest))
}

/// The number that follows a text.
fn number(text: &str, head: &str) -> Result<usize> {
    let missing = || format!("there is no `{head}`");
    let (_, rest) = text.split_once(head).with_context(missing)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().with_context(missing)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use serde_yaml_ng::Value as Yaml;

    use super::*;

    /// What a task is in.
    const PLACES: [&str; 9] = [
        "e2e/tests",
        "functions/handlers/src/bin",
        "ops/alarms.yaml",
        "ops/runbooks",
        "ops/tests/estate",
        "statemachines",
        "template.yaml",
        "workflows/contracts",
        "workflows/tasks",
    ];

    fn checkout() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
    }

    fn files(path: &Path) -> Vec<PathBuf> {
        if path.is_file() {
            return vec![path.to_path_buf()];
        }
        let entries = std::fs::read_dir(path).unwrap();
        entries.flat_map(|entry| files(&entry.unwrap().path())).collect()
    }

    /// A copy of these places.
    fn copy() -> tempfile::TempDir {
        let (folder, root) = (tempfile::tempdir().unwrap(), checkout());
        for file in PLACES.iter().flat_map(|place| files(&root.join(place))) {
            let to = folder.path().join(file.strip_prefix(&root).unwrap());
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(file, to).unwrap();
        }
        folder
    }

    fn content(root: &Path) -> BTreeMap<PathBuf, String> {
        let read = |path: PathBuf| {
            let text = std::fs::read(&path).unwrap();
            (path, String::from_utf8_lossy(&text).into_owned())
        };
        files(root).into_iter().map(read).collect()
    }

    fn way(machine: &str, after: &str) -> Way {
        Way { machine: machine.into(), after: after.into() }
    }

    /// The texts of a template at these keys, tags left away.
    fn at<'a>(yaml: &'a Yaml, keys: &[&str]) -> &'a Yaml {
        keys.iter().fold(yaml, |yaml, key| match yaml {
            Yaml::Tagged(tagged) => tagged.value.get(key).unwrap(),
            yaml => yaml.get(key).unwrap_or_else(|| panic!("there is no {key} of {keys:?}")),
        })
    }

    #[test]
    fn a_task_is_in_all_its_places() {
        let folder = copy();
        let root = folder.path();
        let way = way("withdraw", "PublishListing");
        let done = scaffold(root, "praise-listing", Some(&way)).unwrap();
        let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();

        for (path, spelling) in [
            (WIRE, "PraiseListingInput {"),
            (WIRE, "PraiseListingOutput {"),
            (
                "workflows/contracts/tests/contract/registry.rs",
                "    PraiseListing: PraiseListingInput => PraiseListingOutput;",
            ),
            ("workflows/contracts/tests/contract/mutations.rs", "\"PraiseListing\","),
            (
                "workflows/contracts/tests/contract/journeys.rs",
                "\"PublishListing\", \"PraiseListing\", \"PublishPage\"",
            ),
            ("workflows/contracts/tests/golden/PraiseListing.input.v1.json", "submission_id"),
            ("workflows/contracts/tests/golden/PraiseListing.output.v1.json", "submission_id"),
            ("workflows/tasks/src/praise_listing.rs", "pub async fn praise_listing<S>("),
            ("workflows/tasks/src/lib.rs", "\npub mod praise_listing;\npub mod prepare_photo;\n"),
            (WORLD, "praise_listing::praise_listing,"),
            (WORLD, "Step::PraiseListing(id) => praise_listing(memory, id).await,"),
            (WORLD, "vec![Step::PraiseListing(session)]"),
            (
                "functions/handlers/src/bin/praise-listing.rs",
                "praise_listing(table, input.submission_id)",
            ),
            (TEMPLATE, "target/lambda/praise-listing/"),
            ("statemachines/withdraw.asl.json", "${PraiseListingFunctionArn}"),
            (ALARMS, "${App}-praise-listing'"),
            ("ops/runbooks/praise-listing-failing.md", "<stack>-praise-listing "),
            ("ops/runbooks/README.md", "[PraiseListing fails](praise-listing-failing.md)"),
            (RESOURCES, "\"PraiseListingFunction\""),
        ] {
            assert!(read(path).contains(spelling), "{path} has no {spelling}");
            assert!(
                done.written.iter().any(|(written, _)| written == path),
                "{path} is not told of"
            );
        }
        for (path, _) in &done.written {
            for left in ["verb-noun", "verb_noun", "VerbNoun"] {
                assert!(!read(path).contains(left), "{path} has {left}");
            }
        }

        // The state: between the two, with its neighbours' retries.
        let machine: Json = serde_json::from_str(&read("statemachines/withdraw.asl.json")).unwrap();
        let states = &machine["States"];
        assert_eq!(states["PublishListing"]["Next"], "PraiseListing");
        assert_eq!(states["PraiseListing"]["Next"], "PublishPage");
        for field in ["Retry", "Catch", "Resource"] {
            assert_eq!(states["PraiseListing"][field], states["PublishListing"][field], "{field}");
        }

        // The template: its own names, one read of the table, and the machine's.
        let template: Yaml = serde_yaml_ng::from_str(&read(TEMPLATE)).unwrap();
        let resources = at(&template, &["Resources"]);
        let function = at(resources, &["PraiseListingFunction", "Properties"]);
        let model = at(resources, &["RejectSubmissionFunction", "Properties"]);
        assert_eq!(at(function, &["Timeout"]), at(model, &["Timeout"]));
        assert_eq!(
            at(resources, &["PraiseListingFunction", "Metadata"]),
            at(resources, &["RejectSubmissionFunction", "Metadata"])
        );
        let shown = |id: &str| serde_yaml_ng::to_string(at(resources, &[id])).unwrap();
        let role = shown("PraiseListingRole");
        assert!(
            role.contains("dynamodb:GetItem") && !role.contains("dynamodb:UpdateItem"),
            "{role}"
        );
        assert!(
            role.contains("PraiseListingLogs.Arn")
                && !role.contains("RejectSubmission")
                && !role.contains("UpdateItem"),
            "{role}"
        );
        assert!(shown("WithdrawRole").contains("PraiseListingFunction.Alias"));
        assert!(shown("WithdrawStateMachine").contains("PraiseListingFunctionArn"));
        assert!(!shown("NoticeRole").contains("PraiseListing"));

        let alarms: Yaml = serde_yaml_ng::from_str(&read(ALARMS)).unwrap();
        at(&alarms, &["Resources", "PraiseListingFailing", "Properties", "AlarmActions"]);

        // The snapshot has it in each stage that has the model, lists still sorted.
        let snapshot = read(RESOURCES);
        let (_, json) = snapshot.rsplit_once("---\n").unwrap();
        let stages: Json = serde_json::from_str(json).unwrap();
        for stage in ["dev", "test", "prod"] {
            for (kind, id) in [
                ("AWS::IAM::Role", "PraiseListingRole"),
                ("AWS::Lambda::Function", "PraiseListingFunction"),
                ("AWS::Logs::LogGroup", "PraiseListingLogs"),
            ] {
                let all = stages[stage]["template.yaml"][kind].as_array().unwrap();
                let all: Vec<&str> = all.iter().map(|id| id.as_str().unwrap()).collect();
                assert!(all.contains(&id) && all.is_sorted(), "{stage}: {all:?}");
            }
        }

        // Once more is refused.
        let before = content(root);
        let again = scaffold(root, "praise-listing", Some(&way)).unwrap_err().to_string();
        assert!(again.contains("is there already"), "{again}");
        assert_eq!(before, content(root), "a refusal writes nothing");
    }

    #[test]
    fn the_last_state_is_followed_and_the_end_moves_on() {
        let folder = copy();
        let way = way("export-member", "TellSubmitter");
        scaffold(folder.path(), "praise-listing", Some(&way)).unwrap();
        let path = folder.path().join(definition("export-member"));
        let machine: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let states = &machine["States"];
        assert_eq!(states["TellSubmitter"]["Next"], "PraiseListing");
        assert!(states["TellSubmitter"]["End"].is_null());
        assert_eq!(states["PraiseListing"]["End"], true);
        assert!(states["PraiseListing"]["Next"].is_null());
    }

    #[test]
    fn a_path_that_grows_too_long_is_told_of() {
        for (machine, after, told) in [
            ("session-submission", "PersistSession", true),
            ("session-submission", "RejectSubmission", false),
            ("withdraw", "WithdrawContent", false),
        ] {
            let folder = copy();
            let done = scaffold(folder.path(), "praise-listing", Some(&way(machine, after)));
            let left = done.unwrap().left.join("\n");
            assert_eq!(left.contains("STATES_MAX"), told, "{machine} {after}: {left}");
        }
    }

    #[test]
    fn without_a_way_the_state_is_left_to_its_author() {
        let folder = copy();
        let done = scaffold(folder.path(), "praise-listing", None).unwrap();
        assert!(done.written.iter().all(|(path, _)| !path.starts_with("statemachines/")));
        assert!(done.left.iter().any(|what| what.contains("statemachines/*.asl.json")));
        let binary = folder.path().join("functions/handlers/src/bin/praise-listing.rs");
        assert!(binary.is_file());
    }

    #[test]
    fn what_would_break_is_refused() {
        let folder = copy();
        let before = content(folder.path());
        for (name, machine, after, why) in [
            ("praise", "withdraw", "PublishListing", "a verb and a noun"),
            ("Praise-Listing", "withdraw", "PublishListing", "a verb and a noun"),
            ("praise_listing", "withdraw", "PublishListing", "a verb and a noun"),
            ("praise-", "withdraw", "PublishListing", "a verb and a noun"),
            ("praise-2nd", "withdraw", "PublishListing", "a verb and a noun"),
            ("moderate-photo", "withdraw", "PublishListing", "is there already"),
            // A state without a function, a use case without a binary, a role.
            ("await-decision", "withdraw", "PublishListing", "has a state"),
            ("send-notice", "withdraw", "PublishListing", "is there already"),
            ("erase-member", "withdraw", "PublishListing", "has a resource"),
            ("praise-listing", "no-such", "PublishListing", "there are change-submission"),
            ("praise-listing", "withdraw", "NoSuch", "these can: PublishListing"),
            ("praise-listing", "withdraw", "RecordFailure", "ends the workflow"),
            ("praise-listing", "session-submission", "ModerateText", "compares what it answers"),
            ("praise-listing", "session-submission", "RouteVerdict", "a Choice, not a Task"),
            ("praise-listing", "session-submission", "ModeratePhotos", "a Map, not a Task"),
            ("praise-listing", "session-submission", "PreparePhoto", "inside of a Map"),
            ("praise-listing", "notify-followers", "PlanFanOut", "not about a submission"),
        ] {
            let refused = scaffold(folder.path(), name, Some(&way(machine, after)));
            let said = format!("{:#}", refused.unwrap_err());
            assert!(said.contains(why), "{name} after {after} in {machine}: {said}");
        }
        assert_eq!(before, content(folder.path()), "a refusal writes nothing");
    }
}
