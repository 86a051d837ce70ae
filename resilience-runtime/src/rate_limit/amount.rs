//! What one call costs, and how many come in a time.

/// What a call can cost, and what a rate can be: any number.
///
/// ```
/// use resilience::{RateLimitPolicy, RateLimiter};
///
/// let limiter = RateLimiter::new("uploads", RateLimitPolicy::new().rate(100))?;
/// limiter.try_acquire(0.5)?;
/// limiter.try_acquire("twenty bytes of text".len())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no number of calls",
    label = "this is no number",
    note = "a cost is a number, and so is a rate: `cost = items.len()`, or `cost = bytes as f64 / 1024.0`"
)]
pub trait Cost: sealed::Sealed {
    /// The cost in calls: 1 is an ordinary one.
    fn into_calls(self) -> f64;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl sealed::Sealed for $number {}

        impl Cost for $number {
            #[inline]
            #[allow(clippy::cast_precision_loss, clippy::cast_lossless)] // a cost beyond 2⁵³ is above every burst
            fn into_calls(self) -> f64 {
                self as f64
            }
        }
    )*};
}

numbers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 f64);
