//! What Seisiún is about, as plain data and pure functions: sessions and their
//! schedules, submissions, photos, moderation verdicts, cases, follows.
//!
//! This crate decides; it performs nothing. It knows no AWS, no HTTP, no clock
//! and no randomness: time and identifiers are passed in. What it accepts from
//! outside arrives as a *draft* of plain fields and leaves as a validated type
//! or as a list of [`Problem`]s, each naming its field.

pub mod calendar;
pub mod card;
pub mod case;
pub mod change;
pub mod county;
pub mod dates;
pub mod digest;
pub mod follow;
pub mod geo;
pub mod ids;
pub mod limits;
pub mod mail_claim;
pub mod member;
pub mod moderation;
pub mod notice;
pub mod pace;
pub mod photo;
pub mod problem;
pub mod review;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
pub mod schedule;
pub mod search;
pub mod session;
mod slug;
pub mod submission;
pub mod switch;
pub mod text;
pub mod withdrawal;

pub use ids::{CaseId, MemberId, PhotoId, SessionId, SubmissionId};
pub use problem::{Problem, Problems};
