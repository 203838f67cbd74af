//! Pictures are what they should be whatever their words are, and the two that
//! are kept are those that this crate draws.
//!
//! `UPDATE_PICTURES=1 cargo test -p seisiun-preview` draws the kept ones anew.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::{collections::BTreeSet, path::Path};

use proptest::prelude::*;
use seisiun_preview::{HEIGHT, PICTURE_BYTES_MAX, Preview, WIDTH, icon, picture};

/// The one of the documentation.
const SESSION: Preview<'_> = Preview {
    kind: "Irish traditional music session",
    title: "Seisiún Déardaoin an tSean-Tí",
    when: "Every Thursday, 21:30–00:00",
    place: "Tigh Mháire, Béal an Daingin, Galway",
};

/// The one that stands for every page that has none of its own.
const SITE: Preview<'_> = Preview {
    kind: "Irish traditional music",
    title: "Who is playing tonight?",
    when: "Cé atá ag seinm anocht?",
    place: "Sessions near you, listed by the people who play in them",
};

const KEPT: [(&str, &Preview<'_>); 2] =
    [("../../docs/pictures/preview.png", &SESSION), ("../../site/assets/share.png", &SITE)];

/// Pixels at each side that hold nothing but ground, the bar left out.
const FREE: usize = 70;
/// Pixels of the bar below.
const BAR: usize = 14;

/// The palette's places of a picture's pixels.
fn pixels(png: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().unwrap();
    assert_eq!((reader.info().width, reader.info().height), (width, height));
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    assert_eq!(pixels.len(), (width * height) as usize);
    pixels
}

fn check(preview: &Preview<'_>) {
    let png = picture(preview).unwrap();
    assert!(png.len() <= PICTURE_BYTES_MAX, "{} bytes: {preview:?}", png.len());
    assert_eq!(picture(preview).unwrap(), png, "{preview:?}");
    let pixels = pixels(&png, WIDTH, HEIGHT);
    for (y, row) in pixels.chunks(WIDTH as usize).enumerate() {
        let bar = y >= HEIGHT as usize - BAR;
        let (left, right) = (&row[..FREE], &row[WIDTH as usize - FREE..]);
        let is_ground = |part: &[u8]| part.iter().all(|&pixel| pixel == 0);
        assert!(bar || is_ground(left) && is_ground(right), "line {y} of {preview:?}");
        let between = y < FREE - 5 || (575..HEIGHT as usize - BAR).contains(&y);
        assert!(!between || is_ground(row), "line {y} of {preview:?}");
    }
    assert!(pixels.iter().collect::<BTreeSet<_>>().len() > 10);
}

#[test]
fn hard_words_stay_in_their_places() {
    let long = "Seisiún na Máirte agus na Céadaoine ".repeat(20);
    let wide = "W".repeat(900);
    let piled = format!("Z{}", "\u{301}\u{302}\u{303}".repeat(90));
    for words in [
        "",
        " ",
        "\u{202e}\u{0}\n",
        "Ghyjpqß ÅÉÎÕÜ",
        // Their tails go beyond the place that they take.
        "j",
        "Q",
        &long,
        &wide,
        &piled,
        "北京の月曜セッション",
        "جلسة",
        "🎻",
    ] {
        check(&Preview { kind: words, title: words, when: words, place: words });
    }
}

#[test]
fn icons_are_as_large_as_was_asked() {
    for size in [192, 512] {
        let drawn = icon(size).unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("../../site/assets/icon-{size}.png"));
        if std::env::var_os("UPDATE_PICTURES").is_some() {
            std::fs::write(&file, &drawn).unwrap();
        }
        let kept = pixels(&std::fs::read(&file).unwrap(), size, size);
        assert_eq!(kept.len(), pixels(&drawn, size, size).len());
        assert!(drawn.len() < 12 * 1024, "{} bytes", drawn.len());
    }
    assert!(icon(0).is_err() && icon(100_000).is_err());
}

#[test]
fn kept_pictures_are_those_that_are_drawn() {
    for (kept, preview) in KEPT {
        check(preview);
        let drawn = picture(preview).unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(kept);
        if std::env::var_os("UPDATE_PICTURES").is_some() {
            std::fs::write(&file, &drawn).unwrap();
        }
        let kept = pixels(&std::fs::read(&file).unwrap(), WIDTH, HEIGHT);
        // Another kind of processor may round a pixel's edge otherwise.
        let other = pixels(&drawn, WIDTH, HEIGHT)
            .iter()
            .zip(&kept)
            .filter(|(a, b)| a.abs_diff(**b) > 1)
            .count();
        assert!(other < 100, "{}: {other} pixels are others", file.display());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_words_give_a_picture(
        kind in ".{0,80}", title in ".{0,200}", when in "\\PC{0,120}", place in "[ -~À-ɏ]{0,300}",
    ) {
        check(&Preview { kind: &kind, title: &title, when: &when, place: &place });
    }
}
