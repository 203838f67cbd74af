//! The local stand-ins and the front door.
//!
//! What the local AWS engine does not have, or has only in outline, is here: a
//! [`rekognition`] that judges photos with a real classifier, a [`guardduty`] that
//! scans uploads for malware, a [`ses`] that keeps every message raw and tells what
//! became of it, and a [`front_door`] where CloudFront stands. Each
//! speaks the wire of what it stands for, so that no function knows that it runs
//! locally, and each can be told to fail ([`faults`]). For tests of failure, a
//! [`gateway`] stands between the functions and the engine.
//!
//! Everything else (state machines, functions, tables, buckets, identity) is the
//! engine's. Nothing here is deployed, and no listener leaves this machine.

pub mod engine;
pub mod faults;
pub mod front_door;
pub mod gateway;
pub mod guardduty;
pub mod rekognition;
pub mod s3;
pub mod serve;
pub mod ses;
pub mod watched;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use aws_credential_types::Credentials;
use axum::Router;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

/// What the stand-ins need to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder for what is kept; the messages are in `mail/` inside it.
    pub state: PathBuf,
    /// The AWS engine.
    pub engine_url: Url,
    /// Where functions take AWS to be, and so have pages upload photos to: the
    /// engine, if nothing else is said.
    pub uploads_url: Option<Url>,
    /// The stack's outputs; the file may appear later.
    pub stack: PathBuf,
    /// Where Rekognition listens. Port 0 takes a free one, here and below.
    pub rekognition_addr: SocketAddr,
    /// Where SES listens.
    pub ses_addr: SocketAddr,
    /// Where the malware scanner listens.
    pub guardduty_addr: SocketAddr,
    /// Where the front door listens.
    pub front_door_addr: SocketAddr,
    /// Where the addresses taken are written, if anywhere.
    pub addresses_file: Option<PathBuf>,
    /// Labels for exact files, see [`rekognition::Rules`].
    pub rekognition_rules: Option<PathBuf>,
    /// Domains that may send mail; none means that any may.
    pub sender_domains: Vec<String>,
    /// The configuration set of messages that name none.
    pub ses_configuration_set: String,
    /// The events that the configuration set's destination takes.
    pub ses_events: Vec<ses::EventKind>,
    /// The region that requests to the engine are signed for.
    pub region: String,
    /// What they are signed with.
    pub credentials: Credentials,
}

/// The addresses that the servers have taken, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// For `AWS_ENDPOINT_URL_REKOGNITION`.
    pub rekognition: String,
    /// For `AWS_ENDPOINT_URL_SES`.
    pub ses: String,
    /// Of the malware scanner, which nothing calls but tests.
    pub guardduty: String,
    /// For a browser.
    pub front_door: String,
}

/// Servers that are running.
#[derive(Debug)]
pub struct Running {
    addresses: Addresses,
    stop: watch::Sender<bool>,
    servers: JoinSet<()>,
}

impl Running {
    /// Where they listen.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Stops them, letting requests under way end for a few seconds.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.servers.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a server ended badly");
            }
        }
    }
}

/// Starts everything and writes the addresses file.
///
/// # Errors
/// When an address is not a loopback one or is taken, or when a file that is
/// needed is missing or broken.
pub async fn start(config: Config) -> anyhow::Result<Running> {
    let s3 =
        s3::S3::new(config.engine_url.clone(), config.region.clone(), config.credentials.clone())?;
    let mail = config.state.join("mail");
    let mails = ses::MailStore::open(mail.clone())
        .with_context(|| format!("the messages in {} cannot be opened", mail.display()))?;
    let rules = config.rekognition_rules.map(watched::JsonFile::new);
    let rekognition = rekognition::router(s3.clone(), rules).context("Rekognition")?;
    let outbox = ses::Outbox::open(mails.clone(), config.ses_events)
        .with_context(|| format!("the events in {} cannot be opened", mail.display()))?;
    let account = ses::Account {
        sender_domains: config.sender_domains,
        configuration_set: config.ses_configuration_set,
        region: config.region.clone(),
    };
    let ses = ses::router(mails.clone(), outbox.clone(), account);
    let engine = engine::sdk_config(&config.engine_url, config.region, config.credentials).await;
    let scanner = guardduty::Scanner::new(&engine);
    let protected = watched::JsonFile::new(config.stack.clone());
    let feedback = watched::JsonFile::new(config.stack.clone());
    let stack = watched::JsonFile::new(config.stack);
    let uploads = config.uploads_url.unwrap_or_else(|| config.engine_url.clone());
    let front_door = front_door::router(s3, &engine, config.engine_url, &uploads, stack, mails)?;

    serve::open_as_many_as_allowed();
    let (stop, stopped) = watch::channel(false);
    let mut servers = JoinSet::new();
    let mut launch = |name: &'static str, addr: SocketAddr, router: Router| {
        let listener = serve::listen(name, addr)?;
        let url = format!("http://{}", listener.local_addr()?);
        tracing::info!(server = name, url, "listening");
        servers.spawn(serve::serve(name, listener, router, stopped.clone()));
        anyhow::Ok(url)
    };
    let addresses = Addresses {
        rekognition: launch("rekognition", config.rekognition_addr, rekognition)?,
        ses: launch("ses", config.ses_addr, ses)?,
        guardduty: launch("guardduty", config.guardduty_addr, scanner.router())?,
        front_door: launch("front_door", config.front_door_addr, front_door)?,
    };
    servers.spawn(scanner.run(protected, stopped.clone()));
    servers.spawn(outbox.run(engine, feedback, stopped));
    if let Some(file) = &config.addresses_file {
        write_addresses(file, &addresses)?;
    }
    Ok(Running { addresses, stop, servers })
}

fn write_addresses(file: &Path, addresses: &Addresses) -> anyhow::Result<()> {
    let json = serde_json::to_vec_pretty(addresses)?;
    ses::write_atomically(file, &json)
        .with_context(|| format!("{} cannot be written", file.display()))
}
