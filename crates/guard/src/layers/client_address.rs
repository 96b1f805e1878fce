//! Who the client is behind proxies. What a proxy says of it is believed only where the connection comes from one of
//! `listen.trusted_proxies`; its list of addresses is read from the right, through these networks only, so that what a client
//! wrote in front of it counts for nothing. Where an element is no address (`unknown`, a hidden name, garbage) the last
//! address that is known stays. Records, limits and the application see the address that is found.
//!
//! It stands before `normalize`, which removes what only a proxy may say.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::HeaderMap;
use http::header::{FORWARDED, HeaderValue};
use policy::{ForwardedBy, Network};

use crate::exchange::Exchange;
use crate::pipeline::{Layer, Verdict, needed};
use crate::site::Site;

/// The most addresses of a list that are looked at.
pub(crate) const HOPS_MAX: usize = 32;

const X_FORWARDED_FOR: &str = "x-forwarded-for";
const X_FORWARDED_PROTO: &str = "x-forwarded-proto";
const X_FORWARDED_HOST: &str = "x-forwarded-host";

/// Finds the client.
struct ClientAddress {
    trusted: Vec<Network>,
    by: ForwardedBy,
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    let listen = site.policy.as_ref().and_then(|policy| policy.listen.as_ref());
    let trusted = listen.map(|listen| listen.trusted_proxies.clone()).unwrap_or_default();
    let by = listen.and_then(|listen| listen.forwarded_by).unwrap_or(ForwardedBy::XForwardedFor);
    needed(!trusted.is_empty(), ClientAddress { trusted, by })
}

impl Layer for ClientAddress {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        if !self.trusts(exchange.client.address) {
            return Verdict::Continue;
        }
        let headers = &exchange.parts.headers;
        let client = &mut exchange.client;
        client.is_of_proxy = true;
        client.is_at(self.found(client.address, headers));
        match only(headers, X_FORWARDED_PROTO).map(HeaderValue::as_bytes) {
            Some(b"https") => client.is_tls = true,
            Some(b"http") => client.is_tls = false,
            _ => {}
        }
        client.host = only(headers, X_FORWARDED_HOST).filter(|host| is_host(host)).cloned();
        Verdict::Continue
    }
}

impl ClientAddress {
    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// The first address from the right that is no proxy of ours.
    fn found(&self, connected: IpAddr, headers: &HeaderMap) -> IpAddr {
        let name = match self.by {
            ForwardedBy::XForwardedFor => X_FORWARDED_FOR,
            ForwardedBy::Forwarded => FORWARDED.as_str(),
        };
        // A comma ends an element whatever stands before it: a quote that a client left open must not hide what a proxy wrote.
        let fields = headers.get_all(name).iter().rev().map(HeaderValue::as_bytes);
        let elements = fields.flat_map(|field| field.rsplit(|byte| *byte == b','));
        let mut address = connected;
        for element in elements.take(HOPS_MAX) {
            let Some(next) = self.address(element).filter(|_| self.trusts(address)) else {
                break;
            };
            address = next;
        }
        address
    }

    fn address(&self, element: &[u8]) -> Option<IpAddr> {
        let text = str::from_utf8(element).ok()?.trim();
        match self.by {
            ForwardedBy::XForwardedFor => address(text),
            ForwardedBy::Forwarded => text.split(';').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                name.trim().eq_ignore_ascii_case("for").then(|| address(value.trim()))?
            }),
        }
    }
}

/// An address with or without port, brackets and quotes. Names that hide one are none.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.strip_prefix('"').map_or(Some(text), |inner| inner.strip_suffix('"'))?;
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<std::net::Ipv6Addr>().ok().map(IpAddr::V6);
    let with_port = || text.parse::<SocketAddr>().ok().map(|found| found.ip());
    text.parse::<IpAddr>().ok().or_else(bracketed).or_else(with_port).map(|found| found.to_canonical())
}

/// The value of a field that stands once.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Whether it is one host, with or without a port.
fn is_host(value: &HeaderValue) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(byte);
    !value.is_empty() && value.as_bytes().iter().all(is_part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn layer_of(by: ForwardedBy) -> ClientAddress {
        let trusted = ["10.0.0.0/8", "fd00::/8"].iter().map(|text| text.parse().unwrap()).collect();
        ClientAddress { trusted, by }
    }

    fn found(by: ForwardedBy, connected: &str, fields: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        let name = if by == ForwardedBy::Forwarded { "forwarded" } else { X_FORWARDED_FOR };
        for field in fields {
            headers.append(name, HeaderValue::from_bytes(field).unwrap());
        }
        layer_of(by).found(connected.parse().unwrap(), &headers).to_string()
    }

    fn plain(connected: &str, field: &str) -> String {
        found(ForwardedBy::XForwardedFor, connected, &[field.as_bytes()])
    }

    #[test]
    fn the_list_is_read_from_the_right_through_our_proxies() {
        for (connected, field, client) in [
            ("192.0.2.1", "198.51.100.1", "192.0.2.1"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, 198.51.100.1 , 10.9.9.9", "198.51.100.1"),
            ("10.0.0.1", "10.9.9.9", "10.9.9.9"),
            ("fd00::1", "2001:db8::7", "2001:db8::7"),
            ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
            ("10.0.0.1", "[2001:db8::7]", "2001:db8::7"),
            ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
            ("10.0.0.1", "\"198.51.100.1\"", "198.51.100.1"),
            ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
            ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ] {
            assert_eq!(plain(connected, field), client, "{connected} {field}");
        }
        assert_eq!(found(ForwardedBy::XForwardedFor, "10.0.0.1", &[b"1.1.1.1", b"198.51.100.1"]), "198.51.100.1");
        assert_eq!(found(ForwardedBy::XForwardedFor, "10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_is_no_address_ends_the_list() {
        for element in ["unknown", "_hidden", "", "1.2.3", "1.2.3.4:99999", "[::1", "\"1.2.3.4", "fe80::1%eth0", "a b"]
        {
            assert_eq!(plain("10.0.0.1", &format!("1.1.1.1, {element}")), "10.0.0.1", "{element}");
            assert_eq!(plain("10.0.0.1", &format!("1.1.1.1, {element}, 10.2.2.2")), "10.2.2.2", "{element}");
        }
        assert_eq!(found(ForwardedBy::XForwardedFor, "10.0.0.1", &[b"\xff\xfe"]), "10.0.0.1");
    }

    #[test]
    fn the_field_of_the_standard_is_read_likewise() {
        for (field, client) in [
            ("for=198.51.100.1;proto=https", "198.51.100.1"),
            ("for=1.1.1.1, by=10.0.0.9; For=\"[2001:db8::7]:4711\"", "2001:db8::7"),
            ("for=1.1.1.1, for=_hidden", "10.0.0.1"),
            ("for=1.1.1.1, proto=https", "10.0.0.1"),
            ("for=\"1.1.1.1, for=198.51.100.1", "198.51.100.1"),
        ] {
            assert_eq!(found(ForwardedBy::Forwarded, "10.0.0.1", &[field.as_bytes()]), client, "{field}");
        }
    }

    #[test]
    fn a_list_is_looked_at_up_to_its_bound() {
        let ours = vec!["10.2.2.2"; HOPS_MAX - 1].join(", ");
        assert_eq!(plain("10.0.0.1", &format!("198.51.100.1, {ours}")), "198.51.100.1");
        assert_eq!(plain("10.0.0.1", &format!("198.51.100.1, 10.2.2.2, {ours}")), "10.2.2.2");
    }

    proptest! {
        #[test]
        fn whatever_is_said_there_is_an_address(bytes in prop::collection::vec(32_u8..=255, 0..64)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                for by in ForwardedBy::ALL {
                    let headers: HeaderMap = [(FORWARDED, value.clone())].into_iter().collect();
                    let outside = IpAddr::from([192, 0, 2, 1]);
                    prop_assert_eq!(layer_of(*by).found(outside, &headers), outside);
                    let _ = layer_of(*by).found(IpAddr::from([10, 0, 0, 1]), &headers);
                }
            }
        }
    }
}
