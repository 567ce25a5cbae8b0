//! Answers that a log keeps as the events of a stream: their text put together.
//!
//! OpenAI's chunks and response events, Anthropic's and Converse's deltas, Gemini's and Bedrock's lists of
//! partial answers.

use serde_json::Value;

/// Maximum number of events that are read.
const MOST: usize = 1 << 20;

/// Events of the text of a stream of server-sent events; `None` for any other text.
pub(super) fn events_of(text: &str) -> Option<Vec<Value>> {
    if !(text.starts_with("data:") || text.starts_with("event:") || text.starts_with(": ")) {
        return None;
    }
    let data = text.lines().filter_map(|line| line.trim_start().strip_prefix("data:")).map(str::trim);
    let mut events = Vec::new();
    for data in data.filter(|data| !data.is_empty() && *data != "[DONE]").take(MOST) {
        events.push(serde_json::from_str::<Value>(data).ok()?);
    }
    (!events.is_empty()).then_some(events)
}

/// Text of events in their order; `None` for a list that is no stream, or of which an event bears text
/// that is not known.
pub(super) fn text_of(events: &[Value]) -> Option<String> {
    let is_one = |event: &Value| kind(event).is_some();
    if events.is_empty()
        || !events.iter().all(is_one)
        || events.iter().all(|event| kind(event) == Some(Kind::Part)) && events.len() < 2
    {
        return None;
    }
    let mut text = String::new();
    for event in events {
        for path in PIECES {
            let piece = path.iter().try_fold(event, |value, step| match step.parse::<usize>() {
                Ok(at) => value.get(at),
                Err(_) => value.get(*step),
            });
            text.push_str(piece.and_then(Value::as_str).unwrap_or_default());
        }
        // Gemini's parts may be several.
        for part in
            event.pointer("/candidates/0/content/parts").and_then(Value::as_array).into_iter().flatten()
        {
            text.push_str(part.get("text").and_then(Value::as_str).unwrap_or_default());
        }
    }
    (!text.is_empty()).then_some(text)
}

/// Places of text in events. An event has one of them.
const PIECES: [&[&str]; 13] = [
    &["choices", "0", "delta", "content"],
    &["choices", "0", "delta", "tool_calls", "0", "function", "name"],
    &["choices", "0", "delta", "tool_calls", "0", "function", "arguments"],
    &["choices", "0", "text"],
    &["content_block", "text"],
    &["content_block", "name"],
    &["delta", "text"],
    &["delta", "partial_json"],
    &["contentBlockDelta", "delta", "text"],
    &["delta"],
    &["generation"],
    &["outputText"],
    &["completion"],
];

/// Kind of an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An event that only streams have.
    Event,
    /// A partial answer, which alone may be a whole one.
    Part,
}

fn kind(event: &Value) -> Option<Kind> {
    let map = event.as_object()?;
    const NAMES: [&str; 8] = [
        "messageStart",
        "contentBlockStart",
        "contentBlockDelta",
        "contentBlockStop",
        "messageStop",
        "metadata",
        "amazon-bedrock-invocationMetrics",
        "ping",
    ];
    const TYPES: [&str; 8] = [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "ping",
        "error",
    ];
    let kind = map.get("type").and_then(Value::as_str);
    if kind.is_some_and(|kind| TYPES.contains(&kind) || kind.starts_with("response.")) {
        return Some(Kind::Event);
    }
    if !map.is_empty() && map.keys().all(|name| NAMES.contains(&name.as_str()) || name == "p") {
        return Some(Kind::Event);
    }
    let is_chunk =
        map.get("object").and_then(Value::as_str).is_some_and(|object| object == "chat.completion.chunk");
    if is_chunk || event.pointer("/choices/0/delta").is_some() {
        return Some(Kind::Event);
    }
    let is_part = |name: &str| map.get(name).is_some_and(Value::is_string);
    let has_candidates = map.get("candidates").is_some_and(Value::is_array);
    let is_completion = event.pointer("/choices/0/text").is_some();
    (has_candidates || is_completion || ["generation", "outputText", "completion"].into_iter().any(is_part))
        .then_some(Kind::Part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::conversation::of_text;

    #[test]
    fn pieces_of_a_stream_are_put_together() {
        let cases = [
            r#"[{"type":"message_start","message":{"role":"assistant"}},{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hel"}},{"type":"content_block_delta","delta":{"text":"lo"}},{"type":"message_stop"}]"#,
            r#"[{"messageStart":{"role":"assistant"}},{"contentBlockDelta":{"delta":{"text":"Hel"},"contentBlockIndex":0}},{"contentBlockDelta":{"delta":{"text":"lo"}}},{"metadata":{"usage":{}}}]"#,
            r#"[{"candidates":[{"content":{"parts":[{"text":"Hel"}],"role":"model"}}]},{"candidates":[{"content":{"parts":[{"text":"lo"}]}}],"usageMetadata":{}}]"#,
            r#"[{"generation":"Hel"},{"generation":"lo","stop_reason":"stop"}]"#,
            "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"Hel\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"lo\"}}]}\n\ndata: [DONE]\n",
            "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"Hel\"}\n\nevent: x\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"lo\"}\n\n",
        ];
        for text in cases {
            assert_eq!(of_text(text).as_deref(), Some("Hello"), "{text}");
        }
        let one = serde_json::json!([{"candidates": [{"content": {"parts": [{"text": "Hello"}]}}]}]);
        assert_eq!(text_of(one.as_array().unwrap()), None, "a whole answer, read as one");
        assert_eq!(events_of("data: is what I mean\n"), None);
    }
}
