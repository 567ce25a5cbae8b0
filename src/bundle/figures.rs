//! Exhibits of the evidence, the rows and values behind them, and figures of the leads relied on: all of it follows from
//! the logs and the decisions alone.

use super::bag::Bag;
use super::kinds::exhibits_of;
use super::legal::{self, LegalFigures, legal_figures};
use super::relied::{Relied, alternatives, relied};
use super::report::{NumberedExhibit, Sheet};
use super::underlying::Underlying;
use super::{BundleError, methods, underlying};
use crate::cache::Cache;
use crate::case::legal::Profile;
use crate::case::{EvidenceSource, State};
use crate::exhibit::{self, Subject, Table};
use crate::leads::Leads;
use crate::model::{Scope, Watcher, Zone};

/// Exhibits and leads relied on.
pub(super) struct Figures {
    pub exhibits: Vec<NumberedExhibit>,
    pub relied: Vec<Relied>,
    /// Figures of the legal frame.
    pub legal: LegalFigures,
    /// Tables on the leads relied on, for the report.
    pub sheets: Vec<Sheet>,
}

/// Zone in which the case shows times.
pub(super) fn zone_of(state: &State) -> Zone {
    state.settings.get("zone").and_then(|name| Zone::named(name).ok()).unwrap_or_default()
}

/// Puts everything into a bag that follows from the logs and the decisions alone: exhibits, the rows and
/// values behind them, and what is computed of the leads relied on. All names are those of the bundle.
pub(super) fn figures(
    bag: &mut Bag<'_>,
    state: &State,
    (cache, leads): (&Cache, &Leads),
    profile: Profile,
    watcher: &dyn Watcher,
) -> Result<Figures, BundleError> {
    let zone = zone_of(state);
    let exhibits = exhibits(state, cache, leads, &zone, watcher)?;
    for placed in &exhibits {
        let name = format!("03_exhibits/{}", placed.number);
        bag.put(&format!("{name}.csv"), &placed.exhibit.table)?;
        if let Some(figure) = &placed.exhibit.figure {
            bag.put(&format!("{name}.svg"), figure)?;
        }
    }
    let relied = relied(state, cache, leads, watcher)?;
    let data = Underlying { state, cache, leads, exhibits: &exhibits, relied: &relied, zone: &zone };
    underlying::put(bag, &data, watcher)?;
    let controls = methods::controls(state, cache, watcher)?;
    let tables = [
        (
            "05_methods/error_rates.csv",
            "Error rates on controls",
            methods::error_rates(&relied, &controls, leads),
        ),
        ("05_methods/controls.csv", "Control accounts", methods::controls_table(&controls, cache, leads)),
        ("05_methods/alternatives.csv", "Benign explanations", alternatives(&relied, leads.provisional)),
    ];
    let mut sheets = put_sheets(bag, tables)?;
    let legal = legal_figures(state, cache, leads, watcher)?;
    sheets.extend(put_legal(bag, state, cache, &legal, profile)?);
    Ok(Figures { exhibits, relied, legal, sheets })
}

/// `08_legal` but redaction log and designations.
fn put_legal(
    bag: &mut Bag<'_>,
    state: &State,
    cache: &Cache,
    computed: &LegalFigures,
    profile: Profile,
) -> Result<Vec<Sheet>, BundleError> {
    let tag =
        |(number, evidence): (&u64, &crate::case::Evidence)| (*number, evidence.tag.as_str().to_owned());
    let evidence = state.evidence.iter().map(tag).collect();
    let mut sheets = Vec::new();
    let stated = legal::tables::tables(&state.legal, &evidence, profile, computed.after_the_end());
    for made in stated.into_iter().chain(computed.tables(cache, profile)) {
        bag.put(made.path, &made.table.to_csv())?;
        sheets.push(Sheet::of_file(made.path, made.title, &made.table));
    }
    for (path, text) in legal::tables::texts(&state.legal, profile) {
        bag.put(&path, &text)?;
    }
    Ok(sheets)
}

/// Exhibits of every scope and account marked, of repeated marks once. EX-0001 is the records.
fn exhibits(
    state: &State,
    cache: &Cache,
    leads: &Leads,
    zone: &Zone,
    watcher: &dyn Watcher,
) -> Result<Vec<NumberedExhibit>, BundleError> {
    let (mut placed, repeats) = (Vec::new(), state.repeats());
    for evidence in state.evidence.values().filter(|evidence| !repeats.contains_key(&evidence.id)) {
        let scope = match &evidence.source {
            EvidenceSource::Exchange { .. } => continue,
            EvidenceSource::Account { account } => Scope::default().with_account(account.clone()),
            EvidenceSource::Scope { scope, .. } => scope.clone(),
        };
        let subject = Subject { cache, leads, scope: &scope, zone, events: &state.events };
        for kind in exhibits_of(evidence) {
            watcher.check()?;
            watcher.step("making exhibits", placed.len() as u64, 0, "exhibits");
            let exhibit = exhibit::make(kind, &subject, watcher)?;
            // The records are the first exhibit.
            let number = format!("EX-{:04}", placed.len() + 2);
            placed.push(NumberedExhibit { number, evidence: evidence.id, exhibit });
        }
    }
    Ok(placed)
}

/// Puts tables into a bag and gives them as what the report can cite.
pub(super) fn put_sheets<const N: usize>(
    bag: &mut Bag<'_>,
    tables: [(&str, &str, Table); N],
) -> Result<Vec<Sheet>, BundleError> {
    let mut sheets = Vec::new();
    for (path, title, table) in tables {
        bag.put(path, &table.to_csv())?;
        sheets.push(Sheet::of_file(path, title, &table));
    }
    Ok(sheets)
}
