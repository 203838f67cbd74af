//! What is true of every page, read back by an HTML parser: with harmless
//! sessions, and with one whose every word tries to get out of its place.

#![cfg(engine)]
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::{BTreeMap, BTreeSet};

use scraper::{ElementRef, Html, Selector};
use seisiun_contracts::api::{DateView, FoundSession, PhotoView, ReviewView, SessionView};
use seisiun_domain::{
    calendar::Standing, card::Card, geo::Position, samples, search::Freshness, session::Slug,
};
use seisiun_site::{
    Body, Bundle, COUNTIES, CountyPage, Found, GonePage, Language, MemberPage, PICTURE_SIZE, Page,
    SessionPage, TownPage,
    engine::{self, Document},
    shell, static_pages,
};

const ORIGIN: &str = "https://seisiun.example";

/// Ends a script, an attribute, a comment; turns the reading direction; has the
/// two separators that are not JSON's.
const MALICIOUS: &str = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\
     <!-- javascript:alert(1) \u{202e}\u{2066}\u{2028}\u{2029} {{x}} ${y}";

fn found(title: &str) -> FoundSession {
    let mut session = samples::listed();
    session.listing.title = title.into();
    session.listing.venue.name = title.into();
    session.listing.venue.town = title.into();
    FoundSession {
        card: Card::of(&session),
        distance_km: Some(1.25),
        next: Some(date(Standing::AsUsual, title)),
        freshness: Freshness::Stale,
    }
}

fn date(standing: Standing, words: &str) -> DateView {
    DateView {
        starts_at: "2026-11-26T21:30:00+00:00".into(),
        zone: "Europe/Dublin".into(),
        duration_minutes: 150,
        standing,
        usual_start: (standing == Standing::Retimed).then(|| "2026-11-26T20:00:00+00:00".into()),
        place: (standing == Standing::Moved).then(|| words.into()),
        reason: words.into(),
    }
}

/// A session with everything that one can have, every word of it `words`.
fn view(words: &str) -> SessionView {
    let session = samples::listed();
    let mut listing = session.listing.clone();
    for text in [
        &mut listing.title,
        &mut listing.description,
        &mut listing.venue.name,
        &mut listing.venue.address,
        &mut listing.venue.town,
    ] {
        *text = words.into();
    }
    listing.venue.position = Position { lat: 52.9412, lon: -9.2937 };
    listing.instruments = vec![words.into(), "fiddle".into()];
    listing.tunes = vec![words.into()];
    listing.links = vec![
        "https://example.org/tunes".into(),
        format!("https://example.org/{words}"),
        "javascript:alert(1)".into(),
    ];
    let standings = [
        Standing::AsUsual,
        Standing::Cancelled,
        Standing::Moved,
        Standing::Retimed,
        Standing::Extra,
    ];
    let photo_id = "01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
    let mut review = samples::review(session.id);
    review.text = words.into();
    SessionView {
        id: session.id,
        slug: Slug::plain(&samples::session()),
        status: session.status,
        listing,
        on: vec![words.into()],
        next: standings.map(|standing| date(standing, words)).to_vec(),
        hosts: vec![words.into()],
        added_by: None,
        last_verified_at: "2026-11-01T12:00:00Z".into(),
        freshness: Freshness::Stale,
        review_count: 1,
        rating: Some(4.5),
        photos: vec![PhotoView {
            id: photo_id,
            src: "photos/a/b.jpg".into(),
            width: 1600,
            height: 1200,
            thumbnail_src: "photos/a/c.jpg".into(),
            thumbhash: "1QcSHQRnh493V4dIh4eXh1h4kJUI".into(),
        }],
        reviews: vec![ReviewView {
            id: "01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap(),
            review,
            published_at: "2026-11-20T12:00:00Z".into(),
        }],
        next_reviews: None,
    }
}

fn session_page(words: &str) -> SessionPage {
    let view = SessionView { added_by: Some(samples::listed().submitter), ..view(words) };
    SessionPage::from(view).listed_by(Some(words.to_owned()))
}

/// Every static page; Clare with sessions; a session, and one that is gone.
fn pages(words: &str) -> Vec<Page> {
    let clare = COUNTIES.iter().find(|county| county.slug == "clare").unwrap();
    let mut pages = static_pages(ORIGIN);
    for language in Language::ALL {
        let county =
            CountyPage::of(clare, language, vec![found(words).into(), found("Plain tunes").into()]);
        pages.push(Page::new(language, ORIGIN, Body::County(county)));
        pages.push(Page::new(language, ORIGIN, Body::Session(Box::new(session_page(words)))));
        let sessions = vec![found(words).into(), found("Plain tunes").into()];
        for town in [words, "Plain tunes"] {
            let town = TownPage::of("IE", "Clare", town, language, sessions.clone()).unwrap();
            pages.push(Page::new(language, ORIGIN, Body::Town(town)));
        }
        let (hosted, listed) = (vec![found(words).into()], vec![found("Plain tunes").into()]);
        let (id, name) = (samples::listed().submitter.to_string(), words.to_owned());
        let member = MemberPage { id, name, hosted, listed };
        pages.push(Page::new(language, ORIGIN, Body::Member(member)));
        let gone = GonePage { slug: "gone".into(), into: Some("thursday-tunes-ennistymon".into()) };
        pages.push(Page::new(language, ORIGIN, Body::Gone(gone)));
    }
    pages
}

async fn rendered(words: &str) -> Vec<(Page, Document)> {
    let pages = pages(words);
    let json_ld = serde_json::json!({ "name": words }).to_string();
    let documents = engine::render(pages.clone(), |_| Some(json_ld.clone())).await.unwrap();
    assert_eq!(documents.len(), pages.len());
    let pair = |document: Document| {
        let page = pages.iter().find(|page| page.key() == document.key).unwrap();
        (page.clone(), document)
    };
    documents.into_iter().map(pair).collect()
}

fn all<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

fn one<'a>(html: &'a Html, selector: &str, key: &str) -> ElementRef<'a> {
    let found = all(html, selector);
    assert_eq!(found.len(), 1, "{key}: {selector}");
    found[0]
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

#[tokio::test]
async fn every_page_is_a_sound_document() {
    for words in ["Thursday tunes", MALICIOUS] {
        let mut titles = BTreeSet::new();
        for (page, document) in rendered(words).await {
            let key = &document.key;
            let html = Html::parse_document(&document.html);
            assert!(html.errors.is_empty(), "{key}: {:?}", html.errors);
            let root = one(&html, "html", key);
            assert_eq!(root.attr("lang"), Some(page.language.tag()), "{key}");
            one(&html, "h1", key);
            one(&html, "#root > *", key);
            for landmark in ["header.site-header", "main#content", "footer.site-footer"] {
                one(&html, landmark, key);
            }
            let title = text(one(&html, "title", key));
            assert!(
                titles.insert((page.language, title.clone())),
                "{key}: a second page is called {title}"
            );
            let description = one(&html, "meta[name=description]", key);
            assert!(description.attr("content").is_some_and(|text| text.len() > 40), "{key}");
            let ids: Vec<_> = all(&html, "[id]").iter().filter_map(|e| e.attr("id")).collect();
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{key}: {ids:?}");
            if !matches!(page.body, Body::NotFound | Body::Gone(_)) {
                one(&html, "a.skip", key);
            }
            if matches!(page.body, Body::NotFound | Body::Gone(_) | Body::Members(_)) {
                let robots = one(&html, "meta[name=robots]", key);
                assert_eq!(robots.attr("content"), Some("noindex"), "{key}");
            } else {
                let canonical = one(&html, "link[rel=canonical]", key).attr("href").unwrap();
                assert_eq!(canonical, format!("{ORIGIN}{}", page.href()));
                assert_eq!(all(&html, "link[hreflang]").len(), Language::ALL.len(), "{key}");
            }
        }
    }
}

#[tokio::test]
async fn no_word_becomes_code() {
    for (page, document) in rendered(MALICIOUS).await {
        let key = &document.key;
        let html = Html::parse_document(&document.html);
        for script in all(&html, "script") {
            match script.attr("type") {
                Some("module") => {
                    let boot = format!("/{}", shell::boot_key(page.body.bundle()));
                    assert_eq!(script.attr("src"), Some(boot.as_str()), "{key}");
                    assert_eq!(text(script), "", "{key}");
                }
                Some("application/ld+json") => {
                    let value: serde_json::Value = serde_json::from_str(&text(script)).unwrap();
                    assert_eq!(value["name"], MALICIOUS, "{key}");
                }
                Some("application/json") => {
                    let state = text(script);
                    if page.body != Body::NotFound {
                        assert_eq!(serde_json::from_str::<Page>(&state).unwrap(), page, "{key}");
                    }
                    assert!(!state.contains(['<', '\u{2028}', '\u{2029}']), "{key}");
                }
                other => panic!("{key}: a script of type {other:?}"),
            }
        }
        assert!(
            all(&html, "style, [style], img[src=x], iframe, object, embed").is_empty(),
            "{key}"
        );
        for element in all(&html, "*") {
            for (name, value) in element.value().attrs() {
                assert!(!name.starts_with("on"), "{key}: {name}={value}");
                let leads = matches!(name, "href" | "src" | "action" | "srcset" | "formaction");
                assert!(
                    !(leads && value.trim_start().to_lowercase().starts_with("javascript:")),
                    "{key}: {name}={value}"
                );
            }
        }
        // It is there, as words.
        if matches!(page.body, Body::Session(_)) {
            assert_eq!(text(one(&html, "h1", key)), MALICIOUS, "{key}");
            assert_eq!(text(all(&html, ".reviews li p")[1]), MALICIOUS, "{key}");
        }
        if let Some((key, state)) = &document.state {
            let value: serde_json::Value = serde_json::from_str(state).unwrap();
            let head = Html::parse_fragment(value["head"].as_str().unwrap());
            assert!(all(&head, "script, style, img").is_empty(), "{key}");
            assert_eq!(serde_json::from_value::<Page>(value["state"].clone()).unwrap(), page);
        }
    }
}

#[tokio::test]
async fn every_link_leads_somewhere() {
    let documents = rendered("Thursday tunes").await;
    let mut bundles: BTreeMap<String, Bundle> =
        documents.iter().map(|(page, d)| (d.key.clone(), page.body.bundle())).collect();
    // Of the others than Clare, which are published with what is listed there.
    for county in COUNTIES {
        for language in Language::ALL {
            bundles.insert(Page::key_at(language, &county.path()), Bundle::Public);
        }
    }
    let assets = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for (from, document) in &documents {
        let html = Html::parse_document(&document.html);
        for element in all(&html, "[href], [src], [action]") {
            let target = ["href", "src", "action"].iter().find_map(|name| element.attr(name));
            let Some(path) = target.filter(|path| path.starts_with('/')) else { continue };
            let (path, fragment) = path.split_once('#').unwrap_or((path, ""));
            let (path, query) = path.split_once('?').unwrap_or((path, ""));
            let key = path.trim_start_matches('/');
            let page = format!("{key}index.html");
            let exists = match key {
                _ if key == shell::boot_key(from.body.bundle()) => true,
                // Of the API, of the photos, and what the workflows publish.
                "api/docs" => true,
                _ if key.starts_with("photos/") => true,
                _ if key.starts_with("feeds/sessions/") => key.ends_with(".ics"),
                _ if key.starts_with("feeds/counties/") => {
                    key.ends_with(".ics") || key.ends_with(".atom")
                }
                _ if key.starts_with("assets/") => assets.join(key).is_file(),
                _ => (key.is_empty() || key.ends_with('/')) && bundles.contains_key(page.as_str()),
            };
            seen += 1;
            assert!(exists, "{}: {path} leads nowhere", document.key);
            // The router must leave to the browser what is no page of this program's,
            // and what has more than a path, which it would cut off.
            let is_page = bundles.get(page.as_str()) == Some(&from.body.bundle())
                && fragment.is_empty()
                && query.is_empty();
            let has_router = from.body.bundle() != Bundle::None;
            if element.value().name() == "a" && has_router && !is_page {
                let rel = element.attr("rel").unwrap_or_default();
                assert!(rel.contains("external"), "{}: {path} is the router's", document.key);
            }
            if !fragment.is_empty() {
                assert_eq!(page, document.key, "the fragment is of this page");
                one(&html, &format!("#{fragment}"), &document.key);
            }
        }
    }
    assert!(seen > 900, "{seen} links");
}

#[tokio::test]
async fn each_page_is_there_in_each_language_and_neither_mixes() {
    let documents = rendered("Thursday tunes").await;
    for (page, document) in &documents {
        let other = page.language.other();
        assert!(
            documents.iter().any(|(twin, _)| twin.path == page.path && twin.language == other),
            "{} has no twin",
            document.key
        );
        let html = Html::parse_document(&document.html);
        let switch = one(&html, "header a[hreflang]", &document.key);
        assert_eq!(switch.attr("href"), Some(page.other_href().as_str()));
        assert_eq!(switch.attr("lang"), Some(other.tag()));
        let said = text(one(&html, "footer.site-footer > p", &document.key));
        assert_eq!(said, page.language.words().footer_text);
    }
}

#[tokio::test]
async fn one_page_is_rendered_as_among_others() {
    let page = Page::new(Language::En, ORIGIN, Body::Session(Box::new(session_page(MALICIOUS))));
    let json_ld = serde_json::json!({ "name": MALICIOUS }).to_string();
    let alone = engine::render_one(page.clone(), Some(json_ld)).await.unwrap();
    let documents = rendered(MALICIOUS).await;
    let among = documents.iter().find(|(other, _)| *other == page).unwrap();
    assert_eq!(alone, among.1);
    let twice = engine::render(vec![page.clone(), page], |_| None).await.unwrap_err();
    assert_eq!(twice.to_string(), "two pages are at /sessions/thursday-tunes-ennistymon/");
}

#[tokio::test]
async fn a_page_is_its_content_and_little_else() {
    for (page, document) in rendered("Thursday tunes").await {
        let html = Html::parse_document(&document.html);
        let content = one(&html, "#root", &document.key).inner_html().len();
        let state = text(one(&html, "#perseus-state", &document.key)).len();
        let head = document.html.find("__perseus_head_end").unwrap()
            - document.html.find("__perseus_head_boundary").unwrap();
        let structured =
            text(one(&html, "script[type='application/ld+json']", &document.key)).len();
        let shell = document.html.len() - content - state - head - structured;
        assert!(shell <= shell::SHELL_BYTES_MAX + 100, "{}: {shell} bytes", document.key);
        // Every county and every other page: none knows of the others.
        assert!(document.html.len() < 24 * 1024, "{}: {}", page.href(), document.html.len());
    }
}

/// Members' documents are the same for everybody: whoever caches one has nothing
/// of anybody.
#[tokio::test]
async fn a_members_document_holds_nothing_of_a_member() {
    for (page, document) in rendered("Thursday tunes").await {
        let Body::Members(members) = page.body else { continue };
        assert_eq!(page.path, members.path());
        let html = Html::parse_document(&document.html);
        let state = text(one(&html, "#perseus-state", &document.key));
        assert!(state.len() < 120, "{}: {state}", document.key);
        for field in all(&html, "input:not([type=file]), textarea") {
            assert_eq!(field.attr("value"), None, "{}", document.key);
        }
        // Each field is named, and its hint and problem are there.
        for field in all(&html, "input, textarea, select") {
            let id = field.attr("id").unwrap();
            one(&html, &format!("label[for='{id}']"), &document.key);
            for described in field.attr("aria-describedby").unwrap().split(' ') {
                one(&html, &format!("[id='{described}']"), &document.key);
            }
        }
    }
}

/// A Lambda function's future must be able to change its thread.
#[test]
fn rendering_can_be_waited_for_anywhere() {
    fn is_send<T: Send>(_: &T) {}
    let future = engine::render_one(Page::new(Language::En, ORIGIN, Body::Home), None);
    is_send(&future);
}

/// The browser reads of the search's answer what it shows, by the same names.
#[test]
fn what_the_search_answers_is_what_the_browser_reads() {
    let answer = found("Thursday tunes");
    let json = serde_json::to_string(&answer).unwrap();
    assert_eq!(serde_json::from_str::<Found>(&json).unwrap(), Found::from(answer));
}

#[tokio::test]
async fn a_session_shows_what_one_needs_to_go_there() {
    for (page, document) in rendered("Thursday tunes").await {
        let Body::Session(_) = &page.body else { continue };
        let key = &document.key;
        let html = Html::parse_document(&document.html);
        // The next four, each as it differs, with why.
        let dates = all(&html, ".dates li");
        assert_eq!(dates.len(), 4, "{key}");
        assert!(all(&html, ".dates li .off .mark.cancelled").len() == 1, "{key}");
        assert_eq!(all(&html, ".dates .reason").len(), 4, "{key}");
        assert_eq!(all(&html, ".dates .elsewhere").len(), 1, "{key}");
        assert_eq!(all(&html, ".dates .usual").len(), 1, "{key}");
        let links: Vec<_> = all(&html, "a").iter().filter_map(|a| a.attr("href")).collect();
        let slug = "thursday-tunes-ennistymon";
        for wanted in [
            format!("/feeds/sessions/{slug}.ics"),
            format!("webcal://seisiun.example/feeds/sessions/{slug}.ics"),
            page.language.href("towns/ie/clare/thursday-tunes"),
            format!("{}?session={slug}", page.language.href("report")),
            format!(
                "{}?session={slug}&review=01J9ZZZZZZZZZZZZZZZZZZZZZZ",
                page.language.href("report")
            ),
        ] {
            assert!(links.contains(&wanted.as_str()), "{key}: {wanted} of {links:?}");
        }
        // A notice names a review by this.
        one(&html, "li#review-01J9ZZZZZZZZZZZZZZZZZZZZZZ", key);
        // Nothing can be sent before the program is there: it would go into the
        // address of the page.
        one(&html, ".follow form > fieldset[disabled] input[type=email][required]", key);
        // As it happens, unless somebody chooses otherwise.
        let cadences: Vec<_> = all(&html, ".follow fieldset[disabled] option")
            .iter()
            .filter_map(|option| option.attr("value"))
            .collect();
        assert_eq!(cadences, ["instant", "weekly"], "{key}");
        for photo in all(&html, ".photos img") {
            let of = |name| photo.attr(name).unwrap_or_default();
            assert_eq!((of("width"), of("height")), ("1600", "1200"), "{key}");
            assert_eq!(of("data-thumbhash"), "1QcSHQRnh493V4dIh4eXh1h4kJUI", "{key}");
        }
    }
}

#[tokio::test]
async fn every_page_names_its_picture() {
    let assets = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, document) in rendered(MALICIOUS).await {
        let key = &document.key;
        let html = Html::parse_document(&document.html);
        let said = |name: &str| {
            let meta = one(&html, &format!("meta[property='og:{name}']"), key);
            meta.attr("content").unwrap_or_default().to_owned()
        };
        let (width, height) = PICTURE_SIZE;
        assert_eq!(
            (said("image:width"), said("image:height")),
            (width.to_string(), height.to_string())
        );
        assert!(!said("image:alt").is_empty(), "{key}");
        one(&html, "meta[name='twitter:card'][content=summary_large_image]", key);
        let picture = said("image");
        let path = picture.strip_prefix(&format!("{ORIGIN}/")).unwrap();
        match page.body {
            Body::Session(session) => {
                assert_eq!(path, format!("previews/{}.png", session.view.slug.as_str()));
                assert!(said("image:alt").contains(MALICIOUS), "{key}");
            }
            _ => assert!(assets.join(path).is_file(), "{key}: {path}"),
        }
    }
}

#[tokio::test]
async fn a_town_has_its_own_sessions_and_its_county_leads_to_it() {
    let list: Vec<Found> = vec![found("Plain tunes").into(), found("Other tunes").into()];
    let town = TownPage::of("ie", "County Clare", "plain TUNES", Language::Ga, list.clone());
    let town = town.unwrap();
    assert_eq!((&*town.country, &*town.county_slug, &*town.county), ("IE", "clare", "An Clár"));
    assert_eq!((&*town.name, town.sessions.len()), ("Plain tunes", 1));
    assert_eq!(TownPage::of("IE", "Clare", "Ennis", Language::En, list.clone()), None);
    let clare = COUNTIES.iter().find(|county| county.slug == "clare").unwrap();
    let county = CountyPage::of(clare, Language::En, list);
    let towns: Vec<_> = county.towns.iter().map(|town| (&*town.slug, &*town.name)).collect();
    assert_eq!(towns, [("other-tunes", "Other tunes"), ("plain-tunes", "Plain tunes")]);
}

#[test]
fn in_irish_a_session_says_in_irish_when_it_is_on() {
    let page = SessionPage::from(view("Thursday tunes"));
    let english = page.view.on.clone();
    assert_eq!(page.clone().said_in(Language::En).view.on, english);
    let irish = page.said_in(Language::Ga).view.on;
    assert_eq!(irish.len(), english.len());
    assert!(irish.iter().all(|on| on.starts_with("Gach ")), "{irish:?}");
}

/// Pages of an earlier release are read by a later program.
#[test]
fn a_page_of_before_towns_had_one_is_still_read() {
    let page = Page::new(Language::En, ORIGIN, Body::Session(Box::new(session_page("Tunes"))));
    let mut state = serde_json::to_value(&page).unwrap();
    let session = state["body"]["session"].as_object_mut().unwrap();
    session.remove("town_slug");
    session.remove("added_by_name");
    let read: Page = serde_json::from_value(state).unwrap();
    let Body::Session(session) = read.body else { panic!("{read:?}") };
    assert_eq!((session.town_slug, session.added_by_name), (None, None));
    let clare = COUNTIES.iter().find(|county| county.slug == "clare").unwrap();
    let county = CountyPage::of(clare, Language::En, vec![found("Tunes").into()]);
    let mut state = serde_json::to_value(&county).unwrap();
    state.as_object_mut().unwrap().remove("towns");
    assert_eq!(serde_json::from_value::<CountyPage>(state).unwrap().towns, []);
}

#[tokio::test]
async fn what_is_listed_can_be_put_on_a_map() {
    let mut maps = 0;
    for (page, document) in rendered("Thursday tunes").await {
        let key = &document.key;
        let html = Html::parse_document(&document.html);
        for button in all(&html, "button[data-map]") {
            let id = button.attr("data-map").unwrap();
            let place = one(&html, &format!("#{id}[hidden]"), key);
            // The browser's program never looks into it: another one fills it.
            assert_eq!(place.inner_html(), "", "{key}");
            assert_eq!(button.attr("aria-controls"), Some(id));
            maps += 1;
        }
        let pins = all(&html, "[data-at]");
        for pin in &pins {
            let at = pin.attr("data-at").unwrap().split_once(',').unwrap();
            assert!(at.0.parse::<f64>().is_ok() && at.1.parse::<f64>().is_ok(), "{key}: {at:?}");
            let links = pin.select(&Selector::parse("a[href]").unwrap()).count();
            assert!(links == 1 || pin.attr("href").is_some(), "{key}");
        }
        match page.body {
            Body::County(county) => assert_eq!(pins.len(), county.sessions.len(), "{key}"),
            Body::Town(town) => assert_eq!(pins.len(), town.sessions.len(), "{key}"),
            Body::Member(member) => {
                assert_eq!(pins.len(), member.hosted.len() + member.listed.len(), "{key}");
            }
            Body::Session(_) => assert_eq!(pins.len(), 1, "{key}"),
            _ => assert!(pins.is_empty(), "{key}"),
        }
    }
    assert!(maps > 10, "{maps} maps");
    // State of a page that an earlier release has published.
    let mut json = serde_json::to_value(Found::from(found("Old"))).unwrap();
    json.as_object_mut().unwrap().remove("position");
    assert_eq!(serde_json::from_value::<Found>(json).unwrap().position, None);
}

#[tokio::test]
async fn what_stands_in_without_a_signal_is_there_in_each_language() {
    for language in Language::ALL {
        let page = Page::new(language, ORIGIN, Body::Offline);
        let document = engine::render_one(page, None).await.unwrap();
        assert_eq!(document.key, format!("{}index.html", &language.href("offline")[1..]));
        let html = Html::parse_document(&document.html);
        one(&html, "[data-stored-pages]", &document.key);
        one(&html, "meta[name=robots][content=noindex]", &document.key);
    }
}
