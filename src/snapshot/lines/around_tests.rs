//! JSON documents with a list of rows and the account beside it, read through the same calls as others.

use std::path::Path;

use arrow_array::cast::AsArray as _;

use super::odd_tests::{exchanges, proposed, written};
use crate::model::Digest;
use crate::snapshot::{Column, File, Mapping, fetch};

/// Accounts and prompts under a mapping, opened as it says.
fn read(path: &Path, toml: &str) -> Vec<(String, String)> {
    let mapping = Mapping::from_toml(toml).unwrap();
    mapping.choose_reading();
    let found = exchanges(path, &mapping).0;
    let layout = File::open(path, "f").unwrap().layout();
    Mapping::default().choose_reading();
    // A case opens the file as it was sealed.
    let file = File::open_sealed(path, "f", Some(&layout), false).unwrap();
    assert!(file.fields().iter().any(|field| field.name() == "^"), "{layout:?}");
    found
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(account, prompt)| ((*account).to_owned(), (*prompt).to_owned())).collect()
}

const TIME: &str = "2026-04-22T13:05:09Z";

#[test]
fn requests_of_users_have_the_account_of_the_user_and_the_model_of_the_document() {
    let dir = tempfile::tempdir().unwrap();
    let call = |prompt: &str| format!(r#"{{"at":"{TIME}","prompt":"{prompt}"}}"#);
    let text = format!(
        r#"{{"users":[{{"requests":[{},{}],"account_id":"amy"}},{{"account_id":"bob","requests":[{}]}}],"model":"m"}}"#,
        call("one"),
        call("two"),
        call("three")
    );
    let path = written(dir.path(), "users.json", &text);
    let packed = written(dir.path(), "users.json.zst", zstd::encode_all(text.as_bytes(), 1).unwrap());
    let toml = "ts = \"at\"\naccount_id = \"^.account_id\"\nprompt_text = \"prompt\"\nmodel = \"^^.model\"\n\
                rows_at = \"users.requests\"";
    let expected = pairs(&[("amy", "one"), ("amy", "two"), ("bob", "three")]);
    assert_eq!(read(&path, toml), expected);
    assert_eq!(read(&packed, toml), expected);
    let mapping = Mapping::from_toml(toml).unwrap();
    mapping.choose_reading();
    let record = fetch(&path, "users.json", &mapping, &[2], Digest::of(b""), None).unwrap().remove(0);
    assert_eq!((record.text("account_id"), record.text("model")), (Some("bob"), Some("m")));
    let names: Vec<String> = proposed(&path).source_columns.into_iter().map(|(name, _)| name).collect();
    assert!(names.iter().any(|name| name == "^.account_id"), "{names:?}");
    Mapping::default().choose_reading();
}

#[test]
fn chats_in_a_list_keep_their_user() {
    let dir = tempfile::tempdir().unwrap();
    let turn =
        |role: &str, text: &str| format!(r#"{{"role":"{role}","content":"{text}","timestamp":1776863109}}"#);
    let chat = |user: &str, text: &str| {
        format!(
            r#"{{"id":"c","user_id":"{user}","chat":{{"models":["m"],"messages":[{},{}]}},"created_at":1}}"#,
            turn("user", text),
            turn("assistant", "yes")
        )
    };
    let text = format!("[{},\n{}]", chat("amy", "one"), chat("bob", "two"));
    let path = written(dir.path(), "chats.json", text);
    let toml = "ts = { column = \"timestamp\", unit = \"s\" }\naccount_id = \"^.user_id\"\nprompt_text = \"content\"\n\
                rows = { column = \"role\", is = [\"user\"] }\nrows_at = \"chat.messages\"";
    assert_eq!(read(&path, toml), pairs(&[("amy", "one"), ("bob", "two")]));
}

#[test]
fn lines_of_loki_keep_the_labels_of_their_stream() {
    let dir = tempfile::tempdir().unwrap();
    let stream = |user: &str, text: &str| {
        format!(
            r#"{{"stream":{{"user":"{user}"}},"values":[["1776863109000000000","{{\"prompt\":\"{text}\"}}"],["1776863110000000000","{{\"prompt\":\"x\"}}"]]}}"#
        )
    };
    let text = format!(
        r#"{{"status":"success","data":{{"resultType":"streams","result":[{},{}]}}}}"#,
        stream("amy", "one"),
        stream("bob", "two")
    );
    let path = written(dir.path(), "loki.json", text);
    let toml = "ts = { column = \"value_1\", unit = \"ns\" }\naccount_id = \"^.stream.user\"\n\
                prompt_text = \"value_2.$.prompt\"\nrows_at = \"data.result.values\"";
    assert_eq!(read(&path, toml), pairs(&[("amy", "one"), ("amy", "x"), ("bob", "two"), ("bob", "x")]));
}

#[test]
fn a_folder_says_whose_rows_its_file_has() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!("{{\"ts\":\"{TIME}\",\"account_id\":\"victim\",\"prompt_text\":\"one\"}}\n");
    let path = written(dir.path(), "log.jsonl", text);
    let file = File::open(&path, "account_id=amy/log.jsonl").unwrap();
    let mut reader = file.read(&crate::snapshot::fixture::canonical(), &[Column::AccountId], None).unwrap();
    let batch = reader.next().unwrap().unwrap();
    let accounts =
        arrow_cast::cast(batch.columns[0].as_ref().unwrap(), &arrow_schema::DataType::Utf8).unwrap();
    assert_eq!(accounts.as_string::<i32>().value(0), "amy");
}
