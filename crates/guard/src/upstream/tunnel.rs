//! A WebSocket that was opened: bytes both ways, until one side ends or both are silent for too long.

use std::cell::Cell;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Switched;
use crate::downstream::Upgrade;
use crate::io::Io;

/// How long both directions of a WebSocket may be silent. Servers send a ping more often.
const SILENT_TIME_MAX: Duration = Duration::from_mins(15);
/// How much is copied at once.
const COPY_BYTES: usize = 8 * 1024;

/// Copies as soon as the client's side has switched, too. What is held of the way to the application is, until the end.
pub(super) fn open(downstream: Upgrade, upstream: Io, first: Bytes, held: Switched) {
    tokio::task::spawn_local(async move {
        let _held = held;
        let Ok(downstream) = downstream.await else {
            return;
        };
        let (from_client, mut to_client) = tokio::io::split(downstream);
        let (from_application, to_application) = tokio::io::split(upstream);
        // What the application said right behind its leave has come with it.
        if !given(&mut to_client, &first).await {
            return;
        }
        let moved = Cell::new(0);
        // A side that breaks off ends both ways; one that says that it has nothing more to say ends its own.
        let _ =
            tokio::try_join!(copied(from_client, to_application, &moved), copied(from_application, to_client, &moved));
    });
}

/// A way broke off, or both were silent for too long.
struct BrokenOff;

async fn copied(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    moved: &Cell<u64>,
) -> Result<(), BrokenOff> {
    let mut buffer = vec![0; COPY_BYTES];
    loop {
        let before = moved.get();
        match tokio::time::timeout(SILENT_TIME_MAX, from.read(&mut buffer)).await {
            Ok(Ok(0)) => break,
            Ok(Ok(count)) => {
                moved.set(moved.get().wrapping_add(1));
                if !given(&mut to, buffer.get(..count).unwrap_or_default()).await {
                    return Err(BrokenOff);
                }
            }
            // The other way goes on.
            Err(_) if moved.get() != before => {}
            Ok(Err(_)) | Err(_) => return Err(BrokenOff),
        }
    }
    let _ = to.shutdown().await;
    Ok(())
}

/// Whether the other side has taken this in time. TLS takes more than its socket does: what it keeps back must go, too.
async fn given(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> bool {
    let giving = async {
        to.write_all(bytes).await?;
        to.flush().await
    };
    matches!(tokio::time::timeout(SILENT_TIME_MAX, giving).await, Ok(Ok(())))
}
