//! Parts of texts by patterns such as `/v1/tenants/{}/*`: `{}` is the part, `*` any text.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int32Type;
use arrow_array::{Array as _, ArrayRef, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;

/// Piece of a pattern.
enum Piece<'a> {
    Literal(&'a str),
    /// Any text, of at least so many characters.
    Any {
        is_part: bool,
    },
}

/// The part of a text at `{}`, if the text fits; the inner value is `None` for a pattern without it. Each `{}` and `*`
/// is as short as it can be, and the text is passed over once.
pub(super) fn fitting<'a>(text: &'a str, pattern: &str) -> Option<Option<&'a str>> {
    let pieces = pieces_of(pattern);
    let (mut at, mut open, mut found) = (0, None, None);
    let least = |at: usize, is_part: bool| {
        let first = text[at..].chars().next().map(char::len_utf8);
        if is_part { first.map(|length| at + length) } else { Some(at) }
    };
    for (n, piece) in pieces.iter().enumerate() {
        let (end, next, opens) = match (piece, open) {
            (Piece::Literal(own), None) => {
                let end = text[at..].starts_with(own).then_some(at)?;
                (end, end + own.len(), None)
            }
            (Piece::Literal(own), Some(is_part)) => {
                let from = least(at, is_part)?;
                let end = match n + 1 == pieces.len() {
                    true => text[from..].ends_with(own).then(|| text.len() - own.len())?,
                    false => from + text[from..].find(own)?,
                };
                (end, end + own.len(), None)
            }
            (Piece::Any { is_part }, None) => (at, at, Some(*is_part)),
            (Piece::Any { is_part }, Some(before)) => {
                let end = least(at, before)?;
                (end, end, Some(*is_part))
            }
        };
        if open == Some(true) {
            found = Some(&text[at..end]);
        }
        (at, open) = (next, opens);
    }
    match open {
        Some(true) => Some(Some(&text[at..]).filter(|part| !part.is_empty())).filter(Option::is_some),
        Some(false) => Some(found),
        None => (at == text.len()).then_some(found),
    }
}

fn pieces_of(pattern: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), pattern);
    while !rest.is_empty() {
        let at = [rest.find("{}"), rest.find('*')].into_iter().flatten().min().unwrap_or(rest.len());
        let (own, after) = rest.split_at(at);
        if !own.is_empty() {
            pieces.push(Piece::Literal(own));
        }
        let is_part = after.starts_with("{}");
        if !after.is_empty() {
            pieces.push(Piece::Any { is_part });
        }
        rest = after.get(if is_part { 2 } else { 1 }..).unwrap_or_default();
    }
    pieces
}

/// Parts of the texts of a dictionary, each missing where its text does not fit.
///
/// # Errors
/// Arrow cannot make a dictionary of them.
pub(super) fn parts_of(texts: &ArrayRef, pattern: &str) -> Result<ArrayRef, String> {
    let dictionary = texts.as_dictionary::<Int32Type>();
    let values = dictionary.values().as_string::<i32>();
    let parts: StringArray = values.iter().map(|text| fitting(text?, pattern).flatten()).collect();
    // Several texts may have one part.
    let plain = cast(&dictionary.with_values(Arc::new(parts)), &DataType::Utf8);
    plain.and_then(|plain| cast(&plain, texts.data_type())).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::{texts, times, write};
    use crate::snapshot::{Column, Mapping, Tally, read};

    #[test]
    fn parts_are_as_short_as_they_can_be() {
        for (text, pattern, part) in [
            ("/v1/tenants/a7/chat", "/v1/tenants/{}/*", Some("a7")),
            ("/v1/tenants/a7/chat/x", "/v1/tenants/{}/*", Some("a7")),
            ("sk-acct_03-00000001", "sk-{}-*", Some("acct_03")),
            ("sk-acct-03-00000001", "sk-{}-0*1", Some("acct")),
            ("acct_03:17", "{}:*", Some("acct_03")),
            ("a:b:17", "*:{}", Some("b:17")),
            ("größe.csv.gz", "{}.csv*", Some("größe")),
            ("a.csv.csv", "{}.csv", Some("a.csv")),
            ("user=é;x", "*user={};x", Some("é")),
            ("ab", "{}*", Some("a")),
            ("x", "{}", Some("x")),
        ] {
            assert_eq!(fitting(text, pattern), Some(part), "{text} {pattern}");
        }
        for (text, pattern) in [("", "{}"), ("/x", "/{}/*"), ("-1", "{}-1"), ("ab", "a"), ("sk-", "sk-{}")] {
            assert_eq!(fitting(text, pattern), None, "{text} {pattern}");
        }
        assert_eq!(fitting("part-7", "part-*"), Some(None));
        // Time grows with the length of the text alone.
        assert_eq!(fitting(&"/".repeat(1 << 20), "*/a/*/b/*/{}/*/c"), None);
    }

    #[test]
    fn an_account_is_read_from_a_part_of_a_text() {
        let dir = tempfile::tempdir().unwrap();
        let paths = texts(&["/t/a/x", "/t/b/y", "/t/a/z", "/health"]);
        let path = write(&dir.path().join("f"), vec![("ts", times(4)), ("path", paths)]);
        let mapping = "ts = \"ts\"\naccount_id = { column = \"path\", pattern = \"/t/{}/*\" }";
        let mapping = Mapping::from_toml(mapping).unwrap();
        let mut reader = read(&path, "f", &mapping, &[Column::AccountId], None).unwrap();
        let batch = reader.next().unwrap().unwrap();
        let accounts = cast(batch.columns[0].as_ref().unwrap(), &DataType::Utf8).unwrap();
        let accounts: Vec<Option<&str>> = accounts.as_string::<i32>().iter().collect();
        assert_eq!(accounts, [Some("a"), Some("b"), Some("a"), None]);
        assert_eq!(reader.tally().set_aside[Tally::NO_PART].first[0].value, "/health");
    }
}
