//! A timer that serves one wait after the other: to set one for each costs more than to look, once it ends, whether it still counts.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// A timer, which is set when somebody first waits for it.
#[derive(Debug, Default)]
pub(crate) struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Ready at that time, whatever was waited for before.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            if sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
    }
}

/// The time of timers, which is the one that tests drive: where one would end that takes no time.
pub(crate) fn now() -> Instant {
    tokio::time::sleep(Duration::ZERO).deadline()
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_timer_ends_when_it_should_however_often_it_is_used() {
        let mut timer = Timer::default();
        for seconds in [3, 1, 5, 5, 2] {
            let began = now();
            let deadline = began + Duration::from_secs(seconds);
            poll_fn(|cx| timer.poll(cx, deadline)).await;
            assert_eq!(now().duration_since(began).as_secs(), seconds);
        }
        let (first, second) = (now() + Duration::from_secs(1), now() + Duration::from_secs(2));
        assert!(poll_fn(|cx| Poll::Ready(timer.poll(cx, first))).await.is_pending());
        poll_fn(|cx| timer.poll(cx, second)).await;
        assert_eq!(now(), second, "what was waited for before does not count");
    }
}
