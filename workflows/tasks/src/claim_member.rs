//! ClaimMember: the first authorised request of a member creates their record.

use std::collections::BTreeSet;

use seisiun_domain::{
    MemberId,
    member::{Language, Mails, Member},
};

use crate::{
    error::TaskResult,
    ports::{LoadMember, LookUpEmail, PutMember, WasErased},
};

/// Whose token it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Claimed {
    /// A member's.
    Member(Member),
    /// Of an account whose address was never verified.
    Unverified,
    /// Of a member who was, or is being, erased.
    Erased,
}

/// The member of a verified token. The address comes from the user pool, which
/// has verified it, never from the request.
pub async fn claim_member<S, U>(
    store: &S,
    users: &U,
    id: MemberId,
    access_token: &str,
) -> TaskResult<Claimed>
where
    S: LoadMember + PutMember + WasErased,
    U: LookUpEmail,
{
    if let Some(member) = store.load_member(&id).await? {
        return Ok(if member.erasing { Claimed::Erased } else { Claimed::Member(member) });
    }
    // Its account is gone, its token may be good for some minutes more.
    if store.was_erased(&id).await? {
        return Ok(Claimed::Erased);
    }
    let Some(email) = users.look_up_email(access_token).await? else {
        return Ok(Claimed::Unverified);
    };
    let member = Member {
        display_name: "A musician".into(),
        id,
        email,
        home: None,
        language: Language::default(),
        mails: Mails::default(),
        public: false,
        blocked: BTreeSet::new(),
        erasing: false,
    };
    store.put_member(&member).await?;
    Ok(Claimed::Member(member))
}
