//! Reasons in words: value, unit, rank among peers, benign alternative.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use super::SignalColumn;
use super::group::{SignalTest, Untested};
use crate::cache::AccountIndex;
use crate::model::{format_chance, format_count};
use crate::signals::{self, About, Examples, GroupOutcome, MonteCarlo, Outcome};

/// Id of reasons on a content community as such.
pub const COMMUNITY_ID: &str = "A0";
/// Id of the reason on a divided prompt pool.
pub const POOL_ID: &str = "A7";
/// Titles of reasons that state a fact under a signal, or on a community.
pub(super) const FACTS: [&str; 7] = [
    "shared values",
    "one organisation",
    "joined members",
    "shared payment",
    "membership probability",
    "content community",
    "divided prompt pool",
];
/// One reason line.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// `C2`.
    pub signal: Cow<'static, str>,
    /// `coverage`.
    pub title: Cow<'static, str>,
    /// Sentences with value, unit, percentile and peers.
    pub sentence: Arc<str>,
    /// The value; `None` where not testable.
    pub value: Option<f64>,
    /// Percentile among peers, 0 to 100; 100 is the most extreme.
    pub percentile: Option<f32>,
    /// p-value among peers.
    pub p: Option<f64>,
    /// Exchanges that show it.
    pub examples: Examples,
    /// Benign behaviour that looks the same.
    pub benign: Cow<'static, str>,
    /// Column or fact that would confirm or refute it.
    pub tells_apart: Cow<'static, str>,
}

impl Reason {
    /// Reason for one account and one signal. `detail` is the signal's own further sentence.
    pub(super) fn of_account(
        column: &SignalColumn,
        account: AccountIndex,
        cohort: &str,
        detail: Option<String>,
    ) -> Self {
        let about = column.about;
        let (value, examples, mut sentence) = match &column.outcomes[account as usize] {
            Outcome::NotApplicable(why) => (None, Examples::default(), format!("Not testable: {why}.")),
            Outcome::Measured { value, examples } => {
                let rank = match column.percentile(account) {
                    Some(percentile) => compared(about, percentile, cohort),
                    None => format!("too few measured peers among {cohort} to compare"),
                };
                (Some(*value), *examples, format!("{} {}; {rank}.", number(*value), about.unit))
            }
        };
        if let Some(detail) = detail.filter(|_| value.is_some()) {
            sentence.push(' ');
            sentence += &detail;
        }
        Self {
            value,
            percentile: column.percentile(account),
            p: column.p(account),
            examples,
            ..Self::from_about(about, sentence)
        }
    }

    /// Reason for a group and one signal. Value, percentile and cohort are those of the member with the median p-value;
    /// the p-value is the group's.
    pub(super) fn of_group(
        column: &SignalColumn,
        members: &[AccountIndex],
        test: Result<SignalTest, Untested>,
        cohort: impl Fn(AccountIndex) -> String,
    ) -> Self {
        let about = column.about;
        let test = match test {
            Ok(test) => test,
            Err(why) => {
                let (title, why) = (capitalised(about.title), why.in_words(members.len()));
                return Self::from_about(about, format!("{title}: {why}."));
            }
        };
        let value = match column.outcomes.get(test.median as usize) {
            Some(Outcome::Measured { value, .. }) => *value,
            _ => 0.0,
        };
        let percentile = column.percentile(test.median).unwrap_or(0.0);
        let [testable, size] = [test.testable, members.len()];
        let sentence =
            group_sentence(about, value, percentile, [testable, size], test.p, &cohort(test.median));
        Self {
            value: Some(value),
            percentile: column.percentile(test.median),
            p: Some(test.p),
            ..Self::from_about(about, sentence)
        }
    }

    /// Reason from a measure of the group as a whole: the measure's sentence and its p-value, no percentile.
    pub(super) fn of_measure(about: &'static About, outcome: GroupOutcome) -> Self {
        let title = capitalised(about.title);
        match outcome {
            GroupOutcome::Measured { value, test, sentence } => {
                let sentence = format!("{title}: {sentence} {} (p {}).", draws(test), p_value(test.p));
                Self { value: Some(value), p: Some(test.p), ..Self::from_about(about, sentence) }
            }
            GroupOutcome::NotApplicable(why) => {
                Self::from_about(about, format!("{title}: not testable: {why}."))
            }
        }
    }

    /// A measure of the group that is not tested. `why` follows on `because`.
    pub(super) fn untested_measure(about: &'static About, why: &str) -> Self {
        Self::from_about(about, format!("{}: not tested, because {why}.", capitalised(about.title)))
    }

    /// A fact that is no test: no percentile and no p-value.
    pub(super) fn fact(about: &'static About, title: &'static str, sentence: String) -> Self {
        Self { title: title.into(), ..Self::from_about(about, sentence) }
    }

    /// Reason for which a signal was not testable: the end of its sentence. `None` for all others.
    pub fn not_testable(&self) -> Option<&str> {
        let is_unmeasured = self.value.is_none() && self.p.is_none();
        let after = |words: &str| self.sentence.split_once(words).map(|(_, why)| why);
        let why = after("ot testable").or_else(|| after("ot tested, because")).filter(|_| is_unmeasured)?;
        Some(why.trim_start_matches([':', ' ']))
    }

    /// Draws as extreme as the group, and all draws of its test; `None` for a reason without draws.
    pub fn draws(&self) -> Option<[u32; 2]> {
        draws_in(&self.sentence)
    }

    fn from_about(about: &'static About, sentence: String) -> Self {
        Self {
            signal: about.id.into(),
            title: about.title.into(),
            sentence: sentence.into(),
            value: None,
            percentile: None,
            p: None,
            examples: Examples::default(),
            benign: look_alikes(about),
            tells_apart: about.tells_apart.into(),
        }
    }
}

/// Benign look-alikes of each listed signal in a line, by the signal's id. They are joined once: a case has up to a
/// million reasons.
static LOOK_ALIKES: LazyLock<BTreeMap<&str, String>> =
    LazyLock::new(|| signals::abouts().map(|about| (about.id, about.look_alikes.join("; "))).collect());

/// Text of a stored reason. One of a listed signal or event takes no memory of its own.
pub(super) fn listed(text: String) -> Cow<'static, str> {
    static LISTED: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
        let of_signals = signals::abouts().flat_map(|about| [about.id, about.title, about.tells_apart]);
        let of_events =
            super::events().flat_map(|about| [about.id, about.title, about.look_alike, about.tells_apart]);
        let look_alikes = LOOK_ALIKES.values().map(String::as_str);
        of_signals.chain(of_events).chain(look_alikes).chain(FACTS).collect()
    });
    LISTED.get(text.as_str()).map_or(Cow::Owned(text), |&listed| Cow::Borrowed(listed))
}

/// Benign look-alikes of a signal in a line.
fn look_alikes(about: &'static About) -> Cow<'static, str> {
    match LOOK_ALIKES.get(about.id) {
        Some(joined) => Cow::Borrowed(joined),
        None => Cow::Owned(about.look_alikes.join("; ")),
    }
}

/// Sentence on an account's membership probability in its nearest lead. `own` is the lead of which it is a
/// member.
pub(super) fn membership(probability: f32, lead: &str, own: Option<&str>) -> String {
    const MODEL: &str = "The model was fitted on the lead's other accounts and on those most similar to them. Its error rate has not been measured.";
    let share = percent((100.0 * probability).min(99.9));
    match own {
        Some(own) if own != lead => format!(
            "Member of {own}; similar to {lead} in use, prompts and shared values. Two groups that do the same work look alike; \
             so do two unlinked parts of one group."
        ),
        Some(_) => format!(
            "{share} membership probability in {lead}, its own lead, by volume, timing and prompts. {MODEL}"
        ),
        None => format!(
            "{share} membership probability in {lead}, by volume, timing, prompts and shared values; not a member. {MODEL}"
        ),
    }
}

/// Frequency of draws as extreme as a group: `in 1 of 879 draws; 120 more could not be measured`.
fn draws(test: MonteCarlo) -> String {
    let [extreme, draws] = [test.extreme, test.draws].map(|count| format_count(count.into()));
    let as_extreme = format!("in {extreme} of {draws} draws");
    if test.stopped_early() {
        // The share of a stopped test is its p-value.
        let unusual = if test.p > 0.5 { "; not unusual" } else { "" };
        format!("{as_extreme}, after which drawing stopped{unusual}")
    } else {
        match test.unmeasured() {
            0 => as_extreme,
            more => format!("{as_extreme}; {} more could not be measured", format_count(more.into())),
        }
    }
}

/// Draws as extreme as a group, and all draws, by the sentence of a measure.
pub fn draws_in(sentence: &str) -> Option<[u32; 2]> {
    let (_, counts) = sentence.rsplit_once(" as extreme in ")?;
    let (extreme, rest) = counts.split_once(" of ")?;
    let (draws, _) = rest.split_once(" draws")?;
    let number = |count: &str| count.replace(',', "").parse().ok();
    Some([number(extreme)?, number(draws)?])
}

/// Sorts by p-value; reasons without one come last in the given order.
pub(super) fn sort(reasons: &mut [Reason]) {
    reasons.sort_by(|a, b| a.p.unwrap_or(2.0).total_cmp(&b.p.unwrap_or(2.0)));
}

/// Sentence on a signal of a group: value, percentile and peers of its median member, of how many measured accounts of
/// how many core accounts, and the group's p-value in words.
pub fn group_sentence(
    about: &About,
    value: f64,
    percentile: f32,
    [testable, size]: [usize; 2],
    p: f64,
    peers: &str,
) -> String {
    let measured = if testable == size {
        String::new()
    } else {
        format!(", {} measured", format_count(testable as u64))
    };
    let frequency = if p > 0.5 {
        "Not unusual for a group of this size.".to_owned()
    } else {
        format!("Ordinary groups of this size have such figures {}.", format_chance(p))
    };
    format!(
        "{}: {} {} (of {} core accounts{measured}, the one with the median p-value); {}. {frequency}",
        capitalised(about.title),
        number(value),
        about.unit,
        format_count(size as u64),
        compared(about, percentile, peers),
    )
}

/// Comparison with peers in words: `above 98 % of measured peers among all 900 accounts`.
fn compared(about: &About, percentile: f32, cohort: &str) -> String {
    let side = if about.tests_upper_tail { "above" } else { "below" };
    let share = percent(percentile);
    let share = if share == "all" { share } else { format!("{share} of") };
    format!("{side} {share} measured peers among {cohort}")
}

/// Whole percents, with one decimal where rounding would give 0 or 100 for a share that is neither.
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

/// A p-value in words, to two significant digits: `0.0017`, `3.7e-12`.
pub(super) fn p_value(p: f64) -> String {
    match p {
        p if p < 1e-4 => format!("{p:.1e}"),
        p if p < 1e-3 => format!("{p:.5}"),
        p if p < 1e-2 => format!("{p:.4}"),
        p if p < 1e-1 => format!("{p:.3}"),
        p => format!("{p:.2}"),
    }
}

/// A value in words: three significant digits below 100, whole numbers with thousands separators above.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size < 0.001 => format!("{value:.1e}"),
        size if size < 1.0 => format!("{value:.3}"),
        size if size < 100.0 => format!("{value:.1}"),
        size => format!("{}{}", if value < 0.0 { "-" } else { "" }, format_count(size.round() as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leads::ConformalRank;

    fn about() -> &'static About {
        let coverage = signals::ALL.iter().find(|signal| signal.about().id == "C2");
        coverage.unwrap().about()
    }

    fn column(outcome: Outcome, percentile: Option<f32>) -> SignalColumn {
        let rank = percentile.map(|percentile| ConformalRank { p: 0.02, percentile });
        SignalColumn::new(about(), vec![outcome], [rank])
    }

    #[test]
    fn members_of_another_lead_are_called_similar() {
        let other = membership(0.999, "lead L-1", Some("lead L-2"));
        assert!(other.starts_with("Member of lead L-2; similar to lead L-1") && !other.contains("99.9"));
        let outside = membership(0.5, "lead L-1", None);
        assert!(
            outside.starts_with("50 % membership probability in lead L-1")
                && outside.contains("not a member")
        );
        assert!(membership(1.0, "lead L-1", Some("lead L-1")).starts_with("99.9 % membership probability"));
    }

    #[test]
    fn a_reason_is_a_plain_sentence() {
        let measured = Outcome::Measured { value: 14.23, examples: [7].into_iter().collect() };
        let reason = Reason::of_account(
            &column(measured, Some(98.1)),
            0,
            "coding × volume 4 of 5 (212 accounts)",
            None,
        );
        assert_eq!(
            &*reason.sentence,
            "14.2 topics in 20 draws; above 98 % of measured peers among coding × volume 4 of 5 (212 accounts)."
        );
        assert_eq!((&*reason.signal, &*reason.examples), ("C2", &[7][..]));
        assert!(!reason.benign.is_empty() && !reason.tells_apart.is_empty());
    }

    #[test]
    fn untestable_signals_say_why() {
        let none = Outcome::not_applicable("3 exchanges; 20 are needed");
        let reason = Reason::of_account(&column(none, None), 0, "all 9 accounts", Some("unused".to_owned()));
        assert_eq!(&*reason.sentence, "Not testable: 3 exchanges; 20 are needed.");
        assert_eq!(reason.value, None);
    }

    #[test]
    fn large_values_have_separators() {
        let texts = [27_984.4, -1_500.0, 4.93, 0.0123, 0.0].map(number);
        assert_eq!(texts, ["27,984", "-1,500", "4.9", "0.012", "0"]);
    }

    #[test]
    fn almost_all_is_not_all() {
        let said: Vec<String> = [0.0, 0.04, 55.4, 99.7, 99.99, 100.0].into_iter().map(percent).collect();
        assert_eq!(said, ["0 %", "0.1 %", "55 %", "99.7 %", "99.9 %", "all"]);
    }

    #[test]
    fn a_group_is_described_by_its_median_account() {
        let measured = Outcome::Measured { value: 15.31, examples: [7].into_iter().collect() };
        let test = SignalTest { testable: 1, median: 0, p: 0.0123 };
        let cohort = |_| "all 900 accounts".to_owned();
        let mut column = column(measured, Some(99.1));
        let none = Outcome::not_applicable("3 exchanges; 20 are needed");
        column.outcomes.push(none);
        let reason = Reason::of_group(&column, &[0, 1], Ok(test), cohort);
        assert_eq!(
            &*reason.sentence,
            "Coverage: 15.3 topics in 20 draws (of 2 core accounts, 1 measured, the one with the median p-value); above 99.1 % of measured peers among \
             all 900 accounts. Ordinary groups of this size have such figures in at most 2 of 100 cases."
        );
        assert_eq!((reason.value, reason.p), (Some(15.31), Some(0.0123)));
        // One account gives value and percentile, also where another one has the median value.
        column.outcomes[1] = Outcome::Measured { value: 9.0, examples: signals::Examples::default() };
        let reason = Reason::of_group(&column, &[0, 1], Ok(SignalTest { testable: 2, ..test }), cohort);
        let start = "Coverage: 15.3 topics in 20 draws (of 2 core accounts, the one with the median p-value); above 99.1 %";
        assert!(reason.sentence.starts_with(start), "{}", reason.sentence);
        assert_eq!(reason.value, Some(15.31));
    }

    #[test]
    fn an_untested_signal_of_a_group_states_its_own_reason() {
        let column = column(Outcome::not_applicable(""), None);
        let why = |untested| Reason::of_group(&column, &[0, 1], Err(untested), |_| String::new());
        let formed = why(Untested::FormedByContent(2));
        assert_eq!(
            &*formed.sentence,
            "Coverage: not tested, because it measures content and similar prompts formed the group; measured on 2 of 2 core \
             accounts."
        );
        assert!(formed.not_testable().unwrap().starts_with("it measures content"));
        let few = why(Untested::TooFew(0));
        assert_eq!(
            few.not_testable(),
            Some("measured on 0 of 2 core accounts, and half of them are needed.")
        );
    }

    #[test]
    fn p_values_have_two_digits() {
        assert_eq!(
            [0.00171, 0.001, 3.7e-12, 0.035, 1.0].map(p_value),
            ["0.0017", "0.0010", "3.7e-12", "0.035", "1.00"]
        );
    }

    #[test]
    fn draws_say_how_many_there_were() {
        let of = |p, extreme, drawn| draws(MonteCarlo { p, extreme, draws: drawn });
        assert_eq!(of(0.001, 0, 999), "in 0 of 999 draws");
        assert_eq!(of(0.0023, 1, 879), "in 1 of 879 draws; 120 more could not be measured");
        assert_eq!(of(0.2, 20, 100), "in 20 of 100 draws, after which drawing stopped");
        assert_eq!(of(1.0, 20, 20), "in 20 of 20 draws, after which drawing stopped; not unusual");
    }
}
