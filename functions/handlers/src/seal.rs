//! What we hand out to get it back: cursors and links that nobody can read,
//! make up or use for another question than their own. See
//! `docs/adr/0008-sealed-cursors.md`.
//!
//! A sealed text is `nonce ‖ XChaCha20-Poly1305(value as JSON)` in base64url,
//! with its scope as associated data. The nonce is a keyed hash of scope and
//! value: the same page has the same cursor, so that its answer keeps its ETag.
//! A value that must not be good for ever holds its own end.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};
use hmac::{Hmac, Mac};
use seisiun_workflows::{TaskError, TaskResult, ports::ServiceKey};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use tokio::sync::OnceCell;

pub use seisiun_contracts::api::SEALED_CHARS_MAX;

/// Bytes of a nonce.
const NONCE_BYTES: usize = 24;

/// Seals and opens under one key.
pub struct Seal {
    cipher: XChaCha20Poly1305,
    nonces: Hmac<Sha256>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

impl Seal {
    /// Under this key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        // Two keys of one: encryption and hash never share theirs.
        let derived = |label: &[u8]| keyed(key).chain_update(label).finalize().into_bytes();
        let nonces: [u8; 32] = derived(b"nonce").into();
        Self { cipher: XChaCha20Poly1305::new(&derived(b"cipher")), nonces: keyed(&nonces) }
    }

    /// Seals a value for this scope, e.g. `reviews:<session>`.
    ///
    /// # Errors
    /// A value that is not JSON or is longer than [`SEALED_CHARS_MAX`] once
    /// sealed is a mistake of ours.
    pub fn seal(&self, scope: &str, value: &impl Serialize) -> TaskResult<String> {
        let broken = |why: &str| TaskError::Invariant(format!("a sealed {scope}: {why}"));
        let value = serde_json::to_vec(value).map_err(|error| broken(&error.to_string()))?;
        let nonce = self.nonce(scope, &value);
        let payload = Payload { msg: &value, aad: scope.as_bytes() };
        let sealed = self.cipher.encrypt(&nonce, payload).map_err(|_| broken("no cipher"))?;
        let text = BASE64.encode([nonce.as_slice(), &sealed].concat());
        if text.len() > SEALED_CHARS_MAX {
            return Err(broken("too long"));
        }
        Ok(text)
    }

    /// The value that was sealed for this scope; `None` for whatever else.
    #[must_use]
    pub fn open<T: DeserializeOwned>(&self, scope: &str, text: &str) -> Option<T> {
        if text.len() > SEALED_CHARS_MAX {
            return None;
        }
        let bytes = BASE64.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: scope.as_bytes() };
        let value = self.cipher.decrypt(&XNonce::from(*nonce), payload).ok()?;
        serde_json::from_slice(&value).ok()
    }

    fn nonce(&self, scope: &str, value: &[u8]) -> XNonce {
        // The length between them: no other pair of scope and value is the same.
        let length = (scope.len() as u64).to_be_bytes();
        let mac = self.nonces.clone().chain_update(length).chain_update(scope);
        let mac: [u8; 32] = mac.chain_update(value).finalize().into_bytes().into();
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(mac.get(..NONCE_BYTES).unwrap_or(&[0; NONCE_BYTES]));
        nonce.into()
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // A key shorter than the hash's block is filled up with zeros: so says HMAC.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    Hmac::new(&block.into())
}

/// Whether this may be something sealed: nothing else is worth a look at the key.
#[must_use]
pub fn is_plausible(text: &str) -> bool {
    (1..=SEALED_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A seal whose key is read when it is first needed, once per instance of a
/// function.
#[derive(Debug)]
pub struct Seals {
    purpose: &'static str,
    seal: OnceCell<Seal>,
}

impl Seals {
    /// What is sealed for this purpose.
    #[must_use]
    pub const fn of(purpose: &'static str) -> Self {
        Self { purpose, seal: OnceCell::const_new() }
    }

    /// The seal.
    ///
    /// # Errors
    /// If its key can be neither read nor made.
    pub async fn get(&self, store: &impl ServiceKey) -> TaskResult<&Seal> {
        let load = async || {
            let fresh = Key::try_generate()
                .map_err(|error| TaskError::Invariant(format!("no randomness: {error}")))?;
            let key = store.service_key(self.purpose, fresh.into()).await?;
            Ok(Seal::new(&key))
        };
        self.seal.get_or_try_init(load).await
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use seisiun_workflows::memory::Memory;

    use super::*;

    fn seal() -> Seal {
        Seal::new(&[7; 32])
    }

    #[test]
    fn what_is_sealed_shows_nothing_and_is_the_same_each_time() {
        let text = seal().seal("reviews:a", &"somebody").unwrap();
        assert_eq!(text, seal().seal("reviews:a", &"somebody").unwrap());
        assert_ne!(text, seal().seal("reviews:a", &"somebodz").unwrap());
        let bytes = BASE64.decode(&text).unwrap();
        assert!(!bytes.windows(8).any(|window| window == b"somebody"));
        assert_eq!(seal().open::<String>("reviews:a", &text).unwrap(), "somebody");
        assert_eq!(seal().open::<String>("reviews:b", &text), None, "another scope");
        assert_eq!(seal().open::<u32>("reviews:a", &text), None, "another value");
        assert_eq!(Seal::new(&[8; 32]).open::<String>("reviews:a", &text), None, "another key");
        assert_eq!(format!("{:?}", seal()), "Seal(…)");
    }

    #[test]
    fn what_would_be_too_long_is_not_sealed() {
        assert!(seal().seal("s", &"x".repeat(SEALED_CHARS_MAX)).is_err());
        let most = "x".repeat(SEALED_CHARS_MAX / 4 * 3 - NONCE_BYTES - 16 - 2);
        let text = seal().seal("s", &most).unwrap();
        assert_eq!(text.len(), SEALED_CHARS_MAX);
        assert_eq!(seal().open::<String>("s", &text).unwrap(), most);
        assert_eq!(seal().open::<String>("s", &format!("{text}AAAA")), None);
    }

    #[tokio::test]
    async fn instances_open_what_others_sealed() {
        let store = Memory::default();
        let (one, other, apart) = (Seals::of("a"), Seals::of("a"), Seals::of("b"));
        let text = one.get(&store).await.unwrap().seal("s", &1).unwrap();
        assert_eq!(other.get(&store).await.unwrap().open("s", &text), Some(1));
        assert_eq!(apart.get(&store).await.unwrap().open::<u8>("s", &text), None);
        // A key that could not be had is asked for again.
        let later = Seals::of("c");
        store.lose_answer(0);
        assert!(later.get(&store).await.is_err());
        assert!(later.get(&store).await.is_ok());
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_its_scope_alone(
            key: [u8; 32], scope in "\\PC{0,60}", other in "\\PC{0,60}",
            value in proptest::collection::vec(any::<i64>(), 0..20),
        ) {
            let seal = Seal::new(&key);
            let text = seal.seal(&scope, &value).unwrap();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            prop_assert_eq!(seal.open::<Vec<i64>>(&scope, &text), Some(value));
            if other != scope {
                prop_assert_eq!(seal.open::<Vec<i64>>(&other, &text), None);
            }
        }

        #[test]
        fn nothing_opens_that_was_tampered_with(
            value in "\\PC{0,40}", at: proptest::sample::Index, flip in 1u8..=255, cut: proptest::sample::Index,
        ) {
            let text = seal().seal("s", &value).unwrap();
            let mut bytes = BASE64.decode(&text).unwrap();
            let n = at.index(bytes.len());
            bytes[n] ^= flip;
            prop_assert_eq!(seal().open::<String>("s", &BASE64.encode(&bytes)), None);
            prop_assert_eq!(seal().open::<String>("s", &text[..cut.index(text.len())]), None);
            prop_assert_eq!(seal().open::<String>("s", &format!("{text}A")), None);
            prop_assert_eq!(seal().open::<String>("s", &format!("{text}=")), None);
        }

        #[test]
        fn whatever_is_handed_in_is_no_panic(text in "\\PC{0,300}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(seal().open::<String>("s", &text), None);
            prop_assert_eq!(seal().open::<String>("s", &BASE64.encode(bytes)), None);
        }
    }
}
