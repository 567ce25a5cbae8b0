//! Times of the scope's exchanges: hours, raster and intervals; periods; hand-over; use since sign-up.

mod curves;
mod day;
mod hand_over;
mod heat_map;
mod intervals;
mod periods;
mod raster;
mod room;
mod uptake;

use crate::ui::theme;
use crate::ui::view::{View, ViewContext};

/// Width in points below which the pictures are stacked.
const SIDE_BY_SIDE: f32 = 760.0;
const UPPER_HEIGHT: f32 = 216.0;
/// Height in points below which all three pictures are side by side, so that none needs scrolling.
const LOW: f32 = UPPER_HEIGHT + 280.0;
/// Room for titles and choices over the pictures.
const TITLES: f32 = 54.0;

/// Charts that are shown together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Page {
    #[default]
    Calendar,
    Periods,
    HandOver,
    SinceSignUp,
}

/// Every page, with its name and what it shows.
const PAGES: [(Page, &str, &str); 4] = [
    (Page::Calendar, "calendar", "Hours of the week, accounts over time, intervals"),
    (Page::Periods, "periods", "Periodogram: cycles from minutes to weeks"),
    (Page::HandOver, "hand-over", "Exchanges by account, by hour of the day and over time"),
    (Page::SinceSignUp, "since sign-up", "Cumulative use by age of the account, with changes of level"),
];

/// The view's own state.
#[derive(Default)]
pub struct RhythmView {
    page: Page,
    week: heat_map::Week,
    intervals: intervals::Intervals,
    raster: raster::RasterPicture,
    periods: periods::Periods,
    hand_over: hand_over::HandOver,
    uptake: uptake::Uptake,
}

impl View for RhythmView {
    fn id(&self) -> &'static str {
        "rhythm"
    }

    fn title(&self) -> &'static str {
        "Rhythm"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        if cx.cache.hot().is_empty() {
            ui.weak("0 exchanges in this case. Import a snapshot first.");
            return;
        }
        if let Some(page) = cx.page {
            self.show(page);
        }
        ui.horizontal_wrapped(|ui| {
            for (page, name, what) in PAGES {
                ui.selectable_value(&mut self.page, page, name).on_hover_text(what);
            }
        });
        match self.page {
            Page::Calendar => self.calendar(ui, cx),
            Page::Periods => self.periods.ui(ui, cx),
            Page::HandOver => self.hand_over.ui(ui, cx),
            Page::SinceSignUp => self.uptake.ui(ui, cx),
        }
    }
}

impl RhythmView {
    /// Shows a page by its name, or a mode of the calendar.
    fn show(&mut self, name: &str) {
        if let Some((page, ..)) = PAGES.iter().find(|(_, known, _)| *known == name) {
            self.page = *page;
        } else if self.week.show(name) {
            self.page = Page::Calendar;
        }
    }

    /// Hours, raster and intervals.
    fn calendar(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let room = ui.available_height();
        // The bar stands beside the charts, not over them.
        ui.spacing_mut().scroll.floating_allocated_width = 8.0;
        egui::ScrollArea::vertical().id_salt("rhythm").auto_shrink([false, false]).show(ui, |ui| {
            if ui.available_width() >= SIDE_BY_SIDE && room < LOW {
                let height = (room - TITLES).max(110.0);
                ui.columns(3, |columns| {
                    self.week.ui(&mut columns[0], cx, height);
                    self.raster.ui(&mut columns[1], cx, height);
                    self.intervals.ui(&mut columns[2], cx, height);
                });
                return;
            }
            if ui.available_width() >= SIDE_BY_SIDE {
                ui.columns(2, |columns| {
                    self.week.ui(&mut columns[0], cx, UPPER_HEIGHT);
                    self.intervals.ui(&mut columns[1], cx, UPPER_HEIGHT);
                });
            } else {
                self.week.ui(ui, cx, UPPER_HEIGHT);
                self.intervals.ui(ui, cx, UPPER_HEIGHT);
            }
            ui.add_space(theme::GROUP_GAP);
            self.raster.ui(ui, cx, (room - UPPER_HEIGHT - 80.0).max(200.0));
        });
    }
}
