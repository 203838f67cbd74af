//! FollowTarget: a member follows a session, a member, a county or a circle,
//! and no longer does.
//!
//! The follower holds one record of a follow; under each of its targets stands
//! another, for the fan-out. The follower's is written first and removed last, so
//! that a step that was cut off is found again, by a repeat or by the link of
//! any mail.
//!
//! Who follows something by the week follows the weekly digest, too: one for all of
//! it, in the zone that they named last. It begins with the first and ends with the
//! last of them.

use jiff::Timestamp;
use seisiun_domain::{
    MemberId, Problems,
    digest::Zone,
    follow::{Cadence, Follow, FollowId, Followed, FollowerId, Following, Target},
    limits,
    member::{Email, Language, Member},
};

use crate::{
    error::{TaskError, TaskResult},
    ports::{
        ListFollowings, LoadFollowing, NoteZone, PutFollow, PutFollowing, RemoveFollow,
        RemoveFollowing, ReplaceFollowing, Unfollow,
    },
};

/// What to follow.
pub use seisiun_domain::follow::Followed as Wanted;

/// How to follow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manner {
    /// When to hear of it.
    pub cadence: Cadence,
    /// Where the follower is, if they said so.
    pub zone: Option<Zone>,
}

/// Who follows, with an account or without.
#[derive(Debug, Clone, PartialEq)]
pub struct Follower {
    /// Their id.
    pub id: FollowerId,
    /// Where their mail goes.
    pub email: Email,
    /// What we speak with them.
    pub language: Language,
}

impl Follower {
    /// A member.
    #[must_use]
    pub fn of(member: &Member) -> Self {
        let Member { id, email, language, .. } = member;
        Self { id: FollowerId(id.to_string()), email: email.clone(), language: *language }
    }
}

/// What follows are kept in.
pub trait FollowStore:
    ListFollowings
    + LoadFollowing
    + PutFollowing
    + ReplaceFollowing
    + RemoveFollowing
    + PutFollow
    + RemoveFollow
    + Unfollow
    + NoteZone
{
}
impl<T> FollowStore for T where
    T: ListFollowings
        + LoadFollowing
        + PutFollowing
        + ReplaceFollowing
        + RemoveFollowing
        + PutFollow
        + RemoveFollow
        + Unfollow
        + NoteZone
{
}

/// Stores the follow; a circle under every cell that it reaches into, with one
/// token for all. `token` is fresh and unguessable; it is used only if the
/// follow is new. One that stands takes on the manner.
pub async fn follow_target(
    store: &impl FollowStore,
    follower: &Follower,
    wanted: Wanted,
    manner: &Manner,
    token: &str,
    now: Timestamp,
) -> TaskResult<Result<(), Problems>> {
    let followed = match wanted.validate() {
        Ok(followed) => followed,
        Err(problems) => return Ok(Err(problems)),
    };
    let (id, holder) = (followed.id(), holder(&follower.id)?);
    let mut others = store.list_followings(&holder).await?;
    let has_digest = others.iter().any(|other| other.digest().is_some());
    others.retain(|other| other.digest().is_none());
    if others.len() >= limits::FOLLOWS_MAX && others.iter().all(|other| other.id != id) {
        let why = format!("you follow {} already: unfollow another first", others.len());
        return Ok(Err(Problems::one("target", "too_many", why)));
    }
    let cadence = manner.cadence;
    let new = Following { id, followed, unsubscribe_token: token.into(), since: now, cadence };
    let stands = hold(store, &holder, new).await?;
    put_follows(store, follower, &stands).await?;
    match cadence {
        Cadence::Weekly => {
            follow_digest(store, follower, manner.zone.as_ref(), token, now).await?;
        }
        Cadence::Instant if has_digest => end_idle_digest(store, &holder).await?,
        Cadence::Instant => {}
    }
    Ok(Ok(()))
}

/// Has a follow held by its follower: a new one, or the one that stands in the new
/// manner.
async fn hold(
    store: &impl FollowStore,
    holder: &MemberId,
    new: Following,
) -> TaskResult<Following> {
    let stands = store.put_following(holder, &new).await?;
    if (stands.cadence, &stands.followed) == (new.cadence, &new.followed) {
        return Ok(stands);
    }
    let Following { followed, cadence, .. } = new;
    let changed = Following { followed, cadence, ..stands };
    if store.replace_following(holder, &changed).await? {
        return Ok(changed);
    }
    // Its link was used in this very moment: that is the later word.
    Err(TaskError::Conflict("the follow was ended just now".into()))
}

/// Follows the weekly digest, in this zone or where it is already.
async fn follow_digest(
    store: &impl FollowStore,
    follower: &Follower,
    zone: Option<&Zone>,
    token: &str,
    now: Timestamp,
) -> TaskResult<()> {
    let holder = holder(&follower.id)?;
    let before = store.load_following(&holder, &FollowId::of_digest()).await?;
    let was = before.as_ref().and_then(Following::digest).cloned();
    let zone = zone.or(was.as_ref()).cloned().unwrap_or_default();
    // Known before anybody is there: none is ever left out.
    store.note_zone(&zone).await?;
    let new = Following {
        id: FollowId::of_digest(),
        followed: Followed::Target(Target::Digest(zone.clone())),
        // Of its own: it ends all that is followed by the week.
        unsubscribe_token: format!("{token}w"),
        since: now,
        cadence: Cadence::Weekly,
    };
    let stands = hold(store, &holder, new).await?;
    put_follows(store, follower, &stands).await?;
    if let Some(was) = was.filter(|was| *was != zone) {
        let left = Followed::Target(Target::Digest(was));
        for follow in follows(follower, &Following { followed: left, ..stands }) {
            store.remove_follow(&follow).await?;
        }
    }
    Ok(())
}

/// Ends the weekly digest of somebody who follows nothing by the week. Whoever begins
/// to at the same time keeps it: they hold their follow before they look for the
/// digest, and here it is looked for once more after the digest is let go of.
pub(crate) async fn end_idle_digest<S>(store: &S, holder: &MemberId) -> TaskResult<()>
where
    S: ListFollowings + PutFollowing + RemoveFollowing + Unfollow,
{
    let held = store.list_followings(holder).await?;
    if held.iter().any(Following::is_weekly) {
        return Ok(());
    }
    let Some(digest) = held.into_iter().find(|one| one.digest().is_some()) else {
        return Ok(());
    };
    store.remove_following(holder, &digest).await?;
    if store.list_followings(holder).await?.iter().any(Following::is_weekly) {
        store.put_following(holder, &digest).await?;
    } else {
        store.unfollow(&digest.unsubscribe_token).await?;
    }
    Ok(())
}

/// Under whose id somebody holds what they follow: an address without an account is
/// told apart by its own.
pub(crate) fn holder(follower: &FollowerId) -> TaskResult<MemberId> {
    let id = follower.0.parse();
    id.map_err(|_| TaskError::Invariant("a follower's id is none that can hold a follow".into()))
}

async fn put_follows(
    store: &impl PutFollow,
    follower: &Follower,
    following: &Following,
) -> TaskResult<()> {
    for follow in follows(follower, following) {
        store.put_follow(&follow).await?;
    }
    Ok(())
}

/// The records of a follow, one under each of its targets.
fn follows(follower: &Follower, following: &Following) -> Vec<Follow> {
    let Following { followed, unsubscribe_token, cadence, .. } = following;
    let follow = |target| Follow {
        target,
        follower: follower.id.clone(),
        email: follower.email.clone(),
        circle: followed.circle(),
        unsubscribe_token: unsubscribe_token.clone(),
        language: follower.language,
        cadence: *cadence,
    };
    followed.targets().into_iter().map(follow).collect()
}

/// Ends a member's follow. One that has ended, or never was, stays so. The weekly
/// digest ends with all that is followed by the week, and the other way round.
pub async fn end_follow<S>(store: &S, member: &MemberId, id: &FollowId) -> TaskResult<()>
where
    S: ListFollowings + LoadFollowing + PutFollowing + Unfollow + RemoveFollowing,
{
    let is_digest = *id == FollowId::of_digest();
    if is_digest {
        for weekly in store.list_followings(member).await?.iter().filter(|one| one.is_weekly()) {
            end_one(store, member, weekly).await?;
        }
    }
    let ended = store.load_following(member, id).await?;
    if let Some(following) = &ended {
        end_one(store, member, following).await?;
    }
    // A repeat of a call that was cut off finds the follow gone and the digest there.
    if !is_digest && ended.is_none_or(|following| following.is_weekly()) {
        end_idle_digest(store, member).await?;
    }
    Ok(())
}

/// Ends this follow and no other.
pub(crate) async fn end_one<S>(
    store: &S,
    member: &MemberId,
    following: &Following,
) -> TaskResult<()>
where
    S: Unfollow + RemoveFollowing,
{
    store.unfollow(&following.unsubscribe_token).await?;
    // It may stand under no target yet, and then no link led to it.
    store.remove_following(member, following).await?;
    Ok(())
}
