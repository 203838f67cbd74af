//! Where the deployed things are: the outputs of the CloudFormation stack.

use http::Uri;
use serde::Deserialize;
use url::Url;

/// The outputs that the front door needs, from a flat JSON object of output
/// names and values. Others are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StackOutputs {
    /// Base of the HTTP API, as CloudFormation gives it or already local.
    pub api_url: Option<String>,
    /// The secret that the API asks of whoever calls it.
    pub origin_secret_arn: Option<String>,
    /// Bucket with the published site.
    pub site_bucket: Option<String>,
    /// Bucket with the published photos, under `photos/`.
    pub public_bucket: Option<String>,
}

/// Where a request to the API goes.
///
/// An AWS address (`https://{id}.execute-api.{region}.amazonaws.com[/{stage}]`)
/// becomes the engine's path form, which needs no DNS; any other address is
/// used as it is. The viewer's whole path is appended, as CloudFront does.
pub(super) fn api_target(api_url: &str, engine: &Url, viewer: &Uri) -> Option<Url> {
    let api = Url::parse(api_url).ok()?;
    let host = api.host_str()?;
    let stage = api.path().trim_matches('/');
    let (mut target, base) = match host.split_once(".execute-api.") {
        Some((api_id, _)) => {
            let stage = if stage.is_empty() { "$default" } else { stage };
            (engine.clone(), format!("/_aws/execute-api/{api_id}/{stage}"))
        }
        None => (api.clone(), api.path().trim_end_matches('/').to_owned()),
    };
    target.set_path(&format!("{base}{}", viewer.path()));
    target.set_query(viewer.query());
    target.set_fragment(None);
    // The path is checked before; this holds even if the check had a hole.
    target.path().starts_with(&format!("{base}/")).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(api_url: &str, viewer: &str) -> Option<String> {
        let engine = Url::parse("http://127.0.0.1:4566").unwrap();
        api_target(api_url, &engine, &viewer.parse().unwrap()).map(String::from)
    }

    #[test]
    fn aws_addresses_become_the_engines() {
        let cases = [
            (
                "https://0a1b2c3d.execute-api.eu-west-1.amazonaws.com",
                "/api/sessions?near=53.3,-6.2&q=a%20b",
                "http://127.0.0.1:4566/_aws/execute-api/0a1b2c3d/$default/api/sessions?near=53.3,-6.2&q=a%20b",
            ),
            (
                "http://0a1b2c3d.execute-api.localhost:4566/prod/",
                "/api/a%2Fb",
                "http://127.0.0.1:4566/_aws/execute-api/0a1b2c3d/prod/api/a%2Fb",
            ),
            ("http://127.0.0.1:9000/", "/api/x", "http://127.0.0.1:9000/api/x"),
            ("http://127.0.0.1:9000/base", "/api/x", "http://127.0.0.1:9000/base/api/x"),
        ];
        for (api_url, viewer, expected) in cases {
            assert_eq!(target(api_url, viewer).as_deref(), Some(expected));
        }
    }

    #[test]
    fn no_path_leaves_the_api() {
        let api = "https://0a1b2c3d.execute-api.eu-west-1.amazonaws.com";
        for viewer in ["/api/../../../bucket/key", "/api/%2e%2e/%2e%2e/%2e%2e/bucket/key"] {
            assert_eq!(target(api, viewer), None, "{viewer}");
        }
        assert_eq!(target("not a url", "/api/x"), None);
    }
}
