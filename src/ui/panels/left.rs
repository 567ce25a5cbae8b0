//! Panel of the case: snapshots, saved scopes, evidence, journal, export.

use crate::case::Action;
use crate::model::{Digest, Tag};
use crate::ui::panels::events::EventList;
use crate::ui::view::{Command, Selected, ViewContext, WindowCommand};
use crate::ui::widgets::{follow_focus, pending};
use crate::ui::{theme, words};

/// Draws the panel.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, events: &mut EventList) {
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        snapshots(ui, cx);
        scopes(ui, cx);
        evidence(ui, cx);
        section(ui, "events", &format!("Events ({})", cx.state.events.len()), |ui| events.ui(ui, cx));
        let entries = words::count(cx.state.journal.len() as u64);
        go_to(ui, cx, &format!("Journal ({entries})"), "journal");
        go_to(ui, cx, "Export", "export");
        follow_focus::scroll(ui);
    });
}

fn go_to(ui: &mut egui::Ui, cx: &ViewContext<'_>, title: &str, view: &'static str) {
    if ui.add(egui::Button::new(title).frame(false)).clicked() {
        cx.send(Command::ShowView(view));
    }
}

fn section(ui: &mut egui::Ui, id: &str, title: &str, add: impl FnOnce(&mut egui::Ui)) {
    egui::CollapsingHeader::new(title).id_salt(id).default_open(true).show(ui, add);
}

fn snapshots(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let title = format!("Snapshots ({})", cx.state.snapshots.len());
    section(ui, "snapshots", &title, |ui| {
        for snapshot in &cx.state.snapshots {
            let rows: u64 = snapshot.files.iter().map(|file| file.rows).sum();
            let files = words::counted(snapshot.files.len() as u64, "file", "files");
            ui.monospace(snapshot.sha256.short()).on_hover_ui(|ui| {
                ui.monospace(snapshot.sha256.to_string());
                for file in snapshot.files.iter().take(20) {
                    ui.label(format!("{}: {} rows", words::line(&file.name, 60), words::count(file.rows)));
                }
                ui.label(format!(
                    "columns mapped by the preset “{}”",
                    words::line(&snapshot.mapping.preset, 40)
                ));
            });
            ui.weak(format!("{files}, {} rows", words::count(rows)));
            ui.horizontal_wrapped(|ui| {
                change_button(ui, cx, snapshot.sha256);
                report_button(ui, cx, snapshot.sha256);
            });
        }
        for retired in &cx.state.retired {
            let short = retired.snapshot.sha256.short();
            ui.weak(format!("{short} retired")).on_hover_text(words::line(&retired.reason, 200));
            change_button(ui, cx, retired.snapshot.sha256);
        }
        if !cx.read_only && ui.small_button("Add files…").clicked() {
            cx.send(Command::Window(WindowCommand::AddFiles));
        }
    });
}

fn change_button(ui: &mut egui::Ui, cx: &ViewContext<'_>, snapshot: Digest) {
    if cx.read_only {
        return;
    }
    let button = ui.small_button("Change…");
    let label = format!("Change snapshot {}", snapshot.short());
    button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
    if button.on_hover_text("Retires this snapshot, or reads it with another mapping").clicked() {
        cx.send(Command::Window(WindowCommand::ChangeSnapshot(snapshot)));
    }
}

fn report_button(ui: &mut egui::Ui, cx: &ViewContext<'_>, snapshot: Digest) {
    let button = ui.small_button("Import report");
    let label = format!("Import report of snapshot {}", snapshot.short());
    button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
    if button.on_hover_text("Shows the files, rows and columns of the import").clicked() {
        cx.send(Command::Window(WindowCommand::ShowReport(snapshot)));
    }
}

fn scopes(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let title = format!("Scopes ({})", cx.state.scopes.len());
    section(ui, "scopes", &title, |ui| {
        if ui.add(egui::Button::new("Everything").frame(false)).clicked() {
            cx.send(Command::SetScope(crate::model::Scope::default()));
        }
        for (at, saved) in cx.state.scopes.iter().enumerate() {
            let name = words::line(&saved.name, 40);
            let button = egui::Button::new(&name).frame(false).selected(**cx.scope == saved.scope);
            let mut response = ui.add(button);
            if let Some(lead) = cx.decisions.scope_in_words(at) {
                response = response.on_hover_text(format!("saved for {lead}"));
            }
            if response.clicked() {
                cx.send(Command::SetScope(saved.scope.clone()));
                cx.send(Command::Select(Selected::Saved(saved.name.clone())));
            }
            response.context_menu(|ui| {
                if ui.button("Mark or weigh it").clicked() {
                    cx.send(Command::Select(Selected::Saved(saved.name.clone())));
                    ui.close();
                }
                if ui.add_enabled(!cx.read_only, egui::Button::new("Remove this saved scope")).clicked() {
                    cx.send(Command::Record(Action::ScopeRemoved { name: saved.name.clone() }));
                    ui.close();
                }
            });
        }
    });
}

fn evidence(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let title = format!("Evidence ({})", cx.state.evidence.len());
    section(ui, "evidence", &title, |ui| {
        if cx.state.evidence.is_empty() && cx.pending.is_empty() {
            ui.weak("0 pieces of evidence");
        }
        pending::ui(ui, cx);
        for tag in Tag::BUILT_IN {
            let marked = cx.state.evidence.values().filter(|evidence| evidence.tag == tag);
            let (count, first) = (marked.clone().count(), marked.map(|evidence| evidence.id).next());
            let Some(first) = first else { continue };
            let mut text = egui::RichText::new(format!("{tag} ({count})"));
            if tag == Tag::Exculpatory {
                text = text.color(theme::exculpatory(ui.visuals()));
            }
            if ui.add(egui::Button::new(text).frame(false)).clicked() {
                cx.send(Command::Select(Selected::Evidence(first)));
                cx.send(Command::ShowView("evidence"));
            }
        }
        go_to(ui, cx, "All evidence", "evidence");
    });
}
