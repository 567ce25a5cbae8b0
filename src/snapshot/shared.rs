//! Values that rows of a file share: a row without a value takes that of the other rows with the same key,
//! session or trace.
//!
//! Gateways set the user on some calls of a key and forget it on others. With the key itself as the
//! fallback, one caller would become two accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, StringArray};
use siphasher::sip128::SipHasher13;

use super::convert::{Memory, Notes, as_text, convert, type_of};
use super::file::{File, guarded};
use super::missing::is_placeholder;
use super::raw::{Raw, Wanted};
use super::source::{Found, Located, Place};
use super::{Column, SnapshotError, extract};

/// Number of rows decoded at a time.
const BATCH_ROWS: usize = 1_024;

/// Minimum number of keys with several values, all equal, that show that a key has one value.
const MIN_KEYS: usize = 20;

/// Minimum number of keys of a user, on average, that shows that keys are those of traces or sessions.
const MIN_KEYS_OF_USER: usize = 2;

/// Maximum number of files and sources whose shared values are kept.
const MAX_ENTRIES: usize = 256;
/// Maximum number of keys with rows without a value in a file, some 60 bytes each; and of keys that are kept of
/// all files.
const MAX_KEYS: usize = 4_000_000;
/// Fault of the rows without a value of a file that has more.
pub(super) const TOO_MANY_KEYS: &str = "not shared, since a file has more than 4,000,000 keys without one";

/// Path, length and time of change of a file, and the sources in it.
type Key = (PathBuf, u64, Option<SystemTime>, String);

/// Shared values of the files that were read last.
static COMPUTED: Mutex<BTreeMap<Key, Arc<OnceLock<Arc<Shared>>>>> = Mutex::new(BTreeMap::new());

/// Values by the key that shares them, of keys that have rows without a value.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Position of the value, by the hash of the key.
    keys: BTreeMap<u128, u32>,
    values: Vec<String>,
    /// True if the file has too many keys, so that none shares a value.
    is_over: bool,
}

/// Rows of one key.
#[derive(Default)]
struct Rows {
    without: u32,
    with: u32,
    /// Position of the only value so far; `None` before the first one.
    value: Option<u32>,
    /// True if two values were seen.
    differs: bool,
}

/// Hash of a key: keys are ids of any length, and only compared.
fn hash_of(key: &str) -> u128 {
    SipHasher13::new().hash(key.as_bytes()).as_u128()
}

impl Shared {
    /// Shared values of the preferred source of a column, computed once for a file while it is unchanged:
    /// one record read from a file must not cost two passes over it. Concurrent callers wait for the first.
    ///
    /// # Errors
    /// The file is not there.
    pub fn of(
        file: &File,
        column: Column,
        located: &Located,
        by: &Found,
    ) -> Result<Option<Arc<Self>>, SnapshotError> {
        let Some(source) = located.sources.first() else { return Ok(None) };
        let fail = |e| SnapshotError::io(file.path(), e);
        let about = std::fs::metadata(file.path()).map_err(fail)?;
        let path = std::path::absolute(file.path()).map_err(fail)?;
        let kind = format!("{} {:?} {:?} {:?}", file.name(), source, by, located.spec_of(source));
        let key = (path, about.len(), about.modified().ok(), kind);
        let slot = {
            let mut computed = COMPUTED.lock().unwrap_or_else(PoisonError::into_inner);
            let keys: usize = computed.values().filter_map(|kept| kept.get()).map(|own| own.keys.len()).sum();
            if (computed.len() >= MAX_ENTRIES || keys > MAX_KEYS) && !computed.contains_key(&key) {
                computed.clear();
            }
            Arc::clone(computed.entry(key).or_default())
        };
        let shared = slot.get_or_init(|| Arc::new(Self::read(file, column, located, (source, by), MAX_KEYS)));
        Ok(Some(Arc::clone(shared)))
    }

    /// A value is shared where all rows of the key that have one agree, and they are more than those without:
    /// a key of an API may be that of several users. Where keys show that each is of one user and users have several,
    /// as of traces, one row with a value is enough. Not of an API's keys: a caller may send the name of another. Row groups that cannot be read share nothing, and neither does a file with more
    /// than `most` keys.
    fn read(
        file: &File,
        column: Column,
        located: &Located,
        (source, by): (&Found, &Found),
        most: usize,
    ) -> Self {
        let mut rows: BTreeMap<u128, Rows> = BTreeMap::new();
        each_pair(file, column, located, (source, by), |value, key| {
            if value.is_none() && rows.len() <= most {
                rows.entry(hash_of(key)).or_default().without += 1;
            }
        });
        if rows.is_empty() || rows.len() > most {
            return Self { is_over: rows.len() > most, ..Self::default() };
        }
        let (mut values, mut places): (Vec<String>, BTreeMap<String, u32>) = Default::default();
        let mut keys: BTreeSet<u128> = BTreeSet::new();
        each_pair(file, column, located, (source, by), |value, key| {
            let Some(value) = value else { return };
            let key = hash_of(key);
            if keys.len() < most {
                keys.insert(key);
            }
            let place = places.get(value).copied().unwrap_or_else(|| {
                values.push(value.to_owned());
                places.insert(value.to_owned(), values.len() as u32 - 1);
                values.len() as u32 - 1
            });
            if let Some(own) = rows.get_mut(&key) {
                own.with += 1;
                own.differs |= own.value.is_some_and(|first| first != place);
                own.value.get_or_insert(place);
            }
        });
        let several = || rows.values().filter(|rows| rows.with > 1);
        let users_have_several = keys.len() >= MIN_KEYS_OF_USER * values.len();
        let is_of_one = users_have_several
            && several().all(|rows| !rows.differs)
            && (several().count() >= MIN_KEYS || are_traces(&rows, &keys));
        let shared = |(key, rows): (u128, Rows)| {
            let is_sure = is_of_one || rows.with > rows.without;
            let value = rows.value.filter(|_| !rows.differs && is_sure)?;
            Some((key, value))
        };
        Self { keys: rows.into_iter().filter_map(shared).collect(), values, is_over: false }
    }

    /// True if the file has too many keys, so that none shares a value.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Values with the shared one in rows that have none, and the number of these rows.
    ///
    /// # Errors
    /// Arrow cannot read the key as text.
    pub fn filled(&self, values: &ArrayRef, keys: &ArrayRef) -> Result<(ArrayRef, u64), String> {
        if self.keys.is_empty() || values.null_count() == 0 {
            return Ok((Arc::clone(values), 0));
        }
        let keys = as_text(keys)?;
        let own = arrow_cast::cast(values, &arrow_schema::DataType::Utf8).map_err(|e| e.to_string())?;
        let mut filled = 0;
        let text = |(i, text): (usize, Option<&str>)| {
            text.map(str::to_owned).or_else(|| {
                let place = keys.is_valid(i).then(|| self.keys.get(&hash_of(keys.value(i)))).flatten();
                let shared = place.and_then(|&place| self.values.get(place as usize).cloned());
                filled += u64::from(shared.is_some());
                shared
            })
        };
        let texts: StringArray = own.as_string::<i32>().iter().enumerate().map(text).collect();
        let to = type_of(Column::AccountId.kind(), None);
        Ok((arrow_cast::cast(&texts, &to).map_err(|e| e.to_string())?, filled))
    }
}

/// True for keys nearly all of which have a value, in one row: that of the first call of a trace. Of an API's keys
/// all rows would have one, or few keys.
fn are_traces(rows: &BTreeMap<u128, Rows>, keys: &BTreeSet<u128>) -> bool {
    let lacking = rows.keys().filter(|key| !keys.contains(key)).count();
    let with_one = rows.values().filter(|rows| rows.with == 1).count();
    let with = rows.values().filter(|rows| rows.with > 0).count();
    with_one >= MIN_KEYS && 10 * with_one >= 9 * with && 10 * keys.len() >= 9 * (keys.len() + lacking)
}

/// Calls `visit` with the value and the key of each row that has a key.
fn each_pair(
    file: &File,
    column: Column,
    located: &Located,
    (source, by): (&Found, &Found),
    mut visit: impl FnMut(Option<&str>, &str),
) {
    let raw = Raw::of(file, [source, by].into_iter(), Clone::clone);
    for group in 0..file.row_groups().len() {
        let wanted = Wanted { groups: vec![group], selection: None, batch_rows: BATCH_ROWS, as_bytes: true };
        let Ok(reader) = raw.open(file, wanted) else { continue };
        let _ = guarded(file.name(), Some(group), || {
            for batch in reader {
                let batch = batch?;
                let array = |found: &Found| match &found.place {
                    Place::Rows(path) => extract::array(&batch, path, extract::Rendered::Never),
                    Place::Items(items) => extract::list_of_columns(&batch, items),
                    Place::Whole(value) => {
                        let texts: StringArray = (0..batch.num_rows()).map(|_| value.as_deref()).collect();
                        Some(Arc::new(texts) as ArrayRef)
                    }
                };
                let (Some(values), Some(keys)) = (array(source), array(by)) else { break };
                let (mut memory, mut notes) = (Memory::default(), Notes::default());
                let values = convert(column, &located.spec_of(source), &values, &mut memory, &mut notes)?;
                let values = values.as_dictionary::<Int32Type>();
                let texts = values.values().as_string::<i32>();
                let keys = as_text(&keys)?;
                for (i, key) in keys.iter().enumerate() {
                    if let Some(key) = key.filter(|key| !is_placeholder(key)) {
                        visit(values.key(i).map(|at| texts.value(at)), key);
                    }
                }
            }
            Ok(())
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::{texts, times, write_groups};
    use crate::snapshot::source::find;
    use crate::snapshot::{Mapping, read};

    #[test]
    fn a_row_without_a_user_is_of_the_only_user_of_its_key() {
        let dir = tempfile::tempdir().unwrap();
        let users = ["a", "", "a", "b", "c", "", "None", "d", "", ""];
        let keys = ["k1", "k1", "k1", "k2", "k2", "k2", "k3", "k4", "k4", "k4"];
        let columns = vec![("ts", times(10)), ("user", texts(&users)), ("key", texts(&keys))];
        let path = write_groups(&dir.path().join("f"), columns, 4);
        let mapping = "ts = \"ts\"\naccount_id = { column = [\"user\", \"key\"], shared_by = \"key\" }";
        let mapping = Mapping::from_toml(mapping).unwrap();
        let mut reader = read(&path, "f", &mapping, &[Column::AccountId], None).unwrap();
        let mut accounts = Vec::new();
        for batch in reader.by_ref() {
            let batch = batch.unwrap();
            let own = arrow_cast::cast(batch.columns[0].as_ref().unwrap(), &arrow_schema::DataType::Utf8);
            accounts.extend(own.unwrap().as_string::<i32>().iter().map(|text| text.unwrap().to_owned()));
        }
        // k2 has two users, k3 none, and of k4 more rows lack the user than have it.
        assert_eq!(accounts, ["a", "a", "a", "b", "c", "k2", "k3", "d", "k4", "k4"]);
        let fallback = &reader.tally().columns[&Column::AccountId].fallback;
        assert_eq!(fallback.get("user of the same key"), Some(&1));
        assert_eq!(fallback.get("key"), Some(&4));
    }

    #[test]
    fn one_row_is_enough_where_no_key_has_two_values() {
        // Two of three rows of each key have the user, and one of three of the last.
        let of = |keys: usize, is_shared: bool, users: usize| {
            let user = |i: usize| match (i / 3, i % 3) {
                (key, place) if key == keys => {
                    if place == 0 {
                        "last".to_owned()
                    } else {
                        String::new()
                    }
                }
                (_, 0) => String::new(),
                (0, 1) if is_shared => "another".to_owned(),
                (key, _) => format!("u{}", key % users),
            };
            let users: Vec<String> = (0..3 * keys + 3).map(user).collect();
            let keys: Vec<String> = (0..users.len()).map(|i| format!("k{}", i / 3)).collect();
            let as_texts = |all: &[String]| texts(&all.iter().map(String::as_str).collect::<Vec<_>>());
            let dir = tempfile::tempdir().unwrap();
            let columns =
                vec![("ts", times(users.len())), ("user", as_texts(&users)), ("key", as_texts(&keys))];
            let path = write_groups(&dir.path().join("f"), columns, 16);
            let mapping = "ts = \"ts\"\naccount_id = { column = \"user\", shared_by = \"key\" }";
            let mapping = Mapping::from_toml(mapping).unwrap();
            let mut reader = read(&path, "f", &mapping, &[Column::AccountId], None).unwrap();
            reader.by_ref().for_each(|batch| drop(batch.unwrap()));
            reader.tally().columns[&Column::AccountId].fallback.get("user of the same key").copied()
        };
        assert_eq!(of(MIN_KEYS, false, 5), Some(MIN_KEYS as u64 + 2), "traces of one user each");
        assert_eq!(of(MIN_KEYS - 1, false, 5), Some(MIN_KEYS as u64 - 1), "too few keys to tell");
        assert_eq!(of(MIN_KEYS, true, 5), Some(MIN_KEYS as u64 - 1), "a key of two users");
        assert_eq!(of(MIN_KEYS, false, MIN_KEYS), Some(MIN_KEYS as u64), "keys of an API");
    }

    /// Accounts of rows that each have a user, or none, and a key.
    fn accounts_of(rows: &[(String, String)]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let of = |part: fn(&(String, String)) -> &str| texts(&rows.iter().map(part).collect::<Vec<_>>());
        let columns = vec![("ts", times(rows.len())), ("user", of(|row| &row.0)), ("key", of(|row| &row.1))];
        let path = write_groups(&dir.path().join("f"), columns, 64);
        let mapping = "ts = \"ts\"\naccount_id = { column = [\"user\", \"key\"], shared_by = \"key\" }";
        let mapping = Mapping::from_toml(mapping).unwrap();
        let mut accounts = Vec::new();
        for batch in read(&path, "f", &mapping, &[Column::AccountId], None).unwrap() {
            let batch = batch.unwrap();
            let own = arrow_cast::cast(batch.columns[0].as_ref().unwrap(), &arrow_schema::DataType::Utf8);
            accounts.extend(own.unwrap().as_string::<i32>().iter().map(|text| text.unwrap().to_owned()));
        }
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }

    #[test]
    fn the_first_row_of_a_trace_gives_its_user_to_the_others() {
        let row = |user: &str, key: String| (user.to_owned(), key);
        let trace = |i: usize| [row(&format!("u{}", i % 5), format!("t{i}")), row("", format!("t{i}"))];
        let traces: Vec<_> = (0..40).flat_map(trace).collect();
        assert_eq!(accounts_of(&traces), ["u0", "u1", "u2", "u3", "u4"]);
        // Keys of an API, of which one caller sends the name of another once from each of his keys.
        let usual = (0..40).map(|i| row("", format!("k{i}")));
        let forged = (0..30).flat_map(|i| [row("victim", format!("x{i}")), row("", format!("x{i}"))]);
        let accounts = accounts_of(&usual.chain(forged).collect::<Vec<_>>());
        assert!(accounts.contains(&"x3".to_owned()) && accounts.contains(&"k3".to_owned()), "{accounts:?}");
    }

    #[test]
    fn too_many_keys_share_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (users, keys) = (["a", "a", "", "b", "b", ""], ["k1", "k1", "k1", "k2", "k2", "k2"]);
        let columns = vec![("ts", times(6)), ("user", texts(&users)), ("key", texts(&keys))];
        let path = write_groups(&dir.path().join("f"), columns, 6);
        let file = File::open(&path, "f").unwrap();
        let mapping = "account_id = { column = \"user\", shared_by = \"key\" }";
        let mapping = Mapping::from_toml(mapping).unwrap();
        let located = find(&file, &mapping, &[Column::AccountId]).unwrap().pop().unwrap().unwrap();
        let by = located.shared_by.clone().unwrap();
        let of = |most| Shared::read(&file, Column::AccountId, &located, (&located.sources[0], &by), most);
        assert_eq!((of(2).keys.len(), of(2).is_over()), (2, false));
        assert_eq!((of(1).keys.len(), of(1).is_over()), (0, true));
    }
}
