//! What one follows: counties, sessions, circles, members.

use seisiun_domain::{follow::Cadence, geo::Circle};
use serde::Deserialize;
use sycamore::{prelude::*, rt::Event};

use super::{
    account,
    form::{self, Field, Form},
    unscripted, words,
};
use crate::{COUNTIES, County, Language, MembersPage, view::each};

/// The value of the choice to hear of news as it comes.
const INSTANT: &str = "instant";
/// The value of the choice to hear once a week.
const WEEKLY: &str = "weekly";

/// The list, and what may be added to it.
#[derive(Debug, Clone)]
struct Follows {
    list: RcSignal<Option<Vec<Entry>>>,
    /// `IE:clare`, as a target has it.
    county: RcSignal<String>,
    /// When to hear of what is added.
    cadence: RcSignal<String>,
    /// The session that the address names: its id and what it is called.
    offered: RcSignal<Option<(String, String)>>,
    form: Form,
}

/// A follow as the API has it (a
/// [`FollowView`](seisiun_contracts::api::FollowView)), its target as text: what
/// the domain reads it with carries the tables that slugs are made by.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Follow {
    id: String,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    circle: Option<Circle>,
    #[serde(default)]
    cadence: Cadence,
}

/// Answer to `GET /api/follows`.
#[derive(Debug, Deserialize)]
struct Answer {
    follows: Vec<Follow>,
}

/// Something that is followed.
#[derive(Debug, Clone)]
struct Entry {
    follow: Follow,
    /// What it is called, once that is known.
    name: RcSignal<String>,
    /// When one hears of it. On its own, since a list that is drawn anew would take
    /// the focus from the button that changes it.
    cadence: RcSignal<Cadence>,
}

pub(super) fn follows<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    view! { cx,
        div(class="follows") {
            h1 { (words.follows_title) }
            p(class="lead") { (words.follows_lead) }
            (unscripted(cx, language))
            (account::gate(cx, language, MembersPage::Follows, move |cx| inside(cx, language)))
        }
    }
}

fn inside<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    let follows = Follows {
        list: create_rc_signal(None),
        county: create_rc_signal(String::new()),
        cadence: create_rc_signal(INSTANT.to_owned()),
        offered: create_rc_signal(None),
        form: Form::new(),
    };
    #[cfg(client)]
    client::begin(&follows, language);
    let said = form::said(cx, language, &follows.form);
    let field = Field::new("county", words.follow_county);
    let county =
        form::choice(cx, language, &follows.form, field, counties(language), &follows.county);
    // As public pages have it.
    let site = language.words();
    let cadences =
        vec![(INSTANT.to_owned(), site.follow_instant), (WEEKLY.to_owned(), site.follow_weekly)];
    let field = Field::new("cadence", site.follow_cadence).hint(site.follow_weekly_hint);
    let cadence = form::choice(cx, language, &follows.form, field, cadences, &follows.cadence);
    let list = create_ref(cx, follows.list.clone());
    let offered = create_ref(cx, follows.offered.clone());
    let follow_offered = {
        let follows = follows.clone();
        move |_: Event| {
            if let Some((id, _)) = &*follows.offered.get_untracked() {
                follow(&follows, format!("session:{id}"), language);
            }
        }
    };
    let follow_county = {
        let follows = follows.clone();
        move |event: Event| {
            event.prevent_default();
            let county = follows.county.get_untracked();
            if !county.is_empty() {
                follow(&follows, format!("county:{county}"), language);
            }
        }
    };
    let offered_name = create_memo(cx, move || {
        offered.get().as_ref().as_ref().map(|(_, name)| name.clone()).unwrap_or_default()
    });
    view! { cx,
        div {
            // Before both, as it goes for both.
            div(class="form inline") { (cadence) }
            div(class="note", hidden=offered.get().is_none()) {
                p { bdi { (offered_name.get()) } }
                button(type="button", on:click=follow_offered) { (words.follow_this) }
            }
            form(class="form inline", method="post", novalidate=true, on:submit=follow_county) {
                (county)
                button(type="submit") { (words.follow) }
            }
            (said)
            h2 { (words.followed) }
            (match &*list.get() {
                None => view! { cx, p(class="empty", role="status") { (words.looking_you_up) } },
                Some(list) if list.is_empty() => view! { cx, p(class="empty") { (words.follows_empty) } },
                Some(list) => {
                    let items = each(list.clone(), |entry| one(cx, language, entry, &follows));
                    view! { cx, ul(class="plain listed") { (items) } }
                }
            })
        }
    }
}

fn one<G: Html>(cx: Scope, language: Language, entry: Entry, follows: &Follows) -> View<G> {
    let words = words(language);
    let name = create_ref(cx, entry.name.clone());
    let label = create_memo(cx, move || format!("{}: {}", words.unfollow, name.get()));
    let cadence = create_ref(cx, entry.cadence.clone());
    let instead = create_memo(cx, move || match *cadence.get() {
        Cadence::Instant => words.weekly_instead,
        Cadence::Weekly => words.instant_instead,
    });
    let change_label = create_memo(cx, move || format!("{}: {}", instead.get(), name.get()));
    let change = {
        let (follows, entry) = (follows.clone(), entry.clone());
        move |_: Event| change(&follows, &entry, language)
    };
    let stop = {
        let follows = follows.clone();
        let id = entry.follow.id.clone();
        move |_: Event| unfollow(&follows, &id)
    };
    view! { cx,
        li {
            bdi { (name.get()) }
            span(hidden=*cadence.get() == Cadence::Instant) { (words.once_a_week) }
            button(type="button", class="quiet", aria-label=change_label.get(), on:click=change) { (instead.get()) }
            button(type="button", class="quiet", aria-label=label.get(), on:click=stop) { (words.unfollow) }
        }
    }
}

/// The counties as targets, in the order of their list.
fn counties(language: Language) -> Vec<(String, &'static str)> {
    let words = words(language);
    let mut all = vec![(String::new(), words.choose_county)];
    all.extend(COUNTIES.iter().map(|county| {
        let name = match language {
            Language::En => county.english,
            Language::Ga => county.irish,
        };
        (format!("{}:{}", county.country, county.slug), name)
    }));
    all
}

/// What is followed, as far as it can be said without asking.
fn named(follow: &Follow, language: Language) -> String {
    let words = words(language);
    let target = follow.target.as_deref().and_then(|target| target.split_once(':'));
    match (target, &follow.circle) {
        (Some(("county", county)), _) => {
            let known =
                county.split_once(':').and_then(|(country, slug)| County::find(country, slug));
            match (known, language) {
                (Some(county), Language::En) => county.english.to_owned(),
                (Some(county), Language::Ga) => county.irish.to_owned(),
                (None, _) => county.to_owned(),
            }
        }
        (Some(("member", _)), _) => words.a_member.to_owned(),
        (None, Some(circle)) => format!(
            "{} {:.3}, {:.3} ({:.0} km)",
            words.around, circle.centre.lat, circle.centre.lon, circle.radius_km
        ),
        _ => words.a_session.to_owned(),
    }
}

fn follow(follows: &Follows, target: String, language: Language) {
    #[cfg(client)]
    client::follow(follows, target, language);
    #[cfg(engine)]
    let _ = (follows, target, language);
}

fn change(follows: &Follows, entry: &Entry, language: Language) {
    #[cfg(client)]
    client::change(follows, entry, language);
    #[cfg(engine)]
    let _ = (follows, entry, language);
}

fn unfollow(follows: &Follows, id: &str) {
    #[cfg(client)]
    client::unfollow(follows, id);
    #[cfg(engine)]
    let _ = (follows, id);
}

#[cfg(client)]
mod client {
    use seisiun_contracts::api::SessionView;
    use seisiun_domain::follow::Cadence;
    use serde_json::{Value, json};
    use sycamore::prelude::*;
    use wasm_bindgen_futures::spawn_local;

    use super::{Answer, Entry, Follows, WEEKLY, named};
    use crate::{
        Language,
        members::{
            api::{Ask, read},
            asked,
            form::Said,
            trouble::Trouble,
            words,
        },
        zone,
    };

    pub(super) fn begin(follows: &Follows, language: Language) {
        let follows = follows.clone();
        spawn_local(async move {
            load(&follows, language).await;
            if let Some(slug) = asked("session")
                && let Ok(view) = session(&slug).await
            {
                let target = Some(format!("session:{}", view.id));
                let known = follows.list.get_untracked();
                let followed = known.iter().flatten().any(|entry| entry.follow.target == target);
                if !followed {
                    follows.offered.set(Some((view.id.to_string(), called(&view))));
                }
            }
        });
    }

    async fn session(id_or_slug: &str) -> Result<SessionView, Trouble> {
        read(Ask::get(format!("/api/sessions/{id_or_slug}")).openly().await?)
    }

    fn called(view: &SessionView) -> String {
        let venue = &view.listing.venue;
        format!("{} · {}, {}", view.listing.title, venue.name, venue.town)
    }

    async fn load(follows: &Follows, language: Language) {
        match Ask::get("/api/follows").as_member().await.and_then(read::<Answer>) {
            Ok(answer) => {
                let entries: Vec<_> = answer
                    .follows
                    .into_iter()
                    .map(|follow| Entry {
                        name: create_rc_signal(named(&follow, language)),
                        cadence: create_rc_signal(follow.cadence),
                        follow,
                    })
                    .collect();
                for entry in entries.iter().cloned() {
                    let target = entry.follow.target.as_deref();
                    if let Some(id) = target.and_then(|target| target.strip_prefix("session:")) {
                        let id = id.to_owned();
                        spawn_local(async move {
                            // One that is gone keeps its general name.
                            if let Ok(view) = session(&id).await {
                                entry.name.set(called(&view));
                            }
                        });
                    }
                }
                follows.list.set(Some(entries));
            }
            Err(trouble) => follows.form.fails(trouble),
        }
    }

    pub(super) fn follow(follows: &Follows, target: String, language: Language) {
        let follows = follows.clone();
        spawn_local(async move {
            follows.form.clear();
            let cadence = match follows.cadence.get_untracked().as_str() {
                WEEKLY => Cadence::Weekly,
                _ => Cadence::Instant,
            };
            match put(json!({ "target": target }), cadence).await {
                Ok(()) => {
                    follows.offered.set(None);
                    follows.county.set(String::new());
                    load(&follows, language).await;
                    follows.form.said.set(Said::Note(words(language).now_followed));
                }
                Err(trouble) => follows.form.fails(trouble),
            }
        });
    }

    /// Has the same followed by the other cadence.
    pub(super) fn change(follows: &Follows, entry: &Entry, language: Language) {
        let (follows, entry) = (follows.clone(), entry.clone());
        spawn_local(async move {
            follows.form.clear();
            let cadence = match *entry.cadence.get_untracked() {
                Cadence::Instant => Cadence::Weekly,
                Cadence::Weekly => Cadence::Instant,
            };
            let what = match (&entry.follow.target, &entry.follow.circle) {
                (Some(target), _) => json!({ "target": target }),
                (None, circle) => json!({ "circle": circle }),
            };
            match put(what, cadence).await {
                Ok(()) => {
                    entry.cadence.set(cadence);
                    follows.form.said.set(Said::Note(words(language).saved));
                }
                Err(trouble) => follows.form.fails(trouble),
            }
        });
    }

    /// Follows a target or a circle. What is heard of weekly comes by the clock where
    /// the browser is; if it tells none, by Ireland's.
    async fn put(mut what: Value, cadence: Cadence) -> Result<(), Trouble> {
        what["cadence"] = json!(cadence);
        if cadence == Cadence::Weekly
            && let Some(zone) = zone::own()
        {
            what["zone"] = zone.into();
        }
        Ask::put("/api/follows").json(&what).as_member().await.map(drop)
    }

    pub(super) fn unfollow(follows: &Follows, id: &str) {
        let follows = follows.clone();
        let id = id.to_owned();
        spawn_local(async move {
            follows.form.clear();
            match Ask::delete(format!("/api/follows/{id}")).as_member().await {
                Ok(_) => {
                    let known = follows.list.get_untracked();
                    let left = known.iter().flatten().filter(|entry| entry.follow.id != id);
                    follows.list.set(Some(left.cloned().collect()));
                }
                Err(trouble) => follows.form.fails(trouble),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_followed_has_a_name() {
        for (json, name) in [
            (r#"{"id":"1","target":"county:IE:clare","since":""}"#, "An Clár"),
            (r#"{"id":"1","target":"county:US:cook","since":""}"#, "US:cook"),
            (r#"{"id":"1","target":"member:m","since":""}"#, "Seisiúin baill"),
            (r#"{"id":"1","target":"session:s","since":""}"#, "Seisiún"),
            (
                r#"{"id":"1","circle":{"centre":{"lat":53.0,"lon":-9.25},"radius_km":20.0},"since":""}"#,
                "Timpeall 53.000, -9.250 (20 km)",
            ),
        ] {
            assert_eq!(named(&serde_json::from_str(json).unwrap(), Language::Ga), name);
        }
    }

    #[test]
    fn what_is_followed_says_when_one_hears_of_it() {
        for (json, cadence) in [
            (r#"{"id":"1","target":"county:IE:clare","since":""}"#, Cadence::Instant),
            (
                r#"{"id":"1","target":"county:IE:clare","since":"","cadence":"instant"}"#,
                Cadence::Instant,
            ),
            (
                r#"{"id":"1","target":"county:IE:clare","since":"","cadence":"weekly"}"#,
                Cadence::Weekly,
            ),
        ] {
            assert_eq!(serde_json::from_str::<Follow>(json).unwrap().cadence, cadence);
        }
        // The choice's values are what it is read from.
        assert_eq!(serde_json::to_value(Cadence::Instant).unwrap(), INSTANT);
        assert_eq!(serde_json::to_value(Cadence::Weekly).unwrap(), WEEKLY);
    }
}
