//! The scope as filters that can be removed, and the menu that adds filters.

use std::collections::BTreeMap;

use egui::{Role, WidgetInfo};

use crate::case::Action;
use crate::model::{AccountId, AccountSet, AttributeKind, Scope, TimeSpan, Zone, moment};
use crate::ui::history::History;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, ViewContext};
use crate::ui::widgets::{at_right, form_menu};
use crate::ui::words;

/// Completions shown at the most.
const COMPLETIONS: usize = 12;

/// Room for the menus at the right, in points.
const MENUS: f32 = 190.0;

/// Zones offered beside whatever is typed.
const ZONES: [&str; 10] = [
    "UTC",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
];

/// Text typed and not yet added.
#[derive(Default)]
pub struct ScopeBar {
    account: String,
    from: String,
    to: String,
    topic: String,
    kind: Option<AttributeKind>,
    value: String,
    save_as: String,
    zone: String,
    problem: Option<String>,
}

impl ScopeBar {
    /// Draws the bar.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, history: &History) {
        ui.horizontal(|ui| {
            step_button(
                ui,
                cx,
                "◀",
                "Back to the previous scope (Alt+Left)",
                history.can_go_back(),
                Command::Back,
            );
            let forward = history.can_go_forward();
            step_button(ui, cx, "▶", "Forward to the next scope (Alt+Right)", forward, Command::Forward);
            let room = (ui.available_width() - MENUS).max(80.0);
            ui.scope(|ui| {
                ui.set_max_width(room);
                egui::ScrollArea::horizontal().id_salt("chips").show(ui, |ui| {
                    chips(ui, cx);
                    let add = form_menu::ui(ui, "+", |ui| self.add_menu(ui, cx));
                    name(&add, "Add to the scope");
                });
            });
            at_right::ui(ui, "scope bar", |ui| {
                self.zone_menu(ui, cx);
                self.saved_menu(ui, cx);
            });
        });
    }

    /// A name that was typed for a scope and not saved.
    pub fn unsent(&self) -> Option<Unsent> {
        Unsent::of("name of a scope", &self.save_as)
    }

    fn add_menu(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.set_min_width(340.0);
        let changed = self
            .add_account(ui, cx)
            .or_else(|| self.add_span(ui, cx))
            .or_else(|| self.add_topic(ui, cx))
            .or_else(|| self.add_value(ui, cx));
        if let Some(problem) = &self.problem {
            ui.colored_label(ui.visuals().error_fg_color, problem);
        }
        if let Some(scope) = changed {
            self.problem = None;
            cx.send(Command::SetScope(scope));
            ui.close();
        }
    }

    fn add_account(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) -> Option<Scope> {
        let entered = field(ui, "Account", &mut self.account, "account id or its first characters");
        let typed = self.account.trim();
        if typed.is_empty() {
            return None;
        }
        // Sorted by id, so ids with the typed prefix are adjacent.
        let accounts = cx.cache.accounts();
        let first = accounts.partition_point(|account| account.id.as_str() < typed);
        let mut chosen = None;
        for account in
            accounts[first..].iter().take(COMPLETIONS).take_while(|a| a.id.as_str().starts_with(typed))
        {
            let clicked = ui.button(words::line(account.id.as_str(), 60)).clicked();
            if clicked || (entered && chosen.is_none()) {
                chosen = Some(account.id.clone());
            }
        }
        let id = chosen?;
        self.account.clear();
        Some(with_one_more_account(cx.scope, id))
    }

    fn add_span(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) -> Option<Scope> {
        ui.separator();
        field(ui, "From", &mut self.from, "2026-04-22 or 2026-04-22 13:00");
        let entered = field(ui, "To", &mut self.to, "2026-06-05");
        let label = format!("Set the time span ({})", cx.zone.name());
        if !ui.button(label).clicked() && !entered {
            return None;
        }
        match (moment::read(&self.from, cx.zone), moment::read(&self.to, cx.zone)) {
            (Some(start), Some(end)) if start < end => {
                Some(Scope::clone(cx.scope).with_span(TimeSpan { start, end }))
            }
            (Some(_), Some(_)) => {
                self.problem = Some("The end must be later than the start.".to_owned());
                None
            }
            _ => {
                self.problem = Some("Enter both times as 2026-04-22 or 2026-04-22 13:00.".to_owned());
                None
            }
        }
    }

    fn add_topic(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) -> Option<Scope> {
        let topics = cx.cache.topics();
        if topics.is_empty() {
            return None;
        }
        ui.separator();
        let entered = field(ui, "Topic", &mut self.topic, "topic number or a word of its label");
        let typed = self.topic.trim().to_lowercase();
        let mut chosen = None;
        let fits = |label: &str, id: u16| {
            typed.is_empty() || label.to_lowercase().contains(&typed) || id.to_string() == typed
        };
        for topic in topics.iter().filter(|topic| fits(&topic.label, topic.id)).take(COMPLETIONS) {
            let said = format!("{} {}", topic.id, words::line(&topic.label, 50));
            let clicked = ui.button(said).clicked();
            if clicked || (entered && !typed.is_empty() && chosen.is_none()) {
                chosen = Some((topic.id, topic.label.clone()));
            }
        }
        let (id, label) = chosen?;
        self.topic.clear();
        let mut all = cx.scope.topics.clone().unwrap_or_default();
        all.insert(id, label);
        Some(Scope::clone(cx.scope).with_topics(all))
    }

    fn add_value(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) -> Option<Scope> {
        ui.separator();
        let mut kind = self.kind.unwrap_or(AttributeKind::PaymentFingerprint);
        // No dropdown: it would be a second popup and close the menu.
        ui.horizontal_wrapped(|ui| {
            ui.set_max_width(340.0);
            for each in AttributeKind::ALL {
                ui.selectable_value(&mut kind, each, each.title());
            }
        });
        self.kind = Some(kind);
        let entered = field(ui, "Value", &mut self.value, "value or its first characters");
        let typed = self.value.trim();
        if typed.is_empty() {
            return None;
        }
        let values = cx.cache.values();
        let first = values.partition_point(|value| (value.kind, value.value.as_str()) < (kind, typed));
        let mut chosen = None;
        let fitting = values[first..].iter().take_while(|v| v.kind == kind && v.value.starts_with(typed));
        for value in fitting.take(COMPLETIONS) {
            let sharing = words::counted(u64::from(value.accounts), "account", "accounts");
            let clicked = ui.button(format!("{} ({sharing})", words::line(&value.value, 50))).clicked();
            if clicked || (entered && chosen.is_none()) {
                chosen = Some(value.value.clone());
            }
        }
        let value = chosen?;
        self.value.clear();
        Some(Scope::clone(cx.scope).with_value(kind, &value))
    }

    fn zone_menu(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let menu = form_menu::ui(ui, cx.zone.name(), |ui| {
            let mut chosen = None;
            for name in ZONES {
                if ui.selectable_label(cx.zone.name() == name, name).clicked() {
                    chosen = Zone::named(name).ok();
                }
            }
            let entered = field(ui, "Zone", &mut self.zone, "an IANA name such as Europe/Berlin");
            if ui.button("Use this zone").clicked() || entered {
                match Zone::named(self.zone.trim()) {
                    Ok(zone) => chosen = Some(zone),
                    Err(unknown) => cx.send(Command::Notify(unknown.to_string())),
                }
            }
            if let Some(zone) = chosen {
                cx.send(Command::SetZone(zone));
                ui.close();
            }
        });
        name(&menu, &format!("Time zone: {}", cx.zone.name()));
    }

    fn saved_menu(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        form_menu::ui(ui, "Saved ▾", |ui| {
            ui.set_min_width(240.0);
            if cx.state.scopes.is_empty() {
                ui.weak("0 scopes saved");
            }
            for saved in &cx.state.scopes {
                if ui.button(words::line(&saved.name, 50)).clicked() {
                    cx.send(Command::SetScope(saved.scope.clone()));
                    ui.close();
                }
            }
            if cx.read_only {
                return;
            }
            ui.separator();
            let entered = field(ui, "Name", &mut self.save_as, "name for this scope");
            let given = self.save_as.trim();
            let save = ui.add_enabled(!given.is_empty(), egui::Button::new("Save this scope")).clicked();
            if save || (entered && !given.is_empty()) {
                let scope = Scope::clone(cx.scope);
                cx.send(Command::Record(Action::ScopeSaved { name: given.to_owned(), scope }));
                self.save_as.clear();
                ui.close();
            }
        });
    }
}

/// The scope with one more account; a named set loses its name because it has changed.
fn with_one_more_account(scope: &Scope, id: AccountId) -> Scope {
    let mut more = scope.clone();
    match &mut more.accounts {
        Some(set) if set.ids.contains(&id) => {}
        Some(set) => {
            (set.label, set.lead) = (None, None);
            set.ids.insert(id);
        }
        None => more = more.with_account(id),
    }
    more
}

/// Number of topics above which they share one chip.
const MOST_TOPIC_CHIPS: usize = 2;

fn chips(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let scope = cx.scope;
    if scope.is_everything() {
        ui.weak("Everything: all accounts, all time, all topics");
        return;
    }
    if let Some(accounts) = &scope.accounts {
        chip(ui, cx, &accounts_in_words(cx, accounts), || Scope { accounts: None, ..Scope::clone(scope) });
    }
    if let Some(span) = scope.span {
        let said = format!(
            "{} – {}",
            cx.zone.strftime(span.start, "%-d %b %H:%M"),
            cx.zone.strftime(span.end, "%-d %b %H:%M")
        );
        chip(ui, cx, &said, || Scope { span: None, ..Scope::clone(scope) });
    }
    topic_chips(ui, cx);
    for (&kind, values) in &scope.attributes {
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                ui.weak("or")
                    .on_hover_text("Values of one attribute are alternatives; all else has to hold together");
            }
            let said = format!("{}: {}", kind.title_of(value), words::middle(value, 40));
            chip(ui, cx, &said, || without_value(scope, kind, value));
        }
    }
    for (&kind, values) in &scope.without {
        for value in values {
            let said = format!("not {}: {}", kind.title_of(value), words::middle(value, 40));
            chip(ui, cx, &said, || with_again(scope, kind, value));
        }
    }
    if ui.button("Clear").on_hover_text("Removes every filter").clicked() {
        cx.send(Command::SetScope(Scope::default()));
    }
}

/// The scope without the demand that accounts lack a value.
fn with_again(scope: &Scope, kind: AttributeKind, value: &str) -> Scope {
    let mut more = scope.clone();
    if let Some(values) = more.without.get_mut(&kind) {
        values.remove(value);
        if values.is_empty() {
            more.without.remove(&kind);
        }
    }
    more
}

/// The accounts of the scope; for a lead with its present state.
fn accounts_in_words(cx: &ViewContext<'_>, accounts: &AccountSet) -> String {
    match cx.scope_lead {
        Some(lead) => {
            format!("{lead} ({})", words::counted(accounts.ids.len() as u64, "account", "accounts"))
        }
        None => words::line(&accounts.describe(), 60),
    }
}

/// One chip per topic, or one for all if there are many.
fn topic_chips(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let scope = cx.scope;
    let Some(topics) = &scope.topics else { return };
    if topics.len() > MOST_TOPIC_CHIPS {
        let said = format!("{} topics", topics.len());
        chip(ui, cx, &said, || Scope { topics: None, ..Scope::clone(scope) });
        return;
    }
    for (i, (&id, label)) in topics.iter().enumerate() {
        if i > 0 {
            ui.weak("or");
        }
        chip(ui, cx, &format!("topic {id}: {}", words::line(label, 40)), || without_topic(scope, id));
    }
}

fn chip(ui: &mut egui::Ui, cx: &ViewContext<'_>, said: &str, without: impl FnOnce() -> Scope) {
    let button = egui::Button::new(format!("{said} ×")).fill(ui.visuals().selection.bg_fill);
    let response = ui.add(button).on_hover_text("Removes this filter from the scope");
    name(&response, &format!("Remove {said} from the scope"));
    if response.clicked() {
        cx.send(Command::SetScope(without()));
    }
}

fn without_topic(scope: &Scope, id: u16) -> Scope {
    let mut less = scope.clone();
    let left: BTreeMap<_, _> =
        less.topics.take().into_iter().flatten().filter(|(topic, _)| *topic != id).collect();
    less.topics = (!left.is_empty()).then_some(left);
    less
}

fn without_value(scope: &Scope, kind: AttributeKind, value: &str) -> Scope {
    let mut less = scope.clone();
    if let Some(values) = less.attributes.get_mut(&kind) {
        values.remove(value);
        if values.is_empty() {
            less.attributes.remove(&kind);
        }
    }
    less
}

fn step_button(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    text: &str,
    hint: &str,
    enabled: bool,
    command: Command,
) {
    let response = ui.add_enabled(enabled, egui::Button::new(text)).on_hover_text(hint);
    name(&response, hint);
    if response.clicked() {
        cx.send(command);
    }
}

/// Names a button whose text does not.
fn name(response: &egui::Response, label: &str) {
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, label));
}

/// A text field with its name before it; true if Enter was pressed in it.
fn field(ui: &mut egui::Ui, label: &str, text: &mut String, hint: &str) -> bool {
    ui.horizontal(|ui| {
        let label = ui.label(label);
        let field = egui::TextEdit::singleline(text).hint_text(hint).desired_width(240.0);
        let field = ui.add(field).labelled_by(label.id);
        field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
    })
    .inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_off_is_gone_and_nothing_else() {
        let scope = Scope::default()
            .with_topics(BTreeMap::from([(1, "one".into()), (2, "two".into())]))
            .with_value(AttributeKind::Asn, "64500")
            .with_value(AttributeKind::Asn, "64501");
        let less = without_topic(&without_topic(&scope, 1), 2);
        assert_eq!((less.topics, &less.attributes), (None, &scope.attributes));
        let less =
            without_value(&without_value(&scope, AttributeKind::Asn, "64500"), AttributeKind::Asn, "64501");
        assert!(less.attributes.is_empty() && less.topics == scope.topics);
    }

    #[test]
    fn a_lead_with_one_more_account_is_no_longer_that_lead() {
        let ids: std::collections::BTreeSet<AccountId> = ["a".into(), "b".into()].into();
        let scope = Scope::default().with_lead(crate::model::LeadRef::of(1, ids.clone()), ids);
        let same = with_one_more_account(&scope, "a".into());
        assert_eq!(same, scope);
        let more = with_one_more_account(&scope, "c".into());
        assert_eq!(more.lead(), None);
        assert_eq!(more.accounts.unwrap().describe(), "3 accounts");
    }
}
