//! Hand-over between accounts: exchanges by hour of the day and over time, the accounts stacked.

use super::axis::{count_marks, short_count, time_marks};
use super::svg::{Anchor, Drawing, FAINT, GREY, INK, WIDTH, shade, shorten};
use super::{Drawn, ExhibitError, Subject, Table, cell};
use crate::cache::Account;
use crate::model::{Watcher, Zone, format_count, format_duration};
use crate::query::Selection;
use crate::query::shifts::{Layer, Shifts, shifts};

const SLICES: usize = 160;
const LEFT: f64 = 64.0;
const PLOT: f64 = WIDTH - LEFT - 230.0;
const HEIGHT: f64 = 170.0;
const PANEL: f64 = HEIGHT + 74.0;
const TOP: f64 = 10.0;

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let found = shifts(subject.cache, selection, subject.zone, SLICES, watcher)?;
    Ok(drawn(&found, subject.cache.accounts(), subject.zone))
}

fn drawn(found: &Shifts, accounts: &[Account], zone: &Zone) -> Drawn {
    let mut drawing = Drawing::new(TOP + 2.0 * PANEL);
    let names: Vec<String> = found.layers.iter().map(|layer| name(found, layer, accounts)).collect();
    let count = found.layers.len();
    stack(&mut drawing, TOP, count, 24, |layer, hour| found.layers[layer].day[hour]);
    let bottom = TOP + HEIGHT;
    for hour in (0..24).step_by(3) {
        let x = LEFT + PLOT * f64::from(hour) / 24.0;
        drawing.rule([x, bottom], [x, bottom + 5.0], INK, 1.0);
        drawing.text([x, bottom + 17.0], 10.0, Anchor::Middle, GREY, &format!("{hour:02}:00"));
    }
    let axis = format!("hour of day, {}", zone.name());
    drawing.text([LEFT + PLOT / 2.0, bottom + 34.0], 11.0, Anchor::Middle, INK, &axis);

    let slices = found.layers.first().map_or(0, |layer| layer.time.len());
    stack(&mut drawing, TOP + PANEL, count, slices, |layer, slice| found.layers[layer].time[slice]);
    let bottom = TOP + PANEL + HEIGHT;
    for (t, label) in time_marks(found.span, zone) {
        let x = LEFT + PLOT * (t - found.span.start) as f64 / found.span.length().max(1) as f64;
        drawing.rule([x, bottom], [x, bottom + 5.0], INK, 1.0);
        drawing.text([x, bottom + 17.0], 9.0, Anchor::Middle, GREY, &label);
    }
    let slice = format_duration(found.span.length() / slices.max(1) as i64);
    let axis = format!("time, {}; one bar is {slice}", zone.name());
    drawing.text([LEFT + PLOT / 2.0, bottom + 34.0], 11.0, Anchor::Middle, INK, &axis);

    // As stacked: the first layer is at the bottom.
    for (at, name) in names.iter().rev().enumerate() {
        let y = TOP + 6.0 + at as f64 * 18.0;
        drawing.rect(LEFT + PLOT + 16.0, y, 12.0, 12.0, &fill(count - 1 - at, count));
        drawing.text([LEFT + PLOT + 34.0, y + 10.0], 10.0, Anchor::Start, INK, &shorten(name, 34));
    }
    let mut notes = vec![format!(
        "Accounts with most exchanges by their first exchange, first at the bottom; {} accounts in all.",
        format_count(found.accounts)
    )];
    notes.extend(found.ratio.map(|ratio| {
        format!(
            "Variance ratio of active hours: {ratio:.2} (Schluter 1984; below 1 the accounts take turns)."
        )
    }));
    Drawn { drawing: Some(drawing), table: table(found, accounts, zone), notes }
}

/// The account of a layer, or the number of those that share it.
fn name(found: &Shifts, layer: &Layer, accounts: &[Account]) -> String {
    match layer.account.and_then(|account| accounts.get(account as usize)) {
        Some(account) => account.id.as_str().to_owned(),
        None => {
            let named = found.layers.iter().filter(|layer| layer.account.is_some()).count() as u64;
            format!("{} other accounts", format_count(found.accounts.saturating_sub(named)))
        }
    }
}

/// Neighbouring layers differ in lightness.
fn fill(layer: usize, count: usize) -> String {
    let order = if layer.is_multiple_of(2) { layer / 2 } else { (count + layer).div_ceil(2) };
    shade(0.12 + 0.88 * order as f64 / count.max(1) as f64)
}

fn stack(drawing: &mut Drawing, top: f64, layers: usize, bars: usize, count: impl Fn(usize, usize) -> u64) {
    let sum = |bar: usize| (0..layers).map(|layer| count(layer, bar)).sum::<u64>();
    let marks = count_marks((0..bars).map(sum).max().unwrap_or(0));
    let most = marks.last().copied().unwrap_or(1.0);
    drawing.text_up([16.0, top + HEIGHT / 2.0], 11.0, "exchanges");
    for mark in marks {
        let y = top + HEIGHT * (1.0 - mark / most);
        drawing.rule([LEFT, y], [LEFT + PLOT, y], FAINT, 0.6);
        drawing.text([LEFT - 6.0, y + 3.5], 10.0, Anchor::End, GREY, &short_count(mark as u64));
    }
    let width = PLOT / bars.max(1) as f64;
    for bar in 0..bars {
        let mut y = top + HEIGHT;
        for layer in 0..layers {
            let height = HEIGHT * count(layer, bar) as f64 / most;
            y -= height;
            if height > 0.0 {
                drawing.rect(LEFT + bar as f64 * width, y, width * 0.92, height, &fill(layer, layers));
            }
        }
    }
    drawing.rule([LEFT, top + HEIGHT], [LEFT + PLOT, top + HEIGHT], INK, 1.0);
}

/// One row for each layer and hour of the day, then one for each layer and slice of time with an exchange. The
/// last layer, of all other accounts, has no account.
fn table(found: &Shifts, accounts: &[Account], zone: &Zone) -> Table {
    let mut table = Table::new(["axis", "from", "to", "account_id", "exchanges"]);
    let id = |layer: &Layer| {
        let account = layer.account.and_then(|account| accounts.get(account as usize));
        account.map_or_else(String::new, |account| cell(account.id.as_str()))
    };
    for layer in &found.layers {
        for (hour, count) in layer.day.iter().enumerate() {
            let row = ["hour_of_day".to_owned(), format!("{hour:02}:00"), format!("{:02}:00", hour + 1)];
            table.push(row.into_iter().chain([id(layer), count.to_string()]).collect());
        }
    }
    for layer in &found.layers {
        let edge = |at: usize| {
            let part = i128::from(found.span.length()) * at as i128 / layer.time.len().max(1) as i128;
            zone.format_exact((i128::from(found.span.start) + part) as i64)
        };
        for (at, count) in layer.time.iter().enumerate().filter(|(_, count)| **count > 0) {
            let row = ["time".to_owned(), edge(at), edge(at + 1)];
            table.push(row.into_iter().chain([id(layer), count.to_string()]).collect());
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
    fn layers_are_named_and_neighbours_differ() {
        let account = |id: &str| Account {
            id: id.into(),
            exchanges: 1,
            first: 0,
            last: 0,
            created: None,
            verified: None,
        };
        let accounts = [account("=evil()"), account("b")];
        let layer = |account, hour: usize| {
            let mut day = [0; 24];
            day[hour] = 3;
            Layer { account, day, time: vec![3, 0] }
        };
        let found = Shifts {
            layers: vec![layer(Some(0), 3), layer(Some(1), 4), layer(None, 23)],
            accounts: 12,
            span: TimeSpan { start: 0, end: 20_000_000 },
            ratio: Some(0.5),
            peers: [0; 24],
        };
        let made = drawn(&found, &accounts, &Zone::utc());
        let csv = String::from_utf8(made.table.to_csv()).unwrap();
        assert!(csv.contains("hour_of_day,03:00,04:00,'=evil(),3\n"), "{csv}");
        assert!(
            csv.ends_with("time,1970-01-01T00:00:00.000000+00:00,1970-01-01T00:00:10.000000+00:00,,3\n"),
            "{csv}"
        );
        assert_eq!(made.table.len(), 3 * 24 + 3);
        let text = text_of(&made.drawing.unwrap().finish("t", &Caption::default()));
        assert!(text.contains("10 other accounts") && text.contains("hour of day, UTC"));
        for count in 1..=8 {
            let fills: std::collections::BTreeSet<String> =
                (0..count).map(|layer| fill(layer, count)).collect();
            assert_eq!(fills.len(), count, "{count}");
        }
    }

    #[test]
    fn nothing_draws_nothing() {
        let span = TimeSpan { start: 0, end: 0 };
        let found = Shifts { layers: vec![], accounts: 0, span, ratio: None, peers: [0; 24] };
        assert_eq!(drawn(&found, &[], &Zone::utc()).table.len(), 0);
    }
}
