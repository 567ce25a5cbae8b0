//! Tables whose columns are named by a line of their own form: blocks of COPY in a dump of PostgreSQL, and logs in
//! the extended format of the W3C.

use std::io;

use super::layout::{Dialect, Head, Layout};
use super::sibling::kept;
use super::wrapper::Names;

/// Beginning of the line with the names, in the extended format of the W3C.
const FIELDS: &[u8] = b"#Fields:";

/// Beginnings of a dump.
const STARTS: [&[u8]; 4] = [b"--", b"SET ", b"COPY ", b"\\restrict"];

/// Dialect and head of a text that is such a table; `None` for any other text. Of several blocks of COPY `chosen`
/// names one.
///
/// # Errors
/// The text has several blocks and none is chosen, or no block has the chosen name.
pub(super) fn named_table(bytes: &[u8], chosen: Option<&str>) -> io::Result<Option<(Dialect, Head)>> {
    if bytes.starts_with(b"#") {
        return Ok(extended(bytes));
    }
    // A caller may write such a line into a prompt, but not to the beginning of the file.
    let is_dump = STARTS.iter().any(|start| bytes.trim_ascii_start().starts_with(start));
    let blocks = if is_dump { copies(bytes) } else { Vec::new() };
    let is_chosen =
        |name: &str| chosen.is_none_or(|chosen| name == chosen || name.rsplit('.').next() == Some(chosen));
    let found: Vec<&Copy> = blocks.iter().filter(|block| is_chosen(&block.name)).collect();
    match (&found[..], &blocks[..]) {
        (_, []) => Ok(None),
        ([one], _) => {
            let dialect = Dialect { backslash: true, unquoted: true, ..Dialect::of(b'\t') };
            Ok(kept(&one.columns).map(|names| (dialect, Head { above: one.above, names: Some(names) })))
        }
        _ => {
            let names: Vec<&str> = blocks.iter().map(|block| block.name.as_str()).collect();
            let first = names.first().copied().unwrap_or_default();
            let message = format!(
                "it has the tables {}; choose one with --rows-at, such as --rows-at {first}",
                names.join(", ")
            );
            Err(io::Error::new(io::ErrorKind::InvalidData, message))
        }
    }
}

/// Table in the extended format, below its lines that begin with `#`.
fn extended(bytes: &[u8]) -> Option<(Dialect, Head)> {
    let above: Vec<&[u8]> =
        bytes.split(|&byte| byte == b'\n').take_while(|line| line.starts_with(b"#")).collect();
    let fields = above.iter().find_map(|line| line.strip_prefix(FIELDS))?;
    let names: Vec<String> = String::from_utf8_lossy(fields).split_whitespace().map(str::to_owned).collect();
    let head = Head { above: u32::try_from(above.len()).ok()?, names: Some(kept(&names)?) };
    // CloudFront has blanks between the names and tabs between the values.
    let first = bytes.split(|&byte| byte == b'\n').nth(above.len()).unwrap_or_default();
    let has_tabs = first.iter().filter(|&&byte| byte == b'\t').count() + 1 == names.len();
    (names.len() > 1).then_some((Dialect::of(if has_tabs { b'\t' } else { b' ' }), head))
}

/// True for a line of the extended format that is no record, as servers write them again when they start.
pub(super) fn is_remark(layout: Layout, line: &[u8]) -> bool {
    of_extended(layout).is_some() && line.starts_with(b"#")
}

/// True for a line of the extended format that names other columns than the first: what follows it cannot be read.
pub(super) fn names_others(layout: Layout, line: &[u8]) -> bool {
    let (Some(names), Some(fields)) = (of_extended(layout), line.strip_prefix(FIELDS)) else { return false };
    !String::from_utf8_lossy(fields).split_whitespace().eq(names.iter().copied())
}

/// Columns of a log in the extended format; `None` for any other layout.
fn of_extended(layout: Layout) -> Option<Names> {
    match layout {
        Layout::Csv(Dialect { delimiter: b' ', .. }, Head { names, .. }) => names,
        Layout::Csv(Dialect { delimiter: b'\t', unquoted: false, .. }, Head { names, above: 1.. }) => names,
        _ => None,
    }
}

/// Block of COPY: its table, its columns, and the number of lines above its first row.
struct Copy {
    name: String,
    columns: Vec<String>,
    above: u32,
}

fn copies(bytes: &[u8]) -> Vec<Copy> {
    let lines = bytes.split(|&byte| byte == b'\n').zip(1..);
    let copy = |(line, above): (&[u8], u32)| {
        let line = std::str::from_utf8(line.trim_ascii_end().strip_prefix(b"COPY ")?).ok()?;
        let (name, rest) = line.strip_suffix(") FROM stdin;")?.split_once(" (")?;
        let plain = |name: &str| name.trim().replace('"', "");
        Some(Copy { name: plain(name), columns: rest.split(',').map(plain).collect(), above })
    };
    lines.filter_map(copy).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_a_dump_are_chosen_by_name() {
        let one = "SET a = 1;\nCOPY public.calls (id, \"at\", who) FROM stdin;\n1\tx\ty\n\\.\n";
        let (dialect, head) = named_table(one.as_bytes(), None).unwrap().unwrap();
        assert_eq!((dialect.delimiter, dialect.unquoted), (b'\t', true));
        assert_eq!((head.above, head.names), (2, Some(&["id", "at", "who"][..])));
        let two = format!("COPY public.users (id, name) FROM stdin;\n1\ta\n\\.\n{one}");
        let of = |chosen| named_table(two.as_bytes(), chosen);
        let error = of(None).unwrap_err().to_string();
        assert!(error.contains("public.users, public.calls"), "{error}");
        assert_eq!(of(Some("calls")).unwrap().unwrap().1.above, 5);
        assert!(of(Some("others")).is_err());
        assert!(named_table(b"ts,a\n1,2\n", Some("others")).unwrap().is_none());
    }

    #[test]
    fn fields_of_the_extended_format_are_the_columns() {
        let text = "#Version: 1.0\r\n#Fields: date time cs(User-Agent)\r\n2026-04-22 13:05:09 a+b\r\n";
        let (dialect, head) = named_table(text.as_bytes(), None).unwrap().unwrap();
        assert_eq!(dialect.delimiter, b' ');
        assert_eq!((head.above, head.names), (2, Some(&["date", "time", "cs(User-Agent)"][..])));
        assert!(named_table(b"# a remark\nts,a\n", None).unwrap().is_none());
        let tabs = "#Version: 1.0\n#Fields: date time cs(User-Agent)\n2026-04-22\t13:05:09\ta b\n";
        let (dialect, head) = named_table(tabs.as_bytes(), None).unwrap().unwrap();
        assert_eq!(dialect.delimiter, b'\t');
        assert!(is_remark(Layout::Csv(dialect, head), b"#Version: 1.0"));
    }
}
