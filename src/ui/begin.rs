//! The first screen of the window.

use std::path::PathBuf;

/// First content of the window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// The start screen.
    #[default]
    Nothing,
    /// A case.
    Case(PathBuf),
    /// The sample, in a throw-away case that is not remembered among the recent ones.
    Sample,
}
