//! Recognition of text files by their first bytes.

use std::path::Path;

use super::blocks::named_table;
use super::csv::dialect_of;
use super::declared::{chosen_encoding, delimiters, encoding_of};
use super::encoding::western;
use super::head::{DELIMITERS, csv_of};
use super::layout::{Format, Head, Layout, Rules, without_mark};
use super::rows_at::{chosen_path, layout_below, only_list};
use super::shape::{kept_wrapper, wrapper_by_shape};
use super::sibling::{is_named_csv, of_sibling};
use super::split::Splitter;
use super::table::table_of;
use super::text::{with_entries, without_time};
use super::unpack::{Packing, first_bytes};
use super::wrapper::{Wrapper, archive_of, is_empty_page, search_of, wrapper_of};

/// Format of a text file by its first bytes; `None` for a file of another kind. A part of a CSV file without
/// names of columns has those of another part in its folder.
///
/// # Errors
/// The file cannot be opened or read.
pub(in crate::snapshot) fn sniff(path: &Path, rules: Rules) -> std::io::Result<Option<Format>> {
    let encoding = encoding_of(path, chosen_encoding().filter(|_| rules == Rules::Present))?;
    let (packing, bytes, is_whole) = first_bytes(path, encoding)?;
    if packing == Packing::Plain && bytes.starts_with(b"PAR") {
        return Ok(None);
    }
    if rules == Rules::Present && bytes.get(257..262) == Some(b"ustar") {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "a tar archive; unpack it first"));
    }
    let path_of_rows = chosen_path().filter(|_| rules == Rules::Present);
    let around = path_of_rows.is_some();
    let format = |layout: Layout| {
        let around = around && matches!(layout, Layout::JsonItems(_) | Layout::JsonTable(_, _));
        Some(Format { packing, encoding, layout, around })
    };
    if rules == Rules::Present
        && let Some((dialect, head)) = named_table(without_mark(&bytes), path_of_rows.as_deref())?
    {
        return Ok(format(Layout::Csv(dialect, head)));
    }
    let own = match path_of_rows {
        Some(path) => layout_at(&path, &bytes, is_whole)?,
        None => layout_of(&bytes, is_whole, rules),
    };
    let layout = own.or_else(|| {
        let is_part = rules == Rules::Present && is_named_csv(path);
        let (dialect, head) = is_part.then(|| of_sibling(path, without_mark(&bytes), is_whole))??;
        Some(Layout::Csv(dialect, head))
    });
    match layout.and_then(format) {
        None if rules == Rules::Present && is_of_another_encoding(&bytes, is_whole) => {
            Err(std::io::Error::new(std::io::ErrorKind::Unsupported, NOT_UTF8))
        }
        found => Ok(found),
    }
}

/// Reason why a text is refused whose names of columns are not UTF-8.
const NOT_UTF8: &str = "the names of its columns are not UTF-8; name their encoding with --encoding, or with \
                        encoding = \"…\" in the mapping: windows-1252 in western Europe, windows-1251, gbk, \
                        shift_jis and others elsewhere";

/// True for text that would be a log if its bytes that are not UTF-8 were characters.
fn is_of_another_encoding(bytes: &[u8], is_whole: bool) -> bool {
    let is_text = std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_some());
    is_text && !bytes.contains(&0) && layout_of(&western(bytes), is_whole, Rules::Present).is_some()
}

/// Layout of a text with the rows of its JSON documents below a path.
fn layout_at(path: &str, bytes: &[u8], is_whole: bool) -> std::io::Result<Option<Layout>> {
    let bytes = without_mark(bytes).trim_ascii_start();
    if path == "." && bytes.starts_with(b"{") {
        let is_lines = !is_in_a_row(bytes);
        return Ok(Some(if is_lines { json_layout(bytes, is_whole) } else { Layout::JsonValues }));
    }
    match layout_of(bytes, is_whole, Rules::Present) {
        Some(Layout::JsonLines | Layout::JsonValues | Layout::JsonItems(_) | Layout::JsonTable(_, _))
            if path != "." =>
        {
            let first = bytes.iter().position(|&byte| byte == b'{').unwrap_or(0);
            layout_below(path, &bytes[first..]).map(Some)
        }
        own => Ok(own),
    }
}

/// Layout of a text that is one document, whose rows stand in a list or in a table.
fn document_of(bytes: &[u8], is_whole: bool) -> Option<Layout> {
    let mut splitter = Splitter::new(bytes, Layout::JsonValues, 1, 0);
    let first = splitter.next().ok()??.bytes.len();
    let is_one = bytes[first..].iter().all(u8::is_ascii_whitespace) && (is_whole || first == bytes.len());
    let mut path = only_list(bytes).filter(|_| is_one)?;
    let list = path.pop()?;
    kept_wrapper(&path, &[vec![list]]).map(Layout::JsonItems)
}

fn layout_of(bytes: &[u8], is_whole: bool, rules: Rules) -> Option<Layout> {
    let bytes = without_mark(bytes);
    let first = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
    if rules == Rules::Present && lines_of_objects(&bytes[first..], is_whole) {
        return Some(Layout::JsonLines);
    }
    match without_time(&bytes[first..])[0] {
        b'{' => Some(object_layout(&bytes[first..], is_whole, rules)),
        // Text sequences (RFC 7464) have this byte before each value.
        0x1e if rules == Rules::Present => Some(Layout::JsonValues),
        b'[' => {
            let next = first + 1 + bytes[first + 1..].iter().position(|byte| !byte.is_ascii_whitespace())?;
            // Answers of an API that a program has gathered.
            let pages = (rules == Rules::Present && bytes[next] == b'{')
                .then(|| wrapper(&bytes[next..], is_whole, rules))
                .flatten();
            let own = matches!(bytes[next], b'{' | b']').then_some(Layout::JsonValues);
            pages.map(Layout::JsonItems).or(own)
        }
        _ if rules == Rules::First => {
            let dialect = dialect_of(bytes, is_whole, &DELIMITERS, false)?;
            Some(Layout::Csv(dialect, Head::default()))
        }
        _ => csv_of(bytes, is_whole, &delimiters()).map(|(dialect, head)| Layout::Csv(dialect, head)),
    }
}

/// True for text that begins with another line, such as a banner, and whose other lines are mostly objects.
fn lines_of_objects(bytes: &[u8], is_whole: bool) -> bool {
    let lines = whole_lines(bytes, is_whole);
    let is_list =
        |line: &[u8]| line.strip_prefix(b"[").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"{"));
    let is_other = |line: &[u8]| !without_time(line).starts_with(b"{") && !is_list(line);
    let may_be = |line: &&&[u8]| line.starts_with(b"{");
    let Some((first, rest)) = lines.split_first() else { return false };
    // Few lines are read as JSON where few begin with a brace.
    is_other(first)
        && 2 * rest.iter().filter(may_be).count() > lines.len()
        && 2 * rest.iter().filter(may_be).filter(|line| is_object(line)).count() > lines.len()
}

/// Layout of text that begins with an object.
fn object_layout(bytes: &[u8], is_whole: bool, rules: Rules) -> Layout {
    let is_present = rules == Rules::Present;
    let table = if is_present { table(bytes, is_whole) } else { None };
    let own = table.or_else(|| wrapper(bytes, is_whole, rules).map(Layout::JsonItems));
    let present = || {
        let values = || is_in_a_row(bytes).then_some(Layout::JsonValues);
        is_present.then(|| document_of(bytes, is_whole).or_else(values)).flatten()
    };
    own.or_else(present).unwrap_or_else(|| json_layout(bytes, is_whole))
}

/// Layout of a text that is a table, or several with the same columns on a line each.
fn table(bytes: &[u8], is_whole: bool) -> Option<Layout> {
    let own = table_of(bytes)?;
    let lines = whole_lines(bytes, is_whole);
    let is_lines = lines.first().is_some_and(|line| is_object(line));
    let is_same = |line: &&[u8]| table_of(line) == Some(own) || is_empty_page(line, own.0);
    (!is_lines || lines.iter().filter(|line| is_object(line)).all(is_same))
        .then_some(Layout::JsonTable(own.0, own.1))
}

/// Lines that are whole.
fn whole_lines(bytes: &[u8], is_whole: bool) -> Vec<&[u8]> {
    let mut lines = bytes.split(|&byte| byte == b'\n').collect::<Vec<_>>();
    if !is_whole || lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}

fn is_object(line: &[u8]) -> bool {
    with_entries(line, |_, _| ()).is_some()
}

/// Names below which the records stand, if the objects of the text only wrap them. Where each line is an
/// object, all have to.
fn wrapper(bytes: &[u8], is_whole: bool, rules: Rules) -> Option<Wrapper> {
    let wrapper_of = |bytes: &[u8]| {
        let present = || search_of(bytes).or_else(|| archive_of(bytes)).or_else(|| wrapper_by_shape(bytes));
        wrapper_of(bytes).or_else(|| if rules == Rules::Present { present() } else { None })
    };
    let path = wrapper_of(bytes)?;
    let lines = whole_lines(bytes, is_whole);
    let is_lines = lines.first().is_some_and(|line| is_object(line));
    let wraps = |line: &&[u8]| wrapper_of(line) == Some(path) || is_empty_page(line, path);
    (!is_lines || lines.iter().filter(|line| is_object(line)).all(wraps)).then_some(path)
}

/// True for text whose first object is followed by another one on the same line, or extends over several
/// lines to its end: objects one after another.
fn is_in_a_row(bytes: &[u8]) -> bool {
    let mut splitter = Splitter::new(bytes, Layout::JsonValues, 1, 0);
    let Ok(Some(first)) = splitter.next() else { return false };
    let (is_whole, lines) = (is_object(first.bytes), first.bytes.contains(&b'\n'));
    let rest = &bytes[usize::try_from(splitter.place().0).unwrap_or(usize::MAX).min(bytes.len())..];
    let next = rest.iter().position(|byte| !byte.is_ascii_whitespace());
    let follows = next.is_some_and(|at| rest[at] == b'{' && !rest[..at].contains(&b'\n'));
    is_whole && (follows || lines)
}

/// Layout of text that begins with `{`: lines if any whole line is an object, or if no line ends.
fn json_layout(bytes: &[u8], is_whole: bool) -> Layout {
    let lines = whole_lines(bytes, is_whole);
    if lines.is_empty() || lines.iter().any(|line| is_object(line)) {
        Layout::JsonLines
    } else {
        Layout::JsonValues
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::Dialect;
    use super::*;

    #[test]
    fn formats_are_recognised_by_first_bytes() {
        let csv = |delimiter| Some(Layout::Csv(Dialect::of(delimiter), Head::default()));
        let items = |lists| Some(Layout::JsonItems(Wrapper { through: &[], lists }));
        let cases: [(&[u8], Option<Layout>); 18] = [
            (b"{\"data\":[{\"a\":1}]}\n{\"ts\":1}\n", Some(Layout::JsonLines)),
            (b"{\"Records\":[{\"a\":1},{\"a\":2}]}", items(&[&["Records"]])),
            (b"{\n\"data\": [\n{\"a\":1}", items(&[&["data"]])),
            (b"2026-04-22T13:05:09.123Z {\"a\":1}\n", Some(Layout::JsonLines)),
            (b"{\"a\":1}\n{\"a\":2}\n", Some(Layout::JsonLines)),
            (b"\xef\xbb\xbf{\"a\":1}", Some(Layout::JsonLines)),
            (b"{bad\n{\"a\":2}\n", Some(Layout::JsonLines)),
            (b"{\n  \"a\": 1\n}\n{\n}", Some(Layout::JsonValues)),
            (b"{\"a\":1}{\"a\":2}", Some(Layout::JsonValues)),
            (b"[{\"a\":1},{\"a\":2}]", Some(Layout::JsonValues)),
            (b"[\n{\"a\":1}\n]", Some(Layout::JsonValues)),
            (b"[1,2]", None),
            (b"ts,account_id,model\n", csv(b',')),
            (b"ts\taccount_id\n1\t2\n", csv(b'\t')),
            (b"ts;\"account;id\"\r\n", csv(b';')),
            (b"hello\n", None),
            (b"\x00\x01,\x02\n", None),
            (b"", None),
        ];
        for (bytes, layout) in cases {
            for rules in [Rules::First, Rules::Present] {
                assert_eq!(layout_of(bytes, true, rules), layout, "{}", String::from_utf8_lossy(bytes));
            }
        }
    }

    #[test]
    fn the_rows_of_gathered_pages_are_those_of_their_lists() {
        let of = |text: &str| layout_of(text.as_bytes(), true, Rules::Present).unwrap();
        let pages =
            r#"[{"page":0,"data":[{"ts":"x","user":"u"},{"ts":"y"}]},{"page":1,"data":[{"ts":"z"}]}]"#;
        assert_eq!(of(pages), Layout::JsonItems(Wrapper { through: &[], lists: &[&["data"]] }));
        let exchanges = r#"[{"ts":"x","user":"u","data":[{"ts":"x"}]},{"ts":"y"}]"#;
        assert_eq!(of(exchanges), Layout::JsonValues);
    }

    #[test]
    fn objects_in_a_row_are_told_from_lines() {
        let of = |text: &str, is_whole: bool| {
            [Rules::First, Rules::Present].map(|rules| layout_of(text.as_bytes(), is_whole, rules).unwrap())
        };
        let (lines, values) = (Layout::JsonLines, Layout::JsonValues);
        assert_eq!(
            of("{\"a\":1}{\"a\":2}{\"a\":", false),
            [lines, values],
            "Firehose, longer than the sample"
        );
        assert_eq!(of("{\"a\":1}{\"a\":2}\n{\"a\":3}\n", true), [lines, values]);
        assert_eq!(of("{\n\"a\":[\n{\"b\":1}\n]}\n", true), [lines, values]);
        assert_eq!(of("{\"a\":1}\n{\"a\":2}", false), [lines, lines]);
        assert_eq!(of("{\"a\":1", false), [lines, lines], "one long line");
    }
}
