//! Tables of the legal frame that follow from the journal alone.

use std::collections::BTreeMap;

use super::terms_text;
use super::utc::utc;
use crate::case::legal::{ABOUT, About, Document, Element, Legal, NoticeKind, Profile, SECRET_CAUTION};
use crate::exhibit::{Table, cell};

/// A table with its path inside `data/` and its title.
pub(in crate::bundle) struct LegalTable {
    /// `08_legal/elements.csv`.
    pub path: &'static str,
    /// Title for the index.
    pub title: &'static str,
    /// The table.
    pub table: Table,
}

/// Path of the elements.
pub(in crate::bundle) const ELEMENTS: &str = "08_legal/elements.csv";
/// Path of the notices.
pub(in crate::bundle) const NOTICES: &str = "08_legal/notices.csv";
/// Path of the exchanges after notices.
pub(in crate::bundle) const AFTER: &str = "08_legal/after_revocation.csv";
/// Path of the harm.
pub(in crate::bundle) const HARM: &str = "08_legal/harm.csv";
/// Path of the loss log.
pub(in crate::bundle) const LOSSES: &str = "08_legal/losses.csv";
/// Path of the measures.
pub(in crate::bundle) const MEASURES: &str = "08_legal/measures.csv";
/// Path of the clauses.
pub(in crate::bundle) const CLAUSES: &str = "08_legal/tos/clauses.csv";
/// Path of the records of acceptance.
pub(in crate::bundle) const ACCEPTANCE: &str = "08_legal/tos/acceptance.csv";
/// Path of the gaps of acceptance.
pub(in crate::bundle) const GAPS: &str = "08_legal/tos/acceptance_gaps.csv";
/// Path of the breaches.
pub(in crate::bundle) const BREACHES: &str = "08_legal/tos/breaches.csv";
/// Path of the prices.
pub(in crate::bundle) const PRICES: &str = "08_legal/prices.csv";
const NOTICE_ACCOUNTS: &str = "08_legal/notice_accounts.csv";

/// Columns that the report prints of each table; a table that is not here is not printed.
const PRINTED: [(&str, &[&str]); 9] = [
    (ELEMENTS, &["frame", "title", "state", "statement", "evidence", "items"]),
    (CLAUSES, &["version", "clause", "text", "in_force_from", "in_force_to"]),
    (BREACHES, &["version", "clause", "statement", "evidence"]),
    (
        GAPS,
        &["account", "first_exchange_utc", "first_acceptance_utc", "accepted_by_utc", "versions", "finding"],
    ),
    (NOTICES, &["notice", "time_utc", "kind", "lead", "accounts", "text"]),
    (MEASURES, &["kind", "since_utc", "description", "document"]),
    (PRICES, &PRICE_COLUMNS),
    (HARM, &HARM_COLUMNS),
    (LOSSES, &["date_utc", "amount", "currency", "description"]),
];

/// Columns of the harm.
pub(in crate::bundle) const HARM_COLUMNS: [&str; 9] = [
    "basis",
    "model",
    "exchanges",
    "exchanges_without_token_counts",
    "input_tokens",
    "output_tokens",
    "price_item",
    "currency",
    "cost",
];

/// Columns of the prices.
const PRICE_COLUMNS: [&str; 8] = [
    "item",
    "model",
    "input_per_million",
    "output_per_million",
    "currency",
    "in_force_from",
    "in_force_until",
    "source",
];

/// Columns of a table that the report prints.
pub(in crate::bundle) fn printed(path: &str) -> &'static [&'static str] {
    PRINTED.iter().find(|(own, _)| *own == path).map_or(&[], |(_, columns)| columns)
}

/// Files that a bundle of a profile must have.
pub(in crate::bundle) fn required(profile: Profile) -> impl Iterator<Item = &'static str> {
    let common = [ELEMENTS, NOTICES, NOTICE_ACCOUNTS, AFTER, HARM, PRICES, LOSSES];
    let terms = [CLAUSES, ACCEPTANCE, GAPS, BREACHES];
    let has_terms = profile != Profile::TradeSecret;
    let has_measures = profile != Profile::Terms;
    common
        .into_iter()
        .chain(terms.into_iter().filter(move |_| has_terms))
        .chain([MEASURES].into_iter().filter(move |_| has_measures))
}

/// All tables. `evidence` has the tag of each piece of evidence by its number; `after` is the number of accounts with
/// exchanges after their access was ended, which are computed from the logs.
pub(in crate::bundle) fn tables(
    legal: &Legal,
    evidence: &BTreeMap<u64, String>,
    profile: Profile,
    after: usize,
) -> Vec<LegalTable> {
    let made = |path, title, table| LegalTable { path, title, table };
    let all = vec![
        made(ELEMENTS, "Legal elements", elements(legal, evidence, profile, after)),
        made(CLAUSES, "Clauses of the terms", clauses(legal)),
        made(BREACHES, "Breaches of clauses", breaches(legal)),
        made(ACCEPTANCE, "Records of acceptance", acceptance(legal)),
        made(NOTICES, "Notices", notices(legal)),
        made(NOTICE_ACCOUNTS, "Accounts that notices went to", notice_accounts(legal)),
        made(MEASURES, "Reasonable measures", measures(legal)),
        made(PRICES, "Prices of tokens", prices(legal)),
        made(LOSSES, "Loss log", losses(legal)),
    ];
    let wanted: Vec<&str> = required(profile).collect();
    all.into_iter().filter(|table| wanted.contains(&table.path)).collect()
}

/// Texts of the terms, one file a version: path and bytes.
pub(in crate::bundle) fn texts(legal: &Legal, profile: Profile) -> Vec<(String, Vec<u8>)> {
    if profile == Profile::TradeSecret { Vec::new() } else { terms_text::files(legal) }
}

/// State of an element that is stated and has support.
pub(in crate::bundle) const STATED_WITH_SUPPORT: &str = "stated, with support";

/// State of an element in a word: `empty`, or what it rests on.
pub(in crate::bundle) fn state_of(
    about: &About,
    legal: &Legal,
    assigned: usize,
    after: usize,
) -> &'static str {
    let stated = legal.statements.contains_key(&about.element);
    match (stated, assigned > 0 || recorded(about.element, legal, after) > 0) {
        (true, true) => STATED_WITH_SUPPORT,
        (true, false) => "stated, without support",
        (false, true) => "support, without a statement",
        (false, false) => "empty",
    }
}

/// Items recorded that belong to an element; `after` are the accounts with exchanges after their access was ended.
pub(in crate::bundle) fn recorded(element: Element, legal: &Legal, after: usize) -> usize {
    let notices = |is: fn(NoticeKind) -> bool| {
        legal.notices().into_iter().filter(|(_, notice)| is(notice.kind)).count()
    };
    match element {
        Element::ContractClause => legal.clauses().count(),
        Element::ContractAcceptance => legal.acceptances().map(|(_, file)| file.accounts.len()).sum(),
        Element::ContractBreach => legal.breaches().count(),
        Element::ContractHarm | Element::SecretHarm => legal.prices().count(),
        Element::SecretMeasures => legal.measures().count(),
        Element::AccessNotice => notices(|_| true),
        Element::AccessRevocation => notices(NoticeKind::ends_access),
        Element::AccessLoss => legal.losses().count(),
        Element::AccessAfter => after,
        Element::SecretInformation
        | Element::SecretValue
        | Element::SecretMeans
        | Element::SecretUse
        | Element::SecretNexus => 0,
    }
}

/// Numbers of the evidence assigned to an element that is still marked: `E1`, `E4`.
pub(in crate::bundle) fn assigned(
    element: Element,
    legal: &Legal,
    evidence: &BTreeMap<u64, String>,
) -> Vec<u64> {
    let numbers = legal.evidence.get(&element).into_iter().flatten();
    numbers.copied().filter(|number| evidence.contains_key(number)).collect()
}

fn elements(legal: &Legal, evidence: &BTreeMap<u64, String>, profile: Profile, after: usize) -> Table {
    let header = [
        "frame",
        "element",
        "title",
        "question",
        "state",
        "statement",
        "evidence",
        "tags",
        "items",
        "table",
        "caution",
    ];
    let mut table = Table::new(header);
    for about in ABOUT.iter().filter(|about| about.frame.is_in(profile)) {
        let numbers = assigned(about.element, legal, evidence);
        let tags: Vec<String> = numbers.iter().map(|number| evidence[number].clone()).collect();
        let is_secret = about.element == Element::SecretInformation;
        table.push(vec![
            about.frame.title().to_owned(),
            about.id.to_owned(),
            about.title.to_owned(),
            about.asks.to_owned(),
            state_of(about, legal, numbers.len(), after).to_owned(),
            cell(legal.statements.get(&about.element).map_or("", String::as_str)),
            numbers.iter().map(|number| format!("E{number}")).collect::<Vec<_>>().join(" "),
            cell(&tags.join("; ")),
            recorded(about.element, legal, after).to_string(),
            about.table.to_owned(),
            if is_secret { SECRET_CAUTION } else { "" }.to_owned(),
        ]);
    }
    table
}

/// Name and SHA-256 of a document; empty for none.
fn document(document: Option<&Document>) -> [String; 2] {
    document.map_or_else(Default::default, |own| [cell(&own.name), own.sha256.to_string()])
}

fn clauses(legal: &Legal) -> Table {
    let header =
        ["item", "version", "clause", "text", "in_force_from", "in_force_to", "document", "document_sha256"];
    let mut table = Table::new(header);
    for (number, clause) in legal.clauses() {
        let version = legal.terms().filter(|(_, terms)| terms.version == clause.version).last();
        let version = version.map(|(_, terms)| terms);
        let [name, sha256] = document(version.and_then(|terms| terms.document.as_ref()));
        table.push(vec![
            number.to_string(),
            cell(&clause.version),
            cell(&clause.clause),
            cell(&clause.text),
            utc(version.map(|terms| terms.from)),
            utc(version.and_then(|terms| terms.to)),
            name,
            sha256,
        ]);
    }
    table
}

fn breaches(legal: &Legal) -> Table {
    let mut table = Table::new(["item", "version", "clause", "statement", "evidence"]);
    for (number, breach) in legal.breaches() {
        let evidence: Vec<String> = breach.evidence.iter().map(|number| format!("E{number}")).collect();
        table.push(vec![
            number.to_string(),
            cell(&breach.version),
            cell(&breach.clause),
            cell(&breach.text),
            evidence.join(" "),
        ]);
    }
    table
}

/// Records of acceptance by account, then time.
fn acceptance(legal: &Legal) -> Table {
    let mut table =
        Table::new(["account", "time_utc", "precision", "address", "version", "file", "file_sha256"]);
    let mut rows: Vec<_> = legal
        .acceptances()
        .flat_map(|(_, file)| {
            file.records().map(move |record| (record, &file.file, file.sha256, file.zone()))
        })
        .collect();
    rows.sort();
    for (record, file, sha256, zone) in rows {
        let day = record.day_end.map(|_| format!("whole day in {zone}"));
        table.push(vec![
            cell(record.account.as_str()),
            utc(Some(record.time)),
            cell(&day.unwrap_or_else(|| "time".to_owned())),
            cell(record.address),
            cell(record.version),
            cell(file),
            sha256.to_string(),
        ]);
    }
    table
}

fn notices(legal: &Legal) -> Table {
    let header = [
        "notice",
        "time_utc",
        "kind",
        "ends_access",
        "lead",
        "accounts",
        "text",
        "document",
        "document_sha256",
    ];
    let mut table = Table::new(header);
    for (number, notice) in legal.notices() {
        let [name, sha256] = document(notice.document.as_ref());
        table.push(vec![
            format!("N{number}"),
            utc(Some(notice.at)),
            notice.kind.word().to_owned(),
            if notice.kind.ends_access() { "yes" } else { "no" }.to_owned(),
            notice.lead.as_ref().map_or_else(String::new, |lead| lead.id.to_string()),
            notice.accounts.len().to_string(),
            cell(&notice.text),
            name,
            sha256,
        ]);
    }
    table
}

fn notice_accounts(legal: &Legal) -> Table {
    let mut table = Table::new(["notice", "account"]);
    for (number, notice) in legal.notices() {
        for account in &notice.accounts {
            table.push(vec![format!("N{number}"), cell(account.as_str())]);
        }
    }
    table
}

fn measures(legal: &Legal) -> Table {
    let mut table = Table::new(["item", "kind", "since_utc", "description", "document", "document_sha256"]);
    let mut all: Vec<_> = legal.measures().collect();
    all.sort_by_key(|(number, measure)| (measure.since, *number));
    for (number, measure) in all {
        let [name, sha256] = document(measure.document.as_ref());
        let (kind, text) = (measure.kind.word().to_owned(), cell(&measure.text));
        table.push(vec![number.to_string(), kind, utc(Some(measure.since)), text, name, sha256]);
    }
    table
}

fn prices(legal: &Legal) -> Table {
    let mut table = Table::new(PRICE_COLUMNS);
    for (number, price) in legal.prices() {
        table.push(vec![
            number.to_string(),
            cell(price.model.as_deref().unwrap_or("every other model")),
            price.input.to_string(),
            price.output.to_string(),
            cell(&price.currency),
            utc(price.from),
            utc(price.until),
            cell(&price.source),
        ]);
    }
    table
}

fn losses(legal: &Legal) -> Table {
    let header = ["item", "date_utc", "amount", "currency", "description", "document", "document_sha256"];
    let mut table = Table::new(header);
    let mut all: Vec<_> = legal.losses().collect();
    all.sort_by_key(|(number, loss)| (loss.date, *number));
    for (number, loss) in all {
        let [name, sha256] = document(loss.document.as_ref());
        let (amount, currency, text) = (loss.amount.to_string(), cell(&loss.currency), cell(&loss.text));
        table.push(vec![number.to_string(), utc(Some(loss.date)), amount, currency, text, name, sha256]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_columns_are_columns_of_their_tables() {
        let mut found = 0;
        for made in tables(&Legal::default(), &BTreeMap::new(), Profile::Recorded, 0) {
            let columns = printed(made.path);
            found += usize::from(!columns.is_empty());
            assert!(
                columns.iter().all(|column| made.table.header().iter().any(|own| own == column)),
                "{}",
                made.path
            );
        }
        // Harm and gaps are computed from the logs.
        assert_eq!(found + 2, PRINTED.len());
    }

    #[test]
    fn exchanges_after_notices_support_their_element() {
        let row = |after: usize| {
            let made = tables(&Legal::default(), &BTreeMap::new(), Profile::Recorded, after).remove(0);
            let at = |name: &str| made.table.header().iter().position(|own| own == name).unwrap();
            let id = Element::AccessAfter.about().id;
            let row = made.table.rows().iter().find(|row| row[at("element")] == id).unwrap().clone();
            [row[at("state")].clone(), row[at("items")].clone()]
        };
        assert_eq!(row(0), ["empty", "0"]);
        assert_eq!(row(47), ["support, without a statement", "47"]);
    }
}
