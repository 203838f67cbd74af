//! What the address of a session's page names, for every function that takes one.

use seisiun_domain::{
    SessionId,
    session::{Session, Slug},
};
use seisiun_workflows::{
    TaskError, TaskResult,
    ports::{FindSlug, LoadSession},
};

use crate::http::HttpProblem;

/// Characters of a slug, or of an id in its place.
const SLUG_CHARS_MAX: usize = 100;

/// What a slug or an id names.
#[derive(Debug)]
pub enum Named {
    /// A listed session.
    Session(Box<Session>),
    /// A session that was merged into this one.
    Merged(Slug),
    /// A session that was withdrawn.
    Gone,
    /// Nothing that ever was.
    Nothing,
}

impl Named {
    /// The listed session.
    ///
    /// # Errors
    /// If there is none: gone, or not found.
    pub fn listed(self) -> Result<Session, HttpProblem> {
        match self {
            Self::Session(session) => Ok(*session),
            Self::Merged(_) | Self::Gone => Err(HttpProblem::gone()),
            Self::Nothing => Err(HttpProblem::not_found()),
        }
    }
}

/// What this slug or id names.
pub async fn by_slug(store: &(impl FindSlug + LoadSession), slug: &str) -> TaskResult<Named> {
    let plausible = (1..=SLUG_CHARS_MAX).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !plausible {
        return Ok(Named::Nothing);
    }
    let id = match slug.parse::<SessionId>() {
        Ok(id) => Some(id),
        Err(_) => store.find_slug(slug).await.map_err(TaskError::from)?,
    };
    let Some(id) = id else { return Ok(Named::Nothing) };
    let Some(session) = store.load_session(id).await? else { return Ok(Named::Nothing) };
    if session.is_listed() {
        return Ok(Named::Session(Box::new(session)));
    }
    let Some(into) = session.merged_into else { return Ok(Named::Gone) };
    let into = store.load_session(into).await?.filter(Session::is_listed);
    Ok(into.map_or(Named::Gone, |into| Named::Merged(into.slug)))
}
