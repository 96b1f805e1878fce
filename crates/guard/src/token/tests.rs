//! Tokens and keys at their bounds.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use policy::{Algorithm, Identity, Policy};
use serde_json::json;

use super::*;

const KEY: &[u8] = b"planted: a key of thirty-two bytes or more";
const NOW: Duration = Duration::from_secs(901);

fn identity_of(algorithms: &str) -> JwtIdentity {
    let text = format!(
        "version = 1\n[identity.a]\nkind = \"jwt\"\nalgorithms = [{algorithms}]\nkeys = {{ env = \"A\" }}\n\
         issuer = \"https://id.example\"\naudience = [\"shop\"]\n"
    );
    match Policy::parse(&text).unwrap().identity.remove(0).1 {
        Identity::Jwt(jwt) => jwt,
        other => unreachable!("{other:?}"),
    }
}

fn identity() -> JwtIdentity {
    identity_of("\"HS256\"")
}

fn loaded(algorithms: &str, keys: &[u8]) -> Result<Verifier, KeyError> {
    Verifier::new(&identity_of(algorithms), &Secret::new(keys.to_vec()))
}

fn verifier() -> Verifier {
    Verifier::new(&identity(), &Secret::new(KEY.to_vec())).unwrap()
}

fn token(header: &jsonwebtoken::Header, claims: &Value) -> String {
    jsonwebtoken::encode(header, claims, &jsonwebtoken::EncodingKey::from_secret(KEY)).unwrap()
}

fn hs256() -> jsonwebtoken::Header {
    jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256)
}

fn claims() -> Value {
    json!({"sub": "7", "exp": 1000, "iss": "https://id.example", "aud": ["other", "shop"]})
}

fn verified(claims: &Value) -> Result<Option<String>, TokenError> {
    verifier().verify(&token(&hs256(), claims), NOW).map(|token| token.subject.clone())
}

/// A key of an issuer: what it signs with, and what it gives out.
struct Issuer {
    signs: jsonwebtoken::EncodingKey,
    jwk: Value,
    info: Vec<u8>,
    /// Of an elliptic curve: the key itself, for what the library that signs does not know.
    pair: Option<EcdsaKeyPair>,
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Issuer {
    fn rsa() -> Self {
        let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let public = pair.public_key();
        let (n, e) = (public.modulus(), public.exponent());
        let info: PublicKeyX509Der<'_> = public.as_der().unwrap();
        let pem = pem("PRIVATE KEY", private.as_ref());
        Self {
            signs: jsonwebtoken::EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
            jwk: json!({"kty": "RSA", "n": b64(n.big_endian_without_leading_zero()), "e": b64(e.big_endian_without_leading_zero())}),
            info: info.as_ref().to_vec(),
            pair: None,
        }
    }

    fn ec(curve: &str) -> Self {
        let algorithm = match curve {
            "P-256" => &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            "P-521" => &aws_lc_rs::signature::ECDSA_P521_SHA512_FIXED_SIGNING,
            _ => &aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING,
        };
        let pair = EcdsaKeyPair::generate(algorithm).unwrap();
        let point = pair.public_key().as_ref()[1..].to_vec();
        let (x, y) = point.split_at(point.len() / 2);
        let info: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        Self {
            signs: jsonwebtoken::EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref()),
            jwk: json!({"kty": "EC", "crv": curve, "x": b64(x), "y": b64(y)}),
            info: info.as_ref().to_vec(),
            pair: Some(pair),
        }
    }

    fn ed25519() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let info: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        Self {
            signs: jsonwebtoken::EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref()),
            jwk: json!({"kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key().as_ref())}),
            info: info.as_ref().to_vec(),
            pair: None,
        }
    }

    fn token(&self, algorithm: jsonwebtoken::Algorithm, kid: Option<&str>) -> String {
        let header = jsonwebtoken::Header { kid: kid.map(str::to_owned), ..jsonwebtoken::Header::new(algorithm) };
        jsonwebtoken::encode(&header, &claims(), &self.signs).unwrap()
    }

    /// A token of ES512.
    fn es512(&self) -> String {
        let part = |part: &Value| b64(part.to_string().as_bytes());
        let signed = format!("{}.{}", part(&json!({"alg": "ES512", "kid": "a"})), part(&claims()));
        let random = aws_lc_rs::rand::SystemRandom::new();
        let signature = self.pair.as_ref().unwrap().sign(&random, signed.as_bytes()).unwrap();
        format!("{signed}.{}", b64(signature.as_ref()))
    }

    /// The key with other members beside it.
    fn jwk(&self, others: &Value) -> Value {
        let mut jwk = self.jwk.clone();
        let others = others.as_object().unwrap().clone();
        jwk.as_object_mut().unwrap().extend(others);
        jwk
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn set(keys: &[Value]) -> Vec<u8> {
    json!({ "keys": keys }).to_string().into_bytes()
}

#[test]
fn every_algorithm_verifies_with_a_key_of_its_type_in_every_form() {
    use jsonwebtoken::Algorithm as Signs;
    let (rsa, p256, p384, ed) = (Issuer::rsa(), Issuer::ec("P-256"), Issuer::ec("P-384"), Issuer::ed25519());
    for (algorithm, signs, issuer) in [
        ("RS256", Signs::RS256, &rsa),
        ("RS384", Signs::RS384, &rsa),
        ("RS512", Signs::RS512, &rsa),
        ("PS256", Signs::PS256, &rsa),
        ("PS384", Signs::PS384, &rsa),
        ("PS512", Signs::PS512, &rsa),
        ("ES256", Signs::ES256, &p256),
        ("ES384", Signs::ES384, &p384),
        ("EdDSA", Signs::EdDSA, &ed),
    ] {
        verifies_in_every_form(algorithm, issuer, &issuer.token(signs, Some("a")));
    }
    let p521 = Issuer::ec("P-521");
    verifies_in_every_form("ES512", &p521, &p521.es512());
}

/// A token is taken with each form of its key, and none that differs in its signature.
fn verifies_in_every_form(algorithm: &str, issuer: &Issuer, token: &str) {
    let quoted = format!("\"{algorithm}\"");
    let forms = [
        issuer.jwk.to_string().into_bytes(),
        set(&[issuer.jwk(&json!({"kid": "a", "alg": algorithm, "use": "sig"}))]),
        pem("PUBLIC KEY", &issuer.info).into_bytes(),
    ];
    for form in forms {
        let verifier = loaded(&quoted, &form).unwrap();
        assert_eq!(verifier.verify(token, NOW).unwrap().subject.as_deref(), Some("7"), "{algorithm}");
        // One bit of the signature, and one of what is signed.
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = jws::decoded(signature).unwrap();
        bytes[7] ^= 1;
        let other = format!("{signed}.{}", b64(&bytes));
        let wrong = Err(TokenError::NotValid("the signature is another one"));
        assert_eq!(verifier.verify(&other, NOW).map(drop), wrong, "{algorithm}");
        assert_eq!(verifier.verify(&format!("{signed}.{}", b64(&bytes[1..])), NOW).map(drop), wrong);
        assert_eq!(verifier.verify(&format!("{signed}."), NOW).map(drop), wrong, "no signature");
    }
}

#[test]
fn secrets_are_as_long_as_the_hash_of_their_algorithm() {
    for (algorithm, bytes_min) in [("HS256", HMAC_KEY_BYTES_MIN), ("HS384", 48), ("HS512", 64)] {
        let of = Algorithm::named(algorithm).unwrap();
        let quoted = format!("\"{algorithm}\"");
        let short = Err(KeyError::ShortSecret { algorithm: of, bytes: bytes_min - 1 });
        assert_eq!(loaded(&quoted, &vec![b'a'; bytes_min]).map(drop), Ok(()));
        assert_eq!(loaded(&quoted, &vec![b'a'; bytes_min - 1]).map(drop), short);
        let jwk = |bytes: usize| json!({"kty": "oct", "k": b64(&vec![b'a'; bytes])}).to_string().into_bytes();
        assert_eq!(loaded(&quoted, &jwk(bytes_min)).map(drop), Ok(()));
        assert_eq!(loaded(&quoted, &jwk(bytes_min - 1)).map(drop), short);
    }
    // One secret that is for several must be long enough for each.
    let both = loaded("\"HS256\", \"HS512\"", &[b'a'; 32]).map(drop);
    assert_eq!(both, Err(KeyError::ShortSecret { algorithm: Algorithm::Hs512, bytes: 32 }));
}

fn rsa_of(modulus: &[u8], exponent: &[u8]) -> Result<(), KeyError> {
    let jwk = json!({"kty": "RSA", "n": b64(modulus), "e": b64(exponent)}).to_string();
    loaded("\"RS256\"", jwk.as_bytes()).map(drop)
}

#[test]
fn rsa_keys_are_judged_before_anything_is_verified_with_them() {
    let issuer = Issuer::rsa();
    let modulus = jws::decoded(issuer.jwk["n"].as_str().unwrap()).unwrap();
    assert_eq!(rsa_of(&modulus, &[1, 0, 1]), Ok(()));
    assert_eq!(rsa_of(&modulus, &[0, 0, 0, 0, 0, 3]), Ok(()), "zeros in front mean nothing");
    for exponent in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[1, 0, 0, 0, 1]] {
        assert_eq!(rsa_of(&modulus, exponent), Err(KeyError::RsaExponent), "{exponent:?}");
    }
    // At the bounds, and one past them.
    let of_bits = |bits: usize| {
        let mut number = vec![0xff_u8; bits.div_ceil(8)];
        number[0] >>= number.len() * 8 - bits;
        rsa_of(&number, &[1, 0, 1])
    };
    for bits in [RSA_KEY_BITS_MIN, RSA_KEY_BITS_MAX] {
        assert_eq!(of_bits(bits), Ok(()), "{bits}");
    }
    for bits in [RSA_KEY_BITS_MIN - 1, RSA_KEY_BITS_MAX + 1] {
        assert_eq!(of_bits(bits), Err(KeyError::RsaLength { bits }));
    }
}

#[test]
fn keys_of_the_generator_that_was_broken_are_refused() {
    // One more than a multiple of all the primes: 65537 to the power of 0 modulo each.
    let product: u128 = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157].iter().product();
    let mut modulus: Vec<u8> = product.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    modulus.extend(vec![0; 250]);
    *modulus.last_mut().unwrap() = 1;
    assert_eq!(rsa_of(&modulus, &[1, 0, 1]), Err(KeyError::Roca));
    *modulus.last_mut().unwrap() = 3;
    assert_ne!(rsa_of(&modulus, &[1, 0, 1]), Err(KeyError::Roca));
}

#[test]
fn a_key_serves_what_it_says_and_nothing_else() {
    use jsonwebtoken::Algorithm as Signs;
    let (rsa, p256) = (Issuer::rsa(), Issuer::ec("P-256"));
    let both = "\"RS256\", \"PS256\", \"ES256\"";
    let pinned = loaded(both, &set(&[rsa.jwk(&json!({"alg": "PS256"}))])).unwrap();
    assert!(pinned.verify(&rsa.token(Signs::PS256, None), NOW).is_ok());
    let other = TokenError::NotValid("it names another algorithm than its key is for");
    assert_eq!(pinned.verify(&rsa.token(Signs::RS256, None), NOW).map(drop), Err(other));
    let policy = TokenError::NotValid("it names another algorithm");
    assert_eq!(pinned.verify(&rsa.token(Signs::RS512, None), NOW).map(drop), Err(policy));
    for (members, error) in [
        (json!({"use": "enc"}), "a key is not for signatures (`use`)"),
        (json!({"use": 7}), "a key is not for signatures (`use`)"),
        (json!({"key_ops": ["encrypt"]}), "a key is not for verifying (`key_ops`)"),
        (json!({"key_ops": "verify"}), "a key is not for verifying (`key_ops`)"),
        (json!({"alg": "RS512"}), "a key is for another algorithm (`alg`)"),
        (json!({"alg": "RSA-OAEP"}), "a key is for another algorithm (`alg`)"),
    ] {
        let refused = loaded(both, &set(&[rsa.jwk(&members)])).map(drop);
        assert_eq!(refused, Err(KeyError::None(format!(": {error}"))), "{members}");
    }
    // The algorithm is of another curve than the key.
    let wrong = loaded(both, &set(&[p256.jwk(&json!({"alg": "PS256"}))])).map(drop);
    assert_eq!(wrong, Err(KeyError::NotServed { key: "a key on P-256" }));
    assert_eq!(
        loaded("\"ES384\"", pem("PUBLIC KEY", &p256.info).as_bytes()).map(drop),
        Err(KeyError::NotServed { key: "a key on P-256" })
    );
    let signed_ops = set(&[rsa.jwk(&json!({"key_ops": ["verify"], "kid": "a"}))]);
    assert!(loaded(both, &signed_ops).is_ok());
}

#[test]
fn what_is_no_public_key_is_told_what_it_is() {
    let (rsa, p256) = (Issuer::rsa(), Issuer::ec("P-256"));
    let quoted = "\"RS256\"";
    let info = pem("PUBLIC KEY", &rsa.info);
    let told = |keys: &str| loaded(quoted, keys.as_bytes()).map(drop).unwrap_err();
    assert_eq!(loaded("\"HS256\"", info.as_bytes()).map(drop), Err(KeyError::PublicSecret));
    assert_eq!(told(&pem("PRIVATE KEY", &[0x30, 0])), KeyError::Private);
    assert_eq!(told(&pem("EC PRIVATE KEY", &[0x30, 0])), KeyError::Private);
    assert_eq!(told(&rsa.jwk(&json!({"d": "AA"})).to_string()), KeyError::Private);
    assert!(matches!(told("a text that is no key at all, but a long one"), KeyError::NotKey(_)));
    assert!(matches!(told(&pem("PUBLIC KEY", &rsa.info[..200])), KeyError::NotKey(_)));
    // Of what is read in two ways no secret is made.
    let twice = r#"{"kty":"oct","k":"AAAA","k":"a secret of thirty-two bytes or more"}"#;
    assert!(matches!(loaded("\"HS256\"", twice.as_bytes()), Err(KeyError::NotKey(why)) if why.contains("twice")));
    assert!(matches!(told(&pem("CERTIFICATE REQUEST", &rsa.info)), KeyError::NotKey(_)));
    assert_eq!(told(&pem("PUBLIC KEY", &p256.info)), KeyError::NotServed { key: "a key on P-256" });
    let off_curve = json!({"kty": "EC", "crv": "P-256", "x": b64(&[1; 32]), "y": b64(&[1; 32])}).to_string();
    assert!(matches!(loaded("\"ES256\"", off_curve.as_bytes()), Err(KeyError::NotKey(_))));
    let short = json!({"kty": "EC", "crv": "P-256", "x": b64(&[1; 31]), "y": b64(&[1; 32])}).to_string();
    assert!(matches!(loaded("\"ES256\"", short.as_bytes()), Err(KeyError::NotKey(_))));
}

#[test]
fn a_certificate_holds_the_key_of_the_issuer_and_a_chain_is_refused() {
    let of = |algorithm| rcgen::KeyPair::generate_for(algorithm).unwrap();
    let certified = |pair: &rcgen::KeyPair| {
        rcgen::CertificateParams::new(vec!["id.example".to_owned()]).unwrap().self_signed(pair).unwrap().pem()
    };
    let pair = of(&rcgen::PKCS_ECDSA_P256_SHA256);
    let signs = jsonwebtoken::EncodingKey::from_ec_der(&pair.serialize_der());
    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
    let token = jsonwebtoken::encode(&header, &claims(), &signs).unwrap();
    let certificate = certified(&pair);
    assert!(loaded("\"ES256\"", certificate.as_bytes()).unwrap().verify(&token, NOW).is_ok());
    let chain = format!("{certificate}{}", certified(&of(&rcgen::PKCS_ECDSA_P256_SHA256)));
    assert_eq!(loaded("\"ES256\"", chain.as_bytes()).map(drop), Err(KeyError::Certificates));
}

#[test]
fn sets_of_keys_are_judged_as_a_whole() {
    let (one, other) = (Issuer::ec("P-256"), Issuer::ec("P-256"));
    let named = |issuer: &Issuer, kid: &str| issuer.jwk(&json!({ "kid": kid }));
    let quoted = "\"ES256\"";
    let twice = loaded(quoted, &set(&[named(&one, "a"), named(&other, "a")])).map(drop);
    assert_eq!(twice, Err(KeyError::TwiceNamed("a".to_owned())));
    let secret = json!({"kty": "oct", "k": b64(KEY)});
    // The policy never has both, so the one that it does not name is passed over; where it is fetched, it is refused.
    assert!(loaded(quoted, &set(&[one.jwk.clone(), secret.clone()])).is_ok());
    let algorithms = [Algorithm::Es256];
    let fetched = |keys: &[Value]| {
        KeySet::fetched(&set(keys), &algorithms).map(|judged| (judged.set.len(), judged.passed_over.len()))
    };
    assert_eq!(fetched(&[one.jwk.clone(), secret]), Err(KeyError::SharedSecret));
    // A key that is weak locks nobody out where others are there.
    let weak = json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "b"});
    assert_eq!(fetched(&[one.jwk.clone(), weak.clone()]), Ok((1, 1)));
    assert!(matches!(fetched(&[weak]), Err(KeyError::None(why)) if why.contains("`b`")));
    assert_eq!(fetched(&[]), Err(KeyError::None(String::new())));
    for text in ["<html>", "{}", "[]", r#"{"keys":7}"#, r#"{"keys":[],"keys":[]}"#] {
        assert!(matches!(KeySet::fetched(text.as_bytes(), &algorithms), Err(KeyError::NotKey(_))), "{text}");
    }
    // At the bound, and one past it.
    let many = |count: usize| (0..count).map(|index| named(&one, &index.to_string())).collect::<Vec<_>>();
    assert_eq!(fetched(&many(KEYS_MAX)), Ok((KEYS_MAX, 0)));
    assert_eq!(fetched(&many(KEYS_MAX + 1)), Err(KeyError::TooMany));
    assert_eq!(loaded(quoted, &set(&many(KEYS_MAX + 1))).map(drop), Err(KeyError::TooMany));
}

#[test]
fn the_name_of_a_key_chooses_among_those_of_a_set() {
    use jsonwebtoken::Algorithm::ES256;
    let issuers: Vec<Issuer> = (0..=KEYS_TRIED_MAX).map(|_| Issuer::ec("P-256")).collect();
    let named = |count: usize| {
        let keys = issuers.iter().take(count).enumerate();
        set(&keys.map(|(index, one)| one.jwk(&json!({"kid": index.to_string()}))).collect::<Vec<_>>())
    };
    let all = loaded("\"ES256\"", &named(KEYS_TRIED_MAX)).unwrap();
    assert!(all.verify(&issuers[1].token(ES256, Some("1")), NOW).is_ok());
    assert!(all.verify(&issuers[1].token(ES256, None), NOW).is_ok(), "without a name each is tried");
    let wrong = Err(TokenError::NotValid("the signature is another one"));
    assert_eq!(all.verify(&issuers[1].token(ES256, Some("0")), NOW).map(drop), wrong);
    assert_eq!(all.verify(&issuers[1].token(ES256, Some("9")), NOW).map(drop), Err(TokenError::UnknownKey));
    let unnamed = |count: usize| set(&issuers.iter().take(count).map(|one| one.jwk.clone()).collect::<Vec<_>>());
    assert!(
        loaded("\"ES256\"", &unnamed(KEYS_TRIED_MAX)).unwrap().verify(&issuers[1].token(ES256, Some("9")), NOW).is_ok()
    );
    assert_eq!(loaded("\"ES256\"", &unnamed(KEYS_TRIED_MAX + 1)).map(drop), Err(KeyError::Unnamed));
    let more = loaded("\"ES256\"", &named(KEYS_TRIED_MAX + 1)).unwrap();
    let several = Err(TokenError::NotValid("it names no key, and there are several"));
    assert_eq!(more.verify(&issuers[1].token(ES256, None), NOW).map(drop), several);
    assert!(more.verify(&issuers[1].token(ES256, Some("1")), NOW).is_ok());
}

#[test]
fn a_key_that_everybody_knows_is_known_in_every_form() {
    let digest = policy::KeyDigest::of(KEY);
    let known = |bytes: &[u8]| KeySet::loaded(bytes, &[Algorithm::Hs256], std::slice::from_ref(&digest)).unwrap().1;
    assert!(known(KEY));
    assert!(known(json!({"kty": "oct", "k": b64(KEY)}).to_string().as_bytes()));
    assert!(known(&set(&[json!({"kty": "oct", "k": b64(KEY)})])));
    assert!(!known(b"another key of thirty-two bytes or more"));
}

#[test]
fn issuer_and_audience_are_needed_where_the_policy_names_them() {
    assert_eq!(verified(&claims()), Ok(Some("7".to_owned())));
    for (claim, value) in [
        ("iss", Value::Null),
        ("iss", "https://other.example".into()),
        ("iss", json!(["https://id.example"])),
        ("aud", Value::Null),
        ("aud", "other".into()),
        ("aud", json!(["shop", 7])),
        ("aud", json!([])),
    ] {
        let mut claims = claims();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(claim);
        } else {
            claims[claim] = value;
        }
        assert!(matches!(verified(&claims), Err(TokenError::NotValid(_))), "{claims}");
    }
}

#[test]
fn what_a_token_asks_to_be_understood_is_refused() {
    let header = jsonwebtoken::Header { crit: Some(vec!["b64".to_owned()]), ..hs256() };
    assert!(matches!(verifier().verify(&token(&header, &claims()), NOW), Err(TokenError::Critical)));
}

#[test]
fn another_algorithm_of_the_same_family_is_refused() {
    let token = token(&jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS384), &claims());
    assert!(matches!(verifier().verify(&token, NOW), Err(TokenError::NotValid(_))));
}

#[test]
fn at_the_bounds_it_holds_and_one_past_them_it_does_not() {
    let at = |now: u64| verifier().verify(&token(&hs256(), &claims()), Duration::from_secs(now)).is_ok();
    assert!(at(1000 + CLOCK_SKEW_MAX.as_secs() - 1) && !at(1000 + CLOCK_SKEW_MAX.as_secs()));
    let long = |length: usize| verifier().verify(&"a".repeat(length), Duration::ZERO).unwrap_err();
    assert!(matches!(long(TOKEN_BYTES_MAX), TokenError::NotValid(_)));
    assert_eq!(long(TOKEN_BYTES_MAX + 1), TokenError::TooLong);
    let loaded = |length: usize| Verifier::new(&identity(), &Secret::new(vec![b'a'; length])).map(drop);
    assert_eq!((loaded(KEY_BYTES_MAX), loaded(KEY_BYTES_MAX + 1)), (Ok(()), Err(KeyError::TooLong)));
}

#[test]
fn a_token_that_was_verified_holds_no_longer_than_it_says_and_nobody_else_is_taken_for_it() {
    let verifier = verifier();
    let text = token(&hs256(), &claims());
    let first = verifier.verify(&text, NOW).unwrap();
    assert!(Arc::ptr_eq(&first, &verifier.verify(&text, NOW).unwrap()), "its signature is looked at once");
    let late = Duration::from_secs(1000) + CLOCK_SKEW_MAX;
    assert_eq!(verifier.verify(&text, late).map(drop), Err(TokenError::Time("has expired")));
    // Neither a part of it, nor one that only begins like it.
    for other in [format!("{text}A"), text[..text.len() - 1].to_owned(), text.replace('.', ". ")] {
        assert!(verifier.verify(&other, NOW).is_err(), "{other}");
    }
    // A clock that was set back finds it again.
    assert!(verifier.verify(&text, NOW).is_ok());
}

#[test]
fn a_key_and_what_a_token_says_are_never_shown() {
    let mut claims = claims();
    claims["email"] = "planted@example.com".into();
    let text = token(&hs256(), &claims);
    let verified = verifier().verify(&text, NOW).unwrap();
    let wrong = verifier().verify(&text.replace('.', "x."), NOW).unwrap_err();
    let shown = format!("{:?} {verified:?} {wrong:?} {wrong}", verifier());
    assert!(!shown.contains("planted") && !shown.contains(text.split('.').nth(1).unwrap()), "{shown}");
}

proptest::proptest! {
    /// Whatever text is taken for a token, or for a key: nothing fails but the token.
    #[test]
    fn no_text_is_taken_for_a_token_or_ends_the_gateway(text in "\\PC{0,200}", keys in ".{0,300}") {
        proptest::prop_assert!(verifier().verify(&text, NOW).is_err());
        for algorithm in Algorithm::ALL {
            if let Ok(verifier) = loaded(&format!("\"{}\"", algorithm.word()), keys.as_bytes()) {
                proptest::prop_assert!(verifier.verify(&text, NOW).is_err());
            }
        }
        let _ = KeySet::fetched(keys.as_bytes(), Algorithm::ALL);
    }

    /// A token with anything changed is another token.
    #[test]
    fn a_token_with_a_sign_changed_is_not_taken(at in 0_usize..1000, sign in "[ -~]") {
        let text = token(&hs256(), &claims());
        let at = at % text.len();
        let changed = format!("{}{sign}{}", &text[..at], &text[at + 1..]);
        proptest::prop_assert!(changed == text || verifier().verify(&changed, NOW).is_err(), "{changed}");
    }
}
