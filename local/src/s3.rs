//! Reading objects from the engine's S3.
//!
//! Every request is signed, as CloudFront's (origin access control) and
//! Rekognition's own are: the buckets stay private, and the engine may check
//! signatures and policies. Objects are addressed by path
//! (`/{bucket}/{key}`), the form that needs no DNS.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use http::{HeaderMap, Method};
use url::Url;

/// Long enough for a busy engine on a small machine, shorter than a function's
/// time-out.
const CONNECT_SECONDS: u64 = 3;

/// Longest silence in the middle of an object.
const READ_SECONDS: u64 = 20;

/// S3's own limit on a key, in UTF-8 bytes.
const KEY_BYTES_MAX: usize = 1_024;

/// Why an object could not be asked for. What S3 answers is not an error here.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    /// The key cannot be addressed by path without changing its meaning.
    #[error("the object key is empty, too long or has a dot segment")]
    Key,
    /// The bucket's name has characters that no bucket name has.
    #[error("the bucket name is not one")]
    Bucket,
    /// The request could not be signed.
    #[error("the request could not be signed")]
    Sign(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The engine could not be reached or did not answer in time.
    #[error("the engine's S3 did not answer")]
    Transport(#[from] reqwest::Error),
}

/// A client that reads from one S3 endpoint.
#[derive(Debug, Clone)]
pub struct S3 {
    http: reqwest::Client,
    endpoint: Url,
    region: String,
    credentials: Credentials,
}

impl S3 {
    /// A client for `endpoint` that signs with `credentials`.
    ///
    /// # Errors
    /// When the HTTP client cannot be built.
    pub fn new(
        endpoint: Url,
        region: String,
        credentials: Credentials,
    ) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
            .read_timeout(Duration::from_secs(READ_SECONDS))
            .build()?;
        Ok(Self { http, endpoint, region, credentials })
    }

    /// GETs or HEADs an object, whatever S3 answers. `headers` are passed on
    /// (conditions and ranges); they are not signed.
    ///
    /// # Errors
    /// When the object cannot be addressed or the engine does not answer.
    pub async fn read(
        &self,
        method: Method,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        headers: HeaderMap,
    ) -> Result<reqwest::Response, S3Error> {
        let url = object_url(&self.endpoint, bucket, key, version)?;
        let mut request = http::Request::new(());
        *request.headers_mut() = headers;
        self.sign(&method, &url, &mut request)?;
        let (parts, ()) = request.into_parts();
        Ok(self.http.request(method, url).headers(parts.headers).send().await?)
    }

    fn sign(
        &self,
        method: &Method,
        url: &Url,
        request: &mut http::Request<()>,
    ) -> Result<(), S3Error> {
        let mut settings = SigningSettings::default();
        // S3 signs the path as it is sent; every other service encodes it twice.
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = self.credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .map_err(|error| S3Error::Sign(error.into()))?
            .into();
        let signable = SignableRequest::new(
            method.as_str(),
            url.as_str(),
            std::iter::empty(),
            SignableBody::Bytes(&[]),
        )
        .map_err(|error| S3Error::Sign(error.into()))?;
        let (instructions, _signature) =
            sign(signable, &params).map_err(|error| S3Error::Sign(error.into()))?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}

fn object_url(
    endpoint: &Url,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<Url, S3Error> {
    let bucket_is_plain = bucket
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if bucket.len() < 3 || !bucket_is_plain || bucket.bytes().all(|byte| byte == b'.') {
        return Err(S3Error::Bucket);
    }
    // A URL's dot segments are resolved before it is sent, so such a key would
    // silently become another object, even one of another bucket.
    let has_dot_segment = key.split('/').any(|segment| matches!(segment, "." | ".."));
    if key.is_empty() || key.len() > KEY_BYTES_MAX || has_dot_segment {
        return Err(S3Error::Key);
    }
    let mut url = endpoint.clone();
    url.set_path(&format!("/{bucket}/{}", encode(key, b"/")));
    url.set_query(version.map(|version| format!("versionId={}", encode(version, b""))).as_deref());
    Ok(url)
}

/// Percent-encodes all but RFC 3986's unreserved characters and `keep`: the one
/// encoding that client and S3 agree on when they sign.
fn encode(text: &str, keep: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        let unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if unreserved || keep.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(bucket: &str, key: &str) -> Option<String> {
        let endpoint = Url::parse("http://127.0.0.1:4566").unwrap();
        object_url(&endpoint, bucket, key, None).ok().map(|url| url.path().to_owned())
    }

    #[test]
    fn keys_are_encoded_once_and_kept_whole() {
        let cases = [
            ("photos/01J.jpg", "/bucket/photos/01J.jpg"),
            ("a b/ü+%.jpg", "/bucket/a%20b/%C3%BC%2B%25.jpg"),
            ("%2e%2e/other", "/bucket/%252e%252e/other"),
            ("?x#y", "/bucket/%3Fx%23y"),
            ("a//b", "/bucket/a//b"),
        ];
        for (key, expected) in cases {
            assert_eq!(path("bucket", key).as_deref(), Some(expected), "{key}");
        }
    }

    #[test]
    fn what_cannot_be_addressed_by_path_is_refused() {
        for key in ["", "../other/key", "a/../../b", "a/./b", "..", &"k".repeat(KEY_BYTES_MAX + 1)]
        {
            assert_eq!(path("bucket", key), None, "{key}");
        }
        for bucket in ["", "..", "...", "a/b", "a?b", "b%2f"] {
            assert_eq!(path(bucket, "key"), None, "{bucket}");
        }
    }

    #[test]
    fn a_version_is_asked_for() {
        let endpoint = Url::parse("http://127.0.0.1:4566").unwrap();
        let url = object_url(&endpoint, "bucket", "key", Some("a&b")).unwrap();
        assert_eq!(url.query(), Some("versionId=a%26b"));
    }
}
