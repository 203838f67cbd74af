//! Structured data (schema.org): the next dates of a session as `MusicEvent`,
//! each part of the `EventSeries` that the session is.

use jiff::{Timestamp, ZonedDateTime};
use seisiun_domain::{
    calendar::{Gathering, Standing},
    limits,
    schedule::{Recurrence, Schedule},
    session::{Session, Status},
};
use serde_json::{Value, json};

use crate::{Site, vtimezone::weekday};

/// The session's structured data, to stand inside a page's `<script
/// type="application/ld+json">`: no text in it can end the script.
#[must_use]
pub fn session_json_ld(session: &Session, now: Timestamp, site: &Site) -> String {
    let listing = &session.listing;
    let page = site.page(&session.slug);
    let series_id = format!("{page}#series");
    let calendar = session.calendar();
    let live = session.status == Status::Live;
    let dates =
        if live { calendar.next_with_cancelled(now, limits::NEXT_DATES) } else { Vec::new() };
    let venue = &listing.venue;
    let location = json!({
        "@type": "Place",
        "name": venue.name,
        "address": {
            "@type": "PostalAddress",
            "streetAddress": venue.address,
            "addressLocality": venue.town,
            "addressRegion": venue.county,
            "addressCountry": venue.country,
        },
        "geo": {
            "@type": "GeoCoordinates",
            "latitude": venue.position.lat,
            "longitude": venue.position.lon,
        },
    });
    let schedules: Vec<Value> = calendar.schedules().iter().map(schedule).collect();
    let mut graph = vec![json!({
        "@type": "EventSeries",
        "@id": series_id,
        "name": listing.title,
        "description": listing.description,
        "url": page,
        "location": location,
        "eventSchedule": schedules,
    })];
    graph.extend(dates.iter().map(|date| {
        let mut event = json!({
            "@type": "MusicEvent",
            "name": listing.title,
            "startDate": instant(&date.starts),
            "endDate": instant(&date.ends()),
            "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
            "eventStatus": status(date),
            "location": location,
            "url": page,
            "superEvent": { "@id": series_id },
        });
        if let Some(usual) = date.usual_start.as_ref().filter(|usual| **usual != date.starts) {
            event["previousStartDate"] = instant(usual).into();
        }
        if let Some(place) = &date.place {
            event["location"]["name"] = format!("{place} ({})", venue.name).into();
        }
        event
    }));
    let text = json!({ "@context": "https://schema.org", "@graph": graph }).to_string();
    // Inert in HTML: no tag begins, no script ends.
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn status(date: &Gathering) -> &'static str {
    match date.standing {
        Standing::Cancelled => "https://schema.org/EventCancelled",
        Standing::Moved | Standing::Retimed => "https://schema.org/EventRescheduled",
        Standing::AsUsual | Standing::Extra => "https://schema.org/EventScheduled",
    }
}

fn schedule(schedule: &Schedule) -> Value {
    let mut value = json!({
        "@type": "Schedule",
        "startTime": schedule.starts().strftime("%H:%M:%S").to_string(),
        "duration": format!("PT{}M", schedule.duration_minutes()),
        "scheduleTimezone": schedule.zone().iana_name().unwrap_or("UTC"),
    });
    match schedule.recurrence() {
        Recurrence::Weekly { weeks, day } => {
            value["repeatFrequency"] = format!("P{weeks}W").into();
            value["byDay"] = weekday(day).into();
        }
        Recurrence::Monthly { nth, day } => {
            value["repeatFrequency"] = "P1M".into();
            value["byDay"] = format!("{nth}{}", weekday(day)).into();
        }
    }
    if let Some(first) = schedule.first() {
        value["startDate"] = first.to_string().into();
    }
    if let Some(until) = schedule.until() {
        value["endDate"] = until.to_string().into();
    }
    value
}

fn instant(at: &ZonedDateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use seisiun_domain::samples;

    use super::*;

    #[test]
    fn dates_have_what_search_engines_ask_for_and_no_text_leaves_its_script() {
        let site = Site::at("https://seisiun.example").unwrap();
        let mut session = samples::listed();
        session.listing.title = "</script><script>alert(1)</script> & more".into();
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let text = session_json_ld(&session, now, &site);
        assert!(!text.contains(['<', '>', '&']), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        let events: Vec<&Value> = value["@graph"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["@type"] == "MusicEvent")
            .collect();
        assert_eq!(events.len(), limits::NEXT_DATES);
        for event in events {
            assert_eq!(event["name"], session.listing.title);
            assert!(event["startDate"].as_str().unwrap().parse::<Timestamp>().is_ok());
            assert_eq!(event["location"]["@type"], "Place");
            assert!(event["location"]["address"]["addressLocality"].is_string());
            assert_eq!(event["superEvent"]["@id"], value["@graph"][0]["@id"]);
        }
    }
}
