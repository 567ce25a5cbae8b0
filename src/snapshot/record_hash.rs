//! Hash of a record, by a written rule from which another program gets the same SHA-256.
//!
//! [`rule`] is the whole rule. It is printed in every bundle (`05_methods/record_hash.txt`), and
//! `tests/oracles/record_hash.py` is an implementation of it in Python that shares no code.

use std::fmt::Write as _;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, Time32MillisecondType, Time32SecondType, Time64MicrosecondType,
    Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use sha2::{Digest as _, Sha256};

use super::lines::{BESIDE, Lists, WRAPPERS};
use super::spans::LEVELS;
use crate::model::Digest;

/// The rule in words, for the author of another implementation, with the names of the lists by which rows
/// are counted.
pub fn rule() -> String {
    let [resources, scopes, spans] = LEVELS.map(in_lines);
    let of_lists = |lists: &Lists| {
        let names: Vec<String> = lists.iter().map(|names| names.join(" or ")).collect();
        format!("  {}", names.join(",\n    in its items "))
    };
    let wrappers: Vec<String> = WRAPPERS.iter().map(of_lists).collect();
    RULE.replace("@RESOURCES@", &resources)
        .replace("@SCOPES@", &scopes)
        .replace("@SPANS@", &spans)
        .replace("@BESIDE@", &in_lines(&BESIDE))
        .replace("@WRAPPERS@", &wrappers.join("\n"))
}

/// Names in indented lines of up to six.
fn in_lines(names: &[&str]) -> String {
    names.chunks(6).map(|names| format!("  {}", names.join(", "))).collect::<Vec<_>>().join(",\n")
}

/// The rule, with marks where names stand.
const RULE: &str = "\
RECORD HASH, VERSION 1

A record is one row of a Parquet file, with all of its columns in the order of the file's schema.
Its hash is the SHA-256 of the bytes

  stillhunt-record-1 LF  V(row)

where LF is the byte 10, row is a struct whose fields are the columns, and V writes a value:

  null              n
  true, false       b1  b0
  integer           i DECIMAL ;           any width, signed or not: i-12;
  half float        h and 4 hexadecimal digits: the 16 bits, the most significant first
  single float      f and 8 digits        all 32 bits
  double float      d and 16 digits       all 64 bits, so -0, NaN payloads and infinities are kept
  decimal           m UNSCALED e SCALE ;  12.30 with a scale of 2: m1230e2;
  date              y DAYS ;              days since 1970-01-01
  time of day       c NANOSECONDS ;       since midnight
  moment            t MICROSECONDS . NNN ;  since 1970-01-01T00:00:00 UTC, rounded down, then the
                                          nanoseconds left, 000 to 999: t-1.999; is one nanosecond
                                          before 1970
  moment, no zone   l MICROSECONDS . NNN ;  the same for a timestamp that is not adjusted to UTC
  text or bytes     s LENGTH : BYTES      the bytes of the value; UTF-8 where it is text, and the
                                          bytes as they stand where they are not UTF-8
  list              [ COUNT : V(item) ...
  struct            { COUNT : for each field  s LENGTH : NAME  V(value)
  map               < COUNT : for each entry  V(key) V(value), in the order of the file

Spaces above only separate; none is written. Numbers are decimal digits without leading zeros, a
minus sign where negative. Hexadecimal digits are lower case. Types are those of the Parquet
schema: dictionaries are the values they stand for, INTERVAL is its 12 bytes, UUID its 16 bytes,
INT96 a moment without zone. Hints of the writing program (ARROW:schema) do not count.

A record of a Parquet file of nested traces is one span. Such a file has a list of structs called
@RESOURCES@,
whose items have a list of structs called
@SCOPES@,
whose items have a list of structs called
@SPANS@.
Of several lists at one level, the first by the order of these names counts. The record is a struct
of up to four structs: trace, with the columns of the row but the list; then resource, scope and
span, under the names of their lists, each with its fields but the next list. A struct without
fields is left out. Rows count the spans in the order of the file from 0; lists that are null, and
resources and scopes that are null, have none; a span that is null is a row.

A record of JSON Lines is one line, as a struct of one field, line: its bytes as they are in the
file, decompressed where the file is compressed, without the line break (LF, or CR LF) at its end
and without a byte order mark (EF BB BF) at the beginning of the file. Rows count lines from 0, so
row 16 is line 17. Where a file holds JSON objects over several lines, or in a list, rows count the
objects, and line is the bytes from the first brace of the object to its last.

So it is where the objects of a file only wrap a list of records. The first object decides: one of
its members is a list whose first item is an object, and has one of the names of a first list
below; all its other members are called
@BESIDE@.
Where the first line is a whole object, every line of the first 262,144 bytes that is an object
has to be such. The records are the items of the lists
below, from the outside inwards, where names of the same list are separated by the word or:
@WRAPPERS@
An item of one of these lists that is no object is a row too, with its bytes as line. An object at
any level that does not have the list of the next level is a row, whose line is its last brace
alone: it is no record, and is counted as such.

The list, or the outermost of the lists, may stand in objects inside the first one, as in the answer
of a search engine, whose object hits has the list hits. The layout by which the rows of
a file are counted stands with the file in the journal (layout): through are the names of such
objects, and below those of the lists. Its names are those of the columns where the items are lists of values; line is
then the bytes of such a list from its first bracket to its last, or of the object whose list f has the values.

Text in UTF-16 is counted and read as the same text in UTF-8; half of a surrogate pair is written in
three bytes as UTF-8 would be. So is text in an encoding that was
stated at the import and that the layout of the file names, by the Encoding Standard of the WHATWG;
bytes that the encoding does not have are written as the byte FF.

A record of CSV is a
struct of two fields, header and line: the bytes of the first record of the file, and of its own
record, which goes on over line breaks inside quotation marks. Rows count the records after the
header from 0; blank lines between records are not counted. Lines above the header (above in the
layout) are no records. A file whose columns are named in another file (names in the layout) has no
header; its first record is row 0, and its records have the field line alone.
";

/// First line of the hashed bytes.
const PREFIX: &[u8] = b"stillhunt-record-1\n";

/// SHA-256 of a row of a batch, all columns, by [`rule`].
///
/// # Errors
/// A type is not covered by the rule; the error is its name. Parquet has no such type.
pub fn record_hash(batch: &RecordBatch, row: usize) -> Result<Digest, String> {
    let schema = batch.schema();
    let fields = schema
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, array)| (field.name().as_str(), array.as_ref()));
    hash_of(fields.collect(), row)
}

/// SHA-256 of a row of a struct, whose fields are the columns of the record, by [`rule`].
///
/// # Errors
/// As [`record_hash`].
pub fn struct_hash(record: &arrow_array::StructArray, row: usize) -> Result<Digest, String> {
    let fields = record
        .fields()
        .iter()
        .zip(record.columns())
        .map(|(field, array)| (field.name().as_str(), array.as_ref()));
    hash_of(fields.collect(), row)
}

fn hash_of(fields: Vec<(&str, &dyn Array)>, row: usize) -> Result<Digest, String> {
    let mut out = Writer { hasher: Sha256::new(), text: String::new() };
    out.hasher.update(PREFIX);
    out.fields(&fields, row)?;
    Ok(Digest(out.hasher.finalize().into()))
}

struct Writer {
    hasher: Sha256,
    /// Buffer of the short texts that are written between values.
    text: String,
}

impl Writer {
    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        self.text.clear();
        // Writing to a string cannot fail.
        let _ = self.text.write_fmt(text);
        self.hasher.update(self.text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.put(format_args!("s{}:", bytes.len()));
        self.hasher.update(bytes);
    }

    fn fields(&mut self, fields: &[(&str, &dyn Array)], row: usize) -> Result<(), String> {
        self.put(format_args!("{{{}:", fields.len()));
        for (name, array) in fields {
            self.bytes(name.as_bytes());
            self.value(*array, row)?;
        }
        Ok(())
    }

    fn items(&mut self, items: &dyn Array) -> Result<(), String> {
        self.put(format_args!("[{}:", items.len()));
        (0..items.len()).try_for_each(|i| self.value(items, i))
    }

    fn moment(&mut self, value: i64, unit: TimeUnit, zoned: bool) {
        let tag = if zoned { 't' } else { 'l' };
        let nanos = i128::from(value)
            * match unit {
                TimeUnit::Second => 1_000_000_000,
                TimeUnit::Millisecond => 1_000_000,
                TimeUnit::Microsecond => 1_000,
                TimeUnit::Nanosecond => 1,
            };
        self.put(format_args!("{tag}{}.{:03};", nanos.div_euclid(1_000), nanos.rem_euclid(1_000)));
    }

    fn value(&mut self, array: &dyn Array, row: usize) -> Result<(), String> {
        if array.is_null(row) || *array.data_type() == DataType::Null {
            self.put(format_args!("n"));
            return Ok(());
        }
        match array.data_type() {
            DataType::Utf8 => self.bytes(array.as_string::<i32>().value(row).as_bytes()),
            DataType::Binary => self.bytes(array.as_binary::<i32>().value(row)),
            DataType::FixedSizeBinary(_) => self.bytes(array.as_fixed_size_binary().value(row)),
            DataType::List(_) => self.items(&array.as_list::<i32>().value(row))?,
            DataType::Struct(fields) => {
                let columns = array.as_struct().columns();
                let named: Vec<(&str, &dyn Array)> =
                    fields.iter().zip(columns).map(|(f, a)| (f.name().as_str(), a.as_ref())).collect();
                self.fields(&named, row)?;
            }
            DataType::Map(_, _) => {
                let entries = array.as_map().value(row);
                self.put(format_args!("<{}:", entries.len()));
                for i in 0..entries.len() {
                    self.value(entries.column(0), i)?;
                    self.value(entries.column(1), i)?;
                }
            }
            _ => return self.plain(array, row),
        }
        Ok(())
    }

    /// Numbers and times.
    fn plain(&mut self, array: &dyn Array, row: usize) -> Result<(), String> {
        macro_rules! value {
            ($kind:ty) => {
                array.as_primitive::<$kind>().value(row)
            };
        }
        match array.data_type() {
            DataType::Boolean => self.put(format_args!("b{}", u8::from(array.as_boolean().value(row)))),
            DataType::Int8 => self.put(format_args!("i{};", value!(Int8Type))),
            DataType::Int16 => self.put(format_args!("i{};", value!(Int16Type))),
            DataType::Int32 => self.put(format_args!("i{};", value!(Int32Type))),
            DataType::Int64 => self.put(format_args!("i{};", value!(Int64Type))),
            DataType::UInt8 => self.put(format_args!("i{};", value!(UInt8Type))),
            DataType::UInt16 => self.put(format_args!("i{};", value!(UInt16Type))),
            DataType::UInt32 => self.put(format_args!("i{};", value!(UInt32Type))),
            DataType::UInt64 => self.put(format_args!("i{};", value!(UInt64Type))),
            DataType::Float16 => self.put(format_args!("h{:04x}", value!(Float16Type).to_bits())),
            DataType::Float32 => self.put(format_args!("f{:08x}", value!(Float32Type).to_bits())),
            DataType::Float64 => self.put(format_args!("d{:016x}", value!(Float64Type).to_bits())),
            DataType::Decimal128(_, scale) => self.put(format_args!("m{}e{scale};", value!(Decimal128Type))),
            DataType::Decimal256(_, scale) => self.put(format_args!("m{}e{scale};", value!(Decimal256Type))),
            DataType::Date32 => self.put(format_args!("y{};", value!(Date32Type))),
            DataType::Date64 => self.put(format_args!("y{};", value!(Date64Type).div_euclid(86_400_000))),
            DataType::Time32(unit) => {
                let (value, nanos) = match unit {
                    TimeUnit::Second => (value!(Time32SecondType), 1_000_000_000),
                    _ => (value!(Time32MillisecondType), 1_000_000),
                };
                self.put(format_args!("c{};", i64::from(value) * nanos));
            }
            DataType::Time64(unit) => {
                let (value, nanos) = match unit {
                    TimeUnit::Microsecond => (value!(Time64MicrosecondType), 1_000),
                    _ => (value!(Time64NanosecondType), 1),
                };
                self.put(format_args!("c{};", i128::from(value) * nanos));
            }
            DataType::Timestamp(unit, zone) => {
                let value = match unit {
                    TimeUnit::Second => value!(TimestampSecondType),
                    TimeUnit::Millisecond => value!(TimestampMillisecondType),
                    TimeUnit::Microsecond => value!(TimestampMicrosecondType),
                    TimeUnit::Nanosecond => value!(TimestampNanosecondType),
                };
                self.moment(value, *unit, zone.is_some());
            }
            other => return Err(format!("the record hash has no rule for the type {other}")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_has_every_name_by_which_rows_are_counted() {
        let rule = rule();
        let lists = LEVELS.iter().copied().chain(WRAPPERS.into_iter().flatten().copied()).flatten();
        for name in lists.chain(&BESIDE) {
            assert!(rule.contains(name), "{name}");
        }
        assert!(!rule.contains('@') || rule.matches('@').count() == rule.matches("@odata").count(), "{rule}");
    }
}
