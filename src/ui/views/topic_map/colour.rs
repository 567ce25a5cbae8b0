//! Choice of the quantity that colours the dots, and its legend.

use std::sync::Arc;

use egui::{Align2, Color32, FontId, Rect, Role, WidgetInfo, pos2, vec2};

use crate::cache::AccountIndex;
use crate::leads::Leads;
use crate::query::topic_map::ColourBy;
use crate::ui::theme;
use crate::ui::view::ViewContext;
use crate::ui::widgets::option::option;
use crate::ui::widgets::ramp;

/// Slices of the case's time.
const TIMES: u16 = 24;
/// Number of leads, first of the ranking, with a colour of their own.
const GROUPS: usize = 7;

/// Quantity shown by colour. Comparable, so that it can be part of a slot's key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The topic.
    #[default]
    Topic,
    /// The lead.
    Leads,
    /// The time.
    Time,
    /// The percentile of a signal, by position in [`Leads::signals`].
    Signal(usize),
}

/// The choice, with its input of the query, made once.
#[derive(Default)]
pub struct ColourChoice {
    choice: Choice,
    made: Option<(Choice, Arc<Leads>, ColourBy)>,
}

impl ColourChoice {
    /// Draws the choice.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let present = format!("colour: {}", title(self.choice, cx.leads));
        let combo =
            egui::ComboBox::from_id_salt("colour by").selected_text(present.as_str()).show_ui(ui, |ui| {
                let signals = (0..cx.leads.signals.len()).map(Choice::Signal);
                for choice in [Choice::Topic, Choice::Leads, Choice::Time].into_iter().chain(signals) {
                    option(ui, &mut self.choice, choice, title(choice, cx.leads));
                }
            });
        combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &present));
    }

    /// The choice.
    pub fn choice(&self) -> Choice {
        self.choice
    }

    /// The choice as the query takes it.
    pub fn by(&mut self, leads: &Arc<Leads>) -> ColourBy {
        match &self.made {
            Some((choice, of, by)) if *choice == self.choice && Arc::ptr_eq(of, leads) => by.clone(),
            _ => {
                let by = make(self.choice, leads);
                self.made = Some((self.choice, Arc::clone(leads), by.clone()));
                by
            }
        }
    }

    /// Draws the legend in a corner of the map; returns its place. `in_time` for a map of a window of time.
    pub fn legend(&self, ui: &egui::Ui, cx: &ViewContext<'_>, rect: Rect, in_time: bool) -> Rect {
        let mut lines: Vec<(Color32, String)> = match self.choice {
            // The names on the map have the colours of their topics.
            Choice::Topic => vec![(theme::series(0), "topic; eight colours repeat".to_owned())],
            Choice::Leads => cx
                .leads
                .groups
                .iter()
                .take(GROUPS)
                .enumerate()
                .map(|(i, group)| (theme::series(i), group.name()))
                .collect(),
            Choice::Time => {
                vec![(ramp::order(0.0), "earliest".to_owned()), (ramp::order(1.0), "latest".to_owned())]
            }
            Choice::Signal(_) => vec![
                (ramp::order(0.0), "lowest percentile".to_owned()),
                (ramp::order(1.0), "highest percentile among its peers".to_owned()),
            ],
        };
        let rest = none(ui.visuals().dark_mode);
        match self.choice {
            Choice::Leads => lines.push((rest, "in none of these leads".to_owned())),
            Choice::Signal(_) => lines.push((rest, "not testable".to_owned())),
            Choice::Topic | Choice::Time => {}
        }
        let dark = ui.visuals().dark_mode;
        lines.push(match cx.against {
            Some(_) => (against(dark), "scope B, where A is not".to_owned()),
            None if in_time => (peers(dark), "outside the scope or the time".to_owned()),
            None => (peers(dark), "outside the scope".to_owned()),
        });
        let font = FontId::proportional(11.5);
        let height = 15.0 * lines.len() as f32 + 6.0;
        let ground =
            Rect::from_min_size(pos2(rect.left() + 6.0, rect.bottom() - height - 6.0), vec2(176.0, height));
        ui.painter().rect_filled(ground, 3.0, ui.visuals().panel_fill.gamma_multiply(0.9));
        for (i, (colour, text)) in lines.into_iter().enumerate() {
            let at = ground.min + vec2(9.0, 10.5 + 15.0 * i as f32);
            ui.painter().circle_filled(at, 4.0, colour);
            ui.painter().text(
                at + vec2(9.0, 0.0),
                Align2::LEFT_CENTER,
                text,
                font.clone(),
                ui.visuals().text_color(),
            );
        }
        ground
    }
}

/// The colour of a class of the map's cells.
pub fn of_class(choice: Choice, class: u16, dark: bool) -> Color32 {
    if class == u16::MAX {
        return none(dark);
    }
    match choice {
        Choice::Topic | Choice::Leads => theme::series(usize::from(class)),
        Choice::Time => ramp::order(f32::from(class) / f32::from(TIMES - 1)),
        Choice::Signal(_) => ramp::order(f32::from(class) / 9.0),
    }
}

/// Exchanges outside the scope.
pub fn peers(dark: bool) -> Color32 {
    if dark { Color32::from_gray(0x3c) } else { Color32::from_gray(0xd4) }
}

/// Exchanges of the second scope.
pub fn against(dark: bool) -> Color32 {
    if dark { Color32::from_rgb(0x8a, 0x55, 0x76) } else { Color32::from_rgb(0xdf, 0xa8, 0xc9) }
}

/// Exchanges of the scope without a class.
fn none(dark: bool) -> Color32 {
    if dark { Color32::from_gray(0x90) } else { Color32::from_gray(0x88) }
}

fn title(choice: Choice, leads: &Leads) -> String {
    match choice {
        Choice::Topic => "topic".to_owned(),
        Choice::Leads => "leads".to_owned(),
        Choice::Time => "time".to_owned(),
        Choice::Signal(i) => leads.signals.get(i).map_or_else(
            || "signal".to_owned(),
            |signal| format!("{} {}, percentile", signal.about.id, signal.about.title),
        ),
    }
}

fn make(choice: Choice, leads: &Leads) -> ColourBy {
    match choice {
        Choice::Topic => ColourBy::Topic,
        Choice::Leads => {
            ColourBy::Groups(leads.groups.iter().take(GROUPS).map(|group| group.accounts.clone()).collect())
        }
        Choice::Time => ColourBy::Time(TIMES),
        Choice::Signal(i) => {
            let accounts = 0..leads.signals.get(i).map_or(0, |signal| signal.outcomes.len() as AccountIndex);
            let percentile = |account| leads.signals[i].percentile(account).unwrap_or(f32::NAN);
            ColourBy::AccountValue(Arc::new(accounts.map(percentile).collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanges_without_a_class_are_grey() {
        for choice in [Choice::Topic, Choice::Leads, Choice::Time, Choice::Signal(0)] {
            assert_eq!(of_class(choice, u16::MAX, true), none(true));
            assert_ne!(of_class(choice, 0, true), none(true));
        }
        assert_eq!(of_class(Choice::Time, TIMES - 1, false), ramp::order(1.0));
        assert_eq!(of_class(Choice::Signal(2), 9, false), ramp::order(1.0));
    }
}
