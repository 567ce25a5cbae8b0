//! Stillhunt: a workbench for finding distillation campaigns in the logs of a model API.
//!
//! Modules from lower to higher; each uses only modules before it:
//!
//! - [`model`]: plain types; [`stats`]: numerics
//! - [`snapshot`]: reading of log files; [`cache`]: the file derived from them; [`case`]: journal of decisions
//! - [`topics`]: the text pass; [`query`]: from a scope to a selection and the data of views
//! - [`signals`]: measured behaviours; [`leads`]: ranked groups and accounts; [`evaluation`]: error rates of leads
//!   against ground truth
//! - [`exhibit`]: figures and tables; [`bundle`]: signed exports
//! - [`jobs`]: background work; [`synthetic`]: generated snapshots; [`cli`] and [`ui`]: commands and window
//!
//! Below all of them, `files` hashes files and gives finished ones their names, and `fail_point` names
//! the places at which tests break the program; `fonts` holds the bundled faces.
//!
//! `ARCHITECTURE.md` describes the path of an exchange through them.

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
