//! What a record weighs, by DynamoDB's rules
//! (docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

/// Bytes that a read unit and a write unit are for.
const READ_BYTES: u64 = 4 * 1024;
const WRITE_BYTES: u64 = 1024;

/// What a list or a map takes besides what is in it, and each of its elements.
const NESTED: u64 = 3;
const ELEMENT: u64 = 1;

/// Bytes of a record as the adapter writes it: its key, its version, and a domain
/// value under `doc`.
pub(super) fn record(pk: &str, sk: &str, doc: &impl Serialize) -> Result<u64> {
    let names = "pk".len() + "sk".len() + "v".len() + "doc".len();
    let version = number("1");
    Ok(length(names)
        + length(pk.len())
        + length(sk.len())
        + version
        + value(&serde_json::to_value(doc)?))
}

/// Read units of so many bytes that are read at once, strongly consistent. What is
/// not there costs one, too.
pub(super) fn read_units(bytes: u64) -> u64 {
    bytes.div_ceil(READ_BYTES).max(1)
}

/// Write units of a record.
pub(super) fn write_units(bytes: u64) -> u64 {
    bytes.div_ceil(WRITE_BYTES).max(1)
}

fn value(value: &Value) -> u64 {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::Number(digits) => number(&digits.to_string()),
        Value::String(text) => length(text.len()),
        Value::Array(all) => NESTED + all.iter().map(|one| ELEMENT + self::value(one)).sum::<u64>(),
        Value::Object(all) => {
            let one =
                |(name, one): (&String, &Value)| ELEMENT + length(name.len()) + self::value(one);
            NESTED + all.iter().map(one).sum::<u64>()
        }
    }
}

/// A byte for two significant digits, and one more.
fn number(text: &str) -> u64 {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    length(digits.div_ceil(2)) + 1
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
