//! The closed set of errors that reach Step Functions.

/// A name that a state machine may retry or catch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorName {
    /// A dependency failed, it may pass: retried.
    Dependency,
    /// A rate limit: retried, slower.
    Throttled,
    /// Something it waits for isn't there yet: retried, patiently.
    NotReady,
    /// The payload breaks the contract: caught.
    InvalidInput,
    /// Same id, other content: caught.
    Conflict,
    /// Our bug: caught, and a person is paged.
    Invariant,
}

impl ErrorName {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Dependency,
        Self::Throttled,
        Self::NotReady,
        Self::InvalidInput,
        Self::Conflict,
        Self::Invariant,
    ];

    /// The name as `ErrorEquals` spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dependency => "Task.Dependency",
            Self::Throttled => "Task.Throttled",
            Self::NotReady => "Task.NotReady",
            Self::InvalidInput => "Task.InvalidInput",
            Self::Conflict => "Task.Conflict",
            Self::Invariant => "Task.Invariant",
        }
    }

    /// Whether trying again, unchanged, may help.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Dependency | Self::Throttled | Self::NotReady)
    }
}
