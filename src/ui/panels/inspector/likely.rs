//! Possible members and related leads of a lead, each with its shared values.

use crate::leads::{CERTAIN, LikelyMember, RelatedLead, UncertainMember};
use crate::ui::view::{Command, PivotFrom, Selected, ViewContext};
use crate::ui::{pivot, scopes, theme, words};

use super::answer::Answer;

/// Number of entries visible before “more”.
const FIRST: usize = 6;
/// Membership probability from which an account is called likely.
const LIKELY: f32 = 0.5;
/// Maximum number of named values per entry.
const VALUES: usize = 2;

/// Draws the lists; nothing where all are empty.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, at: usize, answer: Option<&Answer>) {
    let Some(answer) = answer else { return };
    uncertain(ui, cx, at, &answer.uncertain);
    members(ui, cx, at, &answer.likely);
    related(ui, cx, at, &answer.related);
}

/// Members to check: without a value in common with the others, or of low membership probability.
fn uncertain(ui: &mut egui::Ui, cx: &ViewContext<'_>, at: usize, found: &[UncertainMember]) {
    let Some(group) = cx.leads.groups.get(at).filter(|_| !found.is_empty()) else { return };
    let title = words::counted(found.len() as u64, "uncertain member", "uncertain members");
    ui.add_space(theme::GROUP_GAP);
    ui.horizontal_wrapped(|ui| {
        ui.strong(&title).on_hover_text(format!(
            "Members without a rare value that another member has, where most have one; and members with a membership probability below {:.0} %. Check them before the lead is marked.",
            100.0 * CERTAIN
        ));
        if ui.small_button("Scope without them").on_hover_text("The other members; save the scope as a group").clicked() {
            let is_certain = |account: &&u32| found.iter().all(|other| other.account != **account);
            let others: Vec<u32> = group.accounts.iter().filter(is_certain).copied().collect();
            let label = format!("{} without {title}", words::lead(cx.leads, at));
            cx.send(Command::SetScope(scopes::of_accounts(cx, &label, &others)));
        }
        if ui.small_button("Scope to them").clicked() {
            let accounts: Vec<u32> = found.iter().map(|one| one.account).collect();
            let label = format!("{title} of {}", words::lead(cx.leads, at));
            cx.send(Command::SetScope(scopes::of_accounts(cx, &label, &accounts)));
        }
    });
    folded(ui, "uncertain", found, |ui, one| {
        ui.horizontal_wrapped(|ui| {
            let name = ui.link(words::account(cx.cache, one.account));
            pivot::on(&name, cx, || PivotFrom::Account(one.account));
            if name.clicked() {
                cx.send(Command::Select(Selected::Account(one.account)));
            }
            let kind = if group.is_core(one.account) { "core" } else { "joined" };
            let membership = one.membership.map(words::membership);
            ui.weak(
                [Some(kind.to_owned()), membership, one.untied()]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(", "),
            );
        });
    });
}

fn members(ui: &mut egui::Ui, cx: &ViewContext<'_>, at: usize, likely: &[LikelyMember]) {
    if likely.is_empty() {
        return;
    }
    ui.add_space(theme::GROUP_GAP);
    ui.horizontal_wrapped(|ui| {
        ui.strong(words::counted(likely.len() as u64, "possible member", "possible members")).on_hover_text(
            "Accounts outside the lead: first by membership probability, 50 % and more being likely, then by rare values that at least two members have.",
        );
        if ui.small_button("Scope with all").on_hover_text("The lead's accounts and these").clicked() {
            let mut accounts = cx.leads.groups.get(at).map_or_else(Vec::new, |group| group.accounts.clone());
            accounts.extend(likely.iter().map(|one| one.account));
            let label = format!("{} with possible members", words::lead(cx.leads, at));
            cx.send(Command::SetScope(scopes::of_accounts(cx, &label, &accounts)));
        }
    });
    folded(ui, "likely", likely, |ui, one| {
        ui.horizontal_wrapped(|ui| {
            if ui.small_button("+").on_hover_text("Adds it to the accounts of the scope").clicked() {
                cx.send(Command::SetScope(scopes::with_more(cx, &[one.account])));
            }
            let name = ui.link(words::account(cx.cache, one.account));
            pivot::on(&name, cx, || PivotFrom::Account(one.account));
            if name.clicked() {
                cx.send(Command::Select(Selected::Account(one.account)));
            }
            if let Some(probability) = one.probability {
                let word = if probability >= LIKELY { "likely" } else { "possible" };
                ui.weak(format!("{word}, {:.0} %", 100.0 * probability)).on_hover_text(
                    "Membership probability by a model of this case. Its error rate has not been measured.",
                );
            }
        });
        let shares = names_of(cx, &one.values);
        if !shares.is_empty() {
            ui.indent("shares", |ui| ui.weak(format!("it shares {shares}")));
        }
    });
}

fn related(ui: &mut egui::Ui, cx: &ViewContext<'_>, at: usize, related: &[RelatedLead]) {
    if related.is_empty() {
        return;
    }
    ui.add_space(theme::GROUP_GAP);
    ui.horizontal_wrapped(|ui| {
        ui.strong(words::counted(related.len() as u64, "related lead", "related leads"))
            .on_hover_text("Leads with rare values that at least two members of each have");
        if ui.small_button("Scope to all of them").on_hover_text("This lead and the related ones").clicked() {
            let leads: Vec<usize> = std::iter::once(at).chain(related.iter().map(|one| one.lead)).collect();
            cx.send(Command::SetScope(scopes::of_leads(cx, &leads)));
        }
    });
    folded(ui, "related", related, |ui, one| {
        ui.horizontal_wrapped(|ui| {
            if ui.link(words::lead(cx.leads, one.lead)).clicked() {
                cx.send(Command::Select(Selected::Lead(one.lead)));
            }
            if ui.small_button("join").on_hover_text("Sets the scope to both leads").clicked() {
                cx.send(Command::SetScope(scopes::of_leads(cx, &[at, one.lead])));
            }
            ui.weak(format!("shares {}", names_of(cx, &one.values)));
        });
    });
}

/// The first entries, and the others on demand.
fn folded<T>(ui: &mut egui::Ui, id: &str, all: &[T], mut add: impl FnMut(&mut egui::Ui, &T)) {
    let (first, more) = all.split_at(all.len().min(FIRST));
    for (i, one) in first.iter().enumerate() {
        ui.push_id((id, i), |ui| add(ui, one));
    }
    if !more.is_empty() {
        let title = format!("{} more", words::count(more.len() as u64));
        egui::CollapsingHeader::new(title).id_salt(("more", id)).show(ui, |ui| {
            for (i, one) in more.iter().enumerate() {
                ui.push_id((id, "more", i), |ui| add(ui, one));
            }
        });
    }
}

/// The first values by name, the others counted.
fn names_of(cx: &ViewContext<'_>, values: &[u32]) -> String {
    let name = |value: &u32| {
        let accounts = words::counted(cx.cache.accounts_with(*value).len() as u64, "account", "accounts");
        format!("{} ({accounts})", words::middle(&scopes::label_of(cx, *value), 34))
    };
    let names: Vec<String> = values.iter().take(VALUES).map(name).collect();
    let more = values.len().saturating_sub(VALUES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}
