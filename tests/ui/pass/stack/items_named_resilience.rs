//! Generated code means the library, whatever goes by its name here.
#![allow(dead_code, non_camel_case_types)]

mod module {
    use ::resilience::{Error, retry, timeout};

    mod resilience {
        pub mod __private {}
    }

    #[retry(base_delay = "0s")]
    #[timeout("1s", mode = "cooperative")]
    pub fn quote() -> Result<u32, Error> {
        Ok(1)
    }
}

mod function {
    fn resilience() {}

    #[::resilience::fallback(value = 0)]
    #[::resilience::circuit_breaker(failure_threshold = 3)]
    pub fn quote() -> Result<u32, ::resilience::Error> {
        resilience();
        Ok(2)
    }
}

mod structure {
    struct resilience;

    #[::resilience::bulkhead(max_concurrent = 2)]
    #[::resilience::rate_limit(rate = 100)]
    pub fn quote() -> Result<u32, ::resilience::Error> {
        let _ = resilience;
        Ok(3)
    }
}

mod import {
    use std as resilience;

    #[::resilience::retry(base_delay = "0s", when = |_| true)]
    #[::resilience::timeout("1s")]
    pub async fn quote() -> resilience::result::Result<u32, ::resilience::Error> {
        Ok(4)
    }
}

mod inside {
    #[::resilience::retry(base_delay = "0s")]
    pub fn quote() -> Option<u32> {
        mod resilience {}
        let resilience = 5;
        Some(resilience)
    }
}

fn main() {
    assert_eq!((module::quote(), function::quote(), structure::quote()), (Ok(1), Ok(2), Ok(3)));
    drop(import::quote());
    assert_eq!(inside::quote(), Some(5));
}
