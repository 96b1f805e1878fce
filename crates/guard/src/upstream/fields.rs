//! Header fields on the way: those of one hop end here (RFC 9110 section 7.6.1), and what only a proxy may say is set.

use http::header::{
    CONNECTION, EXPECT, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE, VIA,
};

use crate::exchange::Client;

/// Fields that are for one hop, whether `Connection` names them or not.
const HOP_BY_HOP: [HeaderName; 8] =
    [CONNECTION, EXPECT, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];
const HOP_BY_HOP_OLD: [&str; 3] = ["keep-alive", "proxy-connection", "http2-settings"];

fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    for name in HOP_BY_HOP_OLD {
        headers.remove(name);
    }
}

fn websocket(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
}

/// What the application gets.
pub(super) fn to_application(headers: &mut HeaderMap, client: &Client, host: Option<&HeaderValue>, is_websocket: bool) {
    strip(headers);
    if let Ok(address) = HeaderValue::try_from(client.address.to_string()) {
        headers.insert("x-forwarded-for", address);
    }
    let scheme = if client.is_tls { "https" } else { "http" };
    headers.insert("x-forwarded-proto", HeaderValue::from_static(scheme));
    if let Some(host) = host {
        headers.insert("x-forwarded-host", host.clone());
    }
    headers.append(VIA, HeaderValue::from_static("1.1 doorward"));
    if is_websocket {
        websocket(headers);
    }
}

/// What the client gets.
pub(super) fn to_client(headers: &mut HeaderMap, is_websocket: bool) {
    strip(headers);
    headers.append(VIA, HeaderValue::from_static("1.1 doorward"));
    if is_websocket {
        websocket(headers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_one_hop_end_here() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, x-own"),
            ("x-own", "1"),
            ("te", "trailers"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("x-kept", "1"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let host = HeaderValue::from_static("shop.example");
        let address = std::net::IpAddr::from([192, 0, 2, 1]);
        let client = Client { address, is_tls: true, host: None, is_of_proxy: false };
        to_application(&mut headers, &client, Some(&host), false);
        let mut left: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        left.sort_unstable();
        let expected = [
            ("via", "1.1 doorward"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-host", "shop.example"),
            ("x-forwarded-proto", "https"),
            ("x-kept", "1"),
        ];
        assert_eq!(left, expected);
    }
}
