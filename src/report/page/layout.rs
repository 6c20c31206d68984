//! Where things lie on the map: squares as far as possible, areas in proportion to bytes.

use streemap::Rect as Area;

/// A rectangle of the map.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) w: f64,
    pub(super) h: f64,
}

impl Rect {
    /// The whole map.
    pub(super) const MAP: Rect = Rect { x: 0.0, y: 0.0, w: 1600.0, h: 1000.0 };

    /// Returns what is left inside a frame with room for a title, where there is room for one.
    pub(super) fn framed(self) -> Rect {
        let title = if self.h > 60.0 && self.w > 70.0 { 26.0 } else { FRAME };
        if self.w <= 4.0 * FRAME || self.h <= title + 2.0 * FRAME {
            return self;
        }
        Rect { x: self.x + FRAME, y: self.y + title, w: self.w - 2.0 * FRAME, h: self.h - title - FRAME }
    }

    /// Returns it in tenths, for a compact text.
    pub(super) fn rounded(self) -> [f64; 4] {
        [self.x, self.y, self.w, self.h].map(|value| (value * 10.0).round() / 10.0)
    }
}

/// The frame of a library.
const FRAME: f64 = 3.0;

/// Returns the rectangles of some sizes inside one, in the order given; nothing has an empty one.
pub(super) fn squarified(inside: Rect, sizes: &[u64]) -> Vec<Rect> {
    let mut order: Vec<usize> = (0..sizes.len()).filter(|&i| sizes[i] > 0).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(sizes[i]), i));
    let mut rects = vec![Rect { x: inside.x, y: inside.y, w: 0.0, h: 0.0 }; sizes.len()];
    if inside.w <= 0.0 || inside.h <= 0.0 || order.is_empty() {
        return rects;
    }
    let area = Area { x: inside.x, y: inside.y, w: inside.w, h: inside.h };
    let set = |i: &mut usize, area: Area<f64>| {
        rects[*i] = Rect { x: area.x, y: area.y, w: area.w.max(0.0), h: area.h.max(0.0) };
    };
    streemap::squarify(area, &mut order, |&i| sizes[i] as f64, set);
    rects
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn areas_are_in_proportion_and_inside(sizes in prop::collection::vec(0u64..100_000, 1..80)) {
            let total: u64 = sizes.iter().sum();
            prop_assume!(total > 0);
            let rects = squarified(Rect::MAP, &sizes);
            let scale = Rect::MAP.w * Rect::MAP.h / total as f64;
            for (rect, &size) in rects.iter().zip(&sizes) {
                prop_assert!((rect.w * rect.h - size as f64 * scale).abs() < 0.01);
                prop_assert!(rect.x >= -1e-6 && rect.x + rect.w <= Rect::MAP.w + 1e-6);
                prop_assert!(rect.y >= -1e-6 && rect.y + rect.h <= Rect::MAP.h + 1e-6);
            }
            for (i, a) in rects.iter().enumerate() {
                for b in &rects[i + 1..] {
                    let wide = (a.x + a.w).min(b.x + b.w) - a.x.max(b.x);
                    let high = (a.y + a.h).min(b.y + b.h) - a.y.max(b.y);
                    prop_assert!(wide.min(high) < 1e-6, "{a:?} and {b:?} overlap");
                }
            }
        }
    }

    #[test]
    fn nothing_and_no_room_make_no_rectangles() {
        assert_eq!(squarified(Rect::MAP, &[0, 0])[1].w, 0.0);
        assert_eq!(squarified(Rect { w: 0.0, ..Rect::MAP }, &[3])[0].h, 0.0);
    }
}
