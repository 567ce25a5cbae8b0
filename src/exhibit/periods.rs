//! Periodogram of the scope's exchanges and of everyone else's.

use super::axis::round_marks;
use super::svg::{Anchor, Drawing, FAINT, GREY, INK, PEERS, SCOPE, WIDTH, number};
use super::{Drawn, ExhibitError, Subject, Table};
use crate::model::{Watcher, format_count, format_duration};
use crate::query::Selection;
use crate::query::periods::{Cycle, Periods, Spectrum, periods};

const LEFT: f64 = 64.0;
const PLOT: f64 = WIDTH - LEFT - 20.0;
const HEIGHT: f64 = 300.0;
const TOP: f64 = 30.0;
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
    let mut drawing = Drawing::new(TOP + HEIGHT + 44.0);
    let shares = |spectrum: &Spectrum| {
        spectrum.bins.iter().flatten().map(|cycle| cycle.share * 100.0).fold(0.0, f64::max)
    };
    let marks = round_marks(shares(&found.scope).max(shares(&found.peers)));
    let most = marks.last().copied().unwrap_or(1.0);
    for mark in marks {
        let y = TOP + HEIGHT * (1.0 - mark / most);
        drawing.rule([LEFT, y], [LEFT + PLOT, y], FAINT, 0.6);
        drawing.text([LEFT - 6.0, y + 3.5], 10.0, Anchor::End, GREY, &format!("{} %", number(mark)));
    }
    let ends = [found.edges.first(), found.edges.last()].map(|edge| edge.copied().unwrap_or(1.0));
    let x_of = |seconds: f64| LEFT + PLOT * (seconds / ends[0]).ln() / (ends[1] / ends[0]).ln();
    for (seconds, label) in MARKS.into_iter().filter(|(seconds, _)| (ends[0]..=ends[1]).contains(seconds)) {
        let x = x_of(seconds);
        drawing.rule([x, TOP + HEIGHT], [x, TOP + HEIGHT + 5.0], INK, 1.0);
        drawing.text([x, TOP + HEIGHT + 17.0], 10.0, Anchor::Middle, GREY, label);
    }
    drawing.rule([LEFT, TOP + HEIGHT], [LEFT + PLOT, TOP + HEIGHT], INK, 1.0);
    let middle = [LEFT + PLOT / 2.0, TOP + HEIGHT + 35.0];
    drawing.text(middle, 11.0, Anchor::Middle, INK, "period, logarithmic");
    drawing.text_up([16.0, TOP + HEIGHT / 2.0], 11.0, "share of variance that a sine explains");
    for (spectrum, stroke, width, dash) in [(&found.peers, PEERS, 1.4, "5 3"), (&found.scope, SCOPE, 2.0, "")]
    {
        let points: Vec<[f64; 2]> = spectrum
            .bins
            .iter()
            .flatten()
            .map(|cycle| [x_of(cycle.period), TOP + HEIGHT * (1.0 - 100.0 * cycle.share / most)])
            .collect();
        drawing.path(&points, stroke, width, dash);
    }
    drawing.path(&[[LEFT + 8.0, 12.0], [LEFT + 36.0, 12.0]], SCOPE, 2.0, "");
    drawing.text([LEFT + 42.0, 16.0], 11.0, Anchor::Start, INK, "scope");
    drawing.path(&[[LEFT + 108.0, 12.0], [LEFT + 136.0, 12.0]], PEERS, 1.4, "5 3");
    drawing.text([LEFT + 142.0, 16.0], 11.0, Anchor::Start, INK, "everyone else");
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
    Drawn { drawing: Some(drawing), table: table(found), notes: vec![count, strongest] }
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
