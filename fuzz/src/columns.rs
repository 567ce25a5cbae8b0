//! A Parquet file of any columns and values, from bytes.

use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array as _, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    FixedSizeListArray, Float32Array, Float64Array, Int32Array, Int64Array, LargeStringArray, ListArray,
    NullArray, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use stillhunt::snapshot::{Column, ColumnType};

use super::feed::Feed;

/// 2026-04-22T13:05:09Z.
const START: i64 = 1_776_863_109_000_000;

/// Most rows of a file.
const ROWS: usize = 48;

/// Texts that somebody would put into a log to do harm.
const HOSTILE: [&str; 24] = [
    "=1+1|' /C calc'!A0",
    "@SUM(1)",
    "+49",
    "-",
    "",
    "\t\r\n",
    "a\0b",
    "\u{202e}exe.gpj",
    "\u{1b}[2J\u{1b}]0;title\u{7}",
    "<script>alert(1)</script>",
    "]]><!--&#0;",
    "\"quoted\",'and'",
    "../../etc/passwd",
    "None",
    "00000000-0000-0000-0000-000000000000",
    "'; DROP TABLE journal; --",
    "{{7*7}}",
    "\u{feff}\u{200b}",
    "\u{10ffff}",
    "\u{fffe}\u{ffff}",
    "漢字 عربى",
    "nul",
    "%s%n%00",
    "ts",
];

/// Writes a file whose columns, types and values follow from the bytes. Its rows; `None` where
/// Parquet cannot hold them.
pub fn write(path: &Path, feed: &mut Feed<'_>) -> Option<usize> {
    let rows = feed.below(ROWS) + 1;
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    for column in Column::ALL {
        let choice = feed.byte();
        // The two required ones nearly always, the others half the time.
        if choice.is_multiple_of(2) && !(column.is_required() && choice != 0xfe) {
            continue;
        }
        let as_usual = choice % 8 < 6;
        let array = if column.is_required() && as_usual {
            required(column, rows, feed)
        } else {
            array(column.kind(), as_usual, rows, feed)
        };
        columns.push((column.name().to_owned(), array));
    }
    if columns.is_empty() {
        return None;
    }
    let nullable = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(nullable).ok()?;
    let compression = match feed.below(3) {
        0 => Compression::UNCOMPRESSED,
        1 => Compression::SNAPPY,
        _ => Compression::ZSTD(ZstdLevel::default()),
    };
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_dictionary_enabled(feed.byte().is_multiple_of(2))
        .set_max_row_group_row_count(Some(feed.below(rows) + 1))
        .build();
    std::fs::create_dir_all(path.parent()?).ok()?;
    let file = std::fs::File::create(path).ok()?;
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).ok()?;
    writer.write(&batch).ok()?;
    writer.close().ok()?;
    Some(rows)
}

/// A text: mostly one that does harm, else bytes as they come.
pub fn text(feed: &mut Feed<'_>) -> String {
    let choice = feed.byte();
    match choice {
        0..=95 => HOSTILE[usize::from(choice) % HOSTILE.len()].to_owned(),
        96..=159 => format!("acct_{}", choice % 5),
        160..=200 => HOSTILE[usize::from(choice) % HOSTILE.len()].repeat(usize::from(feed.byte()) + 1),
        _ => {
            let length = usize::from(choice - 200);
            String::from_utf8_lossy(feed.take(length)).into_owned()
        }
    }
}

/// Values, each null one time in sixteen.
fn values<T>(rows: usize, feed: &mut Feed<'_>, mut of: impl FnMut(&mut Feed<'_>) -> T) -> Vec<Option<T>> {
    (0..rows).map(|_| (feed.byte() % 16 != 15).then(|| of(feed))).collect()
}

/// A time: within a week in spring 2026, or any number at all.
fn time(feed: &mut Feed<'_>) -> i64 {
    match feed.byte() {
        0..=239 => START + (feed.below(10_080) as i64) * 60_000_000,
        _ => feed.number().cast_signed(),
    }
}

fn number(feed: &mut Feed<'_>) -> i64 {
    match feed.byte() {
        0..=239 => feed.below(4_000) as i64,
        _ => feed.number().cast_signed(),
    }
}

fn float(feed: &mut Feed<'_>) -> f64 {
    match feed.byte() {
        0..=223 => f64::from(feed.byte()) / 16.0,
        _ => f64::from_bits(feed.number()),
    }
}

/// Times and accounts as every log has them: none missing, so that the rest is looked at.
fn required(column: Column, rows: usize, feed: &mut Feed<'_>) -> ArrayRef {
    if column == Column::Ts {
        let times = (0..rows).map(|_| START + (feed.below(10_080) as i64) * 60_000_000);
        return Arc::new(TimestampMicrosecondArray::from_iter_values(times));
    }
    let account = |text: String| if text.trim().is_empty() { "acct".to_owned() } else { text };
    Arc::new(StringArray::from_iter_values((0..rows).map(|_| account(text(feed)))))
}

fn array(kind: ColumnType, as_usual: bool, rows: usize, feed: &mut Feed<'_>) -> ArrayRef {
    let usual = match kind {
        ColumnType::Time => 0,
        ColumnType::Text => 4,
        ColumnType::LongText => 5,
        ColumnType::Int => 9,
        ColumnType::Float => 10,
        ColumnType::Bool => 12,
        ColumnType::Embedding => 14,
    };
    let which = if as_usual { usual } else { feed.below(19) };
    match which {
        0 => {
            Arc::new(TimestampMicrosecondArray::from(values(rows, feed, time)).with_timezone_opt(zone(feed)))
        }
        1 => Arc::new(TimestampNanosecondArray::from(values(rows, feed, time)).with_timezone_opt(zone(feed))),
        2 => {
            Arc::new(TimestampMillisecondArray::from(values(rows, feed, time)).with_timezone_opt(zone(feed)))
        }
        3 => Arc::new(TimestampSecondArray::from(values(rows, feed, time)).with_timezone_opt(zone(feed))),
        4 => Arc::new(
            values(rows, feed, text).iter().map(Option::as_deref).collect::<DictionaryArray<Int32Type>>(),
        ),
        5 => Arc::new(StringArray::from(values(rows, feed, text))),
        6 => Arc::new(LargeStringArray::from(values(rows, feed, text))),
        7 => Arc::new(values(rows, feed, text).into_iter().collect::<StringViewArray>()),
        // Text in which not every byte is UTF-8.
        8 => {
            let bytes = values(rows, feed, |feed| feed.take(6).to_vec());
            Arc::new(bytes.iter().map(Option::as_deref).collect::<BinaryArray>())
        }
        9 => Arc::new(Int64Array::from(values(rows, feed, number))),
        10 => Arc::new(Float64Array::from(values(rows, feed, float))),
        11 => Arc::new(UInt64Array::from(values(rows, feed, |feed| feed.number()))),
        12 => Arc::new(BooleanArray::from(values(rows, feed, |feed| feed.byte() % 2 == 0))),
        13 => Arc::new(Date32Array::from(values(rows, feed, |feed| feed.number() as i32))),
        14 => vectors(rows, feed),
        15 => lists(rows, feed),
        16 => {
            let decimals = values(rows, feed, |feed| i128::from(number(feed)));
            match Decimal128Array::from(decimals).with_precision_and_scale(38, 9) {
                Ok(decimals) => Arc::new(decimals),
                Err(_) => Arc::new(NullArray::new(rows)),
            }
        }
        17 => Arc::new(Int32Array::from(values(rows, feed, |feed| number(feed) as i32))),
        _ => Arc::new(NullArray::new(rows)),
    }
}

fn zone(feed: &mut Feed<'_>) -> Option<String> {
    [None, Some("UTC"), Some("+05:30"), Some("Europe/Paris"), Some("Mars/Base")][feed.below(5)]
        .map(str::to_owned)
}

/// Vectors of one length.
fn vectors(rows: usize, feed: &mut Feed<'_>) -> ArrayRef {
    let length = feed.below(12) + 1;
    let floats: Vec<f32> = (0..rows * length).map(|_| float(feed) as f32).collect();
    let nulls: NullBuffer = (0..rows).map(|_| feed.byte() % 16 != 15).collect();
    let field = Arc::new(Field::new("item", DataType::Float32, true));
    match FixedSizeListArray::try_new(field, length as i32, Arc::new(Float32Array::from(floats)), Some(nulls))
    {
        Ok(vectors) => Arc::new(vectors),
        Err(_) => Arc::new(NullArray::new(rows)),
    }
}

/// Vectors of any lengths.
fn lists(rows: usize, feed: &mut Feed<'_>) -> ArrayRef {
    let lengths: Vec<usize> = (0..rows).map(|_| feed.below(5)).collect();
    let floats: Float32Array = (0..lengths.iter().sum::<usize>()).map(|_| Some(float(feed) as f32)).collect();
    let field = Arc::new(Field::new("item", DataType::Float32, true));
    match ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), Arc::new(floats), None) {
        Ok(lists) => {
            debug_assert_eq!(lists.len(), rows);
            Arc::new(lists)
        }
        Err(_) => Arc::new(NullArray::new(rows)),
    }
}
