//! Layout of paragraphs in lines: bidirectional order, faces, line breaks.

use std::collections::HashMap;
use std::ops::Range;

use krilla::text::KrillaGlyph;
use unicode_bidi::{BidiInfo, Level, ParagraphInfo};
use unicode_segmentation::UnicodeSegmentation as _;

use super::fonts::Fonts;

/// Style of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    /// Size in points.
    pub size: f32,
    /// True for the bold face.
    pub bold: bool,
    /// Red, green, blue.
    pub colour: [u8; 3],
}

/// Text of one style.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    /// Text, as the document has it.
    pub text: String,
    /// Its look.
    pub style: Style,
    /// Name of the place that it leads to.
    pub link: Option<String>,
}

/// Run of glyphs of one face and style.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Distance from the beginning of the line, in points.
    pub x: f32,
    /// Width in points.
    pub width: f32,
    /// Position of the face.
    pub face: usize,
    /// Look.
    pub style: Style,
    /// Text that the glyphs stand for.
    pub text: String,
    /// Glyphs.
    pub glyphs: Vec<KrillaGlyph>,
    /// Name of the place that it leads to.
    pub link: Option<String>,
}

/// Line of text.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Pieces from left to right.
    pub pieces: Vec<Piece>,
    /// Width in points.
    pub width: f32,
}

/// Text layout: faces, and a cache of measured widths.
pub(super) struct Setter {
    /// The faces.
    pub fonts: Fonts,
    /// Widths in ems of words by face. Never iterated.
    widths: HashMap<(usize, String), f32>,
}

/// Maximum number of words with a cached width.
const MAX_WORDS: usize = 100_000;

/// Spans joined into one text.
struct Joined<'a> {
    text: String,
    /// End of each span in the text.
    ends: Vec<usize>,
    spans: &'a [Span],
}

impl Joined<'_> {
    fn span_at(&self, at: usize) -> usize {
        self.ends.partition_point(|&end| end <= at).min(self.spans.len().saturating_sub(1))
    }
}

impl Setter {
    /// A setter with these faces.
    pub fn new(fonts: Fonts) -> Self {
        Self { fonts, widths: HashMap::new() }
    }

    /// The spans as lines no wider than `width` points. Line feeds end a line. `auto` takes the direction
    /// of each paragraph from its first letter; otherwise it is left to right.
    pub fn lines(&mut self, spans: &[Span], width: f32, auto: bool) -> Vec<Line> {
        let mut joined = Joined { text: String::new(), ends: Vec::new(), spans };
        for span in spans {
            joined.text.push_str(&self.fonts.displayable(&span.text));
            joined.ends.push(joined.text.len());
        }
        let level = (!auto).then(Level::ltr);
        let bidi = BidiInfo::new(&joined.text, level);
        let mut lines = Vec::new();
        for paragraph in &bidi.paragraphs {
            let text = &joined.text[paragraph.range.clone()];
            let end = paragraph.range.start + text.trim_end_matches('\n').len();
            for line in self.broken(&joined, paragraph.range.start..end, width) {
                lines.push(self.set(&joined, &bidi, paragraph, line, width));
            }
        }
        if lines.is_empty() {
            lines.push(Line::default());
        }
        lines
    }

    /// Width of a text in one style, in points.
    pub fn width_of(&mut self, text: &str, style: Style) -> f32 {
        let span = Span { text: text.to_owned(), style, link: None };
        self.lines(&[span], f32::INFINITY, false).first().map_or(0.0, |line| line.width)
    }

    /// Ranges of the lines of a paragraph.
    fn broken(&mut self, joined: &Joined<'_>, range: Range<usize>, width: f32) -> Vec<Range<usize>> {
        let mut lines = Vec::new();
        let (mut start, mut used) = (range.start, 0.0);
        let mut at = range.start;
        for end in break_places(&joined.text[range.clone()]).into_iter().map(|place| range.start + place) {
            let atom = at..end;
            let bare = at + joined.text[atom.clone()].trim_end().len();
            let bare_width = self.measure(joined, at..bare);
            if used + bare_width > width && at > start {
                lines.push(start..at);
                (start, used) = (at, 0.0);
            }
            if bare_width > width {
                // Longer than a line: broken between characters.
                for (offset, cluster) in joined.text[at..bare].grapheme_indices(true) {
                    let place = at + offset;
                    let more = self.measure(joined, place..place + cluster.len());
                    if used + more > width && place > start {
                        lines.push(start..place);
                        (start, used) = (place, 0.0);
                    }
                    used += more;
                }
                used += self.measure(joined, bare..end);
            } else {
                used += bare_width + self.measure(joined, bare..end);
            }
            at = end;
        }
        lines.push(start..range.end);
        lines
    }

    /// Width of a range in points.
    fn measure(&mut self, joined: &Joined<'_>, range: Range<usize>) -> f32 {
        let mut width = 0.0;
        for (part, face, style) in self.parts(joined, range) {
            let text = &joined.text[part];
            let key = (face, text.to_owned());
            let ems = match self.widths.get(&key) {
                Some(&ems) => ems,
                None => {
                    let ems = self.fonts.shape(face, text, false).width;
                    if self.widths.len() < MAX_WORDS {
                        self.widths.insert(key, ems);
                    }
                    ems
                }
            };
            width += ems * style.size;
        }
        width
    }

    /// Parts of a range of one face and one look.
    fn parts(&self, joined: &Joined<'_>, range: Range<usize>) -> Vec<(Range<usize>, usize, Style)> {
        let mut parts: Vec<(Range<usize>, usize, usize)> = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let span = joined.span_at(at);
            let end = joined.ends.get(span).map_or(range.end, |&end| end.min(range.end)).max(at + 1);
            let bold = joined.spans[span].style.bold;
            for (offset, cluster) in joined.text[at..end].grapheme_indices(true) {
                let place = at + offset..at + offset + cluster.len();
                let before = parts.last().map(|&(_, face, _)| face);
                let face = self.fonts.face_of(cluster, bold, before);
                match parts.last_mut() {
                    Some((last, same, of)) if *same == face && *of == span && last.end == place.start => {
                        last.end = place.end;
                    }
                    _ => parts.push((place, face, span)),
                }
            }
            at = end;
        }
        parts.into_iter().map(|(part, face, span)| (part, face, joined.spans[span].style)).collect()
    }

    /// One line, in visual order.
    fn set(
        &self,
        joined: &Joined<'_>,
        bidi: &BidiInfo<'_>,
        paragraph: &ParagraphInfo,
        range: Range<usize>,
        width: f32,
    ) -> Line {
        let bare = range.start..range.start + joined.text[range.clone()].trim_end().len();
        let mut line = Line::default();
        if bare.is_empty() {
            return line;
        }
        let (levels, runs) = bidi.visual_runs(paragraph, bare);
        for run in runs {
            let from_right = levels.get(run.start).is_some_and(Level::is_rtl);
            let mut parts = self.parts(joined, run);
            if from_right {
                parts.reverse();
            }
            for (part, face, style) in parts {
                let link = joined.spans[joined.span_at(part.start)].link.clone();
                let text = joined.text[part].to_owned();
                let shaped = self.fonts.shape(face, &text, from_right);
                let wide = shaped.width * style.size;
                let glyphs = shaped.glyphs;
                line.pieces.push(Piece { x: line.width, width: wide, face, style, text, glyphs, link });
                line.width += wide;
            }
        }
        if paragraph.level.is_rtl() && width.is_finite() {
            let aside = (width - line.width).max(0.0);
            line.pieces.iter_mut().for_each(|piece| piece.x += aside);
        }
        line
    }
}

/// Places at which a line may end, ascending, the end of the text last.
fn break_places(text: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let mut clusters = text.grapheme_indices(true).peekable();
    let mut before: Option<char> = None;
    while let Some((at, cluster)) = clusters.next() {
        let end = at + cluster.len();
        let Some((_, next)) = clusters.peek() else { break };
        let (last, next) = (cluster.chars().next_back().unwrap_or(' '), next.chars().next().unwrap_or(' '));
        // Numbers of exhibits, ids and dates are not parted.
        let after_mark = match last {
            '-' => next.is_alphabetic() && before.is_some_and(char::is_lowercase),
            '/' | '_' | '–' => next.is_alphanumeric() && at > 0,
            _ => false,
        };
        let wide = (is_wide(last) || is_wide(next)) && !closes(next) && next != ' ';
        if (last == ' ' && next != ' ') || after_mark || wide {
            places.push(end);
        }
        before = Some(last);
    }
    places.push(text.len());
    places
}

/// True for characters of scripts that are written without spaces.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{1f000}'..='\u{1faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// True for characters that do not begin a line.
fn closes(c: char) -> bool {
    ".,;:!?)]}%。、，．：；！？）」』】〉》〕”’ー々".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, width: f32) -> Vec<String> {
        let style = Style { size: 10.0, bold: false, colour: [0; 3] };
        let mut setter = Setter::new(Fonts::load().unwrap());
        let spans = [Span { text: text.to_owned(), style, link: None }];
        let lines = setter.lines(&spans, width, true);
        assert!(lines.iter().all(|line| line.width <= width + 0.5), "{text}");
        let words = |line: &Line| line.pieces.iter().map(|piece| piece.text.as_str()).collect();
        lines.iter().map(words).collect()
    }

    #[test]
    fn lines_break_at_spaces_between_ideographs_and_within_long_words() {
        assert_eq!(set("one two three", 40.0), ["one two", "three"]);
        assert_eq!(set("a\n\nb", 40.0), ["a", "", "b"]);
        assert_eq!(set("漢字漢字漢字", 40.0), ["漢字漢字", "漢字"]);
        assert!(set(&"f".repeat(64), 60.0).len() > 2);
        assert!(set(&"x".repeat(10_000), 400.0).len() > 100);
    }

    #[test]
    fn text_from_the_right_stands_in_visual_order() {
        let lines = set("abc שלום def", 400.0);
        assert_eq!(lines.len(), 1);
        // The first letter is Latin, so the Hebrew word stands between the others.
        assert!(lines[0].starts_with("abc") && lines[0].ends_with("def"), "{lines:?}");
    }
}
