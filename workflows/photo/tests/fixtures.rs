//! Each fixture gets the answer that `tests/fixtures/README.md` names.

mod pictures;

use pictures::{decode, fixture, markers, prepared, refused};
use seisiun_photo::{Fingerprint, Refusal, SourceFormat};

#[test]
fn photos_are_prepared_at_their_size() {
    for (name, format, size) in [
        ("clean-coffee.jpg", SourceFormat::Jpeg, (600, 400)),
        ("false-positive-cell.jpg", SourceFormat::Jpeg, (550, 660)),
        ("flagged-by-model.jpg", SourceFormat::Jpeg, (448, 448)),
        ("flagged-by-model.png", SourceFormat::Png, (448, 448)),
    ] {
        let photo = prepared(&fixture(name));
        assert_eq!(photo.source.format, format, "{name}");
        assert_eq!((photo.full.width, photo.full.height), size, "{name}");
        assert_eq!(photo.thumbnail.width.max(photo.thumbnail.height), 400, "{name}");
        for variant in [&photo.full, &photo.thumbnail] {
            let picture = decode(&variant.bytes);
            assert_eq!((picture.width, picture.height), (variant.width, variant.height), "{name}");
        }
    }
}

#[test]
fn re_encoding_keeps_what_is_seen() {
    for name in ["clean-coffee.jpg", "false-positive-cell.jpg", "flagged-by-model.jpg"] {
        let before = fixture(name);
        let after = prepared(&before).full.bytes;
        let difference = decode(&before).difference(&decode(&after));
        assert!(difference < 4.0, "{name}: {difference}");
    }
}

#[test]
fn exif_orientation_is_applied_and_gone() {
    let upload = fixture("exif6.jpg");
    assert!(markers(&upload).contains(&0xE1));
    let photo = prepared(&upload);
    assert_eq!((photo.source.width, photo.source.height), (400, 600));
    assert_eq!((photo.full.width, photo.full.height), (600, 400));
    // It is the coffee photo, turned: upright again it shows the same.
    let (upright, coffee) = (decode(&photo.full.bytes), decode(&fixture("clean-coffee.jpg")));
    let difference = upright.difference(&coffee);
    assert!(difference < 6.0, "{difference}");
    for variant in [&photo.full, &photo.thumbnail] {
        assert!(!markers(&variant.bytes).iter().any(|marker| matches!(marker, 0xE1..=0xEF | 0xFE)));
    }
}

#[test]
fn what_follows_the_end_is_gone() {
    let upload = fixture("polyglot.jpg");
    let script = b"<script>";
    assert!(upload.windows(script.len()).any(|bytes| bytes == script));
    let photo = prepared(&upload);
    for variant in [&photo.full, &photo.thumbnail] {
        assert!(!variant.bytes.windows(script.len()).any(|bytes| bytes == script));
        assert!(variant.bytes.ends_with(&[0xFF, 0xD9]));
    }
    // Nor does it leave a trace: it is the coffee photo.
    assert_eq!(photo, prepared(&fixture("clean-coffee.jpg")));
}

#[test]
fn what_is_no_whole_photo_is_refused() {
    assert_eq!(refused(&fixture("trunc.jpg")), Refusal::Truncated);
    assert_eq!(refused(&fixture("fake.jpg")), Refusal::NotAPhoto);
    assert_eq!(refused(b""), Refusal::NotAPhoto);
}

#[test]
fn bombs_are_refused_by_their_header() {
    for (name, side) in [("bomb_16k.png", 11_000), ("bomb_dims.png", 50_000)] {
        let refusal = refused(&fixture(name));
        let Refusal::TooManyPixels { width, height, .. } = refusal else {
            panic!("{name}: {refusal:?}")
        };
        assert_eq!((width, height), (side, side), "{name}");
    }
}

#[test]
fn the_same_bytes_give_the_same_photo() {
    for name in ["clean-coffee.jpg", "exif6.jpg", "flagged-by-model.png"] {
        let upload = fixture(name);
        assert_eq!(prepared(&upload), prepared(&upload), "{name}");
    }
}

#[test]
fn near_duplicates_share_a_hash() {
    let hash = |name| prepared(&fixture(name)).perceptual_hash;
    let coffee = hash("clean-coffee.jpg");
    // Turned upright, from a file with other compression.
    assert!(coffee.distance(hash("exif6.jpg")) <= 6, "{}", coffee.distance(hash("exif6.jpg")));
    assert!(hash("flagged-by-model.jpg").distance(hash("flagged-by-model.png")) <= 6);
    for other in ["false-positive-cell.jpg", "flagged-by-model.png"] {
        assert!(coffee.distance(hash(other)) > 12, "{other}: {}", coffee.distance(hash(other)));
    }
}

#[test]
fn near_duplicates_resemble_each_other() {
    let print = |name| prepared(&fixture(name)).fingerprint.unwrap();
    for (one, other) in
        [("clean-coffee.jpg", "exif6.jpg"), ("flagged-by-model.jpg", "flagged-by-model.png")]
    {
        let (one, other) = (print(one), print(other));
        assert!(one.resembles(&other), "{}", one.distance(&other));
        let keys = one.keys();
        assert!(other.keys().iter().any(|key| keys.contains(key)), "{keys:?}");
    }
    let coffee = print("clean-coffee.jpg");
    for other in ["false-positive-cell.jpg", "flagged-by-model.png"] {
        let distance = coffee.distance(&print(other));
        assert!(distance > Fingerprint::DISTANCE_MAX, "{other}: {distance}");
    }
}
