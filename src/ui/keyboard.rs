//! Keyboard focus while dialogs and menus open and close.
//!
//! egui takes the focus from every widget below a dialog, also in the frame after the dialog was drawn last. So a
//! request made in these frames waits for the first free one.

use egui::{Context, Event, FocusDirection, Id, Key, Memory, PointerState, Popup};

/// Frames after a menu has closed in which its own widgets may still have the focus.
const FRAMES: u8 = 2;

/// Returns the focus to the widget that had it before a dialog or menu opened.
#[derive(Default)]
pub struct FocusKeeper {
    /// Widget with the focus in the last free frame.
    before: Option<Id>,
    /// Frames left in which the focus is returned.
    returns: u8,
    /// True if a dialog was open in the last frame.
    had_dialog: bool,
}

impl FocusKeeper {
    /// Returns the focus once nothing takes it any more, or fulfils a request that has waited. Call before a frame
    /// is drawn.
    pub fn begin(&mut self, ctx: &Context) {
        keep_given(ctx);
        watch_letters(ctx);
        if is_taken(ctx) {
            self.returns = FRAMES;
            return;
        }
        let focused = ctx.memory(Memory::focused);
        let waiting = ctx.data_mut(|data| {
            let waiting = data.get_temp::<Id>(waiting_id());
            data.remove::<Id>(waiting_id());
            waiting
        });
        if let Some(id) = waiting {
            self.returns = 0;
            ctx.memory_mut(|memory| memory.request_focus(id));
        } else if self.returns > 0 {
            self.returns = if focused.is_none() { 0 } else { self.returns - 1 };
            if let Some(before) = self.before.filter(|_| focused.is_none()) {
                ctx.memory_mut(|memory| memory.request_focus(before));
            }
            ctx.request_repaint();
        }
        if self.returns == 0 {
            self.before = ctx.memory(Memory::focused);
        }
    }

    /// Closes the menus under a dialog that has just opened: they take no keys any more. The pointer counts as gone
    /// until it moves, because a tooltip under it would stay over the dialog. Call after a frame is drawn.
    pub fn end(&mut self, ctx: &Context) {
        let has_dialog = is_under_dialog(ctx);
        if has_dialog && !self.had_dialog {
            Popup::close_all(ctx);
            ctx.input_mut(|input| input.pointer = PointerState::default());
        }
        self.had_dialog = has_dialog;
    }
}

/// Gives the focus to a widget: at once, or once no dialog or menu takes it any more.
pub fn give(ctx: &Context, id: Id) {
    if is_taken(ctx) {
        ctx.data_mut(|data| data.insert_temp(waiting_id(), id));
        ctx.request_repaint();
    } else {
        ctx.memory_mut(|memory| memory.request_focus(id));
        let until = ctx.cumulative_frame_nr() + u64::from(FRAMES);
        ctx.data_mut(|data| data.insert_temp(given_id(), Given { id, until }));
        keep_given(ctx);
    }
}

/// Widget that was given the focus, and the last frame in which its own claim to the arrows does not count yet.
#[derive(Clone, Copy)]
struct Given {
    id: Id,
    until: u64,
}

/// Keeps an arrow, pressed just after a table was given the focus, from moving it on: the table's claim to the arrows
/// counts only after it was drawn twice.
fn keep_given(ctx: &Context) {
    let Some(given) = ctx.data(|data| data.get_temp::<Given>(given_id())) else { return };
    if given.until < ctx.cumulative_frame_nr() {
        ctx.data_mut(|data| data.remove::<Given>(given_id()));
    } else if ctx.memory(Memory::focused) == Some(given.id) {
        ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    }
}

/// Time in seconds within which another letter before it makes a letter a part of a typed word.
const WORD: f64 = 0.25;

/// Letter pressed last, its time in seconds, and true if it belongs to a typed word.
#[derive(Clone, Copy)]
struct Letter {
    key: Key,
    at: f64,
    is_typed: bool,
}

/// Remembers the letters pressed without modifiers.
fn watch_letters(ctx: &Context) {
    let (now, pressed) = ctx.input(|input| {
        let letter = |event: &Event| match event {
            Event::Key { key, pressed: true, modifiers, .. }
                if modifiers.is_none() && key.name().len() == 1 =>
            {
                Some(*key)
            }
            _ => None,
        };
        (input.time, input.events.iter().filter_map(letter).collect::<Vec<Key>>())
    });
    for key in pressed {
        ctx.data_mut(|data| {
            let before: Option<Letter> = data.get_temp(letter_id());
            // A letter that is repeated is a command given several times.
            let is_typed = before.is_some_and(|before| before.key != key && now - before.at < WORD);
            data.insert_temp(letter_id(), Letter { key, at: now, is_typed });
        });
    }
}

/// True if the letter pressed last belongs to a typed word: someone writes where no field has the keyboard, and means
/// no command.
pub fn is_typed(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp::<Letter>(letter_id())).is_some_and(|letter| letter.is_typed)
}

/// Keeps letters from acting in this frame and the next: what is typed is meant for a dialog that is about to open.
pub fn reserve(ctx: &Context) {
    let until = ctx.cumulative_frame_nr() + 1;
    ctx.data_mut(|data| data.insert_temp(reserved_id(), until));
}

/// Takes the letters of this frame from all widgets while they are reserved; their text stays.
pub fn hold_letters(ctx: &Context) {
    let until: Option<u64> = ctx.data(|data| data.get_temp(reserved_id()));
    if until.is_some_and(|until| ctx.cumulative_frame_nr() <= until) {
        let is_letter = |event: &Event| matches!(event, Event::Key { key, modifiers, .. } if modifiers.is_none() && key.name().len() == 1);
        ctx.input_mut(|input| input.events.retain(|event| !is_letter(event)));
    }
}

/// Text typed in this frame.
pub fn typed(ctx: &Context) -> String {
    let text = |event: &Event| match event {
        Event::Text(text) => Some(text.clone()),
        _ => None,
    };
    ctx.input(|input| input.events.iter().filter_map(text).collect())
}

fn reserved_id() -> Id {
    Id::unique("letters that wait for a dialog")
}

fn letter_id() -> Id {
    Id::unique("letter pressed last")
}

fn given_id() -> Id {
    Id::unique("widget that was given the focus")
}

/// True if a dialog or a menu has the keyboard. Keys of the case, such as those of its views, have no effect then;
/// zoom and the list of shortcuts do.
pub fn is_taken(ctx: &Context) -> bool {
    is_under_dialog(ctx) || Popup::is_any_open(ctx)
}

fn is_under_dialog(ctx: &Context) -> bool {
    ctx.memory(|memory| memory.top_modal_layer().is_some())
}

fn waiting_id() -> Id {
    Id::unique("focus that waits for a dialog")
}

#[cfg(test)]
mod tests {
    use egui::{Event, Key, Modal, Modifiers, RawInput, TextEdit};

    use super::*;

    /// Two fields, and a dialog with a third while `open`.
    struct Screen {
        ctx: Context,
        keeper: FocusKeeper,
        open: bool,
    }

    impl Screen {
        fn new() -> Self {
            Self { ctx: Context::default(), keeper: FocusKeeper::default(), open: false }
        }

        fn field(name: &str) -> Id {
            Id::unique(("field", name))
        }

        fn frame(&mut self, events: Vec<Event>) {
            let input = RawInput { events, ..RawInput::default() };
            let ctx = self.ctx.clone();
            let mut output = ctx.run_ui(input, |ui| {
                self.keeper.begin(ui.ctx());
                for name in ["first", "second"] {
                    ui.add(TextEdit::singleline(&mut String::new()).id(Self::field(name)));
                }
                if self.open {
                    let modal = Modal::new(Id::unique("dialog")).show(ui.ctx(), |ui| {
                        let field =
                            ui.add(TextEdit::singleline(&mut String::new()).id(Self::field("inside")));
                        field.request_focus();
                    });
                    self.open = !modal.should_close();
                }
                self.keeper.end(ui.ctx());
            });
            // Nothing paints here.
            output.textures_delta.clear();
        }

        fn frames(&mut self, count: usize) {
            (0..count).for_each(|_| self.frame(Vec::new()));
        }

        fn focused(&self) -> Option<Id> {
            self.ctx.memory(Memory::focused)
        }
    }

    fn pressed(key: Key) -> Event {
        let modifiers = Modifiers::NONE;
        Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }
    }

    #[test]
    fn another_letter_at_once_is_a_word_and_one_alone_a_command() {
        let mut screen = Screen::new();
        let mut is_typed_after = |frames: usize, key: Key| {
            screen.frames(frames);
            screen.frame(vec![pressed(key)]);
            is_typed(&screen.ctx)
        };
        // A frame is a sixtieth of a second.
        assert!(!is_typed_after(1, Key::V));
        assert!(is_typed_after(4, Key::L), "a word that begins with V");
        assert!(!is_typed_after(4, Key::L), "the same once more");
        assert!(!is_typed_after(30, Key::T), "after a pause");
    }

    #[test]
    fn letters_typed_before_a_dialog_is_there_are_its_text_and_no_commands() {
        let mut screen = Screen::new();
        screen.frames(2);
        reserve(&screen.ctx);
        let ctx = screen.ctx.clone();
        for (frame, heard) in [(0, false), (1, false), (2, true)] {
            let input =
                RawInput { events: vec![pressed(Key::C), Event::Text("c".into())], ..RawInput::default() };
            let mut output = ctx.run_ui(input, |ui| {
                hold_letters(ui.ctx());
                assert_eq!(ui.input(|input| input.key_pressed(Key::C)), heard, "frame {frame}");
                assert_eq!(typed(ui.ctx()), "c");
            });
            output.textures_delta.clear();
        }
    }

    #[test]
    fn a_closed_dialog_gives_the_focus_back() {
        let mut screen = Screen::new();
        screen.frames(2);
        give(&screen.ctx, Screen::field("second"));
        screen.frames(2);
        screen.open = true;
        screen.frames(4);
        assert_eq!(screen.focused(), Some(Screen::field("inside")));
        screen.frame(vec![pressed(Key::Escape)]);
        assert!(!screen.open);
        screen.frames(4);
        assert_eq!(screen.focused(), Some(Screen::field("second")));
    }

    #[test]
    fn a_dialog_takes_the_pointer_from_what_lies_under_it() {
        let mut screen = Screen::new();
        let moved = || vec![Event::PointerMoved(egui::pos2(20.0, 20.0))];
        let has_pointer = |screen: &Screen| screen.ctx.input(|input| input.pointer.has_pointer());
        screen.frame(moved());
        screen.frames(2);
        assert!(has_pointer(&screen));
        screen.open = true;
        screen.frames(2);
        assert!(!has_pointer(&screen), "no tooltip stays over the dialog");
        screen.frame(moved());
        assert!(has_pointer(&screen));
    }

    #[test]
    fn a_request_made_under_a_dialog_is_fulfilled_after_it() {
        let mut screen = Screen::new();
        give(&screen.ctx, Screen::field("second"));
        screen.frames(2);
        screen.open = true;
        screen.frames(3);
        screen.frame(vec![pressed(Key::Escape)]);
        give(&screen.ctx, Screen::field("first"));
        screen.frames(4);
        assert_eq!(screen.focused(), Some(Screen::field("first")));
    }
}
