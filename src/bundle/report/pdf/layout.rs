//! Layout of blocks on pages.

use std::collections::{BTreeMap, BTreeSet};

use super::figure::{self, Drawn};
use super::text::{Line, Piece, Setter, Span, Style};
use crate::bundle::report::document::{Block, CONTENTS, Citation, Document, Kind, Paper, Sentence};

pub(super) const INK: [u8; 3] = [26, 26, 26];
pub(super) const GREY: [u8; 3] = [95, 95, 95];
pub(super) const RULE: [u8; 3] = [187, 187, 187];
pub(super) const SHADE: [u8; 3] = [238, 238, 238];
const LINK: [u8; 3] = [11, 61, 120];

/// Margins in points: left and right, top, bottom.
pub(super) const SIDE: f32 = 54.0;
pub(super) const TOP: f32 = 66.0;
pub(super) const BOTTOM: f32 = 66.0;
/// Minimum size of text in a figure, in points.
const READABLE: f32 = 8.0;
const BODY: Style = Style { size: 10.0, bold: false, colour: INK };
pub(super) const SMALL: Style = Style { size: 8.5, bold: false, colour: INK };
/// Space below a table in points.
pub(super) const AFTER_TABLE: f32 = 8.0;
/// Height of a line, in sizes of its text.
pub(super) const LEADING: f32 = 1.38;

/// Mark on a page; all lengths in points, y downwards from the top of the page.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// Glyphs on a base line.
    Text { at: [f32; 2], piece: Piece },
    /// Filled rectangle.
    Fill { rect: [f32; 4], colour: [u8; 3] },
    /// Straight line.
    Rule { from: [f32; 2], to: [f32; 2], colour: [u8; 3], width: f32 },
    /// Figure with its corner, its scale and the minimum text size in user units.
    Figure { at: [f32; 2], scale: f32, least: f32, drawn: Drawn },
    /// Area of a link to an anchor.
    Link { rect: [f32; 4], anchor: String },
    /// Page number of an anchor, right-aligned at a point.
    PageOf { anchor: String, right: [f32; 2], style: Style },
}

/// Page with its size and marks.
#[derive(Clone, Debug)]
pub(super) struct Page {
    /// Width and height in points.
    pub size: [f32; 2],
    /// Marks, in drawing order.
    pub ops: Vec<Op>,
}

/// Heading in the outline.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Level, 1 to 3.
    pub level: u8,
    /// Text.
    pub text: String,
    /// Page, from 0, and distance from its top.
    pub place: (usize, f32),
}

/// The pages of a document.
pub(super) struct Pages {
    /// Pages in order.
    pub pages: Vec<Page>,
    /// Page, from 0, and distance from its top, by anchor.
    pub anchors: BTreeMap<String, (usize, f32)>,
    /// Headings in order.
    pub outline: Vec<Entry>,
}

pub(super) struct Flow<'a> {
    pub(super) setter: &'a mut Setter,
    pub(super) document: &'a Document,
    pub(super) rows: BTreeSet<String>,
    pub(super) made: Pages,
    pub(super) y: f32,
    /// Height that has to be free for the beginning of a table, by its block.
    pub(super) starts: BTreeMap<usize, f32>,
}

/// Size of upright paper in points.
fn upright(paper: Paper) -> [f32; 2] {
    match paper {
        Paper::A4 => [595.28, 841.89],
        Paper::Letter => [612.0, 792.0],
    }
}

/// Lays the document out.
pub(super) fn pages(document: &Document, setter: &mut Setter) -> Pages {
    let made = Pages { pages: Vec::new(), anchors: BTreeMap::new(), outline: Vec::new() };
    let rows = document.printed_rows();
    let mut flow = Flow { setter, document, rows, made, y: 0.0, starts: BTreeMap::new() };
    flow.begin_page(false);
    for at in 0..document.blocks.len() {
        flow.block(at);
    }
    flow.made
}

impl Flow<'_> {
    pub(super) fn begin_page(&mut self, landscape: bool) {
        let [width, height] = upright(self.document.paper);
        let size = if landscape { [height, width] } else { [width, height] };
        self.made.pages.push(Page { size, ops: Vec::new() });
        self.y = TOP;
    }

    pub(super) fn page(&self) -> usize {
        self.made.pages.len() - 1
    }

    pub(super) fn size(&self) -> [f32; 2] {
        self.made.pages.last().map_or(upright(self.document.paper), |page| page.size)
    }

    pub(super) fn width(&self) -> f32 {
        self.size()[0] - 2.0 * SIDE
    }

    pub(super) fn room(&self) -> f32 {
        self.size()[1] - BOTTOM - self.y
    }

    fn is_landscape(&self) -> bool {
        self.size()[0] > self.size()[1]
    }

    pub(super) fn push(&mut self, op: Op) {
        if let Some(page) = self.made.pages.last_mut() {
            page.ops.push(op);
        }
    }

    /// Begins a page if less than `height` is left, or if the page is in landscape.
    pub(super) fn need(&mut self, height: f32) {
        if self.is_landscape() || (height > self.room() && self.y > TOP) {
            self.begin_page(false);
        }
    }

    fn block(&mut self, at: usize) {
        let document = self.document;
        match &document.blocks[at] {
            Block::Heading { level, text, anchor } => {
                let keep = self.least_height(at + 1);
                self.heading(*level, text, anchor, keep);
            }
            Block::Paragraph { kind, sentences } => {
                let keep = self.after_paragraph(at + 1);
                if keep > 0.0 {
                    let height = self.height_of(sentences);
                    self.need(height.min(90.0) + keep);
                }
                self.paragraph(*kind, sentences);
            }
            Block::Table(table) => {
                let start = self.start_of(at);
                self.table(table, start);
            }
            Block::Figure { title, anchor, svg, caption } => self.figure(title, anchor, svg, caption),
            Block::Verbatim(text) => self.verbatim(text),
            Block::Contents => self.contents(),
            Block::PageBreak => {
                if self.y > TOP || self.is_landscape() {
                    self.begin_page(false);
                }
            }
        }
    }

    /// Minimum height to keep free below a heading before a block.
    fn least_height(&mut self, at: usize) -> f32 {
        let document = self.document;
        match document.blocks.get(at) {
            Some(Block::Heading { .. }) => 34.0 + self.least_height(at + 1),
            Some(Block::Paragraph { sentences, .. }) => {
                // An introduction stays with what it introduces.
                let height = self.height_of(sentences);
                if height > 90.0 { 60.0 } else { height + self.after_paragraph(at + 1) }
            }
            Some(Block::Table(_)) => self.start_of(at),
            Some(Block::Verbatim(_) | Block::Contents) => 50.0,
            Some(Block::Figure { .. } | Block::PageBreak) | None => 0.0,
        }
    }

    /// Height of what a paragraph introduces.
    fn after_paragraph(&mut self, at: usize) -> f32 {
        match self.document.blocks.get(at) {
            Some(Block::Table(_)) => self.start_of(at),
            Some(Block::Verbatim(_)) => 40.0,
            _ => 0.0,
        }
    }

    /// Height that has to be free for the beginning of a table: all of a short one, else its head and first row.
    fn start_of(&mut self, at: usize) -> f32 {
        if let Some(start) = self.starts.get(&at) {
            return *start;
        }
        let document = self.document;
        let start = match (document.blocks.get(at), document.blocks.get(at + 1)) {
            // Two tables without words between them are of one record.
            (Some(Block::Table(table)), Some(Block::Table(_))) => {
                self.table_start(table) + AFTER_TABLE + self.start_of(at + 1)
            }
            (Some(Block::Table(table)), _) => self.table_start(table),
            _ => 0.0,
        };
        // Columns have other widths on a turned page, on which no table stands.
        if !self.is_landscape() {
            self.starts.insert(at, start);
        }
        start
    }

    fn height_of(&mut self, sentences: &[Sentence]) -> f32 {
        let spans = self.spans(sentences, BODY);
        let width = self.width();
        self.setter.lines(&spans, width, false).len() as f32 * BODY.size * LEADING + 6.0
    }

    fn heading(&mut self, level: u8, text: &str, anchor: &str, keep: f32) {
        let size = [18.0, 14.0, 11.0][usize::from(level.saturating_sub(1)).min(2)];
        let style = Style { size, bold: true, colour: INK };
        let spans = [Span { text: text.to_owned(), style, link: None }];
        self.need(size * 3.0 + keep);
        let width = self.width();
        let lines = self.setter.lines(&spans, width, false);
        if self.y > TOP {
            self.y += size * 0.9;
        }
        self.mark(level, text, anchor);
        self.draw_lines(&lines, SIDE, size);
        if level == 2 {
            let (from, to) = ([SIDE, self.y + 1.0], [SIDE + width, self.y + 1.0]);
            self.push(Op::Rule { from, to, colour: RULE, width: 0.7 });
            self.y += 3.0;
        }
        self.y += 4.0;
    }

    fn mark(&mut self, level: u8, text: &str, anchor: &str) {
        let place = (self.page(), self.y);
        self.made.anchors.insert(anchor.to_owned(), place);
        let text = self.setter.fonts.displayable(text).replace('\n', " ");
        self.made.outline.push(Entry { level, text, place });
    }

    /// Draws lines one below the other, without a page break.
    fn draw_lines(&mut self, lines: &[Line], x: f32, size: f32) {
        for line in lines {
            self.draw_line(line, x, self.y, size);
            self.y += size * LEADING;
        }
    }

    pub(super) fn draw_line(&mut self, line: &Line, x: f32, top: f32, size: f32) {
        let base = top + size * 1.08;
        for piece in &line.pieces {
            if let Some(anchor) = &piece.link {
                let left = x + piece.x;
                let rect = [left, top, left + piece.width, top + size * LEADING];
                self.push(Op::Link { rect, anchor: anchor.clone() });
            }
            self.push(Op::Text { at: [x + piece.x, base], piece: piece.clone() });
        }
    }

    /// Sentences and their references as spans.
    pub(super) fn spans(&self, sentences: &[Sentence], style: Style) -> Vec<Span> {
        let mut spans = Vec::new();
        for (at, sentence) in sentences.iter().enumerate() {
            let before = if at > 0 { " " } else { "" };
            spans.push(Span { text: format!("{before}{}", sentence.text), style, link: None });
            self.push_citations(&mut spans, &sentence.cites, style);
        }
        spans
    }

    fn push_citations(&self, spans: &mut Vec<Span>, cites: &[Citation], style: Style) {
        let small = Style { size: (style.size - 1.0).max(8.0), ..style };
        for (at, cite) in cites.iter().enumerate() {
            let before = if at == 0 { " (" } else { "; " };
            spans.push(Span { text: before.to_owned(), style: small, link: None });
            let link = Some(cite.target(&self.rows));
            // A reference has no line break at its spaces.
            let text = cite.words().replace(' ', "\u{a0}");
            spans.push(Span { text, style: Style { colour: LINK, ..small }, link });
        }
        if !cites.is_empty() {
            spans.push(Span { text: ")".to_owned(), style: small, link: None });
        }
    }

    fn paragraph(&mut self, kind: Kind, sentences: &[Sentence]) {
        let spans = self.spans(sentences, BODY);
        let aside = if kind == Kind::Plain { 0.0 } else { 12.0 };
        self.need(BODY.size * LEADING);
        let width = self.width() - aside;
        let lines = self.setter.lines(&spans, width, false);
        let step = BODY.size * LEADING;
        let mut at = 0;
        while at < lines.len() {
            let fits = (self.room() / step).floor().max(0.0) as usize;
            let left = lines.len() - at;
            // At least two lines stay together at the end of a page and at the beginning of the next.
            let take = if fits >= left { left } else { fits.min(left.saturating_sub(2)) };
            if (take == 0 || (take == 1 && left > 1)) && self.y > TOP {
                self.begin_page(false);
                continue;
            }
            let take = take.max(1);
            let top = self.y;
            self.draw_lines(&lines[at..at + take], SIDE + aside, BODY.size);
            if kind == Kind::Note {
                let x = SIDE + 4.0;
                self.push(Op::Rule { from: [x, top], to: [x, self.y], colour: GREY, width: 1.5 });
            }
            at += take;
            if at < lines.len() {
                self.begin_page(false);
            }
        }
        if kind == Kind::Item {
            self.y += 3.0;
        } else {
            self.y += 6.0;
        }
    }

    fn contents(&mut self) {
        let document = self.document;
        for block in &document.blocks {
            let Block::Heading { level: 2, text, anchor } = block else { continue };
            if text == CONTENTS {
                continue;
            }
            let step = BODY.size * 1.6;
            self.need(step);
            let spans = [Span { text: text.clone(), style: BODY, link: Some(anchor.clone()) }];
            let width = self.width() - 40.0;
            let lines = self.setter.lines(&spans, width, false);
            if let Some(line) = lines.first() {
                self.draw_line(line, SIDE, self.y, BODY.size);
            }
            let right = [SIDE + self.width(), self.y + BODY.size * 1.08];
            self.push(Op::PageOf { anchor: anchor.clone(), right, style: BODY });
            self.y += step;
        }
        self.y += 6.0;
    }

    fn verbatim(&mut self, text: &str) {
        let spans = [Span { text: text.to_owned(), style: SMALL, link: None }];
        self.need(SMALL.size * LEADING * 2.0);
        let width = self.width() - 14.0;
        let step = SMALL.size * LEADING;
        for line in self.setter.lines(&spans, width, true) {
            self.need(step);
            let (from, to) = ([SIDE + 4.0, self.y], [SIDE + 4.0, self.y + step]);
            self.push(Op::Rule { from, to, colour: RULE, width: 1.5 });
            self.draw_lines(&[line], SIDE + 14.0, SMALL.size);
        }
        self.y += 6.0;
    }

    fn figure(&mut self, title: &str, anchor: &str, svg: &[u8], caption: &[Sentence]) {
        let drawn = figure::read(svg);
        let style = SMALL;
        let [narrow, high] = upright(self.document.paper);
        let scale = |page: f32| (page - 2.0 * SIDE) / drawn.width.max(1.0);
        let spans = self.spans(caption, style);
        let landscape = drawn.smallest_text() * scale(narrow) < READABLE;
        let page_width = if landscape { high } else { narrow };
        let lines = self.setter.lines(&spans, page_width - 2.0 * SIDE, false);
        let (head, below) = (32.0, lines.len() as f32 * style.size * LEADING + 12.0);
        let full = if landscape { narrow } else { high } - TOP - BOTTOM;
        // A high figure is made smaller until it stands on one page with its caption.
        let scale = scale(page_width).min(((full - head - below) / drawn.height.max(1.0)).max(0.1));
        if landscape {
            if self.y > TOP || !self.is_landscape() {
                // An empty page is turned instead of left empty.
                if self.y <= TOP && self.made.pages.last().is_some_and(|page| page.ops.is_empty()) {
                    self.made.pages.pop();
                }
                self.begin_page(true);
            }
        } else {
            self.need(head + drawn.height * scale + below);
        }
        if self.y > TOP {
            self.y += 8.0;
        }
        let head_style = Style { size: 11.0, bold: true, colour: INK };
        let head_spans = [Span { text: title.to_owned(), style: head_style, link: None }];
        let width = self.width();
        let head_lines = self.setter.lines(&head_spans, width, false);
        self.mark(3, title, anchor);
        self.draw_lines(&head_lines, SIDE, head_style.size);
        self.y += 4.0;
        let height = drawn.height * scale;
        self.push(Op::Figure { at: [SIDE, self.y], scale, least: READABLE / scale, drawn });
        self.y += height + 6.0;
        self.draw_lines(&lines, SIDE, style.size);
        self.y += 6.0;
    }
}
