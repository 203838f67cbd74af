//! ClaimMember: the first authorised request of a member creates their record.

use std::collections::BTreeSet;

use seisiun_domain::{
    MemberId,
    member::{Language, Mails, Member},
};

use crate::{
    error::TaskResult,
    ports::{LoadMember, LookUpEmail, PutMember},
};

/// The member of a verified token. The address comes from the user pool, which
/// has verified it, never from the request. `None` if it was never verified.
pub async fn claim_member<S, U>(
    store: &S,
    users: &U,
    id: MemberId,
    access_token: &str,
) -> TaskResult<Option<Member>>
where
    S: LoadMember + PutMember,
    U: LookUpEmail,
{
    if let Some(member) = store.load_member(&id).await? {
        return Ok(Some(member));
    }
    let Some(email) = users.look_up_email(access_token).await? else { return Ok(None) };
    let member = Member {
        display_name: "A musician".into(),
        id,
        email,
        home: None,
        language: Language::default(),
        mails: Mails::default(),
        blocked: BTreeSet::new(),
    };
    store.put_member(&member).await?;
    Ok(Some(member))
}
