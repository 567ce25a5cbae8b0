//! Surroundings of the rows of a JSON document: the objects that have the list of rows, without the list.
//!
//! A document per user or per chat has the account beside the list of its requests. A row has the object around
//! its list as the column `^`, the one around that as `^^`, and so on.

use super::layout::Layout;
use super::text::with_entries;
use super::wrapper::{Outside, Wrapper, floor};

/// Longest object around rows that is read, and longest member of one that is kept, in bytes.
const MAX_OBJECT_BYTES: usize = 16 << 20;
const MAX_MEMBER_BYTES: usize = 64 << 10;
/// Maximum of all that is kept of a file, in bytes.
const MAX_BYTES: usize = 256 << 20;

/// Objects of one level of the nesting, each with the first row that is in it.
type Level = Vec<(u64, Box<[u8]>)>;

/// Objects around the rows of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::snapshot) struct Around {
    /// From the outermost level inwards.
    levels: Vec<Level>,
}

impl Around {
    /// Names of the columns: `^` for the object directly around the list of the rows.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let has_one = |(_, level): &(usize, &Level)| !level.is_empty();
        let count = self.levels.len();
        self.levels.iter().enumerate().filter(has_one).map(move |(at, _)| "^".repeat(count - at))
    }

    /// Object around a row by the name of its column, as JSON text; `None` for other names, and for rows that are
    /// in none.
    pub fn get(&self, name: &str, row: u64) -> Option<&[u8]> {
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte == b'^');
        let level = self.levels.len().checked_sub(name.len()).filter(|_| is_name)?;
        let objects = &self.levels[level];
        let before = objects.partition_point(|(first, _)| *first <= row);
        objects.get(before.checked_sub(1)?).map(|(_, text)| &**text).filter(|text| !text.is_empty())
    }

    /// All objects around a row, as one JSON object by the names of their columns.
    pub fn of_row(&self, row: u64) -> Vec<u8> {
        let mut text = b"{".to_vec();
        for name in self.names() {
            if let Some(own) = self.get(&name, row) {
                text.extend(if text.len() > 1 { &b",\""[..] } else { b"\"" });
                text.extend(name.as_bytes());
                text.extend(b"\":");
                text.extend(own);
            }
        }
        text.push(b'}');
        text
    }
}

/// Gatherer of the objects around rows, from the bytes between these.
pub(super) struct Gatherer {
    outside: Outside,
    wrapper: Wrapper,
    open: Vec<Open>,
    found: Around,
    row: u64,
    bytes: usize,
}

/// Object that has not ended.
#[derive(Clone, Default)]
struct Open {
    text: Vec<u8>,
    first: u64,
}

impl Gatherer {
    /// Gatherer for a layout; `None` for one whose rows are in no list.
    pub fn new(layout: Layout) -> Option<Self> {
        let (Layout::JsonItems(wrapper) | Layout::JsonTable(wrapper, _)) = layout else { return None };
        let levels = wrapper.lists.len();
        let found = Around { levels: vec![Level::new(); levels] };
        let open = vec![Open::default(); levels];
        Some(Self { outside: Outside::default(), wrapper, open, found, row: 0, bytes: 0 })
    }

    /// Takes bytes before the next row.
    pub fn outside(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let (matched, depth) = self.outside.place();
            self.outside.skip(self.wrapper, &[byte]);
            let (then, depth_then) = self.outside.place();
            let level = matched.min(then);
            let Some(open) = self.open.get_mut(level) else { continue };
            let floor = floor(self.wrapper, level);
            if depth == floor {
                if byte != b'{' {
                    continue;
                }
                *open = Open { text: Vec::new(), first: self.row };
            }
            if open.text.len() <= MAX_OBJECT_BYTES {
                open.text.push(byte);
            }
            if depth_then == floor && byte == b'}' {
                self.end(level);
            }
        }
    }

    /// Takes a row. The last brace of an object without the next list stands for it.
    pub fn row(&mut self, record: &[u8]) {
        if let Some(b'}' | b']') = record.first() {
            self.outside(&record[..1]);
        }
        self.row += 1;
    }

    /// True if more stands around the rows than is kept.
    pub fn is_too_much(&self) -> bool {
        self.bytes > MAX_BYTES
    }

    /// All that was found.
    pub fn finish(self) -> Around {
        self.found
    }

    fn end(&mut self, level: usize) {
        let Open { text, first } = std::mem::take(&mut self.open[level]);
        let kept = if text.len() <= MAX_OBJECT_BYTES { without_long_members(text) } else { Vec::new() };
        self.bytes += kept.len();
        if !self.is_too_much() {
            self.found.levels[level].push((first, kept.into()));
        }
    }
}

/// The object without members that are longer than is kept; none if it is no object.
fn without_long_members(text: Vec<u8>) -> Vec<u8> {
    if text.len() <= MAX_MEMBER_BYTES {
        return text;
    }
    let short = with_entries(&text, |entries, is_coded| {
        let short = entries.iter().filter(|(_, value)| value.get().len() <= MAX_MEMBER_BYTES);
        let members =
            short.map(|(name, value)| format!("{}:{}", serde_json::Value::from(&**name), value.get()));
        let text = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        if is_coded { super::text::bytes_of(&text) } else { text.into_bytes() }
    });
    short.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::split::Splitter;
    use super::*;

    fn around(
        text: &str,
        through: &'static [&'static str],
        lists: super::super::wrapper::Lists,
    ) -> Vec<String> {
        let layout = Layout::JsonItems(Wrapper { through, lists });
        let mut all = Vec::new();
        for chunk in [1, 7, 4_096] {
            let input = std::io::BufReader::with_capacity(chunk, text.as_bytes());
            let mut splitter = Splitter::new(input, layout, 1, 0).with_around();
            let mut rows = 0;
            while splitter.next().unwrap().is_some() {
                rows += 1;
            }
            let found = splitter.around().unwrap();
            all.push((0..rows).map(|row| String::from_utf8(found.of_row(row)).unwrap()).collect::<Vec<_>>());
        }
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{all:?}");
        all.remove(0)
    }

    #[test]
    fn each_row_has_the_objects_around_its_list() {
        let users = r#"{"v":1,"users":[{"id":"a","calls":[{"n":1},{"n":2}],"m":[{"calls":[7]}]},{"calls":[],"id":"b"},{"id":"c","calls":[{"n":3}]}],"w":[2]}"#;
        let root = r#""^^":{"v":1,"users":[],"w":[2]}"#;
        let a = format!(r#"{{{root},"^":{{"id":"a","calls":[],"m":[{{"calls":[7]}}]}}}}"#);
        let c = format!(r#"{{{root},"^":{{"id":"c","calls":[]}}}}"#);
        assert_eq!(around(users, &[], &[&["users"], &["calls"]]), [a.clone(), a, c]);
    }

    #[test]
    fn documents_in_a_list_or_on_lines_are_told_apart() {
        let first = r#"{"user":"a]","chat":{"x":{"y":1},"rows":[{"n":1}]}}"#;
        let second = r#"{"chat":{"rows":[{"n":2},{"n":3}]},"user":"b"}"#;
        let expected = [
            r#"{"^":{"user":"a]","chat":{"x":{"y":1},"rows":[]}}}"#,
            r#"{"^":{"chat":{"rows":[]},"user":"b"}}"#,
            r#"{"^":{"chat":{"rows":[]},"user":"b"}}"#,
        ];
        for text in [format!("{first}\n{second}\n"), format!(" [ {first}, {second} ]\n")] {
            assert_eq!(around(&text, &["chat"], &[&["rows"]]), expected, "{text}");
        }
        let without = format!("[{{\"user\":\"x\"}},{second}]");
        let found = around(&without, &["chat"], &[&["rows"]]);
        assert_eq!(found.len(), 3, "a document without the list is a row that cannot be read");
        assert_eq!(found[1..], expected[1..]);
    }

    #[test]
    fn long_members_are_left_out() {
        let long = format!(r#"{{"a":1,"text":"{}","b\"c":"x"}}"#, "x".repeat(MAX_MEMBER_BYTES));
        assert_eq!(without_long_members(long.into_bytes()), br#"{"a":1,"b\"c":"x"}"#);
    }
}
