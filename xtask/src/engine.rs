//! The local AWS engine as a service.

use crate::aws::local_environment;
use crate::layout::Instance;
use crate::ports::Ports;
use crate::services::{Ready, Spec};
use crate::tools::PythonTools;

/// What the engine is called among the services.
pub(crate) const ENGINE: &str = "engine";

/// It starts in one or two seconds, more with much data.
const START_PATIENCE_SECONDS: u64 = 60;

/// Threads on which it works, of which each function that is called holds one. Its own
/// 64 may do: a machine that stood still, or connections that nobody accepted (below),
/// were the cause of what this was to mend.
const WORKER_THREADS: u32 = 512;

/// Connections that may wait until it accepts them. Its server asks for a hundred, and
/// functions that start together open more: what the kernel then drops is tried again
/// after one, three and seven seconds, in which nothing is busy and requests time out.
const CONNECTIONS_WAITING_MAX: u32 = 4_096;

/// What Python runs: the engine's own start, whose server has that one setting besides.
fn start() -> String {
    format!(
        "from hypercorn.config import Config; Config.backlog = {CONNECTIONS_WAITING_MAX}; \
         from ministack.app import main; main()"
    )
}

/// It saves its data while stopping, and loses it if it is killed meanwhile.
const STOP_PATIENCE_SECONDS: u64 = 90;

/// How the engine is started for an instance. `functions_call` is where its
/// functions take AWS to be: the engine itself, or a gateway before it.
pub(crate) fn spec(
    python: &PythonTools,
    instance: &Instance,
    ports: Ports,
    evaluate_iam: bool,
    functions_call: &str,
) -> Spec {
    let mut env = local_environment(functions_call);
    let state = instance.engine_state();
    // Functions inherit all of this: it is how they reach the engine and the
    // stand-ins without knowing that either is local.
    for (name, value) in [
        ("BIND_HOST", "127.0.0.1".to_owned()),
        ("GATEWAY_PORT", ports.engine.to_string()),
        ("AUTH", evaluate_iam.to_string()),
        ("PERSIST_STATE", "1".to_owned()),
        ("STATE_DIR", state.display().to_string()),
        ("S3_PERSIST", "1".to_owned()),
        ("S3_DATA_DIR", state.join("s3").display().to_string()),
        ("TMPDIR", instance.scratch().display().to_string()),
        ("MINISTACK_WORKER_THREADS", WORKER_THREADS.to_string()),
        // It would listen on every interface for MQTT, and look for Docker.
        ("IOT_MTLS_ENABLED", "0".to_owned()),
        ("SFTP_ENABLED", "0".to_owned()),
        ("DOCKER_HOST", "unix:///nonexistent/docker.sock".to_owned()),
        ("AWS_ENDPOINT_URL_REKOGNITION", ports.rekognition_url()),
        ("AWS_ENDPOINT_URL_SES", ports.ses_url()),
    ] {
        env.insert(name.to_owned(), value);
    }
    Spec {
        name: ENGINE.to_owned(),
        program: python.python(),
        args: vec!["-c".to_owned(), start()],
        env,
        log: instance.log(ENGINE),
        ready: Ready::Http {
            address: format!("127.0.0.1:{}", ports.engine),
            path: "/_ministack/ready".to_owned(),
        },
        start_patience_seconds: START_PATIENCE_SECONDS,
        stop_patience_seconds: STOP_PATIENCE_SECONDS,
    }
}
