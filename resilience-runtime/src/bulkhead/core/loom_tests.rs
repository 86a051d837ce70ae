//! Those who listen, between threads, in every order.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use loom::thread;

use super::*;
use crate::sync::{AtomicUsize, in_every_order};

#[test]
fn somebody_who_begins_to_listen_is_told_although_somebody_else_stops() {
    in_every_order(|| {
        let core = Arc::new(Core::new("test".into(), BulkheadPolicy::new(1)));
        let former = core.subscribe(Box::new(|_| {}));
        let leaver = {
            let core = Arc::clone(&core);
            thread::spawn(move || core.unsubscribe(&former))
        };
        let heard = Arc::new(AtomicUsize::new(0));
        let listener = Arc::clone(&heard);
        let latter = core.subscribe(Box::new(move |_| {
            listener.fetch_add(1, Ordering::Relaxed);
        }));
        leaver.join().expect("no panic");
        assert!(core.queue.is_watched());
        core.emit(|name| BulkheadEvent::Finished { name });
        assert_eq!(heard.load(Ordering::Relaxed), 1);
        core.unsubscribe(&latter);
        assert!(!core.queue.is_watched());
    });
}
