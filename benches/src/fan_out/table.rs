//! The table, the bucket and the mail service of the benchmark: ports that count
//! what the adapters would ask AWS for (`functions/aws/src/table`), and wait for as
//! long as it would take.

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::PathBuf,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use seisiun_domain::{
    MemberId, SessionId, SubmissionId,
    card::{Card, List},
    follow::{Follow, FollowerId, Following, Target},
    mail_claim::OpenClaim,
    member::Email,
    pace::{Lane, Permit, Rate, permit},
    session::Session,
    submission::{Event, Submission, Work},
};
use seisiun_workflows::{
    fan_out::Page,
    ports::{
        Bucket, Claim, ClaimMail, Clock, CountSoftBounce, EndWork, FanOut, FollowerNow,
        FollowerRange, LastSendEvent, ListCards, ListFollowerIds, ListFollowings, ListFollows,
        ListPageResults, ListSubmissions, LoadEvent, LoadFanOut, LoadSession, LoadSubmission,
        LookAtFollower, MailKey, Mark, MarkMail, NoteLostAnswer, NoteSendEvent, PageResult,
        ParkPages, PortError, PortResult, PutFanOut, PutPageResult, ReadObject, ReleaseMail,
        SendError, SendMail, SettleMail, Suppress, Suppression, TakeOverMail, TakePermit,
        WriteObject,
    },
};
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};
use ulid::Ulid;

use super::{
    Assumed,
    followers::{self, Followers},
    size::{self, read_units, write_units},
};

/// Sessions of each county, all of them on every week, and when they were submitted:
/// 1 January 2024.
const SESSIONS_OF_A_COUNTY: u8 = 20;
const SUBMITTED_MS: u64 = 1_704_067_200_000;

/// Bytes that one request for a range answers at most.
const QUERY_BYTES: u64 = 1024 * 1024;
const MEGABYTE: f64 = 1e6;

/// As the adapter does: tries to take a permit while others do, too, and when to ask
/// again after them.
const TRIES_MAX: u32 = 5;
const CROWDED: SignedDuration = SignedDuration::from_millis(50);

/// The operations that are counted.
const GET: &str = "GetItem";
const BATCH_GET: &str = "BatchGetItem";
const QUERY: &str = "Query";
const PUT: &str = "PutItem";
const UPDATE: &str = "UpdateItem";

/// What was asked for of one kind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Calls {
    pub(super) requests: u64,
    pub(super) units: u64,
}

/// What many share, one after the other.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<Option<Instant>>);

impl Turns {
    /// Takes it for so long; when that is over.
    pub(super) fn take(&self, time: Duration) -> Instant {
        let now = Instant::now();
        let mut free = lock(&self.0);
        let until = free.map_or(now, |free| free.max(now)) + time;
        *free = Some(until);
        until
    }
}

/// Where one claim stands.
#[derive(Debug, Clone)]
struct Stand {
    holder: String,
    since: Timestamp,
    sent: bool,
}

#[derive(Debug, Default)]
struct State {
    plan: Option<FanOut>,
    pages: BTreeMap<u32, PageResult>,
    claims: HashMap<MailKey, Stand>,
    permitted: Option<Timestamp>,
}

/// The table, and what stands beside it.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) followers: Followers,
    pub(super) event: Event,
    pub(super) session: Session,
    assumed: Assumed,
    /// Where objects are: on a disk, so that this process keeps none.
    folder: PathBuf,
    state: Mutex<State>,
    calls: Mutex<BTreeMap<&'static str, Calls>>,
    mail_bytes: AtomicU64,
    capacity: Turns,
    partitions: Vec<Turns>,
    began: (Instant, Timestamp),
}

impl Table {
    pub(super) fn new(
        followers: Followers,
        session: Session,
        event: Event,
        assumed: Assumed,
        folder: PathBuf,
    ) -> Self {
        Self {
            partitions: (0..followers.target().shards()).map(|_| Turns::default()).collect(),
            // Dates in a mail are those of the day: of one day in every run.
            began: (Instant::now(), event.at),
            followers,
            event,
            session,
            assumed,
            folder,
            state: Mutex::default(),
            calls: Mutex::default(),
            mail_bytes: AtomicU64::new(0),
            capacity: Turns::default(),
        }
    }

    /// As one run of a function sees it. It has so many seconds of a processor to
    /// wait for a mail's.
    pub(super) fn function(&self, mail_seconds: f64) -> Function<'_> {
        Function { table: self, processor: Turns::default(), mail_seconds }
    }

    /// What was asked for so far.
    pub(super) fn calls(&self) -> BTreeMap<&'static str, Calls> {
        lock(&self.calls).clone()
    }

    /// Bytes of the messages that were handed over.
    pub(super) fn mail_bytes(&self) -> u64 {
        self.mail_bytes.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn now(&self) -> Timestamp {
        let (began, at) = self.began;
        let passed = SignedDuration::try_from(began.elapsed()).unwrap_or_default();
        at.saturating_add(passed).unwrap_or(at)
    }

    /// Counts a request and waits for its answer.
    async fn ask(&self, what: &'static str, units: u64, bytes: u64, shard: Option<u8>) {
        {
            let mut calls = lock(&self.calls);
            let calls = calls.entry(what).or_default();
            calls.requests += 1;
            calls.units += units;
        }
        let Assumed {
            table_ms, table_megabyte_ms, table_reads, table_writes, partition_reads, ..
        } = self.assumed;
        let most = if matches!(what, PUT | UPDATE) { table_writes } else { table_reads };
        let mut until = self.capacity.take(seconds(units as f64 / most));
        if let Some(partition) = shard.and_then(|shard| self.partitions.get(usize::from(shard))) {
            until = until.max(partition.take(seconds(units as f64 / partition_reads)));
        }
        let answer = table_ms + table_megabyte_ms * bytes as f64 / MEGABYTE;
        let answered = Instant::now() + seconds(answer / 1e3);
        wait_until(until.max(answered)).await;
    }

    async fn get(&self, bytes: u64) {
        self.ask(GET, read_units(bytes), bytes, None).await;
    }

    async fn put(&self, bytes: u64) {
        self.ask(PUT, write_units(bytes), 0, None).await;
    }

    async fn update(&self, bytes: u64) {
        self.ask(UPDATE, write_units(bytes), 0, None).await;
    }

    /// A range of records; as many requests as its bytes ask for.
    async fn query(&self, bytes: u64, shard: Option<u8>) {
        let mut left = bytes;
        loop {
            let part = left.min(QUERY_BYTES);
            self.ask(QUERY, read_units(part), part, shard).await;
            left -= part;
            if left == 0 {
                return;
            }
        }
    }

    fn event_key(&self) -> String {
        format!("EVENT#{}", self.event.id)
    }

    fn file(&self, key: &str) -> PathBuf {
        self.folder.join(key.replace('/', "-"))
    }

    async fn object(&self, what: &'static str) {
        {
            let mut calls = lock(&self.calls);
            calls.entry(what).or_default().requests += 1;
        }
        wait_until(Instant::now() + seconds(self.assumed.object_ms / 1e3)).await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// A timer costs, too: none where there is nothing to wait for.
async fn wait_until(until: Instant) {
    if until > Instant::now() {
        sleep_until(until).await;
    }
}

/// Waits for so many milliseconds.
pub(super) async fn wait_ms(ms: f64) {
    wait_until(Instant::now() + seconds(ms / 1e3)).await;
}

fn broken(why: impl Into<String>) -> PortError {
    PortError::Broken { what: "benchmark", why: why.into() }
}

fn ours<T>(result: Result<T>) -> PortResult<T> {
    result.map_err(|error| broken(format!("{error:#}")))
}

/// The table, the bucket and the mail service as one run of a function has them.
#[derive(Debug)]
pub(super) struct Function<'a> {
    table: &'a Table,
    processor: Turns,
    mail_seconds: f64,
}

impl LoadEvent for Function<'_> {
    async fn load_event(&self, _: SubmissionId) -> PortResult<Option<Event>> {
        let event = &self.table.event;
        self.table.get(ours(size::record(&self.table.event_key(), "EVENT", event))?).await;
        Ok(Some(event.clone()))
    }
}

impl LoadSession for Function<'_> {
    async fn load_session(&self, id: SessionId) -> PortResult<Option<Session>> {
        let session = &self.table.session;
        self.table.get(ours(size::record(&format!("SESSION#{id}"), "SESSION", session))?).await;
        Ok(Some(session.clone()))
    }
}

impl ListFollowings for Function<'_> {
    async fn list_followings(&self, member: &MemberId) -> PortResult<Vec<Following>> {
        let n = ours(followers::number(&FollowerId(member.to_string())))?;
        let held = ours(self.table.followers.followings(n))?;
        let mut bytes = 0;
        for following in &held {
            let sort = format!("FOLLOWING#{}", following.id);
            bytes += ours(size::record(&format!("MEMBER#{member}"), &sort, following))?;
        }
        self.table.query(bytes, None).await;
        Ok(held)
    }
}

impl ListCards for Function<'_> {
    async fn list_cards(&self, list: &List) -> PortResult<Vec<Card>> {
        let List::County { country, county } = list else {
            return Err(broken("nobody follows a circle here"));
        };
        let partition = format!("LIST#{country}#{county}");
        let (mut cards, mut bytes) = (Vec::new(), 0);
        for n in 0..SESSIONS_OF_A_COUNTY {
            let id = SessionId::new(Ulid::from_parts(SUBMITTED_MS, n.into()));
            let session = Session { id, ..self.table.session.clone() };
            let card = Card::of(&session);
            bytes += ours(size::record(&partition, &id.to_string(), &card))?;
            cards.push(card);
        }
        self.table.query(bytes, None).await;
        Ok(cards)
    }
}

impl ListSubmissions for Function<'_> {
    async fn list_submissions(
        &self,
        _: &MemberId,
        _: Option<SubmissionId>,
        _: usize,
    ) -> PortResult<Vec<SubmissionId>> {
        Err(broken("nobody follows a member here"))
    }
}

impl LoadSubmission for Function<'_> {
    async fn load_submission(&self, _: SubmissionId) -> PortResult<Option<Submission>> {
        Err(broken("nobody follows a member here"))
    }
}

impl LoadFanOut for Function<'_> {
    async fn load_fan_out(&self, _: SubmissionId) -> PortResult<Option<FanOut>> {
        let plan = self.table.state().plan.clone();
        self.table.get(ours(size::record(&self.table.event_key(), "PLAN", &plan))?).await;
        Ok(plan)
    }
}

impl PutFanOut for Function<'_> {
    async fn put_fan_out(&self, _: SubmissionId, fan_out: &FanOut) -> PortResult<FanOut> {
        self.table.put(ours(size::record(&self.table.event_key(), "PLAN", fan_out))?).await;
        Ok(self.table.state().plan.get_or_insert_with(|| fan_out.clone()).clone())
    }
}

impl ListFollowerIds for Function<'_> {
    async fn list_follower_ids(
        &self,
        target: &Target,
        shard: u8,
        after: Option<&FollowerId>,
        limit: usize,
    ) -> PortResult<Vec<FollowerId>> {
        let followers = &self.table.followers;
        let from = after.map_or(Ok(0), |after| ours(followers::number(after)).map(|n| n + 1))?;
        let here = followers.in_shard(target, shard, from..usize::MAX).take(limit);
        let ids: Vec<FollowerId> = here.map(followers::id).collect();
        // Whole records are read, whatever is answered of them.
        let bytes = followers.record_bytes() * ids.len() as u64;
        self.table.query(bytes, Some(shard)).await;
        Ok(ids)
    }
}

impl ListFollows for Function<'_> {
    async fn list_follows(&self, range: &FollowerRange) -> PortResult<Vec<Follow>> {
        let followers = &self.table.followers;
        let of = |id: &Option<FollowerId>| id.as_ref().map(followers::number).transpose();
        let (after, through) = (ours(of(&range.after))?, ours(of(&range.through))?);
        let numbers = after.map_or(0, |n| n + 1)..through.map_or(usize::MAX, |n| n + 1);
        let here = followers.in_shard(&range.target, range.shard, numbers);
        let follows: Vec<Follow> = ours(here.map(|n| followers.follow(n)).collect())?;
        // The lower end is read, too, and left out.
        let read = follows.len() + usize::from(after.is_some());
        self.table.query(followers.record_bytes() * read as u64, Some(range.shard)).await;
        Ok(follows)
    }
}

impl LookAtFollower for Function<'_> {
    async fn look_at_follower(
        &self,
        _: SubmissionId,
        targets: &[Target],
        follow: &Follow,
    ) -> PortResult<FollowerNow> {
        let member = ours(followers::member(follow))?;
        let profile = size::record(&format!("MEMBER#{}", member.id), "PROFILE", &member);
        // The switch, the pause and the suppression, none of which is there.
        let mut units = 3 + read_units(ours(profile)?);
        let (cells, plain): (Vec<_>, Vec<_>) =
            targets.iter().partition(|target| matches!(target, Target::Cell(_)));
        for target in &plain {
            let own =
                if **target == follow.target { self.table.followers.record_bytes() } else { 0 };
            units += read_units(own);
        }
        self.table.ask(BATCH_GET, units, 0, None).await;
        for _ in cells {
            self.table.query(0, None).await;
        }
        let follows = plain.contains(&&follow.target).then(|| follow.clone());
        Ok(FollowerNow {
            halted: false,
            suppressed: false,
            follows: follows.into_iter().collect(),
            member: Some(member),
        })
    }
}

/// Bytes of a mail's claim.
pub(super) fn claim_bytes(
    key: &MailKey,
    holder: &str,
    now: Timestamp,
    message_id: &str,
) -> Result<u64> {
    // What stands under `doc` elsewhere stands beside the key here: three bytes
    // less, and one less for each name.
    let beside = json!({
        "holder": holder,
        "claimed_at": now.to_string(),
        "claimed_by": "01J9000000000000000000000A",
        "ttl": now.as_second(),
        "message_id": message_id,
    });
    size::record(&format!("MAIL#{}#{}", key.about, key.recipient), "MAIL", &beside)
}

impl ClaimMail for Function<'_> {
    async fn claim_mail(&self, key: &MailKey, holder: &str, now: Timestamp) -> PortResult<Claim> {
        // The letter was written just now, by the one processor that there is.
        if self.mail_seconds > 0.0 {
            wait_until(self.processor.take(seconds(self.mail_seconds))).await;
        }
        self.table.put(ours(claim_bytes(key, holder, now, ""))?).await;
        let stand = {
            let mut state = self.table.state();
            let Some(stand) = state.claims.get(key) else {
                let stand = Stand { holder: holder.to_owned(), since: now, sent: false };
                state.claims.insert(key.clone(), stand);
                return Ok(Claim::Claimed);
            };
            stand.clone()
        };
        self.table.get(0).await;
        if stand.sent {
            return Ok(Claim::Sent { ours: stand.holder == holder });
        }
        Ok(Claim::Open(OpenClaim { since: stand.since, answer_lost: false }))
    }
}

impl MarkMail for Function<'_> {
    async fn mark_mail(&self, key: &MailKey, mark: Mark<'_>) -> PortResult<()> {
        let Mark::Sent(message_id) = mark else { return Err(broken("every mail is taken")) };
        self.table.update(ours(claim_bytes(key, "page-0000", self.table.now(), message_id))?).await;
        if let Some(stand) = self.table.state().claims.get_mut(key) {
            stand.sent = true;
        }
        Ok(())
    }
}

impl TakeOverMail for Function<'_> {
    async fn take_over_mail(
        &self,
        _: &MailKey,
        _: &str,
        _: OpenClaim,
        _: Timestamp,
    ) -> PortResult<bool> {
        Err(broken("nobody dies here"))
    }
}

impl NoteLostAnswer for Function<'_> {
    async fn note_lost_answer(&self, _: &MailKey) -> PortResult<()> {
        Err(broken("no answer is lost here"))
    }
}

impl ReleaseMail for Function<'_> {
    async fn release_mail(&self, _: &MailKey) -> PortResult<()> {
        Err(broken("every mail is taken"))
    }
}

impl LastSendEvent for Function<'_> {
    async fn last_send_event(&self) -> PortResult<Option<Timestamp>> {
        self.table.get(0).await;
        Ok(None)
    }
}

impl TakePermit for Function<'_> {
    async fn take_permit(
        &self,
        rate: Rate,
        lane: Lane,
        mails: u32,
        now: Timestamp,
    ) -> PortResult<Permit> {
        for _ in 0..TRIES_MAX {
            // What stands when the request is there, not when it is answered.
            let seen = self.table.state().permitted;
            self.table.get(0).await;
            let permit = permit(seen, rate, lane, mails, now);
            let Permit::Granted(until) = permit else { return Ok(permit) };
            let taken = {
                let mut state = self.table.state();
                let taken = state.permitted == seen;
                if taken {
                    state.permitted = Some(until);
                }
                taken
            };
            self.table.update(0).await;
            if taken {
                return Ok(permit);
            }
        }
        Ok(Permit::After(CROWDED))
    }
}

impl PutPageResult for Function<'_> {
    async fn put_page_result(
        &self,
        _: SubmissionId,
        page: u32,
        result: PageResult,
    ) -> PortResult<()> {
        self.table.put(ours(page_bytes(self.table, page, &result))?).await;
        self.table.state().pages.insert(page, result);
        Ok(())
    }
}

fn page_bytes(table: &Table, page: u32, result: &PageResult) -> Result<u64> {
    size::record(&table.event_key(), &format!("PAGE#{page:08}"), result)
}

impl ListPageResults for Function<'_> {
    async fn list_page_results(&self, _: SubmissionId) -> PortResult<Vec<(u32, PageResult)>> {
        let pages: Vec<_> =
            self.table.state().pages.iter().map(|(page, result)| (*page, *result)).collect();
        let bytes = pages.iter().map(|(page, result)| page_bytes(self.table, *page, result)).sum();
        self.table.query(ours(bytes)?, None).await;
        Ok(pages)
    }
}

impl ParkPages for Function<'_> {
    async fn park_pages(&self, _: &[Page]) -> PortResult<()> {
        Err(broken("no page fails here"))
    }
}

impl EndWork for Function<'_> {
    async fn end_work(&self, _: &Work) -> PortResult<()> {
        // The record, and the index that it leaves.
        self.table.ask(UPDATE, 2, 0, None).await;
        Ok(())
    }
}

impl SettleMail for Function<'_> {
    async fn settle_mail(&self, key: &MailKey, _: &str) -> PortResult<bool> {
        self.table.get(0).await;
        match self.table.state().claims.get(key) {
            Some(stand) if stand.sent => Ok(false),
            _ => Err(broken("every mail is marked")),
        }
    }
}

impl NoteSendEvent for Function<'_> {
    async fn note_send_event(&self, _: Timestamp) -> PortResult<()> {
        self.table.update(0).await;
        Ok(())
    }
}

impl Suppress for Function<'_> {
    async fn suppress(&self, _: &Email, _: Suppression, _: Timestamp) -> PortResult<()> {
        Err(broken("nobody complains here"))
    }
}

impl CountSoftBounce for Function<'_> {
    async fn count_soft_bounce(&self, _: &Email, _: &str, _: Timestamp) -> PortResult<u32> {
        Err(broken("nothing bounces here"))
    }
}

impl WriteObject for Function<'_> {
    async fn write_object(
        &self,
        _: Bucket,
        key: &str,
        _: &'static str,
        bytes: Vec<u8>,
    ) -> PortResult<()> {
        self.table.object("PUT").await;
        let file = self.table.file(key);
        ours(fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display())))
    }
}

impl ReadObject for Function<'_> {
    async fn read_object(
        &self,
        _: Bucket,
        key: &str,
        bytes_max: u64,
    ) -> PortResult<Option<Vec<u8>>> {
        self.table.object("GET").await;
        let file = self.table.file(key);
        match fs::read(&file) {
            Ok(bytes) if bytes.len() as u64 <= bytes_max => Ok(Some(bytes)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(broken(format!("cannot read {}: {error}", file.display()))),
        }
    }
}

impl Clock for Function<'_> {
    fn now(&self) -> Timestamp {
        self.table.now()
    }

    async fn wait(&self, duration: SignedDuration) {
        sleep(duration.unsigned_abs()).await;
    }
}

impl SendMail for Function<'_> {
    async fn send_mail(
        &self,
        _: &Email,
        mime: Vec<u8>,
        _: &'static str,
        key: &MailKey,
    ) -> Result<String, SendError> {
        wait_ms(self.table.assumed.mail_ms).await;
        self.table.mail_bytes.fetch_add(mime.len() as u64, Ordering::Relaxed);
        let number = followers::number(&FollowerId(key.recipient.clone())).unwrap_or_default();
        Ok(message_id(number))
    }
}

/// As long as SES's.
pub(super) fn message_id(number: usize) -> String {
    format!("{number:016x}-00000000-0000-0000-0000-000000000000-000000")
}
