//! Points that are not done, beside the button that writes the bundle.

use egui::{RichText, Ui};

use crate::bundle::{CheckItem, CheckState};
use crate::model::visible;
use crate::ui::unsent::Unsent;
use crate::ui::words;

/// State of the checklist.
#[derive(Clone, Copy)]
pub(super) enum Checked<'a> {
    /// It was not run.
    No,
    /// It is running.
    Running,
    /// Its items; `true` for those of the case as it is now.
    Items(&'a [CheckItem], bool),
}

/// Draws one line for each kind of open point.
pub(super) fn ui(ui: &mut Ui, checked: Checked<'_>, unsent: &[Unsent]) {
    let (warn, error) = (ui.visuals().warn_fg_color, ui.visuals().error_fg_color);
    let mut line = |text: String, colour| ui.add(egui::Label::new(RichText::new(text).color(colour)).wrap());
    match checked {
        Checked::No => {
            line("The checklist was not run: what is not done stands only in the bundle.".to_owned(), warn);
        }
        Checked::Running => {
            line("The checklist is running.".to_owned(), warn);
        }
        Checked::Items(items, is_current) => {
            if !is_current {
                line("The case has changed since the checklist. Run it again.".to_owned(), warn);
            }
            for (state, many, colour) in [
                (CheckState::Refused, "required first", error),
                (CheckState::Stated, "not done; the bundle says so", warn),
            ] {
                let titles = items.iter().filter(|item| item.state == state);
                let open: Vec<_> = titles.map(|item| visible(&item.title)).collect();
                if !open.is_empty() {
                    let count = words::counted(open.len() as u64, "point", "points");
                    line(format!("{count} {many}: {}.", open.join("; ")), colour);
                }
            }
        }
    }
    if !unsent.is_empty() {
        let forms: Vec<&str> = unsent.iter().map(|typed| typed.form.as_str()).collect();
        line(format!("Typed and not saved, so not in the bundle: {}.", forms.join("; ")), warn);
    }
}
