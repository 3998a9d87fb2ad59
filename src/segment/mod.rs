//! (being written)

pub mod column;
pub(crate) mod stored;
pub mod tombstones;
