//! JSONata expressions: reading, what they name, and what they give.

use std::{
    cell::{OnceCell, RefCell},
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use jsonata_core::{
    ast::AstNode,
    evaluator::{Context, Evaluator},
    parser,
    value::JValue,
};
use serde_json::{Map, Value, json};

/// The text between `{%` and `%}`, if it is an expression.
pub(crate) fn expression(text: &str) -> Option<&str> {
    text.strip_prefix("{%")?.strip_suffix("%}").map(str::trim)
}

/// Every expression in a value.
pub(crate) fn expressions(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => expression(text).into_iter().collect(),
        Value::Array(items) => items.iter().flat_map(expressions).collect(),
        Value::Object(object) => object.values().flat_map(expressions).collect(),
        _ => Vec::new(),
    }
}

/// An expression that was read, and the variables that it names.
struct Parsed {
    ast: AstNode,
    variables: BTreeSet<String>,
}

thread_local! {
    /// The same few expressions are evaluated thousands of times.
    static PARSED: RefCell<HashMap<String, Rc<Parsed>>> = RefCell::default();
}

fn parse(expression: &str) -> Result<Rc<Parsed>, String> {
    if let Some(parsed) = PARSED.with_borrow(|parsed| parsed.get(expression).cloned()) {
        return Ok(parsed);
    }
    let ast = parser::parse(expression)
        .map_err(|error| format!("`{expression}` is no JSONata: {error}"))?;
    let parsed = Rc::new(Parsed { variables: variables(&ast), ast });
    PARSED.with_borrow_mut(|all| all.insert(expression.to_owned(), parsed.clone()));
    Ok(parsed)
}

/// Whether an expression only selects: a path of plain names that starts at a
/// variable, e.g. `$states.input.outcome`.
pub(crate) fn selects(expression: &str) -> Result<bool, String> {
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    Ok(match &parse(expression)?.ast {
        AstNode::Variable(_) => true,
        AstNode::Path { steps } => {
            let mut steps = steps.iter();
            let first = steps.next();
            first.is_some_and(|step| {
                matches!(step.node, AstNode::Variable(_)) && step.stages.is_empty()
            }) && steps.all(|step| {
                matches!(&step.node, AstNode::Name(name) if plain(name)) && step.stages.is_empty()
            })
        }
        _ => false,
    })
}

/// The field and the literal of `$states.input.<field> = '<tag>'`.
pub(crate) fn comparison(condition: &str) -> Option<(&str, &str)> {
    let (field, tag) = expression(condition)?.strip_prefix("$states.input.")?.split_once(" = ")?;
    let tag = tag.strip_prefix('\'')?.strip_suffix('\'')?;
    let word =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    (word(field) && word(tag)).then_some((field, tag))
}

/// Names of the variables in an expression, without `$`.
fn variables(ast: &AstNode) -> BTreeSet<String> {
    fn collect(json: &Value, names: &mut BTreeSet<String>) {
        match json {
            Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
            Value::Object(object) => {
                if let Some(Value::String(name)) = object.get("Variable") {
                    names.insert(name.clone());
                }
                object.values().for_each(|item| collect(item, names));
            }
            _ => {}
        }
    }
    let mut names = BTreeSet::new();
    collect(&serde_json::to_value(ast).expect("a tree can be written"), &mut names);
    names
}

/// What an expression can name: `$states`, and the variables assigned before.
#[derive(Debug, Clone)]
pub(crate) struct Scope<'a> {
    states: Value,
    variables: &'a Map<String, Value>,
    /// `states` as the evaluator has it, from the first use on.
    bound: OnceCell<JValue>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(states: Value, variables: &'a Map<String, Value>) -> Self {
        Self { states, variables, bound: OnceCell::new() }
    }

    /// This scope with one more part of `$states`.
    pub(crate) fn with(&self, part: &str, value: Value) -> Self {
        let mut states = self.states.clone();
        states[part] = value;
        Self::new(states, self.variables)
    }

    fn evaluate(&self, expression: &str) -> Result<Value, String> {
        let parsed = parse(expression)?;
        let mut context = Context::new();
        for name in &parsed.variables {
            let value = match self.variables.get(name) {
                Some(value) => JValue::from(value.clone()),
                None if name == "states" => {
                    self.bound.get_or_init(|| JValue::from(self.states.clone())).clone()
                }
                None => {
                    return Err(format!(
                        "`{expression}` names ${name}, which is not assigned on every way here"
                    ));
                }
            };
            context.bind(name.clone(), value);
        }
        let given = Evaluator::with_context(context)
            .evaluate(&parsed.ast, &JValue::Undefined)
            .map_err(|error| format!("`{expression}`: {error:?}"))?;
        if given.is_undefined() {
            return Err(format!("`{expression}` gives nothing here"));
        }
        // By its text: a whole number stays one.
        let text = given.to_json_string().map_err(|error| format!("`{expression}`: {error}"))?;
        serde_json::from_str(&text).map_err(|error| format!("`{expression}`: {error}"))
    }

    /// A value with its expressions evaluated.
    pub(crate) fn fill(&self, template: &Value) -> Result<Value, String> {
        match template {
            Value::String(text) => match expression(text) {
                Some(expression) => self.evaluate(expression),
                None if text.contains("{%") || text.contains("%}") => {
                    Err(format!("\"{text}\": an expression is the whole of a text"))
                }
                None => Ok(template.clone()),
            },
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Value::Object(object) => {
                object.iter().map(|(key, value)| Ok((key.clone(), self.fill(value)?))).collect()
            }
            plain => Ok(plain.clone()),
        }
    }

    /// The same for the values of an `Assign`.
    pub(crate) fn assign(&self, to: &Map<String, Value>) -> Result<Map<String, Value>, String> {
        let mut variables = self.variables.clone();
        for (name, value) in to {
            variables.insert(name.clone(), self.fill(value)?);
        }
        Ok(variables)
    }
}

#[test]
fn selecting_is_told_from_deciding() {
    for selection in ["$error", "$states.input.outcome", "$states.context.Map.Item.Value"] {
        assert_eq!(selects(selection), Ok(true), "{selection}");
    }
    for decision in ["$count($states.result)", "$a + 1", "$a[0]", "$a ? 1 : 2", "'x'", "a.b"] {
        assert_eq!(selects(decision), Ok(false), "{decision}");
    }
    assert!(selects("$states.").is_err());
}

#[test]
fn a_condition_is_one_comparison() {
    assert_eq!(comparison("{% $states.input.next = 'give_up' %}"), Some(("next", "give_up")));
    for other in [
        "$states.input.next = 'wait'",
        "{% $states.input.next != 'wait' %}",
        "{% $states.input.a.b = 'wait' %}",
        "{% $states.input.next = 'wait' or true %}",
        "{% $next = 'wait' %}",
        "{% $states.input.next = 'wait' or $states.input.next = 'x' %}",
    ] {
        assert_eq!(comparison(other), None, "{other}");
    }
}

#[test]
fn an_expression_that_gives_nothing_is_an_error() {
    let mut variables = Map::new();
    variables.insert("reminder".into(), json!(1));
    let scope = Scope::new(json!({ "input": { "photos": ["a"] } }), &variables);
    let filled = |text: &str| scope.fill(&json!(text));
    assert_eq!(filled("{% $states.input.photos %}"), Ok(json!(["a"])));
    assert_eq!(filled("{% $reminder + 1 %}"), Ok(json!(2)));
    assert_eq!(filled("plain"), Ok(json!("plain")));
    for wrong in ["{% $states.result %}", "{% $remindr %}", "{% ( %}", "x {% $reminder %}"] {
        assert!(filled(wrong).is_err(), "{wrong}");
    }
}
