//! Followers of a county that nobody stores: who is the n-th is reckoned.

use std::ops::Range;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use seisiun_domain::{
    follow::{Cadence, Follow, FollowId, Followed, FollowerId, Following, Target},
    member::{Email, Language, Mails, Member},
};

use super::size;

/// Of how many followers one reads Irish.
const IRISH: usize = 10;
/// Counties that readers of a digest follow, one each.
pub(super) const COUNTIES: usize = 32;

/// The followers of one target.
#[derive(Debug)]
pub(super) struct Followers {
    target: Target,
    /// In which partition each is: a byte a follower, since to reckon it while the
    /// clock runs would be the clock's.
    shards: Vec<u8>,
    /// Bytes of a follow's record: of all alike.
    record_bytes: u64,
}

impl Followers {
    pub(super) fn new(target: Target, count: usize) -> Result<Self> {
        let shards = (0..count).map(|n| target.shard_of(&id(n))).collect();
        let mut followers = Self { target, shards, record_bytes: 0 };
        let follow = followers.follow(0)?;
        let partition = partition(&follow.target, 0);
        followers.record_bytes = size::record(&partition, &follow.place().0, &follow)?;
        Ok(followers)
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    pub(super) fn count(&self) -> usize {
        self.shards.len()
    }

    pub(super) fn record_bytes(&self) -> u64 {
        self.record_bytes
    }

    /// The numbers of those in a partition within a range, in order.
    pub(super) fn in_shard(
        &self,
        target: &Target,
        shard: u8,
        range: Range<usize>,
    ) -> impl Iterator<Item = usize> {
        let range = if *target == self.target { range } else { 0..0 };
        let until = range.end.min(self.shards.len());
        let from = range.start.min(until);
        let part = self.shards.get(from..until).unwrap_or_default();
        let here = part.iter().enumerate().filter(move |(_, own)| **own == shard);
        here.map(move |(n, _)| from + n)
    }

    /// The n-th one's follow.
    pub(super) fn follow(&self, n: usize) -> Result<Follow> {
        Ok(Follow {
            target: self.target.clone(),
            follower: id(n),
            email: email(n)?,
            circle: None,
            // As long as those that are given.
            unsubscribe_token: format!("{n:026}{n:026}"),
            language: if n.is_multiple_of(IRISH) { Language::Ga } else { Language::En },
            cadence: match &self.target {
                Target::Digest(_) => Cadence::Weekly,
                _ => Cadence::Instant,
            },
        })
    }

    /// What the n-th one holds who reads a digest: it, and a county by the week.
    pub(super) fn followings(&self, n: usize) -> Result<Vec<Following>> {
        let Follow { target, unsubscribe_token, .. } = self.follow(n)?;
        let county = Target::county("IE", &format!("County {}", n % COUNTIES));
        let (digest, county) = (Followed::Target(target), Followed::Target(county));
        let held = [(FollowId::of_digest(), digest), (county.id(), county)];
        let following = |(id, followed)| Following {
            id,
            followed,
            unsubscribe_token: unsubscribe_token.clone(),
            since: Timestamp::UNIX_EPOCH,
            cadence: Cadence::Weekly,
        };
        Ok(held.into_iter().map(following).collect())
    }
}

/// What we hold on a follower.
pub(super) fn member(follow: &Follow) -> Result<Member> {
    Ok(Member {
        id: follow.follower.0.parse()?,
        email: follow.email.clone(),
        display_name: "A. N. Fiddler".into(),
        home: None,
        language: follow.language,
        mails: Mails::default(),
        public: false,
        blocked: std::collections::BTreeSet::new(),
        erasing: false,
    })
}

/// The partition of a target's followers, as the adapter names it.
pub(super) fn partition(target: &Target, shard: u8) -> String {
    format!("FOLLOW#{target}#{shard:02}")
}

/// As a user pool would have it, and in the order of the numbers.
pub(super) fn id(n: usize) -> FollowerId {
    let mixed = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16;
    FollowerId(format!("{n:08x}-5e15-4107-9a3e-{mixed:012x}"))
}

/// Which one it is.
pub(super) fn number(id: &FollowerId) -> Result<usize> {
    let digits = id.0.get(..8).context("no follower of ours")?;
    Ok(usize::from_str_radix(digits, 16)?)
}

fn email(n: usize) -> Result<Email> {
    Ok(Email::try_from(format!("follower-{n:08}@example.org"))?)
}
