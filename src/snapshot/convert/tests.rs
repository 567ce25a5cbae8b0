//! Supported types, each written to a file and read back as its canonical column.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int8Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DurationMicrosecondArray,
    FixedSizeBinaryArray, FixedSizeListArray, Float16Array, Float32Array, Float64Array, Int8Array,
    Int32Array, Int64Array, LargeStringArray, ListArray, NullArray, StringArray, StringViewArray,
    StructArray, Time64MicrosecondArray, TimestampMicrosecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray, TimestampSecondArray, UInt8Array, UInt32Array, UInt64Array,
};
use arrow_buffer::NullBuffer;
use arrow_cast::cast;
use arrow_schema::{DataType, Field};

use crate::model::{EARLIEST, LATEST};
use crate::snapshot::fixture::{START, accounts, canonical, ints, texts, times, write};
use crate::snapshot::{Column, ColumnTally, Mapping, Origin, SnapshotError, Unit, read};

/// A file of the given columns beside what is required, and one column read back under a mapping.
pub(super) fn read_under(
    mapping: &Mapping,
    column: Column,
    mut columns: Vec<(&str, ArrayRef)>,
) -> Result<(ArrayRef, ColumnTally), SnapshotError> {
    let dir = tempfile::tempdir().unwrap();
    let rows = columns[0].1.len();
    for (name, array) in [("ts", times(rows)), ("account_id", accounts(rows))] {
        if columns.iter().all(|(own, _)| *own != name) {
            columns.push((name, array));
        }
    }
    let path = write(&dir.path().join("f.parquet"), columns);
    let mut reader = read(&path, "f.parquet", mapping, &[column], None)?;
    let mut arrays = Vec::new();
    for batch in reader.by_ref() {
        arrays.push(batch?.columns.remove(0).unwrap());
    }
    let arrays: Vec<&dyn Array> = arrays.iter().map(|array| array.as_ref()).collect();
    Ok((arrow_select::concat::concat(&arrays).unwrap(), reader.tally().columns[&column].clone()))
}

fn tallied(column: Column, array: ArrayRef) -> (ArrayRef, ColumnTally) {
    read_under(&canonical(), column, vec![(column.name(), array)]).unwrap()
}

fn read_back(column: Column, array: ArrayRef) -> ArrayRef {
    tallied(column, array).0
}

fn strings(array: &ArrayRef) -> Vec<Option<String>> {
    let plain = cast(array, &DataType::Utf8).unwrap();
    plain.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

pub(super) fn numbers(array: &ArrayRef) -> Vec<Option<i64>> {
    array.as_primitive::<Int64Type>().iter().collect()
}

fn floats(array: &ArrayRef) -> Vec<Option<f64>> {
    array.as_primitive::<Float64Type>().iter().collect()
}

fn some(texts: &[&str]) -> Vec<Option<String>> {
    texts.iter().map(|text| Some((*text).to_owned())).collect()
}

#[test]
fn text_of_every_type_comes_out_as_one() {
    let values = vec![Some("é"), None, Some("x"), Some("é")];
    let plain: ArrayRef = Arc::new(StringArray::from(values.clone()));
    let dictionary = |key: DataType, value: DataType| {
        cast(&plain, &DataType::Dictionary(Box::new(key), Box::new(value))).unwrap()
    };
    let bytes: Vec<Option<&[u8]>> = values.iter().map(|text| text.map(str::as_bytes)).collect();
    let arrays: Vec<ArrayRef> = vec![
        Arc::clone(&plain),
        Arc::new(LargeStringArray::from(values.clone())),
        Arc::new(StringViewArray::from(values)),
        dictionary(DataType::Int8, DataType::Utf8),
        dictionary(DataType::UInt32, DataType::LargeUtf8),
        Arc::new(BinaryArray::from(bytes)),
    ];
    for array in arrays {
        let from = array.data_type().clone();
        let text = read_back(Column::Model, Arc::clone(&array));
        let to = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        assert_eq!(text.data_type(), &to, "{from}");
        assert_eq!(strings(&text), strings(&plain), "{from}");
        let long = read_back(Column::PromptText, array);
        assert_eq!(long.data_type(), &DataType::Utf8, "{from}");
        assert_eq!(strings(&long), strings(&plain), "{from}");
    }
}

#[test]
fn identifiers_in_numbers_keep_their_digits() {
    let decimal = |values: Vec<i128>, scale: i8| -> ArrayRef {
        Arc::new(Decimal128Array::from(values).with_precision_and_scale(38, scale).unwrap())
    };
    let cases: Vec<(ArrayRef, &[&str])> = vec![
        (Arc::new(Int32Array::from(vec![64_512, -5])), &["64512", "-5"]),
        (Arc::new(UInt64Array::from(vec![u64::MAX, 7])), &["18446744073709551615", "7"]),
        (decimal(vec![10_000_000_000, 12], 0), &["10000000000", "12"]),
        (decimal(vec![123_456_000_000_000, 1_500_000_000], 9), &["123456", "1.5"]),
        (Arc::new(Float64Array::from(vec![1001.0, 2.0])), &["1001", "2"]),
        (Arc::new(BooleanArray::from(vec![true, false])), &["true", "false"]),
    ];
    for (array, expected) in cases {
        let from = array.data_type().clone();
        assert_eq!(strings(&read_back(Column::AccountId, Arc::clone(&array))), some(expected), "{from}");
        assert_eq!(strings(&read_back(Column::RequestId, array)), some(expected), "{from}");
    }
}

#[test]
fn bytes_of_one_width_are_uuids_addresses_or_padded_text() {
    let fixed = |values: &[&[u8]]| -> ArrayRef {
        Arc::new(FixedSizeBinaryArray::try_from_iter(values.iter()).unwrap())
    };
    let uuid: Vec<u8> = (0xf0..=0xff).collect();
    let hyphenated = "f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff";
    assert_eq!(strings(&read_back(Column::RequestId, fixed(&[&uuid]))), some(&[hyphenated]));
    let zero = read_back(Column::RequestId, fixed(&[&[0; 16]]));
    assert_eq!(strings(&zero), [None]);
    assert_eq!(strings(&read_back(Column::AccountId, fixed(&[b"ab\0\0", b"abcd"]))), some(&["ab", "abcd"]));
    let mut six = [0; 16];
    six[..2].copy_from_slice(&[0x20, 0x01]);
    six[15] = 1;
    let four_in_six = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 1];
    assert_eq!(
        strings(&read_back(Column::Ip, fixed(&[&six, &four_in_six]))),
        some(&["2001::1", "198.51.100.1"])
    );
    let number: ArrayRef = Arc::new(UInt32Array::from(vec![3_325_256_705]));
    assert_eq!(strings(&read_back(Column::Ip, Arc::clone(&number))), some(&["198.51.100.1"]));
    assert_eq!(strings(&read_back(Column::Asn, number)), some(&["3325256705"]));
}

#[test]
fn what_stands_for_nothing_is_missing_and_counted() {
    let (read, tally) = tallied(
        Column::Ip,
        texts(&["", "-", "None", "198.51.100.1", "00000000-0000-0000-0000-000000000000"]),
    );
    assert_eq!(strings(&read), [None, None, None, Some("198.51.100.1".to_owned()), None]);
    assert_eq!((tally.placeholders, tally.missing), (4, 4));
    let said = read_back(Column::PromptText, texts(&["", "None"]));
    assert_eq!(strings(&said), some(&["", "None"]), "a prompt may be anything");
}

#[test]
fn lists_structs_and_json_are_rendered() {
    let list = |values: &[&str]| -> ArrayRef {
        let mut builder =
            arrow_array::builder::LargeListBuilder::new(arrow_array::builder::StringBuilder::new());
        builder.append_value(values.iter().map(|value| Some(*value)));
        Arc::new(builder.finish())
    };
    assert_eq!(strings(&read_back(Column::StopReason, list(&["stop", "length"]))), some(&["stop,length"]));
    assert_eq!(
        strings(&read_back(Column::StopReason, texts(&["[\"length\"]", "stop"]))),
        some(&["length", "stop"])
    );
    let fields = vec![Field::new("role", DataType::Utf8, true), Field::new("content", DataType::Utf8, true)];
    let message =
        StructArray::new(fields.into(), vec![texts(&["user", "user"]), texts(&["Hello", "Bye"])], None);
    assert_eq!(strings(&read_back(Column::PromptText, Arc::new(message.clone()))), some(&["Hello", "Bye"]));
    let item = Arc::new(Field::new_list_field(message.data_type().clone(), true));
    let both = ListArray::new(item, arrow_buffer::OffsetBuffer::from_lengths([2]), Arc::new(message), None);
    assert_eq!(strings(&read_back(Column::PromptText, Arc::new(both))), some(&["user: Hello\n\nuser: Bye"]));
    let body = "[{\"role\":\"user\",\"content\":\"Hello\"}]";
    assert_eq!(
        strings(&read_back(Column::PromptText, texts(&[body]))),
        some(&[body]),
        "as it stands unless asked"
    );
    let mut mapping = canonical();
    mapping.columns.insert("prompt_text".into(), Origin { conversation: true, ..Origin::of("prompt_text") });
    let read = read_under(&mapping, Column::PromptText, vec![("prompt_text", texts(&[body]))]).unwrap().0;
    assert_eq!(strings(&read), some(&["Hello"]));
}

#[test]
fn times_of_every_unit_and_zone_are_microseconds_utc() {
    let seconds = START / 1_000_000;
    for zone in [None, Some("UTC"), Some("+02:00"), Some("Europe/Berlin")] {
        let zone = zone.map(Arc::<str>::from);
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(TimestampSecondArray::from(vec![seconds, -1]).with_timezone_opt(zone.clone())),
            Arc::new(
                TimestampMillisecondArray::from(vec![seconds * 1_000, -1]).with_timezone_opt(zone.clone()),
            ),
            Arc::new(TimestampMicrosecondArray::from(vec![START, -1]).with_timezone_opt(zone.clone())),
            Arc::new(TimestampNanosecondArray::from(vec![START * 1_000, -1]).with_timezone_opt(zone.clone())),
        ];
        for (array, before) in arrays.into_iter().zip([-1_000_000, -1_000, -1, -1]) {
            assert_eq!(numbers(&read_back(Column::Ts, array)), [Some(START), Some(before)], "{zone:?}");
        }
    }
}

fn ts_under(origin: Origin, columns: Vec<(&str, ArrayRef)>) -> Vec<Option<i64>> {
    let mut mapping = canonical();
    mapping.columns.insert("ts".into(), origin);
    numbers(&read_under(&mapping, Column::Ts, columns).unwrap().0)
}

#[test]
fn times_in_numbers_parts_and_other_zones() {
    let unit = |unit| Origin { unit: Some(unit), ..Origin::of("at") };
    let double: ArrayRef = Arc::new(Float64Array::from(vec![1_776_863_109.25]));
    assert_eq!(ts_under(unit(Unit::S), vec![("at", double)]), [Some(START + 250_000)]);
    assert_eq!(ts_under(unit(Unit::Ms), vec![("at", ints(&[START / 1_000]))]), [Some(START)]);
    assert_eq!(ts_under(unit(Unit::Ms), vec![("at", texts(&["1776863109000"]))]), [Some(START)]);
    let shanghai = Origin { zone: Some("Asia/Shanghai".into()), ..Origin::of("at") };
    let shown: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![START + 8 * 3_600_000_000]));
    assert_eq!(ts_under(shanghai.clone(), vec![("at", shown)]), [Some(START)]);
    let known = TimestampMicrosecondArray::from(vec![START]).with_timezone("UTC");
    assert_eq!(ts_under(shanghai, vec![("at", Arc::new(known))]), [Some(START)], "it says its zone itself");
    let parts = Origin { time: Some("clock".into()), ..Origin::of("day") };
    let day: ArrayRef = Arc::new(Date32Array::from(vec![(START / 86_400_000_000) as i32]));
    let clock: ArrayRef = Arc::new(Time64MicrosecondArray::from(vec![START % 86_400_000_000]));
    assert_eq!(ts_under(parts.clone(), vec![("day", Arc::clone(&day)), ("clock", clock)]), [Some(START)]);
    let clock = || ("clock", texts(&["13:05:09"]));
    assert_eq!(ts_under(parts.clone(), vec![("day", Arc::clone(&day)), clock()]), [Some(START)]);
    let seconds = Origin { unit: Some(Unit::S), ..parts.clone() };
    let numbers = |number: i64| vec![("day", Arc::clone(&day)), ("clock", ints(&[number]))];
    assert_eq!(ts_under(seconds.clone(), numbers(47_109)), [Some(START)]);
    assert_eq!(ts_under(seconds, numbers(86_400)), [None], "beyond the day");
    let mut mapping = canonical();
    mapping.columns.insert("ts".into(), parts);
    let refused = |columns| read_under(&mapping, Column::Ts, columns).unwrap_err().to_string();
    assert!(refused(vec![("day", Arc::clone(&day))]).contains("“clock”"), "never midnight");
    assert!(refused(numbers(47_109)).contains("unit"));
}

#[test]
fn moments_in_a_column_of_text_are_written_in_utc_whatever_their_zone() {
    for zone in ["UTC", "+05:30", "Europe/Paris", "Mars/Base"] {
        let moments = TimestampMicrosecondArray::from(vec![Some(START), None, Some(i64::MAX)]);
        let moments: ArrayRef = Arc::new(moments.with_timezone(zone));
        let entry = |name: &str, data_type: &DataType| Field::new(name, data_type.clone(), true);
        let nested = StructArray::try_new(
            vec![entry("at", moments.data_type())].into(),
            vec![Arc::clone(&moments)],
            None,
        );
        let written = Some("2026-04-22T13:05:09Z".to_owned());
        for column in [Column::UserAgent, Column::StatedUseCase, Column::PromptText] {
            let (texts, tally) = tallied(column, Arc::clone(&moments));
            assert_eq!(strings(&texts), [written.clone(), None, None], "{zone}, {column:?}");
            let far = &tally.unread["beyond the calendar"];
            assert_eq!((far.rows, far.first[0].row, far.first[0].value.len()), (1, 2, 19));
        }
        let texts = strings(&read_back(Column::PromptText, Arc::new(nested.unwrap())));
        let json = Some(r#"{"at":"2026-04-22T13:05:09Z"}"#.to_owned());
        assert_eq!(texts, [json, None, None], "{zone}: a struct of nothing is nothing");
    }
    let longest: ArrayRef = Arc::new(arrow_array::DurationSecondArray::from(vec![i64::MAX, 2]));
    let (lengths, tally) = tallied(Column::LatencyMs, longest);
    assert_eq!(floats(&lengths), [None, Some(2_000.0)]);
    assert_eq!(tally.unread.values().map(|counted| counted.rows).sum::<u64>(), 1);
}

#[test]
fn times_that_cannot_be_read_are_missing_with_their_place() {
    let bad = ["2026-04-22T13:05:09Z", "yesterday", "2026-04-22", "", "4/22/2026 1:05:09 PM"];
    let (read, tally) = tallied(Column::Ts, texts(&bad));
    assert_eq!(numbers(&read), [Some(START), None, None, None, None]);
    assert_eq!(tally.unread.values().map(|counted| counted.rows).sum::<u64>(), 3);
    let ambiguous = tally.unread.iter().find(|(kind, _)| kind.contains("day and month")).unwrap().1;
    assert_eq!((ambiguous.first[0].row, ambiguous.first[0].value.as_str()), (4, bad[4]));
    for far in [i64::MIN, EARLIEST - 1, LATEST + 1, i64::MAX] {
        let far: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![0, far]));
        assert_eq!(numbers(&read_back(Column::Ts, far)), [Some(0), None]);
    }
    let never: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![EARLIEST, LATEST]));
    assert_eq!(numbers(&read_back(Column::Ts, never)), [Some(EARLIEST), Some(LATEST)]);
    let refused = |array| read_under(&canonical(), Column::Ts, vec![("ts", array)]).unwrap_err().to_string();
    let date = refused(Arc::new(Date32Array::from(vec![1])));
    assert!(date.contains("dates without a time of day, but ts needs a timestamp"), "{date}");
    assert!(refused(ints(&[1])).contains("numbers with a unit"));
}

#[test]
fn dates_and_zero_times_in_an_account_s_life() {
    let date: ArrayRef = Arc::new(Date32Array::from(vec![20_000, 0]));
    let (read, tally) = tallied(Column::AccountCreatedAt, date);
    assert_eq!(numbers(&read), [Some(20_000 * 86_400_000_000), None]);
    assert_eq!(tally.placeholders, 1);
    let go: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![EARLIEST, START, LATEST]));
    assert_eq!(numbers(&read_back(Column::VerifiedAt, go)), [None, Some(START), None]);
}

#[test]
fn numbers_of_every_type() {
    let decimal = Decimal128Array::from(vec![Some(174), None]).with_precision_and_scale(38, 0).unwrap();
    let whole = |array: ArrayRef| numbers(&read_back(Column::InputTokens, array));
    assert_eq!(whole(Arc::new(Int8Array::from(vec![Some(1), None]))), [Some(1), None]);
    let (counts, tally) = tallied(Column::OutputTokens, ints(&[-1, 0, 4_294_967_294, 4_294_967_295]));
    assert_eq!(numbers(&counts), [None, Some(0), Some(4_294_967_294), None]);
    assert_eq!(tally.unread["below 0, or beyond 2^32 − 2"].rows, 2, "missing, and said");
    let (lengths, tally) =
        tallied(Column::LatencyMs, Arc::new(Float64Array::from(vec![-3.0, 0.5, f64::NAN])));
    assert_eq!((floats(&lengths)[1], tally.missing, tally.unread.len()), (Some(0.5), 2, 1));
    assert_eq!(whole(Arc::new(UInt64Array::from(vec![7, u64::MAX]))), [Some(7), None]);
    assert_eq!(whole(Arc::new(Float64Array::from(vec![3.0, f64::NAN, 0.5]))), [Some(3), None, None]);
    assert_eq!(whole(Arc::new(decimal)), [Some(174), None]);
    assert_eq!(whole(texts(&["12", " 7 ", "3.0"])), [Some(12), Some(7), Some(3)]);
    let (_, tally) = tallied(Column::InputTokens, texts(&["12", "many", "", "NaN"]));
    assert_eq!((tally.unread["not a whole number"].first[0].value.as_str(), tally.placeholders), ("many", 2));
    let latency = |array: ArrayRef| floats(&read_back(Column::LatencyMs, array));
    assert_eq!(latency(Arc::new(Int32Array::from(vec![Some(40), None]))), [Some(40.0), None]);
    assert_eq!(latency(Arc::new(DurationMicrosecondArray::from(vec![3_957_000]))), [Some(3_957.0)]);
    assert_eq!(latency(Arc::new(Time64MicrosecondArray::from(vec![1_500]))), [Some(1.5)]);
    assert_eq!(latency(texts(&["40.5"])), [Some(40.5)]);
    let mut mapping = canonical();
    let origin = Origin { since: Some("began".into()), unit: Some(Unit::Ns), ..Origin::of("ended") };
    mapping.columns.insert("latency_ms".into(), origin);
    let columns = vec![("began", ints(&[START * 1_000])), ("ended", ints(&[START * 1_000 + 2_500_000]))];
    assert_eq!(floats(&read_under(&mapping, Column::LatencyMs, columns).unwrap().0), [Some(2.5)]);
}

#[test]
fn yes_and_no() {
    for array in [
        Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])) as ArrayRef,
        Arc::new(UInt8Array::from(vec![Some(1), None, Some(0)])),
        texts(&["True", "", "no"]),
    ] {
        let read = read_back(Column::IsStream, array);
        assert_eq!(read.as_boolean(), &BooleanArray::from(vec![Some(true), None, Some(false)]));
    }
    let (_, tally) = tallied(Column::IsStream, Arc::new(UInt8Array::from(vec![2])));
    assert_eq!(tally.unread["neither true nor false"].rows, 1);
}

#[test]
fn vectors_of_every_type_have_one_length() {
    type Vector = Option<Vec<Option<f32>>>;
    let list = |vectors: Vec<Vector>| -> ArrayRef {
        Arc::new(ListArray::from_iter_primitive::<Float32Type, _, _>(vectors))
    };
    let v = |a: f32, b: f32| Some(vec![Some(a), Some(b)]);
    let read = read_back(Column::PromptEmbedding, list(vec![None, v(1.0, 2.0), None, v(3.0, 4.0)]));
    let vectors = read.as_fixed_size_list();
    assert_eq!((vectors.value_length(), vectors.null_count()), (2, 2));
    assert_eq!(vectors.value(3).as_primitive::<Float32Type>().values(), &[3.0, 4.0]);

    let item = Arc::new(Field::new_list_field(DataType::Float32, true));
    let flat = Arc::new(Float32Array::from(vec![1.0, 2.0, 0.0, 0.0]));
    let fixed = FixedSizeListArray::try_new(item, 2, flat, Some(NullBuffer::from(vec![true, false])));
    let read = read_back(Column::PromptEmbedding, Arc::new(fixed.unwrap()));
    assert_eq!((read.as_fixed_size_list().value_length(), read.null_count()), (2, 1));

    let ragged = list(vec![
        v(1.0, 2.0),
        Some(vec![Some(1.0)]),
        Some(vec![]),
        Some(vec![Some(1.0), None]),
        v(1.0, f32::NAN),
    ]);
    let (read, tally) = tallied(Column::PromptEmbedding, ragged);
    assert_eq!((read.len(), read.null_count(), tally.placeholders), (5, 4, 1));
    assert_eq!(tally.unread["of another length"].first[0].value, "1 numbers");
    assert_eq!(tally.unread.values().map(|counted| counted.rows).sum::<u64>(), 3);

    let half = Float16Array::from(vec![half(1.0), half(2.0)]);
    let item = Arc::new(Field::new_list_field(DataType::Float16, true));
    let halves = ListArray::new(item, arrow_buffer::OffsetBuffer::from_lengths([2]), Arc::new(half), None);
    let eights = ListArray::from_iter_primitive::<Int8Type, _, _>([Some([Some(1), Some(2)])]);
    for array in [Arc::new(halves) as ArrayRef, Arc::new(eights), texts(&["[1, 2]"])] {
        let read = read_back(Column::PromptEmbedding, array);
        let first = read.as_fixed_size_list().value(0);
        assert_eq!(first.as_primitive::<Float32Type>().values(), &[1.0, 2.0]);
    }
}

fn half(value: f32) -> <arrow_array::types::Float16Type as arrow_array::types::ArrowPrimitiveType>::Native {
    cast(&(Arc::new(Float32Array::from(vec![value])) as ArrayRef), &DataType::Float16)
        .unwrap()
        .as_primitive::<arrow_array::types::Float16Type>()
        .value(0)
}

#[test]
fn columns_of_nothing_but_nulls_are_missing() {
    for column in Column::ALL.into_iter().filter(|column| !column.is_required()) {
        let (read, tally) = tallied(column, Arc::new(NullArray::new(3)));
        assert_eq!((read.null_count(), tally.missing), (3, 3), "{}", column.name());
    }
}

#[test]
fn the_next_source_counts_where_the_first_says_nothing() {
    let mut mapping = canonical();
    let origin = Origin { columns: vec!["user".into(), "key".into()], ..Origin::default() };
    mapping.columns.insert("account_id".into(), origin);
    let columns = vec![
        ("user", texts(&["u", "", "default_user_id", "default_user_id"])),
        ("key", texts(&["k1", "k2", "k3", "-"])),
    ];
    let (read, tally) = read_under(&mapping, Column::AccountId, columns).unwrap();
    assert_eq!(strings(&read), some(&["u", "k2", "k3", "default_user_id"]));
    assert_eq!(tally.fallback["key"], 2);
}

#[test]
fn maps_lists_and_json_are_reached() {
    let mut builder = arrow_array::builder::MapBuilder::new(
        None,
        arrow_array::builder::StringBuilder::new(),
        arrow_array::builder::UInt64Builder::new(),
    );
    for value in [7, 8] {
        builder.keys().append_value("input.cached");
        builder.values().append_value(value);
        builder.append(true).unwrap();
    }
    builder.append(false).unwrap();
    let columns = || -> Vec<(&str, ArrayRef)> {
        let body = "{\"user\":{\"id\":5},\"a.b\":\"x\"}";
        vec![("body", texts(&[body, "not json", "{}"])), ("n", ints(&[1, 2, 3]))]
    };
    let mut all = columns();
    all.push(("usage", Arc::new(builder.finish())));
    let mut mapping = canonical();
    mapping.set(Column::InputTokens, "usage.input.cached");
    let read = read_under(&mapping, Column::InputTokens, all).unwrap().0;
    assert_eq!(numbers(&read), [Some(7), Some(8), None]);
    mapping.set(Column::EndUserId, "body.$.user.id");
    mapping.set(Column::Model, "body['a.b']");
    let read = read_under(&mapping, Column::EndUserId, columns()).unwrap().0;
    assert_eq!(strings(&read), [Some("5".to_owned()), None, None]);
}

#[test]
fn a_dictionary_page_is_used_as_it_stands() {
    let text = read_back(Column::Model, accounts(5_000));
    assert_eq!(text.as_dictionary::<Int32Type>().values().len(), 3);
    let again = read_back(Column::Model, Arc::new(Int64Array::from(vec![1; 5_000])));
    assert_eq!(again.as_dictionary::<Int32Type>().values().len(), 1);
}
