//! What stands in a document's head about its page.

use sycamore::prelude::*;

use super::{each, maybe};
use crate::{Body, Language, PICTURE_SIZE, Page, page::State, view::county::feed_path};

/// The part of the head that changes from page to page.
pub(crate) fn head(cx: Scope, state: State) -> View<SsrNode> {
    let Some(page) = state.page() else { return View::empty() };
    let language = page.language;
    let title = page.title();
    let shared_title = title.clone();
    let description = page.description();
    let shared_description = description.clone();
    let absolute = |href: &str| format!("{}{href}", page.origin);
    let missing = matches!(page.body, Body::NotFound | Body::Gone(_));
    let for_members = matches!(page.body, Body::Members(_));
    let links = if missing || for_members {
        view! { cx, meta(name="robots", content="noindex") }
    } else {
        let own = absolute(&page.href());
        let canonical = own.clone();
        let languages = each(Language::ALL, |language| {
            let href = absolute(&language.href(&page.path));
            view! { cx, link(rel="alternate", hreflang=language.tag(), href=href) }
        });
        let feeds = each(feeds(&page), |(kind, href)| {
            view! { cx, link(rel="alternate", type=kind, href=href) }
        });
        view! { cx,
            link(rel="canonical", href=canonical)
            (languages)
            (feeds)
            meta(property="og:url", content=own)
        }
    };
    let (picture, picture_alt) = page.picture();
    let picture = absolute(&picture);
    let (width, height) = PICTURE_SIZE;
    let (width, height) = (width.to_string(), height.to_string());
    let kind = if matches!(page.body, Body::Session(_)) { "article" } else { "website" };
    // It stands for others, and is none to be found.
    // And a person is found by those whom they tell, not by a search for them.
    let unlisted = matches!(page.body, Body::Offline | Body::Member(_));
    let stand_in = maybe(unlisted.then_some(()), |()| {
        view! { cx, meta(name="robots", content="noindex") }
    });
    view! { cx,
        title { (title) }
        meta(name="description", content=description)
        meta(property="og:title", content=shared_title)
        meta(property="og:description", content=shared_description)
        meta(property="og:type", content=kind)
        meta(property="og:locale", content=match language { Language::En => "en_IE", Language::Ga => "ga_IE" })
        meta(property="og:site_name", content=language.words().site_name)
        meta(property="og:image", content=picture)
        meta(property="og:image:type", content="image/png")
        meta(property="og:image:width", content=width)
        meta(property="og:image:height", content=height)
        meta(property="og:image:alt", content=picture_alt)
        meta(name="twitter:card", content="summary_large_image")
        (links)
        (stand_in)
    }
}

/// What other programs can read of a page, with its media type.
fn feeds(page: &Page) -> Vec<(&'static str, String)> {
    match &page.body {
        Body::County(county) => vec![
            ("application/atom+xml", feed_path(county, "atom")),
            ("text/calendar", feed_path(county, "ics")),
        ],
        Body::Session(session) => {
            vec![("text/calendar", super::session::calendar_path(&session.view))]
        }
        _ => Vec::new(),
    }
}
