//! The part of the Amazon States Language that our machines use. Anything
//! else, a misspelled field included, does not parse.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map as Object, Value};

/// What `ErrorEquals` calls every error that can be caught.
pub(crate) const ALL: &str = "States.ALL";

/// A state machine, or the processor inside a Map.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Definition {
    pub(crate) comment: Option<String>,
    #[serde(default)]
    pub(crate) query_language: Option<Language>,
    pub(crate) start_at: String,
    pub(crate) states: BTreeMap<String, State>,
    pub(crate) processor_config: Option<ProcessorConfig>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Language {
    #[serde(rename = "JSONata")]
    Jsonata,
    #[serde(rename = "JSONPath")]
    JsonPath,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Mode {
    Inline,
    Distributed,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ProcessorConfig {
    pub(crate) mode: Mode,
    pub(crate) execution_type: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "Type")]
pub(crate) enum State {
    Task(Box<Task>),
    Map(Box<Map>),
    Choice(Choice),
    Pass(Pass),
    Wait(Wait),
    Fail(Fail),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Task {
    pub(crate) comment: Option<String>,
    pub(crate) query_language: Option<Language>,
    pub(crate) resource: String,
    pub(crate) arguments: Arguments,
    pub(crate) timeout_seconds: Option<Value>,
    pub(crate) heartbeat_seconds: Option<Value>,
    #[serde(default)]
    pub(crate) retry: Vec<Retrier>,
    #[serde(default)]
    pub(crate) catch: Vec<Catcher>,
    #[serde(default)]
    pub(crate) assign: Object<String, Value>,
    pub(crate) output: Option<Value>,
    pub(crate) next: Option<String>,
    pub(crate) end: Option<bool>,
}

/// What a task calls, by the arguments of its integration.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Arguments {
    Invoke(Invoke),
    UpdateItem(UpdateItem),
}

/// Calls a Lambda function.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Invoke {
    pub(crate) function_name: String,
    pub(crate) payload: Value,
}

/// Changes a record of the table.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct UpdateItem {
    pub(crate) table_name: String,
    pub(crate) key: Value,
    pub(crate) update_expression: String,
    pub(crate) condition_expression: String,
    pub(crate) expression_attribute_names: Value,
    pub(crate) expression_attribute_values: Value,
}

impl Arguments {
    /// What is filled in before the call.
    pub(crate) fn values(&self) -> Value {
        match self {
            Self::Invoke(call) => call.payload.clone(),
            Self::UpdateItem(call) => serde_json::to_value(call).unwrap_or_default(),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Retrier {
    pub(crate) error_equals: Vec<String>,
    pub(crate) interval_seconds: u32,
    pub(crate) backoff_rate: f64,
    pub(crate) max_attempts: u32,
    pub(crate) max_delay_seconds: Option<u32>,
    pub(crate) jitter_strategy: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Catcher {
    pub(crate) error_equals: Vec<String>,
    pub(crate) next: String,
    #[serde(default)]
    pub(crate) assign: Object<String, Value>,
    pub(crate) output: Option<Value>,
    /// JSONPath alone.
    pub(crate) result_path: Option<String>,
}

impl Catcher {
    pub(crate) fn catches(&self, error: &str) -> bool {
        self.error_equals.iter().any(|name| name == error)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Map {
    pub(crate) comment: Option<String>,
    pub(crate) query_language: Option<Language>,
    pub(crate) items: Option<Value>,
    pub(crate) item_selector: Option<Value>,
    pub(crate) item_reader: Option<Access>,
    pub(crate) item_processor: Definition,
    pub(crate) result_writer: Option<Access>,
    pub(crate) max_concurrency: Option<u32>,
    pub(crate) tolerated_failure_percentage: Option<f64>,
    pub(crate) label: Option<String>,
    #[serde(default)]
    pub(crate) retry: Vec<Retrier>,
    #[serde(default)]
    pub(crate) catch: Vec<Catcher>,
    #[serde(default)]
    pub(crate) assign: Object<String, Value>,
    pub(crate) output: Option<Value>,
    /// JSONPath alone: `Some(None)` is an explicit null, which keeps the input.
    #[serde(default, deserialize_with = "present")]
    pub(crate) result_path: Option<Option<String>>,
    pub(crate) next: Option<String>,
    pub(crate) end: Option<bool>,
}

/// How a distributed Map reads its items or writes its results.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Access {
    pub(crate) resource: String,
    pub(crate) reader_config: Option<ReaderConfig>,
    pub(crate) parameters: Object<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ReaderConfig {
    pub(crate) input_type: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Choice {
    pub(crate) comment: Option<String>,
    pub(crate) query_language: Option<Language>,
    pub(crate) choices: Vec<Rule>,
    pub(crate) default: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) condition: String,
    pub(crate) next: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Pass {
    pub(crate) comment: Option<String>,
    pub(crate) query_language: Option<Language>,
    #[serde(default)]
    pub(crate) assign: Object<String, Value>,
    pub(crate) output: Option<Value>,
    pub(crate) next: Option<String>,
    pub(crate) end: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Wait {
    pub(crate) comment: Option<String>,
    pub(crate) query_language: Option<Language>,
    pub(crate) seconds: Value,
    pub(crate) next: Option<String>,
    pub(crate) end: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Fail {
    pub(crate) comment: Option<String>,
    pub(crate) query_language: Option<Language>,
    pub(crate) error: String,
    pub(crate) cause: String,
}

/// Tells a field that is null from one that is absent.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(from).map(Some)
}

/// Why one state follows another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It went well.
    Done,
    /// A rule of a Choice, by its index.
    Rule(usize),
    /// No rule of a Choice.
    Default,
    /// An error was caught, by the catcher's index.
    Caught(usize),
}

impl State {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Task(_) => "Task",
            Self::Map(_) => "Map",
            Self::Choice(_) => "Choice",
            Self::Pass(_) => "Pass",
            Self::Wait(_) => "Wait",
            Self::Fail(_) => "Fail",
        }
    }

    pub(crate) fn comment(&self) -> Option<&str> {
        match self {
            Self::Task(state) => state.comment.as_deref(),
            Self::Map(state) => state.comment.as_deref(),
            Self::Choice(state) => state.comment.as_deref(),
            Self::Pass(state) => state.comment.as_deref(),
            Self::Wait(state) => state.comment.as_deref(),
            Self::Fail(state) => state.comment.as_deref(),
        }
    }

    /// Its own language, before the machine's default.
    pub(crate) fn language(&self) -> Option<Language> {
        match self {
            Self::Task(state) => state.query_language,
            Self::Map(state) => state.query_language,
            Self::Choice(state) => state.query_language,
            Self::Pass(state) => state.query_language,
            Self::Wait(state) => state.query_language,
            Self::Fail(state) => state.query_language,
        }
    }

    pub(crate) fn retry(&self) -> &[Retrier] {
        match self {
            Self::Task(state) => &state.retry,
            Self::Map(state) => &state.retry,
            Self::Choice(_) | Self::Pass(_) | Self::Wait(_) | Self::Fail(_) => &[],
        }
    }

    pub(crate) fn catch(&self) -> &[Catcher] {
        match self {
            Self::Task(state) => &state.catch,
            Self::Map(state) => &state.catch,
            Self::Choice(_) | Self::Pass(_) | Self::Wait(_) | Self::Fail(_) => &[],
        }
    }

    /// `Next` and `End` of a state that has them.
    pub(crate) fn onward(&self) -> Option<(Option<&str>, bool)> {
        let (next, end) = match self {
            Self::Task(state) => (&state.next, state.end),
            Self::Map(state) => (&state.next, state.end),
            Self::Pass(state) => (&state.next, state.end),
            Self::Wait(state) => (&state.next, state.end),
            Self::Choice(_) | Self::Fail(_) => return None,
        };
        Some((next.as_deref(), end == Some(true)))
    }

    /// Whether the execution ends well here.
    pub(crate) fn ends_well(&self) -> bool {
        self.onward().is_some_and(|(_, end)| end)
    }

    /// Whether going on for this reason is no failure: an error that is caught
    /// by its own name is an answer, like any other.
    pub(crate) fn is_meant(&self, why: Why) -> bool {
        match why {
            Why::Done | Why::Rule(_) => true,
            Why::Default => false,
            Why::Caught(n) => self.catch().get(n).is_some_and(|catcher| !catcher.catches(ALL)),
        }
    }

    /// Every state that can follow, and why.
    pub(crate) fn successors(&self) -> Vec<(Why, &str)> {
        let mut successors = Vec::new();
        if let Some((Some(next), _)) = self.onward() {
            successors.push((Why::Done, next));
        }
        if let Self::Choice(choice) = self {
            successors
                .extend(choice.choices.iter().enumerate().map(|(n, r)| (Why::Rule(n), &*r.next)));
            successors.extend(choice.default.iter().map(|next| (Why::Default, next.as_str())));
        }
        successors.extend(self.catch().iter().enumerate().map(|(n, c)| (Why::Caught(n), &*c.next)));
        successors
    }
}

/// The states of a machine, or those inside one of its Maps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Graph<'a> {
    pub(crate) definition: &'a Definition,
    /// The Map around it.
    pub(crate) inside: Option<(&'a str, &'a Map)>,
    language: Language,
}

impl Definition {
    /// This graph and those inside its Maps, the outer ones first.
    pub(crate) fn graphs(&self) -> Vec<Graph<'_>> {
        let language = self.query_language.unwrap_or(Language::JsonPath);
        let mut graphs = vec![Graph { definition: self, inside: None, language }];
        let mut seen = 0;
        while let Some(graph) = graphs.get(seen).copied() {
            seen += 1;
            for (name, state) in &graph.definition.states {
                if let State::Map(map) = state {
                    graphs.push(Graph {
                        definition: &map.item_processor,
                        inside: Some((name, map)),
                        language: map.item_processor.query_language.unwrap_or(graph.language),
                    });
                }
            }
        }
        graphs
    }
}

impl<'a> Graph<'a> {
    pub(crate) fn state(&self, name: &str) -> Option<&'a State> {
        self.definition.states.get(name)
    }

    /// The language that a state is evaluated in.
    pub(crate) fn language_of(&self, state: &State) -> Language {
        state.language().unwrap_or(self.language)
    }

    /// States in the order in which a reader meets them: from the start on,
    /// depth first, what goes wrong last.
    pub(crate) fn in_order(&self) -> Vec<&'a str> {
        self.from(&self.definition.start_at)
    }

    /// Every state that can be reached from one, itself first.
    pub(crate) fn from(&self, start: &str) -> Vec<&'a str> {
        let mut order: Vec<&'a str> = Vec::new();
        let mut later: Vec<&'a str> = Vec::new();
        self.visit(start, &mut order, &mut later);
        while let Some(name) = later.first().copied() {
            later.remove(0);
            self.visit(name, &mut order, &mut later);
        }
        order
    }

    fn visit(&self, name: &str, order: &mut Vec<&'a str>, later: &mut Vec<&'a str>) {
        let Some((name, state)) = self.definition.states.get_key_value(name) else { return };
        if order.contains(&name.as_str()) {
            return;
        }
        order.push(name);
        for (why, next) in state.successors() {
            if state.is_meant(why) {
                self.visit(next, order, later);
            } else {
                later.push(next);
            }
        }
    }

    /// The states that `name` can follow, and why.
    pub(crate) fn predecessors(&self, name: &str) -> Vec<(&'a str, &'a State, Why)> {
        self.definition
            .states
            .iter()
            .flat_map(|(from, state)| {
                state
                    .successors()
                    .into_iter()
                    .filter(|(_, next)| *next == name)
                    .map(move |(why, _)| (from.as_str(), state, why))
            })
            .collect()
    }
}
