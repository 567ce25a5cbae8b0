//! Look of the window, from what it paints: no text lies on another, none is cut off at an edge of the window, and
//! all can be read on their ground, in both themes, at 1280 × 800 and at 200 %.

use egui::epaint::{ClippedShape, TextShape};
use egui::{Color32, Key, Modifiers, Rect, Shape, Theme, pos2, vec2};

use crate::driver::Window;

/// Contrast of text at level AA of WCAG 2.2.
const AA: f32 = 4.5;

/// A row of text as it is painted.
#[derive(Debug)]
struct Painted {
    text: String,
    /// Box of its letters, without the space between lines.
    ink: Rect,
    /// The part that is seen.
    seen: Rect,
    colour: Color32,
    /// Colour under it; `None` on pictures and see-through grounds.
    ground: Option<Color32>,
}

/// Rows of text of a frame that nothing painted later covers.
fn painted(shapes: &[ClippedShape]) -> Vec<Painted> {
    let mut page = Page::default();
    shapes.iter().for_each(|clipped| page.add(&clipped.shape, clipped.clip_rect));
    page.texts
}

#[derive(Default)]
struct Page {
    texts: Vec<Painted>,
    grounds: Vec<(Rect, Option<Color32>)>,
}

impl Page {
    fn add(&mut self, shape: &Shape, clip: Rect) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| self.add(shape, clip)),
            Shape::Rect(rect) if rect.fill.a() == 255 && rect.brush.is_none() => {
                let area = rect.rect.intersect(clip);
                self.texts.retain(|text| !area.contains_rect(text.seen));
                self.grounds.push((area, Some(rect.fill)));
            }
            Shape::Text(text) => self.text(text, clip),
            Shape::Noop => {}
            other => {
                let bounds = other.visual_bounding_rect().intersect(clip);
                let is_line = matches!(other, Shape::LineSegment { .. });
                let is_frame = matches!(other, Shape::Rect(rect) if rect.fill == Color32::TRANSPARENT);
                if bounds.is_positive() && !is_line && !is_frame {
                    self.grounds.push((bounds, None));
                }
            }
        }
    }

    fn text(&mut self, text: &TextShape, clip: Rect) {
        if text.angle != 0.0 || text.opacity_factor < 1.0 {
            return;
        }
        let job = text.galley.job.sections.first().map(|section| section.format.color);
        let own = job.filter(|colour| *colour != Color32::PLACEHOLDER).unwrap_or(text.fallback_color);
        let colour = text.override_text_color.unwrap_or(own);
        for row in &text.galley.rows {
            let said: String = row.glyphs.iter().map(|glyph| glyph.chr).collect();
            let ink = row.rect().translate(text.pos.to_vec2()).shrink2(vec2(0.5, 3.0));
            let seen = ink.intersect(clip);
            // Rows that are scrolled out of sight, or almost.
            if said.trim().is_empty() || !seen.is_positive() || seen.height() < 0.6 * ink.height() {
                continue;
            }
            let under = self.grounds.iter().rev().find(|(area, _)| area.contains(seen.center()));
            let ground = under.and_then(|(_, colour)| *colour);
            self.texts.push(Painted { text: said, ink, seen, colour, ground });
        }
    }
}

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

/// Faults of a frame in words.
fn faults(window: &Window) -> Vec<String> {
    let texts = painted(&window.harness.output().shapes);
    assert!(texts.len() > 20, "{texts:?}");
    let screen = window.harness.ctx.content_rect();
    let mut faults = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        for other in &texts[at + 1..] {
            let both = text.seen.intersect(other.seen);
            if both.width() > 2.0 && both.height() > 2.0 {
                faults.push(format!("“{}” lies on “{}” at {both:?}", other.text, text.text));
            }
        }
        if text.ink.left() < screen.left() - 1.0 || text.ink.right() > screen.right() + 1.0 {
            faults.push(format!("“{}” leaves the window: {:?}", text.text, text.ink));
        }
        if let Some(ground) = text.ground.filter(|_| text.colour.a() == 255) {
            let contrast = contrast(text.colour, ground);
            if contrast < AA {
                let (colour, text) = (text.colour, &text.text);
                faults.push(format!("“{text}”: contrast {contrast:.2} of {colour:?} on {ground:?}"));
            }
        }
    }
    faults
}

impl Window {
    fn show_view(&mut self, title: &str) {
        self.ctrl(Key::K);
        self.harness.run_steps(2);
        self.harness.event(egui::Event::Text(format!("show {title}")));
        self.harness.run_steps(2);
        self.keys(Modifiers::NONE, Key::Enter);
        self.rest();
        // No view draws the hint of what lies under the pointer.
        self.harness.hover_at(pos2(-10.0, -10.0));
        self.harness.run_steps(30);
    }
}

#[test]
fn text_is_whole_apart_and_legible_in_every_view() {
    let mut window = Window::on_small_case();
    window.wait_for("Text pass finished");
    window.rest();
    window.pick_first_lead();
    window.press("Set scope to it");
    window.rest();
    window.press("Mark lead as evidence");
    window.wait_for("relied-on (1)");
    let mut all = Vec::new();
    for (size, theme) in [
        (vec2(1280.0, 800.0), Theme::Light),
        (vec2(1280.0, 800.0), Theme::Dark),
        // 200 % of the same window.
        (vec2(640.0, 400.0), Theme::Light),
    ] {
        window.harness.ctx.set_theme(theme);
        window.harness.set_size(size);
        for view in stillhunt::ui::view_titles() {
            window.show_view(view);
            // Messages lie over the views for some seconds.
            all.extend(
                faults(&window).into_iter().map(|fault| format!("{view}, {size:?}, {theme:?}: {fault}")),
            );
        }
    }
    assert!(all.is_empty(), "{} faults:\n{}", all.len(), all.join("\n"));
}

#[test]
fn faults_of_the_look_are_noticed() {
    let clip = Rect::from_min_size(pos2(0.0, 0.0), vec2(200.0, 100.0));
    let ctx = egui::Context::default();
    let mut texts = Vec::new();
    let _ = ctx.run_ui(egui::RawInput::default(), |ui| {
        let layout = |text: &str| {
            ui.painter().layout_no_wrap(text.to_owned(), egui::FontId::proportional(14.0), Color32::GRAY)
        };
        let at = |x: f32, text: &str| {
            let text = TextShape::new(pos2(x, 10.0), layout(text), Color32::GRAY);
            ClippedShape::new(clip, Shape::Text(text))
        };
        let ground = |rect: Rect| ClippedShape::new(clip, Shape::rect_filled(rect, 0.0, Color32::WHITE));
        let hidden = Rect::from_min_size(pos2(100.0, 0.0), vec2(100.0, 40.0));
        texts =
            painted(&[ground(clip), at(10.0, "one"), at(12.0, "two"), at(110.0, "hidden"), ground(hidden)]);
    });
    let said: Vec<&str> = texts.iter().map(|text| text.text.as_str()).collect();
    assert_eq!(said, ["one", "two"]);
    assert!(texts[0].seen.intersect(texts[1].seen).width() > 2.0);
    assert_eq!(texts[0].ground, Some(Color32::WHITE));
    assert!(contrast(Color32::GRAY, Color32::WHITE) < AA && contrast(Color32::BLACK, Color32::WHITE) > 20.0);
}
