//! FollowTarget: a member follows a session, a member, a county or a circle,
//! and no longer does.
//!
//! The follower holds one record of a follow; under each of its targets stands
//! another, for the fan-out. The follower's is written first and removed last, so
//! that a step that was cut off is found again, by a repeat or by the link of
//! any mail.

use jiff::Timestamp;
use seisiun_domain::{
    MemberId, Problems,
    follow::{Follow, FollowId, Followed, FollowerId, Following},
    limits,
    member::{Email, Language, Member},
};

use crate::{
    error::{TaskError, TaskResult},
    ports::{ListFollowings, LoadFollowing, PutFollow, PutFollowing, RemoveFollowing, Unfollow},
};

/// What to follow.
pub use seisiun_domain::follow::Followed as Wanted;

/// Who follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Follower {
    /// Their id.
    pub id: FollowerId,
    /// Where their mail goes.
    pub email: Email,
    /// What we speak with them.
    pub language: Language,
}

/// Stores the follow; a circle under every cell that it reaches into, with one
/// token for all. `token` is fresh and unguessable; it is used only if the
/// follow is new.
pub async fn follow_target<S>(
    store: &S,
    member: &Member,
    wanted: Wanted,
    token: &str,
    now: Timestamp,
) -> TaskResult<Result<(), Problems>>
where
    S: ListFollowings + PutFollowing + PutFollow,
{
    let follower = Follower {
        id: FollowerId(member.id.to_string()),
        email: member.email.clone(),
        language: member.language,
    };
    follow_as(store, &follower, wanted, token, now).await
}

/// The same for whoever follows, with an account or without: both hold one record of
/// each follow.
pub async fn follow_as<S>(
    store: &S,
    follower: &Follower,
    wanted: Wanted,
    token: &str,
    now: Timestamp,
) -> TaskResult<Result<(), Problems>>
where
    S: ListFollowings + PutFollowing + PutFollow,
{
    let followed = match wanted.validate() {
        Ok(followed) => followed,
        Err(problems) => return Ok(Err(problems)),
    };
    let (id, holder) = (followed.id(), holder(&follower.id)?);
    let others = store.list_followings(&holder).await?;
    if others.len() >= limits::FOLLOWS_MAX && others.iter().all(|other| other.id != id) {
        let why = format!("you follow {} already: unfollow another first", others.len());
        return Ok(Err(Problems::one("target", "too_many", why)));
    }
    let new = Following { id, followed, unsubscribe_token: token.into(), since: now };
    let stands = store.put_following(&holder, &new).await?;
    put_follows(store, follower, &stands.followed, &stands.unsubscribe_token).await?;
    Ok(Ok(()))
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
    followed: &Followed,
    token: &str,
) -> TaskResult<()> {
    for target in followed.targets() {
        let follow = Follow {
            target,
            follower: follower.id.clone(),
            email: follower.email.clone(),
            circle: followed.circle(),
            unsubscribe_token: token.into(),
            language: follower.language,
        };
        store.put_follow(&follow).await?;
    }
    Ok(())
}

/// Ends a member's follow. One that has ended, or never was, stays so.
pub async fn end_follow<S>(store: &S, member: &MemberId, id: &FollowId) -> TaskResult<()>
where
    S: LoadFollowing + Unfollow + RemoveFollowing,
{
    if let Some(following) = store.load_following(member, id).await? {
        store.unfollow(&following.unsubscribe_token).await?;
        // It may stand under no target yet, and then no link led to it.
        store.remove_following(member, &following).await?;
    }
    Ok(())
}
