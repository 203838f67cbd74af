//! The place of a map, and the button that opens it. What draws it is a module of
//! its own (`assets/map.js`), which reads the list from the document: the
//! program knows nothing of maps.

use seisiun_domain::geo::Position;
use sycamore::prelude::*;

use crate::Language;

/// The id of a page's one map.
const MAP: &str = "map";

/// The button, seen only where scripts run, and the place, empty until then.
pub(super) fn map<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = language.words();
    view! { cx,
        div(class="map-frame") {
            button(type="button", class="quiet needs-script", data-map=MAP, aria-controls=MAP, aria-expanded="false") { (words.show_map) }
            div(id=MAP, class="map", hidden=true) {}
        }
    }
}

/// Where something is, as the map reads it; nothing where that is not known.
pub(super) fn at(position: Option<Position>) -> String {
    position.map_or_else(String::new, |Position { lat, lon }| format!("{lat},{lon}"))
}
