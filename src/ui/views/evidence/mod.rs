//! Board of the evidence: evidence relied on and exculpatory evidence side by side, in own groups, by tag, by
//! element of the claim or by account.

mod card;
mod sides;

use std::collections::BTreeMap;

use egui::{RichText, Sense};

use super::super::view::{View, ViewContext};
use crate::case::legal::{ABOUT, Element};
use crate::case::{Action, Evidence, EvidenceSource, PlacedDecision, State};
use crate::model::{Tag, visible};
use crate::ui::board::{Place, assigned, is_exculpatory, moved};
use crate::ui::view::Command;
use crate::ui::widgets::{follow_focus, pending};
use crate::ui::{theme, words};

use card::{Dragged, Placing};

/// Width in points below which the two sides are stacked.
const SIDE_BY_SIDE: f32 = 520.0;
/// Number of pieces above which a card has one line for its note.
const COMPACT: usize = 60;

/// Division of the board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum By {
    /// Groups of the investigator.
    #[default]
    Own,
    /// Tags.
    Tag,
    /// Elements of the claim.
    Element,
    /// Accounts.
    Account,
}

/// The view. Tag and note are edited in the inspector, which has the whole evidence.
#[derive(Default)]
pub struct EvidenceView {
    filter: String,
    by: By,
}

impl View for EvidenceView {
    fn id(&self) -> &'static str {
        "evidence"
    }

    fn title(&self) -> &'static str {
        "Evidence"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        pending::ui(ui, cx);
        let unplaced = cx.decisions.unplaced();
        if cx.state.evidence.is_empty() && unplaced.is_empty() {
            ui.label("0 pieces of evidence. Select a lead, an account or an exchange, then mark it in the panel on the right.");
            return;
        }
        self.bar(ui, cx);
        let filter = self.filter.trim().to_lowercase();
        let fits = |evidence: &Evidence| filter.is_empty() || evidence.note.to_lowercase().contains(&filter);
        let sections = sections(cx, self.by, &fits);
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            if ui.available_width() >= SIDE_BY_SIDE {
                ui.columns(2, |columns| {
                    // A column justifies its text.
                    columns[0].vertical(|ui| side(ui, cx, &sections, false));
                    columns[1].vertical(|ui| side(ui, cx, &sections, true));
                });
            } else {
                side(ui, cx, &sections, true);
                side(ui, cx, &sections, false);
            }
            without_lead(ui, &unplaced);
            follow_focus::scroll(ui);
        });
    }
}

impl EvidenceView {
    fn bar(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            let marked = cx.state.evidence.len() as u64;
            ui.strong(words::counted(marked, "piece of evidence", "pieces of evidence"));
            ui.separator();
            ui.selectable_value(&mut self.by, By::Own, "own groups").on_hover_text(
                "Your own order and groups. Drag a card, or press Alt with an arrow. The inspector sets the group.",
            );
            ui.selectable_value(&mut self.by, By::Tag, "by tag");
            ui.selectable_value(&mut self.by, By::Element, "by element").on_hover_text(
                "Elements of the claim. Drag a card to the title of an element, or assign it in the inspector.",
            );
            ui.selectable_value(&mut self.by, By::Account, "by account");
            ui.separator();
            let label = ui.weak("Filter");
            let field = egui::TextEdit::singleline(&mut self.filter).id_salt("filter").hint_text("word of the note").desired_width(140.0);
            let response = ui.add(field).labelled_by(label.id);
            if cx.focus_filter == Some("evidence") {
                response.request_focus();
            }
        });
    }
}

/// Section of the board.
struct Section<'a> {
    title: String,
    evidence: Vec<&'a Evidence>,
    kind: Kind,
}

/// Effect of a card that is dropped on the title of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It moves into the own group; within it cards have an order.
    Own,
    /// It is assigned to the element.
    Element(Element),
    /// None: evidence of no element, which can be dragged to one.
    NoElement,
    /// None.
    Computed,
}

fn sections<'a>(cx: &ViewContext<'a>, by: By, fits: &dyn Fn(&Evidence) -> bool) -> Vec<Section<'a>> {
    let state: &'a State = cx.state;
    let all = || state.evidence.values().filter(|evidence| fits(evidence));
    match by {
        By::Own => state
            .board
            .iter()
            .map(|group| Section {
                title: group.title.clone(),
                evidence: group
                    .evidence
                    .iter()
                    .filter_map(|id| state.evidence.get(id))
                    .filter(|evidence| fits(evidence))
                    .collect(),
                kind: Kind::Own,
            })
            .collect(),
        By::Tag => {
            let mut groups: BTreeMap<(usize, String), Vec<&Evidence>> = BTreeMap::new();
            for evidence in all() {
                let order = Tag::BUILT_IN.iter().position(|tag| *tag == evidence.tag).unwrap_or(usize::MAX);
                groups.entry((order, evidence.tag.as_str().to_owned())).or_default().push(evidence);
            }
            let section = |((_, title), evidence)| Section { title, evidence, kind: Kind::Computed };
            groups.into_iter().map(section).collect()
        }
        By::Element => by_element(state, fits),
        By::Account => {
            let mut groups: BTreeMap<(bool, String), Vec<&Evidence>> = BTreeMap::new();
            for evidence in all() {
                groups.entry(account_of(evidence)).or_default().push(evidence);
            }
            let section = |((_, title), evidence)| Section { title, evidence, kind: Kind::Computed };
            groups.into_iter().map(section).collect()
        }
    }
}

/// Evidence of no element, which waits to be assigned; then that of each element, in the order of their table.
fn by_element<'a>(state: &'a State, fits: &dyn Fn(&Evidence) -> bool) -> Vec<Section<'a>> {
    let of_none = |evidence: &&Evidence| {
        !state.legal.evidence.values().any(|numbers| numbers.contains(&evidence.id)) && fits(evidence)
    };
    let evidence: Vec<&Evidence> = state.evidence.values().filter(of_none).collect();
    let none = Section { title: "no element".to_owned(), evidence, kind: Kind::NoElement };
    let elements = ABOUT.iter().map(|about| {
        let numbers = state.legal.evidence.get(&about.element).into_iter().flatten();
        let evidence = numbers.filter_map(|number| state.evidence.get(number));
        Section {
            title: format!("{}: {}", about.frame.title(), about.title),
            evidence: evidence.filter(|evidence| fits(evidence)).collect(),
            kind: Kind::Element(about.element),
        }
    });
    std::iter::once(none).chain(elements).collect()
}

/// Title of the account that a piece of evidence is about; groups of accounts come first.
fn account_of(evidence: &Evidence) -> (bool, String) {
    let one = match &evidence.source {
        EvidenceSource::Exchange { account, .. } | EvidenceSource::Account { account } => Some(account),
        EvidenceSource::Scope { scope, .. } => {
            let only = scope.accounts.as_ref().filter(|accounts| accounts.ids.len() == 1);
            only.and_then(|accounts| accounts.ids.first())
        }
    };
    match one {
        Some(account) => (true, format!("account {account}")),
        None => (false, "groups of accounts".to_owned()),
    }
}

/// Number of shown pieces, of all where some are not shown.
fn of_all(shown: usize, all: usize) -> String {
    if shown == all { all.to_string() } else { format!("{shown} of {all}") }
}

/// One side of the board: exculpatory evidence, or all other evidence.
fn side(ui: &mut egui::Ui, cx: &ViewContext<'_>, sections: &[Section<'_>], against: bool) {
    sides::take_dropped(ui, cx, against);
    let belongs = |evidence: &Evidence| is_exculpatory(evidence) == against;
    let shown = sections.iter().flat_map(|section| &section.evidence).filter(|one| belongs(one)).count();
    let count = cx.state.evidence.values().filter(|one| belongs(one)).count();
    ui.add_space(theme::GAP);
    let title = if against { "exculpatory" } else { "relied on, context and others" };
    let heading = RichText::new(format!("{title} ({})", of_all(shown, count))).strong().size(15.0);
    if against {
        ui.label(heading.color(theme::exculpatory(ui.visuals())));
        if count == 0 {
            ui.weak("0 pieces of exculpatory evidence. Search for some, as the other party does.");
        }
    } else {
        ui.label(heading);
    }
    if shown == 0 && count > 0 {
        ui.weak(format!("0 of {count} match the filter."));
    }
    for section in sections {
        let evidence: Vec<&Evidence> = section.evidence.iter().copied().filter(|one| belongs(one)).collect();
        // An element without evidence is shown empty, where a card can be dropped on it.
        let is_element = matches!(section.kind, Kind::Element(_)) && !against;
        if !evidence.is_empty() || is_element {
            ui.push_id((&section.title, against), |ui| one_section(ui, cx, section, &evidence));
        }
    }
    sides::keep(ui, against);
}

fn one_section(ui: &mut egui::Ui, cx: &ViewContext<'_>, section: &Section<'_>, evidence: &[&Evidence]) {
    let title = match section.title.as_str() {
        "" => "no group".to_owned(),
        title => words::line(title, 60),
    };
    let heading = match section.evidence.is_empty() {
        true => RichText::new(format!("{title}: 0 pieces of evidence")).color(ui.visuals().warn_fg_color),
        false => RichText::new(title).strong(),
    };
    let heading = ui.add(egui::Label::new(heading).sense(Sense::hover()));
    if let Some(dragged) = heading.dnd_release_payload::<Dragged>()
        && let Some(action) = dropped(cx, section, dragged.0)
    {
        cx.send(Command::Record(action));
    }
    let compact = cx.state.evidence.len() > COMPACT;
    let shown: Vec<u64> = evidence.iter().map(|one| one.id).collect();
    for (at, one) in evidence.iter().enumerate() {
        let place = match section.kind {
            Kind::Own => Placing::Group(Place::among(&section.title, &shown, at)),
            Kind::Element(element) => Placing::Element(Some(element)),
            Kind::NoElement => Placing::Element(None),
            Kind::Computed => Placing::None,
        };
        card::ui(ui, cx, one, &place, compact);
    }
}

/// Decision of a card that is dropped on the title of a section.
fn dropped(cx: &ViewContext<'_>, section: &Section<'_>, evidence: u64) -> Option<Action> {
    match section.kind {
        Kind::Own => moved(cx.state, evidence, &section.title, None),
        Kind::Element(element) => assigned(cx.state, element, evidence, true),
        Kind::NoElement | Kind::Computed => None,
    }
}

/// Decisions on a lead that is no longer in the list of leads.
fn without_lead(ui: &mut egui::Ui, unplaced: &[PlacedDecision]) {
    if unplaced.is_empty() {
        return;
    }
    ui.add_space(theme::GAP);
    ui.strong(format!("decisions without a current lead ({})", words::count(unplaced.len() as u64)));
    ui.weak("These decisions match no current lead. Mark and weigh again those that you rely on.");
    for placed in unplaced {
        ui.label(visible(&placed.in_words()));
    }
}
