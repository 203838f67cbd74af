//! FollowTarget: a member follows a session, a member, a county or a circle.

use seisiun_domain::{
    Problems,
    follow::{Follow, FollowerId, Target},
    geo::Circle,
    limits,
    member::Member,
};

use crate::{error::TaskResult, ports::PutFollow};

/// What to follow.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// A session, member or county.
    Target(Target),
    /// A circle on the map.
    Circle(Circle),
}

/// Stores the follow; a circle under every cell that it reaches into, with one
/// token for all. `token` is fresh and unguessable.
pub async fn follow_target(
    store: &impl PutFollow,
    member: &Member,
    wanted: Wanted,
    token: &str,
) -> TaskResult<Result<(), Problems>> {
    let (targets, circle) = match wanted {
        Wanted::Target(target) => (vec![target], None),
        Wanted::Circle(circle) => {
            let mut problems = Problems::default();
            circle.centre.check("circle.centre", &mut problems);
            if !(0.5..=limits::FOLLOW_RADIUS_KM_MAX).contains(&circle.radius_km) {
                problems.add("circle.radius_km", "out_of_range", "must be between 0.5 and 50 km");
            }
            if !problems.0.is_empty() {
                return Ok(Err(problems));
            }
            let cells = circle.cells();
            if cells.len() > limits::FOLLOW_CELLS_MAX {
                let why = "is too near a pole: give a smaller radius, or follow a county";
                return Ok(Err(Problems::one("circle.centre.lat", "too_many_cells", why)));
            }
            (cells.into_iter().map(Target::Cell).collect(), Some(circle))
        }
    };
    for target in targets {
        let follow = Follow {
            target,
            follower: FollowerId(member.id.to_string()),
            email: member.email.clone(),
            circle,
            unsubscribe_token: token.into(),
        };
        store.put_follow(&follow).await?;
    }
    Ok(Ok(()))
}
