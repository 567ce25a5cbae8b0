//! `02_records/EX-0001.parquet`: the verbatim records of the exchanges marked as evidence.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Float32Builder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use serde_json::{Value, json};

use super::BundleError;
use super::names::{Names, band};
use super::parquet_file::parquet_bytes;
use crate::case::{EvidenceSource, State};
use crate::model::{AccountId, AttributeKind, Digest, ExchangeRef, Record, Tag, float_of};
use crate::snapshot::{Column, ColumnType};

/// The exhibit's number.
pub(super) const RECORDS: &str = "EX-0001";
/// Columns with the content of an exchange. The embedding is one of them, since the text can be
/// guessed from it.
pub(super) const TEXT_COLUMNS: [Column; 3] =
    [Column::PromptText, Column::PromptEmbedding, Column::ResponseText];

/// Columns that are left out where names are pseudonyms: a plain hash would confirm a guess.
pub(super) const CONFIRMING: [Column; 1] = [Column::PromptHash];
/// Columns whose values are pseudonyms there, with the kind of the value; `None` for the account.
pub(super) const NAMED: [(Column, Option<AttributeKind>); 7] = [
    (Column::AccountId, None),
    (Column::ApiKeyId, Some(AttributeKind::ApiKeyId)),
    (Column::OrgId, Some(AttributeKind::OrgId)),
    (Column::EndUserId, Some(AttributeKind::EndUserId)),
    (Column::Ip, Some(AttributeKind::Ip)),
    (Column::PaymentFingerprint, Some(AttributeKind::PaymentFingerprint)),
    (Column::EmailDomain, Some(AttributeKind::EmailDomain)),
];

/// One exchange of the evidence, with its record.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MarkedRecord {
    /// The evidence numbers it was marked under, ascending.
    pub evidence: Vec<u64>,
    /// Their tags, each once, in order.
    pub tags: Vec<Tag>,
    /// SHA-256 of the whole record, text included.
    pub digest: Digest,
    /// Commitment that stands in the bundle instead of the SHA-256; `None` where that stands itself.
    pub commitment: Option<String>,
    /// The record.
    pub record: Record,
}

impl MarkedRecord {
    /// The SHA-256, or the commitment to it.
    pub(super) fn proof(&self) -> String {
        self.commitment.clone().unwrap_or_else(|| self.digest.to_string())
    }
}

/// Name of the column with [`MarkedRecord::proof`].
pub(super) fn proof_column(rows: &[MarkedRecord]) -> &'static str {
    if is_private(rows) { "record_commitment" } else { "record_sha256" }
}

/// True if names in the rows are pseudonyms.
pub(super) fn is_private(rows: &[MarkedRecord]) -> bool {
    rows.iter().any(|row| row.commitment.is_some())
}

/// The rows with the names of a bundle, as its files have them.
pub(super) fn renamed(rows: &[MarkedRecord], names: &Names<'_>) -> Vec<MarkedRecord> {
    let mut rows = rows.to_vec();
    if names.are_clear() {
        return rows;
    }
    for row in &mut rows {
        row.commitment = Some(names.record(&row.record.exchange, row.digest));
        for (column, kind) in NAMED {
            if let Some(Value::String(value)) = row.record.columns.get_mut(column.name()) {
                *value = match kind {
                    None => names.id(&AccountId(value.clone())).0,
                    Some(kind) => names.attribute(kind, value),
                };
            }
        }
        // A caller may write an account's name into any other text, such as the model it asks for.
        let others = Column::ALL.into_iter().filter(|column| {
            !NAMED.iter().any(|(named, _)| named == column)
                && !TEXT_COLUMNS.contains(column)
                && !CONFIRMING.contains(column)
        });
        for column in others {
            if let Some(Value::String(value)) = row.record.columns.get_mut(column.name()) {
                *value = names.text(value);
            }
        }
        for tag in &mut row.tags {
            if let Tag::Own(own) = tag {
                *own = names.text(own);
            }
        }
    }
    rows
}

/// A value that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Withheld {
    /// Row of the exhibit, from 0.
    pub row: usize,
    /// Its exchange.
    pub exchange: ExchangeRef,
    /// Its column.
    pub column: &'static str,
    /// Salted commitment to the text, or to the value as compact JSON where it is no text; its SHA-256
    /// where names are clear.
    pub commitment: String,
    /// Its length in bytes: a range where names are pseudonyms.
    pub bytes: String,
}

/// The records of all exchanges marked as evidence, each exchange once, in the order they were
/// first marked. `copy` gives a record by its exchange, its hash and the hash of its reading.
pub(super) fn gather(
    state: &State,
    mut copy: impl FnMut(&ExchangeRef, Digest, Option<Digest>) -> Result<Option<Record>, BundleError>,
) -> Result<Vec<MarkedRecord>, BundleError> {
    let mut rows: Vec<MarkedRecord> = Vec::new();
    let mut seen: BTreeMap<(ExchangeRef, Digest, Option<Digest>), usize> = BTreeMap::new();
    for evidence in state.evidence.values() {
        let EvidenceSource::Exchange { exchange, record: digest, reading, .. } = &evidence.source else {
            continue;
        };
        let key = (exchange.clone(), *digest, *reading);
        if let Some(&at) = seen.get(&key) {
            rows[at].evidence.push(evidence.id);
            if !rows[at].tags.contains(&evidence.tag) {
                rows[at].tags.push(evidence.tag.clone());
                rows[at].tags.sort();
            }
            continue;
        }
        let missing = BundleError::RecordMissing { evidence: evidence.id, record: *digest };
        let record = copy(exchange, *digest, *reading)?.ok_or(missing)?;
        seen.insert(key, rows.len());
        let (ids, tags) = (vec![evidence.id], vec![evidence.tag.clone()]);
        rows.push(MarkedRecord { evidence: ids, tags, digest: *digest, commitment: None, record });
    }
    Ok(rows)
}

/// Values left out of the records: every text and embedding unless included, and hashes of prompts
/// where names are pseudonyms. `rows` are those of the case.
pub(super) fn withheld(rows: &[MarkedRecord], names: &Names<'_>, include_text: bool) -> Vec<Withheld> {
    let texts = TEXT_COLUMNS.into_iter().filter(|_| !include_text);
    let columns: Vec<Column> = texts.chain(CONFIRMING.into_iter().filter(|_| !names.are_clear())).collect();
    let mut found = Vec::new();
    for (row, marked) in rows.iter().enumerate() {
        for column in &columns {
            let bytes = match marked.record.columns.get(column.name()) {
                None | Some(Value::Null) => continue,
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            let exchange = marked.record.exchange.clone();
            let commitment = names.commitment(&exchange, column.name(), &bytes);
            let length =
                if names.are_clear() { bytes.len().to_string() } else { band(bytes.len()).to_owned() };
            found.push(Withheld { row, exchange, column: column.name(), commitment, bytes: length });
        }
    }
    found
}

/// Value of one of Stillhunt's own columns for a row.
type OwnColumn = fn(&MarkedRecord) -> String;

/// The columns of the file, in order.
fn columns(include_text: bool, is_private: bool) -> impl Iterator<Item = Column> {
    Column::ALL
        .into_iter()
        .filter(move |column| include_text || !TEXT_COLUMNS.contains(column))
        .filter(move |column| !is_private || !CONFIRMING.contains(column))
}

/// The records as Parquet: `exchange`, `evidence`, `tags`, `record_sha256`, then the canonical
/// columns under their names.
pub(super) fn to_parquet(rows: &[MarkedRecord], include_text: bool) -> Result<Vec<u8>, BundleError> {
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    let own: [(&str, OwnColumn); 5] = [
        ("exchange", |row| row.record.exchange.to_string()),
        ("evidence", |row| evidence_numbers(&row.evidence)),
        ("tags", |row| tag_words(&row.tags)),
        (proof_column(rows), MarkedRecord::proof),
        ("record_form", |row| form(row).to_owned()),
    ];
    for (name, of) in own {
        let mut builder = StringBuilder::new();
        rows.iter().for_each(|row| builder.append_value(of(row)));
        fields.push(Field::new(name, DataType::Utf8, false));
        arrays.push(Arc::new(builder.finish()));
    }
    for column in columns(include_text, is_private(rows)) {
        let array = column_array(rows, column)?;
        fields.push(Field::new(column.name(), array.data_type().clone(), true));
        arrays.push(array);
    }
    let fail = |error: &dyn std::fmt::Display| BundleError::Encode {
        what: "the records".to_owned(),
        why: error.to_string(),
    };
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(|error| fail(&error))?;
    parquet_bytes(&batch, 1).map_err(|error| fail(&error))
}

/// Form in which the case has a record: its source row, or in format 1 the canonical columns alone.
pub(super) fn form(row: &MarkedRecord) -> &'static str {
    if row.record.source.is_some() { "source" } else { "old" }
}

/// Evidence numbers as the report writes them: `E1 E7`.
pub(super) fn evidence_numbers(ids: &[u64]) -> String {
    ids.iter().map(|id| format!("E{id}")).collect::<Vec<_>>().join(" ")
}

/// Tags in a cell: `relied-on; context`.
pub(super) fn tag_words(tags: &[Tag]) -> String {
    tags.iter().map(Tag::as_str).collect::<Vec<_>>().join("; ")
}

fn column_array(rows: &[MarkedRecord], column: Column) -> Result<ArrayRef, BundleError> {
    let values =
        || rows.iter().map(|row| (row, row.record.columns.get(column.name()).unwrap_or(&Value::Null)));
    let misfit = |row: &MarkedRecord| BundleError::Encode {
        what: format!("column {} of the records", column.name()),
        why: format!("{} has a value of another type", row.record.exchange),
    };
    macro_rules! filled {
        ($builder:expr, $of:expr) => {{
            let mut builder = $builder;
            for (row, value) in values() {
                match (value.is_null(), $of(value)) {
                    (true, _) => builder.append_null(),
                    (false, Some(plain)) => builder.append_value(plain),
                    (false, None) => return Err(misfit(row)),
                }
            }
            builder
        }};
    }
    Ok(match column.kind() {
        ColumnType::Time => {
            let times: Vec<Option<i64>> = values().map(|(_, value)| value.as_i64()).collect();
            if let Some((row, _)) = values().find(|(_, value)| !value.is_null() && value.as_i64().is_none()) {
                return Err(misfit(row));
            }
            Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC"))
        }
        ColumnType::Text | ColumnType::LongText => {
            Arc::new(filled!(StringBuilder::new(), Value::as_str).finish())
        }
        ColumnType::Int => Arc::new(filled!(Int64Builder::new(), Value::as_i64).finish()),
        ColumnType::Float => Arc::new(filled!(Float64Builder::new(), float_of).finish()),
        ColumnType::Bool => Arc::new(filled!(BooleanBuilder::new(), Value::as_bool).finish()),
        ColumnType::Embedding => {
            let mut builder = ListBuilder::new(Float32Builder::new());
            for (row, value) in values() {
                match value {
                    Value::Null => builder.append_null(),
                    Value::Array(parts) => {
                        for part in parts {
                            builder.values().append_option(float_of(part).map(|part| part as f32));
                        }
                        builder.append(true);
                    }
                    _ => return Err(misfit(row)),
                }
            }
            Arc::new(builder.finish())
        }
    })
}

/// Description of the file: columns with types and meanings, and columns left out.
pub(super) fn schema(rows: &[MarkedRecord], include_text: bool, parquet: Digest) -> Vec<u8> {
    let own = [
        ("exchange", "SNAPSHOT-SHA-256/FILE#ROW: source of the record; rows are counted from 0"),
        ("evidence", "numbers of the evidence that marks this record"),
        ("tags", "tags of that evidence"),
        if is_private(rows) {
            (
                "record_commitment",
                "salted commitment to record_sha256 (05_methods/hashes.txt); the salt is disclosed by record on order",
            )
        } else {
            (
                "record_sha256",
                "SHA-256 of the source row, all columns, by the rule in 05_methods/record_hash.txt; of the \
                 canonical columns as compact JSON where record_form is old",
            )
        },
    ];
    let own = own.into_iter().chain([(
        "record_form",
        "source: EX-0001.source-NN.parquet has the source row; old: copied in format 1, canonical columns only",
    )]);
    let mut described: Vec<Value> = own
        .map(|(name, meaning)| json!({"name": name, "type": "string", "from": "Stillhunt", "meaning": meaning}))
        .collect();
    for column in columns(include_text, is_private(rows)) {
        let missing = rows
            .iter()
            .filter(|row| row.record.columns.get(column.name()).is_none_or(Value::is_null))
            .count();
        described.push(json!({
            "name": column.name(),
            "type": type_name(column.kind()),
            "from": if is_private(rows) && NAMED.iter().any(|(named, _)| *named == column) {
                "record, as a keyed pseudonym"
            } else {
                "record"
            },
            "rows_without_value": missing,
        }));
    }
    let left_out: Vec<&str> = TEXT_COLUMNS
        .into_iter()
        .filter(|_| !include_text)
        .chain(CONFIRMING.into_iter().filter(|_| is_private(rows)))
        .map(Column::name)
        .collect();
    let schema = json!({
        "file": format!("{RECORDS}.parquet"),
        "sha256": parquet,
        "rows": rows.len(),
        "order": "as first marked",
        "columns": described,
        "withheld_columns": left_out,
        "withheld_values": "08_legal/redaction_log.csv",
    });
    pretty(&schema)
}

/// JSON for people, with a line end.
pub(super) fn pretty(value: &Value) -> Vec<u8> {
    // A `Value` always serialises.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text.into_bytes()
}

fn type_name(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Time => "timestamp, microseconds, UTC",
        ColumnType::Text | ColumnType::LongText => "string",
        ColumnType::Int => "int64",
        ColumnType::Float => "float64",
        ColumnType::Bool => "boolean",
        ColumnType::Embedding => "list of float32",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs::File;

    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::super::parquet_check::can_be_read;
    use super::*;

    pub(in super::super) fn marked(number: u64, columns: &[(&str, Value)]) -> MarkedRecord {
        let mut all: serde_json::Map<String, Value> =
            Column::ALL.into_iter().map(|column| (column.name().to_owned(), Value::Null)).collect();
        for (name, value) in columns {
            all[*name] = value.clone();
        }
        let exchange = ExchangeRef { snapshot: Digest::of(b"s"), file: "a.parquet".into(), row: number };
        let record = Record { exchange, columns: all, source: None };
        let (evidence, tags) = (vec![number], vec![Tag::ReliedOn]);
        MarkedRecord { evidence, tags, digest: record.digest(), commitment: None, record }
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
        let without = to_parquet(&rows, false).unwrap();
        assert_eq!(without, to_parquet(&rows, false).unwrap());
        let with = to_parquet(&rows, true).unwrap();
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
        let log = withheld(&rows, &Names::open(&cache), false);
        assert_eq!(log.len(), 2);
        assert_eq!(log[0].commitment, Digest::of(b"secret words").to_string());
        assert_eq!(log[1].commitment, Digest::of(b"[0.5,1.0]").to_string());
        // A commitment is no plain hash, is another one for every record, and shows no exact length.
        let names =
            Names::pseudonyms(&cache, Digest::of(b"key"), &std::collections::BTreeSet::new()).unwrap();
        let log = withheld(&rows, &names, false);
        assert_ne!(log[0].commitment, Digest::of(b"secret words").to_string());
        assert_eq!(log[0].bytes, "1 to 99");
        let other = [marked(2, &[("prompt_text", json!("secret words"))])];
        assert_ne!(withheld(&other, &names, false)[0].commitment, log[0].commitment);
        let named = renamed(&rows, &names);
        assert_eq!(named[0].record.text("account_id"), Some(names.id(&"a".into()).as_str()));
        assert_ne!(named[0].proof(), rows[0].digest.to_string());
    }

    #[test]
    fn a_value_of_the_wrong_type_is_an_error() {
        let rows = [marked(1, &[("ts", json!("yesterday"))])];
        assert!(to_parquet(&rows, false).unwrap_err().to_string().contains("column ts"));
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
}
