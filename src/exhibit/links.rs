//! Matrix of the rarest values that accounts of a scope share, against the accounts that have them.

use std::collections::BTreeMap;

use super::svg::{Anchor, Drawing, FAINT, GREY, INK, SCOPE, WIDTH, number, shorten};
use super::{Drawn, ExhibitError, Subject, Table, cell};
use crate::cache::{Account, AccountIndex, AttributeValue};
use crate::model::{AttributeKind, Watcher, format_count};
use crate::query::Selection;
use crate::query::pivot::{PivotRow, pivot};

/// Values and accounts in the figure; the table has all.
const DRAWN: [usize; 2] = [28, 40];
const LEFT: f64 = 330.0;
/// Characters of an account's name above its column: what fits between the title and the first row.
const NAME: usize = 14;
/// Columns of the table.
pub(super) const HEADER: [&str; 6] =
    ["account_id", "attribute", "value", "accounts_with_value", "accounts_in_scope_with_value", "bits"];
const TOP: f64 = 108.0;
const ROW: f64 = 16.0;

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let kinds: Vec<_> = AttributeKind::ALL.into_iter().filter(|kind| kind.family().is_some()).collect();
    let mut shared = pivot(subject.cache, &selection.accounts, &kinds);
    shared.retain(|row| row.given > 1);
    for row in &mut shared {
        watcher.check()?;
        row.accounts.retain(|account| selection.accounts.binary_search(account).is_ok());
        row.accounts.sort_by_key(|&account| &subject.cache.accounts()[account as usize].id);
    }
    // Ties by the names that stand in the table, which may be pseudonyms.
    let name = |row: &PivotRow| {
        let value = &subject.cache.values()[row.value as usize];
        (value.kind, &value.value)
    };
    shared.sort_by(|a, b| (a.accounts.len(), name(a)).cmp(&(b.accounts.len(), name(b))));
    Ok(drawn(&shared, subject.cache.accounts(), subject.cache.values()))
}

/// `shared`: values that at least two accounts of the scope have, with those accounts only.
fn drawn(shared: &[PivotRow], accounts: &[Account], values: &[AttributeValue]) -> Drawn {
    let mut order: Vec<&PivotRow> = shared.iter().collect();
    let named = |row: &PivotRow| values.get(row.value as usize).map(|value| (value.kind, &value.value));
    order.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then_with(|| named(a).cmp(&named(b))));
    order.truncate(DRAWN[0]);
    let columns = columns(&order);
    let step = ((WIDTH - LEFT - 24.0) / columns.len().max(1) as f64).min(ROW);
    let height = ROW * order.len() as f64;
    let mut drawing = Drawing::new(TOP + height + 10.0);
    drawing.text([16.0, 12.0], 10.0, Anchor::Start, GREY, "shared value (accounts of the case; bits)");
    // By place: the numbers of accounts follow their names in the log.
    let mut placed: Vec<(&AccountIndex, &usize)> = columns.iter().collect();
    placed.sort_by_key(|(_, at)| **at);
    for (account, at) in placed {
        let x = LEFT + (*at as f64 + 0.5) * step;
        let name = accounts.get(*account as usize).map_or("", |account| account.id.as_str());
        // A word that all pseudonyms begin with tells nothing apart.
        let name = name.strip_prefix("account-").unwrap_or(name);
        drawing.text_up([x + 3.5, TOP - 52.0], 10.0, &shorten(name, NAME));
        drawing.rule([x, TOP], [x, TOP + height], FAINT, 0.4);
    }
    for (at, row) in order.iter().enumerate() {
        let y = TOP + (at as f64 + 0.5) * ROW;
        drawing.rule([LEFT, y], [LEFT + step * columns.len() as f64, y], FAINT, 0.4);
        if let Some(value) = values.get(row.value as usize) {
            let bits = number(f64::from((row.bits * 10.0).round() / 10.0));
            let name = shorten(&value.value, 30);
            let accounts = format_count(value.accounts.into());
            let label = format!("{} {name} ({accounts}; {bits})", value.kind.title());
            drawing.text([LEFT - 8.0, y + 3.5], 10.0, Anchor::End, INK, &label);
        }
        for account in &row.accounts {
            if let Some(column) = columns.get(account) {
                let x = LEFT + (*column as f64 + 0.5) * step;
                drawing.disc([x, y], (step * 0.38).min(4.0), SCOPE, SCOPE);
            }
        }
    }
    let mut notes = vec![
        "A shared value does not prove guilt: accounts of agencies, campuses and carriers share values too. \
         Each column is an account; a dot means that it has the value. Bits measure how rare a value is: \
         log2((N + 0.5) / (accounts with the value + 0.5)), where N is all accounts of the case."
            .to_owned(),
    ];
    let sharing: std::collections::BTreeSet<_> = shared.iter().flat_map(|row| &row.accounts).collect();
    if shared.len() > order.len() || sharing.len() > columns.len() {
        notes.push(format!(
            "The figure has {} of {} shared values, ranked by bits × (accounts − 1), and {} of {} accounts that \
             share any. The table has all.",
            format_count(order.len() as u64),
            format_count(shared.len() as u64),
            format_count(columns.len() as u64),
            format_count(sharing.len() as u64)
        ));
    }
    Drawn { drawing: Some(drawing), table: table(shared, accounts, values), notes }
}

/// The figure of a table; `None` for a table of another form, and for one with names that it shows otherwise than the
/// figure.
pub(super) fn redraw(rows: &[csv::StringRecord]) -> Option<Drawing> {
    let (mut accounts, mut values, mut shared) = (Vec::new(), Vec::new(), Vec::<PivotRow>::new());
    let mut places: BTreeMap<String, AccountIndex> = BTreeMap::new();
    for row in rows {
        let [account, kind, value, in_all, given, bits] = [0, 1, 2, 3, 4, 5].map(|at| row.get(at));
        let (account, kind, value) = (account?, kind?.parse::<AttributeKind>().ok()?, value?);
        let (in_all, given, bits) = (in_all?.parse().ok()?, given?.parse().ok()?, bits?.parse().ok()?);
        if [account, value].iter().any(|text| text.starts_with('\'') || text.contains('⟨')) {
            return None;
        }
        let next = accounts.len() as AccountIndex;
        let at = *places.entry(account.to_owned()).or_insert(next);
        if at == next {
            let (exchanges, first, last, created, verified) = Default::default();
            accounts.push(Account { id: account.into(), exchanges, first, last, created, verified });
        }
        let is_new =
            values.last().is_none_or(|last: &AttributeValue| (last.kind, &*last.value) != (kind, value));
        if is_new {
            shared.push(PivotRow { value: values.len() as u32, given, accounts: Vec::new(), bits });
            values.push(AttributeValue { kind, value: value.into(), accounts: in_all, exchanges: 0 });
        }
        shared.last_mut()?.accounts.push(at);
    }
    drawn(&shared, &accounts, &values).drawing
}

/// Weight of a value: its bits times the accounts of the scope that have it, less one.
fn weight(row: &PivotRow) -> f32 {
    row.bits * row.given.saturating_sub(1) as f32
}

/// Columns of the accounts drawn, in the order in which the rows name them, so that accounts of
/// one value are neighbours.
fn columns(order: &[&PivotRow]) -> BTreeMap<AccountIndex, usize> {
    let mut columns = BTreeMap::new();
    for account in order.iter().flat_map(|row| &row.accounts) {
        let next = columns.len();
        if next < DRAWN[1] {
            columns.entry(*account).or_insert(next);
        }
    }
    columns
}

fn table(shared: &[PivotRow], accounts: &[Account], values: &[AttributeValue]) -> Table {
    let mut table = Table::new(HEADER);
    for row in shared {
        let Some(value) = values.get(row.value as usize) else { continue };
        for account in row.accounts.iter().filter_map(|&account| accounts.get(account as usize)) {
            table.push(vec![
                cell(account.id.as_str()),
                value.kind.name().to_owned(),
                cell(&value.value),
                value.accounts.to_string(),
                row.given.to_string(),
                row.bits.to_string(),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::{Caption, xml::text_of};
    use super::*;

    #[test]
    fn every_account_with_a_shared_value_has_its_row() {
        let account = |id: &str| Account {
            id: id.into(),
            exchanges: 1,
            first: 0,
            last: 0,
            created: None,
            verified: None,
        };
        let value = |value: &str, accounts| AttributeValue {
            kind: AttributeKind::UserAgent,
            value: value.into(),
            accounts,
            exchanges: 9,
        };
        let (accounts, values) = ([account("a"), account("b")], [value("@curl", 90), value("<rare>", 2)]);
        let row = |value, bits| PivotRow { value, given: 2, accounts: vec![0, 1], bits };
        let made = drawn(&[row(1, 9.04), row(0, 1.0)], &accounts, &values);
        let csv = String::from_utf8(made.table.to_csv()).unwrap();
        let rows: Vec<_> = csv.lines().skip(1).collect();
        assert_eq!(rows[0], "a,user_agent,<rare>,2,2,9.04");
        assert_eq!(rows[3], "b,user_agent,'@curl,90,2,1");
        let text = text_of(&made.drawing.unwrap().finish("t", &Caption::default()));
        assert!(text.contains("user agent <rare> (2; 9)"), "{text}");
        assert!(drawn(&[], &[], &[]).drawing.is_some());
    }

    #[test]
    fn the_figure_says_what_it_leaves_out() {
        let rows: Vec<_> = (0..60)
            .map(|value| PivotRow { value, given: 2, accounts: vec![value, value + 1], bits: 2.0 })
            .collect();
        assert!(drawn(&rows, &[], &[]).notes[1].contains("28 of 60 shared values"));
    }
}
