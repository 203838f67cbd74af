//! Four weeks of invented submissions, always the same: to see what a policy
//! does where there are no real ones, and to test the replay. Members, texts and
//! photos are made up; `submissions.jsonl` beside the manifest is what comes out.

use jiff::{Timestamp, ToSpan};
use seisiun_domain::{
    MemberId, SessionId, SubmissionId,
    moderation::{Label, Standing},
    submission::Kind,
};
use sha2::{Digest, Sha256};
use ulid::Ulid;

use crate::{Line, Photo};

/// The submissions as they are committed.
pub const COMMITTED: &str = include_str!("../submissions.jsonl");

/// Seconds since 1970: 1 October 2026.
const FIRST_SECOND: i64 = 1_790_812_800;
/// Ordinary submissions, over four weeks.
const ORDINARY: u64 = 160;
const SECONDS_BETWEEN: i64 = 28 * 24 * 60 * 60 / 160;
const MEMBERS: u64 = 40;
const SESSIONS: u64 = 30;

const OPENINGS: [&str; 8] = [
    "A gentle evening in the snug, with room for whoever came late.",
    "Fast and furious from the first set on, and hardly a word between.",
    "Two concertinas and a flute by the fire, and a song from the bar.",
    "We were five around the table and the landlord brought sandwiches.",
    "Slow tunes until ten, then whoever was left picked up the pace.",
    "A good mixture of polkas and slides, as one hopes for in these parts.",
    "The box player knew everything and let everybody else begin.",
    "Quiet tonight, since there was a match on in the other room.",
];
const MIDDLES: [&str; 8] = [
    "Come before nine if you want a chair with its back to the wall.",
    "The Humours of Tulla came round twice and nobody minded.",
    "They finished with The Cock of the North, at a run.",
    "Dick on the fiddle called most of the sets.",
    "Guitars are welcome one at a time.",
    "Bhí ceol breá ann agus fáilte mhór roimh chách.",
    "Parking is easy behind the church.",
    "Children may stay until nine.",
];
const ENDINGS: [&str; 6] = [
    "I will be back.",
    "Recommended.",
    "Bring your own pint glass, they ran out.",
    "Not for beginners.",
    "Slán go fóill.",
    "Ask for the key of the back room.",
];
const SPAM: &str = "Make your evenings better with our discount instruments, strings and cases, \
                    delivered to any town in Ireland within two days. Everybody in this pub has \
                    one already: order today and tell your friends.";

/// Numbers that follow each other as if by chance, from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let n = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (n ^ (n >> 31)) % sides.max(1)
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        let sides = u64::try_from(from.len()).unwrap_or(1);
        usize::try_from(self.roll(sides)).ok().and_then(|n| from.get(n)).copied().unwrap_or("")
    }
}

/// The submissions, by time.
#[must_use]
pub fn submissions() -> Vec<Line> {
    let mut dice = Dice(2026);
    let mut lines: Vec<Line> = (0..ORDINARY).filter_map(|n| ordinary(n, &mut dice)).collect();
    lines.extend((0..6).filter_map(spam));
    lines.extend((0..30).filter_map(|n| burst(n, &mut dice)));
    lines.extend((0..4).filter_map(repeated));
    lines.sort_by_key(|line| (line.at, line.id));
    lines
}

fn line(n: u64, second: i64, member: &str, kind: Kind, session: u64) -> Option<Line> {
    let at = Timestamp::from_second(FIRST_SECOND + second).ok()?;
    let ms = u64::try_from(at.as_millisecond()).ok()?;
    let member: MemberId = member.parse().ok()?;
    let id = SubmissionId::new(Ulid::from_parts(ms, u128::from(n)));
    let session = SessionId::new(Ulid::from_parts(1_780_000_000_000, u128::from(session)));
    Some(Line {
        id,
        at,
        member,
        kind,
        session: if kind == Kind::Session { id.session() } else { session },
        texts: Vec::new(),
        prose: None,
        links: Vec::new(),
        photos: Vec::new(),
        standing: Standing::default(),
        is_host: false,
        edits_others: false,
        claims_host: false,
        refused: false,
    })
}

fn ordinary(n: u64, dice: &mut Dice) -> Option<Line> {
    let member = dice.roll(MEMBERS);
    let second = i64::try_from(n).ok()? * SECONDS_BETWEEN + i64::try_from(dice.roll(3_000)).ok()?;
    let kind = match dice.roll(8) {
        0..=3 => Kind::Review,
        4 | 5 => Kind::Session,
        _ => Kind::Change,
    };
    let name = format!("member-{member:02}");
    let mut line = line(n, second, &name, kind, dice.roll(SESSIONS))?;
    let mut text = [dice.pick(&OPENINGS), dice.pick(&MIDDLES), dice.pick(&ENDINGS)].join(" ");
    match dice.roll(32) {
        0 => text.push_str(" More on www.example.org."),
        1 => text.push_str(" Ring 091 555 01 23 before you come."),
        2 => text.push_str(" The doorman is a wanker, though."),
        3 => text.push_str(" Write to session@example.org."),
        4 => text = text.to_uppercase(),
        _ => {}
    }
    if kind != Kind::Review && dice.roll(4) == 0 {
        line.links.push(format!("https://pub-{member:02}.example.org/"));
    }
    // A third is new, a third known, a third has been here for long.
    let published = match member % 3 {
        0 => 0,
        1 => 1 + u32::try_from(member % 2).ok()?,
        _ => 3 + u32::try_from(member % 9).ok()?,
    };
    let days = i64::try_from(member).ok()? * 3;
    line.standing = Standing {
        published,
        rejected: u32::from(member % 13 == 5),
        since: (published > 0).then(|| line.at.saturating_sub((days * 24).hours()).ok()).flatten(),
    };
    if kind == Kind::Change {
        line.is_host = dice.roll(6) == 0;
        line.edits_others = !line.is_host && dice.roll(3) > 0;
        line.claims_host = !line.is_host && !line.edits_others && dice.roll(4) == 0;
    }
    for photo in 0..dice.roll(6).saturating_sub(3) {
        line.photos.push(self::photo(n, photo, dice));
    }
    line.prose = Some(text.clone());
    line.texts.push(text);
    Some(line)
}

fn photo(n: u64, photo: u64, dice: &mut Dice) -> Photo {
    let label = match dice.roll(24) {
        0..=5 => Some(("Alcohol", 97.3)),
        6 => Some(("Violence", 64.2)),
        7 => Some(("Swimwear or Underwear", 71.8)),
        8 => Some(("Rude Gestures", 83.1)),
        9 => Some(("Explicit", 99.7)),
        10 => Some(("Gambling", 90.4)),
        _ => None,
    };
    let labels = label.map(|(name, confidence)| Label {
        name: name.into(),
        parent: String::new(),
        confidence,
    });
    Photo {
        sha256: hex::encode(Sha256::digest(format!("{n}/{photo}"))),
        labels: labels.into_iter().collect(),
    }
}

/// Somebody who says the same everywhere, refused at the second.
fn spam(n: u64) -> Option<Line> {
    let second = 9 * 24 * 60 * 60 + i64::try_from(n).ok()? * 4_000;
    let mut line = line(1_000 + n, second, "member-spam", Kind::Review, n)?;
    let text = SPAM.replace("two days", &format!("{} days", n + 2));
    line.refused = n == 1;
    line.standing.rejected = u32::from(n > 1);
    line.prose = Some(text.clone());
    line.texts.push(text);
    Some(line)
}

/// Somebody new who sends thirty in twenty minutes.
fn burst(n: u64, dice: &mut Dice) -> Option<Line> {
    let second = 15 * 24 * 60 * 60 + i64::try_from(n).ok()? * 40;
    let mut line = line(2_000 + n, second, "member-burst", Kind::Review, n % SESSIONS)?;
    let text = format!("{} Evening {n}.", dice.pick(&ENDINGS));
    line.prose = Some(text.clone());
    line.texts.push(text);
    Some(line)
}

/// Somebody trusted who lists the sessions of a festival, all alike.
fn repeated(n: u64) -> Option<Line> {
    let second = 20 * 24 * 60 * 60 + i64::try_from(n).ok()? * 1_000;
    let mut line = line(3_000 + n, second, "member-festival", Kind::Session, 0)?;
    line.standing =
        Standing { published: 40, rejected: 0, since: line.at.saturating_sub(9_000.hours()).ok() };
    let text = format!(
        "One of the sessions of the festival, on stage {n}: all are welcome to play along, \
         whatever they play, from eight until the lights go out. Tickets are not needed."
    );
    line.prose = Some(text.clone());
    line.texts.push(text);
    line.links.push("https://festival.example.org/".into());
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_file_is_what_is_made() {
        let made: String =
            submissions().iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let file = concat!(env!("CARGO_MANIFEST_DIR"), "/submissions.jsonl");
            std::fs::write(file, &made).unwrap();
        } else {
            assert!(made == COMMITTED, "run this test again with UPDATE_DOCS=1");
        }
        assert_eq!(submissions().len(), 200);
    }

    #[test]
    fn it_reads_back() {
        assert_eq!(crate::submissions(COMMITTED.as_bytes()).unwrap(), submissions());
    }
}
