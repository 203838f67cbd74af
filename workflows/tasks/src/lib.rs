//! What the platform does, one module per task of a state machine or request
//! of the API, written against ports.
//!
//! A task may be run again at any point, by a retry, a restart or a duplicate
//! event, and must then come to the same end without a second effect. Nothing
//! here knows AWS, HTTP or the wire; the functions translate.

pub mod case_log;
pub mod deliver;
pub mod digest;
pub mod error;
pub mod fan_out;
pub mod letters;
pub mod memory;
pub mod port_suites;
pub mod ports;
pub mod workflow;

pub mod account;
pub mod acknowledge_notice;
pub mod answer_inquiry;
pub mod appeal;
pub mod ask_keepers;
pub mod authority;
pub mod background;
pub mod carry_out;
pub mod claim_case;
pub mod claim_member;
pub mod decide_case;
pub mod edit_case;
pub mod erase_personal_data;
pub mod export_personal_data;
pub mod fetch_export;
pub mod find_duplicates;
pub mod find_sessions;
pub mod follow_target;
pub mod import_sessions;
pub mod member_page;
pub mod moderate_photo;
pub mod moderate_text;
pub mod open_case;
pub mod open_digests;
pub mod persist_change;
pub mod persist_review;
pub mod persist_session;
pub mod persisted;
pub mod plan_fan_out;
pub mod prepare_photo;
pub mod publish_feeds;
pub mod publish_listing;
pub mod publish_page;
mod published_photos;
pub mod read_case;
pub mod read_submissions;
pub mod reconcile;
pub mod record_failure;
pub mod redrive;
pub mod refresh_listings;
mod refused_photos;
pub mod reject_submission;
pub mod remind_moderators;
pub mod request_change;
pub mod request_follow;
pub mod request_upload;
pub mod request_withdrawal;
pub mod resolve_notice;
pub mod restart;
pub mod send_batch;
pub mod send_notice;
mod sign;
pub mod sign_in;
pub mod site_page;
pub mod start_notify;
pub mod stop_mails;
pub mod submit;
pub mod summarise_fan_out;
mod swap_in;
pub mod take_feedback;
pub mod tell_submitter;
pub mod validate_submission;
pub mod withdraw_content;
mod withdrawal_target;

pub use error::{TaskError, TaskResult};
