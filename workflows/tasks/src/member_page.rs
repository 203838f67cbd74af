//! The page of a member who chose to have one: what stands on it, how it is
//! published, and how it goes.
//!
//! It goes at once where it is no longer wanted: whoever switches it off notes
//! that first and then removes the page, and whoever publishes looks again after
//! publishing. So one of the two finds what the other did, in whatever order.

use std::collections::BTreeSet;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use seisiun_domain::{
    MemberId, SessionId, SubmissionId,
    card::Card,
    limits,
    member::{Member, ProfileDraft},
    search::{Hit, Query, search},
    session::Session,
    submission::Body,
};

use crate::{
    error::TaskResult,
    ports::{
        Bucket, ListSubmissions, LoadMember, LoadSession, LoadSubmission, ReadVersioned,
        RemoveObjects, RenderPages, SaveMember, SwapObject,
    },
    site_page::{PageContent, PageName, publish},
};

/// Everything that the page of a member shows.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberContent {
    /// Who.
    pub id: MemberId,
    /// What they call themselves.
    pub name: String,
    /// Sessions that name them as a host, in the search's order.
    pub hosted: Vec<Hit>,
    /// The others that they listed, in the same.
    pub listed: Vec<Hit>,
}

/// Where the files of a member's page lie in the site's bucket. Those who remove
/// it have no renderer; a test of the renderer's holds it to these.
#[must_use]
pub fn member_page_keys(id: &MemberId) -> Vec<String> {
    let of = |language: &str| {
        [
            format!(".perseus/page/xx-XX/{language}members/{id}.json"),
            format!("{language}members/{id}/index.html"),
        ]
    };
    [of(""), of("ga/")].concat()
}

/// Publishes the page of a member, if they chose to have one. Whether they did.
pub async fn publish_member_page<S, O, R>(
    store: &S,
    objects: &O,
    renderer: &R,
    now: Timestamp,
    id: &MemberId,
) -> TaskResult<bool>
where
    S: LoadMember + ListSubmissions + LoadSubmission + LoadSession,
    O: ReadVersioned + SwapObject + RemoveObjects,
    R: RenderPages,
{
    let Some(found) = shown(store, id).await? else { return Ok(false) };
    let name = PageName::Member(id.clone());
    publish(objects, renderer, now, &name, async || {
        // One who meanwhile wants none has it removed below.
        let member = shown(store, id).await?.unwrap_or_else(|| found.clone());
        Ok(PageContent::Member(load_member_content(store, member, now).await?))
    })
    .await?;
    let stays = shown(store, id).await?.is_some();
    if !stays {
        remove_member_page(objects, id).await?;
    }
    Ok(stays)
}

/// A member who chose to have a page.
async fn shown(store: &impl LoadMember, id: &MemberId) -> TaskResult<Option<Member>> {
    Ok(store.load_member(id).await?.filter(Member::has_page))
}

/// Removes the page of a member; one that is not there stays so.
pub async fn remove_member_page(objects: &impl RemoveObjects, id: &MemberId) -> TaskResult<()> {
    Ok(objects.remove_objects(Bucket::Site, &member_page_keys(id)).await?)
}

/// SaveProfile: writes what a member says of themselves. Who wants no page has
/// none from then on, but for the minute that others may keep one; who wants one
/// has it with their next publication, or a day later. Answers the member as
/// they are now, or none if they were erased.
pub async fn save_profile<S, O>(
    store: &S,
    objects: &O,
    member: Member,
    profile: ProfileDraft,
) -> TaskResult<Option<Member>>
where
    S: SaveMember,
    O: RemoveObjects,
{
    let member = member.with(profile);
    if !store.save_member(&member).await? {
        return Ok(None);
    }
    // Whatever stood before: an earlier try may have saved and not removed.
    if !member.has_page() {
        remove_member_page(objects, &member.id).await?;
    }
    Ok(Some(member))
}

/// The members whose pages a session stands on, if they have one.
#[must_use]
pub fn members_of(session: &Session) -> BTreeSet<MemberId> {
    let hosts = session.hosts.iter().filter(|host| host.shown_as.is_some());
    hosts.map(|host| &host.member_id).chain([&session.submitter]).cloned().collect()
}

async fn load_member_content<S>(
    store: &S,
    member: Member,
    now: Timestamp,
) -> TaskResult<MemberContent>
where
    S: ListSubmissions + LoadSubmission + LoadSession,
{
    let sessions = sessions_of(store, &member.id).await?;
    let is_named = |session: &Session| {
        session.hosts.iter().any(|host| host.member_id == member.id && host.shown_as.is_some())
    };
    let (hosted, others): (Vec<_>, Vec<_>) = sessions.into_iter().partition(is_named);
    let listed = others.into_iter().filter(|session| session.submitter == member.id);
    let hits = |sessions: Vec<Session>| {
        search(sessions.iter().map(Card::of).collect(), &Query::default(), now)
    };
    let (hosted, listed) = (hits(hosted), hits(listed.collect()));
    Ok(MemberContent { id: member.id, name: member.display_name, hosted, listed })
}

/// The listed sessions that a member listed, or said something of, by their latest
/// [`limits::MEMBER_PAGE_SUBMISSIONS_MAX`] submissions.
pub(crate) async fn sessions_of<S>(store: &S, member: &MemberId) -> TaskResult<Vec<Session>>
where
    S: ListSubmissions + LoadSubmission + LoadSession,
{
    let most = limits::MEMBER_PAGE_SUBMISSIONS_MAX;
    let sent = store.list_submissions(member, None, most).await?;
    let about = sent.into_iter().map(|id| about(store, id));
    let about: BTreeSet<SessionId> = stream::iter(about)
        .buffer_unordered(limits::MEMBER_PAGE_READS_AT_ONCE)
        .try_filter_map(async |session| Ok(session))
        .try_collect()
        .await?;
    let mut sessions: Vec<Session> =
        stream::iter(about.into_iter().map(|session| store.load_session(session)))
            .buffer_unordered(limits::MEMBER_PAGE_READS_AT_ONCE)
            .try_filter_map(async |session| Ok(session))
            .try_collect()
            .await?;
    sessions.retain(Session::is_listed);
    Ok(sessions)
}

/// The session that somebody listed, or said something of, by this submission.
async fn about(store: &impl LoadSubmission, id: SubmissionId) -> TaskResult<Option<SessionId>> {
    let submission = store.load_submission(id).await?;
    Ok(submission.and_then(|submission| match &submission.body {
        Body::Session(_) => Some(submission.id.session()),
        Body::Change(_) => submission.body.about(),
        _ => None,
    }))
}
