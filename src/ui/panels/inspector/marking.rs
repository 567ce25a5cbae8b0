//! Form that marks the selection as evidence, always in sight.

use super::answer::Answer;
use crate::ui::marks::Markable;
use crate::ui::regions::{self, Region};
use crate::ui::view::{Command, ViewContext};
use crate::ui::widgets::mark::MarkForm;
use crate::ui::words;

/// Draws the form that marks the selection; `asked` is true where its key was pressed.
pub fn ui(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    answer: Option<&Answer>,
    form: &mut MarkForm,
    asked: bool,
) {
    let exchange = answer.and_then(|answer| answer.exchange.as_ref());
    let Some(subject) = Markable::of_selected(cx, exchange) else { return };
    regions::begin(ui, Region::Mark);
    let name = subject.name();
    form.warn(ui, cx, |source| subject.is(source));
    let is_marked = form.marked(ui, cx, |source| subject.is(source));
    let title = match is_marked {
        true => format!("{} is marked", words::capital(name)),
        false => format!("Mark {name} as evidence"),
    };
    if asked && is_marked {
        cx.send(Command::Notify(format!("This {name} is marked with this tag already.")));
    }
    let can_be = !cx.read_only && !is_marked;
    if let Some((tag, note)) = form.ui(ui, &title, subject.hint(), can_be, asked && can_be) {
        cx.send(subject.command(tag, note));
    }
}
