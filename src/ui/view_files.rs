//! Exhibits that can be written from each view.

use crate::exhibit;

/// Exhibits of each view: id of the view, and kinds with its content.
const OF_VIEWS: [(&str, &[&str]); 7] = [
    ("leads", &["leads", "lead_tests"]),
    (
        "rhythm",
        &["hour_of_week", "raster", "intervals", "periodogram", "hand_over", "since_sign_up", "timeline"],
    ),
    ("topic_map", &["coverage", "topic_map"]),
    ("links", &["links"]),
    ("accounts", &["accounts", "dossier"]),
    ("exchanges", &["exchanges"]),
    ("values", &["values"]),
];
/// Title of the picture that every view offers.
pub const ON_SCREEN: &str = "as on screen, PNG";
/// Kinds that are tables only.
const TABLES: [&str; 5] = ["leads", "accounts", "dossier", "exchanges", "values"];

/// A requested file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Kind of the exhibit.
    pub kind: &'static str,
    /// True for the figure, false for the table.
    pub is_figure: bool,
}

impl Wanted {
    /// `Exchanges by hour of the week, SVG`.
    pub fn title(self) -> String {
        let kind = exhibit::KINDS.iter().find(|kind| kind.name == self.kind);
        format!("{}, {}", kind.map_or(self.kind, |kind| kind.title), self.ending().to_uppercase())
    }

    /// `hour_of_week.svg`.
    pub fn file(self) -> String {
        format!("{}.{}", self.kind, self.ending())
    }

    fn ending(self) -> &'static str {
        if self.is_figure { "svg" } else { "csv" }
    }
}

/// Files that a view offers, figures first.
pub fn offered(view: &str) -> Vec<(String, Wanted)> {
    let kinds = OF_VIEWS.iter().find(|(id, _)| *id == view).map_or(&[][..], |(_, kinds)| *kinds);
    let figures = kinds.iter().filter(|kind| !TABLES.contains(kind)).map(|kind| (*kind, true));
    let tables = kinds.iter().map(|kind| (*kind, false));
    figures
        .chain(tables)
        .map(|(kind, is_figure)| Wanted { kind, is_figure })
        .map(|wanted| (wanted.title(), wanted))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views;

    #[test]
    fn every_offer_is_a_view_and_an_exhibit() {
        for (view, kinds) in OF_VIEWS {
            assert!(views::ALL.iter().any(|entry| entry.id == view), "{view}");
            for kind in kinds {
                assert!(exhibit::KINDS.iter().any(|known| known.name == *kind), "{kind}");
            }
        }
        let titles: Vec<String> = offered("links").into_iter().map(|(title, _)| title).collect();
        let expected = [
            "Attribute values that the accounts share, SVG",
            "Attribute values that the accounts share, CSV",
        ];
        assert_eq!(titles, expected);
        assert!(offered("journal").is_empty());
    }
}
