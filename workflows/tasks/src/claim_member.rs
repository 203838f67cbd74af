//! ClaimMember: the first authorised request of a member creates their record.

use seisiun_domain::{MemberId, member::Member};

use crate::{
    error::{TaskError, TaskResult},
    ports::{LoadMember, LookUpEmail, PutMember},
};

/// The member of a verified token. The address comes from the user pool, which
/// has verified it, never from the request.
pub async fn claim_member<S, U>(
    store: &S,
    users: &U,
    id: MemberId,
    access_token: &str,
) -> TaskResult<Member>
where
    S: LoadMember + PutMember,
    U: LookUpEmail,
{
    if let Some(member) = store.load_member(&id).await? {
        return Ok(member);
    }
    let email = users
        .look_up_email(access_token)
        .await?
        .ok_or_else(|| TaskError::InvalidInput("the account has no verified address".into()))?;
    let member = Member { display_name: "A musician".into(), id, email };
    store.put_member(&member).await?;
    Ok(member)
}
