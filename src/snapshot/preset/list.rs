//! The list of presets: one line each.

use super::definition::Preset;
use super::{
    azure, bedrock, canonical, cloudflare, helicone, kong, langfuse, langsmith, litellm, litellm_payload,
    openinference, opentelemetry, portkey, usual, vertex,
};

/// All presets. Of equally good ones the earlier is proposed.
pub static ALL: [&Preset; 15] = [
    &canonical::PRESET,
    &opentelemetry::PRESET,
    &openinference::PRESET,
    &litellm::PRESET,
    &litellm_payload::PRESET,
    &langfuse::PRESET,
    &helicone::PRESET,
    &bedrock::PRESET,
    &vertex::PRESET,
    &azure::PRESET,
    &cloudflare::PRESET,
    &portkey::PRESET,
    &kong::PRESET,
    &langsmith::PRESET,
    &usual::PRESET,
];

/// Columns in which shippers of logs put the rows of others, as JSON text or objects: Fluent Bit, CloudWatch,
/// Google Cloud Logging, Elasticsearch, Azure Monitor.
pub const WRAPS: [&str; 9] =
    ["log", "message", "@message", "jsonPayload", "_source", "properties", "record", "payload", "Item"];

/// Presets with the name or family; one system may write several layouts. Empty if there is none.
pub fn by_name(name: &str) -> Vec<&'static Preset> {
    ALL.into_iter().filter(|preset| preset.name == name || preset.family == name).collect()
}

/// Distinct names of all presets, in the order of [`ALL`].
pub fn names() -> Vec<&'static str> {
    let mut names = ALL.map(|preset| preset.name).to_vec();
    names.dedup();
    names
}
