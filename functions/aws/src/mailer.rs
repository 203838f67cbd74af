//! SES: sends a message, once.
//!
//! SES has no idempotency token, so a retry after a lost answer would mail
//! somebody twice. This client therefore never tries again by itself, and says
//! of each failure whether the mail was certainly not sent.

use std::error::Error;

use aws_sdk_ses::{
    Client,
    config::{Builder, http::HttpResponse, retry::RetryConfig},
    error::{ProvideErrorMetadata as _, SdkError},
    operation::send_raw_email::SendRawEmailError,
    primitives::Blob,
    types::{MessageTag, RawMessage},
};
use hyper_util::client::legacy::Error as ConnectionError;
use seisiun_domain::member::Email;
use seisiun_workflows::ports::{MailKey, PortError, SendError, SendMail};

use crate::{
    SdkConfig,
    classify::{Class, class, kind, quiet_error},
    timeouts,
};

const SEND: &str = "ses:SendRawEmail";

/// Seconds to wait for the answer. Long: an answer that comes after we have
/// gone leaves a mail whose fate nobody knows.
const SEND_SECONDS: u64 = 8;

/// Tries of one send; the module's documentation says why.
const ATTEMPTS_MAX: u32 = 1;

/// The tag by which SES's metrics are told apart.
const KIND_TAG: &str = "kind";

/// The tag that SES makes the first part of the `Feedback-ID` of: by it a mail
/// provider's reports are told apart. Never of one recipient.
const FEEDBACK_TAG: &str = "ses:feedback-id-a";

/// The tag that names the mail's claim in SES's events.
pub const MAIL_TAG: &str = "mail";

/// Refusals of this message or recipient, which no retry mends. A domain of ours
/// that is not verified is not among them: that is our fault and will be mended,
/// so its mails stay owed.
const REFUSALS: &[&str] = &["InvalidParameterValue", "MessageRejected"];

/// The mail service.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    from: String,
    configuration_set: Option<String>,
}

impl Mailer {
    /// Sends from this verified address, with this configuration set if there
    /// is one.
    #[must_use]
    pub fn new(
        config: &SdkConfig,
        from: impl Into<String>,
        configuration_set: Option<String>,
    ) -> Self {
        let config = Builder::from(config)
            .timeout_config(timeouts(SEND_SECONDS, SEND_SECONDS))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX))
            .build();
        Self { client: Client::from_conf(config), from: from.into(), configuration_set }
    }
}

impl SendMail for Mailer {
    async fn send_mail(
        &self,
        to: &Email,
        mime: Vec<u8>,
        kind: &'static str,
        key: &MailKey,
    ) -> Result<String, SendError> {
        let unmade = |error: aws_sdk_ses::error::BuildError| {
            SendError::NotSent(PortError::Broken { what: SEND, why: error.to_string() })
        };
        let message = RawMessage::builder().data(Blob::new(mime)).build().map_err(unmade)?;
        let tag = |name, value| MessageTag::builder().name(name).value(value).build();
        let tags = [tag(KIND_TAG, kind), tag(FEEDBACK_TAG, kind), tag(MAIL_TAG, &key.tag())];
        let tags = tags.into_iter().collect::<Result<_, _>>().map_err(unmade)?;
        let sent = self
            .client
            .send_raw_email()
            .source(&self.from)
            .destinations(to.expose())
            .raw_message(message)
            .set_tags(Some(tags))
            .set_configuration_set_name(self.configuration_set.clone())
            .send()
            .await;
        match sent {
            Ok(sent) => Ok(sent.message_id),
            Err(error) => Err(fate(&error)),
        }
    }
}

/// What became of a mail whose sending failed. Never repeats what SES said: its
/// messages quote addresses.
fn fate(error: &SdkError<SendRawEmailError, HttpResponse>) -> SendError {
    match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            // SES names its errors: an answer without a name is somebody's between us.
            let Some(code) = context.err().code() else {
                return match status {
                    400..500 => SendError::NotSent(quiet_error(SEND, error)),
                    _ => SendError::Unknown(format!("an unnamed error {status}").into()),
                };
            };
            match class(code, status) {
                _ if REFUSALS.contains(&code) => SendError::Refused(code.to_owned()),
                Class::Throttled => SendError::NotSent(PortError::Throttled { what: SEND }),
                // An answer of a 4xx status is a no; one of a 5xx says nothing.
                _ if (400..500).contains(&status) => SendError::NotSent(quiet_error(SEND, error)),
                Class::Unavailable | Class::Broken => SendError::Failed(code.to_owned().into()),
            }
        }
        SdkError::ConstructionFailure(_) => SendError::NotSent(quiet_error(SEND, error)),
        SdkError::DispatchFailure(_) if never_connected(error) => {
            SendError::NotSent(quiet_error(SEND, error))
        }
        _ => SendError::Unknown(kind(error).into()),
    }
}

/// Whether the connection itself could not be made, so that nothing was sent.
fn never_connected(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref::<ConnectionError>().is_some_and(ConnectionError::is_connect) {
            return true;
        }
        next = error.source();
    }
    false
}
