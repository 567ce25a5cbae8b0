//! Table of the attribute values of a scope's accounts, against all other accounts.

use std::sync::Arc;

use super::subject::share_cells;
use super::{Drawn, ExhibitError, Subject, Table, cell};
use crate::model::{AttributeKind, Watcher};
use crate::query::top_values::top_values;
use crate::query::{Pair, Selection};

const HEADER: [&str; 6] =
    ["attribute", "value", "scope_accounts", "scope_percent", "other_accounts", "other_percent"];

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let cache = subject.cache;
    let pair = Pair { a: Arc::new(selection.clone()), b: None };
    let mut table = Table::new(HEADER);
    for kind in AttributeKind::ALL {
        let mut found = top_values(cache, &pair, kind, false, watcher)?;
        // Equal counts are sorted by the names in the table, which may be pseudonyms.
        let totals = [found.inside, found.outside];
        found.values.sort_by(|a, b| {
            let name = |at: u32| &cache.values()[at as usize].value;
            b.scope.cmp(&a.scope).then_with(|| name(a.value).cmp(name(b.value)))
        });
        for of in found.values {
            let value = cell(&cache.values()[of.value as usize].value);
            let shares = share_cells([of.scope.into(), of.peers.into()], totals);
            table.push([kind.name().to_owned(), value].into_iter().chain(shares).collect());
        }
    }
    let notes = vec![
        "One row for each value that an account of the scope has. An account counts once a value. A shared value is no \
         sign of guilt. Values are those of the accounts at any time."
            .to_owned(),
    ];
    Ok(Drawn { drawing: None, table, notes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::Row;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::leads::Leads;
    use crate::model::{Scope, Silent, Zone};

    #[test]
    fn each_value_has_its_accounts_on_both_sides() {
        let folder = tempfile::tempdir().unwrap();
        let rows = [("a", "pm_1"), ("b", "pm_1"), ("c", "pm_2")]
            .map(|(account, payment)| Row { payment: Some(payment.to_owned()), ..row(account, 1) });
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows.to_vec())])]);
        let scope = Scope::default().with_account("a".into());
        let (leads, zone) = (Leads::default(), Zone::utc());
        let subject = Subject { cache: &cache, leads: &leads, scope: &scope, zone: &zone, events: &[] };
        let made = super::super::make("values", &subject, &Silent).unwrap();
        let text = String::from_utf8(made.table).unwrap();
        assert!(text.starts_with("attribute,value,scope_accounts"), "{text}");
        assert!(text.contains("payment_fingerprint,pm_1,1,100.000,1,50.000"), "{text}");
        assert!(!text.contains("pm_2") && made.figure.is_none());
    }
}
