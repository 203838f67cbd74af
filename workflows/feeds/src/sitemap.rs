//! Sitemaps (sitemaps.org, protocol 0.9): one per country and an index of them.

use jiff::Timestamp;
use quick_xml::Writer;
use seisiun_domain::{card::Card, session::Status};

use crate::{
    Site,
    atom::{Declare, text},
};

/// Addresses in one sitemap, as the protocol has it.
pub const SITEMAP_URLS_MAX: usize = 50_000;

const NAMESPACE: (&str, &str) = ("xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9");

/// The sitemap of these sessions' pages; the newest [`SITEMAP_URLS_MAX`] if
/// there are more.
///
/// # Errors
/// None that data brings about: writing to memory does not fail.
pub fn sitemap(cards: &[Card], site: &Site) -> std::io::Result<String> {
    let mut pages: Vec<&Card> = cards.iter().filter(|card| card.status != Status::Ended).collect();
    pages.sort_by_key(|card| std::cmp::Reverse(card.id));
    pages.truncate(SITEMAP_URLS_MAX);
    let mut writer = Writer::new(Vec::new());
    writer.write_bom_less_declaration()?;
    writer.create_element("urlset").with_attribute(NAMESPACE).write_inner_content(|all| {
        for card in &pages {
            all.create_element("url").write_inner_content(|url| {
                text(url, "loc", &site.page(&card.slug))?;
                text(url, "lastmod", &day(card.last_verified_at))
            })?;
        }
        Ok(())
    })?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned())
}

/// The index of these sitemaps: paths that begin with a slash.
///
/// # Errors
/// None that data brings about: writing to memory does not fail.
pub fn sitemap_index(paths: &[String], site: &Site) -> std::io::Result<String> {
    let mut writer = Writer::new(Vec::new());
    writer.write_bom_less_declaration()?;
    writer.create_element("sitemapindex").with_attribute(NAMESPACE).write_inner_content(|all| {
        for path in paths {
            all.create_element("sitemap")
                .write_inner_content(|one| text(one, "loc", &site.url(path)))?;
        }
        Ok(())
    })?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned())
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// The characters that XML 1.0 knows.
pub(crate) fn xml_text(text: &str) -> String {
    let known = |c: &char| matches!(c, '\t' | '\n' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(known).collect()
}
