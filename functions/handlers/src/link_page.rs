//! The pages behind links of mails: a sentence, at most one field and one button. They set
//! no cookie, load nothing, and tell nobody where their reader came from.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use seisiun_domain::member::Language;
use seisiun_workflows::TaskError;

use crate::http::HttpProblem;

/// They need their own styles, and their button to post to where they are.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Something to write on a page.
#[derive(Debug)]
pub struct Field<'a> {
    /// As it is posted.
    pub name: &'a str,
    /// What it asks for.
    pub label: &'a str,
    /// As much as it takes.
    pub chars_max: usize,
    /// What was written before.
    pub value: &'a str,
    /// What is wrong with that; empty if nothing is.
    pub problem: &'a str,
}

/// One of several buttons.
#[derive(Debug, Clone)]
pub struct Choice {
    /// As it is posted, as `answer`.
    pub value: String,
    /// What it says.
    pub label: String,
}

/// A page.
#[derive(Debug, Template)]
#[template(path = "link_page.html")]
pub struct LinkPage<'a> {
    /// What it is written in (BCP 47).
    pub language: &'a str,
    /// What it says or asks.
    pub title: &'a str,
    /// More, if there is more to say.
    pub text: &'a str,
    /// What is to be written before the button is pressed.
    pub field: Option<Field<'a>>,
    /// What the button says; without one there is nothing to do.
    pub button: Option<&'a str>,
    /// What stands before the choices.
    pub more: &'a str,
    /// What is chosen from, instead of one button or after it.
    pub choices: &'a [Choice],
    /// Where the choices are posted to, if not to where the page is.
    pub action: Option<&'a str>,
}

impl Default for LinkPage<'_> {
    fn default() -> Self {
        Self {
            language: Language::En.tag(),
            title: "",
            text: "",
            field: None,
            button: None,
            more: "",
            choices: &[],
            action: None,
        }
    }
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
        let field = Field { name: evil, label: evil, chars_max: 9, value: evil, problem: evil };
        let page = LinkPage {
            title: evil,
            text: evil,
            field: Some(field),
            button: Some(evil),
            ..LinkPage::default()
        };
        let page = page.render().unwrap();
        assert!(!page.contains("<script") && page.contains("method=\"post\""), "{page}");
        assert!(page.contains("maxlength=\"9\"") && page.contains("role=\"alert\""), "{page}");
        let choice = |value: &str, label: &str| Choice { value: value.into(), label: label.into() };
        let choices = &[choice("on", "Yes"), choice("gone", "No"), choice(evil, evil)];
        let page = LinkPage { title: "Is it on?", choices, ..LinkPage::default() };
        let page = page.render().unwrap();
        assert!(page.contains("<button name=\"answer\" value=\"gone\">No</button>"), "{page}");
        assert!(!page.contains("<script"), "{page}");
        let page = LinkPage { choices, action: Some("/api/x?a=\"b"), ..LinkPage::default() };
        let page = page.render().unwrap();
        assert!(page.contains("action=\"/api/x?a=&#34;b\""), "{page}");
        let page = LinkPage { title: "Done", ..LinkPage::default() }.render().unwrap();
        assert!(!page.contains("<form"), "nothing to do: {page}");
    }
}
