//! Overlays of the window: the command palette and the list of shortcuts.

use egui::{Id, Key, Modal, Modifiers, vec2};

use super::regions::Region;
use super::view::{BrushZoom, Command, Selected, ViewContext, WindowCommand};
use super::widgets::front;
use super::{Against, shortcuts, view_files, views, words};
use crate::model::Scope;

/// Overlay that is open.
#[derive(Default)]
pub enum Overlay {
    /// None.
    #[default]
    Closed,
    /// The palette.
    Palette {
        /// Typed text.
        typed: String,
        /// Selected row.
        chosen: usize,
    },
    /// The list of shortcuts.
    Shortcuts,
}

/// Makes a command once its row is chosen: a scope may have many accounts.
type Made<'a> = Box<dyn FnOnce() -> Command + 'a>;

/// Row of the palette.
struct Row<'a> {
    title: String,
    /// Its key in words; empty without one.
    key: String,
    made: Made<'a>,
}

/// Row that sets a scope or another command.
fn row<'a>(title: String, made: impl FnOnce() -> Command + 'a) -> Row<'a> {
    Row { title, key: String::new(), made: Box::new(made) }
}

/// Maximum number of rows of the palette.
const ROWS: usize = 14;

impl Overlay {
    /// Opens or closes the palette.
    pub fn toggle_palette(&mut self) {
        *self = match self {
            Self::Palette { .. } => Self::Closed,
            _ => Self::Palette { typed: String::new(), chosen: 0 },
        };
    }

    /// Opens or closes the list of shortcuts.
    pub fn toggle_shortcuts(&mut self) {
        *self = if matches!(self, Self::Shortcuts) { Self::Closed } else { Self::Shortcuts };
    }

    /// Draws what is open; the palette needs an open case.
    pub fn ui(&mut self, ctx: &egui::Context, cx: Option<&ViewContext<'_>>) {
        let close = match (&mut *self, cx) {
            (Self::Palette { typed, chosen }, Some(cx)) => palette(ctx, cx, typed, chosen),
            (Self::Shortcuts, _) => list(ctx),
            _ => false,
        };
        if close {
            *self = Self::Closed;
        }
    }
}

/// Draws the palette; true if it should close.
fn palette(ctx: &egui::Context, cx: &ViewContext<'_>, typed: &mut String, chosen: &mut usize) -> bool {
    let mut done = false;
    let modal = Modal::new(Id::unique("palette")).show(ctx, |ui| {
        ui.set_width(420.0);
        let in_front = front::is_in_front(ui);
        done |= in_front && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::K));
        let by = ui.input_mut(|input| {
            if !in_front {
                return 0;
            }
            let down = input.consume_key(Modifiers::NONE, Key::ArrowDown);
            let up = input.consume_key(Modifiers::NONE, Key::ArrowUp);
            isize::from(down) - isize::from(up)
        });
        let label = ui.weak("Command");
        let field = egui::TextEdit::singleline(typed)
            .desired_width(f32::INFINITY)
            .hint_text("view, lead, account, topic, scope or command");
        let response = ui.add(field).labelled_by(label.id);
        if in_front {
            response.request_focus();
        }
        let items = fitting(ctx, cx, typed);
        *chosen = if response.changed() { 0 } else { chosen.saturating_add_signed(by) }
            .min(items.len().saturating_sub(1));
        let enter = in_front && ui.input(|input| input.key_pressed(Key::Enter));
        if items.is_empty() {
            ui.weak("0 commands match.");
        }
        for (i, item) in items.into_iter().enumerate() {
            let key = egui::RichText::new(item.key).weak();
            let button = egui::Button::new(item.title.as_str()).right_text(key).frame(false);
            let size = vec2(ui.available_width(), 0.0);
            let button = ui.add(button.selected(i == *chosen).truncate().min_size(size));
            button.widget_info(|| {
                egui::WidgetInfo::selected(egui::Role::Button, true, i == *chosen, &item.title)
            });
            if button.clicked() || (enter && i == *chosen) {
                cx.send((item.made)());
                done = true;
            }
        }
    });
    done || modal.should_close()
}

/// The commands whose titles have the typed letters in their order, best first.
fn fitting<'a>(ctx: &egui::Context, cx: &'a ViewContext<'_>, typed: &str) -> Vec<Row<'a>> {
    let mut fitting: Vec<(usize, Row<'a>)> = commands(ctx, cx)
        .into_iter()
        .chain(accounts_and_topics(cx, typed.trim()))
        .chain(compared_leads(cx, typed.trim()))
        .filter_map(|row| fit(&row.title, typed).map(|distance| (distance, row)))
        .collect();
    // Stable, so that equals keep the order of the list.
    fitting.sort_by_key(|(distance, _)| *distance);
    fitting.into_iter().take(ROWS).map(|(_, row)| row).collect()
}

/// Distance of a title from the typed letters, 0 for the best match: mostly the number of letters
/// between the first and the last match. `None` unless all letters occur in order.
fn fit(title: &str, typed: &str) -> Option<usize> {
    let title = title.to_lowercase();
    let mut letters = title.chars().enumerate();
    let (mut first, mut last) = (None, 0);
    for wanted in typed.trim().to_lowercase().chars() {
        let (at, _) = letters.by_ref().find(|(_, c)| *c == wanted)?;
        first.get_or_insert(at);
        last = at;
    }
    Some(first.map_or(0, |first| (last - first) * 100 + first))
}

/// Commands that are always offered.
fn commands<'a>(ctx: &egui::Context, cx: &'a ViewContext<'_>) -> Vec<Row<'a>> {
    let mut all: Vec<(String, Command)> =
        views::ALL.iter().map(|view| (format!("Show {}", view.title), Command::ShowView(view.id))).collect();
    all.extend(of_window());
    let page = |page: &views::Page| Command::Window(WindowCommand::Page(page.view, page.page));
    all.extend(views::PAGES.iter().map(|of| (of.title.to_owned(), page(of))));
    if !cx.read_only {
        all.extend(
            cx.state
                .undo
                .iter()
                .map(|step| (format!("Undo: {}", words::line(&step.what, 50)), Command::Undo)),
        );
        all.extend(
            cx.state
                .redo
                .iter()
                .map(|step| (format!("Redo: {}", words::line(&step.what, 50)), Command::Redo)),
        );
    }
    for entry in views::ALL {
        all.extend(view_files::offered(entry.id).into_iter().map(|(title, wanted)| {
            (format!("Write {title}"), Command::Window(WindowCommand::SaveView(wanted)))
        }));
        let picture = Command::Window(WindowCommand::ScreenPicture(entry.id));
        all.push((format!("Write {} {}", entry.title, view_files::ON_SCREEN), picture));
    }
    // What has a key only: zoom, regions, the filter.
    for shortcut in shortcuts::ALL {
        let command = (shortcut.command)();
        let is_new = all.iter().all(|(_, known)| *known != command) && !is_open_already(&command);
        all.extend(is_new.then(|| (shortcut.does.to_owned(), command)));
    }
    let with_key = |(title, command): (String, Command)| {
        let key = shortcuts::key_of(ctx, &command);
        Row { key, ..row(title, move || command) }
    };
    let mut made: Vec<Row<'a>> = all.into_iter().map(with_key).collect();
    for saved in &cx.state.scopes {
        let title = format!("Set scope to “{}”", words::line(&saved.name, 40));
        made.push(row(title, move || Command::SetScope(saved.scope.clone())));
    }
    for at in 0..cx.leads.groups.len() {
        let select = Command::Select(Selected::Lead(at));
        made.push(row(format!("Select {}", words::lead(cx.leads, at)), move || select));
    }
    made.extend(comparisons(cx));
    made
}

/// Commands of the window, beside those of its views.
fn of_window() -> Vec<(String, Command)> {
    let window = |title: &str, command| (title.to_owned(), Command::Window(command));
    vec![
        ("Clear the scope".to_owned(), Command::SetScope(Scope::default())),
        ("Back".to_owned(), Command::Back),
        ("Forward".to_owned(), Command::Forward),
        window("Switch between light and dark theme", WindowCommand::SwitchTheme),
        window("Choose the key that signs bundles", WindowCommand::SigningKey),
        window("Open the reading queue", WindowCommand::ReadingQueue),
        window("Go to the timeline", WindowCommand::Section(Region::Timeline)),
        window("Go to the reasons of the selection", WindowCommand::Section(Region::Reasons)),
        window("Go to the form that marks as evidence", WindowCommand::Section(Region::Mark)),
        window("Go to the benign explanations", WindowCommand::Section(Region::Explanations)),
        window("Time brush: zoom in", WindowCommand::Brush(BrushZoom::In)),
        window("Time brush: zoom out", WindowCommand::Brush(BrushZoom::Out)),
        window("Time brush: show the whole time", WindowCommand::Brush(BrushZoom::Whole)),
        window("Time brush: zoom to the span of the scope", WindowCommand::Brush(BrushZoom::ToScope)),
        window("Add files to this case", WindowCommand::AddFiles),
        window("Close the case", WindowCommand::CloseCase),
        window("Show the shortcuts", WindowCommand::Shortcuts),
    ]
}

/// True for the command that opens the palette itself.
fn is_open_already(command: &Command) -> bool {
    *command == Command::Window(WindowCommand::Palette)
}

/// Commands of the comparison with a second scope.
fn comparisons<'a>(cx: &'a ViewContext<'_>) -> Vec<Row<'a>> {
    let with = |scope: &Scope| Command::Compare(Some(Against::of(scope.clone())));
    let mut all = vec![
        row("Compare with everything else (peers)".to_owned(), || Command::Compare(None)),
        row("Compare with the whole log".to_owned(), move || with(&Scope::default())),
        row("Compare with a copy of the scope".to_owned(), move || with(cx.scope)),
    ];
    if let Some(against) = cx.against {
        let title = if against.negated {
            "Compare with scope B itself"
        } else {
            "Compare with everything but scope B"
        };
        let negated = Against { negated: !against.negated, ..against.clone() };
        all.push(row(title.to_owned(), || Command::Compare(Some(negated))));
    }
    if cx.against.is_some_and(|against| !against.negated) {
        all.push(row("Swap scopes A and B".to_owned(), || Command::SwapScopes));
    }
    all.extend(cx.state.scopes.iter().map(|saved| {
        row(format!("Compare with “{}”", words::line(&saved.name, 40)), move || with(&saved.scope))
    }));
    all
}

/// Leads to compare with; only once something like it was typed.
fn compared_leads<'a>(cx: &'a ViewContext<'_>, typed: &str) -> Vec<Row<'a>> {
    if !typed.to_lowercase().starts_with("comp") {
        return Vec::new();
    }
    let title = |name: &str| format!("Compare with {name}");
    let fitting = cx.leads.groups.iter().filter(|group| fit(&title(&group.name()), typed).is_some());
    fitting
        .take(ROWS)
        .map(|group| {
            row(title(&group.name()), move || Command::Compare(Some(Against::of(group.scope(cx.cache)))))
        })
        .collect()
}

/// Fewest letters by which accounts and topics are looked for.
const MIN_QUERY_LETTERS: usize = 2;

/// Accounts whose ids begin with the typed text, and topics whose labels contain it.
fn accounts_and_topics<'a>(cx: &'a ViewContext<'_>, typed: &str) -> Vec<Row<'a>> {
    if typed.chars().count() < MIN_QUERY_LETTERS {
        return Vec::new();
    }
    // Sorted by id, so ids with the typed prefix are adjacent.
    let accounts = cx.cache.accounts();
    let first = accounts.partition_point(|account| account.id.as_str() < typed);
    let fitting = accounts[first..].iter().take_while(|account| account.id.as_str().starts_with(typed));
    let mut found: Vec<Row<'a>> = (first..)
        .zip(fitting)
        .take(ROWS)
        .map(|(at, account)| {
            let select = Command::Select(Selected::Account(at as u32));
            row(format!("Select account {}", words::line(account.id.as_str(), 60)), move || select)
        })
        .collect();
    let wanted = typed.to_lowercase();
    let topics = cx.cache.topics().iter().filter(|topic| topic.label.to_lowercase().contains(&wanted));
    found.extend(topics.take(ROWS).map(|topic| {
        row(format!("Set scope to topic {}", words::line(&topic.label, 50)), move || {
            let one = std::collections::BTreeMap::from([(topic.id, topic.label.clone())]);
            Command::SetScope(Scope::clone(cx.scope).with_topics(one))
        })
    }));
    found
}

/// Keys of views, tables and forms, with their effects.
const KEYS_OF_VIEWS: &[(&str, &str)] = &[
    ("Arrows, Page Up, Page Down, Home, End", "Move in the active table or chart"),
    ("Tab, arrows", "Next control; outside tables, the next one in that direction"),
    ("Shift+arrows, Ctrl+click, Space", "Choose several rows"),
    ("Enter", "Set the scope to the selected row"),
    ("M", "Mark the chosen exchanges with the tag chosen last"),
    ("X", "Exchanges: hold one, then compare it with another"),
    ("N", "Next unread exchange of the reading queue"),
    ("L, R, Enter, Space", "Topic map: lasso, rectangle, topics in sight, play"),
    ("I", "Links: pin the selected node"),
    ("P, right-click", "Pivot: accounts behind a row, bar, point or time"),
    ("Plus, minus, 0", "Zoom in the map, the links and the time brush"),
    ("L, T, C, D, N", "Set the lead to looked at, taken up, campaign, dismissed or new"),
    ("U", "Undo, in the list of leads"),
    ("N, O, M, C", "Filter chip: negate, switch off, move or copy to the other row"),
    ("Esc", "Close the dialog"),
];

/// Width in points below which a shortcut and its effect stand one under the other.
const NARROW: f32 = 640.0;

/// Draws the list of shortcuts; true if it should close.
fn list(ctx: &egui::Context) -> bool {
    let modal = Modal::new(Id::unique("shortcuts")).show(ctx, |ui| {
        ui.heading("Shortcuts");
        // At 200 % the list is taller than the window.
        let room = ctx.content_rect().size() - vec2(60.0, 110.0);
        let narrow = room.x < NARROW;
        ui.set_max_width(room.x.max(120.0));
        egui::ScrollArea::vertical().max_height(room.y.max(80.0)).show(ui, |ui| {
            egui::Grid::new("shortcuts").num_columns(if narrow { 1 } else { 2 }).striped(true).show(
                ui,
                |ui| {
                    let mut line = |keys: String, does: &str| {
                        if narrow {
                            // One under the other, wrapped.
                            ui.vertical(|ui| {
                                ui.set_max_width(room.x);
                                ui.add(egui::Label::new(egui::RichText::new(keys).monospace()).wrap());
                                ui.add(egui::Label::new(does).wrap());
                            });
                        } else {
                            ui.monospace(keys);
                            ui.label(does);
                        }
                        ui.end_row();
                    };
                    for shortcut in shortcuts::ALL {
                        line(shortcuts::in_words(ctx, &shortcut.keys), shortcut.does);
                    }
                    for (keys, view) in shortcuts::of_views() {
                        line(shortcuts::in_words(ctx, &keys), view.title);
                    }
                    for (keys, does) in KEYS_OF_VIEWS {
                        line((*keys).to_owned(), does);
                    }
                },
            )
        });
        ui.button("Close").clicked()
    });
    modal.inner || modal.should_close()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_their_order_fit_and_closer_ones_better() {
        assert_eq!(fit("Show Leads", "xyz"), None);
        assert!(
            fit("Show Leads", "leads")
                < fit("Switch between light and dark theme", "leads").or(Some(usize::MAX))
        );
        assert_eq!(fit("anything", ""), Some(0));
    }
}
