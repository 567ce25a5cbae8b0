//! Decisions of a case matched with the leads of the present list.
//!
//! A decision refers to its lead by id and core accounts and follows it by the rule of
//! [`LeadList::follow`](crate::model::LeadList::follow). Of several decisions on one question that now
//! belong to the same lead, the one whose lead has the most core accounts in common with it is in
//! effect, ties to the later one; the others are listed beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Action, Alternative, EvidenceSource, Review, State, Subject};
use crate::model::{AccountId, Followed, LeadList, LeadRef, earlier_rank, name_now};

/// Decisions of one state of a case, matched with one list of leads.
#[derive(Clone, Debug)]
pub struct Decisions {
    state: Arc<State>,
    list: Arc<LeadList>,
    /// Match of each of [`State::alternatives`], by position.
    alternatives: Vec<Match>,
    /// Present lead of evidence made from a lead's scope, by the evidence's number.
    evidence: BTreeMap<u64, Followed>,
    /// Present lead of scopes made from a lead, by position in [`State::scopes`].
    scopes: BTreeMap<usize, Followed>,
    /// Present lead of each of [`State::reviews`], by position.
    reviews: Vec<Followed>,
    /// Review in effect of each lead of the list that has one, as a position in [`State::reviews`].
    review_of: BTreeMap<usize, usize>,
}

/// Match of a weighed explanation.
#[derive(Clone, Debug, PartialEq)]
enum Match {
    Lead(Followed),
    Other(Subject),
    /// None, with the reason as the end of a sentence.
    Nowhere(String),
}

/// Decisions on one benign explanation of one subject.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weighed<'a> {
    /// The decision in effect; `None` if there is none.
    pub counts: Option<&'a Alternative>,
    /// Other decisions on the same question, made on leads that now belong to this one.
    pub beside: Vec<&'a Alternative>,
}

/// Decision that was made on a lead, with the present state of that lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedDecision {
    /// The decision: `reseller weighed`, `evidence 3`, `scope “night shift”`.
    pub decision: String,
    /// Present state of its lead: `L-7f31ab, now L-91c2d0: 41 of 44 accounts in common`.
    pub lead_now: String,
    /// True if its lead is in the present list.
    pub found: bool,
}

impl PlacedDecision {
    /// Decision and lead in one line.
    pub fn in_words(&self) -> String {
        format!("{} for {}", self.decision, self.lead_now)
    }
}

impl Decisions {
    /// Matches the decisions of a state. `has_account` is true for accounts of the case's log.
    pub fn new(state: Arc<State>, list: Arc<LeadList>, has_account: &dyn Fn(&AccountId) -> bool) -> Self {
        // Many decisions refer to one lead, which may have thousands of accounts; each is followed once.
        let mut seen: BTreeMap<&LeadRef, Followed> = BTreeMap::new();
        let mut follow = |lead| *seen.entry(lead).or_insert_with(|| list.follow(lead));
        let evidence = state
            .evidence
            .values()
            .filter_map(|evidence| Some((evidence.id, follow(evidence.source.lead()?))))
            .collect();
        let scopes = state.scopes.iter().enumerate();
        let scopes = scopes.filter_map(|(at, saved)| Some((at, follow(saved.scope.lead()?)))).collect();
        let reviews: Vec<Followed> = state.reviews.iter().map(|review| follow(&review.lead)).collect();
        let mut review_of: BTreeMap<usize, usize> = BTreeMap::new();
        for (review, followed) in reviews.iter().enumerate() {
            let Some(at) = followed.at() else { continue };
            let common = |review: usize| reviews[review].common(&state.reviews[review].lead);
            let best = review_of.entry(at).or_insert(review);
            // On a tie the later decision.
            if common(review) >= common(*best) {
                *best = review;
            }
        }
        let alternatives = state
            .alternatives
            .iter()
            .map(|alternative| match &alternative.subject {
                Some(Subject::Lead { lead }) => Match::Lead(follow(lead)),
                Some(Subject::Evidence { id }) if !state.evidence.contains_key(id) => {
                    Match::Nowhere(format!("evidence {id}: not on the list any more"))
                }
                Some(subject) => Match::Other(subject.clone()),
                None => match_of_name(&state, &alternative.lead, has_account),
            })
            .collect();
        Self { alternatives, evidence, scopes, reviews, review_of, state, list }
    }

    /// The list of leads.
    pub fn list(&self) -> &LeadList {
        &self.list
    }

    /// Present lead of a piece of evidence; `None` if it was not made from a lead.
    pub fn of_evidence(&self, id: u64) -> Option<Followed> {
        self.evidence.get(&id).copied()
    }

    /// Present lead of a piece of evidence in words, `L-7f31ab, now L-91c2d0: …`; `None` if it was not
    /// made from a lead.
    pub fn evidence_in_words(&self, id: u64) -> Option<String> {
        let source = &self.state.evidence.get(&id)?.source;
        if let EvidenceSource::Scope { title, .. } = source
            && source.lead().is_none()
            && earlier_rank(title).is_some()
        {
            return Some(format!("{}: no lead by that rank any more", name_now(title)));
        }
        Some(self.list.describe(source.lead()?, self.of_evidence(id)?))
    }

    /// Present lead of a saved scope in words; `None` if it was not made from a lead.
    pub fn scope_in_words(&self, at: usize) -> Option<String> {
        let lead = self.state.scopes.get(at)?.scope.lead()?;
        Some(self.list.describe(lead, *self.scopes.get(&at)?))
    }

    /// Review in effect of a lead, by its position in the list; `None` for a new lead.
    pub fn review(&self, at: usize) -> Option<&Review> {
        self.state.reviews.get(*self.review_of.get(&at)?)
    }

    /// Present state of a lead in words.
    pub fn lead_in_words(&self, lead: &LeadRef) -> String {
        self.list.describe(lead, self.list.follow(lead))
    }

    /// Decisions on an explanation of a subject. A lead of an earlier list has the decisions of the
    /// present lead that it belongs to, or those on itself if there is none.
    pub fn weighed(&self, subject: &Subject, explanation: &str) -> Weighed<'_> {
        let target = match subject {
            Subject::Lead { lead } => Some((lead, self.list.follow(lead).at())),
            Subject::Account { .. } | Subject::Evidence { .. } => None,
        };
        let mut found: Vec<(usize, &Alternative)> = Vec::new();
        for (alternative, place) in self.state.alternatives.iter().zip(&self.alternatives) {
            if alternative.explanation != explanation {
                continue;
            }
            let common = match (place, target, &alternative.subject) {
                (Match::Lead(followed), Some((asked, at)), Some(Subject::Lead { lead })) => {
                    let is_it = if at.is_some() { followed.at() == at } else { lead == asked };
                    is_it.then(|| followed.common(lead))
                }
                (Match::Other(other), _, _) => (other == subject).then_some(0),
                _ => None,
            };
            found.extend(common.map(|common| (common, alternative)));
        }
        // `max_by_key` returns the last of the largest: on a tie the later decision.
        let counts = found.iter().enumerate().max_by_key(|(_, (common, _))| *common).map(|(at, _)| at);
        let beside = found.iter().enumerate().filter(|(at, _)| Some(*at) != counts);
        Weighed {
            beside: beside.map(|(_, (_, alternative))| *alternative).collect(),
            counts: counts.map(|at| found[at].1),
        }
    }

    /// Lead for which an explanation was weighed, if it is not in the list unchanged:
    /// `L-7f31ab, now L-91c2d0: 41 of 44 accounts in common`. `None` if it is unchanged.
    pub fn weighed_for_other(&self, alternative: &Alternative) -> Option<String> {
        let Some(Subject::Lead { lead }) = &alternative.subject else { return None };
        let at = self.state.alternatives.iter().position(|other| std::ptr::eq(other, alternative));
        let followed = match at.and_then(|at| self.alternatives.get(at)) {
            Some(Match::Lead(followed)) => *followed,
            _ => self.list.follow(lead),
        };
        (!matches!(followed, Followed::Same { .. })).then(|| self.list.describe(lead, followed))
    }

    /// Present state of the lead of a journal entry in words; `None` if it concerns no lead.
    pub fn action_in_words(&self, action: &Action) -> Option<String> {
        match action {
            Action::AlternativeWeighed { alternative } if alternative.subject.is_none() => {
                earlier_rank(&alternative.lead)?;
                Some(name_now(&alternative.lead))
            }
            Action::Tagged { source: EvidenceSource::Scope { scope, title }, .. }
                if scope.lead().is_none() =>
            {
                earlier_rank(title)?;
                Some(name_now(title))
            }
            _ => action.lead().map(|lead| self.lead_in_words(lead)),
        }
    }

    /// As [`action_in_words`](Self::action_in_words), but `None` also if the lead is in the list
    /// unchanged.
    pub fn changed_lead_of(&self, action: &Action) -> Option<String> {
        let is_same = |lead| matches!(self.list.follow(lead), Followed::Same { .. });
        if action.lead().is_some_and(is_same) { None } else { self.action_in_words(action) }
    }

    /// Decisions whose lead is not in the list unchanged: those that follow another lead, and those
    /// without one.
    pub fn changed(&self) -> Vec<PlacedDecision> {
        let mut changed = Vec::new();
        let mut add = |decision: String, lead: &LeadRef, followed: Followed| {
            if !matches!(followed, Followed::Same { .. }) {
                let lead_now = self.list.describe(lead, followed);
                changed.push(PlacedDecision { decision, lead_now, found: followed.at().is_some() });
            }
        };
        for (id, followed) in &self.evidence {
            if let Some(lead) = self.state.evidence.get(id).and_then(|evidence| evidence.source.lead()) {
                add(format!("evidence {id}"), lead, *followed);
            }
        }
        for (at, followed) in &self.scopes {
            if let Some(saved) = self.state.scopes.get(*at)
                && let Some(lead) = saved.scope.lead()
            {
                add(format!("scope “{}”", saved.name), lead, *followed);
            }
        }
        for (review, followed) in self.state.reviews.iter().zip(&self.reviews) {
            add(format!("review as {}", review.status.in_words()), &review.lead, *followed);
        }
        for (alternative, place) in self.state.alternatives.iter().zip(&self.alternatives) {
            if let (Match::Lead(followed), Some(Subject::Lead { lead })) = (place, &alternative.subject) {
                add(format!("{} weighed", alternative.explanation), lead, *followed);
            }
        }
        let nowhere = |(alternative, place): (&Alternative, &Match)| match place {
            Match::Nowhere(lead_now) => {
                let decision = format!("{} weighed", alternative.explanation);
                Some(PlacedDecision { decision, lead_now: lead_now.clone(), found: false })
            }
            Match::Lead(_) | Match::Other(_) => None,
        };
        changed.extend(self.state.alternatives.iter().zip(&self.alternatives).filter_map(nowhere));
        changed.extend(self.earlier_evidence());
        changed
    }

    /// Decisions without a lead in the present list.
    pub fn unplaced(&self) -> Vec<PlacedDecision> {
        self.changed().into_iter().filter(|placed| !placed.found).collect()
    }

    /// Evidence of earlier versions, which was made from a lead and has only its rank.
    fn earlier_evidence(&self) -> impl Iterator<Item = PlacedDecision> {
        self.state.evidence.values().filter_map(|evidence| match &evidence.source {
            EvidenceSource::Scope { scope, title } if scope.lead().is_none() => {
                earlier_rank(title)?;
                let (decision, lead_now) = (format!("evidence {}", evidence.id), name_now(title));
                Some(PlacedDecision { decision, lead_now, found: false })
            }
            _ => None,
        })
    }
}

impl EvidenceSource {
    /// Lead that it was made from; `None` for an exchange, an account and any other scope.
    pub fn lead(&self) -> Option<&LeadRef> {
        match self {
            Self::Scope { scope, .. } => scope.lead(),
            Self::Exchange { .. } | Self::Account { .. } => None,
        }
    }
}

impl Action {
    /// Lead of the decision; `None` if it concerns no lead.
    pub fn lead(&self) -> Option<&LeadRef> {
        match self {
            Self::Tagged { source, .. } => source.lead(),
            Self::ScopeSaved { scope, .. } => scope.lead(),
            Self::AlternativeWeighed { alternative } => match &alternative.subject {
                Some(Subject::Lead { lead }) => Some(lead),
                _ => None,
            },
            Self::LeadsReviewed { leads, .. } => match leads.as_slice() {
                [only] => Some(only),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Match of a name in an entry of an earlier version: an account, or the only scope with that title. A
/// rank has no match, as its list was not stored.
fn match_of_name(state: &State, name: &str, has_account: &dyn Fn(&AccountId) -> bool) -> Match {
    if earlier_rank(name).is_some() {
        return Match::Nowhere(name_now(name));
    }
    let titled = state
        .evidence
        .values()
        .filter(|evidence| matches!(&evidence.source, EvidenceSource::Scope { title, .. } if title == name));
    let mut found: Vec<Subject> =
        titled.filter_map(|evidence| evidence.source.subject(evidence.id)).collect();
    let account = AccountId::from(name);
    if has_account(&account) {
        found.push(Subject::Account { account });
    }
    match <[Subject; 1]>::try_from(found) {
        Ok([subject]) => Match::Other(subject),
        Err(found) if found.is_empty() => Match::Nowhere(format!("“{name}”: no longer a lead")),
        Err(_) => Match::Nowhere(format!("“{name}”: several subjects have this name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Entry, Verdict};
    use crate::model::{Scope, Tag};

    fn lead(accounts: std::ops::Range<u32>) -> LeadRef {
        LeadRef::of(1, accounts.map(|n| AccountId(format!("acct_{n:03}"))).collect())
    }

    fn fold(actions: Vec<Action>) -> Arc<State> {
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        for action in actions {
            let prev = entries.last().map(AsRef::as_ref);
            // Through text, as a journal is read.
            let entry = Entry::new(prev, 0, "ada", None, String::new(), action.clone()).unwrap();
            let again = Entry::parse(entry.body.clone(), entry.body_hash, entry.hash).unwrap();
            assert_eq!(again.action, action);
            entries.push(Arc::new(again));
        }
        Arc::new(State::fold(entries))
    }

    fn weighed(lead: &LeadRef, why: &str) -> Action {
        let subject = Subject::Lead { lead: lead.clone() };
        let alternative = Alternative {
            evidence_against: why.into(),
            verdict: Verdict::RuledOut,
            ..Alternative::new(subject, "reseller")
        };
        Action::AlternativeWeighed { alternative }
    }

    fn marked(id: u64, lead: &LeadRef) -> Action {
        let scope = Scope::default().with_lead(lead.clone(), (*lead.core).clone());
        let source = EvidenceSource::Scope { scope, title: format!("lead {}", lead.id) };
        Action::Tagged { id, source, tag: Tag::ReliedOn, note: String::new() }
    }

    fn place(state: &Arc<State>, leads: Vec<LeadRef>) -> Decisions {
        Decisions::new(Arc::clone(state), Arc::new(LeadList::new(leads)), &|_| false)
    }

    fn counts(decisions: &Decisions, lead: &LeadRef) -> Option<String> {
        let weighed = decisions.weighed(&Subject::Lead { lead: lead.clone() }, "reseller");
        weighed.counts.map(|alternative| alternative.evidence_against.clone())
    }

    #[test]
    fn a_verdict_stays_with_its_accounts_when_ranks_change() {
        let (first, second) = (lead(0..20), lead(20..30));
        let state = fold(vec![weighed(&first, "of the first"), marked(1, &first)]);
        for list in [vec![first.clone(), second.clone()], vec![second.clone(), first.clone()]] {
            let decisions = place(&state, list);
            assert_eq!(counts(&decisions, &first).as_deref(), Some("of the first"));
            assert_eq!(counts(&decisions, &second), None);
            assert_eq!(decisions.changed(), []);
        }
    }

    #[test]
    fn a_decision_that_moves_or_finds_no_lead_says_so() {
        let then = lead(0..44);
        let state = fold(vec![weighed(&then, "x"), marked(1, &then)]);
        let now = lead(3..47);
        let decisions = place(&state, vec![lead(50..60), now.clone()]);
        let lead_now = format!("{}, now {}: 41 of 44 core accounts in common", then.id, now.id);
        let said: Vec<String> = decisions.changed().iter().map(PlacedDecision::in_words).collect();
        assert_eq!(said, [format!("evidence 1 for {lead_now}"), format!("reseller weighed for {lead_now}")]);
        assert_eq!(counts(&decisions, &now).as_deref(), Some("x"));
        assert_eq!(decisions.unplaced(), []);
        assert_eq!(decisions.evidence_in_words(1), Some(lead_now));

        let gone = place(&state, vec![lead(30..60)]);
        let said: Vec<String> = gone.unplaced().iter().map(PlacedDecision::in_words).collect();
        let lead_now = format!("{}: no longer a lead", then.id);
        assert_eq!(said, [format!("evidence 1 for {lead_now}"), format!("reseller weighed for {lead_now}")]);
        assert_eq!(counts(&gone, &lead(30..60)), None);
        // An explanation weighed for evidence that is no longer a lead stays with the evidence.
        assert_eq!(counts(&gone, &then).as_deref(), Some("x"));
    }

    #[test]
    fn a_review_follows_its_lead_and_the_nearer_counts() {
        use crate::case::ReviewStatus::{Campaign, Dismissed};
        let reviewed = |lead: &LeadRef, status| Action::LeadsReviewed {
            leads: vec![lead.clone()],
            status,
            reason: "why".into(),
        };
        let (small, large, other) = (lead(0..8), lead(0..10), lead(50..60));
        let state = fold(vec![reviewed(&large, Campaign), reviewed(&small, Dismissed)]);
        let decisions = place(&state, vec![other.clone(), lead(0..11)]);
        assert_eq!(decisions.review(0), None);
        assert_eq!(decisions.review(1).unwrap().status, Campaign, "ten of eleven before eight");
        assert_eq!(decisions.changed().len(), 2, "both say where they went");
        let gone = place(&state, vec![other]);
        assert_eq!((gone.review(0), gone.unplaced().len()), (None, 2));
    }

    #[test]
    fn of_two_decisions_on_one_lead_the_nearer_counts_and_of_equals_the_later() {
        let (small, large) = (lead(0..8), lead(0..10));
        let now = lead(0..11);
        for (order, expected) in [([&small, &large], "10"), ([&large, &small], "10")] {
            let state = fold(order.iter().map(|lead| weighed(lead, &lead.core.len().to_string())).collect());
            let decisions = place(&state, vec![now.clone()]);
            let weighed = decisions.weighed(&Subject::Lead { lead: now.clone() }, "reseller");
            assert_eq!(weighed.counts.unwrap().evidence_against, expected);
            assert_eq!(weighed.beside.len(), 1, "the other one stays in sight");
        }
        // Two leads of ten that merged: equally near.
        let (one, two) = (lead(0..10), lead(10..20));
        let state = fold(vec![weighed(&one, "one"), weighed(&two, "two")]);
        let decisions = place(&state, vec![lead(0..20)]);
        assert_eq!(counts(&decisions, &lead(0..20)).as_deref(), Some("two"));
        assert_eq!(decisions.changed().len(), 2);
        // A decision on the lead as it is now outweighs all.
        let state = fold(vec![weighed(&lead(0..20), "now"), weighed(&one, "one")]);
        assert_eq!(counts(&place(&state, vec![lead(0..20)]), &lead(0..20)).as_deref(), Some("now"));
    }

    #[test]
    fn the_last_word_on_one_lead_replaces_the_one_before() {
        let one = lead(0..10);
        let state = fold(vec![weighed(&one, "a"), weighed(&one, "b")]);
        assert_eq!(state.alternatives.len(), 1);
        assert_eq!(counts(&place(&state, vec![one.clone()]), &one).as_deref(), Some("b"));
    }

    /// Bodies as versions before the lead's id wrote them.
    fn earlier(lead: &str) -> Action {
        let json = format!(
            r#"{{"action":"alternative_weighed","alternative":{{"lead":"{lead}","explanation":"reseller",
               "evidence_for":"","evidence_against":"no reseller","verdict":"ruled_out"}}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn entries_of_earlier_versions_open_and_a_rank_stays_a_rank_of_an_earlier_list() {
        let scope = r#"{"action":"tagged","id":1,"tag":"relied-on","note":"","source":{"kind":"scope",
            "scope":{"accounts":{"label":"campaign 1","ids":["acct_000","acct_001"]}},"title":"campaign 1"}}"#;
        let state =
            fold(vec![serde_json::from_str(scope).unwrap(), earlier("campaign 1"), earlier("acct_000")]);
        let today = lead(0..2);
        let has = |account: &AccountId| account.as_str() == "acct_000";
        let list = Arc::new(LeadList::new(vec![today.clone()]));
        let decisions = Decisions::new(Arc::clone(&state), list, &has);
        assert_eq!(counts(&decisions, &today), None, "not today's rank 1");
        let evidence = Subject::Evidence { id: 1 };
        assert_eq!(state.evidence[&1].source.subject(1), Some(evidence.clone()));
        assert_eq!(decisions.weighed(&evidence, "reseller"), Weighed::default());
        let account = Subject::Account { account: "acct_000".into() };
        assert!(decisions.weighed(&account, "reseller").counts.is_some(), "an account's id is lasting");
        let said: Vec<String> = decisions.unplaced().iter().map(PlacedDecision::in_words).collect();
        let rank = "rank 1 of an earlier list";
        assert_eq!(said, [format!("reseller weighed for {rank}"), format!("evidence 1 for {rank}")]);
        assert_eq!(state.alternatives[0].weighed_for(), rank);
    }

    #[test]
    fn a_name_that_several_have_is_nobodys() {
        let scope = |id| {
            let source = EvidenceSource::Scope { scope: Scope::default(), title: "night shift".into() };
            Action::Tagged { id, source, tag: Tag::ReliedOn, note: String::new() }
        };
        let one = place(&fold(vec![scope(1), earlier("night shift")]), vec![]);
        assert!(one.weighed(&Subject::Evidence { id: 1 }, "reseller").counts.is_some());
        let two = place(&fold(vec![scope(1), scope(2), earlier("night shift")]), vec![]);
        assert_eq!(two.weighed(&Subject::Evidence { id: 1 }, "reseller"), Weighed::default());
        assert_eq!(two.unplaced().len(), 1);
    }
}
