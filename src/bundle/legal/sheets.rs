//! The legal tables with names in clear, for screen and commands.

use super::LegalFigures;
use super::tables::{LegalTable, recorded, state_of, tables};
use crate::cache::Cache;
use crate::case::State;
use crate::case::legal::{Element, Profile};

/// A table of the legal frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalSheet {
    /// Name: that of the file in a bundle without its end, `after_revocation`.
    pub name: String,
    /// Title.
    pub title: &'static str,
    /// Names of the columns.
    pub header: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

/// State of an element in a word: `empty`, or what it rests on.
pub fn element_state(state: &State, element: Element) -> &'static str {
    let evidence = state.legal.evidence.get(&element).into_iter().flatten();
    let assigned = evidence.filter(|number| state.evidence.contains_key(number)).count();
    match state_of(element.about(), &state.legal, assigned, 0) {
        "empty" if is_computed(state, element) => COMPUTED,
        state => state,
    }
}

/// State of an element whose support an export computes from the logs.
const COMPUTED: &str = "exchanges after notices are counted at export";

/// True for the exchanges after notices, where there is such a notice.
fn is_computed(state: &State, element: Element) -> bool {
    let counts = |(_, notice): &(u64, &crate::case::legal::Notice)| notice.kind.ends_access();
    element == Element::AccessAfter && state.legal.notices().iter().any(counts)
}

/// Items recorded that belong to an element.
pub fn element_items(state: &State, element: Element) -> usize {
    recorded(element, &state.legal, 0)
}

/// All tables of a state, with what is computed.
pub fn legal_sheets(state: &State, cache: &Cache, computed: &LegalFigures) -> Vec<LegalSheet> {
    let tags = state.evidence.iter().map(|(number, own)| (*number, own.tag.as_str().to_owned())).collect();
    let stated =
        tables(&state.legal, &tags, Profile::Recorded, computed.after_the_end()).into_iter().map(sheet);
    stated.chain(computed_sheets(cache, computed)).collect()
}

/// The computed tables: exchanges after notices, harm, gaps of acceptance.
pub fn computed_sheets(cache: &Cache, computed: &LegalFigures) -> Vec<LegalSheet> {
    computed.tables(cache, Profile::Recorded).into_iter().map(sheet).collect()
}

fn sheet(made: LegalTable) -> LegalSheet {
    let name = made.path.rsplit('/').next().unwrap_or(made.path).trim_end_matches(".csv");
    LegalSheet {
        name: name.to_owned(),
        title: made.title,
        header: made.table.header().to_vec(),
        rows: made.table.rows().to_vec(),
    }
}
