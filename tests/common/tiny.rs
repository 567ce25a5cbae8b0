//! Logs so small that a case of them is made in a moment: what is tested with them is repeated
//! hundreds of times. Prompts are vectors, whose topics are found much sooner than those of text.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::TimestampMicrosecondArray;
use arrow_array::{ArrayRef, FixedSizeListArray, Float32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// 2026-04-22T13:05:09Z.
const START: i64 = 1_776_863_109_000_000;
const DAYS: i64 = 6;
const ACCOUNTS: usize = 24;
/// Accounts that pay with one card and come from one address.
const TIED: usize = 5;
const EXCHANGES: usize = 10;
const LENGTH: usize = 12;

/// Writes two files of 120 exchanges each, of accounts of which five are tied to one another, into
/// a folder of their own; gives the folder.
pub fn tiny_logs(home: &Path, seed: u64) -> PathBuf {
    let folder = home.join(format!("logs-{seed}"));
    fs::create_dir_all(&folder).unwrap();
    let mut draw = ChaCha8Rng::seed_from_u64(seed);
    for (name, accounts) in [("a.parquet", 0..ACCOUNTS / 2), ("b.parquet", ACCOUNTS / 2..ACCOUNTS)] {
        let rows: Vec<usize> = accounts.flat_map(|account| std::iter::repeat_n(account, EXCHANGES)).collect();
        write(&folder.join(name), &rows, seed, &mut draw);
    }
    folder
}

fn write(path: &Path, accounts: &[usize], seed: u64, draw: &mut ChaCha8Rng) {
    let text = |of: &dyn Fn(usize) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(accounts.iter().map(|&account| of(account))))
    };
    let tied = |account: usize| if account < TIED { 0 } else { account };
    let day = 86_400_000_000;
    let times = accounts.iter().map(|_| START + draw.random_range(0..DAYS * day));
    let times = TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC");
    let tokens = Int64Array::from_iter_values(accounts.iter().map(|_| draw.random_range(1..3_000)));
    let floats = accounts.iter().flat_map(|&account| {
        let centre = account % 4;
        (0..LENGTH).map(move |at| if at % 4 == centre { 1.0 } else { 0.0 }).collect::<Vec<f32>>()
    });
    let floats: Float32Array = floats.map(|x| Some(x + draw.random_range(-0.2..0.2_f32))).collect();
    let field = Arc::new(Field::new("item", DataType::Float32, true));
    let vectors = FixedSizeListArray::try_new(field, LENGTH as i32, Arc::new(floats), None).unwrap();
    let columns: [(&str, ArrayRef); 7] = [
        ("ts", Arc::new(times)),
        ("account_id", text(&|account| format!("acct_{seed}_{account:02}"))),
        ("ip", text(&|account| format!("10.{seed}.7.{}", tied(account)))),
        ("payment_fingerprint", text(&|account| format!("card_{seed}_{}", tied(account)))),
        ("user_agent", text(&|account| format!("client/{}", account % 3))),
        ("output_tokens", Arc::new(tokens)),
        ("prompt_embedding", Arc::new(vectors)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(50)).build();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}
