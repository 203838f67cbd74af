//! What the functions measure, by the names that alarms and dashboards know:
//! `ops/metrics.yaml` lists them, and a test holds the two together.

/// Namespace of our own metrics.
pub const NAMESPACE: &str = "Seisiun";
/// Dimension of every metric: the name of the application's stack.
pub const STACK: &str = "Stack";
/// Second dimension of those that differ by workflow.
pub const WORKFLOW: &str = "Workflow";
/// Second dimension of those that differ by the reason of a decision.
pub const REASON: &str = "Reason";

/// What a value counts or measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Time.
    Seconds,
}

macro_rules! metrics {
    ($($(#[$doc:meta])* $name:ident: $unit:ident;)+) => {
        /// A metric of ours. One that is a state rather than an event (how many
        /// wait, for how long) is measured by a scheduled function each time.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Metric {
            $($(#[$doc])* $name,)+
        }

        impl Metric {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its name in CloudWatch.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// Its unit.
            #[must_use]
            pub const fn unit(self) -> Unit {
                match self {
                    $(Self::$name => Unit::$unit,)+
                }
            }
        }
    };
}

metrics! {
    /// Stored by the API; by workflow, too.
    SubmissionsAccepted: Count;
    /// Refused by the API for what was in them.
    SubmissionsRefused: Count;
    /// Came to be public; by workflow, too.
    SubmissionsPublished: Count;
    /// Came not to be; by workflow, too.
    SubmissionsRejected: Count;
    /// From accepted to public, where no person had to look.
    TimeToPublish: Seconds;
    /// From put before the moderators to a decision; an appeal, from the appeal.
    TimeToDecision: Seconds;
    /// Cases put before the moderators, appeals apart.
    CasesOpened: Count;
    /// Appeals put before them.
    AppealsReceived: Count;
    /// Appeals decided; by the reason of the first decision, too.
    AppealsDecided: Count;
    /// Of those, the ones that overturned it; by its reason, too.
    AppealsOverturned: Count;
    /// Cases that wait for a moderator.
    UndecidedCases: Count;
    /// For how long the first of them has waited.
    OldestUndecidedCase: Seconds;
    /// Work that is owed and not waiting for a person, as far as one run looks.
    OpenWork: Count;
    /// For how long the first of it has been owed.
    OldestOpenWork: Seconds;
    /// Work that was started again.
    WorkRestarted: Count;
    /// Work that was given up, for a person to look at.
    WorkGivenUp: Count;
    /// Handed to the mail service.
    MailsSent: Count;
    /// Refused by it, or lost to a cut in the middle of sending.
    MailsFailed: Count;
    /// Given up, since nobody will ever know whether they were sent.
    MailsUnknown: Count;
    /// Came back, for good or for now.
    MailsBounced: Count;
    /// Called spam by their readers.
    MailsComplained: Count;
    /// Addresses that get no more mail.
    AddressesSuppressed: Count;
    /// From the event to a follower's mail in the mail service's hands.
    NotificationDelay: Seconds;
    /// Photos that were made fit to be shown.
    PhotosPrepared: Count;
    /// Photos that can't be shown: damaged, too large, of another kind.
    PhotosRefused: Count;
    /// Photos that nobody may look at, since their malware scan has no answer.
    PhotosUnscanned: Count;
    /// Photos that the classifier holds for a moderator, or refuses.
    PhotosFlagged: Count;
    /// Uploads that the malware scan found something in.
    ThreatsFound: Count;
    /// Published lists that were renewed.
    ListsRefreshed: Count;
    /// Successful sign-ins.
    SignIns: Count;
    /// Sign-ins that were refused.
    SignInsRefused: Count;
    /// Notices of content that should not be there.
    NoticesReceived: Count;
    /// 1 while mail may be sent, 0 while it is switched off.
    MailEnabled: Count;
    /// 1 while photos are taken, 0 while uploads are switched off.
    UploadsEnabled: Count;
}

impl Metric {
    /// The second dimension by which it is given, too.
    #[must_use]
    pub const fn dimension(self) -> Option<&'static str> {
        match self {
            Self::SubmissionsAccepted | Self::SubmissionsPublished | Self::SubmissionsRejected => {
                Some(WORKFLOW)
            }
            Self::AppealsDecided | Self::AppealsOverturned => Some(REASON),
            _ => None,
        }
    }
}
