//! The stand-ins and the front door over real HTTP, as a client meets them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails loudly, in what it calls too"
)]

mod cli;
mod front_door;
mod origin;
mod rekognition;
mod ses;
mod ses_events;

use std::path::{Path, PathBuf};

use aws_credential_types::Credentials;
use origin::Origin;
use seisiun_local::ses::EventKind;
use seisiun_local::{Addresses, Config, Running};
use tempfile::TempDir;

/// A running server with an engine of its own and a folder for its state.
struct Local {
    running: Running,
    engine: Origin,
    dir: TempDir,
}

impl Local {
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), change).await
    }

    async fn start_in(dir: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let engine = Origin::start().await;
        let any = "127.0.0.1:0".parse().unwrap();
        let mut config = Config {
            state: dir.path().join("state"),
            engine_url: engine.url(),
            uploads_url: None,
            stack: dir.path().join("stack.json"),
            rekognition_addr: any,
            ses_addr: any,
            guardduty_addr: any,
            front_door_addr: any,
            addresses_file: None,
            rekognition_rules: None,
            sender_domains: vec!["seisiun.test".to_owned()],
            ses_configuration_set: "seisiun-mail".to_owned(),
            ses_events: vec![EventKind::Send, EventKind::Bounce, EventKind::Complaint],
            region: "eu-west-1".to_owned(),
            credentials: Credentials::new("test", "test", None, None, "test"),
        };
        change(&mut config);
        let running = seisiun_local::start(config).await.unwrap();
        Self { running, engine, dir }
    }

    fn addresses(&self) -> &Addresses {
        self.running.addresses()
    }

    fn mail_file(&self, id: &str, extension: &str) -> PathBuf {
        self.dir.path().join("state/mail").join(format!("{id}.{extension}"))
    }

    /// Plans a fault on one of the stand-ins and gives the answer's status.
    async fn fault(&self, url: &str, fault: serde_json::Value) -> u16 {
        let url = format!("{url}/_local/faults");
        client().post(url).json(&fault).send().await.unwrap().status().as_u16()
    }

    async fn stop(self) -> TempDir {
        self.running.stop().await;
        self.dir
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../workflows/photo/tests/fixtures").join(name),
    )
    .unwrap()
}

/// What an SDK's signature looks like; the stand-ins look no closer.
fn signed_for(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20290101/eu-west-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=00"
    )
}
