//! The gateway that tests put between the functions and the engine, as a service.

use std::path::PathBuf;

use crate::aws::local_environment;
use crate::layout::Instance;
use crate::ports::Ports;
use crate::services::{Ready, Spec};

/// What the gateway is called among the services.
pub(crate) const GATEWAY: &str = "gateway";

/// Its binary.
pub(crate) const BINARY: &str = "seisiun-gateway";

/// It has nothing to load.
const START_PATIENCE_SECONDS: u64 = 15;

/// It only has to finish what it is passing on.
const STOP_PATIENCE_SECONDS: u64 = 15;

/// How the gateway is started for an instance.
pub(crate) fn spec(program: PathBuf, instance: &Instance, ports: Ports) -> Spec {
    let address = format!("127.0.0.1:{}", ports.gateway);
    let args = [("--engine-url", ports.engine_url()), ("--addr", address.clone())];
    Spec {
        name: GATEWAY.to_owned(),
        program,
        args: args.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect(),
        env: local_environment(&ports.engine_url()),
        log: instance.log(GATEWAY),
        ready: Ready::Http { address, path: "/_local/ready".to_owned() },
        start_patience_seconds: START_PATIENCE_SECONDS,
        stop_patience_seconds: STOP_PATIENCE_SECONDS,
    }
}
