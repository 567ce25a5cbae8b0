//! Bundled fonts: faces, coverage and shaping.
//!
//! All text of the PDF uses these faces, so that its bytes do not depend on the machine's fonts. A character
//! that no face has is written as its code in white brackets: `⟦U+1F9FF⟧`.

use std::borrow::Cow;

use harfrust::{Direction, FontRef, ShapeOptions, ShaperData, UnicodeBuffer};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use read_fonts::TableProvider as _;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::bundle::BundleError;
use crate::exhibit::xml::visible_xml;
use crate::fonts::{BOLD, FILES};

/// One face.
struct Face {
    font: Font,
    file: FontRef<'static>,
    data: ShaperData,
    units: f32,
}

/// The bundled faces.
pub(super) struct Fonts {
    faces: Vec<Face>,
}

/// Glyphs of a text in one face; positions and widths in ems.
#[derive(Clone, Debug)]
pub(super) struct Shaped {
    pub glyphs: Vec<KrillaGlyph>,
    pub width: f32,
}

impl Fonts {
    /// Loads the faces.
    ///
    /// # Errors
    /// A bundled file that is no font.
    pub fn load() -> Result<Self, BundleError> {
        let broken = |at: usize| BundleError::Encode {
            what: "the fonts of the report".to_owned(),
            why: format!("bundled font {at} cannot be read"),
        };
        let mut faces = Vec::new();
        for (at, bytes) in FILES.into_iter().enumerate() {
            let file = FontRef::new(bytes).map_err(|_| broken(at))?;
            let font = Font::new(bytes.into(), 0).ok_or_else(|| broken(at))?;
            let data = ShaperData::new(&file);
            let units = font.units_per_em();
            faces.push(Face { font, file, data, units });
        }
        Ok(Self { faces })
    }

    /// The face for drawing.
    pub fn font(&self, face: usize) -> Font {
        self.faces[face].font.clone()
    }

    /// Face for a cluster of characters: the regular or bold one, else the face of the previous cluster, else
    /// the first that has all characters. The regular or bold one if no face has them.
    pub fn face_of(&self, cluster: &str, bold: bool, before: Option<usize>) -> usize {
        let usual = if bold { BOLD } else { 0 };
        let candidates = [Some(usual), before].into_iter().flatten().chain(0..self.faces.len());
        candidates.into_iter().find(|&face| self.has(face, cluster)).unwrap_or(usual)
    }

    fn has(&self, face: usize, cluster: &str) -> bool {
        let Some(face) = self.faces.get(face) else { return false };
        let Ok(map) = face.file.cmap() else { return false };
        cluster.chars().all(|c| map.map_codepoint(c).is_some_and(|glyph| glyph.to_u32() != 0))
    }

    /// The text with hostile characters, and characters that no face has, as codes; a tab is four spaces.
    pub fn displayable(&self, text: &str) -> String {
        let text: Cow<'_, str> = visible_xml(text);
        let mut out = String::with_capacity(text.len());
        for cluster in text.graphemes(true) {
            match cluster {
                "\t" => out.push_str("    "),
                "\n" | "\r\n" => out.push('\n'),
                _ if (0..self.faces.len()).any(|face| self.has(face, cluster)) => out.push_str(cluster),
                _ => cluster.chars().for_each(|c| self.push_char(&mut out, c)),
            }
        }
        out
    }

    fn push_char(&self, out: &mut String, c: char) {
        let mut buffer = [0; 4];
        let text = c.encode_utf8(&mut buffer);
        if (0..self.faces.len()).any(|face| self.has(face, text)) {
            out.push(c);
        } else {
            out.push_str(&format!("⟦U+{:04X}⟧", u32::from(c)));
        }
    }

    /// Glyphs of a text in one face and one direction, in drawing order.
    pub fn shape(&self, face: usize, text: &str, from_right: bool) -> Shaped {
        let face = &self.faces[face];
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(if from_right { Direction::RightToLeft } else { Direction::LeftToRight });
        let output = face.data.shaper(&face.file).build().shape(buffer, ShapeOptions::new());
        let mut starts: Vec<usize> = output.glyph_infos().iter().map(|info| info.cluster as usize).collect();
        starts.sort_unstable();
        starts.dedup();
        let end_of = |start: usize| {
            let next = starts.partition_point(|&other| other <= start);
            starts.get(next).copied().unwrap_or(text.len())
        };
        let em = |units: i32| units as f32 / face.units;
        let mut width = 0.0;
        let glyphs = output.glyph_infos().iter().zip(output.glyph_positions()).map(|(info, position)| {
            width += em(position.x_advance);
            let start = info.cluster as usize;
            KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                em(position.x_advance),
                em(position.x_offset),
                em(position.y_offset),
                em(position.y_advance),
                start..end_of(start),
                None,
            )
        });
        let glyphs = glyphs.collect();
        Shaped { glyphs, width }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_have_faces_and_the_rest_is_marked() {
        let fonts = Fonts::load().unwrap();
        let scripts = "Zürich Ελλάδα Москва عربي עברית हिन्दी ไทย 漢字 国 かな 한국어 🚀 ⟨ U ⟩ ⟦⟧ ≤ → – “x”";
        assert_eq!(fonts.displayable(scripts), scripts);
        assert_eq!(fonts.displayable("ᚠ\u{202e}🙂"), "⟦U+16A0⟧⟨U+202E⟩⟦U+1F642⟧");
        for word in scripts.split(' ') {
            let face = fonts.face_of(word, false, None);
            let shaped = fonts.shape(face, word, false);
            assert!(
                shaped.width > 0.0 && shaped.glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0),
                "{word}"
            );
        }
    }
}
