//! Pages as they are drawn, natively and in the browser alike.
//!
//! What is drawn must be the same in both, element by element: the browser
//! takes over the elements that it finds. So nothing here asks for the time,
//! and what the browser learns later comes through signals that are empty at
//! first.

#[cfg(any(engine, not(feature = "members")))]
pub(crate) mod county;
#[cfg(any(engine, not(feature = "members")))]
pub(crate) mod finder;
#[cfg(any(engine, not(feature = "members")))]
pub(crate) mod follow;
#[cfg(engine)]
mod head;
#[cfg(any(engine, not(feature = "members")))]
mod list;
#[cfg(any(engine, not(feature = "members")))]
mod map;
mod missing;
#[cfg(engine)]
pub(crate) mod native_words;
#[cfg(engine)]
mod prose;
#[cfg(any(engine, not(feature = "members")))]
pub(crate) mod session;
#[cfg(engine)]
mod town;

use sycamore::prelude::*;

use crate::{Body, Bundle, Language, MembersPage, Page, page::State};

#[cfg(engine)]
pub(crate) use head::head;

/// Words that no program needs.
#[cfg(engine)]
pub(crate) const fn native_words(language: Language) -> &'static native_words::Words {
    match language {
        Language::En => &native_words::ENGLISH,
        Language::Ga => &native_words::IRISH,
    }
}

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
    let content = match &page.body {
        Body::NotFound => Some(missing::not_found(cx, language)),
        Body::Members(members) => members_content(cx, language, *members),
        _ => public_content(cx, &page),
    };
    // A page of the other program: the router should not have come here.
    let Some(content) = content else { return trouble(cx, language) };
    let own_href = (page.body != Body::NotFound).then(|| page.href());
    frame(cx, language, page.body.bundle(), own_href, page.other_href(), content)
}

#[cfg(any(engine, not(feature = "members")))]
fn public_content<G: Html>(cx: Scope, page: &Page) -> Option<View<G>> {
    let language = page.language;
    Some(match page.body.clone() {
        Body::Home => finder::home(cx, language),
        Body::Find => finder::find(cx, language),
        Body::County(county) => county::county(cx, page, county),
        Body::Session(session) => session::session(cx, page, &session),
        #[cfg(engine)]
        Body::Town(town) => town::town(cx, page, town),
        #[cfg(engine)]
        Body::Member(member) => town::member(cx, page, member),
        #[cfg(engine)]
        Body::Gone(gone) => prose::gone(cx, language, gone),
        #[cfg(engine)]
        Body::About => prose::about(cx, native_words(language)),
        #[cfg(engine)]
        Body::Privacy => prose::privacy(cx, native_words(language)),
        #[cfg(engine)]
        Body::Moderation => prose::moderation(cx, native_words(language)),
        #[cfg(engine)]
        Body::Offline => prose::offline(cx, native_words(language)),
        _ => return None,
    })
}

#[cfg(not(any(engine, not(feature = "members"))))]
fn public_content<G: Html>(_: Scope, _: &Page) -> Option<View<G>> {
    None
}

#[cfg(any(engine, feature = "members"))]
fn members_content<G: Html>(cx: Scope, language: Language, page: MembersPage) -> Option<View<G>> {
    Some(crate::members::page(cx, language, page))
}

#[cfg(not(any(engine, feature = "members")))]
fn members_content<G: Html>(_: Scope, _: Language, _: MembersPage) -> Option<View<G>> {
    None
}

/// The page for an address that has none, drawn by the browser.
#[cfg(client)]
pub(crate) fn not_found_page<G: Html>(cx: Scope, language: Language) -> View<G> {
    let content = missing::not_found(cx, language);
    let bundle = if cfg!(feature = "members") { Bundle::Members } else { Bundle::Public };
    frame(cx, language, bundle, None, language.other().href(""), content)
}

/// What is around every page's content. Only a page with an address of its own
/// has a link to its content: the document's base is the site's top, so that a
/// fragment alone would lead there.
fn frame<G: Html>(
    cx: Scope,
    language: Language,
    bundle: Bundle,
    own_href: Option<String>,
    other_href: String,
    content: View<G>,
) -> View<G> {
    let words = language.words();
    let other = language.other();
    let skip = maybe(own_href, |href| {
        let href = format!("{href}#{CONTENT}");
        view! { cx, a(class="skip", href=href, rel="external") { (words.skip) } }
    });
    // A page of another program, or of none, is loaded as a whole.
    let public = if bundle == Bundle::Public { "" } else { "external" };
    let members = if bundle == Bundle::Members { "" } else { "external" };
    let account = account(cx, language, bundle);
    view! { cx,
        div(class="site", lang=language.tag()) {
            (skip)
            header(class="site-header") {
                a(class="wordmark", href=language.href(""), rel=public) { (words.site_name) }
                nav(aria-label=words.navigation) {
                    ul(class="plain row") {
                        li { a(href=language.href("sessions"), rel=public) { (words.nav_find) } }
                        li { a(href=language.href(MembersPage::Submit.path()), rel=members) { (words.nav_add) } }
                        li { a(href=language.href(MembersPage::Mine.path()), rel=members) { (words.nav_mine) } }
                        // A document in another language is loaded as a whole.
                        li { a(href=other_href, hreflang=other.tag(), lang=other.tag(), rel="external") { (other.own_name()) } }
                    }
                }
                (account)
            }
            main(id=CONTENT, tabindex="-1") { (content) }
            footer(class="site-footer") {
                p { (words.footer_text) }
                nav(aria-label=words.footer_navigation) {
                    ul(class="plain row") {
                        li { a(href=language.href("about"), rel="external") { (words.nav_about) } }
                        li { a(href=language.href("moderation"), rel="external") { (words.nav_moderation) } }
                        li { a(href=language.href("privacy"), rel="external") { (words.nav_privacy) } }
                        li { a(href="/api/docs", hreflang="en", rel="external") { (words.nav_api) } }
                    }
                }
            }
        }
    }
}

/// What a member has in the frame of their pages.
#[cfg(any(engine, feature = "members"))]
fn account<G: Html>(cx: Scope, language: Language, bundle: Bundle) -> View<G> {
    match bundle {
        Bundle::Public | Bundle::None => View::empty(),
        Bundle::Members => crate::members::account(cx, language),
    }
}

#[cfg(not(any(engine, feature = "members")))]
fn account<G: Html>(_: Scope, _: Language, _: Bundle) -> View<G> {
    View::empty()
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

/// Draws what there is to choose from: of each its value and its name.
#[cfg(any(engine, not(feature = "members")))]
fn options<G: Html>(cx: Scope, options: &[(&'static str, &'static str)]) -> View<G> {
    each(options.iter().copied(), |(value, name)| view! { cx, option(value=value) { (name) } })
}

/// Draws a thing if it is there.
pub(crate) fn maybe<G: Html, T>(thing: Option<T>, draw: impl FnOnce(T) -> View<G>) -> View<G> {
    thing.map_or_else(View::empty, draw)
}
