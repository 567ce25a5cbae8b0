//! Top values of an attribute in the scope, in the order of any column, with filter buttons.

use std::sync::Arc;

use egui::Sense;
use egui_extras::{Column, TableBuilder};

use crate::cache::Cache;
use crate::jobs::Slot;
use crate::model::{AttributeKind, Cancelled, Scope};
use crate::query::top_values::{TopValue, TopValues, top_values};
use crate::ui::view::{Command, PivotFrom, Selected, SideNames, View, ViewContext};
use crate::ui::widgets::keys::{self, Pressed, Step};
use crate::ui::widgets::{cells, picture};
use crate::ui::{pivot, theme, words};

/// Id of the view.
const ID: &str = "values";

/// Inputs of the list: version of both sides, attribute, order, true for the reversed order.
type Question = ((u64, u64), AttributeKind, Order, bool);

/// Column that orders the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    /// The value, from A to Z.
    Value,
    /// Accounts of the scope, most first.
    Here,
    /// Accounts of the other side, most first.
    There,
    /// Ratio of the shares, highest first.
    Ratio,
    /// Over-representation, highest first.
    #[default]
    Excess,
}

impl Order {
    /// The columns, from left to right.
    const ALL: [Self; 5] = [Self::Value, Self::Here, Self::There, Self::Ratio, Self::Excess];

    /// Order in words, as it follows `Order:`.
    fn in_words(self, names: SideNames) -> String {
        match self {
            Self::Value => "by value, A to Z".to_owned(),
            Self::Here => format!("most accounts in {} first", names[0]),
            Self::There => format!("most accounts in {} first", names[1]),
            Self::Ratio => "highest ratio of the shares first".to_owned(),
            Self::Excess => {
                format!("most over-represented in {} first: high ratio and many accounts", names[0])
            }
        }
    }

    /// Sorts values that are by over-representation; equals stay in that order.
    fn sort(self, cache: &Cache, list: &mut TopValues, reversed: bool) {
        let ratio = |of: &TopValue| f64::from(of.scope) / f64::from(of.peers);
        let name = |of: &TopValue| cache.values().get(of.value as usize).map(|value| &value.value);
        match self {
            Self::Value => list.values.sort_by(|a, b| name(a).cmp(&name(b))),
            Self::Here => list.values.sort_by_key(|of| std::cmp::Reverse(of.scope)),
            Self::There => list.values.sort_by_key(|of| std::cmp::Reverse(of.peers)),
            // Of values that only the scope has, that of most accounts.
            Self::Ratio => {
                list.values.sort_by(|a, b| ratio(b).total_cmp(&ratio(a)).then(b.scope.cmp(&a.scope)))
            }
            Self::Excess => {}
        }
        if reversed {
            list.values.reverse();
        }
    }
}

/// Values, and true where they are compared with a second scope.
type Answer = (TopValues, bool);

/// The view's own state.
#[derive(Default)]
pub struct ValuesView {
    kind: Option<AttributeKind>,
    order: Order,
    reversed: bool,
    list: Slot<Question, Answer>,
}

impl View for ValuesView {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Values"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let kinds: Vec<AttributeKind> = AttributeKind::ALL
            .into_iter()
            .filter(|kind| !cx.cache.values_of_kind(*kind).is_empty())
            .collect();
        let Some(&first) = kinds.first() else {
            ui.label(
                "0 attributes in this log: no payment methods, IP addresses, clients or sign-ups to compare.",
            );
            return;
        };
        let mut kind = self.kind.filter(|kind| kinds.contains(kind)).unwrap_or(first);
        ui.horizontal_wrapped(|ui| {
            for each in kinds {
                ui.selectable_value(&mut kind, each, each.title());
            }
        });
        self.kind = Some(kind);
        ui.horizontal_wrapped(|ui| {
            let reversed = if self.reversed { ", reversed" } else { "" };
            ui.label(format!("Order: {}{reversed}.", self.order(cx).in_words(cx.sides())));
            ui.weak("A click on a column's title changes it. Values that these accounts have at any time.");
        });
        self.ask(cx, kind);
        let rect = ui.available_rect_before_wrap();
        if let Some(list) = self.list.answer() {
            if list.0.values.is_empty() {
                keys::hold(ui, ID);
                picture::empty(ui, rect, "0 accounts of the scope have a value of this attribute.");
            } else {
                let to = moved(ui, cx, &list.0);
                if let Some(order) = table(ui, cx, list, to, (self.order(cx), self.reversed)) {
                    self.reversed = self.order(cx) == order && !self.reversed;
                    self.order = order;
                }
            }
        } else {
            keys::hold(ui, ID);
        }
        picture::of_slot(ui, rect, &self.list, cx);
    }
}

impl ValuesView {
    /// The chosen order; most accounts first where nothing is left to compare with.
    fn order(&self, cx: &ViewContext<'_>) -> Order {
        let has_peers = !cx.scope.is_everything() || cx.against.is_some();
        if self.order == Order::Excess && !has_peers { Order::Here } else { self.order }
    }

    fn ask(&mut self, cx: &ViewContext<'_>, kind: AttributeKind) {
        self.list.keep_for(cx.data_version);
        if let Some(pair) = cx.pair() {
            let cache = Arc::clone(cx.cache);
            let (order, reversed, compared) = (self.order(cx), self.reversed, cx.against.is_some());
            let question = (cx.pair_version(), kind, order, reversed);
            self.list.ask::<Cancelled>(cx.jobs, None, question, move |ticket| {
                let mut list = top_values(&cache, &pair, kind, true, ticket)?;
                order.sort(&cache, &mut list, reversed);
                Ok((list, compared))
            });
        }
        self.list.poll();
    }
}

/// Row that the arrow keys have reached in this frame, which is selected. Enter adds its value to the scope's filters.
fn moved(ui: &mut egui::Ui, cx: &ViewContext<'_>, list: &TopValues) -> Option<usize> {
    let Some(Pressed::Move { step, .. }) = keys::pressed(ui, ID, &[]) else { return None };
    let at = list.values.iter().position(|of| *cx.selected == Selected::Value(of.value));
    if step == Step::Enter {
        let value = at.and_then(|at| cx.cache.values().get(list.values[at].value as usize))?;
        cx.send(Command::SetScope(Scope::clone(cx.scope).with_value(value.kind, &value.value)));
        return None;
    }
    let to = step.from(at, list.values.len())?;
    cx.send(Command::Select(Selected::Value(list.values[to].value)));
    Some(to)
}

/// Draws the table; returns the column whose title was clicked.
fn table(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    (list, compared): &Answer,
    to: Option<usize>,
    order: (Order, bool),
) -> Option<Order> {
    let mut clicked = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut builder = TableBuilder::new(ui);
    if let Some(to) = to {
        builder = builder.scroll_to_row(to, None);
    }
    builder
        .cell_layout(cells::middle())
        .id_salt("top values")
        .striped(true)
        .sense(Sense::click())
        .auto_shrink(false)
        .column(Column::remainder().at_least(100.0).clip(true))
        .column(Column::initial(115.0).at_least(60.0).clip(true).resizable(true))
        .column(Column::initial(115.0).at_least(60.0).clip(true).resizable(true))
        .column(Column::initial(70.0).at_least(40.0).clip(true).resizable(true))
        .column(Column::initial(70.0).at_least(40.0).clip(true).resizable(true))
        .column(Column::exact(150.0))
        .header(theme::HEADER, |mut header| {
            for (of, (text, hint)) in Order::ALL.into_iter().zip(titles(*compared)) {
                header.col(|ui| {
                    if title(ui, of, text, hint, order) {
                        clicked = Some(of);
                    }
                });
            }
            header.col(|_| {});
        })
        .body(|body| {
            body.rows(theme::ROW, list.values.len(), |mut row| {
                let of = list.values[row.index()];
                line(&mut row, cx, &of, list);
            })
        });
    clicked
}

/// Titles of the columns, with explanations.
fn titles(compared: bool) -> [(&'static str, &'static str); 5] {
    let (scope, others, of_others) = match compared {
        true => ("A", "B", "Accounts of scope B outside scope A that have it, with their share"),
        false => ("scope", "others", "Accounts outside the scope that have it, with their share"),
    };
    [
        ("value", "Values of these accounts at any time. Cut in the middle where long"),
        (scope, "Accounts of the scope that have it, with their share"),
        (others, of_others),
        ("ratio", "Share in the scope, as a multiple of the share on the other side"),
        (
            "excess",
            "Over-representation: accounts × ln(share in the scope / share of both sides), in nats (G-test, Woolf 1957). \
             High where the ratio is high and many accounts have it",
        ),
    ]
}

/// Draws the title of a column; true if it was clicked.
fn title(ui: &mut egui::Ui, of: Order, text: &str, hint: &str, (by, reversed): (Order, bool)) -> bool {
    let arrow = match (by == of, reversed ^ (of == Order::Value)) {
        (false, _) => "",
        (true, false) => " ▼",
        (true, true) => " ▲",
    };
    let face = egui::RichText::new(format!("{text}{arrow}")).strong();
    let button = egui::Button::new(face).frame(false).truncate();
    let response = cells::title(ui, of != Order::Value, button).on_hover_text(hint);
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Sort values by {text}"))
    });
    response.clicked()
}

/// Accounts on both sides with their shares, and the ratio of the shares.
fn figures(of: &TopValue, list: &TopValues) -> [String; 3] {
    let share = |count: u32, of: u64| 100.0 * f64::from(count) / of.max(1) as f64;
    let (here, there) = (share(of.scope, list.inside), share(of.peers, list.outside));
    let inside = format!("{} ({here:.1} %)", words::count(u64::from(of.scope)));
    if list.outside == 0 {
        return [inside, "no other accounts".to_owned(), "–".to_owned()];
    }
    let outside = format!("{} ({there:.1} %)", words::count(u64::from(of.peers)));
    let ratio = if of.peers == 0 { "only here".to_owned() } else { format!("{:.1} ×", here / there) };
    [inside, outside, ratio]
}

fn line(row: &mut egui_extras::TableRow<'_, '_>, cx: &ViewContext<'_>, of: &TopValue, list: &TopValues) {
    let Some(value) = cx.cache.values().get(of.value as usize) else { return };
    let [here, there, ratio] = figures(of, list);
    let selected = *cx.selected == Selected::Value(of.value);
    row.set_selected(selected);
    row.col(|ui| {
        ui.label(words::middle(&value.value, 44)).on_hover_text(words::line(&value.value, 300));
    });
    let mut number = |text: String| {
        row.col(|ui| {
            cells::figure(ui, text);
        });
    };
    number(here);
    number(there);
    number(ratio);
    number(if list.outside == 0 { "–".to_owned() } else { format!("{:.1}", of.excess) });
    row.col(|ui| {
        let text = words::line(&value.value, 60);
        let button = |ui: &mut egui::Ui, title: &str, hint: &str| {
            let button = ui.small_button(title).on_hover_text(hint);
            let name = format!("{title}: {text}");
            button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            button.clicked()
        };
        ui.horizontal(|ui| {
            if button(ui, "only this", "Adds the value to the scope's filters") {
                cx.send(Command::SetScope(Scope::clone(cx.scope).with_value(value.kind, &value.value)));
            }
            if button(ui, "not this", "Excludes the accounts that have it") {
                cx.send(Command::SetScope(Scope::clone(cx.scope).without_value(value.kind, &value.value)));
            }
        });
    });
    let response = row.response();
    response.widget_info(|| {
        let label = format!("{} {}", value.kind.title_of(&value.value), words::line(&value.value, 60));
        egui::WidgetInfo::selected(egui::Role::Row, true, selected, label)
    });
    if response.clicked() {
        keys::focus(&response.ctx, ID);
        cx.send(Command::Select(Selected::Value(of.value)));
    }
    pivot::on(&response, cx, || PivotFrom::Value(of.value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_sides_that_were_counted() {
        let of = TopValue { value: 0, scope: 38, peers: 2, excess: 1.0 };
        let sides = |inside, outside| TopValues { values: vec![of], inside, outside };
        assert_eq!(figures(&of, &sides(40, 100)), ["38 (95.0 %)", "2 (2.0 %)", "47.5 ×"]);
        let alone = TopValue { peers: 0, ..of };
        assert_eq!(figures(&alone, &sides(40, 100))[2], "only here");
        assert_eq!(figures(&alone, &sides(40, 0)), ["38 (95.0 %)", "no other accounts", "–"]);
    }
}
