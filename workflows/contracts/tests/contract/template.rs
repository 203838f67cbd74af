//! The part of the SAM template that the contract is about.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

/// A Lambda function.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    /// What the template calls it, e.g. `OpenCaseFunction`.
    pub(crate) id: String,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) timeout_seconds: Option<u64>,
    /// Types of the events that call it.
    pub(crate) events: Vec<String>,
}

/// A state machine.
#[derive(Debug, Clone)]
pub(crate) struct StateMachine {
    pub(crate) id: String,
    pub(crate) definition: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) role: String,
    pub(crate) substitutions: BTreeMap<String, Json>,
}

/// What a role allows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Role {
    /// What each action is allowed on.
    pub(crate) allows: BTreeMap<String, Vec<Json>>,
}

/// A reading of the template.
#[derive(Debug, Clone, Default)]
pub(crate) struct Template {
    pub(crate) functions: Vec<Function>,
    pub(crate) machines: Vec<StateMachine>,
    pub(crate) roles: BTreeMap<String, Role>,
    /// What each integration of the API calls, e.g. `MemberApiFunction.Arn`.
    pub(crate) integrations: BTreeMap<String, String>,
    /// Where each route of the API leads: `integrations/<id>`.
    pub(crate) routes: BTreeMap<String, String>,
    /// What the API may call.
    pub(crate) api_calls: BTreeSet<String>,
    pub(crate) parameters: BTreeMap<String, Json>,
    pub(crate) resources: BTreeSet<String>,
}

impl Template {
    pub(crate) fn read(json: &Json) -> Self {
        let mut template = Self::default();
        for (name, parameter) in entries(&json["Parameters"]) {
            template.parameters.insert(name.clone(), parameter["Default"].clone());
        }
        for (id, resource) in entries(&json["Resources"]) {
            template.resources.insert(id.clone());
            let properties = &resource["Properties"];
            match resource["Type"].as_str() {
                Some("AWS::Serverless::Function") => template.functions.push(Function {
                    id: id.clone(),
                    code: text(&properties["CodeUri"]),
                    name: text(&properties["FunctionName"]),
                    role: text(&properties["Role"]),
                    timeout_seconds: properties["Timeout"].as_u64(),
                    events: entries(&properties["Events"])
                        .map(|(_, event)| text(&event["Type"]))
                        .collect(),
                }),
                Some("AWS::Serverless::StateMachine") => template.machines.push(StateMachine {
                    id: id.clone(),
                    definition: text(&properties["DefinitionUri"]),
                    name: text(&properties["Name"]),
                    kind: text(&properties["Type"]),
                    role: text(&properties["Role"]),
                    substitutions: entries(&properties["DefinitionSubstitutions"])
                        .map(|(name, value)| (name.clone(), value.clone()))
                        .collect(),
                }),
                Some("AWS::ApiGatewayV2::Integration") => {
                    let calls = text(&properties["IntegrationUri"]);
                    template.integrations.insert(id.clone(), calls);
                }
                Some("AWS::ApiGatewayV2::Route") => {
                    template.routes.insert(id.clone(), text(&properties["Target"]));
                }
                Some("AWS::Lambda::Permission")
                    if properties["Principal"] == "apigateway.amazonaws.com" =>
                {
                    template.api_calls.insert(text(&properties["FunctionName"]));
                }
                Some("AWS::IAM::Role") => {
                    template.roles.insert(id.clone(), Role::read(properties));
                }
                _ => {}
            }
        }
        template
    }

    pub(crate) fn function(&self, id: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.id == id)
    }
}

impl Role {
    fn read(properties: &Json) -> Self {
        let mut role = Self::default();
        let statements = list(&properties["Policies"])
            .into_iter()
            .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]));
        for statement in statements.filter(|statement| statement["Effect"] == "Allow") {
            for action in list(&statement["Action"]) {
                role.allows
                    .entry(text(action))
                    .or_default()
                    .extend(list(&statement["Resource"]).into_iter().cloned());
            }
        }
        role
    }
}

fn entries(json: &Json) -> impl Iterator<Item = (&String, &Json)> {
    json.as_object().into_iter().flatten()
}

/// A list, of which CloudFormation lets one write the only item alone.
fn list(json: &Json) -> Vec<&Json> {
    match json {
        Json::Null => Vec::new(),
        Json::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

/// A text; `!Sub`, `!Ref` and `!GetAtt` give what they name.
fn text(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Object(object) if object.len() == 1 => {
            object.values().next().map(text).unwrap_or_default()
        }
        other => other.to_string(),
    }
}
