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
    /// Initial place.
    pub place: Place,
    /// Makes it.
    pub make: fn() -> Box<dyn View>,
}

/// Every view, in the order of tabs and of Ctrl+1 to Ctrl+9 for the first nine. A new view is one file and
/// one line.
pub const ALL: &[Entry] = &[
    Entry { id: "leads", title: "Leads", place: Place::Upper, make: || Box::<leads::LeadsView>::default() },
    Entry {
        id: "rhythm",
        title: "Rhythm",
        place: Place::Lower,
        make: || Box::<rhythm::RhythmView>::default(),
    },
    Entry {
        id: "topic_map",
        title: "Topic map",
        place: Place::Upper,
        make: || Box::<topic_map::TopicMapView>::default(),
    },
    Entry { id: "links", title: "Links", place: Place::Upper, make: || Box::<links::LinksView>::default() },
    Entry {
        id: "exchanges",
        title: "Exchanges",
        place: Place::Lower,
        make: || Box::<exchanges::ExchangesView>::default(),
    },
    Entry {
        id: "evidence",
        title: "Evidence",
        place: Place::Upper,
        make: || Box::<evidence::EvidenceView>::default(),
    },
    Entry {
        id: "journal",
        title: "Journal",
        place: Place::Upper,
        make: || Box::<journal::JournalView>::default(),
    },
    Entry {
        id: "export",
        title: "Export",
        place: Place::Upper,
        make: || Box::<export::ExportView>::default(),
    },
    Entry {
        id: "accounts",
        title: "Accounts",
        place: Place::Upper,
        make: || Box::<accounts::AccountsView>::default(),
    },
    Entry { id: "story", title: "Story", place: Place::Upper, make: || Box::<story::StoryView>::default() },
    Entry {
        id: "values",
        title: "Values",
        place: Place::Lower,
        make: || Box::<values::ValuesView>::default(),
    },
    Entry {
        id: "compare",
        title: "Compare",
        place: Place::Lower,
        make: || Box::<compare::CompareView>::default(),
    },
    Entry {
        id: "history",
        title: "History",
        place: Place::Lower,
        make: || Box::<history::HistoryView>::default(),
    },
    Entry {
        id: "limits",
        title: "Limits",
        place: Place::Lower,
        make: || Box::<limits::LimitsView>::default(),
    },
    Entry {
        id: "legal",
        title: "Legal frame",
        place: Place::Upper,
        make: || Box::<legal::LegalView>::default(),
    },
    Entry { id: "power", title: "Power", place: Place::Lower, make: || Box::<power::PowerView>::default() },
];

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
