//! Leads in tables of the cache, so that opening a case does not compute them again.
//!
//! Ordinary tables that any SQLite tool can read. Accounts are named by their id and values by
//! their position in the cache, which is rebuilt together with these tables.

mod cells;
mod load;
mod save;
mod tables;

pub use load::load;
pub use save::save;
pub use tables::LEADS_VERSION;
