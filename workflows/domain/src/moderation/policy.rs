//! The whole moderation policy as one value: what applies today, and what
//! somebody proposes instead.

use std::{borrow::Cow, collections::BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Judgement, Label, MIN_CONFIDENCE, PHOTO_RULES, Rule, SAMPLE_SHARE, Severity, Signal, TRUST,
    TextRules, Verdict,
    photo::{is_sampled, judge_labels},
    text::TEXT_RULES,
    trust::{Recent, Standing, Tier, TierRule},
};
use crate::problem::Problems;

/// Every threshold of moderation. As JSON it has these fields; a file that
/// proposes another policy names them all, so that it can be read by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// What is done with a photo, by category of the classifier.
    pub photos: Cow<'static, [Rule]>,
    /// What is a signal in a text.
    pub text: TextRules,
    /// What each tier may publish at once: one row per tier, from the least
    /// trusted up.
    pub trust: Cow<'static, [TierRule]>,
}

/// Ground of a submission beyond the number that a tier may send in an hour.
pub const MANY_IN_AN_HOUR: &str = "many_in_an_hour";
/// Ground of a submission beyond the number that a tier may send in a day.
pub const MANY_IN_A_DAY: &str = "many_in_a_day";
/// Ground of a text that its member has sent about other sessions, too.
pub const REPEATED_TEXT: &str = "repeated_text";
/// Ground of a text that was refused before.
pub const REFUSED_BEFORE: &str = "refused_before";
/// Ground of a clean photo that a person looks at all the same.
pub const SAMPLED: &str = "sampled";

impl Policy {
    /// What applies.
    pub const CURRENT: Self =
        Self { photos: Cow::Borrowed(PHOTO_RULES), text: TEXT_RULES, trust: Cow::Borrowed(TRUST) };

    /// The tier of somebody with this standing at `at`, which is when the
    /// submission was accepted, so that a repeat finds the same. A host of the
    /// session that it is about is one, unless too much of theirs was refused.
    #[must_use]
    pub fn tier(&self, standing: &Standing, is_host: bool, at: Timestamp) -> Tier {
        let percent = standing.rejected_percent();
        let reaches = |rule: &&TierRule| match rule.tier {
            Tier::New => false,
            Tier::Host => is_host && percent <= rule.rejected_percent_max,
            Tier::Known | Tier::Trusted => {
                standing.published >= rule.published_from
                    && standing.days(at) >= rule.days_from
                    && percent <= rule.rejected_percent_max
            }
        };
        self.trust.iter().filter(reaches).map(|rule| rule.tier).max().unwrap_or(Tier::New)
    }

    /// The row of a tier. Where a policy that was not checked lacks it, nobody
    /// is trusted: it is the strictest row of [`TRUST`].
    #[must_use]
    pub fn row(&self, tier: Tier) -> &TierRule {
        self.trust.iter().find(|rule| rule.tier == tier).unwrap_or(&NOBODY)
    }

    /// Judges what was typed, by what was found in it, who sent it and what
    /// they sent before. Never stricter than [`Verdict::Review`]: signals are
    /// no proof.
    #[must_use]
    pub fn judge_sent(&self, found: &[Signal], tier: Tier, recent: &Recent) -> Judgement {
        let rule = self.row(tier);
        let mut judgement = Judgement::clean();
        let signals = found.iter().filter(|signal| rule.holds.contains(signal));
        for (holds, ground) in signals.map(|signal| (true, signal.code())).chain([
            (recent.repeats_of_refused > 0, REFUSED_BEFORE),
            (recent.repeats >= rule.repeats_from, REPEATED_TEXT),
            (recent.last_hour >= rule.per_hour, MANY_IN_AN_HOUR),
            (recent.last_day >= rule.per_day, MANY_IN_A_DAY),
        ]) {
            if holds && !judgement.grounds.iter().any(|known| known == ground) {
                judgement.raise(Verdict::Review, ground.into());
            }
        }
        judgement
    }

    /// Judges a photo by its labels; see [`judge_photo`](super::judge_photo).
    /// Who is less trusted has more of their clean photos looked at.
    #[must_use]
    pub fn judge_photo(&self, labels: &[Label], sha256: &str, tier: Tier) -> Judgement {
        let judgement = judge_labels(&self.photos, labels);
        if judgement.verdict == Verdict::Publish {
            self.judge_sampling(sha256, tier)
        } else {
            judgement
        }
    }

    /// Whether a person looks at a clean photo of this tier all the same. Who is
    /// in the sample of a small share is in that of a larger one.
    #[must_use]
    pub fn judge_sampling(&self, sha256: &str, tier: Tier) -> Judgement {
        let mut judgement = Judgement::clean();
        if is_sampled(sha256, self.row(tier).photo_sample_share) {
            judgement.raise(Verdict::Review, SAMPLED.into());
        }
        judgement
    }

    /// Whether the policy says what it can mean: each category and tier once,
    /// shares and percentages within bounds, and nobody held for something that
    /// somebody less trusted may publish.
    ///
    /// # Errors
    /// Every problem, with the path of its field.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Problems::default();
        self.check_photos(&mut problems);
        self.text.check(&mut problems);
        self.check_trust(&mut problems);
        problems.or(Some(()))
    }

    fn check_photos(&self, problems: &mut Problems) {
        let mut seen = BTreeSet::new();
        for (n, rule) in self.photos.iter().enumerate() {
            let field = |name: &str| format!("photos[{n}].{name}");
            if rule.category.trim().is_empty() || !seen.insert(rule.category.as_ref()) {
                let why =
                    format!("\"{}\" must be a category that no other rule has", rule.category);
                problems.add(&field("category"), "not_one", why);
            }
            for (name, value) in
                [("review_from", rule.review_from), ("reject_from", rule.reject_from)]
            {
                if value.is_some_and(|from| !(MIN_CONFIDENCE..=100.0).contains(&from)) {
                    let why = format!(
                        "must be {MIN_CONFIDENCE} to 100: the classifier is asked for nothing \
                         below, so lower MIN_CONFIDENCE first; null is never"
                    );
                    problems.add(&field(name), "out_of_range", why);
                }
            }
            let review_from = rule.review_from.unwrap_or(f32::INFINITY);
            if rule.reject_from.is_some_and(|from| from < review_from) {
                let why = "must not be below review_from: a person looks before a program refuses";
                problems.add(&field("reject_from"), "too_low", why);
            }
        }
    }

    fn check_trust(&self, problems: &mut Problems) {
        if self.trust.iter().map(|rule| rule.tier).ne(Tier::ALL) {
            let tiers = Tier::ALL.map(Tier::name).join(", ");
            problems.add("trust", "not_each_once", format!("must have these rows: {tiers}"));
            return;
        }
        for (n, rule) in self.trust.iter().enumerate() {
            let field = |name: &str| format!("trust[{n}].{name}");
            if rule.rejected_percent_max > 100 {
                problems.add(&field("rejected_percent_max"), "out_of_range", "must be 0 to 100");
            }
            if !(SAMPLE_SHARE..=1.0).contains(&rule.photo_sample_share) {
                let why = format!("must be {SAMPLE_SHARE} to 1: the former is everybody's");
                problems.add(&field("photo_sample_share"), "out_of_range", why);
            }
            for (name, value) in [("per_hour", rule.per_hour), ("repeats_from", rule.repeats_from)]
            {
                if value == 0 {
                    problems.add(&field(name), "out_of_range", "must be at least 1");
                }
            }
            if rule.per_day < rule.per_hour {
                problems.add(&field("per_day"), "too_low", "must not be below per_hour");
            }
            let Some(below) = n.checked_sub(1).and_then(|n| self.trust.get(n)) else { continue };
            let than = below.tier.name();
            let asks_less = rule.tier != Tier::Host
                && (rule.published_from < below.published_from || rule.days_from < below.days_from);
            if asks_less {
                let why = format!("must ask for no less than {than}: a tier is reached from below");
                problems.add(&field("published_from"), "too_low", why);
            }
            let harsher = rule.holds.iter().any(|signal| !below.holds.contains(signal))
                || rule.per_hour < below.per_hour
                || rule.per_day < below.per_day
                || rule.repeats_from < below.repeats_from
                || rule.photo_sample_share > below.photo_sample_share
                || (below.edits_unseen && !rule.edits_unseen);
            if harsher {
                let name = rule.tier.name();
                let why = format!(
                    "{name} must not be held for more than {than} is: look at holds, \
                     edits_unseen, per_hour, per_day, repeats_from and photo_sample_share"
                );
                problems.add(&format!("trust[{n}]"), "harsher", why);
            }
        }
    }
}

/// Stands for a row that a policy lacks.
static NOBODY: TierRule = TierRule {
    tier: Tier::New,
    published_from: 0,
    days_from: 0,
    rejected_percent_max: 100,
    holds: Cow::Borrowed(&Signal::ALL),
    edits_unseen: false,
    per_hour: 0,
    per_day: 0,
    repeats_from: 1,
    photo_sample_share: 1.0,
};

impl TextRules {
    fn check(&self, problems: &mut Problems) {
        for (name, value, least, most) in [
            ("shouting_letters_from", self.shouting_letters_from, 1, 4_000),
            ("shouting_percent_above", self.shouting_percent_above, 1, 100),
            ("repeated_characters_from", self.repeated_characters_from, 4, 4_000),
            ("phone_digits_from", self.phone_digits_from, 6, 20),
            ("similar_percent_from", self.similar_percent_from, 50, 100),
            ("similar_characters_from", self.similar_characters_from, 20, 4_000),
        ] {
            if !(least..=most).contains(&value) {
                let why = format!("must be {least} to {most}");
                problems.add(&format!("text.{name}"), "out_of_range", why);
            }
        }
        if self.abuse_from == Severity::Mild {
            let why = "must be moderate or severe: what is mild is mostly no abuse at all";
            problems.add("text.abuse_from", "out_of_range", why);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(day: u32) -> Timestamp {
        let second = i64::from(day) * 24 * 60 * 60;
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_policy_that_applies_is_in_order_and_reads_back_as_written() {
        Policy::CURRENT.check().unwrap();
        let text = serde_json::to_string(&Policy::CURRENT).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), Policy::CURRENT);
        for (rule, tier) in TRUST.iter().zip(Tier::ALL) {
            assert_eq!(serde_json::to_value(rule.tier).unwrap(), tier.name());
        }
    }

    #[test]
    fn trust_grows_with_what_was_published_and_with_time_and_shrinks_with_refusals() {
        for (published, rejected, days, host, tier) in [
            (0, 0, 400, false, Tier::New),
            (1, 0, 0, false, Tier::Known),
            (3, 0, 6, false, Tier::Known),
            (2, 0, 400, false, Tier::Known),
            (3, 0, 7, false, Tier::Trusted),
            (3, 1, 7, false, Tier::Trusted),
            (3, 2, 7, false, Tier::Known),
            (3, 4, 7, false, Tier::New),
            (0, 0, 0, true, Tier::Host),
            (3, 4, 7, true, Tier::New),
        ] {
            let since = (published > 0).then(|| at(100));
            let standing = Standing { published, rejected, since };
            let found = Policy::CURRENT.tier(&standing, host, at(100 + days));
            assert_eq!(found, tier, "{standing:?} after {days} days, host: {host}");
        }
    }

    #[test]
    fn each_tier_is_held_for_what_its_row_says() {
        let clean = Recent::default();
        let recent = |last_hour, last_day, repeats, repeats_of_refused| Recent {
            last_hour,
            last_day,
            repeats,
            repeats_of_refused,
        };
        for (found, tier, recent, grounds) in [
            (&[][..], Tier::New, clean, &[][..]),
            (&[Signal::LinkListed], Tier::New, clean, &["link_listed"]),
            (&[Signal::LinkListed], Tier::Known, clean, &[]),
            (&[Signal::LinkInText], Tier::Known, clean, &["link_in_text"]),
            (&[Signal::LinkInText], Tier::Trusted, clean, &[]),
            (&[Signal::PhoneInText], Tier::Trusted, clean, &["phone_in_text"]),
            (&[Signal::PhoneInText], Tier::Host, clean, &[]),
            (&[Signal::AbuseInText; 2], Tier::Host, clean, &["abuse_in_text"]),
            (&[], Tier::New, recent(9, 19, 0, 0), &[]),
            (&[], Tier::New, recent(10, 10, 0, 0), &[MANY_IN_AN_HOUR]),
            (&[], Tier::New, recent(0, 20, 0, 0), &[MANY_IN_A_DAY]),
            (&[], Tier::Trusted, recent(20, 60, 2, 0), &[]),
            (&[], Tier::New, recent(1, 1, 1, 0), &[REPEATED_TEXT]),
            (&[], Tier::Host, recent(0, 0, 0, 1), &[REFUSED_BEFORE]),
        ] {
            let judgement = Policy::CURRENT.judge_sent(found, tier, &recent);
            assert_eq!(judgement.grounds, grounds, "{found:?} {tier:?} {recent:?}");
            assert_eq!(judgement.verdict == Verdict::Review, !grounds.is_empty());
        }
    }

    #[test]
    fn a_policy_that_cannot_be_meant_is_refused_with_every_problem() {
        let mut policy = Policy::CURRENT;
        let photos = policy.photos.to_mut();
        photos[0].reject_from = Some(40.0);
        photos[1].category = photos[0].category.clone();
        photos[2].review_from = Some(f32::NAN);
        policy.text.phone_digits_from = 0;
        policy.text.abuse_from = Severity::Mild;
        let trust = policy.trust.to_mut();
        trust[0].photo_sample_share = f64::NAN;
        trust[1].per_day = 1;
        trust[2].published_from = 0;
        trust[3].rejected_percent_max = 101;
        trust[3].holds = Cow::Borrowed(&Signal::ALL);
        let problems = policy.check().unwrap_err().0;
        let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "photos[0].reject_from",
                "photos[0].reject_from",
                "photos[1].category",
                "photos[2].review_from",
                "text.phone_digits_from",
                "text.abuse_from",
                "trust[0].photo_sample_share",
                "trust[1].per_day",
                "trust[1]",
                "trust[2].published_from",
                "trust[3].rejected_percent_max",
                "trust[3]",
            ]
        );
        policy.trust.to_mut().swap(0, 1);
        let problems = policy.check().unwrap_err().0;
        assert!(problems.iter().any(|problem| problem.code == "not_each_once"));
        // Who judges by it all the same trusts nobody.
        policy.trust = Cow::Borrowed(&[]);
        let judgement = policy.judge_sent(&[], Tier::Host, &Recent::default());
        assert_eq!(judgement.verdict, Verdict::Review);
        assert_eq!(policy.judge_sampling("ab", Tier::Host).verdict, Verdict::Review);
    }

    #[test]
    fn a_file_with_a_wrong_name_says_so() {
        let text = serde_json::to_string(&Policy::CURRENT).unwrap();
        let text = text.replace("per_hour", "per_hours");
        let error = serde_json::from_str::<Policy>(&text).unwrap_err().to_string();
        assert!(error.contains("unknown field `per_hours`"), "{error}");
    }

    proptest! {
        #[test]
        fn who_is_more_trusted_is_not_held_for_more(
            signals in proptest::collection::vec(proptest::sample::select(&Signal::ALL[..]), 0..4),
            last_hour in 0u32..150, last_day in 0u32..150, repeats in 0u32..5, refused in 0u32..2,
            sha in "[0-9a-f]{64}",
        ) {
            let recent = Recent { last_hour, last_day, repeats, repeats_of_refused: refused };
            let policy = Policy::CURRENT;
            for pair in Tier::ALL.windows(2) {
                let judge = |tier| (
                    policy.judge_sent(&signals, tier, &recent).verdict,
                    policy.judge_sampling(&sha, tier).verdict,
                );
                let (less, more) = (judge(pair[0]), judge(pair[1]));
                prop_assert!(more.0 <= less.0 && more.1 <= less.1, "{pair:?}");
            }
        }

        #[test]
        fn more_published_never_lowers_a_tier(a in 0u32..9, b in 0u32..9, rejected in 0u32..9, days in 0u32..20) {
            let tier = |published| {
                let standing = Standing { published, rejected, since: Some(at(0)) };
                Policy::CURRENT.tier(&standing, false, at(days))
            };
            prop_assert!(tier(a.min(b)) <= tier(a.max(b)));
        }
    }
}
