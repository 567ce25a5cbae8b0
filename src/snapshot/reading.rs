//! Rules of a mapping on opening files.

use super::Mapping;
use super::lines::{Encoding, choose_delimiter, choose_encoding, choose_rows_at, delimiter_of};

impl Mapping {
    /// Has files whose layout no case keeps opened as the mapping says, from now on: with its place of the rows and
    /// its encoding, or without either.
    pub fn choose_reading(&self) {
        choose_encoding(self.encoding.as_deref().and_then(Encoding::named));
        choose_rows_at(self.rows_at.as_deref());
        choose_delimiter(self.delimiter.as_deref().and_then(delimiter_of));
    }
}
