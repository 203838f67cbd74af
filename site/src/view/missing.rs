//! The page for an address that has none. Either program may have to draw it, so
//! that its links load documents as a whole.

use sycamore::prelude::*;

use crate::Language;

pub(crate) fn not_found<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = language.words();
    let home = language.href("");
    let find = language.href("sessions");
    view! { cx,
        div(class="prose") {
            h1 { (words.not_found_title) }
            p { (words.not_found_text) }
            ul(class="plain row") {
                li { a(class="button", href=home, rel="external") { (words.not_found_home) } }
                li { a(class="button quiet", href=find, rel="external") { (words.nav_find) } }
            }
        }
    }
}
