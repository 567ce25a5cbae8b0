use std::fs::File;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::super::parquet_check::can_be_read;
use super::super::withheld::withheld;
use super::*;

pub(in crate::bundle) fn marked(number: u64, columns: &[(&str, Value)]) -> MarkedRecord {
    let mut all: serde_json::Map<String, Value> =
        Column::ALL.into_iter().map(|column| (column.name().to_owned(), Value::Null)).collect();
    for (name, value) in columns {
        all[*name] = value.clone();
    }
    let exchange = ExchangeRef { snapshot: Digest::of(b"s"), file: "a.parquet".into(), row: number };
    let record = Record { exchange, columns: all, source: None };
    let (evidence, tags) = (vec![number], vec![Tag::ReliedOn]);
    MarkedRecord::new(evidence, tags, record.digest(), record)
}

#[test]
fn text_stays_out_and_is_logged() {
    let row = marked(
        1,
        &[
            ("ts", json!(5)),
            ("account_id", json!("a")),
            ("prompt_text", json!("secret words")),
            ("prompt_embedding", json!([0.5, 1.0])),
        ],
    );
    let rows = [row];
    let parquet = |include_text| to_parquet(&to_batch(&rows, include_text).unwrap()).unwrap();
    let without = parquet(false);
    assert_eq!(without, parquet(false));
    let with = parquet(true);
    let holds = |bytes: &[u8]| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        can_be_read(file.path(), false, &crate::model::Silent).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file.path()).unwrap()).unwrap();
        reader.schema().fields().iter().any(|field| field.name() == "prompt_text")
    };
    assert!(!holds(&without) && holds(&with));
    let folder = tempfile::tempdir().unwrap();
    let logged = crate::cache::testing::snapshot(
        folder.path(),
        &[("a.parquet", vec![crate::cache::testing::row("a", 5)])],
    );
    let (cache, _) = crate::cache::testing::cache(folder.path(), vec![logged]);
    let log = withheld(&rows, &rows, &[], &Names::open(&cache), false);
    assert_eq!(log.len(), 2);
    assert_eq!(log[0].commitment, Digest::of(b"secret words").to_string());
    assert_eq!(log[1].commitment, Digest::of(b"[0.5,1.0]").to_string());
    // A commitment is no plain hash, is another one for every record, and shows no exact length.
    let names = Names::pseudonyms(&cache, Digest::of(b"key"), &std::collections::BTreeSet::new()).unwrap();
    let log = withheld(&rows, &renamed(&rows, &names), &[], &names, false);
    assert_ne!(log[0].commitment, Digest::of(b"secret words").to_string());
    assert_eq!(log[0].bytes, "1 to 99");
    let other = [marked(2, &[("prompt_text", json!("secret words"))])];
    assert_ne!(withheld(&other, &other, &[], &names, false)[0].commitment, log[0].commitment);
    let named = renamed(&rows, &names);
    assert_eq!(named[0].record.text("account_id"), Some(names.id(&"a".into()).as_str()));
    assert_ne!(named[0].proof(), rows[0].digest.to_string());
}

#[test]
fn a_value_of_the_wrong_type_is_an_error() {
    let rows = [marked(1, &[("ts", json!("yesterday"))])];
    assert!(to_batch(&rows, false).unwrap_err().to_string().contains("column ts"));
}

#[test]
fn an_exchange_marked_twice_is_one_row() {
    let row = marked(7, &[("ts", json!(5))]);
    let evidence = |id, tag| crate::case::Evidence {
        id,
        source: EvidenceSource::Exchange {
            exchange: row.record.exchange.clone(),
            account: "a".into(),
            ts: 5,
            record: row.digest,
            reading: None,
        },
        tag,
        note: String::new(),
        marked: 0,
        read_with: None,
    };
    let mut state = State::default();
    state.evidence.insert(1, evidence(1, Tag::ReliedOn));
    state.evidence.insert(2, evidence(2, Tag::Exculpatory));
    let rows = gather(&state, |_, _, _| Ok(Some(row.record.clone()))).unwrap();
    assert_eq!((rows.len(), rows[0].evidence.clone()), (1, vec![1, 2]));
    assert_eq!(tag_words(&rows[0].tags), "relied-on; exculpatory");
    assert!(gather(&state, |_, _, _| Ok(None)).is_err());
}

#[test]
fn what_is_no_parquet_is_said() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "PAR1 nonsense PAR1").unwrap();
    assert!(can_be_read(file.path(), false, &crate::model::Silent).is_err());
}
