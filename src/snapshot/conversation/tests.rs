use super::*;

#[test]
fn bodies_of_the_usual_apis_read_as_conversations() {
    let cases = [
        (
            r#"[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello"}]"#,
            "system: Be brief.\n\nuser: Hello",
        ),
        (r#"[{"role":"user","parts":[{"type":"text","content":"Hello"}]}]"#, "Hello"),
        (r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Hello"}]}]}"#, "Hello"),
        (
            r#"{"system":"Be brief.","messages":[{"role":"user","content":"Hello"}]}"#,
            "system: Be brief.\n\nuser: Hello",
        ),
        (r#"{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}"#, "Hello"),
        (
            r#"{"id":"r","choices":[{"finish_reason":"stop","index":0,"message":{"role":"assistant","content":"Hi"}}]}"#,
            "Hi",
        ),
        (r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hi"}]}},"usage":{"x":1}}"#, "Hi"),
        (r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]}}]}"#, "Hi"),
        (r#"{"content":[{"type":"text","text":"Hi"}],"role":"assistant"}"#, "Hi"),
        (r#"[{"message.role":"user","message.content":"Hello"}]"#, "Hello"),
        (r#""Hello""#, "Hello"),
        ("Hello", "Hello"),
        ("{not json", "{not json"),
        (r#"{"unknown":1}"#, r#"{"unknown":1}"#),
    ];
    for (body, expected) in cases {
        assert_eq!(of_text(body).as_deref(), Some(expected), "{body}");
    }
}

#[test]
fn depth_is_bounded() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(of_text(&deep), None);
    let word = format!("{}\"a b\"{}", "[".repeat(100), "]".repeat(100));
    assert!(of_text(&word).unwrap().contains("a b"));
}

/// Texts with what is read of them.
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(of_text(text).as_deref(), Some(*expected), "{text}");
    }
}

#[test]
fn bodies_of_more_apis_read_as_conversations() {
    check(&[
        (
            r#"{"model":"m","instructions":"Be brief.","input":[{"role":"user","content":[{"type":"input_text","text":"Hello"}]}],"text":{"format":{"type":"text"}}}"#,
            "system: Be brief.\n\nuser: Hello",
        ),
        (r#"{"model":"m","input":"Hello","text":{"format":{"type":"text"}}}"#, "Hello"),
        (
            r#"{"object":"response","instructions":"Be brief.","output":[{"type":"reasoning","summary":[]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[]}]}],"text":{"format":{"type":"text"}}}"#,
            "Hi",
        ),
        (
            r#"[{"message":{"role":"user","contents":[{"message_content":{"type":"text","text":"Hello"}}]}}]"#,
            "Hello",
        ),
        (
            r#"[{"message.role":"user","message.contents":[{"message_content.type":"text","message_content.text":"Hello"}]}]"#,
            "Hello",
        ),
        (
            r#"{"messages":[[{"lc":1,"type":"constructor","id":["langchain","schema","messages","SystemMessage"],"kwargs":{"content":"Be brief."}},{"lc":1,"type":"constructor","id":["x","HumanMessage"],"kwargs":{"content":"Hello","type":"human"}}]]}"#,
            "system: Be brief.\n\nuser: Hello",
        ),
        (
            r#"{"generations":[[{"text":"Hi","type":"ChatGeneration","message":{"kwargs":{"content":"Hi"},"lc":1}}]],"llm_output":null}"#,
            "Hi",
        ),
        (
            r#"{"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"1","function":{"name":"f"}}]}}]}"#,
            r#"[{"id":"1","function":{"name":"f"}}]"#,
        ),
        (r#"{"role":"user","content":"","parts":[{"text":"Hello"}]}"#, "Hello"),
        (r#"{"prompt":"Hello","temperature":1}"#, "Hello"),
        (r#"{"inputText":"Hello","textGenerationConfig":{}}"#, "Hello"),
        (r#"{"results":[{"outputText":"Hi","tokenCount":3}]}"#, "Hi"),
        (r#"{"url":"x","body":{"messages":"[{\"role\":\"user\",\"content\":\"Hello\"}]"}}"#, "Hello"),
    ]);
}

#[test]
fn nothing_that_bears_words_is_hidden() {
    let real = "Write out how you reason, step by step.";
    let forged = [
        format!(r#"{{"content":"What is the weather?","x":"{real}"}}"#),
        format!(r#"{{"messages":[{{"role":"user","content":"What is the weather?"}}],"x":["{real}"]}}"#),
        format!(r#"[{{"role":"user","content":"What is the weather?","name":"{real}"}}]"#),
        format!(
            r#"[{{"role":"user","content":[{{"type":"text","text":"What is the weather?","x":{{"y":"{real}"}}}}]}}]"#
        ),
        format!(r#"[{{"role":"user","content":"What is the weather?"}},{{"kind":"x","y":"{real}"}}]"#),
        format!(r#"{{"prompt":"{{\"content\":\"What is the weather?\",\"x\":\"{real}\"}}"}}"#),
        format!(r#"[{{"role":"user","content":"What is the weather?"}},"{real}"]"#),
    ];
    for text in forged {
        let read = of_text(&text).unwrap();
        assert!(read.contains(real) && read.contains("What is the weather?"), "{text}: {read}");
    }
    // What a caller writes inside a message stays as it is.
    let inside = r#"[{"role":"user","content":"{\"content\":\"a\",\"x\":1}"}]"#;
    assert_eq!(of_text(inside).as_deref(), Some(r#"{"content":"a","x":1}"#));
}

#[test]
fn what_a_model_reasons_and_who_speaks_is_kept_as_one_word_too() {
    check(&[
        (r#"[{"role":"assistant","content":"4","reasoning_content":"2+2"}]"#, "4\nreasoning_content: 2+2"),
        (r#"[{"role":"user","content":"Hello","name":"bob"}]"#, "Hello\nname: bob"),
        (r#"{"name":"run-1","prompt":"Hello","reasoning":"high"}"#, "Hello"),
    ]);
}

#[test]
fn an_image_does_not_drown_the_words_beside_it() {
    let image = "iVBOR".repeat(100);
    let text = format!(
        r#"[{{"role":"user","content":[{{"type":"text","text":"Hello"}},{{"type":"image","source":{{"data":"{image}"}}}},{{"url":"data:image/png;base64,{image}"}}]}}]"#
    );
    let read = of_text(&text).unwrap();
    assert!(read.starts_with("Hello") && read.contains("[500 characters of Base64]"), "{read}");
    assert!(read.contains("data:image/png;base64,[500 characters") && !read.contains("iVBORiVBOR"), "{read}");
    let words = format!(r#"[{{"role":"user","content":"{image}"}}]"#);
    assert_eq!(of_text(&words), Some(image), "text of a caller stays");
}

#[test]
fn what_a_model_has_reasoned_stands_before_its_answer() {
    check(&[(
        r#"{"object":"response","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"RSN1"}]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hi"}]}]}"#,
        "reasoning: RSN1\n\nassistant: Hi",
    )]);
}

#[test]
fn json_without_content_is_nothing() {
    for empty in ["{}", "[]", "\"\"", " { } ", "[{}]", "[null]", "[\"{}\"]"] {
        assert_eq!(of_text(empty), None, "{empty}");
    }
    assert_eq!(of_text(""), Some(String::new()), "empty text is a prompt");
}

#[test]
fn chunks_of_one_answer_in_a_list_of_texts_are_joined() {
    let chunk = |text: &str| {
        Value::String(
            serde_json::json!({"candidates": [{"content": {"parts": [{"text": text}]}}]}).to_string(),
        )
    };
    let whole = Value::Array(vec![chunk("Hel"), chunk("lo.")]);
    assert_eq!(of_value(&whole).as_deref(), Some("Hello."));
    let body = r#"{"type":"message","role":"assistant","content":[{"type":"text","text":"Hello."}]}"#;
    assert_eq!(of_value(&serde_json::json!([body])).as_deref(), Some("Hello."));
    // A caller's own text stays as it is.
    assert_eq!(of_value(&serde_json::json!(["{\"text\":\"x\"}"])).as_deref(), Some("{\"text\":\"x\"}"));
}
