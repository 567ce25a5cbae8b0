//! R3, session shape: share of answers followed by the next request before a person could have read them.

use super::{About, Axis, Input, Outcome, RowColumn, Rows, Signal, SignalFamily, sessions};
use crate::cache::RowId;
use crate::model::{Micros, format_count};

/// Minimum number of exchanges that follow another within a session.
const MIN_FOLLOWED: usize = 20;

/// Reading speed in tokens a second: 238 words a minute, the mean of silent reading over 190 studies
/// (Brysbaert 2019), at three words to four tokens.
const TOKENS_A_SECOND: f64 = 238.0 / 60.0 / 0.75;

const ABOUT: About = About {
    id: "R3",
    title: "session shape",
    version: 1,
    unit: "share of followed responses unread (0 to 1)",
    definition: "Share of responses that the next request of the same session follows before a person could have \
                 read them. The time to read is the latency plus the response's tokens at 5.3 a second (238 words \
                 a minute). A session ends with 30 minutes of silence. The upper tail is tested. Needs 20 \
                 responses with a next request. Also reported: the share of conversations with a single exchange, \
                 or of sessions where conversations are not recorded.",
    source: "Brysbaert 2019 for the speed of reading; no source for the share",
    needs: &["latency_ms", "output_tokens"],
    look_alikes: &["any automation: a batch job, an application with many users, a coding agent"],
    tells_apart: "end_user_id: many people behind one account each read their own; is_stream: streamed responses are for people",
    axis: Axis::Extraction,
    family: SignalFamily::Rhythm,
    tests_upper_tail: true,
    rises_with_volume: false,
    // Weight 0: products leave answers unread as much as a campaign, or more.
    weight: 0.0,
};

pub(super) struct SessionShape;

impl Signal for SessionShape {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn columns(&self) -> &'static [RowColumn] {
        &[RowColumn::LatencyMs, RowColumn::OutputTokens, RowColumn::Conversation]
    }

    fn is_measurable_on_excerpt(&self) -> bool {
        true
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        of_rows(input.ts, &input.rows, input.first_row)
    }

    fn detail(&self, input: &Input<'_>) -> Option<String> {
        detail(input.ts, &input.rows)
    }
}

fn of_rows(ts: &[Micros], rows: &Rows<'_>, first_row: RowId) -> Outcome {
    let (mut unread, mut examples, mut followed) = (0_usize, Vec::new(), 0_usize);
    for at in 1..ts.len() {
        let gap = ts[at].saturating_sub(ts[at - 1]);
        let Some(needed) = needed(rows, at - 1).filter(|_| gap < sessions::SESSION_GAP) else { continue };
        followed += 1;
        if (gap as f64) < needed {
            unread += 1;
            if examples.len() < 3 {
                examples.push(first_row + at as RowId - 1);
            }
        }
    }
    if followed < MIN_FOLLOWED {
        return Outcome::not_applicable(format!(
            "{followed} exchanges with latency, tokens and a successor within the session; {MIN_FOLLOWED} are needed"
        ));
    }
    Outcome::Measured { value: unread as f64 / followed as f64, examples: examples.into_iter().collect() }
}

/// Microseconds to receive and read the answer; `None` where latency or tokens are missing.
fn needed(rows: &Rows<'_>, at: usize) -> Option<f64> {
    let latency = f64::from(rows.count(RowColumn::LatencyMs, at)?) * 1e3;
    Some(latency + f64::from(rows.count(RowColumn::OutputTokens, at)?) / TOKENS_A_SECOND * 1e6)
}

fn detail(ts: &[Micros], rows: &Rows<'_>) -> Option<String> {
    let (unit, single, all) = if rows.has(RowColumn::Conversation) {
        let mut keys: Vec<u32> =
            (0..ts.len()).filter_map(|at| rows.count(RowColumn::Conversation, at)).collect();
        keys.sort_unstable();
        let turns = |run: &[u32]| run.len();
        let lengths: Vec<usize> = keys.chunk_by(|a, b| a == b).map(turns).collect();
        ("conversations", lengths.iter().filter(|&&n| n == 1).count(), lengths.len())
    } else {
        let starts: Vec<usize> = sessions::starts(ts).chain([ts.len()]).collect();
        let single = starts.windows(2).filter(|ends| ends[1] - ends[0] == 1).count();
        ("sessions", single, starts.len() - 1)
    };
    let of = |n: usize| format_count(n as u64);
    (all > 0).then(|| format!("{} of {} {unit} have a single exchange.", of(single), of(all)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::rows::for_test;
    use crate::stats::oracle;

    const SECOND: Micros = 1_000_000;

    // pandas: see tests/oracles/make.py
    #[test]
    fn agrees_with_pandas() {
        for case in oracle::cases("session_shape") {
            let whole = |name: &str| -> Vec<u32> {
                oracle::numbers(&case[name])
                    .iter()
                    .map(|&x| if x < 0.0 { u32::MAX } else { x as u32 })
                    .collect()
            };
            let ts: Vec<Micros> = oracle::numbers(&case["ts"]).iter().map(|&t| t as Micros).collect();
            let (latency, tokens) = (whole("latency_ms"), whole("output_tokens"));
            let rows = for_test(&[(RowColumn::LatencyMs, &latency), (RowColumn::OutputTokens, &tokens)]);
            let Outcome::Measured { value, examples } = of_rows(&ts, &rows, 0) else { panic!("measurable") };
            assert!((value - oracle::number(&case["unread"])).abs() < 1e-12, "{value}");
            assert_eq!(examples.first().map(|&row| f64::from(row)), case["first"].as_f64());
            let single = format!("{} of {} sessions", case["single"], case["sessions"]);
            assert!(detail(&ts, &rows).unwrap().starts_with(&single), "{single}");
        }
    }

    #[test]
    fn who_reads_is_0_and_who_does_not_wait_is_1() {
        let (latency, tokens) = ([1_000; 30], [53; 30]);
        let rows = for_test(&[(RowColumn::LatencyMs, &latency), (RowColumn::OutputTokens, &tokens)]);
        let every = |seconds: Micros| {
            let ts: Vec<Micros> = (0..30).map(|i| i * seconds * SECOND).collect();
            match of_rows(&ts, &rows, 0) {
                Outcome::Measured { value, .. } => value,
                Outcome::NotApplicable(why) => panic!("{why}"),
            }
        };
        assert_eq!((every(12), every(10)), (0.0, 1.0));
    }

    #[test]
    fn without_followers_or_columns_it_is_not_testable() {
        let full = [5; 40];
        let rows = for_test(&[(RowColumn::LatencyMs, &full), (RowColumn::OutputTokens, &full)]);
        let apart: Vec<Micros> = (0..40).map(|i| i * sessions::SESSION_GAP).collect();
        assert!(matches!(of_rows(&apart, &rows, 0), Outcome::NotApplicable(_)));
        let close: Vec<Micros> = (0..40).map(|i| i * SECOND).collect();
        assert!(matches!(of_rows(&close, &Rows::default(), 0), Outcome::NotApplicable(_)));
        assert!(matches!(of_rows(&[], &rows, 0), Outcome::NotApplicable(_)));
        assert_eq!(detail(&[], &rows), None);
    }

    #[test]
    fn conversations_count_where_they_are_recorded() {
        let keys = [7, 7, 8, 9, u32::MAX];
        let rows = for_test(&[(RowColumn::Conversation, &keys)]);
        assert_eq!(detail(&[0, 1, 2, 3, 4], &rows).unwrap(), "2 of 3 conversations have a single exchange.");
    }
}
