//! Sessions in a list: what one needs to choose one.

use seisiun_contracts::api::DateView;
use seisiun_domain::{calendar::Standing, dates::day, search::Freshness};
use sycamore::prelude::*;

use super::{each, map, maybe};
use crate::{Found, Language, dates, words::Words};

/// A list of sessions; what to say if there is none.
pub(crate) fn sessions<G: Html>(
    cx: Scope,
    language: Language,
    found: Vec<Found>,
    none: &'static str,
) -> View<G> {
    if found.is_empty() {
        return view! { cx, p(class="empty") { (none) } };
    }
    let items = each(found, |one| session(cx, language, one));
    view! { cx, ul(class="plain cards") { (items) } }
}

fn session<G: Html>(cx: Scope, language: Language, found: Found) -> View<G> {
    let words = language.words();
    let href = language.href(&format!("sessions/{}", found.slug));
    let place = format!("{}, {}", found.venue, found.town);
    let when = maybe(found.next, |next| date(cx, language, &next));
    let distance = maybe(found.distance_km, |km| {
        let text = format!("{km:.1} {}", words.kilometres);
        view! { cx, span(class="distance") { (text) } }
    });
    let at = map::at(found.position);
    let stale = found.freshness == Freshness::Stale;
    let warning = maybe(stale.then_some(()), |()| {
        view! { cx, p(class="warning") { (words.stale) } }
    });
    view! { cx,
        li(class="card", data-at=at) {
            h3 { a(href=href) { bdi { (found.title) } } }
            p(class="place") { bdi { (place) } " " (distance) }
            (when)
            (warning)
        }
    }
}

/// One date: when, and how it differs.
pub(crate) fn date<G: Html>(cx: Scope, language: Language, date: &DateView) -> View<G> {
    let words = language.words();
    let said = said(&date.starts_at, language);
    let at = date.starts_at.clone();
    let mark = maybe(standing(date.standing, words), |(class, text)| {
        view! { cx, " " strong(class=format!("mark {class}")) { (text) } }
    });
    let usual = maybe(date.usual_start.as_deref(), |usual| {
        let text = format!("{} {}", words.usually, self::said(usual, language));
        view! { cx, " " span(class="usual") { (text) } }
    });
    let place = maybe(date.place.clone(), |place| {
        view! { cx, " " span(class="elsewhere") { bdi { (place) } } }
    });
    let reason = maybe(Some(date.reason.clone()).filter(|text| !text.is_empty()), |reason| {
        view! { cx, " " span(class="reason") { bdi { (reason) } } }
    });
    let class = if date.standing == Standing::Cancelled { "when off" } else { "when" };
    view! { cx,
        p(class=class) { time(datetime=at) { (said) } (mark) (usual) (place) (reason) }
    }
}

/// `Thursday 26 November, 21:30`.
fn said(rfc3339: &str, language: Language) -> String {
    match dates::local(rfc3339) {
        Some(at) => format!("{}, {}", day(at.date(), language.into()), dates::time(at)),
        None => rfc3339.to_owned(),
    }
}

fn standing(standing: Standing, words: &Words) -> Option<(&'static str, &'static str)> {
    match standing {
        Standing::AsUsual => None,
        Standing::Cancelled => Some(("cancelled", words.cancelled)),
        Standing::Moved => Some(("moved", words.moved)),
        Standing::Retimed => Some(("moved", words.retimed)),
        Standing::Extra => Some(("extra", words.extra)),
    }
}
