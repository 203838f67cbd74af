//! FollowTarget: a member follows a session, a member, a county or a circle,
//! and no longer does.
//!
//! The member holds one record of a follow; under each of its targets stands
//! another, for the fan-out. The member's is written first and removed last, so
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
    error::TaskResult,
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
    let followed = match wanted.validate() {
        Ok(followed) => followed,
        Err(problems) => return Ok(Err(problems)),
    };
    let id = followed.id();
    let others = store.list_followings(&member.id).await?;
    if others.len() >= limits::FOLLOWS_MAX && others.iter().all(|other| other.id != id) {
        let why = format!("you follow {} already: unfollow another first", others.len());
        return Ok(Err(Problems::one("target", "too_many", why)));
    }
    let new = Following { id, followed, unsubscribe_token: token.into(), since: now };
    let stands = store.put_following(&member.id, &new).await?;
    let follower = Follower {
        id: FollowerId(member.id.to_string()),
        email: member.email.clone(),
        language: member.language,
    };
    put_follows(store, &follower, &stands.followed, &stands.unsubscribe_token).await?;
    Ok(Ok(()))
}

/// The same for an address without an account, which holds no record of its own:
/// `token` is that of every repeat.
pub async fn follow_as(
    store: &impl PutFollow,
    follower: &Follower,
    wanted: Wanted,
    token: &str,
) -> TaskResult<Result<(), Problems>> {
    match wanted.validate() {
        Ok(followed) => put_follows(store, follower, &followed, token).await.map(Ok),
        Err(problems) => Ok(Err(problems)),
    }
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
