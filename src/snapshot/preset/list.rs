//! The list of presets: one line each.

use super::{Preset, canonical, helicone, langfuse, litellm, opentelemetry};

/// All presets. Of two that fit equally well the earlier is proposed.
pub static ALL: [&Preset; 5] =
    [&canonical::PRESET, &opentelemetry::PRESET, &litellm::PRESET, &langfuse::PRESET, &helicone::PRESET];

/// The preset of that name.
pub fn by_name(name: &str) -> Option<&'static Preset> {
    ALL.into_iter().find(|preset| preset.name == name)
}

/// The names of all presets, with commas between.
pub fn names() -> String {
    ALL.map(|preset| preset.name).join(", ")
}
