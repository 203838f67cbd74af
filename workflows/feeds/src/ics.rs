//! iCalendar files: of a session, by its rules; of an area, date by date.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, ZonedDateTime, civil::Date, tz::TimeZone};
use seisiun_domain::{
    calendar::{Calendar, Change, Gathering},
    card::Card,
    geo::Position,
    limits,
    schedule::{Recurrence, Schedule},
    session::{Session, Status},
};

use crate::{
    Site,
    content_line::Lines,
    vtimezone::{self, end_of, utc, weekday},
};

/// Who makes these files.
const PRODUCT: &str = "-//Seisiún//Sessions//EN";

/// The calendar of a session: each schedule an event with its rule, cancelled
/// dates taken out of it, others in the place of theirs, extra ones beside it.
#[must_use]
pub fn session_ics(session: &Session, site: &Site) -> String {
    // What is withdrawn leaves the calendars that subscribe, and nothing of what
    // it said.
    let redacted;
    let session = if session.is_listed() {
        session
    } else {
        redacted = redact(session);
        &redacted
    };
    let calendar = session.calendar();
    let mut lines = begin(&session.listing.title, &site.page(&session.slug));
    let zones = calendar.schedules().iter().filter_map(|schedule| {
        let first = schedule.first()?;
        Some((schedule.zone().clone(), first))
    });
    write_zones(&mut lines, zones);
    let venue = &session.listing.venue;
    let event = Event {
        title: &session.listing.title,
        place: [&venue.name, &venue.address, &venue.town, &venue.county]
            .map(String::as_str)
            .join(", "),
        position: session.is_listed().then_some(venue.position),
        about: &session.listing.description,
        page: site.page(&session.slug),
        stamp: session.changed_at.unwrap_or(session.published_at),
        sequence: session.sequence,
        ended: session.status != Status::Live,
    };
    for (n, schedule) in calendar.schedules().iter().enumerate() {
        let Some(first) = schedule.first().and_then(|date| schedule.starts_on(date)) else {
            continue;
        };
        let uid = site.uid(session.id, &format!("-{n}"));
        let minutes = schedule.duration_minutes();
        event.write(&mut lines, &uid, &first, minutes, None, |lines| {
            lines.raw("RRULE", &rule(schedule));
            let off = calendar.exceptions().iter().filter(|one| one.schedule == n);
            for one in off.filter(|one| one.change == Change::Cancelled) {
                if let Some(usual) = schedule.starts_on(one.date) {
                    lines.raw(&zoned("EXDATE", &usual), &local(&usual));
                }
            }
        });
    }
    for gathering in differing(&calendar) {
        let (uid, usual) = match &gathering.usual_start {
            Some(usual) => {
                (site.uid(session.id, &format!("-{}", gathering.schedule)), Some(usual.clone()))
            }
            None => (site.uid(session.id, &extra_part(&gathering)), None),
        };
        let instead = gathering.place.clone().map(|place| format!("{place} ({})", event.place));
        let event =
            Event { place: instead.unwrap_or_else(|| event.place.clone()), ..event.clone() };
        let minutes = gathering.duration_minutes;
        event.write(
            &mut lines,
            &uid,
            &gathering.starts,
            minutes,
            Some(&gathering.reason),
            |lines| {
                if let Some(usual) = usual {
                    lines.raw(&zoned("RECURRENCE-ID", &usual), &local(&usual));
                }
            },
        );
    }
    lines.end("VCALENDAR");
    lines.finish()
}

/// The dates of a session and nothing else of it.
fn redact(session: &Session) -> Session {
    let mut redacted = Session { exceptions: Vec::new(), ..session.clone() };
    redacted.listing.title = "Not listed any more".into();
    redacted.listing.description.clear();
    redacted
}

/// The calendar of an area: the dates of its live sessions in the coming
/// [`limits::FEED_DAYS`] days, cancelled ones marked so, at most
/// [`limits::FEED_DATES_MAX`].
#[must_use]
pub fn area_ics(name: &str, cards: &[Card], now: Timestamp, site: &Site) -> String {
    let before = now.saturating_add((24 * limits::FEED_DAYS).hours()).unwrap_or(now);
    let live = cards.iter().filter(|card| card.status == Status::Live);
    let mut dates: Vec<(Gathering, &Card)> = live
        .flat_map(|card| {
            let dates = card.calendar().between(now, before, limits::FEED_DATES_MAX);
            dates.into_iter().map(move |date| (date, card))
        })
        .collect();
    dates.sort_by_key(|(date, card)| (date.starts.timestamp(), card.id));
    dates.truncate(limits::FEED_DATES_MAX);

    let mut lines = begin(name, &site.url("/"));
    // Calendars that subscribe ask again so often.
    lines.raw("REFRESH-INTERVAL;VALUE=DURATION", "PT12H");
    let zones = dates.iter().map(|(date, _)| (date.starts.time_zone().clone(), date.starts.date()));
    write_zones(&mut lines, zones);
    for (date, card) in &dates {
        let usual = date.usual_start.as_ref();
        let part = usual.map_or_else(
            || extra_part(date),
            |usual| format!("-{}-{}", date.schedule, usual.strftime("%Y%m%d")),
        );
        let place = [&card.venue, &card.town, &card.county].map(String::as_str).join(", ");
        let event = Event {
            title: &card.title,
            place: match &date.place {
                Some(instead) => format!("{instead} ({place})"),
                None => place,
            },
            position: Some(card.position),
            about: "",
            page: site.page(&card.slug),
            stamp: card.last_verified_at,
            sequence: card.sequence,
            ended: !date.is_on(),
        };
        let uid = site.uid(card.id, &part);
        let (starts, minutes) = (&date.starts, date.duration_minutes);
        event.write(&mut lines, &uid, starts, minutes, Some(&date.reason), |_| {});
    }
    lines.end("VCALENDAR");
    lines.finish()
}

/// What every date of a session has.
#[derive(Clone)]
struct Event<'a> {
    title: &'a str,
    place: String,
    position: Option<Position>,
    about: &'a str,
    page: String,
    stamp: Timestamp,
    sequence: u32,
    /// Off for good, or off on this date.
    ended: bool,
}

impl Event<'_> {
    fn write(
        &self,
        lines: &mut Lines,
        uid: &str,
        starts: &ZonedDateTime,
        minutes: u16,
        reason: Option<&str>,
        more: impl FnOnce(&mut Lines),
    ) {
        lines.begin("VEVENT");
        lines.raw("UID", uid);
        lines.raw("DTSTAMP", &utc(self.stamp));
        lines.raw("SEQUENCE", &self.sequence.to_string());
        lines.raw(&zoned("DTSTART", starts), &local(starts));
        lines.raw("DURATION", &format!("PT{minutes}M"));
        more(lines);
        lines.raw("STATUS", if self.ended { "CANCELLED" } else { "CONFIRMED" });
        lines.text("SUMMARY", self.title);
        if let Some(Position { lat, lon }) = self.position {
            lines.text("LOCATION", &self.place);
            lines.raw("GEO", &format!("{lat};{lon}"));
        }
        let about: Vec<&str> =
            reason.into_iter().chain([self.about]).filter(|text| !text.is_empty()).collect();
        if !about.is_empty() {
            lines.text("DESCRIPTION", &about.join("\n\n"));
        }
        lines.raw("URL", &self.page);
        lines.raw("TRANSP", "TRANSPARENT");
        lines.end("VEVENT");
    }
}

fn begin(name: &str, page: &str) -> Lines {
    let mut lines = Lines::default();
    lines.begin("VCALENDAR");
    lines.raw("VERSION", "2.0");
    lines.text("PRODID", PRODUCT);
    lines.raw("CALSCALE", "GREGORIAN");
    lines.raw("METHOD", "PUBLISH");
    lines.text("NAME", name);
    lines.text("X-WR-CALNAME", name);
    lines.raw("URL", page);
    lines
}

/// Each zone once, from the first date in it on.
fn write_zones(lines: &mut Lines, dates: impl Iterator<Item = (TimeZone, Date)>) {
    let mut zones: BTreeMap<String, (TimeZone, Date)> = BTreeMap::new();
    for (zone, date) in dates {
        let name = zone.iana_name().unwrap_or("UTC").to_owned();
        let known = zones.entry(name).or_insert((zone, date));
        known.1 = known.1.min(date);
    }
    for (zone, since) in zones.values() {
        vtimezone::write(lines, zone, *since);
    }
}

/// The dates that have an event of their own beside their schedule's.
fn differing(calendar: &Calendar) -> Vec<Gathering> {
    // All of them, however long ago: they are few.
    let all = calendar.differing();
    all.into_iter().filter(Gathering::is_on).collect()
}

/// What sets an extra date apart from others of the session.
fn extra_part(gathering: &Gathering) -> String {
    format!("-{}-extra-{}", gathering.schedule, gathering.starts.strftime("%Y%m%d"))
}

fn rule(schedule: &Schedule) -> String {
    let mut rule = match schedule.recurrence() {
        Recurrence::Weekly { weeks, day } => {
            format!("FREQ=WEEKLY;INTERVAL={weeks};BYDAY={}", weekday(day))
        }
        Recurrence::Monthly { nth, day } => format!("FREQ=MONTHLY;BYDAY={nth}{}", weekday(day)),
    };
    if let Some(until) = schedule.until().and_then(|until| end_of(until, schedule.zone())) {
        rule.push_str(&format!(";UNTIL={until}"));
    }
    rule
}

/// A property whose value is in the zone of this time.
fn zoned(property: &str, at: &ZonedDateTime) -> String {
    format!("{property};TZID={}", at.time_zone().iana_name().unwrap_or("UTC"))
}

fn local(at: &ZonedDateTime) -> String {
    at.strftime("%Y%m%dT%H%M%S").to_string()
}
