//! Columns packed into bytes, for tables that a module above reads whole when a case is opened;
//! SQLite would return them row by row. Their meaning belongs to that module.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, UInt32Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, Float64Array, ListArray, RecordBatch};
use arrow_schema::DataType;

use super::segment::{decode, encode};
use super::{CacheError, RowId};

/// Column with one entry per row.
#[derive(Clone, Debug, PartialEq)]
pub enum PackedColumn {
    /// Numbers.
    Reals(Vec<Option<f64>>),
    /// Texts, few of them distinct.
    Texts(Vec<Option<Arc<str>>>),
    /// Exchanges.
    Rows(Vec<Option<Vec<RowId>>>),
}

/// Packs columns of equally many rows for the cache at `path`: an Arrow IPC stream of one
/// compressed record batch.
///
/// # Errors
/// Columns of different lengths, or more than 2³¹ exchanges in one.
pub fn pack_columns(path: &Path, columns: &[PackedColumn]) -> Result<Vec<u8>, CacheError> {
    let array = |column: &PackedColumn| -> ArrayRef {
        match column {
            PackedColumn::Reals(numbers) => Arc::new(Float64Array::from_iter(numbers.iter().copied())),
            PackedColumn::Texts(texts) => {
                Arc::new(texts.iter().map(Option::as_deref).collect::<DictionaryArray<Int32Type>>())
            }
            PackedColumn::Rows(rows) => {
                let rows = rows.iter().map(|rows| rows.as_ref().map(|rows| rows.iter().copied().map(Some)));
                Arc::new(ListArray::from_iter_primitive::<UInt32Type, _, _>(rows))
            }
        }
    };
    RecordBatch::try_from_iter(names(columns.len()).into_iter().zip(columns.iter().map(array)))
        .and_then(|batch| encode(&batch))
        .map_err(|source| CacheError::Segment { path: path.to_owned(), source })
}

/// Unpacks `columns` columns of `rows` rows; `None` if the bytes are not such columns.
pub fn unpack_columns(packed: &[u8], columns: usize, rows: usize) -> Option<Vec<PackedColumn>> {
    let names = names(columns);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    decode(packed, &names, rows).ok()?.into_iter().map(|array| column(&array?)).collect()
}

/// Names of packed columns: their positions.
fn names(columns: usize) -> Vec<String> {
    (0..columns).map(|at| at.to_string()).collect()
}

fn column(array: &ArrayRef) -> Option<PackedColumn> {
    Some(match array.data_type() {
        DataType::Float64 => PackedColumn::Reals(array.as_primitive_opt::<Float64Type>()?.iter().collect()),
        DataType::Dictionary(..) => {
            let coded = array.as_dictionary_opt::<Int32Type>()?;
            let texts = coded.values().as_string_opt::<i32>()?;
            let texts: Vec<Arc<str>> = texts.iter().map(|text| Arc::from(text.unwrap_or_default())).collect();
            let text = |key: Option<i32>| texts.get(usize::try_from(key?).ok()?).cloned();
            PackedColumn::Texts(coded.keys().iter().map(text).collect())
        }
        _ => {
            let lists = array.as_list_opt::<i32>()?;
            let all = lists.values().as_primitive_opt::<UInt32Type>()?.values();
            let rows = |at: usize| {
                let ends = &lists.value_offsets()[at..at + 2];
                lists.is_valid(at).then(|| all[ends[0] as usize..ends[1] as usize].to_vec())
            };
            PackedColumn::Rows((0..lists.len()).map(rows).collect())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_nothing_else() {
        let columns = [
            PackedColumn::Reals(vec![Some(0.1 + 0.2), None, Some(f64::INFINITY)]),
            PackedColumn::Texts(vec![None, Some("why".into()), Some("".into())]),
            PackedColumn::Rows(vec![Some(vec![3, 1]), None, Some(vec![])]),
        ];
        let packed = pack_columns(Path::new("cache"), &columns).unwrap();
        assert_eq!(unpack_columns(&packed, 3, 3).as_deref(), Some(&columns[..]));
        assert_eq!(unpack_columns(&packed, 3, 4), None);
        assert_eq!(unpack_columns(&packed, 4, 3), None);
        assert_eq!(unpack_columns(&packed[..packed.len() / 2], 3, 3), None);
        let ragged = [PackedColumn::Reals(vec![None]), PackedColumn::Reals(vec![])];
        assert!(pack_columns(Path::new("cache"), &ragged).is_err());
    }
}
