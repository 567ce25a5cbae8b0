//! Widgets that several panels or views use.

pub mod density;
pub mod event_menu;
pub mod form_menu;
pub mod heat_map;
pub mod keys;
pub mod long_scroll;
pub mod mark;
pub mod pan_zoom;
pub mod pending;
pub mod percentile;
pub mod pick;
pub mod picture;
pub mod ramp;
pub mod time_axis;
