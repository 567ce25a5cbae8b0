//! Formatting of numbers and names for the window.

use crate::cache::Cache;
use crate::case::EvidenceSource;
use crate::leads::{GroupLead, Leads};
pub use crate::model::counted;
pub use crate::model::format_count as count;
use crate::model::{Zone, name_now, visible, visible_id};

/// A figure of an axis without trailing zeros: `2.5`, `10`.
pub fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A probability: `0.021`, `3.1e-5`, and `–` for none.
pub fn probability(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        Some(p) if p == 0.0 || p >= 0.001 => format!("{p:.3}"),
        Some(p) => format!("{p:.1e}"),
    }
}

/// A membership probability: `68 %`; at most `over 99 %`, since a model is never certain.
pub fn membership(probability: f32) -> String {
    match probability {
        sure if sure > 0.99 => "over 99 %".to_owned(),
        other => format!("{:.0} %", 100.0 * other),
    }
}

/// Mean width of a character, in points.
pub const CHARACTER: f32 = 7.4;

/// End of a name that fits into a width in points, hostile characters visible. Paths with a common beginning
/// differ at their ends.
pub fn ending(name: &str, width: f32) -> String {
    let name = line(name, 400);
    let fits = (width / CHARACTER).max(8.0) as usize;
    let all = name.chars().count();
    if all <= fits {
        return name;
    }
    std::iter::once('…').chain(name.chars().skip(all + 1 - fits)).collect()
}

/// At most `limit` characters of a text, on one line, hostile characters visible.
pub fn line(text: &str, limit: usize) -> String {
    let is_word = !text.trim().contains(char::is_whitespace);
    let text = if is_word { visible_id(text) } else { visible(text) };
    let mut line = String::with_capacity(text.len().min(limit.saturating_add(3)));
    for (i, c) in text.chars().enumerate() {
        if i == limit {
            line.push('…');
            break;
        }
        line.push(if c == '\n' || c == '\t' { ' ' } else { c });
    }
    line
}

/// At most `limit` characters of a text on one line, cut in the middle: long ids, cards and templates
/// differ at their ends as well as at their beginnings.
pub fn middle(text: &str, limit: usize) -> String {
    let whole = line(text, usize::MAX);
    let length = whole.chars().count();
    if length <= limit {
        return whole;
    }
    let kept = limit.saturating_sub(1);
    let (head, tail) = (kept.div_ceil(2), kept / 2);
    let mut short: String = whole.chars().take(head).collect();
    short.push('…');
    short.extend(whole.chars().skip(length - tail));
    short
}

/// A text on one line, cut in the middle, that fits into a width in points.
pub fn fitting(text: &str, width: f32) -> String {
    middle(text, (width / CHARACTER).max(8.0) as usize)
}

/// Source of a piece of evidence in words, hostile characters visible.
pub fn evidence_source(source: &EvidenceSource, zone: &Zone) -> String {
    match source {
        EvidenceSource::Exchange { account, ts, .. } => {
            format!("exchange of {}, {} {}", line(account.as_str(), 40), zone.format(*ts), zone.name())
        }
        EvidenceSource::Account { account } => format!("account {}", line(account.as_str(), 60)),
        EvidenceSource::Scope { scope, title } => match scope.lead() {
            Some(lead) => format!("lead {}", lead.id),
            None => format!("scope “{}”", line(&name_now(title), 80)),
        },
    }
}

/// An account's name for the screen.
pub fn account(cache: &Cache, account: crate::cache::AccountIndex) -> String {
    cache.accounts().get(account as usize).map_or_else(String::new, |a| middle(a.id.as_str(), 40))
}

/// Name of a lead on a group: `lead L-7f31ab`.
pub fn lead(leads: &Leads, at: usize) -> String {
    leads.groups.get(at).map_or_else(String::new, GroupLead::name)
}

/// Name of one lead, or the number of several: `3 leads`.
pub fn leads(leads: &Leads, at: &[usize]) -> String {
    match at {
        [only] => lead(leads, *only),
        many => counted(many.len() as u64, "lead", "leads"),
    }
}

/// Id of a lead on a group: `L-7f31ab`.
pub fn lead_id(leads: &Leads, at: usize) -> String {
    leads.groups.get(at).map_or_else(String::new, |group| group.id.to_string())
}

/// A text whose first letter is a capital.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `99th`, `1st`.
pub fn ordinal(n: u32) -> String {
    let suffix = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_commas() {
        for (n, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (28_800_000, "28,800,000")] {
            assert_eq!(count(n), expected);
        }
        assert_eq!(counted(1, "account", "accounts"), "1 account");
    }

    #[test]
    fn a_line_is_one_line_and_hides_nothing() {
        assert_eq!(line("a\nb\u{202e}c", 80), "a b⟨U+202E⟩c");
        assert_eq!(line("abcdef", 3), "abc…");
        assert_eq!(ending("Spans.Attrs.enduser.id", 80.0), "…nduser.id");
        assert_eq!(ending("model", 80.0), "model");
        assert_eq!(middle("pm_0123456789", 7), "pm_…789");
        assert_eq!(middle("pm_0", 7), "pm_0");
    }

    #[test]
    fn figures_of_an_axis_are_short() {
        assert_eq!([2.5, 10.0, 0.25, 0.0].map(short), ["2.5", "10", "0.25", "0"]);
    }

    #[test]
    fn no_membership_is_certain() {
        assert_eq!([0.683, 0.99, 0.998, 1.0].map(membership), ["68 %", "99 %", "over 99 %", "over 99 %"]);
    }

    #[test]
    fn small_probabilities_keep_their_size() {
        assert_eq!(probability(Some(0.0213)), "0.021");
        assert_eq!(probability(Some(0.000_031)), "3.1e-5");
        assert_eq!(probability(None), "–");
    }

    #[test]
    fn ordinals_of_the_teens() {
        assert_eq!([1, 2, 3, 11, 99, 100, 101].map(ordinal).join(" "), "1st 2nd 3rd 11th 99th 100th 101st");
    }
}
