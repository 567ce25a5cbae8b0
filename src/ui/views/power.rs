//! Power: share of campaigns, planted into a copy of this case, that would have been found.

use std::sync::Arc;

use egui::{DragValue, Role, WidgetInfo};
use egui_plot::{Corner, GridMark, Legend, Line, Plot, PlotPoints};

use crate::evaluation::{CARE_LEVELS, Power, StoredPower, power};
use crate::jobs::{Slot, SlotState};
use crate::ui::theme;
use crate::ui::view::{View, ViewContext};
use crate::ui::widgets::{axes, follow_focus};
use crate::ui::words;

/// Title of the job.
const JOB: &str = "planting campaigns";

/// Default number of planted campaigns of each size and level of care.
const DRAWS: u32 = 20;

/// Seed of the draws.
const SEED: u64 = 1;

/// Height of the chart, in points.
const HEIGHT: f32 = 180.0;

/// The view's own state.
pub struct PowerView {
    draws: u32,
    /// Number of runs requested.
    asked: u64,
    /// Figures kept in the cache, by its version.
    kept: Slot<u64, Option<StoredPower>>,
    /// Figures of the last run.
    planted: Slot<u64, StoredPower>,
    /// Version of the cache of the last run.
    planted_in: Option<u64>,
}

impl Default for PowerView {
    fn default() -> Self {
        Self { draws: DRAWS, asked: 0, kept: Slot::default(), planted: Slot::default(), planted_in: None }
    }
}

impl View for PowerView {
    fn id(&self) -> &'static str {
        "power"
    }

    fn title(&self) -> &'static str {
        "Power"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.ask_for_kept(cx);
        self.planted.poll();
        egui::ScrollArea::vertical().id_salt("power").auto_shrink([false, false]).show(ui, |ui| {
            ui.strong("Share of planted campaigns that would have been found in this case");
            ui.weak(
                "Campaigns made of this case's own prompts and accounts are planted into a copy in memory.",
            );
            self.buttons(ui, cx);
            self.result(ui);
            follow_focus::scroll(ui);
        });
    }
}

impl PowerView {
    fn ask_for_kept(&mut self, cx: &ViewContext<'_>) {
        let cache = Arc::clone(cx.cache);
        let question = cx.data_version;
        if self.planted_in.is_some_and(|of| of != question) {
            // The case has other exchanges by now.
            self.planted.clear();
            self.planted_in = None;
        }
        self.kept.ask(cx.jobs, None, question, move |_| StoredPower::load(&cache));
        self.kept.poll();
    }

    fn buttons(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            let pending = self.planted.state() == SlotState::Pending;
            let label = ui.label("Campaigns of each kind");
            ui.add(DragValue::new(&mut self.draws).range(5..=1_000)).labelled_by(label.id);
            if ui.add_enabled(!pending, egui::Button::new("Plant campaigns")).clicked() {
                self.plant(cx);
            }
            if pending {
                ui.spinner();
                if ui.button("Stop").clicked() {
                    self.planted.cancel();
                }
            }
        });
    }

    fn plant(&mut self, cx: &ViewContext<'_>) {
        self.asked += 1;
        let (cache, draws) = (Arc::clone(cx.cache), self.draws);
        self.planted_in = Some(cx.data_version);
        self.planted.ask(cx.jobs, Some(JOB), self.asked, move |ticket| {
            let figures = power(&cache, draws as usize, SEED, ticket)?;
            let kept = StoredPower { draws, seed: SEED, figures };
            kept.save(&cache)?;
            Ok::<_, crate::cache::CacheError>(kept)
        });
    }

    fn result(&self, ui: &mut egui::Ui) {
        let failure = self.planted.failure().or_else(|| self.kept.failure());
        if let Some(failure) = failure.filter(|_| self.planted.state() != SlotState::Pending) {
            let text = format!("0 campaigns planted: {}", words::line(failure, 400));
            ui.colored_label(ui.visuals().error_fg_color, text);
            return;
        }
        let Some(kept) = self.planted.answer().or_else(|| self.kept.answer().and_then(Option::as_ref)) else {
            ui.weak("0 campaigns planted. Press “Plant campaigns”. 20 of each kind take about two minutes for 4,000 accounts.");
            return;
        };
        if kept.figures.is_empty() {
            ui.weak(
                "0 campaigns can be planted: the case has fewer than 50 accounts, no prompts, or no topics yet.",
            );
            return;
        }
        ui.add_space(theme::GROUP_GAP);
        chart(ui, &kept.figures);
        table(ui, kept);
        ui.add_space(theme::GROUP_GAP);
        for figure in &kept.figures {
            ui.label(figure.sentence());
        }
        ui.weak(
            "Planted campaigns share no payment method and no network. The figures do not hold for linked campaigns.",
        );
    }
}

/// Chart of the share of planted campaigns that were found, by size; one line per level of care.
fn chart(ui: &mut egui::Ui, figures: &[Power]) {
    let plot = Plot::new("power")
        .height(HEIGHT)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .include_y(0.0)
        .include_y(100.0)
        // Curves rise with the size.
        .legend(Legend::default().position(Corner::RightBottom))
        .x_grid_spacer(|_| {
            let mark = |size: f64| GridMark { value: size.log2(), step_size: 1.0 };
            [5.0, 10.0, 20.0, 40.0, 80.0, 200.0].map(mark).to_vec()
        })
        .custom_x_axes(vec![
            axes::x_short()
                .label("accounts of the campaign")
                .formatter(|mark, _| format!("{:.0}", mark.value.exp2())),
        ])
        .custom_y_axes(vec![axes::y().label("found, %")])
        .show(ui, |plot| {
            for care in CARE_LEVELS {
                let points: Vec<[f64; 2]> = figures
                    .iter()
                    .filter(|figure| figure.care == care)
                    .filter_map(|figure| {
                        Some([(figure.accounts as f64).log2(), 100.0 * figure.surfaced.share()?])
                    })
                    .collect();
                plot.line(Line::new(care.name, PlotPoints::from(points)).width(2.0));
            }
        });
    let summary = figures.iter().map(Power::sentence).collect::<Vec<_>>().join(" ");
    plot.response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Canvas, true, "Planted campaigns found, by size");
        info.current_text_value = Some(summary.clone());
        info
    });
}

/// Table of planted campaigns found: a row per size, a column per level of care.
fn table(ui: &mut egui::Ui, kept: &StoredPower) {
    let mut sizes: Vec<usize> = kept.figures.iter().map(|figure| figure.accounts).collect();
    sizes.dedup();
    ui.add_space(theme::GROUP_GAP);
    egui::Grid::new("power figures").num_columns(1 + CARE_LEVELS.len()).striped(true).show(ui, |ui| {
        ui.strong("Accounts");
        for care in CARE_LEVELS {
            ui.strong(format!("Found, {}", care.name)).on_hover_text(format!(
                "{:.0} % new and heavy accounts, {:.0} % cover traffic",
                100.0 * care.new_and_heavy,
                100.0 * care.cover
            ));
        }
        ui.end_row();
        for size in sizes {
            ui.label(words::count(size as u64));
            for care in CARE_LEVELS {
                let figure = kept.figures.iter().find(|one| one.accounts == size && one.care == care);
                let text = figure.map_or_else(
                    || "–".to_owned(),
                    |one| {
                        format!(
                            "{} of {}, {} at corrected p ≤ 5 %",
                            one.surfaced.hits, one.surfaced.of, one.passed.hits
                        )
                    },
                );
                ui.label(text);
            }
            ui.end_row();
        }
    });
}
