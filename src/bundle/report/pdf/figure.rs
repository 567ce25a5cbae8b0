//! Figures of this program's exhibits, read from their SVG as shapes.
//!
//! The exhibits use few elements (`exhibit/svg`): rectangles, lines, polylines, discs and text. Other elements
//! are left out.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Shape in user units, y downwards.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Closed path, filled or with an outline.
    Rect { corner: [f32; 2], size: [f32; 2], fill: Option<[u8; 3]>, stroke: Option<[u8; 3]> },
    /// Line through points.
    Line { points: Vec<[f32; 2]>, colour: [u8; 3], width: f32, dash: Vec<f32> },
    /// Disc.
    Disc { centre: [f32; 2], radius: f32, fill: [u8; 3], stroke: [u8; 3] },
    /// Line of text on a base line; `anchor` is 0 at its beginning, 0.5 in the middle, 1 at its end.
    Text { at: [f32; 2], size: f32, anchor: f32, colour: [u8; 3], upwards: bool, bold: bool, text: String },
}

/// Shapes of a figure without its title and its caption, with the area that they take.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Drawn {
    /// Width in user units.
    pub width: f32,
    /// Height in user units.
    pub height: f32,
    /// Shapes, moved so that the area begins at 0.
    pub shapes: Vec<Shape>,
}

impl Drawn {
    /// Size of the smallest text; infinite without text.
    pub fn smallest_text(&self) -> f32 {
        let sizes = self.shapes.iter().filter_map(|shape| match shape {
            Shape::Text { size, .. } => Some(*size),
            _ => None,
        });
        sizes.fold(f32::INFINITY, f32::min)
    }
}

type Attributes = BTreeMap<String, String>;

/// Shapes of an exhibit's SVG inside its group, without the title above and the caption below.
pub(super) fn read(svg: &[u8]) -> Drawn {
    let mut reader = Reader::from_reader(svg);
    let mut drawn = Drawn::default();
    let (mut down, mut depth) = (0.0, 0_u32);
    let mut text: Option<(Attributes, String)> = None;
    let mut below: Option<f32> = None;
    // A fragment that is no XML ends the figure there.
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Eof => break,
            Event::Start(start) => {
                let attributes = attributes(&start);
                match start.name().as_ref() {
                    "svg" => drawn.width = number(&attributes, "width"),
                    "g" => {
                        depth += 1;
                        down += moved_down(&attributes);
                    }
                    "text" if depth > 0 => text = Some((attributes, String::new())),
                    // The first line of the caption.
                    "text" if down > 0.0 && below.is_none() => below = Some(number(&attributes, "y")),
                    _ => {}
                }
            }
            Event::Empty(start) if depth > 0 => {
                drawn.shapes.extend(shape(start.name().as_ref(), &attributes(&start)));
            }
            Event::Text(part) => {
                if let Some((_, words)) = &mut text {
                    words.push_str(&part);
                }
            }
            Event::GeneralRef(name) => {
                if let Some((_, words)) = &mut text {
                    words.push_str(reference(&name));
                }
            }
            Event::End(end) => match end.name().as_ref() {
                "g" => depth = depth.saturating_sub(1),
                "text" => {
                    if let Some((attributes, words)) = text.take() {
                        drawn.shapes.push(text_shape(&attributes, words));
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    let lowest = drawn.shapes.iter().map(lowest).fold(0.0, f32::max);
    drawn.height = below.map_or(lowest, |below| (below - down).min(lowest)) + 4.0;
    drawn
}

fn attributes(start: &BytesStart<'_>) -> Attributes {
    let attributes = start.attributes().filter_map(Result::ok);
    attributes.map(|attribute| (attribute.key.as_ref().to_owned(), unescaped(&attribute.value))).collect()
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

fn reference(name: &str) -> &'static str {
    match name {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}

fn number(attributes: &Attributes, name: &str) -> f32 {
    attributes
        .get(name)
        .and_then(|text| text.parse().ok())
        .filter(|value: &f32| value.is_finite())
        .unwrap_or(0.0)
}

/// Second number of `translate(0 40)`.
fn moved_down(attributes: &Attributes) -> f32 {
    let inside = attributes.get("transform").and_then(|text| text.strip_prefix("translate("));
    inside.and_then(|text| text.trim_end_matches(')').split(' ').nth(1)?.parse().ok()).unwrap_or(0.0)
}

/// `#1a2b3c`; `None` for `none` and anything else.
fn colour(attributes: &Attributes, name: &str) -> Option<[u8; 3]> {
    let digits = attributes.get(name)?.strip_prefix('#')?;
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

fn shape(name: &str, attributes: &Attributes) -> Option<Shape> {
    let get = |name: &str| number(attributes, name);
    let ink = |name: &str| colour(attributes, name);
    let width = if attributes.contains_key("stroke-width") { get("stroke-width") } else { 1.0 };
    match name {
        "rect" => Some(Shape::Rect {
            corner: [get("x"), get("y")],
            size: [get("width"), get("height")],
            fill: ink("fill"),
            stroke: ink("stroke"),
        }),
        "line" => Some(Shape::Line {
            points: vec![[get("x1"), get("y1")], [get("x2"), get("y2")]],
            colour: ink("stroke")?,
            width,
            dash: Vec::new(),
        }),
        "polyline" => {
            let pair = |text: &str| {
                let (x, y) = text.split_once(',')?;
                Some([x.parse().ok()?, y.parse().ok()?])
            };
            let points = attributes.get("points")?.split(' ').filter_map(pair).collect();
            let dash = attributes.get("stroke-dasharray").map_or("", String::as_str);
            let dash = dash.split([' ', ',']).filter_map(|part| part.parse().ok()).collect();
            Some(Shape::Line { points, colour: ink("stroke")?, width, dash })
        }
        "circle" => {
            let fill = ink("fill").or(ink("stroke"))?;
            let (centre, stroke) = ([get("cx"), get("cy")], ink("stroke").unwrap_or(fill));
            Some(Shape::Disc { centre, radius: get("r"), fill, stroke })
        }
        _ => None,
    }
}

fn text_shape(attributes: &Attributes, text: String) -> Shape {
    let anchor = match attributes.get("text-anchor").map(String::as_str) {
        Some("middle") => 0.5,
        Some("end") => 1.0,
        _ => 0.0,
    };
    Shape::Text {
        at: [number(attributes, "x"), number(attributes, "y")],
        size: number(attributes, "font-size"),
        anchor,
        colour: colour(attributes, "fill").unwrap_or([0; 3]),
        upwards: attributes.get("transform").is_some_and(|text| text.starts_with("rotate(-90")),
        bold: attributes.contains_key("font-weight"),
        text,
    }
}

fn lowest(shape: &Shape) -> f32 {
    match shape {
        Shape::Rect { corner, size, .. } => corner[1] + size[1],
        Shape::Line { points, .. } => points.iter().map(|point| point[1]).fold(0.0, f32::max),
        Shape::Disc { centre, radius, .. } => centre[1] + radius,
        Shape::Text { at, size, .. } => at[1] + size * 0.3,
    }
}
