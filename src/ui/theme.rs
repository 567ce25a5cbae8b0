//! Fonts, colours and spacing of the window in light and dark.
//!
//! Text has a contrast of at least 4.5 to 1 against its background; a test checks this. Series colours are
//! those of Okabe and Ito (2008), which people with any colour vision can distinguish.

use std::sync::Arc;

use egui::style::{Selection, WidgetVisuals, Widgets};
use egui::{Color32, CornerRadius, FontFamily, FontId, Stroke, TextStyle, Theme, Visuals, vec2};

use crate::case::ReviewStatus;
use crate::fonts::{BOLD, FILES};

/// Space between related widgets, in points.
pub const GAP: f32 = 4.0;
/// Space between groups, in points.
pub const GROUP_GAP: f32 = 10.0;
/// Height of one row of a table, in points.
pub const ROW: f32 = 20.0;
/// Height of a table's header, in points.
pub const HEADER: f32 = 22.0;
/// Smallest and largest zoom.
pub const ZOOM: std::ops::RangeInclusive<f32> = 0.75..=2.0;

const SERIES: [Color32; 8] = [
    Color32::from_rgb(0x00, 0x72, 0xb2),
    Color32::from_rgb(0xe6, 0x9f, 0x00),
    Color32::from_rgb(0x00, 0x9e, 0x73),
    Color32::from_rgb(0xcc, 0x79, 0xa7),
    Color32::from_rgb(0x56, 0xb4, 0xe9),
    Color32::from_rgb(0xd5, 0x5e, 0x00),
    Color32::from_rgb(0xbd, 0xb7, 0x2f),
    Color32::from_rgb(0x8c, 0x8c, 0x8c),
];

/// The colour of series `i` of a view; eight colours, then from the start again.
pub fn series(i: usize) -> Color32 {
    SERIES[i % SERIES.len()]
}

/// Colour of the scope.
pub fn scope(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(0x5a, 0xb0, 0xf0) } else { Color32::from_rgb(0x00, 0x62, 0xa6) }
}

/// Colour of the peers, drawn behind the scope.
pub fn peers(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(0x6c, 0x72, 0x7c) } else { Color32::from_rgb(0xaa, 0xb0, 0xba) }
}

/// Colour of the second scope, where the scope is compared with one.
pub fn against(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(0xe3, 0x9a, 0xc6) } else { Color32::from_rgb(0x99, 0x36, 0x70) }
}

/// Colours of the scope and of what it is compared with.
pub fn sides(visuals: &Visuals, is_compared: bool) -> [Color32; 2] {
    [scope(visuals), if is_compared { against(visuals) } else { peers(visuals) }]
}

/// Colour of the investigator's own events.
pub fn event(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(0xf2, 0xa0, 0x4c) } else { Color32::from_rgb(0xa8, 0x4a, 0x00) }
}

/// Colour of exculpatory evidence.
pub fn exculpatory(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(0x4c, 0xc9, 0x9f) } else { Color32::from_rgb(0x00, 0x6b, 0x4e) }
}

/// Colour of a lead's status.
pub fn status(visuals: &Visuals, status: ReviewStatus) -> Color32 {
    match status {
        ReviewStatus::New => visuals.text_color(),
        ReviewStatus::LookedAt | ReviewStatus::Dismissed => visuals.weak_text_color(),
        ReviewStatus::TakenUp => scope(visuals),
        ReviewStatus::Campaign => event(visuals),
    }
}

/// Sets fonts, colours and spacing of the window. Called once, at the start.
pub fn apply(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    ctx.set_visuals_of(Theme::Dark, visuals(Theme::Dark));
    ctx.set_visuals_of(Theme::Light, visuals(Theme::Light));
    ctx.all_styles_mut(|style| {
        // A click on the text of a cell selects its row, not the text.
        style.interaction.selectable_labels = false;
        style.spacing.item_spacing = vec2(6.0, GAP);
        style.spacing.button_padding = vec2(6.0, 2.0);
        style.spacing.interact_size.y = 20.0;
        style.text_styles = [
            (TextStyle::Heading, FontId::new(18.0, FontFamily::Proportional)),
            (TextStyle::Body, FontId::new(13.5, FontFamily::Proportional)),
            (TextStyle::Button, FontId::new(13.5, FontFamily::Proportional)),
            (TextStyle::Small, FontId::new(11.5, FontFamily::Proportional)),
            (TextStyle::Monospace, FontId::new(12.5, FontFamily::Monospace)),
        ]
        .into();
    });
}

/// The fonts of egui, with Hack behind Ubuntu for the arrows and the brackets that mark hostile characters, and the
/// bundled faces behind both for other scripts: prompts come in any.
fn fonts() -> egui::FontDefinitions {
    let mut fonts = egui::FontDefinitions::default();
    if let Some(family) = fonts.families.get_mut(&FontFamily::Proportional) {
        family.push("Hack".to_owned());
    }
    for (at, file) in FILES.iter().enumerate().filter(|(at, _)| *at != BOLD) {
        let name = format!("bundled {at}");
        fonts.font_data.insert(name.clone(), Arc::new(egui::FontData::from_static(file)));
        for family in fonts.families.values_mut() {
            family.push(name.clone());
        }
    }
    fonts
}

struct Palette {
    text: Color32,
    strong: Color32,
    weak: Color32,
    panel: Color32,
    sunken: Color32,
    faint: Color32,
    button: Color32,
    /// Boxes and circles without text, against which a mark is seen.
    control: Color32,
    hovered: Color32,
    line: Color32,
    selection: Color32,
    link: Color32,
    warn: Color32,
    error: Color32,
}

const LIGHT: Palette = Palette {
    text: Color32::from_rgb(0x24, 0x29, 0x30),
    strong: Color32::from_rgb(0x0c, 0x10, 0x14),
    weak: Color32::from_rgb(0x57, 0x5e, 0x69),
    panel: Color32::from_rgb(0xf6, 0xf7, 0xf9),
    sunken: Color32::from_rgb(0xff, 0xff, 0xff),
    faint: Color32::from_rgb(0xee, 0xf0, 0xf3),
    button: Color32::from_rgb(0xe6, 0xe9, 0xee),
    control: Color32::from_rgb(0x86, 0x8d, 0x97),
    hovered: Color32::from_rgb(0xd8, 0xde, 0xe7),
    line: Color32::from_rgb(0xcd, 0xd2, 0xda),
    selection: Color32::from_rgb(0xcf, 0xe3, 0xf7),
    link: Color32::from_rgb(0x00, 0x5a, 0x9c),
    warn: Color32::from_rgb(0x8f, 0x4a, 0x00),
    error: Color32::from_rgb(0xb0, 0x1c, 0x1c),
};

const DARK: Palette = Palette {
    text: Color32::from_rgb(0xd8, 0xdc, 0xe2),
    strong: Color32::from_rgb(0xf6, 0xf8, 0xfa),
    weak: Color32::from_rgb(0x9c, 0xa4, 0xb0),
    panel: Color32::from_rgb(0x1c, 0x1f, 0x24),
    sunken: Color32::from_rgb(0x14, 0x16, 0x1a),
    faint: Color32::from_rgb(0x23, 0x27, 0x2d),
    button: Color32::from_rgb(0x2e, 0x33, 0x3b),
    control: Color32::from_rgb(0x68, 0x70, 0x7b),
    hovered: Color32::from_rgb(0x3a, 0x41, 0x4c),
    line: Color32::from_rgb(0x3a, 0x40, 0x49),
    selection: Color32::from_rgb(0x1f, 0x4a, 0x70),
    link: Color32::from_rgb(0x7c, 0xbf, 0xff),
    warn: Color32::from_rgb(0xf2, 0xb0, 0x5c),
    error: Color32::from_rgb(0xff, 0x8f, 0x86),
};

fn palette(theme: Theme) -> &'static Palette {
    match theme {
        Theme::Dark => &DARK,
        Theme::Light => &LIGHT,
    }
}

fn visuals(theme: Theme) -> Visuals {
    let p = palette(theme);
    let radius = CornerRadius::same(3);
    let widget = |fill: Color32, stroke: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, stroke),
        corner_radius: radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Visuals {
        weak_text_color: Some(p.weak),
        widgets: Widgets {
            noninteractive: widget(p.panel, p.line, p.text),
            inactive: WidgetVisuals { bg_fill: p.control, ..widget(p.button, p.line, p.text) },
            hovered: widget(p.hovered, p.weak, p.strong),
            active: widget(p.selection, p.link, p.strong),
            open: widget(p.hovered, p.line, p.strong),
        },
        selection: Selection { bg_fill: p.selection, stroke: Stroke::new(1.0, p.strong) },
        hyperlink_color: p.link,
        faint_bg_color: p.faint,
        extreme_bg_color: p.sunken,
        code_bg_color: p.faint,
        warn_fg_color: p.warn,
        error_fg_color: p.error,
        window_fill: p.panel,
        window_stroke: Stroke::new(1.0, p.line),
        window_corner_radius: CornerRadius::same(4),
        menu_corner_radius: CornerRadius::same(4),
        panel_fill: p.panel,
        striped: true,
        ..theme.default_visuals()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, WCAG 2.2.
    fn luminance(colour: Color32) -> f32 {
        let linear = |c: u8| {
            let c = f32::from(c) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn black_on_white_is_21_to_1() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
    }

    #[test]
    fn every_text_colour_can_be_read_on_every_ground() {
        for theme in [Theme::Light, Theme::Dark] {
            let p = palette(theme);
            let v = visuals(theme);
            let grounds = [p.panel, p.sunken, p.faint];
            let texts = [
                p.text,
                p.strong,
                p.weak,
                p.link,
                p.warn,
                p.error,
                scope(&v),
                against(&v),
                event(&v),
                exculpatory(&v),
            ];
            for ground in grounds {
                for text in texts {
                    assert!(contrast(text, ground) >= 4.5, "{theme:?}: {text:?} on {ground:?}");
                }
            }
            assert!(contrast(p.text, p.button) >= 4.5 && contrast(p.strong, p.selection) >= 4.5);
            assert!(contrast(p.strong, p.hovered) >= 4.5);
            assert!(contrast(p.control, p.panel) >= 3.0 && contrast(p.text, p.control) >= 3.0);
        }
    }
}
