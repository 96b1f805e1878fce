//! Attacks on tokens after RFC 8725 and the vulnerabilities of libraries, over HTTP: none of them is taken, for any kind of key.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::application::Application;
use crate::client::get;
use crate::running::{Given, KEY, NOW, Setup};

type Signs = Box<dyn Fn(&[u8]) -> Vec<u8>>;

/// A key of the issuer, as an attacker sees it and as the issuer uses it.
struct Kind {
    route: &'static str,
    algorithm: &'static str,
    signs: Signs,
    /// What everybody can know of the key, in every form that a careless verifier may take for a secret.
    public: Vec<Vec<u8>>,
    /// What the gateway is given.
    file: Vec<u8>,
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn rsa() -> (RsaKeyPair, Value, Vec<u8>) {
    let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
    let number = |bytes: &[u8]| b64(bytes);
    let jwk = json!({"kty": "RSA", "n": number(n.big_endian_without_leading_zero()), "e": number(e.big_endian_without_leading_zero())});
    let info: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    (RsaKeyPair::from_pkcs8(private.as_ref()).unwrap(), jwk, info.as_ref().to_vec())
}

fn signed_by_rsa(pair: RsaKeyPair) -> Signs {
    Box::new(move |text| {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).unwrap();
        signature
    })
}

fn public_forms(jwk: &Value, info: &[u8]) -> Vec<Vec<u8>> {
    let text = pem("PUBLIC KEY", info);
    vec![
        text.clone().into_bytes(),
        text.trim_end().as_bytes().to_vec(),
        text.replace('\n', "").into_bytes(),
        info.to_vec(),
        jwk.to_string().into_bytes(),
        STANDARD.encode(info).into_bytes(),
        Vec::new(),
        vec![0; 32],
    ]
}

fn kinds() -> Vec<Kind> {
    let (rsa_pair, rsa_jwk, rsa_info) = rsa();
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let (x, y) = ec.public_key().as_ref()[1..].split_at(32);
    let ec_jwk = json!({"kty": "EC", "crv": "P-256", "x": b64(x), "y": b64(y), "kid": "a"});
    let ec_info: PublicKeyX509Der<'_> = ec.public_key().as_der().unwrap();
    let ec_info = ec_info.as_ref().to_vec();
    let ed = Ed25519KeyPair::generate().unwrap();
    let ed_jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": b64(ed.public_key().as_ref())});
    let ed_info: PublicKeyX509Der<'_> = ed.public_key().as_der().unwrap();
    let ed_info = ed_info.as_ref().to_vec();
    vec![
        Kind {
            route: "/rsa",
            algorithm: "RS256",
            signs: signed_by_rsa(rsa_pair),
            public: public_forms(&rsa_jwk, &rsa_info),
            file: pem("PUBLIC KEY", &rsa_info).into_bytes(),
        },
        Kind {
            route: "/ec",
            algorithm: "ES256",
            signs: Box::new(move |text| ec.sign(&SystemRandom::new(), text).unwrap().as_ref().to_vec()),
            public: public_forms(&ec_jwk, &ec_info),
            file: json!({ "keys": [ec_jwk] }).to_string().into_bytes(),
        },
        Kind {
            route: "/ed",
            algorithm: "EdDSA",
            signs: Box::new(move |text| ed.sign(text).as_ref().to_vec()),
            public: public_forms(&ed_jwk, &ed_info),
            file: pem("PUBLIC KEY", &ed_info).into_bytes(),
        },
        Kind {
            route: "/hmac",
            algorithm: "HS256",
            signs: Box::new(|text| hmac_of(hmac::HMAC_SHA256, KEY.as_bytes(), text)),
            public: vec![Vec::new(), vec![0; 32], b"secret".to_vec()],
            file: KEY.as_bytes().to_vec(),
        },
    ]
}

fn hmac_of(hash: hmac::Algorithm, key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hash, key), text).as_ref().to_vec()
}

fn claims() -> Value {
    json!({"sub": "7", "iss": "https://id.example", "aud": "shop", "exp": NOW + 600, "iat": NOW})
}

fn token(header: &str, payload: &str, signs: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", b64(header), b64(payload));
    let signature = signs(signed.as_bytes());
    format!("{signed}.{}", b64(signature))
}

/// Tokens that somebody makes who does not have the key.
fn without_the_key(kind: &Kind) -> Vec<(String, String)> {
    let header = |alg: &str| json!({"alg": alg, "typ": "JWT", "kid": "a"}).to_string();
    let payload = claims().to_string();
    let admin = json!({"sub": "admin", "iss": "https://id.example", "aud": "shop", "exp": NOW + 600}).to_string();
    let right = token(&header(kind.algorithm), &payload, &kind.signs);
    let (signed, signature) = right.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let nothing = |_: &[u8]| Vec::new();
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, token: String| all.push((name.to_owned(), token));
    for alg in ["none", "None", "NONE", "nOnE", "", " none", "null"] {
        add(&format!("alg `{alg}` without a signature"), token(&header(alg), &admin, nothing));
        add(&format!("alg `{alg}` with one"), token(&header(alg), &payload, |_| bytes.clone()));
    }
    add("no alg", token(r#"{"typ":"JWT"}"#, &admin, nothing));
    add("alg null", token(r#"{"alg":null}"#, &admin, nothing));
    add("alg in a list", token(r#"{"alg":["none"]}"#, &admin, nothing));
    for alg in ["HS256", "HS384", "HS512", "RS256", "RS384", "PS256", "ES256", "ES384", "ES512", "ES256K", "EdDSA"] {
        if alg != kind.algorithm {
            add(&format!("the signature under {alg}"), token(&header(alg), &payload, |_| bytes.clone()));
        }
        add(&format!("{alg} without a signature"), token(&header(alg), &payload, nothing));
    }
    for (index, key) in kind.public.iter().enumerate() {
        for (alg, hash) in [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)] {
            let name = format!("{alg} with form {index} of the public key");
            add(&name, token(&header(alg), &admin, |text| hmac_of(hash, key, text)));
        }
    }
    for (name, other) in [
        ("of zeros", vec![0; bytes.len()]),
        ("of ones", vec![0xff; bytes.len()]),
        ("of 1 and 1", [vec![0; bytes.len() / 2 - 1], vec![1], vec![0; bytes.len() / 2 - 1], vec![1]].concat()),
        ("cut at the end", bytes[..bytes.len() - 1].to_vec()),
        ("cut at the start", bytes[1..].to_vec()),
        ("with a byte more", [bytes.as_slice(), &[0]].concat()),
        ("with a zero before it", [&[0], bytes.as_slice()].concat()),
        ("reversed", bytes.iter().rev().copied().collect()),
        ("twice", [bytes.as_slice(), &bytes].concat()),
    ] {
        add(&format!("a signature {name}"), format!("{signed}.{}", b64(other)));
    }
    for bit in [0, 7, bytes.len() * 4, bytes.len() * 8 - 1] {
        let mut other = bytes.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        add(&format!("bit {bit} of the signature"), format!("{signed}.{}", b64(other)));
    }
    add("other claims under the signature", format!("{}.{}.{signature}", b64(header(kind.algorithm)), b64(admin)));
    add("another header under the signature", format!("{}.{}.{signature}", b64(r#"{"alg":"RS256" }"#), b64(&payload)));
    all.extend(with_own_key(kind));
    all.extend(serialised_otherwise(signed, signature));
    all
}

/// Tokens signed with a key of the attacker, which the header brings along or leads to.
fn with_own_key(kind: &Kind) -> Vec<(String, String)> {
    let (pair, jwk, info) = rsa();
    let sign = signed_by_rsa(pair);
    let certificate = rcgen::generate_simple_self_signed(vec!["id.example".to_owned()]).unwrap().cert;
    let headers = [
        ("a key of its own", json!({"alg": "RS256", "kid": "a"})),
        ("`jwk`", json!({"alg": "RS256", "jwk": jwk})),
        ("`jku`", json!({"alg": "RS256", "jku": "https://attacker.example/keys"})),
        ("`x5u`", json!({"alg": "RS256", "x5u": "https://attacker.example/chain"})),
        ("`x5c`", json!({"alg": "RS256", "x5c": [STANDARD.encode(certificate.der())]})),
        ("a `kid` that is a path", json!({"alg": "RS256", "kid": "../../../../dev/null"})),
        ("a `kid` that is SQL", json!({"alg": "RS256", "kid": "a' UNION SELECT 'b"})),
        ("a `kid` that is a command", json!({"alg": "RS256", "kid": "a|/bin/true"})),
        ("a `kid` that is a key", json!({"alg": "RS256", "kid": pem("PUBLIC KEY", &info)})),
    ];
    let mut all: Vec<(String, String)> = headers
        .into_iter()
        .map(|(name, header)| (name.to_owned(), token(&header.to_string(), &claims().to_string(), &sign)))
        .collect();
    let empty = json!({"alg": "HS256", "kid": "../../../../dev/null"}).to_string();
    all.push((
        "a secret that is an empty file".to_owned(),
        token(&empty, &claims().to_string(), |text| hmac_of(hmac::HMAC_SHA256, b"", text)),
    ));
    if kind.algorithm == "ES256" {
        let other = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let header = json!({"alg": "ES256", "kid": "a"}).to_string();
        let asn1 = token(&header, &claims().to_string(), |text| {
            other.sign(&SystemRandom::new(), text).unwrap().as_ref().to_vec()
        });
        all.push(("a signature in DER".to_owned(), asn1));
    }
    all
}

/// The same token, written in another way.
fn serialised_otherwise(signed: &str, signature: &str) -> Vec<(String, String)> {
    let (header, payload) = signed.split_once('.').unwrap();
    let deep = "[".repeat(3000);
    [
        ("two parts", signed.to_owned()),
        ("one part", header.to_owned()),
        ("four parts", format!("{signed}.{signature}.{signature}")),
        ("five parts", format!("{header}.AA.AA.{payload}.{signature}")),
        ("an empty header", format!(".{payload}.{signature}")),
        ("an empty payload", format!("{header}..{signature}")),
        ("dots alone", "..".to_owned()),
        ("padding", format!("{header}==.{payload}.{signature}")),
        ("padding behind", format!("{signed}.{signature}=")),
        ("a sign of another alphabet", format!("{signed}.{}+", &signature[1..])),
        ("a blank inside", format!("{header} .{payload}.{signature}")),
        ("percent-encoding", format!("{header}%2E{payload}%2E{signature}")),
        ("JSON", format!(r#"{{"payload":"{payload}","protected":"{header}","signature":"{signature}"}}"#)),
        ("a header that is nested too deep", format!("{}.{payload}.{signature}", b64(deep))),
        ("a header that is no JSON", format!("{}.{payload}.{signature}", b64("alg"))),
        ("a header that is no UTF-8", format!("{}.{payload}.{signature}", b64([0xff, 0xfe]))),
        ("quotes around", format!("\"{signed}.{signature}\"")),
    ]
    .map(|(name, token)| (name.to_owned(), token))
    .into()
}

/// Tokens that the issuer signed, for something else or of another time.
fn of_the_issuer(kind: &Kind) -> Vec<(String, String)> {
    let header = json!({"alg": kind.algorithm, "typ": "JWT", "kid": "a"}).to_string();
    let changed = |name: &str, value: Value| {
        let mut claims = claims();
        match value {
            Value::Null => _ = claims.as_object_mut().unwrap().remove(name),
            value => claims[name] = value,
        }
        (
            format!("`{name}` {}", claims.get(name).unwrap_or(&Value::Null)),
            token(&header, &claims.to_string(), &kind.signs),
        )
    };
    let mut all = vec![
        changed("exp", json!(NOW - 31)),
        changed("exp", Value::Null),
        changed("exp", json!((NOW + 600).to_string())),
        changed("exp", json!([NOW + 600])),
        changed("exp", json!(true)),
        changed("exp", json!(-1)),
        changed("nbf", json!(NOW + 31)),
        changed("nbf", json!("soon")),
        changed("iat", json!(NOW + 31)),
        changed("iss", Value::Null),
        changed("iss", json!("https://id.example/")),
        changed("iss", json!("https://id.example.attacker.example")),
        changed("iss", json!(["https://id.example"])),
        changed("aud", Value::Null),
        changed("aud", json!("shops")),
        changed("aud", json!("sho")),
        changed("aud", json!(["other"])),
        changed("aud", json!([])),
        changed("aud", json!({"shop": true})),
    ];
    let signed = |header: Value| token(&header.to_string(), &claims().to_string(), &kind.signs);
    for typ in ["logout+jwt", "secevent+jwt", "dpop+jwt", "application/token-introspection+jwt"] {
        all.push((format!("`typ` {typ}"), signed(json!({"alg": kind.algorithm, "typ": typ}))));
    }
    for crit in [json!(["exp"]), json!(["b64"]), json!([]), json!("b64"), json!(["http://example.invalid/UNDEFINED"])] {
        all.push((format!("`crit` {crit}"), signed(json!({"alg": kind.algorithm, "crit": crit, "b64": false}))));
    }
    let twice = format!(r#"{{"alg":"{0}","alg":"{0}"}}"#, kind.algorithm);
    all.push(("a header with `alg` twice".to_owned(), token(&twice, &claims().to_string(), &kind.signs)));
    let doubled = claims().to_string().replacen('{', r#"{"sub":"admin","#, 1);
    all.push(("claims with `sub` twice".to_owned(), token(&header, &doubled, &kind.signs)));
    let huge = claims().to_string().replacen('{', r#"{"nbf":1e999,"#, 1);
    all.push(("a number that is none".to_owned(), token(&header, &huge, &kind.signs)));
    for payload in ["", "null", "\"7\"", "[]", "7"] {
        all.push((format!("claims `{payload}`"), token(&header, payload, &kind.signs)));
    }
    let nested = token(&header, &token(&header, &claims().to_string(), &kind.signs), &kind.signs);
    all.push(("a token in a token".to_owned(), nested));
    all
}

#[test]
fn no_attack_on_a_token_is_taken() {
    let kinds = kinds();
    let section = |Kind { route, algorithm, .. }: &Kind| {
        let name = route.trim_start_matches('/');
        format!(
            "[identity.{name}]\nkind = \"jwt\"\nissuer = \"https://id.example\"\naudience = [\"shop\"]\n\
             algorithms = [\"{algorithm}\"]\nkeys = {{ file = \"{name}\" }}\n\
             [routes.\"GET {route}\"]\nallow = [{{ identity = \"{name}\" }}]\n"
        )
    };
    let policy = format!("version = 1\n{}", kinds.iter().map(section).collect::<String>());
    let files = kinds.iter().map(|kind| (kind.route.trim_start_matches('/').to_owned(), kind.file.clone()));
    let keys = Given(files.collect());
    let application = Application::plain();
    let gateway = Setup { keys, ..Setup::enforcing(&policy) }.start(application.address).unwrap();
    let status =
        |route: &str, token: &str| get(gateway.address(), route, &format!("Authorization: Bearer {token}\r\n")).status;
    let (mut taken, mut count) = (Vec::new(), 0);
    for kind in &kinds {
        let right = |typ: &str| {
            let header = json!({"alg": kind.algorithm, "typ": typ, "kid": "a"}).to_string();
            token(&header, &claims().to_string(), &kind.signs)
        };
        assert_eq!((status(kind.route, &right("JWT")), status(kind.route, &right("at+jwt"))), (200, 200));
        // The right token of one identity is none of another.
        let others = kinds.iter().filter(|other| other.route != kind.route);
        let crossed = others.map(|other| (format!("for {}", other.route), other.route, right("JWT")));
        let attacks = [without_the_key(kind), of_the_issuer(kind)].concat();
        let attacks = attacks.into_iter().map(|(name, token)| (name, kind.route, token));
        for (name, route, token) in attacks.chain(crossed) {
            count += 1;
            let status = status(route, &token);
            if status == 200 {
                taken.push(format!("{} {name}", kind.algorithm));
            } else {
                assert_eq!(status, 401, "{} {name}", kind.algorithm);
            }
        }
    }
    println!("tokens: {count} attacks, {} taken", taken.len());
    assert_eq!(taken, Vec::<String>::new());
    assert!(count > 400, "{count}");
}
