//! Legal elements: what is stated and assigned, terms and acceptance, notices and use after them, harm.

use crate::bundle::legal::tables::{
    ACCEPTANCE, BREACHES, CLAUSES, ELEMENTS, GAPS, HARM, LOSSES, MEASURES, NOTICES, PRICES, printed,
};
use crate::bundle::report::document::{Block, Document, Kind, Sentence};
use crate::bundle::report::draft::Draft;
use crate::bundle::report::legal_facts::NoticeFacts;
use crate::case::legal::{Profile, SECRET_CAUTION};
use crate::model::{counted, format_count};

/// Rows of a table that are printed; the CSV has all.
const PRINTED: usize = 60;

pub(super) fn write(document: &mut Document, made: &Draft<'_>) {
    let report = made.report;
    document.heading(2, "Legal elements");
    document.say([
        match report.profile {
            Profile::Recorded => "No proceeding is named, so the elements of contract, trade secret (18 U.S.C. 1836, DTSA) and computer access are listed.",
            Profile::Terms => "This bundle has the elements of contract and computer access.",
            Profile::TradeSecret => {
                "This bundle has the elements of trade secret (18 U.S.C. 1836, DTSA) and computer access."
            }
        },
        "Statements are those of the party. An element without a statement and without support stands as empty.",
    ]);
    document.paragraph(Kind::Note, ["The program does not say that an element is met."]);
    if report.profile != Profile::Terms {
        document.paragraph(Kind::Note, [SECRET_CAUTION]);
    }
    print(document, made, ELEMENTS, "");
    terms(document, made);
    notices(document, made);
    harm(document, made);
    print(document, made, MEASURES, "Reasonable measures");
}

/// Prints the first rows of a table under a heading; nothing where it has no row.
fn print(document: &mut Document, made: &Draft<'_>, name: &str, title: &str) {
    let Some(sheet) = made.sheet(name).filter(|sheet| !sheet.rows.is_empty()) else { return };
    if !title.is_empty() {
        document.heading(3, title);
    }
    if sheet.rows.len() > PRINTED {
        let text =
            format!("The first {PRINTED} of {} rows are printed.", format_count(sheet.rows.len() as u64));
        document.say([Sentence::fixed(text).cite_all(name)]);
    }
    document.blocks.push(Block::Table(sheet.printed(printed(name), PRINTED)));
}

fn terms(document: &mut Document, made: &Draft<'_>) {
    if made.report.profile == Profile::TradeSecret {
        return;
    }
    print(document, made, CLAUSES, "Clauses of the terms");
    print(document, made, BREACHES, "Breaches");
    document.heading(3, "Acceptance by the accounts relied on");
    let legal = &made.facts.legal;
    let Some([missing, before, on_day]) = legal.gaps else {
        document.say([if made.report.state.legal.acceptances().next().is_none() {
            "No record of acceptance was given."
        } else {
            "No account is relied on, so no acceptance is compared."
        }]);
        return;
    };
    let all = counted(legal.relied.n, "account relied on", "accounts relied on");
    document.say([
        made.figures(
            format!("{} of {all} have no record of acceptance.", format_count(missing.n)),
            [missing.row, legal.relied.row],
        ),
        made.figures(
            format!("{} of {all} were used before their first acceptance.", format_count(before.n)),
            [before.row, legal.relied.row],
        ),
        Sentence::fixed("All records stand in the table of acceptance.").cite_all(ACCEPTANCE),
    ]);
    if on_day.n > 0 {
        document.say([
            made.figures(
                format!(
                    "{} of {all} were used on the day of their first acceptance.",
                    format_count(on_day.n)
                ),
                [on_day.row, legal.relied.row],
            ),
            "Their records have a date and no time of day, so the order is unknown.".into(),
        ]);
    }
    breaches(document, made);
    print(document, made, GAPS, "");
}

/// Acceptance of the version that each breach is of, which may be another than the one accepted.
fn breaches(document: &mut Document, made: &Draft<'_>) {
    let all = made.facts.legal.relied;
    for (_, version, clause, [own, others]) in &made.facts.legal.breaches {
        let text = format!(
            "Breach of version “{version}”, clause “{clause}”: {} of {} have a record of acceptance of that version; {} have \
             records of other versions alone.",
            format_count(own.n),
            counted(all.n, "account relied on", "accounts relied on"),
            format_count(others.n)
        );
        document.say([made.figures(text, [own.row, all.row, others.row])]);
    }
}

fn notices(document: &mut Document, made: &Draft<'_>) {
    document.heading(3, "Notices, and exchanges after them");
    let facts = &made.facts.legal.notices;
    if made.sheet(NOTICES).is_none_or(|sheet| sheet.rows.is_empty()) {
        document.say(["No notice is recorded."]);
        return;
    }
    print(document, made, NOTICES, "");
    document.say([
        "Addressed accounts are those that the notice went to; of these, exchanges of accounts relied on are counted.",
        "Linked accounts are other members of the same lead; a link does not show who operates an account.",
        "Counting ends when access was given back to the account.",
        "An account stands after each notice on its own, so that these counts overlap and have no sum.",
    ]);
    // In the order of the table.
    let numbers = made.report.state.legal.notices().into_iter().map(|(number, _)| number);
    for (number, of) in numbers.filter_map(|number| Some((number, facts.get(&number)?))) {
        document.paragraph(Kind::Item, after(made, number, of));
    }
}

fn after(made: &Draft<'_>, number: u64, of: &NoticeFacts) -> Vec<Sentence> {
    let kind = of.kind.map_or("notice", |kind| kind.word());
    let first = match of.after[0].n {
        0 => format!("N{number} ({kind}): no account addressed had an exchange after it."),
        own => format!(
            "N{number} ({kind}): {} of {} addressed had {} after it.",
            format_count(own),
            counted(of.addressed.n, "account", "accounts"),
            counted(of.after[1].n, "exchange", "exchanges"),
        ),
    };
    let mut said = vec![made.figures(first, [of.after[0].row, of.addressed.row, of.after[1].row])];
    if of.made_later.n > 0 {
        let text = format!(
            "{} of {} were made after it and cannot have received it; they are not counted as addressed.",
            format_count(of.made_later.n),
            counted(of.addressed.n, "account", "accounts"),
        );
        said.push(made.figures(text, [of.made_later.row, of.addressed.row]));
    }
    if of.linked[0].n == 0 {
        said.push(made.figures("No linked account had an exchange after it.", [of.linked[0].row]));
        return said;
    }
    said.push(made.figures(
        format!(
            "{} had {} after it; {} of these accounts were made after it.",
            counted(of.linked[0].n, "linked account", "linked accounts"),
            counted(of.linked[1].n, "exchange", "exchanges"),
            format_count(of.linked[2].n),
        ),
        of.linked.map(|count| count.row),
    ));
    said
}

fn harm(document: &mut Document, made: &Draft<'_>) {
    document.heading(3, "Harm");
    print(document, made, PRICES, "");
    if made.sheet(PRICES).is_none_or(|sheet| sheet.rows.is_empty()) {
        document.say(["No price is stated, so no cost is computed."]);
    } else {
        document.say([
            "Cost is the number of tokens times the stated price in force at the time.",
            "An exchange without token counts adds nothing. A price without a bound is in force at all times.",
        ]);
    }
    let contested = made.report.relied.iter().filter_map(|item| {
        let named = made.facts.of.get(&item.evidence)?.contested;
        let text = format!(
            "E{}: harm and exchanges after notices include {} that exculpatory evidence names.",
            item.evidence,
            counted(named.n, "account", "accounts")
        );
        (named.n > 0).then(|| made.figures(text, [named.row]).cite_all(&made.own.contested))
    });
    document.paragraph(Kind::Note, contested);
    print(document, made, HARM, "");
    print(document, made, LOSSES, "Loss log");
}
