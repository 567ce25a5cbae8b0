//! Stillhunt: a workbench for finding distillation campaigns in the logs of a model API.
//!
//! From below to above, each module using only those before it:
//!
//! - [`model`]: plain types; [`stats`]: numerics
//! - [`snapshot`]: Parquet in; [`cache`]: the file derived from it; [`case`]: what a person decided
//! - [`topics`]: the text pass; [`query`]: scope → selection → what a view shows
//! - [`signals`]: measured behaviours; [`leads`]: what they put forward; [`evaluation`]: leads
//!   against a truth
//! - [`exhibit`]: figures and tables; [`bundle`]: what leaves the building
//! - [`jobs`]: background work; [`synthetic`]: generated snapshots; [`cli`] and [`ui`]: the two ways in
//!
//! Below all of them, `files` hashes files and gives finished ones their names, and `fail_point` names
//! the places at which tests break the program; `fonts` holds the bundled faces.
//!
//! `ARCHITECTURE.md` tells the way of an exchange through them.

pub mod bundle;
pub mod cache;
pub mod case;
pub mod cli;
pub mod evaluation;
pub mod exhibit;
mod fail_point;
mod files;
mod fonts;
pub mod jobs;
pub mod leads;
pub mod model;
pub mod query;
pub mod signals;
pub mod snapshot;
pub mod stats;
pub mod synthetic;
pub mod topics;
pub mod ui;
