//! What the console asks for and sends.

use std::{cell::Cell, rc::Rc};

use seisiun_domain::{
    CaseId,
    case::{Measure, Reason},
};
use serde_json::json;
use sycamore::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, KeyboardEvent};

use super::{
    Case, Desk, HOLD_SECONDS, Photo, Queue, Reach, Shown, Sight, Stage, Taken, needs_rule, rule_at,
};
use crate::{
    client::{placeholder, window},
    members::{
        api::{Ask, fresh_key, pause},
        asked,
        form::{Form, Said},
        trouble::Trouble,
    },
};

/// Where the queue is.
const QUEUE: &str = "/api/moderation/cases";
/// Milliseconds between two looks at the queue.
const LOOK_MS: i32 = 60_000;
/// Milliseconds from a look that failed to the next one.
const LOOK_AGAIN_MS: i32 = 10_000;
/// What is wrong with a decision on what one sent oneself.
const OWN_ITEM: &str = "own_item";
/// What is wrong with a decision on an appeal against one's own.
const OWN_DECISION: &str = "own_decision";
/// Milliseconds in a second.
const SECOND_MS: i32 = 1_000;

/// Looks at the queue, now and every while as long as the page is there.
pub(super) fn load(cx: Scope, desk: Desk) {
    let here = Rc::new(Cell::new(true));
    let gone = Rc::clone(&here);
    on_cleanup(cx, move || gone.set(false));
    if let Some(case) = asked("case").and_then(|id| id.parse::<CaseId>().ok()) {
        choose(&desk, &case.to_string());
    }
    spawn_local(async move {
        while here.get() {
            let well = look(&desk).await;
            if *desk.queue.get_untracked() == Queue::Refused {
                return;
            }
            pause(if well { LOOK_MS } else { LOOK_AGAIN_MS }).await;
        }
    });
}

pub(super) fn look_again(desk: &Desk) {
    let desk = desk.clone();
    spawn_local(async move {
        look(&desk).await;
    });
}

/// Lists one page more.
pub(super) fn list_more(desk: &Desk) {
    desk.pages.set(*desk.pages.get_untracked() + 1);
    let desk = desk.clone();
    spawn_local(async move {
        read(&desk, on(&desk)).await;
    });
}

/// Looks at the queue; whether it went well.
async fn look(desk: &Desk) -> bool {
    read(desk, afresh(desk)).await
}

/// Has the queue read, unless it is being read: of two answers at a time the older
/// one could come last, and would stand. Whether it went well.
async fn read(desk: &Desk, reading: impl Future<Output = Result<(), Trouble>>) -> bool {
    if *desk.reading.get_untracked() {
        return true;
    }
    desk.reading.set(true);
    let read = reading.await;
    desk.reading.set(false);
    let well = read.is_ok();
    match read {
        Ok(()) => desk.form.clear(),
        Err(trouble) if trouble.kind() == "forbidden" => desk.queue.set(Queue::Refused),
        Err(trouble) => desk.form.fails(trouble),
    }
    well
}

/// Reads the queue from its beginning, as far as it is wanted by then.
async fn afresh(desk: &Desk) -> Result<(), Trouble> {
    let (mut cases, mut reach) = (Vec::new(), Reach::default());
    while reach.falls_short(desk) {
        cases.extend(page(desk, &mut reach).await?);
    }
    for case in kept(desk) {
        join(&mut cases, case);
    }
    desk.reach.set(reach);
    let unknown = *desk.queue.get_untracked() == Queue::Looking;
    if unknown || desk.queue.get_untracked().cases() != cases {
        desk.queue.set(Queue::Cases(cases));
    }
    Ok(())
}

/// Reads the queue on from where it is listed to, as far as it is wanted by then.
async fn on(desk: &Desk) -> Result<(), Trouble> {
    let mut reach = (*desk.reach.get_untracked()).clone();
    while reach.falls_short(desk) {
        let more = page(desk, &mut reach).await?;
        let mut cases = desk.queue.get_untracked().cases().to_vec();
        for case in more {
            join(&mut cases, case);
        }
        desk.reach.set(reach.clone());
        desk.queue.set(Queue::Cases(cases));
    }
    Ok(())
}

/// The next page of the queue.
async fn page(desk: &Desk, reach: &mut Reach) -> Result<Vec<Case>, Trouble> {
    let path = match &reach.next {
        Some(cursor) => format!("{QUEUE}?cursor={cursor}"),
        None => QUEUE.to_owned(),
    };
    let answer = Ask::get(path).as_member().await?;
    let waiting = answer["waiting"].as_u64().and_then(|count| usize::try_from(count).ok());
    desk.waiting.set(waiting.unwrap_or_default());
    reach.pages += 1;
    reach.next = answer["next"].as_str().map(str::to_owned);
    Ok(Case::all(&answer))
}

impl Reach {
    /// Whether there is more, and it is wanted.
    fn falls_short(&self, desk: &Desk) -> bool {
        self.pages == 0 || (self.pages < *desk.pages.get_untracked() && self.next.is_some())
    }
}

/// What is listed wherever it stands in the queue: what is looked at, which a mail
/// may have led to, and what is not decided yet.
fn kept(desk: &Desk) -> Vec<Case> {
    let taken = desk.taken.get_untracked();
    let under_way = taken
        .iter()
        .filter(|taken| matches!(*taken.stage.get_untracked(), Stage::Holding(_) | Stage::Sending));
    under_way.map(|taken| taken.case.clone()).chain(present(desk)).collect()
}

fn join(cases: &mut Vec<Case>, case: Case) {
    if !cases.iter().any(|known| known.id == case.id) {
        cases.push(case);
    }
}

/// Fetches a case, and shows it if it is still the chosen one by then.
pub(super) fn choose(desk: &Desk, id: &str) {
    if is_chosen(desk, id) {
        focus("case");
        return;
    }
    release(desk);
    leave(desk);
    desk.chosen.set(Some(id.to_owned()));
    desk.shown.set(Shown::Loading);
    let (desk, id) = (desk.clone(), id.to_owned());
    spawn_local(async move {
        let path = format!("/api/moderation/cases/{id}");
        let answer = Ask::get(path).as_member().await;
        let answer = answer.and_then(|answer| Sight::of(answer).ok_or(Trouble::Unclear));
        if !is_chosen(&desk, &id) {
            return;
        }
        match answer {
            Ok(view) => {
                desk.form.clear();
                let photos = view.photos().into_iter().map(|held| Photo {
                    placeholder: held.seen.as_ref().and_then(|seen| placeholder(&seen.thumbhash)),
                    held,
                    full: create_rc_signal(None),
                    open: create_rc_signal(false),
                    failed: create_rc_signal(false),
                });
                let photos = photos.collect();
                if let Queue::Cases(cases) = &*desk.queue.get_untracked() {
                    let mut cases = cases.clone();
                    join(&mut cases, view.case.clone());
                    desk.queue.set(Queue::Cases(cases));
                }
                desk.shown.set(Shown::Case(Box::new(view), photos));
                focus("case");
                claim(&desk, &id).await;
            }
            Err(trouble) => {
                desk.chosen.set(None);
                desk.shown.set(Shown::Nothing);
                // What it is about is gone: the next key goes on behind it.
                if trouble.kind() == "not-found" {
                    forget(&desk, &id);
                }
                desk.form.fails(trouble);
            }
        }
    });
}

/// Has the case for a while, so that nobody else does the same work.
async fn claim(desk: &Desk, id: &str) {
    let path = format!("/api/moderation/cases/{id}/claim");
    let Err(trouble) = Ask::put(path).as_member().await else { return };
    if is_chosen(desk, id) {
        say(desk, trouble);
    }
}

/// Gives the present case up, if nothing was decided.
fn release(desk: &Desk) {
    let Some(case) = present(desk) else { return };
    spawn_local(async move {
        let path = format!("/api/moderation/cases/{}/claim", case.id);
        // Who does not hear of it has it no longer in ten minutes.
        let _ = Ask::delete(path).as_member().await;
    });
}

/// Says in the console's own words what it knows of.
fn say(desk: &Desk, trouble: Trouble) {
    let words = desk.words;
    let code = trouble.problems().first().map(|problem| problem.code.clone());
    let note = match (trouble.kind(), code.as_deref()) {
        ("claimed", _) => words.claimed,
        ("case-moved", _) => words.moved,
        ("decided", _) => words.decided_before,
        ("conflict", _) => words.only_decide,
        (_, Some(OWN_ITEM)) => words.own_item,
        (_, Some(OWN_DECISION)) => words.own_decision,
        _ => return desk.form.fails(trouble),
    };
    desk.form.said.set(Said::Note(note));
}

pub(super) fn pass_on(desk: &Desk) {
    let Some(case) = present(desk) else { return };
    let desk = desk.clone();
    spawn_local(async move {
        let path = format!("/api/moderation/cases/{}/escalation", case.id);
        match Ask::put(path).json(&json!({})).as_member().await {
            Ok(_) => {
                leave(&desk);
                focus("case");
                desk.form.said.set(Said::Note(desk.words.passed_on));
            }
            Err(trouble) => say(&desk, trouble),
        }
    });
}

fn is_chosen(desk: &Desk, id: &str) -> bool {
    desk.chosen.get_untracked().as_deref() == Some(id)
}

/// Puts the present case away, and with it every photo of it that was seen.
fn leave(desk: &Desk) {
    if let Shown::Case(_, photos) = &*desk.shown.get_untracked() {
        for full in photos.iter().filter_map(|photo| (*photo.full.get_untracked()).clone()) {
            let _ = web_sys::Url::revoke_object_url(&full);
        }
    }
    desk.asking.set(None);
    desk.reason.set(String::new());
    desk.note.set(String::new());
    desk.also.set(false);
    desk.editing.set(false);
    desk.ruleless.set(false);
    desk.chosen.set(None);
    desk.shown.set(Shown::Nothing);
}

/// Shows a photo, or what stands for it again.
pub(super) fn turn_photo(case: &str, photo: &Photo) {
    let open = !*photo.open.get_untracked();
    photo.open.set(open);
    if !open || photo.full.get_untracked().is_some() {
        return;
    }
    let photo = photo.clone();
    let path = format!("/api/moderation/cases/{case}/photos/{}", photo.held.id);
    spawn_local(async move {
        match Ask::get(path).file_as_member().await {
            Ok(address) => {
                photo.failed.set(false);
                photo.full.set(Some(address));
            }
            Err(_) => {
                photo.open.set(false);
                photo.failed.set(true);
            }
        }
    });
}

fn present(desk: &Desk) -> Option<Case> {
    match &*desk.shown.get_untracked() {
        Shown::Case(view, _) => Some(view.case.clone()),
        Shown::Nothing | Shown::Loading => None,
    }
}

pub(super) fn wish(desk: &Desk, measure: Measure) {
    let Some(case) = present(desk) else { return };
    if needs_rule(case.kind, measure) {
        desk.ruleless.set(false);
        desk.asking.set(Some(measure));
        focus("rule");
    } else {
        take(desk, case, measure, Reason::InOrder, String::new());
    }
}

pub(super) fn edit(desk: &Desk) {
    let words = match &*desk.shown.get_untracked() {
        Shown::Case(view, _) => view.words().map(|(t, d)| (t.to_owned(), d.to_owned())),
        Shown::Nothing | Shown::Loading => None,
    };
    let Some((title, description)) = words else { return };
    desk.title.set(title);
    desk.description.set(description);
    desk.editing.set(true);
    focus("edit-title");
}

pub(super) fn keep_edits(desk: &Desk) {
    let Some(case) = present(desk) else { return };
    let edits = json!({
        "title": &*desk.title.get_untracked(),
        "description": &*desk.description.get_untracked(),
    });
    let desk = desk.clone();
    spawn_local(async move {
        let path = format!("/api/moderation/cases/{}/edits", case.id);
        match Ask::put(path).json(&edits).as_member().await {
            Ok(answer) if is_chosen(&desk, &case.id) => {
                desk.form.clear();
                desk.editing.set(false);
                let shown = (*desk.shown.get_untracked()).clone();
                if let Shown::Case(view, photos) = shown {
                    desk.shown.set(Shown::Case(Box::new(view.with(answer)), photos));
                }
                focus("case");
            }
            Ok(_) => {}
            Err(trouble) => say(&desk, trouble),
        }
    });
}

pub(super) fn merge(desk: &Desk) {
    let Some(case) = present(desk) else { return };
    take(desk, case, Measure::Reject, Reason::Duplicate, String::new());
}

pub(super) fn decide(desk: &Desk) {
    let (Some(case), Some(measure)) = (present(desk), *desk.asking.get_untracked()) else { return };
    let Some(reason) = rule_at(&desk.reason.get_untracked()) else {
        desk.ruleless.set(true);
        focus("rule");
        return;
    };
    let note = (*desk.note.get_untracked()).clone();
    if *desk.also.get_untracked() {
        for other in desk.others(&case) {
            hold(desk, other, measure, reason, note.clone());
        }
    }
    take(desk, case, measure, reason, note);
}

/// Decides the present case, and goes on to the next one.
fn take(desk: &Desk, case: Case, measure: Measure, reason: Reason, note: String) {
    let next = neighbour(desk, &case.id, 1).or_else(|| neighbour(desk, &case.id, -1));
    leave(desk);
    hold(desk, case, measure, reason, note);
    match next {
        Some(next) => choose(desk, &next),
        None => focus("case"),
    }
}

/// Holds a decision for some seconds, and then sends it.
fn hold(desk: &Desk, case: Case, measure: Measure, reason: Reason, note: String) {
    let taken = Taken {
        case,
        measure,
        reason,
        note,
        key: fresh_key(),
        stage: create_rc_signal(Stage::Holding(HOLD_SECONDS)),
        asking: create_rc_signal(false),
        ground: create_rc_signal(String::new()),
        form: Form::new(),
    };
    let mut all = (*desk.taken.get_untracked()).clone();
    all.push(taken.clone());
    desk.taken.set(all);
    let desk = desk.clone();
    spawn_local(async move {
        for left in (0..HOLD_SECONDS).rev() {
            pause(SECOND_MS).await;
            // Undone, and perhaps decided anew, which has a clock of its own; or sent.
            let holds = matches!(*taken.stage.get_untracked(), Stage::Holding(_));
            if !holds || !is_taken(&desk, &taken.key) {
                return;
            }
            taken.stage.set(if left == 0 { Stage::Sending } else { Stage::Holding(left) });
        }
        send(&desk, &taken).await;
    });
}

/// Sends a decision that is held.
pub(super) fn send_now(desk: &Desk, taken: &Taken) {
    if matches!(*taken.stage.get_untracked(), Stage::Holding(_)) {
        taken.stage.set(Stage::Sending);
        let (desk, taken) = (desk.clone(), taken.clone());
        spawn_local(async move { send(&desk, &taken).await });
    }
}

async fn send(desk: &Desk, taken: &Taken) {
    let Case { id, version, .. } = &taken.case;
    let Taken { measure, reason, note, .. } = taken;
    let body = json!({ "measure": measure, "reason": reason, "note": note, "version": version });
    let path = format!("/api/moderation/cases/{id}/decision");
    match Ask::post(path).json(&body).key(&taken.key).as_member().await {
        Ok(_) => {
            forget(desk, id);
            taken.stage.set(Stage::Stands);
        }
        Err(trouble) if matches!(trouble.kind(), "decided" | "not-found") => {
            forget(desk, id);
            taken.stage.set(Stage::Late);
        }
        // Nothing was decided: it is back in the queue, and why is said.
        Err(trouble) => {
            put_back(desk, id);
            say(desk, trouble);
        }
    }
}

/// A case that no longer waits.
fn forget(desk: &Desk, id: &str) {
    let mut cases = desk.queue.get_untracked().cases().to_vec();
    cases.retain(|case| case.id != id);
    desk.waiting.set(desk.waiting.get_untracked().saturating_sub(1));
    desk.queue.set(Queue::Cases(cases));
}

fn is_taken(desk: &Desk, key: &str) -> bool {
    desk.taken.get_untracked().iter().any(|taken| taken.key == key)
}

fn put_back(desk: &Desk, id: &str) {
    let mut all = (*desk.taken.get_untracked()).clone();
    all.retain(|taken| taken.case.id != id);
    desk.taken.set(all);
}

pub(super) fn undo(desk: &Desk, taken: &Taken) {
    if matches!(*taken.stage.get_untracked(), Stage::Holding(_)) {
        put_back(desk, &taken.case.id);
        choose(desk, &taken.case.id);
    }
}

fn undo_last(desk: &Desk) {
    let taken = desk.taken.get_untracked();
    let holding = |taken: &&Taken| matches!(*taken.stage.get_untracked(), Stage::Holding(_));
    if let Some(last) = taken.iter().rev().find(holding) {
        undo(desk, last);
    }
}

pub(super) fn take_down(taken: &Taken) {
    let Some(reason) = rule_at(&taken.ground.get_untracked()) else { return };
    let taken = taken.clone();
    spawn_local(async move {
        let ground = json!({ "reason": reason });
        let path = format!("/api/moderation/submissions/{}/withdrawal", taken.case.id);
        // A key of its own: the decision's is the decision's.
        let key = format!("{}-down", taken.key);
        match Ask::post(path).json(&ground).key(&key).as_member().await {
            Ok(_) => taken.stage.set(Stage::TakenDown),
            Err(trouble) => taken.form.fails(trouble),
        }
    });
}

/// The listed case that stands so far from this one.
fn neighbour(desk: &Desk, id: &str, steps: isize) -> Option<String> {
    let listed = desk.listed();
    let at = listed.iter().position(|case| case.id == id)?;
    listed.get(at.checked_add_signed(steps)?).map(|case| case.id.clone())
}

fn step(desk: &Desk, steps: isize) {
    let next = match &*desk.chosen.get_untracked() {
        Some(id) => neighbour(desk, id, steps),
        None => desk.listed().first().map(|case| case.id.clone()),
    };
    if let Some(next) = next {
        choose(desk, &next);
    }
}

/// Acts on single keys, but not while something is typed.
pub(super) fn listen(cx: Scope, desk: Desk) {
    let act = Closure::<dyn FnMut(KeyboardEvent)>::new(move |event: KeyboardEvent| {
        let with = event.ctrl_key() || event.meta_key() || event.alt_key();
        let element = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let typing = element.is_some_and(|element| {
            matches!(element.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA")
        });
        if with || typing || !*desk.keys.get_untracked() {
            return;
        }
        match event.key().as_str() {
            "j" => step(&desk, 1),
            "k" => step(&desk, -1),
            "a" => wish(&desk, Measure::Approve),
            "r" => wish(&desk, Measure::Reject),
            "z" => undo_last(&desk),
            "p" => turn_photos(&desk),
            "?" => desk.help.set(!*desk.help.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    });
    let listener = act.as_ref().unchecked_ref::<js_sys::Function>().clone();
    let _ = window().add_event_listener_with_callback("keydown", &listener);
    on_cleanup(cx, move || {
        let _ = window().remove_event_listener_with_callback("keydown", &listener);
        drop(act);
    });
}

fn turn_photos(desk: &Desk) {
    if let Shown::Case(view, photos) = &*desk.shown.get_untracked() {
        for photo in photos.iter().filter(|photo| photo.held.seen.is_some()) {
            turn_photo(&view.case.id, photo);
        }
    }
}

/// Moves the focus, once what was changed is drawn.
fn focus(id: &'static str) {
    spawn_local(async move {
        let element = window().document().and_then(|document| document.get_element_by_id(id));
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
}
