//! Output of pages as PDF: marks, headers and footers, links, outline, metadata.

use krilla::Document as Pdf;
use krilla::SerializeSettings;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;

use super::figure::{Drawn, Shape};
use super::layout::{BOTTOM, GREY, INK, Op, Page, Pages, SIDE, TOP};
use super::text::{Piece, Setter, Span, Style};
use crate::bundle::BundleError;
use crate::bundle::report::document::{Document, Furniture};

/// Text of the furniture.
const SMALL: Style = Style { size: 8.0, bold: false, colour: GREY };

fn failed(why: impl std::fmt::Display) -> BundleError {
    BundleError::Encode { what: "the report as PDF".to_owned(), why: why.to_string() }
}

/// The pages as PDF/A-2u.
pub(super) fn write(document: &Document, pages: &Pages, setter: &mut Setter) -> Result<Vec<u8>, BundleError> {
    let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A2_U).finish();
    let configuration = configuration.map_err(|_| failed("the PDF version does not allow PDF/A-2u"))?;
    let settings = SerializeSettings { configuration, enable_tagging: false, ..SerializeSettings::default() };
    let mut pdf = Pdf::new_with(settings);
    for (at, page) in pages.pages.iter().enumerate() {
        let [width, height] = page.size;
        let size = PageSettings::from_wh(width, height).ok_or_else(|| failed("a page without area"))?;
        let mut made = pdf.start_page_with(size);
        let mut surface = made.surface();
        for op in &page.ops {
            draw(&mut surface, op, pages, setter);
        }
        furniture(&mut surface, &document.furniture, page, [at + 1, pages.pages.len()], setter);
        surface.finish();
        for op in &page.ops {
            if let Some(link) = link(op, pages) {
                made.add_annotation(link.into());
            }
        }
        made.finish();
    }
    pdf.set_outline(outline(pages));
    pdf.set_metadata(metadata(&document.furniture));
    pdf.finish().map_err(|error| failed(format!("{error}: {error:?}")))
}

fn metadata(furniture: &Furniture) -> Metadata {
    let mut parts = furniture.date.split('-').map(|part| part.parse::<u16>().unwrap_or(1));
    let mut next = || parts.next().unwrap_or(1);
    let (year, month, day) = (next(), next(), next());
    let date = DateTime::new(year).month(month.min(12) as u8).day(day.min(31) as u8);
    let date = date.hour(0).minute(0).second(0).utc_offset_hour(0).utc_offset_minute(0);
    let name = format!("stillhunt {}", env!("CARGO_PKG_VERSION"));
    Metadata::new()
        .title(furniture.title.clone())
        .authors(vec![furniture.author.clone()])
        .language("en".to_owned())
        .creator(name.clone())
        .producer(name)
        .creation_date(date)
        .document_id(format!("{} {} {}", furniture.bates, furniture.head, furniture.date))
}

/// Outline with the parts of each section below it.
fn outline(pages: &Pages) -> Outline {
    let mut outline = Outline::new();
    let mut open: Option<OutlineNode> = None;
    for entry in &pages.outline {
        let (page, y) = entry.place;
        let node = OutlineNode::new(entry.text.clone(), XyzDestination::new(page, Point::from_xy(0.0, y)));
        if entry.level >= 3
            && let Some(section) = &mut open
        {
            section.push_child(node);
        } else if let Some(done) = open.replace(node) {
            outline.push_child(done);
        }
    }
    if let Some(done) = open {
        outline.push_child(done);
    }
    outline
}

fn link(op: &Op, pages: &Pages) -> Option<LinkAnnotation> {
    let Op::Link { rect: [left, top, right, bottom], anchor } = op else { return None };
    let rect = Rect::from_ltrb(*left, *top, *right, *bottom)?;
    let target = match anchor.strip_prefix("file:") {
        Some(path) => Target::Action(Action::Link(LinkAction::new(path.to_owned()))),
        None => {
            let &(page, y) = pages.anchors.get(anchor)?;
            Target::Destination(XyzDestination::new(page, Point::from_xy(0.0, y)).into())
        }
    };
    Some(LinkAnnotation::new(rect, target))
}

fn fill(colour: [u8; 3]) -> Fill {
    let [red, green, blue] = colour;
    Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}

fn stroke(colour: [u8; 3], width: f32, dash: &[f32]) -> Stroke {
    let [red, green, blue] = colour;
    let dash = (!dash.is_empty()).then(|| StrokeDash { array: dash.to_vec(), offset: 0.0 });
    Stroke { paint: rgb::Color::new(red, green, blue).into(), width, dash, ..Stroke::default() }
}

fn draw(surface: &mut Surface<'_>, op: &Op, pages: &Pages, setter: &mut Setter) {
    match op {
        Op::Text { at, piece } => draw_piece(surface, *at, piece, setter),
        Op::Fill { rect: [left, top, right, bottom], colour } => {
            fill_rect(surface, [*left, *top, *right, *bottom], *colour);
        }
        Op::Rule { from, to, colour, width } => draw_path(surface, &[*from, *to], *colour, *width, &[]),
        Op::Figure { at, scale, least, drawn } => draw_figure(surface, *at, *scale, *least, drawn, setter),
        Op::PageOf { anchor, right, style } => {
            let number =
                pages.anchors.get(anchor).map_or_else(String::new, |(page, _)| (page + 1).to_string());
            draw_words(surface, &number, *right, 1.0, *style, setter);
        }
        Op::Link { .. } => {}
    }
}

fn draw_piece(surface: &mut Surface<'_>, at: [f32; 2], piece: &Piece, setter: &Setter) {
    surface.set_stroke(None);
    surface.set_fill(Some(fill(piece.style.colour)));
    let font = setter.fonts.font(piece.face);
    let start = Point::from_xy(at[0], at[1]);
    surface.draw_glyphs(start, &piece.glyphs, font, &piece.text, piece.style.size, false);
}

/// Draws one line of text; `anchor` is 0 at its beginning and 1 at its end.
fn draw_words(
    surface: &mut Surface<'_>,
    text: &str,
    at: [f32; 2],
    anchor: f32,
    style: Style,
    setter: &mut Setter,
) {
    let span = Span { text: text.replace('\n', " "), style, link: None };
    for line in setter.lines(&[span], f32::INFINITY, false).iter().take(1) {
        for piece in &line.pieces {
            draw_piece(surface, [at[0] - line.width * anchor + piece.x, at[1]], piece, setter);
        }
    }
}

fn fill_rect(surface: &mut Surface<'_>, [left, top, right, bottom]: [f32; 4], colour: [u8; 3]) {
    let Some(rect) = Rect::from_ltrb(left, top, right, bottom) else { return };
    let mut builder = PathBuilder::new();
    builder.push_rect(rect);
    if let Some(path) = builder.finish() {
        surface.set_stroke(None);
        surface.set_fill(Some(fill(colour)));
        surface.draw_path(&path);
    }
}

fn draw_path(surface: &mut Surface<'_>, points: &[[f32; 2]], colour: [u8; 3], width: f32, dash: &[f32]) {
    let mut builder = PathBuilder::new();
    for (at, [x, y]) in points.iter().enumerate() {
        if at == 0 { builder.move_to(*x, *y) } else { builder.line_to(*x, *y) }
    }
    if let Some(path) = builder.finish() {
        surface.set_fill(None);
        surface.set_stroke(Some(stroke(colour, width, dash)));
        surface.draw_path(&path);
    }
}

fn draw_figure(
    surface: &mut Surface<'_>,
    at: [f32; 2],
    scale: f32,
    least: f32,
    drawn: &Drawn,
    setter: &mut Setter,
) {
    surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, at[0], at[1]));
    for shape in &drawn.shapes {
        draw_shape(surface, shape, least, setter);
    }
    surface.pop();
}

fn draw_shape(surface: &mut Surface<'_>, shape: &Shape, least: f32, setter: &mut Setter) {
    match shape {
        Shape::Rect { corner: [x, y], size: [width, height], fill, stroke } => {
            if let Some(colour) = fill {
                fill_rect(surface, [*x, *y, x + width, y + height], *colour);
            }
            if let Some(colour) = stroke {
                let (right, bottom) = (x + width, y + height);
                let corners = [[*x, *y], [right, *y], [right, bottom], [*x, bottom], [*x, *y]];
                draw_path(surface, &corners, *colour, 1.0, &[]);
            }
        }
        Shape::Line { points, colour, width, dash } => draw_path(surface, points, *colour, *width, dash),
        Shape::Disc { centre, radius, fill, stroke } => {
            draw_disc(surface, *centre, *radius, *stroke);
            if fill != stroke {
                draw_disc(surface, *centre, (radius - 1.0).max(0.5), *fill);
            }
        }
        Shape::Text { at, size, anchor, colour, upwards, bold, text } => {
            let style = Style { size: size.max(least), bold: *bold, colour: *colour };
            if *upwards {
                surface.push_transform(&Transform::from_row(0.0, -1.0, 1.0, 0.0, at[0], at[1]));
                draw_words(surface, text, [0.0, 0.0], *anchor, style, setter);
                surface.pop();
            } else {
                draw_words(surface, text, *at, *anchor, style, setter);
            }
        }
    }
}

fn draw_disc(surface: &mut Surface<'_>, [x, y]: [f32; 2], radius: f32, colour: [u8; 3]) {
    // A quarter of a circle as a cubic curve.
    let k = radius * 0.552_285;
    let mut builder = PathBuilder::new();
    builder.move_to(x + radius, y);
    builder.cubic_to(x + radius, y + k, x + k, y + radius, x, y + radius);
    builder.cubic_to(x - k, y + radius, x - radius, y + k, x - radius, y);
    builder.cubic_to(x - radius, y - k, x - k, y - radius, x, y - radius);
    builder.cubic_to(x + k, y - radius, x + radius, y - k, x + radius, y);
    builder.close();
    if let Some(path) = builder.finish() {
        surface.set_stroke(None);
        surface.set_fill(Some(fill(colour)));
        surface.draw_path(&path);
    }
}

/// Header and footer: case, designation and Bates number; author, date, page and journal head.
fn furniture(
    surface: &mut Surface<'_>,
    text: &Furniture,
    page: &Page,
    [number, of]: [usize; 2],
    setter: &mut Setter,
) {
    let [width, height] = page.size;
    let (top, bottom) = (TOP - 26.0, height - BOTTOM + 22.0);
    let bates = format!("{}-{number:06}", text.bates);
    let bold = Style { bold: true, colour: INK, ..SMALL };
    draw_words(surface, &shortened(&text.title, 60), [SIDE, top], 0.0, SMALL, setter);
    draw_words(surface, &text.designation, [width / 2.0, top], 0.5, bold, setter);
    draw_words(surface, &bates, [width - SIDE, top], 1.0, SMALL, setter);
    draw_path(surface, &[[SIDE, top + 5.0], [width - SIDE, top + 5.0]], GREY, 0.4, &[]);
    draw_path(surface, &[[SIDE, bottom - 11.0], [width - SIDE, bottom - 11.0]], GREY, 0.4, &[]);
    let author = format!("{} · {} (UTC)", shortened(&text.author, 60), text.date);
    draw_words(surface, &author, [SIDE, bottom], 0.0, SMALL, setter);
    draw_words(surface, &format!("Page {number} of {of}"), [width - SIDE, bottom], 1.0, SMALL, setter);
    let head = format!("Journal head, SHA-256: {}", text.head);
    draw_words(surface, &head, [SIDE, bottom + 12.0], 0.0, SMALL, setter);
}

/// At most `chars` characters; the last is an ellipsis if text was cut.
fn shortened(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    text.chars().take(chars.saturating_sub(1)).chain(['…']).collect()
}
