//! The wire pairs by the state that uses them. A new task adds one line here.

use seisiun_contracts::task;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// One wire type, without its Rust type.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    /// Fields, as a `Payload` spells them.
    pub(crate) fields: &'static [&'static str],
    /// Reads it and writes it again.
    pub(crate) rewrite: fn(&Value) -> Result<Value, String>,
}

impl std::fmt::Debug for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.fields).finish()
    }
}

/// The tag in an answer, that a Choice compares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag {
    pub(crate) field: &'static str,
    pub(crate) tags: &'static [&'static str],
}

/// An input and output pair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wire {
    /// Name of the state, or of the workflow's kind of work.
    pub(crate) name: &'static str,
    pub(crate) input: Option<Type>,
    pub(crate) output: Option<Type>,
    pub(crate) tag: Option<Tag>,
}

impl Wire {
    /// The type of one side.
    pub(crate) fn side(&self, side: &str) -> Option<Type> {
        match side {
            "input" => self.input,
            "output" => self.output,
            _ => None,
        }
    }
}

/// The pair of a task.
pub(crate) fn wire(name: &str) -> Option<&'static Wire> {
    WIRES.iter().find(|wire| wire.name == name)
}

fn rewrite<T: DeserializeOwned + Serialize>(json: &Value) -> Result<Value, String> {
    let read: T = serde_json::from_value(json.clone()).map_err(|error| error.to_string())?;
    serde_json::to_value(read).map_err(|error| error.to_string())
}

macro_rules! wire_type {
    () => {
        None
    };
    // What an operator may leave out; no state hands it on.
    (ReconcileInput) => {
        Some(Type {
            fields: &["grace_seconds", "restart", "switch", "redrive", "fan_out"],
            rewrite: rewrite::<task::ReconcileInput>,
        })
    };
    (AskKeepersInput) => {
        Some(Type { fields: &["all", "as_of"], rewrite: rewrite::<task::AskKeepersInput> })
    };
    (OpenDigestsInput) => {
        Some(Type { fields: &["time"], rewrite: rewrite::<task::OpenDigestsInput> })
    };
    (RefreshListingsInput) => {
        Some(Type { fields: &["all"], rewrite: rewrite::<task::RefreshListingsInput> })
    };
    ($ty:ident) => {
        Some(Type { fields: task::$ty::FIELDS, rewrite: rewrite::<task::$ty> })
    };
}

macro_rules! wires {
    ($($name:ident: $($input:ident)? => $($output:ident)? $(, $field:ident: $tag:ident)?;)*) => {
        /// Every pair.
        pub(crate) const WIRES: &[Wire] = &[$(Wire {
            name: stringify!($name),
            input: wire_type!($($input)?),
            output: wire_type!($($output)?),
            tag: {
                let tag: Option<Tag> = None;
                $(
                    let _ = tag;
                    let tag = Some(Tag { field: stringify!($field), tags: task::$tag::TAGS });
                )?
                tag
            },
        }),*];
    };
}

wires! {
    // What a workflow is started with.
    Submission: SubmissionInput =>;
    Event: EventInput =>;
    // The tasks.
    ValidateSubmission: ValidateSubmissionInput => ValidateSubmissionOutput, outcome: ValidationTag;
    PreparePhoto: PreparePhotoInput => PreparePhotoOutput, outcome: PreparationTag;
    ModeratePhoto: ModeratePhotoInput => ModeratePhotoOutput, verdict: VerdictTag;
    ModerateText: ModerateTextInput => ModerateTextOutput, verdict: VerdictTag;
    OpenCase: OpenCaseInput => OpenCaseOutput, state: CaseTag;
    AwaitDecision: => AwaitDecisionOutput, decision: DecisionTag;
    RemindModerators: RemindModeratorsInput => RemindModeratorsOutput, next: ReminderTag;
    PersistSession: PersistSessionInput => PersistSessionOutput;
    PublishListing: PublishListingInput => PublishListingOutput;
    PublishPage: PublishPageInput => PublishPageOutput;
    PersistReview: PersistReviewInput => PersistReviewOutput, outcome: PersistReviewTag;
    RejectSubmission: RejectSubmissionInput => RejectSubmissionOutput;
    PersistChange: PersistChangeInput => PersistChangeOutput, outcome: PersistChangeTag;
    WithdrawContent: WithdrawContentInput => WithdrawContentOutput;
    ExportPersonalData: ExportPersonalDataInput => ExportPersonalDataOutput;
    ErasePersonalData: ErasePersonalDataInput => ErasePersonalDataOutput, outcome: ErasureTag;
    StartNotify: StartNotifyInput => StartNotifyOutput;
    TellSubmitter: TellSubmitterInput => TellSubmitterOutput;
    AcknowledgeNotice: AcknowledgeNoticeInput => AcknowledgeNoticeOutput;
    ResolveNotice: ResolveNoticeInput => ResolveNoticeOutput;
    RecordFailure: RecordFailureInput => RecordFailureOutput;
    PlanFanOut: PlanFanOutInput => PlanFanOutOutput, outcome: PlanTag;
    SendBatch: SendBatchInput => SendBatchOutput;
    SummariseFanOut: SummariseFanOutInput => SummariseFanOutOutput, outcome: SummaryTag;
    // On a schedule, or for an operator.
    Reconcile: ReconcileInput => ReconcileOutput;
    RefreshListings: RefreshListingsInput => RefreshListingsOutput;
    AskKeepers: AskKeepersInput => AskKeepersOutput;
    OpenDigests: OpenDigestsInput => OpenDigestsOutput;
}
