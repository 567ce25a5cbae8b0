//! C5, harvest: how much the account has been answered.

use super::{About, Axis, Input, Outcome, RowColumn, Signal, SignalFamily};

const ABOUT: About = About {
    id: "C5",
    title: "harvest",
    version: 1,
    unit: "answer tokens",
    definition: "Sum of output_tokens over the account's exchanges. A copy is trained on answers, so whoever makes one takes \
                 many; most who take many do so for other reasons, so it tells next to nothing alone. Compared with accounts \
                 of any volume, as it is one itself.",
    source: "Tramèr, Zhang, Juels, Reiter & Ristenpart 2016",
    needs: &["output_tokens"],
    look_alikes: &["any product in use", "batch processing", "a new power user"],
    tells_apart: "prompt_text: one product's work again and again, rather than a sweep over many subjects",
    axis: Axis::Extraction,
    family: SignalFamily::Content,
    high_is_telling: true,
    is_a_volume: true,
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

    fn measure(&self, input: &Input<'_>) -> Outcome {
        let tokens = |at: usize| input.rows.count(RowColumn::OutputTokens, at);
        let mut known: Vec<(u32, usize)> =
            (0..input.ts.len()).filter_map(|at| Some((tokens(at)?, at))).collect();
        if known.is_empty() {
            return Outcome::NotApplicable("none of its exchanges says how long the answer was".to_owned());
        }
        let sum: u64 = known.iter().map(|&(tokens, _)| u64::from(tokens)).sum();
        // The longest answers show it.
        known.sort_by_key(|&(tokens, at)| (std::cmp::Reverse(tokens), at));
        let examples = known.iter().take(3).map(|&(_, at)| input.first_row + at as u32).collect();
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
        assert_eq!(outcome, Outcome::Measured { value: 83.0, examples: vec![2, 3, 0] });
    }

    #[test]
    fn without_lengths_it_is_not_testable() {
        assert!(matches!(measured(&[u32::MAX; 4]), Outcome::NotApplicable(_)));
    }
}
