//! What SES tells of a mail, as EventBridge hands it on.
//!
//! Shapes: <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-firehose-examples.html>,
//! recorded examples in `ops/events/ses-*.json`.

use std::collections::HashMap;

use jiff::Timestamp;
use seisiun_domain::member::Email;
use seisiun_workflows::{
    ports::{MailKey, PortError, PortResult},
    take_feedback::{Feedback, Happened},
};
use serde::Deserialize;

use crate::mailer::MAIL_TAG;

const PARSE: &str = "ses:event";

#[derive(Deserialize)]
struct Envelope {
    source: String,
    detail: Detail,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    event_type: String,
    mail: Mail,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    timestamp: Timestamp,
    message_id: String,
    #[serde(default)]
    tags: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    feedback_id: String,
    bounced_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complaint_feedback_type: Option<String>,
    complained_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

/// Reads an event; `None` if it tells of a mail that was not accepted, or of
/// nothing that concerns us.
///
/// # Errors
/// [`PortError::Broken`] if it is none of SES's: names the field, never a value.
pub fn read(event: &str) -> PortResult<Option<Feedback>> {
    let broken = |why: String| PortError::Broken { what: PARSE, why };
    let Envelope { source, detail } =
        serde_json::from_str(event).map_err(|error| broken(quiet(&error)))?;
    if source != "aws.ses" {
        return Err(broken("it comes from another service".into()));
    }
    let missing = |what: &str| broken(format!("{} without its {what}", detail.event_type));
    let happened = match detail.event_type.as_str() {
        "Send" | "Delivery" | "DeliveryDelay" => Happened::Sent,
        "Bounce" => {
            let bounce = detail.bounce.ok_or_else(|| missing("bounce"))?;
            Happened::Bounced {
                for_good: bounce.bounce_type == "Permanent",
                feedback_id: bounce.feedback_id,
                recipients: addresses(bounce.bounced_recipients),
            }
        }
        "Complaint" => {
            let complaint = detail.complaint.ok_or_else(|| missing("complaint"))?;
            match complaint.complaint_feedback_type.as_deref() {
                // Its reader took it out of the folder of spam.
                Some("not-spam") => Happened::Sent,
                _ => {
                    Happened::Complained { recipients: addresses(complaint.complained_recipients) }
                }
            }
        }
        // A reject was not accepted; opens and clicks are none of our business.
        _ => return Ok(None),
    };
    let tag = detail.mail.tags.get(MAIL_TAG).and_then(|values| values.first());
    Ok(Some(Feedback {
        message_id: detail.mail.message_id,
        accepted_at: detail.mail.timestamp,
        key: tag.and_then(|tag| MailKey::of_tag(tag)),
        happened,
    }))
}

/// Those that can be addresses of ours.
fn addresses(recipients: Vec<Recipient>) -> Vec<Email> {
    let addresses = recipients.into_iter().map(|recipient| recipient.email_address);
    addresses.filter_map(|address| Email::try_from(address).ok()).collect()
}

/// What is wrong and where, without what stands there.
fn quiet(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Data => "of another shape",
        _ => "no JSON",
    };
    format!("{what}, at line {} column {}", error.line(), error.column())
}
