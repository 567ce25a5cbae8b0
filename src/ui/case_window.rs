//! The window of an open case: panels around the tiles.

use std::cell::RefCell;

use super::overlay::Overlay;
use super::panels::bottom::{self, Paces};
use super::panels::events::EventList;
use super::panels::inspector::Inspector;
use super::panels::scope_bar::ScopeBar;
use super::panels::time_brush::TimeBrush;
use super::panels::{left, top};
use super::report::ReportDialog;
use super::session::UiSession;
use super::snapshot_dialog::{Answer, SnapshotDialog};
use super::tiles::ViewTiles;
use super::unsent::Unsent;
use super::view::{Command, WindowCommand};
use crate::jobs::Jobs;

/// From this width on, in points, the panel of the case is shown unless it was closed.
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
    /// The view last shown on purpose: the one that Ctrl+F filters.
    in_use: &'static str,
    focus_filter: bool,
    events: EventList,
    snapshot: Option<SnapshotDialog>,
    report: Option<ReportDialog>,
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
            in_use: "leads",
            focus_filter: false,
            events: EventList::default(),
            snapshot: None,
            report: None,
            case_panel: None,
        }
    }

    /// Draws the case; what was asked for goes to `commands`.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        jobs: &Jobs,
        commands: &RefCell<Vec<Command>>,
        paces: &mut Paces,
    ) {
        let focus = std::mem::take(&mut self.focus_filter).then_some(self.in_use);
        let cx = self.session.context(jobs, commands, focus);
        let wide = ui.available_width() >= WIDE;
        let mut case_panel = self.case_panel.unwrap_or(wide);
        egui::Panel::top("title").show(ui, |ui| {
            if top::ui(ui, &cx, &mut case_panel) {
                self.case_panel = Some(case_panel);
            }
        });
        egui::Panel::top("scope").show(ui, |ui| {
            self.scope_bar.ui(ui, &cx, self.session.history());
            self.brush.ui(ui, &cx);
        });
        egui::Panel::bottom("status").show(ui, |ui| bottom::ui(ui, &cx, paces));
        if case_panel {
            egui::Panel::left("case")
                .default_size(150.0)
                .size_range(110.0..=320.0)
                .show(ui, |ui| left::ui(ui, &cx, &mut self.events));
        }
        // A panel remembers its size by its name: a narrow window begins with a narrow one.
        let (name, size) = if wide { ("inspector", 290.0) } else { ("narrow inspector", 220.0) };
        egui::Panel::right(name)
            .default_size(size)
            .size_range(180.0..=640.0)
            .show(ui, |ui| self.inspector.ui(ui, &cx));
        // Without a background of their own the tiles would be drawn on black.
        let ground = egui::Frame::new().fill(ui.visuals().panel_fill);
        egui::CentralPanel::default().frame(ground).show(ui, |ui| self.tiles.ui(ui, &cx));
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
    }

    /// Shows the report of the snapshot that was added last.
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
        unsent.extend(self.scope_bar.unsent().into_iter().chain(self.brush.unsent()));
        unsent.extend(self.events.unsent());
        unsent.extend(self.snapshot.iter().flat_map(SnapshotDialog::unsent));
        unsent
    }

    /// Puts every view beside the others.
    pub fn spread_views(&mut self) {
        self.tiles = ViewTiles::spread();
    }

    /// Carries out what concerns the case or its window; gives back what does not.
    pub fn carry_out(&mut self, jobs: &Jobs, command: Command) -> Option<Command> {
        match command {
            Command::ShowView(id) => {
                self.tiles.show(id);
                self.in_use = id;
            }
            Command::Window(WindowCommand::Palette) => self.overlay.toggle_palette(),
            Command::Window(WindowCommand::ChangeSnapshot(snapshot)) => {
                let none = RefCell::default();
                let cx = self.session.context(jobs, &none, None);
                self.snapshot = SnapshotDialog::new(self.session.dir().to_owned(), &cx, snapshot);
            }
            Command::Window(WindowCommand::ShowReport(snapshot)) => {
                self.report = Some(ReportDialog::new(snapshot, false));
            }
            Command::Window(WindowCommand::Shortcuts) => self.overlay.toggle_shortcuts(),
            Command::Window(WindowCommand::FocusFilter) => {
                // A view that is behind another has no filter to see.
                if !self.tiles.in_front().contains(&self.in_use) {
                    self.in_use = self.tiles.in_front().first().copied().unwrap_or("leads");
                }
                self.focus_filter = true;
            }
            other => return self.session.carry_out(jobs, other),
        }
        None
    }
}
