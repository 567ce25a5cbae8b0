//! Toolbar for several chosen accounts: set the scope to them, pivot to shared values, save them as a group.

use std::sync::Arc;

use super::scopes;
use super::unsent::Unsent;
use super::view::{Command, PivotFrom, Selected, ViewContext};
use super::widgets::choice::Choice;
use super::widgets::form_menu;
use super::words;
use crate::cache::AccountIndex;
use crate::case::Action;
use crate::jobs::{Slot, SlotState};
use crate::model::{Cancelled, Scope};
use crate::query::links::MULTITUDE;
use crate::query::path::{Step, path};

/// Width of the form that splits a group, in points.
const FORM: f32 = 320.0;
/// Maximum number of groups that the form offers to split.
const GROUPS: usize = 8;

/// The chosen accounts of a table, and the name being typed for them.
#[derive(Default)]
pub struct GroupBar {
    choice: Choice<AccountIndex>,
    name: String,
    /// Group that the form splits.
    of: String,
    /// Two accounts whose tie is asked for.
    ends: Option<[AccountIndex; 2]>,
    path: Slot<(u64, [AccountIndex; 2]), Option<Vec<Step>>>,
}

impl GroupBar {
    /// The choice.
    pub fn choice(&self) -> &Choice<AccountIndex> {
        &self.choice
    }

    /// The choice, to be changed.
    pub fn choice_mut(&mut self) -> &mut Choice<AccountIndex> {
        &mut self.choice
    }

    /// The chosen accounts, ascending.
    pub fn accounts(&self) -> Vec<AccountIndex> {
        self.choice.keys().collect()
    }

    /// A name that was typed for a group and not saved.
    pub fn unsent(&self) -> Option<Unsent> {
        Unsent::of("name of a group", &self.name)
    }

    /// Draws the bar where several accounts are chosen.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        if self.choice.count() < 2 {
            return;
        }
        ui.horizontal(|ui| {
            let count = words::counted(self.choice.count() as u64, "account", "accounts");
            ui.strong(format!("{count} chosen"));
            if ui.button("Scope to these").on_hover_text("Sets the scope to the chosen accounts").clicked() {
                cx.send(Command::SetScope(scopes::of_accounts(cx, "chosen accounts", &self.accounts())));
            }
            if ui.button("Add to scope").on_hover_text("Adds them to the accounts of the scope").clicked() {
                cx.send(Command::SetScope(scopes::with_more(cx, &self.accounts())));
            }
            let pivot =
                ui.button("Shared values…").on_hover_text("Accounts behind each shared value (key p)");
            if pivot.clicked() {
                cx.send(Command::Pivot(PivotFrom::Accounts(Arc::new(self.accounts()))));
            }
            if let [a, b] = self.accounts()[..]
                && ui.button("How tied?").on_hover_text(how_tied()).clicked()
            {
                self.ends = Some([a, b]);
            }
            form_menu::ui(ui, form_menu::GROUP, |ui| self.save(ui, cx));
            form_menu::ui(ui, form_menu::SPLIT, |ui| self.split(ui, cx))
                .on_hover_text("Makes the chosen accounts of a saved group a group of their own");
            if ui.button("Clear").on_hover_text("Clears the choice").clicked() {
                self.choice.clear();
            }
        });
        self.path(ui, cx);
    }

    /// Draws the path between the two chosen accounts, once it was asked for.
    fn path(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let Some([a, b]) = self.ends.filter(|ends| self.accounts() == ends) else {
            self.ends = None;
            return;
        };
        let cache = Arc::clone(cx.cache);
        self.path.ask::<Cancelled>(cx.jobs, None, (cx.data_version, [a, b]), move |ticket| {
            path(&cache, a, b, ticket)
        });
        self.path.poll();
        ui.horizontal_wrapped(|ui| {
            let Some(found) = self.path.answer().filter(|_| self.path.state() == SlotState::Ready) else {
                ui.spinner();
                return;
            };
            let Some(steps) = found else {
                ui.weak(format!("0 paths. Asked for: the {}.", how_tied().to_lowercase()));
                return;
            };
            account(ui, cx, a);
            for step in steps {
                value(ui, cx, step);
                account(ui, cx, step.to);
            }
            if steps.len() > 1 && ui.small_button("Scope to the path").clicked() {
                let accounts: Vec<AccountIndex> =
                    [a].into_iter().chain(steps.iter().map(|step| step.to)).collect();
                cx.send(Command::SetScope(scopes::of_accounts(cx, "accounts of a path", &accounts)));
            }
        });
    }

    /// Form that makes the chosen accounts of a saved group a group of their own.
    fn split(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.set_max_width(FORM);
        let ids = scopes::ids(cx, &self.accounts());
        let groups: Vec<&str> = cx.state.groups_around(&ids).collect();
        let Some(first) = groups.first() else {
            ui.label(
                "0 saved groups hold all chosen accounts and others. Choose accounts of one saved group.",
            );
            return;
        };
        let of = groups.iter().copied().find(|group| *group == self.of).unwrap_or(first).to_owned();
        ui.label("Group to split");
        for group in groups.iter().take(GROUPS) {
            if ui.radio(*group == of, words::line(group, 40)).clicked() {
                (*group).clone_into(&mut self.of);
            }
        }
        let label = ui.label("Name of the new group");
        let field = ui.text_edit_singleline(&mut self.name).labelled_by(label.id);
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        take_keyboard(ui, &field);
        let name = self.name.trim().to_owned();
        let count = words::counted(ids.len() as u64, "account", "accounts");
        let is_taken = cx.state.scopes.iter().any(|saved| saved.name == name);
        let ready = !name.is_empty() && !is_taken && !cx.read_only;
        let split = ui.add_enabled(ready, egui::Button::new("Split group"));
        let why = "Enter a name that no saved scope has. A case open read-only saves nothing.";
        if ready && (split.on_disabled_hover_text(why).clicked() || entered) {
            cx.send(Command::RecordAct(cx.state.split(&of, &name, ids)));
            cx.send(Command::Select(Selected::Saved(name.clone())));
            cx.send(Command::Notify(format!("{count} of “{of}” are now “{name}”. Ctrl+Z undoes it.")));
            self.name.clear();
            ui.close();
        }
    }

    fn save(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let label = ui.label("Name of the group");
        let field = ui.text_edit_singleline(&mut self.name).labelled_by(label.id);
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        take_keyboard(ui, &field);
        let name = self.name.trim().to_owned();
        let ready = !name.is_empty() && !cx.read_only;
        let save = ui.add_enabled(ready, egui::Button::new("Save group"));
        let save = save.on_disabled_hover_text("Enter a name. A case open read-only saves nothing.");
        if ready && (save.clicked() || entered) {
            let accounts = scopes::ids(cx, &self.accounts());
            let scope = Scope::default().with_accounts(&name, accounts);
            cx.send(Command::Record(Action::ScopeSaved { name: name.clone(), scope }));
            cx.send(Command::Select(Selected::Saved(name)));
            self.name.clear();
            ui.close();
        }
    }
}

/// Gives the keyboard to a field of a menu that was opened with the pointer.
fn take_keyboard(ui: &egui::Ui, field: &egui::Response) {
    if ui.memory(|memory| memory.focused().is_none()) {
        field.request_focus();
    }
}

fn how_tied() -> String {
    format!("Shortest chain of values from one to the other, each shared by at most {MULTITUDE} accounts")
}

/// An account of a path, as a link that selects it.
fn account(ui: &mut egui::Ui, cx: &ViewContext<'_>, account: AccountIndex) {
    if ui.link(words::account(cx.cache, account)).clicked() {
        cx.send(Command::Select(Selected::Account(account)));
    }
}

/// A value of a path, with the number of accounts that have it.
fn value(ui: &mut egui::Ui, cx: &ViewContext<'_>, step: &Step) {
    let label = scopes::label_of(cx, step.value);
    let text = format!("– {} ({} accounts) –", words::middle(&label, 34), step.holders);
    let hint = format!("{}\n{:.1} bits. Click selects the value.", words::line(&label, 300), step.bits);
    if ui.add(egui::Button::new(text).frame(false)).on_hover_text(hint).clicked() {
        cx.send(Command::Select(Selected::Value(step.value)));
    }
}
