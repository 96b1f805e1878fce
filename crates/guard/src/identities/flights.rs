//! Questions under way: who asks what somebody else is asking already waits for that answer, over all workers, so that a token that
//! many requests bring at once is asked about once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use tokio::sync::watch;

use crate::shared::Mutex;

/// By the digest of what is asked about.
type Digest = [u8; 32];

/// Questions under way. There are never more than requests that wait for one.
#[derive(Debug)]
pub(crate) struct Flights<T>(Arc<Mutex<HashMap<Digest, watch::Receiver<Option<T>>>>>);

/// A question that somebody asks; dropped without an answer, it leaves asking to others.
struct Flight<T> {
    flights: Flights<T>,
    digest: Digest,
    answer: watch::Sender<Option<T>>,
}

/// What becomes of who wants to ask.
enum Place<T> {
    First(Flight<T>),
    Behind(watch::Receiver<Option<T>>),
}

impl<T> Clone for Flights<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone> Flights<T> {
    /// The answer to a question: what `ask` gives, or what it gives to somebody who asks the same already.
    pub(crate) async fn one(&self, digest: Digest, ask: impl Future<Output = T>) -> T {
        loop {
            match self.place(digest) {
                Place::First(flight) => {
                    let answer = ask.await;
                    flight.answer.send_replace(Some(answer.clone()));
                    return answer;
                }
                Place::Behind(mut coming) => {
                    if let Ok(answer) = coming.wait_for(Option::is_some).await
                        && let Some(answer) = answer.clone()
                    {
                        return answer;
                    }
                    // Who asked has left: the next one asks.
                }
            }
        }
    }

    fn place(&self, digest: Digest) -> Place<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(coming) = all.get(&digest) {
            return Place::Behind(coming.clone());
        }
        let (answer, coming) = watch::channel(None);
        all.insert(digest, coming);
        Place::First(Flight { flights: self.clone(), digest, answer })
    }
}

impl<T> Drop for Flight<T> {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.digest);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;

    use super::*;

    /// Asks so often at once; how often it was really asked, and the answers.
    async fn asked(digests: &[u8]) -> (usize, Vec<usize>) {
        let (flights, count) = (Flights::default(), AtomicUsize::new(0));
        let ask = |digest: u8| {
            let (flights, count) = (&flights, &count);
            flights.one([digest; 32], async move {
                let number = count.fetch_add(1, Ordering::Relaxed) + 1;
                tokio::task::yield_now().await;
                number
            })
        };
        let mut answers = Vec::new();
        let mut asking: Vec<_> = digests.iter().map(|digest| Box::pin(ask(*digest))).collect();
        std::future::poll_fn(|context| {
            asking.retain_mut(|one| match one.as_mut().poll(context) {
                std::task::Poll::Ready(answer) => {
                    answers.push(answer);
                    false
                }
                std::task::Poll::Pending => true,
            });
            if asking.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        assert!(flights.0.lock().unwrap().is_empty(), "nothing is kept of what was answered");
        (count.load(Ordering::Relaxed), answers)
    }

    #[tokio::test]
    async fn what_many_ask_at_once_is_asked_once() {
        assert_eq!(asked(&[1, 1, 1, 1]).await, (1, vec![1, 1, 1, 1]));
        assert_eq!(asked(&[1, 2, 1]).await.0, 2, "other questions are asked beside it");
    }

    #[tokio::test]
    async fn who_leaves_without_an_answer_leaves_asking_to_the_next_one() {
        let (flights, never) = (Flights::default(), Notify::new());
        let mut first = Box::pin(flights.one([1; 32], async {
            never.notified().await;
            1
        }));
        let mut second = Box::pin(flights.one([1; 32], async { 2 }));
        std::future::poll_fn(|context| {
            assert!(first.as_mut().poll(context).is_pending() && second.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        drop(first);
        assert_eq!(second.await, 2);
    }
}
