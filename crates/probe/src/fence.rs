//! The fence: which hosts may be contacted. Loopback always, another host only if it was allowed by name; the name is
//! resolved once, and what is connected to is the address that was judged.

use std::net::{IpAddr, SocketAddr};

use hyper::Uri;

/// How many addresses of a name are looked at.
const ADDRESSES_MAX: usize = 16;

/// Where a run sends its requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The host as it was written, without the brackets of an IPv6 address.
    host: String,
    port: u16,
    /// What stands before every path: empty, or `/base` without a slash at the end.
    base: String,
}

/// Why a target is not contacted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FenceError {
    /// The text is no address that requests can be sent to.
    #[error("`{0}` is not a base address such as `http://127.0.0.1:8000`")]
    NotAnAddress(String),
    /// TLS.
    #[error("`{0}` asks for TLS, which this build of the probe does not speak")]
    Tls(String),
    /// It carries what a base address cannot have.
    #[error("`{0}` has a query, a fragment or a name with a password: only scheme, host, port and path count")]
    TooMuch(String),
    /// The name resolves to nothing.
    #[error("`{host}` cannot be resolved: {reason}")]
    Unresolved {
        /// The name.
        host: String,
        /// Why.
        reason: String,
    },
    /// It leads off this machine and nobody allowed that.
    #[error("`{host}` is {address}, which is not this machine; nothing was sent")]
    Outside {
        /// The name.
        host: String,
        /// The address that is not loopback.
        address: IpAddr,
    },
}

impl Target {
    /// Reads a base address: `http://host[:port][/path]`.
    pub fn parse(text: &str) -> Result<Self, FenceError> {
        let bad = || FenceError::NotAnAddress(text.to_owned());
        if text.contains('#') || text.contains('?') || text.contains('@') {
            return Err(FenceError::TooMuch(text.to_owned()));
        }
        let uri: Uri = text.parse().map_err(|_| bad())?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => return Err(FenceError::Tls(text.to_owned())),
            _ => return Err(bad()),
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(bad)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let base = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { host, port: uri.port_u16().unwrap_or(80), base })
    }

    /// A base address on a socket address, without a path.
    pub fn of(address: SocketAddr) -> Self {
        Self { host: address.ip().to_string(), port: address.port(), base: String::new() }
    }

    /// The value of the field `Host`.
    pub(crate) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// What stands before every path.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The host, as an allowance names it.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The address to connect to, if the fence lets it through.
    pub async fn admitted(&self, allowed_hosts: &[String]) -> Result<SocketAddr, FenceError> {
        let addresses = self.addresses().await?;
        let is_allowed = allowed_hosts.iter().any(|host| host.eq_ignore_ascii_case(&self.host));
        // Each address counts: one that is loopback beside one that is not would be a way around.
        if let Some(outside) = addresses.iter().find(|one| !is_loopback(one.ip()) && !is_allowed) {
            return Err(FenceError::Outside { host: self.host.clone(), address: outside.ip() });
        }
        let none = || FenceError::Unresolved { host: self.host.clone(), reason: "it has no address".to_owned() };
        addresses.first().copied().ok_or_else(none)
    }

    async fn addresses(&self) -> Result<Vec<SocketAddr>, FenceError> {
        if let Ok(address) = self.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, self.port)]);
        }
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let found =
            found.map_err(|error| FenceError::Unresolved { host: self.host.clone(), reason: error.to_string() })?;
        let mut addresses: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
        // A name of this machine often has both kinds, and most servers listen on the older one only.
        addresses.sort_by_key(SocketAddr::is_ipv6);
        Ok(addresses)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.base)
    }
}

/// Whether an address is of this machine alone. `0.0.0.0` is not: what answers there may be anything.
fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn judged(target: &str, allowed: &[&str]) -> Result<SocketAddr, FenceError> {
        let allowed: Vec<String> = allowed.iter().map(|&host| host.to_owned()).collect();
        Target::parse(target).unwrap().admitted(&allowed).await
    }

    #[test]
    fn a_base_address_is_read_with_its_path() {
        let target = Target::parse("http://127.0.0.1:8000/shop/").unwrap();
        assert_eq!(target.to_string(), "http://127.0.0.1:8000/shop");
        assert_eq!(Target::parse("http://localhost").unwrap().authority(), "localhost:80");
        assert_eq!(Target::parse("http://[::1]:9").unwrap().authority(), "[::1]:9");
    }

    #[test]
    fn what_is_no_base_address_is_refused() {
        for text in ["", "127.0.0.1:8000", "ftp://a", "http://", "/orders"] {
            assert!(matches!(Target::parse(text), Err(FenceError::NotAnAddress(_))), "{text}");
        }
        for text in ["http://a/?q=1", "http://u:p@a/", "http://a/#x"] {
            assert!(matches!(Target::parse(text), Err(FenceError::TooMuch(_))), "{text}");
        }
        assert!(matches!(Target::parse("https://127.0.0.1"), Err(FenceError::Tls(_))));
    }

    #[tokio::test]
    async fn loopback_passes_however_it_is_written() {
        for text in ["http://127.0.0.1:8", "http://127.9.9.9:8", "http://[::1]:8", "http://[::ffff:127.0.0.1]:8"] {
            assert!(judged(text, &[]).await.is_ok(), "{text}");
        }
    }

    #[tokio::test]
    async fn another_machine_must_be_allowed_by_name() {
        for host in ["10.0.0.1", "0.0.0.0", "169.254.169.254", "203.0.113.7"] {
            let text = format!("http://{host}:8");
            assert!(matches!(judged(&text, &[]).await, Err(FenceError::Outside { .. })), "{host}");
            assert!(judged(&text, &["203.0.113.8"]).await.is_err(), "{host}");
            assert!(judged(&text, &[host]).await.is_ok(), "{host}");
        }
    }

    #[tokio::test]
    async fn a_name_that_nobody_knows_is_not_contacted() {
        let refused = judged("http://no-such-host.invalid", &[]).await;
        assert!(matches!(refused, Err(FenceError::Unresolved { .. })));
    }
}
