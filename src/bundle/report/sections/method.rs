//! Method, definitions of the signals, and the glossary.

use crate::bundle::report::document::{Document, Sentence};
use crate::bundle::terms::TERMS;
use crate::leads;
use crate::signals;
use crate::signals::context::CONTEXT;

/// Title of the section on the method.
pub(in super::super) const METHOD: &str = "Method";
/// Title of the glossary.
pub(in super::super) const GLOSSARY: &str = "Glossary";

/// Writes the section on the method.
pub(in super::super) fn write(document: &mut Document) {
    document.heading(2, METHOD);
    document.say([
        "The program reads the log, measures each account, and puts groups of accounts forward for review.",
        "A group forms in two ways: its accounts share values that few accounts have, such as a payment method, or they send similar prompts.",
        "A group with similar prompts is called a content community.",
        "The values or prompts that formed a group are not tested and are not offered as findings.",
    ]);
    document.say([
        "Each account is compared with its peers, also called its cohort.",
        "Peers are accounts of the same stated use, model and fifth of accounts by volume (volume quintile).",
        "The peers of an account exclude its own linked group and organisation, and include other members of its content community.",
        "Below 200 such accounts, the model is left out, then the use, then the volume.",
        "Signals that rise with volume are compared with all accounts. Each finding names its peers.",
        "The p-value of an account is its rank among its peers (conformal p-value, Vovk 2005), counted in units.",
        "A unit is a linked group, an organisation or a single account; each counts once, by its share of accounts with a value as extreme.",
        "The p-value is (1 + such other units) / (all units), and at least that of every more extreme value. Percentiles count accounts.",
        "A group has the p-value that follows from its core member with the median p-value (Rüger 1978).",
        "A content community is tested by events: what happened to more of its accounts than to other accounts with similar prompts.",
        "Accounts tied to each other count as one unit. The p-value of an event is the upper tail of a beta-binomial distribution over units.",
        "Its mean is the expected share, and its intraclass correlation is 0.02: beyond that, units are taken as independent.",
        "Events of one cause count as the smallest of their p-values times the number of them that could be tested.",
        "Causes are combined by the smaller of two p-values: four times the smallest, as four causes are looked for, and twice Fisher's (1932) over the causes that could be tested.",
        "That p-value and the one of any event (A8) are combined: e times their geometric mean (Vovk & Wang 2020).",
        "The lead has this p-value times the number of communities tested; E1.lead.sql beside the underlying data makes it.",
        "Communities are groups of accounts with similar prompts, of all sizes looked at; few of them become leads.",
        "The q-value of a lead is the smallest of p times leads tested by rank, over it and all leads with larger p-values.",
        "The tables of events also have each p-value as it would be with the share of other accounts before that adjustment.",
        "A finding on one event states its p-value times all events and communities tested, which is another bound.",
        "The q-value corrects for the number of leads tested (Benjamini–Hochberg 1995).",
    ]);
    document.say([
        "Common control is a second question: whether the accounts act as one.",
        "A measure of the group is compared with random groups of as many accounts, drawn from the same peers.",
        "Its p-value is (1 + hits) / (1 + draws). A hit is a random group as extreme; only measurable draws count.",
        "At most 999 groups are drawn, so no such p-value is below 0.001.",
        "After 20 hits the drawing ends, and the p-value is their share (Besag & Clifford 1991).",
        "The common control p-value of a lead combines its measures (Cauchy combination, Liu & Xie 2020).",
    ]);
    document.say([
        "One bit of rarity halves the share of other accounts that have a value.",
        "A prompt template is the beginning of a prompt with numbers and quotations masked.",
        "The signal C4 uses the word for something else: a set of prompts that are nearly the same.",
    ]);
    document.heading(3, "Signals");
    document
        .say(["A signal is one measured behaviour. The file 05_methods/signals.json has all definitions."]);
    let rows = signals::abouts().map(|about| {
        vec![
            Sentence::fixed(format!("{} {} v{}", about.id, about.title, about.version)),
            Sentence::fixed(with_unit(about.definition, about.unit)),
            Sentence::fixed(about.source),
            Sentence::fixed(about.look_alikes.join("; ")),
        ]
    });
    document.table(&["signal", "definition", "source", "benign look-alikes"], rows);
    events(document);
    document.heading(3, "Context figures");
    document.say(["Context figures of accounts change no score and no rank."]);
    let rows = CONTEXT.iter().map(|context| {
        let about = context.about();
        vec![
            Sentence::fixed(about.title),
            Sentence::fixed(with_unit(about.definition, about.unit)),
            Sentence::fixed(about.caution),
        ]
    });
    document.table(&["context", "definition", "caution"], rows);
}

/// A definition with its unit; a value that is a name has none.
fn with_unit(definition: &str, unit: &str) -> String {
    if unit.is_empty() { definition.to_owned() } else { format!("{definition} Unit: {unit}.") }
}

/// Events of content communities.
fn events(document: &mut Document) {
    document.heading(3, "Events of content communities");
    document.say([
        "An event counts where it happened to more accounts of a community than to other accounts with similar prompts.",
        "New accounts were created at most 7 days before the first exchange of the log, or later.",
        "Heavy accounts have at least 30 exchanges, and at least as many as the median account tested.",
        "Accounts have prompts of their own if nobody else sent more than half of them.",
        "Accounts are no longer in use if they have no exchange in the last 3 days of the log.",
    ]);
    let rows = leads::events().map(|about| {
        vec![
            Sentence::fixed(format!("{} {}", about.id, about.title)),
            Sentence::fixed(about.family.word()),
            Sentence::fixed(format!("Accounts that {}.", about.predicate)),
            Sentence::fixed(about.look_alike),
        ]
    });
    document.table(&["event", "cause", "definition", "benign look-alike"], rows);
}

/// Writes the glossary.
pub(in super::super) fn glossary(document: &mut Document) {
    document.heading(2, GLOSSARY);
    let rows = TERMS.iter().map(|(term, meaning)| vec![Sentence::fixed(*term), Sentence::fixed(*meaning)]);
    document.table(&["term", "meaning"], rows);
}
