//! Dictionaries while a cache is built: first codes in the order values turn up, which depends
//! on threads, then ranks in the order of the values, which does not.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::columns::NO_CODE;

/// Gives each distinct text a provisional code. Shared between threads.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    codes: Mutex<HashMap<Box<str>, u32>>,
}

impl Dictionary {
    /// The codes of some texts.
    pub(super) fn codes<'a>(&self, texts: impl Iterator<Item = Option<&'a str>>) -> Vec<u32> {
        // A panic elsewhere cannot leave the map half-changed, so a poisoned lock is as good.
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        texts
            .map(|text| match text {
                None => NO_CODE,
                Some(text) => match codes.get(text) {
                    Some(&code) => code,
                    None => {
                        let code = codes.len() as u32;
                        codes.insert(text.into(), code);
                        code
                    }
                },
            })
            .collect()
    }

    /// Ranks the texts that `rows` use by their bytes, and replaces the codes by the ranks.
    /// Returns the texts in order. Rows that are not named keep a code that means nothing.
    pub(super) fn rank(self, codes: &mut [u32], rows: &[u32]) -> Vec<String> {
        let all = self.codes.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut ranks = vec![NO_CODE; all.len()];
        for &row in rows {
            if let Some(used) = ranks.get_mut(codes[row as usize] as usize) {
                *used = 0;
            }
        }
        let mut used: Vec<_> = all.into_iter().filter(|&(_, code)| ranks[code as usize] == 0).collect();
        used.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (rank, (_, code)) in used.iter().enumerate() {
            ranks[*code as usize] = rank as u32;
        }
        for code in codes {
            *code = ranks.get(*code as usize).copied().unwrap_or(NO_CODE);
        }
        used.into_iter().map(|(text, _)| text.into_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_the_values_and_forget_what_no_row_uses() {
        let dictionary = Dictionary::default();
        let mut codes = dictionary.codes([Some("z"), Some("b"), None, Some("a"), Some("b")].into_iter());
        let names = dictionary.rank(&mut codes, &[1, 2, 3, 4]);
        assert_eq!(names, ["a", "b"]);
        assert_eq!(codes[1..], [1, NO_CODE, 0, 1]);
    }
}
