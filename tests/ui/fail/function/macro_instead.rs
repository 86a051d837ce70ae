//! What a macro will become isn't known before it is expanded: the attribute goes into it.
//!
//! ```
//! macro_rules! quote {
//!     () => {
//!         #[retry]
//!         fn quote() -> Option<u32> {
//!             Some(1)
//!         }
//!     };
//! }
//!
//! quote! {}
//! ```

use resilience::retry;

macro_rules! quote {
    () => {
        fn quote() -> Option<u32> {
            Some(1)
        }
    };
}

#[retry]
quote! {}

fn main() {}
