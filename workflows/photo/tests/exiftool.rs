//! An independent reader finds no metadata in what is published.
//!
//! Needs `exiftool` (Debian: `apt-get install libimage-exiftool-perl`).
//! `EXIFTOOL` may name the program when it isn't in the path.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy takes what isn't marked as a test for production code"
)]

mod pictures;

use std::{collections::BTreeMap, env, fs, process::Command};

use pictures::{
    Picture, chunk, exif, exif_segment, fixture, jpeg, png_rgb, prepared, segment, with_chunks,
    with_segments,
};
use serde_json::Value;

/// What `exiftool` finds in a file, by group and tag, e.g. `EXIF:Orientation`.
fn tags(name: &str, bytes: &[u8]) -> BTreeMap<String, Value> {
    let program = env::var("EXIFTOOL").unwrap_or_else(|_| "exiftool".to_owned());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let output = Command::new(&program)
        .args(["-json", "-G0", "-a", "-u", "-U", "-ee"])
        .arg(&path)
        .output()
        .unwrap_or_else(|error| {
            panic!(
                "{program}: {error}. This test reads photos with exiftool: install it \
                 (Debian: apt-get install libimage-exiftool-perl), or name the program in \
                 the environment variable EXIFTOOL."
            )
        });
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    let mut found: Vec<BTreeMap<String, Value>> = serde_json::from_slice(&output.stdout).unwrap();
    found.remove(0)
}

fn groups(tags: &BTreeMap<String, Value>) -> Vec<&str> {
    let mut groups: Vec<&str> = tags.keys().filter_map(|key| key.split(':').next()).collect();
    groups.dedup();
    groups
}

/// What any JPEG has: its name and date on disk, its structure, and what follows
/// from those.
fn assert_bare(what: &str, bytes: &[u8]) {
    let tags = tags("published.jpg", bytes);
    for (tag, value) in &tags {
        let (group, name) = tag.split_once(':').unwrap_or(("", tag));
        let bare = match group {
            "" | "ExifTool" => matches!(name, "SourceFile" | "ExifToolVersion"),
            // `Comment` is in this group too.
            "File" => name != "Comment" && name != "ExifByteOrder",
            "JFIF" => {
                matches!(name, "JFIFVersion" | "ResolutionUnit" | "XResolution" | "YResolution")
            }
            "Composite" => matches!(name, "ImageSize" | "Megapixels"),
            _ => false,
        };
        assert!(bare, "{what}: {tag} = {value}");
    }
    assert_eq!(tags["File:FileType"], "JPEG", "{what}");
    assert!(!tags.contains_key("ExifTool:Warning"), "{what}: {tags:?}");
}

#[test]
fn exiftool_finds_nothing_in_what_is_published() {
    let picture = Picture::waves(400, 300);
    let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let xmp = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF \
               xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description \
               xmlns:dc='http://purl.org/dc/elements/1.1/' dc:format='secret'/></rdf:RDF>\
               </x:xmpmeta>";
    let caption = b"secret caption";
    let iptc_record = [&[0x1C, 2, 120, 0, caption.len() as u8][..], caption].concat();
    let iptc = [
        b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0".as_slice(),
        &[iptc_record.len() as u8],
        &iptc_record,
        b"\0",
    ]
    .concat();
    let full_of_it = with_segments(
        &jpeg(&picture, |encoder| encoder.add_icc_profile(&icc).unwrap()),
        &[
            exif_segment(6),
            segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0".as_slice(), xmp.as_bytes()].concat()),
            segment(0xED, &iptc),
            segment(0xFE, b"secret comment"),
        ],
    );
    let international = [b"XML:com.adobe.xmp\0\0\0\0\0".as_slice(), xmp.as_bytes()].concat();
    let png = with_chunks(
        &png_rgb(&picture),
        &[
            chunk(b"eXIf", &exif(3)),
            chunk(b"iTXt", &international),
            chunk(b"tEXt", b"Comment\0secret comment"),
            chunk(b"tIME", &[7, 234, 1, 1, 0, 0, 0]),
        ],
    );

    // The uploads do carry what must go, as the same program sees it.
    let before = tags("upload.jpg", &full_of_it);
    let groups = groups(&before);
    for group in ["EXIF", "ICC_Profile", "IPTC", "XMP"] {
        assert!(groups.contains(&group), "{group} of {groups:?}");
    }
    for tag in ["EXIF:GPSLatitude", "IPTC:Caption-Abstract", "XMP:Format", "File:Comment"] {
        assert!(before.contains_key(tag), "{tag} of {before:?}");
    }
    let before = tags("upload.png", &png);
    for tag in ["EXIF:GPSLatitude", "XMP:Format", "PNG:Comment", "PNG:ModifyDate"] {
        assert!(before.contains_key(tag), "{tag} of {before:?}");
    }
    let exif6 = fixture("exif6.jpg");
    assert!(tags("upload.jpg", &exif6).contains_key("EXIF:GPSLatitude"));

    for (what, upload) in [
        ("JPEG", full_of_it),
        ("PNG", png),
        ("exif6.jpg", exif6),
        ("polyglot.jpg", fixture("polyglot.jpg")),
        ("clean-coffee.jpg", fixture("clean-coffee.jpg")),
        ("flagged-by-model.png", fixture("flagged-by-model.png")),
    ] {
        let photo = prepared(&upload);
        assert_bare(&format!("{what}, full"), &photo.full.bytes);
        assert_bare(&format!("{what}, thumbnail"), &photo.thumbnail.bytes);
    }
}
