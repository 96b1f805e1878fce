//! What systemd, or whatever else started this process, gives and is told: an open socket, and that the gateway is ready.

use std::net::TcpListener;

use listenfd::ListenFd;

use crate::outcome::Failure;

/// The socket that was opened for this process, if one was (`LISTEN_FDS`).
pub(super) fn listener() -> Result<Option<TcpListener>, Failure> {
    let mut given = ListenFd::from_env();
    if given.len() > 1 {
        return Err(Failure::usage(format!("{} sockets were opened for this process, and one is served", given.len()))
            .hint("leave one `ListenStream=` in the socket unit"));
    }
    given.take_tcp_listener(0).map_err(|error| {
        Failure::usage(format!("the socket that was opened for this process is not of TCP: {error}"))
            .hint("write `ListenStream=8443` in the socket unit")
    })
}

/// Tells who started this process what it does (`NOTIFY_SOCKET`, `sd_notify(3)`); says why that failed.
#[cfg(unix)]
pub(super) fn tell(state: &str) -> std::io::Result<()> {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::UnixDatagram;

    let Some(path) = std::env::var_os("NOTIFY_SOCKET").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let socket = UnixDatagram::unbound()?;
    match path.as_bytes().strip_prefix(b"@") {
        #[cfg(target_os = "linux")]
        Some(name) => {
            use std::os::linux::net::SocketAddrExt;
            let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
            socket.send_to_addr(state.as_bytes(), &address)?;
        }
        _ => _ = socket.send_to(state.as_bytes(), &path)?,
    }
    Ok(())
}

/// Nobody is told.
#[cfg(not(unix))]
pub(super) fn tell(_: &str) -> std::io::Result<()> {
    Ok(())
}
