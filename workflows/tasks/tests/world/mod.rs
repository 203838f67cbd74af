//! Scenarios on the memory backend: what the state machines do, step by step.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use jiff::{SignedDuration, Timestamp};
use seisiun_domain::{
    MemberId, PhotoId, SubmissionId,
    calendar::{ChangeDraft, ExceptionDraft},
    case::{Measure, Reason},
    change::{Draft, Facts, Finding},
    follow::{Cadence, Target},
    geo::{Circle, Position},
    mail_claim::Patience,
    member::{Email, Language, Member},
    moderation::Label,
    notice::{NoticeDraft, NoticeReason},
    pace::Rate,
    photo::{MalwareScan, incoming_key},
    samples,
    session::{SessionDraft, Slug},
    submission::Body,
    withdrawal::{GroundDraft, WithdrawalDraft},
};
use seisiun_mail::Sender;
use seisiun_workflows::{
    TaskError, TaskResult,
    acknowledge_notice::acknowledge_notice,
    appeal::{Appellant, appeal},
    carry_out::sweep_rulings,
    claim_case,
    decide_case::{self, decide_case},
    erase_personal_data::{Erased, erase_personal_data},
    export_personal_data::export_personal_data,
    fan_out::Page,
    follow_target::{Follower, Manner, Wanted, follow_target},
    memory::{Memory, SentMail},
    moderate_photo::moderate_photo,
    moderate_text::moderate_text,
    open_case::open_case,
    persist_change::persist_change,
    persist_review::persist_review,
    persist_session::persist_session,
    plan_fan_out::plan_fan_out,
    ports::{Bucket, Clock as _, Detection, IdempotencyKey, PortResult, SealAppeal, TaskToken},
    prepare_photo::prepare_photo,
    publish_listing::publish_listing,
    publish_page::publish_page,
    reject_submission::reject_submission,
    request_change::{self, request_change},
    request_follow::{FollowRequest, confirm_follow, confirmable_until, request_follow},
    request_withdrawal::{self, Wish, request_withdrawal},
    resolve_notice::resolve_notice,
    send_batch::{End, Pacing, Run, send_batch},
    send_notice::{Sent, send_notice},
    start_notify::start_notify,
    submit::{self, Submitted, submit},
    summarise_fan_out::{Left, summarise_fan_out},
    take_feedback::{Feedback, Happened, note_arrival, take_feedback},
    tell_submitter::tell_submitter,
    validate_submission::validate_submission,
    withdraw_content::withdraw_content,
};

pub const SESSION: &str = "01J9000000000000000000000A";
pub const REVIEW: &str = "01J9000000000000000000000B";
pub const CHANGE: &str = "01J9000000000000000000000C";
pub const ASKED: &str = "01J9000000000000000000000E";
pub const WITHDRAWAL: &str = "01J9000000000000000000000D";
pub const NOTICE: &str = "01J9000000000000000000000F";
pub const PHOTO: &str = "01J9000000000000000000000P";
pub const BAD_PHOTO: &str = "01J9000000000000000000000Q";

pub struct World {
    pub memory: Memory,
    pub sender: Sender,
    pub now: Timestamp,
}

/// Links that hide nothing.
struct Sealed;

impl SealAppeal for Sealed {
    async fn seal_appeal(&self, id: SubmissionId) -> PortResult<String> {
        Ok(format!("sealed-{id}"))
    }
}

/// One task, or one request, of a scenario.
#[allow(clippy::large_enum_variant, reason = "few are made; a box would show in every scenario")]
#[derive(Debug, Clone)]
pub enum Step {
    SubmitSession {
        photos: Vec<PhotoId>,
        text: &'static str,
    },
    SubmitReview,
    Change(&'static str, Draft),
    PersistChange,
    Withdraw(&'static str, SubmissionId, Wish),
    WithdrawContent,
    /// Bo asks for everything that is held on him, or to be erased.
    Ask(Body),
    Export,
    Erase,
    PublishListingOf(SubmissionId),
    StartNotifyOf(SubmissionId),
    PlanOf(SubmissionId),
    SendPagesOf(SubmissionId),
    Validate(SubmissionId),
    Prepare(PhotoId),
    ModeratePhoto(PhotoId),
    ModerateText(SubmissionId),
    OpenCase(SubmissionId),
    /// By eve.
    Decide(SubmissionId, Measure, Reason),
    DecideAs(&'static str, SubmissionId, Measure, Reason),
    Claim(&'static str, SubmissionId),
    Escalate(&'static str, SubmissionId),
    /// By ann.
    Appeal(SubmissionId),
    SweepRulings,
    PersistSession,
    PublishListing,
    PersistReview,
    Reject(SubmissionId),
    PublishPage(SubmissionId),
    SendNotice,
    AcknowledgeNotice,
    ResolveNotice,
    RequestFollow,
    ConfirmFollow,
    StartNotify,
    Tell(SubmissionId),
    Plan,
    SendPages,
    Summarise,
}

pub fn id(text: &str) -> SubmissionId {
    text.parse().unwrap()
}

pub fn photo(text: &str) -> PhotoId {
    text.parse().unwrap()
}

pub fn member(name: &str) -> Member {
    Member {
        id: name.parse().unwrap(),
        email: Email::try_from(format!("{name}@example.org")).unwrap(),
        display_name: name.into(),
        home: None,
        language: Default::default(),
        mails: Default::default(),
        public: false,
        blocked: Default::default(),
        erasing: false,
    }
}

/// How the worlds send the pages of a fan-out.
pub fn pacing() -> Pacing {
    Pacing { rate: Rate::per_second(100), patience: Patience::of_seconds(600, 24 * 3_600) }
}

/// What stands for a sealed request.
pub const SEALED: &str = "c2VhbGVk";

/// A notice about the session that the worlds publish.
pub fn notice_draft() -> NoticeDraft {
    let slug = Slug::plain(&session_draft(""));
    NoticeDraft {
        url: format!("https://seisiun.example/sessions/{}/", slug.as_str()),
        reason: NoticeReason::Privacy,
        explanation: "It names my neighbour.".into(),
        name: "Nora Neighbour".into(),
        email: "nora@example.org".into(),
        good_faith: true,
    }
}

pub fn session_draft(description: &str) -> SessionDraft {
    SessionDraft { description: description.into(), ..samples::session() }
}

/// A photo with enough in it to be one, made here rather than kept as a file.
pub fn jpeg() -> Vec<u8> {
    let image = image::RgbImage::from_fn(320, 240, |x, y| {
        image::Rgb([(x % 256) as u8, (y % 256) as u8, ((x * y) % 256) as u8])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

impl World {
    pub fn new() -> Self {
        let world = Self {
            memory: Memory::default(),
            sender: Sender {
                name: "Seisiún".into(),
                address: "hello@seisiun.example".into(),
                reply_to: None,
                footer: "Seisiún".into(),
                site_url: "https://seisiun.example".into(),
            },
            now: "2026-11-24T12:00:00Z".parse().unwrap(),
        };
        world.memory.set_time(world.now);
        {
            let mut state = world.memory.state();
            for name in ["ann", "bo", "cat", "dan", "eve"] {
                let member = member(name);
                state.members.insert(member.id.clone(), member);
            }
            let object = |bytes| ("image/jpeg".to_owned(), bytes);
            let key = |photo| (Bucket::Quarantine, incoming_key(&"ann".parse().unwrap(), photo));
            state.objects.insert(key(photo(PHOTO)), object(jpeg()));
            state
                .objects
                .insert(key(photo(BAD_PHOTO)), object(b"<html>not a photo</html>".to_vec()));
            for upload in [PHOTO, BAD_PHOTO] {
                let (_, key) = key(photo(upload));
                state.malware_scans.insert(key, MalwareScan::Clean);
            }
        }
        world
    }

    /// Three members who follow the county, the area and the submitter; one of
    /// them by two ways.
    pub async fn with_followers(self) -> Self {
        let wanted = [
            ("bo", Wanted::Target(Target::county("IE", "Clare"))),
            (
                "cat",
                Wanted::Circle(Circle {
                    centre: Position { lat: 52.9, lon: -9.3 },
                    radius_km: 20.0,
                }),
            ),
            ("dan", Wanted::Target("member:ann".parse().unwrap())),
            ("dan", Wanted::Target(Target::county("IE", "Clare"))),
            // Too far away, though its cells may touch.
            (
                "eve",
                Wanted::Circle(Circle {
                    centre: Position { lat: 53.1, lon: -9.1 },
                    radius_km: 1.0,
                }),
            ),
        ];
        for (n, (name, wanted)) in wanted.into_iter().enumerate() {
            let (who, token) = (Follower::of(&member(name)), format!("token{n}"));
            let at_once = Manner::default();
            let follow = follow_target(&self.memory, &who, wanted, &at_once, &token, self.now);
            follow.await.unwrap().unwrap();
        }
        self
    }

    /// Whatever is prepared is so likely explicit that no person is asked.
    pub fn explicit(self) -> Self {
        self.labelled(99.9)
    }

    pub fn flagged(self) -> Self {
        self.labelled(96.0)
    }

    fn labelled(self, confidence: f32) -> Self {
        // The labels are by key, so by prefix here.
        self.memory.state().labels.insert(
            "*".into(),
            Detection {
                model: "memory".into(),
                labels: vec![Label { name: "Explicit".into(), parent: String::new(), confidence }],
            },
        );
        self
    }

    pub async fn run(&self, step: &Step) -> TaskResult<()> {
        let (memory, now, sender) = (&self.memory, self.now, &self.sender);
        match step.clone() {
            Step::SubmitSession { photos, text } => {
                let body = Body::Session(session_draft(text));
                self.submit(id(SESSION), "ann", body, photos).await.map(drop)
            }
            Step::SubmitReview => {
                let body = Body::Review(samples::review(id(SESSION).session()));
                self.submit(id(REVIEW), "bo", body, vec![]).await.map(drop)
            }
            Step::Change(who, draft) => {
                let key = IdempotencyKey { key: format!("key-{CHANGE}"), fingerprint: "f".into() };
                let request = request_change::Request {
                    member_id: who.parse().unwrap(),
                    session_id: id(SESSION).session(),
                    draft,
                    photos: vec![],
                    key,
                };
                let asked = request_change(memory, memory, memory, now, id(CHANGE), request).await;
                asked.map(|asked| {
                    let done = matches!(
                        asked,
                        request_change::Requested::Submitted(
                            Submitted::Accepted(_) | Submitted::Replayed(_)
                        )
                    );
                    assert!(done, "{asked:?}");
                })
            }
            Step::PersistChange => persist_change(memory, memory, now, id(CHANGE)).await.map(drop),
            Step::Withdraw(who, target, wish) => {
                let key = IdempotencyKey { key: "key-w".into(), fingerprint: "f".into() };
                let request =
                    request_withdrawal::Request { asker: who.parse().unwrap(), target, wish, key };
                let by = id(WITHDRAWAL);
                let asked = request_withdrawal(memory, memory, memory, now, by, request).await;
                asked.map(|asked| {
                    let done = matches!(
                        asked,
                        request_withdrawal::Requested::Submitted(
                            Submitted::Accepted(_) | Submitted::Replayed(_)
                        )
                    );
                    assert!(done, "{asked:?}");
                })
            }
            Step::WithdrawContent => {
                withdraw_content(memory, memory, memory, now, id(WITHDRAWAL)).await
            }
            Step::Ask(body) => self.submit(id(ASKED), "bo", body, vec![]).await.map(drop),
            Step::Export => export_personal_data(memory, memory, id(ASKED)).await,
            Step::Erase => {
                let (users, workflows, mailer) = (memory, memory, memory);
                let asked = id(ASKED);
                erase_personal_data(memory, memory, users, workflows, mailer, sender, now, asked)
                    .await
                    .map(|erased| assert_eq!(erased, Erased::Wholly))
            }
            Step::PublishListingOf(id) => {
                let site = seisiun_feeds::Site::at("https://seisiun.example").unwrap();
                publish_listing(memory, memory, &site, now, id).await
            }
            Step::StartNotifyOf(id) => start_notify(memory, memory, id).await.map(drop),
            Step::PlanOf(id) => plan_fan_out(memory, memory, id).await.map(drop),
            Step::SendPagesOf(id) => {
                for page in self.pages_of(id) {
                    if self.send(&page).await?.end != End::Done {
                        return Err(TaskError::NotReady("the page is to be sent on".into()));
                    }
                }
                Ok(())
            }
            Step::Validate(id) => validate_submission(memory, now, id).await.map(drop),
            Step::Prepare(photo) => {
                prepare_photo(memory, memory, self.now, id(SESSION), photo).await.map(drop)
            }
            Step::ModeratePhoto(photo) => {
                moderate_photo(memory, memory, id(SESSION), photo).await.map(drop)
            }
            Step::ModerateText(id) => moderate_text(memory, id).await.map(drop),
            // The state after it waits, unless the case is decided.
            Step::OpenCase(id) => {
                open_case(memory, memory, sender, now, id).await?;
                memory.await_decision(id.case(), &TaskToken(format!("token-{id}")));
                Ok(())
            }
            Step::Decide(id, measure, reason) => {
                self.decide("eve", id, measure, reason, None).await.map(drop)
            }
            Step::DecideAs(moderator, id, measure, reason) => {
                self.decide(moderator, id, measure, reason, None).await.map(drop)
            }
            Step::Claim(moderator, id) => {
                self.claim(moderator, id, claim_case::Wish::Claim).await.map(drop)
            }
            Step::Escalate(moderator, id) => {
                let wish = claim_case::Wish::Escalate { note: "Is it one?".into() };
                self.claim(moderator, id, wish).await.map(drop)
            }
            Step::Appeal(id) => {
                let ann = "ann".parse().unwrap();
                appeal(memory, now, id, Appellant::Member(&ann), "It is no advertising.")
                    .await
                    .map(drop)
            }
            Step::SweepRulings => sweep_rulings(memory, memory, now, 0).await.map(drop),
            Step::PersistSession => {
                persist_session(memory, memory, now, id(SESSION)).await.map(drop)
            }
            Step::PublishListing => {
                let site = seisiun_feeds::Site::at("https://seisiun.example").unwrap();
                publish_listing(memory, memory, &site, now, id(SESSION)).await
            }
            Step::PersistReview => persist_review(memory, memory, now, id(REVIEW)).await.map(drop),
            Step::Reject(id) => reject_submission(memory, now, id).await,
            Step::PublishPage(id) => publish_page(memory, memory, memory, now, id).await,
            Step::SendNotice => self.send_notice(id(NOTICE), &notice_draft()).await.map(drop),
            Step::AcknowledgeNotice => {
                acknowledge_notice(memory, memory, sender, now, id(NOTICE)).await.map(drop)
            }
            Step::ResolveNotice => {
                let by = id(WITHDRAWAL);
                resolve_notice(memory, memory, memory, memory, sender, now, id(NOTICE), by)
                    .await
                    .map(drop)
            }
            Step::RequestFollow => {
                let request = self.follow_request("reader@example.org", "Clare");
                let asked = request_follow(memory, memory, sender, now, &request, SEALED).await?;
                asked.map_err(|problems| TaskError::InvalidInput(problems.to_string()))
            }
            Step::ConfirmFollow => {
                let request = self.follow_request("reader@example.org", "Clare");
                let confirmed = confirm_follow(memory, request, SEALED, now).await?;
                confirmed.map_err(|problems| TaskError::InvalidInput(problems.to_string()))
            }
            Step::StartNotify => start_notify(memory, memory, id(SESSION)).await.map(drop),
            Step::Tell(id) => {
                tell_submitter(memory, memory, sender, now, id, &Sealed).await.map(drop)
            }
            Step::Plan => plan_fan_out(memory, memory, id(SESSION)).await.map(drop),
            Step::SendPages => {
                for page in self.pages() {
                    if self.send(&page).await?.end != End::Done {
                        return Err(TaskError::NotReady("the page is to be sent on".into()));
                    }
                }
                Ok(())
            }
            Step::Summarise => {
                let summary = summarise_fan_out(memory, memory, memory, id(SESSION)).await?;
                match summary.left {
                    Left::Nothing => Ok(()),
                    Left::Pages => Err(TaskError::Invariant("incomplete".into())),
                    Left::Unsettled(_) => {
                        // The state machine waits, and sends those pages once more.
                        memory.pass(SignedDuration::from_mins(10));
                        self.events_arrive(|_| false).await;
                        for page in self.pages() {
                            self.send(&page).await?;
                        }
                        let summary =
                            summarise_fan_out(memory, memory, memory, id(SESSION)).await?;
                        assert_eq!(summary.left, Left::Nothing);
                        Ok(())
                    }
                }
            }
        }
    }

    /// A decision, by somebody who has seen this version of the case.
    pub async fn decide(
        &self,
        moderator: &str,
        id: SubmissionId,
        measure: Measure,
        reason: Reason,
        seen: Option<u32>,
    ) -> TaskResult<decide_case::Outcome> {
        let request = decide_case::Request {
            case: id.case(),
            measure,
            reason,
            note: String::new(),
            seen,
            moderator: moderator.parse().unwrap(),
            key: decision_key(measure),
        };
        decide_case(&self.memory, &self.memory, self.now, request).await
    }

    pub async fn claim(
        &self,
        moderator: &str,
        id: SubmissionId,
        wish: claim_case::Wish,
    ) -> TaskResult<claim_case::Outcome> {
        let moderator = moderator.parse().unwrap();
        claim_case::claim_case(&self.memory, self.now, id.case(), &moderator, wish).await
    }

    pub async fn send_notice(&self, id: SubmissionId, draft: &NoticeDraft) -> TaskResult<Sent> {
        let (memory, site) = (&self.memory, self.sender.site_url.as_str());
        let key = IdempotencyKey { key: format!("key-{id}"), fingerprint: "f".into() };
        send_notice(memory, memory, memory, site, self.now, id, draft, key).await
    }

    pub fn follow_request(&self, address: &str, county: &str) -> FollowRequest {
        FollowRequest {
            email: Email::try_from(address.to_owned()).unwrap(),
            wanted: Wanted::Target(Target::county("IE", county)),
            language: Language::En,
            until: confirmable_until(self.now),
            cadence: Cadence::Instant,
            zone: None,
        }
    }

    pub async fn submit(
        &self,
        id: SubmissionId,
        member: &str,
        body: Body,
        photos: Vec<PhotoId>,
    ) -> TaskResult<submit::Submitted> {
        let key = IdempotencyKey { key: format!("key-{id}"), fingerprint: "f".into() };
        let request = submit::Request { member_id: member.parse().unwrap(), body, photos, key };
        submit(&self.memory, &self.memory, &self.memory, self.now, id, request).await
    }

    pub fn pages(&self) -> Vec<Page> {
        self.pages_of(id(SESSION))
    }

    pub fn pages_of(&self, event: SubmissionId) -> Vec<Page> {
        let state = self.memory.state();
        let Some(plan) = state.fan_outs.get(&event) else { return Vec::new() };
        let manifest = &state.objects[&(Bucket::Work, plan.manifest_key.clone())].1;
        let manifest = String::from_utf8(manifest.clone()).unwrap();
        manifest.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What the mail service would tell of a mail.
    pub fn event_of(&self, mail: &SentMail, happened: Happened) -> Feedback {
        Feedback {
            message_id: "0100".into(),
            accepted_at: self.memory.now(),
            key: Some(mail.key.clone()),
            happened,
        }
    }

    /// Events of all mails arrive, but those that are lost.
    pub async fn events_arrive(&self, lost: impl Fn(&SentMail) -> bool) {
        let mails = self.memory.state().mails.clone();
        let told = mails.iter().filter(|mail| !lost(mail));
        let told: Vec<_> = told.map(|mail| self.event_of(mail, Happened::Sent)).collect();
        note_arrival(&self.memory, &told).await.unwrap();
        for feedback in &told {
            take_feedback(&self.memory, self.now, feedback).await.unwrap();
        }
    }

    /// Sends a page.
    pub async fn send(&self, page: &Page) -> TaskResult<Run> {
        let memory = &self.memory;
        send_batch(memory, memory, memory, &self.sender, &pacing(), page).await
    }

    pub fn work_is_done(&self, workflow: &'static str, id: &str) -> bool {
        use seisiun_domain::submission::WorkState;
        let state = self.memory.state();
        state
            .work
            .get(&(workflow, id.parse().unwrap()))
            .is_some_and(|work| work.state == WorkState::Done)
    }
}

/// The key of a moderator's request: a repeat has the same.
pub fn decision_key(measure: Measure) -> IdempotencyKey {
    IdempotencyKey { key: format!("decide-{measure:?}"), fingerprint: format!("{measure:?}") }
}

pub type Scenario = (&'static str, fn() -> World, Vec<Step>);

fn plain() -> World {
    World::new()
}

fn followed() -> World {
    futures::executor::block_on(World::new().with_followers())
}

fn flagged() -> World {
    World::new().flagged()
}

pub fn published() -> World {
    let world = World::new();
    futures::executor::block_on(async {
        for step in [
            Step::SubmitSession { photos: vec![], text: "" },
            Step::Validate(id(SESSION)),
            Step::PersistSession,
        ] {
            world.run(&step).await.unwrap();
        }
    });
    world
}

/// With a follower of the session, one of its member who takes no mails for now,
/// and a review of it.
pub fn listed() -> World {
    let world = published();
    futures::executor::block_on(async {
        for (n, name) in ["cat", "dan"].into_iter().enumerate() {
            let wanted = Wanted::Target(Target::Session(id(SESSION).session()));
            let token = format!("follow{n}");
            let who = Follower::of(&member(name));
            let at_once = Manner::default();
            let follow = follow_target(&world.memory, &who, wanted, &at_once, &token, world.now);
            follow.await.unwrap().unwrap();
        }
        for step in [
            Step::PublishListing,
            Step::SubmitReview,
            Step::Validate(id(REVIEW)),
            Step::PersistReview,
        ] {
            world.run(&step).await.unwrap();
        }
    });
    let dan: MemberId = "dan".parse().unwrap();
    if let Some(dan) = world.memory.state().members.get_mut(&dan) {
        dan.blocked.insert("ann".parse().unwrap());
    }
    world
}

/// The same with nothing on its way any more.
pub fn settled() -> World {
    let world = listed();
    futures::executor::block_on(world.run(&Step::Tell(id(REVIEW)))).unwrap();
    world
}

/// With a session that came by no submission.
fn imported() -> World {
    let world = published();
    futures::executor::block_on(world.run(&Step::PublishListing)).unwrap();
    world.memory.state().submissions.remove(&id(SESSION));
    world
}

/// A session that was held for its text, and rejected by eve.
pub fn rejected() -> World {
    let world = World::new();
    let session = id(SESSION);
    futures::executor::block_on(async {
        for step in [
            Step::SubmitSession { photos: vec![], text: "buy at www.example.com" },
            Step::Validate(session),
            Step::ModerateText(session),
            Step::OpenCase(session),
            Step::Decide(session, Measure::Reject, Reason::Spam),
            Step::Reject(session),
            Step::Tell(session),
        ] {
            world.run(&step).await.unwrap();
        }
    });
    world
}

/// By its own submitter, as a whole.
pub fn taken_back() -> Wish {
    Wish::Submitter(WithdrawalDraft::default())
}

pub fn off_tonight() -> Draft {
    Draft::SetDate(ExceptionDraft {
        schedule: 0,
        date: "2026-11-26".into(),
        change: ChangeDraft::Cancelled,
        reason: "a wake".into(),
    })
}

/// To another county: out of one set of lists and into another.
pub fn moved() -> Draft {
    let mut venue = samples::venue();
    venue.county = "Galway".into();
    venue.position = Position { lat: 53.27, lon: -9.05 };
    Draft::Edit(Facts { venue: Some(venue), ..Facts::default() })
}

/// The ways through the state machines.
pub fn scenarios() -> Vec<Scenario> {
    let session = id(SESSION);
    let good = photo(PHOTO);
    let bad = photo(BAD_PHOTO);
    let start = |photos: &[PhotoId], text| {
        let mut steps =
            vec![Step::SubmitSession { photos: photos.to_vec(), text }, Step::Validate(session)];
        for photo in photos {
            steps.push(Step::Prepare(*photo));
            if *photo != bad {
                steps.push(Step::ModeratePhoto(*photo));
            }
        }
        steps.push(Step::ModerateText(session));
        steps
    };
    let publish = [
        Step::PersistSession,
        Step::PublishListing,
        Step::PublishPage(session),
        Step::StartNotify,
        Step::Tell(session),
    ];
    let notify = [Step::Plan, Step::SendPages, Step::Summarise];
    let (change, withdrawal) = (id(CHANGE), id(WITHDRAWAL));
    let changed = [
        Step::PersistChange,
        Step::PublishListingOf(change),
        Step::PublishPage(change),
        Step::StartNotifyOf(change),
        Step::Tell(change),
    ];
    let withdrawn = [
        Step::WithdrawContent,
        Step::PublishListingOf(withdrawal),
        Step::PublishPage(withdrawal),
        Step::Tell(withdrawal),
    ];
    vec![
        ("published and followers mailed", followed, {
            let mut steps = start(&[good, bad], "");
            steps.extend(publish.clone());
            steps.extend(notify);
            steps
        }),
        ("flagged, then approved", flagged, {
            let mut steps = start(&[good], "");
            steps.push(Step::OpenCase(session));
            steps.push(Step::Decide(session, Measure::Approve, Reason::InOrder));
            steps.extend(publish.clone());
            steps
        }),
        ("text held, then rejected", plain, {
            let mut steps = start(&[], "buy at www.example.com");
            steps.push(Step::OpenCase(session));
            steps.push(Step::Decide(session, Measure::Reject, Reason::Spam));
            steps.push(Step::Reject(session));
            steps.push(Step::Tell(session));
            steps
        }),
        ("claimed, passed on, decided by another", plain, {
            let mut steps = start(&[], "buy at www.example.com");
            steps.push(Step::OpenCase(session));
            steps.push(Step::Claim("eve", session));
            steps.push(Step::Escalate("eve", session));
            steps.push(Step::DecideAs("mo", session, Measure::Approve, Reason::InOrder));
            steps.extend(publish.clone());
            steps.push(Step::SweepRulings);
            steps
        }),
        ("rejected, appealed, overturned", rejected, {
            let mut steps = vec![
                Step::Appeal(session),
                Step::DecideAs("mo", session, Measure::Approve, Reason::InOrder),
                Step::Validate(session),
                Step::ModerateText(session),
                Step::OpenCase(session),
            ];
            steps.extend(publish.clone());
            steps
        }),
        ("rejected, appealed, upheld", rejected, {
            vec![
                Step::Appeal(session),
                Step::DecideAs("mo", session, Measure::Reject, Reason::OffTopic),
                Step::Validate(session),
                Step::Tell(session),
            ]
        }),
        ("a date called off by the submitter", listed, {
            let mut steps = vec![
                Step::Change("ann", off_tonight()),
                Step::Validate(change),
                Step::ModerateText(change),
            ];
            steps.extend(changed.clone());
            steps.extend([Step::PlanOf(change), Step::SendPagesOf(change)]);
            steps
        }),
        ("moved to another county by a stranger, approved", listed, {
            let mut steps = vec![
                Step::Change("cat", moved()),
                Step::Validate(change),
                Step::ModerateText(change),
                Step::OpenCase(change),
                Step::Decide(change, Measure::Approve, Reason::InOrder),
            ];
            steps.extend(changed.clone());
            steps
        }),
        ("confirmed", listed, {
            let on = Draft::Confirm { finding: Finding::On, date: "2026-11-19".into() };
            let mut steps = vec![Step::Change("bo", on), Step::Validate(change)];
            steps.push(Step::ModerateText(change));
            steps.extend(changed.clone());
            steps
        }),
        ("a host's claim, approved", listed, {
            let evidence = "My name is on the poster.".into();
            let claim = Draft::ClaimHost { evidence, shown_as: Some("Bo".into()) };
            let mut steps = vec![
                Step::Change("bo", claim),
                Step::Validate(change),
                Step::ModerateText(change),
                Step::OpenCase(change),
                Step::Decide(change, Measure::Approve, Reason::InOrder),
            ];
            steps.extend(changed.clone());
            steps
        }),
        ("a session withdrawn by its submitter", listed, {
            let mut steps = vec![Step::Withdraw("ann", session, taken_back())];
            steps.extend(withdrawn.clone());
            steps
        }),
        ("a review taken down by a moderator", listed, {
            let note = "Names a person.".into();
            let ground =
                GroundDraft { reason: Reason::Privacy, note, photo: None, merged_into: None };
            let mut steps = vec![Step::Withdraw("eve", id(REVIEW), Wish::Moderator(ground))];
            steps.extend(withdrawn.clone());
            steps
        }),
        ("a photo taken down by a moderator", plain, {
            let (note, photo) = (String::new(), Some(good));
            let ground = GroundDraft { reason: Reason::Privacy, note, photo, merged_into: None };
            let mut steps = start(&[good], "");
            steps.extend(publish.clone());
            steps.push(Step::Withdraw("eve", session, Wish::Moderator(ground)));
            steps.extend(withdrawn.clone());
            steps
        }),
        ("an imported session taken down by a moderator", imported, {
            let note = String::new();
            let ground = GroundDraft { reason: Reason::Spam, note, photo: None, merged_into: None };
            let mut steps = vec![Step::Withdraw("eve", session, Wish::Moderator(ground))];
            steps.extend(withdrawn.clone());
            steps
        }),
        ("exported", settled, vec![Step::Ask(Body::Export), Step::Export, Step::Tell(id(ASKED))]),
        ("erased", settled, vec![Step::Ask(Body::Erasure), Step::Erase]),
        ("a notice, well founded", published, {
            let notice = id(NOTICE);
            let mut steps = vec![
                Step::SendNotice,
                Step::AcknowledgeNotice,
                Step::OpenCase(notice),
                Step::Decide(notice, Measure::Approve, Reason::Privacy),
                Step::ResolveNotice,
            ];
            steps.extend(withdrawn.clone());
            steps
        }),
        ("a follow by address, then mailed", plain, {
            let mut steps = vec![Step::RequestFollow, Step::ConfirmFollow];
            steps.extend(start(&[], ""));
            steps.extend(publish.clone());
            steps.extend([Step::Plan, Step::SendPages, Step::Summarise]);
            steps
        }),
        ("a review", published, {
            let review = id(REVIEW);
            vec![
                Step::SubmitReview,
                Step::Validate(review),
                Step::ModerateText(review),
                Step::PersistReview,
                Step::PublishPage(review),
                Step::Tell(review),
            ]
        }),
    ]
}
