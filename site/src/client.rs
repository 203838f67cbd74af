//! The browser's side: takes over the document, and asks the API. It is compiled
//! twice: for public pages, and with the feature `members` for those of members.

#[cfg(not(feature = "members"))]
mod follow;
mod photos;
#[cfg(not(feature = "members"))]
mod search;

use perseus::{error_views::ErrorPosition, errors::ClientError, prelude::*};
use sycamore::prelude::*;
#[cfg(not(feature = "members"))]
use wasm_bindgen_futures::spawn_local;

use crate::Language;
#[cfg(not(feature = "members"))]
pub(crate) use follow::*;
pub(crate) use photos::*;
#[cfg(not(feature = "members"))]
pub(crate) use search::*;

/// Takes over the document.
pub fn start() {
    perseus::client::run_client(app);
}

fn app() -> PerseusApp<PerseusNodeType> {
    PerseusApp::new()
        .template(Template::build("").view_with_unreactive_state(crate::view::page).build())
        .error_views(ErrorViews::new(|cx, error, _, position| {
            let language = language();
            let missing = matches!(&error, ClientError::ServerError { status: 404, .. });
            let view = if missing && matches!(position, ErrorPosition::Page) {
                crate::view::not_found_page(cx, language)
            } else {
                crate::view::trouble(cx, language)
            };
            let title = language.words().not_found_title;
            (view! { cx, title { (title) } }, view)
        }))
}

/// The document's language, which its address says.
pub(crate) fn language() -> Language {
    let path = window().location().pathname().unwrap_or_default();
    if path == "/ga" || path.starts_with("/ga/") { Language::Ga } else { Language::En }
}

#[allow(clippy::expect_used, reason = "this is compiled for browsers alone")]
pub(crate) fn window() -> web_sys::Window {
    web_sys::window().expect("a browser has a window")
}

/// Shows what needs script, once the elements that are there were taken over.
#[cfg(not(feature = "members"))]
pub(crate) fn come_alive(alive: &RcSignal<bool>) {
    let alive = alive.clone();
    spawn_local(async move { alive.set(true) });
}
