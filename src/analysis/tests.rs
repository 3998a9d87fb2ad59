//! The chapter's invariants, each as a test.
