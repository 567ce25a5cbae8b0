//! C2, coverage: expected number of topics in a sample of fixed size (rarefaction, Hurlbert 1971).

use super::{About, Axis, Input, Outcome, Signal, SignalFamily};
use crate::cache::{NO_TOPIC, RowId};
use crate::model::counted;
use crate::stats::{entropy, rarefaction};

/// Size of the rarefied sample. Twenty keeps most accounts testable, and the expected number of
/// topics among twenty is already bounded by twenty, not by how much the account sent.
const DRAWS: u64 = 20;

const ABOUT: About = About {
    id: "C2",
    title: "coverage",
    version: 1,
    unit: "topics in 20 draws",
    definition: "Expected number of topics among 20 of the account's exchanges drawn without replacement: E[S] = Σ \
                 1 − C(N − n, 20) / C(N, 20) over its topics, with n of its N exchanges each. Needs 20 exchanges that have a topic. Also \
                 reported: the Chao–Shen entropy of its topics.",
    source: "Hurlbert 1971; Chao & Shen 2003",
    needs: &["prompt_text or prompt_embedding"],
    look_alikes: &["an evaluation harness", "the backend of a general chatbot"],
    tells_apart: "end_user_id: a chatbot has many end users behind it; prompt_text: a harness repeats published test items",
    axis: Axis::Extraction,
    family: SignalFamily::Content,
    tests_upper_tail: true,
    rises_with_volume: false,
    // Half weight: an account in one language or trade covers few topics, however systematic it is.
    weight: 0.5,
};

pub(super) struct Coverage;

impl Signal for Coverage {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn is_measurable_on_excerpt(&self) -> bool {
        true
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        if !input.cache.has_text_pass() {
            return Outcome::not_applicable("the text pass, which finds the topics, has not ended");
        }
        of_topics(input.topics, input.first_row)
    }

    fn detail(&self, input: &Input<'_>) -> Option<String> {
        let counts = counts(input.topics);
        let sizes: Vec<u64> = counts.iter().map(|&(_, count, _)| count).collect();
        Some(format!(
            "{} with a topic, in {}; Chao–Shen entropy {:.2} nats.",
            counted(sizes.iter().sum(), "exchange", "exchanges"),
            counted(sizes.len() as u64, "topic", "topics"),
            entropy::chao_shen(&sizes)
        ))
    }
}

fn of_topics(topics: &[u16], first_row: RowId) -> Outcome {
    if topics.is_empty() {
        return Outcome::not_applicable(
            "the exchanges have no topics: the snapshot has neither prompt text nor embeddings",
        );
    }
    let counts = counts(topics);
    let sizes: Vec<u64> = counts.iter().map(|&(_, count, _)| count).collect();
    let Some(value) = rarefaction::expected_classes(&sizes, DRAWS) else {
        return Outcome::not_applicable(format!(
            "{} exchanges with a topic; {DRAWS} are needed",
            sizes.iter().sum::<u64>()
        ));
    };
    let examples = counts.iter().map(|&(_, _, at)| first_row + at as RowId).collect();
    Outcome::Measured { value, examples }
}

/// Topic, number of exchanges and position of the first, the most frequent topic first.
fn counts(topics: &[u16]) -> Vec<(u16, u64, usize)> {
    let mut order: Vec<usize> = (0..topics.len()).filter(|&at| topics[at] != NO_TOPIC).collect();
    order.sort_by_key(|&at| (topics[at], at));
    let mut counts: Vec<(u16, u64, usize)> = order
        .chunk_by(|&a, &b| topics[a] == topics[b])
        .map(|run| (topics[run[0]], run.len() as u64, run[0]))
        .collect();
    counts.sort_by_key(|&(topic, count, _)| (std::cmp::Reverse(count), topic));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_topics_and_not_exchanges() {
        // 25 exchanges in each of two topics, and some without: 2 (1 − C(25,20)/C(50,20)).
        let topics: Vec<u16> = (0..60).map(|i| if i < 50 { i % 2 } else { NO_TOPIC }).collect();
        let Outcome::Measured { value, examples } = of_topics(&topics, 0) else { panic!("measurable") };
        assert!((value - 2.0).abs() < 1e-8, "{value}");
        assert_eq!(*examples, [0, 1]);
    }

    #[test]
    fn too_little_is_not_zero() {
        for topics in [&[][..], &[1; 19], &[NO_TOPIC; 90]] {
            assert!(matches!(of_topics(topics, 0), Outcome::NotApplicable(_)));
        }
    }
}
