//! What can be in the way of a request, and how a member is told.

use seisiun_contracts::api::ProblemDetails;
use seisiun_domain::problem::Problem;

use super::words::Words;

/// Why something that was asked of the API did not come about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No connection, or no answer.
    Unreachable,
    /// The sign-in has ended.
    SignedOut,
    /// The API says no.
    Refused(Box<ProblemDetails>),
    /// Something answers that is not the API, or not as it should.
    Unclear,
}

impl Trouble {
    /// The last part of the problem's type.
    pub(crate) fn kind(&self) -> &str {
        match self {
            Self::Refused(problem) => problem.kind.rsplit_once('#').map_or("", |(_, kind)| kind),
            _ => "",
        }
    }

    /// Fields that are not in order.
    pub(crate) fn problems(&self) -> &[Problem] {
        match self {
            Self::Refused(problem) => &problem.problems,
            _ => &[],
        }
    }

    /// What there is to say of it, in the words' language; none where the API
    /// alone can say it, in English.
    pub(crate) fn in_words(&self, words: &'static Words) -> Option<&'static str> {
        Some(match self {
            Self::Unreachable => words.offline,
            Self::SignedOut => words.signed_out,
            Self::Unclear => words.try_again,
            Self::Refused(problem) => match self.kind() {
                "invalid-content" if !problem.problems.is_empty() => words.not_in_order,
                "not-signed-in" => words.not_signed_in,
                "bad-code" => words.bad_code,
                "not-offered" => words.not_offered,
                "sign-in-step" => words.sign_in_step,
                "unverified" => words.unverified,
                "slow-down" => words.slow_down,
                "switched-off" => words.switched_off,
                "try-again" | "our-mistake" => words.try_again,
                "not-found" | "gone" => words.not_found,
                "unauthorised" | "signed-out" => words.signed_out,
                _ if problem.detail.is_empty() && problem.title.is_empty() => words.try_again,
                _ => return None,
            },
        })
    }

    /// What the API says of it.
    pub(crate) fn in_english(&self) -> String {
        match self {
            Self::Refused(problem) if !problem.detail.is_empty() => problem.detail.clone(),
            Self::Refused(problem) => problem.title.clone(),
            _ => String::new(),
        }
    }
}

/// What is wrong with a field, in the words' language; none where the API alone
/// can say it.
pub(crate) fn problem_in_words(problem: &Problem, words: &'static Words) -> Option<&'static str> {
    Some(match problem.code.as_str() {
        "missing" | "empty" => words.problem_missing,
        "too_long" => words.problem_too_long,
        "too_many" => words.problem_too_many,
        "out_of_range" => words.problem_out_of_range,
        "invalid_time" => words.problem_time,
        "invalid_date" => words.problem_date,
        "before_start" => words.problem_before_start,
        "invalid_link" => words.problem_link,
        "invalid_country" => words.problem_country,
        "in_the_future" => words.problem_future,
        "too_long_ago" => words.problem_long_ago,
        "invalid_email" => words.problem_email,
        "invalid_position" => words.problem_position,
        "unknown_zone" => words.problem_zone,
        "weak_password" => words.problem_password,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use seisiun_contracts::api::ProblemKind;

    use super::*;
    use crate::members::words;

    #[test]
    fn what_is_refused_is_said_in_the_language_or_by_the_api() {
        for kind in ProblemKind::ALL {
            let problem = ProblemDetails::new(*kind, "In other words.");
            let trouble = Trouble::Refused(Box::new(problem));
            assert_eq!(trouble.kind(), kind.name());
            let said = trouble.in_words(&words::IRISH);
            assert!(said.is_some() || trouble.in_english() == "In other words.", "{kind:?}");
        }
        for trouble in [Trouble::Unreachable, Trouble::SignedOut, Trouble::Unclear] {
            assert!(trouble.in_words(&words::ENGLISH).is_some());
        }
    }
}
