//! The page of a county.

use sycamore::prelude::*;

use super::{
    each,
    follow::{Followed, follow},
    list, map, maybe,
};
use crate::{CountyPage, Page, page::town_path};

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
            view! { cx, li { a(href=href, rel="external") { bdi { (town.name) } } } }
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
    crate::client::refresh_county(&county.country, &county.slug, found.clone());
    view! { cx,
        article {
            h1 { (heading) }
            (map)
            section(class="listing", aria-labelledby="results") {
                // For who hears the page: the cards' headings are below this one.
                h2(id="results", class="unseen") { (words.results) }
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
