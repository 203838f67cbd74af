//! What the browser keeps of something half written, so that neither a lost
//! connection nor a reload loses it. Words only; photos are kept apart, and
//! nothing of who is signed in is kept at all.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    api::{Ask, fresh_key, pause},
    form::{Form, Said},
    trouble::Trouble,
    words,
};
use crate::{Language, client::window};

/// What the names of drafts begin with.
const PREFIX: &str = "seisiun-draft-";

/// Milliseconds after which a lost connection is tried again.
const AGAIN_MS: i32 = 2_000;

/// What the browser keeps for us, if it keeps anything.
pub(super) fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Keeps a draft under this name.
pub(super) fn keep(name: &str, draft: &impl Serialize) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(draft)) {
        // A full or forbidden store: the draft then lives as long as the page.
        let _ = storage.set_item(&format!("{PREFIX}{name}"), &text);
    }
}

/// The draft of this name, if there is one that this release can read.
pub(super) fn kept<T: DeserializeOwned>(name: &str) -> Option<T> {
    let text = storage()?.get_item(&format!("{PREFIX}{name}")).ok()??;
    serde_json::from_str(&text).ok()
}

/// Forgets the draft of this name.
pub(super) fn forget(name: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&format!("{PREFIX}{name}"));
    }
}

/// The key under which this very body is sent: the same for a repeat, another
/// one once anything in it is another. It is kept, so that a repeat after a
/// reload is a repeat, too.
fn key_for(name: &str, body: &str) -> String {
    let name = format!("{name}-sent");
    if let Some((key, sent)) = kept::<(String, String)>(&name)
        && sent == body
    {
        return key;
    }
    let key = fresh_key();
    keep(&name, &(&key, body));
    key
}

/// Sends what a draft came to: while there is no connection, again and again,
/// under the same key. Once it has arrived, the draft is gone.
pub(super) async fn deliver(
    name: &str,
    path: &str,
    body: &str,
    form: &Form,
    language: Language,
) -> Result<(), Trouble> {
    let key = key_for(name, body);
    loop {
        match Ask::post(path).body(body.to_owned()).key(&key).as_member().await {
            Ok(_) => {
                sent(name);
                return Ok(());
            }
            Err(Trouble::Unreachable) => {
                form.said.set(Said::Note(words(language).sends_when_back));
                pause(AGAIN_MS).await;
            }
            Err(Trouble::Refused(mut refused)) => {
                // The API names what is inside of what is sent; the forms do not.
                for problem in &mut refused.problems {
                    for inside in ["changes.", "session.", "review."] {
                        if let Some(field) = problem.field.strip_prefix(inside) {
                            problem.field = field.to_owned();
                        }
                    }
                }
                return Err(Trouble::Refused(refused));
            }
            Err(trouble) => return Err(trouble),
        }
    }
}

/// It has arrived: nothing of it is kept.
fn sent(name: &str) {
    forget(name);
    forget(&format!("{name}-sent"));
}
