//! Pictures of the window, painted by the processor and compared with stored ones in blocks.
//!
//! A block is the mean colour of 8 by 8 pixels, so that another rounding of an edge or a glyph changes nothing, and a
//! control that moved or a colour that changed does. `STILLHUNT_PICTURES=write` stores new pictures; look at them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use egui::epaint::{Primitive, Vertex};
use egui::{Color32, ColorImage, ImageData, Mesh, Pos2, Rect, TextureId, TexturesDelta};
use egui_kittest::{Harness, TestRenderer};
use stillhunt::ui::App;

/// Pixels of a block, across and down.
const BLOCK: usize = 8;
/// Difference of a channel from which a block counts as changed, of 255.
const VISIBLE: u8 = 24;
/// Changed blocks that are allowed: one in this many.
const ALLOWED: usize = 50;

/// The textures of a window.
#[derive(Clone, Default)]
pub struct Textures(Rc<RefCell<BTreeMap<TextureId, ColorImage>>>);

impl TestRenderer for Textures {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let mut textures = self.0.borrow_mut();
        for (id, changes) in std::mem::take(&mut delta.set) {
            for change in &changes {
                let ImageData::Color(image) = &change.image;
                match change.pos {
                    None => drop(textures.insert(id, ColorImage::clone(image))),
                    Some([left, top]) => {
                        let Some(texture) = textures.get_mut(&id) else { continue };
                        let width = texture.size[0];
                        for (y, row) in image.pixels.chunks(image.size[0]).enumerate() {
                            let at = (top + y) * width + left;
                            texture.pixels[at..at + row.len()].copy_from_slice(row);
                        }
                    }
                }
            }
        }
        std::mem::take(&mut delta.free).iter().for_each(|id| drop(textures.remove(id)));
    }
}

impl Textures {
    /// Paints the last frame.
    pub fn paint(&self, harness: &Harness<'_, Option<App>>) -> ColorImage {
        let scale = harness.ctx.pixels_per_point();
        let points = harness.ctx.content_rect().size();
        let size = [(points.x * scale) as usize, (points.y * scale) as usize];
        let mut canvas = ColorImage::filled(size, Color32::BLACK);
        let textures = self.0.borrow();
        for clipped in harness.ctx.tessellate(harness.output().shapes.clone(), scale) {
            let Primitive::Mesh(mesh) = &clipped.primitive else { continue };
            if let Some(texture) = textures.get(&mesh.texture_id) {
                fill(&mut canvas, mesh, texture, clipped.clip_rect, scale);
            }
        }
        canvas
    }
}

/// Paints the triangles of a mesh.
fn fill(canvas: &mut ColorImage, mesh: &Mesh, texture: &ColorImage, clip: Rect, scale: f32) {
    let clip =
        Rect::from_min_max((clip.min.to_vec2() * scale).to_pos2(), (clip.max.to_vec2() * scale).to_pos2());
    for corners in mesh.indices.chunks_exact(3) {
        let corners = [0, 1, 2].map(|at| mesh.vertices[corners[at] as usize]);
        triangle(canvas, corners, texture, clip, scale);
    }
}

fn triangle(canvas: &mut ColorImage, corners: [Vertex; 3], texture: &ColorImage, clip: Rect, scale: f32) {
    let [a, b, c] = corners.map(|corner| (corner.pos.to_vec2() * scale).to_pos2());
    let area = (b - a).rot90().dot(c - a);
    if area == 0.0 {
        return;
    }
    let bounds = Rect::from_points(&[a, b, c]).intersect(clip);
    let [width, height] = canvas.size;
    let pixels =
        |from: f32, to: f32, end: usize| (from.max(0.0) as usize)..(to.ceil().max(0.0) as usize).min(end);
    for y in pixels(bounds.min.y, bounds.max.y, height) {
        for x in pixels(bounds.min.x, bounds.max.x, width) {
            let at = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
            let of = [(b, c), (c, a), (a, b)].map(|(from, to)| (to - from).rot90().dot(at - from) / area);
            if of.iter().all(|share| *share >= 0.0) && clip.contains(at) {
                let pixel = &mut canvas.pixels[y * width + x];
                *pixel = over(shaded(corners, of, texture), *pixel);
            }
        }
    }
}

/// Colour of a point of a triangle, by the shares of its corners.
fn shaded(corners: [Vertex; 3], of: [f32; 3], texture: &ColorImage) -> [f32; 4] {
    let mix = |value: &dyn Fn(&Vertex) -> f32| {
        corners.iter().zip(of).map(|(corner, share)| value(corner) * share).sum()
    };
    let [width, height] = texture.size;
    let uv: [f32; 2] = [mix(&|corner| corner.uv.x), mix(&|corner| corner.uv.y)];
    let at = |share: f32, size: usize| ((share * size as f32).max(0.0) as usize).min(size - 1);
    let texel = texture.pixels[at(uv[1], height) * width + at(uv[0], width)].to_array();
    [0, 1, 2, 3].map(|channel| {
        let colour: f32 = mix(&|corner| f32::from(corner.color.to_array()[channel]));
        colour * f32::from(texel[channel]) / 255.0
    })
}

/// A premultiplied colour over another one.
fn over(above: [f32; 4], below: Color32) -> Color32 {
    let rest = 1.0 - above[3] / 255.0;
    let below = below.to_array();
    let [r, g, b] = [0, 1, 2].map(|at| (above[at] + f32::from(below[at]) * rest).round() as u8);
    Color32::from_rgb(r, g, b)
}

/// Mean colours of the blocks.
fn blocks(image: &ColorImage) -> ColorImage {
    let [width, height] = image.size.map(|size| size / BLOCK);
    let mean = |at: usize| {
        let (left, top) = (at % width * BLOCK, at / width * BLOCK);
        let mut sum = [0_usize; 3];
        for y in top..top + BLOCK {
            for pixel in &image.pixels[y * image.size[0] + left..][..BLOCK] {
                (0..3).for_each(|channel| sum[channel] += usize::from(pixel.to_array()[channel]));
            }
        }
        let [r, g, b] = sum.map(|sum| (sum / (BLOCK * BLOCK)) as u8);
        Color32::from_rgb(r, g, b)
    };
    ColorImage::new([width, height], (0..width * height).map(mean).collect())
}

/// Compares a picture with the stored one of this name.
pub fn check(name: &str, image: &ColorImage) {
    let stored =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/window/pictures").join(format!("{name}.png"));
    let now = blocks(image);
    if std::env::var_os("STILLHUNT_PICTURES").is_some_and(|value| value == "write") {
        write(&stored, &now);
    }
    let before = read(&stored);
    assert_eq!(now.size, before.size, "{name}: another size");
    let differs = |(a, b): (&Color32, &Color32)| {
        a.to_array().into_iter().zip(b.to_array()).any(|(a, b)| a.abs_diff(b) >= VISIBLE)
    };
    let changed = now.pixels.iter().zip(&before.pixels).filter(|pair| differs(*pair)).count();
    if changed * ALLOWED > now.pixels.len() {
        let whole = std::env::temp_dir().join(format!("stillhunt-{name}.png"));
        write(&whole, image);
        panic!("{name}: {changed} of {} blocks changed; now: {}", now.pixels.len(), whole.display());
    }
}

fn write(path: &std::path::Path, image: &ColorImage) {
    let file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut encoder = png::Encoder::new(file, image.size[0] as u32, image.size[1] as u32);
    encoder.set_color(png::ColorType::Rgb);
    let bytes: Vec<u8> = image.pixels.iter().flat_map(|pixel| pixel.to_array()[..3].to_vec()).collect();
    encoder.write_header().unwrap().write_image_data(&bytes).unwrap();
}

fn read(path: &std::path::Path) -> ColorImage {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    ColorImage::from_rgb([info.width as usize, info.height as usize], &bytes[..info.buffer_size()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_edge_is_seen_and_a_rounded_one_is_not() {
        let with_edge = |at: f32| {
            let mut canvas = ColorImage::filled([160, 160], Color32::BLACK);
            let mut mesh = Mesh::default();
            mesh.add_colored_rect(Rect::from_min_max(Pos2::ZERO, Pos2::new(at, 160.0)), Color32::WHITE);
            let white = ColorImage::filled([1, 1], Color32::WHITE);
            fill(&mut canvas, &mesh, &white, Rect::EVERYTHING, 1.0);
            blocks(&canvas).pixels
        };
        assert_eq!((with_edge(80.0)[9], with_edge(80.0)[10]), (Color32::WHITE, Color32::BLACK));
        assert_eq!(with_edge(80.0), with_edge(80.3), "a part of a pixel");
        assert_ne!(with_edge(80.0), with_edge(84.0));
    }
}
