//! The icon of the window, the one of `assets/desktop`.

use egui::IconData;

const FILE: &[u8] = include_bytes!("../../assets/desktop/stillhunt.png");

/// The icon; an empty one, for which desktops take their own, if the file has another form than expected.
pub fn icon() -> IconData {
    read().unwrap_or_default()
}

fn read() -> Option<IconData> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(FILE)).read_info().ok()?;
    let mut rgba = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut rgba).ok()?;
    let is_rgba = (info.color_type, info.bit_depth) == (png::ColorType::Rgba, png::BitDepth::Eight);
    is_rgba.then_some(IconData { rgba, width: info.width, height: info.height })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_icon_is_read() {
        let icon = super::icon();
        assert_eq!((icon.width, icon.height, icon.rgba.len()), (128, 128, 128 * 128 * 4));
    }
}
