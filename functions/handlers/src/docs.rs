//! The API in words: the page behind every problem's type, rendered from the
//! OpenAPI document, so that the two say the same.

use askama::Template;
use seisiun_contracts::api::{
    ProblemKind,
    openapi::{self, API_VERSION},
    operations::{Asker, Group, Operation, operations},
};
use serde_json::Value;

#[derive(Template)]
#[template(path = "docs.html")]
struct Page<'a> {
    version: &'static str,
    about: &'a str,
    groups: Vec<GroupView>,
    schemas: Vec<SchemaView>,
    problems: &'static [ProblemKind],
}

struct GroupView {
    name: &'static str,
    about: &'static str,
    operations: Vec<OperationView>,
}

struct OperationView {
    id: &'static str,
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    about: &'static str,
    who: &'static str,
    parameters: Vec<Field>,
    body: String,
    answers: Vec<AnswerView>,
}

struct AnswerView {
    status: String,
    about: String,
    problems: Vec<String>,
    carries: String,
    linked: bool,
}

struct SchemaView {
    name: String,
    about: String,
    form: String,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    place: String,
    form: String,
    about: String,
    required: bool,
}

/// The page.
///
/// # Errors
/// When the template can't be rendered, which no data brings about.
pub fn page() -> Result<String, askama::Error> {
    let document = openapi::document();
    let all = operations();
    let groups = Group::ALL.iter().map(|group| GroupView {
        name: group.name(),
        about: group.about(),
        operations: all
            .iter()
            .filter(|operation| operation.group == *group)
            .map(|operation| view(operation, &document))
            .collect(),
    });
    let schemas = document["components"]["schemas"].as_object();
    Page {
        version: API_VERSION,
        about: text(&document["info"]["description"]),
        groups: groups.collect(),
        schemas: schemas
            .into_iter()
            .flatten()
            .map(|(name, schema)| SchemaView {
                name: name.clone(),
                about: text(&schema["description"]).to_owned(),
                form: form(schema),
                fields: fields(schema),
            })
            .collect(),
        problems: ProblemKind::ALL,
    }
    .render()
}

fn view(operation: &Operation, document: &Value) -> OperationView {
    let described = &document["paths"][operation.path][operation.method.to_lowercase()];
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let body = &described["requestBody"]["content"]["application/json"]["schema"];
    let answers = described["responses"].as_object().into_iter().flatten();
    OperationView {
        id: operation.id,
        method: operation.method,
        path: operation.path,
        summary: operation.summary,
        about: operation.about,
        who: match operation.asker {
            Asker::Anybody => "For anybody.",
            Asker::OurPage => "For pages of this site.",
            Asker::Member => "For members.",
            Asker::Moderator => "For moderators.",
        },
        parameters: parameters
            .map(|parameter| Field {
                name: text(&parameter["name"]).into(),
                place: text(&parameter["in"]).into(),
                form: form(&parameter["schema"]),
                about: text(&parameter["description"]).into(),
                required: parameter["required"] == true,
            })
            .collect(),
        body: if body.is_null() { String::new() } else { form(body) },
        answers: answers.map(|(status, answer)| answer_view(status, answer, document)).collect(),
    }
}

fn answer_view(status: &str, answer: &Value, document: &Value) -> AnswerView {
    let shared = text(&answer["$ref"]).strip_prefix('#').and_then(|at| document.pointer(at));
    let answer = shared.unwrap_or(answer);
    let about = text(&answer["description"]);
    let content = answer["content"].as_object();
    let (kind, content) =
        content.into_iter().flatten().next().map_or(("", &Value::Null), |(k, v)| (k, v));
    let reference = text(&content["schema"]["$ref"]);
    AnswerView {
        status: status.to_owned(),
        problems: about
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| ProblemKind::ALL.iter().any(|kind| kind.name() == *name))
            .map(str::to_owned)
            .collect(),
        about: about.to_owned(),
        linked: !reference.is_empty(),
        carries: if reference.is_empty() { kind.to_owned() } else { form(&content["schema"]) },
    }
}

fn fields(schema: &Value) -> Vec<Field> {
    let required = schema["required"].as_array();
    let needed = |name: &str| required.is_some_and(|names| names.iter().any(|n| n == name));
    let properties = schema["properties"].as_object();
    properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| Field {
            name: name.clone(),
            place: String::new(),
            form: form(schema),
            about: text(&schema["description"]).into(),
            required: needed(name),
        })
        .collect()
}

/// The form of a value, in a few words.
fn form(schema: &Value) -> String {
    if let Some((_, name)) = text(&schema["$ref"]).rsplit_once('/') {
        return name.to_owned();
    }
    if let Some(of) = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema[*key].as_array()) {
        let forms: Vec<String> = of.iter().map(form).filter(|form| form != "null").collect();
        return forms.join(" or ");
    }
    if !schema["const"].is_null() {
        return format!("{}", schema["const"]);
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        return values.join(", ");
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default()
        }
        kind => text(kind),
    };
    let bounds = |least: &str, most: &str| match (&schema[least], &schema[most]) {
        (Value::Null, Value::Null) => String::new(),
        (Value::Null, most) => format!(", at most {most}"),
        (least, Value::Null) => format!(", at least {least}"),
        (least, most) => format!(", {least} to {most}"),
    };
    match kind {
        "string" => {
            let what = ["format", "pattern"].iter().find_map(|key| schema[*key].as_str());
            format!("{}{}", what.unwrap_or("text"), bounds("minLength", "maxLength"))
        }
        "array" => format!("list of {}{}", form(&schema["items"]), bounds("minItems", "maxItems")),
        "number" | "integer" => format!("{kind}{}", bounds("minimum", "maximum")),
        other => other.to_owned(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_operation_schema_and_problem_and_no_dead_link() {
        let page = page().unwrap();
        for operation in operations() {
            assert!(page.contains(&format!("id=\"{}\"", operation.id)), "{}", operation.id);
        }
        for problem in ProblemKind::ALL {
            assert!(page.contains(&format!("<tr id=\"{}\"", problem.name())), "{problem:?}");
        }
        let links: Vec<&str> =
            page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(links.len() > 50);
        for link in links {
            assert!(page.contains(&format!("id=\"{link}\"")), "#{link} leads nowhere");
        }
    }
}
