//! A figure drawn again from its table: for checking that the two agree.

use super::svg::Drawing;
use super::{coverage, hour_of_week, links, timeline};

/// Rows from which a table is too large to be drawn again.
const MOST: usize = 70_000;

/// The drawn part of a figure, without title and caption, from its table as CSV. `None` for tables of
/// kinds that are not drawn again, and for tables of another form.
pub(crate) fn redrawn(table: &[u8]) -> Option<String> {
    let mut reader = csv::Reader::from_reader(table);
    let header: Vec<String> = reader.headers().ok()?.iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().take(MOST).collect::<Result<_, _>>().ok()?;
    if rows.len() == MOST {
        return None;
    }
    let drawing: Drawing = if header == hour_of_week::HEADER {
        hour_of_week::redraw(&rows)?
    } else if header == coverage::HEADER {
        coverage::redraw(&rows)?
    } else if header == timeline::HEADER {
        timeline::redraw(&rows)?
    } else if header == links::HEADER {
        links::redraw(&rows)?
    } else {
        return None;
    };
    String::from_utf8(drawing.fragment()).ok()
}
