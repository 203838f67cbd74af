//! What the API shows of what is stored: domain to wire, nothing decided.

use jiff::{Timestamp, ZonedDateTime};
use seisiun_contracts::api::{
    AboutSession, CaseView, Cursor, DateView, FollowView, Follows, FoundSession, FoundSessions,
    HeldPhoto, HeldPhotoSize, Me, OwnSubmissions, PhotoView, ReviewPage, ReviewView, Sent,
    SessionView, SubmissionView, When,
};
use seisiun_domain::{
    MemberId,
    calendar::Gathering,
    follow::{Followed, Following},
    limits,
    member::{Member, ProfileDraft},
    photo::{PhotoRecord, Preparation, PublishedPhoto},
    review::{Rating, Review},
    search::{self, Freshness, Hit},
    session::{Session, Status},
    submission::Body as Content,
};
use seisiun_workflows::{find_sessions::Found, read_case::Shown, read_submissions::Seen};

/// Everything that the page of a session shows.
#[derive(Debug)]
pub struct Page {
    /// The session.
    pub session: Session,
    /// Over all of its reviews.
    pub rating: Rating,
    /// Approved ones.
    pub photos: Vec<PublishedPhoto>,
    /// The first page.
    pub reviews: Vec<Review>,
    /// The second, if there is one.
    pub next_reviews: Option<Cursor>,
}

/// What a search found.
#[must_use]
pub fn found(found: Found, next: Option<Cursor>) -> FoundSessions {
    let sessions = found.hits.into_iter().map(hit).collect();
    FoundSessions { sessions, total: found.total, next }
}

/// A page of reviews.
#[must_use]
pub fn reviews(reviews: Vec<Review>, next: Option<Cursor>) -> ReviewPage {
    ReviewPage { reviews: reviews.into_iter().map(review).collect(), next }
}

/// One of what a search found.
#[must_use]
pub fn hit(hit: Hit) -> FoundSession {
    FoundSession {
        distance_km: hit.distance_km.map(|km| (km * 100.0).round() / 100.0),
        next: hit.next.as_ref().map(date),
        freshness: hit.freshness,
        card: hit.card,
    }
}

/// With the offset, without the zone's RFC 9557 suffix: it stands beside it.
fn instant(at: &ZonedDateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A date.
#[must_use]
pub fn date(date: &Gathering) -> DateView {
    DateView {
        starts_at: instant(&date.starts),
        zone: date.starts.time_zone().iana_name().unwrap_or_default().to_owned(),
        duration_minutes: date.duration_minutes,
        standing: date.standing,
        usual_start: date.usual_start.as_ref().filter(|usual| **usual != date.starts).map(instant),
        place: date.place.clone(),
        reason: date.reason.clone(),
    }
}

/// A member, to themselves.
#[must_use]
pub fn me(member: Member) -> Me {
    let Member { id, email, display_name, home, language, mails, public, blocked, erasing: _ } =
        member;
    let profile = ProfileDraft { display_name, home, language, mails, public };
    Me { member_id: id.to_string(), email, profile, blocked: blocked.into_iter().collect() }
}

/// A submission, to its member.
#[must_use]
pub fn submission(seen: Seen) -> SubmissionView {
    let Seen { submission, delayed, appeal } = seen;
    SubmissionView {
        submission_id: submission.id,
        kind: submission.body.kind(),
        title: match &submission.body {
            Content::Session(draft) => Some(draft.title.clone()),
            _ => None,
        },
        about: submission.body.about(),
        accepted_at: submission.accepted_at.to_string(),
        status: submission.status,
        delayed,
        appeal,
    }
}

/// A page of a member's submissions.
#[must_use]
pub fn submissions(seen: Vec<Seen>, next: Option<Cursor>) -> OwnSubmissions {
    OwnSubmissions { submissions: seen.into_iter().map(submission).collect(), next }
}

/// What a member follows, the newest first.
#[must_use]
pub fn follows(mut followings: Vec<Following>) -> Follows {
    followings.sort_by(|a, b| (b.since, &b.id).cmp(&(a.since, &a.id)));
    let view = |following: Following| {
        let (target, circle) = match following.followed {
            Followed::Target(target) => (Some(target), None),
            Followed::Circle(circle) => (None, Some(circle)),
        };
        let (id, since, cadence) = (following.id, following.since.to_string(), following.cadence);
        FollowView { id, target, circle, since, cadence }
    };
    // The weekly digest is how, not what.
    let followed = followings.into_iter().filter(|following| following.digest().is_none());
    Follows { follows: followed.map(view).collect() }
}

/// A session's page.
#[must_use]
pub fn session(page: Page, now: Timestamp) -> SessionView {
    let session = page.session;
    let calendar = session.calendar();
    let dates = match session.status {
        Status::Live => calendar.next_with_cancelled(now, limits::NEXT_DATES),
        Status::Paused | Status::Ended | Status::Withdrawn => Vec::new(),
    };
    SessionView {
        on: calendar.schedules().iter().map(|schedule| schedule.in_words()).collect(),
        next: dates.iter().map(date).collect(),
        hosts: session.hosts.iter().filter_map(|host| host.shown_as.clone()).collect(),
        added_by: Some(session.submitter).filter(|member| *member != MemberId::erased()),
        last_verified_at: session.last_verified_at.to_string(),
        freshness: Freshness::of(session.last_verified_at, now),
        review_count: page.rating.count,
        rating: page.rating.mean().map(|mean| (mean * 100.0).round() / 100.0),
        photos: page.photos.iter().map(photo).collect(),
        reviews: page.reviews.into_iter().map(review).collect(),
        next_reviews: page.next_reviews,
        id: session.id,
        slug: session.slug,
        status: session.status,
        listing: session.listing,
    }
}

fn photo(photo: &PublishedPhoto) -> PhotoView {
    PhotoView {
        id: photo.photo_id,
        src: format!("/{}", photo.full.public_key(photo.photo_id)),
        width: photo.full.width,
        height: photo.full.height,
        thumbnail_src: format!("/{}", photo.thumbnail.public_key(photo.photo_id)),
        thumbhash: photo.thumbhash.clone(),
    }
}

fn review(review: Review) -> ReviewView {
    ReviewView {
        id: review.submission_id,
        review: review.draft,
        published_at: review.published_at.to_string(),
    }
}

/// A case, to a moderator. None where it is about what no moderator decides.
#[must_use]
pub fn case(shown: Shown) -> Option<CaseView> {
    let Shown { case, submission, about, photos, history } = shown;
    let sent = match submission.body {
        Content::Session(session) => Sent::Session { session },
        Content::Review(review) => Sent::Review { review },
        Content::Change(change) => {
            Sent::Change { authority: change.authority, change: change.what }
        }
        Content::Notice(notice) => {
            Sent::Notice { url: notice.url, reason: notice.reason, explanation: notice.explanation }
        }
        Content::Withdrawal(_) | Content::Export | Content::Erasure => return None,
    };
    let about = about
        .map(|session| AboutSession { slug: session.slug, title: session.listing.title.clone() });
    let photos = photos.into_iter().map(held_photo).collect();
    Some(CaseView { case, sent, about, photos, history })
}

fn held_photo(record: PhotoRecord) -> HeldPhoto {
    let (seen, grounds) = match record.preparation {
        Preparation::Prepared { full, thumbhash, .. } => {
            let found = record.scan.map(|scan| scan.judgement.grounds);
            let seen = HeldPhotoSize { width: full.width, height: full.height, thumbhash };
            (Some(seen), found.unwrap_or_default())
        }
        Preparation::Refused { code, .. } => (None, vec![code]),
        Preparation::Unscanned { why } => (None, vec![why.ground().to_owned()]),
    };
    HeldPhoto { id: record.photo_id, seen, grounds }
}

/// The wire's word for a time.
#[must_use]
pub fn when(when: When) -> search::When {
    use jiff::civil::Weekday;
    match when {
        When::Tonight => search::When::Tonight,
        When::Mon => search::When::On(Weekday::Monday),
        When::Tue => search::When::On(Weekday::Tuesday),
        When::Wed => search::When::On(Weekday::Wednesday),
        When::Thu => search::When::On(Weekday::Thursday),
        When::Fri => search::When::On(Weekday::Friday),
        When::Sat => search::When::On(Weekday::Saturday),
        When::Sun => search::When::On(Weekday::Sunday),
    }
}
