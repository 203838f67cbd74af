//! What public pages ask the search.

use gloo_net::http::Request;
use serde::Deserialize;
use sycamore::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;

use super::window;
use crate::{
    Found,
    view::finder::{Evening, Outcome},
};

/// Kilometres around a person that are still near.
const NEAR_KM: f64 = 40.0;
/// Milliseconds in a day.
const DAY_MS: f64 = 86_400_000.0;
/// Milliseconds that the browser may take to find out where it is.
const POSITION_PATIENCE_MS: u32 = 10_000;
/// Milliseconds that an earlier position is good for: nobody walks far in them.
const POSITION_AGE_MS: u32 = 300_000;

/// What the search answers, as far as it is shown.
#[derive(Debug, Deserialize)]
struct Answer {
    sessions: Vec<Found>,
}

/// Asks the search; `None` if it does not answer, or not as it should.
async fn search(query: &[(&str, String)]) -> Option<Vec<Found>> {
    let query = query.iter().map(|(name, value)| (*name, value.as_str()));
    let answer = Request::get("/api/sessions").query(query).send().await.ok()?;
    if !answer.ok() {
        return None;
    }
    // By way of a value, as pages are read: one reader less in the program.
    let answer: serde_json::Value = answer.json().await.ok()?;
    serde_json::from_value::<Answer>(answer).ok().map(|answer| answer.sessions)
}

/// What is asked for by a search form.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// As in an address: `ie/clare`.
    pub(crate) county: String,
    /// As the API has it, or nothing.
    pub(crate) when: String,
    /// Words of a name or town, or nothing.
    pub(crate) words: String,
}

/// What the address of the search's page asks for, if it names a county.
pub(crate) fn asked() -> Option<Asked> {
    let search = window().location().search().ok()?;
    let query = web_sys::UrlSearchParams::new_with_str(&search).ok()?;
    let county = query.get("county").filter(|county| county.contains('/'))?;
    let part = |name| query.get(name).unwrap_or_default();
    Some(Asked { county, when: part("when"), words: part("q") })
}

/// Fills a form's fields with what was asked for, once the elements that are
/// there were taken over: a choice among options that are not would be lost.
pub(crate) fn fill(
    asked: &Asked,
    county: &RcSignal<String>,
    when: &RcSignal<String>,
    words: &RcSignal<String>,
) {
    let fields = [(county, &asked.county), (when, &asked.when), (words, &asked.words)]
        .map(|(field, value)| (field.clone(), value.clone()));
    spawn_local(async move {
        for (field, value) in fields {
            field.set(value);
        }
    });
}

/// Asks for a search's sessions.
pub(crate) fn find(asked: Asked, outcome: &RcSignal<Outcome>) {
    let mut query = place(&asked.county);
    for (name, value) in [("when", asked.when), ("q", asked.words)] {
        if !value.trim().is_empty() {
            query.push((name, value));
        }
    }
    let outcome = outcome.clone();
    spawn_local(async move {
        outcome.set(Outcome::Looking);
        outcome.set(search(&query).await.map_or(Outcome::Failed, Outcome::Found));
    });
}

/// A county's part of a query.
fn place(county: &str) -> Vec<(&'static str, String)> {
    let (country, county) = county.split_once('/').unwrap_or(("ie", county));
    vec![("country", country.to_uppercase()), ("county", county.to_owned())]
}

/// Asks what is on in a county, tonight and in the days after.
pub(crate) fn evening_in(county: &str, evening: &Evening) {
    if !county.is_empty() {
        ask_evening(place(county), evening);
    }
}

fn ask_evening(place: Vec<(&'static str, String)>, evening: &Evening) {
    let Evening { tonight, week } = evening.clone();
    tonight.set(Outcome::Looking);
    week.set(Outcome::Looking);
    spawn_local(async move {
        let mut query = place.clone();
        query.push(("when", "tonight".into()));
        let now = search(&query).await;
        let listed: Vec<String> = now.iter().flatten().map(|one| one.slug.clone()).collect();
        tonight.set(now.map_or(Outcome::Failed, Outcome::Found));
        let all = search(&place).await;
        week.set(all.map_or(Outcome::Failed, |mut coming| {
            coming.retain(|one| !listed.contains(&one.slug) && is_this_week(one));
            coming.sort_by(|a, b| starts_ms(a).total_cmp(&starts_ms(b)));
            Outcome::Found(coming)
        }));
    });
}

/// When its next date begins, in milliseconds since 1970; not a number without one.
fn starts_ms(found: &Found) -> f64 {
    found.next.as_ref().map_or(f64::NAN, |next| js_sys::Date::parse(&next.starts_at))
}

fn is_this_week(found: &Found) -> bool {
    starts_ms(found) < js_sys::Date::now() + 7.0 * DAY_MS
}

/// Asks the browser where it is, and then what is on around there.
pub(crate) fn evening_near(evening: &Evening) {
    let Ok(geolocation) = window().navigator().geolocation() else {
        evening.tonight.set(Outcome::NoPosition);
        return;
    };
    evening.tonight.set(Outcome::Looking);
    let found = {
        let evening = evening.clone();
        Closure::once_into_js(move |position: web_sys::Position| {
            let coordinates = position.coords();
            // To a hundred metres: nearer is nobody's business.
            let rounded = |degrees: f64| format!("{degrees:.3}");
            let place = vec![
                ("lat", rounded(coordinates.latitude())),
                ("lon", rounded(coordinates.longitude())),
                ("radius_km", NEAR_KM.to_string()),
            ];
            ask_evening(place, &evening);
        })
    };
    let refused = {
        let tonight = evening.tonight.clone();
        Closure::once_into_js(move || tonight.set(Outcome::NoPosition))
    };
    let options = web_sys::PositionOptions::new();
    options.set_timeout(POSITION_PATIENCE_MS);
    options.set_maximum_age(POSITION_AGE_MS);
    let asked = geolocation.get_current_position_with_error_callback_and_options(
        found.unchecked_ref(),
        Some(refused.unchecked_ref()),
        &options,
    );
    if asked.is_err() {
        evening.tonight.set(Outcome::NoPosition);
    }
}

/// Asks for a county's sessions as of now. If there is no answer, those of the
/// document stay.
pub(crate) fn refresh_county(country: &str, county: &str, found: RcSignal<Vec<Found>>) {
    let query = vec![("country", country.to_owned()), ("county", county.to_owned())];
    spawn_local(async move {
        if let Some(answer) = search(&query).await {
            found.set(answer);
        }
    });
}
