//! The unsubscribe link of every mail to a follower. GET shows what it can stop, POST
//! stops it: without cookies or sign-in, as mail providers call it (RFC 8058).

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use seisiun_aws::table::Table;
use seisiun_contracts::api::ProblemKind;
use seisiun_domain::{limits, member::Language};
use seisiun_workflows::stop_mails::{Behind, Ending, Stop, look_behind, stop_mails};

use crate::{
    http::HttpProblem,
    link_page::{Choice, LinkPage},
};

/// Characters of an unsubscribe token.
const TOKEN_CHARS_MAX: usize = 128;
/// What the page posts, beside what a mail provider does.
const ANSWER: &str = "answer";
/// To stop everything.
const ALL: &str = "all";

/// What the handlers work with.
#[derive(Debug)]
pub struct Unsubscribing {
    /// Where follows are.
    pub table: Table,
}

/// What the pages say.
struct Words {
    /// Of its title.
    ask: &'static str,
    yes: &'static str,
    others: &'static str,
    all: &'static str,
    stop: &'static str,
    done: &'static str,
    over: &'static str,
    spent: &'static str,
    elsewhere: &'static str,
}

const ENGLISH: Words = Words {
    ask: "Stop these mails?",
    yes: "Yes, stop them",
    others: "Or choose what else to stop.",
    all: "Stop all mails about what I follow",
    stop: "Stop",
    done: "Done. No more of these mails.",
    over: "You get none of these mails any more.",
    spent: "This link has stopped its own mails already",
    elsewhere: "To stop others, use the link in one of them.",
};

const IRISH: Words = Words {
    ask: "An bhfuil fonn ort deireadh a chur leis na ríomhphoist seo?",
    yes: "Tá, cuir deireadh leo",
    others: "Nó roghnaigh cad eile ba mhaith leat a stopadh.",
    all: "Stop gach ríomhphost faoina leanaim",
    stop: "Stop",
    done: "Déanta. Ní bhfaighidh tú a thuilleadh díobh seo.",
    over: "Níl na ríomhphoist seo á gcur chugat níos mó.",
    spent: "Tá a ríomhphoist féin stoptha ag an nasc seo cheana",
    elsewhere: "Chun cinn eile a stopadh, úsáid an nasc i gceann díobh.",
};

const fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &ENGLISH,
        Language::Ga => &IRISH,
    }
}

/// Whether this may be a token of ours.
fn check_token(token: &str) -> Result<(), HttpProblem> {
    let plausible = (1..=TOKEN_CHARS_MAX).contains(&token.len())
        && token.bytes().all(|b| b.is_ascii_alphanumeric());
    if plausible { Ok(()) } else { Err(HttpProblem::not_found()) }
}

/// Buttons for follows, and one for all.
fn choices(endings: &[Ending], words: &Words) -> Vec<Choice> {
    let one = |ending: &Ending| Choice {
        value: ending.id.to_string(),
        label: format!("{}: {}", words.stop, ending.followed),
    };
    let all = Choice { value: ALL.into(), label: words.all.into() };
    endings.iter().map(one).chain([all]).collect()
}

/// `GET /api/unsubscribe/{token}`: shows a page and acts on nothing.
pub async fn get_unsubscribe(
    State(app): State<Arc<Unsubscribing>>,
    Path(token): Path<String>,
) -> Result<Response, HttpProblem> {
    check_token(&token)?;
    let behind = look_behind(&app.table, &token).await?;
    // Whether a link is good must not be told to whoever guesses.
    let (language, this, others) = match behind {
        Some(Behind { language, this, others }) => (language, this, others),
        None => (Language::default(), None, Vec::new()),
    };
    let words = words(language);
    let text = this.map(|this| this.followed).unwrap_or_default();
    let choices = if text.is_empty() { Vec::new() } else { choices(&others, words) };
    let page = LinkPage {
        language: language.tag(),
        title: words.ask,
        text: &text,
        button: Some(words.yes),
        more: if choices.is_empty() { "" } else { words.others },
        choices: &choices,
        ..LinkPage::default()
    };
    page.answer(StatusCode::OK)
}

/// What a form asks for: to stop this, unless it says otherwise. What a mail provider
/// posts says nothing that we need.
fn asked(body: &[u8]) -> Result<Stop, HttpProblem> {
    let answer = url::form_urlencoded::parse(body).find(|(name, _)| name == ANSWER);
    match answer.as_ref().map(|(_, value)| value.as_ref()) {
        None => Ok(Stop::This),
        Some(ALL) => Ok(Stop::All),
        Some(id) => id.parse().map(Stop::Follow).map_err(|_| {
            let why = "answer: give the id of a follow, or \"all\"";
            HttpProblem::new(ProblemKind::InvalidContent, why)
        }),
    }
}

/// `POST /api/unsubscribe/{token}`: stops mails. Doing it twice does no harm.
pub async fn post_unsubscribe(
    State(app): State<Arc<Unsubscribing>>,
    Path(token): Path<String>,
    body: Bytes,
) -> Result<Response, HttpProblem> {
    let stop = asked(&body)?;
    check_token(&token)?;
    let behind = look_behind(&app.table, &token).await?;
    if behind.is_none() && stop != Stop::This {
        // It no longer says whose it was: what else they follow can't be found by it.
        let words = words(Language::default());
        return LinkPage { title: words.spent, text: words.elsewhere, ..LinkPage::default() }
            .answer(StatusCode::OK);
    }
    stop_mails(&app.table, &token, &stop).await?;
    let (language, left) = match behind {
        None => (Language::default(), Vec::new()),
        Some(Behind { language, this, others }) => {
            let stopped = |ending: &Ending| match &stop {
                Stop::This => false,
                Stop::Follow(id) => ending.id == *id,
                Stop::All => true,
            };
            let this = this.filter(|_| stop != Stop::This);
            let left = this.into_iter().chain(others).filter(|ending| !stopped(ending));
            (language, left.take(limits::ENDINGS_SHOWN).collect())
        }
    };
    let words = words(language);
    // What is left is stopped by a link of its own, since this one may be over.
    let action = left.first().map(|ending: &Ending| format!("/api/unsubscribe/{}", ending.token));
    let choices = if left.is_empty() { Vec::new() } else { choices(&left, words) };
    let page = LinkPage {
        language: language.tag(),
        title: words.done,
        text: if left.is_empty() { words.over } else { "" },
        more: if left.is_empty() { "" } else { words.others },
        choices: &choices,
        action: action.as_deref(),
        ..LinkPage::default()
    };
    page.answer(StatusCode::OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mail_provider_posts_stops_this() {
        for body in [
            "List-Unsubscribe=One-Click",
            "",
            "----x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click",
            "\u{0}%ff&&&=",
        ] {
            assert_eq!(asked(body.as_bytes()).unwrap(), Stop::This, "{body:?}");
        }
        assert_eq!(asked(b"answer=all").unwrap(), Stop::All);
        let id = "a".repeat(32);
        let one = asked(format!("answer={id}").as_bytes()).unwrap();
        assert_eq!(one, Stop::Follow(id.parse().unwrap()));
        for strange in ["answer=", "answer=everything", "answer=%00"] {
            assert!(asked(strange.as_bytes()).is_err(), "{strange}");
        }
    }
}
