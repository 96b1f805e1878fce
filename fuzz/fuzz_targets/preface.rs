//! Bytes as what a proxy says first: where it ends does not depend on how it arrives, it never takes more than the bound, and
//! whoever it names is named by the parser that reads both versions, too.

#![no_main]

use doorward_guard::downstream::preface::{PREFACE_BYTES_MAX, Said, length, said};
use ppp::HeaderResult;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let whole = length(bytes);
    for end in 0..bytes.len().min(256) {
        match (length(&bytes[..end]), &whole) {
            (Ok(None), _) => {}
            (known, _) => assert_eq!(&known, &whole, "after {end} bytes"),
        }
    }
    let Ok(Some(end)) = whole else { return };
    assert!((1..=PREFACE_BYTES_MAX).contains(&end));
    let Some(first) = bytes.get(..end) else { return };
    let Ok(Said::Client(address)) = said(first) else { return };
    let other = match HeaderResult::parse(first) {
        HeaderResult::V1(Ok(header)) => match header.addresses {
            ppp::v1::Addresses::Tcp4(one) => std::net::IpAddr::from(one.source_address),
            ppp::v1::Addresses::Tcp6(one) => one.source_address.into(),
            ppp::v1::Addresses::Unknown => panic!("nobody is named"),
        },
        HeaderResult::V2(Ok(header)) => match header.addresses {
            ppp::v2::Addresses::IPv4(one) => one.source_address.into(),
            ppp::v2::Addresses::IPv6(one) => one.source_address.into(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(address.ip(), other.to_canonical());
});
