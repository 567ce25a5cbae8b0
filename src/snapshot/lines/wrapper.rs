//! Objects that only wrap a list of records: exports of APIs, of cloud services and of the OpenTelemetry
//! collector.

/// Names of the lists below which the records stand, from the outside inwards; each list has one of its
/// names.
pub(in crate::snapshot) type Lists = &'static [&'static [&'static str]];

/// Names of the columns of a table, which last as long as the program.
pub(in crate::snapshot) type Names = &'static [&'static str];

/// Lists below which the records stand. `Records` and `records`: AWS CloudTrail and Azure Monitor;
/// `logEvents`: subscriptions of CloudWatch Logs; `data`, `items`, `value`, `results`: pages of APIs; the
/// first: OTLP in JSON, with the names that it had before scopes.
pub(in crate::snapshot) const WRAPPERS: [Lists; 9] = [
    &[
        &["resourceSpans", "resource_spans"],
        &["scopeSpans", "scope_spans", "instrumentationLibrarySpans", "instrumentation_library_spans"],
        &["spans"],
    ],
    &[&["Records"]],
    &[&["records"]],
    &[&["logEvents"]],
    &[&["data"]],
    &[&["items"]],
    &[&["value"]],
    &[&["results"]],
    &[&["logs"]],
];
/// Names of other members that such an object may have. A log with a list among its own columns has others.
pub(in crate::snapshot) const BESIDE: [&str; 27] = [
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

/// Objects and lists around the records of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::snapshot) struct Wrapper {
    /// Names of the objects around the first list, from the outside inwards.
    pub through: &'static [&'static str],
    pub lists: Lists,
}

/// Answer to a search in Elasticsearch or OpenSearch, `{"took": 5, "hits": {"total": {…}, "hits": [{…}]}}`.
const SEARCH: Wrapper = Wrapper { through: &["hits"], lists: &[&["hits"]] };
/// Archive of a browser or a proxy in the HAR format, `{"log": {"entries": [{…}]}}`.
const ARCHIVE: Wrapper = Wrapper { through: &["log"], lists: &[&["entries"]] };
/// Names of which a hit has at least one.
const OF_HITS: [&str; 3] = ["_source", "_index", "fields"];

/// Wrapper of a text that is the answer to a search, or several of them; `None` for any other text. The text
/// may be cut.
pub(super) fn search_of(bytes: &[u8]) -> Option<Wrapper> {
    let inner = |bytes, name: &str| {
        let (_, value) = *members(bytes).iter().find(|(own, _)| *own == name.as_bytes())?;
        let begin = value.iter().position(|byte| !byte.is_ascii_whitespace())?;
        Some(&value[begin..])
    };
    let list = inner(inner(bytes, "hits").filter(|hits| hits.starts_with(b"{"))?, "hits")?;
    let hit = list.iter().position(|&byte| byte == b'{').filter(|_| is_list_of_objects(list))?;
    let is_hit = |(name, _): &Member<'_>| OF_HITS.iter().any(|own| own.as_bytes() == *name);
    members(&list[hit..]).iter().any(is_hit).then_some(SEARCH)
}

/// Wrapper of a text that is an archive in the HAR format; `None` for any other text. The text may be cut.
pub(super) fn archive_of(bytes: &[u8]) -> Option<Wrapper> {
    let all = members(bytes);
    let [(b"log", value)] = all[..] else { return None };
    let begin = value.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let own = members(&value[begin..]);
    let has = |name: &[u8]| own.iter().any(|(own, _)| *own == name);
    let (_, entries) = own.iter().find(|(own, _)| *own == b"entries")?;
    (has(b"creator") && is_list_of_objects(entries)).then_some(ARCHIVE)
}

/// True for an object whose list of records is empty, as the last page of several is.
pub(super) fn is_empty_page(bytes: &[u8], wrapper: Wrapper) -> bool {
    let mut inner = bytes;
    for names in wrapper.through.iter().map(std::slice::from_ref).chain(wrapper.lists.first().copied()) {
        let is_next = |(own, _): &Member<'_>| names.iter().any(|name| name.as_bytes() == *own);
        let Some((_, value)) = members(inner).into_iter().find(is_next) else { return false };
        inner = value;
    }
    let mut marks = inner.iter().filter(|byte| !byte.is_ascii_whitespace());
    marks.next() == Some(&b'[') && marks.next() == Some(&b']')
}

/// Names below which the records of a text stand whose first object only wraps them; `None` for any other
/// text. The text may be cut.
pub(super) fn wrapper_of(bytes: &[u8]) -> Option<Wrapper> {
    let mut wrapper = None;
    for (name, value) in members(bytes) {
        let is_name = |lists: &Lists| lists[0].iter().any(|own| own.as_bytes() == name);
        match WRAPPERS.into_iter().find(|lists| is_name(lists) && is_list_of_objects(value)) {
            Some(lists) if wrapper.is_none() => wrapper = Some(Wrapper { through: &[], lists }),
            None if BESIDE.iter().any(|beside| beside.as_bytes() == name) => {}
            _ => return None,
        }
    }
    wrapper
}

pub(super) fn is_list_of_objects(value: &[u8]) -> bool {
    let mut marks = value.iter().filter(|byte| !byte.is_ascii_whitespace());
    marks.next() == Some(&b'[') && marks.next() == Some(&b'{')
}

/// Name of a member, and the text from its value on.
pub(super) type Member<'a> = (&'a [u8], &'a [u8]);

/// Names of the first object's members, each with the text from its value on.
pub(super) fn members(bytes: &[u8]) -> Vec<Member<'_>> {
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::snapshot) struct Outside {
    depth: usize,
    /// Number of the objects around the first list in which the place is.
    entered: usize,
    /// Number of the names that are matched by the lists around the place.
    matched: usize,
    /// Bits of the levels whose present object has had the list of the next level.
    opened: u8,
    quoted: bool,
    escaped: bool,
    /// The last text, as far as it can be one of the names.
    last: [u8; MAX_NAME_BYTES],
    length: usize,
}

pub(super) const MAX_NAME_BYTES: usize = 32;

impl Outside {
    /// Number of bytes before the next record; all bytes if it does not begin among them. An object that
    /// does not have the next list is not passed over: its last brace stands for it, which is no record and
    /// is counted as such. So is an element of one of the lists that is no object.
    pub fn skip(&mut self, wrapper: Wrapper, chunk: &[u8]) -> usize {
        let last = wrapper.lists.len();
        for (at, &byte) in chunk.iter().enumerate() {
            let is_element = !self.quoted && self.matched > 0 && self.depth == floor(wrapper, self.matched);
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.quoted => (self.escaped, self.length) = (true, MAX_NAME_BYTES + 1),
                b'{' if is_element && self.matched == last => return at,
                b'{' | b']' | b'}' | b',' | b' ' | b'\t' | b'\r' | b'\n' if !self.quoted => {
                    let begins = self.structure(wrapper, byte);
                    if begins {
                        return at;
                    }
                }
                _ if is_element => return at,
                b'"' => {
                    self.length = if self.quoted { self.length } else { 0 };
                    self.quoted = !self.quoted;
                }
                _ if self.quoted => {
                    if let Some(place) = self.last.get_mut(self.length) {
                        *place = byte;
                    }
                    self.length = (self.length + 1).min(MAX_NAME_BYTES + 1);
                }
                b'[' => self.list(wrapper),
                _ => {}
            }
        }
        chunk.len()
    }

    /// Number of the lists around the place, and of all objects and lists.
    pub fn place(&self) -> (usize, usize) {
        (self.matched, self.depth)
    }

    /// Beginning of a list. A list around the documents does not count.
    fn list(&mut self, wrapper: Wrapper) {
        if self.depth == 0 {
            return;
        }
        let around = wrapper.through.len();
        let is_level = self.depth == around + 2 * self.matched + 1 && self.entered == around;
        let names = wrapper.lists.get(self.matched).filter(|_| is_level);
        let last = self.last.get(..self.length).unwrap_or_default();
        if names.is_some_and(|names| names.iter().any(|name| name.as_bytes() == last)) {
            self.opened |= 1 << self.matched;
            self.matched += 1;
        }
        self.depth += 1;
    }

    /// Beginning of an object, or end of an object or a list; true at the last brace of an object without
    /// the list of the next level.
    fn structure(&mut self, wrapper: Wrapper, byte: u8) -> bool {
        match byte {
            b'{' => {
                if self.depth == floor(wrapper, self.matched) {
                    self.opened &= !(1 << self.matched);
                }
                let last = self.last.get(..self.length).unwrap_or_default();
                let next = wrapper.through.get(self.entered).filter(|_| self.matched == 0);
                if next.is_some_and(|name| name.as_bytes() == last) && self.depth == self.entered + 1 {
                    self.entered += 1;
                }
                self.depth += 1;
                false
            }
            b'}' | b']' if self.depth == 0 => false,
            b'}' | b']' => {
                self.depth -= 1;
                self.entered = self.entered.min(self.depth.saturating_sub(1));
                let level = self.depth.saturating_sub(wrapper.through.len()) / 2;
                self.matched = self.matched.min(level);
                let is_object = self.depth == floor(wrapper, self.matched)
                    && self.matched < wrapper.lists.len()
                    && byte == b'}';
                let has_list = self.opened & (1 << self.matched) != 0;
                if is_object {
                    self.opened &= !(1 << self.matched);
                }
                is_object && !has_list
            }
            _ => false,
        }
    }
}

/// Depth at which the objects of a level begin: the outermost at 0, items of a list directly in it.
pub(super) fn floor(wrapper: Wrapper, matched: usize) -> usize {
    if matched == 0 { 0 } else { wrapper.through.len() + 2 * matched }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_searches_are_told_from_records_with_hits() {
        let of = |text: &str| search_of(text.as_bytes());
        let page = r#"{"took":5,"timed_out":false,"_shards":{"total":1},"hits":{"total":{"value":2,"relation":"eq"},"max_score":null,"hits":[{"_index":"l","_id":"1","_source":{"ts":1}}"#;
        assert_eq!(of(page), Some(SEARCH));
        assert_eq!(of(r#"{ "hits" : { "hits" : [ {"fields": {}} ] } }"#), Some(SEARCH));
        for other in
            [r#"{"hits":{"hits":[]}}"#, r#"{"hits":{"hits":[{"a":1}]}}"#, r#"{"hits":[{"_source":1}]}"#]
        {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn archives_of_proxies_are_recognised() {
        let of = |text: &str| archive_of(text.as_bytes());
        let head = r#"{"log":{"version":"1.2","creator":{"name":"p"},"pages":[{"id":"p0"},{"id":"p1"}],"#;
        assert_eq!(of(&format!(r#"{head}"entries":[{{"startedDateTime":"x"}}]}}}}"#)), Some(ARCHIVE));
        assert_eq!(of(r#"{"log":{"entries":[{"a":1}]}}"#), None);
        assert_eq!(of(&format!(r#"{head}"entries":[]}}}}"#)), None);
    }

    #[test]
    fn an_object_that_only_wraps_a_list_is_recognised() {
        let of = |text: &str| wrapper_of(text.as_bytes()).map(|wrapper| wrapper.lists);
        assert_eq!(of("{\"Records\":[{\"a\":1}"), Some(&[&["Records"][..]][..]));
        assert_eq!(
            of("{ \"object\" : \"list\", \"data\" : [ {\"id\": \"}\"}], \"has_more\": true}"),
            Some(&[&["data"][..]][..])
        );
        assert_eq!(of("{\"resourceSpans\":[{}]}").map(<[_]>::len), Some(3));
        assert_eq!(of("{\"resource_spans\":[{}]}").map(<[_]>::len), Some(3));
        assert_eq!(of("{\"ts\":1,\"data\":[{}]}"), None, "a log with a list among its columns");
        assert_eq!(of("{\"data\":[1,2]}"), None);
        assert_eq!(of("{\"data\":[{}],\"user\":\"u\"}"), None);
        assert_eq!(of("{\"a\":{\"data\":[{}]}}"), None);
    }
}
