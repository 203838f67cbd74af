//! How far a member is trusted, by what became of what they sent before, and
//! what that lets them publish at once: one table, [`TRUST`].

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{SAMPLE_SHARE, Signal};
use crate::{
    change::What,
    submission::{Body, Status, Submission},
};

/// What became of what a member sent before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Sessions, reviews and edits of theirs that are public.
    #[serde(default)]
    pub published: u32,
    /// Submissions of theirs that were refused or taken down for a reason that
    /// speaks against them ([`Reason::costs_trust`](crate::case::Reason::costs_trust)).
    #[serde(default)]
    pub rejected: u32,
    /// When the first of the published ones was sent; `None` while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl Standing {
    /// The standing after this submission has been counted, too. What is still
    /// on its way counts for nothing, nor does a tap on "it was on", which says
    /// nothing of who taps.
    #[must_use]
    pub fn counting(self, submission: &Submission) -> Self {
        match &submission.status {
            Status::Published { .. } if earns_trust(&submission.body) => {
                let first = |since: Timestamp| since.min(submission.accepted_at);
                Self {
                    published: self.published.saturating_add(1),
                    since: Some(self.since.map_or(submission.accepted_at, first)),
                    ..self
                }
            }
            Status::Rejected { statement } | Status::Withdrawn { statement: Some(statement) }
                if statement.reason.costs_trust() =>
            {
                Self { rejected: self.rejected.saturating_add(1), ..self }
            }
            _ => self,
        }
    }

    /// Whole days from the first published submission to `at`; 0 while there is
    /// none.
    #[must_use]
    pub fn days(&self, at: Timestamp) -> u32 {
        let seconds = self.since.map_or(0, |since| at.as_second() - since.as_second());
        u32::try_from(seconds / SECONDS_PER_DAY).unwrap_or(0)
    }

    /// Of what was decided for or against them, the share against, in percent
    /// rounded up; 0 while nothing was decided.
    #[must_use]
    pub fn rejected_percent(&self) -> u32 {
        let (rejected, all) =
            (u64::from(self.rejected), u64::from(self.rejected) + u64::from(self.published));
        let percent = (rejected * 100).div_ceil(all.max(1));
        u32::try_from(percent).unwrap_or(100)
    }
}

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// Whether it speaks for a member that this is public: somebody looked at it,
/// person or policy.
fn earns_trust(body: &Body) -> bool {
    match body {
        Body::Session(_) | Body::Review(_) => true,
        Body::Change(change) => matches!(change.what, What::Edit { .. }),
        Body::Withdrawal(_) | Body::Export | Body::Erasure | Body::Notice(_) => false,
    }
}

/// How far a member is trusted. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Nothing of theirs has been published yet, or too much was refused.
    New,
    /// Something was.
    Known,
    /// Enough was, for long enough.
    Trusted,
    /// A verified host of the session that the submission is about.
    Host,
}

impl Tier {
    /// All of them, from the least trusted up.
    pub const ALL: [Self; 4] = [Self::New, Self::Known, Self::Trusted, Self::Host];

    /// Its name, as a policy's file spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Trusted => "trusted",
            Self::Host => "host",
        }
    }
}

/// One tier: who is in it, and what of theirs a person looks at first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierRule {
    /// The tier.
    pub tier: Tier,
    /// Least number of published contributions. Nothing to a host.
    pub published_from: u32,
    /// Least days since the first of them. Nothing to a host.
    pub days_from: u32,
    /// Most of what was decided that may have gone against them, in percent.
    pub rejected_percent_max: u32,
    /// What in a text holds it.
    pub holds: Cow<'static, [Signal]>,
    /// Whether they edit sessions that are not theirs, and change single dates
    /// of them, without a person having looked.
    pub edits_unseen: bool,
    /// Submissions in an hour; what comes beyond them is held.
    pub per_hour: u32,
    /// Submissions in 24 hours; what comes beyond them is held.
    pub per_day: u32,
    /// From this many earlier submissions with nearly the same text on, about
    /// other sessions, it is held; at least 1.
    pub repeats_from: u32,
    /// Share of clean photos that a person looks at all the same, 0 to 1; never
    /// below [`SAMPLE_SHARE`], which is everybody's.
    pub photo_sample_share: f64,
}

/// What each tier may publish at once. Trust grows with what was published and
/// with time: three harmless reviews are written in five minutes, and nobody
/// should edit other people's sessions unseen for them.
///
/// Whoever is trusted may link, because good listings do; an address or number
/// stays held, since it may be somebody else's, except with a host, whose own
/// it is. Words that insult and markup are held whoever sends them: a trusted
/// account can fall into other hands.
pub const TRUST: &[TierRule] = &[
    TierRule {
        tier: Tier::New,
        published_from: 0,
        days_from: 0,
        rejected_percent_max: 100,
        holds: Cow::Borrowed(&Signal::ALL),
        edits_unseen: false,
        per_hour: 10,
        per_day: 20,
        repeats_from: 1,
        photo_sample_share: 0.05,
    },
    TierRule {
        tier: Tier::Known,
        published_from: 1,
        days_from: 0,
        rejected_percent_max: 50,
        holds: Cow::Borrowed(&[
            Signal::LinkInText,
            Signal::EmailInText,
            Signal::PhoneInText,
            Signal::MarkupInText,
            Signal::Shouting,
            Signal::RepeatedCharacters,
            Signal::AbuseInText,
        ]),
        edits_unseen: false,
        per_hour: 20,
        per_day: 60,
        repeats_from: 1,
        photo_sample_share: 0.02,
    },
    TierRule {
        tier: Tier::Trusted,
        published_from: 3,
        days_from: 7,
        rejected_percent_max: 25,
        holds: Cow::Borrowed(&[
            Signal::EmailInText,
            Signal::PhoneInText,
            Signal::MarkupInText,
            Signal::AbuseInText,
        ]),
        edits_unseen: true,
        per_hour: 40,
        per_day: 120,
        repeats_from: 3,
        photo_sample_share: SAMPLE_SHARE,
    },
    TierRule {
        tier: Tier::Host,
        published_from: 0,
        days_from: 0,
        rejected_percent_max: 50,
        holds: Cow::Borrowed(&[Signal::MarkupInText, Signal::AbuseInText]),
        edits_unseen: true,
        per_hour: 40,
        per_day: 120,
        repeats_from: 3,
        photo_sample_share: SAMPLE_SHARE,
    },
];

/// What the same member sent shortly before a submission, which itself is not
/// counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// Submissions in the hour before.
    pub last_hour: u32,
    /// Submissions in the 24 hours before.
    pub last_day: u32,
    /// Earlier submissions, about other sessions, with nearly the same text.
    pub repeats: u32,
    /// Those of the earlier submissions with nearly the same text, about
    /// whatever session, that were refused for a reason that speaks against
    /// their member.
    pub repeats_of_refused: u32,
}

/// What is known of who sent a submission, as of when it was accepted. Nothing
/// is known of somebody new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Background {
    /// What became of what they sent before.
    pub standing: Standing,
    /// Whether they host the session that it changes.
    pub is_host: bool,
    /// What they sent shortly before.
    pub recent: Recent,
    /// Whether it says that its session is gone, and somebody else had said so.
    #[serde(default)]
    pub found_gone_twice: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::{Reason, Statement},
        change::{Authority, Change, Finding},
        samples,
        session::Slug,
    };

    fn sent(body: Body, at: &str, status: Status) -> Submission {
        Submission {
            id: "01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap(),
            member_id: samples::member(),
            body,
            photos: Vec::new(),
            accepted_at: at.parse().unwrap(),
            status,
            background: None,
            resembles: None,
        }
    }

    fn published() -> Status {
        let slug = Slug::plain(&samples::session());
        Status::Published { session_id: samples::listed().id, slug }
    }

    fn against(reason: Reason) -> Statement {
        Statement::not_published(reason, String::new(), false, false)
    }

    #[test]
    fn what_was_published_counts_for_and_what_broke_a_rule_against() {
        let session = Body::Session(samples::session());
        let confirmed = Body::Change(Change {
            session_id: samples::listed().id,
            authority: Authority::Member,
            what: What::Confirm { finding: Finding::On, date: "2026-11-19".into() },
        });
        let (first, second) = ("2026-11-01T12:00:00Z", "2026-11-08T12:00:00Z");
        let rejected = |reason| Status::Rejected { statement: against(reason) };
        let taken_down = Status::Withdrawn { statement: Some(against(Reason::Privacy)) };
        let standing = [
            sent(session.clone(), second, published()),
            sent(session.clone(), first, published()),
            sent(confirmed, first, published()),
            sent(session.clone(), first, Status::Accepted),
            sent(session.clone(), first, Status::Withdrawn { statement: None }),
            sent(session.clone(), first, rejected(Reason::Duplicate)),
            sent(session.clone(), first, rejected(Reason::Spam)),
            sent(session, first, taken_down),
        ]
        .iter()
        .fold(Standing::default(), Standing::counting);
        let since = Some(first.parse().unwrap());
        assert_eq!(standing, Standing { published: 2, rejected: 2, since });
        assert_eq!(standing.rejected_percent(), 50);
        assert_eq!(standing.days(second.parse().unwrap()), 7);
        assert_eq!(standing.days(Timestamp::MIN), 0);
        assert_eq!(Standing::default().days(Timestamp::MAX), 0);
    }

    #[test]
    fn no_standing_breaks_the_reckoning() {
        for (published, rejected, percent) in
            [(0, 0, 0), (0, 1, 100), (199, 1, 1), (u32::MAX, u32::MAX, 50), (0, u32::MAX, 100)]
        {
            let standing = Standing { published, rejected, since: Some(Timestamp::MIN) };
            assert_eq!(standing.rejected_percent(), percent);
            assert!(standing.days(Timestamp::MAX) > 0);
        }
    }
}
