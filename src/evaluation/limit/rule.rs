//! The rule of a limit: one or two thresholds over a window of days, for some topics or for all.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::cache::Cache;
use crate::model::visible;
use crate::signals::{self, ALL, Signal};

/// Maximum number of days of a window.
pub const MAX_DAYS: u32 = 366;

/// Maximum number of conditions of a rule.
const MAX_CONDITIONS: usize = 2;

/// Topics that an error lists.
const LISTED: usize = 10;

/// Name of the number of exchanges, the one measure that is no signal.
const EXCHANGES: &str = "exchanges";

/// Grammar of a rule file, for `--help`, the window and errors.
pub const GRAMMAR: &str = "  window_days = 7            days of the window, 1 to 366; it ends with the day of the check (UTC)
  topics = [\"label\", 12]     only exchanges of these topics count, by label or number; leave it out for all
  [[condition]]              one or two; an account is caught when all hold
  measure = \"exchanges\"      exchanges in the window, or the id of a signal: C2, C4, C5, R1, R2, R3, R4, R7
  at_least = 500             or at_most; in the unit of the measure
An account is checked at the end of each day (UTC) on which it has an exchange that counts. Signals are measured
on the exchanges of the window alone and need their minimum of data there; a condition without it is not testable
on that day, and an account that no day can decide counts as not testable. Signals that compare an account with
others (C1, C3, L1, L2) are of the whole log and cannot be measured in a window.";

/// A limit that a provider could set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Days of the window that ends with the day of the check, 1 to 366.
    pub window_days: u32,
    /// Topics whose exchanges count; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topics: Option<Vec<TopicName>>,
    /// Conditions that all have to hold: one or two.
    #[serde(rename = "condition")]
    pub conditions: Vec<Condition>,
}

/// A topic by its number or its label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TopicName {
    /// Number.
    Number(u16),
    /// Label; may be hostile text.
    Label(String),
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct Condition {
    /// `exchanges` or the id of a signal.
    pub measure: String,
    /// Threshold in the unit of the measure.
    pub threshold: Threshold,
}

/// Threshold of a condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// The condition holds from this value on.
    AtLeast(f64),
    /// The condition holds up to this value.
    AtMost(f64),
}

impl Threshold {
    /// True if the value passes the threshold.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

/// A condition as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    measure: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_least: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_most: Option<f64>,
}

impl TryFrom<Form> for Condition {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        let threshold = match (form.at_least, form.at_most) {
            (Some(least), None) => Threshold::AtLeast(least),
            (None, Some(most)) => Threshold::AtMost(most),
            _ => return Err("a condition has either at_least or at_most".to_owned()),
        };
        Ok(Self { measure: form.measure, threshold })
    }
}

impl From<Condition> for Form {
    fn from(condition: Condition) -> Self {
        let (at_least, at_most) = match condition.threshold {
            Threshold::AtLeast(least) => (Some(least), None),
            Threshold::AtMost(most) => (None, Some(most)),
        };
        Self { measure: condition.measure, at_least, at_most }
    }
}

/// Errors of a rule.
#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    /// Not TOML of the grammar.
    #[error("it is not a rule: {0}")]
    Form(String),
    /// A window outside 1 to [`MAX_DAYS`] days.
    #[error("window_days is {0}; it must be 1 to {MAX_DAYS}")]
    Window(u32),
    /// No condition, or too many.
    #[error("it has {0} conditions; give one or two")]
    Conditions(usize),
    /// A threshold that is not a finite number.
    #[error("the threshold of {0} is not a finite number")]
    Threshold(String),
    /// A measure that does not exist.
    #[error("“{0}” is not a measure; measures are {1}")]
    Measure(String, String),
    /// A signal that compares an account with others.
    #[error(
        "{0} compares an account with others over the whole log and cannot be measured in a window; measures are {1}"
    )]
    WholeLog(String, String),
    /// A signal whose columns are missing.
    #[error("{0} is not testable in this case, {1}")]
    Missing(String, String),
    /// A topic that does not exist.
    #[error("no topic is called “{0}”; {1}")]
    Topic(String, String),
}

/// A measure of a condition.
#[derive(Clone, Copy)]
pub struct Measure {
    /// The signal; `None` for the number of exchanges.
    pub signal: Option<&'static dyn Signal>,
}

impl Measure {
    /// `exchanges` or the signal's id.
    pub fn id(self) -> &'static str {
        self.signal.map_or(EXCHANGES, |signal| signal.about().id)
    }

    /// `exchanges` or `C2 coverage`.
    pub fn name(self) -> String {
        self.signal.map_or_else(|| EXCHANGES.to_owned(), |s| format!("{} {}", s.about().id, s.about().title))
    }

    /// Unit of its values.
    pub fn unit(self) -> &'static str {
        self.signal.map_or(EXCHANGES, |signal| signal.about().unit)
    }
}

/// Measures that a rule can name: the number of exchanges, then the signals that need nothing but an account's
/// own exchanges, in display order.
pub fn measures() -> impl Iterator<Item = Measure> {
    let own = ALL.iter().filter(|signal| signal.is_measurable_on_excerpt());
    std::iter::once(Measure { signal: None }).chain(own.map(|&signal| Measure { signal: Some(signal) }))
}

/// A rule that was checked against a case.
pub(super) struct Checked {
    /// Days of the window.
    pub window_days: u32,
    /// Topics whose exchanges count.
    pub topics: Option<BTreeSet<u16>>,
    /// Measures with their thresholds.
    pub conditions: Vec<(Measure, Threshold)>,
}

impl Limit {
    /// Reads a rule file: TOML of [`GRAMMAR`].
    ///
    /// # Errors
    /// [`LimitError::Form`] with the line and the reason.
    pub fn from_toml(text: &str) -> Result<Self, LimitError> {
        toml::from_str(text).map_err(|error| LimitError::Form(error.to_string()))
    }

    /// Checks the rule against a case.
    pub(super) fn check(&self, cache: &Cache) -> Result<Checked, LimitError> {
        if !(1..=MAX_DAYS).contains(&self.window_days) {
            return Err(LimitError::Window(self.window_days));
        }
        if !(1..=MAX_CONDITIONS).contains(&self.conditions.len()) {
            return Err(LimitError::Conditions(self.conditions.len()));
        }
        let conditions = self.conditions.iter().map(|condition| checked(condition, cache));
        let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
        let topics = self.topics.as_ref().map(|named| topics(named, cache)).transpose()?;
        Ok(Checked { window_days: self.window_days, topics, conditions })
    }

    /// The rule in a sentence: `at least 500 exchanges and at least 12 topics in 20 draws (C2 coverage)
    /// within 7 days`.
    pub fn in_words(&self) -> String {
        let condition = |condition: &Condition| {
            let measure = measures().find(|measure| measure.id() == condition.measure);
            let (side, value) = match condition.threshold {
                Threshold::AtLeast(value) => ("at least", value),
                Threshold::AtMost(value) => ("at most", value),
            };
            match measure {
                Some(measure) if measure.signal.is_some() => {
                    format!("{side} {value} {} ({})", measure.unit(), measure.name())
                }
                _ => format!("{side} {value} {}", visible(&condition.measure)),
            }
        };
        let conditions: Vec<String> = self.conditions.iter().map(condition).collect();
        let days = if self.window_days == 1 { "day" } else { "days" };
        let mut words = format!("{} within {} {days}", conditions.join(" and "), self.window_days);
        if let Some(topics) = &self.topics {
            let name = |topic: &TopicName| match topic {
                TopicName::Number(number) => format!("number {number}"),
                TopicName::Label(label) => format!("“{}”", visible(label)),
            };
            let names: Vec<String> = topics.iter().map(name).collect();
            words += &format!(", topics {}", names.join(", "));
        }
        words
    }
}

fn checked(condition: &Condition, cache: &Cache) -> Result<(Measure, Threshold), LimitError> {
    let name = &condition.measure;
    let (Threshold::AtLeast(value) | Threshold::AtMost(value)) = condition.threshold;
    if !value.is_finite() {
        return Err(LimitError::Threshold(visible(name).into_owned()));
    }
    let Some(measure) = measures().find(|measure| measure.id() == name) else {
        let all = measures().map(Measure::id).collect::<Vec<_>>().join(", ");
        return Err(if ALL.iter().any(|signal| signal.about().id == name) {
            LimitError::WholeLog(name.clone(), all)
        } else {
            LimitError::Measure(visible(name).into_owned(), all)
        });
    };
    match measure.signal.and_then(|signal| signals::missing(signal.about(), cache)) {
        Some(why) => Err(LimitError::Missing(measure.name(), why)),
        None => Ok((measure, condition.threshold)),
    }
}

/// Numbers of the named topics; of several with one label, all.
fn topics(named: &[TopicName], cache: &Cache) -> Result<BTreeSet<u16>, LimitError> {
    let all = cache.topics();
    let mut found = BTreeSet::new();
    for name in named {
        let before = found.len();
        found.extend(all.iter().filter(|topic| is_called(topic, name)).map(|topic| topic.id));
        if found.len() == before && !all.iter().any(|topic| is_called(topic, name)) {
            let labels: Vec<String> = all
                .iter()
                .take(LISTED)
                .map(|topic| format!("{} {}", topic.id, visible(&topic.label)))
                .collect();
            let listed = match all.len() {
                0 => "the case has no topics yet".to_owned(),
                n => format!("the first of {n} topics: {}", labels.join(", ")),
            };
            let name = match name {
                TopicName::Number(number) => number.to_string(),
                TopicName::Label(label) => visible(label).into_owned(),
            };
            return Err(LimitError::Topic(name, listed));
        }
    }
    Ok(found)
}

fn is_called(topic: &crate::cache::Topic, name: &TopicName) -> bool {
    match name {
        TopicName::Number(number) => topic.id == *number,
        TopicName::Label(label) => topic.label == *label,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::cache_of;
    use super::*;

    fn refused(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache_of(folder.path(), &["a"]);
        match Limit::from_toml(text).and_then(|limit| limit.check(&cache)) {
            Ok(_) => panic!("accepted: {text}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_rule_is_read_and_said() {
        let text = "window_days = 7\ntopics = [\"a · b\", 3]\n[[condition]]\nmeasure = \"exchanges\"\nat_least = 500\n\
                    [[condition]]\nmeasure = \"R2\"\nat_most = 2.5\n";
        let limit = Limit::from_toml(text).unwrap();
        assert_eq!(limit.conditions[1].threshold, Threshold::AtMost(2.5));
        assert_eq!(
            limit.in_words(),
            "at least 500 exchanges and at most 2.5 hours of rest (R2 rest) within 7 days, topics “a · b”, number 3"
        );
        assert_eq!(Limit::from_toml(&toml::to_string(&limit).unwrap()).unwrap(), limit);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let one = "[[condition]]\nmeasure = \"exchanges\"\nat_least = 5\n";
        for (text, word) in [
            (format!("window_days = 0\n{one}"), "window_days is 0"),
            (format!("window_days = 367\n{one}"), "window_days is 367"),
            ("window_days = 7\ncondition = []".to_owned(), "0 conditions"),
            (format!("window_days = 7\n{one}{one}{one}"), "3 conditions"),
            (format!("window_days = 7\n{one}at_most = 4\n"), "either at_least or at_most"),
            (
                "window_days = 7\n[[condition]]\nmeasure = \"exchanges\"\n".to_owned(),
                "either at_least or at_most",
            ),
            (format!("window_days = 7\nsurprise = 1\n{one}"), "unknown field `surprise`"),
            (format!("window_days = 7\n{}", one.replace('5', "nan")), "not a finite number"),
            (
                format!("window_days = 7\n{}", one.replace("exchanges", "L1")),
                "L1 compares an account with others",
            ),
            (
                format!("window_days = 7\n{}", one.replace("exchanges", "X9")),
                "“X9” is not a measure; measures are exchanges, C2",
            ),
            (
                format!("window_days = 7\n{}", one.replace("exchanges", "C5")),
                "C5 harvest is not testable in this case, because",
            ),
            (
                format!("window_days = 7\ntopics = [4]\n{one}"),
                "no topic is called “4”; the case has no topics yet",
            ),
        ] {
            let said = refused(&text);
            assert!(said.contains(word), "{text}: {said}");
        }
    }

    #[test]
    fn the_grammar_names_every_measure() {
        let ids: Vec<&str> = measures().map(Measure::id).collect();
        assert!(GRAMMAR.contains(&format!("signal: {}", ids[1..].join(", "))), "{ids:?}");
        let others: Vec<&str> = ALL
            .iter()
            .filter(|signal| !signal.is_measurable_on_excerpt())
            .map(|signal| signal.about().id)
            .collect();
        assert!(GRAMMAR.contains(&format!("({})", others.join(", "))), "{others:?}");
    }
}
