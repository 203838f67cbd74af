//! Photos that go with something: chosen, shown, and uploaded with progress. An
//! upload that loses its connection begins again when it is back, under the
//! same key, so that a photo is one photo.

use serde::{Deserialize, Serialize};
use sycamore::{prelude::*, rt::Event};

use super::{
    form::{self, Form},
    words,
};
use crate::{Language, view::each};

/// Where the upload of a photo stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// It waits for its turn.
    #[default]
    Waiting,
    /// On its way, so many percent of it.
    Uploading(u8),
    /// There.
    Done,
    /// The connection is gone; it goes on when that is back.
    Lost,
    /// Nobody is signed in.
    SignedOut,
    /// It has more bytes than are taken.
    TooLarge,
    /// It is neither JPEG nor PNG.
    NotAPhoto,
    /// It was not taken.
    Refused,
}

impl Stage {
    /// Whether it may still become a photo.
    pub(super) fn is_under_way(self) -> bool {
        matches!(self, Self::Waiting | Self::Uploading(_) | Self::Lost)
    }
}

/// A photo as a draft keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Under which its upload may be repeated, and the browser keeps its bytes.
    pub(super) key: String,
    /// What its file is called.
    pub(super) name: String,
    /// Its id, once it is uploaded.
    pub(super) id: Option<String>,
}

/// A photo that was chosen.
#[derive(Debug, Clone)]
pub(super) struct Photo {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) id: RcSignal<Option<String>>,
    pub(super) stage: RcSignal<Stage>,
    /// Where the browser has it, to be shown.
    pub(super) preview: RcSignal<String>,
}

impl Photo {
    pub(super) fn of(kept: Kept) -> Self {
        let stage = if kept.id.is_some() { Stage::Done } else { Stage::Waiting };
        Self {
            key: kept.key,
            name: kept.name,
            id: create_rc_signal(kept.id),
            stage: create_rc_signal(stage),
            preview: create_rc_signal(String::new()),
        }
    }

    /// As a draft keeps it; whoever asks in an effect is told of changes.
    pub(super) fn kept(&self) -> Kept {
        Kept { key: self.key.clone(), name: self.name.clone(), id: (*self.id.get()).clone() }
    }
}

/// The photos of a form.
pub(super) type Photos = RcSignal<Vec<Photo>>;

/// Draws the choice of photos and those that were chosen.
pub(super) fn photos<G: Html>(
    cx: Scope,
    language: Language,
    form: &Form,
    photos: &Photos,
) -> View<G> {
    let words = words(language);
    let shown = create_ref(cx, photos.clone());
    let chosen = {
        let photos = photos.clone();
        move |event: Event| choose(&photos, &event)
    };
    let remove = photos.clone();
    let problem = form::problem(cx, language, form, "photos", "photos".into());
    let most = seisiun_domain::limits::PHOTOS_MAX;
    view! { cx,
        div(class="stack") {
            div(class="field") {
                label(for="photos") { (words.choose_photos) }
                input(id="photos", type="file", accept="image/jpeg,image/png", multiple=true,
                    aria-describedby="photos-hint photos-problem", disabled=shown.get().len() >= most,
                    on:change=chosen)
                p(id="photos-hint", class="hint") { (words.photos_hint) }
                (problem)
            }
            ul(class="plain picked", aria-label=words.photos_chosen) {
                (each(shown.get().iter().cloned(), |photo| one(cx, language, photo, &remove)))
            }
        }
    }
}

fn one<G: Html>(cx: Scope, language: Language, photo: Photo, photos: &Photos) -> View<G> {
    let words = words(language);
    let stage = create_ref(cx, photo.stage.clone());
    let preview = create_ref(cx, photo.preview.clone());
    let name = photo.name.clone();
    let label = format!("{} {name}", words.remove_photo);
    let bar = format!("{} {name}", words.upload_of);
    let percent = create_memo(cx, move || match *stage.get() {
        Stage::Uploading(percent) => percent,
        Stage::Done => 100,
        _ => 0,
    });
    let text = create_memo(cx, move || match *stage.get() {
        Stage::Waiting => words.photo_waiting,
        Stage::Uploading(_) => words.photo_uploading,
        Stage::Done => words.photo_done,
        Stage::Lost => words.photo_lost,
        Stage::SignedOut => words.photo_signed_out,
        Stage::TooLarge => words.photo_too_large,
        Stage::NotAPhoto => words.photo_not_one,
        Stage::Refused => words.photo_refused,
    });
    let remove = {
        let photos = photos.clone();
        let key = photo.key.clone();
        move |_: Event| {
            forget(&key);
            photos.modify().retain(|photo| photo.key != key);
        }
    };
    view! { cx,
        li {
            img(src=preview.get(), alt="", width="96", height="72", hidden=preview.get().is_empty())
            div {
                p { bdi { (name) } }
                progress(max="100", value=percent.get().to_string(), aria-label=bar, hidden=!stage.get().is_under_way())
                p(class="hint", role="status") { (*text.get()) }
            }
            button(type="button", class="quiet", aria-label=label, on:click=remove) { "×" }
        }
    }
}

fn choose(photos: &Photos, event: &Event) {
    #[cfg(client)]
    client::choose(photos, event);
    #[cfg(engine)]
    let _ = (photos, event);
}

/// The browser keeps this one's bytes no more.
fn forget(key: &str) {
    #[cfg(client)]
    client::forget(key);
    #[cfg(engine)]
    let _ = key;
}

#[cfg(client)]
pub(super) use client::{forget as forget_one, restore, uploaded};

#[cfg(client)]
mod client {
    use js_sys::Promise;
    use seisiun_contracts::api::{RequestUpload, Upload};
    use seisiun_domain::{
        PhotoId,
        limits::{PHOTO_BYTES_MAX, PHOTOS_MAX},
    };
    use sycamore::{prelude::*, rt::Event};
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};
    use wasm_bindgen_futures::{JsFuture, spawn_local};
    use web_sys::{
        Blob, Cache, FormData, HtmlInputElement, ProgressEvent, Response, Url, XmlHttpRequest,
    };

    use super::{Kept, Photo, Photos, Stage};
    use crate::{
        client::window,
        members::{
            api::{Ask, fresh_key, pause, read},
            trouble::Trouble,
        },
    };

    /// Where the browser keeps the bytes of drafts' photos. Not named as the
    /// service worker names its own stores, whose old ones it deletes.
    const CACHE: &str = "drafts";
    /// Milliseconds after which a lost connection is tried again.
    const AGAIN_MS: i32 = 3_000;
    /// Milliseconds between two looks whether all are uploaded.
    const LOOK_MS: i32 = 300;
    /// Bytes that are taken, as the browser counts them.
    #[allow(clippy::cast_precision_loss, reason = "fifteen megabytes are exact")]
    const BYTES_MAX: f64 = PHOTO_BYTES_MAX as f64;
    /// Types that are taken.
    const TYPES: [&str; 2] = ["image/jpeg", "image/png"];

    pub(super) fn choose(photos: &Photos, event: &Event) {
        let Some(input) =
            event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        else {
            return;
        };
        let Some(files) = input.files() else { return };
        let room = PHOTOS_MAX.saturating_sub(photos.get_untracked().len());
        for file in (0..files.length()).filter_map(|n| files.get(n)).take(room) {
            let kept = Kept { key: fresh_key(), name: file.name(), id: None };
            let photo = Photo::of(kept);
            photos.modify().push(photo.clone());
            take(photo, file.into(), true);
        }
        // The same file may be chosen again after it was removed.
        input.set_value("");
    }

    /// Shows a photo, has the browser keep it, and uploads it.
    fn take(photo: Photo, blob: Blob, is_new: bool) {
        if !TYPES.contains(&blob.type_().as_str()) {
            photo.stage.set(Stage::NotAPhoto);
            return;
        }
        if blob.size() > BYTES_MAX {
            photo.stage.set(Stage::TooLarge);
            return;
        }
        if let Ok(address) = Url::create_object_url_with_blob(&blob) {
            photo.preview.set(address);
        }
        spawn_local(async move {
            if is_new {
                keep(&photo.key, &blob).await;
            }
            if photo.id.get_untracked().is_none() {
                upload(&photo, &blob).await;
            }
        });
    }

    /// Uploads a photo; while there is no connection, again and again.
    async fn upload(photo: &Photo, blob: &Blob) {
        loop {
            match try_upload(photo, blob).await {
                Ok(id) => {
                    photo.id.set(Some(id));
                    photo.stage.set(Stage::Done);
                    return;
                }
                Err(Trouble::Unreachable) => {
                    photo.stage.set(Stage::Lost);
                    pause(AGAIN_MS).await;
                }
                Err(Trouble::SignedOut) => {
                    photo.stage.set(Stage::SignedOut);
                    return;
                }
                Err(_) => {
                    photo.stage.set(Stage::Refused);
                    return;
                }
            }
        }
    }

    async fn try_upload(photo: &Photo, blob: &Blob) -> Result<String, Trouble> {
        photo.stage.set(Stage::Uploading(0));
        let asked = RequestUpload { content_type: blob.type_() };
        let form = Ask::post("/api/photos").json(&asked).key(&photo.key).as_member().await?;
        let form: Upload = read(form)?;
        post(&form, blob, &photo.stage).await?;
        Ok(form.photo_id.to_string())
    }

    /// Posts the form to where photos are stored. `fetch` does not tell how much
    /// of it is sent; this older way does.
    async fn post(form: &Upload, blob: &Blob, stage: &RcSignal<Stage>) -> Result<(), Trouble> {
        let data = FormData::new().map_err(|_| Trouble::Unclear)?;
        for (name, value) in &form.fields {
            data.append_with_str(name, value).map_err(|_| Trouble::Unclear)?;
        }
        data.append_with_blob("file", blob).map_err(|_| Trouble::Unclear)?;
        let request = XmlHttpRequest::new().map_err(|_| Trouble::Unclear)?;
        request.open_with_async("POST", &form.url, true).map_err(|_| Trouble::Unclear)?;
        let stage = stage.clone();
        let told = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
            if event.total() > 0.0 {
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a percentage"
                )]
                let percent = (event.loaded() / event.total() * 100.0).clamp(0.0, 100.0) as u8;
                stage.set(Stage::Uploading(percent));
            }
        });
        if let Ok(upload) = request.upload() {
            upload.set_onprogress(Some(told.as_ref().unchecked_ref()));
        }
        let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
        request.send_with_opt_form_data(Some(&data)).map_err(|_| Trouble::Unreachable)?;
        let _ = JsFuture::from(ended).await;
        match request.status() {
            Ok(200..=299) => Ok(()),
            // The form has run out, or was cut: a fresh one may do.
            Ok(0 | 408 | 500..=599) | Err(_) => Err(Trouble::Unreachable),
            Ok(_) => Err(Trouble::Unclear),
        }
    }

    /// Brings back a photo of a draft. What the browser has not kept and is not
    /// uploaded is gone.
    pub(in crate::members) fn restore(photos: &Photos, kept: Kept) {
        let photo = Photo::of(kept);
        photos.modify().push(photo.clone());
        let photos = photos.clone();
        spawn_local(async move {
            match kept_bytes(&photo.key).await {
                Some(blob) => take(photo, blob, false),
                None if photo.id.get_untracked().is_none() => {
                    photos.modify().retain(|other| other.key != photo.key);
                }
                None => {}
            }
        });
    }

    /// Ids of the photos, once all are there; none if one will not be.
    pub(in crate::members) async fn uploaded(photos: &Photos) -> Option<Vec<PhotoId>> {
        loop {
            let photos = photos.get_untracked();
            let stages: Vec<Stage> =
                photos.iter().map(|photo| *photo.stage.get_untracked()).collect();
            if stages.iter().all(|stage| *stage == Stage::Done) {
                let id = |photo: &Photo| (*photo.id.get_untracked()).as_ref()?.parse().ok();
                return photos.iter().map(id).collect();
            }
            if !stages.iter().all(|stage| *stage == Stage::Done || stage.is_under_way()) {
                return None;
            }
            pause(LOOK_MS).await;
        }
    }

    fn address(key: &str) -> String {
        format!("/draft-photos/{key}")
    }

    async fn cache() -> Option<Cache> {
        let caches = window().caches().ok()?;
        JsFuture::from(caches.open(CACHE)).await.ok()?.dyn_into().ok()
    }

    async fn keep(key: &str, blob: &Blob) {
        if let Some(cache) = cache().await
            && let Ok(response) = Response::new_with_opt_blob(Some(blob))
        {
            // A full disk: the draft is then without it after a reload.
            let _ = JsFuture::from(cache.put_with_str(&address(key), &response)).await;
        }
    }

    async fn kept_bytes(key: &str) -> Option<Blob> {
        let cache = cache().await?;
        let found = JsFuture::from(cache.match_with_str(&address(key))).await.ok()?;
        let response: Response = found.dyn_into().ok()?;
        let blob: JsValue = JsFuture::from(response.blob().ok()?).await.ok()?;
        blob.dyn_into().ok()
    }

    /// The browser keeps a photo's bytes no more.
    pub(in crate::members) fn forget(key: &str) {
        let address = address(key);
        spawn_local(async move {
            if let Some(cache) = cache().await {
                let _ = JsFuture::from(cache.delete_with_str(&address)).await;
            }
        });
    }
}
