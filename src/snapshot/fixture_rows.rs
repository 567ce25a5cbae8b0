//! Rows with a value of every type that Parquet has, drawn by a seed, beside the same values as the
//! Python implementation of the record hash takes them.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, ListBuilder, MapBuilder, StringBuilder};
use arrow_array::types::{Float16Type, Int32Type};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Decimal256Array, DictionaryArray,
    FixedSizeBinaryArray, Float16Array, Float32Array, Float64Array, Int8Array, Int64Array, LargeStringArray,
    NullArray, RecordBatch, StringArray, StringViewArray, StructArray, Time32MillisecondArray,
    Time64NanosecondArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    UInt16Array, UInt64Array,
};
use arrow_buffer::i256;
use arrow_schema::{DataType, Field};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

type Half = <Float16Type as arrow_array::types::ArrowPrimitiveType>::Native;

/// A batch, and its rows for `tests/oracles/record_hash.py`.
pub fn every_type(seed: u64, rows: usize) -> (RecordBatch, Vec<Value>) {
    let mut draw = Draw { rng: ChaCha8Rng::seed_from_u64(seed), rows, columns: Vec::new() };
    draw.numbers();
    draw.times();
    draw.texts();
    draw.nested();
    let rows = (0..rows)
        .map(|row| {
            let fields = draw.columns.iter().map(|(name, _, values)| json!([name, values[row]]));
            json!({"S": fields.collect::<Vec<_>>()})
        })
        .collect();
    let columns = draw.columns.iter().map(|(name, array, _)| (*name, Arc::clone(array), true));
    (RecordBatch::try_from_iter_with_nullable(columns).unwrap(), rows)
}

struct Draw {
    rng: ChaCha8Rng,
    rows: usize,
    columns: Vec<(&'static str, ArrayRef, Vec<Value>)>,
}

const DOUBLES: [u64; 8] = [
    0x8000_0000_0000_0000,
    0x0000_0000_0000_0001,
    0x7ff0_0000_0000_0000,
    0xfff0_0000_0000_0000,
    0x7ff8_0000_0000_0000,
    0x7ff0_0000_dead_beef,
    0xffff_ffff_ffff_ffff,
    0x000f_ffff_ffff_ffff,
];

impl Draw {
    fn some<T>(&mut self, of: impl Fn(&mut ChaCha8Rng) -> T) -> Vec<Option<T>> {
        (0..self.rows)
            .map(|_| if self.rng.random_bool(0.15) { None } else { Some(of(&mut self.rng)) })
            .collect()
    }

    fn put<T>(
        &mut self,
        name: &'static str,
        values: &[Option<T>],
        array: ArrayRef,
        of: impl Fn(&T) -> Value,
    ) {
        let values = values.iter().map(|value| value.as_ref().map_or(Value::Null, &of)).collect();
        self.columns.push((name, array, values));
    }

    fn numbers(&mut self) {
        let v = self.some(|rng| rng.random::<bool>());
        self.put("bool", &v, Arc::new(BooleanArray::from(v.clone())), |v| json!(v));
        let v = self.some(|rng| rng.random::<i8>());
        self.put("i8", &v, Arc::new(Int8Array::from(v.clone())), |v| json!({"i": v.to_string()}));
        let v = self.some(|rng| rng.random::<u16>());
        self.put("u16", &v, Arc::new(UInt16Array::from(v.clone())), |v| json!({"i": v.to_string()}));
        let v = self.some(|rng| rng.random::<i64>());
        self.put("i64", &v, Arc::new(Int64Array::from(v.clone())), |v| json!({"i": v.to_string()}));
        let v = self.some(|rng| rng.random::<u64>() | 1 << 63);
        self.put("u64", &v, Arc::new(UInt64Array::from(v.clone())), |v| json!({"i": v.to_string()}));
        let v = self.some(|rng| Half::from_bits(rng.random()));
        self.put(
            "half",
            &v,
            Arc::new(Float16Array::from(v.clone())),
            |v| json!({"h": format!("bits:{:04x}", v.to_bits())}),
        );
        let v = self.some(|rng| f32::from_bits(rng.random()));
        self.put(
            "single",
            &v,
            Arc::new(Float32Array::from(v.clone())),
            |v| json!({"f": format!("bits:{:08x}", v.to_bits())}),
        );
        let v = self.some(|rng| match rng.random_range(0..3) {
            0 => f64::from_bits(DOUBLES[rng.random_range(0..DOUBLES.len())]),
            _ => f64::from_bits(rng.random()),
        });
        self.put(
            "double",
            &v,
            Arc::new(Float64Array::from(v.clone())),
            |v| json!({"d": format!("bits:{:016x}", v.to_bits())}),
        );
        let v = self.some(|rng| f64::from(rng.random::<i32>()) / 1e4);
        self.put(
            "double as text",
            &v,
            Arc::new(Float64Array::from(v.clone())),
            |v| json!({"d": v.to_string()}),
        );
        let v = self.some(|rng| rng.random::<i64>());
        let array = Decimal128Array::from_iter(v.iter().map(|v| v.map(i128::from)));
        self.put(
            "decimal",
            &v,
            Arc::new(array.with_precision_and_scale(30, 5).unwrap()),
            |v| json!({"m": format!("{v}e-5")}),
        );
        let v = self.some(|rng| rng.random::<i128>());
        let array = Decimal256Array::from_iter(v.iter().map(|v| v.map(i256::from_i128)));
        self.put(
            "decimal 256",
            &v,
            Arc::new(array.with_precision_and_scale(60, 9).unwrap()),
            |v| json!({"m": format!("{v}e-9")}),
        );
        let none: Vec<Option<()>> = vec![None; self.rows];
        self.put("null", &none, Arc::new(NullArray::new(self.rows)), |()| Value::Null);
    }

    fn times(&mut self) {
        let v = self.some(|rng| rng.random::<i32>());
        self.put("date", &v, Arc::new(Date32Array::from(v.clone())), |v| json!({"y": v.to_string()}));
        let v = self.some(|rng| rng.random_range(0..86_400_000));
        self.put(
            "time ms",
            &v,
            Arc::new(Time32MillisecondArray::from(v.clone())),
            |v: &i32| json!({"c": (i64::from(*v) * 1_000_000).to_string()}),
        );
        let v = self.some(|rng| rng.random_range(0..86_400_000_000_000_i64));
        self.put(
            "time ns",
            &v,
            Arc::new(Time64NanosecondArray::from(v.clone())),
            |v| json!({"c": v.to_string()}),
        );
        let nanos =
            |tag: &'static str, unit: i128| move |v: &i64| json!({tag: (i128::from(*v) * unit).to_string()});
        let v = self.some(|rng| rng.random::<i64>());
        let array = TimestampNanosecondArray::from(v.clone()).with_timezone("UTC");
        self.put("moment ns", &v, Arc::new(array), nanos("t", 1));
        let v = self.some(|rng| rng.random::<i64>());
        self.put("local us", &v, Arc::new(TimestampMicrosecondArray::from(v.clone())), nanos("l", 1_000));
        let v = self.some(|rng| rng.random::<i64>() >> 12);
        let array = TimestampMillisecondArray::from(v.clone()).with_timezone("+02:00");
        self.put("moment ms", &v, Arc::new(array), nanos("t", 1_000_000));
    }

    fn texts(&mut self) {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let text = |v: &String| json!({"s": hex(v.as_bytes())});
        let v = self.some(|rng| String::from_utf8_lossy(&rng.random::<[u8; 9]>()).into_owned());
        self.put("text", &v, Arc::new(StringArray::from(v.clone())), text);
        self.put("large text", &v, Arc::new(LargeStringArray::from(v.clone())), text);
        self.put("text view", &v, Arc::new(StringViewArray::from_iter(v.iter())), text);
        let v = self.some(|rng| format!("value {} é", rng.random_range(0..3)));
        let array: DictionaryArray<Int32Type> = v.iter().map(|v| v.as_deref()).collect();
        self.put("dictionary", &v, Arc::new(array), text);
        let v = self.some(|rng| rng.random::<[u8; 7]>());
        let array = BinaryArray::from_iter(v.iter().map(|v| v.as_ref().map(|v| &v[..])));
        self.put("bytes", &v, Arc::new(array), |v| json!({"s": hex(v)}));
        let array = FixedSizeBinaryArray::try_from_sparse_iter_with_size(v.iter().copied(), 7).unwrap();
        self.put("fixed bytes", &v, Arc::new(array), |v| json!({"s": hex(v)}));
    }

    fn nested(&mut self) {
        let double = |bits: &u64| json!({"d": format!("bits:{bits:016x}")});
        let v = self.some(|rng| (0..rng.random_range(0..4)).map(|_| rng.random::<u64>()).collect::<Vec<_>>());
        let mut lists = ListBuilder::new(Float64Builder::new());
        for v in &v {
            lists.append_option(
                v.as_ref().map(|v| v.iter().map(|&bits| Some(f64::from_bits(bits))).collect::<Vec<_>>()),
            );
        }
        self.put(
            "list",
            &v,
            Arc::new(lists.finish()),
            |v| json!({"L": v.iter().map(double).collect::<Vec<_>>()}),
        );
        let mut maps = MapBuilder::new(None, StringBuilder::new(), Float64Builder::new());
        for v in &v {
            for (key, &bits) in v.iter().flatten().enumerate() {
                maps.keys().append_value(format!("k{key}"));
                maps.values().append_value(f64::from_bits(bits));
            }
            maps.append(v.is_some()).unwrap();
        }
        self.put("map", &v, Arc::new(maps.finish()), |v| {
            let entries = v.iter().enumerate();
            json!({"M": entries.map(|(k, bits)| json!([{"s": hex(format!("k{k}").as_bytes())}, double(bits)])).collect::<Vec<_>>()})
        });
        let v: Vec<Option<(i64, Option<String>)>> = (0..self.rows)
            .map(|i| Some((self.rng.random(), (i % 3 != 0).then(|| format!("é{i}")))))
            .collect();
        let fields = vec![Field::new("n", DataType::Int64, false), Field::new("a.b", DataType::Utf8, true)];
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from_iter(v.iter().map(|v| v.as_ref().map(|v| v.0)))),
            Arc::new(StringArray::from_iter(v.iter().map(|v| v.as_ref().and_then(|v| v.1.clone())))),
        ];
        self.put("struct", &v, Arc::new(StructArray::try_new(fields.into(), arrays, None).unwrap()), |v| {
            let text = v.1.as_ref().map(|text| json!({"s": hex(text.as_bytes())}));
            json!({"S": [["n", {"i": v.0.to_string()}], ["a.b", text]]})
        });
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
