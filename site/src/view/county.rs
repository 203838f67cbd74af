//! The pages of a county, of a town, and of a member: a list of sessions each.

use sycamore::prelude::*;

use super::{
    each,
    follow::{Followed, follow},
    list, map, maybe,
};
use crate::{CountyPage, MemberPage, Page, TownPage, page::town_path};

/// Where a county's calendar or feed is published.
pub(crate) fn feed_path(county: &CountyPage, ending: &str) -> String {
    format!("/feeds/counties/{}/{}.{ending}", county.country.to_ascii_lowercase(), county.slug)
}

pub(super) fn county<G: Html>(cx: Scope, page: &Page, county: CountyPage) -> View<G> {
    let language = page.language;
    let words = language.words();
    let heading = page.county_heading(&county);
    let calendar = feed_path(&county, "ics");
    let feed = feed_path(&county, "atom");
    let all = language.href("sessions");
    let towns = Some(county.towns.clone()).filter(|towns| !towns.is_empty());
    let towns = maybe(towns, |towns| {
        let links = each(towns, |town| {
            let href = language.href(&town_path(&county.country, &county.slug, &town.slug));
            view! { cx, li { a(href=href) { bdi { (town.name) } } } }
        });
        view! { cx,
            section(aria-labelledby="towns") {
                h2(id="towns") { (words.county_towns) }
                ul(class="plain counties") { (links) }
            }
        }
    });
    let following = follow(
        cx,
        language,
        Followed {
            target: format!("county:{}:{}", county.country, county.slug),
            heading: words.follow_county,
            lead: words.follow_lead_new,
        },
    );
    let map = map::map(cx, language);
    let found = create_rc_signal(county.sessions.clone());
    // The document may be from yesterday: the browser asks for today's dates.
    #[cfg(client)]
    crate::client::refresh_list(&county.country, &county.slug, None, found.clone());
    view! { cx,
        article {
            h1 { (heading) }
            (map)
            section(class="listing", aria-label=words.results) {
                (list::sessions(cx, language, (*found.get()).clone(), words.county_empty))
            }
            (towns)
            ul(class="plain row links") {
                li { a(href=calendar, rel="external") { (words.county_calendar) } }
                li { a(href=feed, rel="external") { (words.county_feed) } }
                li { a(href=all) { (words.all_counties) } }
            }
            (following)
        }
    }
}

pub(super) fn town<G: Html>(cx: Scope, page: &Page, town: TownPage) -> View<G> {
    let language = page.language;
    let words = language.words();
    let heading = page.town_heading(&town);
    let path = format!("counties/{}/{}", town.country.to_ascii_lowercase(), town.county_slug);
    let county = language.href(&path);
    let county_name = format!("{}: {}", words.town_county, town.county);
    let all = language.href("sessions");
    let map = map::map(cx, language);
    let found = create_rc_signal(town.sessions.clone());
    #[cfg(client)]
    crate::client::refresh_list(&town.country, &town.county_slug, Some(&town.slug), found.clone());
    view! { cx,
        article {
            h1 { (heading) }
            (map)
            section(class="listing", aria-label=words.results) {
                (list::sessions(cx, language, (*found.get()).clone(), words.town_empty))
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
    let words = language.words();
    let name = member.name.clone();
    let nothing = member.hosted.is_empty() && member.listed.is_empty();
    let none = maybe(nothing.then_some(()), |()| {
        view! { cx, p(class="empty") { (words.member_none) } }
    });
    let lists = [
        ("hosts", words.member_hosts, member.hosted),
        ("listed", words.member_listed, member.listed),
    ];
    let lists = each(lists.into_iter().filter(|(_, _, list)| !list.is_empty()), |list| {
        let (id, heading, sessions) = list;
        let sessions = list::sessions(cx, language, sessions, words.member_none);
        view! { cx,
            section(class="listing", aria-labelledby=id) {
                h2(id=id) { (heading) }
                (sessions)
            }
        }
    });
    let following = follow(
        cx,
        language,
        Followed {
            target: format!("member:{}", member.id),
            heading: words.follow_member,
            lead: words.follow_lead_new,
        },
    );
    view! { cx,
        article {
            h1 { bdi { (name) } }
            (none)
            (lists)
            (following)
        }
    }
}
