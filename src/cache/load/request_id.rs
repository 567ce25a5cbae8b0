//! `request_id` values: placeholders, and ids shared by several exchanges.

use super::columns::NO_KEY;
use super::repeated::repeated;

/// Placeholders that logs write for a missing id, compared without regard to case.
const PLACEHOLDERS: [&str; 8] = ["-", "none", "null", "nil", "nan", "undefined", "n/a", "(null)"];

/// The id itself; `None` if it is empty, blank, a placeholder or a UUID of zeros.
pub(super) fn usable(id: &str) -> Option<&str> {
    let word = id.trim_matches(|c: char| c.is_whitespace() || c == '"');
    let is_placeholder = word.is_empty() || PLACEHOLDERS.iter().any(|other| word.eq_ignore_ascii_case(other));
    (!is_placeholder && !is_zero_uuid(word)).then_some(id)
}

fn is_zero_uuid(word: &str) -> bool {
    let zeros = word.bytes().filter(|&byte| byte == b'0').count();
    zeros == 32 && word.bytes().all(|byte| b"0-{}".contains(&byte))
}

/// Numbers of ids that several exchanges have, and of these exchanges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SharedIds {
    pub ids: u64,
    pub exchanges: u64,
}

/// Counter of ids by the first words of their names, in about `memory` bytes; if all ids need more, a
/// share of them is counted.
pub(super) struct IdCounter {
    parts: u64,
}

impl IdCounter {
    pub(super) fn new(rows: u64, memory: u64) -> Self {
        Self { parts: (rows * size_of::<u64>() as u64).div_ceil(memory.max(1)).max(1) }
    }

    /// True if ids with this word are counted.
    pub(super) fn takes(&self, word: u64) -> bool {
        word != NO_KEY && word.is_multiple_of(self.parts)
    }

    /// Shared ids among the words of all counted rows.
    pub(super) fn shared(words: Vec<Vec<u64>>) -> SharedIds {
        let words = repeated(words, |word| *word);
        let ids = words.chunk_by(|a, b| a == b).count() as u64;
        SharedIds { ids, exchanges: words.len() as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_no_ids() {
        let zero = "00000000-0000-0000-0000-000000000000";
        let braces = format!("{{{zero}}}");
        for none in ["", " ", "\t", "-", "None", "null", "NULL", "nil", zero, &zero.replace('-', ""), &braces]
        {
            assert_eq!(usable(none), None, "{none:?}");
        }
        for id in ["0", "1", "r1", "00000000-0000-0000-0000-000000000001", "none-1", "0000"] {
            assert_eq!(usable(id), Some(id));
        }
    }
}
