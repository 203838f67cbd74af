//! Pages of the site, rendered by the site's own engine from what is stored; and
//! the functions that publish them. Apart from the other functions, so that a
//! change of the site compiles and links two of them and not thirty.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seisiun_domain::{county::County, limits, session::Slug};
use seisiun_feeds::{Site, session_json_ld};
use seisiun_functions::views;
use seisiun_preview::{MEDIA_TYPE, Preview, picture};
use seisiun_site::{
    Body, CountyPage, Found, GonePage, Language, MemberPage, Page, SessionPage, TownPage,
    engine::{Document, RenderError, render},
    picture_key,
};
use seisiun_workflows::{
    member_page::MemberContent,
    ports::{Keep, NewObject, PortError, PortResult, RenderPages},
    site_page::{CountyContent, PageContent, PageName, SessionContent, TownContent},
};

const RENDER: &str = "rendering a page";
const DRAW: &str = "drawing a picture";
/// What a session is, on its picture: there is one for both languages.
const PICTURE_KIND: &str = "Irish traditional music session";
const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";

/// Renders pages for a site at one address.
#[derive(Debug, Clone)]
pub struct SitePages {
    site: Site,
}

impl SitePages {
    /// For the site at this address.
    #[must_use]
    pub fn of(site: Site) -> Self {
        Self { site }
    }

    /// The picture that stands for a session where its address is shared.
    fn picture(&self, content: &PageContent) -> PortResult<Option<NewObject>> {
        let (title, when, place) = match content {
            PageContent::Session(content) => {
                let session = &content.session;
                let venue = &session.listing.venue;
                let when = session.calendar().schedules().first().map(|first| first.in_words());
                let place = format!("{}, {}", venue.name, venue.town);
                (session.listing.title.clone(), when.unwrap_or_default(), place)
            }
            PageContent::Gone { slug, into } => {
                let page = self.gone(slug, into.as_ref()).into_iter().next();
                let title = page.map(|page| page.title()).unwrap_or_default();
                (title, String::new(), String::new())
            }
            PageContent::County(_) | PageContent::Town(_) | PageContent::Member(_) => {
                return Ok(None);
            }
        };
        let words = Preview { kind: PICTURE_KIND, title: &title, when: &when, place: &place };
        let bytes = picture(&words).map_err(|error| {
            let why = error.to_string();
            PortError::Broken { what: DRAW, why }
        })?;
        Ok(Some(NewObject { bytes, content_type: MEDIA_TYPE, keep: Keep::MinuteAtMost }))
    }

    /// A page in each language.
    fn pages(&self, body: impl Fn(Language) -> Body) -> Vec<Page> {
        let origin = self.site.url("");
        Language::ALL.map(|language| Page::new(language, &origin, body(language))).into()
    }

    fn session(&self, content: SessionContent, now: Timestamp) -> (Vec<Page>, Option<String>) {
        let structured = session_json_ld(&content.session, now, &self.site);
        let SessionContent { session, rating, photos, mut reviews, listed_by } = content;
        reviews.truncate(limits::REVIEWS_PER_PAGE);
        let page = views::Page { session, rating, photos, reviews, next_reviews: None };
        let page = SessionPage::from(views::session(page, now)).listed_by(listed_by);
        let pages = self.pages(|language| Body::Session(Box::new(page.clone().said_in(language))));
        (pages, Some(structured))
    }

    fn county(&self, content: CountyContent) -> Vec<Page> {
        let CountyContent { country, county, name, hits } = content;
        let sessions: Vec<Found> = hits.into_iter().map(|hit| views::hit(hit).into()).collect();
        self.pages(|language| {
            let sessions = sessions.clone();
            Body::County(match County::find(&country, &county) {
                Some(known) => CountyPage::of(known, language, sessions),
                None => CountyPage::named(&country, &county, &name, sessions),
            })
        })
    }

    fn town(&self, content: TownContent) -> Vec<Page> {
        let TownContent { town, name, county } = content;
        let CountyContent { country, county: county_slug, name: county, hits } = county;
        let sessions: Vec<Found> = hits.into_iter().map(|hit| views::hit(hit).into()).collect();
        self.pages(|language| {
            let known = County::find(&country, &county_slug);
            let county = known.map_or(county.as_str(), |known| known.name(language.into()));
            Body::Town(TownPage {
                country: country.clone(),
                county_slug: county_slug.clone(),
                county: county.to_owned(),
                slug: town.clone(),
                name: name.clone(),
                sessions: sessions.clone(),
            })
        })
    }

    fn member(&self, content: MemberContent) -> Vec<Page> {
        let MemberContent { id, name, hosted, listed } = content;
        let found = |hits: Vec<_>| hits.into_iter().map(|hit| views::hit(hit).into()).collect();
        let (id, hosted, listed) = (id.to_string(), found(hosted), found(listed));
        let page = MemberPage { id, name, hosted, listed };
        self.pages(|_| Body::Member(page.clone()))
    }

    fn gone(&self, slug: &Slug, into: Option<&Slug>) -> Vec<Page> {
        self.pages(|_| {
            Body::Gone(GonePage {
                slug: slug.as_str().to_owned(),
                into: into.map(|into| into.as_str().to_owned()),
            })
        })
    }
}

impl RenderPages for SitePages {
    fn page_keys(&self, page: &PageName) -> Vec<String> {
        let path = match page {
            PageName::Session(slug) => seisiun_site::session_path(slug.as_str()),
            PageName::County { country, county } => seisiun_site::county_path(country, county),
            PageName::Town { country, county, town } => {
                seisiun_site::town_path(country, county, town)
            }
            PageName::Member(id) => seisiun_site::member_path(id.as_str()),
        };
        // What an open tab fetches before the document that others link to.
        let keys = |language| [Page::state_key_at(language, &path), Page::key_at(language, &path)];
        let keys = Language::ALL.into_iter().flat_map(keys);
        // Its head names the picture.
        let picture = match page {
            PageName::Session(slug) => Some(picture_key(slug)),
            PageName::County { .. } | PageName::Town { .. } | PageName::Member(_) => None,
        };
        picture.into_iter().chain(keys).collect()
    }

    async fn render_page(
        &self,
        content: PageContent,
        now: Timestamp,
    ) -> PortResult<Vec<NewObject>> {
        let keys = self.page_keys(&content.name());
        let picture = self.picture(&content)?;
        let (pages, structured) = match content {
            PageContent::Session(content) => self.session(*content, now),
            PageContent::Gone { slug, into } => (self.gone(&slug, into.as_ref()), None),
            PageContent::County(content) => (self.county(content), None),
            PageContent::Town(content) => (self.town(content), None),
            PageContent::Member(content) => (self.member(content), None),
        };
        // Boxed: the compiler gives up on laying out so deep a future.
        let rendered = Box::pin(render(pages, |_| structured.clone())).await;
        let documents = rendered.map_err(port_error)?;
        let mut files: BTreeMap<_, _> = documents.into_iter().flat_map(files).collect();
        // Of all the keys the first is the picture's, where there is one.
        files.extend(keys.first().cloned().zip(picture));
        let in_order = keys.into_iter().map(|key| {
            let why = format!("{key} was not rendered");
            files.remove(&key).ok_or(PortError::Broken { what: RENDER, why })
        });
        in_order.collect()
    }
}

/// The files of a document, each with its key.
fn files(document: Document) -> Vec<(String, NewObject)> {
    let file = |text: String, content_type| NewObject {
        bytes: text.into_bytes(),
        content_type,
        keep: Keep::MinuteAtMost,
    };
    let state = document.state.map(|(key, state)| (key, file(state, JSON)));
    state.into_iter().chain([(document.key, file(document.html, HTML))]).collect()
}

fn port_error(error: RenderError) -> PortError {
    match error {
        // The folder for temporary files may be full; another instance's is not.
        RenderError::Store { .. } => {
            PortError::Unavailable { what: RENDER, source: Box::new(error) }
        }
        RenderError::Twice(_) | RenderError::Render(_) | RenderError::Malformed { .. } => {
            PortError::Broken { what: RENDER, why: error.to_string() }
        }
    }
}

#[cfg(test)]
mod tests {
    use seisiun_domain::MemberId;
    use seisiun_workflows::member_page::member_page_keys;

    use super::*;

    #[test]
    fn a_members_page_lies_where_those_look_who_remove_it() {
        let id = MemberId::try_from("0d2b7c1e-5a63-4f0e-9c1d-2f6f3d1c9a10".to_owned()).unwrap();
        let pages = SitePages::of(Site::at("https://seisiun.example").unwrap());
        assert_eq!(pages.page_keys(&PageName::Member(id.clone())), member_page_keys(&id));
    }
}
