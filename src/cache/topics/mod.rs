//! Topics, the map and prompt templates: the text pass.
//!
//! Embeddings where the snapshots have them (PCA to 64 dimensions), else a lexical space from the
//! prompts' text (hashed words and character n-grams, TF-IDF, randomized SVD to 100 dimensions).
//! The space and the topics are fitted on 30,000 distinct prompts, as many from each account, so
//! that no heavy account owns the model; all others are projected. The map is laid out on 15,000
//! of these: exact neighbours cost the square of their number, so 50,000 would take 11 times as
//! long. Every step is seeded and summed in a fixed order: the bytes depend on the
//! snapshots and on nothing else.
//!
//! Keeps about 90 bytes a distinct prompt and 4 bytes a row in memory. Never stores text beyond
//! the words of labels and templates. No signal may be computed from map coordinates.

mod census;
mod compute;
mod features;
mod labels;
mod map;
mod prompts;
mod space;
mod template;
pub(super) mod vector;
mod words;
