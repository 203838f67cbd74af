//! SendBatch: mails one page of followers, each at most once per event, however
//! often and under however many targets the follower comes up.

use jiff::Timestamp;
use seisiun_mail::Sender;

use crate::{
    deliver::{Delivery, Ledger, deliver},
    error::{TaskError, TaskResult},
    letters,
    plan_fan_out::Page,
    ports::{ListFollows, LoadEvent, LoadSession, MailKey, PageResult, PutPageResult, SendMail},
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
    S: LoadEvent + LoadSession + ListFollows + PutPageResult + Ledger,
    M: SendMail,
{
    let id = page.event_id;
    let no_event = || TaskError::InvalidInput(format!("there is no event {id}"));
    let event = store.load_event(id).await?.ok_or_else(no_event)?;
    let Some(session) = store.load_session(event.session_id).await? else {
        // Taken away in the meantime: nobody wants to hear of it.
        return Ok(PageResult::default());
    };
    let listing = session
        .listing
        .validate()
        .map_err(|problems| TaskError::Invariant(format!("session {}: {problems}", session.id)))?;
    let venue = &session.listing.venue;
    let mut result = PageResult::default();
    for follow in store.list_follows(&page.range).await? {
        // Nobody needs news of what they submitted themselves.
        let own = follow.follower.0 == session.submitter.as_str();
        if own || !follow.concerns(venue.position) {
            result.skipped += 1;
            continue;
        }
        let why = follow.why(&venue.county, "the member who added it");
        let letter = letters::new_session(
            &session,
            &listing,
            vec![why],
            &follow.unsubscribe_token,
            sender,
            now,
        );
        let key = MailKey { about: format!("event:{id}"), recipient: follow.follower.0.clone() };
        match deliver(store, mailer, sender, now, &key, &follow.email, &letter).await? {
            Delivery::Sent | Delivery::AlreadySent => result.sent += 1,
            Delivery::Suppressed => result.skipped += 1,
            Delivery::Refused => result.refused += 1,
            Delivery::Unresolved => result.unresolved += 1,
        }
    }
    store.put_page_result(id, page.page, result).await?;
    Ok(result)
}
