//! Leads in tables of the cache, so that opening a case does not compute them again.
//!
//! Ordinary tables that any SQLite tool can read. Accounts are named by their id and values by
//! their position in the cache, which is rebuilt together with these tables.

use std::path::Path;

use rayon::prelude::*;

use super::packed::{pack, unpack};
use super::{AccountLead, GroupLead, Leads, NearestLead, Reason, SignalColumn};
use crate::cache::{Cache, CacheError, Cell, LinkRow, StoredTable, write_links, write_rows, write_table};
use crate::model::TimeSpan;
use crate::signals::{self, Outcome, context};

/// Written last: without it the other tables are not whole.
const VERSIONS: &str = "signal_versions";

/// A signal's weight stands beside its version: leads ranked by other weights are computed anew.
const VERSION_COLUMNS: [&str; 3] = ["signal", "version", "weight"];

/// Version of cohorts, tests, sentences and tables: raised when stored leads must be computed anew.
pub const LEADS_VERSION: i64 = 22;

/// Stores leads and links in a cache file, replacing earlier ones. If the process is killed meanwhile, the
/// cache holds no leads or the earlier ones.
///
/// # Errors
/// If the cache cannot be written.
pub fn save(cache_path: &Path, leads: &Leads, links: &[LinkRow]) -> Result<(), CacheError> {
    write_table(cache_path, VERSIONS, &table(&VERSION_COLUMNS, Vec::new()))?;
    write_links(cache_path, links)?;
    for name in NAMES {
        let (columns, rows) = rows(name, cache_path, leads)?;
        write_rows(cache_path, name, &columns, rows)?;
    }
    write_signals(cache_path, leads)?;
    write_table(cache_path, VERSIONS, &versions())
}

/// Stored leads; `None` where there are none or they are of other signal versions.
///
/// # Errors
/// If the cache cannot be read.
pub fn load(cache: &Cache) -> Result<Option<Leads>, CacheError> {
    if cache.stored(VERSIONS)?.as_ref() != Some(&versions()) {
        return Ok(None);
    }
    let stored = NAMES.par_iter().map(|name| cache.stored(name)).collect::<Result<Option<Vec<_>>, _>>()?;
    let read = stored.and_then(|stored| read(&stored, cache.accounts().len()));
    Ok(read.map(|leads| Leads { provisional: !cache.has_text_pass(), ..leads }))
}

/// Tables that are read; `account_signals` is for other tools, and `packed_signals` its copy for this one.
const NAMES: [&str; 7] = [
    "cohorts",
    "account_leads",
    "packed_signals",
    "account_context",
    "leads",
    "lead_accounts",
    "lead_reasons",
];

fn versions() -> StoredTable {
    let mut rows: Vec<Vec<Cell>> = signals::abouts()
        .map(|about| {
            let version = Cell::Integer(about.version.into());
            vec![Cell::Text(about.id.to_owned()), version, Cell::Real(about.weight)]
        })
        .collect();
    rows.push(vec![Cell::Text("leads".to_owned()), Cell::Integer(LEADS_VERSION), Cell::Null]);
    table(&VERSION_COLUMNS, rows)
}

fn table(columns: &[&str], rows: Vec<Vec<Cell>>) -> StoredTable {
    StoredTable { columns: columns.iter().map(|&name| name.to_owned()).collect(), rows }
}

/// Columns and rows of one table of [`NAMES`]. Rows are made one at a time: of a million accounts they would
/// take gigabytes.
type Rows<'a> = (Vec<&'static str>, Box<dyn Iterator<Item = Vec<Cell>> + 'a>);

fn rows<'a>(name: &str, cache_path: &Path, leads: &'a Leads) -> Result<Rows<'a>, CacheError> {
    Ok(match name {
        "cohorts" => cohort_rows(leads),
        "account_leads" => account_rows(leads),
        "packed_signals" => packed_rows(cache_path, leads)?,
        "account_context" => context_rows(leads),
        "leads" => group_rows(leads),
        "lead_accounts" => member_rows(leads),
        _ => reason_rows(leads),
    })
}

/// Leads from tables in the order of [`NAMES`]; `None` where one has another shape.
fn read(stored: &[StoredTable], accounts: usize) -> Option<Leads> {
    let [cohorts, leads, columns, context, groups, members, reasons] = stored else { return None };
    let leads = leads.rows.iter().map(|row| read_account(row)).collect::<Option<Vec<AccountLead>>>()?;
    let mut rank_of = vec![0; accounts];
    for (at, lead) in leads.iter().enumerate() {
        *rank_of.get_mut(lead.account as usize)? = at as u32;
    }
    Some(Leads {
        signals: read_signals(columns, accounts)?,
        context: context::from_table(context, accounts)?,
        accounts: leads,
        rank_of,
        groups: read_groups(groups, members, reasons)?,
        cohorts: cohorts.rows.iter().map(|row| text(row, 1)).collect::<Option<Vec<String>>>()?,
        provisional: false,
    })
}

fn cohort_rows(leads: &Leads) -> Rows<'_> {
    let rows = leads.cohorts.iter().enumerate().map(|(at, name)| vec![integer(at), name.as_str().into()]);
    (vec!["cohort", "name"], Box::new(rows))
}

fn context_rows(leads: &Leads) -> Rows<'_> {
    (context::table_columns(), Box::new(context::table_rows(&leads.context)))
}

fn account_rows(leads: &Leads) -> Rows<'_> {
    let row = |lead: &AccountLead| {
        vec![
            integer(lead.account),
            integer(lead.rank),
            Cell::Real(lead.score),
            real(lead.p_value),
            lead.group.map_or(Cell::Null, integer),
            real(lead.membership.map(f64::from)),
            lead.nearest.map_or(Cell::Null, |nearest| integer(nearest.group)),
            real(lead.nearest.map(|nearest| nearest.probability.into())),
            integer(lead.cohort),
        ]
    };
    (
        vec!["account", "rank", "score", "p_value", "lead", "membership", "like_lead", "likeness", "cohort"],
        Box::new(leads.accounts.iter().map(row)),
    )
}

fn read_account(row: &[Cell]) -> Option<AccountLead> {
    Some(AccountLead {
        account: whole(row, 0)?,
        rank: whole(row, 1)?,
        score: number(row, 2)?,
        p_value: number(row, 3),
        group: whole(row, 4),
        membership: number(row, 5).map(|membership| membership as f32),
        nearest: whole(row, 6)
            .zip(number(row, 7))
            .map(|(group, probability)| NearestLead { group, probability: probability as f32 }),
        cohort: whole(row, 8)?,
    })
}

/// Written row by row: a dozen rows an account are too many to hold in memory at once.
fn write_signals(cache_path: &Path, leads: &Leads) -> Result<(), CacheError> {
    let rows = leads.signals.iter().flat_map(|column| {
        column.outcomes.iter().enumerate().map(|(account, outcome)| {
            let (value, why, examples) = match outcome {
                Outcome::Measured { value, examples } => (Cell::Real(*value), Cell::Null, row_ids(examples)),
                Outcome::NotApplicable(why) => (Cell::Null, Cell::Text(why.to_string()), Cell::Null),
            };
            vec![
                column.about.id.into(),
                integer(account),
                value,
                real(column.percentile[account].map(f64::from)),
                real(column.p[account]),
                why,
                examples,
            ]
        })
    });
    let columns = ["signal", "account", "value", "percentile", "p_value", "why_not", "examples"];
    write_rows(cache_path, "account_signals", &columns, rows)
}

fn packed_rows(cache_path: &Path, leads: &Leads) -> Result<Rows<'static>, CacheError> {
    let row = |column: &SignalColumn| Ok(vec![column.about.id.into(), Cell::Blob(pack(cache_path, column)?)]);
    let rows: Vec<Vec<Cell>> = leads.signals.iter().map(row).collect::<Result<_, CacheError>>()?;
    Ok((vec!["signal", "data"], Box::new(rows.into_iter())))
}

fn read_signals(stored: &StoredTable, accounts: usize) -> Option<Vec<SignalColumn>> {
    if accounts == 0 {
        let empty = |signal: &&dyn signals::Signal| SignalColumn {
            about: signal.about(),
            outcomes: Vec::new(),
            p: Vec::new(),
            percentile: Vec::new(),
        };
        return Some(signals::ALL.iter().map(empty).collect());
    }
    if stored.rows.len() != signals::ALL.len() {
        return None;
    }
    let column = |(row, signal): (&Vec<Cell>, &&dyn signals::Signal)| match row.as_slice() {
        [Cell::Text(id), Cell::Blob(data)] if id == signal.about().id => {
            unpack(signal.about(), data, accounts)
        }
        _ => None,
    };
    stored.rows.par_iter().zip(signals::ALL).map(column).collect()
}

fn group_rows(leads: &Leads) -> Rows<'_> {
    let row = |(at, group): (usize, &GroupLead)| {
        vec![
            integer(at),
            group.id.as_str().into(),
            Cell::Integer(group.exchanges as i64),
            Cell::Integer(group.span.start),
            Cell::Integer(group.span.end),
            Cell::Real(group.common_control_bits),
            real(group.extraction_p),
            real(group.q_value),
            Cell::Integer(group.ranked_only.into()),
            real(group.common_control_p),
            real(group.z_score),
            integer(group.tested),
            group.shares.as_str().into(),
        ]
    };
    (
        vec![
            "lead",
            "id",
            "exchanges",
            "span_start",
            "span_end",
            "common_control_bits",
            "extraction_p",
            "q_value",
            "ranked_only",
            "common_control_p",
            "z_score",
            "tested",
            "shares",
        ],
        Box::new(leads.groups.iter().enumerate().map(row)),
    )
}

fn member_rows(leads: &Leads) -> Rows<'_> {
    let rows = leads.groups.iter().enumerate();
    let rows = rows.flat_map(|(at, group)| {
        let core = |account| Cell::Integer(group.is_core(account).into());
        group.accounts.iter().map(move |&account| vec![integer(at), integer(account), core(account)])
    });
    (vec!["lead", "account", "is_core"], Box::new(rows))
}

fn reason_rows(leads: &Leads) -> Rows<'_> {
    let row = |at: usize, reason: &Reason| {
        vec![
            integer(at),
            reason.signal.as_str().into(),
            reason.title.as_str().into(),
            reason.sentence.as_str().into(),
            real(reason.value),
            real(reason.percentile.map(f64::from)),
            real(reason.p),
            row_ids(&reason.examples),
            reason.benign.as_str().into(),
            reason.tells_apart.as_str().into(),
        ]
    };
    let rows = leads.groups.iter().enumerate();
    let rows = rows.flat_map(move |(at, group)| group.reasons.iter().map(move |reason| row(at, reason)));
    (
        vec![
            "lead",
            "signal",
            "title",
            "sentence",
            "value",
            "percentile",
            "p_value",
            "examples",
            "benign",
            "tells_apart",
        ],
        Box::new(rows),
    )
}

fn read_groups(stored: &StoredTable, members: &StoredTable, reasons: &StoredTable) -> Option<Vec<GroupLead>> {
    let mut groups = Vec::new();
    for row in &stored.rows {
        groups.push(GroupLead {
            id: text(row, 1)?.parse().ok()?,
            core: Vec::new(),
            accounts: Vec::new(),
            exchanges: whole(row, 2)?,
            span: TimeSpan { start: whole(row, 3)?, end: whole(row, 4)? },
            common_control_bits: number(row, 5)?,
            common_control_p: number(row, 9),
            z_score: number(row, 10),
            extraction_p: number(row, 6),
            tested: whole(row, 11)?,
            shares: text(row, 12)?,
            q_value: number(row, 7),
            ranked_only: whole::<i64>(row, 8)? != 0,
            reasons: Vec::new(),
        });
    }
    for row in &members.rows {
        let group = groups.get_mut(whole::<usize>(row, 0)?)?;
        group.accounts.push(whole(row, 1)?);
        if whole::<i64>(row, 2)? != 0 {
            group.core.push(whole(row, 1)?);
        }
    }
    for row in &reasons.rows {
        groups.get_mut(whole::<usize>(row, 0)?)?.reasons.push(Reason {
            signal: text(row, 1)?,
            title: text(row, 2)?,
            sentence: text(row, 3)?,
            value: number(row, 4),
            percentile: number(row, 5).map(|percentile| percentile as f32),
            p: number(row, 6),
            examples: read_row_ids(row, 7)?,
            benign: text(row, 8)?,
            tells_apart: text(row, 9)?,
        });
    }
    Some(groups)
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A position or a count, all of which are far below 2⁶³.
fn integer(value: impl TryInto<i64>) -> Cell {
    value.try_into().map_or(Cell::Null, Cell::Integer)
}

fn real(value: Option<f64>) -> Cell {
    value.map_or(Cell::Null, Cell::Real)
}

fn row_ids(rows: &[u32]) -> Cell {
    let rows: Vec<String> = rows.iter().map(u32::to_string).collect();
    Cell::Text(rows.join(" "))
}

fn read_row_ids(row: &[Cell], at: usize) -> Option<Vec<u32>> {
    text(row, at)?.split_whitespace().map(|row| row.parse().ok()).collect()
}

fn text(row: &[Cell], at: usize) -> Option<String> {
    match row.get(at)? {
        Cell::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn number(row: &[Cell], at: usize) -> Option<f64> {
    match row.get(at)? {
        Cell::Real(value) => Some(*value),
        _ => None,
    }
}

fn whole<T: TryFrom<i64>>(row: &[Cell], at: usize) -> Option<T> {
    match row.get(at)? {
        Cell::Integer(value) => T::try_from(*value).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::context::ContextColumn;

    fn leads() -> Leads {
        let column = |about| SignalColumn {
            about,
            outcomes: vec![
                Outcome::Measured { value: 0.1 + 0.2, examples: vec![3, 1] },
                Outcome::not_applicable("too little"),
            ],
            p: vec![Some(1.0 / 3.0), None],
            percentile: vec![Some(66.7), None],
        };
        let lead = |account, rank, group: Option<u32>| AccountLead {
            account,
            rank,
            score: 0.7,
            p_value: Some(0.2),
            group,
            membership: group.map(|_| 0.875),
            nearest: group.map(|group| NearestLead { group, probability: 0.75 }),
            cohort: 0,
        };
        let reason = Reason {
            signal: "C2".into(),
            title: "coverage".into(),
            sentence: "a ‘sentence’; with \"all\" of it".into(),
            value: Some(93.0),
            percentile: Some(93.4),
            p: None,
            examples: vec![],
            benign: "b".into(),
            tells_apart: String::new(),
        };
        Leads {
            signals: signals::ALL.iter().map(|signal| column(signal.about())).collect(),
            context: context::CONTEXT
                .iter()
                .map(|_| ContextColumn { values: vec![Some(0.1), None] })
                .collect(),
            accounts: vec![lead(1, 1, Some(0)), lead(0, 2, None)],
            rank_of: vec![1, 0],
            groups: vec![GroupLead {
                id: "L-7f31ab".parse().unwrap(),
                core: vec![1],
                accounts: vec![0, 1],
                exchanges: 12,
                span: TimeSpan { start: -5, end: 7 },
                common_control_bits: 17.25,
                common_control_p: Some(0.02),
                z_score: Some(3.5),
                extraction_p: Some(1e-4),
                tested: 9,
                shares: "payment pm_1 (2 accounts of the case)".into(),
                q_value: None,
                ranked_only: true,
                reasons: vec![reason],
            }],
            cohorts: vec!["all (2 accounts)".into()],
            provisional: false,
        }
    }

    /// The tables, in the order of [`NAMES`].
    fn tables(leads: &Leads) -> Vec<StoredTable> {
        let stored = |name: &&str| {
            let (columns, rows) = rows(name, Path::new("cache"), leads).unwrap();
            table(&columns, rows.collect())
        };
        NAMES.iter().map(stored).collect()
    }

    #[test]
    fn leads_survive_their_tables() {
        let leads = leads();
        let stored = tables(&leads);
        assert_eq!(read(&stored, 2), Some(leads));
        for table in &stored {
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
        }
    }

    #[test]
    fn tables_of_another_shape_are_no_leads() {
        let stored = tables(&leads());
        assert_eq!(read(&stored, 3), None);
        assert_eq!(read(&stored[..5], 2), None);
        assert!(read(&tables(&Leads::default()), 0).is_some());
    }
}
