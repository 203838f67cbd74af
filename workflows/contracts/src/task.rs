//! One input and output pair per task, named after its state.

use jiff::Timestamp;
use seisiun_domain::{
    PhotoId, SubmissionId,
    follow::{FollowerId, Target},
    submission::Workflow,
    switch::Switch,
};
use serde::{Deserialize, Serialize};

macro_rules! wire {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident : $ty:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[$field_doc])* pub $field: $ty),* }

            impl $name {
                /// The fields, as a state machine's `Payload` spells them.
                pub const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];
            }
        )*
    };
}

macro_rules! tags {
    ($($(#[$doc:meta])* $name:ident { $($(#[$tag_doc:meta])* $variant:ident = $text:literal),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
            pub enum $name { $($(#[$tag_doc])* #[serde(rename = $text)] $variant),* }

            impl $name {
                /// Every tag, as a Choice compares it.
                pub const TAGS: &'static [&'static str] = &[$($text),*];
            }
        )*
    };
}

tags! {
    /// Whether a submission goes on.
    ValidationTag {
        /// Moderate it.
        Valid = "valid",
        /// Its rejection is recorded; tell the submitter.
        Rejected = "rejected",
    }
    /// What became of a photo.
    PreparationTag {
        /// Classify it.
        Prepared = "prepared",
        /// It is left out.
        Refused = "refused",
        /// Nothing says that it is free of malware: a person decides.
        Unscanned = "unscanned",
    }
    /// The verdict on a photo or a submission.
    VerdictTag {
        /// Publish.
        Publish = "publish",
        /// A moderator decides.
        Review = "review",
        /// Refuse.
        Reject = "reject",
    }
    /// Where a case stands.
    CaseTag {
        /// It waits for a moderator.
        Undecided = "undecided",
        /// It was decided: publish.
        Approve = "approve",
        /// It was decided: refuse.
        Reject = "reject",
    }
    /// What a moderator decided.
    DecisionTag {
        /// Publish.
        Approve = "approve",
        /// Refuse.
        Reject = "reject",
    }
    /// Whether to wait on.
    ReminderTag {
        /// Wait once more.
        Wait = "wait",
        /// Give up.
        GiveUp = "give_up",
    }
    /// Whether a fan-out has anybody to mail.
    PlanTag {
        /// There are pages to send.
        Pages = "pages",
        /// Nobody follows, or nothing is left.
        Nobody = "nobody",
    }
    /// Whether every page of a fan-out has reported.
    SummaryTag {
        /// All have, and the fate of every mail is settled.
        Complete = "complete",
        /// All have; some are to be sent once more when events of mails have come.
        Unsettled = "unsettled",
        /// Some failed for good; a restart sends what is left.
        Incomplete = "incomplete",
    }
    /// What became of a change.
    PersistChangeTag {
        /// The session is changed.
        Published = "published",
        /// It no longer fits; the rejection is recorded.
        Rejected = "rejected",
    }
    /// Whether a member is erased.
    ErasureTag {
        /// Some is left: once more.
        Partly = "partly",
        /// Nothing is.
        Wholly = "wholly",
    }
    /// What became of a review.
    PersistReviewTag {
        /// Public.
        Published = "published",
        /// Refused in the last moment; the rejection is recorded.
        Rejected = "rejected",
    }
}

wire! {
    /// Input of the submission workflows.
    SubmissionInput {
        /// The stored submission.
        submission_id: SubmissionId,
    }
    /// Input of notify-followers.
    EventInput {
        /// The stored event.
        event_id: SubmissionId,
    }
    /// See `validate_submission`.
    ValidateSubmissionInput { /// Which one.
        submission_id: SubmissionId }
    /// See `validate_submission`.
    ValidateSubmissionOutput { /// Whether it goes on.
        outcome: ValidationTag, /// Photos to moderate.
        photos: Vec<PhotoId> }
    /// See `prepare_photo`.
    PreparePhotoInput { /// Which submission.
        submission_id: SubmissionId, /// Which of its photos.
        photo_id: PhotoId }
    /// See `prepare_photo`.
    PreparePhotoOutput { /// What became of it.
        outcome: PreparationTag }
    /// See `moderate_photo`.
    ModeratePhotoInput { /// Which submission.
        submission_id: SubmissionId, /// Which of its photos.
        photo_id: PhotoId }
    /// See `moderate_photo`.
    ModeratePhotoOutput { /// The photo's verdict.
        verdict: VerdictTag }
    /// See `moderate_text`.
    ModerateTextInput { /// Which one.
        submission_id: SubmissionId }
    /// See `moderate_text`.
    ModerateTextOutput { /// The submission's one verdict.
        verdict: VerdictTag }
    /// See `open_case`.
    OpenCaseInput { /// Which one.
        submission_id: SubmissionId }
    /// See `open_case`.
    OpenCaseOutput { /// Where its case stands.
        state: CaseTag }
    /// What a moderator's decision answers the waiting state; see `decide_case`.
    AwaitDecisionOutput { /// What was decided.
        decision: DecisionTag }
    /// See `acknowledge_notice`.
    AcknowledgeNoticeInput { /// Which one.
        submission_id: SubmissionId }
    /// See `acknowledge_notice`.
    AcknowledgeNoticeOutput { /// Which one.
        submission_id: SubmissionId, /// What became of the mail, for the eye.
        mail: String }
    /// See `resolve_notice`.
    ResolveNoticeInput { /// Which one.
        submission_id: SubmissionId }
    /// See `resolve_notice`.
    ResolveNoticeOutput { /// Which one.
        submission_id: SubmissionId, /// What became of the mail, for the eye.
        mail: String }
    /// See `remind_moderators`.
    RemindModeratorsInput { /// Which one.
        submission_id: SubmissionId, /// Counts from 1.
        reminder: u32 }
    /// See `remind_moderators`.
    RemindModeratorsOutput { /// Whether to wait on.
        next: ReminderTag }
    /// See `persist_session`.
    PersistSessionInput { /// Which one.
        submission_id: SubmissionId }
    /// See `persist_session`.
    PersistSessionOutput { /// Last part of the page's address.
        slug: String }
    /// See `publish_listing`.
    PublishListingInput { /// Which one.
        submission_id: SubmissionId }
    /// See `publish_listing`.
    PublishListingOutput { /// Which one.
        submission_id: SubmissionId }
    /// See `publish_page`.
    PublishPageInput { /// Which one.
        submission_id: SubmissionId }
    /// See `publish_page`.
    PublishPageOutput { /// Which one.
        submission_id: SubmissionId }
    /// See `persist_review`.
    PersistReviewInput { /// Which one.
        submission_id: SubmissionId }
    /// See `persist_review`.
    PersistReviewOutput { /// What came of it.
        outcome: PersistReviewTag }
    /// See `persist_change`.
    PersistChangeInput { /// Which one.
        submission_id: SubmissionId }
    /// See `persist_change`.
    PersistChangeOutput { /// What came of it.
        outcome: PersistChangeTag }
    /// See `withdraw_content`.
    WithdrawContentInput { /// Which one.
        submission_id: SubmissionId }
    /// See `withdraw_content`.
    WithdrawContentOutput { /// Which one.
        submission_id: SubmissionId }
    /// See `export_personal_data`.
    ExportPersonalDataInput { /// Which one.
        submission_id: SubmissionId }
    /// See `export_personal_data`.
    ExportPersonalDataOutput { /// Which one.
        submission_id: SubmissionId }
    /// See `erase_personal_data`.
    ErasePersonalDataInput { /// Which one.
        submission_id: SubmissionId }
    /// See `erase_personal_data`. With the id, since it is the next run's input.
    ErasePersonalDataOutput { /// Whether there is more.
        outcome: ErasureTag, /// Which one.
        submission_id: SubmissionId }
    /// See `reject_submission`.
    RejectSubmissionInput { /// Which one.
        submission_id: SubmissionId }
    /// See `reject_submission`.
    RejectSubmissionOutput { /// Which one.
        submission_id: SubmissionId }
    /// See `start_notify`.
    StartNotifyInput { /// Which one.
        submission_id: SubmissionId }
    /// See `start_notify`.
    StartNotifyOutput { /// Which event is told.
        event_id: SubmissionId }
    /// See `tell_submitter`.
    TellSubmitterInput { /// Which one.
        submission_id: SubmissionId }
    /// See `tell_submitter`.
    TellSubmitterOutput { /// Which one.
        submission_id: SubmissionId, /// What became of the mail, for the eye.
        mail: String }
    /// See `record_failure`.
    RecordFailureInput { /// Whose work failed.
        id: SubmissionId, /// In which workflow.
        workflow: Workflow, /// Name of the execution that failed.
        execution: String, /// The error's name.
        error: String }
    /// See `record_failure`.
    RecordFailureOutput { /// Whose work failed.
        id: SubmissionId }
    /// See `plan_fan_out`.
    PlanFanOutInput { /// Which event.
        event_id: SubmissionId }
    /// See `plan_fan_out`.
    PlanFanOutOutput { /// Whether there is anybody to mail.
        outcome: PlanTag, /// Where the manifest lies, in the work bucket.
        manifest_key: String, /// Its lines.
        pages: u32, /// Follows in them.
        follows: u64 }
    /// See `send_batch`: one line of the manifest.
    SendBatchInput { /// Which event.
        event_id: SubmissionId, /// Number of the page.
        page: u32, /// Whose followers.
        target: Target, /// In which partition.
        shard: u8, /// Excluded lower end.
        after: Option<FollowerId>, /// Included upper end.
        through: Option<FollowerId> }
    /// See `send_batch`. Short: a million followers make ten thousand of them.
    SendBatchOutput { /// Mails sent by this run.
        sent: u64 }
    /// See `summarise_fan_out`.
    SummariseFanOutInput { /// Which event.
        event_id: SubmissionId, /// Pages that were to be sent.
        pages: u32 }
    /// See `summarise_fan_out`.
    SummariseFanOutOutput { /// Whether all pages have reported.
        outcome: SummaryTag, /// Where the manifest of what is left lies; empty if nothing is.
        #[serde(default)]
        manifest_key: String, /// Pages that are left.
        pages: u32, /// Mails sent.
        sent: u64, /// Not wanted any more.
        skipped: u64, /// To addresses that get none.
        #[serde(default)]
        suppressed: u64, /// Refused by the mail service.
        refused: u64, /// Perhaps sent.
        unresolved: u64, /// Nobody will ever know.
        #[serde(default)]
        unknown: u64 }
    /// See `reconcile`. The schedule's event carries more; it is ignored.
    ReconcileOutput { /// Open work looked at.
        open: u32, /// Started for the first time.
        started: u32, /// Started again.
        restarted: u32, /// Given up.
        given_up: u32, /// How far a fan-out is, if that was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fan_out: Option<FanOutProgress> }
    /// How far a fan-out is.
    FanOutProgress { /// Whether it is paused.
        paused: bool, /// Pages that were planned.
        pages: u32, /// Of those, the ones that have reported.
        reported: u32, /// Of those, the ones in which the fate of a mail is open.
        unsettled: u32, /// Follows in all pages.
        follows: u64, /// Mails sent.
        sent: u64, /// Not wanted any more.
        skipped: u64, /// To addresses that get none.
        suppressed: u64, /// Refused by the mail service.
        refused: u64, /// Perhaps sent.
        unresolved: u64, /// Nobody will ever know.
        unknown: u64 }
    /// See `open_digests`.
    OpenDigestsOutput { /// Zones in which somebody wants digests.
        zones: u32, /// Digests that it began.
        digests: u32 }
    /// See `ask_keepers`.
    AskKeepersOutput { /// Counties looked through.
        lists: u32, /// Sessions that are to be asked about.
        sessions: u32, /// Mails sent.
        sent: u32 }
    /// See `refresh_listings`.
    RefreshListingsOutput { /// Lists looked after.
        lists: u32, /// Counties whose calendar and feed were renewed.
        counties: u32, /// Pages that were made anew.
        #[serde(default)]
        pages: u32, /// Superseded files removed.
        removed: u32, /// Files put back that were not there.
        restored: u32 }
}

/// See `refresh_listings`: what a schedule or an operator hands it. A
/// schedule's own fields are ignored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RefreshListingsInput {
    /// Every list, rather than those of the present hour.
    #[serde(default)]
    pub all: bool,
}

/// See `open_digests`: what a schedule or an operator hands it. A schedule's other
/// fields are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenDigestsInput {
    /// The time as of which it runs: that of the schedule's event.
    pub time: Timestamp,
}

/// See `ask_keepers`: what a schedule or an operator hands it. A schedule's own
/// fields are ignored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AskKeepersInput {
    /// Every county, rather than those of the present hour.
    #[serde(default)]
    pub all: bool,
    /// As it would be at another time: a drill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
}

/// See `reconcile`: what a schedule or an operator hands it. A schedule's own
/// fields are ignored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReconcileInput {
    /// Work younger than this is left alone; the configured grace if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_seconds: Option<u32>,
    /// Failed work that an operator wants done once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<RestartRequest>,
    /// What an operator switches on or off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch: Option<SwitchRequest>,
    /// Whether the fan-outs are to go on whose pages failed for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redrive: bool,
    /// A fan-out that an operator looks at, pauses or lets go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fan_out: Option<FanOutRequest>,
}

/// A fan-out to look at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FanOutRequest {
    /// Of which event.
    pub event_id: SubmissionId,
    /// Whether to pause it; as it is if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
}

/// Something to switch on or off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwitchRequest {
    /// What.
    pub what: Switch,
    /// Whether it should be on.
    pub on: bool,
}

/// Failed work to do once more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestartRequest {
    /// Whose.
    pub id: SubmissionId,
    /// In which workflow.
    pub workflow: Workflow,
}
