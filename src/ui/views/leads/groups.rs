//! The leads on groups: a short table that lists all of them in every scope.

use egui_extras::{Column, TableBuilder};

use crate::leads::GroupLead;
use crate::model::format_duration;
use crate::ui::panels::inspector::scope_of;
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::{theme, words};

/// Rows that the table shows at the least and at the most; the others are scrolled to.
const ROWS: std::ops::RangeInclusive<f32> = 3.0..=5.0;
/// Share of the view's height that the rows take at the most, so that the accounts below have room.
const SHARE: f32 = 0.4;
/// The false discovery rate at which a lead is counted in the heading.
const FALSE_DISCOVERY_RATE: f64 = 0.05;

/// Draws the table. `in_scope` has one number a lead, its accounts inside the scope.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, in_scope: &[u32]) {
    let groups = &cx.leads.groups;
    ui.horizontal(|ui| {
        ui.strong(words::counted(groups.len() as u64, "lead to review", "leads to review"));
        let standing = groups.iter().filter(|group| is_within_rate(group)).count();
        let said = format!(
            "{} with q ≤ {FALSE_DISCOVERY_RATE} · ranked by content and events, then z-score · a lead is not a finding",
            words::count(standing as u64)
        );
        ui.add(egui::Label::new(egui::RichText::new(said).weak()).truncate());
    });
    if groups.is_empty() {
        ui.label("0 leads: no group of accounts is linked strongly enough. See the ranked accounts below.");
        return;
    }
    let (pitch, gap) = (theme::ROW + ui.spacing().item_spacing.y, ui.spacing().item_spacing.y);
    let rows = (ui.available_height() * SHARE / pitch).floor().clamp(*ROWS.start(), *ROWS.end());
    // The bars are seen without the pointer over them: there is more.
    ui.spacing_mut().scroll.dormant_handle_opacity = 0.6;
    egui::ScrollArea::horizontal().id_salt("leads on groups").auto_shrink([false, true]).show(ui, |ui| {
        TableBuilder::new(ui)
            .striped(true)
            .sense(egui::Sense::click())
            .min_scrolled_height(0.0)
            .max_scroll_height(rows * pitch - gap)
            .auto_shrink([false, true])
            .column(Column::initial(90.0).at_least(60.0))
            .column(Column::initial(86.0).clip(true))
            .column(Column::initial(74.0).clip(true))
            .column(Column::initial(64.0).clip(true))
            .column(Column::initial(70.0).clip(true))
            .column(Column::initial(80.0).clip(true))
            .column(Column::initial(60.0).clip(true))
            .column(Column::remainder().at_least(80.0).clip(true))
            .header(theme::HEADER, header)
            .body(|body| {
                body.rows(theme::ROW, groups.len(), |mut row| {
                    let index = row.index();
                    let selected = *cx.selected == Selected::Lead(index);
                    row.set_selected(selected);
                    cells(&mut row, &groups[index], in_scope.get(index).copied(), selected);
                    let response = row.response();
                    if response.clicked() {
                        cx.send(Command::Select(Selected::Lead(index)));
                    }
                    if response.double_clicked() {
                        cx.send(Command::SetScope(scope_of(cx, &groups[index])));
                    }
                });
            });
    });
}

fn header(mut row: egui_extras::TableRow<'_, '_>) {
    for (title, hint) in [
        ("Lead", "Double-click sets the scope to the lead"),
        ("Accounts", "Members inside the scope, of all members"),
        ("Exchanges", "Exchanges of all members"),
        ("Span", "First to last exchange"),
        ("Control", "Common control in bits: rarity of the values that the members share"),
        ("Extraction p", "Extraction-likeness: p-value of the median member among the peers of its cohort"),
        ("q", "Benjamini–Hochberg q-value over leads; “rank” means ranked only, without an error rate"),
        ("Why", "Strongest reasons first, with their percentile among peers"),
    ] {
        row.col(|ui| {
            ui.strong(title).on_hover_text(hint);
        });
    }
}

fn cells(row: &mut egui_extras::TableRow<'_, '_>, group: &GroupLead, in_scope: Option<u32>, selected: bool) {
    let of = words::count(group.accounts.len() as u64);
    let accounts =
        in_scope.map_or_else(|| of.clone(), |inside| format!("{} of {of}", words::count(u64::from(inside))));
    let q = if group.ranked_only { "rank".to_owned() } else { words::probability(group.q_value) };
    let texts = [
        accounts,
        words::count(group.exchanges),
        format_duration(group.span.length()),
        format!("{:.1} bits", group.common_control_bits),
        words::probability(group.extraction_p),
        q,
        why(group),
    ];
    row.col(|ui| {
        ui.strong(group.id.as_str());
    });
    for text in texts {
        row.col(|ui| {
            if in_scope == Some(0) {
                ui.weak(text)
            } else {
                ui.label(text)
            };
        });
    }
    row.response().widget_info(|| {
        let label = format!("{}, {of} accounts", group.name());
        egui::WidgetInfo::selected(egui::Role::Row, true, selected, label)
    });
}

/// The strongest reasons by title, with their percentiles.
fn why(group: &GroupLead) -> String {
    let named: Vec<String> = group
        .key_reasons()
        .take(3)
        .map(|reason| match reason.percentile {
            Some(place) => format!("{} {}", reason.title, words::ordinal(place.clamp(0.0, 100.0) as u32)),
            None => reason.title.clone(),
        })
        .collect();
    if named.is_empty() { "no single signal is unusual".to_owned() } else { named.join(" · ") }
}

fn is_within_rate(group: &GroupLead) -> bool {
    !group.ranked_only && group.q_value.is_some_and(|q| q <= FALSE_DISCOVERY_RATE)
}
