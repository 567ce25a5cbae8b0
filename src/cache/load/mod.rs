//! Building of a cache from sealed snapshots: read, remove duplicates, number, sort, write.
//!
//! The bytes of the cache depend on the snapshots and their mappings alone: not on the order of
//! import, on threads or on time. Snapshots are only read. A cache is written beside the old one and
//! renamed over it when it is complete and synced, so that no incomplete cache has its name.

mod attributes;
mod block;
mod columns;
mod dictionary;
mod duplicates;
mod first;
mod inputs;
mod names;
mod one_exchange;
mod read;
mod repeated;
mod request_id;
mod runs;
mod signup;
mod sorted;
mod write;

use std::path::Path;

use super::CacheError;
use crate::model::{Digest, MemoryBudget, Watcher};
use crate::snapshot::Sources;

use names::Names;

/// Builds the cache of these snapshots at `cache_path`, replacing an older one, in about `memory`
/// bytes; the excess is kept in an unnamed file beside the cache. Not counted in the budget are the
/// distinct values of the attributes and, for an account of more than 262,144 exchanges, about 200
/// bytes per exchange.
///
/// # Errors
/// A snapshot cannot be read, there are more rows than can be numbered, rights or disk space are
/// missing, or the work was cancelled. An older cache is then unchanged.
pub fn load(
    cache_path: &Path,
    sources: &Sources,
    memory: MemoryBudget,
    watcher: &dyn Watcher,
) -> Result<(), CacheError> {
    let inputs = inputs::inputs(sources)?;
    let present = inputs::present(&inputs)?;
    let tasks = inputs::tasks(&inputs);
    let fingerprint = fingerprint_of(sources);
    let names = Names::keyed(&fingerprint);
    // The other half is for tasks and partitions in progress.
    let share = memory.bytes() / 2;
    let first = first::read(&inputs, &tasks, &names, share, watcher)?;
    watcher.check()?;
    let folder = cache_path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut second = read::read(&tasks, &first, &names, (folder, share), watcher)?;
    for (snapshot, rows) in &first.alike {
        second.tallies.entry(*snapshot).or_default().alike = *rows;
    }
    watcher.check()?;
    let derived = attributes::Derived::new(&second.names, &second.dates);
    let content = write::Content {
        fingerprint,
        inputs: &inputs,
        present: &present,
        first: &first,
        second: &second,
        derived: &derived,
    };
    write::write(cache_path, &content, watcher)?;
    // Another thread frees the millions of texts.
    rayon::spawn(move || drop((first, second, derived)));
    Ok(())
}

/// Fingerprint of the sources of a cache: SHA-256 over the format's version and each snapshot's
/// SHA-256 and mapping, in order of the former. A cache with another
/// [fingerprint](super::Cache::fingerprint) is out of date.
pub fn fingerprint_of(sources: &Sources) -> Digest {
    let mut snapshots: Vec<_> = sources.snapshots.iter().collect();
    snapshots.sort_by_key(|snapshot| snapshot.sha256);
    snapshots.dedup_by_key(|snapshot| snapshot.sha256);
    let mut text = format!("stillhunt cache {}\n", super::schema::FORMAT_VERSION);
    for snapshot in snapshots {
        // Debug quotes names, so that one name cannot imitate two.
        text += &format!("{} {:?}\n", snapshot.sha256, snapshot.mapping);
    }
    Digest::of(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{Row, cache, dump, row, snapshot};
    use crate::cache::{Cache, Counts, RowId};
    use crate::model::{AccountId, AttributeKind, ExchangeRef, Silent};

    fn many(account: &str, from: i64, rows: usize) -> Vec<Row> {
        (0..rows as i64)
            .map(|i| Row {
                ip: Some(format!("10.0.{}.{}", i % 3, (from + i) % 5)),
                payment: Some(format!("pf_{}", from % 2)),
                tokens: Some(i - 1),
                created: Some(1_000 * from),
                ..row(account, (from + i) * 977 % 1_009)
            })
            .collect()
    }

    #[test]
    fn neither_order_nor_threads_nor_memory_change_a_single_cell() {
        let folder = tempfile::tempdir().unwrap();
        let one = snapshot(
            &folder.path().join("1"),
            &[("b.parquet", many("zoe", 4, 40)), ("a.parquet", many("bob", 1, 30))],
        );
        let two = snapshot(&folder.path().join("2"), &[("c.parquet", many("amy", 3, 50))]);
        let dumped = |snapshots: Vec<_>, threads, memory| {
            let path = folder.path().join("cache.sqlite");
            let sources = Sources { case_dir: folder.path().to_owned(), snapshots };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| load(&path, &sources, memory, &Silent)).unwrap();
            let dumped = dump(&path);
            std::fs::remove_file(path).unwrap();
            dumped
        };
        let expected = dumped(vec![one.clone(), two.clone()], 1, MemoryBudget::MIN);
        assert!(expected.contains("zoe"));
        let mut turned = one.clone();
        turned.files.reverse();
        for threads in [1, 2] {
            // So little that names are gone through in rounds and every run goes to disk.
            for memory in [MemoryBudget::MIN, MemoryBudget::tiny()] {
                assert_eq!(dumped(vec![two.clone(), turned.clone()], threads, memory), expected);
            }
        }
    }

    #[test]
    fn overlapping_snapshots_count_once_and_both_names_lead_to_the_row() {
        let folder = tempfile::tempdir().unwrap();
        let named = |request, ts| Row { request: Some(request), ..row("amy", ts) };
        let one = snapshot(
            &folder.path().join("1"),
            &[("a.parquet", vec![named("r1", 10), named("r2", 20), row("amy", 30), row("amy", 30)])],
        );
        let two = snapshot(
            &folder.path().join("2"),
            &[("b.parquet", vec![row("amy", 30), named("r2", 20), named("r3", 5)])],
        );
        let (cache, _) = cache(folder.path(), vec![one.clone(), two.clone()]);
        assert_eq!(cache.counts(), Counts { raw: 7, distinct: 5 });
        assert_eq!(cache.hot().ts, [5, 10, 20, 30, 30]);
        let row_of = |snapshot: &crate::snapshot::Snapshot, file: &str, row| {
            let exchange = ExchangeRef { snapshot: snapshot.sha256, file: file.into(), row };
            cache.row_of(&exchange).unwrap()
        };
        assert_eq!(row_of(&one, "a.parquet", 1), Some(2));
        assert_eq!(row_of(&two, "b.parquet", 1), Some(2));
        assert_eq!(row_of(&two, "b.parquet", 9), None);
        assert_eq!(row_of(&two, "x.parquet", 0), None);
        for row in 0..5 as RowId {
            assert_eq!(cache.row_of(&cache.exchange_ref(row).unwrap()).unwrap(), Some(row));
        }
    }

    fn distinct(snapshots: Vec<crate::snapshot::Snapshot>, folder: &Path) -> (Cache, Counts) {
        let (cache, _) = cache(folder, snapshots);
        let counts = cache.counts();
        (cache, counts)
    }

    #[test]
    fn rows_of_files_that_overlap_count_once() {
        let folder = tempfile::tempdir().unwrap();
        let asked = |ts, prompt: &str| Row { prompt: Some(prompt.into()), ..row("amy", ts) };
        let named = |ts| Row { request: Some("r"), ..asked(ts, "x") };
        // Equal calls of one moment in one file stay two; one id of several exchanges joins none.
        let rows = || vec![asked(11, "a"), asked(11, "a"), asked(12, "b"), named(13), named(14)];
        let mut other = rows();
        other.push(asked(12, "c"));
        other.push(Row { model: Some("m"), ..asked(12, "b") });
        let one = snapshot(&folder.path().join("1"), &[("a.parquet", rows()), ("b.parquet", other)]);
        let sha256 = one.sha256;
        let (cache, counts) = distinct(vec![one], folder.path());
        assert_eq!(counts, Counts { raw: 12, distinct: 7 });
        assert_eq!(cache.load_facts().unwrap().tallies[&sha256].alike, 2, "those that differ");
    }

    #[test]
    fn equal_calls_to_two_servers_stay_two_where_times_are_coarse() {
        let folder = tempfile::tempdir().unwrap();
        let (second, tenth) = (1_000_000, 100_000);
        let timed = |ts| Row { tokens: Some(5), ..row("amy", ts) };
        let rows = || vec![row("amy", second), row("amy", tenth), timed(7 * second), timed(7 * tenth)];
        let mut other = rows();
        other.push(row("bob", 3));
        let one = snapshot(&folder.path().join("1"), &[("a.parquet", rows()), ("b.parquet", other)]);
        let sha256 = one.sha256;
        let (cache, counts) = distinct(vec![one], folder.path());
        assert_eq!(counts, Counts { raw: 9, distinct: 8 }, "one has a latency beside a time below a second");
        assert_eq!(cache.load_facts().unwrap().tallies[&sha256].alike, 3);
    }

    #[test]
    fn one_request_id_sent_with_every_call_erases_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let named = |account: &str, ts, prompt: &str| Row {
            request: Some("0"),
            prompt: Some(prompt.into()),
            ..row(account, ts)
        };
        let rows = vec![
            named("amy", 1, "a"),
            named("bob", 1, "a"),
            named("amy", 2, "a"),
            named("amy", 1, "b"),
            // Equal in everything: as the id stands on other exchanges too, it does not tell that
            // these are one.
            named("amy", 1, "a"),
        ];
        let one = snapshot(&folder.path().join("1"), &[("a.parquet", rows)]);
        let (cache, counts) = distinct(vec![one], folder.path());
        assert_eq!(counts, Counts { raw: 5, distinct: 5 });
        assert_eq!(cache.accounts().len(), 2);
        let facts = cache.load_facts().unwrap();
        assert_eq!((facts.shared_ids, facts.exchanges_of_shared_ids), (1, 5));
    }

    #[test]
    fn the_most_complete_of_equal_rows_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let named = |tokens, model| Row {
            request: Some("r1"),
            prompt: Some("a".into()),
            tokens,
            model,
            ..row("amy", 1)
        };
        let rows = vec![named(None, None), named(Some(7), Some("m")), named(None, Some("m"))];
        let one = snapshot(&folder.path().join("1"), &[("a.parquet", rows)]);
        let (cache, counts) = distinct(vec![one.clone()], folder.path());
        assert_eq!(counts, Counts { raw: 3, distinct: 1 });
        assert_eq!(cache.exchange_ref(0).unwrap().row, 1);
        let first = ExchangeRef { snapshot: one.sha256, file: "a.parquet".into(), row: 0 };
        assert_eq!(cache.row_of(&first).unwrap(), Some(0));
        assert_eq!(cache.load_facts().unwrap().shared_ids, 0);
    }

    #[test]
    fn a_row_written_before_its_answer_is_a_version_of_the_one_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let version = |request, prompt: &str, response: Option<&str>| Row {
            request: Some(request),
            prompt: Some(prompt.into()),
            response: response.map(str::to_owned),
            ..row("amy", 1)
        };
        let rows = vec![
            version("r1", "a", None),
            version("r1", "a", Some("x")),
            version("r2", "a", None),
            version("r3", "b", Some("x")),
            version("r3", "b", Some("y")),
            version("r3", "b", None),
        ];
        let one = snapshot(&folder.path().join("1"), &[("a.parquet", rows)]);
        let (cache, counts) = distinct(vec![one.clone()], folder.path());
        assert_eq!(counts, Counts { raw: 6, distinct: 5 }, "two answers leave open whose version a row is");
        let first = ExchangeRef { snapshot: one.sha256, file: "a.parquet".into(), row: 0 };
        let row = cache.row_of(&first).unwrap().unwrap();
        assert_eq!(cache.exchange_ref(row).unwrap().row, 1, "the most complete counts");
    }

    #[test]
    fn the_mapping_names_the_column_by_which_a_row_is_the_latest() {
        let folder = tempfile::tempdir().unwrap();
        let named = |model| Row {
            request: Some("r1"),
            prompt: Some("a".into()),
            conversation: Some("c"),
            tokens: Some(model),
            ..row("amy", 1)
        };
        let mut one =
            snapshot(&folder.path().join("1"), &[("a.parquet", vec![named(3), named(8), named(5)])]);
        one.mapping.latest = Some("input_tokens".into());
        let (cache, counts) = distinct(vec![one], folder.path());
        assert_eq!(counts, Counts { raw: 3, distinct: 1 });
        assert_eq!(cache.exchange_ref(0).unwrap().row, 1);
    }

    #[test]
    fn placeholder_ids_are_no_ids() {
        let folder = tempfile::tempdir().unwrap();
        let ids = ["", " ", "-", "None", "null", "00000000-0000-0000-0000-000000000000"];
        let rows = ids.iter().flat_map(|id| [id, id]).map(|id| Row { request: Some(id), ..row("amy", 1) });
        let one = snapshot(&folder.path().join("1"), &[("a.parquet", rows.collect())]);
        let (cache, counts) = distinct(vec![one], folder.path());
        assert_eq!(counts, Counts { raw: 12, distinct: 12 });
        assert_eq!(cache.load_facts().unwrap().shared_ids, 0);
    }

    #[test]
    fn content_that_differs_across_snapshots_is_another_exchange() {
        let folder = tempfile::tempdir().unwrap();
        let said = |prompt: &str| Row { prompt: Some(prompt.into()), ..row("amy", 1) };
        let one = snapshot(&folder.path().join("1"), &[("a.parquet", vec![said("a"), said("b")])]);
        let tokens = Row { tokens: Some(3), ..said("b") };
        let two = snapshot(&folder.path().join("2"), &[("b.parquet", vec![said("c"), tokens])]);
        let (_, counts) = distinct(vec![one, two], folder.path());
        assert_eq!(counts, Counts { raw: 4, distinct: 3 });
    }

    #[test]
    fn identical_files_count_once_within_and_across_snapshots() {
        let folder = tempfile::tempdir().unwrap();
        let rows = || vec![row("amy", 1), row("amy", 1), row("bob", 2)];
        let other = || vec![row("cat", 9)];
        let one = snapshot(
            &folder.path().join("1"),
            &[("a (1).parquet", rows()), ("a.parquet", rows()), ("c.parquet", other())],
        );
        let two = snapshot(&folder.path().join("2"), &[("b.parquet", rows())]);
        let snapshots = vec![one.clone(), two.clone()];
        let (cache, counts) = distinct(snapshots.clone(), folder.path());
        assert_eq!(counts, Counts { raw: 10, distinct: 4 });
        let row_of = |of: &crate::snapshot::Snapshot, file: &str, row| {
            let exchange = ExchangeRef { snapshot: of.sha256, file: file.into(), row };
            cache.row_of(&exchange).unwrap().unwrap()
        };
        for row in 0..3 {
            assert_eq!(row_of(&one, "a.parquet", row), row_of(&one, "a (1).parquet", row));
            assert_eq!(row_of(&one, "a.parquet", row), row_of(&two, "b.parquet", row));
        }
        assert_eq!(crate::snapshot::identical_files(&snapshots).len(), 2);
    }

    #[test]
    fn equal_bytes_in_two_partitions_are_rows_of_two_partitions() {
        let folder = tempfile::tempdir().unwrap();
        for tenant in ["tenant=x", "tenant=y"] {
            std::fs::create_dir_all(folder.path().join("1").join(tenant)).unwrap();
        }
        let rows = || vec![row("amy", 1), row("bob", 2)];
        let files = [("tenant=x/p.parquet", rows()), ("tenant=y/p.parquet", rows())];
        let snapshots = vec![snapshot(&folder.path().join("1"), &files)];
        assert!(crate::snapshot::identical_files(&snapshots).is_empty());
        let mut by_path = snapshots;
        by_path[0].mapping.set(crate::snapshot::Column::AccountId, "tenant");
        let (_, counts) = distinct(by_path, folder.path());
        assert_eq!(counts, Counts { raw: 4, distinct: 4 });
    }

    #[test]
    fn attributes_are_counted_by_account_and_exchange() {
        let folder = tempfile::tempdir().unwrap();
        let at = |account: &str, ts, ip: &str| Row { ip: Some(ip.into()), ..row(account, ts) };
        let rows = vec![
            at("bob", 1, "10.0.0.1"),
            at("amy", 2, "10.0.0.2"),
            at("amy", 3, ""),
            at("amy", 4, "3f2a9c01d7"),
        ];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let loaded: Vec<_> = cache
            .values()
            .iter()
            .map(|v| (v.kind.name(), v.value.as_str(), v.accounts, v.exchanges))
            .collect();
        assert_eq!(
            loaded,
            [
                ("ip", "10.0.0.1", 1, 1),
                ("ip", "10.0.0.2", 1, 1),
                ("ip", "3f2a9c01d7", 1, 1),
                ("ip_24", "10.0.0.0/24", 2, 2)
            ]
        );
        let amy = cache.account_index(&AccountId::from("amy")).unwrap();
        assert_eq!(cache.values_of(amy), [(1, 1), (2, 1), (3, 1)]);
        assert_eq!(
            cache.accounts_with(cache.value_index(AttributeKind::Ip24, "10.0.0.0/24").unwrap()),
            [0, 1]
        );
        assert!(cache.has_column("ip") && !cache.has_column("asn"));
    }

    #[test]
    fn what_is_no_cache_is_named_for_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache.sqlite");
        let open = |path: &Path| Cache::open(path, &Silent).map(|_| ()).unwrap_err();
        assert!(matches!(open(&path), CacheError::Missing { .. }));
        std::fs::write(&path, b"not a database at all, but long enough to be looked at").unwrap();
        assert!(matches!(open(&path), CacheError::Damaged { .. }));
        std::fs::write(&path, b"").unwrap();
        assert!(matches!(open(&path), CacheError::Unfinished { .. }));
        let sources = Sources { case_dir: folder.path().to_owned(), snapshots: vec![] };
        load(&path, &sources, MemoryBudget::MIN, &Silent).unwrap();
        let empty = Cache::open(&path, &Silent).unwrap();
        assert!(empty.hot().is_empty());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(), 0o600, "as private as the case");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            Cache::open(&path, &Silent).unwrap();
            assert_eq!(mode(), 0o600, "a cache of an earlier version is tightened");
        }
        assert_eq!(empty.fingerprint(), fingerprint_of(&sources));
        let change = |sql: &str| rusqlite::Connection::open(&path).unwrap().execute(sql, []).unwrap();
        change("DELETE FROM meta WHERE key = 'complete'");
        assert!(matches!(open(&path), CacheError::Unfinished { .. }));
        change("UPDATE meta SET value = '0' WHERE key = 'format_version'");
        assert!(matches!(open(&path), CacheError::OtherVersion { .. }));
    }

    #[test]
    fn a_cancelled_load_leaves_the_old_cache_and_nothing_else() {
        struct Stop;
        impl Watcher for Stop {
            fn report(&self, _: crate::model::Progress) {}
            fn is_cancelled(&self) -> bool {
                true
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache.sqlite");
        let one = snapshot(&folder.path().join("1"), &[("a.parquet", many("amy", 1, 9))]);
        let sources = Sources { case_dir: folder.path().to_owned(), snapshots: vec![one] };
        load(&path, &sources, MemoryBudget::MIN, &Silent).unwrap();
        let before = dump(&path);
        std::fs::write(folder.path().join("cache.sqlite.building"), b"left by a kill").unwrap();
        assert!(matches!(load(&path, &sources, MemoryBudget::MIN, &Stop), Err(CacheError::Cancelled(_))));
        assert_eq!(dump(&path), before);
        load(&path, &sources, MemoryBudget::MIN, &Silent).unwrap();
        assert!(!folder.path().join("cache.sqlite.building").exists());
    }
}
