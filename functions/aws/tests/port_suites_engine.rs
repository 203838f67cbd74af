//! The port suites on a running engine, and what only its wire can show: the
//! records beside the ports, signed upload forms, executions, pages of answers.
//!
//! Built only with the feature `engine`, and run with `SEISIUN_RUN_FILE` naming
//! the run file of a stack: without one it fails rather than pass unseen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, which must fail loudly"
)]

use std::{
    collections::{BTreeMap, HashMap},
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::{AttributeValue, BillingMode, GlobalSecondaryIndex};
use jiff::{Timestamp, ToSpan};
use seisiun_aws::{
    SdkConfig, keys,
    objects::{Buckets, Objects},
    table::Table,
    users::Accounts,
    workflows::{StateMachines, Workflows},
};
use seisiun_domain::{
    MemberId, PhotoId, SessionId, SubmissionId,
    card::Card,
    photo::{MalwareScan, PhotoRecord, Preparation, Unscanned, incoming_key},
    submission::{Work, WorkState, Workflow},
};
use seisiun_workflows::{
    object_suites,
    port_suites::{
        accounts, answers_to_nobody, approved_photo, executions, fresh_email,
        lists_published_at_once, malware_scan, refreshed_lists, reviewed_session, suppressions,
        waiting_for_a_decision,
    },
    ports::{
        ApprovePhotos, BeginRestart, Bucket, Claim, ClaimMail, DescribeExecution, EndWork,
        LoadPhotoRecords, LoadSession, LoadWork, MailKey, ObjectSize, PortError, PublishObject,
        PutPhotoRecord, ReadMalwareScan, ReadObject, SignUpload, TakeOverMail, UploadForm,
        WriteObject,
    },
    publish_listing::publish_list,
    store_suites,
};
use serde_json::json;
use tokio::sync::OnceCell;
use ulid::Ulid;

store_suites!(Engine::find().await.table());
object_suites!(Engine::find().await.objects());

#[tokio::test]
async fn a_hundred_sessions_of_a_county_published_at_once_are_all_listed() {
    let engine = Engine::find().await;
    lists_published_at_once(&engine.table(), &engine.objects(), 100).await;
}

#[tokio::test]
async fn lists_are_refreshed() {
    let engine = Engine::find().await;
    refreshed_lists(&engine.table(), &engine.objects()).await;
}

/// The engine's user pool gives everybody the same codes.
#[tokio::test]
async fn accounts_and_their_passwords() {
    let engine = Engine::find().await;
    let users = Accounts::new(&engine.config, &engine.run["UserPoolClientId"]);
    accounts(&users, "123456", "654321").await;
}

/// What AwaitDecision does, taken from the state machine itself.
#[tokio::test]
async fn a_decision_finds_who_waits() {
    let engine = Engine::find().await;
    let file =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../statemachines/session-submission.asl.json");
    let definition: serde_json::Value =
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let arguments = &definition["States"]["AwaitDecision"]["Arguments"];
    let text = |name: &str| arguments[name].as_str().unwrap().to_owned();
    let names: HashMap<String, String> =
        serde_json::from_value(arguments["ExpressionAttributeNames"].clone()).unwrap();
    let dynamodb = aws_sdk_dynamodb::Client::new(&engine.config);
    waiting_for_a_decision(&engine.table(), async |case, token| {
        let key = keys::case(case);
        let update = dynamodb
            .update_item()
            .table_name(&engine.table)
            .key(keys::PK, AttributeValue::S(key.pk))
            .key(keys::SK, AttributeValue::S(key.sk))
            .update_expression(text("UpdateExpression"))
            .condition_expression(text("ConditionExpression"))
            .set_expression_attribute_names(Some(names.clone()))
            .expression_attribute_values(":token", AttributeValue::S(token.0))
            .send();
        match update.await {
            Ok(_) => true,
            Err(error) => {
                let error = error.into_service_error();
                assert!(error.is_conditional_check_failed_exception(), "{error}");
                false
            }
        }
    })
    .await;
}

/// A running stack, and a table of our own in its engine.
struct Engine {
    run: BTreeMap<String, String>,
    config: SdkConfig,
    table: String,
}

/// The name of that table. What the suites leave behind is nobody's work: in the
/// stack's own, its schedule would find and do it, in the middle of other tests.
static TABLE: OnceCell<String> = OnceCell::const_new();

/// Makes a table as the stack's is.
async fn make_table(config: &SdkConfig, like: &str) -> String {
    let dynamodb = aws_sdk_dynamodb::Client::new(config);
    let described = dynamodb.describe_table().table_name(like).send().await.unwrap();
    let like = described.table.unwrap();
    let indexes = like.global_secondary_indexes().iter().map(|index| {
        GlobalSecondaryIndex::builder()
            .set_index_name(index.index_name.clone())
            .set_key_schema(index.key_schema.clone())
            .set_projection(index.projection.clone())
            .build()
            .unwrap()
    });
    let name = format!("port-suites-{}", Ulid::generate());
    let create = dynamodb
        .create_table()
        .table_name(&name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_global_secondary_indexes(Some(indexes.collect()))
        .set_attribute_definitions(like.attribute_definitions)
        .set_key_schema(like.key_schema);
    create.send().await.unwrap();
    name
}

impl Engine {
    async fn find() -> Self {
        let file = std::env::var("SEISIUN_RUN_FILE")
            .expect("SEISIUN_RUN_FILE must name the run file of a running stack");
        let run: BTreeMap<String, String> =
            serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let value = |name: &str| run.get(name).unwrap_or_else(|| panic!("no {name}")).clone();
        let credentials = Credentials::new(
            value("access_key_id"),
            value("secret_access_key"),
            None,
            None,
            "run file",
        );
        let config = seisiun_aws::loader()
            .region(aws_config::Region::new(value("region")))
            .endpoint_url(value("engine_url"))
            .credentials_provider(credentials)
            .load()
            .await;
        let table = TABLE.get_or_init(|| make_table(&config, &run["TableName"])).await.clone();
        Self { run, config, table }
    }

    fn table(&self) -> Table {
        Table::new(&self.config, &self.table)
    }

    fn buckets(&self) -> Buckets {
        let bucket = |name: &str| self.run.get(name).cloned();
        Buckets {
            quarantine: bucket("QuarantineBucket"),
            public: bucket("PublicBucket"),
            work: bucket("WorkBucket"),
            site: bucket("SiteBucket"),
        }
    }

    fn objects(&self) -> Objects {
        Objects::new(&self.config, self.buckets())
    }

    fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(true);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// A record as it is stored.
    async fn item(&self, key: keys::Key) -> Option<HashMap<String, AttributeValue>> {
        let get = aws_sdk_dynamodb::Client::new(&self.config)
            .get_item()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(key.pk))
            .key(keys::SK, AttributeValue::S(key.sk));
        get.consistent_read(true).send().await.unwrap().item
    }
}

#[tokio::test]
async fn suppressed_addresses() {
    let engine = Engine::find().await;
    let email = fresh_email();
    let key = keys::suppressed(&email);
    let put = aws_sdk_dynamodb::Client::new(&engine.config)
        .put_item()
        .table_name(&engine.table)
        .item(keys::PK, AttributeValue::S(key.pk))
        .item(keys::SK, AttributeValue::S(key.sk));
    put.send().await.unwrap();
    suppressions(&engine.table(), &email).await;
}

#[tokio::test]
async fn the_first_approval_stands() {
    let engine = Engine::find().await;
    let first = approved_photo(Timestamp::now());
    let mut later = first.clone();
    later.approved_at = first.approved_at.checked_add(1.hour()).unwrap();
    let session = SessionId::new(Ulid::generate());
    for photo in [&first, &later] {
        engine.table().approve_photos(session, std::slice::from_ref(photo)).await.unwrap();
    }
    let stored = engine.item(keys::approval(session, first.photo_id)).await.unwrap();
    let doc = stored["doc"].as_m().unwrap();
    assert_eq!(doc["approved_at"], AttributeValue::S(first.approved_at.to_string()));
}

#[tokio::test]
async fn reviews_are_counted_once() {
    let engine = Engine::find().await;
    let session = reviewed_session(&engine.table(), &[4, 1]).await;
    let stored = engine.item(keys::session(session)).await.unwrap();
    assert_eq!(stored["review_count"], AttributeValue::N("2".into()));
    assert_eq!(stored["rating_sum"], AttributeValue::N("5".into()));
}

#[tokio::test]
async fn an_answer_of_several_pages_is_read_to_its_end() {
    // One answer to a query holds a megabyte at most.
    const RECORDS: usize = 7;
    const RECORD_CHARS: usize = 300_000;
    let table = Engine::find().await.table();
    let submission = SubmissionId::new(Ulid::generate());
    let mut records: Vec<_> = (0..RECORDS)
        .map(|n| PhotoRecord {
            photo_id: PhotoId::new(Ulid::generate()),
            preparation: Preparation::Refused {
                code: format!("refused_{n}"),
                message: "x".repeat(RECORD_CHARS),
            },
            scan: None,
            resembles_refused: false,
        })
        .collect();
    for record in &records {
        table.put_photo_record(submission, record).await.unwrap();
    }
    records.sort_by_key(|record| record.photo_id);
    let loaded = table.load_photo_records(submission).await.unwrap();
    assert!(loaded == records, "{} of {RECORDS} records", loaded.len());
}

/// Says of an upload what the scanner would.
async fn tag(engine: &Engine, key: &str, name: &str, value: &str) {
    let tag = aws_sdk_s3::types::Tag::builder().key(name).value(value).build().unwrap();
    let tags = aws_sdk_s3::types::Tagging::builder().tag_set(tag).build().unwrap();
    let put = engine.s3().put_object_tagging().bucket(&engine.run["QuarantineBucket"]);
    put.key(key).tagging(tags).send().await.unwrap();
}

#[tokio::test]
async fn answers_of_the_malware_scanner() {
    let engine = Engine::find().await;
    malware_scan(&engine.objects(), async |key, scan| {
        let status = match scan {
            MalwareScan::Clean => "NO_THREATS_FOUND",
            MalwareScan::Threat => "THREATS_FOUND",
            MalwareScan::Impossible(Unscanned::Unsupported) => "UNSUPPORTED",
            MalwareScan::Impossible(Unscanned::AccessDenied) => "ACCESS_DENIED",
            _ => "FAILED",
        };
        tag(&engine, key, "GuardDutyMalwareScanStatus", status).await;
    })
    .await;
}

#[tokio::test]
async fn no_word_but_clean_is_clean() {
    let engine = Engine::find().await;
    let (objects, key) = (engine.objects(), format!("prepared/suite-{}.jpg", Ulid::generate()));
    objects.write_object(Bucket::Quarantine, &key, "image/jpeg", vec![1]).await.unwrap();
    for (name, value, expected) in [
        (
            "GuardDutyMalwareScanStatus",
            "no_threats_found",
            MalwareScan::Impossible(Unscanned::Failed),
        ),
        ("GuardDutyMalwareScanStatus", "PROBABLY_FINE", MalwareScan::Impossible(Unscanned::Failed)),
        ("guarddutymalwarescanstatus", "NO_THREATS_FOUND", MalwareScan::Pending),
        ("Status", "NO_THREATS_FOUND", MalwareScan::Pending),
    ] {
        tag(&engine, &key, name, value).await;
        let read = objects.read_malware_scan(&key).await.unwrap();
        assert_eq!(read, Some(expected), "{name}: {value}");
    }
}

#[tokio::test]
async fn a_public_object_may_be_cached_for_ever() {
    let engine = Engine::find().await;
    let (objects, key) = (engine.objects(), format!("photos/suite-{}.jpg", Ulid::generate()));
    let written = objects.write_object(Bucket::Quarantine, &key, "text/plain", vec![1]);
    written.await.unwrap();
    objects.publish_object(&key, &key).await.unwrap();
    let head = engine.s3().head_object().bucket(&engine.run["PublicBucket"]).key(&key);
    let head = head.send().await.unwrap();
    assert_eq!(head.cache_control(), Some("public, max-age=31536000, immutable"));
    // Whatever was said of it in quarantine.
    assert_eq!(head.content_type(), Some("image/jpeg"));
}

#[tokio::test]
async fn a_bucket_without_a_setting_is_not_guessed() {
    let engine = Engine::find().await;
    let objects = Objects::new(&engine.config, Buckets::default());
    let answer = objects.object_size(Bucket::Public, "x").await;
    assert!(matches!(answer, Err(PortError::Broken { .. })), "{answer:?}");
}

/// Largest upload that the form allows.
const BYTES_MAX: u64 = 1_000;

struct Upload {
    objects: Objects,
    member: MemberId,
    photo: PhotoId,
    form: UploadForm,
}

impl Upload {
    async fn signed_at(now: Timestamp) -> Self {
        let objects = Engine::find().await.objects();
        let member: MemberId = Ulid::generate().to_string().parse().unwrap();
        let photo = PhotoId::new(Ulid::generate());
        let form = objects.sign_upload(&member, photo, "image/png", BYTES_MAX, now).await.unwrap();
        Self { objects, member, photo, form }
    }

    /// Posts the form with these fields changed. Answers whether it was taken.
    async fn posts(&self, changes: &[(&str, &str)], bytes: u64) -> bool {
        let mut post = reqwest::multipart::Form::new();
        for (name, value) in &self.form.fields {
            let change = changes.iter().find(|(changed, _)| changed == name);
            let value = change.map_or(value.as_str(), |(_, value)| value);
            post = post.text(name.clone(), value.to_owned());
        }
        let bytes = vec![7; usize::try_from(bytes).unwrap()];
        let file = reqwest::multipart::Part::bytes(bytes).file_name("photo.png");
        let post = reqwest::Client::new().post(&self.form.url).multipart(post.part("file", file));
        let status = post.send().await.unwrap().status();
        assert!(status.is_success() || status.is_client_error(), "{status}");
        status.is_success()
    }

    async fn size(&self) -> Option<u64> {
        let key = incoming_key(&self.member, self.photo);
        self.objects.object_size(Bucket::Quarantine, &key).await.unwrap()
    }
}

#[tokio::test]
async fn a_form_uploads_what_it_was_signed_for() {
    for bytes in [1, BYTES_MAX] {
        let upload = Upload::signed_at(Timestamp::now()).await;
        assert!(upload.posts(&[], bytes).await);
        assert_eq!(upload.size().await, Some(bytes));
        let key = incoming_key(&upload.member, upload.photo);
        let read = upload.objects.read_object(Bucket::Quarantine, &key, bytes).await.unwrap();
        assert_eq!(read.map(|read| read.len() as u64), Some(bytes));
    }
}

#[tokio::test]
async fn a_form_uploads_nothing_else() {
    let upload = Upload::signed_at(Timestamp::now()).await;
    let elsewhere = format!("incoming/somebody/{}", upload.photo);
    for (changes, bytes) in [
        (&[][..], BYTES_MAX + 1),
        (&[], 0),
        (&[("Content-Type", "text/html")], 10),
        (&[("key", elsewhere.as_str())], 10),
        (&[("x-amz-signature", "0".repeat(64).as_str())], 10),
    ] {
        assert!(!upload.posts(changes, bytes).await, "{changes:?} with {bytes} bytes");
    }
    assert_eq!(upload.size().await, None);
    let elsewhere = upload.objects.object_size(Bucket::Quarantine, &elsewhere).await.unwrap();
    assert_eq!(elsewhere, None);
}

#[tokio::test]
async fn a_form_expires() {
    let ten_minutes_ago = Timestamp::now().checked_sub(10.minutes()).unwrap();
    let upload = Upload::signed_at(ten_minutes_ago).await;
    assert!(upload.form.expires_at < Timestamp::now());
    assert!(!upload.posts(&[], 10).await);
    assert_eq!(upload.size().await, None);
}

/// The run file's name for a workflow's state machine.
const REVIEWS: &str = "ReviewSubmissionArn";

#[tokio::test]
async fn executions_by_name() {
    let engine = Engine::find().await;
    let client = aws_sdk_sfn::Client::new(&engine.config);
    // A machine of our own, which does nothing, under the role of one that is there.
    let theirs = client.describe_state_machine().state_machine_arn(&engine.run[REVIEWS]);
    let role = theirs.send().await.unwrap().role_arn;
    let definition = json!({ "StartAt": "Done", "States": { "Done": { "Type": "Succeed" } } });
    let machine = client
        .create_state_machine()
        .name(format!("port-suites-{}", Ulid::generate()))
        .definition(definition.to_string())
        .role_arn(role)
        .send()
        .await
        .unwrap();
    let machines = StateMachines {
        review_submission: Some(machine.state_machine_arn.clone()),
        ..StateMachines::default()
    };
    let workflows = Workflows::new(&engine.config, machines);
    executions(&workflows, Workflow::ReviewSubmission).await;
    answers_to_nobody(&workflows).await;
    let unset = workflows.describe_execution(Workflow::NotifyFollowers, "x").await;
    assert!(matches!(unset, Err(PortError::Broken { .. })), "{unset:?}");
    let delete = client.delete_state_machine().state_machine_arn(machine.state_machine_arn);
    delete.send().await.unwrap();
}

/// Stands between us and the engine and loses the answer to the first write,
/// after its effect: what a connection that breaks in between looks like.
fn losing_proxy(engine_url: &str) -> (String, Arc<AtomicBool>) {
    let engine = engine_url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let lost = Arc::new(AtomicBool::new(false));
    let loses = Arc::clone(&lost);
    thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, engine, loses) = (client.unwrap(), engine.clone(), loses.clone());
            thread::spawn(move || {
                while let Some(request) = read_message(&mut client) {
                    let mut server = TcpStream::connect(&engine).unwrap();
                    server.write_all(&request).unwrap();
                    let answer = read_message(&mut server).unwrap();
                    let head = String::from_utf8_lossy(&request).to_lowercase();
                    let writes = ["putitem", "updateitem", "transactwriteitems"];
                    let is_write = head.starts_with("put ")
                        || writes.iter().any(|w| head.contains(&format!("20120810.{w}")));
                    if is_write && !loses.swap(true, Ordering::SeqCst) {
                        return;
                    }
                    client.write_all(&answer).unwrap();
                }
            });
        }
    });
    (url, lost)
}

/// One HTTP message; `None` at the end of the connection.
fn read_message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut message, mut buffer) = (Vec::new(), [0; 16_384]);
    loop {
        let count = stream.read(&mut buffer).unwrap_or_default();
        if count == 0 {
            return None;
        }
        message.extend_from_slice(&buffer[..count]);
        let end = message.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&message[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            // A request without a body names no length.
            if message.len() - end - 4 >= length.map_or(0, |n| n.trim().parse().unwrap()) {
                return Some(message);
            }
        }
    }
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_finds_its_own_effect() {
    async fn losing(engine: &Engine) -> (Table, Arc<AtomicBool>) {
        let (url, lost) = losing_proxy(&engine.run["engine_url"]);
        let config = engine.config.clone().into_builder().endpoint_url(url).build();
        (Table::new(&config, &engine.table), lost)
    }
    let engine = Engine::find().await;

    let mail = MailKey { about: format!("event:{}", Ulid::generate()), recipient: "ann".into() };
    let (table, lost) = losing(&engine).await;
    assert_eq!(table.claim_mail(&mail, "", Timestamp::now()).await.unwrap(), Claim::Claimed);
    assert!(lost.load(Ordering::SeqCst));
    let claim = table.claim_mail(&mail, "", Timestamp::now()).await.unwrap();
    let Claim::Open(open) = claim else { panic!("{claim:?}") };
    let (table, lost) = losing(&engine).await;
    assert!(table.take_over_mail(&mail, "", open, Timestamp::now()).await.unwrap());
    assert!(lost.load(Ordering::SeqCst));
    assert!(!table.take_over_mail(&mail, "", open, Timestamp::now()).await.unwrap());

    // A transaction, whose conditions alone would take its own record for another's.
    let (table, lost) = losing(&engine).await;
    let session = reviewed_session(&table, &[3]).await;
    assert!(lost.load(Ordering::SeqCst));
    let stored = engine.item(keys::session(session)).await.unwrap();
    assert_eq!(stored["review_count"], AttributeValue::N("1".into()));

    // A list's file and head: each once by a swap whose answer was lost.
    let (table, objects) = (engine.table(), engine.objects());
    let card = engine.table().load_session(session).await.unwrap().map(|s| Card::of(&s)).unwrap();
    for list in card.lists() {
        let (url, lost) = losing_proxy(&engine.run["engine_url"]);
        let config = engine.config.clone().into_builder().endpoint_url(url).build();
        let losing = Objects::new(&config, engine.buckets());
        let head = publish_list(&table, &losing, &list).await.unwrap();
        assert!(lost.load(Ordering::SeqCst), "{list:?}");
        // Others publish the country meanwhile: what counts is that it is listed.
        let key = head.file.trim_start_matches('/');
        let file = objects.read_object(Bucket::Site, key, 1 << 22).await.unwrap().unwrap();
        assert!(String::from_utf8(file).unwrap().contains(&session.to_string()), "{list:?}");
    }

    let id = SubmissionId::new(session.ulid());
    let work = engine.table().load_work(Workflow::NotifyFollowers, id).await.unwrap().unwrap();
    let (table, lost) = losing(&engine).await;
    assert!(table.begin_restart(&work).await.unwrap());
    assert!(lost.load(Ordering::SeqCst));
    assert!(!table.begin_restart(&work).await.unwrap());
    let work = engine.table().load_work(Workflow::NotifyFollowers, id).await.unwrap().unwrap();
    assert_eq!(work.restarts, 1);
    let done = Work { state: WorkState::Done, ..work };
    engine.table().end_work(&done).await.unwrap();
}
