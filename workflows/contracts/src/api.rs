//! Bodies of the HTTP API.

use schemars::JsonSchema;
use seisiun_domain::{
    CaseId, MemberId, PhotoId, SessionId, SubmissionId,
    calendar::{ExceptionDraft, Standing},
    card::Card,
    case::{self, Case, Measure, Reason},
    change::{Authority, Facts, Finding, What},
    digest::Zone,
    follow::{Cadence, FollowId, Target},
    geo::Circle,
    limits,
    member::{Email, Language, ProfileDraft},
    notice::NoticeReason,
    review::ReviewDraft,
    search::Freshness,
    session::{self, Format, SessionDraft, Slug},
    submission::{Kind, State, Status},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

pub mod auth;
pub mod openapi;
pub mod operations;
mod problem;

pub use problem::{PROBLEM_JSON, PROBLEMS_PAGE, ProblemDetails, ProblemKind};

/// Bytes of a request body.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Header under which a client may repeat a POST.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Characters of an idempotency key.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 64;

/// Characters of what we seal and hand out to get it back, such as a cursor.
pub const SEALED_CHARS_MAX: usize = 2048;
/// See [`SEALED_CHARS_MAX`].
const CURSOR_PATTERN: &str = "^[A-Za-z0-9_-]{1,2048}$";

/// Where a list goes on: the `next` of one page, handed back as it is. It holds
/// nothing that can be read, made up, or used for another list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("pattern" = CURSOR_PATTERN))]
pub struct Cursor(pub String);

/// Query of a list that is read page by page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// The `next` of the page before.
    pub cursor: Option<Cursor>,
}

/// `POST /api/sessions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitSession {
    /// The session.
    pub session: SessionDraft,
    /// Photos uploaded before.
    #[serde(default)]
    #[schemars(length(max = limits::PHOTOS_MAX))]
    pub photos: Vec<PhotoId>,
}

/// `POST /api/reviews`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitReview {
    /// The review.
    pub review: ReviewDraft,
    /// Photos uploaded before.
    #[serde(default)]
    #[schemars(length(max = limits::PHOTOS_MAX))]
    pub photos: Vec<PhotoId>,
}

/// Answer to a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Submitted {
    /// Its id.
    pub submission_id: SubmissionId,
    /// Whether the same request came before.
    pub replayed: bool,
}

/// `POST /api/photos`: asks for an upload form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestUpload {
    /// `image/jpeg` or `image/png`.
    #[schemars(extend("enum" = ["image/jpeg", "image/png"]))]
    pub content_type: String,
}

/// The upload form: post `fields` in order, then the file as `file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Upload {
    /// To name in the submission.
    pub photo_id: PhotoId,
    /// Where to post.
    pub url: String,
    /// Form fields.
    pub fields: Vec<(String, String)>,
    /// Until when, RFC 3339.
    pub expires_at: String,
    /// Bytes of the file at most.
    pub bytes_max: u64,
}

/// `GET /api/submissions/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubmissionView {
    /// Its id.
    pub submission_id: SubmissionId,
    /// What kind of thing was sent.
    pub kind: Kind,
    /// What the session is called, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The listed session that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<SessionId>,
    /// When it was accepted, RFC 3339.
    pub accepted_at: String,
    /// Where it stands.
    #[serde(flatten)]
    pub status: Status,
    /// Whether its workflow failed on our side; its input is kept.
    pub delayed: bool,
    /// Of what is rejected, where your appeal stands, if you appealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<case::Status>,
}

/// Query of `GET /api/submissions/{id}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchSubmission {
    /// Seconds to wait, at most, for another state than `unless`.
    #[schemars(range(min = 1, max = limits::STATE_WAIT_SECONDS_MAX))]
    pub wait_seconds: Option<u8>,
    /// The state that is known; if left out, the one at the beginning of the
    /// wait.
    pub unless: Option<State>,
}

/// `GET /api/submissions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnSubmissions {
    /// At most twenty, the newest first.
    pub submissions: Vec<SubmissionView>,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// `GET /api/follows`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Follows {
    /// All of them, the newest first.
    pub follows: Vec<FollowView>,
}

/// A follow: of a target or of a circle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FollowView {
    /// Its id.
    pub id: FollowId,
    /// `session:<id>`, `member:<id>` or `county:<country>:<county>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// A circle on the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circle: Option<Circle>,
    /// Since when, RFC 3339.
    pub since: String,
    /// When one hears of it.
    #[serde(default)]
    pub cadence: Cadence,
}

/// Query of `GET /api/duplicates`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindDuplicates {
    /// What the session will be called.
    #[schemars(length(min = 1, max = limits::NAME_CHARS_MAX))]
    pub title: String,
    /// Degrees north of its venue.
    #[schemars(range(min = -90, max = 90))]
    pub lat: f64,
    /// Degrees east of its venue.
    #[schemars(range(min = -180, max = 180))]
    pub lon: f64,
}

/// Answer to `GET /api/duplicates`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Duplicates {
    /// Listed sessions that the new one would be refused or held for, nearest first.
    pub sessions: Vec<Card>,
}

/// `PUT /api/follows`: exactly one of the two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutFollow {
    /// `session:<id>`, `member:<id>` or `county:<country>:<county>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// A circle on the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circle: Option<Circle>,
    /// When to hear of it: of news as it comes, unless it says otherwise.
    #[serde(default)]
    pub cadence: Cadence,
    /// IANA time zone of the weekly mail, which is one for all that is followed by the
    /// week: it goes out on Monday at seven there. `Europe/Dublin` if never said; one
    /// that we don't know counts as not said.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "zone_if_known")]
    pub zone: Option<Zone>,
}

/// A browser may know zones that our database does not have yet, and to follow is what
/// they came for.
fn zone_if_known<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Zone>, D::Error> {
    let Some(name) = Option::<String>::deserialize(from)? else { return Ok(None) };
    if name.chars().count() > limits::ZONE_CHARS_MAX {
        let most = limits::ZONE_CHARS_MAX;
        return Err(D::Error::custom(format!("zone has at most {most} characters")));
    }
    Ok(name.parse().ok())
}

impl PutFollow {
    /// To hear of a target at once.
    #[must_use]
    pub fn target(target: Target) -> Self {
        Self { target: Some(target), circle: None, cadence: Cadence::Instant, zone: None }
    }

    /// To hear of a circle at once.
    #[must_use]
    pub fn circle(circle: Circle) -> Self {
        Self { target: None, circle: Some(circle), cadence: Cadence::Instant, zone: None }
    }
}

/// `POST /api/follow-requests`: exactly one of target and circle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestFollow {
    /// Where the mails shall go. Its owner is asked first.
    pub email: Email,
    /// `session:<id>`, `member:<id>` or `county:<country>:<county>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// A circle on the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circle: Option<Circle>,
    /// What we speak with them.
    #[serde(default)]
    pub language: Language,
    /// As of `PUT /api/follows`.
    #[serde(default)]
    pub cadence: Cadence,
    /// As of `PUT /api/follows`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "zone_if_known")]
    pub zone: Option<Zone>,
}

/// `GET /api/me`, and the answer to `PUT /api/me`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Me {
    /// The member's id.
    pub member_id: String,
    /// Where their mail goes. Nobody else sees it.
    pub email: Email,
    /// What they say of themselves.
    #[serde(flatten)]
    pub profile: ProfileDraft,
    /// Members whom they block. Nobody else sees it.
    pub blocked: Vec<MemberId>,
}

/// `POST /api/sessions/{slug}/edits`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditSession {
    /// The facts to change, as they should be; none where photos are added alone.
    #[serde(default)]
    pub changes: Facts,
    /// Photos uploaded before.
    #[serde(default)]
    #[schemars(length(max = limits::PHOTOS_MAX))]
    pub photos: Vec<PhotoId>,
}

/// `POST /api/sessions/{slug}/dates`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetDate {
    /// How the date differs.
    pub exception: ExceptionDraft,
}

/// `POST /api/sessions/{slug}/dates/undo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoDate {
    /// Which of the session's schedules, counted from 0.
    #[serde(default)]
    pub schedule: u8,
    /// The date, `YYYY-MM-DD`.
    #[schemars(extend("format" = "date"))]
    pub date: String,
}

/// `POST /api/sessions/{slug}/confirmations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// What was found.
    pub finding: Finding,
    /// On which evening, `YYYY-MM-DD`.
    #[schemars(extend("format" = "date"))]
    pub date: String,
}

/// `POST /api/sessions/{slug}/hosts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimHost {
    /// How a moderator can tell that you host it. Nobody else sees it.
    #[schemars(length(min = 1, max = limits::EVIDENCE_CHARS_MAX))]
    pub evidence: String,
    /// The name to show as host's, if you agree to be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::DISPLAY_NAME_CHARS_MAX))]
    pub shown_as: Option<String>,
}

/// `POST /api/me/exports`: nothing is left to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// `POST /api/me/erasure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseMe {
    /// The word `erase`, so that nobody is erased by mistake.
    #[schemars(extend("enum" = ["erase"]))]
    pub confirm: String,
}

/// `GET /api/me/exports/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportView {
    /// Whether it is ready.
    pub ready: bool,
    /// Where its archives can be fetched, for five minutes.
    pub archives: Vec<String>,
}

/// `GET /api/moderation/cases`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cases {
    /// Undecided cases, those that wait longest first: at most fifty.
    pub cases: Vec<Case>,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
    /// How many wait in all; a thousand stands for as many or more.
    pub waiting: usize,
}

/// `GET /api/moderation/cases/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// What was sent.
    pub sent: Sent,
    /// The listed session that it is about; of a notice none, its address says
    /// so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<AboutSession>,
    /// The photos that came with it.
    pub photos: Vec<HeldPhoto>,
    /// Everything that has happened to the case, in its order.
    pub history: Vec<case::Event>,
}

/// What a case is about, as it was sent.
#[allow(clippy::large_enum_variant, reason = "one is held at a time")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Sent {
    /// A new session.
    Session {
        /// It.
        session: SessionDraft,
    },
    /// A review.
    Review {
        /// It.
        review: ReviewDraft,
    },
    /// A change of a session.
    Change {
        /// What its member was to the session when they sent it.
        authority: Authority,
        /// What changes.
        change: What,
    },
    /// A notice. Who sent it is not for the moderator to know.
    Notice {
        /// The address that it complains of.
        url: String,
        /// Why it should not be there.
        reason: NoticeReason,
        /// In the notifier's own words.
        explanation: String,
    },
}

/// A listed session in two words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AboutSession {
    /// Last part of the address of its page.
    pub slug: Slug,
    /// What it is called.
    pub title: String,
}

/// A photo that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldPhoto {
    /// Its id.
    pub id: PhotoId,
    /// What there is to see of it; none if nobody can see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<HeldPhotoSize>,
    /// Why nobody can see it, or what was found in it: codes with their evidence.
    pub grounds: Vec<String>,
}

/// What one sees of a photo before one asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldPhotoSize {
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// What it looks like from very far away, base64.
    pub thumbhash: String,
}

/// `POST /api/moderation/cases/{id}/decision`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// What to do.
    pub measure: Measure,
    /// On what ground.
    pub reason: Reason,
    /// Words to the submitter.
    #[serde(default)]
    #[schemars(length(max = case::NOTE_CHARS_MAX))]
    pub note: String,
    /// The version of the case that you have seen: should there be something else
    /// to decide since, nothing is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = u32::MAX))]
    pub version: Option<u32>,
}

impl Decide {
    /// Without words, whatever one has seen.
    #[must_use]
    pub fn of(measure: Measure, reason: Reason) -> Self {
        Self { measure, reason, note: String::new(), version: None }
    }
}

/// `PUT /api/moderation/cases/{id}/escalation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    /// Why, for whoever decides.
    #[serde(default)]
    #[schemars(length(max = case::NOTE_CHARS_MAX))]
    pub note: String,
}

/// `PUT /api/submissions/{id}/appeal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealDraft {
    /// What the decision overlooks.
    #[schemars(length(min = 1, max = limits::APPEAL_CHARS_MAX))]
    pub words: String,
}

/// Whether a session is still on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StillOn {
    /// It is.
    On,
    /// It is over for good.
    Gone,
}

/// `POST /api/still-on/{token}`, as its page posts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerInquiry {
    /// What its reader says.
    pub answer: StillOn,
}

/// `POST /api/unsubscribe/{token}`, as a mail provider or its page posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StopMails {
    /// As RFC 8058 has it: `One-Click`. It stops what the mail was about.
    #[serde(default, rename = "List-Unsubscribe", skip_serializing_if = "Option::is_none")]
    pub list_unsubscribe: Option<String>,
    /// What else to stop: `all`, or the id of a follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^(all|[0-9a-f]{32})$"))]
    pub answer: Option<String>,
}

/// Answer to a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decided {
    /// The case.
    pub case_id: CaseId,
    /// What stands.
    pub measure: Measure,
}

/// Query of `GET /api/sessions`: either a point or a county, and what narrows
/// it down.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindSessions {
    /// Degrees north of the point.
    #[schemars(range(min = -90, max = 90))]
    pub lat: Option<f64>,
    /// Degrees east of the point.
    #[schemars(range(min = -180, max = 180))]
    pub lon: Option<f64>,
    /// Kilometres around the point, 0.1 to 80.
    #[schemars(range(min = 0.1, max = limits::SEARCH_RADIUS_KM_MAX))]
    pub radius_km: Option<f64>,
    /// Two-letter code of the county's country.
    #[schemars(regex(pattern = "^[A-Za-z]{2}$"))]
    pub country: Option<String>,
    /// Name or slug of the county.
    #[schemars(length(min = 1, max = limits::LINE_CHARS_MAX))]
    pub county: Option<String>,
    /// Only in this town.
    #[schemars(length(min = 1, max = limits::LINE_CHARS_MAX))]
    pub town: Option<String>,
    /// Only with these words in name, venue or place.
    #[schemars(length(min = 1, max = limits::SEARCH_CHARS_MAX))]
    pub q: Option<String>,
    /// `tonight`, or a day: `mon` to `sun`.
    pub when: Option<When>,
    /// Only this kind.
    pub format: Option<Format>,
    /// Only what is at least so fresh.
    pub freshness: Option<Freshness>,
    /// The `next` of the page before, with all else as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
}

/// When a session should be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// A date that begins today, where it is played, and is not over.
    Tonight,
    /// Its next date is a Monday.
    Mon,
    /// Its next date is a Tuesday.
    Tue,
    /// Its next date is a Wednesday.
    Wed,
    /// Its next date is a Thursday.
    Thu,
    /// Its next date is a Friday.
    Fri,
    /// Its next date is a Saturday.
    Sat,
    /// Its next date is a Sunday.
    Sun,
}

/// Answer to `GET /api/sessions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FoundSessions {
    /// Best first, at most a hundred.
    pub sessions: Vec<FoundSession>,
    /// How many there are in all.
    pub total: usize,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// A session that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FoundSession {
    /// The session in brief.
    #[serde(flatten)]
    pub card: Card,
    /// Kilometres from the point, to ten metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<f64>,
    /// Its next date, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<DateView>,
    /// How long ago somebody vouched for it.
    pub freshness: Freshness,
}

/// One date of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DateView {
    /// Start with the offset of the session's own zone, RFC 3339.
    pub starts_at: String,
    /// IANA zone.
    pub zone: String,
    /// Minutes it lasts.
    pub duration_minutes: u16,
    /// How it differs from what its schedule has.
    pub standing: Standing,
    /// Start as the schedule has it, if it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual_start: Option<String>,
    /// Where, if not in the usual place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Why it differs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// Answer to `GET /api/sessions/{id or slug}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// Last part of the address of its page.
    pub slug: Slug,
    /// Where it stands.
    pub status: session::Status,
    /// What is listed.
    pub listing: SessionDraft,
    /// When it is on, in words, one per schedule.
    pub on: Vec<String>,
    /// Its next dates, earliest first.
    pub next: Vec<DateView>,
    /// Who hosts it and agreed to be named.
    pub hosts: Vec<String>,
    /// Who added it, to be followed or blocked; none if they are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_by: Option<MemberId>,
    /// When somebody last vouched for it, RFC 3339.
    pub last_verified_at: String,
    /// How long ago that is.
    pub freshness: Freshness,
    /// Number of reviews.
    pub review_count: u32,
    /// Mean of their ratings, 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<f64>,
    /// Its photos and those of its reviews.
    pub photos: Vec<PhotoView>,
    /// The first page of its reviews.
    pub reviews: Vec<ReviewView>,
    /// Where the next page of its reviews begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_reviews: Option<Cursor>,
}

/// Answer to `GET /api/sessions/{id or slug}/reviews`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewPage {
    /// At most twenty, in no order that means anything.
    pub reviews: Vec<ReviewView>,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// A published photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhotoView {
    /// Its id.
    pub id: PhotoId,
    /// Path of the photo, below the site's origin.
    pub src: String,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// Path of its thumbnail.
    pub thumbnail_src: String,
    /// A placeholder to show while it loads, base64.
    pub thumbhash: String,
}

/// A published review. It says what was found, not who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewView {
    /// Its id.
    pub id: SubmissionId,
    /// What it says.
    #[serde(flatten)]
    pub review: ReviewDraft,
    /// When it became public, RFC 3339.
    pub published_at: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_that_we_do_not_know_counts_as_not_said() {
        let zone = |json: &str| {
            let body = format!(r#"{{"target":"county:IE:clare","zone":{json}}}"#);
            serde_json::from_str::<PutFollow>(&body).map(|wanted| wanted.zone)
        };
        assert_eq!(zone(r#""Europe/Dublin""#).unwrap(), Some(Zone::default()));
        for unknown in ["null", r#""""#, r#""Mars/Olympus""#, r#""+01:00""#] {
            assert_eq!(zone(unknown).unwrap(), None, "{unknown}");
        }
        assert!(zone("5").is_err());
        assert!(zone(&format!("\"{}\"", "x".repeat(65))).is_err());
    }
}
