//! The service's own keys: made once, by whoever needs one first.

use seisiun_workflows::ports::{PortResult, ServiceKey};
use serde::{Deserialize, Serialize};

use super::{PUT, Table, broken, record};
use crate::keys;

/// A key, as hex: a record's values are text and numbers.
#[derive(Serialize, Deserialize)]
struct SecretRecord {
    key: String,
}

impl ServiceKey for Table {
    async fn service_key(&self, purpose: &str, fresh: [u8; 32]) -> PortResult<[u8; 32]> {
        if let Some(stored) = self.get_doc(keys::secret(purpose)).await? {
            return read(&stored);
        }
        let made = SecretRecord { key: hex::encode(fresh) };
        self.put_new(record(keys::secret(purpose), &made, [])?).await?;
        // Ours, or that of another who was first.
        match self.get_doc(keys::secret(purpose)).await? {
            Some(stored) => read(&stored),
            None => Err(broken(PUT, format!("the key for {purpose} was removed just now"))),
        }
    }
}

fn read(stored: &SecretRecord) -> PortResult<[u8; 32]> {
    let mut key = [0; 32];
    hex::decode_to_slice(&stored.key, &mut key)
        .map_err(|_| broken("dynamodb:parse", "a key of our own is not one"))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_it_was_and_nothing_else_is_one() {
        let key = std::array::from_fn(|n| n as u8);
        assert_eq!(read(&SecretRecord { key: hex::encode(key) }).unwrap(), key);
        for bad in ["", "00", &"g".repeat(64), &"0".repeat(66)] {
            assert!(read(&SecretRecord { key: bad.into() }).is_err(), "{bad}");
        }
    }
}
