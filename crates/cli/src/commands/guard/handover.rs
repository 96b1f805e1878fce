//! An upgrade without a refused connection: the next gateway takes the listening sockets of the one that runs, by a Unix socket
//! that both are given (`--handover PATH`), says when it serves, and the one before ends what is under way.

use std::fs;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
};

/// The most sockets that are handed over.
const SOCKETS_MAX: usize = 3;
/// How long the other process may take to take them, or to say that it serves.
const HANDOVER_TIME_MAX: Duration = Duration::from_secs(30);
/// What comes with the sockets.
const GIVEN: &[u8] = b"doorward 1\n";
/// What is said when they are served.
const SERVING: &[u8] = b"serving\n";

/// The sockets of the gateway before this one, and how it is told that they are served.
pub(super) struct Taken {
    sockets: Vec<TcpListener>,
    before: UnixStream,
}

impl Taken {
    /// Takes the sockets of the gateway that runs with this path; nothing where none does.
    pub(super) fn from(path: &Path) -> io::Result<Option<Self>> {
        let before = match UnixStream::connect(path) {
            Ok(before) => before,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        before.set_read_timeout(Some(HANDOVER_TIME_MAX))?;
        before.set_write_timeout(Some(HANDOVER_TIME_MAX))?;
        let sockets = received(&before)?.into_iter().map(TcpListener::from).collect();
        Ok(Some(Self { sockets, before }))
    }

    /// The socket of an address; nothing where there is none.
    pub(super) fn socket(&mut self, address: SocketAddr) -> Option<TcpListener> {
        let is_it = |socket: &TcpListener| socket.local_addr().is_ok_and(|own| own == address);
        let index = self.sockets.iter().position(is_it)?;
        Some(self.sockets.remove(index))
    }

    /// The first socket: the one that is served.
    pub(super) fn first(&mut self) -> Option<TcpListener> {
        (!self.sockets.is_empty()).then(|| self.sockets.remove(0))
    }

    /// The gateway before this one may end.
    pub(super) fn served(mut self) -> io::Result<()> {
        self.before.write_all(SERVING)
    }
}

/// Where the next gateway asks for the sockets of this one.
pub(super) struct Offer {
    listener: tokio::net::UnixListener,
    path: PathBuf,
    /// Whether the path was made by this process and leads to it.
    inode: Option<u64>,
}

impl Offer {
    /// From now on they can be asked for. Whatever stands there was of the gateway before.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        if let Ok(found) = fs::symlink_metadata(path) {
            use std::os::unix::fs::FileTypeExt;
            if !found.file_type().is_socket() {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, "something else than a socket is there"));
            }
            fs::remove_file(path)?;
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        let listener = tokio::net::UnixListener::from_std(listener)?;
        Ok(Self { listener, path: path.to_owned(), inode: inode(path) })
    }

    /// The next process that asks. Only this user, and root, may.
    pub(super) async fn asked(&self) -> io::Result<UnixStream> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            let uid = stream.peer_cred()?.uid();
            if uid == rustix::process::geteuid().as_raw() || uid == 0 {
                let stream = stream.into_std()?;
                stream.set_nonblocking(false)?;
                stream.set_read_timeout(Some(HANDOVER_TIME_MAX))?;
                stream.set_write_timeout(Some(HANDOVER_TIME_MAX))?;
                return Ok(stream);
            }
        }
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        // The next gateway may have put its own socket there.
        if self.inode.is_some() && inode(&self.path) == self.inode {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn inode(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    fs::symlink_metadata(path).ok().map(|found| found.ino())
}

/// Gives these sockets to the process that asked, and waits until it serves them; says whether it does.
pub(super) fn given(mut next: UnixStream, sockets: &[TcpListener]) -> io::Result<bool> {
    let sockets: Vec<BorrowedFd<'_>> = sockets.iter().take(SOCKETS_MAX).map(AsFd::as_fd).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(SOCKETS_MAX))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&sockets)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    rustix::net::sendmsg(&next, &[IoSlice::new(GIVEN)], &mut control, SendFlags::empty())?;
    let mut said = [0; SERVING.len()];
    match next.read_exact(&mut said) {
        Ok(()) => Ok(said == SERVING),
        // It ended before it served: this gateway goes on.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn received(before: &UnixStream) -> io::Result<Vec<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(SOCKETS_MAX))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut said = [0; GIVEN.len()];
    let received =
        rustix::net::recvmsg(before, &mut [IoSliceMut::new(&mut said)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    if received.bytes != GIVEN.len() || said != GIVEN {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "what answers there is no gateway of this kind"));
    }
    let rights = control.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(sockets) => Some(sockets.collect::<Vec<_>>()),
        _ => None,
    });
    Ok(rights.flatten().collect())
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn sockets_go_from_one_end_to_the_other_and_serve_there() {
        let (one, other) = UnixStream::pair().unwrap();
        let sockets: Vec<TcpListener> = (0..=SOCKETS_MAX).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let addresses: Vec<SocketAddr> = sockets.iter().map(|one| one.local_addr().unwrap()).collect();
        let giving = std::thread::spawn(move || given(one, &sockets).unwrap());
        let mut taken =
            Taken { sockets: received(&other).unwrap().into_iter().map(Into::into).collect(), before: other };
        assert_eq!(taken.sockets.len(), SOCKETS_MAX, "at the bound, and not one past it");
        let second = taken.socket(addresses[1]).unwrap();
        assert!(taken.socket(addresses[1]).is_none() && taken.socket(addresses[SOCKETS_MAX]).is_none());
        let first = taken.first().unwrap();
        assert_eq!(first.local_addr().unwrap(), addresses[0]);
        taken.served().unwrap();
        assert!(giving.join().unwrap());
        for (socket, address) in [(first, addresses[0]), (second, addresses[1])] {
            let client = TcpStream::connect(address).unwrap();
            assert_eq!(socket.accept().unwrap().1, client.local_addr().unwrap());
        }
    }

    #[test]
    fn who_ends_before_it_serves_changes_nothing() {
        let (one, other) = UnixStream::pair().unwrap();
        let sockets = [TcpListener::bind("127.0.0.1:0").unwrap()];
        let giving = std::thread::spawn(move || given(one, &sockets).unwrap());
        assert_eq!(received(&other).unwrap().len(), 1);
        drop(other);
        assert!(!giving.join().unwrap());
    }

    #[test]
    fn where_no_gateway_runs_there_is_nothing_to_take() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("handover");
        assert!(Taken::from(&path).unwrap().is_none());
        drop(UnixListener::bind(&path).unwrap());
        assert!(Taken::from(&path).unwrap().is_none(), "of a gateway that ended");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _in = runtime.enter();
        let offer = Offer::at(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let next = Offer::at(&path).unwrap();
        drop(offer);
        assert!(path.exists(), "it is of the next one");
        drop(next);
        assert!(!path.exists());
        fs::write(&path, "").unwrap();
        assert!(Offer::at(&path).is_err() && path.exists(), "what is no socket stays");
    }
}
