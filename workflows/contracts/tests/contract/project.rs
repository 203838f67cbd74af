//! What the checks look at, and what they answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;
use serde_json::Value;

use crate::{asl::Definition, goldens::Golden, template::Template};

/// Everything that the contract is between, as it lies in the repository.
/// Shared, so that a broken copy costs no more than what is broken in it.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    /// Definitions by the stem of their file.
    pub(crate) machines: BTreeMap<String, Arc<Value>>,
    pub(crate) template: Arc<Value>,
    /// Sources that must exist, relative to the root.
    pub(crate) files: BTreeSet<String>,
    pub(crate) goldens: Arc<Vec<Golden>>,
}

/// The folders whose files a function or a machine needs.
const FOLDERS: [&str; 4] = [BINARIES[0], BINARIES[1], "workflows/tasks/src", "statemachines"];

/// The folders of the functions' binaries.
const BINARIES: [&str; 2] = ["functions/handlers/src/bin", "functions/publish/src/bin"];

/// Where the binary of this name may lie.
pub(crate) fn binaries(stem: &str) -> [String; 2] {
    BINARIES.map(|folder| format!("{folder}/{stem}.rs"))
}

/// Where the binary of this name does lie.
pub(crate) fn binary(stem: &str) -> String {
    let all = binaries(stem);
    let found = all.iter().find(|file| root().join(file).exists());
    found.cloned().unwrap_or_else(|| panic!("{stem}: there is none of {all:?}"))
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_root.ancestors().nth(2).expect("the crate lies two folders deep").to_path_buf()
}

pub(crate) fn read(relative: &str) -> String {
    std::fs::read_to_string(root().join(relative))
        .unwrap_or_else(|error| panic!("{relative}: {error}"))
}

impl Project {
    /// The project in the repository.
    pub(crate) fn load() -> Self {
        let mut files = BTreeSet::new();
        for folder in FOLDERS {
            for entry in std::fs::read_dir(root().join(folder)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                files.insert(format!("{folder}/{name}"));
            }
        }
        let machines = files
            .iter()
            .filter_map(|file| {
                let stem = file.strip_prefix("statemachines/")?.strip_suffix(".asl.json")?;
                let json = serde_json::from_str(&read(file))
                    .unwrap_or_else(|error| panic!("{file}: {error}"));
                Some((stem.to_owned(), Arc::new(json)))
            })
            .collect();
        let template = seisiun_ops::yaml::parse(&read("template.yaml")).unwrap();
        let goldens = Arc::new(crate::goldens::load());
        Self { machines, template: Arc::new(template), files, goldens }
    }

    /// The reading that the checks work on; what can't be read is a violation.
    pub(crate) fn view(&self) -> (View<'_>, Vec<Violation>) {
        let template = Template::read(&self.template);
        let mut machines = Vec::new();
        let mut violations = Vec::new();
        for (stem, json) in &self.machines {
            match Definition::deserialize(&**json) {
                Ok(definition) => machines.push(Machine { stem, json, definition }),
                Err(error) => violations.push(Violation::new(
                    Check::Parse,
                    stem,
                    format!("{error}: correct it, or teach tests/contract/asl.rs the new field"),
                )),
            }
        }
        (View { project: self, template, machines }, violations)
    }
}

/// A project whose parts were understood.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) project: &'a Project,
    pub(crate) template: Template,
    pub(crate) machines: Vec<Machine<'a>>,
}

#[derive(Debug)]
pub(crate) struct Machine<'a> {
    /// Stem of the file, e.g. `session-submission`.
    pub(crate) stem: &'a str,
    pub(crate) json: &'a Value,
    pub(crate) definition: Definition,
}

/// What is checked. Each one finds at least one of the mutants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    /// The definition is one that we understand.
    Parse,
    /// Placeholder ↔ function ↔ resource ↔ binary ↔ module.
    Wiring,
    /// A machine's role invokes what the machine calls, and nothing else.
    Role,
    /// Every function has a use.
    Unused,
    /// A payload has the fields of the wire input.
    Payload,
    /// A Choice compares every tag that can come, and no other.
    Tags,
    /// JSONata selects, never decides.
    Selects,
    /// Only error names that exist; `States.ALL` alone and last.
    ErrorNames,
    /// What may pass is tried again, with bounds and jitter.
    Retry,
    /// Every failure is caught, and never ends as success.
    Failure,
    /// A state waits longer than its function may run.
    Timeout,
    /// A Map says how much of it runs at a time.
    Concurrency,
    /// A state that waits for a token hands it out.
    Token,
    /// Every state can be reached, every next one exists.
    Graph,
    /// The states are JSONata, but for a distributed Map.
    Language,
    /// A Task or Map says what it does.
    Comment,
    /// Played with golden payloads, every expression finds its value.
    Flow,
    /// Every story takes the way that it should.
    Journey,
}

impl Check {
    pub(crate) const ALL: [Self; 18] = [
        Self::Parse,
        Self::Wiring,
        Self::Role,
        Self::Unused,
        Self::Payload,
        Self::Tags,
        Self::Selects,
        Self::ErrorNames,
        Self::Retry,
        Self::Failure,
        Self::Timeout,
        Self::Concurrency,
        Self::Token,
        Self::Graph,
        Self::Language,
        Self::Comment,
        Self::Flow,
        Self::Journey,
    ];
}

/// Something that breaks the contract, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    pub(crate) check: Check,
    /// Machine and state, or resource.
    pub(crate) place: String,
    pub(crate) what: String,
}

impl Violation {
    pub(crate) fn new(check: Check, place: &str, what: impl Into<String>) -> Self {
        Self { check, place: place.to_owned(), what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}: {}", self.check, self.place, self.what)
    }
}
