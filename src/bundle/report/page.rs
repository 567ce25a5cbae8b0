//! `report.xhtml` read again as a document.
//!
//! The PDF is made of the page as it was read, so that `verify` makes the same PDF of the same page.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::document::{Block, Citation, Document, Kind, Paper, Sentence, Table};

/// The document of a page that this program wrote.
///
/// # Errors
/// The difference from every page of this program, in words.
pub(in crate::bundle) fn read(text: &str) -> Result<Document, String> {
    let mut page = Page { reader: Reader::from_str(text), text };
    let mut document = Document::default();
    let mut furniture = Vec::new();
    loop {
        match page.next()? {
            Event::Start(start) => page.element(&start, &mut document, &mut furniture)?,
            Event::Text(text) if text.trim().is_empty() => {}
            Event::Text(text) => {
                let start: String = text.trim().chars().take(40).collect();
                return Err(format!("has text outside of its paragraphs: “{start}”"));
            }
            Event::Empty(_) | Event::End(_) | Event::Decl(_) => {}
            Event::Eof => break,
            _ => return Err("has a part that is neither an element nor text".to_owned()),
        }
    }
    let [title, designation, bates, author, date, head] =
        <[String; 6]>::try_from(furniture).map_err(|_| "does not have the text of every page".to_owned())?;
    let own = &mut document.furniture;
    (own.title, own.designation, own.bates) = (title, designation, bates);
    (own.author, own.date, own.head) = (author, date, head);
    Ok(document)
}

struct Page<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
}

impl<'a> Page<'a> {
    fn next(&mut self) -> Result<Event<'a>, String> {
        self.reader.read_event().map_err(|error| format!("is not well-formed XML: {error}"))
    }

    fn at(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn element(
        &mut self,
        start: &BytesStart<'a>,
        document: &mut Document,
        furniture: &mut Vec<String>,
    ) -> Result<(), String> {
        let class = attribute(start, "class");
        let blocks = &mut document.blocks;
        match (start.name().as_ref(), class.as_str()) {
            ("html" | "head", _) => {}
            ("body", "a4") => document.paper = Paper::A4,
            ("body", "letter") => document.paper = Paper::Letter,
            (name @ ("title" | "style"), _) => drop(self.words(name)?),
            (name @ ("h1" | "h2" | "h3"), _) => {
                let level = name.as_bytes()[1] - b'0';
                let (text, anchor) = (self.words(name)?, attribute(start, "id"));
                blocks.push(Block::Heading { level, text, anchor });
            }
            ("p", "furniture") => furniture.extend(self.marked()?),
            ("p", "break") => {
                self.words("p")?;
                blocks.push(Block::PageBreak);
            }
            ("p", "verbatim") => blocks.push(Block::Verbatim(self.words("p")?)),
            ("p", class) => {
                let kind = match class {
                    "plain" => Kind::Plain,
                    "note" => Kind::Note,
                    "item" => Kind::Item,
                    other => return Err(format!("has a paragraph of the class “{other}”")),
                };
                blocks.push(Block::Paragraph { kind, sentences: self.sentences("p")? });
            }
            ("table", class) => {
                let exhibit = class.strip_prefix("rows x-").map(str::to_owned);
                blocks.push(Block::Table(self.table(exhibit)?));
            }
            ("ul", _) => loop {
                match self.next()? {
                    Event::End(end) if end.name().as_ref() == "ul" => break blocks.push(Block::Contents),
                    Event::Eof => return Err("ends inside the list of sections".to_owned()),
                    _ => {}
                }
            },
            ("figure", _) => {
                let Some(Block::Heading { level: 3, text: title, anchor }) = blocks.pop() else {
                    return Err("has a figure without a title".to_owned());
                };
                let svg = self.svg()?;
                let caption = self.sentences("figcaption")?;
                blocks.push(Block::Figure { title, anchor, svg, caption });
            }
            (other, _) => return Err(format!("has an element {other} where no page has one")),
        }
        Ok(())
    }

    /// Text up to the end of an element that has nothing else in it.
    fn words(&mut self, end: &str) -> Result<String, String> {
        let mut words = String::new();
        loop {
            match self.next()? {
                Event::Text(text) => words.push_str(&text),
                Event::GeneralRef(name) => words.push(reference(&name)?),
                Event::End(own) if own.name().as_ref() == end => return Ok(words),
                _ => return Err(format!("has more than text in an element {end}")),
            }
        }
    }

    /// Texts of the spans of a paragraph.
    fn marked(&mut self) -> Result<Vec<String>, String> {
        let mut all = Vec::new();
        loop {
            match self.next()? {
                Event::Start(start) if start.name().as_ref() == "span" => all.push(self.words("span")?),
                Event::Text(_) => {}
                Event::End(end) if end.name().as_ref() == "p" => return Ok(all),
                _ => return Err("has another text of every page than pages have".to_owned()),
            }
        }
    }

    /// Sentences up to the end of an element. Sentences without a reference beside one another are one.
    fn sentences(&mut self, end: &str) -> Result<Vec<Sentence>, String> {
        let (mut all, mut text): (Vec<Sentence>, String) = Default::default();
        loop {
            match self.next()? {
                Event::Text(part) => text.push_str(&part),
                Event::GeneralRef(name) => text.push(reference(&name)?),
                Event::Start(start) if start.name().as_ref() == "span" => {
                    let fixed = attribute(&start, "class") == "fixed";
                    if !(all.is_empty() && text.is_empty()) {
                        let before = text.strip_suffix(' ').ok_or_else(misplaced)?.to_owned();
                        if before.is_empty() && !all.is_empty() {
                            // The space between two sentences with references.
                        } else {
                            all.push(plain(&before, !all.is_empty())?);
                        }
                        text.clear();
                    }
                    let said = self.words("span")?;
                    all.push(Sentence { text: said, cites: self.citations()?, fixed });
                }
                Event::End(found) if found.name().as_ref() == end => break,
                _ => return Err(format!("has more than sentences in an element {end}")),
            }
        }
        if !text.is_empty() {
            all.push(plain(&text, !all.is_empty())?);
        }
        Ok(all)
    }

    /// References behind a sentence.
    fn citations(&mut self) -> Result<Vec<Citation>, String> {
        let mut cites = Vec::new();
        let is_space = matches!(self.next()?, Event::Text(text) if &*text == " ");
        let is_cite = matches!(self.next()?, Event::Start(start) if attribute(&start, "class") == "cite");
        if !is_space || !is_cite {
            return Err("has a marked sentence without references".to_owned());
        }
        loop {
            match self.next()? {
                Event::Text(_) => {}
                Event::Start(start) if start.name().as_ref() == "a" => {
                    let words = self.words("a")?;
                    let row = words.rsplit_once(" row ").and_then(|(sheet, row)| {
                        Some(Citation { sheet: sheet.to_owned(), row: Some(row.parse().ok()?) })
                    });
                    cites.push(row.unwrap_or(Citation { sheet: words, row: None }));
                }
                Event::End(end) if end.name().as_ref() == "span" => return Ok(cites),
                _ => return Err("has more than references in a reference".to_owned()),
            }
        }
    }

    /// SVG of a figure, up to its caption.
    fn svg(&mut self) -> Result<Vec<u8>, String> {
        let start = self.at();
        loop {
            let before = self.at();
            match self.next()? {
                Event::Start(element) if element.name().as_ref() == "figcaption" => {
                    let svg = self.text.get(start..before).unwrap_or_default();
                    return Ok(svg.strip_prefix('\n').unwrap_or(svg).as_bytes().to_vec());
                }
                Event::Eof => return Err("ends inside a figure".to_owned()),
                _ => {}
            }
        }
    }

    /// A table. `exhibit` is the one whose rows it prints, as anchors name it.
    fn table(&mut self, exhibit: Option<String>) -> Result<Table, String> {
        let mut table = Table { exhibit, ..Table::default() };
        let mut names: Vec<Option<String>> = Vec::new();
        let mut row: Vec<Sentence> = Vec::new();
        loop {
            match self.next()? {
                Event::Start(start) => match start.name().as_ref() {
                    "th" => table.header.push(self.words("th")?),
                    "td" => row.push(one(self.sentences("td")?)?),
                    "tr" if !table.header.is_empty() => {
                        names.push(Some(attribute(&start, "id")).filter(|name| !name.is_empty()));
                    }
                    "tr" | "thead" | "tbody" => {}
                    other => return Err(format!("has an element {other} in a table")),
                },
                Event::End(end) => match end.name().as_ref() {
                    "tr" if names.len() > table.rows.len() => table.rows.push(std::mem::take(&mut row)),
                    "table" => break,
                    _ => {}
                },
                Event::Text(text) if text.trim().is_empty() => {}
                _ => return Err("has text outside of the cells of a table".to_owned()),
            }
        }
        if table.exhibit.is_some() {
            // The number of the row stands before its cells.
            table.header.drain(..table.header.len().min(1));
            table.rows.iter_mut().for_each(|row| drop(row.drain(..row.len().min(1))));
        } else if names.iter().any(Option::is_some) {
            table.anchors = names.into_iter().flatten().collect();
        }
        Ok(table)
    }
}

fn misplaced() -> String {
    "has a sentence without the space before it".to_owned()
}

/// Sentence without references, behind the space that parts it from the one before.
fn plain(text: &str, has_before: bool) -> Result<Sentence, String> {
    let words = if has_before { text.strip_prefix(' ').ok_or_else(misplaced)? } else { text };
    Ok(Sentence::fixed(words))
}

/// Sentence of a cell, which has at most one.
fn one(mut sentences: Vec<Sentence>) -> Result<Sentence, String> {
    let first = sentences.pop().unwrap_or_default();
    if sentences.is_empty() { Ok(first) } else { Err("has a cell with several sentences".to_owned()) }
}

/// Value of an attribute; empty where there is none.
fn attribute(start: &BytesStart<'_>, name: &str) -> String {
    let mut attributes = start.attributes().filter_map(Result::ok);
    attributes.find(|own| own.key.as_ref() == name).map_or_else(String::new, |own| own.value.to_string())
}

/// Character of a reference in markup.
///
/// # Errors
/// A reference that no page has.
pub(in crate::bundle) fn reference(name: &str) -> Result<char, String> {
    match name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        other => Err(format!("has a reference &{other};, which no page has")),
    }
}
