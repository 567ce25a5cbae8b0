//! Texts of rows, in memory up to a bound and in an unnamed temporary file beyond it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::{Mutex, PoisonError};

/// Bytes of text in memory.
const IN_MEMORY: usize = 32 << 20;

/// Texts by row.
#[derive(Debug, Default)]
pub(super) struct KeptTexts {
    /// Offset and length of each text, counted through the file and then the memory.
    places: BTreeMap<u64, (u64, usize)>,
    file: Option<Mutex<File>>,
    /// Bytes in the file.
    written: u64,
    memory: Vec<u8>,
}

impl KeptTexts {
    /// Adds the text of a row.
    ///
    /// # Errors
    /// The temporary file cannot be written, in words.
    pub fn add(&mut self, row: u64, text: &str) -> Result<(), String> {
        self.places.insert(row, (self.written + self.memory.len() as u64, text.len()));
        self.memory.extend_from_slice(text.as_bytes());
        if self.memory.len() < IN_MEMORY {
            return Ok(());
        }
        self.write().map_err(|error| format!("texts that go on over several rows cannot be kept: {error}"))
    }

    fn write(&mut self) -> io::Result<()> {
        let file = match self.file.take() {
            Some(file) => file,
            None => Mutex::new(tempfile::tempfile()?),
        };
        let file = self.file.insert(file).get_mut().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&self.memory)?;
        self.written += self.memory.len() as u64;
        self.memory.clear();
        Ok(())
    }

    /// Text of a row; `None` for a row without one.
    ///
    /// # Errors
    /// The temporary file cannot be read, in words.
    pub fn get(&self, row: u64) -> Result<Option<String>, String> {
        let Some(&(offset, length)) = self.places.get(&row) else { return Ok(None) };
        let bytes = match (offset.checked_sub(self.written), &self.file) {
            (Some(at), _) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                self.memory.get(at..at.saturating_add(length)).unwrap_or_default().to_vec()
            }
            (None, Some(file)) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let mut bytes = vec![0; length];
                file.seek(SeekFrom::Start(offset)).map_err(|error| error.to_string())?;
                file.read_exact(&mut bytes).map_err(|error| error.to_string())?;
                bytes
            }
            (None, None) => Vec::new(),
        };
        String::from_utf8(bytes).map(Some).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_from_memory_and_from_the_file() {
        let mut kept = KeptTexts::default();
        let long = "é".repeat(IN_MEMORY / 4);
        for row in 0..5 {
            kept.add(row, &format!("{row}{long}")).unwrap();
        }
        kept.add(9, "").unwrap();
        assert!(kept.file.is_some() && kept.memory.capacity() < 2 * IN_MEMORY);
        for row in 0..5 {
            assert!(kept.get(row).unwrap().is_some_and(|text| text == format!("{row}{long}")), "{row}");
        }
        assert_eq!(kept.get(9), Ok(Some(String::new())));
        assert_eq!(kept.get(7), Ok(None));
    }
}
