//! Positions, distances and the geohash cells that index them.

use serde::{Deserialize, Serialize};

use crate::problem::Problems;

/// Length of the geohash that partitions the index: a cell is about 39 × 19 km
/// at the equator, 23 × 19 km in Ireland.
pub const CELL_CHARS: usize = 4;
/// Length of the geohash that sorts inside a cell: about 38 × 19 m.
pub const FINE_CHARS: usize = 8;

const EARTH_RADIUS_KM: f64 = 6_371.008_8;

/// A point on the globe, WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Degrees north, -90 to 90.
    pub lat: f64,
    /// Degrees east, -180 to 180.
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

    /// The cell of this point and its (up to eight) neighbours: covers at least
    /// 19 km around the point at the latitude of Ireland.
    #[must_use]
    pub fn neighbourhood(self) -> Vec<Cell> {
        let cell = self.geohash(CELL_CHARS);
        let mut cells = vec![Cell(cell.clone())];
        if let Ok(around) = geohash::neighbors(&cell) {
            let all = [
                around.n, around.ne, around.e, around.se, around.s, around.sw, around.w, around.nw,
            ];
            cells.extend(all.into_iter().map(Cell));
        }
        cells.sort();
        cells.dedup();
        cells
    }
}

/// A geohash cell of [`CELL_CHARS`] characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cell(pub String);

/// A circle that someone follows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circle {
    /// Its centre.
    pub centre: Position,
    /// Its radius in kilometres.
    pub radius_km: f64,
}

impl Circle {
    /// Whether the point lies in the circle.
    #[must_use]
    pub fn contains(&self, point: Position) -> bool {
        self.centre.distance_km(point) <= self.radius_km
    }

    /// Every cell that has a point of the circle (and perhaps a few more at its
    /// corners): sampled on a grid finer than the smallest cell side.
    #[must_use]
    pub fn cells(&self) -> Vec<Cell> {
        // A cell is at least 0.17° high and 0.35° wide; steps below that can't
        // jump over one.
        const STEP_DEGREES: f64 = 0.08;
        const KM_PER_DEGREE: f64 = 111.0;
        // From a point of a cell, a sample in the same cell is at most one step
        // away in either direction, so a step's diagonal in all: 12.6 km. It is
        // needed whole where four cells meet and a small circle lies over it.
        let margin_km = STEP_DEGREES * KM_PER_DEGREE * 1.01 * std::f64::consts::SQRT_2;
        let lat_reach = self.radius_km / KM_PER_DEGREE + STEP_DEGREES;
        // Longitude degrees shrink towards the poles; beyond 85° a circle of
        // this size may as well be the whole band.
        let shrink = self.centre.lat.to_radians().cos().max(0.087);
        let lon_reach = (self.radius_km / (KM_PER_DEGREE * shrink) + STEP_DEGREES).min(180.0);
        let mut cells = Vec::new();
        let (lat_steps, lon_steps) =
            ((lat_reach / STEP_DEGREES).ceil() as i32, (lon_reach / STEP_DEGREES).ceil() as i32);
        for i in -lat_steps..=lat_steps {
            for j in -lon_steps..=lon_steps {
                let lat = (self.centre.lat + f64::from(i) * STEP_DEGREES).clamp(-90.0, 90.0);
                let lon = self.centre.lon + f64::from(j) * STEP_DEGREES;
                let lon = (lon + 540.0).rem_euclid(360.0) - 180.0;
                let point = Position { lat, lon };
                if self.centre.distance_km(point) <= self.radius_km + margin_km {
                    cells.push(point.cell());
                }
            }
        }
        cells.sort();
        cells.dedup();
        cells
    }
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
        fn points_within_19_km_are_in_the_neighbourhood(
            lat in 51.0..55.5f64, lon in -10.7..-5.4f64,
            turn in 0.0..std::f64::consts::TAU, share in 0.0..1.0f64,
        ) {
            let centre = Position { lat, lon };
            let reach = 19.0 * share / 111.2;
            let point = Position {
                lat: lat + reach * turn.sin(),
                lon: lon + reach * turn.cos() / lat.to_radians().cos(),
            };
            prop_assume!(centre.distance_km(point) <= 19.0);
            prop_assert!(centre.neighbourhood().contains(&point.cell()));
        }
    }
}
