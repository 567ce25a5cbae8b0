//! Check of pages and figures: well-formed XML with only the elements and attributes that the program writes.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::super::contents::Contents;
use super::super::{BundleError, Fault};
use crate::model::Watcher;

const ELEMENTS: &[&str] = &[
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "h1",
    "h2",
    "h3",
    "p",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "span",
    "a",
    "b",
    "figure",
    "figcaption",
    "ul",
    "li",
    "svg",
    "g",
    "rect",
    "line",
    "polyline",
    "circle",
    "text",
    "desc",
];
const ATTRIBUTES: &[&str] = &[
    "xmlns",
    "xml:lang",
    "lang",
    "charset",
    "http-equiv",
    "content",
    "class",
    "id",
    "dir",
    "href",
    "role",
    "aria-label",
    "width",
    "height",
    "viewBox",
    "font-family",
    "font-size",
    "font-weight",
    "text-anchor",
    "transform",
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "points",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
];
const NAMESPACES: [&str; 2] = ["http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"];
/// Content security policy of a page: no resource is loaded and no script runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Faults of every page and figure.
///
/// # Errors
/// Cancelled.
pub(super) fn check(contents: &Contents, watcher: &dyn Watcher) -> Result<Vec<Fault>, BundleError> {
    let mut faults = Vec::new();
    for name in contents.names().filter(|name| name.ends_with(".xhtml") || name.ends_with(".svg")) {
        watcher.check()?;
        let found = match contents.text_within(name, super::tables::TABLE) {
            None => Err("is not UTF-8 text, or is too large".to_owned()),
            Some(text) => page(&text, name.ends_with(".xhtml")),
        };
        faults.extend(found.err().map(|what| Fault::new(name, what)));
    }
    Ok(faults)
}

/// First disallowed part of a page, as an error.
fn page(text: &str, needs_policy: bool) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let (mut open, mut policies) = (Vec::new(), 0);
    loop {
        let event = reader.read_event().map_err(|error| format!("is not well-formed XML: {error}"))?;
        match event {
            Event::Start(start) => {
                policies += usize::from(element(&start, &open)?);
                open.push(start.name().as_ref().to_owned());
            }
            Event::Empty(start) => policies += usize::from(element(&start, &open)?),
            Event::End(_) => drop(open.pop()),
            Event::Text(text) if open.last().is_some_and(|name| name == "style") => {
                let text = text.as_ref().to_ascii_lowercase();
                if ["url", "@import", "\\", "expression"].iter().any(|word| text.contains(word)) {
                    return Err("has a style sheet that refers to something outside".to_owned());
                }
            }
            Event::Text(_) | Event::GeneralRef(_) | Event::Decl(_) => {}
            Event::Eof => break,
            Event::CData(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {
                return Err("has a part that is neither an element nor text".to_owned());
            }
        }
    }
    if !open.is_empty() {
        return Err("is not well-formed XML: it ends inside an element".to_owned());
    }
    if needs_policy && policies != 1 {
        return Err("does not have one Content-Security-Policy that forbids everything".to_owned());
    }
    Ok(())
}

/// True for the element with the policy. `open` are its ancestors.
fn element(start: &BytesStart<'_>, open: &[String]) -> Result<bool, String> {
    let name = start.name().as_ref().to_owned();
    if !ELEMENTS.contains(&name.as_str()) {
        return Err(format!("has an element {name}, which no page or figure has"));
    }
    if matches!(name.as_str(), "meta" | "style") && open.last().is_none_or(|own| own != "head") {
        return Err(format!("has an element {name} outside of its head"));
    }
    let (mut is_policy, mut is_right) = (false, false);
    for attribute in start.attributes() {
        let attribute =
            attribute.map_err(|error| format!("has an attribute that cannot be read: {error}"))?;
        let key = attribute.key.as_ref().to_owned();
        let value = attribute
            .normalized_value(XmlVersion::Explicit1_0)
            .map_err(|error| format!("has an attribute that cannot be read: {error}"))?;
        let is_allowed = ATTRIBUTES.contains(&key.as_str())
            && match key.as_str() {
                "href" => value.starts_with('#'),
                "xmlns" => NAMESPACES.contains(&value.as_ref()),
                "http-equiv" => value == "Content-Security-Policy",
                "fill" | "stroke" | "transform" => !value.to_ascii_lowercase().contains("url"),
                _ => true,
            };
        if !is_allowed {
            return Err(format!("has an attribute {key}=\"{value}\", which no page or figure has"));
        }
        is_policy |= key == "http-equiv";
        is_right |= key == "content" && value == POLICY;
    }
    if is_policy && !is_right {
        return Err("has another Content-Security-Policy than pages have".to_owned());
    }
    Ok(is_policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const META: &str = r#"<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />"#;

    #[test]
    fn pages_have_the_elements_of_the_program_and_its_policy() {
        let html = |head: &str, body: &str| {
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"><head>{head}\
                 </head><body>{body}</body></html>"
            )
        };
        page(&html(META, "<p class=\"note\">a &lt;script&gt; <a href=\"#x\">b</a></p>"), true).unwrap();
        for (head, body) in [
            ("", ""),
            (META, "<script>1</script>"),
            (META, "<x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">1</x:script>"),
            (META, "<p onclick=\"f()\">a</p>"),
            (META, "<a href=\"java&#115;cript:f()\">a</a>"),
            (META, "<a href=\"http://example\">a</a>"),
            (META, "<style>p { background: url(x) }</style>"),
            (META, "<p style=\"background: url(x)\">a</p>"),
            (META, "<!-- a -->"),
            (META, "<p>a"),
            (META, "<svg xmlns=\"http://www.w3.org/2000/svg\"><foreignObject/></svg>"),
            (META, "<svg><rect fill=\"url(#a)\"/></svg>"),
            (format!("{META}<meta http-equiv=\"refresh\" content=\"0\"/>").as_str(), ""),
            (format!("{META}<style>@import 'x';</style>").as_str(), ""),
            (META.replace("'none'", "*").as_str(), ""),
        ] {
            assert!(page(&html(head, body), true).is_err(), "{head} {body}");
        }
    }
}
