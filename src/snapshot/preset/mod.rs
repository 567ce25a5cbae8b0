//! Presets: how other systems call the canonical columns. One file a preset.

/// The names of all presets, with commas between.
pub fn names() -> String {
    String::new()
}
