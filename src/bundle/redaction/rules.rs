//! Rules for e-mail addresses, telephone numbers, card numbers and IP addresses. Each takes folded text and gives
//! the bytes of its hits, in order.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::secrets::{self, forth};
use crate::case::RedactionRule;

/// Hits of a rule in folded text.
pub(super) fn find(rule: RedactionRule, text: &str) -> Vec<Range<usize>> {
    match rule {
        RedactionRule::Email => emails(text),
        RedactionRule::Phone => phones(text),
        RedactionRule::Secret => secrets::find(text),
        RedactionRule::Card => cards(text),
        RedactionRule::Ip => addresses(text),
    }
}

/// Bytes before `at` whose characters all satisfy a condition.
fn back(text: &str, at: usize, is: impl Fn(char) -> bool) -> usize {
    text[..at].char_indices().rev().take_while(|(_, c)| is(*c)).last().map_or(at, |(start, _)| start)
}

/// A name, the sign @, and a domain with a dot.
fn emails(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let start = back(text, at, |c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c));
        let start = start + text[start..at].find(|c: char| c.is_alphanumeric()).unwrap_or(at - start);
        let end = forth(text, at + 1, |c| c.is_alphanumeric() || c == '.' || c == '-');
        let end = at + 1 + text[at + 1..end].trim_end_matches(['.', '-']).len();
        let domain = &text[at + 1..end];
        let top = domain.rsplit_once('.').filter(|(before, top)| {
            !before.is_empty() && top.chars().count() >= 2 && top.chars().any(char::is_alphabetic)
        });
        if start < at && top.is_some() && found.last().is_none_or(|last| last.end <= start) {
            found.push(start..end);
        }
    }
    found
}

/// Runs of digits with single separators between, and the numbers of digits between the separators. A run begins
/// and ends with a digit, a `+` or a bracket, and has no letter or digit beside it.
fn runs(text: &str, is_separator: impl Fn(u8) -> bool) -> Vec<(Range<usize>, Vec<usize>)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let begins = bytes[at].is_ascii_digit() || bytes[at] == b'+' || bytes[at] == b'(';
        if !begins {
            at += 1;
            continue;
        }
        let (start, mut end, mut groups) = (at, at, vec![0_usize]);
        let mut between = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte.is_ascii_digit() {
                if between > 0 && groups.last() != Some(&0) {
                    groups.push(0);
                }
                if let Some(last) = groups.last_mut() {
                    *last += 1;
                }
                between = 0;
                end = at + 1;
            } else if (at == start && !byte.is_ascii_digit()) || (is_separator(byte) && between < 2) {
                between += usize::from(at != start);
            } else {
                break;
            }
            at += 1;
        }
        at = at.max(start + 1);
        let before = text[..start].chars().next_back();
        let after = text[end..].chars().next();
        let is_free = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        if end > start && is_free(before) && is_free(after) {
            found.push((start..end, groups));
        }
    }
    found
}

/// Numbers with a leading + and 7 to 15 digits; with a leading 0 or bracket and 9 to 14 digits in groups; ten digits
/// as 3-3-4.
fn phones(text: &str) -> Vec<Range<usize>> {
    let is_phone = |(range, groups): &(Range<usize>, Vec<usize>)| {
        let own = &text[range.clone()];
        let digits: usize = groups.iter().sum();
        let is_point = text[..range.start].ends_with(['.', ',', '/', ':', '=', '#', '$', '€', '£']);
        if own.starts_with('+') {
            return (7..=15).contains(&digits);
        }
        if own.starts_with('(') {
            return (8..=14).contains(&digits) && own.contains(')') && (2..=5).contains(&groups[0]);
        }
        if own.starts_with('0') && groups.len() > 1 {
            return !is_point && (9..=14).contains(&digits) && groups.iter().all(|group| *group >= 2);
        }
        let is_long = own.starts_with('1') && groups.len() == 4;
        let national = groups.strip_prefix(&[1]).filter(|_| is_long).unwrap_or(groups);
        !is_point && national == [3, 3, 4]
    };
    let found = runs(text, |byte| matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')'));
    found.into_iter().filter(is_phone).map(|(range, _)| range).collect()
}

/// 13 to 19 digits that begin with 2 to 6 and whose check digit is right.
fn cards(text: &str) -> Vec<Range<usize>> {
    let is_card = |(range, groups): &(Range<usize>, Vec<usize>)| {
        let own: Vec<u32> = text[range.clone()].chars().filter_map(|c| c.to_digit(10)).collect();
        (13..=19).contains(&own.len())
            && (2..=6).contains(&own[0])
            && own.iter().any(|digit| *digit != own[0])
            && (groups.len() == 1 || groups.iter().all(|group| (2..=7).contains(group)))
            && luhn(&own)
    };
    runs(text, |byte| matches!(byte, b' ' | b'-'))
        .into_iter()
        .filter(is_card)
        .map(|(range, _)| range)
        .collect()
}

/// True if the last digit is the check digit of the others (Luhn 1960).
fn luhn(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, &digit)| if at % 2 == 1 { doubled(digit) } else { digit })
        .sum();
    sum.is_multiple_of(10)
}

/// IPv4 and IPv6 addresses.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let is_part = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(begin) = text[at..].find(|c: char| is_part(c)) {
        let start = at + begin;
        let end = forth(text, start, is_part);
        at = end;
        let own = text[start..end].trim_end_matches(['.', ':']);
        // Two colons may end an address.
        let own = if own.len() + 2 <= end - start && text[start..end].ends_with("::") {
            &text[start..end]
        } else {
            own
        };
        let before: Vec<char> = text[..start].chars().rev().take(2).collect();
        let is_version = matches!(before.as_slice(), ['/', c, ..] if c.is_alphanumeric());
        let is_inside = before.first().is_some_and(|c| c.is_alphanumeric() || *c == '_')
            || text[end..].chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_');
        if is_version || is_inside {
            continue;
        }
        // An address may have a port behind it.
        let (bare, is_v4) = match own.split_once(':') {
            Some((address, port)) if address.contains('.') && port.bytes().all(|b| b.is_ascii_digit()) => {
                (address, true)
            }
            _ => (own, own.contains('.') && !own.contains(':')),
        };
        let is_address = if is_v4 {
            bare.parse::<Ipv4Addr>().is_ok()
        } else {
            bare.matches(':').count() >= 2 && bare.len() > 2 && bare.parse::<Ipv6Addr>().is_ok()
        };
        if is_address {
            found.push(start..start + bare.len());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(rule: RedactionRule, text: &str) -> Vec<&str> {
        find(rule, text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn each_rule_finds_its_own_and_leaves_the_rest() {
        use RedactionRule::{Card, Email, Ip, Phone};
        for (rule, text, wanted) in [
            (
                Email,
                "to ann.o'neil+x@mail.example.org, (bob@b.de). @name a@b x@.com",
                &["ann.o'neil+x@mail.example.org", "bob@b.de"][..],
            ),
            (Email, "müller@straße.de; git@github.com:a/b", &["müller@straße.de", "git@github.com"]),
            (Phone, "+49 170 1234567 or +1 (415) 555-2671.", &["+49 170 1234567", "+1 (415) 555-2671"]),
            (
                Phone,
                "call 415-555-2671, (030) 1234 5678, 0170 1234567",
                &["415-555-2671", "(030) 1234 5678", "0170 1234567"],
            ),
            (Phone, "2026-04-22 10:00, 1776816000000, 10.0.0.12, 3.141 592 6535, v0.10.20.30.4000", &[]),
            (Phone, "f(1) 12 + 34, 0.12 0.34 0.56 0.78, +12", &[]),
            (
                Card,
                "4111 1111 1111 1111 and 5500-0000-0000-0004.",
                &["4111 1111 1111 1111", "5500-0000-0000-0004"],
            ),
            (Card, "4111111111111112, x4111111111111111, 1776816000000001, 0000000000000000", &[]),
            (Ip, "from 10.0.0.12:443, [2001:db8::1], fe80::", &["10.0.0.12", "2001:db8::1", "fe80::"]),
            (Ip, "Chrome/120.0.0.0 1.2.3 999.1.1.1 12:30:45 a::b::c std::fmt", &[]),
        ] {
            assert_eq!(hits(rule, text), wanted, "{rule:?}: {text}");
        }
    }
}
