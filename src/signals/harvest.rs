//! C5, harvest: answer tokens received by the account.

use super::{About, Axis, Input, Outcome, RowColumn, Signal, SignalFamily};

const ABOUT: About = About {
    id: "C5",
    title: "harvest",
    version: 1,
    unit: "output tokens",
    definition: "Sum of output_tokens over the account's exchanges. A copied model is trained on responses, so \
                 extraction collects many. Weak evidence alone: most accounts with many responses have other \
                 purposes. Compared with accounts of any volume, since the value rises with volume.",
    source: "Tramèr, Zhang, Juels, Reiter & Ristenpart 2016",
    needs: &["output_tokens"],
    look_alikes: &["any product in use", "batch processing", "a new power user"],
    tells_apart: "prompt_text: one product's work again and again, rather than a sweep over many subjects",
    axis: Axis::Extraction,
    family: SignalFamily::Content,
    tests_upper_tail: true,
    rises_with_volume: true,
    weight: 1.0,
};

pub(super) struct Harvest;

impl Signal for Harvest {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn columns(&self) -> &'static [RowColumn] {
        &[RowColumn::OutputTokens]
    }

    fn is_measurable_on_excerpt(&self) -> bool {
        true
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        let tokens = |at: usize| input.rows.count(RowColumn::OutputTokens, at);
        let mut answers: Vec<(u32, usize)> =
            (0..input.ts.len()).filter_map(|at| Some((tokens(at)?, at))).collect();
        if answers.is_empty() {
            return Outcome::not_applicable("no exchange has a number of output tokens");
        }
        let sum: u64 = answers.iter().map(|&(tokens, _)| u64::from(tokens)).sum();
        // Examples are the longest answers.
        answers.sort_by_key(|&(tokens, at)| (std::cmp::Reverse(tokens), at));
        let examples = answers.iter().map(|&(_, at)| input.first_row + at as u32).collect();
        Outcome::Measured { value: sum as f64, examples }
    }
}

#[cfg(test)]
mod tests {
    use super::super::linkage::Linkage;
    use super::super::rows::for_test;
    use super::super::{Reference, measure::Setting};
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};

    fn measured(tokens: &[u32]) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let rows = (0..4).map(|call| row("a", call)).collect();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let (linkage, reference) = (Linkage::default(), Reference::default());
        let setting = Setting { cache: &cache, linkage: &linkage, reference: &reference, seed: 1 };
        Harvest.measure(&setting.input(0, for_test(&[(RowColumn::OutputTokens, tokens)]), &[]))
    }

    #[test]
    fn answers_add_up_and_the_longest_show_it() {
        let missing = u32::MAX;
        let outcome = measured(&[5, missing, 70, 8]);
        assert_eq!(outcome, Outcome::Measured { value: 83.0, examples: [2, 3, 0].into_iter().collect() });
    }

    #[test]
    fn without_lengths_it_is_not_testable() {
        assert!(matches!(measured(&[u32::MAX; 4]), Outcome::NotApplicable(_)));
    }
}
