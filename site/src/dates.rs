//! Dates and times as the API writes them. They come with their own offset and are
//! shown where they are played, so that no table of zones is needed.

use jiff::civil::{Date, DateTime, Time};

/// The local date and time of an RFC 3339 instant: what stands before its
/// offset. `None` if it is none.
pub(crate) fn local(rfc3339: &str) -> Option<DateTime> {
    let (day, clock) = rfc3339.get(..19)?.split_once('T')?;
    let mut parts = clock.split(':').map(|part| part.parse().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    Some(date(day)?.to_datetime(Time::new(hour, minute, second, 0).ok()?))
}

/// A date as `2026-11-26`. `None` if it is none. (The library's own parser
/// knows much more, and weighs as much as half a page in the browser.)
pub(crate) fn date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `21:30`.
#[cfg(any(engine, not(feature = "members")))]
pub(crate) fn time(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_said_where_it_is_played() {
        let at = local("2026-11-26T21:30:00+00:00").unwrap();
        assert_eq!(at.date(), date("2026-11-26").unwrap());
        assert_eq!(time(at), "21:30");
        for no_date in ["", "2026-11-26", "Thursday, the 26th of November", "2026-13-01T00:00:00Z"]
        {
            assert_eq!(local(no_date), None, "{no_date:?}");
        }
    }
}
