//! (being written)

/// Shared bytes: a placeholder for the mapped kind.
#[derive(Clone, Debug)]
pub struct Bytes(std::sync::Arc<Vec<u8>>, std::ops::Range<usize>);

impl Bytes {
    /// A part of these bytes.
    #[must_use]
    pub fn slice(&self, range: std::ops::Range<usize>) -> Self {
        let start = self.1.start;
        Self(self.0.clone(), start + range.start..start + range.end)
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0[self.1.clone()]
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        let range = 0..bytes.len();
        Self(std::sync::Arc::new(bytes), range)
    }
}
