//! Records of acceptance of terms from a file that counsel gives: Parquet, JSON Lines or CSV, read as logs are.

use std::path::Path;

use arrow::array::{Array as _, ArrayRef, AsArray as _};
use arrow::datatypes::{Int32Type, Int64Type};

use super::source::locate;
use super::{Column, File, Mapping, SnapshotError};
use crate::model::{AccountId, Micros, Watcher};

/// Column that carries the version of the terms while the file is read; both are short text.
const VERSION: Column = Column::Model;

/// Names of each column, in order of preference.
const ACCOUNTS: [&str; 6] = ["account_id", "account", "user_id", "customer_id", "org_id", "organisation_id"];
const TIMES: [&str; 7] = ["accepted_at", "acceptance_time", "time", "ts", "timestamp", "created_at", "date"];
const ADDRESSES: [&str; 4] = ["address", "ip", "ip_address", "client_address"];
const VERSIONS: [&str; 4] = ["version", "terms_version", "tos_version", "terms"];

/// Columns of a file of acceptance that the user has named; `None` for the usual names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcceptanceColumns {
    /// Column of the account.
    pub account: Option<String>,
    /// Column of the time.
    pub time: Option<String>,
    /// Column of the address.
    pub address: Option<String>,
    /// Column of the version.
    pub version: Option<String>,
}

/// Records of acceptance as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcceptanceRecords {
    /// Rows of the file.
    pub rows: u64,
    /// Rows without an account or a time.
    pub set_aside: u64,
    /// Rows of accounts that are not wanted.
    pub foreign: u64,
    /// Account, time, address and version of each record; empty text where there is none.
    pub records: Vec<(AccountId, Micros, String, String)>,
}

/// Reads the records of wanted accounts, at most `most` of them.
///
/// # Errors
/// A file that cannot be read, one without a column of the account or the time, more records than that, or
/// cancelled.
pub fn read_acceptance(
    path: &Path,
    name: &str,
    columns: &AcceptanceColumns,
    is_wanted: &dyn Fn(&AccountId) -> bool,
    most: usize,
    watcher: &dyn Watcher,
) -> Result<AcceptanceRecords, SnapshotError> {
    let file = File::open(path, name)?;
    let mapping = mapping(&file, columns)?;
    let asked = [Column::AccountId, Column::Ts, Column::Ip, VERSION];
    let reader = file.read(&mapping, &asked, None)?;
    let mut found = AcceptanceRecords::default();
    for batch in reader {
        watcher.check()?;
        let batch = batch?;
        found.rows += batch.rows as u64;
        watcher.step("reading records of acceptance", found.rows, file.rows(), "rows");
        let [accounts, times, addresses, versions] =
            [0, 1, 2, 3].map(|at| batch.columns.get(at).cloned().flatten());
        for row in 0..batch.rows {
            let time = times.as_ref().and_then(|times| {
                let times = times.as_primitive_opt::<Int64Type>()?;
                times.is_valid(row).then(|| times.value(row))
            });
            let Some((account, time)) = text(accounts.as_ref(), row).zip(time) else {
                found.set_aside += 1;
                continue;
            };
            let account = AccountId(account.to_owned());
            if !is_wanted(&account) {
                found.foreign += 1;
                continue;
            }
            if found.records.len() >= most {
                return Err(SnapshotError::TooManyRecords { file: name.to_owned(), most });
            }
            let own = |column: Option<&ArrayRef>| text(column, row).unwrap_or_default().to_owned();
            found.records.push((account, time, own(addresses.as_ref()), own(versions.as_ref())));
        }
    }
    Ok(found)
}

/// Value of a text column; `None` for a missing one.
fn text(column: Option<&ArrayRef>, row: usize) -> Option<&str> {
    let coded = column?.as_dictionary_opt::<Int32Type>()?;
    let values = coded.values().as_string_opt::<i32>()?;
    let key = coded.is_valid(row).then(|| coded.keys().value(row))?;
    let key = usize::try_from(key).ok().filter(|key| *key < values.len() && values.is_valid(*key))?;
    Some(values.value(key))
}

/// Column, the name given for it, its usual names, true if it is required, and its word in errors.
type Wanted<'a> = (Column, &'a Option<String>, &'a [&'a str], bool, &'static str);

/// Mapping of the columns that the file has.
fn mapping(file: &File, columns: &AcceptanceColumns) -> Result<Mapping, SnapshotError> {
    let mut mapping = Mapping { preset: "acceptance".to_owned(), ..Mapping::default() };
    let wanted: [Wanted<'_>; 4] = [
        (Column::AccountId, &columns.account, &ACCOUNTS, true, "account"),
        (Column::Ts, &columns.time, &TIMES, true, "time"),
        (Column::Ip, &columns.address, &ADDRESSES, false, "address"),
        (VERSION, &columns.version, &VERSIONS, false, "version"),
    ];
    for (column, named, usual, is_required, what) in wanted {
        let names: Vec<&str> = named.as_deref().map_or_else(|| usual.to_vec(), |name| vec![name]);
        let mut source = None;
        for name in &names {
            if source.is_none() && locate(file, name)?.is_some() {
                source = Some(*name);
            }
        }
        match source {
            Some(source) => mapping.set(column, source),
            None if is_required || named.is_some() => {
                return Err(SnapshotError::NoAcceptanceColumn {
                    file: file.name().to_owned(),
                    what,
                    names: names.join(", "),
                });
            }
            None => {}
        }
    }
    Ok(mapping)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;

    fn read(text: &[u8], columns: &AcceptanceColumns) -> Result<AcceptanceRecords, SnapshotError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, text).unwrap();
        let is_wanted = |account: &AccountId| account.as_str() != "stranger";
        read_acceptance(&path, "a.csv", columns, &is_wanted, 3, &Silent)
    }

    #[test]
    fn rows_of_accounts_of_the_log_are_kept_and_the_others_are_counted() {
        let text = "account,accepted_at,ip,version\n\
                    a1,2026-01-02T03:04:05Z,10.0.0.1,2026-01\n\
                    ,2026-01-02T03:04:05Z,10.0.0.1,2026-01\n\
                    a2,yesterday,10.0.0.1,2026-01\n\
                    stranger,2026-01-02T03:04:05Z,10.0.0.1,2026-01\n\
                    \"=cmd|'x'!A1\",2026-01-03 00:00:00,,\n";
        let found = read(text.as_bytes(), &AcceptanceColumns::default()).unwrap();
        assert_eq!((found.rows, found.set_aside, found.foreign), (5, 2, 1));
        let one =
            (AccountId("a1".into()), 1_767_323_045_000_000, "10.0.0.1".to_owned(), "2026-01".to_owned());
        assert_eq!(found.records[0], one);
        assert_eq!(found.records[1].0.as_str(), "=cmd|'x'!A1");
        assert_eq!((found.records[1].2.as_str(), found.records[1].3.as_str()), ("", ""));
    }

    #[test]
    fn hostile_bytes_are_read_and_a_file_without_the_columns_is_named() {
        let found = read(
            b"account,time\n\xff\xfe\x00x,2026-01-02 00:00:00\n\xe2\x80\xaeb,2026-01-02 00:00:00\n",
            &AcceptanceColumns::default(),
        );
        assert_eq!(found.unwrap().records.len(), 2);
        let error = read(b"who,when\na,2026-01-02 00:00:00\n", &AcceptanceColumns::default())
            .unwrap_err()
            .to_string();
        assert!(error.contains("account") && error.contains("a.csv"), "{error}");
        let named = AcceptanceColumns {
            account: Some("who".into()),
            time: Some("when".into()),
            ..Default::default()
        };
        assert_eq!(read(b"who,when\na,2026-01-02 00:00:00\n", &named).unwrap().records.len(), 1);
        let many = b"account,time\na,2026-01-01 00:00:00\na,2026-01-02 00:00:00\na,2026-01-03 00:00:00\na,2026-01-04 00:00:00\n";
        assert!(read(many, &AcceptanceColumns::default()).is_err(), "more than the bound");
    }
}
