//! Atom feeds (RFC 4287): the newest sessions of an area.

use jiff::Timestamp;
use quick_xml::{Writer, events::BytesText};
use seisiun_domain::{card::Card, limits, session::Status};

use crate::{Site, sitemap::xml_text};

/// The feed of an area, its newest sessions first, at most
/// [`limits::FEED_ENTRIES_MAX`]. `path` is where the feed is published.
///
/// # Errors
/// None that data brings about: writing to memory does not fail.
pub fn area_atom(name: &str, path: &str, cards: &[Card], site: &Site) -> std::io::Result<String> {
    let mut newest: Vec<&Card> = cards.iter().filter(|card| card.status != Status::Ended).collect();
    // An id begins with the time it was minted.
    newest.sort_by_key(|card| std::cmp::Reverse(card.id));
    newest.truncate(limits::FEED_ENTRIES_MAX);
    let updated = newest.iter().map(|card| card.last_verified_at).max();
    let mut writer = Writer::new(Vec::new());
    writer.write_bom_less_declaration()?;
    writer
        .create_element("feed")
        .with_attribute(("xmlns", "http://www.w3.org/2005/Atom"))
        .write_inner_content(|feed| {
            let this = site.url(path);
            text(feed, "id", &this)?;
            text(feed, "title", &format!("Sessions: {name}"))?;
            text(feed, "updated", &moment(updated.unwrap_or(Timestamp::UNIX_EPOCH)))?;
            link(feed, "self", "application/atom+xml", &this)?;
            link(feed, "alternate", "text/html", &site.url("/"))?;
            feed.create_element("author")
                .write_inner_content(|author| text(author, "name", "Seisiún"))?;
            for card in &newest {
                feed.create_element("entry").write_inner_content(|entry| {
                    text(entry, "id", &format!("urn:seisiun:session:{}", card.id))?;
                    text(entry, "title", &card.title)?;
                    let minted = i64::try_from(card.id.ulid().timestamp_ms()).ok();
                    let published = minted.and_then(|ms| Timestamp::from_millisecond(ms).ok());
                    if let Some(published) = published {
                        text(entry, "published", &moment(published))?;
                    }
                    text(entry, "updated", &moment(card.last_verified_at))?;
                    link(entry, "alternate", "text/html", &site.page(&card.slug))?;
                    let calendar = card.calendar();
                    let on: Vec<String> =
                        calendar.schedules().iter().map(|one| one.in_words()).collect();
                    let summary = format!("{}, {}: {}", card.venue, card.town, on.join(", "));
                    text(entry, "summary", &summary)
                })?;
            }
            Ok(())
        })?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned())
}

/// Begins a document.
pub(crate) trait Declare {
    /// `<?xml version="1.0" encoding="UTF-8"?>`
    fn write_bom_less_declaration(&mut self) -> std::io::Result<()>;
}

impl Declare for Writer<Vec<u8>> {
    fn write_bom_less_declaration(&mut self) -> std::io::Result<()> {
        let declaration = quick_xml::events::BytesDecl::new("1.0", Some("UTF-8"), None);
        self.write_event(quick_xml::events::Event::Decl(declaration))
    }
}

/// An element that has a text.
pub(crate) fn text(
    writer: &mut Writer<Vec<u8>>,
    element: &str,
    value: &str,
) -> std::io::Result<()> {
    let clean = xml_text(value);
    writer.create_element(element).write_text_content(BytesText::new(&clean))?;
    Ok(())
}

fn link(writer: &mut Writer<Vec<u8>>, rel: &str, kind: &str, to: &str) -> std::io::Result<()> {
    let attributes = [("rel", rel), ("type", kind), ("href", to)];
    writer.create_element("link").with_attributes(attributes).write_empty()?;
    Ok(())
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
