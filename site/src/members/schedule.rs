//! When a session is on, as people say it: a weekday, how often, from when to
//! when. Its next dates are counted by the domain's own calendar, without zones:
//! a date is a date where it is played.

use jiff::civil::{Date, Weekday};
use seisiun_domain::{
    dates::{day, weekdays},
    schedule::{Recurrence, ScheduleDraft},
};
use serde::{Deserialize, Serialize};
use sycamore::{prelude::*, rt::Event};

use super::{
    form::{self, Field, Form, Typed},
    words,
    words::Words,
};
use crate::{Language, dates, view::each};

/// Next dates that are shown.
const DATES_SHOWN: usize = 4;
/// Minutes that a session lasts, to choose from.
const LENGTHS: [u16; 8] = [60, 90, 120, 150, 180, 210, 240, 300];
/// The value of [`Plain::every`] for what is on once.
const ONCE: &str = "once";

/// A schedule as it is typed and kept in a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plain {
    /// `1` to `12` weeks; `m1` to `m4`, `m-1` of the month; `once`.
    pub(super) every: String,
    /// 0 for Monday to 6.
    pub(super) day: String,
    /// `2026-11-26`: the date, or since when.
    pub(super) from: String,
    /// Until when, or nothing.
    pub(super) until: String,
    /// `21:30`.
    pub(super) starts: String,
    /// Minutes.
    pub(super) minutes: String,
}

impl Default for Plain {
    fn default() -> Self {
        Self {
            every: "1".into(),
            day: "3".into(),
            from: String::new(),
            until: String::new(),
            starts: String::new(),
            minutes: "150".into(),
        }
    }
}

impl Plain {
    /// As it is typed; `None` for one that this form cannot show.
    pub(super) fn of(draft: &ScheduleDraft) -> Option<Self> {
        let recurrence = Recurrence::parse(&draft.rrule).ok()?;
        let from = dates::date(&draft.from)?;
        let is_once = draft.until.as_ref() == Some(&draft.from)
            && recurrence.first_on_or_after(from, from) == Some(from);
        let (every, day) = match recurrence {
            Recurrence::Weekly { day, .. } | Recurrence::Monthly { day, .. } if is_once => {
                (ONCE.to_owned(), day)
            }
            Recurrence::Weekly { weeks, day } => (weeks.to_string(), day),
            Recurrence::Monthly { nth, day } => (format!("m{nth}"), day),
        };
        Some(Self {
            every,
            day: day.to_monday_zero_offset().to_string(),
            from: draft.from.clone(),
            until: if is_once { String::new() } else { draft.until.clone().unwrap_or_default() },
            starts: draft.starts.clone(),
            minutes: draft.duration_minutes.to_string(),
        })
    }

    /// How it repeats.
    fn recurrence(&self) -> Option<Recurrence> {
        if self.every == ONCE {
            let day = dates::date(&self.from)?.weekday();
            return Some(Recurrence::Weekly { weeks: 1, day });
        }
        let day = Weekday::from_monday_zero_offset(self.day.parse().ok()?).ok()?;
        match self.every.strip_prefix('m') {
            Some(nth) => Some(Recurrence::Monthly { nth: nth.parse().ok()?, day }),
            None => Some(Recurrence::Weekly { weeks: self.every.parse().ok()?, day }),
        }
    }

    /// As the API wants it. What is missing is empty, for the API's own checks.
    pub(super) fn draft(&self, zone: &str) -> ScheduleDraft {
        let until = if self.every == ONCE { &self.from } else { &self.until };
        ScheduleDraft {
            starts: self.starts.get(..5).unwrap_or(&self.starts).to_owned(),
            duration_minutes: self.minutes.parse().unwrap_or_default(),
            zone: zone.to_owned(),
            rrule: self.recurrence().map_or_else(String::new, Recurrence::rrule),
            from: self.from.clone(),
            until: Some(until.clone()).filter(|until| !until.is_empty()),
        }
    }

    /// Its next dates from `today` on.
    fn next(&self, today: Date) -> Vec<Date> {
        let (Some(recurrence), Some(from)) = (self.recurrence(), dates::date(&self.from)) else {
            return Vec::new();
        };
        let last = if self.every == ONCE { Some(from) } else { dates::date(&self.until) };
        let mut found = Vec::new();
        let mut after = today.max(from);
        while found.len() < DATES_SHOWN {
            let Some(date) = recurrence.first_on_or_after(from, after) else { break };
            if last.is_some_and(|last| date > last) {
                break;
            }
            found.push(date);
            let Ok(tomorrow) = date.tomorrow() else { break };
            after = tomorrow;
        }
        found
    }

    /// `Every second Thursday at 21:30. Next: Thursday 26 November, …`
    pub(super) fn in_words(&self, today: Option<Date>, language: Language) -> String {
        let words = words(language);
        let Some(recurrence) = self.recurrence() else { return String::new() };
        let mut text = if self.every == ONCE {
            words.only_once.to_owned()
        } else {
            said(recurrence, language)
        };
        if let Some(at) = self.starts.get(..5) {
            text.push_str(&format!(" {} {at}", words.at));
        }
        let Some(today) = today else { return text };
        let next: Vec<_> =
            self.next(today).into_iter().map(|date| day(date, language.into())).collect();
        if next.is_empty() {
            format!("{text}. {}", words.no_date_to_come)
        } else {
            format!("{text}. {} {}", words.next_dates, next.join(", "))
        }
    }
}

/// How something repeats, in words.
fn said(recurrence: Recurrence, language: Language) -> String {
    let index = |day: Weekday| usize::from(day.to_monday_zero_offset().unsigned_abs());
    match (recurrence, language) {
        (Recurrence::Weekly { weeks, day }, Language::En) => {
            let day = ENGLISH[index(day)];
            match weeks {
                1 => format!("Every {day}"),
                2 => format!("Every second {day}"),
                3 => format!("Every third {day}"),
                4 => format!("Every fourth {day}"),
                weeks => format!("Every {weeks} weeks, on a {day}"),
            }
        }
        (Recurrence::Monthly { nth, day }, Language::En) => {
            let which = ["last", "first", "second", "third", "fourth"];
            let which = which[usize::try_from(nth).unwrap_or_default().min(4)];
            format!("The {which} {} of the month", ENGLISH[index(day)])
        }
        (Recurrence::Weekly { weeks, day }, Language::Ga) => {
            let day = IRISH[index(day)].plain;
            match weeks {
                1 => format!("Gach {day}"),
                2 => format!("Gach dara {day}"),
                3 => format!("Gach tríú {day}"),
                4 => format!("Gach ceathrú {day}"),
                weeks => format!("Gach {weeks} seachtain, {day}"),
            }
        }
        (Recurrence::Monthly { nth, day }, Language::Ga) => {
            let day = &IRISH[index(day)];
            match nth {
                1 => format!("An chéad {} den mhí", day.after_first),
                2 => format!("An dara {} den mhí", day.plain),
                3 => format!("An tríú {} den mhí", day.plain),
                4 => format!("An ceathrú {} den mhí", day.plain),
                _ => format!("{} den mhí", day.the_last),
            }
        }
    }
}

const ENGLISH: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A day's name as it stands in Irish.
struct IrishDay {
    plain: &'static str,
    after_first: &'static str,
    the_last: &'static str,
}

const IRISH: [IrishDay; 7] = [
    IrishDay { plain: "Luan", after_first: "Luan", the_last: "An Luan deireanach" },
    IrishDay { plain: "Máirt", after_first: "Mháirt", the_last: "An Mháirt dheireanach" },
    IrishDay {
        plain: "Céadaoin", after_first: "Chéadaoin", the_last: "An Chéadaoin dheireanach"
    },
    IrishDay {
        plain: "Déardaoin", after_first: "Déardaoin", the_last: "An Déardaoin deireanach"
    },
    IrishDay { plain: "Aoine", after_first: "Aoine", the_last: "An Aoine dheireanach" },
    IrishDay { plain: "Satharn", after_first: "Satharn", the_last: "An Satharn deireanach" },
    IrishDay { plain: "Domhnach", after_first: "Domhnach", the_last: "An Domhnach deireanach" },
];

/// A schedule being typed.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    every: RcSignal<String>,
    day: RcSignal<String>,
    from: RcSignal<String>,
    until: RcSignal<String>,
    starts: RcSignal<String>,
    minutes: RcSignal<String>,
}

impl Schedule {
    pub(super) fn new(plain: Plain) -> Self {
        let Plain { every, day, from, until, starts, minutes } = plain;
        let signal = create_rc_signal::<String>;
        Self {
            every: signal(every),
            day: signal(day),
            from: signal(from),
            until: signal(until),
            starts: signal(starts),
            minutes: signal(minutes),
        }
    }

    /// What is typed; whoever asks in an effect is told of changes.
    pub(super) fn plain(&self) -> Plain {
        let text = |signal: &RcSignal<String>| (*signal.get()).clone();
        Plain {
            every: text(&self.every),
            day: text(&self.day),
            from: text(&self.from),
            until: text(&self.until),
            starts: text(&self.starts),
            minutes: text(&self.minutes),
        }
    }

    /// Since today, where nothing was said.
    #[cfg(client)]
    pub(super) fn begins(&self, today: &str) {
        if self.from.get_untracked().is_empty() {
            self.from.set(today.to_owned());
        }
    }
}

/// The fields of the `n`th schedule. `today` is known once the page is alive.
pub(super) fn fields<G: Html>(
    cx: Scope,
    language: Language,
    form: &Form,
    n: usize,
    schedule: &Schedule,
    today: &RcSignal<String>,
) -> View<G> {
    let words = words(language);
    let path = |part: &str| format!("schedules[{n}].{part}");
    let every = Field::new(&path("rrule"), words.how_often);
    let options = with_present(how_often(words), &schedule.every, words);
    let every = form::choice(cx, language, form, every, options, &schedule.every);
    let days = weekdays(language.into());
    let days = days.iter().enumerate().map(|(n, day)| (n.to_string(), *day)).collect();
    // What is wrong with the rule stands beside the first of its two fields.
    let day = Field { path: String::new(), ..Field::new(&path("day"), words.weekday) };
    let day = form::choice(cx, language, form, day, days, &schedule.day);
    let starts = Field::new(&path("starts"), words.starts_at);
    let starts = form::line(cx, language, form, starts, Typed::special("time"), &schedule.starts);
    let minutes = Field::new(&path("duration_minutes"), words.length);
    let options = with_present(lengths(words), &schedule.minutes, words);
    let minutes = form::choice(cx, language, form, minutes, options, &schedule.minutes);
    let from = Field::new(&path("from"), words.from_date).hint(words.from_hint);
    let from = form::line(cx, language, form, from, Typed::special("date"), &schedule.from);
    let until = Field::new(&path("until"), words.until_date).hint(words.until_hint);
    let until = form::line(cx, language, form, until, Typed::special("date"), &schedule.until);
    let once = {
        let every = schedule.every.clone();
        create_memo(cx, move || *every.get() == ONCE)
    };
    let preview = {
        let (schedule, today) = (schedule.clone(), today.clone());
        create_memo(cx, move || schedule.plain().in_words(dates::date(&today.get()), language))
    };
    view! { cx,
        div(class="stack") {
            div(class="fields") {
                (every)
                div(hidden=*once.get()) { (day) }
                (starts)
                (minutes)
                (from)
                div(hidden=*once.get()) { (until) }
            }
            p(class="preview", role="status") { (preview.get()) }
        }
    }
}

/// The options, and what a schedule has that is not among them.
fn with_present(
    mut options: Vec<(String, &'static str)>,
    present: &RcSignal<String>,
    words: &'static Words,
) -> Vec<(String, &'static str)> {
    let present = present.get_untracked();
    if !options.iter().any(|(value, _)| *value == *present) {
        options.push(((*present).clone(), words.as_it_was));
    }
    options
}

fn how_often(words: &'static Words) -> Vec<(String, &'static str)> {
    [
        ("1", words.every_week),
        ("2", words.every_2_weeks),
        ("3", words.every_3_weeks),
        ("4", words.every_4_weeks),
        ("m1", words.monthly_1),
        ("m2", words.monthly_2),
        ("m3", words.monthly_3),
        ("m4", words.monthly_4),
        ("m-1", words.monthly_last),
        (ONCE, words.once),
    ]
    .map(|(value, name)| (value.to_owned(), name))
    .to_vec()
}

fn lengths(words: &'static Words) -> Vec<(String, &'static str)> {
    let names = [
        words.hours_1,
        words.hours_1_half,
        words.hours_2,
        words.hours_2_half,
        words.hours_3,
        words.hours_3_half,
        words.hours_4,
        words.hours_5,
    ];
    LENGTHS.iter().zip(names).map(|(minutes, name)| (minutes.to_string(), name)).collect()
}

/// Draws all schedules of a session, and the way to one more.
pub(super) fn all<G: Html>(
    cx: Scope,
    language: Language,
    form: &Form,
    schedules: &RcSignal<Vec<Schedule>>,
    today: &RcSignal<String>,
) -> View<G> {
    let words = words(language);
    let shown = create_ref(cx, schedules.clone());
    let (form, today) = (form.clone(), today.clone());
    let more = {
        let (schedules, today) = (schedules.clone(), today.clone());
        move |_: Event| {
            let plain = Plain { from: (*today.get()).clone(), ..Plain::default() };
            schedules.modify().push(Schedule::new(plain));
        }
    };
    let fewer = {
        let schedules = schedules.clone();
        move |_: Event| {
            schedules.modify().pop();
        }
    };
    let most = seisiun_domain::limits::SCHEDULES_MAX;
    view! { cx,
        div(class="stack") {
            (each(shown.get().iter().enumerate(), |(n, schedule)| {
                fields(cx, language, &form, n, schedule, &today)
            }))
            div(class="actions") {
                button(type="button", class="quiet", hidden=shown.get().len() >= most, on:click=more) { (words.another_time) }
                button(type="button", class="quiet", hidden=shown.get().len() < 2, on:click=fewer) { (words.one_time_less) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use seisiun_domain::problem::Problems;

    use super::*;

    fn plain(every: &str, from: &str) -> Plain {
        Plain { every: every.into(), from: from.into(), starts: "21:30".into(), ..Plain::default() }
    }

    #[test]
    fn what_people_say_is_what_the_domain_takes() {
        let today = dates::date("2026-11-26");
        for (every, rrule, en, ga) in [
            (
                "1",
                "FREQ=WEEKLY;BYDAY=TH",
                "Every Thursday at 21:30. Next: Thursday 26 November, Thursday 3 December, Thursday 10 December, Thursday 17 December",
                "Gach Déardaoin ag 21:30. Na chéad dátaí eile: Déardaoin 26 Samhain, Déardaoin 3 Nollaig, Déardaoin 10 Nollaig, Déardaoin 17 Nollaig",
            ),
            (
                "2",
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH",
                "Every second Thursday at 21:30. Next: Thursday 26 November, Thursday 10 December, Thursday 24 December, Thursday 7 January",
                "Gach dara Déardaoin ag 21:30. Na chéad dátaí eile: Déardaoin 26 Samhain, Déardaoin 10 Nollaig, Déardaoin 24 Nollaig, Déardaoin 7 Eanáir",
            ),
            (
                "m-1",
                "FREQ=MONTHLY;BYDAY=-1TH",
                "The last Thursday of the month at 21:30. Next: Thursday 26 November, Thursday 31 December, Thursday 28 January, Thursday 25 February",
                "An Déardaoin deireanach den mhí ag 21:30. Na chéad dátaí eile: Déardaoin 26 Samhain, Déardaoin 31 Nollaig, Déardaoin 28 Eanáir, Déardaoin 25 Feabhra",
            ),
            (
                "once",
                "FREQ=WEEKLY;BYDAY=TH",
                "Once at 21:30. Next: Thursday 26 November",
                "Uair amháin ag 21:30. Na chéad dátaí eile: Déardaoin 26 Samhain",
            ),
        ] {
            let plain = plain(every, "2026-11-26");
            let draft = plain.draft("Europe/Dublin");
            assert_eq!(draft.rrule, rrule);
            assert_eq!(plain.in_words(today, Language::En), en);
            assert_eq!(plain.in_words(today, Language::Ga), ga);
            let mut problems = Problems::default();
            let schedule = draft.validate("schedules[0]", &mut problems).unwrap();
            assert_eq!(problems.0, []);
            assert_eq!(schedule.first(), today, "the domain agrees");
            assert_eq!(Plain::of(&draft), Some(plain));
        }
    }

    #[test]
    fn the_next_dates_are_those_of_the_domain() {
        let now: jiff::Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
        for every in ["1", "2", "3", "4", "12", "m1", "m2", "m3", "m4", "m-1"] {
            let plain = plain(every, "2026-01-31");
            let mut problems = Problems::default();
            let schedule =
                plain.draft("Europe/Dublin").validate("schedules[0]", &mut problems).unwrap();
            let today = schedule.date_of(now);
            let theirs: Vec<_> = schedule
                .dates_around(now)
                .filter(|date| *date >= today)
                .take(DATES_SHOWN)
                .collect();
            assert_eq!(plain.next(today), theirs, "{every}");
        }
    }

    #[test]
    fn what_is_over_or_unfinished_has_no_dates() {
        let today = dates::date("2026-11-26").unwrap();
        let over = Plain { until: "2026-11-25".into(), ..plain("1", "2026-01-01") };
        assert!(over.next(today).is_empty());
        assert!(plain("1", "").next(today).is_empty());
        assert!(plain("once", "2026-11-25").next(today).is_empty());
    }
}
