//! Title of the window: the name of the open case, so that two windows can be told apart.

use std::path::Path;

use egui::{Context, Id, ViewportCommand};

/// Sets the title where it has changed; `None` for the first screen.
pub fn set(ctx: &Context, case: Option<&Path>) {
    let name = case.and_then(Path::file_stem).map(|name| name.to_string_lossy().into_owned());
    let title = name.map_or_else(|| "Stillhunt".to_owned(), |name| format!("{name} – Stillhunt"));
    let id = Id::unique("title of the window");
    let is_new = ctx.data_mut(|data| data.get_temp::<String>(id).as_ref() != Some(&title));
    if is_new {
        ctx.data_mut(|data| data.insert_temp(id, title.clone()));
        ctx.send_viewport_cmd(ViewportCommand::Title(title));
    }
}
