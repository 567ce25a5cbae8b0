//! Dictionaries while a cache is built: first codes in the order values turn up, which depends
//! on threads, then ranks in the order of the values, which does not.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray};
use arrow::datatypes::Int32Type;

use super::columns::NONE;

/// Gives each distinct text a provisional code. Shared between threads.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    codes: Mutex<HashMap<Box<str>, u32>>,
}

impl Dictionary {
    /// The texts in the order of their bytes, and the rank of each code.
    pub(super) fn ranked(self) -> (Vec<Box<str>>, Vec<u32>) {
        // A panic elsewhere cannot leave the map half-changed, so a poisoned lock is as good.
        let all = self.codes.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut sorted: Vec<(Box<str>, u32)> = all.into_iter().collect();
        sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut ranks = vec![NONE; sorted.len()];
        for (rank, (_, code)) in sorted.iter().enumerate() {
            ranks[*code as usize] = rank as u32;
        }
        (sorted.into_iter().map(|(text, _)| text).collect(), ranks)
    }
}

/// Turns the dictionary pages of one column of one task into codes. Batches of a row group share
/// a dictionary, which is looked up once.
#[derive(Default)]
pub(super) struct Coder {
    values: Option<ArrayRef>,
    /// The code of each value of `values`, [`UNKNOWN`] where it has not been asked for.
    codes: Vec<u32>,
}

/// The value has not been looked up; as a code it means nothing, like [`NONE`].
const UNKNOWN: u32 = NONE - 1;

impl Coder {
    /// Appends the code of each row. The empty text is no value unless it is `allow_empty`: logs
    /// write it for “none”. Rows that do not count (all do where nothing is
    /// said) get a code that means nothing, and bring no value into the dictionary.
    pub(super) fn code(
        &mut self,
        dictionary: &Dictionary,
        coded: &DictionaryArray<Int32Type>,
        allow_empty: bool,
        counts: Option<&[bool]>,
        into: &mut Vec<u32>,
    ) {
        if !self.values.as_ref().is_some_and(|known| known.to_data().ptr_eq(&coded.values().to_data())) {
            self.values = Some(coded.values().clone());
            self.codes.clear();
            self.codes.resize(coded.values().len(), UNKNOWN);
        }
        let keys = coded.keys().values();
        let valid = coded.keys().nulls().filter(|nulls| nulls.null_count() > 0);
        let mut asked: Vec<usize> = Vec::new();
        for (row, &key) in keys.iter().enumerate() {
            if let Some(code) = self.codes.get_mut(key as usize)
                && *code == UNKNOWN
                && valid.is_none_or(|valid| valid.is_valid(row))
                && counts.is_none_or(|counts| counts[row])
            {
                *code = NONE;
                asked.push(key as usize);
            }
        }
        self.look_up(dictionary, coded, allow_empty, &asked);
        let code_of = |key: i32| self.codes.get(key as usize).copied().unwrap_or(NONE);
        match valid {
            None => into.extend(keys.iter().map(|&key| code_of(key))),
            Some(valid) => {
                into.extend(
                    keys.iter().zip(valid).map(|(&key, valid)| if valid { code_of(key) } else { NONE }),
                );
            }
        }
    }

    fn look_up(
        &mut self,
        dictionary: &Dictionary,
        coded: &DictionaryArray<Int32Type>,
        allow_empty: bool,
        asked: &[usize],
    ) {
        let Some(texts) = coded.values().as_string_opt::<i32>().filter(|_| !asked.is_empty()) else { return };
        let mut codes = dictionary.codes.lock().unwrap_or_else(PoisonError::into_inner);
        for &key in asked.iter().filter(|&&key| texts.is_valid(key)) {
            let text = texts.value(key);
            if text.is_empty() && !allow_empty {
                continue;
            }
            let next = codes.len() as u32;
            self.codes[key] = match codes.get(text) {
                Some(&code) => code,
                None => *codes.entry(text.into()).or_insert(next),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_the_values_and_forget_what_no_row_uses() {
        let dictionary = Dictionary::default();
        let texts = [Some("z"), Some("b"), None, Some("a"), Some("b"), Some("")];
        let coded: DictionaryArray<Int32Type> = texts.into_iter().collect();
        let (mut coder, mut codes) = (Coder::default(), Vec::new());
        let counts = [false, true, true, true, true, true];
        coder.code(&dictionary, &coded, false, Some(&counts), &mut codes);
        coder.code(&dictionary, &coded.slice(3, 2), false, None, &mut codes);
        let (names, ranks) = dictionary.ranked();
        assert_eq!(names.iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["a", "b"]);
        let ranked: Vec<u32> =
            codes.iter().map(|&code| ranks.get(code as usize).copied().unwrap_or(NONE)).collect();
        assert_eq!(ranked, [NONE, 1, NONE, 0, 1, NONE, 0, 1]);
    }
}
