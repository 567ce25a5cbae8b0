//! Conversations in JSON as readable text: role and content of each message.
//!
//! Supports the request and response bodies of the usual APIs: OpenAI (chat, responses, completions),
//! Anthropic, Gemini, Cohere, Bedrock's Converse and its models' own bodies, LangChain's messages,
//! OpenTelemetry's message parts, OpenInference; answers that were streamed, as lists of events or as the
//! text of a stream. Other JSON is kept unchanged.
//!
//! A caller of the API may write JSON into a prompt. So text inside a message is never taken apart, and
//! whatever bears words beside the messages, other than a body's settings, is added to them by name.

use serde_json::{Map, Value};

use super::{streamed, typed_json};

/// Maximum depth of nesting that is read.
const MAX_DEPTH: usize = 24;
/// Longest text that is read as a conversation, in bytes; a longer one is kept unchanged.
const MAX_TEXT_BYTES: usize = 16 << 20;

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

/// As [`of_value`], for JSON text or the text of a stream; the text itself if it is neither or has no
/// messages; `None` for JSON without any content, such as `{}`.
pub(super) fn of_text(text: &str) -> Option<String> {
    let begin = text.trim_start();
    if text.len() > MAX_TEXT_BYTES {
        return Some(text.to_owned());
    }
    if let Some(events) = streamed::events_of(begin) {
        return Some(streamed::text_of(&events).unwrap_or_else(|| text.to_owned()));
    }
    let parsed =
        if begin.starts_with(['[', '{', '"']) { serde_json::from_str::<Value>(text).ok() } else { None };
    match parsed {
        // Text that was written as JSON once too often.
        Some(Value::String(inner)) if inner.trim_start().starts_with(['[', '{']) => of_text(&inner),
        Some(Value::String(inner)) => (!inner.is_empty()).then_some(inner),
        Some(value) if is_empty(&value) => None,
        Some(value) => match typed_json::plain(&value) {
            Some(Value::String(plain)) => Some(plain),
            plain => Some(of_value(&plain.unwrap_or(value)).unwrap_or_else(|| text.to_owned())),
        },
        None => Some(text.to_owned()),
    }
}

struct Message {
    role: String,
    content: String,
}

/// Keys under which bodies keep messages, in the order in which they are read.
const HOLDERS: [&str; 23] = [
    "system",
    "systemInstruction",
    "system_instruction",
    "instructions",
    "preamble",
    "chat_history",
    "messages",
    "contents",
    "input",
    "inputs",
    "prompt",
    "inputText",
    "choices",
    "candidates",
    "generations",
    "output",
    "outputs",
    "results",
    "message",
    "response",
    "responses",
    "predictions",
    "body",
];
/// Keys of the content of a message, in the order of preference.
const CONTENT: [&str; 11] = [
    "content",
    "message.content",
    "contents",
    "message.contents",
    "parts",
    "text",
    "completion",
    "generation",
    "outputText",
    "output_text",
    "refusal",
];
/// Keys of calls that a message makes; they are part of what it says.
const CALLS: [&str; 3] = ["tool_calls", "message.tool_calls", "function_call"];
/// Keys of a message whose text belongs to it even if it is one word.
const OF_MESSAGES: [&str; 4] = ["reasoning_content", "reasoning", "thinking", "name"];
/// Keys of a body's settings and of facts about it, whose words are no part of the conversation.
const SETTINGS: [&str; 27] = [
    "annotations",
    "audio",
    "citationMetadata",
    "citations",
    "error",
    "functions",
    "generationConfig",
    "generation_config",
    "inferenceConfig",
    "logprobs",
    "metadata",
    "parameters",
    "promptFeedback",
    "reasoning",
    "response_format",
    "response_metadata",
    "safetyRatings",
    "safetySettings",
    "stop",
    "stop_sequences",
    "stopSequences",
    "toolConfig",
    "tool_choice",
    "tool_config",
    "tools",
    "usage",
    "usageMetadata",
];

fn collect(value: &Value, messages: &mut Vec<Message>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(items) => match streamed::text_of(items).or_else(|| of_coded_chunks(items, depth)) {
            Some(content) => messages.push(Message { role: String::new(), content }),
            None => items.iter().for_each(|item| item_of(item, messages, depth + 1)),
        },
        Value::String(text) => messages.push(Message { role: String::new(), content: text.clone() }),
        Value::Object(map) => object(map, messages, depth),
        _ => {}
    }
}

/// Text of a response, or of the events of its stream, whose JSON stands in the texts of a list, as Vertex AI logs it.
fn of_coded_chunks(items: &[Value], depth: usize) -> Option<String> {
    let events = items.iter().filter(|_| depth == 0).map(|item| serde_json::from_str(item.as_str()?).ok());
    let events: Vec<Value> = events.collect::<Option<_>>()?;
    match &events[..] {
        [only] => {
            let is_answer = only.get("type").and_then(Value::as_str) == Some("message");
            let has_answers = ["candidates", "choices"].iter().any(|name| only.get(*name).is_some());
            (is_answer || has_answers).then(|| of_value(only))?
        }
        _ => streamed::text_of(&events),
    }
}

/// Messages of an item of a list; one that has none is kept as JSON if it bears words.
fn item_of(item: &Value, messages: &mut Vec<Message>, depth: usize) {
    if let Some(summary) = reasoning(item) {
        messages.push(Message { role: "reasoning".to_owned(), content: content_of(summary, depth + 1) });
        return;
    }
    let before = messages.len();
    collect(item, messages, depth);
    if messages.len() == before && (bears_words(item) || has_name(item)) {
        messages.push(Message { role: String::new(), content: as_json(item) });
    }
}

/// Summary of what a model has reasoned, in the output of OpenAI's responses.
fn reasoning(item: &Value) -> Option<&Value> {
    let is_one =
        item.get("type").and_then(Value::as_str) == Some("reasoning") && item.get("content").is_none();
    item.get("summary").filter(|summary| is_one && !is_empty(summary))
}

/// Shortest text in Base64 that is left out, in characters.
const MIN_CODED: usize = 256;

/// A value as JSON, with the number of characters in place of an image or a file in Base64.
fn as_json(value: &Value) -> String {
    fn without_files(value: &mut Value) {
        match value {
            Value::String(text) => {
                let start = text.find(";base64,").map_or(0, |at| at + 8);
                let is_coded = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte);
                if text.len() >= start + MIN_CODED && text.bytes().skip(start).all(is_coded) {
                    *text = format!("{}[{} characters of Base64]", &text[..start], text.len() - start);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(without_files),
            Value::Object(map) => map.values_mut().for_each(without_files),
            _ => {}
        }
    }
    let mut value = value.clone();
    without_files(&mut value);
    value.to_string()
}

/// True for a call of a tool, whose name is a word of its own.
fn has_name(item: &Value) -> bool {
    item.get("name").is_some_and(Value::is_string)
}

fn object(map: &Map<String, Value>, messages: &mut Vec<Message>, depth: usize) {
    let begin = messages.len();
    let role = ["role", "message.role"].iter().find_map(|name| map.get(*name)).and_then(Value::as_str);
    let mut read: Vec<&str> = vec!["role", "message.role"];
    if let Some(inner) = map.get("kwargs").filter(|_| map.contains_key("lc")) {
        read.extend(["kwargs", "id"]);
        collect(inner, messages, depth + 1);
        messages[begin..].iter_mut().for_each(|message| message.role = role_of_constructor(map));
    }
    // A response repeats the instructions of its request.
    let is_answer = map.get("object").and_then(Value::as_str) == Some("response");
    let repeated = |name: &str| is_answer && ["instructions", "prompt"].contains(&name);
    read.extend(["instructions", "prompt"].into_iter().filter(|_| is_answer));
    let is_held = |name: &&str| role.is_none() && !repeated(name) && map.get(*name).is_some_and(holds);
    for holder in HOLDERS.into_iter().filter(is_held) {
        let before = messages.len();
        held(holder, &map[holder], messages, depth + 1);
        read.extend((messages.len() > before).then_some(holder));
        if holder.to_ascii_lowercase().starts_with("system") || ["instructions", "preamble"].contains(&holder)
        {
            messages[before..].iter_mut().for_each(|message| "system".clone_into(&mut message.role));
        }
    }
    let is_said = |name: &&&str| map.get(**name).is_some_and(says);
    let said = CONTENT.iter().find(is_said).filter(|_| messages.len() == begin).copied();
    let calls: Vec<&str> =
        CALLS.into_iter().filter(|name| map.get(*name).is_some_and(|call| !is_empty(call))).collect();
    if said.is_some() || !calls.is_empty() && messages.len() == begin {
        let mut content = said.map_or_else(String::new, |name| content_of(&map[name], depth + 1));
        for call in &calls {
            content = join(content, map[*call].to_string());
        }
        read.extend(said.into_iter().chain(calls));
        let role = role.or_else(|| map.get("type").and_then(Value::as_str).and_then(speaker));
        messages.push(Message { role: role.unwrap_or_default().to_owned(), content });
    }
    if messages.len() > begin {
        rest(map, &read, &mut messages[begin..]);
    }
}

/// Adds the members of an object that bear words and were not read to its last message, by name.
fn rest(map: &Map<String, Value>, read: &[&str], messages: &mut [Message]) {
    let is_message = map.contains_key("role");
    let is_rest = |(name, value): &(&String, &Value)| {
        let is_told = is_message
            && OF_MESSAGES.contains(&name.as_str())
            && value.as_str().is_some_and(|text| !text.is_empty());
        !read.contains(&name.as_str()) && !is_setting(name, value) && (is_told || bears_words(value))
    };
    for (name, value) in map.iter().filter(is_rest) {
        let text = value.as_str().map_or_else(|| as_json(value), str::to_owned);
        let is_there = messages.iter().any(|message| message.content.contains(text.as_str()));
        if let Some(last) = messages.last_mut().filter(|_| !is_there) {
            let content = std::mem::take(&mut last.content);
            last.content = join(content, format!("{name}: {text}"));
        }
    }
}

/// Messages below a key that holds them. Only a list may stand there as JSON text: text in place of a
/// list is what a caller wrote.
fn held(holder: &str, inner: &Value, messages: &mut Vec<Message>, depth: usize) {
    let coded = inner.as_str().filter(|text| {
        ["messages", "contents", "choices", "candidates"].contains(&holder)
            && text.trim_start().starts_with('[')
    });
    match coded.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
        Some(list) => collect(&list, messages, depth),
        None => collect(inner, messages, depth),
    }
}

/// True for a value that can hold messages: text, a list or an object with content.
fn holds(inner: &Value) -> bool {
    (inner.is_string() || inner.is_array() || inner.is_object()) && !is_empty(inner)
}

/// True for a setting of a body. Plain words under its name are none.
fn is_setting(name: &str, value: &Value) -> bool {
    SETTINGS.contains(&name) && (!value.is_string() || name.starts_with("stop"))
}

/// True for a value that can be the content of a message: text, or a list of parts.
fn says(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(parts) => !parts.is_empty(),
        Value::Object(map) => {
            ["text", "parts", "content"].iter().any(|name| map.get(*name).is_some_and(says))
        }
        _ => false,
    }
}

/// Role of a message that LangChain writes as the call of a constructor.
fn role_of_constructor(map: &Map<String, Value>) -> String {
    let kind = map.get("kwargs").and_then(|inner| inner.get("type")).and_then(Value::as_str);
    let class = map.get("id").and_then(Value::as_array).and_then(|path| path.last()).and_then(Value::as_str);
    let class =
        class.and_then(|class| class.strip_suffix("Message").or_else(|| class.strip_suffix("MessageChunk")));
    let name = kind.or(class).unwrap_or_default();
    speaker(name).unwrap_or_default().to_owned()
}

/// Role of one of LangChain's kinds of messages.
fn speaker(kind: &str) -> Option<&'static str> {
    let kinds =
        [("human", "user"), ("ai", "assistant"), ("system", "system"), ("tool", "tool"), ("user", "user")];
    kinds.into_iter().find(|(own, _)| kind.eq_ignore_ascii_case(own)).map(|(_, role)| role)
}

fn join(before: String, more: String) -> String {
    if before.is_empty() { more } else { format!("{before}\n{more}") }
}

/// True for null, empty text, also as JSON, and lists and objects of nothing else.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => matches!(text.trim(), "" | "{}" | "[]"),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(map) => map.values().all(is_empty),
        _ => false,
    }
}

/// True for a value with text of several words, or in a script that parts no words.
fn bears_words(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let text = text.trim();
            text.contains(char::is_whitespace) || text.chars().any(|c| !c.is_ascii() && c.is_alphabetic())
        }
        Value::Array(items) => items.iter().any(bears_words),
        Value::Object(map) => map.values().any(bears_words),
        _ => false,
    }
}

/// The text of a message's content: a text, or a list of parts of which some are text.
fn content_of(value: &Value, depth: usize) -> String {
    if depth > MAX_DEPTH {
        return value.to_string();
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
            const TEXTS: [&str; 9] = [
                "text",
                "message_content.text",
                "message_content",
                "content",
                "contents",
                "parts",
                "input_text",
                "output_text",
                "refusal",
            ];
            let found = TEXTS.iter().find(|name| map.get(**name).is_some_and(says));
            let Some(name) = found else {
                // Tool calls and images are kept as JSON.
                return if is_empty(value) { String::new() } else { as_json(value) };
            };
            let mut read = Message { role: String::new(), content: content_of(&map[*name], depth + 1) };
            rest(map, &[*name], std::slice::from_mut(&mut read));
            read.content
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
