//! Presets: how other systems call the canonical columns. One file a preset.
