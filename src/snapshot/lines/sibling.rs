//! Parts of a CSV file that begin without the names of the columns: programs that cut a file in pieces, and
//! databases that unload tables, write the names into one part or into none.
//!
//! Such a part has the names of another file in its folder if all its columns agree: their number in every
//! record that is looked at, and the kind of their values. A column most of whose values stand in another column of
//! that file, and none in its own, is in another order, and the part does not agree. Other columns of equal kinds
//! cannot be told apart, so the import report names such parts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use arrow_schema::DataType;

use super::csv::{Fields, first_records, names};
use super::declared::{chosen_encoding, delimiters, encoding_of};
use super::head::csv_of;
use super::kind::Kinds;
use super::layout::{Dialect, Head};
use super::unpack::first_bytes;
use crate::snapshot::clock::{Clock, parse_time};
use crate::snapshot::unit::DayOrder;

/// Maximum number of other files that are looked at.
const MAX_FILES: usize = 32;
/// Number of records of each file that are looked at.
const LOOKED_AT: usize = 50;
/// Maximum number of lists of names that are kept.
const MAX_KEPT: usize = 1_000;

/// Endings of files that are looked at.
const ENDINGS: [&str; 2] = ["csv", "tsv"];

/// True for a file that its name calls CSV.
pub(super) fn is_named_csv(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.split('.').skip(1).any(|part| ENDINGS.contains(&part))
}

/// Dialect of a part without names, with the names of another part; `None` if no part agrees.
pub(super) fn of_sibling(path: &Path, bytes: &[u8], is_whole: bool) -> Option<(Dialect, Head)> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut others: Vec<PathBuf> =
        std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    others.retain(|other| other != path && is_named_csv(other));
    others.sort();
    // Names of columns that a person has put beside the parts come first.
    others.sort_by_key(|other| std::fs::metadata(other).map_or(u64::MAX, |about| about.len()));
    others.iter().take(MAX_FILES).find_map(|other| {
        let encoding = encoding_of(other, chosen_encoding()).ok()?;
        let (_, other, other_is_whole) = first_bytes(other, encoding).ok()?;
        let (dialect, head) = csv_of(&other, other_is_whole, &delimiters())?;
        let other = head.below_title(&other)?;
        let records = first_records(other, dialect, other_is_whole, LOOKED_AT + 1);
        let names = names(records.first()?, dialect);
        let own = first_records(bytes, dialect, is_whole, LOOKED_AT);
        let agree = names.len() >= 2
            && agree(
                &Columns::of(&records[1..], dialect, names.len())?,
                &Columns::of(&own, dialect, names.len())?,
            );
        agree.then(|| Some((dialect, Head { above: 0, names: Some(kept(&names)?) })))?
    })
}

/// Values of some records by column.
struct Columns {
    kinds: Vec<Kinds>,
    /// Columns all values of which are times.
    times: Vec<bool>,
    /// Different values of each column.
    values: Vec<BTreeSet<Vec<u8>>>,
    records: usize,
}

impl Columns {
    /// `None` if a record has another number of fields.
    fn of(records: &[Vec<u8>], dialect: Dialect, width: usize) -> Option<Self> {
        let mut fields = Fields::new(dialect);
        let (mut kinds, mut times) = (vec![Kinds::default(); width], vec![!records.is_empty(); width]);
        let mut values = vec![BTreeSet::new(); width];
        for record in records {
            if fields.read(record) != width {
                return None;
            }
            for at in 0..width {
                kinds[at].add_field(fields.get(at));
                times[at] &= is_time(fields.get(at));
                values[at].insert(fields.get(at).to_owned());
            }
        }
        Some(Self { kinds, times, values, records: records.len() })
    }
}

fn is_time(field: &[u8]) -> bool {
    std::str::from_utf8(field).is_ok_and(|text| parse_time(text, &Clock::utc(), Some(DayOrder::Mdy)).is_ok())
}

/// True if the columns of a part have values like those under the names, and some column has the time. Where
/// only the names are known, a time is all that is asked.
fn agree(named: &Columns, own: &Columns) -> bool {
    let fits = |(named, own): (&Kinds, &Kinds)| match (named.data_type(), own.data_type()) {
        (DataType::Null, _) | (_, DataType::Null) => true,
        (named, own) => named == own || named == DataType::Utf8,
    };
    let are_of_another = (0..own.values.len()).any(|at| is_of_another(named, own, at));
    let are_times = named.times.iter().zip(&own.times).all(|(named, own)| !named || *own);
    own.records > 0
        && own.times.iter().any(|is_time| *is_time)
        && (named.records == 0
            || are_times && !are_of_another && named.kinds.iter().zip(&own.kinds).all(fits))
}

/// True for a column most of whose different values stand in one other column under the names, and none in its own.
/// Numbers and short codes may stand in any column.
fn is_of_another(named: &Columns, own: &Columns, at: usize) -> bool {
    let values: Vec<&Vec<u8>> = own.values[at].iter().filter(|value| !value.is_empty()).collect();
    let shared = |other: &BTreeSet<Vec<u8>>| values.iter().filter(|value| other.contains(**value)).count();
    own.kinds[at].data_type() == DataType::Utf8
        && shared(&named.values[at]) == 0
        && named.values.iter().any(|other| 2 * shared(other) > values.len())
}

/// The names as a list that lasts as long as the program; `None` for too many lists.
pub(in crate::snapshot) fn kept(names: &[String]) -> Option<&'static [&'static str]> {
    static KEPT: Mutex<BTreeMap<Vec<String>, &[&str]>> = Mutex::new(BTreeMap::new());
    let mut all = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.get(names) {
        return Some(known);
    }
    let distinct: BTreeSet<&String> = names.iter().collect();
    if all.len() >= MAX_KEPT || distinct.len() < names.len() {
        return None;
    }
    let own: Vec<&'static str> =
        names.iter().map(|name| &*Box::leak(name.clone().into_boxed_str())).collect();
    let own: &'static [&'static str] = Box::leak(own.into_boxed_slice());
    all.insert(names.to_vec(), own);
    Some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_in_another_order_do_not_agree() {
        let columns = |records: &[&str]| {
            let records: Vec<Vec<u8>> = records.iter().map(|record| record.as_bytes().to_vec()).collect();
            Columns::of(&records, Dialect::of(b','), 3).unwrap()
        };
        let named = columns(&["2026-04-07T10:00:00Z,amy,m-1", "2026-04-07T11:00:00Z,bob,m-2"]);
        assert!(agree(&named, &columns(&["2026-04-08T10:00:00Z,cat,m-1", "2026-04-08T11:00:00Z,amy,m-3"])));
        assert!(agree(&named, &columns(&["2026-04-08T10:00:00Z,cat,m-9"])), "nothing tells");
        assert!(!agree(&named, &columns(&["2026-04-08T10:00:00Z,m-1,amy", "2026-04-08T11:00:00Z,m-2,cat"])));
    }
}
