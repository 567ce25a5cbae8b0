//! Findings: the leads relied on, with rank, p, q, all leads' p-values and the tested reasons.

use crate::bundle::relied::Relied;
use crate::bundle::report::document::{Block, Document, Sentence};
use crate::bundle::report::draft::{Draft, counted};
use crate::case::PlacedDecision;
use crate::exhibit::cell;
use crate::leads::Reason;
use crate::model::format_count;

pub(super) use crate::bundle::relied::probability;

/// Share of leads with small p-values of common control from which the value says little.
const COMMON: f64 = 0.2;

/// Signal and title of a reason. Events of communities have ids like those of evidence, which are left out.
fn titled(reason: &Reason) -> String {
    if reason.signal.starts_with('E') {
        return reason.title.clone();
    }
    format!("{} {}", reason.signal, reason.title)
}

/// True for a reason that was tested: what formed a group is none.
pub(super) fn is_finding(reason: &Reason) -> bool {
    reason.p.is_some()
}

/// The sentence of a reason, with its row.
pub(super) fn sentence(made: &Draft<'_>, item: &Relied, reason: &Reason) -> Sentence {
    let own = &reason.sentence;
    let text = if own.to_lowercase().starts_with(&reason.title.to_lowercase()) {
        format!("E{}: {own}", item.evidence)
    } else {
        format!("E{}, {}: {own}", item.evidence, reason.title)
    };
    cited(made, item, reason, text)
}

/// A text with the row of the exhibit that has the reason.
fn cited(made: &Draft<'_>, item: &Relied, reason: &Reason, text: String) -> Sentence {
    let id = item.figures.as_ref().map(|figures| figures.id.to_string());
    let name = format!("{} {}", reason.signal, reason.title);
    let of_item = made.sheets.iter().filter(|sheet| sheet.evidence == Some(item.evidence));
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
            return Sentence::new(text).cite(&sheet.name, row + 1);
        }
    }
    Sentence::new(text)
}

pub(super) fn write(document: &mut Document, made: &Draft<'_>) {
    let report = made.report;
    document.heading(2, "Findings");
    document.say([
        "A finding is a tested figure. Its p-value is no probability that the accounts are innocent.",
        "Beside every lead stand its rank, its p-value and its q-value, and how all other leads fare.",
    ]);
    if let Some(svg) = made.leads.as_ref().and_then(|exhibit| exhibit.figure.as_ref()) {
        let caption = vec![
            "Each dot is one lead.".into(),
            "p-values below 0.0001 stand at the left edge; leads without a p-value have no dot.".into(),
            Sentence::new("The table has all leads.").cite_all(&made.own.leads),
        ];
        document.blocks.push(Block::Figure {
            title: format!("{}: p-values of all leads of the list", made.own.leads),
            anchor: format!("{}-figure", made.own.leads),
            svg: svg.clone(),
            caption,
        });
    }
    if report.relied.is_empty() {
        document.say(["No account and no group of accounts is relied on as a lead."]);
    }
    for item in report.relied {
        lead(document, made, item);
    }
    changed(document, report.changed);
}

fn lead(document: &mut Document, made: &Draft<'_>, item: &Relied) {
    document.heading(3, format!("E{}: {}", item.evidence, item.name));
    if let Some(marked_for) = &item.lead {
        let text = format!("Marked as evidence for lead {marked_for}.");
        let row = item
            .figures
            .as_ref()
            .and_then(|figures| made.sheet(&made.own.leads)?.row_where("lead", &figures.id.to_string()));
        // The match of accounts is computed for the journal's decision.
        let sentence = Sentence::fixed(text);
        document.say([match row {
            Some(row) => sentence.cite(&made.own.leads, row),
            None => sentence,
        }]);
    }
    let standing = standing(made, item);
    document.say(standing);
    if item.reasons.is_empty() {
        document.say(["The program gives no reasons for these accounts."]);
        return;
    }
    let row = |reason: &Reason| {
        let mut title = titled(reason);
        if let Some(p) = reason.p {
            title.push_str(&format!("; p {}", probability(p)));
        }
        let title = cited(made, item, reason, title);
        vec![
            Sentence { cites: Vec::new(), ..title.clone() },
            Sentence { text: reason.sentence.clone(), ..title },
            Sentence::fixed(reason.benign.clone()),
            Sentence::fixed(reason.tells_apart.clone()),
        ]
    };
    let (tested, facts): (Vec<&Reason>, Vec<&Reason>) =
        item.reasons.iter().partition(|reason| is_finding(reason));
    let header =
        ["signal", "measured", "innocent behaviour with the same figures", "columns that tell them apart"];
    if !tested.is_empty() {
        document.say(["Tested figures, strongest first."]);
        document.table(&header, tested.into_iter().map(row));
    }
    if !facts.is_empty() {
        document.say(["Not tested: what formed the group, facts, and signals without enough data. None of these is a finding."]);
        document.table(&header, facts.into_iter().map(row));
    }
}

/// Rank, tests and what could not be tested of an item.
fn standing(made: &Draft<'_>, item: &Relied) -> Vec<Sentence> {
    let facts = &made.facts.of[&item.evidence];
    let mut said = Vec::new();
    let all = made.sheet(&made.own.leads);
    let row = item.figures.as_ref().and_then(|figures| all?.row_where("lead", &figures.id.to_string()));
    if let (Some(figures), Some(row)) = (&item.figures, row) {
        let cite = |text: String| Sentence::new(text).cite(&made.own.leads, row);
        let rank = format!("{}: rank {} of the present list", figures.id, format_count(figures.rank as u64));
        said.push(
            cite(format!("{rank} of {}.", counted(made.facts.leads.n, "lead", "leads")))
                .cite(&made.own.figures, made.facts.leads.row),
        );
        said.push(cite(format!("{} were tested.", counted(figures.tested.into(), "lead", "leads"))));
        match figures.p {
            Some(p) => {
                said.push(cite(format!("Its p-value of extraction-likeness is {}.", probability(p))));
                said.push(
                    "Ordinary groups of this case have figures as unusual at most as often as the p-value says.".into(),
                );
            }
            None => said.push("Its extraction-likeness could not be tested, so it has no p-value.".into()),
        }
        match figures.q {
            Some(q) => {
                said.push(cite(format!("Its q-value is {}.", probability(q))));
                said.push(
                    "Of the leads with a q-value no larger, this share is expected to be false.".into(),
                );
            }
            None => {
                said.push("It has no q-value: the peers are too few, so no error rate is claimed.".into())
            }
        }
        said.extend(control(made, figures.control, row));
    }
    if let Some([core, joined]) = facts.members {
        let text = format!(
            "It has {} and {}.",
            counted(core.n, "core member", "core members"),
            counted(joined.n, "joined member", "joined members")
        );
        said.push(made.figures(text, [core.row, joined.row]));
    }
    let text = format!("Its accounts have {}.", counted(facts.exchanges.n, "exchange", "exchanges"));
    said.push(made.figures(text, [facts.exchanges.row]));
    if let Some([first, last]) = facts.span {
        let zone = made.report.zone;
        let text = format!("They were in use from {} to {}.", zone.format(first.t), zone.format(last.t));
        said.push(made.figures(text, [first.row, last.row]));
    }
    let text = if facts.untested.n == 0 {
        "Every signal was tested on these accounts.".into()
    } else {
        let count = counted(facts.untested.n, "signal", "signals");
        made.figures(format!("{count} could not be tested on these accounts."), [facts.untested.row])
    };
    said.push(text.cite_all(&made.own.signals));
    said
}

/// The p-value of common control beside those of all leads.
fn control(made: &Draft<'_>, p: Option<f64>, row: usize) -> Vec<Sentence> {
    let [measured, small] = made.facts.control;
    let mut said = Vec::new();
    match p {
        Some(p) => said.push(
            Sentence::new(format!("Its p-value of common control is {}.", probability(p)))
                .cite(&made.own.leads, row),
        ),
        None => said.push("Its common control could not be tested.".into()),
    }
    if measured.n > 0 {
        let text = format!(
            "{} of {} leads have a p-value of common control of at most 0.01.",
            format_count(small.n),
            format_count(measured.n)
        );
        said.push(made.figures(text, [small.row]).cite_all(&made.own.leads));
        if small.n as f64 > COMMON * measured.n as f64 {
            said.push(
                "So a small p-value of common control does not distinguish a lead in this case.".into(),
            );
        }
    }
    said
}

/// Decisions whose lead is another or none in the present list.
fn changed(document: &mut Document, changed: &[PlacedDecision]) {
    if changed.is_empty() {
        return;
    }
    document.heading(3, "Decisions made on leads of an earlier list");
    document.say([
        "When leads are computed again, a decision follows the lead that shares the most core members with its own: at least half of both.",
        "Without such a lead the table says: no lead any more.",
    ]);
    let state = |placed: &PlacedDecision| if placed.found { "follows a lead" } else { "no lead any more" };
    let rows = changed.iter().map(|placed| {
        vec![
            Sentence::fixed(placed.decision.clone()),
            Sentence::fixed(placed.lead_now.clone()),
            Sentence::fixed(state(placed)),
        ]
    });
    document.table(&["decision", "lead", "state"], rows);
}
