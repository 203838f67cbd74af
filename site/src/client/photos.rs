//! What stands for a photo until it is there.

use super::window;

/// Puts behind each photo, until it is there, what it looks like from far away.
#[cfg(not(feature = "members"))]
pub(crate) fn show_placeholders() {
    use wasm_bindgen::JsCast as _;

    wasm_bindgen_futures::spawn_local(async {
        let Some(document) = window().document() else { return };
        let Ok(photos) = document.query_selector_all("img[data-thumbhash]") else { return };
        for n in 0..photos.length() {
            let photo =
                photos.item(n).and_then(|node| node.dyn_into::<web_sys::HtmlImageElement>().ok());
            let Some(photo) = photo.filter(|photo| !photo.complete()) else { continue };
            let thumbhash = photo.get_attribute("data-thumbhash").unwrap_or_default();
            if let Some(url) = placeholder(&thumbhash) {
                // A property, which the policy lets through, and no attribute.
                let _ = photo.style().set_property("background-image", &format!("url({url})"));
            }
        }
    });
}

/// A thumbhash as an image that an address holds.
pub(crate) fn placeholder(thumbhash: &str) -> Option<String> {
    let hash: Vec<u8> = window().atob(thumbhash).ok()?.chars().map(|c| c as u8).collect();
    let image = crate::bitmap::of_thumbhash(&hash)?;
    let image: String = image.into_iter().map(char::from).collect();
    Some(format!("data:image/bmp;base64,{}", window().btoa(&image).ok()?))
}
