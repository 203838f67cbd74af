//! A submission as a line of a file.

use jiff::Timestamp;
use seisiun_domain::{
    MemberId, SessionId, SubmissionId,
    case::Statement,
    change::{Authority, Change, What},
    moderation::{Label, Standing},
    photo::PhotoRecord,
    submission::{Body, Kind, Status, Submission},
};
use serde::{Deserialize, Serialize};

/// What moderation judges of a submission, as one line of JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Which.
    pub id: SubmissionId,
    /// When it was accepted.
    pub at: Timestamp,
    /// Who sent it.
    pub member: MemberId,
    /// A session, a review or a change.
    pub kind: Kind,
    /// The session that it is about, or makes.
    pub session: SessionId,
    /// What was typed freely.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<String>,
    /// What was written at length: compared with the same of earlier ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prose: Option<String>,
    /// Links in the field that is for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
    /// Its photos, as they were classified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<Photo>,
    /// How its member stood when it was accepted.
    #[serde(default)]
    pub standing: Standing,
    /// Whether they host the session.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_host: bool,
    /// Whether it changes facts or dates of a session that they neither added
    /// nor host.
    #[serde(default, skip_serializing_if = "is_false")]
    pub edits_others: bool,
    /// Whether it says that they host the session: a person always looks.
    #[serde(default, skip_serializing_if = "is_false")]
    pub claims_host: bool,
    /// Whether it was refused or taken down for a reason that speaks against its
    /// member.
    #[serde(default, skip_serializing_if = "is_false")]
    pub refused: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A photo as the classifier saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Photo {
    /// SHA-256 of the bytes it saw, 64 hex digits: decides whether a clean photo
    /// is in the sample.
    pub sha256: String,
    /// What it saw, from [`MIN_CONFIDENCE`](seisiun_domain::moderation::MIN_CONFIDENCE)
    /// percent on.
    #[serde(default)]
    pub labels: Vec<Label>,
}

impl Line {
    /// The line of a submission; `None` of what the policy doesn't judge: a
    /// notice, a withdrawal, a tap on "it was on", an account's own matters.
    /// Photos that were never classified are left out: a person looks at those
    /// whatever the policy. `standing`: its member's when it was accepted.
    #[must_use]
    pub fn of(
        submission: &Submission,
        records: &[PhotoRecord],
        standing: Standing,
    ) -> Option<Self> {
        let body = &submission.body;
        let change = match body {
            Body::Session(_) | Body::Review(_) => None,
            Body::Change(Change { what: What::Confirm { .. }, .. })
            | Body::Withdrawal(_)
            | Body::Export
            | Body::Erasure
            | Body::Notice(_) => return None,
            Body::Change(change) => Some(change),
        };
        let scanned = |record: &PhotoRecord| {
            let scan = record.scan.as_ref()?;
            Some(Photo { sha256: scan.sha256.clone(), labels: scan.labels.clone() })
        };
        let refused = matches!(
            &submission.status,
            Status::Rejected { statement: Statement { reason, .. } }
                | Status::Withdrawn { statement: Some(Statement { reason, .. }) }
                if reason.costs_trust()
        );
        let is_others = |change: &&Change| {
            matches!(change.authority, Authority::Member | Authority::Trusted)
                && matches!(
                    &change.what,
                    What::SetDate { .. } | What::UndoDate { .. } | What::Edit { .. }
                )
                // Only photos added are no edit.
                && !matches!(&change.what, What::Edit { after, .. } if *after == Default::default())
        };
        Some(Self {
            id: submission.id,
            at: submission.accepted_at,
            member: submission.member_id.clone(),
            kind: body.kind(),
            session: body.about().unwrap_or_else(|| submission.id.session()),
            texts: body.texts().into_iter().map(str::to_owned).collect(),
            prose: body.prose().map(str::to_owned),
            links: body.links().to_vec(),
            photos: records.iter().filter_map(scanned).collect(),
            standing,
            is_host: change.is_some_and(|change| change.authority == Authority::Host),
            edits_others: change.is_some_and(|change| is_others(&change)),
            claims_host: change.is_some_and(|change| matches!(change.what, What::ClaimHost { .. })),
            refused,
        })
    }
}

#[cfg(test)]
mod tests {
    use seisiun_domain::{
        change::{Draft, Facts, Finding},
        moderation::judge_photo,
        photo::{Preparation, Scan},
        samples,
    };

    use super::*;

    fn submission(body: Body) -> Submission {
        Submission {
            id: "01J9000000000000000000000A".parse().unwrap(),
            member_id: samples::member(),
            body,
            photos: Vec::new(),
            accepted_at: "2026-11-24T12:00:00Z".parse().unwrap(),
            status: Status::Accepted,
            background: None,
            resembles: None,
        }
    }

    #[test]
    fn a_line_holds_what_is_judged_of_a_submission_and_reads_back() {
        let label = Label { name: "Alcohol".into(), parent: String::new(), confidence: 97.5 };
        let record = PhotoRecord {
            photo_id: "01J9000000000000000000000B".parse().unwrap(),
            preparation: Preparation::Refused { code: "truncated".into(), message: String::new() },
            scan: Some(Scan {
                sha256: "ab".repeat(32),
                model: "7.0".into(),
                labels: vec![label.clone()],
                judgement: judge_photo(&[], &"ab".repeat(32)),
            }),
            resembles_refused: false,
        };
        let unclassified = PhotoRecord { scan: None, ..record.clone() };
        let standing = Standing { published: 2, ..Standing::default() };
        let sent = submission(Body::Session(samples::session()));
        let line = Line::of(&sent, &[record, unclassified], standing).unwrap();
        assert_eq!((line.session, line.standing), (sent.id.session(), standing));
        assert_eq!(line.texts[0], "Thursday tunes");
        assert_eq!(line.photos, [Photo { sha256: "ab".repeat(32), labels: vec![label] }]);
        let text = serde_json::to_string(&line).unwrap();
        assert_eq!(serde_json::from_str::<Line>(&text).unwrap(), line);
        assert_eq!(Line::of(&submission(Body::Export), &[], standing), None);
    }

    #[test]
    fn a_change_says_whose_session_it_is() {
        let session = samples::listed();
        let title = Draft::Edit(Facts { title: Some("Friday".into()), ..Facts::default() });
        let photos = Draft::Edit(Facts::default());
        let claim = Draft::ClaimHost { evidence: "On the poster.".into(), shown_as: None };
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        for (draft, authority, host, others, claims) in [
            (&title, Authority::Member, false, true, false),
            (&title, Authority::Trusted, false, true, false),
            (&title, Authority::Submitter, false, false, false),
            (&title, Authority::Host, true, false, false),
            (&photos, Authority::Member, false, false, false),
            (&claim, Authority::Member, false, false, true),
        ] {
            let change = draft.validate(&session, authority, now).unwrap();
            let sent = submission(Body::Change(change));
            let line = Line::of(&sent, &[], Standing::default()).unwrap();
            let found = (line.is_host, line.edits_others, line.claims_host);
            assert_eq!(found, (host, others, claims), "{draft:?} {authority:?}");
        }
        let on = Draft::Confirm { finding: Finding::On, date: "2026-11-19".into() };
        let on = on.validate(&session, Authority::Member, now).unwrap();
        assert_eq!(Line::of(&submission(Body::Change(on)), &[], Standing::default()), None);
    }
}
