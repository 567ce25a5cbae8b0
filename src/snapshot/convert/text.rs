//! Text of every type: identifiers, addresses, attributes, prompts and responses.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, FixedSizeBinaryArray, StringArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use super::address::{in_one_form, is_masked, is_no_address};
use super::bytes::{coded, lossy};
use super::cast::{cast_noted, cast_to, nulls, type_of};
use super::notes::{Memory, Notes, Spec};
use crate::snapshot::conversation;
use crate::snapshot::json;
use crate::snapshot::missing::{is_never_an_id, is_no_attribute, is_placeholder};
use crate::snapshot::path::is_textual;
use crate::snapshot::pattern::parts_of;
use crate::snapshot::{Column, ColumnType};

const NO_TEXT: &str = "beyond the calendar";

/// Text as the column's type. Placeholders in identifiers and attributes are missing.
pub(super) fn text(
    column: Column,
    spec: &Spec,
    array: &ArrayRef,
    memory: &mut Memory,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    let to = type_of(column.kind(), None);
    let plain = if *array.data_type() == to { Arc::clone(array) } else { plain(column, spec, array, notes)? };
    let mut texts = if *plain.data_type() == to { plain } else { cast_to(&plain, &to)? };
    // Lists and structs are conversations already.
    if spec.conversation && column.kind() == ColumnType::LongText && !array.data_type().is_nested() {
        let mut read = |text: Option<&str>| {
            let said = conversation::of_text(text?);
            notes.placeholders += u64::from(said.is_none());
            said
        };
        texts = Arc::new(texts.as_string::<i32>().iter().map(&mut read).collect::<StringArray>());
    }
    if let Some(pattern) = spec.pattern.as_ref().filter(|_| column.kind() == ColumnType::Text) {
        texts = parts_of(&texts, pattern)?;
    }
    match column {
        // A prompt or response may be empty or a dash.
        Column::PromptText | Column::ResponseText => Ok(texts),
        Column::Ip => {
            let is_missing = |text: &str| is_no_attribute(text) || is_masked(text) || is_no_address(text);
            without_placeholders(&in_one_form(&texts, memory), is_missing, memory, notes)
        }
        Column::TlsFingerprint | Column::PaymentFingerprint | Column::EmailDomain | Column::UserAgent
            if !spec.verbatim =>
        {
            without_placeholders(&texts, is_no_attribute, memory, notes)
        }
        Column::StopReason => without_placeholders(&unlisted(&texts)?, is_placeholder, memory, notes),
        _ if column.kind() == ColumnType::Text => {
            let is_missing = if spec.verbatim { is_never_an_id } else { is_placeholder };
            without_placeholders(&texts, is_missing, memory, notes)
        }
        _ => Ok(long_without_placeholders(&texts, notes)),
    }
}

/// The values as text of any Arrow layout.
fn plain(column: Column, spec: &Spec, array: &ArrayRef, notes: &mut Notes) -> Result<ArrayRef, String> {
    let is_identifier = !matches!(column, Column::PromptText | Column::ResponseText);
    match array.data_type() {
        DataType::Null => Ok(nulls(column, array.len())),
        text if is_textual(text) => {
            let (text, replaced) = lossy(array, is_identifier)?;
            notes.replaced += replaced;
            Ok(text)
        }
        DataType::Dictionary(_, value) => plain(column, spec, &cast_to(array, value)?, notes),
        DataType::FixedSizeBinary(_) => {
            Ok(Arc::new(fixed(column, spec.uuid, array.as_fixed_size_binary(), notes)))
        }
        number if number.is_integer() && column == Column::Ip => addresses(array, notes),
        // Each distinct number is written out once.
        number if number.is_integer() && column.kind() == ColumnType::Text => {
            let to = DataType::Dictionary(Box::new(DataType::Int32), Box::new(number.clone()));
            cast_to(array, &to)
        }
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            let floats = cast_to(array, &DataType::Float64)?;
            let floats = floats.as_primitive::<Float64Type>().iter();
            // Some writers use NaN for missing values.
            let texts =
                floats.map(|value| value.filter(|value| !value.is_nan()).map(|value| value.to_string()));
            Ok(Arc::new(texts.collect::<StringArray>()))
        }
        decimal if decimal.is_decimal() => {
            let texts = cast_to(array, &DataType::Utf8)?;
            let texts = texts.as_string::<i32>().iter();
            Ok(Arc::new(texts.map(|text| text.map(without_zeros)).collect::<StringArray>()))
        }
        nested if nested.is_nested() => {
            let texts = rendered(column, array);
            notes.placeholders +=
                (0..array.len()).filter(|&i| array.is_valid(i) && texts.is_null(i)).count() as u64;
            Ok(Arc::new(texts))
        }
        _ => displayed(array, notes),
    }
}

/// Dates, times, lengths and flags as text.
fn displayed(array: &ArrayRef, notes: &mut Notes) -> Result<ArrayRef, String> {
    let texts = json::displayed(array)?;
    for (i, _) in texts.iter().enumerate().filter(|(i, text)| text.is_none() && array.is_valid(*i)) {
        let number = cast_to(&array.slice(i, 1), &DataType::Int64).ok();
        let number = number.and_then(|number| json::display(&number, 0));
        notes.fault(NO_TEXT, i, &number.unwrap_or_default());
    }
    Ok(Arc::new(texts.into_iter().collect::<StringArray>()))
}

/// Decimal without trailing zeros after its point.
fn without_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Bytes of one width: addresses, UUIDs, text with padding zeros removed.
fn fixed(column: Column, uuid: bool, array: &FixedSizeBinaryArray, notes: &mut Notes) -> StringArray {
    let mut text = |bytes: &[u8]| -> String {
        if column == Column::Ip
            && let Some(address) = address(bytes)
        {
            return address;
        }
        if uuid {
            return hyphenated(bytes);
        }
        let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        match std::str::from_utf8(&bytes[..end]) {
            Ok(text) if !text.bytes().any(|byte| byte.is_ascii_control()) => text.to_owned(),
            // Before ClickHouse 26.4 UUIDs have no annotation.
            _ if bytes.len() == 16 => hyphenated(bytes),
            _ => {
                notes.replaced += 1;
                coded(&bytes[..end])
            }
        }
    };
    array.iter().map(|bytes| bytes.map(&mut text)).collect()
}

fn hyphenated(uuid: &[u8]) -> String {
    let hex: String = uuid.iter().map(|byte| format!("{byte:02x}")).collect();
    match hex.len() {
        32 => format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]),
        _ => hex,
    }
}

/// IP address from its bytes; `None` if they are text or of another width.
fn address(bytes: &[u8]) -> Option<String> {
    let is_text = || {
        let text = bytes.iter().rposition(|&byte| byte != 0).map_or(&bytes[..0], |last| &bytes[..=last]);
        std::str::from_utf8(text).is_ok_and(|text| text.parse::<std::net::IpAddr>().is_ok())
    };
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).to_string());
    }
    let sixteen = <[u8; 16]>::try_from(bytes).ok().filter(|_| !is_text())?;
    Some(Ipv6Addr::from(sixteen).to_canonical().to_string())
}

/// IPv4 addresses from whole numbers; other numbers unchanged.
fn addresses(array: &ArrayRef, notes: &mut Notes) -> Result<ArrayRef, String> {
    // ClickHouse before 24.11 has them unsigned, other writers the same bits with a sign.
    let numbers = cast_noted(array, &DataType::Int64, "not an IP address", notes)?;
    let text = |number: i64| match u32::try_from(number)
        .ok()
        .or_else(|| i32::try_from(number).ok().map(i32::cast_unsigned))
    {
        Some(bits) => Ipv4Addr::from(bits).to_string(),
        None => number.to_string(),
    };
    let texts = numbers.as_primitive::<Int64Type>().iter().map(|number| number.map(text));
    Ok(Arc::new(texts.collect::<StringArray>()))
}

/// Lists, structs and maps: messages as a conversation, lists of text with commas between where the
/// column is an attribute, anything else as JSON.
fn rendered(column: Column, array: &ArrayRef) -> StringArray {
    let is_long = column.kind() == ColumnType::LongText;
    let text = |i: usize| {
        let value = json::of_array(array, i);
        if is_long && conversation::is_empty(&value) {
            return None;
        }
        if let serde_json::Value::Array(items) = &value
            && !is_long
        {
            let items: Vec<String> = items.iter().filter_map(json::as_text).collect();
            return Some(items.join(","));
        }
        let said = if is_long { conversation::of_value(&value) } else { None };
        said.or_else(|| json::as_text(&value))
    };
    (0..array.len()).map(|i| if array.is_null(i) { None } else { text(i) }).collect()
}

/// The values of an array of any type as text, for comparing.
pub(in crate::snapshot) fn as_text(array: &ArrayRef) -> Result<StringArray, String> {
    let array = plain(Column::PromptHash, &Spec::plain(), array, &mut Notes::default())?;
    Ok(cast_to(&array, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// Stop reasons without the brackets of a JSON list: `["stop"]` becomes `stop`.
fn unlisted(texts: &ArrayRef) -> Result<ArrayRef, String> {
    let dictionary = texts.as_dictionary::<Int32Type>();
    let values = dictionary.values().as_string::<i32>();
    if !values.iter().flatten().any(|value| value.trim_start().starts_with('[')) {
        return Ok(Arc::clone(texts));
    }
    let bare = |value: &str| match serde_json::from_str::<Vec<serde_json::Value>>(value) {
        Ok(items) => items.iter().filter_map(json::as_text).collect::<Vec<_>>().join(","),
        Err(_) => value.to_owned(),
    };
    let values: StringArray = values.iter().map(|value| value.map(bare)).collect();
    let texts = cast_to(&(Arc::new(dictionary.with_values(Arc::new(values))) as ArrayRef), &DataType::Utf8)?;
    cast_to(&texts, &type_of(ColumnType::Text, None))
}

/// Texts of a dictionary, with nulls for placeholders and for null values of the dictionary.
fn without_placeholders(
    texts: &ArrayRef,
    is_placeholder: fn(&str) -> bool,
    memory: &mut Memory,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    let dictionary = texts.as_dictionary::<Int32Type>();
    let values = dictionary.values();
    let is_same = |seen: &ArrayRef| seen.len() == values.len() && seen.to_data().ptr_eq(&values.to_data());
    if !memory.placeholders.as_ref().is_some_and(|(seen, _)| is_same(seen)) {
        let strings = values.as_string::<i32>();
        let flags: Vec<bool> = strings.iter().map(|value| value.is_none_or(is_placeholder)).collect();
        let flags = if flags.contains(&true) { flags } else { Vec::new() };
        memory.placeholders = Some((Arc::clone(values), flags));
    }
    let flags = memory.placeholders.as_ref().map_or(&[][..], |(_, flags)| flags);
    if flags.is_empty() {
        return Ok(Arc::clone(texts));
    }
    let strings = values.as_string::<i32>();
    let keys = dictionary.keys();
    let is_kept = |i: usize| keys.is_valid(i) && !flags[keys.value(i) as usize];
    let said_nothing = (0..keys.len())
        .filter(|&i| keys.is_valid(i) && !is_kept(i) && strings.is_valid(keys.value(i) as usize));
    for i in said_nothing {
        notes.placeholders += 1;
        notes.word(strings.value(keys.value(i) as usize));
    }
    let valid: NullBuffer = (0..keys.len()).map(is_kept).collect::<Vec<bool>>().into();
    let keys = arrow_array::Int32Array::new(keys.values().clone(), Some(valid));
    let kept = DictionaryArray::try_new(keys, Arc::clone(values)).map_err(|error| error.to_string())?;
    Ok(Arc::new(kept))
}

fn long_without_placeholders(texts: &ArrayRef, notes: &mut Notes) -> ArrayRef {
    let strings = texts.as_string::<i32>();
    let before = notes.placeholders;
    for text in strings.iter().flatten().filter(|text| is_placeholder(text)) {
        notes.placeholders += 1;
        notes.word(text);
    }
    if notes.placeholders == before {
        return Arc::clone(texts);
    }
    Arc::new(strings.iter().map(|text| text.filter(|text| !is_placeholder(text))).collect::<StringArray>())
}
