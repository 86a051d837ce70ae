//! Calls from the destructors of a thread's locals.
//!
//! `tokio` and `papaya` keep data for each thread, and panic where they are used after its destructor has run. Calls
//! from destructors that run later do without it.

/// What is known of the data that a dependency keeps for this thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ThreadData {
    /// It may not exist yet.
    Unused,
    Exists,
    Gone,
}

/// Makes a function that returns false once the data that `$touch` creates for the thread may be gone. `$touch` is false
/// if it is gone already: other code may have used the dependency on this thread before.
macro_rules! exists_for_thread {
    ($(#[$doc:meta])* $name:ident(), $touch:expr) => {
        $(#[$doc])*
        #[inline]
        fn $name() -> bool {
            use std::cell::Cell;

            use $crate::thread_end::ThreadData;

            thread_local! {
                // Without a destructor, so that it can be read to the end.
                static DATA: Cell<ThreadData> = const { Cell::new(ThreadData::Unused) };
                static MARK: Mark = const { Mark };
            }

            struct Mark;

            impl Drop for Mark {
                fn drop(&mut self) {
                    DATA.set(ThreadData::Gone);
                }
            }

            #[cold]
            #[inline(never)]
            fn look() -> bool {
                if DATA.get() == ThreadData::Gone {
                    return false;
                }
                // The destructor that is registered last runs first: the mark's before the one of the data.
                let exists = $touch;
                if exists {
                    MARK.with(|_| DATA.set(ThreadData::Exists));
                } else {
                    DATA.set(ThreadData::Gone);
                }
                exists
            }

            DATA.get() == ThreadData::Exists || look()
        }
    };
}
pub(crate) use exists_for_thread;
