//! What a request to the engine is: who asks, for what, and whether it has an
//! effect.

use http::request::Parts;
use http::{HeaderMap, Method, header};

/// Characters of a body that are looked at. What names a submission stands
/// early; a photo's bytes need no search.
const BODY_BYTES_READ: usize = 64 * 1024;

/// How the operations that change nothing begin.
const READS: [&str; 6] = ["Get", "BatchGet", "Query", "Scan", "List", "Describe"];

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// The function's name, from the user agent; empty if it names none.
    pub(super) caller: String,
    /// E.g. `DynamoDB_20120810.PutItem`, or `PUT /bucket/key`.
    pub(super) operation: String,
    /// Whether it changes anything.
    pub(super) has_effect: bool,
    /// Address and body, to look for names in.
    pub(super) text: String,
}

impl Call {
    pub(super) fn read(head: &Parts, body: &[u8]) -> Self {
        let early = body.get(..BODY_BYTES_READ).unwrap_or(body);
        let body = String::from_utf8_lossy(early);
        let path = head.uri.path();
        let target = value(&head.headers, "x-amz-target");
        let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
        let (operation, has_effect) = match (target, action) {
            (Some(target), _) => (target.to_owned(), !is_read(target)),
            // The query protocol, e.g. of SNS.
            (None, Some(action)) => (action.to_owned(), !is_read(action)),
            (None, None) => {
                let reads = [Method::GET, Method::HEAD].contains(&head.method);
                (format!("{} {path}", head.method), !reads)
            }
        };
        Self {
            caller: value(&head.headers, header::USER_AGENT.as_str())
                .and_then(|agent| agent.split(' ').find_map(|part| part.strip_prefix("app/")))
                .unwrap_or_default()
                .to_owned(),
            operation,
            has_effect,
            text: format!("{} {body}", head.uri),
        }
    }
}

/// Whether an operation, `Service_version.Name` or `Name`, changes nothing.
fn is_read(operation: &str) -> bool {
    let name = operation.rsplit('.').next().unwrap_or(operation);
    READS.iter().any(|read| name.starts_with(read))
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Call {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        Call::read(&head, body.as_bytes())
    }

    #[test]
    fn a_call_is_known_by_its_protocol() {
        let put = call(
            "POST",
            "/",
            &[
                ("x-amz-target", "DynamoDB_20120810.PutItem"),
                ("user-agent", "aws-sdk-rust/1.3 os/linux app/seisiun-tell-submitter md/http"),
            ],
            r#"{"Item":{"pk":{"S":"SUB#01J9"}}}"#,
        );
        assert_eq!(put.caller, "seisiun-tell-submitter");
        assert_eq!(put.operation, "DynamoDB_20120810.PutItem");
        assert!(put.has_effect);
        assert!(put.text.contains("SUB#01J9"));
        let query = call("POST", "/", &[("x-amz-target", "DynamoDB_20120810.Query")], "{}");
        assert!(!query.has_effect);
        assert_eq!(query.caller, "");
        let publish = call("POST", "/", &[], "Action=Publish&Message=x");
        assert_eq!((publish.operation.as_str(), publish.has_effect), ("Publish", true));
        let head = call("HEAD", "/bucket/incoming/x", &[], "");
        assert_eq!((head.operation.as_str(), head.has_effect), ("HEAD /bucket/incoming/x", false));
        assert!(call("PUT", "/bucket/incoming/x", &[], "").has_effect);
    }
}
