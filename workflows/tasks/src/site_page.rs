//! Pages of the site that are made of what the table holds: their names, what
//! stands on them, and how they come into the site's bucket.

use jiff::Timestamp;
use seisiun_domain::{
    MemberId, SessionId,
    card::{Card, List, town_slug},
    county::County,
    limits,
    member::Member,
    photo::PublishedPhoto,
    review::{Rating, Review},
    search::{Hit, Query, search},
    session::{Session, Slug},
};

use crate::{
    error::{TaskError, TaskResult},
    member_page::MemberContent,
    ports::{
        ListCards, ListPhotos, ListReviews, LoadMember, LoadRating, LoadSession, ReadVersioned,
        RenderPages, SwapObject,
    },
    swap_in::swap_in,
};

/// A page of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageName {
    /// Of a session.
    Session(Slug),
    /// Of a county with what is listed there.
    County {
        /// ISO 3166-1 alpha-2.
        country: String,
        /// Slug of the county's name.
        county: String,
    },
    /// Of a town with what is listed there.
    Town {
        /// ISO 3166-1 alpha-2.
        country: String,
        /// Slug of its county's name.
        county: String,
        /// Slug of its own.
        town: String,
    },
    /// Of a member who chose to have one.
    Member(MemberId),
}

/// What stands on a page.
#[derive(Debug, Clone, PartialEq)]
pub enum PageContent {
    /// A session.
    Session(Box<SessionContent>),
    /// A session that was withdrawn: that it is gone, and where to.
    Gone {
        /// Its own part of the address.
        slug: Slug,
        /// The session that it was merged into.
        into: Option<Slug>,
    },
    /// A county.
    County(CountyContent),
    /// A town.
    Town(TownContent),
    /// A member.
    Member(MemberContent),
}

/// Everything that the page of a session shows.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionContent {
    /// The session.
    pub session: Session,
    /// Over all of its reviews.
    pub rating: Rating,
    /// Approved ones.
    pub photos: Vec<PublishedPhoto>,
    /// The first [`limits::REVIEWS_PER_PAGE`], and one more if there are more.
    pub reviews: Vec<Review>,
    /// What calls itself who listed it, where they have a page.
    pub listed_by: Option<String>,
}

/// Everything that the page of a county shows.
#[derive(Debug, Clone, PartialEq)]
pub struct CountyContent {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Slug of its name.
    pub county: String,
    /// Its name as it is written in its oldest session; of one that has none,
    /// its English name.
    pub name: String,
    /// What is listed there, in the search's order; at most
    /// [`limits::COUNTY_PAGE_SESSIONS_MAX`].
    pub hits: Vec<Hit>,
}

/// Everything that the page of a town shows.
#[derive(Debug, Clone, PartialEq)]
pub struct TownContent {
    /// Slug of its name.
    pub town: String,
    /// Its name as it is written in its oldest session; of one that has none left,
    /// its slug.
    pub name: String,
    /// Its county, with what is listed in the town alone.
    pub county: CountyContent,
}

impl PageContent {
    /// The page that it stands on.
    #[must_use]
    pub fn name(&self) -> PageName {
        match self {
            Self::Session(content) => PageName::Session(content.session.slug.clone()),
            Self::Gone { slug, .. } => PageName::Session(slug.clone()),
            Self::County(CountyContent { country, county, .. }) => {
                PageName::County { country: country.clone(), county: county.clone() }
            }
            Self::Town(TownContent { town, county, .. }) => {
                let CountyContent { country, county, .. } = county.clone();
                PageName::Town { country, county, town: town.clone() }
            }
            Self::Member(content) => PageName::Member(content.id.clone()),
        }
    }
}

/// What the page of a session shows, read all at once; but for who listed it.
pub async fn load_session_content<S>(store: &S, session: Session) -> TaskResult<SessionContent>
where
    S: LoadRating + ListPhotos + ListReviews,
{
    let id = session.id;
    let (rating, photos, reviews) = futures::try_join!(
        store.load_rating(id),
        store.list_photos(id),
        store.list_reviews(id, None, limits::REVIEWS_PER_PAGE + 1),
    )?;
    Ok(SessionContent { session, rating, photos, reviews, listed_by: None })
}

/// Publishes the page of a session, or of one that was withdrawn what is left to
/// say. Answers the session.
pub async fn publish_session_page<S, O, R>(
    store: &S,
    objects: &O,
    renderer: &R,
    now: Timestamp,
    id: SessionId,
) -> TaskResult<Session>
where
    S: LoadSession + LoadRating + ListPhotos + ListReviews + LoadMember,
    O: ReadVersioned + SwapObject,
    R: RenderPages,
{
    let load = async || {
        let session = store.load_session(id).await?;
        session.ok_or_else(|| TaskError::InvalidInput(format!("there is no session {id}")))
    };
    let found = load().await?;
    let name = PageName::Session(found.slug.clone());
    publish(objects, renderer, now, &name, async || {
        let session = load().await?;
        if session.is_listed() {
            let lister = store.load_member(&session.submitter).await?;
            let listed_by = lister.filter(Member::has_page).map(|member| member.display_name);
            let content = load_session_content(store, session).await?;
            return Ok(PageContent::Session(Box::new(SessionContent { listed_by, ..content })));
        }
        let into = match session.merged_into {
            Some(into) => store.load_session(into).await?.map(|into| into.slug),
            None => None,
        };
        Ok(PageContent::Gone { slug: session.slug, into })
    })
    .await?;
    Ok(found)
}

/// Publishes the page of a county.
pub async fn publish_county_page<S, O, R>(
    store: &S,
    objects: &O,
    renderer: &R,
    now: Timestamp,
    list: &List,
) -> TaskResult<()>
where
    S: ListCards,
    O: ReadVersioned + SwapObject,
    R: RenderPages,
{
    let List::County { country, county } = list else { return Ok(()) };
    let name = PageName::County { country: country.clone(), county: county.clone() };
    publish(objects, renderer, now, &name, async || {
        let cards = store.list_cards(list).await?;
        Ok(PageContent::County(county_content(country, county, cards, now)))
    })
    .await
}

/// Publishes the page of a town, whose slug this is, in a county.
pub async fn publish_town_page<S, O, R>(
    store: &S,
    objects: &O,
    renderer: &R,
    now: Timestamp,
    list: &List,
    town: &str,
) -> TaskResult<()>
where
    S: ListCards,
    O: ReadVersioned + SwapObject,
    R: RenderPages,
{
    let List::County { country, county } = list else { return Ok(()) };
    let town = town.to_owned();
    let name =
        PageName::Town { country: country.clone(), county: county.clone(), town: town.clone() };
    publish(objects, renderer, now, &name, async || {
        let cards = store.list_cards(list).await?;
        Ok(PageContent::Town(town_content(country, county, town.clone(), cards, now)))
    })
    .await
}

fn county_content(country: &str, county: &str, cards: Vec<Card>, now: Timestamp) -> CountyContent {
    let oldest = cards.iter().min_by_key(|card| card.id).map(|card| card.county.clone());
    let known = || County::find(country, county).map(|county| county.english.to_owned());
    let name = oldest.or_else(known).unwrap_or_else(|| county.to_owned());
    let mut hits = search(cards, &Query::default(), now);
    hits.truncate(limits::COUNTY_PAGE_SESSIONS_MAX);
    CountyContent { country: country.to_owned(), county: county.to_owned(), name, hits }
}

fn town_content(
    country: &str,
    county: &str,
    town: String,
    mut cards: Vec<Card>,
    now: Timestamp,
) -> TownContent {
    let whole = county_content(country, county, cards.clone(), now);
    cards.retain(|card| town_slug(&card.town) == town);
    let oldest = cards.iter().min_by_key(|card| card.id).map(|card| card.town.clone());
    let county = county_content(country, county, cards, now);
    // Named as its county is named by all that is listed there.
    let county = CountyContent { name: whole.name, ..county };
    TownContent { name: oldest.unwrap_or_else(|| town.clone()), town, county }
}

/// Renders a page of what the table holds and swaps its files in.
pub(crate) async fn publish<O, R>(
    objects: &O,
    renderer: &R,
    now: Timestamp,
    name: &PageName,
    load: impl AsyncFn() -> TaskResult<PageContent>,
) -> TaskResult<()>
where
    O: ReadVersioned + SwapObject,
    R: RenderPages,
{
    let keys = renderer.page_keys(name);
    let make_files = async |_: &[Vec<u8>]| Ok(renderer.render_page(load().await?, now).await?);
    Box::pin(swap_in(objects, &keys, limits::PAGE_BYTES_MAX, make_files)).await
}
