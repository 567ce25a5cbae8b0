//! Accounts behind a reason of a lead: those to which an event happened, and the others of the community.

use std::sync::Arc;

use egui::{Rect, Role, Sense, Stroke, WidgetInfo, vec2};

use crate::cache::AccountIndex;
use crate::leads::{ANY_EVENT, COMMUNITY_ID, GroupLead, POOL_ID, Reason, event_of, events_of_union};
use crate::ui::view::{Command, PivotFrom, ViewContext};
use crate::ui::{pivot, theme, words};

/// Width of the bar of an event, in points.
const BAR: f32 = 54.0;

/// Explanation of the accounts that events are counted on.
const COMMUNITY: &str =
    "Community: the accounts with similar prompts in which the lead was found; not all of them are members.";

/// Accounts under a title.
type Named = (String, Vec<AccountIndex>);

/// Draws the bar of an event and the accounts behind a reason, as links to the pivot menu.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, lead: usize, reason: &Reason) {
    let Some(group) = cx.leads.groups.get(lead) else { return };
    let name = words::lead(cx.leads, lead);
    let sets = sets(group, &name, reason);
    if sets.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        if let Some((share, expected)) = shares(group, reason)
            && let Some((title, accounts)) = sets.first()
        {
            let bar = bar(ui, share, expected);
            pivot::on(&bar, cx, || from(title, accounts));
            if bar.clicked() {
                cx.send(Command::Pivot(from(title, accounts)));
            }
        }
        for (title, accounts) in &sets {
            let (before, _) = title.split_once(':').unwrap_or((title, ""));
            let link = ui.link(before);
            link.widget_info(|| WidgetInfo::labeled(Role::Link, true, title));
            pivot::on(&link, cx, || from(title, accounts));
            let hint = format!("{title}. Click: pivot from them, or set the scope to them. {COMMUNITY}");
            if link.on_hover_text(hint).clicked() {
                cx.send(Command::Pivot(from(title, accounts)));
            }
        }
    });
    if reason.signal == ANY_EVENT {
        ui.weak(events_in_words());
    }
}

/// `A1 new and heavy, A2 used up, …`.
fn events_in_words() -> String {
    events_of_union().map(|about| format!("{} {}", about.id, about.title)).collect::<Vec<_>>().join(", ")
}

fn from(title: &str, accounts: &[AccountIndex]) -> PivotFrom {
    PivotFrom::Named(title.into(), Arc::new(accounts.to_vec()))
}

/// Sets of accounts behind a reason, the accounts that show it first; empty for a signal, which all core members have.
fn sets(group: &GroupLead, name: &str, reason: &Reason) -> Vec<Named> {
    let title = |accounts: &[AccountIndex], what: &str, of: &str| {
        let count = words::counted(accounts.len() as u64, "account", "accounts");
        format!("{}{what}: {of}{name}", count)
    };
    let named = |accounts: Vec<AccountIndex>, what: &str, of: &str| match accounts.is_empty() {
        true => None,
        false => Some((title(&accounts, what, of), accounts)),
    };
    let sets = match (&*reason.signal, &*reason.title) {
        (COMMUNITY_ID, "joined members") => {
            let joined = group.accounts.iter().copied().filter(|at| !group.is_core(*at)).collect();
            vec![named(joined, "", "joined members of ")]
        }
        (COMMUNITY_ID | POOL_ID, _) => vec![named(group.core.clone(), "", "core members of ")],
        (id, _) => {
            let of = |wanted: bool| {
                let Some(at) = group.events.events.iter().position(|(event, _)| *event == id) else {
                    return Vec::new();
                };
                let community = group.events.accounts.iter().filter(|own| own.in_community);
                let mut found: Vec<AccountIndex> = community
                    .filter(|own| own.outcomes.get(at).copied().flatten() == Some(wanted))
                    .map(|own| own.account)
                    .collect();
                found.sort_unstable();
                found
            };
            let event = event_of(id).map_or("", |about| about.title);
            vec![
                named(of(true), "", &format!("{event}, community of ")),
                named(of(false), " without it", &format!("not {event}, community of ")),
            ]
        }
    };
    sets.into_iter().flatten().collect()
}

/// Share of the community to which an event happened, and the expected share.
fn shares(group: &GroupLead, reason: &Reason) -> Option<(f64, f64)> {
    let at = group.events.events.iter().position(|(event, _)| *event == &*reason.signal)?;
    let figures = group.events.counts(at).figures()?;
    Some((figures.happened / figures.units.max(1) as f64, figures.expected))
}

/// Bar of a share, with a line at the expected one.
fn bar(ui: &mut egui::Ui, share: f64, expected: f64) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(vec2(BAR, 10.0), Sense::click());
    let visuals = ui.visuals();
    ui.painter().rect_filled(rect, 2.0, visuals.extreme_bg_color);
    let width = rect.width() * share.clamp(0.0, 1.0) as f32;
    ui.painter().rect_filled(
        Rect::from_min_size(rect.min, vec2(width, rect.height())),
        2.0,
        theme::scope(visuals),
    );
    let x = rect.left() + rect.width() * expected.clamp(0.0, 1.0) as f32;
    ui.painter().vline(x, rect.y_range(), Stroke::new(2.0, visuals.strong_text_color()));
    let said = format!("{:.0} % of the community, {:.1} % expected (line)", 100.0 * share, 100.0 * expected);
    response
        .widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Accounts behind the bar: {said}")));
    response.on_hover_text(format!("{said}. Click: pivot from these accounts."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};

    #[test]
    fn core_members_are_behind_a_community_and_joined_ones_behind_their_joining() {
        let folder = tempfile::tempdir().unwrap();
        let rows = ["a", "b", "c", "d"].map(|account| row(account, 1)).to_vec();
        let cache = cache(folder.path(), vec![snapshot(folder.path(), &[("x.parquet", rows)])]).0;
        let lead = GroupLead { core: vec![0, 1, 2], ..GroupLead::for_community(&cache, &[0, 1, 2, 3]) };
        let behind = |reason: &Reason| sets(&lead, "lead L-1", reason);
        let community = lead.reasons[0].clone();
        assert_eq!(behind(&community), [("3 accounts: core members of lead L-1".to_owned(), vec![0, 1, 2])]);
        let joined = Reason { title: "joined members".into(), ..community };
        assert_eq!(behind(&joined), [("1 account: joined members of lead L-1".to_owned(), vec![3])]);
    }

    #[test]
    fn the_union_names_its_events_alone() {
        let named = events_in_words();
        assert!(
            named.starts_with("A1 new and heavy, A2 used up") && named.ends_with("A5 sudden change"),
            "{named}"
        );
    }
}
