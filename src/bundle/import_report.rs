//! Import reports of a case: computed from an open cache, written to `06_custody`, checked by `verify`.

use std::collections::BTreeMap;
use std::io::Read;

use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::names::Names;
use super::{BundleError, Fault};
use crate::cache::{Cache, LoadFacts};
use crate::case::{CaseReport, LostSignal, Outliers, State};
use crate::model::{AccountId, AttributeKind, Digest, Micros, counted, format_count, visible};
use crate::signals::{self, About};
use crate::snapshot::{self, LeftOut, Snapshot, Sources};

/// Name of the file in a bundle.
pub(super) const REPORTS: &str = "06_custody/import_reports.json";

/// Maximum number of bytes of that file, and of `sources.csv`, that are read for checking it.
pub(super) const BYTES: u64 = 4 << 20;
pub(super) const SOURCES_BYTES: u64 = 64 << 20;

/// A year in microseconds.
const YEAR: Micros = 31_557_600_000_000;
/// A day in microseconds.
const DAY: Micros = 86_400_000_000;

/// The report on a snapshot, from its files and an open cache.
///
/// # Errors
/// A cache or a file that cannot be read.
pub fn case_report(
    cache: &Cache,
    sources: &Sources,
    snapshot: &Snapshot,
    left_out: Vec<LeftOut>,
) -> Result<CaseReport, BundleError> {
    let facts = cache.load_facts()?;
    let tally = facts.tallies.get(&snapshot.sha256).cloned().unwrap_or_default();
    let mut import = snapshot::report(sources, snapshot, &tally, left_out)?;
    let others: Vec<&str> = import.not_taken.iter().map(|column| column.name.as_str()).collect();
    let remarks = of_everybody(cache, &others);
    import.remarks.extend(remarks);
    let mut times = cache.hot().ts.to_vec();
    times.par_sort_unstable();
    Ok(CaseReport {
        import,
        merged: cache.merged()?,
        span: times.first().copied().zip(times.last().copied()),
        outliers: outliers(&times, Timestamp::now().as_microsecond()),
        lost_signals: lost_signals(cache),
        prompts_not_utf8: prompts_not_utf8(&facts, snapshot.sha256),
    })
}

/// Maximum number of columns that are named as possible callers.
const MAX_CALLERS: usize = 3;
/// Minimum number of accounts that is remarkable where each has one exchange.
const MIN_IDS: usize = 50;
/// Minimum number of accounts among which one value for all is remarkable.
const MIN_ACCOUNTS: usize = 3;

/// Sentences on attributes that have one value for all accounts, or on the only account, with the columns among
/// `others` that look like callers.
fn of_everybody(cache: &Cache, others: &[&str]) -> Vec<String> {
    let accounts = cache.accounts().len();
    if accounts == 1 {
        let callers = others.iter().filter(|name| snapshot::is_like_an_account(name)).take(MAX_CALLERS);
        let callers: Vec<_> = callers.map(|name| visible(name)).collect();
        let which =
            if callers.is_empty() { String::new() } else { format!(", such as {}", callers.join(", ")) };
        return vec![format!(
            "account_id: one value in all exchanges; another column may be the caller{which} (account_id = \"…\" in a \
             mapping, or --unit COLUMN)."
        )];
    }
    let exchanges = cache.counts().distinct;
    if accounts >= MIN_IDS && 10 * accounts as u64 >= 9 * exchanges {
        return vec![format!(
            "account_id: {} accounts of {} exchanges; it may be the id of a request or a trace.",
            format_count(accounts as u64),
            format_count(exchanges)
        )];
    }
    let alike = but_for_space(cache);
    let kinds: std::collections::BTreeSet<_> = cache.values().iter().map(|value| value.kind).collect();
    let is_one = |kind: &AttributeKind| {
        let values = cache.values_of_kind(*kind);
        values.len() == 1 && cache.is_of_everybody(values.start as u32)
    };
    let named = kinds.into_iter().filter(|_| accounts >= MIN_ACCOUNTS).filter(is_one);
    let of_kind = |kind: AttributeKind| {
        let accounts = format_count(accounts as u64);
        format!("{}: one value for all {accounts} accounts; it tells no accounts apart.", kind.title())
    };
    named.map(of_kind).chain(alike).chain(alike_but_for_form(cache)).chain(words_for_none(cache)).collect()
}

/// Maximum number of accounts whose ids are compared.
const MAX_COMPARED: usize = 200_000;

/// Sentence on accounts whose ids differ from another in capitals, hyphens or leading zeros alone: one system may have
/// written them in several forms.
fn alike_but_for_form(cache: &Cache) -> Option<String> {
    if cache.accounts().len() > MAX_COMPARED {
        return None;
    }
    let fold = |id: &str| id.to_lowercase().replace('-', "").trim_start_matches('0').to_owned();
    let mut forms: BTreeMap<String, Vec<&AccountId>> = BTreeMap::new();
    for account in cache.accounts() {
        forms.entry(fold(account.id.as_str())).or_default().push(&account.id);
    }
    let several: Vec<&Vec<&AccountId>> = forms.values().filter(|ids| ids.len() > 1).collect();
    let [first, second, ..] = several.first()?[..] else { return None };
    let ids: usize = several.iter().map(|ids| ids.len()).sum();
    Some(format!(
        "{} differ from another one in capitals, hyphens or leading zeros alone, such as {} and {}.",
        counted(ids as u64, "account", "accounts"),
        visible(&first.0),
        visible(&second.0)
    ))
}

/// Words that a system may write for a caller whom it does not know.
const WORDS: [&str; 14] = [
    "0",
    "anon",
    "anonymous",
    "default",
    "default_user",
    "default_user_id",
    "guest",
    "na",
    "not set",
    "(not set)",
    "public",
    "redacted",
    "unauthenticated",
    "unknown",
];

/// Sentence on accounts whose ids may be words for none.
fn words_for_none(cache: &Cache) -> Option<String> {
    let is_word = |id: &&AccountId| WORDS.iter().any(|word| id.0.trim().eq_ignore_ascii_case(word));
    let ids: Vec<&AccountId> = cache.accounts().iter().map(|account| &account.id).filter(is_word).collect();
    let first = ids.first()?;
    Some(format!(
        "{} called by a word that may stand for no account, such as {}; their exchanges may be of many callers.",
        counted(ids.len() as u64, "account is", "accounts are"),
        visible(&first.0)
    ))
}

/// Sentence on accounts whose ids differ from another in white space at their ends alone: a caller who chooses his own
/// may look like somebody else.
fn but_for_space(cache: &Cache) -> Option<String> {
    let of_another = |id: &AccountId| {
        let trimmed = id.0.trim();
        trimmed != id.0 && cache.account_index(&AccountId(trimmed.to_owned())).is_some()
    };
    let mut alike = cache.accounts().iter().map(|account| &account.id).filter(|id| of_another(id));
    let first = alike.next()?;
    Some(format!(
        "White space at an end alone tells {} from another one, such as {:?}.",
        counted(1 + alike.count() as u64, "account", "accounts"),
        visible(&first.0)
    ))
}

/// The journaled report on a snapshot, with the later findings of the text pass; computed anew if the journal has
/// none.
///
/// # Errors
/// As [`case_report`].
pub fn present_report(
    state: &State,
    cache: &Cache,
    sources: &Sources,
    snapshot: &Snapshot,
) -> Result<CaseReport, BundleError> {
    let Some(kept) = state.reports.get(&snapshot.sha256) else {
        return case_report(cache, sources, snapshot, Vec::new());
    };
    let prompts_not_utf8 = prompts_not_utf8(&cache.load_facts()?, snapshot.sha256);
    Ok(CaseReport { prompts_not_utf8, lost_signals: lost_signals(cache), ..CaseReport::clone(kept) })
}

/// Signals that cannot be measured now. At the import the prompts may not have been read yet.
fn lost_signals(cache: &Cache) -> Vec<LostSignal> {
    let lost = |about: &'static About| {
        let reason = signals::missing(about, cache)?;
        Some(LostSignal { id: about.id.to_owned(), title: about.title.to_owned(), reason })
    };
    signals::abouts().filter_map(lost).collect()
}

fn prompts_not_utf8(facts: &LoadFacts, snapshot: Digest) -> Option<u64> {
    facts.prompts_not_utf8.as_ref().map(|counts| counts.get(&snapshot).copied().unwrap_or(0))
}

/// The file with the reports of all snapshots in use, without values and folders.
///
/// # Errors
/// As [`case_report`].
pub(super) fn file(
    (state, cache, sources): (&State, &Cache, &Sources),
    names: &Names<'_>,
) -> Result<Vec<u8>, BundleError> {
    let report = |snapshot| Ok(names.report(present_report(state, cache, sources, snapshot)?.for_others()));
    let reports = sources.snapshots.iter().map(report).collect::<Result<_, BundleError>>()?;
    let mut bytes = serde_json::to_vec_pretty(&ReportFile { reports })
        .map_err(BundleError::encode("the import reports"))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Placeholders and times to come, and of the others those further than a year, and than the span of the
/// middle 98 %, from these. `times` is sorted.
fn outliers(times: &[Micros], now: Micros) -> Outliers {
    let set = times.partition_point(|&time| snapshot::is_no_time(time) && time < now);
    let come = times.partition_point(|&time| time <= now.saturating_add(DAY)).max(set);
    let among = far_from_the_rest(&times[set..come]);
    let (before, after) = (among.before + set as u64, among.after + (times.len() - come) as u64);
    Outliers { before, after, ..among }
}

fn far_from_the_rest(times: &[Micros]) -> Outliers {
    let at = |share: usize| times.get(times.len().saturating_sub(1) * share / 100).copied();
    let (Some(low), Some(high)) = (at(1), at(99)) else { return Outliers::default() };
    let far = YEAR.max(high - low);
    let before = times.partition_point(|&time| time < low.saturating_sub(far));
    let end = times.partition_point(|&time| time <= high.saturating_add(far));
    let rest = &times[before..end];
    Outliers {
        before: before as u64,
        after: (times.len() - end) as u64,
        rest: rest.first().copied().zip(rest.last().copied()),
    }
}

/// The file in a bundle.
#[derive(Serialize, Deserialize)]
struct ReportFile {
    reports: Vec<CaseReport>,
}

/// The reports that a file in a bundle has; none where it is not such a file.
pub(super) fn read(text: &str) -> Vec<CaseReport> {
    serde_json::from_str::<ReportFile>(text).map_or_else(|_| Vec::new(), |file| file.reports)
}

/// Faults of the file in a bundle, compared with `sources.csv`: unreadable, counts that do not add up, or other
/// row counts than the sources.
pub(super) fn check(name: &str, text: &str, sources: impl Read) -> Vec<Fault> {
    let fault = |what: String| vec![Fault::new(name, what)];
    let reports = match serde_json::from_str::<ReportFile>(text) {
        Ok(file) => file.reports,
        Err(error) => return fault(format!("has no import reports: {error}")),
    };
    let rows = rows_of_sources(sources);
    let mut faults = Vec::new();
    for report in &reports {
        let import = &report.import;
        let short = import.snapshot.short();
        let filtered: u64 = import.filtered.values().sum();
        let set_aside: u64 = import.set_aside.values().map(|counted| counted.rows).sum();
        let counted = import.exchanges.saturating_add(filtered).saturating_add(set_aside);
        if counted > import.rows {
            faults
                .extend(fault(format!("says {counted} rows of snapshot {short} and counts {}", import.rows)));
        }
        match rows.get(&import.snapshot.to_string()) {
            Some(&rows) if rows == import.rows => {}
            Some(rows) => faults.extend(fault(format!(
                "says {} rows of snapshot {short}, but sources.csv has {rows}",
                import.rows
            ))),
            None => {
                faults.extend(fault(format!("reports on snapshot {short}, which sources.csv does not have")))
            }
        }
    }
    faults
}

/// Rows of each snapshot by `sources.csv`.
fn rows_of_sources(text: impl Read) -> BTreeMap<String, u64> {
    let mut reader = csv::Reader::from_reader(text);
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();
    let header = reader.headers().cloned().unwrap_or_default();
    let at = |name: &str| header.iter().position(|own| own == name);
    let (Some(snapshot), Some(count)) = (at("snapshot_sha256"), at("rows")) else { return rows };
    for record in reader.records().filter_map(Result::ok) {
        let (Some(snapshot), Some(count)) = (record.get(snapshot), record.get(count)) else { continue };
        let sum = rows.entry(snapshot.to_owned()).or_default();
        *sum = sum.saturating_add(count.parse().unwrap_or(0));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};

    #[test]
    fn accounts_that_look_like_another_are_said() {
        let remarks = |names: &[&str]| {
            let folder = tempfile::tempdir().unwrap();
            let rows = names.iter().zip(1..).map(|(name, ts)| row(name, ts)).collect();
            let one = snapshot(&folder.path().join("1"), &[("a.parquet", rows)]);
            of_everybody(&cache(folder.path(), vec![one]).0, &["requester", "path"])
        };
        assert_eq!(remarks(&["amy", "bob", "cat"]), [] as [&str; 0]);
        let said = remarks(&["amy", "amy\u{a0}", " bob", "cat"]);
        assert!(
            said.len() == 1 && said[0].starts_with("White space at an end alone tells 1 account from"),
            "{said:?}"
        );
        let forms = remarks(&["Amy", "amy", "007", "7", "bob"]);
        assert!(forms[0].starts_with("4 accounts differ from another one in capitals"), "{forms:?}");
        let none = remarks(&["amy", "(Not set)", "bob", "unknown"]);
        assert!(
            none[0].starts_with("2 accounts are called by a word that may stand for no account"),
            "{none:?}"
        );
        let one = remarks(&["amy", "amy"]);
        assert!(one[0].contains("such as requester ("), "{one:?}");
        let many: Vec<String> = (0..60).map(|i| format!("r{i}")).collect();
        let many = remarks(&many.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(many[0].starts_with("account_id: 60 accounts of 60 exchanges"), "{many:?}");
    }

    #[test]
    fn times_of_unset_clocks_are_outliers() {
        let start = 1_776_863_109_000_000;
        let mut times: Vec<Micros> = (0..500).map(|i| start + i * 60_000_000).collect();
        let now = start + YEAR;
        let outliers = |times: &[Micros]| outliers(times, now);
        assert_eq!((outliers(&times).before, outliers(&times).after), (0, 0));
        times.extend([0, 0, 4_070_908_800_000_000]);
        times.sort_unstable();
        let found = outliers(&times);
        assert_eq!((found.before, found.after), (2, 1));
        assert_eq!(found.rest, Some((start, start + 499 * 60_000_000)));
        assert_eq!(outliers(&[]), Outliers::default());
        // More than one in a hundred is no reason to call them usual.
        let mut many = vec![0; 400];
        many.extend((0..500).map(|i| start + i * 60_000_000));
        many.extend([4_070_908_800_000_000; 300]);
        let found = outliers(&many);
        assert_eq!((found.before, found.after), (400, 300));
        assert_eq!(found.rest, Some((start, start + 499 * 60_000_000)));
    }

    #[test]
    fn a_report_that_does_not_fit_the_sources_is_a_fault() {
        let sha = "ab".repeat(32);
        let report = |rows: u64, exchanges: u64| {
            serde_json::json!({"reports": [{
                "snapshot": sha, "preset": "custom", "unit": null, "files": [], "left_out": [], "rows": rows,
                "filtered": {}, "set_aside": {}, "exchanges": exchanges, "columns": [], "missing_columns": [],
                "not_taken": [], "files_without_zone": 0, "assumed_zone": "UTC", "merged": 0, "span": null,
                "outliers": {"before": 0, "after": 0, "rest": null}, "lost_signals": []
            }]})
            .to_string()
        };
        let sources =
            format!("snapshot_sha256,file,bytes,sha256,rows\r\n{sha},a,1,x,30\r\n{sha},b,1,x,12\r\n");
        let faults = |text: &str| -> Vec<String> {
            check("r.json", text, sources.as_bytes()).into_iter().map(|fault| fault.what).collect()
        };
        assert_eq!(faults(&report(42, 40)), Vec::<String>::new());
        assert!(faults(&report(41, 40))[0].contains("sources.csv has 42"));
        assert!(faults(&report(42, 43))[0].contains("counts 42"));
        assert!(
            faults("{")[0].contains("has no import reports")
                && faults("{}")[0].contains("has no import reports")
        );
        assert!(
            check("r.json", &report(42, 42), &b"snapshot_sha256,rows\r\n"[..])[0]
                .what
                .contains("does not have")
        );
    }
}
