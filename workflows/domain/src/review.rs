//! Reviews of a session.

use jiff::{Timestamp, ToSpan, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{MemberId, SessionId, SubmissionId},
    limits,
    problem::Problems,
    text,
};

/// A review as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewDraft {
    /// The session reviewed.
    pub session_id: SessionId,
    /// 1 to 5.
    #[schemars(range(min = 1, max = 5))]
    pub rating: u8,
    /// How welcome one feels, 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5))]
    pub welcome: Option<u8>,
    /// How well they play, 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5))]
    pub level: Option<u8>,
    /// How loud the room is, 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5))]
    pub noise: Option<u8>,
    /// The evening it is about, `YYYY-MM-DD`.
    #[schemars(extend("format" = "date"))]
    pub visited_on: String,
    /// What there is to say.
    #[serde(default)]
    #[schemars(length(max = limits::REVIEW_CHARS_MAX))]
    pub text: String,
    /// The id of the member's review that this one replaces: an edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<SubmissionId>,
}

impl ReviewDraft {
    /// Cleans and checks the draft. `today` is the latest date anywhere on
    /// earth, so that nobody is refused for living east of us.
    pub fn validate(&self, today: Date) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let p = &mut problems;
        let facets = [
            ("rating", Some(self.rating)),
            ("welcome", self.welcome),
            ("level", self.level),
            ("noise", self.noise),
        ];
        for (field, value) in facets {
            if value.is_some_and(|value| !(1..=5).contains(&value)) {
                p.add(field, "out_of_range", "must be between 1 and 5");
            }
        }
        match self.visited_on.parse::<Date>() {
            Ok(date) if self.visited_on.len() == 10 => {
                let earliest = today.saturating_sub(limits::VISITED_DAYS_BACK_MAX.days());
                if date > today {
                    p.add("visited_on", "in_the_future", "must not be in the future");
                } else if date < earliest {
                    p.add("visited_on", "too_long_ago", "must be within the last five years");
                }
            }
            _ => p.add("visited_on", "invalid_date", "must be a date such as 2026-01-31"),
        }
        let text = text::paragraph(&self.text, "text", limits::REVIEW_CHARS_MAX, p);
        problems.or(Some(Self { text, ..self.clone() }))
    }
}

/// What all reviews of a session come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rating {
    /// How many there are.
    pub count: u32,
    /// Sum of their ratings.
    pub sum: u32,
}

impl Rating {
    /// The mean, 1 to 5; `None` without reviews.
    #[must_use]
    pub fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| f64::from(self.sum) / f64::from(self.count))
    }
}

/// A review as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The submission that brought it.
    pub submission_id: SubmissionId,
    /// Who wrote it: one per member and session.
    pub member_id: MemberId,
    /// What it says.
    pub draft: ReviewDraft,
    /// When it became public.
    pub published_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn ratings_and_dates_are_held_to_their_range() {
        let good = samples::review("01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap());
        let today = jiff::civil::date(2026, 11, 24);
        assert_eq!(good.validate(today).unwrap(), good);
        for (change, field, code) in [
            (ReviewDraft { rating: 0, ..good.clone() }, "rating", "out_of_range"),
            (ReviewDraft { noise: Some(6), ..good.clone() }, "noise", "out_of_range"),
            (
                ReviewDraft { visited_on: "2026-11-25".into(), ..good.clone() },
                "visited_on",
                "in_the_future",
            ),
            (
                ReviewDraft { visited_on: "2019-11-25".into(), ..good.clone() },
                "visited_on",
                "too_long_ago",
            ),
            (
                ReviewDraft { visited_on: "yesterday".into(), ..good.clone() },
                "visited_on",
                "invalid_date",
            ),
            (ReviewDraft { text: "x".repeat(4001), ..good.clone() }, "text", "too_long"),
        ] {
            let problems = change.validate(today).unwrap_err().0;
            assert_eq!((problems[0].field.as_str(), problems[0].code.as_str()), (field, code));
        }
    }
}
