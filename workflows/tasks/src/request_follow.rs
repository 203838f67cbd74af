//! RequestFollow and ConfirmFollow: somebody without an account wants to follow
//! something. The owner of the address says so first; until then nothing of the
//! request is stored but that a mail was sent. The request itself travels,
//! sealed, in the link of that mail.

use jiff::{Timestamp, tz::TimeZone};
use seisiun_domain::{
    Problems,
    digest::Zone,
    follow::{Cadence, FollowerId, Target},
    limits,
    member::{Email, Language},
};
use seisiun_mail::{Sender, is_usable_address};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    deliver::{Ledger, Recipient, deliver},
    error::{TaskError, TaskResult},
    follow_target::{FollowStore, Follower, Manner, Wanted, follow_target},
    letters::{self, FollowReason},
    ports::{LoadSession, MailKey, Quota, SendMail, TakePlace},
};

/// What somebody asks for, as the link of the mail carries it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FollowRequest {
    /// Whose address it is said to be.
    pub email: Email,
    /// What to follow.
    pub wanted: Wanted,
    /// What we speak with them.
    pub language: Language,
    /// Until when it can be confirmed.
    pub until: Timestamp,
    /// When to hear of it.
    #[serde(default)]
    pub cadence: Cadence,
    /// Where they are, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
}

impl FollowRequest {
    /// Whether it can no longer be confirmed.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now > self.until
    }
}

/// Until when what is asked for now can be confirmed: to the second, since a
/// link is long enough.
#[must_use]
pub fn confirmable_until(now: Timestamp) -> Timestamp {
    let seconds = limits::FOLLOW_REQUEST_DAYS * 24 * 60 * 60;
    Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(Timestamp::MAX)
}

/// Mails the link, once a day for the same thing. Whether the address is known,
/// suppressed or has been asked often enough, the answer is the same.
pub async fn request_follow<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    request: &FollowRequest,
    sealed: &str,
) -> TaskResult<Result<(), Problems>>
where
    S: LoadSession + TakePlace + Ledger,
    M: SendMail,
{
    let email = &request.email;
    if let Err(problems) = request.wanted.clone().validate() {
        return Ok(Err(problems));
    }
    if let Wanted::Target(Target::County { county, .. }) = &request.wanted
        && county.len() > limits::LINE_CHARS_MAX
    {
        let why = format!("must be at most {} characters", limits::LINE_CHARS_MAX);
        return Ok(Err(Problems::one("target", "too_long", why)));
    }
    if !is_usable_address(email.expose()) {
        let why = "we can't send mail to this address";
        return Ok(Err(Problems::one("email", "invalid", why)));
    }
    let wanted = serde_json::to_vec(&(&request.wanted, request.cadence))
        .map_err(|error| TaskError::Invariant(format!("a follow request: {error}")))?;
    let wanted = hex::encode(Sha256::digest(wanted));
    let quota = Quota {
        what: "follow-requests",
        whose: email.suppression_key(),
        most: limits::FOLLOW_REQUESTS_PER_ADDRESS_PER_DAY,
    };
    if !store.take_place(&quota, &wanted, now).await? {
        return Ok(Ok(()));
    }
    let key = MailKey {
        about: format!("follow-request:{}:{wanted}", now.to_zoned_datetime(TimeZone::UTC).date()),
        recipient: FollowerId::of_address(email).0,
    };
    let followed = followed(store, &request.wanted, request.cadence, request.language).await?;
    let to = Recipient { email: email.clone(), language: request.language };
    let letter = letters::follow_requested(&followed, sealed, request.until, sender, to.language);
    deliver(store, mailer, sender, now, &key, &to, &letter).await?;
    Ok(Ok(()))
}

/// Stores the follow that a good link carries. `sealed` is the link's own text:
/// whoever posts it again gets the same follow with the same unsubscribe link.
pub async fn confirm_follow(
    store: &impl FollowStore,
    request: FollowRequest,
    sealed: &str,
    now: Timestamp,
) -> TaskResult<Result<(), Problems>> {
    let digest = Sha256::new().chain_update("unsubscribe:").chain_update(sealed).finalize();
    let follower = Follower {
        id: FollowerId::of_address(&request.email),
        email: request.email,
        language: request.language,
    };
    let manner = Manner { cadence: request.cadence, zone: request.zone };
    follow_target(store, &follower, request.wanted, &manner, &hex::encode(digest), now).await
}

/// What is followed, in words.
pub(crate) async fn followed(
    store: &impl LoadSession,
    wanted: &Wanted,
    cadence: Cadence,
    language: Language,
) -> TaskResult<String> {
    let (reason, session) = match wanted {
        Wanted::Circle(circle) => (FollowReason::Circle { radius_km: circle.radius_km }, None),
        Wanted::Target(Target::Session(id)) => {
            (FollowReason::Session, store.load_session(*id).await?)
        }
        Wanted::Target(Target::Member(_)) => (FollowReason::Member { name: None }, None),
        Wanted::Target(Target::County { county, .. }) => {
            (FollowReason::County { name: county }, None)
        }
        Wanted::Target(Target::Digest(_)) => (FollowReason::Digest, None),
        // Nobody can ask for one.
        Wanted::Target(Target::Cell(cell)) => (FollowReason::County { name: &cell.0 }, None),
    };
    let title = session.as_ref().map(|session| session.listing.title.as_str());
    Ok(letters::followed(&reason, title, cadence, language))
}
