//! Intervals between consecutive exchanges of the same account, on a logarithmic axis.

use super::axis::round_marks;
use super::svg::{Anchor, Drawing, FAINT, GREY, INK, PEERS, SCOPE, WIDTH, number};
use super::{Drawn, ExhibitError, Subject, Table, share_cells};
use crate::model::{Watcher, format_count};
use crate::query::Grain;
use crate::query::Selection;
use crate::query::intervals::{IntervalHistogram, interval_histogram};

const LEFT: f64 = 64.0;
const PLOT: f64 = WIDTH - LEFT - 20.0;
const HEIGHT: f64 = 300.0;
const TOP: f64 = 30.0;
const MARKS: [(f64, &str); 8] = [
    (0.001, "1 ms"),
    (0.01, "10 ms"),
    (0.1, "100 ms"),
    (1.0, "1 s"),
    (10.0, "10 s"),
    (60.0, "1 min"),
    (3600.0, "1 h"),
    (86400.0, "1 d"),
];

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    Ok(drawn(&interval_histogram(subject.cache, selection, Grain::Exact, watcher)?))
}

fn drawn(histogram: &IntervalHistogram) -> Drawn {
    let mut drawing = Drawing::new(TOP + HEIGHT + 44.0);
    let (scope, peers) = (shares(&histogram.scope), shares(&histogram.peers));
    let marks = round_marks(scope.iter().chain(&peers).copied().fold(0.0, f64::max));
    let most = marks.last().copied().unwrap_or(1.0);
    for mark in marks {
        let y = TOP + HEIGHT * (1.0 - mark / most);
        drawing.rule([LEFT, y], [LEFT + PLOT, y], FAINT, 0.6);
        drawing.text([LEFT - 6.0, y + 3.5], 10.0, Anchor::End, GREY, &format!("{} %", number(mark)));
    }
    for (seconds, label) in MARKS {
        let x = x_of(histogram, seconds);
        drawing.rule([x, TOP + HEIGHT], [x, TOP + HEIGHT + 5.0], INK, 1.0);
        drawing.text([x, TOP + HEIGHT + 17.0], 10.0, Anchor::Middle, GREY, label);
    }
    drawing.rule([LEFT, TOP + HEIGHT], [LEFT + PLOT, TOP + HEIGHT], INK, 1.0);
    let middle = [LEFT + PLOT / 2.0, TOP + HEIGHT + 35.0];
    drawing.text(middle, 11.0, Anchor::Middle, INK, "interval, logarithmic, ten bins a decade");
    drawing.text_up([16.0, TOP + HEIGHT / 2.0], 11.0, "share of intervals in the bin");
    drawing.path(&steps(histogram, &peers, most), PEERS, 1.4, "5 3");
    drawing.path(&steps(histogram, &scope, most), SCOPE, 2.2, "");
    drawing.path(&[[LEFT + 8.0, 12.0], [LEFT + 36.0, 12.0]], SCOPE, 2.2, "");
    drawing.text([LEFT + 42.0, 16.0], 11.0, Anchor::Start, INK, "scope");
    drawing.path(&[[LEFT + 108.0, 12.0], [LEFT + 136.0, 12.0]], PEERS, 1.4, "5 3");
    drawing.text([LEFT + 142.0, 16.0], 11.0, Anchor::Start, INK, "everyone else");
    let sums = [histogram.scope.iter().sum::<u64>(), histogram.peers.iter().sum::<u64>()];
    let note =
        format!("{} intervals in the scope, {} outside it.", format_count(sums[0]), format_count(sums[1]));
    Drawn { drawing: Some(drawing), table: table(histogram), notes: vec![note] }
}

fn shares(counts: &[u64]) -> Vec<f64> {
    let sum: u64 = counts.iter().sum();
    counts.iter().map(|&count| if sum == 0 { 0.0 } else { count as f64 * 100.0 / sum as f64 }).collect()
}

fn x_of(histogram: &IntervalHistogram, seconds: f64) -> f64 {
    let (Some(first), Some(last)) = (histogram.edges.first(), histogram.edges.last()) else { return LEFT };
    LEFT + PLOT * (seconds / first).ln() / (last / first).ln()
}

fn steps(histogram: &IntervalHistogram, shares: &[f64], most: f64) -> Vec<[f64; 2]> {
    let mut points = Vec::with_capacity(2 * shares.len());
    for (edges, share) in histogram.edges.windows(2).zip(shares) {
        let y = TOP + HEIGHT * (1.0 - share / most);
        points.extend(edges.iter().map(|&edge| [x_of(histogram, edge), y]));
    }
    points
}

fn table(histogram: &IntervalHistogram) -> Table {
    let header = [
        "from_seconds",
        "to_seconds",
        "scope_intervals",
        "scope_percent",
        "other_intervals",
        "other_percent",
    ];
    let mut table = Table::new(header);
    let sums = [histogram.scope.iter().sum(), histogram.peers.iter().sum()];
    let counts = histogram.scope.iter().zip(&histogram.peers);
    for (edges, (&inside, &outside)) in histogram.edges.windows(2).zip(counts) {
        let bin = [edges[0].to_string(), edges[1].to_string()];
        table.push(bin.into_iter().chain(share_cells([inside, outside], sums)).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::{Caption, xml::text_of};
    use super::*;

    #[test]
    fn shares_are_of_their_own_side() {
        let edges = (0..=94).map(|i| 0.001 * 10_f64.powf(f64::from(i) / 10.0)).collect();
        let mut histogram = IntervalHistogram { edges, scope: vec![0; 94], peers: vec![1; 94] };
        histogram.scope[30] = 4;
        let made = drawn(&histogram);
        assert_eq!(made.table.len(), 94);
        let csv = String::from_utf8(made.table.to_csv()).unwrap();
        assert!(csv.contains("\n1,1.25892541179416") && csv.contains(",4,100.000,1,1.064\n"), "{csv}");
        assert!(text_of(&made.drawing.unwrap().finish("t", &Caption::default())).contains("1 min"));
    }
}
