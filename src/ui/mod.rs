//! The window: views over one scope, panels around them. Asks jobs for everything it shows and
//! never waits; computes nothing itself.

pub mod theme;
pub mod view;
pub mod views;
pub mod widgets;
pub mod words;

pub use view::{Command, Selected, View, ViewContext};
