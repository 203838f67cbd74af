//! Our own metrics: what can be alarmed on is what some function measures.

use std::collections::BTreeMap;

use seisiun_contracts::metric::{Metric, NAMESPACE, STACK, Unit};
use serde::Deserialize;

use crate::project::{read, root};

#[derive(Debug, PartialEq, Deserialize)]
struct Listed {
    dimensions: Vec<Vec<String>>,
    unit: String,
}

/// `ops/metrics.yaml` lists these and no other.
#[test]
fn the_catalogue_lists_our_metrics() {
    let catalogue: BTreeMap<String, BTreeMap<String, Listed>> =
        serde_yaml_ng::from_str(&read("ops/metrics.yaml")).unwrap();
    let expected = Metric::ALL.iter().map(|metric| {
        let mut dimensions = vec![vec![STACK.to_owned()]];
        if let Some(dimension) = metric.dimension() {
            let mut both = vec![STACK.to_owned(), dimension.to_owned()];
            both.sort();
            dimensions.push(both);
        }
        let unit = match metric.unit() {
            Unit::Count => "Count",
            Unit::Seconds => "Seconds",
        };
        (metric.name().to_owned(), Listed { dimensions, unit: unit.into() })
    });
    assert_eq!(catalogue[NAMESPACE], expected.collect());
}

/// An alarm on what nobody measures is silent for ever.
#[test]
fn each_metric_is_measured_by_a_function() {
    let mut sources = String::new();
    for folder in [
        "functions/handlers/src",
        "functions/handlers/src/bin",
        "functions/publish/src",
        "functions/publish/src/bin",
    ] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "rs") {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    for metric in Metric::ALL {
        let named = format!("Metric::{}", metric.name());
        let is_measured = sources
            .match_indices(&named)
            .any(|(at, _)| !sources[at + named.len()..].starts_with(char::is_alphanumeric));
        assert!(is_measured, "no function measures {named}");
    }
}
