//! Prices of tokens, and the loss log.

use egui::{ComboBox, Role, Ui, WidgetInfo};

use super::field::{button, form, line, text, time};
use super::list::{self, Line};
use super::with_document::WithDocument;
use crate::case::legal::{Amount, LegalDecision, LegalItem, Loss, Price};
use crate::model::AttributeKind;
use crate::ui::theme;
use crate::ui::unsent::Unsent;
use crate::ui::view::ViewContext;
use crate::ui::widgets::option::option;
use crate::ui::words;

/// Drafts.
#[derive(Default)]
pub(super) struct Money {
    model: Option<String>,
    input: String,
    output: String,
    currency: String,
    source: String,
    from: String,
    until: String,
    date: String,
    amount: String,
    loss_currency: String,
    loss: String,
    document: WithDocument,
}

impl Money {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        let prices = cx.state.legal.prices().map(|(number, price)| Line {
            number,
            said: format!(
                "{}: {} input, {} output {} a million tokens",
                price.model.as_deref().unwrap_or("every other model"),
                price.input,
                price.output,
                price.currency
            ),
            more: format!("{}; {}", validity(price, cx), price.source),
        });
        let empty = "0 prices. Without a price no cost is computed.";
        list::ui(ui, cx, "Prices of tokens", prices.collect(), empty);
        self.price_form(ui, cx);
        let losses = cx.state.legal.losses().map(|(number, loss)| Line {
            number,
            said: format!("{}: {} {}", cx.zone.format_date(loss.date), loss.amount, loss.currency),
            more: format!("{} {}", loss.text, list::document(loss.document.as_ref())),
        });
        let empty = "0 losses. Add what was paid or lost, each with its date and document.";
        list::ui(ui, cx, "Loss log", losses.collect(), empty);
        self.loss_form(ui, cx);
    }

    fn price_form(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        form(ui, "price", |ui| {
            ui.label("Model");
            models(ui, cx, &mut self.model);
            ui.end_row();
            line(ui, "Input, a million tokens", "3.00", &mut self.input);
            line(ui, "Output, a million tokens", "15.00", &mut self.output);
            line(ui, "Currency", "USD", &mut self.currency);
            line(ui, "Source of the price", "price list of 2026-01-15", &mut self.source);
            line(ui, "In force from", "2026-01-15, or nothing", &mut self.from);
            line(ui, "No longer in force from", "2026-07-01, or nothing", &mut self.until);
        });
        let bound = |text: &str| match text.trim() {
            "" => Some(None),
            typed => time(typed, cx).map(Some),
        };
        let bounds = bound(&self.from).zip(bound(&self.until));
        let amounts = self.input.parse::<Amount>().ok().zip(self.output.parse::<Amount>().ok());
        let missing = if amounts.is_none() {
            Some("Enter both prices, such as 3 and 15.00.")
        } else if self.currency.trim().is_empty() || self.source.trim().is_empty() {
            Some("Enter the currency and the source of the price.")
        } else if bounds.is_none() {
            Some("Enter dates such as 2026-01-15, or nothing for no bound.")
        } else if bounds
            .is_some_and(|(from, until)| from.zip(until).is_some_and(|(from, until)| until <= from))
        {
            Some("The end of the price has to be after its beginning.")
        } else {
            None
        };
        if let (true, Some((input, output))) = (button(ui, cx, "Add price", missing), amounts) {
            let (currency, source) = (self.currency.trim().to_owned(), self.source.trim().to_owned());
            let (from, until) = bounds.unwrap_or_default();
            let model = self.model.take();
            let item = LegalItem::Price(Price { model, input, output, currency, source, from, until });
            list::record(cx, LegalDecision::Recorded { number: 0, item });
            [&mut self.input, &mut self.output, &mut self.from, &mut self.until]
                .into_iter()
                .for_each(String::clear);
        }
        ui.add_space(theme::GROUP_GAP);
    }

    fn loss_form(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        form(ui, "loss", |ui| {
            line(ui, "Date of the loss", "2026-05-21", &mut self.date);
            line(ui, "Amount of the loss", "12500.00", &mut self.amount);
            line(ui, "Currency of the loss", "USD", &mut self.loss_currency);
            text(ui, "Description of the loss", "what was paid or lost", &mut self.loss);
            self.document.ui(ui, cx);
        });
        let ready = time(&self.date, cx).zip(self.amount.parse::<Amount>().ok());
        let missing = if ready.is_none() {
            Some("Enter a date such as 2026-05-21 and an amount such as 12500.")
        } else if self.loss_currency.trim().is_empty() || self.loss.trim().is_empty() {
            Some("Enter the currency and a description.")
        } else {
            None
        };
        if let (true, Some((date, amount))) = (button(ui, cx, "Add loss", missing), ready) {
            let (currency, text) = (self.loss_currency.trim().to_owned(), self.loss.trim().to_owned());
            let loss = Loss { date, amount, currency, text, document: None };
            self.document.record(cx, LegalItem::Loss(loss));
            [&mut self.date, &mut self.amount, &mut self.loss].into_iter().for_each(String::clear);
        }
    }

    pub(super) fn poll(&mut self, cx: &ViewContext<'_>) {
        self.document.poll(cx);
    }

    pub(super) fn unsent(&self) -> Vec<Unsent> {
        let price = format!("{} {} {} {}", self.input, self.output, self.from, self.until);
        let loss = format!("{} {} {}", self.date, self.amount, self.loss);
        [("price", price), ("loss", loss)]
            .into_iter()
            .filter_map(|(name, text)| Unsent::of(name, &text))
            .collect()
    }
}

/// Times at which a price is in force, in words.
fn validity(price: &Price, cx: &ViewContext<'_>) -> String {
    let from = price.from.map(|from| format!("from {}", cx.zone.format(from)));
    let until = price.until.map(|until| format!("until {}", cx.zone.format(until)));
    let bounds: Vec<String> = from.into_iter().chain(until).collect();
    if bounds.is_empty() {
        "at all times".to_owned()
    } else {
        format!("{} {}", bounds.join(" "), cx.zone.name())
    }
}

/// Chooses one of the log's models, or every model without a price of its own.
fn models(ui: &mut Ui, cx: &ViewContext<'_>, chosen: &mut Option<String>) {
    const OTHERS: &str = "every other model";
    let shown = chosen.as_deref().map_or(OTHERS.to_owned(), |model| words::line(model, 60));
    let combo = ComboBox::from_id_salt("model of the price").selected_text(&shown).show_ui(ui, |ui| {
        option(ui, chosen, None, OTHERS);
        for value in &cx.cache.values()[cx.cache.values_of_kind(AttributeKind::Model)] {
            option(ui, chosen, Some(value.value.clone()), words::line(&value.value, 60));
        }
    });
    let name = format!("Model of the price: {shown}");
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
}
