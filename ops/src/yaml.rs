//! CloudFormation's YAML, whose tags stand for functions.

use serde_json::{Map, Value as Json, json};
use serde_yaml_ng::Value as Yaml;

/// Reads a template: `!Sub x` becomes `{"Fn::Sub": x}`, `!GetAtt A.Arn`
/// becomes `{"Fn::GetAtt": "A.Arn"}`.
///
/// # Errors
/// What is wrong, and where as far as the parser knows.
pub fn parse(text: &str) -> Result<Json, String> {
    serde_yaml_ng::from_str(text).map_err(|error| error.to_string()).and_then(to_json)
}

fn to_json(yaml: Yaml) -> Result<Json, String> {
    Ok(match yaml {
        Yaml::Sequence(items) => {
            Json::Array(items.into_iter().map(to_json).collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let key = key.as_str().ok_or("a key of the template is no text")?.to_owned();
                object.insert(key, to_json(value)?);
            }
            Json::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let long = match name {
                "Ref" | "Condition" => name.to_owned(),
                _ => format!("Fn::{name}"),
            };
            json!({ long: to_json(tagged.value)? })
        }
        plain => serde_json::to_value(plain).map_err(|error| error.to_string())?,
    })
}
