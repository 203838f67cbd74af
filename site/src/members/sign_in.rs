//! Signing in, by password or code; signing up; and a new password.

use sycamore::{prelude::*, rt::Event};

use super::{
    account::{self, Standing},
    form::{self, Field, Form, Typed},
    unscripted, words,
};
use crate::{Language, MembersPage};

/// Characters of an address for mail.
const EMAIL_CHARS_MAX: usize = 254;
/// Characters of a code, at most.
const CODE_CHARS_MAX: usize = 12;

/// Where one is on the way in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Step {
    /// Address and password.
    #[default]
    SignIn,
    /// Address and a password to be.
    SignUp,
    /// The code that confirms the address.
    Confirm,
    /// The address that gets a code to set a password with.
    Forgotten,
    /// That code, and the password.
    Reset,
    /// The address that gets a code to sign in with.
    ByCode,
    /// That code.
    Code,
}

/// All that is typed on the way in. It outlives a step, so that nobody types an
/// address twice, and is stored nowhere.
#[derive(Debug, Clone)]
struct Entry {
    step: RcSignal<Step>,
    email: RcSignal<String>,
    password: RcSignal<String>,
    code: RcSignal<String>,
    /// What came with the code to sign in by, to be handed back.
    session: RcSignal<String>,
    form: Form,
}

pub(super) fn sign_in<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    let text = || create_rc_signal(String::new());
    let entry = Entry {
        step: create_rc_signal(Step::default()),
        email: text(),
        password: text(),
        code: text(),
        session: text(),
        form: Form::new(),
    };
    let step = create_ref(cx, entry.step.clone());
    let standing = create_ref(cx, account::standing());
    let said = form::said(cx, language, &entry.form);
    let mine = language.href(MembersPage::Mine.path());
    view! { cx,
        div(class="sign-in") {
            (unscripted(cx, language))
            p(class="note", hidden=*standing.get() != Standing::In) {
                (words.already_in) " " a(href=mine) { (words.mine_title) }
            }
            (drawn(cx, language, *step.get(), &entry))
            (said)
        }
    }
}

/// A step: its heading, its form, and the ways to other steps.
fn drawn<G: Html>(cx: Scope, language: Language, step: Step, entry: &Entry) -> View<G> {
    let words = words(language);
    let form = &entry.form;
    let email = || {
        let field = Field::new("email", words.email).hint(words.email_hint);
        let typed = Typed {
            kind: "email",
            autocomplete: "username",
            mode: "email",
            chars_max: EMAIL_CHARS_MAX,
        };
        form::line(cx, language, form, field, typed, &entry.email)
    };
    let password = |path, label, hint, autocomplete| {
        let field = Field::new(path, label).hint(hint);
        let chars_max = seisiun_contracts::api::auth::PASSWORD_CHARS_MAX;
        let typed = Typed { kind: "password", autocomplete, mode: "", chars_max };
        form::line(cx, language, form, field, typed, &entry.password)
    };
    let code = || {
        let field = Field::new("code", words.code).hint(words.code_hint);
        let typed = Typed {
            kind: "text",
            autocomplete: "one-time-code",
            mode: "numeric",
            chars_max: CODE_CHARS_MAX,
        };
        form::line(cx, language, form, field, typed, &entry.code)
    };
    let ways = |ways: &[(&'static str, Step)]| {
        let ways = crate::view::each(ways.iter().copied(), |(name, to)| {
            let (step, form) = (entry.step.clone(), form.clone());
            let go = move |_: Event| {
                form.clear();
                step.set(to);
            };
            view! { cx, li { button(type="button", class="quiet", on:click=go) { (name) } } }
        });
        view! { cx, ul(class="plain ways") { (ways) } }
    };
    let (title, fields, action, ways) = match step {
        Step::SignIn => (
            words.sign_in_title,
            vec![email(), password("password", words.password, "", "current-password")],
            words.do_sign_in,
            ways(&[
                (words.to_sign_up, Step::SignUp),
                (words.to_by_code, Step::ByCode),
                (words.to_forgotten, Step::Forgotten),
            ]),
        ),
        Step::SignUp => (
            words.sign_up_title,
            vec![
                email(),
                password("password", words.password, words.password_hint, "new-password"),
            ],
            words.do_sign_up,
            ways(&[(words.to_sign_in, Step::SignIn)]),
        ),
        Step::Confirm => (
            words.confirm_title,
            vec![code()],
            words.do_confirm,
            ways(&[(words.to_sign_up, Step::SignUp)]),
        ),
        Step::Forgotten => (
            words.forgotten_title,
            vec![email()],
            words.send_code,
            ways(&[(words.to_sign_in, Step::SignIn)]),
        ),
        Step::Reset => (
            words.forgotten_title,
            vec![
                code(),
                password("new_password", words.new_password, words.password_hint, "new-password"),
            ],
            words.do_reset,
            ways(&[(words.resend, Step::Forgotten), (words.to_sign_in, Step::SignIn)]),
        ),
        Step::ByCode => (
            words.by_code_title,
            vec![email()],
            words.send_code,
            ways(&[(words.to_sign_in, Step::SignIn)]),
        ),
        Step::Code => (
            words.by_code_title,
            vec![code()],
            words.do_sign_in,
            ways(&[(words.resend, Step::ByCode), (words.to_sign_in, Step::SignIn)]),
        ),
    };
    let fields = View::new_fragment(fields);
    let busy = create_ref(cx, form.busy.clone());
    let resend = {
        let entry = entry.clone();
        move |_: Event| resend(&entry, language)
    };
    let submit = {
        let entry = entry.clone();
        move |event: Event| {
            event.prevent_default();
            if !*entry.form.busy.get() {
                go(step, &entry, language);
            }
        }
    };
    view! { cx,
        div {
            h1 { (title) }
            form(class="form", method="post", novalidate=true, on:submit=submit) {
                (fields)
                div(class="actions") {
                    button(type="submit", aria-disabled=busy.get().to_string()) { (action) }
                    button(type="button", class="quiet", hidden=step != Step::Confirm, on:click=resend) { (words.resend) }
                }
            }
            (ways)
        }
    }
}

fn go(step: Step, entry: &Entry, language: Language) {
    #[cfg(client)]
    client::go(step, entry, language);
    #[cfg(engine)]
    let _ = (step, entry, language);
}

fn resend(entry: &Entry, language: Language) {
    #[cfg(client)]
    client::resend(entry, language);
    #[cfg(engine)]
    let _ = (entry, language);
}

#[cfg(client)]
mod client {
    use seisiun_contracts::api::auth::{Access, PASSWORD_CHARS_MIN, SignInCodeSent};
    use seisiun_domain::problem::Problem;
    use serde_json::{Value, json};
    use wasm_bindgen_futures::spawn_local;

    use super::{Entry, Step};
    use crate::{
        Language,
        members::{
            account,
            api::{Ask, read},
            form::{Said, missing},
            trouble::Trouble,
            words,
        },
    };

    fn ask(action: &str, body: &Value) -> Ask {
        Ask::post(format!("/api/auth/{action}")).json(body)
    }

    /// What the fields of a step lack.
    fn lacks(step: Step, entry: &Entry) -> Vec<Problem> {
        let mut problems = Vec::new();
        let email = entry.email.get();
        let asks_email =
            matches!(step, Step::SignIn | Step::SignUp | Step::Forgotten | Step::ByCode);
        if asks_email && email.trim().is_empty() {
            problems.push(missing("email"));
        } else if asks_email && !email.contains('@') {
            problems.push(Problem { code: "invalid_email".into(), ..missing("email") });
        }
        let (path, is_new) = match step {
            Step::SignIn => ("password", false),
            Step::SignUp => ("password", true),
            Step::Reset => ("new_password", true),
            _ => ("", false),
        };
        let chars = entry.password.get().chars().count();
        if !path.is_empty() && chars == 0 {
            problems.push(missing(path));
        } else if is_new && chars < PASSWORD_CHARS_MIN {
            problems.push(Problem { code: "weak_password".into(), ..missing(path) });
        }
        if matches!(step, Step::Confirm | Step::Reset | Step::Code)
            && entry.code.get().trim().is_empty()
        {
            problems.push(missing("code"));
        }
        problems
    }

    pub(super) fn go(step: Step, entry: &Entry, language: Language) {
        entry.form.clear();
        let problems = lacks(step, entry);
        if !problems.is_empty() {
            entry.form.said.set(Said::Note(words(language).not_in_order));
            entry.form.problems.set(problems);
            return;
        }
        entry.form.busy.set(true);
        let entry = entry.clone();
        spawn_local(async move {
            match take(step, &entry, language).await {
                Ok(()) => entry.form.busy.set(false),
                Err(trouble) => entry.form.fails(trouble),
            }
        });
    }

    async fn take(step: Step, entry: &Entry, language: Language) -> Result<(), Trouble> {
        let words = words(language);
        let email = entry.email.get().trim().to_owned();
        let code = entry.code.get().trim().to_owned();
        let password = &*entry.password.get();
        let on = |step, note| {
            entry.code.set(String::new());
            entry.step.set(step);
            entry.form.said.set(Said::Note(note));
        };
        match step {
            Step::SignIn => by_password(entry, &email, password).await?,
            Step::SignUp => {
                ask("sign-up", &json!({ "email": email, "password": password })).openly().await?;
                on(Step::Confirm, words.code_sent);
            }
            Step::Confirm => {
                ask("confirm", &json!({ "email": email, "code": code })).openly().await?;
                by_password(entry, &email, password).await?;
            }
            Step::Forgotten => {
                ask("forgot-password", &json!({ "email": email })).openly().await?;
                entry.password.set(String::new());
                on(Step::Reset, words.code_sent);
            }
            Step::Reset => {
                let body = json!({ "email": email, "code": code, "new_password": password });
                ask("reset-password", &body).openly().await?;
                entry.password.set(String::new());
                on(Step::SignIn, words.password_set);
            }
            Step::ByCode => {
                let sent = ask("sign-in/code", &json!({ "email": email })).openly().await?;
                let sent: SignInCodeSent = read(sent)?;
                entry.session.set(sent.session.expose().to_owned());
                on(Step::Code, words.code_sent);
            }
            Step::Code => {
                let session = &*entry.session.get();
                let body = json!({ "email": email, "session": session, "code": code });
                arrive(entry, read(ask("sign-in/code/answer", &body).openly().await?)?);
            }
        }
        Ok(())
    }

    async fn by_password(entry: &Entry, email: &str, password: &str) -> Result<(), Trouble> {
        let answer =
            ask("sign-in", &json!({ "email": email, "password": password })).openly().await;
        match answer {
            // Signed up, but never confirmed: the code is all that is missing.
            Err(trouble) if trouble.kind() == "unverified" => {
                entry.step.set(Step::Confirm);
                Err(trouble)
            }
            answer => {
                arrive(entry, read(answer?)?);
                Ok(())
            }
        }
    }

    fn arrive(entry: &Entry, access: Access) {
        entry.password.set(String::new());
        entry.code.set(String::new());
        account::sign_in(&access);
    }

    pub(super) fn resend(entry: &Entry, language: Language) {
        let entry = entry.clone();
        spawn_local(async move {
            let email = entry.email.get().trim().to_owned();
            let sent = ask("resend-code", &json!({ "email": email })).openly().await;
            match sent {
                Ok(_) => entry.form.said.set(Said::Note(words(language).code_sent)),
                Err(trouble) => entry.form.fails(trouble),
            }
        });
    }
}
