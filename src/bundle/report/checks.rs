//! Check of sentences: every figure has a reference, and the cited row has the figure.

use super::document::{Block, Citation, Document, Sentence, anchor_of};
use super::sheets::Sheet;

/// Faults of a sentence: references to what is not there, and figures that no cited row has.
pub(super) fn of_sentence(sentence: &Sentence, cites: &[Citation], sheets: &[Sheet]) -> Vec<String> {
    let mut faults = Vec::new();
    for cite in cites {
        let sheet = sheets.iter().find(|sheet| sheet.name == cite.sheet);
        let exists =
            sheet.is_some_and(|sheet| cite.row.is_none_or(|row| (1..=sheet.rows.len()).contains(&row)));
        if !exists {
            faults.push(format!("“{}” cites {}, which does not exist", sentence.text, cite.words()));
        }
    }
    if sentence.fixed {
        return faults;
    }
    let cells: Vec<&str> = cites.iter().flat_map(|cite| cells(cite, sheets)).collect();
    for figure in figures(&sentence.text) {
        let bound = sentence.text.contains("less than") || sentence.text.contains("at most");
        let found = cells.iter().any(|cell| holds(cell, &figure, bound));
        if !found {
            faults.push(format!("“{}”: {figure} is in none of {:?}", sentence.text, cites));
        }
    }
    faults
}

/// True if the cited rows have every figure and hash of a text of such words alone.
pub(super) fn holds_all(text: &str, cites: &[Citation], sheets: &[Sheet]) -> bool {
    let cells: Vec<&str> = cites.iter().flat_map(|cite| cells(cite, sheets)).collect();
    let words = text.split(' ').filter(|word| word.bytes().any(|byte| byte.is_ascii_digit()));
    words.map(|word| word.trim_end_matches('%')).all(|word| cells.iter().any(|cell| holds(cell, word, false)))
}

/// Cells of the cited row, or of the whole table with its caption.
pub(super) fn cells<'a>(cite: &Citation, sheets: &'a [Sheet]) -> Vec<&'a str> {
    let Some(sheet) = sheets.iter().find(|sheet| sheet.name == cite.sheet) else { return Vec::new() };
    match cite.row {
        Some(row) => row
            .checked_sub(1)
            .and_then(|at| sheet.rows.get(at))
            .map(|row| row.iter().map(String::as_str).collect())
            .unwrap_or_default(),
        None => sheet.rows.iter().flatten().chain(&sheet.caption).map(String::as_str).collect(),
    }
}

/// Figures of a text: separate numbers outside of names and quotations.
fn figures(text: &str) -> Vec<String> {
    let mut bare = String::new();
    let mut quoted = 0_i32;
    for c in text.chars() {
        match c {
            '“' => quoted += 1,
            '”' => quoted -= 1,
            _ if quoted > 0 => {}
            _ => bare.push(c),
        }
    }
    let words = bare.split(|c: char| c.is_whitespace() || "();:".contains(c));
    let word = |word: &str| word.trim_matches(|c: char| !c.is_ascii_digit() && !c.is_alphabetic()).to_owned();
    words.map(word).filter(|word| is_figure(word)).collect()
}

fn is_figure(word: &str) -> bool {
    let digits = word.chars().any(|c| c.is_ascii_digit());
    digits && word.chars().all(|c| c.is_ascii_digit() || ",.-".contains(c))
}

/// True if a cell has a figure: literally, without thousands separators, or as a number that rounds to it.
fn holds(cell: &str, figure: &str, bound: bool) -> bool {
    let plain = figure.replace(',', "");
    let numbers = cell
        .split(|c: char| !(c.is_ascii_alphanumeric() || ".,-+".contains(c)))
        .map(|word| word.trim_matches(|c| c == ',' || c == '.').replace(',', ""));
    if cell == figure || cell == plain || cell.contains(figure) {
        return true;
    }
    let decimals = plain.split_once('.').map_or(0, |(_, after)| after.len());
    let Ok(wanted) = plain.parse::<f64>() else { return false };
    let unit = 0.5 * 10_f64.powi(-(decimals as i32));
    for number in numbers {
        let Ok(value) = number.parse::<f64>() else { continue };
        if (value - wanted).abs() <= unit * 1.0001 || (bound && value <= wanted) {
            return true;
        }
    }
    false
}

/// References without a target.
pub(super) fn target_faults(document: &Document, sheets: &[Sheet]) -> Vec<String> {
    let rows = document.printed_rows();
    let names: Vec<String> = sheets.iter().map(|sheet| anchor_of(&sheet.name)).collect();
    let mut faults = Vec::new();
    let mut check = |sentence: &Sentence| {
        for cite in &sentence.cites {
            let target = cite.target(&rows);
            if !rows.contains(&target) && !names.contains(&target) {
                faults.push(format!("{} has no target", cite.words()));
            }
        }
    };
    for block in &document.blocks {
        match block {
            Block::Paragraph { sentences, .. } | Block::Figure { caption: sentences, .. } => {
                sentences.iter().for_each(&mut check);
            }
            Block::Table(table) => table.rows.iter().flatten().for_each(&mut check),
            _ => {}
        }
    }
    faults
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::bundle::report::document::Table;
    use crate::bundle::report::sheets::printed_cell;

    /// Faults of a document; empty if it has none.
    pub(in super::super) fn faults(document: &Document, sheets: &[Sheet]) -> Vec<String> {
        let mut faults = Vec::new();
        for block in &document.blocks {
            match block {
                Block::Paragraph { sentences, .. } | Block::Figure { caption: sentences, .. } => {
                    for sentence in sentences {
                        faults.extend(of_sentence(sentence, &sentence.cites, sheets));
                    }
                }
                Block::Table(table) => faults.extend(of_table(table, sheets)),
                Block::Heading { .. } | Block::Verbatim(_) | Block::Contents | Block::PageBreak => {}
            }
        }
        faults.extend(target_faults(document, sheets));
        faults
    }

    /// Faults of a table: a table that prints an exhibit must have its cells; in other tables, each row must cite a
    /// row with its figures.
    fn of_table(table: &Table, sheets: &[Sheet]) -> Vec<String> {
        let mut faults = Vec::new();
        for (at, row) in table.rows.iter().enumerate() {
            match &table.exhibit {
                Some(exhibit) => {
                    let sheet = sheets.iter().find(|sheet| sheet.name == *exhibit);
                    let printed = sheet.and_then(|sheet| {
                        let cells = sheet.rows.get(at)?.iter().zip(&sheet.header);
                        Some(cells.map(|(cell, header)| printed_cell(header, cell)).collect::<Vec<_>>())
                    });
                    let missing = |cell: &&Sentence| {
                        !printed.as_ref().is_some_and(|printed| printed.contains(&cell.text))
                    };
                    faults.extend(row.iter().filter(missing).map(|cell| {
                        format!("{exhibit} row {} does not have the printed cell “{}”", at + 1, cell.text)
                    }));
                }
                None => {
                    let cites: Vec<Citation> = row.iter().flat_map(|cell| cell.cites.clone()).collect();
                    for cell in row {
                        faults.extend(of_sentence(cell, &cites, sheets));
                    }
                }
            }
        }
        faults
    }

    fn sheet() -> Sheet {
        let rows = vec![vec!["27984".to_owned(), "1.800e-8".to_owned(), "0.45449".to_owned()]];
        Sheet { name: "EX-0002".into(), header: vec!["a".into()], rows, ..Sheet::default() }
    }

    fn document(sentence: Sentence) -> Document {
        let mut document = Document::default();
        document.say([sentence]);
        document
    }

    #[test]
    fn a_figure_without_a_row_that_has_it_is_a_fault() {
        let sheets = [sheet()];
        let of = |text: &str| faults(&document(Sentence::new(text).cite("EX-0002", 1)), &sheets);
        assert_eq!(of("27,984 exchanges of “account 7” in E1, L-7f31ab."), Vec::<String>::new());
        assert_eq!(of("The q-value is 0.45."), Vec::<String>::new());
        assert_eq!(of("The p-value is less than 0.0001."), Vec::<String>::new());
        assert_eq!(of("27,985 exchanges.").len(), 1);
        assert_eq!(faults(&document(Sentence::new("12 exchanges.")), &sheets).len(), 1);
        assert_eq!(faults(&document("12 is fixed.".into()), &sheets), Vec::<String>::new());
        // A row or a table that is not there, and a link that leads nowhere.
        let missing = Sentence::new("None.").cite("EX-0002", 2);
        assert_eq!(faults(&document(missing), &sheets).len(), 1);
        assert_eq!(faults(&document(Sentence::new("None.").cite_all("EX-9")), &sheets).len(), 2);
    }
}
