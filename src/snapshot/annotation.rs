//! Annotations of text in Parquet schemas: checked, or removed.
//!
//! The Parquet reader checks bytes to be UTF-8 in columns annotated as UTF8 alone, but it also makes
//! text of columns annotated as JSON, and of plain bytes where the schema that the writing program left
//! in the footer (`ARROW:schema`) says so. Text that is not UTF-8 is undefined behaviour, and both are
//! the choice of the file's writer. Every reader of a file therefore starts from metadata made here;
//! `tests/architecture` checks this.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Schema};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use parquet::file::metadata::{
    FileMetaData, PageIndexPolicy, ParquetMetaData, ParquetMetaDataBuilder, ParquetMetaDataReader,
};
use parquet::schema::types::{SchemaDescriptor, Type};

/// Footer of an open file, with the page index if the policy asks for it.
///
/// # Errors
/// The footer or the index cannot be read; in words.
pub(super) fn footer(file: &std::fs::File, index: PageIndexPolicy) -> Result<Arc<ParquetMetaData>, String> {
    let reader = ParquetMetaDataReader::new().with_page_index_policy(index);
    reader.parse_and_finish(file).map(Arc::new).map_err(|e| e.to_string())
}

/// Keys of the metadata that a file has beside its columns; `None` for a file whose footer cannot be read, or without any.
pub(crate) fn keys(file: &std::fs::File) -> Option<Vec<String>> {
    let footer = footer(file, PageIndexPolicy::Skip).ok()?;
    let pairs = footer.file_metadata().key_value_metadata()?;
    Some(pairs.iter().map(|pair| pair.key.clone()).collect())
}

/// Metadata under which text is checked to be UTF-8: JSON is read as any other text, and bytes stay bytes
/// despite a hint in the footer.
///
/// # Errors
/// Arrow has no equivalent of the schema; in words.
pub(super) fn checked(footer: &Arc<ParquetMetaData>) -> Result<ArrowReaderMetadata, String> {
    let footer =
        relabelled(footer, &|leaf| is_json(leaf).then(|| labelled(leaf, Some(LogicalType::String))))?;
    let hinted = of(&footer, ArrowReaderOptions::new())?;
    let schema = hinted.parquet_schema();
    let mut leaf = 0;
    let fields = with_bytes(hinted.schema().fields(), &mut || {
        leaf += 1;
        leaf > schema.num_columns() || schema.column(leaf - 1).converted_type() != ConvertedType::UTF8
    });
    if leaf == schema.num_columns() {
        if fields == *hinted.schema().fields() {
            return Ok(hinted);
        }
        if let Some(metadata) = retyped(&hinted, fields) {
            return Ok(metadata);
        }
    }
    of(&footer, without_hints())
}

/// The same metadata with bytes in place of text, so that a value that is not UTF-8 can be read. `None` if
/// the reader refuses.
pub(super) fn as_bytes(metadata: &ArrowReaderMetadata) -> Option<ArrowReaderMetadata> {
    let footer = relabelled(metadata.metadata(), &|leaf| is_text(leaf).then(|| labelled(leaf, None))).ok()?;
    let fields = with_bytes(metadata.schema().fields(), &mut || true);
    let schema = Schema::new_with_metadata(fields, metadata.schema().metadata().clone());
    of(&footer, ArrowReaderOptions::new().with_schema(Arc::new(schema))).ok()
}

/// Schema of a footer by its Parquet types alone, and metadata under which its text is bytes; so are its
/// INTERVALs, of which Arrow would drop the months.
///
/// # Errors
/// Arrow has no equivalent of the schema; in words.
pub(super) fn plain(footer: &Arc<ParquetMetaData>) -> Result<(Arc<Schema>, ArrowReaderMetadata), String> {
    let schema = Arc::clone(of(footer, without_hints())?.schema());
    let is_interval = |leaf: &Type| leaf.get_basic_info().converted_type() == ConvertedType::INTERVAL;
    let bytes = |leaf: &Type| (is_text(leaf) || is_interval(leaf)).then(|| labelled(leaf, None));
    Ok((schema, of(&relabelled(footer, &bytes)?, without_hints())?))
}

/// Metadata with a schema of other types; `None` if the reader refuses them.
pub(super) fn retyped(metadata: &ArrowReaderMetadata, fields: Fields) -> Option<ArrowReaderMetadata> {
    let schema = Schema::new_with_metadata(fields, metadata.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    catch_unwind(AssertUnwindSafe(|| of(metadata.metadata(), options).ok())).ok().flatten()
}

fn of(footer: &Arc<ParquetMetaData>, options: ArrowReaderOptions) -> Result<ArrowReaderMetadata, String> {
    ArrowReaderMetadata::try_new(Arc::clone(footer), options).map_err(|e| e.to_string())
}

fn without_hints() -> ArrowReaderOptions {
    ArrowReaderOptions::new().with_skip_arrow_metadata(true)
}

/// Leaf in place of another; `None` if it stays.
type NewLeaf<'a> = &'a dyn Fn(&Type) -> Option<Result<Type, String>>;

/// Footer with other leaves in its schema.
fn relabelled(footer: &Arc<ParquetMetaData>, leaf: NewLeaf<'_>) -> Result<Arc<ParquetMetaData>, String> {
    let about = footer.file_metadata();
    let root = about.schema();
    let new = with_leaves(root, leaf)?;
    if new == *root {
        return Ok(Arc::clone(footer));
    }
    let about = FileMetaData::new(
        about.version(),
        about.num_rows(),
        about.created_by().map(str::to_owned),
        about.key_value_metadata().cloned(),
        Arc::new(SchemaDescriptor::new(Arc::new(new))),
        about.column_orders().cloned(),
    );
    let footer = ParquetMetaDataBuilder::new(about)
        .set_row_groups(footer.row_groups().to_vec())
        .set_page_index(footer.page_index().cloned());
    Ok(Arc::new(footer.build()))
}

fn with_leaves(node: &Type, leaf: NewLeaf<'_>) -> Result<Type, String> {
    let mut new = node.clone();
    match &mut new {
        Type::GroupType { fields, .. } => {
            for field in fields {
                *field = Arc::new(with_leaves(field, leaf)?);
            }
        }
        Type::PrimitiveType { .. } => {
            if let Some(replaced) = leaf(node) {
                return replaced;
            }
        }
    }
    Ok(new)
}

/// Leaf with one annotation, or with none.
fn labelled(leaf: &Type, annotation: Option<LogicalType>) -> Result<Type, String> {
    let about = leaf.get_basic_info();
    let length = match leaf {
        Type::PrimitiveType { type_length, .. } => *type_length,
        Type::GroupType { .. } => 0,
    };
    Type::primitive_type_builder(about.name(), leaf.get_physical_type())
        .with_repetition(about.repetition())
        .with_length(length)
        .with_id(about.has_id().then(|| about.id()))
        .with_logical_type(annotation)
        .build()
        .map_err(|e| e.to_string())
}

fn is_text(leaf: &Type) -> bool {
    let about = leaf.get_basic_info();
    leaf.get_physical_type() == Physical::BYTE_ARRAY
        && (matches!(
            about.logical_type_ref(),
            Some(LogicalType::String | LogicalType::Enum | LogicalType::Json)
        ) || matches!(
            about.converted_type(),
            ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON
        ))
}

fn is_json(leaf: &Type) -> bool {
    let about = leaf.get_basic_info();
    leaf.get_physical_type() == Physical::BYTE_ARRAY
        && (about.logical_type_ref() == Some(&LogicalType::Json)
            || about.converted_type() == ConvertedType::JSON)
}

/// The fields with bytes in place of text at the leaves for which `is_bytes` says so; it is asked once for
/// each leaf, in order.
fn with_bytes(fields: &Fields, is_bytes: &mut dyn FnMut() -> bool) -> Fields {
    fields.iter().map(|field| field_with_bytes(field, is_bytes)).collect()
}

/// Field with bytes in place of text. Extension types of text are removed with it.
fn field_with_bytes(field: &Field, is_bytes: &mut dyn FnMut() -> bool) -> Arc<Field> {
    let data_type = type_with_bytes(field.data_type(), is_bytes);
    if data_type == *field.data_type() {
        return Arc::new(field.clone());
    }
    let mut metadata = field.metadata().clone();
    metadata.retain(|key, _| !key.starts_with("ARROW:extension:"));
    Arc::new(Field::new(field.name(), data_type, field.is_nullable()).with_metadata(metadata))
}

fn type_with_bytes(data_type: &DataType, is_bytes: &mut dyn FnMut() -> bool) -> DataType {
    match data_type {
        DataType::Struct(fields) => DataType::Struct(with_bytes(fields, is_bytes)),
        DataType::List(inner) => DataType::List(field_with_bytes(inner, is_bytes)),
        DataType::LargeList(inner) => DataType::LargeList(field_with_bytes(inner, is_bytes)),
        DataType::ListView(inner) => DataType::ListView(field_with_bytes(inner, is_bytes)),
        DataType::LargeListView(inner) => DataType::LargeListView(field_with_bytes(inner, is_bytes)),
        DataType::FixedSizeList(inner, n) => DataType::FixedSizeList(field_with_bytes(inner, is_bytes), *n),
        DataType::Map(entries, sorted) => DataType::Map(field_with_bytes(entries, is_bytes), *sorted),
        leaf if is_bytes() => bytes_of(leaf),
        leaf => leaf.clone(),
    }
}

fn bytes_of(leaf: &DataType) -> DataType {
    match leaf {
        DataType::Utf8 | DataType::Utf8View => DataType::Binary,
        DataType::LargeUtf8 => DataType::LargeBinary,
        DataType::Dictionary(key, value) => DataType::Dictionary(key.clone(), Box::new(bytes_of(value))),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
