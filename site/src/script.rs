//! The scripts that are no part of the program, with what they are told: what
//! keeps pages for when there is no signal, and what a page does before the
//! program is there.

use crate::Language;

/// What they say by themselves: a name, the English and the Irish. Apart from
/// the words of pages, so that the program does not carry them.
pub static SCRIPT_TABLE: &[(&str, &str, &str)] = &[
    ("show_map", crate::words::ENGLISH.show_map, crate::words::IRISH.show_map),
    ("hide_map", "Hide the map", "Folaigh an léarscáil"),
    (
        "map",
        "Map. The list beside it has the same sessions.",
        "Léarscáil. Tá na seisiúin chéanna ar an liosta lena taobh.",
    ),
    ("map_pin", "On the map", "Ar an léarscáil"),
    ("map_nearer", "Nearer", "Níos gaire"),
    ("map_further", "Further away", "Níos faide amach"),
    ("map_here", "sessions here", "seisiún anseo"),
    (
        "map_failed",
        "The map cannot be shown here. The list has everything.",
        "Ní féidir an léarscáil a thaispeáint anseo. Tá gach rud ar an liosta.",
    ),
    ("stored", "No answer: this was stored on", "Gan freagra: stóráladh é seo ar"),
    ("load_again", "Load again", "Lódáil arís"),
];

const PAGE: &str = include_str!("../browser/page.js");
const WORKER: &str = include_str!("../browser/worker.js");

/// Where the worker is: at the top, since it looks after all that is below it.
pub const WORKER_KEY: &str = "sw.js";

/// The release of the library that draws maps: `assets/map.js` loads it by a path
/// that says so, `xtask/tools/package.json` pins it.
pub const MAPLIBRE_VERSION: &str = "6.17.0";
/// What of its package is served: where it is there, and under which name.
pub const MAPLIBRE_FILES: [(&str, &str); 3] = [
    ("dist/maplibre-gl.mjs", "maplibre-gl.mjs"),
    ("dist/maplibre-gl-worker.mjs", "maplibre-gl-worker.mjs"),
    ("LICENSE.txt", "LICENSE.txt"),
];

/// What every page does beside its program, as a part of what starts that.
#[must_use]
pub fn page() -> String {
    let mut words = serde_json::Map::new();
    for language in Language::ALL {
        let said = SCRIPT_TABLE.iter().map(|(name, english, irish)| {
            let said = match language {
                Language::En => english,
                Language::Ga => irish,
            };
            ((*name).to_owned(), (*said).into())
        });
        words.insert(language.tag().to_owned(), serde_json::Value::Object(said.collect()));
    }
    format!("const WORDS = {};\n{}", serde_json::Value::Object(words), without_comments(PAGE))
}

/// The worker of a release: `version` is other for each, `shell` what every page
/// needs, as paths.
#[must_use]
pub fn worker(version: &str, shell: &[String]) -> String {
    format!(
        "const VERSION = {};\nconst SHELL = {};\n{}",
        serde_json::Value::from(version),
        serde_json::Value::from(shell),
        without_comments(WORKER)
    )
}

/// A script without its comments, which stand on lines of their own.
fn without_comments(script: &str) -> String {
    let is_code = |line: &&str| {
        let line = line.trim_start();
        !line.is_empty() && !["//", "/**", "* ", "*/"].iter().any(|mark| line.starts_with(mark))
    };
    let mut code = String::with_capacity(script.len());
    for line in script.lines().filter(is_code) {
        code.push_str(line);
        code.push('\n');
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_speak_both_languages() {
        for (name, english, irish) in SCRIPT_TABLE {
            assert!(!english.is_empty() && !irish.is_empty() && english != irish, "{name}");
            assert!(
                [PAGE, include_str!("../assets/map.js")]
                    .iter()
                    .any(|script| { script.contains(&format!("words.{name}")) }),
                "{name} is said nowhere"
            );
        }
    }

    #[test]
    fn every_word_that_a_script_says_is_there() {
        for script in [PAGE, include_str!("../assets/map.js")] {
            for said in script.split("words.").skip(1) {
                let name: String =
                    said.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                assert!(SCRIPT_TABLE.iter().any(|(known, ..)| *known == name), "{name}");
            }
        }
    }

    #[test]
    fn the_map_loads_the_library_that_is_served() {
        let path = format!("'./maplibre-{MAPLIBRE_VERSION}/maplibre-gl.mjs'");
        assert!(include_str!("../assets/map.js").contains(&path));
        let pinned = include_str!("../../xtask/tools/package.json");
        assert!(pinned.contains(&format!("\"maplibre-gl\": \"{MAPLIBRE_VERSION}\"")));
    }

    #[test]
    fn comments_are_left_out_and_nothing_else() {
        let worker = worker("0123", &["/assets/site.css".into()]);
        assert!(
            worker
                .starts_with("const VERSION = \"0123\";\nconst SHELL = [\"/assets/site.css\"];\n")
        );
        assert!(!worker.contains("//\n") && !worker.contains("/**"));
        assert_eq!(
            without_comments("// a\nb(); // c\n  /** d */\n\n * e\n f * g\n"),
            "b(); // c\n f * g\n"
        );
        assert!(page().contains("\"ga\":{"));
    }
}
