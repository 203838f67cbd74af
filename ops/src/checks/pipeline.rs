//! The pipeline: what comes after what, that both stages get the one artifact, and
//! that whoever deploys a stage can reach that stage and no other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{Knowledge, Violation, many, texts};
use crate::estate::{Estate, Placed};

const PIPELINE: &str = "AWS::CodePipeline::Pipeline";

/// Stages, and what their actions do, in this order. What is in brackets need not
/// be there. See docs/adr/0009-pipeline.md for why.
const STAGES: [(&str, &[&str]); 7] = [
    ("Source", &["Source CodeStarSourceConnection"]),
    // Itself first: what comes after runs as the commit says.
    ("Update", &["Build CodeBuild"]),
    ("Build", &["Build CodeBuild"]),
    (
        "Test",
        &[
            "[Deploy CloudFormation CREATE_UPDATE]",
            "Deploy CloudFormation CHANGE_SET_REPLACE",
            "Deploy CloudFormation CHANGE_SET_EXECUTE",
            "Test CodeBuild",
        ],
    ),
    ("Review", &["Deploy CloudFormation CHANGE_SET_REPLACE", "Build CodeBuild", "Approval Manual"]),
    (
        "Prod",
        &[
            "[Deploy CloudFormation CREATE_UPDATE]",
            "Deploy CloudFormation CHANGE_SET_REPLACE",
            "Deploy CloudFormation CHANGE_SET_EXECUTE",
            "Test CodeBuild",
        ],
    ),
    ("Confirm", &["Test CodeBuild"]),
];

/// Stages that deploy to this one. What is reviewed is Prod's.
const DEPLOYS: [(&str, &str); 3] = [("Test", "test"), ("Review", "prod"), ("Prod", "prod")];

/// Where CloudFront's certificates, web ACLs and metrics are.
pub const EDGE_REGION: &str = "us-east-1";

/// An action of a stage.
struct Action<'a> {
    stage: &'a str,
    action: &'a Json,
}

impl<'a> Action<'a> {
    fn name(&self) -> String {
        format!("{}.{}", self.stage, self.action["Name"].as_str().unwrap_or_default())
    }

    fn order(&self) -> u64 {
        let order = &self.action["RunOrder"];
        order.as_u64().or_else(|| order.as_str()?.parse().ok()).unwrap_or(1)
    }

    fn set(&self, name: &str) -> &'a str {
        self.action["Configuration"][name].as_str().unwrap_or_default()
    }

    /// What it does: category, provider and, where there are several, which.
    fn does(&self) -> String {
        let of = |name: &str| self.action["ActionTypeId"][name].as_str().unwrap_or_default();
        let does = [of("Category"), of("Provider"), self.set("ActionMode")];
        does.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn artifacts(&self, list: &str) -> BTreeSet<&'a str> {
        let all = many(&self.action[list]);
        all.into_iter().filter_map(|one| one["Name"].as_str()).collect()
    }
}

/// Its actions, stage by stage, in the order in which they run.
fn actions<'a>(pipeline: &Placed<'a>) -> Vec<Vec<Action<'a>>> {
    let stages = many(&pipeline.resource.properties["Stages"]);
    let of_stage = |stage: &'a Json| {
        let name = stage["Name"].as_str().unwrap_or_default();
        let mut all: Vec<Action<'a>> = many(&stage["Actions"])
            .into_iter()
            .map(|action| Action { stage: name, action })
            .collect();
        all.sort_by_key(Action::order);
        all
    };
    stages.into_iter().map(of_stage).collect()
}

/// The stacks that pipelines deploy, and where.
pub(super) fn deployed(estate: &Estate) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for pipeline in estate.of(&[PIPELINE]) {
        for action in actions(&pipeline).iter().flatten() {
            let region = action.action["Region"].as_str().unwrap_or(&pipeline.stack.region);
            found.insert((action.set("StackName").to_owned(), region.to_owned()));
        }
    }
    found.retain(|(stack, _)| !stack.is_empty());
    found
}

pub(super) fn stages_come_in_order(estate: &Estate, knowledge: &Knowledge) -> Vec<Violation> {
    let mut found = Vec::new();
    for pipeline in estate.of(&[PIPELINE]) {
        let stages = actions(&pipeline);
        let wrong = |what: String| Violation::new(&pipeline, what);
        let names: Vec<&str> = many(&pipeline.resource.properties["Stages"])
            .into_iter()
            .filter_map(|stage| stage["Name"].as_str())
            .collect();
        let wanted: Vec<&str> = STAGES.iter().map(|(name, _)| *name).collect();
        if names != wanted {
            found.push(wrong(format!("its stages are {names:?}, not {wanted:?}")));
        }
        for (actions, (stage, wanted)) in stages.iter().zip(STAGES) {
            let does: Vec<String> = actions.iter().map(Action::does).collect();
            let fits = |needed: bool| -> Vec<&str> {
                let plain = |one: &&&str| !needed || !one.starts_with('[');
                wanted.iter().filter(plain).map(|one| one.trim_matches(['[', ']'])).collect()
            };
            if does != fits(false) && does != fits(true) {
                found.push(wrong(format!("{stage} does {does:?}, not {wanted:?}")));
            }
            let orders: BTreeSet<u64> = actions.iter().map(Action::order).collect();
            if orders.len() != actions.len() {
                found.push(wrong(format!("actions of {stage} run at the same time")));
            }
        }
        found.extend(artifacts_are_made_once(&pipeline, &stages));
        found.extend(stages_stay_apart(estate, knowledge, &pipeline, &stages));
        found.extend(actions_can_be_done(estate, knowledge, &pipeline, &stages));
        found.extend(releases_roll_back(&pipeline));
    }
    found
}

/// What an action takes was made before; nothing is made twice.
fn artifacts_are_made_once(pipeline: &Placed<'_>, stages: &[Vec<Action<'_>>]) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut made: BTreeSet<&str> = BTreeSet::new();
    for action in stages.iter().flatten() {
        for artifact in action.artifacts("InputArtifacts").difference(&made) {
            let what = format!("{} takes {artifact}, which is not there yet", action.name());
            found.push(Violation::new(pipeline, what));
        }
        let template = action.set("TemplatePath");
        for (setting, value) in [
            ("TemplatePath", template),
            ("TemplateConfiguration", action.set("TemplateConfiguration")),
        ] {
            let from = value.split("::").next().unwrap_or_default();
            if !value.is_empty() && !action.artifacts("InputArtifacts").contains(from) {
                let what =
                    format!("{}: {setting} {value} is in no artifact of its own", action.name());
                found.push(Violation::new(pipeline, what));
            }
        }
        // The one that was built and tested, not the source.
        if !template.is_empty() && !template.starts_with("package::") {
            let what = format!("{} deploys {template}, not the package", action.name());
            found.push(Violation::new(pipeline, what));
        }
        for artifact in action.artifacts("OutputArtifacts") {
            if !made.insert(artifact) {
                let what = format!("{} makes {artifact} once more", action.name());
                found.push(Violation::new(pipeline, what));
            }
        }
    }
    found
}

/// Each stage deploys its own stacks, with a role that is about these, of its own
/// settings; a change set is executed that was made.
fn stages_stay_apart(
    estate: &Estate,
    knowledge: &Knowledge,
    pipeline: &Placed<'_>,
    stages: &[Vec<Action<'_>>],
) -> Vec<Violation> {
    let mut found = Vec::new();
    for (name, stage) in DEPLOYS {
        let mut sets = BTreeSet::new();
        let of_it = stages.iter().flatten().filter(|action| action.stage == name);
        for action in of_it.filter(|action| !action.set("StackName").is_empty()) {
            let mut wrong = |what: String| {
                found.push(Violation::new(pipeline, format!("{}: {what}", action.name())));
            };
            let stack = action.set("StackName");
            let own = stack.trim_end_matches("-edge");
            if !own.ends_with(&format!("-{stage}")) {
                wrong(format!("{stack} is no stack of {stage}"));
            }
            let config = action.set("TemplateConfiguration").split("::").nth(1);
            if let Some(config) = config {
                let path = format!("ops/{config}");
                let given = knowledge.configurations.get(&path);
                if given.is_none_or(|given| given["Parameters"]["Stage"] != stage) {
                    wrong(format!("{path} is not there, or not of {stage}"));
                }
            }
            match action.set("ActionMode") {
                "CHANGE_SET_EXECUTE" => {
                    if !sets.contains(&(stack, action.set("ChangeSetName"))) {
                        wrong("it executes a change set that was not made before it".into());
                    }
                    continue;
                }
                "CHANGE_SET_REPLACE" => {
                    sets.insert((stack, action.set("ChangeSetName")));
                    if action.set("TemplatePath") != "package::template.yaml" {
                        wrong("it is not about the application".into());
                    }
                    if config.is_none() {
                        wrong("it has no TemplateConfiguration".into());
                    }
                }
                "CREATE_UPDATE" => {
                    if action.set("TemplatePath") != "package::edge.yaml" || own == stack {
                        wrong("it is not about the edge".into());
                    }
                    if action.action["Region"] != EDGE_REGION {
                        wrong(format!("CloudFront looks into {EDGE_REGION}"));
                    }
                }
                _ => {}
            }
            let role = estate
                .of(&["AWS::IAM::Role"])
                .find(|role| role.attribute("Arn") == action.set("RoleArn"));
            let about = role.map(|role| {
                let tags = many(&role.resource.properties["Tags"]);
                let tag = tags.into_iter().find(|tag| tag["Key"] == "App");
                tag.and_then(|tag| tag["Value"].as_str()).unwrap_or_default().to_owned()
            });
            if about.as_deref() != Some(own) {
                wrong(format!("its role is about {about:?}, not {own}"));
            }
        }
    }
    // What is summarised is what was made for it.
    for (summary, made) in stages.iter().filter_map(|actions| {
        let of = |does: &str| actions.iter().find(|action| action.does() == does);
        of("Approval Manual")?;
        Some((of("Build CodeBuild")?, of("Deploy CloudFormation CHANGE_SET_REPLACE")?))
    }) {
        let told = summary.set("EnvironmentVariables");
        for name in [made.set("StackName"), made.set("ChangeSetName")] {
            if !told.contains(&format!("\"value\":\"{name}\"")) {
                let what = format!("{} is not told of {name}", summary.name());
                found.push(Violation::new(pipeline, what));
            }
        }
    }
    let approval = stages.iter().flatten().find(|action| action.does() == "Approval Manual");
    let said = approval.map(|action| action.set("CustomData")).unwrap_or_default();
    if !said.contains("#{Source.CommitId}") {
        found.push(Violation::new(pipeline, "who approves is not told which commit"));
    }
    found
}

/// Projects, their instructions, stores and the pipeline's own rights are there.
fn actions_can_be_done(
    estate: &Estate,
    knowledge: &Knowledge,
    pipeline: &Placed<'_>,
    stages: &[Vec<Action<'_>>],
) -> Vec<Violation> {
    let mut found = Vec::new();
    let properties = &pipeline.resource.properties;
    let mut granted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let role = estate
        .of(&["AWS::IAM::Role"])
        .find(|role| role.attribute("Arn") == pipeline.text("RoleArn"));
    for statement in role.iter().flat_map(super::access::allowed) {
        for action in texts(&statement["Action"]) {
            let resources = texts(&statement["Resource"]).into_iter().map(str::to_owned);
            granted.entry(action.to_owned()).or_default().extend(resources);
        }
    }
    let may = |action: &str, resource: &str| {
        granted.get(action).is_some_and(|all| {
            all.iter().any(|one| one == resource || one.trim_end_matches("/*") == resource)
        })
    };
    let mut own: BTreeSet<&str> = BTreeSet::from([pipeline.stack.region.as_str()]);
    for action in stages.iter().flatten() {
        let mut wrong = |what: String| {
            found.push(Violation::new(pipeline, format!("{}: {what}", action.name())));
        };
        let region = action.action["Region"].as_str().unwrap_or(&pipeline.stack.region);
        own.insert(region);
        let project = action.set("ProjectName");
        if !project.is_empty() {
            let known = estate.of(&["AWS::CodeBuild::Project"]).find(|one| one.token() == project);
            match known {
                None => wrong(format!("{project} is no project here")),
                Some(known) => {
                    let spec = &known.resource.properties["Source"]["BuildSpec"];
                    let spec = spec.as_str().unwrap_or_default();
                    if !knowledge.instructions.contains(spec) {
                        wrong(format!("{spec:?}, which its project follows, is not there"));
                    }
                    if !may("codebuild:StartBuild", &known.attribute("Arn")) {
                        wrong(format!("the pipeline's role may not start {project}"));
                    }
                }
            }
        }
        let stack = action.set("StackName");
        if !stack.is_empty() {
            let needs = match action.set("ActionMode") {
                "CHANGE_SET_REPLACE" => "cloudformation:CreateChangeSet",
                "CHANGE_SET_EXECUTE" => "cloudformation:ExecuteChangeSet",
                _ => "cloudformation:UpdateStack",
            };
            let account = crate::scope::ACCOUNT;
            let arn = format!("arn:aws:cloudformation:{region}:{account}:stack/{stack}");
            if !may(needs, &arn) {
                wrong(format!("the pipeline's role has no {needs} on {arn}"));
            }
        }
        let role = action.set("RoleArn");
        if !role.is_empty() && !may("iam:PassRole", role) {
            wrong(format!("the pipeline's role may not pass {role}"));
        }
    }
    let mut stores =
        BTreeMap::from([(pipeline.stack.region.as_str(), &properties["ArtifactStore"])]);
    for one in many(&properties["ArtifactStores"]) {
        stores.insert(one["Region"].as_str().unwrap_or_default(), &one["ArtifactStore"]);
    }
    for region in own {
        let store = stores.get(region).copied().unwrap_or(&Json::Null);
        let bucket = store["Location"].as_str().unwrap_or_default();
        let key = store["EncryptionKey"]["Id"].as_str().unwrap_or_default();
        let known = estate
            .of(&["AWS::S3::Bucket"])
            .find(|one| one.token() == bucket && one.stack.region == region);
        let Some(known) = known else {
            let what = format!("{bucket:?} is no bucket in {region} for its artifacts");
            found.push(Violation::new(pipeline, what));
            continue;
        };
        let rule = "/BucketEncryption/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault/KMSMasterKeyID";
        let own_key = known.resource.properties.pointer(rule).and_then(Json::as_str);
        if own_key != Some(key) {
            let what = format!("{key:?} is not the key of {bucket}");
            found.push(Violation::new(pipeline, what));
        }
        for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
            if !may(action, key) {
                let what = format!("its role has no {action} on {key}, in {region}");
                found.push(Violation::new(pipeline, what));
            }
        }
        let objects = [format!("{}/*", known.attribute("Arn")), format!("arn:aws:s3:::{bucket}/*")];
        for action in ["s3:GetObject", "s3:PutObject"] {
            if !objects.iter().any(|objects| may(action, objects)) {
                let what = format!("its role has no {action} on {bucket}, in {region}");
                found.push(Violation::new(pipeline, what));
            }
        }
    }
    found
}

/// A release goes by itself where its alarm rings, and comes only while it doesn't.
/// Elsewhere nothing rolls back: a stage that waits for somebody can't.
fn releases_roll_back(pipeline: &Placed<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut wrong = |what: &str| found.push(Violation::new(pipeline, what));
    let properties = &pipeline.resource.properties;
    if properties["PipelineType"] != "V2" || properties["ExecutionMode"] != "QUEUED" {
        wrong("commits overtake each other: V2 and QUEUED");
    }
    if properties["RestartExecutionOnUpdate"] != true {
        wrong("a commit that changes the pipeline is not run by it: RestartExecutionOnUpdate");
    }
    for stage in many(&properties["Stages"]) {
        let name = stage["Name"].as_str().unwrap_or_default();
        let rule = |when: &str| -> (String, String) {
            let condition = &stage[when]["Conditions"][0];
            let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
            let rule = &condition["Rules"][0];
            let is_alarm = rule["RuleTypeId"]["Provider"] == "CloudWatchAlarm";
            let alarm = text(&rule["Configuration"]["AlarmName"]);
            (text(&condition["Result"]), if is_alarm { alarm } else { String::new() })
        };
        let (before, after) = (rule("BeforeEntry"), rule("OnSuccess"));
        let back = stage["OnFailure"]["Result"] == "ROLLBACK";
        if name == "Prod" {
            if before.0 != "FAIL" || before.1.is_empty() {
                wrong("Prod is released to while its alarm rings: BeforeEntry");
            }
            if after.0 != "ROLLBACK" || after.1.is_empty() || after.1 != before.1 {
                wrong("a release that makes Prod's alarm ring stays: OnSuccess");
            }
            if !back {
                wrong("a release that fails stays as it is: OnFailure");
            }
        } else if stage.get("OnFailure").is_some() {
            wrong("only Prod makes and executes its change set in one stage and waits for nobody");
        }
    }
    found
}

/// What the pipeline tells of itself reaches somebody.
pub(super) fn notices_reach_somebody(estate: &Estate) -> Vec<Violation> {
    let mut found = Vec::new();
    for rule in estate.of(&["AWS::CodeStarNotifications::NotificationRule"]) {
        let targets = many(&rule.resource.properties["Targets"]);
        if targets.is_empty() || rule.text("Status") == "DISABLED" {
            found.push(Violation::new(&rule, "it tells nobody"));
        }
        for target in targets {
            let topic = target["TargetAddress"].as_str().unwrap_or_default();
            if let Some(why) = super::silent(estate, topic, "codestar-notifications.amazonaws.com")
            {
                found.push(Violation::new(&rule, why));
            }
        }
        let about = rule.text("Resource");
        let known = estate.of(&[PIPELINE]).any(|one| about.ends_with(&one.token()));
        if !known {
            found.push(Violation::new(&rule, format!("{about} is no pipeline here")));
        }
        let told = texts(&rule.resource.properties["EventTypeIds"]);
        for event in ["manual-approval-needed", "pipeline-execution-failed"] {
            if !told.iter().any(|one| one.ends_with(event)) {
                found.push(Violation::new(&rule, format!("nobody is told of {event}")));
            }
        }
    }
    found
}
