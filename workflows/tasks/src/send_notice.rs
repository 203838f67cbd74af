//! SendNotice: anybody tells us of content that should not be there. Like what
//! members send, it is stored first and then worked on.

use jiff::Timestamp;
use seisiun_domain::{
    Problems, SubmissionId, limits,
    notice::{NoticeDraft, nameless_notifier, notifier},
    submission::Body,
};
use seisiun_mail::is_usable_address;

use crate::{
    error::TaskResult,
    ports::{
        AcceptSubmission, DescribeExecution, IdempotencyKey, LoadWork, ObjectSize, Quota,
        StartExecution, TakePlace,
    },
    submit::{self, Submitted, submit},
};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// As with every submission.
    Submitted(Submitted),
    /// This address has sent as many today as we take.
    TooMany,
}

/// Runs the use case. `id` is freshly minted; it is used only if the notice is new.
#[expect(clippy::too_many_arguments, reason = "one for each port, then the request")]
pub async fn send_notice<S, O, W>(
    store: &S,
    objects: &O,
    workflows: &W,
    site_url: &str,
    now: Timestamp,
    id: SubmissionId,
    draft: &NoticeDraft,
    key: IdempotencyKey,
) -> TaskResult<Sent>
where
    S: AcceptSubmission + LoadWork + TakePlace,
    O: ObjectSize,
    W: StartExecution + DescribeExecution,
{
    let notice = match draft.validate(site_url) {
        Ok(notice) => notice,
        Err(problems) => return Ok(Sent::Submitted(Submitted::Refused(problems))),
    };
    // Without an address there is nobody to count for; the gateway limits all.
    let member_id = match &notice.email {
        Some(email) if !is_usable_address(email.expose()) => {
            let why = "we can't send mail to this address";
            let problems = Problems::one("email", "invalid", why);
            return Ok(Sent::Submitted(Submitted::Refused(problems)));
        }
        Some(email) => {
            let quota = Quota {
                what: "notices",
                whose: email.suppression_key(),
                most: limits::NOTICES_PER_ADDRESS_PER_DAY,
            };
            if !store.take_place(&quota, &key.key, now).await? {
                return Ok(Sent::TooMany);
            }
            notifier(email)
        }
        None => nameless_notifier(&key.key),
    };
    let request = submit::Request { member_id, body: Body::Notice(notice), photos: vec![], key };
    submit(store, objects, workflows, now, id, request).await.map(Sent::Submitted)
}
