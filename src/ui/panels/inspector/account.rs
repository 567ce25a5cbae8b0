//! An account in the inspector; also the lists of reasons and pivots that leads on groups use.

use std::collections::BTreeSet;

use super::answer::Answer;
use crate::cache::{AccountIndex, RowId};
use crate::case::EvidenceSource;
use crate::leads::Reason;
use crate::model::{AccountId, Scope, format_duration, visible};
use crate::query::intervals::IntervalStatistics;
use crate::query::pivot::PivotRow;
use crate::signals::context;
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::widgets::mark::MarkForm;
use crate::ui::widgets::percentile;
use crate::ui::{theme, words};

/// Shared values shown at first.
const PIVOTS_FIRST: usize = 8;

/// Draws the account.
pub fn ui(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    index: AccountIndex,
    answer: Option<&Answer>,
    form: &mut MarkForm,
) {
    let Some(account) = cx.cache.accounts().get(index as usize) else { return };
    ui.heading(words::line(account.id.as_str(), 80));
    let lead = cx.leads.rank_of.get(index as usize).and_then(|&at| cx.leads.accounts.get(at as usize));
    if let Some(lead) = lead {
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
                ui.weak(format!("{:.0} % membership probability", 100.0 * membership));
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
        if ui.button("Set scope to it").clicked() {
            cx.send(Command::SetScope(Scope::clone(cx.scope).with_account(account.id.clone())));
        }
        if ui.button("Add to scope").clicked() {
            cx.send(Command::SetScope(with_account_added(cx.scope, account.id.clone())));
        }
        if ui.button("Show links").clicked() {
            cx.send(Command::ShowView("links"));
        }
    });
    why(ui, cx, answer, lead.map(|lead| lead.cohort));
    context_values(ui, cx, index);
    pivots(ui, cx, answer);
    mark(ui, |ui| {
        if let Some((tag, note)) = form.ui(ui, "Mark account as evidence", !cx.read_only) {
            let source = EvidenceSource::Account { account: account.id.clone() };
            cx.send(Command::TagSource(source, tag, note));
        }
    });
}

/// `time between exchanges: median 1 min, mean 4 min, standard deviation 20 min`.
fn intervals_in_words(intervals: &IntervalStatistics) -> String {
    let duration = |seconds: f64| format_duration((seconds * 1e6) as i64);
    let (median, mean) = (duration(intervals.median), duration(intervals.mean));
    let deviation =
        intervals.deviation.map(|deviation| format!(", standard deviation {}", duration(deviation)));
    format!("time between exchanges: median {median}, mean {mean}{}", deviation.unwrap_or_default())
}

fn with_account_added(scope: &Scope, id: AccountId) -> Scope {
    let mut more = scope.clone();
    match &mut more.accounts {
        Some(set) => {
            if set.ids.insert(id) {
                set.label = None;
            }
        }
        None => more = more.with_account(id),
    }
    more
}

/// The reasons, or a spinner while they are computed.
pub fn why(ui: &mut egui::Ui, cx: &ViewContext<'_>, answer: Option<&Answer>, cohort: Option<u32>) {
    ui.add_space(theme::GROUP_GAP);
    ui.strong("Why a lead");
    let Some(answer) = answer else {
        ui.spinner();
        return;
    };
    if let Some(cohort) = cohort.and_then(|cohort| cx.leads.cohorts.get(cohort as usize)) {
        ui.weak(format!("peers: {}", words::line(cohort, 120)));
    }
    if answer.reasons.is_empty() {
        ui.weak("0 signals could be tested: too little data, or missing columns.");
    }
    for (i, reason) in answer.reasons.iter().enumerate() {
        ui.push_id(i, |ui| show_reason(ui, cx, reason));
    }
}

fn show_reason(ui: &mut egui::Ui, cx: &ViewContext<'_>, reason: &Reason) {
    ui.add_space(theme::GAP);
    ui.horizontal(|ui| {
        ui.strong(reason.title.as_str());
        ui.weak(reason.signal.as_str());
        if let Some(place) = reason.percentile {
            percentile::bar(ui, place, 70.0);
        }
        if reason.p.is_some() {
            ui.weak(format!("p {}", words::probability(reason.p)));
        }
    });
    wrapped(ui, &reason.sentence);
    if reason.value.is_none() {
        return;
    }
    if !reason.examples.is_empty() {
        ui.horizontal_wrapped(|ui| examples(ui, cx, &reason.examples));
    }
    egui::CollapsingHeader::new("What else could explain it").id_salt("else").default_open(false).show(
        ui,
        |ui| {
            wrapped(ui, &reason.benign);
            ui.weak("Data that would decide between them");
            wrapped(ui, &reason.tells_apart);
        },
    );
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

/// Example exchanges as links.
fn examples(ui: &mut egui::Ui, cx: &ViewContext<'_>, rows: &[RowId]) {
    ui.weak("Examples:");
    for (i, &row) in rows.iter().enumerate() {
        let when = cx.cache.hot().ts.get(row as usize).map_or_else(String::new, |&ts| cx.zone.format(ts));
        if ui.link(format!("exchange {}", i + 1)).on_hover_text(when).clicked() {
            cx.send(Command::Select(Selected::Exchange(row)));
            cx.send(Command::ShowView("exchanges"));
        }
    }
}

/// Shared values as buttons, each with its number of accounts.
pub fn pivots(ui: &mut egui::Ui, cx: &ViewContext<'_>, answer: Option<&Answer>) {
    let Some(answer) = answer else { return };
    ui.add_space(theme::GROUP_GAP);
    ui.strong("Shared with other accounts").on_hover_text(
        "Rarest values first. A shared value is no proof of guilt: agencies, campuses and proxies share values too.",
    );
    if answer.pivots.is_empty() {
        ui.weak("0 values shared with other accounts.");
    }
    let (first, more) = answer.pivots.split_at(answer.pivots.len().min(PIVOTS_FIRST));
    for pivot in first {
        ui.push_id(pivot.value, |ui| pivot_button(ui, cx, pivot));
    }
    if !more.is_empty() {
        let title = format!("{} more", words::count(more.len() as u64));
        egui::CollapsingHeader::new(title).id_salt("more pivots").show(ui, |ui| {
            for pivot in more {
                ui.push_id(pivot.value, |ui| pivot_button(ui, cx, pivot));
            }
        });
    }
}

fn pivot_button(ui: &mut egui::Ui, cx: &ViewContext<'_>, pivot: &PivotRow) {
    let Some(value) = cx.cache.values().get(pivot.value as usize) else { return };
    let accounts = pivot.accounts.len();
    // A lead shows its own accounts of all accounts; a single account only the total.
    let of = if pivot.asked > 1 { format!("{} of ", pivot.asked) } else { String::new() };
    let text = format!("{of}{accounts} · {} {}", value.kind.title(), words::line(&value.value, 40));
    let hint = format!(
        "{}\n{} accounts in the case have this value, {} of them selected. Rarity: {:.1} bits.\nClick to set the scope to all of them.",
        visible(&value.value),
        words::count(accounts as u64),
        words::count(u64::from(pivot.asked)),
        pivot.bits
    );
    let response = ui.add(egui::Button::new(text).truncate()).on_hover_text(hint);
    if response.clicked() {
        let ids: BTreeSet<AccountId> = pivot
            .accounts
            .iter()
            .filter_map(|&account| cx.cache.accounts().get(account as usize))
            .map(|account| account.id.clone())
            .collect();
        let label = format!("{} {}", value.kind.title(), value.value);
        cx.send(Command::SetScope(Scope::clone(cx.scope).with_accounts(&label, ids)));
        cx.send(Command::Select(Selected::Value(pivot.value)));
    }
}

/// Draws the form that marks the subject as evidence.
pub fn mark(ui: &mut egui::Ui, form: impl FnOnce(&mut egui::Ui)) {
    ui.add_space(theme::GROUP_GAP);
    ui.strong("Mark as evidence");
    form(ui);
}

/// Hostile text, wrapped; a number and its percent sign stay on one line.
pub fn wrapped(ui: &mut egui::Ui, text: &str) {
    ui.add(egui::Label::new(visible(text).replace(" %", "\u{a0}%")).wrap());
}
