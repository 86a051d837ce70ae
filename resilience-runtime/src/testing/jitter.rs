//! Jitter that a test can foresee.

/// Makes the jitter that this thread draws from here on repeatable.
///
/// ```
/// resilience::testing::seed_jitter(7);
/// ```
pub fn seed_jitter(seed: u64) {
    crate::random::seed(seed);
}
