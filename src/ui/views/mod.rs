//! The views: one file each, one line each in [`ALL`].

mod exchanges;
mod links;
mod rhythm;
mod topic_map;

use super::view::View;

/// Where a view stands when a case is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the upper stack.
    Upper,
    /// In the lower stack.
    Lower,
}

/// One view of the list.
pub struct Entry {
    /// Its lasting id.
    pub id: &'static str,
    /// What its tab says.
    pub title: &'static str,
    /// Where it stands at first.
    pub place: Place,
    /// Makes it.
    pub make: fn() -> Box<dyn View>,
}

/// Every view, in the order of tabs and of Ctrl+1 to Ctrl+8. A new view is one file and one line.
pub const ALL: &[Entry] = &[
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
];
