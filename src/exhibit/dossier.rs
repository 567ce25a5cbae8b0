//! Dossier of each account of a scope: its log entries, signals, attributes and linked accounts.

use super::leads::probability;
use super::{Drawn, ExhibitError, Subject, Table, cell};
use crate::cache::AccountIndex;
use crate::model::{Watcher, counted, format_count};
use crate::query::Selection;

/// Accounts of a dossier; of a larger scope the first by id.
const ACCOUNTS: usize = 50;
/// Linked accounts of each, the strongest links first.
const LINKED: usize = 50;

/// Columns of the table.
const HEADER: [&str; 7] = ["account_id", "section", "name", "value", "percentile", "p_value", "in_words"];

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let mut table = Table::new(HEADER);
    let mut accounts: Vec<AccountIndex> = selection.accounts.iter().copied().take(ACCOUNTS).collect();
    accounts.sort_by_key(|&account| &subject.cache.accounts()[account as usize].id);
    for account in accounts {
        watcher.check()?;
        log(&mut table, subject, account);
        signals(&mut table, subject, account);
        attributes(&mut table, subject, account);
        linked(&mut table, subject, account)?;
    }
    let mut notes = vec![
        "An empty value means not testable; it is not zero. The sentence names the peers of the percentile.".to_owned(),
        "The value of an attribute is its number of exchanges; that of a linked account is the link's weight in bits."
            .to_owned(),
    ];
    if selection.accounts.len() > ACCOUNTS {
        notes.push(format!(
            "The table has the first {ACCOUNTS} of {} accounts, ordered by id.",
            format_count(selection.accounts.len() as u64)
        ));
    }
    Ok(Drawn { drawing: None, table, notes })
}

/// A row of one account: section, name, value, percentile, p-value, words.
fn push(table: &mut Table, subject: &Subject<'_>, account: AccountIndex, rest: [String; 6]) {
    let id = cell(subject.cache.accounts()[account as usize].id.as_str());
    table.push(std::iter::once(id).chain(rest).collect());
}

fn log(table: &mut Table, subject: &Subject<'_>, at: AccountIndex) {
    let (account, zone) = (&subject.cache.accounts()[at as usize], subject.zone);
    let time = |t: Option<_>| t.map_or_else(String::new, |t| zone.format_exact(t));
    let rank = subject.leads.rank_of.get(at as usize).map_or_else(String::new, |rank| (rank + 1).to_string());
    for (name, value) in [
        ("exchanges", account.exchanges.to_string()),
        ("first", time(Some(account.first))),
        ("last", time(Some(account.last))),
        ("created", time(account.created)),
        ("verified", time(account.verified)),
        ("rank", rank),
    ] {
        let none = String::new;
        push(table, subject, at, ["log".to_owned(), name.to_owned(), value, none(), none(), none()]);
    }
}

fn signals(table: &mut Table, subject: &Subject<'_>, account: AccountIndex) {
    for reason in subject.leads.reasons(subject.cache, account) {
        let value = reason.value.map_or_else(String::new, |value| value.to_string());
        let percentile = reason.percentile.map_or_else(String::new, |percentile| percentile.to_string());
        let words = format!("{} Benign look-alike: {}", reason.sentence, reason.benign);
        let name = format!("{} {}", reason.signal, reason.title);
        let row = ["signal".to_owned(), name, value, percentile, probability(reason.p), cell(&words)];
        push(table, subject, account, row);
    }
}

fn attributes(table: &mut Table, subject: &Subject<'_>, account: AccountIndex) {
    let values = subject.cache.values_of(account).iter();
    let mut values: Vec<_> =
        values.map(|(value, exchanges)| (&subject.cache.values()[*value as usize], exchanges)).collect();
    // By the names that stand in the table, which may be pseudonyms.
    values.sort_by(|(a, _), (b, _)| (a.kind, &a.value).cmp(&(b.kind, &b.value)));
    for (value, exchanges) in values {
        let words =
            format!("{}; {} in the case", value.value, counted(value.accounts.into(), "account", "accounts"));
        let (name, count) = (value.kind.name().to_owned(), exchanges.to_string());
        let row = ["attribute".to_owned(), name, count, String::new(), String::new(), cell(&words)];
        push(table, subject, account, row);
    }
}

fn linked(table: &mut Table, subject: &Subject<'_>, at: AccountIndex) -> Result<(), ExhibitError> {
    let mut links = subject.cache.links_of(at)?;
    let name = |a: AccountIndex, b: AccountIndex| {
        let other = if a == at { b } else { a };
        &subject.cache.accounts()[other as usize].id
    };
    links.sort_by(|x, y| y.bits.total_cmp(&x.bits).then_with(|| name(x.a, x.b).cmp(name(y.a, y.b))));
    let all = links.len();
    for link in links.into_iter().take(LINKED) {
        let other = if link.a == at { link.b } else { link.a };
        let name = cell(subject.cache.accounts()[other as usize].id.as_str());
        let words = format!("one of {all} accounts linked with it");
        let bits = link.bits.to_string();
        push(
            table,
            subject,
            at,
            ["linked account".to_owned(), name, bits, String::new(), String::new(), words],
        );
    }
    Ok(())
}
