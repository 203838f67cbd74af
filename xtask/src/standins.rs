//! The stand-ins for what the engine lacks, as a service.

use std::path::PathBuf;

use crate::aws::local_environment;
use crate::layout::Instance;
use crate::ports::Ports;
use crate::services::{Ready, Spec};
use crate::stack::MAIL_DOMAIN;

/// What the stand-ins are called among the services.
pub(crate) const STANDINS: &str = "standins";

/// The binary that holds them all.
pub(crate) const BINARY: &str = "seisiun-local";

/// Loading the classifier takes a few seconds where nothing is optimised.
const START_PATIENCE_SECONDS: u64 = 60;

/// They only have to finish what they are answering.
const STOP_PATIENCE_SECONDS: u64 = 15;

/// How the stand-ins are started for an instance. `functions_call` is where its
/// functions take AWS to be, and so have pages upload photos to.
pub(crate) fn spec(
    program: PathBuf,
    instance: &Instance,
    ports: Ports,
    functions_call: String,
) -> Spec {
    let mut env = local_environment(&ports.engine_url());
    for name in ["RUST_LOG", "RUST_BACKTRACE"] {
        if let Ok(value) = std::env::var(name) {
            env.insert(name.to_owned(), value);
        }
    }
    let address = |port: u16| format!("127.0.0.1:{port}");
    let args = [
        ("--state", instance.standins_state().display().to_string()),
        ("--engine-url", ports.engine_url()),
        ("--uploads-url", functions_call),
        ("--stack", instance.run_file().display().to_string()),
        ("--rekognition-addr", address(ports.rekognition)),
        ("--ses-addr", address(ports.ses)),
        ("--guardduty-addr", address(ports.guardduty)),
        ("--front-door-addr", address(ports.front_door)),
        ("--addresses-file", instance.addresses().display().to_string()),
        // As SES does, it refuses any other sender.
        ("--sender-domain", MAIL_DOMAIN.to_owned()),
    ];
    Spec {
        name: STANDINS.to_owned(),
        program,
        args: args.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect(),
        env,
        log: instance.log(STANDINS),
        ready: Ready::File(instance.addresses()),
        start_patience_seconds: START_PATIENCE_SECONDS,
        stop_patience_seconds: STOP_PATIENCE_SECONDS,
    }
}
