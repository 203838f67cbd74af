//! The gateway of the tests: options in, serving until a signal comes.

use std::net::SocketAddr;

use anyhow::Context as _;
use aws_credential_types::Credentials;
use clap::Parser;
use seisiun_local::{
    gateway::{self, Signer},
    serve,
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use url::Url;

/// Stands between the functions and the engine, and fails on demand.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// The AWS engine.
    #[arg(long, value_name = "URL")]
    engine_url: Url,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS")]
    addr: SocketAddr,
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
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    serve::open_as_many_as_allowed();
    let listener = serve::listen("gateway", options.addr)?;
    let (key, secret) = (options.access_key_id, options.secret_access_key);
    let credentials = Credentials::new(key, secret, None, None, "options");
    let signer = Signer { credentials, region: options.region };
    let router = gateway::router(options.engine_url, signer)?;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let server = tokio::spawn(serve::serve("gateway", listener, router, stopped));
    tokio::select! {
        _ = terminate.recv() => tracing::info!("stopping: SIGTERM"),
        _ = interrupt.recv() => tracing::info!("stopping: SIGINT"),
    }
    stop.send_replace(true);
    server.await.context("the server ended badly")
}
