//! Where things stand on the stage, and the paths between them. All in pixels of the stage.

use converge_engine::sim::NodeId;

/// A rectangle.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Spot {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Spot {
    /// The middle, across.
    pub fn middle_x(&self) -> f64 {
        self.x + self.w / 2.0
    }

    /// The middle, down.
    pub fn middle_y(&self) -> f64 {
        self.y + self.h / 2.0
    }

    /// Whether both cover a place, but for the pixel at their borders.
    pub fn overlaps(&self, other: Spot) -> bool {
        let across = other.x < self.x + self.w - 1.0 && other.x + other.w > self.x + 1.0;
        let down = other.y < self.y + self.h - 1.0 && other.y + other.h > self.y + 1.0;
        across && down
    }
}

/// A path from one node to another: a cubic curve along which distance on the main axis is
/// proportional to time, so that a token's place says how far its flight is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Route {
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// The four points of the curve.
    pub points: [(f64, f64); 4],
}

/// How far apart the two directions between the same nodes are drawn.
pub const LANE: f64 = 7.0;

impl Route {
    /// The path between two spots; `side` is +1 for one direction and −1 for the other. `across`:
    /// it goes from side to side wherever there is room, also if it must climb more than it runs.
    pub fn between(from: NodeId, a: Spot, to: NodeId, b: Spot, side: f64, across: bool) -> Route {
        let (dx, dy) = (b.middle_x() - a.middle_x(), b.middle_y() - a.middle_y());
        let gap_x = dx.abs() - (a.w + b.w) / 2.0;
        let gap_y = dy.abs() - (a.h + b.h) / 2.0;
        if gap_x >= gap_y || (across && gap_x > 0.0) {
            return Route::sideways(from, a, to, b, side);
        }
        Route::upright(from, a, to, b, side)
    }

    /// The path from the upper or lower edge of one spot to that of the other.
    fn upright(from: NodeId, a: Spot, to: NodeId, b: Spot, side: f64) -> Route {
        let dy = b.middle_y() - a.middle_y();
        let y0 = if dy > 0.0 { a.y + a.h } else { a.y };
        let y1 = if dy > 0.0 { b.y } else { b.y + b.h };
        // The way to something much wider goes straight down or up to it.
        let x0 = if a.w > 2.0 * b.w {
            along(b.middle_x(), a)
        } else {
            a.middle_x()
        } + side * LANE;
        let x1 = if b.w > 2.0 * a.w {
            along(a.middle_x(), b)
        } else {
            b.middle_x()
        } + side * LANE;
        let third = (y1 - y0) / 3.0;
        let points = [(x0, y0), (x0, y0 + third), (x1, y0 + 2.0 * third), (x1, y1)];
        Route { from, to, points }
    }

    /// The path from the side of one spot to the side of the other.
    fn sideways(from: NodeId, a: Spot, to: NodeId, b: Spot, side: f64) -> Route {
        let dx = b.middle_x() - a.middle_x();
        let x0 = if dx > 0.0 { a.x + a.w } else { a.x };
        let x1 = if dx > 0.0 { b.x } else { b.x + b.w };
        let (y0, y1) = (
            pin(a.middle_y(), a, b) + side * LANE,
            b.middle_y() + side * LANE,
        );
        let third = (x1 - x0) / 3.0;
        let points = [(x0, y0), (x0 + third, y0), (x0 + 2.0 * third, y1), (x1, y1)];
        Route { from, to, points }
    }

    /// A straight path.
    pub fn straight(from: NodeId, to: NodeId, a: (f64, f64), b: (f64, f64)) -> Route {
        let third = |n: f64| (a.0 + (b.0 - a.0) * n / 3.0, a.1 + (b.1 - a.1) * n / 3.0);
        let points = [a, third(1.0), third(2.0), b];
        Route { from, to, points }
    }

    /// The place at `share` of the way, 0 to 1.
    pub fn at(&self, share: f64) -> (f64, f64) {
        let t = within(share, 0.0, 1.0);
        let u = 1.0 - t;
        let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
        let sum = |pick: fn(&(f64, f64)) -> f64| {
            self.points
                .iter()
                .zip(weights)
                .map(|(point, weight)| pick(point) * weight)
                .sum()
        };
        (sum(|point| point.0), sum(|point| point.1))
    }

    /// As the `d` of an SVG path.
    pub fn path(&self) -> String {
        let mut text = String::with_capacity(64);
        for (index, (x, y)) in self.points.iter().enumerate() {
            text.push_str(["M", "C", " ", " "][index]);
            number(&mut text, *x);
            text.push(' ');
            number(&mut text, *y);
        }
        text
    }
}

/// `x`, or the nearer end of a range. [`f64::clamp`] also writes of a range that is none, and so brings
/// the library's text of floats, 7 KB, into every figure.
pub fn within(x: f64, low: f64, high: f64) -> f64 {
    x.max(low).min(high)
}

/// A place at the upper or lower edge of a card, near `x`.
fn along(x: f64, spot: Spot) -> f64 {
    within(
        x,
        spot.x + 20.0,
        (spot.x + spot.w - 20.0).max(spot.x + 20.0),
    )
}

/// A link leaves a tall card near where it goes, not always from its middle.
fn pin(middle: f64, a: Spot, b: Spot) -> f64 {
    let reach = within(a.h / 2.0 - 24.0, 0.0, 26.0);
    middle + (b.middle_y() - middle).max(-reach).min(reach)
}

/// Appends a coordinate with one decimal; a tenth of a pixel is finer than the eye.
pub fn number(text: &mut String, value: f64) {
    use std::fmt::Write as _;
    let tenths = (value * 10.0).round() as i64;
    if tenths < 0 {
        text.push('-');
    }
    let _ = write!(text, "{}", tenths.unsigned_abs() / 10);
    if tenths % 10 != 0 {
        let _ = write!(text, ".{}", tenths.unsigned_abs() % 10);
    }
}

/// A coordinate as an attribute.
pub fn coordinate(value: f64) -> String {
    let mut text = String::with_capacity(8);
    number(&mut text, value);
    text
}

/// Everything the token layer needs to know of the stage.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Geometry {
    /// Width of the stage.
    pub width: f64,
    /// Height of the stage.
    pub height: f64,
    /// Where each node stands, by its id.
    pub spots: Vec<Spot>,
    /// Whether paths go across rather than down.
    pub across: bool,
    routes: Vec<Route>,
}

impl Geometry {
    /// A stage with these nodes and no path yet.
    pub fn new(width: f64, height: f64, spots: Vec<Spot>) -> Self {
        Geometry {
            width,
            height,
            spots,
            across: false,
            routes: Vec::new(),
        }
    }

    /// Where a node stands, if it is drawn: what a scenario does not use has no place.
    pub fn drawn(&self, node: NodeId) -> Option<Spot> {
        let spot = self.spots.get(node.index()).copied();
        spot.filter(|spot| spot.w > 0.0)
    }

    /// Whether an area lies on no card; borders may be touched.
    pub fn is_bare(&self, area: Spot) -> bool {
        !self.spots.iter().any(|card| card.overlaps(area))
    }

    /// Adds a path between two nodes.
    pub fn connect(&mut self, from: NodeId, to: NodeId) {
        let across = self.across;
        self.add(from, to, |from, a, to, b, side| {
            Route::between(from, a, to, b, side, across)
        });
    }

    /// Adds a path down or up wherever one stands above the other.
    pub fn connect_upright(&mut self, from: NodeId, to: NodeId) {
        self.add(from, to, |from, a, to, b, side| {
            match (b.middle_y() - a.middle_y()).abs() > (a.h + b.h) / 2.0 {
                true => Route::upright(from, a, to, b, side),
                false => Route::sideways(from, a, to, b, side),
            }
        });
    }

    /// Adds a path that leaves and arrives at the sides, whatever is shorter.
    pub fn connect_sideways(&mut self, from: NodeId, to: NodeId) {
        self.add(from, to, Route::sideways);
    }

    fn add(
        &mut self,
        from: NodeId,
        to: NodeId,
        way: impl Fn(NodeId, Spot, NodeId, Spot, f64) -> Route,
    ) {
        let side = if from < to { -1.0 } else { 1.0 };
        let spot = |node: NodeId| self.drawn(node).unwrap_or_default();
        self.routes.push(way(from, spot(from), to, spot(to), side));
    }

    /// Adds a path that is no link between two cards.
    pub fn lay(&mut self, route: Route) {
        self.routes.push(route);
    }

    /// The path from one node to another, if it is drawn.
    pub fn route(&self, from: NodeId, to: NodeId) -> Option<&Route> {
        self.routes
            .iter()
            .find(|route| route.from == from && route.to == to)
    }

    /// All paths.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }
}

/// What every picture's tests ask of where things stand.
#[cfg(test)]
pub mod proof {
    use super::Geometry;

    /// Rounding, in pixels.
    const DUST: f64 = 1e-6;

    /// Whatever is drawn stays on the stage, is larger than `least` and leaves the others alone.
    ///
    /// # Panics
    /// Where it does not.
    pub fn nothing_overlaps(geometry: &Geometry, least: (f64, f64), name: &str) {
        let drawn = geometry.spots.iter().filter(|spot| spot.w > 0.0);
        let drawn: Vec<_> = drawn.collect();
        let name = format!("{name} {}×{}", geometry.width, geometry.height);
        for (index, a) in drawn.iter().enumerate() {
            let (right, foot) = (a.x + a.w, a.y + a.h);
            assert!(a.w > least.0 && a.h > least.1, "{name}: {a:?}");
            let across = a.x >= -DUST && right <= geometry.width + DUST;
            let down = a.y >= -DUST && foot <= geometry.height + DUST;
            assert!(across && down, "{name}: {a:?}");
            for b in &drawn[index + 1..] {
                let beside = right <= b.x + DUST || b.x + b.w <= a.x + DUST;
                let above = foot <= b.y + DUST || b.y + b.h <= a.y + DUST;
                assert!(beside || above, "{name}: {a:?} {b:?}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_moves_evenly_along_the_main_axis() {
        let a = Spot {
            x: 0.0,
            y: 0.0,
            w: 100.0,
            h: 100.0,
        };
        let b = Spot {
            x: 400.0,
            y: 200.0,
            w: 100.0,
            h: 100.0,
        };
        let route = Route::between(NodeId(0), a, NodeId(1), b, 1.0, false);
        let places: Vec<f64> = (0..=4).map(|n| route.at(f64::from(n) / 4.0).0).collect();
        for (place, expected) in places.iter().zip([100.0, 175.0, 250.0, 325.0, 400.0]) {
            assert!((place - expected).abs() < 1e-9, "{places:?}");
        }
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!(coordinate(12.0), "12");
        assert_eq!(coordinate(-0.04), "0");
        assert_eq!(coordinate(-3.26), "-3.3");
    }
}
