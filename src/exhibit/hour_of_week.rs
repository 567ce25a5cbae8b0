//! Exchanges by hour of the week: two heat maps, the scope's and everyone else's.

use super::axis::short_count;
use super::svg::{Anchor, Drawing, FAINT, GREY, INK, ink_on, shade};
use super::{Drawn, ExhibitError, Subject, Table, share_cells};
use crate::model::Watcher;
use crate::query::Selection;
use crate::query::rhythm::{HourOfWeek, hour_of_week};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const LEFT: f64 = 60.0;
const CELL: [f64; 2] = [36.0, 22.0];
const PANEL: f64 = 7.0 * CELL[1] + 66.0;

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let hours = hour_of_week(subject.cache, selection, subject.zone, watcher)?;
    Ok(drawn(&hours, subject.zone.name()))
}

fn drawn(hours: &HourOfWeek, zone: &str) -> Drawn {
    let mut drawing = Drawing::new(2.0 * PANEL);
    panel(&mut drawing, 0.0, "Scope: exchanges in each hour", &hours.scope, zone);
    panel(&mut drawing, PANEL, "Everyone else: exchanges in each hour", &hours.peers, zone);
    let notes = vec!["White: no exchange. Darkest: the busiest hour of the same panel.".to_owned()];
    Drawn { drawing: Some(drawing), table: table(hours, zone), notes }
}

fn panel(drawing: &mut Drawing, top: f64, title: &str, counts: &[u64], zone: &str) {
    let most = counts.iter().copied().max().unwrap_or(0);
    drawing.text([16.0, top + 14.0], 12.0, Anchor::Start, INK, title);
    let top = top + 24.0;
    for (hour, &count) in counts.iter().enumerate() {
        let (day, hour) = ((hour / 24) as f64, (hour % 24) as f64);
        let share = if most == 0 { 0.0 } else { count as f64 / most as f64 };
        let (x, y) = (LEFT + hour * CELL[0], top + day * CELL[1]);
        drawing.rect(x, y, CELL[0] - 1.0, CELL[1] - 1.0, &shade(share));
        if count > 0 {
            let middle = [x + CELL[0] / 2.0 - 0.5, y + CELL[1] / 2.0 + 3.0];
            drawing.text(middle, 9.0, Anchor::Middle, ink_on(share), &short_count(count));
        }
    }
    drawing.frame(LEFT - 0.5, top - 0.5, 24.0 * CELL[0], 7.0 * CELL[1], FAINT);
    for (day, name) in DAYS.into_iter().enumerate() {
        let y = top + (day as f64 + 0.5) * CELL[1] + 4.0;
        drawing.text([LEFT - 8.0, y], 11.0, Anchor::End, INK, name);
    }
    let bottom = top + 7.0 * CELL[1];
    for hour in 0..24_u8 {
        let x = LEFT + (f64::from(hour) + 0.5) * CELL[0];
        drawing.text([x, bottom + 13.0], 10.0, Anchor::Middle, GREY, &format!("{hour:02}"));
    }
    let axis = format!("hour of day, {zone}");
    drawing.text([LEFT + 12.0 * CELL[0], bottom + 28.0], 11.0, Anchor::Middle, INK, &axis);
}

/// Columns of the table.
pub(super) const HEADER: [&str; 7] =
    ["day", "hour", "zone", "scope_exchanges", "scope_percent", "other_exchanges", "other_percent"];

/// The figure of a table; `None` for a table of another form.
pub(super) fn redraw(rows: &[csv::StringRecord]) -> Option<Drawing> {
    let counts =
        |at: usize| -> Option<Vec<u64>> { rows.iter().map(|row| row.get(at)?.parse().ok()).collect() };
    let hours = HourOfWeek { scope: counts(3)?, peers: counts(5)? };
    drawn(&hours, rows.first()?.get(2)?).drawing
}

fn table(hours: &HourOfWeek, zone: &str) -> Table {
    let mut table = Table::new(HEADER);
    let sums = [hours.scope.iter().sum(), hours.peers.iter().sum()];
    for (at, (&inside, &outside)) in hours.scope.iter().zip(&hours.peers).enumerate() {
        let hour = [DAYS[at / 24 % 7].to_owned(), (at % 24).to_string(), zone.to_owned()];
        table.push(hour.into_iter().chain(share_cells([inside, outside], sums)).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::{Caption, xml::text_of};
    use super::*;

    #[test]
    fn every_hour_has_its_row_and_its_count() {
        let mut hours = HourOfWeek { scope: vec![0; 168], peers: vec![2; 168] };
        hours.scope[6 * 24 + 23] = 3;
        let made = drawn(&hours, "UTC");
        assert_eq!(made.table.len(), 168);
        let csv = String::from_utf8(made.table.to_csv()).unwrap();
        assert!(csv.ends_with("Sun,23,UTC,3,100.000,2,0.595\n"), "{csv}");
        let svg = made.drawing.unwrap().finish("t", &Caption::default());
        assert!(text_of(&svg).contains("hour of day, UTC"));
        let again = drawn(&hours, "UTC").drawing.unwrap().finish("t", &Caption::default());
        assert_eq!(svg, again);
    }
}
