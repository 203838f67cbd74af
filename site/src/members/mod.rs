//! Pages for members: to sign in, to send something, to see what became of it.
//!
//! Their documents are the same for everybody and hold nothing of anybody: what
//! a page shows of a member it asks the API for, once it is alive. In the
//! browser this module is part of the second program alone.

mod account;
#[cfg(client)]
pub(crate) mod api;
mod console;
#[cfg(client)]
mod draft;
mod follows;
mod form;
mod mine;
mod photos;
mod preferences;
mod report;
mod review;
mod schedule;
mod session_form;
mod sign_in;
mod trouble;
pub(crate) mod words;

use sycamore::prelude::*;

use crate::{Language, MembersPage};
pub(crate) use account::account;
use words::Words;

/// Draws what a page is about.
pub(crate) fn page<G: Html>(cx: Scope, language: Language, page: MembersPage) -> View<G> {
    match page {
        MembersPage::SignIn => sign_in::sign_in(cx, language),
        MembersPage::Submit => session_form::submit(cx, language),
        MembersPage::Edit => session_form::edit(cx, language),
        MembersPage::Review => review::review(cx, language),
        MembersPage::Mine => mine::mine(cx, language),
        MembersPage::Follows => follows::follows(cx, language),
        MembersPage::Preferences => preferences::preferences(cx, language),
        MembersPage::Report => report::report(cx, language),
        MembersPage::Console => console::console(cx, language),
    }
}

impl MembersPage {
    /// What a browser's tab calls it, in brief.
    #[cfg(engine)]
    pub(crate) fn title(self, language: Language) -> &'static str {
        let words = words(language);
        match self {
            Self::SignIn => words.sign_in_title,
            Self::Submit => words.submit_title,
            Self::Edit => words.edit_title,
            Self::Review => words.review_title,
            Self::Mine => words.mine_title,
            Self::Follows => words.follows_title,
            Self::Preferences => words.preferences_title,
            Self::Report => report::words(language).title,
            Self::Console => console::words(language).title,
        }
    }

    /// What it is for.
    #[cfg(engine)]
    pub(crate) fn description(self, language: Language) -> &'static str {
        match self {
            Self::Report => report::words(language).description,
            _ => words(language).description,
        }
    }
}

/// When something is on, in a language; `None` if there is no sentence for it.
#[cfg(engine)]
pub(crate) fn said_when(
    schedule: &seisiun_domain::schedule::ScheduleDraft,
    language: Language,
) -> Option<String> {
    schedule::Plain::of(schedule).map(|plain| plain.in_words(None, language))
}

/// Words of members' pages.
pub(crate) const fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &words::ENGLISH,
        Language::Ga => &words::IRISH,
    }
}

/// What there is to say where nothing can be done without script.
fn unscripted<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    view! { cx, p(class="notice unscripted") { (words.needs_script) } }
}

/// Today, where the browser is: `2026-11-26`.
#[cfg(client)]
fn today() -> String {
    let now = js_sys::Date::new_0();
    format!("{:04}-{:02}-{:02}", now.get_full_year(), now.get_month() + 1, now.get_date())
}

/// What the address asks for under this name.
#[cfg(client)]
fn asked(name: &str) -> Option<String> {
    let search = crate::client::window().location().search().ok()?;
    let query = web_sys::UrlSearchParams::new_with_str(&search).ok()?;
    query.get(name).filter(|value| !value.is_empty())
}
