//! The gateway before this one, of which this one takes the listening sockets, where there is one.

use std::net::{SocketAddr, TcpListener};

use crate::arguments::Guard;
use crate::outcome::Failure;

/// What is told of a gateway that serves.
const READY: &str = "READY=1";

/// What the gateway before gave; nothing where there is none.
#[derive(Default)]
pub(super) struct Before {
    #[cfg(unix)]
    taken: Option<super::handover::Taken>,
}

#[cfg(unix)]
impl Before {
    /// Takes the sockets of the gateway that runs with the same `--handover`.
    pub(super) fn of(flags: &Guard) -> Result<Self, Failure> {
        let Some(path) = &flags.handover else {
            return Ok(Self::default());
        };
        let taken = super::handover::Taken::from(path).map_err(|error| {
            Failure::usage(format!("the sockets of the gateway at `{}` cannot be taken over: {error}", path.display()))
        })?;
        Ok(Self { taken })
    }

    /// The socket that it served.
    pub(super) fn first(&mut self) -> Option<TcpListener> {
        self.taken.as_mut()?.first()
    }

    /// Its socket of an address.
    pub(super) fn socket(&mut self, address: SocketAddr) -> Option<TcpListener> {
        self.taken.as_mut()?.socket(address)
    }

    /// It may end: this one serves. Gives what whoever started them is told.
    pub(super) fn served(self) -> Result<String, Failure> {
        let Some(taken) = self.taken else {
            return Ok(READY.to_owned());
        };
        let told = |error| Failure::usage(format!("the gateway before this one cannot be told: {error}"));
        taken.served().map_err(told)?;
        Ok(format!("MAINPID={}\n{READY}", std::process::id()))
    }
}

#[cfg(not(unix))]
impl Before {
    /// There is none here.
    pub(super) fn of(_: &Guard) -> Result<Self, Failure> {
        Ok(Self::default())
    }

    pub(super) fn first(&mut self) -> Option<TcpListener> {
        None
    }

    pub(super) fn socket(&mut self, _: SocketAddr) -> Option<TcpListener> {
        None
    }

    pub(super) fn served(self) -> Result<String, Failure> {
        Ok(READY.to_owned())
    }
}
