//! First page: accounts, times, amounts, the three strongest facts and three that weaken the case.

use std::collections::BTreeSet;

use super::findings;
use crate::bundle::relied::Relied;
use crate::bundle::report::document::{Document, Kind, Sentence};
use crate::bundle::report::draft::{Draft, counted};
use crate::bundle::report::facts::ItemFacts;
use crate::bundle::report::tables;
use crate::leads::{ANY_EVENT, COMBINED, Reason};
use crate::model::format_count;

/// Events, measures and signals that count from the creation of accounts.
const AGES: [&str; 7] = ["A1", "A2", "A3", "A6", "A8", "G2", "R7"];
/// Number of strong and of weak facts on the first page.
const FACTS: usize = 3;
/// Largest p-value of a figure that counts as strong.
const UNUSUAL: f64 = 0.5;
/// Weakness of a case without control accounts.
const NO_ERROR_RATE: &str = "No account is named as known to be benign, so it is not measured how often the method names innocent accounts.";
/// Weakness of a report without prompts, responses and story.
const NO_CONTENT: &str = "Prompts and responses are withheld and no narrative is printed, so this bundle does not show what was asked.";
/// q-value above which a lead is weak.
const Q: f64 = 0.05;

pub(super) fn write(document: &mut Document, draft: &Draft<'_>) {
    let (report, facts) = (draft.report, &draft.facts);
    document.heading(1, format!("Report on case {}", report.state.name));
    document.heading(3, "Accounts and evidence");
    let [items, single, wholes] = facts.items;
    let are_leads = report.relied.iter().all(|item| item.figures.is_some());
    let pieces = draft.figures(
        format!(
            "The investigator relies on {}: {}, and {}.",
            counted(items.n, "piece of evidence", "pieces of evidence"),
            counted(single.n, "single exchange", "single exchanges"),
            if are_leads { counted(wholes.n, "lead", "leads") } else { counted(wholes.n, ANY, ANY_MORE) },
        ),
        facts.items.map(|count| count.row),
    );
    let accounts = draft.figures(
        format!(
            "{} {} of {} accounts in the log.",
            match (are_leads, wholes.n == 1) {
                (true, true) => "The lead has",
                (true, false) => "The leads have",
                (false, true) => "The lead, account or scope has",
                (false, false) => "The leads, accounts or scopes have",
            },
            format_count(facts.accounts.n),
            format_count(facts.all_accounts.n)
        ),
        [facts.accounts.row],
    );
    let mut who = vec![pieces, accounts];
    who.extend(report.relied.iter().flat_map(|item| item_sentences(draft, item)));
    document.say(who);
    document.paragraph(
        Kind::Note,
        [
            "This report does not state who operates an account, the nation of an operator, or any intention.",
            "It does not state that a model was trained on the responses, and it gives no probability of guilt.",
            "A lead is a group of accounts put forward for review; its rank is an order of review.",
        ],
    );
    if report.leads.provisional {
        document.paragraph(
            Kind::Note,
            [
                "The leads of this report are provisional: it was made before the end of the text pass.",
                "Leads by content are missing, and ids, ranks and figures will change.",
            ],
        );
    }
    time_and_amount(document, draft);
    strongest_facts(document, draft);
    document.heading(3, "What weakens the case");
    document.say([
        "One weakness a kind, of at most three kinds; the section Limits and error rates lists all of them.",
    ]);
    let weak = first_of_kinds(weakest(draft));
    if weak.is_empty() {
        document.paragraph(Kind::Item, ["0 weaknesses of that list apply."]);
    }
    weak.into_iter().take(FACTS).for_each(|sentence| document.paragraph(Kind::Item, [sentence]));
}

/// The first weakness of each kind.
fn first_of_kinds(weak: Vec<(Weakness, Sentence)>) -> Vec<Sentence> {
    let mut seen = BTreeSet::new();
    weak.into_iter().filter(|(kind, _)| seen.insert(*kind)).map(|(_, sentence)| sentence).collect()
}

/// Kinds of weaknesses, in their fixed order. What speaks against the case comes before what the investigator has left
/// undone, so that the first page always has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weakness {
    Test,
    Exculpatory,
    Explanations,
    Members,
    Events,
    Ages,
    Controls,
    CommonControl,
    Data,
}

/// First and last exchange of the accounts relied on, and how many exchanges they have.
fn time_and_amount(document: &mut Document, draft: &Draft<'_>) {
    let (report, facts) = (draft.report, &draft.facts);
    document.heading(3, "Time and amount");
    let much = draft.figures(
        format!(
            "These accounts have {} of {} exchanges in the log.",
            format_count(facts.exchanges.n),
            format_count(facts.all_exchanges.n)
        ),
        [facts.exchanges.row],
    );
    let when = facts.span.map(|[first, last]| {
        draft.figures(
            format!(
                "The first exchange of these accounts is dated {}, their last {} ({}).",
                report.zone.format(first.t),
                report.zone.format(last.t),
                report.zone.name()
            ),
            [first.row, last.row],
        )
    });
    document.say(when.into_iter().chain([much]));
}

/// Tested figures with the smallest p-values, and what they rest on.
fn strongest_facts(document: &mut Document, draft: &Draft<'_>) {
    let (report, facts) = (draft.report, &draft.facts);
    document.heading(3, "Strongest facts");
    let strong = strongest(draft);
    if strong.is_empty() {
        document.say(["0 tested figures of the leads, accounts and scopes relied on are unusual."]);
    } else {
        let all = counted(facts.leads.n, "lead", "leads");
        document.say([
            "These are the tested figures with the smallest p-values. Only those of events are corrected, for the events tested.".into(),
            draft.figures(format!("No p-value of a measure is corrected for the {all} of the list."), [facts.leads.row]),
            "Figures that combine others are left out.".into(),
            "A p-value bounds how often ordinary accounts would have such figures by chance.".into(),
            "It is not the probability that these accounts are innocent.".into(),
        ]);
    }
    let of_ages = |item: &&Relied| {
        let own = strong.iter().filter(|(of, reason, _)| of.evidence == item.evidence && is_of_ages(reason));
        own.count() > 1
    };
    let depend = report.relied.iter().any(|item| of_ages(&item));
    let with_events: BTreeSet<u64> = strong
        .iter()
        .filter(|(_, reason, _)| findings::is_event(reason))
        .map(|(item, ..)| item.evidence)
        .collect();
    strong.into_iter().for_each(|(.., sentence)| document.paragraph(Kind::Item, [sentence]));
    if depend {
        document.say([
            "More than one of these facts rests on the creation times of the same accounts, so they are not independent.",
            "Random groups have accounts of all ages; a group of new accounts is closer in sign-up whoever runs it.",
        ]);
    }
    if !with_events.is_empty() {
        document.say([findings::EVENTS, findings::INDEPENDENT]);
    }
    for item in report.relied.iter().filter(|item| with_events.contains(&item.evidence)) {
        document.say(corrected(draft, item));
    }
}

/// Item that is a lead, an account or a scope, and several of them.
const ANY: &str = "lead, account or scope";
const ANY_MORE: &str = "leads, accounts or scopes";

/// Name of an item with its lead, and the lead's rank and q-value.
fn item_sentences(draft: &Draft<'_>, item: &Relied) -> Vec<Sentence> {
    let mut sentences = vec![item_sentence(draft, item)];
    let leads = draft.sheet(&draft.own.leads);
    let row =
        item.figures.as_ref().and_then(|own| Some((own, leads?.row_where("lead", &own.id.to_string())?)));
    if let Some((figures, row)) = row {
        let of = counted(figures.tested.into(), "lead", "leads");
        let rank = format_count(figures.rank as u64);
        let text = match figures.q.map(findings::probability) {
            Some(q) => format!("Its rank is {rank} of {of} tested; its q-value is {q}."),
            None => format!("Its rank is {rank} of {of} tested; it has no q-value."),
        };
        sentences.push(Sentence::new(text).cite(&draft.own.leads, row));
    }
    sentences
}

fn item_sentence(draft: &Draft<'_>, item: &Relied) -> Sentence {
    let facts = &draft.facts.of[&item.evidence];
    let name = &item.name;
    match facts.members {
        Some([core, joined]) => draft.figures(
            format!(
                "E{} is lead {name}: {} and {}.",
                item.evidence,
                counted(core.n, "core member", "core members"),
                counted(joined.n, "joined member", "joined members")
            ),
            [core.row, joined.row],
        ),
        None => draft.figures(
            format!(
                "E{} covers “{name}”: {}.",
                item.evidence,
                counted(facts.accounts.n, "account", "accounts")
            ),
            [facts.accounts.row],
        ),
    }
}

/// The tested reasons with the smallest p-values, each with its sentence. Figures that combine others are left out,
/// since they would state the same facts twice.
fn strongest<'a>(draft: &'a Draft<'_>) -> Vec<(&'a Relied, &'a Reason, Sentence)> {
    let mut reasons: Vec<(f64, &Relied, &Reason)> = Vec::new();
    for item in draft.report.relied {
        let tested = item.reasons.iter().filter(|reason| findings::is_finding(reason));
        reasons.extend(tested.filter_map(|reason| Some((reason.p?, item, reason))));
    }
    let is_combined = |reason: &Reason| [COMBINED, ANY_EVENT].contains(&&*reason.signal);
    let has_single = reasons.iter().any(|(p, _, reason)| *p <= UNUSUAL && !is_combined(reason));
    reasons.retain(|(p, _, reason)| *p <= UNUSUAL && !(has_single && is_combined(reason)));
    reasons.sort_by(|a, b| a.0.total_cmp(&b.0));
    let strong = reasons.into_iter().take(FACTS);
    strong.map(|(_, item, reason)| (item, reason, findings::sentence(draft, item, reason))).collect()
}

/// The p-value of a lead after the correction that its events lack, and its q-value.
fn corrected(draft: &Draft<'_>, item: &Relied) -> Vec<Sentence> {
    let Some(figures) = &item.figures else { return Vec::new() };
    let row =
        draft.sheet(&draft.own.leads).and_then(|sheet| sheet.row_where("lead", &figures.id.to_string()));
    let (Some(p), Some(row)) = (figures.p, row) else { return Vec::new() };
    let text = format!(
        "E{}: the p-value of the lead combines all events, corrected for the communities tested: {}.",
        item.evidence,
        findings::probability(p)
    );
    let q = figures.q.map(|q| format!("Its q-value is {}.", findings::probability(q)));
    std::iter::once(text).chain(q).map(|text| Sentence::new(text).cite(&draft.own.leads, row)).collect()
}

/// Weaknesses that apply, in the order of their kinds.
pub(super) fn weakest(draft: &Draft<'_>) -> Vec<(Weakness, Sentence)> {
    let items: Vec<(&Relied, &ItemFacts)> =
        draft.report.relied.iter().map(|item| (item, &draft.facts.of[&item.evidence])).collect();
    let mut weak = Vec::new();
    let mut put = |kind: Weakness, sentences: Vec<Sentence>| {
        weak.extend(sentences.into_iter().map(|sentence| (kind, sentence)));
    };
    put(Weakness::Test, items.iter().filter_map(|(item, _)| weak_test(draft, item)).collect());
    put(Weakness::Exculpatory, exculpatory(draft, &items));
    put(Weakness::Explanations, items.iter().flat_map(|(item, of)| explanations(draft, item, of)).collect());
    put(Weakness::Members, items.iter().flat_map(|(item, of)| weak_members(draft, item, of)).collect());
    put(Weakness::Events, items.iter().filter_map(|(item, of)| counted_on(draft, item, of)).collect());
    put(Weakness::Ages, ages(draft, &items));
    if tables::count_rows(draft, "05_methods/controls.csv") == 0 {
        put(Weakness::Controls, vec![NO_ERROR_RATE.into()]);
    }
    let [measured, small] = draft.facts.control;
    if small.n > 1 {
        let text = format!(
            "{} of {} leads have a common control p-value of at most 0.01, so a small one alone singles out no lead.",
            format_count(small.n),
            format_count(measured.n)
        );
        put(Weakness::CommonControl, vec![draft.figures(text, [small.row])]);
    }
    put(Weakness::Data, items.iter().flat_map(|(item, of)| weak_data(draft, item, of)).collect());
    if !draft.report.include_text && draft.report.state.story.is_empty() {
        put(Weakness::Data, vec![NO_CONTENT.into()]);
    }
    weak
}

/// Items of evidence against the case, and accounts that they name.
fn exculpatory(draft: &Draft<'_>, items: &[(&Relied, &ItemFacts)]) -> Vec<Sentence> {
    let mut found = Vec::new();
    let all = draft.facts.exculpatory;
    if all.n > 0 {
        let text = format!(
            "{} against the case; see Alternatives and exculpatory evidence.",
            counted(all.n, "item of evidence speaks", "items of evidence speak")
        );
        found.push(draft.figures(text, [all.row]));
    }
    found.extend(items.iter().filter(|(_, of)| of.contested.n > 0).map(|(item, of)| {
        let text = format!(
            "E{}: exculpatory evidence names {} of {} accounts.",
            item.evidence,
            format_count(of.contested.n),
            format_count(of.accounts.n)
        );
        draft.figures(text, [of.contested.row])
    }));
    found
}

/// Exchanges before the creation of accounts, where findings rest on it.
fn ages(draft: &Draft<'_>, items: &[(&Relied, &ItemFacts)]) -> Vec<Sentence> {
    let rests = items.iter().filter(|(item, _)| rests_on_ages(item));
    let found = rests.filter_map(|(item, of)| {
        let text = format!(
            "E{}: {} of {} accounts have an exchange before their creation; facts on new accounts and early use rest on \
             such times.",
            item.evidence,
            format_count(of.early.n),
            format_count(of.accounts.n)
        );
        (of.early.n > 0).then(|| draft.figures(text, [of.early.row]))
    });
    found.collect()
}

/// Core members whose membership is uncertain, and those that no event counts.
fn weak_members(draft: &Draft<'_>, item: &Relied, of: &ItemFacts) -> Vec<Sentence> {
    let Some([core, _]) = of.members else { return Vec::new() };
    let all = counted(core.n, "core member", "core members");
    let mut found = Vec::new();
    if let Some(uncertain) = of.uncertain.filter(|uncertain| uncertain.n > 0) {
        let text = format!(
            "E{}: {} of {all} came in with a membership probability of at most 50 %.",
            item.evidence,
            format_count(uncertain.n)
        );
        found.push(draft.figures(text, [uncertain.row, core.row]));
    }
    if let Some([_, _, uncounted]) = of.events.filter(|[.., uncounted]| uncounted.n > 0) {
        let text =
            format!("E{}: {} of {all} are counted in no event.", item.evidence, format_count(uncounted.n));
        found.push(draft.figures(text, [uncounted.row, core.row]));
    }
    found
}

/// Benign explanations of an item that are not ruled out.
fn explanations(draft: &Draft<'_>, item: &Relied, of: &ItemFacts) -> Vec<Sentence> {
    let all = item.alternatives.len() as u64;
    let mut open = Vec::new();
    for (own, state) in of.open.iter().zip(["not weighed", "weighed and not ruled out"]) {
        if own.n > 0 {
            let text = format!(
                "E{}: {} of {} benign explanations {} {state}.",
                item.evidence,
                format_count(own.n),
                format_count(all),
                if own.n == 1 { "is" } else { "are" }
            );
            open.push(draft.figures(text, [own.row]));
        }
    }
    open
}

/// Events that are counted on a part of the core members, or compared with members of the lead.
fn counted_on(draft: &Draft<'_>, item: &Relied, of: &ItemFacts) -> Option<Sentence> {
    let ([own, compared, _], [core, _]) = (of.events?, of.members?);
    let text = format!(
        "E{}: events are counted on {} of {}. Members of the lead among the accounts compared: {}; the section Findings \
         has the figures without these.",
        item.evidence,
        format_count(own.n),
        counted(core.n, "core member", "core members"),
        format_count(compared.n)
    );
    (own.n < core.n || compared.n > 0).then(|| draft.figures(text, [own.row, core.row, compared.row]))
}

/// True for a tested figure that counts from the creation of accounts.
fn is_of_ages(reason: &Reason) -> bool {
    AGES.contains(&&*reason.signal) && findings::is_finding(reason)
}

/// True if a finding on an item counts from the creation of accounts.
fn rests_on_ages(item: &Relied) -> bool {
    item.reasons.iter().any(|reason| is_of_ages(reason) && reason.p.is_some_and(|p| p <= UNUSUAL))
}

/// Weakness of a lead's test.
fn weak_test(draft: &Draft<'_>, item: &Relied) -> Option<Sentence> {
    let figures = item.figures.as_ref()?;
    let row = draft.sheet(&draft.own.leads)?.row_where("lead", &figures.id.to_string())?;
    let text = match (figures.p, figures.q) {
        (None, _) => format!("E{}: the lead could not be tested.", item.evidence),
        (Some(_), None) => {
            format!("E{}: the peers are too few for a q-value, so no error rate is claimed.", item.evidence)
        }
        (Some(_), Some(q)) if q > Q => format!(
            "E{}: the q-value of the lead is {}: that is the expected share of false leads among those with a q-value as small.",
            item.evidence,
            findings::probability(q)
        ),
        _ => return None,
    };
    Some(Sentence::new(text).cite(&draft.own.leads, row))
}

/// Weaknesses of an item's data.
fn weak_data(draft: &Draft<'_>, item: &Relied, of: &ItemFacts) -> Vec<Sentence> {
    let mut weak = Vec::new();
    if of.early.n > 0 && !rests_on_ages(item) {
        let text = format!(
            "E{}: {} of {} accounts have an exchange before their creation, so their ages are uncertain.",
            item.evidence,
            format_count(of.early.n),
            format_count(of.accounts.n)
        );
        weak.push(draft.figures(text, [of.early.row]));
    }
    if let Some([_, joined]) = of.members.filter(|[_, joined]| joined.n > 0) {
        let text = format!(
            "E{}: {} joined by a model whose error rate has not been measured.",
            item.evidence,
            counted(joined.n, "account", "accounts")
        );
        weak.push(draft.figures(text, [joined.row]));
    }
    let [untested, signals] = of.untested;
    if untested.n > 0 {
        let text = format!(
            "E{}: {} of {} signals of extraction-likeness were not tested on these accounts.",
            item.evidence,
            format_count(untested.n),
            format_count(signals.n)
        );
        weak.push(draft.figures(text, [untested.row]).cite_all(&draft.own.signals));
    }
    weak
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However much the investigator has left undone, what speaks against the case is on the first page.
    #[test]
    fn one_weakness_of_a_kind_is_on_the_first_page_and_exculpatory_evidence_among_them() {
        let of = [
            (Weakness::Test, "q"),
            (Weakness::Test, "q of another lead"),
            (Weakness::Exculpatory, "one item"),
            (Weakness::Explanations, "not weighed"),
            (Weakness::Explanations, "not weighed either"),
            (Weakness::Data, "few"),
        ];
        let all = of.map(|(kind, text)| (kind, Sentence::fixed(text))).to_vec();
        let shown: Vec<String> = first_of_kinds(all).into_iter().map(|own| own.text).collect();
        assert_eq!(shown, ["q", "one item", "not weighed", "few"]);
        assert!(of.is_sorted_by_key(|(kind, _)| *kind));
    }
}
