//! Compression on the way to the viewer, as CloudFront does it.
//!
//! An answer is compressed if its viewer says that it may be, if its type is
//! among those that CloudFront compresses, and if its length is known and neither
//! tiny nor huge. A strong `ETag` then becomes a weak one, since the bytes are
//! others; and a viewer that comes back with it is told that nothing has changed.

use std::io::Write as _;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// Bytes that CloudFront compresses at least, and at most.
const BYTES: std::ops::RangeInclusive<usize> = 1_000..=10_000_000;

/// What makes an answer about as small as CloudFront's, which does not say.
const BROTLI_QUALITY: u32 = 5;
const GZIP_LEVEL: u32 = 6;
/// Brotli's window, in powers of two: what every browser can read.
const BROTLI_WINDOW: u32 = 22;
const BROTLI_BUFFER: usize = 4096;

/// Of the types that CloudFront compresses, those that we have: not
/// `text/calendar`, nor `application/atom+xml`.
const TYPES: [&str; 12] = [
    "application/javascript",
    "application/json",
    "application/protobuf",
    "application/vnd.mapbox-vector-tile",
    "application/wasm",
    "application/xml",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
    "text/plain",
    "text/xml",
];

/// The encodings that there are, the better one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The best one that a viewer takes.
    fn accepted(viewer: &HeaderMap) -> Option<Self> {
        let accepted = viewer.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
        let takes = |encoding: Self| {
            accepted.split(',').any(|offer| {
                let (name, weight) = offer.split_once(';').unwrap_or((offer, "q=1"));
                let refused = matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
                name.trim().eq_ignore_ascii_case(encoding.name()) && !refused
            })
        };
        Self::ALL.into_iter().find(|encoding| takes(*encoding))
    }

    fn compress(self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Brotli => {
                let mut writer = brotli::CompressorWriter::new(
                    Vec::new(),
                    BROTLI_BUFFER,
                    BROTLI_QUALITY,
                    BROTLI_WINDOW,
                );
                writer.write_all(bytes)?;
                Ok(writer.into_inner())
            }
            Self::Gzip => {
                let level = flate2::Compression::new(GZIP_LEVEL);
                let mut writer = flate2::write::GzEncoder::new(Vec::new(), level);
                writer.write_all(bytes)?;
                writer.finish()
            }
        }
    }
}

/// The answer as this viewer gets it.
pub(super) async fn compressed(viewer: &HeaderMap, response: Response) -> Response {
    if !is_compressible(&response) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let vary = HeaderValue::from_static("accept-encoding");
    head.headers.append(header::VARY, vary);
    let Some(encoding) = Encoding::accepted(viewer) else {
        return Response::from_parts(head, body);
    };
    let bytes = match to_bytes(body, *BYTES.end()).await {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::warn!(%error, "an answer cannot be read");
            return super::plain(StatusCode::BAD_GATEWAY, "The answer ended early.");
        }
    };
    // A page takes milliseconds; the program, a moment of a thread that may wait.
    let work = tokio::task::spawn_blocking(move || encoding.compress(&bytes));
    let small = match work.await.map_err(std::io::Error::other) {
        Ok(Ok(small)) => small,
        Ok(Err(error)) | Err(error) => {
            tracing::error!(%error, "an answer cannot be compressed");
            return super::plain(StatusCode::INTERNAL_SERVER_ERROR, "The answer was lost.");
        }
    };
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(small.len()));
    head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
    head.headers.remove(header::ACCEPT_RANGES);
    if let Some(weak) = head.headers.get(header::ETAG).and_then(weakened) {
        head.headers.insert(header::ETAG, weak);
    }
    Response::from_parts(head, Body::from(small))
}

fn is_compressible(response: &Response) -> bool {
    let headers = response.headers();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    let kind = text(header::CONTENT_TYPE).and_then(|kind| kind.split(';').next());
    matches!(response.status(), StatusCode::OK | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
        && !headers.contains_key(header::CONTENT_ENCODING)
        && length.is_some_and(|length| BYTES.contains(&length))
        && kind.is_some_and(|kind| TYPES.contains(&kind.trim().to_ascii_lowercase().as_str()))
}

/// A tag that says as much of bytes that are others.
fn weakened(tag: &HeaderValue) -> Option<HeaderValue> {
    let tag = tag.to_str().ok()?;
    if tag.starts_with("W/") {
        return None;
    }
    HeaderValue::from_str(&format!("W/{tag}")).ok()
}

/// Makes the tags that a viewer brings back what S3 gave: it compares letter by
/// letter.
pub(super) fn strengthen(headers: &mut HeaderMap) {
    let Some(tags) = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()) else {
        return;
    };
    if let Ok(strong) = HeaderValue::from_str(&tags.replace("W/\"", "\"")) {
        headers.insert(header::IF_NONE_MATCH, strong);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(accepts: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, accepts.parse().unwrap())])
    }

    fn answer(kind: &str, bytes: usize) -> Response {
        Response::builder()
            .header(header::CONTENT_TYPE, kind)
            .header(header::CONTENT_LENGTH, bytes)
            .header(header::ETAG, "\"abc\"")
            .body(Body::from("tune ".repeat(bytes / 5)))
            .unwrap()
    }

    async fn sent(accepts: &str, answer: Response) -> (HeaderMap, Vec<u8>) {
        let (head, body) = compressed(&viewer(accepts), answer).await.into_parts();
        (head.headers, to_bytes(body, usize::MAX).await.unwrap().to_vec())
    }

    #[tokio::test]
    async fn a_viewer_gets_the_best_that_it_takes() {
        let plain = "tune ".repeat(1_000);
        for (accepts, expected) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0, gzip;q=0.5", Some("gzip")),
            ("identity", None),
        ] {
            let (headers, body) =
                sent(accepts, answer("text/html; charset=utf-8", plain.len())).await;
            let encoding = headers.get(header::CONTENT_ENCODING).map(|name| name.to_str().unwrap());
            assert_eq!(encoding, expected, "{accepts}");
            assert_eq!(headers[header::CONTENT_LENGTH], body.len().to_string(), "{accepts}");
            assert_eq!(headers[header::VARY], "accept-encoding");
            let mut read = String::new();
            match expected {
                Some("br") => {
                    let mut reader = brotli::Decompressor::new(&body[..], BROTLI_BUFFER);
                    std::io::Read::read_to_string(&mut reader, &mut read).unwrap();
                }
                Some(_) => {
                    let mut reader = flate2::read::GzDecoder::new(&body[..]);
                    std::io::Read::read_to_string(&mut reader, &mut read).unwrap();
                }
                None => read = String::from_utf8(body).unwrap(),
            }
            assert_eq!(read, plain, "{accepts}");
            let tag = if expected.is_some() { "W/\"abc\"" } else { "\"abc\"" };
            assert_eq!(headers[header::ETAG], tag, "{accepts}");
        }
    }

    #[tokio::test]
    async fn what_cloudfront_leaves_alone_is_left_alone() {
        let mut encoded = answer("text/html", 5_000);
        encoded.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let mut unknown = answer("text/html", 5_000);
        unknown.headers_mut().remove(header::CONTENT_LENGTH);
        for (what, answer) in [
            ("a JPEG", answer("image/jpeg", 5_000)),
            ("a calendar", answer("text/calendar", 5_000)),
            ("little", answer("text/html", 995)),
            ("of unknown length", unknown),
        ] {
            let (headers, _) = sent("br", answer).await;
            assert!(!headers.contains_key(header::CONTENT_ENCODING), "{what}");
            assert_eq!(headers[header::ETAG], "\"abc\"", "{what}");
        }
        let (headers, _) = sent("br", encoded).await;
        assert_eq!(headers[header::CONTENT_ENCODING], "gzip", "already encoded");
    }

    #[test]
    fn s3_gets_its_own_tags_back() {
        let mut headers = HeaderMap::from_iter([(
            header::IF_NONE_MATCH,
            HeaderValue::from_static("W/\"abc\", \"def\""),
        )]);
        strengthen(&mut headers);
        assert_eq!(headers[header::IF_NONE_MATCH], "\"abc\", \"def\"");
    }
}
