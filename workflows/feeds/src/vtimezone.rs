//! VTIMEZONE components (RFC 5545, 3.6.5): the rules of a zone, for programs
//! that do not know it by its name.

use std::collections::BTreeMap;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday, date},
    tz::{Offset, TimeZone},
};

use crate::content_line::Lines;

/// Years whose clock changes are looked at for a rule.
const YEARS: i16 = 8;

/// A change of the clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    /// Local time just before it, by the clock that is put right.
    at: DateTime,
    from: Offset,
    to: Offset,
}

/// Writes the zone as it is from the year of `since` on.
pub(crate) fn write(lines: &mut Lines, zone: &TimeZone, since: Date) {
    let name = zone.iana_name().unwrap_or("UTC");
    // Rules of the last century are not those of today, and nobody plays then.
    let year = since.year().clamp(2008, 9000);
    let start = date(year, 1, 1).at(0, 0, 0, 0).to_zoned_datetime(zone.clone());
    let start = start.map_or(Timestamp::UNIX_EPOCH, |start| start.timestamp());
    lines.begin("VTIMEZONE");
    lines.raw("TZID", name);
    let offset = zone.to_offset(start);
    observance(lines, "STANDARD", date(1970, 1, 1).at(0, 0, 0, 0), offset, offset, None);
    for changes in by_kind(zone, start, year) {
        let Some(first) = changes.first() else { continue };
        let kind = if first.to > first.from { "DAYLIGHT" } else { "STANDARD" };
        match yearly(&changes, year) {
            Some(rule) => {
                observance(lines, kind, first.at, first.from, first.to, Some(&rule));
            }
            // No rule that holds: each change by itself.
            None => {
                for change in &changes {
                    observance(lines, kind, change.at, change.from, change.to, None);
                }
            }
        }
    }
    lines.end("VTIMEZONE");
}

/// The changes of some years, those to summer time and those from it apart.
fn by_kind(zone: &TimeZone, start: Timestamp, year: i16) -> Vec<Vec<Change>> {
    let mut before = zone.to_offset(start);
    let mut kinds: BTreeMap<(i32, i32), Vec<Change>> = BTreeMap::new();
    for transition in zone.following(start) {
        let at = before.to_datetime(transition.timestamp());
        if at.year() >= year.saturating_add(YEARS) {
            break;
        }
        let to = transition.offset();
        if to != before {
            let change = Change { at, from: before, to };
            kinds.entry((before.seconds(), to.seconds())).or_default().push(change);
        }
        before = to;
    }
    kinds.into_values().collect()
}

/// The yearly rule that these changes follow, if there is one.
fn yearly(changes: &[Change], year: i16) -> Option<String> {
    let first = changes.first()?;
    let each_year = changes.len() == usize::try_from(YEARS).ok()?
        && changes.iter().zip(year..).all(|(change, year)| change.at.year() == year);
    let alike = changes.iter().all(|change| {
        change.at.month() == first.at.month()
            && change.at.weekday() == first.at.weekday()
            && change.at.time() == first.at.time()
    });
    if !each_year || !alike {
        return None;
    }
    let is_last = |change: &Change| change.at.day() + 7 > change.at.days_in_month();
    let nth = |change: &Change| (change.at.day() - 1) / 7 + 1;
    let which = if changes.iter().all(is_last) {
        "-1".to_owned()
    } else if changes.iter().all(|change| nth(change) == nth(first)) {
        nth(first).to_string()
    } else {
        return None;
    };
    let day = weekday(first.at.weekday());
    Some(format!("FREQ=YEARLY;BYMONTH={};BYDAY={which}{day}", first.at.month()))
}

fn observance(
    lines: &mut Lines,
    kind: &str,
    at: DateTime,
    from: Offset,
    to: Offset,
    rule: Option<&str>,
) {
    lines.begin(kind);
    lines.raw("DTSTART", &at.strftime("%Y%m%dT%H%M%S").to_string());
    lines.raw("TZOFFSETFROM", &offset(from));
    lines.raw("TZOFFSETTO", &offset(to));
    if let Some(rule) = rule {
        lines.raw("RRULE", rule);
    }
    lines.end(kind);
}

fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
}

/// The two letters of a weekday.
pub(crate) fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}

/// A moment in UTC, as `DTSTAMP` has it.
pub(crate) fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The last moment of a local date, in UTC: RRULE's UNTIL.
pub(crate) fn end_of(day: Date, zone: &TimeZone) -> Option<String> {
    let next = day.checked_add(1.day()).ok()?.at(0, 0, 0, 0);
    let end = next.to_zoned_datetime(zone.clone()).ok()?.timestamp();
    end.checked_sub(1.second()).ok().map(utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(zone: &str) -> String {
        let mut lines = Lines::default();
        write(&mut lines, &TimeZone::get(zone).unwrap(), date(2026, 1, 1));
        lines.finish()
    }

    #[test]
    fn zones_have_the_rules_that_are_known_of_them() {
        for (zone, rules) in [
            (
                "Europe/Dublin",
                &["FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"][..],
            ),
            (
                "America/New_York",
                &["FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"],
            ),
            ("Asia/Tokyo", &[]),
            ("UTC", &[]),
        ] {
            let text = written(zone);
            for rule in rules {
                assert!(text.contains(rule), "{zone}: {text}");
            }
            assert_eq!(text.matches("RRULE").count(), rules.len(), "{zone}: {text}");
            assert_eq!(text.matches("BEGIN:").count(), text.matches("END:").count());
        }
        let dublin = written("Europe/Dublin");
        assert!(
            dublin.contains("DTSTART:20260329T010000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100")
        );
        assert!(
            dublin.contains("DTSTART:20261025T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0000")
        );
        // Summer time that follows the moon has no yearly rule.
        assert!(written("Africa/Casablanca").matches("BEGIN:STANDARD").count() > 2);
    }
}
