//! Trial of a limit on the past: accounts of the scope, and other accounts, that a threshold would have caught.

use std::sync::Arc;

use egui::{ComboBox, DragValue, Role, WidgetInfo};

use crate::cache::AccountIndex;
use crate::evaluation::limit::{
    Condition, DayOfTrial, GRAMMAR, Limit, LimitSummary, MAX_DAYS, Measure, Threshold, TopicName, Trial,
    date, measures, try_limit,
};
use crate::jobs::{Slot, SlotState};
use crate::model::Cancelled;
use crate::ui::theme;
use crate::ui::view::{Command, View, ViewContext};
use crate::ui::widgets::follow_focus;
use crate::ui::widgets::option::option;
use crate::ui::words;

/// Title of the job.
const JOB: &str = "trying a limit";

/// The view's own state.
pub struct LimitsView {
    window_days: u32,
    conditions: [Choice; 2],
    /// True if the second condition counts.
    both: bool,
    topic: Option<u16>,
    /// Number of trials requested.
    asked: u64,
    /// Rule of the last trial.
    tried: Option<Limit>,
    trial: Slot<u64, Arc<Trial>>,
    /// By trial and scope.
    summary: Slot<(u64, u64), LimitSummary>,
}

/// A condition as it is chosen.
struct Choice {
    /// Position in [`measures`].
    measure: usize,
    at_least: bool,
    value: f64,
}

impl Default for LimitsView {
    fn default() -> Self {
        let choice = |measure, value| Choice { measure, at_least: true, value };
        Self {
            window_days: 7,
            conditions: [choice(0, 500.0), choice(1, 12.0)],
            both: false,
            topic: None,
            asked: 0,
            tried: None,
            trial: Slot::default(),
            summary: Slot::default(),
        }
    }
}

impl View for LimitsView {
    fn id(&self) -> &'static str {
        "limits"
    }

    fn title(&self) -> &'static str {
        "Limits"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        egui::ScrollArea::vertical().id_salt("limits").auto_shrink([false, false]).show(ui, |ui| {
            ui.strong("A limit tried on the past").on_hover_text(GRAMMAR);
            ui.weak("An account is caught on the first day at whose end the conditions hold within the window. Days are in UTC.");
            self.rule(ui, cx);
            self.buttons(ui, cx);
            self.ask_for_summary(cx);
            self.result(ui);
            follow_focus::scroll(ui);
        });
    }
}

impl LimitsView {
    fn rule(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let all: Vec<Measure> = measures().collect();
        ui.horizontal_wrapped(|ui| {
            let label = ui.label("Window in days");
            ui.add(DragValue::new(&mut self.window_days).range(1..=MAX_DAYS)).labelled_by(label.id);
            topics(ui, cx, &mut self.topic);
        });
        condition(ui, &all, &mut self.conditions[0], "First");
        ui.checkbox(&mut self.both, "and a second condition");
        if self.both {
            condition(ui, &all, &mut self.conditions[1], "Second");
        }
    }

    fn buttons(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            let pending = self.trial.state() == SlotState::Pending;
            if ui.add_enabled(!pending, egui::Button::new("Try the limit")).clicked() {
                self.try_it(cx);
            }
            if pending {
                ui.spinner();
                if ui.button("Stop").clicked() {
                    self.trial.cancel();
                }
            }
            if ui
                .button("Copy as a rule file")
                .on_hover_text("For `stillhunt whatif CASE --rule FILE`")
                .clicked()
                && let Ok(text) = toml::to_string(&self.limit(cx))
            {
                ui.copy_text(text);
                cx.send(Command::Notify("Rule copied.".to_owned()));
            }
        });
    }

    /// The rule as it is chosen.
    fn limit(&self, cx: &ViewContext<'_>) -> Limit {
        let all: Vec<Measure> = measures().collect();
        let count = if self.both { 2 } else { 1 };
        let condition = |choice: &Choice| Condition {
            measure: all.get(choice.measure).map_or_else(String::new, |measure| measure.id().to_owned()),
            threshold: if choice.at_least {
                Threshold::AtLeast(choice.value)
            } else {
                Threshold::AtMost(choice.value)
            },
        };
        let topic = self.topic.filter(|&topic| usize::from(topic) < cx.cache.topics().len());
        Limit {
            window_days: self.window_days,
            topics: topic.map(|topic| vec![TopicName::Number(topic)]),
            conditions: self.conditions.iter().take(count).map(condition).collect(),
        }
    }

    fn try_it(&mut self, cx: &ViewContext<'_>) {
        let limit = self.limit(cx);
        self.asked += 1;
        self.tried = Some(limit.clone());
        let cache = Arc::clone(cx.cache);
        self.trial.ask(cx.jobs, Some(JOB), self.asked, move |ticket| {
            match try_limit(&cache, &limit, ticket) {
                Ok(Ok(trial)) => Ok(Arc::new(trial)),
                Ok(Err(error)) => Err(error.to_string()),
                Err(error) => Err(error.to_string()),
            }
        });
    }

    fn ask_for_summary(&mut self, cx: &ViewContext<'_>) {
        self.trial.poll();
        self.summary.poll();
        let Some(trial) = self.trial.answer().filter(|_| self.trial.state() == SlotState::Ready) else {
            return;
        };
        if trial.caught.len() != cx.leads.accounts.len() {
            // The case has got further accounts meanwhile.
            self.trial.clear();
            self.summary.clear();
            return;
        }
        let (trial, cache, leads) = (Arc::clone(trial), Arc::clone(cx.cache), Arc::clone(cx.leads));
        let scope = Arc::clone(cx.scope);
        let question = (self.asked, cx.scope_version);
        self.summary.ask::<Cancelled>(cx.jobs, None, question, move |_| {
            let set = scope.accounts.as_ref();
            let ids = set.into_iter().flat_map(|set| &set.ids);
            let mut group: Vec<AccountIndex> = ids.filter_map(|id| cache.account_index(id)).collect();
            group.sort_unstable();
            let name = match scope.lead() {
                Some(lead) => format!("lead {}", lead.id),
                None => "the scope".to_owned(),
            };
            Ok(LimitSummary::new(&name, &trial, &leads, &group))
        });
    }

    fn result(&self, ui: &mut egui::Ui) {
        let failure = self.trial.failure().or_else(|| self.summary.failure());
        if let Some(failure) = failure.filter(|_| self.trial.state() != SlotState::Pending) {
            ui.colored_label(
                ui.visuals().error_fg_color,
                format!("The limit could not be tried: {}", words::line(failure, 400)),
            );
            return;
        }
        let (Some(limit), Some(summary)) = (&self.tried, self.summary.answer()) else {
            ui.weak("No limit tried yet. Choose thresholds and press “Try the limit”.");
            return;
        };
        ui.add_space(theme::GROUP_GAP);
        ui.label(format!("Limit: {}.", words::line(&limit.in_words(), 300)));
        if summary.group.accounts == 0 {
            ui.weak("0 accounts chosen. Select a lead and press “Try a limit” in the inspector.");
        }
        for sentence in summary.sentences() {
            ui.label(sentence);
        }
        days(ui, summary);
    }
}

/// Chooses a measure, the side and the threshold.
fn condition(ui: &mut egui::Ui, all: &[Measure], choice: &mut Choice, which: &str) {
    let Some(&measure) = all.get(choice.measure) else { return };
    ui.horizontal_wrapped(|ui| {
        let combo =
            ComboBox::from_id_salt((which, "measure")).selected_text(measure.name()).show_ui(ui, |ui| {
                for (at, measure) in all.iter().enumerate() {
                    option(ui, &mut choice.measure, at, measure.name());
                }
            });
        let name = format!("{which} measure: {}", measure.name());
        combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
        for (at_least, side) in [(true, "at least"), (false, "at most")] {
            ui.radio_value(&mut choice.at_least, at_least, side);
        }
        let label = ui.label(format!("{which} threshold"));
        ui.add(DragValue::new(&mut choice.value).max_decimals(4)).labelled_by(label.id);
        ui.weak(measure.unit());
    });
    if let Some(signal) = measure.signal {
        ui.weak("Measured on the exchanges of the window alone.").on_hover_text(signal.about().definition);
    }
}

/// Chooses all topics or one.
fn topics(ui: &mut egui::Ui, cx: &ViewContext<'_>, chosen: &mut Option<u16>) {
    let all = cx.cache.topics();
    let name = |topic: Option<u16>| match topic.and_then(|topic| all.get(usize::from(topic))) {
        Some(topic) => words::line(&topic.label, 60),
        None => "all topics".to_owned(),
    };
    let present = name(*chosen);
    let combo = ComboBox::from_id_salt("topic of the limit").selected_text(&present).show_ui(ui, |ui| {
        option(ui, chosen, None, name(None));
        for topic in all {
            option(ui, chosen, Some(topic.id), name(Some(topic.id)));
        }
    });
    let label = format!("Exchanges that count: {present}");
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
}

/// Accounts caught by the end of each day.
fn days(ui: &mut egui::Ui, summary: &LimitSummary) {
    if summary.days.is_empty() {
        return;
    }
    let share = |part: usize, of: usize| match of {
        0 => "–".to_owned(),
        of => format!("{} ({:.1} %)", words::count(part as u64), 100.0 * part as f64 / of as f64),
    };
    ui.add_space(theme::GROUP_GAP);
    let row = |ui: &mut egui::Ui, day: &DayOfTrial| {
        ui.label(date(day.day));
        ui.label(share(day.group, summary.group.accounts));
        ui.label(share(day.others, summary.others.accounts));
        ui.end_row();
    };
    egui::Grid::new("days of the limit").num_columns(3).striped(true).show(ui, |ui| {
        ui.strong("By the end of (UTC)");
        ui.strong(format!("Caught of {}", summary.name));
        ui.strong("Caught of all others");
        ui.end_row();
        summary.days.iter().for_each(|day| row(ui, day));
    });
}
