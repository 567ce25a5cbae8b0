//! Bounds on what one trace can take of the memory: values of a column chunk before it is decoded, and
//! bytes of a span as a row.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::column::page::PageReader as _;
use parquet::file::serialized_reader::SerializedPageReader;

/// Maximum number of values, nulls included, of a column in a row group. A few bytes can stand for any
/// number of nulls of one trace, all of which are decoded together.
pub(super) const MAX_VALUES: u64 = 64 << 20;

/// Reason for a column chunk that is not decoded.
pub(super) const TOO_MANY: &str = "a column of one row group has more than 67,108,864 values";

/// True if a column chunk has no more than `most` values, by the footer and by the headers of its pages.
/// Headers that cannot be read are left to the decoder.
pub(super) fn is_bounded(
    file: &Arc<File>,
    metadata: &ArrowReaderMetadata,
    group: usize,
    leaf: usize,
    most: u64,
) -> bool {
    let group = metadata.metadata().row_group(group);
    let chunk = group.column(leaf);
    if chunk.num_values().unsigned_abs() > most {
        return false;
    }
    let rows = usize::try_from(group.num_rows()).unwrap_or_default();
    let Ok(mut pages) = SerializedPageReader::new(Arc::clone(file), chunk, rows, None) else { return true };
    let mut values = 0_u64;
    while let Ok(Some(page)) = pages.peek_next_page() {
        values = values.saturating_add(page.num_levels.unwrap_or_default() as u64);
        if values > most {
            return false;
        }
        if pages.skip_next_page().is_err() {
            break;
        }
    }
    true
}

/// Bytes that some elements of an array take in memory, without the bits of its nulls.
pub(super) fn bytes_of(array: &dyn Array, range: Range<usize>) -> usize {
    let (start, end) = (range.start, range.end);
    let of_offsets = |first: usize, last: usize, width: usize| last - first + width * (end - start);
    match array.data_type() {
        DataType::Utf8 => {
            let offsets = array.as_string::<i32>().value_offsets();
            of_offsets(offsets[start] as usize, offsets[end] as usize, 4)
        }
        DataType::Binary => {
            let offsets = array.as_binary::<i32>().value_offsets();
            of_offsets(offsets[start] as usize, offsets[end] as usize, 4)
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let offsets = list.value_offsets();
            let own = offsets[start] as usize..offsets[end] as usize;
            4 * (end - start) + bytes_of(list.values(), own)
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            let offsets = list.value_offsets();
            let own = offsets[start] as usize..offsets[end] as usize;
            8 * (end - start) + bytes_of(list.values(), own)
        }
        DataType::Map(_, _) => {
            let map = array.as_map();
            let offsets = map.value_offsets();
            let own = offsets[start] as usize..offsets[end] as usize;
            4 * (end - start) + bytes_of(map.entries(), own)
        }
        DataType::Struct(_) => {
            let columns = array.as_struct().columns();
            columns.iter().map(|column| bytes_of(column, start..end)).sum()
        }
        DataType::FixedSizeBinary(width) => width.unsigned_abs() as usize * (end - start),
        other => match other.primitive_width() {
            Some(width) => width * (end - start),
            // Other layouts do not come from a file without hints; their mean stands for each.
            None => array.get_array_memory_size().div_ceil(array.len().max(1)) * (end - start),
        },
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{ArrayRef, Int64Array, ListArray, StringArray, StructArray};
    use arrow_buffer::OffsetBuffer;
    use arrow_schema::Field;

    use super::*;

    #[test]
    fn bytes_of_elements_are_those_of_their_texts_lists_and_structs() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("abc"), None, Some("12345")]));
        assert_eq!(bytes_of(&texts, 0..1), 3 + 4);
        assert_eq!(bytes_of(&texts, 1..3), 5 + 8);
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let both = vec![
            (Arc::new(Field::new("a", DataType::Utf8, true)), Arc::clone(&texts)),
            (Arc::new(Field::new("b", DataType::Int64, true)), numbers),
        ];
        let both: ArrayRef = Arc::new(StructArray::from(both));
        assert_eq!(bytes_of(&both, 2..3), 5 + 4 + 8);
        let item = Arc::new(Field::new("element", both.data_type().clone(), true));
        let lists = ListArray::new(item, OffsetBuffer::from_lengths([0, 2, 1]), both, None);
        assert_eq!(bytes_of(&lists, 0..1), 4);
        assert_eq!(bytes_of(&lists, 1..2), 4 + 2 * (4 + 8) + 3);
        assert_eq!(bytes_of(&lists, 1..1), 0);
    }
}
