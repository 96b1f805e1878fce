//! Steps of one exchange after the other, or one step of many exchanges: the code of an exchange is some six times as much as the
//! nearest cache of a processor holds. Where each exchange runs from its beginning to its end, every one fetches all of it; where all
//! that are ready take one step and then the next, a step is fetched once for all of them.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

/// How many steps the exchanges of a thread take, at most, before it is looked what came: as many as some fifty connections that are
/// ready at once have. Timers and new connections wait for so many steps, too, which are some microseconds each but for handshakes.
pub(crate) const STEPS_MAX: u32 = 256;

/// The end of a step: others that are ready take theirs first. Alone, an exchange goes on at once.
pub(crate) async fn turn() {
    let mut is_over = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut is_over, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        IS_TAKEN.set(true);
        Poll::Pending
    })
    .await;
}

thread_local! {
    static IS_TAKEN: Cell<bool> = const { Cell::new(false) };
}

/// Looks at something: whether it has only ended a step, and waits for nobody. What others have ended before does not count.
pub(crate) fn ended_in<T>(look: impl FnOnce() -> T) -> (T, bool) {
    IS_TAKEN.set(false);
    let seen = look();
    (seen, IS_TAKEN.take())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[tokio::test]
    async fn those_that_are_ready_take_their_steps_together() {
        let steps = RefCell::new(Vec::new());
        let exchange = async || {
            for step in ["read", "decide", "send"] {
                steps.borrow_mut().push(step);
                turn().await;
            }
        };
        tokio::join!(exchange(), exchange());
        assert_eq!(*steps.borrow(), ["read", "read", "decide", "decide", "send", "send"]);
    }
}
