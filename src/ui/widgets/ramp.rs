//! Colour ramps for numbers: sequential, diverging, and for order.

use egui::Color32;

const SEQUENTIAL_LIGHT: [Color32; 5] = [
    Color32::from_rgb(0xf7, 0xfb, 0xff),
    Color32::from_rgb(0xc6, 0xdb, 0xef),
    Color32::from_rgb(0x6b, 0xae, 0xd6),
    Color32::from_rgb(0x21, 0x71, 0xb5),
    Color32::from_rgb(0x08, 0x30, 0x6b),
];
const SEQUENTIAL_DARK: [Color32; 5] = [
    Color32::from_rgb(0x16, 0x19, 0x1f),
    Color32::from_rgb(0x17, 0x3a, 0x5e),
    Color32::from_rgb(0x1f, 0x6f, 0xa8),
    Color32::from_rgb(0x5a, 0xb0, 0xf0),
    Color32::from_rgb(0xe4, 0xf3, 0xff),
];
const LESS: Color32 = Color32::from_rgb(0xd5, 0x5e, 0x00);
const MORE: Color32 = Color32::from_rgb(0x00, 0x72, 0xb2);

/// Sequential: 0 is near the background, 1 the strongest.
pub fn sequential(share: f32, dark: bool) -> Color32 {
    let stops = if dark { &SEQUENTIAL_DARK } else { &SEQUENTIAL_LIGHT };
    let at = share.clamp(0.0, 1.0) * (stops.len() - 1) as f32;
    let from = (at as usize).min(stops.len() - 2);
    stops[from].lerp_to_gamma(stops[from + 1], at - from as f32)
}

/// Diverging: −1 is orange, 0 the background, 1 blue.
pub fn diverging(difference: f32, dark: bool) -> Color32 {
    let ground = sequential(0.0, dark);
    let end = if difference < 0.0 { LESS } else { MORE };
    ground.lerp_to_gamma(end, difference.abs().clamp(0.0, 1.0))
}

/// Order: 0 (early or low) is violet, 1 (late or high) is yellow. Legible as small dots on light and dark
/// background, which [`sequential`] is not. Steps of viridis (van der Walt & Smith 2015).
pub fn order(share: f32) -> Color32 {
    const STOPS: [Color32; 5] = [
        Color32::from_rgb(0x48, 0x28, 0x78),
        Color32::from_rgb(0x3e, 0x4a, 0x89),
        Color32::from_rgb(0x1f, 0x9e, 0x89),
        Color32::from_rgb(0x6e, 0xce, 0x58),
        Color32::from_rgb(0xe0, 0xc8, 0x20),
    ];
    let at = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f32;
    let from = (at as usize).min(STOPS.len() - 2);
    STOPS[from].lerp_to_gamma(STOPS[from + 1], at - from as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ramps_begin_at_the_ground_and_end_at_their_ends() {
        for dark in [false, true] {
            assert_eq!(diverging(0.0, dark), sequential(0.0, dark));
            assert_eq!((diverging(-2.0, dark), diverging(1.0, dark)), (LESS, MORE));
        }
        assert_eq!(sequential(1.0, false), SEQUENTIAL_LIGHT[4]);
        assert_eq!(sequential(0.5, true), SEQUENTIAL_DARK[2]);
    }
}
