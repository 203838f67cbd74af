//! The pages of a town and of a member: a list of sessions each, as they were
//! when it was published. No program draws them.

use sycamore::prelude::*;

use super::{each, list, map, maybe, native_words};
use crate::{MemberPage, Page, TownPage};

pub(super) fn town<G: Html>(cx: Scope, page: &Page, town: TownPage) -> View<G> {
    let language = page.language;
    let (words, native) = (language.words(), native_words(language));
    let heading = page.town_heading(&town);
    let path = format!("counties/{}/{}", town.country.to_ascii_lowercase(), town.county_slug);
    let county = language.href(&path);
    let county_name = format!("{}: {}", native.town_county, town.county);
    let all = language.href("sessions");
    let map = map::map(cx, language);
    let sessions = list::sessions(cx, language, town.sessions, native.town_empty);
    view! { cx,
        article {
            h1 { (heading) }
            (map)
            section(class="listing", aria-labelledby="results") {
                h2(id="results", class="unseen") { (words.results) }
                (sessions)
            }
            ul(class="plain row links") {
                li { a(href=county) { (county_name) } }
                li { a(href=all) { (words.all_counties) } }
            }
        }
    }
}

pub(super) fn member<G: Html>(cx: Scope, page: &Page, member: MemberPage) -> View<G> {
    let language = page.language;
    let native = native_words(language);
    let name = member.name.clone();
    let nothing = member.hosted.is_empty() && member.listed.is_empty();
    let none = maybe(nothing.then_some(()), |()| {
        view! { cx, p(class="empty") { (native.member_none) } }
    });
    let lists = [
        ("hosts", native.member_hosts, member.hosted),
        ("listed", native.member_listed, member.listed),
    ];
    let lists = each(lists.into_iter().filter(|(_, _, list)| !list.is_empty()), |list| {
        let (id, heading, sessions) = list;
        let sessions = list::sessions(cx, language, sessions, native.member_none);
        view! { cx,
            section(class="listing", aria-labelledby=id) {
                h2(id=id) { (heading) }
                (sessions)
            }
        }
    });
    let map = maybe((!nothing).then_some(()), |()| map::map(cx, language));
    view! { cx,
        article {
            h1 { bdi { (name) } }
            (map)
            (none)
            (lists)
        }
    }
}
