//! Accounts whose ids may repeat from tenant to tenant.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::Array as _;

use super::look::FileColumns;
use super::missing::is_placeholder;
use super::{Column, Mapping, probe};
use crate::model::visible;

/// Number of files, and of the first rows of each, that are looked at.
const FILES: usize = 4;
const ROWS: usize = 512;
/// Minimum number of accounts with several tenants that is remarkable.
const MIN_ACCOUNTS: usize = 3;
/// Words in the names of columns of tenants.
const WORDS: [&str; 9] = [
    "tenant",
    "workspace",
    "customer",
    "organization",
    "organisation",
    "org_id",
    "company",
    "realm",
    "namespace",
];

/// Sentence on a column of tenants of which most accounts have several: ids of users may repeat from one to the next.
pub(super) fn tenants_note(seen: &[&FileColumns], mapping: &Mapping) -> Option<String> {
    let origin = mapping.origin(Column::AccountId).filter(|origin| !origin.together)?;
    let account = origin.first()?;
    let is_tenant = |name: &str| WORDS.iter().any(|word| name.to_ascii_lowercase().contains(word));
    let names: BTreeSet<&String> = seen.iter().flat_map(|file| file.columns.keys()).collect();
    let others = names.into_iter().filter(|name| is_tenant(name) && !origin.columns.contains(*name));
    others.into_iter().find_map(|tenant| {
        let tenants = tenants_of(seen, account, tenant);
        let several: Vec<&String> =
            tenants.iter().filter(|(_, own)| own.len() > 1).map(|(account, _)| account).collect();
        let is_remarkable = several.len() >= MIN_ACCOUNTS && 10 * several.len() >= 8 * tenants.len();
        is_remarkable.then(|| {
            format!(
                "{} of {} accounts in the first rows have several values of “{}”, such as {}; if ids repeat, write \
                 account_id = {{ column = [\"{}\", \"{}\"], together = true }}.",
                several.len(),
                tenants.len(),
                visible(tenant),
                visible(several[0]),
                visible(tenant),
                visible(account)
            )
        })
    })
}

/// Tenants of each account in the first rows of some files.
fn tenants_of(seen: &[&FileColumns], account: &str, tenant: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut tenants: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in seen.iter().filter(|file| file.rows > 0).take(FILES) {
        let texts = |name: &str| probe::first_texts(&file.opened, &file.get(name)?, ROWS);
        let (Some(accounts), Some(own)) = (texts(account), texts(tenant)) else { continue };
        for row in
            (0..accounts.len().min(own.len())).filter(|&row| accounts.is_valid(row) && own.is_valid(row))
        {
            if !is_placeholder(accounts.value(row)) && !is_placeholder(own.value(row)) {
                let of_account = tenants.entry(accounts.value(row).to_owned()).or_default();
                of_account.insert(own.value(row).to_owned());
            }
        }
    }
    tenants
}

#[cfg(test)]
mod tests {
    use crate::snapshot::fixture::{texts, times, write};
    use crate::snapshot::propose;

    #[test]
    fn ids_that_repeat_from_tenant_to_tenant_are_said() {
        let dir = tempfile::tempdir().unwrap();
        let of = |tenants: &[&str]| {
            let accounts = texts(&["u0", "u1", "u2", "u0", "u1", "u2"]);
            let columns = vec![("ts", times(6)), ("account_id", accounts), ("tenant_id", texts(tenants))];
            let path = write(&dir.path().join("f.parquet"), columns);
            let notes = propose(&[("f.parquet".to_owned(), path)], None).unwrap().notes;
            notes.into_iter().find(|note| note.contains("together"))
        };
        let note = of(&["a", "a", "a", "b", "b", "b"]).unwrap();
        assert!(
            note.starts_with("3 of 3 accounts in the first rows have several values of “tenant_id”"),
            "{note}"
        );
        assert_eq!(of(&["a", "b", "c", "a", "b", "c"]), None);
    }
}
