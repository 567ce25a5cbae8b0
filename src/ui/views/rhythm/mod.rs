//! Times of the scope's exchanges: hour of the week, raster, intervals.

mod day;
mod heat_map;
mod intervals;
mod raster;

use crate::ui::theme;
use crate::ui::unsent::Unsent;
use crate::ui::view::{View, ViewContext};

/// Width in points below which the pictures are stacked.
const SIDE_BY_SIDE: f32 = 760.0;
const UPPER_HEIGHT: f32 = 216.0;
/// Height in points below which all three pictures are side by side, so that none needs scrolling.
const LOW: f32 = UPPER_HEIGHT + 280.0;
/// Room for titles and choices over the pictures.
const TITLES: f32 = 54.0;

/// The view's own state.
#[derive(Default)]
pub struct RhythmView {
    week: heat_map::Week,
    intervals: intervals::Intervals,
    raster: raster::RasterPicture,
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
        let room = ui.available_height();
        egui::ScrollArea::vertical().id_salt("rhythm").auto_shrink([false, false]).show(ui, |ui| {
            if ui.available_width() >= SIDE_BY_SIDE && room < LOW {
                let height = (room - TITLES).max(140.0);
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

    fn unsent(&self, _cx: &ViewContext<'_>) -> Vec<Unsent> {
        self.raster.unsent().into_iter().collect()
    }
}
