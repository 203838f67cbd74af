//! The page of a session.

use seisiun_contracts::api::{PhotoView, ReviewView, SessionView};
use seisiun_domain::{
    county::County,
    dates::day_of_year,
    search::Freshness,
    session::{Format, Level, Status, VenueDraft},
};
use sycamore::prelude::*;

use super::{
    each,
    follow::{Followed, follow},
    list, map, maybe,
};
use crate::{Language, MembersPage, Page, SessionPage, dates, page::town_path, words::Words};

/// Where a session's calendar is published.
pub(crate) fn calendar_path(session: &SessionView) -> String {
    format!("/feeds/sessions/{}.ics", session.slug.as_str())
}

/// Dates that the page shows.
const DATES_SHOWN: usize = 4;

pub(super) fn session<G: Html>(cx: Scope, page: &Page, shown: &SessionPage) -> View<G> {
    let SessionPage { view: session, county_slug, town_slug, added_by_name } = shown;
    let language = page.language;
    let words = language.words();
    let listing = &session.listing;
    let venue = &listing.venue;
    let title = listing.title.clone();
    let (name, town) = (venue.name.clone(), venue.town.clone());
    let town = match town_slug {
        Some(slug) => {
            let href = language.href(&town_path(&venue.country, county_slug, slug));
            view! { cx, a(href=href, rel="external") { bdi { (town) } } }
        }
        None => view! { cx, bdi { (town) } },
    };
    let county =
        language.href(&format!("counties/{}/{county_slug}", venue.country.to_ascii_lowercase()));
    let on = each(session.on.clone(), |on| view! { cx, p(class="on") { (on) } });
    let description =
        maybe(Some(listing.description.clone()).filter(|text| !text.is_empty()), |text| {
            view! { cx, p(class="description", dir="auto") { (text) } }
        });
    let calendar = calendar_path(session);
    let for_members = |page: MembersPage| {
        format!("{}?session={}", language.href(page.path()), session.slug.as_str())
    };
    let review = for_members(MembersPage::Review);
    let follow_it = for_members(MembersPage::Follows);
    let edit = for_members(MembersPage::Edit);
    let subscription = subscription(&page.origin, &calendar);
    let place_and_access = where_it_is(cx, language, venue, county_slug);
    let who = who(cx, words, session);
    let photos = photos(cx, words, &session.photos, &title);
    let added_by = maybe(added_by_name.clone().zip(session.added_by.clone()), |(name, id)| {
        let href = language.href(&format!("members/{id}"));
        view! { cx, p { (words.added_by) " " a(href=href, rel="external") { bdi { (name) } } } }
    });
    let following = follow(
        cx,
        language,
        Followed {
            target: format!("session:{}", session.id),
            heading: words.follow_session,
            lead: words.follow_lead,
        },
    );
    let report = report_href(language, session, None);
    let banner = banner(cx, words, session);
    let dates = next_dates(cx, language, session);
    let reviews = reviews(cx, language, session);
    let heading = title.clone();
    view! { cx,
        article(class="session") {
            header {
                h1 { bdi { (heading) } }
                p(class="place") { bdi { (name) } ", " (town) }
                (on)
                (banner)
            }
            (photos)
            (description)
            div(class="columns") {
                section(aria-labelledby="dates") {
                    h2(id="dates") { (words.next_dates) }
                    (dates)
                    ul(class="plain row") {
                        li { a(class="button", href=calendar, rel="external") { (words.calendar) } }
                        li { a(href=subscription, rel="external") { (words.subscribe) } }
                    }
                }
                (place_and_access)
            }
            div(class="columns") {
                div { (who) (added_by) }
                (following)
            }
            (reviews)
            ul(class="plain row links") {
                li { a(href=county) { (words.county_sessions) } }
                li { a(href=review, rel="external") { (words.review_it) } }
                li { a(href=follow_it, rel="external") { (words.follow_it) } }
                li { a(href=edit, rel="external") { (words.edit_it) } }
                li { a(href=report, rel="external nofollow") { (words.report) } }
            }
        }
    }
}

/// What a calendar subscribes to: the same file under the scheme that
/// calendars know.
fn subscription(origin: &str, calendar: &str) -> String {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    format!("webcal://{host}{calendar}")
}

/// Where one tells us of what is wrong with a session, or with a review of it.
fn report_href(language: Language, session: &SessionView, review: Option<&str>) -> String {
    let report = language.href(MembersPage::Report.path());
    let slug = session.slug.as_str();
    match review {
        None => format!("{report}?session={slug}"),
        Some(review) => format!("{report}?session={slug}&review={review}"),
    }
}

fn banner<G: Html>(cx: Scope, words: &'static Words, session: &SessionView) -> View<G> {
    let text = match (session.status, session.freshness) {
        (Status::Paused, _) => Some(words.paused),
        (Status::Ended | Status::Withdrawn, _) => Some(words.ended),
        (Status::Live, Freshness::Stale) => Some(words.stale),
        (Status::Live, Freshness::Fresh | Freshness::Ageing) => None,
    };
    maybe(text, |text| view! { cx, p(class="notice") { (text) } })
}

fn next_dates<G: Html>(cx: Scope, language: Language, session: &SessionView) -> View<G> {
    let words = language.words();
    if session.next.is_empty() {
        return view! { cx, p(class="empty") { (words.no_dates) } };
    }
    let dates = each(session.next.iter().take(DATES_SHOWN), |date| {
        let date = list::date(cx, language, date);
        view! { cx, li { (date) } }
    });
    let verified = verified(cx, language, session);
    view! { cx, div { ol(class="plain dates") { (dates) } (verified) } }
}

/// When somebody last vouched for it, and what that means.
fn verified<G: Html>(cx: Scope, language: Language, session: &SessionView) -> View<G> {
    let words = language.words();
    let means = match session.freshness {
        Freshness::Fresh => words.verified_fresh,
        Freshness::Ageing => words.verified_ageing,
        // The banner says it.
        Freshness::Stale => "",
    };
    maybe(dates::local(&session.last_verified_at), |at| {
        let day = day_of_year(at.date(), language.into());
        let text = format!("{} {day}. {means}", words.verified).trim_end().to_owned();
        view! { cx, p(class="verified") { (text) } }
    })
}

fn where_it_is<G: Html>(
    cx: Scope,
    language: Language,
    venue: &VenueDraft,
    county_slug: &str,
) -> View<G> {
    let words = language.words();
    let map = map::map(cx, language);
    let VenueDraft { name, address, town, county, country, position, .. } = venue.clone();
    let (at, pin) = (map::at(Some(position)), name.clone());
    // An address that no app claims opens a map in the browser.
    let streets = format!(
        "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}",
        lat = position.lat,
        lon = position.lon
    );
    // Who reads of a county of Ireland knows where that is.
    let region = match County::find(&country, county_slug) {
        Some(_) => county,
        None => format!("{county}, {country}"),
    };
    let access = [
        (venue.step_free, words.step_free, words.no_step_free),
        (venue.accessible_toilet, words.toilet, words.no_toilet),
    ];
    let access = each(access, |(known, yes, no)| {
        maybe(known, |is| {
            let text = if is { yes } else { no };
            view! { cx, li { (text) } }
        })
    });
    view! { cx,
        section(aria-labelledby="where") {
            h2(id="where") { (words.where_heading) }
            address {
                span { bdi { (name) } } br {}
                span { bdi { (address) } } br {}
                span { bdi { (town) } } br {}
                span { bdi { (region) } }
            }
            ul(class="plain") { (access) }
            p { a(class="button quiet", href=streets, rel="external noopener", data-at=at, data-name=pin) { (words.open_map) } }
            (map)
        }
    }
}

fn who<G: Html>(cx: Scope, words: &'static Words, session: &SessionView) -> View<G> {
    let listing = &session.listing;
    let format = match listing.format {
        Format::Open => words.format_open,
        Format::ByInvitation => words.format_by_invitation,
        Format::Slow => words.format_slow,
        Format::Singing => words.format_singing,
        Format::Beginners => words.format_beginners,
        Format::Listening => words.format_listening,
    };
    let level = match listing.level {
        Level::Beginner => words.level_beginner,
        Level::Intermediate => words.level_intermediate,
        Level::Advanced => words.level_advanced,
        Level::Any => words.level_any,
    };
    let named = [
        (words.hosts, session.hosts.clone()),
        (words.instruments, listing.instruments.clone()),
        (words.tunes, listing.tunes.clone()),
    ];
    let named = each(named.into_iter().filter(|(_, list)| !list.is_empty()), |(name, list)| {
        let list = list.join(", ");
        view! { cx, div { dt { (name) } dd { bdi { (list) } } } }
    });
    // What is stored is https; what is not, a page must not lead to.
    let links: Vec<String> =
        listing.links.iter().filter(|link| link.starts_with("https://")).cloned().collect();
    let links = maybe(Some(links).filter(|links| !links.is_empty()), |links| {
        let links = each(links, |link| {
            let shown = link.trim_start_matches("https://").to_owned();
            view! { cx, li { a(href=link, rel="external nofollow ugc noopener") { bdi { (shown) } } } }
        });
        view! { cx, div { dt { (words.links) } dd { ul(class="plain") { (links) } } } }
    });
    view! { cx,
        section(aria-labelledby="who") {
            h2(id="who") { (words.who_heading) }
            p { (format) " · " (level) }
            dl(class="facts") { (named) (links) }
        }
    }
}

fn photos<G: Html>(cx: Scope, words: &'static Words, photos: &[PhotoView], title: &str) -> View<G> {
    if photos.is_empty() {
        return View::empty();
    }
    let of = photos.len();
    let photos = each(photos.iter().cloned().enumerate(), |(n, photo)| {
        let alt = format!("{} {}/{of}: {title}", words.photo_of, n + 1);
        let full = site_path(&photo.src);
        let src = site_path(&photo.thumbnail_src);
        let set = format!("{src} 400w, {full} {}w", photo.width);
        // The first one may be what is seen first.
        let loading = if n == 0 { "eager" } else { "lazy" };
        let (width, height) = (photo.width.to_string(), photo.height.to_string());
        let thumbhash = photo.thumbhash;
        view! { cx,
            li {
                a(href=full, rel="external") {
                    img(data-thumbhash=thumbhash, src=src, srcset=set, sizes="(min-width: 48rem) 22rem, 80vw", width=width,
                        height=height, alt=alt, loading=loading, decoding="async")
                }
            }
        }
    });
    #[cfg(client)]
    crate::client::show_placeholders();
    view! { cx,
        section(class="photos", aria-label=words.photos) { ul(class="plain strip") { (photos) } }
    }
}

/// A path of ours, with its slash.
fn site_path(src: &str) -> String {
    format!("/{}", src.trim_start_matches('/'))
}

fn reviews<G: Html>(cx: Scope, language: Language, session: &SessionView) -> View<G> {
    let words = language.words();
    let mean = session.rating.filter(|_| session.review_count > 0);
    let mean = maybe(mean, |mean| {
        let of = session.review_count;
        let reviews = if of == 1 { words.review_one } else { words.review_many };
        let text = format!("{mean:.1} {} · {of} {reviews}", words.out_of_five);
        view! { cx, p(class="rating") { (text) } }
    });
    let list = if session.reviews.is_empty() {
        view! { cx, p(class="empty") { (words.no_reviews) } }
    } else {
        let items = each(session.reviews.iter(), |one| review(cx, language, session, one));
        view! { cx, ul(class="plain reviews") { (items) } }
    };
    view! { cx,
        section(aria-labelledby="reviews") {
            h2(id="reviews") { (words.reviews) }
            (mean)
            (list)
        }
    }
}

fn review<G: Html>(
    cx: Scope,
    language: Language,
    session: &SessionView,
    view: &ReviewView,
) -> View<G> {
    let words = language.words();
    let review = &view.review;
    let rating = format!("{} {}", review.rating, words.out_of_five);
    let visited = match dates::date(&review.visited_on) {
        Some(date) => day_of_year(date, language.into()),
        None => review.visited_on.clone(),
    };
    let visited = format!("{} {visited}", words.visited);
    let text = review.text.clone();
    let id = view.id.to_string();
    let report = report_href(language, session, Some(&id));
    // What a notice names a review by.
    let id = format!("review-{id}");
    view! { cx,
        li(id=id) {
            p(class="rating") { (rating) span(class="visited") { " · " (visited) } }
            p(dir="auto") { (text) }
            p(class="aside") { a(href=report, rel="external nofollow") { (words.report_review) } }
        }
    }
}
