//! Following without an account: an address is typed, and a mail asks its owner.

use sycamore::{prelude::*, rt::Event};

use super::options;
use crate::{Language, words::Words};

/// How a request stands. Natively, none was made.
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side sends"))]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Nothing was asked for yet.
    #[default]
    Nothing,
    /// Sent, and not answered yet.
    Sending,
    /// Taken. Nobody learns whether a mail went out.
    Sent,
    /// That can't be an address.
    BadAddress,
    /// Too often, for this address.
    SlowDown,
    /// No answer, or not the right one.
    Failed,
}

/// The value of the choice to hear of news as it comes.
const INSTANT: &str = "instant";
/// The value of the choice to hear once a week.
const WEEKLY: &str = "weekly";

/// What can be followed from a page.
#[derive(Debug, Clone)]
pub(super) struct Followed {
    /// As the API has it: `session:<id>`.
    pub(super) target: String,
    /// What the section is called.
    pub(super) heading: &'static str,
    /// What one will hear.
    pub(super) lead: &'static str,
}

pub(super) fn follow<G: Html>(cx: Scope, language: Language, followed: Followed) -> View<G> {
    let words: &'static Words = language.words();
    let Followed { target, heading, lead } = followed;
    let alive = create_rc_signal(false);
    #[cfg(client)]
    crate::client::come_alive(&alive);
    let asleep = create_memo(cx, move || !*alive.get());
    let asked = create_rc_signal(Asked::default());
    let address = create_signal(cx, String::new());
    let cadence = create_signal(cx, INSTANT.to_owned());
    let cadences = [(INSTANT, words.follow_instant), (WEEKLY, words.follow_weekly)];
    let cadences = options(cx, &cadences);
    let send = {
        let asked = asked.clone();
        move |event: Event| {
            event.prevent_default();
            ask(&target, language, &address.get(), *cadence.get() == WEEKLY, &asked);
        }
    };
    let asked = create_ref(cx, asked);
    view! { cx,
        section(class="follow", aria-labelledby="follow") {
            h2(id="follow") { (heading) }
            p { (lead) }
            form(class="needs-script", on:submit=send) {
                // Until it is alive it would send the address to this very page.
                fieldset(class="bare", disabled=*asleep.get()) {
                    div(class="field") {
                        label(for="follow-email") { (words.follow_email) }
                        input(id="follow-email", type="email", required=true, maxlength="254", autocomplete="email",
                            aria-describedby="follow-hint", bind:value=address)
                    }
                    div(class="field") {
                        label(for="follow-cadence") { (words.follow_cadence) }
                        select(id="follow-cadence", aria-describedby="follow-cadence-hint", bind:value=cadence) {
                            (cadences)
                        }
                    }
                    button(type="submit") { (words.follow_button) }
                    p(id="follow-cadence-hint", class="hint") { (words.follow_weekly_hint) }
                }
                p(id="follow-hint", class="hint") { (words.follow_hint) }
                p(class="said", role="status") { (said(words, *asked.get())) }
            }
            p(class="no-script") { (words.follow_no_script) }
        }
    }
}

fn said(words: &Words, asked: Asked) -> &'static str {
    match asked {
        Asked::Nothing => "",
        Asked::Sending => words.follow_sending,
        Asked::Sent => words.follow_sent,
        Asked::BadAddress => words.follow_bad_address,
        Asked::SlowDown => words.follow_slow_down,
        Asked::Failed => words.follow_failed,
    }
}

fn ask(target: &str, language: Language, address: &str, weekly: bool, asked: &RcSignal<Asked>) {
    #[cfg(client)]
    crate::client::ask_to_follow(target, language, address, weekly, asked);
    #[cfg(engine)]
    let _ = (target, language, address, weekly, asked);
}
