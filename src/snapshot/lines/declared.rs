//! Encoding and delimiter that the user states for text files, and the files that the encoding is true of.

use std::io::{self, BufRead};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::encoding::Encoding;
use super::head::DELIMITERS;
use super::unpack::{Packing, open};

/// Encoding that the user named.
static CHOSEN: Mutex<Option<Encoding>> = Mutex::new(None);

/// Takes one encoding for all text files that are not UTF-8 and whose layout no case keeps, from now on.
pub fn choose_encoding(encoding: Option<Encoding>) {
    *CHOSEN.lock().unwrap_or_else(PoisonError::into_inner) = encoding;
}

/// The encoding that the user named.
pub(super) fn chosen_encoding() -> Option<Encoding> {
    *CHOSEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Delimiter that the user named.
static DELIMITER: Mutex<Option<u8>> = Mutex::new(None);

/// Takes one delimiter for all CSV files whose layout no case keeps, from now on.
pub fn choose_delimiter(delimiter: Option<u8>) {
    *DELIMITER.lock().unwrap_or_else(PoisonError::into_inner) = delimiter;
}

/// Delimiters that CSV may have: the one that the user named, else the usual ones.
pub(super) fn delimiters() -> Vec<u8> {
    let chosen = *DELIMITER.lock().unwrap_or_else(PoisonError::into_inner);
    chosen.map_or_else(|| DELIMITERS.to_vec(), |own| vec![own])
}

/// Encoding in which a file is read of which `chosen` is said: none where the file begins with a byte order mark,
/// or is UTF-8 as a whole.
///
/// # Errors
/// The file cannot be opened.
pub(super) fn encoding_of(path: &Path, chosen: Option<Encoding>) -> io::Result<Option<Encoding>> {
    let Some(chosen) = chosen else { return Ok(None) };
    let (packing, mut input) = open(path, None)?;
    let is_marked = input.fill_buf().is_ok_and(|bytes| bytes.starts_with(b"\xef\xbb\xbf"));
    let is_plain = is_marked || packing == Packing::Recoded || is_utf8(input);
    Ok(Some(chosen).filter(|_| !is_plain))
}

/// True for a stream of UTF-8, as far as it can be read.
fn is_utf8(mut input: impl BufRead) -> bool {
    let mut bytes = Vec::new();
    loop {
        let chunk = input.fill_buf().unwrap_or_default();
        if chunk.is_empty() {
            return bytes.is_empty();
        }
        let read = chunk.len();
        bytes.extend_from_slice(chunk);
        let rest = match std::str::from_utf8(&bytes) {
            Ok(_) => bytes.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return false,
        };
        bytes.drain(..rest);
        input.consume(read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_utf8_is_read_as_such() {
        let dir = tempfile::tempdir().unwrap();
        let chosen = Encoding::named("windows-1252");
        let of = |bytes: &[u8]| {
            let path = dir.path().join("f");
            std::fs::write(&path, bytes).unwrap();
            encoding_of(&path, chosen).unwrap()
        };
        assert_eq!(of("a,é\n".as_bytes()), None);
        assert_eq!(of(b"\xef\xbb\xbfa,\xe9\n"), None, "a mark of UTF-8, and a byte that is not");
        assert_eq!(of(b"\xff\xfea\0,\0"), None, "UTF-16");
        assert_eq!(of(b"a,\xe9\n"), chosen);
        assert_eq!(of(b"a,\xe2\x82"), chosen, "cut inside a character");
    }
}
