//! Who may call: CloudFront alone, which says a secret with each request. An HTTP
//! API takes no web ACL itself, and without this whoever knows its address would
//! go past the one in front of CloudFront.
//!
//! The secret rotates (`ops/delivery.yaml`): a new value is good for ten minutes
//! before CloudFront sends it, so what was read is kept for five. A value that is
//! unknown is looked for once more before its request is refused.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use seisiun_contracts::api::ProblemKind;
use seisiun_workflows::{
    TaskError,
    ports::{OriginValues, PortError, PortResult, ReadOriginValues},
};
use subtle::ConstantTimeEq as _;
use tokio::{sync::Mutex, time::timeout};

use crate::http::HttpProblem;

/// The header in which it comes.
pub const HEADER: &str = "x-seisiun-origin";

/// How long what was read is kept: half the time that a rotation waits.
const KEPT: Duration = Duration::from_secs(5 * 60);

/// How long after one look the next is taken, whoever asks: wrong values cost
/// us no more than this.
const BETWEEN_LOOKS: Duration = Duration::from_secs(30);

/// Longest that a request whose value is known waits for a new look: reading takes some
/// hundredths of a second, and what a request is for has a right to its function's time.
const KNOWN_WAITS_MAX: Duration = Duration::from_secs(1);

/// What is known of the secret.
#[derive(Debug)]
pub struct Origin<S> {
    secret: S,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    values: OriginValues,
    /// When they were read.
    read_at: Instant,
    /// When they were last looked for.
    looked_at: Instant,
}

impl Seen {
    fn admits(&self, said: &[u8]) -> bool {
        let OriginValues { current, other } = &self.values;
        // Both are compared, whichever fits.
        let [current, other] = [current, other]
            .map(|value| !value.is_empty() & bool::from(value.as_bytes().ct_eq(said)));
        current | other
    }
}

impl<S: ReadOriginValues> Origin<S> {
    /// Reads the secret for the first time.
    ///
    /// # Errors
    /// If it can't be read.
    pub async fn start(secret: S, now: Instant) -> PortResult<Self> {
        let values = secret.read_origin_values().await?;
        Ok(Self { secret, seen: Mutex::new(Seen { values, read_at: now, looked_at: now }) })
    }

    /// Whether a request that says this comes from CloudFront.
    ///
    /// # Errors
    /// If the value is unknown and the secret can't be read.
    pub async fn admits(&self, said: &[u8], now: Instant) -> PortResult<bool> {
        let mut seen = self.seen.lock().await;
        let may_look = now.duration_since(seen.looked_at) >= BETWEEN_LOOKS;
        let is_old = now.duration_since(seen.read_at) >= KEPT;
        let is_known = seen.admits(said);
        if (is_known && !is_old) || !may_look {
            return Ok(is_known);
        }
        seen.looked_at = now;
        let look = self.secret.read_origin_values();
        let looked = if is_known {
            timeout(KNOWN_WAITS_MAX, look).await.unwrap_or_else(|elapsed| {
                Err(PortError::Unavailable { what: "the origin secret", source: elapsed.into() })
            })
        } else {
            look.await
        };
        match looked {
            Ok(values) => {
                (seen.values, seen.read_at) = (values, now);
                Ok(seen.admits(said))
            }
            // A rotation, too, needs Secrets Manager: what was good still is.
            Err(error) if is_known => {
                tracing::warn!(error.message = %error, "the origin secret can't be read again");
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }
}

/// Refuses what does not come from CloudFront.
pub(crate) async fn only_from_cloudfront<S: ReadOriginValues + 'static>(
    State(origin): State<Arc<Origin<S>>>,
    request: Request,
    next: Next,
) -> Response {
    let said = request.headers().get(HEADER).map_or(&b""[..], |value| value.as_bytes());
    match origin.admits(said, Instant::now()).await {
        Ok(true) => next.run(request).await,
        Ok(false) => {
            let why = "The API answers under the site's own address alone.";
            HttpProblem::new(ProblemKind::Forbidden, why).into_response()
        }
        Err(error) => HttpProblem::from(TaskError::from(error)).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex as Lock,
        atomic::{AtomicBool, Ordering},
    };

    use super::*;

    /// The two values; `None` while they can't be read.
    type Values = Option<(&'static str, &'static str)>;

    /// A secret that changes, and how often it was looked at.
    #[derive(Debug, Clone, Default)]
    struct Changing(Arc<Lock<(Values, u32)>>);

    impl Changing {
        fn is(&self, values: Values) {
            self.0.lock().unwrap().0 = values;
        }

        fn looks(&self) -> u32 {
            self.0.lock().unwrap().1
        }
    }

    impl ReadOriginValues for Changing {
        async fn read_origin_values(&self) -> PortResult<OriginValues> {
            let mut state = self.0.lock().unwrap();
            state.1 += 1;
            let (current, other) = state.0.ok_or_else(|| PortError::Unavailable {
                what: "secretsmanager:GetSecretValue",
                source: "it is away".into(),
            })?;
            Ok(OriginValues { current: current.into(), other: other.into() })
        }
    }

    async fn started(current: &'static str) -> (Changing, Origin<Changing>, Instant) {
        let (secret, now) = (Changing::default(), Instant::now());
        secret.is(Some((current, "")));
        let origin = Origin::start(secret.clone(), now).await.unwrap();
        (secret, origin, now)
    }

    #[tokio::test]
    async fn only_the_very_value_is_good() {
        let (_, origin, now) = started("secret").await;
        for (said, expected) in [
            ("secret", true),
            ("", false),
            ("secre", false),
            ("secret ", false),
            ("Secret", false),
            ("secrets", false),
        ] {
            assert_eq!(origin.admits(said.as_bytes(), now).await.unwrap(), expected, "{said:?}");
        }
    }

    /// As `ops/delivery.yaml` rotates it, asked every ten seconds.
    #[tokio::test]
    async fn a_rotation_refuses_nobody() {
        let (secret, origin, start) = started("old").await;
        for seconds in (0..3600).step_by(10) {
            secret.is(Some(match seconds {
                0..300 => ("old", ""),
                300..1200 => ("old", "new"),
                _ => ("new", ""),
            }));
            // CloudFront sends the new one ten minutes after it is good.
            let said = if seconds < 900 { "old" } else { "new" };
            let now = start + Duration::from_secs(seconds);
            assert!(origin.admits(said.as_bytes(), now).await.unwrap(), "{said} at {seconds} s");
        }
        let end = start + Duration::from_secs(3600);
        assert!(!origin.admits(b"old", end).await.unwrap(), "the old value is good for ever");
    }

    #[tokio::test]
    async fn a_new_value_that_comes_early_is_looked_for() {
        let (secret, origin, start) = started("old").await;
        secret.is(Some(("old", "new")));
        assert!(!origin.admits(b"new", start).await.unwrap(), "looked twice at once");
        assert!(origin.admits(b"new", start + BETWEEN_LOOKS).await.unwrap());
    }

    #[tokio::test]
    async fn wrong_values_cost_one_look_each_half_minute() {
        let (secret, origin, start) = started("secret").await;
        for second in 0..300 {
            let now = start + Duration::from_secs(second);
            assert!(!origin.admits(b"guess", now).await.unwrap());
        }
        assert_eq!(secret.looks(), 1 + 9);
    }

    #[tokio::test]
    async fn what_was_good_stays_so_while_the_secret_cannot_be_read() {
        let (secret, origin, start) = started("secret").await;
        secret.is(None);
        let later = start + KEPT;
        assert!(origin.admits(b"secret", later).await.unwrap());
        // Whoever says something else may be right: that is no refusal.
        origin.admits(b"new", later + BETWEEN_LOOKS).await.unwrap_err();
    }

    /// A secret that was read once, and is not answered about any more.
    #[derive(Debug, Default)]
    struct Silent(AtomicBool);

    impl ReadOriginValues for Silent {
        async fn read_origin_values(&self) -> PortResult<OriginValues> {
            if self.0.swap(true, Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            Ok(OriginValues { current: "secret".into(), other: String::new() })
        }
    }

    #[tokio::test]
    async fn who_is_known_does_not_wait_for_a_secret_that_does_not_come() {
        let now = Instant::now();
        let origin = Origin::start(Silent::default(), now).await.unwrap();
        let later = now + KEPT;
        assert!(
            timeout(2 * KNOWN_WAITS_MAX, origin.admits(b"secret", later)).await.unwrap().unwrap()
        );
        // And nobody at all until the next look.
        let known = origin.admits(b"secret", later);
        assert!(timeout(Duration::ZERO, known).await.unwrap().unwrap());
    }

    #[tokio::test]
    async fn a_function_without_the_secret_does_not_start() {
        Origin::start(Changing::default(), Instant::now()).await.unwrap_err();
    }
}
