//! An attribute value, or a topic, in the inspector.

use std::collections::BTreeMap;

use super::parts::wrapped;
use crate::cache::ValueIndex;
use crate::model::Scope;
use crate::ui::view::{Command, PivotFrom, Selected, ViewContext};
use crate::ui::words;

/// Maximum number of listed accounts.
const LISTED: usize = 60;

/// Draws the value.
pub fn value(ui: &mut egui::Ui, cx: &ViewContext<'_>, index: ValueIndex) {
    let Some(value) = cx.cache.values().get(index as usize) else { return };
    ui.heading(value.kind.title_of(&value.value));
    wrapped(ui, &value.value);
    ui.weak(format!(
        "{}, {}",
        words::counted(u64::from(value.accounts), "account", "accounts"),
        words::counted(value.exchanges, "exchange", "exchanges")
    ));
    if ui.button("Pivot…").on_hover_text("Accounts behind each other shared value (key p)").clicked() {
        cx.send(Command::Pivot(PivotFrom::Value(index)));
    }
    if ui.button("Add to scope").clicked() {
        cx.send(Command::SetScope(Scope::clone(cx.scope).with_value(value.kind, &value.value)));
    }
    if ui.button("Set scope to it only").clicked() {
        cx.send(Command::SetScope(Scope::default().with_value(value.kind, &value.value)));
    }
    ui.strong("Accounts with this value");
    let accounts = cx.cache.accounts_with(index);
    for &account in accounts.iter().take(LISTED) {
        if ui.link(words::account(cx.cache, account)).clicked() {
            cx.send(Command::Select(Selected::Account(account)));
        }
    }
    if accounts.len() > LISTED {
        ui.weak(format!("and {} more", words::count((accounts.len() - LISTED) as u64)));
    }
}

/// Draws the topic.
pub fn topic(ui: &mut egui::Ui, cx: &ViewContext<'_>, id: u16) {
    let Some(topic) = cx.cache.topics().get(usize::from(id)) else { return };
    ui.heading(format!("Topic {id}"));
    wrapped(ui, &topic.label);
    ui.weak(words::counted(topic.exchanges, "exchange", "exchanges"));
    wrapped(ui, &topic.words.join(", "));
    let one = || BTreeMap::from([(id, topic.label.clone())]);
    if ui.button("Set scope to it").clicked() {
        cx.send(Command::SetScope(Scope::clone(cx.scope).with_topics(one())));
    }
    if ui.button("Add to scope").clicked() {
        let mut all = cx.scope.topics.clone().unwrap_or_default();
        all.extend(one());
        cx.send(Command::SetScope(Scope::clone(cx.scope).with_topics(all)));
    }
    ui.strong("Typical exchanges");
    for (i, &row) in topic.medoids.iter().enumerate() {
        if ui.link(format!("exchange {}", i + 1)).clicked() {
            cx.send(Command::Select(Selected::Exchange(row)));
            cx.send(Command::ShowView("exchanges"));
        }
    }
}
