//! What one follows: counties, sessions, circles, members.

use seisiun_domain::geo::Circle;
use serde::Deserialize;
use sycamore::{prelude::*, rt::Event};

use super::{
    account,
    form::{self, Field, Form},
    unscripted, words,
};
use crate::{COUNTIES, County, Language, MembersPage, view::each};

/// The list, and what may be added to it.
#[derive(Debug, Clone)]
struct Follows {
    list: RcSignal<Option<Vec<Entry>>>,
    /// `IE:clare`, as a target has it.
    county: RcSignal<String>,
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
        offered: create_rc_signal(None),
        form: Form::new(),
    };
    #[cfg(client)]
    client::begin(&follows, language);
    let said = form::said(cx, language, &follows.form);
    let field = Field::new("county", words.follow_county);
    let county =
        form::choice(cx, language, &follows.form, field, counties(language), &follows.county);
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
    let stop = {
        let follows = follows.clone();
        let id = entry.follow.id.clone();
        move |_: Event| unfollow(&follows, &id)
    };
    view! { cx,
        li {
            bdi { (name.get()) }
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

fn unfollow(follows: &Follows, id: &str) {
    #[cfg(client)]
    client::unfollow(follows, id);
    #[cfg(engine)]
    let _ = (follows, id);
}

#[cfg(client)]
mod client {
    use seisiun_contracts::api::SessionView;
    use serde_json::json;
    use sycamore::prelude::*;
    use wasm_bindgen_futures::spawn_local;

    use super::{Answer, Entry, Follows, named};
    use crate::{
        Language,
        members::{
            api::{Ask, read},
            asked,
            form::Said,
            trouble::Trouble,
            words,
        },
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
            let asked = Ask::put("/api/follows").json(&json!({ "target": target }));
            match asked.as_member().await {
                Ok(_) => {
                    follows.offered.set(None);
                    follows.county.set(String::new());
                    load(&follows, language).await;
                    follows.form.said.set(Said::Note(words(language).now_followed));
                }
                Err(trouble) => follows.form.fails(trouble),
            }
        });
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
}
