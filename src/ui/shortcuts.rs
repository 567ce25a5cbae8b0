//! Keyboard shortcuts: one table for the input and for the list of shortcuts.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::view::{Command, WindowCommand};
use super::views;

/// One shortcut: the keys, what they do in words, the command.
pub struct Shortcut {
    /// Key combination.
    pub keys: KeyboardShortcut,
    /// Effect in words.
    pub does: &'static str,
    /// True if it needs an open case.
    pub needs_case: bool,
    /// Command that is sent.
    pub command: fn() -> Command,
}

const fn shortcut(
    modifiers: Modifiers,
    key: Key,
    does: &'static str,
    needs_case: bool,
    command: fn() -> Command,
) -> Shortcut {
    Shortcut { keys: KeyboardShortcut::new(modifiers, key), does, needs_case, command }
}

const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// Every shortcut except those of the views. Shortcuts with more modifiers come first, because a shortcut with
/// fewer would match their keys too.
pub const ALL: &[Shortcut] = &[
    shortcut(Modifiers::COMMAND, Key::K, "Command palette", true, || Command::Window(WindowCommand::Palette)),
    shortcut(Modifiers::NONE, Key::F1, "List of shortcuts", false, || {
        Command::Window(WindowCommand::Shortcuts)
    }),
    shortcut(Modifiers::NONE, Key::Questionmark, "List of shortcuts", false, || {
        Command::Window(WindowCommand::Shortcuts)
    }),
    shortcut(Modifiers::SHIFT, Key::F6, "Previous region of the window", true, || {
        Command::Window(WindowCommand::Region { back: true })
    }),
    shortcut(
        Modifiers::NONE,
        Key::F6,
        "Next region: case, views, inspector, mark, explanations, reasons, timeline",
        true,
        || Command::Window(WindowCommand::Region { back: false }),
    ),
    shortcut(Modifiers::COMMAND, Key::F, "Filter the active view", true, || {
        Command::Window(WindowCommand::FocusFilter)
    }),
    shortcut(Modifiers::COMMAND, Key::M, "Enlarge the view in use, or show all again", true, || {
        Command::Window(WindowCommand::Enlarge)
    }),
    shortcut(Modifiers::ALT, Key::ArrowLeft, "Back to the previous scope", true, || Command::Back),
    shortcut(Modifiers::ALT, Key::ArrowRight, "Forward to the next scope", true, || Command::Forward),
    shortcut(CTRL_SHIFT, Key::Z, "Redo", true, || Command::Redo),
    shortcut(Modifiers::COMMAND, Key::Z, "Undo the last decision", true, || Command::Undo),
    shortcut(Modifiers::COMMAND, Key::Plus, "Zoom in", false, || Command::Window(WindowCommand::ZoomIn)),
    shortcut(Modifiers::COMMAND, Key::Equals, "Zoom in", false, || Command::Window(WindowCommand::ZoomIn)),
    shortcut(Modifiers::COMMAND, Key::Minus, "Zoom out", false, || Command::Window(WindowCommand::ZoomOut)),
    shortcut(Modifiers::COMMAND, Key::Num0, "Reset zoom to 100 %", false, || {
        Command::Window(WindowCommand::ZoomReset)
    }),
];

const DIGITS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

/// Name of a key combination: `Ctrl+Plus`, `?`.
pub fn in_words(ctx: &egui::Context, keys: &KeyboardShortcut) -> String {
    ctx.format_shortcut(keys).replace("Questionmark", "?").replace("Equals", "=").replace("Num0", "0")
}

/// Key of a command in words; empty for one without a key.
pub fn key_of(ctx: &egui::Context, command: &Command) -> String {
    let own = ALL.iter().find(|shortcut| (shortcut.command)() == *command).map(|shortcut| shortcut.keys);
    let of_view =
        || of_views().find(|(_, view)| *command == Command::ShowView(view.id)).map(|(keys, _)| keys);
    own.or_else(of_view).map_or_else(String::new, |keys| in_words(ctx, &keys))
}

/// The keys of the views, in their order.
pub fn of_views() -> impl Iterator<Item = (KeyboardShortcut, &'static views::Entry)> {
    DIGITS.into_iter().map(|key| KeyboardShortcut::new(Modifiers::COMMAND, key)).zip(views::ALL)
}

/// Commands of the keys pressed in this frame; those of a case if it `hears_keys`. Undo, question mark and the
/// arrows that move by words go to a text field that has the keyboard.
pub fn pressed(ctx: &egui::Context, hears_keys: bool) -> Vec<Command> {
    let typing = ctx.text_edit_focused();
    let keeps = |keys: &KeyboardShortcut| {
        let of_text = match keys.logical_key {
            Key::Z | Key::ArrowLeft | Key::ArrowRight => true,
            Key::F1 | Key::F6 => false,
            _ => keys.modifiers == Modifiers::NONE,
        };
        typing && of_text
    };
    ctx.input_mut(|input| {
        let mut commands = Vec::new();
        for shortcut in ALL.iter().filter(|shortcut| hears_keys || !shortcut.needs_case) {
            // Most keyboards need Shift for the question mark and the plus, so Shift is ignored.
            if !keeps(&shortcut.keys) && input.consume_shortcut(&shortcut.keys) {
                commands.push((shortcut.command)());
            }
        }
        if hears_keys {
            for (keys, view) in of_views() {
                if input.consume_shortcut(&keys) {
                    commands.push(Command::ShowView(view.id));
                }
            }
        }
        commands
    })
}
