//! `08_legal`: the legal frame of a case as tables, and what is computed of it from the logs.
//!
//! [`tables`] follows from the journal alone, and `verify` makes it again; [`computed`] needs the logs, and
//! `reproduce` makes it again.

mod access;
mod computed;
pub(super) mod disclosure;
mod gaps;
mod harm;
pub(super) mod sheets;
pub(super) mod shown;
pub(super) mod tables;
mod terms_text;
mod utc;
pub(super) mod vocabulary;

pub(super) use access::after_the_end;
pub(super) use gaps::of_version;
pub(super) use tables::STATED_WITH_SUPPORT;

pub use access::{AfterRow, Relation};
pub use computed::{LegalFigures, legal_figures};
pub use gaps::{Gap, GapRow};
pub use harm::{Basis, HarmRow};
pub use sheets::{LegalSheet, computed_sheets, element_items, element_state, legal_sheets};
