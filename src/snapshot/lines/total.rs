//! Lines below the last record of a CSV file that sum it up, as reports and clients of databases write them.

use super::csv::Fields;

/// Maximum number of such lines.
pub(super) const MAX_TOTALS: u64 = 3;

/// Words with which such a line begins.
const WORDS: [&str; 12] = [
    "total",
    "totals",
    "grand total",
    "sum",
    "subtotal",
    "count",
    "rows",
    "records",
    "gesamt",
    "summe",
    "somme",
    "итого",
];

/// True for a record that is no row of the table: its first value is a word for a sum, or a count of rows such
/// as `(600 rows)`, and it has fewer values than half the columns.
pub(super) fn is_total(fields: &Fields, count: usize, width: usize) -> bool {
    let values = || (0..count).map(|at| fields.get(at).trim_ascii()).filter(|value| !value.is_empty());
    if 2 * values().count() > width.max(2) {
        return false;
    }
    let first = values().next().and_then(|first| std::str::from_utf8(first).ok());
    first.is_some_and(|first| is_word(first) || is_count(first))
}

fn is_word(text: &str) -> bool {
    let text = text.split(':').next().unwrap_or_default().trim().to_lowercase();
    WORDS.contains(&text.as_str())
}

/// True for `(600 rows)`, `600 rows selected.`, `(1 row affected)`.
fn is_count(text: &str) -> bool {
    let text = text.trim_matches(['(', ')', '.', '#', ' ']).to_lowercase();
    let mut words = text.split_whitespace();
    let is_number = words.next().is_some_and(|number| {
        number.bytes().any(|byte| byte.is_ascii_digit())
            && number.bytes().all(|byte| byte.is_ascii_digit() || b",.'".contains(&byte))
    });
    is_number && words.next().is_some_and(|word| ["row", "rows", "record", "records"].contains(&word))
}

#[cfg(test)]
mod tests {
    use super::super::layout::Dialect;
    use super::*;

    #[test]
    fn sums_are_told_from_records() {
        let dialect = Dialect::of(b',');
        let of = |line: &str| {
            let mut fields = Fields::new(dialect);
            let count = fields.read(line.as_bytes());
            is_total(&fields, count, 5)
        };
        for total in
            ["Total,,,,1234", "(600 rows)", "\"1,234 rows selected.\"", ",,Total: 600,", "Summe,,,,1"]
        {
            assert!(of(total), "{total}");
        }
        for record in
            ["Summe;", "total,a,m,1,2", "2026-04-22,a,m,1,2", "600,rows,m,1,2", "Totally,,,,", ",,,,", ""]
        {
            assert!(!of(record), "{record}");
        }
    }
}
