//! What a request asks for in its query, held against the limits.

use seisiun_contracts::api::FindSessions;
use seisiun_domain::{
    Problems,
    card::List,
    geo::{Circle, Position},
    limits,
    search::{self, Query},
    text,
};
use seisiun_workflows::find_sessions::Place;

use crate::views;

/// Kilometres around a point that are searched if the client does not say.
const RADIUS_KM_DEFAULT: f64 = 20.0;

/// What a search asks for: one place, and what is wanted of its sessions.
///
/// # Errors
/// Names each parameter that is beyond a limit, and says when there are two places.
pub fn search_of(wanted: FindSessions) -> Result<(Place, Query), Problems> {
    let mut problems = Problems::default();
    let p = &mut problems;
    let place = match (wanted.lat, wanted.lon, &wanted.country, &wanted.county) {
        (Some(lat), Some(lon), None, None) => {
            let radius_km = wanted.radius_km.unwrap_or(RADIUS_KM_DEFAULT);
            let circle = Circle { centre: Position { lat, lon }, radius_km };
            search::check_circle(&circle, p);
            Some(Place::Near(circle))
        }
        (None, None, Some(country), Some(county)) => {
            if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_alphabetic()) {
                p.add("country", "invalid_country", "must be a two-letter country code such as IE");
            }
            let county = text::line(county, "county", limits::LINE_CHARS_MAX, p);
            if wanted.radius_km.is_some() {
                p.add("radius_km", "ambiguous", "goes with lat and lon, not with a county");
            }
            Some(Place::County(List::county(country, &county)))
        }
        _ => {
            p.add("lat", "ambiguous", "give either lat and lon, or country and county");
            None
        }
    };
    let town = wanted.town.map(|town| text::line(&town, "town", limits::LINE_CHARS_MAX, p));
    let words = wanted.q.map(|words| search::check_text(&words, p));
    let complete = place.map(|place| {
        let query = Query {
            near: None,
            town,
            text: words,
            when: wanted.when.map(views::when),
            format: wanted.format,
            freshness: wanted.freshness,
        };
        (place, query)
    });
    problems.or(complete)
}

/// How often to look at a submission within this time.
///
/// # Errors
/// If the time is none that a request may wait.
pub fn looks(wait_seconds: Option<u8>) -> Result<u64, Problems> {
    let most = limits::STATE_WAIT_SECONDS_MAX;
    match wait_seconds {
        None => Ok(1),
        Some(seconds) if (1..=most).contains(&seconds) => {
            Ok(1 + u64::from(seconds) * 1_000 / limits::STATE_POLL_MS)
        }
        Some(_) => {
            let why = format!("must be between 1 and {most}");
            Err(Problems::one("wait_seconds", "out_of_range", why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(query: &str) -> Vec<String> {
        let uri = format!("/api/sessions?{query}").parse().unwrap();
        let wanted = axum::extract::Query::try_from_uri(&uri).unwrap().0;
        let problems = search_of(wanted).err().unwrap_or_default().0;
        problems.into_iter().map(|problem| format!("{}:{}", problem.field, problem.code)).collect()
    }

    #[test]
    fn a_search_names_one_place_within_its_limits() {
        for (query, problems) in [
            ("lat=53.3&lon=-6.2", &[][..]),
            ("lat=53.3&lon=-6.2&radius_km=80&when=tonight&format=slow", &[]),
            ("country=ie&county=Co.%20Clare&town=Ennis&q=slow", &[]),
            ("", &["lat:ambiguous"]),
            ("lat=53.3", &["lat:ambiguous"]),
            ("lat=1&lon=1&country=IE&county=Clare", &["lat:ambiguous"]),
            ("lat=91&lon=-181", &["near.lat:out_of_range", "near.lon:out_of_range"]),
            ("lat=NaN&lon=0", &["near.lat:out_of_range"]),
            ("lat=1&lon=1&radius_km=81", &["radius_km:out_of_range"]),
            ("lat=1&lon=1&radius_km=inf", &["radius_km:out_of_range"]),
            ("country=IRL&county=Clare", &["country:invalid_country"]),
            ("country=IE&county=%20", &["county:missing"]),
            ("country=IE&county=Clare&radius_km=3", &["radius_km:ambiguous"]),
            ("lat=1&lon=1&q=%E2%80%A6", &["q:no_words"]),
        ] {
            assert_eq!(codes(query), problems, "{query}");
        }
    }

    #[test]
    fn a_wait_is_between_one_second_and_twenty() {
        assert_eq!(looks(None).unwrap(), 1);
        assert_eq!(looks(Some(1)).unwrap(), 3);
        assert_eq!(looks(Some(20)).unwrap(), 41);
        for bad in [0, 21, u8::MAX] {
            assert_eq!(looks(Some(bad)).unwrap_err().0[0].field, "wait_seconds");
        }
    }
}
