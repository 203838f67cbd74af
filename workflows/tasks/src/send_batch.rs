//! SendBatch: mails one page of followers, each at most once per event, however
//! often and under however many targets the follower comes up.

use jiff::Timestamp;
use seisiun_domain::{
    change::News, follow::Follow, geo::Position, member::NewsMails, session::Session,
};
use seisiun_mail::Sender;

use crate::{
    deliver::{Delivery, Ledger, deliver},
    error::{TaskError, TaskResult},
    letters,
    plan_fan_out::Page,
    ports::{
        ListFollows, LoadEvent, LoadMember, LoadSession, MailKey, PageResult, PutPageResult,
        SendMail,
    },
};

/// Runs the task.
pub async fn send_batch<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    page: &Page,
) -> TaskResult<PageResult>
where
    S: LoadEvent + LoadSession + LoadMember + ListFollows + PutPageResult + Ledger,
    M: SendMail,
{
    let id = page.event_id;
    let no_event = || TaskError::InvalidInput(format!("there is no event {id}"));
    let event = store.load_event(id).await?.ok_or_else(no_event)?;
    let session = store.load_session(event.session_id).await?;
    let Some(session) = session.filter(Session::is_listed) else {
        // Taken away in the meantime: nobody wants to hear of it.
        store.put_page_result(id, page.page, PageResult::default()).await?;
        return Ok(PageResult::default());
    };
    let listing = session
        .listing
        .validate()
        .map_err(|problems| TaskError::Invariant(format!("session {}: {problems}", session.id)))?;
    let venue = &session.listing.venue;
    let mut result = PageResult::default();
    for follow in store.list_follows(&page.range).await? {
        if !wants(store, &session, &follow, venue.position).await? {
            result.skipped += 1;
            continue;
        }
        let why = vec![follow.why(&venue.county, "the member who added it")];
        let token = &follow.unsubscribe_token;
        let key = MailKey { about: format!("event:{id}"), recipient: follow.follower.0.clone() };
        let to = &follow.email;
        let delivery = if event.news == News::NewSession {
            let letter = letters::new_session(&session, &listing, why, token, sender, now);
            deliver(store, mailer, sender, now, &key, to, &letter).await?
        } else {
            let letter = letters::session_news(&session, &event.news, why, token, sender, now);
            deliver(store, mailer, sender, now, &key, to, &letter).await?
        };
        match delivery {
            Delivery::Sent | Delivery::AlreadySent => result.sent += 1,
            Delivery::Suppressed => result.skipped += 1,
            Delivery::Refused => result.refused += 1,
            Delivery::Unresolved => result.unresolved += 1,
        }
    }
    store.put_page_result(id, page.page, result).await?;
    Ok(result)
}

/// Whether a follower wants this mail: not of what they submitted themselves,
/// nor of somebody whom they blocked, nor while they want none at all. Read now,
/// so that a change of mind holds in the middle of a fan-out.
async fn wants(
    store: &impl LoadMember,
    session: &Session,
    follow: &Follow,
    position: Position,
) -> TaskResult<bool> {
    if follow.follower.0 == session.submitter.as_str() || !follow.concerns(position) {
        return Ok(false);
    }
    // An address without an account has no member's record, and no such wishes.
    let Ok(id) = follow.follower.0.parse() else { return Ok(true) };
    let member = store.load_member(&id).await?;
    Ok(member.is_none_or(|member| {
        member.mails.news == NewsMails::AtOnce && !member.blocked.contains(&session.submitter)
    }))
}
