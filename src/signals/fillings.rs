//! Sampled prompts of every account, for comparing accounts with one another.

use crate::cache::PromptSample;
use crate::stats::csr::Csr;
use crate::stats::minhash::Signature;

/// Most prompts kept of one account.
const MOST: usize = 16;

/// Approximate number of prompts kept in all: 100 MB. With many accounts, fewer of each are kept.
const IN_ALL: usize = 1_500_000;

/// One prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Filling {
    /// MinHash signature of its shingles.
    pub signature: Signature,
    /// Number of its text, equal for equal texts.
    pub content: u32,
}

/// The kept prompts of every account.
pub(super) type Fillings = Csr<Filling>;

/// Kept prompts of one of so many accounts, evenly spread over those with words.
pub(super) fn fillings(sample: &[PromptSample], accounts: usize) -> Vec<Filling> {
    let with_words: Vec<&PromptSample> =
        sample.iter().filter(|one| one.signature != Signature::EMPTY).collect();
    let kept = (IN_ALL / accounts.max(1)).clamp(2, MOST).min(with_words.len());
    (0..kept)
        .map(|nth| with_words[nth * with_words.len() / kept])
        .map(|one| Filling { signature: one.signature, content: one.content })
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
        let contents = |accounts| fillings(&sample, accounts).iter().map(|f| f.content).collect::<Vec<_>>();
        assert_eq!(contents(1).len(), MOST);
        assert_eq!(contents(1)[..3], [1, 5, 9]);
        assert_eq!(contents(1_000_000), [1, 33]);
        assert!(fillings(&[PromptSample::default()], 1).is_empty());
        let mut all = Fillings::default();
        all.push(Vec::new());
        all.push(fillings(&sample[..1], 1));
        assert_eq!((all.row(0).len(), all.row(1)[0].content, all.row(2).len()), (0, 1, 0));
    }
}
