//! Outputs of the text pass: [`RowOutput`] of every exchange, [`SampleOutput`] of the sampled ones, and
//! [`Describer`], which computes both.
//!
//! An output is a pure function of the prompt and the fitted model. A new output is a field of
//! [`RowOutput`] or [`SampleOutput`] with its bytes, a line in [`Describer::make`] or
//! [`SampleOutput::with_text`], and a column in [`store`](super::store). At 28.8 million exchanges a
//! byte of a [`RowOutput`] costs 28 MB, a byte of a [`SampleOutput`] 5 MB.

use std::sync::{Mutex, PoisonError};

use super::classes::classes;
use super::fit::Fit;
use super::prompts::{Content, key};
use super::shingles::shingles;
use super::template::template;
use super::vector::{LENGTH, quantise};
use super::vocabulary::Vocabulary;
use crate::cache::hot::NO_GRID;
use crate::cache::{NO_TOPIC, PromptSample, RowId};
use crate::stats::minhash::{HASHES, Signature};

/// Output for every exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowOutput {
    /// Topic in the numbering of the model, or [`NO_TOPIC`].
    pub topic: u16,
    /// Map position in units of 1/65,534, or [`NO_GRID`].
    pub place: [u16; 2],
}

impl RowOutput {
    /// Output for an exchange without usable content.
    pub(super) const NONE: Self = Self { topic: NO_TOPIC, place: NO_GRID };
    /// Size in bytes.
    pub(super) const BYTES: usize = 6;

    /// Bytes, little-endian.
    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let ([a, b], [c, d]) = (self.topic.to_le_bytes(), self.place[0].to_le_bytes());
        let [e, f] = self.place[1].to_le_bytes();
        [a, b, c, d, e, f]
    }

    /// Inverse of [`to_bytes`](Self::to_bytes).
    pub(super) fn from_bytes(&[a, b, c, d, e, f]: &[u8; Self::BYTES]) -> Self {
        let number = |low, high| u16::from_le_bytes([low, high]);
        Self { topic: number(a, b), place: [number(c, d), number(e, f)] }
    }
}

/// Additional output for the sampled exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SampleOutput {
    /// Quantised direction in topic space; zeros for none.
    pub vector: [i8; LENGTH],
    /// MinHash signature of its shingles; [`Signature::EMPTY`] for none.
    pub signature: Signature,
    /// 32 bits of the key of its text; 0 for none.
    pub content: u32,
    /// 32 bits of the key of its [template](super::template::template); 0 for none.
    pub opening: u32,
    /// Its [`classes`](super::classes::classes).
    pub classes: u8,
}

impl SampleOutput {
    /// Form in which the cache stores it for a row.
    pub(super) fn of(&self, row: RowId) -> PromptSample {
        PromptSample {
            row,
            vector: (self.vector != [0; LENGTH]).then_some(self.vector),
            signature: self.signature,
            content: self.content,
            opening: self.opening,
            classes: self.classes,
        }
    }

    /// Output for an exchange without usable content.
    pub(super) const NONE: Self =
        Self { vector: [0; LENGTH], signature: Signature::EMPTY, content: 0, opening: 0, classes: 0 };
    /// Size in bytes.
    pub(super) const BYTES: usize = LENGTH + HASHES / 2 + 9;

    /// Bytes, little-endian.
    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (vector, rest) = bytes.split_at_mut(LENGTH);
        let (signature, rest) = rest.split_at_mut(HASHES / 2);
        vector.copy_from_slice(&self.vector.map(i8::cast_unsigned));
        signature.copy_from_slice(&self.signature.0);
        rest[..4].copy_from_slice(&self.content.to_le_bytes());
        rest[4..8].copy_from_slice(&self.opening.to_le_bytes());
        rest[8] = self.classes;
        bytes
    }

    /// Inverse of [`to_bytes`](Self::to_bytes).
    pub(super) fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let mut found = Self::NONE;
        let (vector, rest) = bytes.split_at(LENGTH);
        let (signature, rest) = rest.split_at(HASHES / 2);
        found.vector.iter_mut().zip(vector).for_each(|(x, &byte)| *x = byte.cast_signed());
        found.signature.0.copy_from_slice(signature);
        found.content = u32::from_le_bytes([rest[0], rest[1], rest[2], rest[3]]);
        found.opening = u32::from_le_bytes([rest[4], rest[5], rest[6], rest[7]]);
        found.classes = rest[8];
        found
    }

    /// Adds the fields that depend on the text alone. Computed for sampled exchanges only, since it
    /// takes longer than all the rest.
    pub(super) fn with_text(self, content: Content<'_>) -> Self {
        let Some(text) = content.text else { return self };
        Self {
            signature: Signature::of(&shingles(text)),
            content: key(text.as_bytes()) as u32,
            opening: template(text).map_or(0, |begins| key(begins.as_bytes()) as u32),
            classes: classes(text),
            ..self
        }
    }
}

/// Number of prompts whose outputs are cached, since many prompts of a log repeat.
const CACHED: usize = 1 << 18;
/// Number of separately locked parts of that cache.
const PARTS: usize = 64;

/// Cached outputs of a prompt: key of its content, outputs.
type Cached = (u64, RowOutput, SampleOutput);

/// Computes the outputs of prompts.
pub(super) struct Describer<'a> {
    fit: &'a Fit,
    /// Most recent prompt of each slot; key 0 for an empty slot.
    cached: Vec<Mutex<Vec<Cached>>>,
}

impl<'a> Describer<'a> {
    /// Describer for a fitted model.
    pub(super) fn new(fit: &'a Fit) -> Self {
        let empty = (0, RowOutput::NONE, SampleOutput::NONE);
        let part = || Mutex::new(vec![empty; CACHED / PARTS]);
        Self { fit, cached: (0..PARTS).map(|_| part()).collect() }
    }

    /// Outputs of one prompt. `vocabulary` must be used with this model only.
    pub(super) fn of(&self, vocabulary: &mut Vocabulary, content: Content<'_>) -> (RowOutput, SampleOutput) {
        let key = content.key();
        if key == 0 {
            return (RowOutput::NONE, SampleOutput::NONE);
        }
        let (part, place) = (key as usize % PARTS, key as usize / PARTS % (CACHED / PARTS));
        let part = || self.cached[part].lock().unwrap_or_else(PoisonError::into_inner);
        let found = part()[place];
        if found.0 == key {
            return (found.1, found.2);
        }
        let (row, sample) = self.make(vocabulary, content);
        part()[place] = (key, row, sample);
        (row, sample)
    }

    /// Computes the outputs.
    fn make(&self, vocabulary: &mut Vocabulary, content: Content<'_>) -> (RowOutput, SampleOutput) {
        let Some(direction) = self.fit.projection.project(vocabulary, content) else {
            return (RowOutput::NONE, SampleOutput::NONE);
        };
        let (topic, place) = self.fit.topic_and_place(&direction);
        (RowOutput { topic, place }, SampleOutput { vector: quantise(&direction), ..SampleOutput::NONE })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_survive_their_bytes() {
        let row = RowOutput { topic: 0x1234, place: [7, 65_534] };
        assert_eq!(RowOutput::from_bytes(&row.to_bytes()), row);
        let mut sample = SampleOutput::NONE;
        sample.vector[..3].copy_from_slice(&[-128, 127, -1]);
        (sample.signature.0[0], sample.signature.0[HASHES / 2 - 1]) = (1, 200);
        (sample.content, sample.opening, sample.classes) = (0x0102_0304, 0x0a0b_0c0d, 31);
        assert_eq!(SampleOutput::from_bytes(&sample.to_bytes()), sample);
    }
}
