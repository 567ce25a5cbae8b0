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
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            Ok((if codes { without_codes(array)? } else { Arc::clone(array) }, 0))
        }
        DataType::Dictionary(_, value)
            if matches!(**value, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) =>
        {
            let dictionary = array.as_any_dictionary();
            let values =
                if codes { without_codes(dictionary.values())? } else { Arc::clone(dictionary.values()) };
            let is_same = Arc::ptr_eq(&values, dictionary.values());
            Ok((if is_same { Arc::clone(array) } else { dictionary.with_values(values) }, 0))
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
            Some((_, Ok(text))) if codes && has_code(text) => texts.append_value(escaped(text)),
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

/// The texts with `\x5C` for a backslash before what looks like a code, so that no text is that of other bytes.
fn without_codes(array: &ArrayRef) -> Result<ArrayRef, String> {
    let texts = cast_to(array, &DataType::Utf8)?;
    let texts = texts.as_string::<i32>();
    if !texts.iter().flatten().any(|text| text.contains("\\x") && has_code(text)) {
        return Ok(Arc::clone(array));
    }
    Ok(Arc::new(texts.iter().map(|text| text.map(escaped)).collect::<StringArray>()))
}

fn has_code(text: &str) -> bool {
    text.as_bytes().windows(4).any(is_code)
}

fn is_code(bytes: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte);
    bytes.starts_with(b"\\x") && bytes.len() >= 4 && bytes[2..4].iter().all(is_digit)
}

/// A text with `\x5C` for a backslash before what looks like a code, as identifiers are read.
pub(in crate::snapshot) fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 4);
    for (at, c) in text.char_indices() {
        match c == '\\' && is_code(&text.as_bytes()[at..]) {
            true => plain.push_str("\\x5C"),
            false => plain.push(c),
        }
    }
    plain
}

/// Bytes as text, with `\xNN` for those that are not UTF-8.
pub(super) fn coded(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(&escaped(chunk.valid()));
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02X}")));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_that_of_other_bytes() {
        assert_eq!(coded(b"M\xfcller"), "M\\xFCller");
        assert_eq!(escaped("M\\xFCller"), "M\\x5CxFCller");
        assert_eq!(coded(b"\\xFC\xfc"), "\\x5CxFC\\xFC");
        let plain: ArrayRef = Arc::new(StringArray::from(vec![Some("C:\\xyz"), Some("é\\x"), None]));
        assert!(Arc::ptr_eq(&lossy(&plain, true).unwrap().0, &plain));
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["M\\xFCller", "a"]));
        let (texts, _) = lossy(&texts, true).unwrap();
        assert_eq!(texts.as_string::<i32>().value(0), "M\\x5CxFCller");
        let bytes: ArrayRef =
            Arc::new(arrow_array::BinaryArray::from(vec![&b"M\xfcller"[..], b"M\\xFCller", b"a"]));
        let (texts, bad) = lossy(&bytes, true).unwrap();
        let texts = texts.as_string::<i32>();
        assert_eq!((texts.value(0), texts.value(1), bad), ("M\\xFCller", "M\\x5CxFCller", 1));
    }
}
