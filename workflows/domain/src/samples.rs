//! Drafts that validate, for tests: one place to change when a draft gains a
//! field. All invented.
//!
//! A test says what matters to it and takes the rest from here:
//!
//! ```
//! # use seisiun_domain::{samples, session::SessionDraft};
//! let nameless = SessionDraft { title: String::new(), ..samples::session() };
//! assert!(nameless.validate().is_err());
//! ```

use crate::{
    card::Card,
    geo::Position,
    ids::{MemberId, SessionId},
    review::ReviewDraft,
    schedule::ScheduleDraft,
    session::{Format, Level, Session, SessionDraft, Slug, Status, VenueDraft},
};

/// Every Thursday at 21:30 in Dublin's time, from 8 January 2026 on.
#[must_use]
pub fn schedule() -> ScheduleDraft {
    ScheduleDraft {
        starts: "21:30".into(),
        duration_minutes: 150,
        zone: "Europe/Dublin".into(),
        rrule: "FREQ=WEEKLY;BYDAY=TH".into(),
        from: "2026-01-08".into(),
        until: None,
    }
}

/// A venue in County Clare.
#[must_use]
pub fn venue() -> VenueDraft {
    VenueDraft {
        name: "The Lifted Latch".into(),
        address: "3 Quay Lane".into(),
        town: "Ennistymon".into(),
        county: "Clare".into(),
        country: "IE".into(),
        position: Position { lat: 52.9412, lon: -9.2937 },
        step_free: Some(true),
        accessible_toilet: None,
    }
}

/// An open session there. Its texts are clean: moderation holds none of them.
#[must_use]
pub fn session() -> SessionDraft {
    SessionDraft {
        title: "Thursday tunes".into(),
        venue: venue(),
        format: Format::Open,
        level: Level::Any,
        schedules: vec![schedule()],
        description: String::new(),
        instruments: vec!["fiddle".into()],
        tunes: vec![],
        links: vec![],
    }
}

/// A friendly review of a session, about an evening in November 2026.
#[must_use]
pub fn review(session_id: SessionId) -> ReviewDraft {
    ReviewDraft {
        session_id,
        rating: 5,
        welcome: Some(4),
        level: None,
        noise: None,
        visited_on: "2026-11-19".into(),
        text: "Grand tunes.".into(),
        replaces: None,
    }
}

/// Who submitted it.
#[must_use]
#[allow(clippy::expect_used, reason = "the text stands here and is one")]
pub fn member() -> MemberId {
    "sample-member".parse().expect("a member's id")
}

/// That session as it is listed, verified in November 2026.
#[must_use]
pub fn listed() -> Session {
    let listing = session();
    let at = "2026-11-01T12:00:00Z".parse().unwrap_or_default();
    Session {
        id: SessionId::new(ulid::Ulid::from_parts(1, 1)),
        slug: Slug::plain(&listing),
        status: Status::Live,
        submitter: member(),
        listing,
        published_at: at,
        last_verified_at: at,
        found_gone: None,
        exceptions: Vec::new(),
        sequence: 0,
        changed_at: None,
        hosts: Vec::new(),
        revision: 0,
        merged_into: None,
    }
}

/// The card of that session.
#[must_use]
pub fn card() -> Card {
    Card::of(&listed())
}
