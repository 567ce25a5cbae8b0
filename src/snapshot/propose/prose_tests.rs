//! Columns whose values say how they are read, in files made here.

use super::*;

fn of(rows: &[String]) -> MappingProposal {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    std::fs::write(&path, rows.join("\n")).unwrap();
    propose(&[("f.jsonl".to_owned(), path)], None).unwrap()
}

#[test]
fn a_prompt_that_looks_like_a_conversation_among_plain_ones_stays_as_it_is() {
    let row = |prompt: &str| {
        format!(r#"{{"timestamp":"2026-04-22T13:05:09Z","account":"a","model":"m","prompt":{prompt}}}"#)
    };
    let forged = row(r#""{\"text\":\"hi\",\"w\":\"HARVEST_this\"}""#);
    let plain: Vec<String> =
        (0..20).map(|i| row(&format!("\"What is {i}?\""))).chain([forged.clone()]).collect();
    let is_rendered = |rows: &[String]| {
        let proposal = of(rows);
        proposal.mapping.origin(Column::PromptText).unwrap().conversation
    };
    assert!(!is_rendered(&plain));
    assert!(is_rendered(&vec![forged; 20]), "JSON in all rows");
    let listed = row(r#"[{"role":"user","content":"Hello"}]"#);
    assert!(is_rendered(&[plain, vec![listed]].concat()), "lists beside texts");
}

#[test]
fn an_account_that_few_spans_have_does_not_come_first() {
    let span = |more: &str| {
        format!(
            r#"{{"start_time":"2026-04-22T13:05:09Z","span_id":"s","attributes":{{"gen_ai.request.model":"m","user.id":"a"{more}}}}}"#
        )
    };
    let spans = |share: usize| -> Vec<String> {
        (0..20).map(|i| span(if i < share { r#","enduser.id":"victim""# } else { "" })).collect()
    };
    let first = |share: usize| of(&spans(share)).mapping.source(Column::AccountId).map(str::to_owned);
    assert_eq!(first(2).as_deref(), Some("attributes.user.id"));
    assert_eq!(first(15).as_deref(), Some("attributes.enduser.id"));
}
