//! What a stack holds of some people, to see that a repeat changed nothing.
//! Other people's work goes on meanwhile, so it is left out.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use seisiun_domain::submission::Workflow;

use crate::{Person, Stack};

/// Characters of a value that are shown where it differs.
const SHOWN_CHARS: usize = 300;

/// What a stack holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Items of the table by key.
    pub items: BTreeMap<String, String>,
    /// Objects with their ETag, by bucket and key.
    pub objects: BTreeMap<String, String>,
    /// Executions for those people's submissions.
    pub executions: usize,
    /// Mails to those people.
    pub mails: usize,
}

impl Snapshot {
    /// Takes one of all that names these people, or what they submitted.
    ///
    /// # Errors
    /// If the engine does not answer.
    pub async fn take(stack: &Stack, people: &[&Person]) -> Result<Self> {
        let mut taken = Self::take_each(stack, &[people]).await?;
        taken.pop().context("no snapshot was taken")
    }

    /// Takes one for each group of people, reading everything once.
    ///
    /// # Errors
    /// If the engine does not answer.
    pub async fn take_each(stack: &Stack, groups: &[&[&Person]]) -> Result<Vec<Self>> {
        let mut all = Vec::new();
        let table = stack.value("TableName")?;
        let mut pages = stack.dynamodb().scan().table_name(table).into_paginator().items().send();
        while let Some(item) = pages.next().await {
            let item = item.context("scan the table")?;
            let text = |name: &str| {
                item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
            };
            let sorted: BTreeMap<_, _> =
                item.iter().map(|(name, value)| (name, sorted(value))).collect();
            all.push((format!("{} / {}", text("pk"), text("sk")), format!("{sorted:?}")));
        }
        let mut stored = Vec::new();
        for name in ["QuarantineBucket", "PublicBucket", "WorkBucket"] {
            let bucket = stack.value(name)?;
            let mut pages = stack.s3().list_objects_v2().bucket(bucket).into_paginator().send();
            while let Some(page) = pages.next().await {
                for object in page.context("list a bucket")?.contents() {
                    let key = format!("{name}/{}", object.key().unwrap_or_default());
                    stored.push((key, object.e_tag().unwrap_or_default().to_owned()));
                }
            }
        }
        let mut started = Vec::new();
        for workflow in [
            Workflow::SessionSubmission,
            Workflow::ReviewSubmission,
            Workflow::Notice,
            Workflow::NotifyFollowers,
        ] {
            let machine = stack.machine(workflow)?;
            let list = stack.sfn().list_executions().state_machine_arn(machine);
            let mut pages = list.into_paginator().items().send();
            while let Some(execution) = pages.next().await {
                started.push(execution.context("list executions")?.name().to_owned());
            }
        }
        let mut snapshots = Vec::new();
        for people in groups {
            let mut mails = 0;
            for person in *people {
                mails += stack.mails(&person.email).await?.len();
            }
            snapshots.push(Self::of(people, &all, &stored, &started, mails));
        }
        Ok(snapshots)
    }

    /// What of all that is there belongs to these people.
    fn of(
        people: &[&Person],
        all: &[(String, String)],
        stored: &[(String, String)],
        started: &[String],
        mails: usize,
    ) -> Self {
        // Theirs is what names them, and what names a submission of theirs.
        let mut names: BTreeSet<String> =
            people.iter().map(|person| person.member_id.to_string()).collect();
        for (key, value) in all {
            let id = key.strip_prefix("SUB#").and_then(|rest| rest.get(..26));
            if let Some(id) = id.filter(|_| names.iter().any(|name| value.contains(name))) {
                names.insert(id.to_owned());
            }
        }
        let theirs = |text: &str| names.iter().any(|name| text.contains(name));
        let items: BTreeMap<String, String> =
            all.iter().filter(|(key, value)| theirs(key) || theirs(value)).cloned().collect();
        let shown = |key: &str| {
            // A public photo names neither: its record above does.
            let photo = key.split('/').nth(2).unwrap_or_default();
            !photo.is_empty() && items.values().any(|item| item.contains(photo))
        };
        let objects = stored.iter().filter(|(key, _)| theirs(key) || shown(key)).cloned().collect();
        let executions = started.iter().filter(|name| theirs(name)).count();
        Self { items, objects, executions, mails }
    }

    /// The keys alone, without what differs from one submission to the next:
    /// each with how often it is there. Two submissions that came to the same
    /// have the same shape.
    #[must_use]
    pub fn shape(&self, people: &[&Person], tag: &str) -> BTreeMap<String, usize> {
        let mut shape = BTreeMap::new();
        for key in self.items.keys().chain(self.objects.keys()) {
            let mut key = key.replace(tag, "*");
            for person in people {
                key = key.replace(&person.member_id.to_string(), "*");
            }
            // A cell's name may have no digit.
            let key = match key.split_once("GEO#") {
                Some((before, _)) => format!("{before}GEO#* / *"),
                None => key,
            };
            let blank = |token: &str| {
                if token.contains(|c: char| c.is_ascii_digit()) {
                    "*".into()
                } else {
                    token.to_owned()
                }
            };
            let tokens: Vec<String> = key
                .split_inclusive(|c: char| !c.is_ascii_alphanumeric())
                .map(|token| match token.char_indices().last() {
                    Some((at, last)) if !last.is_ascii_alphanumeric() => {
                        format!("{}{last}", blank(token.get(..at).unwrap_or_default()))
                    }
                    _ => blank(token),
                })
                .collect();
            *shape.entry(tokens.concat()).or_insert(0) += 1;
        }
        shape
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
                        found.push(format!("{what} {key} changed:\n  {}\n  {}", cut(x), cut(y)))
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

fn cut(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).collect()
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
