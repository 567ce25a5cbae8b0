//! Who is who: the truth file, or what an investigator holds to be known.

use std::collections::BTreeMap;
use std::io::Read;

use crate::cache::{AccountIndex, Cache};
use crate::model::AccountId;

/// What an account is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class {
    /// A campaign, or a kind of innocents.
    pub campaign: bool,
    /// The campaign's name or the kind's; may be hostile.
    pub name: String,
}

/// The class of each account that one is known of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Kinds of innocents by name, then campaigns by name.
    classes: Vec<Class>,
    /// Position in `classes` of each account.
    class_of: Vec<Option<u32>>,
    /// Accounts that were named and are not in the case.
    absent: usize,
}

/// Why a file is no truth.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    /// Not CSV.
    #[error("it is no CSV file of UTF-8 text: {0}")]
    Csv(#[from] csv::Error),
    /// A column is missing.
    #[error("it has no column `{0}`; a truth file has account_id, label, is_campaign and group")]
    Column(&'static str),
    /// Neither yes nor no.
    #[error("line {line}: is_campaign is `{value}`, not 1 or 0, true or false")]
    Flag {
        /// Line of the file, from 1.
        line: u64,
        /// What stands there.
        value: String,
    },
    /// An account is named twice and differently.
    #[error("line {line}: account `{account}` has another label further up")]
    Twice {
        /// Line of the file, from 1.
        line: u64,
        /// The account.
        account: String,
    },
    /// Nothing of it is in the case.
    #[error("none of its {0} accounts is in the case; is it the truth of other snapshots?")]
    Foreign(usize),
}

impl Truth {
    /// What is known of some accounts of a case of `accounts`; of an account named twice the first
    /// counts.
    pub fn new(accounts: usize, known: impl IntoIterator<Item = (AccountIndex, Class)>) -> Self {
        let mut by_account: BTreeMap<AccountIndex, Class> = BTreeMap::new();
        for (account, class) in known {
            by_account.entry(account).or_insert(class);
        }
        let mut classes: Vec<Class> = by_account.values().cloned().collect();
        classes.sort();
        classes.dedup();
        let mut class_of = vec![None; accounts];
        for (account, class) in by_account {
            class_of[account as usize] = Some(classes.partition_point(|known| *known < class) as u32);
        }
        Self { classes, class_of, absent: 0 }
    }

    /// Reads a truth file: CSV with `account_id`, `label`, `is_campaign` (1 or 0, true or false)
    /// and, where campaigns are told apart by it, `group`; other columns are passed over. A label's
    /// `benign:` is left off. A campaign is named by its group, or else by its label.
    ///
    /// # Errors
    /// [`TruthError`]: what is wrong in which line.
    pub fn read(from: impl Read, cache: &Cache) -> Result<Self, TruthError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(from);
        let header = reader.headers()?.clone();
        let find =
            |name: &str| header.iter().position(|column| column.trim_start_matches('\u{feff}') == name);
        let column = |name: &'static str| find(name).ok_or(TruthError::Column(name));
        let (id, label, flag) = (column("account_id")?, column("label")?, column("is_campaign")?);
        let group = find("group");
        let (mut known, mut named, mut seen) = (Vec::new(), 0, BTreeMap::new());
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
            known.extend(cache.account_index(&account).map(|account| (account, class)));
        }
        if known.is_empty() && named > 0 {
            return Err(TruthError::Foreign(named));
        }
        let absent = named - known.len();
        Ok(Self { absent, ..Self::new(cache.accounts().len(), known) })
    }

    /// Accounts that were named and are not in the case.
    pub fn absent(&self) -> usize {
        self.absent
    }

    /// Accounts of the case whose class is known.
    pub fn known(&self) -> usize {
        self.class_of.iter().flatten().count()
    }

    /// Accounts of the case whose class is not known.
    pub fn unknown(&self) -> usize {
        self.class_of.len() - self.known()
    }

    /// What an account is; `None` where it is not known.
    pub fn class(&self, account: AccountIndex) -> Option<&Class> {
        let at = (*self.class_of.get(account as usize)?)?;
        self.classes.get(at as usize)
    }

    /// Whether an account is a campaign's; `None` where it is not known.
    pub fn is_campaign(&self, account: AccountIndex) -> Option<bool> {
        self.class(account).map(|class| class.campaign)
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
        assert_eq!((truth.known(), truth.unknown(), truth.absent()), (3, 1, 1));
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
            (format!("{header}a,x\n"), "no CSV"),
            (format!("{header}q,x,0\n"), "none of its 1 accounts"),
        ] {
            let error = Truth::read(text.as_bytes(), &cache).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
