//! The report as a whole, in both forms.

use std::process::{Command, Stdio};

use super::*;
use crate::bundle::legal::{legal_figures, tables};
use crate::bundle::relied::Relied;
use crate::bundle::relied::Weighed;
use crate::bundle::summaries::tests::some_records;
use crate::cache::testing::{cache, row, snapshot};
use crate::case::legal::{
    Acceptance, Breach, Clause, Document, Element, LegalDecision, LegalItem, Loss, Measure, MeasureKind,
    Notice, NoticeKind, Price, Profile, TermsVersion,
};
use crate::case::{Alternative, Evidence, EvidenceSource, Verdict};
use crate::case::{PlacedDecision, State, StoryPart};
use crate::exhibit::xml::text_of;
use crate::leads::Leads;
use crate::leads::Reason;
use crate::model::{AccountId, Digest, Tag};
use crate::signals::Examples;
use crate::snapshot::AcceptanceRecord;

const HOSTILE: &str = "</td><script>alert(x)</script>&\u{202e}\u{200b}\u{7}";

/// A small case with hostile text in every name and text from the log.
fn with_report<T>(include_text: bool, use_it: impl FnOnce(&Report<'_>) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let rows = [HOSTILE, "b"].map(|account| row(account, 1)).to_vec();
    let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("x.parquet", rows)])]);
    let mut state = State { name: HOSTILE.into(), ..State::default() };
    for (id, tag) in [(1, Tag::ReliedOn), (2, Tag::Exculpatory), (3, Tag::Own(HOSTILE.into()))] {
        let scope = Scope::default().with_account(HOSTILE.into());
        let source = EvidenceSource::Scope { scope, title: HOSTILE.into() };
        let evidence = Evidence { id, source, tag, note: HOSTILE.into(), marked: 0, read_with: None };
        state.evidence.insert(id, evidence);
    }
    state.story.push(StoryPart {
        id: 1,
        text: format!(
            "# {HOSTILE}\n\nThere were 38 accounts. They share 3 cards [E7].\n- {HOSTILE} [E1]\n\n# [E8]"
        ),
        evidence: Some(1),
        exhibit: Some("timeline".into()),
    });
    let stated = Alternative {
        lead: HOSTILE.into(),
        subject: None,
        explanation: "reseller".into(),
        evidence_for: HOSTILE.into(),
        evidence_against: HOSTILE.into(),
        verdict: Verdict::Open,
    };
    let weighed = |stated| Weighed {
        explanation: "reseller".into(),
        measured: HOSTILE.into(),
        stated,
        weighed_for: Some(HOSTILE.into()),
        beside: vec![HOSTILE.into()],
    };
    let reason = Reason {
        signal: "C2".into(),
        title: "coverage".into(),
        sentence: HOSTILE.into(),
        value: None,
        percentile: None,
        p: Some(0.01),
        examples: Examples::default(),
        benign: HOSTILE.into(),
        tells_apart: HOSTILE.into(),
    };
    let relied = [Relied {
        evidence: 1,
        name: HOSTILE.into(),
        lead: Some(HOSTILE.into()),
        accounts: vec![0],
        figures: None,
        reasons: vec![reason],
        alternatives: vec![weighed(Some(stated)), weighed(None)],
    }];
    let mut records = some_records();
    let text = format!("{HOSTILE} שלום عربي हिन्दी ไทย 漢字 한국어 🙂 ᚠ {}", "y".repeat(1 << 20));
    records[0].record.columns["prompt_text"] = text.into();
    let changed = [PlacedDecision { decision: HOSTILE.into(), lead_now: HOSTILE.into(), found: false }];
    let (leads, zone) = (Leads::default(), Zone::utc());
    frame(&mut state);
    let legal = legal_figures(&state, &cache, &leads, &Silent).unwrap();
    let tags = state.evidence.iter().map(|(id, own)| (*id, own.tag.as_str().to_owned())).collect();
    let stated = tables::tables(&state.legal, &tags, Profile::Recorded, legal.after.len()).into_iter();
    let sheets = stated.chain(legal.tables(&cache, Profile::Recorded));
    let sheets: Vec<Sheet> = sheets.map(|made| Sheet::of_file(made.path, made.title, &made.table)).collect();
    let report = Report {
        state: &state,
        cache: &cache,
        leads: &leads,
        zone: &zone,
        checklist: &[],
        records: &records,
        relied: &relied,
        legal: &legal,
        profile: Profile::Recorded,
        changed: &changed,
        exhibits: &[],
        summaries: &[],
        sheets: &sheets,
        checkpoint: None,
        fingerprint: "SHA256:x",
        audience: "production",
        designation: "CONFIDENTIAL",
        records_designation: "ATTORNEYS' EYES ONLY",
        author: HOSTILE,
        exported: 1_780_000_000_000_000,
        paper: Paper::A4,
        include_text,
        withheld_entries: 0,
    };
    use_it(&report)
}

/// A legal frame of hostile words, with a notice to the account relied on.
fn frame(state: &mut State) {
    let text = || HOSTILE.to_owned();
    let accounts: std::collections::BTreeSet<AccountId> = [AccountId(text())].into();
    let (lead, document) = (None, Some(Document { name: text(), sha256: Digest::of(b"x") }));
    let notice = Notice { at: 0, kind: NoticeKind::Block, lead, accounts, text: text(), document };
    let (account, address, version) = (AccountId(text()), text(), text());
    let record = AcceptanceRecord { account, time: 5, day_end: Some(9), address, version };
    let amount = || "3".parse().unwrap();
    let (input, output, currency, source) = (amount(), amount(), text(), text());
    let price = Price { model: None, input, output, currency, source, from: Some(0), until: Some(9) };
    let loss = Loss { date: 7, amount: amount(), currency: text(), text: text(), document: None };
    let items = [
        LegalItem::Terms(TermsVersion { version: text(), from: 1, to: Some(9), document: None }),
        LegalItem::Clause(Clause { version: text(), clause: text(), text: text() }),
        LegalItem::Breach(Breach { version: text(), clause: text(), text: text(), evidence: vec![1] }),
        LegalItem::Acceptance(Acceptance::of_file(HOSTILE, Digest::of(b"y"), 1).with_records(vec![record])),
        LegalItem::Notice(notice),
        LegalItem::Measure(Measure { kind: MeasureKind::Tiers, since: 2, text: text(), document: None }),
        LegalItem::Price(price),
        LegalItem::Loss(loss),
    ];
    for (item, number) in items.into_iter().zip(1..) {
        state.legal.apply(&LegalDecision::Recorded { number, item });
    }
    let element = Element::SecretValue;
    state.legal.apply(&LegalDecision::Stated { element, text: format!("{HOSTILE} 12 of 34") });
    state.legal.apply(&LegalDecision::Assigned { element, evidence: 1, is_assigned: true });
}

#[test]
fn hostile_words_stay_words_everywhere() {
    let composed = with_report(true, |report| compose(report).unwrap());
    let text = text_of(&composed.report.xhtml);
    assert!(text.contains("</td><script>alert(x)</script>&⟨U+202E⟩⟨U+200B⟩⟨U+0007⟩"));
    assert!(!String::from_utf8(composed.report.xhtml).unwrap().contains("<script"));
    assert!(text.rfind("Schedule of exculpatory evidence") > text.rfind("Findings"));
    assert!(text.contains("not weighed by the investigator"));
    assert!(text.contains("N5 (block): 1 of 1 account addressed had 1 exchange after it."));
    let annex = composed.annex.unwrap();
    assert!(!String::from_utf8(annex.xhtml.clone()).unwrap().contains("<script"));
    assert!(text_of(&annex.xhtml).contains("further characters are in EX-0001.parquet"));
    if let (Some(words), Some(of_annex)) = (pdf_text(&composed.report.pdf), pdf_text(&annex.pdf)) {
        assert!(words.contains("<script>alert(x)</script>&⟨U+202E⟩⟨U+200B⟩⟨U+0007⟩"), "{words}");
        assert!(of_annex.contains("⟦U+16A0⟧") && of_annex.contains("漢字") && of_annex.contains("한국어"));
        assert!(words.contains("Page 1 of") && words.contains("-000001"));
        assert!(of_annex.contains("ATTORNEYS' EYES ONLY") && of_annex.contains("-A-000001"));
    }
}

#[test]
fn the_narrative_is_labelled_and_says_where_it_refers_to_nothing() {
    let composed = with_report(false, |report| compose(report).unwrap());
    let text = text_of(&composed.report.xhtml);
    for said in [
        "the opinion of the investigator",
        "There were 38 accounts. (no reference given)",
        "They share 3 cards. ([E7] is not in this bundle)",
        "([E8] is not in this bundle)",
        "Evidence E1 has no exhibit timeline in this bundle.",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let page = String::from_utf8_lossy(&composed.report.xhtml);
    assert!(!page.contains("></h3>"), "a heading made of a reference only has no text");
}

#[test]
fn error_rates_are_declared_only_where_they_were_measured() {
    let composed = with_report(false, |report| compose(report).unwrap());
    let text = text_of(&composed.report.xhtml);
    assert!(
        text.contains(
            "The folder 05_methods describes the process. No error rate was measured in this case."
        )
    );
    assert!(!text.contains("the process and its error rates"));
}

#[test]
fn text_that_is_withheld_is_in_neither_form() {
    let composed = with_report(false, |report| compose(report).unwrap());
    for printed in [composed.report, composed.annex.unwrap()] {
        assert!(!text_of(&printed.xhtml).contains("한국어"));
        assert!(pdf_text(&printed.pdf).is_none_or(|words| !words.contains("한국어")));
    }
}

#[test]
fn the_report_prints_no_record_and_the_annex_has_the_designation_of_the_records() {
    let composed = with_report(true, |report| compose(report).unwrap());
    let (report, annex) = (text_of(&composed.report.xhtml), text_of(&composed.annex.unwrap().xhtml));
    assert!(!report.contains("한국어") && annex.contains("한국어"));
    assert!(report.contains("CONFIDENTIAL") && !report.contains("ATTORNEYS' EYES ONLY"));
    assert!(annex.contains("ATTORNEYS' EYES ONLY") && !annex.contains("CONFIDENTIAL"));
}

#[test]
fn the_same_report_has_the_same_bytes() {
    let once = || with_report(false, |report| compose(report).unwrap());
    let (first, second) = (once(), once());
    assert!(
        first.report.xhtml == second.report.xhtml
            && first.report.pdf == second.report.pdf
            && first.files == second.files
    );
    assert!(first.report.pdf.starts_with(b"%PDF-1.7"));
}

#[test]
fn every_figure_has_a_reference() {
    let faults = with_report(false, |report| {
        let (document, made) = document(report).unwrap();
        let annex = annex(&document, &made).unwrap();
        let of_annex = checks::tests::faults(&annex, &made.sheets);
        [checks::tests::faults(&document, &made.sheets), of_annex].concat()
    });
    // The reason of this case stands in no exhibit.
    let faults: Vec<_> = faults.into_iter().filter(|fault| !fault.contains("C2 coverage")).collect();
    assert_eq!(faults, Vec::<String>::new());
}

/// Text of a PDF by `pdftotext`, after `qpdf --check`; `None` where they are not installed.
fn pdf_text(pdf: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, pdf).unwrap();
    for (program, arguments) in [("qpdf", &["--check"][..]), ("pdftotext", &["-v"])] {
        let mut command = Command::new(program);
        let command = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::piped());
        let Ok(done) = command.arg(&path).output() else {
            eprintln!("skipped: there is no {program}");
            assert!(std::env::var_os("CI").is_none(), "CI has to have {program}");
            return None;
        };
        assert!(done.status.success() || program == "pdftotext", "{}", String::from_utf8_lossy(&done.stderr));
    }
    let done = Command::new("pdftotext").arg(&path).arg("-").output().unwrap();
    assert!(done.status.success());
    Some(String::from_utf8(done.stdout).unwrap())
}
