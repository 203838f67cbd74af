//! Wiring: options in, servers running until a signal comes.

use std::net::SocketAddr;
use std::path::PathBuf;

use aws_credential_types::Credentials;
use clap::Parser;
use seisiun_local::Config;
use seisiun_local::ses::EventKind;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use url::Url;

/// Local stand-ins for Rekognition, GuardDuty, SES and CloudFront.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Folder for what is kept from run to run.
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// The AWS engine.
    #[arg(long, value_name = "URL")]
    engine_url: Url,
    /// JSON file with the stack's outputs; it may appear later and is read again
    /// when it changes.
    #[arg(long, value_name = "FILE")]
    stack: PathBuf,
    /// Where pages upload photos to; where the engine is, if nothing is said.
    #[arg(long)]
    uploads_url: Option<Url>,
    /// Where Rekognition listens.
    #[arg(long, default_value = "127.0.0.1:0")]
    rekognition_addr: SocketAddr,
    /// Where SES listens.
    #[arg(long, default_value = "127.0.0.1:0")]
    ses_addr: SocketAddr,
    /// Where the malware scanner listens.
    #[arg(long, default_value = "127.0.0.1:0")]
    guardduty_addr: SocketAddr,
    /// Where the front door listens.
    #[arg(long, default_value = "127.0.0.1:8080")]
    front_door_addr: SocketAddr,
    /// JSON file to write the addresses taken to.
    #[arg(long, value_name = "FILE")]
    addresses_file: Option<PathBuf>,
    /// JSON file with labels for exact photos, for what the model cannot see.
    #[arg(long, value_name = "FILE")]
    rekognition_rules: Option<PathBuf>,
    /// Domain that may send mail; may be given several times. None: any may.
    #[arg(long = "sender-domain", value_name = "DOMAIN")]
    sender_domains: Vec<String>,
    /// Configuration set of mail that names none, as an identity has one.
    #[arg(long, value_name = "NAME", default_value = "seisiun-mail")]
    ses_configuration_set: String,
    /// Event that the configuration set's destination takes; may be given several
    /// times.
    #[arg(
        long = "ses-event",
        value_name = "EVENT",
        default_values = ["send", "bounce", "complaint"]
    )]
    ses_events: Vec<EventKind>,
    /// Region that requests to the engine are signed for.
    #[arg(long, env = "AWS_REGION", default_value = "eu-west-1")]
    region: String,
    /// Access key for the engine.
    #[arg(long, env = "AWS_ACCESS_KEY_ID", default_value = "test")]
    access_key_id: String,
    /// Secret key for the engine.
    #[arg(long, env = "AWS_SECRET_ACCESS_KEY", default_value = "test", hide_env_values = true)]
    secret_access_key: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let options = Options::parse();

    // Before anything starts, so that no signal finds the default action.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let running = seisiun_local::start(Config {
        state: options.state,
        engine_url: options.engine_url,
        uploads_url: options.uploads_url,
        stack: options.stack,
        rekognition_addr: options.rekognition_addr,
        ses_addr: options.ses_addr,
        guardduty_addr: options.guardduty_addr,
        front_door_addr: options.front_door_addr,
        addresses_file: options.addresses_file,
        rekognition_rules: options.rekognition_rules,
        sender_domains: options.sender_domains,
        ses_configuration_set: options.ses_configuration_set,
        ses_events: options.ses_events,
        region: options.region,
        credentials: Credentials::new(
            options.access_key_id,
            options.secret_access_key,
            None,
            None,
            "options",
        ),
    })
    .await?;
    tokio::select! {
        _ = terminate.recv() => tracing::info!("stopping: SIGTERM"),
        _ = interrupt.recv() => tracing::info!("stopping: SIGINT"),
    }
    running.stop().await;
    Ok(())
}
