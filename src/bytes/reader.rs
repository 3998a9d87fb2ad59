//! # Reading bytes that may lie
//!
//! Idea        a cursor over a slice; each step checks that the bytes are
//!             there and that the number fits, and else returns a [`Lie`]
//! Invariants  (1) the position never passes the end
//!             (2) a `Lie` is a word and no allocation; the layer that knows
//!             the file and section turns it into an [`Error`](crate::Error)
//! Next        [`block`](super::block)

/// Bytes that claim something impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lie(pub(crate) &'static str);

impl std::fmt::Display for Lie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// The bytes stop before the structure that they hold does.
pub(crate) const ENDS_EARLY: Lie = Lie("it ends in the middle of an entry");

/// A bounds-checked cursor.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// The bytes not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        // Invariant (1): the position is at most the length.
        &self.bytes[self.position..]
    }

    /// The next `count` bytes.
    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Lie> {
        let taken = self.rest().get(..count).ok_or(ENDS_EARLY)?;
        self.position += count;
        Ok(taken)
    }

    /// The next `N` bytes.
    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Lie> {
        let taken = self.rest().first_chunk::<N>().ok_or(ENDS_EARLY)?;
        self.position += N;
        Ok(*taken)
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Result<u8, Lie> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Lie> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Lie> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Lie> {
        self.array().map(u64::from_le_bytes)
    }

    /// A varint of at most 64 bits.
    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, Lie> {
        match self.bytes.get(self.position) {
            Some(&byte) if byte < 0x80 => {
                self.position += 1;
                Ok(u64::from(byte))
            }
            _ => self.long_varint(),
        }
    }

    /// Apart, so that the short ones, which most are, are read in place.
    fn long_varint(&mut self) -> Result<u64, Lie> {
        let first = self.u8()?;
        let mut value = u64::from(first & 0x7f);
        let mut shift = 7;
        loop {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Lie("a number has more than 64 bits"));
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
            if shift > 63 {
                return Err(Lie("a number has more than 64 bits"));
            }
        }
    }

    /// A varint of at most 32 bits.
    #[inline]
    pub(crate) fn varint_u32(&mut self) -> Result<u32, Lie> {
        u32::try_from(self.varint()?).map_err(|_| Lie("a number has more than 32 bits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::varint;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn varints_come_back(values in prop::collection::vec(any::<u64>(), 0..50)) {
            let mut bytes = Vec::new();
            for &value in &values {
                varint::write(&mut bytes, value);
            }
            let mut reader = Reader::new(&bytes);
            for &value in &values {
                prop_assert_eq!(reader.varint(), Ok(value));
            }
            prop_assert!(reader.rest().is_empty());
            prop_assert_eq!(reader.u8(), Err(ENDS_EARLY));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut reader = Reader::new(&bytes);
            while reader.varint().is_ok() {}
            prop_assert!(reader.position() <= bytes.len());
        }
    }

    #[test]
    fn a_varint_of_too_many_bytes_is_a_lie() {
        assert!(Reader::new(&[0xff; 11]).varint().is_err());
        assert!(
            Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x7f])
                .varint_u32()
                .is_err()
        );
    }
}
