//! Findings: the leads relied on, with rank, p-value, q-value, p-values of all leads and tested reasons.

use crate::bundle::event_tables;
use crate::bundle::relied::Relied;
use crate::bundle::report::document::{Block, Document, Sentence};
use crate::bundle::report::draft::{Draft, counted};
use crate::case::PlacedDecision;
use crate::exhibit::cell;
use crate::leads::{ANY_EVENT, Reason, event_of};
use crate::model::{format_count, without_lead};

pub(super) use crate::bundle::relied::probability;

/// Share of leads with small p-values of common control above which the value does not distinguish leads.
const COMMON: f64 = 0.2;

/// Meaning of a q-value, and a meaning that it does not have.
const Q_VALUE: [&str; 2] = [
    "If all leads with an equal or smaller q-value are taken as true, this share of them is expected to be wrong.",
    "It is not the chance that this lead is wrong.",
];

/// Accounts that the events of a community are counted on.
pub(super) const EVENTS: &str = "Events are counted on the accounts that similar prompts put together at first, not on members that came in later.";

/// Assumption of the tests of events.
pub(super) const INDEPENDENT: &str = "Their p-values take accounts as nearly independent of each other; a common cause, such as a launch or a course, makes them smaller than they should be.";

/// Columns of the printed table of events.
const EVENT_COLUMNS: [&str; 8] = [
    "event",
    "happened to, of units",
    "share of accounts compared",
    "p",
    "p if independent",
    "p at correlation 0.1",
    "members of the lead among these",
    "p without these",
];

/// True for the reason of an event of a content community.
pub(super) fn is_event(reason: &Reason) -> bool {
    (reason.signal == ANY_EVENT || event_of(&reason.signal).is_some()) && reason.p.is_some()
}

/// Signal and title of a reason.
fn titled(reason: &Reason) -> String {
    format!("{} {}", reason.signal, reason.title)
}

/// True for a tested reason; values and prompts that formed a group are not tested.
pub(super) fn is_finding(reason: &Reason) -> bool {
    reason.p.is_some()
}

/// The sentence of a reason, with its row.
pub(super) fn sentence(draft: &Draft<'_>, item: &Relied, reason: &Reason) -> Sentence {
    let own = &reason.sentence;
    let text = if own.to_lowercase().contains(&reason.title.to_lowercase()) {
        format!("E{}: {own}", item.evidence)
    } else {
        format!("E{}, {}: {own}", item.evidence, reason.title)
    };
    cited(draft, item, reason, text)
}

/// A sentence that cites the row of the exhibit with the reason.
fn cited(draft: &Draft<'_>, item: &Relied, reason: &Reason, text: String) -> Sentence {
    let id = item.figures.as_ref().map(|figures| figures.id.to_string());
    let name = format!("{} {}", reason.signal, reason.title);
    let of_item = draft.sheets.iter().filter(|sheet| sheet.evidence == Some(item.evidence));
    for sheet in of_item {
        let has = |row: &Vec<String>, column: &str, value: &str| {
            let at = sheet.header.iter().position(|name| name == column);
            at.and_then(|at| row.get(at)).is_some_and(|cell| cell == value)
        };
        let row = sheet.rows.iter().position(|row| match &id {
            Some(id) => has(row, "lead", id) && has(row, "reason", &cell(&reason.sentence)),
            None => has(row, "section", "signal") && has(row, "name", &name),
        });
        if let Some(row) = row {
            let sentence = Sentence::new(text).cite(&sheet.name, row + 1);
            // The accounts that an event was counted on.
            let events = draft.sheet(&event_tables::path(item.evidence, event_tables::EVENTS));
            let event = events.and_then(|events| Some((events, events.row_where("event", &reason.signal)?)));
            return match event.filter(|_| reason.p.is_some()) {
                Some((events, row)) => sentence.cite(&events.name, row),
                None => sentence,
            };
        }
    }
    Sentence::new(text)
}

pub(super) fn write(document: &mut Document, draft: &Draft<'_>) {
    let report = draft.report;
    document.heading(2, "Findings");
    document.say([
        "A finding is a tested figure. Its p-value is not a probability that the accounts are innocent.",
        "Each lead has its rank, p-value and q-value; the exhibit has the p-values of all leads.",
        "Extraction-likeness is how unusual the use of its accounts is, among accounts of their kind.",
        "Common control is how far its accounts act as one. Neither says why.",
    ]);
    if let Some(svg) = draft.leads.as_ref().and_then(|exhibit| exhibit.figure.as_ref()) {
        let caption = vec![
            "Each dot is one lead.".into(),
            "p-values below 0.0001 are at the left edge; leads without a p-value have no dot.".into(),
            Sentence::new("The table has all leads.").cite_all(&draft.own.leads),
        ];
        document.blocks.push(Block::Figure {
            title: format!("{}: p-values of all leads of the list", draft.own.leads),
            anchor: format!("{}-figure", draft.own.leads),
            svg: svg.clone(),
            caption,
        });
    }
    if report.relied.is_empty() {
        document.say(["0 leads and 0 accounts are relied on."]);
    }
    let [relied, dismissed, other, none] = draft.facts.reviewed;
    let text = format!(
        "Of {} of the list the investigator relies on {}, dismissed {}, reviewed {} otherwise and did not review {}.",
        counted(draft.facts.leads.n, "lead", "leads"),
        format_count(relied.n),
        format_count(dismissed.n),
        format_count(other.n),
        format_count(none.n)
    );
    let rows = [draft.facts.leads, relied, dismissed, other, none].map(|count| count.row);
    document.say([draft.figures(text, rows)]);
    let first = report.relied.iter().position(|item| item.figures.is_some());
    for (at, item) in report.relied.iter().enumerate() {
        lead(document, draft, item, Some(at) == first);
    }
    changed(document, report.changed, report.leads.provisional);
}

/// An item relied on; the meaning of its figures stands at the first.
fn lead(document: &mut Document, draft: &Draft<'_>, item: &Relied, is_first: bool) {
    document.heading(3, format!("E{}: {}", item.evidence, item.name));
    if let Some(marked_for) = &item.lead {
        let text = format!("Marked as evidence for lead {marked_for}.");
        let row = item
            .figures
            .as_ref()
            .and_then(|figures| draft.sheet(&draft.own.leads)?.row_where("lead", &figures.id.to_string()));
        // The match of accounts is computed for the journal's decision.
        let sentence = Sentence::fixed(text);
        document.say([match row {
            Some(row) => sentence.cite(&draft.own.leads, row),
            None => sentence,
        }]);
    }
    let results = results(draft, item, is_first);
    document.say(results);
    if item.reasons.is_empty() {
        document.say(["The program has no reasons for these accounts."]);
        return;
    }
    let row = |reason: &Reason| {
        let mut title = titled(reason);
        if let Some(p) = reason.p {
            title.push_str(&format!("; p {}", probability(p)));
        }
        let title = cited(draft, item, reason, title);
        vec![
            Sentence { cites: Vec::new(), ..title.clone() },
            Sentence { text: reason.sentence.to_string(), ..title },
            Sentence::fixed(reason.benign.to_string()),
            Sentence::fixed(reason.tells_apart.to_string()),
        ]
    };
    let (tested, facts): (Vec<&Reason>, Vec<&Reason>) =
        item.reasons.iter().partition(|reason| is_finding(reason));
    let header =
        ["signal", "measured", "benign explanation with the same figures", "columns that distinguish them"];
    if !tested.is_empty() {
        document.say([
            "Tested figures, smallest p-value first.",
            "A figure with a p-value above 0.5 is as ordinary groups have it.",
        ]);
        if tested.iter().any(|reason| is_event(reason)) {
            document.say([EVENTS]);
        }
        document.table(&header, tested.into_iter().map(row));
        events(document, draft, item);
    }
    if !facts.is_empty() {
        document.say([
            "Not tested: facts, what formed the group, and signals without enough data.",
            "None of these figures is a finding.",
        ]);
        document.table(&header, facts.into_iter().map(row));
    }
}

/// Every event that was tested on a lead, with and without members of the lead among the accounts compared.
fn events(document: &mut Document, draft: &Draft<'_>, item: &Relied) {
    let Some(sheet) = draft.sheet(&event_tables::path(item.evidence, event_tables::EVENTS)) else { return };
    document.say([
        "Every event that was tested, before correction for the number of events and communities.",
        "The accounts compared are the nearest others with similar prompts, as they were before accounts joined the lead.",
        "The last column leaves out those of them that are members of the lead now; the table has their share too.",
        "Events of accounts are assumed to have a correlation of 0.02; p-values without one and at 0.1 stand beside it.",
    ]);
    let rows = sheet.rows.iter().zip(1..).map(|(row, at)| {
        let text = |column: &str| {
            let place = sheet.header.iter().position(|name| name == column);
            place.and_then(|place| row.get(place)).cloned().unwrap_or_default()
        };
        let number = |column: &str| text(column).parse::<f64>().unwrap_or_default();
        let share = |column: &str| format!("{:.2}", number(column));
        let count = |column: &str| format_count(number(column).round() as u64);
        let title = event_of(&text("event")).map_or("", |about| about.title);
        let cells = [
            format!("{} of {}", count("happened"), count("units")),
            share("share_outside"),
            probability(number("p_value")),
            probability(number("p_value_at_correlation_0")),
            probability(number("p_value_at_correlation_0_1")),
            format!("{} of {}", count("members_compared"), count("accounts_compared")),
            probability(number("p_value_without_members")),
        ];
        let first = Sentence::new(format!("{} {title}", text("event"))).cite(&sheet.name, at);
        std::iter::once(first).chain(cells.into_iter().map(Sentence::new)).collect::<Vec<_>>()
    });
    document.table(&EVENT_COLUMNS, rows);
}

/// Rank, test results and untested signals of an item.
fn results(draft: &Draft<'_>, item: &Relied, is_first: bool) -> Vec<Sentence> {
    let facts = &draft.facts.of[&item.evidence];
    let mut sentences = Vec::new();
    let all = draft.sheet(&draft.own.leads);
    let row = item.figures.as_ref().and_then(|figures| all?.row_where("lead", &figures.id.to_string()));
    if let (Some(figures), Some(row)) = (&item.figures, row) {
        let cite = |text: String| Sentence::new(text).cite(&draft.own.leads, row);
        let rank = format!(
            "{}: rank {} of the present list of {}.",
            figures.id,
            format_count(figures.rank as u64),
            counted(draft.facts.leads.n, "lead", "leads")
        );
        sentences.push(cite(rank).cite(&draft.own.figures, draft.facts.leads.row));
        sentences.push(cite(format!("{} were tested.", counted(figures.tested.into(), "lead", "leads"))));
        match figures.p {
            Some(p) => {
                sentences.push(cite(format!("Its p-value of extraction-likeness is {}.", probability(p))));
                if is_first {
                    sentences
                        .push("At most this share of ordinary groups would have figures as unusual.".into());
                }
            }
            None => {
                sentences.push("Its extraction-likeness could not be tested, so it has no p-value.".into())
            }
        }
        match figures.q {
            Some(q) => {
                sentences.push(cite(format!("Its q-value is {}.", probability(q))));
                sentences.extend(Q_VALUE.map(Sentence::from).into_iter().filter(|_| is_first));
            }
            None => sentences.push(
                "It has no q-value, because the peers are too few. So no error rate is claimed.".into(),
            ),
        }
        sentences.extend(control(draft, figures.control, row));
    }
    if let Some([core, joined]) = facts.members {
        let text = format!(
            "It has {} and {}.",
            counted(core.n, "core member", "core members"),
            counted(joined.n, "joined member", "joined members")
        );
        sentences.push(draft.figures(text, [core.row, joined.row]));
    }
    let text = format!("Its accounts have {}.", counted(facts.exchanges.n, "exchange", "exchanges"));
    sentences.push(draft.figures(text, [facts.exchanges.row]));
    if let Some([first, last]) = facts.span {
        let zone = draft.report.zone;
        let text = format!("They were in use from {} to {}.", zone.format(first.t), zone.format(last.t));
        sentences.push(draft.figures(text, [first.row, last.row]));
    }
    let [untested, signals] = facts.untested;
    let text = if untested.n == 0 {
        "Every signal of extraction-likeness was tested on these accounts.".into()
    } else {
        let of = format_count(signals.n);
        let text = format!(
            "{} of {of} signals of extraction-likeness were not tested on these accounts; the table states why.",
            format_count(untested.n)
        );
        draft.figures(text, [untested.row])
    };
    sentences.push(text.cite_all(&draft.own.signals));
    sentences
}

/// The p-value of common control beside those of all leads.
fn control(draft: &Draft<'_>, p: Option<f64>, row: usize) -> Vec<Sentence> {
    let [measured, small] = draft.facts.control;
    let mut sentences = Vec::new();
    match p {
        Some(p) => sentences.push(
            Sentence::new(format!("Its common control p-value is {}.", probability(p)))
                .cite(&draft.own.leads, row),
        ),
        None => sentences.push("Its common control could not be tested.".into()),
    }
    if measured.n > 0 {
        let text = format!(
            "{} of {} leads have a common control p-value of at most 0.01.",
            format_count(small.n),
            format_count(measured.n)
        );
        sentences.push(draft.figures(text, [small.row]).cite_all(&draft.own.leads));
        if measured.n < draft.facts.leads.n {
            sentences.push("The other leads could not be measured on it.".into());
        }
        if small.n as f64 > COMMON * measured.n as f64 {
            sentences
                .push("So a small common control p-value does not distinguish a lead in this case.".into());
        }
    }
    sentences
}

/// Decisions whose lead changed or is gone in the present list.
fn changed(document: &mut Document, changed: &[PlacedDecision], provisional: bool) {
    if changed.is_empty() {
        return;
    }
    document.heading(3, "Decisions made on leads of an earlier list");
    let without = without_lead(provisional);
    document.say([
        "After a new computation, a decision follows the lead with the most core members in common, if these are at least half of both leads.".to_owned(),
        format!("Without such a lead, the table states “{without}”."),
    ]);
    let state = |placed: &PlacedDecision| if placed.found { "follows a lead" } else { without };
    let rows = changed.iter().map(|placed| {
        vec![
            Sentence::fixed(placed.decision.clone()),
            Sentence::fixed(placed.lead_now.clone()),
            Sentence::fixed(state(placed)),
        ]
    });
    document.table(&["decision", "lead", "state"], rows);
}
