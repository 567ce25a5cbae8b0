//! Values of a canonical column in a batch, from its sources in order of preference.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_select::interleave::interleave;

use super::convert::{Memory, Notes, convert, date_and_time, nulls, since};
use super::extract::Rendered;
use super::file::File;
use super::missing::is_stand_in;
use super::shared::{Shared, TOO_MANY_KEYS};
use super::source::Located;
use super::source_array::{raw, raw_as};
use super::tally::Tally;
use super::together::together;
use super::{Column, ColumnType};

/// Array of a canonical column in a batch.
pub(super) fn read(
    file: &File,
    column: Column,
    located: &Located,
    batch: &RecordBatch,
    memory: &mut Memory,
    notes: &mut Notes,
    tally: &mut Tally,
) -> Result<ArrayRef, String> {
    let first = located.sources.first().ok_or("a column without a source")?;
    if let Some(start) = &located.since {
        return since(&located.spec, &raw(start, batch)?, &raw(first, batch)?, notes);
    }
    if let Some(time) = &located.time {
        return date_and_time(column, &located.spec, &raw(first, batch)?, &raw(time, batch)?, notes);
    }
    let mut arrays = Vec::with_capacity(located.sources.len());
    for found in &located.sources {
        let mut spec = located.spec_of(found);
        let rendered = match column.kind() == ColumnType::LongText {
            true if spec.conversation => Rendered::All,
            true => Rendered::Containers,
            false => Rendered::Never,
        };
        let values = raw_as(found, batch, rendered)?;
        // What was read as a conversation is text, whatever it looks like.
        spec.conversation &= !found.is_in_json();
        arrays.push(convert(column, &spec, &values, memory, notes)?);
    }
    if let Some(by) = located.shared_by.as_ref().filter(|_| arrays[0].null_count() > 0)
        && let Some(shared) = Shared::of(file, column, located, by).map_err(|e| e.to_string())?
    {
        if shared.is_over() {
            let own = tally.columns.entry(column).or_default();
            own.unread.entry(TOO_MANY_KEYS.to_owned()).or_default().rows += arrays[0].null_count() as u64;
        }
        let (values, rows) = shared.filled(&arrays[0], &raw(by, batch)?)?;
        arrays[0] = values;
        if rows > 0 {
            let name = format!("{} of the same {}", first.name, by.name);
            *tally.columns.entry(column).or_default().fallback.entry(name).or_default() += rows;
        }
    }
    if located.spec.together {
        return together(column, located, &arrays);
    }
    match &arrays[..] {
        [only] => Ok(Arc::clone(only)),
        _ => preferred(column, located, &arrays, tally),
    }
}

/// First value of each row among the sources; a value that the system gives to many callers counts only
/// if no other source has one.
fn preferred(
    column: Column,
    located: &Located,
    arrays: &[ArrayRef],
    tally: &mut Tally,
) -> Result<ArrayRef, String> {
    let len = arrays.first().map_or(0, |array| array.len());
    let is_shared = |array: &ArrayRef, i: usize| match column.kind() {
        ColumnType::Text => {
            let texts = array.as_dictionary::<Int32Type>();
            texts.key(i).is_some_and(|key| is_stand_in(texts.values().as_string::<i32>().value(key)))
        }
        _ => false,
    };
    let mut places = Vec::with_capacity(len);
    let mut used = vec![0u64; arrays.len()];
    for i in 0..len {
        let own = arrays.iter().position(|array| array.is_valid(i) && !is_shared(array, i));
        let source = own.or_else(|| arrays.iter().position(|array| array.is_valid(i)));
        if let Some(source) = source {
            used[source] += 1;
        }
        places.push((source.unwrap_or(0), i));
    }
    for (found, &rows) in located.sources.iter().zip(&used).skip(1).filter(|(_, rows)| **rows > 0) {
        let fallback = &mut tally.columns.entry(column).or_default().fallback;
        *fallback.entry(found.name.clone()).or_default() += rows;
    }
    let same: Vec<&dyn Array> = arrays.iter().map(|array| array.as_ref()).collect();
    interleave(&same, &places).map_err(|error| error.to_string()).or_else(|_| Ok(nulls(column, len)))
}
