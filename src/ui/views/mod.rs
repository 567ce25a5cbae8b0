//! The views, each with its own file and its line in [`ALL`].

mod accounts;
mod compare;
mod evidence;
mod exchanges;
mod export;
mod history;
mod journal;
mod leads;
mod legal;
mod limits;
mod links;
mod power;
mod rhythm;
mod story;
mod topic_map;
mod values;

use super::view::View;

pub use leads::Dismissal;

/// Place of a view when a case is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the upper stack.
    Upper,
    /// In the lower stack.
    Lower,
}

/// One view of the list.
pub struct Entry {
    /// Stable id.
    pub id: &'static str,
    /// Title of its tab.
    pub title: &'static str,
    /// Sentence on what it shows, over its tab.
    pub hint: &'static str,
    /// Initial place.
    pub place: Place,
    /// Makes it.
    pub make: fn() -> Box<dyn View>,
}

/// Page or mode of a view that the palette opens.
pub struct Page {
    /// Id of the view.
    pub view: &'static str,
    /// Name of the page; the view knows it.
    pub page: &'static str,
    /// Title in the palette.
    pub title: &'static str,
}

const fn page(view: &'static str, page: &'static str, title: &'static str) -> Page {
    Page { view, page, title }
}

/// Every page that the palette opens, by view.
pub const PAGES: &[Page] = &[
    page("leads", "axes", "Leads: both axes as a picture, or without it"),
    page("rhythm", "week", "Rhythm: hours of the week"),
    page("rhythm", "difference", "Rhythm: hours of the week, difference"),
    page("rhythm", "day", "Rhythm: hours of the day"),
    page("rhythm", "periods", "Rhythm: periods"),
    page("rhythm", "hand-over", "Rhythm: hand-over"),
    page("rhythm", "since sign-up", "Rhythm: since sign-up"),
    page("topic_map", "play", "Topic map: play through time"),
    page("links", "matrix", "Links: matrix"),
    page("links", "picture", "Links: picture"),
    page("exchanges", "compare two", "Exchanges: compare two, or hold the selected one (X)"),
    page("export", "checklist", "Export: the checklist"),
    page("export", "internal", "Export: bundle for INTERNAL"),
    page("export", "production", "Export: bundle for PRODUCTION"),
    page("export", "share", "Export: bundle for SHARE"),
    page("export", "regulator", "Export: bundle for REGULATOR"),
    page("export", "folder", "Export: the folder of the bundle"),
    page("export", "write", "Export: the button that writes the bundle"),
];

/// Every view, in the order of tabs and of Ctrl+1 to Ctrl+9 for the first nine. A new view is one file and
/// one line.
pub const ALL: &[Entry] = &[
    Entry {
        id: "leads",
        title: "Leads",
        hint: "Groups of accounts put forward for review, in order of review",
        place: Place::Upper,
        make: || Box::<leads::LeadsView>::default(),
    },
    Entry {
        id: "rhythm",
        title: "Rhythm",
        hint: "When the accounts of the scope are used: hours, days, intervals",
        place: Place::Lower,
        make: || Box::<rhythm::RhythmView>::default(),
    },
    Entry {
        id: "topic_map",
        title: "Topic map",
        hint: "What the exchanges of the scope are about, as a map",
        place: Place::Upper,
        make: || Box::<topic_map::TopicMapView>::default(),
    },
    Entry {
        id: "links",
        title: "Links",
        hint: "Accounts and the values that they share",
        place: Place::Upper,
        make: || Box::<links::LinksView>::default(),
    },
    Entry {
        id: "exchanges",
        title: "Exchanges",
        hint: "Records of the scope one by one; text only on request and with a reason",
        place: Place::Lower,
        make: || Box::<exchanges::ExchangesView>::default(),
    },
    Entry {
        id: "evidence",
        title: "Evidence",
        hint: "What you have marked, by tag",
        place: Place::Upper,
        make: || Box::<evidence::EvidenceView>::default(),
    },
    Entry {
        id: "journal",
        title: "Journal",
        hint: "Everything that was done in this case, in order; it cannot be changed",
        place: Place::Upper,
        make: || Box::<journal::JournalView>::default(),
    },
    Entry {
        id: "export",
        title: "Export",
        hint: "Checklist and bundle for each audience",
        place: Place::Upper,
        make: || Box::<export::ExportView>::default(),
    },
    Entry {
        id: "accounts",
        title: "Accounts",
        hint: "All accounts of the scope, with their signals and attributes",
        place: Place::Upper,
        make: || Box::<accounts::AccountsView>::default(),
    },
    Entry {
        id: "story",
        title: "Story",
        hint: "Your account of the case, with references to evidence",
        place: Place::Upper,
        make: || Box::<story::StoryView>::default(),
    },
    Entry {
        id: "values",
        title: "Values",
        hint: "Values that the scope has more often than other accounts: payment, networks, clients, sign-ups",
        place: Place::Lower,
        make: || Box::<values::ValuesView>::default(),
    },
    Entry {
        id: "compare",
        title: "Compare",
        hint: "The scope and a second scope, figure by figure",
        place: Place::Lower,
        make: || Box::<compare::CompareView>::default(),
    },
    Entry {
        id: "history",
        title: "History",
        hint: "The scopes that you have visited, as a tree; the journal has the decisions",
        place: Place::Lower,
        make: || Box::<history::HistoryView>::default(),
    },
    Entry {
        id: "limits",
        title: "Limits",
        hint: "A limit on use tried on the past: from which day it catches which accounts, and whom else",
        place: Place::Lower,
        make: || Box::<limits::LimitsView>::default(),
    },
    Entry {
        id: "legal",
        title: "Legal frame",
        hint: "Elements that a party has to show, with the evidence for each; terms, notices, prices",
        place: Place::Upper,
        make: || Box::<legal::LegalView>::default(),
    },
    Entry {
        id: "power",
        title: "Power",
        hint: "How often planted campaigns of several sizes would be found in this case",
        place: Place::Lower,
        make: || Box::<power::PowerView>::default(),
    },
];

/// True if a view has a table that takes the keyboard when the view is shown.
pub fn has_keys(id: &str) -> bool {
    matches!(id, "leads" | "accounts" | "exchanges" | "links" | "topic_map" | "values")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_titles_of_views_match_the_list() {
        for entry in ALL {
            let view = (entry.make)();
            assert_eq!((view.id(), view.title()), (entry.id, entry.title));
        }
    }
}
