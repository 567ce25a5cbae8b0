//! Kinds as values of arguments: the words and meanings are those of the legal frame.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// Parser of one of several kinds, each with its word and its meaning.
pub(super) fn kind<T, const N: usize>(
    all: [(T, &'static str, &'static str); N],
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let values = all.iter().map(|(_, word, meaning)| PossibleValue::new(*word).help(*meaning));
    PossibleValuesParser::new(values.collect::<Vec<_>>()).try_map(move |word| {
        let found = all.iter().find(|(_, own, _)| *own == word);
        found.map(|(kind, ..)| *kind).ok_or("not one of the kinds")
    })
}
