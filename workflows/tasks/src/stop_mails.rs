//! StopMails: what the unsubscribe link of any mail to a follower can do: end its own
//! follow, another one, or all mails of the kind. It needs no sign-in: whoever has a
//! mail may stop mails, and nothing else.

use seisiun_domain::{
    follow::{FollowId, Followed, Following},
    limits,
    member::{Language, Mails, NewsMails},
};

use crate::{
    error::TaskResult,
    follow_target::{end_follow, end_idle_digest, end_one, holder},
    ports::{
        FindLink, LinkOwner, ListFollowings, LoadFollowing, LoadMember, LoadSession, PutFollowing,
        RemoveFollowing, SaveMember, Unfollow,
    },
    request_follow::followed,
};

/// What is to be stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Mails like the one that the link was in.
    This,
    /// Those of another follow.
    Follow(FollowId),
    /// All of them.
    All,
}

/// A follow that a link can end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Its id.
    pub id: FollowId,
    /// What is followed, within a sentence.
    pub followed: String,
    /// The token of its own link.
    pub token: String,
}

/// What stands behind a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// What we speak with its reader.
    pub language: Language,
    /// The follow that it ends; `None` if only its link is left of it.
    pub this: Option<Ending>,
    /// Others of theirs: the first [`limits::ENDINGS_SHOWN`].
    pub others: Vec<Ending>,
}

/// Looks behind a link. `None` if it has ended its follow, or is none.
pub async fn look_behind<S>(store: &S, token: &str) -> TaskResult<Option<Behind>>
where
    S: FindLink + ListFollowings + LoadSession,
{
    let Some(LinkOwner { follower, follow, language }) = store.find_link(token).await? else {
        return Ok(None);
    };
    let (mut this, mut others) = (None, Vec::new());
    for following in store.list_followings(&holder(&follower)?).await? {
        let own = following.id == follow;
        if own || others.len() < limits::ENDINGS_SHOWN {
            let ending = ending(store, following, language).await?;
            if own { this = Some(ending) } else { others.push(ending) }
        }
    }
    Ok(Some(Behind { language, this, others }))
}

async fn ending(
    store: &impl LoadSession,
    following: Following,
    language: Language,
) -> TaskResult<Ending> {
    let Following { id, followed: what, unsubscribe_token: token, cadence, .. } = following;
    let what: Followed = what;
    Ok(Ending { id, followed: followed(store, &what, cadence, language).await?, token })
}

/// Stops mails. What is stopped stays so, however often it is asked for.
pub async fn stop_mails<S>(store: &S, token: &str, stop: &Stop) -> TaskResult<()>
where
    S: FindLink
        + ListFollowings
        + LoadFollowing
        + PutFollowing
        + RemoveFollowing
        + Unfollow
        + LoadMember
        + SaveMember,
{
    let owner = store.find_link(token).await?;
    if let Some(owner) = &owner {
        let holder = holder(&owner.follower)?;
        match stop {
            // Of all that it is about.
            Stop::This if owner.follow == FollowId::of_digest() => {
                end_follow(store, &holder, &owner.follow).await?;
            }
            Stop::This => {}
            Stop::Follow(id) => return end_follow(store, &holder, id).await,
            Stop::All => match store.load_member(&holder).await? {
                // Their follows stay: what they follow is theirs to say when signed in.
                Some(member) => {
                    let mails = Mails { news: NewsMails::Off };
                    let quiet = seisiun_domain::member::Member { mails, ..member };
                    store.save_member(&quiet).await?;
                    return Ok(());
                }
                None => {
                    for following in store.list_followings(&holder).await? {
                        if following.unsubscribe_token != token {
                            end_one(store, &holder, &following).await?;
                        }
                    }
                }
            },
        }
    }
    // Its own last, since then nothing says any more whose the link was.
    store.unfollow(token).await?;
    if let Some(owner) = owner {
        end_idle_digest(store, &holder(&owner.follower)?).await?;
    }
    Ok(())
}
