//! Dictionaries during the building of a cache. Values get provisional codes in the order of their
//! first use, which depends on threads, and then ranks in the order of the values, which does not.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{PoisonError, RwLock};

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, StringArray};
use rayon::prelude::*;

use super::columns::NONE;
use super::names::{Name, Names};

/// Dictionary that gives each distinct text a provisional code; shared between threads.
///
/// Texts are distinguished by their [names](Names), so that a repeated text costs one memory access:
/// a case looks up twice as many texts as it has exchanges.
pub(super) struct Dictionary<'a> {
    names: &'a Names,
    entries: RwLock<Entries>,
}

/// Code of each name.
pub(super) type ByName = HashMap<Name, u32, BuildHasherDefault<LastWord>>;

#[derive(Default)]
struct Entries {
    codes: ByName,
    /// Texts, by code.
    texts: Vec<Box<str>>,
}

impl<'a> Dictionary<'a> {
    /// Empty dictionary of texts with these names.
    pub(super) fn new(names: &'a Names) -> Self {
        Self { names, entries: RwLock::default() }
    }

    /// Texts in the order of their bytes, and the rank of each code.
    pub(super) fn ranked(self) -> (Vec<Box<str>>, Vec<u32>) {
        // A panic of another thread leaves the entries consistent, so a poisoned lock is usable.
        let Entries { texts, .. } = self.entries.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut sorted: Vec<(Box<str>, u32)> = texts.into_iter().zip(0..).collect();
        sorted.par_sort_unstable();
        let mut ranks = vec![NONE; sorted.len()];
        for (rank, (_, code)) in sorted.iter().enumerate() {
            ranks[*code as usize] = rank as u32;
        }
        (sorted.into_iter().map(|(text, _)| text).collect(), ranks)
    }

    /// Writes the codes of the texts at some positions of a dictionary page into `codes`, at the same
    /// positions; new texts are added.
    fn look_up(&self, texts: &StringArray, places: &[usize], codes: &mut [u32]) {
        let named: Vec<(usize, Name)> =
            places.iter().map(|&at| (at, self.names.of(texts.value(at).as_bytes()))).collect();
        let mut fresh = Vec::new();
        {
            let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
            for &(at, name) in &named {
                match entries.codes.get(&name) {
                    Some(&code) => codes[at] = code,
                    None => fresh.push((at, name)),
                }
            }
        }
        if fresh.is_empty() {
            return;
        }
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let Entries { codes: by_name, texts: all } = &mut *entries;
        for (at, name) in fresh {
            codes[at] = *by_name.entry(name).or_insert_with(|| {
                all.push(texts.value(at).into());
                all.len() as u32 - 1
            });
        }
    }
}

/// Hasher of names, which are keyed hashes already: returns the last word.
#[derive(Default)]
pub(super) struct LastWord(u64);

impl Hasher for LastWord {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // `write` is called with the length first, then with the words of the name.
        self.0 = bytes.last_chunk().map_or(self.0, |word| u64::from_le_bytes(*word));
    }
}

/// Converter of the dictionary pages of one column of one task to codes. Batches of a row group
/// share a dictionary, which is looked up once.
#[derive(Default)]
pub(super) struct Coder {
    values: Option<ArrayRef>,
    /// Code of each entry of `values`; [`UNKNOWN`] if it has not been looked up.
    codes: Vec<u32>,
    /// Number of codes that are [`UNKNOWN`].
    unknown: usize,
}

/// Marks a value that has not been looked up; not a valid code.
const UNKNOWN: u32 = NONE - 1;

impl Coder {
    /// Appends the code of each row. The empty text is a missing value unless `allow_empty`, as logs
    /// write it for “none”. Rows whose entry in `counts` is false get a code without meaning and add no
    /// value to the dictionary; `None` counts all rows.
    pub(super) fn code(
        &mut self,
        dictionary: &Dictionary<'_>,
        coded: &DictionaryArray<Int32Type>,
        allow_empty: bool,
        counts: Option<&[bool]>,
        into: &mut Vec<u32>,
    ) {
        if !self.values.as_ref().is_some_and(|values| values.to_data().ptr_eq(&coded.values().to_data())) {
            self.values = Some(coded.values().clone());
            self.codes.clear();
            self.codes.resize(coded.values().len(), UNKNOWN);
            self.unknown = self.codes.len();
        }
        let keys = coded.keys().values();
        let valid = coded.keys().nulls().filter(|nulls| nulls.null_count() > 0);
        if self.unknown > 0 {
            self.look_up_unknown(dictionary, coded, allow_empty, |row| {
                valid.is_none_or(|valid| valid.is_valid(row)) && counts.is_none_or(|counts| counts[row])
            });
        }
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

    /// Looks up the unknown values of `wanted` rows.
    fn look_up_unknown(
        &mut self,
        dictionary: &Dictionary<'_>,
        coded: &DictionaryArray<Int32Type>,
        allow_empty: bool,
        wanted: impl Fn(usize) -> bool,
    ) {
        let mut asked: Vec<usize> = Vec::new();
        for (row, &key) in coded.keys().values().iter().enumerate() {
            if let Some(code) = self.codes.get_mut(key as usize)
                && *code == UNKNOWN
                && wanted(row)
            {
                *code = NONE;
                asked.push(key as usize);
            }
        }
        self.unknown -= asked.len();
        let Some(texts) = coded.values().as_string_opt::<i32>() else { return };
        asked.retain(|&key| texts.is_valid(key) && (allow_empty || !texts.value(key).is_empty()));
        dictionary.look_up(texts, &asked, &mut self.codes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;

    #[test]
    fn ranks_follow_the_values_and_forget_what_no_row_uses() {
        let names = Names::keyed(&Digest::of(b"key"));
        let dictionary = Dictionary::new(&names);
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
