//! Objects that only wrap a list of records: exports of APIs, of cloud services and of the OpenTelemetry
//! collector.

/// Names below which the records stand, from the outside inwards. `Records` and `records`: AWS CloudTrail and
/// Azure Monitor; `logEvents`: subscriptions of CloudWatch Logs; `data`, `items`, `value`, `results`: pages
/// of APIs; the others: OTLP in JSON.
const WRAPPERS: [&[&str]; 10] = [
    &["resourceSpans", "scopeSpans", "spans"],
    &["resource_spans", "scope_spans", "spans"],
    &["Records"],
    &["records"],
    &["logEvents"],
    &["data"],
    &["items"],
    &["value"],
    &["results"],
    &["logs"],
];
/// Names of other members that such an object may have. A log with a list among its own columns has others.
const BESIDE: [&str; 27] = [
    "@odata.context",
    "@odata.nextLink",
    "count",
    "cursor",
    "errors",
    "first_id",
    "has_more",
    "last_id",
    "links",
    "logGroup",
    "logStream",
    "messageType",
    "meta",
    "next",
    "nextLink",
    "next_cursor",
    "next_page",
    "object",
    "owner",
    "page",
    "pagination",
    "previous",
    "subscriptionFilters",
    "success",
    "total",
    "total_count",
    "total_pages",
];

/// Names below which the records of a text stand whose first object only wraps them; `None` for any other
/// text. The text may be cut.
pub(super) fn wrapper_of(bytes: &[u8]) -> Option<&'static [&'static str]> {
    let mut wrapper = None;
    for (name, value) in members(bytes) {
        match WRAPPERS.into_iter().find(|path| path[0].as_bytes() == name && is_list_of_objects(value)) {
            Some(path) if wrapper.is_none() => wrapper = Some(path),
            None if BESIDE.iter().any(|beside| beside.as_bytes() == name) => {}
            _ => return None,
        }
    }
    wrapper
}

fn is_list_of_objects(value: &[u8]) -> bool {
    let mut marks = value.iter().filter(|byte| !byte.is_ascii_whitespace());
    marks.next() == Some(&b'[') && marks.next() == Some(&b'{')
}

/// Name of a member, and the text from its value on.
type Member<'a> = (&'a [u8], &'a [u8]);

/// Names of the first object's members, each with the text from its value on.
fn members(bytes: &[u8]) -> Vec<Member<'_>> {
    let (mut depth, mut quoted, mut escaped, mut start) = (0_u64, false, false, 0);
    let mut last: &[u8] = &[];
    let mut found: Vec<Member<'_>> = Vec::new();
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if quoted => (quoted, last) = (false, &bytes[start..at]),
            b'"' => (quoted, start) = (true, at + 1),
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => break,
            b'}' | b']' => depth -= 1,
            b':' if depth == 1 => found.push((last, &bytes[at + 1..])),
            _ => {}
        }
    }
    found
}

/// Place in the nesting around the records.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outside {
    depth: usize,
    /// Number of the names that are matched by the lists around the place.
    matched: usize,
    /// True once a list with the first name was seen in the present object.
    opened: bool,
    quoted: bool,
    escaped: bool,
    /// The last text, as far as it can be one of the names.
    last: [u8; LONGEST_NAME],
    length: usize,
}

const LONGEST_NAME: usize = 16;

impl Outside {
    /// Place directly after a record.
    pub fn after_a_record(path: &[&str]) -> Self {
        Self { depth: 2 * path.len(), matched: path.len(), opened: true, ..Self::default() }
    }

    /// Number of bytes before the brace with which the next record begins; all bytes if it is not among
    /// them. An object that wraps nothing is not passed over: its last brace stands for it, which is no
    /// record and is counted as such.
    pub fn skip(&mut self, path: &[&str], chunk: &[u8]) -> usize {
        for (at, &byte) in chunk.iter().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.quoted => (self.escaped, self.length) = (true, LONGEST_NAME + 1),
                b'"' => {
                    self.length = if self.quoted { self.length } else { 0 };
                    self.quoted = !self.quoted;
                }
                _ if self.quoted => {
                    if let Some(place) = self.last.get_mut(self.length) {
                        *place = byte;
                    }
                    self.length = (self.length + 1).min(LONGEST_NAME + 1);
                }
                b'{' if self.matched == path.len() && self.depth == 2 * path.len() => return at,
                b'{' => self.depth += 1,
                b'[' => {
                    let name = path.get(self.matched).filter(|_| self.depth == 2 * self.matched + 1);
                    let is_next =
                        name.is_some_and(|name| self.last.get(..self.length) == Some(name.as_bytes()));
                    self.matched += usize::from(is_next);
                    self.opened |= is_next;
                    self.depth += 1;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.matched = self.matched.min(self.depth / 2);
                    if self.depth == 0 && !std::mem::take(&mut self.opened) {
                        return at;
                    }
                }
                _ => {}
            }
        }
        chunk.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_only_wraps_a_list_is_recognised() {
        let of = |text: &str| wrapper_of(text.as_bytes());
        assert_eq!(of("{\"Records\":[{\"a\":1}"), Some(&["Records"][..]));
        assert_eq!(
            of("{ \"object\" : \"list\", \"data\" : [ {\"id\": \"}\"}], \"has_more\": true}"),
            Some(&["data"][..])
        );
        assert_eq!(of("{\"resourceSpans\":[{}]}").map(<[_]>::len), Some(3));
        assert_eq!(of("{\"ts\":1,\"data\":[{}]}"), None, "a log with a list among its columns");
        assert_eq!(of("{\"data\":[1,2]}"), None);
        assert_eq!(of("{\"data\":[{}],\"user\":\"u\"}"), None);
        assert_eq!(of("{\"a\":{\"data\":[{}]}}"), None);
    }
}
