//! What a page is: the state that is rendered natively, travels in the
//! document, and is taken over in the browser.

use std::collections::BTreeMap;

use perseus::UnreactiveState;
use seisiun_contracts::api::{DateView, SessionView};
#[cfg(engine)]
use seisiun_domain::session::Slug;
use seisiun_domain::{
    card::{county_slug, town_slug},
    geo::Position,
    search::Freshness,
};
use serde::{Deserialize, Serialize};

#[cfg(engine)]
use crate::members::said_when;
#[cfg(engine)]
use crate::view::native_words;
use crate::{County, Language};

/// A page as Perseus hands it on: as JSON, so that what reads and writes a page
/// is in the browser's program once, and a page that it can't read is no panic.
#[derive(Debug, Clone, Serialize, Deserialize, UnreactiveState)]
#[serde(transparent)]
pub(crate) struct State(serde_json::Value);

impl State {
    /// The page, if it is one that this release knows.
    #[cfg(engine)]
    pub(crate) fn page(self) -> Option<Page> {
        serde_json::from_value(self.0).ok()
    }

    /// The page, if it is one that this very program draws: how others are read
    /// is not carried along.
    #[cfg(client)]
    pub(crate) fn page(mut self) -> Option<Page> {
        let text = |name: &str| self.0.get(name)?.as_str().map(str::to_owned);
        let tag = text("language")?;
        let language = Language::ALL.into_iter().find(|language| language.tag() == tag)?;
        let (path, origin) = (text("path")?, text("origin")?);
        let body = Body::read(self.0.get_mut("body")?.take())?;
        Some(Page { language, path, origin, body })
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
    /// The sessions of one town.
    Town(TownPage),
    /// One session.
    Session(Box<SessionPage>),
    /// A session that is not listed any more.
    Gone(GonePage),
    /// A member who chose to have a page.
    Member(MemberPage),
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
            Self::Home | Self::Find | Self::County(_) | Self::Session(_) | Self::NotFound => {
                Bundle::Public
            }
            Self::Town(_)
            | Self::Gone(_)
            | Self::Member(_)
            | Self::About
            | Self::Privacy
            | Self::Moderation
            | Self::Offline => Bundle::None,
        }
    }

    /// What a page shows, where this program draws it.
    #[cfg(client)]
    fn read(body: serde_json::Value) -> Option<Self> {
        if let Some(name) = body.as_str() {
            return match name {
                "not_found" => Some(Self::NotFound),
                #[cfg(not(feature = "members"))]
                "home" => Some(Self::Home),
                #[cfg(not(feature = "members"))]
                "find" => Some(Self::Find),
                _ => None,
            };
        }
        let serde_json::Value::Object(body) = body else { return None };
        let (name, content) = body.into_iter().next()?;
        match name.as_str() {
            #[cfg(feature = "members")]
            "members" => serde_json::from_value(content).ok().map(Self::Members),
            #[cfg(not(feature = "members"))]
            "county" => serde_json::from_value(content).ok().map(Self::County),
            #[cfg(not(feature = "members"))]
            "session" => {
                serde_json::from_value(content).ok().map(|page| Self::Session(Box::new(page)))
            }
            _ => None,
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
    /// None: the document is complete as it is. It has no part in either program.
    None,
}

impl Bundle {
    /// The two that there are.
    pub const ALL: [Self; 2] = [Self::Public, Self::Members];

    /// What its files are named after.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "site",
            Self::Members => "members",
            Self::None => "plain",
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
    /// Tell us of what should not be here: for anybody, signed in or not.
    Report,
    /// What waits for a decision: for moderators.
    Console,
}

impl MembersPage {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::SignIn,
        Self::Submit,
        Self::Edit,
        Self::Review,
        Self::Mine,
        Self::Follows,
        Self::Preferences,
        Self::Report,
        Self::Console,
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
            Self::Report => "report",
            Self::Console => "console",
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
    /// Its towns that have a session, each with a page.
    #[serde(default)]
    pub towns: Vec<TownLink>,
}

/// The page of a town, from that of its county.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TownLink {
    /// Its part of an address.
    pub slug: String,
    /// What it is called.
    pub name: String,
}

/// A town with its sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TownPage {
    /// ISO 3166-1 alpha-2 code of its country.
    pub country: String,
    /// Its county's part of an address.
    pub county_slug: String,
    /// What its county is called, in the page's language where that is known.
    pub county: String,
    /// Its own part of an address.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// Its sessions with their next dates, in the search's order.
    pub sessions: Vec<Found>,
}

/// A member who chose to be seen, with what they brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberPage {
    /// Who: random, and the last part of the address of the page.
    pub id: String,
    /// What they call themselves.
    pub name: String,
    /// Sessions that they host and are named as a host of.
    pub hosted: Vec<Found>,
    /// Sessions that they listed.
    pub listed: Vec<Found>,
}

/// A session that was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GonePage {
    /// Last part of the address of its page.
    pub slug: String,
    /// The same of the session that it was merged into, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<String>,
}

/// The path of a session's page, without a language.
#[must_use]
pub fn session_path(slug: &str) -> String {
    format!("sessions/{slug}")
}

/// The path of the page of a member who chose to have one, without a language.
#[must_use]
pub fn member_path(id: &str) -> String {
    format!("members/{id}")
}

/// The path of a town's page, without a language.
#[must_use]
pub fn town_path(country: &str, county_slug: &str, slug: &str) -> String {
    format!("towns/{}/{county_slug}/{slug}", country.to_ascii_lowercase())
}

/// The path of a county's page, without a language.
#[must_use]
pub fn county_path(country: &str, slug: &str) -> String {
    format!("counties/{}/{slug}", country.to_ascii_lowercase())
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
    /// Its town's part of an address; none in pages of before towns had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub town_slug: Option<String>,
    /// What calls itself who added it, where they have a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_by_name: Option<String>,
}

#[cfg(engine)]
impl From<SessionView> for SessionPage {
    fn from(view: SessionView) -> Self {
        let venue = &view.listing.venue;
        let county_slug = county_slug(&venue.county);
        let town_slug = Some(town_slug(&venue.town));
        Self { view, county_slug, town_slug, added_by_name: None }
    }
}

#[cfg(engine)]
impl SessionPage {
    /// With a link to the page of who listed it, who calls themselves this.
    #[must_use]
    pub fn listed_by(self, name: Option<String>) -> Self {
        Self { added_by_name: name, ..self }
    }

    /// With when it is on said in this language: the API says it in English. What
    /// has no sentence in Irish is left to the dates.
    #[must_use]
    pub fn said_in(mut self, language: Language) -> Self {
        if language == Language::Ga {
            let schedules = self.view.listing.schedules.iter();
            self.view.on = schedules.filter_map(|one| said_when(one, language)).collect();
        }
        self
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
        Self {
            country: county.country.to_owned(),
            slug: county.slug.to_owned(),
            name: county.name(language.into()).to_owned(),
            towns: towns(&sessions),
            sessions,
        }
    }

    /// The page of another county, called what its listings call it.
    #[must_use]
    pub fn named(country: &str, slug: &str, name: &str, sessions: Vec<Found>) -> Self {
        Self {
            country: country.to_owned(),
            slug: slug.to_owned(),
            name: name.to_owned(),
            towns: towns(&sessions),
            sessions,
        }
    }
}

/// The towns of these sessions, by name.
fn towns(sessions: &[Found]) -> Vec<TownLink> {
    let mut by_slug = BTreeMap::new();
    for found in sessions {
        by_slug.entry(town_slug(&found.town)).or_insert_with(|| found.town.clone());
    }
    let mut towns: Vec<_> =
        by_slug.into_iter().map(|(slug, name)| TownLink { slug, name }).collect();
    towns.sort_by(|a, b| a.name.cmp(&b.name));
    towns
}

impl TownPage {
    /// The page of a town: of these sessions those that are in it. `county` and
    /// `town` are as a listing spells them. None if no session is in it.
    #[must_use]
    pub fn of(
        country: &str,
        county: &str,
        town: &str,
        language: Language,
        mut sessions: Vec<Found>,
    ) -> Option<Self> {
        let (county_slug, slug) = (county_slug(county), town_slug(town));
        sessions.retain(|found| town_slug(&found.town) == slug);
        let name = sessions.first()?.town.clone();
        let known = County::find(country, &county_slug);
        let county = known.map_or(county, |county| county.name(language.into())).to_owned();
        let country = country.to_uppercase();
        Some(Self { country, county_slug, county, slug, name, sessions })
    }

    /// The path of its page, without a language.
    #[must_use]
    pub fn path(&self) -> String {
        town_path(&self.country, &self.county_slug, &self.slug)
    }
}

impl Page {
    /// A page of a site at this origin; a slash at its end is left out.
    #[must_use]
    pub fn new(language: Language, origin: &str, body: Body) -> Self {
        let path = match &body {
            Body::Home => String::new(),
            Body::Find => "sessions".into(),
            Body::County(county) => county_path(&county.country, &county.slug),
            Body::Town(town) => town_path(&town.country, &town.county_slug, &town.slug),
            Body::Session(session) => session_path(session.view.slug.as_str()),
            Body::Gone(gone) => session_path(&gone.slug),
            Body::Member(member) => member_path(&member.id),
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
            _ => Self::key_at(self.language, &self.path),
        }
    }

    /// The key of the document of a page with this path.
    #[must_use]
    pub fn key_at(language: Language, path: &str) -> String {
        format!("{}index.html", language.href(path).trim_start_matches('/'))
    }

    /// The key of its state, which an open tab fetches when it goes there.
    #[must_use]
    pub fn state_key(&self) -> String {
        Self::state_key_at(self.language, &self.path)
    }

    /// The key of the state of a page with this path.
    #[must_use]
    pub fn state_key_at(language: Language, path: &str) -> String {
        format!(".perseus/page/xx-XX/{}.json", language.href(path).trim_matches('/'))
    }

    /// What a browser's tab and a search engine call it.
    #[cfg(engine)]
    #[must_use]
    pub fn title(&self) -> String {
        let words = self.language.words();
        let native = native_words(self.language);
        let own = match &self.body {
            Body::Home => return format!("{} · {}", words.site_name, native.home_title),
            Body::Find => words.find_title,
            Body::County(county) => {
                return format!("{} · {}", self.county_heading(county), words.site_name);
            }
            Body::Town(town) => {
                return format!("{} · {}", self.town_heading(town), words.site_name);
            }
            Body::Member(member) => return format!("{} · {}", member.name, words.site_name),
            Body::Session(session) => {
                let listing = &session.view.listing;
                return format!(
                    "{} · {}, {} · {}",
                    listing.title, listing.venue.name, listing.venue.town, words.site_name
                );
            }
            Body::Gone(_) => native.gone_title,
            Body::About => native.about_title,
            Body::Privacy => native.privacy_title,
            Body::Moderation => native.moderation_title,
            Body::Offline => native.offline_title,
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
        let native = native_words(self.language);
        match &self.body {
            Body::Home => native.home_description.into(),
            Body::Find => native.find_description.into(),
            Body::County(county) => {
                format!("{}. {}", self.county_heading(county), native.county_description)
            }
            Body::Town(town) => {
                format!("{}. {}", self.town_heading(town), native.county_description)
            }
            Body::Member(member) => format!("{}. {}", member.name, native.member_description),
            Body::Session(session) => {
                let SessionView { listing, on, .. } = &session.view;
                let venue = &listing.venue;
                let on = on.join("; ");
                format!(
                    "{} · {}, {}, {} · {}. {on}",
                    listing.title, venue.name, venue.town, venue.county, native.session_description,
                )
            }
            Body::Gone(_) => native.gone_text.into(),
            Body::About => native.about_description.into(),
            Body::Privacy => native.privacy_description.into(),
            Body::Moderation => native.moderation_description.into(),
            Body::Offline => native.offline_description.into(),
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
    #[cfg(any(engine, not(feature = "members")))]
    pub(crate) fn county_heading(&self, county: &CountyPage) -> String {
        format!("{} {}", self.language.words().county_heading, county.name)
    }

    /// `Sessions in Ennis, Clare`.
    #[cfg(engine)]
    pub(crate) fn town_heading(&self, town: &TownPage) -> String {
        format!("{} {}, {}", self.language.words().county_heading, town.name, town.county)
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

/// Every page that needs nothing of the stack, in every language.
#[must_use]
pub fn static_pages(origin: &str) -> Vec<Page> {
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
    let of = |language| {
        let bodies = bodies.clone().into_iter();
        bodies.map(move |body| Page::new(language, origin, body))
    };
    Language::ALL.into_iter().flat_map(of).collect()
}
