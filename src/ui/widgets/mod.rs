//! Widgets that several panels or views use.

pub mod at_right;
pub mod axes;
pub mod cells;
pub mod choice;
pub mod crosshair;
pub mod density;
pub mod event_form;
pub mod filter;
pub mod follow_focus;
pub mod form_menu;
pub mod front;
pub mod heat_map;
pub mod keys;
pub mod long_scroll;
pub mod mark;
pub mod markdown;
pub mod option;
pub mod pan_zoom;
pub mod pending;
pub mod percentile;
pub mod pick;
pub mod picture;
pub mod ramp;
pub mod scale;
pub mod time_axis;
