//! Reasons of a content community in words: its events and its main topic.

use super::divided_pool::DividedPool;
use super::event_data::EventAccount;
use super::events::EventAbout;
use super::evidence::{EventFigures, Excess};
use super::lead::ContentLead;
use crate::cache::{AccountIndex, Cache, NO_TOPIC};
use crate::leads::Reason;
use crate::leads::reason::{COMMUNITY_ID, POOL_ID, p_value};
use crate::model::{counted, format_count, visible};
use crate::signals::Examples;

/// Benign explanation of accounts with similar prompts, and the data that would confirm or refute it.
const SIMILAR_LOOK_ALIKE: &str = "customers of one product, a class, or a subject of the day";
const SIMILAR_TELLS_APART: &str = "stated use case, and the accounts' own applications";

/// p-value of an event, before correction, below which it is a reason.
const MAX_P: f64 = 0.2;

/// Topic that most prompts of some accounts are about, in a line: `34 % of their exchanges are about …`. `None`
/// without topics.
pub(in super::super) fn asked(cache: &Cache, accounts: &[AccountIndex]) -> Option<String> {
    let topics = &cache.hot().topic;
    if topics.is_empty() {
        return None;
    }
    let mut counts = vec![0_u64; cache.topics().len()];
    let mut all = 0_u64;
    for row in accounts.iter().flat_map(|&account| cache.hot().rows_of(account)) {
        all += 1;
        if topics[row] != NO_TOPIC {
            counts[usize::from(topics[row])] += 1;
        }
    }
    let (topic, &count) =
        counts.iter().enumerate().max_by_key(|&(at, &count)| (count, std::cmp::Reverse(at)))?;
    let about = about_topic(&cache.topics()[topic].label);
    Some(format!("{} of their {about}", percent(count as f64 / all.max(1) as f64)))
}

/// Words of a sentence that name a topic: `exchanges are about diff · expected · test`.
pub fn about_topic(label: &str) -> String {
    format!("exchanges are about {}", visible(label))
}

/// Reasons of a lead, strongest event first, then its main topic.
pub(in super::super) fn reasons(cache: &Cache, lead: &ContentLead) -> Vec<Reason> {
    // An event that happened to no more accounts than expected is no reason.
    let is_reason = |excess: &&Excess| excess.figures.log10_p < MAX_P.log10();
    let mut events: Vec<&Excess> = lead.evidence.events.iter().filter(is_reason).collect();
    events.sort_by(|a, b| a.figures.log10_p.total_cmp(&b.figures.log10_p).then(a.event.cmp(&b.event)));
    let mut reasons: Vec<Reason> = events.into_iter().map(|excess| of_event(cache, lead, excess)).collect();
    let about = asked(cache, &lead.core).map_or_else(String::new, |asked| format!(" {asked}."));
    let alike = format!("{}{about}", alike(lead));
    reasons.push(reason(COMMUNITY_ID, "content community", alike, SIMILAR_LOOK_ALIKE, SIMILAR_TELLS_APART));
    if !lead.joined.is_empty() {
        let count = counted(lead.joined.len() as u64, "account", "accounts");
        let joined = format!(
            "{count} joined with a membership probability of at least 80 %, by prompts, use and shared values. \
             The error rate of this probability has not been measured."
        );
        reasons.push(reason(COMMUNITY_ID, "joined members", joined, SIMILAR_LOOK_ALIKE, SIMILAR_TELLS_APART));
    }
    reasons
}

/// Core members that formed the community, and those that came in otherwise: `44 core accounts send similar prompts.`
fn alike(lead: &ContentLead) -> String {
    let formed = |own: &&EventAccount| own.in_community && lead.core.binary_search(&own.account).is_ok();
    let formed = lead.data.accounts.iter().filter(formed).count();
    // A lead without counts of events has no list of its community.
    let formed = if formed == 0 { lead.core.len() } else { formed };
    let others = lead.core.len() - formed;
    let alike = format!("{} core accounts send similar prompts.", format_count(formed as u64));
    match others {
        0 => alike,
        _ => format!(
            "{alike} {} came in by shared values or with another community.",
            counted(others as u64, "more core account", "more core accounts")
        ),
    }
}

/// Reason of a linked group that divides a pool.
pub(in super::super) fn of_pool(pool: &DividedPool) -> Reason {
    let sentence = format!(
        "{} accounts send similar prompts; {} of their different prompts are sent by two of them. Of {} linked groups, {} \
         divide a pool of prompts. By the sizes of these pools, a group divides one among as many accounts with p {}.",
        format_count(pool.accounts as u64),
        percent(pool.repeated),
        format_count(pool.groups as u64),
        format_count(pool.pools as u64),
        p_value(pool.p)
    );
    let benign = "an evaluation with its own tasks, or one program on several keys";
    Reason {
        value: Some(pool.mean_cosine),
        p: Some(pool.p),
        ..reason(
            POOL_ID,
            "divided prompt pool",
            sentence,
            benign,
            "stated use case, and what the responses are used for",
        )
    }
}

fn of_event(cache: &Cache, lead: &ContentLead, excess: &Excess) -> Reason {
    let about = lead.events[excess.event].about();
    let sentence = format!(
        "{}{}. {}",
        counted_in_words(about, &excess.figures),
        corrected(lead, excess),
        excess.thresholds
    );
    let sentence = sentence.trim_end().to_owned();
    let examples = lead.core.iter().take(3).map(|&account| cache.hot().rows_of(account).start as u32);
    Reason {
        value: Some(excess.figures.happened),
        p: Some(bound(lead, excess)),
        examples: examples.collect(),
        ..reason(about.id, about.title, sentence, about.look_alike, about.tells_apart)
    }
}

/// Figures of an event in words: `12 of 40 accounts of the community are new and heavy, against 7 % of other accounts
/// with similar prompts; 9 % are expected by client family. The p-value is 0.0012`.
pub fn counted_in_words(about: &EventAbout, figures: &EventFigures) -> String {
    let units = format_count(figures.units as u64);
    let tested = match figures.units == figures.accounts {
        true => format!("{units} accounts of the community"),
        false => format!(
            "{units} customers of the community ({} accounts; accounts tied to each other count once)",
            format_count(figures.accounts as u64)
        ),
    };
    format!(
        "{} of {tested} {}, against {} of other accounts with similar prompts; {} are expected by client family. The p-value \
         is {}{}",
        format_count(figures.happened.round() as u64),
        about.predicate,
        percent(figures.observed_outside),
        percent(figures.expected),
        p_value(10.0_f64.powf(figures.log10_p)),
        at_other_share(figures)
    )
}

/// The p-value against the share of other accounts, where more of them have the event than are expected.
fn at_other_share(figures: &EventFigures) -> String {
    if figures.observed_outside <= figures.expected {
        return String::new();
    }
    format!(" ({} against the share of other accounts)", p_value(10.0_f64.powf(figures.log10_p_outside)))
}

/// Communities that a lead's p-value is corrected for.
fn communities(lead: &ContentLead) -> f64 {
    10.0_f64.powf(lead.log10_p - lead.evidence.log10_p).round()
}

/// Bonferroni's bound of an event: its p-value times the events and communities tested, at most 1. The lead's own p-value
/// combines all events and stands apart.
fn bound(lead: &ContentLead, excess: &Excess) -> f64 {
    if lead.log10_p >= 0.0 {
        return 1.0;
    }
    (10.0_f64.powf(excess.figures.log10_p) * communities(lead) * lead.events.len() as f64).min(1.0)
}

/// Corrected p-value of an event in words.
fn corrected(lead: &ContentLead, excess: &Excess) -> String {
    if lead.log10_p >= 0.0 {
        return ", and 1 after correction for all events and communities tested".to_owned();
    }
    let tested = format!(
        "after correction for {} and {} tested",
        counted(lead.events.len() as u64, "event", "events"),
        counted(communities(lead) as u64, "community", "communities")
    );
    match bound(lead, excess) {
        bound if bound >= 1.0 => format!(", and 1 {tested}"),
        bound => format!(", and at most {} {tested}", p_value(bound)),
    }
}

fn reason(
    id: &'static str,
    title: &'static str,
    sentence: String,
    benign: &'static str,
    tells_apart: &'static str,
) -> Reason {
    Reason {
        signal: id.into(),
        title: title.into(),
        sentence: sentence.into(),
        value: None,
        percentile: None,
        p: None,
        examples: Examples::default(),
        benign: benign.into(),
        tells_apart: tells_apart.into(),
    }
}

/// Share of 0 to 1 as a percentage of at most two digits.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent < 1.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_states_its_p_value_after_correction_and_for_how_many_tests() {
        let lead = ContentLead::for_test(&[0, 1], &[], 3);
        let excess = |log10_p: f64| Excess {
            event: 0,
            figures: EventFigures { log10_p, ..EventFigures::default() },
            thresholds: String::new(),
        };
        // -6 before and -4 after: a hundred communities.
        let events = counted(lead.events.len() as u64, "event", "events");
        let tested = format!("after correction for {events} and 100 communities tested");
        assert_eq!(corrected(&lead, &excess(-1.5)), format!(", and 1 {tested}"));
        for log10_p in [-6.0, -5.0] {
            // A reader who multiplies finds the same.
            let bound = p_value(10.0_f64.powf(log10_p) * 100.0 * lead.events.len() as f64);
            assert_eq!(corrected(&lead, &excess(log10_p)), format!(", and at most {bound} {tested}"));
        }
    }

    #[test]
    fn the_tested_are_those_of_the_community_and_not_of_the_core() {
        let about = super::super::events::abouts().next().unwrap();
        let figures = EventFigures {
            units: 31,
            accounts: 40,
            happened: 11.6,
            expected: 0.092,
            observed_outside: 0.072,
            log10_p: -2.0,
            log10_p_outside: -2.0,
        };
        let words = counted_in_words(about, &figures);
        let tested = "12 of 31 customers of the community (40 accounts; accounts tied to each other count once) are new";
        assert!(
            words.starts_with(tested)
                && words.contains("against 7 % of other accounts with similar prompts; 9 % are expected"),
            "{words}"
        );
        assert!(!words.contains("against the share of other accounts"), "{words}");
        // Fewer are expected than other accounts have: both p-values are stated.
        let higher = EventFigures { observed_outside: 0.12, log10_p_outside: -1.0, ..figures };
        let words = counted_in_words(about, &higher);
        assert!(
            words.ends_with("The p-value is 0.010 (0.10 against the share of other accounts)"),
            "{words}"
        );
        let alone = counted_in_words(about, &EventFigures { units: 40, ..figures });
        assert!(alone.starts_with("12 of 40 accounts of the community are new"), "{alone}");
    }
}
