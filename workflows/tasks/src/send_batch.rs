//! SendBatch: mails one page of followers, each once per event, however often and
//! under however many targets the follower comes up.
//!
//! Everything that a follower may have changed is read in the moment before their
//! mail. The pace is one for all that send at the same time. A mail whose fate is
//! open is left until its event has come or would have (`mail_claim` in the
//! domain); until then its page counts as unsettled.
//!
//! A fan-out tells news of a session, or is the digest of a week (`digest`): that one
//! is another letter for everybody, and none to who follows nothing that is on.

use futures::future::{join_all, try_join_all};
use jiff::Timestamp;
use seisiun_domain::{
    change::News,
    follow::{Cadence, Follow, Target},
    geo::Circle,
    limits,
    mail_claim::{Next, Patience},
    member::{Email, Language, Member, NewsMails},
    pace::{Lane, Permit, Rate},
    session::{Listing, Session},
};
use seisiun_mail::Sender;

use crate::{
    deliver::{HandedOver, Recipient, Record, Written, hand_over},
    digest::{DigestStore, Digests},
    error::{TaskError, TaskResult},
    fan_out::{Matter, Page, load_matter},
    letters::{self, FollowReason},
    ports::{
        Claim, ClaimMail, Clock, FollowerNow, LastSendEvent, ListFollows, LoadEvent, LoadFanOut,
        LookAtFollower, MailKey, Mark, PageResult, PutPageResult, SendMail, TakeOverMail,
        TakePermit,
    },
    sign::{self, Sign},
};

/// How a page is sent.
#[derive(Debug, Clone, Copy)]
pub struct Pacing {
    /// How fast, together with all others.
    pub rate: Rate,
    /// How long the fate of a mail may be open.
    pub patience: Patience,
}

/// How a run of a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The page has reported.
    Done,
    /// Its time was over; the next run goes on.
    More,
    /// Mail is switched off or the fan-out paused; the next run goes on.
    Halted,
}

/// A run of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// How it ended.
    pub end: End,
    /// Mails that were sent in this run.
    pub sent: u32,
    /// Mails that the mail service refused in this run, or failed at.
    pub failed: u32,
    /// Mails that were given up in this run, since nobody will ever know.
    pub unknown: u32,
}

/// The store of a page.
pub trait Store:
    LoadEvent
    + DigestStore
    + LoadFanOut
    + ListFollows
    + LookAtFollower
    + ClaimMail
    + TakeOverMail
    + Record
    + LastSendEvent
    + TakePermit
    + PutPageResult
{
}
impl<T> Store for T where
    T: LoadEvent
        + DigestStore
        + LoadFanOut
        + ListFollows
        + LookAtFollower
        + ClaimMail
        + TakeOverMail
        + Record
        + LastSendEvent
        + TakePermit
        + PutPageResult
{
}

/// Runs the task.
pub async fn send_batch<S, M, C>(
    store: &S,
    mailer: &M,
    clock: &C,
    sender: &Sender,
    pacing: &Pacing,
    page: &Page,
) -> TaskResult<Run>
where
    S: Store,
    M: SendMail,
    C: Clock,
{
    let id = page.event_id;
    let matter = load_matter(store, id).await?;
    let letters = match &matter {
        Matter::Digest(digest) => Letters::Digest(Digests::new(store, digest)?),
        Matter::News { session, news } => {
            let listing = session.listing.validate().map_err(|problems| {
                TaskError::Invariant(format!("session {}: {problems}", session.id))
            })?;
            Letters::News { session, news, listing: Box::new(listing) }
        }
    };
    let follows = store.load_fan_out(id).await?.map_or(u64::MAX, |fan_out| fan_out.follows);
    let batch = Batch {
        store,
        mailer,
        clock,
        sender,
        pacing,
        page,
        targets: matter.targets(),
        letters,
        lane: Lane::of(follows),
        started: clock.now(),
        last_event: store.last_send_event().await?,
    };
    batch.send().await
}

/// A page on its way.
struct Batch<'a, S, M, C> {
    store: &'a S,
    mailer: &'a M,
    clock: &'a C,
    sender: &'a Sender,
    pacing: &'a Pacing,
    page: &'a Page,
    targets: Vec<Target>,
    letters: Letters<'a, S>,
    lane: Lane,
    started: Timestamp,
    /// When the latest mail was accepted that an event has told of.
    last_event: Option<Timestamp>,
}

/// What its letters are written from.
enum Letters<'a, S> {
    /// News of a session: the same for all, but for why they get it.
    News { session: &'a Session, news: &'a News, listing: Box<Listing> },
    /// The digest of a week.
    Digest(Digests<'a, S>),
}

/// What became of a follower of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    /// They want no mail, or had it for another follow of theirs.
    Skipped,
    Suppressed,
    Sent {
        /// In this run.
        now: bool,
    },
    Refused {
        /// In this run.
        now: bool,
    },
    /// The fate of the mail is open.
    Unresolved {
        /// Since this run.
        now: bool,
        /// Whether a sign is wanted that events arrive.
        asks_for_a_sign: bool,
    },
    Unknown {
        /// In this run.
        now: bool,
    },
}

/// What a run has come to so far.
#[derive(Debug, Default)]
struct Tally {
    result: PageResult,
    sent: u32,
    failed: u32,
    unknown: u32,
    asks_for_a_sign: bool,
}

impl Tally {
    fn add(&mut self, came: Came) {
        match came {
            Came::Skipped => self.result.skipped += 1,
            Came::Suppressed => self.result.suppressed += 1,
            Came::Sent { now } => {
                self.result.sent += 1;
                self.sent += u32::from(now);
            }
            Came::Refused { now } => {
                self.result.refused += 1;
                self.failed += u32::from(now);
            }
            Came::Unresolved { now, asks_for_a_sign } => {
                self.result.unresolved += 1;
                self.failed += u32::from(now);
                self.asks_for_a_sign |= asks_for_a_sign;
            }
            Came::Unknown { now } => {
                self.result.unknown += 1;
                self.unknown += u32::from(now);
            }
        }
    }
}

impl<S: Store, M: SendMail, C: Clock> Batch<'_, S, M, C> {
    async fn send(&self) -> TaskResult<Run> {
        let mut tally = Tally::default();
        let end = self.send_all(&mut tally).await?;
        if end == End::Done {
            if tally.asks_for_a_sign {
                self.ask_for_a_sign().await?;
            }
            let (event, page) = (self.page.event_id, self.page.page);
            self.store.put_page_result(event, page, tally.result).await?;
        }
        let Tally { sent, failed, unknown, .. } = tally;
        Ok(Run { end, sent, failed, unknown })
    }

    async fn send_all(&self, tally: &mut Tally) -> TaskResult<End> {
        let at_once = self.pacing.rate.mails_per_permit();
        let chunk = usize::try_from(at_once).unwrap_or(1);
        let mut permits = 0;
        for follows in self.store.list_follows(&self.page.range).await?.chunks(chunk) {
            let looks = try_join_all(follows.iter().map(|follow| self.look(follow))).await?;
            if looks.iter().any(|now| now.halted) {
                return Ok(End::Halted);
            }
            let mut wanted = Vec::new();
            for (follow, now) in follows.iter().zip(looks) {
                if !self.is_wanted(follow, &now) {
                    tally.add(Came::Skipped);
                } else if now.suppressed {
                    tally.add(Came::Suppressed);
                } else {
                    wanted.push((follow, now));
                }
            }
            // What the others come to is recorded, whoever fails.
            let (mut mails, mut failed) = (Vec::new(), None);
            let letters = wanted.iter().map(|(follow, now)| self.write(follow, now));
            for (letter, (follow, _)) in join_all(letters).await.into_iter().zip(&wanted) {
                match letter {
                    Ok(Some(letter)) => mails.push(self.mail(follow, letter)),
                    Ok(None) => tally.add(Came::Skipped),
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
            let wanted = u32::try_from(mails.len()).unwrap_or(u32::MAX);
            if permits < wanted {
                if !self.wait_for_permit(at_once).await? {
                    return Ok(End::More);
                }
                permits += at_once;
            }
            for came in join_all(mails).await {
                match came {
                    Ok(came) => {
                        let sends = !matches!(
                            came,
                            Came::Sent { now: false } | Came::Skipped | Came::Suppressed
                        );
                        permits = permits.saturating_sub(u32::from(sends));
                        tally.add(came);
                    }
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
        Ok(End::Done)
    }

    async fn look(&self, follow: &Follow) -> TaskResult<FollowerNow> {
        Ok(self.store.look_at_follower(self.page.event_id, &self.targets, follow).await?)
    }

    /// Whether a follower wants this mail: not for a follow that has ended or is told of
    /// once a week, nor while they want none at all; nor news of what is gone, of what
    /// they submitted themselves, or of somebody whom they blocked.
    fn is_wanted(&self, follow: &Follow, now: &FollowerNow) -> bool {
        let stands = now
            .follows
            .iter()
            .find(|own| own.place() == follow.place() && own.target == follow.target);
        let Some(stands) = stands else { return false };
        if now.member.as_ref().is_some_and(|member| member.mails.news != NewsMails::AtOnce) {
            return false;
        }
        let Letters::News { session, .. } = &self.letters else { return true };
        let blocked =
            now.member.as_ref().is_some_and(|member| member.blocked.contains(&session.submitter));
        session.is_listed()
            && stands.cadence == Cadence::Instant
            && !blocked
            && follow.concerns(session.listing.venue.position)
            && follow.follower.0 != session.submitter.as_str()
    }

    /// Waits until so many mails may be sent; false if there is no time for it.
    async fn wait_for_permit(&self, mails: u32) -> TaskResult<bool> {
        let most = limits::PAGE_TIME_MAX;
        loop {
            let now = self.clock.now();
            let spent = now.duration_since(self.started);
            if spent >= most {
                return Ok(false);
            }
            match self.store.take_permit(self.pacing.rate, self.lane, mails, now).await? {
                Permit::Granted(_) => return Ok(true),
                Permit::After(wait) if spent + wait >= most => return Ok(false),
                Permit::After(wait) => self.clock.wait(wait).await,
            }
        }
    }

    /// Sends a letter. It was written before it is claimed: one that can't be written
    /// claims nothing.
    async fn mail(&self, follow: &Follow, letter: Written) -> TaskResult<Came> {
        let about = match &self.letters {
            Letters::News { .. } => format!("event:{}", self.page.event_id),
            // Once a week, though somebody moves from zone to zone.
            Letters::Digest(digests) => format!("digest:{}", digests.week()),
        };
        let key = MailKey { about, recipient: follow.follower.0.clone() };
        let holder = format!("page-{}", self.page.page);
        let claim = match self.store.claim_mail(&key, &holder, self.clock.now()).await? {
            Claim::Claimed => return self.hand_over(&key, &follow.email, letter).await,
            Claim::Sent { ours: true } => return Ok(Came::Sent { now: false }),
            Claim::Sent { ours: false } => return Ok(Came::Skipped),
            Claim::Refused => return Ok(Came::Refused { now: false }),
            Claim::Unknown => return Ok(Came::Unknown { now: false }),
            Claim::Open(claim) => claim,
        };
        let at = self.clock.now();
        let wait = |asks_for_a_sign| Ok(Came::Unresolved { now: false, asks_for_a_sign });
        match claim.next(self.last_event, at, self.pacing.patience) {
            Next::Wait => wait(false),
            Next::AskForASign => wait(true),
            Next::SendAgain if self.store.take_over_mail(&key, &holder, claim, at).await? => {
                self.hand_over(&key, &follow.email, letter).await
            }
            // Something has become of it just now; the next run sees what.
            Next::SendAgain => wait(false),
            Next::GiveUp => {
                tracing::error!(mail.about = key.about, "nobody knows whether it was sent");
                self.store.mark_mail(&key, Mark::Unknown).await?;
                Ok(Came::Unknown { now: true })
            }
        }
    }

    async fn hand_over(&self, key: &MailKey, to: &Email, letter: Written) -> TaskResult<Came> {
        Ok(match hand_over(self.store, self.mailer, key, to, letter).await? {
            HandedOver::Sent => Came::Sent { now: true },
            HandedOver::Refused => Came::Refused { now: true },
            HandedOver::Unresolved => Came::Unresolved { now: true, asks_for_a_sign: false },
        })
    }

    /// Writes somebody's letter; `None` if it has nothing to say.
    async fn write(&self, follow: &Follow, now: &FollowerNow) -> TaskResult<Option<Written>> {
        let Self { sender, .. } = self;
        let (at, token) = (self.clock.now(), &follow.unsubscribe_token);
        let language = follow.language;
        let to = Recipient { email: follow.email.clone(), language };
        let written = match &self.letters {
            Letters::News { session, news: News::NewSession, listing } => {
                let why = reasons(session, now, language);
                let letter =
                    letters::new_session(session, listing, why, token, sender, at, language);
                Written::of(&letter, &to, sender)?
            }
            Letters::News { session, news, .. } => {
                let why = reasons(session, now, language);
                let letter = letters::session_news(session, news, why, token, sender, at, language);
                Written::of(&letter, &to, sender)?
            }
            Letters::Digest(digests) => {
                return write_digest(digests, follow, now.member.as_ref(), sender).await;
            }
        };
        Ok(Some(written))
    }

    /// Nothing shows that events arrive, since nothing was sent for a while: a mail
    /// to SES's own simulator brings about one.
    async fn ask_for_a_sign(&self) -> TaskResult<()> {
        let at = self.clock.now();
        let key = MailKey { about: "sign".into(), recipient: at.as_second().to_string() };
        let to = Email::try_from(sign::TO.to_owned())
            .map_err(|error| TaskError::Invariant(error.to_string()))?;
        let letter = Written::of(&Sign, &Recipient::unasked(&to), self.sender)?;
        // Whatever comes of it: without an event nothing is concluded.
        if let Err(error) =
            self.mailer.send_mail(&to, letter.mime, letter.kind.as_str(), &key).await
        {
            tracing::warn!(%error, "no sign could be asked for");
        }
        Ok(())
    }
}

/// Why they get news of a session: all of their follows that it concerns.
fn reasons(session: &Session, now: &FollowerNow, language: Language) -> Vec<String> {
    let venue = &session.listing.venue;
    let concerned = now
        .follows
        .iter()
        .filter(|own| own.cadence == Cadence::Instant && own.concerns(venue.position));
    let reasons: Vec<FollowReason<'_>> = concerned
        .filter_map(|own| match (&own.target, own.circle) {
            (Target::Session(_), _) => Some(FollowReason::Session),
            (Target::Member(_), _) => Some(FollowReason::Member { name: None }),
            (Target::County { .. }, _) => Some(FollowReason::County { name: &venue.county }),
            (Target::Cell(_), circle) => {
                circle.map(|Circle { radius_km, .. }| FollowReason::Circle { radius_km })
            }
            (Target::Digest(_), _) => Some(FollowReason::Digest),
        })
        .collect();
    letters::why(&reasons, language)
}

/// Writes somebody's digest; `None` if nothing is on.
async fn write_digest<S: DigestStore>(
    digests: &Digests<'_, S>,
    follow: &Follow,
    member: Option<&Member>,
    sender: &Sender,
) -> TaskResult<Option<Written>> {
    // Theirs as of now: the follow has that of when it began.
    let language = member.map_or(follow.language, |member| member.language);
    let letter = digests.write(follow, member, sender, language).await?;
    let Some(letter) = letter else { return Ok(None) };
    let to = Recipient { email: follow.email.clone(), language };
    Written::of(&letter, &to, sender).map(Some)
}
