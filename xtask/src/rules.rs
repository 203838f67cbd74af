//! What checkov and cfn-guard find in the expanded templates, held against the
//! rules that the templates skip.
//!
//! A skip is an entry in a template's Metadata with the rule's id and, as its
//! comment, why the rule does not fit: of one resource or of every resource of
//! a type. A skip without a reason is an error, and so is one that skips
//! nothing: what it once excused has been put right, or was never there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value as Json};

/// The keys of a resource's Metadata under which each tool's skips are.
const TOOLS: [&str; 2] = ["checkov", "guard"];

/// Where skips of a whole type are, in the Metadata of the template.
const SKIPS_OF_TYPES: &str = "/Metadata/Skips";

/// One template as one stage has it.
#[derive(Debug)]
pub(crate) struct Expansion {
    /// The stage's folder and the path there: `prod/ops/alarms.json`.
    pub(crate) file: String,
    pub(crate) content: Json,
}

impl Expansion {
    /// The template that it was made from.
    pub(crate) fn template(&self) -> String {
        let path = self.file.split_once('/').map_or(self.file.as_str(), |(_, path)| path);
        path.strip_suffix(".json").map_or_else(|| path.to_owned(), |stem| format!("{stem}.yaml"))
    }

    /// The same without any skip, so that a tool shows what they skip.
    pub(crate) fn without_skips(&self) -> Json {
        let mut content = self.content.clone();
        for resource in content
            .get_mut("Resources")
            .and_then(Json::as_object_mut)
            .into_iter()
            .flat_map(Map::values_mut)
        {
            if let Some(metadata) = resource.get_mut("Metadata").and_then(Json::as_object_mut) {
                metadata.retain(|key, _| !TOOLS.contains(&key.as_str()));
            }
        }
        content
    }

    fn type_of(&self, resource: &str) -> &str {
        self.content["Resources"][resource]["Type"].as_str().unwrap_or_default()
    }
}

/// A rule that a resource breaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Failure {
    /// The expansion.
    pub(crate) file: String,
    /// The resource's logical name; empty where a rule names none.
    pub(crate) resource: String,
    /// `CKV_…` or `CT.…`.
    pub(crate) rule: String,
    /// What the rule asks for.
    pub(crate) title: String,
}

/// What a tool has found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What is broken.
    pub(crate) failures: BTreeSet<Failure>,
    /// The rules that something keeps, with what they ask for.
    pub(crate) kept: BTreeMap<String, String>,
}

impl Findings {
    /// The failures in one expansion: each rule with who breaks it.
    pub(crate) fn in_file(&self, file: &str) -> String {
        let mut rules: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for failure in self.failures.iter().filter(|failure| failure.file == file) {
            let resource = match failure.resource.as_str() {
                "" => "(the whole template)",
                resource => resource,
            };
            rules.entry((&failure.rule, &failure.title)).or_default().push(resource);
        }
        let mut text = String::new();
        for ((rule, title), resources) in rules {
            let _ = writeln!(text, "  {rule}: {title}\n      {}", resources.join(", "));
        }
        text
    }

    /// The rules that are kept and nowhere broken, as a list for people.
    pub(crate) fn kept_list(&self) -> String {
        let broken: BTreeSet<&str> =
            self.failures.iter().map(|failure| failure.rule.as_str()).collect();
        let mut text = String::new();
        for (rule, title) in self.kept.iter().filter(|(rule, _)| !broken.contains(rule.as_str())) {
            let _ = writeln!(text, "- {rule}: {}", cell(title));
        }
        text
    }
}

/// What a skip is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// Every resource of the type.
    Type(String),
    /// One resource.
    Resource(String),
}

/// A rule that a template skips.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Skip {
    pub(crate) rule: String,
    pub(crate) template: String,
    pub(crate) reason: String,
    pub(crate) place: Place,
}

/// The skips of all templates, and what is wrong with how they are written.
#[derive(Debug, Default)]
pub(crate) struct Skips {
    skips: BTreeSet<Skip>,
    /// By template.
    wrong: BTreeMap<String, BTreeSet<String>>,
}

impl Skips {
    /// Collects them.
    pub(crate) fn of(expansions: &[Expansion]) -> Self {
        let mut all = Self::default();
        for expansion in expansions {
            let template = expansion.template();
            let of_types = expansion.content.pointer(SKIPS_OF_TYPES).and_then(Json::as_object);
            for (kind, entries) in of_types.into_iter().flatten() {
                all.add(&template, Place::Type(kind.clone()), entries);
            }
            let resources = expansion.content["Resources"].as_object();
            for (name, resource) in resources.into_iter().flatten() {
                for tool in TOOLS {
                    let Some(metadata) = resource["Metadata"].get(tool) else { continue };
                    match metadata.get("skip") {
                        Some(entries) => all.add(&template, Place::Resource(name.clone()), entries),
                        None => all.complain(
                            &template,
                            format!("{name}: Metadata.{tool} has no `skip` that is read here"),
                        ),
                    }
                }
            }
        }
        // What the expansion has copied from a type to its resources is no skip
        // of its own.
        let of_types: BTreeSet<_> = all
            .skips
            .iter()
            .filter(|skip| matches!(skip.place, Place::Type(_)))
            .map(|skip| (skip.template.clone(), skip.rule.clone(), skip.reason.clone()))
            .collect();
        all.skips.retain(|skip| {
            matches!(skip.place, Place::Type(_))
                || !of_types.contains(&(
                    skip.template.clone(),
                    skip.rule.clone(),
                    skip.reason.clone(),
                ))
        });
        all
    }

    fn add(&mut self, template: &str, place: Place, entries: &Json) {
        let name = match &place {
            Place::Type(name) | Place::Resource(name) => name.clone(),
        };
        let Some(entries) = entries.as_array() else {
            self.complain(template, format!("{name}: skips are a list of {{id, comment}}"));
            return;
        };
        for entry in entries {
            let text = |key: &str| entry[key].as_str().unwrap_or_default().trim().to_owned();
            let (rule, reason) = (text("id"), text("comment"));
            if rule.is_empty() || reason.is_empty() {
                self.complain(template, format!("{name}: {entry} lacks an id or its reason"));
            } else {
                let (template, place) = (template.to_owned(), place.clone());
                self.skips.insert(Skip { rule, template, reason, place });
            }
        }
    }

    fn complain(&mut self, template: &str, text: String) {
        self.wrong.entry(template.to_owned()).or_default().insert(text);
    }

    /// The failures that no skip excuses.
    pub(crate) fn unexcused(&self, findings: &Findings, expansions: &[Expansion]) -> Findings {
        let by_file = by_file(expansions);
        let failures = findings
            .failures
            .iter()
            .filter(|failure| {
                by_file.get(failure.file.as_str()).is_none_or(|expansion| {
                    !self.skips.iter().any(|skip| excuses(skip, failure, expansion))
                })
            })
            .cloned()
            .collect();
        Findings { failures, kept: findings.kept.clone() }
    }

    /// What is wrong with each template's skips, by template; nothing at best.
    pub(crate) fn complaints(
        &self,
        findings: &[&Findings],
        expansions: &[Expansion],
    ) -> BTreeMap<String, String> {
        let by_file = by_file(expansions);
        let used: BTreeSet<&Skip> = self
            .skips
            .iter()
            .filter(|skip| {
                findings.iter().flat_map(|findings| &findings.failures).any(|failure| {
                    by_file
                        .get(failure.file.as_str())
                        .is_some_and(|expansion| excuses(skip, failure, expansion))
                })
            })
            .collect();
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        for skip in &self.skips {
            let text = texts.entry(skip.template.clone()).or_default();
            // SAM hands a resource's Metadata on to what it makes of it, whose
            // name begins the same.
            let in_use = used.iter().any(|other| {
                other.rule == skip.rule
                    && other.reason == skip.reason
                    && other.template == skip.template
                    && match (&other.place, &skip.place) {
                        (Place::Resource(one), Place::Resource(another)) => {
                            one.starts_with(another) || another.starts_with(one)
                        }
                        (one, another) => one == another,
                    }
            });
            if !in_use {
                let (Place::Type(name) | Place::Resource(name)) = &skip.place;
                let _ = writeln!(text, "  {} {name}: skips nothing, so remove it", skip.rule);
            }
        }
        for (template, wrong) in &self.wrong {
            let text = texts.entry(template.clone()).or_default();
            for one in wrong {
                let _ = writeln!(text, "  {one}");
            }
        }
        texts
    }

    /// A table of every skip, for people.
    pub(crate) fn table(&self, findings: &[&Findings]) -> String {
        let titles: BTreeMap<&str, &str> = findings
            .iter()
            .flat_map(|findings| &findings.failures)
            .map(|failure| (failure.rule.as_str(), failure.title.as_str()))
            .collect();
        let mut rows: BTreeMap<(&str, &str, &str), Vec<String>> = BTreeMap::new();
        for Skip { rule, template, reason, place } in &self.skips {
            rows.entry((rule, template, reason)).or_default().push(match place {
                Place::Type(kind) => format!("every `{kind}`"),
                Place::Resource(name) => format!("`{name}`"),
            });
        }
        let mut text =
            "| rule | what it asks for | where it is skipped | why |\n|---|---|---|---|\n"
                .to_owned();
        for ((rule, template, reason), places) in rows {
            let title = titles.get(rule).copied().unwrap_or_default();
            let _ = writeln!(
                text,
                "| {rule} | {} | `{template}`: {} | {} |",
                cell(title),
                places.join(", "),
                cell(reason)
            );
        }
        text
    }
}

fn by_file(expansions: &[Expansion]) -> BTreeMap<&str, &Expansion> {
    expansions.iter().map(|expansion| (expansion.file.as_str(), expansion)).collect()
}

fn excuses(skip: &Skip, failure: &Failure, expansion: &Expansion) -> bool {
    skip.rule == failure.rule
        && skip.template == expansion.template()
        && match &skip.place {
            Place::Type(kind) => expansion.type_of(&failure.resource) == kind,
            Place::Resource(name) => failure.resource == *name,
        }
}

/// Text that does not end a table's cell.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// Reads what `checkov --output json` printed of files below a folder.
pub(crate) fn checkov_findings(printed: &str, folder: &Path) -> Result<Findings> {
    let report: Json = serde_json::from_str(printed).context("checkov printed no JSON")?;
    let broken = report["summary"]["parsing_errors"].as_u64();
    let (Some(0), Some(results)) = (broken, report["results"].as_object()) else {
        bail!("checkov could not read every template: {}", report["summary"]);
    };
    let mut findings = Findings::default();
    for (kind, checks) in results {
        for check in checks.as_array().into_iter().flatten() {
            let text = |key: &str| check[key].as_str().unwrap_or_default();
            let (rule, title) = (text("check_id").to_owned(), text("check_name").to_owned());
            match kind.as_str() {
                "passed_checks" => {
                    findings.kept.insert(rule, title);
                }
                "failed_checks" => {
                    let file = relative(text("file_abs_path"), folder)?;
                    let resource = text("resource");
                    let resource = resource.rsplit('.').next().unwrap_or(resource).to_owned();
                    findings.failures.insert(Failure { file, resource, rule, title });
                }
                _ => {}
            }
        }
    }
    Ok(findings)
}

/// A rule of cfn-guard.
#[derive(Debug)]
pub(crate) struct GuardRule {
    /// `CT.S3.PR.8`.
    id: String,
    title: String,
    /// The types of resources that it looks at.
    types: BTreeSet<String>,
    /// Its file, from the folder of rules.
    pub(crate) file: String,
}

impl GuardRule {
    /// Reads a rule's text and what is said about it: the name by which
    /// cfn-guard reports it, and the rule.
    pub(crate) fn read(file: &str, rule: &str, about: &str) -> Result<(String, Self)> {
        let name = rule
            .lines()
            .filter_map(|line| line.strip_prefix("rule "))
            .find_map(|line| line.split_once(" when is_cfn_template"))
            .map(|(name, _)| name.trim().to_owned())
            .context("it names no rule for templates")?;
        let about: Json = serde_json::from_str(about).context("what is said of it is no JSON")?;
        let text = |key: &str| {
            about[key].as_str().map(str::to_owned).with_context(|| format!("it has no {key}"))
        };
        let types = about["EvaluatedResourceTypes"].as_array().into_iter().flatten();
        let types = types.filter_map(|kind| kind.as_str().map(str::to_owned)).collect();
        let (id, title) = (text("Id")?, text("DisplayName")?);
        Ok((name, Self { id, title, types, file: file.to_owned() }))
    }

    /// Whether any of the templates has what the rule looks at.
    pub(crate) fn looks_at(&self, expansions: &[Expansion]) -> bool {
        expansions
            .iter()
            .filter_map(|expansion| expansion.content["Resources"].as_object())
            .flat_map(Map::values)
            .any(|resource| resource["Type"].as_str().is_some_and(|it| self.types.contains(it)))
    }
}

/// Reads what `cfn-guard validate --structured` printed of the expansions.
pub(crate) fn guard_findings(
    printed: &str,
    folder: &Path,
    rules: &BTreeMap<String, GuardRule>,
    expansions: &[Expansion],
) -> Result<Findings> {
    let reports: Vec<Json> = serde_json::from_str(printed).context("cfn-guard printed no JSON")?;
    if reports.len() != expansions.len() {
        bail!("cfn-guard looked at {} of {} templates", reports.len(), expansions.len());
    }
    let by_file = by_file(expansions);
    let rule_named = |name: &Json| {
        let name = name.as_str().unwrap_or_default();
        rules.get(name).with_context(|| format!("cfn-guard speaks of an unknown rule {name:?}"))
    };
    let mut findings = Findings::default();
    for report in &reports {
        let file = relative(report["name"].as_str().unwrap_or_default(), folder)?;
        let expansion =
            by_file.get(file.as_str()).with_context(|| format!("cfn-guard invented {file}"))?;
        for name in report["compliant"].as_array().into_iter().flatten() {
            let rule = rule_named(name)?;
            findings.kept.insert(rule.id.clone(), rule.title.clone());
        }
        for broken in report["not_compliant"].as_array().into_iter().flatten() {
            let rule = rule_named(&broken["Rule"]["name"])?;
            let mut resources = BTreeSet::new();
            collect_resources(broken, &mut resources);
            // It also names what a resource refers to.
            resources.retain(|resource| rule.types.contains(expansion.type_of(resource)));
            if resources.is_empty() {
                resources.insert("");
            }
            findings.failures.extend(resources.into_iter().map(|resource| Failure {
                file: file.clone(),
                resource: resource.to_owned(),
                rule: rule.id.clone(),
                title: rule.title.clone(),
            }));
        }
    }
    Ok(findings)
}

/// The resources whose paths stand anywhere in a report.
fn collect_resources<'a>(report: &'a Json, found: &mut BTreeSet<&'a str>) {
    match report {
        Json::Object(entries) => {
            if let Some(path) = entries.get("path").and_then(Json::as_str)
                && let Some(path) = path.strip_prefix("/Resources/")
            {
                found.insert(path.split('/').next().unwrap_or(path));
            }
            for value in entries.values() {
                collect_resources(value, found);
            }
        }
        Json::Array(items) => {
            for item in items {
                collect_resources(item, found);
            }
        }
        _ => {}
    }
}

fn relative(path: &str, folder: &Path) -> Result<String> {
    let inner = Path::new(path).strip_prefix(folder);
    Ok(inner.with_context(|| format!("a tool looked at {path:?}"))?.display().to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn expansion(file: &str, content: Json) -> Expansion {
        Expansion { file: file.to_owned(), content }
    }

    fn failures(all: &[(&str, &str, &str)]) -> Findings {
        let failures = all.iter().map(|(file, resource, rule)| Failure {
            file: (*file).to_owned(),
            resource: (*resource).to_owned(),
            rule: (*rule).to_owned(),
            title: "Keep | it".to_owned(),
        });
        Findings { failures: failures.collect(), kept: BTreeMap::new() }
    }

    /// Two buckets and a topic: one rule skipped for all buckets, as the
    /// expansion copies it, one for one bucket.
    fn buckets() -> Json {
        let of_type = json!({"id": "CT.1", "comment": "never"});
        json!({
            "Metadata": {"Skips": {"AWS::S3::Bucket": [of_type]}},
            "Resources": {
                "One": {
                    "Type": "AWS::S3::Bucket",
                    "Metadata": {
                        "guard": {"skip": [of_type]},
                        "checkov": {"skip": [{"id": "CKV_1", "comment": "not here"}]},
                    },
                },
                "Two": {"Type": "AWS::S3::Bucket", "Metadata": {"guard": {"skip": [of_type]}}},
                "Topic": {"Type": "AWS::SNS::Topic"},
            },
        })
    }

    #[test]
    fn an_expansion_knows_its_template_and_can_drop_its_skips() {
        let one = expansion("prod/ops/alarms.json", buckets());
        assert_eq!(one.template(), "ops/alarms.yaml");
        let bare = one.without_skips();
        assert_eq!(bare["Resources"]["One"], json!({"Type": "AWS::S3::Bucket", "Metadata": {}}));
    }

    #[test]
    fn a_skip_excuses_its_rule_at_its_place_alone() {
        let all = [expansion("dev/t.json", buckets()), expansion("prod/t.json", buckets())];
        let skips = Skips::of(&all);
        assert_eq!(skips.skips.len(), 2, "{skips:?}");
        let excused = failures(&[
            ("dev/t.json", "One", "CT.1"),
            ("prod/t.json", "Two", "CT.1"),
            ("prod/t.json", "One", "CKV_1"),
        ]);
        assert_eq!(skips.unexcused(&excused, &all).failures, BTreeSet::new());
        assert_eq!(skips.complaints(&[&excused], &all)["t.yaml"], "");
        let mut broken = failures(&[
            ("dev/t.json", "Topic", "CT.1"),
            ("dev/t.json", "Two", "CKV_1"),
            ("dev/t.json", "", "CT.1"),
            ("dev/other.json", "One", "CT.1"),
        ]);
        assert_eq!(skips.unexcused(&broken, &all).failures, broken.failures);
        assert_eq!(broken.in_file("dev/other.json"), "  CT.1: Keep | it\n      One\n");
        broken.kept =
            BTreeMap::from([("CT.1", "a"), ("CT.2", "b")].map(|(a, b)| (a.into(), b.into())));
        assert_eq!(broken.kept_list(), "- CT.2: b\n");
    }

    #[test]
    fn a_skip_that_skips_nothing_is_told() {
        let all = [expansion("dev/t.json", buckets())];
        let skips = Skips::of(&all);
        let said = skips.complaints(&[&failures(&[("dev/t.json", "One", "CT.1")])], &all);
        assert_eq!(said["t.yaml"], "  CKV_1 One: skips nothing, so remove it\n");
        let said = skips.complaints(&[&failures(&[("dev/t.json", "One", "CKV_1")])], &all);
        assert_eq!(said["t.yaml"], "  CT.1 AWS::S3::Bucket: skips nothing, so remove it\n");
    }

    #[test]
    fn what_sam_makes_of_a_resource_may_use_its_skip() {
        let skip = json!({"checkov": {"skip": [{"id": "CKV_1", "comment": "no"}]}});
        let content = json!({"Resources": {
            "Say": {"Type": "AWS::Lambda::Function", "Metadata": skip},
            "SayAliaslive": {"Type": "AWS::Lambda::Alias", "Metadata": skip},
            "Other": {"Type": "AWS::Lambda::Function", "Metadata": skip},
        }});
        let all = [expansion("dev/t.json", content)];
        let said =
            Skips::of(&all).complaints(&[&failures(&[("dev/t.json", "Say", "CKV_1")])], &all);
        assert_eq!(said["t.yaml"], "  CKV_1 Other: skips nothing, so remove it\n");
    }

    #[test]
    fn a_skip_has_a_reason_and_a_form_that_is_read() {
        for (metadata, expected) in [
            (json!({"guard": {"skip": [{"id": "CT.1"}]}}), "lacks an id or its reason"),
            (json!({"guard": {"skip": [{"id": "CT.1", "comment": " "}]}}), "lacks an id"),
            (json!({"checkov": {"skip": [{"comment": "so"}]}}), "lacks an id"),
            (json!({"checkov": {"skip": {"id": "CKV_1"}}}), "a list of"),
            (json!({"guard": {"SuppressedRules": ["CT.1"]}}), "no `skip` that is read here"),
        ] {
            let content = json!({"Resources": {"One": {"Type": "T", "Metadata": metadata}}});
            let all = [expansion("dev/t.json", content)];
            let said = Skips::of(&all).complaints(&[], &all);
            assert!(said["t.yaml"].contains(expected), "{said:?}");
        }
    }

    #[test]
    fn the_table_names_each_rule_once_with_its_places() {
        let all = [expansion("dev/t.json", buckets())];
        let findings = failures(&[("dev/t.json", "One", "CT.1"), ("dev/t.json", "One", "CKV_1")]);
        let table = Skips::of(&all).table(&[&findings]);
        let rows: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                r"| CKV_1 | Keep \| it | `t.yaml`: `One` | not here |",
                r"| CT.1 | Keep \| it | `t.yaml`: every `AWS::S3::Bucket` | never |",
            ]
        );
    }

    #[test]
    fn checkovs_report_is_understood() {
        let check = |rule: &str, file: &str| {
            json!({
                "check_id": rule,
                "check_name": "Ensure",
                "resource": "AWS::S3::Bucket.One",
                "file_abs_path": file,
            })
        };
        let report = json!({
            "check_type": "cloudformation",
            "results": {
                "passed_checks": [check("CKV_1", "/w/dev/t.json")],
                "failed_checks": [check("CKV_2", "/w/dev/t.json")],
                "skipped_checks": [check("CKV_3", "/w/dev/t.json")],
            },
            "summary": {"parsing_errors": 0},
        });
        let findings = checkov_findings(&report.to_string(), Path::new("/w")).unwrap();
        assert_eq!(findings.in_file("dev/t.json"), "  CKV_2: Ensure\n      One\n");
        assert_eq!(findings.kept_list(), "- CKV_1: Ensure\n");
        let unread = report.to_string().replace(":0", ":1");
        assert!(checkov_findings(&unread, Path::new("/w")).is_err());
        // What it prints where it has found no template at all.
        let nothing = json!({"passed": 0, "failed": 0, "parsing_errors": 0});
        assert!(checkov_findings(&nothing.to_string(), Path::new("/w")).is_err());
        assert!(checkov_findings(&report.to_string(), Path::new("/else")).is_err());
    }

    fn ssl_rule() -> BTreeMap<String, GuardRule> {
        let about = json!({
            "Id": "CT.S3.PR.8",
            "DisplayName": "Require TLS",
            "EvaluatedResourceTypes": ["AWS::S3::BucketPolicy"],
        });
        let text = "# Rule\nrule ssl_check when is_cfn_template(%DOC)\n  %it not empty {\n}\n";
        BTreeMap::from([GuardRule::read("s3/ssl.guard", text, &about.to_string()).unwrap()])
    }

    #[test]
    fn guards_report_is_understood() {
        let rules = ssl_rule();
        let all = [expansion(
            "dev/t.json",
            json!({"Resources": {
                "Bucket": {"Type": "AWS::S3::Bucket"},
                "Policy": {"Type": "AWS::S3::BucketPolicy"},
            }}),
        )];
        assert!(rules["ssl_check"].looks_at(&all));
        assert!(!rules["ssl_check"].looks_at(&[expansion("a.json", json!({"Resources": {}}))]));
        let report = |not_compliant: Json, compliant: Json| {
            json!([{
                "name": "/w/dev/t.json",
                "not_compliant": not_compliant,
                "compliant": compliant,
                "not_applicable": [],
            }])
            .to_string()
        };
        let read = |text: &str| guard_findings(text, Path::new("/w"), &rules, &all);
        let path = |path: &str| json!({"Clause": {"traversed_to": {"path": path}}});
        let broken = json!([{"Rule": {"name": "ssl_check", "checks": [
            path("/Resources/Policy/Properties"), path("/Resources/Bucket/Type"), path(""),
        ]}}]);
        let findings = read(&report(broken, json!([]))).unwrap();
        assert_eq!(findings.in_file("dev/t.json"), "  CT.S3.PR.8: Require TLS\n      Policy\n");
        // A rule that names no resource is broken all the same.
        let nowhere = json!([{"Rule": {"name": "ssl_check", "checks": [path("")]}}]);
        let findings = read(&report(nowhere, json!([]))).unwrap();
        assert_eq!(
            findings.in_file("dev/t.json"),
            "  CT.S3.PR.8: Require TLS\n      (the whole template)\n"
        );
        let findings = read(&report(json!([]), json!(["ssl_check"]))).unwrap();
        assert_eq!(findings.kept_list(), "- CT.S3.PR.8: Require TLS\n");
        assert!(read(&report(json!([]), json!(["another"]))).is_err());
        assert!(read("[]").is_err());
    }

    #[test]
    fn a_rule_that_is_not_understood_is_no_rule() {
        assert!(GuardRule::read("a", "rule x when is_cfn_hook(%DOC) {}", "{}").is_err());
        assert!(GuardRule::read("a", "rule x when is_cfn_template(%DOC) {}", "{}").is_err());
    }
}
