//! Telling us of content that should not be there: anybody may, signed in or
//! not.

pub(crate) mod words;

use seisiun_domain::{limits, notice::NoticeReason};
use sycamore::{prelude::*, rt::Event};

use self::words::Words;
use super::{
    form::{self, Field, Form, Typed},
    unscripted,
};
use crate::Language;

/// Reasons that one may name, the likeliest first.
const REASONS: [NoticeReason; 9] = [
    NoticeReason::SessionGone,
    NoticeReason::Inaccurate,
    NoticeReason::Privacy,
    NoticeReason::Spam,
    NoticeReason::AbuseOrHatred,
    NoticeReason::IntellectualProperty,
    NoticeReason::IllegalContent,
    NoticeReason::ChildSexualAbuse,
    NoticeReason::Other,
];

/// Characters of an address for mail.
const EMAIL_CHARS_MAX: usize = 254;

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &words::ENGLISH,
        Language::Ga => &words::IRISH,
    }
}

fn reason_in_words(reason: NoticeReason, words: &'static Words) -> &'static str {
    match reason {
        NoticeReason::IllegalContent => words.reason_illegal_content,
        NoticeReason::ChildSexualAbuse => words.reason_child_sexual_abuse,
        NoticeReason::Privacy => words.reason_privacy,
        NoticeReason::IntellectualProperty => words.reason_intellectual_property,
        NoticeReason::AbuseOrHatred => words.reason_abuse_or_hatred,
        NoticeReason::Spam => words.reason_spam,
        NoticeReason::Inaccurate => words.reason_inaccurate,
        NoticeReason::SessionGone => words.reason_session_gone,
        NoticeReason::Other => words.reason_other,
    }
}

/// A reason as the API names it, in words; another name as it is.
pub(super) fn named_in_words(name: &str, language: Language) -> &str {
    let words = words(language);
    match name {
        "illegal_content" => words.reason_illegal_content,
        "child_sexual_abuse" => words.reason_child_sexual_abuse,
        "privacy" => words.reason_privacy,
        "intellectual_property" => words.reason_intellectual_property,
        "abuse_or_hatred" => words.reason_abuse_or_hatred,
        "spam" => words.reason_spam,
        "inaccurate" => words.reason_inaccurate,
        "session_gone" => words.reason_session_gone,
        "other" => words.reason_other,
        _ => name,
    }
}

/// The reason at this place among the reasons, as a choice's value has it.
fn reason_at(value: &str) -> Option<NoticeReason> {
    REASONS.get(value.parse::<usize>().ok()?).copied()
}

/// All that is typed.
#[derive(Debug, Clone)]
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side sends it"))]
struct Entry {
    url: RcSignal<String>,
    reason: RcSignal<String>,
    explanation: RcSignal<String>,
    name: RcSignal<String>,
    email: RcSignal<String>,
    good_faith: RcSignal<bool>,
    /// The number of what was sent.
    sent: RcSignal<String>,
    form: Form,
}

pub(super) fn report<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    let text = || create_rc_signal(String::new());
    let entry = Entry {
        url: text(),
        reason: text(),
        explanation: text(),
        name: text(),
        email: text(),
        good_faith: create_rc_signal(false),
        sent: text(),
        form: Form::new(),
    };
    #[cfg(client)]
    client::fill(&entry);
    let entry = create_ref(cx, entry);
    let form = &entry.form;
    let reasons = REASONS.iter().enumerate();
    let mut options = vec![(String::new(), words.choose_reason)];
    options.extend(reasons.map(|(n, reason)| (n.to_string(), reason_in_words(*reason, words))));
    let url = Field::new("url", words.url).hint(words.url_hint);
    let url =
        form::line(cx, language, form, url, Typed::text(limits::NOTICE_URL_CHARS_MAX), &entry.url);
    let reason = form::choice(
        cx,
        language,
        form,
        Field::new("reason", words.reason),
        options,
        &entry.reason,
    );
    let explanation = Field::new("explanation", words.explanation).hint(words.explanation_hint);
    let explanation =
        form::area(cx, language, form, explanation, limits::NOTICE_CHARS_MAX, &entry.explanation);
    let name = Typed { autocomplete: "name", ..Typed::text(limits::NAME_CHARS_MAX) };
    let name = form::line(cx, language, form, Field::new("name", words.name), name, &entry.name);
    let email =
        Typed { kind: "email", autocomplete: "email", mode: "email", chars_max: EMAIL_CHARS_MAX };
    let email_field = Field::new("email", words.email).hint(words.email_hint);
    let email = form::line(cx, language, form, email_field, email, &entry.email);
    let faith_problem = form::problem(cx, language, form, "good_faith", "good_faith".into());
    let anonymous = create_memo(cx, || {
        reason_at(&entry.reason.get()).is_some_and(NoticeReason::may_be_anonymous)
    });
    let good_faith = create_ref(cx, entry.good_faith.clone());
    let said = form::said(cx, language, form);
    let done = create_memo(cx, || !entry.sent.get().is_empty());
    let busy = create_ref(cx, form.busy.clone());
    let on_submit = move |event: Event| {
        event.prevent_default();
        send(entry, words);
    };
    view! { cx,
        div(class="prose report") {
            h1 { (words.title) }
            p(class="lead") { (words.lead) }
            (unscripted(cx, language))
            form(class="form", novalidate=true, hidden=*done.get(), on:submit=on_submit) {
                (url)
                (reason)
                (explanation)
                p(class="notice", hidden=!*anonymous.get()) { (words.anonymous_hint) }
                (name)
                (email)
                div(class="field") {
                    label(class="tick", for="good_faith") {
                        input(id="good_faith", type="checkbox", aria-describedby="good_faith-problem", bind:checked=good_faith)
                        " " (words.good_faith)
                    }
                    (faith_problem)
                }
                button(type="submit", disabled=*busy.get()) { (words.send) }
                p(class="hint") { (words.law) }
            }
            (said)
            p(hidden=!*done.get()) { (words.sent_number) " " code { (entry.sent.get()) } }
        }
    }
}

fn send(entry: &Entry, words: &'static Words) {
    #[cfg(client)]
    client::send(entry, words);
    #[cfg(engine)]
    let _ = (entry, words);
}

#[cfg(client)]
mod client {
    use seisiun_contracts::api::Submitted;
    use seisiun_domain::{notice::NoticeDraft, problem::Problem};
    use wasm_bindgen_futures::spawn_local;

    use super::{Entry, Words, reason_at};
    use crate::{
        client::window,
        members::{
            api::{Ask, fresh_key, read},
            form::{Said, missing},
        },
    };

    /// Fills in what the address says it is about: `?session=<slug>`, with
    /// `&review=<id>` or alone, or `?photo=<path>`.
    pub(super) fn fill(entry: &Entry) {
        let Some(url) = asked() else { return };
        let field = entry.url.clone();
        // Once the elements that are there were taken over.
        spawn_local(async move { field.set(url) });
    }

    fn asked() -> Option<String> {
        let search = window().location().search().ok()?;
        let query = web_sys::UrlSearchParams::new_with_str(&search).ok()?;
        let origin = origin()?;
        if let Some(photo) = query.get("photo") {
            return Some(format!("{origin}/{}", photo.trim_start_matches('/')));
        }
        let session = query.get("session")?;
        let review = query.get("review").map_or_else(String::new, |id| format!("#review-{id}"));
        Some(format!("{origin}/sessions/{session}/{review}"))
    }

    /// Where the site is, as the document's state says: it need not be where it
    /// was loaded from.
    fn origin() -> Option<String> {
        let state = window().document()?.get_element_by_id("perseus-state")?.text_content()?;
        let state: serde_json::Value = serde_json::from_str(&state).ok()?;
        state["origin"].as_str().map(str::to_owned)
    }

    pub(super) fn send(entry: &Entry, words: &'static Words) {
        if *entry.form.busy.get_untracked() {
            return;
        }
        entry.form.clear();
        let Some(reason) = reason_at(&entry.reason.get_untracked()) else {
            entry.form.problems.set(vec![missing("reason")]);
            return;
        };
        let text = |signal: &sycamore::prelude::RcSignal<String>| (*signal.get_untracked()).clone();
        let draft = NoticeDraft {
            url: text(&entry.url),
            reason,
            explanation: text(&entry.explanation),
            name: text(&entry.name),
            email: text(&entry.email),
            good_faith: *entry.good_faith.get_untracked(),
        };
        let entry = entry.clone();
        entry.form.busy.set(true);
        entry.form.said.set(Said::Note(words.sending));
        spawn_local(async move {
            let asked = Ask::post("/api/notices").json(&draft).key(&fresh_key());
            match asked.openly().await.and_then(read::<Submitted>) {
                Ok(submitted) => {
                    entry.form.busy.set(false);
                    entry.form.said.set(Said::Note(words.sent));
                    entry.sent.set(submitted.submission_id.to_string());
                }
                Err(trouble) => {
                    entry.form.fails(trouble);
                    in_own_words(&entry, words);
                }
            }
        });
    }

    /// Problems that only this form knows, in the language.
    fn in_own_words(entry: &Entry, words: &'static Words) {
        let mut problems: Vec<Problem> = (*entry.form.problems.get_untracked()).clone();
        for problem in &mut problems {
            let said = match problem.code.as_str() {
                "not_ours" => words.not_ours,
                "not_confirmed" => words.good_faith_needed,
                "invalid" => words.bad_email,
                _ => continue,
            };
            problem.message = said.to_owned();
        }
        entry.form.problems.set(problems);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_can_be_named_and_is_said_in_each_language() {
        for words in [&words::ENGLISH, &words::IRISH] {
            let said: BTreeSet<_> =
                REASONS.iter().map(|reason| reason_in_words(*reason, words)).collect();
            assert_eq!(said.len(), REASONS.len());
        }
        for reason in REASONS {
            let name = serde_json::to_value(reason).unwrap();
            let said = named_in_words(name.as_str().unwrap(), Language::Ga);
            assert_eq!(said, reason_in_words(reason, &words::IRISH));
        }
        assert_eq!(reason_at("7"), Some(NoticeReason::ChildSexualAbuse));
        assert_eq!((reason_at(""), reason_at("9")), (None, None));
    }
}
