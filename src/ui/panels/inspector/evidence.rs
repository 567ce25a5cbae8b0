//! A piece of evidence in the inspector: read, edit, remove, go to its source.

use crate::bundle::exhibits_of;
use crate::case::legal::{ABOUT, Frame};
use crate::case::{Action, EvidenceSource, StoryPart};
use crate::model::{Followed, Scope};
use crate::ui::board::{Place, assigned, moved};
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::widgets::form_menu;
use crate::ui::widgets::mark::MarkForm;
use crate::ui::words;

/// Draws the evidence.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, id: u64, form: &mut MarkForm) {
    let Some(evidence) = cx.state.evidence.get(&id) else {
        ui.weak("This evidence was removed; the Journal view shows the entry. Undo restores a removal, Redo restores an undone mark.");
        return;
    };
    ui.heading(format!("Evidence {id}"));
    source(ui, cx, id, &evidence.source);
    ui.weak(format!("marked {} {}", cx.zone.format(evidence.marked), cx.zone.name()));
    if let Some(mapping) = cx.state.earlier_mapping(evidence) {
        ui.weak(format!(
            "Read with {}. That mapping has since been replaced.",
            words::line(&mapping.describe(), 120)
        ));
    }
    if ui.button("Go to the source").clicked() {
        go_to(cx, &evidence.source);
    }
    if !cx.read_only {
        ui.horizontal_wrapped(|ui| place(ui, cx, id));
    }
    ui.separator();
    if let Some((tag, note)) = form.ui(ui, "Change tag and note", "Undo takes it back", !cx.read_only, false)
    {
        *form = MarkForm::editing(&tag, &note);
        cx.send(Command::Record(Action::EvidenceChanged { id, tag, note }));
    }
    if ui.add_enabled(!cx.read_only, egui::Button::new("Remove from evidence")).clicked() {
        cx.send(Command::Record(Action::EvidenceRemoved { id }));
    }
}

/// The source, once: a lead of the present list as a link, with its former state where it has changed.
fn source(ui: &mut egui::Ui, cx: &ViewContext<'_>, id: u64, source: &EvidenceSource) {
    let name = words::evidence_source(source, cx.zone);
    let now = cx.decisions.of_evidence(id).and_then(Followed::at);
    let link = now.map(|at| words::lead(cx.leads, at));
    if link.as_ref() != Some(&name) {
        ui.label(&name);
        if let Some(lead) = cx.decisions.evidence_in_words(id) {
            ui.weak(format!("marked for {lead}"));
        }
    }
    if let (Some(at), Some(link)) = (now, link)
        && ui.link(link).clicked()
    {
        cx.send(Command::Select(Selected::Lead(at)));
    }
}

/// Place on the board, and a part of the story on the evidence.
fn place(ui: &mut egui::Ui, cx: &ViewContext<'_>, id: u64) {
    let Some(place) = Place::of(cx.state, id) else { return };
    let steps = [("Earlier", place.earlier(cx.state, id)), ("Later", place.later(cx.state, id))];
    for (title, action) in steps {
        let button = ui.add_enabled(action.is_some(), egui::Button::new(title));
        let button = button.on_hover_text("Moves it on the board (Alt with an arrow on its card)");
        if let (true, Some(action)) = (button.clicked(), action) {
            cx.send(Command::Record(action));
        }
    }
    let title = match place.group.as_str() {
        "" => "Group: none".to_owned(),
        group => format!("Group: {}", words::line(group, 24)),
    };
    form_menu::ui(ui, &title, |ui| group(ui, cx, id, &place.group));
    let count = cx.state.legal.evidence.values().filter(|numbers| numbers.contains(&id)).count();
    form_menu::ui(ui, &format!("Elements: {count}"), |ui| elements(ui, cx, id))
        .on_hover_text("Elements of the claim that it is evidence of");
    let button = ui.add_enabled(cx.pending.is_empty(), egui::Button::new("Add to the story"));
    if button.on_hover_text("Adds a part that refers to it").clicked() {
        let exhibits = cx.state.evidence.get(&id).map(exhibits_of);
        let exhibit = exhibits.and_then(|kinds| kinds.contains(&"timeline").then(|| "timeline".to_owned()));
        let part = StoryPart { id: 0, text: format!("[E{id}]"), evidence: Some(id), exhibit };
        cx.send(Command::AddStoryPart(part));
        cx.send(Command::ShowView("story"));
    }
}

/// Elements of the claim, ticked where the evidence is assigned.
fn elements(ui: &mut egui::Ui, cx: &ViewContext<'_>, id: u64) {
    for frame in Frame::ALL {
        ui.weak(frame.title());
        for about in ABOUT.iter().filter(|about| about.frame == frame) {
            let numbers = cx.state.legal.evidence.get(&about.element);
            let mut is_assigned = numbers.is_some_and(|numbers| numbers.contains(&id));
            if ui.checkbox(&mut is_assigned, about.title).on_hover_text(about.asks).changed() {
                let action = assigned(cx.state, about.element, id, is_assigned);
                action.into_iter().for_each(|action| cx.send(Command::Record(action)));
            }
        }
    }
}

/// Choice of a group, or the title of a new one.
fn group(ui: &mut egui::Ui, cx: &ViewContext<'_>, id: u64, present: &str) {
    let mut chosen = None;
    for group in cx.state.board.iter().filter(|group| !group.title.is_empty()) {
        if ui.selectable_label(group.title == present, words::line(&group.title, 40)).clicked() {
            chosen = Some(group.title.clone());
        }
    }
    if !present.is_empty() && ui.button("No group").clicked() {
        chosen = Some(String::new());
    }
    let draft = ui.scope_id().with("new group");
    let mut typed: String = ui.data(|data| data.get_temp(draft)).unwrap_or_default();
    let label = ui.label("New group");
    let field = ui.add(egui::TextEdit::singleline(&mut typed).desired_width(180.0)).labelled_by(label.id);
    // A menu opened with the pointer takes the text that is typed next.
    if ui.memory(|memory| memory.focused().is_none()) {
        field.request_focus();
    }
    let enter = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    let title = typed.trim().to_owned();
    if (ui.add_enabled(!title.is_empty(), egui::Button::new("Move to it")).clicked() || enter)
        && !title.is_empty()
    {
        typed.clear();
        chosen = Some(title);
    }
    ui.data_mut(|data| data.insert_temp(draft, typed));
    if let Some(title) = chosen {
        let last = cx.state.board.iter().find(|group| group.title == title);
        let last = last.and_then(|group| group.evidence.last().copied());
        if let Some(action) = moved(cx.state, id, &title, last) {
            cx.send(Command::Record(action));
        }
        ui.close();
    }
}

/// Goes to the source of a piece of evidence.
pub fn go_to(cx: &ViewContext<'_>, source: &EvidenceSource) {
    match source {
        EvidenceSource::Exchange { exchange, account, .. } => {
            cx.send(Command::SetScope(Scope::default().with_account(account.clone())));
            cx.send(Command::SelectExchange(exchange.clone()));
            cx.send(Command::ShowView("exchanges"));
        }
        EvidenceSource::Account { account } => {
            cx.send(Command::SetScope(Scope::default().with_account(account.clone())));
            if let Some(account) = cx.cache.account_index(account) {
                cx.send(Command::Select(Selected::Account(account)));
            }
        }
        EvidenceSource::Scope { scope, .. } => cx.send(Command::SetScope(scope.clone())),
    }
}
