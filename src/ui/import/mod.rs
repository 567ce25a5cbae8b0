//! The import dialog, and the editor of a column mapping that other dialogs use too.

mod columns;
mod counts;
mod dialog;
mod edit;
mod files;
mod foot;
mod options;
mod others;
mod panel;
mod presets;
mod reading;
mod room;
mod rows;
mod sheet;
mod taken;
#[cfg(test)]
mod tests;
mod text;

pub use dialog::{ImportDialog, Outcome};
pub use panel::{MappingPanel, MappingTab, tab_bar};
pub use room::{escaped, fixed};
pub use sheet::Looked;
