//! The whole report on the invented submissions, and what known changes of the
//! policy change in it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use seisiun_domain::moderation::{Policy, Signal, Tier, Verdict};
use seisiun_replay::{Line, invented, judge_all, policy, report, standing_tier};

fn lines() -> Vec<Line> {
    invented::submissions()
}

/// The policy with this change, as somebody would propose it: by a file.
fn proposed(change: impl FnOnce(&mut Policy)) -> Policy {
    let mut changed = Policy::CURRENT;
    change(&mut changed);
    policy(&serde_json::to_string(&changed).unwrap()).unwrap()
}

/// What would be judged otherwise: member, from, to.
fn changed(proposed: &Policy) -> Vec<(String, Verdict, Verdict)> {
    let lines = lines();
    let (now, then) = (judge_all(&Policy::CURRENT, &lines), judge_all(proposed, &lines));
    lines
        .iter()
        .zip(now.iter().zip(&then))
        .filter(|(_, (now, then))| now.verdict != then.verdict)
        .map(|(line, (now, then))| (line.member.to_string(), now.verdict, then.verdict))
        .collect()
}

#[test]
fn the_policy_that_applies() {
    insta::assert_snapshot!(report(&Policy::CURRENT, None, &lines()));
}

#[test]
fn a_policy_that_is_proposed() {
    let stricter = proposed(|policy| {
        policy.photos.to_mut()[2].review_from = Some(70.0);
        let trust = policy.trust.to_mut();
        trust[1].published_from = 2;
        trust[2].published_from = 5;
        trust[2].repeats_from = 2;
        trust[0].per_hour = 5;
        trust[3].repeats_from = 2;
    });
    insta::assert_snapshot!(report(&Policy::CURRENT, Some(&stricter), &lines()));
}

#[test]
fn the_same_policy_changes_nothing() {
    let same = proposed(|_| {});
    assert_eq!(changed(&same), []);
    let said = report(&Policy::CURRENT, Some(&same), &lines());
    assert!(said.contains("\n0 of 200 submissions would be judged otherwise.\n"), "{said}");
    assert!(!said.contains('→'), "{said}");
}

#[test]
fn a_lower_rate_holds_what_comes_fast() {
    let found = changed(&proposed(|policy| policy.trust.to_mut()[0].per_hour = 4));
    // Thirty in twenty minutes: ten pass now, four then.
    let burst = ("member-burst".to_owned(), Verdict::Publish, Verdict::Review);
    assert_eq!(found, vec![burst; 6]);
}

#[test]
fn who_may_repeat_a_text_less_often_is_held() {
    let found = changed(&proposed(|policy| {
        policy.trust.to_mut()[2].repeats_from = 1;
    }));
    assert!(found.iter().all(|(_, from, to)| (*from, *to) == (Verdict::Publish, Verdict::Review)));
    // Four sessions, alike: the last is held now, all but the first then.
    let festival = found.iter().filter(|(member, ..)| member == "member-festival");
    assert_eq!(festival.count(), 2);
}

#[test]
fn what_is_spread_is_held_and_held_everywhere_once_it_was_refused() {
    let lines = lines();
    let judged = judge_all(&Policy::CURRENT, &lines);
    let spam: Vec<&[String]> = lines
        .iter()
        .zip(&judged)
        .filter(|(line, _)| line.member.as_str() == "member-spam")
        .map(|(_, judgement)| judgement.grounds.as_slice())
        .collect();
    assert_eq!(spam.len(), 6);
    assert!(spam[0].is_empty());
    assert_eq!(spam[1], ["repeated_text"]);
    for grounds in &spam[2..] {
        assert_eq!(*grounds, ["refused_before", "repeated_text"]);
    }
}

#[test]
fn links_of_the_known_are_let_through_by_whom_it_is_proposed() {
    let found = changed(&proposed(|policy| {
        let known = &mut policy.trust.to_mut()[1];
        known.holds.to_mut().retain(|signal| *signal != Signal::LinkInText);
    }));
    assert!(!found.is_empty());
    let lines = lines();
    let member = |name: &str| lines.iter().find(|line| line.member.as_str() == name).unwrap();
    for (name, from, to) in found {
        assert_eq!((from, to), (Verdict::Review, Verdict::Publish));
        assert_eq!(standing_tier(&Policy::CURRENT, member(&name)), Tier::Known);
    }
}

#[test]
fn a_larger_sample_holds_more_clean_photos_and_none_fewer() {
    let all = proposed(|policy| policy.trust.to_mut()[0].photo_sample_share = 1.0);
    let found = changed(&all);
    assert!(!found.is_empty());
    assert!(found.iter().all(|(_, from, to)| (*from, *to) == (Verdict::Publish, Verdict::Review)));
}
