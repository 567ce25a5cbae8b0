//! Offer to mark the leads that are taken up or named a campaign: a status alone reaches no bundle.

use crate::case::unmarked;
use crate::ui::marks;
use crate::ui::view::ViewContext;
use crate::ui::words;

/// Draws the offer for the leads that keys and buttons act on.
pub(super) fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, subjects: &[usize]) {
    let open: Vec<usize> = unmarked(cx.state, cx.decisions)
        .into_iter()
        .map(|(at, _)| at)
        .filter(|at| subjects.contains(at))
        .collect();
    let title = match open.as_slice() {
        [] => return,
        [_] => "Mark as relied on".to_owned(),
        many => format!("Mark {} as relied on", words::count(many.len() as u64)),
    };
    ui.add_enabled_ui(!cx.read_only, |ui| {
        let hint = "Taken up or named a campaign, and not marked. A bundle relies on marked leads only.";
        if ui.small_button(title).on_hover_text(hint).clicked() {
            open.iter().for_each(|at| marks::rely_on(cx, *at));
        }
    });
}
