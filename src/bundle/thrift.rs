//! Parser of Thrift's compact protocol for Parquet's footers and page headers. Reads a slice without
//! allocation and with bounded nesting, because the bytes of a bundle may be hostile.

/// Maximum nesting of skipped fields; Parquet itself has five levels.
const DEEPEST: u8 = 16;

/// Error of bytes that are not Thrift, or are nested too deeply.
pub(super) struct Malformed;

/// Types of fields and list items.
pub(super) const BINARY: u8 = 8;
pub(super) const LIST: u8 = 9;
pub(super) const STRUCT: u8 = 12;

/// A position in bytes of the compact protocol.
pub(super) struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u8,
}

impl<'a> Thrift<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, depth: 0 }
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let byte = *self.bytes.get(self.at).ok_or(Malformed)?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    /// A whole number of 16, 32 or 64 bits.
    pub(super) fn int(&mut self) -> Result<i64, Malformed> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// Skips bytes with a length prefix.
    fn binary(&mut self) -> Result<(), Malformed> {
        let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len()).ok_or(Malformed)?;
        self.at = end;
        Ok(())
    }

    /// Type and number of the items that follow.
    pub(super) fn list(&mut self) -> Result<(u8, usize), Malformed> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => usize::try_from(self.varint()?).map_err(|_| Malformed)?,
            few => usize::from(few),
        };
        // Every item takes at least one byte.
        if count > self.bytes.len() - self.at { Err(Malformed) } else { Ok((head & 15, count)) }
    }

    /// Reads a struct. `field` gets the number and type of each field and reads it, or returns false to skip
    /// it.
    pub(super) fn fields(
        &mut self,
        mut field: impl FnMut(&mut Self, i64, u8) -> Result<bool, Malformed>,
    ) -> Result<(), Malformed> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Malformed);
        }
        let mut number = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                self.depth -= 1;
                return Ok(());
            }
            number = match head >> 4 {
                0 => self.int()?,
                more => number.checked_add(i64::from(more)).ok_or(Malformed)?,
            };
            if !field(self, number, head & 15)? {
                self.skip(head & 15, false)?;
            }
        }
    }

    /// Skips a value. A boolean has no byte of its own as a field, and one byte as a list item.
    pub(super) fn skip(&mut self, kind: u8, item: bool) -> Result<(), Malformed> {
        match kind {
            1 | 2 if item => self.byte().map(|_| ()),
            1 | 2 => Ok(()),
            3 => self.byte().map(|_| ()),
            4..=6 => self.varint().map(|_| ()),
            7 => (0..8).try_for_each(|_| self.byte().map(|_| ())),
            BINARY => self.binary(),
            LIST | 10 => {
                self.depth += 1;
                let (kind, count) = self.list()?;
                if self.depth > DEEPEST {
                    return Err(Malformed);
                }
                (0..count).try_for_each(|_| self.skip(kind, true))?;
                self.depth -= 1;
                Ok(())
            }
            STRUCT => self.fields(|_, _, _| Ok(false)),
            // Parquet has no maps.
            _ => Err(Malformed),
        }
    }
}
