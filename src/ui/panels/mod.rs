//! Panels around the views. They draw the state and send commands.

pub mod bottom;
pub mod events;
pub mod inspector;
pub mod left;
pub mod scope_bar;
pub mod time_brush;
pub mod top;
