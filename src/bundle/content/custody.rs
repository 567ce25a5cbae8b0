//! Sources, environment, scopes and fixed texts against the journal.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::bag::BAG_INFO;
use super::super::changes::changes_of;
use super::super::contents::Contents;
use super::super::hashes::RULES;
use super::super::journal_fold::Facts;
use super::super::{Audience, Fault, custody, methods};
use super::keys::other_keys;
use crate::case::{JournalLine, ZONE, values_of};
use crate::exhibit::cell;
use crate::exhibit::xml::Xml;
use crate::model::{Scope, Zone};
use crate::snapshot::record_hash::rule;

/// Maximum number of bytes of a JSON file that is compared.
const JSON: u64 = 16 << 20;

/// Faults of `06_custody` and of the environment.
pub(super) fn check(contents: &Contents, facts: &Facts, audience: Audience) -> Vec<Fault> {
    let mut faults = sources(contents, facts);
    faults.extend(environment(contents, facts));
    faults.extend(scopes(contents, facts));
    faults.extend(checkpoint_in_report(contents));
    faults.extend(bag_info(contents, facts));
    faults.extend(changes(contents, audience));
    faults
}

/// Faults of the person, the organisation and the day that `bag-info.txt` names.
fn bag_info(contents: &Contents, facts: &Facts) -> Vec<Fault> {
    let info = contents.text(BAG_INFO).unwrap_or_default();
    let value = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let mut faults = Vec::new();
    for (line, key) in [("Contact-Name", "person.name"), ("Source-Organization", "person.organisation")] {
        let stated = facts.settings.get(key).map(String::as_str).unwrap_or_default();
        // Lines of the file have no line ends or blanks at their ends.
        let stated: String = stated.split_whitespace().collect::<Vec<_>>().join(" ");
        let found: String = value(line).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        // A name that a customer has too stands as a pseudonym in the journal.
        let is_clear =
            !stated.split(' ').any(|word| word.rsplit_once('-').is_some_and(|(_, end)| end.len() == 16));
        if is_clear
            && found != stated
            && !facts.settings.get("person.name").is_none_or(|name| name.trim().is_empty())
        {
            faults.push(Fault::new(BAG_INFO, format!("has another {line} than the journal")));
        }
    }
    let point = contents.text(&format!("data/{}", custody::CHECKPOINT)).unwrap_or_default();
    let point: Option<crate::case::Checkpoint> = serde_json::from_str(&point).ok();
    let last = point.map(|point| Zone::utc().format_date(point.ts));
    if last.is_some_and(|last| value("Bagging-Date").is_some_and(|day| day < last.as_str())) {
        faults.push(Fault::new(BAG_INFO, "is of a day before the last entry of the journal"));
    }
    faults
}

/// Fault of a list of changes that the journal does not give.
fn changes(contents: &Contents, audience: Audience) -> Option<Fault> {
    const NAME: &str = "data/00_CHANGES.txt";
    let text = contents.text_within(&format!("data/{}", custody::JOURNAL), super::tables::TABLE)?;
    let lines: Vec<JournalLine> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>().ok()?;
    let info = contents.text(BAG_INFO).unwrap_or_default();
    let version = info.lines().find_map(|line| line.strip_prefix("Bundle-Version: ")?.parse().ok())?;
    let made = changes_of(&lines, audience, version);
    (contents.text_within(NAME, super::tables::TABLE).map(String::into_bytes) != Some(made))
        .then(|| Fault::new(NAME, "is not what the journal gives"))
}

/// `sources.csv` has the files that the journal's imports name, and no others.
fn sources(contents: &Contents, facts: &Facts) -> Vec<Fault> {
    const NAME: &str = "data/06_custody/sources.csv";
    let columns = ["snapshot_sha256", "file", "bytes", "sha256", "rows"];
    let rows = match super::tables::table(contents, NAME, &columns) {
        Ok(rows) => rows,
        Err(fault) => return vec![fault],
    };
    let listed: BTreeSet<Vec<String>> = rows.into_iter().collect();
    let journaled: BTreeSet<Vec<String>> = facts
        .sources
        .iter()
        .map(|[snapshot, file, bytes, sha256, rows]| {
            vec![snapshot.clone(), cell(file), bytes.clone(), sha256.clone(), rows.clone()]
        })
        .collect();
    let mut faults = Vec::new();
    for row in listed.difference(&journaled).take(20) {
        faults
            .push(Fault::new(NAME, format!("has {}, which no import of the journal has so", row.join(", "))));
    }
    for row in journaled.difference(&listed).take(20) {
        faults.push(Fault::new(NAME, format!("lacks {}, which the journal imported", row.join(", "))));
    }
    faults
}

/// `environment.json` names the program that the journal's last opening names; the written rules are those
/// of this version.
fn environment(contents: &Contents, facts: &Facts) -> Vec<Fault> {
    const NAME: &str = "data/05_methods/environment.json";
    let Some(found) = json(contents, NAME) else { return vec![Fault::new(NAME, "is not JSON")] };
    let mut faults = Vec::new();
    if let Some([version, commit, binary]) = &facts.program {
        for (key, expected) in [("version", version), ("commit", commit), ("binary_sha256", binary)] {
            if found.get(key) != Some(expected) {
                faults.push(Fault::new(NAME, format!("has another {key} than the journal's last opening")));
            }
        }
    }
    faults.extend(constant_parts(contents, &found));
    let info = contents.text(BAG_INFO).unwrap_or_default();
    let agent = info.lines().find_map(|line| line.strip_prefix("Bag-Software-Agent: stillhunt "));
    if agent != found.get("version").and_then(Value::as_str) {
        faults.push(Fault::new(BAG_INFO, "names another version of the program than environment.json"));
    }
    let is_own = found.get("version").and_then(Value::as_str) == Some(env!("CARGO_PKG_VERSION"));
    for (name, rule) in
        [("data/05_methods/hashes.txt", RULES), ("data/05_methods/record_hash.txt", rule().as_str())]
    {
        if is_own && contents.has(name) && contents.text(name).as_deref() != Some(rule) {
            faults.push(Fault::new(name, "is not the rule of this version of the program"));
        }
    }
    faults
}

/// Faults of parts of the environment that this version writes alike, and of the description of topics, which
/// figures of topics have in their captions.
fn constant_parts(contents: &Contents, found: &Value) -> Vec<Fault> {
    const NAME: &str = "data/05_methods/environment.json";
    let mut faults = Vec::new();
    if found["version"].as_str() != Some(env!("CARGO_PKG_VERSION")) {
        return faults;
    }
    faults.extend(other_keys(NAME, found, &methods::ENVIRONMENT_KEYS));
    faults.extend(other_keys(NAME, &found["topics"], &methods::TOPIC_KEYS));
    for mapping in found["mappings"].as_array().into_iter().flatten() {
        faults.extend(other_keys(NAME, mapping, &methods::MAPPING_KEYS));
    }
    for (key, made) in methods::constants() {
        if found[key] != made {
            faults.push(Fault::new(NAME, format!("has another {key} than this version of the program")));
        }
    }
    let zone = zone_of(contents);
    if found["zone"].as_str() != Some(zone.name()) {
        faults.push(Fault::new(NAME, "has another zone than filters.json"));
    }
    let topics = &found["topics"];
    let words = match (topics["absent"].as_str(), topics["description"].as_str()) {
        (Some(why), _) => format!("There are no topics: {why}."),
        (None, Some("") | None) => "There are no topics: the prompts have not been read yet.".to_owned(),
        (None, Some(description)) => format!("Topics: {description}."),
    };
    let is_known = ["text", "embedding", ""].contains(&topics["path"].as_str().unwrap_or_default());
    let figures =
        contents.names().filter(|name| name.starts_with("data/03_exhibits/") && name.ends_with(".svg"));
    let said = figures.filter_map(|name| contents.text_within(name, super::tables::TABLE));
    let said: Vec<String> = said.filter(|text| text.contains("opics: ")).collect();
    if !is_known || said.iter().any(|text| !text.contains(&text_of(&words))) {
        faults.push(Fault::new(NAME, "has another description of topics than the figures of topics"));
    }
    faults
}

/// `filters.json` has the scopes that are marked as evidence.
fn scopes(contents: &Contents, facts: &Facts) -> Vec<Fault> {
    const NAME: &str = "data/06_custody/filters.json";
    let Some(found) = json(contents, NAME) else { return vec![Fault::new(NAME, "is not JSON")] };
    let listed: BTreeSet<String> = found["scopes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|scope| scope["evidence"].as_str().map(str::to_owned))
        .collect();
    let mut faults = Vec::new();
    for scope in found["scopes"].as_array().into_iter().flatten() {
        let evidence = scope["evidence"].as_str().and_then(|own| own.strip_prefix('E')?.parse::<u64>().ok());
        let marked = evidence.and_then(|own| facts.evidence.get(&own));
        let body = serde_json::json!({"source": {"scope": scope["scope"]}}).to_string();
        let listed: BTreeMap<String, Value> = values_of(&body).into_iter().collect();
        if marked.is_some_and(|own| own.scope != listed) {
            let name = scope["evidence"].as_str().unwrap_or_default();
            faults.push(Fault::new(NAME, format!("has another scope of {name} than the journal")));
        }
    }
    let scopes = facts.evidence.iter().filter(|(_, marked)| marked.kind == "scope");
    let marked: BTreeSet<String> = scopes.map(|(id, _)| format!("E{id}")).collect();
    if listed != marked {
        let what =
            format!("has the scopes of {}, but the journal marks {}", in_words(&listed), in_words(&marked));
        faults.push(Fault::new(NAME, what));
    }
    faults.extend(other_keys(NAME, &found, &custody::FILTER_KEYS));
    faults.extend(made_again(&found, facts));
    for scope in found["scopes"].as_array().into_iter().flatten() {
        let words = scope["in_words"].as_str().unwrap_or_default();
        for number in scope["exhibits"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            faults.extend(exhibit(contents, number, words));
        }
    }
    faults
}

/// Faults of titles, words, leads and exhibits of scopes, and of the zone.
fn made_again(found: &Value, facts: &Facts) -> Vec<Fault> {
    const NAME: &str = "data/06_custody/filters.json";
    let stated = facts.settings.get(ZONE).and_then(|name| Zone::named(name).ok()).unwrap_or_default();
    if found["zone"].as_str() != Some(stated.name()) {
        return vec![Fault::new(NAME, "has another zone than the journal's settings")];
    }
    let mut numbers: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    facts.exhibits().for_each(|placed| numbers.entry(placed.evidence).or_default().push(placed.number));
    for (repeat, first) in facts.repeats() {
        let own = numbers.get(&first).cloned().unwrap_or_default();
        numbers.insert(repeat, own);
    }
    let differs = |stated_scope: &&Value| {
        let number =
            stated_scope["evidence"].as_str().and_then(|own| own.strip_prefix('E')?.parse::<u64>().ok());
        let marked = number.and_then(|number| Some((number, facts.evidence.get(&number)?)));
        let scope = serde_json::from_value::<Scope>(stated_scope["scope"].clone());
        let (Some((number, marked)), Ok(scope)) = (marked, scope) else { return true };
        let exhibits = numbers.get(&number).map_or(&[][..], Vec::as_slice);
        custody::filter(number, &marked.title, &scope, exhibits, &stated) != **stated_scope
    };
    let scopes = found["scopes"].as_array().into_iter().flatten();
    let what = |scope: &Value| format!("has another title, lead, exhibits or words of {}", scope["evidence"]);
    scopes.filter(differs).take(20).map(|scope| Fault::new(NAME, what(scope))).collect()
}

/// Zone of the times of a bundle, as `filters.json` names it; UTC where it names none.
pub(super) fn zone_of(contents: &Contents) -> Zone {
    let found = json(contents, "data/06_custody/filters.json").unwrap_or_default();
    found["zone"].as_str().and_then(|name| Zone::named(name).ok()).unwrap_or_default()
}

/// An exhibit of a scope is there, and its figure says the scope.
fn exhibit(contents: &Contents, number: &str, words: &str) -> Option<Fault> {
    const NAME: &str = "data/06_custody/filters.json";
    let file = format!("data/03_exhibits/{number}");
    if !contents.has(&format!("{file}.csv")) {
        return Some(Fault::new(NAME, format!("names {number}, which is not in 03_exhibits")));
    }
    let figure = contents.text_within(&format!("{file}.svg"), super::tables::TABLE)?;
    let said = text_of(&format!("Scope: {words}."));
    let is_said = figure.contains(&format!("<desc>{said} "));
    (!is_said)
        .then(|| Fault::new(&format!("{file}.svg"), "does not say the scope that filters.json has of it"))
}

/// A text as figures write it.
fn text_of(text: &str) -> String {
    let mut xml = Xml::new();
    xml.text(text);
    String::from_utf8(xml.finish()).unwrap_or_default()
}

/// The report cites the head of the journal.
fn checkpoint_in_report(contents: &Contents) -> Option<Fault> {
    const REPORT: &str = "data/01_report/report.xhtml";
    let point = contents.text(&format!("data/{}", custody::CHECKPOINT))?;
    let point: crate::case::Checkpoint = serde_json::from_str(&point).ok()?;
    let report = contents.text_within(REPORT, super::tables::TABLE)?;
    let head = point.head.to_string();
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let cited = report.match_indices(&head).any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| report.as_bytes().get(at));
        !is_digit(before) && !is_digit(report.as_bytes().get(at + head.len()))
    });
    (!cited).then(|| Fault::new(REPORT, "does not cite the head of the journal that is signed"))
}

fn json(contents: &Contents, name: &str) -> Option<Value> {
    serde_json::from_str(&contents.text_within(name, JSON)?).ok()
}

fn in_words(evidence: &BTreeSet<String>) -> String {
    let all: Vec<&str> = evidence.iter().take(20).map(String::as_str).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(" ") }
}
