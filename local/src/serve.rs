//! Accepting connections and answering them.
//!
//! The stand-ins have to fail as real services fail, and a service that dies
//! after it did its work answers nothing at all. axum's own server always
//! answers, so connections are driven here: a response that carries
//! [`CloseConnection`] closes the connection instead of being written.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::{IntoResponse, Response};
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt;

/// How long a client may take over a request's head, and how long an idle
/// connection is kept. SDK clients drop idle connections sooner.
const HEADER_READ_SECONDS: u64 = 60;

/// Connections served at once by one listener; more wait to be accepted. Each process of
/// a function keeps some to every service that it called, idle ones for as long as
/// [`HEADER_READ_SECONDS`], and there are a few hundred processes.
const CONNECTIONS_MAX: usize = 4_096;

/// Connections that may wait to be accepted. What is more, the kernel drops, and who
/// asked tries again after one, three and seven seconds, in which nothing is busy.
const CONNECTIONS_WAITING_MAX: u32 = 4_096;

/// How long open requests may take to end after a stop was asked for. A hanging
/// request (an injected fault) is cut off after this.
const SHUTDOWN_GRACE_SECONDS: u64 = 3;

/// Pause after a failed `accept`, so that running out of file descriptors does
/// not spin.
const ACCEPT_PAUSE_MILLIS: u64 = 50;

/// Marks a response that must not be written: the connection is closed instead.
#[derive(Debug, Clone, Copy)]
pub struct CloseConnection;

impl CloseConnection {
    /// A response that closes the connection without a byte of answer.
    #[must_use]
    pub fn response() -> Response {
        let mut response = StatusCode::NO_CONTENT.into_response();
        response.extensions_mut().insert(Self);
        response
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the connection is closed without an answer")]
struct ClosedOnPurpose;

/// Listens on an address of this machine.
///
/// # Errors
/// If others could reach it, or it is taken.
pub fn listen(name: &str, addr: SocketAddr) -> anyhow::Result<TcpListener> {
    anyhow::ensure!(
        addr.ip().is_loopback(),
        "{name} would listen on {addr}, which others could reach: give a loopback address"
    );
    let listen = || {
        let socket = match addr {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // One that is started again gets its port while old connections linger.
        socket.set_reuseaddr(true)?;
        socket.bind(addr)?;
        socket.listen(CONNECTIONS_WAITING_MAX)
    };
    listen().with_context(|| format!("{name} cannot listen on {addr}"))
}

/// Lets this process have as many files and connections open as it may.
pub fn open_as_many_as_allowed() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "no more files can be open than before");
    }
}

/// Serves `router` on `listener` until `stop` turns true, then lets requests
/// under way end for a short grace period.
pub async fn serve(
    name: &'static str,
    listener: TcpListener,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                Ok((stream, peer)) => {
                    let connection = connection(stream, peer, router.clone());
                    let watched = graceful.watch(connection);
                    connections.spawn(async move {
                        if let Err(error) = watched.await {
                            tracing::debug!(server = name, %error, "connection ended early");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(server = name, %error, "accept failed");
                    tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MILLIS)).await;
                }
            },
        }
    }
    drop(listener);
    let grace = Duration::from_secs(SHUTDOWN_GRACE_SECONDS);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!(server = name, "requests still under way are cut off");
    }
    connections.shutdown().await;
}

/// Resolves when a stop was asked for, or when nobody can ask for one any more.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        tracing::debug!("the stop signal's sender is gone");
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> http1::Connection<
    TokioIo<TcpStream>,
    impl hyper::service::Service<
        Request<Incoming>,
        Response = Response,
        Error = ClosedOnPurpose,
        Future: Send,
    >,
> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().oneshot(request);
        async move {
            let response = match answer.await {
                Ok(response) => response,
                Err(never) => never_fails(never),
            };
            if response.extensions().get::<CloseConnection>().is_some() {
                return Err(ClosedOnPurpose);
            }
            Ok(response)
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEADER_READ_SECONDS))
        .serve_connection(TokioIo::new(stream), service)
}

fn never_fails(never: Infallible) -> Response {
    match never {}
}
