//! What the page of a session asks and sends.

use gloo_net::http::Request;
use seisiun_contracts::api::SessionView;
use sycamore::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    Language,
    view::{follow::Asked, session::Now},
};

const ACCEPTED: u16 = 202;
const BAD_REQUEST: u16 = 400;
const GONE: u16 = 410;
const UNPROCESSABLE: u16 = 422;
const TOO_MANY: u16 = 429;

/// Asks how a session stands now. If there is no answer, the document's stays.
pub(crate) fn refresh_session(session: &SessionView, now: RcSignal<Now>) {
    let address = format!("/api/sessions/{}", session.slug.as_str());
    spawn_local(async move {
        let Ok(answer) = Request::get(&address).send().await else { return };
        let fresh = match answer.status() {
            GONE => Now::Gone,
            _ if answer.ok() => {
                let Ok(answer) = answer.json::<serde_json::Value>().await else { return };
                let Ok(view) = serde_json::from_value(answer) else { return };
                Now::Listed(Box::new(view))
            }
            _ => return,
        };
        if *now.get_untracked() != fresh {
            now.set(fresh);
        }
    });
}

/// Asks by mail whether the owner of an address wants to follow.
pub(crate) fn ask_to_follow(
    target: &str,
    language: Language,
    address: &str,
    asked: &RcSignal<Asked>,
) {
    if *asked.get_untracked() == Asked::Sending {
        return;
    }
    let body = serde_json::json!({
        "email": address.trim(),
        "target": target,
        "language": language.tag(),
    });
    let asked = asked.clone();
    spawn_local(async move {
        asked.set(Asked::Sending);
        let request = Request::post("/api/follow-requests")
            .header("content-type", "application/json")
            .body(body.to_string());
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
