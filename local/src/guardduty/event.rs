//! The event that GuardDuty sends of a scan.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::verdict::Verdict;

/// An upload that was scanned.
#[derive(Debug)]
pub(super) struct Scanned<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) etag: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) verdict: Verdict,
}

/// `GuardDuty Malware Protection Object Scan Result`, schema 1.0.
pub(super) fn scan_result(scanned: &Scanned<'_>) -> Value {
    let Scanned { account, region, bucket, key, etag, bytes, verdict } = scanned;
    let threats = match verdict {
        Verdict::Threat(name) => json!([{
            "name": name,
            "source": "AMAZON",
            "itemDetails": [{ "hash": hex::encode(Sha256::digest(bytes)), "itemPath": key }],
        }]),
        _ => Value::Null,
    };
    let reasons = match verdict {
        Verdict::Unsupported(reason) => json!([reason]),
        Verdict::AccessDenied => json!(["UNAUTHORIZED_TO_GET_OBJECT"]),
        _ => Value::Null,
    };
    let scan_status = match verdict {
        Verdict::Clean | Verdict::Threat(_) => "COMPLETED",
        Verdict::Unsupported(_) | Verdict::AccessDenied => "SKIPPED",
        Verdict::Failed => "FAILED",
    };
    json!({
        "version": "0",
        "id": ulid::Ulid::generate().to_string(),
        "detail-type": "GuardDuty Malware Protection Object Scan Result",
        "source": "aws.guardduty",
        "account": account,
        "time": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": region,
        "resources": [
            format!("arn:aws:guardduty:{region}:{account}:malware-protection-plan/local"),
        ],
        "detail": {
            "schemaVersion": "1.0",
            "scanStatus": scan_status,
            "resourceType": "S3_OBJECT",
            "s3ObjectDetails": {
                "bucketName": bucket,
                "objectKey": key,
                "eTag": etag,
                "s3Throttled": false,
            },
            "scanResultDetails": {
                "scanResultStatus": verdict.status(),
                "threats": threats,
                "statusReasons": reasons,
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::guardduty::verdict::{eicar, examine};

    /// Names of all members, with their places.
    fn shape(value: &Value, at: &str, into: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    shape(member, &format!("{at}.{name}"), into);
                }
            }
            Value::Array(items) => {
                items.iter().for_each(|item| shape(item, &format!("{at}[]"), into));
            }
            _ => into.push(at.to_owned()),
        }
    }

    /// What differs from one scan to the next, or between accounts, apart.
    fn says(event: &Value) -> (Value, Value, Value) {
        let detail = &event["detail"];
        let result = &detail["scanResultDetails"];
        (
            detail["scanStatus"].clone(),
            result["scanResultStatus"].clone(),
            result["threats"][0]["name"].clone(),
        )
    }

    #[test]
    fn events_are_as_they_were_recorded_of_guardduty() {
        let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ops/events");
        for (verdict, bytes, file) in [
            (Verdict::Clean, b"a photo".to_vec(), "no-threats-found"),
            (examine(&eicar()), eicar(), "threats-found"),
            (Verdict::Unsupported("PASSWORD_PROTECTED"), vec![], "unsupported"),
            (Verdict::AccessDenied, vec![], "access-denied"),
            (Verdict::Failed, vec![], "failed"),
        ] {
            let file = recorded.join(format!("malware-scan-{file}.json"));
            let expected: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            let event = scan_result(&Scanned {
                account: "000000000000",
                region: "eu-west-1",
                bucket: "quarantine",
                key: "incoming/ann/photo",
                etag: "d41d8cd98f00b204e9800998ecf8427e",
                bytes: &bytes,
                verdict,
            });
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            shape(&event, "", &mut ours);
            shape(&expected, "", &mut theirs);
            assert_eq!(ours, theirs, "{}", file.display());
            assert_eq!(says(&event), says(&expected), "{}", file.display());
        }
    }
}
