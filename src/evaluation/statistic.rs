//! Figures as functions of the weights of accounts, so that they can be computed on resamples.

/// Name of a figure: its section, subject and title in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Section of the evaluation.
    pub section: &'static str,
    /// Subject: a campaign, a class of innocent accounts. May be hostile text.
    pub subject: String,
    /// Name of the figure.
    pub figure: String,
}

/// Value of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A number; infinite where a count has no end.
    Number(Option<f64>),
    /// A share of the weight of accounts.
    Share {
        /// Numerator.
        hits: f64,
        /// Denominator.
        of: f64,
    },
}

impl Value {
    /// The number or the share; `None` where it is undefined.
    pub fn get(self) -> Option<f64> {
        match self {
            Self::Number(value) => value,
            Self::Share { hits, of } => (of > 0.0).then(|| hits / of),
        }
    }
}

/// Some figures of an evaluation; quantities independent of the weights are computed once.
pub(super) trait Statistic: Sync {
    /// Names of the figures.
    fn names(&self) -> Vec<Name>;

    /// Values in the order of the names, each account counting with its weight.
    fn values(&self, weights: &[f64]) -> Vec<Value>;
}
