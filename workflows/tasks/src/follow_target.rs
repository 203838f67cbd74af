//! FollowTarget: a member follows a session, a member, a county or a circle.

use seisiun_domain::{
    Problems,
    follow::{Follow, FollowerId, Target},
    geo::Circle,
    limits,
    member::{Email, Language, Member},
};
use serde::{Deserialize, Serialize};

use crate::{error::TaskResult, ports::PutFollow};

/// What to follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// A session, member or county.
    Target(Target),
    /// A circle on the map.
    Circle(Circle),
}

/// Who follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Follower {
    /// Their id.
    pub id: FollowerId,
    /// Where their mail goes.
    pub email: Email,
    /// What we speak with them.
    pub language: Language,
}

/// What a follow is stored under, and the circle it is for.
pub fn targets_of(wanted: &Wanted) -> Result<(Vec<Target>, Option<Circle>), Problems> {
    let circle = match wanted {
        Wanted::Target(target) => return Ok((vec![target.clone()], None)),
        Wanted::Circle(circle) => circle,
    };
    let mut problems = Problems::default();
    circle.centre.check("circle.centre", &mut problems);
    if !(0.5..=limits::FOLLOW_RADIUS_KM_MAX).contains(&circle.radius_km) {
        problems.add("circle.radius_km", "out_of_range", "must be between 0.5 and 50 km");
    }
    if !problems.0.is_empty() {
        return Err(problems);
    }
    // As it is kept: a store holds no number as small as a double can be.
    let circle = Circle { centre: circle.centre.rounded(), radius_km: circle.radius_km };
    let cells = circle.cells();
    if cells.len() > limits::FOLLOW_CELLS_MAX {
        let why = "is too near a pole: give a smaller radius, or follow a county";
        return Err(Problems::one("circle.centre.lat", "too_many_cells", why));
    }
    Ok((cells.into_iter().map(Target::Cell).collect(), Some(circle)))
}

/// Stores the follow; a circle under every cell that it reaches into, with one
/// token for all. `token` is fresh and unguessable.
pub async fn follow_target(
    store: &impl PutFollow,
    member: &Member,
    wanted: Wanted,
    token: &str,
) -> TaskResult<Result<(), Problems>> {
    let follower = Follower {
        id: FollowerId(member.id.to_string()),
        email: member.email.clone(),
        language: member.language,
    };
    follow_as(store, follower, wanted, token).await
}

/// The same for whoever follows.
pub async fn follow_as(
    store: &impl PutFollow,
    follower: Follower,
    wanted: Wanted,
    token: &str,
) -> TaskResult<Result<(), Problems>> {
    let (targets, circle) = match targets_of(&wanted) {
        Ok(found) => found,
        Err(problems) => return Ok(Err(problems)),
    };
    for target in targets {
        let follow = Follow {
            target,
            follower: follower.id.clone(),
            email: follower.email.clone(),
            circle,
            unsubscribe_token: token.into(),
            language: follower.language,
        };
        store.put_follow(&follow).await?;
    }
    Ok(Ok(()))
}
