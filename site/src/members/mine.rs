//! What one has sent, and where each of it stands, live.

use seisiun_contracts::api::SubmissionView;
use seisiun_domain::{
    case::{self, Reason},
    dates::day_of_year,
    limits,
    submission::{Kind, Status},
};
use sycamore::{prelude::*, rt::Event};

use super::{
    account,
    form::{self, Form},
    unscripted, words,
    words::Words,
};
use crate::{
    Language, MembersPage, dates,
    view::{each, maybe},
};

/// Something that was sent.
#[derive(Debug, Clone)]
struct Entry {
    view: RcSignal<SubmissionView>,
    /// Whether it is asked whether it shall really be taken back.
    asked: RcSignal<bool>,
    /// Whether it is asked why it shall be looked at again.
    appealing: RcSignal<bool>,
    /// Why.
    why: RcSignal<String>,
    form: Form,
    /// Under which taking it back may be repeated.
    key: String,
}

/// All that was sent, as far as it was fetched.
#[derive(Debug, Clone)]
struct List {
    entries: RcSignal<Option<Vec<Entry>>>,
    /// Where it goes on.
    next: RcSignal<Option<String>>,
    form: Form,
}

pub(super) fn mine<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    view! { cx,
        div(class="mine") {
            h1 { (words.mine_title) }
            (unscripted(cx, language))
            (account::gate(cx, language, MembersPage::Mine, move |cx| list(cx, language)))
        }
    }
}

fn list<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    let list =
        List { entries: create_rc_signal(None), next: create_rc_signal(None), form: Form::new() };
    #[cfg(client)]
    client::load(cx, list.clone());
    let entries = create_ref(cx, list.entries.clone());
    let next = create_ref(cx, list.next.clone());
    let said = form::said(cx, language, &list.form);
    let more = move |_: Event| load_more(&list);
    let add = language.href(MembersPage::Submit.path());
    view! { cx,
        div {
            p { a(class="button", href=add) { (words.add_one) } }
            (match &*entries.get() {
                None => view! { cx, p(class="empty", role="status") { (words.looking_you_up) } },
                Some(entries) if entries.is_empty() => view! { cx, p(class="empty") { (words.mine_empty) } },
                Some(entries) => {
                    let items = each(entries.clone(), |one| entry(cx, language, one));
                    view! { cx, ul(class="plain cards") { (items) } }
                }
            })
            (said)
            p(hidden=next.get().is_none()) { button(type="button", class="quiet", on:click=more) { (words.more) } }
        }
    }
}

fn entry<G: Html>(cx: Scope, language: Language, entry: Entry) -> View<G> {
    let words = words(language);
    let view = create_ref(cx, entry.view.clone());
    let asked = create_ref(cx, entry.asked.clone());
    let said = form::said(cx, language, &entry.form);
    let first = view.get_untracked();
    let title = first.title.clone().unwrap_or_else(|| kind(first.kind, words).to_owned());
    let sent = dates::local(&first.accepted_at)
        .map(|at| day_of_year(at.date(), language.into()))
        .unwrap_or_default();
    let line = format!("{} · {sent}", kind(first.kind, words));
    // What came of it can be taken back, or what waits; not what asks for something.
    let kinds = matches!(first.kind, Kind::Session | Kind::Review | Kind::Change);
    let can_go = create_memo(cx, move || {
        kinds && matches!(view.get().status, Status::InReview | Status::Published { .. })
    });
    let appealable = create_memo(cx, move || may_appeal(&view.get()));
    let appealing = create_ref(cx, entry.appealing.clone());
    let why = create_ref(cx, entry.why.clone());
    let why_id = format!("why-{}", first.submission_id);
    let (label_for, most) = (why_id.clone(), limits::APPEAL_CHARS_MAX.to_string());
    let appealed = entry.clone();
    let on_appeal = move |event: Event| {
        event.prevent_default();
        appeal(&appealed, language);
    };
    let on_ask_again = move |_: Event| appealing.set(true);
    let on_let_it_be = move |_: Event| appealing.set(false);
    let ask = move |_: Event| asked.set(true);
    let keep = move |_: Event| asked.set(false);
    let go = move |_: Event| withdraw(&entry, language);
    view! { cx,
        li(class="card submission") {
            h2 { bdi { (title) } }
            p(class="place") { (line) }
            div(role="status") { (standing(cx, language, &view.get())) }
            div(class="actions") {
                button(type="button", class="quiet", hidden=!*can_go.get() || *asked.get(), on:click=ask) { (words.take_back) }
                button(type="button", hidden=!*can_go.get() || !*asked.get(), on:click=go) { (words.take_back_really) }
                button(type="button", class="quiet", hidden=!*can_go.get() || !*asked.get(), on:click=keep) { (words.keep_it) }
                button(type="button", class="quiet", hidden=!*appealable.get() || *appealing.get(), on:click=on_ask_again) { (words.appeal) }
            }
            form(hidden=!*appealable.get() || !*appealing.get(), on:submit=on_appeal) {
                div(class="field") {
                    label(for=label_for) { (words.appeal_why) }
                    textarea(id=why_id, rows="4", required=true, maxlength=most, bind:value=why)
                }
                div(class="actions") {
                    button(type="submit") { (words.appeal_send) }
                    button(type="button", class="quiet", on:click=on_let_it_be) { (words.appeal_not) }
                }
            }
            (said)
        }
    }
}

/// Whether its member may ask for another look: at what a person decided, or a
/// program that may be wrong about a picture, and not twice.
fn may_appeal(view: &SubmissionView) -> bool {
    match &view.status {
        Status::Rejected { statement } => {
            let by_person = !statement.automated_decision || statement.reason == Reason::Explicit;
            by_person && view.appeal.is_none()
        }
        _ => false,
    }
}

/// What kind of thing was sent.
fn kind(kind: Kind, words: &'static Words) -> &'static str {
    match kind {
        Kind::Session => words.kind_session,
        Kind::Review => words.kind_review,
        Kind::Change => words.kind_change,
        Kind::Withdrawal => words.kind_withdrawal,
        Kind::Export => words.kind_export,
        Kind::Erasure => words.kind_erasure,
        Kind::Notice => words.kind_notice,
    }
}

/// Where it stands, in plain words, with the way to what came of it.
fn standing<G: Html>(cx: Scope, language: Language, view: &SubmissionView) -> View<G> {
    let words = words(language);
    let (class, text) = match &view.status {
        Status::Accepted if view.delayed => ("mark", words.state_delayed),
        Status::Accepted => ("mark", words.state_accepted),
        Status::InReview => ("mark", words.state_in_review),
        Status::Published { .. } => ("mark extra", words.state_published),
        Status::Rejected { .. } if view.appeal == Some(case::Status::Appealed) => {
            ("mark", words.state_appealed)
        }
        Status::Rejected { .. } if view.appeal.is_some() => {
            ("mark cancelled", words.state_rejected_again)
        }
        Status::Rejected { .. } => ("mark cancelled", words.state_rejected),
        Status::Withdrawn { .. } => ("mark cancelled", words.state_withdrawn),
        Status::Done => ("mark extra", words.state_done),
        Status::Resolved { upheld: true } => ("mark extra", words.state_upheld),
        Status::Resolved { upheld: false } => ("mark", words.state_not_upheld),
    };
    let page = match &view.status {
        Status::Published { slug, .. } => {
            Some(language.href(&format!("sessions/{}", slug.as_str())))
        }
        _ => None,
    };
    let page = maybe(page, |href| {
        view! { cx, p { a(href=href, rel="external") { (words.to_its_page) } } }
    });
    let statement = match &view.status {
        Status::Rejected { statement } => Some(statement.clone()),
        Status::Withdrawn { statement } => statement.clone(),
        _ => None,
    };
    // The statement is the API's, which speaks English.
    let statement = maybe(statement, |statement| {
        let who = if statement.automated_decision { words.by_program } else { words.by_person };
        let rule = statement.reason.in_words();
        view! { cx,
            div(class="statement") {
                p(lang="en") { (statement.measure) " " (rule) " " (statement.facts) }
                p(class="hint") { (who) }
            }
        }
    });
    view! { cx, div { p { strong(class=class) { (text) } } (page) (statement) } }
}

fn appeal(entry: &Entry, language: Language) {
    #[cfg(client)]
    client::appeal(entry, language);
    #[cfg(engine)]
    let _ = (entry, language);
}

fn withdraw(entry: &Entry, language: Language) {
    #[cfg(client)]
    client::withdraw(entry, language);
    #[cfg(engine)]
    let _ = (entry, language);
}

fn load_more(list: &List) {
    #[cfg(client)]
    client::load_more(list);
    #[cfg(engine)]
    let _ = list;
}

#[cfg(client)]
mod client {
    use std::{cell::Cell, rc::Rc};

    use gloo_net::http::{Method, RequestBuilder};
    use seisiun_contracts::api::{OwnSubmissions, SubmissionView};
    use seisiun_domain::{SubmissionId, case, limits::STATE_WAIT_SECONDS_MAX, submission::Status};
    use serde_json::json;
    use sycamore::prelude::*;
    use wasm_bindgen_futures::spawn_local;
    use web_sys::RequestCache;

    use super::{Entry, List};
    use crate::{
        Language,
        client::language,
        members::{
            api::{Ask, fresh_key, pause, read},
            asked,
            form::{Form, Said},
            trouble::Trouble,
            words,
        },
        session_path,
    };

    /// Submissions that are watched at a time: a browser has six connections to
    /// one place, and needs some for else.
    const WATCHED_MAX: usize = 3;
    /// Milliseconds after which a lost connection is tried again.
    const AGAIN_MS: i32 = 3_000;
    /// Milliseconds between two looks for a page that was just published, and how
    /// many are taken: a failing task may be longer, and its page comes after all.
    const PAGE_LOOK_MS: i32 = 500;
    const PAGE_LOOKS_MAX: u32 = 40;

    /// Whether the page is still there.
    type Here = Rc<Cell<bool>>;

    pub(super) fn load(cx: Scope, list: List) {
        let here: Here = Rc::new(Cell::new(true));
        let gone = Rc::clone(&here);
        on_cleanup(cx, move || gone.set(false));
        spawn_local(async move {
            while here.get() {
                match page(None).await {
                    Ok(page) => {
                        list.form.clear();
                        take(&list, page);
                        break;
                    }
                    Err(trouble) => {
                        let lost = trouble == Trouble::Unreachable;
                        list.form.fails(trouble);
                        if !lost {
                            return;
                        }
                        pause(AGAIN_MS).await;
                    }
                }
            }
            if let Some(id) = asked("sent").and_then(|id| id.parse().ok()) {
                bring_first(&list, id).await;
            }
            let open: Vec<_> = list.entries.get_untracked().iter().flatten().cloned().collect();
            let open =
                open.into_iter().filter(|entry| !entry.view.get_untracked().status.is_settled());
            for entry in open.take(WATCHED_MAX) {
                spawn_local(watch(entry, Rc::clone(&here)));
            }
        });
    }

    async fn page(cursor: Option<&str>) -> Result<OwnSubmissions, Trouble> {
        let path = match cursor {
            Some(cursor) => format!("/api/submissions?cursor={cursor}"),
            None => "/api/submissions".into(),
        };
        read(Ask::get(path).as_member().await?)
    }

    fn entry(view: SubmissionView) -> Entry {
        Entry {
            view: create_rc_signal(view),
            asked: create_rc_signal(false),
            appealing: create_rc_signal(false),
            why: create_rc_signal(String::new()),
            form: Form::new(),
            key: fresh_key(),
        }
    }

    fn place(entries: &[Entry], id: SubmissionId) -> Option<usize> {
        entries.iter().position(|entry| entry.view.get_untracked().submission_id == id)
    }

    /// Puts what a mail is about first, wherever it stands.
    async fn bring_first(list: &List, id: SubmissionId) {
        let mut entries: Vec<_> = list.entries.get_untracked().iter().flatten().cloned().collect();
        let first = match place(&entries, id) {
            Some(at) => entries.remove(at),
            None => {
                let asked = Ask::get(format!("/api/submissions/{id}")).as_member().await;
                // Not theirs, or no longer there: the list says what is.
                let Ok(view) = asked.and_then(read) else { return };
                entry(view)
            }
        };
        entries.insert(0, first);
        list.entries.set(Some(entries));
    }

    fn take(list: &List, page: OwnSubmissions) {
        let mut entries: Vec<_> = list.entries.get_untracked().iter().flatten().cloned().collect();
        let mut sent = page.submissions;
        sent.retain(|view| place(&entries, view.submission_id).is_none());
        entries.extend(sent.into_iter().map(entry));
        list.entries.set(Some(entries));
        list.next.set(page.next.map(|cursor| cursor.0));
    }

    pub(super) fn load_more(list: &List) {
        let list = list.clone();
        let Some(cursor) = (*list.next.get_untracked()).clone() else { return };
        spawn_local(async move {
            match page(Some(&cursor)).await {
                Ok(page) => take(&list, page),
                Err(trouble) => list.form.fails(trouble),
            }
        });
    }

    /// Asks for its state again and again, each answer as late as it changes.
    async fn watch(entry: Entry, here: Here) {
        while here.get() {
            let known = entry.view.get_untracked();
            if known.status.is_settled() {
                return;
            }
            let path = format!(
                "/api/submissions/{}?wait_seconds={STATE_WAIT_SECONDS_MAX}&unless={}",
                known.submission_id,
                known.status.name()
            );
            match Ask::get(path).as_member().await.and_then(read::<SubmissionView>) {
                Ok(view) if view != *known => {
                    shown(&view).await;
                    entry.view.set(view);
                }
                Ok(_) => {}
                Err(Trouble::SignedOut) => return,
                Err(_) => pause(AGAIN_MS).await,
            }
        }
    }

    /// Waits until what was just published has its page, which comes a moment
    /// later: nobody is led to where there is nothing yet.
    async fn shown(view: &SubmissionView) {
        let Status::Published { slug, .. } = &view.status else { return };
        let page = language().href(&session_path(slug.as_str()));
        for _ in 0..PAGE_LOOKS_MAX {
            let asked = RequestBuilder::new(&page).method(Method::HEAD);
            let answer = asked.cache(RequestCache::NoStore).send().await;
            if answer.is_ok_and(|answer| answer.ok()) {
                return;
            }
            pause(PAGE_LOOK_MS).await;
        }
    }

    pub(super) fn appeal(entry: &Entry, language: Language) {
        let entry = entry.clone();
        spawn_local(async move {
            entry.form.said.set(Said::Note(words(language).under_way));
            let mut view = (*entry.view.get_untracked()).clone();
            let path = format!("/api/submissions/{}/appeal", view.submission_id);
            let why = json!({ "words": &*entry.why.get_untracked() });
            match Ask::put(path).json(&why).as_member().await {
                Ok(_) => {
                    entry.form.clear();
                    view.appeal = Some(case::Status::Appealed);
                    entry.view.set(view);
                }
                Err(trouble) => entry.form.fails(trouble),
            }
        });
    }

    pub(super) fn withdraw(entry: &Entry, language: Language) {
        let entry = entry.clone();
        spawn_local(async move {
            entry.form.said.set(Said::Note(words(language).under_way));
            let id = entry.view.get_untracked().submission_id;
            let asked = Ask::post(format!("/api/submissions/{id}/withdrawal")).json(&json!({}));
            match asked.key(&entry.key).as_member().await {
                Ok(_) => {
                    entry.asked.set(false);
                    entry.form.said.set(Said::Note(words(language).take_back_sent));
                    follow(&entry).await;
                    entry.form.clear();
                }
                Err(trouble) => entry.form.fails(trouble),
            }
        });
    }

    /// Waits until it is withdrawn: its state changes from one settled state.
    async fn follow(entry: &Entry) {
        let known = entry.view.get_untracked();
        let path = format!(
            "/api/submissions/{}?wait_seconds={STATE_WAIT_SECONDS_MAX}&unless={}",
            known.submission_id,
            known.status.name()
        );
        if let Ok(view) = Ask::get(path).as_member().await.and_then(read::<SubmissionView>) {
            entry.view.set(view);
        }
    }
}
