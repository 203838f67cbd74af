//! The document around a page, and what starts the browser's side.
//!
//! Nothing in it is a script but a reference to one file, the same for every
//! page: a page does not change when another is added, nor when the code does.

use crate::{Bundle, Language, script};

/// Where the file is that starts the browser's side of a page.
#[must_use]
pub const fn boot_key(bundle: Bundle) -> &'static str {
    match bundle {
        Bundle::Public => ".perseus/boot.js",
        Bundle::Members => ".perseus/members.js",
        // What every page does beside its program, alone.
        Bundle::None => ".perseus/plain.js",
    }
}

/// Where the stylesheet is.
pub const STYLE_KEY: &str = "assets/site.css";
/// Where the icon is.
const ICON_KEY: &str = "assets/icon.svg";
/// What every page loads beside its program.
pub const EVERY_PAGE: [&str; 2] = [STYLE_KEY, ICON_KEY];

/// What the browser is told where there is no page.
pub const MISSING_STATE: &str = r#"error-{"status":404,"msg":"page not found"}"#;

/// Bytes of a document beside its head, content and state. It comes with every
/// page, before anything that is read.
pub const SHELL_BYTES_MAX: usize = 1_100;
/// Bytes of the program for public pages, compressed by brotli: about a second
/// over a good mobile connection. The page can be read before it is there.
pub const PUBLIC_WASM_BYTES_MAX: usize = 160_000;
/// Bytes of the program for members' pages, compressed by brotli. Who comes to
/// them means to stay.
pub const MEMBERS_WASM_BYTES_MAX: usize = 325_000;
/// Bytes of all that a public page loads before anything is done on it,
/// compressed by brotli: document, stylesheet, icon, and program.
pub const PUBLIC_BYTES_MAX: usize = 260 * 1024;

/// What a document is composed of.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// Its language.
    pub language: Language,
    /// The program that takes it over.
    pub bundle: Bundle,
    /// What Perseus rendered for its head.
    pub head: &'a str,
    /// What Perseus rendered for its body.
    pub content: &'a str,
    /// JSON that the browser takes over with the content.
    pub state: &'a str,
    /// JSON-LD for search engines.
    pub structured: Option<&'a str>,
}

/// Composes a document.
#[must_use]
pub fn document(parts: &Parts<'_>) -> String {
    let Parts { language, bundle, head, content, state, structured } = *parts;
    let boot = boot_key(bundle);
    let tag = language.tag();
    let state = inert(state);
    let structured = structured.map(inert).map_or_else(String::new, |json| {
        format!(r#"<script type="application/ld+json">{json}</script>"#)
    });
    // The base is how Perseus learns where the site's top is; the two marks in
    // the head are where it begins and ends to replace.
    format!(
        r#"<!DOCTYPE html><html lang="{tag}"><head><meta charset="UTF-8"><base href="/"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/{STYLE_KEY}"><link rel="icon" href="/{ICON_KEY}" type="image/svg+xml"><link rel="manifest" href="/assets/site.webmanifest"><link rel="apple-touch-icon" href="/assets/icon-192.png"><script type="module" src="/{boot}"></script><meta itemprop="__perseus_head_boundary" content="">{head}<meta itemprop="__perseus_head_end" content=""></head><body><div id="root">{content}</div><div id="__perseus_popup_error"></div><script type="application/json" id="perseus-state">{state}</script>{structured}</body></html>"#
    )
}

/// Where search engines look for what they may read.
pub const ROBOTS_KEY: &str = "robots.txt";

/// What search engines may read: all pages, and none of the API's answers.
#[must_use]
pub fn robots(origin: &str) -> String {
    let origin = origin.trim_end_matches('/');
    format!("User-agent: *\nAllow: /\nDisallow: /api/\n\nSitemap: {origin}/sitemap.xml\n")
}

/// JSON that cannot end the element it stands in, and that no old parser takes
/// for more than one line. `<` and the two separators stand in strings alone,
/// where an escape means the same.
#[must_use]
pub fn inert(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// The file that starts the browser's side: what Perseus looks for in the
/// window, and then the program. Every path is the one template's. Perseus sets
/// a style by attribute, which the policy refuses; set as a property it is let
/// through. After the program comes what every page does beside it.
///
/// The program is asked for once the page has been drawn: it must not compete
/// with what is read first for the line and the processor.
#[must_use]
pub fn boot(glue: &str, wasm: &str) -> String {
    format!(
        "const set = Element.prototype.setAttribute;\n\
         Element.prototype.setAttribute = function (name, value) {{\n\
         \x20 if (name === 'style') this.style.cssText = value; else set.call(this, name, value);\n\
         }};\n\
         window.__PERSEUS_RENDER_CFG = '{{\"/*\":\"\"}}';\n\
         window.__PERSEUS_GLOBAL_STATE = 'null';\n\
         window.__PERSEUS_TRANSLATIONS = '';\n\
         window.__PERSEUS_INITIAL_WIDGET_STATES = '{{}}';\n\
         window.__PERSEUS_INITIAL_STATE = document.getElementById('perseus-state').textContent;\n\
         requestAnimationFrame(() => setTimeout(async () => {{\n\
         \x20 const program = fetch(new URL('./{wasm}', import.meta.url));\n\
         \x20 const {{ default: init }} = await import('./{glue}');\n\
         \x20 await init({{ module_or_path: program }});\n\
         }}));\n\
         {}",
        script::page()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_cannot_leave_its_element() {
        let text = "</script><script>alert(1)</script><!-- \u{2028}\u{2029}";
        let json = inert(&serde_json::to_string(text).unwrap());
        assert!(!json.contains(['<', '\u{2028}', '\u{2029}']), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn search_engines_are_told_where_all_pages_are() {
        let text = robots("https://seisiun.example/");
        assert!(text.ends_with("\nSitemap: https://seisiun.example/sitemap.xml\n"), "{text}");
    }

    #[test]
    fn the_shell_is_small() {
        let parts = Parts {
            language: Language::En,
            bundle: Bundle::Members,
            head: "",
            content: "",
            state: "",
            structured: None,
        };
        let bytes = document(&parts).len();
        assert!(bytes <= SHELL_BYTES_MAX, "{bytes} bytes");
    }
}
