//! Accounts × shared values as a matrix: readable with hundreds of accounts.

use std::sync::Arc;

use egui::{Align2, Color32, FontId, Key, Rect, Response, Sense, StrokeKind, Ui, pos2, vec2};

use super::act::ID;
use super::side;
use crate::cache::AccountIndex;
use crate::model::Family;
use crate::query::matrix::{Matrix, MatrixValue};
use crate::ui::group_bar::GroupBar;
use crate::ui::view::{Command, PivotFrom, Selected, ViewContext};
use crate::ui::widgets::choice::How;
use crate::ui::widgets::{keys, picture, sideways};
use crate::ui::{pivot, scopes, theme, words};

/// Side of a cell, in points.
const CELL: f32 = 15.0;
/// Width of the accounts' names, in points.
const NAMES: f32 = 150.0;
/// Height of the values' names in points, and where the view is low.
const HEAD: f32 = 118.0;
const LOW_HEAD: f32 = 64.0;
/// Height of the view in points below which it is low.
const LOW: f32 = 240.0;
/// Characters of the name of a value: at most, and at least.
const LONGEST: usize = 24;
const SHORTEST: usize = 10;

/// Draws the matrix; accounts are chosen in `chosen`.
pub fn ui(
    ui: &mut Ui,
    cx: &ViewContext<'_>,
    matrix: &Matrix,
    chosen: &mut GroupBar,
    cursor: &mut [usize; 2],
) {
    let is_low = ui.available_height() < LOW;
    legend(ui, cx, matrix, is_low);
    chosen.ui(ui, cx);
    if matrix.values.is_empty() {
        ui.label("0 shared values: no two of these accounts have a common IP, network, client, payment, sign-up or template.");
        return;
    }
    let head = if is_low { LOW_HEAD } else { HEAD };
    let size = vec2(NAMES + CELL * matrix.values.len() as f32 + 12.0, head + CELL * matrix.rows.len() as f32);
    sideways::show(ui, "matrix", egui::ScrollArea::both().auto_shrink(false), |ui, seen| {
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let response = ui.interact(rect, keys::id(ID), Sense::click());
        let picture = Picture { cx, matrix, rect, head, seen, chosen };
        let said = picture.keys(ui, &response, cursor);
        response.widget_info(|| {
            let label = format!(
                "Matrix: {}, {}",
                words::counted(matrix.rows.len() as u64, "account", "accounts"),
                words::counted(matrix.values.len() as u64, "shared value", "shared values")
            );
            let mut info = egui::WidgetInfo::labeled(egui::Role::Canvas, true, label);
            info.current_text_value.clone_from(&said);
            info
        });
        picture.draw(ui, &response, *cursor);
    });
}

/// Colours of the families that occur.
fn legend(ui: &mut Ui, cx: &ViewContext<'_>, matrix: &Matrix, is_low: bool) {
    ui.horizontal_wrapped(|ui| {
        if !is_low {
            ui.weak(
                "Strongest ties first, by rarity and members; a filled cell means the account has the value.",
            );
        }
        if side::second(cx).is_some() {
            ui.weak("A, B or AB before a name: the scope that the account is in.");
        }
        for family in Family::ALL {
            // One text, so that a line does not break between the square and its name.
            let format = |colour| egui::TextFormat::simple(FontId::proportional(13.5), colour);
            let mut job = egui::text::LayoutJob::default();
            job.append("■\u{a0}", 0.0, format(colour(family)));
            job.append(family.title(), 0.0, format(ui.visuals().weak_text_color()));
            ui.label(job);
        }
        if !matrix.left_out.is_empty() && !is_low {
            let left: usize = matrix.left_out.iter().map(|(_, count)| count).sum();
            let all = (matrix.values.len() + left) as u64;
            let all = words::counted(all, "shared value", "shared values");
            let of = |(family, count): &(Family, usize)| {
                format!("{} of {}", words::count(*count as u64), family.title())
            };
            let families: Vec<String> = matrix.left_out.iter().map(of).collect();
            let left = words::count(left as u64);
            ui.weak(format!("{left} of {all} not drawn, the weakest: {}", families.join(", ")));
        }
    });
}

fn colour(family: Family) -> Color32 {
    // Network and template next to each other would be two blues.
    const SERIES: [usize; Family::ALL.len()] = [0, 1, 2, 3, 5];
    let at = Family::ALL.iter().position(|each| *each == family).unwrap_or(0);
    theme::series(SERIES[at])
}

struct Picture<'a, 'c> {
    cx: &'a ViewContext<'c>,
    matrix: &'a Matrix,
    rect: Rect,
    /// Height of the values' names, in points.
    head: f32,
    /// Visible part of the picture, from its upper left corner.
    seen: Rect,
    chosen: &'a mut GroupBar,
}

impl Picture<'_, '_> {
    /// Arrows move the cursor, Space chooses its account, Enter selects its value or account. Returns what lies at the
    /// cursor in words while the matrix has the keyboard.
    fn keys(&self, ui: &Ui, response: &Response, cursor: &mut [usize; 2]) -> Option<String> {
        if !response.has_focus() {
            return None;
        }
        picture::keep_arrows(ui, response);
        let pressed = |key| ui.input(|input| input.num_presses(key)) as isize;
        let by = [
            pressed(Key::ArrowDown) - pressed(Key::ArrowUp),
            pressed(Key::ArrowRight) - pressed(Key::ArrowLeft),
        ];
        let ends = [self.matrix.rows.len(), self.matrix.values.len()];
        for ((at, by), end) in cursor.iter_mut().zip(by).zip(ends) {
            *at = at.saturating_add_signed(by).min(end.saturating_sub(1));
        }
        let [row, column] = *cursor;
        if by != [0, 0] {
            // The names stay at the left and on top.
            let cell = self.cell(row, column);
            ui.scroll_to_rect(cell.with_min_x(cell.left() - NAMES).with_min_y(cell.top() - self.head), None);
        }
        let (of_row, of_column) = (self.matrix.rows.get(row)?, self.matrix.values.get(column)?);
        Some(self.tooltip(Some(of_row.account), of_row.has(column).then_some(of_column)))
    }

    fn draw(mut self, ui: &mut Ui, response: &Response, [row, column]: [usize; 2]) {
        let first = ((self.seen.top() - self.head) / CELL).floor().max(0.0) as usize;
        let last =
            (((self.seen.bottom() - self.head) / CELL).ceil().max(0.0) as usize).min(self.matrix.rows.len());
        let at_cursor = response.has_focus().then_some((Some(row), Some(column)));
        let under = response.hover_pos().map(|pos| self.under(pos)).or(at_cursor);
        let rows = first.min(last)..last;
        let colours: Vec<Color32> = self.matrix.values.iter().map(|of| self.colour_of(of)).collect();
        let mut mesh = egui::Mesh::default();
        for row in rows.clone() {
            for (column, colour) in colours.iter().enumerate() {
                if self.matrix.rows[row].has(column) {
                    mesh.add_colored_rect(self.cell(row, column).shrink(1.0), *colour);
                }
            }
        }
        self.guides(ui, under);
        ui.painter().add(egui::Shape::mesh(mesh));
        rows.for_each(|row| self.name(ui, row));
        // Drawn last, over the rows that are scrolled under it.
        self.head(ui);
        self.act(ui, response, under);
        if response.has_focus() {
            let line = ui.visuals().widgets.active.bg_stroke;
            ui.painter().rect_stroke(self.cell(row, column), 0.0, line, StrokeKind::Outside);
        }
    }

    /// Upper left corner of the visible part, where names and heads stay.
    fn corner(&self) -> egui::Pos2 {
        self.rect.min + self.seen.min.to_vec2()
    }

    fn cell(&self, row: usize, column: usize) -> Rect {
        let at = self.rect.min + vec2(NAMES + CELL * column as f32, self.head + CELL * row as f32);
        Rect::from_min_size(at, vec2(CELL, CELL))
    }

    fn colour_of(&self, of: &MatrixValue) -> Color32 {
        let family = self.cx.cache.values().get(of.value as usize).and_then(|value| value.kind.family());
        family.map_or(Color32::GRAY, colour)
    }

    /// Row and column under the pointer.
    fn under(&self, pos: egui::Pos2) -> (Option<usize>, Option<usize>) {
        let at = pos - self.rect.min;
        let from_corner = pos - self.corner();
        let place = |x: f32, limit: usize| (x >= 0.0).then_some((x / CELL) as usize).filter(|at| *at < limit);
        let row =
            if from_corner.y < self.head { None } else { place(at.y - self.head, self.matrix.rows.len()) };
        let column = if from_corner.x < NAMES { None } else { place(at.x - NAMES, self.matrix.values.len()) };
        (row, column)
    }

    /// Stripes, the chosen and selected rows, and the row and column under the pointer.
    fn guides(&self, ui: &Ui, under: Option<(Option<usize>, Option<usize>)>) {
        let visuals = ui.visuals();
        let (row_under, column_under) = under.unwrap_or((None, None));
        for (row, of) in self.matrix.rows.iter().enumerate() {
            let is_selected = *self.cx.selected == Selected::Account(of.account)
                || (self.chosen.choice().count() > 1 && self.chosen.choice().contains(of.account));
            let fill = if is_selected {
                visuals.selection.bg_fill
            } else if row_under == Some(row) {
                visuals.widgets.hovered.bg_fill
            } else if row % 2 == 1 {
                visuals.faint_bg_color
            } else {
                continue;
            };
            let strip = Rect::from_min_size(
                pos2(self.rect.left(), self.rect.top() + self.head + CELL * row as f32),
                vec2(self.rect.width(), CELL),
            );
            if ui.clip_rect().intersects(strip) {
                ui.painter().rect_filled(strip, 0.0, fill);
            }
        }
        if let Some(column) = column_under {
            let strip =
                self.cell(0, column).union(self.cell(self.matrix.rows.len().saturating_sub(1), column));
            let line = egui::Stroke::new(1.0, visuals.weak_text_color());
            ui.painter().rect_stroke(strip, 0.0, line, StrokeKind::Inside);
        }
    }

    fn name(&self, ui: &Ui, row: usize) {
        let visuals = ui.visuals();
        let left = pos2(self.corner().x, self.cell(row, 0).top());
        let ground = Rect::from_min_size(left, vec2(NAMES - 4.0, CELL));
        let account = self.matrix.rows[row].account;
        let is_selected = *self.cx.selected == Selected::Account(account);
        if self.seen.left() > 0.0 {
            ui.painter().rect_filled(ground, 0.0, visuals.panel_fill);
        }
        let mut left = ground.left();
        let side = side::of(self.cx, account);
        for colour in side.iter().flat_map(|side| side.colours(visuals)) {
            let bar = Rect::from_min_size(pos2(left, ground.top() + 2.0), vec2(4.0, CELL - 4.0));
            ui.painter().rect_filled(bar, 1.0, colour);
            left += 6.0;
        }
        let name = words::account(self.cx.cache, account);
        let name = match side {
            Some(side) => format!("{} {}", side.letters(), words::middle(&name, 18)),
            None => words::middle(&name, 22),
        };
        let ink = if is_selected { visuals.strong_text_color() } else { visuals.text_color() };
        let font = FontId::proportional(11.5);
        ui.painter().text(pos2(left, ground.center().y), Align2::LEFT_CENTER, name, font, ink);
    }

    /// Names of the values, turned upwards.
    fn head(&self, ui: &Ui) {
        let (visuals, corner) = (ui.visuals(), self.corner());
        let head = Rect::from_min_size(corner, vec2(self.seen.width(), self.head));
        ui.painter().rect_filled(head, 0.0, visuals.panel_fill);
        let clip = Rect::from_min_max(corner + vec2(NAMES - 2.0, 0.0), head.max).intersect(ui.clip_rect());
        let painter = ui.painter().with_clip_rect(clip);
        for (column, of) in self.matrix.values.iter().enumerate() {
            if !clip.x_range().intersects(self.cell(0, column).x_range()) {
                continue;
            }
            let galley = self.title_of(&painter, of, visuals.text_color());
            let at = pos2(self.cell(0, column).left() + 1.0, corner.y + self.head - 4.0);
            let shape = egui::epaint::TextShape::new(at, galley, visuals.text_color());
            painter.add(shape.with_angle(-std::f32::consts::FRAC_PI_2));
        }
        ui.painter().hline(head.x_range(), head.bottom(), visuals.widgets.noninteractive.bg_stroke);
    }

    /// Name of a value, cut in the middle to the height of the head.
    fn title_of(&self, painter: &egui::Painter, of: &MatrixValue, ink: Color32) -> Arc<egui::Galley> {
        // The value alone, since its end tells columns apart; colour and hint name the kind.
        let value = self.cx.cache.values().get(of.value as usize);
        let label = value.map_or_else(String::new, |value| value.value.clone());
        let cut = |characters| {
            let font = FontId::proportional(11.0);
            painter.layout_no_wrap(words::middle(&label, characters), font, ink)
        };
        let mut galley = cut(LONGEST);
        for characters in (SHORTEST..LONGEST).rev() {
            if galley.size().x <= self.head - 8.0 {
                break;
            }
            galley = cut(characters);
        }
        galley
    }

    fn act(&mut self, ui: &Ui, response: &Response, under: Option<(Option<usize>, Option<usize>)>) {
        let Some((row, column)) = under else { return };
        let account = row.map(|row| self.matrix.rows[row].account);
        let value = column.map(|column| self.matrix.values[column]);
        match (account, value) {
            (Some(account), Some(of))
                if row.is_some_and(|row| self.matrix.rows[row].has(column.unwrap_or(0))) =>
            {
                self.clicked(response, Selected::Value(of.value), || PivotFrom::Value(of.value));
                self.hint(response, self.tooltip(Some(account), Some(&of)));
                self.choose(ui, response, row);
            }
            (None, Some(of)) => {
                self.clicked(response, Selected::Value(of.value), || PivotFrom::Value(of.value));
                self.hint(response, self.tooltip(None, Some(&of)));
            }
            (Some(account), _) => {
                self.clicked(response, Selected::Account(account), || PivotFrom::Account(account));
                if response.clicked_by(egui::PointerButton::Primary) {
                    self.point(row, How::held(ui));
                }
                self.hint(response, self.tooltip(Some(account), None));
                self.choose(ui, response, row);
            }
            (None, None) => {}
        }
    }

    /// Selects by a click or Enter, and opens the pivot menu.
    fn clicked(&self, response: &Response, selected: Selected, from: impl FnOnce() -> PivotFrom) {
        let enter = || response.ctx.input(|input| input.key_pressed(Key::Enter));
        if response.clicked_by(egui::PointerButton::Primary) {
            response.request_focus();
            self.cx.send(Command::Select(selected));
        } else if response.has_focus() && enter() {
            self.cx.send(Command::Select(selected));
        }
        pivot::on(response, self.cx, from);
    }

    /// Space adds the account of the row to the choice, or takes it out.
    fn choose(&mut self, ui: &Ui, response: &Response, row: Option<usize>) {
        if response.has_focus() && ui.input(|input| input.key_pressed(Key::Space)) {
            self.point(row, How { run: false, toggle: true });
        }
    }

    fn point(&mut self, row: Option<usize>, how: How) {
        let (rows, at) = (&self.matrix.rows, row.unwrap_or(0));
        let key = |at: usize| rows.get(at).map(|row| row.account);
        self.chosen.choice_mut().point(rows.len(), at, how, key);
    }

    /// Tooltip at the pointer.
    fn hint(&self, response: &Response, text: String) {
        if response.hover_pos().is_some() {
            response.clone().on_hover_text_at_pointer(text);
        }
    }

    fn tooltip(&self, account: Option<AccountIndex>, of: Option<&MatrixValue>) -> String {
        let mut lines: Vec<String> =
            account.map(|account| words::account(self.cx.cache, account)).into_iter().collect();
        if let Some(of) = of {
            lines.push(words::line(&scopes::label_of(self.cx, of.value), 120));
            lines.push(format!(
                "{} of these accounts, {} of {} in the case, {:.1} bits",
                words::count(u64::from(of.members)),
                words::count(u64::from(of.holders)),
                words::count(self.cx.cache.accounts().len() as u64),
                of.bits
            ));
        }
        if let Some(of) = of
            && side::second(self.cx).is_some()
        {
            let column = self.matrix.values.iter().position(|value| value.value == of.value);
            let holders = self.matrix.rows.iter().filter(|row| column.is_some_and(|column| row.has(column)));
            lines.push(side::counted(holders.filter_map(|row| side::of(self.cx, row.account))));
        }
        lines.push("Click to select, right-click to pivot.".to_owned());
        lines.join("\n")
    }
}
