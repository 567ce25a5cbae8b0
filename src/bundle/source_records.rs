//! `02_records/EX-0001.source-01.parquet`: marked records as their log has them, to the bit.
//!
//! One file for the rows of each schema and mapping. The columns of the log stand inside the column
//! `record`, so that none of them can be taken for one of the program's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, StructArray, new_null_array};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{Field, FieldRef, Schema};
use arrow_select::concat::concat;
use serde_json::{Value, json};

use super::BundleError;
use super::names::Names;
use super::parquet_file::parquet_bytes;
use super::records::{
    CONFIRMING, MarkedRecord, NAMED, RECORDS, TEXT_COLUMNS, is_private, pretty, proof_column,
};
use crate::model::Digest;
use crate::snapshot::{Column, from_source_row, is_line_record};

/// Meaning of the column `record` for rows of Parquet, and for lines.
const ROW: &str = "the row of the log, its columns and types as in the log";
const LINE: &str = "the bytes of the line in the log; for CSV after those of its header";

/// One file of source rows.
pub(super) struct SourceFile {
    /// `EX-0001.source-01`.
    pub name: String,
    /// The file.
    pub parquet: Vec<u8>,
    rows: usize,
    mapping: serde_json::Value,
    /// True if the records are lines of a text file.
    is_line: bool,
    /// Name of the column with the proof of each row.
    proof: &'static str,
    /// All columns of the log in order: name, type, true if it is withheld, and the rows, from 1, in which it is.
    columns: Vec<(FieldRef, bool, Vec<usize>)>,
}

/// The files of source rows of some records, those of one schema and mapping together, in the
/// order of their first row. Without text, the files have only columns that the mapping reads, and
/// no column that it reads a prompt, an embedding or a response from. A value that a redacted column is read
/// from, or in which a name or words that are left out stand, is left out.
///
/// # Errors
/// A copy that cannot be read, or rows that cannot be written.
pub(super) fn files(
    rows: &[MarkedRecord],
    names: &Names<'_>,
    include_text: bool,
) -> Result<Vec<SourceFile>, BundleError> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut seen: BTreeMap<(&[u8], &str), usize> = BTreeMap::new();
    for (at, marked) in rows.iter().enumerate() {
        let Some(source) = &marked.record.source else { continue };
        let group = *seen.entry((&source.schema, &source.mapping)).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(at);
    }
    groups.iter().zip(1..).map(|(group, number)| file(rows, names, group, number, include_text)).collect()
}

fn file(
    rows: &[MarkedRecord],
    names: &Names<'_>,
    group: &[usize],
    number: usize,
    include_text: bool,
) -> Result<SourceFile, BundleError> {
    let name = format!("{RECORDS}.source-{number:02}");
    let fail = BundleError::encode::<String>;
    let sources = || group.iter().filter_map(|&at| rows[at].record.source.as_ref());
    let batches = sources().map(from_source_row).collect::<Result<Vec<_>, _>>().map_err(fail(&name))?;
    let mapping: serde_json::Value =
        sources().next().and_then(|source| serde_json::from_str(&source.mapping).ok()).unwrap_or_default();
    let Some(first) = batches.first() else { return Err(fail(&name)("it has no rows".to_owned())) };
    let schema = first.schema();
    // A line holds the whole exchange, so no part of it is disclosed without the text.
    let is_line = is_line_record(&schema);
    let hidden = hidden_columns(include_text, is_private(rows));
    let withheld = |name: &str| !hidden.is_empty() && (is_line || !may_be_disclosed(name, &mapping, &hidden));
    let mut columns: Vec<(FieldRef, bool, Vec<usize>)> =
        schema.fields().iter().map(|field| (Arc::clone(field), withheld(field.name()), Vec::new())).collect();
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (at, (field, withheld, cut)) in columns.iter_mut().enumerate() {
        if *withheld {
            continue;
        }
        let reads = read_from(field.name(), &mapping);
        let mut parts = Vec::with_capacity(batches.len());
        for (batch, &row) in batches.iter().zip(group) {
            let array = batch.column(at);
            let is_cut = reads.iter().any(|column| rows[row].is_cut(*column))
                || (!names.are_clear() && words_of(array).is_some_and(|words| names.text(&words) != words));
            parts.push(if is_cut { new_null_array(array.data_type(), 1) } else { Arc::clone(array) });
            if is_cut {
                cut.push(row + 1);
            }
        }
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        fields.push(if cut.is_empty() { Arc::clone(field) } else { nullable(field) });
        arrays.push(concat(&parts).map_err(BundleError::encode(&name))?);
    }
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(group.iter().map(|&at| at as i64 + 1)));
    let text = |of: fn(&MarkedRecord) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(group.iter().map(|&at| of(&rows[at]))))
    };
    let mut own = vec![
        ("row", numbers),
        ("exchange", text(|row| row.record.exchange.to_string())),
        (proof_column(rows), text(MarkedRecord::proof)),
    ];
    if !fields.is_empty() {
        let record = StructArray::try_new(fields.into(), arrays, None).map_err(BundleError::encode(&name))?;
        own.push(("record", Arc::new(record)));
    }
    let (fields, arrays): (Vec<_>, Vec<_>) = own
        .into_iter()
        .map(|(name, array)| (Field::new(name, array.data_type().clone(), false), array))
        .unzip();
    let batch =
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(BundleError::encode(&name))?;
    let parquet = parquet_bytes(&batch, 1).map_err(BundleError::encode(&name))?;
    Ok(SourceFile { name, parquet, rows: group.len(), mapping, is_line, proof: proof_column(rows), columns })
}

fn nullable(field: &FieldRef) -> FieldRef {
    Arc::new(field.as_ref().clone().with_nullable(true))
}

/// Canonical columns that a column of the log is read for.
fn read_from(name: &str, mapping: &serde_json::Value) -> Vec<Column> {
    let columns = mapping.get("columns").and_then(serde_json::Value::as_object);
    // A mapping that says more than a name may read whatever it names.
    let reads = |source: &serde_json::Value| match source.as_str() {
        Some(source) => is_part_of(source, name),
        None => source.to_string().contains(name),
    };
    let read = columns.into_iter().flatten().filter(|(_, source)| reads(source));
    read.filter_map(|(canonical, _)| Column::from_name(canonical)).collect()
}

/// True if a source of a mapping is a column of the log or a part of it.
fn is_part_of(source: &str, name: &str) -> bool {
    let rest = source.strip_prefix(name);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// The one value of an array as text; `None` for numbers and for none.
fn words_of(array: &ArrayRef) -> Option<String> {
    if array.is_null(0) || array.data_type().is_numeric() || array.data_type().is_temporal() {
        return None;
    }
    if let Some(bytes) = array.as_binary_opt::<i32>() {
        return Some(String::from_utf8_lossy(bytes.value(0)).into_owned());
    }
    array_value_to_string(array, 0).ok()
}

/// Canonical columns that are withheld from source rows: content unless included, and where names are
/// pseudonyms whatever holds a name or confirms a guess.
fn hidden_columns(include_text: bool, is_private: bool) -> Vec<Column> {
    let texts = TEXT_COLUMNS.into_iter().filter(|_| !include_text);
    let names = NAMED.into_iter().map(|(column, _)| column).chain(CONFIRMING).filter(|_| is_private);
    texts.chain(names).collect()
}

/// True if a column of the log holds no more than a disclosed column of the records: it is mapped as
/// a whole, and no hidden column is read from it.
fn may_be_disclosed(name: &str, mapping: &serde_json::Value, hidden: &[Column]) -> bool {
    let Some(columns) = mapping.get("columns").and_then(serde_json::Value::as_object) else { return false };
    let is_hidden = |canonical: &str| hidden.iter().any(|column| column.name() == canonical);
    let mut whole = false;
    for (canonical, source) in columns {
        // A mapping that says more than a name is not taken for one.
        let Some(source) = source.as_str() else { continue };
        if is_hidden(canonical) && is_part_of(source, name) {
            return false;
        }
        whole |= source == name && Column::from_name(canonical).is_some() && !is_hidden(canonical);
    }
    whole
}

impl SourceFile {
    /// `EX-0001.source-01.schema.json`: columns, mapping, and how the hash is made.
    pub(super) fn schema(&self, parquet: Digest) -> Vec<u8> {
        let columns = self.columns.iter().map(|(field, withheld, cut)| {
            json!({
                "name": field.name(), "type": field.data_type().to_string(), "withheld": withheld,
                "withheld_in_rows": cut,
            })
        });
        pretty(&schema_of(&Described {
            name: &self.name,
            sha256: &parquet.to_string(),
            rows: self.rows,
            is_line: self.is_line,
            is_private: self.proof == "record_commitment",
            columns: columns.collect(),
            mapping: self.mapping.clone(),
        }))
    }
}

/// Facts that the schema of a file of source rows describes.
pub(super) struct Described<'a> {
    /// `EX-0001.source-01`.
    pub name: &'a str,
    /// SHA-256 of the Parquet file.
    pub sha256: &'a str,
    /// Number of rows.
    pub rows: usize,
    /// True if a row is a line of the log.
    pub is_line: bool,
    /// True if hashes stand as commitments.
    pub is_private: bool,
    /// Columns of the log, each with type and what is withheld of it.
    pub columns: Vec<Value>,
    /// Mapping under which the rows were read.
    pub mapping: Value,
}

/// The schema of such a file; `verify` makes it again of the file itself.
pub(super) fn schema_of(of: &Described<'_>) -> Value {
    let is_withheld = |column: &Value| {
        column["withheld"] == true
            || column["withheld_in_rows"].as_array().is_some_and(|rows| !rows.is_empty())
    };
    let (proof, rule) = match of.is_private {
        true => {
            ("record_commitment", "salted commitment to the SHA-256 of all columns, ../05_methods/hashes.txt")
        }
        false => ("record_sha256", "by the rule in ../05_methods/record_hash.txt, over all columns"),
    };
    json!({
        "file": format!("{}.parquet", of.name),
        "sha256": of.sha256,
        "rows": of.rows,
        "row": format!("the row of {RECORDS}.parquet, from 1"),
        "record": if of.is_line { LINE } else { ROW },
        proof: rule,
        "columns": of.columns,
        "withheld": of.columns.iter().any(is_withheld),
        "mapping": of.mapping,
    })
}

#[cfg(test)]
mod tests {
    use super::super::parquet_check::can_be_read;
    use super::*;
    use crate::model::{ExchangeRef, Record, Silent, Tag};
    use crate::snapshot::fixture_rows::every_type;
    use crate::snapshot::to_source_row;

    fn marked(batch: &RecordBatch, row: u64) -> MarkedRecord {
        let exchange = ExchangeRef { snapshot: Digest::of(b"s"), file: "a.parquet".into(), row };
        let source = to_source_row(batch, "{\"columns\":{}}").unwrap();
        let record = Record { exchange, columns: serde_json::Map::new(), source: Some(source) };
        let (evidence, tags) = (vec![row], vec![Tag::Context]);
        MarkedRecord::new(evidence, tags, record.digest(), record)
    }

    fn empty(folder: &std::path::Path) -> crate::cache::Cache {
        use crate::cache::testing::{cache, row, snapshot};
        cache(folder, vec![snapshot(folder, &[("a.parquet", vec![row("a", 1)])])]).0
    }

    /// Every type from the log through the case into the bundle: what `verify` reads there has the
    /// hash of the row of the log.
    #[test]
    fn rows_keep_their_hash_into_the_bundle() {
        let dir = tempfile::tempdir().unwrap();
        let (batch, _) = every_type(5, 60);
        let log = dir.path().join("log");
        std::fs::write(&log, parquet_bytes(&batch, 1).unwrap()).unwrap();
        let mapping = crate::snapshot::fixture::canonical();
        let rows: Vec<u64> = (0..60).collect();
        let read = crate::snapshot::source_rows(&log, "log", &mapping, &rows).unwrap();
        let mut rows: Vec<MarkedRecord> =
            read.into_iter().map(|(row, source)| marked(&from_source_row(&source).unwrap(), row)).collect();
        let folder = tempfile::tempdir().unwrap();
        let cache = empty(folder.path());
        let names = Names::open(&cache);
        let files = |rows: &[MarkedRecord]| files(rows, &names, true).unwrap();
        let path = dir.path().join("f");
        assert_eq!(files(&rows).len(), 1);
        std::fs::write(&path, &files(&rows)[0].parquet).unwrap();
        assert_eq!(can_be_read(&path, true, &Silent), Ok(()));
        rows[41].digest = Digest::of(b"another");
        std::fs::write(&path, &files(&rows)[0].parquet).unwrap();
        assert!(can_be_read(&path, true, &Silent).unwrap_err().contains("row 42"));
    }

    #[test]
    fn two_equal_rows_have_two_places() {
        let column: ArrayRef = Arc::new(StringArray::from(vec!["same"]));
        let batch = RecordBatch::try_from_iter([("c", column)]).unwrap();
        let rows = [marked(&batch, 0), marked(&batch, 1)];
        assert_eq!(rows[0].digest, rows[1].digest);
        let folder = tempfile::tempdir().unwrap();
        let cache = empty(folder.path());
        let files = files(&rows, &Names::open(&cache), true).unwrap();
        let parquet = bytes_of(&files[0].parquet);
        let exchanges = parquet.column_by_name("exchange").unwrap();
        let exchanges = arrow_array::cast::AsArray::as_string::<i32>(exchanges);
        assert!(exchanges.value(0).ends_with("#0") && exchanges.value(1).ends_with("#1"));
    }

    fn bytes_of(parquet: &[u8]) -> RecordBatch {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), parquet).unwrap();
        let file = std::fs::File::open(file.path()).unwrap();
        let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        reader.build().unwrap().next().unwrap().unwrap()
    }

    #[test]
    fn only_columns_mapped_as_a_whole_to_no_text_are_disclosed() {
        let mapping = json!({"columns": {
            "ts": "created", "prompt_text": "body.prompt", "model": "body.model", "ip": "body",
            "account_id": "user", "response_text": "reply", "stop_reason": "reply_end",
        }});
        let disclosed: Vec<_> = ["created", "user", "reply", "reply_end", "body", "notes", "body.model"]
            .into_iter()
            .filter(|name| may_be_disclosed(name, &mapping, &TEXT_COLUMNS))
            .collect();
        assert_eq!(disclosed, ["created", "user", "reply_end", "body.model"]);
        assert!(!may_be_disclosed("ts", &json!(null), &[]));
        assert!(!may_be_disclosed("user", &mapping, &hidden_columns(true, true)));
        assert!(hidden_columns(true, false).is_empty());
    }
}
