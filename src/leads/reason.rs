//! A reason in words: what was measured, where it stands among peers, what else could explain it.

use super::SignalColumn;
use super::group::SignalTest;
use crate::cache::{AccountIndex, RowId};
use crate::model::{format_chance, format_chance_of_draws};
use crate::signals::{About, GroupOutcome, Outcome};

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

    /// What one signal says of a whole group, through its median member: value, percentile and
    /// cohort are that account's, p is the group's.
    pub(super) fn of_group(
        column: &SignalColumn,
        members: usize,
        test: Option<SignalTest>,
        cohort: impl Fn(AccountIndex) -> String,
    ) -> Self {
        let about = column.about;
        let title = capitalised(about.title);
        let Some(test) = test else {
            let measured = format!(
                "{title}: not testable, because it could be measured on fewer than half of its {members} linked accounts."
            );
            return Self::from_about(about, measured);
        };
        let at = test.median as usize;
        let value = match column.outcomes.get(at) {
            Some(Outcome::Measured { value, .. }) => Some(*value),
            _ => None,
        };
        let sentence = format!(
            "{title}: the middle one of its {members} linked accounts ({} could be measured), by how they stand among their \
             peers, has {} {}, {} than {} of its measured peers in {}. {}",
            if test.testable == members { "all".to_owned() } else { test.testable.to_string() },
            number(value.unwrap_or(0.0)),
            about.unit,
            if about.high_is_telling { "higher" } else { "lower" },
            percent(column.percentile[at].unwrap_or(0.0)),
            cohort(test.median),
            if test.p > 0.5 {
                "That is nothing unusual.".to_owned()
            } else {
                format!(
                    "Of a group of ordinary accounts the middle one would be as telling {}.",
                    format_chance(test.p)
                )
            }
        );
        Self {
            value,
            percentile: column.percentile[at],
            p: Some(test.p),
            ..Self::from_about(about, sentence)
        }
    }

    /// What a measure says of a group as one: its own sentence and how often chance does it, no percentile.
    pub(super) fn of_measure(about: &About, outcome: GroupOutcome) -> Self {
        let title = capitalised(about.title);
        match outcome {
            GroupOutcome::Measured { value, p, sentence } => Self {
                value: Some(value),
                p: Some(p),
                ..Self::from_about(about, format!("{title}: {sentence} {}.", format_chance_of_draws(p)))
            },
            GroupOutcome::NotApplicable(why) => {
                Self::from_about(about, format!("{title}: not testable: {why}."))
            }
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

/// How alike an account is to a lead, which is what its place in the list may rest on. `own` is
/// the lead that the account is counted to.
pub(super) fn likeness(likeness: f32, lead: &str, own: Option<&str>) -> String {
    const LEARNED: &str = "The model has learned from the lead's other accounts and from those most like them, not from this one; its error rate has not been measured.";
    let share = percent(100.0 * likeness);
    let of_a_hundred = share.trim_end_matches(" %");
    match own {
        Some(own) if own != lead => format!(
            "Counted to {own}, and like {lead} too in how and how much it is used, what it asks and what it shares. Two \
             groups at the same work look like this, and so does one whose parts share nothing."
        ),
        Some(_) => format!(
            "Counted to {lead}: by that, how and how much it is used and what it asks, a model of this case expects \
             {of_a_hundred} of 100 accounts like it to be of that lead. {LEARNED}"
        ),
        None => format!(
            "Not counted to, but like {lead}: by how and how much it is used, what it asks and what it shares, a model of \
             this case expects {of_a_hundred} of 100 accounts like it to be of that lead. {LEARNED}"
        ),
    }
}

/// Strongest first; what has no p-value last, in the order given.
pub(super) fn sort(reasons: &mut [Reason]) {
    reasons.sort_by(|a, b| a.p.unwrap_or(2.0).total_cmp(&b.p.unwrap_or(2.0)));
}

/// Whole percents, and one digit more where rounding would say “all” or “none” and it is not so.
fn percent(share: f32) -> String {
    if share >= 100.0 {
        "all".to_owned()
    } else if share.fract() == 0.0 || (1.0..=99.0).contains(&share) {
        format!("{share:.0} %")
    } else {
        format!("{:.1} %", share.clamp(0.1, 99.9))
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
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
        let coverage = signals::ALL.iter().find(|signal| signal.about().id == "C2");
        coverage.unwrap().about()
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
    fn who_is_counted_elsewhere_is_not_said_to_be_of_the_lead() {
        let other = likeness(0.999, "lead L-1", Some("lead L-2"));
        assert!(other.starts_with("Counted to lead L-2, and like lead L-1") && !other.contains("99.9"));
        assert!(likeness(0.5, "lead L-1", None).contains("expects 50 of 100 accounts"));
        assert!(likeness(0.5, "lead L-1", Some("lead L-1")).starts_with("Counted to lead L-1:"));
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
        assert_eq!(said, ["0 %", "0.1 %", "55 %", "99.7 %", "99.9 %", "all"]);
    }

    #[test]
    fn a_group_is_told_through_its_median_account() {
        let measured = Outcome::Measured { value: 15.31, examples: vec![7] };
        let test = SignalTest { testable: 41, median: 0, p: 0.0123 };
        let cohort = |_| "all (900 accounts)".to_owned();
        let reason = Reason::of_group(&column(measured, Some(99.1)), 48, Some(test), cohort);
        assert_eq!(
            reason.sentence,
            "Coverage: the middle one of its 48 linked accounts (41 could be measured), by how they stand among their peers, has \
             15.3 topics of 20 draws, higher than 99.1 % of its measured peers in all (900 accounts). Of a group of ordinary \
             accounts the middle one would be as telling in at most 2 of 100 cases."
        );
        assert_eq!((reason.value, reason.p), (Some(15.31), Some(0.0123)));
    }
}
