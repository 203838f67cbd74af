//! What the use cases need of the world: one-method traits named by their verb,
//! so that a use case's signature states what it may touch. A function's IAM
//! policy can be read off it.
//!
//! Every method may be called again after a failure whose effect is unknown:
//! implementations make the second call find the first one's effect.

use std::{fmt, future::Future};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::{SignedDuration, Timestamp};
use seisiun_domain::{
    MemberId, PhotoId, SessionId, SubmissionId,
    card::{Card, List},
    case::{self, Case, Decision},
    change::Confirmation,
    digest::Zone,
    follow::{Follow, FollowId, FollowerId, Following, Target},
    mail_claim::OpenClaim,
    member::{Email, Language, Member},
    moderation::{Background, Label},
    pace::{Lane, Permit, Rate},
    photo::{MalwareScan, PhotoRecord, PublishedPhoto},
    review::{Rating, Review},
    session::Session,
    submission::{Event, Status, Submission, Work, Workflow},
    switch::Switch,
};
/// Photos cross the ports by what they look like.
pub use seisiun_photo::{Fingerprint, LookalikeKey};

use crate::{
    fan_out::Page,
    site_page::{PageContent, PageName},
};

/// A port that could not do its work. Outcomes that a caller decides on, such as
/// "exists already", are values, not errors.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// It may work later: network, server error, time-out.
    #[error("{what} is unavailable")]
    Unavailable {
        /// Operation and service, e.g. `dynamodb:GetItem`.
        what: &'static str,
        /// What the service or the network said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It may work later if we go slower.
    #[error("{what} is throttled")]
    Throttled {
        /// Operation and service.
        what: &'static str,
    },
    /// It will not work, however often it is tried: a refused permission, a
    /// malformed request, a stored record that does not parse.
    #[error("{what} is broken: {why}")]
    Broken {
        /// Operation and service.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
}

/// The result of a port.
pub type PortResult<T> = Result<T, PortError>;

macro_rules! port {
    ($(#[$doc:meta])* $trait:ident :: $method:ident ( $($arg:ident : $ty:ty),* ) -> $out:ty) => {
        $(#[$doc])*
        pub trait $trait: Send + Sync {
            $(#[$doc])*
            fn $method(&self, $($arg: $ty),*) -> impl Future<Output = PortResult<$out>> + Send;
        }
    };
}

// ---- submissions

/// Key under which a member's client may repeat a request, and what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The client's key, unique per member.
    pub key: String,
    /// SHA-256 of the request, hex.
    pub fingerprint: String,
}

/// What came of storing a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// Stored.
    New,
    /// The same request came before and became this submission.
    Replay(SubmissionId),
    /// The key came before with another request.
    Mismatch,
}

/// What a key stands for once it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remembered {
    /// For this: what was handed in, or what the same request became before.
    As(String),
    /// The key came before with another request.
    Mismatch,
}

port!(
    /// Remembers what a member's request becomes, under its key; the first
    /// request stands. A submission's key is remembered with the submission.
    RememberKey::remember_key(member: &MemberId, key: &IdempotencyKey, becomes: &str, now: Timestamp) -> Remembered
);
port!(
    /// Stores a submission, its open work, its place in the list of its member
    /// and its idempotency record, all or nothing.
    AcceptSubmission::accept_submission(submission: &Submission, key: &IdempotencyKey) -> Acceptance
);
port!(
    /// What came of an earlier request of this member under this key; `None` if
    /// there was none.
    RecallRequest::recall_request(member: &MemberId, key: &IdempotencyKey) -> Option<Acceptance>
);
port!(
    /// Reads a submission, strongly consistent.
    LoadSubmission::load_submission(id: SubmissionId) -> Option<Submission>
);
port!(
    /// Reads those of these submissions that there are, at most a hundred, in no
    /// order, strongly consistent.
    LoadSubmissions::load_submissions(ids: &[SubmissionId]) -> Vec<Submission>
);
port!(
    /// At most `limit` of a member's submissions, newest first, from the one
    /// before `before` on.
    ListSubmissions::list_submissions(member: &MemberId, before: Option<SubmissionId>, limit: usize) -> Vec<SubmissionId>
);
port!(
    /// Stores what is known of a submission's member, unless something is stored
    /// already. Answers what now stands.
    RecordBackground::record_background(id: SubmissionId, background: &Background) -> Background
);
port!(
    /// Notes of a submitted session which listed one may be the same. The latest
    /// stands.
    RecordResemblance::record_resemblance(id: SubmissionId, session: SessionId) -> ()
);
port!(
    /// Sets a submission's status unless it is settled on another one. Answers
    /// the status that now stands. Work of what is in review is queued as
    /// [`WorkQueue::Waiting`].
    RecordStatus::record_status(id: SubmissionId, status: &Status) -> Status
);

// ---- work

/// Where open work is queued to be looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WorkQueue {
    /// An execution should be doing it, and be done soon.
    Active,
    /// Its execution waits for a moderator, perhaps for days. Apart, so that
    /// many that wait do not hide one that is lost.
    Waiting,
}

port!(
    /// Up to `limit` pieces of open work in a queue that were accepted, or last
    /// looked at, up to `before`; the longest ago first. From an index: check
    /// each with [`LoadWork`].
    ListOpenWork::list_open_work(queue: WorkQueue, before: Timestamp, limit: usize) -> Vec<Work>
);
port!(
    /// Moves open work to the end of its queue: it was looked at.
    NoteLook::note_look(work: &Work, at: Timestamp) -> ()
);
port!(
    /// Reads the work owed for an id, strongly consistent.
    LoadWork::load_work(workflow: Workflow, id: SubmissionId) -> Option<Work>
);
port!(
    /// Counts one more restart and opens the work, if `work` is still what is
    /// stored. False if somebody else was first.
    BeginRestart::begin_restart(work: &Work) -> bool
);
port!(
    /// Ends work that is open: done, or failed. Work that is done stays done, and
    /// an execution's failure says nothing of the restart that came after it:
    /// work fails only under the restart that `work` names.
    EndWork::end_work(work: &Work) -> ()
);

// ---- photos

port!(
    /// Writes what became of a photo.
    PutPhotoRecord::put_photo_record(submission: SubmissionId, record: &PhotoRecord) -> ()
);
port!(
    /// Reads what became of a submission's photos, strongly consistent.
    LoadPhotoRecords::load_photo_records(submission: SubmissionId) -> Vec<PhotoRecord>
);

/// A photo that was refused, as far as its copies are to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedPhoto {
    /// The submission that brought it.
    pub submission_id: SubmissionId,
    /// The photo.
    pub photo_id: PhotoId,
    /// What it looks like.
    pub fingerprint: Fingerprint,
}

port!(
    /// Files a refused photo under each of its keys, for
    /// [`limits::REFUSED_PHOTO_DAYS`](seisiun_domain::limits::REFUSED_PHOTO_DAYS).
    /// A key that has [`limits::REFUSED_PHOTOS_PER_KEY`](seisiun_domain::limits::REFUSED_PHOTOS_PER_KEY)
    /// is left out.
    FileRefusedPhoto::file_refused_photo(photo: &RefusedPhoto, now: Timestamp) -> ()
);
port!(
    /// Takes a photo out from under all of its keys.
    ForgetRefusedPhoto::forget_refused_photo(photo: &RefusedPhoto) -> ()
);
port!(
    /// The refused photos that share a key with this one, each once, strongly
    /// consistent. Most need not look like it.
    FindRefusedPhotos::find_refused_photos(fingerprint: &Fingerprint) -> Vec<RefusedPhoto>
);

// ---- sessions and reviews

/// What came of publishing a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publication {
    /// It is public, now or already.
    Done,
    /// The slug belongs to another session.
    SlugTaken,
}

/// What came of publishing a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewPublication {
    /// It is public, now or already.
    Done,
    /// The member has another review of this session.
    AlreadyReviewed,
}

port!(
    /// The cards in a list. A fine cell is read from an index, which lags by
    /// milliseconds; every other list strongly consistent.
    ListCards::list_cards(list: &List) -> Vec<Card>
);
port!(
    /// The session that has, or had, this slug.
    FindSlug::find_slug(slug: &str) -> Option<SessionId>
);
port!(
    /// Reads at most `limit` reviews of a session, by member, from the one after
    /// `after` on.
    ListReviews::list_reviews(session: SessionId, after: Option<&MemberId>, limit: usize) -> Vec<Review>
);
port!(
    /// A session's rating over all of its reviews.
    LoadRating::load_rating(session: SessionId) -> Rating
);
port!(
    /// The approved photos of a session and its reviews, in the order of their ids.
    ListPhotos::list_photos(session: SessionId) -> Vec<PublishedPhoto>
);
port!(
    /// Reads a session, strongly consistent.
    LoadSession::load_session(id: SessionId) -> Option<Session>
);
port!(
    /// Reads a member's review of a session, strongly consistent.
    LoadReview::load_review(session: SessionId, member: &MemberId) -> Option<Review>
);
port!(
    /// Writes the approvals of exactly these bytes, before they become public.
    ApprovePhotos::approve_photos(session: SessionId, photos: &[PublishedPhoto]) -> ()
);

/// Where a published photo belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PhotoOrigin {
    /// The session that it shows.
    pub session_id: SessionId,
    /// The submission that brought it.
    pub submission_id: SubmissionId,
}

port!(
    /// Where an approved photo belongs.
    FindPhoto::find_photo(photo: PhotoId) -> Option<PhotoOrigin>
);
port!(
    /// Lists the session, settles its submission and opens its event's work, all
    /// or nothing.
    PublishSession::publish_session(session: &Session, event: &Event) -> Publication
);
port!(
    /// Adds the review to the session's count and sum and settles its
    /// submission, all or nothing. One that replaces another stands in its place,
    /// if that is the one that stands there.
    PublishReview::publish_review(review: &Review, session: &Session) -> ReviewPublication
);

/// A session written over.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionWrite {
    /// As it was read: the write is for nothing if it is no longer so.
    pub found: Session,
    /// As it should be, one revision later.
    pub session: Session,
    /// Statuses that stand from then on. A rejected or withdrawn submission is
    /// published by none.
    pub settles: Vec<(SubmissionId, Status)>,
    /// News for its followers, whose work is opened.
    pub event: Option<Event>,
    /// What somebody found who was there: their latest.
    pub confirmation: Option<Confirmation>,
}

/// What came of a write over what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is written.
    Done,
    /// Something else stands there: read again.
    Raced,
}

port!(
    /// Writes a session over the revision that was read, its cards, the statuses
    /// and the event, all or nothing. One that is withdrawn has no cards. After a
    /// lost answer the repeat answers [`Written::Raced`]: look at the statuses.
    WriteSession::write_session(write: &SessionWrite) -> Written
);
port!(
    /// A member's latest confirmation of a session.
    LoadConfirmation::load_confirmation(session: SessionId, member: &MemberId) -> Option<Confirmation>
);
port!(
    /// What members found at a session, each their latest, in no order that means
    /// anything: at most [`CONFIRMATIONS_READ_MAX`].
    ///
    /// [`CONFIRMATIONS_READ_MAX`]: seisiun_domain::limits::CONFIRMATIONS_READ_MAX
    ListConfirmations::list_confirmations(session: SessionId) -> Vec<Confirmation>
);
port!(
    /// Takes a review, if there is one, out of a session's count and sum, and
    /// settles the statuses, all or nothing. [`Written::Raced`] if the review is
    /// another one by now.
    RemoveReview::remove_review(session: SessionId, review: Option<&Review>, settles: &[(SubmissionId, Status)]) -> Written
);
port!(
    /// Removes the approvals of these photos.
    RevokePhotos::revoke_photos(session: SessionId, photos: &[PhotoId]) -> ()
);

/// What came of importing a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Import {
    /// It is listed now.
    Done,
    /// It was listed already, and stands as it was, with all that has become
    /// of it since.
    Stands,
    /// The slug belongs to another session. Nothing is written.
    SlugTaken,
}

port!(
    /// Lists sessions without submissions, events or mails; answers what came
    /// of each, in their order. At most [`IMPORT_BATCH`], with ids and slugs
    /// that are all different. Cut off in the middle it may have listed some:
    /// a repeat lists the rest.
    ///
    /// [`IMPORT_BATCH`]: seisiun_domain::limits::IMPORT_BATCH
    ImportSessions::import_sessions(sessions: &[Session]) -> Vec<Import>
);

// ---- members

port!(
    /// Reads a member.
    LoadMember::load_member(id: &MemberId) -> Option<Member>
);
port!(
    /// Writes a member unless there is one already.
    PutMember::put_member(member: &Member) -> ()
);
port!(
    /// Writes a member's profile over what is stored; whom they block and whether
    /// they are being erased stay as they are. False if there is none: who was
    /// erased does not come back.
    SaveMember::save_member(member: &Member) -> bool
);

port!(
    /// Notes that a member is being erased; from then on they are nobody to
    /// [`LoadMember`]'s callers who ask. One who is not there stays so.
    BeginErasure::begin_erasure(id: &MemberId) -> ()
);
port!(
    /// Adds a member to, or takes one out of, those that a member blocks. False
    /// if there are [`limits::BLOCKED_MAX`](seisiun_domain::limits::BLOCKED_MAX)
    /// already, or the member is gone.
    SetBlock::set_block(member: &MemberId, other: &MemberId, blocked: bool) -> bool
);
port!(
    /// Removes a member and everything in their partition. For a day it is
    /// remembered that there was one: tokens live for minutes longer.
    RemoveMember::remove_member(id: &MemberId, now: Timestamp) -> ()
);
port!(
    /// Whether this member was erased within the last day.
    WasErased::was_erased(id: &MemberId) -> bool
);
port!(
    /// Removes what a member sent: the submission, or the member out of one that
    /// [outlives](Submission::outlives_member) them and out of its case; what
    /// became of its photos; what they found; its place in their list last.
    EraseSubmission::erase_submission(member: &MemberId, id: SubmissionId) -> ()
);

// ---- moderation

/// Answers a waiting task. Secret: its `Debug` hides it, and it never leaves
/// the backend.
#[derive(Clone, PartialEq, Eq)]
pub struct TaskToken(pub String);

impl std::fmt::Debug for TaskToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TaskToken(…)")
    }
}

port!(
    /// Opens a case, with its first event, unless it is open. Answers the decision
    /// in force if it has been decided already.
    OpenCase::open_case(case: &Case) -> Option<Decision>
);
port!(
    /// Opens a case that a machine has decided, with this event, and the decision
    /// carried out: nobody waits for it. Unless there is one.
    OpenDecidedCase::open_decided_case(case: &Case, event: &case::Event) -> ()
);
port!(
    /// Reads a case, strongly consistent.
    LoadCase::load_case(id: seisiun_domain::CaseId) -> Option<Case>
);

/// A place in the queue of the cases that wait for a moderator.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct QueuePlace {
    /// Since when it waits.
    pub since: Timestamp,
    /// The case.
    pub id: seisiun_domain::CaseId,
}

port!(
    /// Cases that wait for a moderator, the longest first: those that stand after a
    /// place, at most `limit`. Fewer are the last.
    ListCases::list_cases(after: Option<&QueuePlace>, limit: usize) -> Vec<Case>
);
port!(
    /// Everything that has happened to a case, in its order.
    ListCaseEvents::list_case_events(id: seisiun_domain::CaseId) -> Vec<case::Event>
);

/// How many cases wait for a moderator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// So many, at most [`CASES_COUNTED_MAX`].
    ///
    /// [`CASES_COUNTED_MAX`]: seisiun_domain::limits::CASES_COUNTED_MAX
    pub cases: usize,
    /// Since when the first of them waits.
    pub since: Option<Timestamp>,
}

port!(
    /// Counts cases that wait for a moderator, without reading them.
    CountCases::count_cases() -> Waiting
);

/// What came of appending an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is the case's last event, by this call or an earlier one like it.
    Done,
    /// Something else happened first, or there is no such case.
    Moved,
}

port!(
    /// Appends an event, and writes what the case becomes by it, if nothing else
    /// has happened since its version before. A case that is decided by it goes
    /// from those that wait to the [rulings](ListRulings) to be carried out, and
    /// its work is queued as [`WorkQueue::Active`] again.
    AppendCaseEvent::append_case_event(becomes: &Case, event: &case::Event) -> Appended
);
port!(
    /// The token of the task that waits for a case's decision; none if none waits
    /// yet. A task that begins to wait later finds the case decided.
    LoadCaseToken::load_case_token(id: seisiun_domain::CaseId) -> Option<TaskToken>
);
port!(
    /// Makes the last part of the link by which a submission can be appealed without
    /// signing in.
    SealAppeal::seal_appeal(id: SubmissionId) -> String
);
port!(
    /// Cases decided up to this time whose decision was not seen to have been
    /// carried out, the oldest first, at most `limit`.
    ListRulings::list_rulings(through: Timestamp, limit: usize) -> Vec<seisiun_domain::CaseId>
);
port!(
    /// Notes that the decision of a case has been carried out, unless something has
    /// happened to it since.
    SettleRuling::settle_ruling(case: &Case) -> ()
);
port!(
    /// Opens done or failed work once more to carry out the decision on an appeal,
    /// has a submission that is to be published after all wait for it again, and
    /// notes the decision as carried out: all or nothing. False if the work is open,
    /// or this was done before.
    ReopenWork::reopen_work(work: &Work, case: &Case) -> bool
);

// ---- follows and mail

/// One page of a target's followers: a key range, so that it means the same
/// followers however often it is read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FollowerRange {
    /// The target.
    pub target: Target,
    /// Its partition.
    pub shard: u8,
    /// Excluded lower end; `None`: from the first.
    pub after: Option<FollowerId>,
    /// Included upper end; `None`: to the last.
    pub through: Option<FollowerId>,
}

port!(
    /// Stores a follow with its member unless it is there. Answers the one that
    /// stands.
    PutFollowing::put_following(member: &MemberId, following: &Following) -> Following
);
port!(
    /// Reads a member's follow, strongly consistent.
    LoadFollowing::load_following(member: &MemberId, id: &FollowId) -> Option<Following>
);
port!(
    /// All that a member follows, in the order of their ids.
    ListFollowings::list_followings(member: &MemberId) -> Vec<Following>
);
port!(
    /// Removes a member's follow, unless it has another token by now.
    RemoveFollowing::remove_following(member: &MemberId, following: &Following) -> ()
);
port!(
    /// Writes a member's follow over the one with its token. False if that has ended.
    ReplaceFollowing::replace_following(member: &MemberId, following: &Following) -> bool
);
port!(
    /// Stores a follow under its target.
    PutFollow::put_follow(follow: &Follow) -> ()
);
port!(
    /// Removes a follow from under its target, unless it has another token by now;
    /// those under other targets stay, and what its member holds.
    RemoveFollow::remove_follow(follow: &Follow) -> ()
);
port!(
    /// Notes that somebody in this zone wants digests.
    NoteZone::note_zone(zone: &Zone) -> ()
);
port!(
    /// The zones in which somebody wants digests, or did.
    ListZones::list_zones() -> Vec<Zone>
);
port!(
    /// At most `limit` followers after `after` in one partition, in order: their
    /// places (see `Follow::place`), which are what bounds a range.
    ListFollowerIds::list_follower_ids(target: &Target, shard: u8, after: Option<&FollowerId>, limit: usize) -> Vec<FollowerId>
);
port!(
    /// All follows in the range.
    ListFollows::list_follows(range: &FollowerRange) -> Vec<Follow>
);
/// Whose an unsubscribe link is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkOwner {
    /// They.
    pub follower: FollowerId,
    /// The follow that it ends.
    pub follow: FollowId,
    /// What we speak with them.
    pub language: Language,
}

port!(
    /// Whose this unsubscribe link is; `None` if it has ended its follow, or is none.
    FindLink::find_link(token: &str) -> Option<LinkOwner>
);
port!(
    /// Ends the follow of this token, under its targets and with its member,
    /// and suppresses nothing else. False if there is none.
    Unfollow::unfollow(token: &str) -> bool
);

/// What a mail to a follower depends on, as it is in the moment before it is sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FollowerNow {
    /// Whether all mail is switched off, or this fan-out paused.
    pub halted: bool,
    /// Whether their address is suppressed.
    pub suppressed: bool,
    /// Their follows of what was asked about, in that order.
    pub follows: Vec<Follow>,
    /// Who they are, if they have an account.
    pub member: Option<Member>,
}

port!(
    /// Looks at the follower of this follow once more: at their follows of these
    /// targets, strongly consistent.
    LookAtFollower::look_at_follower(event: SubmissionId, targets: &[Target], follow: &Follow) -> FollowerNow
);
port!(
    /// Whether mail to this address is suppressed.
    IsSuppressed::is_suppressed(email: &Email) -> bool
);

/// Why an address gets no more mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suppression {
    /// There is no such mailbox, or it has refused mail again and again.
    Bounced,
    /// Its owner called a mail of ours spam.
    Complained,
}

port!(
    /// Suppresses mail to an address, for good. The first reason stands.
    Suppress::suppress(email: &Email, why: Suppression, now: Timestamp) -> ()
);
port!(
    /// Counts a soft bounce of an address, once per `feedback_id`. Answers how many
    /// there were in the last [`limits::SOFT_BOUNCE_DAYS`] days without a pause of
    /// as many.
    ///
    /// [`limits::SOFT_BOUNCE_DAYS`]: seisiun_domain::limits::SOFT_BOUNCE_DAYS
    CountSoftBounce::count_soft_bounce(email: &Email, feedback_id: &str, now: Timestamp) -> u32
);

/// What CloudFront says to the API: the value that it sends, and while that
/// changes the one that was or will be.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
pub struct OriginValues {
    /// What is sent.
    pub current: String,
    /// What is as good; often empty, which is no value.
    pub other: String,
}

impl fmt::Debug for OriginValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OriginValues { .. }")
    }
}

port!(
    /// The values that are good now.
    ReadOriginValues::read_origin_values() -> OriginValues
);
port!(
    /// Whether an operator has switched it off. On unless they have.
    IsOff::is_off(switch: Switch) -> bool
);
port!(
    /// Switches something on or off.
    SetSwitch::set_switch(switch: Switch, on: bool) -> ()
);
port!(
    /// Reads an event.
    LoadEvent::load_event(id: SubmissionId) -> Option<Event>
);
port!(
    /// Stores an event that no submission caused, and opens its work. False if that
    /// was done before.
    OpenEvent::open_event(event: &Event) -> bool
);

/// One mail that may be sent at most once: what it says, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MailKey {
    /// What it is about, e.g. `event:<id>` or `published:<id>`.
    pub about: String,
    /// The recipient's id, never the address.
    pub recipient: String,
}

impl MailKey {
    /// As a tag of the mail, which may have letters, digits, `-` and `_` only: the
    /// mail service's events carry it back.
    #[must_use]
    pub fn tag(&self) -> String {
        BASE64.encode(format!("{}#{}", self.about, self.recipient))
    }

    /// The key in a tag; `None` if it is none of ours.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let text = String::from_utf8(BASE64.decode(tag).ok()?).ok()?;
        let (about, recipient) = text.split_once('#')?;
        Some(Self { about: about.into(), recipient: recipient.into() })
    }
}

/// What came of claiming a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is ours to send.
    Claimed,
    /// It has been sent.
    Sent {
        /// By the same holder, in an earlier call.
        ours: bool,
    },
    /// The mail service refuses it for good.
    Refused,
    /// Nobody will ever know whether it was sent.
    Unknown,
    /// Somebody claimed it and has not said what came of it: it may have been
    /// sent.
    Open(OpenClaim),
}

/// What became of a mail that was claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark<'a> {
    /// The mail service took it, under this id.
    Sent(&'a str),
    /// The mail service refuses it for good.
    Refused,
    /// Nobody will ever know.
    Unknown,
}

port!(
    /// Claims a mail. `holder` names for whom: a page of a fan-out, for instance.
    ClaimMail::claim_mail(key: &MailKey, holder: &str, now: Timestamp) -> Claim
);
port!(
    /// Claims a mail whose claim is still this one and without a mark: its sender is
    /// dead. False if something has become of it.
    TakeOverMail::take_over_mail(key: &MailKey, holder: &str, claim: OpenClaim, now: Timestamp) -> bool
);
port!(
    /// Marks a claimed mail. One that was sent stays so; what else was said of it
    /// gives way to that it was.
    MarkMail::mark_mail(key: &MailKey, mark: Mark<'_>) -> ()
);
port!(
    /// Notes that the answer of the mail service was lost, unless the mail is marked.
    NoteLostAnswer::note_lost_answer(key: &MailKey) -> ()
);
port!(
    /// Gives a claim back: the mail was certainly not sent.
    ReleaseMail::release_mail(key: &MailKey) -> ()
);
port!(
    /// Marks a mail as sent, since the mail service says so, if there is a claim that
    /// says otherwise. Answers whether there was.
    SettleMail::settle_mail(key: &MailKey, message_id: &str) -> bool
);
port!(
    /// Notes when the mail service accepted a mail that it has told of, to the
    /// millisecond; the latest time stands.
    NoteSendEvent::note_send_event(accepted_at: Timestamp) -> ()
);
port!(
    /// When it accepted the latest mail that it has told of.
    LastSendEvent::last_send_event() -> Option<Timestamp>
);
port!(
    /// Asks for a permit to send so many mails.
    TakePermit::take_permit(rate: Rate, lane: Lane, mails: u32, now: Timestamp) -> Permit
);

// ---- fan-outs

/// How an event's followers were cut into pages. Decided once.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FanOut {
    /// Key of the manifest in the work bucket.
    pub manifest_key: String,
    /// Its lines.
    pub pages: u32,
    /// Follows in them; somebody who follows twice counts twice.
    pub follows: u64,
}

port!(
    /// Stores how an event's followers were cut, unless that is decided. Answers
    /// what stands.
    PutFanOut::put_fan_out(event: SubmissionId, fan_out: &FanOut) -> FanOut
);
port!(
    /// How an event's followers were cut.
    LoadFanOut::load_fan_out(event: SubmissionId) -> Option<FanOut>
);
port!(
    /// Pauses a fan-out, or lets it go on.
    SetPause::set_pause(event: SubmissionId, paused: bool) -> ()
);
port!(
    /// Whether a fan-out is paused.
    IsPaused::is_paused(event: SubmissionId) -> bool
);

/// What became of one page of followers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PageResult {
    /// Sent, now or by an earlier attempt.
    pub sent: u64,
    /// Not wanted any more, outside the followed circle, or mailed for another
    /// follow of theirs.
    pub skipped: u64,
    /// To addresses that get no mail.
    #[serde(default)]
    pub suppressed: u64,
    /// Refused by the mail service for good.
    pub refused: u64,
    /// Claimed by an attempt that was cut off: perhaps sent.
    pub unresolved: u64,
    /// Nobody will ever know.
    #[serde(default)]
    pub unknown: u64,
}

impl PageResult {
    /// Followers that something became of, or may have.
    #[must_use]
    pub const fn total(&self) -> u64 {
        let Self { sent, skipped, suppressed, refused, unresolved, unknown } = *self;
        sent + skipped + suppressed + refused + unresolved + unknown
    }
}

impl std::ops::AddAssign for PageResult {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.skipped += other.skipped;
        self.suppressed += other.suppressed;
        self.refused += other.refused;
        self.unresolved += other.unresolved;
        self.unknown += other.unknown;
    }
}

port!(
    /// Writes a page's result over that of an earlier attempt.
    PutPageResult::put_page_result(event: SubmissionId, page: u32, result: PageResult) -> ()
);
port!(
    /// The results of an event's pages that have reported, by their numbers.
    ListPageResults::list_page_results(event: SubmissionId) -> Vec<(u32, PageResult)>
);

/// A page that failed for good, as it waits for an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedPage {
    /// By what it is taken out.
    pub receipt: String,
    /// The page.
    pub page: Page,
}

port!(
    /// Parks pages of a fan-out that failed for good. One may be parked twice.
    ParkPages::park_pages(pages: &[Page]) -> ()
);
port!(
    /// Some of the pages that are parked; empty if none are, or others look at them
    /// just now.
    ListParked::list_parked() -> Vec<ParkedPage>
);
port!(
    /// Takes parked pages out.
    UnparkPages::unpark_pages(parked: &[ParkedPage]) -> ()
);

// ---- quotas

/// What may be done only so often a day, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Quota {
    /// What, e.g. `notices`.
    pub what: &'static str,
    /// By whom: a hash, never an address.
    pub whose: String,
    /// How often in a day of UTC.
    pub most: u32,
}

port!(
    /// Takes one of the day's places for what `holder` names; whoever holds one
    /// already takes no other. False if all are taken.
    TakePlace::take_place(quota: &Quota, holder: &str, now: Timestamp) -> bool
);

// ---- objects

/// A bucket, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bucket {
    /// Uploads and prepared bytes; never public.
    Quarantine,
    /// What the front door serves.
    Public,
    /// The workflows' own files.
    Work,
    /// Pages and published lists.
    Site,
}

port!(
    /// Size in bytes of an object, which need not be readable; `None` if there
    /// is none.
    ObjectSize::object_size(bucket: Bucket, key: &str) -> Option<u64>
);
port!(
    /// Reads an object of at most `bytes_max` bytes; `None` if there is none or
    /// it is larger.
    ReadObject::read_object(bucket: Bucket, key: &str, bytes_max: u64) -> Option<Vec<u8>>
);
port!(
    /// How the malware scan of an upload in quarantine stands; `None` if there
    /// is no upload.
    ReadMalwareScan::read_malware_scan(key: &str) -> Option<MalwareScan>
);
port!(
    /// Writes an object.
    WriteObject::write_object(bucket: Bucket, key: &str, content_type: &'static str, bytes: Vec<u8>) -> ()
);
port!(
    /// Copies an object from quarantine to the public bucket, with headers that
    /// let it be cached for ever: its key holds its hash.
    PublishObject::publish_object(from: &str, to: &str) -> ()
);

/// An object as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// What it held.
    pub bytes: Vec<u8>,
    /// What a swap expects to find: the ETag.
    pub version: String,
}

/// How long others may keep what they have read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// It changes; to be asked for again after a minute, but stale for a little
    /// longer rather than slow.
    Minute,
    /// It changes, and what was taken back must not be shown: for a minute and no
    /// longer.
    MinuteAtMost,
    /// Its key holds its hash.
    ForEver,
}

/// What came of a swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    /// It is written.
    Done,
    /// Something else stands there.
    Lost,
}

port!(
    /// Reads an object of at most `bytes_max` bytes with its version.
    ReadVersioned::read_versioned(bucket: Bucket, key: &str, bytes_max: u64) -> Option<Versioned>
);
/// An object to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewObject {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub content_type: &'static str,
    /// How long others may keep it.
    pub keep: Keep,
}

port!(
    /// Writes an object if what stands there is the expected version, or
    /// nothing for `None`. After a lost answer the repeat answers
    /// [`Swap::Lost`]: look at what stands there.
    SwapObject::swap_object(bucket: Bucket, key: &str, object: NewObject, expected: Option<&str>) -> Swap
);

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Its key.
    pub key: String,
    /// When it was last written.
    pub written_at: Timestamp,
}

port!(
    /// The objects whose keys begin so and come after `after`, in the order of
    /// their keys. As many as one call gives; empty after the last.
    ListObjects::list_objects(bucket: Bucket, prefix: &str, after: Option<&str>) -> Vec<ListedObject>
);
port!(
    /// Removes objects, as many as are there.
    RemoveObjects::remove_objects(bucket: Bucket, keys: &[String]) -> ()
);

/// Renders pages of the site, each in every language.
pub trait RenderPages: Send + Sync {
    /// Keys of the files that a page has, those first that others name.
    fn page_keys(&self, page: &PageName) -> Vec<String>;

    /// The files of the page that this content stands on, in the order of their
    /// keys. The same content at the same time gives the same bytes.
    fn render_page(
        &self,
        content: PageContent,
        now: Timestamp,
    ) -> impl Future<Output = PortResult<Vec<NewObject>>> + Send;
}

// ---- time

/// What time it is, and to let some go by.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Waits.
    fn wait(&self, duration: SignedDuration) -> impl Future<Output = ()> + Send;
}

// ---- services

/// The classifier's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// Which model decided.
    pub model: String,
    /// What it saw.
    pub labels: Vec<Label>,
}

port!(
    /// Classifies an image in the quarantine bucket.
    DetectLabels::detect_labels(key: &str) -> Detection
);

/// A mail that was not, or perhaps not, sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Not sent; it may go through later.
    #[error("the mail service took no mail")]
    NotSent(#[source] PortError),
    /// Not sent and it never will be: this recipient or message is refused.
    #[error("the mail service refused the mail: {0}")]
    Refused(String),
    /// The mail service failed, and may have sent it before.
    #[error("the mail service failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It left, and the answer was lost: perhaps sent.
    #[error("the mail service's answer was lost")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Sends a MIME message once; never retries by itself. Answers the message id.
pub trait SendMail: Send + Sync {
    /// Sends a MIME message once; never retries by itself. The mail service tells of
    /// it by its key. Answers the message id.
    fn send_mail(
        &self,
        to: &Email,
        mime: Vec<u8>,
        kind: &'static str,
        key: &MailKey,
    ) -> impl Future<Output = Result<String, SendError>> + Send;
}

/// What came of starting an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// It runs.
    Started,
    /// There is, or was, one of this name.
    Exists,
}

/// Where an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionState {
    /// It runs.
    Running,
    /// It ended well.
    Succeeded,
    /// It failed, timed out or was aborted.
    Failed,
}

port!(
    /// Starts an execution under this name.
    StartExecution::start_execution(workflow: Workflow, name: &str, input: &serde_json::Value) -> Start
);
port!(
    /// Looks at an execution; `None` if there is none of this name.
    DescribeExecution::describe_execution(workflow: Workflow, name: &str) -> Option<ExecutionState>
);

/// What came of answering a waiting task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The execution goes on.
    Delivered,
    /// Nobody waits on this token (any more).
    Gone,
}

port!(
    /// Answers a waiting task.
    AnswerTask::answer_task(token: &TaskToken, output: &serde_json::Value) -> Answer
);
port!(
    /// Tells the people on call. Never carries personal data.
    RaiseAlert::raise_alert(subject: &str, message: &str) -> ()
);
port!(
    /// Asks the user pool for the verified address of the bearer of this token.
    LookUpEmail::look_up_email(access_token: &str) -> Option<Email>
);

/// A form with which a browser may upload one photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadForm {
    /// Where to post it.
    pub url: String,
    /// Form fields, to be sent before the file, in this order.
    pub fields: Vec<(String, String)>,
    /// Until when.
    pub expires_at: Timestamp,
}

port!(
    /// Signs an upload of one photo of this type, of at most `bytes_max` bytes.
    SignUpload::sign_upload(member: &MemberId, photo: PhotoId, content_type: &'static str, bytes_max: u64, now: Timestamp) -> UploadForm
);

port!(
    /// The service's own key for a purpose; a purpose without one takes the
    /// fresh one. Answers the key that stands, to everybody the same.
    ServiceKey::service_key(purpose: &str, fresh: [u8; 32]) -> [u8; 32]
);

port!(
    /// Signs a link under which an object can be fetched for so many seconds.
    SignDownload::sign_download(bucket: Bucket, key: &str, seconds: u32) -> String
);

// ---- identity

port!(
    /// Removes an account from the user pool; one that is not there stays so.
    DeleteAccount::delete_account(id: &MemberId) -> ()
);

/// What signing in gives. Its `Debug` hides it, so that no log shows one.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// For the API, in the page's memory alone.
    pub access: String,
    /// Seconds for which the access token is good.
    pub expires_in_seconds: u32,
    /// For new access tokens; none if the one that was used stays good.
    pub refresh: Option<String>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}

/// What came of an attempt to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// Signed in.
    Done(Tokens),
    /// Not signed in, and nobody may learn whether for want of an account, of
    /// its confirmation or of the right password.
    Refused,
    /// The password was right and the pool asks for something more, which it
    /// names, e.g. `NEW_PASSWORD_REQUIRED`.
    Challenged(String),
}

/// What a browser is asked to sign with a passkey.
#[derive(Clone, PartialEq, Eq)]
pub struct PasskeyChallenge {
    /// To hand back with what it signed.
    pub session: String,
    /// The random bytes, in base64url without padding.
    pub challenge: String,
}

impl std::fmt::Debug for PasskeyChallenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasskeyChallenge(…)")
    }
}

/// What the WebAuthn API of a browser takes or gives, as JSON.
pub type WebAuthn = serde_json::Map<String, serde_json::Value>;

/// A passkey of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Its id, in base64url.
    pub id: String,
    /// What the pool calls it, by its maker.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// What came of adding a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyAddition {
    /// It signs in from now on.
    Added,
    /// The pool takes no such passkey, or did not ask for it.
    Refused,
    /// The sign-in has ended.
    SignedOut,
}

/// What came of creating an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It waits for its code.
    Created,
    /// The address has one.
    Exists,
    /// The pool takes no such address.
    BadAddress,
}

port!(
    /// Creates an account and has a code mailed to its address.
    CreateAccount::create_account(email: &Email, password: &str) -> Creation
);
port!(
    /// Has the code of an account that waits for it mailed again. Answers the
    /// same where there is none.
    ResendCode::resend_code(email: &Email) -> ()
);
port!(
    /// Confirms an account and its address; false if the code is not its own.
    /// A repeat answers false: the account no longer waits.
    ConfirmAccount::confirm_account(email: &Email, code: &str) -> bool
);
port!(
    /// Signs in with a password.
    CheckPassword::check_password(email: &Email, password: &str) -> SignIn
);
port!(
    /// Has a one-time code mailed and answers the session to hand back with it.
    /// `None` if the pool gave no session, as it may for an address it
    /// doesn't know.
    SendSignInCode::send_sign_in_code(email: &Email) -> Option<String>
);
port!(
    /// Signs in with a one-time code.
    CheckSignInCode::check_sign_in_code(email: &Email, session: &str, code: &str) -> SignIn
);
port!(
    /// Asks for a passkey. `None` if the pool asks for none: there is no such
    /// account, or it has no passkey.
    SendPasskeyChallenge::send_passkey_challenge(email: &Email) -> Option<PasskeyChallenge>
);
port!(
    /// Signs in with what a passkey signed.
    CheckPasskey::check_passkey(email: &Email, session: &str, credential: &WebAuthn) -> SignIn
);
port!(
    /// What a browser needs to make a passkey for the bearer of this access token;
    /// `None` if it is no longer good.
    StartPasskey::start_passkey(access_token: &str) -> Option<WebAuthn>
);
port!(
    /// Adds the passkey that was made.
    FinishPasskey::finish_passkey(access_token: &str, credential: &WebAuthn) -> PasskeyAddition
);
port!(
    /// The passkeys of the bearer, at most [`PASSKEYS_MAX`]; `None` if the access
    /// token is no longer good.
    ///
    /// [`PASSKEYS_MAX`]: crate::sign_in::PASSKEYS_MAX
    ListPasskeys::list_passkeys(access_token: &str) -> Option<Vec<Passkey>>
);
port!(
    /// Removes a passkey of the bearer; false if the access token is no longer
    /// good. One that is not there stays so.
    RemovePasskey::remove_passkey(access_token: &str, id: &str) -> bool
);
port!(
    /// New tokens for a refresh token; `None` if it is no longer good.
    RenewTokens::renew_tokens(refresh_token: &str) -> Option<Tokens>
);
port!(
    /// Ends a refresh token and all that came of it. One that has ended, or
    /// never was, stays so.
    RevokeToken::revoke_token(refresh_token: &str) -> ()
);
port!(
    /// Ends every refresh token of the bearer of this access token.
    SignOutEverywhere::sign_out_everywhere(access_token: &str) -> ()
);
port!(
    /// Has a code for a new password mailed. Answers the same where there is no
    /// account.
    StartReset::start_reset(email: &Email) -> ()
);
port!(
    /// Sets a new password; false if the code is not the account's own.
    FinishReset::finish_reset(email: &Email, code: &str, password: &str) -> bool
);
port!(
    /// Changes the password of a token's bearer; false if the token or the
    /// current password is not good.
    ChangePassword::change_password(access_token: &str, current: &str, new: &str) -> bool
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mails_key_fits_into_a_tag_and_comes_back() {
        let longest = MailKey {
            about: format!("follow-request:2026-11-26:{}", "f".repeat(64)),
            recipient: "m".repeat(64),
        };
        for key in [longest, MailKey { about: "event:01J9".into(), recipient: "ann_1-x".into() }] {
            let tag = key.tag();
            // Of the mail service's limit.
            assert!(tag.len() <= 256, "{tag}");
            assert!(tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            assert_eq!(MailKey::of_tag(&tag), Some(key));
        }
        for strange in ["", "&", "YQ", "/w"] {
            assert_eq!(MailKey::of_tag(strange), None, "{strange}");
        }
    }
}
