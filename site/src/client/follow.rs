//! Following from a public page.

use gloo_net::http::Request;
use sycamore::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::{Language, view::follow::Asked, zone};

const ACCEPTED: u16 = 202;
const BAD_REQUEST: u16 = 400;
const UNPROCESSABLE: u16 = 422;
const TOO_MANY: u16 = 429;

/// Asks by mail whether the owner of an address wants to follow.
pub(crate) fn ask_to_follow(
    target: &str,
    language: Language,
    address: &str,
    weekly: bool,
    asked: &RcSignal<Asked>,
) {
    if *asked.get_untracked() == Asked::Sending {
        return;
    }
    // The address alone may hold what JSON has to escape.
    let address = js_sys::JSON::stringify(&JsValue::from_str(address.trim()));
    let Some(address) = address.ok().and_then(|text| text.as_string()) else { return };
    let tag = language.tag();
    let mut body = format!(r#"{{"email":{address},"target":"{target}","language":"{tag}""#);
    if weekly {
        body += r#","cadence":"weekly""#;
        // Without one, Ireland's Monday is meant.
        if let Some(zone) = zone::own() {
            body += r#","zone":""#;
            body += &zone;
            body.push('"');
        }
    }
    body.push('}');
    let asked = asked.clone();
    spawn_local(async move {
        asked.set(Asked::Sending);
        let request = Request::post("/api/follow-requests")
            .header("content-type", "application/json")
            .body(body);
        let status = match request {
            Ok(request) => request.send().await.map_or(0, |answer| answer.status()),
            Err(_) => 0,
        };
        asked.set(match status {
            ACCEPTED => Asked::Sent,
            // An address that can't be one does not parse, or is not in order.
            BAD_REQUEST | UNPROCESSABLE => Asked::BadAddress,
            TOO_MANY => Asked::SlowDown,
            _ => Asked::Failed,
        });
    });
}
