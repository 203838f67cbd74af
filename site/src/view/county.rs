//! The page of a county.

use sycamore::prelude::*;

use super::list;
use crate::{CountyPage, Page};

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
    let found = create_rc_signal(county.sessions.clone());
    // The document may be from yesterday: the browser asks for today's dates.
    #[cfg(client)]
    crate::client::refresh_county(county, found.clone());
    view! { cx,
        article {
            h1 { (heading) }
            section(class="listing", aria-labelledby="results") {
                // For who hears the page: the cards' headings are below this one.
                h2(id="results", class="unseen") { (words.results) }
                (list::sessions(cx, language, (*found.get()).clone(), words.county_empty))
            }
            ul(class="plain row links") {
                li { a(href=calendar, rel="external") { (words.county_calendar) } }
                li { a(href=feed, rel="external") { (words.county_feed) } }
                li { a(href=all) { (words.all_counties) } }
            }
        }
    }
}
