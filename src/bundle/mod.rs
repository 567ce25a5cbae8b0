//! What leaves the building: a BagIt bag for one audience, and its checking.
//!
//! One file a format. Nothing here draws on the screen, and nothing here decides: what is in the
//! bundle is what the case's state says.

mod checklist;
mod error;
mod export;
mod key;
mod verify;

pub use checklist::{CheckItem, CheckState, checklist};
pub use error::BundleError;
pub use export::{Audience, ExportOptions, Exported, export};
pub use key::SigningKey;
pub use verify::{Fault, verify};
