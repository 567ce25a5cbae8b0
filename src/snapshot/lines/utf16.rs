//! Text in UTF-16 as a stream of UTF-8.

use std::io::{self, Read};

/// Order of the bytes of UTF-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// Order of the bytes of a text in UTF-16 by its first four bytes: its mark, or zeros in every second byte.
/// `None` for any other text.
pub(super) fn order_of(first: &[u8]) -> Option<Order> {
    let is_ascii = |byte: u8| (b' '..0x7f).contains(&byte) || b"\t\r\n".contains(&byte);
    match *first {
        [0xff, 0xfe, 0, 0] => None,
        [0xff, 0xfe, ..] => Some(Order::Little),
        [0xfe, 0xff, ..] => Some(Order::Big),
        [a, 0, b, 0, ..] if is_ascii(a) && is_ascii(b) => Some(Order::Little),
        [0, a, 0, b, ..] if is_ascii(a) && is_ascii(b) => Some(Order::Big),
        _ => None,
    }
}

/// Reader of the text of another one in UTF-8. A half of a surrogate pair is written in three bytes as UTF-8
/// would be, which is not UTF-8 and is counted as such by those who read it; so is an odd last byte.
pub(super) struct Decoder<R> {
    input: R,
    order: Order,
    /// Bytes that are no whole unit yet.
    rest: Vec<u8>,
    /// First half of a surrogate pair.
    high: Option<u16>,
    ready: Vec<u8>,
    taken: usize,
}

impl<R: Read> Decoder<R> {
    pub fn new(input: R, order: Order) -> Self {
        Self { input, order, rest: Vec::new(), high: None, ready: Vec::new(), taken: 0 }
    }

    /// Decodes the next bytes of the input; false at its end.
    fn fill(&mut self) -> io::Result<bool> {
        let mut bytes = std::mem::take(&mut self.rest);
        let old = bytes.len();
        bytes.resize(old + 64 * 1024, 0);
        let read = self.input.read(&mut bytes[old..])?;
        bytes.truncate(old + read);
        (self.taken, self.ready) = (0, Vec::with_capacity(bytes.len()));
        if read == 0 {
            self.half();
            self.ready.extend(bytes.iter().map(|_| 0xff));
            return Ok(!self.ready.is_empty());
        }
        let (pairs, rest) = bytes.split_at(bytes.len() / 2 * 2);
        for pair in pairs.chunks_exact(2) {
            let pair = [pair[0], pair[1]];
            self.unit(if self.order == Order::Little {
                u16::from_le_bytes(pair)
            } else {
                u16::from_be_bytes(pair)
            });
        }
        self.rest = rest.to_vec();
        Ok(true)
    }

    fn unit(&mut self, unit: u16) {
        match (self.high, unit) {
            (Some(high), 0xdc00..=0xdfff) => {
                self.high = None;
                if let Some(Ok(c)) = char::decode_utf16([high, unit]).next() {
                    self.ready.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            _ => {
                self.half();
                match unit {
                    0xd800..=0xdbff => self.high = Some(unit),
                    _ => self.plain(unit),
                }
            }
        }
    }

    /// Writes a first half without a second one.
    fn half(&mut self) {
        if let Some(high) = self.high.take() {
            self.plain(high);
        }
    }

    fn plain(&mut self, unit: u16) {
        match char::from_u32(u32::from(unit)) {
            Some(c) => self.ready.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => {
                let tail = |shift: u32| 0x80 | (unit >> shift & 0x3f) as u8;
                self.ready.extend_from_slice(&[0xe0 | (unit >> 12) as u8, tail(6), tail(0)]);
            }
        }
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.ready.len() {
            if !self.fill()? {
                return Ok(0);
            }
        }
        let count = into.len().min(self.ready.len() - self.taken);
        into[..count].copy_from_slice(&self.ready[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives one byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(&mut into[..1])
        }
    }

    #[test]
    fn text_in_either_order_is_read_whatever_its_chunks() {
        let text = "\u{feff}ts,é,日本,🦀\n";
        let units: Vec<u16> = text.encode_utf16().collect();
        for order in [Order::Little, Order::Big] {
            let bytes: Vec<u8> = units
                .iter()
                .flat_map(|unit| if order == Order::Little { unit.to_le_bytes() } else { unit.to_be_bytes() })
                .collect();
            assert_eq!(order_of(&bytes[..4]), Some(order));
            assert_eq!(order_of(&bytes[2..6]), Some(order), "without a mark");
            for slow in [true, false] {
                let input: Box<dyn Read> = if slow { Box::new(Slow(&bytes)) } else { Box::new(&bytes[..]) };
                let mut read = String::new();
                Decoder::new(input, order).read_to_string(&mut read).unwrap();
                assert_eq!(read, text);
            }
        }
        assert_eq!(order_of(b"ts,a"), None);
        assert_eq!(order_of(&[0xff, 0xfe, 0, 0]), None, "UTF-32");
    }

    #[test]
    fn halves_of_pairs_are_bytes_that_are_no_text() {
        let mut read = Vec::new();
        Decoder::new(&[b'a', 0, 0x3d, 0xd8, b'b', 0, 0x3d, 0xd8, 7][..], Order::Little)
            .read_to_end(&mut read)
            .unwrap();
        assert_eq!(read, b"a\xed\xa0\xbdb\xed\xa0\xbd\xff");
        assert!(std::str::from_utf8(&read).is_err());
    }
}
