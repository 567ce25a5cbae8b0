//! Presets: names of the canonical columns in other systems. One file and one line in the list each.
//!
//! A preset is a plain value without access to files; [`propose`](super::propose) chooses among them.

mod azure;
mod bedrock;
mod canonical;
mod cloudflare;
mod definition;
mod helicone;
mod kong;
mod langfuse;
mod langsmith;
mod list;
mod litellm;
mod litellm_payload;
mod openinference;
mod opentelemetry;
mod portkey;
mod usual;
mod vertex;

pub use canonical::CANONICAL;
pub use definition::{Preset, PresetColumn};
pub use list::{ALL, WRAPS, by_name, names};
pub use opentelemetry::OPENTELEMETRY;
pub use usual::USUAL;

#[cfg(test)]
mod tests;
