//! `04_summaries/underlying`: the rows behind every exhibit and the values behind every signal, with SQL.
//!
//! Each exhibit has the rows of its scope, without text, and SQL that compares the exhibit's table with
//! them and returns the rows that differ: none. Each lead relied on has its members with how each came in,
//! and the values of all accounts, members and peers, of which SQL gives the figures of the members.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{Field, Schema};

use super::attributes::{ATTRIBUTES, Attributes};
use super::bag::Bag;
use super::exhibit_sql::{signals_sql, sql_of};
use super::parquet_file::parquet_bytes;
use super::relied::Relied;
use super::report::NumberedExhibit;
use super::{BundleError, batch_csv, event_tables, group_tests, lead_test};
use crate::cache::{AccountIndex, Cache, NO_TOPIC, RowId, SegmentColumn};
use crate::case::{Evidence, EvidenceSource, State};
use crate::exhibit::{Table, cell};
use crate::leads::{GroupLead, Leads};
use crate::model::{AttributeKind, Scope, Tag, Watcher, Zone, format_count};
use crate::query::select;
use crate::signals::Outcome;

const FOLDER: &str = "04_summaries/underlying";
/// Contents of the files, in the words of their list.
const ROWS_ARE: &str = "rows of the scope: exchange, account, time, topic, model, tokens";
const SIGNALS_ARE: &str =
    "every account of the case: cohort, lead, rank, and value, percentile and p of every signal";
const ATTRIBUTES_ARE: &str =
    "attribute values of each account of the scope, and the number of accounts of the case with each";
const MEMBERS_ARE: &str = "members of the lead, and how each came in";
const FIGURES_ARE: &str = "figures of the core members by signal, against all accounts outside the lead; a median is the lower of two middle values";
const EVENT_ACCOUNTS_ARE: &str = "accounts that events were counted on";
const EVENT_FAMILIES_ARE: &str = "all other accounts by event and client family";
const EVENTS_ARE: &str = "figures of the events";
const LEAD_IS: &str = "p-value of the lead, made of those of its events";
const TESTS_ARE: &str = "tests of the lead as a group, with what each p-value is made of";
/// End of the words on CSV that a Parquet file stands beside.
const ESCAPED: &str = "; escaped for spreadsheets";
/// Rows of short values that are written at once.
const SHORT: usize = 4_096;

/// Column with the part of its lead that an account belongs to.
pub(super) const PART_COLUMN: &str = "part";

/// Column that is true of an account with an exchange before its creation.
pub(super) const EARLY_COLUMN: &str = "used_before_creation";

/// Maximum number of rows that are written as CSV too.
const CSV_ROWS: usize = 200_000;

/// Maximum number of rows of a scope that are written; exhibits of larger scopes say that theirs are not.
const ROWS: u64 = 2_000_000;

/// Ways in which a member came in: core members with and without a link, then joined members.
pub(super) const CAME_IN: [&str; 4] = [
    "core: linked with another core member by the values named",
    "core: prompts similar to those of the other core members",
    "joined: membership probability; shares the values named with a core member",
    "joined: membership probability",
];

/// Columns of the list of files.
pub(super) const CONTENTS: [&str; 3] = ["file", "rows", "contents"];

/// Inputs of the underlying data. Cache and leads have the names of the bundle.
pub(super) struct Underlying<'a> {
    pub state: &'a State,
    pub cache: &'a Cache,
    pub leads: &'a Leads,
    pub exhibits: &'a [NumberedExhibit],
    pub relied: &'a [Relied],
    pub zone: &'a Zone,
}

/// Writes all of it.
pub(super) fn put(
    bag: &mut Bag<'_>,
    data: &Underlying<'_>,
    watcher: &dyn Watcher,
) -> Result<(), BundleError> {
    let mut about = Table::new(CONTENTS);
    let repeats = data.state.repeats();
    let is_own = |evidence: &&Evidence| !repeats.contains_key(&evidence.id) && evidence.tag != Tag::Control;
    for evidence in data.state.evidence.values().filter(is_own) {
        let scope = match &evidence.source {
            EvidenceSource::Exchange { .. } => continue,
            EvidenceSource::Account { account } => Scope::default().with_account(account.clone()),
            EvidenceSource::Scope { scope, .. } => scope.clone(),
        };
        watcher.check()?;
        let name = format!("E{}.rows.parquet", evidence.id);
        let selection = select(data.cache, &scope, watcher)?;
        if selection.exchanges > ROWS {
            let why = format!("not written: more than {} rows", format_count(ROWS));
            about.push(vec![name, selection.exchanges.to_string(), why]);
            continue;
        }
        let batch = rows(data.cache, &selection)?;
        put_table(bag, &mut about, &format!("E{}.rows", evidence.id), &batch, ROWS_ARE)?;
        put_attributes(bag, &mut about, evidence.id, data.cache, &selection.accounts)?;
        for placed in data.exhibits.iter().filter(|placed| placed.evidence == evidence.id) {
            let exhibit = (placed.exhibit.kind, placed.number.as_str(), placed.exhibit.title);
            if let Some(sql) = sql_of(exhibit, &name, data.zone) {
                bag.put(&format!("{FOLDER}/{}.sql", placed.number), sql.as_bytes())?;
            }
        }
    }
    if data.relied.iter().any(|lead| lead.figures.is_some()) {
        let batch = signals(data.cache, data.leads)?;
        put_table(bag, &mut about, "signals", &batch, SIGNALS_ARE)?;
    }
    for lead in data.relied {
        let group = lead.lead_in(data.leads);
        let Some(group) = group else { continue };
        watcher.check()?;
        let stem = format!("E{}", lead.evidence);
        let members = members(data.cache, data.leads, group)?;
        put_csv(bag, &mut about, &format!("{stem}.members.csv"), &members, MEMBERS_ARE)?;
        let figures = figures(data.leads, group);
        put_csv(bag, &mut about, &format!("{stem}.signals.csv"), &figures, FIGURES_ARE)?;
        let ids: Vec<&str> = data.leads.signals.iter().map(|signal| signal.about.id).collect();
        bag.put(&format!("{FOLDER}/{stem}.signals.sql"), signals_sql(&ids, &stem).as_bytes())?;
        put_tests(bag, &mut about, &stem, group)?;
        put_events(bag, &mut about, lead.evidence, data.cache, group)?;
    }
    if about.len() > 0 {
        bag.put(&format!("{FOLDER}/contents.csv"), &about.to_csv())?;
    }
    Ok(())
}

/// Tests of a lead as a group, and SQL.
fn put_tests(bag: &mut Bag<'_>, about: &mut Table, stem: &str, group: &GroupLead) -> Result<(), BundleError> {
    let reasons: Vec<group_tests::Stated> = group.reasons.iter().map(group_tests::Stated::of).collect();
    let table = group_tests::table(group.id.as_str(), &reasons);
    put_csv(bag, about, &format!("{stem}.{}", group_tests::TESTS), &table, TESTS_ARE)?;
    let tests: Vec<&str> = table.rows().iter().map(|row| row[1].as_str()).collect();
    let sql = group_tests::sql(&tests, stem);
    bag.put(&format!("{FOLDER}/{stem}.{}", group_tests::SQL), sql.as_bytes())?;
    Ok(())
}

/// Attribute values of the accounts of a scope.
fn put_attributes(
    bag: &mut Bag<'_>,
    about: &mut Table,
    evidence: u64,
    cache: &Cache,
    accounts: &[AccountIndex],
) -> Result<(), BundleError> {
    let (name, table) = (format!("E{evidence}.{ATTRIBUTES}"), Attributes::of(cache, accounts).table());
    if table.len() > CSV_ROWS {
        let why = format!("not written: more than {} rows", format_count(CSV_ROWS as u64));
        about.push(vec![name, table.len().to_string(), why]);
        return Ok(());
    }
    put_csv(bag, about, &name, &table, ATTRIBUTES_ARE)
}

/// Events of a lead: accounts, all others by client family, figures, and SQL; nothing without events.
fn put_events(
    bag: &mut Bag<'_>,
    about: &mut Table,
    evidence: u64,
    cache: &Cache,
    group: &GroupLead,
) -> Result<(), BundleError> {
    let Some(figures) = event_tables::of_lead(group) else { return Ok(()) };
    let ids: Vec<&str> = group.events.events.iter().map(|(id, _)| *id).collect();
    let [accounts, families] = [event_tables::accounts(cache, group), event_tables::families(&group.events)];
    for (ending, table, contents) in [
        (event_tables::ACCOUNTS, &accounts, EVENT_ACCOUNTS_ARE),
        (event_tables::FAMILIES_FILE, &families, EVENT_FAMILIES_ARE),
        (event_tables::EVENTS, &figures, EVENTS_ARE),
    ] {
        put_csv(bag, about, &format!("E{evidence}.{ending}"), table, contents)?;
    }
    let sql = event_tables::sql(group.id.as_str(), &ids, evidence);
    bag.put(&event_tables::path(evidence, event_tables::SQL), sql.as_bytes())?;
    if let Some((table, communities)) = lead_test::of_lead(group, &figures) {
        put_csv(bag, about, &format!("E{evidence}.{}", lead_test::LEAD), &table, LEAD_IS)?;
        let sql = lead_test::sql(group.id.as_str(), communities, evidence);
        bag.put(&event_tables::path(evidence, lead_test::LEAD_SQL), sql.as_bytes())?;
    }
    Ok(())
}

/// A table as CSV, with its line in the list of contents.
fn put_csv(
    bag: &mut Bag<'_>,
    about: &mut Table,
    name: &str,
    table: &Table,
    contents: &str,
) -> Result<(), BundleError> {
    about.push(vec![name.to_owned(), table.len().to_string(), contents.to_owned()]);
    bag.put(&format!("{FOLDER}/{name}"), &table.to_csv())?;
    Ok(())
}

/// Contents of a file of the folder in the words of the list; `None` for a name that no file of it has.
pub(super) fn contents_of(file: &str) -> Option<String> {
    let escaped = |words: &str, is_csv: bool| match is_csv {
        true => format!("{words}{ESCAPED}"),
        false => words.to_owned(),
    };
    let ending = match file.split_once('.') {
        Some(("signals", kind)) => return Some(escaped(SIGNALS_ARE, kind == "csv")),
        Some((_, ending)) => ending,
        None => return None,
    };
    Some(match ending {
        "rows.parquet" | "rows.csv" => escaped(ROWS_ARE, ending == "rows.csv"),
        ATTRIBUTES => ATTRIBUTES_ARE.to_owned(),
        "members.csv" => MEMBERS_ARE.to_owned(),
        "signals.csv" => FIGURES_ARE.to_owned(),
        event_tables::ACCOUNTS => EVENT_ACCOUNTS_ARE.to_owned(),
        event_tables::FAMILIES_FILE => EVENT_FAMILIES_ARE.to_owned(),
        event_tables::EVENTS => EVENTS_ARE.to_owned(),
        lead_test::LEAD => LEAD_IS.to_owned(),
        group_tests::TESTS => TESTS_ARE.to_owned(),
        _ => return None,
    })
}

/// A table as Parquet and as CSV, with its lines in the list of contents.
fn put_table(
    bag: &mut Bag<'_>,
    about: &mut Table,
    stem: &str,
    batch: &RecordBatch,
    contents: &str,
) -> Result<(), BundleError> {
    let count = batch.num_rows().to_string();
    let name = format!("{stem}.parquet");
    let fail = BundleError::encode::<parquet::errors::ParquetError>(&name);
    bag.put(&format!("{FOLDER}/{name}"), &parquet_bytes(batch, SHORT).map_err(fail)?)?;
    about.push(vec![name, count.clone(), contents.to_owned()]);
    let name = format!("{stem}.csv");
    if batch.num_rows() > CSV_ROWS {
        let why = format!(
            "not written: more than {} rows; the Parquet file has them",
            format_count(CSV_ROWS as u64)
        );
        about.push(vec![name, count, why]);
        return Ok(());
    }
    bag.put(&format!("{FOLDER}/{name}"), &batch_csv::csv(batch))?;
    about.push(vec![name, count, format!("{contents}{ESCAPED}")]);
    Ok(())
}

/// Rows of a selection: exchange, account, time, topic, model, tokens.
fn rows(cache: &Cache, selection: &crate::query::Selection) -> Result<RecordBatch, BundleError> {
    let hot = cache.hot();
    // By the names that stand in the file, which may be pseudonyms.
    let mut parts: Vec<_> = selection
        .by_account(hot)
        .map(|(account, runs)| (cache.accounts()[account as usize].id.as_str(), runs))
        .collect();
    parts.sort_by_key(|(id, _)| *id);
    let (mut all, mut accounts) = (Vec::<RowId>::new(), Vec::new());
    for (id, runs) in parts {
        all.extend(runs.iter().cloned().flatten());
        accounts.resize(all.len(), id);
    }
    let exchanges = cache.exchange_refs(&all)?;
    let topic = |row: &RowId| {
        hot.topic.get(*row as usize).filter(|topic| **topic != NO_TOPIC).map(|topic| i64::from(*topic))
    };
    let times = TimestampMicrosecondArray::from_iter_values(all.iter().map(|&row| hot.ts[row as usize]));
    const MODEL: SegmentColumn = SegmentColumn::Code(AttributeKind::Model);
    let columns = [MODEL, SegmentColumn::InputTokens, SegmentColumn::OutputTokens];
    let used =
        cache.per_row(&all, &columns, |read, _, at| Ok(columns.map(|column| read.u32_at(column, at))))?;
    let models = &cache.values()[cache.values_of_kind(AttributeKind::Model)];
    let model = |code: Option<u32>| Some(models.get(code? as usize)?.value.as_str());
    let tokens = |at: usize| Int64Array::from_iter(used.iter().map(|row| row[at].map(i64::from)));
    let columns: [(&str, ArrayRef); 7] = [
        ("exchange", Arc::new(StringArray::from_iter_values(exchanges.iter().map(ToString::to_string)))),
        ("account_id", Arc::new(StringArray::from_iter_values(accounts))),
        ("ts", Arc::new(times.with_timezone("UTC"))),
        ("topic", Arc::new(Int64Array::from_iter(all.iter().map(topic)))),
        ("model", Arc::new(StringArray::from_iter(used.iter().map(|row| model(row[0]))))),
        ("input_tokens", Arc::new(tokens(1))),
        ("output_tokens", Arc::new(tokens(2))),
    ];
    batch(columns.into_iter().map(|(name, array)| (name.to_owned(), array)))
}

fn batch(columns: impl IntoIterator<Item = (String, ArrayRef)>) -> Result<RecordBatch, BundleError> {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns
        .into_iter()
        .map(|(name, array)| (Field::new(name, array.data_type().clone(), true), array))
        .unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(BundleError::encode("the underlying data"))
}

/// Values of all accounts.
fn signals(cache: &Cache, leads: &Leads) -> Result<RecordBatch, BundleError> {
    let mut order: Vec<AccountIndex> = (0_u32..).take(cache.accounts().len()).collect();
    order.sort_by_key(|&at| &cache.accounts()[at as usize].id);
    let accounts = || order.iter().copied();
    let ranked = |at: AccountIndex| {
        let rank = *leads.rank_of.get(at as usize)?;
        leads.accounts.get(rank as usize).filter(|lead| lead.account == at)
    };
    let group = |at: AccountIndex| leads.groups.get(ranked(at)?.group? as usize);
    let text = |of: &dyn Fn(AccountIndex) -> Option<String>| -> ArrayRef {
        Arc::new(StringArray::from_iter(accounts().map(of)))
    };
    let number = |of: &dyn Fn(AccountIndex) -> Option<f64>| -> ArrayRef {
        Arc::new(Float64Array::from_iter(accounts().map(of)))
    };
    let mut columns: Vec<(String, ArrayRef)> = vec![
        ("account_id".to_owned(), text(&|at| Some(cache.accounts()[at as usize].id.0.clone()))),
        ("cohort".to_owned(), text(&|at| leads.cohorts.get(ranked(at)?.cohort as usize).cloned())),
        ("lead".to_owned(), text(&|at| Some(group(at)?.id.to_string()))),
        (PART_COLUMN.to_owned(), text(&|at| Some(part_of(group(at)?, at).to_owned()))),
        ("membership".to_owned(), number(&|at| ranked(at)?.membership.map(f64::from))),
        ("rank".to_owned(), number(&|at| Some(f64::from(ranked(at)?.rank)))),
        ("p_value".to_owned(), number(&|at| ranked(at)?.p_value)),
    ];
    let is_early = |at: AccountIndex| {
        let account = &cache.accounts()[at as usize];
        account.created.map(|created| account.first < created)
    };
    columns.push((EARLY_COLUMN.to_owned(), Arc::new(BooleanArray::from_iter(accounts().map(is_early)))));
    for signal in &leads.signals {
        let id = signal.about.id;
        let value = |at: AccountIndex| match signal.outcomes.get(at as usize) {
            Some(Outcome::Measured { value, .. }) => Some(*value),
            Some(Outcome::NotApplicable(_)) | None => None,
        };
        columns.push((format!("{id}_value"), number(&value)));
        let percentile = |at: AccountIndex| signal.percentile(at).map(f64::from);
        columns.push((format!("{id}_percentile"), number(&percentile)));
        columns.push((format!("{id}_p"), number(&|at| signal.p(at))));
    }
    batch(columns)
}

/// Part of a lead that a member belongs to.
fn part_of(group: &GroupLead, account: AccountIndex) -> &'static str {
    if group.is_core(account) { "core" } else { "joined" }
}

/// Columns of the members of a lead.
pub(super) const MEMBERS: [&str; 7] =
    ["account_id", "part", "membership", "linked_bits", "linked_by", "came_in", "lead"];

/// Members of a lead: part, membership probability, strongest link to another core member and its values.
fn members(cache: &Cache, leads: &Leads, group: &GroupLead) -> Result<Table, BundleError> {
    let mut table = Table::new(MEMBERS);
    let mut accounts = group.accounts.clone();
    accounts.sort_by_key(|&account| &cache.accounts()[account as usize].id);
    for account in accounts {
        let is_core = group.is_core(account);
        let mut links = cache.links_of(account)?;
        links.retain(|link| group.is_core(if link.a == account { link.b } else { link.a }));
        links.sort_by(|x, y| y.bits.total_cmp(&x.bits).then((x.a, x.b).cmp(&(y.a, y.b))));
        let strongest = links.first();
        let values = strongest.map_or_else(String::new, |link| {
            let named = link.values.iter().map(|&value| &cache.values()[value as usize]);
            let mut named: Vec<String> =
                named.map(|value| format!("{} {}", value.kind.title(), value.value)).collect();
            named.sort();
            named.join(" | ")
        });
        let membership = leads.membership(account);
        let came_in = CAME_IN[2 * usize::from(!is_core) + usize::from(strongest.is_none())];
        table.push(vec![
            cell(cache.accounts()[account as usize].id.as_str()),
            part_of(group, account).to_owned(),
            membership.map_or_else(String::new, |share| share.to_string()),
            strongest.map_or_else(String::new, |link| link.bits.to_string()),
            cell(&values),
            came_in.to_owned(),
            group.id.to_string(),
        ]);
    }
    Ok(table)
}

/// Columns of the figures of a lead by signal.
pub(super) const FIGURES: [&str; 7] =
    ["signal", "core_measured", "least", "median", "greatest", "others_measured", "others_below"];

/// Figures of the core members by signal: how many are measured, least, lower median and greatest value, and how many
/// accounts outside the lead are measured and have a value below that median.
fn figures(leads: &Leads, group: &GroupLead) -> Table {
    let mut table = Table::new(FIGURES);
    let members: BTreeSet<AccountIndex> = group.accounts.iter().copied().collect();
    let others: Vec<AccountIndex> =
        (0_u32..).take(leads.rank_of.len()).filter(|account| !members.contains(account)).collect();
    for signal in &leads.signals {
        let figures = of_values(&signal.measured(&group.core), &signal.measured(&others));
        table.push(std::iter::once(signal.about.id.to_owned()).chain(figures).collect());
    }
    table
}

/// Cells behind the signal of such a row; both lists ascend.
pub(super) fn of_values(core: &[f64], others: &[f64]) -> [String; 6] {
    let at = |at: usize| core.get(at).map_or_else(String::new, ToString::to_string);
    let last = core.len().saturating_sub(1);
    let below = core.get(last / 2).map_or(0, |median| others.partition_point(|value| value < median));
    [core.len().to_string(), at(0), at(last / 2), at(last), others.len().to_string(), below.to_string()]
}
