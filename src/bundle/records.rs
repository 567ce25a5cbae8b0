//! `02_records/EX-0001.parquet`: the verbatim records of the exchanges marked as evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::builder::{
    BooleanBuilder, Float32Builder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
};
use arrow_array::{ArrayRef, StringArray, TimestampMicrosecondArray};
use arrow_schema::{DataType, Field, Schema};
use serde_json::{Value, json};

use super::BundleError;
use super::names::Names;
use super::parquet_file::parquet_bytes;
use super::redaction::{BY_HAND, Hit};
use crate::case::{EvidenceSource, State};
use crate::model::{AccountId, AttributeKind, Digest, ExchangeRef, Record, Tag, float_of};
use crate::snapshot::{Column, ColumnType};

/// Column with the SHA-256 of a redacted copy.
pub(super) const REDACTED_COPY: &str = "redacted_copy_sha256";
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
    /// Words that were left out of its text, in the order of the columns and of the text.
    pub cuts: Vec<Cut>,
    /// Columns of prompt and response in which pseudonyms stand for names.
    pub renamed: Vec<Column>,
    /// The record.
    pub record: Record,
}

/// Words that were left out of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cut {
    /// Column of the text.
    pub column: Column,
    /// Place in the text as it was, and the redactions.
    pub hit: Hit,
    /// The words. They are written nowhere.
    pub words: String,
}

impl MarkedRecord {
    /// The record of an exchange as the case has it.
    pub(super) fn new(evidence: Vec<u64>, tags: Vec<Tag>, digest: Digest, record: Record) -> Self {
        Self { evidence, tags, digest, commitment: None, cuts: Vec::new(), renamed: Vec::new(), record }
    }

    /// True if a text of the record does not stand here as it was.
    pub(super) fn is_redacted(&self) -> bool {
        !self.cuts.is_empty() || !self.renamed.is_empty()
    }

    /// True if a column of the record does not stand here as it was.
    pub(super) fn is_cut(&self, column: Column) -> bool {
        self.renamed.contains(&column) || self.cuts.iter().any(|cut| cut.column == column)
    }

    /// SHA-256 of a redacted copy: of the JSON list of its texts as they stand in the file, in the order of the
    /// columns, `null` where there is none.
    pub(super) fn copy_sha256(&self, include_text: bool, is_private: bool) -> Digest {
        let texts = columns(include_text, is_private).filter(|column| is_text(*column));
        let texts = texts.map(|column| self.record.columns.get(column.name()).cloned().unwrap_or_default());
        Digest::of(Value::Array(texts.collect()).to_string().as_bytes())
    }

    /// The SHA-256, or the commitment to it.
    pub(super) fn proof(&self) -> String {
        self.commitment.clone().unwrap_or_else(|| self.digest.to_string())
    }
}

/// Name of the column with [`MarkedRecord::proof`].
pub(super) fn proof_column(rows: &[MarkedRecord]) -> &'static str {
    if is_private(rows) { "record_commitment" } else { "record_sha256" }
}

/// True for a column of text.
pub(super) fn is_text(column: Column) -> bool {
    matches!(column.kind(), ColumnType::Text | ColumnType::LongText)
}

/// Words that rules and lists left out of some rows: no file of a bundle may have them.
fn gone(rows: &[MarkedRecord]) -> BTreeSet<String> {
    let cuts = rows.iter().flat_map(|row| &row.cuts).filter(|cut| cut.hit.what != BY_HAND);
    cuts.map(|cut| cut.words.clone()).collect()
}

/// Texts of the rows that a bundle discloses.
fn disclosed_texts(rows: &[MarkedRecord], include_text: bool) -> impl Iterator<Item = &str> {
    rows.iter().filter(move |_| include_text).flat_map(|row| {
        let text = move |column: Column| row.record.columns.get(column.name()).and_then(Value::as_str);
        TEXT_COLUMNS.into_iter().filter_map(text)
    })
}

/// True if names in the rows are pseudonyms.
pub(super) fn is_private(rows: &[MarkedRecord]) -> bool {
    rows.iter().any(|row| row.commitment.is_some())
}

/// The rows as the files of a bundle have them, and the names that know which words they disclose and lack. Words left
/// out of a text that is withheld as a whole are not listed one by one.
///
/// # Errors
/// The words take too much memory to be looked for.
pub(super) fn written<'a>(
    names: Names<'a>,
    rows: &[MarkedRecord],
    include_text: bool,
) -> Result<(Names<'a>, Vec<MarkedRecord>), BundleError> {
    let mut rows = renamed(rows, &names);
    for row in rows.iter_mut().filter(|_| !include_text) {
        row.cuts.retain(|cut| !TEXT_COLUMNS.contains(&cut.column));
        row.renamed.clear();
    }
    let names = names.disclosing(disclosed_texts(&rows, include_text)).without(&gone(&rows))?;
    Ok((names, rows))
}

/// The rows with the names of a bundle.
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
            is_text(*column)
                && !NAMED.iter().any(|(named, _)| named == column)
                && !CONFIRMING.contains(column)
        });
        for column in others {
            let Some(Value::String(value)) = row.record.columns.get_mut(column.name()) else { continue };
            let (text, hits, is_renamed) = names.of_exchange(&row.record.exchange, column, value);
            if is_renamed && TEXT_COLUMNS.contains(&column) {
                row.renamed.push(column);
            }
            row.cuts.extend(hits.into_iter().map(|hit| {
                let words = value[hit.range.clone()].to_owned();
                Cut { column, hit, words }
            }));
            *value = text;
        }
        // The words can be guessed from the vector.
        if row.is_cut(Column::PromptText)
            && let Some(vector) = row.record.columns.get_mut(Column::PromptEmbedding.name())
        {
            *vector = Value::Null;
        }
        for tag in &mut row.tags {
            if let Tag::Own(own) = tag {
                *own = names.text(own);
            }
        }
        row.record.exchange = names.exchange(&row.record.exchange);
    }
    rows
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
        rows.push(MarkedRecord::new(ids, tags, *digest, record));
    }
    Ok(rows)
}

/// Value of one of Stillhunt's own columns for a row.
type OwnColumn = fn(&MarkedRecord) -> String;

/// The columns of the file, in order.
pub(super) fn columns(include_text: bool, is_private: bool) -> impl Iterator<Item = Column> {
    Column::ALL
        .into_iter()
        .filter(move |column| include_text || !TEXT_COLUMNS.contains(column))
        .filter(move |column| !is_private || !CONFIRMING.contains(column))
}

/// The records as Parquet.
pub(super) fn to_parquet(batch: &RecordBatch) -> Result<Vec<u8>, BundleError> {
    parquet_bytes(batch, 1).map_err(BundleError::encode("the records"))
}

/// The records as a batch: `exchange`, `evidence`, `tags`, `record_sha256`, then the canonical
/// columns under their names.
pub(super) fn to_batch(rows: &[MarkedRecord], include_text: bool) -> Result<RecordBatch, BundleError> {
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
    if rows.iter().any(MarkedRecord::is_redacted) {
        let of = |row: &MarkedRecord| {
            row.is_redacted().then(|| row.copy_sha256(include_text, is_private(rows)).to_string())
        };
        fields.push(Field::new(REDACTED_COPY, DataType::Utf8, true));
        arrays.push(Arc::new(StringArray::from_iter(rows.iter().map(of))));
    }
    for column in columns(include_text, is_private(rows)) {
        let array = column_array(rows, column)?;
        fields.push(Field::new(column.name(), array.data_type().clone(), true));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(BundleError::encode("the records"))
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

/// Facts that the schema of the records describes.
pub(super) struct Described<'a> {
    /// Number of rows.
    pub rows: usize,
    /// True if prompts and responses are in the file.
    pub include_text: bool,
    /// True if names are pseudonyms.
    pub is_private: bool,
    /// True if words of a row were left out.
    pub has_redacted: bool,
    /// Rows without a value of a column of the file.
    pub missing: &'a dyn Fn(Column) -> u64,
    /// Rows with a value of a column that is withheld.
    pub withheld: &'a dyn Fn(Column) -> u64,
    /// SHA-256 of the Parquet file and of the CSV file.
    pub digests: [Digest; 2],
}

/// Description of the file: columns with types and meanings, and columns left out. `rows` are those written, `logged`
/// the same as the log has them: the vector of a text with pseudonyms or redactions is withheld and not written.
pub(super) fn schema(
    rows: &[MarkedRecord],
    logged: &[MarkedRecord],
    include_text: bool,
    digests: [Digest; 2],
) -> Vec<u8> {
    let is_null = |row: &&MarkedRecord, column: Column| {
        row.record.columns.get(column.name()).is_none_or(Value::is_null)
    };
    let missing = |column: Column| rows.iter().filter(|row| is_null(row, column)).count() as u64;
    let withheld = |column: Column| logged.iter().filter(|row| !is_null(row, column)).count() as u64;
    schema_of(&Described {
        rows: rows.len(),
        include_text,
        is_private: is_private(rows),
        has_redacted: rows.iter().any(MarkedRecord::is_redacted),
        missing: &missing,
        withheld: &withheld,
        digests,
    })
}

/// The schema of such a file; `verify` makes it again of the file itself.
pub(super) fn schema_of(of: &Described<'_>) -> Vec<u8> {
    let proof = match of.is_private {
        true => (
            "record_commitment",
            "salted commitment to record_sha256 (05_methods/hashes.txt); the salt is disclosed by record on order",
        ),
        false => (
            "record_sha256",
            "SHA-256 of the source row, all columns, by the rule in 05_methods/record_hash.txt; of the \
             canonical columns as compact JSON where record_form is old",
        ),
    };
    let own = [
        ("exchange", "SNAPSHOT-SHA-256/FILE#ROW: source of the record; rows are counted from 0"),
        ("evidence", "numbers of the evidence that marks this record"),
        ("tags", "tags of that evidence"),
        proof,
        (
            "record_form",
            "source: EX-0001.source-NN.parquet has the source row; old: copied in format 1, canonical columns only",
        ),
    ];
    let redacted = of.has_redacted.then_some((
        REDACTED_COPY,
        "SHA-256 of the JSON list of this row's texts as they stand here, columns of type string from account_id \
         on, null where there is none; empty for a row that is not redacted",
    ));
    let own = own.into_iter().chain(redacted);
    let mut described: Vec<Value> = own
        .map(|(name, meaning)| json!({"name": name, "type": "string", "from": "Stillhunt", "meaning": meaning}))
        .collect();
    for column in columns(of.include_text, of.is_private) {
        described.push(json!({
            "name": column.name(),
            "type": type_name(column.kind()),
            "from": if of.is_private && NAMED.iter().any(|(named, _)| *named == column) {
                "record, as a keyed pseudonym"
            } else {
                "record"
            },
            "rows_without_value": (of.missing)(column),
        }));
    }
    let left_out: Vec<Column> = TEXT_COLUMNS
        .into_iter()
        .filter(|_| !of.include_text)
        .chain(CONFIRMING.into_iter().filter(|_| of.is_private))
        .collect();
    let counts: serde_json::Map<String, Value> =
        left_out.iter().map(|&column| (column.name().to_owned(), (of.withheld)(column).into())).collect();
    let [parquet, csv] = of.digests;
    pretty(&json!({
        "file": format!("{RECORDS}.parquet"),
        "sha256": parquet,
        "csv": {
            "file": format!("{RECORDS}.csv"),
            "sha256": csv,
            "escaped": "for spreadsheets: a ' stands before = + - @ and tab at the beginning of a text, and a control \
                or invisible character is written as its code, such as ⟨U+202E⟩; the Parquet file has the text unchanged",
        },
        "rows": of.rows,
        "order": "as first marked",
        "columns": described,
        "withheld_columns": left_out.iter().map(|column| column.name()).collect::<Vec<_>>(),
        "rows_with_withheld_value": counts,
        "withheld_values": "08_legal/redaction_log.csv",
    }))
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
pub(super) mod tests;
