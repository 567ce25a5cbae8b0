//! Topics, the map and prompt templates: the text pass.
