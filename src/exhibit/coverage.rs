//! Topics of the scope's exchanges, compared with everyone else's.

use super::axis::round_marks;
use super::svg::{Anchor, Drawing, FAINT, GREY, INK, PEERS, SCOPE, WIDTH, number, shorten};
use super::{Drawn, ExhibitError, Subject, Table, cell, share_cells};
use crate::cache::Topic;
use crate::model::Watcher;
use crate::query::Selection;
use crate::query::topic_map::{TopicShare, coverage};

/// Topics in the figure; the table has all.
const DRAWN: usize = 30;
const LEFT: f64 = 290.0;
const PLOT: f64 = WIDTH - LEFT - 30.0;
const ROW: f64 = 19.0;
const TOP: f64 = 30.0;

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let model = subject.cache.topic_model();
    let mut made = drawn(&coverage(subject.cache, selection, watcher)?, subject.cache.topics());
    match &model.absent {
        Some(why) => made.notes.push(format!("There are no topics: {why}.")),
        None if model.description.is_empty() => {
            made.notes.push("There are no topics: the prompts have not been read yet.".to_owned());
        }
        None => made.notes.push(format!("Topics: {}.", model.description)),
    }
    Ok(made)
}

fn drawn(shares: &[TopicShare], topics: &[Topic]) -> Drawn {
    let sums = [shares.iter().map(|row| row.scope).sum::<u64>(), shares.iter().map(|row| row.peers).sum()];
    let share = |count: u64, sum: u64| if sum == 0 { 0.0 } else { count as f64 * 100.0 / sum as f64 };
    let mut order: Vec<&TopicShare> = shares.iter().collect();
    order.sort_by_key(|row| (std::cmp::Reverse(row.scope), row.topic));
    let shown = &order[..order.len().min(DRAWN)];
    let height = ROW * shown.len() as f64;
    let mut drawing = Drawing::new(TOP + height + 40.0);
    let greatest = shown
        .iter()
        .flat_map(|row| [share(row.scope, sums[0]), share(row.peers, sums[1])])
        .fold(0.0, f64::max);
    let marks = round_marks(greatest);
    let most = marks.last().copied().unwrap_or(1.0);
    for mark in marks {
        let x = LEFT + PLOT * mark / most;
        drawing.rule([x, TOP], [x, TOP + height], FAINT, 0.6);
        drawing.text([x, TOP + height + 14.0], 10.0, Anchor::Middle, GREY, &format!("{} %", number(mark)));
    }
    for (at, row) in shown.iter().enumerate() {
        let y = TOP + at as f64 * ROW;
        drawing.text([LEFT - 8.0, y + 13.0], 10.0, Anchor::End, INK, &name_of(topics, row.topic));
        drawing.rect(LEFT, y + 3.0, PLOT * share(row.scope, sums[0]) / most, 8.0, SCOPE);
        let width = PLOT * share(row.peers, sums[1]) / most;
        drawing.frame(LEFT, y + 11.5, width, 4.0, PEERS);
    }
    drawing.rule([LEFT, TOP], [LEFT, TOP + height], INK, 1.0);
    let axis = [LEFT + PLOT / 2.0, TOP + height + 32.0];
    drawing.text(axis, 11.0, Anchor::Middle, INK, "share of exchanges with a topic");
    drawing.rect(LEFT, 8.0, 24.0, 8.0, SCOPE);
    drawing.text([LEFT + 30.0, 16.0], 11.0, Anchor::Start, INK, "scope");
    drawing.frame(LEFT + 100.0, 10.0, 24.0, 4.0, PEERS);
    drawing.text([LEFT + 130.0, 16.0], 11.0, Anchor::Start, INK, "everyone else");
    let used = shares.iter().filter(|row| row.scope > 0).count();
    let mut notes = vec![format!("The scope has exchanges in {used} of {} topics.", shares.len())];
    if shares.len() > shown.len() {
        notes.push(format!(
            "The figure has the {} largest topics of the scope; the table has all topics.",
            shown.len()
        ));
    }
    Drawn { drawing: Some(drawing), table: table(shares, topics, sums), notes }
}

/// Number and label of a topic in the figure; the number alone where the label is withheld.
fn name_of(topics: &[Topic], id: u16) -> String {
    match label_of(topics, id) {
        "" => format!("topic {id}"),
        label => format!("{id} {}", shorten(label, 40)),
    }
}

/// Label of a topic; empty where a bundle withholds it and numbers topics.
fn label_of(topics: &[Topic], id: u16) -> &str {
    let label = topics.get(usize::from(id)).map_or("", |topic| topic.label.as_str());
    if label == format!("topic {id}") { "" } else { label }
}

/// Columns of the table.
pub(super) const HEADER: [&str; 6] =
    ["topic", "label", "scope_exchanges", "scope_percent", "other_exchanges", "other_percent"];

/// The figure of a table; `None` for a table of another form.
pub(super) fn redraw(rows: &[csv::StringRecord]) -> Option<Drawing> {
    let mut shares = Vec::new();
    let mut topics: Vec<Topic> = Vec::new();
    for row in rows {
        let [topic, scope, peers] = [0, 2, 4].map(|at| row.get(at));
        let topic: u16 = topic?.parse().ok()?;
        shares.push(TopicShare { topic, scope: scope?.parse().ok()?, peers: peers?.parse().ok()? });
        let label = row.get(1)?;
        // A cell that a spreadsheet would take for a formula has a mark before it.
        let plain = label.strip_prefix('\'').filter(|rest| cell(rest) == label).unwrap_or(label);
        while topics.len() <= usize::from(topic) {
            let id = topics.len() as u16;
            topics.push(Topic {
                id,
                label: String::new(),
                words: Vec::new(),
                exchanges: 0,
                centre: [f32::NAN; 2],
                medoids: Vec::new(),
            });
        }
        topics[usize::from(topic)].label = plain.to_owned();
    }
    drawn(&shares, &topics).drawing
}

fn table(shares: &[TopicShare], topics: &[Topic], sums: [u64; 2]) -> Table {
    let mut table = Table::new(HEADER);
    for row in shares {
        let topic = [row.topic.to_string(), cell(label_of(topics, row.topic))];
        table.push(topic.into_iter().chain(share_cells([row.scope, row.peers], sums)).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::{Caption, xml::text_of};
    use super::*;

    #[test]
    fn labels_are_hostile_and_shares_add_up() {
        let topic = |id, label: &str| Topic {
            id,
            label: label.into(),
            words: vec![],
            exchanges: 3,
            centre: [0.5, 0.5],
            medoids: vec![],
        };
        let topics = [topic(0, "=cmd · \u{202e}x"), topic(1, "</text>")];
        let shares =
            [TopicShare { topic: 0, scope: 1, peers: 1 }, TopicShare { topic: 1, scope: 3, peers: 0 }];
        let made = drawn(&shares, &topics);
        let csv = String::from_utf8(made.table.to_csv()).unwrap();
        assert!(csv.contains("0,'=cmd · ⟨U+202E⟩x,1,25.000,1,100.000\n"), "{csv}");
        assert!(text_of(&made.drawing.unwrap().finish("t", &Caption::default())).contains("1 </text>"));
        assert_eq!(drawn(&[], &[]).table.len(), 0);
        // A bundle for others numbers its topics.
        let made = drawn(&shares, &[topic(0, "topic 0"), topic(1, "topic 1")]);
        let csv = String::from_utf8(made.table.to_csv()).unwrap();
        let rows: Vec<csv::StringRecord> =
            csv::Reader::from_reader(csv.as_bytes()).records().map(Result::unwrap).collect();
        for drawing in [made.drawing.unwrap(), redraw(&rows).unwrap()] {
            let text = text_of(&drawing.finish("t", &Caption::default()));
            assert!(text.contains("topic 1") && !text.contains("1 topic 1"), "{text}");
        }
    }
}
