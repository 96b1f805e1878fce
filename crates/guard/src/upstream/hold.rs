//! A body that is not asked for before the application wants it (`Expect: 100-continue`, RFC 9110 section 10.1.1): a client that
//! waits for leave to send a large body gets the application's refusal instead, where there is one, and sends nothing.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Sleep;

/// How long an application is given to ask for the body. One that knows nothing of it waits for the body itself.
const EXPECT_TIME_MAX: Duration = Duration::from_secs(1);

/// Holds a body back, until the application says that it goes on, or for a while.
#[derive(Debug)]
pub(crate) struct Hold(Pin<Box<Sleep>>);

impl Hold {
    /// From now on.
    pub(super) fn new() -> Self {
        Self(Box::pin(tokio::time::sleep(EXPECT_TIME_MAX)))
    }

    /// Ready once the body may come, whatever was said.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}
