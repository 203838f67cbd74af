//! Pages that are words alone.

use sycamore::prelude::*;

use super::{each, maybe, native_words, native_words::Words};
use crate::{GonePage, Language, session_path};

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

pub(super) fn about<G: Html>(cx: Scope, native: &'static Words) -> View<G> {
    prose(
        cx,
        native.about_title,
        &[
            (native.about_what, native.about_what_text),
            (native.about_fresh, native.about_fresh_text),
            (native.about_open, native.about_open_text),
        ],
    )
}

pub(super) fn privacy<G: Html>(cx: Scope, native: &'static Words) -> View<G> {
    prose(
        cx,
        native.privacy_title,
        &[
            (native.privacy_visit, native.privacy_visit_text),
            (native.privacy_member, native.privacy_member_text),
            (native.privacy_mail, native.privacy_mail_text),
            (native.privacy_rights, native.privacy_rights_text),
        ],
    )
}

pub(super) fn moderation<G: Html>(cx: Scope, native: &'static Words) -> View<G> {
    prose(
        cx,
        native.moderation_title,
        &[
            (native.moderation_before, native.moderation_before_text),
            (native.moderation_text, native.moderation_text_text),
            (native.moderation_person, native.moderation_person_text),
            (native.moderation_redress, native.moderation_redress_text),
        ],
    )
}

/// What is left of a session that was withdrawn.
pub(super) fn gone<G: Html>(cx: Scope, language: Language, gone: GonePage) -> View<G> {
    let (words, native) = (language.words(), native_words(language));
    let find = language.href("sessions");
    let into = maybe(gone.into, |slug| {
        let href = language.href(&session_path(&slug));
        view! { cx, li { a(class="button", href=href) { (native.gone_into) } } }
    });
    view! { cx,
        div(class="prose") {
            h1 { (native.gone_title) }
            p { (native.gone_text) }
            ul(class="plain row") {
                (into)
                li { a(class="button quiet", href=find) { (words.nav_find) } }
            }
        }
    }
}

/// What stands in a page's place where there is no signal. Its list is filled by
/// what registers the worker (`browser/page.js`).
pub(super) fn offline<G: Html>(cx: Scope, native: &'static Words) -> View<G> {
    view! { cx,
        div(class="prose") {
            h1 { (native.offline_title) }
            p { (native.offline_text) }
            ul(data-stored-pages="") {}
            p { (native.offline_search) }
        }
    }
}
