//! An exchange in the inspector, without its text, which only the Exchanges view shows.

use super::answer::Answer;
use crate::model::Scope;
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::words;

/// Draws the exchange.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, answer: Option<&Answer>) {
    let Some(exchange) = answer.and_then(|answer| answer.exchange.as_ref()) else {
        ui.spinner();
        return;
    };
    if ui.link(words::account(cx.cache, exchange.account)).clicked() {
        cx.send(Command::Select(Selected::Account(exchange.account)));
    }
    let lead =
        cx.leads.rank_of.get(exchange.account as usize).and_then(|at| cx.leads.accounts.get(*at as usize));
    if let Some(at) = lead.and_then(|lead| lead.group)
        && ui.link(format!("member of {}", words::lead(cx.leads, at as usize))).clicked()
    {
        cx.send(Command::Select(Selected::Lead(at as usize)));
    }
    ui.label(format!("{} {}", cx.zone.format(exchange.ts), cx.zone.name()));
    egui::Grid::new("exchange").num_columns(2).show(ui, |ui| {
        let number = |n: Option<u32>| n.map(|n| words::count(u64::from(n)));
        let topic = exchange.topic.and_then(|topic| cx.cache.topics().get(usize::from(topic)));
        let facts = [
            ("topic", topic.map(|topic| words::line(&topic.label, 40))),
            ("model", exchange.model.as_deref().map(|text| words::line(text, 40))),
            ("IP", exchange.ip.as_deref().map(|text| words::line(text, 40))),
            ("input tokens", number(exchange.input_tokens)),
            ("output tokens", number(exchange.output_tokens)),
            ("latency, ms", number(exchange.latency_ms)),
            ("stop reason", exchange.stop_reason.as_deref().map(|text| words::line(text, 40))),
        ];
        for (name, value) in facts {
            ui.add(egui::Label::new(egui::RichText::new(name).weak()).extend());
            ui.vertical(|ui| ui.add(egui::Label::new(value.as_deref().unwrap_or("–")).wrap()));
            ui.end_row();
        }
    });
    let place = &exchange.exchange;
    ui.weak(format!("row {} of {}", place.row, words::line(&place.file, 60)))
        .on_hover_text(place.to_string());
    ui.horizontal_wrapped(|ui| {
        if ui.button("Go to its text").clicked() {
            cx.send(Command::ShowView("exchanges"));
        }
        if ui.button("Set scope to its account").clicked()
            && let Some(account) = cx.cache.accounts().get(exchange.account as usize)
        {
            cx.send(Command::SetScope(Scope::clone(cx.scope).with_account(account.id.clone())));
        }
    });
}
