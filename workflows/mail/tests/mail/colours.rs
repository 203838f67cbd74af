//! Whether every colour of a mail can be read on what it stands on, by day and by
//! night (WCAG 2.2, 1.4.3).

use regex::Regex;
use seisiun_mail::{
    Language, Letter as _,
    samples::{TO, new_session, sender},
};

const CONTRAST_MIN: f64 = 4.5;

fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// What a rule of the style sheet says of a property.
fn value(css: &str, selector: &str, property: &str) -> Option<String> {
    let rule = Regex::new(r"(?m)^([^{}@\n]+) \{([^{}]*)\}").unwrap();
    let value = Regex::new(&format!(r"(?:^|[; ]){property}: (#[0-9a-f]{{6}})")).unwrap();
    rule.captures_iter(css)
        .filter(|rule| rule[1].split(", ").any(|one| one == selector))
        .find_map(|rule| Some(value.captures(&rule[2])?[1].to_owned()))
}

#[test]
fn every_colour_can_be_read_by_day_and_by_night() {
    let html = new_session(Language::En).mail(TO, Language::En, &sender()).unwrap().html;
    let css = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let (day, night) = css.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let all = Regex::new("#[0-9a-fA-F]{3,8}\\b").unwrap().find_iter(css).count();
    let mut seen = 0;
    for scheme in [day, night] {
        let of = |selector, property| {
            value(scheme, selector, property).unwrap_or_else(|| panic!("{selector} {property}"))
        };
        let (page, sheet) = (of("body", "background"), of(".sheet", "background"));
        let text = of("body", "color");
        let pairs = [
            ("text on the page", text.clone(), page.clone()),
            ("text on the sheet", text, sheet.clone()),
            ("a link on the page", of("a", "color"), page.clone()),
            ("a link on the sheet", of("a", "color"), sheet.clone()),
            ("a button", of(".go", "color"), of(".go", "background")),
            ("quiet text on the sheet", of(".quiet", "color"), sheet.clone()),
            ("the foot on the page", of(".foot", "color"), page),
            ("news on the sheet", of(".news", "color"), sheet),
        ];
        for (what, one, other) in &pairs {
            let contrast = contrast(one, other);
            assert!(contrast >= CONTRAST_MIN, "{what}: {one} on {other} is {contrast:.2}:1");
            seen += 1;
        }
    }
    assert_eq!(seen, 16);
    assert!(all >= 16, "{all} colours");
}
