//! A reason in words: what was measured, where it stands among peers, what else could explain it.

use super::SignalColumn;
use super::group::{DRAWS, SignalTest};
use crate::cache::{AccountIndex, RowId};
use crate::signals::{About, Outcome};

/// One reason line.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// `C2`.
    pub signal: String,
    /// `coverage`.
    pub title: String,
    /// The whole sentence: value, unit, percentile among which peers.
    pub sentence: String,
    /// The value; `None` where not testable.
    pub value: Option<f64>,
    /// Percentile among peers, 0 to 100, 100 being the most telling.
    pub percentile: Option<f32>,
    /// p-value among peers.
    pub p: Option<f64>,
    /// Exchanges that show it.
    pub examples: Vec<RowId>,
    /// What innocent behaviour looks the same.
    pub benign: String,
    /// What would tell them apart.
    pub tells_apart: String,
}

impl Reason {
    /// Where one account stands by one signal. `detail` is what the signal adds in words.
    pub(super) fn of_account(
        column: &SignalColumn,
        account: AccountIndex,
        cohort: &str,
        detail: Option<String>,
    ) -> Self {
        let at = account as usize;
        let about = column.about;
        let (value, examples, mut sentence) = match &column.outcomes[at] {
            Outcome::NotApplicable(why) => (None, Vec::new(), format!("Not testable: {why}.")),
            Outcome::Measured { value, examples } => {
                let standing = match column.percentile[at] {
                    Some(percentile) => format!(
                        "{} than {} of its measured peers in {cohort}",
                        if about.high_is_telling { "higher" } else { "lower" },
                        percent(percentile)
                    ),
                    None => format!("too few measured peers in {cohort} to compare with"),
                };
                (Some(*value), examples.clone(), format!("{} {}: {standing}.", number(*value), about.unit))
            }
        };
        if let Some(detail) = detail.filter(|_| value.is_some()) {
            sentence.push(' ');
            sentence += &detail;
        }
        Self {
            value,
            percentile: column.percentile[at],
            p: column.p[at],
            examples,
            ..Self::from_about(about, sentence)
        }
    }

    /// What one signal says of a whole group. The value is the median percentile.
    pub(super) fn of_group(about: &About, members: usize, test: Option<SignalTest>) -> Self {
        let Some(test) = test else {
            return Self::from_about(
                about,
                "Not testable: it could be measured on none of its accounts.".to_owned(),
            );
        };
        let sentence = format!(
            "Half of the {} accounts it could be measured on (of {members}) are {} than {} of their own peers or more; of \
             {DRAWS} random groups with as many accounts from the same cohorts, {} stand as high on average (p {}).",
            test.testable,
            if about.high_is_telling { "higher" } else { "lower" },
            percent(test.median_percentile),
            test.as_high,
            number(test.p)
        );
        Self {
            value: Some(f64::from(test.median_percentile)),
            percentile: Some(test.median_percentile),
            p: Some(test.p),
            ..Self::from_about(about, sentence)
        }
    }

    /// A fact that is no test: no percentile and no p-value.
    pub(super) fn fact(about: &About, title: &str, sentence: String) -> Self {
        Self { title: title.to_owned(), ..Self::from_about(about, sentence) }
    }

    fn from_about(about: &About, sentence: String) -> Self {
        Self {
            signal: about.id.to_owned(),
            title: about.title.to_owned(),
            sentence,
            value: None,
            percentile: None,
            p: None,
            examples: Vec::new(),
            benign: about.look_alikes.join("; "),
            tells_apart: about.tells_apart.to_owned(),
        }
    }
}

/// Strongest first; what has no p-value last, in the order given.
pub(super) fn sort(reasons: &mut [Reason]) {
    reasons.sort_by(|a, b| a.p.unwrap_or(2.0).total_cmp(&b.p.unwrap_or(2.0)));
}

/// Whole percents, and one digit more where rounding would say “all” or “none” and it is not so.
fn percent(share: f32) -> String {
    if share.fract() == 0.0 || (1.0..=99.0).contains(&share) {
        format!("{share:.0} %")
    } else {
        format!("{:.1} %", share.clamp(0.1, 99.9))
    }
}

/// Three digits that mean something.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size < 0.001 => format!("{value:.1e}"),
        size if size < 1.0 => format!("{value:.3}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals;

    fn about() -> &'static About {
        signals::ALL[0].about()
    }

    fn column(outcome: Outcome, percentile: Option<f32>) -> SignalColumn {
        SignalColumn {
            about: about(),
            outcomes: vec![outcome],
            p: vec![percentile.map(|_| 0.02)],
            percentile: vec![percentile],
        }
    }

    #[test]
    fn a_reason_is_a_plain_sentence() {
        let measured = Outcome::Measured { value: 14.23, examples: vec![7] };
        let reason = Reason::of_account(
            &column(measured, Some(98.1)),
            0,
            "coding × volume 4 of 5 (212 accounts)",
            None,
        );
        assert_eq!(
            reason.sentence,
            "14.2 topics of 20 draws: higher than 98 % of its measured peers in coding × volume 4 of 5 (212 accounts)."
        );
        assert_eq!((reason.signal.as_str(), reason.examples), ("C2", vec![7]));
        assert!(!reason.benign.is_empty() && !reason.tells_apart.is_empty());
    }

    #[test]
    fn what_cannot_be_tested_says_why() {
        let none = Outcome::NotApplicable("3 exchanges, and 20 are needed".to_owned());
        let reason =
            Reason::of_account(&column(none, None), 0, "all (9 accounts)", Some("unused".to_owned()));
        assert_eq!(reason.sentence, "Not testable: 3 exchanges, and 20 are needed.");
        assert_eq!(reason.value, None);
    }

    #[test]
    fn almost_all_is_not_all() {
        let said: Vec<String> = [0.0, 0.04, 55.4, 99.7, 99.99, 100.0].into_iter().map(percent).collect();
        assert_eq!(said, ["0 %", "0.1 %", "55 %", "99.7 %", "99.9 %", "100 %"]);
    }

    #[test]
    fn a_group_is_told_against_random_groups() {
        let test = SignalTest { testable: 41, median_percentile: 93.0, as_high: 3, p: 0.0004 };
        let reason = Reason::of_group(about(), 48, Some(test));
        assert!(reason.sentence.contains("of 9999 random groups"), "{}", reason.sentence);
        assert!(reason.sentence.ends_with("3 stand as high on average (p 4.0e-4)."), "{}", reason.sentence);
    }
}
