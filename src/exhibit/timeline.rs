//! Exchanges over the whole time of the case: the scope's above, all below, the investigator's
//! events over both.

use super::axis::{count_marks, short_count, time_marks};
use super::svg::{Anchor, Drawing, FAINT, GREY, INK, SCOPE, WIDTH, shorten};
use super::{Drawn, ExhibitError, Subject, Table};
use crate::case::InvestigatorEvent;
use crate::model::{Micros, TimeSpan, Watcher, Zone, format_duration};
use crate::query::Selection;
use crate::query::rhythm::{Timeline, timeline};

const BINS: usize = 220;
const LEFT: f64 = 64.0;
const PLOT: f64 = WIDTH - LEFT - 20.0;
const HEIGHT: f64 = 150.0;
const PANEL: f64 = HEIGHT + 40.0;
const TOP: f64 = 34.0;

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let line = timeline(subject.cache, selection, BINS, watcher)?;
    Ok(drawn(&line, subject.zone, subject.events))
}

fn drawn(line: &Timeline, zone: &Zone, events: &[InvestigatorEvent]) -> Drawn {
    let mut drawing = Drawing::new(TOP + 2.0 * PANEL + 20.0);
    let slice = line.span.length() / line.scope.len().max(1) as i64;
    panels(&mut drawing, &line.scope, &line.all);
    let bottom = TOP + 2.0 * PANEL - 40.0;
    for (t, label) in time_marks(line.span, zone) {
        let x = x_of(line.span, t);
        drawing.rule([x, bottom], [x, bottom + 5.0], INK, 1.0);
        drawing.text([x, bottom + 17.0], 10.0, Anchor::Middle, GREY, &label);
    }
    let axis = format!("time, {}; one bar is {}", zone.name(), format_duration(slice));
    drawing.text([LEFT + PLOT / 2.0, bottom + 34.0], 11.0, Anchor::Middle, INK, &axis);
    flags(&mut drawing, line.span, events, bottom);
    let notes = events
        .iter()
        .filter(|event| line.span.contains(event.ts))
        .map(|event| {
            let when = zone.format(event.ts);
            format!("Event noted by the investigator: {when} {}, {}.", zone.name(), event.label)
        })
        .collect();
    Drawn { drawing: Some(drawing), table: table(line, zone), notes }
}

/// Bars of the scope over those of all exchanges.
fn panels(drawing: &mut Drawing, scope: &[u64], all: &[u64]) {
    panel(drawing, TOP, "Scope", scope, SCOPE);
    panel(drawing, TOP + PANEL, "All exchanges", all, GREY);
}

/// The bars of a table, without axis and events; `None` for a table of another form.
pub(super) fn redraw(rows: &[csv::StringRecord]) -> Option<Drawing> {
    let counts =
        |at: usize| -> Option<Vec<u64>> { rows.iter().map(|row| row.get(at)?.parse().ok()).collect() };
    let mut drawing = Drawing::new(0.0);
    panels(&mut drawing, &counts(2)?, &counts(3)?);
    Some(drawing)
}

fn panel(drawing: &mut Drawing, top: f64, title: &str, counts: &[u64], colour: &str) {
    let marks = count_marks(counts.iter().copied().max().unwrap_or(0));
    let most = marks.last().copied().unwrap_or(1.0);
    drawing.text([LEFT, top - 4.0], 12.0, Anchor::Start, INK, title);
    drawing.text_up([16.0, top + HEIGHT / 2.0], 11.0, "exchanges");
    for mark in marks {
        let y = top + HEIGHT * (1.0 - mark / most);
        drawing.rule([LEFT, y], [LEFT + PLOT, y], FAINT, 0.6);
        drawing.text([LEFT - 6.0, y + 3.5], 10.0, Anchor::End, GREY, &short_count(mark as u64));
    }
    let width = PLOT / counts.len().max(1) as f64;
    for (at, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = HEIGHT * count as f64 / most;
        drawing.rect(LEFT + at as f64 * width, top + HEIGHT - height, width * 0.9, height, colour);
    }
    drawing.rule([LEFT, top + HEIGHT], [LEFT + PLOT, top + HEIGHT], INK, 1.0);
}

/// Events as dashed lines with their words, on two levels so that neighbours can be read.
fn flags(drawing: &mut Drawing, span: TimeSpan, events: &[InvestigatorEvent], bottom: f64) {
    for (at, event) in events.iter().filter(|event| span.contains(event.ts)).enumerate() {
        let x = x_of(span, event.ts);
        let y = if at % 2 == 0 { 10.0 } else { 22.0 };
        let anchor = if x > LEFT + PLOT * 0.7 { Anchor::End } else { Anchor::Start };
        drawing.path(&[[x, y - 6.0], [x, bottom]], INK, 1.0, "4 3");
        let aside = if x > LEFT + PLOT * 0.7 { -4.0 } else { 4.0 };
        drawing.text([x + aside, y + 1.0], 10.0, anchor, INK, &shorten(&event.label, 40));
    }
}

fn x_of(span: TimeSpan, t: Micros) -> f64 {
    LEFT + PLOT * (t.saturating_sub(span.start) as f64 / span.length().max(1) as f64)
}

pub(super) const HEADER: [&str; 4] = ["start", "end", "scope_exchanges", "all_exchanges"];

fn table(line: &Timeline, zone: &Zone) -> Table {
    let mut table = Table::new(HEADER);
    let bins = line.scope.len() as i128;
    let edge = |at: i128| {
        let t = i128::from(line.span.start) + i128::from(line.span.length()) * at / bins.max(1);
        zone.format_exact(t as Micros)
    };
    for (at, (scope, all)) in line.scope.iter().zip(&line.all).enumerate() {
        let at = at as i128;
        table.push(vec![edge(at), edge(at + 1), scope.to_string(), all.to_string()]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::{Caption, xml::text_of};
    use super::*;

    #[test]
    fn slices_touch_and_events_are_named() {
        let span = TimeSpan { start: 0, end: 10_000_001 };
        let line = Timeline { span, scope: vec![1, 0, 2], all: vec![5, 5, 5] };
        let events = [InvestigatorEvent { ts: 5_000_000, label: "atlas-5 <released>".into() }];
        let made = drawn(&line, &Zone::utc(), &events);
        let csv = String::from_utf8(made.table.to_csv()).unwrap();
        let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|row| row.split(',').collect()).collect();
        assert!(rows.windows(2).all(|pair| pair[0][1] == pair[1][0]));
        assert_eq!(rows[2][1], "1970-01-01T00:00:10.000001+00:00");
        assert!(made.notes[0].contains("atlas-5"));
        let svg = made.drawing.unwrap().finish("t", &Caption::default());
        assert!(text_of(&svg).contains("atlas-5 <released>"));
    }

    #[test]
    fn no_time_at_all_still_draws() {
        let line = Timeline { span: TimeSpan { start: 0, end: 0 }, scope: vec![], all: vec![] };
        assert_eq!(drawn(&line, &Zone::utc(), &[]).table.len(), 0);
    }
}
