//! Text in a declared encoding, read as a stream of UTF-8.

use std::io::{self, BufRead, Read};

use encoding_rs::DecoderResult;

/// Encoding of a text that is not UTF-8, as the Encoding Standard of the WHATWG has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// Encoding with a label such as `windows-1252`, `latin1`, `gbk` or `shift_jis`; `None` for other labels.
    pub fn named(label: &str) -> Option<Self> {
        encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()).map(Self)
    }

    /// Name in the standard.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

/// Text of bytes in the western European encoding of Windows, which has a character for each byte.
pub(super) fn western(bytes: &[u8]) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned().into_bytes()
}

/// Reader of the text of another one in UTF-8. Bytes that the encoding does not have are written as one byte that
/// is not UTF-8, and are counted as such by those who read it.
pub(super) struct Recoder<R> {
    input: R,
    decoder: encoding_rs::Decoder,
    is_ended: bool,
    ready: Vec<u8>,
    taken: usize,
}

impl<R: BufRead> Recoder<R> {
    pub fn new(input: R, encoding: Encoding) -> Self {
        let decoder = encoding.0.new_decoder_without_bom_handling();
        Self { input, decoder, is_ended: false, ready: Vec::new(), taken: 0 }
    }

    /// Decodes the next bytes of the input.
    fn fill(&mut self) -> io::Result<()> {
        let chunk = self.input.fill_buf()?;
        self.is_ended = chunk.is_empty();
        let (mut rest, mut length) = (chunk, 0);
        loop {
            self.ready.resize(length + 4 * rest.len() + 16, 0);
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                rest,
                &mut self.ready[length..],
                self.is_ended,
            );
            (rest, length) = (&rest[read..], length + written);
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(_, _) => {
                    self.ready.truncate(length);
                    self.ready.push(0xff);
                    length += 1;
                }
            }
        }
        self.ready.truncate(length);
        self.taken = 0;
        let read = chunk.len();
        self.input.consume(read);
        Ok(())
    }
}

impl<R: BufRead> Read for Recoder<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.ready.len() && !self.is_ended {
            self.fill()?;
        }
        let count = into.len().min(self.ready.len() - self.taken);
        into[..count].copy_from_slice(&self.ready[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn encodings_are_read_whatever_their_chunks() {
        let cases: [(&str, &[u8], &[u8]); 4] = [
            ("windows-1252", b"Gr\xf6\xdfe \x80 5", "Größe € 5".as_bytes()),
            ("latin1", b"\xe9", "é".as_bytes()),
            ("shift_jis", b"\x93\xfa\x96{,a", "日本,a".as_bytes()),
            ("gbk", b"a\xd6\xd0\xff,b\xd6", b"a\xe4\xb8\xad\xff,b\xff"),
        ];
        for (label, bytes, text) in cases {
            for buffer in [1, 2, 4_096] {
                let input = BufReader::with_capacity(buffer, bytes);
                let mut read = Vec::new();
                Recoder::new(input, Encoding::named(label).unwrap()).read_to_end(&mut read).unwrap();
                assert_eq!(read, text, "{label} in chunks of {buffer}");
            }
        }
        assert_eq!(Encoding::named("cp850"), None);
    }
}
