//! What one says of oneself, which mails one wants, and what is held on one: to
//! be taken away, or erased.

use seisiun_domain::limits;
use sycamore::{prelude::*, rt::Event};

use super::{
    account,
    form::{self, Field, Form, Typed},
    unscripted, words,
};
use crate::{Language, MembersPage, view::each};

/// The word by which erasure is confirmed; the API asks for it.
const ERASE: &str = "erase";

/// Who may see a page of theirs.
const NOBODY: &str = "nobody";
const ANYBODY: &str = "anybody";

/// The page's forms.
#[derive(Debug, Clone)]
struct Preferences {
    email: RcSignal<String>,
    name: RcSignal<String>,
    language: RcSignal<String>,
    news: RcSignal<String>,
    public: RcSignal<String>,
    /// Where their page is, if they have chosen to have one.
    page: RcSignal<String>,
    profile: Form,
    current_password: RcSignal<String>,
    new_password: RcSignal<String>,
    password: Form,
    /// Where the archives are, once they are made.
    archives: RcSignal<Vec<String>>,
    export: Form,
    /// Whether it is asked whether all shall really be erased.
    erase_asked: RcSignal<bool>,
    erasure: Form,
}

impl Preferences {
    fn new() -> Self {
        let line = || create_rc_signal(String::new());
        Self {
            email: line(),
            name: line(),
            language: line(),
            news: line(),
            public: line(),
            page: line(),
            profile: Form::new(),
            current_password: line(),
            new_password: line(),
            password: Form::new(),
            archives: create_rc_signal(Vec::new()),
            export: Form::new(),
            erase_asked: create_rc_signal(false),
            erasure: Form::new(),
        }
    }
}

pub(super) fn preferences<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    view! { cx,
        div(class="preferences") {
            h1 { (words.preferences_title) }
            (unscripted(cx, language))
            (account::gate(cx, language, MembersPage::Preferences, move |cx| inside(cx, language)))
        }
    }
}

fn inside<G: Html>(cx: Scope, language: Language) -> View<G> {
    let preferences = Preferences::new();
    #[cfg(client)]
    client::load(&preferences, language);
    let profile = profile(cx, language, &preferences);
    let password = password(cx, language, &preferences);
    let data = data(cx, language, &preferences);
    view! { cx, div { (profile) (password) (data) } }
}

fn profile<G: Html>(cx: Scope, language: Language, preferences: &Preferences) -> View<G> {
    let words = words(language);
    let form = &preferences.profile;
    let email = create_ref(cx, preferences.email.clone());
    let name = Field::new("display_name", words.display_name).hint(words.display_name_hint);
    let typed = Typed { autocomplete: "nickname", ..Typed::text(limits::DISPLAY_NAME_CHARS_MAX) };
    let name = form::line(cx, language, form, name, typed, &preferences.name);
    let languages = Language::ALL.map(|one| (one.tag().to_owned(), one.own_name())).to_vec();
    let spoken = Field::new("language", words.mail_language);
    let spoken = form::choice(cx, language, form, spoken, languages, &preferences.language);
    let news = vec![("at_once".to_owned(), words.news_at_once), ("off".to_owned(), words.news_off)];
    let mails = Field::new("mails.news", words.news).hint(words.news_hint);
    let mails = form::choice(cx, language, form, mails, news, &preferences.news);
    let choices =
        vec![(NOBODY.to_owned(), words.own_page_none), (ANYBODY.to_owned(), words.own_page_public)];
    let public = Field::new("public", words.own_page).hint(words.own_page_hint);
    let public = form::choice(cx, language, form, public, choices, &preferences.public);
    let page = create_ref(cx, preferences.page.clone());
    let said = form::said(cx, language, form);
    let save = {
        let preferences = preferences.clone();
        move |event: Event| {
            event.prevent_default();
            save(&preferences, language);
        }
    };
    view! { cx,
        form(class="form", method="post", novalidate=true, aria-labelledby="profile-heading", on:submit=save) {
            h2(id="profile-heading") { (words.profile) }
            p(class="hint") { (words.signed_in_as) " " bdi { (email.get()) } }
            (name)
            (spoken)
            (mails)
            (public)
            p(hidden=page.get().is_empty()) { a(href=page.get(), rel="external") { (words.to_own_page) } }
            (said)
            div(class="actions") { button(type="submit") { (words.save) } }
        }
    }
}

fn password<G: Html>(cx: Scope, language: Language, preferences: &Preferences) -> View<G> {
    let words = words(language);
    let form = &preferences.password;
    let typed = |autocomplete| Typed {
        kind: "password",
        autocomplete,
        mode: "",
        chars_max: seisiun_contracts::api::auth::PASSWORD_CHARS_MAX,
    };
    let current = Field::new("current_password", words.current_password);
    let current = form::line(
        cx,
        language,
        form,
        current,
        typed("current-password"),
        &preferences.current_password,
    );
    let new = Field::new("new_password", words.new_password).hint(words.password_hint);
    let new = form::line(cx, language, form, new, typed("new-password"), &preferences.new_password);
    let said = form::said(cx, language, form);
    let change = {
        let preferences = preferences.clone();
        move |event: Event| {
            event.prevent_default();
            change_password(&preferences, language);
        }
    };
    view! { cx,
        form(class="form", method="post", novalidate=true, aria-labelledby="password-heading", on:submit=change) {
            h2(id="password-heading") { (words.change_password) }
            p(class="hint") { (words.change_password_hint) }
            (current)
            (new)
            (said)
            div(class="actions") { button(type="submit", class="quiet") { (words.do_reset) } }
        }
    }
}

fn data<G: Html>(cx: Scope, language: Language, preferences: &Preferences) -> View<G> {
    let words = words(language);
    let export_said = form::said(cx, language, &preferences.export);
    let erase_said = form::said(cx, language, &preferences.erasure);
    let archives = create_ref(cx, preferences.archives.clone());
    let asked = create_ref(cx, preferences.erase_asked.clone());
    let export = {
        let preferences = preferences.clone();
        move |_: Event| export(&preferences, language)
    };
    let ask = move |_: Event| asked.set(true);
    let keep = move |_: Event| asked.set(false);
    let erase = {
        let preferences = preferences.clone();
        move |_: Event| erase(&preferences, language)
    };
    view! { cx,
        div {
            section(class="form", aria-labelledby="data-heading") {
                h2(id="data-heading") { (words.data) }
                p { (words.export_text) }
                div(class="actions") { button(type="button", class="quiet", on:click=export) { (words.do_export) } }
                (export_said)
                ul(class="plain") {
                    (each(archives.get().iter().cloned().enumerate(), |(n, href)| {
                        let name = format!("{} {}", words.archive, n + 1);
                        view! { cx, li { a(href=href, rel="external") { (name) } } }
                    }))
                }
            }
            section(class="form", aria-labelledby="erase-heading") {
                h2(id="erase-heading") { (words.erasure) }
                p { (words.erase_text) }
                div(class="actions") {
                    button(type="button", class="quiet", hidden=*asked.get(), on:click=ask) { (words.do_erase) }
                    button(type="button", class="grave", hidden=!*asked.get(), on:click=erase) { (words.erase_really) }
                    button(type="button", class="quiet", hidden=!*asked.get(), on:click=keep) { (words.keep_account) }
                }
                (erase_said)
            }
        }
    }
}

fn save(preferences: &Preferences, language: Language) {
    #[cfg(client)]
    client::save(preferences, language);
    #[cfg(engine)]
    let _ = (preferences, language);
}

fn change_password(preferences: &Preferences, language: Language) {
    #[cfg(client)]
    client::change_password(preferences, language);
    #[cfg(engine)]
    let _ = (preferences, language);
}

fn export(preferences: &Preferences, language: Language) {
    #[cfg(client)]
    client::export(preferences, language);
    #[cfg(engine)]
    let _ = (preferences, language);
}

fn erase(preferences: &Preferences, language: Language) {
    #[cfg(client)]
    client::erase(preferences, language);
    #[cfg(engine)]
    let _ = (preferences, language);
}

#[cfg(client)]
mod client {
    use std::cell::RefCell;

    use seisiun_contracts::api::{ExportView, Me, Submitted};
    use seisiun_domain::member::{Mails, NewsMails, ProfileDraft};
    use serde_json::json;
    use wasm_bindgen_futures::spawn_local;

    use super::{ANYBODY, ERASE, NOBODY, Preferences};
    use crate::{
        Language, member_path,
        members::{
            account,
            api::{Ask, fresh_key, pause, read},
            form::{Form, Said, missing},
            trouble::Trouble,
            words,
        },
    };

    /// Milliseconds between two looks whether an export is ready, and how many
    /// are taken: who asked gets a mail, too.
    const LOOK_MS: i32 = 2_000;
    const LOOKS_MAX: u32 = 60;

    thread_local! {
        /// What was read, whose parts without a field here are sent back as they were.
        static ME: RefCell<Option<Me>> = const { RefCell::new(None) };
        /// The keys of an export and of an erasure, for a repeat.
        static KEYS: (String, String) = (fresh_key(), fresh_key());
    }

    fn show(preferences: &Preferences, language: Language, me: Me) {
        preferences.email.set(me.email.expose().to_owned());
        preferences.name.set(me.profile.display_name.clone());
        let spoken = match me.profile.language {
            seisiun_domain::member::Language::En => "en",
            seisiun_domain::member::Language::Ga => "ga",
        };
        preferences.language.set(spoken.into());
        let news = match me.profile.mails.news {
            NewsMails::AtOnce => "at_once",
            NewsMails::Off => "off",
        };
        preferences.news.set(news.into());
        let (public, page) = if me.profile.public {
            (ANYBODY, language.href(&member_path(&me.member_id)))
        } else {
            (NOBODY, String::new())
        };
        preferences.public.set(public.into());
        preferences.page.set(page);
        ME.set(Some(me));
    }

    pub(super) fn load(preferences: &Preferences, language: Language) {
        let preferences = preferences.clone();
        spawn_local(async move {
            match Ask::get("/api/me").as_member().await.and_then(read::<Me>) {
                Ok(me) => show(&preferences, language, me),
                Err(trouble) => preferences.profile.fails(trouble),
            }
        });
    }

    pub(super) fn save(preferences: &Preferences, language: Language) {
        preferences.profile.clear();
        let Some(me) = ME.with_borrow(Clone::clone) else {
            preferences.profile.fails(Trouble::Unreachable);
            return;
        };
        let profile = ProfileDraft {
            display_name: (*preferences.name.get()).clone(),
            language: if *preferences.language.get() == "ga" {
                seisiun_domain::member::Language::Ga
            } else {
                seisiun_domain::member::Language::En
            },
            mails: Mails {
                news: if *preferences.news.get() == "off" {
                    NewsMails::Off
                } else {
                    NewsMails::AtOnce
                },
            },
            home: me.profile.home,
            public: *preferences.public.get() == ANYBODY,
        };
        let preferences = preferences.clone();
        spawn_local(async move {
            match Ask::put("/api/me").json(&profile).as_member().await.and_then(read::<Me>) {
                Ok(me) => {
                    show(&preferences, language, me);
                    preferences.profile.said.set(Said::Note(words(language).saved));
                }
                Err(trouble) => preferences.profile.fails(trouble),
            }
        });
    }

    pub(super) fn change_password(preferences: &Preferences, language: Language) {
        let form = preferences.password.clone();
        form.clear();
        let (current, new) = (preferences.current_password.get(), preferences.new_password.get());
        let lacks: Vec<_> = [("current_password", &current), ("new_password", &new)]
            .into_iter()
            .filter(|(_, typed)| typed.is_empty())
            .map(|(path, _)| missing(path))
            .collect();
        if !lacks.is_empty() {
            form.said.set(Said::Note(words(language).not_in_order));
            form.problems.set(lacks);
            return;
        }
        let preferences = preferences.clone();
        spawn_local(async move {
            let body = json!({ "current_password": *current, "new_password": *new });
            match Ask::post("/api/auth/change-password").json(&body).as_member().await {
                Ok(_) => {
                    preferences.current_password.set(String::new());
                    preferences.new_password.set(String::new());
                    // Everybody is signed out by it, here too.
                    account::ended();
                }
                Err(trouble) => form.fails(trouble),
            }
        });
    }

    pub(super) fn export(preferences: &Preferences, language: Language) {
        let preferences = preferences.clone();
        spawn_local(async move {
            let words = words(language);
            preferences.export.clear();
            preferences.export.said.set(Said::Note(words.export_asked));
            match archives(&preferences.export).await {
                Ok(archives) if archives.is_empty() => {}
                Ok(archives) => {
                    preferences.archives.set(archives);
                    preferences.export.said.set(Said::Note(words.export_ready));
                }
                Err(trouble) => preferences.export.fails(trouble),
            }
        });
    }

    /// Where the archives are; none if they are not ready for long: a mail comes.
    async fn archives(form: &Form) -> Result<Vec<String>, Trouble> {
        let key = KEYS.with(|(export, _)| export.clone());
        let asked = Ask::post("/api/me/exports").json(&json!({})).key(&key).as_member().await?;
        let asked: Submitted = read(asked)?;
        for _ in 0..LOOKS_MAX {
            let path = format!("/api/me/exports/{}", asked.submission_id);
            let export: ExportView = read(Ask::get(path).as_member().await?)?;
            if export.ready {
                return Ok(export.archives);
            }
            if matches!(&*form.said.get_untracked(), Said::Trouble(_)) {
                break;
            }
            pause(LOOK_MS).await;
        }
        Ok(Vec::new())
    }

    pub(super) fn erase(preferences: &Preferences, language: Language) {
        let preferences = preferences.clone();
        spawn_local(async move {
            preferences.erasure.clear();
            let key = KEYS.with(|(_, erasure)| erasure.clone());
            let body = json!({ "confirm": ERASE });
            match Ask::post("/api/me/erasure").json(&body).key(&key).as_member().await {
                Ok(_) => {
                    preferences.erase_asked.set(false);
                    preferences.erasure.said.set(Said::Note(words(language).erased));
                    pause(LOOK_MS).await;
                    account::ended();
                }
                Err(trouble) => preferences.erasure.fails(trouble),
            }
        });
    }
}
