//! The search: on the first page by place alone, on its own page by day and
//! name, too. Without script its form leads to that page, which links to every
//! county's.

use sycamore::{prelude::*, rt::Event};

use super::{each, list, map, options};
use crate::{COUNTIES, Found, Language, words::Words};

/// How a search stands. Natively, none has begun.
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side searches"))]
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Outcome {
    /// Nothing was asked for yet.
    #[default]
    Idle,
    /// Asked, and not answered yet.
    Looking,
    /// What was found, in its order.
    Found(Vec<Found>),
    /// The API did not answer, or not as it should.
    Failed,
    /// The browser does not say where it is.
    NoPosition,
}

/// What the first page asks for.
#[derive(Debug, Clone)]
pub(crate) struct Evening {
    /// What is on tonight.
    pub(crate) tonight: RcSignal<Outcome>,
    /// What is on in the six days after.
    pub(crate) week: RcSignal<Outcome>,
}

pub(super) fn home<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = language.words();
    let evening = Evening {
        tonight: create_rc_signal(Outcome::default()),
        week: create_rc_signal(Outcome::default()),
    };
    let alive = create_rc_signal(false);
    #[cfg(client)]
    crate::client::come_alive(&alive);
    let county = create_signal(cx, String::new());
    let by_county = {
        let evening = evening.clone();
        move |_: Event| ask_county(&evening, &county.get())
    };
    let by_position = {
        let evening = evening.clone();
        move |_: Event| ask_position(&evening)
    };
    let Evening { tonight, week } = evening;
    let asleep = {
        let alive = alive.clone();
        create_memo(cx, move || !*alive.get())
    };
    let tonight = create_ref(cx, tonight);
    let week = create_ref(cx, week);
    let action = language.href("sessions");
    let map = map::map(cx, language);
    view! { cx,
        div(class="home") {
            section(class="hero") {
                h1 { (words.home_heading) }
                p(class="lead") { (words.home_lead) }
                form(class="finder", action=action, method="get", role="search") {
                    div(class="field") {
                        label(for="county") { (words.county_label) }
                        select(id="county", name="county", required=true, bind:value=county, on:change=by_county) {
                            option(value="") { (words.any_county) }
                            (county_options(cx, language))
                        }
                    }
                    button(type="submit") { (words.search_label) }
                    button(type="button", class="quiet", hidden=*asleep.get(), on:click=by_position, aria-describedby="near-hint") { (words.near_me) }
                    p(id="near-hint", class="hint", hidden=*asleep.get()) { (words.near_me_hint) }
                }
            }
            (map)
            div(class="columns") {
                section(aria-labelledby="tonight", aria-live="polite") {
                    h2(id="tonight") { (words.tonight) }
                    (outcome(cx, language, &tonight.get(), *asleep.get()))
                }
                section(aria-labelledby="week", aria-live="polite") {
                    h2(id="week") { (words.this_week) }
                    (outcome(cx, language, &week.get(), *asleep.get()))
                }
            }
            section(aria-labelledby="counties") {
                h2(id="counties") { (words.by_county) }
                (counties(cx, language))
            }
        }
    }
}

pub(super) fn find<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = language.words();
    let found = create_rc_signal(Outcome::default());
    let alive = create_rc_signal(false);
    let field = || create_ref(cx, create_rc_signal(String::new()));
    let (county, day, text) = (field(), field(), field());
    #[cfg(client)]
    {
        crate::client::come_alive(&alive);
        if let Some(asked) = crate::client::asked() {
            crate::client::fill(&asked, county, day, text);
            crate::client::find(asked, &found);
        }
    }
    let found = create_ref(cx, found);
    let asleep = create_memo(cx, move || !*alive.get());
    let days = [
        ("tonight", words.when_tonight),
        ("mon", words.monday),
        ("tue", words.tuesday),
        ("wed", words.wednesday),
        ("thu", words.thursday),
        ("fri", words.friday),
        ("sat", words.saturday),
        ("sun", words.sunday),
    ];
    let days = options(cx, &days);
    let action = language.href("sessions");
    let map = map::map(cx, language);
    view! { cx,
        div(class="find") {
            h1 { (words.find_title) }
            form(class="finder", action=action, method="get", role="search") {
                div(class="field") {
                    label(for="county") { (words.county_label) }
                    select(id="county", name="county", required=true, bind:value=county) {
                        option(value="") { (words.any_county) }
                        (county_options(cx, language))
                    }
                }
                div(class="field") {
                    label(for="when") { (words.when_label) }
                    select(id="when", name="when", bind:value=day) {
                        option(value="") { (words.any_day) }
                        (days)
                    }
                }
                div(class="field grow") {
                    label(for="q") { (words.words_label) }
                    input(id="q", name="q", type="search", maxlength="100", autocomplete="off", bind:value=text)
                }
                button(type="submit") { (words.search_label) }
            }
            (map)
            section(aria-labelledby="results", aria-live="polite") {
                h2(id="results") { (words.results) }
                (outcome(cx, language, &found.get(), *asleep.get()))
            }
            section(aria-labelledby="counties") {
                h2(id="counties") { (words.by_county) }
                (counties(cx, language))
            }
        }
    }
}

/// Every county as an option, its value as in an address: `ie/clare`.
fn county_options<G: Html>(cx: Scope, language: Language) -> View<G> {
    each(in_order(language), |(name, path)| view! { cx, option(value=path) { (name) } })
}

/// Every county as a link to its page.
fn counties<G: Html>(cx: Scope, language: Language) -> View<G> {
    let links = each(in_order(language), |(name, path)| {
        let href = language.href(&format!("counties/{path}"));
        view! { cx, li { a(href=href) { (name) } } }
    });
    view! { cx, ul(class="plain counties") { (links) } }
}

/// The counties' names in a language with their parts of an address, in its
/// alphabetical order: accents and the article `An` do not count.
fn in_order(language: Language) -> impl Iterator<Item = (&'static str, String)> {
    COUNTIES.iter().zip(IRISH_ORDER).filter_map(move |(english, irish)| {
        let county = match language {
            Language::En => english,
            Language::Ga => COUNTIES.get(irish)?,
        };
        let path = format!("{}/{}", county.country.to_ascii_lowercase(), county.slug);
        Some((county.name(language.into()), path))
    })
}

/// Which of [`COUNTIES`] is the first in Irish, which the second: told, since to
/// sort them would cost every visitor two kilobytes of program.
const IRISH_ORDER: [usize; 32] = [
    0, 1, 9, 3, 2, 12, 14, 13, 31, 4, 5, 6, 8, 7, 10, 11, 29, 15, 16, 30, 18, 19, 17, 20, 21, 22,
    28, 24, 25, 26, 27, 23,
];

fn outcome<G: Html>(cx: Scope, language: Language, outcome: &Outcome, asleep: bool) -> View<G> {
    let words: &'static Words = language.words();
    let said = match outcome {
        Outcome::Found(found) => {
            return list::sessions(cx, language, found.clone(), words.none_found);
        }
        Outcome::Idle if asleep => words.without_script,
        Outcome::Idle => words.choose_first,
        Outcome::Looking => words.looking,
        Outcome::Failed => words.search_failed,
        Outcome::NoPosition => words.no_position,
    };
    view! { cx, p(class="empty") { (said) } }
}

/// What is on in a county, tonight and this week.
fn ask_county(evening: &Evening, county: &str) {
    #[cfg(client)]
    crate::client::evening_in(county, evening);
    #[cfg(engine)]
    let _ = (evening, county);
}

/// What is on around where the browser is.
fn ask_position(evening: &Evening) {
    #[cfg(client)]
    crate::client::evening_near(evening);
    #[cfg(engine)]
    let _ = evening;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name as it is looked up: the accents are Irish's five.
    fn sort_key(name: &str) -> String {
        let plain = |c: char| match c {
            'á' | 'Á' => 'a',
            'é' | 'É' => 'e',
            'í' | 'Í' => 'i',
            'ó' | 'Ó' => 'o',
            'ú' | 'Ú' => 'u',
            _ => c.to_ascii_lowercase(),
        };
        name.trim_start_matches("An ").chars().map(plain).collect()
    }

    #[test]
    fn counties_stand_in_the_order_of_the_language() {
        let names: Vec<_> = in_order(Language::Ga).map(|(name, _)| name).collect();
        assert!(names.windows(2).all(|two| sort_key(two[0]) < sort_key(two[1])), "{names:?}");
        assert_eq!(names.len(), COUNTIES.len());
        assert_eq!(names[..4], ["Aontroim", "Ard Mhacha", "Baile Átha Cliath", "An Cabhán"]);
        let clare = ("Clare", "ie/clare".to_owned());
        assert_eq!(in_order(Language::En).nth(4), Some(clare));
    }
}
