//! What a template's functions come to in one stack: `Ref`, `Sub`, `If` and their
//! like, replaced by what they stand for.
//!
//! What only AWS knows, such as the id of an API, becomes a name of ours:
//! `<stack/Api>` for a `Ref`, `<stack/Api.ApiEndpoint>` for an attribute. So two
//! places that mean the same resource read the same, across stacks too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

/// The account that everything is looked at in. AWS uses it in its examples.
pub const ACCOUNT: &str = "123456789012";

/// One stack's names.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The stack's name.
    pub stack: String,
    /// Where it is deployed.
    pub region: String,
    /// Its parameters, resolved.
    pub parameters: BTreeMap<String, Json>,
    /// Its template.
    pub template: &'a Json,
    /// Outputs of the stacks that it nests, resolved.
    pub nested: BTreeMap<String, BTreeMap<String, Json>>,
}

/// Why a function can't be resolved. Its place is told by who asks.
pub type Unresolved = String;

impl Scope<'_> {
    /// Whether a condition of the template holds.
    ///
    /// # Errors
    /// If there is none of this name, or it can't be resolved.
    pub fn holds(&self, name: &str) -> Result<bool, Unresolved> {
        self.holds_within(name, &mut BTreeSet::new())
    }

    fn holds_within(&self, name: &str, seen: &mut BTreeSet<String>) -> Result<bool, Unresolved> {
        if !seen.insert(name.to_owned()) {
            return Err(format!("condition {name} refers to itself"));
        }
        let condition = self.template["Conditions"]
            .get(name)
            .ok_or_else(|| format!("there is no condition {name}"))?;
        let holds = self.is_true(condition, seen);
        seen.remove(name);
        holds
    }

    fn is_true(&self, value: &Json, seen: &mut BTreeSet<String>) -> Result<bool, Unresolved> {
        let (name, argument) = function(value).ok_or_else(|| format!("{value} is no condition"))?;
        let all = || argument.as_array().ok_or_else(|| format!("{name} takes a list"));
        match name {
            "Condition" => self.holds_within(text(argument)?, seen),
            "Fn::Not" => match all()?.as_slice() {
                [one] => Ok(!self.is_true(one, seen)?),
                _ => Err("Fn::Not takes one condition".into()),
            },
            "Fn::And" => {
                all()?.iter().try_fold(true, |so_far, one| Ok(so_far & self.is_true(one, seen)?))
            }
            "Fn::Or" => {
                all()?.iter().try_fold(false, |so_far, one| Ok(so_far | self.is_true(one, seen)?))
            }
            "Fn::Equals" => match all()?.as_slice() {
                [a, b] => Ok(as_text(&self.resolve(a)?) == as_text(&self.resolve(b)?)),
                _ => Err("Fn::Equals takes two values".into()),
            },
            other => Err(format!("{other} is no condition")),
        }
    }

    /// The value with every function replaced. What is `AWS::NoValue` is left out.
    ///
    /// # Errors
    /// If a name is not there, or a function has not the arguments that it takes.
    pub fn resolve(&self, value: &Json) -> Result<Json, Unresolved> {
        Ok(self.resolve_or_none(value)?.unwrap_or(Json::Null))
    }

    fn resolve_or_none(&self, value: &Json) -> Result<Option<Json>, Unresolved> {
        if let Some((name, argument)) = function(value) {
            return self.call(name, argument);
        }
        Ok(Some(match value {
            Json::Array(all) => {
                let mut resolved = Vec::with_capacity(all.len());
                for one in all {
                    resolved.extend(self.resolve_or_none(one)?);
                }
                Json::Array(resolved)
            }
            Json::Object(all) => {
                let mut resolved = Map::new();
                for (key, one) in all {
                    if let Some(one) = self.resolve_or_none(one)? {
                        resolved.insert(key.clone(), one);
                    }
                }
                Json::Object(resolved)
            }
            plain => plain.clone(),
        }))
    }

    fn call(&self, name: &str, argument: &Json) -> Result<Option<Json>, Unresolved> {
        let list = || argument.as_array().ok_or_else(|| format!("{name} takes a list"));
        Ok(Some(match name {
            "Ref" => return self.reference(text(argument)?),
            "Fn::GetAtt" => match argument {
                Json::String(path) => {
                    let (resource, attribute) = path
                        .split_once('.')
                        .ok_or_else(|| format!("GetAtt {path}: no attribute"))?;
                    self.attribute(resource, attribute)?
                }
                _ => match list()?.as_slice() {
                    [resource, attribute] => self.attribute(text(resource)?, text(attribute)?)?,
                    _ => return Err("Fn::GetAtt takes a resource and an attribute".into()),
                },
            },
            "Fn::Sub" => match argument {
                Json::String(template) => self.substitute(template, &Map::new())?,
                _ => match list()?.as_slice() {
                    [Json::String(template), Json::Object(more)] => {
                        self.substitute(template, more)?
                    }
                    _ => return Err("Fn::Sub takes a text and a map".into()),
                },
            },
            "Fn::If" => match list()?.as_slice() {
                [condition, yes, no] => {
                    let chosen = if self.holds(text(condition)?)? { yes } else { no };
                    return self.resolve_or_none(chosen);
                }
                _ => return Err("Fn::If takes a condition and two values".into()),
            },
            "Fn::Join" => match list()?.as_slice() {
                [separator, parts] => {
                    let parts = self.resolve(parts)?;
                    let parts = parts.as_array().ok_or("Fn::Join joins a list")?;
                    let parts: Vec<String> = parts.iter().map(as_text).collect();
                    parts.join(text(separator)?).into()
                }
                _ => return Err("Fn::Join takes a separator and a list".into()),
            },
            "Fn::Split" => match list()?.as_slice() {
                [separator, whole] => {
                    let whole = as_text(&self.resolve(whole)?);
                    whole.split(text(separator)?).collect::<Vec<_>>().into()
                }
                _ => return Err("Fn::Split takes a separator and a text".into()),
            },
            "Fn::Select" => match list()?.as_slice() {
                [index, all] => {
                    let index = as_text(&self.resolve(index)?);
                    let index: usize =
                        index.parse().map_err(|_| format!("Fn::Select: {index} is no index"))?;
                    let all = self.resolve(all)?;
                    all.get(index).cloned().ok_or_else(|| format!("Fn::Select: no item {index}"))?
                }
                _ => return Err("Fn::Select takes an index and a list".into()),
            },
            "Fn::FindInMap" => {
                let path = self.resolve(argument)?;
                let path: Vec<String> =
                    path.as_array().into_iter().flatten().map(as_text).collect();
                let found = path
                    .iter()
                    .try_fold(&self.template["Mappings"], |at, key| at.get(key.as_str()));
                found.cloned().ok_or_else(|| format!("Fn::FindInMap: nothing at {path:?}"))?
            }
            "Fn::GetAZs" => Json::Array(vec![]),
            "Fn::Base64" => self.resolve(argument)?,
            "Fn::ToJsonString" => self.resolve(argument)?.to_string().into(),
            "Condition" => self.holds(text(argument)?)?.into(),
            other => return Err(format!("{other} is not known here: teach ops/src/scope.rs")),
        }))
    }

    fn reference(&self, name: &str) -> Result<Option<Json>, Unresolved> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(Some(value.clone()));
        }
        Ok(Some(match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::AccountId" => ACCOUNT.into(),
            "AWS::Region" => self.region.clone().into(),
            "AWS::Partition" => "aws".into(),
            "AWS::URLSuffix" => "amazonaws.com".into(),
            "AWS::StackName" => self.stack.clone().into(),
            "AWS::StackId" => {
                self.arn("cloudformation", &format!("stack/{}/guid", self.stack)).into()
            }
            "AWS::NotificationARNs" => Json::Array(vec![]),
            resource => {
                let (kind, properties) = self.resource(resource)?;
                let named = |property: &str| self.named(properties, property);
                match kind {
                    "AWS::Lambda::Function" => named("FunctionName")?,
                    // Its ARN.
                    "AWS::Lambda::Alias" => match (named("FunctionName")?, named("Name")?) {
                        (Some(function), Some(alias)) => {
                            let path = [as_text(&function), as_text(&alias)].join(":");
                            Some(self.arn("lambda", &format!("function:{path}")).into())
                        }
                        _ => None,
                    },
                    "AWS::Logs::LogGroup" => named("LogGroupName")?,
                    "AWS::IAM::Role" => named("RoleName")?,
                    "AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm" => {
                        named("AlarmName")?
                    }
                    "AWS::Events::Rule" | "AWS::SES::ConfigurationSet" => named("Name")?,
                    "AWS::StepFunctions::StateMachine" => named("StateMachineName")?.map(|name| {
                        self.arn("states", &format!("stateMachine:{}", as_text(&name))).into()
                    }),
                    // An ARN that ends in the topic's name, which templates take out of it.
                    "AWS::SNS::Topic" => {
                        Some(self.arn("sns", &format!("<{}/{resource}>", self.stack)).into())
                    }
                    _ => None,
                }
                .unwrap_or_else(|| format!("<{}/{resource}>", self.stack).into())
            }
        }))
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Result<Json, Unresolved> {
        if let Some(output) = attribute.strip_prefix("Outputs.") {
            let outputs = self
                .nested
                .get(resource)
                .ok_or_else(|| format!("{resource} is no nested stack of this stage"))?;
            return outputs
                .get(output)
                .cloned()
                .ok_or_else(|| format!("{resource} has no output {output}"));
        }
        let (kind, properties) = self.resource(resource)?;
        let arn = match (kind, attribute) {
            ("AWS::Lambda::Function", "Arn") => self
                .named(properties, "FunctionName")?
                .map(|name| self.arn("lambda", &format!("function:{}", as_text(&name)))),
            ("AWS::SQS::Queue", "QueueName") => {
                self.named(properties, "QueueName")?.map(|name| as_text(&name))
            }
            ("AWS::SNS::Topic", "TopicArn") => {
                return Ok(self.reference(resource)?.unwrap_or_default());
            }
            ("AWS::SNS::Topic", "TopicName") => {
                return Ok(format!("<{}/{resource}>", self.stack).into());
            }
            ("AWS::StepFunctions::StateMachine", "Name") => {
                return Ok(self.named(properties, "StateMachineName")?.unwrap_or(Json::Null));
            }
            ("AWS::StepFunctions::StateMachine", "Arn") => self
                .named(properties, "StateMachineName")?
                .map(|name| self.arn("states", &format!("stateMachine:{}", as_text(&name)))),
            _ => None,
        };
        let token = || format!("<{}/{resource}.{attribute}>", self.stack);
        Ok(arn.unwrap_or_else(token).into())
    }

    /// An ARN of this account and region.
    fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{}:{ACCOUNT}:{rest}", self.region)
    }

    fn resource(&self, name: &str) -> Result<(&str, &Json), Unresolved> {
        let resource = self.template["Resources"]
            .get(name)
            .ok_or_else(|| format!("there is neither a parameter nor a resource {name}"))?;
        Ok((resource["Type"].as_str().unwrap_or_default(), &resource["Properties"]))
    }

    fn named(&self, properties: &Json, property: &str) -> Result<Option<Json>, Unresolved> {
        properties.get(property).map(|name| self.resolve(name)).transpose()
    }

    fn substitute(&self, template: &str, more: &Map<String, Json>) -> Result<Json, Unresolved> {
        let mut whole = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("${") {
            whole.push_str(before);
            let (name, after) =
                after.split_once('}').ok_or_else(|| format!("Fn::Sub: {template:?} ends early"))?;
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                whole.push_str("${");
                whole.push_str(literal);
                whole.push('}');
                continue;
            }
            let value = if let Some(value) = more.get(name) {
                self.resolve(value)?
            } else if let Some((resource, attribute)) = name.split_once('.') {
                self.attribute(resource, attribute)?
            } else {
                self.reference(name)?.unwrap_or_default()
            };
            whole.push_str(&as_text(&value));
        }
        whole.push_str(rest);
        Ok(whole.into())
    }
}

/// The function that a value is, and what it is given.
fn function(value: &Json) -> Option<(&str, &Json)> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    let (name, argument) = object.iter().next()?;
    let is_function = name == "Ref"
        || name.starts_with("Fn::")
        // In a policy `Condition` is a block of its own.
        || name == "Condition" && argument.is_string();
    is_function.then_some((name.as_str(), argument))
}

fn text(value: &Json) -> Result<&str, Unresolved> {
    value.as_str().ok_or_else(|| format!("{value} should be a name"))
}

/// A value as CloudFormation writes it into a text.
#[must_use]
pub fn as_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(all) => all.iter().map(as_text).collect::<Vec<_>>().join(","),
        Json::Null => String::new(),
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: Json, expected: &Result<Json, &str>) {
        let template = json!({
            "Conditions": {
                "IsProd": { "Fn::Equals": [{ "Ref": "Stage" }, "prod"] },
                "IsOther": { "Fn::Not": [{ "Condition": "IsProd" }] },
                "Loop": { "Fn::Not": [{ "Condition": "Loop" }] },
            },
            "Mappings": { "Days": { "prod": { "kept": 90 } } },
            "Resources": {
                "Table": { "Type": "AWS::DynamoDB::Table" },
                "Task": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": { "FunctionName": { "Fn::Sub": "${AWS::StackName}-task" } },
                },
            },
        });
        let scope = Scope {
            stack: "app".into(),
            region: "eu-west-1".into(),
            parameters: BTreeMap::from([("Stage".into(), json!("prod"))]),
            template: &template,
            nested: BTreeMap::new(),
        };
        let found = scope.resolve(&value);
        match expected {
            Ok(expected) => assert_eq!(found.as_ref(), Ok(expected), "{value}"),
            Err(part) => assert!(found.as_ref().is_err_and(|why| why.contains(part)), "{found:?}"),
        }
    }

    #[test]
    fn functions_come_to_what_they_stand_for() {
        for (value, expected) in [
            (json!({ "Ref": "Stage" }), Ok(json!("prod"))),
            (json!({ "Ref": "Table" }), Ok(json!("<app/Table>"))),
            (json!({ "Ref": "Task" }), Ok(json!("app-task"))),
            (json!({ "Fn::GetAtt": "Table.Arn" }), Ok(json!("<app/Table.Arn>"))),
            (
                json!({ "Fn::GetAtt": ["Task", "Arn"] }),
                Ok(json!("arn:aws:lambda:eu-west-1:123456789012:function:app-task")),
            ),
            (
                json!({ "Fn::Sub": "${Task}/${Table.Arn}/${!kept}/${AWS::Region}" }),
                Ok(json!("app-task/<app/Table.Arn>/${kept}/eu-west-1")),
            ),
            (json!({ "Fn::Sub": ["${a}b", { "a": { "Ref": "Stage" } }] }), Ok(json!("prodb"))),
            (json!({ "Fn::If": ["IsProd", 1, 2] }), Ok(json!(1))),
            (json!({ "Fn::If": ["IsOther", 1, 2] }), Ok(json!(2))),
            (
                json!({ "a": { "Fn::If": ["IsOther", 1, { "Ref": "AWS::NoValue" }] }, "b": [2] }),
                Ok(json!({ "b": [2] })),
            ),
            (json!({ "Fn::Select": [1, { "Fn::Split": ["/", "a/b"] }] }), Ok(json!("b"))),
            (json!({ "Fn::Join": ["-", ["a", { "Ref": "Stage" }]] }), Ok(json!("a-prod"))),
            (json!({ "Fn::FindInMap": ["Days", { "Ref": "Stage" }, "kept"] }), Ok(json!(90))),
            (
                json!({ "Condition": { "StringEquals": { "a": { "Ref": "Stage" } } } }),
                Ok(json!({ "Condition": { "StringEquals": { "a": "prod" } } })),
            ),
            (json!({ "Ref": "Nobody" }), Err("neither")),
            (json!({ "Fn::If": ["Nobody", 1, 2] }), Err("no condition")),
            (json!({ "Fn::If": ["Loop", 1, 2] }), Err("itself")),
            (json!({ "Fn::Sub": "${Stage" }), Err("ends early")),
            (json!({ "Fn::Cidr": [] }), Err("not known")),
        ] {
            check(value, &expected);
        }
    }
}
