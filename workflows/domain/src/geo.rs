//! Positions, distances and the geohash cells that index them.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::problem::Problems;

/// Length of the geohash that partitions the index: a cell is about 39 × 19 km
/// at the equator, 23 × 19 km in Ireland.
pub const CELL_CHARS: usize = 4;
/// Length of the geohash of coarse cells: about 156 × 156 km at the equator,
/// 93 × 156 km in Ireland.
pub const COARSE_CHARS: usize = 3;
/// Length of the geohash that sorts inside a cell: about 38 × 19 m.
pub const FINE_CHARS: usize = 8;

const EARTH_RADIUS_KM: f64 = 6_371.008_8;

/// A point on the globe, WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Degrees north, -90 to 90.
    #[schemars(range(min = -90, max = 90))]
    pub lat: f64,
    /// Degrees east, -180 to 180.
    #[schemars(range(min = -180, max = 180))]
    pub lon: f64,
}

impl Position {
    /// Adds a problem under `field` if this is not a point on the globe.
    pub fn check(self, field: &str, problems: &mut Problems) {
        if !(-90.0..=90.0).contains(&self.lat) {
            problems.add(
                &format!("{field}.lat"),
                "out_of_range",
                "must be between -90 and 90 degrees",
            );
        }
        if !(-180.0..=180.0).contains(&self.lon) {
            problems.add(
                &format!("{field}.lon"),
                "out_of_range",
                "must be between -180 and 180 degrees",
            );
        }
    }

    /// The point to a centimetre, which is what is kept: seven decimals, in
    /// the range of numbers that every store can hold.
    #[must_use]
    pub fn rounded(self) -> Self {
        let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
        Self { lat: round(self.lat), lon: round(self.lon) }
    }

    /// Great-circle distance in kilometres (haversine on the mean radius).
    #[must_use]
    pub fn distance_km(self, other: Self) -> f64 {
        let (a, b) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = (b - a) / 2.0;
        let half_lon = (other.lon - self.lon).to_radians() / 2.0;
        let h = half_lat.sin().powi(2) + a.cos() * b.cos() * half_lon.sin().powi(2);
        2.0 * EARTH_RADIUS_KM * h.sqrt().min(1.0).asin()
    }

    /// The geohash of this point; empty for a point that isn't on the globe.
    #[must_use]
    pub fn geohash(self, chars: usize) -> String {
        geohash::encode(geohash::Coord { x: self.lon, y: self.lat }, chars).unwrap_or_default()
    }

    /// The index cell of this point.
    #[must_use]
    pub fn cell(self) -> Cell {
        Cell(self.geohash(CELL_CHARS))
    }
}

/// A geohash cell: of [`CELL_CHARS`] characters, or of [`COARSE_CHARS`] where a
/// question reaches far.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cell(pub String);

/// A circle that someone follows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Circle {
    /// Its centre.
    pub centre: Position,
    /// Its radius in kilometres.
    #[schemars(range(min = 0.5, max = crate::limits::FOLLOW_RADIUS_KM_MAX))]
    pub radius_km: f64,
}

impl Circle {
    /// Whether the point lies in the circle.
    #[must_use]
    pub fn contains(&self, point: Position) -> bool {
        self.centre.distance_km(point) <= self.radius_km
    }

    /// The index cells that have a point of the circle.
    #[must_use]
    pub fn cells(&self) -> Vec<Cell> {
        self.cover(CELL_CHARS)
    }

    /// The geohash cells of this length that have a point of the circle, in
    /// order: found from the centre outwards, each by its exact distance.
    #[must_use]
    pub fn cover(&self, chars: usize) -> Vec<Cell> {
        // What rounding may add to a distance: less than a metre.
        let reach_km = self.radius_km + 0.001;
        let mut cover = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut front = vec![self.centre.geohash(chars)];
        while let Some(cell) = front.pop() {
            if cell.is_empty() || !seen.insert(cell.clone()) {
                continue;
            }
            let Ok(bounds) = geohash::decode_bbox(&cell) else { continue };
            if distance_to_bounds_km(self.centre, bounds.min(), bounds.max()) > reach_km {
                continue;
            }
            if let Ok(around) = geohash::neighbors(&cell) {
                front.extend([
                    around.n, around.ne, around.e, around.se, around.s, around.sw, around.w,
                    around.nw,
                ]);
            }
            cover.insert(Cell(cell));
        }
        cover.into_iter().collect()
    }
}

/// Kilometres from a point to the nearest one between two parallels and two
/// meridians; 0 inside.
fn distance_to_bounds_km(point: Position, low: geohash::Coord, high: geohash::Coord) -> f64 {
    // Degrees eastwards from the western side.
    let east = (point.lon - low.x).rem_euclid(360.0);
    if east <= high.x - low.x {
        let lat = point.lat.clamp(low.y, high.y);
        return point.distance_km(Position { lat, ..point });
    }
    let to_side = |lon: f64| {
        // The foot of the perpendicular on the meridian, or its nearer end.
        let turn = (lon - point.lon).to_radians();
        let foot = point.lat.to_radians().sin().atan2(point.lat.to_radians().cos() * turn.cos());
        let lat = foot.to_degrees().clamp(low.y, high.y);
        point.distance_km(Position { lat, lon })
    };
    to_side(low.x).min(to_side(high.x))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn distance_agrees_with_a_known_one() {
        // Dublin (GPO) to Ennis (O'Connell Square), about 190 km.
        let dublin = Position { lat: 53.3494, lon: -6.2606 };
        let ennis = Position { lat: 52.8463, lon: -8.9831 };
        assert!((dublin.distance_km(ennis) - 190.0).abs() < 3.0, "{}", dublin.distance_km(ennis));
    }

    #[test]
    fn a_small_circle_where_four_cells_meet_is_stored_under_all_of_them() {
        let circle = Circle { centre: Position { lat: 0.0, lon: 0.0 }, radius_km: 0.5 };
        let cells = circle.cells();
        for (lat, lon) in [(0.001, 0.001), (0.001, -0.001), (-0.001, 0.001), (-0.001, -0.001)] {
            let point = Position { lat, lon };
            assert!(circle.contains(point) && cells.contains(&point.cell()), "{point:?}");
        }
        assert_eq!(cells.len(), 4, "{cells:?}");
    }

    proptest! {
        #[test]
        fn a_circle_is_stored_under_the_cell_of_every_point_in_it(
            lat in -75.0..75.0f64, lon in -180.0..180.0f64, radius_km in 0.5..50.0f64,
            turn in 0.0..std::f64::consts::TAU, share in 0.0..1.0f64,
        ) {
            let centre = Position { lat, lon };
            let circle = Circle { centre, radius_km };
            let reach = radius_km * share / 111.2;
            let point = Position {
                lat: lat + reach * turn.sin(),
                lon: (lon + reach * turn.cos() / lat.to_radians().cos() + 540.0).rem_euclid(360.0) - 180.0,
            };
            prop_assume!(circle.contains(point));
            prop_assert!(circle.cells().contains(&point.cell()));
        }

        #[test]
        fn nineteen_kilometres_in_these_islands_are_at_most_nine_cells(
            lat in 50.0..56.0f64, lon in -10.7..2.0f64,
        ) {
            let circle = Circle { centre: Position { lat, lon }, radius_km: 19.0 };
            prop_assert!(circle.cells().len() <= 9, "{:?}", circle.cells());
        }

        #[test]
        fn a_cover_has_no_cell_that_the_circle_does_not_touch(
            lat in -75.0..75.0f64, lon in -180.0..180.0f64, radius_km in 0.5..80.0f64,
        ) {
            let circle = Circle { centre: Position { lat, lon }, radius_km };
            for cell in circle.cover(COARSE_CHARS) {
                let bounds = geohash::decode_bbox(&cell.0).unwrap();
                // Some point of a fine grid over the cell is about as near.
                let (low, high) = (bounds.min(), bounds.max());
                let near = (0..=40).flat_map(|i| (0..=40).map(move |j| (i, j))).any(|(i, j)| {
                    let at = |low: f64, high: f64, n: i32| low + (high - low) * f64::from(n) / 40.0;
                    let point = Position { lat: at(low.y, high.y, i), lon: at(low.x, high.x, j) };
                    circle.centre.distance_km(point) <= radius_km + 4.0
                });
                prop_assert!(near, "{cell:?}");
            }
        }
    }
}
