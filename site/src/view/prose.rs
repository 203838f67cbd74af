//! Pages that are words alone.

use sycamore::prelude::*;

use super::{each, maybe};
use crate::{GonePage, Language, session_path, words::Words};

/// A heading of the first order, and sections each under its own.
fn prose<G: Html>(
    cx: Scope,
    title: &'static str,
    sections: &[(&'static str, &'static str)],
) -> View<G> {
    let sections = each(sections.iter().copied(), |(heading, text)| {
        view! { cx, section { h2 { (heading) } p { (text) } } }
    });
    view! { cx, article(class="prose") { h1 { (title) } (sections) } }
}

pub(super) fn about<G: Html>(cx: Scope, words: &'static Words) -> View<G> {
    prose(
        cx,
        words.about_title,
        &[
            (words.about_what, words.about_what_text),
            (words.about_fresh, words.about_fresh_text),
            (words.about_open, words.about_open_text),
        ],
    )
}

pub(super) fn privacy<G: Html>(cx: Scope, words: &'static Words) -> View<G> {
    prose(
        cx,
        words.privacy_title,
        &[
            (words.privacy_visit, words.privacy_visit_text),
            (words.privacy_member, words.privacy_member_text),
            (words.privacy_mail, words.privacy_mail_text),
            (words.privacy_rights, words.privacy_rights_text),
        ],
    )
}

pub(super) fn moderation<G: Html>(cx: Scope, words: &'static Words) -> View<G> {
    prose(
        cx,
        words.moderation_title,
        &[
            (words.moderation_before, words.moderation_before_text),
            (words.moderation_text, words.moderation_text_text),
            (words.moderation_person, words.moderation_person_text),
            (words.moderation_redress, words.moderation_redress_text),
        ],
    )
}

/// What is left of a session that was withdrawn.
pub(super) fn gone<G: Html>(cx: Scope, language: Language, gone: GonePage) -> View<G> {
    let words = language.words();
    let find = language.href("sessions");
    let into = maybe(gone.into, |slug| {
        let href = language.href(&session_path(&slug));
        view! { cx, li { a(class="button", href=href) { (words.gone_into) } } }
    });
    view! { cx,
        div(class="prose") {
            h1 { (words.gone_title) }
            p { (words.gone_text) }
            ul(class="plain row") {
                (into)
                li { a(class="button quiet", href=find) { (words.nav_find) } }
            }
        }
    }
}

/// What stands in a page's place where there is no signal. Its list is filled by
/// what registers the worker (`browser/page.js`).
pub(super) fn offline<G: Html>(cx: Scope, words: &'static Words) -> View<G> {
    view! { cx,
        div(class="prose") {
            h1 { (words.offline_title) }
            p { (words.offline_text) }
            ul(data-stored-pages="") {}
            p { (words.offline_search) }
        }
    }
}
