//! The commands: one file each, the same core calls as the window.

pub mod generate;
