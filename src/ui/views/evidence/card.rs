//! Card of a piece of evidence on the board: selection, dragging, moves by keys.

use egui::{Key, Modifiers, Rect, Role, Sense, WidgetInfo};

use crate::cache::{AccountIndex, Cache};
use crate::case::legal::Element;
use crate::case::{Action, Evidence, EvidenceSource};
use crate::model::{Micros, Tag};
use crate::ui::board::{Place, assigned, in_front_of, moved};
use crate::ui::panels::inspector::go_to;
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::widgets::markdown;
use crate::ui::{theme, words};

/// Evidence that is being dragged, by its number.
#[derive(Clone, Copy, Debug)]
pub struct Dragged(pub u64);

/// Places to which a card can be moved.
pub enum Placing {
    /// Within its own group and to others.
    Group(Place),
    /// To an element; off the one that it stands under.
    Element(Option<Element>),
    /// Nowhere.
    None,
}

/// Source of a piece of evidence; for a lead with its present state.
pub fn source(cx: &ViewContext<'_>, evidence: &Evidence) -> String {
    match cx.decisions.evidence_in_words(evidence.id) {
        Some(lead) => format!("lead {lead}"),
        None => words::evidence_source(&evidence.source, cx.zone),
    }
}

/// Size of the lead that a piece of evidence is about; lead and topic of an exchange or an account.
fn size(cx: &ViewContext<'_>, evidence: &Evidence) -> Option<String> {
    let (account, ts) = match &evidence.source {
        EvidenceSource::Exchange { account, ts, .. } => (account, Some(*ts)),
        EvidenceSource::Account { account } => (account, None),
        EvidenceSource::Scope { .. } => return size_of_lead(cx, evidence),
    };
    let account = cx.cache.account_index(account)?;
    let rank = *cx.leads.rank_of.get(account as usize)?;
    let lead = cx.leads.accounts.get(rank as usize)?.group.map(|at| words::lead(cx.leads, at as usize));
    let topic = ts.and_then(|ts| topic_at(cx, account, ts)).map(|label| words::line(label, 40));
    let parts: Vec<String> = lead.into_iter().chain(topic).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Label of the topic of an account's exchange at a time; `None` without topics.
fn topic_at<'a>(cx: &ViewContext<'a>, account: AccountIndex, ts: Micros) -> Option<&'a str> {
    let cache: &'a Cache = cx.cache;
    let rows = cache.hot().rows_of(account);
    let at = rows.start + cache.hot().ts.get(rows)?.partition_point(|own| *own < ts);
    let topic = *cache.hot().topic.get(at)?;
    cache.topics().get(usize::from(topic)).map(|topic| topic.label.as_str())
}

fn size_of_lead(cx: &ViewContext<'_>, evidence: &Evidence) -> Option<String> {
    let group = cx.leads.groups.get(cx.decisions.of_evidence(evidence.id)?.at()?)?;
    let accounts = words::counted(group.accounts.len() as u64, "account", "accounts");
    Some(format!("{accounts}, {}", words::counted(group.exchanges, "exchange", "exchanges")))
}

/// Draws a card. In a `compact` list the note stands in one line.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, evidence: &Evidence, placing: &Placing, compact: bool) {
    let selected = *cx.selected == Selected::Evidence(evidence.id);
    let source = source(cx, evidence);
    let visuals = ui.visuals();
    let fill = if selected { visuals.selection.bg_fill } else { visuals.extreme_bg_color };
    let frame = egui::Frame::new()
        .fill(fill)
        .corner_radius(3)
        .inner_margin(5)
        .stroke(egui::Stroke::new(1.0, visuals.widgets.noninteractive.bg_stroke.color));
    // The card takes clicks below its content, so that links stay clickable: at its position of the last frame, and
    // under an id that does not depend on its position.
    let id = ui.scope_id().with(("evidence card", evidence.id));
    let before: Option<Rect> = ui.data(|data| data.get_temp(id));
    let first = Rect::from_min_size(ui.cursor().min, egui::Vec2::splat(1.0));
    let response = ui.interact(before.unwrap_or(first), id, Sense::click_and_drag());
    let content = |ui: &mut egui::Ui| {
        ui.set_min_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.strong(format!("E{}", evidence.id));
            let colour = match evidence.tag {
                Tag::Exculpatory => theme::exculpatory(ui.visuals()),
                Tag::ReliedOn => theme::scope(ui.visuals()),
                _ => ui.visuals().weak_text_color(),
            };
            ui.colored_label(colour, words::line(evidence.tag.as_str(), 30));
            ui.label(&source);
            if let Some(size) = size(cx, evidence) {
                ui.weak(size);
            }
        });
        if compact {
            ui.weak(words::line(&evidence.note, 160));
        } else if !evidence.note.trim().is_empty() {
            markdown::ui(ui, cx, &evidence.note);
        }
    };
    let rect = frame.show(ui, content).response.rect;
    ui.data_mut(|data| data.insert_temp(id, rect));
    if before != Some(rect) {
        ui.ctx().request_repaint();
    }
    response.widget_info(|| {
        WidgetInfo::selected(Role::Row, true, selected, format!("evidence {}, {source}", evidence.id))
    });
    if response.has_focus() {
        let stroke = ui.visuals().widgets.active.bg_stroke;
        ui.painter().rect_stroke(response.rect, 3.0, stroke, egui::StrokeKind::Outside);
    }
    respond(ui, cx, evidence, &response, placing);
    if response.drag_started() && !cx.read_only && !matches!(placing, Placing::None) {
        response.dnd_set_drag_payload(Dragged(evidence.id));
    }
    if let Placing::Group(place) = placing
        && !cx.read_only
    {
        order(ui, cx, evidence.id, &response, place);
    }
}

fn respond(
    ui: &egui::Ui,
    cx: &ViewContext<'_>,
    evidence: &Evidence,
    response: &egui::Response,
    placing: &Placing,
) {
    let enter = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if response.clicked() && !enter {
        response.request_focus();
        cx.send(Command::Select(Selected::Evidence(evidence.id)));
    }
    if enter {
        cx.send(Command::Select(Selected::Evidence(evidence.id)));
    }
    if response.double_clicked() {
        go_to(cx, &evidence.source);
    }
    response.context_menu(|ui| {
        if ui.button("Go to the source").clicked() {
            go_to(cx, &evidence.source);
            ui.close();
        }
        if let Placing::Element(Some(element)) = placing
            && ui.add_enabled(!cx.read_only, egui::Button::new("Take off this element")).clicked()
        {
            let action = assigned(cx.state, *element, evidence.id, false);
            action.into_iter().for_each(|action| cx.send(Command::Record(action)));
            ui.close();
        }
        if ui.add_enabled(!cx.read_only, egui::Button::new("Remove from evidence")).clicked() {
            cx.send(Command::Record(Action::EvidenceRemoved { id: evidence.id }));
            ui.close();
        }
    });
}

/// Drag and drop, and Alt with an arrow key: moves within the group or to another group.
fn order(ui: &egui::Ui, cx: &ViewContext<'_>, id: u64, response: &egui::Response, place: &Place) {
    let record =
        |action: Option<Action>| action.into_iter().for_each(|action| cx.send(Command::Record(action)));
    if let Some(pointer) = ui.input(|input| input.pointer.latest_pos())
        && response.dnd_hover_payload::<Dragged>().is_some_and(|dragged| dragged.0 != id)
    {
        let upper = pointer.y < response.rect.center().y;
        let y = if upper { response.rect.top() - 2.0 } else { response.rect.bottom() + 2.0 };
        let stroke = egui::Stroke::new(2.0, theme::scope(ui.visuals()));
        ui.painter().hline(response.rect.x_range(), y, stroke);
        if let Some(dragged) = response.dnd_release_payload::<Dragged>() {
            let (dragged, group) = (dragged.0, place.group.as_str());
            record(if upper {
                in_front_of(cx.state, dragged, group, id)
            } else {
                moved(cx.state, dragged, group, Some(id))
            });
        }
    }
    if response.has_focus() {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::ALT, key));
        if pressed(Key::ArrowUp) {
            record(place.earlier(cx.state, id));
        }
        if pressed(Key::ArrowDown) {
            record(place.later(cx.state, id));
        }
    }
}
