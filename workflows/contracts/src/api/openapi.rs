//! The OpenAPI 3.1 document, generated from [`operations`].

use std::collections::{BTreeMap, BTreeSet};

use schemars::{
    Schema, SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value, json};

use super::{
    BODY_BYTES_MAX, IDEMPOTENCY_KEY_CHARS_MAX, PROBLEM_JSON, ProblemDetails,
    auth::{AUTH_HEADER, AUTH_HEADER_VALUE, REFRESH_COOKIE, RETRY_AFTER_SECONDS},
    operations::{Answer, Asker, Content, Group, Operation, operations},
};

/// Version of the API: the first number rises when a client may break.
pub const API_VERSION: &str = "0.1.0";

/// Where a schema stands in the document.
const SCHEMAS: &str = "#/components/schemas/";
/// Where an answer that several operations share stands.
const RESPONSES: &str = "#/components/responses/";

const ABOUT: &str = "Find, share and review Irish traditional music sessions.

- **Errors** are problem details (RFC 9457) with a `type` that the page of this API explains, \
and one entry in `problems` per field that is not in order. The gateway's own answers (401 \
without a good token, 429, 503) are JSON with a `message`.
- **Repeating.** Where an `Idempotency-Key` is asked for, a repeated request with the same key \
is done once; with other content it is answered 409. The operations under Account and the \
unsubscribe link take none: to repeat them does no harm.
- **Lists** come page by page. A page's `next`, handed back as `cursor`, gives the one after it; \
the last has none. Cursors can't be read, made up or used for another list.
- **Caching.** Public reads carry an `ETag`; `If-None-Match` is answered 304.
- **Limits.** Bodies have at most 65,536 bytes. The API as a whole takes 1,000 requests a second, \
500 at once; beyond it answers 429.";

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations() {
        let described = schemas.operation(&operation);
        paths.entry(operation.path).or_default().insert(operation.method.to_lowercase(), described);
    }
    let tags: Vec<Value> = Group::ALL
        .iter()
        .map(|group| json!({ "name": group.name(), "description": group.about() }))
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Seisiún",
            "version": API_VERSION,
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "member": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token, from the operations under Account.",
                },
                "refresh": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": REFRESH_COOKIE,
                    "description": "The refresh token, which no script can read.",
                },
            },
        },
    });
    schemas.place(&mut document);
    document
}

/// The document as it is served and committed: with a line break at its end.
#[must_use]
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

/// Collects what requests take and what answers carry. The two differ: a field
/// with a default may be left out of a request and is always in an answer.
struct Schemas {
    taken: SchemaGenerator,
    given: SchemaGenerator,
    /// Answers that are problems, by the names of their kinds.
    problems: BTreeMap<String, Value>,
}

/// Marks a reference to what a request takes, until [`Schemas::place`].
const TAKEN: &str = "taken:";
/// The same for what an answer carries.
const GIVEN: &str = "given:";

impl Schemas {
    fn new() -> Self {
        let of = |contract, at: &str| {
            let mut settings = SchemaSettings::draft2020_12();
            settings.contract = contract;
            settings.meta_schema = None;
            settings.definitions_path = format!("/{at}").into();
            settings.into_generator()
        };
        Self {
            taken: of(Contract::Deserialize, TAKEN),
            given: of(Contract::Serialize, GIVEN),
            problems: BTreeMap::new(),
        }
    }

    fn operation(&mut self, operation: &Operation) -> Value {
        let mut described = json!({
            "operationId": operation.id,
            "summary": operation.summary,
            "tags": [operation.group.name()],
            "responses": self.responses(operation),
        });
        if !operation.about.is_empty() {
            described["description"] = operation.about.into();
        }
        let parameters = self.parameters(operation);
        if !parameters.is_empty() {
            described["parameters"] = parameters.into();
        }
        if let Some(body) = operation.body {
            described["requestBody"] = json!({
                "required": true,
                "description": format!("At most {BODY_BYTES_MAX} bytes."),
                "content": { "application/json": { "schema": body(&mut self.taken) } },
            });
        }
        if let Some(form) = operation.form {
            described["requestBody"] = json!({
                "required": !operation.without_form,
                "description": format!("At most {BODY_BYTES_MAX} bytes."),
                "content": {
                    "application/x-www-form-urlencoded": { "schema": form(&mut self.taken) },
                },
            });
        }
        match operation.asker {
            Asker::Member | Asker::Moderator => described["security"] = json!([{ "member": [] }]),
            Asker::OurPage if operation.id == "changePassword" => {
                described["security"] = json!([{ "member": [] }]);
            }
            Asker::OurPage if operation.body.is_none() => {
                described["security"] = json!([{ "refresh": [] }, {}]);
            }
            Asker::OurPage | Asker::Anybody => {}
        }
        described
    }

    fn parameters(&mut self, operation: &Operation) -> Vec<Value> {
        let mut parameters = Vec::new();
        for path in &operation.in_path {
            parameters.push(json!({
                "name": path.name,
                "in": "path",
                "required": true,
                "description": path.about,
                "schema": (path.schema)(&mut self.taken),
            }));
        }
        if let Some(query) = operation.query {
            parameters.extend(self.query(query));
        }
        if operation.idempotent_by_key {
            parameters.push(json!({
                "name": "Idempotency-Key",
                "in": "header",
                "required": true,
                "description": "Chosen by the client: repeat it to repeat the request.",
                "schema": {
                    "type": "string",
                    "pattern": format!("^[A-Za-z0-9_-]{{8,{IDEMPOTENCY_KEY_CHARS_MAX}}}$"),
                },
            }));
        }
        if operation.asker == Asker::OurPage {
            parameters.push(json!({
                "name": AUTH_HEADER,
                "in": "header",
                "required": true,
                "description": "What a form of another site can't send.",
                "schema": { "type": "string", "enum": [AUTH_HEADER_VALUE] },
            }));
        }
        parameters
    }

    /// The properties of the query's type, each a parameter.
    fn query(&mut self, query: fn(&mut SchemaGenerator) -> Schema) -> Vec<Value> {
        // A generator of its own: the type itself is no component.
        let mut inline = SchemaSettings::draft2020_12();
        inline.inline_subschemas = true;
        inline.meta_schema = None;
        let schema = query(&mut inline.into_generator()).to_value();
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        properties
            .into_iter()
            .map(|(name, mut schema)| {
                let about = schema.as_object_mut().and_then(|schema| schema.remove("description"));
                json!({
                    "name": name,
                    "in": "query",
                    "required": required.contains(name.as_str()),
                    "description": about.unwrap_or_default(),
                    "schema": present(schema),
                })
            })
            .collect()
    }

    fn responses(&mut self, operation: &Operation) -> Map<String, Value> {
        let mut responses = Map::new();
        for Answer { status, about, content } in &operation.answers {
            let mut answer = json!({ "description": about });
            match content {
                Content::Nothing => {}
                Content::Json(schema) => {
                    answer["content"] =
                        json!({ "application/json": { "schema": schema(&mut self.given) } });
                }
                Content::AnyJson => {
                    answer["content"] = json!({ "application/json": { "schema": {} } });
                }
                Content::Jpeg => {
                    answer["content"] = json!({ "image/jpeg": {} });
                }
                Content::Html => {
                    answer["content"] = json!({ "text/html": { "schema": { "type": "string" } } });
                }
            }
            if operation.cached {
                answer["headers"] = json!({
                    "ETag": { "required": true, "schema": { "type": "string" } },
                    "Cache-Control": { "required": true, "schema": { "type": "string" } },
                });
            }
            responses.insert(status.to_string(), answer);
        }
        if operation.cached {
            let unchanged = json!({ "description": "What `If-None-Match` names still stands" });
            responses.insert("304".into(), unchanged);
        }
        let details = self.given.subschema_for::<ProblemDetails>().to_value();
        let mut kinds: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
        for problem in operation.problems() {
            kinds.entry(problem.status()).or_default().push(problem.name());
        }
        // The gateway limits everything, in its own words.
        kinds.entry(429).or_default();
        for (status, names) in kinds {
            if let Some(page) = responses.get_mut(&status.to_string()) {
                // A page for who filled in a form, a problem for who posts no form.
                page["content"][PROBLEM_JSON] = json!({ "schema": details });
                continue;
            }
            let mut content = json!({ PROBLEM_JSON: { "schema": details } });
            let mut about = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
            if matches!(status, 401 | 403 | 413 | 429 | 500 | 503) {
                content["application/json"] =
                    json!({ "schema": { "$ref": format!("{SCHEMAS}GatewayMessage") } });
            }
            if status == 429 {
                about.push("the gateway's limit".into());
            }
            let mut answer = json!({ "description": about.join(", "), "content": content });
            if matches!(status, 429 | 503) {
                answer["headers"] = json!({ "Retry-After": {
                    "description": format!("Seconds; ours say {RETRY_AFTER_SECONDS}."),
                    "schema": { "type": "integer" },
                }});
            }
            let names = if names.is_empty() { "gateway-limit".into() } else { names.join("_") };
            let reference = json!({ "$ref": format!("{RESPONSES}{names}") });
            self.problems.insert(names, answer);
            responses.insert(status.to_string(), reference);
        }
        responses
    }

    /// Puts the collected schemas into the document. One that requests and
    /// answers have alike is there once; otherwise the request's has `Input`
    /// after its name.
    fn place(mut self, document: &mut Value) {
        let taken = self.taken.take_definitions(true);
        let given = self.given.take_definitions(true);
        let mut apart: BTreeSet<String> = BTreeSet::new();
        // Two that look alike differ if what they refer to differs.
        loop {
            let before = apart.len();
            for (name, schema) in &taken {
                if let Some(other) = given.get(name) {
                    let (mut a, mut b) = (schema.clone(), other.clone());
                    point(&mut a, &apart);
                    point(&mut b, &apart);
                    if a != b {
                        apart.insert(name.clone());
                    }
                }
            }
            if apart.len() == before {
                break;
            }
        }
        let mut schemas: BTreeMap<String, Value> = BTreeMap::new();
        for (name, schema) in taken {
            let name = if apart.contains(&name) { format!("{name}Input") } else { name };
            schemas.insert(name, schema);
        }
        schemas.extend(given);
        schemas.insert("GatewayMessage".into(), gateway_message());
        document["components"]["schemas"] = json!(schemas);
        document["components"]["responses"] = json!(self.problems);
        point(document, &apart);
    }
}

/// Turns the marked references in a value into the document's.
fn point(value: &mut Value, apart: &BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(text) if key == "$ref" => {
                        if let Some((_, name)) = text.split_once(TAKEN) {
                            let after = if apart.contains(name.trim_start_matches('/')) {
                                "Input"
                            } else {
                                ""
                            };
                            *text = format!("{SCHEMAS}{}{after}", name.trim_start_matches('/'));
                        } else if let Some((_, name)) = text.split_once(GIVEN) {
                            *text = format!("{SCHEMAS}{}", name.trim_start_matches('/'));
                        }
                    }
                    other => point(other, apart),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point(item, apart)),
        _ => {}
    }
}

/// The schema of a value that is there: what may be absent is left out of a
/// query, never sent as null.
fn present(mut schema: Value) -> Value {
    let array = |schema: &mut Value, key: &str, keep: &dyn Fn(&Value) -> bool| {
        let items = schema.get_mut(key).and_then(Value::as_array_mut)?;
        items.retain(keep);
        if let [one] = items.as_slice() { Some(one.clone()) } else { None }
    };
    if let Some(one) = array(&mut schema, "type", &|kind| kind != "null") {
        schema["type"] = one;
    }
    array(&mut schema, "enum", &|value| !value.is_null());
    let variant = array(&mut schema, "anyOf", &|variant| variant["type"] != "null");
    variant.unwrap_or(schema)
}

fn gateway_message() -> Value {
    json!({
        "type": "object",
        "properties": { "message": { "type": ["string", "null"] } },
        "required": ["message"],
    })
}
