//! Private names in the names of log files.

use super::{Names, Sought};
use crate::model::AccountId;

/// A name without the endings of a file.
fn stem(part: &str) -> &str {
    part.split('.').next().unwrap_or(part)
}

impl Names<'_> {
    /// Names of log files that have an account, a card, an address or the like in clear, such as
    /// `account_id=acct_7f31/part-0.parquet`, in the order of the files. A number counts as an account's only as the
    /// value of a folder: it may be a day. Empty where names are clear.
    pub(in crate::bundle) fn private_file_names(&self) -> Vec<&str> {
        if self.key.is_none() {
            return Vec::new();
        }
        let files = self.cache.files().iter().map(|file| file.name.as_str());
        files.filter(|name| self.is_private(name)).collect()
    }

    fn is_private(&self, file: &str) -> bool {
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let found = self.hits(file, Sought::Identifiers);
        let is_account = |id: &str| self.cache.account_index(&AccountId(id.to_owned())).is_some();
        let is_named = |part: &str| match part.split_once('=') {
            Some((_, value)) => is_account(stem(value)),
            None => !is_number(stem(part)) && is_account(stem(part)),
        };
        found.into_iter().any(|(range, _)| !is_number(&file[range])) || file.split('/').any(is_named)
    }
}
