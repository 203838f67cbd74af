//! Judging submissions as the workflows do.

use std::collections::HashMap;

use seisiun_domain::{
    MemberId,
    moderation::{Judgement, Policy, Tier, held},
    submission::Kind,
};
use seisiun_text::{
    repeat::{Sent, Sketch},
    signals,
};

use crate::Line;

/// The tier of the member of a submission.
#[must_use]
pub fn standing_tier(policy: &Policy, line: &Line) -> Tier {
    policy.tier(&line.standing, line.is_host, line.at)
}

/// Judges each of the submissions, which are in the order of time.
#[must_use]
pub fn judge_all(policy: &Policy, lines: &[Line]) -> Vec<Judgement> {
    let mut earlier: HashMap<&MemberId, Vec<Sent>> = HashMap::new();
    let judge = |line| judge(policy, line, earlier.entry(&line.member).or_default());
    lines.iter().map(judge).collect()
}

/// Judges one, and adds it to what its member has sent.
fn judge(policy: &Policy, line: &Line, earlier: &mut Vec<Sent>) -> Judgement {
    let tier = standing_tier(policy, line);
    let sent = Sent {
        id: line.id,
        at: line.at,
        session: line.session,
        text: line.prose.as_deref().and_then(Sketch::of),
        refused: line.refused,
    };
    let texts: Vec<&str> = line.texts.iter().map(String::as_str).collect();
    let found = signals(&texts, &line.links, &policy.text);
    let mut judgement = policy.judge_sent(&found, tier, &sent.recent(earlier, &policy.text));
    earlier.push(sent);
    if line.kind == Kind::Change {
        if line.claims_host {
            judgement = judgement.and(held("host_claim"));
        }
        if line.edits_others && !policy.row(tier).edits_unseen {
            judgement = judgement.and(held("edit_by_a_member"));
        }
    }
    let photos = line.photos.iter();
    photos
        .map(|photo| policy.judge_photo(&photo.labels, &photo.sha256, tier))
        .fold(judgement, Judgement::and)
}
