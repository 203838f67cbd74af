//! What a page is: the state that is rendered natively, travels in the
//! document, and is taken over in the browser.

use perseus::UnreactiveState;
use seisiun_contracts::api::{DateView, SessionView};
#[cfg(engine)]
use seisiun_domain::session::Slug;
use seisiun_domain::{geo::Position, search::Freshness};
use serde::{Deserialize, Serialize};

use crate::{COUNTIES, County, Language};

/// A page as Perseus hands it on: as JSON, so that what reads and writes a page
/// is in the browser's program once, and a page that it can't read is no panic.
#[derive(Debug, Clone, Serialize, Deserialize, UnreactiveState)]
#[serde(transparent)]
pub(crate) struct State(serde_json::Value);

impl State {
    /// The page, if it is one that this release knows.
    pub(crate) fn page(self) -> Option<Page> {
        serde_json::from_value(self.0).ok()
    }

    /// The state of a page.
    #[cfg(engine)]
    pub(crate) fn of(page: &Page) -> Option<Self> {
        serde_json::to_value(page).ok().map(Self)
    }
}

/// A page of the site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The language that it speaks.
    pub language: Language,
    /// Its path in English, without slashes around it: `counties/ie/clare`.
    pub path: String,
    /// Where the site is, e.g. `https://seisiun.example`, without a slash.
    pub origin: String,
    /// What it shows.
    pub body: Body,
}

/// What a page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Tonight, this week, and the way to everything else.
    Home,
    /// The search, and every county.
    Find,
    /// The sessions of a county.
    County(CountyPage),
    /// One session.
    Session(Box<SessionPage>),
    /// What this is.
    About,
    /// What is kept of whom, and for how long.
    Privacy,
    /// What is published, what is not, and who decides.
    Moderation,
    /// There is no signal, and the page that was asked for is not stored.
    Offline,
    /// There is no such page.
    NotFound,
    /// For members: the same document for each of them.
    Members(MembersPage),
}

impl Body {
    /// The program that draws it in the browser.
    #[must_use]
    pub const fn bundle(&self) -> Bundle {
        match self {
            Self::Members(_) => Bundle::Members,
            _ => Bundle::Public,
        }
    }
}

/// A program for the browser. Both are compiled from this crate; a link from a
/// page of the one to a page of the other loads the document as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bundle {
    /// For what everybody reads: small above all.
    Public,
    /// For members' pages, by the feature `members`.
    Members,
}

impl Bundle {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Public, Self::Members];

    /// What its files are named after.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "site",
            Self::Members => "members",
        }
    }
}

/// A page for members. What it shows of a member comes from the API; the
/// document holds nothing of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MembersPage {
    /// Sign in, sign up, or set a new password.
    SignIn,
    /// List a session.
    Submit,
    /// Change one that is listed: `?session=` names it.
    Edit,
    /// Review a session: `?session=` names it.
    Review,
    /// What one has sent, and where it stands.
    Mine,
    /// What one follows; `?session=` offers one.
    Follows,
    /// Profile, mails, and what is held on one.
    Preferences,
}

impl MembersPage {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SignIn,
        Self::Submit,
        Self::Edit,
        Self::Review,
        Self::Mine,
        Self::Follows,
        Self::Preferences,
    ];

    /// Its path in English, without slashes around it.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Submit => "submit",
            Self::Edit => "edit",
            Self::Review => "review",
            Self::Mine => "mine",
            Self::Follows => "follows",
            Self::Preferences => "preferences",
        }
    }
}

/// A county with its sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CountyPage {
    /// ISO 3166-1 alpha-2 code of its country.
    pub country: String,
    /// Its part of an address.
    pub slug: String,
    /// What it is called, in the page's language where that is known.
    pub name: String,
    /// Its sessions with their next dates, in the search's order.
    pub sessions: Vec<Found>,
}

/// A session in a list: of what the search answers (a
/// [`FoundSession`](seisiun_contracts::api::FoundSession)), what is shown, and
/// so much the less to send and to read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Last part of the address of its page.
    pub slug: String,
    /// What it is called.
    pub title: String,
    /// Name of the venue.
    pub venue: String,
    /// Town or city.
    pub town: String,
    /// Where it is; pages of earlier releases do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Kilometres from the point that was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<f64>,
    /// Its next date, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<DateView>,
    /// How long ago somebody vouched for it.
    pub freshness: Freshness,
}

/// A session with what its page needs beside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionPage {
    /// The session, as the API has it.
    pub view: SessionView,
    /// Its county's part of an address.
    pub county_slug: String,
}

#[cfg(engine)]
impl From<SessionView> for SessionPage {
    fn from(view: SessionView) -> Self {
        let county_slug = seisiun_domain::card::county_slug(&view.listing.venue.county);
        Self { view, county_slug }
    }
}

#[cfg(engine)]
impl From<seisiun_contracts::api::FoundSession> for Found {
    fn from(found: seisiun_contracts::api::FoundSession) -> Self {
        Self {
            slug: found.card.slug.as_str().to_owned(),
            title: found.card.title,
            venue: found.card.venue,
            town: found.card.town,
            position: Some(found.card.position),
            distance_km: found.distance_km,
            next: found.next,
            freshness: found.freshness,
        }
    }
}

impl CountyPage {
    /// The page of a county of ours.
    #[must_use]
    pub fn of(county: &County, language: Language, sessions: Vec<Found>) -> Self {
        let name = match language {
            Language::En => county.english,
            Language::Ga => county.irish,
        };
        Self {
            country: county.country.to_owned(),
            slug: county.slug.to_owned(),
            name: name.to_owned(),
            sessions,
        }
    }
}

impl Page {
    /// A page of a site at this origin; a slash at its end is left out.
    #[must_use]
    pub fn new(language: Language, origin: &str, body: Body) -> Self {
        let path = match &body {
            Body::Home => String::new(),
            Body::Find => "sessions".into(),
            Body::County(county) => {
                format!("counties/{}/{}", county.country.to_ascii_lowercase(), county.slug)
            }
            Body::Session(session) => format!("sessions/{}", session.view.slug.as_str()),
            Body::About => "about".into(),
            Body::Privacy => "privacy".into(),
            Body::Moderation => "moderation".into(),
            Body::Offline => "offline".into(),
            Body::NotFound => "404".into(),
            Body::Members(page) => page.path().into(),
        };
        Self { language, path, origin: origin.trim_end_matches('/').to_owned(), body }
    }

    /// Its address on the site, with its language.
    #[must_use]
    pub fn href(&self) -> String {
        self.language.href(&self.path)
    }

    /// The same page in the other language; of the one for missing pages, which
    /// has no address, the first page.
    #[must_use]
    pub fn other_href(&self) -> String {
        let path = if self.body == Body::NotFound { "" } else { &self.path };
        self.language.other().href(path)
    }

    /// Its path as the router has it: with its language, without slashes around.
    #[must_use]
    pub fn route(&self) -> String {
        self.href().trim_matches('/').to_owned()
    }

    /// The key of its document below the site's origin.
    #[must_use]
    pub fn key(&self) -> String {
        match (&self.body, self.language) {
            (Body::NotFound, Language::En) => "404.html".into(),
            (Body::NotFound, Language::Ga) => "ga/404.html".into(),
            _ => format!("{}index.html", self.href().trim_start_matches('/')),
        }
    }

    /// The key of its state, which an open tab fetches when it goes there.
    #[must_use]
    pub fn state_key(&self) -> String {
        format!(".perseus/page/xx-XX/{}.json", self.route())
    }

    /// What a browser's tab and a search engine call it.
    #[cfg(engine)]
    #[must_use]
    pub fn title(&self) -> String {
        let words = self.language.words();
        let own = match &self.body {
            Body::Home => return format!("{} · {}", words.site_name, words.home_title),
            Body::Find => words.find_title,
            Body::County(county) => {
                return format!("{} · {}", self.county_heading(county), words.site_name);
            }
            Body::Session(session) => {
                let listing = &session.view.listing;
                return format!(
                    "{} · {}, {} · {}",
                    listing.title, listing.venue.name, listing.venue.town, words.site_name
                );
            }
            Body::About => words.about_title,
            Body::Privacy => words.privacy_title,
            Body::Moderation => words.moderation_title,
            Body::Offline => words.offline_title,
            Body::NotFound => words.not_found_title,
            Body::Members(page) => page.title(self.language),
        };
        format!("{own} · {}", words.site_name)
    }

    /// What a search engine says of it: a sentence or two.
    #[cfg(engine)]
    #[must_use]
    pub fn description(&self) -> String {
        let words = self.language.words();
        match &self.body {
            Body::Home => words.home_description.into(),
            Body::Find => words.find_description.into(),
            Body::County(county) => {
                format!("{}. {}", self.county_heading(county), words.county_description)
            }
            Body::Session(session) => {
                let SessionView { listing, on, .. } = &session.view;
                let venue = &listing.venue;
                let on = on.join("; ");
                format!(
                    "{} · {}, {}, {} · {}. {on}",
                    listing.title, venue.name, venue.town, venue.county, words.session_description,
                )
            }
            Body::About => words.about_description.into(),
            Body::Privacy => words.privacy_description.into(),
            Body::Moderation => words.moderation_description.into(),
            Body::Offline => words.offline_description.into(),
            Body::NotFound => words.not_found_text.into(),
            Body::Members(page) => page.description(self.language).into(),
        }
    }

    /// The picture that stands for it where its address is shared: its path, and
    /// what is to be seen on it in words.
    #[cfg(engine)]
    #[must_use]
    pub fn picture(&self) -> (String, String) {
        match &self.body {
            Body::Session(session) => {
                let SessionView { slug, listing, on, .. } = &session.view;
                let (venue, on) = (&listing.venue, on.join("; "));
                let alt = format!("{} · {on} · {}, {}", listing.title, venue.name, venue.town);
                (format!("/{}", picture_key(slug)), alt)
            }
            _ => (format!("/{PICTURE_KEY}"), self.title()),
        }
    }

    /// `Sessions in Clare`.
    pub(crate) fn county_heading(&self, county: &CountyPage) -> String {
        format!("{} {}", self.language.words().county_heading, county.name)
    }
}

/// The key, below the site's origin, of the picture that stands for a session
/// where its address is shared. Who publishes its page draws it.
#[cfg(engine)]
#[must_use]
pub fn picture_key(slug: &Slug) -> String {
    format!("previews/{}.png", slug.as_str())
}

/// The key of the picture of every other page.
pub const PICTURE_KEY: &str = "assets/share.png";
/// Pixels across and down of a picture, as `seisiun-preview` draws it.
pub const PICTURE_SIZE: (u32, u32) = (1_200, 630);

/// Every page that needs nothing of the stack, in every language: all but the
/// sessions. Counties are without theirs.
#[must_use]
pub fn static_pages(origin: &str) -> Vec<Page> {
    let mut pages = Vec::new();
    for language in Language::ALL {
        let mut bodies = vec![
            Body::Home,
            Body::Find,
            Body::About,
            Body::Privacy,
            Body::Moderation,
            Body::Offline,
            Body::NotFound,
        ];
        bodies.extend(MembersPage::ALL.map(Body::Members));
        bodies.extend(
            COUNTIES
                .iter()
                .map(|county| Body::County(CountyPage::of(county, language, Vec::new()))),
        );
        pages.extend(bodies.into_iter().map(|body| Page::new(language, origin, body)));
    }
    pages
}
