//! A body that is not asked for before the application wants it (`Expect: 100-continue`, RFC 9110 section 10.1.1): a client that
//! waits for leave to send a large body gets the application's refusal instead, where there is one, and sends nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::{Request, StatusCode};
use tokio::time::Sleep;

use crate::body::Body;

/// How long an application is given to ask for the body. One that knows nothing of it waits for the body itself.
const EXPECT_TIME_MAX: Duration = Duration::from_secs(1);

/// Holds a body back.
#[derive(Debug)]
pub(crate) struct Hold {
    leave: Arc<Leave>,
    time: Pin<Box<Sleep>>,
}

/// Whether the body may come.
#[derive(Debug, Default)]
struct Leave(Mutex<(bool, Option<Waker>)>);

impl Leave {
    fn with<T>(&self, change: impl FnOnce(&mut (bool, Option<Waker>)) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn give(&self) {
        let waker = self.with(|(is_given, waker)| {
            *is_given = true;
            waker.take()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Hold {
    /// Ready once the body may come.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let is_given = self.leave.with(|(is_given, waker)| {
            *waker = Some(cx.waker().clone());
            *is_given
        });
        if is_given { Poll::Ready(()) } else { self.time.as_mut().poll(cx) }
    }
}

/// Holds the body of a request back until the application says that it goes on, or for a while.
pub(super) fn held_back(request: &mut Request<Body>) {
    let leave = Arc::<Leave>::default();
    let given = leave.clone();
    hyper::ext::on_informational(request, move |response| {
        if response.status() == StatusCode::CONTINUE {
            given.give();
        }
    });
    let time = Box::pin(tokio::time::sleep(EXPECT_TIME_MAX));
    request.body_mut().hold(Hold { leave, time });
}
