//! A review of a session: what one found there.

use seisiun_domain::limits;
use serde::{Deserialize, Serialize};
use sycamore::{prelude::*, rt::Event};

use super::{
    account::{self, Standing},
    form::{self, Field, Form, Typed},
    photos::{self, Kept, Photos},
    unscripted, words,
    words::Words,
};
use crate::{Language, MembersPage};

/// What is typed, which is how a draft keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Text {
    rating: String,
    welcome: String,
    level: String,
    noise: String,
    visited_on: String,
    text: String,
    photos: Vec<Kept>,
}

/// The form.
#[derive(Debug, Clone)]
struct Review {
    rating: RcSignal<String>,
    welcome: RcSignal<String>,
    level: RcSignal<String>,
    noise: RcSignal<String>,
    visited_on: RcSignal<String>,
    text: RcSignal<String>,
    photos: Photos,
    /// What is reviewed: its title and place.
    about: RcSignal<String>,
    /// Whether it takes the place of an earlier one.
    replaces: RcSignal<bool>,
    form: Form,
}

impl Review {
    fn new() -> Self {
        let line = || create_rc_signal(String::new());
        Self {
            rating: line(),
            welcome: line(),
            level: line(),
            noise: line(),
            visited_on: line(),
            text: line(),
            photos: create_rc_signal(Vec::new()),
            about: line(),
            replaces: create_rc_signal(false),
            form: Form::new(),
        }
    }

    /// What is typed; whoever asks in an effect is told of changes.
    fn typed(&self) -> Text {
        let line = |signal: &RcSignal<String>| (*signal.get()).clone();
        Text {
            rating: line(&self.rating),
            welcome: line(&self.welcome),
            level: line(&self.level),
            noise: line(&self.noise),
            visited_on: line(&self.visited_on),
            text: line(&self.text),
            photos: self.photos.get().iter().map(photos::Photo::kept).collect(),
        }
    }
}

pub(super) fn review<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    let review = Review::new();
    #[cfg(client)]
    client::begin(cx, &review);
    let form = &review.form;
    let standing = create_ref(cx, account::standing());
    let invitation = account::invitation(cx, language, MembersPage::Review);
    let said = form::said(cx, language, form);
    let busy = create_ref(cx, form.busy.clone());
    let about = create_ref(cx, review.about.clone());
    let replaces = create_ref(cx, review.replaces.clone());
    let mark = |path, label, hint, options: Vec<(&str, &'static str)>, value| {
        let options = options.into_iter().map(|(value, name)| (value.to_owned(), name)).collect();
        form::choice(cx, language, form, Field::new(path, label).hint(hint), options, value)
    };
    let rating = mark("rating", words.rating, "", ratings(words), &review.rating);
    let welcome = mark(
        "welcome",
        words.welcome,
        "",
        scale(words.welcome_1, words.welcome_5, words),
        &review.welcome,
    );
    let level = mark(
        "level",
        words.how_well,
        "",
        scale(words.level_1, words.level_5, words),
        &review.level,
    );
    let noise =
        mark("noise", words.noise, "", scale(words.noise_1, words.noise_5, words), &review.noise);
    let visited = Field::new("visited_on", words.visited_on);
    let visited =
        form::line(cx, language, form, visited, Typed::special("date"), &review.visited_on);
    let text = Field::new("text", words.review_text).hint(words.review_text_hint);
    let text = form::area(cx, language, form, text, limits::REVIEW_CHARS_MAX, &review.text);
    let pictures = photos::photos(cx, language, form, &review.photos);
    let send = move |event: Event| {
        event.prevent_default();
        if !*review.form.busy.get() {
            send(&review, language);
        }
    };
    view! { cx,
        div(class="review") {
            h1 { (words.review_title) }
            p(class="lead") { bdi { (about.get()) } }
            (unscripted(cx, language))
            div(hidden=*standing.get() != Standing::Out) { (invitation) }
            p(class="note", hidden=!*replaces.get()) { (words.review_replaces) }
            form(class="form", method="post", novalidate=true, on:submit=send) {
                div(class="fields") { (rating) (visited) }
                (text)
                div(class="fields") { (welcome) (level) (noise) }
                fieldset { legend { (words.part_photos) } (pictures) }
                (said)
                div(class="actions") {
                    button(type="submit", aria-disabled=busy.get().to_string()) { (words.do_review) }
                }
                p(class="hint") { (words.review_anonymous) }
            }
        }
    }
}

fn ratings(words: &'static Words) -> Vec<(&'static str, &'static str)> {
    vec![
        ("", words.choose),
        ("5", words.rating_5),
        ("4", words.rating_4),
        ("3", words.rating_3),
        ("2", words.rating_2),
        ("1", words.rating_1),
    ]
}

/// A scale of five with a name at both ends.
fn scale(
    least: &'static str,
    most: &'static str,
    words: &'static Words,
) -> Vec<(&'static str, &'static str)> {
    vec![("", words.not_said), ("1", least), ("2", "2"), ("3", "3"), ("4", "4"), ("5", most)]
}

fn send(review: &Review, language: Language) {
    #[cfg(client)]
    client::send(review, language);
    #[cfg(engine)]
    let _ = (review, language);
}

#[cfg(client)]
mod client {
    use std::{cell::Cell, cell::RefCell};

    use perseus::prelude::navigate;
    use seisiun_contracts::api::{OwnSubmissions, SessionView, SubmitReview};
    use seisiun_domain::{
        SessionId, SubmissionId,
        review::ReviewDraft,
        submission::{Kind, Status},
    };
    use sycamore::prelude::*;
    use wasm_bindgen_futures::spawn_local;

    use super::{Review, Text};
    use crate::{
        Language, MembersPage,
        client::language,
        members::{
            account::{self, Standing},
            api::{Ask, pause, read},
            asked, draft,
            form::{Said, focus_on_problem, missing},
            photos, today,
            trouble::Trouble,
            words,
        },
    };

    /// Milliseconds after which a lost connection is tried again.
    const AGAIN_MS: i32 = 2_000;

    thread_local! {
        /// What is reviewed, and the review that this one replaces.
        static ABOUT: RefCell<Option<SessionId>> = const { RefCell::new(None) };
        static REPLACES: RefCell<Option<SubmissionId>> = const { RefCell::new(None) };
    }

    fn name() -> String {
        format!("review-{}", asked("session").unwrap_or_default())
    }

    pub(super) fn begin(cx: Scope, review: &Review) {
        ABOUT.set(None);
        REPLACES.set(None);
        let alive = create_rc_signal(false);
        let first = Cell::new(true);
        {
            let (review, alive) = (review.clone(), alive.clone());
            create_effect(cx, move || {
                let typed = review.typed();
                if *alive.get() && !first.replace(false) {
                    draft::keep(&name(), &typed);
                }
            });
        }
        // One's earlier review is looked for once somebody is signed in.
        let found = create_rc_signal(None::<SessionView>);
        {
            let (review, found) = (review.clone(), found.clone());
            let standing = account::standing();
            create_effect(cx, move || {
                if *standing.get() == Standing::In
                    && let Some(view) = &*found.get()
                {
                    spawn_local(earlier(review.clone(), view.clone()));
                }
            });
        }
        let review = review.clone();
        spawn_local(async move {
            review.visited_on.set(today());
            if let Some(kept) = draft::kept::<Text>(&name()) {
                fill(&review, &kept);
                for photo in kept.photos {
                    photos::restore(&review.photos, photo);
                }
                review.form.said.set(Said::Note(words(language()).draft_restored));
            }
            alive.set(true);
            let Some(slug) = asked("session") else {
                review.form.said.set(Said::Note(words(language()).edit_which));
                return;
            };
            loop {
                match Ask::get(format!("/api/sessions/{slug}"))
                    .openly()
                    .await
                    .and_then(read::<SessionView>)
                {
                    Ok(view) => {
                        let venue = &view.listing.venue;
                        review.about.set(format!(
                            "{} · {}, {}",
                            view.listing.title, venue.name, venue.town
                        ));
                        ABOUT.set(Some(view.id));
                        found.set(Some(view));
                        return;
                    }
                    Err(Trouble::Unreachable) => {
                        review.form.said.set(Said::Trouble(Trouble::Unreachable));
                        pause(AGAIN_MS).await;
                    }
                    Err(trouble) => {
                        review.form.fails(trouble);
                        return;
                    }
                }
            }
        });
    }

    fn fill(review: &Review, text: &Text) {
        review.rating.set(text.rating.clone());
        review.welcome.set(text.welcome.clone());
        review.level.set(text.level.clone());
        review.noise.set(text.noise.clone());
        review.visited_on.set(text.visited_on.clone());
        review.text.set(text.text.clone());
    }

    /// Looks whether one has reviewed it before: this review then takes its place.
    async fn earlier(review: Review, view: SessionView) {
        let Ok(own) = Ask::get("/api/submissions").as_member().await else { return };
        let Ok(own) = read::<OwnSubmissions>(own) else { return };
        let before = own.submissions.into_iter().find(|one| {
            one.kind == Kind::Review
                && one.about == Some(view.id)
                && matches!(one.status, Status::Published { .. })
        });
        let Some(before) = before else { return };
        REPLACES.set(Some(before.submission_id));
        review.replaces.set(true);
        let shown = view.reviews.iter().find(|shown| shown.id == before.submission_id);
        if let Some(shown) = shown.filter(|_| draft::kept::<Text>(&name()).is_none()) {
            let mark = |value: Option<u8>| value.map(|value| value.to_string()).unwrap_or_default();
            fill(
                &review,
                &Text {
                    rating: shown.review.rating.to_string(),
                    welcome: mark(shown.review.welcome),
                    level: mark(shown.review.level),
                    noise: mark(shown.review.noise),
                    visited_on: shown.review.visited_on.clone(),
                    text: shown.review.text.clone(),
                    photos: Vec::new(),
                },
            );
        }
    }

    pub(super) fn send(review: &Review, language: Language) {
        let words = words(language);
        review.form.clear();
        let typed = review.typed();
        let mut problems = Vec::new();
        let rating = typed.rating.parse().ok();
        if rating.is_none() {
            problems.push(missing("rating"));
        }
        if typed.visited_on.is_empty() {
            problems.push(missing("visited_on"));
        }
        let (Some(rating), Some(session_id), true) =
            (rating, ABOUT.with_borrow(|about| *about), problems.is_empty())
        else {
            review.form.said.set(Said::Note(words.not_in_order));
            review.form.problems.set(problems);
            focus_on_problem();
            return;
        };
        let draft = ReviewDraft {
            session_id,
            rating,
            welcome: typed.welcome.parse().ok(),
            level: typed.level.parse().ok(),
            noise: typed.noise.parse().ok(),
            visited_on: typed.visited_on,
            text: typed.text,
            replaces: REPLACES.with_borrow(|replaces| *replaces),
        };
        review.form.busy.set(true);
        review.form.said.set(Said::Note(words.under_way));
        let review = review.clone();
        spawn_local(async move {
            let Some(photos) = photos::uploaded(&review.photos).await else {
                review.form.busy.set(false);
                review.form.said.set(Said::Note(words.photos_in_the_way));
                return;
            };
            let Ok(body) = serde_json::to_string(&SubmitReview { review: draft, photos }) else {
                review.form.fails(Trouble::Unclear);
                return;
            };
            match draft::deliver(&name(), "/api/reviews", &body, &review.form, language).await {
                Ok(()) => {
                    for photo in review.photos.get_untracked().iter() {
                        photos::forget_one(&photo.key);
                    }
                    navigate(&language.href(MembersPage::Mine.path()));
                }
                Err(trouble) => {
                    review.form.fails(trouble);
                    focus_on_problem();
                }
            }
        });
    }
}
