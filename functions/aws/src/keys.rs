//! The keys of the single table, in one place: what is stored together, and how
//! each question finds its records without a scan. Reasons and consequences:
//! `docs/adr/0003-single-table.md`.
//!
//! | question | where | how |
//! |---|---|---|
//! | a submission; its work | `SUB#<id>` / `SUB` | get |
//! | a submission's photos | `SUB#<id>` / `PHOTO#<photo>` | query |
//! | was this request made before? | `MEMBER#<id>` / `KEY#<sha256 of the key>` | conditional put |
//! | a member | `MEMBER#<id>` / `PROFILE` | get |
//! | a member's submissions, newest first | `MEMBER#<id>` / `SUB#<submission>` | query, backwards |
//! | was this member erased just now? | `ERASED#<id>` / `ERASED` | get |
//! | a session; its rating | `SESSION#<id>` / `SESSION` | get |
//! | a member's review of it | `SESSION#<id>` / `REVIEW#<member>` | get |
//! | its approved photos | `SESSION#<id>` / `PHOTO#<photo>` | query |
//! | a page of its reviews | `SESSION#<id>` / `REVIEW#<member>` | query |
//! | what a member found there, the latest | `SESSION#<id>` / `FOUND#<member>` | get |
//! | where does a photo belong? | `PHOTO#<photo>` / `PHOTO` | get |
//! | refused photos that look like this one? | `LOOKALIKE#<key>` / `REFUSED` | batch get |
//! | whose is this slug? | `SLUG#<slug>` / `SLUG` | conditional put, get |
//! | cards of a coarse geohash cell | `GEO#<gh3>` / `<gh8>#<id>` | query |
//! | cards of a fine geohash cell | [`GSI2`] `GEO#<gh4>` / `<gh8>#<id>` | query |
//! | cards of a county | `COUNTY#<country>#<county>` / `<id>` | query |
//! | cards of a country | `COUNTRY#<country>` / `<id>` | query |
//! | an event; its work | `EVENT#<id>` / `EVENT` | get |
//! | results of a fan-out | `EVENT#<id>` / `PAGE#<n>` | query |
//! | open work, longest not looked at first | [`GSI1`] `WORK#OPEN#<shard>` / `<time>#<id>` | query per shard |
//! | the same, waiting for a moderator | [`GSI1`] `WORK#WAITING#<shard>` / `<time>#<id>` | query per shard |
//! | failed work, oldest first | [`GSI1`] `WORK#FAILED` / `<time>#<id>` | query |
//! | a case; what its execution waits on | `CASE#<id>` / `CASE` | get |
//! | what happened to a case | `CASE#<id>` / `EVENT#<version>` | query, conditional put |
//! | cases that wait, longest first | [`GSI1`] `CASE#OPEN` / `<time>#<id>` | query |
//! | decisions not seen to be carried out | [`GSI1`] `CASE#RULED` / `<time>#<id>` | query |
//! | what a member follows | `MEMBER#<id>` / `FOLLOW#<follow>` | conditional put, query |
//! | a target's followers | `FOLLOW#<target>#<shard>` / `<follower>`, a cell's `<follower>#<follow>` | query |
//! | where does somebody want digests? | `DIGESTS` / `<zone>` | query |
//! | whose is this unsubscribe link? | `UNSUB#<token>` / `<target>` | query |
//! | is this address suppressed? | `SUPPRESSED#<sha256>` / `SUPPRESSED` | get |
//! | how often did mail to it bounce softly? | `SUPPRESSED#<sha256>` / `SOFT` | get, conditional update |
//! | do events of mails arrive? | `MAILS` / `SEND-EVENT` | get, conditional update |
//! | may a mail go out now? | `MAILS` / `PERMITS` | get, conditional put |
//! | how was a fan-out cut; is it paused? | `EVENT#<id>` / `PLAN`; `PAUSE` | get |
//! | was this mail sent? | `MAIL#<about>#<recipient>` / `MAIL` | conditional put |
//! | is this switched off? | `SWITCH#<name>` / `SWITCH` | get |
//! | the service's own key for a purpose | `SECRET#<purpose>` / `SECRET` | get, conditional put |
//! | how often was this done today? | `QUOTA#<what>#<sha256>#<date>` / `<nn>` | query, conditional put |

use jiff::{Timestamp, tz::TimeZone};
use seisiun_domain::{
    CaseId, MemberId, PhotoId, SessionId, SubmissionId,
    card::List,
    digest::Zone,
    follow::{FollowId, FollowerId, Target},
    geo::{FINE_CHARS, Position},
    member::Email,
    submission::Workflow,
    switch::Switch,
};
use seisiun_workflows::ports::{LookalikeKey, MailKey, Quota, WorkQueue};
use sha2::{Digest, Sha256};

/// Partition key.
pub const PK: &str = "pk";
/// Sort key.
pub const SK: &str = "sk";
/// The queues: open and failed work, undecided cases. Sparse: what is done
/// leaves it.
pub const GSI1: &str = "gsi1";
/// Partition key of [`GSI1`].
pub const GSI1_PK: &str = "gsi1pk";
/// Sort key of [`GSI1`].
pub const GSI1_SK: &str = "gsi1sk";
/// Sessions by place.
pub const GSI2: &str = "gsi2";
/// Partition key of [`GSI2`].
pub const GSI2_PK: &str = "gsi2pk";
/// Sort key of [`GSI2`].
pub const GSI2_SK: &str = "gsi2sk";

/// Version of the records' layout, in each record's `v`.
pub const VERSION: u32 = 1;

/// Partitions of the open work in [`GSI1`]. All accepted work passes through
/// it, and one partition takes 1,000 writes a second.
pub const OPEN_WORK_SHARDS: u8 = 4;

/// Work that was given up: rare, so one partition.
pub const FAILED_WORK: &str = "WORK#FAILED";
/// Cases that wait: as many as people can decide, so one partition.
pub const OPEN_CASES: &str = "CASE#OPEN";
/// Cases whose decision was not seen to be carried out: for moments.
pub const RULED_CASES: &str = "CASE#RULED";

/// Start of the sort keys of a member's submissions.
pub const SUBMISSIONS: &str = "SUB#";
/// Start of the sort keys of what a member follows.
pub const FOLLOWINGS: &str = "FOLLOW#";
/// Start of the sort keys of photos.
pub const PHOTOS: &str = "PHOTO#";
/// Start of the sort keys of reviews.
pub const REVIEWS: &str = "REVIEW#";
/// Start of the sort keys of what happened to a case.
pub const CASE_EVENTS: &str = "EVENT#";
/// Start of the sort keys of a fan-out's pages.
pub const PAGES: &str = "PAGE#";

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }
}

/// A submission and the work owed for it.
#[must_use]
pub fn submission(id: SubmissionId) -> Key {
    Key::new(format!("SUB#{id}"), "SUB")
}

/// What became of one of its photos.
#[must_use]
pub fn photo_record(id: SubmissionId, photo: PhotoId) -> Key {
    Key::new(submission(id).pk, format!("{PHOTOS}{photo}"))
}

/// The refused photos that have this key.
#[must_use]
pub fn refused_photos(key: LookalikeKey) -> Key {
    Key::new(format!("LOOKALIKE#{key}"), "REFUSED")
}

/// An event and the work owed for it.
#[must_use]
pub fn event(id: SubmissionId) -> Key {
    Key::new(format!("EVENT#{id}"), "EVENT")
}

/// The record that carries the work.
#[must_use]
pub fn work(workflow: Workflow, id: SubmissionId) -> Key {
    match workflow {
        Workflow::NotifyFollowers => event(id),
        Workflow::SessionSubmission
        | Workflow::ReviewSubmission
        | Workflow::Notice
        | Workflow::ChangeSubmission
        | Workflow::Withdraw
        | Workflow::ExportMember
        | Workflow::EraseMember => submission(id),
    }
}

/// The id in the partition key of a record that carries work.
#[must_use]
pub fn work_id(pk: &str) -> Option<SubmissionId> {
    pk.strip_prefix("SUB#").or_else(|| pk.strip_prefix("EVENT#"))?.parse().ok()
}

/// Result of one page of a fan-out. Eight digits sort up to 99,999,999 pages.
#[must_use]
pub fn page(event_id: SubmissionId, page: u32) -> Key {
    Key::new(event(event_id).pk, format!("{PAGES}{page:08}"))
}

/// The number in the sort key of a page.
#[must_use]
pub fn page_number(sk: &str) -> Option<u32> {
    sk.strip_prefix(PAGES)?.parse().ok()
}

/// How an event's followers were cut into pages.
#[must_use]
pub fn fan_out(event_id: SubmissionId) -> Key {
    Key::new(event(event_id).pk, "PLAN")
}

/// That an event's fan-out is paused.
#[must_use]
pub fn pause(event_id: SubmissionId) -> Key {
    Key::new(event(event_id).pk, "PAUSE")
}

/// A listed session.
#[must_use]
pub fn session(id: SessionId) -> Key {
    Key::new(format!("SESSION#{id}"), "SESSION")
}

/// A member's review of a session.
#[must_use]
pub fn review(id: SessionId, member: &MemberId) -> Key {
    Key::new(session(id).pk, format!("{REVIEWS}{member}"))
}

/// Begins the sort keys of what members found at a session.
pub const CONFIRMATIONS: &str = "FOUND#";

/// What a member found at a session: their latest.
#[must_use]
pub fn confirmation(id: SessionId, member: &MemberId) -> Key {
    Key::new(session(id).pk, format!("{CONFIRMATIONS}{member}"))
}

/// The approval of a photo of a session.
#[must_use]
pub fn approval(id: SessionId, photo: PhotoId) -> Key {
    Key::new(session(id).pk, format!("{PHOTOS}{photo}"))
}

/// Where a published photo belongs.
#[must_use]
pub fn photo(photo: PhotoId) -> Key {
    Key::new(format!("PHOTO#{photo}"), "PHOTO")
}

/// A slug that is taken.
#[must_use]
pub fn slug(slug: &str) -> Key {
    Key::new(format!("SLUG#{slug}"), "SLUG")
}

/// A member.
#[must_use]
pub fn member(id: &MemberId) -> Key {
    Key::new(format!("MEMBER#{id}"), "PROFILE")
}

/// That a member was erased just now.
#[must_use]
pub fn erased(id: &MemberId) -> Key {
    Key::new(format!("ERASED#{id}"), "ERASED")
}

/// An idempotency key that a member has used. Hashed: a client chooses it, and
/// a sort key has at most 1,024 bytes.
#[must_use]
pub fn idempotency(id: &MemberId, key: &str) -> Key {
    Key::new(member(id).pk, format!("KEY#{}", hex::encode(Sha256::digest(key))))
}

/// A submission in the list of its member.
#[must_use]
pub fn submitted(member_id: &MemberId, id: SubmissionId) -> Key {
    Key::new(member(member_id).pk, format!("{SUBMISSIONS}{id}"))
}

/// A moderation case.
#[must_use]
pub fn case(id: CaseId) -> Key {
    Key::new(format!("CASE#{id}"), "CASE")
}

/// The id in the partition key of a case.
#[must_use]
pub fn case_id(pk: &str) -> Option<CaseId> {
    pk.strip_prefix("CASE#")?.parse().ok()
}

/// Something that happened to a case. Eight digits sort up to 99,999,999 events.
#[must_use]
pub fn case_event(id: CaseId, version: u32) -> Key {
    Key::new(case(id).pk, format!("{CASE_EVENTS}{version:08}"))
}

/// A follow, under its target, the follower's shard and its place there.
#[must_use]
pub fn follow(target: &Target, shard: u8, place: &FollowerId) -> Key {
    Key::new(followers(target, shard), place.0.clone())
}

/// Start of the sort keys of a follower's circles among a cell's followers.
#[must_use]
pub fn places_of(follower: &FollowerId) -> String {
    format!("{}#", follower.0)
}

/// A follow, as its member holds it.
#[must_use]
pub fn following(member_id: &MemberId, id: &FollowId) -> Key {
    Key::new(member(member_id).pk, format!("{FOLLOWINGS}{id}"))
}

/// The partition of a target's followers.
#[must_use]
pub fn followers(target: &Target, shard: u8) -> String {
    format!("FOLLOW#{target}#{shard:02}")
}

/// The partition of the zones in which somebody wants digests.
pub const ZONES: &str = "DIGESTS";

/// That somebody in this zone wants digests.
#[must_use]
pub fn zone(zone: &Zone) -> Key {
    Key::new(ZONES.into(), zone.to_string())
}

/// What an unsubscribe link ends: one record per target.
#[must_use]
pub fn unsubscribe(token: &str, target: &Target) -> Key {
    Key::new(unsubscribes(token), target.to_string())
}

/// The partition of an unsubscribe link.
#[must_use]
pub fn unsubscribes(token: &str) -> String {
    format!("UNSUB#{token}")
}

/// An address that gets no mail. Hashed, to outlive the address.
#[must_use]
pub fn suppressed(email: &Email) -> Key {
    Key::new(format!("SUPPRESSED#{}", email.suppression_key()), "SUPPRESSED")
}

/// Soft bounces of an address.
#[must_use]
pub fn soft_bounces(email: &Email) -> Key {
    Key::new(suppressed(email).pk, "SOFT")
}

/// When the latest mail was accepted that an event has told of.
#[must_use]
pub fn send_event() -> Key {
    Key::new("MAILS".into(), "SEND-EVENT")
}

/// When all mails will have gone out that were permitted.
#[must_use]
pub fn permits() -> Key {
    Key::new("MAILS".into(), "PERMITS")
}

/// A mail that is sent at most once.
#[must_use]
pub fn mail(key: &MailKey) -> Key {
    Key::new(format!("MAIL#{}#{}", key.about, key.recipient), "MAIL")
}

/// The partition of a quota's places on a day of UTC.
#[must_use]
pub fn places(quota: &Quota, at: Timestamp) -> String {
    let day = at.to_zoned_datetime(TimeZone::UTC).date();
    format!("QUOTA#{}#{}#{day}", quota.what, quota.whose)
}

/// One of the places. Two digits sort up to 99.
#[must_use]
pub fn place(quota: &Quota, at: Timestamp, n: usize) -> Key {
    Key::new(places(quota, at), format!("{n:02}"))
}

/// Whether something is switched off.
#[must_use]
pub fn switch(switch: Switch) -> Key {
    Key::new(format!("SWITCH#{}", switch.name()), "SWITCH")
}

/// The service's own key for a purpose.
#[must_use]
pub fn secret(purpose: &str) -> Key {
    Key::new(format!("SECRET#{purpose}"), "SECRET")
}

/// Partition of [`GSI1`] for open work in a shard.
#[must_use]
pub fn open_work(queue: WorkQueue, shard: u8) -> String {
    match queue {
        WorkQueue::Active => format!("WORK#OPEN#{shard}"),
        WorkQueue::Waiting => format!("WORK#WAITING#{shard}"),
    }
}

/// The shard of this work: from its ULID's random end.
#[must_use]
pub fn open_work_shard(id: SubmissionId) -> u8 {
    let last = id.ulid().to_bytes().last().copied().unwrap_or_default();
    last % OPEN_WORK_SHARDS
}

/// Sort key of [`GSI1`]: by time, then by id.
#[must_use]
pub fn by_time(at: Timestamp, id: impl std::fmt::Display) -> String {
    format!("{}#{id}", sortable(at))
}

/// Upper end of the sort keys of [`by_time`] up to and including this time.
#[must_use]
pub fn through_time(at: Timestamp) -> String {
    // "~" is above every character of an id.
    format!("{}#~", sortable(at))
}

/// The time in a sort key of [`by_time`].
#[must_use]
pub fn time_of(sk: &str) -> Option<Timestamp> {
    sk.split_once('#')?.0.parse().ok()
}

/// A time that sorts as text. The plain form doesn't: it drops zeros, and
/// "05.5Z" is below "05Z".
fn sortable(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// The partition of a list of cards. Coarse cells and counties are partitions
/// of the table, fine cells of [`GSI2`].
#[must_use]
pub fn list(list: &List) -> String {
    match list {
        List::Cell(cell) => format!("GEO#{}", cell.0),
        List::County { country, county } => format!("COUNTY#{country}#{county}"),
        List::Country { country } => format!("COUNTRY#{country}"),
    }
}

/// A session's card in a list.
#[must_use]
pub fn card(of: &List, position: Position, id: SessionId) -> Key {
    match of {
        List::Cell(_) => Key::new(list(of), by_place(position, id)),
        List::County { .. } | List::Country { .. } => Key::new(list(of), id.to_string()),
    }
}

/// Sort key of a cell's cards and of [`GSI2`]: near to near.
#[must_use]
pub fn by_place(position: Position, id: SessionId) -> String {
    format!("{}#{id}", position.geohash(FINE_CHARS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_sort_as_text() {
        let times = ["2026-01-01T00:00:05Z", "2026-01-01T00:00:05.5Z", "2026-01-01T00:00:06Z"];
        let keys: Vec<_> = times.iter().map(|at| by_time(time(at), "X")).collect();
        let mut sorted = keys.clone();
        sorted.sort();
        assert_eq!(keys, sorted);
        assert_eq!(keys[0], "2026-01-01T00:00:05.000000000Z#X");
    }

    #[test]
    fn the_end_of_a_time_includes_its_ids_and_no_later_time() {
        let id = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ";
        let end = through_time(time("2026-01-01T00:00:05Z"));
        assert!(by_time(time("2026-01-01T00:00:05Z"), id) < end);
        assert!(by_time(time("2026-01-01T00:00:05.000000001Z"), "0") > end);
        assert_eq!(
            time_of(&by_time(time("2026-01-01T00:00:05Z"), id)),
            Some(time("2026-01-01T00:00:05Z"))
        );
    }

    #[test]
    fn pages_sort_as_numbers() {
        let id: SubmissionId = "01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
        assert!(page(id, 9).sk < page(id, 10).sk);
        for n in [0, 7, 99_999_999, u32::MAX] {
            assert_eq!(page_number(&page(id, n).sk), Some(n));
        }
        assert_eq!(page_number("PLAN"), None);
    }

    #[test]
    fn an_id_comes_back_out_of_its_key() {
        let id: SubmissionId = "01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
        assert_eq!(work_id(&submission(id).pk), Some(id));
        assert_eq!(work_id(&event(id).pk), Some(id));
        assert_eq!(work_id("CASE#01J9ZZZZZZZZZZZZZZZZZZZZZZ"), None);
        assert_eq!(case_id(&case(id.case()).pk), Some(id.case()));
    }
}
