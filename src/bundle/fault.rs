//! Fault of a bundle.

/// Fault of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Path of the file inside the bag; the bag itself is `.`. Hostile like any text.
    pub file: String,
    /// Description of the fault.
    pub what: String,
}

impl Fault {
    /// A fault of a file.
    pub(super) fn new(file: &str, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), what: what.into() }
    }
}
