//! Decompression of text files as a stream, within bounds.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use super::encoding::{Encoding, Recoder};
use super::utf16::{Decoder, order_of};

/// Size of the buffers of bytes, compressed and decompressed.
const BUFFER: usize = 256 * 1024;
/// Decompressed size that is always read, and the largest expansion beyond it.
const ALWAYS_READ: u64 = 1 << 30;
const EXPANSION: u64 = 1_000;

/// Compression of a whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::snapshot) enum Packing {
    Plain,
    Gzip,
    Zstd,
    /// Text in another encoding, which is read as UTF-8 from its beginning, as decompressed bytes are.
    Recoded,
}

/// Number of decompressed bytes that are looked at.
const PROBED_BYTES: u64 = 256 * 1024;

/// Packing of a file, its first bytes unpacked, and true if there are no more.
///
/// # Errors
/// The file cannot be opened or read.
pub(in crate::snapshot) fn first_bytes(
    path: &Path,
    encoding: Option<Encoding>,
) -> io::Result<(Packing, Vec<u8>, bool)> {
    let (packing, mut file) = open(path, encoding)?;
    let mut bytes = Vec::new();
    // A truncated file is recognised by what it has.
    let end = file.by_ref().take(PROBED_BYTES).read_to_end(&mut bytes);
    if packing == Packing::Plain {
        end?;
    }
    let is_whole = (bytes.len() as u64) < PROBED_BYTES;
    Ok((packing, bytes, is_whole))
}

/// Compression by the first bytes, and a reader of the decompressed bytes from the beginning, as UTF-8. A byte
/// order mark of UTF-16 comes before the encoding that is said of the file.
///
/// # Errors
/// The file cannot be opened or read.
pub(super) fn open(
    path: &Path,
    encoding: Option<Encoding>,
) -> io::Result<(Packing, Box<dyn BufRead + Send>)> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut first = [0; 4];
    let mut filled = 0;
    while filled < first.len() {
        match file.read(&mut first[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    file.seek(SeekFrom::Start(0))?;
    let packed = BufReader::with_capacity(BUFFER, file);
    let packing = match first {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Packing::Zstd,
        _ if encoding.is_some() || order_of(&first[..filled]).is_some() => Packing::Recoded,
        _ => Packing::Plain,
    };
    let bounded = |reader: Box<dyn Read + Send>| -> Box<dyn BufRead + Send> {
        let limit = bytes.saturating_mul(EXPANSION).max(ALWAYS_READ);
        Box::new(BufReader::with_capacity(BUFFER, Bounded { reader, left: limit }))
    };
    let mut reader: Box<dyn BufRead + Send> = match packing {
        Packing::Plain | Packing::Recoded => Box::new(packed),
        Packing::Gzip => bounded(Box::new(flate2::bufread::MultiGzDecoder::new(packed))),
        Packing::Zstd => bounded(Box::new(zstd::stream::read::Decoder::with_buffer(packed)?)),
    };
    if packing != Packing::Plain {
        // Damage at the very beginning is reported by those who read on.
        let order = reader.fill_buf().ok().and_then(|bytes| order_of(&bytes[..bytes.len().min(4)]));
        reader = match (order, encoding) {
            (Some(order), _) => Box::new(BufReader::with_capacity(BUFFER, Decoder::new(reader, order))),
            (None, Some(own)) => Box::new(BufReader::with_capacity(BUFFER, Recoder::new(reader, own))),
            (None, None) => reader,
        };
    }
    Ok((packing, reader))
}

/// Compression of a file by its first bytes.
///
/// # Errors
/// The file cannot be opened or read.
pub(in crate::snapshot) fn packing_of(path: &Path, encoding: Option<Encoding>) -> io::Result<Packing> {
    Ok(open(path, encoding)?.0)
}

/// Reader of a plain file from an offset.
///
/// # Errors
/// The file cannot be opened or read.
pub(super) fn open_at(path: &Path, offset: u64) -> io::Result<Box<dyn BufRead + Send>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    Ok(Box::new(BufReader::with_capacity(BUFFER, file)))
}

/// Reader that refuses to go on beyond a number of bytes.
struct Bounded {
    reader: Box<dyn Read + Send>,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other("it expands to more than 1,000 times its size, as a decompression bomb does")
        })?;
        Ok(read)
    }
}
