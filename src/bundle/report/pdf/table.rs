//! Layout of tables: column widths, rows across page breaks.

use super::layout::{AFTER_TABLE, BOTTOM, Flow, LEADING, Op, RULE, SHADE, SIDE, SMALL, TOP};
use super::text::{Line, Span, Style};
use crate::bundle::report::document::{Document, Table};

/// Number of characters from which a text counts as long.
const LONG: usize = 60;
/// Widths in points above which a word of a table may be broken: the first at which all columns fit counts.
const PARTED: [f32; 3] = [126.0, 92.0, 66.0];
/// Space between a table's rule and its text.
const PAD: f32 = 3.0;

/// Largest share of a page that a table may take to be kept on one.
const KEPT: f32 = 0.3;

/// Header and rows of a table as spans.
type Cells = (Vec<Vec<Span>>, Vec<Vec<Vec<Span>>>);

impl Flow<'_> {
    /// Cells of a table, with the numbers of its rows where it prints an exhibit.
    fn cells(&self, table: &Table) -> Cells {
        let style = SMALL;
        let numbered = table.exhibit.is_some();
        let mut header: Vec<Vec<Span>> = Vec::new();
        let bold = Style { bold: true, ..style };
        if numbered {
            header.push(vec![Span { text: "row".to_owned(), style: bold, link: None }]);
        }
        header.extend(
            table.header.iter().map(|name| vec![Span { text: name.clone(), style: bold, link: None }]),
        );
        let mut rows: Vec<Vec<Vec<Span>>> = Vec::new();
        for (at, row) in table.rows.iter().enumerate() {
            let number = Span { text: (at + 1).to_string(), style, link: None };
            let first = numbered.then(|| vec![number]);
            let cells = row.iter().map(|cell| self.spans(std::slice::from_ref(cell), style));
            rows.push(first.into_iter().chain(cells).collect());
        }
        (header, rows)
    }

    /// Height of the beginning of a table that stays together: all of a short one, else its head and first row.
    pub(super) fn table_start(&mut self, table: &Table) -> f32 {
        let (header, rows) = self.cells(table);
        let widths = self.column_widths(&header, &rows);
        let whole = self.size()[1] - TOP - BOTTOM;
        let mut height = |row: &[Vec<Span>]| height_of(&self.row_lines(row, &widths));
        let head = height(&header);
        let mut all = head;
        for row in &rows {
            all += height(row);
            if all > KEPT * whole {
                let first = rows.first().map_or(0.0, |row| height(row));
                // A row that is higher than a page goes on overleaf.
                let least = 5.0 * SMALL.size * LEADING;
                return head + if first > whole - head { least } else { first };
            }
        }
        all
    }

    /// Draws a table; the header is repeated on each page. `start` is the height of its beginning.
    pub(super) fn table(&mut self, table: &Table, start: f32) {
        let (header, rows) = self.cells(table);
        self.need(start);
        let widths = self.column_widths(&header, &rows);
        let head = self.row_lines(&header, &widths);
        let step = SMALL.size * LEADING;
        let head_height = height_of(&head);
        self.draw_row(&head, &widths, true);
        let last = rows.len().saturating_sub(1);
        let last_height = rows.last().map_or(0.0, |row| height_of(&self.row_lines(row, &widths)));
        for (at, row) in rows.iter().enumerate() {
            let mut lines = self.row_lines(row, &widths);
            let height = height_of(&lines);
            let whole = self.size()[1] - TOP - BOTTOM - head_height;
            // The last row is not left alone on a page.
            let parts_last = at > 0 && at + 1 == last && height + last_height > self.room();
            let fits_after = height + last_height <= whole;
            if (parts_last && fits_after)
                || (height > self.room() && (height <= whole || self.room() < 5.0 * step))
            {
                self.begin_page(false);
                self.draw_row(&head, &widths, true);
            }
            if let Some(name) = Document::row_name(table, at) {
                let place = (self.page(), self.y);
                self.made.anchors.insert(name, place);
            }
            // A row that is higher than a page goes on overleaf.
            loop {
                let fits = (((self.room() - 2.0 * PAD) / step).floor().max(1.0)) as usize;
                let rest: Vec<Vec<Line>> =
                    lines.iter_mut().map(|cell| cell.split_off(fits.min(cell.len()))).collect();
                self.draw_row(&lines, &widths, false);
                if rest.iter().all(Vec::is_empty) {
                    break;
                }
                lines = rest;
                self.begin_page(false);
                self.draw_row(&head, &widths, true);
            }
        }
        self.y += AFTER_TABLE;
    }

    /// Widths of the columns, padding included. Narrow columns get their full width; the others share the
    /// rest in proportion to their need.
    fn column_widths(&mut self, header: &[Vec<Span>], rows: &[Vec<Vec<Span>>]) -> Vec<f32> {
        let all = self.width();
        let columns = header.len().max(1);
        let mut wanted = vec![0.0_f32; columns];
        let mut words = vec![[0.0_f32; 2]; columns];
        for (row, in_head) in
            std::iter::once((header, true)).chain(rows.iter().take(400).map(|row| (row.as_slice(), false)))
        {
            for (at, cell) in row.iter().enumerate() {
                let (widest, word) = self.need_of(cell);
                wanted[at] = wanted[at].max(widest);
                words[at][usize::from(in_head)] = words[at][usize::from(in_head)].max(word);
            }
        }
        let pad = 2.0 * PAD;
        let room = all - pad * columns as f32;
        let least_at = |parted: f32| -> Vec<f32> {
            words.iter().map(|[body, head]| body.min(parted).max(head.min(all * 0.2))).collect()
        };
        let fitting = PARTED.into_iter().find(|parted| least_at(*parted).iter().sum::<f32>() <= room);
        let least = least_at(fitting.unwrap_or(PARTED[2]));
        if wanted.iter().sum::<f32>() <= room {
            let spare = (room - wanted.iter().sum::<f32>()) / columns as f32;
            return wanted.iter().map(|width| width + spare + pad).collect();
        }
        if least.iter().sum::<f32>() > room {
            let shrink = room / least.iter().sum::<f32>();
            return least.iter().map(|width| width * shrink + pad).collect();
        }
        let spare = room - least.iter().sum::<f32>();
        let more = |at: usize| (wanted[at] - least[at]).clamp(0.0, 6_000.0).powf(0.7);
        let sum: f32 = (0..columns).map(more).sum();
        (0..columns).map(|at| least[at] + spare * more(at) / sum.max(1.0) + pad).collect()
    }

    /// Width of a cell on one line, and of its longest word. A long text is estimated by its characters.
    fn need_of(&mut self, cell: &[Span]) -> (f32, f32) {
        let (mut widest, mut longest) = (0.0, 0.0_f32);
        for span in cell {
            let chars = span.text.chars().count();
            if chars > LONG {
                widest += chars as f32 * span.style.size * 0.52;
            } else {
                widest += self.setter.width_of(&span.text, span.style);
            }
            for word in span.text.split(' ').take(LONG) {
                let word: String = word.chars().take(LONG).collect();
                longest = longest.max(self.setter.width_of(&word, span.style));
            }
        }
        (widest, longest)
    }

    fn row_lines(&mut self, row: &[Vec<Span>], widths: &[f32]) -> Vec<Vec<Line>> {
        let pairs = row.iter().zip(widths);
        pairs.map(|(cell, width)| self.setter.lines(cell, (width - 2.0 * PAD).max(8.0), false)).collect()
    }

    fn draw_row(&mut self, cells: &[Vec<Line>], widths: &[f32], head: bool) {
        let step = SMALL.size * LEADING;
        let height = most(cells) as f32 * step + 2.0 * PAD;
        let width: f32 = widths.iter().sum();
        let top = self.y;
        if head {
            self.push(Op::Fill { rect: [SIDE, top, SIDE + width, top + height], colour: SHADE });
            self.push(Op::Rule { from: [SIDE, top], to: [SIDE + width, top], colour: RULE, width: 0.6 });
        }
        let mut x = SIDE;
        for (cell, column) in cells.iter().zip(widths) {
            for (at, line) in cell.iter().enumerate() {
                self.draw_line(line, x + PAD, top + PAD + at as f32 * step, SMALL.size);
            }
            x += column;
        }
        self.y = top + height;
        self.push(Op::Rule { from: [SIDE, self.y], to: [SIDE + width, self.y], colour: RULE, width: 0.6 });
    }
}

/// Height of a row with its padding.
fn height_of(cells: &[Vec<Line>]) -> f32 {
    most(cells) as f32 * SMALL.size * LEADING + 2.0 * PAD
}

fn most(cells: &[Vec<Line>]) -> usize {
    cells.iter().map(Vec::len).max().unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::fonts::Fonts;
    use super::super::layout::{self, Pages};
    use super::super::text::Setter;
    use super::*;
    use crate::bundle::report::document::{Block, Sentence};

    /// Pages of so many lines, a heading, an introduction and a table whose first row has so many lines.
    fn pages(before: usize, rows: usize, lines: usize, setter: &mut Setter) -> Pages {
        let mut document = Document::default();
        for _ in 0..before {
            document.say(["Line."]);
        }
        document.blocks.push(Block::Heading { level: 3, text: "Head".into(), anchor: "head".into() });
        document.say(["What the table has."]);
        let row = |at: usize| {
            let words = if at == 0 { "many words of a cell ".repeat(lines * 4) } else { "word".to_owned() };
            vec![Sentence::fixed(words), Sentence::fixed("x")]
        };
        document.blocks.push(Block::Table(Table {
            exhibit: None,
            header: vec!["a".into(), "b".into()],
            rows: (0..rows).map(row).collect(),
            anchors: (0..rows).map(|at| format!("row-{at}")).collect(),
        }));
        layout::pages(&document, setter)
    }

    #[test]
    fn a_heading_stands_with_the_first_row_and_no_head_or_last_row_alone() {
        let mut setter = Setter::new(Fonts::load().unwrap());
        for before in (0..70).step_by(3) {
            for (rows, lines) in [(3, 1), (60, 1), (40, 12)] {
                let made = pages(before, rows, lines, &mut setter);
                assert_eq!(made.anchors["head"].0, made.anchors["row-0"].0, "{before} {rows} {lines}");
                let mut on: BTreeMap<usize, usize> = BTreeMap::new();
                for at in 0..rows {
                    *on.entry(made.anchors[&format!("row-{at}")].0).or_default() += 1;
                }
                let alone = on.len() > 1 && on.values().next_back() == Some(&1);
                assert!(!alone, "{before} {rows} {lines}: {on:?}");
                for page in &made.pages {
                    let head = page.ops.iter().rposition(|op| matches!(op, Op::Fill { .. }));
                    let Some(head) = head else { continue };
                    let rules = page.ops[head..].iter().filter(|op| matches!(op, Op::Rule { .. })).count();
                    assert!(rules > 2, "{before} {rows} {lines}: a head without a row");
                }
            }
        }
    }
}
