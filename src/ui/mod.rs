//! The window: views over one scope, panels around them. Asks jobs for everything it shows and
//! never waits; computes nothing itself.

mod view;

pub use view::{Command, Selected, View, ViewContext};
