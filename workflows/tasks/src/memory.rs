//! Every port in memory: the second backend of the behaviour suites, and what
//! the use cases are tested on. It keeps the engine's semantics (conditions,
//! all-or-nothing writes, ordered ranges) and can lose the answer to any call
//! after its effect, which is the failure that breaks careless code.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use seisiun_domain::{
    CaseId, MemberId, PhotoId, SessionId, SubmissionId,
    card::{Card, List},
    case::{self, Case, Decision, Measure},
    change::Confirmation,
    digest::Zone,
    follow::{Follow, FollowId, FollowerId, Following, Target},
    limits,
    mail_claim::OpenClaim,
    member::{Email, Member},
    moderation::Background,
    pace::{Lane, Permit, Rate, permit},
    photo::{MalwareScan, PhotoRecord, PublishedPhoto},
    review::{Rating, Review},
    session::{Session, Slug},
    submission::{Event, Status, Submission, Work, WorkState, Workflow},
    switch::Switch,
};
use seisiun_photo::{Fingerprint, LookalikeKey};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    fan_out::Page,
    member_page::member_page_keys,
    ports::*,
    site_page::{PageContent, PageName},
};

/// A mail as the memory mailer took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMail {
    /// Address.
    pub to: String,
    /// Kind of letter.
    pub kind: &'static str,
    /// The message.
    pub mime: Vec<u8>,
    /// By what events tell of it.
    pub key: MailKey,
}

/// Everything that is stored; comparable, to see that a repeat changed nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Submissions.
    pub submissions: BTreeMap<SubmissionId, Submission>,
    /// What is owed.
    pub work: BTreeMap<(&'static str, SubmissionId), Work>,
    /// When the reconciler last looked at work.
    pub looks: BTreeMap<(&'static str, SubmissionId), Timestamp>,
    /// Idempotency records: the request's fingerprint, and what it became.
    pub keys: BTreeMap<(MemberId, String), (String, String)>,
    /// Photos in moderation.
    pub photo_records: BTreeMap<(SubmissionId, PhotoId), PhotoRecord>,
    /// Refused photos by what they look like.
    pub refused_photos: BTreeMap<LookalikeKey, Vec<RefusedPhoto>>,
    /// Approvals.
    pub approvals: BTreeMap<(SessionId, PhotoId), PublishedPhoto>,
    /// Listed sessions.
    pub sessions: BTreeMap<SessionId, Session>,
    /// Slugs taken.
    pub slugs: BTreeMap<String, SessionId>,
    /// Reviews.
    pub reviews: BTreeMap<(SessionId, MemberId), Review>,
    /// What was found, the latest by member.
    pub confirmations: BTreeMap<(SessionId, MemberId), Confirmation>,
    /// Members.
    pub members: BTreeMap<MemberId, Member>,
    /// Members who were erased.
    pub erased: BTreeSet<MemberId>,
    /// Cases with their tokens.
    pub cases: BTreeMap<CaseId, (Case, Option<TaskToken>)>,
    /// What happened to them.
    pub case_events: BTreeMap<CaseId, Vec<case::Event>>,
    /// Decisions that were not seen to have been carried out.
    pub rulings: BTreeSet<CaseId>,
    /// Follows by member and id.
    pub followings: BTreeMap<(MemberId, FollowId), Following>,
    /// Follows by target, shard, place.
    pub follows: BTreeMap<(Target, u8, FollowerId), Follow>,
    /// Suppressed addresses, hashed.
    pub suppressed: BTreeSet<String>,
    /// What is switched off.
    pub off: BTreeSet<Switch>,
    /// Events.
    pub events: BTreeMap<SubmissionId, Event>,
    /// Where somebody wants digests.
    pub zones: BTreeSet<Zone>,
    /// Whom the places of a quota's day are taken for.
    pub places: BTreeMap<(&'static str, String, jiff::civil::Date), Vec<String>>,
    /// Claims of mails.
    pub claims: BTreeMap<MailKey, MailClaim>,
    /// When the latest mail was accepted that an event has told of.
    pub send_event: Option<Timestamp>,
    /// When all mails will have gone out that were permitted.
    pub permitted: Option<Timestamp>,
    /// Soft bounces by hashed address: their ids, and when the last one was.
    pub soft_bounces: BTreeMap<String, (BTreeSet<String>, Timestamp)>,
    /// How events' followers were cut into pages.
    pub fan_outs: BTreeMap<SubmissionId, FanOut>,
    /// Fan-outs that are paused.
    pub paused: BTreeSet<SubmissionId>,
    /// Pages that failed for good.
    pub parked: Vec<Page>,
    /// Results of pages.
    pub pages: BTreeMap<(SubmissionId, u32), PageResult>,
    /// Objects with their content type.
    pub objects: BTreeMap<(Bucket, String), (String, Vec<u8>)>,
    /// What the malware scanner has said, by the upload's key.
    pub malware_scans: BTreeMap<String, MalwareScan>,
    /// When objects were written, where a test says so; just now otherwise.
    pub written: BTreeMap<(Bucket, String), Timestamp>,
    /// Mails sent.
    pub mails: Vec<SentMail>,
    /// Executions by workflow and name.
    pub executions: BTreeMap<(&'static str, String), (Value, ExecutionState)>,
    /// Tokens that somebody waits on.
    pub waiting: BTreeSet<String>,
    /// Answers given.
    pub answers: Vec<(String, Value)>,
    /// Alerts raised.
    pub alerts: Vec<(String, String)>,
    /// What the classifier answers by key, `*` for every other; where there is
    /// neither, it sees nothing.
    pub labels: BTreeMap<String, Detection>,
    /// Addresses of access tokens.
    pub addresses: BTreeMap<String, Email>,
    /// Accounts by address.
    pub accounts: BTreeMap<String, Account>,
    /// Refresh tokens that are good, and whose.
    pub refresh_tokens: BTreeMap<String, String>,
    /// Tokens given so far.
    pub tokens_given: u32,
    /// The service's own keys by purpose.
    pub service_keys: BTreeMap<String, [u8; 32]>,
}

/// A mail's claim.
#[derive(Debug, Clone, PartialEq)]
pub struct MailClaim {
    /// For whom.
    pub holder: String,
    /// Whose, and since when, as long as there is no mark.
    pub open: OpenClaim,
    /// What became of it.
    pub mark: Option<MailMark>,
}

/// What became of a claimed mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailMark {
    /// Sent, under this id.
    Sent(String),
    /// Refused for good.
    Refused,
    /// Nobody knows.
    Unknown,
}

/// An account. Its codes are fixed, as a local user pool's are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// The password.
    pub password: String,
    /// Whether its address was confirmed.
    pub confirmed: bool,
    /// Whether a reset was asked for.
    pub resetting: bool,
    /// Its passkeys. One signs by naming itself.
    pub passkeys: Vec<Passkey>,
}

/// The code that confirms an account here.
pub const SIGN_UP_CODE: &str = "123456";
/// The code that sets a new password here.
pub const RESET_CODE: &str = "654321";
/// The code that signs in here.
pub const SIGN_IN_CODE: &str = "12345678";

/// The backend. Cheap to make; share it by reference.
#[derive(Debug, Default)]
pub struct Memory {
    state: Mutex<State>,
    /// Effects until an answer is lost; `None`: never.
    fuse: Mutex<Option<Fuse>>,
    /// Whether who works on it is dead: nothing more reaches it.
    dead: Mutex<bool>,
    /// What the clock shows.
    time: Mutex<Timestamp>,
}

/// What happens after so many effects.
#[derive(Debug, Clone, Copy)]
struct Fuse {
    left: u32,
    kills: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    /// The state, to look at or to prepare.
    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Loses the answer of the n-th effect from now (from 0), once.
    pub fn lose_answer(&self, n: u32) {
        *lock(&self.fuse) = Some(Fuse { left: n, kills: false });
    }

    /// Kills who works on it right after the n-th effect from now (from 0): its
    /// answer is lost, and nothing that they would do then happens.
    pub fn kill_after(&self, n: u32) {
        *lock(&self.fuse) = Some(Fuse { left: n, kills: true });
    }

    /// Lets the next one work on it.
    pub fn revive(&self) {
        *lock(&self.dead) = false;
    }

    /// Whether the answer that was to be lost has not been reached.
    pub fn fuse_is_left(&self) -> bool {
        lock(&self.fuse).take().is_some()
    }

    /// Sets the clock.
    pub fn set_time(&self, now: Timestamp) {
        *lock(&self.time) = now;
    }

    fn alive(&self, what: &'static str) -> PortResult<()> {
        match *lock(&self.dead) {
            true => Err(PortError::Unavailable { what, source: "killed".into() }),
            false => Ok(()),
        }
    }

    fn read<T>(&self, look: impl FnOnce(&State) -> T) -> PortResult<T> {
        self.alive("read")?;
        Ok(look(&self.state()))
    }

    fn effect<T>(&self, what: &'static str, change: impl FnOnce(&mut State) -> T) -> PortResult<T> {
        self.alive(what)?;
        let value = change(&mut self.state());
        if self.burn() {
            return Err(PortError::Unavailable { what, source: "the answer was lost".into() });
        }
        Ok(value)
    }

    fn burn(&self) -> bool {
        let mut fuse = lock(&self.fuse);
        match fuse.as_mut() {
            Some(Fuse { left: 0, kills }) => {
                *lock(&self.dead) = *kills;
                *fuse = None;
                true
            }
            Some(fuse) => {
                fuse.left -= 1;
                false
            }
            None => false,
        }
    }
}

/// The status that stands after asking for `wanted`.
fn settle(now: &Status, wanted: &Status) -> Status {
    if now.is_settled() { now.clone() } else { wanted.clone() }
}

impl Memory {
    /// Lets time go by.
    pub fn pass(&self, time: SignedDuration) {
        let mut now = lock(&self.time);
        *now = now.saturating_add(time).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for Memory {
    fn now(&self) -> Timestamp {
        *lock(&self.time)
    }

    async fn wait(&self, time: SignedDuration) {
        self.pass(time);
    }
}

impl AcceptSubmission for Memory {
    async fn accept_submission(
        &self,
        submission: &Submission,
        key: &IdempotencyKey,
    ) -> PortResult<Acceptance> {
        self.effect("accept_submission", |state| {
            if let Some(before) = state.recall(&submission.member_id, key) {
                return before;
            }
            let record = (submission.member_id.clone(), key.key.clone());
            let workflow = submission.body.workflow();
            let work = Work { workflow, id: submission.id, restarts: 0, state: WorkState::Open };
            state.keys.insert(record, (key.fingerprint.clone(), submission.id.to_string()));
            state.work.insert((workflow.name(), submission.id), work);
            state.submissions.insert(submission.id, submission.clone());
            Acceptance::New
        })
    }
}

impl State {
    fn recall(&self, member: &MemberId, key: &IdempotencyKey) -> Option<Acceptance> {
        let (fingerprint, became) = self.keys.get(&(member.clone(), key.key.clone()))?;
        Some(match became.parse() {
            Ok(id) if *fingerprint == key.fingerprint => Acceptance::Replay(id),
            _ => Acceptance::Mismatch,
        })
    }
}

impl RecallRequest for Memory {
    async fn recall_request(
        &self,
        member: &MemberId,
        key: &IdempotencyKey,
    ) -> PortResult<Option<Acceptance>> {
        self.read(|state| state.recall(member, key))
    }
}

impl RememberKey for Memory {
    async fn remember_key(
        &self,
        member: &MemberId,
        key: &IdempotencyKey,
        becomes: &str,
        _now: Timestamp,
    ) -> PortResult<Remembered> {
        self.effect("remember_key", |state| {
            let new = (key.fingerprint.clone(), becomes.to_owned());
            let record = state.keys.entry((member.clone(), key.key.clone()));
            let (fingerprint, became) = record.or_insert(new);
            if *fingerprint == key.fingerprint {
                Remembered::As(became.clone())
            } else {
                Remembered::Mismatch
            }
        })
    }
}

impl LoadSubmission for Memory {
    async fn load_submission(&self, id: SubmissionId) -> PortResult<Option<Submission>> {
        self.read(|state| state.submissions.get(&id).cloned())
    }
}

impl ListSubmissions for Memory {
    async fn list_submissions(
        &self,
        member: &MemberId,
        before: Option<SubmissionId>,
        limit: usize,
    ) -> PortResult<Vec<SubmissionId>> {
        self.read(|state| {
            let own = state.submissions.values().rev().filter(|own| own.member_id == *member);
            let rest = own.filter(|own| before.is_none_or(|before| own.id < before));
            rest.take(limit).map(|own| own.id).collect()
        })
    }
}

impl LoadSubmissions for Memory {
    async fn load_submissions(&self, ids: &[SubmissionId]) -> PortResult<Vec<Submission>> {
        self.read(|state| ids.iter().filter_map(|id| state.submissions.get(id).cloned()).collect())
    }
}

impl RecordResemblance for Memory {
    async fn record_resemblance(&self, id: SubmissionId, session: SessionId) -> PortResult<()> {
        self.effect("record_resemblance", |state| {
            if let Some(submission) = state.submissions.get_mut(&id) {
                submission.resembles = Some(session);
            }
        })
    }
}

impl RecordBackground for Memory {
    async fn record_background(
        &self,
        id: SubmissionId,
        background: &Background,
    ) -> PortResult<Background> {
        self.effect("record_background", |state| match state.submissions.get_mut(&id) {
            Some(submission) => Ok(*submission.background.get_or_insert(*background)),
            None => Err(PortError::Broken {
                what: "record_background",
                why: format!("no submission {id}"),
            }),
        })?
    }
}

impl RecordStatus for Memory {
    async fn record_status(&self, id: SubmissionId, status: &Status) -> PortResult<Status> {
        self.effect("record_status", |state| match state.submissions.get_mut(&id) {
            Some(submission) => {
                submission.status = settle(&submission.status, status);
                Ok(submission.status.clone())
            }
            None => {
                Err(PortError::Broken { what: "record_status", why: format!("no submission {id}") })
            }
        })?
    }
}

impl ListOpenWork for Memory {
    async fn list_open_work(
        &self,
        queue: WorkQueue,
        before: Timestamp,
        limit: usize,
    ) -> PortResult<Vec<Work>> {
        self.read(|state| {
            let since = |work: &Work| {
                let looked = state.looks.get(&(work.workflow.name(), work.id)).copied();
                looked.or_else(|| match work.workflow {
                    Workflow::NotifyFollowers => state.events.get(&work.id).map(|event| event.at),
                    _ => state.submissions.get(&work.id).map(|submission| submission.accepted_at),
                })
            };
            let mut open: Vec<_> = state
                .work
                .values()
                .filter(|work| work.state == WorkState::Open && state.queue_of(work) == queue)
                .filter(|work| since(work).is_none_or(|at| at <= before))
                .collect();
            open.sort_by_key(|work| (since(work), work.id));
            open.into_iter().take(limit).cloned().collect()
        })
    }
}

impl NoteLook for Memory {
    async fn note_look(&self, work: &Work, at: Timestamp) -> PortResult<()> {
        self.effect("note_look", |state| {
            let key = (work.workflow.name(), work.id);
            if state.work.get(&key).is_some_and(|work| work.state == WorkState::Open) {
                state.looks.insert(key, at);
            }
        })
    }
}

impl State {
    fn queue_of(&self, work: &Work) -> WorkQueue {
        let in_review = self.submissions.get(&work.id).is_some_and(|submission| {
            work.workflow == submission.body.workflow() && submission.status == Status::InReview
        });
        let decided = self.cases.get(&work.id.case()).is_some_and(|(case, _)| !case.waits());
        if in_review && !decided { WorkQueue::Waiting } else { WorkQueue::Active }
    }
}

impl LoadWork for Memory {
    async fn load_work(&self, workflow: Workflow, id: SubmissionId) -> PortResult<Option<Work>> {
        self.read(|state| state.work.get(&(workflow.name(), id)).cloned())
    }
}

impl BeginRestart for Memory {
    async fn begin_restart(&self, work: &Work) -> PortResult<bool> {
        self.effect("begin_restart", |state| {
            match state.work.get_mut(&(work.workflow.name(), work.id)) {
                Some(stored)
                    if stored.restarts == work.restarts && stored.state != WorkState::Done =>
                {
                    stored.restarts += 1;
                    stored.state = WorkState::Open;
                    true
                }
                _ => false,
            }
        })
    }
}

impl EndWork for Memory {
    async fn end_work(&self, work: &Work) -> PortResult<()> {
        self.effect("end_work", |state| {
            let stored = state.work.get_mut(&(work.workflow.name(), work.id));
            let ends = |stored: &Work| {
                stored.state != WorkState::Done
                    && (work.state == WorkState::Done || stored.restarts == work.restarts)
            };
            if let Some(stored) = stored.filter(|stored| ends(stored)) {
                stored.state = work.state.clone();
            }
        })
    }
}

impl PutPhotoRecord for Memory {
    async fn put_photo_record(
        &self,
        submission: SubmissionId,
        record: &PhotoRecord,
    ) -> PortResult<()> {
        self.effect("put_photo_record", |state| {
            state.photo_records.insert((submission, record.photo_id), record.clone());
        })
    }
}

impl FileRefusedPhoto for Memory {
    async fn file_refused_photo(&self, photo: &RefusedPhoto, _now: Timestamp) -> PortResult<()> {
        self.effect("file_refused_photo", |state| {
            for key in photo.fingerprint.keys() {
                let photos = state.refused_photos.entry(key).or_default();
                if !photos.contains(photo) && photos.len() < limits::REFUSED_PHOTOS_PER_KEY {
                    photos.push(photo.clone());
                }
            }
        })
    }
}

impl ForgetRefusedPhoto for Memory {
    async fn forget_refused_photo(&self, photo: &RefusedPhoto) -> PortResult<()> {
        self.effect("forget_refused_photo", |state| {
            for photos in state.refused_photos.values_mut() {
                photos.retain(|other| other != photo);
            }
            state.refused_photos.retain(|_, photos| !photos.is_empty());
        })
    }
}

impl FindRefusedPhotos for Memory {
    async fn find_refused_photos(
        &self,
        fingerprint: &Fingerprint,
    ) -> PortResult<Vec<RefusedPhoto>> {
        self.read(|state| {
            let mut found: Vec<RefusedPhoto> = Vec::new();
            for photo in
                fingerprint.keys().iter().filter_map(|key| state.refused_photos.get(key)).flatten()
            {
                if !found.contains(photo) {
                    found.push(photo.clone());
                }
            }
            found
        })
    }
}

impl LoadPhotoRecords for Memory {
    async fn load_photo_records(&self, submission: SubmissionId) -> PortResult<Vec<PhotoRecord>> {
        self.read(|state| {
            let of_it = state.photo_records.iter().filter(|((id, _), _)| *id == submission);
            of_it.map(|(_, record)| record.clone()).collect()
        })
    }
}

impl ListCards for Memory {
    async fn list_cards(&self, list: &List) -> PortResult<Vec<Card>> {
        self.read(|state| {
            let is_in = |card: &Card| match list {
                List::Cell(cell) => card.position.geohash(cell.0.len()) == cell.0,
                List::County { .. } | List::Country { .. } => card.lists().contains(list),
            };
            let listed = state.sessions.values().filter(|session| session.is_listed());
            listed.map(Card::of).filter(is_in).collect()
        })
    }
}

impl FindSlug for Memory {
    async fn find_slug(&self, slug: &str) -> PortResult<Option<SessionId>> {
        self.read(|state| state.slugs.get(slug).copied())
    }
}

impl ListReviews for Memory {
    async fn list_reviews(
        &self,
        session: SessionId,
        after: Option<&MemberId>,
        limit: usize,
    ) -> PortResult<Vec<Review>> {
        self.read(|state| {
            let of_it = state.reviews.iter().filter(|((id, _), _)| *id == session);
            let rest = of_it.filter(|((_, member), _)| after.is_none_or(|after| member > after));
            rest.take(limit).map(|(_, review)| review.clone()).collect()
        })
    }
}

impl LoadRating for Memory {
    async fn load_rating(&self, session: SessionId) -> PortResult<Rating> {
        self.read(|state| {
            let of_it = state.reviews.iter().filter(|((id, _), _)| *id == session);
            of_it.fold(Rating::default(), |rating, (_, review)| Rating {
                count: rating.count + 1,
                sum: rating.sum + u32::from(review.draft.rating),
            })
        })
    }
}

impl ListPhotos for Memory {
    async fn list_photos(&self, session: SessionId) -> PortResult<Vec<PublishedPhoto>> {
        self.read(|state| {
            let of_it = state.approvals.iter().filter(|((id, _), _)| *id == session);
            of_it.map(|(_, photo)| photo.clone()).collect()
        })
    }
}

impl LoadSession for Memory {
    async fn load_session(&self, id: SessionId) -> PortResult<Option<Session>> {
        self.read(|state| state.sessions.get(&id).cloned())
    }
}

impl LoadReview for Memory {
    async fn load_review(
        &self,
        session: SessionId,
        member: &MemberId,
    ) -> PortResult<Option<Review>> {
        self.read(|state| state.reviews.get(&(session, member.clone())).cloned())
    }
}

impl ApprovePhotos for Memory {
    async fn approve_photos(
        &self,
        session: SessionId,
        photos: &[PublishedPhoto],
    ) -> PortResult<()> {
        self.effect("approve_photos", |state| {
            for photo in photos {
                state.approvals.entry((session, photo.photo_id)).or_insert_with(|| photo.clone());
            }
        })
    }
}

impl FindPhoto for Memory {
    async fn find_photo(&self, photo: PhotoId) -> PortResult<Option<PhotoOrigin>> {
        self.read(|state| {
            let mut all = state.approvals.iter();
            let ((session_id, _), found) = all.find(|((_, id), _)| *id == photo)?;
            Some(PhotoOrigin { session_id: *session_id, submission_id: found.submission_id })
        })
    }
}

impl PublishSession for Memory {
    async fn publish_session(&self, session: &Session, event: &Event) -> PortResult<Publication> {
        self.effect("publish_session", |state| {
            // The first publication stands, whatever slug a repeat asks for.
            if state.sessions.contains_key(&session.id) {
                return Publication::Done;
            }
            let slug = session.slug.as_str().to_owned();
            if state.slugs.contains_key(&slug) {
                return Publication::SlugTaken;
            }
            state.slugs.insert(slug, session.id);
            state.sessions.insert(session.id, session.clone());
            state.open_event(event);
            publish(state, event.id, session.id, &session.slug);
            Publication::Done
        })
    }
}

impl State {
    fn open_event(&mut self, event: &Event) {
        self.events.insert(event.id, event.clone());
        let workflow = Workflow::NotifyFollowers;
        let work = Work { workflow, id: event.id, restarts: 0, state: WorkState::Open };
        self.work.insert((workflow.name(), event.id), work);
    }

    /// Sets the statuses; false, and nothing is set, if one is not to be had.
    fn settle_all(&mut self, settles: &[(SubmissionId, Status)]) -> bool {
        let can = |(id, wanted): &(SubmissionId, Status)| {
            let now = self.submissions.get(id).map(|one| &one.status);
            let published = matches!(wanted, Status::Published { .. });
            let ended = matches!(now, Some(Status::Rejected { .. } | Status::Withdrawn { .. }));
            now.is_some() && !(published && ended)
        };
        if !settles.iter().all(can) {
            return false;
        }
        for (id, status) in settles {
            if let Some(submission) = self.submissions.get_mut(id) {
                submission.status = status.clone();
            }
        }
        true
    }
}

fn unsettled(what: &'static str) -> PortError {
    PortError::Broken { what, why: "a submission is rejected, or not there".into() }
}

impl WriteSession for Memory {
    async fn write_session(&self, write: &SessionWrite) -> PortResult<Written> {
        self.effect("write_session", |state| {
            let stands = state.sessions.get(&write.session.id);
            if stands.is_none_or(|stands| stands.revision != write.found.revision) {
                return Ok(Written::Raced);
            }
            if !state.settle_all(&write.settles) {
                return Err(unsettled("write_session"));
            }
            state.sessions.insert(write.session.id, write.session.clone());
            if let Some(event) = &write.event {
                state.open_event(event);
            }
            if let Some(confirmation) = &write.confirmation {
                let key = (write.session.id, confirmation.member_id.clone());
                state.confirmations.insert(key, confirmation.clone());
            }
            Ok(Written::Done)
        })?
    }
}

impl LoadConfirmation for Memory {
    async fn load_confirmation(
        &self,
        session: SessionId,
        member: &MemberId,
    ) -> PortResult<Option<Confirmation>> {
        self.read(|state| state.confirmations.get(&(session, member.clone())).cloned())
    }
}

impl ListConfirmations for Memory {
    async fn list_confirmations(&self, session: SessionId) -> PortResult<Vec<Confirmation>> {
        self.read(|state| {
            let all = state.confirmations.iter().filter(|((of, _), _)| *of == session);
            all.map(|(_, found)| found.clone()).take(limits::CONFIRMATIONS_READ_MAX).collect()
        })
    }
}

impl RemoveReview for Memory {
    async fn remove_review(
        &self,
        session: SessionId,
        review: Option<&Review>,
        settles: &[(SubmissionId, Status)],
    ) -> PortResult<Written> {
        self.effect("remove_review", |state| {
            if let Some(review) = review {
                let key = (session, review.member_id.clone());
                let stands = state.reviews.get(&key);
                if stands.is_none_or(|stands| stands.submission_id != review.submission_id) {
                    return Ok(Written::Raced);
                }
                if !state.settle_all(settles) {
                    return Err(unsettled("remove_review"));
                }
                state.reviews.remove(&key);
            } else if !state.settle_all(settles) {
                return Err(unsettled("remove_review"));
            }
            Ok(Written::Done)
        })?
    }
}

impl RevokePhotos for Memory {
    async fn revoke_photos(&self, session: SessionId, photos: &[PhotoId]) -> PortResult<()> {
        self.effect("revoke_photos", |state| {
            for photo in photos {
                state.approvals.remove(&(session, *photo));
            }
        })
    }
}

impl ImportSessions for Memory {
    async fn import_sessions(&self, sessions: &[Session]) -> PortResult<Vec<Import>> {
        // Each on its own, so that an answer can be lost in the middle.
        let import = |session: &Session| {
            self.effect("import_sessions", |state| {
                if state.sessions.contains_key(&session.id) {
                    return Import::Stands;
                }
                let slug = session.slug.as_str().to_owned();
                if *state.slugs.entry(slug).or_insert(session.id) != session.id {
                    return Import::SlugTaken;
                }
                state.sessions.insert(session.id, session.clone());
                Import::Done
            })
        };
        sessions.iter().map(import).collect()
    }
}

fn publish(state: &mut State, id: SubmissionId, session_id: SessionId, slug: &Slug) {
    if let Some(submission) = state.submissions.get_mut(&id) {
        submission.status = Status::Published { session_id, slug: slug.clone() };
    }
}

impl PublishReview for Memory {
    async fn publish_review(
        &self,
        review: &Review,
        session: &Session,
    ) -> PortResult<ReviewPublication> {
        self.effect("publish_review", |state| {
            let key = (session.id, review.member_id.clone());
            match state.reviews.get(&key) {
                Some(other) if other.submission_id == review.submission_id => {
                    ReviewPublication::Done
                }
                Some(other) if Some(other.submission_id) != review.draft.replaces => {
                    ReviewPublication::AlreadyReviewed
                }
                None if review.draft.replaces.is_some() => ReviewPublication::AlreadyReviewed,
                Some(_) | None => {
                    state.reviews.insert(key, review.clone());
                    publish(state, review.submission_id, session.id, &session.slug);
                    ReviewPublication::Done
                }
            }
        })
    }
}

impl LoadMember for Memory {
    async fn load_member(&self, id: &MemberId) -> PortResult<Option<Member>> {
        self.read(|state| state.members.get(id).cloned())
    }
}

impl PutMember for Memory {
    async fn put_member(&self, member: &Member) -> PortResult<()> {
        self.effect("put_member", |state| {
            state.members.entry(member.id.clone()).or_insert_with(|| member.clone());
        })
    }
}

impl SaveMember for Memory {
    async fn save_member(&self, member: &Member) -> PortResult<bool> {
        self.effect("save_member", |state| match state.members.get_mut(&member.id) {
            Some(stored) => {
                let (blocked, erasing) = (stored.blocked.clone(), stored.erasing);
                *stored = Member { blocked, erasing, ..member.clone() };
                true
            }
            None => false,
        })
    }
}

impl BeginErasure for Memory {
    async fn begin_erasure(&self, id: &MemberId) -> PortResult<()> {
        self.effect("begin_erasure", |state| {
            if let Some(member) = state.members.get_mut(id) {
                member.erasing = true;
            }
        })
    }
}

impl SetBlock for Memory {
    async fn set_block(
        &self,
        member: &MemberId,
        other: &MemberId,
        blocked: bool,
    ) -> PortResult<bool> {
        self.effect("set_block", |state| {
            let Some(member) = state.members.get_mut(member) else { return false };
            if !blocked {
                member.blocked.remove(other);
                return true;
            }
            let room = member.blocked.len() < limits::BLOCKED_MAX;
            let known = member.blocked.contains(other);
            if room {
                member.blocked.insert(other.clone());
            }
            room || known
        })
    }
}

impl RemoveMember for Memory {
    async fn remove_member(&self, id: &MemberId, _now: Timestamp) -> PortResult<()> {
        self.effect("remove_member", |state| {
            state.members.remove(id);
            state.keys.retain(|(member, _), _| member != id);
            state.erased.insert(id.clone());
        })
    }
}

impl WasErased for Memory {
    async fn was_erased(&self, id: &MemberId) -> PortResult<bool> {
        self.read(|state| state.erased.contains(id))
    }
}

impl EraseSubmission for Memory {
    async fn erase_submission(&self, member: &MemberId, id: SubmissionId) -> PortResult<()> {
        self.effect("erase_submission", |state| {
            state.photo_records.retain(|(of, _), _| *of != id);
            if let Some((case, _)) = state.cases.get_mut(&id.case()) {
                case.submitter = MemberId::erased();
                if let Some(appeal) = &mut case.appeal {
                    appeal.words.clear();
                }
                let by = case.decision.as_mut().and_then(|decision| decision.moderator.as_mut());
                if let Some(by) = by.filter(|by| *by == member) {
                    *by = MemberId::erased();
                }
            }
            if let Some(events) = state.case_events.get_mut(&id.case()) {
                *events = std::mem::take(events).into_iter().map(|e| e.without(member)).collect();
            }
            let Some(submission) = state.submissions.get_mut(&id) else { return };
            if let Some(session) = submission.body.about() {
                state.confirmations.remove(&(session, member.clone()));
            }
            if submission.outlives_member() {
                submission.member_id = MemberId::erased();
            } else {
                let workflow = submission.body.workflow().name();
                state.work.remove(&(workflow, id));
                state.submissions.remove(&id);
            }
        })
    }
}

impl DeleteAccount for Memory {
    async fn delete_account(&self, id: &MemberId) -> PortResult<()> {
        self.effect("delete_account", |state| {
            let email = state.members.get(id).map(|member| member.email.expose().to_owned());
            if let Some(email) = email {
                state.accounts.remove(&email);
                state.refresh_tokens.retain(|_, whose| *whose != email);
            }
        })
    }
}

impl SignDownload for Memory {
    async fn sign_download(&self, bucket: Bucket, key: &str, seconds: u32) -> PortResult<String> {
        Ok(format!("memory://{bucket:?}/{key}?seconds={seconds}"))
    }
}

impl OpenCase for Memory {
    async fn open_case(&self, case: &Case) -> PortResult<Option<Decision>> {
        self.effect("open_case", |state| {
            let (stored, _) = state.cases.entry(case.id).or_insert_with(|| (case.clone(), None));
            state.case_events.entry(case.id).or_insert_with(|| vec![case.opening()]);
            stored.ruling().cloned()
        })
    }
}

impl OpenDecidedCase for Memory {
    async fn open_decided_case(&self, case: &Case, event: &case::Event) -> PortResult<()> {
        self.effect("open_decided_case", |state| {
            state.cases.entry(case.id).or_insert_with(|| (case.clone(), None));
            let both = || vec![case.opening(), event.clone()];
            state.case_events.entry(case.id).or_insert_with(both);
        })
    }
}

impl Memory {
    /// What a state machine does by itself once a case is open: writes the
    /// token that it waits on into the case. False, and nobody waits, if there
    /// is no such case or it is decided.
    pub fn await_decision(&self, case: CaseId, token: &TaskToken) -> bool {
        let state = &mut *self.state();
        match state.cases.get_mut(&case) {
            // As its condition says, which knows nothing of appeals.
            Some((Case { decision: None, .. }, waiting)) => {
                *waiting = Some(token.clone());
                state.waiting.insert(token.0.clone());
                true
            }
            _ => false,
        }
    }
}

impl LoadCase for Memory {
    async fn load_case(&self, id: CaseId) -> PortResult<Option<Case>> {
        self.read(|state| state.cases.get(&id).map(|(case, _)| case.clone()))
    }
}

impl ListCases for Memory {
    async fn list_cases(&self, after: Option<&QueuePlace>, limit: usize) -> PortResult<Vec<Case>> {
        self.read(|state| {
            let mut open: Vec<(QueuePlace, &Case)> = state
                .cases
                .values()
                .filter_map(|(case, _)| {
                    Some((QueuePlace { since: case.waits_since()?, id: case.id }, case))
                })
                .filter(|(place, _)| after.is_none_or(|after| place > after))
                .collect();
            open.sort_by_key(|(place, _)| *place);
            open.into_iter().take(limit).map(|(_, case)| case.clone()).collect()
        })
    }
}

impl ListCaseEvents for Memory {
    async fn list_case_events(&self, id: CaseId) -> PortResult<Vec<case::Event>> {
        self.read(|state| state.case_events.get(&id).cloned().unwrap_or_default())
    }
}

impl AppendCaseEvent for Memory {
    async fn append_case_event(&self, becomes: &Case, event: &case::Event) -> PortResult<Appended> {
        self.effect("append_case_event", |state| {
            let events = state.case_events.entry(becomes.id).or_default();
            if events.contains(event) {
                return Appended::Done;
            }
            match state.cases.get_mut(&becomes.id) {
                Some((case, _)) if case.version.checked_add(1) == Some(event.version) => {
                    *case = becomes.clone();
                    events.push(event.clone());
                }
                _ => return Appended::Moved,
            }
            if matches!(event.what, case::What::Decided { .. }) {
                state.rulings.insert(becomes.id);
            }
            Appended::Done
        })
    }
}

impl LoadCaseToken for Memory {
    async fn load_case_token(&self, id: CaseId) -> PortResult<Option<TaskToken>> {
        self.read(|state| state.cases.get(&id).and_then(|(_, token)| token.clone()))
    }
}

impl ListRulings for Memory {
    async fn list_rulings(&self, through: Timestamp, limit: usize) -> PortResult<Vec<CaseId>> {
        self.read(|state| {
            let decided_at = |id: &CaseId| state.cases.get(id)?.0.ruling().map(|r| r.decided_at);
            let mut due: Vec<(Timestamp, CaseId)> =
                state.rulings.iter().filter_map(|id| Some((decided_at(id)?, *id))).collect();
            due.retain(|(decided_at, _)| *decided_at <= through);
            due.sort();
            due.into_iter().take(limit).map(|(_, id)| id).collect()
        })
    }
}

impl SettleRuling for Memory {
    async fn settle_ruling(&self, case: &Case) -> PortResult<()> {
        self.effect("settle_ruling", |state| {
            if state.cases.get(&case.id).is_some_and(|(stored, _)| stored.version == case.version) {
                state.rulings.remove(&case.id);
            }
        })
    }
}

impl ReopenWork for Memory {
    async fn reopen_work(&self, work: &Work, case: &Case) -> PortResult<bool> {
        self.effect("reopen_work", |state| {
            let publishes = case.ruling().is_some_and(|ruling| ruling.measure == Measure::Approve);
            let stored = state.work.get_mut(&(work.workflow.name(), work.id));
            let Some(stored) = stored.filter(|stored| {
                stored.restarts == work.restarts && stored.state != WorkState::Open
            }) else {
                return false;
            };
            let stands = state.cases.get(&case.id).map(|(stands, _)| stands.version);
            if stands != Some(case.version) || !state.rulings.remove(&case.id) {
                return false;
            }
            stored.restarts += 1;
            stored.state = WorkState::Open;
            if publishes && let Some(submission) = state.submissions.get_mut(&work.id) {
                submission.status = Status::InReview;
            }
            true
        })
    }
}

impl PutFollowing for Memory {
    async fn put_following(
        &self,
        member: &MemberId,
        following: &Following,
    ) -> PortResult<Following> {
        self.effect("put_following", |state| {
            let key = (member.clone(), following.id.clone());
            state.followings.entry(key).or_insert_with(|| following.clone()).clone()
        })
    }
}

impl LoadFollowing for Memory {
    async fn load_following(
        &self,
        member: &MemberId,
        id: &FollowId,
    ) -> PortResult<Option<Following>> {
        self.read(|state| state.followings.get(&(member.clone(), id.clone())).cloned())
    }
}

impl ListFollowings for Memory {
    async fn list_followings(&self, member: &MemberId) -> PortResult<Vec<Following>> {
        self.read(|state| {
            let own = state.followings.iter().filter(|((whose, _), _)| whose == member);
            own.map(|(_, following)| following.clone()).collect()
        })
    }
}

impl RemoveFollowing for Memory {
    async fn remove_following(&self, member: &MemberId, following: &Following) -> PortResult<()> {
        self.effect("remove_following", |state| {
            let key = (member.clone(), following.id.clone());
            let stands = state.followings.get(&key);
            if stands.is_some_and(|s| s.unsubscribe_token == following.unsubscribe_token) {
                state.followings.remove(&key);
            }
        })
    }
}

impl ReplaceFollowing for Memory {
    async fn replace_following(
        &self,
        member: &MemberId,
        following: &Following,
    ) -> PortResult<bool> {
        self.effect("replace_following", |state| {
            let key = (member.clone(), following.id.clone());
            match state.followings.get_mut(&key) {
                Some(stands) if stands.unsubscribe_token == following.unsubscribe_token => {
                    stands.clone_from(following);
                    true
                }
                _ => false,
            }
        })
    }
}

impl RemoveFollow for Memory {
    async fn remove_follow(&self, follow: &Follow) -> PortResult<()> {
        self.effect("remove_follow", |state| {
            let shard = follow.target.shard_of(&follow.follower);
            let key = (follow.target.clone(), shard, follow.place());
            let stands = state.follows.get(&key);
            if stands.is_some_and(|s| s.unsubscribe_token == follow.unsubscribe_token) {
                state.follows.remove(&key);
            }
        })
    }
}

impl NoteZone for Memory {
    async fn note_zone(&self, zone: &Zone) -> PortResult<()> {
        self.effect("note_zone", |state| {
            state.zones.insert(zone.clone());
        })
    }
}

impl ListZones for Memory {
    async fn list_zones(&self) -> PortResult<Vec<Zone>> {
        self.read(|state| state.zones.iter().cloned().collect())
    }
}

impl OpenEvent for Memory {
    async fn open_event(&self, event: &Event) -> PortResult<bool> {
        self.effect("open_event", |state| {
            let new = !state.events.contains_key(&event.id);
            if new {
                state.open_event(event);
            }
            new
        })
    }
}

impl PutFollow for Memory {
    async fn put_follow(&self, follow: &Follow) -> PortResult<()> {
        self.effect("put_follow", |state| {
            let shard = follow.target.shard_of(&follow.follower);
            let key = (follow.target.clone(), shard, follow.place());
            state.follows.insert(key, follow.clone());
        })
    }
}

impl ListFollowerIds for Memory {
    async fn list_follower_ids(
        &self,
        target: &Target,
        shard: u8,
        after: Option<&FollowerId>,
        limit: usize,
    ) -> PortResult<Vec<FollowerId>> {
        self.read(|state| {
            let here = state.follows.keys().filter(|(t, s, _)| t == target && *s == shard);
            let ids = here.map(|(_, _, id)| id).filter(|id| after.is_none_or(|after| *id > after));
            ids.take(limit).cloned().collect()
        })
    }
}

impl ListFollows for Memory {
    async fn list_follows(&self, range: &FollowerRange) -> PortResult<Vec<Follow>> {
        self.read(|state| {
            let inside = |id: &FollowerId| {
                range.after.as_ref().is_none_or(|after| id > after)
                    && range.through.as_ref().is_none_or(|through| id <= through)
            };
            let here = state.follows.iter().filter(|((target, shard, id), _)| {
                *target == range.target && *shard == range.shard && inside(id)
            });
            here.map(|(_, follow)| follow.clone()).collect()
        })
    }
}

impl FindLink for Memory {
    async fn find_link(&self, token: &str) -> PortResult<Option<LinkOwner>> {
        self.read(|state| {
            let of = |follow: &&Follow| follow.unsubscribe_token == token;
            state.follows.values().find(of).map(|follow| LinkOwner {
                follower: follow.follower.clone(),
                follow: follow.id(),
                language: follow.language,
            })
        })
    }
}

impl Unfollow for Memory {
    async fn unfollow(&self, token: &str) -> PortResult<bool> {
        self.effect("unfollow", |state| {
            let before = state.follows.len();
            state.follows.retain(|_, follow| follow.unsubscribe_token != token);
            state.followings.retain(|_, following| following.unsubscribe_token != token);
            state.follows.len() < before
        })
    }
}

impl IsOff for Memory {
    async fn is_off(&self, switch: Switch) -> PortResult<bool> {
        self.read(|state| state.off.contains(&switch))
    }
}

impl SetSwitch for Memory {
    async fn set_switch(&self, switch: Switch, on: bool) -> PortResult<()> {
        self.effect("set_switch", |state| {
            if on {
                state.off.remove(&switch);
            } else {
                state.off.insert(switch);
            }
        })
    }
}

impl CountCases for Memory {
    async fn count_cases(&self) -> PortResult<Waiting> {
        self.read(|state| {
            let waits = state.cases.values().filter_map(|(case, _)| case.waits_since());
            let since: Vec<Timestamp> = waits.collect();
            Waiting { cases: since.len(), since: since.into_iter().min() }
        })
    }
}

impl IsSuppressed for Memory {
    async fn is_suppressed(&self, email: &Email) -> PortResult<bool> {
        self.read(|state| state.suppressed.contains(&email.suppression_key()))
    }
}

impl LoadEvent for Memory {
    async fn load_event(&self, id: SubmissionId) -> PortResult<Option<Event>> {
        self.read(|state| state.events.get(&id).cloned())
    }
}

impl ClaimMail for Memory {
    async fn claim_mail(&self, key: &MailKey, holder: &str, now: Timestamp) -> PortResult<Claim> {
        self.effect("claim_mail", |state| match state.claims.get(key) {
            None => {
                let open = OpenClaim { since: now, answer_lost: false };
                let claim = MailClaim { holder: holder.into(), open, mark: None };
                state.claims.insert(key.clone(), claim);
                Claim::Claimed
            }
            Some(claim) => match claim.mark {
                Some(MailMark::Sent(_)) => Claim::Sent { ours: claim.holder == holder },
                Some(MailMark::Refused) => Claim::Refused,
                Some(MailMark::Unknown) => Claim::Unknown,
                None => Claim::Open(claim.open),
            },
        })
    }
}

impl TakeOverMail for Memory {
    async fn take_over_mail(
        &self,
        key: &MailKey,
        holder: &str,
        claim: OpenClaim,
        now: Timestamp,
    ) -> PortResult<bool> {
        self.effect("take_over_mail", |state| match state.claims.get_mut(key) {
            Some(stands) if stands.mark.is_none() && stands.open == claim => {
                stands.open = OpenClaim { since: now, answer_lost: false };
                holder.clone_into(&mut stands.holder);
                true
            }
            _ => false,
        })
    }
}

impl MarkMail for Memory {
    async fn mark_mail(&self, key: &MailKey, mark: Mark<'_>) -> PortResult<()> {
        self.effect("mark_mail", |state| {
            let Some(claim) = state.claims.get_mut(key) else { return };
            if matches!(claim.mark, Some(MailMark::Sent(_))) {
                return;
            }
            claim.mark = Some(match mark {
                Mark::Sent(id) => MailMark::Sent(id.into()),
                Mark::Refused => MailMark::Refused,
                Mark::Unknown => MailMark::Unknown,
            });
        })
    }
}

impl NoteLostAnswer for Memory {
    async fn note_lost_answer(&self, key: &MailKey) -> PortResult<()> {
        self.effect("note_lost_answer", |state| {
            if let Some(claim) = state.claims.get_mut(key) {
                claim.open.answer_lost = true;
            }
        })
    }
}

impl ReleaseMail for Memory {
    async fn release_mail(&self, key: &MailKey) -> PortResult<()> {
        self.effect("release_mail", |state| {
            if state.claims.get(key).is_some_and(|claim| claim.mark.is_none()) {
                state.claims.remove(key);
            }
        })
    }
}

impl SettleMail for Memory {
    async fn settle_mail(&self, key: &MailKey, message_id: &str) -> PortResult<bool> {
        self.effect("settle_mail", |state| match state.claims.get_mut(key) {
            Some(claim) if !matches!(claim.mark, Some(MailMark::Sent(_))) => {
                claim.mark = Some(MailMark::Sent(message_id.into()));
                true
            }
            _ => false,
        })
    }
}

impl NoteSendEvent for Memory {
    async fn note_send_event(&self, accepted_at: Timestamp) -> PortResult<()> {
        self.effect("note_send_event", |state| {
            state.send_event = state.send_event.max(Some(accepted_at));
        })
    }
}

impl LastSendEvent for Memory {
    async fn last_send_event(&self) -> PortResult<Option<Timestamp>> {
        self.read(|state| state.send_event)
    }
}

impl TakePermit for Memory {
    async fn take_permit(
        &self,
        rate: Rate,
        lane: Lane,
        mails: u32,
        now: Timestamp,
    ) -> PortResult<Permit> {
        self.effect("take_permit", |state| {
            let permit = permit(state.permitted, rate, lane, mails, now);
            if let Permit::Granted(until) = permit {
                state.permitted = Some(until);
            }
            permit
        })
    }
}

impl Suppress for Memory {
    async fn suppress(&self, email: &Email, _why: Suppression, _now: Timestamp) -> PortResult<()> {
        self.effect("suppress", |state| {
            state.suppressed.insert(email.suppression_key());
        })
    }
}

impl CountSoftBounce for Memory {
    async fn count_soft_bounce(
        &self,
        email: &Email,
        feedback_id: &str,
        now: Timestamp,
    ) -> PortResult<u32> {
        self.effect("count_soft_bounce", |state| {
            let new = (BTreeSet::new(), now);
            let (ids, last) = state.soft_bounces.entry(email.suppression_key()).or_insert(new);
            if now.duration_since(*last) > SignedDuration::from_hours(24 * limits::SOFT_BOUNCE_DAYS)
            {
                ids.clear();
            }
            ids.insert(feedback_id.into());
            *last = now;
            u32::try_from(ids.len()).unwrap_or(u32::MAX)
        })
    }
}

impl LookAtFollower for Memory {
    async fn look_at_follower(
        &self,
        event: SubmissionId,
        targets: &[Target],
        follow: &Follow,
    ) -> PortResult<FollowerNow> {
        self.read(|state| {
            let of = |target: &Target| {
                let shard = target.shard_of(&follow.follower);
                let target = target.clone();
                state.follows.iter().filter(move |((t, s, _), own)| {
                    *t == target && *s == shard && own.follower == follow.follower
                })
            };
            let follows = targets.iter().flat_map(of).map(|(_, own)| own.clone()).collect();
            let member: Option<MemberId> = follow.follower.0.parse().ok();
            FollowerNow {
                halted: state.off.contains(&Switch::Mail) || state.paused.contains(&event),
                suppressed: state.suppressed.contains(&follow.email.suppression_key()),
                follows,
                member: member.and_then(|id| state.members.get(&id).cloned()),
            }
        })
    }
}

impl ParkPages for Memory {
    async fn park_pages(&self, pages: &[Page]) -> PortResult<()> {
        self.effect("park_pages", |state| state.parked.extend_from_slice(pages))
    }
}

impl ListParked for Memory {
    async fn list_parked(&self) -> PortResult<Vec<ParkedPage>> {
        self.read(|state| {
            let some = state.parked.iter().take(10).cloned();
            some.map(|page| ParkedPage { receipt: page.page.to_string(), page }).collect()
        })
    }
}

impl UnparkPages for Memory {
    async fn unpark_pages(&self, parked: &[ParkedPage]) -> PortResult<()> {
        self.effect("unpark_pages", |state| {
            state.parked.retain(|page| parked.iter().all(|one| one.page != *page));
        })
    }
}

impl PutFanOut for Memory {
    async fn put_fan_out(&self, event: SubmissionId, fan_out: &FanOut) -> PortResult<FanOut> {
        self.effect("put_fan_out", |state| {
            state.fan_outs.entry(event).or_insert_with(|| fan_out.clone()).clone()
        })
    }
}

impl LoadFanOut for Memory {
    async fn load_fan_out(&self, event: SubmissionId) -> PortResult<Option<FanOut>> {
        self.read(|state| state.fan_outs.get(&event).cloned())
    }
}

impl SetPause for Memory {
    async fn set_pause(&self, event: SubmissionId, paused: bool) -> PortResult<()> {
        self.effect("set_pause", |state| {
            if paused {
                state.paused.insert(event);
            } else {
                state.paused.remove(&event);
            }
        })
    }
}

impl IsPaused for Memory {
    async fn is_paused(&self, event: SubmissionId) -> PortResult<bool> {
        self.read(|state| state.paused.contains(&event))
    }
}

impl TakePlace for Memory {
    async fn take_place(&self, quota: &Quota, holder: &str, now: Timestamp) -> PortResult<bool> {
        self.effect("take_place", |state| {
            let day = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
            let taken = state.places.entry((quota.what, quota.whose.clone(), day)).or_default();
            if taken.iter().any(|by| by == holder) {
                return true;
            }
            let free = taken.len() < usize::try_from(quota.most).unwrap_or(usize::MAX);
            if free {
                taken.push(holder.to_owned());
            }
            free
        })
    }
}

impl PutPageResult for Memory {
    async fn put_page_result(
        &self,
        event: SubmissionId,
        page: u32,
        result: PageResult,
    ) -> PortResult<()> {
        self.effect("put_page_result", |state| {
            state.pages.insert((event, page), result);
        })
    }
}

impl ListPageResults for Memory {
    async fn list_page_results(&self, event: SubmissionId) -> PortResult<Vec<(u32, PageResult)>> {
        self.read(|state| {
            state
                .pages
                .iter()
                .filter(|((id, _), _)| *id == event)
                .map(|((_, page), result)| (*page, *result))
                .collect()
        })
    }
}

impl ObjectSize for Memory {
    async fn object_size(&self, bucket: Bucket, key: &str) -> PortResult<Option<u64>> {
        self.read(|state| {
            state.objects.get(&(bucket, key.to_owned())).map(|(_, bytes)| bytes.len() as u64)
        })
    }
}

impl ReadObject for Memory {
    async fn read_object(
        &self,
        bucket: Bucket,
        key: &str,
        bytes_max: u64,
    ) -> PortResult<Option<Vec<u8>>> {
        // As the bucket's policy has it: nobody reads an upload that isn't clean.
        if bucket == Bucket::Quarantine && key.starts_with("incoming/") {
            let scan = self.read(|state| state.malware_scans.get(key).copied())?;
            if scan != Some(MalwareScan::Clean) {
                let why = format!("{key} may not be read: its malware scan is {scan:?}");
                return Err(PortError::Broken { what: "read_object", why });
            }
        }
        self.read(|state| {
            let object = state.objects.get(&(bucket, key.to_owned()))?;
            (object.1.len() as u64 <= bytes_max).then(|| object.1.clone())
        })
    }
}

impl ReadMalwareScan for Memory {
    async fn read_malware_scan(&self, key: &str) -> PortResult<Option<MalwareScan>> {
        self.read(|state| {
            state.objects.get(&(Bucket::Quarantine, key.to_owned()))?;
            Some(state.malware_scans.get(key).copied().unwrap_or(MalwareScan::Pending))
        })
    }
}

impl WriteObject for Memory {
    async fn write_object(
        &self,
        bucket: Bucket,
        key: &str,
        content_type: &'static str,
        bytes: Vec<u8>,
    ) -> PortResult<()> {
        self.effect("write_object", |state| {
            state.objects.insert((bucket, key.to_owned()), (content_type.to_owned(), bytes));
        })
    }
}

fn version_of(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

impl ReadVersioned for Memory {
    async fn read_versioned(
        &self,
        bucket: Bucket,
        key: &str,
        bytes_max: u64,
    ) -> PortResult<Option<Versioned>> {
        let bytes = self.read_object(bucket, key, bytes_max).await?;
        Ok(bytes.map(|bytes| Versioned { version: version_of(&bytes), bytes }))
    }
}

impl SwapObject for Memory {
    async fn swap_object(
        &self,
        bucket: Bucket,
        key: &str,
        object: NewObject,
        expected: Option<&str>,
    ) -> PortResult<Swap> {
        self.effect("swap_object", |state| {
            let key = (bucket, key.to_owned());
            let stands = state.objects.get(&key).map(|(_, bytes)| version_of(bytes));
            if stands.as_deref() != expected {
                return Swap::Lost;
            }
            state.objects.insert(key, (object.content_type.into(), object.bytes));
            Swap::Done
        })
    }
}

/// Pages as plain text: what stands on them, which is what tests look at. How
/// they look is the site's own business.
impl RenderPages for Memory {
    fn page_keys(&self, page: &PageName) -> Vec<String> {
        vec![match page {
            PageName::Session(slug) => format!("sessions/{}.txt", slug.as_str()),
            PageName::County { country, county } => format!("counties/{country}/{county}.txt"),
            PageName::Town { country, county, town } => {
                format!("towns/{country}/{county}/{town}.txt")
            }
            PageName::Member(id) => return member_page_keys(id),
        }]
    }

    async fn render_page(
        &self,
        content: PageContent,
        _now: Timestamp,
    ) -> PortResult<Vec<NewObject>> {
        let keys = self.page_keys(&content.name());
        let bytes = format!("{content:#?}").into_bytes();
        let file = NewObject { bytes, content_type: "text/plain", keep: Keep::MinuteAtMost };
        Ok(vec![file; keys.len()])
    }
}

impl ListObjects for Memory {
    async fn list_objects(
        &self,
        bucket: Bucket,
        prefix: &str,
        after: Option<&str>,
    ) -> PortResult<Vec<ListedObject>> {
        // Small pages, so that readers have to turn them.
        const PAGE: usize = 3;
        self.read(|state| {
            let after = after.unwrap_or_default();
            let keys = state
                .objects
                .keys()
                .filter(|(b, key)| *b == bucket && key.starts_with(prefix) && key.as_str() > after);
            let listed = keys.map(|object| ListedObject {
                key: object.1.clone(),
                written_at: state.written.get(object).copied().unwrap_or_else(Timestamp::now),
            });
            listed.take(PAGE).collect()
        })
    }
}

impl RemoveObjects for Memory {
    async fn remove_objects(&self, bucket: Bucket, keys: &[String]) -> PortResult<()> {
        self.effect("remove_objects", |state| {
            for key in keys {
                state.objects.remove(&(bucket, key.clone()));
            }
        })
    }
}

impl PublishObject for Memory {
    async fn publish_object(&self, from: &str, to: &str) -> PortResult<()> {
        self.effect("publish_object", |state| {
            let object = state.objects.get(&(Bucket::Quarantine, from.to_owned())).cloned();
            let why = || format!("{from} is not there");
            let object =
                object.ok_or_else(|| PortError::Broken { what: "publish_object", why: why() })?;
            state.objects.insert((Bucket::Public, to.to_owned()), object);
            Ok(())
        })?
    }
}

impl DetectLabels for Memory {
    async fn detect_labels(&self, key: &str) -> PortResult<Detection> {
        self.read(|state| {
            let nothing = || Detection { model: "memory".into(), labels: Vec::new() };
            state.labels.get(key).or_else(|| state.labels.get("*")).cloned().unwrap_or_else(nothing)
        })
    }
}

impl SendMail for Memory {
    async fn send_mail(
        &self,
        to: &Email,
        mime: Vec<u8>,
        kind: &'static str,
        key: &MailKey,
    ) -> Result<String, SendError> {
        self.alive("send_mail").map_err(SendError::NotSent)?;
        let id = {
            let mut state = self.state();
            let key = key.clone();
            state.mails.push(SentMail { to: to.expose().to_owned(), kind, mime, key });
            format!("memory-{}", state.mails.len())
        };
        if self.burn() { Err(SendError::Unknown("the answer was lost".into())) } else { Ok(id) }
    }
}

impl StartExecution for Memory {
    async fn start_execution(
        &self,
        workflow: Workflow,
        name: &str,
        input: &Value,
    ) -> PortResult<Start> {
        self.effect("start_execution", |state| {
            let key = (workflow.name(), name.to_owned());
            if state.executions.contains_key(&key) {
                return Start::Exists;
            }
            state.executions.insert(key, (input.clone(), ExecutionState::Running));
            Start::Started
        })
    }
}

impl DescribeExecution for Memory {
    async fn describe_execution(
        &self,
        workflow: Workflow,
        name: &str,
    ) -> PortResult<Option<ExecutionState>> {
        self.read(|state| {
            let key = (workflow.name(), name.to_owned());
            state.executions.get(&key).map(|(_, execution)| *execution)
        })
    }
}

impl AnswerTask for Memory {
    async fn answer_task(&self, token: &TaskToken, output: &Value) -> PortResult<Answer> {
        self.effect("answer_task", |state| {
            if state.waiting.remove(&token.0) {
                state.answers.push((token.0.clone(), output.clone()));
                Answer::Delivered
            } else {
                Answer::Gone
            }
        })
    }
}

impl RaiseAlert for Memory {
    async fn raise_alert(&self, subject: &str, message: &str) -> PortResult<()> {
        self.effect("raise_alert", |state| {
            state.alerts.push((subject.to_owned(), message.to_owned()))
        })
    }
}

impl LookUpEmail for Memory {
    async fn look_up_email(&self, access_token: &str) -> PortResult<Option<Email>> {
        self.read(|state| state.addresses.get(access_token).cloned())
    }
}

impl State {
    fn account(&mut self, email: &Email) -> Option<&mut Account> {
        self.accounts.get_mut(email.expose())
    }

    fn give_tokens(&mut self, whose: String) -> Tokens {
        self.tokens_given += 1;
        let refresh = format!("refresh-{}", self.tokens_given);
        self.refresh_tokens.insert(refresh.clone(), whose.clone());
        Tokens {
            access: format!("access:{whose}"),
            expires_in_seconds: 900,
            refresh: Some(refresh),
        }
    }

    /// The account behind an access token.
    fn bearer(&mut self, access_token: &str) -> Option<&mut Account> {
        self.accounts.get_mut(access_token.strip_prefix("access:")?)
    }
}

impl CreateAccount for Memory {
    async fn create_account(&self, email: &Email, password: &str) -> PortResult<Creation> {
        self.effect("create_account", |state| {
            if state.account(email).is_some() {
                return Creation::Exists;
            }
            let account = Account { password: password.to_owned(), ..Account::default() };
            state.accounts.insert(email.expose().to_owned(), account);
            Creation::Created
        })
    }
}

impl ResendCode for Memory {
    async fn resend_code(&self, _email: &Email) -> PortResult<()> {
        self.effect("resend_code", |_| ())
    }
}

impl ConfirmAccount for Memory {
    async fn confirm_account(&self, email: &Email, code: &str) -> PortResult<bool> {
        self.effect("confirm_account", |state| {
            let account = state.account(email).filter(|account| !account.confirmed);
            account
                .filter(|_| code == SIGN_UP_CODE)
                .map(|account| account.confirmed = true)
                .is_some()
        })
    }
}

impl CheckPassword for Memory {
    async fn check_password(&self, email: &Email, password: &str) -> PortResult<SignIn> {
        self.effect("check_password", |state| {
            let account = state.account(email);
            match account.filter(|account| account.confirmed && account.password == password) {
                Some(_) => SignIn::Done(state.give_tokens(email.expose().to_owned())),
                None => SignIn::Refused,
            }
        })
    }
}

impl SendSignInCode for Memory {
    async fn send_sign_in_code(&self, email: &Email) -> PortResult<Option<String>> {
        self.effect("send_sign_in_code", |state| {
            state.account(email).map(|_| format!("session:{}", email.expose()))
        })
    }
}

impl CheckSignInCode for Memory {
    async fn check_sign_in_code(
        &self,
        email: &Email,
        session: &str,
        code: &str,
    ) -> PortResult<SignIn> {
        self.effect("check_sign_in_code", |state| {
            let known = state.account(email).is_some_and(|account| account.confirmed);
            let ours = session.strip_prefix("session:") == Some(email.expose());
            if known && ours && code == SIGN_IN_CODE {
                SignIn::Done(state.give_tokens(email.expose().to_owned()))
            } else {
                SignIn::Refused
            }
        })
    }
}

impl SendPasskeyChallenge for Memory {
    async fn send_passkey_challenge(&self, email: &Email) -> PortResult<Option<PasskeyChallenge>> {
        self.effect("send_passkey_challenge", |state| {
            state.account(email).filter(|account| !account.passkeys.is_empty()).map(|_| {
                let session = format!("passkey:{}", email.expose());
                PasskeyChallenge { session, challenge: "Y2hhbGxlbmdl".into() }
            })
        })
    }
}

/// The id of a passkey in what a browser gives.
fn passkey_id(credential: &WebAuthn) -> Option<&str> {
    credential.get("id")?.as_str()
}

impl CheckPasskey for Memory {
    async fn check_passkey(
        &self,
        email: &Email,
        session: &str,
        credential: &WebAuthn,
    ) -> PortResult<SignIn> {
        self.effect("check_passkey", |state| {
            let ours = session.strip_prefix("passkey:") == Some(email.expose());
            let signed = |passkey: &Passkey| passkey_id(credential) == Some(&passkey.id);
            let known = state.account(email).is_some_and(|one| one.passkeys.iter().any(signed));
            if known && ours {
                SignIn::Done(state.give_tokens(email.expose().to_owned()))
            } else {
                SignIn::Refused
            }
        })
    }
}

impl StartPasskey for Memory {
    async fn start_passkey(&self, access_token: &str) -> PortResult<Option<WebAuthn>> {
        self.effect("start_passkey", |state| {
            state.bearer(access_token).map(|_| {
                let challenge = ("challenge".to_owned(), "Y2hhbGxlbmdl".into());
                WebAuthn::from_iter([challenge])
            })
        })
    }
}

impl FinishPasskey for Memory {
    async fn finish_passkey(
        &self,
        access_token: &str,
        credential: &WebAuthn,
    ) -> PortResult<PasskeyAddition> {
        self.effect("finish_passkey", |state| {
            let Some(account) = state.bearer(access_token) else {
                return PasskeyAddition::SignedOut;
            };
            let Some(id) = passkey_id(credential) else { return PasskeyAddition::Refused };
            let (id, name) = (id.to_owned(), "A phone".to_owned());
            account.passkeys.push(Passkey { id, name, created_at: Timestamp::UNIX_EPOCH });
            PasskeyAddition::Added
        })
    }
}

impl ListPasskeys for Memory {
    async fn list_passkeys(&self, access_token: &str) -> PortResult<Option<Vec<Passkey>>> {
        self.effect("list_passkeys", |state| {
            state.bearer(access_token).map(|account| account.passkeys.clone())
        })
    }
}

impl RemovePasskey for Memory {
    async fn remove_passkey(&self, access_token: &str, id: &str) -> PortResult<bool> {
        self.effect("remove_passkey", |state| {
            let account = state.bearer(access_token);
            account.map(|account| account.passkeys.retain(|one| one.id != id)).is_some()
        })
    }
}

impl RenewTokens for Memory {
    async fn renew_tokens(&self, refresh_token: &str) -> PortResult<Option<Tokens>> {
        self.effect("renew_tokens", |state| {
            let whose = state.refresh_tokens.remove(refresh_token);
            whose.map(|whose| state.give_tokens(whose))
        })
    }
}

impl RevokeToken for Memory {
    async fn revoke_token(&self, refresh_token: &str) -> PortResult<()> {
        self.effect("revoke_token", |state| {
            state.refresh_tokens.remove(refresh_token);
        })
    }
}

impl SignOutEverywhere for Memory {
    async fn sign_out_everywhere(&self, access_token: &str) -> PortResult<()> {
        self.effect("sign_out_everywhere", |state| {
            let whose = access_token.strip_prefix("access:");
            state.refresh_tokens.retain(|_, holder| Some(holder.as_str()) != whose);
        })
    }
}

impl StartReset for Memory {
    async fn start_reset(&self, email: &Email) -> PortResult<()> {
        self.effect("start_reset", |state| {
            if let Some(account) = state.account(email) {
                account.resetting = true;
            }
        })
    }
}

impl FinishReset for Memory {
    async fn finish_reset(&self, email: &Email, code: &str, password: &str) -> PortResult<bool> {
        self.effect("finish_reset", |state| {
            let account = state.account(email).filter(|account| account.resetting);
            let Some(account) = account.filter(|_| code == RESET_CODE) else { return false };
            account.password = password.to_owned();
            account.confirmed = true;
            account.resetting = false;
            true
        })
    }
}

impl ChangePassword for Memory {
    async fn change_password(
        &self,
        access_token: &str,
        current: &str,
        new: &str,
    ) -> PortResult<bool> {
        self.effect("change_password", |state| {
            let account = state.bearer(access_token);
            let account = account.filter(|account| account.password == current);
            account.map(|account| account.password = new.to_owned()).is_some()
        })
    }
}

impl ServiceKey for Memory {
    async fn service_key(&self, purpose: &str, fresh: [u8; 32]) -> PortResult<[u8; 32]> {
        self.effect("service_key", |state| {
            *state.service_keys.entry(purpose.to_owned()).or_insert(fresh)
        })
    }
}
