//! As much of DER (X.690) as a time stamp needs: values of definite length, read one after another.

/// Tags.
pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OBJECT: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// Values that are not read yet.
pub(super) struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The values in some bytes.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Tag and content of the next value; `None` at the end and where the bytes are no DER.
    pub fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// Content of the next value, which has to have this tag.
    pub fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(own, _)| *own == tag).map(|(_, content)| content)
    }

    /// Content of the only value, which has to have this tag.
    pub fn only(mut self, tag: u8) -> Option<&'a [u8]> {
        let content = self.take(tag)?;
        self.0.is_empty().then_some(content)
    }

    /// Content of the value at a position, from 0, which has to have this tag.
    pub fn nth(mut self, tag: u8, at: usize) -> Option<&'a [u8]> {
        for _ in 0..at {
            self.next()?;
        }
        self.take(tag)
    }

    /// The next value, an object identifier, in dotted form.
    pub fn object(&mut self) -> Option<String> {
        let bytes = self.take(OBJECT)?;
        let (&first, rest) = bytes.split_first()?;
        let mut parts = vec![u64::from(first / 40).min(2)];
        parts.push(u64::from(first) - 40 * parts[0]);
        let mut value = 0_u64;
        for byte in rest {
            value = value.checked_mul(128)? + u64::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                parts.push(value);
                value = 0;
            }
        }
        Some(parts.iter().map(u64::to_string).collect::<Vec<_>>().join("."))
    }
}

/// A value of a tag and the parts of its content, of fewer than 128 bytes.
pub(super) fn sequence(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    debug_assert!(content.len() < 0x80);
    [&[tag, content.len() as u8][..], &content].concat()
}

/// An object identifier by its encoded content.
pub(super) fn oid(content: &[u8]) -> Vec<u8> {
    sequence(OBJECT, &[content])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_one_after_another_and_never_beyond_the_end() {
        let long = [&[OCTETS, 0x81, 0x80][..], &[9; 128]].concat();
        let bytes = [&[INTEGER, 1, 5][..], &long, &oid(&[0x60, 0x86, 0x48, 0x01])].concat();
        let mut all = Der::of(&bytes);
        assert_eq!(all.take(INTEGER), Some(&[5][..]));
        assert_eq!(all.take(OCTETS).map(<[u8]>::len), Some(128));
        assert_eq!(all.object().as_deref(), Some("2.16.840.1"));
        assert_eq!(all.next(), None);
        for odd in [&[0x30][..], &[0x30, 5, 1], &[0x30, 0x80], &[0x30, 0x85, 1, 1, 1, 1, 1], &[0x30, 0x82, 1]]
        {
            assert_eq!(Der::of(odd).next(), None, "{odd:?}");
        }
    }
}
