//! # Prefetch: memory that is going to be needed
//!
//! Idea        what no near cache has takes a hundred times as long as what one
//!             has. Whoever knows early where it will read next says so, and does
//!             something else in the meantime
//! Cost        an instruction, which waits for nothing
//! Left out    machines but x86-64: the hint has no stable name there, and does
//!             nothing
//! Next        [`crate::storage`]

/// Hints that the item at `index` is going to be read, if there is one.
#[inline]
pub(crate) fn prefetch<T>(items: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(item) = items.get(index) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint: it reads nothing and can't fail, whatever the address;
        // and every x86-64 has it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(item).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (items, index);
}

/// The same of the encoded block at `start`, which has seldom more than three lines
/// of memory.
#[inline]
pub(crate) fn prefetch_block(bytes: &[u8], start: usize) {
    for line in 0..3 {
        prefetch(bytes, start + 64 * line);
    }
}
