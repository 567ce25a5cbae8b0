//! The CASE document against the other files: hashes of files, and acts of the journal with their times.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::contents::Contents;
use super::super::journal_fold::Facts;
use super::super::provenance::{Origin, PROVENANCE, Source};
use super::super::{Audience, Fault};
use crate::case::Person;

/// Faults of `07_provenance/case.jsonld`; `accounts` is the exhibit of accounts relied on.
pub(super) fn check(contents: &Contents, facts: &Facts, audience: Audience, accounts: &str) -> Vec<Fault> {
    let name = format!("data/{PROVENANCE}");
    let text = contents.text_within(&name, super::tables::TABLE);
    let document = text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let Some(graph) = document.as_ref().and_then(|document| document["@graph"].as_array()) else {
        return vec![Fault::new(&name, "is missing, too large or no JSON-LD")];
    };
    let mut faults = Vec::new();
    let mut fault = |what: String| {
        if faults.len() < 100 {
            faults.push(Fault::new(&name, what));
        }
    };
    let sources: BTreeMap<String, &str> = facts
        .sources
        .iter()
        .map(|[_, file, _, sha256, _]| {
            (crate::model::visible(file).replace(['\n', '\t'], " "), sha256.as_str())
        })
        .collect();
    let (mut acts, mut files) = (0, 0);
    for object in graph {
        match object["@type"].as_str().unwrap_or_default() {
            "uco-observable:File" => {
                files += 1;
                let facets = &object["uco-core:hasFacet"];
                let file = facets[0]["uco-observable:fileName"].as_str().unwrap_or_default();
                let stated = facets[1]["uco-observable:hash"][0]["uco-types:hashValue"]["@value"].as_str();
                let own = contents.digest(&format!("data/{file}")).map(|digest| digest.to_string());
                // Files of two snapshots may have one name.
                let is_source = facts.sources.iter().any(|source| Some(source[3].as_str()) == stated);
                match own.as_deref() {
                    Some(own) if Some(own) == stated => {}
                    Some(_) => fault(format!("has another SHA-256 of {file} than the bundle")),
                    None if is_source && sources.contains_key(file) => {}
                    None => fault(format!("has a file {file} that is not one of the log with that SHA-256")),
                }
            }
            "case-investigation:InvestigativeAction" => {
                acts += 1;
                let about = object["uco-core:description"].as_str().unwrap_or_default();
                let time = object["uco-action:startTime"]["@value"].as_str().unwrap_or_default();
                if !facts.acts.contains(&(about.to_owned(), time.to_owned())) {
                    fault(format!("has an act that the journal does not have: {about}"));
                }
            }
            _ => {}
        }
    }
    if acts == 0 || files < facts.sources.len() {
        fault("lacks files of the log or acts of the journal".to_owned());
    }
    // Tables show hostile characters of names by their codes, which only names in clear may have.
    if faults.is_empty() && audience == Audience::Production && super::report::is_own_version(contents) {
        let made =
            origin(contents, facts, accounts).map(|origin| super::super::provenance::document(&origin));
        if made.is_some_and(|made| Some(&made) != document.as_ref()) {
            faults.push(Fault::new(&name, "is not the document that journal, sources and accounts give"));
        }
    }
    faults
}

/// Expected content of the document, from the rest of the bundle.
fn origin(contents: &Contents, facts: &Facts, accounts: &str) -> Option<Origin> {
    let accounts = super::tables::table(contents, accounts, &["account"]).ok()?;
    let [version, commit, binary] = facts.program.as_ref()?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut sources: Vec<Source> = Vec::new();
    for [snapshot, file, bytes, sha256, _] in &facts.sources {
        if sources.last().is_none_or(|last| last.snapshot != *snapshot) {
            let is_used = facts.imports.get(snapshot).is_some_and(|own| own.retired.is_none());
            sources.push(Source { snapshot: snapshot.clone(), files: Vec::new(), is_used });
        }
        let file = (file.clone(), bytes.parse().ok()?, sha256.parse().ok()?);
        sources.last_mut()?.files.push(file);
    }
    // Snapshots in use come first.
    sources.sort_by_key(|source| !source.is_used);
    let files = contents.names().filter_map(|name| {
        let inside = name.strip_prefix("data/")?;
        Some((inside.to_owned(), contents.digest(name)?))
    });
    let setting = |key: &str| facts.settings.get(key).cloned().unwrap_or_default();
    let person = Person {
        name: setting("person.name"),
        role: setting("person.role"),
        organisation: setting("person.organisation"),
    };
    let readme = contents.text("data/00_README.txt")?;
    let case = readme.lines().next()?.split_once(": ")?.1.to_owned();
    Some(Origin {
        case,
        program: (text(version), text(commit), text(binary).parse().ok()),
        sources,
        accounts: accounts.into_iter().map(|row| row[0].clone()).collect(),
        files: files.collect(),
        acts: facts.entries.clone(),
        created: facts.created,
        investigator: (!person.name.trim().is_empty())
            .then(|| (person.organisation.clone(), person.in_words())),
    })
}
