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

/// Files of a snapshot: names, sizes and hashes.
pub(super) struct Source {
    /// SHA-256 of the snapshot.
    pub snapshot: String,
    /// Name, bytes and SHA-256 of each file.
    pub files: Vec<(String, u64, Digest)>,
    /// True if it is in use.
    pub is_used: bool,
}

/// Entry of the journal as an action.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Act {
    /// Number of the entry.
    pub seq: u64,
    /// Hash of the chain at it.
    pub hash: String,
    /// Time.
    pub ts: Micros,
    /// Person, or user of the system.
    pub person: String,
    /// Action of the entry, as the journal names it.
    pub action: String,
    /// Snapshot or account that it is about.
    pub object: Option<(&'static str, String)>,
}

/// Content of the document.
pub(super) struct Origin {
    /// Name of the case.
    pub case: String,
    /// Version, commit and binary of the program.
    pub program: (String, String, Option<Digest>),
    /// Snapshots.
    pub sources: Vec<Source>,
    /// Accounts relied on.
    pub accounts: BTreeSet<String>,
    /// Files of the bundle.
    pub files: Vec<(String, Digest)>,
    /// Entries of the journal.
    pub acts: Vec<Act>,
    /// Time of the first entry.
    pub created: Option<Micros>,
    /// Organisation, and name, role and organisation in words.
    pub investigator: Option<(String, String)>,
}

/// Writes the file; the other files of the bundle are in the bag.
pub(super) fn put(bag: &mut Bag<'_>, input: &Provenance<'_>) -> Result<(), BundleError> {
    let made = document(&origin(input, bag.digests()));
    bag.put(PROVENANCE, &pretty(&made))?;
    Ok(())
}

fn origin(input: &Provenance<'_>, files: Vec<(String, Digest)>) -> Origin {
    let (state, program) = (input.state, Program::running());
    let used: BTreeSet<Digest> = state.snapshots.iter().map(|snapshot| snapshot.sha256).collect();
    let source = |snapshot: &Snapshot| Source {
        snapshot: snapshot.sha256.to_string(),
        files: snapshot.files.iter().map(|file| (file.name.clone(), file.bytes, file.sha256)).collect(),
        is_used: used.contains(&snapshot.sha256),
    };
    let relied = input.relied.iter().flat_map(|lead| &lead.accounts);
    let id = |account: &u32| input.cache.accounts()[*account as usize].id.0.clone();
    let act = |entry: &Entry| {
        let named = entry.person.as_ref().filter(|person| !person.name.trim().is_empty());
        let person = named.map_or_else(|| entry.actor.clone(), Person::in_words);
        let person = shown(&input.names.text(&person));
        let (action, object) = object_of(&entry.action, input.names)?;
        let (seq, hash, ts) = (entry.seq, entry.hash.to_string(), entry.ts);
        Some(Act { seq, hash, ts, person, action: action.to_owned(), object })
    };
    Origin {
        case: state.name.clone(),
        program: (program.version.to_owned(), program.commit.to_owned(), program.binary),
        sources: state.every_snapshot().map(source).collect(),
        accounts: relied.map(id).collect(),
        files,
        acts: state.journal.iter().filter_map(|entry| act(entry)).collect(),
        created: state.journal.first().map(|first| first.ts),
        investigator: Person::of(state).map(|person| (person.organisation.clone(), person.in_words())),
    }
}

/// Name of an action in the journal, and what it is about; `None` for entries that are in the journal alone.
fn object_of(action: &Action, names: &Names<'_>) -> Option<(&'static str, Option<(&'static str, String)>)> {
    let of = |snapshot: &Digest| Some(("snapshot", names.snapshot_id(*snapshot).to_string()));
    Some(match action {
        Action::SnapshotAdded { snapshot, .. } => ("snapshot_added", of(&snapshot.sha256)),
        Action::MappingReplaced { snapshot, .. } => ("mapping_replaced", of(snapshot)),
        Action::SnapshotRetired { snapshot, .. } => ("snapshot_retired", of(snapshot)),
        Action::SnapshotRestored { snapshot, .. } => ("snapshot_restored", of(snapshot)),
        Action::Tagged { source, .. } => (
            "tagged",
            match source {
                EvidenceSource::Exchange { exchange, .. } => of(&exchange.snapshot),
                EvidenceSource::Account { account } => Some(("account", names.id(account).0)),
                EvidenceSource::Scope { .. } => None,
            },
        ),
        Action::EvidenceChanged { .. } => ("evidence_changed", None),
        Action::EvidenceRemoved { .. } => ("evidence_removed", None),
        Action::RedactionAdded { .. } => ("redaction_added", None),
        Action::RedactionRemoved { .. } => ("redaction_removed", None),
        Action::Exported { .. } => ("exported", None),
        _ => return None,
    })
}

/// Words on an action of the journal; `None` for one that is in the journal alone.
pub(super) fn words_of(action: &str) -> Option<&'static str> {
    Some(match action {
        "snapshot_added" => "import of a snapshot",
        "mapping_replaced" => "reading of a snapshot with another mapping",
        "snapshot_retired" => "retirement of a snapshot",
        "snapshot_restored" => "restoration of a snapshot",
        "tagged" => "marking of evidence",
        "evidence_changed" => "change of a tag or note",
        "evidence_removed" => "removal of evidence from the list",
        "redaction_added" => "redaction",
        "redaction_removed" => "removal of a redaction",
        "exported" => "export of a bundle",
        _ => return None,
    })
}

/// The document; `verify` makes it again from the rest of the bundle.
pub(super) fn document(origin: &Origin) -> Value {
    let mut graph = Graph { label: origin.case.clone(), objects: Vec::new() };
    graph.program(&origin.program);
    origin.sources.iter().for_each(|source| graph.snapshot(source));
    origin.accounts.iter().for_each(|account| graph.account(account));
    graph.exhibits(origin);
    origin.acts.iter().for_each(|act| graph.act(act));
    graph.investigation(origin);
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

    fn program(&mut self, (version, commit, binary): &(String, String, Option<Digest>)) {
        let mut tool = json!({
            "@id": self.id("tool", "stillhunt"),
            "@type": "uco-tool:AnalyticTool",
            "uco-core:name": "stillhunt",
            "uco-core:description": format!("commit {commit}"),
            "uco-tool:version": version,
        });
        if let Some(binary) = binary {
            tool["uco-core:hasFacet"] = json!([{
                "@id": self.id("content-facet", "program"),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:hash": [self.hash("program", *binary)],
            }]);
        }
        self.objects.push(tool);
    }

    fn snapshot(&mut self, source: &Source) {
        let sha256 = &source.snapshot;
        let mut files = Vec::new();
        for (name, bytes, digest) in &source.files {
            let of = format!("{sha256}/{name}");
            self.file(&of, name, Some(*bytes), *digest);
            files.push(self.reference("file", &of));
        }
        self.objects.push(json!({
            "@id": self.id("snapshot", sha256),
            "@type": "case-investigation:ProvenanceRecord",
            "uco-core:description": format!("snapshot {sha256}: files of the log as sealed"),
            "uco-core:object": files,
        }));
    }

    fn account(&mut self, account: &str) {
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

    /// Files of the bundle, by the exhibit that they belong to, each exhibit derived from all snapshots.
    fn exhibits(&mut self, origin: &Origin) {
        let mut exhibits: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (path, sha256) in &origin.files {
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
            for Source { snapshot: sha256, .. } in origin.sources.iter().filter(|source| source.is_used) {
                self.objects.push(json!({
                    "@id": self.id("relationship", &format!("{number}/{sha256}")),
                    "@type": "uco-core:Relationship",
                    "uco-core:source": self.reference("exhibit", &number),
                    "uco-core:target": self.reference("snapshot", sha256),
                    "uco-core:kindOfRelationship": "Derived_From",
                    "uco-core:isDirectional": true,
                }));
            }
        }
    }

    /// Person of an entry, once; its id.
    fn person(&mut self, name: &str) -> Value {
        let id = self.id("person", name);
        if self.objects.iter().all(|object| object["@id"] != id.as_str()) {
            self.objects.push(json!({
                "@id": id,
                "@type": "uco-identity:Person",
                "uco-core:name": name,
                "uco-core:hasFacet": [{
                    "@id": self.id("name-facet", name),
                    "@type": "uco-identity:SimpleNameFacet",
                }],
            }));
        }
        json!({"@id": id})
    }

    /// Import, marking, redaction or export as an action; other entries are in the journal alone.
    fn act(&mut self, act: &Act) {
        let Some(name) = words_of(&act.action) else { return };
        let objects: Vec<Value> = act.object.iter().filter_map(|(kind, of)| self.object(kind, of)).collect();
        let performer = self.person(&act.person);
        let time = stamp(act.ts);
        let mut action = json!({
            "@id": self.id("action", &act.seq.to_string()),
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": name,
            "uco-core:description": format!("journal entry {}, SHA-256 of the chain {}", act.seq, act.hash),
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

    /// Reference to a snapshot, or to an account if it is one of those above.
    fn object(&self, kind: &str, of: &str) -> Option<Value> {
        let id = self.id(kind, of);
        let is_there = kind != "account" || self.objects.iter().any(|object| object["@id"] == id.as_str());
        is_there.then(|| json!({"@id": id}))
    }

    fn investigation(&mut self, origin: &Origin) {
        let mut objects: Vec<Value> = Vec::new();
        for object in &self.objects {
            objects.push(json!({"@id": object["@id"]}));
        }
        let mut investigation = json!({
            "@id": self.id("investigation", ""),
            "@type": "case-investigation:Investigation",
            "uco-core:name": shown(&origin.case),
            "case-investigation:focus": "use of a model API",
            "uco-core:object": objects,
        });
        if let Some(first) = origin.created {
            investigation["uco-core:objectCreatedTime"] = stamp(first);
        }
        if let Some((organisation, in_words)) = &origin.investigator {
            if !organisation.trim().is_empty() {
                self.objects.push(json!({
                    "@id": self.id("organisation", organisation),
                    "@type": "uco-identity:Organization",
                    "uco-core:name": shown(organisation),
                }));
            }
            self.objects.push(json!({
                "@id": self.id("investigator", ""),
                "@type": "case-investigation:Investigator",
                "uco-core:name": shown(in_words),
            }));
        }
        self.objects.insert(0, investigation);
    }
}

fn stamp(time: Micros) -> Value {
    json!({"@type": "xsd:dateTime", "@value": Zone::utc().format_exact(time)})
}

/// Text on one line with hostile characters visible.
pub(super) fn shown(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ")
}
