//! Every limit on what members send. A limit that is not here does not exist.

use jiff::SignedDuration;

/// Characters in a session's or venue's name.
pub const NAME_CHARS_MAX: usize = 120;
/// Characters in the name that others see of a member.
pub const DISPLAY_NAME_CHARS_MAX: usize = 60;
/// Characters in one line of an address, a town, an instrument, a tune.
pub const LINE_CHARS_MAX: usize = 160;
/// Characters in a session's description.
pub const DESCRIPTION_CHARS_MAX: usize = 4_000;
/// Letters and digits of a text that are compared with others': all of the
/// longest description, even where one character is taken apart into several.
pub const SKETCHED_CHARS_MAX: usize = 2 * DESCRIPTION_CHARS_MAX;
/// Characters in a review's text.
pub const REVIEW_CHARS_MAX: usize = 4_000;
/// Entries in a list of instruments, tunes or links.
pub const LIST_ENTRIES_MAX: usize = 20;
/// Schedules of one session.
pub const SCHEDULES_MAX: usize = 4;
/// Photos of one submission. Also bounds the moderation Map and keeps the
/// publishing transaction far below DynamoDB's 100 items.
pub const PHOTOS_MAX: usize = 10;
/// Minutes a single gathering may last.
pub const DURATION_MINUTES_MAX: u16 = 12 * 60;
/// Weeks between two dates of a series.
pub const INTERVAL_WEEKS_MAX: u8 = 12;
/// Kilometres of the circle of an area follow. Keeps the number of geohash
/// cells one follow is stored under below a few dozen.
pub const FOLLOW_RADIUS_KM_MAX: f64 = 50.0;
/// Geohash cells that one follow is stored under: what 50 km reach into at 70°
/// north. Near a pole the smallest circle reaches into thousands.
pub const FOLLOW_CELLS_MAX: usize = 80;
/// Bytes of an uploaded photo: Rekognition's own limit for an S3 object.
pub const PHOTO_BYTES_MAX: u64 = 15 * 1024 * 1024;
/// Seconds from a submission's acceptance that its photos' malware scans are
/// waited for; a scan takes seconds.
pub const MALWARE_SCAN_SECONDS_MAX: i64 = 15 * 60;
/// Times the reconciler starts a submission's workflow again by itself before
/// it leaves it, visibly failed, to a person.
pub const RESTARTS_MAX: u32 = 5;
/// Waits for a moderator before the workflow gives up: seven waits of two days
/// make the fourteen that members are promised.
pub const DECISION_WAITS_MAX: u32 = 7;
/// Seconds that a moderator has a case to themselves. Looking at it again
/// extends it.
pub const CLAIM_SECONDS: i64 = 10 * 60;
/// Events of a case before it can't be claimed or passed on any more: days of
/// looking at it without a decision.
pub const CASE_EVENTS_MAX: u32 = 500;
/// Days in which a decision can be appealed: the six months of the Digital
/// Services Act, Art. 20.
pub const APPEAL_DAYS_MAX: i64 = 183;
/// Characters of what a submitter has against a decision.
pub const APPEAL_CHARS_MAX: usize = 2_000;
/// Decisions in one run of the reconciler whose effects it looks after.
pub const RULINGS_PER_RUN: usize = 100;
/// Days before "visited on" that a review may reach back.
pub const VISITED_DAYS_BACK_MAX: i32 = 365 * 5;
/// Metres within which two sessions can be the same one.
pub const DUPLICATE_METRES_MAX: f64 = 100.0;
/// Followers in one page of a fan-out: at 14 mails a second and ten pages at a time,
/// 57 seconds, so that no page is handed over for want of permits.
pub const FOLLOWERS_PER_PAGE: usize = 80;
/// Followers read at a time to cut them into pages: about what DynamoDB answers
/// at once.
pub const FOLLOWERS_PER_READ: usize = 2_000;
/// Partitions of followers that are read at once.
pub const FOLLOWER_READS_AT_ONCE: usize = 8;
/// Bytes of a fan-out's manifest: one of five million followers.
pub const MANIFEST_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Follows up to which a fan-out is small: it goes before large ones.
pub const SMALL_FAN_OUT_FOLLOWS: u64 = 1_000;
/// Mails for which one permit is asked, and which are sent at once, where SES grants
/// few: a write for each of them would be one of the same record.
pub const MAILS_PER_PERMIT: u32 = 10;
/// The same where it grants very many: half of a page.
pub const MAILS_PER_PERMIT_MAX: u32 = 40;
/// Permits a second above which each is for more mails. Ten pages at once take a hand
/// each in some 0.17 s, so that what they send at most is twice what is granted.
pub const PERMITS_PER_SECOND: u32 = 25;
/// Seconds of mails that the bucket of permits holds: what may go out at once
/// after a pause.
pub const PERMIT_BURST_SECONDS: u32 = 2;
/// How long a run of a page waits for permits before it leaves the rest to the next:
/// the function's time-out is twice that.
pub const PAGE_TIME_MAX: SignedDuration = SignedDuration::from_secs(60);
/// Times as long as an event is waited for is a sign waited for that events arrive at
/// all, before a mail whose sender died is given up: a page can be halted for days.
pub const SIGN_PATIENCE: i32 = 7;
/// Other follows that the page behind an unsubscribe link shows.
pub const ENDINGS_SHOWN: usize = 20;
/// Looks at the parked pages of fan-outs, of ten pages each, in one redrive.
pub const REDRIVE_LOOKS_MAX: u32 = 500;
/// Soft bounces of an address in a row of [`SOFT_BOUNCE_DAYS`] after which it gets
/// no more mail.
pub const SOFT_BOUNCES_MAX: u32 = 5;
/// Days that a soft bounce counts.
pub const SOFT_BOUNCE_DAYS: i64 = 30;
/// Characters of a time zone's name; the longest has 32.
pub const ZONE_CHARS_MAX: usize = 64;
/// Dates of a session in the digest of a week: it is on seven days at most.
pub const DIGEST_DATES: usize = 7;
/// Lists of sessions that a page of a digest keeps while it is written: followers of
/// the same county share them.
pub const DIGEST_LISTS_KEPT: usize = 64;
/// Days since it was submitted in which a digest calls a session new.
pub const DIGEST_NEW_DAYS: i64 = 7;
/// Days since somebody vouched for a session in which it counts as fresh.
pub const FRESH_DAYS: i64 = 90;
/// Days since somebody vouched for a session after which it is stale.
pub const AGEING_DAYS: i64 = 180;
/// Kilometres around a point that a search reaches.
pub const SEARCH_RADIUS_KM_MAX: f64 = 80.0;
/// Fine cells that a search looks in, each a query; for more it looks in coarse
/// ones. Enough for 19 km at the latitude of Ireland.
pub const SEARCH_CELLS_MAX: usize = 9;
/// Coarse cells that a search can come to: as many as 80 km reach into at 75°
/// north.
pub const SEARCH_CELLS_FAR_MAX: usize = 18;
/// Characters of a text to search for.
pub const SEARCH_CHARS_MAX: usize = 100;
/// Sessions in one answer of a search; the rest are counted.
pub const SEARCH_HITS_MAX: usize = 100;
/// Dates of a session that can differ from its schedules at a time.
pub const EXCEPTIONS_MAX: usize = 60;
/// Days ahead that a date can be changed.
pub const EXCEPTION_DAYS_AHEAD_MAX: i32 = 366;
/// Days that an exception is kept after it is over, for calendars that look
/// rarely.
pub const EXCEPTION_DAYS_KEPT: i64 = 10;
/// Next dates of a session that a search for a day looks at: a schedule of the
/// most is on once a week, so these are a fortnight's.
pub const SEARCH_DATES: usize = 2 * SCHEDULES_MAX;
/// Days that the calendar of an area reaches ahead.
pub const FEED_DAYS: i64 = 90;
/// Dates in the calendar of an area: a county of 300 weekly sessions.
pub const FEED_DATES_MAX: usize = 4_000;
/// Bytes of a published feed or calendar; a larger one that stands is not read.
pub const FEED_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Sessions in the Atom feed of an area.
pub const FEED_ENTRIES_MAX: usize = 100;
/// Days that a refused photo is known by what it looks like, since one was last
/// filed beside it.
pub const REFUSED_PHOTO_DAYS: i64 = 365;
/// Refused photos that share one of the keys that copies are found by; a further
/// one is found by its others.
pub const REFUSED_PHOTOS_PER_KEY: usize = 50;
/// Submissions of a member that are looked at, at a time, for how far they are
/// trusted: [`TRUST`](crate::moderation::TRUST).
pub const TRUST_LOOKS_AT: usize = 50;
/// So often, from the latest back: who has confirmed for years is trusted still.
pub const TRUST_LOOKS: usize = 4;
/// Days after a listing has begun to age, or become stale, in which those who should
/// know are asked whether the session is still on: a schedule may fail for some.
pub const ASKED_WITHIN_DAYS: i64 = 7;
/// Members who are asked beside a session's hosts: those who found it on last.
pub const CONFIRMERS_ASKED_MAX: usize = 3;
/// Confirmations of a session that are looked through for them.
pub const CONFIRMATIONS_READ_MAX: usize = 1_000;
/// Days for which they can answer by the link of the mail.
pub const INQUIRY_DAYS: i64 = 30;
/// Mails with which one run asks; who is left is asked by the next day's.
pub const INQUIRIES_PER_RUN_MAX: u32 = 1_000;
/// Days before today that a confirmation may be about.
pub const CONFIRMED_DAYS_BACK_MAX: i32 = 60;
/// Characters in which a host says how a moderator can tell.
pub const EVIDENCE_CHARS_MAX: usize = 1_000;
/// Verified hosts of a session.
pub const HOSTS_MAX: usize = 8;
/// Undecided cases that are counted; more are told as so many.
pub const CASES_COUNTED_MAX: usize = 1_000;
/// Tries to change a session while others change it too, before the task gives
/// way and is tried again later.
pub const CHANGE_TRIES_MAX: u32 = 8;
/// Members that one can block.
pub const BLOCKED_MAX: usize = 200;
/// Bytes of one archive of an export, before another is begun: what is in memory
/// at a time.
pub const EXPORT_ARCHIVE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Seconds that a link to an archive can be used.
pub const EXPORT_LINK_SECONDS: u32 = 300;
/// Submissions of a member erased in one run of the task: some ten writes each.
pub const ERASED_PER_RUN: usize = 25;
/// Days that a member's export can be fetched.
pub const EXPORT_DAYS_KEPT: u32 = 7;
/// Next dates shown of a session.
pub const NEXT_DATES: usize = 8;
/// Reviews shown with a session; further ones by pages of as many.
pub const REVIEWS_PER_PAGE: usize = 20;
/// Bytes of the head of a published list.
pub const LIST_HEAD_BYTES_MAX: u64 = 4 * 1024;
/// Tries to publish a list while others publish it too, before the task gives
/// way and is tried again later.
pub const LIST_SWAPS_MAX: u32 = 20;
/// Submissions in one page of a member's own.
pub const SUBMISSIONS_PER_PAGE: usize = 20;
/// Seconds that a request may wait for a submission's state to change: the
/// gateway gives up after thirty.
pub const STATE_WAIT_SECONDS_MAX: u8 = 20;
/// Milliseconds between two looks at a submission's state while a request
/// waits: quicker than people notice, and at most forty reads a request.
pub const STATE_POLL_MS: u64 = 500;
/// Follows of one member. Few enough to be listed in one answer; requests that
/// come at once may pass it by one or two.
pub const FOLLOWS_MAX: usize = 200;
/// Sessions that are imported at a time: what one transaction can claim the
/// slugs of.
pub const IMPORT_BATCH: usize = 100;
/// Bytes of a published list.
pub const LIST_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of a file of a published page; a larger one that stands is not read. A
/// county's with [`COUNTY_PAGE_SESSIONS_MAX`] sessions has a megabyte.
pub const PAGE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Sessions on the page of a county; the search finds the others.
pub const COUNTY_PAGE_SESSIONS_MAX: usize = 500;
/// Submissions of a member, the latest, that are looked through for sessions to
/// show on their page.
pub const MEMBER_PAGE_SUBMISSIONS_MAX: usize = 200;
/// Records that are read at once for the page of a member.
pub const MEMBER_PAGE_READS_AT_ONCE: usize = 8;
/// Pages that are rendered at once when many are made anew.
pub const PAGES_AT_ONCE: usize = 8;
/// Hours for which a file that no head names any more is kept: heads are kept
/// by others for minutes, and a person may look at an old page for longer.
pub const SUPERSEDED_HOURS: i64 = 24;
/// Objects that one run looks at to find the published lists: some hundred
/// thousand lists.
pub const REFRESH_OBJECTS_MAX: usize = 200_000;
/// Characters of a slug, and of what is looked up as one.
pub const SLUG_CHARS_MAX: usize = 100;
/// Characters of the address that a notice is about: a photo's is the longest.
pub const NOTICE_URL_CHARS_MAX: usize = 300;
/// Characters of what somebody explains in a notice.
pub const NOTICE_CHARS_MAX: usize = 4_000;
/// Notices from one address a day.
pub const NOTICES_PER_ADDRESS_PER_DAY: u32 = 10;
/// Mails a day that ask one address to confirm a follow.
pub const FOLLOW_REQUESTS_PER_ADDRESS_PER_DAY: u32 = 3;
/// Days in which a follow can be confirmed.
pub const FOLLOW_REQUEST_DAYS: i64 = 7;
