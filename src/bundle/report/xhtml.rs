//! `report.xhtml`: the document for any browser, without scripts and without references outside the bundle.

use std::collections::BTreeSet;

use super::document::{Block, CONTENTS, Citation, Document, Kind, Paper, Sentence, Table, anchor_of};
use crate::exhibit::xml::Xml;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head>
<meta charset="UTF-8" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
"#;

const STYLE: &str = "
body { font: 11pt/1.45 serif; color: #1a1a1a; background: #fff; max-width: 60em; margin: 2em auto; padding: 0 1em; }
h1, h2, h3 { font-family: sans-serif; line-height: 1.2; } h2 { border-bottom: 1px solid #999; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; margin: 0.8em 0; font-size: 9.5pt; }
th, td { border: 1px solid #bbb; padding: 0.25em 0.5em; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th, td:first-child { overflow-wrap: normal; } td { min-width: 3.5em; }
th { background: #eee; } a { color: #0b3d78; }
.note { border-left: 3px solid #777; padding-left: 0.8em; } .item { margin: 0.3em 0 0.3em 1.5em; }
.break { margin: 0; break-after: page; }
.furniture { font: 9pt sans-serif; color: #444; border: 1px solid #bbb; padding: 0.4em 0.8em; overflow-wrap: anywhere; }
.verbatim { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid #bbb; padding-left: 0.8em; }
.cite { font-size: 9pt; white-space: nowrap; }
svg { max-width: 100%; height: auto; border: 1px solid #ddd; }
@media print { body { max-width: none; margin: 0; } h2, h3 { break-after: avoid; } figure, tr { break-inside: avoid; } }
";

/// The document as XHTML.
pub(super) fn write(document: &Document) -> Vec<u8> {
    let mut page = Xml::new();
    let furniture = &document.furniture;
    page.raw(HEAD.as_bytes()).leaf("title", &[], &furniture.title).line();
    // The style sheet is fixed text without markup characters.
    page.open("style", &[]).raw(STYLE.as_bytes()).close().raw(b"\n</head>\n");
    let paper = match document.paper {
        Paper::A4 => "a4",
        Paper::Letter => "letter",
    };
    page.open("body", &[("class", paper)]).line();
    write_furniture(&mut page, document);
    let rows = document.printed_rows();
    for block in &document.blocks {
        write_block(&mut page, document, block, &rows);
    }
    page.close().raw(b"\n</html>\n");
    page.finish()
}

/// Blocks of a document from one on, as they stand in a page that prints these rows of exhibits.
pub(super) fn write_blocks(document: &Document, from: usize, rows: &BTreeSet<String>) -> Vec<u8> {
    let mut page = Xml::new();
    for block in document.blocks.iter().skip(from) {
        write_block(&mut page, document, block, rows);
    }
    page.finish()
}

/// Text of every page, each part of it in an element of its own.
fn write_furniture(page: &mut Xml, document: &Document) {
    let furniture = &document.furniture;
    let lines: [&[(&str, &str)]; 3] = [
        &[("", &furniture.title), (". ", &furniture.designation), (". ", &furniture.bates)],
        &[("Author: ", &furniture.author), (". Date (UTC): ", &furniture.date)],
        &[("SHA-256 of the last journal entry before this export: ", &furniture.head)],
    ];
    for line in lines {
        page.open("p", &[("class", "furniture")]);
        for (before, part) in line {
            page.text(before).leaf("span", &[], part);
        }
        page.text(".").close().line();
    }
}

fn write_block(page: &mut Xml, document: &Document, block: &Block, rows: &BTreeSet<String>) {
    match block {
        Block::Heading { level, text, anchor } => {
            let name = ["h1", "h2", "h3"][usize::from(level.saturating_sub(1)).min(2)];
            page.leaf(name, &[("id", anchor)], text).line();
        }
        Block::Paragraph { kind, sentences } => {
            let class = match kind {
                Kind::Plain => "plain",
                Kind::Note => "note",
                Kind::Item => "item",
            };
            page.open("p", &[("class", class)]);
            write_sentences(page, sentences, rows);
            page.close().line();
        }
        Block::Table(table) => write_table(page, table, rows),
        Block::Figure { title, anchor, svg, caption } => {
            page.leaf("h3", &[("id", anchor)], title).line();
            // Draft by this program with every text escaped.
            page.open("figure", &[]).line().raw(svg).open("figcaption", &[]);
            write_sentences(page, caption, rows);
            page.close().close().line();
        }
        Block::Verbatim(text) => {
            page.leaf("p", &[("class", "verbatim"), ("dir", "auto")], text).line();
        }
        Block::Contents => {
            page.open("ul", &[]);
            for block in &document.blocks {
                if let Block::Heading { level: 2, text, anchor } = block
                    && text != CONTENTS
                {
                    page.open("li", &[]).leaf("a", &[("href", &format!("#{anchor}"))], text).close().line();
                }
            }
            page.close().line();
        }
        Block::PageBreak => {
            page.leaf("p", &[("class", "break")], "").line();
        }
    }
}

fn write_sentences(page: &mut Xml, sentences: &[Sentence], rows: &BTreeSet<String>) {
    for (at, sentence) in sentences.iter().enumerate() {
        if at > 0 {
            page.text(" ");
        }
        write_sentence(page, sentence, rows);
    }
}

/// A sentence; one with references is marked, so that a reader of the page knows what they belong to.
fn write_sentence(page: &mut Xml, sentence: &Sentence, rows: &BTreeSet<String>) {
    if sentence.cites.is_empty() {
        page.text(&sentence.text);
        return;
    }
    let class = if sentence.fixed { "fixed" } else { "said" };
    page.leaf("span", &[("class", class)], &sentence.text);
    write_citations(page, &sentence.cites, rows);
}

fn write_citations(page: &mut Xml, cites: &[Citation], rows: &BTreeSet<String>) {
    page.text(" ").open("span", &[("class", "cite")]).text("(");
    for (at, cite) in cites.iter().enumerate() {
        if at > 0 {
            page.text("; ");
        }
        page.leaf("a", &[("href", &format!("#{}", cite.target(rows)))], &cite.words());
    }
    page.text(")").close();
}

fn write_table(page: &mut Xml, table: &Table, rows: &BTreeSet<String>) {
    // The class names the exhibit whose rows are printed.
    match &table.exhibit {
        Some(exhibit) => page.open("table", &[("class", &format!("rows {}", anchor_of(exhibit)))]),
        None => page.open("table", &[]),
    };
    page.open("thead", &[]).open("tr", &[]);
    if table.exhibit.is_some() {
        page.leaf("th", &[], "row");
    }
    for name in &table.header {
        page.leaf("th", &[], name);
    }
    page.close().close().open("tbody", &[]).line();
    for (at, row) in table.rows.iter().enumerate() {
        match Document::row_name(table, at) {
            Some(name) => page.open("tr", &[("id", &name)]),
            None => page.open("tr", &[]),
        };
        if table.exhibit.is_some() {
            page.leaf("td", &[], &(at + 1).to_string());
        }
        for cell in row {
            page.open("td", &[]);
            write_sentence(page, cell, rows);
            page.close();
        }
        page.close().line();
    }
    page.close().close().line();
}
