//! Elements: what each asks, the statement on it, the evidence assigned to it. Empty ones are shown empty.

use std::collections::BTreeMap;

use egui::{CollapsingHeader, ComboBox, Role, TextEdit, Ui, WidgetInfo};

use super::list::record;
use crate::bundle::{element_items, element_state};
use crate::case::legal::{ABOUT, About, Element, Frame, LegalDecision, SECRET_CAUTION};
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::{theme, words};

/// Statements that are being typed, by element.
#[derive(Default)]
pub(super) struct Elements {
    drafts: BTreeMap<Element, String>,
}

impl Elements {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        ui.weak("An element needs a statement of the party and evidence. What is empty here is empty in the bundle.");
        if cx.state.evidence.is_empty() {
            ui.weak("0 pieces of evidence to assign. Mark a lead or some exchanges first.");
        }
        for frame in Frame::ALL {
            ui.add_space(theme::GROUP_GAP);
            ui.strong(frame.title());
            for about in ABOUT.iter().filter(|about| about.frame == frame) {
                self.element(ui, cx, about);
            }
        }
    }

    fn element(&mut self, ui: &mut Ui, cx: &ViewContext<'_>, about: &'static About) {
        let state = element_state(cx.state, about.element);
        let colour = if state == "empty" { ui.visuals().warn_fg_color } else { ui.visuals().text_color() };
        let title = egui::RichText::new(format!("{}: {state}", about.title)).color(colour);
        CollapsingHeader::new(title).id_salt(about.id).show(ui, |ui| {
            ui.label(about.asks);
            if about.element == Element::SecretInformation {
                ui.colored_label(ui.visuals().warn_fg_color, SECRET_CAUTION);
            }
            let items = element_items(cx.state, about.element);
            if !about.table.is_empty() {
                ui.weak(format!(
                    "{} recorded; the bundle lists them in {}.",
                    words::counted(items as u64, "item", "items"),
                    about.table
                ));
            }
            self.statement(ui, cx, about);
            evidence(ui, cx, about);
        });
    }

    fn statement(&mut self, ui: &mut Ui, cx: &ViewContext<'_>, about: &About) {
        let stated = stated(cx, about.element);
        let mut text = self.drafts.get(&about.element).cloned().unwrap_or_else(|| stated.to_owned());
        let label = ui.label(format!("Statement on {}", about.id));
        let field = TextEdit::multiline(&mut text).desired_rows(2).desired_width(f32::INFINITY);
        if ui.add_enabled(!cx.read_only, field).labelled_by(label.id).changed() {
            self.drafts.insert(about.element, text.clone());
        }
        let is_new = !cx.read_only && text.trim() != stated;
        if ui.add_enabled(is_new, egui::Button::new(format!("Save the statement on {}", about.id))).clicked()
        {
            let (element, text) = (about.element, text.trim().to_owned());
            record(cx, LegalDecision::Stated { element, text });
            self.drafts.remove(&about.element);
        }
    }

    pub(super) fn unsent(&self, cx: &ViewContext<'_>) -> Vec<Unsent> {
        let typed = self.drafts.iter().filter(|(element, text)| text.trim() != stated(cx, **element));
        typed.filter_map(|(element, text)| Unsent::of(format!("statement on {element}"), text)).collect()
    }
}

fn stated<'a>(cx: &ViewContext<'a>, element: Element) -> &'a str {
    cx.state.legal.statements.get(&element).map_or("", String::as_str)
}

/// Evidence of an element, each with a button that takes it off, and a choice of further evidence.
fn evidence(ui: &mut Ui, cx: &ViewContext<'_>, about: &About) {
    let element = about.element;
    let numbers = cx.state.legal.evidence.get(&element).cloned().unwrap_or_default();
    for evidence in numbers.iter().filter_map(|number| cx.state.evidence.get(number)) {
        ui.horizontal_wrapped(|ui| {
            if !cx.read_only {
                let button = ui.small_button("×").on_hover_text("Take it off this element");
                let name = format!("Take evidence {} off {}", evidence.id, about.id);
                button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
                if button.clicked() {
                    let evidence = evidence.id;
                    record(cx, LegalDecision::Assigned { element, evidence, is_assigned: false });
                }
            }
            let source = words::evidence_source(&evidence.source, cx.zone);
            if ui
                .link(format!("E{}: {}, {source}", evidence.id, words::line(evidence.tag.as_str(), 30)))
                .clicked()
            {
                cx.send(Command::Select(Selected::Evidence(evidence.id)));
            }
        });
    }
    let others: Vec<_> = cx.state.evidence.values().filter(|other| !numbers.contains(&other.id)).collect();
    if others.is_empty() || cx.read_only {
        return;
    }
    let combo =
        ComboBox::from_id_salt(("assign", about.id)).selected_text("Assign evidence…").show_ui(ui, |ui| {
            for other in others {
                let source = words::evidence_source(&other.source, cx.zone);
                let name = format!("E{}: {}, {source}", other.id, words::line(other.tag.as_str(), 30));
                if ui.selectable_label(false, name).clicked() {
                    record(cx, LegalDecision::Assigned { element, evidence: other.id, is_assigned: true });
                }
            }
        });
    let name = format!("Assign evidence to {}", about.id);
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
}
