//! A small XML writer: elements that nest, text that is always escaped.
//!
//! Every text and attribute value goes through [`visible_xml`], so that no text of a snapshot can end
//! an element, steer the display or make the file unreadable.

use std::borrow::Cow;

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use crate::model::visible;

/// XML being written to memory.
pub(crate) struct Xml {
    writer: Writer<Vec<u8>>,
    open: Vec<&'static str>,
}

impl Xml {
    /// An empty document or fragment.
    pub(crate) fn new() -> Self {
        Self { writer: Writer::new(Vec::new()), open: Vec::new() }
    }

    /// Opens an element.
    pub(crate) fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) -> &mut Self {
        self.event(Event::Start(element(name, attributes)));
        self.open.push(name);
        self
    }

    /// Closes the element opened last.
    pub(crate) fn close(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            self.event(Event::End(BytesEnd::new(name)));
        }
        self
    }

    /// An element without content.
    pub(crate) fn empty(&mut self, name: &'static str, attributes: &[(&str, &str)]) -> &mut Self {
        self.event(Event::Empty(element(name, attributes)));
        self
    }

    /// Text, hostile characters made visible and markup escaped.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.event(Event::Text(BytesText::new(&visible_xml(text))));
        self
    }

    /// An element with nothing but text in it.
    pub(crate) fn leaf(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) -> &mut Self {
        self.open(name, attributes).text(text).close()
    }

    /// A line end, for readability of the source.
    pub(crate) fn line(&mut self) -> &mut Self {
        self.raw(b"\n")
    }

    /// Bytes that are XML already: a fragment that another [`Xml`] made, or fixed text.
    pub(crate) fn raw(&mut self, fragment: &[u8]) -> &mut Self {
        self.writer.get_mut().extend_from_slice(fragment);
        self
    }

    /// Closes all open elements and returns the bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        while !self.open.is_empty() {
            self.close();
        }
        self.writer.into_inner()
    }

    fn event(&mut self, event: Event<'_>) {
        // Writing to memory cannot fail.
        let _ = self.writer.write_event(event);
    }
}

fn element<'a>(name: &'a str, attributes: &[(&'a str, &str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, visible_xml(value).as_ref()));
    }
    start
}

/// The text with hostile characters made visible, and with the two characters that XML 1.0 does
/// not allow and that are not hostile otherwise.
pub(crate) fn visible_xml(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    if text.contains(['\u{fffe}', '\u{ffff}']) {
        Cow::Owned(text.replace('\u{fffe}', "⟨U+FFFE⟩").replace('\u{ffff}', "⟨U+FFFF⟩"))
    } else {
        text
    }
}

/// The text of a document if it is well-formed XML, for tests.
#[cfg(test)]
pub(crate) fn text_of(bytes: &[u8]) -> String {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let (mut text, mut depth) = (String::new(), 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(name) => match &*name {
                "lt" => text.push('<'),
                "gt" => text.push('>'),
                "amp" => text.push('&'),
                "quot" => text.push('"'),
                "apos" => text.push('\''),
                other => panic!("unexpected reference {other}"),
            },
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let hostile = "</svg><script>alert(1)</script>&\u{0}\u{202e}\u{ffff}\"'";
        let mut xml = Xml::new();
        xml.open("a", &[("b", hostile)]).text(hostile);
        let bytes = xml.finish();
        assert!(!String::from_utf8(bytes.clone()).unwrap().contains("<script"));
        assert_eq!(text_of(&bytes), "</svg><script>alert(1)</script>&⟨U+0000⟩⟨U+202E⟩⟨U+FFFF⟩\"'");
    }
}
