//! The window of an open case: panels around the tiles.

use std::cell::RefCell;
use std::sync::Arc;

use super::history::History;
use super::kept::{Keeper, LeftWith};
use super::keyboard;
use super::overlay::Overlay;
use super::panels::bottom::{self, Paces};
use super::panels::events::EventList;
use super::panels::inspector::Inspector;
use super::panels::scope_bar::ScopeBar;
use super::panels::time_brush::TimeBrush;
use super::panels::{left, top};
use super::pivot::PivotMenu;
use super::regions::{self, Region, Regions};
use super::report::ReportDialog;
use super::save_view::SaveDialog;
use super::screen_picture::ScreenPicture;
use super::scripts::Scripts;
use super::session::UiSession;
use super::snapshot_dialog::{Answer, SnapshotDialog};
use super::tiles::ViewTiles;
use super::unsent::Unsent;
use super::view::{Command, Selected, ViewContext, WindowCommand};
use super::widgets::{form_menu, keys};
use super::{acts, views, words};
use crate::jobs::{ClosingCase, Jobs};
use crate::model::Scope;

/// Width of the window, in points, from which the panel of the case is visible unless it was closed.
const WIDE: f32 = 860.0;

/// An open case on the screen.
pub struct CaseWindow {
    /// The case.
    pub session: UiSession,
    tiles: ViewTiles,
    scope_bar: ScopeBar,
    brush: TimeBrush,
    inspector: Inspector,
    overlay: Overlay,
    pivot: PivotMenu,
    dismissal: views::Dismissal,
    regions: Regions,
    keeper: Keeper,
    scripts: Scripts,
    focus_filter: bool,
    /// True until the next frame opens the reading queue.
    opens_queue: bool,
    /// Page that its view opens in the next frame.
    page: Option<&'static str>,
    events: EventList,
    snapshot: Option<SnapshotDialog>,
    report: Option<ReportDialog>,
    save: Option<SaveDialog>,
    picture: Option<ScreenPicture>,
    /// True if the panel of the case is open; `None` until the user chooses, and the width decides.
    case_panel: Option<bool>,
}

impl CaseWindow {
    /// Window of a session.
    pub fn new(session: UiSession) -> Self {
        Self {
            session,
            tiles: ViewTiles::default(),
            scope_bar: ScopeBar::default(),
            brush: TimeBrush::default(),
            inspector: Inspector::default(),
            overlay: Overlay::default(),
            pivot: PivotMenu::default(),
            dismissal: views::Dismissal::default(),
            regions: Regions::default(),
            keeper: Keeper::default(),
            scripts: Scripts::default(),
            focus_filter: false,
            opens_queue: false,
            page: None,
            events: EventList::default(),
            snapshot: None,
            report: None,
            save: None,
            picture: None,
            case_panel: None,
        }
    }

    /// Draws the case; requests go to `commands`.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        jobs: &Jobs,
        commands: &RefCell<Vec<Command>>,
        paces: &mut Paces,
    ) {
        let scope = Arc::clone(self.session.history().present());
        commands.borrow_mut().extend(self.keep(jobs, &scope));
        // A field under a dialog that has just closed gets the keyboard one frame later.
        let can_focus = self.focus_filter && !keyboard::is_taken(ui.ctx());
        self.focus_filter &= !can_focus;
        let focus = can_focus.then_some(self.tiles.used());
        let mut cx = self.session.context(jobs, commands, focus);
        cx.opens_queue = std::mem::take(&mut self.opens_queue);
        cx.page = self.page.take();
        let wide = ui.available_width() >= WIDE;
        let mut case_panel = self.case_panel.unwrap_or(wide);
        egui::Panel::top("title").show(ui, |ui| {
            if top::ui(ui, &cx, &mut case_panel) {
                self.case_panel = Some(case_panel);
            }
        });
        egui::Panel::top("scope").show(ui, |ui| {
            self.scope_bar.ui(ui, &cx, self.session.history());
            regions::begin(ui, Region::Timeline);
            self.brush.ui(ui, &cx);
        });
        egui::Panel::bottom("status").show(ui, |ui| bottom::ui(ui, &cx, paces, &mut self.scripts));
        if case_panel {
            egui::Panel::left("case").default_size(150.0).size_range(110.0..=320.0).show(ui, |ui| {
                regions::begin(ui, Region::Case);
                left::ui(ui, &cx, &mut self.events);
            });
        }
        // The inspector's room is taken before the views are drawn and filled after them, so that Tab
        // goes from left to right.
        // A panel remembers its size by its name: a narrow window begins with a narrow one.
        let (name, size) = if wide { ("inspector", 290.0) } else { ("narrow inspector", 220.0) };
        let mut inside = None;
        egui::Panel::right(name).default_size(size).size_range(180.0..=640.0).show(ui, |ui| {
            inside = Some(ui.available_rect_before_wrap());
            ui.allocate_space(ui.available_size());
        });
        // Without a background of their own the tiles would be drawn on black.
        let ground = egui::Frame::new().fill(ui.visuals().panel_fill);
        egui::CentralPanel::default().frame(ground).show(ui, |ui| {
            regions::begin(ui, Region::Views);
            self.tiles.ui(ui, &cx);
        });
        if let Some(inside) = inside {
            ui.scope_builder(egui::UiBuilder::new().id_salt("inspector").max_rect(inside), |ui| {
                ui.shrink_clip_rect(inside.expand(2.0));
                regions::begin(ui, Region::Inspector);
                self.inspector.ui(ui, &cx);
            });
        }
        let hears_keys =
            !self.pivot.is_open() && !keyboard::is_taken(ui.ctx()) && !ui.ctx().text_edit_focused();
        self.pivot.ui(ui.ctx(), &cx);
        // Tables hear the keys first, for the rows that are chosen in them.
        if hears_keys {
            act_keys(ui, &cx);
        }
        if let Some(action) = self.dismissal.ui(ui.ctx(), &cx) {
            cx.send(Command::Record(action));
        }
        self.overlay.ui(ui.ctx(), Some(&cx));
        match self.snapshot.as_mut().map(|dialog| dialog.ui(ui.ctx(), jobs)) {
            Some(Answer::Change(request)) => {
                cx.send(Command::ChangeSources(*request));
                self.snapshot = None;
            }
            Some(Answer::Closed) => self.snapshot = None,
            Some(Answer::Open) | None => {}
        }
        if self.report.as_mut().is_some_and(|dialog| dialog.ui(ui.ctx(), &cx, jobs)) {
            self.report = None;
        }
        if self.save.as_mut().is_some_and(|dialog| dialog.ui(ui.ctx(), &cx)) {
            self.save = None;
        }
        if let Some(picture) = &mut self.picture
            && let Some(image) = picture.poll(ui.ctx(), self.tiles.place(picture.view))
        {
            self.save = Some(SaveDialog::of_screen(picture.view, image, self.session.dir()));
            self.picture = None;
        }
    }

    /// True if the pivot menu is open.
    pub fn menu_is_open(&self) -> bool {
        self.pivot.is_open()
    }

    /// Restores the scope and views that the case was left with, and stores the present ones.
    fn keep(&mut self, jobs: &Jobs, scope: &Arc<Scope>) -> Vec<Command> {
        let (settings, dir) = (self.session.settings(), self.session.dir().to_owned());
        if let Some(left) = self.keeper.take(jobs, settings, &dir) {
            if let Some(views) = &left.views {
                self.tiles.arrange(views);
            }
            if !scope.is_everything() || self.session.against().is_some() {
                return Vec::new();
            }
            match left.history.and_then(History::restored).filter(|history| *history.present() == left.scope)
            {
                Some(history) => self.session.restore(history),
                None => {
                    return vec![
                        Command::SetScope(Scope::clone(&left.scope)),
                        Command::Compare(left.against),
                    ];
                }
            }
            return vec![Command::Compare(left.against)];
        }
        if self.keeper.is_due() {
            let now = self.left_with();
            self.keeper.keep(jobs, settings, &dir, now, false);
        }
        Vec::new()
    }

    /// State that survives closing.
    fn left_with(&self) -> LeftWith {
        LeftWith {
            scope: Arc::clone(self.session.history().present()),
            against: self.session.against().cloned(),
            history: Some(self.session.history().clone()),
            views: self.tiles.arrangement(),
        }
    }

    /// Closes the case and stores its scope and views.
    pub fn close(mut self, jobs: &Jobs) -> ClosingCase {
        let now = self.left_with();
        self.keeper.keep(jobs, self.session.settings(), self.session.dir(), now, true);
        self.session.close()
    }

    /// Shows the import report of the latest snapshot.
    pub fn show_new_report(&mut self) {
        let last = self.session.last_snapshot();
        self.report = last.map(|snapshot| ReportDialog::new(snapshot, true));
    }

    /// Text typed in the forms of the case and not sent.
    pub fn unsent(&self, jobs: &Jobs) -> Vec<Unsent> {
        let none = RefCell::default();
        let cx = self.session.context(jobs, &none, None);
        let mut unsent = self.inspector.unsent(&cx);
        unsent.extend(self.tiles.unsent(&cx));
        unsent.extend(self.dismissal.unsent());
        unsent.extend(self.scope_bar.unsent().into_iter().chain(self.pivot.unsent()));
        unsent.extend(self.events.unsent());
        unsent.extend(self.snapshot.iter().flat_map(SnapshotDialog::unsent));
        unsent
    }

    /// Evidence, reviewed leads and saved scopes of the case in words; `None` for none.
    pub fn decided(&self, jobs: &Jobs) -> Option<String> {
        let none = RefCell::default();
        let state = self.session.context(jobs, &none, None).state;
        let counts = [
            (state.evidence.len(), "piece of evidence", "pieces of evidence"),
            (state.reviews.len(), "reviewed lead", "reviewed leads"),
            (state.scopes.len(), "saved scope", "saved scopes"),
        ];
        let counted = counts.into_iter().filter(|(count, ..)| *count > 0);
        let said: Vec<String> =
            counted.map(|(count, one, many)| words::counted(count as u64, one, many)).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }

    /// Puts every view beside the others.
    pub fn spread_views(&mut self) {
        self.tiles = ViewTiles::spread();
    }

    /// Carries out a command on the case or its window; returns any other command.
    pub fn carry_out(&mut self, ctx: &egui::Context, jobs: &Jobs, command: Command) -> Option<Command> {
        match command {
            Command::Pivot(from) => self.pivot.open(ctx, from, None),
            Command::PivotAt(from, moment) => self.pivot.open(ctx, from, Some(moment)),
            Command::Window(WindowCommand::Region { back }) => self.regions.go(ctx, back),
            Command::Window(WindowCommand::Section(region)) => {
                if region == Region::Explanations {
                    self.inspector.unfold_explanations();
                }
                self.regions.to(ctx, region);
            }
            Command::Window(WindowCommand::Mark) => self.inspector.mark(),
            Command::Window(WindowCommand::Menu(name)) => form_menu::open(ctx, name),
            Command::Dismiss(leads) => {
                let none = RefCell::default();
                self.dismissal.open(&self.session.context(jobs, &none, None), leads);
            }
            Command::ShowView(id) => {
                self.regions.is_in(Region::Views);
                self.tiles.show(id);
                // Arrows move in the view's table at once; a view without one has its tab in focus.
                if views::has_keys(id) {
                    keys::focus(ctx, id);
                } else {
                    self.tiles.focus_tab(ctx, id);
                }
            }
            Command::Window(WindowCommand::SigningKey) => {
                self.tiles.show("export");
                self.focus_filter = true;
            }
            Command::Window(WindowCommand::ReadingQueue) => {
                self.tiles.show("exchanges");
                self.opens_queue = true;
            }
            Command::Window(WindowCommand::Page(view, page)) => {
                self.tiles.show(view);
                self.page = Some(page);
            }
            Command::Window(WindowCommand::Enlarge) => self.tiles.enlarge(),
            Command::Window(WindowCommand::Palette) => self.overlay.toggle_palette(ctx),
            Command::Window(WindowCommand::ChangeSnapshot(snapshot)) => {
                let none = RefCell::default();
                let cx = self.session.context(jobs, &none, None);
                self.snapshot = SnapshotDialog::new(self.session.dir().to_owned(), &cx, snapshot);
            }
            Command::Window(WindowCommand::ShowReport(snapshot)) => {
                self.report = Some(ReportDialog::new(snapshot, false));
            }
            Command::Window(WindowCommand::SaveView(wanted)) => {
                self.save = Some(SaveDialog::new(wanted, self.session.dir()));
            }
            Command::Window(WindowCommand::ScreenPicture(view)) => {
                self.tiles.show(view);
                self.picture = Some(ScreenPicture::of(view));
            }
            Command::Window(WindowCommand::Shortcuts) => self.overlay.toggle_shortcuts(),
            Command::Window(WindowCommand::Brush(zoom)) => self.brush.want(zoom),
            Command::Window(WindowCommand::FocusFilter) => {
                self.focus_filter = true;
            }
            other => return self.session.carry_out(jobs, other),
        }
        None
    }
}

/// Sends the act on the selection whose key was pressed.
fn act_keys(ui: &egui::Ui, cx: &ViewContext<'_>) {
    let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
    let act = acts::ALL.into_iter().find(|act| act.about().key.is_some_and(pressed));
    let hears = *cx.selected != Selected::Nothing && !keyboard::is_typed(ui.ctx());
    if let Some(act) = act.filter(|_| hears) {
        acts::send(cx, act.by_key(cx));
    }
}
