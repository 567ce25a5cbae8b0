//! Periodogram of the scope's exchanges and of everyone else's.

use super::curves::Chart;
use super::svg::number;
use super::{Drawn, ExhibitError, Subject, Table};
use crate::model::{Watcher, format_count, format_duration};
use crate::query::Selection;
use crate::query::periods::{Cycle, Periods, Spectrum, periods};

/// Periods in seconds that have a mark, with their labels.
const MARKS: [(f64, &str); 9] = [
    (300.0, "5 min"),
    (900.0, "15 min"),
    (3_600.0, "1 h"),
    (10_800.0, "3 h"),
    (28_800.0, "8 h"),
    (86_400.0, "1 d"),
    (259_200.0, "3 d"),
    (604_800.0, "7 d"),
    (2_419_200.0, "28 d"),
];

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    Ok(drawn(&periods(subject.cache, selection, watcher)?))
}

fn drawn(found: &Periods) -> Drawn {
    let ends = [found.edges.first(), found.edges.last()].map(|edge| edge.copied().unwrap_or(1.0));
    let seen = MARKS.into_iter().filter(|(seconds, _)| (ends[0]..=ends[1]).contains(seconds));
    let points = |spectrum: &Spectrum| {
        let cycles = spectrum.bins.iter().flatten();
        cycles.map(|cycle| [cycle.period.ln(), 100.0 * cycle.share]).collect()
    };
    let chart = Chart {
        titles: ["period, logarithmic", "share of variance that a sine explains"],
        unit: " %",
        ends: ends.map(f64::ln),
        ticks: seen.map(|(seconds, label)| (seconds.ln(), label.to_owned())).collect(),
        changes: Vec::new(),
        curves: [points(&found.scope), points(&found.peers)],
    };
    let count = format!(
        "Exchanges per {}, all accounts of a side together: {} in the scope, {} outside it.",
        format_duration(found.step),
        format_count(found.scope.exchanges),
        format_count(found.peers.exchanges)
    );
    let strongest = format!(
        "Strongest periods of the scope: {}. White noise reaches {} % in 1 of 1,000 cases.",
        in_words(&found.scope.strongest()),
        number(100.0 * found.scope.chance)
    );
    Drawn { drawing: Some(chart.drawn()), table: table(found), notes: vec![count, strongest] }
}

/// `24 h (18.2 %), 12 h (3.1 %)`.
fn in_words(cycles: &[Cycle]) -> String {
    if cycles.is_empty() {
        return "none above chance".to_owned();
    }
    cycles.iter().map(Cycle::in_words).collect::<Vec<_>>().join(", ")
}

fn table(found: &Periods) -> Table {
    let mut table = Table::new([
        "from_seconds",
        "to_seconds",
        "scope_period_seconds",
        "scope_percent",
        "other_period_seconds",
        "other_percent",
    ]);
    for (at, edges) in found.edges.windows(2).enumerate() {
        let cells = |spectrum: &Spectrum| match spectrum.bins.get(at).copied().flatten() {
            Some(cycle) => [format!("{:.3}", cycle.period), format!("{:.4}", 100.0 * cycle.share)],
            None => [String::new(), String::new()],
        };
        let bin = edges.iter().map(|edge| format!("{edge:.3}"));
        table.push(bin.chain(cells(&found.scope)).chain(cells(&found.peers)).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::{Caption, xml::text_of};
    use super::*;

    #[test]
    fn every_bin_has_its_row_and_the_strongest_is_said() {
        let cycle = |period, share| Some(Cycle { period, share });
        let scope = Spectrum { exchanges: 400, bins: vec![None, cycle(3_600.0, 0.25), None], chance: 0.01 };
        let peers = Spectrum { exchanges: 3, ..Spectrum::default() };
        let found =
            Periods { edges: vec![120.0, 1_200.0, 12_000.0, 120_000.0], step: 60_000_000, scope, peers };
        let made = drawn(&found);
        let csv = String::from_utf8(made.table.to_csv()).unwrap();
        assert!(csv.ends_with("1200.000,12000.000,3600.000,25.0000,,\n12000.000,120000.000,,,,\n"), "{csv}");
        assert!(made.notes[1].contains("1.0 h (25.0 %)"), "{:?}", made.notes);
        assert!(text_of(&made.drawing.unwrap().finish("t", &Caption::default())).contains("15 min"));
        let nothing = Periods { scope: Spectrum::default(), ..found };
        assert!(drawn(&nothing).notes[1].contains("none above chance"));
    }
}
