//! Picture of a view as it stands on screen: cut out of a frame without the menu that asked for it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use egui::{ColorImage, Context, Rect, ScreenshotCallback, ViewportCommand};

use super::keyboard;

/// Frames without dialog or menu before the picture is taken.
const SETTLED: u8 = 2;

/// A picture that was asked for.
pub struct ScreenPicture {
    /// The view, by its id.
    pub view: &'static str,
    /// Frames without dialog or menu so far.
    settled: u8,
    /// The frame that is awaited, and the place of the view in it, in points.
    taken: Option<(Receiver<Arc<ColorImage>>, Rect)>,
}

impl ScreenPicture {
    /// Picture of a view that is in front.
    pub fn of(view: &'static str) -> Self {
        Self { view, settled: 0, taken: None }
    }

    /// Asks for the frame once it is free of menus, and returns the view cut out of it. `place` is that of the view in
    /// points. Call after a frame is drawn.
    pub fn poll(&mut self, ctx: &Context, place: Option<Rect>) -> Option<ColorImage> {
        if let Some((frame, rect)) = &self.taken {
            return frame.try_recv().ok().map(|frame| cut(&frame, *rect, ctx.pixels_per_point()));
        }
        place?;
        ctx.request_repaint();
        self.settled = if keyboard::is_taken(ctx) { 0 } else { self.settled + 1 };
        if let Some(place) = place.filter(|_| self.settled >= SETTLED) {
            let (reply, frame) = channel();
            let waker = ctx.clone();
            self.taken = Some((frame, place));
            ctx.send_viewport_cmd(ViewportCommand::Screenshot(ScreenshotCallback::new(move |image| {
                // Nobody waits once the case is closed.
                let _ = reply.send(image);
                waker.request_repaint();
            })));
        }
        None
    }
}

/// Part of a frame inside a rectangle in points.
fn cut(frame: &ColorImage, rect: Rect, scale: f32) -> ColorImage {
    let [width, height] = frame.size;
    let pixels = |from: f32, to: f32, end: usize| {
        let first = ((from * scale).round().max(0.0) as usize).min(end);
        first..((to * scale).round().max(0.0) as usize).clamp(first, end)
    };
    let (across, down) = (pixels(rect.min.x, rect.max.x, width), pixels(rect.min.y, rect.max.y, height));
    let size = [across.len(), down.len()];
    let pixels = down.flat_map(|y| &frame.pixels[y * width..][across.clone()]).copied().collect();
    ColorImage::new(size, pixels)
}

/// A PNG file of a picture, with a description that other programs show.
///
/// # Errors
/// A picture without area.
pub fn png(image: &ColorImage, description: &str) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, image.size[0] as u32, image.size[1] as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.add_itxt_chunk("Description".to_owned(), description.to_owned())?;
    let mut writer = encoder.write_header()?;
    let rgb: Vec<u8> = image.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    writer.write_image_data(&rgb)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use egui::{Color32, pos2};

    use super::*;

    #[test]
    fn a_view_is_cut_out_and_described() {
        let pixel = |at: usize| Color32::from_rgb((at % 8) as u8, (at / 8) as u8, 0);
        let frame = ColorImage::new([8, 6], (0..48).map(pixel).collect());
        let rect = Rect::from_min_max(pos2(1.0, 0.5), pos2(3.0, 9.0));
        let part = cut(&frame, rect, 2.0);
        assert_eq!((part.size, part.pixels[0]), ([4, 5], Color32::from_rgb(2, 1, 0)));
        let file = png(&part, "Scope: café").unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
        assert_eq!(reader.info().utf8_text[0].get_text().unwrap(), "Scope: café");
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut bytes).unwrap();
        assert_eq!((bytes.len(), &bytes[..6]), (60, &[2, 1, 0, 3, 1, 0][..]));
        assert!(png(&cut(&frame, Rect::NOTHING, 1.0), "").is_err());
    }
}
