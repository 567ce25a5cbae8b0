//! Chips of a scope. A click removes a part; a menu negates it, switches it off, or moves it to the other row.

use egui::{Key, Sense};

use super::field::name;
use super::part::{Part, parts, with_parts};
use super::side::Side;
use crate::model::{AccountSet, Scope, TimeSpan, Zone};
use crate::ui::view::ViewContext;
use crate::ui::words;

/// A chip that is being dragged.
#[derive(Clone, Debug)]
pub struct Dragged {
    side: Side,
    part: Part,
}

/// Parts that were switched off, each as its own scope.
#[derive(Default)]
pub struct Off {
    parts: Vec<(Side, Scope)>,
}

/// Change requested by a chip.
enum Change {
    Remove,
    Negate,
    Off,
    Move,
    Copy,
}

/// Room for the end of a chip, “Clear” and “+”, in points.
const BESIDE: f32 = 110.0;

/// Draws the chips of a row of `room` points. A chip is cut in its middle, so that its end and what stands behind one
/// chip have room.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, side: Side, room: f32, off: &mut Off) {
    let Some(scope) = side.scope(cx) else { return };
    if scope.is_everything() {
        ui.weak("Everything: all accounts, all time, all topics");
    }
    let mut before: Option<Part> = None;
    for part in parts(scope) {
        if before.as_ref().is_some_and(|before| are_alternatives(before, &part)) {
            ui.weak("or").on_hover_text(
                "Values of one attribute are alternatives. All other filters must hold together.",
            );
        }
        let label = in_words(cx, Some(side), scope, &part);
        if let Some(change) = chip(ui, side, &part, &label, room - BESIDE) {
            carry_out(cx, side, scope, &part, &change, off);
        }
        before = Some(part);
    }
    off.ui(ui, cx, side, scope);
    if !scope.is_everything() && ui.button("Clear").on_hover_text("Removes every filter").clicked() {
        side.send(cx, Scope::default());
    }
}

/// True for two values of one attribute, and for two topics, which are alternatives.
fn are_alternatives(a: &Part, b: &Part) -> bool {
    match (a, b) {
        (Part::Topic(_), Part::Topic(_)) => true,
        (Part::Value { kind, negated: false, .. }, Part::Value { kind: other, negated: false, .. }) => {
            kind == other
        }
        _ => false,
    }
}

fn in_words(cx: &ViewContext<'_>, side: Option<Side>, scope: &Scope, part: &Part) -> String {
    match part {
        Part::Accounts => {
            scope.accounts.as_ref().map_or_else(String::new, |accounts| accounts_in_words(cx, side, accounts))
        }
        Part::Except => scope
            .except
            .as_ref()
            .map_or_else(String::new, |set| format!("not {}", words::middle(&set.describe(), 60))),
        Part::Span => {
            scope.span.map_or_else(String::new, |span| span_in_words(cx.zone, span, cx.cache.hot().span()))
        }
        Part::Topics => format!("{} topics", scope.topics.as_ref().map_or(0, |topics| topics.len())),
        Part::Topic(id) => {
            let label = scope.topics.as_ref().and_then(|topics| topics.get(id));
            format!("topic {id}: {}", words::line(label.map_or("", String::as_str), 40))
        }
        Part::Value { kind, value, negated } => {
            let not = if *negated { "not " } else { "" };
            format!("{not}{}: {}", kind.title_of(value), words::middle(value, 40))
        }
    }
}

/// A span of time; with years where the span or the log has several.
fn span_in_words(zone: &Zone, span: TimeSpan, log: Option<TimeSpan>) -> String {
    let year = |t| zone.strftime(t, "%Y");
    let years = [Some(span), log].into_iter().flatten().flat_map(|span| [year(span.start), year(span.end)]);
    let years: std::collections::BTreeSet<String> = years.collect();
    let format = if years.len() > 1 { "%-d %b %Y %H:%M" } else { "%-d %b %H:%M" };
    format!("{} – {}", zone.strftime(span.start, format), zone.strftime(span.end, format))
}

/// Label of the accounts of a scope; for a lead with its present state.
fn accounts_in_words(cx: &ViewContext<'_>, side: Option<Side>, accounts: &AccountSet) -> String {
    let lead = match side {
        Some(Side::A) => cx.scope_lead,
        Some(Side::B) => cx.against_lead,
        // A part that is switched off.
        None => None,
    };
    match lead {
        Some(lead) => {
            format!("{lead} ({})", words::counted(accounts.ids.len() as u64, "account", "accounts"))
        }
        None => words::middle(&accounts.describe(), 60),
    }
}

fn chip(ui: &mut egui::Ui, side: Side, part: &Part, label: &str, room: f32) -> Option<Change> {
    let short = words::fitting(label, room);
    let button = egui::Button::new(format!("{short} ×"))
        .fill(ui.visuals().selection.bg_fill)
        .sense(Sense::click_and_drag());
    let response = ui.add(button);
    name(&response, &format!("Remove {label} from {}", side.name()));
    if response.drag_started() {
        response.dnd_set_drag_payload(Dragged { side, part: part.clone() });
    }
    let has_opposite = matches!(part, Part::Value { .. } | Part::Accounts | Part::Except);
    let mut change = response.clicked().then_some(Change::Remove);
    if response.has_focus() {
        let pressed = |key| {
            ui.input_mut(|input| input.modifiers.is_none() && input.consume_key(egui::Modifiers::NONE, key))
        };
        for (key, asked) in
            [(Key::N, Change::Negate), (Key::O, Change::Off), (Key::M, Change::Move), (Key::C, Change::Copy)]
        {
            if pressed(key) && (has_opposite || key != Key::N) {
                change = Some(asked);
            }
        }
    }
    let to = side.other().name();
    response.context_menu(|ui| {
        let mut item = |ui: &mut egui::Ui, enabled: bool, title: String, asked: Change| {
            if ui.add_enabled(enabled, egui::Button::new(title)).clicked() {
                change = Some(asked);
                ui.close();
            }
        };
        item(ui, has_opposite, "Negate: not this / only this (n)".to_owned(), Change::Negate);
        item(ui, true, "Switch off (o)".to_owned(), Change::Off);
        item(ui, true, format!("Move to {to} (m)"), Change::Move);
        item(ui, true, format!("Copy to {to} (c)"), Change::Copy);
        item(ui, true, "Remove (Enter)".to_owned(), Change::Remove);
    });
    let hint = "Click removes this filter. Right-click, or n, o, m, c: negate, switch off, move or copy to the other row. Drag it there.";
    let whole = if short == label { String::new() } else { format!("{label}\n") };
    response.on_hover_text(format!("{whole}{hint}"));
    change
}

fn carry_out(cx: &ViewContext<'_>, side: Side, scope: &Scope, part: &Part, change: &Change, off: &mut Off) {
    let give = || {
        let target = side.other().scope(cx).cloned().unwrap_or_default();
        side.other().send(cx, with_parts(&target, &part.alone(scope)));
    };
    match change {
        Change::Remove => side.send(cx, part.without(scope)),
        Change::Negate => part.negated(scope).into_iter().for_each(|scope| side.send(cx, scope)),
        Change::Off => {
            off.parts.push((side, part.alone(scope)));
            side.send(cx, part.without(scope));
        }
        Change::Move => {
            give();
            side.send(cx, part.without(scope));
        }
        Change::Copy => give(),
    }
}

impl Off {
    /// Forgets parts of the second scope where there is none.
    pub fn keep(&mut self, has_second: bool) {
        self.parts.retain(|(side, _)| has_second || *side == Side::A);
    }

    /// Draws the parts that are switched off; a click switches one on again.
    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, side: Side, scope: &Scope) {
        let mut on = None;
        for (at, (_, part)) in self.parts.iter().enumerate().filter(|(_, (of, _))| *of == side) {
            let label: Vec<String> = parts(part).iter().map(|one| in_words(cx, None, part, one)).collect();
            let label = label.join(", ");
            let text = egui::RichText::new(&label).weak().strikethrough();
            let response =
                ui.add(egui::Button::new(text)).on_hover_text("Switched off. Click to switch it on.");
            name(&response, &format!("Switch on {label} in {}", side.name()));
            if response.clicked() {
                on = Some(at);
            }
        }
        if let Some(at) = on {
            let (_, part) = self.parts.remove(at);
            side.send(cx, with_parts(scope, &part));
        }
    }
}

/// True while a chip is being dragged.
pub fn is_dragged(ctx: &egui::Context) -> bool {
    egui::DragAndDrop::has_payload_of_type::<Dragged>(ctx)
}

/// Takes a chip that is dropped on a row.
pub fn take_dropped(ui: &egui::Ui, cx: &ViewContext<'_>, side: Side, row: egui::Rect) {
    let response = ui.interact(row, ui.scope_id().with(("drop", side as u8)), Sense::hover());
    if response.dnd_hover_payload::<Dragged>().is_some_and(|dragged| dragged.side != side) {
        let stroke = ui.visuals().widgets.active.bg_stroke;
        ui.painter().rect_stroke(row, 2.0, stroke, egui::StrokeKind::Inside);
    }
    let Some(dragged) = response.dnd_release_payload::<Dragged>().filter(|dragged| dragged.side != side)
    else {
        return;
    };
    if let Some(from) = dragged.side.scope(cx) {
        let target = side.scope(cx).cloned().unwrap_or_default();
        side.send(cx, with_parts(&target, &dragged.part.alone(from)));
        dragged.side.send(cx, dragged.part.without(from));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_years_where_there_are_several() {
        const DAY: i64 = 86_400_000_000;
        let span = |from: i64, to: i64| TimeSpan { start: from * DAY, end: to * DAY };
        let words = |one, log| span_in_words(&Zone::utc(), one, log);
        assert_eq!(words(span(10, 20), Some(span(0, 300))), "11 Jan 00:00 – 21 Jan 00:00");
        assert_eq!(words(span(10, 20), Some(span(0, 400))), "11 Jan 1970 00:00 – 21 Jan 1970 00:00");
        assert_eq!(words(span(360, 370), None), "27 Dec 1970 00:00 – 6 Jan 1971 00:00");
    }

    #[test]
    fn parts_of_a_second_scope_end_with_it() {
        let mut off = Off { parts: vec![(Side::A, Scope::default()), (Side::B, Scope::default())] };
        off.keep(true);
        assert_eq!(off.parts.len(), 2);
        off.keep(false);
        assert_eq!(off.parts, [(Side::A, Scope::default())]);
    }
}
