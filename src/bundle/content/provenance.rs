//! The CASE document against the other files: hashes of files, and acts of the journal with their times.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::Fault;
use super::super::contents::Contents;
use super::super::journal_fold::Facts;
use super::super::provenance::PROVENANCE;

/// Faults of `07_provenance/case.jsonld`.
pub(super) fn check(contents: &Contents, facts: &Facts) -> Vec<Fault> {
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
                let agrees =
                    own.as_deref() == stated || (own.is_none() && is_source && sources.contains_key(file));
                if !agrees {
                    fault(format!("has another SHA-256 of {file} than the bundle"));
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
    faults
}
