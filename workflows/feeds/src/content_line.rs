//! Content lines of iCalendar (RFC 5545, 3.1). Written here because the
//! libraries there are add the time of writing and random names to components
//! that must not have them, and leave some texts unescaped.

/// Octets of a line at most, its break left out.
const OCTETS_MAX: usize = 75;

/// A calendar in the making.
#[derive(Debug, Default)]
pub(crate) struct Lines(String);

impl Lines {
    /// Begins a component.
    pub(crate) fn begin(&mut self, component: &str) {
        self.raw("BEGIN", component);
    }

    /// Ends it.
    pub(crate) fn end(&mut self, component: &str) {
        self.raw("END", component);
    }

    /// A property whose value stands as it is: dates, rules, addresses.
    pub(crate) fn raw(&mut self, property: &str, value: &str) {
        self.push(&format!("{property}:{}", no_controls(value)));
    }

    /// A property whose value is a text.
    pub(crate) fn text(&mut self, property: &str, value: &str) {
        self.push(&format!("{property}:{}", escaped(value)));
    }

    /// What was written.
    pub(crate) fn finish(self) -> String {
        self.0
    }

    /// Folds between characters: a parser joins the octets again either way, but
    /// a person who looks at the file sees no halves.
    fn push(&mut self, line: &str) {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > OCTETS_MAX {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(c);
            octets += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// A text as a value: RFC 5545, 3.3.11.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            // Not allowed in any text; a tab is.
            c if c.is_control() && c != '\t' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

fn no_controls(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a parser does: RFC 5545, 3.1 and 3.3.11.
    fn read(lines: &str) -> String {
        let unfolded = lines.replace("\r\n ", "");
        let value = unfolded.strip_prefix("SUMMARY:").unwrap().strip_suffix("\r\n").unwrap();
        let mut text = String::new();
        let mut chars = value.chars();
        while let Some(c) = chars.next() {
            text.push(match c {
                '\\' => match chars.next().unwrap() {
                    'n' => '\n',
                    c => c,
                },
                c => c,
            });
        }
        text
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(text in "([ -~]|[;,\\\\:\"\n]|ó|🎻|\\PC){0,400}") {
            let mut lines = Lines::default();
            lines.text("SUMMARY", &text);
            let lines = lines.finish();
            prop_assert!(lines.split("\r\n").all(|line| line.len() <= OCTETS_MAX), "{lines}");
            prop_assert_eq!(read(&lines), text);
        }

        #[test]
        fn no_value_begins_a_line_of_its_own(value in "(?s).{0,200}") {
            let mut lines = Lines::default();
            lines.raw("URL", &value);
            lines.text("SUMMARY", &value);
            let lines = lines.finish();
            let own = lines.split("\r\n").filter(|line| !line.starts_with(' ')).count();
            // Two lines and what follows the last break.
            prop_assert_eq!(own, 3, "{}", lines);
            let no_break = lines.replace("\r\n", "");
            prop_assert!(!no_break.contains(['\r', '\n']));
        }
    }
}
