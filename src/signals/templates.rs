//! C4, templates: share of prompts that are one form filled in with different contents.

use std::collections::BTreeSet;

use super::{About, Axis, Input, Outcome, Signal, SignalFamily};
use crate::cache::PromptSample;
use crate::model::counted;
use crate::stats::minhash::{Signature, similar};

/// Minimum number of sampled exchanges that have words.
const MIN_SAMPLED: usize = 10;

/// Minimum number of prompts of one template; two similar ones are a repetition.
const MIN_OF_TEMPLATE: usize = 3;

/// Minimum Jaccard similarity of two prompts of one template.
const SIMILARITY: f64 = 0.7;

const ABOUT: About = About {
    id: "C4",
    title: "templates",
    version: 1,
    unit: "share of prompts that are different fillings of a template (0 to 1)",
    definition: "Share of the account's sampled prompts (at most 64) that fill a template, each different filling \
                 counting once. A template is a set of three or more prompts linked by a Jaccard similarity of at \
                 least 0.7. Similarity is taken between shingles of five words, with numbers and quotations \
                 masked. It is estimated by MinHash of 128 hashes, four bits each; candidates share one of 21 \
                 bands of six and are verified by the whole signature. Also reported: the number of templates and \
                 of different fillings of the largest. Needs 10 sampled prompts with words.",
    source: "Broder 1997; Li & König 2010; Indyk & Motwani 1998; He, Zhu, Zheng & Lyu 2017 (Drain)",
    needs: &["prompt_text"],
    look_alikes: &["nearly every production application", "a batch job over a customer's own records"],
    tells_apart: "prompt_text: fillings from one's own business rather than from everywhere; end_user_id: users behind it",
    axis: Axis::Extraction,
    family: SignalFamily::Content,
    tests_upper_tail: true,
    rises_with_volume: false,
    // Weight 0: products use one template as much as a campaign, or more.
    weight: 0.0,
};

pub(super) struct Templates;

impl Signal for Templates {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn reads_sample(&self) -> bool {
        true
    }

    fn is_measurable_on_excerpt(&self) -> bool {
        true
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        of_sample(input.sample)
    }

    fn detail(&self, input: &Input<'_>) -> Option<String> {
        let with_words = with_words(input.sample);
        let groups = groups(&with_words);
        let largest = groups.first()?;
        Some(format!(
            "{} sampled prompts with words; {}; the largest has {} prompts with {}.",
            with_words.len(),
            counted(groups.len() as u64, "template", "templates"),
            largest.len(),
            counted(fillings(&with_words, largest) as u64, "different filling", "different fillings")
        ))
    }
}

fn of_sample(sample: &[PromptSample]) -> Outcome {
    let with_words = with_words(sample);
    if with_words.len() < MIN_SAMPLED {
        return Outcome::not_applicable(format!(
            "{} sampled prompts with words; {MIN_SAMPLED} are needed",
            with_words.len()
        ));
    }
    let groups = groups(&with_words);
    let filled: usize = groups.iter().map(|group| fillings(&with_words, group)).sum();
    let examples = groups.first().into_iter().flatten().map(|&at| with_words[at].row).collect();
    Outcome::Measured { value: filled as f64 / with_words.len() as f64, examples }
}

fn with_words(sample: &[PromptSample]) -> Vec<&PromptSample> {
    sample.iter().filter(|one| one.signature != Signature::EMPTY).collect()
}

/// Templates as positions of their prompts, the largest first.
fn groups(sample: &[&PromptSample]) -> Vec<Vec<usize>> {
    let signatures: Vec<Signature> = sample.iter().map(|one| one.signature).collect();
    let mut groups = similar(&signatures, SIMILARITY);
    groups.retain(|group| group.len() >= MIN_OF_TEMPLATE);
    groups.sort_by_key(|group| (std::cmp::Reverse(group.len()), group[0]));
    groups
}

/// Number of different contents among a template's prompts.
fn fillings(sample: &[&PromptSample], group: &[usize]) -> usize {
    group.iter().map(|&at| sample[at].content).collect::<BTreeSet<u32>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::Examples;
    use crate::stats::splitmix;

    /// A prompt of a template with so many words of its own, and a content.
    fn prompt(row: u32, template: u64, own: u64, content: u32) -> PromptSample {
        let fixed = (0..40).map(|n| splitmix::number(template, n) as u32);
        let filled = (0..own).map(|n| splitmix::number(1_000 + u64::from(row), n) as u32);
        let signature = Signature::of(&fixed.chain(filled).collect::<Vec<u32>>());
        PromptSample { row, signature, content, ..PromptSample::default() }
    }

    fn measured(sample: &[PromptSample]) -> (f64, Examples) {
        match of_sample(sample) {
            Outcome::Measured { value, examples } => (value, examples),
            Outcome::NotApplicable(why) => panic!("{why}"),
        }
    }

    #[test]
    fn fillings_count_and_repetitions_do_not() {
        let mut sample: Vec<PromptSample> = (0..12).map(|row| prompt(row, 1, 3, row)).collect();
        sample.extend((12..20).map(|row| prompt(row, u64::from(row), 20, row)));
        let (value, examples) = measured(&sample);
        assert!((value - 0.6).abs() < 1e-12, "{value}");
        assert_eq!(*examples, [0, 1, 2]);
        let same: Vec<PromptSample> = (0..20).map(|row| prompt(row, 1, 0, 5)).collect();
        assert!((measured(&same).0 - 0.05).abs() < 1e-12);
    }

    #[test]
    fn all_different_is_0_and_too_few_is_nothing() {
        let apart: Vec<PromptSample> = (0..20).map(|row| prompt(row, u64::from(row) + 7, 5, row)).collect();
        assert_eq!(measured(&apart), (0.0, Examples::default()));
        assert!(matches!(of_sample(&apart[..9]), Outcome::NotApplicable(_)));
        let silent = vec![PromptSample::default(); 40];
        assert!(matches!(of_sample(&silent), Outcome::NotApplicable(_)));
    }
}
