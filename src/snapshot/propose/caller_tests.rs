//! Tests of names of columns that a caller of the API chose.

use super::tests::{first_row, of};
use super::*;

#[test]
fn metadata_of_a_caller_is_not_read_as_another_system_s_gateway_writes_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let row =
        r#"{"ts":"2026-04-22T13:05:09Z","user":"a","prompt_text":"Hi","metadata":{"user_agent":"forged"}}"#;
    std::fs::write(&path, row).unwrap();
    let proposal = of(path);
    let of = |text: &str| Mapping::from_toml(text).unwrap().completed(&proposal);
    let own = of("account_id = \"user\"");
    assert_eq!(own.source(Column::UserAgent), None, "{own:?}");
    assert_eq!(own.source(Column::PromptText), Some("prompt_text"));
    let named = of("preset = \"litellm\"\naccount_id = \"user\"");
    assert_eq!(named.source(Column::UserAgent), Some("metadata.user_agent"));
}

#[test]
fn a_name_in_another_case_in_one_row_stops_no_import() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let row = |more: &str| format!(r#"{{"ts":"2026-04-22T13:05:09Z","accountId":"a"{more}}}"#);
    let text = [row(""), row(r#","AccountID":"victim""#), row("")].join("\n");
    std::fs::write(&path, text).unwrap();
    let proposal = of(path.clone());
    assert_eq!(proposal.mapping.source(Column::AccountId), Some("accountId"), "{:?}", proposal.problems);
    assert!(proposal.problems.is_empty());
    let mut mapping = proposal.mapping.clone();
    mapping.set(Column::AccountId, "account_id");
    let proposal = MappingProposal { mapping, ..proposal };
    assert_eq!(first_row(&path, &proposal)["account_id"], "a");
}

#[test]
fn two_columns_with_the_name_of_the_account_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.csv");
    std::fs::write(&path, "ts,account_id,account_id,x\n2026-04-22T13:05:09Z,a,b,c\n").unwrap();
    let problems = of(path).problems;
    assert!(problems[0].contains("two columns of f.csv are called “account_id”"), "{problems:?}");
}

#[test]
fn a_name_that_stands_twice_in_a_row_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let row = |more: &str| format!(r#"{{"ts":"2026-04-22T13:05:09Z","account_id":"a","x":1{more}}}"#);
    let twice = row(r#","account\u005fid":"victim","x":2"#);
    let text = [row(r#","account_id":"a""#), row(""), twice.clone(), twice].join("\n");
    std::fs::write(&path, text).unwrap();
    let notes = of(path).notes;
    let said = "“account_id” stands twice with different values in 2 rows, first in row 2 of f.jsonl";
    assert!(notes.iter().any(|note| note.starts_with(said)), "{notes:?}");
    assert!(!notes.iter().any(|note| note.starts_with("“x”")), "no column that is read: {notes:?}");
}

#[test]
fn names_that_one_caller_s_rows_have_win_over_no_name_of_all_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let row = |more: &str| {
        format!(
            r#"{{"timestamp":"2026-04-22T13:05:09Z","account":"a","client_ip":"81.1.1.1","prompt":"Hi"{more}}}"#
        )
    };
    let forged =
        r#","ts":"2026-04-22T13:05:09Z","account_id":"victim","ip":"9.9.9.9","payment_fingerprint":"p""#;
    std::fs::write(&path, [row(""), row(forged), row("")].join("\n")).unwrap();
    let proposal = of(path);
    let first = |column| proposal.mapping.source(column).map(str::to_owned);
    let sources = [Column::Ts, Column::AccountId, Column::Ip].map(first);
    assert_eq!(sources, ["timestamp", "account", "client_ip"].map(|name| Some(name.to_owned())));
    let said = "1 of 3 rows have “payment_fingerprint”";
    assert!(proposal.notes.iter().any(|note| note.starts_with(said)), "{:?}", proposal.notes);
}

#[test]
fn a_few_rows_with_the_names_of_another_system_choose_no_preset() {
    let dir = tempfile::tempdir().unwrap();
    let plain = r#""timestamp":"2026-04-22T13:05:09Z","account":"a","prompt":"Hi","model":"m","client_ip":"82.14.2.1""#;
    let added = [
        r#""type":"GENERATION","start_time":"2026-04-22T13:05:09Z","user_id":"victim","input":"x","output":"y""#,
        r#""attributes":{"gen_ai.request.model":"m","gen_ai.usage.input_tokens":1,"user.id":"victim"}"#,
        r#""run_type":"llm","inputs":"x","outputs":"y","start_time":"2026-04-22T13:05:09Z","extra":{"metadata":{"user_id":"v"}}"#,
        r#""span_kind":"LLM","attributes":{"user.id":"v","llm.model_name":"m"},"start_time":"2026-04-22T13:05:09Z""#,
    ];
    for (at, added) in added.iter().enumerate() {
        let path = dir.path().join(format!("{at}.jsonl"));
        let mut rows = vec![format!("{{{plain}}}"); 40];
        rows[7] = format!("{{{plain},{added}}}");
        rows[9] = rows[7].clone();
        std::fs::write(&path, rows.join("\n")).unwrap();
        let mapping = of(path).mapping;
        assert!(mapping.rows.is_empty(), "{added}: {mapping:?}");
        let account = mapping.origin(Column::AccountId).unwrap();
        assert_eq!(account.first().unwrap(), "account", "{added}: {mapping:?}");
    }
}

#[test]
fn a_rule_whose_column_hardly_any_row_has_counts_only_with_its_preset() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let plain = r#""timestamp":"2026-04-22T13:05:09Z","who":"a","text":"Hi""#;
    let mut rows = vec![format!("{{{plain}}}"); 60];
    rows[7] =
        format!(r#"{{{plain},"attributes":{{"gen_ai.request.model":"m","gen_ai.usage.input_tokens":1}}}}"#);
    std::fs::write(&path, rows.join("\n")).unwrap();
    let proposal = of(path);
    let of = |more: &str| {
        let text = "account_id = \"who\"\nts = \"timestamp\"\nprompt_text = \"text\"\n";
        Mapping::from_toml(&format!("{more}{text}")).unwrap().completed(&proposal)
    };
    assert!(of("").rows.is_empty(), "{:?}", of("").rows);
    assert_eq!(of("preset = \"opentelemetry\"\n").rows.len(), 1);
}

/// Mapping proposed for rows of JSON Lines.
fn proposed(rows: &[&str]) -> Mapping {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    std::fs::write(&path, rows.join("\n")).unwrap();
    of(path).mapping
}

#[test]
fn a_plain_log_is_that_of_no_gateway() {
    let row = |account: &str| {
        format!(
            r#"{{"timestamp":"2026-04-22T13:05:09Z","request_id":"r","account_id":"{account}","model":"m","prompt":"Hi","response":"Yes","prompt_tokens":3,"completion_tokens":4}}"#
        )
    };
    let mapping = proposed(&[&row("a"), &row("b")]);
    assert_eq!(mapping.preset, preset::USUAL);
    for (column, source) in [
        (Column::AccountId, "account_id"),
        (Column::PromptText, "prompt"),
        (Column::ResponseText, "response"),
        (Column::OutputTokens, "completion_tokens"),
    ] {
        assert_eq!(mapping.source(column), Some(source));
    }
    let kong =
        r#"{"started_at":1776863109123,"client_ip":"10.0.0.1","account_id":"a","model":"m","prompt":"Hi"}"#;
    let mapping = proposed(&[kong, &kong.replace("\"a\"", "\"b\"")]);
    assert_eq!(mapping.source(Column::AccountId), Some("account_id"));
    assert_eq!(mapping.source(Column::PromptText), Some("prompt"));
}

#[test]
fn an_account_that_the_service_wrote_wins_over_one_that_a_caller_chose() {
    let row = |account: &str, user: &str| {
        format!(
            r#"{{"startTime":"2026-04-22T13:05:09Z","request_id":"r","account_id":"{account}","user":"{user}","api_key":"k","spend":1,"request_duration_ms":5,"model":"m","metadata":{{"user_api_key_user_id":"u"}}}}"#
        )
    };
    let mapping = proposed(&[&row("a", "victim"), &row("b", "victim")]);
    assert_eq!(mapping.preset, "litellm");
    assert_eq!(mapping.origin(Column::AccountId).unwrap().columns, ["account_id"]);
    // The owner of the log is no account of a caller.
    let mapping = proposed(&[&row("owner", "a"), &row("owner", "b")]);
    assert_eq!(mapping.source(Column::AccountId), Some("user"));
}
