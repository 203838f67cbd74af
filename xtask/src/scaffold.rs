//! Editing sources by their structure: everything is prepared in memory and
//! written at the end, so that what is refused half-way leaves nothing behind.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::process::write_whole;

/// Changes to a checkout that are not written yet.
#[derive(Debug)]
pub(crate) struct Edits {
    root: PathBuf,
    /// Files as they will be, by their path from the root.
    files: BTreeMap<String, String>,
    /// What changes, where, in the order of the changes.
    notes: Vec<(String, String)>,
}

impl Edits {
    pub(crate) fn of(root: &Path) -> Self {
        Self { root: root.to_path_buf(), files: BTreeMap::new(), notes: Vec::new() }
    }

    /// A file as it will be.
    pub(crate) fn read(&self, path: &str) -> Result<String> {
        match self.files.get(path) {
            Some(text) => Ok(text.clone()),
            None => std::fs::read_to_string(self.root.join(path))
                .with_context(|| format!("cannot read {path}")),
        }
    }

    /// Whether a file is there, or will be.
    pub(crate) fn exists(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.root.join(path).exists()
    }

    /// Changes a file; an error of the change names it.
    pub(crate) fn change(
        &mut self,
        path: &str,
        what: impl Into<String>,
        change: impl FnOnce(&str) -> Result<String>,
    ) -> Result<()> {
        let changed = change(&self.read(path)?).with_context(|| {
            format!("{path} is not as new-task knows it: correct xtask/src/new_task.rs")
        })?;
        self.files.insert(path.to_owned(), changed);
        self.notes.push((path.to_owned(), what.into()));
        Ok(())
    }

    /// Adds a file.
    pub(crate) fn create(
        &mut self,
        path: &str,
        what: impl Into<String>,
        text: String,
    ) -> Result<()> {
        if self.exists(path) {
            bail!("{path} is there already");
        }
        self.files.insert(path.to_owned(), text);
        self.notes.push((path.to_owned(), what.into()));
        Ok(())
    }

    /// Writes everything; gives what changed, and where.
    pub(crate) fn write(self) -> Result<Vec<(String, String)>> {
        for (path, text) in &self.files {
            write_whole(&self.root.join(path), text.as_bytes())?;
        }
        Ok(self.notes)
    }
}

/// Puts lines after the first line that fits.
pub(crate) fn after_line(
    text: &str,
    anchor: &str,
    fits: impl Fn(&str) -> bool,
    added: &str,
) -> Result<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| fits(line));
    let at = at.with_context(|| format!("there is no line `{anchor}`"))?;
    lines.insert(at + 1, added);
    Ok(whole(&lines))
}

/// Puts a line where it belongs among its sorted neighbours: the lines around
/// one that fits, as far as they have a key.
pub(crate) fn among_sorted<'a>(
    text: &'a str,
    anchor: &str,
    key: impl Fn(&'a str) -> Option<&'a str>,
    added: &'a str,
) -> Result<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| *line == anchor);
    let at = at.with_context(|| format!("there is no line `{anchor}`"))?;
    let place = sorted_place(&lines, at, &key, key(added));
    lines.insert(place, added);
    Ok(whole(&lines))
}

/// Where a key belongs among those around a line.
fn sorted_place<'a>(
    lines: &[&'a str],
    around: usize,
    key: impl Fn(&'a str) -> Option<&'a str>,
    added: Option<&str>,
) -> usize {
    let has_key = |line: &&&'a str| key(line).is_some();
    let first = around - lines[..around].iter().rev().take_while(has_key).count();
    let count = lines[first..].iter().take_while(has_key).count();
    let before = lines[first..first + count].iter().take_while(|line| key(line) < added).count();
    first + before
}

/// The text that a line of a JSON document has as an item of a list.
fn item(line: &str) -> Option<&str> {
    line.trim().trim_end_matches(',').strip_prefix('"')?.strip_suffix('"')
}

/// The items of all lists of a JSON document, each on a line of its own.
pub(crate) fn json_items(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(item)
}

/// Adds a text to every sorted list of texts in a JSON document that has the
/// given one, each item on a line of its own.
pub(crate) fn into_json_lists(text: &str, beside: &str, added: &str) -> Result<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut lists = 0;
    let mut at = 0;
    while at < lines.len() {
        if item(&lines[at]) == Some(beside) {
            let all: Vec<&str> = lines.iter().map(String::as_str).collect();
            let place = sorted_place(&all, at, item, Some(added));
            let indent: String = lines[at].chars().take_while(|c| *c == ' ').collect();
            let is_last = lines.get(place).is_none_or(|next| item(next).is_none());
            if is_last && let Some(before) = lines.get_mut(place - 1) {
                before.push(',');
            }
            let comma = if is_last { "" } else { "," };
            lines.insert(place, format!("{indent}\"{added}\"{comma}"));
            lists += 1;
            at += usize::from(place <= at);
        }
        at += 1;
    }
    if lists == 0 {
        bail!("no list has \"{beside}\"");
    }
    Ok(whole(&lines))
}

/// Adds an item to an array of Rust that says its length, `head` being all
/// before that: `const NAMES: [&str; `. Its items are sorted, one a line.
pub(crate) fn into_array(text: &str, head: &str, added: &str) -> Result<String> {
    let missing = || format!("there is no `{head}`");
    let (before, rest) = text.split_once(head).with_context(missing)?;
    let (length, rest) = rest.split_once(']').with_context(missing)?;
    let length: usize = length.trim().parse().with_context(missing)?;
    let (items, rest) = rest.split_once("\n];").with_context(missing)?;
    let (opening, items) = items.split_once('\n').with_context(missing)?;
    let mut items: Vec<&str> = items.lines().collect();
    let line = format!("    {added},");
    let place = items.iter().take_while(|item| ***item < *line).count();
    items.insert(place, &line);
    Ok(format!("{before}{head}{}]{opening}\n{}\n];{rest}", length + 1, items.join("\n")))
}

/// Where a resource of a CloudFormation template stands, without the empty line
/// behind it.
pub(crate) fn resource(text: &str, id: &str) -> Result<Range<usize>> {
    let head = format!("\n  {id}:\n");
    let start = text.find(&head).with_context(|| format!("there is no resource {id}"))? + 1;
    let mut end = start + head.len() - 1;
    for line in text[end..].split_inclusive('\n') {
        if !line.trim().is_empty() && !line.starts_with("    ") {
            break;
        }
        end += line.len();
    }
    Ok(start..start + text[start..end].trim_end().len())
}

/// A state of a definition, from its name's line to the line of its brace, which
/// may have a comma. Only states that lie in no Map.
pub(crate) fn state(text: &str, name: &str) -> Result<Range<usize>> {
    let head = format!("\n    \"{name}\": {{\n");
    let start = text.find(&head).with_context(|| format!("there is no state {name}"))? + 1;
    let length = text[start..].find("\n    }").with_context(|| format!("{name} has no end"))?;
    Ok(start..start + length + "\n    }".len())
}

/// Replaces a part of a text.
pub(crate) fn replaced(text: &str, range: Range<usize>, by: &str) -> String {
    format!("{}{by}{}", &text[..range.start], &text[range.end..])
}

/// Lines as a file has them.
fn whole(lines: &[impl AsRef<str>]) -> String {
    lines.iter().flat_map(|line| [line.as_ref(), "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_where_it_belongs() {
        let text = "use x;\n\nmod a;\npub mod c;\nmod e;\n\nfn main() {}\n";
        let key = |line: &'static str| {
            line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?.strip_suffix(';')
        };
        for (added, expected) in [
            ("mod 0;", "mod 0;\nmod a;\npub mod c;\nmod e;"),
            ("pub mod b;", "mod a;\npub mod b;\npub mod c;\nmod e;"),
            ("mod f;", "mod a;\npub mod c;\nmod e;\nmod f;"),
        ] {
            let changed = among_sorted(text, "pub mod c;", key, added).unwrap();
            assert_eq!(changed, format!("use x;\n\n{expected}\n\nfn main() {{}}\n"));
        }
        assert!(among_sorted(text, "mod z;", key, "mod b;").is_err());
    }

    #[test]
    fn lists_and_arrays_stay_sorted() {
        let json =
            "[\n  [\n    \"b\",\n    \"d\"\n  ],\n  [\n    \"d\"\n  ],\n  [\n    \"x\"\n  ]\n]\n";
        for (added, expected) in [
            ("a", r#"[["a","b","d"],["a","d"],["x"]]"#),
            ("c", r#"[["b","c","d"],["c","d"],["x"]]"#),
            ("e", r#"[["b","d","e"],["d","e"],["x"]]"#),
        ] {
            let changed = into_json_lists(json, "d", added).unwrap();
            let parsed: serde_json::Value = serde_json::from_str(&changed).unwrap();
            assert_eq!(parsed.to_string(), expected);
        }
        assert!(into_json_lists(json, "nobody", "a").is_err());

        let rust = "const A: [u8; 2] = [\n    1,\n    3,\n];\n";
        let changed = into_array(rust, "const A: [u8; ", "2").unwrap();
        assert_eq!(changed, "const A: [u8; 3] = [\n    1,\n    2,\n    3,\n];\n");
        assert!(into_array(rust, "const B: [u8; ", "2").is_err());
    }

    #[test]
    fn a_resource_and_a_state_are_found_whole() {
        let yaml = "Resources:\n  A:\n    Type: X\n\n    Other: y\n\n  # About B.\n  B:\n    Type: X\nOutputs:\n";
        assert_eq!(&yaml[resource(yaml, "A").unwrap()], "  A:\n    Type: X\n\n    Other: y");
        assert_eq!(&yaml[resource(yaml, "B").unwrap()], "  B:\n    Type: X");
        assert!(resource(yaml, "C").is_err());

        let json = "{\n  \"States\": {\n    \"A\": {\n      \"Next\": {\n      }\n    },\n    \"B\": {\n      \"End\": true\n    }\n  }\n}\n";
        let a = &json[state(json, "A").unwrap()];
        assert_eq!(a, "    \"A\": {\n      \"Next\": {\n      }\n    }");
        assert_eq!(&json[state(json, "B").unwrap()], "    \"B\": {\n      \"End\": true\n    }");
        assert!(state(json, "Next").is_err());
    }

    #[test]
    fn what_is_refused_half_way_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "1\n").unwrap();
        let mut edits = Edits::of(folder.path());
        edits.change("a", "another line", |text| Ok(format!("{text}2\n"))).unwrap();
        edits.create("b/c", "new", "3\n".into()).unwrap();
        assert!(edits.create("a", "there", String::new()).is_err());
        assert!(edits.change("a", "", |_| anyhow::bail!("no")).is_err());
        assert_eq!(std::fs::read_to_string(folder.path().join("a")).unwrap(), "1\n");
        assert_eq!(edits.read("a").unwrap(), "1\n2\n");
        let notes = edits.write().unwrap();
        assert_eq!(notes.len(), 2);
        assert_eq!(std::fs::read_to_string(folder.path().join("a")).unwrap(), "1\n2\n");
        assert_eq!(std::fs::read_to_string(folder.path().join("b/c")).unwrap(), "3\n");
    }
}
