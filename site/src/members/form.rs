//! What forms are built of: fields with their label, their hint, and beside each
//! what is wrong with it.

use std::{cell::Cell, rc::Rc};

use seisiun_domain::problem::Problem;
use sycamore::{prelude::*, rt::Event};

use super::{
    account,
    trouble::{Trouble, problem_in_words},
    words,
};
use crate::{Language, view::each};

/// What a form tells besides its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing.
    #[default]
    Nothing,
    /// That something went well, or is under way.
    Note(&'static str),
    /// That something did not.
    Trouble(Trouble),
}

/// How a form stands.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// What it tells.
    pub(super) said: RcSignal<Said>,
    /// What is wrong with its fields.
    pub(super) problems: RcSignal<Vec<Problem>>,
    /// Whether it is being sent.
    pub(super) busy: RcSignal<bool>,
}

impl Form {
    pub(super) fn new() -> Self {
        Self {
            said: create_rc_signal(Said::default()),
            problems: create_rc_signal(Vec::new()),
            busy: create_rc_signal(false),
        }
    }

    /// Forgets what was wrong.
    pub(super) fn clear(&self) {
        self.said.set(Said::Nothing);
        self.problems.set(Vec::new());
    }

    /// Tells what was in the way.
    pub(super) fn fails(&self, trouble: Trouble) {
        self.busy.set(false);
        self.problems.set(trouble.problems().to_vec());
        self.said.set(Said::Trouble(trouble));
    }
}

/// What is wrong with a field or a part of it: `tunes` with `tunes[3]`, too.
fn problem_of<'a>(problems: &'a [Problem], field: &str) -> Option<&'a Problem> {
    problems.iter().find(|problem| is_of(problem, field))
}

fn is_of(problem: &Problem, field: &str) -> bool {
    let rest = problem.field.strip_prefix(field);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
}

/// A field of a form.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// The id of its element.
    pub(super) id: String,
    /// Its path, as the API names it.
    pub(super) path: String,
    /// What it is called.
    pub(super) label: &'static str,
    /// What there is to say about it, or nothing.
    pub(super) hint: &'static str,
}

impl Field {
    /// A field whose id is its path.
    pub(super) fn new(path: &str, label: &'static str) -> Self {
        Self { id: path.replace(['.', '[', ']'], "-"), path: path.to_owned(), label, hint: "" }
    }

    pub(super) fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }
}

/// How a line is typed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed {
    /// The element's type.
    pub(super) kind: &'static str,
    /// What a browser may fill in.
    pub(super) autocomplete: &'static str,
    /// The keyboard that a phone shows.
    pub(super) mode: &'static str,
    /// Characters at most.
    pub(super) chars_max: usize,
}

impl Typed {
    /// Words.
    pub(super) const fn text(chars_max: usize) -> Self {
        Self { kind: "text", autocomplete: "off", mode: "text", chars_max }
    }

    /// Something that the browser has a field of its own for: a date, a time.
    pub(super) const fn special(kind: &'static str) -> Self {
        Self { kind, autocomplete: "off", mode: "", chars_max: 10 }
    }
}

/// A line to type.
pub(super) fn line<G: Html>(
    cx: Scope,
    language: Language,
    form: &Form,
    field: Field,
    typed: Typed,
    value: &RcSignal<String>,
) -> View<G> {
    forget_when_typed(cx, form, &field.path, value);
    let value = create_ref(cx, value.clone());
    let Field { id, .. } = field.clone();
    let described = described_by(&id);
    let invalid = invalid(cx, form, &field.path);
    let Typed { kind, autocomplete, mode, chars_max } = typed;
    let most = chars_max.to_string();
    let input = view! { cx,
        input(id=id, type=kind, autocomplete=autocomplete, inputmode=mode, maxlength=most,
            aria-describedby=described, aria-invalid=*invalid.get(), bind:value=value)
    };
    around(cx, language, form, field, input)
}

/// Lines to type.
pub(super) fn area<G: Html>(
    cx: Scope,
    language: Language,
    form: &Form,
    field: Field,
    chars_max: usize,
    value: &RcSignal<String>,
) -> View<G> {
    forget_when_typed(cx, form, &field.path, value);
    let value = create_ref(cx, value.clone());
    let Field { id, .. } = field.clone();
    let described = described_by(&id);
    let invalid = invalid(cx, form, &field.path);
    let most = chars_max.to_string();
    let input = view! { cx,
        textarea(id=id, rows="4", maxlength=most, aria-describedby=described,
            aria-invalid=*invalid.get(), bind:value=value)
    };
    around(cx, language, form, field, input)
}

/// A choice of one among some: each with its value and its name.
pub(super) fn choice<G: Html>(
    cx: Scope,
    language: Language,
    form: &Form,
    field: Field,
    options: Vec<(String, &'static str)>,
    value: &RcSignal<String>,
) -> View<G> {
    forget_when_typed(cx, form, &field.path, value);
    let value = create_ref(cx, value.clone());
    let Field { id, .. } = field.clone();
    let described = described_by(&id);
    let invalid = invalid(cx, form, &field.path);
    // Marked where it is chosen: an element that is made anew has its value set
    // before it has its options.
    let chosen = value.get_untracked();
    let options = each(options, |(value, name)| {
        let selected = *chosen == value;
        view! { cx, option(value=value, selected=selected) { (name) } }
    });
    let input = view! { cx,
        select(id=id, aria-describedby=described, aria-invalid=*invalid.get(), bind:value=value) {
            (options)
        }
    };
    around(cx, language, form, field, input)
}

/// What was wrong with a field is no more said once something else is in it.
fn forget_when_typed(cx: Scope, form: &Form, path: &str, value: &RcSignal<String>) {
    let (problems, value, path) = (form.problems.clone(), value.clone(), path.to_owned());
    let known = Cell::new(None);
    create_effect(cx, move || {
        let typed = value.get();
        if known.replace(Some(Rc::clone(&typed))).is_some_and(|before| before != typed)
            && problem_of(&problems.get_untracked(), &path).is_some()
        {
            problems.modify().retain(|problem| !is_of(problem, &path));
        }
    });
}

/// Where a field's hint and problem are.
fn described_by(id: &str) -> String {
    format!("{id}-hint {id}-problem")
}

fn invalid<'a>(cx: Scope<'a>, form: &Form, path: &str) -> &'a ReadSignal<&'static str> {
    let problems = form.problems.clone();
    let path = path.to_owned();
    create_memo(
        cx,
        move || {
            if problem_of(&problems.get(), &path).is_some() { "true" } else { "false" }
        },
    )
}

/// What is around a field's element.
pub(super) fn around<G: Html>(
    cx: Scope,
    language: Language,
    form: &Form,
    field: Field,
    input: View<G>,
) -> View<G> {
    let Field { id, path, label, hint } = field;
    let (label_for, hint_id) = (id.clone(), format!("{id}-hint"));
    let problem = problem(cx, language, form, &id, path);
    view! { cx,
        div(class="field") {
            label(for=label_for) { (label) }
            (input)
            p(id=hint_id, class="hint", hidden=hint.is_empty()) { (hint) }
            (problem)
        }
    }
}

/// What is wrong with a field.
pub(super) fn problem<G: Html>(
    cx: Scope,
    language: Language,
    form: &Form,
    id: &str,
    path: String,
) -> View<G> {
    let words = words(language);
    let problems = form.problems.clone();
    let said = create_memo(cx, move || {
        problem_of(&problems.get(), &path).map_or_else(String::new, |problem| {
            let known = problem_in_words(problem, words);
            known.map_or_else(|| problem.message.clone(), str::to_owned)
        })
    });
    let id = format!("{id}-problem");
    view! { cx, p(id=id, class="problem", hidden=said.get().is_empty()) { (said.get()) } }
}

/// What a form tells, and is read out when it changes.
pub(super) fn said<G: Html>(cx: Scope, language: Language, form: &Form) -> View<G> {
    let words = words(language);
    let said = create_ref(cx, form.said.clone());
    let text = create_memo(cx, move || match &*said.get() {
        Said::Nothing => String::new(),
        Said::Note(note) => (*note).to_owned(),
        Said::Trouble(trouble) => {
            trouble.in_words(words).map_or_else(|| trouble.in_english(), str::to_owned)
        }
    });
    let class = create_memo(cx, move || match &*said.get() {
        Said::Trouble(_) => "notice",
        _ => "note",
    });
    let signed_out =
        create_memo(cx, move || matches!(&*said.get(), Said::Trouble(Trouble::SignedOut)));
    let sign_in = |event: Event| account::go_and_come_back(&event);
    view! { cx,
        div(role="status", class="said") {
            p(class=*class.get(), hidden=text.get().is_empty()) { (text.get()) }
            button(type="button", class="quiet", hidden=!*signed_out.get(), on:click=sign_in) { (words.do_sign_in) }
        }
    }
}

/// Puts the focus on the first field that is not in order.
#[cfg(client)]
pub(super) fn focus_on_problem() {
    use wasm_bindgen::JsCast;
    let found = crate::client::window()
        .document()
        .and_then(|document| document.query_selector("[aria-invalid=true]").ok().flatten());
    let Some(element) = found else { return };
    if let Ok(Some(details)) = element.closest("details") {
        let _ = details.set_attribute("open", "");
    }
    if let Ok(element) = element.dyn_into::<web_sys::HtmlElement>() {
        let _ = element.focus();
    }
}

/// A problem of our own finding, as the API would name it.
pub(super) fn missing(field: &str) -> Problem {
    Problem { field: field.into(), code: "missing".into(), message: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_stands_beside_its_field_alone() {
        let problems = [missing("tunes[3]"), missing("venue.position.lat"), missing("title")];
        let field = |path| problem_of(&problems, path).map(|problem| problem.field.as_str());
        assert_eq!(field("tunes"), Some("tunes[3]"));
        assert_eq!(field("venue.position"), Some("venue.position.lat"));
        assert_eq!(field("title"), Some("title"));
        assert_eq!(field("tit"), None);
        assert_eq!(field("venue.name"), None);
    }
}
