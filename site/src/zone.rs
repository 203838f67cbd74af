//! The time zone that a browser is in.

#[cfg(client)]
use wasm_bindgen::{JsCast, JsValue};

/// The browser's own zone; `None` if it does not tell, or tells what is no zone's
/// name: the API would refuse all that comes with it.
#[cfg(client)]
pub(crate) fn own() -> Option<String> {
    // Without locales and options, for which each program would have to make a list and
    // an object.
    let none = JsValue::UNDEFINED;
    let format = js_sys::Intl::DateTimeFormat::new(none.unchecked_ref(), none.unchecked_ref());
    let options = format.resolved_options();
    let zone = js_sys::Reflect::get(&options, &"timeZone".into()).ok()?.as_string()?;
    is_name(&zone).then_some(zone)
}

/// Whether this may be the name of a zone, which JSON takes as it is. Not every zone
/// that a browser tells has one: an offset has none, nor has what it can't find out.
fn is_name(zone: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_+-/".contains(&b);
    zone.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && zone.bytes().all(fits)
        && zone != "Etc/Unknown"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_a_name_or_is_not_told() {
        for zone in ["Europe/Dublin", "America/Port-au-Prince", "Etc/GMT+1", "UTC"] {
            assert!(is_name(zone), "{zone}");
        }
        for zone in
            ["", "+01:00", "Etc/Unknown", "Europe/Dublin\"", "Europe\\Dublin", "Luimneach í"]
        {
            assert!(!is_name(zone), "{zone}");
        }
    }
}
