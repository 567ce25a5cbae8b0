//! C3, targeting: log-odds of prompt classes useful for extraction, against the cohort (beta-binomial,
//! Kleinman 1973).

use super::prompts::{CLASSES, counts};
use super::{About, Axis, Input, Outcome, Signal, SignalFamily};
use crate::cache::PromptSample;
use crate::stats::beta_binomial::Beta;
use crate::topics::classes;

/// Minimum number of sampled exchanges.
const MIN_SAMPLED: usize = 10;

const ABOUT: About = About {
    id: "C3",
    title: "targeting",
    version: 1,
    unit: "nats of log-odds",
    definition: "Excess over the cohort of prompts of one class that is useful for training a copy: 0 as the cohort, high \
                 for many more. The largest log-odds ratio over the classes: reasoning \
                 elicitation, rubric grading, agentic and tool traces, boundary probing, censorship-safe \
                 rewriting; found by phrases in some twenty languages. For k of the account's n sampled prompts \
                 (at most 64): ln (k + α)/(n − k + β) − ln α/β. α and β are those of the beta-binomial fitted to \
                 the cohort by moments. Few prompts shrink it towards 0. Needs 10 sampled \
                 prompts.",
    source: "Kleinman 1973 for the fit; classes from public case reports",
    needs: &["prompt_text"],
    look_alikes: &["an LLM-judge pipeline", "a tutoring service", "a coding agent"],
    tells_apart: "prompt_text: grading one's own product's responses; end_user_id: pupils behind a tutor; stated_use_case",
    axis: Axis::Extraction,
    family: SignalFamily::Content,
    tests_upper_tail: true,
    rises_with_volume: false,
    // Weight 0: products concentrate on one class of prompts as much as a campaign, or more.
    weight: 0.0,
};

pub(super) struct Targeting;

impl Signal for Targeting {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn reads_sample(&self) -> bool {
        true
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        match input.reference.prompts.of(input.account) {
            Some(cohort) => of_sample(input.sample, &cohort.classes),
            None => Outcome::not_applicable("its cohort has no sampled exchanges"),
        }
    }

    fn detail(&self, input: &Input<'_>) -> Option<String> {
        let counts = counts(input.sample);
        let named: Vec<String> = classes::ALL
            .iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .map(|((_, name), count)| format!("{name} {count}"))
            .collect();
        (!named.is_empty()).then(|| {
            format!("{} sampled prompts, by phrases found: {}.", input.sample.len(), named.join(", "))
        })
    }
}

fn of_sample(sample: &[PromptSample], usual: &[Option<Beta>; CLASSES]) -> Outcome {
    let n = sample.len();
    if n < MIN_SAMPLED {
        return Outcome::not_applicable(format!("{n} sampled prompts; {MIN_SAMPLED} are needed"));
    }
    let counts = counts(sample);
    let odds = |class: usize| Some((usual[class]?.log_odds(counts[class], n as u32), class));
    let most = (0..CLASSES).filter_map(odds).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let Some((value, class)) = most else {
        return Outcome::not_applicable("its cohort has no sampled exchanges");
    };
    let of_class = sample.iter().filter(|one| one.classes >> class & 1 == 1);
    let examples = of_class.map(|one| one.row).collect();
    Outcome::Measured { value, examples }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::RowId;
    use crate::signals::Examples;

    fn sample(classes: &[u8]) -> Vec<PromptSample> {
        let of = |(row, &classes): (usize, &u8)| PromptSample {
            row: row as RowId,
            classes,
            ..PromptSample::default()
        };
        classes.iter().enumerate().map(of).collect()
    }

    fn usual() -> [Option<Beta>; CLASSES] {
        let share = |share: f64| Some(Beta { alpha: share * 20.0, beta: (1.0 - share) * 20.0 });
        [share(0.3), share(0.02), share(0.05), share(0.02), share(0.01)]
    }

    fn measured(classes: &[u8]) -> (f64, Examples) {
        match of_sample(&sample(classes), &usual()) {
            Outcome::Measured { value, examples } => (value, examples),
            Outcome::NotApplicable(why) => panic!("{why}"),
        }
    }

    // The log-odds themselves are compared with scipy in stats::beta_binomial.
    #[test]
    fn the_class_that_stands_out_most_speaks() {
        // Half of the prompts grade, which is rare; half elicit reasoning, which is not.
        let (value, examples) = measured(&[classes::GRADING, classes::REASONING].repeat(20));
        let expected = usual()[1].unwrap().log_odds(20, 40);
        assert!((value - expected).abs() < 1e-12 && value > 2.0, "{value}");
        assert_eq!(*examples, [0, 2, 4]);
    }

    #[test]
    fn what_is_usual_is_about_0_and_few_prompts_say_little() {
        let usual = measured(&[1, 1, 1, 0, 0, 0, 0, 0, 0, 0].repeat(6)).0;
        assert!(usual.abs() < 0.1, "{usual}");
        let (few, many) = (measured(&[2; 10]).0, measured(&[2; 60]).0);
        assert!(0.0 < few && few < many, "{few} {many}");
        assert!(matches!(of_sample(&sample(&[2; 9]), &self::usual()), Outcome::NotApplicable(_)));
    }
}
