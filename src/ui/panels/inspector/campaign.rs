//! A campaign in the inspector.

use super::account::{mark, pivots, why};
use super::answer::Answer;
use crate::cache::AccountIndex;
use crate::case::EvidenceSource;
use crate::leads::CampaignLead;
use crate::model::Scope;
use crate::ui::view::{Command, ViewContext};
use crate::ui::widgets::mark::MarkForm;
use crate::ui::words;

/// Draws the campaign.
pub fn ui(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    index: usize,
    answer: Option<&Answer>,
    form: &mut MarkForm,
) {
    let Some(campaign) = cx.leads.campaigns.get(index) else { return };
    ui.heading(words::line(&campaign.title, 60));
    ui.label(format!(
        "{}, {}",
        words::counted(campaign.accounts.len() as u64, "account", "accounts"),
        words::counted(campaign.exchanges, "exchange", "exchanges")
    ));
    ui.weak(format!(
        "{} to {} {}",
        cx.zone.format(campaign.span.start),
        cx.zone.format(campaign.span.end),
        cx.zone.name()
    ));
    axes(ui, campaign);
    ui.horizontal_wrapped(|ui| {
        if ui.button("Set scope to it").clicked() {
            cx.send(Command::SetScope(scope_of(cx, campaign)));
        }
        if ui.button("Show links").clicked() {
            cx.send(Command::SetScope(scope_of(cx, campaign)));
            cx.send(Command::ShowView("links"));
        }
    });
    why(ui, cx, answer, None);
    pivots(ui, cx, answer);
    mark(ui, |ui| {
        if let Some((tag, note)) = form.ui(ui, "Mark campaign as evidence", !cx.read_only) {
            let scope = Scope::default().with_accounts(&campaign.title, ids(cx, &campaign.accounts));
            let source = EvidenceSource::Scope { scope, title: campaign.title.clone() };
            cx.send(Command::TagSource(source, tag, note));
        }
    });
}

/// Both axes, never one number.
fn axes(ui: &mut egui::Ui, campaign: &CampaignLead) {
    ui.label(format!("Common control: {:.1} bits", campaign.common_control_bits))
        .on_hover_text("How strongly its accounts are tied by rare shared values: the median over accounts of their strongest link.");
    if let Some(p) = campaign.common_control_p {
        ui.label(format!("Acting as one: p {}", words::probability(Some(p)))).on_hover_text(
            "Hand-over, over-homogeneity and what else unrelated accounts do not do, all together. A company's accounts act as one too.",
        );
    }
    let p = words::probability(campaign.extraction_p);
    let error_rate = match (campaign.ranked_only, campaign.q_value) {
        (false, Some(q)) => format!("q {}", words::probability(Some(q))),
        _ => "ranked only, no error-rate claim".to_owned(),
    };
    ui.label(format!("Extraction-like: p {p}; {error_rate}"))
        .on_hover_text("Its median account among the peers of its cohort. Not a probability of guilt.");
}

/// The present scope on a campaign's accounts.
pub fn scope_of(cx: &ViewContext<'_>, campaign: &CampaignLead) -> Scope {
    Scope::clone(cx.scope).with_accounts(&campaign.title, ids(cx, &campaign.accounts))
}

fn ids(
    cx: &ViewContext<'_>,
    accounts: &[AccountIndex],
) -> std::collections::BTreeSet<crate::model::AccountId> {
    let all = cx.cache.accounts();
    accounts
        .iter()
        .filter_map(|&account| all.get(account as usize))
        .map(|account| account.id.clone())
        .collect()
}
