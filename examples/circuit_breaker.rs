//! `#[circuit_breaker]`: stop calling what keeps failing, and find out when it works again.
//!
//! ```text
//! cargo run --example circuit_breaker
//! ```

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use resilience::{CircuitState, circuit_breaker, get_circuit_breaker};

#[derive(Debug, thiserror::Error)]
enum PaymentError {
    #[error("the bank is down")]
    BankDown,
    #[error("card declined")]
    Declined,
    #[error(transparent)]
    Rejected(#[from] resilience::Error),
}

static BANK_IS_UP: AtomicBool = AtomicBool::new(false);

// Three failures in a row open the circuit for 100 ms. After that two successful trials close it.
// A declined card says nothing about the bank's health: it counts neither way.
#[circuit_breaker(
    name = "payments",
    failure_threshold = 3,
    reset_timeout = "100ms",
    half_open_max_calls = 2,
    except(PaymentError::Declined)
)]
fn pay(amount: u32) -> Result<(), PaymentError> {
    if !BANK_IS_UP.load(Ordering::Relaxed) {
        return Err(PaymentError::BankDown);
    }
    if amount > 1_000 {
        return Err(PaymentError::Declined);
    }
    Ok(())
}

// The same name is the same breaker, whatever the functions' types are.
#[circuit_breaker(name = "payments")]
fn refund(_amount: u32) -> Result<String, PaymentError> {
    Ok("refunded".to_owned())
}

fn main() -> Result<(), PaymentError> {
    // Known by name before the first call.
    let breaker = get_circuit_breaker("payments").expect("declared above");
    assert_eq!(breaker.state(), CircuitState::Closed);

    println!("The bank is down:");
    for _ in 1..=4 {
        println!("  pay: {:?}; the circuit is {}", pay(10), breaker.state());
    }
    println!("  refund: {:?}", refund(10));

    println!("The bank is up, and the time is over:");
    BANK_IS_UP.store(true, Ordering::Relaxed);
    std::thread::sleep(Duration::from_millis(110));
    println!("  the circuit is {}", breaker.state());
    for amount in [10, 2_000, 10] {
        println!("  pay {amount}: {:?}; the circuit is {}", pay(amount), breaker.state());
    }

    println!("By hand:");
    breaker.force_open();
    println!("  forced open: {:?}", pay(10));
    breaker.reset();
    println!("  reset: {:?}", pay(10));

    // The same breaker around code that is no function of its own.
    let receipt = breaker.call(|| Ok::<_, PaymentError>("receipt"))?;
    println!("  call: {receipt}");

    // And around code that gives its verdict later.
    let permit = breaker.try_acquire()?;
    permit.success();

    let metrics = breaker.metrics();
    println!(
        "Metrics: {} successes, {} failures, {} rejected, {} ignored",
        metrics.success, metrics.failure, metrics.rejected, metrics.ignored
    );
    for change in &metrics.state_changes {
        println!("  {} to {}: {}", change.from, change.to, change.cause);
    }
    Ok(())
}
