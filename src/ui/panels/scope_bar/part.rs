//! Parts of a scope, one per chip: removal, negation, transfer to the other row.

use crate::model::{AccountSet, AttributeKind, Scope};

/// A part of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The accounts.
    Accounts,
    /// Excluded accounts.
    Except,
    /// The time span.
    Span,
    /// All topics.
    Topics,
    /// One topic.
    Topic(u16),
    /// A required value, or if negated an excluded one.
    Value {
        /// Attribute.
        kind: AttributeKind,
        /// Value.
        value: String,
        /// True for an excluded value.
        negated: bool,
    },
}

/// Number of topics above which they share one chip.
const MAX_TOPIC_CHIPS: usize = 2;

/// Parts of a scope in the order of their chips.
pub fn parts(scope: &Scope) -> Vec<Part> {
    let mut parts = Vec::new();
    parts.extend(scope.accounts.as_ref().map(|_| Part::Accounts));
    parts.extend(scope.except.as_ref().map(|_| Part::Except));
    parts.extend(scope.span.map(|_| Part::Span));
    match &scope.topics {
        Some(topics) if topics.len() > MAX_TOPIC_CHIPS => parts.push(Part::Topics),
        Some(topics) => parts.extend(topics.keys().map(|id| Part::Topic(*id))),
        None => {}
    }
    for (negated, values) in [(false, &scope.attributes), (true, &scope.without)] {
        for (&kind, values) in values {
            parts.extend(values.iter().map(|value| Part::Value { kind, value: value.clone(), negated }));
        }
    }
    parts
}

impl Part {
    /// The scope without this part.
    pub fn without(&self, scope: &Scope) -> Scope {
        let mut less = scope.clone();
        match self {
            Self::Accounts => less.accounts = None,
            Self::Except => less.except = None,
            Self::Span => less.span = None,
            Self::Topics => less.topics = None,
            Self::Topic(id) => {
                less.topics = less.topics.map(|mut topics| {
                    topics.remove(id);
                    topics
                });
                less.topics = less.topics.filter(|topics| !topics.is_empty());
            }
            Self::Value { kind, value, negated } => {
                let of = if *negated { &mut less.without } else { &mut less.attributes };
                if let Some(values) = of.get_mut(kind) {
                    values.remove(value);
                    if values.is_empty() {
                        of.remove(kind);
                    }
                }
            }
        }
        less
    }

    /// A scope of only this part.
    pub fn alone(&self, scope: &Scope) -> Scope {
        let mut only = Scope::default();
        match self {
            Self::Accounts => only.accounts.clone_from(&scope.accounts),
            Self::Except => only.except.clone_from(&scope.except),
            Self::Span => only.span = scope.span,
            Self::Topics => only.topics.clone_from(&scope.topics),
            Self::Topic(id) => {
                only.topics = scope.topics.as_ref().and_then(|topics| {
                    Some(std::collections::BTreeMap::from([(*id, topics.get(id)?.clone())]))
                });
            }
            Self::Value { kind, value, negated: false } => only = only.with_value(*kind, value),
            Self::Value { kind, value, negated: true } => only = only.without_value(*kind, value),
        }
        only
    }

    /// The scope with accounts or a value excluded instead of required, or required instead of excluded;
    /// `None` for other parts.
    pub fn negated(&self, scope: &Scope) -> Option<Scope> {
        let mut less = self.without(scope);
        match self {
            Self::Value { kind, value, negated: true } => Some(less.with_value(*kind, value)),
            Self::Value { kind, value, negated: false } => Some(less.without_value(*kind, value)),
            Self::Accounts => {
                less.except = joined(less.except.take(), scope.accounts.as_ref());
                Some(less)
            }
            Self::Except => {
                less.accounts = joined(less.accounts.take(), scope.except.as_ref());
                Some(less)
            }
            Self::Span | Self::Topics | Self::Topic(_) => None,
        }
    }
}

/// Accounts of two sets. A set that grows loses its name and its lead.
fn joined(known: Option<AccountSet>, more: Option<&AccountSet>) -> Option<AccountSet> {
    match (known, more) {
        (Some(known), Some(more)) => {
            let ids = known.ids.union(&more.ids).cloned().collect();
            Some(AccountSet { label: None, lead: None, ids })
        }
        (known, more) => known.or_else(|| more.cloned()),
    }
}

/// A scope with the parts of another added: accounts and time span are replaced, topics and values joined.
pub fn with_parts(scope: &Scope, of: &Scope) -> Scope {
    let mut more = scope.clone();
    if of.accounts.is_some() {
        more.accounts.clone_from(&of.accounts);
    }
    more.except = joined(more.except.take(), of.except.as_ref());
    more.span = of.span.or(more.span);
    if let Some(topics) = &of.topics {
        more.topics.get_or_insert_default().extend(topics.clone());
    }
    for (kind, values) in &of.attributes {
        more.attributes.entry(*kind).or_default().extend(values.iter().cloned());
    }
    for (kind, values) in &of.without {
        more.without.entry(*kind).or_default().extend(values.iter().cloned());
    }
    more
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::TimeSpan;

    fn scope() -> Scope {
        let ids = ["out".into()].into();
        let except = Some(AccountSet { label: None, lead: None, ids });
        Scope { except, ..Scope::default() }
            .with_account("a".into())
            .with_span(TimeSpan { start: 1, end: 2 })
            .with_topics(BTreeMap::from([(1, "one".into()), (2, "two".into())]))
            .with_value(AttributeKind::Asn, "64500")
            .with_value(AttributeKind::Asn, "64501")
            .without_value(AttributeKind::Country, "FR")
    }

    #[test]
    fn what_is_taken_off_is_gone_and_nothing_else() {
        let all = scope();
        let found = parts(&all);
        assert_eq!(found.len(), 8);
        for part in &found {
            let less = part.without(&all);
            assert_ne!(less, all, "{part:?}");
            assert_eq!(with_parts(&less, &part.alone(&all)), all, "{part:?} comes back");
            assert_eq!(parts(&less).len(), found.len() - 1);
        }
        let none = found.iter().fold(all, |scope, part| part.without(&scope));
        assert!(none.is_everything());
    }

    #[test]
    fn a_value_is_negated_and_back() {
        let one = Scope::default().with_value(AttributeKind::Asn, "64500");
        let not = parts(&one)[0].negated(&one).unwrap();
        assert_eq!(not, Scope::default().without_value(AttributeKind::Asn, "64500"));
        assert_eq!(parts(&not)[0].negated(&not), Some(one));
        assert_eq!(Part::Span.negated(&scope()), None);
        let lead = Scope::default().with_accounts("linked", ["a".into(), "b".into()].into());
        let not = Part::Accounts.negated(&lead).unwrap();
        assert_eq!((not.accounts.as_ref(), not.except.as_ref()), (None, lead.accounts.as_ref()));
        assert_eq!(Part::Except.negated(&not), Some(lead));
    }

    #[test]
    fn many_topics_share_a_chip() {
        let topics = (0..4).map(|id| (id, id.to_string())).collect();
        assert_eq!(parts(&Scope::default().with_topics(topics)), [Part::Topics]);
    }
}
