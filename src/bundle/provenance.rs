//! `07_provenance/case.jsonld`: the custody of a bundle in CASE/UCO 1.4 (JSON-LD).
//!
//! The investigation, its people, the program, the files of the log, the accounts relied on, the exhibits with the
//! snapshots that they are made of, and the acts of the journal that made them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::BundleError;
use super::bag::Bag;
use super::names::Names;
use super::records::pretty;
use super::relied::Relied;
use crate::cache::Cache;
use crate::case::{Action, Entry, EvidenceSource, Person, Program, State};
use crate::model::{Digest, Micros, Zone, visible};
use crate::snapshot::Snapshot;

/// The file.
pub(super) const PROVENANCE: &str = "07_provenance/case.jsonld";

/// Inputs. State and cache have the names of the bundle.
pub(super) struct Provenance<'a> {
    pub state: &'a State,
    pub cache: &'a Cache,
    pub relied: &'a [Relied],
    pub names: &'a Names<'a>,
}

/// Writes the file; the other files of the bundle are in the bag.
pub(super) fn put(bag: &mut Bag<'_>, input: &Provenance<'_>) -> Result<(), BundleError> {
    let files = bag.digests();
    bag.put(PROVENANCE, &pretty(&document(input, &files)))?;
    Ok(())
}

fn document(input: &Provenance<'_>, files: &[(String, Digest)]) -> Value {
    let mut graph = Graph { label: input.state.name.clone(), objects: Vec::new() };
    graph.program();
    for snapshot in input.state.every_snapshot() {
        graph.snapshot(snapshot);
    }
    graph.accounts(input);
    graph.exhibits(input.state, files);
    for entry in &input.state.journal {
        graph.act(entry, input.names);
    }
    graph.investigation(input.state);
    let prefix = |name: &str| format!("https://ontology.unifiedcyberontology.org/uco/{name}/");
    let mut context = json!({
        "kb": "https://stillhunt.invalid/case/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    });
    for name in ["action", "core", "identity", "observable", "tool", "types"] {
        context[format!("uco-{name}")] = prefix(name).into();
    }
    json!({"@context": context, "@graph": graph.objects})
}

/// Objects of a case, with the label of the case in their ids.
struct Graph {
    label: String,
    objects: Vec<Value>,
}

impl Graph {
    /// Id of an object: the same for the same case, kind and content. A UUID in the form of version 5, since the
    /// shapes of UCO know no later one.
    fn id(&self, kind: &str, content: &str) -> String {
        let mut bytes = Digest::of(format!("case\0{}\0{kind}\0{content}", self.label).as_bytes()).0;
        bytes[6] = (bytes[6] & 0x0f) | 0x50;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex = Digest(bytes).to_string();
        format!("kb:{kind}-{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
    }

    fn reference(&self, kind: &str, content: &str) -> Value {
        json!({"@id": self.id(kind, content)})
    }

    fn hash(&self, of: &str, sha256: Digest) -> Value {
        json!({
            "@id": self.id("hash", of),
            "@type": "uco-types:Hash",
            "uco-types:hashMethod": "SHA256",
            "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": sha256},
        })
    }

    /// A file with name, size where it is known, and hash; `of` tells it from others of its name.
    fn file(&mut self, of: &str, name: &str, bytes: Option<u64>, sha256: Digest) {
        let mut about = json!({
            "@id": self.id("file-facet", of),
            "@type": "uco-observable:FileFacet",
            "uco-observable:fileName": shown(name),
        });
        if let Some(bytes) = bytes {
            about["uco-observable:sizeInBytes"] = bytes.into();
        }
        let content = json!({
            "@id": self.id("content-facet", of),
            "@type": "uco-observable:ContentDataFacet",
            "uco-observable:hash": [self.hash(of, sha256)],
        });
        self.objects.push(json!({
            "@id": self.id("file", of),
            "@type": "uco-observable:File",
            "uco-core:hasFacet": [about, content],
        }));
    }

    fn program(&mut self) {
        let program = Program::running();
        let mut tool = json!({
            "@id": self.id("tool", "stillhunt"),
            "@type": "uco-tool:AnalyticTool",
            "uco-core:name": "stillhunt",
            "uco-core:description": format!("commit {}", program.commit),
            "uco-tool:version": program.version,
        });
        if let Some(binary) = program.binary {
            tool["uco-core:hasFacet"] = json!([{
                "@id": self.id("content-facet", "program"),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:hash": [self.hash("program", binary)],
            }]);
        }
        self.objects.push(tool);
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        let sha256 = snapshot.sha256.to_string();
        let mut files = Vec::new();
        for file in &snapshot.files {
            let of = format!("{sha256}/{}", file.name);
            self.file(&of, &file.name, Some(file.bytes), file.sha256);
            files.push(self.reference("file", &of));
        }
        self.objects.push(json!({
            "@id": self.id("snapshot", &sha256),
            "@type": "case-investigation:ProvenanceRecord",
            "uco-core:description": format!("snapshot {sha256}: files of the log as sealed"),
            "uco-core:object": files,
        }));
    }

    fn accounts(&mut self, input: &Provenance<'_>) {
        let accounts: BTreeSet<&str> = input
            .relied
            .iter()
            .flat_map(|lead| &lead.accounts)
            .map(|&account| input.cache.accounts()[account as usize].id.as_str())
            .collect();
        for account in accounts {
            let facet = json!({
                "@id": self.id("account-facet", account),
                "@type": "uco-observable:AccountFacet",
                "uco-observable:accountIdentifier": shown(account),
            });
            self.objects.push(json!({
                "@id": self.id("account", account),
                "@type": "uco-observable:ObservableObject",
                "uco-core:hasFacet": [facet],
            }));
        }
    }

    /// Files of the bundle, by the exhibit that they belong to, each exhibit derived from all snapshots.
    fn exhibits(&mut self, state: &State, files: &[(String, Digest)]) {
        let mut exhibits: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (path, sha256) in files {
            let inside = path.strip_prefix("02_records/").or_else(|| path.strip_prefix("03_exhibits/"));
            let number =
                inside.and_then(|name| name.split('.').next()).filter(|name| name.starts_with("EX-"));
            let is_report = path.starts_with("01_report/");
            if let Some(number) = number.or_else(|| is_report.then_some("report")) {
                self.file(path, path, None, *sha256);
                exhibits.entry(number.to_owned()).or_default().push(self.reference("file", path));
            }
        }
        for (number, files) in exhibits {
            self.objects.push(json!({
                "@id": self.id("exhibit", &number),
                "@type": "case-investigation:ProvenanceRecord",
                "case-investigation:exhibitNumber": number,
                "uco-core:object": files,
            }));
            for snapshot in &state.snapshots {
                let sha256 = snapshot.sha256.to_string();
                self.objects.push(json!({
                    "@id": self.id("relationship", &format!("{number}/{sha256}")),
                    "@type": "uco-core:Relationship",
                    "uco-core:source": self.reference("exhibit", &number),
                    "uco-core:target": self.reference("snapshot", &sha256),
                    "uco-core:kindOfRelationship": "Derived_From",
                    "uco-core:isDirectional": true,
                }));
            }
        }
    }

    /// Person of an entry, once; its id.
    fn person(&mut self, entry: &Entry, names: &Names<'_>) -> Value {
        let named = entry.person.as_ref().filter(|person| !person.name.trim().is_empty());
        let name = named.map_or_else(|| entry.actor.clone(), Person::in_words);
        let name = shown(&names.text(&name));
        let id = self.id("person", &name);
        if self.objects.iter().all(|object| object["@id"] != id.as_str()) {
            self.objects.push(json!({
                "@id": id,
                "@type": "uco-identity:Person",
                "uco-core:name": name,
                "uco-core:hasFacet": [{
                    "@id": self.id("name-facet", &name),
                    "@type": "uco-identity:SimpleNameFacet",
                }],
            }));
        }
        json!({"@id": id})
    }

    /// Import, marking, redaction or export as an action; other entries are in the journal alone.
    fn act(&mut self, entry: &Entry, names: &Names<'_>) {
        let (name, objects) = match &entry.action {
            Action::SnapshotAdded { snapshot, .. } => {
                ("import of a snapshot", vec![self.reference("snapshot", &snapshot.sha256.to_string())])
            }
            Action::MappingReplaced { snapshot, .. } => (
                "reading of a snapshot with another mapping",
                vec![self.reference("snapshot", &snapshot.to_string())],
            ),
            Action::SnapshotRetired { snapshot, .. } => {
                ("retirement of a snapshot", vec![self.reference("snapshot", &snapshot.to_string())])
            }
            Action::SnapshotRestored { snapshot, .. } => {
                ("restoration of a snapshot", vec![self.reference("snapshot", &snapshot.to_string())])
            }
            Action::Tagged { source, .. } => ("marking of evidence", self.marked(source, names)),
            Action::EvidenceChanged { .. } => ("change of a tag or note", Vec::new()),
            Action::EvidenceRemoved { .. } => ("removal of evidence from the list", Vec::new()),
            Action::RedactionAdded { .. } => ("redaction", Vec::new()),
            Action::RedactionRemoved { .. } => ("removal of a redaction", Vec::new()),
            Action::Exported { .. } => ("export of a bundle", Vec::new()),
            _ => return,
        };
        let performer = self.person(entry, names);
        let time = stamp(entry.ts);
        let mut action = json!({
            "@id": self.id("action", &entry.seq.to_string()),
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": name,
            "uco-core:description": format!("journal entry {}, SHA-256 of the chain {}", entry.seq, entry.hash),
            "uco-action:startTime": time,
            "uco-action:endTime": time,
            "uco-action:performer": performer,
            "uco-action:instrument": [self.reference("tool", "stillhunt")],
        });
        if !objects.is_empty() {
            action["uco-action:object"] = objects.into();
        }
        self.objects.push(action);
    }

    /// Snapshot of a marked exchange; an account, if it is one of those above.
    fn marked(&self, source: &EvidenceSource, names: &Names<'_>) -> Vec<Value> {
        match source {
            EvidenceSource::Exchange { exchange, .. } => {
                vec![self.reference("snapshot", &exchange.snapshot.to_string())]
            }
            EvidenceSource::Account { account } => {
                let id = self.id("account", names.id(account).as_str());
                let is_there = self.objects.iter().any(|object| object["@id"] == id.as_str());
                is_there.then(|| json!({"@id": id})).into_iter().collect()
            }
            EvidenceSource::Scope { .. } => Vec::new(),
        }
    }

    fn investigation(&mut self, state: &State) {
        let mut objects: Vec<Value> = Vec::new();
        for object in &self.objects {
            objects.push(json!({"@id": object["@id"]}));
        }
        let mut investigation = json!({
            "@id": self.id("investigation", ""),
            "@type": "case-investigation:Investigation",
            "uco-core:name": shown(&state.name),
            "case-investigation:focus": "use of a model API",
            "uco-core:object": objects,
        });
        if let Some(first) = state.journal.first() {
            investigation["uco-core:objectCreatedTime"] = stamp(first.ts);
        }
        if let Some(person) = Person::of(state) {
            if !person.organisation.trim().is_empty() {
                self.objects.push(json!({
                    "@id": self.id("organisation", &person.organisation),
                    "@type": "uco-identity:Organization",
                    "uco-core:name": shown(&person.organisation),
                }));
            }
            self.objects.push(json!({
                "@id": self.id("investigator", ""),
                "@type": "case-investigation:Investigator",
                "uco-core:name": shown(&person.in_words()),
            }));
        }
        self.objects.insert(0, investigation);
    }
}

fn stamp(time: Micros) -> Value {
    json!({"@type": "xsd:dateTime", "@value": Zone::utc().format_exact(time)})
}

/// Text on one line with hostile characters visible.
fn shown(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ")
}
