//! A body that uses up all that tokio lets a task do in one turn, each time, and leaves nothing for a timer: what is due
//! comes all the same.

use std::time::Duration;

use resilience::{Pipeline, hedge, timeout, with_timeout};

use crate::support::{Fault, Runs, ms};

/// More than any call here may take, so that one that isn't ended fails its test instead of hanging it.
const TURNS: u32 = 1_000;

/// What tokio lets a task do in a turn.
const UNITS: u32 = 128;

/// Has always something to do.
async fn greedy() -> Result<u32, Fault> {
    for _ in 0..TURNS * UNITS {
        tokio::task::consume_budget().await;
    }
    Ok(1)
}

/// Time passes while a call runs. The paused clock goes on by itself only where nothing has anything to do.
fn time_passes(by: Duration) {
    tokio::spawn(async move {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        tokio::time::advance(by).await;
    });
}

#[tokio::test(start_paused = true)]
async fn a_timeout_ends_it() {
    #[timeout("250ms")]
    async fn call() -> Result<u32, Fault> {
        greedy().await
    }
    time_passes(ms(250));
    assert!(call().await.unwrap_err().refusal().is_timed_out());
}

#[tokio::test(start_paused = true)]
async fn a_timeout_by_hand_ends_it() {
    time_passes(ms(250));
    assert!(with_timeout(ms(250), greedy()).await.unwrap_err().is_timed_out());
}

#[tokio::test(start_paused = true)]
async fn the_timeout_of_a_pipeline_ends_it() {
    let pipeline = Pipeline::<u32, Fault>::builder().timeout(ms(250)).build().unwrap();
    time_passes(ms(250));
    assert!(pipeline.call_async(greedy).await.unwrap_err().refusal().is_timed_out());
}

#[tokio::test(start_paused = true)]
async fn a_hedge_makes_another_call_beside_it() {
    #[hedge(after = "250ms")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        if runs.hit() == 1 { greedy().await } else { Ok(2) }
    }
    time_passes(ms(250));
    assert_eq!(call(&Runs::new()).await, Ok(2));
}
