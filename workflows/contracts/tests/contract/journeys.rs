//! The stories that the machines are for, and the states each enters.

/// One story.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Journey {
    pub(crate) machine: &'static str,
    pub(crate) name: &'static str,
    /// See [`crate::simulate::walk`].
    pub(crate) story: &'static [(&'static str, &'static str)],
    pub(crate) states: &'static [&'static str],
    /// Whether it is the clean path, which [`STATES_MAX`] holds for.
    pub(crate) clean: bool,
}

/// States entered on a clean path without photos, at most: every one is a
/// transition that is paid for and waited for, of every submission.
pub(crate) const STATES_MAX: usize = 8;

/// The wire type that a machine is started with.
pub(crate) fn input_of(machine: &str) -> Option<&'static str> {
    match machine {
        "session-submission" | "review-submission" => Some("Submission"),
        "notify-followers" => Some("Event"),
        _ => None,
    }
}

/// Shortens the table below.
const fn journey(
    machine: &'static str,
    name: &'static str,
    story: &'static [(&'static str, &'static str)],
    states: &'static [&'static str],
) -> Journey {
    Journey { machine, name, story, states, clean: false }
}

const fn clean(journey: Journey) -> Journey {
    Journey { clean: true, ..journey }
}

const SESSION: &str = "session-submission";
const REVIEW: &str = "review-submission";
const NOTIFY: &str = "notify-followers";

/// Every story.
pub(crate) const JOURNEYS: &[Journey] = &[
    clean(journey(
        SESSION,
        "no photos, nothing to look at",
        &[("ValidateSubmission", "no-photos"), ("ModerateText", "publish")],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModerateText",
            "RouteVerdict",
            "PersistSession",
            "StartNotify",
            "TellSubmitter",
        ],
    )),
    journey(
        SESSION,
        "one photo, nothing to look at",
        &[
            ("ValidateSubmission", "one-photo"),
            ("PreparePhoto", "prepared"),
            ("ModeratePhoto", "publish"),
            ("ModerateText", "publish"),
        ],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModeratePhotos/PreparePhoto",
            "ModeratePhotos/RoutePreparation",
            "ModeratePhotos/ModeratePhoto",
            "ModerateText",
            "RouteVerdict",
            "PersistSession",
            "StartNotify",
            "TellSubmitter",
        ],
    ),
    journey(
        SESSION,
        "one photo, refused: published without it",
        &[
            ("ValidateSubmission", "one-photo"),
            ("PreparePhoto", "refused"),
            ("ModerateText", "publish"),
        ],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModeratePhotos/PreparePhoto",
            "ModeratePhotos/RoutePreparation",
            "ModeratePhotos/LeaveOutPhoto",
            "ModerateText",
            "RouteVerdict",
            "PersistSession",
            "StartNotify",
            "TellSubmitter",
        ],
    ),
    journey(
        SESSION,
        "one photo, no classifier: a moderator approves",
        &[
            ("ValidateSubmission", "one-photo"),
            ("PreparePhoto", "prepared"),
            ("ModeratePhoto", "!Task.Dependency"),
            ("ModerateText", "review"),
            ("OpenCase", "approve"),
        ],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModeratePhotos/PreparePhoto",
            "ModeratePhotos/RoutePreparation",
            "ModeratePhotos/ModeratePhoto",
            "ModeratePhotos/LeaveToModerator",
            "ModerateText",
            "RouteVerdict",
            "OpenCase",
            "RouteDecision",
            "PersistSession",
            "StartNotify",
            "TellSubmitter",
        ],
    ),
    journey(
        SESSION,
        "flagged, reminded once, a moderator rejects",
        &[
            ("ValidateSubmission", "no-photos"),
            ("ModerateText", "review"),
            ("OpenCase", "!States.Timeout"),
            ("OpenCase", "reject"),
            ("RemindModerators", "wait"),
        ],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModerateText",
            "RouteVerdict",
            "OpenCase",
            "RemindModerators",
            "RouteReminder",
            "OpenCase",
            "RouteDecision",
            "RejectSubmission",
            "TellSubmitter",
        ],
    ),
    journey(
        SESSION,
        "flagged, nobody decides",
        &[
            ("ValidateSubmission", "no-photos"),
            ("ModerateText", "review"),
            ("OpenCase", "!States.Timeout"),
            ("RemindModerators", "give-up"),
        ],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModerateText",
            "RouteVerdict",
            "OpenCase",
            "RemindModerators",
            "RouteReminder",
            "DecisionTimedOut",
            "RecordFailure",
            "SubmissionFailed",
        ],
    ),
    journey(
        SESSION,
        "rejected by its verdict",
        &[("ValidateSubmission", "no-photos"), ("ModerateText", "reject")],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModerateText",
            "RouteVerdict",
            "RejectSubmission",
            "TellSubmitter",
        ],
    ),
    journey(
        SESSION,
        "rejected by the rules",
        &[("ValidateSubmission", "rejected")],
        &["ValidateSubmission", "RouteValidation", "TellSubmitter"],
    ),
    journey(
        SESSION,
        "a failure at the very start",
        &[("ValidateSubmission", "!Task.Invariant")],
        &["ValidateSubmission", "RecordFailure", "SubmissionFailed"],
    ),
    journey(
        SESSION,
        "a failure in the last step",
        &[
            ("ValidateSubmission", "no-photos"),
            ("ModerateText", "publish"),
            ("TellSubmitter", "!Task.Dependency"),
            ("RecordFailure", "!Task.Dependency"),
        ],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModerateText",
            "RouteVerdict",
            "PersistSession",
            "StartNotify",
            "TellSubmitter",
            "RecordFailure",
            "SubmissionFailed",
        ],
    ),
    clean(journey(
        REVIEW,
        "no photos, nothing to look at",
        &[("ValidateSubmission", "no-photos"), ("ModerateText", "publish")],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModerateText",
            "RouteVerdict",
            "PersistReview",
            "TellSubmitter",
        ],
    )),
    journey(
        REVIEW,
        "one photo, nothing to look at",
        &[
            ("ValidateSubmission", "one-photo"),
            ("PreparePhoto", "prepared"),
            ("ModeratePhoto", "publish"),
            ("ModerateText", "publish"),
        ],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModeratePhotos/PreparePhoto",
            "ModeratePhotos/RoutePreparation",
            "ModeratePhotos/ModeratePhoto",
            "ModerateText",
            "RouteVerdict",
            "PersistReview",
            "TellSubmitter",
        ],
    ),
    journey(
        REVIEW,
        "one photo, refused: published without it",
        &[
            ("ValidateSubmission", "one-photo"),
            ("PreparePhoto", "refused"),
            ("ModerateText", "publish"),
        ],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModeratePhotos/PreparePhoto",
            "ModeratePhotos/RoutePreparation",
            "ModeratePhotos/LeaveOutPhoto",
            "ModerateText",
            "RouteVerdict",
            "PersistReview",
            "TellSubmitter",
        ],
    ),
    journey(
        REVIEW,
        "flagged, reminded once, a moderator approves",
        &[
            ("ValidateSubmission", "no-photos"),
            ("ModerateText", "review"),
            ("OpenCase", "!States.Timeout"),
            ("OpenCase", "approve"),
            ("RemindModerators", "wait"),
        ],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModerateText",
            "RouteVerdict",
            "OpenCase",
            "RemindModerators",
            "RouteReminder",
            "OpenCase",
            "RouteDecision",
            "PersistReview",
            "TellSubmitter",
        ],
    ),
    journey(
        REVIEW,
        "flagged, a moderator rejects",
        &[("ValidateSubmission", "no-photos"), ("ModerateText", "review"), ("OpenCase", "reject")],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModerateText",
            "RouteVerdict",
            "OpenCase",
            "RouteDecision",
            "RejectSubmission",
            "TellSubmitter",
        ],
    ),
    journey(
        REVIEW,
        "flagged, nobody decides",
        &[
            ("ValidateSubmission", "no-photos"),
            ("ModerateText", "review"),
            ("OpenCase", "!States.Timeout"),
            ("RemindModerators", "give-up"),
        ],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModerateText",
            "RouteVerdict",
            "OpenCase",
            "RemindModerators",
            "RouteReminder",
            "DecisionTimedOut",
            "RecordFailure",
            "SubmissionFailed",
        ],
    ),
    journey(
        REVIEW,
        "rejected by its verdict",
        &[("ValidateSubmission", "no-photos"), ("ModerateText", "reject")],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModerateText",
            "RouteVerdict",
            "RejectSubmission",
            "TellSubmitter",
        ],
    ),
    journey(
        REVIEW,
        "rejected by the rules",
        &[("ValidateSubmission", "rejected")],
        &["ValidateSubmission", "RouteValidation", "TellSubmitter"],
    ),
    journey(
        REVIEW,
        "refused in the last moment: another review came first",
        &[
            ("ValidateSubmission", "no-photos"),
            ("ModerateText", "publish"),
            ("PersistReview", "rejected"),
        ],
        &[
            "ValidateSubmission",
            "RouteValidation",
            "ModeratePhotos",
            "ModerateText",
            "RouteVerdict",
            "PersistReview",
            "TellSubmitter",
        ],
    ),
    clean(journey(
        NOTIFY,
        "no followers",
        &[("PlanFanOut", "nobody"), ("SummariseFanOut", "complete")],
        &["PlanFanOut", "RoutePlan", "SummariseFanOut", "RouteSummary", "FanOutDone"],
    )),
    clean(journey(
        NOTIFY,
        "one page of followers",
        &[("PlanFanOut", "one-page"), ("SummariseFanOut", "complete")],
        &[
            "PlanFanOut",
            "RoutePlan",
            "SendPages",
            "SendPages/SendBatch",
            "SummariseFanOut",
            "RouteSummary",
            "FanOutDone",
        ],
    )),
    journey(
        NOTIFY,
        "three pages",
        &[("PlanFanOut", "three-pages"), ("SummariseFanOut", "complete")],
        &[
            "PlanFanOut",
            "RoutePlan",
            "SendPages",
            "SendPages/SendBatch",
            "SendPages/SendBatch",
            "SendPages/SendBatch",
            "SummariseFanOut",
            "RouteSummary",
            "FanOutDone",
        ],
    ),
    journey(
        NOTIFY,
        "a page that did not report",
        &[("PlanFanOut", "one-page"), ("SummariseFanOut", "incomplete")],
        &[
            "PlanFanOut",
            "RoutePlan",
            "SendPages",
            "SendPages/SendBatch",
            "SummariseFanOut",
            "RouteSummary",
            "FanOutIncomplete",
            "RecordFailure",
            "FanOutFailed",
        ],
    ),
    journey(
        NOTIFY,
        "no plan",
        &[("PlanFanOut", "!Task.Invariant")],
        &["PlanFanOut", "RecordFailure", "FanOutFailed"],
    ),
];
