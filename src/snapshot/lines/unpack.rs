//! Decompression of text files as a stream, within bounds.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

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
}

/// Compression by the first bytes, and a reader of the decompressed bytes from the beginning.
///
/// # Errors
/// The file cannot be opened or read.
pub(super) fn open(path: &Path) -> io::Result<(Packing, Box<dyn BufRead + Send>)> {
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
        _ => Packing::Plain,
    };
    let bounded = |reader: Box<dyn Read + Send>| -> Box<dyn BufRead + Send> {
        let limit = bytes.saturating_mul(EXPANSION).max(ALWAYS_READ);
        Box::new(BufReader::with_capacity(BUFFER, Bounded { reader, left: limit }))
    };
    let reader = match packing {
        Packing::Plain => Box::new(packed),
        Packing::Gzip => bounded(Box::new(flate2::bufread::MultiGzDecoder::new(packed))),
        Packing::Zstd => bounded(Box::new(zstd::stream::read::Decoder::with_buffer(packed)?)),
    };
    Ok((packing, reader))
}

/// Compression of a file by its first bytes.
///
/// # Errors
/// The file cannot be opened or read.
pub(in crate::snapshot) fn packing_of(path: &Path) -> io::Result<Packing> {
    Ok(open(path)?.0)
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
