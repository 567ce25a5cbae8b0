//! Each preset on a small file of its own: account, time, prompt, response, tokens, streaming, and the rows
//! that are no calls of a model.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::model::Digest;
use crate::snapshot::{Column, MappingProposal, fetch, propose, read};

#[test]
fn each_preset_names_a_column_once_except_for_another_way_to_the_latency() {
    for preset in ALL {
        let columns: Vec<Column> =
            preset.columns.iter().map(|c| c.column).filter(|&c| c != Column::LatencyMs).collect();
        let distinct: BTreeSet<Column> = columns.iter().copied().collect();
        assert_eq!(columns.len(), distinct.len(), "{}", preset.title);
        assert!(distinct.contains(&Column::Ts), "{}", preset.title);
        assert!(distinct.contains(&Column::AccountId) || !preset.hint.is_empty(), "{}", preset.title);
        assert!(preset.columns.iter().all(|c| c.unit.is_none() || c.column.takes_unit()));
    }
    assert_eq!(by_name("canonical")[0].columns.len(), Column::ALL.len());
    assert_eq!(by_name("litellm").len(), 2);
    let titles: BTreeSet<&str> = ALL.iter().map(|preset| preset.title).collect();
    assert_eq!(titles.len(), ALL.len());
}

/// Proposal for lines of JSON, their exchanges as records, and the rows of which the proposal makes none.
fn read_lines(lines: &[Value]) -> (MappingProposal, Vec<Value>, u64) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&path, text).unwrap();
    let proposal = propose(&[("f.jsonl".into(), path.clone())], None).unwrap();
    assert!(proposal.problems.is_empty(), "{:?} {:?}", proposal.mapping, proposal.problems);
    let mut reader =
        read(&path, "f.jsonl", &proposal.mapping, &[Column::AccountId, Column::Ts], None).unwrap();
    let mut rows = Vec::new();
    for batch in reader.by_ref() {
        let batch = batch.unwrap();
        let accounts = batch.columns[0].as_ref().unwrap();
        rows.extend((0..batch.rows).filter(|&i| accounts.is_valid(i)).map(|i| batch.first_row + i as u64));
    }
    let records = fetch(&path, "f.jsonl", &proposal.mapping, &rows, Digest::of(b""), None).unwrap();
    let filtered = reader.tally().filtered_rows();
    (proposal, records.into_iter().map(|record| Value::Object(record.columns)).collect(), filtered)
}

const TIME: &str = "2026-04-22T13:05:09Z";
const MICROS: i64 = 1_776_863_109_000_000;
const MILLIS: i64 = MICROS / 1_000;

fn messages() -> Value {
    json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}])
}

fn completion() -> Value {
    json!({"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}]})
}

/// Checks the first exchange of a file: that the preset is proposed, that account, time, prompt, response and
/// tokens are those that all files here have, and what else is expected.
fn check(preset: &str, lines: &[Value], filtered: u64, more: &[(&str, Value)]) -> MappingProposal {
    let (proposal, records, left_out) = read_lines(lines);
    assert_eq!(proposal.mapping.preset, preset, "{:?}", proposal.fits);
    assert_eq!((records.len() as u64, left_out), (lines.len() as u64 - filtered, filtered), "{preset}");
    let usual = [
        ("account_id", json!("acct")),
        ("ts", json!(MICROS)),
        ("prompt_text", json!("system: Be brief.\n\nuser: Hello")),
        ("response_text", json!("Hi")),
        ("input_tokens", json!(12)),
        ("output_tokens", json!(34)),
    ];
    let named: BTreeSet<&str> = more.iter().map(|(name, _)| *name).collect();
    for (name, value) in usual.iter().filter(|(name, _)| !named.contains(name)).chain(more) {
        assert_eq!(&records[0][name], value, "{preset} {name}: {:?}", proposal.mapping);
    }
    proposal
}

#[test]
fn litellm_with_prompts_in_the_request_to_the_proxy() {
    let row = |request: Value| {
        json!({"request_id": "r", "call_type": "acompletion", "api_key": "k", "user": "acct", "startTime": TIME,
            "endTime": "2026-04-22T13:05:11Z", "model": "m", "prompt_tokens": 12, "completion_tokens": 34,
            "messages": {}, "response": completion(), "proxy_server_request": request})
    };
    let latency = ("latency_ms", json!(2_000.0));
    check("litellm", &[row(json!({"messages": messages()}))], 0, std::slice::from_ref(&latency));
    check(
        "litellm",
        &[row(json!({"url": "x", "body": {"messages": messages()}}))],
        0,
        std::slice::from_ref(&latency),
    );
    let nothing = row(json!({}));
    check("litellm", &[nothing], 0, &[latency, ("prompt_text", Value::Null)]);
}

#[test]
fn azure_with_messages_over_two_rows() {
    let row = |number: u64, prompt: &str| {
        json!({"TimeGenerated [UTC]": TIME, "CorrelationId": "c", "RequestId": "r", "ApimSubscriptionId": "acct",
            "ModelName": "m", "PromptTokens": 12, "CompletionTokens": 34, "IsStreamCompletion": true,
            "SequenceNumber": number, "RequestMessages": prompt,
            "ResponseMessages": if number == 0 { "[{\"role\":\"assistant\",\"content\":\"Hi\"}]" } else { "" }})
    };
    let whole = messages().to_string();
    let (first, second) = whole.split_at(30);
    check("azure", &[row(0, first), row(1, second)], 1, &[("is_stream", json!(true)), ("ip", Value::Null)]);
}

#[test]
fn portkey_never_takes_what_the_body_says_for_the_account() {
    let row = |metadata: Value| {
        json!({"id": "1", "created_at": TIME, "ai_org": "openai", "ai_model": "m", "req_units": 12, "res_units": 34,
            "response_time": 250, "stream_mode": false, "metadata": metadata, "api_key_id": "acct",
            "request": {"body": {"model": "m", "messages": messages(), "user": "chosen"}},
            "response": {"body": completion()}})
    };
    let more = [("end_user_id", json!("chosen")), ("is_stream", json!(false)), ("latency_ms", json!(250.0))];
    check("portkey", &[row(json!({}))], 0, &more);
    let named = check("portkey", &[row(json!({"_user": "acct"}))], 0, &more);
    assert!(named.notes.iter().any(|note| note.contains("metadata._user")), "{:?}", named.notes);
}

#[test]
fn kong_with_redacted_keys_and_either_name_of_its_plugin() {
    let row = |plugin: &str, consumer: Value| {
        json!({"started_at": MILLIS, "client_ip": "192.0.2.1", "consumer": consumer,
            "request": {"id": "r", "headers": {"authorization": "REDACTED", "user-agent": "curl"}},
            "ai": {plugin: {"meta": {"request_model": "m", "llm_latency": 250},
                "payload": {"request": json!({"messages": messages()}).to_string(), "response": completion().to_string()},
                "usage": {"prompt_tokens": 12, "completion_tokens": 34}}}})
    };
    for plugin in ["proxy", "ai-proxy", "ai-proxy-advanced"] {
        let consumer = json!({"username": "acct"});
        check(
            "kong",
            &[row(plugin, consumer)],
            0,
            &[("user_agent", json!("curl")), ("latency_ms", json!(250.0))],
        );
    }
    check("kong", &[row("proxy", json!({}))], 0, &[("account_id", json!("192.0.2.1"))]);
}

#[test]
fn openinference_nested_and_numbered() {
    let nested = |kind: &str| {
        json!({"context": {"span_id": "s"}, "span_kind": kind, "start_time": TIME, "end_time": "2026-04-22T13:05:11Z",
            "attributes": {"user": {"id": "acct"}, "llm": {"model_name": "m", "token_count": {"prompt": 12, "completion": 34},
                "input_messages": [{"message": {"role": "system", "content": "Be brief."}}, {"message": {"role": "user", "content": "Hello"}}],
                "output_messages": [{"message": {"role": "assistant", "content": "Hi"}}]}}})
    };
    check("openinference", &[nested("LLM"), nested("CHAIN")], 1, &[("latency_ms", json!(2_000.0))]);
    let flat = json!({"context.span_id": "s", "start_time": TIME, "end_time": "2026-04-22T13:05:11Z",
        "attributes.openinference.span.kind": "LLM", "attributes.user.id": "acct", "attributes.llm.model_name": "m",
        "attributes.llm.token_count.prompt": 12.0, "attributes.llm.token_count.completion": 34.0,
        "attributes.llm.input_messages.0.message.role": "system", "attributes.llm.input_messages.0.message.content": "Be brief.",
        "attributes.llm.input_messages.1.message.role": "user", "attributes.llm.input_messages.1.message.content": "Hello",
        "attributes.llm.output_messages.0.message.role": "assistant", "attributes.llm.output_messages.0.message.content": "Hi"});
    check("openinference", &[flat], 0, &[]);
}

#[test]
fn opentelemetry_before_operations_had_names() {
    let span = |attributes: Value| json!({"Timestamp": TIME, "SpanId": "s", "Duration": 250_000_000, "SpanAttributes": attributes});
    let chat = json!({"gen_ai.system": "openai", "llm.request.type": "chat", "gen_ai.request.model": "m",
        "gen_ai.prompt.0.role": "system", "gen_ai.prompt.0.content": "Be brief.",
        "gen_ai.prompt.1.role": "user", "gen_ai.prompt.1.content": "Hello",
        "gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.content": "Hi",
        "gen_ai.usage.prompt_tokens": "12", "gen_ai.usage.completion_tokens": "34",
        "traceloop.association.properties.user_id": "acct"});
    let tool = json!({"traceloop.span.kind": "tool", "traceloop.association.properties.user_id": "acct"});
    check("opentelemetry", &[span(chat), span(tool)], 1, &[("latency_ms", json!(250.0))]);
    let outer = json!({"operation.name": "ai.generateText", "ai.telemetry.metadata.userId": "acct"});
    let inner = json!({"operation.name": "ai.generateText.doGenerate", "gen_ai.request.model": "m",
        "ai.prompt.messages": messages().to_string(), "ai.response.text": "Hi", "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 34, "ai.telemetry.metadata.userId": "acct"});
    check("opentelemetry", &[span(inner), span(outer)], 1, &[]);
}

#[test]
fn opentelemetry_in_columns_of_any_name() {
    let attributes = json!({"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "user.id": "acct",
        "gen_ai.input.messages": messages().to_string(), "gen_ai.output.messages": "[{\"role\":\"assistant\",\"content\":\"Hi\"}]"});
    let numbers = json!({"gen_ai.usage.input_tokens": 12, "gen_ai.usage.output_tokens": 34});
    let span = json!({"timestamp": TIME, "duration_nano": 1, "attributes_string": attributes, "attributes_number": numbers,
        "metadata": {"gen_ai.request.model": "of the caller"}});
    let proposal = check("opentelemetry", &[span], 0, &[]);
    assert_eq!(proposal.mapping.source(Column::Model), Some("attributes_string.gen_ai.request.model"));
}

#[test]
fn opentelemetry_in_columns_without_dots() {
    let row = json!({"start_time": TIME, "gen_ai_operation_name": "chat", "gen_ai_request_model": "m", "enduser_id": "acct",
        "gen_ai_input_messages": messages().to_string(), "gen_ai_usage_input_tokens": 12, "GEN_AI_USAGE_OUTPUT_TOKENS": 34,
        "gen_ai_output_messages": "[{\"role\":\"assistant\",\"content\":\"Hi\"}]"});
    check("opentelemetry", &[row], 0, &[]);
}

#[test]
fn opentelemetry_in_another_unit_than_nanoseconds() {
    let span = json!({"timestamp": MICROS, "duration": 250_000.5, "id": "s", "attributes": {
        "gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "enduser.id": "acct",
        "gen_ai.usage.input_tokens": 12, "gen_ai.usage.output_tokens": 34,
        "gen_ai.input.messages": messages().to_string(), "gen_ai.output.messages": "[{\"role\":\"assistant\",\"content\":\"Hi\"}]"}});
    let proposal = check("opentelemetry", &[span], 0, &[("latency_ms", json!(250.0005))]);
    assert!(proposal.notes.iter().any(|note| note.contains("read in us")), "{:?}", proposal.notes);
}

#[test]
fn names_of_its_own_beside_those_of_a_preset() {
    let row = json!({"timestamp": TIME, "user.id": "acct", "model": "m", "prompt_text": "Hello", "response_text": "Hi",
        "input_tokens": 12, "output_tokens": 34, "country": "DE"});
    check("opentelemetry", &[row], 0, &[("prompt_text", json!("Hello")), ("country", json!("DE"))]);
}

#[test]
fn names_are_found_after_a_long_conversation() {
    let many: serde_json::Map<String, Value> = (0..900).map(|i| (format!("a{i:04}"), json!(1))).collect();
    let span = |kind: &str| {
        json!({"start_time": TIME, "end_time": TIME, "attributes": {"aa": many, "gen_ai": {"operation": {"name": kind},
            "request": {"model": "m"}, "usage": {"input_tokens": 12, "output_tokens": 34},
            "input": {"messages": messages()}, "output": {"messages": [{"role": "assistant", "content": "Hi"}]}},
            "user": {"id": "acct"}}})
    };
    check("opentelemetry", &[span("chat"), span("execute_tool")], 1, &[]);
}

#[test]
fn a_mapping_of_two_lines_keeps_the_rules_of_the_preset() {
    let run = |kind: &str| {
        json!({"id": "1", "run_type": kind, "start_time": TIME, "end_time": TIME, "inputs": {"messages": [messages()]},
            "outputs": {"generations": [[{"text": "Hi"}]]}, "prompt_tokens": 12, "completion_tokens": 34,
            "extra": {"metadata": {"customer": "acct"}}})
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    std::fs::write(&path, format!("{}\n{}\n", run("llm"), run("chain"))).unwrap();
    let proposal = propose(&[("f.jsonl".into(), path.clone())], None).unwrap();
    let of = |text: &str| crate::snapshot::Mapping::from_toml(text).unwrap().completed(&proposal);
    let exchanges = |mapping: &crate::snapshot::Mapping| {
        let mut reader = read(&path, "f.jsonl", mapping, &[Column::AccountId], None).unwrap();
        reader.by_ref().for_each(|batch| drop(batch.unwrap()));
        reader.tally().exchanges
    };
    let short = of("account_id = \"extra.metadata.customer\"");
    assert_eq!((short.preset.as_str(), exchanges(&short)), ("custom", 1), "{short:?}");
    let all = of("account_id = \"extra.metadata.customer\"\nrows = []\njoin = false\nlatest = false");
    assert_eq!(exchanges(&all), 2);
    let explicit = crate::snapshot::Mapping { without: crate::snapshot::Without::default(), ..all.clone() };
    assert_eq!(exchanges(&explicit.explicit(&proposal).completed(&proposal)), 2, "left out in the dialog");
    assert_eq!(crate::snapshot::Mapping::from_toml(&all.to_toml()).unwrap(), all);
}

#[test]
fn rows_that_a_shipper_of_logs_has_wrapped() {
    let row = json!({"schemaType": "ModelInvocationLog", "timestamp": TIME, "accountId": "1", "requestId": "r",
        "identity": {"arn": "acct"}, "modelId": "m", "input": {"inputTokenCount": 12,
            "inputBodyJson": {"system": "Be brief.", "messages": [{"role": "user", "content": [{"text": "Hello"}]}]}},
        "output": {"outputTokenCount": 34, "outputBodyJson": {"role": "assistant", "content": [{"type": "text", "text": "Hi"}]}}});
    check("bedrock", &[json!({"id": "1", "timestamp": MILLIS, "message": row.to_string()})], 0, &[]);
    check("bedrock", &[json!({"date": 1.5, "log": row.to_string()})], 0, &[]);
    let proposal = check("bedrock", &[json!({"insertId": "1", "jsonPayload": row})], 0, &[]);
    assert!(proposal.notes.iter().any(|note| note.contains("identity.arn")), "{:?}", proposal.notes);
}

#[test]
fn helicone_as_its_table_and_as_its_interface_write_it() {
    let table = |user: &str| {
        json!({"request_id": "r", "organization_id": "o", "proxy_key_id": "key", "request_created_at": TIME,
            "response_created_at": TIME, "updated_at": TIME, "latency": 250, "completion_tokens": 34, "prompt_tokens": 12,
            "status": 200, "model": "m", "user_id": user, "country_code": "DE",
            "properties": {"Helicone-Session-Id": "s"},
            "request_body": json!({"model": "m", "stream": true, "messages": messages()}).to_string(),
            "response_body": completion().to_string()})
    };
    let more = [
        ("api_key_id", json!("key")),
        ("org_id", json!("o")),
        ("country", json!("DE")),
        ("latency_ms", json!(250.0)),
        ("is_stream", json!(true)),
        ("conversation_id", json!("s")),
    ];
    let proposal = check("helicone", &[table("acct"), table("acct"), table("")], 0, &more);
    assert_eq!(proposal.mapping.latest.as_deref(), Some("updated_at"));
    let interface = json!({"request_id": "r", "request_created_at": TIME, "request_user_id": "acct", "request_model": "m",
        "delay_ms": 250, "prompt_tokens": 12, "completion_tokens": 34, "request_body": {"messages": messages()},
        "response_body": completion()});
    let proposal = check("helicone", &[interface], 0, &[("latency_ms", json!(250.0))]);
    assert!(proposal.notes.iter().any(|note| note.contains("request_user_id")), "{:?}", proposal.notes);
}

#[test]
fn vertex_with_the_caller_in_a_label() {
    let row = |labels: Value| {
        json!({"endpoint": "projects/1/endpoints/2", "deployed_model_id": "3", "logging_time": TIME, "request_id": 12345,
            "model": "m", "api_method": "generateContent",
            "full_request": {"systemInstruction": {"parts": [{"text": "Be brief."}]},
                "contents": [{"role": "user", "parts": [{"text": "Hello"}]}], "labels": labels},
            "full_response": {"candidates": [{"content": {"role": "model", "parts": [{"text": "Hi"}]}, "finishReason": "STOP"}],
                "usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 34}},
            "metadata": {"request_latency": 0.25}})
    };
    let more = [
        ("request_id", json!("12345")),
        ("stop_reason", json!("STOP")),
        ("latency_ms", json!(250.0)),
        ("model", json!("m")),
    ];
    let proposal =
        check("vertex", &[row(json!({"user": "acct"})), row(json!({"user_id": "acct"}))], 0, &more);
    assert!(proposal.notes.iter().any(|note| note.contains("full_request.labels")), "{:?}", proposal.notes);
}

#[test]
fn langfuse_generations_of_a_trace_have_its_user() {
    let row = |kind: &str, user: &str, trace: &str| {
        json!({"id": format!("{kind}{user}"), "trace_id": trace, "type": kind, "start_time": TIME,
            "end_time": "2026-04-22T13:05:09.250Z", "user_id": user, "session_id": "s", "provided_model_name": "m",
            "input": messages().to_string(), "output": "{\"role\":\"assistant\",\"content\":\"Hi\"}",
            "usage_details": {"input": 12, "output": 34}, "latency": 0.25, "updated_at": TIME})
    };
    let rows = [
        row("GENERATION", "", "t"),
        row("SPAN", "acct", "t"),
        row("TOOL", "acct", "t"),
        row("GENERATION", "acct", "u"),
    ];
    let more =
        [("latency_ms", json!(250.0)), ("conversation_id", json!("s")), ("request_id", json!("GENERATION"))];
    let proposal = check("langfuse", &rows, 2, &more);
    assert_eq!(proposal.mapping.latest.as_deref(), Some("updated_at"));
}

#[test]
fn cloudflare_with_the_caller_in_metadata() {
    let row = |metadata: Value| {
        json!({"id": "1", "created_at": "2026-04-22 13:05:09", "provider": "openai", "model": "m", "model_type": "chat",
            "path": "chat/completions", "request_type": "", "status_code": 200, "success": true, "cached": false,
            "tokens_in": 12, "tokens_out": 34, "duration": 250, "cost": 0.1, "step": 0, "metadata": metadata,
            "request": {"messages": messages()}, "response": completion()})
    };
    let more = [("latency_ms", json!(250.0)), ("request_id", json!("1")), ("org_id", json!("t"))];
    check("cloudflare", &[row(json!({"user_id": "acct", "team": "t"}))], 0, &more);
    let proposal = check("cloudflare", &[row(json!("{\"user\":\"acct\",\"team\":\"t\"}"))], 0, &more);
    assert!(proposal.notes.iter().any(|note| note.contains("metadata.user")), "{:?}", proposal.notes);
}

#[test]
fn columns_of_a_preset_stand_beside_an_account_and_a_time_of_ones_own() {
    let span = |kind: &str| {
        json!({"when": TIME, "caller": "acct", "user_id": "someone", "gen_ai.operation.name": kind, "gen_ai.request.model": "m",
            "gen_ai.usage.input_tokens": 12, "gen_ai.usage.output_tokens": 34, "gen_ai.response.id": "r"})
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    std::fs::write(&path, format!("{}\n{}\n", span("chat"), span("execute_tool"))).unwrap();
    let proposal = propose(&[("f.jsonl".into(), path.clone())], None).unwrap();
    let own = "ts = \"when\"\naccount_id = \"caller\"";
    for text in [own.to_owned(), format!("{own}\npreset = \"opentelemetry\"")] {
        let mapping = crate::snapshot::Mapping::from_toml(&text).unwrap().completed(&proposal);
        assert_eq!(mapping.source(Column::InputTokens), Some("gen_ai.usage.input_tokens"), "{mapping:?}");
        assert_eq!(mapping.rows[0].column, "gen_ai.operation.name");
        let explicit = mapping.clone().explicit(&proposal);
        assert_eq!(explicit.clone().completed(&proposal), explicit);
    }
    let langfuse = format!("{own}\npreset = \"langfuse\"");
    let other = crate::snapshot::Mapping::from_toml(&langfuse).unwrap().completed(&proposal);
    assert_eq!(
        (other.source(Column::RequestId), other.rows.len()),
        (None, 0),
        "the named preset and no other"
    );
}
