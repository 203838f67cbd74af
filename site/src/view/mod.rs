//! Pages as they are drawn, natively and in the browser alike.
//!
//! What is drawn must be the same in both, element by element: the browser
//! takes over the elements that it finds. So nothing here asks for the time,
//! and what the browser learns later comes through signals that are empty at
//! first.

pub(crate) mod county;
pub(crate) mod finder;
#[cfg(engine)]
mod head;
mod list;
mod prose;
mod session;

use sycamore::prelude::*;

use crate::{Body, Language, Page, page::State};

#[cfg(engine)]
pub(crate) use head::head;

/// The id of what a page is about: where the link over the navigation leads.
pub(crate) const CONTENT: &str = "content";

/// Draws a page: one root element, as the router needs it.
pub(crate) fn page<G: Html>(cx: Scope, state: State) -> View<G> {
    match state.page() {
        Some(page) => draw(cx, page),
        // Of a later release than this program.
        None => trouble(cx, Language::En),
    }
}

fn draw<G: Html>(cx: Scope, page: Page) -> View<G> {
    let language = page.language;
    let words = language.words();
    let own_href = (page.body != Body::NotFound).then(|| page.href());
    let other_href = page.other_href();
    let content = match page.body.clone() {
        Body::Home => finder::home(cx, language),
        Body::Find => finder::find(cx, language),
        Body::County(county) => county::county(cx, &page, county),
        Body::Session(session) => session::session(cx, language, &session),
        Body::Gone(gone) => prose::gone(cx, language, gone),
        Body::About => prose::about(cx, words),
        Body::Privacy => prose::privacy(cx, words),
        Body::Moderation => prose::moderation(cx, words),
        Body::NotFound => prose::not_found(cx, language),
    };
    frame(cx, language, own_href, other_href, content)
}

/// The page for an address that has none, drawn by the browser.
#[cfg(client)]
pub(crate) fn not_found_page<G: Html>(cx: Scope, language: Language) -> View<G> {
    let content = prose::not_found(cx, language);
    frame(cx, language, None, language.other().href(""), content)
}

/// What is around every page's content. Only a page with an address of its own
/// has a link to its content: the document's base is the site's top, so that a
/// fragment alone would lead there.
fn frame<G: Html>(
    cx: Scope,
    language: Language,
    own_href: Option<String>,
    other_href: String,
    content: View<G>,
) -> View<G> {
    let words = language.words();
    let other = language.other();
    let home = language.href("");
    let skip = maybe(own_href, |href| {
        let href = format!("{href}#{CONTENT}");
        view! { cx, a(class="skip", href=href, rel="external") { (words.skip) } }
    });
    view! { cx,
        div(class="site", lang=language.tag()) {
            (skip)
            header(class="site-header") {
                a(class="wordmark", href=home) { (words.site_name) }
                nav(aria-label=words.navigation) {
                    ul(class="plain row") {
                        li { a(href=language.href("sessions")) { (words.nav_find) } }
                        li { a(href=language.href("about")) { (words.nav_about) } }
                        // A document in another language is loaded as a whole.
                        li { a(href=other_href, hreflang=other.tag(), lang=other.tag(), rel="external") { (other.own_name()) } }
                    }
                }
            }
            main(id=CONTENT, tabindex="-1") { (content) }
            footer(class="site-footer") {
                p { (words.footer_text) }
                nav(aria-label=words.footer_navigation) {
                    ul(class="plain row") {
                        li { a(href=language.href("about")) { (words.nav_about) } }
                        li { a(href=language.href("moderation")) { (words.nav_moderation) } }
                        li { a(href=language.href("privacy")) { (words.nav_privacy) } }
                        li { a(href="/api/docs", hreflang="en", rel="external") { (words.nav_api) } }
                    }
                }
            }
        }
    }
}

/// What stands where the browser could not get what it asked for.
pub(crate) fn trouble<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = language.words();
    view! { cx, p(class="notice", role="alert") { (words.trouble) } }
}

/// Draws each of some things, one after the other.
pub(crate) fn each<G: Html, T>(
    things: impl IntoIterator<Item = T>,
    draw: impl FnMut(T) -> View<G>,
) -> View<G> {
    View::new_fragment(things.into_iter().map(draw).collect())
}

/// Draws a thing if it is there.
pub(crate) fn maybe<G: Html, T>(thing: Option<T>, draw: impl FnOnce(T) -> View<G>) -> View<G> {
    thing.map_or_else(View::empty, draw)
}
