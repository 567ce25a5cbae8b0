//! Topic map: positions of the scope's exchanges, drawn over everyone else's.

use super::svg::{Anchor, Drawing, FAINT, INK, WIDTH, shade, shorten};
use super::{Drawn, ExhibitError, Subject, Table, cell};
use crate::cache::{Topic, TopicModel};
use crate::model::Watcher;
use crate::query::Grain;
use crate::query::Selection;
use crate::query::topic_map::{ColourBy, MapGrid, TopicShare, Viewport, coverage, grid};

/// Cells across and down.
const CELLS: usize = 120;
const SIDE: f64 = 720.0;
const LEFT: f64 = (WIDTH - SIDE) / 2.0;
/// Topics whose words stand on the map, the scope's largest.
const LABELS: usize = 24;
const PEER_GREY: &str = "#dcdcdc";

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let whole = Viewport { min: [0.0, 0.0], max: [1.0, 1.0] };
    let cells = grid(subject.cache, selection, whole, [CELLS; 2], &ColourBy::Topic, Grain::Exact, watcher)?;
    let shares = coverage(subject.cache, selection, watcher)?;
    Ok(drawn(&cells, &shares, subject.cache.topics(), subject.cache.topic_model()))
}

fn drawn(cells: &MapGrid, shares: &[TopicShare], topics: &[Topic], model: &TopicModel) -> Drawn {
    let mut drawing = Drawing::new(SIDE + 8.0);
    let most = f64::from(cells.scope.iter().copied().max().unwrap_or(0).max(1)).ln_1p();
    let size = [SIDE / cells.width.max(1) as f64, SIDE / cells.height.max(1) as f64];
    for (at, (&scope, &peers)) in cells.scope.iter().zip(&cells.peers).enumerate() {
        if scope == 0 && peers == 0 {
            continue;
        }
        let (x, y) = ((at % cells.width) as f64 * size[0], (at / cells.width) as f64 * size[1]);
        let fill = match scope {
            0 => PEER_GREY.to_owned(),
            _ => shade(0.35 + 0.65 * f64::from(scope).ln_1p() / most),
        };
        drawing.rect(LEFT + x, y, size[0], size[1], &fill);
    }
    drawing.frame(LEFT, 0.0, SIDE, SIDE, FAINT);
    labels(&mut drawing, shares, topics);
    let mut notes = vec![
        "Blue: exchanges of the scope, darker for more on a logarithmic scale. Grey: only others' exchanges."
            .to_owned(),
        match (&model.absent, model.map_recall) {
            (Some(why), _) => format!("There is no map: {why}."),
            (None, Some(recall)) => format!(
                "The map is an illustration: it keeps {:.1} % of an exchange's nearest neighbours in topic space. \
                 No figure is computed from positions on the map.",
                recall * 100.0
            ),
            (None, None) => "There is no map: the prompts have not been read yet.".to_owned(),
        },
    ];
    if model.absent.is_none() && !model.description.is_empty() {
        notes.push(format!("Topics: {}.", model.description));
    }
    Drawn { drawing: Some(drawing), table: table(shares, topics), notes }
}

fn labels(drawing: &mut Drawing, shares: &[TopicShare], topics: &[Topic]) {
    let mut order: Vec<&TopicShare> = shares.iter().filter(|row| row.scope > 0).collect();
    order.sort_by_key(|row| (std::cmp::Reverse(row.scope), row.topic));
    let mut taken: Vec<[f64; 4]> = Vec::new();
    for row in order.into_iter().take(LABELS) {
        let Some(topic) = topics.get(usize::from(row.topic)) else { continue };
        if !topic.centre.iter().all(|place| place.is_finite()) {
            continue;
        }
        let text = shorten(&topic.label, 34);
        let half = text.chars().count() as f64 * 2.9 + 3.0;
        let x = (LEFT + SIDE * f64::from(topic.centre[0])).clamp(LEFT + half, LEFT + SIDE - half);
        let y = (SIDE * (1.0 - f64::from(topic.centre[1]))).clamp(8.0, SIDE - 8.0);
        let place = [x - half, y - 7.0, x + half, y + 7.0];
        // A label that would cover that of a larger topic is left out; the table has all labels.
        if taken.iter().any(|other| overlap(place, *other)) {
            continue;
        }
        taken.push(place);
        drawing.rect(place[0], place[1], 2.0 * half, 14.0, "#ffffff");
        drawing.frame(place[0], place[1], 2.0 * half, 14.0, FAINT);
        drawing.text([x, y + 3.5], 10.0, Anchor::Middle, INK, &text);
    }
}

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

fn table(shares: &[TopicShare], topics: &[Topic]) -> Table {
    let mut table = Table::new(["topic", "label", "words", "x", "y", "scope_exchanges", "other_exchanges"]);
    let place = |value: f32| if value.is_finite() { value.to_string() } else { String::new() };
    for row in shares {
        let Some(topic) = topics.get(usize::from(row.topic)) else { continue };
        table.push(vec![
            row.topic.to_string(),
            cell(&topic.label),
            cell(&topic.words.join(" ")),
            place(topic.centre[0]),
            place(topic.centre[1]),
            row.scope.to_string(),
            row.peers.to_string(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::{Caption, xml::text_of};
    use super::*;

    #[test]
    fn a_map_says_how_far_it_can_be_trusted() {
        let topic = Topic {
            id: 0,
            label: "loops · <b>".into(),
            words: vec!["loops".into()],
            exchanges: 3,
            centre: [0.5, 0.2],
            medoids: vec![],
        };
        let cells = MapGrid {
            width: 2,
            height: 1,
            viewport: Viewport { min: [0.0; 2], max: [1.0; 2] },
            scope: vec![3, 0],
            class: vec![0, u16::MAX],
            peers: vec![0, 2],
        };
        let model = TopicModel { map_recall: Some(0.053), ..TopicModel::default() };
        let made = drawn(&cells, &[TopicShare { topic: 0, scope: 3, peers: 2 }], &[topic], &model);
        assert!(made.notes[1].contains("5.3 %"));
        assert!(String::from_utf8(made.table.to_csv()).unwrap().contains("0,loops · <b>,loops,0.5,0.2,3,2"));
        assert!(text_of(&made.drawing.unwrap().finish("t", &Caption::default())).contains("loops · <b>"));
    }
}
