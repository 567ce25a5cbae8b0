//! Records of acceptance of terms from a file that counsel gives: Parquet, JSON Lines or CSV, read as logs are.

use std::path::Path;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array as _, ArrayRef};
use arrow_schema::DataType;

use super::clock::Clock;
use super::source::locate;
use super::{Column, File, Mapping, Origin, SnapshotError};
use crate::model::{AccountId, Micros, Watcher};

/// Column that carries the version of the terms while the file is read; both are short text.
const VERSION: Column = Column::Model;
/// Column that carries the account: a file is read without the rules on accounts, which leave out rows without a time.
const ACCOUNT: Column = Column::OrgId;
/// Column that carries the beginning of a day while the file is read: as a time it may be a bare date.
const DAY: Column = Column::AccountCreatedAt;

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
    /// Zone of times that carry none and of dates without a time of day; `None` for UTC.
    pub zone: Option<String>,
}

/// One record of acceptance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AcceptanceRecord {
    /// The account.
    pub account: AccountId,
    /// Time, microseconds UTC; the beginning of the day where the record has a date alone.
    pub time: Micros,
    /// End of that day; `None` where the record has a time of day.
    pub day_end: Option<Micros>,
    /// Address; empty for none.
    pub address: String,
    /// Version; empty for none.
    pub version: String,
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
    /// The records.
    pub records: Vec<AcceptanceRecord>,
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
    let clock = columns.zone.as_deref().and_then(Clock::parse).unwrap_or_else(Clock::utc);
    // A column of dates alone cannot be read as times.
    let asked = [Some(ACCOUNT), mapping.source(Column::Ts).map(|_| Column::Ts), Some(DAY)];
    let asked: Vec<Column> = asked.into_iter().flatten().chain([Column::Ip, VERSION]).collect();
    let reader = file.read(&mapping, &asked, None)?;
    let mut found = AcceptanceRecords::default();
    for batch in reader {
        watcher.check()?;
        let batch = batch?;
        found.rows += batch.rows as u64;
        watcher.step("reading records of acceptance", found.rows, file.rows(), "rows");
        let column = |column: Column| {
            let at = asked.iter().position(|own| *own == column)?;
            batch.columns.get(at).cloned().flatten()
        };
        let [accounts, times, days] = [ACCOUNT, Column::Ts, DAY].map(column);
        let [addresses, versions] = [Column::Ip, VERSION].map(column);
        for row in 0..batch.rows {
            let day = || moment(days.as_ref(), row).and_then(|day| Some((day, Some(clock.next_day(day)?))));
            let time = moment(times.as_ref(), row).map(|time| (time, None)).or_else(day);
            let Some((account, (time, day_end))) = text(accounts.as_ref(), row).zip(time) else {
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
            let (address, version) = (own(addresses.as_ref()), own(versions.as_ref()));
            found.records.push(AcceptanceRecord { account, time, day_end, address, version });
        }
    }
    Ok(found)
}

/// Value of a column of times; `None` for a missing one.
fn moment(column: Option<&ArrayRef>, row: usize) -> Option<Micros> {
    let times = column?.as_primitive_opt::<Int64Type>()?;
    times.is_valid(row).then(|| times.value(row))
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
        (ACCOUNT, &columns.account, &ACCOUNTS, true, "account"),
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
            Some(source) if column == Column::Ts => set_times(&mut mapping, file, source, &columns.zone)?,
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

/// Maps the column of times twice: as times, and as days for what has no time of day.
fn set_times(
    mapping: &mut Mapping,
    file: &File,
    source: &str,
    zone: &Option<String>,
) -> Result<(), SnapshotError> {
    let found = locate(file, source)?;
    let is_date = found.is_some_and(|own| matches!(own.data_type, DataType::Date32 | DataType::Date64));
    let origin = Origin { zone: zone.clone(), ..Origin::of(source) };
    for column in [Column::Ts, DAY].into_iter().filter(|column| !is_date || *column == DAY) {
        mapping.columns.insert(column.name().to_owned(), origin.clone());
    }
    Ok(())
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
        let one = AcceptanceRecord {
            account: "a1".into(),
            time: 1_767_323_045_000_000,
            day_end: None,
            address: "10.0.0.1".into(),
            version: "2026-01".into(),
        };
        assert_eq!(found.records[0], one);
        assert_eq!(found.records[1].account.as_str(), "=cmd|'x'!A1");
        assert_eq!((found.records[1].address.as_str(), found.records[1].version.as_str()), ("", ""));
    }

    #[test]
    fn a_date_without_a_time_of_day_is_the_whole_day_in_the_zone_given() {
        const HOUR: i64 = 3_600_000_000;
        let text = b"account,date\na1,2026-03-29\na2,2026-03-29 12:00:00\na3,2026-03-29T12:00:00Z\n";
        let spans = |zone: Option<&str>| -> Vec<(i64, Option<i64>)> {
            let columns = AcceptanceColumns { zone: zone.map(str::to_owned), ..Default::default() };
            let found = read(text, &columns).unwrap();
            assert_eq!((found.records.len(), found.set_aside), (3, 0));
            found.records.into_iter().map(|own| (own.time, own.day_end)).collect()
        };
        let day = 1_774_742_400_000_000;
        let noon = day + 12 * HOUR;
        assert_eq!(spans(None), [(day, Some(day + 24 * HOUR)), (noon, None), (noon, None)]);
        // The clocks went forward on this day: it begins an hour before that of UTC and has 23 hours.
        let berlin = [(day - HOUR, Some(day + 22 * HOUR)), (noon - 2 * HOUR, None), (noon, None)];
        assert_eq!(spans(Some("Europe/Berlin")), berlin);
        let nowhere = AcceptanceColumns { zone: Some("Nowhere".into()), ..Default::default() };
        assert!(read(text, &nowhere).unwrap_err().to_string().contains("Nowhere"));
    }

    #[test]
    fn a_column_of_dates_is_read_as_days() {
        use std::sync::Arc;

        use arrow_array::{Date32Array, RecordBatch, StringArray};

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let columns: [(&str, ArrayRef); 2] = [
            ("account", Arc::new(StringArray::from(vec!["a", "b"]))),
            ("date", Arc::new(Date32Array::from(vec![Some(20_541), None]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let found = read_acceptance(&path, "a.parquet", &AcceptanceColumns::default(), &|_| true, 9, &Silent)
            .unwrap();
        let day = 20_541 * 86_400_000_000;
        assert_eq!((found.records.len(), found.set_aside), (1, 1));
        assert_eq!((found.records[0].time, found.records[0].day_end), (day, Some(day + 86_400_000_000)));
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
