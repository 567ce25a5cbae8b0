//! Text whose bytes are not UTF-8: schemas in which text columns are bytes.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::{ConvertedType, Type as PhysicalType};
use parquet::file::metadata::{FileMetaData, ParquetMetaData};
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};

use super::file::File;

/// The fields with another type at the end of a path.
pub(super) fn with_type(fields: &Fields, path: &[String], data_type: &DataType) -> Fields {
    let Some((first, rest)) = path.split_first() else { return fields.clone() };
    fields
        .iter()
        .map(|field| {
            if field.name() != first {
                return Arc::clone(field);
            }
            let new = match field.data_type() {
                _ if rest.is_empty() => data_type.clone(),
                DataType::Struct(children) => DataType::Struct(with_type(children, rest, data_type)),
                other => other.clone(),
            };
            Arc::new(Field::clone(field).with_data_type(new))
        })
        .collect()
}

/// Metadata of the file with bytes in place of text, so that the reader does not check for UTF-8.
/// `None` if the reader refuses.
pub(super) fn as_bytes(file: &File) -> Option<ArrowReaderMetadata> {
    let footer = file.footer()?;
    let metadata = footer.metadata();
    let about = metadata.file_metadata();
    let root = without_annotations(about.schema_descr().root_schema_ptr())?;
    let schema = Arc::new(SchemaDescriptor::new(root));
    let about = FileMetaData::new(
        about.version(),
        about.num_rows(),
        about.created_by().map(str::to_owned),
        about.key_value_metadata().cloned(),
        schema,
        about.column_orders().cloned(),
    );
    let metadata = ParquetMetaData::new(about, metadata.row_groups().to_vec());
    let fields: Fields = file.fields().iter().map(|field| bytes_of(field)).collect();
    let schema = Schema::new_with_metadata(fields, footer.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    ArrowReaderMetadata::try_new(Arc::new(metadata), options).ok()
}

fn without_annotations(node: TypePtr) -> Option<TypePtr> {
    let info = node.get_basic_info();
    let id = info.has_id().then(|| info.id());
    let new = match node.as_ref() {
        Type::PrimitiveType { physical_type: PhysicalType::BYTE_ARRAY, .. }
            if matches!(
                info.converted_type(),
                ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON
            ) || info.logical_type_ref().is_some_and(is_text_annotation) =>
        {
            Type::primitive_type_builder(node.name(), PhysicalType::BYTE_ARRAY)
                .with_repetition(info.repetition())
                .with_id(id)
                .build()
                .ok()?
        }
        Type::PrimitiveType { .. } => return Some(node),
        Type::GroupType { fields, .. } => {
            let fields: Option<Vec<TypePtr>> = fields.iter().cloned().map(without_annotations).collect();
            let mut group = Type::group_type_builder(node.name())
                .with_fields(fields?)
                .with_converted_type(info.converted_type())
                .with_logical_type(info.logical_type_ref().cloned())
                .with_id(id);
            if info.has_repetition() {
                group = group.with_repetition(info.repetition());
            }
            group.build().ok()?
        }
    };
    Some(Arc::new(new))
}

fn is_text_annotation(annotation: &parquet::basic::LogicalType) -> bool {
    use parquet::basic::LogicalType;
    matches!(annotation, LogicalType::String | LogicalType::Enum | LogicalType::Json)
}

/// Field with bytes in place of text. Extension types of text are removed with it.
fn bytes_of(field: &Field) -> Arc<Field> {
    let data_type = type_of_bytes(field.data_type());
    if data_type == *field.data_type() {
        return Arc::new(field.clone());
    }
    let mut metadata = field.metadata().clone();
    metadata.retain(|key, _| !key.starts_with("ARROW:extension:"));
    Arc::new(Field::new(field.name(), data_type, field.is_nullable()).with_metadata(metadata))
}

fn type_of_bytes(data_type: &DataType) -> DataType {
    let item = |item: &Arc<Field>| bytes_of(item);
    match data_type {
        DataType::Utf8 | DataType::Utf8View => DataType::Binary,
        DataType::LargeUtf8 => DataType::LargeBinary,
        DataType::Dictionary(key, value) => DataType::Dictionary(key.clone(), Box::new(type_of_bytes(value))),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(|field| bytes_of(field)).collect()),
        DataType::List(inner) => DataType::List(item(inner)),
        DataType::LargeList(inner) => DataType::LargeList(item(inner)),
        DataType::ListView(inner) => DataType::ListView(item(inner)),
        DataType::LargeListView(inner) => DataType::LargeListView(item(inner)),
        DataType::FixedSizeList(inner, n) => DataType::FixedSizeList(item(inner), *n),
        DataType::Map(entries, sorted) => DataType::Map(item(entries), *sorted),
        other => other.clone(),
    }
}
