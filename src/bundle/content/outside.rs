//! Bundles without records, for other providers and authorities: README, sources against their snapshot, and what the
//! indicators may say.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::bag::BAG_INFO;
use super::super::contents::Contents;
use super::super::global_address::is_global;
use super::super::left_out::{INDICATORS, LEFT_OUT};
use super::super::stix::{RULED_OUT, confidence};
use super::super::{Audience, Fault};
use super::tables::{TABLE, table};
use crate::model::Digest;

const STIX: &str = "data/indicators.stix.json";
const SOURCES: &str = "data/06_custody/sources.csv";
/// Words that every pattern of an indicator begins with.
const PATTERNS: [&str; 5] = [
    "[ipv4-addr:value = '",
    "[ipv6-addr:value = '",
    "[x-stillhunt-payment:fingerprint_sha256 = '",
    "[x-stillhunt-client:tls_fingerprint = '",
    "[x-stillhunt-client:user_agent = '",
];

/// Faults of such a bundle.
pub(super) fn check(contents: &Contents, audience: Audience, signer: &str) -> Vec<Fault> {
    let mut faults: Vec<Fault> =
        super::report::readme_fault(contents, audience, signer).into_iter().collect();
    faults.extend(snapshots(contents));
    if audience == Audience::Share {
        faults.extend(indicators(contents));
    }
    faults
}

/// Snapshots whose SHA-256 is not that of the lines of their files.
pub(super) fn snapshots(contents: &Contents) -> Vec<Fault> {
    if !contents.has(SOURCES) {
        return Vec::new();
    }
    let rows = match table(contents, SOURCES, &["snapshot_sha256", "file", "sha256"]) {
        Ok(rows) => rows,
        Err(fault) => return vec![fault],
    };
    let mut files: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for row in &rows {
        files.entry(row[0].clone()).or_default().insert(row[1].clone(), row[2].clone());
    }
    // A name that the table shows by codes, or that sha256sum escapes, is another in the lines.
    let is_plain = |name: &String| {
        name.chars().all(|c| c.is_ascii_graphic() || c == ' ') && !name.contains(['\\', '\''])
    };
    let differs = |(snapshot, files): &(&String, &BTreeMap<String, String>)| {
        let lines: String = files.iter().map(|(name, sha256)| format!("{sha256}  {name}\n")).collect();
        files.keys().all(is_plain) && Digest::of(lines.as_bytes()).to_string() != **snapshot
    };
    let found = files.iter().filter(differs).take(20);
    found
        .map(|(snapshot, _)| {
            Fault::new(SOURCES, format!("has files that do not give the SHA-256 {snapshot}"))
        })
        .collect()
}

/// Faults of the kinds of objects, the marking and the words of the indicators.
fn indicators(contents: &Contents) -> Vec<Fault> {
    let text = contents.text_within(STIX, TABLE).unwrap_or_default();
    let Ok(bundle) = serde_json::from_str::<Value>(&text) else {
        return vec![Fault::new(STIX, "is not JSON")];
    };
    let info = contents.text(BAG_INFO).unwrap_or_default();
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(Fault::new(STIX, what));
    if !info.lines().any(|line| line == format!("Designation: {}", Audience::Share.designation())) {
        fault("has another marking than bag-info.txt".to_owned());
    }
    for object in bundle["objects"].as_array().into_iter().flatten() {
        let text = |key: &str| object[key].as_str().unwrap_or_default();
        let is_right = match text("type") {
            "identity" => {
                text("name") == "operator of a model API" && text("identity_class") == "organization"
            }
            "marking-definition" => text("name") == "TLP:AMBER" && object["definition"]["tlp"] == "amber",
            "indicator" => {
                let words = text("description");
                PATTERNS.iter().any(|start| text("pattern").starts_with(start))
                    && is_one_partys(text("pattern"))
                    && words.contains(RULED_OUT)
                    && is_confidence(object, words)
                    && text("valid_from") < text("valid_until")
                    && text("pattern").ends_with("']")
                    && text("name").ends_with(" shared by accounts put forward for review")
                    && words.starts_with("Seen on ")
                    && words
                        .contains(" accounts put forward for review, and on 0 other accounts of the log. ")
                    && words.ends_with("It does not say who operates them or what they intended.")
            }
            _ => false,
        };
        if !is_right {
            fault(format!(
                "has an object that no indicators of this program have: {} {}",
                text("type"),
                text("name")
            ));
        }
    }
    let objects = bundle["objects"].as_array().into_iter().flatten();
    let count = objects.filter(|object| object["type"] == "indicator").count().to_string();
    let name = format!("data/{LEFT_OUT}");
    let rows = table(contents, &name, &["what", "number"]).unwrap_or_default();
    if rows.first().is_none_or(|row| row[0] != INDICATORS || row[1] != count) {
        faults.push(Fault::new(&name, "has another number of indicators than there are"));
    }
    faults.truncate(20);
    faults
}

/// True for a confidence that follows from the accounts and the q-value of the description.
fn is_confidence(object: &Value, words: &str) -> bool {
    let count = words.strip_prefix("Seen on ").and_then(|rest| rest.split(' ').next()?.parse().ok());
    let q = words.split_once("The q-value of their lead is ").and_then(|(_, rest)| rest.split_once(". "));
    let q = q.map(|(q, _)| q.strip_prefix("less than ").unwrap_or(q));
    let (Some(count), stated) = (count, object["confidence"].as_u64()) else { return false };
    let Some(q) = q else { return stated == Some(confidence(count, None).into()) };
    // A printed q-value may be rounded across a bound.
    let unit = 0.5 * 10.0_f64.powi(-(q.split_once('.').map_or(0, |(_, digits)| digits.len()) as i32));
    let around = q.parse::<f64>().map(|q| [q - unit, q, q + unit]);
    around.is_ok_and(|all| all.iter().any(|q| stated == Some(confidence(count, Some(*q)).into())))
}

/// True for a pattern without an address, or with one that can be one party's.
fn is_one_partys(pattern: &str) -> bool {
    let value = pattern.split('\'').nth(1).and_then(|value| value.parse().ok());
    !pattern.starts_with("[ipv") || value.is_some_and(is_global)
}
