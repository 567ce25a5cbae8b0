//! Names, folders, and the statements on the bundle itself: audience, version, signer.

use super::super::bag::BAG_INFO;
use super::super::contents::Contents;
use super::super::left_out::LEFT_OUT;
use super::super::{Audience, Fault};
use crate::model::is_hostile;

/// Names of files under `data/` that a bundle may have; `#` stands for one or more digits, `*` for one or
/// more lower-case letters and low lines, `@` for one or more letters, digits, points, hyphens and low lines.
const KNOWN: &[&str] = &[
    "00_README.txt",
    "00_CHANGES.txt",
    "indicators.stix.json",
    "indicators_left_out.csv",
    "01_report/report.xhtml",
    "01_report/report.pdf",
    "01_report/records.xhtml",
    "01_report/records.pdf",
    "01_report/incident.xhtml",
    "01_report/incident.csv",
    "02_records/EX-#.parquet",
    "02_records/EX-#.csv",
    "02_records/EX-#.schema.json",
    "02_records/EX-#.source-#.parquet",
    "02_records/EX-#.source-#.schema.json",
    "03_exhibits/EX-#.csv",
    "03_exhibits/EX-#.svg",
    "04_summaries/S-#.csv",
    "04_summaries/S-#.sql",
    "04_summaries/S-#.inputs.json",
    "04_summaries/underlying/contents.csv",
    "04_summaries/underlying/signals.parquet",
    "04_summaries/underlying/signals.csv",
    "04_summaries/underlying/EX-#.sql",
    "04_summaries/underlying/E#.rows.parquet",
    "04_summaries/underlying/E#.rows.csv",
    "04_summaries/underlying/E#.attributes.csv",
    "04_summaries/underlying/E#.members.csv",
    "04_summaries/underlying/E#.signals.csv",
    "04_summaries/underlying/E#.signals.sql",
    "04_summaries/underlying/E#.event_accounts.csv",
    "04_summaries/underlying/E#.event_families.csv",
    "04_summaries/underlying/E#.events.csv",
    "04_summaries/underlying/E#.events.sql",
    "04_summaries/underlying/E#.lead.csv",
    "04_summaries/underlying/E#.lead.sql",
    "04_summaries/underlying/E#.tests.csv",
    "04_summaries/underlying/E#.tests.sql",
    "05_methods/signals.json",
    "05_methods/context.json",
    "05_methods/events.json",
    "05_methods/environment.json",
    "05_methods/alternatives.csv",
    "05_methods/controls.csv",
    "05_methods/error_rates.csv",
    "05_methods/power.csv",
    "05_methods/hashes.txt",
    "05_methods/record_hash.txt",
    "07_provenance/case.jsonld",
    "09_loadfile/VOL#.dat",
    "09_loadfile/FIELDS.csv",
    "09_loadfile/TEXT/@",
    "06_custody/sources.csv",
    "06_custody/clocks.csv",
    "06_custody/gaps.csv",
    "06_custody/journal.csv",
    "06_custody/filters.json",
    "06_custody/import_reports.json",
    "06_custody/journal.jsonl",
    "06_custody/journal.checkpoint",
    "06_custody/journal.checkpoint.sig",
    "06_custody/allowed_signers",
    "08_legal/after_revocation.csv",
    "08_legal/designations.csv",
    "08_legal/elements.csv",
    "08_legal/harm.csv",
    "08_legal/losses.csv",
    "08_legal/measures.csv",
    "08_legal/notice_accounts.csv",
    "08_legal/notices.csv",
    "08_legal/prices.csv",
    "08_legal/redaction_log.csv",
    "08_legal/cert_902_#_DRAFT.txt",
    "08_legal/tos/acceptance.csv",
    "08_legal/tos/acceptance_gaps.csv",
    "08_legal/tos/breaches.csv",
    "08_legal/tos/clauses.csv",
    "08_legal/tos/T#.txt",
    "10_internal/key.json",
    "10_internal/pseudonyms.csv",
    "10_internal/salts.csv",
    "10_internal/notes.csv",
    "10_internal/redactions.csv",
];

/// Files that a bundle of an audience must have, under `data/`.
fn required(audience: Audience) -> Vec<&'static str> {
    let every = ["00_README.txt", "00_CHANGES.txt", "06_custody/allowed_signers"];
    let of_audience: &[&str] = match audience {
        Audience::Share => &["indicators.stix.json", LEFT_OUT],
        Audience::Regulator => {
            &["01_report/incident.csv", "01_report/incident.xhtml", "06_custody/sources.csv"]
        }
        Audience::Internal | Audience::Production => &[
            "01_report/report.xhtml",
            "05_methods/signals.json",
            "05_methods/context.json",
            "05_methods/events.json",
            "05_methods/error_rates.csv",
            "05_methods/controls.csv",
            "05_methods/alternatives.csv",
            "05_methods/environment.json",
            "05_methods/hashes.txt",
            "05_methods/power.csv",
            "06_custody/sources.csv",
            "06_custody/clocks.csv",
            "06_custody/filters.json",
            "06_custody/gaps.csv",
            "06_custody/import_reports.json",
            "06_custody/journal.jsonl",
            "06_custody/journal.csv",
            "06_custody/journal.checkpoint",
            "06_custody/journal.checkpoint.sig",
            "08_legal/redaction_log.csv",
            "08_legal/designations.csv",
            "07_provenance/case.jsonld",
            "09_loadfile/VOL001.dat",
            "09_loadfile/FIELDS.csv",
        ],
    };
    let internal = ["10_internal/key.json", "10_internal/pseudonyms.csv", "10_internal/notes.csv"];
    let internal = internal.into_iter().filter(|_| audience == Audience::Internal);
    every.into_iter().chain(of_audience.iter().copied()).chain(internal).collect()
}

/// Faults of names, of what is missing, and of what the bundle says of itself.
pub(super) fn check(contents: &Contents, audience: Audience, signer: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for name in contents.names() {
        // The check of the root names what does not belong there.
        let Some(inside) = name.strip_prefix("data/") else { continue };
        if inside.chars().any(|c| is_hostile(c) || !c.is_ascii()) {
            faults.push(Fault::new(name, "has a name with characters that may deceive"));
        } else if !KNOWN.iter().any(|known| fits(known, inside)) {
            faults.push(Fault::new(name, "has a name that no file of a bundle has"));
        }
    }
    for name in required(audience) {
        if !contents.has(&format!("data/{name}")) {
            faults
                .push(Fault::new(&format!("data/{name}"), format!("is missing: {audience} bundles have it")));
        }
    }
    // Files that stand beside others.
    for (beside, name) in [
        ("data/02_records/", "data/05_methods/record_hash.txt"),
        ("data/04_summaries/underlying/", "data/04_summaries/underlying/contents.csv"),
    ] {
        if contents.names().any(|own| own.starts_with(beside)) && !contents.has(name) {
            faults.push(Fault::new(name, format!("is missing; {beside} is there")));
        }
    }
    faults.extend(statements(contents, audience, signer));
    faults
}

/// Lines that `bag-info.txt` has, each once.
const INFO: [&str; 13] = [
    "Payload-Oxum",
    "Time-Stamp-Request",
    "Bag-Software-Agent",
    "Bagging-Date",
    "External-Identifier",
    "External-Description",
    "Audience",
    "Profile",
    "Bundle-Version",
    "Designation",
    "Signing-Key",
    "Contact-Name",
    "Source-Organization",
];

/// Lines of `bag-info.txt` that no bundle has, and a description that is not that of the audience.
fn info_faults(contents: &Contents, info: &str, audience: Audience) -> Vec<Fault> {
    let names: Vec<&str> =
        info.lines().map(|line| line.split_once(": ").map_or(line, |(name, _)| name)).collect();
    let is_odd = |at: usize| !INFO.contains(&names[at]) || names[..at].contains(&names[at]);
    let odd = (0..names.len()).filter(|&at| is_odd(at)).take(20);
    let mut faults: Vec<Fault> = odd
        .map(|at| {
            Fault::new(BAG_INFO, format!("has a line {} that no bundle has, or has it twice", names[at]))
        })
        .collect();
    let readme = contents.text("data/00_README.txt").unwrap_or_default();
    let case = readme.lines().next().and_then(|first| first.split_once(": ")).map_or("", |(_, case)| case);
    let case = case.replace('\t', " ");
    let described = format!("External-Description: Case {case}. {}", audience.describe());
    if !info.lines().any(|line| line == described) {
        faults.push(Fault::new(BAG_INFO, format!("lacks the line “{described}”")));
    }
    faults
}

/// `bag-info.txt`, README and list of changes about audience, version and signer.
fn statements(contents: &Contents, audience: Audience, signer: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let info = contents.text(BAG_INFO).unwrap_or_default();
    let value = |name: &str| {
        info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
    };
    let word = audience.word().to_uppercase();
    faults.extend(info_faults(contents, &info, audience));
    let mut fault = |file: &str, what: String| faults.push(Fault::new(file, what));
    if value("Signing-Key") != signer {
        fault(BAG_INFO, format!("names the key {}, but the signer is {signer}", value("Signing-Key")));
    }
    let end = format!("_{word}_v{}", value("Bundle-Version"));
    if value("Bundle-Version").parse::<u32>().is_err() || !value("External-Identifier").ends_with(&end) {
        fault(BAG_INFO, format!("its External-Identifier does not end in {end}"));
    }
    if !audience.has_records() && value("Designation") != audience.designation() {
        fault(BAG_INFO, format!("has another designation than {}", audience.designation()));
    }
    let text = |name: &str| contents.text(name).unwrap_or_default();
    let readme = "data/00_README.txt";
    if !text(readme).starts_with(&format!("CASE BUNDLE FOR {word}: ")) {
        fault(readme, format!("does not say that it is for {word}"));
    }
    if fingerprints(&text(readme)).any(|found| found != signer) || !text(readme).contains(signer) {
        fault(readme, format!("names another key than the signer {signer}"));
    }
    let changes = "data/00_CHANGES.txt";
    let head = format!("Version {} of the {word} bundle of this case.\n", value("Bundle-Version"));
    if !text(changes).starts_with(&head) {
        fault(changes, format!("does not begin with “{}”", head.trim_end()));
    }
    let report = "data/01_report/report.xhtml";
    if audience.has_records() {
        let report_text = contents.text_within(report, super::tables::TABLE).unwrap_or_default();
        if fingerprints(&report_text).any(|found| found != signer) || !report_text.contains(signer) {
            fault(report, format!("names another key than the signer {signer}"));
        }
    }
    faults
}

/// Fingerprints of keys that a text names.
fn fingerprints(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("SHA256:").filter_map(|(at, _)| {
        let rest = &text[at..];
        let end = rest[7..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '+' || c == '/'))
            .map_or(rest.len(), |end| end + 7);
        (end == 7 + 43).then(|| &rest[..end])
    })
}

/// True if a name is that of a pattern of [`KNOWN`].
fn fits(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern.as_bytes(), name.as_bytes());
    while let Some((&own, rest)) = pattern.split_first() {
        let run = |is: fn(u8) -> bool| name.iter().take_while(|&&byte| is(byte)).count();
        let length = match own {
            b'#' => run(|byte| byte.is_ascii_digit()),
            b'*' => run(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            b'@' => run(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)),
            _ => usize::from(name.first() == Some(&own)),
        };
        if length == 0 {
            return false;
        }
        (pattern, name) = (rest, &name[length..]);
    }
    name.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_their_patterns_and_no_others() {
        for name in [
            "03_exhibits/EX-0002.csv",
            "02_records/EX-0001.source-01.parquet",
            "00_CHANGES.txt",
            "00_README.txt",
        ] {
            assert!(KNOWN.iter().any(|known| fits(known, name)), "{name}");
        }
        for name in ["03_exhibits/EX-.csv", "03_exhibits/EX-0002.csv~", "03_exhibits/ex-0002.csv", "x", ""] {
            assert!(!KNOWN.iter().any(|known| fits(known, name)), "{name}");
        }
    }

    #[test]
    fn fingerprints_are_found_whole() {
        let key = "SHA256:".to_owned() + &"a".repeat(43);
        let text = format!("key {key}. SHA256:short and SHA256");
        assert_eq!(fingerprints(&text).collect::<Vec<_>>(), [key.as_str()]);
    }
}
