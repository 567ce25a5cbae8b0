//! Truth: class of each account, from a truth file or from an investigator.

use std::collections::BTreeMap;
use std::io::Read;

use crate::cache::{AccountIndex, Cache};
use crate::model::AccountId;

/// Class of an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class {
    /// True for a campaign, false for innocent accounts.
    pub campaign: bool,
    /// Name of the campaign or class; may be hostile text.
    pub name: String,
}

/// Classes of the accounts of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Classes of innocent accounts by name, then campaigns by name.
    classes: Vec<Class>,
    /// Position in `classes` of each account.
    class_of: Vec<Option<u32>>,
    /// Number of the group of each account: of its campaign, or of the group that a truth file names;
    /// `None` for innocent accounts on their own.
    group_of: Vec<Option<u32>>,
    /// Number of named accounts that are not in the case.
    absent: usize,
}

/// Errors of a truth file.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    /// Not a CSV file.
    #[error("it is not a CSV file of UTF-8 text: {0}")]
    Csv(#[from] csv::Error),
    /// A column is missing.
    #[error("it has no column `{0}`; a truth file has account_id, label, is_campaign and group")]
    Column(&'static str),
    /// `is_campaign` is neither true nor false.
    #[error("line {line}: is_campaign is `{value}`; write 1, 0, true or false")]
    Flag {
        /// Line of the file, from 1.
        line: u64,
        /// Value found.
        value: String,
    },
    /// An account is named twice and differently.
    #[error("line {line}: account `{account}` has another label on an earlier line")]
    Twice {
        /// Line of the file, from 1.
        line: u64,
        /// The account.
        account: String,
    },
    /// None of its accounts is in the case.
    #[error("none of its {0} accounts is in the case; check that it is the truth of these snapshots")]
    Foreign(usize),
}

impl Truth {
    /// Truth from classes of accounts, for a case of `accounts`; the first class of an account counts.
    pub fn new(accounts: usize, labelled: impl IntoIterator<Item = (AccountIndex, Class)>) -> Self {
        Self::with_groups(accounts, labelled.into_iter().map(|(account, class)| (account, class, None)))
    }

    /// [`new`](Self::new) with the name of the group of innocent accounts that belong together: one agency,
    /// one school class. A campaign is a group whether it has such a name or not.
    pub(super) fn with_groups(
        accounts: usize,
        labelled: impl IntoIterator<Item = (AccountIndex, Class, Option<String>)>,
    ) -> Self {
        let mut by_account: BTreeMap<AccountIndex, (Class, Option<String>)> = BTreeMap::new();
        for (account, class, group) in labelled {
            by_account.entry(account).or_insert((class, group));
        }
        let mut classes: Vec<Class> = by_account.values().map(|(class, _)| class.clone()).collect();
        classes.sort();
        classes.dedup();
        let mut group_numbers = BTreeMap::new();
        let (mut class_of, mut group_of) = (vec![None; accounts], vec![None; accounts]);
        for (account, (class, group)) in by_account {
            let number = classes.partition_point(|other| *other < class) as u32;
            class_of[account as usize] = Some(number);
            if class.campaign || group.is_some() {
                let next = group_numbers.len() as u32;
                let key = (number, group.filter(|_| !class.campaign));
                group_of[account as usize] = Some(*group_numbers.entry(key).or_insert(next));
            }
        }
        Self { classes, class_of, group_of, absent: 0 }
    }

    /// Reads a truth file: CSV with `account_id`, `label`, `is_campaign` (1 or 0, true or false) and,
    /// optionally, `group`; other columns are ignored. The prefix `benign:` of a label is removed. A
    /// campaign's name is its group, or else its label. Innocent accounts of one label and one group belong
    /// together.
    ///
    /// # Errors
    /// [`TruthError`] with line and reason.
    pub fn read(from: impl Read, cache: &Cache) -> Result<Self, TruthError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(from);
        let header = reader.headers()?.clone();
        let find =
            |name: &str| header.iter().position(|column| column.trim_start_matches('\u{feff}') == name);
        let column = |name: &'static str| find(name).ok_or(TruthError::Column(name));
        let (id, label, flag) = (column("account_id")?, column("label")?, column("is_campaign")?);
        let group = find("group");
        let (mut labelled, mut named, mut seen) = (Vec::new(), 0, BTreeMap::new());
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |at: usize| record.get(at).unwrap_or("");
            let campaign = match cell(flag).trim().to_ascii_lowercase().as_str() {
                "1" | "true" => true,
                "0" | "false" => false,
                value => return Err(TruthError::Flag { line, value: value.to_owned() }),
            };
            let label = cell(label);
            let name = if campaign {
                group.map(cell).filter(|group| !group.is_empty()).unwrap_or(label)
            } else {
                label.strip_prefix("benign:").unwrap_or(label)
            };
            let class = Class { campaign, name: name.to_owned() };
            let account = AccountId::from(cell(id));
            if let Some(before) = seen.insert(account.clone(), class.clone()) {
                if before != class {
                    return Err(TruthError::Twice { line, account: cell(id).to_owned() });
                }
                continue;
            }
            named += 1;
            let its_group = group.map(cell).filter(|group| !group.is_empty()).map(str::to_owned);
            labelled.extend(cache.account_index(&account).map(|account| (account, class, its_group)));
        }
        if labelled.is_empty() && named > 0 {
            return Err(TruthError::Foreign(named));
        }
        let absent = named - labelled.len();
        Ok(Self { absent, ..Self::with_groups(cache.accounts().len(), labelled) })
    }

    /// Number of named accounts that are not in the case.
    pub fn absent(&self) -> usize {
        self.absent
    }

    /// Number of accounts of the case that have a class.
    pub fn labelled(&self) -> usize {
        self.class_of.iter().flatten().count()
    }

    /// Number of accounts of the case without a class.
    pub fn unlabelled(&self) -> usize {
        self.class_of.len() - self.labelled()
    }

    /// Class of an account; `None` if the truth does not name it.
    pub fn class(&self, account: AccountIndex) -> Option<&Class> {
        let at = (*self.class_of.get(account as usize)?)?;
        self.classes.get(at as usize)
    }

    /// True if the account is a campaign's; `None` if the truth does not name it.
    pub fn is_campaign(&self, account: AccountIndex) -> Option<bool> {
        self.class(account).map(|class| class.campaign)
    }

    /// Number of the account's group: its campaign, or the innocent accounts that the truth puts together
    /// with it. `None` for an innocent account on its own, and for one that the truth does not name.
    pub fn group(&self, account: AccountIndex) -> Option<u32> {
        *self.group_of.get(account as usize)?
    }

    /// The classes, innocents before campaigns, each with its accounts, ascending.
    pub fn classes(&self) -> Vec<(&Class, Vec<AccountIndex>)> {
        let mut members: Vec<Vec<AccountIndex>> = vec![Vec::new(); self.classes.len()];
        for (account, class) in self.class_of.iter().enumerate() {
            if let Some(class) = class {
                members[*class as usize].push(account as AccountIndex);
            }
        }
        self.classes.iter().zip(members).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::cache_of;
    use super::*;

    #[test]
    fn both_ways_of_naming_campaigns_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache_of(folder.path(), &["a", "b", "c", "d"]);
        let text = "\u{feff}account_id,label,is_campaign,group,exchanges\n\
                    a,benign:agency,0,agency-1,9\nb,campaign:broad,1,campaign-1,9\n\
                    c,campaign-2:narrow,True,,9\nz,benign:agency,0,,9\n";
        let truth = Truth::read(text.as_bytes(), &cache).unwrap();
        let name = |account| truth.class(account).map(|class| (class.name.as_str(), class.campaign));
        assert_eq!(name(0), Some(("agency", false)));
        assert_eq!(name(1), Some(("campaign-1", true)));
        assert_eq!(name(2), Some(("campaign-2:narrow", true)));
        assert_eq!(name(3), None);
        // Campaigns are groups, the agency is one by name.
        assert_eq!([0, 1, 2, 3].map(|account| truth.group(account)), [Some(0), Some(1), Some(2), None]);
        assert_eq!((truth.labelled(), truth.unlabelled(), truth.absent()), (3, 1, 1));
        let classes = truth.classes();
        assert_eq!(classes.len(), 3);
        assert_eq!(classes[2].1, [2]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache_of(folder.path(), &["a"]);
        let header = "account_id,label,is_campaign\n";
        for (text, word) in [
            ("account_id,label\na,x".to_owned(), "no column `is_campaign`"),
            (format!("{header}a,x,maybe\n"), "line 2: is_campaign is `maybe`"),
            (format!("{header}a,x,0\na,y,0\n"), "line 3: account `a`"),
            (format!("{header}a,x\n"), "not a CSV file"),
            (format!("{header}q,x,0\n"), "none of its 1 accounts"),
        ] {
            let error = Truth::read(text.as_bytes(), &cache).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
