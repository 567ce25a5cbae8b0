//! Comparison of a page with the tables of its bundle and with the words of its journal.

use super::checks::{cells, holds_all, of_sentence, target_faults};
use super::document::{Block, Citation, Document, Sentence, Table, anchor_of};
use super::sections::{self, Story};
use super::sheets::{Sheet, printed_cell};
use super::words::{CAUTIONS, Words};
use super::{page, xhtml};
use crate::case::legal::Profile;
use crate::exhibit::xml::visible_xml;
use crate::model::Digest;

/// Maximum number of faults of each kind.
const MOST: usize = 20;
/// Rows that a printed table has at least, if its exhibit has as many.
const PRINTED: usize = 60;
/// Beginnings of sentences with a reference whose figures are the program's own.
const OWN_FIGURES: [&str; 7] = [
    "The first ",
    "All records stand in the table of acceptance.",
    "EX-0001: ",
    "Every signal of extraction-likeness was tested on these accounts.",
    "Marked as evidence for lead ",
    "Number of campaigns planted into a copy of this case",
    "Rates of single control accounts are not printed",
];

/// Tables and statements that a page has to agree with.
pub(in crate::bundle) struct Expected<'a> {
    /// Tables of the bundle that a page can cite, with hostile characters as they are.
    pub sheets: Vec<Sheet>,
    /// The story; `None` where the page has to have no narrative.
    pub story: Option<Story<'a>>,
    /// Name of the case in the bundle.
    pub case: String,
    /// Proceeding that the bundle is made for.
    pub profile: Profile,
    /// Texts of the journal, with hostile characters as they are.
    pub stated: Vec<String>,
}

/// Figures that the annex has to agree with, beside the tables and statements.
pub(in crate::bundle) struct Annex<'a> {
    /// The report's page.
    pub report: &'a str,
    /// Designation of the records.
    pub designation: &'a str,
    /// SHA-256 of the printed texts of exchanges, in order.
    pub texts: Vec<Digest>,
    /// Bates numbers of the records, in order.
    pub numbers: Vec<String>,
}

/// The document of a page that is written as this program writes pages.
fn read(text: &str) -> Result<Document, Vec<String>> {
    let document = page::read(text).map_err(|what| vec![what])?;
    if xhtml::write(&document) == text.as_bytes() {
        return Ok(document);
    }
    Err(vec!["is not written as this program writes pages".to_owned()])
}

/// Texts that a document prints word by word.
fn printed(document: &Document) -> impl Iterator<Item = &str> {
    document.blocks.iter().filter_map(|block| match block {
        Block::Verbatim(text) => Some(text.as_str()),
        _ => None,
    })
}

/// Differences of the annex from what it has to agree with, in words.
pub(in crate::bundle) fn annex_differences(
    text: &str,
    expected: &Expected<'_>,
    annex: &Annex<'_>,
) -> Vec<String> {
    let (document, report) = match (read(text), read(annex.report)) {
        (Ok(document), Ok(report)) => (document, report),
        (Err(what), _) => return what,
        (_, Err(_)) => return Vec::new(),
    };
    let mut faults = Vec::new();
    let case = report.furniture.title.trim_start_matches("Report on case ");
    if document.furniture != report.furniture.of_annex(case, annex.designation) {
        faults.push("has another text of every page than the annex to the report".to_owned());
    }
    if !printed(&document).map(|text| Digest::of(text.as_bytes())).eq(annex.texts.iter().copied()) {
        faults.push("prints another text of an exchange than the records have".to_owned());
    }
    let numbers = document.blocks.iter().filter_map(|block| match block {
        Block::Table(table) => {
            table.rows.iter().find(|row| row.first().is_some_and(|own| own.text == "Bates number"))
        }
        _ => None,
    });
    if !numbers
        .map(|row| row.get(1).map_or("", |own| own.text.as_str()))
        .eq(annex.numbers.iter().map(String::as_str))
    {
        faults.push("has other records than the load file".to_owned());
    }
    faults.extend(words_and_tables(&document, expected, &[], None));
    faults
}

/// Differences of the report from what it has to agree with, in words.
pub(in crate::bundle) fn differences(text: &str, expected: &Expected<'_>) -> Vec<String> {
    let document = match read(text) {
        Ok(document) => document,
        Err(what) => return what,
    };
    let mut faults = Vec::new();
    let narrative = section(&document, sections::NARRATIVE);
    faults.extend(narrative_fault(&document, expected.story.as_ref(), narrative.as_ref()));
    type Writing<'a> = &'a dyn Fn(&mut Document);
    let fixed: [(&str, Writing<'_>); 3] = [
        (sections::METHOD, &sections::method),
        (sections::GLOSSARY, &sections::glossary),
        (sections::DECLARATIONS, &|document| {
            sections::declarations(document, &expected.case, expected.profile, &expected.sheets);
        }),
    ];
    for (title, write) in fixed {
        if !is_as_written(&document, section(&document, title), write) {
            faults.push(format!("has another text in the section {title} than every report"));
        }
    }
    if printed(&document).next().is_some() {
        faults.push("prints the text of an exchange, which only the annex does".to_owned());
    }
    let fixed: Vec<_> =
        fixed.iter().filter_map(|(title, _)| section(&document, title)).chain(narrative.clone()).collect();
    faults.extend(cautions(&document).map(|caution| format!("lacks the sentence “{caution}”")));
    faults.extend(words_and_tables(&document, expected, &fixed, narrative.as_ref()));
    faults
}

/// Sentences, printed tables and references of a document that the bundle does not have. Sections in `fixed` are
/// compared as a whole elsewhere.
fn words_and_tables(
    document: &Document,
    expected: &Expected<'_>,
    fixed: &[std::ops::Range<usize>],
    narrative: Option<&std::ops::Range<usize>>,
) -> Vec<String> {
    let sheets: Vec<Sheet> = expected.sheets.iter().map(visible).collect();
    let of_tables = expected.sheets.iter().flat_map(|sheet| sheet.rows.iter().flatten());
    let words = Words::new(of_tables.chain(&expected.stated).map(String::as_str));
    let mut tables = Vec::new();
    let mut said = Vec::new();
    for (at, block) in document.blocks.iter().enumerate() {
        let is_story = narrative.is_some_and(|range| range.contains(&at));
        let is_fixed = fixed.iter().any(|range| range.contains(&at));
        match block {
            Block::Paragraph { sentences, .. } | Block::Figure { caption: sentences, .. } if !is_story => {
                said.extend(sentences.iter().flat_map(|own| sentence_faults(own, &sheets)));
                let others = sentences.iter().filter(|own| !is_fixed && !is_known(own, &words, &sheets));
                said.extend(others.map(|own| format!("has a sentence that no report has: “{}”", own.text)));
            }
            Block::Table(table) => {
                tables.extend(table_faults(table, &sheets));
                tables.extend(row_faults(table, &sheets));
                said.extend(table.rows.iter().flatten().flat_map(|own| sentence_faults(own, &sheets)));
            }
            _ => {}
        }
    }
    let targets = target_faults(document, &sheets);
    [tables, said, targets].into_iter().flat_map(|found| found.into_iter().take(MOST)).collect()
}

/// Cautions of every report that a document lacks.
fn cautions(document: &Document) -> impl Iterator<Item = &'static str> + '_ {
    let has = |caution: &str| {
        document.blocks.iter().any(|block| match block {
            Block::Paragraph { sentences, .. } => sentences.iter().any(|own| own.text.contains(caution)),
            _ => false,
        })
    };
    CAUTIONS.into_iter().filter(move |caution| !has(caution))
}

/// Blocks of a section, its heading included; `None` where the document has none, or two.
fn section(document: &Document, title: &str) -> Option<std::ops::Range<usize>> {
    let is_heading = |block: &Block| matches!(block, Block::Heading { level: 2, .. });
    let is_own = |block: &Block| matches!(block, Block::Heading { level: 2, text, .. } if text == title);
    let start = document.blocks.iter().position(is_own)?;
    let rest = &document.blocks[start + 1..];
    if rest.iter().any(is_own) {
        return None;
    }
    let length = rest.iter().position(is_heading).unwrap_or(rest.len());
    // A page break before the next section belongs to that one.
    let length =
        rest[..length].iter().rposition(|block| *block != Block::PageBreak).map_or(0, |last| last + 1);
    Some(start..start + 1 + length)
}

/// True if a section is what `write` writes at its place.
fn is_as_written(
    document: &Document,
    range: Option<std::ops::Range<usize>>,
    write: impl Fn(&mut Document),
) -> bool {
    let Some(range) = range else { return false };
    let (mut made, mut found) = (document.clone(), document.clone());
    made.blocks.truncate(range.start);
    write(&mut made);
    found.blocks.truncate(range.end);
    // References lead to rows that are printed anywhere in the document.
    let rows = document.printed_rows();
    xhtml::write_blocks(&made, range.start, &rows) == xhtml::write_blocks(&found, range.start, &rows)
}

fn narrative_fault(
    document: &Document,
    story: Option<&Story<'_>>,
    range: Option<&std::ops::Range<usize>>,
) -> Option<String> {
    let is_same = match (story, range) {
        (None, None) => true,
        (Some(story), Some(range)) => {
            is_as_written(document, Some(range.clone()), |made| sections::narrative(made, story))
        }
        _ => false,
    };
    (!is_same).then(|| "has another narrative than the journal's entries on the story give".to_owned())
}

/// A sheet with hostile characters made visible, as a page has them.
fn visible(sheet: &Sheet) -> Sheet {
    let cells = |row: &Vec<String>| row.iter().map(|cell| visible_xml(cell).into_owned()).collect();
    Sheet { rows: sheet.rows.iter().map(cells).collect(), ..sheet.clone() }
}

fn sentence_faults(sentence: &Sentence, sheets: &[Sheet]) -> Vec<String> {
    if sentence.cites.is_empty() {
        return Vec::new();
    }
    if sentence.fixed && !OWN_FIGURES.iter().any(|own| sentence.text.starts_with(own)) {
        return vec![format!("has a sentence that no report has: “{}”", sentence.text)];
    }
    of_sentence(sentence, &sentence.cites, sheets)
}

/// True for a sentence of the program, or for the words of a cell that the sentence cites, alone or behind the item of
/// evidence.
fn is_known(sentence: &Sentence, words: &Words, sheets: &[Sheet]) -> bool {
    let of_evidence = sentence.text.split_once(": ").filter(|(item, _)| item.starts_with('E'));
    // A dossier has the benign look-alike behind the sentence.
    let is_said = |cell: &str, said: &str| {
        let rest = cell.trim_start_matches('\'').strip_prefix(said);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" Benign look-alike: "))
    };
    let has_cell = |said: &str| {
        sentence.cites.iter().flat_map(|cite| cells(cite, sheets)).any(|cell| is_said(cell, said))
    };
    words.are_known(&sentence.text)
        || has_cell(&sentence.text)
        || of_evidence.is_some_and(|(_, said)| has_cell(said))
}

/// Cells of a printed exhibit that the exhibit does not have, and rows too few.
fn table_faults(table: &Table, sheets: &[Sheet]) -> Vec<String> {
    let Some(name) = &table.exhibit else { return Vec::new() };
    let anchor = anchor_of(name);
    let Some(sheet) = sheets.iter().find(|sheet| anchor_of(&sheet.name) == anchor) else {
        return vec![format!("prints {name}, which is no table of the bundle")];
    };
    let column = |title: &String| sheet.header.iter().position(|own| own.replace('_', " ") == *title);
    let Some(columns) = table.header.iter().map(column).collect::<Option<Vec<usize>>>() else {
        return vec![format!("prints {name} with a column that it does not have")];
    };
    let mut faults = Vec::new();
    if table.rows.len() < sheet.rows.len().min(PRINTED) || table.rows.len() > sheet.rows.len() {
        faults.push(format!(
            "prints {} rows of {}, which has {}",
            table.rows.len(),
            sheet.name,
            sheet.rows.len()
        ));
    }
    for (at, (printed, own)) in table.rows.iter().zip(&sheet.rows).enumerate() {
        let own =
            columns.iter().map(|&at| printed_cell(&sheet.header[at], own.get(at).map_or("", String::as_str)));
        let is_same = printed.iter().map(|cell| cell.text.clone()).eq(own);
        let has_own_words = printed.iter().any(|cell| !cell.cites.is_empty());
        if !is_same || has_own_words {
            faults.push(format!("prints row {} of {} with other cells than it has", at + 1, sheet.name));
        }
    }
    faults
}

/// Cells of figures or hashes alone, in tables that are no exhibits, which the rows that their row cites do not have.
fn row_faults(table: &Table, sheets: &[Sheet]) -> Vec<String> {
    let mut faults = Vec::new();
    for row in table.rows.iter().filter(|_| table.exhibit.is_none()) {
        let cites: Vec<Citation> = row.iter().flat_map(|cell| cell.cites.clone()).collect();
        if cites.is_empty() {
            continue;
        }
        for cell in row.iter().filter(|cell| cell.cites.is_empty() && is_bare(&cell.text)) {
            if !holds_all(&cell.text, &cites, sheets) {
                faults.push(format!("has {} in a row whose references do not have it", cell.text));
            }
        }
    }
    faults
}

/// True for a text of figures alone, or of a hash.
fn is_bare(text: &str) -> bool {
    let is_word = |word: &str| {
        let is_figure = word.bytes().all(|byte| byte.is_ascii_digit() || b",.-%".contains(&byte));
        let is_hash = word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_figure || is_hash || word == "of" || word == "to"
    };
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.split(' ').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::StoryPart;

    fn sheet() -> Sheet {
        Sheet {
            name: "EX-0002".into(),
            header: vec!["lead".into(), "p_value".into()],
            rows: vec![vec!["L-1".into(), "0.011".into()], vec!["L-2".into(), "\u{202e}x".into()]],
            ..Sheet::default()
        }
    }

    fn parts() -> Vec<StoryPart> {
        let part = |id, text: &str| StoryPart { id, text: text.into(), evidence: None, exhibit: None };
        vec![part(1, "# One\n\nThey met [E1]. Twice."), part(2, "- an item")]
    }

    fn story(parts: &[StoryPart]) -> Story<'_> {
        Story { parts, records: [(1, 2)].into(), repeats: [].into(), exhibits: Vec::new() }
    }

    /// A page with every part that is compared.
    fn document(parts: &[StoryPart]) -> Document {
        let mut document = Document::default();
        document.heading(1, "Report");
        document.blocks.push(Block::PageBreak);
        sections::narrative(&mut document, &story(parts));
        sections::method(&mut document);
        document.heading(2, "Findings");
        document.say(CAUTIONS);
        document.say([
            Sentence::new("Its p-value of extraction-likeness is 0.011.").cite("EX-0002", 1),
            "None of these figures is a finding.".into(),
            Sentence::new("Its q-value is 0.011.").cite("EX-0002", 1),
            Sentence::fixed("Statement on how the logs were kept: Smith & Co. (Dr. Jones)."),
        ]);
        document.blocks.push(Block::Table(sheet().printed(&["p_value"], 9)));
        let row = vec![Sentence::new("L-1").cite("EX-0002", 1), Sentence::new("0.011")];
        document.table(&["lead", "p"], [row]);
        sections::glossary(&mut document);
        document.blocks.push(Block::PageBreak);
        sections::declarations(&mut document, "CASE", Profile::Terms, &[]);
        document
    }

    fn expected(parts: &[StoryPart]) -> Expected<'_> {
        let story = Some(story(parts));
        let records = Sheet { name: "EX-0001".into(), rows: vec![vec![]; 2], ..Sheet::default() };
        let (sheets, case, profile) = (vec![sheet(), records], "CASE".into(), Profile::Terms);
        Expected { sheets, story, case, profile, stated: vec!["Smith & Co. (Dr. Jones)".into()] }
    }

    #[test]
    fn a_page_comes_back_and_says_what_the_bundle_says() {
        let parts = parts();
        let text = String::from_utf8(xhtml::write(&document(&parts))).unwrap();
        assert_eq!(differences(&text, &expected(&parts)), Vec::<String>::new());
        // Every change of what is compared is found.
        for (from, to) in [
            ("They met", "They never met"),
            ("Twice.", "Twice. 40 times."),
            ("an item", "an item of mine"),
            ("likeness is 0.011.", "likeness is 0.001."),
            ("value is 0.011.", "value is 0.012."),
            ("Its q-value is", "Its proof is"),
            ("The program does not say that an element is met.", ""),
            ("None of these figures", "Each of these figures"),
            ("Co. (Dr. Jones)", "Co. He confessed"),
            ("<td>0.011</td></tr>\n<tr", "<td>0.0011</td></tr>\n<tr"),
            ("<td>0.011</td></tr>\n</tbody>", "<td>0.0011</td></tr>\n</tbody>"),
            ("⟨U+202E⟩x</td>", "y</td>"),
            ("conformal p-value", "exact p-value"),
            ("A number computed", "A secret computed"),
            ("of the business", "of the firm"),
            ("case CASE", "case CASE-2"),
            ("class=\"said\"", "class=\"fixed\""),
            (
                "None of these figures is a finding.",
                "None of these figures is a finding.<p class=\"plain\">x</p>",
            ),
            ("<h1", "free text <h1"),
            ("EX-0002 row 1</a>)</span> N", "EX-0003 row 1</a>)</span> N"),
            ("<body class=\"a4\">", "<body>"),
        ] {
            assert!(text.contains(from), "{from}");
            let changed = text.replacen(from, to, 1);
            assert_ne!(differences(&changed, &expected(&parts)), Vec::<String>::new(), "{from}");
        }
        let none = Expected { story: None, ..expected(&parts) };
        assert_eq!(differences(&text, &none).len(), 1);
    }

    #[test]
    fn the_annex_prints_the_records_under_their_designation_and_the_report_no_text() {
        let parts = parts();
        let mut report = document(&parts);
        report.furniture.title = "Report on case CASE".into();
        let furniture = report.furniture.of_annex("CASE", "ATTORNEYS' EYES ONLY");
        let mut made = Document { furniture, ..Document::default() };
        made.say(["The text of an exchange was written by its sender or by the model."]);
        made.table(
            &["field", "value"],
            [vec![Sentence::fixed("Bates number"), Sentence::fixed("X-R000001")]],
        );
        made.blocks.push(Block::Verbatim("\u{202e} \n<b>".into()));
        let text = String::from_utf8(xhtml::write(&made)).unwrap();
        let report = String::from_utf8(xhtml::write(&report)).unwrap();
        let annex = Annex {
            report: &report,
            designation: "ATTORNEYS' EYES ONLY",
            texts: vec![Digest::of("⟨U+202E⟩ \n<b>".as_bytes())],
            numbers: vec!["X-R000001".into()],
        };
        assert_eq!(annex_differences(&text, &expected(&parts), &annex), Vec::<String>::new());
        for (from, to) in [
            ("⟨U+202E⟩ \n&lt;b", "⟨U+202E⟩ \n&lt;i"),
            ("EYES ONLY", "EYES"),
            ("R000001", "R000002"),
            ("by its sender", "by the accused"),
            ("Records of case CASE", "Records of case X"),
        ] {
            assert!(text.contains(from), "{from}");
            let changed = text.replace(from, to);
            assert_ne!(
                annex_differences(&changed, &expected(&parts), &annex),
                Vec::<String>::new(),
                "{from}"
            );
        }
        // A text in the report would have the lower designation.
        let mut with_text = document(&parts);
        with_text.blocks.push(Block::Verbatim("text".into()));
        let page = String::from_utf8(xhtml::write(&with_text)).unwrap();
        let found = differences(&page, &expected(&parts));
        assert!(found.iter().any(|what| what.contains("which only the annex does")), "{found:?}");
    }
}
