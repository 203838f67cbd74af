//! From a viewer's path to an object's key.

/// Decodes a path once and gives the key it stands for, or nothing if the path
/// is one that no page or photo has: with dot segments, empty segments, control
/// characters, backslashes or bytes that are not UTF-8.
pub(super) fn key(path: &str) -> Option<String> {
    let decoded = decode(path.strip_prefix('/')?)?;
    let sound = !decoded.chars().any(|c| c.is_control() || c == '\\')
        && !has_dot_segment(&decoded)
        && !decoded.contains("//")
        && !decoded.starts_with('/');
    sound.then_some(decoded)
}

/// Whether a path, decoded once, has a segment that means another folder.
pub(super) fn climbs(path: &str) -> bool {
    decode(path).is_none_or(|decoded| has_dot_segment(&decoded) || decoded.contains('\\'))
}

fn has_dot_segment(path: &str) -> bool {
    path.split('/').any(|segment| matches!(segment, "." | ".."))
}

fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let value = digit(bytes.next())? * 16 + digit(bytes.next())?;
            decoded.push(u8::try_from(value).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_once() {
        let cases = [
            ("/photos/a.jpg", Some("photos/a.jpg")),
            ("/photos/a%20b%C3%BC.jpg", Some("photos/a bü.jpg")),
            ("/a%252e", Some("a%2e")),
            ("/", Some("")),
            ("/x/", Some("x/")),
            ("/..", None),
            ("/photos/../x", None),
            ("/photos/%2e%2e/x", None),
            ("/photos/.%2E/x", None),
            ("/photos%2F..%2Fx", None),
            ("/photos/./x", None),
            ("//x", None),
            ("/a//b", None),
            ("/a%2F%2Fb", None),
            ("/a%5C..%5Cb", None),
            ("/a%00", None),
            ("/a%0d%0ab", None),
            ("/a%ff", None),
            ("/a%2", None),
            ("/a%zz", None),
            ("x", None),
        ];
        for (path, expected) in cases {
            assert_eq!(key(path).as_deref(), expected, "{path}");
        }
    }
}
