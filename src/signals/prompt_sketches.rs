//! Signatures of sampled prompts of every account, for comparing accounts with one another.

use crate::cache::PromptSample;
use crate::stats::csr::Csr;
use crate::stats::minhash::Signature;

/// Maximum number of prompts kept of one account.
const MAX_PROMPTS: usize = 16;

/// Approximate number of prompts kept in all: 100 MB. With many accounts, fewer of each are kept.
const MAX_PROMPTS_IN_ALL: usize = 1_500_000;

/// Signature and text number of one sampled prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PromptSketch {
    /// MinHash signature of its shingles.
    pub signature: Signature,
    /// Number of its text, equal for equal texts.
    pub content: u32,
}

/// Kept sketches of every account.
pub(super) type PromptSketches = Csr<PromptSketch>;

/// Sketches of one account, evenly spread over its sampled prompts with words. `accounts` is the number of
/// accounts of the case.
pub(super) fn prompt_sketches(sample: &[PromptSample], accounts: usize) -> Vec<PromptSketch> {
    let with_words: Vec<&PromptSample> =
        sample.iter().filter(|one| one.signature != Signature::EMPTY).collect();
    let kept = (MAX_PROMPTS_IN_ALL / accounts.max(1)).clamp(2, MAX_PROMPTS).min(with_words.len());
    (0..kept)
        .map(|nth| with_words[nth * with_words.len() / kept])
        .map(|one| PromptSketch { signature: one.signature, content: one.content })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_fit_and_from_all_over() {
        let sample: Vec<PromptSample> = (1..=64)
            .map(|n| PromptSample { signature: Signature::of(&[n]), content: n, ..PromptSample::default() })
            .collect();
        let contents =
            |accounts| prompt_sketches(&sample, accounts).iter().map(|f| f.content).collect::<Vec<_>>();
        assert_eq!(contents(1).len(), MAX_PROMPTS);
        assert_eq!(contents(1)[..3], [1, 5, 9]);
        assert_eq!(contents(1_000_000), [1, 33]);
        assert!(prompt_sketches(&[PromptSample::default()], 1).is_empty());
        let mut all = PromptSketches::default();
        all.push(Vec::new());
        all.push(prompt_sketches(&sample[..1], 1));
        assert_eq!((all.row(0).len(), all.row(1)[0].content, all.row(2).len()), (0, 1, 0));
    }
}
