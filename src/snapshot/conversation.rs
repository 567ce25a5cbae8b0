//! Conversations in JSON as readable text: role and content of each message.
//!
//! Supports the request and response bodies of the usual APIs: OpenAI, Anthropic, Gemini, Bedrock's
//! Converse, OpenTelemetry's message parts, OpenInference. Other JSON is kept unchanged.

use serde_json::Value;

/// Maximum depth of nesting that is read.
const MAX_DEPTH: usize = 24;

/// A conversation as text: `role: content`, a blank line between messages; a single message of a
/// user or of the model as its content alone. `None` if the value has no messages.
pub(super) fn of_value(value: &Value) -> Option<String> {
    let mut messages = Vec::new();
    collect(value, &mut messages, 0);
    messages.retain(|message| !message.content.trim().is_empty());
    match &messages[..] {
        [] => None,
        [only] if !only.role.eq_ignore_ascii_case("system") => Some(only.content.clone()),
        _ => {
            let lines = messages.iter().map(|Message { role, content }| match role.as_str() {
                "" => content.clone(),
                role => format!("{role}: {content}"),
            });
            Some(lines.collect::<Vec<_>>().join("\n\n"))
        }
    }
}

/// As [`of_value`], for JSON text; the text itself if it is not JSON or has no messages.
pub(super) fn of_text(text: &str) -> String {
    let is_json = text.trim_start().starts_with(['[', '{', '"']);
    let parsed = if is_json { serde_json::from_str::<Value>(text).ok() } else { None };
    match parsed {
        Some(Value::String(inner)) => inner,
        Some(value) => of_value(&value).unwrap_or_else(|| text.to_owned()),
        None => text.to_owned(),
    }
}

struct Message {
    role: String,
    content: String,
}

/// Keys under which bodies keep messages, in the order in which they are read.
const HOLDERS: [&str; 12] = [
    "system",
    "systemInstruction",
    "system_instruction",
    "instructions",
    "messages",
    "contents",
    "input",
    "prompt",
    "choices",
    "candidates",
    "output",
    "message",
];

fn collect(value: &Value, messages: &mut Vec<Message>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, messages, depth + 1)),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) if text.trim_start().starts_with(['{', '[']) => {
                collect(&inner, messages, depth + 1);
            }
            _ => messages.push(Message { role: String::new(), content: text.clone() }),
        },
        Value::Object(map) => {
            let get = |names: &[&str]| names.iter().find_map(|name| map.get(*name));
            let role = get(&["role", "message.role"]).and_then(Value::as_str);
            let said = get(&["content", "message.content", "parts", "text", "completion", "generation"]);
            if let Some(said) = said {
                let mut content = content_of(said, depth + 1);
                for call in
                    get(&["tool_calls", "message.tool_calls"]).into_iter().filter(|call| !call.is_null())
                {
                    content = join(content, call.to_string());
                }
                messages.push(Message { role: role.unwrap_or_default().to_owned(), content });
                return;
            }
            for (holder, inner) in HOLDERS.iter().filter_map(|holder| Some((*holder, map.get(*holder)?))) {
                let before = messages.len();
                collect(inner, messages, depth + 1);
                if holder.to_ascii_lowercase().starts_with("system") {
                    messages[before..].iter_mut().for_each(|message| "system".clone_into(&mut message.role));
                }
            }
        }
        _ => {}
    }
}

fn join(before: String, more: String) -> String {
    if before.is_empty() { more } else { format!("{before}\n{more}") }
}

/// The text of a message's content: a text, or a list of parts of which some are text.
fn content_of(value: &Value, depth: usize) -> String {
    if depth > MAX_DEPTH {
        return String::new();
    }
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .map(|part| content_of(part, depth + 1))
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("\n"),
        Value::Object(map) => {
            match ["text", "content", "parts", "input_text", "output_text"]
                .iter()
                .find_map(|name| map.get(*name))
            {
                Some(inner) => content_of(inner, depth + 1),
                // Tool calls and images are kept as JSON.
                None => value.to_string(),
            }
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_of_the_usual_apis_read_as_conversations() {
        let cases = [
            (
                r#"[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello"}]"#,
                "system: Be brief.\n\nuser: Hello",
            ),
            (r#"[{"role":"user","parts":[{"type":"text","content":"Hello"}]}]"#, "Hello"),
            (
                r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Hello"}]}]}"#,
                "Hello",
            ),
            (
                r#"{"system":"Be brief.","messages":[{"role":"user","content":"Hello"}]}"#,
                "system: Be brief.\n\nuser: Hello",
            ),
            (r#"{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}"#, "Hello"),
            (
                r#"{"id":"r","choices":[{"finish_reason":"stop","index":0,"message":{"role":"assistant","content":"Hi"}}]}"#,
                "Hi",
            ),
            (
                r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hi"}]}},"usage":{"x":1}}"#,
                "Hi",
            ),
            (r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]}}]}"#, "Hi"),
            (r#"{"content":[{"type":"text","text":"Hi"}],"role":"assistant"}"#, "Hi"),
            (r#"[{"message.role":"user","message.content":"Hello"}]"#, "Hello"),
            (r#""Hello""#, "Hello"),
            ("Hello", "Hello"),
            ("{not json", "{not json"),
            (r#"{"unknown":1}"#, r#"{"unknown":1}"#),
        ];
        for (body, expected) in cases {
            assert_eq!(of_text(body), expected, "{body}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(of_text(&deep), deep);
    }
}
