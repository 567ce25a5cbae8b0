//! Drawing: a page of fixed width with a title above and the caption below.
//!
//! Plain shapes and text with generic fonts: no script, no style sheet, no reference to anything
//! outside, no identifiers (so that several figures can stand in one document). Scope and peers
//! differ in lightness and in form, not in hue alone, and survive a black-and-white printer.

use super::caption::Caption;
use super::xml::{Xml, visible_xml};

/// Width of every figure, in user units (CSS pixels).
pub(super) const WIDTH: f64 = 960.0;
/// Text and axes.
pub(super) const INK: &str = "#1a1a1a";
/// Secondary text.
pub(super) const GREY: &str = "#5f5f5f";
/// Grid lines.
pub(super) const FAINT: &str = "#d4d4d4";
/// The scope.
pub(super) const SCOPE: &str = "#0b4f8a";
/// The peers: lighter than the scope, and always dashed or hollow.
pub(super) const PEERS: &str = "#c77700";

const TITLE_HEIGHT: f64 = 40.0;
const CAPTION_SIZE: f64 = 10.0;
const CAPTION_LINE: f64 = 14.0;
/// Characters of a caption line: 10-unit text of a generic sans is about 5.2 wide, hashes wider.
const CAPTION_CHARS: usize = 150;

/// Alignment of a text at its position.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    /// Begins there.
    Start,
    /// Is centred there.
    Middle,
    /// Ends there.
    End,
}

/// A figure being drawn. (0, 0) is the corner under the title; y grows downwards.
pub(super) struct Drawing {
    xml: Xml,
    height: f64,
}

impl Drawing {
    /// An empty figure of a height, title and caption not counted.
    pub(super) fn new(height: f64) -> Self {
        Self { xml: Xml::new(), height }
    }

    /// A filled rectangle.
    pub(super) fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, fill: &str) {
        let [x, y, width, height] = [x, y, width, height].map(number);
        let size = [("x", &*x), ("y", &*y), ("width", &*width), ("height", &*height), ("fill", fill)];
        self.xml.empty("rect", &size).line();
    }

    /// The outline of a rectangle.
    pub(super) fn frame(&mut self, x: f64, y: f64, width: f64, height: f64, stroke: &str) {
        let [x, y, width, height] = [x, y, width, height].map(number);
        let attributes = [
            ("x", &*x),
            ("y", &*y),
            ("width", &*width),
            ("height", &*height),
            ("fill", "none"),
            ("stroke", stroke),
        ];
        self.xml.empty("rect", &attributes).line();
    }

    /// A straight line.
    pub(super) fn rule(&mut self, from: [f64; 2], to: [f64; 2], stroke: &str, width: f64) {
        let [x1, y1, x2, y2, width] = [from[0], from[1], to[0], to[1], width].map(number);
        let attributes = [
            ("x1", &*x1),
            ("y1", &*y1),
            ("x2", &*x2),
            ("y2", &*y2),
            ("stroke", stroke),
            ("stroke-width", &*width),
        ];
        self.xml.empty("line", &attributes).line();
    }

    /// A broken line through points; `dash` as SVG writes it, empty for none.
    pub(super) fn path(&mut self, points: &[[f64; 2]], stroke: &str, width: f64, dash: &str) {
        let points: Vec<_> = points.iter().map(|[x, y]| format!("{},{}", number(*x), number(*y))).collect();
        let (points, width) = (points.join(" "), number(width));
        let mut attributes =
            vec![("points", &*points), ("fill", "none"), ("stroke", stroke), ("stroke-width", &*width)];
        if !dash.is_empty() {
            attributes.push(("stroke-dasharray", dash));
        }
        self.xml.empty("polyline", &attributes).line();
    }

    /// A disc with an outline.
    pub(super) fn disc(&mut self, at: [f64; 2], radius: f64, fill: &str, stroke: &str) {
        let [x, y, radius] = [at[0], at[1], radius].map(number);
        let attributes = [("cx", &*x), ("cy", &*y), ("r", &*radius), ("fill", fill), ("stroke", stroke)];
        self.xml.empty("circle", &attributes).line();
    }

    /// One line of text; `y` is its base line.
    pub(super) fn text(&mut self, at: [f64; 2], size: f64, anchor: Anchor, fill: &str, text: &str) {
        let [x, y, size] = [at[0], at[1], size].map(number);
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let attributes =
            [("x", &*x), ("y", &*y), ("font-size", &*size), ("text-anchor", anchor), ("fill", fill)];
        self.xml.leaf("text", &attributes, text).line();
    }

    /// Text that reads upwards, centred: the title of a vertical axis.
    pub(super) fn text_up(&mut self, at: [f64; 2], size: f64, text: &str) {
        let [x, y, size] = [at[0], at[1], size].map(number);
        let turn = format!("rotate(-90 {x} {y})");
        let attributes = [
            ("x", &*x),
            ("y", &*y),
            ("font-size", &*size),
            ("text-anchor", "middle"),
            ("fill", INK),
            ("transform", &*turn),
        ];
        self.xml.leaf("text", &attributes, text).line();
    }

    /// The drawn part alone.
    pub(super) fn fragment(self) -> Vec<u8> {
        self.xml.finish()
    }

    /// The whole figure: title, what was drawn, caption.
    pub(super) fn finish(self, title: &str, caption: &Caption) -> Vec<u8> {
        let lines: Vec<String> =
            caption.lines.iter().flat_map(|line| wrap(&visible_xml(line), CAPTION_CHARS)).collect();
        let caption_top = TITLE_HEIGHT + self.height + 26.0;
        let height = number(caption_top + lines.len() as f64 * CAPTION_LINE + 6.0);
        let (width, down) = (number(WIDTH), format!("translate(0 {})", number(TITLE_HEIGHT)));
        let view = format!("0 0 {width} {height}");
        let mut page = Xml::new();
        page.open(
            "svg",
            &[
                ("xmlns", "http://www.w3.org/2000/svg"),
                ("width", &width),
                ("height", &height),
                ("viewBox", &view),
                ("font-family", "sans-serif"),
                ("role", "img"),
                ("aria-label", title),
            ],
        );
        page.line().leaf("title", &[], title).line();
        page.leaf("desc", &[], &caption.lines.join(" ")).line();
        page.empty("rect", &[("width", &width), ("height", &height), ("fill", "#ffffff")]).line();
        let heading = [("x", "16"), ("y", "26"), ("font-size", "17"), ("font-weight", "bold"), ("fill", INK)];
        page.leaf("text", &heading, &shorten(title, 100)).line();
        page.open("g", &[("transform", &down)]).line().raw(&self.xml.finish()).close().line();
        let size = number(CAPTION_SIZE);
        for (i, line) in lines.iter().enumerate() {
            let y = number(caption_top + i as f64 * CAPTION_LINE);
            page.leaf("text", &[("x", "16"), ("y", &y), ("font-size", &size), ("fill", GREY)], line).line();
        }
        let mut bytes = page.finish();
        bytes.push(b'\n');
        bytes
    }
}

/// A colour between white and a dark blue whose lightness falls evenly; `share` in 0..=1. Zero is
/// white, and anything above it is visibly not.
pub(super) fn shade(share: f64) -> String {
    const STOPS: [[f64; 3]; 3] = [[222.0, 235.0, 247.0], [88.0, 150.0, 200.0], [8.0, 40.0, 90.0]];
    if share.is_nan() || share <= 0.0 {
        return "#ffffff".to_owned();
    }
    let at = share.min(1.0) * 2.0;
    let (low, high) = if at < 1.0 { (STOPS[0], STOPS[1]) } else { (STOPS[1], STOPS[2]) };
    let part = if at < 1.0 { at } else { at - 1.0 };
    let mut colour = String::from("#");
    for (from, to) in low.into_iter().zip(high) {
        colour.push_str(&format!("{:02x}", (from + (to - from) * part).round() as u8));
    }
    colour
}

/// Ink that is legible on [`shade`].
pub(super) fn ink_on(share: f64) -> &'static str {
    if share > 0.45 { "#ffffff" } else { INK }
}

/// At most `chars` characters, the last an ellipsis where something was cut. Hostile characters
/// are made visible first, so that none of their codes is cut in two unseen.
pub(super) fn shorten(text: &str, chars: usize) -> String {
    let text = visible_xml(text).replace(['\n', '\t'], " ");
    if text.chars().count() <= chars {
        return text;
    }
    text.chars().take(chars.saturating_sub(1)).chain(['…']).collect()
}

/// A number with at most two decimals, without negative zero.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Lines of at most `chars` characters, broken at spaces where there are any.
fn wrap(text: &str, chars: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        if length > 0 && length + 1 + word.len() > chars {
            lines.push(String::new());
            length = 0;
        }
        while word.len() > chars {
            let rest = word.split_off(chars);
            if let Some(line) = lines.last_mut() {
                line.extend(word);
            }
            lines.push(String::new());
            word = rest;
        }
        if let Some(line) = lines.last_mut() {
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            length += word.len();
            line.extend(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::xml::text_of;
    use super::*;

    #[test]
    fn a_figure_is_xml_whatever_it_says() {
        let mut drawing = Drawing::new(100.0);
        drawing.text([0.0, 0.0], 10.0, Anchor::Start, INK, "<b>&\u{202e}</b>]]>");
        let caption = Caption { lines: vec!["Scope: <script>\u{0}.".into(), "x".repeat(400)] };
        let bytes = drawing.finish("a < b", &caption);
        let text = text_of(&bytes);
        assert!(text.contains("<b>&⟨U+202E⟩</b>]]>") && text.contains("Scope: <script>⟨U+0000⟩."));
        assert!(!String::from_utf8(bytes).unwrap().contains("<script"));
    }

    #[test]
    fn darker_is_more() {
        let light = |share: f64| {
            let colour = shade(share);
            (1..7).step_by(2).map(|i| u32::from_str_radix(&colour[i..i + 2], 16).unwrap()).sum::<u32>()
        };
        for i in 0..50 {
            assert!(light(f64::from(i) / 50.0) > light(f64::from(i + 1) / 50.0), "{i}");
        }
        assert_eq!(shade(f64::NAN), "#ffffff");
    }

    #[test]
    fn lines_break_at_spaces_and_within_long_words() {
        assert_eq!(wrap("ab cd ef", 5), ["ab cd", "ef"]);
        assert_eq!(wrap("abcdefg h", 3), ["abc", "def", "g h"]);
        assert_eq!(wrap("", 3), [""]);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([1.0, 0.5, -0.001, 12.345].map(number), ["1", "0.5", "0", "12.35"]);
    }
}
