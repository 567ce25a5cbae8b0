//! The command palette: every action with its key, its other names and what it would act on.

use egui::{Id, Key, Modal, Modifiers, vec2};

use super::acts::{self, Act};
use super::regions::Region;
use super::view::{BrushZoom, Command, Selected, ViewContext, WindowCommand};
use super::widgets::{form_menu, front};
use super::{Against, keyboard, shortcuts, view_files, views, words};
use crate::model::Scope;

/// Makes its commands once a row is chosen: a scope may have many accounts. An error is the reason for which the row
/// cannot be chosen now.
type Made<'a> = Result<Box<dyn FnOnce() -> Vec<Command> + 'a>, &'static str>;

/// Row of the palette.
struct Row<'a> {
    title: String,
    /// Other words by which it is found.
    synonyms: &'static str,
    /// Its key in words; empty without one.
    key: String,
    made: Made<'a>,
}

/// Row of a single command.
fn row<'a>(title: String, made: impl FnOnce() -> Command + 'a) -> Row<'a> {
    Row { title, synonyms: "", key: String::new(), made: Ok(Box::new(|| vec![made()])) }
}

/// Width of the palette, in points, where the window has it.
const WIDTH: f32 = 540.0;
/// Rows in sight, and maximum number of accounts, topics and leads to compare with.
const ROWS: usize = 14;
/// Height of what stands above and below the rows, in points.
const ABOVE: f32 = 150.0;
/// Width of the scroll bar, in points.
const BAR: f32 = 10.0;

/// Draws the palette; true if it should close.
pub fn palette(ctx: &egui::Context, cx: &ViewContext<'_>, typed: &mut String, chosen: &mut usize) -> bool {
    let mut done = false;
    let modal = Modal::new(Id::unique("palette")).show(ctx, |ui| {
        ui.set_width(WIDTH.min(ctx.content_rect().width() - 60.0));
        let in_front = front::is_in_front(ui);
        done |= in_front && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::K));
        let by = ui.input_mut(|input| {
            if !in_front {
                return 0;
            }
            let mut pressed = |key| isize::from(input.consume_key(Modifiers::NONE, key));
            let page = ROWS as isize;
            pressed(Key::ArrowDown) - pressed(Key::ArrowUp)
                + page * (pressed(Key::PageDown) - pressed(Key::PageUp))
        });
        let label = ui.weak("Command");
        let field = egui::TextEdit::singleline(typed)
            .desired_width(f32::INFINITY)
            .hint_text("view, lead, account, topic, scope or command");
        let response = ui.add(field).labelled_by(label.id);
        if !response.has_focus() {
            // What is typed before the field has the keyboard.
            typed.push_str(&keyboard::typed(ctx));
        }
        if in_front {
            response.request_focus();
        }
        let items = fitting(ctx, cx, typed);
        *chosen = if response.changed() { 0 } else { chosen.saturating_add_signed(by) }
            .min(items.len().saturating_sub(1));
        let enter = in_front && ui.input(|input| input.key_pressed(Key::Enter));
        let count = words::counted(items.len() as u64, "command matches", "commands match");
        // As high with one row as with many: a box that changes its height jumps.
        let rows = ROWS as f32 * (ui.spacing().interact_size.y + ui.spacing().item_spacing.y);
        let height = rows.min(ctx.content_rect().height() - ABOVE).max(60.0);
        egui::ScrollArea::vertical().max_height(height).auto_shrink(false).show(ui, |ui| {
            ui.set_width(ui.available_width() - BAR);
            for (i, item) in items.into_iter().enumerate() {
                let is_chosen = i == *chosen;
                let drawn = line(ui, &item, is_chosen);
                if is_chosen && (by != 0 || response.changed()) {
                    drawn.scroll_to_me(None);
                }
                if drawn.clicked() || (enter && is_chosen) {
                    let Ok(made) = item.made else { continue };
                    made().into_iter().for_each(|command| cx.send(command));
                    done = true;
                }
            }
        });
        ui.weak(format!("{count}."));
    });
    done || modal.should_close()
}

/// Draws a row. A row that cannot be chosen now says why in place of its key.
fn line(ui: &mut egui::Ui, item: &Row<'_>, is_chosen: bool) -> egui::Response {
    let why = item.made.as_ref().err();
    let right = egui::RichText::new(why.map_or(item.key.as_str(), |why| *why)).weak();
    let title = egui::RichText::new(item.title.as_str());
    let title = if why.is_some() { title.weak() } else { title };
    let button = egui::Button::selectable(is_chosen, title).right_text(right).truncate();
    let button = ui.add(button.min_size(vec2(ui.available_width(), 0.0)));
    button.widget_info(|| {
        let label = why.map_or_else(|| item.title.clone(), |why| format!("{}: {why}", item.title));
        egui::WidgetInfo::selected(egui::Role::Button, why.is_none(), is_chosen, label)
    });
    button
}

/// The commands that fit the typed letters, best first.
fn fitting<'a>(ctx: &egui::Context, cx: &'a ViewContext<'_>, typed: &str) -> Vec<Row<'a>> {
    let mut fitting: Vec<(usize, Row<'a>)> = of_selection(ctx, cx)
        .into_iter()
        .chain(commands(ctx, cx))
        .chain(accounts_and_topics(cx, typed.trim()))
        .chain(compared_leads(cx, typed.trim()))
        .filter_map(|row| {
            let distance = fit(&row.title, row.synonyms, typed)?;
            // Of equal ones, those that can be chosen come first.
            Some((2 * distance + usize::from(row.made.is_err()), row))
        })
        .collect();
    // Stable, so that equals keep the order of the list.
    fitting.sort_by_key(|(distance, _)| *distance);
    // Letters scattered over a title count only where nothing fits better.
    let has_better = fitting.first().is_some_and(|(distance, _)| *distance < 2 * LETTERS);
    fitting.retain(|(distance, _)| !has_better || *distance < 2 * LETTERS);
    fitting.into_iter().map(|(_, row)| row).collect()
}

/// Distance from which a title has the typed letters only in their order.
const LETTERS: usize = 1_000;

/// Distance of a title and its synonyms from the typed text, 0 for the best match: the place of a word that begins
/// with it; then synonyms; then all its words as beginnings of words; then letters in their order. `None` unless all
/// letters occur.
fn fit(title: &str, synonyms: &str, typed: &str) -> Option<usize> {
    const SYNONYM: usize = 200;
    const WORDS: usize = 300;
    const INSIDE: usize = 400;
    let (title, synonyms) = (title.to_lowercase(), synonyms.to_lowercase());
    let typed = typed.trim().to_lowercase();
    if typed.is_empty() {
        return Some(0);
    }
    // The name of a view shows it; views come before their pages.
    if title.strip_prefix("show ") == Some(typed.as_str()) {
        return Some(0);
    }
    if let Some(at) = beginning(&title, &typed) {
        return Some(at.min(SYNONYM - 1));
    }
    if beginning(&synonyms, &typed).is_some() {
        return Some(SYNONYM);
    }
    let begins = |word: &str| beginning(&title, word).is_some() || beginning(&synonyms, word).is_some();
    if typed.split_whitespace().all(begins) {
        return Some(WORDS);
    }
    if let Some(at) = title.find(&typed) {
        return Some(INSIDE + at.min(LETTERS - INSIDE - 1));
    }
    let mut letters = title.chars().enumerate();
    let (mut first, mut last) = (None, 0);
    for wanted in typed.chars() {
        let (at, _) = letters.by_ref().find(|(_, c)| *c == wanted)?;
        first.get_or_insert(at);
        last = at;
    }
    Some(first.map_or(0, |first| LETTERS + (last - first) * 100 + first))
}

/// Place of the first word that begins with the wanted text, in bytes.
fn beginning(text: &str, wanted: &str) -> Option<usize> {
    let is_start = |at: usize| text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(wanted).map(|(at, _)| at).find(|at| is_start(*at))
}

/// Acts on the selection, each with what it would act on or the reason against it.
fn of_selection<'a>(ctx: &egui::Context, cx: &'a ViewContext<'_>) -> Vec<Row<'a>> {
    let of = |act: Act| {
        let about = act.about();
        let made = act.commands(cx);
        let title = match &made {
            Ok(_) => format!("{}: {}", about.title.trim_end_matches('…'), act.subject(cx)),
            Err(_) => about.title.to_owned(),
        };
        let key = about.key.map(|key| egui::KeyboardShortcut::new(Modifiers::NONE, key));
        let key = key.map_or_else(String::new, |keys| shortcuts::in_words(ctx, &keys));
        let made: Made<'a> = made.map(|commands| Box::new(|| commands) as _);
        Row { title, synonyms: about.synonyms, key, made }
    };
    acts::ALL.into_iter().map(of).collect()
}

/// Commands that are always offered.
fn commands<'a>(ctx: &egui::Context, cx: &'a ViewContext<'_>) -> Vec<Row<'a>> {
    let mut all = of_views();
    all.extend(of_window());
    let known: Vec<Command> = all.iter().map(|(_, _, command)| command.clone()).collect();
    // What has a key only: zoom, regions, the filter.
    for shortcut in shortcuts::ALL {
        let command = (shortcut.command)();
        let is_new = !known.contains(&command) && !is_said_elsewhere(&command);
        all.extend(is_new.then(|| (shortcut.does.to_owned(), "", command)));
    }
    let with_key = |(title, synonyms, command): (String, &'static str, Command)| {
        let key = shortcuts::key_of(ctx, &command);
        Row { key, synonyms, ..row(title, move || command) }
    };
    let mut made: Vec<Row<'a>> = all.into_iter().map(with_key).collect();
    made.extend(steps(ctx, cx));
    made.extend(menus(ctx));
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

/// Title, synonyms and command.
type Said = (String, &'static str, Command);

/// Views, their pages and their files.
fn of_views() -> Vec<Said> {
    let show = |view: &views::Entry| (format!("Show {}", view.title), view.hint, Command::ShowView(view.id));
    let mut all: Vec<Said> = views::ALL.iter().map(show).collect();
    let page = |page: &views::Page| {
        (page.title.to_owned(), "", Command::Window(WindowCommand::Page(page.view, page.page)))
    };
    all.extend(views::PAGES.iter().map(page));
    const FILE: &str = "export save download file figure table csv svg png";
    for entry in views::ALL {
        all.extend(view_files::offered(entry.id).into_iter().map(|(title, wanted)| {
            (format!("Write {title}"), FILE, Command::Window(WindowCommand::SaveView(wanted)))
        }));
        let picture = Command::Window(WindowCommand::ScreenPicture(entry.id));
        all.push((format!("Write {} {}", entry.title, view_files::ON_SCREEN), FILE, picture));
    }
    all
}

/// Commands of the window, beside those of its views.
fn of_window() -> Vec<Said> {
    let window = |title: &str, synonyms, command| (title.to_owned(), synonyms, Command::Window(command));
    let section = |title: &str, synonyms, region| window(title, synonyms, WindowCommand::Section(region));
    let brush = |title: &str, zoom| window(title, "period span range", WindowCommand::Brush(zoom));
    vec![
        (
            "Clear the scope".to_owned(),
            "reset everything whole log remove filters",
            Command::SetScope(Scope::default()),
        ),
        window("Switch between light and dark theme", "colours night", WindowCommand::SwitchTheme),
        window("Choose the key that signs bundles", "signature signing export", WindowCommand::SigningKey),
        window("Open the reading queue", "read exchanges prompts", WindowCommand::ReadingQueue),
        section("Go to the timeline", "event flag brush span release ban", Region::Timeline),
        section("Go to the reasons of the selection", "signals why percentile", Region::Reasons),
        section("Go to the form that marks as evidence", "tag note exculpatory", Region::Mark),
        section("Go to the benign explanations", "weigh innocent alternatives", Region::Explanations),
        brush("Time brush: zoom in", BrushZoom::In),
        brush("Time brush: zoom out", BrushZoom::Out),
        brush("Time brush: show the whole time", BrushZoom::Whole),
        brush("Time brush: zoom to the span of the scope", BrushZoom::ToScope),
        window("Add files to this case", "import snapshot log open", WindowCommand::AddFiles),
        window("Close the case", "quit start page exit", WindowCommand::CloseCase),
        window("Show the shortcuts", "keys help keyboard", WindowCommand::Shortcuts),
    ]
}

/// True for commands that have a row of their own, or none.
fn is_said_elsewhere(command: &Command) -> bool {
    matches!(
        command,
        Command::Undo
            | Command::Redo
            | Command::Back
            | Command::Forward
            | Command::Window(WindowCommand::Palette)
    )
}

/// Steps back and forward, of decisions and of scopes.
fn steps<'a>(ctx: &egui::Context, cx: &'a ViewContext<'_>) -> Vec<Row<'a>> {
    let step = |title: String, synonyms, command: Command, refused: Option<&'static str>| {
        let key = shortcuts::key_of(ctx, &command);
        let made: Made<'a> = match refused {
            Some(why) => Err(why),
            None => Ok(Box::new(|| vec![command])),
        };
        Row { title, synonyms, key, made }
    };
    let decision = |title: &str, what: Option<&str>| match what {
        Some(what) => format!("{title}: {}", words::line(what, 50)),
        None => title.to_owned(),
    };
    let refused = |is_there: bool, why: &'static str| match is_there {
        _ if cx.read_only => Some("This case is open read-only."),
        false => Some(why),
        true => None,
    };
    let (undo, redo) = (cx.state.undo.as_ref(), cx.state.redo.as_ref());
    let resumes = cx.text_pass == super::TextPass::Stopped;
    vec![
        step(
            decision("Undo", undo.map(|step| step.what.as_str())),
            "take back revert",
            Command::Undo,
            refused(undo.is_some(), "No decision to undo."),
        ),
        step(
            decision("Redo", redo.map(|step| step.what.as_str())),
            "repeat again",
            Command::Redo,
            refused(redo.is_some(), "No decision to redo."),
        ),
        step(
            "Back to the previous scope".to_owned(),
            "history",
            Command::Back,
            (!cx.history.can_go_back()).then_some("No earlier scope."),
        ),
        step(
            "Forward to the next scope".to_owned(),
            "history",
            Command::Forward,
            (!cx.history.can_go_forward()).then_some("No later scope."),
        ),
        step(
            "Resume the text pass".to_owned(),
            "topics continue",
            Command::FinishText,
            (!resumes).then_some("It is under way or finished."),
        ),
    ]
}

/// Menus with a form: title, synonyms, title of the menu's button.
const MENUS: [(&str, &str, &str); 6] = [
    ("Save the scope…", "name keep store saved group", "Saved ▾"),
    ("Add to the scope…", "filter account time topic value restrict only", "+"),
    ("Choose the time zone…", "utc clock local", form_menu::ZONE),
    ("Compare with…", "second scope against peers difference", "Compare ▾"),
    ("Save the chosen accounts as a group…", "name merge keep scope", form_menu::GROUP),
    ("Split off the chosen accounts…", "group part separate divide", form_menu::SPLIT),
];

fn menus<'a>(ctx: &egui::Context) -> Vec<Row<'a>> {
    const ABSENT: &str = "Choose accounts first: Ctrl+click or Space.";
    let of = |(title, synonyms, menu): (&str, &'static str, &'static str)| {
        let made: Made<'a> = match form_menu::is_drawn(ctx, menu) {
            true => Ok(Box::new(move || vec![Command::Window(WindowCommand::Menu(menu))])),
            false => Err(ABSENT),
        };
        Row { title: title.to_owned(), synonyms, key: String::new(), made }
    };
    MENUS.into_iter().map(of).collect()
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
    let fitting = cx.leads.groups.iter().filter(|group| fit(&title(&group.name()), "", typed).is_some());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_of_words_fit_best_then_synonyms_then_letters() {
        assert_eq!(fit("Show Leads", "", "xyz"), None);
        assert_eq!(fit("anything", "", ""), Some(0));
        assert_eq!(fit("Show Export", "", "export"), fit("Export: the checklist", "", "export"));
        let far = fit("Switch between light and dark theme", "", "leads").or(Some(usize::MAX));
        assert!(fit("Show Leads", "", "leads") < far);
        // The first m of this title begins no word that was meant.
        let form = fit("Go to the form that marks as evidence", "", "mark");
        assert!(form.is_some_and(|distance| distance < 200), "{form:?}");
        let mark = fit("Mark as evidence: lead L-1", "tag relied-on", "tag");
        assert!(mark < fit("Write a table of groups", "", "tag"));
        assert_eq!(fit("Compare with lead L-7f31ab", "", "compare with L-"), Some(300));
    }
}
