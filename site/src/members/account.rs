//! Who is signed in. The access token is in memory alone; after a full load the
//! cookie, which no script can read, brings another one.

use sycamore::{prelude::*, rt::Event};

use super::words;
use crate::{Language, MembersPage};

/// Whether somebody is signed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It was not found out yet.
    #[default]
    Unknown,
    /// Nobody.
    Out,
    /// Somebody.
    In,
}

/// Whether somebody is signed in: one answer for all that is on the page.
pub(super) fn standing() -> RcSignal<Standing> {
    #[cfg(client)]
    return client::standing();
    #[cfg(engine)]
    create_rc_signal(Standing::default())
}

/// What a member has in the frame of their pages: more to go to, and the way out.
pub(crate) fn account<G: Html>(cx: Scope, language: Language) -> View<G> {
    let standing = standing();
    #[cfg(client)]
    client::find_out();
    let words = words(language);
    let shown = create_ref(cx, standing);
    let is_in = create_memo(cx, move || *shown.get() == Standing::In);
    let is_out = create_memo(cx, move || *shown.get() == Standing::Out);
    let href = |page: MembersPage| language.href(page.path());
    let sign_in = href(MembersPage::SignIn);
    let follows = href(MembersPage::Follows);
    let preferences = href(MembersPage::Preferences);
    view! { cx,
        nav(class="account", aria-label=words.account_navigation) {
            ul(class="plain row") {
                li(hidden=!*is_out.get()) { a(href=sign_in) { (words.do_sign_in) } }
                li(hidden=!*is_in.get()) { a(href=follows) { (words.nav_follows) } }
                li(hidden=!*is_in.get()) { a(href=preferences) { (words.nav_preferences) } }
                li(hidden=!*is_in.get()) { button(type="button", class="quiet", on:click=move |_: Event| leave()) { (words.sign_out) } }
            }
        }
    }
}

/// Draws what is for members alone: first that they are looked up, and if nobody
/// is signed in, the way to do so.
pub(super) fn gate<'a, G: Html>(
    cx: Scope<'a>,
    language: Language,
    back_to: MembersPage,
    content: impl Fn(BoundedScope<'_, 'a>) -> View<G> + 'a,
) -> View<G> {
    let words = words(language);
    let standing = create_ref(cx, standing());
    let content = create_ref(cx, content);
    view! { cx,
        div {
            (match *standing.get() {
                Standing::Unknown => view! { cx, p(class="empty", role="status") { (words.looking_you_up) } },
                Standing::Out => invitation(cx, language, back_to),
                Standing::In => content(cx),
            })
        }
    }
}

/// The way to sign in, and back.
pub(super) fn invitation<G: Html>(cx: Scope, language: Language, back_to: MembersPage) -> View<G> {
    let words = words(language);
    let href = sign_in_href(language, &language.href(back_to.path()));
    // The link knows the page; only the browser knows what its address asks for.
    let go = |event: Event| go_and_come_back(&event);
    view! { cx,
        div(class="note") {
            p { (words.sign_in_first) }
            p { a(class="button", href=href, rel="external", on:click=go) { (words.do_sign_in) } }
        }
    }
}

/// To the sign-in, and back to this very address.
pub(super) fn go_and_come_back(event: &Event) {
    event.prevent_default();
    #[cfg(client)]
    client::go_and_come_back();
}

/// The address of the sign-in that leads back to this one of ours.
fn sign_in_href(language: Language, back_to: &str) -> String {
    format!("{}?next={back_to}", language.href(MembersPage::SignIn.path()))
}

fn leave() {
    #[cfg(client)]
    client::leave();
}

#[cfg(client)]
pub(super) use client::{ended, forget, sign_in, token};

#[cfg(client)]
mod client {
    use std::cell::RefCell;

    use js_sys::Promise;
    use perseus::prelude::navigate;
    use seisiun_contracts::api::auth::Access;
    use sycamore::prelude::*;
    use wasm_bindgen::JsValue;
    use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};

    use super::{Standing, sign_in_href};
    use crate::{
        MembersPage,
        client::{language, window},
        members::{
            api::{Ask, read},
            draft,
            trouble::Trouble,
        },
    };

    /// Milliseconds before its end from which on a token counts as ended: what a
    /// request may be under way.
    const EARLY_MS: f64 = 20_000.0;

    /// What the browser keeps to know that it may have a cookie: whether it is
    /// good, only our side knows. It is no secret.
    const MARK: &str = "seisiun-signed-in";

    #[derive(Debug)]
    struct Token {
        token: String,
        good_until_ms: f64,
    }

    thread_local! {
        static STANDING: RcSignal<Standing> = create_rc_signal(Standing::default());
        static TOKEN: RefCell<Option<Token>> = const { RefCell::new(None) };
        // One renewal for all who wait for it: each makes the cookie another one.
        static RENEWAL: RefCell<Option<Promise>> = const { RefCell::new(None) };
    }

    pub(super) fn standing() -> RcSignal<Standing> {
        STANDING.with(Clone::clone)
    }

    fn stands(standing: Standing) {
        if let Some(storage) = draft::storage() {
            let _ = match standing {
                Standing::In => storage.set_item(MARK, "1"),
                _ => storage.remove_item(MARK),
            };
        }
        let signal = self::standing();
        if *signal.get_untracked() != standing {
            signal.set(standing);
        }
    }

    /// Whether nobody signed in here before: then there is no cookie to ask about.
    fn is_new_here() -> bool {
        draft::storage().is_some_and(|storage| matches!(storage.get_item(MARK), Ok(None)))
    }

    /// Finds out whether somebody is signed in, if that is not known.
    pub(super) fn find_out() {
        if *standing().get_untracked() == Standing::Unknown {
            spawn_local(async {
                if is_new_here() {
                    stands(Standing::Out);
                } else {
                    // Without a connection it stays open: the next request asks again.
                    let _ = token().await;
                }
            });
        }
    }

    /// An access token that is good for a while.
    pub(in crate::members) async fn token() -> Result<String, Trouble> {
        if let Some(token) = known() {
            return Ok(token);
        }
        let renewal = RENEWAL.with_borrow_mut(|renewal| {
            renewal.get_or_insert_with(|| future_to_promise(renew())).clone()
        });
        let outcome = JsFuture::from(renewal).await;
        RENEWAL.with_borrow_mut(|renewal| *renewal = None);
        match outcome {
            Ok(_) => known().ok_or(Trouble::SignedOut),
            Err(_) if *standing().get_untracked() == Standing::Out => Err(Trouble::SignedOut),
            Err(_) => Err(Trouble::Unreachable),
        }
    }

    fn known() -> Option<String> {
        TOKEN.with_borrow(|token| {
            let good = |token: &&Token| js_sys::Date::now() < token.good_until_ms - EARLY_MS;
            token.as_ref().filter(good).map(|token| token.token.clone())
        })
    }

    /// This token was refused.
    pub(in crate::members) fn forget(token: &str) {
        TOKEN.with_borrow_mut(|known| {
            if known.as_ref().is_some_and(|known| known.token == token) {
                *known = None;
            }
        });
    }

    async fn renew() -> Result<JsValue, JsValue> {
        match Ask::post("/api/auth/refresh").openly().await.and_then(read::<Access>) {
            Ok(access) => {
                keep(&access);
                Ok(JsValue::UNDEFINED)
            }
            Err(trouble) => {
                if matches!(trouble.kind(), "signed-out" | "unauthorised" | "not-signed-in") {
                    stands(Standing::Out);
                }
                Err(JsValue::UNDEFINED)
            }
        }
    }

    fn keep(access: &Access) {
        let good_until_ms = js_sys::Date::now() + f64::from(access.expires_in_seconds) * 1_000.0;
        let token = access.access_token.expose().to_owned();
        TOKEN.with_borrow_mut(|known| *known = Some(Token { token, good_until_ms }));
        stands(Standing::In);
    }

    /// Somebody signed in: to where they came from, or to their own.
    pub(in crate::members) fn sign_in(access: &Access) {
        keep(access);
        let search = window().location().search().unwrap_or_default();
        let next = web_sys::UrlSearchParams::new_with_str(&search)
            .ok()
            .and_then(|query| query.get("next"))
            .filter(|next| is_ours(next))
            .unwrap_or_else(|| language().href(MembersPage::Mine.path()));
        // In this very program the token stays; elsewhere the cookie brings one.
        let language = language();
        if MembersPage::ALL.iter().any(|page| language.href(page.path()) == next) {
            navigate(&next);
        } else {
            let _ = window().location().assign(&next);
        }
    }

    /// Whether an address is of this site: nothing that leads elsewhere.
    fn is_ours(address: &str) -> bool {
        let origin = window().location().origin().unwrap_or_default();
        web_sys::Url::new_with_base(address, &origin).is_ok_and(|url| url.origin() == origin)
            && address.starts_with('/')
    }

    /// Signs out, here and on our side.
    pub(super) fn leave() {
        spawn_local(async {
            // If it can't be told, the cookie stays; what is here goes in any case.
            let _ = Ask::post("/api/auth/sign-out").openly().await;
            ended();
        });
    }

    /// The sign-in has ended on our side.
    pub(in crate::members) fn ended() {
        TOKEN.with_borrow_mut(|token| *token = None);
        stands(Standing::Out);
    }

    /// To the sign-in, and back to this very address.
    pub(super) fn go_and_come_back() {
        let location = window().location();
        let path = location.pathname().unwrap_or_default();
        let query = location.search().unwrap_or_default();
        let back_to = String::from(js_sys::encode_uri_component(&format!("{path}{query}")));
        let _ = location.assign(&sign_in_href(language(), &back_to));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_in_knows_where_one_came_from() {
        assert_eq!(sign_in_href(Language::Ga, "/ga/mine/"), "/ga/sign-in/?next=/ga/mine/");
    }
}
