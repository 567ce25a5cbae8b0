//! The pivot menu of all views: accounts behind a selected thing, and steps from them with their counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Id, Key, Modifiers, Pos2, Role, WidgetInfo};

use super::scopes;
use super::unsent::Unsent;
use super::view::{Command, PivotFrom, Selected, ViewContext};
use super::widgets::event_form::EventForm;
use super::widgets::heat_map;
use super::{theme, words};
use crate::cache::{AccountIndex, Cache, CacheError};
use crate::jobs::{Slot, Ticket};
use crate::leads::Leads;
use crate::model::{Micros, Scope, TimeSpan, Zone, format_duration};
use crate::query::bars::{in_hours, on_day_of_age, with_interval};
use crate::query::pivots::{Pivot, PivotTo, pivots};
use crate::query::{Selection, select};

/// Maximum number of offered values.
const MAX_VALUES: usize = 14;
/// Width of the menu, in points.
const WIDTH: f32 = 400.0;
/// Largest height of the list of steps, in points.
const LIST: f32 = 320.0;
/// Room for what stands above the list, in points.
const ABOVE: f32 = 420.0;
/// Time around an exchange that the menu offers, in microseconds to either side.
const AROUND: i64 = 3_600_000_000;

/// Accounts and exchanges behind the origin, and the steps from there.
struct Steps {
    accounts: Vec<AccountIndex>,
    exchanges: u64,
    steps: Vec<Pivot>,
}

/// The menu; closed without an origin.
#[derive(Default)]
pub struct PivotMenu {
    from: Option<PivotFrom>,
    at: Option<Pos2>,
    /// Form for an event, where the origin has a time.
    event: Option<EventForm>,
    steps: Slot<(PivotFrom, u64), Steps>,
    /// True in the frame in which it was opened.
    opens: bool,
    chosen: usize,
    /// Widget that had the keyboard before and gets it back.
    before: Option<Id>,
}

impl PivotMenu {
    /// Opens the menu at the pointer, else in the middle.
    pub fn open(&mut self, ctx: &egui::Context, from: PivotFrom, moment: Option<Micros>) {
        let pointer = ctx.input(|input| input.pointer.latest_pos());
        self.at = Some(pointer.unwrap_or_else(|| ctx.content_rect().center()));
        (self.from, self.opens, self.chosen) = (Some(from), true, 0);
        self.before = ctx.memory(egui::Memory::focused);
        self.event = moment.map(EventForm::new);
        self.steps.clear();
    }

    /// The description of an event that was typed and not added.
    pub fn unsent(&self) -> Option<Unsent> {
        self.from.as_ref().and(self.event.as_ref()).and_then(EventForm::unsent)
    }

    /// True while the menu is open.
    pub fn is_open(&self) -> bool {
        self.from.is_some()
    }

    /// Draws the menu while it is open.
    pub fn ui(&mut self, ctx: &egui::Context, cx: &ViewContext<'_>) {
        let Some(from) = self.from.clone() else { return };
        self.ask(cx, &from);
        let mut done = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        let area = egui::Area::new(Id::unique("pivot menu"))
            .order(egui::Order::Foreground)
            .constrain(true)
            .fixed_pos(self.at.unwrap_or_default());
        let area = area.show(ctx, |ui| {
            egui::Frame::popup(ui.style()).show(ui, |ui| {
                ui.set_width(WIDTH);
                take_keys(ui, self.opens);
                done |= self.content(ui, cx, &from);
            });
        });
        let outside = ctx.input(|input| input.pointer.any_pressed())
            && !ctx.pointer_latest_pos().is_some_and(|pos| area.response.rect.contains(pos));
        if done || (outside && !self.opens) {
            self.from = None;
            if let Some(before) = self.before.take().filter(|_| !outside) {
                ctx.memory_mut(|memory| memory.request_focus(before));
            }
        }
        self.opens = false;
    }

    fn ask(&mut self, cx: &ViewContext<'_>, from: &PivotFrom) {
        let (cache, leads) = (Arc::clone(cx.cache), Arc::clone(cx.leads));
        let selection = cx.selection.cloned();
        let question = (from.clone(), cx.data_version);
        let (asked, zone) = (from.clone(), cx.zone.clone());
        self.steps.ask::<CacheError>(cx.jobs, None, question, move |ticket| {
            let (accounts, exchanges) =
                behind(&cache, &leads, (selection.as_deref(), &zone), &asked, ticket)?;
            let mut steps = pivots(&cache, &accounts, MAX_VALUES, ticket)?;
            if let PivotFrom::Value(value) = asked {
                steps.retain(|step| step.to != PivotTo::Value(value));
            }
            Ok(Steps { accounts, exchanges, steps })
        });
        self.steps.poll();
    }

    /// Draws the content; true once a step was chosen.
    fn content(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, from: &PivotFrom) -> bool {
        ui.strong(title(cx, from));
        let mut done = false;
        if let Some(failure) = self.steps.failure() {
            ui.colored_label(ui.visuals().error_fg_color, failure);
        }
        let Some(found) = self.steps.answer() else {
            ui.spinner();
            return false;
        };
        let [one, many] = match from {
            PivotFrom::Interval(_) => ["interval", "intervals"],
            _ => ["exchange", "exchanges"],
        };
        ui.weak(format!(
            "{}, {}",
            words::counted(found.accounts.len() as u64, "account", "accounts"),
            words::counted(found.exchanges, one, many)
        ));
        let mut typing = false;
        ui.horizontal_wrapped(|ui| {
            done |= own(ui, cx, from, found);
            if let Some(event) = &mut self.event {
                let used = event.ui(ui, cx);
                done |= used.added;
                typing = used.typing;
            }
        });
        ui.separator();
        if found.steps.is_empty() {
            ui.weak("0 values shared with other accounts.");
        } else {
            ui.weak("Accounts with the same value, rarest value first. Click sets the scope; + adds them.");
        }
        let by = ui.input_mut(|input| {
            let down = input.consume_key(Modifiers::NONE, Key::ArrowDown);
            let up = input.consume_key(Modifiers::NONE, Key::ArrowUp);
            isize::from(down) - isize::from(up)
        });
        self.chosen = self.chosen.saturating_add_signed(by).min(found.steps.len().saturating_sub(1));
        let enter =
            !typing && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) && !self.opens;
        // In a low window the list leaves room for what stands above it.
        let room = (ui.ctx().content_rect().height() - ABOVE).clamp(80.0, LIST);
        egui::ScrollArea::vertical().max_height(room).min_scrolled_height(room).show(ui, |ui| {
            for (i, step) in found.steps.iter().enumerate() {
                let top = ui.cursor().top();
                done |= row(ui, cx, step, i == self.chosen, enter);
                if by != 0 && i == self.chosen {
                    let rows = top..=ui.cursor().top();
                    ui.scroll_to_rect(egui::Rect::from_x_y_ranges(ui.min_rect().x_range(), rows), None);
                }
            }
        });
        done
    }
}

/// Gives the keyboard to the menu, so that no table reacts to its arrow keys.
fn take_keys(ui: &mut egui::Ui, opens: bool) {
    let id = Id::unique("pivot keys");
    let rect = egui::Rect::from_min_size(ui.cursor().min, egui::vec2(ui.available_width(), 0.0));
    let response = ui.interact(rect, id, egui::Sense::focusable_noninteractive());
    response
        .widget_info(|| WidgetInfo::labeled(Role::Group, true, "Pivot menu: arrow keys move, Enter chooses"));
    if opens {
        response.request_focus();
    }
    if response.has_focus() {
        let arrows = egui::EventFilter { vertical_arrows: true, ..egui::EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
    }
}

/// Accounts and exchanges behind an origin.
fn behind(
    cache: &Cache,
    leads: &Leads,
    (selection, zone): (Option<&Selection>, &Zone),
    from: &PivotFrom,
    ticket: &Ticket,
) -> Result<(Vec<AccountIndex>, u64), CacheError> {
    let of = |accounts: Vec<AccountIndex>| {
        let known = cache.accounts();
        let exchanges =
            accounts.iter().filter_map(|at| known.get(*at as usize)).map(|a| u64::from(a.exchanges));
        let exchanges = exchanges.sum();
        (accounts, exchanges)
    };
    let scope = match from {
        PivotFrom::Account(account) => return Ok(of(vec![*account])),
        PivotFrom::Accounts(accounts) | PivotFrom::Named(_, accounts) => return Ok(of(accounts.to_vec())),
        PivotFrom::Lead(at) => {
            return Ok(of(leads.groups.get(*at).map_or_else(Vec::new, |group| group.accounts.clone())));
        }
        PivotFrom::Value(value) => {
            let exchanges = cache.values().get(*value as usize).map_or(0, |value| value.exchanges);
            return Ok((cache.accounts_with(*value).to_vec(), exchanges));
        }
        PivotFrom::Exchange(row) => return Ok((vec![cache.hot().account_of(*row)], 1)),
        PivotFrom::Scope => {
            return Ok(
                selection.map_or_else(Default::default, |rows| (rows.accounts.clone(), rows.exchanges))
            );
        }
        PivotFrom::HourOfWeek(_) | PivotFrom::HourOfDay(_) => {
            let Some(selection) = selection else { return Ok(<_>::default()) };
            let is_in = |hour: u8| match *from {
                PivotFrom::HourOfWeek(of) => hour == of,
                PivotFrom::HourOfDay(of) => hour % 24 == of,
                _ => false,
            };
            let hours: Vec<bool> = (0..168).map(is_in).collect();
            return Ok(in_hours(cache, selection, zone, &hours, ticket)?);
        }
        PivotFrom::Interval(ends) => {
            let Some(selection) = selection else { return Ok(<_>::default()) };
            return Ok(with_interval(cache, selection, *ends, ticket)?);
        }
        PivotFrom::DayOfAge(day) => {
            let Some(selection) = selection else { return Ok(<_>::default()) };
            return Ok(on_day_of_age(cache, selection, *day, ticket)?);
        }
        PivotFrom::Topic(topic) => {
            let label = cache.topics().get(usize::from(*topic)).map_or_else(String::new, |t| t.label.clone());
            Scope::default().with_topics(BTreeMap::from([(*topic, label)]))
        }
        PivotFrom::Span(span) => Scope::default().with_span(*span),
    };
    let found = select(cache, &scope, ticket)?;
    Ok((found.accounts, found.exchanges))
}

fn title(cx: &ViewContext<'_>, from: &PivotFrom) -> String {
    match from {
        PivotFrom::Account(account) => format!("From account {}", words::account(cx.cache, *account)),
        PivotFrom::Accounts(accounts) => {
            format!("From {}", words::counted(accounts.len() as u64, "account", "accounts"))
        }
        PivotFrom::Lead(at) => format!("From {}", words::lead(cx.leads, *at)),
        PivotFrom::Value(value) => format!("From {}", words::middle(&scopes::label_of(cx, *value), 48)),
        PivotFrom::Topic(topic) => {
            let label = cx.cache.topics().get(usize::from(*topic)).map_or("", |topic| topic.label.as_str());
            format!("From topic {topic}: {}", words::line(label, 40))
        }
        PivotFrom::Exchange(_) => "From an exchange".to_owned(),
        PivotFrom::Span(span) => {
            format!("From {} to {} {}", cx.zone.format(span.start), cx.zone.format(span.end), cx.zone.name())
        }
        PivotFrom::HourOfWeek(hour) => {
            format!("From {} {} in the scope", heat_map::name(usize::from(*hour)), cx.zone.name())
        }
        PivotFrom::HourOfDay(hour) => {
            format!("From {hour:02}:00–{:02}:00 {} in the scope", hour + 1, cx.zone.name())
        }
        PivotFrom::Interval([from, to]) => {
            format!("From intervals of {} to {} in the scope", format_duration(*from), format_duration(*to))
        }
        PivotFrom::DayOfAge(day) => format!("From day {day} since sign-up in the scope"),
        PivotFrom::Scope => "From the accounts of the scope".to_owned(),
        PivotFrom::Named(title, _) => format!("From {title}"),
    }
}

/// Buttons on the origin itself; true once one was pressed.
fn own(ui: &mut egui::Ui, cx: &ViewContext<'_>, from: &PivotFrom, found: &Steps) -> bool {
    let mut done = false;
    let mut button = |ui: &mut egui::Ui, text: &str, hint: &str| {
        let clicked = ui.small_button(text).on_hover_text(hint).clicked();
        done |= clicked;
        clicked
    };
    let label = title(cx, from);
    let label = label.strip_prefix("From ").unwrap_or(&label);
    if button(ui, "Scope to these accounts", "Sets the scope to the accounts, in the present time and topics")
    {
        let scope = match from {
            PivotFrom::Lead(at) if cx.leads.groups.get(*at).is_some() => {
                scopes::of_lead(cx, &cx.leads.groups[*at])
            }
            _ => scopes::of_accounts(cx, label, &found.accounts),
        };
        cx.send(Command::SetScope(scope));
    }
    if button(ui, "Add them", "Adds the accounts to those of the scope") {
        cx.send(Command::SetScope(scopes::with_more(cx, &found.accounts)));
    }
    match from {
        PivotFrom::Value(value) => {
            if let Some(value) = cx.cache.values().get(*value as usize)
                && button(ui, "Only its exchanges", "Adds the value to the scope's filters")
            {
                cx.send(Command::SetScope(Scope::clone(cx.scope).with_value(value.kind, &value.value)));
            }
        }
        PivotFrom::Topic(topic) => {
            let pressed = button(ui, "Only its exchanges", "Sets the topic of the scope");
            if pressed {
                let label =
                    cx.cache.topics().get(usize::from(*topic)).map_or("", |topic| topic.label.as_str());
                let one = BTreeMap::from([(*topic, label.to_owned())]);
                cx.send(Command::SetScope(Scope::clone(cx.scope).with_topics(one)));
            }
        }
        PivotFrom::Span(span) => {
            let pressed = button(ui, "Only this time", "Sets the time span of the scope");
            if pressed {
                cx.send(Command::SetScope(Scope::clone(cx.scope).with_span(*span)));
            }
        }
        PivotFrom::Exchange(row) => {
            if let Some(&ts) = cx.cache.hot().ts.get(*row as usize)
                && button(
                    ui,
                    "All accounts, 1 h around it",
                    "Sets the scope to the hours before and after it",
                )
            {
                let span = TimeSpan { start: ts - AROUND, end: ts + AROUND };
                cx.send(Command::SetScope(Scope {
                    accounts: None,
                    ..Scope::clone(cx.scope).with_span(span)
                }));
            }
        }
        _ => {}
    }
    if button(ui, "Show links", "Sets the scope to the accounts and shows their shared values") {
        cx.send(Command::SetScope(scopes::of_accounts(cx, label, &found.accounts)));
        cx.send(Command::ShowView("links"));
    }
    done
}

/// Draws one step; true once it was chosen.
fn row(ui: &mut egui::Ui, cx: &ViewContext<'_>, step: &Pivot, is_chosen: bool, enter: bool) -> bool {
    let (what, rarity) = match step.to {
        PivotTo::Value(value) => {
            let bits = step.bits.map_or_else(String::new, |bits| format!(", {bits:.1} bits"));
            (scopes::label_of(cx, value), bits)
        }
        PivotTo::Topic(topic) => {
            let label = cx.cache.topics().get(usize::from(topic)).map_or("", |topic| topic.label.as_str());
            (format!("topic {topic} {label}"), String::new())
        }
    };
    let numbers = format!(
        "{} of {} · {}{rarity}",
        words::count(u64::from(step.given)),
        words::counted(step.accounts.len() as u64, "account", "accounts"),
        words::counted(step.exchanges, "exchange", "exchanges"),
    );
    let mut done = false;
    ui.horizontal(|ui| {
        let add = ui.small_button("+").on_hover_text("Adds these accounts to the scope");
        add.widget_info(|| {
            WidgetInfo::labeled(Role::Button, true, format!("Add all with {}", words::line(&what, 60)))
        });
        if add.clicked() {
            cx.send(Command::SetScope(scopes::with_more(cx, &step.accounts)));
            done = true;
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let width = ui.available_width();
            let text = words::middle(&what, 52);
            // The empty text at the right edge keeps the name at the left.
            let button = egui::Button::selectable(is_chosen, text.as_str()).right_text("").truncate();
            let button = ui.add_sized([width, theme::ROW], button);
            button.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{text}: {numbers}")));
            ui.weak(&numbers);
            if button.on_hover_text(words::line(&what, 300)).clicked() || (is_chosen && enter) {
                cx.send(Command::SetScope(scopes::of_accounts(cx, &what, &step.accounts)));
                let selected = match step.to {
                    PivotTo::Value(value) => Selected::Value(value),
                    PivotTo::Topic(topic) => Selected::Topic(topic),
                };
                cx.send(Command::Select(selected));
                done = true;
            }
        });
    });
    done
}

/// Origin of a pivot from the selection; `None` if it has no accounts.
pub fn of_selected(cx: &ViewContext<'_>) -> Option<PivotFrom> {
    match cx.selected {
        Selected::Account(account) => Some(PivotFrom::Account(*account)),
        Selected::Lead(at) => Some(PivotFrom::Lead(*at)),
        Selected::Exchange(row) => Some(PivotFrom::Exchange(*row)),
        Selected::Value(value) => Some(PivotFrom::Value(*value)),
        Selected::Topic(topic) => Some(PivotFrom::Topic(*topic)),
        Selected::Saved(_) | Selected::Evidence(_) | Selected::Nothing => None,
    }
}

/// Opens the menu on a right-click on a widget, or on `p` while it has the keyboard.
pub fn on(response: &egui::Response, cx: &ViewContext<'_>, from: impl FnOnce() -> PivotFrom) {
    if is_asked(response) {
        cx.send(Command::Pivot(from()));
    }
}

/// True if the menu of a widget is asked for; takes the key.
pub fn is_asked(response: &egui::Response) -> bool {
    let pressed = || response.ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::P));
    response.secondary_clicked() || response.has_focus() && pressed()
}
