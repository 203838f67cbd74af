//! The moderators' console: what waits for a decision, one case at a time.
//!
//! A photo is fetched only when a moderator asks to see it: before, its few
//! bytes of placeholder stand for it. A decision is held in the page for some
//! seconds, so that it can be undone before it is one.

#[cfg(client)]
mod client;
mod facts;
pub(crate) mod words;

use seisiun_domain::{
    case::{CaseKind, Measure, NOTE_CHARS_MAX, Reason},
    limits,
    moderation::POSSIBLE_DUPLICATE,
};
use sycamore::{prelude::*, rt::Event};

use self::{
    facts::{Case, HeldPhoto, Row, Sight, Tables},
    words::Words,
};
use super::{
    account,
    form::{self, Form},
    report, unscripted,
};
use crate::{
    Language, MembersPage,
    view::{each, maybe},
};

/// Seconds for which a decision is held in the page.
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side decides"))]
const HOLD_SECONDS: u32 = 8;
/// Cases of a member's that one decision decides beside the one that is looked at.
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side decides"))]
const ALSO_MAX: usize = 50;
/// Rules that a moderator may name.
const REASONS: [Reason; 13] = [
    Reason::Spam,
    Reason::Privacy,
    Reason::OffTopic,
    Reason::Inaccurate,
    Reason::Duplicate,
    Reason::Abusive,
    Reason::Explicit,
    Reason::Illegal,
    Reason::IntellectualProperty,
    Reason::Malware,
    Reason::NoSuchSession,
    Reason::AlreadyReviewed,
    Reason::Outdated,
];

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &words::ENGLISH,
        Language::Ga => &words::IRISH,
    }
}

/// What waits, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side asks"))]
enum Queue {
    /// It was not answered yet.
    #[default]
    Looking,
    /// It is not for this member.
    Refused,
    /// Undecided cases, oldest first.
    Cases(Vec<Case>),
}

impl Queue {
    fn cases(&self) -> &[Case] {
        match self {
            Self::Cases(cases) => cases,
            Self::Looking | Self::Refused => &[],
        }
    }
}

/// How far the queue is listed.
#[derive(Debug, Clone, Default)]
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side asks"))]
struct Reach {
    /// Pages of it.
    pages: usize,
    /// The cursor of the next one; none behind the last.
    next: Option<String>,
}

/// The case that is looked at.
#[derive(Debug, Clone, Default)]
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side asks"))]
enum Shown {
    /// None.
    #[default]
    Nothing,
    /// One that is being fetched.
    Loading,
    /// This one.
    Case(Box<Sight>, Vec<Photo>),
}

/// A photo of the case.
#[derive(Debug, Clone)]
struct Photo {
    held: HeldPhoto,
    /// What stands for it, as an address.
    placeholder: Option<String>,
    /// The photo itself as an address, once it was fetched.
    full: RcSignal<Option<String>>,
    /// Whether the photo itself is shown.
    open: RcSignal<bool>,
    /// Whether it could not be fetched.
    failed: RcSignal<bool>,
}

/// A decision of this page.
#[derive(Debug, Clone)]
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side decides"))]
struct Taken {
    case: Case,
    measure: Measure,
    reason: Reason,
    note: String,
    /// Under which it may be repeated.
    key: String,
    stage: RcSignal<Stage>,
    /// Whether it is asked on what ground it shall be taken down after all.
    asking: RcSignal<bool>,
    /// That ground: its place among the reasons.
    ground: RcSignal<String>,
    form: Form,
}

/// How far a decision is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side decides"))]
enum Stage {
    /// Held for so many seconds.
    Holding(u32),
    /// On its way.
    Sending,
    /// It stands.
    Stands,
    /// Another one stands.
    Late,
    /// It stands, and what it published is asked to be taken down.
    TakenDown,
}

/// All that the console knows.
#[derive(Debug, Clone)]
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side speaks"))]
struct Desk {
    words: &'static Words,
    queue: RcSignal<Queue>,
    /// How many wait in all, as the API counts them.
    waiting: RcSignal<usize>,
    /// How many pages of the queue are wanted.
    pages: RcSignal<usize>,
    /// How far it is listed.
    reach: RcSignal<Reach>,
    /// Whether it is being read.
    reading: RcSignal<bool>,
    /// Which kind of case is listed: a tag, or nothing for all.
    kind: RcSignal<String>,
    /// Which ground, or nothing for all.
    ground: RcSignal<String>,
    chosen: RcSignal<Option<String>>,
    shown: RcSignal<Shown>,
    /// The measure whose rule is being chosen.
    asking: RcSignal<Option<Measure>>,
    /// That rule: its place among the reasons.
    reason: RcSignal<String>,
    note: RcSignal<String>,
    /// Whether its words are being put right.
    editing: RcSignal<bool>,
    /// Those words.
    title: RcSignal<String>,
    description: RcSignal<String>,
    /// Whether the same member's other cases are decided with it.
    also: RcSignal<bool>,
    /// Whether a rule is missing.
    ruleless: RcSignal<bool>,
    taken: RcSignal<Vec<Taken>>,
    keys: RcSignal<bool>,
    help: RcSignal<bool>,
    form: Form,
}

impl Desk {
    fn new(words: &'static Words) -> Self {
        let text = || create_rc_signal(String::new());
        Self {
            words,
            queue: create_rc_signal(Queue::default()),
            waiting: create_rc_signal(0),
            pages: create_rc_signal(1),
            reach: create_rc_signal(Reach::default()),
            reading: create_rc_signal(false),
            kind: text(),
            ground: text(),
            chosen: create_rc_signal(None),
            shown: create_rc_signal(Shown::default()),
            asking: create_rc_signal(None),
            reason: text(),
            note: text(),
            editing: create_rc_signal(false),
            title: text(),
            description: text(),
            also: create_rc_signal(false),
            ruleless: create_rc_signal(false),
            taken: create_rc_signal(Vec::new()),
            keys: create_rc_signal(true),
            help: create_rc_signal(false),
            form: Form::new(),
        }
    }

    /// The cases that are listed: those that wait, of the chosen kind, without
    /// those that are being decided.
    fn listed(&self) -> Vec<Case> {
        let taken = self.taken.get();
        let (kind, ground) = (self.kind.get(), self.ground.get());
        let cases = self.queue.get();
        let fits = |case: &&Case| {
            !taken.iter().any(|taken| taken.case.id == case.id)
                && (kind.is_empty() || kind_tag(case) == kind.as_str())
                && (ground.is_empty() || codes(case).contains(&ground.as_str()))
        };
        cases.cases().iter().filter(fits).cloned().collect()
    }

    /// What else of the same member's waits and could be rejected with this case:
    /// what they sent, without what they ask to be looked at again.
    fn others(&self, case: &Case) -> Vec<Case> {
        let taken = self.taken.get();
        let is_other = |other: &&Case| {
            other.submitter == case.submitter
                && other.id != case.id
                && other.kind == CaseKind::Submission
                && !other.appealed
                && !taken.iter().any(|taken| taken.case.id == other.id)
        };
        if case.kind != CaseKind::Submission || case.submitter.is_empty() {
            return Vec::new();
        }
        self.queue.get().cases().iter().filter(is_other).take(ALSO_MAX).cloned().collect()
    }
}

/// The kinds of case that one filters by.
const SUBMISSIONS: &str = "submission";
const NOTICES: &str = "notice";
const APPEALS: &str = "appeal";

fn kind_tag(case: &Case) -> &'static str {
    match case.kind {
        _ if case.appealed => APPEALS,
        CaseKind::Submission => SUBMISSIONS,
        CaseKind::Notice => NOTICES,
    }
}

/// The grounds of a case by which cases are told apart: of a notice its reason,
/// of the others all, without the program's certainty.
fn codes(case: &Case) -> Vec<&str> {
    let most = match case.kind {
        CaseKind::Submission => usize::MAX,
        CaseKind::Notice => 1,
    };
    let mut codes = Vec::new();
    for code in case.grounds.iter().take(most).map(|ground| code(ground)) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

/// A ground without the program's certainty: `Explicit` of `Explicit 96.1 %`.
fn code(ground: &str) -> &str {
    ground
        .strip_suffix(" %")
        .and_then(|ground| ground.rsplit_once(' '))
        .map_or(ground, |(code, _)| code)
}

/// A ground in the language; what the classifier names stays as it is.
fn ground_in_words<'a>(ground: &'a str, words: &'static Words) -> &'a str {
    match ground {
        "link_in_text" => words.ground_link,
        "email_in_text" => words.ground_email,
        "phone_in_text" => words.ground_phone,
        "markup_in_text" => words.ground_markup,
        "shouting" => words.ground_shouting,
        "repeated_characters" => words.ground_repeated,
        "sampled" => words.ground_sampled,
        "not_classified" => words.ground_not_classified,
        "edit_by_a_member" => words.ground_edit,
        "date_by_a_member" => words.ground_date,
        "host_claim" => words.ground_host,
        "abuse_in_text" => words.ground_abuse,
        "link_listed" => words.ground_listed,
        "many_in_an_hour" | "many_in_a_day" => words.ground_many,
        "repeated_text" => words.ground_text_again,
        "refused_before" => words.ground_refused,
        "resembles_refused" => words.ground_resembles,
        "found_gone_twice" => words.ground_gone,
        POSSIBLE_DUPLICATE => words.ground_duplicate,
        _ if ground.starts_with("malware_scan_") => words.ground_unscanned,
        _ => ground,
    }
}

fn reason_in_words(reason: Reason, words: &'static Words) -> &'static str {
    match reason {
        Reason::Explicit => words.reason_explicit,
        Reason::Malware => words.reason_malware,
        Reason::Abusive => words.reason_abusive,
        Reason::Spam => words.reason_spam,
        Reason::Privacy => words.reason_privacy,
        Reason::OffTopic => words.reason_off_topic,
        Reason::Inaccurate => words.reason_inaccurate,
        Reason::Duplicate => words.reason_duplicate,
        Reason::NoSuchSession => words.reason_no_such_session,
        Reason::AlreadyReviewed => words.reason_already_reviewed,
        Reason::Outdated => words.reason_outdated,
        Reason::Illegal => words.reason_illegal,
        Reason::IntellectualProperty => words.reason_intellectual_property,
        // Neither is a rule that something breaks.
        Reason::InOrder | Reason::Withdrawn => "",
    }
}

/// Whether it may be the listed session that is shown beside it.
fn may_be_listed(case: &Case) -> bool {
    case.grounds.iter().any(|ground| ground == POSSIBLE_DUPLICATE)
}

/// Whether a measure names a rule: what is not published, or goes, breaks one.
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side decides"))]
const fn needs_rule(kind: CaseKind, measure: Measure) -> bool {
    matches!(
        (kind, measure),
        (CaseKind::Submission, Measure::Reject) | (CaseKind::Notice, Measure::Approve)
    )
}

/// The rule at this place among the reasons, as a choice's value has it.
#[cfg_attr(engine, allow(dead_code, reason = "the browser's side decides"))]
fn rule_at(value: &str) -> Option<Reason> {
    REASONS.get(value.parse::<usize>().ok()?).copied()
}

pub(super) fn console<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    view! { cx,
        div(class="console") {
            h1 { (words.title) }
            (unscripted(cx, language))
            (account::gate(cx, language, MembersPage::Console, move |cx| desk(cx, language)))
        }
    }
}

fn desk<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    let desk = create_ref(cx, Desk::new(words));
    #[cfg(client)]
    {
        client::load(cx, desk.clone());
        client::listen(cx, desk.clone());
    }
    let refused = create_memo(cx, || *desk.queue.get() == Queue::Refused);
    let said = form::said(cx, language, &desk.form);
    view! { cx,
        div {
            p(class="notice", hidden=!*refused.get()) { (words.refused) }
            div(hidden=*refused.get()) {
                (summary(cx, words, desk))
                (said)
                (decisions(cx, language, desk))
                div(class="desk") {
                    (queue(cx, words, desk))
                    (case(cx, language, desk))
                }
                (keys(cx, words, desk))
            }
        }
    }
}

/// How much waits, and for how long.
fn summary<'a, G: Html>(cx: Scope<'a>, words: &'static Words, desk: &'a Desk) -> View<G> {
    let text = create_memo(cx, move || match &*desk.queue.get() {
        Queue::Looking => words.looking.to_owned(),
        Queue::Refused => String::new(),
        Queue::Cases(cases) => match cases.first() {
            None => words.nothing.to_owned(),
            Some(oldest) => {
                let count = cases.len().max(*desk.waiting.get());
                let more = if count >= limits::CASES_COUNTED_MAX {
                    format!(" {}", words.more_than)
                } else {
                    String::new()
                };
                let wait = if count == 1 { words.waiting_one } else { words.waiting_many };
                format!("{count}{more} {wait} · {} {}", words.oldest, age(oldest, words))
            }
        },
    });
    let again = move |_: Event| look_again(desk);
    let help = move |_: Event| desk.help.set(!*desk.help.get());
    view! { cx,
        div(class="bar") {
            p(class="count", role="status") { (text.get()) }
            button(type="button", class="quiet", on:click=again) { (words.again) }
            button(type="button", class="quiet", aria-expanded=desk.help.get().to_string(), aria-controls="keys", on:click=help) { (words.keys) }
        }
    }
}

/// What waits, as a list to choose from.
fn queue<'a, G: Html>(cx: Scope<'a>, words: &'static Words, desk: &'a Desk) -> View<G> {
    let kinds = [
        ("", words.all_kinds),
        (SUBMISSIONS, words.submissions),
        (NOTICES, words.notices),
        (APPEALS, words.appeals),
    ];
    // With how many of it are listed.
    let kinds = each(kinds, |(value, name)| {
        let count = create_memo(cx, move || {
            let queue = desk.queue.get();
            let is_it = |case: &&Case| value.is_empty() || kind_tag(case) == value;
            queue.cases().iter().filter(is_it).count()
        });
        view! { cx, option(value=value) { (name) " (" (*count.get()) ")" } }
    });
    let grounds = create_memo(cx, move || {
        let queue = desk.queue.get();
        let mut all: Vec<String> = Vec::new();
        for code in queue.cases().iter().flat_map(codes) {
            if !all.iter().any(|known| known == code) {
                all.push(code.to_owned());
            }
        }
        all
    });
    let grounds = View::new_dyn_scoped(cx, move |cx| {
        let all = (String::new(), words.all_grounds.to_owned());
        let named = |ground: &String| (ground.clone(), ground_in_words(ground, words).to_owned());
        let grounds: Vec<_> = std::iter::once(all).chain(grounds.get().iter().map(named)).collect();
        let chosen = desk.ground.get_untracked();
        each(grounds, |(ground, name)| {
            let selected = *chosen == ground;
            view! { cx, option(value=ground, selected=selected) { (name) } }
        })
    });
    let (kind, ground) = (create_ref(cx, desk.kind.clone()), create_ref(cx, desk.ground.clone()));
    let list = View::new_dyn_scoped(cx, move |cx| {
        let listed = desk.listed();
        if listed.is_empty() {
            let waits = !desk.queue.get().cases().is_empty();
            return maybe(waits.then_some(()), |()| {
                view! { cx, p(class="empty") { (words.nothing_here) } }
            });
        }
        let items = each(listed, |case| {
            let id = case.id.clone();
            let title = case.title.clone();
            let age = age(&case, words);
            let why: Vec<&str> =
                codes(&case).into_iter().map(|code| ground_in_words(code, words)).collect();
            let why = why.join(", ");
            let current = {
                let id = id.clone();
                create_memo(cx, move || {
                    if desk.chosen.get().as_ref().as_ref() == Some(&id) { "true" } else { "false" }
                })
            };
            let choose = move |_: Event| choose(desk, &id);
            view! { cx,
                li {
                    button(type="button", class="quiet pick", aria-current=*current.get(), on:click=choose) {
                        span(class="name") { bdi { (title) } }
                        span(class="why") { (why) }
                        span(class="age") { (age) }
                    }
                }
            }
        });
        view! { cx, ol(class="plain picks") { (items) } }
    });
    let more = move |_: Event| list_more(desk);
    view! { cx,
        section(class="queue", aria-labelledby="queue") {
            h2(id="queue") { (words.queue) }
            div(class="finder") {
                div(class="field") {
                    label(for="filter-kind") { (words.filter_kind) }
                    select(id="filter-kind", bind:value=kind) { (kinds) }
                }
                div(class="field") {
                    label(for="filter-ground") { (words.filter_ground) }
                    select(id="filter-ground", bind:value=ground) { (grounds) }
                }
            }
            (list)
            p(hidden=desk.reach.get().next.is_none()) { button(type="button", class="quiet", on:click=more) { (words.more) } }
        }
    }
}

/// The case that is looked at, and what to do about it.
fn case<'a, G: Html>(cx: Scope<'a>, language: Language, desk: &'a Desk) -> View<G> {
    let words = words(language);
    let shown = View::new_dyn_scoped(cx, move |cx| match &*desk.shown.get() {
        Shown::Nothing => view! { cx, p(class="empty") { (words.no_case) } },
        Shown::Loading => view! { cx, p(class="empty") { (words.case_loading) } },
        Shown::Case(view, photos) => content(cx, language, view, photos),
    });
    let title = create_memo(cx, move || match &*desk.shown.get() {
        Shown::Case(view, _) => view.case.title.clone(),
        Shown::Nothing | Shown::Loading => words.case.to_owned(),
    });
    let decision = decision(cx, words, desk);
    view! { cx,
        section(class="case", aria-labelledby="case") {
            h2(id="case", tabindex="-1") { bdi { (title.get()) } }
            (shown)
            (decision)
        }
    }
}

/// What was sent.
fn content<G: Html>(cx: Scope, language: Language, view: &Sight, photos: &[Photo]) -> View<G> {
    let words = words(language);
    let what = match view.kind() {
        "session" => words.sent_session,
        "review" => words.sent_review,
        "change" => words.sent_change,
        _ => words.sent_notice,
    };
    let by = match view.authority() {
        "member" => words.by_member,
        "trusted" => words.by_trusted,
        "submitter" => words.by_submitter,
        "host" => words.by_host,
        _ => "",
    };
    let by = if by.is_empty() { String::new() } else { format!(" · {by}") };
    let line = format!("{what}{by} · {} {}", words.waits_for, age(&view.case, words));
    let about = match view.notice() {
        Some(notice) => Some((notice.url.to_owned(), words.on_its_page.to_owned())),
        None => view
            .about()
            .map(|(slug, title)| (language.href(&format!("sessions/{slug}")), title.to_owned())),
    };
    let about = maybe(about, |(href, name)| {
        view! { cx,
            p { (words.about_session) " " a(href=href, rel="external noopener", target="_blank") { bdi { (name) } } }
        }
    });
    let grounds = match view.notice() {
        Some(notice) => vec![report::named_in_words(notice.reason, language).to_owned()],
        None => {
            let why = view.case.grounds.iter().map(|ground| ground_in_words(ground, words));
            why.map(str::to_owned).collect()
        }
    };
    let grounds = each(grounds, |ground| view! { cx, li { (ground) } });
    let rows = facts::rows(view, Tables { own: words, site: language.words(), language });
    let rows = if rows.iter().any(|row| row.before.is_some()) {
        changes(cx, words, rows)
    } else {
        sent(cx, rows)
    };
    let photos = photos_of(cx, words, &view.case.id, photos);
    let put_right = view
        .words()
        .filter(|_| view.is_put_right())
        .map(|(title, description)| (title.to_owned(), description.to_owned()));
    let put_right = maybe(put_right, |(title, description)| {
        view! { cx,
            div(class="notice") {
                h3 { (words.put_right) }
                p { strong { bdi { (title) } } }
                p(dir="auto") { (description) }
            }
        }
    });
    let appeal = maybe(view.appeal(), |appeal| {
        let (said, decided) = (appeal.words.to_owned(), appeal.note.to_owned());
        let rule = reason_named(appeal.reason).map(|reason| reason_in_words(reason, words));
        let first = [rule.unwrap_or_default(), decided.as_str()].join(" ");
        view! { cx,
            div(class="notice") {
                h3 { (words.appealed) }
                p(dir="auto") { (said) }
                p(class="hint") { (words.decided_first) " " bdi { (first) } }
            }
        }
    });
    let history = each(view.history(), |(what, at)| {
        let (what, at) = (happened_in_words(&what, words).to_owned(), minute(&at));
        view! { cx, li { (what) " · " time { (at) } } }
    });
    view! { cx,
        div {
            p(class="place") { (line) }
            (appeal)
            (about)
            div(class="grounds") {
                h3 { (words.grounds) }
                ul(class="plain chips") { (grounds) }
            }
            (rows)
            (put_right)
            (photos)
            details(class="history") {
                summary { (words.history) }
                ol { (history) }
            }
        }
    }
}

/// The rule of this name in the API's words.
fn reason_named(name: &str) -> Option<Reason> {
    serde_json::from_value(name.into()).ok()
}

/// What happened to a case, by its name in the API's words.
fn happened_in_words<'a>(what: &'a str, words: &'static Words) -> &'a str {
    match what {
        "opened" => words.was_opened,
        "claimed" => words.was_claimed,
        "released" => words.was_released,
        "escalated" => words.was_escalated,
        "decided" => words.was_decided,
        "appealed" => words.was_appealed,
        "edited" => words.was_edited,
        _ => what,
    }
}

/// The minute of a time in RFC 3339.
fn minute(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}

fn sent<G: Html>(cx: Scope, rows: Vec<Row>) -> View<G> {
    let rows = each(rows, |Row { name, after, .. }| {
        view! { cx, div { dt { (name) } dd(dir="auto") { (after) } } }
    });
    view! { cx, dl(class="facts sent") { (rows) } }
}

fn changes<G: Html>(cx: Scope, words: &'static Words, rows: Vec<Row>) -> View<G> {
    let or_nothing = |text: String| if text.is_empty() { words.empty.to_owned() } else { text };
    let rows = each(rows, |Row { name, before, after }| {
        let (before, after) = (or_nothing(before.unwrap_or_default()), or_nothing(after));
        view! { cx,
            tr { th(scope="row") { (name) } td(dir="auto") { (before) } td(dir="auto") { (after) } }
        }
    });
    view! { cx,
        table(class="changes") {
            thead { tr { th(scope="col") { (words.fact) } th(scope="col") { (words.before) } th(scope="col") { (words.after) } } }
            tbody { (rows) }
        }
    }
}

fn photos_of<G: Html>(cx: Scope, words: &'static Words, case: &str, photos: &[Photo]) -> View<G> {
    let photos = Some(photos.to_vec()).filter(|photos| !photos.is_empty());
    maybe(photos, |photos| {
        let photos = each(photos, |photo| held_photo(cx, words, case, photo));
        view! { cx,
            div {
                h3 { (words.photos) }
                ul(class="plain held") { (photos) }
            }
        }
    })
}

fn held_photo<G: Html>(cx: Scope, words: &'static Words, case: &str, photo: Photo) -> View<G> {
    let case = case.to_owned();
    let found: Vec<&str> =
        photo.held.grounds.iter().map(|ground| ground_in_words(ground, words)).collect();
    let found = Some(found.join(", ")).filter(|found| !found.is_empty());
    let found = maybe(found, |found| {
        let found = format!("{} {found}", words.photo_found);
        view! { cx, p(class="hint") { (found) } }
    });
    let Some(seen) = photo.held.seen.clone() else {
        return view! { cx, li { p { (words.photo_unseen) } (found) } };
    };
    let (width, height) = (seen.width.to_string(), seen.height.to_string());
    let photo = create_ref(cx, photo);
    let source = create_memo(cx, || {
        let full = if *photo.open.get() { (*photo.full.get()).clone() } else { None };
        full.or_else(|| photo.placeholder.clone()).unwrap_or_default()
    });
    let is_open = create_memo(cx, || *photo.open.get() && photo.full.get().is_some());
    let alt =
        create_memo(cx, || if *is_open.get() { words.photo_shown } else { words.photo_blurred });
    let label =
        create_memo(cx, || if *is_open.get() { words.photo_hide } else { words.photo_show });
    let turn = move |_: Event| turn_photo(&case, photo);
    view! { cx,
        li {
            img(src=source.get(), width=width, height=height, alt=*alt.get())
            p {
                button(type="button", class="quiet", aria-pressed=is_open.get().to_string(), on:click=turn) { (*label.get()) }
            }
            p(class="problem", role="status", hidden=!*photo.failed.get()) { (words.photo_failed) }
            (found)
        }
    }
}

/// The two measures, and the rule that one of them names.
fn decision<'a, G: Html>(cx: Scope<'a>, words: &'static Words, desk: &'a Desk) -> View<G> {
    let kind = create_memo(cx, move || match &*desk.shown.get() {
        Shown::Case(view, _) => Some(view.case.kind),
        Shown::Nothing | Shown::Loading => None,
    });
    let none = create_memo(cx, move || kind.get().is_none());
    let quiet = create_memo(cx, move || {
        kind.get().is_none() || desk.asking.get().is_some() || *desk.editing.get()
    });
    let rule = create_memo(cx, move || kind.get().is_some() && desk.asking.get().is_some());
    let is_notice = create_memo(cx, move || *kind.get() == Some(CaseKind::Notice));
    let is_likely_listed = create_memo(cx, move || match &*desk.shown.get() {
        Shown::Case(view, _) => may_be_listed(&view.case),
        Shown::Nothing | Shown::Loading => false,
    });
    let approve = create_memo(cx, || if *is_notice.get() { words.uphold } else { words.approve });
    let reject = create_memo(cx, || if *is_notice.get() { words.dismiss } else { words.reject });
    let firmly =
        create_memo(cx, || if *is_notice.get() { words.do_uphold } else { words.do_reject });
    let reasons = each(REASONS.iter().enumerate(), |(n, reason)| {
        let (value, name) = (n.to_string(), reason_in_words(*reason, words));
        view! { cx, option(value=value) { (name) } }
    });
    let (reason, note) = (create_ref(cx, desk.reason.clone()), create_ref(cx, desk.note.clone()));
    let also = create_ref(cx, desk.also.clone());
    let others = create_memo(cx, move || match (&*desk.shown.get(), *desk.asking.get()) {
        (Shown::Case(view, _), Some(Measure::Reject)) => desk.others(&view.case).len(),
        _ => 0,
    });
    let editable = create_memo(cx, move || match &*desk.shown.get() {
        Shown::Case(view, _) => view.words().is_some(),
        Shown::Nothing | Shown::Loading => false,
    });
    let editing = create_memo(cx, move || kind.get().is_some() && *desk.editing.get());
    let title = create_ref(cx, desk.title.clone());
    let description = create_ref(cx, desk.description.clone());
    let title_most = limits::NAME_CHARS_MAX.to_string();
    let description_most = limits::DESCRIPTION_CHARS_MAX.to_string();
    let on_edit = move |_: Event| edit(desk);
    let on_keep = move |event: Event| {
        event.prevent_default();
        keep_edits(desk);
    };
    let on_drop = move |_: Event| desk.editing.set(false);
    let most = NOTE_CHARS_MAX.to_string();
    let on_leave = move |_: Event| pass_on(desk);
    let on_approve = move |_: Event| wish(desk, Measure::Approve);
    let on_reject = move |_: Event| wish(desk, Measure::Reject);
    let on_merge = move |_: Event| merge(desk);
    let on_submit = move |event: Event| {
        event.prevent_default();
        decide(desk);
    };
    let on_cancel = move |_: Event| desk.asking.set(None);
    let invalid = create_memo(cx, || if *desk.ruleless.get() { "true" } else { "false" });
    view! { cx,
        div(class="decide", hidden=*none.get()) {
            h3 { (words.decide) }
            div(class="actions", hidden=*quiet.get()) {
                button(type="button", id="approve", on:click=on_approve) { (*approve.get()) }
                button(type="button", id="reject", class="quiet", on:click=on_reject) { (*reject.get()) }
                button(type="button", id="edit", class="quiet", hidden=!*editable.get(), on:click=on_edit) { (words.edit) }
                button(type="button", id="merge", class="quiet", hidden=!*is_likely_listed.get(), on:click=on_merge) { (words.merge) }
                button(type="button", class="quiet", on:click=on_leave) { (words.pass_on) }
            }
            form(hidden=!*editing.get(), novalidate=true, on:submit=on_keep) {
                div(class="field") {
                    label(for="edit-title") { (words.fact_title) }
                    input(id="edit-title", maxlength=title_most, bind:value=title)
                }
                div(class="field") {
                    label(for="edit-description") { (words.fact_description) }
                    textarea(id="edit-description", rows="5", maxlength=description_most, aria-describedby="edit-hint", bind:value=description)
                    p(id="edit-hint", class="hint") { (words.edit_hint) }
                }
                div(class="actions") {
                    button(type="submit") { (words.keep_edits) }
                    button(type="button", class="quiet", on:click=on_drop) { (words.cancel) }
                }
            }
            form(hidden=!*rule.get(), novalidate=true, on:submit=on_submit) {
                div(class="field") {
                    label(for="rule") { (words.rule) }
                    select(id="rule", aria-invalid=*invalid.get(), aria-describedby="rule-problem", bind:value=reason) {
                        option(value="") { (words.choose_rule) }
                        (reasons)
                    }
                    p(id="rule-problem", class="problem", hidden=!*desk.ruleless.get()) { (words.rule_needed) }
                }
                div(class="field") {
                    label(for="note") { (words.note) }
                    textarea(id="note", rows="3", maxlength=most, aria-describedby="note-hint", bind:value=note)
                    p(id="note-hint", class="hint") { (words.note_hint) }
                }
                label(class="tick", hidden=*others.get() == 0) {
                    input(type="checkbox", id="also", bind:checked=also) " " (words.also) " " (*others.get())
                }
                div(class="actions") {
                    button(type="submit") { (*firmly.get()) }
                    button(type="button", class="quiet", on:click=on_cancel) { (words.cancel) }
                }
            }
            p(class="hint") { (words.hold) }
        }
    }
}

/// What was decided in this page: on its way, or done.
fn decisions<'a, G: Html>(cx: Scope<'a>, language: Language, desk: &'a Desk) -> View<G> {
    let words = words(language);
    let none = create_memo(cx, || desk.taken.get().is_empty());
    let list = View::new_dyn_scoped(cx, move |cx| {
        let taken: Vec<Taken> = desk.taken.get().iter().rev().cloned().collect();
        each(taken, |taken| one_decision(cx, language, desk, taken))
    });
    view! { cx,
        section(class="taken", aria-labelledby="taken", hidden=*none.get()) {
            h2(id="taken") { (words.lately) }
            ul(class="plain", role="list", aria-live="polite") { (list) }
        }
    }
}

fn one_decision<'a, G: Html>(
    cx: BoundedScope<'_, 'a>,
    language: Language,
    desk: &'a Desk,
    taken: Taken,
) -> View<G> {
    let words = words(language);
    let taken = create_ref(cx, taken);
    let title = taken.case.title.clone();
    let done = match (taken.case.kind, taken.measure) {
        (CaseKind::Submission, Measure::Approve) => words.approved,
        (CaseKind::Submission, Measure::Reject) => words.rejected,
        (CaseKind::Notice, Measure::Approve) => words.upheld,
        (CaseKind::Notice, Measure::Reject) => words.dismissed,
    };
    let wish = match (taken.case.kind, taken.measure) {
        (CaseKind::Submission, Measure::Approve) => words.approve,
        (CaseKind::Submission, Measure::Reject) => words.do_reject,
        (CaseKind::Notice, Measure::Approve) => words.do_uphold,
        (CaseKind::Notice, Measure::Reject) => words.dismiss,
    };
    let rule = reason_in_words(taken.reason, words);
    let wish = if rule.is_empty() { wish.to_owned() } else { format!("{wish} · {rule}") };
    let stage = create_memo(cx, || match *taken.stage.get() {
        Stage::Holding(_) => words.holding,
        Stage::Sending => words.sending,
        Stage::Stands => done,
        Stage::Late => words.decided_before,
        Stage::TakenDown => words.took_down,
    });
    let holds = create_memo(cx, || matches!(*taken.stage.get(), Stage::Holding(_)));
    let left = create_memo(cx, || match *taken.stage.get() {
        Stage::Holding(seconds) => format!("{seconds} s"),
        _ => String::new(),
    });
    let publishes = taken.case.kind == CaseKind::Submission && taken.measure == Measure::Approve;
    let can_go = create_memo(cx, move || {
        publishes && *taken.stage.get() == Stage::Stands && !*taken.asking.get()
    });
    let asking = create_memo(cx, || *taken.stage.get() == Stage::Stands && *taken.asking.get());
    let reasons = each(REASONS.iter().enumerate(), |(n, reason)| {
        let (value, name) = (n.to_string(), reason_in_words(*reason, words));
        view! { cx, option(value=value) { (name) } }
    });
    let ground = create_ref(cx, taken.ground.clone());
    let id = format!("ground-{}", taken.case.id);
    let label_for = id.clone();
    let on_undo = move |_: Event| undo(desk, taken);
    let on_send = move |_: Event| send_now(desk, taken);
    let on_ask = move |_: Event| taken.asking.set(true);
    let on_keep = move |_: Event| taken.asking.set(false);
    let on_go = move |_: Event| take_down(taken);
    let said = form::said(cx, language, &taken.form);
    view! { cx,
        li {
            p {
                strong { (*stage.get()) } " " bdi { (title) } " "
                span(class="hint", hidden=!*holds.get()) { (wish) " " span(aria-hidden="true") { (left.get()) } }
            }
            div(class="actions") {
                button(type="button", hidden=!*holds.get(), on:click=on_undo) { (words.undo) }
                button(type="button", class="quiet", hidden=!*holds.get(), on:click=on_send) { (words.send_now) }
                button(type="button", class="quiet", hidden=!*can_go.get(), on:click=on_ask) { (words.take_down) }
            }
            div(class="finder", hidden=!*asking.get()) {
                div(class="field") {
                    label(for=label_for) { (words.rule) }
                    select(id=id, bind:value=ground) {
                        option(value="") { (words.choose_rule) }
                        (reasons)
                    }
                }
                button(type="button", on:click=on_go) { (words.do_take_down) }
                button(type="button", class="quiet", on:click=on_keep) { (words.cancel) }
            }
            (said)
        }
    }
}

/// The keys, and whether they act.
fn keys<'a, G: Html>(cx: Scope<'a>, words: &'static Words, desk: &'a Desk) -> View<G> {
    let keys = [
        ("j", words.key_next),
        ("k", words.key_previous),
        ("a", words.key_approve),
        ("r", words.key_reject),
        ("z", words.key_undo),
        ("p", words.key_show),
        ("?", words.key_help),
    ];
    let keys = each(keys, |(key, what)| {
        view! { cx, div { dt { kbd { (key) } } dd { (what) } } }
    });
    let act = create_ref(cx, desk.keys.clone());
    view! { cx,
        section(id="keys", class="keys", aria-label=words.keys, hidden=!*desk.help.get()) {
            h2 { (words.keys) }
            dl(class="keys") { (keys) }
            label(class="tick") { input(type="checkbox", bind:checked=act) " " (words.keys_on) }
        }
    }
}

/// How long a case has waited, in words.
fn age(case: &Case, words: &Words) -> String {
    #[cfg(client)]
    let now_ms = js_sys::Date::now();
    #[cfg(engine)]
    let now_ms = f64::NAN;
    #[cfg(client)]
    let opened_ms = js_sys::Date::parse(&case.opened_at);
    #[cfg(engine)]
    let opened_ms = {
        let _ = &case.opened_at;
        f64::NAN
    };
    waited((now_ms - opened_ms) / 60_000.0, words)
}

/// So many minutes, in words.
fn waited(minutes: f64, words: &Words) -> String {
    const HOUR: f64 = 60.0;
    const DAY: f64 = 24.0 * HOUR;
    match minutes {
        minutes if minutes >= 2.0 * DAY => format!("{:.0} {}", (minutes / DAY).floor(), words.days),
        minutes if minutes >= 2.0 * HOUR => {
            format!("{:.0} {}", (minutes / HOUR).floor(), words.hours)
        }
        minutes if minutes >= 2.0 => format!("{:.0} {}", minutes.floor(), words.minutes),
        _ => words.moments.to_owned(),
    }
}

// ---- what the browser's side does; natively, nobody asks for it

fn look_again(desk: &Desk) {
    #[cfg(client)]
    client::look_again(desk);
    #[cfg(engine)]
    let _ = desk;
}

fn list_more(desk: &Desk) {
    #[cfg(client)]
    client::list_more(desk);
    #[cfg(engine)]
    let _ = desk;
}

fn choose(desk: &Desk, id: &str) {
    #[cfg(client)]
    client::choose(desk, id);
    #[cfg(engine)]
    let _ = (desk, id);
}

fn turn_photo(case: &str, photo: &Photo) {
    #[cfg(client)]
    client::turn_photo(case, photo);
    #[cfg(engine)]
    let _ = (case, photo);
}

/// A moderator wishes for a measure: some name a rule first.
fn wish(desk: &Desk, measure: Measure) {
    #[cfg(client)]
    client::wish(desk, measure);
    #[cfg(engine)]
    let _ = (desk, measure);
}

/// Its words are to be put right.
fn edit(desk: &Desk) {
    #[cfg(client)]
    client::edit(desk);
    #[cfg(engine)]
    let _ = desk;
}

fn keep_edits(desk: &Desk) {
    #[cfg(client)]
    client::keep_edits(desk);
    #[cfg(engine)]
    let _ = desk;
}

/// It is the session that is listed.
fn merge(desk: &Desk) {
    #[cfg(client)]
    client::merge(desk);
    #[cfg(engine)]
    let _ = desk;
}

/// The measure that was asked about, with its rule.
fn decide(desk: &Desk) {
    #[cfg(client)]
    client::decide(desk);
    #[cfg(engine)]
    let _ = desk;
}

/// Leaves the case to somebody else.
fn pass_on(desk: &Desk) {
    #[cfg(client)]
    client::pass_on(desk);
    #[cfg(engine)]
    let _ = desk;
}

fn undo(desk: &Desk, taken: &Taken) {
    #[cfg(client)]
    client::undo(desk, taken);
    #[cfg(engine)]
    let _ = (desk, taken);
}

fn send_now(desk: &Desk, taken: &Taken) {
    #[cfg(client)]
    client::send_now(desk, taken);
    #[cfg(engine)]
    let _ = (desk, taken);
}

fn take_down(taken: &Taken) {
    #[cfg(client)]
    client::take_down(taken);
    #[cfg(engine)]
    let _ = taken;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(kind: CaseKind, grounds: &[&str]) -> Case {
        Case {
            id: "01J9ZZZZZZZZZZZZZZZZZZZZZZ".into(),
            kind,
            appealed: false,
            submitter: "ann".into(),
            version: Some(1),
            title: "Thursday tunes".into(),
            grounds: grounds.iter().map(|ground| (*ground).to_owned()).collect(),
            opened_at: "2026-11-24T12:00:00Z".into(),
        }
    }

    #[test]
    fn cases_are_told_apart_by_why_they_wait() {
        let photo = case(CaseKind::Submission, &["Explicit 96.1 %", "link_in_text"]);
        assert_eq!(codes(&photo), ["Explicit", "link_in_text"]);
        let notice = case(CaseKind::Notice, &["advertising", "https://seisiun.example/", "Buy"]);
        assert_eq!(codes(&notice), ["advertising"]);
        assert_eq!(ground_in_words("Rude Gestures", &words::ENGLISH), "Rude Gestures");
        assert_eq!(ground_in_words("link_in_text", &words::ENGLISH), "a link in the text");
        assert!(!may_be_listed(&photo));
        assert!(may_be_listed(&case(CaseKind::Submission, &["shouting", POSSIBLE_DUPLICATE])));
    }

    #[test]
    fn what_else_a_member_sent_can_be_rejected_with_a_case() {
        let named = |id: &str, kind, submitter: &str, appealed| Case {
            id: id.into(),
            submitter: submitter.into(),
            appealed,
            ..case(kind, &[])
        };
        let (sent, notice) = (CaseKind::Submission, CaseKind::Notice);
        let one = named("1", sent, "ann", false);
        let mut all = vec![
            one.clone(),
            named("2", sent, "ann", false),
            named("3", sent, "bo", false),
            named("4", sent, "ann", true),
            named("5", notice, "ann", false),
        ];
        let desk = Desk::new(&words::ENGLISH);
        desk.queue.set(Queue::Cases(all.clone()));
        let ids = |desk: &Desk, case: &Case| -> Vec<String> {
            desk.others(case).into_iter().map(|case| case.id).collect()
        };
        assert_eq!(ids(&desk, &one), ["2"]);
        assert_eq!(ids(&desk, &all[2]), [""; 0], "bo sent one");
        assert_eq!(ids(&desk, &all[4]), [""; 0], "a notice is decided alone");
        assert_eq!(kind_tag(&all[3]), APPEALS);
        all.extend((10..99).map(|n| named(&n.to_string(), sent, "ann", false)));
        desk.queue.set(Queue::Cases(all));
        assert_eq!(ids(&desk, &one).len(), ALSO_MAX);
    }

    #[test]
    fn a_decision_names_a_rule_where_something_breaks_one() {
        for (kind, measure, rule) in [
            (CaseKind::Submission, Measure::Approve, false),
            (CaseKind::Submission, Measure::Reject, true),
            (CaseKind::Notice, Measure::Approve, true),
            (CaseKind::Notice, Measure::Reject, false),
        ] {
            assert_eq!(needs_rule(kind, measure), rule, "{kind:?} {measure:?}");
            // As the domain has it.
            let reason = if rule { Reason::Spam } else { Reason::InOrder };
            let at = "2026-11-24T12:00:00Z".parse().unwrap();
            let facts = seisiun_domain::case::Facts {
                kind,
                submitter: "ann".parse().unwrap(),
                about: None,
                title: String::new(),
                grounds: Vec::new(),
            };
            let id = "01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
            let case = seisiun_domain::case::Case::open(id, at, facts);
            let note = String::new();
            let what = seisiun_domain::case::What::Decided { measure, reason, note };
            let decision = case.next(at, "bo".parse().ok(), what);
            assert!(case.apply(&decision).is_ok());
        }
    }

    #[test]
    fn every_rule_is_said_in_each_language() {
        for reason in REASONS {
            for words in [&words::ENGLISH, &words::IRISH] {
                assert!(!reason_in_words(reason, words).is_empty(), "{reason:?}");
            }
        }
        assert_eq!(rule_at("0"), Some(Reason::Spam));
        assert_eq!((rule_at(""), rule_at("99")), (None, None));
    }

    #[test]
    fn a_wait_is_said_in_the_largest_unit_that_fits() {
        for (minutes, said) in [
            (0.5, "moments"),
            (f64::NAN, "moments"),
            (5.9, "5 min"),
            (119.0, "119 min"),
            (125.0, "2 h"),
            (47.0 * 60.0, "47 h"),
            (50.0 * 60.0, "2 d"),
        ] {
            assert_eq!(waited(minutes, &words::ENGLISH), said);
        }
    }
}
