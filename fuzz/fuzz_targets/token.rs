//! Bytes as keys and as a token: whatever they are, nothing fails but the token, and only what a key has signed is taken.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use doorward_guard::Verifier;
use doorward_policy::{Algorithm, Identity, JwtIdentity, Policy};
use model::Secret;

static IDENTITIES: LazyLock<Vec<JwtIdentity>> = LazyLock::new(|| {
    let identity = |algorithm: &Algorithm| {
        let text = format!(
            "version = 1\n[identity.a]\nkind = \"jwt\"\nalgorithms = [\"{}\"]\nkeys = {{ env = \"A\" }}\n",
            algorithm.word()
        );
        match Policy::parse(&text).expect("it is a policy").identity.remove(0).1 {
            Identity::Jwt(jwt) => jwt,
            other => unreachable!("{other:?}"),
        }
    };
    Algorithm::ALL.iter().map(identity).collect()
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // What stands before the first zero is the token, what stands behind it the keys.
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let (token, keys) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let token = String::from_utf8_lossy(token);
    for identity in IDENTITIES.iter() {
        let Ok(verifier) = Verifier::new(identity, &Secret::new(keys.to_vec())) else { continue };
        let first = verifier.verify(&token, Duration::from_secs(1)).map(|token| token.claims.clone());
        let second = verifier.verify(&token, Duration::from_secs(1)).map(|token| token.claims.clone());
        assert_eq!(first, second, "what is kept is what was verified");
    }
});
