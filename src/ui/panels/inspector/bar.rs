//! Daily acts on the selection, always in sight: buttons with their keys, and the form that marks as evidence.

use egui::{Button, RichText, WidgetInfo};

use super::answer::Answer;
use crate::case::ReviewStatus;
use crate::ui::acts::Act;
use crate::ui::marks::Markable;
use crate::ui::regions::{self, Region};
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::widgets::mark::MarkForm;

/// Acts of the bar, by the kind of the selection.
fn of(selected: &Selected) -> &'static [Act] {
    match selected {
        Selected::Lead(_) => &[
            Act::Scope,
            Act::Status(ReviewStatus::LookedAt),
            Act::Status(ReviewStatus::TakenUp),
            Act::Status(ReviewStatus::Campaign),
            Act::Dismiss,
            Act::Weigh,
        ],
        Selected::Account(_) => &[Act::Scope, Act::Pivot, Act::Weigh],
        Selected::Saved(_) => &[Act::Scope, Act::Weigh],
        Selected::Exchange(_) => &[Act::Pivot],
        _ => &[],
    }
}

/// Draws the acts of the selection.
pub fn acts(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        of(cx.selected).iter().for_each(|act| button(ui, cx, *act));
    });
}

fn button(ui: &mut egui::Ui, cx: &ViewContext<'_>, act: Act) {
    let about = act.about();
    let commands = act.commands(cx);
    let key = about.key.map_or_else(String::new, |key| key.name().to_owned());
    let face = Button::new((about.title, RichText::new(&key).weak().small()));
    let response = ui.add_enabled(commands.is_ok(), face);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, commands.is_ok(), about.title));
    let hint = if key.is_empty() { about.hint.to_owned() } else { format!("{} (key {key})", about.hint) };
    let response = response.on_hover_text(hint);
    match commands {
        Ok(commands) if response.clicked() => commands.into_iter().for_each(|command| cx.send(command)),
        Ok(_) => {}
        Err(why) => drop(response.on_disabled_hover_text(why)),
    }
}

/// Draws the form that marks the selection; `asked` is true where its key was pressed.
pub fn mark(
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
        true => format!("{} is marked", capital(name)),
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

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
