//! Raster of accounts × time: one line for each account (or for several, where there are many), darker
//! for more exchanges.

use super::axis::time_marks;
use super::svg::{Anchor, Drawing, FAINT, GREY, INK, WIDTH, shade, shorten};
use super::{Drawn, ExhibitError, Subject, Table, cell};
use crate::cache::Account;
use crate::model::{Watcher, Zone, counted, format_duration};
use crate::query::Grain;
use crate::query::RasterOrder;
use crate::query::Selection;
use crate::query::rhythm::{Raster, raster};

const COLUMNS: usize = 240;
const ROWS: usize = 120;
const LEFT: f64 = 170.0;
const PLOT: f64 = WIDTH - LEFT - 20.0;
const TOP: f64 = 10.0;

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let grid =
        raster(subject.cache, selection, [COLUMNS, ROWS], RasterOrder::FirstUse, Grain::Exact, watcher)?;
    Ok(drawn(&grid, subject.cache.accounts(), subject.zone))
}

fn drawn(grid: &Raster, accounts: &[Account], zone: &Zone) -> Drawn {
    let row_height = (480.0 / grid.height.max(1) as f64).clamp(4.0, 16.0);
    let height = row_height * grid.height as f64;
    let mut drawing = Drawing::new(TOP + height + 44.0);
    let most = grid.counts.iter().copied().max().unwrap_or(0).max(1);
    let width = PLOT / grid.width.max(1) as f64;
    for (at, &count) in grid.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let (row, column) = ((at / grid.width) as f64, (at % grid.width) as f64);
        // A single exchange must be seen beside a cell of thousands.
        let share = f64::from(count).ln_1p() / f64::from(most).ln_1p();
        let y = TOP + row * row_height;
        drawing.rect(LEFT + column * width, y, width, row_height * 0.9, &shade(0.25 + 0.75 * share));
    }
    drawing.frame(LEFT - 0.5, TOP - 0.5, PLOT + 1.0, height + 1.0, FAINT);
    let every = (11.0 / row_height).ceil() as usize;
    for (at, members) in grid.rows.iter().enumerate().step_by(every) {
        let y = TOP + (at as f64 + 0.5) * row_height + 3.0;
        drawing.text([LEFT - 6.0, y], 9.0, Anchor::End, INK, &row_name(members, accounts));
    }
    for (t, label) in time_marks(grid.span, zone) {
        let x = LEFT + PLOT * (t - grid.span.start) as f64 / grid.span.length().max(1) as f64;
        drawing.rule([x, TOP + height], [x, TOP + height + 5.0], INK, 1.0);
        drawing.text([x, TOP + height + 17.0], 9.0, Anchor::Middle, GREY, &label);
    }
    let slice = format_duration(grid.span.length() / grid.width.max(1) as i64);
    let axis = format!("time, {}; one column is {slice}; accounts by their first exchange", zone.name());
    drawing.text([LEFT + PLOT / 2.0, TOP + height + 35.0], 11.0, Anchor::Middle, INK, &axis);
    let most = counted(most.into(), "exchange", "exchanges");
    let note = format!("White: no exchange. Darkest: {most} in a cell; the scale is logarithmic.");
    Drawn { drawing: Some(drawing), table: table(grid, accounts, zone), notes: vec![note] }
}

fn row_name(members: &[u32], accounts: &[Account]) -> String {
    let Some(first) = members.first().and_then(|&first| accounts.get(first as usize)) else {
        return String::new();
    };
    match members.len() {
        1 => shorten(first.id.as_str(), 26),
        more => format!("{} +{}", shorten(first.id.as_str(), 20), more - 1),
    }
}

/// One row for each account and slice of time with an exchange; rows of several accounts are
/// named by all of them.
fn table(grid: &Raster, accounts: &[Account], zone: &Zone) -> Table {
    let mut table = Table::new(["line", "accounts", "start", "end", "exchanges"]);
    let edge = |column: usize| {
        let part = i128::from(grid.span.length()) * column as i128 / grid.width.max(1) as i128;
        zone.format_exact((i128::from(grid.span.start) + part) as i64)
    };
    for (at, members) in grid.rows.iter().enumerate() {
        let names: Vec<_> =
            members.iter().filter_map(|&member| Some(accounts.get(member as usize)?.id.as_str())).collect();
        let names = cell(&names.join(" "));
        for column in 0..grid.width {
            let count = grid.counts[at * grid.width + column];
            if count > 0 {
                let row = [(at + 1).to_string(), names.clone(), edge(column), edge(column + 1)];
                table.push(row.into_iter().chain([count.to_string()]).collect());
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::{Caption, xml::text_of};
    use super::*;
    use crate::model::TimeSpan;

    #[test]
    fn only_busy_cells_are_listed() {
        let account = |id: &str| Account {
            id: id.into(),
            exchanges: 1,
            first: 0,
            last: 0,
            created: None,
            verified: None,
        };
        let accounts = [account("=evil()"), account("b"), account("c")];
        let grid = Raster {
            width: 2,
            height: 2,
            counts: vec![1, 0, 0, 7],
            rows: vec![vec![0], vec![1, 2]],
            span: TimeSpan { start: 0, end: 20_000_000 },
        };
        let made = drawn(&grid, &accounts, &Zone::utc());
        let csv = String::from_utf8(made.table.to_csv()).unwrap();
        assert!(csv.contains("1,'=evil(),1970-01-01T00:00:00.000000+00:00"), "{csv}");
        assert!(csv.contains("2,b c,1970-01-01T00:00:10.000000+00:00") && made.table.len() == 2);
        assert!(text_of(&made.drawing.unwrap().finish("t", &Caption::default())).contains("b +1"));
    }

    #[test]
    fn nothing_draws_nothing() {
        let grid = Raster {
            width: 240,
            height: 0,
            counts: vec![],
            rows: vec![],
            span: TimeSpan { start: 0, end: 0 },
        };
        assert_eq!(drawn(&grid, &[], &Zone::utc()).table.len(), 0);
    }
}
