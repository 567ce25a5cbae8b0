//! A lead on a group in the inspector: a summary, then the signals one by one.

use super::answer::Answer;
use super::{likely, parts, shared, signals};
use crate::case::ReviewStatus;
use crate::leads::{GroupLead, certainty};
use crate::model::{Family, format_duration, visible};
use crate::query::group::FamilyShare;
use crate::ui::view::{PivotFrom, ViewContext};
use crate::ui::{pivot, theme, words};

/// Maximum number of characters of one line of the summary.
const LINE: usize = 320;

/// Draws its name and its state.
pub fn head(ui: &mut egui::Ui, cx: &ViewContext<'_>, index: usize) {
    let Some(group) = cx.leads.groups.get(index) else { return };
    pivot::on(&parts::heading(ui, &group.name()), cx, || PivotFrom::Lead(index));
    status(ui, cx, index);
}

/// Draws why it is a lead, in two sentences; nothing for another selection.
pub fn why(ui: &mut egui::Ui, answer: Option<&Answer>) {
    let Some(why) = answer.and_then(|answer| answer.why.as_ref()) else { return };
    for sentence in [&why.tie, &why.deed] {
        let text = egui::RichText::new(visible(sentence).replace(" %", "\u{a0}%")).strong();
        ui.add(egui::Label::new(text).wrap());
    }
    ui.add_space(theme::GAP);
}

/// Draws the summary.
pub fn answer(ui: &mut egui::Ui, cx: &ViewContext<'_>, index: usize, answer: Option<&Answer>) {
    let Some(group) = cx.leads.groups.get(index) else { return };
    summary(ui, cx, group, answer);
}

/// Draws possible members, reasons and shared values.
pub fn details(ui: &mut egui::Ui, cx: &ViewContext<'_>, index: usize, answer: Option<&Answer>) {
    let Some(group) = cx.leads.groups.get(index) else { return };
    likely::ui(ui, cx, index, answer);
    signals::ui(ui, cx, answer, of_core(group));
    shared::ui(ui, cx, answer);
}

/// Whom the reasons describe, where that is not all members.
fn of_core(group: &GroupLead) -> Option<(String, &'static str)> {
    let core = words::counted(group.core.len() as u64, "core member", "core members");
    let hint = "Joined members are added by a model, so no test uses them. “members” means core and joined everywhere else.";
    (group.joined() > 0).then(|| (format!("Figures of the {core}."), hint))
}

fn status(ui: &mut egui::Ui, cx: &ViewContext<'_>, index: usize) {
    let review = cx.decisions.review(index);
    let status = review.map_or(ReviewStatus::New, |review| review.status);
    let reason = review.map_or("", |review| review.reason.as_str());
    ui.horizontal_wrapped(|ui| {
        ui.colored_label(theme::status(ui.visuals(), status), status.in_words());
        if !reason.is_empty() {
            ui.weak(words::line(reason, 80));
        }
        ui.weak(places(&cx.leads.groups, index))
            .on_hover_text("Rank is the order of review. Leads of equal size have the same place in size.");
    });
}

/// Places of a lead by rank and by number of accounts: `rank 10 of 61 leads, 2nd in size`.
fn places(groups: &[GroupLead], index: usize) -> String {
    let size = groups[index].accounts.len();
    let larger = groups.iter().filter(|group| group.accounts.len() > size).count();
    let rank = words::count(index as u64 + 1);
    let all = words::count(groups.len() as u64);
    format!("rank {rank} of {all} leads, {} in size", words::ordinal(larger as u32 + 1))
}

/// Five lines: members, shared values, time, certainty, innocent explanation.
fn summary(ui: &mut egui::Ui, cx: &ViewContext<'_>, group: &GroupLead, answer: Option<&Answer>) {
    egui::Grid::new("summary").num_columns(2).spacing([8.0, 3.0]).show(ui, |ui| {
        let mut line = |name: &str, text: &str, hint: &str| {
            // A name in one piece: the grid would break it within a word.
            let name = egui::Label::new(egui::RichText::new(name).weak()).extend();
            ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| ui.add(name));
            ui.vertical(|ui| {
                let label = egui::Label::new(visible(text).replace(" %", "\u{a0}%")).wrap();
                ui.add(label).on_hover_text(hint);
            });
            ui.end_row();
        };
        line(
            "members",
            &members(group, answer),
            "Core members formed the lead. Joined members were added by their membership probability.",
        );
        line("shared", &shared(cx, group, answer), &words::line(&group.shares, 400));
        line("in use", &in_use(cx, group, answer), "First and last exchange of its members");
        line("how sure", &figures(group), FIGURES);
        if let Some(best) = answer.and_then(|answer| answer.innocent.as_ref()) {
            let is_remarkable =
                answer.and_then(|answer| answer.why.as_ref()).is_some_and(|why| why.is_remarkable);
            let limit = match is_remarkable && best.is_of_ties() {
                true => " It explains what ties them, not what they do.",
                false => "",
            };
            line(
                "benign",
                &format!("{}. {}{limit}", best.kind, best.mark),
                "Benign explanation that fits best, and the mark it is chosen by",
            );
        }
    });
}

/// Explanation of the figures of a lead.
const FIGURES: &str = "p-value of what the accounts do; q-value over the leads tested; common control p-value; rarity of shared values. None is a probability of guilt.";

/// `40 core and 1 joined members, 2,606 exchanges; 2 uncertain, listed below`.
fn members(group: &GroupLead, answer: Option<&Answer>) -> String {
    let core = words::count(group.core.len() as u64);
    let members = match group.joined() {
        0 => words::counted(group.core.len() as u64, "core member", "core members"),
        joined => format!("{core} core and {} joined members", words::count(joined as u64)),
    };
    let uncertain = match answer.map_or(0, |answer| answer.uncertain.len()) {
        0 => String::new(),
        some => format!("; {} uncertain, listed below", words::count(some as u64)),
    };
    format!("{members}, {}{uncertain}", words::counted(group.exchanges, "exchange", "exchanges"))
}

/// Time of use, and how many of its accounts are new.
fn in_use(cx: &ViewContext<'_>, group: &GroupLead, answer: Option<&Answer>) -> String {
    let created = answer.and_then(|answer| answer.created.as_ref());
    format!(
        "from {} to {} ({}), {}{}",
        cx.zone.format_date(group.span.start),
        cx.zone.format_date(group.span.end.saturating_sub(1)),
        format_duration(group.span.length()),
        cx.zone.name(),
        created.map_or_else(String::new, |created| format!("; {created}"))
    )
}

/// Numbers of members who share rare values, and the leading topic.
fn shared(cx: &ViewContext<'_>, group: &GroupLead, answer: Option<&Answer>) -> String {
    let Some(facts) = answer.and_then(|answer| answer.facts.as_ref()) else {
        return words::line(&group.shares, LINE);
    };
    let mut parts: Vec<String> = Vec::new();
    if let Some((topic, share)) = facts.topics.first()
        && let Some(topic) = cx.cache.topics().get(usize::from(*topic))
    {
        parts.push(format!("{:.0} % of exchanges about {}", 100.0 * share, words::line(&topic.label, 50)));
    }
    let mut shares: Vec<(Family, FamilyShare)> = Family::ALL.into_iter().zip(facts.shared).collect();
    shares.retain(|(_, share)| share.members > 0);
    shares.sort_by_key(|(family, share)| (std::cmp::Reverse(share.members), *family));
    // Core and joined members: the figures of the lead's own reasons are of core members alone.
    let all = words::counted(group.accounts.len() as u64, "member", "members");
    parts.extend(shares.into_iter().take(3).map(|(family, share)| {
        format!("{} of {all} share a rare {}", words::count(u64::from(share.members)), family.title())
    }));
    if parts.is_empty() { "no rare value and no topic in common".to_owned() } else { parts.join("; ") }
}

/// How sure it is in words, then the figures of both axes, never combined into one number.
fn figures(group: &GroupLead) -> String {
    let p = words::probability(group.extraction_p);
    let q = match (group.ranked_only, group.q_value) {
        (false, Some(q)) => format!(", q {} over {} leads", words::probability(Some(q)), group.tested),
        _ => String::new(),
    };
    let joint = group
        .common_control_p
        .map_or_else(String::new, |p| format!("; common control p {}", words::probability(Some(p))));
    let shared = match group.common_control_bits {
        // Axis one is 0 within one declared organisation.
        0.0 => "0 bits of rare values shared across organisations".to_owned(),
        bits => format!("shared values {bits:.1} bits"),
    };
    format!("{} (p {p}{q}{joint}; {shared})", certainty(group))
}
