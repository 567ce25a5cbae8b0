//! An account in the inspector.

use super::answer::Answer;
use super::parts::{self, wrapped};
use super::{shared, signals};
use crate::cache::AccountIndex;
use crate::leads::AccountLead;
use crate::model::format_duration;
use crate::query::intervals::IntervalStatistics;
use crate::signals::context;
use crate::ui::view::{Command, PivotFrom, Selected, ViewContext};
use crate::ui::{pivot, scopes, theme, words};

/// Draws its name.
pub fn head(ui: &mut egui::Ui, cx: &ViewContext<'_>, index: AccountIndex) {
    let heading = parts::heading(ui, &words::middle(&words::account(cx.cache, index), 60));
    pivot::on(&heading, cx, || PivotFrom::Account(index));
}

/// The account in the ranked list.
fn of<'a>(cx: &ViewContext<'a>, index: AccountIndex) -> Option<&'a AccountLead> {
    let leads: &'a crate::leads::Leads = cx.leads;
    leads.rank_of.get(index as usize).and_then(|&at| leads.accounts.get(at as usize))
}

/// Draws rank, use and the next steps.
pub fn answer(ui: &mut egui::Ui, cx: &ViewContext<'_>, index: AccountIndex, answer: Option<&Answer>) {
    let Some(account) = cx.cache.accounts().get(index as usize) else { return };
    if let Some(lead) = of(cx, index) {
        let of = words::counted(cx.leads.accounts.len() as u64, "account", "accounts");
        ui.label(format!("Rank {} of {of}", words::count(u64::from(lead.rank))));
        if let Some(at) = lead.group {
            let group = cx.leads.groups.get(at as usize);
            let is_core = group.is_some_and(|group| group.is_core(index));
            let member = if is_core { "core member" } else { "joined member" };
            let link = ui.link(format!("{member} of {}", words::lead(cx.leads, at as usize)));
            if link.clicked() {
                cx.send(Command::Select(Selected::Lead(at as usize)));
            }
            if let Some(membership) = lead.membership {
                ui.weak(format!("{} membership probability", words::membership(membership)));
            }
            let untied = answer.and_then(|answer| answer.uncertain.first()?.untied());
            if let Some(untied) = untied {
                ui.label(format!("uncertain member: {untied}"));
            }
        }
    }
    ui.weak(format!(
        "{}, {} to {} {}",
        words::counted(u64::from(account.exchanges), "exchange", "exchanges"),
        cx.zone.format(account.first),
        cx.zone.format(account.last),
        cx.zone.name()
    ));
    if let Some(intervals) = answer.and_then(|answer| answer.intervals) {
        ui.weak(intervals_in_words(&intervals))
            .on_hover_text("All exchanges of the account, inside and outside the scope");
    }
    if let Some(created) = account.created {
        ui.weak(format!("account created {} {}", cx.zone.format(created), cx.zone.name()));
    }
    ui.horizontal_wrapped(|ui| {
        if ui.button("Add to scope").clicked() {
            cx.send(Command::SetScope(scopes::with_more(cx, &[index])));
        }
        if ui.button("Show links").clicked() {
            cx.send(Command::ShowView("links"));
        }
    });
}

/// Draws the signals, the context and the shared values.
pub fn details(ui: &mut egui::Ui, cx: &ViewContext<'_>, index: AccountIndex, answer: Option<&Answer>) {
    let cohort = of(cx, index).and_then(|lead| cx.leads.cohorts.get(lead.cohort as usize));
    let peers = cohort.map(|cohort| {
        let hint = "Accounts that it is compared with. Signals that rise with volume are compared with all accounts.";
        (format!("peers: {}", words::line(cohort, 120)), hint)
    });
    signals::ui(ui, cx, answer, peers);
    context_values(ui, cx, index);
    shared::ui(ui, cx, answer);
}

/// `time between exchanges: median 1 min, mean 4 min, standard deviation 20 min`.
fn intervals_in_words(intervals: &IntervalStatistics) -> String {
    let duration = |seconds: f64| format_duration((seconds * 1e6) as i64);
    let (median, mean) = (duration(intervals.median), duration(intervals.mean));
    let deviation =
        intervals.deviation.map(|deviation| format!(", standard deviation {}", duration(deviation)));
    format!("time between exchanges: median {median}, mean {mean}{}", deviation.unwrap_or_default())
}

/// Context values of the account, which no score uses.
fn context_values(ui: &mut egui::Ui, cx: &ViewContext<'_>, index: AccountIndex) {
    let values = context::values_of(cx.cache, &cx.leads.context, index);
    if values.is_empty() {
        return;
    }
    ui.add_space(theme::GROUP_GAP);
    egui::CollapsingHeader::new("Context (not scored)").id_salt("beside").default_open(false).show(
        ui,
        |ui| {
            ui.weak("These values change no score and no rank.");
            for value in &values {
                ui.add_space(theme::GAP);
                ui.strong(value.about.title);
                wrapped(ui, &value.in_words);
                ui.weak(value.about.caution);
            }
        },
    );
}
