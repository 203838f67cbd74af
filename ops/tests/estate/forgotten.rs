//! What CloudFront is asked to forget when a photo was deleted.

use jsonata_core::{
    evaluator::{Context, Evaluator},
    parser,
    value::JValue,
};
use serde_json::{Value as Json, json};

use crate::templates::{estate, knowledge, templates};

/// What a state hands to the service: its expressions evaluated on its input, its
/// placeholders put in.
fn filled(value: &Json, input: &Json, substitutions: &Json) -> Json {
    match value {
        Json::String(text) => {
            if let Some(expression) = text.strip_prefix("{%").and_then(|r| r.strip_suffix("%}")) {
                let mut context = Context::new();
                context.bind("states".into(), JValue::from(json!({ "input": input })));
                let given = Evaluator::with_context(context)
                    .evaluate(&parser::parse(expression.trim()).unwrap(), &JValue::Undefined)
                    .unwrap_or_else(|error| panic!("{text}: {error:?}"));
                return serde_json::from_str(&given.to_json_string().unwrap()).unwrap();
            }
            let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            name.map_or_else(|| value.clone(), |name| substitutions[name].clone())
        }
        Json::Array(items) => items.iter().map(|item| filled(item, input, substitutions)).collect(),
        Json::Object(object) => object
            .iter()
            .map(|(key, value)| (key.clone(), filled(value, input, substitutions)))
            .collect(),
        plain => plain.clone(),
    }
}

/// Exactly the path under which the distribution serves the photo, once for each
/// event however often that comes.
#[test]
fn a_deleted_photo_is_forgotten_by_its_own_path() {
    for stage in ["dev", "test", "prod"] {
        let estate = estate(&templates(), stage, "eu-west-1").unwrap();
        let find = |id: &str| estate.all().find(|one| one.id == id).unwrap();
        let distribution = find("Distribution");
        let bucket = find("PublicBucket").reference();

        // A key is a path only while the distribution puts nothing before it.
        let config = &distribution.resource.properties["DistributionConfig"];
        let of_bucket: Vec<&Json> = config["Origins"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|origin| origin["DomainName"].as_str().unwrap().starts_with(&bucket))
            .collect();
        let [origin] = of_bucket.as_slice() else { panic!("{of_bucket:?}") };
        assert_eq!(origin["OriginPath"], Json::Null);

        let machine = find("ForgetPhoto");
        let properties = &machine.resource.properties;
        let definition = &properties["Definition"];
        let start = definition["StartAt"].as_str().unwrap();
        let arguments = &definition["States"][start]["Arguments"];
        let mut event = knowledge(stage).events["s3-object-deleted-photo"].clone();
        let recorded = event["detail"]["object"]["key"].as_str().unwrap().to_owned();
        for (key, path) in [
            (recorded.as_str(), format!("/{recorded}")),
            ("photos/a b/c\u{301}?#%.jpg", "/photos/a%20b/c%CC%81%3F%23%25.jpg".to_owned()),
            ("one.jpg", "/one.jpg".to_owned()),
        ] {
            event["detail"]["object"]["key"] = json!(key);
            let asked = filled(arguments, &event, &properties["DefinitionSubstitutions"]);
            let expected = json!({
                "DistributionId": distribution.reference(),
                "InvalidationBatch": {
                    "CallerReference": event["id"],
                    "Paths": { "Quantity": 1, "Items": [path] },
                },
            });
            assert_eq!(asked, expected);
        }
    }
}
