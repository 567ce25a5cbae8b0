//! Text that an adversary wrote goes through every file that the program writes.

use std::fs;
use std::path::Path;

use stillhunt::bundle::{self, Audience, BundleError, ExportOptions, Paper, SigningKey};
use stillhunt::case::legal::{
    Acceptance, Amount, Clause, Document, Element, LegalDecision, LegalItem, Notice, NoticeKind, Price,
    Profile,
};
use stillhunt::case::{Action, CaseError, EvidenceSource};
use stillhunt::exhibit::{self, Subject};
use stillhunt::jobs::{self, Session};
use stillhunt::model::{Digest, Scope, Silent, Tag, Zone, is_hostile};
use stillhunt::snapshot::AcceptanceRecord;

use super::columns;
use super::feed::Feed;
use super::import::import;

/// A file of hostile texts is imported, marked with hostile words, drawn and exported. Every
/// figure is well-formed, every table rectangular and without formulas, nothing has a hostile
/// character in it, and the bundle is found sound.
pub fn hostile_outputs(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (logs, mut feed) = (folder.path().join("logs"), Feed::new(bytes));
    let words = [columns::text(&mut feed), columns::text(&mut feed), columns::text(&mut feed)];
    if columns::write(&logs.join("a.parquet"), &mut feed).is_none() {
        return;
    }
    let Ok(mut session) = import(folder.path(), &logs, None) else { return };
    mark(&mut session, &words);
    frame(&mut session, &words);
    draw(&session);
    let key = SigningKey::load_or_create_in(&folder.path().join("key")).expect("a key");
    let out = folder.path().join("out");
    let mut options = ExportOptions {
        audience: Audience::Production,
        out,
        include_text: true,
        profile: Profile::Recorded,
        paper: Paper::Letter,
        key,
    };
    let mut export =
        |options: &_| bundle::export(&mut session.case, &session.cache, &session.leads, options, &Silent);
    let exported = match export(&options) {
        // The name of an account may stand where no other name is looked for; then nothing leaves the building.
        Err(BundleError::Refused(why)) if why.contains("would disclose") => {
            options.audience = Audience::Internal;
            export(&options).expect("an internal bundle")
        }
        exported => exported.expect("a bundle"),
    };
    let faults = bundle::verify(&exported.bag, &Silent).expect("a bundle that can be read");
    assert!(faults.is_empty(), "{faults:?}");
    check_folder(&exported.bag);
}

/// Marks everything, an account and an exchange, with hostile tags and notes.
fn mark(session: &mut Session, words: &[String; 3]) {
    let tag: Tag = words[0].parse().unwrap_or_else(|_| "context".parse().expect("a usual tag"));
    let scope = EvidenceSource::Scope { scope: Scope::default(), title: words[1].clone() };
    let account = session.cache.accounts()[0].id.clone();
    let account = EvidenceSource::Account { account };
    jobs::mark(&mut session.case, vec![scope, account], &[], &tag, &words[2]).expect("marked");
    jobs::mark_exchanges(&mut session.case, &session.cache, &session.sources, &[0], &tag, &words[1], &Silent)
        .expect("an exchange that was imported can be marked");
    for (key, value) in [("name", &words[0]), ("clock_statement", &words[1])] {
        let action = Action::SettingChanged { key: key.into(), value: value.clone() };
        session.case.record(action).expect("a setting");
    }
}

/// A legal frame of hostile words.
fn frame(session: &mut Session, words: &[String; 3]) {
    let account = session.cache.accounts()[0].id.clone();
    let document = Some(Document { name: words[0].clone(), sha256: Digest::of(words[0].as_bytes()) });
    let notice = Notice {
        at: 1,
        kind: NoticeKind::Revocation,
        lead: None,
        accounts: [account.clone()].into(),
        text: words[0].clone(),
        document,
    };
    let acceptance = Acceptance::of_file(&words[1], Digest::of(b"x"), 1);
    let (address, version) = (words[0].clone(), words[2].clone());
    let record = AcceptanceRecord { account, time: 5, day_end: Some(9), address, version };
    let price = Price {
        model: Some(words[2].clone()),
        input: Amount(1),
        output: Amount(2),
        currency: words[1].clone(),
        source: words[2].clone(),
        from: Some(1),
        until: None,
    };
    let [version, clause, text] = words.clone();
    let items = [
        LegalItem::Clause(Clause { version, clause, text }),
        LegalItem::Notice(notice),
        LegalItem::Acceptance(acceptance.with_records(vec![record])),
        LegalItem::Price(price),
    ];
    let stated = LegalDecision::Stated { element: Element::SecretValue, text: words[2].trim().to_owned() };
    let recorded = items.into_iter().map(|item| LegalDecision::Recorded { number: 0, item });
    for legal in recorded.chain([stated]) {
        let action = Action::Legal { legal: Box::new(legal) };
        // An item that lacks a word that it needs is refused.
        match session.case.record(action) {
            Ok(()) | Err(CaseError::Incomplete(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

fn draw(session: &Session) {
    let (scope, zone) = (Scope::default(), Zone::utc());
    for kind in exhibit::KINDS {
        let subject =
            Subject { cache: &session.cache, leads: &session.leads, scope: &scope, zone: &zone, events: &[] };
        let made = exhibit::make(kind.name, &subject, &Silent).expect(kind.name);
        check_table(kind.name, &made.table);
        if let Some(figure) = &made.figure {
            check_xml(kind.name, figure);
        }
    }
}

/// Every file of a bundle, by its ending. Records hold what was logged as it was logged.
fn check_folder(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            check_folder(&entry);
            continue;
        }
        let name = entry.display().to_string();
        let bytes = fs::read(&entry).expect("a file");
        match entry.extension().and_then(|ending| ending.to_str()) {
            Some("svg" | "xhtml") => check_xml(&name, &bytes),
            Some("csv") => check_table(&name, &bytes),
            Some("json") => {
                serde_json::from_slice::<serde_json::Value>(&bytes).expect(&name);
            }
            _ => {}
        }
    }
}

fn check_table(name: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).expect(name);
    // A summary has the values as they were recorded, or its SQL would not give the same bytes.
    if !name.contains("/04_summaries/") {
        check_characters(name, text);
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    for row in reader.records() {
        // A row of another length than the header is an error of the reader's.
        for cell in &row.expect(name) {
            let is_formula = cell.starts_with(['=', '+', '@', '\t', '\r'])
                || (cell.starts_with('-') && cell.parse::<f64>().is_err());
            assert!(!is_formula, "{name}: a spreadsheet would run {cell:?}");
        }
    }
}

fn check_xml(name: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).expect(name);
    check_characters(name, text);
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{name}: {error}")) {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Start(element) | quick_xml::events::Event::Empty(element) => {
                assert_ne!(element.name().as_ref(), "script", "{name}");
                for attribute in element.attributes() {
                    let attribute = attribute.unwrap_or_else(|error| panic!("{name}: {error}"));
                    assert!(!attribute.key.as_ref().starts_with("on"), "{name}: an attribute that runs");
                }
            }
            _ => {}
        }
    }
}

fn check_characters(name: &str, text: &str) {
    let hostile = text.char_indices().find(|(_, c)| is_hostile(*c) && *c != '\r');
    assert!(hostile.is_none(), "{name}: {hostile:?}");
}
