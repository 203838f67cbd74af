//! Invented sessions over real places, as many as one wants: for a stack that
//! looks as it would after some years, and to measure how it then does.
//!
//! The same seed gives the same sessions, and a larger number only more of them.
//! Towns, counties, zones and positions are GeoNames' (`e2e/sample/places`);
//! venues, titles and tunes are put together of words, and any likeness to a
//! real one is chance.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result, bail, ensure};
use seisiun_domain::{
    SessionId,
    geo::Position,
    limits,
    schedule::ScheduleDraft,
    session::{Format, Level, SessionDraft, VenueDraft, is_duplicate},
};
use ulid::Ulid;

/// The gazetteer, compiled in: a run needs no network and no path.
const PLACES: &str = include_str!("../sample/places/places.tsv");

/// How many of a hundred sessions are in each country. What is not here shares
/// the rest.
const SHARES: [(&str, u32); 10] = [
    ("IE", 30),
    ("GB", 23),
    ("US", 22),
    ("CA", 4),
    ("AU", 4),
    ("DE", 3),
    ("FR", 3),
    ("NZ", 1),
    ("NL", 1),
    ("ES", 1),
];
/// Of a hundred.
const SHARE_OF_THE_REST: u32 = 8;

/// When the first of them was published, 1 January 2024, and the next ones after
/// it: milliseconds.
const FIRST_MS: u64 = 1_704_067_200_000;
const EVERY_MS: u64 = 30 * 60 * 1_000;

/// Kilometres around a town's centre in which its venues are. More, where it is
/// full of sessions that are called the same.
const SCATTER_KM: f64 = 1.6;
/// Kilometres of a degree of latitude.
const KM_PER_DEGREE: f64 = 111.2;

/// A town.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Its name.
    pub town: String,
    /// County, state or region.
    pub county: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// IANA time zone.
    pub zone: String,
    /// Its centre.
    pub position: Position,
    /// People who live there; 0 if not known.
    pub population: u32,
}

/// An invented session.
#[derive(Debug, Clone, PartialEq)]
pub struct Invented {
    /// Its id, of the seed and its number.
    pub id: SessionId,
    /// What is listed.
    pub draft: SessionDraft,
    /// Milliseconds since 1970 at which it was published.
    pub published_ms: u64,
    /// Days since somebody vouched for it.
    pub verified_days_ago: u32,
}

/// The places of the gazetteer.
///
/// # Errors
/// If its file is not as it should be.
pub fn places() -> Result<Vec<Place>> {
    let mut area: Option<(&str, &str, &str)> = None;
    let mut places = Vec::new();
    for line in PLACES.lines().filter(|line| !line.starts_with('#')) {
        let (head, line) = match line.strip_prefix('=') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let columns: Vec<&str> = line.split('\t').collect();
        match (head, columns.as_slice(), area) {
            (true, [country, county, zone], _) => area = Some((*country, *county, *zone)),
            (false, [town, lat, lon, population], Some((country, county, zone))) => {
                places.push(Place {
                    town: (*town).to_owned(),
                    county: county.to_owned(),
                    country: country.to_owned(),
                    zone: zone.to_owned(),
                    position: Position { lat: lat.parse()?, lon: lon.parse()? },
                    population: population.parse()?,
                });
            }
            _ => bail!("the gazetteer has a line that is no place: {line}"),
        }
    }
    ensure!(!places.is_empty(), "the gazetteer is empty");
    Ok(places)
}

/// So many sessions.
///
/// # Errors
/// If the gazetteer cannot be read.
pub fn sessions(count: usize, seed: u64) -> Result<Vec<Invented>> {
    let map = Map::of(places()?)?;
    let mut near = Near::default();
    let mut dice = Dice(seed);
    // Ids of their own row, so that they stay when words are added.
    let mut ids = Dice(seed ^ 0x5e15_1055);
    let mut sessions = Vec::with_capacity(count);
    for n in 0..count as u64 {
        let published_ms = FIRST_MS + n * EVERY_MS;
        let random = (u128::from(ids.next()) << 16) ^ u128::from(ids.next() & 0xffff);
        let id = SessionId::new(Ulid::from_parts(published_ms, random));
        let draft = draft(&map, &mut near, &mut dice)?;
        let verified_days_ago = match dice.below(100) {
            0..=74 => dice.below(85),
            75..=89 => 95 + dice.below(80),
            _ => 185 + dice.below(150),
        };
        sessions.push(Invented { id, draft, published_ms, verified_days_ago });
    }
    Ok(sessions)
}

fn draft(map: &Map, near: &mut Near, dice: &mut Dice) -> Result<SessionDraft> {
    let place = map.pick(dice)?;
    let format = match dice.below(100) {
        0..=63 => Format::Open,
        64..=76 => Format::Slow,
        77..=84 => Format::Beginners,
        85..=90 => Format::Singing,
        91..=95 => Format::ByInvitation,
        _ => Format::Listening,
    };
    let level = match (format, dice.below(10)) {
        (Format::Beginners, _) | (Format::Slow, 0..=3) => Level::Beginner,
        (Format::Slow, _) | (Format::Open, 0) => Level::Intermediate,
        (Format::ByInvitation, 0..=6) | (Format::Open, 1) => Level::Advanced,
        _ => Level::Any,
    };
    let name = venue_name(dice);
    let first = schedule(place, dice, None);
    let mut schedules = vec![first.0];
    if dice.below(50) == 0 {
        schedules.push(schedule(place, dice, Some(first.1)).0);
    }
    let title = title(format, &name, DAYS[first.1].1, dice);
    let tunes = (0..dice.below(4)).map(|_| tune(dice)).collect();
    let description = description(format, dice);
    let mut instruments = Vec::new();
    for _ in 0..dice.below(6) {
        let one = dice.of(&INSTRUMENTS).to_string();
        if !instruments.contains(&one) {
            instruments.push(one);
        }
    }
    let address = format!(
        "{} {} {}",
        1 + dice.below(120),
        dice.of(&STREETS),
        dice.of(&["Lane", "Row", "Street", "Walk", "Hill", "Square"])
    );
    let known = |dice: &mut Dice| match dice.below(10) {
        0..=4 => None,
        5..=7 => Some(true),
        _ => Some(false),
    };
    let position = near.settle(&title, place.position, dice);
    Ok(SessionDraft {
        title,
        venue: VenueDraft {
            name,
            address,
            town: place.town.clone(),
            county: place.county.clone(),
            country: place.country.clone(),
            position,
            step_free: known(dice),
            accessible_toilet: known(dice),
        },
        format,
        level,
        schedules,
        description,
        instruments,
        tunes,
        links: Vec::new(),
    })
}

/// A schedule, and the index of its day; not on the day `but`.
fn schedule(place: &Place, dice: &mut Dice, but: Option<usize>) -> (ScheduleDraft, usize) {
    let weight = |n: usize| if Some(n) == but { 0 } else { DAYS[n].2 };
    let total = (0..DAYS.len()).map(weight).sum();
    let mut left = dice.below(total);
    let mut day = 0;
    while left >= weight(day) {
        left -= weight(day);
        day += 1;
    }
    let code = DAYS[day].0;
    let rrule = match dice.below(100) {
        0..=71 => format!("FREQ=WEEKLY;BYDAY={code}"),
        72..=83 => format!("FREQ=WEEKLY;INTERVAL=2;BYDAY={code}"),
        84..=95 => format!("FREQ=MONTHLY;BYDAY={}{code}", 1 + dice.below(4)),
        _ => format!("FREQ=MONTHLY;BYDAY=-1{code}"),
    };
    let afternoon = code == "SU" && dice.below(2) == 0 || code == "SA" && dice.below(4) == 0;
    let starts = if afternoon {
        dice.of(&["14:00", "15:00", "15:30", "16:00", "17:00"])
    } else {
        dice.of(&["19:00", "19:30", "20:00", "20:30", "21:00", "21:30", "21:30", "22:00"])
    };
    let from =
        format!("{}-{:02}-{:02}", 2022 + dice.below(4), 1 + dice.below(12), 1 + dice.below(28));
    let draft = ScheduleDraft {
        starts: (*starts).to_owned(),
        duration_minutes: *dice.of(&[90, 120, 120, 150, 150, 180, 180, 210]),
        zone: place.zone.clone(),
        rrule,
        from,
        until: None,
    };
    (draft, day)
}

fn venue_name(dice: &mut Dice) -> String {
    let (one, thing) = (dice.of(&QUALITIES), dice.of(&THINGS));
    match dice.below(4) {
        0 => {
            let other = dice.of(&THINGS);
            if other == thing {
                format!("The {one} {thing}")
            } else {
                format!("The {thing} and {other}")
            }
        }
        1 => format!("{one} {thing} House"),
        _ => format!("The {one} {thing}"),
    }
}

fn title(format: Format, venue: &str, day: &str, dice: &mut Dice) -> String {
    let short = venue.trim_start_matches("The ");
    let kind = match format {
        Format::Slow => *dice.of(&["Slow session", "Slow tunes", "Easy-pace session"]),
        Format::Beginners => *dice.of(&["First tunes", "Learners' session", "Tunes for beginners"]),
        Format::Singing => *dice.of(&["Singers' circle", "Songs and choruses", "Singing session"]),
        Format::ByInvitation => *dice.of(&["House session", "Kitchen tunes", "Hosts' session"]),
        Format::Listening => *dice.of(&["Tunes to listen to", "Music night", "Listening session"]),
        Format::Open => *dice.of(&["Session", "Tunes", "Trad session", "Open session"]),
    };
    match dice.below(4) {
        0 => format!("{day} {} at the {short}", lower(kind)),
        1 => format!("{kind} at the {short}"),
        2 => format!("{kind} in the {short}"),
        _ => format!("The {short} {} on {day}s", lower(kind)),
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

fn tune(dice: &mut Dice) -> String {
    let kind = dice.of(&["reel", "jig", "hornpipe", "polka", "slide", "slip jig", "waltz"]);
    format!("The {} {} ({kind})", dice.of(&QUALITIES), dice.of(&THINGS))
}

fn description(format: Format, dice: &mut Dice) -> String {
    if dice.below(5) < 2 {
        return String::new();
    }
    let first = match format {
        Format::Slow => "Tunes at an easy pace, each of them three times or more.",
        Format::Beginners => "A first tune learned by ear each time; recording is welcome.",
        Format::Singing => "Songs around the table, and a tune between them.",
        Format::ByInvitation => "A small room: please ask before you bring an instrument.",
        Format::Listening => "Musicians play, and the house listens.",
        Format::Open => *dice.of(&[
            "Reels and jigs for the most part, and a song now and then.",
            "All are welcome who play at session pace.",
            "A relaxed evening around the long table by the window.",
            "Old tunes and new ones, and time to talk between them.",
        ]),
    };
    let second = dice.of(&[
        "",
        " Soup comes round at ten.",
        " There is a side room to practise in.",
        " Come early for a seat.",
        " The last bus goes at half past eleven.",
        " Dancers are welcome.",
    ]);
    format!("{first}{second}")
}

/// Days as rules and people name them, each with how often sessions are on it.
const DAYS: [(&str, &str, u32); 7] = [
    ("MO", "Monday", 8),
    ("TU", "Tuesday", 11),
    ("WE", "Wednesday", 14),
    ("TH", "Thursday", 19),
    ("FR", "Friday", 17),
    ("SA", "Saturday", 13),
    ("SU", "Sunday", 18),
];

const QUALITIES: [&str; 48] = [
    "Lifted",
    "Crooked",
    "Copper",
    "Salt",
    "Quiet",
    "Painted",
    "Hollow",
    "Amber",
    "Wandering",
    "Low",
    "Turning",
    "Slate",
    "Long",
    "Windward",
    "Leaning",
    "Woollen",
    "Silver",
    "Mended",
    "Northern",
    "Second",
    "Borrowed",
    "Speckled",
    "Threefold",
    "Patient",
    "Mossy",
    "Tall",
    "Whistling",
    "Frosted",
    "Merry",
    "Narrow",
    "Barley",
    "Rushing",
    "Late",
    "Early",
    "Smoky",
    "Weathered",
    "Lantern-lit",
    "Homeward",
    "Thatched",
    "Sunken",
    "Brindled",
    "Hidden",
    "Steady",
    "Wishing",
    "Velvet",
    "Hazel",
    "Rowan",
    "Limewashed",
];

const THINGS: [&str; 52] = [
    "Latch",
    "Lantern",
    "Heron",
    "Kettle",
    "Bellows",
    "Thimble",
    "Anvil",
    "Curlew",
    "Oar",
    "Haycock",
    "Rafter",
    "Millrace",
    "Gatepost",
    "Weir",
    "Ploughshare",
    "Skillet",
    "Hearthstone",
    "Shuttle",
    "Spindle",
    "Settle",
    "Dovecote",
    "Skylark",
    "Otter",
    "Plover",
    "Harrow",
    "Barrow",
    "Sickle",
    "Saddle",
    "Candle",
    "Bobbin",
    "Ladder",
    "Bucket",
    "Whistle",
    "Spool",
    "Cartwheel",
    "Chimney",
    "Almanac",
    "Compass",
    "Rudder",
    "Sextant",
    "Wicket",
    "Trellis",
    "Gable",
    "Doorstep",
    "Inkwell",
    "Pantry",
    "Larder",
    "Bramble",
    "Sorrel",
    "Teasel",
    "Foxglove",
    "Kestrel",
];

const STREETS: [&str; 20] = [
    "Quay", "Abbey", "Mill", "Weir", "Market", "Church", "Harbour", "Orchard", "Ferry", "Chapel",
    "Tannery", "Ropewalk", "Castle", "Well", "Linen", "Meadow", "Bridge", "Station", "Priory",
    "Malt",
];

const INSTRUMENTS: [&str; 14] = [
    "fiddle",
    "flute",
    "tin whistle",
    "concertina",
    "button accordion",
    "uilleann pipes",
    "banjo",
    "bouzouki",
    "guitar",
    "bodhrán",
    "harp",
    "mandolin",
    "piano",
    "viola",
];

/// The places by country, to pick from: more often where more people live.
struct Map {
    places: Vec<Place>,
    /// By country: its share of a hundred, and its places with the sum of the
    /// weights up to and including each.
    countries: Vec<(u32, Vec<(u64, usize)>)>,
}

impl Map {
    fn of(places: Vec<Place>) -> Result<Self> {
        let mut by_country: BTreeMap<&str, Vec<(u64, usize)>> = BTreeMap::new();
        for (n, place) in places.iter().enumerate() {
            let known = SHARES.iter().any(|(country, _)| *country == place.country);
            let country = if known { place.country.as_str() } else { "" };
            let weights = by_country.entry(country).or_default();
            let before = weights.last().map_or(0, |(sum, _)| *sum);
            // A town of a hundred times the people has ten times the sessions.
            weights.push((before + u64::from(place.population.max(400)).isqrt(), n));
        }
        let share = |country: &str| {
            let share = SHARES.iter().find(|(known, _)| *known == country);
            share.map_or(SHARE_OF_THE_REST, |(_, share)| *share)
        };
        let countries: Vec<_> =
            by_country.into_iter().map(|(country, weights)| (share(country), weights)).collect();
        ensure!(countries.len() == SHARES.len() + 1, "the gazetteer lacks a country");
        Ok(Self { countries, places })
    }

    fn pick(&self, dice: &mut Dice) -> Result<&Place> {
        let mut left = dice.below(self.countries.iter().map(|(share, _)| share).sum());
        let country = self.countries.iter().find(|(share, _)| {
            let here = left < *share;
            left = left.saturating_sub(*share);
            here
        });
        let (_, weights) = country.context("the shares do not add up")?;
        let total = weights.last().map_or(0, |(sum, _)| *sum);
        let at = dice.next() % total.max(1);
        let n = weights.partition_point(|(sum, _)| *sum <= at);
        let place = weights.get(n).and_then(|(_, place)| self.places.get(*place));
        place.context("the weights do not add up")
    }
}

/// What has been put where, to keep apart what would be taken for one session.
#[derive(Default)]
struct Near(HashMap<(i64, i64), Vec<(String, Position)>>);

impl Near {
    /// Squares of a degree, each at least as wide as duplicates can be apart,
    /// up to 69° north.
    const PER_DEGREE: f64 = 400.0;

    fn square(at: Position) -> (i64, i64) {
        ((at.lat * Self::PER_DEGREE).floor() as i64, (at.lon * Self::PER_DEGREE).floor() as i64)
    }

    /// A position near the centre where no session of this name is yet.
    fn settle(&mut self, title: &str, centre: Position, dice: &mut Dice) -> Position {
        let mut reach = SCATTER_KM;
        loop {
            let turn = dice.share() * std::f64::consts::TAU;
            let far = reach * dice.share().sqrt() / KM_PER_DEGREE;
            let round = |degrees: f64| (degrees * 1e5).round() / 1e5;
            let at = Position {
                lat: round(centre.lat + far * turn.sin()),
                lon: round(centre.lon + far * turn.cos() / centre.lat.to_radians().cos()),
            };
            let (y, x) = Self::square(at);
            let around = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (y + dy, x + dx)));
            let mut others = around.filter_map(|square| self.0.get(&square)).flatten();
            if !others.any(|(other, there)| is_duplicate((title, at), (other, *there))) {
                self.0.entry((y, x)).or_default().push((title.to_owned(), at));
                return at;
            }
            reach += limits::DUPLICATE_METRES_MAX / 1000.0;
        }
    }
}

/// SplitMix64: a small generator whose row is the same everywhere and for ever.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `count`; 0 for 0.
    fn below(&mut self, count: u32) -> u32 {
        u32::try_from(self.next() % u64::from(count.max(1))).unwrap_or_default()
    }

    /// From 0 up to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn of<'a, T, const N: usize>(&mut self, all: &'a [T; N]) -> &'a T {
        const { assert!(N > 0) };
        let n = self.next() % N as u64;
        // In bounds: it is a rest of N.
        &all[usize::try_from(n).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use seisiun_domain::{
        moderation::{Verdict, judge_text},
        submission::Body,
    };

    use super::*;

    /// Sessions that a property looks at.
    const SOME: usize = 300;

    fn seeds() -> impl Iterator<Item = u64> {
        let mut dice = Dice(2026);
        [0, 1, u64::MAX].into_iter().chain(std::iter::repeat_with(move || dice.next()).take(9))
    }

    #[test]
    fn the_gazetteer_is_of_ireland_first() {
        let places = places().unwrap();
        assert!(places.len() > 2_000);
        let counties: BTreeSet<&str> = places
            .iter()
            .filter(|place| place.country == "IE")
            .map(|place| place.county.as_str())
            .collect();
        assert_eq!(counties.len(), 26, "{counties:?}");
        for place in &places {
            let mut problems = seisiun_domain::Problems::default();
            place.position.check("position", &mut problems);
            assert!(problems.0.is_empty(), "{place:?}");
            assert_eq!(place.country.len(), 2);
        }
    }

    #[test]
    fn whatever_the_seed_every_session_is_what_the_rules_take() {
        for seed in seeds() {
            for one in sessions(SOME, seed).unwrap() {
                let listing = one.draft.validate().unwrap_or_else(|p| panic!("{seed}: {p}"));
                assert_eq!(listing.draft, one.draft, "{seed}: not written as it is kept");
                assert!(listing.schedules.iter().all(|schedule| schedule.first().is_some()));
                let texts = Body::Session(one.draft.clone());
                let verdict = judge_text(&texts.texts()).verdict;
                assert_eq!(verdict, Verdict::Publish, "{seed}: {:?}", one.draft);
            }
        }
    }

    #[test]
    fn whatever_the_seed_no_session_is_taken_for_another() {
        for seed in seeds() {
            let sessions = sessions(SOME, seed).unwrap();
            let ids: BTreeSet<_> = sessions.iter().map(|one| one.id).collect();
            assert_eq!(ids.len(), SOME);
            for (n, a) in sessions.iter().enumerate() {
                for b in &sessions[n + 1..] {
                    let of = |one: &'_ Invented| one.draft.venue.position;
                    let alike = is_duplicate((&a.draft.title, of(a)), (&b.draft.title, of(b)));
                    assert!(!alike, "{seed}: {:?} and {:?}", a.draft, b.draft);
                }
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_sessions_and_another_others() {
        let some = sessions(SOME, 7).unwrap();
        assert_eq!(sessions(SOME / 2, 7).unwrap(), some[..SOME / 2]);
        let ids: BTreeSet<_> = some.iter().map(|one| one.id).collect();
        let others = sessions(SOME, 8).unwrap();
        assert!(others.iter().all(|one| !ids.contains(&one.id)));
    }

    #[test]
    fn they_are_spread_as_sessions_are() {
        let all = sessions(5_000, 1).unwrap();
        let share = |of: &dyn Fn(&Invented) -> bool| {
            all.iter().filter(|one| of(one)).count() as f64 / all.len() as f64
        };
        let country = |code: &'static str| move |one: &Invented| one.draft.venue.country == code;
        assert!((0.27..0.33).contains(&share(&country("IE"))));
        assert!((0.19..0.25).contains(&share(&country("US"))));
        let several = share(&|one| one.draft.schedules.len() > 1);
        assert!((0.01..0.03).contains(&several), "{several}");
        let thursdays = share(&|one| one.draft.schedules[0].rrule.ends_with("TH"));
        assert!((0.16..0.22).contains(&thursdays), "{thursdays}");
        // And none is taken for another, close neighbours included.
        let mut near: HashMap<(i64, i64), Vec<&Invented>> = HashMap::new();
        for one in &all {
            near.entry(Near::square(one.draft.venue.position)).or_default().push(one);
        }
        for group in near.values() {
            for (n, a) in group.iter().enumerate() {
                for b in &group[n + 1..] {
                    let of = |one: &'_ Invented| one.draft.venue.position;
                    assert!(!is_duplicate((&a.draft.title, of(a)), (&b.draft.title, of(b))));
                }
            }
        }
    }
}
