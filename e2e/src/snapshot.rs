//! Everything that a stack holds, to see that a repeat changed nothing.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use seisiun_domain::submission::Workflow;

use crate::stack::Stack;

/// What a stack holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Items of the table by key.
    pub items: BTreeMap<String, String>,
    /// Objects with their ETag, by bucket and key.
    pub objects: BTreeMap<String, String>,
    /// Executions of all state machines.
    pub executions: usize,
    /// Mails sent.
    pub mails: u64,
}

impl Snapshot {
    /// Takes one.
    ///
    /// # Errors
    /// If the engine does not answer.
    pub async fn take(stack: &Stack) -> Result<Self> {
        let mut items = BTreeMap::new();
        let table = stack.value("TableName")?;
        let mut pages = stack.dynamodb().scan().table_name(table).into_paginator().items().send();
        while let Some(item) = pages.next().await {
            let item = item.context("scan the table")?;
            let text = |name: &str| {
                item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
            };
            let sorted: BTreeMap<_, _> =
                item.iter().map(|(name, value)| (name, sorted(value))).collect();
            items.insert(format!("{} / {}", text("pk"), text("sk")), format!("{sorted:?}"));
        }
        let mut objects = BTreeMap::new();
        for name in ["QuarantineBucket", "PublicBucket", "WorkBucket"] {
            let bucket = stack.value(name)?;
            let mut pages = stack.s3().list_objects_v2().bucket(bucket).into_paginator().send();
            while let Some(page) = pages.next().await {
                for object in page.context("list a bucket")?.contents() {
                    let key = format!("{name}/{}", object.key().unwrap_or_default());
                    objects.insert(key, object.e_tag().unwrap_or_default().to_owned());
                }
            }
        }
        let mut executions = 0;
        for workflow in
            [Workflow::SessionSubmission, Workflow::ReviewSubmission, Workflow::NotifyFollowers]
        {
            let machine = stack.machine(workflow)?;
            let list = stack.sfn().list_executions().state_machine_arn(machine);
            let mut pages = list.into_paginator().items().send();
            while let Some(execution) = pages.next().await {
                execution.context("list executions")?;
                executions += 1;
            }
        }
        Ok(Self { items, objects, executions, mails: stack.mail_count().await? })
    }

    /// What differs, in words; empty if nothing does.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        for (what, a, b) in
            [("item", &self.items, &other.items), ("object", &self.objects, &other.objects)]
        {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                match (a.get(key), b.get(key)) {
                    (Some(x), Some(y)) if x != y => {
                        found.push(format!("{what} {key} changed:\n  {x}\n  {y}"))
                    }
                    (Some(_), None) => found.push(format!("{what} {key} is gone")),
                    (None, Some(_)) => found.push(format!("{what} {key} is new")),
                    _ => {}
                }
            }
        }
        if self.executions != other.executions {
            found.push(format!("{} executions, then {}", self.executions, other.executions));
        }
        if self.mails != other.mails {
            found.push(format!("{} mails, then {}", self.mails, other.mails));
        }
        found
    }
}

/// A value's text, maps in order.
fn sorted(value: &aws_sdk_dynamodb::types::AttributeValue) -> String {
    use aws_sdk_dynamodb::types::AttributeValue::{L, M};
    match value {
        M(map) => {
            let map: BTreeMap<_, _> =
                map.iter().map(|(name, value)| (name, sorted(value))).collect();
            format!("{map:?}")
        }
        L(list) => format!("{:?}", list.iter().map(sorted).collect::<Vec<_>>()),
        other => format!("{other:?}"),
    }
}
