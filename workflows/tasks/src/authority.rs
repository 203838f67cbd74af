//! What a member is to a session, from what is stored of both.

use std::ops::ControlFlow;

use jiff::Timestamp;
use seisiun_domain::{MemberId, change::Authority, moderation::Standing, session::Session};

use crate::{
    background::look_back,
    error::TaskResult,
    ports::{ListSubmissions, LoadSubmissions},
};

/// What this member is to this session at `now`. Their contributions are looked
/// at only where it matters, from the latest back, until they suffice.
pub async fn authority_of(
    store: &(impl ListSubmissions + LoadSubmissions),
    member: &MemberId,
    session: &Session,
    now: Timestamp,
) -> TaskResult<Authority> {
    let mut standing = Standing::default();
    let known = Authority::of(member, session, &standing, now);
    if known > Authority::Trusted {
        return Ok(known);
    }
    look_back(store, member, None, |page| {
        standing = page.iter().fold(standing, Standing::counting);
        match Authority::of(member, session, &standing, now) >= Authority::Trusted {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })
    .await?;
    Ok(Authority::of(member, session, &standing, now))
}
