//! JSON as the AWS SDK holds it, and as everybody else does.

use aws_smithy_types::{Document, Number};
use serde_json::Value;

/// As the SDK holds it. A number that is neither whole nor a float of 64 bits
/// becomes null: JSON that serde has read holds none.
pub(crate) fn to_document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(is) => Document::Bool(*is),
        Value::String(text) => Document::String(text.clone()),
        Value::Number(number) => {
            let whole = number.as_u64().map(Number::PosInt);
            let negative = || number.as_i64().map(Number::NegInt);
            let float = || number.as_f64().map(Number::Float);
            whole.or_else(negative).or_else(float).map_or(Document::Null, Document::Number)
        }
        Value::Array(all) => Document::Array(all.iter().map(to_document).collect()),
        Value::Object(all) => {
            let pairs = all.iter().map(|(name, value)| (name.clone(), to_document(value)));
            Document::Object(pairs.collect())
        }
    }
}

/// As everybody else does. A float that is no number becomes null.
pub(crate) fn from_document(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(is) => Value::Bool(*is),
        Document::String(text) => Value::String(text.clone()),
        Document::Number(Number::PosInt(number)) => Value::from(*number),
        Document::Number(Number::NegInt(number)) => Value::from(*number),
        Document::Number(Number::Float(number)) => Value::from(*number),
        Document::Array(all) => Value::Array(all.iter().map(from_document).collect()),
        Document::Object(all) => {
            let pairs = all.iter().map(|(name, value)| (name.clone(), from_document(value)));
            Value::Object(pairs.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_the_same_there_and_back() {
        let value = json!({
            "a": [null, true, "x", 0, u64::MAX, i64::MIN, -1, 1.5, -0.25],
            "b": { "c": {}, "d": [] },
        });
        assert_eq!(from_document(&to_document(&value)), value);
    }
}
