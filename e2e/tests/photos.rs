//! Every photo fixture gets the answer that its README names, through the whole
//! platform: real upload, real preparation, real classifier, real table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use reqwest::Method;
use seisiun_contracts::api::{CaseView, Decide, SubmitSession};
use seisiun_domain::{
    SubmissionId,
    case::{Measure, Reason},
    photo::RESEMBLES_REFUSED,
    submission::{Status, Workflow},
};
use seisiun_e2e::{
    Person, Stack,
    content::{Place, fixture},
    demo::approvals,
    execution::{self, succeeded, waits},
    stack::until,
};
use zip::unstable::write::FileOptionsExt as _;

struct Stage {
    stack: Stack,
    place: Place,
    ann: Person,
    mo: Person,
}

impl Stage {
    async fn set() -> Self {
        let stack = Stack::from_env().await.unwrap();
        let place = Place::fresh();
        let ann = Person::sign_up(&stack, &format!("ann.{}", place.tag), &[]).await.unwrap();
        let mo =
            Person::sign_up(&stack, &format!("mo.{}", place.tag), &["moderators"]).await.unwrap();
        Self { stack, place, ann, mo }
    }

    async fn submit(&self, title: &str, bytes: &[u8], content_type: &str) -> SubmissionId {
        let photo = self.ann.upload(bytes.to_vec(), content_type).await.unwrap();
        let title = format!("{title} {}", self.place.tag);
        let wanted =
            SubmitSession { session: self.place.elsewhere().session(&title), photos: vec![photo] };
        let key = ulid::Ulid::generate().to_string();
        self.ann.submit_session(&wanted, &key).await.unwrap().submission_id
    }

    async fn finish(&self, id: SubmissionId) -> Status {
        let name = id.to_string();
        execution::follow(&self.stack, Workflow::SessionSubmission, &name, succeeded)
            .await
            .unwrap();
        self.ann.submission(id).await.unwrap().status
    }
}

#[tokio::test]
async fn clean_photos_are_published_upright_and_bare() {
    let stage = Stage::set().await;
    let mut looks = None;
    for (title, bytes) in [
        ("Morning coffee", fixture::COFFEE),
        ("Turned camera", fixture::TURNED),
        ("Longer than it looks", fixture::POLYGLOT),
    ] {
        let id = stage.submit(title, bytes, "image/jpeg").await;
        let status = stage.finish(id).await;
        assert!(matches!(status, Status::Published { .. }), "{title}: {status:?}");
        let photos = approvals(&stage.stack, id.session()).await.unwrap();
        assert_eq!(photos.len(), 1, "{title}");
        let path = format!("/{}", photos[0].full.public_key(photos[0].photo_id));
        let answer = stage.stack.http.get(stage.stack.url(&path).unwrap()).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "image/jpeg", "{title}");
        let published = answer.bytes().await.unwrap();
        assert!(published.ends_with(&[0xFF, 0xD9]), "{title}: something follows the image's end");
        let mut exiftool = std::process::Command::new(exiftool());
        let file = tempfile::Builder::new().suffix(".jpg").tempfile().unwrap();
        std::fs::write(file.path(), &published).unwrap();
        let output = exiftool.args(["-j", "-G", "-a"]).arg(file.path()).output().unwrap();
        let tags: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        for name in tags[0].as_object().unwrap().keys() {
            let group = name.split(':').next().unwrap();
            assert!(
                ["SourceFile", "ExifTool", "File", "JFIF", "Composite"].contains(&group),
                "{title}: the published photo carries {name}"
            );
            assert_ne!(name, "File:Comment", "{title}");
        }
        // All three are the same picture, so they must look the same: upright.
        let (width, height) = (photos[0].full.width, photos[0].full.height);
        assert_eq!((width, height), (600, 400), "{title} lies on its side");
        let bits = u64::from_str_radix(&photos[0].perceptual_hash, 16).unwrap();
        let reference = *looks.get_or_insert(bits);
        let differing = (bits ^ reference).count_ones();
        assert!(differing <= 6, "{title}: {differing} of 64 bits differ from the upright picture");
    }
}

fn exiftool() -> std::ffi::OsString {
    std::env::var_os("EXIFTOOL").unwrap_or_else(|| "exiftool".into())
}

#[tokio::test]
async fn what_is_no_photo_is_left_out_and_the_submitter_told() {
    let stage = Stage::set().await;
    for (title, bytes, content_type) in [
        ("Cut short", fixture::CUT_SHORT, "image/jpeg"),
        ("A page in disguise", fixture::FAKE, "image/jpeg"),
        ("A bomb", fixture::BOMB, "image/png"),
        ("A larger bomb", fixture::BOMB_LARGER, "image/png"),
    ] {
        let id = stage.submit(title, bytes, content_type).await;
        let status = stage.finish(id).await;
        assert!(matches!(status, Status::Published { .. }), "{title}: {status:?}");
        assert!(
            approvals(&stage.stack, id.session()).await.unwrap().is_empty(),
            "{title} was published"
        );
        let mails = stage.stack.mails(&stage.ann.email).await.unwrap();
        let told = mails.iter().find(|mail| mail.text.contains(title)).unwrap();
        assert!(told.text.contains("Photo 1"), "{title}: the mail does not say what was left out");
    }
}

#[tokio::test]
async fn what_the_classifier_flags_waits_for_a_person() {
    let stage = Stage::set().await;
    for (title, bytes, content_type) in [
        ("Flagged", fixture::FLAGGED, "image/jpeg"),
        ("Flagged as PNG", fixture::FLAGGED_PNG, "image/png"),
        ("A cell, not what it seems", fixture::CELL, "image/jpeg"),
    ] {
        let id = stage.submit(title, bytes, content_type).await;
        let name = id.to_string();
        execution::follow(&stage.stack, Workflow::SessionSubmission, &name, waits).await.unwrap();
        until("the case", || async {
            let view = stage.ann.submission(id).await?;
            Ok((view.status == Status::InReview).then_some(()))
        })
        .await
        .unwrap();
        assert!(
            approvals(&stage.stack, id.session()).await.unwrap().is_empty(),
            "{title} is public"
        );
        let decision = Decide::of(Measure::Approve, Reason::InOrder);
        assert!(stage.mo.decide(id.case(), &decision).await.unwrap().status.is_success());
        assert!(matches!(stage.finish(id).await, Status::Published { .. }), "{title}");
        assert_eq!(approvals(&stage.stack, id.session()).await.unwrap().len(), 1, "{title}");
    }
}

/// A clean photo that no other test uses: it will be known as a refused one.
const BISON: &[u8] =
    include_bytes!("../../workflows/photo/tests/lookalikes/photos/animals-bison.jpg");

#[tokio::test]
async fn a_photo_that_was_rejected_is_held_when_it_is_sent_again() {
    let stage = Stage::set().await;
    let in_review = async |id: SubmissionId| {
        until("the case", || async {
            let view = stage.ann.submission(id).await?;
            Ok((view.status == Status::InReview).then_some(()))
        })
        .await
        .unwrap();
    };
    let photo = stage.ann.upload(BISON.to_vec(), "image/jpeg").await.unwrap();
    let mut session = stage.place.elsewhere().session(&format!("Bison {}", stage.place.tag));
    // A person looks, whatever the photo is.
    session.description = "More at www.example.org".into();
    let wanted = SubmitSession { session, photos: vec![photo] };
    let key = ulid::Ulid::generate().to_string();
    let first = stage.ann.submit_session(&wanted, &key).await.unwrap().submission_id;
    in_review(first).await;
    let decision = Decide::of(Measure::Reject, Reason::IntellectualProperty);
    assert!(stage.mo.decide(first.case(), &decision).await.unwrap().status.is_success());
    assert!(matches!(stage.finish(first).await, Status::Rejected { .. }));

    let again = stage.submit("Once more", BISON, "image/jpeg").await;
    in_review(again).await;
    let path = format!("/api/moderation/cases/{}", again.case());
    let answer = stage.mo.call(Method::GET, &path, None::<&()>, None).await.unwrap();
    let case: CaseView = answer.ok().unwrap();
    assert_eq!(case.case.grounds, [RESEMBLES_REFUSED]);
    let decision = Decide::of(Measure::Approve, Reason::InOrder);
    assert!(stage.mo.decide(again.case(), &decision).await.unwrap().status.is_success());
    assert!(matches!(stage.finish(again).await, Status::Published { .. }));
}

/// The EICAR test file, in two parts: whole, it would make this source one.
const EICAR: [&str; 2] =
    [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];

/// The scanner's event about the latest upload that it said this of.
async fn scan_event(stack: &Stack, member: &str, status: &str) -> serde_json::Value {
    let events = stack.scans().await.unwrap();
    let of_member = |event: &serde_json::Value| {
        let detail = &event["detail"];
        let key = detail["s3ObjectDetails"]["objectKey"].as_str().unwrap_or_default();
        key.starts_with(&format!("incoming/{member}/"))
            && detail["scanResultDetails"]["scanResultStatus"] == status
    };
    events.into_iter().find(of_member).unwrap_or_else(|| panic!("no event says {status}"))
}

#[tokio::test]
async fn malware_is_rejected_and_the_scanner_tells_of_it() {
    let stage = Stage::set().await;
    let id = stage.submit("A threat", EICAR.concat().as_bytes(), "image/jpeg").await;
    let status = stage.finish(id).await;
    let Status::Rejected { statement } = status else { panic!("{status:?}") };
    assert_eq!(statement.reason, Reason::Malware);
    assert!(statement.automated_decision);
    let event = scan_event(&stage.stack, &stage.ann.member_id.to_string(), "THREATS_FOUND").await;
    assert_eq!(
        event["detail"]["scanResultDetails"]["threats"][0]["name"],
        "EICAR-Test-File (not a virus)"
    );
    until("the mail", || async {
        let mails = stage.stack.mails(&stage.ann.email).await?;
        Ok(mails.iter().any(|mail| mail.text.contains("harm whoever opens them")).then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn what_the_scanner_cannot_open_goes_to_a_person_and_stays_closed() {
    let stage = Stage::set().await;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let locked = zip::write::SimpleFileOptions::default();
    let locked = locked.with_deprecated_encryption(b"secret").unwrap();
    archive.start_file("photo.jpg", locked).unwrap();
    let archive = archive.finish().unwrap().into_inner();
    let id = stage.submit("Under lock and key", &archive, "image/jpeg").await;
    let name = id.to_string();
    execution::follow(&stage.stack, Workflow::SessionSubmission, &name, waits).await.unwrap();
    scan_event(&stage.stack, &stage.ann.member_id.to_string(), "UNSUPPORTED").await;
    until("the case", || async {
        let view = stage.ann.submission(id).await?;
        Ok((view.status == Status::InReview).then_some(()))
    })
    .await
    .unwrap();
    let decision = Decide::of(Measure::Approve, Reason::InOrder);
    assert!(stage.mo.decide(id.case(), &decision).await.unwrap().status.is_success());
    assert!(matches!(stage.finish(id).await, Status::Published { .. }));
    assert!(approvals(&stage.stack, id.session()).await.unwrap().is_empty());
    until("the mail", || async {
        let mails = stage.stack.mails(&stage.ann.email).await?;
        let told = "could not be checked for malware";
        Ok(mails.iter().any(|mail| mail.text.contains(told)).then_some(()))
    })
    .await
    .unwrap();
}
