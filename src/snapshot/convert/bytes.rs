//! Text from arbitrary bytes.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_schema::DataType;

use super::cast::cast_to;

/// Text from text or bytes; bytes that are not UTF-8 as replacement characters or, with `codes`,
/// as `\xNN`, so that distinct identifiers stay distinct. With the number of values that have such bytes.
pub(in crate::snapshot) fn lossy(array: &ArrayRef, codes: bool) -> Result<(ArrayRef, u64), String> {
    match array.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok((Arc::clone(array), 0)),
        DataType::Dictionary(_, value)
            if matches!(**value, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) =>
        {
            Ok((Arc::clone(array), 0))
        }
        DataType::Dictionary(_, value) => {
            let keyed = cast_to(array, &DataType::Dictionary(Box::new(DataType::Int32), value.clone()))?;
            let keyed = keyed.as_dictionary::<Int32Type>();
            let (texts, bad) = of_bytes(keyed.values(), codes)?;
            let rows =
                keyed.keys().iter().flatten().filter(|&key| bad.get(key as usize) == Some(&true)).count();
            Ok((Arc::new(keyed.with_values(Arc::new(texts))), rows as u64))
        }
        _ => {
            let (texts, bad) = of_bytes(array, codes)?;
            Ok((Arc::new(texts), bad.iter().filter(|bad| **bad).count() as u64))
        }
    }
}

fn of_bytes(array: &ArrayRef, codes: bool) -> Result<(StringArray, Vec<bool>), String> {
    let array = cast_to(array, &DataType::LargeBinary)?;
    let bytes = array.as_binary::<i64>();
    let mut texts = StringBuilder::with_capacity(bytes.len(), bytes.value_data().len());
    let mut bad = vec![false; bytes.len()];
    for (i, value) in bytes.iter().enumerate() {
        match value.map(|value| (value, std::str::from_utf8(value))) {
            None => texts.append_null(),
            Some((_, Ok(text))) => texts.append_value(text),
            Some((value, Err(_))) => {
                bad[i] = true;
                texts.append_value(if codes {
                    coded(value)
                } else {
                    String::from_utf8_lossy(value).into_owned()
                });
            }
        }
    }
    Ok((texts.finish(), bad))
}

/// Bytes as text, with `\xNN` for those that are not UTF-8.
pub(super) fn coded(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02X}")));
        text
    })
}
