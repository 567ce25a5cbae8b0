//! Leads from tables.

use rayon::prelude::*;

use super::cells::{number, read_row_ids, text, whole};
use super::tables::{NAMES, VERSIONS, versions};
use crate::cache::{Cache, CacheError, Cell};
use crate::leads::packed::unpack;
use crate::leads::reason::listed;
use crate::leads::{
    AccountLead, EventAccount, EventData, GroupLead, Leads, NearestLead, Reason, SignalColumn, event_of,
};
use crate::model::{SharedTexts, TimeSpan};
use crate::signals::context::ContextColumn;
use crate::signals::{self, context};

/// Stored leads; `None` where there are none or they are of other signal versions.
///
/// # Errors
/// If the cache cannot be read.
pub fn load(cache: &Cache) -> Result<Option<Leads>, CacheError> {
    if cache.stored(VERSIONS)?.as_ref() != Some(&versions()) {
        return Ok(None);
    }
    let rows_of = |name: &str, take: Take<'_>| cache.stored_rows(name, take);
    let read = read(&rows_of, cache.accounts().len())?;
    Ok(read.map(|leads| Leads { provisional: !cache.has_text_pass(), ..leads }))
}

/// Receiver of the rows of a table.
type Take<'a> = &'a mut dyn FnMut(Vec<Cell>);

/// Source of stored tables: gives each row of the named one to the receiver, and returns its columns; `None`
/// where there is no such table.
type RowsOf<'a> = &'a (dyn Fn(&str, Take<'_>) -> Result<Option<Vec<String>>, CacheError> + Sync);

/// Gives each row of a table to `read`. `None` where the table is missing or `read` refuses a row.
fn each(
    rows_of: RowsOf<'_>,
    name: &str,
    mut read: impl FnMut(&[Cell]) -> Option<()>,
) -> Result<Option<()>, CacheError> {
    let mut is_read = true;
    let columns = rows_of(name, &mut |row| is_read = is_read && read(&row).is_some())?;
    Ok(columns.filter(|_| is_read).map(|_| ()))
}

/// [`each`], collecting what `read` makes of the rows.
fn all<T>(
    rows_of: RowsOf<'_>,
    name: &str,
    read: impl Fn(&[Cell]) -> Option<T>,
) -> Result<Option<Vec<T>>, CacheError> {
    let mut found = Vec::new();
    let whole = each(rows_of, name, |row| {
        found.push(read(row)?);
        Some(())
    })?;
    Ok(whole.map(|()| found))
}

/// Leads from the tables of [`NAMES`], each read row by row; `None` where one is missing or has another shape.
fn read(rows_of: RowsOf<'_>, accounts: usize) -> Result<Option<Leads>, CacheError> {
    let [cohorts, leads, packed, context, ..] = NAMES;
    let ((leads, groups), (signals, (context, cohorts))) = rayon::join(
        || rayon::join(|| all(rows_of, leads, read_account), || read_groups(rows_of)),
        || {
            rayon::join(
                || read_signals(rows_of, packed, accounts),
                || {
                    let cohorts = all(rows_of, cohorts, |row| text(row, 1));
                    (read_context(rows_of, context, accounts), cohorts)
                },
            )
        },
    );
    let (leads, groups, signals, context, cohorts) = (leads?, groups?, signals?, context?, cohorts?);
    Ok((|| {
        let leads = leads?;
        let mut rank_of = vec![0; accounts];
        for (at, lead) in leads.iter().enumerate() {
            *rank_of.get_mut(lead.account as usize)? = at as u32;
        }
        Some(Leads {
            signals: signals?,
            context: context?,
            accounts: leads,
            rank_of,
            groups: groups?,
            cohorts: cohorts?,
            provisional: false,
        })
    })())
}

fn read_context(
    rows_of: RowsOf<'_>,
    name: &str,
    accounts: usize,
) -> Result<Option<Vec<ContextColumn>>, CacheError> {
    let mut columns = context::empty_columns();
    let whole = each(rows_of, name, |row| context::push_row(&mut columns, row))?;
    let is_whole = whole.is_some() && columns.iter().all(|column| column.values.len() == accounts);
    Ok(is_whole.then_some(columns))
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

fn read_signals(
    rows_of: RowsOf<'_>,
    name: &str,
    accounts: usize,
) -> Result<Option<Vec<SignalColumn>>, CacheError> {
    if accounts == 0 {
        let empty = |signal: &&dyn signals::Signal| SignalColumn::new(signal.about(), Vec::new(), []);
        return Ok(Some(signals::ALL.iter().map(empty).collect()));
    }
    let Some(packed) = all(rows_of, name, |row| Some(row.to_vec()))? else { return Ok(None) };
    if packed.len() != signals::ALL.len() {
        return Ok(None);
    }
    let column = |(row, signal): (&Vec<Cell>, &&dyn signals::Signal)| match row.as_slice() {
        [Cell::Text(id), Cell::Blob(data)] if id == signal.about().id => {
            unpack(signal.about(), data, accounts)
        }
        _ => None,
    };
    Ok(packed.par_iter().zip(signals::ALL).map(column).collect())
}

fn read_groups(rows_of: RowsOf<'_>) -> Result<Option<Vec<GroupLead>>, CacheError> {
    let [.., events, event_accounts, groups, members, reasons] = NAMES;
    let Some(mut groups) = all(rows_of, groups, read_group)? else { return Ok(None) };
    let members = each(rows_of, members, |row| {
        let group = groups.get_mut(whole::<usize>(row, 0)?)?;
        group.accounts.push(whole(row, 1)?);
        if whole::<i64>(row, 2)? != 0 {
            group.core.push(whole(row, 1)?);
        }
        Some(())
    })?;
    let mut sentences = SharedTexts::default();
    let reasons = each(rows_of, reasons, |row| {
        let mut reason = read_reason(row)?;
        sentences.share(&mut reason.sentence);
        groups.get_mut(whole::<usize>(row, 0)?)?.reasons.push(reason);
        Some(())
    })?;
    let events =
        each(rows_of, events, |row| read_event(&mut groups.get_mut(whole::<usize>(row, 0)?)?.events, row))?;
    let accounts = each(rows_of, event_accounts, |row| {
        groups.get_mut(whole::<usize>(row, 0)?)?.events.accounts.push(read_event_account(row)?);
        Some(())
    })?;
    Ok(members.and(reasons).and(events).and(accounts).map(|()| groups))
}

/// A group without its accounts and reasons.
fn read_group(row: &[Cell]) -> Option<GroupLead> {
    Some(GroupLead {
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
        events: EventData::default(),
    })
}

/// Adds a client family of an event, whose rows follow one another.
fn read_event(data: &mut EventData, row: &[Cell]) -> Option<()> {
    let (id, client) = (event_of(&text(row, 1)?)?.id, whole::<usize>(row, 2)?);
    if data.events.last().is_none_or(|(last, _)| *last != id) {
        data.events.push((id, Default::default()));
    }
    *data.events.last_mut()?.1.get_mut(client)? = (number(row, 3)?, number(row, 4)?);
    Some(())
}

fn read_event_account(row: &[Cell]) -> Option<EventAccount> {
    let outcome = |c: char| match c {
        '1' => Some(Some(true)),
        '0' => Some(Some(false)),
        '-' => Some(None),
        _ => None,
    };
    Some(EventAccount {
        account: whole(row, 1)?,
        in_community: whole::<i64>(row, 2)? != 0,
        unit: whole(row, 3)?,
        client: whole(row, 4)?,
        weight: number(row, 5)?,
        outcomes: text(row, 6)?.chars().map(outcome).collect::<Option<_>>()?,
    })
}

fn read_reason(row: &[Cell]) -> Option<Reason> {
    Some(Reason {
        signal: listed(text(row, 1)?),
        title: listed(text(row, 2)?),
        sentence: text(row, 3)?.into(),
        value: number(row, 4),
        percentile: number(row, 5).map(|percentile| percentile as f32),
        p: number(row, 6),
        examples: read_row_ids(row, 7)?.into_iter().collect(),
        benign: listed(text(row, 8)?),
        tells_apart: listed(text(row, 9)?),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::save::rows;
    use super::super::tables::table;
    use super::*;
    use crate::cache::StoredTable;
    use crate::leads::ConformalRank;
    use crate::signals::Outcome;

    fn leads() -> Leads {
        let column = |about| {
            let outcomes = vec![
                Outcome::Measured { value: 0.1 + 0.2, examples: [3, 1].into_iter().collect() },
                Outcome::not_applicable("too little"),
            ];
            SignalColumn::new(about, outcomes, [Some(ConformalRank { p: 1.0 / 3.0, percentile: 66.7 }), None])
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
            examples: [7].into_iter().collect(),
            benign: "b".into(),
            tells_apart: "".into(),
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
                events: EventData {
                    events: vec![("A1", [(0.1, 0.2); 7]), ("A2", [(3.0, 0.0); 7])],
                    accounts: vec![EventAccount {
                        account: 1,
                        in_community: true,
                        unit: 3,
                        client: 2,
                        weight: 1.0 / 3.0,
                        outcomes: vec![Some(true), None],
                    }],
                },
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

    /// Leads read from the first of the tables of [`NAMES`].
    fn read_from(stored: &[StoredTable], accounts: usize) -> Option<Leads> {
        let rows_of = |name: &str, take: Take<'_>| {
            let found = NAMES.iter().zip(stored).find(|(known, _)| **known == name);
            let Some((_, table)) = found else { return Ok(None) };
            table.rows.iter().cloned().for_each(take);
            Ok(Some(table.columns.clone()))
        };
        read(&rows_of, accounts).unwrap()
    }

    #[test]
    fn leads_survive_their_tables() {
        let leads = leads();
        let stored = tables(&leads);
        assert_eq!(read_from(&stored, 2), Some(leads));
        for table in &stored {
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
        }
    }

    #[test]
    fn tables_of_another_shape_are_no_leads() {
        let stored = tables(&leads());
        assert_eq!(read_from(&stored, 3), None);
        assert_eq!(read_from(&stored[..5], 2), None);
        assert!(read_from(&tables(&Leads::default()), 0).is_some());
    }
}
