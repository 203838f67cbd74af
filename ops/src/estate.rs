//! A stage as its templates make it: every resource of every stack, with every
//! function replaced by what it comes to.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value as Json;

use crate::scope::{ACCOUNT, Scope};

/// Type of a nested stack.
pub const NESTED: &str = "AWS::CloudFormation::Stack";
/// What stands between the name of a stack and that of one that it nests.
pub const NESTED_NAME: char = '/';

/// Templates by their path from the root. SAM's are expanded.
#[derive(Debug, Clone, Default)]
pub struct Templates(pub BTreeMap<String, Arc<Json>>);

impl Templates {
    fn get(&self, path: &str) -> Result<&Json, String> {
        self.0.get(path).map(AsRef::as_ref).ok_or_else(|| format!("there is no template {path}"))
    }

    /// The same with one of them changed.
    #[must_use]
    pub fn with(&self, path: &str, template: Json) -> Self {
        let mut changed = self.clone();
        changed.0.insert(path.to_owned(), Arc::new(template));
        changed
    }
}

/// A stack that somebody deploys, with what it is given.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Its name.
    pub stack: String,
    /// Its template.
    pub template: String,
    /// Where.
    pub region: String,
    /// What it is given.
    pub parameters: BTreeMap<String, Json>,
}

/// A resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its type.
    pub kind: String,
    /// Its properties, resolved.
    pub properties: Json,
    /// Its metadata, as written.
    pub metadata: Json,
    /// What becomes of it when its stack goes.
    pub deletion_policy: Option<String>,
}

/// A stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// Its name; a nested one's is its parent's, a slash and its own.
    pub name: String,
    /// Its template.
    pub template: String,
    /// Where.
    pub region: String,
    /// What is in it in this stage.
    pub resources: BTreeMap<String, Resource>,
    /// What it tells, resolved.
    pub outputs: BTreeMap<String, Json>,
    /// Its parameters that nobody gave it a value for.
    pub defaulted: BTreeSet<String>,
    /// Its parameters that nothing in it uses.
    pub unused: BTreeSet<String>,
}

/// Everything that was deployed together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Estate {
    /// Each stack, parents before what they nest.
    pub stacks: Vec<Stack>,
}

/// A resource and where it is.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// In this stack.
    pub stack: &'a Stack,
    /// By this name.
    pub id: &'a str,
    /// The resource.
    pub resource: &'a Resource,
}

impl Placed<'_> {
    /// What a `Ref` to it comes to, where it has no name of its own.
    #[must_use]
    pub fn token(&self) -> String {
        format!("<{}/{}>", self.stack.name, self.id)
    }

    /// What a `Ref` to it comes to.
    #[must_use]
    pub fn reference(&self) -> String {
        let text = |property: &str| self.resource.properties[property].as_str();
        let kind = self.resource.kind.as_str();
        let name = match kind {
            "AWS::Lambda::Function" => text("FunctionName"),
            "AWS::Logs::LogGroup" => text("LogGroupName"),
            "AWS::IAM::Role" => text("RoleName"),
            "AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm" => text("AlarmName"),
            "AWS::Events::Rule" => text("Name"),
            _ => None,
        };
        let region = &self.stack.region;
        if let ("AWS::Lambda::Alias", Some(function), Some(alias)) =
            (kind, text("FunctionName"), text("Name"))
        {
            return format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{function}:{alias}");
        }
        match (kind, text("StateMachineName")) {
            ("AWS::SNS::Topic", _) => format!("arn:aws:sns:{region}:{ACCOUNT}:{}", self.token()),
            ("AWS::StepFunctions::StateMachine", Some(name)) => {
                format!("arn:aws:states:{region}:{ACCOUNT}:stateMachine:{name}")
            }
            _ => name.map_or_else(|| self.token(), str::to_owned),
        }
    }

    /// What an attribute of it comes to, where only AWS knows.
    #[must_use]
    pub fn attribute(&self, name: &str) -> String {
        format!("<{}/{}.{name}>", self.stack.name, self.id)
    }

    /// Where it stands, for messages.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{} {}", self.stack.template, self.id)
    }

    /// A property that is a text.
    #[must_use]
    pub fn text(&self, property: &str) -> &str {
        self.resource.properties[property].as_str().unwrap_or_default()
    }
}

impl Estate {
    /// Resolves stacks and all that they nest.
    ///
    /// # Errors
    /// Each thing that can't be resolved, with its place.
    pub fn build(templates: &Templates, deployments: &[Deployment]) -> Result<Self, Vec<String>> {
        let mut estate = Self::default();
        let mut errors = Vec::new();
        for deployment in deployments {
            estate.add(templates, deployment, &mut errors);
        }
        if errors.is_empty() { Ok(estate) } else { Err(errors) }
    }

    /// Adds a stack; answers its outputs.
    fn add(
        &mut self,
        templates: &Templates,
        deployment: &Deployment,
        errors: &mut Vec<String>,
    ) -> BTreeMap<String, Json> {
        let Deployment { stack, template: path, region, parameters } = deployment;
        let template = match templates.get(path) {
            Ok(template) => template,
            Err(error) => {
                errors.push(error);
                return BTreeMap::new();
            }
        };
        let given = given(path, template, parameters, errors);
        let declared: BTreeSet<String> = given.keys().cloned().collect();
        let used = used(template);
        let mut scope = Scope {
            stack: stack.clone(),
            region: region.clone(),
            parameters: given,
            template,
            nested: BTreeMap::new(),
        };
        let place = self.stacks.len();
        self.stacks.push(Stack {
            name: stack.clone(),
            template: path.clone(),
            region: region.clone(),
            resources: BTreeMap::new(),
            outputs: BTreeMap::new(),
            defaulted: declared.iter().filter(|n| !parameters.contains_key(*n)).cloned().collect(),
            unused: declared.difference(&used).cloned().collect(),
        });
        let present = present(path, &scope, errors);
        let (nested, plain): (Vec<_>, Vec<_>) =
            present.into_iter().partition(|id| template["Resources"][id]["Type"] == NESTED);
        self.nest(templates, &mut scope, nested, errors);
        let resources = plain.iter().filter_map(|id| {
            let raw = &template["Resources"][id];
            match scope.resolve(&raw["Properties"]) {
                Ok(properties) => Some((id.clone(), resource(raw, properties))),
                Err(why) => {
                    errors.push(format!("{path} {id}: {why}"));
                    None
                }
            }
        });
        let resources: BTreeMap<String, Resource> = resources.collect();
        let mut outputs = BTreeMap::new();
        for (name, output) in template["Outputs"].as_object().into_iter().flatten() {
            let exists = output["Condition"].as_str().map_or(Ok(true), |name| scope.holds(name));
            match exists
                .and_then(|exists| exists.then(|| scope.resolve(&output["Value"])).transpose())
            {
                Ok(Some(value)) => {
                    outputs.insert(name.clone(), value);
                }
                Ok(None) => {}
                Err(why) => errors.push(format!("{path} output {name}: {why}")),
            }
        }
        if let Some(own) = self.stacks.get_mut(place) {
            own.resources = resources;
            own.outputs.clone_from(&outputs);
        }
        outputs
    }

    /// Adds nested stacks, each after those whose outputs it is given.
    fn nest(
        &mut self,
        templates: &Templates,
        scope: &mut Scope<'_>,
        mut waiting: Vec<String>,
        errors: &mut Vec<String>,
    ) {
        while !waiting.is_empty() {
            let mut later = Vec::new();
            let mut whys = Vec::new();
            let before = waiting.len();
            for id in waiting {
                match scope.resolve(&scope.template["Resources"][&id]["Properties"]) {
                    Ok(properties) => {
                        let parameters = properties["Parameters"].as_object().cloned();
                        let url = properties["TemplateURL"].as_str().unwrap_or_default();
                        let deployment = Deployment {
                            stack: format!("{}{NESTED_NAME}{id}", scope.stack),
                            template: url.trim_start_matches("./").to_owned(),
                            region: scope.region.clone(),
                            parameters: parameters.unwrap_or_default().into_iter().collect(),
                        };
                        let outputs = self.add(templates, &deployment, errors);
                        scope.nested.insert(id, outputs);
                    }
                    Err(why) => {
                        whys.push(format!("{id}: {why}"));
                        later.push(id);
                    }
                }
            }
            if later.len() == before {
                errors.extend(whys);
                return;
            }
            waiting = later;
        }
    }

    /// Every resource of these types.
    pub fn of<'a>(&'a self, kinds: &'a [&'a str]) -> impl Iterator<Item = Placed<'a>> {
        self.all().filter(move |placed| kinds.contains(&placed.resource.kind.as_str()))
    }

    /// Every resource.
    pub fn all(&self) -> impl Iterator<Item = Placed<'_>> {
        self.stacks.iter().flat_map(|stack| {
            stack.resources.iter().map(move |(id, resource)| Placed { stack, id, resource })
        })
    }
}

fn resource(raw: &Json, properties: Json) -> Resource {
    let text = |name: &str| raw[name].as_str().map(str::to_owned);
    Resource {
        kind: text("Type").unwrap_or_default(),
        properties,
        metadata: raw["Metadata"].clone(),
        deletion_policy: text("DeletionPolicy"),
    }
}

/// The parameters of a template: what is given, and defaults.
fn given(
    path: &str,
    template: &Json,
    parameters: &BTreeMap<String, Json>,
    errors: &mut Vec<String>,
) -> BTreeMap<String, Json> {
    let declared = template["Parameters"].as_object();
    for name in parameters.keys() {
        if !declared.is_some_and(|declared| declared.contains_key(name)) {
            errors.push(format!("{path} has no parameter {name}"));
        }
    }
    let mut given = BTreeMap::new();
    for (name, declaration) in declared.into_iter().flatten() {
        match parameters.get(name).or_else(|| declaration.get("Default")) {
            Some(value) => {
                given.insert(name.clone(), value.clone());
            }
            None => errors.push(format!("{path} is not given its parameter {name}")),
        }
    }
    given
}

/// Every name that a template refers to: by `Ref`, and in a `Sub`.
fn used(template: &Json) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let mut open = vec![template];
    while let Some(value) = open.pop() {
        match value {
            Json::Object(all) => {
                if let Some(name) = all.get("Ref").and_then(Json::as_str) {
                    used.insert(name.to_owned());
                }
                open.extend(all.values());
            }
            Json::Array(all) => open.extend(all),
            Json::String(text) => {
                let names = text.split("${").skip(1).filter_map(|rest| rest.split('}').next());
                used.extend(names.map(str::to_owned));
            }
            _ => {}
        }
    }
    used
}

/// Names of the resources whose condition holds.
fn present(path: &str, scope: &Scope<'_>, errors: &mut Vec<String>) -> Vec<String> {
    let mut present = Vec::new();
    for (id, resource) in scope.template["Resources"].as_object().into_iter().flatten() {
        match resource["Condition"].as_str().map_or(Ok(true), |name| scope.holds(name)) {
            Ok(true) => present.push(id.clone()),
            Ok(false) => {}
            Err(why) => errors.push(format!("{path} {id}: {why}")),
        }
    }
    present
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn templates() -> Templates {
        let app = json!({
            "Parameters": { "Stage": {} },
            "Conditions": { "IsProd": { "Fn::Equals": [{ "Ref": "Stage" }, "prod"] } },
            "Resources": {
                "Topic": { "Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain" },
                "Alarms": {
                    "Type": NESTED,
                    "Condition": "IsProd",
                    "Properties": {
                        "TemplateURL": "ops/alarms.yaml",
                        "Parameters": {
                            "Topic": { "Ref": "Topic" },
                            "Queue": { "Fn::GetAtt": "Zone.Outputs.Queue" },
                        },
                    },
                },
                "Zone": {
                    "Type": NESTED,
                    "Properties": { "TemplateURL": "ops/zone.yaml" },
                },
            },
        });
        let alarms = json!({
            "Parameters": { "Topic": {}, "Queue": {}, "Most": { "Default": 5 } },
            "Resources": { "Alarm": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    "AlarmActions": [{ "Ref": "Topic" }],
                    "Dimensions": [{ "Value": { "Ref": "Queue" } }],
                    "Threshold": { "Ref": "Most" },
                },
            } },
        });
        let zone = json!({
            "Resources": { "Queue": { "Type": "AWS::SQS::Queue" } },
            "Outputs": { "Queue": { "Value": { "Ref": "Queue" } } },
        });
        let all = [("template.yaml", app), ("ops/alarms.yaml", alarms), ("ops/zone.yaml", zone)];
        Templates(all.into_iter().map(|(path, json)| (path.to_owned(), Arc::new(json))).collect())
    }

    fn deployed(stage: &str, parameter: &str) -> Result<Estate, Vec<String>> {
        let deployment = Deployment {
            stack: "app".into(),
            template: "template.yaml".into(),
            region: "eu-west-1".into(),
            parameters: BTreeMap::from([(parameter.to_owned(), json!(stage))]),
        };
        Estate::build(&templates(), &[deployment])
    }

    #[test]
    fn what_a_nested_stack_is_given_reads_as_what_it_is() {
        let estate = deployed("prod", "Stage").unwrap();
        let alarm = estate.of(&["AWS::CloudWatch::Alarm"]).next().unwrap();
        assert_eq!(
            alarm.resource.properties,
            json!({
                "AlarmActions": ["arn:aws:sns:eu-west-1:123456789012:<app/Topic>"],
                "Dimensions": [{ "Value": "<app/Zone/Queue>" }],
                "Threshold": 5,
            })
        );
        let topic = estate.of(&["AWS::SNS::Topic"]).next().unwrap();
        assert_eq!(
            (topic.token().as_str(), topic.place()),
            ("<app/Topic>", "template.yaml Topic".into())
        );
        assert_eq!(topic.resource.deletion_policy.as_deref(), Some("Retain"));
        assert_eq!(deployed("dev", "Stage").unwrap().of(&["AWS::CloudWatch::Alarm"]).count(), 0);
    }

    #[test]
    fn what_is_missing_or_too_much_is_named() {
        let errors = deployed("prod", "Stages").unwrap_err();
        assert!(errors[0].contains("template.yaml has no parameter Stages"), "{errors:?}");
        assert!(errors[1].contains("is not given its parameter Stage"), "{errors:?}");
        let mut templates = templates();
        templates.0.remove("ops/zone.yaml");
        let parameters = BTreeMap::from([("Stage".to_owned(), json!("dev"))]);
        let (stack, template) = ("app".into(), "template.yaml".into());
        let deployment = Deployment { stack, template, region: "eu-west-1".into(), parameters };
        let errors = Estate::build(&templates, &[deployment]).unwrap_err();
        assert!(errors[0].contains("no template ops/zone.yaml"), "{errors:?}");
    }
}
