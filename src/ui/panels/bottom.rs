//! Status line: share of the case in the scope, and running jobs.

use std::collections::BTreeMap;

use crate::jobs::{JobStatus, Jobs};
use crate::model::{Progress, format_duration};
use crate::ui::scripts::Scripts;
use crate::ui::view::{Command, TextPass, ViewContext};
use crate::ui::words;

/// Width in points below which the line about the second scope is cut to its accounts.
const NARROW: f32 = 420.0;

/// Rates of the jobs' present phases.
#[derive(Default)]
pub struct Paces {
    by_job: BTreeMap<u64, Pace>,
}

/// Start of a job's present phase.
struct Pace {
    phase: String,
    since: u64,
    from: u64,
}

impl Paces {
    /// Microseconds until the job's present phase ends at the rate so far; `None` until it
    /// can be estimated.
    fn left(&mut self, job: &JobStatus, now: u64) -> Option<i64> {
        let progress = job.progress.as_ref()?;
        let fresh = || Pace { phase: progress.phase.clone(), since: now, from: progress.done };
        let pace = self.by_job.entry(job.id).or_insert_with(fresh);
        if pace.phase != progress.phase || progress.done < pace.from {
            *pace = fresh();
        }
        let (elapsed, done) = (now.saturating_sub(pace.since), progress.done - pace.from);
        if progress.total <= progress.done || done == 0 || elapsed < 500_000 {
            return None;
        }
        let left = elapsed as f64 * (progress.total - progress.done) as f64 / done as f64;
        Some(left as i64)
    }

    /// Units per second; `None` until it can be estimated.
    fn rate(&self, job: &JobStatus, now: u64) -> Option<u64> {
        let (pace, progress) = (self.by_job.get(&job.id)?, job.progress.as_ref()?);
        let (elapsed, done) = (now.saturating_sub(pace.since), progress.done.saturating_sub(pace.from));
        (elapsed >= 500_000 && done > 0).then(|| (done as f64 * 1e6 / elapsed as f64) as u64)
    }

    fn forget_ended(&mut self, jobs: &[JobStatus]) {
        self.by_job.retain(|id, _| jobs.iter().any(|job| job.id == *id));
    }
}

/// Draws the line of an open case.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, paces: &mut Paces, scripts: &mut Scripts) {
    ui.horizontal(|ui| {
        counts(ui, cx);
        being_written(ui, cx);
        scripts.ui(ui, cx);
        if let Some(why) = cx.scope_failure {
            ui.colored_label(ui.visuals().error_fg_color, format!("This scope cannot be shown: {why}"));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            for job in &running(cx.jobs, paces) {
                line(ui, cx.jobs, job, paces);
            }
            text_pass(ui, cx);
        });
    });
}

/// Decisions that are not on the disk yet, and decisions that failed.
fn being_written(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let pending: u64 = cx.pending.iter().map(|pending| pending.decisions).sum();
    if pending > 0 {
        ui.separator();
        ui.spinner();
        let label = format!("{} being written", words::counted(pending, "decision", "decisions"));
        let lines = cx.pending.iter().map(|pending| pending.what.as_str());
        ui.label(label).on_hover_text(lines_of(lines));
    }
    if !cx.not_written.is_empty() {
        ui.separator();
        let count = words::counted(cx.not_written.len() as u64, "decision was", "decisions were");
        let lines: Vec<String> = cx.not_written.iter().map(ToString::to_string).collect();
        let label = ui.colored_label(ui.visuals().error_fg_color, format!("{count} not written"));
        label.on_hover_text(lines_of(lines.iter().map(String::as_str)));
        if ui.small_button("Dismiss").on_hover_text("Removes this message").clicked() {
            cx.send(Command::TakeNote);
        }
    }
}

fn lines_of<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.take(20).map(|line| words::line(line, 200)).collect::<Vec<_>>().join("\n")
}

/// Draws the state of a text pass that is neither done nor running, with the button to resume it.
fn text_pass(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let Some(why) = cx.text_pass.in_words().filter(|_| cx.text_pass != TextPass::Running) else { return };
    if cx.text_pass == TextPass::Stopped && ui.button("Resume").on_hover_text(why).clicked() {
        cx.send(Command::FinishText);
    }
    ui.weak("text pass unfinished").on_hover_text(why);
}

/// Draws every job under one another, for the start screen and the import dialog: its step, a bar, its figures. Each
/// stays in its place while the words change.
pub fn list(ui: &mut egui::Ui, jobs: &Jobs, paces: &mut Paces) {
    let now = jobs.micros();
    for job in &running(jobs, paces) {
        ui.label(step(job));
        let counted = job.progress.as_ref().filter(|progress| progress.total > 0);
        let share = counted.map_or(0.0, |progress| progress.done as f32 / progress.total as f32);
        // A step that counts nothing has a bar that moves.
        ui.add(egui::ProgressBar::new(share).desired_height(12.0).animate(counted.is_none()));
        let left = paces.left(job, now).map(left_in_words);
        let figures = job.progress.as_ref().and_then(|progress| figures(progress, paces.rate(job, now)));
        let said: Vec<String> = figures.into_iter().chain(left).collect();
        // A line without figures is as high as one with them.
        ui.weak(if said.is_empty() { " ".to_owned() } else { said.join(", ") });
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(250));
    }
}

/// Job and step: `Import: reading the files`.
fn step(job: &JobStatus) -> String {
    let title = words::line(&job.title, 60);
    match &job.progress {
        Some(progress) => format!("{title}: {}", words::line(&progress.phase, 60)),
        None => title,
    }
}

/// `1,200 of 60,000 rows, 3,000/s`; `None` for a step that counts nothing: a number that stays 0 looks stuck.
fn figures(progress: &Progress, rate: Option<u64>) -> Option<String> {
    let done = words::count(progress.done);
    let rate = rate.filter(|rate| *rate > 0);
    let rate = rate.map_or_else(String::new, |rate| format!(", {}/s", words::count(rate)));
    match (progress.total, progress.done) {
        (0, 0) => None,
        (0, _) => Some(format!("{done} {}", progress.unit)),
        (total, _) => Some(format!("{done} of {} {}{rate}", words::count(total), progress.unit)),
    }
}

fn running(jobs: &Jobs, paces: &mut Paces) -> Vec<JobStatus> {
    let running = jobs.status();
    paces.forget_ended(&running);
    running
}

fn counts(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let Some(selection) = cx.selection else {
        ui.spinner();
        ui.weak("Counting the exchanges of the scope…");
        return;
    };
    let raw = cx.cache.counts();
    let counts = format!(
        "{} of {} · {} of {}",
        words::count(selection.accounts.len() as u64),
        words::counted(cx.cache.accounts().len() as u64, "account", "accounts"),
        words::count(selection.exchanges),
        words::counted(raw.distinct, "exchange", "exchanges"),
    );
    let response = ui.label(counts);
    if raw.raw > raw.distinct {
        response.on_hover_text(format!(
            "{} rows in the snapshots; {} distinct exchanges, each counted once",
            words::count(raw.raw),
            words::count(raw.distinct)
        ));
    }
    compared(ui, cx);
    if cx.read_only {
        ui.separator();
        ui.colored_label(ui.visuals().warn_fg_color, "read-only");
    }
}

/// Size of the second scope, and the accounts that both have.
fn compared(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let Some(against) = cx.against_selection else { return };
    ui.separator();
    let accounts = words::counted(against.accounts.len() as u64, "account", "accounts");
    let mut counts = format!("B: {accounts}, {}", words::counted(against.exchanges, "exchange", "exchanges"));
    let mut hint = "The view Compare has more.".to_owned();
    if let Some((accounts, exchanges)) = cx.overlap {
        counts.push_str(&format!("; {} in both", words::counted(accounts, "account", "accounts")));
        let both = words::counted(exchanges, "exchange is", "exchanges are");
        hint = format!("{both} in both scopes. {hint}");
    }
    // In a narrow window the rest stands in the tooltip.
    let narrow = ui.available_width() < NARROW;
    let shown = if narrow { format!("B: {accounts}") } else { counts.clone() };
    ui.label(shown).on_hover_text(if narrow { format!("{counts}. {hint}") } else { hint });
}

fn line(ui: &mut egui::Ui, jobs: &Jobs, job: &JobStatus, paces: &mut Paces) {
    let now = jobs.micros();
    if ui.button("×").on_hover_text(format!("Cancel: {}", job.title)).clicked() {
        jobs.cancel(job.id);
    }
    if let Some(left) = paces.left(job, now) {
        ui.weak(left_in_words(left));
    }
    let Some(progress) = &job.progress else {
        ui.spinner();
        ui.label(step(job));
        return;
    };
    if progress.total > 0 {
        let share = progress.done as f32 / progress.total as f32;
        ui.add(egui::ProgressBar::new(share).desired_width(110.0).desired_height(12.0));
    } else {
        ui.spinner();
    }
    if let Some(figures) = figures(progress, paces.rate(job, now)) {
        ui.weak(figures);
    }
    ui.label(step(job));
    ui.ctx().request_repaint_after(std::time::Duration::from_millis(250));
}

/// `12 s left`; under one second the estimate is too coarse for a number.
fn left_in_words(left: i64) -> String {
    const SECOND: i64 = 1_000_000;
    match left / SECOND {
        0 => "less than 1 s left".to_owned(),
        seconds => format!("{} left", format_duration(seconds * SECOND)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_near_and_not_at_0() {
        assert_eq!(left_in_words(3_900_000), "3 s left");
        assert_eq!(left_in_words(400), "less than 1 s left");
    }

    fn job(phase: &str, done: u64) -> JobStatus {
        let progress = Progress { phase: phase.into(), done, total: 100, unit: "rows" };
        JobStatus { id: 1, title: "importing".into(), progress: Some(progress), began: 0 }
    }

    #[test]
    fn time_left_is_that_of_the_present_phase() {
        let mut paces = Paces::default();
        assert_eq!(paces.left(&job("reading", 0), 0), None);
        assert_eq!(paces.left(&job("reading", 25), 1_000_000), Some(3_000_000));
        assert_eq!(paces.left(&job("writing", 10), 2_000_000), None, "another phase, another pace");
        assert_eq!(paces.left(&job("writing", 20), 3_000_000), Some(8_000_000));
        assert_eq!(paces.rate(&job("writing", 20), 3_000_000), Some(10));
        paces.forget_ended(&[]);
        assert!(paces.by_job.is_empty());
    }
}
