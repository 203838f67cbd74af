//! The pages behind links of mails: a sentence and at most one button. They set
//! no cookie, load nothing, and tell nobody where their reader came from.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use seisiun_workflows::TaskError;

use crate::http::HttpProblem;

/// They need their own styles, and their button to post to where they are.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// A page.
#[derive(Debug, Template)]
#[template(path = "link_page.html")]
pub struct LinkPage<'a> {
    /// What it says or asks.
    pub title: &'a str,
    /// More, if there is more to say.
    pub text: &'a str,
    /// What the button says; without one there is nothing to do.
    pub button: Option<&'a str>,
}

impl LinkPage<'_> {
    /// The answer with this page.
    ///
    /// # Errors
    /// If the template can't be rendered, which no data brings about.
    pub fn answer(&self, status: StatusCode) -> Result<Response, HttpProblem> {
        let page = self
            .render()
            .map_err(|error| TaskError::Invariant(format!("the page behind a link: {error}")))?;
        let headers = [
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        Ok((status, headers, Html(page)).into_response())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_says_is_text() {
        let evil = "<script>alert(1)</script>";
        let page = LinkPage { title: evil, text: evil, button: Some(evil) }.render().unwrap();
        assert!(!page.contains("<script") && page.contains("method=\"post\""), "{page}");
        let page = LinkPage { title: "Done", text: "", button: None }.render().unwrap();
        assert!(!page.contains("<form"), "nothing to do: {page}");
    }
}
