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
    follow::{Follow, FollowId, FollowerId, Following},
    limits,
    member::Member,
};

use crate::{
    error::TaskResult,
    ports::{ListFollowings, LoadFollowing, PutFollow, PutFollowing, RemoveFollowing, Unfollow},
};

/// What to follow.
pub use seisiun_domain::follow::Followed as Wanted;

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
    for target in stands.followed.targets() {
        let follow = Follow {
            target,
            follower: FollowerId(member.id.to_string()),
            email: member.email.clone(),
            circle: stands.followed.circle(),
            unsubscribe_token: stands.unsubscribe_token.clone(),
        };
        store.put_follow(&follow).await?;
    }
    Ok(Ok(()))
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
