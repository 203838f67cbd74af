//! The files that other programs read of us: calendars, feeds and sitemaps. Each
//! is made anew from the table and swapped in.

use std::collections::BTreeSet;

use jiff::Timestamp;
use seisiun_domain::{
    SessionId,
    card::{Card, List, county_slug},
    limits,
    session::Session,
};
use seisiun_feeds::{Site, area_atom, area_ics, session_ics, sitemap, sitemap_index};

use crate::{
    error::{TaskError, TaskResult},
    ports::{Keep, ListCards, LoadSession, NewObject, ReadVersioned, SwapObject},
    swap_in::swap_in,
};

const ICS: &str = "text/calendar; charset=utf-8";
const ATOM: &str = "application/atom+xml";
const XML: &str = "application/xml";
/// Where the index of the sitemaps is published, with a slash before it.
const SITEMAP_INDEX: &str = "/sitemap.xml";

/// Where a session's calendar is published.
#[must_use]
pub fn session_ics_path(session: &Session) -> String {
    format!("/feeds/sessions/{}.ics", session.slug.as_str())
}

/// Where a county's calendar and its feed are published.
#[must_use]
pub fn county_feed_paths(country: &str, county: &str) -> [String; 2] {
    let stem = format!("/feeds/counties/{}/{}", country.to_lowercase(), county_slug(county));
    [format!("{stem}.ics"), format!("{stem}.atom")]
}

/// Publishes the calendar of a session.
pub async fn publish_session_files<S, O>(
    store: &S,
    objects: &O,
    site: &Site,
    id: SessionId,
) -> TaskResult<()>
where
    S: LoadSession,
    O: ReadVersioned + SwapObject,
{
    let load = async || {
        let session = store.load_session(id).await?;
        session.ok_or_else(|| TaskError::InvalidInput(format!("there is no session {id}")))
    };
    let path = session_ics_path(&load().await?);
    publish(objects, &path, ICS, async |_| Ok(session_ics(&load().await?, site))).await
}

/// Publishes the calendar and the feed of the county that a session is, or was,
/// in.
pub async fn publish_county_feeds<S, O>(
    store: &S,
    objects: &O,
    site: &Site,
    card: &Card,
    now: Timestamp,
) -> TaskResult<()>
where
    S: ListCards,
    O: ReadVersioned + SwapObject,
{
    let (list, name) = (List::county(&card.country, &card.county), &card.county);
    let cards = async || -> TaskResult<Vec<Card>> {
        let mut cards = store.list_cards(&list).await?;
        cards.sort_by_key(|card| card.id);
        Ok(cards)
    };
    let [ics, atom] = county_feed_paths(&card.country, name);
    publish(objects, &ics, ICS, async |_| Ok(area_ics(name, &cards().await?, now, site))).await?;
    publish(objects, &atom, ATOM, async |_| {
        area_atom(name, &atom, &cards().await?, site).map_err(|error| unwritten(&error))
    })
    .await
}

/// Publishes the sitemap of a country, and the index that names it.
pub async fn publish_sitemap<S, O>(
    store: &S,
    objects: &O,
    site: &Site,
    country: &str,
) -> TaskResult<()>
where
    S: ListCards,
    O: ReadVersioned + SwapObject,
{
    let path = format!("/sitemaps/{}.xml", country.to_lowercase());
    let list = List::Country { country: country.to_uppercase() };
    publish(objects, &path, XML, async |_| {
        sitemap(&store.list_cards(&list).await?, site).map_err(|error| unwritten(&error))
    })
    .await?;
    publish(objects, SITEMAP_INDEX, XML, async |stands| {
        // Each country adds itself: no table says which there are.
        let mut paths = sitemaps_in(&stands);
        paths.insert(path.clone());
        let paths: Vec<String> = paths.into_iter().collect();
        sitemap_index(&paths, site).map_err(|error| unwritten(&error))
    })
    .await
}

/// The paths of the sitemaps that an index names.
fn sitemaps_in(index: &str) -> BTreeSet<String> {
    let named = index.split("<loc>").skip(1).filter_map(|rest| rest.split("</loc>").next());
    let paths = named.filter_map(|url| url.find("/sitemaps/").and_then(|at| url.get(at..)));
    paths.map(str::to_owned).collect()
}

fn unwritten(error: &std::io::Error) -> TaskError {
    TaskError::Invariant(format!("a feed: {error}"))
}

/// Makes a file from what the table holds and swaps it in. `make` is handed
/// what stands there, empty if nothing does.
async fn publish<O>(
    objects: &O,
    path: &str,
    content_type: &'static str,
    make: impl AsyncFn(String) -> TaskResult<String>,
) -> TaskResult<()>
where
    O: ReadVersioned + SwapObject,
{
    let key = path.trim_start_matches('/').to_owned();
    // Boxed: the compiler gives up on laying out so deep a future.
    let make_file = async |stands: &[Vec<u8>]| {
        let stands = stands.iter().map(|bytes| String::from_utf8_lossy(bytes)).collect();
        let bytes = make(stands).await?.into_bytes();
        Ok(vec![NewObject { bytes, content_type, keep: Keep::Minute }])
    };
    Box::pin(swap_in(objects, &[key], limits::FEED_BYTES_MAX, make_file)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_keeps_the_countries_that_others_added() {
        let site = Site::at("https://seisiun.example").unwrap();
        let paths = ["/sitemaps/gb.xml".to_owned(), "/sitemaps/ie.xml".to_owned()];
        let index = sitemap_index(&paths, &site).unwrap();
        assert_eq!(sitemaps_in(&index), BTreeSet::from(paths));
        assert_eq!(sitemaps_in(""), BTreeSet::new());
    }
}
