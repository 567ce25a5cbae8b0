//! Axes of plots with all labels in full ink: by default labels that are close to one another are faint.

use egui::Rangef;
use egui_plot::AxisHints;

/// Space in points below which a label is left out: of the horizontal and of the vertical axis.
const APART: [f32; 2] = [60.0, 20.0];
/// As for the horizontal axis, for short labels.
const SHORT: f32 = 20.0;

fn full_ink(apart: f32) -> Rangef {
    Rangef::new(apart, apart + 0.1)
}

/// Horizontal axis.
pub fn x<'a>() -> AxisHints<'a> {
    AxisHints::new_x().label_spacing(full_ink(APART[0]))
}

/// Horizontal axis with labels of few characters, which have room where the plot is narrow.
pub fn x_short<'a>() -> AxisHints<'a> {
    AxisHints::new_x().label_spacing(full_ink(SHORT))
}

/// Vertical axis.
pub fn y<'a>() -> AxisHints<'a> {
    AxisHints::new_y().label_spacing(full_ink(APART[1]))
}
