//! Values of several columns as one: ids of users that repeat from tenant to tenant.

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;

use super::Column;
use super::convert::type_of;
use super::source::Located;

/// Values of the sources of a column as one, `tenant/user`; missing where one of them is.
///
/// # Errors
/// Arrow cannot read a source as text.
pub(super) fn together(column: Column, located: &Located, arrays: &[ArrayRef]) -> Result<ArrayRef, String> {
    let to_text = |array: &ArrayRef| cast(array, &DataType::Utf8).map_err(|error| error.to_string());
    let texts = arrays.iter().map(to_text).collect::<Result<Vec<_>, _>>()?;
    let texts: Vec<&StringArray> = texts.iter().map(|texts| texts.as_string::<i32>()).collect();
    // A name may have two readings in a file.
    let named: Vec<_> = located.sources.iter().map(|found| found.name.as_str()).zip(texts).collect();
    let parts: Vec<_> = named.chunk_by(|a, b| a.0 == b.0).collect();
    let rows = arrays.first().map_or(0, |array| array.len());
    let value = |i: usize| {
        let part = |part: &&[(&str, &StringArray)]| {
            part.iter().find(|(_, texts)| texts.is_valid(i)).map(|(_, texts)| texts.value(i).to_owned())
        };
        Some(as_one(&parts.iter().map(part).collect::<Option<Vec<String>>>()?))
    };
    let values: StringArray = (0..rows).map(value).collect();
    cast(&values, &type_of(column.kind(), None)).map_err(|error| error.to_string())
}

/// Parts with slashes between. A slash in another part than the last has a backslash before it, so that no two lists
/// of parts are one value.
fn as_one(parts: &[String]) -> String {
    let Some((last, first)) = parts.split_last() else { return String::new() };
    let escaped = first.iter().map(|part| part.replace('\\', "\\\\").replace('/', "\\/") + "/");
    escaped.collect::<String>() + last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::{texts, times, write};
    use crate::snapshot::{Mapping, read};

    #[test]
    fn users_of_tenants_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let columns = vec![
            ("ts", times(6)),
            ("tenant", texts(&["t1", "t2", "t1", "", "t1/u", "t1"])),
            ("user", texts(&["u", "u", "", "u", "x", "u/x"])),
        ];
        let path = write(&dir.path().join("f.parquet"), columns);
        let mapping = "ts = \"ts\"\naccount_id = { column = [\"tenant\", \"user\"], together = true }";
        let mapping = Mapping::from_toml(mapping).unwrap();
        assert_eq!(Mapping::from_toml(&mapping.to_toml()).unwrap(), mapping);
        let batch = read(&path, "f", &mapping, &[Column::AccountId], None).unwrap().next().unwrap().unwrap();
        let accounts = cast(batch.columns[0].as_ref().unwrap(), &DataType::Utf8).unwrap();
        let accounts: Vec<Option<&str>> = accounts.as_string::<i32>().iter().collect();
        let expected = [Some("t1/u"), Some("t2/u"), None, None, Some("t1\\/u/x"), Some("t1/u/x")];
        assert_eq!(accounts, expected);
        assert!(Mapping::from_toml("account_id = { column = \"user\", together = true }").is_err());
    }
}
