//! Notice over a list of leads that is not complete: progress of the text pass, or its resumption.

use crate::ui::view::{Command, TextPass, ViewContext};
use crate::ui::words;

/// Number of decisions without a lead that are named in the tooltip.
const NAMED: usize = 20;

/// Draws the notice; nothing for a complete list whose decisions all have a lead.
pub(super) fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    if cx.leads.provisional {
        ui.horizontal_wrapped(|ui| {
            ui.colored_label(ui.visuals().warn_fg_color, "This list is provisional.").on_hover_text(
                "Leads by content come with the text pass. Ids, ranks and figures will change; decisions follow their accounts.",
            );
            match cx.text_pass {
                TextPass::Running => {
                    ui.label(format!("Text pass: {}.", progress(cx)));
                }
                TextPass::Stopped => {
                    ui.label("The text pass was stopped.");
                    if ui.button("Resume the text pass").clicked() {
                        cx.send(Command::FinishText);
                    }
                }
                TextPass::ReadOnly => {
                    ui.label("Open the case for writing to finish the text pass.");
                }
                TextPass::Done => {}
            }
        });
    }
    without_lead(ui, cx);
}

/// Phase of the running text pass with its share, in words.
fn progress(cx: &ViewContext<'_>) -> String {
    let job = cx.jobs.status().into_iter().find(|job| job.title == crate::jobs::TEXT_PASS);
    match job.and_then(|job| job.progress) {
        None => "not begun".to_owned(),
        Some(progress) if progress.total == 0 => progress.phase,
        Some(progress) => {
            let share = 100 * progress.done.min(progress.total) / progress.total;
            format!("{}, {share} %", progress.phase)
        }
    }
}

/// Count of decisions that no lead of the list has, which stay in the case.
fn without_lead(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let unplaced = cx.decisions.unplaced();
    if unplaced.is_empty() {
        return;
    }
    let count = unplaced.len() as u64;
    let state = if cx.leads.provisional { "waits for the complete list" } else { "has no lead in this list" };
    let states =
        if cx.leads.provisional { "wait for the complete list" } else { "have no lead in this list" };
    let text = if count == 1 {
        format!("1 decision {state}")
    } else {
        format!("{} decisions {states}", words::count(count))
    };
    let lines: Vec<String> =
        unplaced.iter().take(NAMED).map(|placed| words::line(&placed.in_words(), 160)).collect();
    ui.horizontal_wrapped(|ui| {
        ui.colored_label(ui.visuals().warn_fg_color, text).on_hover_text(lines.join("\n"));
        if ui.small_button("Show them").on_hover_text("Lists them in Evidence").clicked() {
            cx.send(Command::ShowView("evidence"));
        }
    });
}
