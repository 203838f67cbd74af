//! What the binaries share: reading settings, making clients, and turning a
//! task's error into the name that the state machine sees. Each binary is
//! wiring; decisions live in `seisiun-workflows`.

pub mod appeal_link;
pub mod asked;
pub mod docs;
pub mod http;
pub mod inquiry_link;
pub mod link_page;
pub mod named;
pub mod origin;
pub mod pages;
pub mod seal;
pub mod submitted;
pub mod unsubscribe_link;
pub mod views;
pub mod visitors;

use jiff::{SignedDuration, Timestamp};
use seisiun_aws::{
    SdkConfig,
    classifier::Classifier,
    mailer::Mailer,
    objects::{Buckets, Objects},
    on_call::OnCall,
    parking::Parking,
    table::Table,
    users::{Accounts, UserPool, Users},
    workflows::{StateMachines, Workflows},
};
use seisiun_contracts::{
    ErrorName,
    task::{PreparationTag, VerdictTag},
};
use seisiun_domain::{member::Email, moderation::Verdict, photo::Preparation};
use seisiun_lambda::{BadSetting, Failure, metrics, setting};
use seisiun_mail::Sender;
use seisiun_workflows::{TaskError, deliver::Delivery, ports::Clock};
use ulid::Ulid;

/// Starts the logs and the metrics, and loads what every client is made of.
///
/// # Errors
/// Names a setting that is missing.
pub async fn start() -> Result<SdkConfig, BadSetting> {
    seisiun_lambda::init_logs();
    metrics::init()?;
    Ok(seisiun_aws::sdk_config().await)
}

/// The table.
pub fn table(config: &SdkConfig) -> Result<Table, BadSetting> {
    Ok(Table::new(config, setting::<String>("TABLE_NAME")?))
}

/// The buckets that this function has settings for; a use of another one is an
/// error of ours, not a guess.
pub fn objects(config: &SdkConfig) -> Objects {
    let buckets = Buckets {
        quarantine: setting("QUARANTINE_BUCKET").ok(),
        public: setting("PUBLIC_BUCKET").ok(),
        work: setting("WORK_BUCKET").ok(),
        site: setting("SITE_BUCKET").ok(),
    };
    Objects::new(config, buckets)
}

/// The classifier.
pub fn classifier(config: &SdkConfig) -> Result<Classifier, BadSetting> {
    Ok(Classifier::new(config, setting::<String>("QUARANTINE_BUCKET")?))
}

/// The mail service.
pub fn mailer(config: &SdkConfig) -> Result<Mailer, BadSetting> {
    Ok(Mailer::new(
        config,
        setting::<String>("MAIL_FROM_ADDRESS")?,
        setting("MAIL_CONFIGURATION_SET").ok(),
    ))
}

/// Who writes the mails.
pub fn sender() -> Result<Sender, BadSetting> {
    Ok(Sender {
        name: setting("MAIL_FROM_NAME")?,
        address: setting("MAIL_FROM_ADDRESS")?,
        reply_to: None,
        footer: setting("MAIL_FOOTER")?,
        site_url: setting("SITE_URL")?,
    })
}

/// The state machines that this function has settings for.
pub fn workflows(config: &SdkConfig) -> Workflows {
    let machines = StateMachines {
        session_submission: setting("SESSION_SUBMISSION_ARN").ok(),
        review_submission: setting("REVIEW_SUBMISSION_ARN").ok(),
        notice: setting("NOTICE_ARN").ok(),
        notify_followers: setting("NOTIFY_FOLLOWERS_ARN").ok(),
        change_submission: setting("CHANGE_SUBMISSION_ARN").ok(),
        withdraw: setting("WITHDRAW_ARN").ok(),
        export_member: setting("EXPORT_MEMBER_ARN").ok(),
        erase_member: setting("ERASE_MEMBER_ARN").ok(),
    };
    Workflows::new(config, machines)
}

/// The people on call.
pub fn on_call(config: &SdkConfig) -> Result<OnCall, BadSetting> {
    Ok(OnCall::new(config, setting::<String>("ON_CALL_TOPIC")?))
}

/// The queue of pages that failed for good.
pub fn parking(config: &SdkConfig) -> Result<Parking, BadSetting> {
    Ok(Parking::new(config, setting::<String>("FAILED_PAGES_QUEUE")?))
}

/// The user pool.
pub fn users(config: &SdkConfig) -> Users {
    Users::new(config)
}

/// The user pool, to administrate it.
pub fn user_pool(config: &SdkConfig) -> Result<UserPool, BadSetting> {
    Ok(UserPool::new(config, setting::<String>("USER_POOL_ID")?))
}

/// The accounts of the user pool.
pub fn accounts(config: &SdkConfig) -> Result<Accounts, BadSetting> {
    Ok(Accounts::new(config, setting::<String>("USER_POOL_CLIENT_ID")?))
}

/// Where reminders go.
pub fn moderators() -> Result<Email, Box<dyn std::error::Error + Send + Sync>> {
    Ok(Email::try_from(setting::<String>("MODERATORS_ADDRESS")?)?)
}

/// The clock. Passed into every use case, so that tests can set it.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The clock of tasks that let time go by.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        now()
    }

    async fn wait(&self, duration: SignedDuration) {
        tokio::time::sleep(duration.unsigned_abs()).await;
    }
}

/// Seconds since something was accepted or happened: its id says when.
#[must_use]
pub fn seconds_since(id: Ulid) -> f64 {
    let since = now().as_millisecond() - i64::try_from(id.timestamp_ms()).unwrap_or(i64::MAX);
    // Exact for a few hundred thousand years.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let seconds = since.max(0) as f64 / 1_000.0;
    seconds
}

/// The error name of a task's error.
#[must_use]
pub fn failure(error: TaskError) -> Failure {
    let name = match &error {
        TaskError::Dependency(_) => ErrorName::Dependency,
        TaskError::Throttled(_) => ErrorName::Throttled,
        TaskError::NotReady(_) => ErrorName::NotReady,
        TaskError::InvalidInput(_) => ErrorName::InvalidInput,
        TaskError::Conflict(_) => ErrorName::Conflict,
        TaskError::Invariant(_) => ErrorName::Invariant,
    };
    Failure::new(name, error)
}

/// What became of a mail, for the eye.
#[must_use]
pub fn delivery_name(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Sent | Delivery::AlreadySent => "sent",
        Delivery::Suppressed => "suppressed",
        Delivery::Refused => "refused",
        Delivery::Unresolved => "unresolved",
    }
}

/// The tag of a verdict.
#[must_use]
pub fn verdict_tag(verdict: Verdict) -> VerdictTag {
    match verdict {
        Verdict::Publish => VerdictTag::Publish,
        Verdict::Review => VerdictTag::Review,
        Verdict::Reject => VerdictTag::Reject,
    }
}

/// The tag of a preparation.
#[must_use]
pub fn preparation_tag(preparation: &Preparation) -> PreparationTag {
    match preparation {
        Preparation::Prepared { .. } => PreparationTag::Prepared,
        Preparation::Refused { .. } => PreparationTag::Refused,
        Preparation::Unscanned { .. } => PreparationTag::Unscanned,
    }
}
