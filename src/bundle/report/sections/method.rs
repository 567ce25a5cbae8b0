//! Method, definitions of the signals, and the glossary.

use crate::bundle::report::document::{Document, Sentence};
use crate::bundle::terms::TERMS;
use crate::signals;
use crate::signals::context::CONTEXT;

pub(super) fn write(document: &mut Document) {
    document.heading(2, "Method");
    document.say([
        "The program reads the log, measures each account, and puts groups of accounts forward for review.",
        "A group forms in two ways: its accounts share rare values such as a payment card, or their prompts come from one pool.",
        "The values or prompts that formed a group are not tested and are not offered as findings.",
    ]);
    document.say([
        "Each account is compared with its peers: accounts of the same stated use, model and volume.",
        "Its p-value is its rank among these peers (conformal p-value, Vovk 2005).",
        "A group has the p-value of its median core member (Rüger 1978).",
        "A community has the p-value of its strongest event, corrected for all events and communities tested.",
        "The q-value corrects for the number of leads tested (Benjamini–Hochberg 1995).",
    ]);
    document.say([
        "Common control is a second question. A measure of the group is compared with random groups of as many accounts.",
        "Its p-value is (1 + hits) / (1 + draws). A hit is a random group as extreme; only measurable draws count.",
        "At most 999 groups are drawn, so no such p-value is below 0.001.",
        "After 20 hits the drawing ends, and the p-value is their share (Besag & Clifford 1991).",
    ]);
    document.say([
        "One bit of rarity halves the share of other accounts that have a value.",
        "A prompt template is the beginning of a prompt with numbers and quotations masked.",
    ]);
    document.heading(3, "Signals");
    document
        .say(["A signal is one measured behaviour. The file 05_methods/signals.json has all definitions."]);
    let rows = signals::abouts().map(|about| {
        vec![
            Sentence::fixed(format!("{} {} v{}", about.id, about.title, about.version)),
            Sentence::fixed(format!("{} Unit: {}.", about.definition, about.unit)),
            Sentence::fixed(about.source),
            Sentence::fixed(about.look_alikes.join("; ")),
        ]
    });
    document.table(&["signal", "definition", "source", "benign look-alikes"], rows);
    document.heading(3, "Context figures");
    document.say(["Context figures of accounts change no score and no rank."]);
    let rows = CONTEXT.iter().map(|context| {
        let about = context.about();
        vec![
            Sentence::fixed(about.title),
            Sentence::fixed(format!("{} Unit: {}.", about.definition, about.unit)),
            Sentence::fixed(about.caution),
        ]
    });
    document.table(&["context", "definition", "caution"], rows);
}

pub(super) fn glossary(document: &mut Document) {
    document.heading(2, "Glossary");
    let rows = TERMS.iter().map(|(term, meaning)| vec![Sentence::fixed(*term), Sentence::fixed(*meaning)]);
    document.table(&["term", "meaning"], rows);
}
