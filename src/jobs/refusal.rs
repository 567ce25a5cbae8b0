//! Imports that stop until the investigator agrees: too many rows set aside, damaged files.

use crate::model::Digest;
use crate::snapshot::Tally;

/// More rows would be set aside than the investigator has agreed to.
#[derive(Debug, thiserror::Error)]
#[error(
    "{set_aside} of {rows} rows ({} %) cannot be exchanges: {reasons}. Nothing was imported. Map another column{}{}, or \
     import the other rows",
    format_share(*.set_aside, *.rows),
    if .reasons.contains(Tally::WORD_FOR_NONE) { VERBATIM } else { "" },
    other_row(.reasons)
)]
pub struct TooManySetAside {
    /// Rows that would be set aside.
    pub set_aside: u64,
    /// Rows that should be exchanges.
    pub rows: u64,
    /// The reasons with the first locations.
    pub reasons: String,
}

/// Way out where a word such as `None` stands for an account.
const VERBATIM: &str = ", keep words such as None as accounts (verbatim = true for account_id)";

/// Way out where another row of the same call or trace has the account.
const OTHER_ROW: &str = ", write shared_by = \"TRACE\" for account_id if another row of its trace has the account, write join = \
                         { by = \"CALL\" } if a call has several rows";

/// The way out for rows without an account; empty for other rows.
pub(super) fn other_row(reasons: &str) -> &'static str {
    let is_plain =
        |reason: &str| reason.strip_prefix(Tally::NO_ACCOUNT).is_some_and(|rest| rest.starts_with(" in "));
    if reasons.split(", ").any(is_plain) { OTHER_ROW } else { "" }
}

/// A share in percent with one decimal.
fn format_share(part: u64, all: u64) -> String {
    format!("{:.1}", part as f64 * 100.0 / all.max(1) as f64)
}

/// Share of rows set aside beyond which the investigator has to agree.
const SET_ASIDE_SHARE: f64 = 0.01;
/// The same for rows of which the log itself says that they are nobody's, by leaving the account empty: health
/// checks, calls without authentication. A word for none may be an account's name.
const NO_ACCOUNT_SHARE: f64 = 0.25;

/// True if so many rows are set aside that the investigator has to agree.
pub fn beyond_limits(tally: &Tally) -> bool {
    let wanted = tally.rows - tally.filtered_rows();
    let nobody = tally.set_aside.get(Tally::NO_ACCOUNT).map_or(0, |counted| counted.rows);
    let is_beyond = |rows: u64, share: f64| rows as f64 > wanted as f64 * share;
    is_beyond(tally.set_aside_rows() - nobody, SET_ASIDE_SHARE) || is_beyond(nobody, NO_ACCOUNT_SHARE)
}

/// The files of an import are in the case already.
#[derive(Debug, thiserror::Error)]
#[error("these files are in the case already (snapshot {})", .snapshot.short())]
pub struct AlreadyThere {
    /// The snapshot they are.
    pub snapshot: Digest,
}

/// Files are damaged, and the investigator has not agreed to load the rest of them.
#[derive(Debug, thiserror::Error)]
#[error("{0}. Nothing was imported. Fetch the files again, or import the other rows")]
pub struct NotAllReadable(pub String);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Counted;

    #[test]
    fn rows_without_an_account_have_a_way_out() {
        assert_eq!(other_row("no account in 7 (first: a row 1)"), OTHER_ROW);
        assert_eq!(other_row(&format!("{} in 7", Tally::CUT_TEXT)), "");
    }

    #[test]
    fn only_empty_accounts_may_be_many() {
        let beyond = |reason: &str, rows: u64| {
            let mut tally = Tally { rows: 1_000, exchanges: 1_000 - rows, ..Tally::default() };
            tally.set_aside.insert(reason.to_owned(), Counted { rows, first: Vec::new() });
            beyond_limits(&tally)
        };
        assert!(!beyond(Tally::NO_ACCOUNT, 250) && beyond(Tally::NO_ACCOUNT, 251));
        assert!(!beyond(Tally::WORD_FOR_NONE, 10) && beyond(Tally::WORD_FOR_NONE, 11));
    }
}
