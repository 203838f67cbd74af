//! Reading a CloudFormation template and replacing what it names on this disk.
//!
//! The result is JSON with the intrinsics written out (`!Sub x` becomes
//! `{"Fn::Sub": x}`): CloudFormation takes both, and JSON leaves no doubt
//! about what is a string.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value as Json, json};
use serde_yaml_ng::Value as Yaml;

/// Intrinsics whose long form is `Fn::` and their name.
const FUNCTIONS: [&str; 16] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "If",
    "ImportValue",
    "Join",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "Transform",
    "ToJsonString",
];

/// Something on this disk that a template names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Local<'a> {
    /// A function's folder.
    Code(&'a str),
    /// A state machine's definition.
    Definition(&'a str),
    /// A nested stack's template.
    Template(&'a str),
}

/// Reads a template.
pub(crate) fn read(path: &Path) -> Result<Json> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("{} is not a template", path.display()))
}

fn parse(text: &str) -> Result<Json> {
    let mut yaml: Yaml = serde_yaml_ng::from_str(text)?;
    yaml.apply_merge()?;
    to_json(yaml)
}

fn to_json(yaml: Yaml) -> Result<Json> {
    Ok(match yaml {
        Yaml::Null => Json::Null,
        Yaml::Bool(value) => Json::Bool(value),
        Yaml::Number(number) => serde_json::to_value(number)?,
        Yaml::String(text) => Json::String(text),
        Yaml::Sequence(items) => {
            Json::Array(items.into_iter().map(to_json).collect::<Result<_>>()?)
        }
        Yaml::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                object.insert(key_text(key)?, to_json(value)?);
            }
            Json::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let value = to_json(tagged.value)?;
            long_form(tag.trim_start_matches('!'), value)?
        }
    })
}

fn key_text(key: Yaml) -> Result<String> {
    Ok(match key {
        Yaml::String(text) => text,
        Yaml::Number(number) => number.to_string(),
        Yaml::Bool(value) => value.to_string(),
        other => bail!("a key is neither text nor a number: {other:?}"),
    })
}

fn long_form(tag: &str, value: Json) -> Result<Json> {
    Ok(match (tag, value) {
        ("Ref" | "Condition", value) => json!({ tag: value }),
        ("GetAtt", Json::String(path)) => {
            let (resource, attribute) = path
                .split_once('.')
                .with_context(|| format!("!GetAtt {path} names no attribute"))?;
            json!({ "Fn::GetAtt": [resource, attribute] })
        }
        ("GetAtt", path @ Json::Array(_)) => json!({ "Fn::GetAtt": path }),
        (name, value) if FUNCTIONS.contains(&name) => json!({ format!("Fn::{name}"): value }),
        (other, _) => bail!("!{other} is no intrinsic that we know"),
    })
}

/// Replaces everything local that the template names.
pub(crate) fn replace_local(
    template: &mut Json,
    mut place: impl FnMut(Local<'_>) -> Result<Json>,
) -> Result<()> {
    if template.pointer("/Globals/Function/CodeUri").is_some() {
        bail!(
            "Globals name a CodeUri: name it at each function, since each is a binary of its own"
        );
    }
    let Some(resources) = template.get_mut("Resources").and_then(Json::as_object_mut) else {
        bail!("the template has no Resources");
    };
    for (name, resource) in resources {
        let (key, local): (_, fn(&str) -> Local<'_>) =
            match resource.get("Type").and_then(Json::as_str) {
                Some("AWS::Serverless::Function") => ("CodeUri", |path| Local::Code(path)),
                Some("AWS::Serverless::StateMachine") => {
                    ("DefinitionUri", |path| Local::Definition(path))
                }
                Some("AWS::CloudFormation::Stack") => ("TemplateURL", |path| Local::Template(path)),
                _ => continue,
            };
        let Some(value) = resource.get_mut("Properties").and_then(|all| all.get_mut(key)) else {
            bail!("{name} has no {key}");
        };
        let placed = match &*value {
            Json::String(path) if !path.contains("://") => Some(
                place(local(path)).with_context(|| format!("{name} names {path} as its {key}"))?,
            ),
            _ => None,
        };
        if let Some(placed) = placed {
            *value = placed;
        }
    }
    Ok(())
}

/// The binaries that a template deploys, by the last part of their folders.
pub(crate) fn binaries(template: &Json) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut copy = template.clone();
    replace_local(&mut copy, |local| {
        if let Local::Code(folder) = local {
            let name = Path::new(folder).file_name().and_then(|name| name.to_str());
            names.push(name.context("the folder has no name")?.to_owned());
        }
        Ok(Json::Null)
    })?;
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// The parameters that a template declares, each with whether it has a default.
pub(crate) fn parameters(template: &Json) -> Vec<(String, bool)> {
    let Some(parameters) = template.get("Parameters").and_then(Json::as_object) else {
        return Vec::new();
    };
    let has_default = |declared: &Json| declared.get("Default").is_some();
    parameters.iter().map(|(name, declared)| (name.clone(), has_default(declared))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Stage: { Type: String, Default: local }
  Origin: { Type: String }
Resources:
  TellFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/tell-submitter/
      Role: !GetAtt TellRole.Arn
      Environment: { Variables: { QUEUE: !GetAtt Nested.Outputs.Queue, "ON": "yes" } }
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: statemachines/one.asl.json
      DefinitionSubstitutions: { Fn: !Sub "${TellFunction.Arn}" }
  Nested:
    Type: AWS::CloudFormation::Stack
    Condition: OnAws
    Properties: { TemplateURL: ops/alarms.yaml }
  Elsewhere:
    Type: AWS::CloudFormation::Stack
    Properties: { TemplateURL: "https://example.org/x.yaml" }
Conditions:
  OnAws: !And [!Not [!Equals [!Ref Stage, local]], !Condition Other]
"#;

    #[test]
    fn intrinsics_are_written_out_and_strings_stay_strings() {
        let template = parse(TEMPLATE).unwrap();
        assert_eq!(template["AWSTemplateFormatVersion"], "2010-09-09");
        let function = &template["Resources"]["TellFunction"]["Properties"];
        assert_eq!(function["Role"], json!({"Fn::GetAtt": ["TellRole", "Arn"]}));
        assert_eq!(
            function["Environment"]["Variables"],
            json!({"QUEUE": {"Fn::GetAtt": ["Nested", "Outputs.Queue"]}, "ON": "yes"})
        );
        assert_eq!(
            template["Conditions"]["OnAws"],
            json!({"Fn::And": [
                {"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "local"]}]},
                {"Condition": "Other"}
            ]})
        );
    }

    #[test]
    fn what_is_local_is_replaced_and_nothing_else() {
        let mut template = parse(TEMPLATE).unwrap();
        let before = template.clone();
        let mut seen = Vec::new();
        replace_local(&mut template, |local| {
            seen.push(format!("{local:?}"));
            Ok(json!("placed"))
        })
        .unwrap();
        seen.sort_unstable();
        assert_eq!(
            seen,
            [
                "Code(\"target/lambda/tell-submitter/\")",
                "Definition(\"statemachines/one.asl.json\")",
                "Template(\"ops/alarms.yaml\")",
            ]
        );
        let mut expected = before;
        expected["Resources"]["TellFunction"]["Properties"]["CodeUri"] = json!("placed");
        expected["Resources"]["Machine"]["Properties"]["DefinitionUri"] = json!("placed");
        expected["Resources"]["Nested"]["Properties"]["TemplateURL"] = json!("placed");
        assert_eq!(template, expected);
    }

    #[test]
    fn binaries_and_parameters_are_listed() {
        let template = parse(TEMPLATE).unwrap();
        assert_eq!(binaries(&template).unwrap(), ["tell-submitter"]);
        let mut declared = parameters(&template);
        declared.sort_unstable();
        assert_eq!(declared, [("Origin".to_owned(), false), ("Stage".to_owned(), true)]);
    }

    #[test]
    fn mistakes_are_named() {
        let unknown = parse("Resources: { A: !Sbu x }").unwrap_err();
        assert!(unknown.to_string().contains("!Sbu"), "{unknown}");
        let mut global = parse("Globals: { Function: { CodeUri: src } }\nResources: {}").unwrap();
        let error = replace_local(&mut global, |_| Ok(Json::Null)).unwrap_err();
        assert!(error.to_string().contains("Globals"), "{error}");
        let mut lacking = parse("Resources: { F: { Type: AWS::Serverless::Function } }").unwrap();
        let error = replace_local(&mut lacking, |_| Ok(Json::Null)).unwrap_err();
        assert_eq!(error.to_string(), "F has no CodeUri");
    }
}
