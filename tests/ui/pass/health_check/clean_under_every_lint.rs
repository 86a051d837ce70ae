//! A check that nothing else calls is no dead code, and its expansion sets off no lint of its own.

#![deny(warnings, unused, dead_code, missing_docs, unsafe_code, clippy::all, clippy::pedantic)]

use std::time::Duration;

use resilience::health::Health;
use resilience::{health_check, retry};

const LIMIT: Duration = Duration::from_secs(5);

#[health_check(name = "private", timeout = "1s")]
fn private() -> bool {
    true
}

#[health_check(timeout = LIMIT, critical = false)]
async fn by_constant() -> Result<Health, std::io::Error> {
    Ok(Health::healthy())
}

#[health_check(timeout = "1s")]
#[retry]
async fn retried() -> Result<(), resilience::Error> {
    Ok(())
}

mod inner {
    #[resilience::health_check(crate = ::resilience, timeout = "1s")]
    pub(super) fn r#type() -> Result<bool, String> {
        #![allow(clippy::unnecessary_wraps)]
        Ok(true)
    }
}

fn main() {
    #[health_check(name = "local", timeout = "1s")]
    fn local() {}

    assert_eq!(inner::r#type(), Ok(true));
}
