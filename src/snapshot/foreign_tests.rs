//! Layouts that no preset knows, each from a proposal without time and account to the values that the dialog
//! shows and an import reads.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, StringArray, StructArray, Time64MicrosecondArray};
use arrow_schema::{DataType, Field};

use super::fixture::{START, ints, texts, times, write};
use super::{Column, Mapping, OpenedFiles, fetch};
use crate::model::{Digest, Silent};

/// Checks the first exchange and the values of the preview under a mapping of these lines.
fn check(path: &Path, toml: &str) {
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let opened = OpenedFiles::open(&[(name.clone(), path.to_owned())]);
    let proposal = opened.proposal();
    assert!(!proposal.problems.is_empty(), "{name} is known: {:?}", proposal.mapping);
    let mapping = Mapping::from_toml(toml).unwrap().completed(&proposal);
    let preview = opened.preview(&mapping, &Silent).unwrap();
    assert!(preview.is_sound(), "{name}: {preview:?}");
    assert_eq!(preview.columns[&Column::AccountId].values, ["anna", "bert"], "{name}");
    assert_eq!(preview.columns[&Column::PromptText].values, ["Wie geht das?", "Und das?"], "{name}");
    assert_eq!(preview.rows.as_ref().map(|rows| rows.exchanges), Some(2), "{name}");
    let record = fetch(path, &name, &mapping, &[0], Digest::of(b""), None).unwrap().remove(0);
    assert_eq!(record.columns["ts"], START, "{name}");
    assert_eq!(record.text("response_text"), Some("So."), "{name}");
    assert_eq!(record.columns["output_tokens"], 1_200, "{name}");
}

fn of(fields: Vec<(&str, ArrayRef)>) -> ArrayRef {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = fields
        .into_iter()
        .map(|(name, array)| (Field::new(name, array.data_type().clone(), true), array))
        .unzip();
    Arc::new(StructArray::new(fields.into(), arrays, None))
}

#[test]
fn five_foreign_layouts_are_mapped_by_a_few_lines() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let (who, asked, said) =
        (texts(&["anna", "bert"]), texts(&["Wie geht das?", "Und das?"]), texts(&["So.", "So."]));
    let tokens = ints(&[1_200, 7]);

    let caller = of(vec![("kunde", Arc::clone(&who)), ("netz", texts(&["192.0.2.1", "192.0.2.2"]))]);
    let request = of(vec![("wer", caller), ("wann", times(2)), ("text", Arc::clone(&asked))]);
    let response = of(vec![("text", Arc::clone(&said)), ("laenge", of(vec![("aus", Arc::clone(&tokens))]))]);
    check(
        &write(&path("nested.parquet"), vec![("anfrage", request), ("antwort", response)]),
        "ts = \"anfrage.wann\"\naccount_id = \"anfrage.wer.kunde\"\nprompt_text = \"anfrage.text\"\n\
         response_text = \"antwort.text\"\noutput_tokens = \"antwort.laenge.aus\"",
    );

    let json = |who: &str, asked: &str, tokens: u32| {
        format!(
            "{{\"k\":{{\"id\":\"{who}\"}},\"t\":\"2026-04-22T13:05:09Z\",\"f\":\"{asked}\",\"a\":\"So.\",\"n\":[{tokens}]}}"
        )
    };
    let cells = [json("anna", "Wie geht das?", 1_200), json("bert", "Und das?", 7)];
    check(
        &write(&path("json.parquet"), vec![("inhalt", Arc::new(StringArray::from(cells.to_vec())))]),
        "ts = \"inhalt.$.t\"\naccount_id = \"inhalt.$.k.id\"\nprompt_text = \"inhalt.$.f\"\n\
         response_text = \"inhalt.$.a\"\noutput_tokens = \"inhalt.$.n[0]\"",
    );

    let names: Vec<String> = (0..395).map(|i| format!("merkmal_{i:03}")).collect();
    let mut wide: Vec<(&str, ArrayRef)> = names.iter().map(|name| (name.as_str(), ints(&[1, 2]))).collect();
    wide.push(("zeitpunkt", ints(&[START / 1_000, START / 1_000 + 1])));
    for (name, array) in [("kundin", &who), ("frage", &asked), ("auskunft", &said), ("aus", &tokens)] {
        wide.push((name, Arc::clone(array)));
    }
    check(
        &write(&path("wide.parquet"), wide),
        "ts = { column = \"zeitpunkt\", unit = \"ms\" }\naccount_id = \"kundin\"\nprompt_text = \"frage\"\n\
         response_text = \"auskunft\"\noutput_tokens = \"aus\"",
    );

    let csv = path("bericht.csv");
    let rows = "22.04.2026 15:05:09;anna;Wie geht das?;So.;1.200\n22.04.2026 15:05:10;bert;Und das?;So.;7\n";
    std::fs::write(
        &csv,
        format!("Bericht April;;;;\n\nZeit;Kunde;Frage;Antwort;Aus\n{rows}Summe;;;;1.207\n"),
    )
    .unwrap();
    check(
        &csv,
        "ts = { column = \"Zeit\", order = \"dmy\", zone = \"Europe/Berlin\" }\naccount_id = \"Kunde\"\n\
         prompt_text = \"Frage\"\nresponse_text = \"Antwort\"\noutput_tokens = { column = \"Aus\", decimal = \",\" }",
    );

    let clock = 47_109_000_000;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("tag", Arc::new(Date32Array::from(vec![20_565, 20_565]))),
        ("uhrzeit", Arc::new(Time64MicrosecondArray::from(vec![clock, clock + 1]))),
        ("kennung", who),
        ("frage", asked),
        ("antwort", said),
        ("aus", tokens),
    ];
    assert_eq!(columns[1].1.data_type(), &DataType::Time64(arrow_schema::TimeUnit::Microsecond));
    check(
        &write(&path("parts.parquet"), columns),
        "ts = { column = \"tag\", time = \"uhrzeit\" }\naccount_id = \"kennung\"\nprompt_text = \"frage\"\n\
         response_text = \"antwort\"\noutput_tokens = \"aus\"",
    );
}

#[test]
fn a_list_whose_items_stand_in_fields_of_a_struct_is_a_conversation() {
    let dir = tempfile::tempdir().unwrap();
    let attributes = of(vec![
        ("user.id", texts(&["anna", "bert"])),
        ("gen_ai.request.model", texts(&["m", "m"])),
        ("gen_ai.prompt.0.role", texts(&["system", "system"])),
        ("gen_ai.prompt.0.content", texts(&["Be brief.", "Be brief."])),
        ("gen_ai.prompt.1.role", texts(&["user", "user"])),
        ("gen_ai.prompt.1.content", texts(&["Wie geht das?", "Und das?"])),
        ("gen_ai.completion.0.content", texts(&["So.", "So."])),
    ]);
    let path =
        write(&dir.path().join("f.parquet"), vec![("@timestamp", times(2)), ("attributes", attributes)]);
    let mapping = OpenedFiles::open(&[("f.parquet".to_owned(), path.clone())]).proposal().mapping;
    let record = fetch(&path, "f.parquet", &mapping, &[0], Digest::of(b""), None).unwrap().remove(0);
    assert_eq!(record.text("prompt_text"), Some("system: Be brief.\n\nuser: Wie geht das?"));
    assert_eq!(record.text("response_text"), Some("So."));
}
