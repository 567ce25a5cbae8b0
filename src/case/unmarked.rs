//! Leads that the investigator took up or named a campaign, and that no mark relies on.

use std::collections::BTreeSet;

use super::{Decisions, ReviewStatus, State};
use crate::model::{Followed, Tag};

/// Leads of the present list that are taken up or named a campaign without a mark as relied-on, by position, with
/// their status. No bundle relies on them.
pub fn unmarked(state: &State, decisions: &Decisions) -> Vec<(usize, ReviewStatus)> {
    let marked = state.evidence.values().filter(|evidence| evidence.tag == Tag::ReliedOn);
    let marked: BTreeSet<usize> =
        marked.filter_map(|evidence| decisions.of_evidence(evidence.id).and_then(Followed::at)).collect();
    let reviewed = (0..decisions.list().leads().len()).filter(|at| !marked.contains(at));
    reviewed
        .filter_map(|at| Some((at, decisions.review(at)?.status)))
        .filter(|(_, status)| matches!(status, ReviewStatus::TakenUp | ReviewStatus::Campaign))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::case::{Evidence, EvidenceSource, Review};
    use crate::model::{AccountId, LeadList, LeadRef, Scope};

    #[test]
    fn a_lead_taken_up_or_named_is_to_be_marked() {
        let lead = |n: u32| LeadRef::of(1, (n..n + 9).map(|n| AccountId(format!("a{n}"))).collect());
        let leads: Vec<LeadRef> = [0, 20, 40, 60].map(lead).to_vec();
        let review =
            |at: usize, status| Review { lead: leads[at].clone(), status, reason: String::new(), ts: 0 };
        let reviews = vec![
            review(0, ReviewStatus::Campaign),
            review(1, ReviewStatus::TakenUp),
            review(2, ReviewStatus::LookedAt),
            review(3, ReviewStatus::TakenUp),
        ];
        let mark = |id, at: usize, tag| {
            let scope = Scope::default().with_lead(leads[at].clone(), (*leads[at].core).clone());
            let source = EvidenceSource::Scope { scope, title: String::new() };
            (id, Evidence { id, source, tag, note: String::new(), marked: 0, read_with: None })
        };
        // A mark with another tag is none that a bundle relies on.
        let evidence = [mark(1, 3, Tag::ReliedOn), mark(2, 1, Tag::Context)].into();
        let state = Arc::new(State { reviews, evidence, ..State::default() });
        let list = Arc::new(LeadList::new(leads.clone()));
        let decisions = Decisions::new(Arc::clone(&state), list, &|_| false);
        let found = unmarked(&state, &decisions);
        assert_eq!(found, [(0, ReviewStatus::Campaign), (1, ReviewStatus::TakenUp)]);
    }
}
