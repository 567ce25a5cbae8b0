//! Names of texts and of whole records: keyed hashes of 128 bits. Equal names are taken as equal
//! content.
//!
//! SipHash-1-3 (Aumasson & Bernstein 2012), with as many rounds as Rust's hash maps, under a key made
//! of the snapshots' SHA-256. The writer of a text cannot know the SHA-256 of the log that will hold
//! it, and so cannot construct a collision. Of 10⁹ texts, two collide by chance in one of 10²⁰ cases.

use std::hash::Hasher as _;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use siphasher::sip128::{Hasher128 as _, SipHasher13};

use super::columns::NO_KEY;
use crate::model::Digest;

/// Name of a text or record; [`NO_NAME`] for none.
pub(super) type Name = [u64; 2];
/// Name of a missing text.
pub(super) const NO_NAME: Name = [0, 0];

/// Keyed hasher that gives names.
#[derive(Clone)]
pub(super) struct Names(SipHasher13);

impl Names {
    /// Hasher keyed by this digest.
    pub(super) fn keyed(by: &Digest) -> Self {
        Self(SipHasher13::new_with_key(by.0.first_chunk().unwrap_or(&[0; 16])))
    }

    /// Name of bytes.
    pub(super) fn of(&self, bytes: &[u8]) -> Name {
        let mut hasher = self.0;
        hasher.write(bytes);
        let hash = hasher.finish128();
        // A first word of zero would read as “no key”.
        [hash.h1.max(NO_KEY + 1), hash.h2]
    }

    /// Name of a text; none for an absent or empty text.
    pub(super) fn of_text(&self, text: Option<&str>) -> Name {
        text.filter(|text| !text.is_empty()).map_or(NO_NAME, |text| self.of(text.as_bytes()))
    }

    /// Name of some cells of one row, each with the number of its column.
    pub(super) fn of_cells<'a>(
        &self,
        cells: impl IntoIterator<Item = (u8, Option<&'a ArrayRef>)>,
        row: usize,
    ) -> Name {
        let mut bytes = Vec::new();
        for (column, array) in cells {
            if let Some(array) = array {
                write_cell(column, array, row, &mut bytes);
            }
        }
        self.of(&bytes)
    }
}

/// Appends one cell as column number, length and bytes; a missing value appends nothing, like an
/// absent column.
fn write_cell(column: u8, array: &ArrayRef, row: usize, bytes: &mut Vec<u8>) {
    if !array.is_valid(row) {
        return;
    }
    let mut write = |cell: &[u8]| {
        bytes.push(column);
        bytes.extend((cell.len() as u64).to_le_bytes());
        bytes.extend(cell);
    };
    if let Some(coded) = array.as_dictionary_opt::<Int32Type>() {
        let (key, texts) = (coded.keys().value(row) as usize, coded.values().as_string_opt::<i32>());
        if let Some(texts) = texts.filter(|texts| key < texts.len()) {
            write(texts.value(key).as_bytes());
        }
    } else if let Some(texts) = array.as_string_opt::<i32>() {
        write(texts.value(row).as_bytes());
    } else if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
        write(&numbers.value(row).to_le_bytes());
    } else if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
        write(&numbers.value(row).to_le_bytes());
    } else if let Some(flags) = array.as_boolean_opt() {
        write(&[u8::from(flags.value(row))]);
    } else if let Some(vectors) = array.as_fixed_size_list_opt() {
        write(&of_floats(&vectors.value(row)));
    } else {
        // No canonical type; its text is hashed, so that different values have different names.
        let text = arrow_cast::display::array_value_to_string(array, row);
        write(text.unwrap_or_else(|error| format!("row {row}: {error}")).as_bytes());
    }
}

fn of_floats(vector: &ArrayRef) -> Vec<u8> {
    let values = vector.as_primitive_opt::<Float32Type>().map(|vector| vector.values());
    values.map_or_else(Vec::new, |values| values.iter().flat_map(|value| value.to_le_bytes()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_text_and_key() {
        let names = Names::keyed(&Digest::of(b"one"));
        assert_eq!(names.of(b"r1"), names.of(b"r1"));
        assert_ne!(names.of(b"r1"), names.of(b"r2"));
        assert_ne!(names.of(b"r1"), Names::keyed(&Digest::of(b"two")).of(b"r1"));
        assert_eq!(names.of_text(Some("")), NO_NAME);
        assert_eq!(names.of_text(None), NO_NAME);
    }
}
