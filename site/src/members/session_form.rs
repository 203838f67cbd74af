//! The form of a session: to list a new one, or to change one that is listed.
//! What is typed is kept in the browser until it has arrived.

use seisiun_contracts::api::SubmitSession;
use seisiun_domain::{
    PhotoId,
    geo::Position,
    limits,
    problem::Problem,
    session::{Format, Level, SessionDraft, VenueDraft},
};
use serde::{Deserialize, Serialize};
use sycamore::{prelude::*, rt::Event};

use super::{
    account::{self, Standing},
    form::{self, Field, Form, Typed, missing},
    photos::{self, Kept, Photos},
    schedule::{self, Plain, Schedule},
    unscripted, words,
    words::Words,
};
use crate::{COUNTIES, County, Language, MembersPage, view::each};

/// The value of the choice of a county for one that is not among them.
const ELSEWHERE: &str = "elsewhere";
/// The zone of the Republic's sessions, and that of the North's.
const ZONES: [(&str, &str); 2] = [("IE", "Europe/Dublin"), ("GB", "Europe/London")];
/// Characters of a position, of a zone's name.
const SHORT_CHARS_MAX: usize = 64;

/// What is done with the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A new session is listed.
    Submit,
    /// One that is listed is changed.
    Edit,
}

impl Purpose {
    fn page(self) -> MembersPage {
        match self {
            Self::Submit => MembersPage::Submit,
            Self::Edit => MembersPage::Edit,
        }
    }
}

macro_rules! typed {
    ($($field:ident),* $(,)?) => {
        /// The lines of the form.
        #[derive(Debug, Clone)]
        pub(super) struct Lines {
            $(pub(super) $field: RcSignal<String>,)*
        }

        /// The lines as they are typed, which is how a draft keeps them.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub(super) struct Text {
            $(pub(super) $field: String,)*
        }

        impl Lines {
            fn new() -> Self {
                Self { $($field: create_rc_signal(String::new()),)* }
            }

            /// What is typed; whoever asks in an effect is told of changes.
            pub(super) fn text(&self) -> Text {
                Text { $($field: (*self.$field.get()).clone(),)* }
            }

            #[cfg(client)]
            fn fill(&self, text: Text) {
                $(self.$field.set(text.$field);)*
            }
        }
    };
}

typed! {
    title, venue, address, town, county, other_county, other_country, zone, position, format,
    level, step_free, toilet, description, instruments, tunes, links, status,
}

/// The form.
#[derive(Debug, Clone)]
pub(super) struct SessionForm {
    purpose: Purpose,
    lines: Lines,
    schedules: RcSignal<Vec<Schedule>>,
    photos: Photos,
    /// `2026-11-26`, where the browser is; nothing until it is alive.
    today: RcSignal<String>,
    /// What is listed already under this name, here.
    duplicates: RcSignal<Vec<Listed>>,
    /// Where the position is.
    nearby: RcSignal<Nearby>,
    /// The session as it was found, of which changes are sent.
    found: RcSignal<Option<SessionDraft>>,
    form: Form,
}

/// A session that is listed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Listed {
    slug: String,
    title: String,
    venue: String,
    town: String,
}

/// What is known of where a position is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Nearby {
    /// Nothing was asked.
    #[default]
    Unknown,
    /// The browser is looking where it is.
    Looking,
    /// The browser does not say where it is.
    Refused,
    /// Nothing is listed around there.
    Nothing(Position),
    /// The nearest that is listed.
    Listed(Position, f64, String),
}

/// A draft as the browser keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Draft {
    text: Text,
    schedules: Vec<Plain>,
    photos: Vec<Kept>,
}

impl Text {
    /// Where it is, if that can be read: two numbers, as maps give them.
    fn position(&self) -> Option<Position> {
        let mut parts = self
            .position
            .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
            .filter(|part| !part.is_empty())
            .map(|part| part.trim_end_matches('°').parse::<f64>().ok());
        let (lat, lon) = (parts.next()??, parts.next()??);
        let on_globe = lat.abs() <= 90.0 && lon.abs() <= 180.0 && parts.next().is_none();
        on_globe.then_some(Position { lat, lon })
    }

    /// Name and country of its county.
    fn county(&self) -> (String, String) {
        let known =
            self.county.split_once('/').and_then(|(country, slug)| County::find(country, slug));
        match known {
            Some(county) => (county.english.to_owned(), county.country.to_owned()),
            None => (self.other_county.clone(), self.other_country.trim().to_uppercase()),
        }
    }

    /// Its time zone.
    fn zone(&self) -> String {
        let (_, country) = self.county();
        let known = ZONES.iter().find(|(of, _)| self.county != ELSEWHERE && *of == country);
        known.map_or_else(|| self.zone.trim().to_owned(), |(_, zone)| (*zone).to_owned())
    }

    /// The session that it describes, or what it lacks: all of it at once.
    fn session(&self, schedules: &[Plain]) -> Result<SessionDraft, Vec<Problem>> {
        let (county, country) = self.county();
        let needed = [
            ("title", &self.title),
            ("venue.name", &self.venue),
            ("venue.address", &self.address),
            ("venue.town", &self.town),
            ("venue.county", &county),
            ("venue.country", &country),
            ("venue.position", &self.position),
        ];
        let mut problems: Vec<_> = needed
            .iter()
            .filter(|(_, value)| value.trim().is_empty())
            .map(|(path, _)| missing(path))
            .collect();
        if !self.position.trim().is_empty() && self.position().is_none() {
            problems.push(Problem { code: "invalid_position".into(), ..missing("venue.position") });
        }
        for (n, plain) in schedules.iter().enumerate() {
            if plain.starts.is_empty() {
                problems.push(missing(&format!("schedules[{n}].starts")));
            }
            if plain.from.is_empty() {
                problems.push(missing(&format!("schedules[{n}].from")));
            }
        }
        let Some(position) = self.position().filter(|_| problems.is_empty()) else {
            return Err(problems);
        };
        let zone = self.zone();
        Ok(SessionDraft {
            title: self.title.clone(),
            venue: VenueDraft {
                name: self.venue.clone(),
                address: self.address.clone(),
                town: self.town.clone(),
                county,
                country,
                position,
                step_free: known(&self.step_free),
                accessible_toilet: known(&self.toilet),
            },
            format: read(&self.format).unwrap_or(Format::Open),
            level: read(&self.level).unwrap_or(Level::Any),
            schedules: schedules.iter().map(|plain| plain.draft(&zone)).collect(),
            description: self.description.clone(),
            instruments: entries(&self.instruments, ','),
            tunes: entries(&self.tunes, '\n'),
            links: entries(&self.links, '\n'),
        })
    }

    /// What the form shows of a session.
    fn of(session: &SessionDraft) -> Self {
        let venue = &session.venue;
        let known = COUNTIES.iter().find(|county| {
            county.country.eq_ignore_ascii_case(&venue.country)
                && (county.english.eq_ignore_ascii_case(&venue.county)
                    || county.irish == venue.county)
        });
        let county = known.map_or_else(|| ELSEWHERE.to_owned(), county_value);
        let choice = |value: Option<bool>| match value {
            Some(true) => "yes".to_owned(),
            Some(false) => "no".to_owned(),
            None => String::new(),
        };
        Self {
            title: session.title.clone(),
            venue: venue.name.clone(),
            address: venue.address.clone(),
            town: venue.town.clone(),
            county,
            other_county: venue.county.clone(),
            other_country: venue.country.clone(),
            zone: session.schedules.first().map(|one| one.zone.clone()).unwrap_or_default(),
            position: written(venue.position),
            format: written_as(session.format),
            level: written_as(session.level),
            step_free: choice(venue.step_free),
            toilet: choice(venue.accessible_toilet),
            description: session.description.clone(),
            instruments: session.instruments.join(", "),
            tunes: session.tunes.join("\n"),
            links: session.links.join("\n"),
            status: String::new(),
        }
    }
}

/// A position as it is typed.
fn written(position: Position) -> String {
    let Position { lat, lon } = position.rounded();
    format!("{lat}, {lon}")
}

/// A choice of the API's, as its value.
fn written_as(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

fn read<T: serde::de::DeserializeOwned>(value: &str) -> Option<T> {
    serde_json::from_value(value.into()).ok()
}

fn known(value: &str) -> Option<bool> {
    match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// What is typed as a list: whatever is between the separators.
fn entries(text: &str, separator: char) -> Vec<String> {
    text.split(separator).map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

fn county_value(county: &County) -> String {
    format!("{}/{}", county.country.to_ascii_lowercase(), county.slug)
}

impl SessionForm {
    fn new(purpose: Purpose) -> Self {
        let lines = Lines::new();
        lines.format.set("open".into());
        lines.level.set("any".into());
        Self {
            purpose,
            lines,
            schedules: create_rc_signal(vec![Schedule::new(Plain::default())]),
            photos: create_rc_signal(Vec::new()),
            today: create_rc_signal(String::new()),
            duplicates: create_rc_signal(Vec::new()),
            nearby: create_rc_signal(Nearby::default()),
            found: create_rc_signal(None),
            form: Form::new(),
        }
    }

    /// The draft as it is; whoever asks in an effect is told of changes.
    fn draft(&self) -> Draft {
        Draft {
            text: self.lines.text(),
            schedules: self.schedules.get().iter().map(Schedule::plain).collect(),
            photos: self.photos.get().iter().map(photos::Photo::kept).collect(),
        }
    }
}

pub(super) fn submit<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    page(cx, language, Purpose::Submit, words.submit_title, words.submit_lead)
}

pub(super) fn edit<G: Html>(cx: Scope, language: Language) -> View<G> {
    let words = words(language);
    page(cx, language, Purpose::Edit, words.edit_title, words.edit_lead)
}

fn page<G: Html>(
    cx: Scope,
    language: Language,
    purpose: Purpose,
    title: &'static str,
    lead: &'static str,
) -> View<G> {
    let words = words(language);
    let session = SessionForm::new(purpose);
    #[cfg(client)]
    client::begin(cx, &session);
    let standing = create_ref(cx, account::standing());
    let invitation = account::invitation(cx, language, purpose.page());
    let said = form::said(cx, language, &session.form);
    let busy = create_ref(cx, session.form.busy.clone());
    let place = place(cx, language, &session);
    let when = schedule::all(cx, language, &session.form, &session.schedules, &session.today);
    let who = who(cx, language, &session);
    let pictures = photos::photos(cx, language, &session.form, &session.photos);
    let more = more(cx, language, &session);
    let action = match purpose {
        Purpose::Submit => words.do_submit,
        Purpose::Edit => words.do_edit,
    };
    let send = move |event: Event| {
        event.prevent_default();
        if !*session.form.busy.get() {
            send(&session, language);
        }
    };
    view! { cx,
        div(class="submit") {
            h1 { (title) }
            p(class="lead") { (lead) }
            (unscripted(cx, language))
            div(hidden=*standing.get() != Standing::Out) { (invitation) }
            form(class="form", method="post", novalidate=true, on:submit=send) {
                fieldset { legend { (words.part_place) } (place) }
                fieldset { legend { (words.part_when) } (when) }
                fieldset { legend { (words.part_who) } (who) }
                fieldset { legend { (words.part_photos) } (pictures) }
                details { summary { (words.part_more) } (more) }
                (said)
                div(class="actions") {
                    button(type="submit", aria-disabled=busy.get().to_string()) { (action) }
                }
                p(class="hint") { (words.draft_kept) }
            }
        }
    }
}

fn place<G: Html>(cx: Scope, language: Language, session: &SessionForm) -> View<G> {
    let words = words(language);
    let (form, lines) = (&session.form, &session.lines);
    let name = Typed::text(limits::NAME_CHARS_MAX);
    let words_of = Typed::text(limits::LINE_CHARS_MAX);
    let short = Typed::text(SHORT_CHARS_MAX);
    let line = |field, typed, value| form::line(cx, language, form, field, typed, value);
    let title = line(Field::new("title", words.title).hint(words.title_hint), name, &lines.title);
    let venue = line(Field::new("venue.name", words.venue), name, &lines.venue);
    let address = line(
        Field::new("venue.address", words.address).hint(words.address_hint),
        words_of,
        &lines.address,
    );
    let town = line(Field::new("venue.town", words.town), words_of, &lines.town);
    let county = form::choice(
        cx,
        language,
        form,
        Field::new("venue.county", words.county),
        counties(language, words),
        &lines.county,
    );
    // Beside the choice, what is wrong with a county stands there.
    let other_county =
        Field { path: String::new(), ..Field::new("other-county", words.other_county) };
    let other_county = line(other_county, words_of, &lines.other_county);
    let country = Field::new("venue.country", words.country).hint(words.country_hint);
    let country = line(country, Typed { chars_max: 2, ..short }, &lines.other_country);
    let zone = Field { path: "schedules[0].zone".into(), ..Field::new("zone", words.zone) };
    let zone = line(zone.hint(words.zone_hint), short, &lines.zone);
    let position = Field::new("venue.position", words.position).hint(words.position_hint);
    let position = line(position, Typed { mode: "text", ..short }, &lines.position);
    let elsewhere = {
        let county = lines.county.clone();
        create_memo(cx, move || *county.get() == ELSEWHERE)
    };
    let locate = {
        let session = session.clone();
        move |_: Event| locate(&session)
    };
    let nearby = create_ref(cx, session.nearby.clone());
    let duplicates = create_ref(cx, session.duplicates.clone());
    view! { cx,
        div(class="stack") {
            (title)
            (venue)
            div(class="fields") { (town) (county) }
            div(class="fields", hidden=!*elsewhere.get()) { (other_county) (country) (zone) }
            (address)
            (position)
            div(class="actions") {
                button(type="button", class="quiet", on:click=locate) { (words.locate) }
            }
            div(role="status") { (where_that_is(cx, words, &nearby.get())) }
            div(role="status") { (listed_already(cx, language, &duplicates.get())) }
        }
    }
}

/// The counties to choose from, and elsewhere.
fn counties(language: Language, words: &'static Words) -> Vec<(String, &'static str)> {
    let mut all = vec![(String::new(), words.choose_county)];
    all.extend(COUNTIES.iter().map(|county| {
        let name = match language {
            Language::En => county.english,
            Language::Ga => county.irish,
        };
        (county_value(county), name)
    }));
    all.push((ELSEWHERE.to_owned(), words.elsewhere));
    all
}

fn where_that_is<G: Html>(cx: Scope, words: &'static Words, nearby: &Nearby) -> View<G> {
    let (text, position) = match nearby {
        Nearby::Unknown => return View::empty(),
        Nearby::Looking => (words.locating.to_owned(), None),
        Nearby::Refused => (words.no_position.to_owned(), None),
        Nearby::Nothing(position) => (words.nothing_nearby.to_owned(), Some(*position)),
        Nearby::Listed(position, km, what) => {
            (format!("{km:.1} km {} {what}", words.away_from), Some(*position))
        }
    };
    let map = position.map_or_else(View::empty, |Position { lat, lon }| {
        let href = format!("https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=18/{lat}/{lon}");
        view! { cx, " " a(href=href, rel="external noopener", target="_blank") { (words.see_on_map) } }
    });
    view! { cx, p(class="note") { bdi { (text) } (map) } }
}

/// What is listed already: to look at instead of sending it twice.
fn listed_already<G: Html>(cx: Scope, language: Language, listed: &[Listed]) -> View<G> {
    if listed.is_empty() {
        return View::empty();
    }
    let words = words(language);
    let items = each(listed.iter().cloned(), |one| {
        let href = language.href(&format!("sessions/{}", one.slug));
        let edit = format!("{}?session={}", language.href(MembersPage::Edit.path()), one.slug);
        let place = format!("{}, {}", one.venue, one.town);
        view! { cx,
            li {
                a(href=href, rel="external") { bdi { (one.title) } } " · " bdi { (place) } " · "
                a(href=edit, rel="external") { (words.change_that) }
            }
        }
    });
    view! { cx, div(class="warning") { p { (words.listed_already) } ul(class="plain") { (items) } } }
}

fn who<G: Html>(cx: Scope, language: Language, session: &SessionForm) -> View<G> {
    let words = words(language);
    let named = language.words();
    let (form, lines) = (&session.form, &session.lines);
    let own = |(value, name): (&str, &'static str)| (value.to_owned(), name);
    let formats = [
        ("open", named.format_open),
        ("by_invitation", named.format_by_invitation),
        ("slow", named.format_slow),
        ("singing", named.format_singing),
        ("beginners", named.format_beginners),
        ("listening", named.format_listening),
    ];
    let levels = [
        ("any", named.level_any),
        ("beginner", named.level_beginner),
        ("intermediate", named.level_intermediate),
        ("advanced", named.level_advanced),
    ];
    let format = Field::new("format", words.format);
    let format = form::choice(cx, language, form, format, formats.map(own).to_vec(), &lines.format);
    let level = Field::new("level", words.level);
    let level = form::choice(cx, language, form, level, levels.map(own).to_vec(), &lines.level);
    view! { cx, div(class="fields") { (format) (level) } }
}

fn more<G: Html>(cx: Scope, language: Language, session: &SessionForm) -> View<G> {
    let words = words(language);
    let (form, lines) = (&session.form, &session.lines);
    let choice = |path, label, options: Vec<(&str, &'static str)>, value| {
        let options = options.into_iter().map(|(value, name)| (value.to_owned(), name)).collect();
        form::choice(cx, language, form, Field::new(path, label), options, value)
    };
    let whether = || vec![("", words.not_known), ("yes", words.yes), ("no", words.no)];
    let step_free = choice("venue.step_free", words.step_free, whether(), &lines.step_free);
    let toilet = choice("venue.accessible_toilet", words.toilet, whether(), &lines.toilet);
    let area = |field, most, value| form::area(cx, language, form, field, most, value);
    let list_chars_max = limits::LINE_CHARS_MAX * limits::LIST_ENTRIES_MAX;
    let description = area(
        Field::new("description", words.about_it).hint(words.about_it_hint),
        limits::DESCRIPTION_CHARS_MAX,
        &lines.description,
    );
    let instruments = Field::new("instruments", words.instruments).hint(words.instruments_hint);
    let typed = Typed::text(list_chars_max);
    let instruments = form::line(cx, language, form, instruments, typed, &lines.instruments);
    let tunes = Field::new("tunes", words.tunes).hint(words.one_a_line);
    let tunes = area(tunes, list_chars_max, &lines.tunes);
    let links = Field::new("links", words.links).hint(words.links_hint);
    let links = area(links, list_chars_max, &lines.links);
    let status = match session.purpose {
        Purpose::Submit => View::empty(),
        Purpose::Edit => {
            let all = vec![
                ("", words.status_as_is),
                ("live", words.status_live),
                ("paused", words.status_paused),
                ("ended", words.status_ended),
            ];
            choice("status", words.status, all, &lines.status)
        }
    };
    view! { cx,
        div(class="stack") {
            (status)
            (description)
            div(class="fields") { (step_free) (toilet) }
            (instruments)
            (tunes)
            (links)
        }
    }
}

/// What is sent of a new session.
fn submission(session: SessionDraft, photos: Vec<PhotoId>) -> SubmitSession {
    SubmitSession { session, photos }
}

fn locate(session: &SessionForm) {
    #[cfg(client)]
    client::locate(session);
    #[cfg(engine)]
    let _ = session;
}

fn send(session: &SessionForm, language: Language) {
    #[cfg(client)]
    client::send(session, language);
    #[cfg(engine)]
    let _ = (session, language);
}

#[cfg(client)]
mod client {
    use std::{cell::Cell, rc::Rc};

    use perseus::prelude::navigate;
    use seisiun_contracts::api::{EditSession, SessionView};
    use seisiun_domain::{change::Facts, geo::Position, session::SessionDraft};
    use serde::Deserialize;
    use sycamore::prelude::*;
    use wasm_bindgen::{JsCast, closure::Closure};
    use wasm_bindgen_futures::spawn_local;

    use super::{
        Draft, Listed, Nearby, Purpose, SessionForm, Text, read as read_choice, submission, written,
    };
    use crate::{
        Language, MembersPage,
        client::{language, window},
        members::{
            api::{Ask, pause, read},
            asked, draft,
            form::{Said, focus_on_problem},
            photos,
            schedule::{Plain, Schedule},
            today,
            trouble::Trouble,
            words,
        },
        zone,
    };

    /// Milliseconds without typing after which it is looked up.
    const QUIET_MS: i32 = 600;
    /// Milliseconds after which a lost connection, or a photo, is asked for again.
    const AGAIN_MS: i32 = 2_000;
    /// Kilometres around a position in which something is near.
    const NEAR_KM: u8 = 20;
    /// Milliseconds that the browser may take to find out where it is.
    const POSITION_PATIENCE_MS: u32 = 15_000;

    /// The name of this form's draft.
    fn name(session: &SessionForm) -> String {
        match session.purpose {
            Purpose::Submit => "submit".into(),
            Purpose::Edit => format!("edit-{}", asked("session").unwrap_or_default()),
        }
    }

    /// Once the elements were taken over: brings back the draft, or the session
    /// that is to change, and from then on keeps and looks up what is typed.
    pub(super) fn begin(cx: Scope, session: &SessionForm) {
        let alive = create_rc_signal(false);
        keep(cx, session, &alive);
        look_up(cx, session, &alive);
        let session = session.clone();
        spawn_local(async move {
            session.today.set(today());
            if let Some(draft) = draft::kept::<Draft>(&name(&session)) {
                restore(&session, draft);
                session.form.said.set(Said::Note(words(language()).draft_restored));
            }
            if session.purpose == Purpose::Edit {
                find(&session).await;
            }
            for schedule in session.schedules.get_untracked().iter() {
                schedule.begins(&session.today.get_untracked());
            }
            if session.lines.zone.get_untracked().is_empty() {
                session.lines.zone.set(zone::own().unwrap_or_default());
            }
            alive.set(true);
        });
    }

    fn restore(session: &SessionForm, draft: Draft) {
        session.lines.fill(draft.text);
        session.schedules.set(draft.schedules.into_iter().map(Schedule::new).collect());
        for kept in draft.photos {
            photos::restore(&session.photos, kept);
        }
    }

    /// Fetches the session that is to change. A draft of its changes stays.
    async fn find(session: &SessionForm) {
        let Some(slug) = asked("session") else {
            session.form.said.set(Said::Note(words(language()).edit_which));
            return;
        };
        loop {
            match Ask::get(format!("/api/sessions/{slug}"))
                .openly()
                .await
                .and_then(read::<SessionView>)
            {
                Ok(view) => {
                    let draft = draft::kept::<Draft>(&name(session));
                    if draft.is_none() {
                        session.lines.fill(Text::of(&view.listing));
                        let plain: Vec<_> =
                            view.listing.schedules.iter().filter_map(Plain::of).collect();
                        session.schedules.set(plain.into_iter().map(Schedule::new).collect());
                    }
                    session.found.set(Some(view.listing));
                    return;
                }
                Err(Trouble::Unreachable) => {
                    session.form.said.set(Said::Trouble(Trouble::Unreachable));
                    pause(AGAIN_MS).await;
                }
                Err(trouble) => {
                    session.form.fails(trouble);
                    return;
                }
            }
        }
    }

    /// Keeps the draft whenever something in it changes.
    fn keep(cx: Scope, session: &SessionForm, alive: &RcSignal<bool>) {
        let (session, alive) = (session.clone(), alive.clone());
        let first = Cell::new(true);
        create_effect(cx, move || {
            // All of it is asked for, so that each change of it comes here.
            let draft = session.draft();
            if !*alive.get() {
                return;
            }
            // What was just brought back, or found, is no news.
            if !first.replace(false) {
                draft::keep(&name(&session), &draft);
            }
        });
    }

    /// Looks up what is listed already, and what is near, once nobody types.
    fn look_up(cx: Scope, session: &SessionForm, alive: &RcSignal<bool>) {
        let (session, alive) = (session.clone(), alive.clone());
        let latest = Rc::new(Cell::new(0_u32));
        let asked_for = Rc::new(Cell::new(None::<Position>));
        create_effect(cx, move || {
            let title = (*session.lines.title.get()).clone();
            let position =
                Text { position: (*session.lines.position.get()).clone(), ..Text::default() }
                    .position();
            if !*alive.get() {
                return;
            }
            let turn = latest.get().wrapping_add(1);
            latest.set(turn);
            let (session, latest) = (session.clone(), Rc::clone(&latest));
            let asked_for = Rc::clone(&asked_for);
            spawn_local(async move {
                pause(QUIET_MS).await;
                if latest.get() != turn {
                    return;
                }
                let Some(position) = position else {
                    session.nearby.set(Nearby::Unknown);
                    session.duplicates.set(Vec::new());
                    asked_for.set(None);
                    return;
                };
                if asked_for.replace(Some(position)) != Some(position) {
                    session.nearby.set(nearest(position).await);
                }
                if session.purpose == Purpose::Submit && !title.trim().is_empty() {
                    let found = duplicates(&title, position).await;
                    if latest.get() == turn {
                        session.duplicates.set(found);
                    }
                }
            });
        });
    }

    /// What is listed already; nothing if it can't be asked: the API looks again.
    async fn duplicates(title: &str, Position { lat, lon }: Position) -> Vec<Listed> {
        #[derive(Deserialize)]
        struct Answer {
            sessions: Vec<Listed>,
        }
        let title = String::from(js_sys::encode_uri_component(title.trim()));
        let path = format!("/api/duplicates?title={title}&lat={lat}&lon={lon}");
        let answer = Ask::get(path).openly().await.and_then(read::<Answer>);
        answer.map(|answer| answer.sessions).unwrap_or_default()
    }

    /// The nearest session that is listed: a hint of where a position is.
    async fn nearest(position: Position) -> Nearby {
        #[derive(Deserialize)]
        struct Answer {
            sessions: Vec<Near>,
        }
        #[derive(Deserialize)]
        struct Near {
            venue: String,
            town: String,
            #[serde(default)]
            distance_km: Option<f64>,
        }
        let Position { lat, lon } = position;
        let path = format!("/api/sessions?lat={lat}&lon={lon}&radius_km={NEAR_KM}");
        let Ok(answer) = Ask::get(path).openly().await.and_then(read::<Answer>) else {
            return Nearby::Unknown;
        };
        let nearest = answer
            .sessions
            .into_iter()
            .filter_map(|near| Some((near.distance_km?, format!("{}, {}", near.venue, near.town))))
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        match nearest {
            Some((km, what)) => Nearby::Listed(position, km, what),
            None => Nearby::Nothing(position),
        }
    }

    /// Asks the browser where it is: for who stands in the place.
    pub(super) fn locate(session: &SessionForm) {
        let Ok(geolocation) = window().navigator().geolocation() else {
            session.nearby.set(Nearby::Refused);
            return;
        };
        session.nearby.set(Nearby::Looking);
        let found = {
            let position = session.lines.position.clone();
            Closure::once_into_js(move |at: web_sys::Position| {
                let (lat, lon) = (at.coords().latitude(), at.coords().longitude());
                // To a metre: what the phone knows is no finer.
                let metre = |degrees: f64| (degrees * 1e5).round() / 1e5;
                position.set(written(Position { lat: metre(lat), lon: metre(lon) }));
            })
        };
        let refused = {
            let nearby = session.nearby.clone();
            Closure::once_into_js(move || nearby.set(Nearby::Refused))
        };
        let options = web_sys::PositionOptions::new();
        options.set_enable_high_accuracy(true);
        options.set_timeout(POSITION_PATIENCE_MS);
        let asked = geolocation.get_current_position_with_error_callback_and_options(
            found.unchecked_ref(),
            Some(refused.unchecked_ref()),
            &options,
        );
        if asked.is_err() {
            session.nearby.set(Nearby::Refused);
        }
    }

    pub(super) fn send(session: &SessionForm, language: Language) {
        let words = words(language);
        session.form.clear();
        let Draft { text, schedules, .. } = session.draft();
        match text.session(&schedules) {
            Ok(wanted) => {
                session.form.busy.set(true);
                session.form.said.set(Said::Note(words.under_way));
                let session = session.clone();
                let status = text.status;
                spawn_local(async move { deliver(&session, wanted, &status, language).await });
            }
            Err(problems) => {
                session.form.said.set(Said::Note(words.not_in_order));
                session.form.problems.set(problems);
                focus_on_problem();
            }
        }
    }

    /// Waits for the photos, and sends.
    async fn deliver(
        session: &SessionForm,
        wanted: SessionDraft,
        status: &str,
        language: Language,
    ) {
        let words = words(language);
        let Some(ids) = photos::uploaded(&session.photos).await else {
            session.form.busy.set(false);
            session.form.said.set(Said::Note(words.photos_in_the_way));
            return;
        };
        let name = name(session);
        let (path, body) = match session.purpose {
            Purpose::Submit => {
                ("/api/sessions".to_owned(), serde_json::to_string(&submission(wanted, ids)))
            }
            Purpose::Edit => {
                let Some(found) = (*session.found.get_untracked()).clone() else {
                    session.form.fails(Trouble::Unclear);
                    return;
                };
                let changes = changes(&found, wanted, status);
                if changes == Facts::default() && ids.is_empty() {
                    session.form.busy.set(false);
                    session.form.said.set(Said::Note(words.nothing_changed));
                    return;
                }
                let slug = asked("session").unwrap_or_default();
                let body = serde_json::to_string(&EditSession { changes, photos: ids });
                (format!("/api/sessions/{slug}/edits"), body)
            }
        };
        let Ok(body) = body else {
            session.form.fails(Trouble::Unclear);
            return;
        };
        if let Err(trouble) = draft::deliver(&name, &path, &body, &session.form, language).await {
            session.form.fails(trouble);
            focus_on_problem();
            return;
        }
        for photo in session.photos.get_untracked().iter() {
            photos::forget_one(&photo.key);
        }
        navigate(&language.href(MembersPage::Mine.path()));
    }

    /// The facts that are other than they were found.
    fn changes(found: &SessionDraft, wanted: SessionDraft, status: &str) -> Facts {
        fn other<T: PartialEq>(found: &T, wanted: T) -> Option<T> {
            (*found != wanted).then_some(wanted)
        }
        Facts {
            title: other(&found.title, wanted.title),
            venue: other(&found.venue, wanted.venue),
            format: other(&found.format, wanted.format),
            level: other(&found.level, wanted.level),
            schedules: other(&found.schedules, wanted.schedules),
            description: other(&found.description, wanted.description),
            instruments: other(&found.instruments, wanted.instruments),
            tunes: other(&found.tunes, wanted.tunes),
            links: other(&found.links, wanted.links),
            status: read_choice(status),
        }
    }
}

#[cfg(test)]
mod tests {
    use seisiun_domain::samples;

    use super::*;

    #[test]
    fn a_session_in_the_form_is_the_session() {
        let session = samples::session();
        let schedules: Vec<_> = session.schedules.iter().filter_map(Plain::of).collect();
        assert_eq!(Text::of(&session).session(&schedules).unwrap(), session);
    }

    #[test]
    fn an_empty_form_says_all_that_it_lacks() {
        let problems = Text::default().session(&[Plain::default()]).unwrap_err();
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "title",
                "venue.name",
                "venue.address",
                "venue.town",
                "venue.county",
                "venue.country",
                "venue.position",
                "schedules[0].starts",
                "schedules[0].from"
            ]
        );
    }

    #[test]
    fn a_position_is_read_as_maps_write_it() {
        for (text, read) in [
            ("52.9367, -9.3441", Some((52.9367, -9.3441))),
            (" 52.9367 -9.3441 ", Some((52.9367, -9.3441))),
            ("52.9367°;-9.3441°", Some((52.9367, -9.3441))),
            ("91, 0", None),
            ("52.9", None),
            ("52.9, -9.3, 17", None),
            ("Ennis", None),
            ("", None),
        ] {
            let typed = Text { position: text.into(), ..Text::default() };
            assert_eq!(typed.position().map(|at| (at.lat, at.lon)), read, "{text:?}");
        }
    }

    #[test]
    fn the_zone_follows_the_county() {
        let in_county = |county: &str| Text {
            county: county.into(),
            zone: "America/New_York".into(),
            other_country: "IE".into(),
            ..Text::default()
        };
        assert_eq!(in_county("ie/clare").zone(), "Europe/Dublin");
        assert_eq!(in_county("gb/derry").zone(), "Europe/London");
        assert_eq!(in_county(ELSEWHERE).zone(), "America/New_York");
    }
}
