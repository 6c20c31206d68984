//! The chart of bytes left after one, two, three... proposals, beside the bound.

use crate::report::human::{bytes, bytes_of};
use crate::report::schema::ProgramAudit;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 280.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 34.0;

/// A point of the curve.
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
    /// What is left, as text.
    pub(super) left: String,
    /// The proposal applied last; none at the first point.
    pub(super) id: String,
    /// Under the axis.
    pub(super) tick: String,
}

/// A line of the axis.
pub(super) struct Tick {
    pub(super) y: f64,
    pub(super) text: String,
}

/// The chart, in the coordinates of its view box.
pub(super) struct Curve {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
    pub(super) points: Vec<Point>,
    /// The steps from point to point, as a path.
    pub(super) line: String,
    /// The same, closed at the axis.
    pub(super) area: String,
    pub(super) bound_y: f64,
    pub(super) bound: String,
    /// Whether less is left than the bound, which counts what is forced as needed.
    pub(super) is_below: bool,
    pub(super) ticks: Vec<Tick>,
}

/// Returns the chart; `None` where nothing is proposed together.
pub(super) fn curve(program: &ProgramAudit) -> Option<Curve> {
    let first = program.curve.first()?;
    if program.curve.len() < 2 {
        return None;
    }
    let top =
        program.curve.iter().map(|point| point.alloc).chain([first.alloc, program.bound.alloc]).max()?;
    let step = tick_step(top);
    let y = |alloc: u64| round(TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - alloc as f64 / top.max(1) as f64));
    let n_steps = program.curve.len() as f64;
    let x = |i: usize| round(LEFT + (WIDTH - LEFT - RIGHT) * i as f64 / n_steps);
    let points: Vec<Point> = program
        .curve
        .iter()
        .enumerate()
        .map(|(i, point)| Point {
            x: x(i),
            y: y(point.alloc),
            left: bytes_of(point.alloc, program.size.provenance),
            id: point.proposals.last().cloned().unwrap_or_default(),
            tick: if i == 0 { "now".to_owned() } else { i.to_string() },
        })
        .collect();
    // Each level holds until the next change.
    let mut line = format!("M{} {}", points[0].x, points[0].y);
    for (i, point) in points.iter().enumerate() {
        line.push_str(&format!("V{}H{}", point.y, x(i + 1)));
    }
    let bottom = HEIGHT - BOTTOM;
    let area = format!("{line}V{bottom}H{}Z", points[0].x);
    let ticks = (0..).map(|i| i * step).take_while(|&value| value <= top);
    Some(Curve {
        width: WIDTH,
        height: HEIGHT,
        left: LEFT,
        right: WIDTH - RIGHT,
        bottom,
        points,
        line,
        area,
        bound_y: y(program.bound.alloc),
        bound: bytes_of(program.bound.alloc, program.size.provenance),
        is_below: program.curve.iter().any(|point| point.alloc < program.bound.alloc),
        ticks: ticks.map(|value| Tick { y: y(value), text: bytes(value) }).collect(),
    })
}

/// 1, 2 or 5 times a power of ten, so that there are about five of them.
fn tick_step(top: u64) -> u64 {
    let mut power = 1u64;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if step == u64::MAX || top / step <= 6 {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::tick_step;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!([0, 5, 9, 1_710_000, 4_000_000].map(tick_step), [1, 1, 2, 500_000, 1_000_000]);
        assert!(tick_step(u64::MAX) >= u64::MAX / 7);
    }
}
