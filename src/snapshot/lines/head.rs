//! Beginning of a CSV file: lines above the names of its columns.

use super::csv::{Fields, dialect_of, first_records};
use super::layout::{Dialect, Head};

/// Maximum number of lines above the names.
const MAX_ABOVE: u32 = 20;
/// Number of records below the names that are looked at.
const LOOKED_AT: usize = 100;
/// Minimum number of columns below a title.
const MIN_COLUMNS: usize = 3;

/// Dialect of a CSV text with one of some delimiters, and the lines above the names of its columns; `None` for any other text. A title
/// is told from names by what follows: the names are as many as the fields of the records below them.
pub(super) fn csv_of(bytes: &[u8], is_whole: bool, delimiters: &[u8]) -> Option<(Dialect, Head)> {
    let above = |above: u32| Head { above, ..Head::default() };
    if let Some(delimiter) = stated_delimiter(bytes).filter(|_| delimiters.len() > 1) {
        let dialect = dialect_of(above(1).below_title(bytes)?, is_whole, &[delimiter], true)?;
        return Some((dialect, above(1)));
    }
    let plain = dialect_of(bytes, is_whole, delimiters, true);
    match plain {
        Some(dialect) if !is_title(bytes, dialect, is_whole) => return Some((dialect, Head::default())),
        _ => {}
    }
    let titled = (1..=MAX_ABOVE).find_map(|lines| {
        let below = above(lines).below_title(bytes)?;
        let dialect = dialect_of(below, is_whole, delimiters, true)?;
        is_sure(below, dialect, is_whole).then(|| (dialect, above(lines)))
    });
    titled.or_else(|| plain.map(|dialect| (dialect, Head::default())))
}

/// Delimiters of CSV, the most usual first.
pub(super) const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// Delimiter in a first line such as `sep=;`, which spreadsheets write.
fn stated_delimiter(bytes: &[u8]) -> Option<u8> {
    let line = bytes.split(|&byte| byte == b'\n').next()?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (name, delimiter) = line.split_at_checked(4)?;
    match delimiter {
        [delimiter] if name.eq_ignore_ascii_case(b"sep=") => Some(*delimiter),
        _ => None,
    }
}

/// True for a first record most fields of which are empty: a title that a spreadsheet has made as wide as the
/// table.
fn is_title(bytes: &[u8], dialect: Dialect, is_whole: bool) -> bool {
    let records = first_records(bytes, dialect, is_whole, 1);
    let mut fields = Fields::new(dialect);
    let count = records.first().map_or(0, |record| fields.read(record));
    let named = (0..count).filter(|&at| !fields.get(at).trim_ascii().is_empty()).count();
    2 * named <= count
}

/// True for text that begins with different names of columns and goes on with records of that many fields, one
/// of them a number or a time.
fn is_sure(bytes: &[u8], dialect: Dialect, is_whole: bool) -> bool {
    let records = first_records(bytes, dialect, is_whole, LOOKED_AT);
    let Some((header, records)) = records.split_first() else { return false };
    let mut fields = Fields::new(dialect);
    let width = fields.read(header);
    let names: std::collections::BTreeSet<&[u8]> =
        (0..width).map(|at| fields.get(at).trim_ascii()).filter(|name| !name.is_empty()).collect();
    if names.len() < width || width < MIN_COLUMNS {
        return false;
    }
    let (mut fitting, mut with_digits) = (0, false);
    for record in records {
        let count = fields.read(record);
        fitting += usize::from(fields.fits(count, width));
        with_digits |= (0..count).any(|at| fields.get(at).first().is_some_and(u8::is_ascii_digit));
    }
    with_digits && 10 * fitting >= 8 * records.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(u8, u32)> {
        csv_of(text.as_bytes(), true, &DELIMITERS).map(|(dialect, head)| (dialect.delimiter, head.above))
    }

    #[test]
    fn titles_are_told_from_names_of_columns() {
        let table = "ts,account_id,model\n2026-04-22T13:05:09Z,a,m\n2026-04-22T13:05:10Z,b,m\n";
        for (title, lines) in [
            ("", 0),
            ("Usage report\n", 1),
            ("Usage report, April 2026\nGenerated: 2026-05-01 10:00\n\n", 2),
            ("Usage report,,\n,,\n", 2),
            ("# exported by the gateway\n", 1),
            ("sep=,\n", 1),
            ("\"sep=,\"\r\n", 1),
        ] {
            assert_eq!(of(&format!("{title}{table}")), Some((b',', lines)), "{title}");
        }
        assert_eq!(of("sep=;\nts;account, or key\n1;a\n"), Some((b';', 1)));
        assert_eq!(of("SEP=\t\nts\ta\n1\tb\n"), Some((b'\t', 1)));
        assert_eq!(of(",,ts\n0,a,1\n"), Some((b',', 0)), "columns without names, and nothing better");
    }

    #[test]
    fn prose_has_no_columns() {
        let prose = "Dear all,\nthe log, as agreed, is here.\nIt has names, times, and more.\nYours, B.\n";
        assert_eq!(of(prose), None);
        assert_eq!(of("a\nb\nc,d,e\nf,g,h\n"), None, "no number in any record");
    }
}
