//! The list of presets: one line each.

use super::definition::Preset;
use super::{
    azure, bedrock, canonical, cloudflare, helicone, kong, langfuse, langsmith, litellm, litellm_payload,
    openinference, opentelemetry, portkey, vertex,
};

/// All presets. Of two that fit equally well the earlier is proposed.
pub static ALL: [&Preset; 14] = [
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
];

/// The presets of that name or family: a system may write more than one layout.
pub fn by_name(name: &str) -> Vec<&'static Preset> {
    ALL.into_iter().filter(|preset| preset.name == name || preset.family == name).collect()
}

/// The names of all presets, each once, in the order of [`ALL`].
pub fn names() -> Vec<&'static str> {
    let mut names = ALL.map(|preset| preset.name).to_vec();
    names.dedup();
    names
}
