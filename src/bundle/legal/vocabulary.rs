//! Words of the legal tables, which a name may equal.

use crate::case::legal::{ABOUT, MeasureKind, NoticeKind, Profile};

use super::{Gap, Relation, harm::Basis};

/// Identifiers of the legal tables in one text.
pub(in crate::bundle) fn words() -> String {
    let elements = ABOUT.iter().flat_map(|about| [about.id, about.title, about.asks, about.table]);
    let kinds = NoticeKind::ALL.iter().map(|kind| kind.word());
    let measures = MeasureKind::ALL.iter().map(|kind| kind.word());
    let profiles = Profile::ALL.iter().map(|profile| profile.word());
    let bases = Basis::ALL.iter().map(|basis| basis.words());
    let relations = [Relation::Addressed, Relation::Linked].map(Relation::word);
    let gaps = Gap::ALL.map(Gap::words);
    let all = elements.chain(kinds).chain(measures).chain(profiles).chain(bases).chain(relations).chain(gaps);
    all.collect::<Vec<_>>().join(" ")
}
