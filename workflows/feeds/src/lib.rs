//! What other programs read of Seisiún: calendars, feeds, structured data and
//! sitemaps. Pure: what goes in is handed in, the time included, and the same
//! input gives the same bytes, so that an unchanged feed keeps its ETag.

mod atom;
mod content_line;
mod ics;
mod json_ld;
mod sitemap;
mod vtimezone;

use seisiun_domain::{SessionId, session::Slug};
use url::Url;

pub use atom::area_atom;
pub use ics::{area_ics, session_ics};
pub use json_ld::session_json_ld;
pub use sitemap::{SITEMAP_URLS_MAX, sitemap, sitemap_index};

/// Where the site is, for links and for identifiers that must never change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    origin: String,
    host: String,
}

/// An address that no site can be at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSite(pub String);

impl std::fmt::Display for NoSite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\" is not an address such as https://seisiun.example", self.0)
    }
}

impl std::error::Error for NoSite {}

impl Site {
    /// The site at this address; a path is left out.
    ///
    /// # Errors
    /// If it is not an `http` or `https` address with a host.
    pub fn at(url: &str) -> Result<Self, NoSite> {
        let no_site = || NoSite(url.chars().take(80).collect());
        let parsed = Url::parse(url).map_err(|_| no_site())?;
        let web = matches!(parsed.scheme(), "http" | "https");
        let host = parsed.host_str().filter(|_| web).ok_or_else(no_site)?;
        Ok(Self { origin: parsed.origin().ascii_serialization(), host: host.to_owned() })
    }

    /// The address of a path that begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The page of a session.
    #[must_use]
    pub fn page(&self, slug: &Slug) -> String {
        self.url(&format!("/sessions/{}/", slug.as_str()))
    }

    /// A name that is the same for ever, wherever the page moves.
    fn uid(&self, id: SessionId, part: &str) -> String {
        format!("{id}{part}@{}", self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_an_origin() {
        let site = Site::at("https://seisiun.example/anything?else").unwrap();
        assert_eq!(site.url("/sitemap.xml"), "https://seisiun.example/sitemap.xml");
        for no_site in ["", "seisiun.example", "mailto:a@b", "data:text/plain,x"] {
            assert!(Site::at(no_site).is_err(), "{no_site:?}");
        }
    }
}
