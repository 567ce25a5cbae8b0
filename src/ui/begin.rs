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
    /// The sample, in a temporary case that is not listed among the recent cases.
    Sample,
}
