//! All that is found in a submission, and the policy's judgement of it.

use seisiun_domain::{
    moderation::{self, Judgement, Policy, Recent, Signal, TextRules, Tier},
    submission::Body,
};

use crate::abuse;

/// What is found in texts and in the links that come with them, each signal once.
#[must_use]
pub fn signals(texts: &[&str], links: &[String], rules: &TextRules) -> Vec<Signal> {
    let mut found = moderation::signals(texts, rules);
    if !links.is_empty() {
        found.push(Signal::LinkListed);
    }
    if texts.iter().any(|text| abuse::severity(text) >= Some(rules.abuse_from)) {
        found.push(Signal::AbuseInText);
    }
    found
}

/// Judges all that was typed into a submission, links among it. `tier`: how far
/// its member is trusted; `recent`: what they sent before. Whether a change
/// needs a person whatever it says is another question
/// ([`Change::ground_for_review`](seisiun_domain::change::Change::ground_for_review)).
#[must_use]
pub fn judge_submission(policy: &Policy, body: &Body, tier: Tier, recent: &Recent) -> Judgement {
    let found = signals(&body.texts(), body.links(), &policy.text);
    policy.judge_sent(&found, tier, recent)
}

#[cfg(test)]
mod tests {
    use seisiun_domain::{moderation::Verdict, samples, session::SessionDraft};

    use super::*;

    #[test]
    fn a_submission_is_judged_by_its_texts_its_links_and_its_member() {
        let clean = samples::session();
        let links = vec!["https://example.org/".to_owned()];
        let linked = SessionDraft { links, ..clean.clone() };
        let description = "Come in, you wanker: www.example.org".to_owned();
        let rude = SessionDraft { description, ..linked.clone() };
        for (draft, tier, grounds) in [
            (&clean, Tier::New, &[][..]),
            (&linked, Tier::New, &["link_listed"]),
            (&linked, Tier::Known, &[]),
            (&rude, Tier::New, &["link_in_text", "link_listed", "abuse_in_text"]),
            (&rude, Tier::Host, &["abuse_in_text"]),
        ] {
            let body = Body::Session(draft.clone());
            let judged = judge_submission(&Policy::CURRENT, &body, tier, &Recent::default());
            assert_eq!(judged.grounds, grounds, "{tier:?}");
            assert!(judged.verdict <= Verdict::Review);
        }
    }
}
